//! The life of a car: its visits, what was done, what was measured.

use super::{SampleCar, SampleNetwork};
use crate::{
    Date,
    cost::{Draws, float, integer},
    days_between,
    maintenance_schedule::{Interval, ScheduleRule, ScheduledCar, choose, platform},
    passport::Fuel,
    service_record::LineKind,
    service_task::{Position, TaskKey},
};
use jiff::ToSpan;

/// Repairs that come by chance: after how many kilometres on average. Our choice.
const REPAIRS: [(&str, i64); 10] = [
    ("lights", 45_000),
    ("wheel_alignment", 70_000),
    ("diagnosis", 60_000),
    ("suspension_parts", 90_000),
    ("windscreen", 130_000),
    ("shock_absorbers", 150_000),
    ("exhaust", 160_000),
    ("particulate_filter", 170_000),
    ("glow_plugs", 160_000),
    ("clutch", 190_000),
];
/// What is due within this many days is done with the rest.
const TOGETHER_DAYS: i64 = 30;
/// The most visits of a life.
const MAX_VISITS: usize = 400;
/// The days of a month, on average.
const MONTH: f64 = 30.437;

/// Work that comes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    task: TaskKey,
    months: Option<i64>,
    km: Option<i64>,
    /// Whether it comes by chance.
    is_repair: bool,
}

/// What was done and measured to a car.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleHistory {
    /// What was done, the oldest first. The odometer was read each time.
    pub records: Vec<SampleRecord>,
    /// What was measured, the oldest first, each on the day of a record.
    pub checks: Vec<SampleCheck>,
}

