//! The verdict on a ledger, in the terms of the national register's verdict (*tellerstandoordeel*), and the one that
//! follows from both.

use super::{CounterStart, OdometerLedger};
use crate::{
    Date, coded_enum,
    register::{RegisterVerdict, RegisteredOdometer},
};

/// From this day on, the national register judges readings: a fall before it was never reported by law (rule OD7).
pub const JUDGED_FROM: Date = Date::constant(2014, 1, 1);

/// A fall of fewer kilometres than this is a slip of the pen, and no fall (rule OD7).
pub const LEAST_FALL_KM: i64 = 100;

coded_enum! {
    /// Why there is no verdict.
    pub enum NoJudgementReason {
        /// It is a motorcycle, whose readings the national register does not keep.
        Motorcycle => "motorcycle",
        /// The counter was replaced or repaired, so nobody knows the car's total distance. The register's reason 02.
        CounterReplaced => "counter_replaced",
        /// The counter passed its highest value. The register's reason 01.
        RolledOver => "rolled_over",
        /// The car was registered in another country before. The register's reason 05.
        ForeignHistory => "foreign_history",
        /// There are no readings of two different days. The register's reason 06.
        TooFew => "too_few",
        /// The readings fall only before 2014.
        FellBefore2014 => "fell_before_2014",
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

coded_enum! {
    /// Why the verdict on a car is as it is: by its readings here, or by the register (rule OD12).
    pub enum VerdictReason {
        /// The readings here never fall.
        ReadingsRise => "readings_rise",
        /// The readings here fall.
        ReadingsFall => "readings_fall",
        /// The register's readings never fall.
        RegisterLogical => "register_logical",
        /// The register's readings fall.
        RegisterIllogical => "register_illogical",
        /// The register gives no verdict, for a reason that has no word here.
        RegisterNoJudgement => "register_no_judgement",
        /// It is a motorcycle.
        Motorcycle => "motorcycle",
        /// The counter was replaced or repaired.
        CounterReplaced => "counter_replaced",
        /// The counter passed its highest value.
        RolledOver => "rolled_over",
        /// The car was registered in another country before.
        ForeignHistory => "foreign_history",
        /// There are too few readings.
        TooFew => "too_few",
        /// The readings fall only before 2014.
        FellBefore2014 => "fell_before_2014",
    }
}

impl From<NoJudgementReason> for VerdictReason {
    fn from(reason: NoJudgementReason) -> Self {
        match reason {
            NoJudgementReason::Motorcycle => Self::Motorcycle,
            NoJudgementReason::CounterReplaced => Self::CounterReplaced,
            NoJudgementReason::RolledOver => Self::RolledOver,
            NoJudgementReason::ForeignHistory => Self::ForeignHistory,
            NoJudgementReason::TooFew => Self::TooFew,
            NoJudgementReason::FellBefore2014 => Self::FellBefore2014,
        }
    }
}

/// The one verdict on a car's odometer, which the readings here and the register give together (rule OD12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CombinedVerdict {
    /// The verdict.
    pub kind: VerdictKind,
    /// Why it is so.
    pub reason: VerdictReason,
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

    /// The same as a part of the verdict on the car.
    fn part(self) -> CombinedVerdict {
        let reason = match self {
            Self::Logical => VerdictReason::ReadingsRise,
            Self::Illogical => VerdictReason::ReadingsFall,
            Self::NoJudgement(reason) => reason.into(),
        };
        CombinedVerdict { kind: self.kind(), reason }
    }
}

impl CombinedVerdict {
    /// The register's part; none when it says nothing, or keeps no readings of such a vehicle.
    fn of_register(register: &RegisteredOdometer) -> Option<Self> {
        let (kind, reason) = match register.verdict? {
            RegisterVerdict::Logical => (VerdictKind::Logical, VerdictReason::RegisterLogical),
            RegisterVerdict::Illogical => (VerdictKind::Illogical, VerdictReason::RegisterIllogical),
            RegisterVerdict::NoJudgement => {
                let reason = match register.reason.as_deref() {
                    Some("01") => VerdictReason::RolledOver,
                    Some("02") => VerdictReason::CounterReplaced,
                    Some("05") => VerdictReason::ForeignHistory,
                    Some("06") => VerdictReason::TooFew,
                    Some(_) | None => VerdictReason::RegisterNoJudgement,
                };
                (VerdictKind::NoJudgement, reason)
            }
            RegisterVerdict::NotRegistered => return None,
        };
        Some(Self { kind, reason })
    }

    /// How bad it is: who has too few readings says nothing, which is less than that all is well.
    fn badness(self) -> u8 {
        match self.kind {
            VerdictKind::NoJudgement if self.reason == VerdictReason::TooFew => 0,
            VerdictKind::Logical => 1,
            VerdictKind::NoJudgement => 2,
            VerdictKind::Illogical => 3,
        }
    }
}

impl OdometerLedger<'_> {
    /// The verdict on the readings that count (rule OD7). As in the national register, a reason not to judge comes
    /// before the values of the readings. A fall that was confirmed is still a fall.
    pub fn verdict(&self) -> OdometerVerdict {
        let began_by = |start| self.readings().any(|reading| reading.start == Some(start));
        let first = self.readings().next();
        let is_one_day = first.map(|first| first.read_on) == self.latest().map(|latest| latest.read_on);
        let reason = if self.car().motorcycle {
            Some(NoJudgementReason::Motorcycle)
        } else if began_by(CounterStart::Replaced) {
            Some(NoJudgementReason::CounterReplaced)
        } else if began_by(CounterStart::RolledOver) {
            Some(NoJudgementReason::RolledOver)
        } else if self.car().foreign {
            Some(NoJudgementReason::ForeignHistory)
        } else {
            is_one_day.then_some(NoJudgementReason::TooFew)
        };
        match (reason, self.falls().last()) {
            (Some(reason), _) => OdometerVerdict::NoJudgement(reason),
            (None, None) => OdometerVerdict::Logical,
            (None, Some(last)) if *last < JUDGED_FROM => {
                OdometerVerdict::NoJudgement(NoJudgementReason::FellBefore2014)
            }
            (None, Some(_)) => OdometerVerdict::Illogical,
        }
    }

    /// The verdict on the car: the worse of the one on its readings here and of the register's (rule OD12). Illogical is
    /// worse than no judgement, and that is worse than logical; but too few readings, here or there, only say nothing.
    /// Of two that are equally bad the one on the readings here counts.
    pub fn combined_verdict(&self, register: Option<&RegisteredOdometer>) -> CombinedVerdict {
        let ours = self.verdict().part();
        let theirs = register.and_then(CombinedVerdict::of_register);
        theirs.filter(|theirs| theirs.badness() > ours.badness()).unwrap_or(ours)
    }

    /// The days on which the readings fell: by [`LEAST_FALL_KM`] or more below the highest one since the last fall.
    fn falls(&self) -> Vec<Date> {
        let mut highest: Option<i64> = None;
        let mut falls = vec![];
        for reading in self.readings() {
            let km = reading.shown.km();
            let has_fallen = highest.is_some_and(|highest| highest - km >= LEAST_FALL_KM);
            if has_fallen {
                falls.push(reading.read_on);
            }
            highest = if has_fallen { Some(km) } else { highest.max(Some(km)) };
        }
        falls
    }
}
