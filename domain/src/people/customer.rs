//! Customers: a garage's record of a person or company.

use crate::{
    coded_enum,
    ids::{CustomerId, GarageId},
    value::{Address, EmailAddress, Language, PhoneNumber},
};
use std::collections::BTreeSet;

coded_enum! {
    /// Whether the customer is a person or a company.
    pub enum CustomerKind {
        /// A person.
        Person => "person",
        /// A company.
        Company => "company",
    }
}

coded_enum! {
    /// What the car is mostly used for; part of the driving behaviour (*rijgedrag*).
    pub enum VehicleUse {
        /// Private trips.
        Private => "private",
        /// To and from work.
        Commute => "commute",
        /// Business trips.
        Business => "business",
        /// A mix of these.
        Mixed => "mixed",
    }
}

coded_enum! {
    /// What makes the use of a car severe, so that its maintenance comes sooner (rule MS6).
    pub enum SevereUse {
        /// Mostly short trips, on which the engine does not get warm.
        ShortTrips => "short_trips",
        /// A trailer or caravan is often drawn.
        Trailer => "trailer",
        /// Taxi work, or deliveries with many stops.
        Taxi => "taxi",
        /// Dust, sand or unpaved roads.
        Dust => "dust",
    }
}

/// The highest number of kilometres a year that is accepted.
pub const MAX_KM_PER_YEAR: i64 = 500_000;

/// How the customer drives (*rijgedrag*).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrivingBehaviour {
    /// Kilometres a year.
    pub km_per_year: Option<i64>,
    /// What the car is used for.
    pub usage: Option<VehicleUse>,
    /// What makes the use severe; empty for normal use.
    pub severe_use: BTreeSet<SevereUse>,
}

/// A garage's record of a person or company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The garage whose record it is.
    pub garage_id: GarageId,
    /// A person or a company.
    pub kind: CustomerKind,
    /// The person's or company's name.
    pub name: String,
    /// The e-mail to which mails go, also the link that activates a passport.
    pub email: Option<EmailAddress>,
    /// The mobile phone number.
    pub mobile: Option<PhoneNumber>,
    /// Where they live or have their office.
    pub address: Address,
    /// The language of mails to them.
    pub language: Language,
    /// How they drive.
    pub driving: DrivingBehaviour,
    /// Whether they agreed to receive promotions.
    pub accepts_promotions: bool,
    /// Notes that the garage keeps about the customer.
    pub notes: Option<String>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a customer's record cannot be deleted.
    pub enum CustomerRefusal {
        /// The customer has a passport that is not archived.
        HasPassports => "customer_has_passports",
        /// The customer has an open fleet.
        HasFleets => "customer_has_fleets",
    }
}

impl Customer {
    /// Whether nothing differs from `before`, not even the spelling of the e-mail.
    pub fn is_same(&self, before: &Self) -> bool {
        self == before && EmailAddress::is_written_like(self.email.as_ref(), before.email.as_ref())
    }
}

/// Whether a record may be deleted: only when no passport in use and no open fleet refers to it.
pub fn may_delete(passports: i64, fleets: i64) -> Result<(), CustomerRefusal> {
    match (passports, fleets) {
        (0, 0) => Ok(()),
        (0, _) => Err(CustomerRefusal::HasFleets),
        _ => Err(CustomerRefusal::HasPassports),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_in_use_stays() {
        assert_eq!(may_delete(0, 0), Ok(()));
        assert_eq!(may_delete(1, 0), Err(CustomerRefusal::HasPassports));
        assert_eq!(may_delete(0, 1), Err(CustomerRefusal::HasFleets));
    }
}
