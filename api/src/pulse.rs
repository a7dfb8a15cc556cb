//! When the worker was last seen at work, and how the mail server stands, for the health check and the metrics.

use domain::Instant;
use jiff::SignedDuration;
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

/// How a server that this one sends to has answered lately. What it says of a single message does not count: a server that
/// refuses an address works.
#[derive(Debug)]
pub struct Correspondent {
    /// Since which second it fails; [`Correspondent::WORKS`] while it does not.
    failing_since: AtomicI64,
}

impl Default for Correspondent {
    fn default() -> Self {
        Self { failing_since: AtomicI64::new(Self::WORKS) }
    }
}

impl Correspondent {
    const WORKS: i64 = i64::MAX;

    /// It has answered.
    pub fn answered(&self) {
        self.failing_since.store(Self::WORKS, Ordering::Relaxed);
    }

    /// It could not be reached, or its answer was cut off.
    pub fn failed(&self, now: Instant) {
        self.failing_since.fetch_min(now.as_second(), Ordering::Relaxed);
    }

    /// For how long it has failed without having answered once; none when its last answer was a good one, or it was never
    /// asked.
    pub fn failing_for(&self, now: Instant) -> Option<SignedDuration> {
        let since = self.failing_since.load(Ordering::Relaxed);
        (since != Self::WORKS).then(|| SignedDuration::from_secs((now.as_second() - since).max(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fails_since_the_first_failure_after_its_last_answer() {
        let at = |second| Instant::from_second(second).unwrap();
        let server = Correspondent::default();
        assert_eq!(server.failing_for(at(5)), None);
        server.failed(at(10));
        server.failed(at(20));
        assert_eq!(server.failing_for(at(30)), Some(SignedDuration::from_secs(20)));
        server.answered();
        assert_eq!(server.failing_for(at(40)), None);
        server.failed(at(50));
        assert_eq!(server.failing_for(at(49)), Some(SignedDuration::ZERO), "also when the clock was set back");
    }
}
