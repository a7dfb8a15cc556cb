//! The forecast: the coming years, visit by visit (rules EM3 and EM4).

use super::{
    due::{CarLife, Completion, Due, DueDays, Predicted},
    road::Road,
};
use crate::{
    Date,
    apk::{self, ApkVehicle},
    coded_enum, days_between,
    maintenance_schedule::Recurrence,
    service_task::TaskKey,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is expected within this many days after the first task of a visit is done in that visit.
pub const GATHER_DAYS: i64 = 30;
/// The most years that are foretold.
pub const MAX_YEARS: i64 = 5;
/// A recommendation that is not urgent and names no day is to be done within this many days after it was made.
pub const SOON_AFTER_ADVICE: i64 = 60;
/// The most items that are foretold, so that whatever is stored the work is bounded.
const MAX_ITEMS: usize = 2_000;

coded_enum! {
    /// Why a task is expected (rule EM1).
    pub enum ItemSource {
        /// By a maintenance schedule.
        Schedule => "schedule",
        /// The car's own service indicator says so.
        Indicator => "service_indicator",
        /// What checks measured shows how fast a part wears.
        Wear => "wear",
        /// It was recommended and not yet done.
        Recommendation => "recommendation",
        /// The law demands an inspection.
        Apk => "apk",
        /// The manufacturer recalls the car.
        Recall => "recall",
    }
}

/// Whether and how something comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It does not.
    Once,
    /// By a schedule.
    Every(Recurrence, CarLife),
    /// By the law on the APK.
    Apk(ApkVehicle),
}

/// Something that the car needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The task; none for work that is only described in words.
    pub task: Option<TaskKey>,
    /// Why it is expected.
    pub source: ItemSource,
    /// When it is due for the first time.
    pub due: Due,
    /// Whether it comes back.
    pub repeat: Repeat,
}

/// One thing that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedItem {
    /// The number of its need, in the order in which the needs were given.
    pub need: usize,
    /// The numbers of the other needs that are met with it: the same task, advised at another place or expected by a schedule.
    pub joined: Vec<usize>,
    /// The task.
    pub task: Option<TaskKey>,
    /// Why it is expected.
    pub source: ItemSource,
    /// When it is due.
    pub due: Due,
    /// On which days its status changes.
    pub days: DueDays,
    /// When it is expected.
    pub predicted: Predicted,
    /// How often the same need came before it in this forecast.
    pub repeated: u32,
    /// Another task of the same visit that includes it, so that it costs nothing apart.
    pub included_in: Option<TaskKey>,
}

/// A visit to the garage: what is done on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The day on which the first of its items is expected; today when that day is past.
    pub on: Date,
    /// What is done, by the day on which each would be expected by itself.
    pub items: Vec<ExpectedItem>,
}

/// What a car is expected to need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The last day that it covers: the day that was asked for, or an earlier one when that would be too much.
    pub until: Date,
    /// The visits, in the order of time.
    pub visits: Vec<Visit>,
    /// The numbers of the needs that are due at a distance only, while nothing is known of how far the car drives.
    pub without_day: Vec<usize>,
}

/// A need that waits for its visit.
struct Waiting<'a> {
    number: usize,
    need: &'a Need,
    due: Due,
    days: DueDays,
    predicted: Predicted,
    repeated: u32,
    /// The numbers of the other needs that are met with it.
    joined: Vec<usize>,
    /// Of these, the one that comes back, and when it was due.
    returning: Option<(usize, &'a Need, Due)>,
}

impl<'a> Waiting<'a> {
    fn new(number: usize, need: &'a Need, due: Due, repeated: u32, road: Option<&Road>) -> Option<Self> {
        let (days, predicted) = (due.days(road)?, due.predicted(road)?);
        Some(Self { number, need, due, days, predicted, repeated, joined: vec![], returning: None })
    }

    /// What comes after it when it was done on a day.
    fn done(self, on: Date, road: Option<&Road>) -> Option<Self> {
        let (number, need, due) = self.returning.unwrap_or((self.number, self.need, self.due));
        let due = match &need.repeat {
            Repeat::Once => return None,
            Repeat::Every(recurrence, life) => {
                Due::of(recurrence, life, Some(Completion { on, km: road.map(|road| road.km_on(on)) }))
            }
            Repeat::Apk(vehicle) => Due::by_law(apk::next_expiry(vehicle, due.on, on)?),
        };
        Self::new(number, need, due, self.repeated + 1, road)
    }

    fn item(&self) -> ExpectedItem {
        ExpectedItem {
            need: self.number,
            joined: self.joined.clone(),
            task: self.need.task,
            source: self.need.source,
            due: self.due,
            days: self.days,
            predicted: self.predicted,
            repeated: self.repeated,
            included_in: None,
        }
    }

    /// Whether another task of the visit includes it.
    fn is_included(&self, tasks: &[TaskKey]) -> bool {
        self.need.task.is_some_and(|task| tasks.iter().any(|other| other.includes(task)))
    }
}

