//! The road ahead: on which day the odometer will show a number of kilometres.

use crate::{Date, coded_enum, days_between, odometer::OdometerLedger, passport::Fuel};
use jiff::ToSpan;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// Days further ahead than this are not foretold: a hundred years.
const MAX_DAYS: i64 = 36_525;

coded_enum! {
    /// What the distance a day rests on.
    pub enum RoadBasis {
        /// The car's own readings.
        Readings => "readings",
        /// One reading of the car, and what cars on the same fuel drive in a year.
        Average => "average",
    }
}

/// What cars drive in a year, as a statistics office says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnnualDistance {
    #[expect(dead_code, reason = "the file says where its figures come from")]
    source: String,
    km_per_year: BTreeMap<Fuel, i64>,
    all_km_per_year: i64,
}

static ANNUAL: LazyLock<Option<AnnualDistance>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../data/annual_distance.json")).ok());

/// How many metres a day a car on this fuel drives on average; for a fuel without a figure, as all cars do.
pub(crate) fn average_metres_a_day(fuel: Option<Fuel>) -> Option<i64> {
    let annual = ANNUAL.as_ref()?;
    let km = fuel.and_then(|fuel| annual.km_per_year.get(&fuel)).copied().unwrap_or(annual.all_km_per_year);
    Some(km * 1_000 / 365)
}

/// Where the odometer stood on a day, and how far the car drives in a day from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Road {
    /// The day of the last reading that is trusted.
    pub from: Date,
    /// What the odometer showed then, in kilometres.
    pub km: i64,
    /// The distance a day, in metres.
    pub metres: i64,
    /// A low distance a day, in metres.
    pub low_metres: i64,
    /// A high distance a day, in metres.
    pub high_metres: i64,
    /// What these rest on.
    pub basis: RoadBasis,
}

impl Road {
    /// The road of a car from its readings. With one reading only, the car is taken to drive as far as others on the
    /// same fuel, half as far at the least and twice as far at the most. None without a reading (rule EM1).
    pub fn of(ledger: &OdometerLedger<'_>, fuel: Option<Fuel>) -> Option<Self> {
        let (from, km) = ledger.last_trusted()?;
        if let Some(daily) = ledger.daily_distance() {
            let (low_metres, high_metres) = (daily.low_metres.min(daily.metres), daily.high_metres.max(daily.metres));
            return Some(Self { from, km, metres: daily.metres, low_metres, high_metres, basis: RoadBasis::Readings });
        }
        let metres = average_metres_a_day(fuel)?;
        let (low_metres, high_metres) = (metres / 2, metres * 2);
        Some(Self { from, km, metres, low_metres, high_metres, basis: RoadBasis::Average })
    }

    /// How far the car has been driven by a day, in kilometres, which may be more than an odometer can show; before the
    /// last reading, what that reading was.
    pub fn km_on(&self, day: Date) -> i64 {
        let days = days_between(self.from, day).max(0);
        self.km + self.metres * days / 1_000
    }

    /// The first day on which the odometer shows this number. None when the car does not get there within a hundred
    /// years.
    pub fn day_of(&self, km: i64) -> Option<Date> {
        self.day_at(km, self.metres)
    }

    /// The same for a car that is driven more than expected: the earliest day that is likely.
    pub fn earliest_day_of(&self, km: i64) -> Option<Date> {
        self.day_at(km, self.high_metres)
    }

    /// The same for a car that is driven less than expected: the latest day that is likely.
    pub fn latest_day_of(&self, km: i64) -> Option<Date> {
        self.day_at(km, self.low_metres)
    }

    fn day_at(&self, km: i64, metres: i64) -> Option<Date> {
        if km <= self.km {
            return Some(self.from);
        }
        if metres <= 0 {
            return None;
        }
        let days = ((km - self.km) * 1_000 + metres - 1) / metres;
        if days > MAX_DAYS { None } else { self.from.checked_add(days.days()).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn em1_the_day_of_a_number_is_the_first_on_which_the_odometer_shows_it() {
        let (metres, basis) = (33_333, RoadBasis::Readings);
        let road = Road { from: date(2026, 1, 1), km: 10_000, metres, low_metres: 0, high_metres: 50_000, basis };
        for km in [10_001, 10_500, 12_345, 60_000] {
            let day = road.day_of(km).unwrap();
            assert!(road.km_on(day) >= km && road.km_on(day.yesterday().unwrap()) < km, "{km}");
            assert!(road.earliest_day_of(km).unwrap() <= day, "{km}");
        }
        // What was reached before the last reading was reached by then at the latest.
        assert_eq!(road.day_of(9_000), Some(date(2026, 1, 1)));
        // A car that stands still gets nowhere, and nobody foretells more than a hundred years.
        assert_eq!((road.latest_day_of(10_001), road.day_of(1_999_999)), (None, None));
    }

    #[test]
    fn em1_cars_drive_as_the_statistics_say() {
        let a_year = |fuel| average_metres_a_day(fuel).unwrap() * 365 / 1_000;
        assert!((10_600..=10_631).contains(&a_year(Some(Fuel::Petrol))));
        assert!((19_200..=19_247).contains(&a_year(Some(Fuel::Diesel))));
        assert!((11_900..=11_992).contains(&a_year(None)));
        assert_eq!(a_year(Some(Fuel::Alcohol)), a_year(None));
    }
}
