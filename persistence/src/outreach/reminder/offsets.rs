//! When people are reminded, where platform, chains and garages set it (rule RM1).

use crate::{
    connection::AnyConnection,
    error::StoreError,
    schema::{garage_reminder_offsets, garages, reminder_offsets},
    sql_types::Key,
    store::Tx,
};
use diesel::{prelude::*, upsert::excluded};
use domain::{
    ids::GarageId,
    reminder::{Offsets, OffsetsOf, SetOffsets},
    value::{ReminderItem, search_key},
};
use std::collections::{BTreeSet, HashMap};

/// The platform's own name among those of chains.
const PLATFORM: &str = "";

/// The days as they are stored: numbers with spaces between them.
fn written(offsets: &Offsets) -> String {
    offsets.days().map(|day| day.to_string()).collect::<Vec<_>>().join(" ")
}

/// The offsets of an item; none of an item of another version of the program, which means nothing here.
fn read(table: &'static str, of: &str, item: &str, days: &str) -> Result<Option<(ReminderItem, Offsets)>, StoreError> {
    let corrupt =
        |column, value: &str| StoreError::Corrupt { table, column, id: of.to_owned(), value: value.to_owned() };
    let Some(item) = ReminderItem::from_code(item) else { return Ok(None) };
    let numbers: Option<Vec<i64>> = days.split(' ').map(|day| day.parse().ok()).collect();
    let offsets = numbers.and_then(|numbers| Offsets::new(item, &numbers).ok());
    Ok(Some((item, offsets.ok_or_else(|| corrupt("days", days))?)))
}

fn add_central(set: &mut SetOffsets, found: Vec<(String, String, String)>) -> Result<(), StoreError> {
    for (chain, item, days) in found {
        let Some((item, offsets)) = read("reminder_offsets", &chain, &item, &days)? else { continue };
        let of = if chain == PLATFORM { OffsetsOf::Platform } else { OffsetsOf::Chain(chain) };
        set.set(of, item, offsets);
    }
    Ok(())
}

fn add_garages(set: &mut SetOffsets, found: Vec<(Key, String, String)>) -> Result<(), StoreError> {
    for (garage, item, days) in found {
        let read = read("garage_reminder_offsets", &garage.0.to_string(), &item, &days)?;
        let Some((item, offsets)) = read else { continue };
        set.set(OffsetsOf::Garage(garage.into()), item, offsets);
    }
    Ok(())
}

/// All offsets that were set, for the system's own work.
pub fn all_offsets(tx: &mut Tx<'_>) -> Result<SetOffsets, StoreError> {
    let mut set = SetOffsets::default();
    add_central(&mut set, reminder_offsets::table.load(tx.conn)?)?;
    add_garages(&mut set, garage_reminder_offsets::table.load(tx.conn)?)?;
    Ok(set)
}

/// The offsets that concern a garage of this chain.
pub fn offsets_of(tx: &mut Tx<'_>, garage: GarageId, chain: Option<&str>) -> Result<SetOffsets, StoreError> {
    let mut set = SetOffsets::default();
    let chains: Vec<String> = std::iter::once(PLATFORM.to_owned()).chain(chain.map(search_key)).collect();
    let central = reminder_offsets::table.filter(reminder_offsets::chain_key.eq_any(chains));
    add_central(&mut set, central.load(tx.conn)?)?;
    let own = garage_reminder_offsets::table.filter(garage_reminder_offsets::garage_id.eq(Key::from(garage)));
    add_garages(&mut set, own.load(tx.conn)?)?;
    Ok(set)
}

