//! Sending APK mailings (rules ML2 to ML4). When a mailing begins, a job goes through the cars of its selection, block by block,
//! and writes down for each whether it is mailed; each mail is a job of its own, which decides once more when it is sent.
//!
//! A mail of a mailing is never sent twice. Where nobody knows whether it went out, because the worker was killed or the mail
//! server's answer was cut off, it is not sent again: it is written down as unknown, and the job waits for an operator.

use super::{
    Worker,
    tasks::{Failure, MAIL_ATTEMPTS},
};
use crate::{
    apk_mailing::{
        choice::{Mailboxes, choose, choose_again},
        letter::{compose, unsubscribe},
        operations::filter,
    },
    clock::{local_date, new_id, zone},
    command::record,
    mail::{Letter, SendError, message_id, proof},
    problem::Problem,
};
use domain::{
    Instant,
    apk_mailing::{ApkMailing, LeftOut, MailingStatus, Outcome as Became},
    event::{Fact, Stream},
    ids::{GarageId, PassportId},
    job::{MailingCar, MailingCars, Task},
    reminder::{Arrival, Facts, Subject, decide, next_decent},
    value::ReminderItem,
};
use jiff::SignedDuration;
use persistence::{self as store, PageRequest, Scope, Tx, apk_list::ApkCar, apk_mailing::Recipient, jobs::Job};

/// How many cars are decided in one transaction: the garage's commands wait for no more than that.
const BLOCK: usize = 100;

/// A mail that is ready to be sent.
struct Ready {
    letter: Letter,
    from: Instant,
}

impl Worker {
    /// Decides about a block of the cars of a mailing, and queues the mails and the next block in the same transaction: whatever
    /// stops the worker, the work goes on where it stopped.
    pub(super) fn fill_mailing(&self, cars: MailingCars) -> Result<(), Failure> {
        let now = self.now();
        let work = |tx: &mut Tx<'_>| fill(tx, cars, now);
        self.with_store(|store| store.write(work)).map_err(|problem| Failure::temporary(&problem))
    }

    /// Sends the mail about one car.
    pub(super) fn send_of_mailing(&self, job: &Job, of: MailingCar) -> Result<(), Failure> {
        let prepare = |tx: &mut Tx<'_>| self.prepare(tx, job, of);
        let ready = self.with_store(|store| store.write(prepare)).map_err(|problem| Failure::temporary(&problem))?;
        let Some(Ready { letter, from }) = ready else { return Ok(()) };
        self.wait_until(from)?;
        let (became, result) = match self.hand_over(&letter) {
            Ok(()) => (Some(Became::Sent), Ok(())),
            Err(SendError::Temporary(reason) | SendError::NotNow(reason)) if job.attempts < MAIL_ATTEMPTS => {
                (None, Err(Failure::NotTaken(reason)))
            }
            // It is in the list of the mailing; nobody needs to look at the job.
            Err(SendError::Temporary(_) | SendError::NotNow(_) | SendError::Permanent(_)) => {
                (Some(Became::Failed), Ok(()))
            }
            Err(SendError::NoMailbox(reason)) => (Some(Became::Failed), self.suppress(&letter.to, &reason)),
            Err(SendError::Unknown(reason)) => (
                Some(Became::Unknown),
                Err(Failure::Final(format!("it may or may not have been sent, so it is not sent again: {reason}"))),
            ),
        };
        match became {
            // Housekeeping finds the dead job, and writes down that nobody knows.
            Some(became) if !self.settle_mail(of, became) => {
                Err(Failure::Final("what became of the mail could not be written down".into()))
            }
            Some(_) | None => result,
        }
    }

