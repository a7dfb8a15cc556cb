//! Months and years as the APK counts them.

use crate::Date;
use jiff::ToSpan;

/// How long before its expiry a certificate can be renewed without the anniversary moving (art. 15(2) and (3)).
pub const WINDOW_MONTHS: i32 = 2;

/// The same day some years later, or the last day of the month if that day does not exist; none beyond the calendar's
/// end. The law counts from the old expiry date: a certificate that expires on 28 February has its anniversary on the 28th
/// for good, also of a car that was admitted on the 29th, and the earlier day is the safe one.
pub(super) fn add_years(day: Date, years: i16) -> Option<Date> {
    day.checked_add(years.years()).ok()
}

/// The first day on which an inspection keeps the anniversary. When the day does not exist, it is the last of the
/// month: the window of 30 April begins on 28 February.
pub(super) fn window_start(expires_on: Date) -> Date {
    expires_on.saturating_sub(WINDOW_MONTHS.months())
}
