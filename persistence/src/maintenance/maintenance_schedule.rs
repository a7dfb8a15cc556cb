//! The maintenance schedules of garages and of single cars. The platform's own are in the domain.

use crate::{
    cars::{Cars, load_of_cars},
    connection::on_each,
    customer,
    error::StoreError,
    page::{Page, PageRequest},
    removal,
    row::{self, Reading, Stamps},
    schema::{customers, maintenance_schedules, passports, registrations},
    scope::Found,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    customer::SevereUse,
    ids::{GarageId, MaintenanceScheduleId, PassportId, VehicleId},
    maintenance_schedule::{
        CountsFrom, Interval, MaintenanceSchedule, Recurrence, ScheduleLimits, ScheduleOwner, ScheduleRule,
        ScheduleTerms, ScheduledCar, Usage, severe_use,
    },
    passport::Fuel,
    register::RegisterData,
    removal::Removal,
    service_task::TaskKey,
};
use std::collections::{BTreeSet, HashMap};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = maintenance_schedules, treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) id: Key,
    pub(super) garage_id: Key,
    pub(super) vehicle_id: Option<Key>,
    pub(super) task: String,
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
    pub(super) fuel: Option<String>,
    pub(super) year_from: Option<i64>,
    pub(super) year_to: Option<i64>,
    pub(super) usage: Option<String>,
    pub(super) counts_from: Option<String>,
    pub(super) first_months: Option<i64>,
    pub(super) first_km: Option<i64>,
    pub(super) months: Option<i64>,
    pub(super) km: Option<i64>,
    pub(super) version: i64,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
}

/// The garage and the car of a schedule that is stored; none for the platform's, which are not.
fn owner(schedule: &MaintenanceSchedule) -> Option<(MaintenanceScheduleId, GarageId, Option<VehicleId>)> {
    let (garage, vehicle) = match schedule.owner {
        ScheduleOwner::Car(garage, vehicle) => (garage, Some(vehicle)),
        ScheduleOwner::Garage(garage) => (garage, None),
        ScheduleOwner::Platform => return None,
    };
    Some((schedule.id?, garage, vehicle))
}

fn not_stored() -> StoreError {
    StoreError::Internal("the schedules of the platform are not stored".into())
}

impl Row {
    fn new(schedule: &MaintenanceSchedule, stamps: Stamps) -> Result<Self, StoreError> {
        let (id, garage, vehicle) = owner(schedule).ok_or_else(not_stored)?;
        let limits = &schedule.terms.limits;
        let recurrence = schedule.terms.rule.recurrence();
        let first = recurrence.and_then(|recurrence| recurrence.first);
        let then = recurrence.map(|recurrence| recurrence.then);
        Ok(Self {
            id: id.into(),
            garage_id: garage.into(),
            vehicle_id: vehicle.map(Key::from),
            task: schedule.terms.task.as_str().to_owned(),
            make: limits.make.clone(),
            model: limits.model.clone(),
            fuel: limits.fuel.map(|fuel| fuel.code().to_owned()),
            year_from: limits.year_from,
            year_to: limits.year_to,
            usage: limits.usage.map(|usage| usage.code().to_owned()),
            counts_from: recurrence.map(|recurrence| recurrence.counts_from.code().to_owned()),
            first_months: first.and_then(Interval::months),
            first_km: first.and_then(Interval::km),
            months: then.and_then(Interval::months),
            km: then.and_then(Interval::km),
            version: schedule.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
        })
    }

