//! The verdict on a ledger, in the terms of the national one (*tellerstandoordeel*).

use super::{CounterStart, OdometerLedger};
use crate::coded_enum;

coded_enum! {
    /// Why there is no verdict.
    pub enum NoJudgementReason {
        /// The counter was replaced or repaired: nobody knows what the car ran in all. The register's reason 02.
        CounterReplaced => "counter_replaced",
        /// The counter passed the most it can show. The register's reason 01.
        RolledOver => "rolled_over",
        /// The car was registered abroad before. The register's reason 05.
        ForeignHistory => "foreign_history",
        /// Readings of fewer than two days. The register's reason 06.
        TooFew => "too_few",
    }
}

/// Whether the readings can all be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OdometerVerdict {
    /// They never fall.
    Logical,
    /// They fall. The register's reason 04.
    Illogical,
    /// That cannot be told.
    NoJudgement(NoJudgementReason),
}

impl OdometerVerdict {
    /// The word used in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Logical => "logical",
            Self::Illogical => "illogical",
            Self::NoJudgement(_) => "no_judgement",
        }
    }

    /// Why there is no verdict, when there is none.
    pub const fn reason(self) -> Option<NoJudgementReason> {
        match self {
            Self::Logical | Self::Illogical => None,
            Self::NoJudgement(reason) => Some(reason),
        }
    }
}

impl OdometerLedger<'_> {
    /// The verdict on the readings that count (rule OD7). As with the national one, a reason not to judge goes before
    /// what the readings look like; and a confirmed fall is a fall.
    pub fn verdict(&self) -> OdometerVerdict {
        let began_by = |start| self.readings().any(|reading| reading.start == Some(start));
        let days: Vec<_> = self.readings().map(|reading| (reading.read_on, reading.shown.km())).collect();
        let is_one_day = days.first().map(|(day, _)| day) == days.last().map(|(day, _)| day);
        let reason = if began_by(CounterStart::Replaced) {
            Some(NoJudgementReason::CounterReplaced)
        } else if began_by(CounterStart::RolledOver) {
            Some(NoJudgementReason::RolledOver)
        } else if self.car().foreign {
            Some(NoJudgementReason::ForeignHistory)
        } else {
            is_one_day.then_some(NoJudgementReason::TooFew)
        };
        match reason {
            Some(reason) => OdometerVerdict::NoJudgement(reason),
            None if days.is_sorted_by_key(|(_, km)| km) => OdometerVerdict::Logical,
            None => OdometerVerdict::Illogical,
        }
    }
}
