//! What the operations on maintenance schedules do.

use super::wire::{
    MaintenanceSchedule, MaintenanceScheduleQuery, NewMaintenanceSchedule, PreviewWarning, SchedulePreview,
    SchedulePreviewQuery, UpdateMaintenanceSchedule,
};
use crate::{
    car_status::operations::refresh_garage,
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, FieldProblem, Place as At, Problem},
    wire::{is_more_gone, page_of},
};
use domain::{
    SHIPPED_AT,
    access::Action,
    event::{Fact, Stream},
    ids::{GarageId, MaintenanceScheduleId},
    maintenance_schedule::{
        MaintenanceSchedule as DomainSchedule, ScheduleLevel, ScheduleLimits, ScheduleOwner, ScheduleRefusal,
        ScheduleWarning, ScheduledCar, platform,
    },
    removal::FollowedList,
    service_task::{ServiceTask, catalogue},
};
use persistence::{
    self as store, Page, PageRequest,
    maintenance_schedule::{ScheduleFilter, Stamped},
    removal::ListOf,
};
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// Where the list continues: after one of the garage's schedules, or after one of the platform's by its number.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Own(MaintenanceScheduleId),
    Platform(usize),
}

/// The schedules of the garage of staff, and then those of the platform, in their order (rules LS1, MS2, MS3 and MS5). Those for
/// tasks that make no sense for the asked fuel, or that are limited to another one, are left out (rule MS4).
pub fn list(work: &mut Work<'_, '_>, query: &MaintenanceScheduleQuery) -> Result<Reply, Problem> {
    let request: PageRequest<Place> = query.list().request()?;
    let is_asked = |level| query.level.is_none_or(|asked| asked.0 == level);
    let followed: &[FollowedList] =
        if is_asked(ScheduleLevel::Garage) { &[FollowedList::MaintenanceSchedules] } else { &[] };
    let gone = work.gone(query.list(), followed, ListOf::Actor)?;
    if is_more_gone(&gone) {
        let nothing: Page<MaintenanceSchedule, Place> = Page { items: vec![], next: None };
        return Reply::followed_page(query.list(), gone, nothing, |schedule| schedule);
    }
    let own = match request.after {
        Some(Place::Platform(_)) => Page { items: vec![], next: None },
        _ if !is_asked(ScheduleLevel::Garage) => Page { items: vec![], next: None },
        None | Some(Place::Own(_)) => own(work, query, &request)?,
    };
    let is_full = own.next.is_some();
    let shown = own.items.into_iter().filter_map(|(schedule, stamps)| {
        let place = Place::Own(schedule.id?);
        Some((place, MaintenanceSchedule::new(&schedule, Some(stamps.updated_at))))
    });
    if is_full {
        let items = shown.map(|(_, schedule)| schedule).collect();
        let page = Page { items, next: own.next.map(Place::Own) };
        return Reply::followed_page(query.list(), gone, page, |schedule| schedule);
    }
    let has_shipped = is_asked(ScheduleLevel::Platform) && request.asks_for(SHIPPED_AT);
    let shipped = platform().iter().enumerate().filter(|(number, schedule)| {
        let is_later = !matches!(request.after, Some(Place::Platform(after)) if *number <= after);
        has_shipped && is_later && is_listed(query, schedule)
    });
    let language = work.context.language;
    let shipped =
        shipped.map(|(number, schedule)| (Place::Platform(number), MaintenanceSchedule::shipped(schedule, language)));
    Reply::followed_page(query.list(), gone, page_of(shown.chain(shipped), request.limit), |schedule| schedule)
}

/// The page of the garage's own schedules; nobody but staff has any.
fn own(
    work: &mut Work<'_, '_>,
    query: &MaintenanceScheduleQuery,
    request: &PageRequest<Place>,
) -> Result<Page<Stamped, MaintenanceScheduleId>, Problem> {
    let Some(garage) = work.actor()?.garage_id() else { return Ok(Page { items: vec![], next: None }) };
    let after = match request.after {
        Some(Place::Own(after)) => Some(after),
        None | Some(Place::Platform(_)) => None,
    };
    let fuel = query.fuel.map(|fuel| fuel.0);
    let is_limited = fuel.is_some() || query.task.is_some();
    let fitting = catalogue().iter().map(ServiceTask::key).filter(|task| task.fits(fuel));
    let asked = fitting.filter(|task| query.task.as_ref().is_none_or(|asked| asked.0 == *task));
    let filter = ScheduleFilter { tasks: is_limited.then(|| asked.collect()), fuel };
    let request = PageRequest { after, limit: request.limit, updated_since: request.updated_since };
    Ok(store::maintenance_schedule::list(work.tx, garage, &filter, &request)?)
}

fn is_listed(query: &MaintenanceScheduleQuery, schedule: &DomainSchedule) -> bool {
    let fuel = query.fuel.map(|fuel| fuel.0);
    let (task, limit) = (schedule.terms.task, schedule.terms.limits.fuel);
    let is_for_fuel = fuel.is_none() || (task.fits(fuel) && (limit.is_none() || limit == fuel));
    is_for_fuel && query.task.as_ref().is_none_or(|asked| asked.0 == task)
}

