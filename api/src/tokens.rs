//! Access tokens: JWTs signed with Ed25519 (`EdDSA`), which are verified without the database. The keys are in the
//! database, sealed. A new key is published first and begins to sign soon after; tokens of older keys stay valid until
//! they expire.

use crate::{
    clock::Clock,
    problem::Problem,
    secret::{Secret, random},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Instant,
    ids::{AccountId, SessionId},
    session::ACCESS_TOKEN_LIFETIME,
    value::AccountKind,
};
use ed25519_dalek::{SigningKey as DalekKey, pkcs8::EncodePrivateKey};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use persistence::{self as store, Store, StoreError};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};
use uuid::Uuid;

const SEAL: &str = "signing key";

/// How long a key is published before it begins to sign, since servers read the keys again every minute.
const PUBLISHED_FIRST: SignedDuration = SignedDuration::from_mins(2);

/// The contents of an access token. It never says what the account may reach: that is looked up with each request (rule
/// A2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: the public URL of the server (RFC 8725, 3.8).
    iss: String,
    /// For whom it is: this server's API (RFC 8725, 3.9). A copy of a server, such as one for trying things out, has another
    /// URL, and takes no tokens of the original.
    aud: String,
    /// The account.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    /// What the account is for.
    pub kind: AccountKind,
    iat: i64,
    exp: i64,
}

/// The keys in memory.
pub struct Keys {
    signing: String,
    sign: EncodingKey,
    verify: HashMap<String, (DecodingKey, String)>,
}

/// Signs and verifies access tokens.
#[derive(Clone)]
pub struct Tokens {
    /// The public URL of the server.
    issuer: Arc<str>,
    keys: Arc<RwLock<Arc<Keys>>>,
    /// The contents of tokens whose signature was verified, by the hash of the token. Verifying a signature takes
    /// longer than all other work for a small read.
    verified: Arc<Cache<[u8; 32], Claims>>,
}

/// How many verified tokens are remembered; the least used are dropped first. Each takes about 200 bytes.
const REMEMBERED: usize = 50_000;

impl Tokens {
    /// Loads the keys from the database, and makes the first one if there is none.
    pub fn load(store: &Store, secret: &Secret, clock: &dyn Clock, public_url: &str) -> Result<Self, Problem> {
        let count = store.read(store::signing_keys::list).map_err(Problem::from)?.len();
        if count == 0 {
            rotate(store, secret, clock.now())?;
        }
        let keys = Arc::new(RwLock::new(Arc::new(read(store, secret, clock.now())?)));
        Ok(Self { issuer: public_url.into(), keys, verified: Arc::new(Cache::new(REMEMBERED)) })
    }

    /// Loads the keys again, since another process may have made a new one.
    pub fn reload(&self, store: &Store, secret: &Secret, now: Instant) -> Result<(), Problem> {
        let fresh = Arc::new(read(store, secret, now)?);
        // Tokens that were signed with a deleted key must not be remembered as verified.
        let is_gone = |kid: &String| !fresh.verify.contains_key(kid);
        let forget = self.keys().verify.keys().any(is_gone);
        if let Ok(mut keys) = self.keys.write() {
            *keys = fresh;
        }
        if forget {
            self.verified.clear();
        }
        Ok(())
    }

    /// The API that takes the tokens.
    fn audience(&self) -> String {
        format!("{}/v1", self.issuer)
    }

    fn keys(&self) -> Arc<Keys> {
        match self.keys.read() {
            Ok(keys) => Arc::clone(&keys),
            Err(poisoned) => Arc::clone(&poisoned.into_inner()),
        }
    }

