//! Months and years as the APK counts them.

use crate::Date;
use jiff::ToSpan;

/// How long before its expiry a certificate can be renewed without the anniversary moving (art. 15(2) and (3)).
pub const WINDOW_MONTHS: i32 = 2;

/// The same day some years later, or the last day of the month if that day does not exist; none beyond the calendar's
/// end.
pub(super) fn add_years(day: Date, years: i16) -> Option<Date> {
    day.checked_add(years.years()).ok()
}

/// The first day on which an inspection keeps the anniversary. When the day does not exist, it is the last of the
/// month: the window of 30 April begins on 28 February.
pub(super) fn window_start(expires_on: Date) -> Date {
    expires_on.saturating_sub(WINDOW_MONTHS.months())
}

/// The anniversary of an expiry date, some years later.
///
/// A car admitted on 29 February has its anniversary on the 28th in common years. It must return to the 29th in the
/// next leap year, not stay on the 28th for good. So where the expiry date is the anniversary of the first admission,
/// the new date is computed from the first admission.
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
