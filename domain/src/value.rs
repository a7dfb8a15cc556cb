//! Values that check themselves: text, e-mail addresses, telephone numbers, postal codes, countries, languages.
//!
//! A value that exists is valid. Input from which no value can be made gives a [`ValueError`], whose code the API shows
//! beside the field's name.

mod email;
mod kinds;
mod name;
mod person_name;
mod phone;
mod postcode;
mod sought;
mod written;

pub use email::EmailAddress;
pub use kinds::{AccountKind, DecisionChannel, FleetBegin, LiftReason, LinkChangeKind, StaffRole, TransferKind};
pub use name::name;
pub use person_name::{PersonName, sort_key};
pub use phone::PhoneNumber;
pub use postcode::postcode;
pub use sought::{name_key, search_key, search_text, sought, sought_words};
pub use written::written_date;

use crate::coded_enum;
use rust_decimal::Decimal;
use std::str::FromStr;

/// Why a value was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// It is empty, or has only white space.
    Blank,
    /// It has too few characters.
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// It has too many characters.
    TooLong {
        /// The greatest number of characters.
        max: usize,
    },
    /// It has a control character (such as NUL), a letter that nobody sees, or one that turns the direction of the text.
    ControlCharacter,
    /// It has a web address, where a name stands.
    WebAddress,
    /// It has no letter and no digit, where only those are compared.
    NoLetterOrDigit,
    /// It is not an e-mail address.
    Email,
    /// It is not a telephone number of the countries by which it is read.
    Phone,
    /// It has not the form of the postal codes of its country.
    Postcode,
    /// It has a character that no licence plate has.
    LicencePlateCharacter,
    /// It has a letter of another script that looks like a Latin one.
    LicencePlateScript {
        /// The letter.
        letter: char,
        /// The Latin letter that it looks like.
        latin: char,
    },
    /// It has none of the fourteen Dutch layouts.
    LicencePlateLayout,
    /// It has none of the fourteen Dutch layouts, but would have with signs that look alike, such as 0 for O.
    LicencePlateSlip {
        /// What was probably meant, as it is shown.
        meant: [char; 8],
    },
    /// It is not the code of a country (ISO 3166-1 alpha-2).
    Country,
    /// It is not the code of a currency that people pay with today (ISO 4217).
    Currency,
    /// It is not a vehicle identification number of 17 characters (ISO 3779).
    Vin,
    /// It is not the end of a vehicle identification number: the last four signs.
    VinEnd,
    /// The number is out of its range.
    OutOfRange {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// It has too many items.
    TooMany {
        /// The greatest number of items.
        max: usize,
    },
    /// The catalogue of service tasks has no such key.
    Task,
    /// It is not a decimal number written in digits with a point, or it has too many decimals.
    Decimal {
        /// The greatest number of decimals.
        decimals: u32,
    },
    /// The password is common or easily guessed.
    PasswordTooCommon,
}

impl ValueError {
    /// The code that the API shows beside the field. It never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
            Self::WebAddress => "web_address",
            Self::NoLetterOrDigit => "no_letter_or_digit",
            Self::Email => "email_invalid",
            Self::Phone => "phone_invalid",
            Self::Postcode => "postcode_invalid",
            Self::LicencePlateCharacter => "licence_plate_character",
            Self::LicencePlateScript { .. } => "licence_plate_script",
            Self::LicencePlateLayout => "licence_plate_layout",
            Self::LicencePlateSlip { .. } => "licence_plate_slip",
            Self::Country => "country_invalid",
            Self::Currency => "currency_invalid",
            Self::Vin => "vin_invalid",
            Self::VinEnd => "vin_end_invalid",
            Self::OutOfRange { .. } => "out_of_range",
            Self::TooMany { .. } => "too_many_items",
            Self::Task => "task_unknown",
            Self::Decimal { .. } => "decimal_invalid",
            Self::PasswordTooCommon => "password_too_common",
        }
    }
}

/// Characters that can make a text look like another one on a screen.
pub(crate) fn is_unsafe(c: char, lines: bool) -> bool {
    let line_break = lines && matches!(c, '\n' | '\t');
    (c.is_control() && !line_break) || turns_direction(c) || (!lines && is_invisible(c))
}

/// Characters that turn the direction of what stands behind them.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that nobody sees, and the line breaks of Unicode. With them two lines look alike and differ. Joiners are not
/// among them, since emoji and some scripts are written with them; a name or an address has none of those either.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'
            | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E007F}' | '\u{2800}' | '\u{FFFC}' | '\u{1D159}' | '\u{13430}'..='\u{13440}'
    ) || is_for_private_use(c)
}

/// Characters that mean what each program likes, and those that never will be any.
const fn is_for_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{F0000}'..='\u{10FFFF}')
        || c as u32 & 0xFFFE == 0xFFFE
}

