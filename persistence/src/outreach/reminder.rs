//! Reminders: which cars are to be looked at, and what was made of them (rules RM2 and RM5).

mod digest;
mod links;
mod offsets;

pub use digest::{FleetReminder, has_any_of_fleet, list_of_fleet};
pub use links::{list_due_links, lock_due_links, look_again_at_links, look_at_links_at_once};
pub use offsets::{all_offsets, clear_offsets, list_garages_of, offsets_of, offsets_of_each, set_offsets};

use crate::{
    car_status::LOOK_AT_ONCE,
    connection::{AnyConnection, insert_all},
    error::StoreError,
    row::Reading,
    schema::{garages, passports, reminder_looks, reminders},
    sql_types::{CalendarDay, Day, Id, Key},
    store::Tx,
};
use diesel::{prelude::*, sql_query, sql_types::Array};
use domain::{
    Date,
    car_status::Standing,
    custody::Hands,
    ids::{GarageId, PassportId},
    reminder::{Made, Subject},
    service_task::TaskKey,
    value::ReminderItem,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A car or a link that is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToLookAt<Id> {
    /// On which day.
    pub on: Date,
    /// Which one.
    pub id: Id,
    /// The garage that keeps the car, or in whose name the link was mailed.
    pub garage: GarageId,
}

impl<Id: From<Uuid>> ToLookAt<Id> {
    /// Before all others.
    fn first() -> Self {
        Self { on: LOOK_AT_ONCE.0, id: Uuid::nil().into(), garage: Uuid::nil().into() }
    }
}

/// A garage, as far as it matters for reminders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemindingGarage {
    /// The garage.
    pub id: GarageId,
    /// Its time zone.
    pub time_zone: String,
}

/// All garages.
pub fn garages(tx: &mut Tx<'_>) -> Result<Vec<RemindingGarage>, StoreError> {
    let found: Vec<(Key, String)> = garages::table.select((garages::id, garages::time_zone)).load(tx.conn)?;
    let read = |(id, time_zone): (Key, String)| RemindingGarage { id: id.into(), time_zone };
    Ok(found.into_iter().map(read).collect())
}

/// Cars that are to be looked at on a day or before it, except those of some garages, after one of them, those first that wait
/// for the longest time. They are read by an index (rule RM5).
pub fn list_due(
    tx: &mut Tx<'_>,
    today: Date,
    except: &[GarageId],
    after: Option<ToLookAt<PassportId>>,
    limit: i64,
) -> Result<Vec<ToLookAt<PassportId>>, StoreError> {
    let after = after.unwrap_or_else(ToLookAt::first);
    let (on, car) = (Day(after.on), Key::from(after.id));
    let mut query = reminder_looks::table
        .inner_join(passports::table)
        .filter(reminder_looks::look_on.le(Day(today)))
        .filter(reminder_looks::look_on.ge(on))
        .filter(reminder_looks::look_on.gt(on).or(reminder_looks::passport_id.gt(car)))
        .order((reminder_looks::look_on, reminder_looks::passport_id))
        .limit(limit)
        .select((reminder_looks::look_on, reminder_looks::passport_id, passports::garage_id))
        .into_boxed();
    if !except.is_empty() {
        query = query.filter(passports::garage_id.ne_all(keys(except.iter().copied())));
    }
    let found: Vec<(Day, Key, Key)> = query.load(tx.conn)?;
    let read = |(on, id, garage): (Day, Key, Key)| ToLookAt { on: on.0, id: id.into(), garage: garage.into() };
    Ok(found.into_iter().map(read).collect())
}

fn keys<T>(ids: impl Iterator<Item = T>) -> Vec<Key>
where
    Key: From<T>,
{
    ids.map(Key::from).collect()
}

/// A car that is being looked at.
#[derive(Clone, Debug)]
pub struct LockedCar {
    /// The car.
    pub id: PassportId,
    /// Its garage.
    pub garage: GarageId,
    /// On which day it is to be looked at.
    pub on: Date,
    /// Who has it.
    pub hands: Hands,
    /// What it is judged by.
    pub standing: Standing,
}

