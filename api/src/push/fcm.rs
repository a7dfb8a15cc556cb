//! Firebase Cloud Messaging, HTTP v1 (`POST /v1/projects/PROJECT/messages:send`), which reaches apps on Android and, by
//! Apple's service, on iOS. The server signs in with a service account: it signs an assertion (RFC 7523) and gets an
//! access token for it.
//!
//! The assertion is signed by `ring`: the crate `rsa` leaks its key by how long it takes (RUSTSEC-2023-0071).

use super::{
    Networks, PushError, PushMessage, SetupError, Urgency,
    cut::fitted,
    exchange::{Answer, agent, answer},
    object, signing_input,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use ureq::{
    Agent,
    http::{StatusCode, header},
};
use url::Url;

/// The most bytes of a message.
const MAX_MESSAGE: usize = 4_096;
/// What the access token may be used for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// For how many seconds an assertion is valid, and an access token if the answer does not say.
const HOUR: i64 = 3_600;
/// How many seconds before its end an access token is no longer used.
const MARGIN: i64 = 60;
/// The type of the details that speak about the device.
const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/// A service account of Google, from the JSON file that the Firebase console makes. `Debug` does not show its key.
#[derive(Clone)]
pub struct ServiceAccount {
    project: String,
    email: String,
    token_uri: Url,
    key_id: Option<String>,
    key: Arc<KeyPair>,
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("project", &self.project).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct AccountFile {
    project_id: String,
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: String,
}

impl ServiceAccount {
    /// Reads the JSON of a service account: `project_id`, `client_email`, `private_key` (RSA, PKCS #8 in PEM, 2,048 to
    /// 4,096 bits), `token_uri`, and `private_key_id` if there is one. The error says what is wrong with it, and
    /// repeats nothing of it.
    pub fn from_json(text: &str) -> Result<Self, SetupError> {
        let failed = SetupError::ServiceAccount;
        let file: AccountFile = serde_json::from_str(text).map_err(|_| {
            failed("it is no JSON object with project_id, client_email, private_key and token_uri, each a text")
        })?;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:_".contains(&byte);
        if file.project_id.is_empty() || !file.project_id.bytes().all(is_part) {
            return Err(failed("project_id is no name of a project"));
        }
        if !file.client_email.contains('@') {
            return Err(failed("client_email is no address"));
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(file.private_key.as_bytes())
            .map_err(|_| failed("private_key is no PKCS #8 in PEM"))?;
        let key = KeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| failed("private_key is no RSA key of 2,048 to 4,096 bits"))?;
        let token_uri = Url::parse(&file.token_uri).ok().filter(Url::has_host).ok_or(failed("token_uri is no URL"))?;
        let AccountFile { project_id: project, client_email: email, private_key_id: key_id, .. } = file;
        Ok(Self { project, email, token_uri, key_id, key: Arc::new(key) })
    }

    /// The id of the Firebase project, whose apps alone can be reached.
    pub fn project_id(&self) -> &str {
        &self.project
    }

    /// A signed assertion of who the server is (RFC 7523, 3).
    fn assertion(&self, now: i64) -> Option<String> {
        let mut header = json!({ "typ": "JWT", "alg": "RS256" });
        if let (Some(header), Some(key_id)) = (header.as_object_mut(), &self.key_id) {
            header.insert("kid".into(), key_id.as_str().into());
        }
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri.as_str(),
            "iat": now,
            "exp": now.saturating_add(HOUR),
        });
        let input = signing_input(&header, &claims);
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).ok()?;
        Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Sends to apps.
pub(super) struct Fcm {
    agent: Agent,
    account: ServiceAccount,
    /// Where messages are sent, and the hosts for the log.
    address: String,
    host: String,
    token_host: String,
    access: Mutex<Option<Access>>,
}

/// An access token, and the second since 1970 from which it is no longer used.
struct Access {
    token: Arc<str>,
    until: i64,
}

impl fmt::Debug for Fcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fcm").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Whether a message was accepted; the other outcomes are errors.
enum Sent {
    Accepted,
    /// The access token is not valid, or no longer.
    Unauthorized,
}

impl Fcm {
    pub(super) fn new(
        account: ServiceAccount,
        base: &str,
        networks: Networks,
        timeout: Duration,
    ) -> Result<Self, SetupError> {
        let is_usable = |url: &Url| match networks {
            Networks::PublicOnly => url.scheme() == "https",
            Networks::Any => matches!(url.scheme(), "https" | "http"),
        };
        if !is_usable(&account.token_uri) {
            return Err(SetupError::ServiceAccount("token_uri is not https"));
        }
        let url = Url::parse(base).ok().filter(is_usable).ok_or(SetupError::FcmBase)?;
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        Ok(Self {
            agent: agent(networks, timeout),
            address: format!("{}/v1/projects/{}/messages:send", base.trim_end_matches('/'), account.project),
            host: host(&url),
            token_host: host(&account.token_uri),
            account,
            access: Mutex::default(),
        })
    }

    pub(super) fn send(&self, token: &str, message: &PushMessage, now: Timestamp) -> Result<(), PushError> {
        let body = fitted(message, MAX_MESSAGE, |title, body| request(token, message, title, body, now))?;
        for _ in 0..2 {
            let access = self.access(now)?;
            match self.post(&access, &body, now)? {
                Sent::Accepted => return Ok(()),
                Sent::Unauthorized => self.forget(&access),
            }
        }
        Err(PushError::temporary(format_args!("{} answers 401, to a new access token too", self.host)))
    }

    fn post(&self, access: &str, body: &[u8], now: Timestamp) -> Result<Sent, PushError> {
        let request = self
            .agent
            .post(&self.address)
            .header(header::AUTHORIZATION, format!("Bearer {access}"))
            .header(header::CONTENT_TYPE, "application/json");
        outcome(&answer(request.send(body), &self.host, now)?, &self.host)
    }

    /// The access token: the kept one, or a new one. Nothing is locked while it is fetched, so threads that need it at
    /// once may each fetch one, and none waits for another.
    fn access(&self, now: Timestamp) -> Result<Arc<str>, PushError> {
        let seconds = now.as_second();
        let kept = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(access) = kept.as_ref().filter(|access| seconds < access.until) {
            return Ok(access.token.clone());
        }
        drop(kept);
        let (token, lasts) = self.fetch(now)?;
        let until = seconds.saturating_add(lasts.clamp(0, HOUR)).saturating_sub(MARGIN);
        let access = Access { token: token.clone(), until };
        *self.access.lock().unwrap_or_else(PoisonError::into_inner) = Some(access);
        Ok(token)
    }

    /// Throws the access token away, unless another thread has replaced it already.
    fn forget(&self, token: &str) {
        let mut kept = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|access| &*access.token == token) {
            *kept = None;
        }
    }

    /// A new access token, and for how many seconds it is valid (RFC 6749, 5.1).
    fn fetch(&self, now: Timestamp) -> Result<(Arc<str>, i64), PushError> {
        #[derive(Deserialize)]
        struct Granted {
            access_token: String,
            expires_in: Option<i64>,
        }
        let assertion = self.account.assertion(now.as_second());
        let assertion = assertion.ok_or_else(|| PushError::permanent("the service account's key cannot sign"))?;
        let request = self.agent.post(self.account.token_uri.as_str());
        let sent = request.send_form([("grant_type", GRANT), ("assertion", &assertion)]);
        let host = &self.token_host;
        let answer = answer(sent, host, now)?;
        let status = answer.status;
        if status == StatusCode::OK {
            let granted: Option<Granted> = serde_json::from_slice(&answer.body).ok();
            // It must be a value that a header can have.
            let granted = granted.filter(|granted| granted.access_token.bytes().all(|byte| byte.is_ascii_graphic()));
            let granted = granted.ok_or_else(|| PushError::temporary(format_args!("{host} gives no access token")))?;
            return Ok((granted.access_token.into(), granted.expires_in.unwrap_or(HOUR)));
        }
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let reason = body.as_ref().and_then(|body| word(body.get("error")?.as_str()?)).unwrap_or("no reason given");
        let told = format!("{host} answers {} to the service account ({reason})", status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            Err(answer.temporary(told))
        } else {
            Err(PushError::permanent(told))
        }
    }
}

