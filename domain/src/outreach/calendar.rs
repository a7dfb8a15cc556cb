//! The private calendar of an account (rule CAL1): what comes due on its cars, as entries that a calendar program follows.
//!
//! A calendar program knows an entry by its UID and takes a change over only when its sequence has grown. So what was last
//! shown is remembered: an entry that says the same has the same sequence, each change raises it by one, and what is gone is
//! cancelled for 30 days before it is left out. What a calendar says of a car that the account has lost is what was shown
//! last, and nothing later.

use crate::{
    Date, Instant,
    car_status::{Judged, Standing},
    coded_enum,
    ids::PassportId,
    service_task::TaskKey,
    value::Language,
};
use jiff::SignedDuration;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// The most entries of a calendar. Those with the earliest days are in it. Of those that are cancelled, as many are shown
/// besides, the ones that were cancelled last.
pub const MOST_ENTRIES: usize = 1_000;
/// For how long an entry that is gone is shown as cancelled.
pub const CANCELLED_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);
/// For how long a cancelled entry is remembered, so that one that comes back goes on with a higher `SEQUENCE`: programs take a lower
/// one for an older state.
pub const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(24 * 400);
/// The most characters of a car's make and model that an entry has.
const MOST_OF_CAR: usize = 100;

coded_enum! {
    /// What kind of thing an entry is about. Each kind has its own days and texts.
    pub enum EntryKind {
        /// The last day of the APK.
        Apk => "apk",
        /// The day on which a task is expected to be due.
        Maintenance => "maintenance",
    }
}

/// What an entry is about. It stays the same while its day moves: when the work is done, its next time takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    /// The car.
    pub passport: PassportId,
    /// The kind.
    pub kind: EntryKind,
    /// The task, of maintenance.
    pub task: Option<TaskKey>,
}

impl EntryKey {
    /// The UID by which calendar programs know the entry.
    pub fn uid(&self) -> String {
        let Self { passport, kind, task } = self;
        let task = task.map_or_else(String::new, |task| format!("-{}", task.as_str()));
        format!("{passport}-{}{task}@autopaspoort", kind.code())
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The day.
    pub day: Date,
    /// The plate of the car, as people write it.
    pub plate: String,
    /// Its make and model, as far as they are known.
    pub car: Option<String>,
    /// The language of its texts.
    pub language: Language,
}

/// An entry as it was last shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub key: EntryKey,
    /// What it says.
    pub content: Content,
    /// How often it has changed.
    pub sequence: i64,
    /// When it last changed.
    pub changed_at: Instant,
    /// When it was cancelled.
    pub cancelled_at: Option<Instant>,
}

/// A car of the account.
#[derive(Clone, Debug)]
pub struct CalendarCar {
    /// Its passport.
    pub passport: PassportId,
    /// Its plate, as people write it.
    pub plate: String,
    /// Its make.
    pub make: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// What it is judged by.
    pub standing: Standing,
}

/// What the calendar says now: of these cars the APK and the tasks that come due, the earliest [`MOST_ENTRIES`] of them. Of a
/// task that is due more than once, as at two wheels, the first day counts.
pub fn due(cars: &[CalendarCar], language: Language) -> BTreeMap<EntryKey, Content> {
    let mut days: BTreeMap<EntryKey, (Date, &CalendarCar)> = BTreeMap::new();
    for car in cars {
        for (key, day) in car.standing.judged.iter().filter_map(|judged| entry(car.passport, judged)) {
            // A day without a morrow, or of a year that is not written with four digits, is in no calendar.
            if day.tomorrow().is_err() || day.year() < 1 {
                continue;
            }
            let earliest = days.entry(key).or_insert((day, car));
            earliest.0 = earliest.0.min(day);
        }
    }
    let mut all: Vec<(Date, EntryKey, &CalendarCar)> =
        days.into_iter().map(|(key, (day, car))| (day, key, car)).collect();
    all.sort_unstable_by_key(|(day, key, _)| (*day, *key));
    let content = |(day, key, car): (Date, EntryKey, &CalendarCar)| {
        (key, Content { day, plate: car.plate.clone(), car: name(car), language })
    };
    all.into_iter().take(MOST_ENTRIES).map(content).collect()
}

