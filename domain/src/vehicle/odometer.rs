//! The odometer: a trustworthy ledger of its readings.
//!
//! Readings are only added, never changed. A correction is a new reading that names the one it replaces; the readings
//! that were not replaced count. They are ordered by the day on which the odometer was read, not by when they were
//! recorded. So an older reading can be added later, and each reading is compared with its neighbours in time, not with
//! the highest one.
//!
//! | what is wrong | code | garage, GMS, APK | driver, fleet |
//! |---|---|---|---|
//! | negative, or more than an odometer can show | `out_of_range`, a [`ValueError`] | refused | refused |
//! | read in the future | `odometer_in_future` | refused | refused |
//! | read before the car's first admission | `odometer_before_first_admission` | refused | refused |
//! | replaces a reading that this car does not have | `odometer_replaces_unknown` | refused | refused |
//! | replaces a reading that was replaced already | `odometer_already_replaced` | refused | refused |
//! | replaces a reading that someone else recorded | `odometer_not_yours` | allowed | refused |
//! | says that the counter started again | `odometer_counter_by_garage_only` | allowed | refused |
//! | says that the counter rolled over, and did not begin near nothing | `odometer_did_not_roll_over` | refused | refused |
//! | one too many within 24 hours | `odometer_too_many_today` | refused beyond 200 | refused beyond 20 |
//! | lower than the day before, or higher than the next | `odometer_falls` | to be confirmed | refused |
//! | more than 1,000 km a day from a neighbour | `odometer_too_far` | to be confirmed | refused |
//! | lower than another reading of its day | `odometer_second_on_day` | to be confirmed | refused |
//!
//! The last three are warnings. A reading from the garage's side is refused with `odometer_unconfirmed` until the
//! sender confirms it; one from a driver or fleet is refused with `odometer_implausible`. Both refusals list the
//! warnings.
//!
//! A reading can say that the counter started again with it: the counter was replaced, or passed its highest value.
//! Such a reading is not compared with those before it, and the estimates treat the two counters separately. It comes
//! last on its day: any other reading of that day belongs to the old counter. A counter that passed its highest value
//! begins near nothing; one that was replaced can begin anywhere.

mod estimate;
mod ledger;
mod verdict;

pub use estimate::{
    AHEAD_DAYS, CONSIDERED, DailyDistance, EstimateBasis, EstimatedReading, NoEstimateReason, RECENT_DAYS,
    RECENT_SPAN_DAYS,
};
pub use ledger::OdometerLedger;
pub use verdict::{
    CombinedVerdict, JUDGED_FROM, LEAST_FALL_KM, NoJudgementReason, OdometerVerdict, VerdictKind, VerdictReason,
};

use crate::{
    Date, Instant, coded_enum, days_between,
    ids::{AccountId, OdometerReadingId},
    passport::MAX_ODOMETER_KM,
    value::{ValueError, number},
};
use jiff::SignedDuration;

/// The most kilometres a day that need no confirmation (rule OD4).
pub const MAX_KM_PER_DAY: i64 = 1_000;

/// The most readings that a driver or fleet may add to a ledger within 24 hours (rule OD11). Nobody needs more, and a
/// ledger that only grows must not be flooded.
pub const MAX_A_DAY: usize = 20;
/// The most readings that the garage's side may add within 24 hours; it may enter a car's whole past.
pub const MAX_A_DAY_BY_GARAGE: usize = 200;

/// Millionths of a kilometre in an international mile, which is exactly 1.609344 km.
const MICRO_KM_PER_MILE: i64 = 1_609_344;
/// Millionths of a kilometre in a kilometre.
const MICRO_KM_PER_KM: i64 = 1_000_000;

coded_enum! {
    /// The unit in which an odometer counts.
    pub enum DistanceUnit {
        /// Kilometres.
        Km => "km",
        /// Miles of 1.609344 km.
        Mi => "mi",
    }
}

