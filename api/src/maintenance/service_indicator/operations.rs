//! What the operations on service indicators do.

use super::wire::{NewServiceIndicator, ServiceIndicator};
use crate::{
    car_status::operations::refresh,
    command::{Reply, Work},
    garage::operations::today,
    problem::{Code, Problem},
    reach::lock_and_find,
};
use domain::{
    access::Action,
    event::{Fact, Stream},
    ids::PassportId,
    maintenance_schedule::ScheduleRefusal,
    registration,
    service_task::TaskKey,
};
use persistence::{self as store, service_indicator::Recorded};

/// Writes down what the indicator says about a task (rules MS4 and MS6).
pub fn set(
    work: &mut Work<'_, '_>,
    id: PassportId,
    task: TaskKey,
    body: &NewServiceIndicator,
) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::IndicatorRecord)?;
    passport.in_use()?;
    let today = today(work, passport.garage_id)?;
    let registration = store::registration::find(work.tx, passport.plate())?;
    let register = registration.and_then(|known| known.data);
    let fuel = passport.vehicle.fuel.or_else(|| register.as_ref()?.fuel());
    if !task.fits(fuel) {
        return Err(ScheduleRefusal::TaskNotForFuel.into());
    }
    let indicator = body.indicator(today);
    indicator.check(registration::admitted_on(&passport.vehicle, register.as_ref()), today)?;
    let known = store::service_indicator::of_vehicle(work.tx, passport.vehicle_id())?;
    indicator.check_newer(known.iter().find(|known| known.task == task).map(|known| &known.indicator))?;
    let by = work.actor()?.account_id();
    store::service_indicator::save(work.tx, passport.vehicle_id(), task, &indicator, by, work.now)?;
    let fact = Fact::ServiceIndicatorRecorded { passport_id: id, task: task.as_str().to_owned() };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    let name = store::account::find(work.tx, by)?.map(|(account, _)| account.name);
    let recorded = Recorded { task, indicator, recorded_at: work.now, recorded_by: Some(by), name };
    Reply::ok(&ServiceIndicator::new(recorded, work.actor()?, &passport))
}

/// Takes back what was written down about a task (rule MS6).
pub fn remove(work: &mut Work<'_, '_>, id: PassportId, task: TaskKey) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::IndicatorRecord)?;
    passport.in_use()?;
    if !store::service_indicator::delete(work.tx, passport.vehicle_id(), task)? {
        return Err(Code::NotFound.into());
    }
    let fact = Fact::ServiceIndicatorRemoved { passport_id: id, task: task.as_str().to_owned() };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    Ok(Reply::nothing())
}
