//! Requests and answers of the second factor.

use crate::{
    body, enum_scalars,
    wire::{Moment, OneTimeCode, Secret},
};
use domain::second_factor::State;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// How far an account is with its second factor.
    SecondFactorState(State), "How far the account is with its second factor. None: signing in needs the password alone. Begun: a secret was shown, and was not confirmed yet. Active: signing in needs a code too.";
}

body! {
    /// The present password, to set up a second factor.
    #[schema(example = json!({ "currentPassword": "Welkom-bij-AutoPaspoort-2019" }))]
    pub struct BeginSecondFactor {
        /// The present password.
        pub current_password: Secret,
    }
}

body! {
    /// A code of the second factor.
    #[schema(example = json!({ "code": "492039" }))]
    pub struct SecondFactorCode {
        /// The six digits that the authenticator app shows or, once the second factor is active, a recovery code.
        pub code: OneTimeCode,
    }
}

body! {
    /// The present password and a code, to remove the second factor.
    #[schema(example = json!({ "currentPassword": "Welkom-bij-AutoPaspoort-2019", "code": "492039" }))]
    pub struct RemoveSecondFactor {
        /// The present password.
        pub current_password: Secret,
        /// The six digits that the authenticator app shows, or a recovery code.
        pub code: OneTimeCode,
    }
}

/// The second factor of the account that is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "state": "active", "activeSince": "2026-03-01T09:30:00Z", "recoveryCodesLeft": 10, "required": true
}))]
pub struct SecondFactor {
    /// How far the account is with it.
    pub state: SecondFactorState,
    /// Since when signing in needs a code; null unless it is active.
    pub active_since: Option<Moment>,
    /// How many recovery codes were not used yet.
    #[schema(minimum = 0, maximum = 10)]
    pub recovery_codes_left: i64,
    /// Whether the garage demands a second factor of its staff. If it does and none is active, the account can do nothing else
    /// before it has set one up.
    pub required: bool,
}

/// The secret of a second factor, for the authenticator app. It is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/AutoPaspoort:balie%40garage-devries.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=AutoPaspoort&algorithm=SHA1&digits=6&period=30"
}))]
pub struct SecondFactorSecret {
    /// The secret in base32, for people who type it into their app.
    #[schema(min_length = 32, max_length = 32, pattern = "^[A-Z2-7]*$")]
    pub secret: String,
    /// The same as an address, which the client shows as a QR code for the app to scan.
    #[schema(max_length = 1000, format = "uri")]
    pub uri: String,
}

/// The recovery codes of an account. They are shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "recoveryCodes": [
    "K7QF-2MZA-XW5D-RT3B", "6YHN-PC4E-UJ2L-VSGO", "A2CD-EFGH-34IJ-KLMN", "OPQR-STUV-WXYZ-2345", "MZXW-6YTB-OI7Q-F2MZ",
    "XW5D-RT3B-K7QF-2MZA", "PC4E-UJ2L-VSGO-6YHN", "EFGH-34IJ-KLMN-A2CD", "STUV-WXYZ-2345-OPQR", "OI7Q-F2MZ-MZXW-6YTB"
]  }))]
pub struct RecoveryCodes {
    /// The codes. Each can be used once in the place of a code of the app. The person keeps them on paper, or in a password
    /// manager.
    #[schema(min_items = 10, max_items = 10)]
    pub recovery_codes: Vec<RecoveryCode>,
}

/// A recovery code.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "K7QF-2MZA-XW5D-RT3B", min_length = 19, max_length = 19, pattern = "^[A-Z2-7-]*$")]
pub struct RecoveryCode(pub String);

impl RecoveryCodes {
    /// The codes as they are shown.
    pub fn new(codes: Vec<String>) -> Self {
        Self { recovery_codes: codes.into_iter().map(RecoveryCode).collect() }
    }
}
