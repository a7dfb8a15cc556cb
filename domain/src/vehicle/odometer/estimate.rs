//! Estimates: what the odometer shows on any day, and how far the car drives in a day.
//!
//! For each counter, the trusted readings are the longest series that never falls; of two series with the same length,
//! the one that ends lower. So a typing mistake in a confirmed reading, or a counter that was turned back, does not
//! distort the estimate. If nothing falls in a ledger, all its readings are trusted. The first admission counts as a
//! reading of 0 km, except for a car with a foreign history.
//!
//! The distance a day is the median of the slopes between all pairs of trusted readings (the Theil–Sen estimator): even
//! if a quarter of the readings is wrong, the result is about right. At most [`CONSIDERED`] readings are used, one a
//! day: the last ones. If those within [`RECENT_DAYS`] before the last one span [`RECENT_SPAN_DAYS`], only these are
//! used, since the use of a car changes over the years. This limits the work to 1,225 pairs, however long the ledger
//! is; sorting it takes n log n. All numbers are integers, so every machine gives the same result.

use super::OdometerLedger;
use crate::{Date, coded_enum, days_between, passport::MAX_ODOMETER_KM};

/// The most readings that are used for the distance a day.
pub const CONSIDERED: usize = 50;

/// A reading up to this many days before the last one says something about how the car is driven now.
pub const RECENT_DAYS: i64 = 730;

/// The number of days that the recent readings must span before they are used alone: two readings of one visit to the
/// garage say little.
pub const RECENT_SPAN_DAYS: i64 = 90;

/// How far the car drives in a day, in metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyDistance {
    /// The median of the slopes.
    pub metres: i64,
    /// The lower quartile of the slopes. With one slope only there are no quartiles, and this is half of it.
    pub low_metres: i64,
    /// The upper quartile of the slopes. With one slope only, this is one and a half times that slope.
    pub high_metres: i64,
    /// The number of readings that were used, at most one a day. The first admission counts as one if it was used.
    pub readings: usize,
}

coded_enum! {
    /// How an estimated reading was found.
    pub enum EstimateBasis {
        /// The odometer was read that day.
        Read => "read",
        /// The day lies between two readings, or between the first admission and the first reading.
        Between => "between",
        /// The day lies after the last reading of its counter; the distance a day was added for each day.
        After => "after",
    }
}

/// What the odometer shows on a day in the past or the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstimatedReading {
    /// The estimate, in kilometres.
    pub km: i64,
    /// The lowest likely value: the reading before, or computed with the low distance a day.
    pub low_km: i64,
    /// The highest likely value: the reading after, or computed with the high distance a day.
    pub high_km: i64,
    /// How it was found.
    pub basis: EstimateBasis,
}

/// A day on which the value of a counter is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    day: Date,
    km: i64,
    /// True for a reading, false for the first admission.
    is_read: bool,
}

impl OdometerLedger<'_> {
    /// How far the car drives in a day (rule OD8). None without two readings, or one reading and the first admission.
    pub fn daily_distance(&self) -> Option<DailyDistance> {
        daily_distance(&self.trusted())
    }

    /// The last trusted reading: its day, and what the odometer showed in kilometres.
    pub fn last_trusted(&self) -> Option<(Date, i64)> {
        self.trusted().last()?.last().map(|point| (point.day, point.km))
    }

    /// What the odometer showed, in kilometres, when the car became known on a day: the last trusted reading of a day before,
    /// or else the lowest of that day, or else what is estimated for it, or else the first one after it. Once there is a
    /// reading of that day or before, no later one changes this, however far the car is driven on that day: what was due
    /// by this number stays due until it is done (rule EM3).
    pub fn known_since(&self, on: Date) -> Option<i64> {
        let counters = self.trusted();
        let mut points = counters.iter().flatten().filter(|point| point.is_read);
        let before = points.rfind(|point| point.day < on).map(|point| point.km);
        let of_day = || self.readings().find(|reading| reading.read_on == on).map(|reading| reading.shown.km());
        let first = || self.readings().next().map(|first| first.shown.km());
        before.or_else(of_day).or_else(|| Some(self.estimate(on)?.km)).or_else(first)
    }

    /// What the odometer shows on a day (rule OD9). On the day of a trusted reading it is that reading, or the highest
    /// if there are several. It never falls as long as the same counter runs. None before the first trusted reading (or
    /// the first admission), and after the last one if the distance a day is not known.
    pub fn estimate(&self, on: Date) -> Option<EstimatedReading> {
        let counters = self.trusted();
        let began = |counter: &&Vec<Point>| counter.first().is_some_and(|first| first.day <= on);
        let counter = counters.iter().rev().find(began)?;
        let before = counter.iter().rev().find(|point| point.day <= on)?;
        let after = counter.iter().find(|point| point.day > on);
        let passed = days_between(before.day, on);
        match after {
            _ if passed == 0 && before.is_read => Some(EstimatedReading {
                basis: EstimateBasis::Read,
                km: before.km,
                low_km: before.km,
                high_km: before.km,
            }),
            Some(after) => {
                let km = before.km + (after.km - before.km) * passed / days_between(before.day, after.day);
                Some(EstimatedReading { basis: EstimateBasis::Between, km, low_km: before.km, high_km: after.km })
            }
            None => {
                let daily = daily_distance(&counters)?;
                let then = |metres: i64| (before.km + metres * passed / 1_000).min(MAX_ODOMETER_KM);
                Some(EstimatedReading {
                    basis: EstimateBasis::After,
                    km: then(daily.metres),
                    low_km: then(daily.low_metres),
                    high_km: then(daily.high_metres),
                })
            }
        }
    }

    /// The trusted points of each counter, one a day.
    fn trusted(&self) -> Vec<Vec<Point>> {
        let mut counters: Vec<Vec<Point>> = vec![self.admission().into_iter().collect()];
        for reading in self.readings() {
            let point = Point { day: reading.read_on, km: reading.shown.km(), is_read: true };
            match counters.last_mut() {
                Some(counter) if reading.start.is_none() => counter.push(point),
                _ => counters.push(vec![point]),
            }
        }
        counters.retain(|counter| counter.iter().any(|point| point.is_read));
        counters.iter().map(|counter| one_a_day(&never_falling(counter))).collect()
    }

    /// The first admission as a point, if it is before all readings and the car has no foreign history.
    fn admission(&self) -> Option<Point> {
        let car = self.car();
        let first = self.readings().next()?;
        let day = car.admitted_on.filter(|day| !car.foreign && first.start.is_none() && *day < first.read_on)?;
        Some(Point { day, km: 0, is_read: false })
    }
}

