//! APK dates that a garage enters before the register has them.

use crate::{
    Date, Instant, coded_enum,
    ids::{AccountId, ApkEntryId},
};
use jiff::ToSpan;

/// A date that a garage entered. It never changes. The latest one of a passport counts (rule R21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkEntry {
    /// Its id.
    pub id: ApkEntryId,
    /// The last day on which the certificate is valid.
    pub expires_on: Date,
    /// When it was entered.
    pub entered_at: Instant,
    /// The account of the garage's staff that entered it.
    pub entered_by: AccountId,
}

coded_enum! {
    /// Why a date cannot be entered (rule R22).
    pub enum ApkEntryRefusal {
        /// The date lies before the car's first admission to the road.
        BeforeFirstAdmission => "apk_date_before_first_admission",
        /// No certificate can be valid until that date.
        TooFar => "apk_date_too_far",
    }
}

impl ApkEntry {
    /// Enters a date. `admitted_from` is the first day on which the car can have been admitted to the road, if known;
    /// `today` is the day in the garage's time zone. The latest date that is accepted is that of a new car, whose first
    /// inspection is due after four years, plus the two months by which an inspection can be early.
    pub fn enter(
        id: ApkEntryId,
        expires_on: Date,
        admitted_from: Option<Date>,
        today: Date,
        by: AccountId,
        now: Instant,
    ) -> Result<Self, ApkEntryRefusal> {
        if admitted_from.is_some_and(|admitted_from| expires_on < admitted_from) {
            return Err(ApkEntryRefusal::BeforeFirstAdmission);
        }
        if expires_on > today.saturating_add(4.years().months(2)) {
            return Err(ApkEntryRefusal::TooFar);
        }
        Ok(Self { id, expires_on, entered_at: now, entered_by: by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn r22_a_date_lies_between_first_admission_and_the_longest_certificate() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let now = Instant::from_second(1_790_000_000).unwrap();
        let (id, by) = (ApkEntryId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let enter = |expires_on: &str, admitted_from: Option<&str>, today: &str| {
            ApkEntry::enter(id, day(expires_on), admitted_from.map(day), day(today), by, now)
                .map(|entry| entry.expires_on)
        };
        let before = Err(ApkEntryRefusal::BeforeFirstAdmission);
        let cases = [
            ("2013-05-16", Some("2013-05-17"), before),
            ("2013-05-17", Some("2013-05-17"), Ok(day("2013-05-17"))),
            ("1990-01-01", None, Ok(day("1990-01-01"))),
            ("2031-01-24", None, Ok(day("2031-01-24"))),
            ("2031-01-25", None, Err(ApkEntryRefusal::TooFar)),
        ];
        for (expires_on, admitted_from, expected) in cases {
            assert_eq!(enter(expires_on, admitted_from, "2026-11-24"), expected, "{expires_on}");
        }
        assert_eq!(enter("2031-02-28", None, "2026-12-31"), Ok(day("2031-02-28")), "ends of months clamp");
        assert_eq!(enter("2031-03-01", None, "2026-12-31"), Err(ApkEntryRefusal::TooFar));
        assert_eq!(enter("9999-12-31", None, "9999-12-31"), Ok(Date::MAX), "the calendar ends");
    }
}