impl DistanceUnit {
    /// The highest value that is accepted in this unit: the one that is at most [`MAX_ODOMETER_KM`] in kilometres.
    pub const fn max(self) -> i64 {
        match self {
            Self::Km => MAX_ODOMETER_KM,
            Self::Mi => (MAX_ODOMETER_KM * MICRO_KM_PER_KM + MICRO_KM_PER_KM / 2 - 1) / MICRO_KM_PER_MILE,
        }
    }
}

/// The value of an odometer as it was read, with its unit (rule OD2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    value: i64,
    unit: DistanceUnit,
}

impl Distance {
    /// Makes a value, which must be from 0 to the unit's highest.
    ///
    /// ```
    /// use domain::odometer::{Distance, DistanceUnit};
    /// assert_eq!(Distance::new(62_137, DistanceUnit::Mi).unwrap().km(), 100_000);
    /// ```
    pub fn new(value: i64, unit: DistanceUnit) -> Result<Self, ValueError> {
        Ok(Self { value: number(value, 0, unit.max())?, unit })
    }

    /// The value as it was read, in its own unit.
    pub const fn value(self) -> i64 {
        self.value
    }

    /// The unit in which it was read.
    pub const fn unit(self) -> DistanceUnit {
        self.unit
    }

    /// The value in whole kilometres. Miles are rounded to the nearest kilometre, a half up, so a greater value never
    /// gives fewer kilometres.
    pub const fn km(self) -> i64 {
        match self.unit {
            DistanceUnit::Km => self.value,
            DistanceUnit::Mi => (self.value * MICRO_KM_PER_MILE + MICRO_KM_PER_KM / 2) / MICRO_KM_PER_KM,
        }
    }
}

coded_enum! {
    /// Who or what a reading comes from.
    pub enum ReadingSource {
        /// Staff of the garage recorded it.
        Garage => "garage",
        /// The driver entered it.
        Driver => "driver",
        /// The fleet entered it.
        Fleet => "fleet",
        /// The garage's management system (GMS) sent it.
        Gms => "gms",
        /// It was read at an APK.
        Apk => "apk",
    }
}

impl ReadingSource {
    /// Whether it comes from the garage's side, which may confirm warnings, correct any reading, and say that a counter
    /// started again.
    pub const fn is_garage_side(self) -> bool {
        match self {
            Self::Garage | Self::Gms | Self::Apk => true,
            Self::Driver | Self::Fleet => false,
        }
    }
}

coded_enum! {
    /// Why a counter started again with a reading (rule OD6).
    pub enum CounterStart {
        /// The counter was replaced or repaired.
        Replaced => "counter_replaced",
        /// The counter passed its highest value and continued from zero.
        RolledOver => "rolled_over",
    }
}

/// One reading of the ledger. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OdometerReading {
    /// Its id.
    pub id: OdometerReadingId,
    /// What the odometer showed.
    pub shown: Distance,
    /// The day on which it was read, in the garage's time zone.
    pub read_on: Date,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Where it comes from.
    pub source: ReadingSource,
    /// The account that recorded it; none when another system did.
    pub by: Option<AccountId>,
    /// The reading that it corrects, if it is a correction.
    pub replaces: Option<OdometerReadingId>,
    /// Why the counter started again with this reading; none if it did not.
    pub start: Option<CounterStart>,
    /// Whether it had warnings that the garage confirmed.
    pub confirmed: bool,
}

/// A reading to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewReading {
    /// Its id.
    pub id: OdometerReadingId,
    /// What the odometer showed.
    pub shown: Distance,
    /// The day on which it was read.
    pub read_on: Date,
    /// Where it comes from.
    pub source: ReadingSource,
    /// The account that records it; none when another system does.
    pub by: Option<AccountId>,
    /// The reading that it corrects, if it is a correction.
    pub replaces: Option<OdometerReadingId>,
    /// Why the counter started again with this reading; none if it did not.
    pub start: Option<CounterStart>,
    /// Whether the sender confirms it in spite of warnings.
    pub confirm: bool,
}

