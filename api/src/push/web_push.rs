//! Web Push: a message that only the browser can read (RFC 8291), signed with the server's key (RFC 8292), handed to
//! the push service that the browser chose (RFC 8030).

use super::{
    Networks, PushError, PushMessage, PushSettings, SetupError, Urgency,
    cut::fitted,
    endpoint::{Endpoint, is_local_name},
    exchange::{Answer, agent, answer, public_agent},
    object, signing_input,
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use p256::{
    PublicKey, SecretKey,
    ecdh::diffie_hellman,
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::sec1::ToEncodedPoint,
};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SecureRandom, SystemRandom},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};
use ureq::{Agent, http::header};
use url::{Host, Url};

/// The most bytes of an encrypted message that each push service accepts (RFC 8030, 7.2), which is the size of its only
/// record too (RFC 8291, 4).
const RECORD: u16 = 4_096;
/// The bytes around the text: salt, record size, length of the key, key, delimiter, and authentication tag (RFC 8188,
/// 2).
const AROUND: usize = 16 + 4 + 1 + POINT + 1 + 16;
/// The most bytes of the text.
const MAX_TEXT: usize = RECORD as usize - AROUND;
/// The bytes of an uncompressed point, and of the secret that a browser shares.
const POINT: usize = 65;
const AUTH: usize = 16;
/// For how many seconds a signed token is valid; RFC 8292, 2, allows 24 hours. It is used again, as section 5 there
/// advises, until this many seconds are left.
const VALID: i64 = 12 * 60 * 60;
const LEFT: i64 = 60 * 60;
/// For how many push services signed tokens are kept.
const MAX_TOKENS: usize = 100;
/// The most characters of a subject.
const MAX_SUBJECT: usize = 255;

/// base64url with or without padding: browsers leave it out, some libraries do not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The private key by which push services know the server (RFC 8292). Subscriptions are bound to it: with another key,
/// no browser that has subscribed can be reached. `Debug` does not show it.
#[derive(Clone)]
pub struct VapidKey {
    secret: SecretKey,
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VapidKey")
    }
}

impl VapidKey {
    /// A new key. It fails only when the machine has no random bytes.
    pub fn generate() -> Result<Self, SetupError> {
        let secret = new_secret().map_err(|Unspecified| SetupError::Random)?;
        Ok(Self { secret })
    }

    /// The key with these 32 bytes: the private number of P-256, the highest byte first.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SetupError> {
        let secret = Some(bytes).filter(|bytes| bytes.len() == 32).and_then(|bytes| SecretKey::from_slice(bytes).ok());
        Ok(Self { secret: secret.ok_or(SetupError::VapidKey)? })
    }

    /// The 32 bytes that [`Self::from_bytes`] reads. They are a secret.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.secret.to_bytes().into()
    }

    /// The public key, as browsers and push services expect it: an uncompressed point of P-256, 65 bytes, in base64url
    /// without padding (RFC 8292, 3.2).
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(point(&self.secret.public_key()))
    }
}

/// Why the keys of a browser's subscription are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The public key is not an uncompressed point of P-256 in base64url.
    #[error("p256dh is no uncompressed point of P-256 (65 bytes) in base64url")]
    P256dh,
    /// The shared secret is not 16 bytes in base64url.
    #[error("auth is not {AUTH} bytes in base64url")]
    Auth,
}

/// Checks the keys of a browser's subscription (RFC 8291, 3.2): `p256dh` must be an uncompressed point on P-256, and
/// `auth` 16 bytes, each in base64url. Returns what is wrong: each of the two at most once.
pub fn check_keys(p256dh: &str, auth: &str) -> Vec<KeyError> {
    [public_key(p256dh).err(), secret(auth).err()].into_iter().flatten().collect()
}

fn public_key(p256dh: &str) -> Result<PublicKey, KeyError> {
    let uncompressed: [u8; POINT] = decoded(p256dh).ok_or(KeyError::P256dh)?;
    // Of 65 bytes no other spelling of a point is read than the uncompressed one.
    PublicKey::from_sec1_bytes(&uncompressed).map_err(|_| KeyError::P256dh)
}

fn secret(auth: &str) -> Result<[u8; AUTH], KeyError> {
    decoded(auth).ok_or(KeyError::Auth)
}

/// The keys of a browser.
pub(super) struct Receiver {
    key: PublicKey,
    auth: [u8; AUTH],
}

