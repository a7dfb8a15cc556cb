//! Reminders of what comes due on cars (rules RM1 to RM5).
//!
//! A car says on which day it is to be looked at, so a pass reads those that are due by an index and no others. A car whose
//! standing was judged anew is looked at with the next pass. Each car is decided in the transaction that remembers the
//! reminder, records the event and says when to look again: whatever stops a pass, or runs beside it, a reminder is made
//! once.

use super::Worker;
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
    reminder::{Arrival, Facts, Made, Offsets, decide, is_decent},
    service_task::TaskKey,
    value::ReminderItem,
};
use persistence::{self as store, Scope, Tx, reminder::ToLookAt};
use std::collections::HashMap;

/// How many cars are read at once.
const BLOCK: i64 = 200;
/// How many cars of one garage are decided in one transaction: the garage's commands wait for no more than that.
const TOGETHER: usize = 20;
/// How many blocks one pass takes, so that the rest of the housekeeping does not wait long. The next pass,
/// a minute later, goes on.
const BLOCKS: usize = 50;

/// Something of a car that comes due.
pub(super) struct DueItem {
    pub(super) item: ReminderItem,
    pub(super) due_on: Date,
    pub(super) task: Option<TaskKey>,
}

/// Of what one is reminded: of the APK, and of the other work that is due first.
pub(super) fn items(standing: &Standing) -> Vec<DueItem> {
    let (mut apk, mut work) = (None, None);
    for judged in &standing.judged {
        match judged {
            Judged::Apk(days) => apk = apk.into_iter().chain([days.due_from]).min(),
            Judged::Task(task, days) => work = work.into_iter().chain([(days.due_from, *task)]).min(),
            Judged::Recommendation(..) | Judged::Recall { .. } | Judged::OdometerIllogical => {}
        }
    }
    let apk = apk.map(|due_on| DueItem { item: ReminderItem::Apk, due_on, task: None });
    let work = work.map(|(due_on, task)| DueItem { item: ReminderItem::Maintenance, due_on, task: Some(task) });
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
                    self.with_store(|store| store.write(|tx| remind_of(tx, part, *day, now)))?;
                }
            }
            if is_last {
                break;
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
    let made = store::reminder::made(tx, car)?;
    let (mut facts, mut looks) = (vec![], vec![]);
    for DueItem { item, due_on, task } in items(standing) {
        let of_item: Vec<Made> = made.iter().filter(|(of, _)| *of == item).map(|(_, made)| *made).collect();
        let offsets = Offsets::nearest(item, None, None, None);
        let known = Facts { due_on, is_settled: false, offsets: &offsets, made: &of_item };
        let decision = decide(&known, today);
        looks.extend(decision.next_look);
        if let Some(due) = decision.now {
            store::reminder::insert(tx, car, item, due.made(today))?;
            let task = task.map(|task| task.as_str().to_owned());
            facts.push(Fact::ReminderDue { passport_id: car, item, task, due_on, offset: due.offset });
        }
    }
    store::reminder::look_again(tx, car, looks.into_iter().min())?;
    Ok(facts)
}
