//! What is on record of a car: its schedules, the readings of its odometer, what was done to it, found on it and said about
//! it. One query
//! reads all of it, since a driver waits for it: a row for each thing, whose columns mean what its kind says.

use crate::{
    cars::{Cars, OfEach},
    connection::{AnyConnection, on_each},
    error::StoreError,
    maintenance::{maintenance_schedule, recommendation::read_found},
    row::Reading,
    schema::{
        apk_entries, earlier_vehicles, maintenance_schedules, odometer_readings, recommendations, service_indicators,
        service_lines, service_records, vehicle_check_findings, vehicle_checks,
    },
    scope::Found,
    sql_types::{CalendarDay, Day, Id, Key, Moment, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    apk::GarageExpiry,
    expected_maintenance::{CarRecords, Measured, OpenAdvice, ServiceIndicator, TaskDone},
    ids::VehicleId,
    maintenance_schedule::MaintenanceSchedule,
    odometer::{CounterStart, Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::Passport,
    recommendation::{Advice, Urgency},
    service_task::{Position, TaskKey},
};
use std::collections::HashMap;

/// One thing that is on record of a car: what kind it is, its id and that of another, words, of which car it is, numbers, its
/// day and instant. What each means depends on the kind. Of which car it is, is said when many are asked about.
type Columns = (
    String,
    Option<Key>,
    Option<Key>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Key>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<Day>,
    Option<Time>,
    ScheduleColumns,
);

/// What only a maintenance schedule has: fuel, usage and what it counts from; from which year to which, and the months and
/// kilometres until the first time. The first two words of advice are its position and what was found, and its day is the
/// one on which it was advised.
type ScheduleColumns = (
    (Option<String>, Option<String>, Option<String>),
    (Option<i64>, Option<i64>, Option<i64>, Option<i64>),
    Option<Day>,
);

/// What is absent in a row of one kind.
macro_rules! none {
    (id) => {
        None::<Key>.into_sql::<Nullable<Id>>()
    };
    (word) => {
        None::<String>.into_sql::<Nullable<Text>>()
    };
    (number) => {
        None::<i64>.into_sql::<Nullable<BigInt>>()
    };
    (day) => {
        None::<Day>.into_sql::<Nullable<CalendarDay>>()
    };
    (time) => {
        None::<Time>.into_sql::<Nullable<Moment>>()
    };
    (schedule) => {
        (
            (none!(word), none!(word), none!(word)),
            (none!(number), none!(number), none!(number), none!(number)),
            none!(day),
        )
    };
}

macro_rules! kind {
    ($kind:literal) => {
        $kind.into_sql::<Text>()
    };
}

/// The columns of a reading of the odometer. `$car` is what the row says of which car it is.
macro_rules! reading {
    ($kind:literal, $car:expr) => {
        (
            kind!($kind),
            odometer_readings::id.nullable(),
            odometer_readings::replaces_id,
            odometer_readings::counter_start,
            none!(word),
            none!(word),
            $car,
            odometer_readings::km.nullable(),
            none!(number),
            none!(number),
            odometer_readings::read_on.nullable(),
            odometer_readings::recorded_at.nullable(),
            none!(schedule),
        )
    };
}

/// The statement about a vehicle. `car` is what its rows say of which car they are.
macro_rules! all {
    (vehicle: $vehicle:expr, car: $car:expr) => {{
        let (later_record, later_check) =
            diesel::alias!(service_records as later_record, vehicle_checks as later_check);
        let is_corrected = || {
            exists(
                later_record
                    .filter(later_record.field(service_records::replaces_id).eq(service_records::id.nullable())),
            )
        };
        let is_replaced = || {
            exists(
                later_check
                    .filter(later_check.field(vehicle_checks::replaces_id).eq(vehicle_checks::id.nullable()))
                    .filter(later_check.field(vehicle_checks::completed_at).is_not_null()),
            )
        };
        let latest_check = later_check
            .filter(later_check.field(vehicle_checks::vehicle_id).eq($vehicle))
            .filter(later_check.field(vehicle_checks::completed_at).is_not_null())
            .order(later_check.field(vehicle_checks::completed_at).desc())
            .select(later_check.field(vehicle_checks::id))
            .limit(1)
            .single_value();
        let latest_entry = {
            let later = diesel::alias!(apk_entries as later_entry);
            later
                .filter(later.field(apk_entries::vehicle_id).eq($vehicle))
                .order(later.field(apk_entries::id).desc())
                .select(later.field(apk_entries::id))
                .limit(1)
                .single_value()
        };
        let readings = odometer_readings::table
            .filter(odometer_readings::vehicle_id.eq($vehicle))
            .select(reading!("reading", $car));
        let before = odometer_readings::table
            .inner_join(earlier_vehicles::table.on(earlier_vehicles::earlier_id.eq(odometer_readings::vehicle_id)))
            .filter(earlier_vehicles::vehicle_id.eq($vehicle))
            .select(reading!("reading_before", $car));
        let done = service_records::table
            .inner_join(service_lines::table)
            .filter(service_records::vehicle_id.eq($vehicle))
            .filter(service_lines::task.is_not_null())
            .filter(service_lines::quantity.not_like("-%"))
            .filter(service_lines::net_cents.is_null().or(service_lines::net_cents.ge(0)))
            .filter(not(is_corrected()))
            .select((
                kind!("done"),
                none!(id),
                none!(id),
                service_lines::task,
                none!(word),
                none!(word),
                $car,
                service_records::odometer_km,
                none!(number),
                none!(number),
                service_records::done_on.nullable(),
                none!(time),
                none!(schedule),
            ))
            .distinct();
        let indicators = service_indicators::table.filter(service_indicators::vehicle_id.eq($vehicle)).select((
            kind!("indicator"),
            none!(id),
            none!(id),
            service_indicators::task.nullable(),
            none!(word),
            none!(word),
            $car,
            service_indicators::km,
            service_indicators::days_left,
            service_indicators::km_left,
            service_indicators::read_on.nullable(),
            none!(time),
            none!(schedule),
        ));
        let list = vehicle_checks::table.filter(vehicle_checks::id.nullable().eq(latest_check)).select((
            kind!("list"),
            vehicle_checks::id.nullable(),
            none!(id),
            vehicle_checks::list.nullable(),
            none!(word),
            none!(word),
            $car,
            none!(number),
            none!(number),
            none!(number),
            none!(day),
            none!(time),
            none!(schedule),
        ));
        let measured = vehicle_check_findings::table
            .inner_join(vehicle_checks::table)
            .filter(vehicle_checks::vehicle_id.eq($vehicle))
            .filter(vehicle_checks::completed_at.is_not_null())
            .filter(vehicle_checks::odometer_km.is_not_null())
            .filter(vehicle_check_findings::measured.is_not_null())
            .filter(not(is_replaced()))
            .select((
                kind!("measured"),
                vehicle_checks::id.nullable(),
                none!(id),
                vehicle_check_findings::item.nullable(),
                vehicle_check_findings::position.nullable(),
                vehicle_check_findings::measured,
                $car,
                vehicle_checks::odometer_km,
                none!(number),
                none!(number),
                vehicle_checks::checked_on,
                none!(time),
                none!(schedule),
            ));
        let advices = recommendations::table
            .filter(recommendations::vehicle_id.eq($vehicle))
            .filter(recommendations::ended_at.is_null())
            .select((
                kind!("advice"),
                recommendations::id.nullable(),
                none!(id),
                recommendations::task,
                recommendations::urgency.nullable(),
                recommendations::advice.nullable(),
                $car,
                none!(number),
                none!(number),
                none!(number),
                recommendations::expected_on,
                none!(time),
                (
                    (recommendations::position, recommendations::found.nullable(), none!(word)),
                    (none!(number), none!(number), none!(number), none!(number)),
                    recommendations::advised_on.nullable(),
                ),
            ));
        let entry = apk_entries::table.filter(apk_entries::id.nullable().eq(latest_entry)).select((
            kind!("apk"),
            apk_entries::id.nullable(),
            none!(id),
            none!(word),
            none!(word),
            none!(word),
            $car,
            none!(number),
            none!(number),
            none!(number),
            apk_entries::expires_on.nullable(),
            apk_entries::entered_at.nullable(),
            none!(schedule),
        ));
        readings
            .union_all(before)
            .union_all(done)
            .union_all(indicators)
            .union_all(list)
            .union_all(measured)
            .union_all(advices)
            .union_all(entry)
    }};
}

/// What a car is judged by.
#[derive(Clone, Debug, Default)]
pub struct OnRecord {
    /// The maintenance schedules of its garage, and those that the garage made for the car; none when many cars are asked about.
    pub schedules: Vec<MaintenanceSchedule>,
    /// The readings of its odometer, in the order in which they were recorded.
    pub readings: Vec<OdometerReading>,
    /// Those of the same car that were recorded of other vehicles (rule P8). Nobody is shown them.
    pub readings_before: Vec<OdometerReading>,
    /// What was done to it, found on it and said about it.
    pub records: CarRecords,
}

/// What is on record of each of many cars.
type OfCars = HashMap<VehicleId, OnRecord>;

/// What a car is judged by: in one query, since a driver waits for it.
pub fn records(tx: &mut Tx<'_>, passport: &Found<Passport>) -> Result<OnRecord, StoreError> {
    let garage = Key::from(passport.garage_id);
    let vehicle = Key::from(*passport.vehicle_id());
    let schedules = maintenance_schedules::table
        .filter(maintenance_schedules::garage_id.eq(garage))
        .filter(maintenance_schedules::vehicle_id.is_null().or(maintenance_schedules::vehicle_id.eq(vehicle)))
        .select((
            SCHEDULE.into_sql::<Text>(),
            maintenance_schedules::id.nullable(),
            maintenance_schedules::vehicle_id,
            maintenance_schedules::task.nullable(),
            maintenance_schedules::make,
            maintenance_schedules::model,
            none!(id),
            maintenance_schedules::km,
            maintenance_schedules::months,
            maintenance_schedules::version.nullable(),
            none!(day),
            maintenance_schedules::created_at.nullable(),
            (
                (maintenance_schedules::fuel, maintenance_schedules::usage, maintenance_schedules::counts_from),
                (
                    maintenance_schedules::year_from,
                    maintenance_schedules::year_to,
                    maintenance_schedules::first_months,
                    maintenance_schedules::first_km,
                ),
                none!(day),
            ),
        ));
    let all = all!(vehicle: vehicle, car: none!(id)).union_all(schedules);
    let found: Vec<Columns> = on_each!(tx, connection => all.load(connection)?);
    let mut on_record = OnRecord::default();
    for columns in found {
        if columns.0 == SCHEDULE {
            on_record.schedules.push(read_schedule(columns, garage)?);
        } else {
            read_record(columns, vehicle, &mut on_record)?;
        }
    }
    on_record.sort();
    Ok(on_record)
}

/// The same for many cars: on PostgreSQL in one query too.
pub fn records_of_all(tx: &mut Tx<'_>, cars: &Cars) -> Result<OfCars, StoreError> {
    let found: Vec<Columns> = match &mut *tx.conn {
        AnyConnection::Postgres(connection) => {
            let vehicle = || sql::<Id>("wanted.vehicle");
            let car = || sql::<Nullable<Id>>("wanted.vehicle");
            let query = all!(vehicle: vehicle(), car: car());
            OfEach { cars, query }.load(connection)?
        }
        AnyConnection::Sqlite(connection) => {
            let mut found = vec![];
            for vehicle in cars.vehicles.iter().copied() {
                let car = || Some(vehicle).into_sql::<Nullable<Id>>();
                let all = all!(vehicle: vehicle, car: car());
                found.extend(all.load::<Columns>(connection)?);
            }
            found
        }
    };
    let mut of_cars = OfCars::new();
    for columns in found {
        let vehicle = columns.6.ok_or_else(|| StoreError::Internal("a row of no car".into()))?;
        read_record(columns, vehicle, of_cars.entry(vehicle.into()).or_default())?;
    }
    of_cars.values_mut().for_each(OnRecord::sort);
    Ok(of_cars)
}

impl OnRecord {
    fn sort(&mut self) {
        self.readings.sort_unstable_by_key(|reading| reading.id);
        self.readings_before.sort_unstable_by_key(|reading| reading.id);
        self.records.advices.sort_unstable_by_key(|advice| advice.id);
    }
}

/// The kind of a row that is a schedule.
const SCHEDULE: &str = "schedule";

/// Reads the row of a schedule of a garage.
fn read_schedule(columns: Columns, garage: Key) -> Result<MaintenanceSchedule, StoreError> {
    let (_, id, vehicle_id, task, make, model, _, km, months, version, _, time, (words, numbers, _)) = columns;
    let (Some(id), Some(task), Some(version), Some(time)) = (id, task, version, time) else {
        return Err(StoreError::Internal("a row of a schedule lacks what each has".into()));
    };
    let ((fuel, usage, counts_from), (year_from, year_to, first_months, first_km)) = (words, numbers);
    let row = maintenance_schedule::Row {
        id,
        garage_id: garage,
        vehicle_id,
        task,
        make,
        model,
        fuel,
        year_from,
        year_to,
        usage,
        counts_from,
        first_months,
        first_km,
        months,
        km,
        version,
        created_at: time,
        updated_at: time,
    };
    Ok(row.read()?.0)
}

/// Reads one row, and adds what it says.
fn read_record(columns: Columns, vehicle: Key, on_record: &mut OnRecord) -> Result<(), StoreError> {
    let (kind, id, other, first, second, third, _, km, number, more, day, time, more_columns) = columns;
    let OnRecord { readings, readings_before, records, .. } = on_record;
    let key = id.unwrap_or(vehicle);
    let id = key.0;
    let at = |table| Reading { table, id };
    let task = |table| at(table).optional("task", first.as_ref(), TaskKey::find);
    let lacks = |table| at(table).corrupt("id", kind.as_str());
    match kind.as_str() {
        "reading" | "reading_before" => {
            let shown = km.and_then(|km| Distance::new(km, DistanceUnit::Km).ok());
            let (Some(shown), Some(day), Some(time)) = (shown, day, time) else {
                return Err(lacks("odometer_readings"));
            };
            let ledger = if kind == "reading" { readings } else { readings_before };
            ledger.push(OdometerReading {
                id: id.into(),
                shown,
                read_on: day.0,
                recorded_at: time.0,
                // Who read it says nothing about the car.
                source: ReadingSource::Garage,
                by: None,
                replaces: other.map(Into::into),
                start: at("odometer_readings").optional("counter_start", first.as_ref(), CounterStart::from_code)?,
                confirmed: false,
            });
        }
        "done" => {
            let (Some(task), Some(day)) = (task("service_lines")?, day) else { return Err(lacks("service_lines")) };
            records.done.push(TaskDone { task, on: day.0, km });
        }
        "indicator" => {
            let table = "service_indicators";
            let (Some(task), Some(day)) = (task(table)?, day) else { return Err(lacks(table)) };
            records.indicators.push((task, ServiceIndicator { read_on: day.0, km, days_left: number, km_left: more }));
        }
        "list" => {
            let text = first.unwrap_or_default();
            let list = at("vehicle_checks").column("list", &text, |text| serde_json::from_str(text).ok())?;
            records.list = Some(list);
        }
        "measured" => {
            let value = third.unwrap_or_default();
            let value = at("vehicle_check_findings").column("measured", &value, |value| value.parse().ok())?;
            let (Some(item), Some(km), Some(day)) = (first, km, day) else {
                return Err(lacks("vehicle_check_findings"));
            };
            let place = (item, second.filter(|position| !position.is_empty()));
            records.measured.push((place, Measured { on: day.0, km, value }));
        }
        "advice" => {
            let table = "recommendations";
            let ((position, found, _), _, advised_on) = more_columns;
            let Some(advised_on) = advised_on else { return Err(lacks(table)) };
            let advice = Advice {
                task: task(table)?,
                position: at(table).optional("position", position.as_ref(), Position::from_code)?,
                urgency: at(table).column("urgency", &second.unwrap_or_default(), Urgency::from_code)?,
                text: third.unwrap_or_default(),
                found: read_found(&at(table), &found.unwrap_or_default())?,
                expected_on: day.map(|day| day.0),
            };
            records.advices.push(OpenAdvice { id: id.into(), advice, advised_on: advised_on.0 });
        }
        _ => {
            let (Some(day), Some(time)) = (day, time) else { return Err(lacks("apk_entries")) };
            records.garage_expiry = Some(GarageExpiry { expires_on: day.0, entered_at: time.0 });
        }
    }
    Ok(())
}
