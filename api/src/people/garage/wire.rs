//! Requests and answers of the garage.

use crate::{
    body,
    wire::{CountryCode, Currency, Email, Id, Language, Line, Moment, Name, Patch, Phone, Version},
};
use domain::garage::Garage as DomainGarage;
use persistence::Stamps;
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// An address. In a patch it takes the place of the whole address before.
    #[schema(example = json!({ "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" }))]
    pub struct Address {
        /// Street and house number.
        pub street: Option<Line>,
        /// Postal code.
        pub postcode: Option<Line>,
        /// Town or city.
        pub place: Option<Line>,
        /// Country.
        pub country: CountryCode,
    }
}

impl From<Address> for domain::value::Address {
    fn from(address: Address) -> Self {
        Self {
            street: address.street.map(Into::into),
            postcode: address.postcode.map(Into::into),
            place: address.place.map(Into::into),
            country: address.country.0,
        }
    }
}

impl From<domain::value::Address> for Address {
    fn from(address: domain::value::Address) -> Self {
        Self {
            street: address.street.map(Line),
            postcode: address.postcode.map(Line),
            place: address.place.map(Line),
            country: CountryCode(address.country),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut object = serializer.serialize_struct("Address", 4)?;
        object.serialize_field("street", &self.street)?;
        object.serialize_field("postcode", &self.postcode)?;
        object.serialize_field("place", &self.place)?;
        object.serialize_field("country", &self.country)?;
        object.end()
    }
}

body! {
    /// What is to change.
    #[schema(example = json!({ "phone": "+31201234567", "chain": null }))]
    pub struct UpdateGarage {
        /// The name.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The brand it belongs to.
        #[schema(value_type = Option<Name>)]
        pub chain: Patch<Option<Name>>,
        /// Where customers reach it.
        #[schema(value_type = Option<Email>, nullable = false)]
        pub email: Patch<Email>,
        /// Where customers call it.
        #[schema(value_type = Option<Phone>)]
        pub phone: Patch<Option<Phone>>,
        /// Where it stands.
        #[schema(value_type = Option<Address>, nullable = false)]
        pub address: Patch<Address>,
        /// The language it is written to in.
        #[schema(value_type = Option<Language>, nullable = false)]
        pub language: Patch<Language>,
        /// The currency of its prices.
        #[schema(value_type = Option<Currency>, nullable = false)]
        pub currency: Patch<Currency>,
    }
}

/// A garage.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a11",
    "name": "Garage De Vries",
    "chain": "Vakgarage",
    "email": "info@garage-devries.example",
    "phone": "+31201234567",
    "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
    "language": "nl",
    "currency": "EUR",
    "timeZone": "Europe/Amsterdam",
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Garage {
    /// Its id.
    pub id: Id,
    /// Its name, as customers know it.
    #[schema(max_length = 100)]
    pub name: String,
    /// The brand it belongs to (*formule*).
    #[schema(max_length = 100)]
    pub chain: Option<String>,
    /// Where customers reach it.
    pub email: Email,
    /// Where customers call it.
    pub phone: Option<Phone>,
    /// Where it stands.
    pub address: Address,
    /// The language it is written to in.
    pub language: Language,
    /// The currency of its prices.
    pub currency: Currency,
    /// Its time zone (IANA).
    #[schema(max_length = 64)]
    pub time_zone: String,
    /// The version, which `If-Match` takes in quotes: the same number as in `ETag`.
    pub version: Version,
    /// When it joined.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Garage {
    /// The garage as it is shown to its staff.
    pub fn new(garage: DomainGarage, stamps: Stamps) -> Self {
        Self {
            id: Id(garage.id.0),
            name: garage.name,
            chain: garage.chain,
            email: Email(garage.email),
            phone: garage.phone.map(Phone),
            address: garage.address.into(),
            language: Language(garage.language),
            currency: Currency(garage.currency),
            time_zone: garage.time_zone,
            version: Version(garage.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
