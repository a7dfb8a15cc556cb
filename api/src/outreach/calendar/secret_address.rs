//! The secret address of a calendar, and what is stored in place of its secret.

use crate::secret::Secret;

/// How the name of a calendar's file ends.
const SUFFIX: &str = ".ics";
/// The length of a secret: 32 bytes in base64url.
const SECRET_LENGTH: usize = 43;

/// The address of the calendar with this secret.
pub(super) fn address(public_url: &str, token: &str) -> String {
    format!("{}/calendar/{token}{SUFFIX}", public_url.trim_end_matches('/'))
}

/// The keyed hash of a secret, which is stored in its place.
pub(super) fn secret_hash(secret: &Secret, token: &str) -> [u8; 32] {
    secret.mac("calendar", &[token.as_bytes()])
}

/// The secret in the name of a calendar's file; none when it can be no secret.
pub(super) fn secret_of(file: &str) -> Option<&str> {
    let is_of_secret = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    file.strip_suffix(SUFFIX).filter(|token| token.len() == SECRET_LENGTH && token.bytes().all(is_of_secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cal1_a_name_that_can_be_no_secret_is_none() {
        let secret = crate::secret::new_token();
        assert_eq!(secret_of(&format!("{secret}.ics")), Some(secret.as_str()));
        for other in [secret.clone(), format!("{secret}.ICS"), format!("{secret}a.ics"), ".ics".into(), String::new()] {
            assert_eq!(secret_of(&other), None, "{other}");
        }
        assert_eq!(secret_of(&format!("{}/.ics", &secret[1..])), None);
        assert_eq!(address("https://a.example/", "x"), "https://a.example/calendar/x.ics");
    }
}
