//! The worker: sends mails and does what time brings about.
//!
//! Jobs are rows that were written with the events they follow from. A mail is claimed in one transaction, sent outside
//! any, and its outcome written down in another. When nobody can tell whether a mail went out (the worker was killed, the
//! connection broke after the message was handed over) it is put away for an operator rather than sent twice.

use crate::{
    auth,
    clock::zone,
    command::record,
    mail::{Context, Letter, Renderer, SendError, Transport, message_id},
    problem::{Code, Problem},
    state::App,
    telemetry, tokens,
};
use actix_web::web;
use domain::{
    Instant,
    account::{Account, AccountStatus},
    consequence::{Mail, Recipient, Template},
    event::{Event, Fact, Stream},
    garage::Garage,
    ids::{AccountId, TransferId},
    invitation::{Invitation, Purpose},
    value::{EmailAddress, Language},
};
use jiff::SignedDuration;
use persistence::{
    Scope, StoreError, Tx, accounts, events, fleets, garages, idempotency, invitations,
    jobs::{self, Ended, Job, Outcome},
    passports, sessions, throttles, transfers,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

/// How often a mail is tried before it is given up.
const ATTEMPTS: i64 = 10;
/// How many jobs are run before the worker looks up.
const AT_ONCE: usize = 20;
/// For how many days a job that was done is kept: long enough to see what was sent.
const JOBS_DONE_DAYS: i64 = 30;
/// For how many days a job that was given up waits for an operator.
const JOBS_DEAD_DAYS: i64 = 90;
/// For how many days a link is kept after its end, so that who follows it late learns why it no longer works.
const LINKS_DAYS: i64 = 30;
/// How often an outcome is written again while the database is away.
const WRITES: u32 = 10;
/// A job that has run for longer than this has lost its worker.
const ABANDONED: SignedDuration = SignedDuration::from_mins(10);

/// When the worker was last seen at work.
#[derive(Default)]
pub struct Pulse(AtomicI64);

impl Pulse {
    fn beat(&self, now: Instant) {
        self.0.store(now.as_second(), Ordering::Relaxed);
    }

    /// Whether it was seen within the last minute.
    pub fn is_recent(&self, now: Instant) -> bool {
        now.as_second() - self.0.load(Ordering::Relaxed) < 60
    }
}

/// Runs jobs.
pub struct Worker {
    app: web::Data<App>,
    renderer: Renderer,
    transport: Transport,
}

impl Worker {
    /// A worker for the program.
    pub fn new(app: web::Data<App>) -> Result<Self, String> {
        let transport = Transport::from_config(app.settings.smtp_url.as_deref(), &app.settings.mail_folder)?;
        let renderer = Renderer::new().map_err(|error| error.to_string())?;
        Ok(Self { app, renderer, transport })
    }

    /// Works until told to stop, on a thread of its own.
    pub fn spawn(self, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
        std::thread::spawn(move || {
            let mut housekeeping_at = Instant::MIN;
            while !stop.load(Ordering::Relaxed) {
                let now = self.app.clock.now();
                self.app.worker_seen.beat(now);
                if now >= housekeeping_at {
                    report(self.keep_house());
                    telemetry::keep_metrics_small();
                    housekeeping_at = now + SignedDuration::from_mins(1);
                }
                match self.run_due() {
                    Ok(0) => std::thread::sleep(Duration::from_millis(250)),
                    Ok(_) => {}
                    Err(problem) => {
                        report(Err(problem));
                        std::thread::sleep(Duration::from_secs(1));
                    }
                }
            }
        })
    }

    fn now(&self) -> Instant {
        self.app.clock.now()
    }

    /// Runs some of the jobs that are due, one after the other. Returns how many; none: there are no more.
    pub fn run_due(&self) -> Result<usize, Problem> {
        let mut done = 0;
        while let Some(job) = self.app.database.store().write(|tx| Ok::<_, Problem>(jobs::claim(tx, self.now())?))? {
            let outcome = self.run(&job);
            if let Outcome::Dead(reason) = &outcome {
                tracing::error!(job = %job.id, kind = job.kind, reason, "a job was given up; see `autopaspoort jobs`");
            }
            metrics::counter!("jobs_run_total", "kind" => job.kind.clone(), "outcome" => outcome_word(&outcome))
                .increment(1);
            self.write_down(&job, &outcome)?;
            done += 1;
            self.app.worker_seen.beat(self.now());
            // So that a long queue holds up neither housekeeping nor a stop.
            if done >= AT_ONCE {
                break;
            }
        }
        Ok(done)
    }

    /// Writes down how an attempt ended, and does not give up at the first: of a mail that went out, and of which that is not
    /// written, nobody could tell later.
    fn write_down(&self, job: &Job, outcome: &Outcome) -> Result<(), Problem> {
        let write = || {
            let finish = |tx: &mut Tx<'_>| Ok::<_, Problem>(jobs::finish(tx, job.id, outcome.clone(), self.now())?);
            self.app.database.store().write(finish)
        };
        let mut result = write();
        for _ in 0..WRITES {
            match result {
                Err(problem) if problem.code == Code::DatabaseUnavailable => {
                    report(Err(problem));
                    std::thread::sleep(Duration::from_secs(1));
                    result = write();
                }
                result => return result,
            }
        }
        result
    }

    fn run(&self, job: &Job) -> Outcome {
        let result = match job.kind.as_str() {
            "mail" => self.mail(job),
            "password_reset" => self.password_reset(job),
            other => Err(Failure::Final(format!("unknown kind of job: {other}"))),
        };
        match result {
            Ok(()) => Outcome::Done,
            Err(Failure::Temporary(reason)) if job.attempts < ATTEMPTS => {
                Outcome::Retry(self.now() + backoff(job.attempts), reason)
            }
            Err(Failure::Temporary(reason) | Failure::Final(reason)) => Outcome::Dead(reason),
        }
    }

    fn password_reset(&self, job: &Job) -> Result<(), Failure> {
        let payload: serde_json::Value =
            serde_json::from_str(&job.payload).map_err(|error| Failure::Final(error.to_string()))?;
        let email = payload.get("email").and_then(serde_json::Value::as_str).unwrap_or_default();
        let email = EmailAddress::parse(email).map_err(|error| Failure::Final(error.code().into()))?;
        let app = &self.app;
        let work = |tx: &mut Tx<'_>| auth::operations::issue_password_reset(tx, &app.secret, &email, app.clock.now());
        app.database.store().write(work).map_err(|problem| Failure::temporary(&problem))
    }

    fn mail(&self, job: &Job) -> Result<(), Failure> {
        let mail: Mail = serde_json::from_str(&job.payload).map_err(|error| Failure::Final(error.to_string()))?;
        let Some(cause) = job.cause else {
            return Err(Failure::Final("a mail without an event".into()));
        };
        let app = &self.app;
        let read = |tx: &mut Tx<'_>| -> Result<Option<Addressed>, Problem> {
            match events::find(tx, cause.stream, cause.number)? {
                Some(event) => address(tx, app, &mail, &event),
                None => Ok(None),
            }
        };
        let addressed = app.database.store().read(read).map_err(|problem| Failure::temporary(&problem))?;
        // Whom it was for is no more, or the link was replaced by a newer one: there is nothing to send.
        let Some(addressed) = addressed else {
            return Ok(());
        };
        let rendered = self
            .renderer
            .render(mail.template, addressed.language, &addressed.context)
            .map_err(|error| Failure::Final(error.to_string()))?;
        let letter = Letter {
            from: app.settings.mail_from.clone(),
            from_name: addressed.context.garage_name.clone(),
            to: addressed.email,
            to_name: addressed.context.recipient_name.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            message_id: message_id(job.id, &app.settings.mail_from),
            date: addressed.asked_at,
        };
        self.transport.send(&letter).map_err(|error| match error {
            SendError::Temporary(reason) => Failure::Temporary(reason),
            SendError::Permanent(reason) => Failure::Final(reason),
            SendError::Unknown(reason) => Failure::Final(format!("it may or may not have been sent: {reason}")),
        })
    }

    /// What time brings about: offers expire, and what is no longer needed is forgotten.
    pub fn keep_house(&self) -> Result<(), Problem> {
        let (store, now) = (self.app.database.store(), self.now());
        self.expire_transfers(now)?;
        self.app.tokens.reload(store, &self.app.secret, now)?;
        store.write(|tx| -> Result<(), Problem> {
            let buried = jobs::bury_abandoned(tx, now - ABANDONED, now)?;
            if buried > 0 {
                tracing::error!(buried, "jobs whose worker vanished were put away; see `autopaspoort jobs`");
            }
            Ok(())
        })?;
        self.forget(now)
    }

    /// Deletes what is no longer needed, and with it what it says of people. A transaction each, none of them long; what
    /// is left over goes the next time.
    fn forget(&self, now: Instant) -> Result<(), Problem> {
        type Step = fn(&mut Tx<'_>, Instant) -> Result<usize, StoreError>;
        let days = |days: i64| now - SignedDuration::from_hours(24 * days);
        let steps: [(Step, Instant); 7] = [
            (|tx, before| jobs::delete_ended(tx, Ended::Done, before), days(JOBS_DONE_DAYS)),
            (|tx, before| jobs::delete_ended(tx, Ended::Dead, before), days(JOBS_DEAD_DAYS)),
            (idempotency::delete_older, days(1)),
            (throttles::delete_older, days(1)),
            (sessions::delete_stale_tokens, now),
            (sessions::delete_stale, now),
            (invitations::delete_ended, days(LINKS_DAYS)),
        ];
        for (delete, before) in steps {
            self.app.database.store().write(|tx| Ok::<_, Problem>(delete(tx, before)?))?;
        }
        Ok(())
    }

    fn expire_transfers(&self, now: Instant) -> Result<(), Problem> {
        let store = self.app.database.store();
        let overdue = store.read(|tx| Ok::<_, Problem>(transfers::list_overdue(tx, now, 500)?))?;
        for transfer in overdue {
            let stream = Stream::Garage(transfer.garage_id);
            store.write(|tx| -> Result<(), Problem> {
                events::lock(tx, stream)?;
                let Some((found, ..)) = transfers::find(tx, &Scope::System, transfer.id)? else {
                    return Ok(());
                };
                // Decided, or sent again, since it was found.
                let Ok((expired, fact)) = found.expire(now) else {
                    return Ok(());
                };
                transfers::update(tx, &expired, now)?;
                invitations::revoke(tx, Purpose::Transfer(transfer.id), now)?;
                record(tx, stream, None, [fact], now)
            })?;
        }
        Ok(())
    }
}

fn report(result: Result<(), Problem>) {
    if let Err(problem) = result {
        tracing::warn!(code = problem.code.code(), reason = problem.reason(), "the worker could not go on");
    }
}

enum Failure {
    Temporary(String),
    Final(String),
}

impl Failure {
    fn temporary(problem: &Problem) -> Self {
        Self::Temporary(problem.reason().unwrap_or_else(|| problem.code.code().to_owned()))
    }
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Retry(..) => "retry",
        Outcome::Dead(_) => "dead",
    }
}

