//! Push messages: to browsers by Web Push (RFC 8030), and to the apps by Firebase Cloud Messaging.
//!
//! [`Pusher::send`] delivers one message to one device and says what became of it: it was accepted, the device is gone,
//! it may be tried again, or it never will be accepted. It blocks, so it is called on threads that may wait. Nothing
//! here stores anything, and no error text contains an endpoint, a token or a key: whoever knows one can use it.

mod cut;
mod endpoint;
mod exchange;
mod fcm;
#[cfg(test)]
mod tests;
mod web_push;

pub use endpoint::{Endpoint, EndpointError, Networks, OwnService, check_endpoint};
pub use fcm::ServiceAccount;
pub use web_push::{KeyError, VapidKey, check_keys};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::{fmt, time::Duration};

/// Where Firebase Cloud Messaging answers, unless a test says otherwise.
pub const FCM_BASE: &str = "https://fcm.googleapis.com";
/// How long one call to a push service may take, from the name's resolution to the last byte of the answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time that a message is kept for a device that is offline: 28 days in seconds, the most that Firebase
/// accepts.
pub const MAX_TTL_SECONDS: u32 = 28 * 24 * 60 * 60;

/// What a device shows.
///
/// A browser gets it as the JSON object `{"title", "body", "url", "tag"}`, an app as a notification with the data `url`
/// and `tag`. A text that does not fit is cut, first the body, then the title, and ends with an ellipsis.
#[derive(Clone, PartialEq, Eq)]
pub struct PushMessage {
    /// The first line.
    pub title: String,
    /// The text below it.
    pub body: String,
    /// The path in the app that a tap opens, such as `/passports/1`. It is never cut.
    pub url: String,
    /// What the message is about. A newer message with the same tag replaces an older one, on the way and on the
    /// screen. On the way it is a hash of the tag, which push services can read.
    pub tag: Option<String>,
    /// How much the device's battery may be used for it.
    pub urgency: Urgency,
    /// For how many seconds the push service keeps it for a device that is offline; more than [`MAX_TTL_SECONDS`]
    /// counts as that. With 0 it is delivered at once or never (RFC 8030, 5.2).
    pub ttl_seconds: u32,
}

/// The texts may be personal, so they are not shown.
impl fmt::Debug for PushMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushMessage")
            .field("urgency", &self.urgency)
            .field("ttl_seconds", &self.ttl_seconds)
            .finish_non_exhaustive()
    }
}

impl PushMessage {
    fn ttl(&self) -> u32 {
        self.ttl_seconds.min(MAX_TTL_SECONDS)
    }

    /// The tag as services accept it: 32 characters of base64url (RFC 8030, 5.4, has no longer ones).
    fn collapse_key(&self) -> Option<String> {
        let tag = self.tag.as_ref()?;
        let hash = digest(&SHA256, tag.as_bytes());
        Some(URL_SAFE_NO_PAD.encode(hash.as_ref().get(..24)?))
    }
}

/// How urgent a message is (RFC 8030, 5.3). For apps it is either high or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// For a device on power and Wi-Fi.
    VeryLow,
    /// For a device on power or Wi-Fi.
    Low,
    /// For a device on neither.
    Normal,
    /// For a device whose battery is low too.
    High,
}

/// A device. Whoever knows its values can send to it, so `Debug` shows the host alone.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A browser, with what its `PushSubscription` says (W3C Push API).
    WebPush {
        /// The address at the push service, which [`check_endpoint`] accepts.
        endpoint: String,
        /// The browser's public key: an uncompressed point of P-256 in base64url.
        p256dh: String,
        /// The secret that the browser shares: 16 bytes in base64url.
        auth: String,
    },
    /// An app on Android or iOS.
    Fcm {
        /// The registration token that Firebase gave the app.
        token: String,
    },
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebPush { endpoint, .. } => {
                let endpoint = check_endpoint(endpoint, Networks::Any);
                let host = endpoint.as_ref().map_or("?", |endpoint| endpoint.host());
                f.debug_struct("WebPush").field("host", &host).finish_non_exhaustive()
            }
            Self::Fcm { .. } => f.debug_struct("Fcm").finish_non_exhaustive(),
        }
    }
}

/// Why a message was not accepted. No text in it contains an endpoint, a token or a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The device cannot be reached with this target ever again, so the target should be deleted.
    #[error("the device is gone")]
    Gone,
    /// The same message may be accepted later.
    #[error("not now: {reason}")]
    Temporary {
        /// What happened, for the log.
        reason: String,
        /// How long the service asks to wait, at most a day.
        retry_after: Option<Duration>,
    },
    /// The same message will be refused again. The target may be right all the same.
    #[error("refused: {reason}")]
    Permanent {
        /// What happened, for the log.
        reason: String,
    },
}

