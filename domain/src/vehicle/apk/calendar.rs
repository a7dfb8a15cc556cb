//! Months and years as the APK counts them.

use crate::Date;
use jiff::ToSpan;

/// How long before its expiry a certificate can be renewed without the anniversary moving (art. 15(2) and (3)).
pub const WINDOW_MONTHS: i32 = 2;

/// The same day some years later, or the last of the month where that day does not exist; none beyond the calendar.
pub(super) fn add_years(day: Date, years: i16) -> Option<Date> {
    day.checked_add(years.years()).ok()
}

/// The first day on which an inspection keeps the anniversary. Clamped as any month: before 30 April, 28 February.
pub(super) fn window_start(expires_on: Date) -> Date {
    expires_on.saturating_sub(WINDOW_MONTHS.months())
}

/// The anniversary of an expiry, some years later.
///
/// A car of 29 February has its anniversary on the 28th in common years; it is to return to the 29th in the next leap
/// year instead of staying on the 28th for good. So the day of first admission is the anchor wherever the expiry is
/// that day as clamped.
pub(super) fn anniversary(expires_on: Date, years: i16, admitted_on: Option<Date>) -> Option<Date> {
    let is_clamped = |anchor: &Date| {
        anchor.month() == expires_on.month()
            && expires_on.day() == expires_on.days_in_month()
            && anchor.day() > expires_on.day()
    };
    let later = add_years(expires_on, years)?;
    let day = admitted_on.filter(is_clamped).map_or(later.day(), Date::day);
    Date::new(later.year(), later.month(), day.min(later.days_in_month())).ok()
}
