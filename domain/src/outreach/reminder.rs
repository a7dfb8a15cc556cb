//! When a driver or a fleet is reminded of what is due: of which item, on which day, at which hour, and who (rules RM1 to
//! RM4).
//!
//! A reminder comes a number of days before or after the due day: its *offset*. The reminders that were made are the only
//! memory. Each says for which day its item was *armed*: the due day at the first reminder of a series. A due day that stays
//! within a week of that day belongs to the same series, so moves that add up are compared with the day of arming, never
//! with yesterday's due day. Within a series offsets only go up, because of all that have passed only the latest one is
//! reminded of. So an offset is made at most once for a day of arming, whatever moves, and an offset that was missed is not
//! made up for after a later one.

mod due;
mod link;
mod list;
mod setting;

pub use due::{DueItem, Subject, due_items, due_together, is_still_due, over_on};
pub use link::{ExpiringLink, LinkLook, look_at_link};
pub use list::{MOST_SINGLE, lists};
pub use setting::{OffsetsLevel, OffsetsOf, SetOffsets};

use crate::{
    Date, Instant, coded_enum,
    custody::Hands,
    days_between,
    ids::{AccountId, FleetId},
    value::ReminderItem,
};
use jiff::{SignedDuration, ToSpan, civil::Weekday, tz::TimeZone};
use std::collections::BTreeSet;

/// The most offsets of one kind of item.
pub const MAX_OFFSETS: usize = 10;
/// The earliest offset, in days: 180 days before the due day.
pub const EARLIEST_OFFSET: i64 = -180;
/// The latest offset of an item that stays due when its day is over, in days after the due day.
pub const LATEST_OFFSET: i64 = 30;
/// A due day that moves by more days than these arms the item anew (rule RM2).
pub const SAME_ARMING_DAYS: i64 = 7;
/// A reminder of what is overdue is made at most this many days after the day of its offset.
pub const MAX_DAYS_LATE: i64 = 30;
/// The local hour from which a message may arrive (rule RM3).
pub const DECENT_FROM_HOUR: i8 = 8;
/// The local hour from which no message may arrive any more (rule RM3).
pub const DECENT_UNTIL_HOUR: i8 = 20;

impl ReminderItem {
    /// The offsets that count where nobody sets others (rule RM1), in days from the due day.
    const fn default_offsets(self) -> &'static [i64] {
        match self {
            Self::Apk => &[-70, -56, -28, -7, 1],
            Self::Maintenance => &[-28, 1],
            Self::Offer | Self::Invitation => &[-3],
        }
    }

    /// The latest offset that makes sense, in days: nothing can be done about an offer or an invitation that has ended.
    pub const fn latest_offset(self) -> i64 {
        match self {
            Self::Apk | Self::Maintenance => LATEST_OFFSET,
            Self::Offer | Self::Invitation => 0,
        }
    }
}

/// When one is reminded of an item: in days from its due day, in rising order, each once. Negative is before the due day,
/// zero is the due day itself, positive is after it. There is at least one offset and there are at most [`MAX_OFFSETS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offsets(BTreeSet<i64>);

/// Why offsets are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetsRefused {
    /// There is none.
    None,
    /// There are more than [`MAX_OFFSETS`].
    TooMany,
    /// This offset is before [`EARLIEST_OFFSET`] or after [`ReminderItem::latest_offset`].
    OutOfRange(i64),
    /// This offset is there twice.
    Twice(i64),
}

impl Offsets {
    /// Checks the offsets of an item, in days and in any order.
    pub fn new(item: ReminderItem, days: &[i64]) -> Result<Self, OffsetsRefused> {
        if days.is_empty() {
            return Err(OffsetsRefused::None);
        }
        if days.len() > MAX_OFFSETS {
            return Err(OffsetsRefused::TooMany);
        }
        let mut offsets = BTreeSet::new();
        for &offset in days {
            if !(EARLIEST_OFFSET..=item.latest_offset()).contains(&offset) {
                return Err(OffsetsRefused::OutOfRange(offset));
            }
            if !offsets.insert(offset) {
                return Err(OffsetsRefused::Twice(offset));
            }
        }
        Ok(Self(offsets))
    }

    /// The offsets that count where nobody sets others (rule RM1).
    pub fn default_of(item: ReminderItem) -> Self {
        Self(item.default_offsets().iter().copied().collect())
    }

    /// The offsets in days, in rising order.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = i64> {
        self.0.iter().copied()
    }
}

