//! Whether the database can be used.

use crate::{error::StoreError, migrations, store::Tx};

/// Reaches the database and looks for migrations that were not run.
pub fn has_pending_migrations(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    migrations::pending(tx.conn)
}