/// 10 seconds, then twice as long each time, an hour at the most.
fn backoff(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1) - 1;
    SignedDuration::from_secs((10_i64 << doublings).min(3600))
}

/// A mail with its address, language and what its text needs.
struct Addressed {
    email: EmailAddress,
    language: Language,
    context: Context,
    asked_at: Instant,
}

/// Finds out to whom a mail goes and what it says. None: it is not to be sent any more.
fn address(tx: &mut Tx<'_>, app: &App, mail: &Mail, event: &Event) -> Result<Option<Addressed>, Problem> {
    let garage = match event.stream {
        Stream::Garage(garage) => garages::find(tx, garage)?.map(|(garage, _)| garage),
        Stream::Platform => None,
    };
    let mut context = Context {
        garage_name: garage.as_ref().map(|garage| garage.name.clone()),
        ..Context::new(&app.settings.app_url)
    };
    let time_zone = garage.as_ref().map_or_else(|| "Europe/Amsterdam".to_owned(), |garage| garage.time_zone.clone());
    let Some((email, name, language)) = recipient(tx, app, &mail.to, garage, &mut context, &time_zone)? else {
        return Ok(None);
    };
    context.recipient_name = name;
    describe(tx, &event.fact, mail.template, &mut context)?;
    Ok(Some(Addressed { email, language, context, asked_at: event.at }))
}

