//! The only way from a request to the database: a bounded queue, and a thread for each connection that takes work from
//! it. Requests are served in the order in which they come. A request that finds the queue full, or has waited for too
//! long, is answered with `overloaded`.

use crate::problem::{Code, Problem};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use persistence::{Store, Tx};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::oneshot;

/// How many requests may wait for a connection; more are answered at once with `overloaded`.
const QUEUE: usize = 1_000;
/// How long a request waits at the most.
const PATIENCE: Duration = Duration::from_secs(5);

type QueuedWork = Box<dyn FnOnce(&Store) + Send>;

/// The database, behind its queue.
#[derive(Clone)]
pub struct Database {
    store: Store,
    queue: Sender<QueuedWork>,
    // This field must come after the queue: the threads end when no sender is left.
    _threads: Arc<Threads>,
}

/// The threads. When the last owner drops them, it waits until they have closed their connections, so that a stopped
/// server leaves an SQLite database in a single file.
struct Threads(Vec<JoinHandle<()>>);

impl Drop for Threads {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            // The last owner can be one of these threads itself, with the work of the last request. A thread cannot
            // wait for itself.
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("a thread of the database had panicked");
            }
        }
    }
}

impl Database {
    /// Starts a thread for each of the store's connections, except `kept_back` connections for work outside requests.
    /// The threads end when the last clone is dropped.
    pub fn new(store: Store, kept_back: u32) -> Self {
        let (queue, queued) = bounded(QUEUE);
        let mut threads = vec![];
        for number in 1..=store.size().saturating_sub(kept_back).max(1) {
            let (store, queued) = (store.clone(), queued.clone());
            let thread = std::thread::Builder::new().name(format!("database-{number}"));
            match thread.spawn(move || run(&store, &queued)) {
                Ok(thread) => threads.push(thread),
                Err(error) => tracing::error!(%error, "a thread for the database could not be started"),
            }
        }
        Self { store, queue, _threads: Arc::new(Threads(threads)) }
    }

    /// The store itself, for work outside requests.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many requests wait for a connection.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether the queue is full, so that the next request is answered with `overloaded`.
    pub fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    /// Runs work that only reads; see [`Store::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
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
        let (tell, mut answer) = oneshot::channel();
        // Set by the thread that begins the work, or by the request when it stops waiting: by exactly one of the two.
        let turn = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&turn);
        let work = move |store: &Store| {
            if begins.swap(true, Ordering::AcqRel) {
                return;
            }
            let panicked = |_| Err(Problem::internal("work on the database panicked"));
            let result = catch_unwind(AssertUnwindSafe(|| work(store))).unwrap_or_else(panicked);
            // If the client has gone, nobody receives the result.
            let _ = tell.send(result);
        };
        match self.queue.try_send(Box::new(work)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(overloaded()),
            Err(TrySendError::Disconnected(_)) => return Err(Problem::internal("no thread serves the database")),
        }
        let told = match tokio::time::timeout(PATIENCE, &mut answer).await {
            Ok(told) => told,
            Err(_) if !turn.swap(true, Ordering::AcqRel) => return Err(overloaded()),
            // The work has begun, and it ends within the time limit of a statement.
            Err(_) => answer.await,
        };
        told.unwrap_or_else(|_| Err(Problem::internal("work on the database was lost")))
    }
}

fn run(store: &Store, queued: &Receiver<QueuedWork>) {
    for work in queued {
        work(store);
    }
}
