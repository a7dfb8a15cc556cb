//! Requests and answers of customers.

use crate::{
    body, enum_scalars,
    garage::wire::Address,
    query,
    wire::{Email, Id, KmPerYear, Language, Many, Moment, Name, Notes, Patch, Phone, Search, Version},
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
    CustomerKind(domain::customer::CustomerKind), "Whether the customer is a person or a company.";
    /// What a car is mostly used for.
    VehicleUse(domain::customer::VehicleUse), "What the car is mostly used for.";
    /// What makes the use of a car severe.
    SevereUse(domain::customer::SevereUse), "What makes the use of a car severe, so that its maintenance comes sooner. Short trips: the engine mostly does not get warm. Trailer: a trailer or caravan is often drawn. Taxi: taxi work, or deliveries with many stops. Dust: dust, sand or unpaved roads.";
}

body! {
    /// How the customer drives (*rijgedrag*). A patch replaces it as a whole.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "kmPerYear": 18000, "usage": "mixed", "severeUse": ["short_trips"] }))]
    pub struct DrivingBehaviour {
        /// How many kilometres the customer drives in a year; null when unknown.
        pub km_per_year: Option<KmPerYear>,
        /// What the customer mostly uses the car for; null when unknown.
        pub usage: Option<VehicleUse>,
        /// What makes the use severe, so that schedules for severe use hold (rule MS6); empty or null for normal use.
        #[schema(value_type = Option<Vec<SevereUse>>, max_items = 4)]
        pub severe_use: Option<Many<SevereUse, 4>>,
    }
}

impl From<DrivingBehaviour> for DomainDriving {
    fn from(driving: DrivingBehaviour) -> Self {
        let severe = driving.severe_use.into_iter().flat_map(|reasons| reasons.0);
        Self {
            km_per_year: driving.km_per_year.map(|km| km.0),
            usage: driving.usage.map(|usage| usage.0),
            severe_use: severe.map(|reason| reason.0).collect(),
        }
    }
}

body! {
    /// The record of a new customer.
    #[schema(example = json!({
        "kind": "company",
        "name": "Bakkerij Jansen",
        "email": "jan@jansen.example",
        "mobile": "+31612345678",
        "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
        "drivingBehaviour": { "kmPerYear": 18000, "usage": "business", "severeUse": ["trailer"] }
    }))]
    pub struct NewCustomer {
        /// Whether the customer is a person or a company.
        pub kind: CustomerKind,
        /// The name of the person or company.
        pub name: Name,
        /// The e-mail of the customer. The link to activate a passport is mailed to it.
        pub email: Option<Email>,
        /// The mobile telephone number of the customer.
        pub mobile: Option<Phone>,
        /// Where the customer lives, or where the company is. The default is the garage's country and nothing else.
        pub address: Option<Address>,
        /// The language of the mails to the customer. The default is the garage's language.
        pub language: Option<Language>,
        /// How the customer drives.
        pub driving_behaviour: Option<DrivingBehaviour>,
        /// Whether the customer agreed to receive promotions. The default is false.
        pub accepts_promotions: Option<bool>,
        /// Notes of the garage about the customer. Only its own staff can see them.
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
    /// The properties of the record that change. What is left out stays as it is; null clears a property.
    #[schema(example = json!({ "mobile": "+31687654321", "notes": null }))]
    pub struct UpdateCustomer {
        /// Whether the customer is a person or a company.
        #[schema(value_type = Option<CustomerKind>, nullable = false)]
        pub kind: Patch<CustomerKind>,
        /// The name of the person or company.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The e-mail of the customer; null removes it.
        #[schema(value_type = Option<Email>)]
        pub email: Patch<Option<Email>>,
        /// The mobile telephone number of the customer; null removes it.
        #[schema(value_type = Option<Phone>)]
        pub mobile: Patch<Option<Phone>>,
        /// Where the customer lives, or where the company is. It replaces the whole address.
        #[schema(value_type = Option<Address>, nullable = false)]
        pub address: Patch<Address>,
        /// The language of the mails to the customer.
        #[schema(value_type = Option<Language>, nullable = false)]
        pub language: Patch<Language>,
        /// How the customer drives. It replaces the whole property.
        #[schema(value_type = Option<DrivingBehaviour>, nullable = false)]
        pub driving_behaviour: Patch<DrivingBehaviour>,
        /// Whether the customer agreed to receive promotions.
        #[schema(value_type = Option<bool>, nullable = false)]
        pub accepts_promotions: Patch<bool>,
        /// Notes of the garage about the customer; null removes them.
        #[schema(value_type = Option<Notes>)]
        pub notes: Patch<Option<Notes>>,
    }
}

query! {
    /// Which customers to list.
    pub struct CustomerQuery {
        /// The beginnings of words in the name, e-mail, mobile number, postal code or place of the customer.
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
    "drivingBehaviour": { "kmPerYear": 18000, "usage": "business", "severeUse": ["trailer"] },
    "acceptsPromotions": false,
    "notes": null,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Customer {
    /// The id of the customer.
    pub id: Id,
    /// Whether the customer is a person or a company.
    pub kind: CustomerKind,
    /// The name of the person or company.
    #[schema(max_length = 100)]
    pub name: String,
    /// The e-mail of the customer; null when unknown.
    pub email: Option<Email>,
    /// The mobile telephone number of the customer; null when unknown.
    pub mobile: Option<Phone>,
    /// Where the customer lives, or where the company is.
    pub address: Address,
    /// The language of the mails to the customer.
    pub language: Language,
    /// How the customer drives.
    pub driving_behaviour: DrivingBehaviour,
    /// Whether the customer agreed to receive promotions.
    pub accepts_promotions: bool,
    /// Notes of the garage about the customer; null when there are none.
    pub notes: Option<Notes>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the record was created.
    pub created_at: Moment,
    /// When the record last changed.
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
                severe_use: Some(Many(driving.severe_use.into_iter().map(SevereUse).collect())),
            },
            accepts_promotions: customer.accepts_promotions,
            notes: customer.notes.map(Notes),
            version: Version(customer.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}

/// A record with only a name and an e-mail, for the recipient of a car.
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
