//! What is on record of a car: its schedules, the readings of its odometer, what was done to it, found on it and said about
//! it. One query
//! reads all of it, since a driver waits for it: a row for each thing, whose columns mean what its kind says.

use crate::{
    connection::on_each,
    error::StoreError,
    maintenance::{maintenance_schedule, recommendation::read_found},
    row::Reading,
    schema::{
        apk_entries, maintenance_schedules, odometer_readings, recommendations, service_indicators, service_lines,
        service_records, vehicle_check_findings, vehicle_checks,
    },
    scope::Found,
    sql_types::{CalendarDay, Day, Id, Key, Moment, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    apk::GarageExpiry,
    expected_maintenance::{CarRecords, Measured, OpenAdvice, ServiceIndicator, TaskDone},
    maintenance_schedule::MaintenanceSchedule,
    odometer::{CounterStart, Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::Passport,
    recommendation::{Advice, Urgency},
    service_task::{Position, TaskKey},
};
use jiff::tz::TimeZone;

/// One thing that is on record of a car: what kind it is, its id and that of another, words, numbers, its day and instant.
/// What each means depends on the kind.
type Columns = (
    String,
    Option<Key>,
    Option<Key>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<Day>,
    Option<Time>,
    ScheduleColumns,
);

/// What only a maintenance schedule has: fuel, usage and what it counts from; from which year to which, and the months and
/// kilometres until the first time. The first two words of advice are its position and what was found.
type ScheduleColumns =
    ((Option<String>, Option<String>, Option<String>), (Option<i64>, Option<i64>, Option<i64>, Option<i64>));

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
        ((none!(word), none!(word), none!(word)), (none!(number), none!(number), none!(number), none!(number)))
    };
}

macro_rules! kind {
    ($kind:literal) => {
        $kind.into_sql::<Text>()
    };
}

/// What a car is judged by.
#[derive(Clone, Debug, Default)]
pub struct OnRecord {
    /// The maintenance schedules of its garage, and those that the garage made for the car.
    pub schedules: Vec<MaintenanceSchedule>,
    /// The readings of its odometer, in the order in which they were recorded.
    pub readings: Vec<OdometerReading>,
    /// What was done to it, found on it and said about it.
    pub records: CarRecords,
}

/// What a car is judged by: in one query, since a driver waits for it.
#[expect(clippy::too_many_lines, reason = "it is one statement, whose parts have the same columns")]
pub fn records(tx: &mut Tx<'_>, passport: &Found<Passport>) -> Result<OnRecord, StoreError> {
    let garage = Key::from(passport.garage_id);
    let (passport, vehicle) = (Key::from(*passport.passport_id()), Key::from(*passport.vehicle_id()));
    let (later_record, later_check) = diesel::alias!(service_records as later_record, vehicle_checks as later_check);
    let is_corrected = || {
        exists(later_record.filter(later_record.field(service_records::replaces_id).eq(service_records::id.nullable())))
    };
    let is_replaced = || {
        exists(
            later_check
                .filter(later_check.field(vehicle_checks::replaces_id).eq(vehicle_checks::id.nullable()))
                .filter(later_check.field(vehicle_checks::completed_at).is_not_null()),
        )
    };
    let latest_check = later_check
        .filter(later_check.field(vehicle_checks::vehicle_id).eq(vehicle))
        .filter(later_check.field(vehicle_checks::completed_at).is_not_null())
        .order(later_check.field(vehicle_checks::completed_at).desc())
        .select(later_check.field(vehicle_checks::id))
        .limit(1)
        .single_value();
    let latest_entry = {
        let later = diesel::alias!(apk_entries as later_entry);
        later
            .filter(later.field(apk_entries::passport_id).eq(passport))
            .order(later.field(apk_entries::id).desc())
            .select(later.field(apk_entries::id))
            .limit(1)
            .single_value()
    };
    let readings = odometer_readings::table.filter(odometer_readings::passport_id.eq(passport)).select((
        kind!("reading"),
        odometer_readings::id.nullable(),
        odometer_readings::replaces_id,
        odometer_readings::counter_start,
        none!(word),
        none!(word),
        odometer_readings::km.nullable(),
        none!(number),
        none!(number),
        odometer_readings::read_on.nullable(),
        odometer_readings::recorded_at.nullable(),
        none!(schedule),
    ));
    let done = service_records::table
        .inner_join(service_lines::table)
        .filter(service_records::vehicle_id.eq(vehicle))
        .filter(service_lines::task.is_not_null())
        .filter(service_lines::quantity.not_like("-%"))
        .filter(not(is_corrected()))
        .select((
            kind!("done"),
            none!(id),
            none!(id),
            service_lines::task,
            none!(word),
            none!(word),
            service_records::odometer_km,
            none!(number),
            none!(number),
            service_records::done_on.nullable(),
            none!(time),
            none!(schedule),
        ))
        .distinct();
    let indicators = service_indicators::table.filter(service_indicators::vehicle_id.eq(vehicle)).select((
        kind!("indicator"),
        none!(id),
        none!(id),
        service_indicators::task.nullable(),
        none!(word),
        none!(word),
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
        none!(number),
        none!(number),
        none!(number),
        none!(day),
        none!(time),
        none!(schedule),
    ));
    let measured = vehicle_check_findings::table
        .inner_join(vehicle_checks::table)
        .filter(vehicle_checks::vehicle_id.eq(vehicle))
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
            vehicle_checks::odometer_km,
            none!(number),
            none!(number),
            vehicle_checks::checked_on,
            none!(time),
            none!(schedule),
        ));
    let advices = recommendations::table
        .filter(recommendations::vehicle_id.eq(vehicle))
        .filter(recommendations::ended_at.is_null())
        .select((
            kind!("advice"),
            recommendations::id.nullable(),
            none!(id),
            recommendations::task,
            recommendations::urgency.nullable(),
            recommendations::advice.nullable(),
            none!(number),
            none!(number),
            none!(number),
            recommendations::expected_on,
            recommendations::made_at.nullable(),
            (
                (recommendations::position, recommendations::found.nullable(), none!(word)),
                (none!(number), none!(number), none!(number), none!(number)),
            ),
        ));
    let entry = apk_entries::table.filter(apk_entries::id.nullable().eq(latest_entry)).select((
        kind!("apk"),
        apk_entries::id.nullable(),
        none!(id),
        none!(word),
        none!(word),
        none!(word),
        none!(number),
        none!(number),
        none!(number),
        apk_entries::expires_on.nullable(),
        apk_entries::entered_at.nullable(),
        none!(schedule),
    ));
    let schedules = maintenance_schedules::table
        .filter(maintenance_schedules::garage_id.eq(garage))
        .filter(maintenance_schedules::vehicle_id.is_null().or(maintenance_schedules::vehicle_id.eq(vehicle)))
        .select((
            kind!("schedule"),
            maintenance_schedules::id.nullable(),
            maintenance_schedules::vehicle_id,
            maintenance_schedules::task.nullable(),
            maintenance_schedules::make,
            maintenance_schedules::model,
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
            ),
        ));
    let all = readings
        .union_all(done)
        .union_all(indicators)
        .union_all(list)
        .union_all(measured)
        .union_all(advices)
        .union_all(entry)
        .union_all(schedules);
    let found: Vec<Columns> = on_each!(tx, connection => all.load(connection)?);
    let mut on_record = OnRecord::default();
    for columns in found {
        read_record(columns, (garage, vehicle), &mut on_record)?;
    }
    on_record.readings.sort_by_key(|reading| reading.id);
    on_record.records.advices.sort_by_key(|advice| advice.id);
    Ok(on_record)
}

