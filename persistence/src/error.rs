//! What can go wrong in the store, in terms that the other crates understand.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A unique key, which is a rule that the database itself keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueKey {
    /// Rule A1: a login e-mail belongs to one account.
    AccountEmail,
    /// Rule P1: one passport in use per plate.
    PassportPlate,
    /// Rule T5: one open offer per passport.
    OpenTransfer,
    /// Rule P6: one open change of garage per passport.
    OpenGarageChange,
    /// Rule SR6: one record per invoice of a garage.
    ServiceInvoice,
    /// One answer per idempotency key.
    IdempotencyKey,
    /// Rule CH2: one row for a device. Two that register it at once are in the order of their transactions.
    Device,
    /// Any other unique key: the numbers of events in a stream, the job of a consequence, tokens, keys. No request
    /// alone can violate these.
    Internal,
}

/// PostgreSQL names the index; SQLite names the columns.
const UNIQUE_KEYS: [(&str, &str, UniqueKey); 7] = [
    ("accounts_email_key", "accounts.email_key, accounts.is_email_confirmed", UniqueKey::AccountEmail),
    ("passports_plate", "passports.country, passports.plate", UniqueKey::PassportPlate),
    ("transfers_open", "transfers.passport_id", UniqueKey::OpenTransfer),
    ("garage_changes_open", "garage_changes.passport_id", UniqueKey::OpenGarageChange),
    ("service_invoices_pkey", "service_invoices.garage_id, service_invoices.invoice_number", UniqueKey::ServiceInvoice),
    ("devices_target", "devices.target_hash", UniqueKey::Device),
    ("idempotency_keys_pkey", "idempotency_keys.actor, idempotency_keys.idempotency_key", UniqueKey::IdempotencyKey),
];

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Two rows would have the same unique key.
    #[error("duplicate {0:?}")]
    Duplicate(UniqueKey),
    /// Another transaction changed the row after it was read.
    #[error("{table} was changed by someone else meanwhile")]
    Stale {
        /// The table.
        table: &'static str,
    },
    /// Another transaction held a lock that this one needs for too long. Trying again may work.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// There is no free connection, or the connection broke.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The disk is full, or the file cannot be written.
    #[error("the database cannot write: {0}")]
    CannotWrite(String),
    /// A row has a value that cannot become a domain value.
    #[error("{table}.{column} of {id} cannot be read: {value:?}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
        /// The value; never a secret.
        value: String,
    },
    /// A migration failed, or the schema is not the one that this program knows.
    #[error("migration: {0}")]
    Migration(String),
    /// Anything else, which is a bug in the program.
    #[error("the database refused: {0}")]
    Internal(String),
}

impl StoreError {
    /// Whether the same transaction may succeed if it is run again.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Stale { .. } | Self::Busy(_) | Self::Duplicate(UniqueKey::IdempotencyKey | UniqueKey::Device)
        )
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        #[expect(clippy::wildcard_enum_match_arm, reason = "Diesel's errors, to which it may add")]
        match error {
            DieselError::DatabaseError(kind, info) => database_error(kind, info.message(), info.constraint_name()),
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the transaction broke with its connection".into())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

fn database_error(kind: DatabaseErrorKind, message: &str, constraint: Option<&str>) -> StoreError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "Diesel's kinds of error, to which it may add")]
    match kind {
        DatabaseErrorKind::UniqueViolation => StoreError::Duplicate(unique_key(message, constraint)),
        DatabaseErrorKind::SerializationFailure => StoreError::Busy(message.into()),
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            StoreError::Unavailable(message.into())
        }
        DatabaseErrorKind::ReadOnlyTransaction => StoreError::CannotWrite(message.into()),
        _ => by_message(message),
    }
}

fn unique_key(message: &str, constraint: Option<&str>) -> UniqueKey {
    let columns = message.strip_prefix("UNIQUE constraint failed: ");
    UNIQUE_KEYS
        .iter()
        .find(|(index, names, _)| constraint == Some(*index) || columns == Some(*names))
        .map_or(UniqueKey::Internal, |(_, _, key)| *key)
}

/// For these conditions both libraries give nothing but a message.
fn by_message(message: &str) -> StoreError {
    let has = |part: &str| message.contains(part);
    if has("database is locked") || has("deadlock detected") || has("lock timeout") || has("statement timeout") {
        StoreError::Busy(message.into())
    } else if has("disk is full")
        || has("No space left")
        || has("could not extend file")
        || has("readonly database")
        || has("disk I/O error")
    {
        StoreError::CannotWrite(message.into())
    } else if has("terminating connection")
        || has("server closed the connection")
        || has("no connection to the server")
        || has("could not connect")
        || has("connection to server")
        || has("shutting down")
        || has("starting up")
        || has("unable to open database file")
        || has("SSL connection has been closed")
    {
        StoreError::Unavailable(message.into())
    } else {
        StoreError::Internal(message.into())
    }
}

impl From<diesel::ConnectionError> for StoreError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<diesel::r2d2::Error> for StoreError {
    fn from(error: diesel::r2d2::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_names_for_a_key_are_known() {
        for (index, columns, key) in UNIQUE_KEYS {
            assert_eq!(unique_key("duplicate key value violates unique constraint", Some(index)), key);
            assert_eq!(unique_key(&format!("UNIQUE constraint failed: {columns}"), None), key);
        }
        assert_eq!(
            unique_key("UNIQUE constraint failed: jobs.stream_id, jobs.event_number, jobs.position", None),
            UniqueKey::Internal
        );
    }
}
