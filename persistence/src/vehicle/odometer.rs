//! The odometer ledgers. They only grow (rule OD1); the database itself refuses to change or delete their rows.

use crate::{
    cars::{Cars, load_of_cars},
    connection::insert_all,
    error::StoreError,
    page::{Page, PageRequest},
    row::Reading,
    schema::{accounts, odometer_readings},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    ids::{OdometerReadingId, PassportId},
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
}

impl Row {
    fn new(passport: PassportId, reading: &OdometerReading) -> Self {
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

/// Stores a reading in the ledger of a passport.
pub fn insert(tx: &mut Tx<'_>, passport: Found<PassportId>, reading: &OdometerReading) -> Result<(), StoreError> {
    diesel::insert_into(odometer_readings::table).values(Row::new(*passport, reading)).execute(tx.conn)?;
    Ok(())
}

/// Stores readings in the ledgers of passports that were found or stored in the same transaction.
pub fn insert_all(tx: &mut Tx<'_>, readings: &[(PassportId, OdometerReading)]) -> Result<(), StoreError> {
    let rows: Vec<Row> = readings.iter().map(|(passport, reading)| Row::new(*passport, reading)).collect();
    insert_all!(tx, odometer_readings::table, rows);
    Ok(())
}

/// The whole ledger of a passport, in the order in which the readings were recorded.
pub fn ledger(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Vec<OdometerReading>, StoreError> {
    let rows: Vec<Row> = odometer_readings::table
        .filter(odometer_readings::passport_id.eq(Key::from(*passport)))
        .order(odometer_readings::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The whole ledgers of many passports, each in the order in which the readings were recorded.
pub fn ledgers(tx: &mut Tx<'_>, cars: &Cars) -> Result<HashMap<PassportId, Vec<OdometerReading>>, StoreError> {
    let rows: Vec<Row> = load_of_cars!(
        tx,
        odometer_readings::table.select(Row::as_select()),
        odometer_readings::passport_id = passport in cars
    );
    let mut ledgers: HashMap<PassportId, Vec<OdometerReading>> = HashMap::new();
    for row in rows {
        ledgers.entry(row.passport_id.into()).or_default().push(row.read()?);
    }
    for ledger in ledgers.values_mut() {
        ledger.sort_unstable_by_key(|reading| reading.id);
    }
    Ok(ledgers)
}

/// One reading of a passport.
pub fn find(
    tx: &mut Tx<'_>,
    passport: Found<PassportId>,
    id: OdometerReadingId,
) -> Result<Option<ReadingView>, StoreError> {
    let found: Option<ViewRow> = odometer_readings::table
        .left_join(accounts::table)
        .filter(odometer_readings::id.eq(Key::from(id)))
        .filter(odometer_readings::passport_id.eq(Key::from(*passport)))
        .select((Row::as_select(), accounts::name.nullable()))
        .first(tx.conn)
        .optional()?;
    found.map(|(row, name)| Ok((row.read()?, name))).transpose()
}

/// A page of the ledger of a passport, in the order in which the readings were recorded.
pub fn list(
    tx: &mut Tx<'_>,
    passport: Found<PassportId>,
    request: &PageRequest<OdometerReadingId>,
) -> Result<Page<ReadingView, OdometerReadingId>, StoreError> {
    let mut query = odometer_readings::table
        .left_join(accounts::table)
        .filter(odometer_readings::passport_id.eq(Key::from(*passport)))
        .order(odometer_readings::id)
        .limit(request.sql_limit())
        .select((Row::as_select(), accounts::name.nullable()))
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(odometer_readings::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(odometer_readings::recorded_at.ge(Time(since)));
    }
    let found: Vec<ViewRow> = query.load(tx.conn)?;
    let items = found.into_iter().map(|(row, name)| Ok((row.read()?, name))).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |(reading, _)| reading.id))
}
