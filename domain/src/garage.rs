//! Garages and the people who work there.

use crate::{
    coded_enum,
    ids::GarageId,
    value::{Address, EmailAddress, Language, PhoneNumber},
};

coded_enum! {
    /// What someone does at the garage.
    pub enum StaffRole {
        /// Runs the garage's account: colleagues and settings too.
        Admin => "admin",
        /// Receives customers: customers, passports, fleets.
        Advisor => "advisor",
        /// Works on cars: reads all, keeps vehicle data.
        Mechanic => "mechanic",
    }
}

/// A garage: the tenant. Everything it has is invisible to every other garage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garage {
    /// Its id.
    pub id: GarageId,
    /// Its name, as customers know it; mails carry it.
    pub name: String,
    /// The brand it belongs to (*formule*), if any.
    pub chain: Option<String>,
    /// Where customers and this system reach it.
    pub email: EmailAddress,
    /// Where customers call it.
    pub phone: Option<PhoneNumber>,
    /// Where it stands.
    pub address: Address,
    /// The language in which it is written to.
    pub language: Language,
    /// The currency of its prices (ISO 4217).
    pub currency: String,
    /// Its time zone (IANA).
    pub time_zone: String,
    /// Raised by one with each change.
    pub version: i64,
}

impl Garage {
    /// Whether a change has changed nothing, not even the spelling of the e-mail.
    pub fn is_same(&self, before: &Self) -> bool {
        self == before && EmailAddress::is_written_like(&self.email, &before.email)
    }
}

coded_enum! {
    /// Why a change among the staff is refused.
    pub enum StaffRefusal {
        /// A garage keeps at least one admin who can sign in.
        LastAdmin => "last_admin",
    }
}

/// A garage keeps at least one admin: `other_admins` are those who can sign in, less the one that is changed.
pub fn may_lose_admin(role: StaffRole, stays_admin: bool, other_admins: usize) -> Result<(), StaffRefusal> {
    if role == StaffRole::Admin && !stays_admin && other_admins == 0 { Err(StaffRefusal::LastAdmin) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_garage_keeps_an_admin() {
        assert_eq!(may_lose_admin(StaffRole::Admin, false, 0), Err(StaffRefusal::LastAdmin));
        assert_eq!(may_lose_admin(StaffRole::Admin, true, 0), Ok(()));
        assert_eq!(may_lose_admin(StaffRole::Admin, false, 1), Ok(()));
        assert_eq!(may_lose_admin(StaffRole::Mechanic, false, 0), Ok(()));
    }
}