/// Of some cars of these garages those that still are to be looked at, on a day or before it. The garages' locks are held, so that of two
/// servers one looks at them. Their passports are locked too: one that is judged meanwhile is looked at again.
pub fn lock_due(
    tx: &mut Tx<'_>,
    garages: &[GarageId],
    cars: &[PassportId],
    until: Date,
) -> Result<Vec<LockedCar>, StoreError> {
    type Columns = (Key, Key, String, Option<Day>, Option<Key>, Option<Key>, Option<String>);
    // Of a join the rows of both tables would be locked, and PostgreSQL might read all days that have come.
    let look = || {
        reminder_looks::table
            .filter(reminder_looks::passport_id.eq(passports::id))
            .filter(reminder_looks::look_on.le(Day(until)))
            .select(reminder_looks::look_on)
            .single_value()
    };
    let due = passports::table
        .filter(passports::id.eq_any(keys(cars.iter().copied())))
        .filter(passports::garage_id.eq_any(keys(garages.iter().copied())))
        .filter(look().is_not_null())
        .order(passports::id)
        .select((
            passports::id,
            passports::garage_id,
            passports::status,
            look(),
            passports::driver_account_id,
            passports::fleet_id,
            passports::standing,
        ));
    let found: Vec<Columns> = match &mut *tx.conn {
        AnyConnection::Postgres(conn) => due.for_no_key_update().load(conn)?,
        AnyConnection::Sqlite(conn) => due.load(conn)?,
    };
    let read = |(id, garage, status, on, driver, fleet, standing): Columns| {
        let reading = Reading { table: "passports", id: id.0 };
        // Of a passport that is not in use nobody is reminded, until it is again: then it is looked at.
        let standing = standing.filter(|_| status == "active");
        Ok(LockedCar {
            id: id.into(),
            garage: garage.into(),
            on: on.map_or(LOOK_AT_ONCE.0, |on| on.0),
            hands: Hands { driver: driver.map(Into::into), fleet: fleet.map(Into::into) },
            standing: reading.optional("standing", standing.as_ref(), Standing::read)?.unwrap_or_default(),
        })
    };
    found.into_iter().map(read).collect()
}

const fn task(of: Subject) -> &'static str {
    match of.task {
        Some(task) => task.as_str(),
        None => "",
    }
}

/// The reminders that were made of things of some cars, each in the order in which they were made.
pub fn made(tx: &mut Tx<'_>, cars: &[PassportId]) -> Result<HashMap<(PassportId, Subject), Vec<Made>>, StoreError> {
    type Row = (Key, String, String, Day, i64, Day, Day);
    let found: Vec<Row> = reminders::table
        .filter(reminders::passport_id.eq_any(keys(cars.iter().copied())))
        .order((reminders::made_on, reminders::armed_for, reminders::offset))
        .select((
            reminders::passport_id,
            reminders::item,
            reminders::task,
            reminders::armed_for,
            reminders::offset,
            reminders::due_on,
            reminders::made_on,
        ))
        .load(tx.conn)?;
    let mut all: HashMap<_, Vec<Made>> = HashMap::new();
    for (car, item, task, armed_for, offset, due_on, made_on) in found {
        // A task that the catalogue no longer has comes due no more.
        let Some(of) = subject(car, &item, &task)? else { continue };
        let made = Made { armed_for: armed_for.0, due_on: due_on.0, offset, made_on: made_on.0 };
        all.entry((car.into(), of)).or_default().push(made);
    }
    Ok(all)
}

/// Of what one was reminded; none when this version knows no such task.
fn subject(car: Key, item: &str, task: &str) -> Result<Option<Subject>, StoreError> {
    let item = Reading { table: "reminders", id: car.0 }.column("item", item, ReminderItem::from_code)?;
    if task.is_empty() {
        return Ok(Some(Subject { item, task: None }));
    }
    Ok(TaskKey::find(task).map(|task| Subject { item, task: Some(task) }))
}

#[derive(Insertable)]
#[diesel(table_name = reminders, treat_none_as_default_value = false)]
struct Row {
    passport_id: Key,
    item: &'static str,
    task: &'static str,
    armed_for: Day,
    offset: i64,
    due_on: Day,
    made_on: Day,
}

/// Remembers reminders that are made.
pub fn insert_all(tx: &mut Tx<'_>, made: &[(PassportId, Subject, Made)]) -> Result<(), StoreError> {
    let row = |(car, of, made): &(PassportId, Subject, Made)| Row {
        passport_id: Key::from(*car),
        item: of.item.code(),
        task: task(*of),
        armed_for: Day(made.armed_for),
        offset: made.offset,
        due_on: Day(made.due_on),
        made_on: Day(made.made_on),
    };
    let rows: Vec<Row> = made.iter().map(row).collect();
    insert_all!(tx, reminders::table, rows);
    Ok(())
}

