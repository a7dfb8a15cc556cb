//! Telephone numbers: read as people write them, kept in the international form of E.164, and shown as people write them.

use super::{Country, ValueError};
use phonenumber::{Mode, Type, country::Id, metadata::DATABASE};

/// The Dutch area codes of two digits, and the numbers of services that are written like them, without the zero before them. All
/// others have three.
const SHORT_AREAS: [&str; 35] = [
    "10", "13", "15", "20", "23", "24", "26", "30", "33", "35", "36", "38", "40", "43", "45", "46", "50", "53", "55",
    "58", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "84", "85", "87", "88", "91",
];

/// A telephone number in the international form of E.164: `+31612345678`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// How many characters of what was typed are looked at.
    pub const MAX_TYPED: usize = 100;

    /// Reads a number that was written with its country code (rule CU3).
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        Self::read(input, &[])
    }

    /// Reads a number as people write it (rule CU3): with its country code, or as it is dialled in one of these countries, of
    /// which the first counts in which there can be such a number; of all but the first only a mobile number, since people move
    /// with those. Spaces, dashes, dots, slashes and brackets do not matter, nor
    /// does the zero in brackets that is dialled within a country only.
    ///
    /// ```
    /// # use domain::value::{Country, PhoneNumber};
    /// for written in ["06-12345678", "06 12 34 56 78", "0031612345678", "+31 (0)6 12345678"] {
    ///     assert_eq!(PhoneNumber::read(written, &[Country::NL]).unwrap().as_str(), "+31612345678");
    /// }
    /// ```
    pub fn read(input: &str, countries: &[Country]) -> Result<Self, ValueError> {
        if input.chars().count() > Self::MAX_TYPED {
            return Err(ValueError::TooLong { max: Self::MAX_TYPED });
        }
        let dialled = dialled(input).ok_or(ValueError::Phone)?;
        if let Some(mobile) = dutch_mobile(&dialled, countries) {
            return Ok(mobile);
        }
        if !dialled.starts_with('+') {
            let mut places = countries.iter().enumerate();
            let read = places.find_map(|(place, country)| national(&dialled, *country, place > 0));
            return read.ok_or(ValueError::Phone);
        }
        // In Italy and its like the zero belongs to the number: it is left out only where a number is left over.
        let abroad = self::dialled(&input.replace("(0)", "")).and_then(|abroad| international(&abroad));
        abroad.or_else(|| international(&dialled)).ok_or(ValueError::Phone)
    }

    /// A stored number. Countries change their numbers, so only its form is looked at.
    pub fn stored(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let plausible =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        plausible.then(|| Self(text.to_owned()))
    }

    /// The number in the form `+31612345678`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number in groups, as people of its own country write it: `06 12 34 56 78`, `0475 12 34 56`.
    pub fn national(&self) -> String {
        match self.dutch() {
            Some(number) => dutch(number),
            None => self.written(Mode::National),
        }
    }

    /// The number in groups, as Dutch people write it: a number of another country as it is dialled from abroad
    /// (`+32 475 12 34 56`).
    pub fn shown(&self) -> String {
        if self.0.starts_with("+31") { self.national() } else { self.written(Mode::International) }
    }

    /// The number in groups as it can be read again in a country: as people of that country write it when it is a number of theirs,
    /// else with its country code.
    pub fn shown_in(&self, country: Country) -> String {
        let national = self.national();
        let again = Self::read(&national, &[country]);
        if again.as_ref() == Ok(self) { national } else { self.written(Mode::International) }
    }

    /// The digits behind the zero of an ordinary Dutch number. Those of some services are shorter.
    fn dutch(&self) -> Option<&str> {
        self.0.strip_prefix("+31").filter(|number| number.len() == 9)
    }

    fn written(&self, mode: Mode) -> String {
        let number = phonenumber::parse(None, &self.0);
        number.map_or_else(|_| self.0.clone(), |number| number.format().mode(mode).to_string())
    }
}