impl Receiver {
    pub(super) fn parse(p256dh: &str, auth: &str) -> Result<Self, KeyError> {
        Ok(Self { key: public_key(p256dh)?, auth: secret(auth)? })
    }
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Longer than with its padding no text can be.
    let text = Some(text).filter(|text| text.len() <= N.div_ceil(3) * 4)?;
    LENIENT.decode(text).ok()?.try_into().ok()
}

/// Sends to browsers.
pub(super) struct WebPush {
    agent: Agent,
    /// Connects to the operator's own push service, wherever that is.
    own_agent: Agent,
    key: SigningKey,
    public_key: String,
    settings: PushSettings,
    /// The signed tokens by the origins of push services.
    tokens: Mutex<HashMap<String, Token>>,
}

/// A signed token, and the second since 1970 at which it ends.
struct Token {
    text: String,
    end: i64,
}

impl fmt::Debug for WebPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebPush").field("subject", &self.settings.vapid_subject).finish_non_exhaustive()
    }
}

impl WebPush {
    pub(super) fn new(settings: PushSettings) -> Result<Self, SetupError> {
        if !is_subject(&settings.vapid_subject) {
            return Err(SetupError::Subject);
        }
        Ok(Self {
            agent: public_agent(settings.networks, settings.timeout),
            own_agent: agent(Networks::Any, settings.timeout),
            public_key: settings.vapid_key.public_key(),
            key: SigningKey::from(settings.vapid_key.clone().secret),
            settings,
            tokens: Mutex::default(),
        })
    }

    pub(super) fn public_key(&self) -> &str {
        &self.public_key
    }

    pub(super) fn send(
        &self,
        endpoint: &str,
        p256dh: &str,
        auth: &str,
        message: &PushMessage,
        now: Timestamp,
    ) -> Result<(), PushError> {
        let is_own = self.settings.own_service.as_ref().is_some_and(|own| own.has(endpoint));
        let endpoint = self.settings.check_endpoint(endpoint).map_err(PushError::permanent)?;
        let receiver = Receiver::parse(p256dh, auth).map_err(PushError::permanent)?;
        let text = fitted(message, MAX_TEXT, |title, body| payload(message, title, body))?;
        let body = sealed(&text, &receiver).map_err(|Unspecified| PushError::permanent("it cannot be encrypted"))?;
        let agent = if is_own { &self.own_agent } else { &self.agent };
        let mut request = agent
            .post(endpoint.reveal())
            .header(header::AUTHORIZATION, self.authorization(&endpoint, now)?)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header("TTL", message.ttl().to_string())
            .header("Urgency", urgency(message.urgency));
        if let Some(topic) = message.collapse_key() {
            request = request.header("Topic", topic);
        }
        outcome(&answer(request.send(&body), endpoint.host(), now)?, endpoint.host())
    }

    /// The header by which the push service knows the server (RFC 8292, 3).
    fn authorization(&self, endpoint: &Endpoint, now: Timestamp) -> Result<String, PushError> {
        let (origin, now) = (endpoint.origin(), now.as_second());
        let header = |token: &str| format!("vapid t={token},k={}", self.public_key);
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not make the end too far away either.
        let kept = tokens.get(&origin).filter(|token| (LEFT..=VALID).contains(&token.end.saturating_sub(now)));
        if let Some(token) = kept {
            return Ok(header(&token.text));
        }
        let end = now.saturating_add(VALID);
        let text = self.token(&origin, end).ok_or_else(|| PushError::permanent("the VAPID key cannot sign"))?;
        let whole = header(&text);
        if tokens.len() >= MAX_TOKENS {
            tokens.clear();
        }
        tokens.insert(origin, Token { text, end });
        Ok(whole)
    }

    /// A token of ES256 (RFC 8292, 2).
    fn token(&self, origin: &str, end: i64) -> Option<String> {
        let claims = json!({ "aud": origin, "exp": end, "sub": self.settings.vapid_subject });
        let input = signing_input(&json!({ "typ": "JWT", "alg": "ES256" }), &claims);
        let signature: Signature = self.key.try_sign(input.as_bytes()).ok()?;
        Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }
}

