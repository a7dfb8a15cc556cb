//! Passwords: what may be one. Hashing is the API's.

use crate::value::ValueError;

/// The fewest characters.
pub const MIN: usize = 12;
/// The most characters: enough for any passphrase, and a bound on the work of hashing one.
pub const MAX: usize = 128;

/// Checks a password; `about` holds what an attacker knows of the person (name, e-mail, garage) and may not carry it.
pub fn check(password: &str, about: &[&str]) -> Result<(), ValueError> {
    let length = password.chars().count();
    if length < MIN {
        return Err(ValueError::TooShort { min: MIN });
    }
    if length > MAX {
        return Err(ValueError::TooLong { max: MAX });
    }
    // Three of four: "safely unguessable, moderate protection from an offline attack on slow hashes".
    if zxcvbn::zxcvbn(password, about).score() < zxcvbn::Score::Three {
        return Err(ValueError::PasswordTooCommon);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_long_and_common_ones_are_refused() {
        assert_eq!(check("kort", &[]), Err(ValueError::TooShort { min: MIN }));
        assert_eq!(check(&"x1".repeat(65), &[]), Err(ValueError::TooLong { max: MAX }));
        for common in ["passwordpassword", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa"] {
            assert_eq!(check(common, &[]), Err(ValueError::PasswordTooCommon), "{common}");
        }
        assert_eq!(
            check("jansen@bakkerij", &["jansen@bakkerij.example", "jansen@bakkerij"]),
            Err(ValueError::PasswordTooCommon)
        );
        assert_eq!(check("Welkom-bij-AutoPaspoort-2019", &["Jan"]), Ok(()));
    }
}