/// What counts for each of some garages: their chains, and the offsets of all levels that concern any of them.
pub fn offsets_of_each(
    tx: &mut Tx<'_>,
    garages: &[GarageId],
) -> Result<(HashMap<GarageId, Option<String>>, SetOffsets), StoreError> {
    let keys: Vec<Key> = garages.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<(Key, Option<String>)> =
        garages::table.filter(garages::id.eq_any(keys.clone())).select((garages::id, garages::chain)).load(tx.conn)?;
    let mut set = SetOffsets::default();
    let chains = found.iter().filter_map(|(_, chain)| chain.as_deref()).map(search_key);
    let chains: BTreeSet<String> = std::iter::once(PLATFORM.to_owned()).chain(chains).collect();
    let central = reminder_offsets::table.filter(reminder_offsets::chain_key.eq_any(chains));
    add_central(&mut set, central.load(tx.conn)?)?;
    let own = garage_reminder_offsets::table.filter(garage_reminder_offsets::garage_id.eq_any(keys));
    add_garages(&mut set, own.load(tx.conn)?)?;
    Ok((found.into_iter().map(|(id, chain)| (id.into(), chain)).collect(), set))
}

/// Stores the offsets that a level sets, in the place of those that it set before.
pub fn set_offsets(tx: &mut Tx<'_>, of: &OffsetsOf, item: ReminderItem, offsets: &Offsets) -> Result<(), StoreError> {
    let days = written(offsets);
    match central(of) {
        Err(garage) => {
            let insert = diesel::insert_into(garage_reminder_offsets::table).values((
                garage_reminder_offsets::garage_id.eq(Key::from(garage)),
                garage_reminder_offsets::item.eq(item.code()),
                garage_reminder_offsets::days.eq(days),
            ));
            let key = (garage_reminder_offsets::garage_id, garage_reminder_offsets::item);
            let set = garage_reminder_offsets::days.eq(excluded(garage_reminder_offsets::days));
            match tx.conn {
                AnyConnection::Postgres(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
                AnyConnection::Sqlite(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
            }
        }
        Ok(chain) => {
            let insert = diesel::insert_into(reminder_offsets::table).values((
                reminder_offsets::chain_key.eq(chain),
                reminder_offsets::item.eq(item.code()),
                reminder_offsets::days.eq(days),
            ));
            let key = (reminder_offsets::chain_key, reminder_offsets::item);
            let set = reminder_offsets::days.eq(excluded(reminder_offsets::days));
            match tx.conn {
                AnyConnection::Postgres(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
                AnyConnection::Sqlite(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
            }
        }
    };
    Ok(())
}

/// Deletes the offsets that a level sets.
pub fn clear_offsets(tx: &mut Tx<'_>, of: &OffsetsOf, item: ReminderItem) -> Result<(), StoreError> {
    match central(of) {
        Err(garage) => {
            diesel::delete(garage_reminder_offsets::table.find((Key::from(garage), item.code()))).execute(tx.conn)?
        }
        Ok(chain) => diesel::delete(reminder_offsets::table.find((chain, item.code()))).execute(tx.conn)?,
    };
    Ok(())
}

/// The key of a chain, or that of the platform; else the garage.
fn central(of: &OffsetsOf) -> Result<&str, GarageId> {
    match of {
        OffsetsOf::Platform => Ok(PLATFORM),
        OffsetsOf::Chain(chain) => Ok(chain),
        OffsetsOf::Garage(garage) => Err(*garage),
    }
}

/// The garages that a level concerns.
pub fn list_garages_of(tx: &mut Tx<'_>, of: &OffsetsOf) -> Result<Vec<GarageId>, StoreError> {
    let found: Vec<(Key, Option<String>)> =
        garages::table.order(garages::id).select((garages::id, garages::chain)).load(tx.conn)?;
    let is_concerned = |(id, chain): &(Key, Option<String>)| match of {
        OffsetsOf::Platform => true,
        OffsetsOf::Chain(key) => chain.as_deref().map(search_key).as_ref() == Some(key),
        OffsetsOf::Garage(garage) => GarageId::from(*id) == *garage,
    };
    Ok(found.into_iter().filter(is_concerned).map(|(id, _)| id.into()).collect())
}
