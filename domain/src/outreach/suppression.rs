//! Addresses that must not be written to, and what a delivery report says about an address (rule CH3).

use crate::{
    Instant, coded_enum,
    consequence::Class,
    ids::{CustomerId, GarageId, SuppressionId},
    value::EmailAddress,
};
use std::collections::BTreeSet;

coded_enum! {
    /// Why an address must not be written to. The first of several is the one that is shown.
    pub enum SuppressionReason {
        /// Mail to it came back, since there is no such mailbox.
        Bounced => "bounced",
        /// Who reads it reported a mail as unwanted.
        Complained => "complained",
        /// Who reads it objected to the mailings of one garage.
        Objected => "objected",
    }
}

impl SuppressionReason {
    /// Whether the reason stops a message of this class. A mailbox that is not there receives nothing. Who complained still
    /// has to know what concerns the account itself, and an objection is to mailings only.
    pub const fn stops(self, class: Class) -> bool {
        match (self, class) {
            (Self::Bounced, _)
            | (Self::Complained, Class::Service | Class::Promotion)
            | (Self::Objected, Class::Promotion) => true,
            (Self::Complained | Self::Objected, Class::Account) | (Self::Objected, Class::Service) => false,
        }
    }

    /// Whether it is about the mailbox, and so concerns all garages. An objection is to the mailings of one.
    pub const fn is_of_platform(self) -> bool {
        match self {
            Self::Bounced | Self::Complained => true,
            Self::Objected => false,
        }
    }
}

coded_enum! {
    /// Why a suppression stays.
    pub enum SuppressionRefusal {
        /// Only who objected can take that back.
        ObjectionStays => "objection_stays",
    }
}

/// An address that must not be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Its id.
    pub id: SuppressionId,
    /// The garage whose mailings it concerns; none when it concerns all.
    pub garage: Option<GarageId>,
    /// The address.
    pub email: EmailAddress,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Instant,
    /// The customer with whom an objection went along to this address, which they had not when they objected (rule ML3); none when
    /// it was made here.
    pub goes_with: Option<CustomerId>,
}

impl Suppression {
    /// That mail to an address came back, or that its reader complained; none for an objection, which is to a garage.
    pub fn of_mailbox(
        id: SuppressionId,
        email: EmailAddress,
        reason: SuppressionReason,
        since: Instant,
    ) -> Option<Self> {
        reason.is_of_platform().then_some(Self { id, garage: None, email, reason, since, goes_with: None })
    }

    /// An objection to the mailings of a garage.
    pub const fn of_objection(id: SuppressionId, garage: GarageId, email: EmailAddress, since: Instant) -> Self {
        Self { id, garage: Some(garage), email, reason: SuppressionReason::Objected, since, goes_with: None }
    }

    /// The same objection at another address of who made it: it ends when they leave that address.
    #[must_use]
    pub fn along_with(&self, id: SuppressionId, customer: CustomerId, email: EmailAddress) -> Self {
        Self { id, email, goes_with: Some(customer), ..self.clone() }
    }

    /// Whether a garage may write to the address again without asking its reader.
    pub const fn may_lift(&self) -> Result<(), SuppressionRefusal> {
        if self.reason.is_of_platform() { Ok(()) } else { Err(SuppressionRefusal::ObjectionStays) }
    }
}

/// All reasons for which one address must not be written to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons(BTreeSet<SuppressionReason>);

impl Reasons {
    /// The reason that is shown: a mailbox that is not there comes before what its reader said.
    pub fn first(&self) -> Option<SuppressionReason> {
        self.0.first().copied()
    }

    /// Whether this is among them.
    pub fn has(&self, reason: SuppressionReason) -> bool {
        self.0.contains(&reason)
    }

    /// The reason that stops a message of this class; none when the message may be sent.
    pub fn stopping(&self, class: Class) -> Option<SuppressionReason> {
        self.0.iter().copied().find(|reason| reason.stops(class))
    }
}

impl FromIterator<SuppressionReason> for Reasons {
    fn from_iter<T: IntoIterator<Item = SuppressionReason>>(reasons: T) -> Self {
        Self(reasons.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn suppression(reason: SuppressionReason) -> Option<Suppression> {
        let email = EmailAddress::parse("jan@jansen.example").unwrap();
        Suppression::of_mailbox(SuppressionId(Uuid::from_u128(1)), email, reason, Instant::UNIX_EPOCH)
    }

    #[test]
    fn ch3_a_mailbox_that_is_not_there_receives_nothing() {
        for class in Class::ALL {
            assert!(SuppressionReason::Bounced.stops(*class), "{class:?}");
        }
    }

    #[test]
    fn ch3_who_complained_still_receives_what_concerns_the_account() {
        let stopped = |reason: SuppressionReason| -> Vec<Class> {
            Class::ALL.iter().copied().filter(|class| reason.stops(*class)).collect()
        };
        assert_eq!(stopped(SuppressionReason::Complained), [Class::Service, Class::Promotion]);
        assert_eq!(stopped(SuppressionReason::Objected), [Class::Promotion]);
    }

    #[test]
    fn ch3_the_first_reason_is_shown_and_any_of_them_stops() {
        let reasons: Reasons = [SuppressionReason::Objected, SuppressionReason::Complained].into_iter().collect();
        assert_eq!(reasons.first(), Some(SuppressionReason::Complained));
        assert_eq!(reasons.stopping(Class::Account), None);
        assert_eq!(reasons.stopping(Class::Service), Some(SuppressionReason::Complained));
        let objected: Reasons = [SuppressionReason::Objected].into_iter().collect();
        assert_eq!(objected.stopping(Class::Service), None);
        assert_eq!(objected.stopping(Class::Promotion), Some(SuppressionReason::Objected));
        assert_eq!(Reasons::default().first(), None);
    }

    #[test]
    fn ch3_only_the_reader_takes_an_objection_back() {
        for reason in [SuppressionReason::Bounced, SuppressionReason::Complained] {
            assert_eq!(suppression(reason).map(|one| one.may_lift()), Some(Ok(())));
        }
        assert_eq!(suppression(SuppressionReason::Objected), None, "an objection is to one garage");
        let email = EmailAddress::parse("jan@jansen.example").unwrap();
        let (id, garage) = (SuppressionId(Uuid::from_u128(1)), GarageId(Uuid::from_u128(2)));
        let objection = Suppression::of_objection(id, garage, email, Instant::UNIX_EPOCH);
        assert_eq!(objection.may_lift(), Err(SuppressionRefusal::ObjectionStays));
    }
}