/// The message, as Firebase expects it (reference: REST, `projects.messages`).
fn request(token: &str, message: &PushMessage, title: &str, body: &str, now: Timestamp) -> Vec<u8> {
    let (android, apple) = match message.urgency {
        Urgency::High => ("HIGH", "10"),
        Urgency::VeryLow | Urgency::Low | Urgency::Normal => ("NORMAL", "5"),
    };
    let ttl = message.ttl();
    // For Apple, 0 means now or never too.
    let until = if ttl == 0 { 0 } else { now.as_second().saturating_add(ttl.into()) };
    let key = message.collapse_key().map(Value::from);
    // On Android the key is about messages on the way, and the tag about those on the screen; for Apple, one is about
    // both.
    let tag = key.as_ref().map(|key| json!({ "tag": key }));
    json!({ "message": {
        "token": token,
        "notification": { "title": title, "body": body },
        "data": object([("url", Some(json!(message.url))), ("tag", message.tag.as_ref().map(|tag| json!(tag)))]),
        "android": object([
            ("ttl", Some(json!(format!("{ttl}s")))),
            ("priority", Some(json!(android))),
            ("collapse_key", key.clone()),
            ("notification", tag),
        ]),
        "apns": { "headers": object([
            ("apns-expiration", Some(json!(until.to_string()))),
            ("apns-priority", Some(json!(apple))),
            ("apns-collapse-id", key),
        ]) },
    } })
    .to_string()
    .into_bytes()
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Default, Deserialize)]
struct Reason {
    status: Option<String>,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(rename = "@type")]
    kind: Option<String>,
    #[serde(rename = "errorCode")]
    code: Option<String>,
    #[serde(default, rename = "fieldViolations")]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    field: Option<String>,
}

