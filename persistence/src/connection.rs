//! Connections to the two databases, behind one type. A pool makes and keeps them.

use crate::error::StoreError;
use diesel::{
    Connection as _, PgConnection, QueryResult, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, Instrumentation, InstrumentationEvent, SimpleConnection, TransactionManager},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    r2d2::R2D2Connection,
    sql_types::{Array, Text},
};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    /// PostgreSQL, for production.
    Postgres(PgConnection),
    /// SQLite, embedded.
    Sqlite(SqliteConnection),
}

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// Where the database is. Only the scheme of the address chooses between the two: if Diesel tried one after the other,
/// it would make an SQLite file for a PostgreSQL address whose server is down.
#[derive(Clone)]
pub struct DatabaseUrl {
    backend: Backend,
    target: String,
}

/// Why an address is not the address of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must begin with sqlite:// (and name a file) or postgres://")]
pub struct DatabaseUrlError;

impl std::fmt::Debug for DatabaseUrl {
    /// The target is left out, since a PostgreSQL address contains a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseUrl").field("backend", &self.backend).finish_non_exhaustive()
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
            return Ok(Self { backend: Backend::Sqlite, target: path.to_owned() });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self { backend: Backend::Postgres, target: url.to_owned() });
        }
        Err(DatabaseUrlError)
    }
}

impl DatabaseUrl {
    /// Which of the two databases the address names.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        (self.backend == Backend::Sqlite).then(|| PathBuf::from(&self.target))
    }
}

/// The longest wait for another writer. It comes first, since the pragmas after it may have to wait too.
const SQLITE_PATIENCE: &str = "PRAGMA busy_timeout = 5000;";

/// It is kept in the file: only the first connection to a new file changes something by it.
const SQLITE_JOURNAL: &str = "PRAGMA journal_mode = WAL;";

const SQLITE_SETTINGS: &str = "PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -2000;";

/// The time limits for a statement and for the wait for a lock.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = '30s';
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = 'warning';";

/// A connection in the pool.
pub(crate) struct Held {
    pub(crate) connection: AnyConnection,
    /// Whether the connection was found dead, so that the pool must drop it.
    pub(crate) lost: bool,
}

fn counting(statements: &Arc<AtomicU64>) -> impl Instrumentation + use<> {
    let statements = Arc::clone(statements);
    move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            statements.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Makes connections for the pool, and says which are broken.
pub(crate) struct Manager {
    pub(crate) url: DatabaseUrl,
    /// The number of statements that were sent; on PostgreSQL each is a round trip.
    pub(crate) statements: Arc<AtomicU64>,
}

/// How many connections are being made now, in the whole process.
static CONNECTING: AtomicUsize = AtomicUsize::new(0);
/// Whether no more connections are made, since the process ends.
static IS_ENDING: AtomicBool = AtomicBool::new(false);
/// How long the end of the process waits for connections that are being made.
const PATIENCE: Duration = Duration::from_secs(3);

/// A connection that is being made.
struct Connecting;

impl Connecting {
    /// Begins one. While the process ends, the thread stops here.
    fn begin() -> Self {
        CONNECTING.fetch_add(1, Ordering::SeqCst);
        let begun = Self;
        if IS_ENDING.load(Ordering::SeqCst) {
            drop(begun);
            loop {
                std::thread::park();
            }
        }
        begun
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        CONNECTING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Makes no more connections, and waits for those that a pool is making in the background. A process does this before it
/// ends: OpenSSL frees what it has then, and a thread that is just computing with it would end the process by a signal.
pub fn make_no_more_connections() {
    IS_ENDING.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    while CONNECTING.load(Ordering::SeqCst) > 0 && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(2));
    }
}

impl diesel::r2d2::ManageConnection for Manager {
    type Connection = Held;
    type Error = StoreError;

    fn connect(&self) -> Result<Held, StoreError> {
        let _connecting = Connecting::begin();
        let connection = match self.url.backend {
            Backend::Postgres => {
                let mut connection = PgConnection::establish(&self.url.target)?;
                connection.batch_execute(POSTGRES_SETTINGS)?;
                connection.set_instrumentation(counting(&self.statements));
                AnyConnection::Postgres(connection)
            }
            Backend::Sqlite => {
                let mut connection = open_sqlite(&self.url.target)?;
                connection.set_instrumentation(counting(&self.statements));
                AnyConnection::Sqlite(connection)
            }
        };
        Ok(Held { connection, lost: false })
    }

    fn is_valid(&self, held: &mut Held) -> Result<(), StoreError> {
        Ok(held.connection.ping()?)
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        held.lost || std::thread::panicking() || held.connection.is_broken()
    }
}

/// Opens a file, which is made if it is missing.
fn open_sqlite(path: &str) -> Result<SqliteConnection, StoreError> {
    make_private_file(path);
    let mut connection = SqliteConnection::establish(path)?;
    connection.batch_execute(SQLITE_PATIENCE)?;
    keep_journal_beside(&mut connection)?;
    connection.batch_execute(SQLITE_SETTINGS)?;
    Ok(connection)
}

/// Makes a new file that its owner alone can read. SQLite gives the files beside it the same permissions. When this cannot
/// be done, SQLite says why, as it opens the file.
fn make_private_file(path: &str) {
    use std::os::unix::fs::OpenOptionsExt as _;
    drop(std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path));
}

