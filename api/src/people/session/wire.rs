//! Requests and answers of signing in.

use crate::{
    body,
    wire::{AccountKind, Email, Id, Moment, Password, Secret, Token},
};
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// Who signs in.
    #[schema(example = json!({ "email": "balie@garage-devries.example", "password": "Welkom-bij-AutoPaspoort-2019" }))]
    pub struct Login {
        /// The login e-mail.
        pub email: Email,
        /// The password.
        pub password: Secret,
    }
}

body! {
    /// Asks for the next tokens of a session.
    #[schema(example = json!({ "refreshToken": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo" }))]
    pub struct Refresh {
        /// The refresh token of the last answer. It works once.
        pub refresh_token: Token,
    }
}

body! {
    /// Asks for a link to choose a new password.
    #[schema(example = json!({ "email": "jan@jansen.example" }))]
    pub struct PasswordReset {
        /// The login e-mail.
        pub email: Email,
    }
}

body! {
    /// Chooses a new password with a mailed link.
    #[schema(example = json!({ "token": "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo", "password": "vier blije fietsen op dinsdag" }))]
    pub struct PasswordResetConfirm {
        /// The token of the link.
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
    "account": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "kind": "driver", "name": "Jan Jansen", "email": "jan@jansen.example" }
}))]
pub struct Tokens {
    /// Sent with each request as `Authorization: Bearer`.
    #[schema(max_length = 2000, pattern = "^[A-Za-z0-9_.-]*$")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 6, pattern = "^Bearer$")]
    pub token_type: &'static str,
    /// For how many seconds the access token is good.
    #[schema(minimum = 0, maximum = 86_400)]
    pub expires_in: i64,
    /// Gets the next tokens, once.
    pub refresh_token: Token,
    /// Who signed in.
    pub account: SignedInAccount,
}

/// Who signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInAccount {
    /// The account's id.
    pub id: Id,
    /// What it is for: which screens to show.
    pub kind: AccountKind,
    /// The name.
    #[schema(max_length = 100)]
    pub name: String,
    /// The login e-mail.
    pub email: Email,
}

/// A sign-in on one device.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "userAgent": "AutoPaspoort/5.2 (Android 15)",
    "current": true,
    "createdAt": "2026-03-01T09:30:00Z",
    "lastUsedAt": "2026-03-02T10:00:00Z"
}))]
pub struct Session {
    /// Its id.
    pub id: Id,
    /// What the device called itself.
    #[schema(max_length = 200)]
    pub user_agent: Option<String>,
    /// Whether this request came through it.
    pub current: bool,
    /// When it signed in.
    pub created_at: Moment,
    /// When its tokens were last refreshed.
    pub last_used_at: Moment,
}