impl Reason {
    /// Firebase's own code, which only details of its own type have.
    fn code(&self) -> Option<&str> {
        self.details.iter().find(|detail| detail.kind.as_deref() == Some(FCM_ERROR))?.code.as_deref()
    }

    /// Whether a part of the message other than the token is named as wrong.
    fn is_about_message(&self) -> bool {
        let mut fields = self.details.iter().flat_map(|detail| &detail.fields);
        fields.any(|field| field.field.as_deref() != Some("message.token"))
    }
}

/// What the answer means (reference: REST, `ErrorCode`).
fn outcome(answer: &Answer, host: &str) -> Result<Sent, PushError> {
    let status = answer.status.as_u16();
    if answer.status.is_success() {
        return Ok(Sent::Accepted);
    }
    let refusal: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
    let reason = refusal.map_or_else(Reason::default, |refusal| refusal.error);
    let code = reason.code();
    let told = code.or(reason.status.as_deref()).and_then(word).unwrap_or("no reason given");
    let told = format!("{host} answers {status} ({told})");
    match (status, code) {
        // The app is no longer there, or belongs to another project.
        (404, Some("UNREGISTERED")) | (403, Some("SENDER_ID_MISMATCH")) => Err(PushError::Gone),
        // The same code says that the token is none, and that something else is wrong with the message.
        (400, Some("INVALID_ARGUMENT")) if !reason.is_about_message() => Err(PushError::Gone),
        // Firebase cannot sign in at Apple: that is set in its console.
        (401, Some("THIRD_PARTY_AUTH_ERROR")) => {
            Err(PushError::permanent(format_args!("{told}: Firebase's key for Apple may be wrong")))
        }
        (401, _) => Ok(Sent::Unauthorized),
        (429 | 500..=599, _) => Err(answer.temporary(told)),
        (300..=399, _) => Err(PushError::permanent(format_args!("{told}: redirects are not followed"))),
        _ => Err(PushError::permanent(told)),
    }
}

/// A text if it is one word of a few letters, as codes are. Others may repeat what was sent.
fn word(text: &str) -> Option<&str> {
    Some(text).filter(|text| text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_'))
}
