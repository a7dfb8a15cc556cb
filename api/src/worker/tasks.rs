//! What a worker does for each kind of job.

use super::{Worker, letter};
use crate::{
    brake::{self, Subject},
    car_status::operations::refresh_block,
    clock::{new_id, zone},
    delivery_report::operations::suppress,
    device::operations::open,
    mail::{Letter, SendError, message_id, proof},
    problem::Problem,
    push::{PushError, PushMessage, Urgency},
    reminder::operations::look_at_block,
    session,
};
use domain::{
    Instant,
    consequence::{Class, Mail, Recipient, ReminderList, Template},
    device::Device,
    event::{Event, Stream},
    ids::{AccountId, FileId, InvitationId, NotificationId},
    invitation::{Delivery, DeliveryReason},
    job::{CarsToRefresh, Pushed, PushedEvent, Task},
    notification::{Channel, Notification},
    reminder::{Arrival, next_decent},
    suppression::{Suppression, SuppressionReason},
    throttle::REMINDER_PUSHES,
    value::{EmailAddress, Language},
};
use jiff::SignedDuration;
use persistence::{
    self as store, Scope, Tx,
    jobs::{Cause, Job, Outcome},
    session::OpenAt,
};
use std::time::Duration;

/// After so long, what a push message says may no longer be so.
const WAITED: SignedDuration = SignedDuration::from_mins(1);

/// How many times a job is tried before it is given up.
pub(super) const ATTEMPTS: i64 = 10;
/// How many times a mail is handed to a mail server that does not take it for now: for two days, as mail servers do among each other.
pub(super) const MAIL_ATTEMPTS: i64 = 57;

