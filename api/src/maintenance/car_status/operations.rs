//! What the operations on the status of cars do, and how their standings are kept.

use super::wire::CarStatusShown;
use crate::{
    clock::{local_date, new_id},
    command::{Reply, Work},
    problem::{Code, Problem},
};
use domain::{
    Date, Instant,
    car_status::Standing,
    customer::DrivingBehaviour,
    event::Stream,
    expected_maintenance::{CarNeeds, CarRecords, KnownCar, gather},
    ids::{CustomerId, GarageId, PassportId},
    job::{CarsToRefresh, Task},
    maintenance_schedule::{MaintenanceSchedule, ScheduledCar, choose, platform},
    odometer::OdometerReading,
    passport::{Passport, PassportStatus, Vehicle},
    registration::Registration,
    service_task::TaskKey,
};
use persistence::{
    self as store, Cars, Found, Scope, StoreError, Tx,
    car_status::{CarView, OnRecord},
};
use std::collections::{BTreeMap, HashMap};

/// How many cars are judged in one transaction: the garage's commands wait for no more than that.
pub const BLOCK: i64 = 50;

/// The car as the actor sees it: one query, in which the session proves itself.
pub fn find(work: &mut Work<'_, '_>, id: PassportId) -> Result<CarView, Problem> {
    let scope = work.scope()?;
    let view = store::car_status::view(work.tx, &scope, id)?;
    work.prove(view.is_some());
    Ok(view.ok_or(Code::NotFound)?)
}

/// The status of a car (rules ST1 and ST2). What is kept says it; a car that was not judged yet is judged here.
pub fn get(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let view = find(work, id)?;
    let today = local_date(work.now, &view.time_zone);
    let language = work.context.language;
    if view.standing.is_kept() {
        let reasons = view.standing.reasons(today)?;
        return Reply::ok(&CarStatusShown::new(&view.standing.days, &reasons, today, language));
    }
    let standing = standing(work.tx, &view)?;
    Reply::ok(&CarStatusShown::new(&standing.days(), &standing.reasons(today), today, language))
}

/// What a car needs, from all that is on record of it: one query. An archived passport needs nothing.
pub fn needs(tx: &mut Tx<'_>, view: &CarView) -> Result<CarNeeds, StoreError> {
    let passport = &view.passport;
    if passport.status == PassportStatus::Archived {
        return Ok(CarNeeds::default());
    }
    Ok(needs_by(view, &store::car_status::records(tx, passport)?))
}

/// What a car needs, from what is on record of it.
pub fn needs_by(view: &CarView, on_record: &OnRecord) -> CarNeeds {
    gathered(view, on_record, &choose(platform().iter().chain(&on_record.schedules), &scheduled(view)))
}

/// A car as schedules know it.
fn scheduled(view: &CarView) -> ScheduledCar {
    let register = view.registration.as_ref().and_then(|known| known.data.as_ref());
    ScheduledCar::of(&view.passport.vehicle, register, view.driving.as_ref())
}

/// What a car needs, from its readings, its records and the schedules that were chosen for it.
fn gathered(view: &CarView, on_record: &OnRecord, chosen: &BTreeMap<TaskKey, &MaintenanceSchedule>) -> CarNeeds {
    gather(&KnownCar {
        vehicle: &view.passport.vehicle,
        known_since: local_date(view.stamps.created_at, &view.time_zone),
        registration: view.registration.as_ref(),
        lift: view.lift.as_ref(),
        readings: &on_record.readings,
        readings_before: &on_record.readings_before,
        records: &on_record.records,
        chosen,
    })
}

/// What garage and platform chose for cars that are alike.
struct Chosen<'s> {
    own: &'s [MaintenanceSchedule],
    /// Whether a schedule of the garage is limited to a make.
    by_make: bool,
    of_alike: HashMap<ScheduledCar, BTreeMap<TaskKey, &'s MaintenanceSchedule>>,
}

impl<'s> Chosen<'s> {
    fn new(own: &'s [MaintenanceSchedule]) -> Self {
        let by_make = own.iter().any(|schedule| schedule.terms.limits.make.is_some());
        Self { own, by_make, of_alike: HashMap::new() }
    }

    fn of(&mut self, mut car: ScheduledCar) -> &BTreeMap<TaskKey, &'s MaintenanceSchedule> {
        if !self.by_make {
            (car.make, car.model) = (None, None);
        }
        let own = self.own;
        self.of_alike.entry(car).or_insert_with_key(|car| choose(platform().iter().chain(own), car))
    }
}