/// Reads one row, and adds what it says.
fn read_record(columns: Columns, (garage, vehicle): (Key, Key), on_record: &mut OnRecord) -> Result<(), StoreError> {
    let (kind, id, other, first, second, third, km, number, more, day, time, of_schedule) = columns;
    let OnRecord { schedules, readings, records } = on_record;
    let key = id.unwrap_or(vehicle);
    let (id_of, id) = (id, key.0);
    let at = |table| Reading { table, id };
    let task = |table| at(table).optional("task", first.as_ref(), TaskKey::find);
    let lacks = |table| at(table).corrupt("id", kind.as_str());
    match kind.as_str() {
        "reading" => {
            let shown = km.and_then(|km| Distance::new(km, DistanceUnit::Km).ok());
            let (Some(shown), Some(day), Some(time)) = (shown, day, time) else {
                return Err(lacks("odometer_readings"));
            };
            readings.push(OdometerReading {
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
            let Some(time) = time else { return Err(lacks(table)) };
            let ((position, found, _), _) = of_schedule;
            let advice = Advice {
                task: task(table)?,
                position: at(table).optional("position", position.as_ref(), Position::from_code)?,
                urgency: at(table).column("urgency", &second.unwrap_or_default(), Urgency::from_code)?,
                text: third.unwrap_or_default(),
                found: read_found(&at(table), &found.unwrap_or_default())?,
                expected_on: day.map(|day| day.0),
            };
            records.advices.push(OpenAdvice { id: id.into(), advice, made_on: time.0.to_zoned(TimeZone::UTC).date() });
        }
        "schedule" => {
            let table = "maintenance_schedules";
            let (Some(id), Some(task), Some(version), Some(time)) = (id_of, first, more, time) else {
                return Err(lacks(table));
            };
            let ((fuel, usage, counts_from), (year_from, year_to, first_months, first_km)) = of_schedule;
            let row = maintenance_schedule::Row {
                id,
                garage_id: garage,
                vehicle_id: other,
                task,
                make: second,
                model: third,
                fuel,
                year_from,
                year_to,
                usage,
                counts_from,
                first_months,
                first_km,
                months: number,
                km,
                version,
                created_at: time,
                updated_at: time,
            };
            schedules.push(row.read()?.0);
        }
        _ => {
            let (Some(day), Some(time)) = (day, time) else { return Err(lacks("apk_entries")) };
            records.garage_expiry = Some(GarageExpiry { expires_on: day.0, entered_at: time.0 });
        }
    }
    Ok(())
}
