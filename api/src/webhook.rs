//! Requests that another program signs with a secret that both know, in the form of Standard Webhooks.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Instant;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use sha2::Sha256;

/// How far the time of a signature may lie from now.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// The fewest and the most bytes of a secret.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// The most signatures that a request may bring, for as many secrets.
const MOST_SIGNATURES: usize = 8;

/// The secret with which such requests are signed.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// What a request says about its signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signed<'r> {
    /// `webhook-id`: which message it is.
    pub id: &'r str,
    /// `webhook-timestamp`: when it was signed, in seconds since 1970.
    pub timestamp: &'r str,
    /// `webhook-signature`: the signatures, with a space between them.
    pub signature: &'r str,
}

impl WebhookSecret {
    /// Parses a secret: `whsec_` and its bytes in base64.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim().strip_prefix("whsec_")?).ok()?;
        BYTES.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The signature of a body, without its version; none for a secret that HMAC does not take, of which there are none.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
        Some(STANDARD.encode(self.mac(id, timestamp, body)?.finalize().into_bytes()))
    }

    /// Whether a request was signed with this secret, not long ago. How long it takes says nothing about the secret.
    pub fn has_signed(&self, signed: &Signed<'_>, body: &[u8], now: Instant) -> bool {
        let Signed { id, timestamp, signature } = signed;
        // The parts are joined by points, so that none may stand in the id.
        let is_id = (1..=200).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
        let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let at = timestamp.parse().ok().and_then(|seconds| Instant::from_second(seconds).ok());
        let is_now = at.is_some_and(|at| now.duration_since(at).abs() <= TOLERANCE);
        if !is_id || !is_number || !is_now {
            return false;
        }
        let signatures = signature.split(' ').take(MOST_SIGNATURES).filter_map(|one| one.strip_prefix("v1,"));
        signatures.filter_map(|one| STANDARD.decode(one).ok()).any(|one| {
            let mac = self.mac(id, timestamp, body);
            mac.is_some_and(|mac| mac.verify_slice(&one).is_ok())
        })
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification: its secret, message and signature.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: &str = "1614265330";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn is_good(id: &str, timestamp: &str, signature: &str, body: &[u8], now: i64) -> bool {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        secret.has_signed(&Signed { id, timestamp, signature }, body, Instant::from_second(now).unwrap())
    }

    #[test]
    fn ch3_the_example_of_the_specification_is_signed() {
        let now = 1_614_265_330;
        assert!(is_good(ID, TIMESTAMP, SIGNATURE, BODY, now));
        assert!(is_good(ID, TIMESTAMP, &format!("v1a,x v1,AAAA {SIGNATURE}"), BODY, now + 300));
        assert!(is_good(ID, TIMESTAMP, SIGNATURE, BODY, now - 300));
        let secret = WebhookSecret::parse(SECRET).unwrap();
        assert_eq!(secret.sign(ID, TIMESTAMP, BODY).as_deref(), SIGNATURE.strip_prefix("v1,"));
    }

    #[test]
    fn ch3_what_is_changed_late_or_unsigned_is_not() {
        let now = 1_614_265_330;
        for (id, timestamp, signature, body, now) in [
            ("msg_other", TIMESTAMP, SIGNATURE, BODY, now),
            (ID, "1614265331", SIGNATURE, BODY, now),
            (ID, TIMESTAMP, SIGNATURE, b"{}", now),
            (ID, TIMESTAMP, SIGNATURE, BODY, now + 301),
            (ID, TIMESTAMP, SIGNATURE, BODY, now - 301),
            (ID, TIMESTAMP, "", BODY, now),
            (ID, TIMESTAMP, "v1,", BODY, now),
            (ID, TIMESTAMP, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, now),
            ("", TIMESTAMP, SIGNATURE, BODY, now),
            (ID, "+1614265330", SIGNATURE, BODY, now),
            (ID, "99999999999999999999", SIGNATURE, BODY, now),
        ] {
            assert!(!is_good(id, timestamp, signature, body, now), "{id} {timestamp} {signature} {now}");
        }
        // The same bytes cut elsewhere: what was an id and a time is no id.
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let signature = format!("v1,{}", secret.sign("a.1614265330", TIMESTAMP, BODY).unwrap());
        assert!(!is_good("a.1614265330", TIMESTAMP, &signature, BODY, now));
    }

    #[test]
    fn ch3_a_secret_has_a_length_that_protects() {
        let of = |bytes: usize| WebhookSecret::parse(&format!("whsec_{}", STANDARD.encode(vec![7; bytes]))).is_some();
        assert!(!of(23) && of(24) && of(64) && !of(65));
        assert!(WebhookSecret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_none());
        assert_eq!(format!("{:?}", WebhookSecret::parse(SECRET).unwrap()), "WebhookSecret");
    }
}
