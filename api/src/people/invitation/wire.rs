//! Requests and answers of mailed links.

use crate::{
    body, enum_scalars,
    session::wire::Tokens,
    wire::{Email, Id, Language, Moment, Name, Password, Token},
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What a link is for.
    InvitationPurpose(domain::invitation::PurposeKind), "What the link is for: to activate a passport, to choose the password of a fleet's or a colleague's new account, to make an account for an offer, to choose a new password, or to confirm a new e-mail.";
}

body! {
    /// The token of the link. It travels in the body, never in an address.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo" }))]
    pub struct PreviewInvitation {
        /// The token of the link.
        pub token: Token,
    }
}

body! {
    /// The token of the link, and for a new account its password and name.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo", "password": "vier blije fietsen op dinsdag", "name": "Jan Jansen" }))]
    pub struct AcceptInvitation {
        /// The token of the link.
        pub token: Token,
        /// The password of the new account; not when signed in.
        pub password: Option<Password>,
        /// The name of the new account; what the garage knows unless given.
        pub name: Option<Name>,
        /// The language of mails; what the garage knows unless given.
        pub language: Option<Language>,
    }
}

/// What a link is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "purpose": "passport",
    "email": "jan@jansen.example",
    "garageName": "Garage De Vries",
    "licencePlate": "TT-601-D",
    "accountExists": false,
    "expiresAt": "2026-03-15T09:30:00Z"
}))]
pub struct InvitationPreview {
    /// What it lets its holder do.
    pub purpose: InvitationPurpose,
    /// The address the link was mailed to.
    pub email: Email,
    /// The garage on whose behalf.
    #[schema(max_length = 100)]
    pub garage_name: Option<String>,
    /// The car it is about.
    #[schema(max_length = 20)]
    pub licence_plate: Option<String>,
    /// Whether to sign in (true) or to choose a password (false).
    pub account_exists: bool,
    /// From when it is refused.
    pub expires_at: Moment,
}

/// What came of a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "transferId": null,
    "tokens": null
}))]
pub struct InvitationAccepted {
    /// The passport that is active now.
    pub passport_id: Option<Id>,
    /// The offer that waits for a decision.
    pub transfer_id: Option<Id>,
    /// For a new account, the tokens of its first session.
    pub tokens: Option<Tokens>,
}
