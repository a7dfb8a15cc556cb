//! Requests and answers of the garage.

use crate::{
    body,
    car_status::wire::CarCounts,
    problem::{FieldProblem, Place},
    wire::{
        CountryCode, Currency, Day, Email, Id, Language, Line, Moment, Name, Patch, Phone, SecondThoughtsDays,
        TypedPhone, Version,
    },
};
use domain::{
    garage::Garage as DomainGarage,
    value::{Country, PhoneNumber},
};
use persistence::Stamps;
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// A postal address as it is sent. A patch replaces it as a whole.
    #[schema(example = json!({ "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" }))]
    pub struct TypedAddress {
        /// The street and house number; null when unknown.
        pub street: Option<Line>,
        /// The postal code; null when unknown. It has the form of its country, such as `1234 AB`, where that form is known here;
        /// case, spaces and dashes do not matter, nor does a sign of the country before it.
        pub postcode: Option<Line>,
        /// The town or city; null when unknown.
        pub place: Option<Line>,
        /// The country. The default is the one that the address has already, and that of the garage for a new customer.
        pub country: Option<CountryCode>,
    }
}

impl TypedAddress {
    /// The address, whose JSON pointer in the body is `place`, for a garage in the country `home`. A postal code that has not the form
    /// of its country goes to what is `wrong`, and the address is without it then (rule CU4).
    pub fn read(self, place: &str, home: Country, wrong: &mut Vec<FieldProblem>) -> domain::value::Address {
        let country = self.country.map_or(home, |country| country.0);
        let postcode = self.postcode.and_then(|typed| {
            let read = domain::value::postcode(&typed.0, country);
            read.map_err(|error| wrong.push(FieldProblem::from_value(Place::Body(format!("{place}/postcode")), error)))
                .ok()
        });
        let (street, place) = (self.street.map(Into::into), self.place.map(Into::into));
        domain::value::Address { street, postcode, place, country }
    }
}

/// The telephone number that was typed at `place` in the body, read by these countries. What is none goes to what is `wrong`
/// (rule CU3).
pub fn read_phone(
    typed: &TypedPhone,
    countries: &[Country],
    place: String,
    wrong: &mut Vec<FieldProblem>,
) -> Option<PhoneNumber> {
    let read = PhoneNumber::read(&typed.0, countries);
    read.map_err(|error| wrong.push(FieldProblem::from_value(Place::Body(place), error))).ok()
}

/// A postal address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" }))]
pub struct Address {
    /// The street and house number; null when unknown.
    pub street: Option<Line>,
    /// The postal code, in the form of its country where that form is known here, such as `1234 AB`; null when unknown.
    pub postcode: Option<Line>,
    /// The town or city; null when unknown.
    pub place: Option<Line>,
    /// The country.
    pub country: CountryCode,
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

body! {
    /// The properties of the garage that change. What is left out stays as it is; null clears a property.
    #[schema(example = json!({ "phone": "020-1234567", "chain": null }))]
    pub struct UpdateGarage {
        /// The name of the garage, as customers know it.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The brand (*formule*) that the garage belongs to; null removes it.
        #[schema(value_type = Option<Name>)]
        pub chain: Patch<Option<Name>>,
        /// The e-mail at which customers reach the garage.
        #[schema(value_type = Option<Email>, nullable = false)]
        pub email: Patch<Email>,
        /// The telephone number at which customers reach the garage; null removes it. It is read as one of the garage's country,
        /// unless it has a country code.
        #[schema(value_type = Option<TypedPhone>)]
        pub phone: Patch<Option<TypedPhone>>,
        /// Where the garage is. It replaces the whole address.
        #[schema(value_type = Option<TypedAddress>, nullable = false)]
        pub address: Patch<TypedAddress>,
        /// The language of the mails to the garage.
        #[schema(value_type = Option<Language>, nullable = false)]
        pub language: Patch<Language>,
        /// The currency of the garage's prices.
        #[schema(value_type = Option<Currency>, nullable = false)]
        pub currency: Patch<Currency>,
        /// For how many days the side that lost a car by a link or unlink can object; 0 for not at all. It counts for what is
        /// linked or unlinked from then on.
        #[schema(value_type = Option<SecondThoughtsDays>, nullable = false)]
        pub second_thoughts_days: Patch<SecondThoughtsDays>,
        /// Whether the staff must have a second factor. Who has none then sets one up before they can do anything else.
        #[schema(value_type = Option<bool>, nullable = false)]
        pub second_factor_required: Patch<bool>,
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
    "phoneShown": "020 123 45 67",
    "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
    "language": "nl",
    "currency": "EUR",
    "timeZone": "Europe/Amsterdam",
    "secondThoughtsDays": 7,
    "secondFactorRequired": false,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Garage {
    /// The id of the garage.
    pub id: Id,
    /// The name of the garage, as customers know it.
    #[schema(max_length = 100)]
    pub name: String,
    /// The brand (*formule*) that the garage belongs to; null when it belongs to none.
    #[schema(max_length = 100)]
    pub chain: Option<String>,
    /// The e-mail at which customers reach the garage.
    pub email: Email,
    /// The telephone number at which customers reach the garage; null when unknown.
    pub phone: Option<Phone>,
    /// The same number as people in the garage's country write it; null when unknown.
    #[schema(max_length = 40)]
    pub phone_shown: Option<String>,
    /// Where the garage is.
    pub address: Address,
    /// The language of the mails to the garage.
    pub language: Language,
    /// The currency of the garage's prices.
    pub currency: Currency,
    /// The time zone of the garage, by its IANA name.
    #[schema(max_length = 64)]
    pub time_zone: String,
    /// For how many days the side that lost a car by a link or unlink can object; 0 for not at all.
    pub second_thoughts_days: SecondThoughtsDays,
    /// Whether the staff must have a second factor.
    pub second_factor_required: bool,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the garage joined the platform.
    pub created_at: Moment,
    /// When the garage last changed.
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
            phone_shown: garage.phone.as_ref().map(|phone| phone.shown_in(garage.address.country)),
            phone: garage.phone.map(Phone),
            address: garage.address.into(),
            language: Language(garage.language),
            currency: Currency(garage.currency),
            time_zone: garage.time_zone,
            second_thoughts_days: SecondThoughtsDays(garage.second_thoughts_days),
            second_factor_required: garage.second_factor_required,
            version: Version(garage.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}

/// How a garage stands: its home screen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "on": "2026-03-01",
    "carStatus": {
        "cars": 480, "good": 390, "attention": 70, "urgent": 12, "unknown": 8, "apkWithin60Days": 41,
        "nextDueOn": "2026-01-14"
    },
    "draftChecks": 2,
    "openRecommendations": 35
}))]
pub struct GarageSummary {
    /// The day for which this is said: today, in the garage's time zone.
    pub on: Day,
    /// How the cars stand whose passports are in use.
    pub car_status: CarCounts,
    /// How many checks are begun and not completed.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub draft_checks: i64,
    /// How many recommendations of the garage wait to be done.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub open_recommendations: i64,
}
