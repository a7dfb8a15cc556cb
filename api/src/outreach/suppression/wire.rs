//! Requests and answers of suppressions.

use crate::{
    enum_scalars, query,
    wire::{AnyOf, Email, Id, Moment},
};
use persistence::suppression::SuppressionView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// Why an address must not be written to.
    SuppressionReason(domain::suppression::SuppressionReason), "Why the address must not be written to. Bounced: mail came back, since there is no such mailbox; nothing is mailed to it. Complained: its reader reported a mail as unwanted; only what concerns their account is mailed. Objected: its reader objected to the garage's mailings; only those are left out.";
}

query! {
    /// Which suppressions to list.
    pub struct SuppressionQuery {
        /// Only those for one of these reasons, separated by commas.
        #[param(value_type = Option<Vec<SuppressionReason>>, style = Form, explode = false)]
        pub reason: Option<AnyOf<SuppressionReason>>,
    }
}

/// A customer that has a suppressed address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "name": "Bakkerij Jansen" }))]
pub struct SuppressedCustomer {
    /// The id of the customer.
    pub id: Id,
    /// The name of the customer.
    #[schema(max_length = 100)]
    pub name: String,
}

/// An address that must not be written to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a51",
    "email": "jan@jansen.example",
    "reason": "bounced",
    "since": "2026-03-01T09:30:00Z",
    "customers": [{ "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "name": "Bakkerij Jansen" }]
}))]
pub struct Suppression {
    /// The id of the suppression.
    pub id: Id,
    /// The address.
    pub email: Email,
    /// Why it must not be written to.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Moment,
    /// The garage's customers that have the address now, at most 20 of them; none when an objection stayed behind.
    #[schema(max_items = 20)]
    pub customers: Vec<SuppressedCustomer>,
}

/// The most customers that are named at an address: those of a company that gave all its records one address.
const MOST_CUSTOMERS: usize = 20;

impl From<SuppressionView> for Suppression {
    fn from(view: SuppressionView) -> Self {
        let customers = view.customers.into_iter().take(MOST_CUSTOMERS);
        Self {
            id: Id(view.suppression.id.0),
            email: Email(view.suppression.email),
            reason: SuppressionReason(view.suppression.reason),
            since: Moment(view.suppression.since),
            customers: customers.map(|(id, name)| SuppressedCustomer { id: Id(id.0), name }).collect(),
        }
    }
}