    /// Writes down what became of a mail. The mail cannot be called back, so this is tried for a while. False when it could not be
    /// done.
    fn settle_mail(&self, of: MailingCar, became: Became) -> bool {
        // What it reminds of is remembered with it, if that can be done; the mail is written down in any case.
        let mut reminds = became == Became::Sent;
        for attempt in 1..=super::WRITES {
            let now = self.now();
            let settle = |tx: &mut Tx<'_>| -> Result<(), Problem> {
                let Some(garage) = store::apk_mailing::garage_of(tx, of.mailing_id)? else { return Ok(()) };
                store::event::lock(tx, Stream::Garage(garage))?;
                settle(tx, garage, of, became, now)?;
                if reminds { remind(tx, garage, of.passport_id, now) } else { Ok(()) }
            };
            match self.with_store(|store| store.write(settle)) {
                Ok(()) => return true,
                Err(problem) => {
                    reminds &= super::may_pass(problem.code) && attempt < super::WRITES / 2;
                    super::report(Err(problem));
                }
            }
            std::thread::sleep(std::time::Duration::from_secs(u64::from(attempt)));
        }
        false
    }

    /// The mail, or none when it must not go out any more.
    fn prepare(&self, tx: &mut Tx<'_>, job: &Job, of: MailingCar) -> Result<Option<Ready>, Problem> {
        let MailingCar { mailing_id, passport_id } = of;
        let Some(garage) = store::apk_mailing::garage_of(tx, mailing_id)? else { return Ok(None) };
        store::event::lock(tx, Stream::Garage(garage))?;
        let Some((mailing, _)) = store::apk_mailing::find(tx, garage, mailing_id)? else { return Ok(None) };
        let recipient = store::apk_mailing::find_recipient(tx, mailing_id, passport_id)?;
        // An operator can have a mail sent again of which nobody knows whether it went out.
        let open = |one: &Recipient| matches!(one.outcome, Became::Waiting | Became::Unknown);
        let Some(recipient) = recipient.filter(open) else { return Ok(None) };
        let (garage, _) =
            store::garage::find(tx, garage)?.ok_or_else(|| Problem::internal("a mailing has no garage"))?;
        let (car, now) = (store::apk_list::find(tx, garage.id, passport_id)?, self.now());
        let reason = match &car {
            None => Some(LeftOut::CarGone),
            Some(_) if mailing.status == MailingStatus::Stopped => Some(LeftOut::Stopped),
            Some(car) => choose_again(tx, garage.id, car, &mailing.selection, (mailing_id, recipient.expires_on), now)?,
        };
        let addressed = car.as_ref().and_then(|car| {
            let customer = car.customer.as_ref()?;
            Some((car, customer, customer.email.clone()?))
        });
        let Some((car, customer, to)) = addressed.filter(|_| reason.is_none()) else {
            // It may have gone out before, so the car still counts as mailed.
            if recipient.outcome == Became::Unknown {
                return Ok(None);
            }
            let left_out = Some(reason.unwrap_or(LeftOut::NoAddress));
            let left = Recipient { outcome: Became::LeftOut, left_out, ..recipient };
            store::apk_mailing::update_recipient(tx, mailing_id, &left, now)?;
            finish_if_done(tx, garage.id, &mailing, now)?;
            return Ok(None);
        };
        // Should the database forget what is decided here, the letter's job, which it knows to have been begun, waits for a person.
        store::jobs::spare_the_disk(tx)?;
        // Whoever has the car now is the one to whom it goes, and who can object to it.
        if recipient.email.as_ref() != Some(&to) || recipient.customer != Some(customer.id) {
            let moved = Recipient { email: Some(to.clone()), customer: Some(customer.id), ..recipient.clone() };
            store::apk_mailing::update_recipient(tx, mailing_id, &moved, now)?;
        }
        let unsubscribe = unsubscribe(&self.app, &mailing, car);
        let rendered = compose(&self.app, &garage, &mailing, (car, customer, &unsubscribe), recipient.expires_on)?;
        let from = &self.app.settings.mail_from;
        let letter = Letter {
            message_id: message_id(job.id, from),
            proof: proof(&self.app.secret, job.id, now, &to),
            from: from.clone(),
            from_name: Some(garage.name.clone()),
            to,
            to_name: Some(customer.name.clone()),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            reply_to: Some(garage.email.clone()),
            unsubscribe: Some(unsubscribe),
            date: mailing.begun_at.unwrap_or(now),
        };
        Ok(Some(Ready { letter, from: next_decent(now, &zone(&garage.time_zone), Arrival::Email) }))
    }

    /// Writes down what became of mails whose worker vanished, and ends mailings all of whose mails were dealt with.
    pub(super) fn settle_mailings(&self, now: Instant) -> Result<(), Problem> {
        const MOST: i64 = 100;
        /// A mailing whose moment was so long ago and that has not begun has lost its job.
        const LATE: SignedDuration = SignedDuration::from_mins(15);
        let settle = |tx: &mut Tx<'_>| -> Result<(), Problem> {
            store::apk_mailing::settle_lost(tx, now)?;
            for id in store::apk_mailing::list_late(tx, now - LATE, MOST)? {
                let task = Task::Mailing(MailingCars { mailing_id: id, after: None });
                if !store::jobs::is_queued(tx, &task)? {
                    store::jobs::insert(tx, &Job::without_cause(new_id(), task), now, now)?;
                }
            }
            Ok(())
        };
        self.with_store(|store| store.write(settle))?;
        let list = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::apk_mailing::list_finished(tx, MOST)?);
        for (garage, id) in self.with_store(|store| store.read(list))? {
            let end = |tx: &mut Tx<'_>| -> Result<(), Problem> {
                store::event::lock(tx, Stream::Garage(garage))?;
                let found = store::apk_mailing::find(tx, garage, id)?;
                found.map_or(Ok(()), |(mailing, _)| finish_if_done(tx, garage, &mailing, now))
            };
            self.with_store(|store| store.write(end))?;
        }
        Ok(())
    }
}

