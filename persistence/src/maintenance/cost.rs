//! What tasks cost: the records that it is learned from, the monthly snapshots, and the answers.
//!
//! What is learned from is read page by page in the order of the records' ids, so that no statement is long. A snapshot is
//! written task by task and counts from when it is published. An answer is one look-up of the keys of a car's groups.

use crate::{
    connection::{AnyConnection, insert_all},
    error::StoreError,
    row::{self, Reading},
    schema::{cost_groups, cost_snapshots, garages, passports, registrations, service_lines, service_records},
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, select},
    prelude::*,
};
use domain::{
    Date, Instant,
    cost::{
        CostAnswer, CostCar, CostGroup, GroupLevel, LeftOut, Network, PaidTask, Quartiles, answer, group_keys,
        left_outs, told,
    },
    garage::Garage,
    ids::{GarageId, PassportId, ServiceRecordId},
    passport::Fuel,
    register::RegisterData,
    service_record::RecordOrigin,
    service_task::TaskKey,
    value::{Country, Currency},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many records or passports are read at once.
const PAGE: i64 = 2_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = cost_groups, treat_none_as_default_value = false)]
struct Row {
    month: Day,
    group_key: String,
    left_out: Key,
    task: String,
    level: String,
    low_ln: Option<i64>,
    middle_ln: Option<i64>,
    high_ln: Option<i64>,
    effective: Option<i64>,
    records: i64,
    first_on: Day,
    last_on: Day,
    read_on: Day,
    is_shown: bool,
}

impl Row {
    fn new(month: Date, group: &CostGroup) -> Self {
        let numbers = group.quartiles.map(|quartiles| quartiles.stored());
        let [low_ln, middle_ln, high_ln, effective] = numbers.map_or([None; 4], |numbers| numbers.map(Some));
        Self {
            month: Day(month),
            group_key: group.key.clone(),
            left_out: Key(group.left_out),
            task: group.task.as_str().to_owned(),
            level: group.level.code().to_owned(),
            low_ln,
            middle_ln,
            high_ln,
            effective,
            records: group.records,
            first_on: Day(group.from),
            last_on: Day(group.until),
            read_on: Day(group.read_on),
            is_shown: group.is_shown,
        }
    }

    fn read(self) -> Result<CostGroup, StoreError> {
        let reading = Reading { table: "cost_groups", id: self.left_out.0 };
        let quartiles = match (self.low_ln, self.middle_ln, self.high_ln, self.effective) {
            (Some(low), Some(middle), Some(high), Some(effective)) => {
                Some(Quartiles::of_stored([low, middle, high, effective]))
            }
            _ => None,
        };
        Ok(CostGroup {
            task: reading.column("task", &self.task, TaskKey::find)?,
            level: reading.column("level", &self.level, GroupLevel::from_code)?,
            key: self.group_key,
            left_out: self.left_out.0,
            quartiles,
            records: self.records,
            from: self.first_on.0,
            until: self.last_on.0,
            read_on: self.read_on.0,
            is_shown: self.is_shown,
        })
    }
}

/// The garage for whose car a price is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostAsker {
    /// The garage.
    pub garage_id: GarageId,
    /// Its country.
    pub country: Country,
    /// Its chain.
    pub chain: Option<String>,
}

impl From<&Garage> for CostAsker {
    fn from(garage: &Garage) -> Self {
        Self { garage_id: garage.id, country: garage.address.country, chain: garage.chain.clone() }
    }
}