/// Lets SQLite write its journal beside the file. Of connections that open a new file at the same moment, all but one may be
/// refused at once: each has read the file's head and must write it, so that none would gain by waiting for the others, and
/// SQLite does not wait. So it is tried again, for as long as SQLite waits elsewhere.
fn keep_journal_beside(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const WAIT: Duration = Duration::from_millis(5);
    let begun = Instant::now();
    loop {
        match connection.batch_execute(SQLITE_JOURNAL).map_err(StoreError::from) {
            Err(StoreError::Busy(_)) if begun.elapsed() < Duration::from_secs(5) => std::thread::sleep(WAIT),
            done => return done,
        }
    }
}

impl AnyConnection {
    /// Begins a transaction that will write. On SQLite it takes the write lock at once: SQLite refuses, without
    /// waiting, a transaction that first reads and then writes if another one wrote in between.
    pub(crate) fn begin_write(&mut self) -> Result<(), diesel::result::Error> {
        match self {
            Self::Postgres(c) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED")
            }
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        }
    }

    pub(crate) fn commit(&mut self) -> Result<(), diesel::result::Error> {
        match self {
            Self::Postgres(c) => AnsiTransactionManager::commit_transaction(c),
            Self::Sqlite(c) => AnsiTransactionManager::commit_transaction(c),
        }
    }

    pub(crate) fn roll_back(&mut self) -> Result<(), diesel::result::Error> {
        match self {
            Self::Postgres(c) => AnsiTransactionManager::rollback_transaction(c),
            Self::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c),
        }
    }
}

/// Runs one body on the concrete connection, PostgreSQL's or SQLite's, instead of on the enum of both. A body that
/// needs the type of its backend names it after the connection. This is for the reads that every request waits for: on
/// the enum, Diesel writes each statement three times and walks it seven times before it is sent, and checks for each
/// value of a row which database it comes from.
macro_rules! on_each {
    ($tx:expr, $connection:ident => $body:expr) => {
        match $tx.conn {
            $crate::connection::AnyConnection::Postgres($connection) => $body,
            $crate::connection::AnyConnection::Sqlite($connection) => $body,
        }
    };
    ($tx:expr, $connection:ident, $backend:ident => $body:expr) => {
        match $tx.conn {
            $crate::connection::AnyConnection::Postgres($connection) => {
                type $backend = diesel::pg::Pg;
                $body
            }
            $crate::connection::AnyConnection::Sqlite($connection) => {
                type $backend = diesel::sqlite::Sqlite;
                $body
            }
        }
    };
}

pub(crate) use on_each;

/// From this number of rows on, a COPY is faster in spite of its extra round trips.
pub(crate) const COPY_FROM: usize = 8;

/// Inserts rows into one table: a few one by one, many by COPY on PostgreSQL.
macro_rules! insert_all {
    ($tx:expr, $table:path, $rows:expr) => {{
        let rows = $rows;
        match &mut *$tx.conn {
            $crate::connection::AnyConnection::Postgres(connection) if rows.len() >= $crate::connection::COPY_FROM => {
                diesel::copy_from($table).from_insertable(rows).execute(connection)?;
            }
            $crate::connection::AnyConnection::Postgres(connection) => {
                for row in rows {
                    diesel::insert_into($table).values(row).execute(connection)?;
                }
            }
            $crate::connection::AnyConnection::Sqlite(connection) => {
                for row in rows {
                    diesel::insert_into($table).values(row).execute(connection)?;
                }
            }
        }
    }};
}

pub(crate) use insert_all;

/// A query that is run for each of many keys. It refers to the key as `wanted.key`; `OFFSET 0` keeps PostgreSQL from
/// merging it with the list of keys.
///
/// With `= ANY`, PostgreSQL sometimes reads all rows of a garage or country that it believes to be small, such as a
/// garage that has just joined, and compares each row with the whole list. It does not keep such a plan either: it
/// plans again each time.
pub(crate) struct ForEach<'k, Q> {
    pub(crate) keys: &'k [&'k str],
    pub(crate) query: Q,
}

impl<Q: Query> Query for ForEach<'_, Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for ForEach<'_, Q> {}

impl<Q> QueryId for ForEach<'_, Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for ForEach<'_, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT found.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.keys)?;
        out.push_sql(") AS wanted (key) CROSS JOIN LATERAL (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(" OFFSET 0) AS found");
        Ok(())
    }
}

/// Loads the rows of a query that have one of many keys in a column.
macro_rules! load_each {
    ($tx:expr, $query:expr, $($column:ident)::+ in $keys:expr) => {
        match &mut *$tx.conn {
            $crate::connection::AnyConnection::Postgres(connection) => {
                let wanted = diesel::dsl::sql::<diesel::dsl::SqlTypeOf<$($column)::+>>("wanted.key");
                let query = $query.filter($($column)::+.eq(wanted));
                $crate::connection::ForEach { keys: $keys, query }.load(connection)?
            }
            $crate::connection::AnyConnection::Sqlite(connection) => {
                $query.filter($($column)::+.eq_any($keys)).load(connection)?
            }
        }
    };
}

pub(crate) use load_each;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_alone_chooses_the_database() {
        let backend = |url: &str| url.parse::<DatabaseUrl>().map(|url| url.backend());
        assert_eq!(backend("sqlite://data/autopaspoort.db"), Ok(Backend::Sqlite));
        assert_eq!(backend("postgres://u:p@localhost/db"), Ok(Backend::Postgres));
        assert_eq!(backend("postgresql:///db"), Ok(Backend::Postgres));
        for bad in ["", "sqlite://", "data.db", "mysql://x", "host=localhost dbname=x"] {
            assert_eq!(backend(bad), Err(DatabaseUrlError), "{bad}");
        }
        let url: DatabaseUrl = "postgres://u:secret@localhost/db".parse().unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