/// A statement that says of many cars on which day they are looked at again.
const LOOK_AGAIN: &str = "UPDATE reminder_looks SET look_on = next.day FROM unnest($1, $2) AS next (id, day)
    WHERE reminder_looks.passport_id = next.id";

/// Says on which day each of some cars that are to be looked at is looked at again; none when nothing will come due without a change.
pub fn look_again(tx: &mut Tx<'_>, cars: &[(PassportId, Option<Date>)]) -> Result<(), StoreError> {
    let never: Vec<Key> = keys(cars.iter().filter(|(_, on)| on.is_none()).map(|(car, _)| *car));
    let again: Vec<(Key, Day)> = cars.iter().filter_map(|(car, on)| Some((Key::from(*car), Day((*on)?)))).collect();
    if !never.is_empty() {
        let target = reminder_looks::table.filter(reminder_looks::passport_id.eq_any(never));
        diesel::delete(target).execute(tx.conn)?;
    }
    match &mut *tx.conn {
        AnyConnection::Postgres(_) if again.is_empty() => {}
        AnyConnection::Postgres(conn) => {
            let (cars, days): (Vec<Key>, Vec<Day>) = again.into_iter().unzip();
            sql_query(LOOK_AGAIN).bind::<Array<Id>, _>(cars).bind::<Array<CalendarDay>, _>(days).execute(conn)?;
        }
        AnyConnection::Sqlite(conn) => {
            for (car, on) in again {
                let target = reminder_looks::table.find(car);
                diesel::update(target).set(reminder_looks::look_on.eq(on)).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// A car that is to be looked at for reminders.
#[derive(Insertable)]
#[diesel(table_name = reminder_looks, treat_none_as_default_value = false)]
struct Look {
    passport_id: Key,
    look_on: Day,
}

/// Has cars that were just made looked at with the next pass.
pub(crate) fn look_first(tx: &mut Tx<'_>, cars: Vec<Key>) -> Result<(), StoreError> {
    let rows: Vec<Look> = cars.into_iter().map(|passport_id| Look { passport_id, look_on: LOOK_AT_ONCE }).collect();
    insert_all!(tx, reminder_looks::table, rows);
    Ok(())
}

/// A statement that has many cars looked at on the same day. What says so already is not written again.
const LOOK_ON: &str = "INSERT INTO reminder_looks (passport_id, look_on) SELECT car, $2 FROM unnest($1) AS car
    ON CONFLICT (passport_id) DO UPDATE SET look_on = excluded.look_on WHERE reminder_looks.look_on <> excluded.look_on";

/// Has cars looked at with the next pass.
pub(crate) fn look_at_next_pass(tx: &mut Tx<'_>, cars: &[Key]) -> Result<(), StoreError> {
    match &mut *tx.conn {
        AnyConnection::Postgres(_) if cars.is_empty() => {}
        AnyConnection::Postgres(conn) => {
            sql_query(LOOK_ON).bind::<Array<Id>, _>(cars).bind::<CalendarDay, _>(LOOK_AT_ONCE).execute(conn)?;
        }
        AnyConnection::Sqlite(conn) => {
            for car in cars {
                diesel::insert_into(reminder_looks::table)
                    .values(Look { passport_id: *car, look_on: LOOK_AT_ONCE })
                    .on_conflict(reminder_looks::passport_id)
                    .do_update()
                    .set(reminder_looks::look_on.eq(LOOK_AT_ONCE))
                    .execute(conn)?;
            }
        }
    }
    Ok(())
}

/// Has the next cars in use of a garage after one of them looked at with the next pass, except those that were never judged. The
/// answer is the last of them; none when there are no more.
pub fn look_at_once(
    tx: &mut Tx<'_>,
    garage: GarageId,
    after: Option<PassportId>,
    limit: i64,
) -> Result<Option<PassportId>, StoreError> {
    let block = crate::car_status::list_cars(tx, garage, after, limit)?;
    let judged = passports::table
        .filter(passports::id.eq_any(keys(block.iter().copied())))
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::status.eq("active"))
        .filter(passports::is_judged.is_not_null());
    let judged: Vec<Key> = judged.select(passports::id).load(tx.conn)?;
    look_at_next_pass(tx, &judged)?;
    Ok(block.last().copied().filter(|_| i64::try_from(block.len()).is_ok_and(|many| many == limit)))
}
