//! The one way from a request to the database: a bounded queue, and at its end a thread for each connection. First come
//! first served; who finds the queue full, or has waited for too long, is told to come back.

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

/// How many requests may wait for a connection; more are told at once to come back.
const QUEUE: usize = 1_000;
/// How long one waits at the most.
const PATIENCE: Duration = Duration::from_secs(5);

type QueuedWork = Box<dyn FnOnce(&Store) + Send>;

/// The database, behind its queue.
#[derive(Clone)]
pub struct Database {
    store: Store,
    queue: Sender<QueuedWork>,
    // After the queue: the threads end when no sender is left.
    _threads: Arc<Threads>,
}

/// The threads; the last one to let go of them waits until they have closed their connections, so that a server that is
/// stopped leaves an SQLite database in one file.
struct Threads(Vec<JoinHandle<()>>);

impl Drop for Threads {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            // The last one may be a thread of these itself, with the last request's work.
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("a thread of the database had panicked");
            }
        }
    }
}

impl Database {
    /// Starts a thread for each of the store's connections but those that are kept back for work outside requests; they end
    /// with the last clone.
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

    /// Whether so many wait that one more is told to come back.
    pub fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    /// Reads.
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
        // Taken by the thread that begins the work, or by the request when its patience ends: by one of the two.
        let turn = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&turn);
        let work = move |store: &Store| {
            if begins.swap(true, Ordering::AcqRel) {
                return;
            }
            let panicked = |_| Err(Problem::internal("work on the database panicked"));
            let result = catch_unwind(AssertUnwindSafe(|| work(store))).unwrap_or_else(panicked);
            // Nobody hears it when the client has gone.
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
            // It has begun: it ends within the time a statement may take.
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
