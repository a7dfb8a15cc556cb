//! When a task is due: by its interval, from when it was last done or by the grid of the car's age and odometer.

use super::road::Road;
use crate::{
    Date, coded_enum, days_between,
    maintenance_schedule::{CountsFrom, Interval, Recurrence, add_months},
};
use jiff::ToSpan;

/// A task is due soon from this many days before its day.
pub const SOON_DAYS: i64 = 60;
/// A task is due soon from this many kilometres before its distance.
pub const SOON_KM: i64 = 2_000;
/// A task is overdue when it is more than this many days late.
pub const LATE_DAYS: i64 = 30;
/// A task is overdue when it is more than this many kilometres late.
pub const LATE_KM: i64 = 1_000;

coded_enum! {
    /// How near a task is (rule EM2).
    pub enum DueStatus {
        /// It is not due for a while.
        Ok => "ok",
        /// It is due within 60 days or 2,000 km, or within a tenth of a shorter interval.
        DueSoon => "due_soon",
        /// It is due.
        Due => "due",
        /// It is more than 30 days or 1,000 km late; the APK, from the first day after its expiry.
        Overdue => "overdue",
    }
}

/// When a task was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The day.
    pub on: Date,
    /// What the odometer showed, in kilometres, or what it is estimated to have shown.
    pub km: Option<i64>,
}

/// What is known of a car's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarLife {
    /// Its first admission.
    pub admitted_on: Option<Date>,
    /// Since when its maintenance is followed here.
    pub known_since: Date,
    /// What the odometer showed then, in kilometres.
    pub known_since_km: Option<i64>,
}

/// The day and the distance on which something is due, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day.
    pub on: Option<Date>,
    /// The distance, in kilometres.
    pub km: Option<i64>,
    /// Whether it rests on the grid of the interval alone, since nobody knows when the task was last done (rule EM3).
    pub assumed: bool,
    /// The interval by which it is due, if there is one.
    pub interval: Option<Interval>,
    /// Whether the law demands it in time, so that it is overdue from the next day.
    pub by_law: bool,
}

impl Due {
    /// Due on a day, without an interval.
    pub const fn on(day: Date) -> Self {
        Self { on: Some(day), km: None, assumed: false, interval: None, by_law: false }
    }

    /// Due on the day on which a certificate expires.
    pub const fn by_law(day: Date) -> Self {
        Self { by_law: true, ..Self::on(day) }
    }

    /// When a recurring task is due, from when it was last done (rules MS2 and EM3). The day always lies after that on
    /// which it was last done, and the distance beyond that at which it was.
    pub fn of(recurrence: &Recurrence, life: &CarLife, last: Option<Completion>) -> Self {
        match last {
            Some(last) => Self::after(recurrence, life, last),
            None => Self::never_done(recurrence, life),
        }
    }

    fn after(recurrence: &Recurrence, life: &CarLife, last: Completion) -> Self {
        let then = recurrence.then;
        let (on, km) = match (recurrence.counts_from, life.admitted_on) {
            (CountsFrom::Anniversary, Some(admitted_on)) if admitted_on <= last.on => (
                after_served(days(recurrence, admitted_on), admitted_on, last.on, days_between),
                last.km.and_then(|km| after_served(distances(recurrence), 0, km, |from, to| to - from)),
            ),
            _ => (
                then.months().and_then(|months| add_months(last.on, months)),
                then.km().and_then(|km| Some(last.km? + km)),
            ),
        };
        Self { on, km, assumed: false, interval: Some(then), by_law: false }
    }

    fn never_done(recurrence: &Recurrence, life: &CarLife) -> Self {
        let day = match life.admitted_on {
            Some(admitted_on) => at_or_after(days(recurrence, admitted_on), life.known_since),
            None => recurrence.then.months().and_then(|months| Some((true, add_months(life.known_since, months)?))),
        };
        let distance = life.known_since_km.and_then(|known| at_or_after(distances(recurrence), known));
        let assumed = day.is_some_and(|(later, _)| later) || distance.is_some_and(|(later, _)| later);
        let first = if assumed { None } else { recurrence.first };
        let interval = Some(first.unwrap_or(recurrence.then));
        Self { on: day.map(|(_, day)| day), km: distance.map(|(_, km)| km), assumed, interval, by_law: false }
    }

