//! What the odometer shows on any day, and how far the car goes in a day.
//!
//! Of each counter the readings are trusted that make the longest series which never falls, so that neither a slip
//! of the pen in a confirmed reading nor a counter that was turned back bends the estimate; of two series of one
//! length, that with the lower end. All readings of a ledger in which nothing falls are trusted. The first admission
//! counts as a reading of 0 km, but not for a car with a foreign history.
//!
//! The distance a day is the median of the slopes between all pairs of trusted readings (Theil and Sen), so that a
//! quarter of them could be wrong and the outcome still be about right. At most [`CONSIDERED`] readings take part, one
//! a day: the last ones, and only those within [`RECENT_DAYS`] before the last if they span [`RECENT_SPAN_DAYS`], since
//! people's lives change. That bounds the work to 1,225 pairs, however long the ledger; ordering it takes n log n. All
//! numbers are integers, so every machine gives the same.

use super::{OdometerLedger, ledger::days};
use crate::{Date, coded_enum, passport::MAX_ODOMETER_KM};

/// How many readings are considered for the distance a day, at most.
pub const CONSIDERED: usize = 50;

/// How many days before the last reading one still tells how the car is driven now.
pub const RECENT_DAYS: i64 = 730;

/// How many days recent readings must span to tell the distance a day by themselves: the two of one visit to the garage
/// tell little.
pub const RECENT_SPAN_DAYS: i64 = 90;

/// How far the car goes in a day, in metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyDistance {
    /// The median of the slopes.
    pub metres: i64,
    /// A quarter of the slopes is lower. With one slope only, which says nothing of its spread, half of it.
    pub low_metres: i64,
    /// A quarter of the slopes is higher. With one slope only, one and a half times it.
    pub high_metres: i64,
    /// How many readings, at most one a day, it rests on; the first admission is one where it takes part.
    pub readings: usize,
}

coded_enum! {
    /// What an estimated reading rests on.
    pub enum EstimateBasis {
        /// The odometer was read that day.
        Read => "read",
        /// It lies between two readings, or the first admission and the first reading.
        Between => "between",
        /// It lies after the last reading of its counter, at the distance a day.
        After => "after",
    }
}

/// What the odometer showed, or is going to, on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstimatedReading {
    /// In kilometres.
    pub km: i64,
    /// At least this: the reading before, or the low distance a day.
    pub low_km: i64,
    /// At most this: the reading after, or the high distance a day.
    pub high_km: i64,
    /// What it rests on.
    pub basis: EstimateBasis,
}

/// A day on which it is known what a counter showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    day: Date,
    km: i64,
    /// Not the first admission.
    is_read: bool,
}

impl OdometerLedger<'_> {
    /// How far the car goes in a day (rule OD8). None before two readings, or one and the first admission, can be
    /// paired.
    pub fn daily_distance(&self) -> Option<DailyDistance> {
        daily_distance(&self.trusted())
    }

    /// What the odometer shows on a day (rule OD9). On the day of a trusted reading it is that reading, the highest if
    /// there are several; it never falls while the same counter runs. None before the first trusted reading (or first
    /// admission), and after the last when the distance a day cannot be told.
    pub fn estimate(&self, on: Date) -> Option<EstimatedReading> {
        let counters = self.trusted();
        let began = |counter: &&Vec<Point>| counter.first().is_some_and(|first| first.day <= on);
        let counter = counters.iter().rev().find(began)?;
        let before = counter.iter().rev().find(|point| point.day <= on)?;
        let after = counter.iter().find(|point| point.day > on);
        let passed = days(before.day, on);
        match after {
            _ if passed == 0 && before.is_read => Some(EstimatedReading {
                basis: EstimateBasis::Read,
                km: before.km,
                low_km: before.km,
                high_km: before.km,
            }),
            Some(after) => {
                let km = before.km + (after.km - before.km) * passed / days(before.day, after.day);
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

    /// The points of each counter that are trusted, one a day.
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

    /// The first admission as a point, if it lies before all readings and all the car's history is known.
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
    let is_recent = |(_, point): &&(usize, Point)| days(point.day, last_day) <= RECENT_DAYS;
    let recent: Vec<_> = considered.iter().filter(is_recent).copied().collect();
    let spans = |(_, first): &(usize, Point)| days(first.day, last_day) >= RECENT_SPAN_DAYS;
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
        let days = days(a.day, b.day);
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