impl Worker {
    /// Does the work of a job.
    pub(super) fn run(&self, job: &Job) -> Outcome {
        let result = match &job.task {
            Task::Mail(mail) | Task::Reminder(mail) => self.mail(job, mail),
            Task::ReminderList(list) => self.reminder_list(job, list),
            Task::Notify(mail) => self.notify(job, mail),
            Task::Push(message) => self.push(job, *message),
            Task::PasswordReset(email) => self.password_reset(email),
            Task::RefreshStandings(cars) => self.refresh_standings(*cars),
            Task::LookAgain(cars) => self.look_again(*cars),
            Task::DeleteFile(file) => self.delete_file(*file),
            Task::Mailing(cars) => self.fill_mailing(*cars),
            Task::MailingLetter(car) => self.send_of_mailing(job, *car),
        };
        match result {
            Ok(()) => Outcome::Done,
            Err(Failure::Temporary(reason)) if job.attempts < ATTEMPTS => {
                Outcome::Retry(self.now() + backoff(job.attempts), reason)
            }
            Err(Failure::NotTaken(reason)) if job.attempts < MAIL_ATTEMPTS => {
                Outcome::Retry(self.now() + backoff(job.attempts), reason)
            }
            Err(Failure::Later(reason, wait)) if job.attempts < ATTEMPTS => {
                let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_hours(1));
                Outcome::Retry(self.now() + wait.max(backoff(job.attempts)), reason)
            }
            // That is no attempt that failed, however many there were.
            Err(Failure::NotYet(at)) => Outcome::Postponed(at, "it waits for a decent hour".into()),
            Err(
                Failure::Temporary(reason)
                | Failure::NotTaken(reason)
                | Failure::Later(reason, _)
                | Failure::Final(reason),
            ) => Outcome::Dead(reason),
        }
    }

    fn delete_file(&self, file: FileId) -> Result<(), Failure> {
        // What is gone is deleted already, so it does not matter how often this is done.
        self.app.files.storage().delete(file.0).map_err(|error| Failure::Temporary(error.to_string()))
    }

    fn password_reset(&self, email: &EmailAddress) -> Result<(), Failure> {
        let work = |tx: &mut Tx<'_>| session::operations::issue_password_reset(tx, &self.app.secret, email, self.now());
        self.with_store(|store| store.write(work)).map_err(|problem| Failure::temporary(&problem))
    }

    /// Judges a block of a garage's cars anew, and queues the next block in the same transaction: whatever stops the worker,
    /// the work goes on where it stopped.
    fn refresh_standings(&self, cars: CarsToRefresh) -> Result<(), Failure> {
        let now = self.now();
        let work = |tx: &mut Tx<'_>| -> Result<(), Problem> {
            if let Some(next) = refresh_block(tx, cars, now)? {
                let job = Job::without_cause(new_id(), Task::RefreshStandings(next));
                store::jobs::insert(tx, &job, now, now)?;
            }
            Ok(())
        };
        self.with_store(|store| store.write(work)).map_err(|problem| Failure::temporary(&problem))
    }

    /// Has a block of a garage's cars looked at anew for reminders, and queues the next block in the same transaction.
    fn look_again(&self, cars: CarsToRefresh) -> Result<(), Failure> {
        let now = self.now();
        let work = |tx: &mut Tx<'_>| -> Result<(), Problem> {
            if let Some(next) = look_at_block(tx, cars)? {
                let job = Job::without_cause(new_id(), Task::LookAgain(next));
                store::jobs::insert(tx, &job, now, now)?;
            }
            Ok(())
        };
        self.with_store(|store| store.write(work)).map_err(|problem| Failure::temporary(&problem))
    }

    /// Tells in the app what a mail says. What was told already is left as it is, so it does not matter how often this is
    /// done (rule N2).
    fn notify(&self, job: &Job, mail: &Mail) -> Result<(), Failure> {
        let cause = cause(job)?;
        let work = |tx: &mut Tx<'_>| -> Result<(), Problem> {
            // What the database forgets of this, it forgets of the job's end too.
            store::jobs::spare_the_disk(tx)?;
            let Some(event) = store::event::find(tx, cause.stream, cause.number)? else { return Ok(()) };
            let told = letter::tell(tx, &self.app, mail, &event)?;
            let notifications = told.into_iter().map(|told| self.notification(mail, &event, told));
            let notifications: Vec<Notification> = notifications.collect::<Result<_, _>>()?;
            let new = store::notification::insert_all(tx, notifications)?;
            let from = self.decent_from(tx, mail.template, event.stream, push_arrival(mail.template))?;
            self.queue_pushes(tx, &event, &new, from)
        };
        self.with_store(|store| store.write(work)).map_err(|problem| Failure::temporary(&problem))
    }

    /// What was told goes to the devices of those who want that, in the transaction in which it was told.
    fn queue_pushes(
        &self,
        tx: &mut Tx<'_>,
        event: &Event,
        told: &[Notification],
        from: Instant,
    ) -> Result<(), Problem> {
        if self.app.pusher.is_none() || told.is_empty() {
            return Ok(());
        }
        let accounts: Vec<AccountId> = told.iter().map(|one| one.account).collect();
        let settings = store::notification::settings_of_all(tx, &accounts)?;
        let devices = store::device::list_of_all(tx, &accounts, self.open_sessions())?;
        let now = self.now();
        let about = Some(PushedEvent { garage_id: event.stream.garage_id(), number: event.number });
        let mut due = vec![];
        for (one, (_, settings)) in told.iter().zip(&settings) {
            let own: Vec<&Device> = devices.iter().filter(|device| device.account == one.account).collect();
            let is_wanted = settings.wants(one.kind, Channel::Push) && !own.is_empty();
            if is_wanted && (!one.kind.is_reminder() || self.may_remind(tx, one.account)?) {
                due.extend(own.into_iter().map(|device| {
                    let pushed = Pushed { notification_id: one.id, device_id: device.id, event: about };
                    Job::without_cause(new_id(), Task::Push(pushed))
                }));
            }
        }
        Ok(store::jobs::insert_all(tx, &due, from, now)?)
    }

    /// Whether the devices of an account may be reminded of one thing more.
    fn may_remind(&self, tx: &mut Tx<'_>, account: AccountId) -> Result<bool, Problem> {
        let reminders = Subject::new(&self.app.secret, "reminder push", &[account.0.as_bytes()], REMINDER_PUSHES);
        Ok(brake::count(tx, &[reminders], self.now())?.is_none())
    }

    /// From when on a message may arrive: a reminder wakes nobody, and comes as a push message on no Sunday (rule RM3).
    fn decent_from(
        &self,
        tx: &mut Tx<'_>,
        kind: Template,
        stream: Stream,
        arrival: Arrival,
    ) -> Result<Instant, Problem> {
        let now = self.now();
        if !kind.is_reminder() {
            return Ok(now);
        }
        let garage = match stream {
            Stream::Garage(garage) => store::garage::find(tx, garage)?,
            Stream::Platform => None,
        };
        // Where no garage is known it is the network's own time.
        let time_zone = garage.map_or_else(|| "Europe/Amsterdam".to_owned(), |(garage, _)| garage.time_zone);
        Ok(next_decent(now, &zone(&time_zone), arrival))
    }

    /// Goes on only when the time has come; else the job is begun again then.
    pub(super) fn wait_until(&self, from: Instant) -> Result<(), Failure> {
        if from > self.now() { Err(Failure::NotYet(from)) } else { Ok(()) }
    }

    /// Whether an account still wants a message that has waited, for a morning, a Monday or its push service, and would still be told
    /// of it (rules N3, N4 and RM2).
    fn still_pushes(&self, tx: &mut Tx<'_>, message: Pushed, device: &Device, kind: Template) -> Result<bool, Problem> {
        if !store::notification::settings(tx, device.account)?.wants(kind, Channel::Push) {
            return Ok(false);
        }
        let Some(about) = message.event else { return Ok(true) };
        let stream = about.garage_id.map_or(Stream::Platform, Stream::Garage);
        match store::event::find(tx, stream, about.number)? {
            Some(event) => letter::still_tells(tx, &self.app, &event, kind, device.account),
            None => Ok(true),
        }
    }

    /// What is to be sent to a device, and from when on, as long as its account is signed in there, may see it and has not read it
    /// (rules CH2 and N4).
    fn pushable(&self, tx: &mut Tx<'_>, job: &Job, message: Pushed) -> Result<Option<Pushable>, Problem> {
        let Some((device, sealed)) = store::device::find(tx, message.device_id, self.open_sessions())? else {
            return Ok(None);
        };
        let found = store::notification::find_unread(tx, device.session, message.notification_id)?;
        let language = store::account::find(tx, device.account)?.map(|(account, _)| account.language);
        let Some((notification, language)) = found.zip(language) else { return Ok(None) };
        let has_waited = job.attempts > 1 || self.now().duration_since(notification.made_at) >= WAITED;
        if has_waited && !self.still_pushes(tx, message, &device, notification.kind)? {
            return Ok(None);
        }
        // An attempt that failed may fall into the night.
        let from = if notification.kind.is_reminder() {
            let garage = match notification.passport {
                Some(car) => store::passport::garage_of(tx, &Scope::System, car)?,
                None => store::fleet::garage_of_account(tx, device.account)?,
            };
            let stream = garage.map_or(Stream::Platform, Stream::Garage);
            self.decent_from(tx, notification.kind, stream, push_arrival(notification.kind))?
        } else {
            self.now()
        };
        Ok(Some(Pushable { device, sealed, notification, language, from }))
    }

    /// Which sessions are open now.
    pub(super) fn open_sessions(&self) -> OpenAt {
        OpenAt::new(self.app.settings.sessions, self.now())
    }

    /// Sends to a device what its account was told. A device that its push service no longer knows is deleted (rule CH2).
    fn push(&self, job: &Job, message: Pushed) -> Result<(), Failure> {
        let Some(pusher) = &self.app.pusher else { return Ok(()) };
        let find = |tx: &mut Tx<'_>| self.pushable(tx, job, message);
        let found = self.with_store(|store| store.read(find)).map_err(|problem| Failure::temporary(&problem))?;
        let Some(Pushable { device, sealed, notification, language, from }) = found else { return Ok(()) };
        self.wait_until(from)?;
        let target = open(&self.app.secret, &sealed).map_err(|problem| Failure::temporary(&problem))?;
        match pusher.send(&target, &push_message(&notification, language), self.now()) {
            Ok(()) => Ok(()),
            Err(PushError::Gone) => {
                let now = self.now();
                let delete =
                    |tx: &mut Tx<'_>| Ok::<_, Problem>(store::device::delete(tx, device.account, device.id, now)?);
                self.with_store(|store| store.write(delete)).map(drop).map_err(|problem| Failure::temporary(&problem))
            }
            Err(PushError::Temporary { reason, retry_after }) => Err(match retry_after {
                Some(wait) => Failure::Later(reason, wait),
                None => Failure::Temporary(reason),
            }),
            // Nobody can mend it, and what was told is in the app.
            Err(PushError::Permanent { reason }) => {
                tracing::warn!(device = %device.id, reason, "a push service refused a message");
                metrics::counter!("push_refused_total").increment(1);
                Ok(())
            }
        }
    }

    fn notification(&self, mail: &Mail, event: &Event, told: letter::Told) -> Result<Notification, Problem> {
        let letter::Told { account, language, context } = told;
        let kind = mail.template;
        let notice = self
            .app
            .renderer
            .notice(kind, language, &context)
            .map_err(|error| Problem::internal(&error.to_string()))?;
        let app_url = &self.app.settings.app_url;
        let decision = context.link.as_ref().and_then(|link| link.strip_prefix(app_url.as_str())).map(str::to_owned);
        let passport = event.fact.passport_id();
        let car = passport.filter(|_| kind.needs_access()).map(|id| format!("/passports/{id}"));
        Ok(Notification {
            id: NotificationId(new_id()),
            account,
            cause: event.id,
            kind,
            passport,
            title: notice.title,
            text: notice.text,
            link: decision.or(car),
            made_at: self.now(),
            read_at: None,
        })
    }

    fn mail(&self, job: &Job, mail: &Mail) -> Result<(), Failure> {
        let posted = self.send_letter(job, mail.template, |tx, event| letter::address(tx, &self.app, mail, event));
        // What became of a reminder of a link is not what became of the link.
        if let (Recipient::Invited(link), Task::Mail(_)) = (&mail.to, &job.task) {
            self.note_delivery(job, *link, &posted);
        }
        posted.map(drop)
    }

    fn reminder_list(&self, job: &Job, list: &ReminderList) -> Result<(), Failure> {
        let gather = |tx: &mut Tx<'_>, event: &Event| letter::address_list(tx, &self.app, list, event);
        self.send_letter(job, list.template, gather).map(drop)
    }

    /// Notes at a link what became of its mail, which is kept longer than the job (rule CH4). What the database forgets of this, it
    /// forgets of the job's end too.
    fn note_delivery(&self, job: &Job, link: InvitationId, posted: &Result<Posted, Failure>) {
        let (now, attempts) = (self.now(), job.attempts);
        let known = match posted {
            Ok(Posted::Sent) => Some(Delivery::sent(now)),
            Ok(Posted::NoMailbox) => Some(Delivery::hindered(DeliveryReason::NoMailbox, now)),
            Ok(Posted::Nothing) => None,
            Err(failure) => match failure.hindrance(attempts) {
                Some(reason) => Some(Delivery::hindered(reason, now)),
                None => return,
            },
        };
        let work = |tx: &mut Tx<'_>| -> Result<(), Problem> {
            store::jobs::spare_the_disk(tx)?;
            let delivery = match known {
                Some(delivery) => Some(delivery),
                None => is_suppressed(tx, link, now)?.then_some(Delivery::hindered(DeliveryReason::Suppressed, now)),
            };
            delivery.map_or(Ok(()), |delivery| Ok(store::invitation::note_delivery(tx, link, delivery)?))
        };
        // A mail that went out is not sent again for that, so this is tried for a while and then let be.
        for _ in 0..super::WRITES {
            match self.with_store(|store| store.write(work)) {
                Err(problem) if super::may_pass(problem.code) => {
                    super::report(Err(problem));
                    std::thread::sleep(Duration::from_secs(1));
                }
                done => return super::report(done),
            }
        }
    }

    /// Gathers a letter at a decent hour, and sends it.
    fn send_letter(
        &self,
        job: &Job,
        template: Template,
        gather: impl Fn(&mut Tx<'_>, &Event) -> Result<Option<letter::Addressed>, Problem>,
    ) -> Result<Posted, Failure> {
        let (app, cause) = (&self.app, cause(job)?);
        let read = |tx: &mut Tx<'_>| -> Result<Result<Option<letter::Addressed>, Failure>, Problem> {
            let Some(event) = store::event::find(tx, cause.stream, cause.number)? else { return Ok(Ok(None)) };
            let from = self.decent_from(tx, template, event.stream, Arrival::Email)?;
            match self.wait_until(from) {
                Ok(()) => Ok(Ok(gather(tx, &event)?)),
                Err(later) => Ok(Err(later)),
            }
        };
        let addressed = self.with_store(|store| store.read(read)).map_err(|problem| Failure::temporary(&problem))??;
        // The recipient no longer exists, or a newer link replaced this one: there is nothing to send.
        let Some(addressed) = addressed else {
            return Ok(Posted::Nothing);
        };
        let rendered = app
            .renderer
            .render(template, addressed.language, &addressed.context)
            .map_err(|error| Failure::Final(error.to_string()))?;
        let letter = Letter {
            message_id: message_id(job.id, &app.settings.mail_from),
            proof: proof(&app.secret, job.id, self.now(), &addressed.email),
            from: app.settings.mail_from.clone(),
            from_name: addressed.context.garage_name.clone(),
            to: addressed.email,
            to_name: addressed.context.recipient_name.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            reply_to: addressed.reply_to,
            unsubscribe: addressed.unsubscribe,
            date: addressed.asked_at,
        };
        match self.hand_over(&letter) {
            Ok(()) => Ok(Posted::Sent),
            Err(SendError::NoMailbox(reason)) => self.suppress(&letter.to, &reason).map(|()| Posted::NoMailbox),
            Err(SendError::Temporary(reason) | SendError::NotNow(reason)) => Err(Failure::NotTaken(reason)),
            Err(SendError::Permanent(reason)) => Err(Failure::Final(reason)),
            Err(SendError::Unknown(reason)) => {
                let reason = format!("it may or may not have been sent: {reason}");
                Err(if job.task.kind().may_be_done_twice() {
                    Failure::Temporary(reason)
                } else {
                    Failure::Final(reason)
                })
            }
        }
    }

    /// Hands a letter to the mail server, and notes whether the server answered.
    pub(super) fn hand_over(&self, letter: &Letter) -> Result<(), SendError> {
        let sent = self.transport.send(letter);
        match &sent {
            Ok(()) | Err(SendError::Permanent(_) | SendError::NoMailbox(_) | SendError::NotNow(_)) => {
                self.app.mail_server.answered();
            }
            Err(SendError::Temporary(_) | SendError::Unknown(_)) => self.app.mail_server.failed(self.now()),
        }
        sent
    }

    /// Notes that there is no such mailbox, so that it is not written to again (rule CH3). That the mail did not go out is for the
    /// garage to mend, which is shown the address, and not for whoever runs the server.
    pub(super) fn suppress(&self, email: &EmailAddress, reason: &str) -> Result<(), Failure> {
        let now = self.now();
        let Some(new) = Suppression::of_mailbox(new_id(), email.clone(), SuppressionReason::Bounced, now) else {
            return Ok(());
        };
        let work = |tx: &mut Tx<'_>| suppress(tx, &new, now);
        self.with_store(|store| store.write(work)).map_err(|problem| Failure::temporary(&problem))?;
        tracing::info!(reason, "the mail server knows no mailbox with an address, which is not written to any more");
        metrics::counter!("mails_refused_total").increment(1);
        Ok(())
    }
}