/// Whom a mail reaches: address, name, language.
type Reached = (EmailAddress, Option<String>, Language);

/// Whom a mail is for, if it still is for anyone.
fn recipient(
    tx: &mut Tx<'_>,
    app: &App,
    to: &Recipient,
    garage: Option<Garage>,
    context: &mut Context,
    time_zone: &str,
) -> Result<Option<Reached>, Problem> {
    let language = garage.as_ref().map_or(Language::Dutch, |garage| garage.language);
    match to {
        // The address of an account that has ended may be someone else's by now.
        Recipient::Account(id) => of_account(tx, *id, |account| account.status != AccountStatus::Ended),
        Recipient::Garage => Ok(garage.map(|garage| (garage.email, Some(garage.name), garage.language))),
        Recipient::Fleet(id) => match fleets::find(tx, &Scope::System, *id)? {
            // Else it is closed, or its manager has never signed in.
            Some((fleet, _)) => of_account(tx, fleet.account_id, |account| account.status == AccountStatus::Active),
            None => Ok(None),
        },
        Recipient::Offered(id) => match transfers::find(tx, &Scope::System, *id)? {
            Some((transfer, ..)) => known_by(tx, transfer.recipient_email, language).map(Some),
            None => Ok(None),
        },
        Recipient::Former(id) => {
            let link = invitations::find(tx, *id)?;
            match link.and_then(|link| Some((link.former_email?, link.purpose))) {
                Some((former, Purpose::EmailChange(account))) => {
                    let found = of_account(tx, account, |_| true)?;
                    Ok(found.map(|(_, name, language)| (former, name, language)))
                }
                _ => Ok(None),
            }
        }
        Recipient::Invited(id) => {
            match invitations::find(tx, *id)?.filter(|invitation| invitation.check(app.clock.now()).is_ok()) {
                Some(invitation) => {
                    let (name, language) = invited(tx, app, &invitation, context, (language, time_zone))?;
                    Ok(Some((invitation.email, name, language)))
                }
                None => Ok(None),
            }
        }
    }
}

