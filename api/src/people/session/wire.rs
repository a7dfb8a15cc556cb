//! Requests and answers of signing in.

use crate::{
    body,
    wire::{AccountKind, Email, Id, Moment, OneTimeCode, Password, Secret, Token},
};
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// The e-mail and password of an account.
    #[schema(example = json!({ "email": "balie@garage-devries.example", "password": "Welkom-bij-AutoPaspoort-2019" }))]
    pub struct Login {
        /// The e-mail of the account.
        pub email: Email,
        /// The password of the account.
        pub password: Secret,
        /// The `deviceToken` that this device got when it last signed in to the account. With it, the guesses of others never
        /// keep this device waiting.
        pub device_token: Option<Token>,
        /// A code of the second factor, if the account has one: the six digits of the authenticator app, or a recovery code. Each
        /// works once.
        pub second_factor: Option<OneTimeCode>,
        /// Whether this device is remembered, so that signing in on it needs no code for 30 days. It takes a right
        /// `secondFactor`. The default is false.
        pub remember_device: Option<bool>,
    }
}

body! {
    /// The refresh token of a session.
    #[schema(example = json!({ "refreshToken": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo" }))]
    pub struct Refresh {
        /// The refresh token of the latest answer. It works once.
        pub refresh_token: Token,
    }
}

body! {
    /// The e-mail of an account whose password is forgotten.
    #[schema(example = json!({ "email": "jan@jansen.example" }))]
    pub struct PasswordReset {
        /// The e-mail of the account.
        pub email: Email,
    }
}

body! {
    /// A new password, with the token of a mailed link.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo", "password": "vier blije fietsen op dinsdag" }))]
    pub struct PasswordResetConfirm {
        /// The token of the mailed link.
        pub token: Token,
        /// The new password.
        pub password: Password,
    }
}

/// The tokens of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "accessToken": "eyJhbGciOiJFZERTQSIsImtpZCI6IjEyMzQifQ.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl",
    "tokenType": "Bearer",
    "expiresIn": 900,
    "refreshToken": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo",
    "deviceToken": "AZnF8n0ebHqbHy9tHB6KEKt5d1b8bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEoq3Vt0",
    "account": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "kind": "driver", "name": "Jan Jansen", "email": "jan@jansen.example" }
}))]
pub struct Tokens {
    /// The access token (a JWT). Each request sends it in the header `Authorization`, after `Bearer`.
    #[schema(max_length = 2000, pattern = "^[A-Za-z0-9_.-]*$")]
    pub access_token: String,
    /// The kind of access token: always `Bearer`.
    #[schema(max_length = 6, pattern = "^Bearer$")]
    pub token_type: &'static str,
    /// How many seconds the access token is valid, from the moment of this answer.
    #[schema(minimum = 0, maximum = 86_400)]
    pub expires_in: i64,
    /// The token with which the session is refreshed, once.
    pub refresh_token: Token,
    /// The token by which this device is known again: it is sent at the next sign-in to the account, and kept when the user
    /// signs out. The latest one counts. It opens nothing by itself. It ends with a new password, when its session is ended from another device,
    /// and when the device was not used for 60 days.
    pub device_token: Token,
    /// The account that signed in.
    pub account: SignedInAccount,
}

/// The account that signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInAccount {
    /// The id of the account.
    pub id: Id,
    /// The kind of account, which says which screens to show.
    pub kind: AccountKind,
    /// The name of the person, or of the fleet, whose account it is.
    #[schema(max_length = 100)]
    pub name: String,
    /// The e-mail with which the account signs in.
    pub email: Email,
}

/// A session: an account that is signed in on one device.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "userAgent": "AutoPaspoort/5.2 (Android 15)",
    "current": true,
    "createdAt": "2026-03-01T09:30:00Z",
    "lastUsedAt": "2026-03-02T10:00:00Z",
    "rememberedUntil": null
}))]
pub struct Session {
    /// The id of the session.
    pub id: Id,
    /// The `User-Agent` header of the device when it signed in; null when it sent none.
    #[schema(max_length = 200)]
    pub user_agent: Option<String>,
    /// Whether this request was made in this session.
    pub current: bool,
    /// When the device signed in.
    pub created_at: Moment,
    /// When the tokens of the session were last refreshed.
    pub last_used_at: Moment,
    /// Until when the device needs no code of a second factor to sign in again; null when it is not remembered.
    pub remembered_until: Option<Moment>,
}