/// What is dialled when someone typed this: its digits, behind a plus when they begin with a country code. None when it has
/// anything else than digits and what people write between them.
fn dialled(input: &str) -> Option<String> {
    let mut digits = String::new();
    for c in input.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | '＋' if digits.is_empty() => digits.push('+'),
            _ if is_between(c) => {}
            _ => return None,
        }
    }
    let abroad = digits.strip_prefix("00").map(|rest| format!("+{rest}"));
    Some(abroad.unwrap_or(digits)).filter(|digits| !digits.is_empty())
}

/// Whether people write this between digits. Address books put signs around numbers that nobody sees.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '/' | '\\' | '(' | ')' | '[' | ']' | '_' | ',' | '·' | '•' | '\u{2010}'
                ..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
        )
        || (super::is_unsafe(c, false) && !c.is_control())
        || super::is_joiner(c)
}

/// The Dutch mobile number that these digits are, as most are that a garage writes down: of these nobody needs to ask the plans of
/// all countries, which takes many times as long. All that begins with 06 is for mobile services, also what nobody has yet.
fn dutch_mobile(dialled: &str, countries: &[Country]) -> Option<PhoneNumber> {
    let is_at_home = countries.first() == Some(&Country::NL);
    let at_home = |start| dialled.strip_prefix(start).filter(|_| is_at_home);
    let abroad = dialled.strip_prefix("+31").map(|number| number.strip_prefix('0').unwrap_or(number));
    let number = abroad.or_else(|| at_home("0")).or_else(|| at_home("31"))?;
    let is_mobile = number.len() == 9 && number.starts_with('6') && !number.starts_with("60");
    is_mobile.then(|| PhoneNumber(format!("+31{number}")))
}

/// The number that these digits behind a plus are.
fn international(dialled: &str) -> Option<PhoneNumber> {
    existing(&phonenumber::parse(None, dialled).ok()?)
}

/// The number that these digits are in a country, or none when it must be mobile and is not.
fn national(dialled: &str, country: Country, must_be_mobile: bool) -> Option<PhoneNumber> {
    let country: Id = country.as_str().parse().ok()?;
    let number = phonenumber::parse(Some(country), dialled).ok()?;
    let is_mobile = !must_be_mobile || matches!(number.number_type(&DATABASE), Type::Mobile | Type::FixedLineOrMobile);
    existing(&number).filter(|_| is_mobile)
}

/// The number, if its country has such numbers.
fn existing(number: &phonenumber::PhoneNumber) -> Option<PhoneNumber> {
    if !phonenumber::is_valid(number) {
        return None;
    }
    let number = number.format().mode(Mode::E164).to_string();
    // The plan has longer numbers that begin as mobile ones do; those of people have nine digits.
    let is_too_long = number.starts_with("+316") && number.len() != "+31612345678".len();
    if is_too_long { None } else { PhoneNumber::stored(&number) }
}

/// The nine digits of a Dutch number behind the zero, in groups.
fn dutch(number: &str) -> String {
    let (area, groups): (usize, &[usize]) = if number.starts_with('6') {
        (1, &[2, 2, 2, 2][..])
    } else if SHORT_AREAS.iter().any(|area| number.starts_with(area)) {
        (2, &[3, 2, 2])
    } else {
        (3, &[2, 2, 2])
    };
    format!("0{}", in_groups(number, &[&[area][..], groups].concat()))
}