/// Judges cars in use of one garage, whose lock is held, after a command that changed what many of them are judged by: by
/// what is stored now, with a look at each table for all of them.
pub fn judge_all(tx: &mut Tx<'_>, garage: GarageId, views: &[&CarView]) -> Result<Vec<Standing>, StoreError> {
    let cars = Cars::of(views.iter().map(|view| &view.passport));
    let own = store::maintenance_schedule::of_garage(tx, garage)?;
    let of_cars = store::maintenance_schedule::of_cars(tx, garage, &cars)?;
    let mut known = store::car_status::records_of_all(tx, &cars)?;
    let mut chosen = Chosen::new(&own);
    let judge = |view: &&CarView| {
        let vehicle = view.passport.vehicle.id;
        let on_record = known.remove(&vehicle).unwrap_or_default();
        Standing::of(&match of_cars.get(&vehicle) {
            None => gathered(view, &on_record, chosen.of(scheduled(view))),
            Some(of_car) => {
                let all = platform().iter().chain(&own).chain(of_car);
                gathered(view, &on_record, &choose(all, &scheduled(view)))
            }
        })
    };
    Ok(views.iter().map(judge).collect())
}

/// Cars that are made together, before anything is stored of them: they have no more than their vehicle's data, what the
/// register said, and a first reading.
pub struct NewCars<'s> {
    today: Date,
    chosen: Chosen<'s>,
}

impl<'s> NewCars<'s> {
    /// Cars that a garage with schedules of its own makes today.
    pub fn new(own: &'s [MaintenanceSchedule], today: Date) -> Self {
        Self { today, chosen: Chosen::new(own) }
    }

    /// The standing of a new car.
    pub fn judge(
        &mut self,
        vehicle: &Vehicle,
        registration: Option<&Registration>,
        driving: &DrivingBehaviour,
        reading: Option<&OdometerReading>,
    ) -> Standing {
        let register = registration.and_then(|known| known.data.as_ref());
        let chosen = self.chosen.of(ScheduledCar::of(vehicle, register, Some(driving)));
        let readings: Vec<OdometerReading> = reading.cloned().into_iter().collect();
        Standing::of(&gather(&KnownCar {
            vehicle,
            known_since: self.today,
            registration,
            lift: None,
            readings: &readings,
            readings_before: &[],
            records: &CarRecords::default(),
            chosen,
        }))
    }
}

fn standing(tx: &mut Tx<'_>, view: &CarView) -> Result<Standing, StoreError> {
    Ok(Standing::of(&needs(tx, view)?))
}

/// Judges a car anew after a command that changed what it is judged by, in the command's own transaction and under its
/// garage's lock (rule ST2).
pub fn refresh(work: &mut Work<'_, '_>, passport: &Found<Passport>) -> Result<(), Problem> {
    Ok(refresh_car(work.tx, *passport.passport_id(), work.now)?)
}

/// The same for the system's own work. The lock of the car's garage is held.
pub fn refresh_car(tx: &mut Tx<'_>, id: PassportId, now: Instant) -> Result<(), StoreError> {
    let Some(view) = store::car_status::view(tx, &Scope::System, id)? else { return Ok(()) };
    let standing = standing(tx, &view)?;
    if view.standing.says(&standing) {
        return Ok(());
    }
    store::car_status::save(tx, view.passport.passport_id(), &standing, now)
}

/// Has all cars of a garage judged anew, after a command that changed what many of them are judged by, such as a schedule.
/// The worker does it, block by block. The garage's lock is held, so what waits in the queue has not begun.
pub fn refresh_garage(work: &mut Work<'_, '_>, garage: GarageId) -> Result<(), Problem> {
    let task = Task::RefreshStandings(CarsToRefresh { garage_id: garage, after: None });
    if store::jobs::is_queued(work.tx, &task)? {
        return Ok(());
    }
    let job = store::jobs::Job::without_cause(new_id(), task);
    Ok(store::jobs::insert(work.tx, &job, work.now, work.now)?)
}

/// Judges the cars of a customer anew, after a command that changed how they are driven. The garage's lock is held. Those
/// of a customer with many cars are left to the worker.
pub fn refresh_customer(work: &mut Work<'_, '_>, garage: GarageId, customer: CustomerId) -> Result<(), Problem> {
    let cars = store::car_status::list_of_customer(work.tx, customer, BLOCK + 1)?;
    if i64::try_from(cars.len()).is_ok_and(|many| many > BLOCK) {
        return refresh_garage(work, garage);
    }
    for car in cars {
        refresh_car(work.tx, car, work.now)?;
    }
    Ok(())
}

/// Judges a block of a garage's cars anew: the next ones after a car. The answer is where to go on; none when all are done.
pub fn refresh_block(tx: &mut Tx<'_>, cars: CarsToRefresh, now: Instant) -> Result<Option<CarsToRefresh>, StoreError> {
    store::event::lock(tx, Stream::Garage(cars.garage_id))?;
    let block = store::car_status::list_cars(tx, cars.garage_id, cars.after, BLOCK)?;
    for car in &block {
        refresh_car(tx, *car, now)?;
    }
    let is_last = i64::try_from(block.len()).is_ok_and(|many| many < BLOCK);
    Ok(block.last().filter(|_| !is_last).map(|last| CarsToRefresh { after: Some(*last), ..cars }))
}