/// A reminder that was made. Its item, day of arming and offset together are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The day for which the item was armed: its due day at the first reminder of the series.
    pub armed_for: Date,
    /// The due day of which one was reminded; it is at most [`SAME_ARMING_DAYS`] from the day of arming.
    pub due_on: Date,
    /// The offset, in days from the due day.
    pub offset: i64,
    /// The day on which it was made, at the garage.
    pub made_on: Date,
}

/// What is known of an item of a car.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Its due day.
    pub due_on: Date,
    /// Whether the work is planned or done, or the offer or invitation answered.
    pub is_settled: bool,
    /// When one is reminded of it.
    pub offsets: &'a Offsets,
    /// The reminders that were made of this item, in the order in which they were made. The last one matters, and those that
    /// were armed for a day at most [`SAME_ARMING_DAYS`] from the due day, because a due day may move away and come back.
    /// Others may be left out.
    pub made: &'a [Made],
}

/// A reminder that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The due day of the item, of which one is reminded.
    pub due_on: Date,
    /// The day for which the item is armed.
    pub armed_for: Date,
    /// The offset, in days from the due day.
    pub offset: i64,
}

impl Due {
    /// The reminder as it is remembered when it is made.
    pub const fn made(self, today: Date) -> Made {
        Made { armed_for: self.armed_for, due_on: self.due_on, offset: self.offset, made_on: today }
    }
}

/// What a look at an item finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The reminder that is to be made now.
    pub now: Option<Due>,
    /// The next day on which there will be a reminder, if nothing changes and `now` is made; none when there will be none.
    /// A change of the due day, of the offsets or of what is planned asks for a new look at once.
    pub next_look: Option<Date>,
}

/// Decides what is to be reminded of on the day `today` at the garage, and when the item must be looked at again (rules
/// RM1 and RM2).
///
/// Of the offsets that have passed only the latest counts, whether the car came to the garage after them, the server stood
/// still, the garage changed its offsets or planned work was cancelled. It may be late, within bounds: what was to come
/// before the due day or on it is not made after it, and what was to come after the due day is not made more than
/// [`MAX_DAYS_LATE`] days late. So nobody is reminded of an APK that expired years ago. It is not made either when the last
/// reminder came on its day or later and named a due day that was as early: then it would say nothing new.
pub fn decide(facts: &Facts<'_>, today: Date) -> Decision {
    if facts.is_settled {
        return Decision { now: None, next_look: None };
    }
    let due_on = facts.due_on;
    let arming = current_arming(facts);
    let made = facts.made.iter().filter(|made| Some(made.armed_for) == arming).map(|made| made.offset).max();
    let is_open = |offset: &i64| made.is_none_or(|made| *offset > made);
    let has_passed = |offset: &i64| *offset <= days_between(due_on, today);

    let armed_for = arming.unwrap_or(due_on);
    let latest = facts.offsets.days().rfind(has_passed);
    let now = latest.filter(|offset| is_open(offset) && is_in_time(*offset, due_on, today) && is_news(*offset, facts));
    let next = facts.offsets.days().find(|offset| !has_passed(offset) && is_open(offset));
    Decision {
        now: now.map(|offset| Due { due_on, armed_for, offset }),
        next_look: next.and_then(|offset| due_on.checked_add(offset.days()).ok()),
    }
}

/// The day of the arming to which the due day belongs, none when it arms the item anew. Where it is within a week of several
/// of them, that of the last reminder counts.
fn current_arming(facts: &Facts<'_>) -> Option<Date> {
    let belongs = |made: &&Made| days_between(made.armed_for, facts.due_on).abs() <= SAME_ARMING_DAYS;
    facts.made.iter().filter(belongs).max_by_key(|made| made.made_on).map(|made| made.armed_for)
}

/// Whether the reminder of an offset that has passed still makes sense.
fn is_in_time(offset: i64, due_on: Date, today: Date) -> bool {
    let last = if offset > 0 { offset.saturating_add(MAX_DAYS_LATE) } else { 0 };
    days_between(due_on, today) <= last
}

/// Whether the last reminder, of this series or another, did not say as much as this offset would.
fn is_news(offset: i64, facts: &Facts<'_>) -> bool {
    let last = facts.made.iter().max_by_key(|made| made.made_on);
    last.is_none_or(|last| facts.due_on < last.due_on || days_between(facts.due_on, last.made_on) < offset)
}

/// How a message arrives, as far as it matters for the hour (rule RM3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// By e-mail: on any day.
    Email,
    /// As a push message: not on Sundays.
    Push,
    /// As a push message that is urgent: on any day, and not at night either.
    UrgentPush,
}

