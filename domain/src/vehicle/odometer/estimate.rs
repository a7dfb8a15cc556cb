//! Estimates: what the odometer shows on any day, and how far the car drives in a day.
//!
//! For each counter, the trusted readings are the longest series that never falls; of two series with the same length,
//! the one that ends lower. So a typing mistake in a confirmed reading, or a counter that was turned back, does not
//! distort the estimate. A reading that was confirmed although it is too far from its neighbour is not trusted, until a
//! neighbour on the other side bears it out. Otherwise, if nothing falls in a ledger, all its readings are trusted. The
//! first admission counts as a reading of 0 km, except for a car with a foreign history.
//!
//! The distance a day is the median of the slopes between all pairs of trusted readings (the Theil–Sen estimator), each
//! weighed by the days between them: even if a quarter of the readings is wrong, the result is about right, and many
//! readings of one week count for no more than that week. At most [`CONSIDERED`] readings are used, one a day: the last
//! ones. If those within [`RECENT_DAYS`] before the last one span [`RECENT_SPAN_DAYS`], only these are used, since the use
//! of a car changes over the years; but when they are few, such as with a reading a year, the older ones count too, as far
//! back as they say the same. This limits the work to 1,225 pairs, however long the ledger is; sorting it takes n log n.
//! All numbers are integers, so every machine gives the same result.

use super::{OdometerLedger, OdometerReading, is_far};
use crate::{Date, coded_enum, days_between, passport::MAX_ODOMETER_KM};

/// The most readings that are used for the distance a day.
pub const CONSIDERED: usize = 50;

/// A reading up to this many days before the last one says something about how the car is driven now.
pub const RECENT_DAYS: i64 = 730;

/// The number of days that the recent readings must span before they are used alone: two readings of one visit to the
/// garage say little.
pub const RECENT_SPAN_DAYS: i64 = 90;

/// So many recent readings are enough by themselves. With fewer, older readings are used too if they say the same.
const ENOUGH: usize = 4;

/// Older readings say the same when the distance a day since them differs by at most one in so many.
const SAME_TO: i64 = 4;

/// The most days after the last trusted reading for which there is an estimate: five years (rule OD9).
pub const AHEAD_DAYS: i64 = 1_826;

/// How far the car drives in a day, in metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyDistance {
    /// The weighted median of the slopes.
    pub metres: i64,
    /// The lower quartile of the slopes. With one slope only there are no quartiles, and this is half of it.
    pub low_metres: i64,
    /// The upper quartile of the slopes. With one slope only, this is one and a half times that slope.
    pub high_metres: i64,
    /// The days between the first and the last reading that were used; of several counters, the most of one.
    pub days: i64,
    /// The number of readings that were used, at most one a day. The first admission counts as one if it was used.
    pub readings: usize,
}

impl DailyDistance {
    /// Whether the readings span too few days to say how the car is driven: less than [`RECENT_SPAN_DAYS`].
    pub const fn is_short(&self) -> bool {
        self.days < RECENT_SPAN_DAYS
    }
}

coded_enum! {
    /// Why there is no estimate for a day (rule OD9).
    pub enum NoEstimateReason {
        /// The odometer was never read.
        NoReading => "no_reading",
        /// The day lies before all that is known.
        BeforeFirst => "before_first_reading",
        /// The day lies after the only reading, so the distance a day is not known.
        TooFew => "too_few_readings",
        /// The day lies more than five years after the last reading.
        TooFarAhead => "too_far_ahead",
    }
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

    /// What the odometer shows on a day (rule OD9), or why that cannot be told. On the day of a trusted reading it is that
    /// reading, or the highest if there are several. It never falls as long as the same counter runs. There is none before
    /// the first trusted reading (or the first admission), none after the last one if the distance a day is not known, and
    /// none more than [`AHEAD_DAYS`] after it.
    pub fn estimated(&self, on: Date) -> Result<EstimatedReading, NoEstimateReason> {
        let counters = self.trusted();
        let none = if counters.is_empty() { NoEstimateReason::NoReading } else { NoEstimateReason::BeforeFirst };
        let began = |counter: &&Vec<Point>| counter.first().is_some_and(|first| first.day <= on);
        let counter = counters.iter().rev().find(began).ok_or(none)?;
        let before = counter.iter().rev().find(|point| point.day <= on).ok_or(none)?;
        let passed = days_between(before.day, on);
        if passed == 0 && before.is_read {
            let (basis, km) = (EstimateBasis::Read, before.km);
            return Ok(EstimatedReading { km, low_km: km, high_km: km, basis });
        }
        if let Some(after) = counter.iter().find(|point| point.day > on) {
            let km = before.km + (after.km - before.km) * passed / days_between(before.day, after.day);
            return Ok(EstimatedReading { basis: EstimateBasis::Between, km, low_km: before.km, high_km: after.km });
        }
        let daily = daily_distance(&counters).ok_or(NoEstimateReason::TooFew)?;
        if passed > AHEAD_DAYS {
            return Err(NoEstimateReason::TooFarAhead);
        }
        let then = |metres: i64| (before.km + metres * passed / 1_000).min(MAX_ODOMETER_KM);
        Ok(EstimatedReading {
            basis: EstimateBasis::After,
            km: then(daily.metres),
            low_km: then(daily.low_metres),
            high_km: then(daily.high_metres),
        })
    }

    /// The same, without a reason where there is none.
    pub fn estimate(&self, on: Date) -> Option<EstimatedReading> {
        self.estimated(on).ok()
    }

    /// The trusted points of each counter, one a day.
    fn trusted(&self) -> Vec<Vec<Point>> {
        let mut counters: Vec<Vec<&OdometerReading>> = vec![];
        for reading in self.readings() {
            match counters.last_mut() {
                Some(counter) if reading.start.is_none() => counter.push(reading),
                _ => counters.push(vec![reading]),
            }
        }
        let mut admission = self.admission();
        let trusted = counters.iter().map(|counter| {
            let points: Vec<_> = admission.take().into_iter().chain(believed(counter)).collect();
            one_a_day(&never_falling(&points))
        });
        trusted.collect()
    }

    /// The first admission as a point, if it is before all readings and the car has no foreign history.
    fn admission(&self) -> Option<Point> {
        let car = self.car();
        let first = self.readings().next()?;
        let day = car.admitted_on.filter(|day| !car.foreign && first.start.is_none() && *day < first.read_on)?;
        Some(Point { day, km: 0, is_read: false })
    }
}

