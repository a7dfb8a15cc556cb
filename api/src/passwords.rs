//! Hashing of passwords: Argon2id with OWASP's parameters. Not more hashes run at once than there are cores.

use crate::problem::{Code, Problem};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The parameters of the OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
pub const OWASP: (u32, u32, u32) = (19_456, 2, 1);

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    turns: Arc<Semaphore>,
    /// The hash that is verified when there is no account, so that this takes as long as for a wrong password.
    decoy: Arc<str>,
}

impl Passwords {
    /// Uses the parameters `(memory in KiB, passes, lanes)`, and hashes at most `at_once` passwords at the same moment.
    pub fn new((memory, passes, lanes): (u32, u32, u32), at_once: usize) -> Result<Self, argon2::Error> {
        let params = Params::new(memory, passes, lanes, None)?;
        // No password has this hash. Making a real hash would take 19 MiB when the server starts.
        let decoy = format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${}${}", "A".repeat(22), "A".repeat(43));
        Ok(Self { params, turns: Arc::new(Semaphore::new(at_once)), decoy: decoy.into() })
    }

    /// Hashes a password; returns the hash as a PHC string.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let (params, password) = (self.params.clone(), password.to_owned());
        self.in_turn(move || hash(&params, &password))
            .await?
            .ok_or_else(|| Problem::internal("a password could not be hashed"))
    }

    /// Whether a hash is the hash of this password. Without a hash the answer is no, after the same amount of work.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Problem> {
        let known = hash.is_some();
        let (password, hash) = (password.to_owned(), hash.unwrap_or(&self.decoy).to_owned());
        let matches = self
            .in_turn(move || {
                PasswordHash::new(&hash)
                    .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _turn = tokio::time::timeout(std::time::Duration::from_secs(10), self.turns.acquire())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or_else(|| Problem::new(Code::Overloaded).retry_after(2))?;
        actix_web::web::block(work).await.map_err(|error| Problem::internal(&error.to_string()))
    }
}

/// How hard a password is to guess, from 0 to 4, for someone who knows the values in `about` (name, e-mail, garage), and the
/// words that people choose here.
pub fn strength(password: &str, about: &[&str]) -> u8 {
    let words: Vec<&str> = about.iter().chain(domain::password::COMMON).copied().collect();
    zxcvbn::zxcvbn(password, &words).score().into()
}

fn hash(params: &Params, password: &str) -> Option<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2.hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_is_verified_by_its_hash_alone() {
        let passwords = Passwords::new((8, 1, 1), 1).unwrap();
        let hash = passwords.hash("Welkom-bij-AutoPaspoort-2019").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(passwords.verify("Welkom-bij-AutoPaspoort-2019", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("welkom-bij-AutoPaspoort-2019", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("a password that nobody has", None).await.unwrap());
        assert!(PasswordHash::new(&passwords.decoy).is_ok(), "or there would be nothing to compute");
    }

    #[test]
    fn common_and_personal_passwords_are_weak() {
        let least = domain::password::LEAST_STRENGTH;
        for common in ["passwordpassword", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa"] {
            assert!(strength(common, &[]) < least, "{common}");
        }
        assert!(strength("jansen@bakkerij", &["jansen@bakkerij.example", "jansen@bakkerij"]) < least);
        for known in ["wachtwoord12", "welkom123456", "garagedevries"] {
            assert!(strength(known, &["garagedevries"]) < least, "{known}");
        }
        for hard in ["Welkom-bij-AutoPaspoort-2019", "vier blije fietsen op dinsdag"] {
            assert!(strength(hard, &["Jan"]) >= least, "{hard}");
        }
    }

    #[test]
    fn random_long_passwords_are_strong() {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        for _ in 0..200 {
            let random: String = URL_SAFE_NO_PAD.encode(crate::secret::random()).chars().take(16).collect();
            assert!(
                strength(&random, &["Jan Jansen", "jan@jansen.example"]) >= domain::password::LEAST_STRENGTH,
                "{random}"
            );
        }
    }

    #[actix_web::test]
    async fn the_parameters_are_owasps() {
        let hash = Passwords::new(OWASP, 1).unwrap().hash("x").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