fn fill(tx: &mut Tx<'_>, cars: MailingCars, now: Instant) -> Result<(), Problem> {
    let id = cars.mailing_id;
    let Some(garage) = store::apk_mailing::garage_of(tx, id)? else { return Ok(()) };
    store::event::lock(tx, Stream::Garage(garage))?;
    let Some((found, stamps)) = store::apk_mailing::find(tx, garage, id)? else { return Ok(()) };
    let mailing = match found.begin(now) {
        Some(begun) => {
            let begun = store::apk_mailing::update(tx, &begun, stamps, now)?;
            record(tx, Stream::Garage(garage), None, [Fact::ApkMailingBegun { mailing_id: id }], now)?;
            begun
        }
        // It was made a draft again, given another moment or stopped; or this is a later block.
        None if found.status == MailingStatus::Sending => found,
        None => return Ok(()),
    };
    let request = PageRequest { after: cars.after, limit: BLOCK, updated_since: None };
    let page = store::apk_list::list(tx, garage, &filter(&mailing.selection), &request)?;
    let mut recipients = vec![];
    // What earlier blocks chose is stored.
    let mailboxes = (&mut Mailboxes::default(), now);
    for choice in choose(tx, garage, page.items, (&mailing.selection, Some(id)), mailboxes)? {
        recipients.extend(recipient(choice.car, choice.left_out, &mailing));
    }
    // Only those that are new get a job, so it does not matter when a block is done twice.
    let new = store::apk_mailing::insert_recipients(tx, id, recipients, now)?;
    let mails = new.iter().filter_map(|one| {
        let task = Task::MailingLetter(MailingCar { mailing_id: id, passport_id: one.passport });
        one.job.map(|job| Job::without_cause(job, task))
    });
    store::jobs::insert_all(tx, &mails.collect::<Vec<_>>(), now, now)?;
    if page.next.is_some() {
        let next = Task::Mailing(MailingCars { after: page.next, ..cars });
        store::jobs::insert(tx, &Job::without_cause(new_id(), next), now, now)?;
        return Ok(());
    }
    store::apk_mailing::mark_complete(tx, id)?;
    finish_if_done(tx, garage, &mailing, now)
}

