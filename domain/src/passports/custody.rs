//! The passport's history of hands: who drove the car, who owned it and in which fleet it was, since when, and who made
//! the change.
//!
//! The history only grows (rule P5). An entry says who holds a role *from* an instant on. It ends where the next entry
//! of the same role begins, so there are no gaps or overlaps, and an earlier row is never changed.

use crate::{
    Instant, coded_enum,
    ids::{AccountId, FleetId, PassportId},
};

coded_enum! {
    /// A role that someone has for a car.
    pub enum CustodyRole {
        /// Drives the car and uses its passport.
        Driver => "driver",
        /// Owns the car.
        Owner => "owner",
        /// The fleet to which the passport is linked.
        Fleet => "fleet",
    }
}

/// Who holds a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// The person whose account this is.
    Account(AccountId),
    /// A fleet, which stands for its company.
    Fleet(FleetId),
}

/// From `since` on, `holder` has `role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustodyEntry {
    /// The passport.
    pub passport_id: PassportId,
    /// The role.
    pub role: CustodyRole,
    /// Who has the role from `since` on.
    pub holder: Holder,
    /// When the entry begins.
    pub since: Instant,
    /// The account that made the change; none when the system did.
    pub changed_by: Option<AccountId>,
}

/// Who drives a car, and in which fleet it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hands {
    /// The account that drives the car.
    pub driver: Option<AccountId>,
    /// The fleet to which the passport is linked.
    pub fleet: Option<FleetId>,
}

impl Hands {
    /// Who owns the car. This follows from the other two: a fleet owns its cars, and a driver owns a car that is in no
    /// fleet.
    pub fn owner(self) -> Holder {
        match (self.fleet, self.driver) {
            (Some(fleet), _) => Holder::Fleet(fleet),
            (None, Some(driver)) => Holder::Account(driver),
            (None, None) => Holder::Nobody,
        }
    }

    fn holder(self, role: CustodyRole) -> Holder {
        match role {
            CustodyRole::Driver => self.driver.map_or(Holder::Nobody, Holder::Account),
            CustodyRole::Owner => self.owner(),
            CustodyRole::Fleet => self.fleet.map_or(Holder::Nobody, Holder::Fleet),
        }
    }

    /// The history's entries for a change from these hands to `after`: one for each role whose holder changes.
    pub fn change(
        self,
        after: Self,
        passport_id: PassportId,
        since: Instant,
        changed_by: Option<AccountId>,
    ) -> Vec<CustodyEntry> {
        CustodyRole::ALL
            .iter()
            .filter(|role| self.holder(**role) != after.holder(**role))
            .map(|role| CustodyEntry { passport_id, role: *role, holder: after.holder(*role), since, changed_by })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn p5_only_roles_that_change_hands_get_an_entry() {
        let jan = AccountId(Uuid::from_u128(1));
        let fleet = FleetId(Uuid::from_u128(2));
        let passport = PassportId(Uuid::from_u128(3));
        let now = Instant::from_second(1_700_000_000).unwrap();
        let roles = |from: Hands, to: Hands| -> Vec<_> {
            from.change(to, passport, now, None).iter().map(|entry| (entry.role, entry.holder)).collect()
        };
        let nobody = Hands::default();
        let own = Hands { driver: Some(jan), fleet: None };
        let company = Hands { driver: Some(jan), fleet: Some(fleet) };
        assert_eq!(
            roles(nobody, own),
            [(CustodyRole::Driver, Holder::Account(jan)), (CustodyRole::Owner, Holder::Account(jan))]
        );
        assert_eq!(
            roles(own, company),
            [(CustodyRole::Owner, Holder::Fleet(fleet)), (CustodyRole::Fleet, Holder::Fleet(fleet))]
        );
        assert_eq!(
            roles(company, own),
            [(CustodyRole::Owner, Holder::Account(jan)), (CustodyRole::Fleet, Holder::Nobody)]
        );
        assert_eq!(roles(own, own), []);
    }
}
