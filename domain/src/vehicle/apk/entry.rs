//! APK dates that a garage enters before the register has them.

use super::{ApkVehicle, GarageExpiry, is_by_law, next_expiry};
use crate::{
    Date, Instant, coded_enum,
    ids::{AccountId, ApkEntryId},
};
use jiff::{SignedDuration, ToSpan};

/// A date that a garage entered. It never changes. The latest one of a passport counts (rule R21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkEntry {
    /// Its id.
    pub id: ApkEntryId,
    /// The last day on which the certificate is valid.
    pub expires_on: Date,
    /// The day of the inspection that gave the certificate, if the garage said it (rule APK11).
    pub inspected_on: Option<Date>,
    /// When it was entered.
    pub entered_at: Instant,
    /// The account of the garage's staff that entered it.
    pub entered_by: AccountId,
}

/// What a garage says of an inspection that the car passed, and what is known of the car (rule APK11).
#[derive(Clone, Copy, Debug)]
pub struct Inspected<'a> {
    /// The car.
    pub vehicle: &'a ApkVehicle,
    /// The expiry date of the certificate before, if one is known.
    pub current_expiry: Option<Date>,
    /// The day of the inspection, if the garage says it.
    pub inspected_on: Option<Date>,
    /// The last day on which the new certificate is valid, if the garage says it.
    pub expires_on: Option<Date>,
}

coded_enum! {
    /// What is unusual about a date that was entered (rule APK11).
    pub enum ApkEntryWarning {
        /// The law gives another date.
        NotByLaw => "apk_date_not_by_law",
    }
}

/// How many days back a certificate can have been given whose day of inspection nobody says: the register has it by then.
const SAID_WITHIN_DAYS: i64 = 62;

/// The expiry date of the certificate that an inspection now takes the place of: the register's, else that which the garage
/// entered, unless that was just now: then it may be of this very inspection.
pub fn certificate_before(register: Option<Date>, garage: Option<GarageExpiry>, now: Instant) -> Option<Date> {
    let said_within = SignedDuration::from_hours(24 * SAID_WITHIN_DAYS);
    let is_older = |garage: &GarageExpiry| now.duration_since(garage.entered_at) > said_within;
    register.or_else(|| Some(garage.filter(is_older)?.expires_on))
}

impl Inspected<'_> {
    /// The expiry date: what the garage says or, when it says only the day of the inspection, what the law gives. Beside it
    /// stands whether the law gives another date than what the garage says.
    pub fn expiry(&self, today: Date) -> Result<(Date, bool), ApkEntryRefusal> {
        if self.inspected_on.is_some_and(|inspected_on| inspected_on > today) {
            return Err(ApkEntryRefusal::InFuture);
        }
        let is_too_early =
            |inspected_on: Date| self.vehicle.admitted_on.is_some_and(|admitted_on| inspected_on < admitted_on);
        if self.inspected_on.is_some_and(is_too_early) {
            return Err(ApkEntryRefusal::BeforeFirstAdmission);
        }
        let by_law = |inspected_on: Date| next_expiry(self.vehicle, self.current_expiry, inspected_on);
        match (self.expires_on, self.inspected_on) {
            (None, None) => Err(ApkEntryRefusal::Empty),
            (None, Some(inspected_on)) => {
                let expires_on = by_law(inspected_on).ok_or(ApkEntryRefusal::NoRule)?;
                Ok((expires_on, false))
            }
            // The register has it already.
            (Some(expires_on), _) if self.current_expiry == Some(expires_on) => Ok((expires_on, false)),
            (Some(expires_on), Some(inspected_on)) => {
                let is_odd =
                    by_law(inspected_on).is_some_and(|by_law| by_law != expires_on) || expires_on <= inspected_on;
                Ok((expires_on, is_odd))
            }
            (Some(expires_on), None) => {
                // Where no certificate before is known, it may have been given at any time within its validity.
                let since = if self.current_expiry.is_some() { SAID_WITHIN_DAYS.days() } else { 2.years() };
                let days = (today.saturating_sub(since), today);
                let is_by_law = is_by_law(self.vehicle, self.current_expiry, expires_on, days);
                Ok((expires_on, is_by_law == Some(false)))
            }
        }
    }
}

coded_enum! {
    /// Why a date cannot be entered (rules R22 and APK11).
    pub enum ApkEntryRefusal {
        /// Neither the expiry date nor the day of the inspection was said.
        Empty => "apk_entry_empty",
        /// The day of the inspection is still to come.
        InFuture => "apk_inspection_in_future",
        /// The law gives no expiry date for a car of which so little is known, or which needs no APK.
        NoRule => "apk_expiry_not_computable",
        /// The expiry date, or the day of the inspection, lies before the car's first admission to the road.
        BeforeFirstAdmission => "apk_date_before_first_admission",
        /// No certificate can be valid until that date.
        TooFar => "apk_date_too_far",
    }
}