    /// The days on which the status changes (rule EM2). None when there is no day, and nothing is known of how far the
    /// car drives.
    pub fn days(&self, road: Option<&Road>) -> Option<DueDays> {
        let day_of = |km: i64| self.km.and_then(|due| road?.day_of(due + km));
        let shifted = |days: i64| self.on.and_then(|on| on.checked_add(days.days()).ok());
        let (soon_days, soon_km) = self.margins();
        let (late_days, late_km) = if self.by_law { (1, 1) } else { (LATE_DAYS + 1, LATE_KM + 1) };
        let late = earlier(shifted(late_days), day_of(late_km)).filter(|_| !self.assumed);
        Some(DueDays {
            soon_from: earlier(shifted(-soon_days), day_of(-soon_km))?,
            due_from: earlier(self.on, day_of(0))?,
            overdue_from: late,
        })
    }

    /// How many days and kilometres ahead the task is due soon.
    fn margins(&self) -> (i64, i64) {
        let months = self.interval.and_then(Interval::months);
        let km = self.interval.and_then(Interval::km);
        (
            months.map_or(SOON_DAYS, |months| SOON_DAYS.min(months * 365 / 120)),
            km.map_or(SOON_KM, |km| SOON_KM.min(km / 10)),
        )
    }

    /// The day on which it is expected, with the earliest and the latest that are likely (rule EM1).
    pub fn predicted(&self, road: Option<&Road>) -> Option<Predicted> {
        let day_of = |find: fn(&Road, i64) -> Option<Date>| self.km.and_then(|km| find(road?, km));
        Some(Predicted {
            on: earlier(self.on, day_of(Road::day_of))?,
            earliest_on: earlier(self.on, day_of(Road::earliest_day_of))?,
            latest_on: earlier(self.on, day_of(Road::latest_day_of)),
        })
    }
}

/// The day on which something is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// The day: the earlier of the day on which it is due, and that on which the odometer reaches the distance.
    pub on: Date,
    /// The same if the car is driven more than expected.
    pub earliest_on: Date,
    /// The same if the car is driven less than expected; none when the day may never come.
    pub latest_on: Option<Date>,
}

/// The days on which a task becomes due soon, due and overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDays {
    /// The first day on which it is due soon.
    pub soon_from: Date,
    /// The first day on which it is due.
    pub due_from: Date,
    /// The first day on which it is overdue; none for what is only assumed, which never is.
    pub overdue_from: Option<Date>,
}

impl DueDays {
    /// The status on a day.
    pub fn status(&self, today: Date) -> DueStatus {
        if self.overdue_from.is_some_and(|from| from <= today) {
            DueStatus::Overdue
        } else if self.due_from <= today {
            DueStatus::Due
        } else if self.soon_from <= today {
            DueStatus::DueSoon
        } else {
            DueStatus::Ok
        }
    }
}

/// The earlier of two days of which one or both may be absent.
fn earlier(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The grid of a car's age: the days on which the task is due if it is always done in time.
fn days(recurrence: &Recurrence, admitted_on: Date) -> impl Iterator<Item = Date> {
    let months = grid(recurrence, Interval::months);
    months.map_while(move |months| add_months(admitted_on, months))
}

/// The grid of a car's odometer.
fn distances(recurrence: &Recurrence) -> impl Iterator<Item = i64> {
    grid(recurrence, Interval::km)
}

/// The points of one of the two grids, from the first; none when the interval does not count in it.
fn grid(recurrence: &Recurrence, of: fn(Interval) -> Option<i64>) -> impl Iterator<Item = i64> + use<> {
    let first = recurrence.first.map_or_else(|| of(recurrence.then), of);
    let step = of(recurrence.then);
    std::iter::successors(first, move |point| Some(point + step?))
}

/// The first point that is not below `known`, and whether there is one before it.
fn at_or_after<P: Copy + Ord>(points: impl Iterator<Item = P>, known: P) -> Option<(bool, P)> {
    points.enumerate().find(|(_, point)| *point >= known).map(|(index, point)| (index > 0, point))
}

/// The point after the one that work done at `done` served: the nearest, and of two that are equally near, the earlier.
fn after_served<P: Copy + Ord>(
    mut points: impl Iterator<Item = P>,
    start: P,
    done: P,
    gap: fn(P, P) -> i64,
) -> Option<P> {
    let mut before = start;
    loop {
        let next = points.next()?;
        if next > done {
            let served_before = gap(before, done) <= gap(done, next);
            return if served_before { Some(next) } else { points.next() };
        }
        before = next;
    }
}

#[cfg(test)]
mod tests;
