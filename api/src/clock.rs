//! The only places where time and chance enter: everything else is given them.

use domain::{Date, Instant};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

/// Tells the time. The tests move one of their own.
pub trait Clock: Send + Sync {
    /// The time, cut to whole microseconds: PostgreSQL keeps no more.
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

/// A new id. Version 7: ids that are made later sort later, which keeps indexes dense and lists in order of creation.
#[expect(clippy::disallowed_methods, reason = "this is the one place where ids are made")]
pub fn new_id<T: From<Uuid>>() -> T {
    T::from(Uuid::now_v7())
}

/// A time zone by its name in the IANA database; UTC where it is not known.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The day it is in a time zone.
pub fn local_date(at: Instant, time_zone: &str) -> Date {
    at.to_zoned(zone(time_zone)).date()
}
