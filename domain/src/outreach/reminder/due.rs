//! Of what one is reminded on a car: the APK, and the other work that is due first.

use super::{LATEST_OFFSET, MAX_DAYS_LATE, SAME_ARMING_DAYS};
use crate::{
    Date,
    car_status::{Judged, Standing},
    days_between,
    service_task::TaskKey,
    value::ReminderItem,
};
use jiff::ToSpan;

/// After so many days nobody is reminded of work any more that was due.
const TOO_OLD_DAYS: i64 = LATEST_OFFSET + MAX_DAYS_LATE;

/// Of what one was reminded: an item and, of work, the service task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The item.
    pub item: ReminderItem,
    /// The task; none for the APK.
    pub task: Option<TaskKey>,
}

/// Something of a car that comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueItem {
    /// What it is.
    pub of: Subject,
    /// Its due day.
    pub due_on: Date,
}

/// Of what one is reminded on a day: of the APK, and of the other work that is due first; of what is due on the same day, of the
/// most important. Of an APK date that is only assumed one is reminded until that day. Work that was due so long ago that no reminder of it is made any more hides none that comes later.
pub fn due_items(standing: &Standing, today: Date) -> Vec<DueItem> {
    let is_of_now = |due_on: Date| days_between(due_on, today) <= TOO_OLD_DAYS;
    let (mut apk, mut work) = (None, None);
    for judged in &standing.judged {
        match judged {
            // Of a date that is only assumed nobody knows later whether the APK has expired.
            Judged::Apk(days) if days.overdue_from.is_none() && days.due_from < today => {}
            Judged::Apk(days) => apk = apk.into_iter().chain([days.due_from]).min(),
            Judged::Task(task, days) if is_of_now(days.due_from) => {
                work = work.into_iter().chain([(days.due_from, *task)]).min_by_key(|(due, task)| (*due, task.weight()));
            }
            Judged::Task(..)
            | Judged::Recommendation(..)
            | Judged::Recall { .. }
            | Judged::OdometerIllogical
            | Judged::ApkWithoutDay(_) => {}
        }
    }
    let item = |item, task, due_on| DueItem { of: Subject { item, task }, due_on };
    let apk = apk.map(|due_on| item(ReminderItem::Apk, None, due_on));
    let work = work.map(|(due_on, task)| item(ReminderItem::Maintenance, Some(task), due_on));
    apk.into_iter().chain(work).collect()
}

/// The work that is due around the day of which one is reminded, the most important first: what was named, and all that comes due
/// within a week of that day, so that one visit is made for all of it.
pub fn due_together(standing: &Standing, reminded: &DueItem) -> Vec<TaskKey> {
    let is_near = |due_on: Date| days_between(reminded.due_on, due_on).abs() <= SAME_ARMING_DAYS;
    let tasks = standing.judged.iter().filter_map(|judged| match judged {
        Judged::Task(task, days) if is_near(days.due_from) => Some(*task),
        Judged::Task(..)
        | Judged::Apk(_)
        | Judged::Recommendation(..)
        | Judged::Recall { .. }
        | Judged::OdometerIllogical
        | Judged::ApkWithoutDay(_) => None,
    });
    let mut all: Vec<TaskKey> = tasks.chain(reminded.of.task).collect();
    all.sort_by_key(|task| task.weight());
    all.dedup();
    // What is done with something else of them needs no word of its own: a large service includes the oil.
    let includes: Vec<TaskKey> = all.clone();
    all.retain(|task| !includes.iter().any(|other| other.includes(*task)));
    all
}

/// The first day on which no reminder of an item is made any more, so that what is due next takes its place; none for the APK,
/// which nothing hides, and when that day is past.
pub fn over_on(item: &DueItem, today: Date) -> Option<Date> {
    let over = item.due_on.checked_add((TOO_OLD_DAYS + 1).days()).ok()?;
    (item.of.item == ReminderItem::Maintenance && over > today).then_some(over)
}

/// Whether what one was reminded of is still true on a day: the same thing is due, on a day that is at most a week from the
/// one that was named (rule RM2).
pub fn is_still_due(standing: &Standing, reminded: &DueItem, today: Date) -> bool {
    let is_same =
        |due: &DueItem| due.of == reminded.of && days_between(due.due_on, reminded.due_on).abs() <= SAME_ARMING_DAYS;
    due_items(standing, today).iter().any(is_same)
}