    pub(super) fn read(self) -> Result<(MaintenanceSchedule, Stamps), StoreError> {
        let reading = Reading { table: "maintenance_schedules", id: self.id.0 };
        let garage = self.garage_id.into();
        let rule = match reading.optional("counts_from", self.counts_from.as_ref(), CountsFrom::from_code)? {
            None => ScheduleRule::Never,
            Some(counts_from) => {
                let interval = |name, months, km: Option<i64>| {
                    Interval::new(months, km).ok_or_else(|| reading.corrupt(name, format!("{months:?} {km:?}")))
                };
                let has_first = self.first_months.is_some() || self.first_km.is_some();
                let first =
                    has_first.then(|| interval("first_months", self.first_months, self.first_km)).transpose()?;
                ScheduleRule::Every(Recurrence { first, then: interval("months", self.months, self.km)?, counts_from })
            }
        };
        let limits = ScheduleLimits {
            make: self.make,
            model: self.model,
            fuel: reading.optional("fuel", self.fuel.as_ref(), Fuel::from_code)?,
            year_from: self.year_from,
            year_to: self.year_to,
            usage: reading.optional("usage", self.usage.as_ref(), Usage::from_code)?,
        };
        let schedule = MaintenanceSchedule {
            id: Some(self.id.into()),
            owner: self.vehicle_id.map_or(ScheduleOwner::Garage(garage), |car| ScheduleOwner::Car(garage, car.into())),
            terms: ScheduleTerms { task: reading.column("task", &self.task, TaskKey::find)?, limits, rule },
            source: None,
            version: self.version,
        };
        Ok((schedule, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// A schedule with the times at which it was made and last changed.
pub type Stamped = (MaintenanceSchedule, Stamps);

/// Stores a new schedule of a garage or of one car.
pub fn insert(tx: &mut Tx<'_>, schedule: &MaintenanceSchedule, now: Instant) -> Result<(), StoreError> {
    let row = Row::new(schedule, Stamps { created_at: now, updated_at: now })?;
    diesel::insert_into(maintenance_schedules::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed schedule, unless someone else changed it since it was read.
pub fn update(
    tx: &mut Tx<'_>,
    schedule: &MaintenanceSchedule,
    stamps: Stamps,
    now: Instant,
) -> Result<MaintenanceSchedule, StoreError> {
    let next = MaintenanceSchedule { version: schedule.version + 1, ..schedule.clone() };
    let (id, garage, _) = owner(schedule).ok_or_else(not_stored)?;
    let target = maintenance_schedules::table
        .find(Key::from(id))
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::version.eq(schedule.version));
    let row = Row::new(&next, Stamps { updated_at: now, ..stamps })?;
    row::changed_one("maintenance_schedules", diesel::update(target).set(row).execute(tx.conn)?)?;
    Ok(next)
}

/// Deletes a schedule. What is further away decides from then on. That of a car is in no list.
pub fn delete(tx: &mut Tx<'_>, schedule: &MaintenanceSchedule, now: Instant) -> Result<(), StoreError> {
    let (id, garage, vehicle) = owner(schedule).ok_or_else(not_stored)?;
    let target = maintenance_schedules::table
        .find(Key::from(id))
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::version.eq(schedule.version));
    row::changed_one("maintenance_schedules", diesel::delete(target).execute(tx.conn)?)?;
    match vehicle {
        Some(_) => Ok(()),
        None => removal::insert_all(tx, &[Removal::of_schedule(id, garage, now)]),
    }
}

/// One of a garage's schedules; those of single cars are not among them.
pub fn find(tx: &mut Tx<'_>, garage: GarageId, id: MaintenanceScheduleId) -> Result<Option<Stamped>, StoreError> {
    let row: Option<Row> = maintenance_schedules::table
        .find(Key::from(id))
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::vehicle_id.is_null())
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// All schedules of a garage, besides those of single cars.
pub fn of_garage(tx: &mut Tx<'_>, garage: GarageId) -> Result<Vec<MaintenanceSchedule>, StoreError> {
    let rows: Vec<Row> = maintenance_schedules::table
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::vehicle_id.is_null())
        .order(maintenance_schedules::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
}

/// The schedules of a garage and those that it made for one car, in one query. With the platform's, they are what
/// `domain::maintenance_schedule::choose` chooses from.
pub fn of_car(
    tx: &mut Tx<'_>,
    garage: GarageId,
    vehicle: Found<VehicleId>,
) -> Result<Vec<MaintenanceSchedule>, StoreError> {
    let car = Key::from(*vehicle);
    let rows: Vec<Row> = maintenance_schedules::table
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::vehicle_id.is_null().or(maintenance_schedules::vehicle_id.eq(car)))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
}

/// The schedules that a garage made for each of many cars by itself.
pub fn of_cars(
    tx: &mut Tx<'_>,
    garage: GarageId,
    cars: &Cars,
) -> Result<HashMap<VehicleId, Vec<MaintenanceSchedule>>, StoreError> {
    let found: Vec<Row> = load_of_cars!(
        tx,
        maintenance_schedules::table
            .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
            .select(Row::as_select()),
        maintenance_schedules::vehicle_id = vehicle in cars
    );
    let mut schedules: HashMap<VehicleId, Vec<MaintenanceSchedule>> = HashMap::new();
    for row in found {
        if let Some(vehicle) = row.vehicle_id {
            schedules.entry(vehicle.into()).or_default().push(row.read()?.0);
        }
    }
    Ok(schedules)
}

/// What a garage made for one car and one task.
pub fn find_of_car(
    tx: &mut Tx<'_>,
    garage: GarageId,
    vehicle: Found<VehicleId>,
    task: TaskKey,
) -> Result<Option<Stamped>, StoreError> {
    let row: Option<Row> = maintenance_schedules::table
        .filter(maintenance_schedules::vehicle_id.eq(Key::from(*vehicle)))
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::task.eq(task.as_str()))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Which of a garage's schedules to list.
#[derive(Clone, Debug, Default)]
pub struct ScheduleFilter {
    /// Only those of one of these tasks; none for all.
    pub tasks: Option<Vec<TaskKey>>,
    /// Only those that can be for a car on this fuel, as far as their limits say.
    pub fuel: Option<Fuel>,
}

/// A garage's schedules in the order in which they were made, without those of single cars.
pub fn list(
    tx: &mut Tx<'_>,
    garage: GarageId,
    filter: &ScheduleFilter,
    request: &PageRequest<MaintenanceScheduleId>,
) -> Result<Page<Stamped, MaintenanceScheduleId>, StoreError> {
    let mut query = maintenance_schedules::table
        .filter(maintenance_schedules::garage_id.eq(Key::from(garage)))
        .filter(maintenance_schedules::vehicle_id.is_null())
        .order(maintenance_schedules::id)
        .limit(request.sql_limit())
        .select(Row::as_select())
        .into_boxed();
    if let Some(tasks) = &filter.tasks {
        query = query.filter(maintenance_schedules::task.eq_any(tasks.iter().map(|task| task.as_str())));
    }
    if let Some(fuel) = filter.fuel {
        let limit = maintenance_schedules::fuel;
        query = query.filter(limit.is_null().or(limit.eq(fuel.code())));
    }
    if let Some(after) = request.after {
        query = query.filter(maintenance_schedules::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(maintenance_schedules::updated_at.ge(Time(since)));
    }
    let found: Vec<Row> = query.load(tx.conn)?;
    let mut items: Vec<(MaintenanceScheduleId, Stamped)> = vec![];
    for row in found {
        items.push((row.id.into(), row.read()?));
    }
    let page = request.page(items, |(id, _)| *id);
    Ok(Page { items: page.items.into_iter().map(|(_, stamped)| stamped).collect(), next: page.next })
}

/// What a schedule must know about a car, and what makes its use severe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCar {
    /// The car.
    pub car: ScheduledCar,
    /// What makes its use severe.
    pub severe_use: BTreeSet<SevereUse>,
}

/// What is known of cars: by their passports, their customers and the register.
macro_rules! known_cars {
    () => {
        passports::table
            .left_join(customers::table)
            .left_join(
                registrations::table
                    .on(registrations::country.eq(passports::country).and(registrations::plate.eq(passports::plate))),
            )
            .select((
                (passports::id, passports::make, passports::model, passports::fuel, passports::year),
                (customers::km_per_year, customers::usage, customers::severe_use).nullable(),
                registrations::data.nullable(),
            ))
    };
}

type PassportColumns = (Key, Option<String>, Option<String>, Option<String>, Option<i64>);
type KnownColumns = (PassportColumns, Option<customer::DrivingColumns>, Option<String>);

fn read_known(((id, make, model, fuel, year), driving, data): KnownColumns) -> Result<KnownCar, StoreError> {
    let reading = Reading { table: "passports", id: id.0 };
    let register: Option<RegisterData> = match &data {
        Some(text) => {
            Some(serde_json::from_str(text).map_err(|_| reading.corrupt("registrations.data", "of its plate"))?)
        }
        None => None,
    };
    let driving = driving.map(|columns| customer::driving(reading, columns)).transpose()?;
    let fuel = reading.optional("fuel", fuel.as_ref(), Fuel::from_code)?;
    let car = ScheduledCar { make, model, fuel, year, usage: None };
    Ok(KnownCar {
        car: car.completed(register.as_ref(), driving.as_ref()),
        severe_use: severe_use(register.as_ref(), driving.as_ref()),
    })
}

/// What a schedule must know about the car of a passport, in one query.
pub fn car(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<KnownCar, StoreError> {
    let columns: KnownColumns = on_each!(tx, connection => {
        known_cars!().filter(passports::id.eq(Key::from(*passport))).first(connection)?
    });
    read_known(columns)
}

/// How many of a garage's cars are counted, of those whose passport is in use. They are read in batches in the order of the
/// index, so that no more than a batch is in memory.
pub fn count_cars_in_use(
    tx: &mut Tx<'_>,
    garage: GarageId,
    is_counted: impl Fn(&ScheduledCar) -> bool,
) -> Result<usize, StoreError> {
    let (mut count, mut after) = (0, Key(uuid::Uuid::nil()));
    loop {
        let rows: Vec<KnownColumns> = on_each!(tx, connection => {
            known_cars!()
                .filter(passports::garage_id.eq(Key::from(garage)))
                .filter(passports::id.gt(after))
                .filter(passports::status.ne("archived"))
                .order(passports::id)
                .limit(row::BATCH)
                .load(connection)?
        });
        let is_last = i64::try_from(rows.len()).is_ok_and(|found| found < row::BATCH);
        for row in rows {
            after = row.0.0;
            count += usize::from(is_counted(&read_known(row)?.car));
        }
        if is_last {
            return Ok(count);
        }
    }
}
