//! The odometer ledgers, one for each vehicle, whichever passports it has had (rule P8). They only grow (rule OD1); the database
//! itself refuses to change or delete their rows.

use crate::{
    cars::{Cars, load_of_cars},
    connection::insert_all,
    error::StoreError,
    former_car::FormerCar,
    page::{Page, PageRequest},
    row::Reading,
    schema::{accounts, earlier_vehicles, odometer_readings},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use domain::{
    ids::{OdometerReadingId, PassportId, VehicleId},
    odometer::{CounterStart, Distance, DistanceUnit, OdometerReading, ReadingSource},
};
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = odometer_readings, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    passport_id: Key,
    value: i64,
    unit: String,
    km: i64,
    read_on: Day,
    recorded_at: Time,
    source: String,
    recorded_by: Option<Key>,
    replaces_id: Option<Key>,
    counter_start: Option<String>,
    confirmed: bool,
    vehicle_id: Key,
}

impl Row {
    fn new((passport, vehicle): (PassportId, VehicleId), reading: &OdometerReading) -> Self {
        Self {
            id: reading.id.into(),
            passport_id: passport.into(),
            value: reading.shown.value(),
            unit: reading.shown.unit().code().to_owned(),
            km: reading.shown.km(),
            read_on: Day(reading.read_on),
            recorded_at: reading.recorded_at.into(),
            source: reading.source.code().to_owned(),
            recorded_by: reading.by.map(Key::from),
            replaces_id: reading.replaces.map(Key::from),
            counter_start: reading.start.map(|start| start.code().to_owned()),
            confirmed: reading.confirmed,
            vehicle_id: vehicle.into(),
        }
    }

    fn read(self) -> Result<OdometerReading, StoreError> {
        let reading = Reading { table: "odometer_readings", id: self.id.0 };
        let unit = reading.column("unit", &self.unit, DistanceUnit::from_code)?;
        let shown = Distance::new(self.value, unit).ok().filter(|shown| shown.km() == self.km);
        Ok(OdometerReading {
            id: self.id.into(),
            shown: shown.ok_or_else(|| reading.corrupt("value", self.value.to_string()))?,
            read_on: self.read_on.0,
            recorded_at: self.recorded_at.0,
            source: reading.column("source", &self.source, ReadingSource::from_code)?,
            by: self.recorded_by.map(Into::into),
            replaces: self.replaces_id.map(Into::into),
            start: reading.optional("counter_start", self.counter_start.as_ref(), CounterStart::from_code)?,
            confirmed: self.confirmed,
        })
    }
}

/// A reading as it is shown, with the name of the account that recorded it.
pub type ReadingView = (OdometerReading, Option<String>);

type ViewRow = (Row, Option<String>);

/// Stores a reading in the ledger of a vehicle, recorded in this passport of it.
pub fn insert(
    tx: &mut Tx<'_>,
    car: Found<(PassportId, VehicleId)>,
    reading: &OdometerReading,
) -> Result<(), StoreError> {
    diesel::insert_into(odometer_readings::table).values(Row::new(*car, reading)).execute(tx.conn)?;
    Ok(())
}

/// A reading to be stored, with the passport in which it was recorded and the vehicle.
pub type NewReading = ((PassportId, VehicleId), OdometerReading);

/// Stores readings in the ledgers of vehicles whose passports were found or stored in the same transaction.
pub fn insert_all(tx: &mut Tx<'_>, readings: &[NewReading]) -> Result<(), StoreError> {
    let rows: Vec<Row> = readings.iter().map(|(car, reading)| Row::new(*car, reading)).collect();
    insert_all!(tx, odometer_readings::table, rows);
    Ok(())
}

