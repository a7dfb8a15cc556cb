//! A server whose database has no place left for one more who waits.

use super::Server;
use api::problem::Problem;
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
