//! Requests and answers of fleets.

use crate::{
    body, enum_scalars, query,
    wire::{AccountStatus, AnyOf, Email, Id, Moment, Name, Password, Patch, Search, Version},
};
use persistence::fleet::FleetView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// Open or closed.
    FleetStatus(domain::fleet::FleetStatus), "A closed fleet's account can no longer sign in.";
    /// How a fleet begins.
    FleetBegin(domain::value::FleetBegin), "Invited: the manager is mailed. Prepared: the garage sets it up with an e-mail and a password of its own; no mail goes out.";
}

body! {
    /// A fleet to be, made from a customer whose AutoPaspoort with the garage is active.
    #[schema(example = json!({
        "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a13",
        "email": "wagenpark@bakkerij-jansen.example",
        "begin": "invited"
    }))]
    pub struct NewFleet {
        /// The customer.
        pub customer_id: Id,
        /// Which of the customer's active passports is the manager's; the oldest unless given.
        pub manager_passport_id: Option<Id>,
        /// The name; the customer's unless given.
        pub name: Option<Name>,
        /// The login e-mail of the fleet's account: not the manager's own, and no other account's.
        pub email: Email,
        /// How it begins.
        pub begin: FleetBegin,
        /// The password that the garage chooses: for a prepared fleet only.
        pub password: Option<Password>,
    }
}

body! {
    /// What is to change.
    #[schema(example = json!({ "name": "Bakkerij Jansen & Zonen" }))]
    pub struct UpdateFleet {
        /// The name.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The e-mail, as long as the manager has not signed in: later it is changed in the account's own settings.
        #[schema(value_type = Option<Email>, nullable = false)]
        pub email: Patch<Email>,
    }
}

query! {
    /// Which fleets.
    pub struct FleetQuery {
        /// What is typed of the name: the beginnings of its words, in any order. Names that begin with it come first.
        pub search: Option<Search>,
        /// With one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<FleetStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<FleetStatus>>,
    }
}

/// A fleet.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a12",
    "name": "Bakkerij Jansen",
    "status": "open",
    "begin": "invited",
    "email": "wagenpark@bakkerij-jansen.example",
    "accountStatus": "active",
    "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a13",
    "managerPassportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "passportCount": 12,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Fleet {
    /// Its id.
    pub id: Id,
    /// Its name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Open or closed.
    pub status: FleetStatus,
    /// How it began.
    pub begin: FleetBegin,
    /// The login e-mail of its account.
    pub email: Email,
    /// Whether its account can sign in.
    pub account_status: AccountStatus,
    /// The customer it was made from.
    pub customer_id: Option<Id>,
    /// The passport it was made from.
    pub manager_passport_id: Id,
    /// How many passports are linked to it.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub passport_count: i64,
    /// The version, which `If-Match` takes in quotes: the same number as in `ETag`.
    pub version: Version,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Fleet {
    /// A fleet as it is shown.
    pub fn new(view: FleetView) -> Self {
        let FleetView { fleet, stamps, email, account_status, passport_count } = view;
        Self {
            id: Id(fleet.id.0),
            name: fleet.name,
            status: FleetStatus(fleet.status),
            begin: FleetBegin(fleet.begin),
            email: Email(email),
            account_status: AccountStatus(account_status),
            customer_id: fleet.customer_id.map(|id| Id(id.0)),
            manager_passport_id: Id(fleet.manager_passport_id.0),
            passport_count,
            version: Version(fleet.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