/// A push message that is to be sent.
struct Pushable {
    device: Device,
    sealed: Vec<u8>,
    notification: Notification,
    language: Language,
    from: Instant,
}

/// What became of a letter that did not fail.
enum Posted {
    /// The mail server took it.
    Sent,
    /// The mail server knows no such mailbox.
    NoMailbox,
    /// There was nothing to send.
    Nothing,
}

/// Whether a link that is still of use is not mailed since its address must not be written to.
fn is_suppressed(tx: &mut Tx<'_>, link: InvitationId, now: Instant) -> Result<bool, Problem> {
    let Some(link) = store::invitation::find(tx, link)?.filter(|link| link.waits_for_recipient(now)) else {
        return Ok(false);
    };
    let reasons = store::suppression::of_email(tx, link.garage_id, &link.email)?;
    Ok(reasons.stopping(Class::Account).is_some())
}

pub(super) enum Failure {
    Temporary(String),
    /// The mail server did not take a mail for now.
    NotTaken(String),
    /// The same, and the other side has said for how long to wait.
    Later(String, Duration),
    /// Nothing failed: it is begun again at this instant.
    NotYet(Instant),
    Final(String),
}

impl Failure {
    pub(super) fn temporary(problem: &Problem) -> Self {
        Self::Temporary(problem.reason().unwrap_or_else(|| problem.code.code().to_owned()))
    }