/// An account that `may` be written to.
fn of_account(tx: &mut Tx<'_>, id: AccountId, may: impl FnOnce(&Account) -> bool) -> Result<Option<Reached>, Problem> {
    let found = accounts::find(tx, id)?.map(|(account, _)| account).filter(may);
    Ok(found.map(|account| (account.email, Some(account.name), account.language)))
}

/// An address with the name and language of the account that has it, if any does.
fn known_by(
    tx: &mut Tx<'_>,
    email: EmailAddress,
    language: Language,
) -> Result<(EmailAddress, Option<String>, Language), Problem> {
    let known = accounts::find_by_email(tx, &email)?.map(|(account, _)| account);
    let language = known.as_ref().map_or(language, |account| account.language);
    Ok((email, known.map(|account| account.name), language))
}

/// The link of an invitation, and the name and language of whom it is for.
fn invited(
    tx: &mut Tx<'_>,
    app: &App,
    invitation: &Invitation,
    context: &mut Context,
    (language, time_zone): (Language, &str),
) -> Result<(Option<String>, Language), Problem> {
    // Behind the #: browsers keep that to themselves, so no server's log ever holds a token.
    context.link = Some(format!("{}/invitation#{}", app.settings.app_url, app.secret.invitation_token(invitation.id)));
    context.expires_on = Some(local_time(invitation.expires_at, time_zone));
    match invitation.purpose {
        Purpose::Passport(id) => {
            describe_passport(tx, id, context)?;
            let passport = passports::find(tx, &Scope::System, id)?;
            let Some((passport, customer)) =
                passport.and_then(|(passport, _)| passport.customer_id.map(|id| (passport, id)))
            else {
                return Ok((None, language));
            };
            let customer = persistence::customers::find(tx, &Scope::Garage(passport.garage_id), customer)?;
            Ok(customer.map_or((None, language), |(customer, _)| (Some(customer.name), customer.language)))
        }
        Purpose::Transfer(id) => {
            describe_transfer(tx, id, context, true)?;
            let (_, name, language) = known_by(tx, invitation.email.clone(), language)?;
            Ok((name, language))
        }
        Purpose::Fleet(id) | Purpose::Staff(id) | Purpose::PasswordReset(id) | Purpose::EmailChange(id) => {
            let account = accounts::find(tx, id)?;
            if let (Purpose::Fleet(_), Some((account, _))) = (invitation.purpose, &account) {
                context.fleet_name = Some(account.name.clone());
            }
            Ok(account.map_or((None, language), |(account, _)| (Some(account.name), account.language)))
        }
    }
}

