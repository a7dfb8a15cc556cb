//! What goes before the interval: wear that was measured, and what the car itself says (rules EM6 and MS6).

use super::due::{Completion, Due};
use crate::{Date, check_template::WorseWhen, coded_enum};
use jiff::ToSpan;
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// A value that a check measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The day.
    pub on: Date,
    /// What the odometer showed, in kilometres.
    pub km: i64,
    /// The value, such as the depth of a tread in millimetres.
    pub value: Decimal,
}

/// What the car's own service indicator said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceIndicator {
    /// The day on which it was read.
    pub read_on: Date,
    /// What the odometer showed then, in kilometres.
    pub km: Option<i64>,
    /// How many days are left; negative when it is late.
    pub days_left: Option<i64>,
    /// How many kilometres are left; negative when it is late.
    pub km_left: Option<i64>,
}

/// The most days that an indicator has left, or is late.
pub const MAX_DAYS_LEFT: i64 = 3_650;
/// The most kilometres that an indicator has left, or is late.
pub const MAX_KM_LEFT: i64 = 200_000;

coded_enum! {
    /// Why what the service indicator said is refused (rule MS6).
    pub enum IndicatorRefusal {
        /// It says neither days nor kilometres.
        Empty => "indicator_empty",
        /// Kilometres that are left mean nothing without what the odometer showed.
        WithoutOdometer => "indicator_without_odometer",
        /// It cannot have been read on a day that has not come.
        InFuture => "indicator_in_future",
        /// It cannot have been read before the car was admitted.
        BeforeFirstAdmission => "indicator_before_first_admission",
        /// What it said on a later day is known.
        Outdated => "indicator_outdated",
    }
}

impl ServiceIndicator {
    /// Checks what someone read `today` or before, on a car that was first admitted on this day, if that is known.
    pub fn check(&self, admitted_from: Option<Date>, today: Date) -> Result<(), IndicatorRefusal> {
        if self.days_left.is_none() && self.km_left.is_none() {
            Err(IndicatorRefusal::Empty)
        } else if self.km_left.is_some() && self.km.is_none() {
            Err(IndicatorRefusal::WithoutOdometer)
        } else if self.read_on > today {
            Err(IndicatorRefusal::InFuture)
        } else if admitted_from.is_some_and(|from| self.read_on < from) {
            Err(IndicatorRefusal::BeforeFirstAdmission)
        } else {
            Ok(())
        }
    }

    /// Checks that it does not take the place of what the indicator said on a later day. `known` is what is known.
    pub fn check_newer(&self, known: Option<&Self>) -> Result<(), IndicatorRefusal> {
        let is_outdated = known.is_some_and(|known| known.read_on > self.read_on);
        if is_outdated { Err(IndicatorRefusal::Outdated) } else { Ok(()) }
    }
}

impl Due {
    /// When the limit of something that wears is reached (rule EM6), by the wear between two measurements of one place. The
    /// work is due at that distance. None when nothing wore, when no distance lies between the two, or when the part was
    /// replaced after the first of them.
    pub fn by_wear(
        first: &Measured,
        last: &Measured,
        limit: Decimal,
        worse: WorseWhen,
        done: Option<Completion>,
    ) -> Option<Self> {
        let driven = last.km - first.km;
        if driven <= 0 || done.is_some_and(|done| done.on >= first.on) {
            return None;
        }
        let (wear, left) = match worse {
            WorseWhen::Lower => (first.value - last.value, last.value - limit),
            WorseWhen::Higher => (last.value - first.value, limit - last.value),
        };
        if wear <= Decimal::ZERO {
            return None;
        }
        let km_left = if left > Decimal::ZERO {
            left.checked_mul(Decimal::from(driven))?.checked_div(wear)?.floor().to_i64()?
        } else {
            0
        };
        let km = last.km.checked_add(km_left)?;
        Some(Self { on: None, km: Some(km), assumed: false, interval: None, by_law: false })
    }

