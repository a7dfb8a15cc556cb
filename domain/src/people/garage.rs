//! Garages and the people who work there.

use crate::{
    ids::GarageId,
    value::{Address, Currency, EmailAddress, Language, PhoneNumber},
};

/// For how many days the side that lost a car by a change of link can object, unless the garage chooses (rule L5).
pub const DEFAULT_SECOND_THOUGHTS_DAYS: i64 = 7;
/// The most days that the garage can choose for that.
pub const MAX_SECOND_THOUGHTS_DAYS: i64 = 30;

/// A garage, the tenant: other garages can see nothing of what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garage {
    /// Its id.
    pub id: GarageId,
    /// Its name, as customers know it and as it stands in mails.
    pub name: String,
    /// The brand it belongs to (*formule*), if any.
    pub chain: Option<String>,
    /// The e-mail at which customers and this system reach it.
    pub email: EmailAddress,
    /// The phone number for customers.
    pub phone: Option<PhoneNumber>,
    /// Its address.
    pub address: Address,
    /// The language of mails to the garage.
    pub language: Language,
    /// The currency of its prices (ISO 4217).
    pub currency: Currency,
    /// Its time zone (IANA).
    pub time_zone: String,
    /// For how many days the side that lost a car by a change of link can object (rule L5); zero for not at all.
    pub second_thoughts_days: i64,
    /// Whether its staff must have a second factor (rule A19).
    pub second_factor_required: bool,
    /// Raised by one with each change.
    pub version: i64,
}

impl Garage {
    /// Whether nothing differs from `before`, not even the spelling of the e-mail.
    pub fn is_same(&self, before: &Self) -> bool {
        self == before && EmailAddress::is_written_like(&self.email, &before.email)
    }
}
