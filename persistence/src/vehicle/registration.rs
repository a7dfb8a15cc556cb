//! The vehicle register's data, by plate. It is public data that all garages share; what an actor sees of it follows
//! from the passports in their scope.
//!
//! A row is inserted with the first passport that needs it. [`claim_due`] hands out the rows to be asked about, the one
//! that was not asked about for the longest time first. It also deletes rows that no passport in use needs any more, so
//! that they never fill the queue and nothing has to search for them.

use crate::{
    connection::{AnyConnection, load_each},
    error::StoreError,
    plates, row,
    schema::registrations,
    scope::Found,
    sql_types::{Day, Moment, Time},
    store::Tx,
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Array, Text},
    upsert::excluded,
};
use domain::{
    Instant,
    licence_plate::LicencePlate,
    register::RegisterData,
    registration::{Registration, covers},
};
use serde::de::DeserializeOwned;
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = registrations, treat_none_as_default_value = false)]
pub(crate) struct Row {
    country: String,
    plate: String,
    data: Option<String>,
    apk_expires_on: Option<Day>,
    apk_seen_at: Option<Time>,
    fetched_at: Option<Time>,
    checked_at: Option<Time>,
    stale_since: Option<Time>,
    recalls: String,
    inspections: String,
    turn_at: Time,
    claimed_until: Option<Time>,
    updated_at: Time,
    recalls_checked_at: Option<Time>,
    inspections_checked_at: Option<Time>,
}

#[declare_sql_function]
extern "SQL" {
    /// The elements of a list, one row each.
    fn unnest(list: Array<Text>) -> Text;
}

/// A list about which the register has not answered yet.
const NONE: &str = "[]";

/// The turn of a row that a passport needs again: when it was last asked about, or at once.
const ITS_TURN: &str = "CASE WHEN registrations.checked_at IS NULL THEN excluded.turn_at
    WHEN registrations.checked_at < registrations.turn_at THEN registrations.checked_at
    ELSE registrations.turn_at END";

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}

impl Row {
    fn new(registration: &Registration, now: Instant) -> Result<Self, StoreError> {
        let data = registration.data.as_ref();
        Ok(Self {
            country: registration.plate.country().as_str().to_owned(),
            plate: registration.plate.number().to_owned(),
            data: data.map(json).transpose()?,
            apk_expires_on: data.and_then(|data| data.apk_expires_on).map(Day),
            apk_seen_at: registration.apk_seen_at.map(Time),
            fetched_at: registration.fetched_at.map(Time),
            checked_at: registration.checked_at.map(Time),
            stale_since: registration.stale_since.map(Time),
            recalls: json(&registration.recalls)?,
            inspections: json(&registration.inspections)?,
            turn_at: Time(registration.checked_at.unwrap_or(Instant::UNIX_EPOCH)),
            claimed_until: None,
            updated_at: now.into(),
            recalls_checked_at: registration.recalls_checked_at.map(Time),
            inspections_checked_at: registration.inspections_checked_at.map(Time),
        })
    }

