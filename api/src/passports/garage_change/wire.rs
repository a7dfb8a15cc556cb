//! Requests and answers of changes of garage.

use crate::{
    body,
    customer::wire::{NewCustomer, PossibleDuplicate},
    enum_scalars,
    licence_plate::wire::PlateInput,
    query, sort,
    wire::{AnyOf, Id, Members, Moment, Token, Version, VinEnd},
};
use domain::{Instant, access::Actor, coded_enum};
use persistence::garage_change::GarageChangeView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The life of a change of garage.
    GarageChangeStatus(domain::garage_change::GarageChangeStatus), "The status of a change of garage. Requested: the owner has not decided yet. Agreed, declined: the owner decided so. Withdrawn: the garage that asked took it back. Expired: the owner did not decide in time.";
    /// What someone is to a change of garage.
    GarageChangeRole(Role), "The part of the account that asks: it is of the garage that asked for the passport, of the garage that the car left, or the owner.";
}

coded_enum! {
    /// What someone is to a change of garage.
    pub enum Role {
        /// The garage that asked for the passport.
        Garage => "garage",
        /// The garage that the car left.
        FormerGarage => "former_garage",
        /// Who owns the car.
        Owner => "owner",
    }
}

body! {
    /// A request to keep the passport of a car: by its licence plate and the end of its VIN, or by the owner's token. Exactly one
    /// of `customerId` and `customer` is required.
    #[schema(example = json!({
        "licencePlate": { "number": "ZX-711-B" },
        "vinEnd": "4711",
        "customer": { "kind": "person", "name": "Fatima Yılmaz", "email": "fatima@bakkerij-jansen.example" }
    }))]
    pub struct NewGarageChange check one_way {
        /// The licence plate of the vehicle. It is given together with `vinEnd`.
        pub licence_plate: Option<PlateInput>,
        /// The last four signs of the vehicle identification number, as the vehicle or its papers show it.
        pub vin_end: Option<VinEnd>,
        /// The token that the owner made (`inviteGarage`), in the place of `licencePlate` and `vinEnd`.
        pub invitation: Option<Token>,
        /// The id of the customer, if the garage already has a record of them. Either this or `customer` is given.
        pub customer_id: Option<Id>,
        /// The new record of the customer, if the garage has none yet. Either this or `customerId` is given.
        pub customer: Option<NewCustomer>,
    }
}

/// The car is named in one of the two ways, and the customer is named or described.
fn one_way(members: &mut Members<'_>) {
    let [invitation, plate, end, customer_id, customer] =
        ["invitation", "licencePlate", "vinEnd", "customerId", "customer"].map(|name| members.given(name).is_some());
    for (name, is_given, has_other) in [("licencePlate", plate, end), ("vinEnd", end, plate)] {
        match (invitation, is_given, has_other) {
            (true, true, _) => members.wrong(name, "conflicts_with_other"),
            (false, false, true) => members.wrong(name, "required"),
            (false, false, false) => members.one_needed(name, "invitation"),
            (true, false, _) | (false, true, _) => {}
        }
    }
    match (customer_id, customer) {
        (false, false) => members.one_needed("customerId", "customer"),
        (true, true) => members.wrong("customer", "conflicts_with_other"),
        (true, false) | (false, true) => {}
    }
}

sort! {
    /// The order of changes of garage.
    pub struct GarageChangeSort("requestedAt");
}

query! {
    /// Which changes of garage to list.
    pub struct GarageChangeQuery {
        /// Only changes of garage with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<GarageChangeStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<GarageChangeStatus>>,
        /// Only changes of garage of the passport with this id.
        pub passport_id: Option<Id>,
        /// The order of the list: `requestedAt` has the oldest first and is the default; `-requestedAt` has the newest
        /// first.
        #[param(inline)]
        pub sort: Option<GarageChangeSort>,
    }
}

/// The token by which a garage can ask for a passport.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "token": "AZnF8n0efDqbHy9tbB4ajBAAAAAAaZ6xgJrW0m3mJkq3x0m2yqg8kq0bXk0v2oE4",
    "expiresAt": "2026-03-15T09:30:00Z"
}))]
pub struct GarageInvitation {
    /// The token, to be given to the garage.
    pub token: Token,
    /// Until when it works.
    pub expires_at: Moment,
}

/// A garage's request to keep a passport, and its outcome.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a15",
    "licencePlate": "TT-601-D",
    "status": "requested",
    "role": "owner",
    "garageName": "Autobedrijf Bakker",
    "customerId": null,
    "possibleDuplicateCustomers": null,
    "requestedAt": "2026-03-01T09:30:00Z",
    "expiresAt": "2026-03-15T09:30:00Z",
    "decidedAt": null,
    "version": 1,
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct GarageChange {
    /// The id of the change of garage.
    pub id: Id,
    /// The id of the passport.
    pub passport_id: Id,
    /// The licence plate when the garage asked, as people write it.
    #[schema(max_length = 20, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ -]+$")]
    pub licence_plate: String,
    /// The status.
    pub status: GarageChangeStatus,
    /// The part of the account that asks.
    pub role: GarageChangeRole,
    /// The name of the garage that asked; null for the garage that the car left.
    #[schema(max_length = 100)]
    pub garage_name: Option<String>,
    /// The record of the car's user at the garage that asked; null for others.
    pub customer_id: Option<Id>,
    /// Other records of that garage that may be of the customer whose record was made with the request, as a customer's own record
    /// names them. Null in every other answer, and when the garage had a record of that name and e-mail, which is used then.
    #[schema(max_items = 5)]
    pub possible_duplicate_customers: Option<Vec<PossibleDuplicate>>,
    /// When the garage asked.
    pub requested_at: Moment,
    /// When the request expires: from then on the owner can no longer agree.
    pub expires_at: Moment,
    /// When it ended; null while it is open, and until the server has recorded that it expired.
    pub decided_at: Option<Moment>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When it last changed.
    pub updated_at: Moment,
}

impl GarageChange {
    /// A change of garage as `actor` sees it at `now`.
    pub fn new((change, stamps, garage_name): GarageChangeView, actor: &Actor, now: Instant) -> Self {
        let role = match actor.garage_id() {
            Some(garage) if garage == change.garage_id => Role::Garage,
            Some(_) => Role::FormerGarage,
            None => Role::Owner,
        };
        Self {
            id: Id(change.id.0),
            passport_id: Id(change.passport_id.0),
            status: GarageChangeStatus(change.status_at(now)),
            role: GarageChangeRole(role),
            licence_plate: change.plate,
            garage_name: (role != Role::FormerGarage).then_some(garage_name),
            customer_id: (role == Role::Garage).then_some(Id(change.customer_id.0)),
            possible_duplicate_customers: None,
            requested_at: Moment(change.requested_at),
            expires_at: Moment(change.expires_at),
            decided_at: change.decided_at.map(Moment),
            version: Version(change.version),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
