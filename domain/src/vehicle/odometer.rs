//! The odometer: a ledger of what it showed, which can be trusted.
//!
//! Readings are only ever added. A correction is a new reading that points at the one it replaces; those that were not
//! replaced count. They are ordered by the day on which the odometer was read, whenever they were written down, so an
//! older one can be added later, and each is judged against its neighbours in time rather than against the highest.
//!
//! | what is wrong | code | garage, GMS, APK | driver, fleet |
//! |---|---|---|---|
//! | negative, or more than an odometer can show | `out_of_range`, a [`ValueError`] | refused | refused |
//! | read in the future | `odometer_in_future` | refused | refused |
//! | read before the car's first admission | `odometer_before_first_admission` | refused | refused |
//! | replaces a reading that this car does not have | `odometer_replaces_unknown` | refused | refused |
//! | replaces a reading that was replaced already | `odometer_already_replaced` | refused | refused |
//! | replaces a reading that someone else recorded | `odometer_not_yours` | allowed | refused |
//! | says that the counter began anew | `odometer_counter_by_garage_only` | allowed | refused |
//! | one too many within 24 hours | `odometer_too_many_today` | refused beyond 200 | refused beyond 20 |
//! | lower than the day before, or higher than the next | `odometer_falls` | to be confirmed | refused |
//! | more than 1,000 km a day from a neighbour | `odometer_too_far` | to be confirmed | refused |
//! | not the first on its day, and different | `odometer_second_on_day` | to be confirmed | refused |
//!
//! The last three are warnings: from the garage's side they are answered with `odometer_unconfirmed` until the sender
//! confirms; from a driver or fleet with `odometer_implausible`. Either names them.
//!
//! A reading can say that with it the counter began anew: it was replaced, or passed its end. Such a reading is not
//! compared with those before it, and the estimates treat the two counters apart. On its day it comes last: any other
//! reading of that day is the old counter's.

mod estimate;
mod ledger;
mod verdict;

pub use estimate::{CONSIDERED, DailyDistance, EstimateBasis, EstimatedReading, RECENT_DAYS, RECENT_SPAN_DAYS};
pub use ledger::OdometerLedger;
pub use verdict::{NoJudgementReason, OdometerVerdict};

use crate::{
    Date, Instant, coded_enum,
    ids::{AccountId, OdometerReadingId},
    passport::MAX_ODOMETER_KM,
    value::{ValueError, number},
};
use jiff::SignedDuration;

/// The most kilometres a day that need no confirmation (rule OD4).
pub const MAX_KM_PER_DAY: i64 = 1_000;

/// The most readings that a driver or fleet adds to a ledger within 24 hours (rule OD11): nobody reads more, and a ledger
/// that only grows must not be filled up.
pub const MAX_A_DAY: usize = 20;
/// The most that the garage's side adds: it may bring in a car's whole past.
pub const MAX_A_DAY_BY_GARAGE: usize = 200;

/// Millionths of a kilometre in a mile of 1.609344 km, which is exact: the international mile.
const MICRO_KM_PER_MILE: i64 = 1_609_344;
/// Millionths of a kilometre in a kilometre.
const MICRO_KM_PER_KM: i64 = 1_000_000;

coded_enum! {
    /// In what an odometer counts.
    pub enum DistanceUnit {
        /// Kilometres.
        Km => "km",
        /// Miles of 1.609344 km.
        Mi => "mi",
    }
}

impl DistanceUnit {
    /// The most that an odometer can show in this unit: what is at most [`MAX_ODOMETER_KM`] in kilometres.
    pub const fn max(self) -> i64 {
        match self {
            Self::Km => MAX_ODOMETER_KM,
            Self::Mi => (MAX_ODOMETER_KM * MICRO_KM_PER_KM + MICRO_KM_PER_KM / 2 - 1) / MICRO_KM_PER_MILE,
        }
    }
}

/// What an odometer showed, as it was read (rule OD2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    value: i64,
    unit: DistanceUnit,
}

impl Distance {
    /// Reads a value, from 0 to the unit's greatest.
    ///
    /// ```
    /// use domain::odometer::{Distance, DistanceUnit};
    /// assert_eq!(Distance::new(62_137, DistanceUnit::Mi).unwrap().km(), 100_000);
    /// ```
    pub fn new(value: i64, unit: DistanceUnit) -> Result<Self, ValueError> {
        Ok(Self { value: number(value, 0, unit.max())?, unit })
    }

    /// As read, in its own unit.
    pub const fn value(self) -> i64 {
        self.value
    }

    /// The unit in which it was read.
    pub const fn unit(self) -> DistanceUnit {
        self.unit
    }

    /// In whole kilometres; miles are rounded to the nearest, a half up. So a greater value never gives fewer.
    pub const fn km(self) -> i64 {
        match self.unit {
            DistanceUnit::Km => self.value,
            DistanceUnit::Mi => (self.value * MICRO_KM_PER_MILE + MICRO_KM_PER_KM / 2) / MICRO_KM_PER_KM,
        }
    }
}

coded_enum! {
    /// Where a reading comes from.
    pub enum ReadingSource {
        /// Staff of the garage read it.
        Garage => "garage",
        /// The driver entered it.
        Driver => "driver",
        /// The fleet entered it.
        Fleet => "fleet",
        /// The garage's management system sent it.
        Gms => "gms",
        /// It was read at an APK.
        Apk => "apk",
    }
}

impl ReadingSource {
    /// Whether the garage stands behind it, and so may confirm, correct anything, and say that a counter began anew.
    pub const fn is_garage_side(self) -> bool {
        match self {
            Self::Garage | Self::Gms | Self::Apk => true,
            Self::Driver | Self::Fleet => false,
        }
    }
}