/// Work that was done on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRecord {
    /// The day.
    pub done_on: Date,
    /// The odometer, in kilometres.
    pub km: i64,
    /// Whether it was done elsewhere; then nothing is known about the amounts.
    pub is_elsewhere: bool,
    /// Its lines: of each task one for labour and, unless it needs none, one for parts.
    pub lines: Vec<SampleLine>,
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleLine {
    /// The task.
    pub task: TaskKey,
    /// What it is for.
    pub kind: LineKind,
    /// The net amount, in minor units.
    pub net_cents: i64,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleCheck {
    /// The day.
    pub done_on: Date,
    /// The odometer, in kilometres.
    pub km: i64,
    /// What was measured.
    pub findings: Vec<SampleFinding>,
}

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleFinding {
    /// The key of the item in the platform's template.
    pub item: &'static str,
    /// The task that it leads to.
    pub task: TaskKey,
    /// Where it was measured.
    pub position: Position,
    /// The depth or thickness, in tenths of a millimetre.
    pub tenths: i64,
    /// Whether it is beyond the limit from which the work is urgent; None when it is good.
    pub is_urgent: Option<bool>,
}

impl SampleRecord {
    /// What was paid for each task; none for work done elsewhere.
    pub fn tasks(&self) -> Vec<(TaskKey, Option<i64>)> {
        self.lines
            .chunk_by(|one, other| one.task == other.task)
            .filter_map(|lines| {
                let sum = lines.iter().map(|line| line.net_cents).sum();
                Some((lines.first()?.task, (!self.is_elsewhere).then_some(sum)))
            })
            .collect()
    }
}

/// What comes back on a car that runs on a fuel: the platform's schedules, the inspection, and repairs.
pub(super) fn works(fuel: Fuel) -> Vec<Work> {
    let car = ScheduledCar { fuel: Some(fuel), ..ScheduledCar::default() };
    let planned = choose(platform(), &car).into_iter().filter_map(|(task, schedule)| match schedule.terms.rule {
        ScheduleRule::Every(recurrence) => Some(Work {
            task,
            months: Interval::months(recurrence.then),
            km: Interval::km(recurrence.then),
            is_repair: false,
        }),
        ScheduleRule::Never => None,
    });
    let apk = Work { task: TaskKey::APK, months: Some(12), km: None, is_repair: false };
    let repairs = REPAIRS.iter().filter_map(|(key, km)| {
        let task = TaskKey::find(key).filter(|task| task.fits(Some(fuel)))?;
        Some(Work { task, months: None, km: Some(*km), is_repair: true })
    });
    planned.chain([apk]).chain(repairs).collect()
}

/// Work on its way: when it was done last, and when it comes again, in days since the first admission.
struct Course {
    work: Work,
    last: i64,
    next: i64,
}

impl Course {
    fn begin(work: Work, car: &SampleCar, start: i64, draws: &mut Draws) -> Self {
        let mut course = Self { work, last: 0, next: 0 };
        course.renew(0, car, draws);
        // Until the history begins nobody wrote down what was done.
        let interval = (course.next - course.last).max(1);
        while course.next < start {
            course.last = course.next;
            course.next += interval;
        }
        // The first inspection is four years after the first admission.
        if course.work.task == TaskKey::APK {
            course.next = course.next.max(4 * 365 - 30);
        }
        course
    }

    fn renew(&mut self, day: i64, car: &SampleCar, draws: &mut Draws) {
        let by_time = self.work.months.map(|months| float(months) * MONTH);
        let by_distance = self.work.km.map(|km| float(km) * 1_000.0 / float(car.metres_a_day));
        let interval = match (by_time, by_distance) {
            (Some(time), Some(distance)) => time.min(distance),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => 365.0,
        };
        let (early, late) = if self.work.is_repair { (0.2, 1.8) } else { (0.88, 1.15) };
        let (early, late) = if self.work.task == TaskKey::APK { (0.93, 1.0) } else { (early, late) };
        self.last = day;
        self.next = day + integer(interval * draws.between(early, late)).max(7);
    }

    /// Which part of its time has passed.
    fn used(&self, day: i64) -> f64 {
        (float(day - self.last) / float((self.next - self.last).max(1))).clamp(0.0, 1.05)
    }
}

pub(super) fn history(network: &SampleNetwork, car: &SampleCar, works: &[Work], mut draws: Draws) -> SampleHistory {
    let plan = network.plan();
    let garage = network.garage(car.garage);
    let age = days_between(car.admitted_on, plan.until);
    let start = (age - i64::from(plan.years) * 365).max(0);
    let mut courses: Vec<Course> = works.iter().map(|work| Course::begin(*work, car, start, &mut draws)).collect();
    let mut history = SampleHistory::default();
    let mut today = start;
    for _ in 0..MAX_VISITS {
        let Some(first) = courses.iter().map(|course| course.next).min() else { break };
        today = (first + integer(draws.between(-10.0, 18.0))).max(today + 1);
        if today >= age {
            break;
        }
        let done_on = car.admitted_on.saturating_add(today.days());
        let km = car.km_on(done_on);
        let due: Vec<TaskKey> = courses
            .iter()
            .filter(|course| course.next <= today + TOGETHER_DAYS)
            .map(|course| course.work.task)
            .collect();
        let is_within = |task: TaskKey| due.iter().any(|done| done.includes(task));
        if due.contains(&TaskKey::APK) {
            history.checks.push(SampleCheck { done_on, km, findings: findings(&courses, today, &mut draws) });
        }
        let mut lines = vec![];
        for task in due.iter().copied().filter(|task| !is_within(*task)) {
            let net_cents = network.draw(task, (car, &garage), done_on, &mut draws);
            lines.extend(split(task, net_cents, &mut draws));
        }
        for course in &mut courses {
            if due.contains(&course.work.task) || is_within(course.work.task) {
                course.renew(today, car, &mut draws);
            }
        }
        let is_elsewhere = draws.uniform() < 0.06;
        history.records.push(SampleRecord { done_on, km, is_elsewhere, lines });
    }
    history
}

/// The amount as labour and parts. An inspection and a diagnosis need no parts.
fn split(task: TaskKey, net_cents: i64, draws: &mut Draws) -> impl Iterator<Item = SampleLine> {
    let is_labour_only = task == TaskKey::APK || task.as_str() == "diagnosis" || net_cents < 2;
    let labour = integer(float(net_cents) * draws.between(0.35, 0.65)).clamp(1, (net_cents - 1).max(1));
    let labour = if is_labour_only { net_cents } else { labour };
    let parts = net_cents - labour;
    let of_labour = SampleLine { task, kind: LineKind::Labour, net_cents: labour };
    let of_parts = SampleLine { task, kind: LineKind::Part, net_cents: parts };
    std::iter::once(of_labour).chain((!is_labour_only).then_some(of_parts))
}

/// What is measured: the task, the item, the positions, when new, when worn out, and the two limits, in tenths of a
/// millimetre.
type Measure = (&'static str, &'static str, [Position; 2], i64, i64, (i64, i64));
const MEASURES: [Measure; 4] = [
    ("tyres", "tread_depth", [Position::FrontLeft, Position::FrontRight], 80, 22, (30, 16)),
    ("tyres", "tread_depth", [Position::RearLeft, Position::RearRight], 80, 30, (30, 16)),
    ("brake_pads_front", "brake_pad_front", [Position::Left, Position::Right], 120, 25, (40, 20)),
    ("brake_pads_rear", "brake_pad_rear", [Position::Left, Position::Right], 110, 25, (40, 20)),
];

fn findings(courses: &[Course], today: i64, draws: &mut Draws) -> Vec<SampleFinding> {
    let mut found = vec![];
    for (key, item, positions, new, worn, (attention, urgent)) in MEASURES {
        let Some(course) = courses.iter().find(|course| course.work.task.as_str() == key) else { continue };
        let left = new - integer(float(new - worn) * course.used(today));
        for position in positions {
            let tenths = (left - integer(draws.between(0.0, 2.0))).max(0);
            let is_urgent = (tenths <= attention).then_some(tenths <= urgent);
            found.push(SampleFinding { item, task: course.work.task, position, tenths, is_urgent });
        }
    }
    found
}
