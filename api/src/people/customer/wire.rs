//! Requests and answers of customers.

use crate::{
    body, enum_scalars,
    garage::wire::Address,
    query,
    wire::{Email, Id, KmPerYear, Language, Moment, Name, Notes, Patch, Phone, Search, Version},
};
use domain::{
    customer::{Customer as DomainCustomer, DrivingBehaviour as DomainDriving},
    ids::{CustomerId, GarageId},
};
use persistence::Stamps;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// Person or company.
    CustomerKind(domain::customer::CustomerKind), "Person or company.";
    /// What a car is used for.
    VehicleUse(domain::customer::VehicleUse), "What the car is mostly used for.";
}

body! {
    /// How the customer drives (*rijgedrag*). In a patch it takes the place of the whole before.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "kmPerYear": 18000, "usage": "mixed" }))]
    pub struct DrivingBehaviour {
        /// Kilometres a year.
        pub km_per_year: Option<KmPerYear>,
        /// What for.
        pub usage: Option<VehicleUse>,
    }
}

impl From<DrivingBehaviour> for DomainDriving {
    fn from(driving: DrivingBehaviour) -> Self {
        Self { km_per_year: driving.km_per_year.map(|km| km.0), usage: driving.usage.map(|usage| usage.0) }
    }
}

body! {
    /// A customer to be.
    #[schema(example = json!({
        "kind": "company",
        "name": "Bakkerij Jansen",
        "email": "jan@jansen.example",
        "mobile": "+31612345678",
        "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
        "drivingBehaviour": { "kmPerYear": 18000, "usage": "business" }
    }))]
    pub struct NewCustomer {
        /// Person or company.
        pub kind: CustomerKind,
        /// The name.
        pub name: Name,
        /// Where they are written to; passports are activated through it.
        pub email: Option<Email>,
        /// Where they are called.
        pub mobile: Option<Phone>,
        /// Where they live or sit.
        pub address: Option<Address>,
        /// The language they are written to in; the garage's unless given.
        pub language: Option<Language>,
        /// How they drive.
        pub driving_behaviour: Option<DrivingBehaviour>,
        /// Whether they agreed to receive promotions; no unless given.
        pub accepts_promotions: Option<bool>,
        /// What the garage wants to remember.
        pub notes: Option<Notes>,
    }
}

impl NewCustomer {
    /// The customer, for a garage with this address and language.
    pub fn into_customer(self, id: CustomerId, garage: &domain::garage::Garage) -> DomainCustomer {
        let nowhere =
            domain::value::Address { street: None, postcode: None, place: None, country: garage.address.country };
        DomainCustomer {
            id,
            garage_id: garage.id,
            kind: self.kind.0,
            name: self.name.0,
            email: self.email.map(|email| email.0),
            mobile: self.mobile.map(|mobile| mobile.0),
            address: self.address.map_or(nowhere, Into::into),
            language: self.language.map_or(garage.language, |language| language.0),
            driving: self.driving_behaviour.map(Into::into).unwrap_or_default(),
            accepts_promotions: self.accepts_promotions.unwrap_or(false),
            notes: self.notes.map(|notes| notes.0),
            version: 1,
        }
    }
}

body! {
    /// What is to change.
    #[schema(example = json!({ "mobile": "+31687654321", "notes": null }))]
    pub struct UpdateCustomer {
        /// Person or company.
        #[schema(value_type = Option<CustomerKind>, nullable = false)]
        pub kind: Patch<CustomerKind>,
        /// The name.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// Where they are written to.
        #[schema(value_type = Option<Email>)]
        pub email: Patch<Option<Email>>,
        /// Where they are called.
        #[schema(value_type = Option<Phone>)]
        pub mobile: Patch<Option<Phone>>,
        /// Where they live or sit.
        #[schema(value_type = Option<Address>, nullable = false)]
        pub address: Patch<Address>,
        /// The language they are written to in.
        #[schema(value_type = Option<Language>, nullable = false)]
        pub language: Patch<Language>,
        /// How they drive.
        #[schema(value_type = Option<DrivingBehaviour>, nullable = false)]
        pub driving_behaviour: Patch<DrivingBehaviour>,
        /// Whether they agreed to receive promotions.
        #[schema(value_type = Option<bool>, nullable = false)]
        pub accepts_promotions: Patch<bool>,
        /// What the garage wants to remember.
        #[schema(value_type = Option<Notes>)]
        pub notes: Patch<Option<Notes>>,
    }
}

query! {
    /// Which customers.
    pub struct CustomerQuery {
        /// Words at the beginning of words in name, e-mail, mobile, postcode or place.
        pub search: Option<Search>,
    }
}

/// A garage's record of a person or company.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "kind": "company",
    "name": "Bakkerij Jansen",
    "email": "jan@jansen.example",
    "mobile": "+31612345678",
    "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
    "language": "nl",
    "drivingBehaviour": { "kmPerYear": 18000, "usage": "business" },
    "acceptsPromotions": false,
    "notes": null,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Customer {
    /// Its id.
    pub id: Id,
    /// Person or company.
    pub kind: CustomerKind,
    /// The name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Where they are written to.
    pub email: Option<Email>,
    /// Where they are called.
    pub mobile: Option<Phone>,
    /// Where they live or sit.
    pub address: Address,
    /// The language they are written to in.
    pub language: Language,
    /// How they drive.
    pub driving_behaviour: DrivingBehaviour,
    /// Whether they agreed to receive promotions.
    pub accepts_promotions: bool,
    /// What the garage wants to remember.
    pub notes: Option<Notes>,
    /// The version, which `If-Match` takes in quotes: the same number as in `ETag`.
    pub version: Version,
    /// When the record was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Customer {
    /// A customer as their garage sees them.
    pub fn new(customer: DomainCustomer, stamps: Stamps) -> Self {
        let driving = customer.driving;
        Self {
            id: Id(customer.id.0),
            kind: CustomerKind(customer.kind),
            name: customer.name,
            email: customer.email.map(Email),
            mobile: customer.mobile.map(Phone),
            address: customer.address.into(),
            language: Language(customer.language),
            driving_behaviour: DrivingBehaviour {
                km_per_year: driving.km_per_year.map(KmPerYear),
                usage: driving.usage.map(VehicleUse),
            },
            accepts_promotions: customer.accepts_promotions,
            notes: customer.notes.map(Notes),
            version: Version(customer.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}

/// A record with nothing but name and e-mail, as one is made for the recipient of a car.
pub fn minimal(id: CustomerId, garage: GarageId, account: &domain::account::Account) -> DomainCustomer {
    DomainCustomer {
        id,
        garage_id: garage,
        kind: domain::customer::CustomerKind::Person,
        name: account.name.clone(),
        email: Some(account.email.clone()),
        mobile: None,
        address: domain::value::Address {
            street: None,
            postcode: None,
            place: None,
            country: domain::value::Country::NL,
        },
        language: account.language,
        driving: DomainDriving::default(),
        accepts_promotions: false,
        notes: None,
        version: 1,
    }
}
