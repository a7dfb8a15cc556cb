//! What is gone from lists (rule LS1), written in the transaction in which it went.

use crate::{
    connection::{AnyConnection, on_each},
    error::StoreError,
    page::{Page, PageRequest},
    schema::removals,
    scope::{Found, Scope, scoped},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    ids::{AccountId, FleetId, VehicleId},
    removal::{FollowedList, Removal},
};
use uuid::Uuid;

#[derive(Insertable)]
#[diesel(table_name = removals, treat_none_as_default_value = false)]
struct Row {
    holder_id: Key,
    removed_at: Time,
    item_id: Key,
    list: &'static str,
    garage_id: Option<Key>,
}

impl Row {
    fn new(removal: &Removal) -> Self {
        Self {
            holder_id: Key(removal.holder.id()),
            removed_at: removal.at.into(),
            item_id: Key(removal.item),
            list: removal.list.code(),
            garage_id: removal.garage_id.map(Key::from),
        }
    }
}

/// Where a list of what is gone continues: after this instant and id.
pub type RemovalKey = (Instant, Uuid);

/// Something that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its id.
    pub id: Uuid,
    /// When it went.
    pub at: Instant,
}

/// Writes down what is gone from lists. Of what left a list and came back at the same instant, once is enough.
pub fn insert_all(tx: &mut Tx<'_>, gone: &[Removal]) -> Result<(), StoreError> {
    for removal in gone {
        let insert = diesel::insert_into(removals::table).values(Row::new(removal));
        match &mut *tx.conn {
            AnyConnection::Postgres(conn) => insert.on_conflict_do_nothing().execute(conn)?,
            AnyConnection::Sqlite(conn) => insert.on_conflict_do_nothing().execute(conn)?,
        };
    }
    Ok(())
}

/// Whose lists each kind of actor reaches: their own.
macro_rules! reach {
    (garage: $garage:expr) => {
        removals::holder_id.nullable().eq($garage)
    };
    (fleet: $fleet:expr, $account:expr) => {
        removals::holder_id.nullable().eq($fleet)
    };
    (driver: $account:expr, $email:expr) => {
        removals::holder_id.nullable().eq($account)
    };
    (nothing) => {
        removals::holder_id.eq(Key(Uuid::nil()))
    };
}

/// Which removals from a list of a fleet or a car each kind of actor reaches: a garage those of what it kept itself.
macro_rules! reach_kept {
    (garage: $garage:expr) => {
        removals::garage_id.eq($garage)
    };
    (fleet: $fleet:expr, $account:expr) => {
        reach_kept!(nothing)
    };
    (driver: $account:expr, $email:expr) => {
        reach_kept!(nothing)
    };
    (nothing) => {
        removals::holder_id.eq(Key(Uuid::nil()))
    };
}

/// Whose list it is from which something is gone.
#[derive(Clone, Copy, Debug)]
pub enum ListOf {
    /// The actor's own.
    Actor,
    /// That of a fleet, as a garage sees it.
    Fleet(Found<FleetId>),
    /// Of a car, what only the garage sees that keeps it.
    KeptCar(Found<VehicleId>),
    /// Of a car, what whoever sees the list may see of it.
    Car(Found<VehicleId>),
    /// That of an account, which is the actor's.
    Account(AccountId),
}

/// What is gone from lists in scope since an instant, in the order in which it went, in one query.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    lists: &[FollowedList],
    of: ListOf,
    request: &PageRequest<RemovalKey>,
) -> Result<Page<Gone, RemovalKey>, StoreError> {
    let since = request.updated_since.unwrap_or(Instant::UNIX_EPOCH);
    let codes: Vec<&str> = lists.iter().map(|list| list.code()).collect();
    let found: Vec<(Key, Time)> = on_each!(tx, connection, Db => {
        let query = removals::table.select((removals::item_id, removals::removed_at)).into_boxed::<Db>();
        let held_by = |holder: Key| removals::holder_id.eq(holder);
        let query = match of {
            ListOf::Actor => scoped!(reach, query, scope, scoped => scoped),
            ListOf::Fleet(fleet) => {
                let query = query.filter(held_by(Key::from(*fleet)));
                scoped!(reach_kept, query, scope, scoped => scoped)
            }
            ListOf::KeptCar(vehicle) => {
                let query = query.filter(held_by(Key::from(*vehicle)));
                scoped!(reach_kept, query, scope, scoped => scoped)
            }
            ListOf::Car(vehicle) => query.filter(held_by(Key::from(*vehicle))),
            ListOf::Account(account) => query.filter(held_by(Key::from(account))),
        };
        let mut query = query.filter(removals::list.eq_any(&codes)).filter(removals::removed_at.ge(Time(since)));
        if let Some((at, id)) = request.after {
            let same = removals::removed_at.eq(Time(at)).and(removals::item_id.gt(Key(id)));
            let later = removals::removed_at.gt(Time(at)).or(same);
            query = query.filter(removals::removed_at.ge(Time(at))).filter(later);
        }
        query.order((removals::removed_at, removals::item_id)).limit(request.sql_limit()).load(connection)?
    });
    let gone: Vec<Gone> = found.into_iter().map(|(id, at)| Gone { id: id.0, at: at.0 }).collect();
    Ok(request.page(gone, |one| (one.at, one.id)))
}

/// Deletes what went before an instant.
pub fn delete_older(tx: &mut Tx<'_>, than: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(removals::table.filter(removals::removed_at.lt(Time(than)))).execute(tx.conn)?)
}
