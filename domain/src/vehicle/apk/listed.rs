//! The APK in lists: what its last day alone says of it on any day, so that lists filter by days (rule ST4).

use super::{ApkStatus, calendar::window_start};
use crate::Date;
use jiff::ToSpan;

/// The state on a day of the APK of a vehicle that needs one, by the last day of its certificate.
pub fn status_by(expires_on: Date, today: Date) -> ApkStatus {
    if today > expires_on {
        ApkStatus::Expired
    } else if today >= window_start(expires_on) {
        ApkStatus::Inspectable
    } else {
        ApkStatus::Valid
    }
}

/// The first day on which an inspection keeps the anniversary of a certificate (*keurbaar vanaf*).
pub fn inspectable_from(expires_on: Date) -> Date {
    window_start(expires_on)
}

/// The last expiry date with which a vehicle is inspectable on a day. Every vehicle with a date from then back to the day itself
/// is inspectable too.
pub fn inspectable_until(today: Date) -> Date {
    // Two months back from the last days of a month can be one day, so the last of some days is looked for.
    let latest = today.saturating_add(super::WINDOW_MONTHS.months()).saturating_add(3.days());
    let is_inspectable = |day: &Date| window_start(*day) <= today;
    (0..7).map(|days| latest.saturating_sub(days.days())).find(is_inspectable).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn st4_the_last_day_alone_says_the_status_of_any_day() {
        let status = |today| status_by(date(2026, 4, 30), today).code();
        assert_eq!((status(date(2026, 2, 27)), status(date(2026, 2, 28))), ("valid", "inspectable"));
        assert_eq!((status(date(2026, 4, 30)), status(date(2026, 5, 1))), ("inspectable", "expired"));
        assert_eq!(inspectable_from(date(2026, 4, 30)), date(2026, 2, 28));
    }

    #[test]
    fn st4_a_filter_by_days_has_the_vehicles_with_that_status() {
        for start in [date(2023, 12, 25), date(2026, 2, 20), date(2024, 2, 20), date(2026, 6, 25)] {
            for today in start.series(1.day()).take(80) {
                let until = inspectable_until(today);
                for expires_on in today.saturating_sub(3.days()).series(1.day()).take(80) {
                    let expected = if expires_on < today {
                        ApkStatus::Expired
                    } else if expires_on <= until {
                        ApkStatus::Inspectable
                    } else {
                        ApkStatus::Valid
                    };
                    assert_eq!(status_by(expires_on, today), expected, "{expires_on} on {today}");
                }
            }
        }
    }
}