    /// When the car itself says that a task is due (rule MS6), until the task is done after that was read. None when it
    /// says neither days nor kilometres that lead to a day or a distance.
    pub fn by_indicator(indicator: &ServiceIndicator, done: Option<Completion>) -> Option<Self> {
        if done.is_some_and(|done| done.on >= indicator.read_on) {
            return None;
        }
        let on = indicator.days_left.and_then(|days| {
            let days = days.clamp(-36_525, 36_525);
            indicator.read_on.checked_add(days.days()).ok()
        });
        let km = indicator.km_left.and_then(|left| indicator.km?.checked_add(left));
        let is_said = on.is_some() || km.is_some();
        is_said.then_some(Self { on, km, assumed: false, interval: None, by_law: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(km: i64, tenths: i64) -> Measured {
        Measured { on: date(2026, 1, 1), km, value: Decimal::new(tenths, 1) }
    }

    fn tread(first: Measured, last: Measured) -> Option<i64> {
        Due::by_wear(&first, &last, Decimal::new(16, 1), WorseWhen::Lower, None)?.km
    }

    #[test]
    fn em6_wear_says_when_a_limit_is_reached() {
        // 7.6 mm, and 20,000 km later 5.6 mm: a millimetre each 10,000 km, and 4 mm are left.
        assert_eq!(tread(at(40_000, 76), at(60_000, 56)), Some(100_000));
        // A limit that was passed is reached now.
        assert_eq!(tread(at(40_000, 76), at(60_000, 12)), Some(60_000));
        // No wear, no distance, or a tyre that grew: nothing is foretold.
        assert_eq!(tread(at(40_000, 76), at(60_000, 76)), None);
        assert_eq!(tread(at(40_000, 76), at(60_000, 80)), None);
        assert_eq!(tread(at(60_000, 76), at(60_000, 56)), None);
        // New tyres after the first measurement.
        let done = Some(Completion { on: date(2026, 1, 1), km: None });
        assert_eq!(Due::by_wear(&at(4, 76), &at(9, 56), Decimal::ONE, WorseWhen::Lower, done), None);
        // Water in the brake fluid rises.
        let water = Due::by_wear(&at(0, 10), &at(10_000, 20), Decimal::new(3, 0), WorseWhen::Higher, None);
        assert_eq!(water.and_then(|due| due.km), Some(20_000));
    }

    #[test]
    fn ms6_what_the_car_says_goes_before_the_schedule_until_it_is_done() {
        let read_on = date(2026, 3, 1);
        let indicator = ServiceIndicator { read_on, km: Some(80_000), days_left: Some(61), km_left: Some(4_300) };
        let due = Due::by_indicator(&indicator, None).unwrap();
        assert_eq!((due.on, due.km, due.assumed), (Some(date(2026, 5, 1)), Some(84_300), false));
        let done = |on| Some(Completion { on, km: None });
        assert!(Due::by_indicator(&indicator, done(date(2026, 2, 28))).is_some());
        assert_eq!(Due::by_indicator(&indicator, done(read_on)), None);
        let late = ServiceIndicator { days_left: Some(-10), km_left: None, ..indicator };
        assert_eq!(Due::by_indicator(&late, None).unwrap().on, Some(date(2026, 2, 19)));
        assert_eq!(Due::by_indicator(&ServiceIndicator { days_left: None, km: None, ..indicator }, None), None);
    }

    #[test]
    fn ms6_what_the_car_says_was_read_while_it_was_on_the_road() {
        let (admitted_on, today) = (date(2020, 6, 1), date(2026, 3, 1));
        let read = ServiceIndicator { read_on: today, km: Some(80_000), days_left: Some(61), km_left: Some(4_300) };
        let check =
            |indicator: ServiceIndicator| indicator.check(Some(admitted_on), today).map_err(IndicatorRefusal::code);
        assert_eq!(check(read), Ok(()));
        assert_eq!(check(ServiceIndicator { read_on: admitted_on, ..read }), Ok(()));
        assert_eq!(check(ServiceIndicator { km: None, km_left: None, ..read }), Ok(()));
        assert_eq!(check(ServiceIndicator { days_left: None, km_left: None, ..read }), Err("indicator_empty"));
        assert_eq!(check(ServiceIndicator { km: None, ..read }), Err("indicator_without_odometer"));
        assert_eq!(check(ServiceIndicator { read_on: date(2026, 3, 2), ..read }), Err("indicator_in_future"));
        let before = ServiceIndicator { read_on: date(2020, 5, 31), ..read };
        assert_eq!(check(before), Err("indicator_before_first_admission"));
        assert_eq!(before.check(None, today), Ok(()));
        assert_eq!(before.check_newer(Some(&read)), Err(IndicatorRefusal::Outdated));
        assert_eq!(
            [read.check_newer(Some(&before)), read.check_newer(Some(&read)), before.check_newer(None)],
            [Ok(()); 3]
        );
    }

    proptest! {
        /// What wears is never due before the place where it was last measured, and less wear never means sooner.
        #[test]
        fn em6_less_wear_is_later(km in 0..500_000_i64, driven in 1..100_000_i64, first in 17..120_i64, wear in 2..16_i64) {
            let (start, value) = (at(km, first + 16), first + 16);
            let more = tread(start, at(km + driven, value - wear)).unwrap();
            let less = tread(start, at(km + driven, value - wear + 1)).unwrap();
            prop_assert!(more >= km + driven && less >= more);
        }
    }
}