/// A moment as the people of a time zone write it; in UTC where the zone is not known.
fn local_time(at: Instant, time_zone: &str) -> String {
    at.to_zoned(zone(time_zone)).strftime("%d-%m-%Y %H:%M %Z").to_string()
}

/// What a fact's mail says of car, fleet and the other side.
fn describe(tx: &mut Tx<'_>, fact: &Fact, template: Template, context: &mut Context) -> Result<(), Problem> {
    if let Fact::PassportLinked { fleet_id, .. }
    | Fact::PassportUnlinked { fleet_id, .. }
    | Fact::PassportArchived { fleet_id: Some(fleet_id), .. } = fact
    {
        context.fleet_name = fleets::find(tx, &Scope::System, *fleet_id)?.map(|(fleet, _)| fleet.name);
    }
    match fact {
        Fact::TransferAccepted { transfer_id, .. } => {
            let to_recipient = template == Template::TransferAcceptedRecipient;
            describe_transfer(tx, *transfer_id, context, to_recipient)
        }
        Fact::TransferWithdrawn { transfer_id } => describe_transfer(tx, *transfer_id, context, true),
        Fact::TransferDeclined { transfer_id, .. } | Fact::TransferExpired { transfer_id, .. } => {
            describe_transfer(tx, *transfer_id, context, false)
        }
        other => match other.passport_id() {
            Some(id) => describe_passport(tx, id, context),
            None => Ok(()),
        },
    }
}

fn describe_passport(tx: &mut Tx<'_>, id: domain::ids::PassportId, context: &mut Context) -> Result<(), Problem> {
    if let Some((passport, _)) = passports::find(tx, &Scope::System, id)? {
        let vehicle = passport.vehicle;
        let name: Vec<String> = vehicle.make.into_iter().chain(vehicle.model).collect();
        context.plate = Some(vehicle.plate.shown());
        context.vehicle = (!name.is_empty()).then(|| name.join(" "));
    }
    Ok(())
}

/// To the recipient the other side is who offered, to the others the recipient. Only the plate is named: a mail about a
/// car that has gone carries none of its data (rules T9 and T10).
fn describe_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    context: &mut Context,
    to_recipient: bool,
) -> Result<(), Problem> {
    let Some((transfer, ..)) = transfers::find(tx, &Scope::System, id)? else {
        return Ok(());
    };
    context.counterpart = if to_recipient {
        accounts::find(tx, transfer.offered_by)?.map(|(account, _)| account.name)
    } else {
        Some(transfer.recipient_email.as_str().to_owned())
    };
    context.plate = Some(transfer.plate);
    context.transfer_kind = Some(transfer.kind);
    Ok(())
}

/// Makes a new signing key. It is published here at once, and signs two minutes later.
pub fn rotate_keys(app: &App) -> Result<String, Problem> {
    let store = app.database.store();
    let id = tokens::rotate(store, &app.secret, app.clock.now())?;
    app.tokens.reload(store, &app.secret, app.clock.now())?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::backoff;

    #[test]
    fn retries_come_slower_and_slower() {
        let seconds: Vec<i64> = (1..=10).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
    }
}
