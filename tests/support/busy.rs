//! A server whose database has no place left for one more who waits, and one of whose garages is busy.

use super::Server;
use api::problem::Problem;
use domain::{event::Stream, ids::GarageId};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// What keeps the database busy until it is ended.
pub(crate) struct Busy {
    gate: Arc<AtomicBool>,
    waiting: Vec<actix_web::rt::task::JoinHandle<Result<(), Problem>>>,
}

impl Server {
    /// Fills each of its places, and those where one waits.
    pub(crate) async fn fill(&self) -> Busy {
        let (running, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let wait = || {
            let (database, running, gate) = (self.app.database.clone(), running.clone(), gate.clone());
            actix_web::rt::spawn(async move {
                let work = move |_: &mut persistence::Tx<'_>| {
                    running.fetch_add(1, Ordering::SeqCst);
                    while !gate.load(Ordering::SeqCst) {
                        std::thread::sleep(std::time::Duration::from_millis(1));
                    }
                    Ok(())
                };
                database.read(work).await
            })
        };
        let mut waiting: Vec<_> = (0..3).map(|_| wait()).collect();
        while running.load(Ordering::SeqCst) < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        waiting.extend((0..1000).map(|_| wait()));
        while !self.app.database.is_full() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        Busy { gate, waiting }
    }
}

impl Busy {
    /// Lets everyone through who waits, and says how it went for each.
    pub(crate) async fn end(self) -> Vec<Result<(), Problem>> {
        self.gate.store(true, Ordering::SeqCst);
        let mut ends = Vec::new();
        for one in self.waiting {
            ends.push(one.await.unwrap());
        }
        ends
    }
}

/// What keeps a garage busy until it is let go.
pub(crate) struct Held {
    gate: Arc<AtomicBool>,
    holding: actix_web::rt::task::JoinHandle<Result<(), Problem>>,
}

impl Server {
    /// Takes the lock of a garage, as an import does: what changes the garage's data waits.
    pub(crate) async fn hold(&self, garage: GarageId) -> Held {
        let (has_it, gate) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (database, taken, open) = (self.app.database.clone(), has_it.clone(), gate.clone());
        let holding = actix_web::rt::spawn(async move {
            let work = move |tx: &mut persistence::Tx<'_>| {
                persistence::event::lock(tx, Stream::Garage(garage))?;
                taken.store(true, Ordering::SeqCst);
                while !open.load(Ordering::SeqCst) {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                Ok(())
            };
            database.write(work).await
        });
        while !has_it.load(Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        Held { gate, holding }
    }
}

impl Held {
    /// Lets those go on who wait.
    pub(crate) async fn end(self) {
        self.gate.store(true, Ordering::SeqCst);
        self.holding.await.unwrap().unwrap();
    }
}
