//! Licence plates.
//!
//! A Dutch plate has six characters in one of fourteen layouts, the *sidecodes*; the layout alone tells where the dashes
//! stand. Plates of other countries have no rules here: the key is country and plate. The plate is printed on the car
//! for all to see, so knowing it proves nothing.

use crate::value::{Country, ValueError};

/// The fourteen Dutch layouts in the order of their sidecode, `X` for a letter and `9` for a digit.
pub const LAYOUTS: [&str; 14] = [
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X",
    "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
];

/// The most characters a foreign plate may have.
pub const FOREIGN_MAX: usize = 12;

/// A licence plate in its normal form: capitals and digits only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LicencePlate {
    country: Country,
    number: String,
}

impl LicencePlate {
    /// Reads a plate as people type it. Dashes, spaces, dots and underscores are dropped.
    ///
    /// ```
    /// use domain::{licence_plate::LicencePlate, value::Country};
    /// let plate = LicencePlate::parse(Country::NL, "tt-601-d").unwrap();
    /// assert_eq!((plate.number(), plate.shown().as_str(), plate.sidecode()), ("TT601D", "TT-601-D", Some(9)));
    /// ```
    pub fn parse(country: Country, input: &str) -> Result<Self, ValueError> {
        let plate = Self { country, number: normalise(input)? };
        match plate.number.len() {
            0 => Err(ValueError::Blank),
            _ if country == Country::NL && plate.sidecode().is_none() => Err(ValueError::LicencePlateLayout),
            length if length > FOREIGN_MAX => Err(ValueError::TooLong { max: FOREIGN_MAX }),
            _ => Ok(plate),
        }
    }

    /// The country that issued it.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The normal form, which is stored and compared.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The Dutch layout, from 1 to 14.
    pub fn sidecode(&self) -> Option<usize> {
        if self.country != Country::NL {
            return None;
        }
        LAYOUTS.iter().position(|layout| format_by(layout, &self.number).is_some()).map(|index| index + 1)
    }

    /// The form shown to people: with dashes where the layout has them.
    pub fn shown(&self) -> String {
        if self.country != Country::NL {
            return self.number.clone();
        }
        LAYOUTS.iter().find_map(|layout| format_by(layout, &self.number)).unwrap_or_else(|| self.number.clone())
    }
}

/// The normal form of what was typed, for searching by part of a plate.
///
/// Every character that is not an ASCII letter or digit is refused *before* the case is changed: full Unicode
/// upper-casing would turn `ß` into `SS` and invent a plate.
pub fn normalise(input: &str) -> Result<String, ValueError> {
    input
        .trim()
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '.' | '_'))
        .map(|c| {
            if c.is_ascii_alphanumeric() { Ok(c.to_ascii_uppercase()) } else { Err(ValueError::LicencePlateCharacter) }
        })
        .collect()
}

/// `number` with the dashes of `layout`, when it has exactly that layout.
fn format_by(layout: &str, number: &str) -> Option<String> {
    let mut shown = String::with_capacity(layout.len());
    let mut rest = number.chars();
    for mask in layout.chars() {
        if mask == '-' {
            shown.push('-');
            continue;
        }
        let c = rest.next()?;
        if c.is_ascii_digit() != (mask == '9') {
            return None;
        }
        shown.push(c);
    }
    rest.next().is_none().then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_is_shown_with_its_own_dashes() {
        for (index, layout) in LAYOUTS.iter().enumerate() {
            let typed = layout.replace('X', "b").replace('9', "4");
            let plate = LicencePlate::parse(Country::NL, &typed).unwrap();
            assert_eq!(plate.shown(), typed.to_uppercase());
            assert_eq!(plate.sidecode(), Some(index + 1), "{layout}");
        }
    }

    #[test]
    fn layouts_exclude_one_another() {
        for layout in LAYOUTS {
            let number: String = layout.replace('-', "").replace('X', "B").replace('9', "4");
            assert_eq!(LAYOUTS.iter().filter(|other| format_by(other, &number).is_some()).count(), 1);
        }
    }

    #[test]
    fn real_plates() {
        for (number, shown) in [("TT601D", "TT-601-D"), ("V95JKV", "V-95-JKV"), ("00BBL8", "00-BBL-8")] {
            assert_eq!(LicencePlate::parse(Country::NL, number).unwrap().shown(), shown);
        }
    }

    #[test]
    fn bad_plates() {
        let cases = [
            ("", ValueError::Blank),
            ("- -", ValueError::Blank),
            ("AB12C", ValueError::LicencePlateLayout),
            ("AB12CDE", ValueError::LicencePlateLayout),
            ("ABCDEF", ValueError::LicencePlateLayout),
            ("123456", ValueError::LicencePlateLayout),
            ("ß-601-D", ValueError::LicencePlateCharacter),
            ("TT\u{2011}601D", ValueError::LicencePlateCharacter),
        ];
        for (input, error) in cases {
            assert_eq!(LicencePlate::parse(Country::NL, input), Err(error), "{input}");
        }
    }

    #[test]
    fn foreign_plates_have_no_layout() {
        let german = LicencePlate::parse(Country::parse("DE").unwrap(), "b-mw 1234").unwrap();
        assert_eq!((german.number(), german.shown().as_str(), german.sidecode()), ("BMW1234", "BMW1234", None));
        let long = LicencePlate::parse(Country::parse("DE").unwrap(), "ABCDEFGHIJKLM");
        assert_eq!(long, Err(ValueError::TooLong { max: FOREIGN_MAX }));
    }
}
