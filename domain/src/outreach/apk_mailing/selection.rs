//! Which cars a mailing is for (rules ML1 and ML4).

use crate::{Date, coded_enum, days_between, ids::PassportId};
use jiff::ToSpan;
use std::collections::BTreeSet;

/// The most days from the first to the last day of a selection.
pub const MAX_DAYS: i64 = 366;
/// The most cars for which a mailing is forced.
pub const MAX_FORCED: usize = 500;
/// How far ahead the last day may be, in years.
const YEARS_AHEAD: i64 = 2;
/// How far back the first day may be, in years.
const YEARS_BACK: i64 = 1;

coded_enum! {
    /// Why a selection is refused.
    pub enum SelectionRefused {
        /// The first day is after the last one.
        Reversed => "selection_reversed",
        /// There are more than [`MAX_DAYS`] from the first to the last day.
        TooWide => "selection_too_wide",
        /// The first day is more than a year back.
        TooEarly => "selection_too_early",
        /// The last day is more than two years ahead.
        TooLate => "selection_too_late",
        /// It is forced for more than [`MAX_FORCED`] cars.
        TooManyForced => "selection_too_many_forced",
    }
}

/// The garage's cars whose APK expires on a day from the first to the last one, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    from: Date,
    until: Date,
    forced: BTreeSet<PassportId>,
}

impl Selection {
    /// Checks a selection. `today` is the day at the garage.
    pub fn new(from: Date, until: Date, forced: BTreeSet<PassportId>, today: Date) -> Result<Self, SelectionRefused> {
        if from > until {
            return Err(SelectionRefused::Reversed);
        }
        if days_between(from, until) > MAX_DAYS {
            return Err(SelectionRefused::TooWide);
        }
        if from < today.saturating_sub(YEARS_BACK.years()) {
            return Err(SelectionRefused::TooEarly);
        }
        if until > today.saturating_add(YEARS_AHEAD.years()) {
            return Err(SelectionRefused::TooLate);
        }
        if forced.len() > MAX_FORCED {
            return Err(SelectionRefused::TooManyForced);
        }
        Ok(Self { from, until, forced })
    }

    /// A stored selection, which was checked on the day on which it was made.
    pub fn stored(from: Date, until: Date, forced: BTreeSet<PassportId>) -> Self {
        Self { from, until, forced }
    }

    /// The first day of expiry.
    pub fn from(&self) -> Date {
        self.from
    }

    /// The last day of expiry.
    pub fn until(&self) -> Date {
        self.until
    }

    /// The cars that are mailed also when they were mailed for the same expiry before (rule ML4).
    pub fn forced(&self) -> &BTreeSet<PassportId> {
        &self.forced
    }

    /// Whether an APK that expires on this day is in the selection.
    pub fn contains(&self, expiry: Date) -> bool {
        (self.from..=self.until).contains(&expiry)
    }
}
