//! Which passwords are accepted. The API hashes them.

use crate::value::ValueError;

/// The least number of characters.
pub const MIN: usize = 12;
/// The greatest number of characters: enough for any passphrase, and a limit on the work of hashing.
pub const MAX: usize = 128;

/// The least strength, on the scale of zxcvbn from 0 to 4: "safely unguessable, moderate protection from an offline
/// attack on slow hashes".
pub const LEAST_STRENGTH: u8 = 3;

/// Checks the length of a password, which needs no knowledge of its owner.
pub fn check_length(password: &str) -> Result<(), ValueError> {
    match password.chars().count() {
        length if length < MIN => Err(ValueError::TooShort { min: MIN }),
        length if length > MAX => Err(ValueError::TooLong { max: MAX }),
        _ => Ok(()),
    }
}

/// Checks a password. `strength` measures a password of an accepted length on the scale of zxcvbn, which knows the
/// common ones. The API does the measuring, since that library reads the clock to find dates in passwords.
pub fn check(password: &str, strength: impl FnOnce(&str) -> u8) -> Result<(), ValueError> {
    check_length(password)?;
    if strength(password) < LEAST_STRENGTH {
        return Err(ValueError::PasswordTooCommon);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a13_short_long_and_weak_ones_are_refused() {
        let unmeasured = |_: &str| panic!("of the wrong length, and yet measured");
        assert_eq!(check("kort", unmeasured), Err(ValueError::TooShort { min: MIN }));
        assert_eq!(check(&"x1".repeat(65), unmeasured), Err(ValueError::TooLong { max: MAX }));
        assert_eq!(check("passwordpassword", |_| 2), Err(ValueError::PasswordTooCommon));
        assert_eq!(check("vier blije fietsen", |_| 3), Ok(()));
    }
}
