//! A stand-in for Firebase Cloud Messaging: the service that gives access tokens for a signed assertion (RFC 7523), the one that
//! takes messages in the published shape (HTTP v1), and the apps that have installed themselves.

use super::{
    push_service::{self, Message},
    source::repository,
};
use api::push::{Networks, PushSettings, ServiceAccount};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rsa::KeyPair,
    signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io::{BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

const EMAIL: &str = "push@garage-1.iam.gserviceaccount.com";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The most bytes of a message.
const LONGEST: usize = 4096;

/// What a message is answered in place of what it deserves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// Too many were sent; after so many seconds there is room again.
    Busy(u32),
    /// Something broke.
    Broken,
    /// Nothing comes, for as long as the other side waits.
    Silence,
}

#[derive(Default)]
struct State {
    /// What time it is for whoever checks an assertion.
    now: i64,
    /// Another account than the server's is expected.
    is_stranger: bool,
    /// The access token that is valid, and how many were given.
    access: Option<String>,
    given: u32,
    apps: Vec<String>,
    troubles: VecDeque<Trouble>,
    token_troubles: VecDeque<Trouble>,
    received: Vec<Value>,
    /// How often a message was sent, whatever came of it.
    attempts: usize,
    /// What was wrong with what came.
    wrong: Vec<String>,
}

/// Settings with which a server takes devices of apps, and reaches none: its Firebase has a private address.
pub(crate) fn out_of_reach() -> PushSettings {
    let url = "https://127.0.0.1:1";
    PushSettings {
        service_account: Some(account(url)),
        fcm_base: url.to_owned(),
        ..push_service::settings(Networks::PublicOnly)
    }
}

/// The account that a Firebase at this address has given.
fn account(url: &str) -> ServiceAccount {
    let account = json!({
        "type": "service_account",
        "project_id": "garage-1",
        "private_key_id": "key-1",
        "private_key": private_key(),
        "client_email": EMAIL,
        "token_uri": format!("{url}/token"),
    });
    ServiceAccount::from_json(&account.to_string()).unwrap()
}

pub(crate) struct Firebase {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Firebase {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let firebase = Self { url, state: Arc::default() };
        let (url, state) = (firebase.url.clone(), firebase.state.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (url, state) = (url.clone(), state.clone());
                std::thread::spawn(move || drop(converse(stream, &url, &state)));
            }
        });
        firebase
    }

    /// Settings with which a server sends to apps by this service. It waits for an answer for a few seconds.
    pub(crate) fn settings(&self) -> PushSettings {
        PushSettings {
            service_account: Some(account(&self.url)),
            fcm_base: self.url.clone(),
            timeout: Duration::from_secs(5),
            ..push_service::settings(Networks::Any)
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// What time it is.
    pub(crate) fn at(&self, now: domain::Instant) {
        self.change(|state| state.now = now.as_second());
    }

    /// Knows the server's account no more.
    pub(crate) fn know_nobody(&self) {
        self.change(|state| state.is_stranger = true);
    }

    /// A new app: its registration token.
    pub(crate) fn install(&self) -> String {
        self.change(|state| {
            let token = format!("app-{}:APA91b_{}", state.apps.len(), uuid::Uuid::now_v7().simple());
            state.apps.push(token.clone());
            token
        })
    }

    pub(crate) fn uninstall(&self, token: &str) {
        self.change(|state| state.apps.retain(|app| app != token));
    }

    /// The access token is valid no more.
    pub(crate) fn revoke(&self) {
        self.change(|state| state.access = None);
    }

    /// What happens to the next message that is sent.
    pub(crate) fn trouble(&self, trouble: Trouble) {
        self.change(|state| state.troubles.push_back(trouble));
    }

    /// What happens to the next one who asks for an access token.
    pub(crate) fn token_trouble(&self, trouble: Trouble) {
        self.change(|state| state.token_troubles.push_back(trouble));
    }

    /// How many access tokens were given.
    pub(crate) fn given(&self) -> u32 {
        self.change(|state| state.given)
    }

    /// How often a message was sent since this was last asked, whatever came of it.
    pub(crate) fn attempts(&self) -> usize {
        self.change(|state| std::mem::take(&mut state.attempts))
    }

    /// The messages that were taken, the oldest first. They are forgotten. Nothing that came was wrong.
    pub(crate) fn take(&self) -> Vec<Value> {
        let (received, wrong) = self.change(|state| (std::mem::take(&mut state.received), state.wrong.clone()));
        assert!(wrong.is_empty(), "{wrong:?}");
        received
    }
}

/// The key of RFC 7515, appendix A.2, which everybody knows.
fn private_key() -> String {
    std::fs::read_to_string(repository().join("api/src/push/tests/rfc7515_a2.pem")).unwrap()
}

/// The public key that belongs to it, as the service knows it.
fn public_key() -> UnparsedPublicKey<Vec<u8>> {
    let pem = private_key();
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = KeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public().as_ref().to_vec())
}

