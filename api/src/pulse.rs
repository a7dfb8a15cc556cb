//! When the worker was last seen at work, for the health check.

use domain::Instant;
use std::sync::atomic::{AtomicI64, Ordering};

/// When the worker was last seen at work.
#[derive(Default)]
pub struct Pulse(AtomicI64);

impl Pulse {
    /// Records that the worker is at work now.
    pub fn beat(&self, now: Instant) {
        self.0.store(now.as_second(), Ordering::Relaxed);
    }

    /// Whether the worker was seen within the last minute.
    pub fn is_recent(&self, now: Instant) -> bool {
        now.as_second() - self.0.load(Ordering::Relaxed) < 60
    }
}
