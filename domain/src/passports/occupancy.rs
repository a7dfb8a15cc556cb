//! The plate that a garage takes for a passport: whether it is free, or has a passport that lapsed (rules P1 and P7).

use crate::{
    Instant,
    event::Fact,
    ids::{FleetId, GarageId, PassportId},
    passport::{Changed, Passport, PassportStatus},
};
use jiff::SignedDuration;

/// After so many days a passport that nobody activated blocks its plate no longer.
pub const DAYS_TO_ACTIVATE: i64 = 60;

/// The passport in use that a plate has, as far as another garage may take the plate or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupant {
    /// The passport.
    pub passport_id: PassportId,
    /// The garage that keeps it.
    pub garage_id: GarageId,
    /// Invited or active.
    pub status: PassportStatus,
    /// The fleet in which the car is.
    pub fleet: Option<FleetId>,
    /// When the passport was made, came to its garage, or was last taken back into use.
    pub in_use_since: Instant,
    /// Whether anyone has ever activated it, also when the garage ended that activation later, or took the passport back into use.
    pub was_activated: bool,
}

impl Occupant {
    /// Whether nobody activated the passport in time. One in a fleet is in use there, whether a driver activated it or not:
    /// a car leaves a fleet only as the fleet and its garage decide.
    pub fn has_lapsed(&self, now: Instant) -> bool {
        let until =
            self.in_use_since.checked_add(SignedDuration::from_hours(24 * DAYS_TO_ACTIVATE)).unwrap_or(Instant::MAX);
        self.status == PassportStatus::Invited && self.fleet.is_none() && !self.was_activated && now >= until
    }
}

/// What a garage finds at a plate that it takes for a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupancy {
    /// No passport in use has the plate.
    Free,
    /// The garage itself keeps one.
    Own(PassportId),
    /// Another garage keeps one that lapsed. It ends, and the plate is free.
    Lapsed(Occupant),
    /// Another garage keeps one. More is not said about it.
    Taken,
}

impl Occupancy {
    /// What `garage` finds at a plate with this occupant (rules P1 and P7). Its own passport does not lapse for it: it can
    /// mail the link of that one again.
    pub fn of(garage: GarageId, occupant: Option<Occupant>, now: Instant) -> Self {
        match occupant {
            None => Self::Free,
            Some(own) if own.garage_id == garage => Self::Own(own.passport_id),
            Some(other) if other.has_lapsed(now) => Self::Lapsed(other),
            Some(_) => Self::Taken,
        }
    }
}

impl Passport {
    /// Archives a passport that lapsed, for another garage that takes its plate (rule P7). It is in nobody's hands. The
    /// fact does not say who takes the plate.
    pub fn lapse(self) -> Changed {
        let fact = Fact::PassportLapsed { passport_id: self.id };
        Changed { passport: Self { status: PassportStatus::Archived, ..self }, custody: vec![], facts: vec![fact] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: GarageId = GarageId(Uuid::from_u128(1));
    const THERE: GarageId = GarageId(Uuid::from_u128(2));
    const MADE: Instant = Instant::constant(1_770_000_000, 0);

    fn occupant(status: PassportStatus) -> Occupant {
        let passport_id = PassportId(Uuid::from_u128(3));
        Occupant { passport_id, garage_id: THERE, status, fleet: None, in_use_since: MADE, was_activated: false }
    }

    fn after(days: i64, seconds: i64) -> Instant {
        MADE + SignedDuration::from_secs(days * 86_400 + seconds)
    }

    #[test]
    fn p1_a_plate_is_free_or_another_garage_learns_nothing_but_that_it_is_taken() {
        assert_eq!(Occupancy::of(HERE, None, MADE), Occupancy::Free);
        let invited = occupant(PassportStatus::Invited);
        assert_eq!(Occupancy::of(HERE, Some(invited), MADE), Occupancy::Taken);
        assert_eq!(Occupancy::of(THERE, Some(invited), MADE), Occupancy::Own(invited.passport_id));
    }

    #[test]
    fn p7_what_nobody_activated_lapses_after_sixty_days() {
        let invited = occupant(PassportStatus::Invited);
        assert_eq!(Occupancy::of(HERE, Some(invited), after(60, -1)), Occupancy::Taken);
        assert_eq!(Occupancy::of(HERE, Some(invited), after(60, 0)), Occupancy::Lapsed(invited));
        assert_eq!(Occupancy::of(THERE, Some(invited), after(600, 0)), Occupancy::Own(invited.passport_id));
        assert_eq!(Occupancy::of(HERE, Some(invited), Instant::MAX), Occupancy::Lapsed(invited));
    }

    #[test]
    fn p7_what_someone_has_in_hands_never_lapses() {
        let active = occupant(PassportStatus::Active);
        assert_eq!(Occupancy::of(HERE, Some(active), after(600, 0)), Occupancy::Taken);
        let linked = Occupant { fleet: Some(FleetId(Uuid::from_u128(4))), ..occupant(PassportStatus::Invited) };
        assert_eq!(Occupancy::of(HERE, Some(linked), after(600, 0)), Occupancy::Taken);
        // Nor what someone had, until the garage ended that activation.
        let had = Occupant { was_activated: true, ..occupant(PassportStatus::Invited) };
        assert_eq!(Occupancy::of(HERE, Some(had), after(600, 0)), Occupancy::Taken);
    }
}