/// An answer: its status, further headers, its body.
type Reply = (&'static str, String, Value);

fn converse(stream: TcpStream, url: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = Message::read(&mut reader)? {
        let answer = match request.path.as_str() {
            "/token" => grant(&request, url, &mut state.lock().unwrap()),
            "/v1/projects/garage-1/messages:send" => send(&request, &mut state.lock().unwrap()),
            _ => Some(("404 Not Found", String::new(), Value::Null)),
        };
        let Some((status, headers, body)) = answer else {
            // Until the other side has enough of it.
            reader.read_exact(&mut [0])?;
            return Ok(());
        };
        let body = body.to_string();
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}", body.len());
        writer.write_all(format!("{head}\r\n\r\n{body}").as_bytes())?;
    }
    Ok(())
}

/// Gives an access token to whoever proves to be the service account; no answer when there is silence.
fn grant(request: &Message, url: &str, state: &mut State) -> Option<Reply> {
    match state.token_troubles.pop_front() {
        Some(Trouble::Silence) => return None,
        Some(Trouble::Broken) => return Some(("503 Service Unavailable", String::new(), Value::Null)),
        Some(Trouble::Busy(wait)) => {
            return Some(("429 Too Many Requests", format!("retry-after: {wait}\r\n"), Value::Null));
        }
        None => {}
    }
    if state.is_stranger {
        let refusal = json!({ "error": "invalid_grant", "error_description": "Invalid grant: account not found" });
        return Some(("400 Bad Request", String::new(), refusal));
    }
    if let Err(wrong) = check_assertion(request, &format!("{url}/token"), state.now) {
        state.wrong.push(wrong);
        return Some(("400 Bad Request", String::new(), json!({ "error": "invalid_grant" })));
    }
    state.given += 1;
    let token = format!("ya29.{}", state.given);
    state.access = Some(token.clone());
    Some(("200 OK", String::new(), json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" })))
}

/// Whether the request is as RFC 7523, 2.1, and the service have it: what is wrong with it.
fn check_assertion(request: &Message, audience: &str, now: i64) -> Result<(), String> {
    if request.header("content-type") != "application/x-www-form-urlencoded" {
        return Err(format!("the media type {}", request.header("content-type")));
    }
    let form = String::from_utf8_lossy(&request.body);
    let form = reqwest::Url::parse(&format!("http://form/?{form}")).unwrap();
    let fields: Vec<(String, String)> = form.query_pairs().into_owned().collect();
    let [(grant_type, grant), (name, assertion)] = &fields[..] else { return Err(format!("the fields {fields:?}")) };
    if (grant_type.as_str(), grant.as_str(), name.as_str()) != ("grant_type", GRANT, "assertion") {
        return Err(format!("the fields {fields:?}"));
    }
    let (input, signature) = assertion.rsplit_once('.').ok_or("no signature")?;
    let (header, claims) = input.split_once('.').ok_or("no claims")?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|error| error.to_string());
    let read = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).map_err(|error| error.to_string());
    let verified = public_key().verify(input.as_bytes(), &decoded(signature)?);
    verified.map_err(|_| "the signature is not of the account's key".to_owned())?;
    let (header, claims) = (read(header)?, read(claims)?);
    if header != json!({ "alg": "RS256", "typ": "JWT", "kid": "key-1" }) {
        return Err(format!("the header {header}"));
    }
    for (claim, expected) in [("iss", EMAIL), ("scope", SCOPE), ("aud", audience)] {
        if claims[claim] != expected {
            return Err(format!("{claim} is {}", claims[claim]));
        }
    }
    let (issued, ends) = (claims["iat"].as_i64().ok_or("no iat")?, claims["exp"].as_i64().ok_or("no exp")?);
    if issued > now || ends <= now || ends - issued > 3600 {
        return Err(format!("it is {now}, and the assertion is valid from {issued} to {ends}"));
    }
    Ok(())
}

