//! The only places where the program reads the clock and makes random ids; all other code gets them as arguments.

use domain::{Date, Instant};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

/// A clock. The tests use one that they can set.
pub trait Clock: Send + Sync {
    /// The present time, cut to whole microseconds, since PostgreSQL stores no smaller unit.
    fn now(&self) -> Instant;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
    fn now(&self) -> Instant {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// A new id. Ids have version 7: later ids sort after earlier ones, which keeps indexes dense and lists in the order of
/// creation.
#[expect(clippy::disallowed_methods, reason = "this is the one place where ids are made")]
pub fn new_id<T: From<Uuid>>() -> T {
    T::from(Uuid::now_v7())
}

/// A time zone by its name in the IANA database; UTC if there is no such name.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The name of a time zone as the IANA database writes it; none if it has no such zone.
pub fn known_zone(name: &str) -> Option<String> {
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())?;
    zone.iana_name().map(str::to_owned)
}

/// The calendar date of an instant in a time zone.
pub fn local_date(at: Instant, time_zone: &str) -> Date {
    at.to_zoned(zone(time_zone)).date()
}

/// The instants at which a day begins and ends in a time zone.
pub fn day_bounds(day: Date, time_zone: &str) -> (Instant, Instant) {
    let begins = |day: Date| day.to_zoned(zone(time_zone)).map_or(Timestamp::MAX, |midnight| midnight.timestamp());
    (begins(day), day.tomorrow().map_or(Timestamp::MAX, begins))
}
