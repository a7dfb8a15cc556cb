//! The keys that sign access tokens. The caller seals the private keys.

use crate::{error::StoreError, schema::signing_keys, sql_types::Time, store::Tx};
use diesel::prelude::*;
use domain::Instant;

/// A signing key.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    /// Its id (`kid`).
    pub id: String,
    /// The private key, sealed.
    pub sealed_private: Vec<u8>,
    /// The public key: 32 bytes of Ed25519.
    pub public: Vec<u8>,
    created_at: Time,
}

impl SigningKey {
    /// A new key.
    pub fn new(id: String, sealed_private: Vec<u8>, public: Vec<u8>, created_at: Instant) -> Self {
        Self { id, sealed_private, public, created_at: created_at.into() }
    }

    /// When it was made.
    pub fn created_at(&self) -> Instant {
        self.created_at.0
    }
}

/// Inserts a new key.
pub fn insert(tx: &mut Tx<'_>, key: SigningKey) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table).values(key).execute(tx.conn)?;
    Ok(())
}

/// All keys, the newest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<SigningKey>, StoreError> {
    Ok(signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::id.desc()))
        .select(SigningKey::as_select())
        .load(tx.conn)?)
}

/// Deletes the keys that were made before an instant, except the newest one of all.
pub fn delete_older(tx: &mut Tx<'_>, than: Instant, newest: &str) -> Result<usize, StoreError> {
    let old = signing_keys::table.filter(signing_keys::created_at.lt(Time(than))).filter(signing_keys::id.ne(newest));
    Ok(diesel::delete(old).execute(tx.conn)?)
}
