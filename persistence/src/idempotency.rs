//! Stored answers to POSTs with an `Idempotency-Key`. The caller seals the bodies.

use crate::{error::StoreError, schema::idempotency_keys, sql_types::Time, store::Tx};
use diesel::prelude::*;
use domain::Instant;

/// An answer that was sent before.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub struct StoredAnswer {
    /// Who sent the key.
    pub actor: String,
    /// The key.
    pub idempotency_key: String,
    /// A keyed hash of method, path and body, which identifies the request.
    pub fingerprint: Vec<u8>,
    /// The status.
    pub status: i64,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The body, sealed.
    pub sealed_body: Vec<u8>,
}

/// The answer to an earlier request with this key.
pub fn find(tx: &mut Tx<'_>, actor: &str, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
    let query = idempotency_keys::table.find((actor, key)).select(StoredAnswer::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Inserts an answer. If another request with the same key inserted its answer at the same moment, this one fails as a
/// duplicate, and is run again.
pub fn insert(tx: &mut Tx<'_>, answer: StoredAnswer, now: Instant) -> Result<(), StoreError> {
    diesel::insert_into(idempotency_keys::table)
        .values((answer, idempotency_keys::created_at.eq(Time(now))))
        .execute(tx.conn)?;
    Ok(())
}

/// Deletes the answer to a request.
pub fn delete(tx: &mut Tx<'_>, actor: &str, key: &str) -> Result<(), StoreError> {
    diesel::delete(idempotency_keys::table.find((actor, key))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the answers that are older than an instant.
pub fn delete_older(tx: &mut Tx<'_>, than: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(Time(than)))).execute(tx.conn)?)
}
