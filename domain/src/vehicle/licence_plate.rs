//! Licence plates.
//!
//! A Dutch plate has six characters in one of fourteen layouts, the *sidecodes*; the layout alone tells where the dashes
//! stand. Plates of other countries have no rules here: the key is country and plate. The plate is printed on the car
//! for all to see, so knowing it proves nothing.
//!
//! What the letters tell beyond that is a hint or a warning (rules K3 and K4), never a ground to refuse: real plates
//! break every rule about letters, and the register alone knows what drives under one.

use crate::{
    coded_enum,
    value::{Country, ValueError},
};

/// The fourteen Dutch layouts in the order of their sidecode, `X` for a letter and `9` for a digit.
pub const LAYOUTS: [&str; 14] = [
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X",
    "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
];

/// The most characters a foreign plate may have.
pub const FOREIGN_MAX: usize = 12;

/// Combinations of three letters that are refused to new plates, so as not to offend (the register authority's list, as
/// the press reported it in 2018, 2019 and 2021).
const REFUSED_OF_THREE: [&str; 12] =
    ["FVD", "GVD", "KKK", "KVT", "LPF", "NSB", "PKK", "PSV", "PVV", "SGP", "TBS", "VVD"];

/// Combinations of two letters that are refused, alone and within three letters.
const REFUSED_OF_TWO: [&str; 2] = ["SD", "SS"];

/// From this sidecode on no vowels are issued, lest letters form words.
const NO_VOWELS_FROM: usize = 4;

/// Until this sidecode, whose issue ended before mopeds got plates in 2005, `D` and `F` stand on cars.
const CARS_ON_D_AND_F_UNTIL: usize = 4;

coded_enum! {
    /// What kind of vehicle, or whose, the letters of a Dutch plate point to (rule K3). Only a hint.
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
    /// What is odd about the letters of a Dutch plate (rule K4): a mistake of typing, perhaps. Real plates have it too.
    pub enum PlateWarning {
        /// A `C` or `Q`, which are not issued: they look like a zero. `CD`, the diplomatic corps, has it.
        LetterNotIssued => "letter_not_issued",
        /// A vowel in a layout that has none; the `O` with which the plate of a semi-trailer begins is no oddity.
        Vowel => "vowel",
        /// A combination of letters that is refused to new plates.
        RefusedCombination => "refused_combination",
    }
}

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

    /// What the letters point to (rule K3): empty for most cars, and for the plates of other countries.
    pub fn category_hints(&self) -> Vec<PlateCategory> {
        let Some(sidecode) = self.sidecode() else { return vec![] };
        let first_letter = self.number.chars().find(char::is_ascii_alphabetic);
        let whose = match self.number.get(..2) {
            Some("AA") => Some(PlateCategory::RoyalHouse),
            Some("CD") => Some(PlateCategory::Diplomatic),
            // With other layouts, GV is a car like any other.
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

    /// What is odd about the letters (rule K4), each oddity once. Never a ground to refuse the plate.
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

    /// Whether a vowel stands anywhere but, as an `O`, in the place of the first letter.
    fn has_odd_vowel(&self) -> bool {
        let mut letters = self.number.chars().filter(char::is_ascii_alphabetic);
        let first = letters.next();
        first.is_some_and(|c| is_vowel(c) && c != 'O') || letters.any(is_vowel)
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'A' | 'E' | 'I' | 'O' | 'U')
}

/// Whether what stands between two dashes is a combination that new plates do not get.
fn is_refused_combination(group: &str) -> bool {
    REFUSED_OF_THREE.contains(&group) || REFUSED_OF_TWO.iter().any(|refused| group.contains(refused))
}

/// What someone has typed of a plate so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A whole plate.
    Whole(LicencePlate),
    /// The beginning of a Dutch plate, in its normal form: at least one of the layouts goes on from it.
    Beginning(String),
}

/// Tells a whole plate from the beginning of one (rule K2). Plates of other countries have no layout that would tell
/// when they are whole, so whatever they may be counts as one.
pub fn typed(country: Country, input: &str) -> Result<Typed, ValueError> {
    LicencePlate::parse(country, input).map(Typed::Whole).or_else(|error| {
        let number = normalise(input)?;
        let begins = LAYOUTS.iter().any(|layout| begin_by(layout, &number).is_some());
        if error == ValueError::LicencePlateLayout && begins { Ok(Typed::Beginning(number)) } else { Err(error) }
    })
}

/// The form shown while a plate is still being typed (rule K2): with dashes as soon as every layout it may grow into
/// has them in the same places, and until then, or when it fits none, without.
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

/// Whether a number in its normal form has exactly this layout.
fn has_layout(layout: &str, number: &str) -> bool {
    let masks = || layout.bytes().filter(|mask| *mask != b'-');
    masks().zip(number.bytes()).all(|(mask, c)| c.is_ascii_digit() == (mask == b'9')) && masks().count() == number.len()
}

/// `number` with the dashes of `layout`, when that layout begins so. No dash stands at its end.
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
