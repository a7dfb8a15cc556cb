//! What the operations on the maintenance schedule of one car do.

use super::wire::{CarMaintenanceSchedule, CarRule, CarTask, LastDone, NextDue};
use crate::{
    car_status::operations::{find as find_car, needs_by, refresh},
    clock::new_id,
    command::{Reply, Work},
    customer::wire::SevereUse,
    maintenance_schedule::wire::{MaintenanceSchedule, Usage, rule},
    problem::{Code, Problem},
    reach::{find, lock_and_find},
    service_indicator::wire::ServiceIndicator,
    wire::TaskKey,
};
use domain::{
    Instant,
    access::{Action, Standing},
    event::{Fact, Stream},
    expected_maintenance::CarNeeds,
    ids::PassportId,
    maintenance_schedule::{MaintenanceSchedule as DomainSchedule, ScheduledCar, choose, platform, severe_use},
    service_task,
};
use persistence::{self as store, Found, maintenance_schedule::Stamped};
use std::collections::{BTreeMap, BTreeSet};

/// Which schedule decides about each task, when it was last done, and when it is due (rules MS3, MS4, MS6 and EM1).
pub fn get(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ScheduleRead)?;
    let view = find_car(work, id)?;
    let on_record = store::car_status::records(work.tx, &view.passport)?;
    let recorded = store::service_indicator::of_vehicle(work.tx, passport.vehicle_id())?;
    let register = view.registration.as_ref().and_then(|known| known.data.as_ref());
    let driving = view.driving.as_ref();
    let (car, severe_use) = (ScheduledCar::of(&passport.vehicle, register, driving), severe_use(register, driving));
    let chosen = choose(platform().iter().chain(&on_record.schedules), &car);
    let needs = if passport.in_use().is_ok() { needs_by(&view, &on_record) } else { CarNeeds::default() };
    let actor = work.actor()?;
    let is_staff = matches!(actor.standing, Standing::Staff(..));
    let mut indicators: BTreeMap<_, _> = recorded
        .into_iter()
        .map(|recorded| (recorded.task, ServiceIndicator::new(recorded, actor, &passport)))
        .collect();
    let tasks: BTreeSet<_> =
        chosen.keys().chain(indicators.keys()).copied().filter(|task| task.fits(car.fuel)).collect();
    let language = work.context.language;
    let shown = tasks.into_iter().map(|task| CarTask {
        task: TaskKey(task),
        name: task.task().map_or("", |task| task.names.of(language)),
        schedule: chosen.get(&task).map(|schedule| MaintenanceSchedule::new(schedule, None).told_in(language)),
        indicator: indicators.remove(&task),
        last_done: LastDone::of(task, &on_record.records.done),
        next_due: NextDue::of(task, &needs),
    });
    Reply::ok(&CarMaintenanceSchedule {
        usage: Usage(domain::maintenance_schedule::Usage::of(&severe_use)),
        severe_use: is_staff.then(|| severe_use.iter().copied().map(SevereUse).collect()),
        tasks: shown.collect(),
    })
}

/// The car's own rule for a task (rule MS3).
pub fn get_rule(work: &mut Work<'_, '_>, id: PassportId, task: service_task::TaskKey) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ScheduleRead)?;
    let (garage, vehicle) = (passport.garage_id, passport.vehicle_id());
    let own = store::maintenance_schedule::find_of_car(work.tx, garage, vehicle, task)?;
    let (schedule, stamps) = own.ok_or(Code::NotFound)?;
    shown(&schedule, stamps.updated_at)
}

/// The rule as it is shown, with its version.
fn shown(schedule: &DomainSchedule, updated_at: Instant) -> Result<Reply, Problem> {
    Ok(Reply::ok(&MaintenanceSchedule::new(schedule, Some(updated_at)))?.version(schedule.version))
}

/// The passport, and its car's own rule for a task, to be changed. A client that says which version it saw must have seen
/// the present one.
fn lock(
    work: &mut Work<'_, '_>,
    id: PassportId,
    task: service_task::TaskKey,
) -> Result<(Found<domain::passport::Passport>, Option<Stamped>), Problem> {
    let (passport, _) = lock_and_find(work, id, Action::ScheduleChange)?;
    passport.in_use()?;
    let (garage, vehicle) = (passport.garage_id, passport.vehicle_id());
    let own = store::maintenance_schedule::find_of_car(work.tx, garage, vehicle, task)?;
    if let Some((schedule, _)) = &own {
        work.check_version(schedule.version)?;
    }
    Ok((passport, own))
}

/// Sets the car's own rule for a task (rules MS2 to MS4).
pub fn set(
    work: &mut Work<'_, '_>,
    id: PassportId,
    task: service_task::TaskKey,
    body: &CarRule,
) -> Result<Reply, Problem> {
    let (passport, before) = lock(work, id, task)?;
    if before.is_none() && work.context.if_match.is_some() {
        return Err(Code::PreconditionFailed.into());
    }
    let rule = rule(body.applies, body.recurrence.as_ref())?;
    let new = DomainSchedule::of_car(new_id(), passport.garage_id, *passport.vehicle_id(), task, rule);
    let schedule = match &before {
        Some((before, _)) => DomainSchedule { id: before.id, version: before.version, ..new },
        None => new,
    };
    let known = store::maintenance_schedule::car(work.tx, passport.passport_id())?;
    let stored = store::maintenance_schedule::of_car(work.tx, passport.garage_id, passport.vehicle_id())?;
    schedule.check(&stored, known.car.fuel)?;
    let (schedule, updated_at) = match before {
        Some((before, stamps)) if before == schedule => (schedule, stamps.updated_at),
        before => {
            let schedule = if let Some((_, stamps)) = before {
                store::maintenance_schedule::update(work.tx, &schedule, stamps, work.now)?
            } else {
                store::maintenance_schedule::insert(work.tx, &schedule, work.now)?;
                schedule
            };
            let fact = Fact::CarScheduleSet { passport_id: id, task: task.as_str().to_owned() };
            work.record(Stream::Garage(passport.garage_id), [fact])?;
            refresh(work, &passport)?;
            (schedule, work.now)
        }
    };
    shown(&schedule, updated_at)
}

/// Takes the car's own rule for a task back: the garage's schedules decide again, or the platform's (rule MS3).
pub fn remove(work: &mut Work<'_, '_>, id: PassportId, task: service_task::TaskKey) -> Result<Reply, Problem> {
    let (passport, own) = lock(work, id, task)?;
    let (schedule, _) = own.ok_or(Code::NotFound)?;
    store::maintenance_schedule::delete(work.tx, &schedule, work.now)?;
    let fact = Fact::CarScheduleRemoved { passport_id: id, task: task.as_str().to_owned() };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    Ok(Reply::nothing())
}
