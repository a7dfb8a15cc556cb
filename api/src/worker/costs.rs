//! Learning what maintenance costs: at night, when this month's costs are not published yet, and at once when none ever
//! were.

use super::{IDLE, Worker, is_time, report};
use crate::{
    cost::learning::{Outcome, Turns, learn_month},
    cost::progress::Progress,
    problem::Problem,
};
use domain::Instant;
use jiff::{SignedDuration, tz::TimeZone};
use persistence::{self as store, Store};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

/// How long to wait before looking again.
const PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// The hours of UTC that are night in Europe.
const NIGHT: std::ops::Range<i8> = 0..4;

/// The worker's turns: between two of them jobs can use the connection.
struct Learner<'w> {
    worker: &'w Worker,
    stop: &'w AtomicBool,
}

impl Turns for Learner<'_> {
    fn with_store<T>(&self, work: impl FnOnce(&Store) -> T) -> T {
        self.worker.with_store(work)
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

impl Worker {
    pub(super) fn learn_costs_until(&self, stop: &AtomicBool) {
        let mut next_at = Instant::MIN;
        while !stop.load(Ordering::Relaxed) {
            let now = self.now();
            if is_time(now, next_at, PAUSE) {
                let learned = catch_unwind(AssertUnwindSafe(|| self.learn_costs(now, stop)));
                report(learned.unwrap_or_else(|_| Err(Problem::internal("learning costs panicked"))));
                next_at = now + PAUSE;
            }
            std::thread::sleep(IDLE);
        }
    }

    fn learn_costs(&self, now: Instant, stop: &AtomicBool) -> Result<(), Problem> {
        let is_night = NIGHT.contains(&now.to_zoned(TimeZone::UTC).hour());
        let latest = self.with_store(|store| store.read(|tx| Ok::<_, Problem>(store::cost::latest(tx)?)))?;
        if latest.is_some() && !is_night {
            return Ok(());
        }
        let learner = Learner { worker: self, stop };
        if let Outcome::Published { month, entries, left_out, groups } =
            learn_month(&learner, now, &mut Progress::silent())?
        {
            tracing::info!(%month, entries, left_out = left_out.total(), groups, "costs were published");
        }
        Ok(())
    }
}