/// Joiners and selectors of variants, which change how the letters around them look, or nothing.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// One line of text: trimmed, not blank, at most `max` characters, without control characters and
/// without letters that nobody sees.
pub fn line(input: &str, max: usize) -> Result<String, ValueError> {
    text(input, max, false)
}

/// Text of several lines: as [`line()`], but line breaks, tabs, and what word processors put between letters are allowed.
pub fn lines(input: &str, max: usize) -> Result<String, ValueError> {
    text(input, max, true)
}

fn text(input: &str, max: usize, lines: bool) -> Result<String, ValueError> {
    let trimmed = input.trim();
    if trimmed.is_empty() {
        return Err(ValueError::Blank);
    }
    if trimmed.chars().any(|c| is_unsafe(c, lines)) {
        return Err(ValueError::ControlCharacter);
    }
    if trimmed.chars().count() > max {
        return Err(ValueError::TooLong { max });
    }
    Ok(trimmed.to_owned())
}

/// One line made from a text of another system: characters that [`line()`] refuses are left out, and a text that is too
/// long is cut off. None when nothing is left.
pub fn cleaned(input: &str, max: usize) -> Option<String> {
    let safe: String =
        input.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(|c| !is_unsafe(*c, false)).collect();
    let cut: String = safe.trim().chars().take(max).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// A decimal number in digits, of at most `length` characters, with a point and at least one digit after it or without,
/// and without more decimals than allowed.
pub fn decimal(input: &str, length: usize, decimals: u32) -> Result<Decimal, ValueError> {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = input.strip_prefix('-').unwrap_or(input);
    let (whole, after) = unsigned.split_once('.').map_or((unsigned, None), |(whole, after)| (whole, Some(after)));
    let is_plain = input.len() <= length
        && are_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && after.is_none_or(|after| are_digits(after) && after.len() <= decimals as usize);
    let number = if is_plain { Decimal::from_str(input).ok() } else { None };
    number.map(|number| number.normalize()).ok_or(ValueError::Decimal { decimals })
}

/// A number within `min..=max`.
pub fn number(value: i64, min: i64, max: i64) -> Result<i64, ValueError> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(ValueError::OutOfRange { min, max }) }
}

/// A country, as the two capital letters of ISO 3166-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The Netherlands, the only country whose plates have rules here.
    pub const NL: Self = Self(*b"NL");

    /// Belgium.
    pub const BE: Self = Self(*b"BE");

    /// Kosovo, which has no official code in ISO 3166-1. The European Union uses this one, which ISO 3166-1 leaves to its
    /// users.
    const XK: Self = Self(*b"XK");

    /// The United Kingdom, which people also write `UK`; ISO 3166-1 leaves that code to no other country.
    const GB: Self = Self(*b"GB");

    /// Parses a code of ISO 3166-1, in capitals or small letters. `UK` is read as `GB`. `EU` stands on plates but is no
    /// country.
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        let written = Self::stored(&input.trim().to_ascii_uppercase()).ok_or(ValueError::Country)?;
        let country = if written.as_str() == "UK" { Self::GB } else { written };
        let exists = country == Self::XK || rust_iso3166::from_alpha2(country.as_str()).is_some();
        exists.then_some(country).ok_or(ValueError::Country)
    }

    /// A stored country. The list of countries may have changed since it was stored, so it is not checked against the
    /// list.
    pub fn stored(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Some(Self([*a, *b])),
            _ => None,
        }
    }

    /// The two capital letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("NL")
    }
}

/// A currency, as the three capital letters of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// Parses the code of a currency that people pay with today. Funds, metals, codes for tests, and currencies that
    /// another one has replaced are refused.
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        let currency = Self::stored(input.trim()).ok_or(ValueError::Currency)?;
        iso_currency::Currency::from_code(currency.as_str())
            .filter(|known| !known.is_fund() && !known.is_special() && known.is_superseded().is_none())
            .map(|_| currency)
            .ok_or(ValueError::Currency)
    }

    /// A stored currency. It may have been replaced since, so it is not checked against the list.
    pub fn stored(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Some(Self([*a, *b, *c])),
            _ => None,
        }
    }

    /// The three capital letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("EUR")
    }
}

/// A vehicle identification number (ISO 3779): 17 characters, without the letters I, O and Q.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vin(String);

impl Vin {
    /// Parses a number, in capitals or small letters.
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        let vin = input.trim().to_ascii_uppercase();
        let valid = vin.len() == 17
            && vin.bytes().all(|b| b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'Q')));
        if valid { Ok(Self(vin)) } else { Err(ValueError::Vin) }
    }

    /// The 17 characters, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

