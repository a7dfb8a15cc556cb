//! The one way in: a pool of connections, and transactions on them.

use crate::{
    connection::{AnyConnection, Backend, DatabaseUrl, Manager},
    error::StoreError,
    migrations,
};
use diesel::r2d2::{Pool, PooledConnection};
use std::{
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

/// A transaction, or for reading just a connection. Queries take it; nothing else reaches the database.
pub struct Tx<'c> {
    pub(crate) conn: &'c mut AnyConnection,
}

/// How the pool stands, for metrics.
#[derive(Clone, Copy, Debug)]
pub struct PoolState {
    /// Connections that are open.
    pub open: u32,
    /// Of those, the ones not in use.
    pub idle: u32,
}

/// How often a write is run before giving up on a conflict. On PostgreSQL, of many that change one row at once without
/// taking a lock first, one gets through at a time, and newcomers are as likely as those who wait: seven busy
/// threads were seen to beat the eighth twenty times.
const ATTEMPTS: u32 = 50;

/// For how long a write is run again. A conflict that was waited for, such as a lock that nobody gives back, has used up
/// the caller's patience by then.
const RETRY_FOR: Duration = Duration::from_secs(5);

impl Store {
    /// Opens a pool of `size` connections, made when first needed.
    pub fn open(url: &DatabaseUrl, size: u32) -> Result<Self, StoreError> {
        if let Some(folder) = url.file().as_deref().and_then(std::path::Path::parent) {
            create_private_folder(folder)
                .map_err(|error| StoreError::CannotWrite(format!("{}: {error}", folder.display())))?;
        }
        let statements = Arc::new(AtomicU64::new(0));
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            // A ping before each use would be a round trip as long as most reads. A connection that died while it lay
            // idle is found out by its first statement, and replaced unseen.
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .error_handler(Box::new(LogPoolError))
            .build_unchecked(Manager { url: url.clone(), statements: Arc::clone(&statements) });
        Ok(Self { pool, backend: url.backend(), statements })
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// How many connections there are at the most.
    pub fn size(&self) -> u32 {
        self.pool.max_size()
    }

    /// How many statements were sent so far, those that begin and end transactions among them.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How the pool stands.
    pub fn pool_state(&self) -> PoolState {
        let state = self.pool.state();
        PoolState { open: state.connections, idle: state.idle_connections }
    }

    /// Brings the schema up to date; several processes may do so at once.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        migrations::run(&mut self.held()?.connection)
    }

    /// Takes back every migration. For tests: it drops all data.
    pub fn revert_all(&self) -> Result<(), StoreError> {
        migrations::revert_all(&mut self.held()?.connection)
    }

    /// Reads. Each statement sees what is committed when it runs. When the connection turns out to have died, it is run
    /// again on another.
    pub fn read<T, E: From<StoreError> + AsStoreError>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // All that lie idle may have died together.
        let mut left = self.pool.max_size();
        loop {
            let mut held = self.held()?;
            let result = work(&mut Tx { conn: &mut held.connection });
            held.lost = is_unavailable(&result);
            if !held.lost || left == 0 {
                return result;
            }
            left -= 1;
        }
    }

    /// Runs one transaction: all of `work` is stored, or nothing. A conflict with another transaction runs it again,
    /// from the start, so `work` must not leave traces elsewhere.
    pub fn write<T, E: From<StoreError> + AsStoreError>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (began, mut attempt) = (std::time::Instant::now(), 1);
        // All that lie idle may have died together.
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

/// How long to wait after an attempt: up to 8 ms, and not as long as another thread that met the same conflict.
fn pause(attempt: u32) -> Duration {
    let mut hasher = std::hash::DefaultHasher::new();
    (std::thread::current().id(), attempt).hash(&mut hasher);
    let longest = u64::from(attempt * attempt).min(8) * 1000;
    Duration::from_micros(hasher.finish() % longest)
}

/// Lets [`Store::write`] see whether a caller's error is one of the store's.
pub trait AsStoreError {
    /// The store's error, if it is one.
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

/// The work of a transaction that was begun, and its end.
fn finish<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    match work(&mut Tx { conn: connection }) {
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

/// Makes a folder that its owner alone can look into: the database holds what customers trust their garage with.
fn create_private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The pool tries again by itself; that it had to is worth a line in the log.
#[derive(Debug)]
struct LogPoolError;

impl<E: std::fmt::Display> diesel::r2d2::HandleError<E> for LogPoolError {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "no connection to the database");
    }
}
