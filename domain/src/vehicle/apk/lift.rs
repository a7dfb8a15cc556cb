//! What owner and garage say that lifts a vehicle's APK duty, since the register does not say it.

use super::vehicle::{DutyLift, VehicleKind};
pub use crate::value::LiftReason;
use crate::{Date, Instant, coded_enum, ids::AccountId};
use jiff::tz::TimeZone;

impl From<LiftReason> for DutyLift {
    fn from(reason: LiftReason) -> Self {
        match reason {
            LiftReason::Suspended => Self::Suspended,
            LiftReason::DealerStock => Self::DealerStock,
            LiftReason::OwnGrounds => Self::OwnGrounds,
        }
    }
}

coded_enum! {
    /// Why a reason cannot be entered (rule APK9).
    pub enum LiftRefusal {
        /// Only tractors can be used on their owner's grounds in the sense of the law.
        TractorsOnly => "apk_lift_tractors_only",
    }
}

/// A reason that somebody entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnteredLift {
    /// The reason.
    pub reason: LiftReason,
    /// When it was entered.
    pub entered_at: Instant,
    /// The account that entered it.
    pub entered_by: AccountId,
}

impl EnteredLift {
    /// Enters a reason for a vehicle of this kind, if that is known.
    pub fn enter(
        reason: LiftReason,
        kind: Option<VehicleKind>,
        by: AccountId,
        now: Instant,
    ) -> Result<Self, LiftRefusal> {
        if reason == LiftReason::OwnGrounds && kind.is_some_and(|kind| kind != VehicleKind::Tractor) {
            return Err(LiftRefusal::TractorsOnly);
        }
        Ok(Self { reason, entered_at: now, entered_by: by })
    }

    /// What is lifted by it. Suspension and dealer stock end by law when the vehicle is registered in another's name, and
    /// how another uses it nobody said: so it ends when the register gives a later day of registration.
    pub fn holds(&self, registered_on: Option<Date>) -> Option<DutyLift> {
        let entered_on = self.entered_at.to_zoned(TimeZone::UTC).date();
        registered_on.is_none_or(|registered_on| registered_on <= entered_on).then(|| self.reason.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn apk9_a_reason_ends_when_another_has_the_vehicle() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let entered_at = "2026-03-01T09:30:00Z".parse().unwrap();
        let by = AccountId(Uuid::from_u128(2));
        let lift = EnteredLift::enter(LiftReason::Suspended, None, by, entered_at).unwrap();
        for (registered_on, holds) in
            [(None, true), (Some("2020-01-02"), true), (Some("2026-03-01"), true), (Some("2026-03-02"), false)]
        {
            let held = lift.holds(registered_on.map(day));
            assert_eq!(held, holds.then_some(DutyLift::Suspended), "{registered_on:?}");
        }
    }

    #[test]
    fn apk9_only_a_tractor_is_used_on_its_owners_grounds() {
        let (by, now) = (AccountId(Uuid::from_u128(2)), Instant::UNIX_EPOCH);
        let enter = |reason, kind| EnteredLift::enter(reason, kind, by, now).map(|lift| lift.reason);
        for kind in VehicleKind::ALL {
            let own_grounds = enter(LiftReason::OwnGrounds, Some(*kind));
            let is_tractor = *kind == VehicleKind::Tractor;
            assert_eq!(own_grounds.is_ok(), is_tractor, "{kind:?}");
            assert_eq!(enter(LiftReason::DealerStock, Some(*kind)), Ok(LiftReason::DealerStock));
        }
        assert_eq!(enter(LiftReason::OwnGrounds, None), Ok(LiftReason::OwnGrounds), "the register may still say");
        assert!(LiftReason::OwnGrounds.is_for_garage() && !LiftReason::Suspended.is_for_garage());
    }
}