impl ApkEntry {
    /// Enters a date, with the day of the inspection if that was said. `admitted_from` is the first day on which the car can have
    /// been admitted to the road, if known; `today` is the day in the garage's time zone. The latest date that is accepted is that
    /// of a new car, whose first inspection is due after four years, plus the two months by which an inspection can be early.
    pub fn enter(
        id: ApkEntryId,
        (expires_on, inspected_on): (Date, Option<Date>),
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
        Ok(Self { id, expires_on, inspected_on, entered_at: now, entered_by: by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn apk11_the_day_of_the_inspection_is_enough() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let (diesel, unknown) = (diesel("2013-05-17"), ApkVehicle::default());
        let expiry = |vehicle: &ApkVehicle, current: Option<&str>, inspected: Option<&str>, said: Option<&str>| {
            let (current_expiry, inspected_on, expires_on) = (current.map(day), inspected.map(day), said.map(day));
            let inspected = Inspected { vehicle, current_expiry, inspected_on, expires_on };
            let told = inspected.expiry(day("2026-05-12"));
            told.map(|(on, is_odd)| (on.to_string(), is_odd)).map_err(ApkEntryRefusal::code)
        };
        let is = |on: &str, is_odd: bool| Ok((on.to_owned(), is_odd));
        let current = Some("2026-05-17");
        let cases = [
            // Inspected today: it keeps the anniversary.
            (current, Some("2026-05-12"), None, is("2027-05-17", false)),
            (current, Some("2026-03-16"), None, is("2027-03-16", false)),
            (None, Some("2026-05-12"), None, is("2027-05-12", false)),
            (current, Some("2026-05-13"), None, Err("apk_inspection_in_future")),
            (current, Some("2026-05-13"), Some("2027-05-17"), Err("apk_inspection_in_future")),
            (current, None, None, Err("apk_entry_empty")),
            (current, Some("2013-05-16"), None, Err("apk_date_before_first_admission")),
            (current, Some("2013-05-16"), current, Err("apk_date_before_first_admission")),
            // A date that the law gives, and one that it does not give.
            (current, Some("2026-05-12"), Some("2027-05-17"), is("2027-05-17", false)),
            (current, Some("2026-05-12"), Some("2028-05-17"), is("2028-05-17", true)),
            (current, None, Some("2027-05-17"), is("2027-05-17", false)),
            (current, None, Some("2027-05-12"), is("2027-05-12", true)),
            (current, None, Some("2026-05-18"), is("2026-05-18", true)),
            // What the register has already is questioned by nobody.
            (current, None, current, is("2026-05-17", false)),
            // Inspected too early, some weeks ago.
            (Some("2026-07-01"), None, Some("2027-04-20"), is("2027-04-20", false)),
            // Of a car whose certificate is not known: given within its validity.
            (None, None, Some("2027-02-03"), is("2027-02-03", false)),
            (None, None, Some("2027-05-13"), is("2027-05-13", true)),
        ];
        for (current, inspected, said, expected) in cases {
            assert_eq!(expiry(&diesel, current, inspected, said), expected, "{current:?} {inspected:?} {said:?}");
        }
        // Where no rule is known, the garage says the date, and nobody knows better.
        assert_eq!(expiry(&unknown, None, Some("2026-05-12"), None), Err("apk_expiry_not_computable"));
        assert_eq!(expiry(&unknown, current, Some("2026-05-12"), Some("2031-01-01")), is("2031-01-01", false));
        assert_eq!(expiry(&unknown, None, Some("2026-05-12"), Some("2026-05-11")), is("2026-05-11", true));
        assert_eq!(expiry(&unknown, None, None, Some("2031-01-01")), is("2031-01-01", false));
    }

    #[test]
    fn apk11_what_was_entered_just_now_is_not_the_certificate_before() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let now: Instant = "2026-05-12T09:30:00Z".parse().unwrap();
        let entered = |days: i64| {
            let entered_at = now - SignedDuration::from_hours(24 * days);
            Some(GarageExpiry { expires_on: day("2027-05-17"), entered_at })
        };
        let (register, garage) = (Some(day("2026-05-17")), Some(day("2027-05-17")));
        assert_eq!(certificate_before(register, entered(100), now), register);
        assert_eq!(certificate_before(None, entered(63), now), garage);
        assert_eq!((certificate_before(None, entered(62), now), certificate_before(None, None, now)), (None, None));
    }

    fn diesel(admitted_on: &str) -> ApkVehicle {
        ApkVehicle {
            kind: Some(crate::apk::VehicleKind::Car),
            fuels: vec![crate::passport::Fuel::Diesel],
            admitted_on: admitted_on.parse().ok(),
            ..ApkVehicle::default()
        }
    }

    #[test]
    fn r22_a_date_lies_between_first_admission_and_the_longest_certificate() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let now = Instant::from_second(1_790_000_000).unwrap();
        let (id, by) = (ApkEntryId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let enter = |expires_on: &str, admitted_from: Option<&str>, today: &str| -> Result<Date, ApkEntryRefusal> {
            let said = (day(expires_on), admitted_from.map(day));
            let entry = ApkEntry::enter(id, said, admitted_from.map(day), day(today), by, now)?;
            assert_eq!(entry.inspected_on, said.1);
            Ok(entry.expires_on)
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