/// What the ledger must know about the car itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CarHistory {
    /// Its date of first admission.
    pub admitted_on: Option<Date>,
    /// Whether it was registered in another country before; then its earlier readings are not known.
    pub foreign: bool,
    /// Whether it is a motorcycle, on whose readings there is no verdict.
    pub motorcycle: bool,
}

coded_enum! {
    /// Why a reading is unlikely (rule OD4).
    pub enum OdometerWarning {
        /// It is lower than an earlier reading, or higher than a later one.
        Falls => "odometer_falls",
        /// It differs from an earlier or later reading by more than 1,000 km a day.
        TooFar => "odometer_too_far",
        /// It is lower than another reading of the same day.
        SecondOnDay => "odometer_second_on_day",
    }
}

coded_enum! {
    /// Why a reading is refused.
    pub enum OdometerRefusal {
        /// Rule OD3: the day of the reading is in the future.
        InFuture => "odometer_in_future",
        /// Rule OD3: the day of the reading is before the car's first admission to the road.
        BeforeFirstAdmission => "odometer_before_first_admission",
        /// Rule OD1: it replaces a reading that this car does not have.
        ReplacesUnknown => "odometer_replaces_unknown",
        /// Rule OD1: the reading that it replaces was already replaced.
        AlreadyReplaced => "odometer_already_replaced",
        /// Rule OD5: a driver or fleet may correct only readings that the same account recorded.
        NotYours => "odometer_not_yours",
        /// Rule OD6: only the garage may say that a counter started again.
        CounterByGarageOnly => "odometer_counter_by_garage_only",
        /// Rule OD6: a counter that passed its highest value would show less than before, and not much.
        DidNotRollOver => "odometer_did_not_roll_over",
        /// Rule OD11: too many readings were added within 24 hours.
        TooManyToday => "odometer_too_many_today",
        /// Rule OD5: there are warnings, and the sender (on the garage's side) did not confirm the reading.
        Unconfirmed => "odometer_unconfirmed",
        /// Rule OD5: there are warnings, which a driver or fleet cannot confirm.
        Implausible => "odometer_implausible",
    }
}

/// Why a reading is refused, with the warnings that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecorded {
    /// Why it is refused.
    pub refusal: OdometerRefusal,
    /// The warnings, each once, if they are the reason.
    pub warnings: Vec<OdometerWarning>,
}

impl From<OdometerRefusal> for NotRecorded {
    fn from(refusal: OdometerRefusal) -> Self {
        Self { refusal, warnings: vec![] }
    }
}

