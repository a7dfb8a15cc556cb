//! What the service indicators of cars said last, for each task (rule MS6).

use crate::{
    error::StoreError,
    row::Reading,
    schema::{accounts, service_indicators},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    expected_maintenance::ServiceIndicator,
    ids::{AccountId, VehicleId},
    service_task::TaskKey,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = service_indicators, treat_none_as_default_value = false)]
struct Row {
    vehicle_id: Key,
    task: String,
    read_on: Day,
    km: Option<i64>,
    days_left: Option<i64>,
    km_left: Option<i64>,
    recorded_at: Time,
    recorded_by: Option<Key>,
}

/// What an indicator said about a task, and who wrote it down when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The task.
    pub task: TaskKey,
    /// What it said.
    pub indicator: ServiceIndicator,
    /// When it was written down.
    pub recorded_at: Instant,
    /// The account that wrote it down.
    pub recorded_by: Option<AccountId>,
    /// The name of that account.
    pub name: Option<String>,
}

type ViewRow = (Row, Option<String>);

fn read((row, name): ViewRow) -> Result<Recorded, StoreError> {
    let reading = Reading { table: "service_indicators", id: row.vehicle_id.0 };
    Ok(Recorded {
        task: reading.column("task", &row.task, TaskKey::find)?,
        indicator: ServiceIndicator {
            read_on: row.read_on.0,
            km: row.km,
            days_left: row.days_left,
            km_left: row.km_left,
        },
        recorded_at: row.recorded_at.0,
        recorded_by: row.recorded_by.map(Into::into),
        name,
    })
}

/// What the indicator of a car said last about each task, by task.
pub fn of_vehicle(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Vec<Recorded>, StoreError> {
    let found: Vec<ViewRow> = service_indicators::table
        .left_join(accounts::table)
        .filter(service_indicators::vehicle_id.eq(Key::from(*vehicle)))
        .order(service_indicators::task)
        .select((Row::as_select(), accounts::name.nullable()))
        .load(tx.conn)?;
    found.into_iter().map(read).collect()
}

/// Stores what the indicator of a car says now about a task, in the place of what it said before.
pub fn save(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    task: TaskKey,
    indicator: &ServiceIndicator,
    by: AccountId,
    now: Instant,
) -> Result<(), StoreError> {
    delete(tx, vehicle, task)?;
    let row = Row {
        vehicle_id: (*vehicle).into(),
        task: task.as_str().to_owned(),
        read_on: Day(indicator.read_on),
        km: indicator.km,
        days_left: indicator.days_left,
        km_left: indicator.km_left,
        recorded_at: now.into(),
        recorded_by: Some(by.into()),
    };
    diesel::insert_into(service_indicators::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Takes back what the indicator of a car said about a task. The answer is whether it had said anything.
pub fn delete(tx: &mut Tx<'_>, vehicle: Found<VehicleId>, task: TaskKey) -> Result<bool, StoreError> {
    let target = service_indicators::table
        .filter(service_indicators::vehicle_id.eq(Key::from(*vehicle)))
        .filter(service_indicators::task.eq(task.as_str()));
    Ok(diesel::delete(target).execute(tx.conn)? > 0)
}