/// The longest series that never falls, by patience sorting: `ends[n]` is the lowest point with which a series of n + 1
/// can end so far, and `links` remembers for each point the one before it in its series.
fn never_falling(points: &[Point]) -> Vec<Point> {
    let mut ends: Vec<(i64, usize)> = vec![];
    let mut links: Vec<Option<usize>> = vec![];
    for (index, point) in points.iter().enumerate() {
        let length = ends.partition_point(|(km, _)| *km <= point.km);
        links.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter)).map(|(_, end)| *end));
        match ends.get_mut(length) {
            Some(end) => *end = (point.km, index),
            None => ends.push((point.km, index)),
        }
    }
    let last = ends.last().map(|(_, index)| *index);
    let series = std::iter::successors(last, |index| links.get(*index).copied().flatten());
    let mut series: Vec<_> = series.filter_map(|index| points.get(index).copied()).collect();
    series.reverse();
    series
}

/// The highest point of each day.
fn one_a_day(points: &[Point]) -> Vec<Point> {
    points.chunk_by(|a, b| a.day == b.day).filter_map(|day| day.last().copied()).collect()
}

fn daily_distance(counters: &[Vec<Point>]) -> Option<DailyDistance> {
    let points =
        || counters.iter().enumerate().flat_map(|(number, counter)| counter.iter().map(move |point| (number, *point)));
    let last_day = points().map(|(_, point)| point.day).max()?;
    let skipped = points().count().saturating_sub(CONSIDERED);
    let considered: Vec<_> = points().skip(skipped).collect();
    let is_recent = |(_, point): &&(usize, Point)| days_between(point.day, last_day) <= RECENT_DAYS;
    let recent: Vec<_> = considered.iter().filter(is_recent).copied().collect();
    let spans = |(_, first): &(usize, Point)| days_between(first.day, last_day) >= RECENT_SPAN_DAYS;
    let recent = Some(recent).filter(|recent| recent.first().is_some_and(spans));
    recent.iter().chain([&considered]).find_map(|points| {
        let mut slopes = slopes(points);
        slopes.sort_unstable();
        spread(&slopes, points.len())
    })
}

/// Metres a day between all pairs of points of one counter, rounded to the nearest.
fn slopes(points: &[(usize, Point)]) -> Vec<i64> {
    let pair = |(number, a): &(usize, Point), (other, b): &(usize, Point)| {
        let days = days_between(a.day, b.day);
        (number == other && days > 0).then(|| ((b.km - a.km) * 1_000 + days / 2) / days)
    };
    points
        .iter()
        .enumerate()
        .flat_map(|(index, a)| points.iter().skip(index + 1).filter_map(move |b| pair(a, b)))
        .collect()
}

/// Median and quartiles of sorted slopes.
fn spread(slopes: &[i64], readings: usize) -> Option<DailyDistance> {
    let last = slopes.len().checked_sub(1)?;
    let at = |index: usize| slopes.get(index).copied();
    let metres = i64::midpoint(at(last / 2)?, at(slopes.len() / 2)?);
    let (low_metres, high_metres) =
        if last == 0 { (metres / 2, metres + metres / 2) } else { (at(last / 4)?, at(last - last / 4)?) };
    Some(DailyDistance { metres, low_metres, high_metres, readings })
}