/// Whether a push service can reach the operator by it. Apple answers 403 to addresses that no mail can reach.
fn is_subject(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !br#"<>"\,"#.contains(&byte);
    if text.len() > MAX_SUBJECT || !text.bytes().all(is_plain) {
        return false;
    }
    let page = match text.strip_prefix("mailto:").map(|address| address.split_once('@')) {
        Some(Some((person, domain))) => {
            let is_domain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
            Some(format!("https://{domain}/")).filter(|_| is_domain && !person.is_empty())
        }
        Some(None) => None,
        None => text.starts_with("https://").then(|| text.to_owned()),
    };
    let Some(url) = page.and_then(|page| Url::parse(&page).ok()) else { return false };
    let is_reachable = match url.host() {
        Some(Host::Domain(name)) => {
            let is_example = ["example.com", "example.net", "example.org"]
                .iter()
                .any(|example| name.strip_suffix(example).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
            !is_local_name(name) && !is_example
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
    };
    is_reachable && url.username().is_empty() && url.password().is_none()
}

/// What the browser's service worker reads.
fn payload(message: &PushMessage, title: &str, body: &str) -> Vec<u8> {
    // A browser would show the tag "null".
    let tag = message.tag.as_ref().map(|tag| json!(tag));
    let url = &message.url;
    object([("title", Some(json!(title))), ("body", Some(json!(body))), ("url", Some(json!(url))), ("tag", tag)])
        .to_string()
        .into_bytes()
}

/// The value of `Urgency` (RFC 8030, 5.3).
const fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::VeryLow => "very-low",
        Urgency::Low => "low",
        Urgency::Normal => "normal",
        Urgency::High => "high",
    }
}

/// Encrypts with a new key and salt.
fn sealed(text: &[u8], receiver: &Receiver) -> Result<Vec<u8>, Unspecified> {
    encrypted(text, receiver, &new_secret()?, random()?)
}

/// Encrypts a text (RFC 8291, 3.4) into one record with its header (RFC 8188, 2). A key and a salt are used once.
pub(super) fn encrypted(
    text: &[u8],
    receiver: &Receiver,
    sender: &SecretKey,
    salt: [u8; 16],
) -> Result<Vec<u8>, Unspecified> {
    let (ours, theirs) = (point(&sender.public_key()), point(&receiver.key));
    let shared = diffie_hellman(sender.to_nonzero_scalar(), receiver.key.as_affine());
    let keys: &[&[u8]] = &[b"WebPush: info\0", &theirs, &ours];
    let secret: [u8; 32] = derived(&receiver.auth, shared.raw_secret_bytes(), keys)?;
    let key: [u8; 16] = derived(&salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derived(&salt, &secret, &[b"Content-Encoding: nonce\0"])?;

    let mut record = text.to_vec();
    // The delimiter of the last record; there is no padding.
    record.push(2);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;

    let length = u8::try_from(ours.len()).map_err(|_| Unspecified)?;
    Ok([&salt[..], &u32::from(RECORD).to_be_bytes(), &[length], &ours, &record].concat())
}

/// `N` bytes of HKDF with SHA-256 (RFC 5869).
fn derived<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut bytes = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Length(N))?.fill(&mut bytes)?;
    Ok(bytes)
}

/// The key as an uncompressed point: 65 bytes.
fn point(key: &PublicKey) -> Vec<u8> {
    key.to_encoded_point(false).as_bytes().to_vec()
}

fn new_secret() -> Result<SecretKey, Unspecified> {
    loop {
        // One of four thousand million strings of 32 bytes is no key.
        if let Ok(secret) = SecretKey::from_slice(&random::<32>()?) {
            return Ok(secret);
        }
    }
}

fn random<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes)
}

/// What the answer of a push service means (RFC 8030, 5, 5.4 and 8.4).
fn outcome(answer: &Answer, host: &str) -> Result<(), PushError> {
    let status = answer.status.as_u16();
    let told = told(&answer.body).map_or_else(String::new, |told| format!(" ({told})"));
    let told = format!("{host} answers {status}{told}");
    match status {
        200 | 201 | 202 | 204 => Ok(()),
        404 | 410 => Err(PushError::Gone),
        429 | 500..=599 => Err(answer.temporary(told)),
        300..=399 => Err(PushError::permanent(format_args!("{told}: redirects are not followed"))),
        400 | 401 | 403 => {
            Err(PushError::permanent(format_args!("{told}: the key or the contact (--push-contact) may be wrong")))
        }
        413 => Err(PushError::permanent(format_args!("{told}: the message is too long"))),
        _ => Err(PushError::permanent(told)),
    }
}

/// The reason that some services tell in JSON: Apple a word, Mozilla a number. Any other text may repeat the endpoint.
fn told(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let word = body.get("reason").and_then(Value::as_str);
    let word = word.filter(|word| word.len() <= 40 && word.bytes().all(|byte| byte.is_ascii_alphabetic()));
    word.map(str::to_owned).or_else(|| Some(body.get("errno")?.as_u64()?.to_string()))
}