/// A car of a mailing as it is written down.
fn recipient(car: ApkCar, left_out: Option<LeftOut>, mailing: &ApkMailing) -> Option<Recipient> {
    Some(Recipient {
        passport: car.passport,
        vehicle: car.vehicle,
        customer: car.customer.as_ref().map(|customer| customer.id),
        email: car.customer.and_then(|customer| customer.email),
        expires_on: car.expires_on?,
        outcome: if left_out.is_some() { Became::LeftOut } else { Became::Waiting },
        left_out,
        is_forced: mailing.selection.forced().contains(&car.passport),
        job: left_out.is_none().then(new_id),
    })
}

/// Writes down what became of a mail. One that went out counts as the reminder of the offset that it stands for (rule ML4).
/// The garage's lock is held.
fn settle(tx: &mut Tx<'_>, garage: GarageId, of: MailingCar, became: Became, now: Instant) -> Result<(), Problem> {
    let MailingCar { mailing_id, passport_id } = of;
    let Some(recipient) = store::apk_mailing::find_recipient(tx, mailing_id, passport_id)? else { return Ok(()) };
    // It has come back before it was written down that it went out.
    if recipient.outcome == Became::Failed {
        return Ok(());
    }
    // What may have gone out at an earlier attempt stays unknown, whatever becomes of another one.
    let was_unknown = recipient.outcome == Became::Unknown;
    let became = if became == Became::Failed && was_unknown { Became::Unknown } else { became };
    let settled = Recipient { outcome: became, left_out: None, ..recipient };
    store::apk_mailing::update_recipient(tx, mailing_id, &settled, now)?;
    if became == Became::Sent {
        record(tx, Stream::Garage(garage), None, [Fact::ApkMailed { passport_id, mailing_id }], now)?;
    }
    match store::apk_mailing::find(tx, garage, mailing_id)? {
        Some((mailing, _)) => finish_if_done(tx, garage, &mailing, now),
        None => Ok(()),
    }
}

/// Remembers a mail of the APK as the reminder that is due now, so that the car's people are not told the same at once. The
/// garage's lock is held.
fn remind(tx: &mut Tx<'_>, garage: GarageId, car: PassportId, now: Instant) -> Result<(), Problem> {
    let Some(view) = store::car_status::view(tx, &Scope::System, car)? else { return Ok(()) };
    let Some(due_on) = view.standing.days.apk_due_on.filter(|_| view.passport.garage_id == garage) else {
        return Ok(());
    };
    let today = local_date(now, &view.time_zone);
    let of = Subject { item: ReminderItem::Apk, task: None };
    let made = store::reminder::made(tx, &[car])?.remove(&(car, of)).unwrap_or_default();
    let offsets = super::reminders::OfGarage::read(tx, garage)?.offsets(ReminderItem::Apk);
    let decision = decide(&Facts { due_on, is_settled: false, offsets: &offsets, made: &made }, today);
    decision.now.map_or(Ok(()), |due| Ok(store::reminder::insert_all(tx, &[(car, of, due.made(today))])?))
}

/// Ends a mailing all of whose mails were dealt with. The garage's lock is held, so none is overlooked.
fn finish_if_done(tx: &mut Tx<'_>, garage: GarageId, mailing: &ApkMailing, now: Instant) -> Result<(), Problem> {
    if mailing.status != MailingStatus::Sending || !store::apk_mailing::is_dealt_with(tx, mailing.id)? {
        return Ok(());
    }
    let Some((found, stamps)) = store::apk_mailing::find(tx, garage, mailing.id)? else { return Ok(()) };
    let Some(ended) = found.finish(now) else { return Ok(()) };
    store::apk_mailing::update(tx, &ended, stamps, now)?;
    record(tx, Stream::Garage(garage), None, [Fact::ApkMailingSent { mailing_id: mailing.id }], now)
}