/// The whole ledger of a vehicle, in the order in which the readings were recorded.
pub fn ledger(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Vec<OdometerReading>, StoreError> {
    let rows: Vec<Row> = odometer_readings::table
        .filter(odometer_readings::vehicle_id.eq(Key::from(*vehicle)))
        .order(odometer_readings::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The whole ledgers of many vehicles, each in the order in which the readings were recorded.
pub fn ledgers(tx: &mut Tx<'_>, cars: &Cars) -> Result<HashMap<VehicleId, Vec<OdometerReading>>, StoreError> {
    let rows: Vec<Row> = load_of_cars!(
        tx,
        odometer_readings::table.select(Row::as_select()),
        odometer_readings::vehicle_id = vehicle in cars
    );
    let mut ledgers: HashMap<VehicleId, Vec<OdometerReading>> = HashMap::new();
    for row in rows {
        ledgers.entry(row.vehicle_id.into()).or_default().push(row.read()?);
    }
    for ledger in ledgers.values_mut() {
        ledger.sort_unstable_by_key(|reading| reading.id);
    }
    Ok(ledgers)
}

/// The readings of the same car that were recorded of other vehicles: when another garage had it, or before the garage made a vehicle of
/// it anew. Nobody is shown them, but a verdict knows of them (rule P8).
pub fn ledger_before(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Vec<OdometerReading>, StoreError> {
    let rows: Vec<Row> = odometer_readings::table
        .inner_join(earlier_vehicles::table.on(earlier_vehicles::earlier_id.eq(odometer_readings::vehicle_id)))
        .filter(earlier_vehicles::vehicle_id.eq(Key::from(*vehicle)))
        .order(odometer_readings::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// One reading of a vehicle.
pub fn find(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: OdometerReadingId,
) -> Result<Option<ReadingView>, StoreError> {
    let found: Option<ViewRow> = odometer_readings::table
        .left_join(accounts::table)
        .filter(odometer_readings::id.eq(Key::from(id)))
        .filter(odometer_readings::vehicle_id.eq(Key::from(*vehicle)))
        .select((Row::as_select(), accounts::name.nullable()))
        .first(tx.conn)
        .optional()?;
    found.map(|(row, name)| Ok((row.read()?, name))).transpose()
}

/// A page of readings with the names of who recorded them, in the order in which they were recorded.
macro_rules! page {
    ($tx:expr, $readings:expr, $request:expr) => {{
        let mut query = $readings
            .left_join(accounts::table)
            .order(odometer_readings::id)
            .limit($request.sql_limit())
            .select((Row::as_select(), accounts::name.nullable()))
            .into_boxed();
        if let Some(after) = $request.after {
            query = query.filter(odometer_readings::id.gt(Key::from(after)));
        }
        if let Some(since) = $request.updated_since {
            query = query.filter(odometer_readings::recorded_at.ge(Time(since)));
        }
        let found: Vec<ViewRow> = query.load($tx.conn)?;
        let items =
            found.into_iter().map(|(row, name)| Ok((row.read()?, name))).collect::<Result<Vec<_>, StoreError>>()?;
        Ok($request.page(items, |(reading, _)| reading.id))
    }};
}

/// A page of the ledger of a vehicle, in the order in which the readings were recorded.
pub fn list(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    request: &PageRequest<OdometerReadingId>,
) -> Result<Page<ReadingView, OdometerReadingId>, StoreError> {
    let of_vehicle = odometer_readings::table.filter(odometer_readings::vehicle_id.eq(Key::from(*vehicle)));
    page!(tx, of_vehicle, request)
}

/// A page of the readings that an account entered itself of a car that it has no longer (rule P16), in the order in which they
/// were recorded.
pub fn list_entered(
    tx: &mut Tx<'_>,
    car: &Found<FormerCar>,
    request: &PageRequest<OdometerReadingId>,
) -> Result<Page<ReadingView, OdometerReadingId>, StoreError> {
    let entered = odometer_readings::table
        .filter(odometer_readings::passport_id.eq(Key::from(car.passport_id)))
        // Written as in the index of what drivers and fleets entered, so that the database sees that it can use that index.
        .filter(sql::<Bool>("odometer_readings.source IN ('driver', 'fleet')"))
        .filter(odometer_readings::recorded_by.eq(Key::from(car.account_id)));
    page!(tx, entered, request)
}
