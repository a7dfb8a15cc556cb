//! Licence plates.
//!
//! A Dutch plate has six characters in one of fourteen layouts, the *sidecodes*. The layout alone determines where the
//! dashes are. There are no rules here for plates of other countries: the key is country and plate. Everyone can read
//! the plate on a car, so knowing it proves nothing.
//!
//! Anything else that the letters suggest is a hint or a warning (rules K3 and K4), never a reason to refuse a plate:
//! there are real plates that break every rule about letters, and only the register knows which vehicle has a plate.

use crate::{
    coded_enum,
    value::{Country, ValueError},
};

/// The fourteen Dutch layouts in the order of their sidecode, `X` for a letter and `9` for a digit.
pub const LAYOUTS: [&str; 14] = [
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X",
    "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
];

/// The greatest number of characters in a foreign plate.
pub const FOREIGN_MAX: usize = 12;

/// Combinations of three letters that new plates do not get, since they could offend (the list of the register's
/// authority, as the press reported it in 2018, 2019 and 2021).
const REFUSED_OF_THREE: [&str; 12] =
    ["FVD", "GVD", "KKK", "KVT", "LPF", "NSB", "PKK", "PSV", "PVV", "SGP", "TBS", "VVD"];

/// Combinations of two letters that new plates do not get, alone or within three letters.
const REFUSED_OF_TWO: [&str; 2] = ["SD", "SS"];

/// From this sidecode on no vowels are issued, so that the letters do not form words.
const NO_VOWELS_FROM: usize = 4;

/// Up to this sidecode, cars can have `D` and `F`: these plates were issued before mopeds got plates in 2005.
const CARS_ON_D_AND_F_UNTIL: usize = 4;

coded_enum! {
    /// The kind of vehicle, or of owner, that the letters of a Dutch plate suggest (rule K3). It is only a hint.
    pub enum PlateCategory {
        /// A commercial vehicle over 3,500 kg: `B`.
        HeavyCommercial => "heavy_commercial",
        /// A commercial vehicle up to 3,500 kg: `V`.
        LightCommercial => "light_commercial",
        /// A moped (*brom- of snorfiets*): `D` or `F`.
        Moped => "moped",
        /// A motorcycle: `M`.
        Motorcycle => "motorcycle",
        /// A semi-trailer (*oplegger*): `O`.
        SemiTrailer => "semi_trailer",
        /// A trailer or caravan: `W`.
        Trailer => "trailer",
        /// The royal house: `AA`.
        RoyalHouse => "royal_house",
        /// The diplomatic corps: `CD`.
        Diplomatic => "diplomatic",
        /// Border traffic: `GV` and four digits.
        BorderTraffic => "border_traffic",
    }
}

coded_enum! {
    /// Something odd in the letters of a Dutch plate (rule K4). It may be a typing mistake, but some real plates have
    /// it too.
    pub enum PlateWarning {
        /// The plate has a `C` or `Q`. These are not issued since they look like a zero, except in `CD` for the
        /// diplomatic corps.
        LetterNotIssued => "letter_not_issued",
        /// The plate has a vowel, and its layout has none. The `O` at the beginning of a semi-trailer's plate is not
        /// odd.
        Vowel => "vowel",
        /// The plate has a combination of letters that new plates do not get.
        RefusedCombination => "refused_combination",
    }
}

/// A licence plate in its normal form: only capitals and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LicencePlate {
    country: Country,
    number: String,
}