    /// Why a mail has not gone out after so many attempts, as it is said to the garage; none while nothing is wrong.
    const fn hindrance(&self, attempts: i64) -> Option<DeliveryReason> {
        Some(match self {
            Self::NotYet(_) => return None,
            Self::Temporary(_) | Self::Later(..) if attempts < ATTEMPTS => DeliveryReason::Delayed,
            Self::NotTaken(_) if attempts < MAIL_ATTEMPTS => DeliveryReason::Delayed,
            Self::Temporary(_) | Self::Later(..) => DeliveryReason::Unclear,
            Self::NotTaken(_) => DeliveryReason::GivenUp,
            Self::Final(_) => DeliveryReason::Refused,
        })
    }
}

/// The event from which a message follows.
fn cause(job: &Job) -> Result<Cause, Failure> {
    job.cause.ok_or_else(|| Failure::Final("a message without an event".into()))
}

/// Whether a message is urgent. What concerns the account is: an offer or an invitation that is about to end may have ended by
/// Monday.
fn is_urgent(kind: Template) -> bool {
    kind.class() == Class::Account
}

/// How a push message arrives, as far as it matters for the hour (rule RM3).
fn push_arrival(kind: Template) -> Arrival {
    if is_urgent(kind) { Arrival::UrgentPush } else { Arrival::Push }
}

