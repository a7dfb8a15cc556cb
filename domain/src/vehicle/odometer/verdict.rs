//! The verdict on a ledger, in the terms of the national register's verdict (*tellerstandoordeel*).

use super::{CounterStart, OdometerLedger};
use crate::coded_enum;

coded_enum! {
    /// Why there is no verdict.
    pub enum NoJudgementReason {
        /// The counter was replaced or repaired, so nobody knows the car's total distance. The register's reason 02.
        CounterReplaced => "counter_replaced",
        /// The counter passed its highest value. The register's reason 01.
        RolledOver => "rolled_over",
        /// The car was registered in another country before. The register's reason 05.
        ForeignHistory => "foreign_history",
        /// There are no readings of two different days. The register's reason 06.
        TooFew => "too_few",
    }
}

/// Whether the readings can all be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OdometerVerdict {
    /// The readings never fall.
    Logical,
    /// The readings fall. The register's reason 04.
    Illogical,
    /// There is no verdict, for this reason.
    NoJudgement(NoJudgementReason),
}

coded_enum! {
    /// A verdict in a word, without its reason.
    pub enum VerdictKind {
        /// The readings never fall.
        Logical => "logical",
        /// They fall.
        Illogical => "illogical",
        /// That cannot be told.
        NoJudgement => "no_judgement",
    }
}

impl OdometerVerdict {
    /// The verdict in a word.
    pub const fn kind(self) -> VerdictKind {
        match self {
            Self::Logical => VerdictKind::Logical,
            Self::Illogical => VerdictKind::Illogical,
            Self::NoJudgement(_) => VerdictKind::NoJudgement,
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
    /// The verdict on the readings that count (rule OD7). As in the national register, a reason not to judge comes
    /// before the values of the readings. A fall that was confirmed is still a fall.
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