/// The price of each of some tasks for a car in a garage, of the latest snapshot or, where that tells nothing, of the
/// catalogue (rules EC1 and EC2). A task without a price, as one that is free, is not in the answer.
pub fn find(
    tx: &mut Tx<'_>,
    asker: &CostAsker,
    car: &CostCar<'_>,
    tasks: &BTreeSet<TaskKey>,
    today: Date,
) -> Result<BTreeMap<TaskKey, CostAnswer>, StoreError> {
    let keys = group_keys(asker.garage_id, asker.country, asker.chain.as_deref(), car);
    let found = find_groups(tx, asker, keys.iter().map(|(_, key)| key.as_str()).collect())?;
    let price = |task: TaskKey| {
        let results =
            |key: &str| found.iter().filter(move |group| group.task == task && group.key == key).collect::<Vec<_>>();
        let nearest_first: Vec<&CostGroup> =
            keys.iter().filter_map(|(_, key)| told(results(key), asker.garage_id)).collect();
        answer(&nearest_first, task, asker.country, today)
    };
    Ok(tasks.iter().filter_map(|task| Some((*task, price(*task)?))).collect())
}

/// The results of groups, for all tasks: if these were named, PostgreSQL would read the whole snapshot by its index of tasks.
fn find_groups(tx: &mut Tx<'_>, asker: &CostAsker, keys: Vec<&str>) -> Result<Vec<CostGroup>, StoreError> {
    let latest = cost_snapshots::table
        .filter(cost_snapshots::published_at.is_not_null())
        .order(cost_snapshots::month.desc())
        .select(cost_snapshots::month)
        .limit(1)
        .single_value();
    let rows: Vec<Row> = cost_groups::table
        .filter(cost_groups::month.nullable().eq(latest))
        .filter(cost_groups::group_key.eq_any(keys))
        .filter(cost_groups::left_out.eq_any(left_outs(asker.garage_id).map(Key)))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Makes all garages known to the network.
pub fn read_garages(tx: &mut Tx<'_>, network: &mut Network) -> Result<(), StoreError> {
    let found: Vec<(Key, String, Option<String>)> =
        garages::table.select((garages::id, garages::country, garages::chain)).order(garages::id).load(tx.conn)?;
    for (id, country, chain) in found {
        let reading = Reading { table: "garages", id: id.0 };
        network.add_garage(id.into(), reading.column("country", &country, row::country)?, chain.as_deref());
    }
    Ok(())
}

/// Makes the cars of a page of passports known to the network. Returns the last passport; none after the last page.
pub fn read_cars(
    tx: &mut Tx<'_>,
    network: &mut Network,
    after: Option<PassportId>,
) -> Result<Option<PassportId>, StoreError> {
    type Columns = (Key, Key, Option<String>, Option<String>, Option<String>, Option<String>);
    let same_plate = registrations::country.eq(passports::country).and(registrations::plate.eq(passports::plate));
    let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
    let found: Vec<Columns> = passports::table
        .left_join(registrations::table.on(same_plate))
        .filter(passports::id.gt(Key(after)))
        .order(passports::id)
        .limit(PAGE)
        .select((
            passports::id,
            passports::vehicle_id,
            passports::make,
            passports::model,
            passports::fuel,
            registrations::data.nullable(),
        ))
        .load(tx.conn)?;
    let last = found.last().map(|(id, ..)| PassportId::from(*id));
    for (_, vehicle, make, model, fuel, data) in found {
        // What the register said only makes the class finer: what cannot be read is as if it had said nothing.
        let data: Option<RegisterData> = data.and_then(|text| serde_json::from_str(&text).ok());
        let car = CostCar {
            make: make.as_deref(),
            model: model.as_deref(),
            fuel: fuel.as_deref().and_then(Fuel::from_code),
            register: data.as_ref(),
        };
        network.add_car(vehicle.into(), &car);
    }
    Ok(last)
}

/// What the records of a page say was paid for each task. Returns the last record too; none after the last page.
pub fn read_records(
    tx: &mut Tx<'_>,
    after: Option<ServiceRecordId>,
) -> Result<(Vec<PaidTask>, Option<ServiceRecordId>), StoreError> {
    type Columns = (Key, Key, Key, String, Day, String, Time, Option<Time>);
    let later = diesel::alias!(service_records as later);
    let after = Key(after.map_or(uuid::Uuid::nil(), |id| id.0));
    let records: Vec<Columns> = service_records::table
        .left_join(later.on(later.field(service_records::replaces_id).eq(service_records::id.nullable())))
        .filter(service_records::id.gt(after))
        .order(service_records::id)
        .limit(PAGE)
        .select((
            service_records::id,
            service_records::vehicle_id,
            service_records::garage_id,
            service_records::origin,
            service_records::done_on,
            service_records::currency,
            service_records::recorded_at,
            later.field(service_records::recorded_at).nullable(),
        ))
        .load(tx.conn)?;
    let Some(last) = records.last().map(|record| record.0) else { return Ok((vec![], None)) };
    let lines: Vec<(Key, Option<String>, Option<i64>)> = service_lines::table
        .filter(service_lines::record_id.gt(after))
        .filter(service_lines::record_id.le(last))
        .filter(service_lines::task.is_not_null())
        .order((service_lines::record_id, service_lines::number))
        .select((service_lines::record_id, service_lines::task, service_lines::net_cents))
        .load(tx.conn)?;
    let mut paid = Vec::with_capacity(lines.len());
    let mut lines = lines.chunk_by(|one, other| one.0 == other.0).peekable();
    for (id, vehicle_id, garage_id, origin, done_on, currency, recorded_at, replaced_at) in records {
        let Some(of_record) = lines.next_if(|lines| lines.first().is_some_and(|line| line.0 == id)) else { continue };
        let reading = Reading { table: "service_records", id: id.0 };
        let mut sums: BTreeMap<TaskKey, Option<i64>> = BTreeMap::new();
        for (_, task, net_cents) in of_record {
            // A task that only a newer version of this program knows tells this one nothing.
            let Some(task) = task.as_deref().and_then(TaskKey::find) else { continue };
            let sum = sums.entry(task).or_default();
            *sum = net_cents.map_or(*sum, |cents| Some(sum.unwrap_or(0).saturating_add(cents)));
        }
        let currency = reading.column("currency", &currency, Currency::stored)?;
        let origin = reading.column("origin", &origin, RecordOrigin::from_code)?;
        let day = |time: Time| time.0.to_zoned(jiff::tz::TimeZone::UTC).date();
        paid.extend(sums.into_iter().map(|(task, net_cents)| PaidTask {
            task,
            net_cents,
            currency,
            done_on: done_on.0,
            recorded_on: day(recorded_at),
            origin,
            replaced_on: replaced_at.map(day),
            garage_id: garage_id.into(),
            vehicle_id: vehicle_id.into(),
        }));
    }
    Ok((paid, Some(last.into())))
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The first day of its month.
    pub month: Date,
    /// When it was published.
    pub published_at: Instant,
    /// How many payments it rests on.
    pub entries: i64,
    /// How many were left out.
    pub left_out: LeftOut,
}

/// The latest snapshot that was published.
pub fn latest(tx: &mut Tx<'_>) -> Result<Option<Snapshot>, StoreError> {
    let found: Option<(Day, Option<Time>, i64, String)> = cost_snapshots::table
        .filter(cost_snapshots::published_at.is_not_null())
        .order(cost_snapshots::month.desc())
        .select((
            cost_snapshots::month,
            cost_snapshots::published_at,
            cost_snapshots::entries,
            cost_snapshots::left_out,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((month, Some(published_at), entries, left_out)) = found else { return Ok(None) };
    let left_out = serde_json::from_str(&left_out).unwrap_or_default();
    Ok(Some(Snapshot { month: month.0, published_at: published_at.0, entries, left_out }))
}

/// Begins the snapshot of a month, unless it is published, or another server began it after `abandoned`. What an
/// abandoned attempt had written is deleted.
pub fn begin(tx: &mut Tx<'_>, month: Date, now: Instant, abandoned: Instant) -> Result<bool, StoreError> {
    let month = Day(month);
    let row = (
        cost_snapshots::month.eq(month),
        cost_snapshots::begun_at.eq(Time(now)),
        cost_snapshots::entries.eq(0),
        cost_snapshots::left_out.eq("{}"),
    );
    let insert = diesel::insert_into(cost_snapshots::table).values(row);
    let inserted = match tx.conn {
        AnyConnection::Postgres(conn) => insert.on_conflict_do_nothing().execute(conn)?,
        AnyConnection::Sqlite(conn) => insert.on_conflict_do_nothing().execute(conn)?,
    };
    if inserted == 1 {
        return Ok(true);
    }
    let taken_over = diesel::update(cost_snapshots::table)
        .filter(cost_snapshots::month.eq(month))
        .filter(cost_snapshots::published_at.is_null())
        .filter(cost_snapshots::begun_at.le(Time(abandoned)))
        .set(cost_snapshots::begun_at.eq(Time(now)))
        .execute(tx.conn)?;
    if taken_over == 1 {
        diesel::delete(cost_groups::table).filter(cost_groups::month.eq(month)).execute(tx.conn)?;
    }
    Ok(taken_over == 1)
}

/// What the latest snapshot told of a task across garages.
pub fn list_told(tx: &mut Tx<'_>, task: TaskKey) -> Result<Vec<CostGroup>, StoreError> {
    let Some(latest) = latest(tx)? else { return Ok(vec![]) };
    let own = [GroupLevel::GarageModel, GroupLevel::GarageClass].map(GroupLevel::code);
    let rows: Vec<Row> = cost_groups::table
        .filter(cost_groups::month.eq(Day(latest.month)))
        .filter(cost_groups::task.eq(task.as_str()))
        .filter(cost_groups::level.ne_all(own))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Stores the groups of a snapshot that is being written.
pub fn insert_all(tx: &mut Tx<'_>, month: Date, groups: &[CostGroup]) -> Result<(), StoreError> {
    let rows: Vec<Row> = groups.iter().map(|group| Row::new(month, group)).collect();
    insert_all!(tx, cost_groups::table, &rows);
    Ok(())
}

/// Publishes the snapshot of a month that this server began at `begun_at`. Returns whether it could: another server may
/// have taken it over.
pub fn publish(
    tx: &mut Tx<'_>,
    (month, begun_at): (Date, Instant),
    (entries, left_out): (i64, &LeftOut),
    now: Instant,
) -> Result<bool, StoreError> {
    let left_out = serde_json::to_string(left_out).unwrap_or_default();
    let published = diesel::update(cost_snapshots::table)
        .filter(cost_snapshots::month.eq(Day(month)))
        .filter(cost_snapshots::begun_at.eq(Time(begun_at)))
        .filter(cost_snapshots::published_at.is_null())
        .set((
            cost_snapshots::published_at.eq(Time(now)),
            cost_snapshots::entries.eq(entries),
            cost_snapshots::left_out.eq(left_out),
        ))
        .execute(tx.conn)?;
    Ok(published == 1)
}

/// Deletes a task's groups of the snapshots before a month, which nobody reads any longer.
pub fn delete_older(tx: &mut Tx<'_>, month: Date, task: TaskKey) -> Result<usize, StoreError> {
    let older =
        cost_groups::table.filter(cost_groups::month.lt(Day(month))).filter(cost_groups::task.eq(task.as_str()));
    Ok(diesel::delete(older).execute(tx.conn)?)
}

/// Whether anything was recorded from which something could be learned.
pub fn has_records(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(select(exists(service_records::table.select(service_records::id))).get_result(tx.conn)?)
}

/// Gives up the snapshot that this server began, and deletes what is written of it.
pub fn abandon(tx: &mut Tx<'_>, month: Date, begun_at: Instant) -> Result<(), StoreError> {
    let own = cost_snapshots::table
        .filter(cost_snapshots::month.eq(Day(month)))
        .filter(cost_snapshots::begun_at.eq(Time(begun_at)))
        .filter(cost_snapshots::published_at.is_null());
    let is_own: bool = select(exists(own)).get_result(tx.conn)?;
    if is_own {
        diesel::delete(cost_groups::table).filter(cost_groups::month.eq(Day(month))).execute(tx.conn)?;
        diesel::delete(cost_snapshots::table).filter(cost_snapshots::month.eq(Day(month))).execute(tx.conn)?;
    }
    Ok(())
}
