//! Requests and answers of the account.

use crate::{
    body,
    wire::{AccountKind, Email, Id, Language, Moment, Name, Password, Patch, Secret, StaffRole, Token, Version},
};
use domain::account::Account as DomainAccount;
use persistence::Stamps;
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// The properties of the account that change. What is left out stays as it is.
    #[schema(example = json!({ "language": "en" }))]
    pub struct UpdateAccount {
        /// The name of the person, or of the fleet, whose account it is.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The language of the mails to this account.
        #[schema(value_type = Option<Language>, nullable = false)]
        pub language: Patch<Language>,
    }
}

body! {
    /// The present password and the new one.
    #[schema(example = json!({ "currentPassword": "Welkom-bij-AutoPaspoort-2019", "newPassword": "vier blije fietsen op dinsdag" }))]
    pub struct ChangePassword {
        /// The present password.
        pub current_password: Secret,
        /// The new password.
        pub new_password: Password,
    }
}

body! {
    /// The new login e-mail, with the present password.
    #[schema(example = json!({ "email": "jan.jansen@nieuw.example", "currentPassword": "Welkom-bij-AutoPaspoort-2019" }))]
    pub struct ChangeEmail {
        /// The new login e-mail.
        pub email: Email,
        /// The present password.
        pub current_password: Secret,
    }
}

body! {
    /// The token that was mailed to the new address and, for a fleet that a garage prepared, the password that its manager
    /// chooses.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo" }))]
    pub struct ConfirmEmail {
        /// The token of the mailed link.
        pub token: Token,
        /// The new password, when `needsPassword` of the link's preview is true: the fleet's manager chooses it, and the
        /// garage's password no longer works. Otherwise it must be left out.
        pub password: Option<Password>,
    }
}

/// The account that is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "kind": "staff",
    "email": "balie@garage-devries.example",
    "name": "Sanne de Boer",
    "language": "nl",
    "role": "advisor",
    "garageId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a11",
    "fleetId": null,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Account {
    /// The id of the account.
    pub id: Id,
    /// The kind of account: of a driver, of a fleet, of a garage's staff or of the network's support.
    pub kind: AccountKind,
    /// The e-mail with which the account signs in.
    pub email: Email,
    /// The name of the person, or of the fleet, whose account it is.
    #[schema(max_length = 100)]
    pub name: String,
    /// The language of the mails to this account.
    pub language: Language,
    /// The role at the garage; null unless the account is of staff.
    pub role: Option<StaffRole>,
    /// The garage that the account works for; null unless the account is of staff.
    pub garage_id: Option<Id>,
    /// The fleet of the account; null unless the account is a fleet's.
    pub fleet_id: Option<Id>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the account was created.
    pub created_at: Moment,
    /// When the account last changed.
    pub updated_at: Moment,
}

impl Account {
    /// The account as it is shown to its holder.
    pub fn new(account: &DomainAccount, stamps: Stamps, fleet: Option<domain::ids::FleetId>) -> Self {
        Self {
            id: Id(account.id.0),
            kind: AccountKind(account.kind),
            email: Email(account.email.clone()),
            name: account.name.clone(),
            language: Language(account.language),
            role: account.employment.map(|work| StaffRole(work.role)),
            garage_id: account.employment.map(|work| Id(work.garage_id.0)),
            fleet_id: fleet.map(|fleet| Id(fleet.0)),
            version: Version(account.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
