//! The only way to the database: a pool of connections, and transactions on them.

use crate::{
    connection::{AnyConnection, Backend, DatabaseUrl, Manager},
    error::StoreError,
    migrations,
};
use diesel::r2d2::{Pool, PooledConnection};
use domain::ids::GarageId;
use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    backend: Backend,
    statements: Arc<AtomicU64>,
}

/// A transaction or, for reading, just a connection. All queries take it as an argument; nothing else can reach the
/// database.
pub struct Tx<'c> {
    pub(crate) conn: &'c mut AnyConnection,
    /// The garages with cars of which something elsewhere has changed that they are judged by.
    pub(crate) stale: BTreeSet<GarageId>,
}

impl<'c> Tx<'c> {
    fn new(conn: &'c mut AnyConnection) -> Self {
        Self { conn, stale: BTreeSet::new() }
    }

    /// The garages with cars that must be judged anew, since what was written in this transaction is known to a verdict on them
    /// (rule P8).
    pub fn take_stale(&mut self) -> BTreeSet<GarageId> {
        std::mem::take(&mut self.stale)
    }
}

/// The state of the pool, for metrics.
#[derive(Clone, Copy, Debug)]
pub struct PoolState {
    /// The number of open connections.
    pub open: u32,
    /// How many of those are not in use.
    pub idle: u32,
}

/// How many times a write is run before it gives up on a conflict. On PostgreSQL, if many writes change one row at the
/// same time without a lock, one succeeds at a time, and a new one is as likely to succeed as one that waits: in a
/// test, seven busy threads won against the eighth twenty times.
const ATTEMPTS: u32 = 50;

/// How long a write is run again after conflicts. If a conflict takes long, such as a lock that is not released, the
/// caller has waited long enough by then.
const RETRY_FOR: Duration = Duration::from_secs(5);

impl Store {
    /// Opens a pool of `size` connections, which are made when they are first needed.
    pub fn open(url: &DatabaseUrl, size: u32) -> Result<Self, StoreError> {
        if let Some(folder) = url.file().as_deref().and_then(std::path::Path::parent) {
            create_private_folder(folder)
                .map_err(|error| StoreError::CannotWrite(format!("{}: {error}", folder.display())))?;
        }
        let statements = Arc::new(AtomicU64::new(0));
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            // A ping before each use would take as long as most reads. If a connection died while it was idle, its
            // first statement fails, and the connection is replaced without anyone noticing.
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .error_handler(Box::new(LogPoolError))
            .build_unchecked(Manager { url: url.clone(), statements: Arc::clone(&statements) });
        Ok(Self { pool, backend: url.backend(), statements })
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The most connections in the pool.
    pub fn size(&self) -> u32 {
        self.pool.max_size()
    }

    /// How many statements were sent so far, including those that begin and end transactions.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The state of the pool.
    pub fn pool_state(&self) -> PoolState {
        let state = self.pool.state();
        PoolState { open: state.connections, idle: state.idle_connections }
    }

    /// Brings the schema up to date. Several processes may do so at the same time.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        migrations::run(&mut self.held()?.connection)
    }

    /// Reverts every migration, which deletes all data. For tests only.
    pub fn revert_all(&self) -> Result<(), StoreError> {
        migrations::revert_all(&mut self.held()?.connection)
    }

    /// Runs `work`, which only reads. Each statement sees what is committed when it runs. If the connection was dead,
    /// `work` is run again on another.
    pub fn read<T, E: From<StoreError> + AsStoreError>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // All idle connections may have died at the same time.
        let mut left = self.pool.max_size();
        loop {
            let mut held = self.held()?;
            let result = work(&mut Tx::new(&mut held.connection));
            held.lost = is_unavailable(&result);
            if !held.lost || left == 0 {
                return result;
            }
            left -= 1;
        }
    }

    /// Runs one transaction: all of `work` is stored, or nothing. After a conflict with another transaction, `work` is
    /// run again from the start, so it must have no effects elsewhere.
    pub fn write<T, E: From<StoreError> + AsStoreError>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (began, mut attempt) = (std::time::Instant::now(), 1);
        // All idle connections may have died at the same time.
        let mut left = self.pool.max_size();
        loop {
            let mut held = self.held()?;
            let opened = held.connection.begin_write().map_err(|error| E::from(error.into()));
            let could_begin = opened.is_ok();
            let result = opened.and_then(|()| finish(&mut held.connection, &mut work));
            held.lost = is_unavailable(&result);
            if held.lost && !could_begin && left > 0 {
                left -= 1;
                continue;
            }
            drop(held);
            match &result {
                Err(error)
                    if attempt < ATTEMPTS
                        && began.elapsed() < RETRY_FOR
                        && error.as_store_error().is_some_and(StoreError::is_transient) =>
                {
                    std::thread::sleep(pause(attempt));
                    attempt += 1;
                }
                _ => return result,
            }
        }
    }

    fn held(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.pool.get().map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

/// How long to wait after an attempt: up to 8 ms, and not as long as another thread that had the same conflict.
fn pause(attempt: u32) -> Duration {
    let mut hasher = std::hash::DefaultHasher::new();
    (std::thread::current().id(), attempt).hash(&mut hasher);
    let longest = u64::from(attempt * attempt).min(8) * 1000;
    Duration::from_micros(hasher.finish() % longest)
}

/// Lets [`Store::write`] find out whether a caller's error is an error of the store.
pub trait AsStoreError {
    /// The error of the store, if it is one.
    fn as_store_error(&self) -> Option<&StoreError>;
}

impl AsStoreError for StoreError {
    fn as_store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

fn is_unavailable<T, E: AsStoreError>(result: &Result<T, E>) -> bool {
    let error = result.as_ref().err().and_then(AsStoreError::as_store_error);
    matches!(error, Some(StoreError::Unavailable(_)))
}

/// Runs the work of a transaction that was begun, and ends the transaction.
fn finish<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    match work(&mut Tx::new(connection)) {
        Ok(value) => {
            connection.commit().map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            if let Err(rollback) = connection.roll_back() {
                tracing::warn!(%rollback, "a transaction could not be rolled back; its connection is dropped");
            }
            Err(error)
        }
    }
}

/// Makes a folder that only its owner can read, since the database holds personal data.
fn create_private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The pool tries again by itself; this logs that it had to.
#[derive(Debug)]
struct LogPoolError;

impl<E: std::fmt::Display> diesel::r2d2::HandleError<E> for LogPoolError {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "no connection to the database");
    }
}