/// An error as the service words it (reference: REST, `ErrorCode`).
fn refusal(status: &'static str, code: &str, kind: &str, headers: String) -> Reply {
    let number: u16 = status.split(' ').next().unwrap().parse().unwrap();
    let details = json!([{ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code }]);
    let error = json!({ "code": number, "message": "It did not work.", "status": kind, "details": details });
    (status, headers, json!({ "error": error }))
}

/// Takes a message; no answer when there is silence.
fn send(request: &Message, state: &mut State) -> Option<Reply> {
    state.attempts += 1;
    match state.troubles.pop_front() {
        Some(Trouble::Silence) => return None,
        Some(Trouble::Broken) => {
            return Some(refusal("500 Internal Server Error", "INTERNAL", "INTERNAL", String::new()));
        }
        Some(Trouble::Busy(wait)) => {
            let after = format!("retry-after: {wait}\r\n");
            return Some(refusal("429 Too Many Requests", "QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED", after));
        }
        None => {}
    }
    let bearer = state.access.as_ref().map(|token| format!("Bearer {token}"));
    if bearer.as_deref() != Some(request.header("authorization")) {
        let error = json!({ "code": 401, "message": "Request had invalid credentials.", "status": "UNAUTHENTICATED" });
        return Some(("401 Unauthorized", String::new(), json!({ "error": error })));
    }
    let message = match check_message(request) {
        Ok(message) => message,
        Err(wrong) => {
            state.wrong.push(wrong);
            return Some(refusal("400 Bad Request", "INVALID_ARGUMENT", "INVALID_ARGUMENT", String::new()));
        }
    };
    if !state.apps.iter().any(|app| message["token"] == **app) {
        return Some(refusal("404 Not Found", "UNREGISTERED", "NOT_FOUND", String::new()));
    }
    state.received.push(message);
    let name = format!("projects/garage-1/messages/{}", state.received.len());
    Some(("200 OK", String::new(), json!({ "name": name })))
}

/// The message, if it has the published shape; else what is wrong with it.
fn check_message(request: &Message) -> Result<Value, String> {
    if request.header("content-type") != "application/json" || request.body.len() > LONGEST {
        return Err(format!("{} bytes of {}", request.body.len(), request.header("content-type")));
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
    let shape = jsonschema::validator_for(&published_shape()).unwrap();
    let wrong: Vec<String> =
        shape.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if wrong.is_empty() { Ok(body["message"].clone()) } else { Err(wrong.join("; ")) }
}

/// The body of `projects.messages.send`, by its reference: a field of another name or kind is refused there too. Of what is for
/// web pages and of Apple's payload nothing is sent.
fn published_shape() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let object =
        |properties: Value| json!({ "type": "object", "properties": properties, "additionalProperties": false });
    let mut message = object(json!({
        "name": text,
        "token": { "type": "string", "minLength": 1 },
        "topic": text,
        "condition": text,
        // Words that the service keeps to itself.
        "data": { "type": "object", "additionalProperties": { "type": "string" }, "propertyNames":
            { "not": { "pattern": "^(from|message_type|google\\..*|gcm\\..*)$" } } },
        "notification": object(json!({ "title": text, "body": text, "image": text })),
        "android": object(json!({
            "collapse_key": text,
            "priority": { "enum": ["NORMAL", "HIGH"] },
            "ttl": { "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,9})?s$" },
            "restricted_package_name": text,
            "data": texts,
            "notification": object(json!({
                "title": text, "body": text, "icon": text, "color": text, "sound": text, "tag": text, "click_action": text,
                "channel_id": text, "ticker": text, "sticky": { "type": "boolean" }, "image": text,
            })),
            "direct_boot_ok": { "type": "boolean" },
        })),
        "apns": object(json!({
            "headers": {
                "type": "object",
                "properties": {
                    "apns-expiration": { "type": "string", "pattern": "^[0-9]+$" },
                    "apns-priority": { "enum": ["1", "5", "10"] },
                    "apns-collapse-id": { "type": "string", "maxLength": 64 },
                },
                "additionalProperties": false,
            },
        })),
    }));
    // A message is for one app, for a topic, or for a condition.
    message["oneOf"] = json!([{ "required": ["token"] }, { "required": ["topic"] }, { "required": ["condition"] }]);
    let mut body = object(json!({ "message": message, "validate_only": { "type": "boolean" } }));
    body["required"] = json!(["message"]);
    body
}
