//! What is searched: names, telephone numbers and postal codes in the form in which they are compared, and what someone types to
//! find them.

use super::{PhoneNumber, ValueError, line};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// How many words that stand beside each other are sought as one too: names have few short words before the last.
const JOINED: usize = 5;

/// How many digits a country code and a zero have at least with what follows them, so that someone who typed them meant a
/// telephone number.
const DIGITS_ABROAD: usize = 5;

/// The form in which names are compared: lower case, without accents, in the letters of the Latin alphabet where a letter is a
/// variant of one, words separated by one space.
///
/// ```
/// assert_eq!(domain::value::search_key("  Café  De ZÈBRA-crossing "), "cafe de zebra crossing");
/// assert_eq!(domain::value::search_key("Yılmaz, Straße, Łódź, Sørensen"), "yilmaz strasse lodz sorensen");
/// ```
pub fn search_key(input: &str) -> String {
    let mut folded = String::with_capacity(input.len());
    for c in input.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match plain(c) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(if c.is_alphanumeric() { c } else { ' ' }),
        }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters that people type for one that Unicode does not take apart.
const fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ŋ' => "ng",
        'ı' | 'ɨ' => "i",
        'ȷ' => "j",
        'ł' | 'ƚ' => "l",
        'ø' | 'ɵ' => "o",
        'đ' | 'ð' | 'ɖ' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ĸ' => "k",
        'ƀ' => "b",
        'ǥ' => "g",
        'ƶ' => "z",
        'ʉ' => "u",
        'ə' | 'ǝ' => "e",
        _ => return None,
    })
}

/// The form in which a name is kept to be sorted and found: its words, and behind two spaces what they are in one, so that
/// `obrien`, `dartagnan` and `vandenberg` find *O'Brien*, *d'Artagnan* and *Van den Berg*.
///
/// ```
/// assert_eq!(domain::value::name_key("Jan"), "jan");
/// assert_eq!(domain::value::name_key("Van den Berg"), "van den berg  vandenberg denberg");
/// ```
pub fn name_key(name: &str) -> String {
    let key = search_key(name);
    let words: Vec<&str> = key.split(' ').collect();
    let joined: Vec<String> = (0..words.len())
        .map(|first| words.iter().skip(first).take(JOINED).copied().collect())
        .take(words.len().saturating_sub(1))
        .collect();
    if joined.is_empty() { key } else { format!("{key}  {}", joined.join(" ")) }
}

/// The text in which a customer is sought: the name, the e-mail, the telephone number as it is dialled at home and from abroad,
/// the postal code and the place. A space stands before each word, so that `% word` finds the beginnings of words.
pub fn search_text(
    name: &str,
    email: Option<&str>,
    phone: Option<&PhoneNumber>,
    postcode: Option<&str>,
    place: Option<&str>,
) -> String {
    let mut text = format!(" {}", name_key(name));
    let mut add = |word: &str| {
        if !word.is_empty() {
            text.push(' ');
            text.push_str(word);
        }
    };
    add(&email.map(search_key).unwrap_or_default());
    if let Some(phone) = phone {
        let abroad = phone.as_str().trim_start_matches('+');
        let home: String = phone.national().chars().filter(char::is_ascii_digit).collect();
        add(abroad);
        add(&home);
        add(home.trim_start_matches('0'));
    }
    for written in [postcode, place].into_iter().flatten() {
        add(&name_key(written));
    }
    text
}

/// The words that someone typed to find something, each of which must be the beginning of a word in a [`search_text`]. Digits in
/// groups are one word, and those of a telephone number are as it is dialled. None when there is nothing to find.
///
/// ```
/// assert_eq!(domain::value::sought_words("Jansen 06-98 76"), ["jansen", "069876"]);
/// assert_eq!(domain::value::sought_words("+31 (0)6 9876"), ["3169876"]);
/// assert!(domain::value::sought_words("%").is_empty());
/// ```
pub fn sought_words(typed: &str) -> Vec<String> {
    let is_abroad = typed.contains('+') || typed.trim_start().starts_with("00");
    let key = if is_abroad { search_key(&typed.replace("(0)", "")) } else { search_key(typed) };
    let mut words: Vec<String> = Vec::new();
    for word in key.split(' ').filter(|word| !word.is_empty()) {
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match words.last_mut().filter(|before| are_digits(before) && are_digits(word)) {
            Some(before) => before.push_str(word),
            None => words.push(word.to_owned()),
        }
    }
    for word in &mut words {
        let abroad = word.strip_prefix("00").filter(|rest| rest.len() >= DIGITS_ABROAD).map(str::to_owned);
        if let Some(abroad) = abroad.filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
            *word = abroad;
        }
    }
    words
}

