//! What proves that a delivery report is about a mail of this server's: a header line of the mail (rule CH3).
//!
//! Anyone can write a report about a mail that was never sent. The id of a mail proves nothing, since a reply repeats it and so
//! whoever reads replies knows it. This line is in the mail's head alone, which comes back with a report and goes along with no
//! reply and no ordinary forwarding: only who got the mail has it, and they can harm nobody but themselves.

use crate::secret::Secret;
use domain::{Instant, value::EmailAddress};
use jiff::SignedDuration;
use uuid::Uuid;

/// The name of the header line.
pub const PROOF_HEADER: &str = "X-AutoPaspoort-Proof";

/// For how long a report about a mail counts. Mail servers give a mail up after some days.
pub const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);

const USAGE: &str = "delivery proof";

/// The proof of a mail: its job, the second at which it was made, and a keyed hash of both and of the address that it goes to.
pub fn make(secret: &Secret, job: Uuid, made_at: Instant, to: &EmailAddress) -> String {
    let (job, second) = (job.to_string(), made_at.as_second().to_string());
    let mark = secret.mark(USAGE, &[job.as_bytes(), second.as_bytes(), to.key().as_bytes()]);
    format!("{job}.{second}.{mark}")
}

/// What a proof says, when this server made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The job whose mail it is.
    pub job: Uuid,
    /// When the mail was made.
    pub made_at: Instant,
}

impl Proven {
    /// Whether a report about the mail still counts.
    pub fn counts(self, now: Instant) -> bool {
        now.duration_since(self.made_at) <= PROOF_LASTS
    }
}

/// Reads the proof of a mail that went to this address; none when this server made no such proof.
pub fn read(secret: &Secret, proof: &str, to: &EmailAddress) -> Option<Proven> {
    // Some mail servers write such lines in capitals; those of this server have none.
    let proof = proof.trim().to_ascii_lowercase();
    let mut parts = proof.split('.');
    let (job, second, mark) = (parts.next()?, parts.next()?, parts.next().filter(|_| parts.next().is_none())?);
    if !secret.is_mark(USAGE, &[job.as_bytes(), second.as_bytes(), to.key().as_bytes()], mark) {
        return None;
    }
    Some(Proven { job: job.parse().ok()?, made_at: Instant::from_second(second.parse().ok()?).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(filled: u8) -> Secret {
        let seed = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, [filled; 32]);
        Secret::parse(&seed).unwrap()
    }

    #[test]
    fn ch3_a_proof_says_to_whom_a_mail_went_and_when() {
        let email = |text: &str| EmailAddress::parse(text).unwrap();
        let (to, job) = (email("Jan@Jansen.example"), Uuid::from_u128(7));
        let made_at = Instant::from_second(1_800_000_000).unwrap();
        let proof = make(&secret(1), job, made_at, &to);
        let proven = Some(Proven { job, made_at });
        assert_eq!(read(&secret(1), &proof, &email("jan@jansen.example")), proven);
        assert_eq!(read(&secret(1), &format!(" {}\r\n", proof.to_uppercase()), &to), proven, "as others write it");
        assert_eq!(read(&secret(2), &proof, &to), None, "another server's");
        assert_eq!(read(&secret(1), &proof, &email("piet@jansen.example")), None);
        let later = proof.replace("1800000000", "1900000000");
        for bad in [later.as_str(), "", ".", "..", "...", &proof[1..], &proof[..proof.len() - 1], &format!("{proof}.")]
        {
            assert_eq!(read(&secret(1), bad, &to), None, "{bad}");
        }
        assert!(proof.len() + PROOF_HEADER.len() < 120, "{proof}");
    }

    #[test]
    fn ch3_a_proof_ends() {
        let made_at = Instant::from_second(1_800_000_000).unwrap();
        let proven = Proven { job: Uuid::nil(), made_at };
        let second = SignedDuration::from_secs(1);
        assert!(proven.counts(made_at + PROOF_LASTS) && !proven.counts(made_at + PROOF_LASTS + second));
        assert!(proven.counts(made_at - second), "a clock was set back");
    }
}