coded_enum! {
    /// Why a counter began anew with a reading (rule OD6).
    pub enum CounterStart {
        /// The counter was replaced or repaired.
        Replaced => "counter_replaced",
        /// It passed the most it can show, and went on from zero.
        RolledOver => "rolled_over",
    }
}

/// One reading: a row of the ledger, which never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OdometerReading {
    /// Its id.
    pub id: OdometerReadingId,
    /// What the odometer showed.
    pub shown: Distance,
    /// The day on which it was read, in the garage's time zone.
    pub read_on: Date,
    /// When it was written down.
    pub recorded_at: Instant,
    /// Where it comes from.
    pub source: ReadingSource,
    /// The account that recorded it; none when a system did.
    pub by: Option<AccountId>,
    /// The reading it corrects.
    pub replaces: Option<OdometerReadingId>,
    /// Set when the counter began anew with this reading.
    pub start: Option<CounterStart>,
    /// Whether there were warnings, which the garage confirmed.
    pub confirmed: bool,
}

/// A reading, as it is to be recorded.
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
    /// Who records it; none when a system does.
    pub by: Option<AccountId>,
    /// The reading it corrects.
    pub replaces: Option<OdometerReadingId>,
    /// Set when the counter began anew with this reading.
    pub start: Option<CounterStart>,
    /// Whether the sender stands by it in spite of warnings.
    pub confirm: bool,
}

/// What the ledger must know of the car itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CarHistory {
    /// Its date of first admission.
    pub admitted_on: Option<Date>,
    /// Whether it was registered in another country before, so that its earlier readings are not known.
    pub foreign: bool,
}

coded_enum! {
    /// What makes a reading unlikely (rule OD4).
    pub enum OdometerWarning {
        /// It is lower than an earlier reading, or higher than a later one.
        Falls => "odometer_falls",
        /// It is more than 1,000 km a day away from an earlier or later reading.
        TooFar => "odometer_too_far",
        /// There is another reading of that day, which differs.
        SecondOnDay => "odometer_second_on_day",
    }
}

coded_enum! {
    /// Why a reading is not recorded.
    pub enum OdometerRefusal {
        /// Rule OD3: its day is yet to come.
        InFuture => "odometer_in_future",
        /// Rule OD3: on that day the car was not admitted to the road yet.
        BeforeFirstAdmission => "odometer_before_first_admission",
        /// Rule OD1: it is to replace a reading that this car does not have.
        ReplacesUnknown => "odometer_replaces_unknown",
        /// Rule OD1: the reading it is to replace was replaced already.
        AlreadyReplaced => "odometer_already_replaced",
        /// Rule OD5: a driver or fleet corrects only what that account recorded.
        NotYours => "odometer_not_yours",
        /// Rule OD6: only the garage says that a counter began anew.
        CounterByGarageOnly => "odometer_counter_by_garage_only",
        /// Rule OD11: too many were added within 24 hours.
        TooManyToday => "odometer_too_many_today",
        /// Rule OD5: there are warnings, which the garage may confirm.
        Unconfirmed => "odometer_unconfirmed",
        /// Rule OD5: there are warnings, and a driver or fleet cannot confirm them.
        Implausible => "odometer_implausible",
    }
}

/// Why a reading is not recorded, with the warnings that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecorded {
    /// Why.
    pub refusal: OdometerRefusal,
    /// The warnings, each once, when it is they that stand in the way.
    pub warnings: Vec<OdometerWarning>,
}

impl From<OdometerRefusal> for NotRecorded {
    fn from(refusal: OdometerRefusal) -> Self {
        Self { refusal, warnings: vec![] }
    }
}

impl OdometerLedger<'_> {
    /// Decides whether a reading joins the ledger (rules OD1 to OD6 and OD11), and how. `today` is the day in the garage's time
    /// zone, `now` the instant.
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

    /// Only a reading that was not replaced can be, and by a driver or fleet only their own.
    fn check_replaced(&self, new: &NewReading) -> Result<(), OdometerRefusal> {
        let Some(id) = new.replaces else { return Ok(()) };
        let replaced = self.find(id).ok_or(OdometerRefusal::ReplacesUnknown)?;
        let is_own = new.by.is_some() && replaced.by == new.by && replaced.source == new.source;
        if !new.source.is_garage_side() && !is_own {
            return Err(OdometerRefusal::NotYours);
        }
        if self.is_replaced(id) { Err(OdometerRefusal::AlreadyReplaced) } else { Ok(()) }
    }

    /// What makes a reading unlikely, beside its neighbours in time (rule OD4).
    fn warnings(&self, new: &NewReading) -> Vec<OdometerWarning> {
        let km = new.shown.km();
        let (before, same_day, after) = self.neighbours(new);
        let climb = before.map(|earlier| (ledger::days(earlier.read_on, new.read_on), km - earlier.shown.km()));
        let rest = after.map(|later| (ledger::days(new.read_on, later.read_on), later.shown.km() - km));
        let steps = || climb.into_iter().chain(rest);
        let beside = || same_day.iter().map(|other| (other.shown.km() - km).abs());
        let is_far = |days: i64, km: i64| km > MAX_KM_PER_DAY * days.max(1);
        let is_true = |warning: &OdometerWarning| match warning {
            OdometerWarning::Falls => steps().any(|(_, km)| km < 0),
            OdometerWarning::TooFar => steps().any(|(days, km)| is_far(days, km)) || beside().any(|km| is_far(0, km)),
            OdometerWarning::SecondOnDay => beside().any(|km| km > 0),
        };
        OdometerWarning::ALL.iter().copied().filter(is_true).collect()
    }

    /// The readings of the same counter just before, on the same day, and just after; not the one that is replaced.
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

#[cfg(test)]
mod tests;