impl OdometerLedger<'_> {
    /// Decides whether a reading may be added to the ledger (rules OD1 to OD6 and OD11), and returns it as it must be
    /// stored. `today` is the day in the garage's time zone, `now` the present instant.
    pub fn record(&self, new: NewReading, today: Date, now: Instant) -> Result<OdometerReading, NotRecorded> {
        if new.read_on > today {
            return Err(OdometerRefusal::InFuture.into());
        }
        if self.car().admitted_on.is_some_and(|admitted_on| new.read_on < admitted_on) {
            return Err(OdometerRefusal::BeforeFirstAdmission.into());
        }
        if new.start.is_some() && !new.source.is_garage_side() {
            return Err(OdometerRefusal::CounterByGarageOnly.into());
        }
        self.check_replaced(&new)?;
        self.check_rolled_over(&new)?;
        let most = if new.source.is_garage_side() { MAX_A_DAY_BY_GARAGE } else { MAX_A_DAY };
        if self.recorded_within(SignedDuration::from_hours(24), now) >= most {
            return Err(OdometerRefusal::TooManyToday.into());
        }
        let warnings = self.warnings(&new);
        let is_unlikely = !warnings.is_empty();
        if is_unlikely && !new.source.is_garage_side() {
            return Err(NotRecorded { refusal: OdometerRefusal::Implausible, warnings });
        }
        if is_unlikely && !new.confirm {
            return Err(NotRecorded { refusal: OdometerRefusal::Unconfirmed, warnings });
        }
        let NewReading { id, shown, read_on, source, by, replaces, start, confirm: _ } = new;
        let confirmed = is_unlikely;
        Ok(OdometerReading { id, shown, read_on, recorded_at: now, source, by, replaces, start, confirmed })
    }

    /// Checks that the reading to be replaced was not replaced before, and that a driver or fleet replaces only their
    /// own.
    fn check_replaced(&self, new: &NewReading) -> Result<(), OdometerRefusal> {
        let Some(id) = new.replaces else { return Ok(()) };
        let replaced = self.find(id).ok_or(OdometerRefusal::ReplacesUnknown)?;
        let is_own = new.by.is_some() && replaced.by == new.by && replaced.source == new.source;
        if !new.source.is_garage_side() && !is_own {
            return Err(OdometerRefusal::NotYours);
        }
        if self.is_replaced(id) { Err(OdometerRefusal::AlreadyReplaced) } else { Ok(()) }
    }

    /// Checks that a counter that is said to have passed its highest value begins near nothing: it shows less than the
    /// reading before, and no more than can be driven since that (rule OD6). Without a reading before, nobody knows.
    fn check_rolled_over(&self, new: &NewReading) -> Result<(), OdometerRefusal> {
        if new.start != Some(CounterStart::RolledOver) {
            return Ok(());
        }
        let place = (new.read_on, true);
        let mut others = self.readings().filter(|reading| Some(reading.id) != new.replaces);
        let Some(before) = others.rfind(|reading| ledger::place(reading) < place) else { return Ok(()) };
        let km = new.shown.km();
        let is_near_nothing = !is_far(days_between(before.read_on, new.read_on), km);
        if km < before.shown.km() && is_near_nothing { Ok(()) } else { Err(OdometerRefusal::DidNotRollOver) }
    }

    /// The warnings for a reading, compared with its neighbours in time (rule OD4). On its own day a reading that is
    /// higher than the others was read later: only a lower one is odd.
    fn warnings(&self, new: &NewReading) -> Vec<OdometerWarning> {
        let km = new.shown.km();
        let (before, same_day, after) = self.neighbours(new);
        let climb = before.map(|earlier| (days_between(earlier.read_on, new.read_on), km - earlier.shown.km()));
        let rest = after.map(|later| (days_between(new.read_on, later.read_on), later.shown.km() - km));
        let steps = || climb.into_iter().chain(rest);
        let beside = || same_day.iter().map(|other| other.shown.km() - km);
        let is_true = |warning: &OdometerWarning| match warning {
            OdometerWarning::Falls => steps().any(|(_, km)| km < 0),
            OdometerWarning::TooFar => {
                steps().any(|(days, km)| is_far(days, km)) || beside().any(|km| is_far(0, km.abs()))
            }
            OdometerWarning::SecondOnDay => beside().any(|km| km > 0),
        };
        OdometerWarning::ALL.iter().copied().filter(is_true).collect()
    }

    /// The readings of the same counter just before, on the same day, and just after, without the one that is replaced.
    fn neighbours(
        &self,
        new: &NewReading,
    ) -> (Option<&OdometerReading>, Vec<&OdometerReading>, Option<&OdometerReading>) {
        let place = (new.read_on, new.start.is_some());
        let others = || self.readings().filter(|reading| Some(reading.id) != new.replaces);
        let before = others().rev().find(|reading| ledger::place(reading) < place);
        let after = others().find(|reading| ledger::place(reading) > place);
        let same_day = others().filter(|reading| ledger::place(reading) == place).collect();
        let is_same_counter = |start: Option<CounterStart>| start.is_none();
        (before.filter(|_| is_same_counter(new.start)), same_day, after.filter(|later| is_same_counter(later.start)))
    }
}

/// Whether so many kilometres in so many days are more than a car drives.
fn is_far(days: i64, km: i64) -> bool {
    km > MAX_KM_PER_DAY * days.max(1)
}

#[cfg(test)]
mod tests;
