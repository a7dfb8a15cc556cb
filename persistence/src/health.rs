//! The health check of the database.

use crate::{error::StoreError, migrations, store::Tx};

/// Whether there are migrations that were not run; an error if the database cannot be reached.
pub fn has_pending_migrations(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    migrations::pending(tx.conn)
}