impl PushError {
    fn permanent(reason: impl fmt::Display) -> Self {
        Self::Permanent { reason: reason.to_string() }
    }

    fn temporary(reason: impl fmt::Display) -> Self {
        Self::Temporary { reason: reason.to_string(), retry_after: None }
    }
}

/// Why settings for push cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The VAPID key is not 32 bytes, or not a private key of P-256.
    #[error("the VAPID key is no private key of P-256 (32 bytes, and neither zero nor too large)")]
    VapidKey,
    /// The VAPID subject is not a way to reach the operator.
    #[error(
        "must be mailto: and your e-mail address, or an https:// address, at a domain of your own that others can reach (not localhost, \
         an IP address, or a domain for examples): push services refuse all others"
    )]
    Subject,
    /// The service account of Firebase cannot be used.
    #[error("the service account: {0}")]
    ServiceAccount(&'static str),
    /// The address of Firebase cannot be used.
    #[error("the address of Firebase is not https")]
    FcmBase,
    /// The machine has no source of random bytes.
    #[error("no random bytes")]
    Random,
}

/// What a [`Pusher`] is built from.
#[derive(Clone, Debug)]
pub struct PushSettings {
    /// The key that all subscriptions of browsers are bound to.
    pub vapid_key: VapidKey,
    /// How a push service reaches the operator: `mailto:` and an address, or `https:` and a page (RFC 8292, 2.1).
    pub vapid_subject: String,
    /// The account that may send by Firebase; without it, messages to apps are refused.
    pub service_account: Option<ServiceAccount>,
    /// Where Firebase answers; [`FCM_BASE`] except in tests.
    pub fcm_base: String,
    /// Which networks may be reached; [`Networks::PublicOnly`] except in tests.
    pub networks: Networks,
    /// A push service of the operator's own, which is reached wherever it is.
    pub own_service: Option<OwnService>,
    /// How long one call may take; [`TIMEOUT`] except in tests.
    pub timeout: Duration,
}

impl PushSettings {
    /// Settings for browsers alone, with the usual limits.
    pub fn new(vapid_key: VapidKey, vapid_subject: impl Into<String>) -> Self {
        Self {
            vapid_key,
            vapid_subject: vapid_subject.into(),
            service_account: None,
            fcm_base: FCM_BASE.into(),
            networks: Networks::PublicOnly,
            own_service: None,
            timeout: TIMEOUT,
        }
    }

    /// Checks the endpoint of a browser's subscription, as [`check_endpoint`] does, except that the operator's own push service
    /// may be at any address.
    pub fn check_endpoint(&self, text: &str) -> Result<Endpoint, EndpointError> {
        match &self.own_service {
            Some(own) if own.has(text) => check_endpoint(text, Networks::Any),
            Some(_) | None => check_endpoint(text, self.networks),
        }
    }
}

/// Sends push messages. It keeps connections, so one is made and shared by all threads.
#[derive(Debug)]
pub struct Pusher {
    web_push: web_push::WebPush,
    fcm: Option<fcm::Fcm>,
}

impl Pusher {
    /// A pusher with these settings; fails when one of them cannot work.
    pub fn new(settings: PushSettings) -> Result<Self, SetupError> {
        let fcm = settings
            .service_account
            .clone()
            .map(|account| fcm::Fcm::new(account, &settings.fcm_base, settings.networks, settings.timeout));
        Ok(Self { fcm: fcm.transpose()?, web_push: web_push::WebPush::new(settings)? })
    }

    /// The VAPID public key that browsers subscribe with (`applicationServerKey` of the W3C Push API): an uncompressed
    /// point of P-256, 65 bytes, in base64url without padding.
    pub fn vapid_public_key(&self) -> &str {
        self.web_push.public_key()
    }

    /// Whether it can send to apps, for which it needs a service account of Firebase.
    pub const fn reaches_apps(&self) -> bool {
        self.fcm.is_some()
    }

    /// Sends one message to one device; `Ok` says that the push service accepted it, not that the device showed it.
    ///
    /// It blocks for at most [`PushSettings::timeout`] with a browser. With an app it blocks for at most four times
    /// that, since a token may have to be fetched, and fetched once more. The time `now` dates the signed tokens.
    pub fn send(&self, target: &Target, message: &PushMessage, now: Timestamp) -> Result<(), PushError> {
        match target {
            Target::WebPush { endpoint, p256dh, auth } => self.web_push.send(endpoint, p256dh, auth, message, now),
            Target::Fcm { token } => match &self.fcm {
                Some(fcm) => fcm.send(token, message, now),
                None => Err(PushError::permanent("no service account for Firebase is set")),
            },
        }
    }
}

/// The part of a JSON web token that is signed (RFC 7515, 5.1).
fn signing_input(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// An object of the fields that are there.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
