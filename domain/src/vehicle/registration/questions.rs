//! Which further questions the register is asked about a vehicle, after the question that is asked about every vehicle
//! (rule R39).

use super::Registration;
use crate::{
    Date, Instant,
    register::{Inspection, RecallStatus, RegisterData},
};
use jiff::SignedDuration;

/// How long to keep asking for the report of an inspection, after the register has the new APK date.
pub const REPORT_LATENESS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Which of the register's other tables must be asked about a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Questions {
    /// Its fuels.
    pub fuels: bool,
    /// Its recalls.
    pub recalls: bool,
    /// Its inspections.
    pub inspections: bool,
}

impl Registration {
    /// What else to ask, after the register gave this answer. A question that was never asked is always asked. After
    /// that, the register is asked for:
    ///
    /// - the fuels, when there is a new APK date: fuels seldom change, and a car into which a gas system was built gets
    ///   a new APK;
    /// - the recalls, unless the register says that none is open and none was open before. "Unknown" is not "none",
    ///   since the column may have been dropped;
    /// - the inspections, when none of them gave the present APK date. A report can come some days after the date.
    pub fn questions(&self, answer: &RegisterData, now: Instant) -> Questions {
        let known = self.data.as_ref();
        let new_date = answer.apk_expires_on.filter(|to| known.and_then(|known| known.apk_expires_on) != Some(*to));
        Questions {
            fuels: known.is_none_or(|known| known.fuels.is_empty()) || new_date.is_some(),
            recalls: self.recalls_checked_at.is_none()
                || answer.open_recall != Some(false)
                || self.recalls.iter().any(|recall| recall.status == RecallStatus::Open),
            inspections: self.inspections_checked_at.is_none()
                || answer.apk_expires_on.is_some_and(|expires_on| {
                    let is_recent = || self.apk_seen_at.is_some_and(|seen| now.duration_since(seen) < REPORT_LATENESS);
                    !gave(&self.inspections, expires_on) && (new_date.is_some() || is_recent())
                }),
        }
    }
}

/// Whether one of the inspections gave an APK certificate with this expiry date.
fn gave(inspections: &[Inspection], expires_on: Date) -> bool {
    inspections.iter().any(|inspection| inspection.is_apk() && inspection.expires_on == Some(expires_on))
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{at, day, inspection, known, kombi, recall},
        *,
    };

    const NONE: Questions = Questions { fuels: false, recalls: false, inspections: false };
    const DAY: i64 = 24 * 3600;

    /// A registration for which everything was asked once.
    fn asked() -> Registration {
        known().with_recalls(vec![], at(0)).0.with_inspections(vec![], at(0))
    }

    #[test]
    fn r39_what_was_never_asked_is_asked_however_long_ago_the_vehicle_was_told_of() {
        let new = Registration::new(known().plate);
        let all = Questions { fuels: true, recalls: true, inspections: true };
        assert_eq!(new.questions(&kombi(), at(0)), all);
        // A passport made with the register's answer: the first refresh comes days later.
        let made = known().questions(&kombi(), at(10 * DAY));
        assert_eq!(made, Questions { fuels: false, ..all });
        assert_eq!(asked().questions(&kombi(), at(10 * DAY)), NONE);
    }

    #[test]
    fn r39_recalls_are_asked_unless_none_is_open() {
        let asks = |registration: &Registration, open_recall| {
            let answer = RegisterData { open_recall, ..kombi() };
            registration.questions(&answer, at(DAY)).recalls
        };
        assert!(!asks(&asked(), Some(false)));
        assert!(asks(&asked(), Some(true)) && asks(&asked(), None));
        let with = |status| asked().with_recalls(vec![recall("A", status)], at(1)).0;
        assert!(asks(&with(RecallStatus::Open), Some(false)));
        assert!(!asks(&with(RecallStatus::Repaired), Some(false)));
    }

    #[test]
    fn r39_a_report_that_comes_late_is_waited_for() {
        let later = RegisterData { apk_expires_on: Some(day("2028-05-17")), ..kombi() };
        assert_eq!(asked().questions(&later, at(DAY)), Questions { fuels: true, inspections: true, ..NONE });
        // The register has the date, but not the report yet.
        let (dated, _) = asked().answered(Some(later.clone()), at(DAY));
        let dated = dated.with_inspections(vec![inspection("2026-03-19", Some("2027-05-17"), &[])], at(DAY));
        let asks = |dated: &Registration, days: i64| dated.questions(&later, at(days * DAY)).inspections;
        assert!(asks(&dated, 2) && asks(&dated, 14));
        assert!(!asks(&dated, 15), "not for ever");
        let reported = dated.with_inspections(vec![inspection("2027-04-20", Some("2028-05-17"), &[])], at(2 * DAY));
        assert!(!asks(&reported, 3));
        // For a date in the first answer, the report may never come.
        assert!(!asked().questions(&kombi(), at(DAY)).inspections);
        assert!(!asked().questions(&RegisterData { apk_expires_on: None, ..kombi() }, at(DAY)).inspections);
    }
}