    pub(crate) fn read(self) -> Result<Registration, StoreError> {
        let corrupt = |column, value: &str| StoreError::Corrupt {
            table: "registrations",
            column,
            id: format!("{} {}", self.country, self.plate),
            value: value.chars().take(row::MOST_SHOWN).collect(),
        };
        let plate = row::country(&self.country).and_then(|country| LicencePlate::stored(country, &self.plate));
        let data: Option<RegisterData> = match &self.data {
            Some(text) => Some(parse(text).ok_or_else(|| corrupt("data", text))?),
            None => None,
        };
        let apk_expires_on = self.apk_expires_on.map(|day| day.0);
        if data.as_ref().and_then(|data| data.apk_expires_on) != apk_expires_on {
            return Err(corrupt("apk_expires_on", &apk_expires_on.map(|day| day.to_string()).unwrap_or_default()));
        }
        Ok(Registration {
            plate: plate.ok_or_else(|| corrupt("plate", &self.plate))?,
            data,
            apk_seen_at: self.apk_seen_at.map(|at| at.0),
            fetched_at: self.fetched_at.map(|at| at.0),
            checked_at: self.checked_at.map(|at| at.0),
            stale_since: self.stale_since.map(|at| at.0),
            recalls_checked_at: self.recalls_checked_at.map(|at| at.0),
            inspections_checked_at: self.inspections_checked_at.map(|at| at.0),
            recalls: parse(&self.recalls).ok_or_else(|| corrupt("recalls", &self.recalls))?,
            inspections: parse(&self.inspections).ok_or_else(|| corrupt("inspections", &self.inspections))?,
        })
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Queues questions to the register about plates that passports have now, if a register has such plates. A row that
/// exists is written all the same: [`claim_due`], which may be about to delete it, then sees the passport or finds the
/// row locked. This undoes what [`postpone`] did to its turn.
pub fn enqueue<'p>(
    tx: &mut Tx<'_>,
    plates: impl IntoIterator<Item = &'p LicencePlate>,
    now: Instant,
) -> Result<(), StoreError> {
    let covered = plates.into_iter().filter(|plate| covers(plate.country()));
    let (countries, numbers): (Vec<String>, Vec<&str>) = covered.map(plates::number).unzip();
    if numbers.is_empty() {
        return Ok(());
    }
    let (never, now) = (Time(Instant::UNIX_EPOCH), Time(now));
    let key = (registrations::country, registrations::plate);
    let turn = || registrations::turn_at.eq(sql::<Moment>(ITS_TURN));
    match tx.conn {
        AnyConnection::Postgres(conn) => {
            // Two lists, however many plates there are: so the statement is always the same, and prepared once.
            let rows = diesel::select((
                unnest(countries),
                unnest(numbers),
                NONE.into_sql::<Text>(),
                NONE.into_sql::<Text>(),
                never.into_sql::<Moment>(),
                now.into_sql::<Moment>(),
            ));
            let insert = rows.insert_into(registrations::table).into_columns((
                registrations::country,
                registrations::plate,
                registrations::recalls,
                registrations::inspections,
                registrations::turn_at,
                registrations::updated_at,
            ));
            insert.on_conflict(key).do_update().set(turn()).execute(conn)?;
        }
        AnyConnection::Sqlite(conn) => {
            for (country, number) in countries.iter().zip(numbers) {
                let row = (
                    registrations::country.eq(country),
                    registrations::plate.eq(number),
                    registrations::recalls.eq(NONE),
                    registrations::inspections.eq(NONE),
                    registrations::turn_at.eq(never),
                    registrations::updated_at.eq(now),
                );
                let insert = diesel::insert_into(registrations::table).values(row);
                insert.on_conflict(key).do_update().set(turn()).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// The register's data about the plate of a passport.
pub fn find(tx: &mut Tx<'_>, plate: Found<&LicencePlate>) -> Result<Option<Registration>, StoreError> {
    Ok(view(tx, plate)?.map(|(registration, _)| registration))
}

/// The same, with when it was last stored.
pub fn view(tx: &mut Tx<'_>, plate: Found<&LicencePlate>) -> Result<Option<(Registration, Instant)>, StoreError> {
    let country = plate.country();
    let row = registrations::table.find((country.as_str(), plate.number()));
    let found: Option<Row> = row.first(tx.conn).optional()?;
    found.map(|row| (row.updated_at.0, row.read())).map(|(at, read)| Ok((read?, at))).transpose()
}

/// The register's data about the vehicles with these plates, if it has any. The query has no scope: it is for the staff
/// of a garage, who may ask the register about any plate.
pub fn told_of(tx: &mut Tx<'_>, plates: &[LicencePlate]) -> Result<HashMap<LicencePlate, RegisterData>, StoreError> {
    let mut told = HashMap::new();
    for (country, numbers) in plates::by_country(plates.iter()) {
        let query = registrations::table
            .filter(registrations::country.eq(&country))
            .filter(registrations::data.is_not_null())
            .select((registrations::plate, registrations::data));
        let found: Vec<(String, Option<String>)> = load_each!(tx, query, registrations::plate in &numbers);
        let mut data: HashMap<String, RegisterData> =
            found.into_iter().filter_map(|(number, data)| Some((number, parse(&data?)?))).collect();
        let asked = plates.iter().filter(|plate| plate.country().as_str() == country);
        told.extend(asked.filter_map(|plate| Some((plate.clone(), data.remove(plate.number())?))));
    }
    Ok(told)
}

/// What is kept of the vehicles with these plates, if the register gave data about them. The query has no scope: it is for
/// the passports that a garage makes of them.
pub fn kept_of(tx: &mut Tx<'_>, plates: &[LicencePlate]) -> Result<HashMap<LicencePlate, Registration>, StoreError> {
    let mut kept = HashMap::new();
    for (country, numbers) in plates::by_country(plates.iter()) {
        let query =
            registrations::table.filter(registrations::country.eq(&country)).filter(registrations::data.is_not_null());
        let found: Vec<Row> = load_each!(tx, query, registrations::plate in &numbers);
        for row in found {
            let registration = row.read()?;
            kept.insert(registration.plate.clone(), registration);
        }
    }
    Ok(kept)
}

/// The register's data about a plate, to be changed: it is locked until the transaction ends. On SQLite a writing
/// transaction is alone already.
pub fn find_to_change(tx: &mut Tx<'_>, plate: &LicencePlate) -> Result<Option<Registration>, StoreError> {
    let country = plate.country();
    let row = registrations::table.find((country.as_str(), plate.number()));
    let found: Option<Row> = match tx.conn {
        AnyConnection::Postgres(conn) => row.for_update().first(conn).optional()?,
        AnyConnection::Sqlite(conn) => row.first(conn).optional()?,
    };
    found.map(Row::read).transpose()
}

/// Stores what is now known about a plate, and releases it if it was claimed.
pub fn save(tx: &mut Tx<'_>, registration: &Registration, now: Instant) -> Result<(), StoreError> {
    let insert = diesel::insert_into(registrations::table).values(Row::new(registration, now)?);
    let key = (registrations::country, registrations::plate);
    let set = (
        registrations::data.eq(excluded(registrations::data)),
        registrations::apk_expires_on.eq(excluded(registrations::apk_expires_on)),
        registrations::apk_seen_at.eq(excluded(registrations::apk_seen_at)),
        registrations::fetched_at.eq(excluded(registrations::fetched_at)),
        registrations::checked_at.eq(excluded(registrations::checked_at)),
        registrations::stale_since.eq(excluded(registrations::stale_since)),
        registrations::recalls.eq(excluded(registrations::recalls)),
        registrations::inspections.eq(excluded(registrations::inspections)),
        registrations::turn_at.eq(excluded(registrations::turn_at)),
        registrations::claimed_until.eq(excluded(registrations::claimed_until)),
        registrations::updated_at.eq(excluded(registrations::updated_at)),
        registrations::recalls_checked_at.eq(excluded(registrations::recalls_checked_at)),
        registrations::inspections_checked_at.eq(excluded(registrations::inspections_checked_at)),
    );
    match tx.conn {
        AnyConnection::Postgres(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
        AnyConnection::Sqlite(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
    };
    Ok(())
}

/// Claims plates of passports in use about which the register was not asked since `checked_before`: the longest unasked
/// first, and at most `limit`. They belong to the caller until `claimed_until`, or until [`save`]. None when there is
/// nothing to ask now.
pub fn claim_due(
    tx: &mut Tx<'_>,
    checked_before: Instant,
    claimed_until: Instant,
    now: Instant,
    limit: i64,
) -> Result<Vec<Registration>, StoreError> {
    loop {
        let Due { readable: due, unreadable } = due(tx, checked_before, now, limit)?;
        claim(tx, unreadable.iter().map(|(country, plate)| (country.clone(), plate.as_str())), claimed_until)?;
        let plates: Vec<LicencePlate> = due.iter().map(|registration| registration.plate.clone()).collect();
        let needed = plates::in_use(tx, &plates)?;
        let (claimed, unneeded): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|registration| needed.contains_key(&registration.plate));
        for (country, plates) in plates::by_country(unneeded.iter().map(|registration| &registration.plate)) {
            diesel::delete(registrations::table)
                .filter(registrations::country.eq(country))
                .filter(registrations::plate.eq_any(plates))
                .execute(tx.conn)?;
        }
        if claimed.is_empty() && !(unneeded.is_empty() && unreadable.is_empty()) {
            continue;
        }
        claim(tx, claimed.iter().map(|registration| plates::number(&registration.plate)), claimed_until)?;
        return Ok(claimed);
    }
}

fn claim<'a>(
    tx: &mut Tx<'_>,
    plates: impl Iterator<Item = (String, &'a str)>,
    until: Instant,
) -> Result<(), StoreError> {
    for (country, numbers) in plates::grouped(plates) {
        diesel::update(registrations::table)
            .filter(registrations::country.eq(country))
            .filter(registrations::plate.eq_any(numbers))
            .set(registrations::claimed_until.eq(Some(Time(until))))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Rows whose turn it is.
struct Due {
    readable: Vec<Registration>,
    /// The country and plate of rows that cannot be read. An operator has to look at them, and the others do not wait
    /// for that.
    unreadable: Vec<(String, String)>,
}

/// The rows whose turn it is and that nobody has claimed. On SQLite this transaction is the only one that writes; on
/// PostgreSQL others skip the rows that it has locked.
fn due(tx: &mut Tx<'_>, checked_before: Instant, now: Instant, limit: i64) -> Result<Due, StoreError> {
    let is_free =
        registrations::claimed_until.is_null().or(registrations::claimed_until.le(Time(now)).assume_not_null());
    let due = registrations::table
        .filter(registrations::turn_at.lt(Time(checked_before)))
        .filter(is_free)
        .order((registrations::turn_at, registrations::country, registrations::plate))
        .limit(limit);
    let found: Vec<Row> = match tx.conn {
        AnyConnection::Postgres(conn) => due.for_update().skip_locked().load(conn)?,
        AnyConnection::Sqlite(conn) => due.load(conn)?,
    };
    let mut due = Due { readable: Vec::with_capacity(found.len()), unreadable: vec![] };
    for row in found {
        let key = (row.country.clone(), row.plate.clone());
        match row.read() {
            Ok(registration) => due.readable.push(registration),
            Err(error) => {
                tracing::error!(%error, "a registration is passed over");
                due.unreadable.push(key);
            }
        }
    }
    Ok(due)
}

/// Puts a plate at the head of the queue: the passport was created without all that the register has.
pub fn ask_soon(tx: &mut Tx<'_>, plate: &LicencePlate) -> Result<(), StoreError> {
    let country = plate.country();
    diesel::update(registrations::table.find((country.as_str(), plate.number())))
        .set(registrations::turn_at.eq(Time(Instant::UNIX_EPOCH)))
        .execute(tx.conn)?;
    Ok(())
}

/// Puts a plate that no passport has any longer behind all others in the queue, so that its data stays.
pub fn postpone(tx: &mut Tx<'_>, plate: &LicencePlate, now: Instant) -> Result<(), StoreError> {
    let country = plate.country();
    diesel::update(registrations::table.find((country.as_str(), plate.number())))
        .filter(registrations::data.is_not_null())
        .set(registrations::turn_at.eq(Time(now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Releases those plates that were claimed until `claimed_until` and were not saved since. They keep their turn, but
/// nobody claims them before `aside`.
pub fn release(
    tx: &mut Tx<'_>,
    plates: &[LicencePlate],
    claimed_until: Instant,
    aside: Option<Instant>,
) -> Result<(), StoreError> {
    for (country, numbers) in plates::by_country(plates.iter()) {
        diesel::update(registrations::table)
            .filter(registrations::country.eq(country))
            .filter(registrations::plate.eq_any(numbers))
            // Otherwise the claim had run out, and the plate is claimed by another worker.
            .filter(registrations::claimed_until.eq(Time(claimed_until)))
            .set(registrations::claimed_until.eq(aside.map(Time)))
            .execute(tx.conn)?;
    }
    Ok(())
}
