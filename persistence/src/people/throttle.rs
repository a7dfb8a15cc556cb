//! What is recorded about attempts at an account or from an address. The caller hashes the subjects.

use crate::{error::StoreError, schema::throttles, sql_types::Time, store::Tx};
use diesel::prelude::*;
use domain::{Instant, throttle::Attempts};

/// What is recorded about the attempts of a subject.
pub fn find(tx: &mut Tx<'_>, subject: &[u8]) -> Result<Option<Attempts>, StoreError> {
    let found: Option<(i64, Time)> = throttles::table
        .find(subject.to_vec())
        .select((throttles::attempts, throttles::last_at))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(count, last_at)| Attempts { count: u32::try_from(count).unwrap_or(u32::MAX), last_at: last_at.0 }))
}

/// Stores a record. `before` is what was found, so that of two attempts at the same moment both are counted.
pub fn save(tx: &mut Tx<'_>, subject: &[u8], before: Option<Attempts>, after: Attempts) -> Result<(), StoreError> {
    let set = (throttles::attempts.eq(i64::from(after.count)), throttles::last_at.eq(Time(after.last_at)));
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
            let same = throttles::table
                .find(subject.to_vec())
                .filter(throttles::attempts.eq(i64::from(before.count)))
                .filter(throttles::last_at.eq(Time(before.last_at)));
            diesel::update(same).set(set).execute(tx.conn)?
        }
    };
    crate::row::changed_one("throttles", rows)
}

/// Deletes a record, after a successful attempt.
pub fn delete(tx: &mut Tx<'_>, subject: &[u8]) -> Result<(), StoreError> {
    diesel::delete(throttles::table.find(subject.to_vec())).execute(tx.conn)?;
    Ok(())
}

/// Deletes the records that are older than an instant.
pub fn delete_older(tx: &mut Tx<'_>, than: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(throttles::table.filter(throttles::last_at.lt(Time(than)))).execute(tx.conn)?)
}
