//! Requests and answers of mailed links.

use crate::{
    body, enum_scalars,
    session::wire::Tokens,
    transfer::wire::TransferKind,
    wire::{Email, Id, Language, Moment, Name, Password, Token},
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The purpose of a link.
    InvitationPurpose(domain::invitation::PurposeKind), "What the link is for: to activate a passport, to choose the password of a fleet's or a colleague's new account, to make an account for an offer, to choose a new password, or to confirm a new e-mail.";
}

body! {
    /// The token of a mailed link. It is sent in the body, so that it appears in no address.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo" }))]
    pub struct PreviewInvitation {
        /// The token of the mailed link.
        pub token: Token,
    }
}

body! {
    /// The token of a mailed link and, for a new account, its password and name.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo", "password": "vier blije fietsen op dinsdag", "name": "Jan Jansen" }))]
    pub struct AcceptInvitation {
        /// The token of the mailed link.
        pub token: Token,
        /// The password of the new account. It must be left out when the request is made in a session.
        pub password: Option<Password>,
        /// The name of the new account. The default is the name that the garage recorded.
        pub name: Option<Name>,
        /// The language of the mails to the new account. The default is the language that the garage recorded.
        pub language: Option<Language>,
    }
}

/// The offer of a car, as whoever has its link sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "transferId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a30",
    "kind": "new_driver",
    "offeredBy": "Bakkerij Jansen"
}))]
pub struct InvitationOffer {
    /// The id of the offer, which is accepted or declined by it after signing in.
    pub transfer_id: Id,
    /// What the recipient becomes.
    pub kind: TransferKind,
    /// The name of the account that offers the car; null when it is known no more.
    #[schema(max_length = 100)]
    pub offered_by: Option<String>,
}

/// The purpose of a mailed link.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "purpose": "passport",
    "email": "jan@jansen.example",
    "garageName": "Garage De Vries",
    "licencePlate": "TT-601-D",
    "fleetName": null,
    "offer": null,
    "accountExists": false,
    "accountIsDriver": false,
    "needsPassword": true,
    "expiresAt": "2026-03-15T09:30:00Z"
}))]
pub struct InvitationPreview {
    /// What the link is for.
    pub purpose: InvitationPurpose,
    /// The address that the link was mailed to.
    pub email: Email,
    /// The name of the garage that had the link mailed; null when no garage did.
    #[schema(max_length = 100)]
    pub garage_name: Option<String>,
    /// The licence plate of the car, as people write it; null when the link is not about one car.
    #[schema(max_length = 20)]
    pub licence_plate: Option<String>,
    /// The name of the fleet whose account it is, or that offers the car; null when the link is about no fleet.
    #[schema(max_length = 100)]
    pub fleet_name: Option<String>,
    /// The offer that the link is for; null when it is for something else.
    pub offer: Option<InvitationOffer>,
    /// Whether the address already has an account that can sign in. If true, its holder signs in; if false, they choose
    /// a password.
    pub account_exists: bool,
    /// Whether that account is a driver's, the only kind that can have a car; false as well when the address has no account.
    /// If the address has an account of another kind, an offer to it cannot be accepted, and a passport is activated with
    /// an account that has another address.
    pub account_is_driver: bool,
    /// Whether using the link needs a password, which whoever uses it chooses.
    pub needs_password: bool,
    /// The link is refused from this moment on.
    pub expires_at: Moment,
}

/// The result of using a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "transferId": null,
    "tokens": null
}))]
pub struct InvitationAccepted {
    /// The passport that the link activated; null when the link was not for a passport.
    pub passport_id: Option<Id>,
    /// The offer that waits for a decision; null when the link was not for an offer.
    pub transfer_id: Option<Id>,
    /// The tokens of the first session of a new account; null when no account was created or activated.
    pub tokens: Option<Tokens>,
}
