//! Reminders: which cars are to be looked at, and what was made of them (rules RM2 and RM5).

use crate::{
    car_status::LOOK_AT_ONCE,
    connection::AnyConnection,
    error::StoreError,
    schema::{garages, passports, reminders},
    sql_types::{Day, Key},
    store::Tx,
};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use domain::{
    Date,
    ids::{GarageId, PassportId},
    reminder::Made,
    service_task::TaskKey,
    value::ReminderItem,
};
use uuid::Uuid;

/// A car that is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToLookAt {
    /// On which day.
    pub on: Date,
    /// The car.
    pub car: PassportId,
    /// Its garage.
    pub garage: GarageId,
}

/// The time zones of all garages.
pub fn time_zones(tx: &mut Tx<'_>) -> Result<Vec<(GarageId, String)>, StoreError> {
    let found: Vec<(Key, String)> = garages::table.select((garages::id, garages::time_zone)).load(tx.conn)?;
    Ok(found.into_iter().map(|(id, zone)| (id.into(), zone)).collect())
}

/// Cars that are to be looked at on a day or before it, after one of them, those first that wait for the longest time. They
/// are read by an index (rule RM5).
pub fn list_due(
    tx: &mut Tx<'_>,
    today: Date,
    after: Option<ToLookAt>,
    limit: i64,
) -> Result<Vec<ToLookAt>, StoreError> {
    let after = after.unwrap_or(ToLookAt { on: LOOK_AT_ONCE.0, car: Uuid::nil().into(), garage: Uuid::nil().into() });
    let (on, car) = (Day(after.on), Key::from(after.car));
    let found: Vec<(Option<Day>, Key, Key)> = passports::table
        .filter(sql::<Bool>("passports.status = 'active' AND passports.remind_on IS NOT NULL"))
        .filter(passports::remind_on.le(Day(today)))
        .filter(passports::remind_on.ge(on))
        .filter(passports::remind_on.gt(on).or(passports::id.nullable().gt(car)))
        .order((passports::remind_on, passports::id))
        .limit(limit)
        .select((passports::remind_on, passports::id, passports::garage_id))
        .load(tx.conn)?;
    let read = |(on, car, garage): (Option<Day>, Key, Key)| {
        Some(ToLookAt { on: on?.0, car: car.into(), garage: garage.into() })
    };
    Ok(found.into_iter().filter_map(read).collect())
}

/// Whether a car still is to be looked at. Its row is locked until the end of the transaction, so that of two servers one
/// looks at it.
pub fn lock_due(tx: &mut Tx<'_>, car: PassportId, today: Date) -> Result<bool, StoreError> {
    let due = passports::table
        .filter(passports::id.eq(Key::from(car)))
        .filter(passports::status.eq("active"))
        .filter(passports::remind_on.le(Day(today)))
        .select(passports::id);
    let found: Option<Key> = match &mut *tx.conn {
        AnyConnection::Postgres(conn) => due.for_no_key_update().first(conn).optional()?,
        AnyConnection::Sqlite(conn) => due.first(conn).optional()?,
    };
    Ok(found.is_some())
}

/// Of what one was reminded: an item and, of work, the service task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The item.
    pub item: ReminderItem,
    /// The task; none for the APK.
    pub task: Option<TaskKey>,
}

impl Subject {
    fn task(self) -> &'static str {
        self.task.map_or("", TaskKey::as_str)
    }
}

/// The reminders that were made of something of a car, in the order in which they were made.
pub fn made(tx: &mut Tx<'_>, car: PassportId, of: Subject) -> Result<Vec<Made>, StoreError> {
    type Row = (Day, i64, Day, Day);
    let found: Vec<Row> = reminders::table
        .filter(reminders::passport_id.eq(Key::from(car)))
        .filter(reminders::item.eq(of.item.code()))
        .filter(reminders::task.eq(of.task()))
        .order((reminders::made_on, reminders::armed_for, reminders::offset))
        .select((reminders::armed_for, reminders::offset, reminders::due_on, reminders::made_on))
        .load(tx.conn)?;
    let read = |(armed_for, offset, due_on, made_on): Row| Made {
        armed_for: armed_for.0,
        due_on: due_on.0,
        offset,
        made_on: made_on.0,
    };
    Ok(found.into_iter().map(read).collect())
}

/// Remembers a reminder that is made.
pub fn insert(tx: &mut Tx<'_>, car: PassportId, of: Subject, made: Made) -> Result<(), StoreError> {
    let row = (
        reminders::passport_id.eq(Key::from(car)),
        reminders::item.eq(of.item.code()),
        reminders::task.eq(of.task()),
        reminders::armed_for.eq(Day(made.armed_for)),
        reminders::offset.eq(made.offset),
        reminders::due_on.eq(Day(made.due_on)),
        reminders::made_on.eq(Day(made.made_on)),
    );
    diesel::insert_into(reminders::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Says on which day a car is looked at again; none when nothing will come due without a change.
pub fn look_again(tx: &mut Tx<'_>, car: PassportId, on: Option<Date>) -> Result<(), StoreError> {
    diesel::update(passports::table.find(Key::from(car))).set(passports::remind_on.eq(on.map(Day))).execute(tx.conn)?;
    Ok(())
}