/// What someone types to find something: one line, as [`line()`]. It has a letter or a digit: nothing else is compared, so
/// a text without one would be found everywhere.
pub fn sought(input: &str, max: usize) -> Result<String, ValueError> {
    let line = line(input, max)?;
    if search_key(&line).is_empty() { Err(ValueError::NoLetterOrDigit) } else { Ok(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_has_a_letter_or_a_digit() {
        for (typed, line) in [(" Jan ", "Jan"), ("- 7", "- 7"), ("é😀", "é😀"), ("日", "日"), ("٣", "٣")] {
            assert_eq!(sought(typed, 100).as_deref(), Ok(line));
        }
        for typed in ["-", "😀", "& - .", "´", "%", "_", "\u{301}", "…"] {
            assert_eq!(sought(typed, 100), Err(ValueError::NoLetterOrDigit), "{typed}");
            assert!(sought_words(typed).is_empty() && name_key(typed).is_empty());
        }
        assert_eq!((sought(" ", 100), sought("jan", 2)), (Err(ValueError::Blank), Err(ValueError::TooLong { max: 2 })));
    }

    #[test]
    fn search_ignores_case_accents_and_punctuation() {
        assert_eq!(search_key("Bäckerei O'Neill & Zn."), "backerei o neill zn");
        assert_eq!(search_key("ﬁets İstanbul"), "fiets istanbul");
    }

    #[test]
    fn cu5_letters_that_unicode_does_not_take_apart_are_found_by_plain_ones() {
        for (name, key) in [
            ("Fatima Yılmaz", "fatima yilmaz"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Łukasz Wałęsa", "lukasz walesa"),
            ("Sørensen", "sorensen"),
            ("Đorđević", "dordevic"),
            ("Ħal Għaxaq", "hal ghaxaq"),
            ("Æbelø", "aebelo"),
            ("Œuvre", "oeuvre"),
            ("Þórður Guðmundsson", "thordur gudmundsson"),
            ("IJsselstein ĳsbaan", "ijsselstein ijsbaan"),
            ("Əliyev", "eliyev"),
            ("Μαρία", "μαρια"),
            ("王小明", "王小明"),
        ] {
            assert_eq!(search_key(name), key);
            assert_eq!(search_key(&search_key(name)), key, "a key is its own key");
        }
    }

    /// Whether what was typed finds a customer of this name.
    fn finds(typed: &str, text: &str) -> bool {
        let words = sought_words(typed);
        !words.is_empty() && words.iter().all(|word| text.contains(&format!(" {word}")))
    }

    #[test]
    fn cu5_a_name_is_found_without_what_stands_between_its_words() {
        let named = |name: &str| search_text(name, None, None, None, None);
        for (name, typed) in [
            ("Seán O'Brien", &["obrien", "o'brien", "o brien", "O’BRIEN", "brien", "sean obr"][..]),
            ("Charles d'Artagnan", &["dartagnan", "d'artagnan", "artagnan", "d artagnan"]),
            (
                "Jan van den Berg",
                &["vandenberg", "van den berg", "van denberg", "berg", "vanden berg", "janvandenberg", "berg jan"],
            ),
            ("Aannemersbedrijf Jansen-Bakker", &["jansenbakker", "jansen-bakker", "bakker", "jansen bakker"]),
            ("Garage 's-Gravenhage", &["sgravenhage", "gravenhage", "'s-gravenhage"]),
            ("24/7 Pechhulp", &["24/7", "247", "pechhulp", "24 7 pechhulp"]),
        ] {
            for typed in typed {
                assert!(finds(typed, &named(name)), "{typed} finds {name}");
            }
        }
        for (name, typed) in
            [("Jan van den Berg", "andenberg"), ("Seán O'Brien", "rien"), ("Jansen", "%"), ("Jansen", "")]
        {
            assert!(!finds(typed, &named(name)), "{typed} does not find {name}");
        }
    }

    #[test]
    fn cu5_numbers_and_postcodes_are_found_in_any_spelling() {
        let phone = PhoneNumber::parse("+31698765432").unwrap();
        let text = search_text("Jan", Some("j.jansen@post.example"), Some(&phone), Some("4321 ZX"), Some("Den Haag"));
        for typed in [
            "06 98765432",
            "06-98 76 54 32",
            "0698765432",
            "06987",
            "+31698765432",
            "+31 6 98765432",
            "+31 (0)6 98765432",
            "0031 6 9876 5432",
            "0031698765432",
            "31698765432",
            "698765432",
            "4321zx",
            "4321 ZX",
            "4321-zx",
            "4321",
            "denhaag",
            "haag jan 06 98",
            "j.jansen@post.example",
        ] {
            assert!(finds(typed, &text), "{typed}");
        }
        for typed in ["98765432", "4321 zy", "06 98765433", "0032698765432"] {
            assert!(!finds(typed, &text), "{typed}");
        }
        let belgian = PhoneNumber::parse("+32475123456").unwrap();
        let text = search_text("Jan", None, Some(&belgian), Some("9000"), None);
        assert!(["0475/12.34.56", "+32 475 12 34 56", "9000"].iter().all(|typed| finds(typed, &text)));
    }

    #[test]
    fn cu5_names_sort_by_their_words() {
        let mut names = ["Jansen", "Jan Zandstra", "Jan", "Jan Bakker", "Ja"];
        names.sort_by_key(|name| name_key(name));
        assert_eq!(names, ["Ja", "Jan", "Jan Bakker", "Jan Zandstra", "Jansen"]);
    }
}