/// What the lock screen of a device shows: what happened, and nothing more (rule CH2).
fn push_message(notification: &Notification, language: Language) -> PushMessage {
    let read_it = match language {
        Language::Dutch => "Tik om het te lezen.",
        Language::English => "Tap to read it.",
    };
    PushMessage {
        title: notification.title.clone(),
        body: read_it.to_owned(),
        url: notification.link.clone().unwrap_or_else(|| "/notifications".to_owned()),
        tag: Some(notification.id.to_string()),
        urgency: if is_urgent(notification.kind) { Urgency::High } else { Urgency::Normal },
        // A day: what is older is read in the app.
        ttl_seconds: 24 * 60 * 60,
    }
}

/// 10 seconds, then twice as long each time, at most an hour.
pub(super) fn backoff(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1) - 1;
    SignedDuration::from_secs((10_i64 << doublings).min(3600))
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPTS, DeliveryReason, Failure, MAIL_ATTEMPTS, backoff};

    #[test]
    fn ch4_a_mail_is_delayed_until_it_is_given_up() {
        let (not_taken, broken) = (Failure::NotTaken("full".into()), Failure::Temporary("gone".into()));
        assert_eq!(not_taken.hindrance(MAIL_ATTEMPTS - 1), Some(DeliveryReason::Delayed));
        assert_eq!(not_taken.hindrance(MAIL_ATTEMPTS), Some(DeliveryReason::GivenUp));
        assert_eq!(broken.hindrance(ATTEMPTS - 1), Some(DeliveryReason::Delayed));
        assert_eq!(broken.hindrance(ATTEMPTS), Some(DeliveryReason::Unclear));
        assert_eq!(Failure::Final("no".into()).hindrance(1), Some(DeliveryReason::Refused));
        assert_eq!(Failure::NotYet(jiff::Timestamp::UNIX_EPOCH).hindrance(1), None);
    }

    #[test]
    fn retries_come_slower_and_slower() {
        let seconds: Vec<i64> = (1..=10).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
    }
}