/// Whether a message may arrive at an instant: from 8:00 until just before 20:00 in the garage's time zone, and on a day on
/// which such messages arrive (rule RM3).
pub fn is_decent(at: Instant, zone: &TimeZone, arrival: Arrival) -> bool {
    let local = zone.to_datetime(at);
    let on_this_day = match arrival {
        Arrival::Email | Arrival::UrgentPush => true,
        Arrival::Push => local.weekday() != Weekday::Sunday,
    };
    on_this_day && (DECENT_FROM_HOUR..DECENT_UNTIL_HOUR).contains(&local.hour())
}

/// The first instant from `at` on at which a message may arrive (rule RM3); `at` itself where it may, and at the end of
/// time, where there is none.
///
/// Decent time begins where the local clock reaches 8:00, or where the clock is changed. So the first of these that is
/// decent is the answer, in any zone, also where 8:00 does not exist or comes twice.
pub fn next_decent(at: Instant, zone: &TimeZone, arrival: Arrival) -> Instant {
    // Saturday evening, Sunday and a day that a zone leaves out: the longest wait.
    const DAYS: i64 = 4;
    if is_decent(at, zone, arrival) {
        return at;
    }
    let today = zone.to_datetime(at).date();
    let mornings = (0..=DAYS).filter_map(|days| {
        let morning = today.checked_add(days.days()).ok()?.at(DECENT_FROM_HOUR, 0, 0, 0);
        let ambiguous = zone.to_ambiguous_timestamp(morning);
        Some([ambiguous.earlier().ok(), ambiguous.later().ok()])
    });
    let until = at.checked_add(SignedDuration::from_hours(24 * DAYS)).unwrap_or(Instant::MAX);
    let changes = zone.following(at).map(|change| change.timestamp()).take_while(|change| *change <= until);
    let is_next = |next: &Instant| *next > at && is_decent(*next, zone, arrival);
    mornings.flatten().flatten().chain(changes).filter(is_next).min().unwrap_or(at)
}

coded_enum! {
    /// Who is reminded of the cars of a fleet (rule RM4).
    #[derive(Default)]
    pub enum FleetChoice {
        /// The manager of the fleet.
        Manager => "manager",
        /// The driver of the car.
        Driver => "driver",
        /// Both of them.
        #[default]
        Both => "both",
    }
}

/// What a fleet chooses about reminders of its cars (rule RM4). Unless it chooses, both are reminded, at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetReminders {
    /// Who is reminded.
    pub to: FleetChoice,
    /// Whether the manager receives one digest a week instead of each reminder. The driver receives each reminder by itself.
    pub digest: bool,
}

/// The reminders that the next digest of a fleet tells of (rule RM4): those that were made since the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestPlan {
    /// The first day whose reminders it tells of.
    pub since: Date,
    /// The day on which it comes, or the first decent hour after it; the reminders of that day are for the next one.
    pub on: Date,
}

impl DigestPlan {
    /// The plan of a fleet that had its last digest today, or that chooses digests today: the next comes next Monday. A
    /// Monday that was missed is made up for when the server runs again, and the Monday after it stays.
    pub fn from(today: Date) -> Self {
        let days = i64::from(Weekday::Sunday.since(today.weekday())) + 1;
        Self { since: today, on: today.checked_add(days.days()).unwrap_or(Date::MAX) }
    }
}

/// Who receives a reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminded {
    /// The account that drives the car, at once.
    Driver(AccountId),
    /// The manager of the fleet in which the car is, at once.
    Manager(FleetId),
    /// The manager of the fleet in which the car is, with the next weekly digest.
    Digest(FleetId),
}

/// Who is reminded of a car with these hands (rule RM4); `fleet` is what its fleet chose, and does not matter for a car in no
/// fleet. Of a fleet car that nobody drives the manager is reminded, also where the fleet chose the driver.
pub fn reminded(hands: Hands, fleet: FleetReminders) -> Vec<Reminded> {
    let driver = hands.driver.map(Reminded::Driver);
    let manager = hands.fleet.map(if fleet.digest { Reminded::Digest } else { Reminded::Manager });
    let (manager, driver) = match (manager, fleet.to) {
        (None, _) => (None, driver),
        (Some(_), FleetChoice::Manager) => (manager, None),
        (Some(_), FleetChoice::Driver) if driver.is_some() => (None, driver),
        (Some(_), FleetChoice::Driver | FleetChoice::Both) => (manager, driver),
    };
    driver.into_iter().chain(manager).collect()
}

#[cfg(test)]
mod tests;
