//! Which passwords are accepted. The API hashes them.

mod common;

pub use common::COMMON;

use crate::value::{ValueError, search_key};

/// The least number of characters.
pub const MIN: usize = 12;
/// The greatest number of characters: enough for any passphrase, and a limit on the work of hashing.
pub const MAX: usize = 128;

/// The least strength, on the scale of zxcvbn from 0 to 4: "safely unguessable, moderate protection from an offline
/// attack on slow hashes".
pub const LEAST_STRENGTH: u8 = 3;

/// How many digits can be a year, a date or a number that people put behind a word. More of them are a secret of their own.
const FEW_DIGITS: usize = 8;

/// How many words of a name or an e-mail are looked at together.
const LONGEST_RUN: usize = 8;

/// Checks the length of a password, which needs no knowledge of its owner.
pub fn check_length(password: &str) -> Result<(), ValueError> {
    match password.chars().count() {
        length if length < MIN => Err(ValueError::TooShort { min: MIN }),
        length if length > MAX => Err(ValueError::TooLong { max: MAX }),
        _ => Ok(()),
    }
}

/// Checks a password (rule A13). `about` is what an attacker knows of its owner: name, e-mail, garage. `strength` measures a
/// password of an accepted length on the scale of zxcvbn, which knows the common ones. The API does the measuring, since that
/// library reads the clock to find dates in passwords.
pub fn check(password: &str, about: &[&str], strength: impl FnOnce(&str) -> u8) -> Result<(), ValueError> {
    check_length(password)?;
    if is_words_with_digits(password, about) || strength(password) < LEAST_STRENGTH {
        return Err(ValueError::PasswordTooCommon);
    }
    Ok(())
}

/// Whether a password is one known word, that word again and again, or two such words, with few digits and whatever marks
/// between them. Known are the common words, and what is known of the owner.
fn is_words_with_digits(password: &str, about: &[&str]) -> bool {
    let own = own_words(about);
    // "W3lkom" is read as "Welkom", and "We1kom" too.
    let readings = [password.to_owned(), unmasked(password, 'i'), unmasked(password, 'l')];
    readings.iter().any(|reading| is_known_words(reading, &own))
}

fn is_known_words(password: &str, own: &[String]) -> bool {
    let key = search_key(password);
    let digits = key.chars().filter(|c| c.is_numeric()).count();
    let letters = letters(&key);
    if letters.is_empty() || digits > FEW_DIGITS {
        return false;
    }
    let is_known = |word: &str| COMMON.contains(&word) || own.iter().any(|known| known == word);
    let begins = || letters.char_indices().map(|(at, _)| at).skip(1).map(|at| letters.split_at(at));
    let is_repeated = |word: &str| is_known(word) && letters.replace(word, "").is_empty();
    is_known(&letters) || begins().any(|(first, rest)| is_repeated(first) || (is_known(first) && is_known(rest)))
}