/// What the needs of a car make of the days from `today` to `until`, which is at most [`MAX_YEARS`] later. What is late
/// is expected today.
pub fn forecast(needs: &[Need], road: Option<&Road>, today: Date, until: Date) -> Forecast {
    let mut forecast = Forecast { until, visits: vec![], without_day: vec![] };
    let mut waiting: Vec<Waiting<'_>> = vec![];
    for (number, need) in needs.iter().enumerate() {
        match Waiting::new(number, need, need.due, 0, road) {
            Some(one) => waiting.push(one),
            None => forecast.without_day.push(number),
        }
    }
    let mut waiting = join_advised(waiting, needs, &mut forecast.without_day);
    let mut left = MAX_ITEMS;
    while let Some(on) = waiting.iter().map(|one| one.predicted.on.max(today)).min().filter(|on| *on <= until) {
        let (visit, later) = visit(waiting, on, today, road);
        waiting = later;
        left = left.saturating_sub(visit.items.len());
        forecast.visits.push(visit);
        if left == 0 {
            // What comes next is not in it, nor is anything that is gathered with it.
            let next = waiting.iter().map(|one| one.predicted.on.max(today)).min();
            forecast.until = next.and_then(|next| next.yesterday().ok()).map_or(until, |last| last.min(until));
            break;
        }
    }
    forecast
}

/// Work that is advised at several places is done at once, and stands for the next time that a schedule expects it (rule
/// EM2): of all that one task is expected for, the first decides when. So it is one item, with one price.
fn join_advised<'a>(waiting: Vec<Waiting<'a>>, needs: &[Need], without_day: &mut Vec<usize>) -> Vec<Waiting<'a>> {
    let is_advised = |one: &Waiting<'_>| one.need.source == ItemSource::Recommendation;
    let advised: BTreeSet<TaskKey> =
        waiting.iter().filter(|one| is_advised(one)).filter_map(|one| one.need.task).collect();
    let (mut of_task, mut joined): (BTreeMap<TaskKey, Vec<Waiting<'a>>>, Vec<_>) = (BTreeMap::new(), vec![]);
    for one in waiting {
        // Each recall is a repair of its own.
        match one.need.task.filter(|task| advised.contains(task) && one.need.source != ItemSource::Recall) {
            Some(task) => of_task.entry(task).or_default().push(one),
            None => joined.push(one),
        }
    }
    for (task, mut same) in of_task {
        same.sort_by_key(|one| (one.predicted.on, one.number));
        let returning = same.iter().find(|one| one.need.repeat != Repeat::Once);
        let returning = returning.map(|one| (one.number, one.need, one.due));
        let mut others = same.into_iter();
        let Some(mut first) = others.next() else { continue };
        first.joined.extend(others.map(|one| one.number));
        first.returning = returning;
        // The schedule may know a distance only, for which nobody can tell a day.
        let is_same = |number: &usize| needs.get(*number).is_some_and(|need| need.task == Some(task));
        first.joined.extend(without_day.extract_if(.., |number| is_same(number)));
        joined.push(first);
    }
    joined
}

/// The visit on a day, and what waits after it.
fn visit<'a>(waiting: Vec<Waiting<'a>>, on: Date, today: Date, road: Option<&Road>) -> (Visit, Vec<Waiting<'a>>) {
    let is_near = |one: &Waiting<'_>| days_between(on, one.predicted.on.max(today)) <= GATHER_DAYS;
    let (near, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_near);
    let tasks: Vec<TaskKey> = near.iter().filter_map(|one| one.need.task).collect();
    // What another task of the visit includes is done with it, though it would not be due yet. What does not come back is
    // shown, since it ends with this visit.
    let (included, mut later): (Vec<_>, Vec<_>) = others.into_iter().partition(|one| one.is_included(&tasks));
    let (ended, renewed): (Vec<_>, Vec<_>) = included.into_iter().partition(|one| one.need.repeat == Repeat::Once);
    let done: Vec<_> = near.into_iter().chain(ended).collect();
    let mut items: Vec<ExpectedItem> = done.iter().map(Waiting::item).collect();
    items.sort_by_key(|item| (item.predicted.on, item.task, item.need));
    mark_included(&mut items);
    later.extend(done.into_iter().chain(renewed).filter_map(|one| one.done(on, road)));
    (Visit { on, items }, later)
}

/// Marks what is done with another item of the same visit: one whose task includes it, or one before it of the same task.
fn mark_included(items: &mut [ExpectedItem]) {
    let tasks: Vec<Option<TaskKey>> = items.iter().map(|item| item.task).collect();
    for (index, item) in items.iter_mut().enumerate() {
        let Some(task) = item.task else { continue };
        let including = tasks.iter().flatten().find(|other| other.includes(task));
        let before = tasks.iter().take(index).flatten().find(|other| **other == task);
        item.included_in = including.or(before).copied();
    }
}