/// What is judged, as an entry; none for what has no day.
fn entry(passport: PassportId, judged: &Judged) -> Option<(EntryKey, Date)> {
    match judged {
        Judged::Apk(days) => Some((EntryKey { passport, kind: EntryKind::Apk, task: None }, days.due_from)),
        Judged::Task(task, days) => {
            Some((EntryKey { passport, kind: EntryKind::Maintenance, task: Some(*task) }, days.due_from))
        }
        Judged::Recommendation(..) | Judged::Recall { .. } | Judged::OdometerIllogical | Judged::ApkWithoutDay(_) => {
            None
        }
    }
}

/// Make and model in one line.
fn name(car: &CalendarCar) -> Option<String> {
    let words: Vec<&str> = car.make.iter().chain(&car.model).flat_map(|part| part.split_whitespace()).collect();
    let name: String = words.join(" ").chars().take(MOST_OF_CAR).collect();
    (!name.is_empty()).then_some(name)
}

/// What a look at a calendar finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What is shown, in the order of the days.
    pub shown: Vec<Entry>,
    /// Of these, what is to be stored: those that are new, with a sequence of zero, and those that have changed, each with a
    /// sequence that is one higher than the remembered one.
    pub changed: Vec<Entry>,
    /// What need not be remembered any more.
    pub forgotten: Vec<EntryKey>,
}

/// Compares what was last shown with what the calendar says now (rule CAL1).
pub fn look(remembered: Vec<Entry>, mut due: BTreeMap<EntryKey, Content>, now: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    for entry in remembered {
        let next = next(&entry, due.remove(&entry.key), now);
        outcome.changed.extend(next.clone());
        outcome.shown.push(next.unwrap_or(entry));
    }
    for (key, content) in due {
        let entry = Entry { key, content, sequence: 0, changed_at: now, cancelled_at: None };
        outcome.changed.push(entry.clone());
        outcome.shown.push(entry);
    }
    let is_shown = |entry: &Entry| entry.cancelled_at.is_none_or(|at| now.duration_since(at) < CANCELLED_FOR);
    outcome.shown.retain(is_shown);
    leave_out_surplus(&mut outcome);
    outcome.shown.sort_unstable_by_key(|entry| (entry.content.day, entry.key));
    outcome
}

/// An entry as it is from now on; none when nothing about it has changed.
fn next(entry: &Entry, content: Option<Content>, now: Instant) -> Option<Entry> {
    let cancelled_at = match &content {
        Some(content) if *content == entry.content && entry.cancelled_at.is_none() => return None,
        None if entry.cancelled_at.is_some() => return None,
        Some(_) => None,
        None => Some(now),
    };
    Some(Entry {
        key: entry.key,
        content: content.unwrap_or_else(|| entry.content.clone()),
        sequence: entry.sequence.saturating_add(1),
        // The clocks of two servers may differ.
        changed_at: now.max(entry.changed_at),
        cancelled_at,
    })
}

/// Of more cancelled entries than are shown, those that were cancelled first are forgotten.
fn leave_out_surplus(outcome: &mut Outcome) {
    let mut cancelled: Vec<(Reverse<Instant>, EntryKey)> =
        outcome.shown.iter().filter_map(|entry| Some((Reverse(entry.cancelled_at?), entry.key))).collect();
    if cancelled.len() <= MOST_ENTRIES {
        return;
    }
    cancelled.sort_unstable();
    let surplus: BTreeSet<EntryKey> = cancelled.into_iter().skip(MOST_ENTRIES).map(|(_, key)| key).collect();
    outcome.shown.retain(|entry| !surplus.contains(&entry.key));
    outcome.changed.retain(|entry| !surplus.contains(&entry.key));
    outcome.forgotten = surplus.into_iter().collect();
}

#[cfg(test)]
mod tests;
