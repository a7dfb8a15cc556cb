//! Migrations, which are compiled in. They have the same names for both databases.

use crate::{connection::AnyConnection, email_keys::EMAIL_KEYS, error::StoreError, written_values::WRITTEN_VALUES};
use diesel::{
    Connection, PgConnection, RunQueryDsl, SqliteConnection,
    backend::Backend,
    connection::{AnsiTransactionManager, BoxableConnection, TransactionManager},
    migration::{self, Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion},
    pg::Pg,
    sql_query,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::fmt;

const POSTGRES_FILES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE_FILES: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: WithRust = WithRust(POSTGRES_FILES);
const SQLITE: WithRust = WithRust(SQLITE_FILES);

/// The migrations in files, and those that no SQL can do. The names say the order.
struct WithRust(EmbeddedMigrations);

impl MigrationSource<Pg> for WithRust {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Pg>>>> {
        let mut all: Vec<Box<dyn Migration<Pg>>> = self.0.migrations()?;
        all.extend(IN_RUST.map(|one| Box::new(one) as Box<dyn Migration<_>>));
        Ok(all)
    }
}

impl MigrationSource<Sqlite> for WithRust {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Sqlite>>>> {
        let mut all: Vec<Box<dyn Migration<Sqlite>>> = self.0.migrations()?;
        all.extend(IN_RUST.map(|one| Box::new(one) as Box<dyn Migration<_>>));
        Ok(all)
    }
}

/// A migration that no SQL can do. What it has done stays when it is reverted.
#[derive(Clone, Copy)]
pub(crate) struct InRust {
    pub(crate) name: &'static str,
    /// The digits with which the name begins: its place among the others.
    pub(crate) version: &'static str,
    pub(crate) on_postgres: fn(&mut PgConnection) -> migration::Result<()>,
    pub(crate) on_sqlite: fn(&mut SqliteConnection) -> migration::Result<()>,
}

const IN_RUST: [InRust; 2] = [EMAIL_KEYS, WRITTEN_VALUES];

/// What it means that a connection to the one database is not one.
const OTHER_KIND: &str = "the connection is of another kind";

impl Migration<Pg> for InRust {
    fn run(&self, connection: &mut dyn BoxableConnection<Pg>) -> migration::Result<()> {
        (self.on_postgres)(connection.downcast_mut().ok_or(OTHER_KIND)?)
    }

    fn revert(&self, _: &mut dyn BoxableConnection<Pg>) -> migration::Result<()> {
        Ok(())
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

impl Migration<Sqlite> for InRust {
    fn run(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> migration::Result<()> {
        (self.on_sqlite)(connection.downcast_mut().ok_or(OTHER_KIND)?)
    }

    fn revert(&self, _: &mut dyn BoxableConnection<Sqlite>) -> migration::Result<()> {
        Ok(())
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

impl MigrationMetadata for InRust {}

impl MigrationName for InRust {
    fn version(&self) -> MigrationVersion<'_> {
        self.version.into()
    }
}

impl fmt::Display for InRust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The lock that is held while migrating, so that processes that start at the same time do not migrate at the same
/// time.
const LOCK: &str = "SELECT pg_advisory_lock(4815162342)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(4815162342)";

pub(crate) fn run(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    match connection {
        AnyConnection::Postgres(c) => {
            // Building an index on a large table can take longer than the time limit of a statement.
            sql_query("SET statement_timeout = 0").execute(c)?;
            sql_query("SET lock_timeout = 0").execute(c)?;
            sql_query(LOCK).execute(c)?;
            let applied = run_pending(c, POSTGRES);
            sql_query(UNLOCK).execute(c)?;
            sql_query("SET statement_timeout = '30s'").execute(c)?;
            sql_query("SET lock_timeout = '5s'").execute(c)?;
            applied
        }
        AnyConnection::Sqlite(c) => {
            // The write lock comes first: a process that waited for it sees the migrations that were applied in the
            // meantime.
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?;
            let applied = run_pending(c, SQLITE);
            if applied.is_ok() {
                AnsiTransactionManager::commit_transaction(c)?;
            } else {
                AnsiTransactionManager::rollback_transaction(c)?;
            }
            applied
        }
    }
}

fn run_pending<C, S>(connection: &mut C, source: S) -> Result<Vec<String>, StoreError>
where
    C: Connection + MigrationHarness<C::Backend>,
    C::Backend: Backend + 'static,
    S: MigrationSource<C::Backend>,
{
    let applied =
        connection.run_pending_migrations(source).map_err(|error| StoreError::Migration(error.to_string()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

pub(crate) fn pending(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    match connection {
        AnyConnection::Postgres(c) => c.has_pending_migration(POSTGRES),
        AnyConnection::Sqlite(c) => c.has_pending_migration(SQLITE),
    }
    .map_err(|error| StoreError::Migration(error.to_string()))
}

pub(crate) fn revert_all(connection: &mut AnyConnection) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(c) => c.revert_all_migrations(POSTGRES).map(|_| ()),
        AnyConnection::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|_| ()),
    }
    .map_err(|error| StoreError::Migration(error.to_string()))
}