coded_enum! {
    /// What one can be reminded of (rule RM1).
    pub enum ReminderItem {
        /// The APK. Its due day is the last day on which the certificate is valid.
        Apk => "apk",
        /// The next due work on a car. Its due day is the predicted day.
        Maintenance => "maintenance",
        /// An offer that awaits an answer. Its due day is the last day on which it can be accepted.
        Offer => "offer",
        /// An invitation that awaits an answer. Its due day is the last day on which it can be used.
        Invitation => "invitation",
    }
}

coded_enum! {
    /// A language in which the system writes to people.
    pub enum Language {
        /// Dutch.
        Dutch => "nl",
        /// English.
        English => "en",
    }
}

/// The address of a person or company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street and house number.
    pub street: Option<String>,
    /// Postal code, as its country writes it ([`postcode()`]).
    pub postcode: Option<String>,
    /// Town or city.
    pub place: Option<String>,
    /// Country.
    pub country: Country,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_is_cleaned() {
        assert_eq!(cleaned(" KOMBI\u{0}\u{202E} \n 2.0\u{7}", 20).as_deref(), Some("KOMBI   2.0"));
        assert_eq!(cleaned("VOLKSWAGEN", 5).as_deref(), Some("VOLKS"));
        assert_eq!(cleaned("één twee", 4).as_deref(), Some("één"));
        assert_eq!((cleaned(" \u{0}\n", 5), cleaned("", 5)), (None, None));
    }

    #[test]
    fn text_is_refused_by_rule() {
        let cases = [
            ("", Err(ValueError::Blank)),
            (" \t ", Err(ValueError::Blank)),
            ("a\0b", Err(ValueError::ControlCharacter)),
            ("a\nb", Err(ValueError::ControlCharacter)),
            ("\u{202E}gnirts", Err(ValueError::ControlCharacter)),
            ("a\u{200B}b", Err(ValueError::ControlCharacter)),
            ("\u{2800}", Err(ValueError::ControlCharacter)),
            ("a\u{FFFC}", Err(ValueError::ControlCharacter)),
            ("a\u{E000}", Err(ValueError::ControlCharacter)),
            ("a\u{FFFF}", Err(ValueError::ControlCharacter)),
            ("a\u{1D159}", Err(ValueError::ControlCharacter)),
            ("a\u{2028}b", Err(ValueError::ControlCharacter)),
            ("a\u{AD}b", Err(ValueError::ControlCharacter)),
            ("\u{1F468}\u{200D}\u{1F527}", Ok("\u{1F468}\u{200D}\u{1F527}".to_owned())),
            ("abcdef", Err(ValueError::TooLong { max: 5 })),
            (" éééée ", Ok("éééée".to_owned())),
        ];
        for (input, expected) in cases {
            assert_eq!(line(input, 5), expected, "{input:?}");
        }
        assert_eq!(lines("a\nb", 5), Ok("a\nb".to_owned()));
        assert_eq!(lines("a\u{AD}b", 5), Ok("a\u{AD}b".to_owned()));
        assert_eq!(lines("a\u{202E}b", 5), Err(ValueError::ControlCharacter));
    }

    #[test]
    fn countries_and_vins() {
        assert_eq!(Country::parse("nl"), Ok(Country::NL));
        for bad in ["", "N", "NLD", "1L", "ñl", "ZZ", "XX", "EU"] {
            assert_eq!(Country::parse(bad), Err(ValueError::Country), "{bad}");
        }
        assert_eq!(Country::parse("uk").map(|country| country.as_str().to_owned()).as_deref(), Ok("GB"));
        for good in ["BE", "GB", "XK", " de "] {
            assert!(Country::parse(good).is_ok(), "{good}");
        }
        assert_eq!(Country::stored("ZZ").map(|country| country.as_str().to_owned()).as_deref(), Some("ZZ"));
        assert_eq!((Country::stored("nl"), Country::stored("NLD")), (None, None));
        for good in ["EUR", "GBP", "PLN", "CHF"] {
            assert_eq!(Currency::parse(good).unwrap().as_str(), good);
        }
        // Codes for tests, gold, and currencies that were replaced are refused.
        for bad in ["", "eur", "EURO", "ZZZ", "XXX", "XTS", "XAU", "NLG", "BGN", "HRK"] {
            assert_eq!(Currency::parse(bad), Err(ValueError::Currency), "{bad}");
        }
        assert_eq!(Currency::stored("BGN").map(|currency| currency.as_str().to_owned()).as_deref(), Some("BGN"));
        assert_eq!(Vin::parse("wvwzzz1jz3w386752").unwrap().as_str(), "WVWZZZ1JZ3W386752");
        for bad in ["WVWZZZ1JZ3W38675", "WVWZZZ1JZ3W38675O", "WVWZZZ1JZ3W386752X"] {
            assert_eq!(Vin::parse(bad), Err(ValueError::Vin), "{bad}");
        }
    }
}
