//! Garages and the people who work there.

use crate::{
    ids::GarageId,
    value::{Address, Currency, EmailAddress, Language, PhoneNumber},
};

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
    pub currency: Currency,
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
