//! Requests and answers of staff.

use crate::{
    body,
    wire::{AccountStatus, Email, Id, Language, LinkDelivery, Moment, Name, Patch, StaffRole, Version},
};
use domain::{account::Account, value::StaffRole as DomainRole};
use persistence::Stamps;
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// A new colleague.
    #[schema(example = json!({ "email": "leerling@garage-devries.example", "name": "Noor Bakker", "role": "mechanic" }))]
    pub struct NewStaff {
        /// The e-mail with which they will sign in. The link to choose a password is mailed to it.
        pub email: Email,
        /// The name of the colleague.
        pub name: Name,
        /// What they do at the garage.
        pub role: StaffRole,
        /// The language of the mails to them. The default is the garage's language.
        pub language: Option<Language>,
    }
}

body! {
    /// The properties of the colleague that change. What is left out stays as it is.
    #[schema(example = json!({ "role": "advisor" }))]
    pub struct UpdateStaff {
        /// The name of the colleague.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// What they do at the garage.
        #[schema(value_type = Option<StaffRole>, nullable = false)]
        pub role: Patch<StaffRole>,
    }
}

/// A colleague: someone on the staff of the garage.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "email": "monteur@garage-devries.example",
    "emailSuggestion": null,
    "name": "Kees Smit",
    "role": "mechanic",
    "status": "invited",
    "invitationDelivery": { "status": "sent", "at": "2026-03-01T09:30:05Z", "reason": null },
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Staff {
    /// The id of the colleague's account.
    pub id: Id,
    /// The e-mail with which they sign in.
    pub email: Email,
    /// The address that was perhaps meant, when the e-mail looks like a slip of the pen in the name of a great mail house
    /// (`gmial.com`); else null. It is a hint only.
    pub email_suggestion: Option<Email>,
    /// The name of the colleague.
    #[schema(max_length = 100)]
    pub name: String,
    /// What they do at the garage.
    pub role: StaffRole,
    /// Whether they have chosen a password and can sign in.
    pub status: AccountStatus,
    /// What became of the latest mail with the link to choose a password; null when no link was mailed that still counts, and once
    /// they are no longer `invited`. It is not part of the version.
    pub invitation_delivery: Option<LinkDelivery>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When they were added.
    pub created_at: Moment,
    /// When their record last changed.
    pub updated_at: Moment,
}

impl Staff {
    /// A colleague as they are shown. What became of the mail with their link is looked up apart.
    pub fn new(account: &Account, stamps: Stamps) -> Self {
        Self {
            id: Id(account.id.0),
            email: Email(account.email.clone()),
            email_suggestion: account.email.suggestion().map(Email),
            name: account.name.clone(),
            role: StaffRole(account.employment.map_or(DomainRole::Mechanic, |work| work.role)),
            status: AccountStatus(account.status),
            invitation_delivery: None,
            version: Version(account.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
