//! Reminders of what comes due on cars (rules RM1 to RM5).
//!
//! A car says on which day it is to be looked at, so a pass reads those that are due by an index and no others. A car whose
//! standing was judged anew is looked at with the next pass. Each car is decided in the transaction that remembers the
//! reminder, records the event and says when to look again: whatever stops a pass, or runs beside it, a reminder is made
//! once.

use super::{Worker, may_pass, report};
use crate::{
    clock::{local_date, zone},
    command::record,
    problem::Problem,
};
use domain::{
    Date, Instant,
    car_status::{Judged, Standing},
    event::{Fact, Stream},
    ids::PassportId,
    reminder::{Arrival, Facts, LATEST_OFFSET, MAX_DAYS_LATE, Offsets, decide, is_decent},
    value::ReminderItem,
};
use jiff::ToSpan;
use persistence::{
    self as store, Scope, Tx,
    reminder::{Subject, ToLookAt},
};
use std::collections::HashMap;

/// How many cars are read at once.
const BLOCK: i64 = 200;
/// How many cars of one garage are decided in one transaction: the garage's commands wait for no more than that.
const TOGETHER: usize = 20;
/// How many blocks one pass takes, so that the rest of the housekeeping does not wait long. The next pass,
/// a minute later, goes on.
const BLOCKS: usize = 50;

/// Something of a car that comes due.
#[derive(Clone, Copy)]
pub(super) struct DueItem {
    pub(super) of: Subject,
    pub(super) due_on: Date,
}

/// Of what one is reminded on a day: of the APK, and of the other work that is due first. Work that was due so long ago that no
/// reminder of it is made any more hides none that comes later.
pub(super) fn items(standing: &Standing, today: Date) -> Vec<DueItem> {
    let too_old = LATEST_OFFSET.saturating_add(MAX_DAYS_LATE);
    let is_of_now = |due_on: Date| due_on.checked_add(too_old.days()).is_ok_and(|last| last >= today);
    let (mut apk, mut work) = (None, None);
    for judged in &standing.judged {
        match judged {
            Judged::Apk(days) => apk = apk.into_iter().chain([days.due_from]).min(),
            Judged::Task(task, days) if is_of_now(days.due_from) => {
                work = work.into_iter().chain([(days.due_from, *task)]).min();
            }
            Judged::Task(..) | Judged::Recommendation(..) | Judged::Recall { .. } | Judged::OdometerIllogical => {}
        }
    }
    let item = |item, task, due_on| DueItem { of: Subject { item, task }, due_on };
    let apk = apk.map(|due_on| item(ReminderItem::Apk, None, due_on));
    let work = work.map(|(due_on, task)| item(ReminderItem::Maintenance, Some(task), due_on));
    apk.into_iter().chain(work).collect()
}

impl Worker {
    /// Makes the reminders that are due, at decent hours of each garage (rule RM3).
    pub(super) fn remind(&self, now: Instant) -> Result<(), Problem> {
        let zones = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::reminder::time_zones(tx)?);
        let mut today = HashMap::new();
        for (garage, name) in self.with_store(|store| store.read(zones))? {
            if is_decent(now, &zone(&name), Arrival::Email) {
                today.insert(garage, local_date(now, &name));
            }
        }
        let Some(latest) = today.values().max().copied() else { return Ok(()) };
        let mut after = None;
        for _ in 0..BLOCKS {
            let list = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::reminder::list_due(tx, latest, after, BLOCK)?);
            let mut due = self.with_store(|store| store.read(list))?;
            let is_last = i64::try_from(due.len()).is_ok_and(|many| many < BLOCK);
            after = due.last().copied();
            // Where it is night, or not yet that day, the car waits.
            due.retain(|one| today.get(&one.garage).is_some_and(|today| one.on <= *today));
            due.sort_unstable_by_key(|one| one.garage);
            for of_garage in due.chunk_by(|one, other| one.garage == other.garage) {
                for part in of_garage.chunks(TOGETHER) {
                    let Some(day) = part.first().and_then(|one| today.get(&one.garage)) else { continue };
                    self.remind_part(part, *day, now)?;
                }
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Decides some cars of one garage together. When that fails they are decided one by one, so that a car of which something
    /// cannot be read holds up no other; it is looked at again the next day.
    fn remind_part(&self, cars: &[ToLookAt], today: Date, now: Instant) -> Result<(), Problem> {
        let together = self.with_store(|store| store.write(|tx| remind_of(tx, cars, today, now)));
        match together {
            Err(problem) if may_pass(problem.code) => return Err(problem),
            Err(_) => {}
            Ok(()) => return Ok(()),
        }
        for one in cars {
            let alone = self.with_store(|store| store.write(|tx| remind_of(tx, &[*one], today, now)));
            if let Err(problem) = alone {
                report(Err(problem));
                let tomorrow = today.tomorrow().unwrap_or(today);
                let later =
                    |tx: &mut Tx<'_>| Ok::<_, Problem>(store::reminder::look_again(tx, one.car, Some(tomorrow))?);
                self.with_store(|store| store.write(later))?;
            }
        }
        Ok(())
    }
}

/// Decides cars of one garage.
fn remind_of(tx: &mut Tx<'_>, cars: &[ToLookAt], today: Date, now: Instant) -> Result<(), Problem> {
    let Some(ToLookAt { garage, .. }) = cars.first() else { return Ok(()) };
    let stream = Stream::Garage(*garage);
    store::event::lock(tx, stream)?;
    let mut facts = vec![];
    for ToLookAt { car, .. } in cars {
        // Another server was quicker, or the car was archived or went to another garage.
        if !store::reminder::lock_due(tx, *car, today)? {
            continue;
        }
        let Some(view) = store::car_status::view(tx, &Scope::System, *car)? else { continue };
        if view.passport.garage_id == *garage {
            facts.extend(remind_of_car(tx, *car, &view.standing.standing()?.unwrap_or_default(), today)?);
        }
    }
    record(tx, stream, None, facts, now)
}

/// Decides one car (rules RM1 and RM2), and says when it is looked at again.
fn remind_of_car(tx: &mut Tx<'_>, car: PassportId, standing: &Standing, today: Date) -> Result<Vec<Fact>, Problem> {
    let (mut facts, mut looks) = (vec![], vec![]);
    for DueItem { of, due_on } in items(standing, today) {
        let made = store::reminder::made(tx, car, of)?;
        let offsets = Offsets::nearest(of.item, None, None, None);
        let decision = decide(&Facts { due_on, is_settled: false, offsets: &offsets, made: &made }, today);
        looks.extend(decision.next_look);
        if of.item == ReminderItem::Maintenance {
            // Then it is over, and what is due next takes its place.
            let over = due_on.checked_add((LATEST_OFFSET + MAX_DAYS_LATE + 1).days()).ok();
            looks.extend(over.filter(|day| *day > today));
        }
        if let Some(due) = decision.now {
            store::reminder::insert(tx, car, of, due.made(today))?;
            let task = of.task.map(|task| task.as_str().to_owned());
            facts.push(Fact::ReminderDue { passport_id: car, item: of.item, task, due_on, offset: due.offset });
        }
    }
    store::reminder::look_again(tx, car, looks.into_iter().min())?;
    Ok(facts)
}