    /// A new access token for a session.
    pub fn issue(
        &self,
        account: AccountId,
        kind: AccountKind,
        session: SessionId,
        now: Instant,
    ) -> Result<String, Problem> {
        let keys = self.keys();
        let (iat, exp) = (now.as_second(), (now + ACCESS_TOKEN_LIFETIME).as_second());
        let iss = self.issuer.to_string();
        let claims = Claims { iss, aud: self.audience(), sub: account.0, sid: session.0, kind, iat, exp };
        let header = Header { kid: Some(keys.signing.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &keys.sign).map_err(|error| Problem::internal(&error.to_string()))
    }

    /// The contents of a token, if this server's keys signed it and it has not expired. Only `EdDSA` is accepted,
    /// whatever the token's header says.
    pub fn verify(&self, token: &str, now: Instant) -> Option<Claims> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = if let Some(claims) = self.verified.get(&hash) {
            claims
        } else {
            let claims = self.check_signature(token)?;
            self.verified.insert(hash, claims.clone());
            claims
        };
        // The expiry is compared with our own clock, which the tests can set. No leeway is needed, since we issue the
        // tokens ourselves.
        (now.as_second() < claims.exp).then_some(claims)
    }

    fn check_signature(&self, token: &str) -> Option<Claims> {
        let keys = self.keys();
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let (key, _) = keys.verify.get(&kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[self.audience()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_exp = false;
        Some(jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?.claims)
    }

    /// The public keys as a JSON Web Key Set (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> serde_json::Value {
        let keys = self.keys();
        let mut list: Vec<_> = keys.verify.iter().map(|(kid, (_, x))| (kid, x)).collect();
        list.sort();
        let list: Vec<_> = list
            .into_iter()
            .map(|(kid, x)| {
                serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x })
            })
            .collect();
        serde_json::json!({ "keys": list })
    }
}

/// Makes a new signing key, and deletes the keys whose last token has expired.
pub fn rotate(store: &Store, secret: &Secret, now: Instant) -> Result<String, Problem> {
    let key = DalekKey::from_bytes(&random());
    let public = key.verifying_key().to_bytes();
    let id = URL_SAFE_NO_PAD.encode(secret.mac("key id", &[&public])).chars().take(16).collect::<String>();
    let sealed = secret.seal(SEAL, &key.to_bytes()).map_err(|error| Problem::internal(&error.to_string()))?;
    store.write(|tx| -> Result<(), StoreError> {
        let keys = store::signing_keys::list(tx)?;
        // A key signs until the next one begins to sign; its last tokens are valid for one token lifetime after that.
        if let [newest, ..] = keys.as_slice() {
            let replaced_at = newest.created_at();
            if now.duration_since(replaced_at) > ACCESS_TOKEN_LIFETIME * 2 {
                store::signing_keys::delete_older(tx, replaced_at, &newest.id)?;
            }
        }
        let key = store::signing_keys::SigningKey::new(id.clone(), sealed.clone(), public.to_vec(), now);
        store::signing_keys::insert(tx, key)
    })?;
    Ok(id)
}

fn read(store: &Store, secret: &Secret, now: Instant) -> Result<Keys, Problem> {
    let stored = store.read(store::signing_keys::list).map_err(Problem::from)?;
    // A new key is published before it signs, so that every server knows it by then. The very first key signs at once.
    let published = stored.iter().find(|key| now.duration_since(key.created_at()) >= PUBLISHED_FIRST);
    let newest = published.or(stored.last()).ok_or_else(|| Problem::internal("there is no signing key"))?;
    let unusable =
        || Problem::internal("the signing key cannot be opened: AUTOPASPOORT_SECRET is not the one it was sealed with");
    let seed = secret.open(SEAL, &newest.sealed_private).map_err(|_| unusable())?;
    let seed: [u8; 32] = seed.try_into().map_err(|_| unusable())?;
    let der = DalekKey::from_bytes(&seed).to_pkcs8_der().map_err(|_| unusable())?;
    let mut verify = HashMap::new();
    for key in &stored {
        let x = URL_SAFE_NO_PAD.encode(&key.public);
        let decoding = DecodingKey::from_ed_components(&x).map_err(|error| Problem::internal(&error.to_string()))?;
        verify.insert(key.id.clone(), (decoding, x));
    }
    Ok(Keys { signing: newest.id.clone(), sign: EncodingKey::from_ed_der(der.as_bytes()), verify })
}
