//! The codes of a second factor: computing those of an authenticator app, making recovery codes, and using either (rules A17
//! and A18).

use crate::{problem::Problem, secret::Secret};
use domain::{
    Instant,
    ids::AccountId,
    second_factor::{RECOVERY_BYTES, RECOVERY_CODES, SecondFactor, Typed, shown_recovery_code},
};
use hmac::{Hmac, Mac};
use persistence::{self as store, Tx, second_factor::Stored};
use sha1::Sha1;

/// How many bytes the secret of a second factor has: as many as a hash of SHA-1, which RFC 4226 advises.
pub const SECRET_BYTES: usize = 20;

/// One more than the largest code of six digits.
const MODULUS: u32 = 1_000_000;

/// The code of a time step (RFC 6238, with SHA-1 and six digits, as authenticator apps have it).
pub fn code_of(secret: &[u8], step: i64) -> u32 {
    hotp(secret, step.cast_unsigned()) % MODULUS
}

/// The number from which the digits of a code are taken (RFC 4226, section 5.3).
fn hotp(secret: &[u8], counter: u64) -> u32 {
    // HMAC takes a key of any length.
    let Ok(mut mac) = <Hmac<Sha1> as hmac::KeyInit>::new_from_slice(secret) else { return 0 };
    mac.update(&counter.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last().copied().unwrap_or_default() & 15);
    let word = hash.iter().skip(offset).take(4).fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    word & 0x7FFF_FFFF
}

/// The secret of an account's second factor, sealed for it alone.
pub fn seal(secret: &Secret, account: AccountId, plain: &[u8]) -> Result<Vec<u8>, Problem> {
    secret.seal(&usage(account), plain).map_err(|error| Problem::internal(&error.to_string()))
}

fn usage(account: AccountId) -> String {
    format!("second factor {account}")
}

/// The step whose code was typed, if it is good now.
pub fn step_of(
    secret: &Secret,
    account: AccountId,
    stored: &Stored,
    code: u32,
    now: Instant,
) -> Result<Option<i64>, Problem> {
    let plain = secret.open(&usage(account), &stored.sealed_secret);
    let plain = plain.map_err(|error| Problem::internal(&format!("a second factor cannot be opened: {error}")))?;
    Ok(stored.factor.step_of(code, now, |step| code_of(&plain, step)))
}

/// Recovery codes as they are shown once, and as they are stored.
pub struct Recovery {
    /// As they are shown.
    pub shown: Vec<String>,
    /// As they are stored.
    pub hashes: Vec<Vec<u8>>,
}

impl Recovery {
    /// New recovery codes for an account.
    pub fn new(secret: &Secret, account: AccountId) -> Self {
        let (mut shown, mut hashes) = (vec![], vec![]);
        for _ in 0..RECOVERY_CODES {
            let mut bytes = [0; RECOVERY_BYTES];
            for (target, byte) in bytes.iter_mut().zip(crate::secret::random()) {
                *target = byte;
            }
            let code = shown_recovery_code(bytes);
            hashes.push(recovery_hash(secret, account, &code.replace('-', "")));
            shown.push(code);
        }
        Self { shown, hashes }
    }
}

fn recovery_hash(secret: &Secret, account: AccountId, bare: &str) -> Vec<u8> {
    secret.mac("recovery code", &[account.0.as_bytes(), bare.as_bytes()]).to_vec()
}

/// What kind of code was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// One of the app.
    App,
    /// A recovery code.
    Recovery,
}

/// Whether someone typed what may be a recovery code. Its use is recorded, so the lock of the stream is taken before.
pub fn may_be_recovery(typed: &str) -> bool {
    matches!(Typed::parse(typed), Some(Typed::Recovery(_)))
}

/// Uses a code of an active second factor, which `stored` is, read under its lock. None when the code is wrong.
pub fn use_code(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: AccountId,
    stored: &Stored,
    typed: &str,
    now: Instant,
) -> Result<Option<Used>, Problem> {
    let SecondFactor { active: Some(_), .. } = stored.factor else { return Ok(None) };
    match Typed::parse(typed) {
        None => Ok(None),
        Some(Typed::App(code)) => {
            let Some(step) = step_of(secret, account, stored, code, now)? else { return Ok(None) };
            store::second_factor::use_step(tx, account, step)?;
            Ok(Some(Used::App))
        }
        Some(Typed::Recovery(bare)) => {
            let hash = recovery_hash(secret, account, &bare);
            Ok(store::second_factor::use_recovery_code(tx, account, &hash)?.then_some(Used::Recovery))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, appendix B, for SHA-1: the last six of their eight digits.
    #[test]
    fn a17_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        let vectors = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (second, code) in vectors {
            let step: i64 = second / 30;
            assert_eq!(hotp(secret, step.cast_unsigned()) % 100_000_000, code, "{second}");
            assert_eq!(code_of(secret, step), code % 1_000_000);
        }
    }

    #[test]
    fn a17_a_secret_opens_for_its_account_alone() {
        let secret = Secret::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE").unwrap();
        let [jan, kees] = [1, 2].map(|number| AccountId(uuid::Uuid::from_u128(number)));
        let factor = SecondFactor { begun_at: Instant::UNIX_EPOCH, active: None };
        let sealed_secret = seal(&secret, jan, &[7; SECRET_BYTES]).unwrap();
        let stored = Stored { factor, sealed_secret };
        let code = code_of(&[7; SECRET_BYTES], 0);
        assert_eq!(step_of(&secret, jan, &stored, code, Instant::UNIX_EPOCH).unwrap(), Some(0));
        assert!(step_of(&secret, kees, &stored, code, Instant::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a18_recovery_codes_differ_and_are_hashed_for_their_account() {
        let secret = Secret::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE").unwrap();
        let [jan, kees] = [1, 2].map(|number| AccountId(uuid::Uuid::from_u128(number)));
        let Recovery { shown, hashes } = Recovery::new(&secret, jan);
        let distinct: std::collections::BTreeSet<&String> = shown.iter().collect();
        assert_eq!((shown.len(), distinct.len(), hashes.len()), (RECOVERY_CODES, RECOVERY_CODES, RECOVERY_CODES));
        for (code, hash) in shown.iter().zip(&hashes) {
            let Some(Typed::Recovery(bare)) = Typed::parse(code) else { panic!("{code}") };
            assert_eq!(&recovery_hash(&secret, jan, &bare), hash);
            assert_ne!(&recovery_hash(&secret, kees, &bare), hash);
        }
    }
}