impl LicencePlate {
    /// Parses a plate as people type it. Dashes, spaces, dots and underscores are dropped.
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
        LAYOUTS.iter().position(|layout| has_layout(layout, &self.number)).map(|index| index + 1)
    }

    /// The form shown to people: with dashes where the layout has them.
    pub fn shown(&self) -> String {
        if self.country != Country::NL {
            return self.number.clone();
        }
        let layout = LAYOUTS.iter().find(|layout| has_layout(layout, &self.number));
        layout.and_then(|layout| begin_by(layout, &self.number)).unwrap_or_else(|| self.number.clone())
    }

    /// What the letters suggest (rule K3). Empty for most cars, and for plates of other countries.
    pub fn category_hints(&self) -> Vec<PlateCategory> {
        let Some(sidecode) = self.sidecode() else { return vec![] };
        let first_letter = self.number.chars().find(char::is_ascii_alphabetic);
        let whose = match self.number.get(..2) {
            Some("AA") => Some(PlateCategory::RoyalHouse),
            Some("CD") => Some(PlateCategory::Diplomatic),
            // In other layouts, GV is an ordinary car.
            Some("GV") if sidecode == 1 => Some(PlateCategory::BorderTraffic),
            _ => None,
        };
        let kind = match first_letter {
            Some('B') => Some(PlateCategory::HeavyCommercial),
            Some('V') => Some(PlateCategory::LightCommercial),
            Some('D' | 'F') if sidecode > CARS_ON_D_AND_F_UNTIL => Some(PlateCategory::Moped),
            Some('M') => Some(PlateCategory::Motorcycle),
            Some('O') => Some(PlateCategory::SemiTrailer),
            Some('W') => Some(PlateCategory::Trailer),
            _ => None,
        };
        whose.or(kind).into_iter().collect()
    }

    /// What is odd in the letters (rule K4), each warning once. This is never a reason to refuse the plate.
    pub fn warnings(&self) -> Vec<PlateWarning> {
        let Some(sidecode) = self.sidecode() else { return vec![] };
        let shown = self.shown();
        PlateWarning::ALL
            .iter()
            .copied()
            .filter(|warning| match warning {
                PlateWarning::LetterNotIssued => {
                    self.number.strip_prefix("CD").unwrap_or(&self.number).contains(['C', 'Q'])
                }
                PlateWarning::Vowel => sidecode >= NO_VOWELS_FROM && self.has_odd_vowel(),
                PlateWarning::RefusedCombination => shown.split('-').any(is_refused_combination),
            })
            .collect()
    }

    /// Whether the plate has a vowel, other than an `O` as its first letter.
    fn has_odd_vowel(&self) -> bool {
        let mut letters = self.number.chars().filter(char::is_ascii_alphabetic);
        let first = letters.next();
        first.is_some_and(|c| is_vowel(c) && c != 'O') || letters.any(is_vowel)
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'A' | 'E' | 'I' | 'O' | 'U')
}

/// Whether the group between two dashes is a combination that new plates do not get.
fn is_refused_combination(group: &str) -> bool {
    REFUSED_OF_THREE.contains(&group) || REFUSED_OF_TWO.iter().any(|refused| group.contains(refused))
}

/// The part of a plate that someone has typed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A whole plate.
    Whole(LicencePlate),
    /// The beginning of a Dutch plate, in its normal form: at least one layout begins in this way.
    Beginning(String),
}

/// Decides whether the input is a whole plate or the beginning of one (rule K2). For plates of other countries no
/// layout says when they are whole, so any valid input counts as a whole plate.
pub fn typed(country: Country, input: &str) -> Result<Typed, ValueError> {
    LicencePlate::parse(country, input).map(Typed::Whole).or_else(|error| {
        let number = normalise(input)?;
        let begins = LAYOUTS.iter().any(|layout| begin_by(layout, &number).is_some());
        if error == ValueError::LicencePlateLayout && begins { Ok(Typed::Beginning(number)) } else { Err(error) }
    })
}

/// The form to show while a plate is being typed (rule K2). It has dashes as soon as every layout that is still
/// possible has them in the same places. Until then, or when it fits no layout, it has none.
///
/// ```
/// use domain::{licence_plate::shown_while_typing, value::Country};
/// assert_eq!(shown_while_typing(Country::NL, "kjr5").as_deref(), Ok("KJR-5"));
/// assert_eq!(shown_while_typing(Country::NL, "kjr").as_deref(), Ok("KJR"));
/// ```
pub fn shown_while_typing(country: Country, input: &str) -> Result<String, ValueError> {
    let number = normalise(input)?;
    if country != Country::NL {
        return Ok(number);
    }
    let mut shown = LAYOUTS.iter().filter_map(|layout| begin_by(layout, &number));
    let first = shown.next();
    Ok(first.filter(|first| shown.all(|other| other == *first)).unwrap_or(number))
}

/// The normal form of what was typed, to search by a part of a plate.
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

/// Whether a number in its normal form has exactly this layout.
fn has_layout(layout: &str, number: &str) -> bool {
    let masks = || layout.bytes().filter(|mask| *mask != b'-');
    masks().zip(number.bytes()).all(|(mask, c)| c.is_ascii_digit() == (mask == b'9')) && masks().count() == number.len()
}

/// `number` with the dashes of `layout`, if it can be the beginning of that layout. It never ends with a dash.
fn begin_by(layout: &str, number: &str) -> Option<String> {
    let mut shown = String::with_capacity(layout.len());
    let mut masks = layout.chars();
    for c in number.chars() {
        let mut mask = masks.next()?;
        if mask == '-' {
            shown.push('-');
            mask = masks.next()?;
        }
        if c.is_ascii_digit() != (mask == '9') {
            return None;
        }
        shown.push(c);
    }
    Some(shown)
}

#[cfg(test)]
mod tests;
