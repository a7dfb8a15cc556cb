//! Requests and answers of mailed links.

use crate::{
    body, enum_scalars,
    problem::{Code, Problem, Wording},
    session::wire::Tokens,
    transfer::wire::TransferKind,
    wire::{Email, Id, Language, LinkCode, Members, Moment, Name, Password, Token},
};
use domain::value::EmailAddress;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The purpose of a link.
    InvitationPurpose(domain::invitation::PurposeKind), "What the link is for: to activate a passport, to choose the password of a fleet's or a colleague's new account, to make an account for an offer, to choose a new password, or to confirm a new e-mail.";
}

body! {
    /// The token of a mailed link, or the code of its mail with the address to which it went. They are sent in the body, so that
    /// they appear in no address.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo" }))]
    pub struct PreviewInvitation check one_key {
        /// The token of the mailed link. Either this or `email` and `code` are given.
        pub token: Option<Token>,
        /// The address to which the mail with the code went. It is given with `code`.
        pub email: Option<Email>,
        /// The code that stands in the mail beside the link, which is good for three days. It is given with `email`.
        pub code: Option<LinkCode>,
    }
}

body! {
    /// A mailed link to activate a passport, by its token or by the code of its mail, and another address of its holder.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo", "otherEmail": "jan@prive.example" }))]
    pub struct InvitationElsewhere check one_key {
        /// The token of the mailed link. Either this or `email` and `code` are given.
        pub token: Option<Token>,
        /// The address to which the mail with the code went. It is given with `code`.
        pub email: Option<Email>,
        /// The code that stands in the mail beside the link, which is good for three days. It is given with `email`.
        pub code: Option<LinkCode>,
        /// The address to which a link is mailed, with which its holder activates the passport.
        pub other_email: Email,
    }
}

/// A link is known by its token, or by code and address.
fn one_key(members: &mut Members<'_>) {
    let given = |name: &str| members.given(name).is_some();
    match (given("token"), given("email"), given("code")) {
        (true, false, false) | (false, true, true) => {}
        (false, false, false) => members.one_needed("token", "email', 'code"),
        (false, true, false) => members.wrong("code", "required"),
        (false, false, true) => members.wrong("email", "required"),
        (true, true, _) => members.wrong("email", "conflicts_with_other"),
        (true, false, true) => members.wrong("code", "conflicts_with_other"),
    }
}

/// By what someone knows a link.
#[derive(Clone, Debug)]
pub enum LinkKey {
    /// By its token.
    Token(Token),
    /// By the code of its mail, as it was typed, and the address to which that went (rule A26).
    Code(EmailAddress, String),
}

impl LinkKey {
    fn new(token: Option<&Token>, email: Option<&Email>, code: Option<&LinkCode>) -> Result<Self, Problem> {
        match (token, email, code) {
            (Some(token), ..) => Ok(Self::Token(token.clone())),
            (None, Some(email), Some(code)) => Ok(Self::Code(email.0.clone(), code.0.clone())),
            (None, ..) => Err(Problem::body("/token", "required")),
        }
    }

    /// The refusal when nobody knows such a link.
    pub fn unknown(&self) -> Problem {
        let problem = Problem::new(Code::InvitationNotFound);
        match self {
            Self::Token(_) => problem,
            Self::Code(..) => problem.worded(Wording::UnknownCode),
        }
    }

    /// What only the holder of the link knows, by which a repeat is known.
    pub fn secret(&self) -> String {
        match self {
            Self::Token(token) => token.0.clone(),
            Self::Code(email, code) => format!("{} {code}", email.key()),
        }
    }
}

impl PreviewInvitation {
    /// By what the link is known.
    pub fn key(&self) -> Result<LinkKey, Problem> {
        LinkKey::new(self.token.as_ref(), self.email.as_ref(), self.code.as_ref())
    }
}

impl InvitationElsewhere {
    /// By what the link is known.
    pub fn key(&self) -> Result<LinkKey, Problem> {
        LinkKey::new(self.token.as_ref(), self.email.as_ref(), self.code.as_ref())
    }
}

impl AcceptInvitation {
    /// By what the link is known.
    pub fn key(&self) -> Result<LinkKey, Problem> {
        LinkKey::new(self.token.as_ref(), self.email.as_ref(), self.code.as_ref())
    }
}

body! {
    /// The token of a mailed link, or the code of its mail with the address to which it went, and, for a new account, its password and
    /// name.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo", "password": "vier blije fietsen op dinsdag", "name": "Jan Jansen" }))]
    pub struct AcceptInvitation check one_key {
        /// The token of the mailed link. Either this or `email` and `code` are given.
        pub token: Option<Token>,
        /// The address to which the mail with the code went. It is given with `code`.
        pub email: Option<Email>,
        /// The code that stands in the mail beside the link, which is good for three days. It is given with `email`.
        pub code: Option<LinkCode>,
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