/// The letters for which digits and marks stand within a word, where people put them to make a password look harder. A `1` is
/// read as the letter `one`.
fn unmasked(password: &str, one: char) -> String {
    let letter_of = |c: char| match c {
        '0' => Some('o'),
        '1' | '!' => Some(one),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        '8' => Some('b'),
        _ => None,
    };
    let mut read = String::with_capacity(password.len());
    for (at, c) in password.char_indices() {
        let is_within = || {
            let next = password.get(at..).unwrap_or_default().chars().find(|c| letter_of(*c).is_none());
            read.ends_with(char::is_alphabetic) && next.is_some_and(char::is_alphabetic)
        };
        read.push(letter_of(c).filter(|_| is_within()).unwrap_or(c));
    }
    read
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// The words that what is known of the owner brings: each word of a name or an e-mail, and what several of them are when they
/// stand behind one another.
fn own_words(about: &[&str]) -> Vec<String> {
    let mut own = vec![];
    for text in about {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).map(|word| letters(&search_key(word))).collect();
        for first in 0..words.len() {
            let mut run = String::new();
            for word in words.iter().skip(first).take(LONGEST_RUN) {
                run.push_str(word);
                own.push(run.clone());
            }
        }
    }
    own.retain(|word| word.chars().count() > 1);
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ABOUT: &[&str] = &["Jan Jansen", "jan.jansen86@bakkerij-smit.example", "Garage De Vries B.V."];

    fn refused(password: &str) -> bool {
        check(password, ABOUT, |_| 4) == Err(ValueError::PasswordTooCommon)
    }

    #[test]
    fn a13_short_long_and_weak_ones_are_refused() {
        let unmeasured = |_: &str| panic!("of the wrong length, and yet measured");
        assert_eq!(check("kort", &[], unmeasured), Err(ValueError::TooShort { min: MIN }));
        assert_eq!(check(&"x1".repeat(65), &[], unmeasured), Err(ValueError::TooLong { max: MAX }));
        assert_eq!(check("passwordpassword", &[], |_| 2), Err(ValueError::PasswordTooCommon));
        assert_eq!(check("vier blije fietsen", &[], |_| 3), Ok(()));
    }

    #[test]
    fn a13_a_known_word_with_digits_is_refused() {
        for bad in [
            "AutoPaspoort2026",
            "autopaspoort!!",
            "Auto-Paspoort-12",
            "2026AutoPaspoort!",
            "GarageDeVries2026",
            "Garage de Vries 1",
            "devries123456",
            "DeVries-2026!",
            "jan.jansen86@bakkerij-smit.example",
            "jan.jansen86@bakkerij-smit.example1",
            "janjansen1986",
            "Jan.Jansen.01",
            "bakkerijsmit1",
            "Welkom123456",
            "welkomwelkom",
            "Welkom!Welkom!7",
            "wachtwoord12",
            "Wachtwoord-2026!",
            "zomer2026!!!!",
            "Zomer-Welkom-1",
            "geheim123456",
            "Wélkom-2026!!",
            "jansenautopaspoort1",
            "W3lk0m-2026!",
            "Aut0Pa5p00rt26",
            "we1kom202612",
            "g4r4geDeVries",
            "P@$$w0rd2026",
            "Winter20262027",
            "maandag123456",
            "Amsterdam020!",
            "1welkom2welkom3welkom",
        ] {
            assert!(refused(bad), "{bad}");
        }
    }

    #[test]
    fn a13_a_known_word_may_stand_in_a_password_with_more() {
        for good in [
            "Welkom-bij-AutoPaspoort-2019",
            "vier blije fietsen op dinsdag",
            "jansen fietst graag ver",
            "849302758392",
            "Jan849302758392",
            "de garage op de hoek",
            "zomer regen wind zand",
            "xK9#welkom#qq",
        ] {
            assert!(!refused(good), "{good}");
        }
    }

    #[test]
    fn the_common_words_are_in_the_form_that_is_compared() {
        for word in COMMON {
            assert!(letters(&search_key(word)) == *word && word.len() > 2, "{word}");
        }
    }

    proptest! {
        #[test]
        fn a13_random_long_passwords_are_accepted(password in "[A-Za-z0-9!@#$%^&*()_+=-]{16,64}") {
            prop_assert!(!refused(&password), "{password}");
        }

        #[test]
        fn a13_four_random_words_are_accepted(words in prop::collection::vec("[a-z]{4,9}", 4..7)) {
            prop_assert!(!refused(&words.join(" ")), "{words:?}");
        }

        #[test]
        fn a13_a_common_word_is_refused_however_it_is_written(
            word in prop::sample::select(COMMON), mark in "[ !.#-]{0,3}", number in "[0-9]{1,8}", is_loud in any::<bool>(),
        ) {
            let word = if is_loud { word.to_uppercase() } else { word.to_owned() };
            for password in [format!("{word}{mark}{number}"), format!("{number}{mark}{word}")] {
                prop_assert!(is_words_with_digits(&password, &[]), "{password}");
            }
        }

        #[test]
        fn a13_whatever_is_typed_can_be_judged(password in "\\PC{0,40}", about in "\\PC{0,30}") {
            let _ = is_words_with_digits(&password, &[&about]);
        }
    }
}
