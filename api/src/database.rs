//! The one way from a request to the database: as many at once as there are connections, first come first served.

use crate::problem::{Code, Problem};
use persistence::{Store, Tx};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// How many requests may wait for a connection; more are told at once to come back.
const QUEUE: usize = 1_000;
/// How long one waits at the most.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database, behind its queue.
#[derive(Clone)]
pub struct Database {
    store: Store,
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Database {
    /// Admits as many requests as the store has connections.
    pub fn new(store: Store) -> Self {
        let size = usize::try_from(store.size()).unwrap_or(1);
        Self { store, turns: Arc::new(Semaphore::new(size)), waiting: Arc::new(AtomicUsize::new(0)) }
    }

    /// The store itself, for work outside requests.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many requests wait for a connection.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Reads.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.in_turn(move |store| store.read(work)).await
    }

    /// Runs one transaction; see [`Store::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.in_turn(move |store| store.write(work)).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let overloaded = || Problem::new(Code::Overloaded).retry_after(2);
        let ahead = self.waiting.fetch_add(1, Ordering::Relaxed);
        let turn = if ahead >= QUEUE {
            None
        } else {
            let turn = Arc::clone(&self.turns).acquire_owned();
            tokio::time::timeout(PATIENCE, turn).await.ok().and_then(Result::ok)
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let turn = turn.ok_or_else(overloaded)?;
        let store = self.store.clone();
        // The turn goes along, so that a request whose client has gone still holds its place while it works.
        let work = move || {
            let result = work(&store);
            drop(turn);
            result
        };
        actix_web::web::block(work).await.map_err(|error| Problem::internal(&error.to_string()))?
    }
}