/// How many cars of the garage a schedule would be for (rules MS3 and MS4).
pub fn preview(work: &mut Work<'_, '_>, query: &SchedulePreviewQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::GarageRead)?;
    let (task, limits) = (query.task.as_ref().map(|task| task.0), query.limits());
    limits.check()?;
    let of_make = ScheduleLimits { make: limits.make.clone(), ..Default::default() };
    let of_model = ScheduleLimits { model: limits.model.clone(), ..of_make.clone() };
    let (has_make, has_model) = (Cell::new(false), Cell::new(false));
    let is_touched = |car: &ScheduledCar| {
        has_make.set(has_make.get() || of_make.fit(car));
        has_model.set(has_model.get() || of_model.fit(car));
        limits.fit(car) && task.is_none_or(|task| task.fits(car.fuel))
    };
    let cars = store::maintenance_schedule::count_cars_in_use(work.tx, garage, is_touched)?;
    let warning = if !has_make.get() && limits.make.is_some() {
        Some(ScheduleWarning::MakeUnknown)
    } else if !has_model.get() && limits.model.is_some() {
        Some(ScheduleWarning::ModelUnknown)
    } else {
        None
    };
    let language = work.context.language;
    let warnings = warning.into_iter().map(|warning| PreviewWarning::new(warning, language)).collect();
    Reply::ok(&SchedulePreview { cars, warnings })
}

/// Goes on only if the schedule may be stored beside the others of its garage (rules MS2 to MS4).
fn check(schedule: &DomainSchedule, others: &[DomainSchedule]) -> Result<(), Problem> {
    schedule.check(others, None).map_err(|refusal| {
        let other = schedule.overlapped(others).filter(|_| refusal == ScheduleRefusal::Overlaps);
        let named = other.and_then(|other| other.id).map(|id| FieldProblem {
            other: Some(id.0),
            ..FieldProblem::new(At::Body(String::new()), "schedule_known")
        });
        Problem::from(refusal).with_fields(named)
    })
}

/// One of the garage's schedules (rule MS3).
pub fn get(work: &mut Work<'_, '_>, id: MaintenanceScheduleId) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::GarageRead)?;
    let (schedule, stamps) = store::maintenance_schedule::find(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    let shown = MaintenanceSchedule::new(&schedule, Some(stamps.updated_at));
    Ok(Reply::ok(&shown)?.version(schedule.version))
}

/// Makes a schedule of the garage (rules MS2 to MS4).
pub fn create(work: &mut Work<'_, '_>, body: &NewMaintenanceSchedule) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::ScheduleChange)?;
    work.lock(garage)?;
    let (id, owner) = (new_id(), ScheduleOwner::Garage(garage));
    let schedule = DomainSchedule { id: Some(id), owner, terms: body.terms()?, source: None, version: 1 };
    check(&schedule, &store::maintenance_schedule::of_garage(work.tx, garage)?)?;
    store::maintenance_schedule::insert(work.tx, &schedule, work.now)?;
    work.record(Stream::Garage(garage), [Fact::ScheduleCreated { schedule_id: id }])?;
    refresh_garage(work, garage)?;
    let shown = MaintenanceSchedule::new(&schedule, Some(work.now));
    Ok(Reply::created(&shown, format!("/v1/maintenance-schedules/{id}"))?.version(schedule.version))
}

/// A schedule of the garage, to be changed, and the garage.
fn owned(work: &mut Work<'_, '_>, id: MaintenanceScheduleId) -> Result<(GarageId, Stamped), Problem> {
    let garage = work.require_staff(Action::ScheduleChange)?;
    work.lock(garage)?;
    let (schedule, stamps) = store::maintenance_schedule::find(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    work.require_version(schedule.version)?;
    Ok((garage, (schedule, stamps)))
}

/// Changes a schedule of the garage (rules MS2 to MS4).
pub fn update(
    work: &mut Work<'_, '_>,
    id: MaintenanceScheduleId,
    body: UpdateMaintenanceSchedule,
) -> Result<Reply, Problem> {
    let (garage, (before, stamps)) = owned(work, id)?;
    let schedule = DomainSchedule { terms: body.apply(&before.terms)?, ..before.clone() };
    check(&schedule, &store::maintenance_schedule::of_garage(work.tx, garage)?)?;
    if schedule == before {
        let shown = MaintenanceSchedule::new(&schedule, Some(stamps.updated_at));
        return Ok(Reply::ok(&shown)?.version(schedule.version));
    }
    let schedule = store::maintenance_schedule::update(work.tx, &schedule, stamps, work.now)?;
    work.record(Stream::Garage(garage), [Fact::ScheduleChanged { schedule_id: id }])?;
    refresh_garage(work, garage)?;
    let shown = MaintenanceSchedule::new(&schedule, Some(work.now));
    Ok(Reply::ok(&shown)?.version(schedule.version))
}

/// Deletes a schedule of the garage: the platform's decides from then on, or a wider one of the garage (rule MS3).
pub fn delete(work: &mut Work<'_, '_>, id: MaintenanceScheduleId) -> Result<Reply, Problem> {
    let (garage, (schedule, _)) = owned(work, id)?;
    store::maintenance_schedule::delete(work.tx, &schedule, work.now)?;
    work.record(Stream::Garage(garage), [Fact::ScheduleDeleted { schedule_id: id }])?;
    refresh_garage(work, garage)?;
    Ok(Reply::nothing())
}