/// The readings of a counter that are believed: not those that were confirmed although they leap from a neighbour, as long
/// as no other neighbour bears them out.
fn believed(counter: &[&OdometerReading]) -> Vec<Point> {
    let step = |from: &OdometerReading, to: &OdometerReading| {
        (days_between(from.read_on, to.read_on), to.shown.km() - from.shown.km())
    };
    let is_believed = |index: usize, reading: &OdometerReading| {
        let before = index.checked_sub(1).and_then(|index| counter.get(index)).map(|before| step(before, reading));
        let after = counter.get(index + 1).map(|after| step(reading, after));
        let mut steps = before.into_iter().chain(after);
        let leaps = steps.clone().any(|(days, km)| is_far(days, km));
        !reading.confirmed || !leaps || steps.any(|(days, km)| km >= 0 && !is_far(days, km))
    };
    let believed = counter.iter().enumerate().filter(|(index, reading)| is_believed(*index, reading));
    believed.map(|(_, reading)| Point { day: reading.read_on, km: reading.shown.km(), is_read: true }).collect()
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
    let is_recent = |(_, point): &(usize, Point)| days_between(point.day, last_day) <= RECENT_DAYS;
    let begin = considered.iter().position(is_recent)?;
    let recent = considered.get(begin..)?;
    let spans = recent.first().is_some_and(|(_, first)| days_between(first.day, last_day) >= RECENT_SPAN_DAYS);
    let of_late = if spans { spread(recent) } else { None };
    match of_late {
        None => spread(&considered),
        Some(daily) if daily.readings >= ENOUGH => Some(daily),
        Some(daily) => spread(considered.get(same_from(&considered, begin, daily.metres)..)?),
    }
}

/// From which point on the points say the same, to one in [`SAME_TO`], as those from `begin` on, which say that the car
/// drives so many metres a day.
fn same_from(points: &[(usize, Point)], begin: usize, metres: i64) -> usize {
    let slope_to = |from, to: Option<&(usize, Point)>| points.get(from).zip(to).and_then(|(from, to)| slope(from, to));
    // Until then, or to the end where that is so near that it says little.
    let slope_from = |index: usize| {
        let before = slope_to(index, points.get(begin)).filter(|(_, days)| *days >= RECENT_SPAN_DAYS);
        before.or_else(|| slope_to(index, points.last()))
    };
    let says_same =
        |index: &usize| slope_from(*index).is_some_and(|(since, _)| (since - metres).abs() * SAME_TO <= metres);
    (0..begin).rev().take_while(says_same).last().unwrap_or(begin)
}

/// Metres a day between two points of one counter, rounded to the nearest, and the days between them.
fn slope((number, a): &(usize, Point), (other, b): &(usize, Point)) -> Option<(i64, i64)> {
    let days = days_between(a.day, b.day);
    (number == other && days > 0).then(|| (((b.km - a.km) * 1_000 + days / 2) / days, days))
}

/// Median and quartiles of the slopes between all pairs of points, weighed by the days between them.
fn spread(points: &[(usize, Point)]) -> Option<DailyDistance> {
    let pairs = points.iter().enumerate();
    let mut slopes: Vec<_> =
        pairs.flat_map(|(index, a)| points.iter().skip(index + 1).filter_map(move |b| slope(a, b))).collect();
    slopes.sort_unstable();
    let days = slopes.iter().map(|(_, days)| *days).max()?;
    let metres = at_quarters(&slopes, 2)?;
    let (low_metres, high_metres) = match slopes.as_slice() {
        [_] => (metres / 2, metres + metres / 2),
        _ => (at_quarters(&slopes, 1)?, at_quarters(&slopes, 3)?),
    };
    Some(DailyDistance { metres, low_metres, high_metres, days, readings: points.len() })
}

/// The slope that has so many quarters of the weight before it; where these end between two slopes, the middle of the two.
fn at_quarters(slopes: &[(i64, i64)], quarters: i64) -> Option<i64> {
    let bound = quarters * slopes.iter().map(|(_, days)| days).sum::<i64>();
    let reached = |is_reached: &dyn Fn(i64) -> bool| {
        let mut passed = 0;
        let slope = slopes.iter().find(|(_, days)| {
            passed += days;
            is_reached(4 * passed)
        });
        slope.map(|(slope, _)| *slope)
    };
    Some(i64::midpoint(reached(&|passed| passed >= bound)?, reached(&|passed| passed > bound)?))
}