/// Digits in groups of these lengths; what is left over is a group of its own.
fn in_groups(digits: &str, lengths: &[usize]) -> String {
    let mut rest = digits;
    let mut groups = vec![];
    for length in lengths {
        let (group, after) = rest.split_at_checked(*length).unwrap_or((rest, ""));
        groups.push(group);
        rest = after;
    }
    groups.push(rest);
    groups.retain(|group| !group.is_empty());
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, countries: &[&str]) -> Result<String, ValueError> {
        let countries: Vec<Country> = countries.iter().map(|country| Country::parse(country).unwrap()).collect();
        PhoneNumber::read(text, &countries).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn cu3_a_number_is_read_as_it_is_written_in_its_country() {
        for (written, country, number) in [
            ("06-12345678", "NL", "+31612345678"),
            ("06 12 34 56 78", "NL", "+31612345678"),
            ("06 – 12 34 56 78", "NL", "+31612345678"),
            ("(06) 1234 5678", "NL", "+31612345678"),
            ("0031612345678", "NL", "+31612345678"),
            ("0031 (0)6 12345678", "NL", "+31612345678"),
            ("+31 (0)6 12345678", "NL", "+31612345678"),
            ("+31(0)612345678", "BE", "+31612345678"),
            ("+31 06 12345678", "NL", "+31612345678"),
            ("31612345678", "NL", "+31612345678"),
            ("075-6123456", "NL", "+31756123456"),
            ("(075) 612 34 56", "NL", "+31756123456"),
            ("0512/12.34.56", "NL", "+31512123456"),
            ("0800-1234", "NL", "+318001234"),
            ("\u{202A}+31 6 1234 5678\u{202C}", "NL", "+31612345678"),
            ("06\u{A0}1234\u{A0}5678", "NL", "+31612345678"),
            ("0475/12.34.56", "BE", "+32475123456"),
            ("0475 12 34 56", "BE", "+32475123456"),
            ("02/512.34.56", "BE", "+3225123456"),
            ("+32 (0)475 12 34 56", "NL", "+32475123456"),
            ("0151 23456789", "DE", "+4915123456789"),
            ("030 / 901820", "DE", "+4930901820"),
            ("06 12 34 56 78", "FR", "+33612345678"),
            ("+33 (0)6 12 34 56 78", "NL", "+33612345678"),
            ("621 123 456", "LU", "+352621123456"),
            ("06 6982 1234", "IT", "+390669821234"),
            ("+39 06 6982 1234", "NL", "+390669821234"),
            ("+39 (0)6 6982 1234", "NL", "+390669821234"),
            ("07911 123456", "GB", "+447911123456"),
            ("+44 (0) 7911 123456", "GB", "+447911123456"),
            ("+1 202-555-0123", "NL", "+12025550123"),
        ] {
            assert_eq!(read(written, &[country]).as_deref(), Ok(number), "{written} in {country}");
        }
    }

    #[test]
    fn cu3_the_first_country_counts_in_which_there_is_such_a_number() {
        assert_eq!(read("0475 12 34 56", &["BE", "NL"]).as_deref(), Ok("+32475123456"));
        assert_eq!(read("06-12345678", &["BE", "NL"]).as_deref(), Ok("+31612345678"), "no number of Belgium");
        assert_eq!(read("06-1234567", &["NL", "BE"]), Err(ValueError::Phone), "a slip is no number of another country");
        assert_eq!(read("06 12 34 56 78", &["FR", "NL"]).as_deref(), Ok("+33612345678"));
        assert_eq!(read("06-12345678", &[]), Err(ValueError::Phone), "nobody says of which country");
    }

    #[test]
    fn cu3_what_is_no_number_is_refused() {
        for bad in [
            "",
            " ",
            "-",
            "+",
            "00",
            "1234",
            "06-1234567",
            "06-123456789",
            "06 12 34 56 78 90",
            "06-12345678 / 075-6123456",
            "06-12345678 (werk)",
            "geheim",
            "zie notitie",
            "0612 345 6x8",
            "+31",
            "+0612345678",
            "+999 12345678",
            "+3161234567890123",
            "06+12345678",
            "06\u{0}12345678",
            "１２３",
            "00-000-000",
            "0000000000",
            "+310000000000",
        ] {
            assert_eq!(read(bad, &["NL"]), Err(ValueError::Phone), "{bad:?}");
        }
        assert_eq!(read(&"6".repeat(101), &["NL"]), Err(ValueError::TooLong { max: 100 }));
    }

    #[test]
    fn cu3_numbers_are_written_in_groups() {
        for (number, national, shown) in [
            ("+31201234567", "020 123 45 67", "020 123 45 67"),
            ("+31200000000", "020 000 00 00", "020 000 00 00"),
            ("+31851234567", "085 123 45 67", "085 123 45 67"),
            ("+31512123456", "0512 12 34 56", "0512 12 34 56"),
            ("+31224123456", "0224 12 34 56", "0224 12 34 56"),
            ("+31612345678", "06 12 34 56 78", "06 12 34 56 78"),
            ("+318001234", "0800 1234", "0800 1234"),
            ("+3225123456", "02 512 34 56", "+32 2 512 34 56"),
            ("+32475123456", "0475 12 34 56", "+32 475 12 34 56"),
            ("+33612345678", "06 12 34 56 78", "+33 6 12 34 56 78"),
            ("+12025550123", "(202) 555-0123", "+1 202-555-0123"),
        ] {
            let stored = PhoneNumber::stored(number).unwrap();
            assert_eq!((stored.national().as_str(), stored.shown().as_str()), (national, shown));
            assert_eq!(read(shown, &["NL"]).as_deref(), Ok(number), "it can be typed as it is shown");
            assert_eq!(stored.shown_in(Country::NL), shown);
        }
        let belgian = PhoneNumber::stored("+32475123456").unwrap();
        let shown_in = |number: &PhoneNumber, country: &str| number.shown_in(Country::parse(country).unwrap());
        assert_eq!(shown_in(&belgian, "BE"), "0475 12 34 56");
        assert_eq!(shown_in(&belgian, "NL"), "+32 475 12 34 56");
        for number in ["+31612345678", "+32475123456", "+4915123456789", "+33612345678", "+390612345678"] {
            let stored = PhoneNumber::stored(number).unwrap();
            for country in ["NL", "BE", "DE", "FR", "CH", "IT", "AT", "ES"] {
                let shown = shown_in(&stored, country);
                assert_eq!(read(&shown, &[country, "NL"]).as_deref(), Ok(number), "{shown} in {country}");
            }
        }
    }

    #[test]
    fn cu3_dutch_mobile_numbers_are_those_of_the_plan_and_those_that_nobody_has_yet() {
        for start in 0..=99 {
            let digits = format!("6{start:02}345678");
            let quick = dutch_mobile(&format!("0{digits}"), &[Country::NL]);
            let planned = international(&format!("+31{digits}"));
            assert!(planned.is_none() || quick == planned, "{digits}");
            assert_eq!(quick.is_some(), start > 9, "{digits}");
        }
        for typed in ["06 98765432", "+31 (0)6 98765432", "+310698765432", "0031698765432", "31698765432"] {
            assert_eq!(read(typed, &["NL"]).as_deref(), Ok("+31698765432"), "{typed}");
        }
        assert_eq!(read("06 98765432", &["BE"]), Err(ValueError::Phone));
    }

    #[test]
    fn cu3_what_was_stored_under_other_rules_is_still_read() {
        for former in ["+310612345678", "+9991234567", "+3100000000"] {
            let stored = PhoneNumber::stored(former).unwrap();
            assert_eq!(stored.as_str(), former);
            assert!(!stored.national().is_empty() && !stored.shown().is_empty());
        }
        assert_eq!(PhoneNumber::parse("+310612345678").unwrap().as_str(), "+31612345678", "where it is certain");
        for none in ["", "0612345678", "+", "+123", "+0612345678", "+3161234567890123", "+31 6"] {
            assert_eq!(PhoneNumber::stored(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn cu3_dutch_numbers_are_read_whatever_stands_between_their_digits(
            rest in "[0-9]{7}", first in "[1-5]", signs in proptest::collection::vec("[ ./-]{0,2}", 10), start in "(0|\\+31|0031|\\+31 \\(0\\)|31)",
        ) {
            let digits = format!("6{first}{rest}");
            let between = digits.chars().zip(&signs).flat_map(|(digit, sign)| sign.chars().chain([digit]));
            let typed: String = between.collect();
            prop_assert_eq!(read(&format!("{start}{typed}"), &["NL"]), Ok(format!("+31{digits}")));
        }

        #[test]
        fn cu3_whatever_is_read_is_read_again(text in "[+0-9 ().-]{3,20}") {
            if let Ok(number) = read(&text, &["NL", "BE"]) {
                prop_assert_eq!(read(&number, &[]), Ok(number));
            }
        }

        #[test]
        fn cu3_no_text_is_too_strange(text in "\\PC{0,60}") {
            if let Ok(number) = read(&text, &["NL", "IT"]) {
                prop_assert!(PhoneNumber::stored(&number).is_some());
            }
        }
    }
}
