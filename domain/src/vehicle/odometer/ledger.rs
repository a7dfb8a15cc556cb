//! The readings that count, in the order of time.

use super::{CarHistory, NewReading, OdometerReading};
use crate::{Date, Instant, ids::OdometerReadingId};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// All readings of one car; those that count are kept in the order of time.
#[derive(Clone, Debug)]
pub struct OdometerLedger<'a> {
    car: CarHistory,
    all: &'a [OdometerReading],
    replaced: BTreeSet<OdometerReadingId>,
    current: Vec<&'a OdometerReading>,
}

impl<'a> OdometerLedger<'a> {
    /// Makes the ledger of one car from its readings, in any order.
    pub fn new(car: CarHistory, readings: &'a [OdometerReading]) -> Self {
        let replaced: BTreeSet<_> = readings.iter().filter_map(|reading| reading.replaces).collect();
        let mut current: Vec<_> = readings.iter().filter(|reading| !replaced.contains(&reading.id)).collect();
        current.sort_unstable_by_key(|reading| (place(reading), reading.shown.km(), reading.id));
        Self { car, all: readings, replaced, current }
    }

    /// The readings that count, which are those that were not replaced: in the order of time, and within one day from
    /// low to high.
    pub fn readings(&self) -> impl DoubleEndedIterator<Item = &'a OdometerReading> {
        self.current.iter().copied()
    }

    /// The latest reading that counts.
    pub fn latest(&self) -> Option<&'a OdometerReading> {
        self.current.last().copied()
    }

    /// An earlier reading that counts and says the same: the same account recorded the same value for the same day
    /// (rule OD11). A correction, or a reading with which the counter started again, is never the same as another
    /// reading.
    pub fn same(&self, new: &NewReading) -> Option<&'a OdometerReading> {
        let is_same = |reading: &&OdometerReading| {
            reading.shown == new.shown
                && reading.read_on == new.read_on
                && (reading.source, reading.by) == (new.source, new.by)
                && (reading.replaces, reading.start) == (None, None)
        };
        let is_plain = new.replaces.is_none() && new.start.is_none();
        self.readings().find(is_same).filter(|_| is_plain)
    }

    /// How many readings were recorded within `time` before `now`, including those that were replaced since.
    pub(super) fn recorded_within(&self, time: SignedDuration, now: Instant) -> usize {
        self.all.iter().filter(|reading| now.duration_since(reading.recorded_at) < time).count()
    }

    /// Whether a reading was replaced, and so no longer counts.
    pub fn is_replaced(&self, id: OdometerReadingId) -> bool {
        self.replaced.contains(&id)
    }

    pub(super) fn car(&self) -> CarHistory {
        self.car
    }

    pub(super) fn find(&self, id: OdometerReadingId) -> Option<&'a OdometerReading> {
        self.all.iter().find(|reading| reading.id == id)
    }
}

/// A reading's place in the order of time: by day, and on one day the reading that starts a new counter comes last.
pub(super) fn place(reading: &OdometerReading) -> (Date, bool) {
    (reading.read_on, reading.start.is_some())
}
