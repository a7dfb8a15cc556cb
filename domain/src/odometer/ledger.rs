//! The readings that count, in the order of time.

use super::{CarHistory, OdometerReading};
use crate::{Date, ids::OdometerReadingId};
use std::collections::BTreeSet;

/// All readings of one car, with those that count in the order of time.
#[derive(Clone, Debug)]
pub struct OdometerLedger<'a> {
    car: CarHistory,
    all: &'a [OdometerReading],
    replaced: BTreeSet<OdometerReadingId>,
    current: Vec<&'a OdometerReading>,
}

impl<'a> OdometerLedger<'a> {
    /// The ledger of the readings of one car, which may come in any order.
    pub fn new(car: CarHistory, readings: &'a [OdometerReading]) -> Self {
        let replaced: BTreeSet<_> = readings.iter().filter_map(|reading| reading.replaces).collect();
        let mut current: Vec<_> = readings.iter().filter(|reading| !replaced.contains(&reading.id)).collect();
        current.sort_unstable_by_key(|reading| (place(reading), reading.shown.km(), reading.id));
        Self { car, all: readings, replaced, current }
    }

    /// The readings that count: those that were not replaced, in the order of time, and of one day from low to high.
    pub fn readings(&self) -> impl DoubleEndedIterator<Item = &'a OdometerReading> {
        self.current.iter().copied()
    }

    /// The latest reading that counts.
    pub fn latest(&self) -> Option<&'a OdometerReading> {
        self.current.last().copied()
    }

    /// Whether a reading was replaced, and so counts no longer.
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

/// A reading's place in time: by day, and on one day what begins a counter comes last.
pub(super) fn place(reading: &OdometerReading) -> (Date, bool) {
    (reading.read_on, reading.start.is_some())
}

/// The days from one date to another.
pub(super) fn days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
