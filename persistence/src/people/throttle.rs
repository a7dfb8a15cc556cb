//! What is remembered of guesses. The caller hashes the subjects.

use crate::{error::StoreError, schema::throttles, sql_types::Time, store::Tx};
use diesel::prelude::*;
use domain::{Instant, throttle::Attempts};

/// What is remembered of the guesses at a subject.
pub fn find(tx: &mut Tx<'_>, subject: &[u8]) -> Result<Option<Attempts>, StoreError> {
    let found: Option<Time> =
        throttles::table.find(subject.to_vec()).select(throttles::full_at).first(tx.conn).optional()?;
    Ok(found.map(|full_at| Attempts { full_at: full_at.0 }))
}

/// Stores what to remember. `before` is what was found, so that of two guesses at the same moment both are counted.
pub fn save(tx: &mut Tx<'_>, subject: &[u8], before: Option<Attempts>, after: Attempts) -> Result<(), StoreError> {
    let set = throttles::full_at.eq(Time(after.full_at));
    let rows = match before {
        None => diesel::insert_into(throttles::table)
            .values((throttles::subject.eq(subject.to_vec()), set))
            .execute(tx.conn)
            .map_err(StoreError::from)
            .map_err(|error| {
                let is_known = matches!(error, StoreError::Duplicate(_));
                if is_known { StoreError::Stale { table: "throttles" } } else { error }
            })?,
        Some(before) => {
            let same = throttles::table.find(subject.to_vec()).filter(throttles::full_at.eq(Time(before.full_at)));
            diesel::update(same).set(set).execute(tx.conn)?
        }
    };
    crate::row::changed_one("throttles", rows)
}

/// Forgets the guesses at a subject.
pub fn delete(tx: &mut Tx<'_>, subject: &[u8]) -> Result<(), StoreError> {
    diesel::delete(throttles::table.find(subject.to_vec())).execute(tx.conn)?;
    Ok(())
}

/// Deletes what has come back before an instant.
pub fn delete_older(tx: &mut Tx<'_>, than: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(throttles::table.filter(throttles::full_at.lt(Time(than)))).execute(tx.conn)?)
}
