//! Licence plates.
//!
//! A Dutch plate has six characters in one of fourteen layouts, the *sidecodes*. The layout alone determines where the
//! dashes are. Plates of other countries have no layout here: the key is country and plate, and people see the dashes and spaces
//! that were typed. Of a German or Austrian plate the place where the district ends belongs to the key, since `B-EX 123` and
//! `BE-X 123` are two cars. Everyone can read the plate on a car, so knowing it proves nothing.
//!
//! Plates are pasted from word processors, sheets and documents, so dashes, spaces and invisible signs of any kind are dropped,
//! and so is `NL` before a Dutch plate.
//!
//! Anything else that the letters suggest is a hint or a warning (rules K3, K4 and K9), never a reason to refuse a plate:
//! there are real plates that break every rule about letters, and only the register knows which vehicle has a plate.

mod signs;

use crate::{
    coded_enum,
    value::{Country, ValueError},
};
use signs::{BETWEEN, groups, look_alikes, split};
use std::hash::{Hash, Hasher};

/// The fourteen Dutch layouts in the order of their sidecode, `X` for a letter and `9` for a digit.
pub const LAYOUTS: [&str; 14] = [
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X",
    "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
];

/// The greatest number of characters in a foreign plate.
pub const FOREIGN_MAX: usize = 12;

/// The greatest number of characters that are typed for a plate, with one dash or space between groups.
pub const TYPED_MAX: usize = 20;

/// The number of characters in a Dutch plate.
const WHOLE: usize = 6;

/// The most letters that name a German district.
const DISTRICT_MAX: usize = 3;

/// The most letters that name an Austrian district.
const AUSTRIAN_DISTRICT_MAX: usize = 2;

/// The most letters behind a German district.
const BEHIND_DISTRICT_MAX: usize = 2;

/// The country whose plates have their district before a dash, and their digits behind a space.
const GERMANY: &str = "DE";

/// The other country whose plates begin with a district.
const AUSTRIA: &str = "AT";
const BELGIUM: &str = "BE";

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
        /// A tractor: `T`, in the layout since 2021.
        Tractor => "tractor",
        /// An agricultural trailer: `L`, in the layout since 2021.
        AgriculturalTrailer => "agricultural_trailer",
    }
}

coded_enum! {
    /// Something odd in the letters of a Dutch plate (rule K4), or what a German or Austrian one does not say (rule K9). It may be
    /// a typing mistake, but some real plates have it too.
    pub enum PlateWarning {
        /// The plate has a `C` or `Q`. These are not issued since they look like a zero, except in `CD` for the
        /// diplomatic corps.
        LetterNotIssued => "letter_not_issued",
        /// The plate has a vowel, and its layout has none. The `O` at the beginning of a semi-trailer's plate is not
        /// odd.
        Vowel => "vowel",
        /// The plate has a combination of letters that new plates do not get.
        RefusedCombination => "refused_combination",
        /// The plate is German or Austrian, and its district can end in several places.
        DistrictUnknown => "district_unknown",
    }
}

/// The sidecode in which tractors and agricultural trailers have their letters.
const FARMS_IN: usize = 11;

/// A licence plate in its normal form: only capitals and digits, and where a German or Austrian district ends. Two plates are
/// equal when country and normal form are, however they were typed.
#[derive(Clone, Debug)]
pub struct LicencePlate {
    country: Country,
    number: String,
    /// How it was typed, where that is what people see.
    typed: Option<String>,
}

impl PartialEq for LicencePlate {
    fn eq(&self, other: &Self) -> bool {
        (self.country, &self.number) == (other.country, &other.number)
    }
}

impl Eq for LicencePlate {}

impl Hash for LicencePlate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.country.hash(state);
        self.number.hash(state);
    }
}

impl LicencePlate {
    /// Parses a plate as people type it. Dashes, spaces, dots, underscores and signs that nobody sees are dropped, and `NL`
    /// before a Dutch plate.
    ///
    /// ```
    /// use domain::{licence_plate::LicencePlate, value::Country};
    /// let plate = LicencePlate::parse(Country::NL, "tt-601-d").unwrap();
    /// assert_eq!((plate.number(), plate.shown().as_str(), plate.sidecode()), ("TT601D", "TT-601-D", Some(9)));
    /// let plate = LicencePlate::parse(Country::parse("DE").unwrap(), "b-ex 123").unwrap();
    /// assert_eq!((plate.number(), plate.shown().as_str()), ("BEX123-1", "B-EX 123"));
    /// ```
    pub fn parse(country: Country, input: &str) -> Result<Self, ValueError> {
        let mut typed = signs::tidied(input)?;
        let mut groups = split(&typed);
        if begins_with_country(country.as_str(), &groups) {
            let sign = groups.remove(0);
            typed = typed.chars().skip(sign.chars().count()).skip_while(|c| BETWEEN.contains(c)).collect();
        }
        let plain = groups.concat();
        if country == Country::NL && !plain.is_ascii() {
            return Err(ValueError::LicencePlateCharacter);
        }
        if plain.is_empty() {
            return Err(ValueError::Blank);
        }
        if country == Country::NL {
            let plate = Self { country, number: without_country(&plain).to_owned(), typed: None };
            return if plate.sidecode().is_some() { Ok(plate) } else { Err(plate.no_layout()) };
        }
        if plain.chars().count() > FOREIGN_MAX {
            return Err(ValueError::TooLong { max: FOREIGN_MAX });
        }
        let number = key(&plain, district(country.as_str(), &groups));
        Ok(Self { country, number, typed: None }.typed_as(Some(typed)))
    }

    /// The same plate, which people see as it was typed: with those dashes and spaces. Only plates whose form does not follow from
    /// their signs are: no Dutch ones, and no German or Austrian ones whose district is known. What has other signs than this
    /// plate is passed over.
    #[must_use]
    pub fn typed_as(self, typed: Option<String>) -> Self {
        let (plain, district) = parts(&self.number);
        let has_form = self.country == Country::NL || district > 0;
        let is_of_it = |typed: &str| typed.chars().filter(|c| !BETWEEN.contains(c)).eq(plain.chars());
        let fits = |typed: &String| typed != plain && typed.chars().count() <= TYPED_MAX && is_of_it(typed);
        let typed = typed.filter(|typed| !has_form && fits(typed));
        Self { typed, ..self }
    }

    /// How it was typed, where people see it so and not in its normal form. It is stored beside the number.
    pub fn typed(&self) -> Option<&str> {
        self.typed.as_deref()
    }

    /// A stored plate, by its number. It was parsed when it was stored, perhaps by other rules, so only its signs are
    /// checked, and the layout of a Dutch one.
    pub fn stored(country: Country, number: &str) -> Option<Self> {
        let (plain, district) = parts(number);
        let is_plate = groups(plain).is_ok_and(|groups| groups.concat() == plain) && !plain.is_empty();
        let plate = Self { country, number: number.to_owned(), typed: None };
        let is_whole = if country == Country::NL {
            number.is_ascii() && plate.sidecode().is_some()
        } else {
            key(plain, district) == number
        };
        (is_plate && is_whole).then_some(plate)
    }

    /// The refusal of a Dutch plate without a layout: with what was meant, when signs that look alike make one plate of it.
    fn no_layout(&self) -> ValueError {
        let meant = self.look_alike().map(|meant| meant.shown().chars().collect::<Vec<_>>());
        let meant = meant.and_then(|meant| meant.try_into().ok());
        meant.map_or(ValueError::LicencePlateLayout, |meant| ValueError::LicencePlateSlip { meant })
    }

    /// The Dutch plate that was probably meant, when it has no layout or odd letters: the one with the fewest signs changed
    /// that look alike (`O` and `0`, `I` and `1`, `B` and `8`) that has a layout and nothing odd. None when there are several.
    pub fn look_alike(&self) -> Option<Self> {
        let is_odd = self.sidecode().is_none() || !self.warnings().is_empty();
        if self.country != Country::NL || !is_odd || self.number.len() != WHOLE {
            return None;
        }
        let of = |number: String| Self { country: self.country, number, typed: None };
        let fits = |plate: &Self| plate.sidecode().is_some() && plate.warnings().is_empty();
        let mut found: Vec<(usize, Self)> = look_alikes(&self.number)
            .into_iter()
            .map(|(changed, number)| (changed, of(number)))
            .filter(|(changed, plate)| *changed > 0 && fits(plate))
            .collect();
        found.sort_by_key(|(changed, _)| *changed);
        let fewest = found.first()?.0;
        let mut best = found.into_iter().filter(|(changed, _)| *changed == fewest).map(|(_, plate)| plate);
        best.next().filter(|_| best.next().is_none())
    }

    /// The other plates that can be this one (rule K9): of a German or Austrian plate whose district is not known those with each
    /// district that it can have, and of one whose district is known the one without. Nobody knows whether they are one car.
    pub fn may_be(&self) -> Vec<Self> {
        let (plain, district) = parts(&self.number);
        let letters = plain.chars().take_while(|c| c.is_alphabetic()).count();
        let (longest, behind) = match self.country.as_str() {
            GERMANY => (DISTRICT_MAX, BEHIND_DISTRICT_MAX),
            AUSTRIA => (AUSTRIAN_DISTRICT_MAX, letters),
            _ => return vec![],
        };
        let of = |district| Self { country: self.country, number: key(plain, district), typed: None };
        if district > 0 {
            return vec![of(0)];
        }
        (1..=longest).filter(|district| (1..=behind).contains(&letters.saturating_sub(*district))).map(of).collect()
    }

    /// The country that issued it.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The normal form, which is stored and compared: capitals and digits, and behind a dash the number of letters of a German
    /// or Austrian district.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The normal form for people and programs, from which the same plate is parsed again: capitals and digits, with a dash
    /// where a German or Austrian district ends.
    pub fn written(&self) -> String {
        let (plain, district) = parts(&self.number);
        let dash = |(index, c): (usize, char)| (index == district && index > 0).then_some('-').into_iter().chain([c]);
        plain.chars().enumerate().flat_map(dash).collect()
    }

    /// The Dutch layout, from 1 to 14.
    pub fn sidecode(&self) -> Option<usize> {
        if self.country != Country::NL {
            return None;
        }
        LAYOUTS.iter().position(|layout| has_layout(layout, &self.number)).map(|index| index + 1)
    }

    /// The form shown to people: with dashes where the layout has them; of a German plate with the space before its digits; of
    /// other countries as it was typed.
    pub fn shown(&self) -> String {
        if let Some(typed) = &self.typed {
            return typed.clone();
        }
        if self.country != Country::NL {
            let written = self.written();
            let spaced = written.find(|c: char| c.is_ascii_digit()).and_then(|at| written.split_at_checked(at));
            return match spaced {
                Some((letters, digits))
                    if self.country.as_str() == GERMANY && !letters.ends_with('-') && letters.contains('-') =>
                {
                    format!("{letters} {digits}")
                }
                _ => written,
            };
        }
        let layout = LAYOUTS.iter().find(|layout| has_layout(layout, &self.number));
        layout.and_then(|layout| begin_by(layout, &self.number)).unwrap_or_else(|| self.number.clone())
    }

    /// What the letters suggest (rule K3). Empty for most cars, and for plates of other countries.
    pub fn category_hints(&self) -> Vec<PlateCategory> {
        let Some(sidecode) = self.sidecode() else { return vec![] };
        let letters: String = self.number.chars().filter(char::is_ascii_alphabetic).collect();
        let whose = match self.number.get(..2) {
            // In other layouts, AA is an ordinary car.
            Some("AA") if sidecode == 1 => Some(PlateCategory::RoyalHouse),
            Some("CD") => Some(PlateCategory::Diplomatic),
            // With another number of digits, GV is an ordinary car.
            _ if letters == "GV" => Some(PlateCategory::BorderTraffic),
            _ => None,
        };
        let first_letter = letters.chars().next();
        let kind = match first_letter {
            Some('B') => Some(PlateCategory::HeavyCommercial),
            Some('V') => Some(PlateCategory::LightCommercial),
            Some('D' | 'F') if sidecode > CARS_ON_D_AND_F_UNTIL => Some(PlateCategory::Moped),
            Some('M') => Some(PlateCategory::Motorcycle),
            Some('O') => Some(PlateCategory::SemiTrailer),
            Some('W') => Some(PlateCategory::Trailer),
            Some('T') if sidecode == FARMS_IN => Some(PlateCategory::Tractor),
            Some('L') if sidecode == FARMS_IN => Some(PlateCategory::AgriculturalTrailer),
            _ => None,
        };
        whose.or(kind).into_iter().collect()
    }

    /// What is odd in the letters (rules K4 and K9), each warning once. This is never a reason to refuse the plate.
    pub fn warnings(&self) -> Vec<PlateWarning> {
        let Some(sidecode) = self.sidecode() else {
            return (self.may_be().len() > 1).then_some(PlateWarning::DistrictUnknown).into_iter().collect();
        };
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
                PlateWarning::DistrictUnknown => false,
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
        let begins = is_beginning(&number);
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
        return Ok(LicencePlate::parse(country, input).map_or(number, |plate| plate.shown()));
    }
    let mut shown = LAYOUTS.iter().filter_map(|layout| begin_by(layout, &number));
    let first = shown.next();
    Ok(first.filter(|first| shown.all(|other| other == *first)).unwrap_or(number))
}

/// What was typed without dashes, spaces and invisible signs, in capitals, to search by a part of a plate; `NL` before a
/// Dutch plate is dropped.
///
/// Every sign that is no letter or digit of a plate is refused *before* the case is changed: full Unicode upper-casing would
/// turn `ß` into `SS` and invent a plate.
pub fn normalise(input: &str) -> Result<String, ValueError> {
    let plain = groups(input)?.concat();
    Ok(without_country(&plain).to_owned())
}

/// A plate that was typed, with one dash or space between its groups of signs; what `LicencePlate::parse` makes of it is the same.
pub fn tidied(input: &str) -> Result<String, ValueError> {
    let tidied = signs::tidied(input)?;
    match tidied.chars().count() {
        0 => Err(ValueError::Blank),
        length if length > TYPED_MAX => Err(ValueError::TooLong { max: TYPED_MAX }),
        _ => Ok(tidied),
    }
}

/// The numbers of all plates that are meant by what was typed, whichever their country.
pub fn numbers(input: &str) -> Vec<String> {
    let groups = groups(input).unwrap_or_default();
    let plain = groups.concat();
    let of_country = |country: &&str| {
        let skipped = usize::from(begins_with_country(country, &groups));
        let groups = groups.get(skipped..).unwrap_or_default();
        key(&groups.concat(), district(country, groups))
    };
    let districts = [GERMANY, AUSTRIA, BELGIUM].iter().map(of_country);
    let mut numbers = vec![without_country(&plain).to_owned(), plain];
    numbers.extend(districts);
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Without `NL` before it, if only then it is a Dutch plate or the beginning of one.
fn without_country(plain: &str) -> &str {
    plain.strip_prefix("NL").filter(|rest| !is_beginning(plain) && is_beginning(rest)).unwrap_or(plain)
}

/// Whether a Dutch plate begins so.
fn is_beginning(plain: &str) -> bool {
    LAYOUTS.iter().any(|layout| begin_by(layout, plain).is_some())
}

/// How many letters of a German or Austrian plate name its district; 0 in other countries, and when that is not certain.
fn district(country: &str, groups: &[String]) -> usize {
    let plain = groups.concat();
    let letters = plain.chars().take_while(|c| c.is_alphabetic()).count();
    let digits = plain.chars().skip(letters).take_while(char::is_ascii_digit).count();
    let first = groups.first().filter(|_| groups.len() > 1).map_or(0, |first| first.chars().count());
    let is_split = first > 0 && first < letters;
    match country {
        GERMANY if is_split && first <= DISTRICT_MAX => first,
        // Where the district was typed, it is nowhere else.
        GERMANY | AUSTRIA if is_split && first > DISTRICT_MAX => 0,
        // What belongs to an authority has no letters behind its district.
        GERMANY if letters == 1 || (letters == 2 && digits > 4) => letters,
        GERMANY if letters == 2 || letters == 5 => letters.div_ceil(2),
        AUSTRIA if is_split && first <= AUSTRIAN_DISTRICT_MAX => first,
        AUSTRIA if letters == 1 || letters == 2 => letters,
        _ => 0,
    }
}

/// Whether the sign of its country stands before a plate: a letter by itself that the plate cannot begin with.
fn begins_with_country(country: &str, groups: &[String]) -> bool {
    let is_word = |group: &&String| group.chars().all(char::is_alphabetic);
    let words = groups.iter().take_while(is_word).count();
    match (country, groups) {
        // A district, and the letters behind it.
        (GERMANY, [sign, ..]) => sign == "D" && words > 2,
        // No district is called A.
        (AUSTRIA, [sign, _, ..]) => sign == "A",
        (BELGIUM, [sign, first, rest @ ..]) => {
            sign == "B" && !rest.is_empty() && first.chars().all(|c| c.is_ascii_digit()) && words == 1
        }
        _ => false,
    }
}

/// The number of a plate: its signs, and how many of its letters name the district.
fn key(plain: &str, district: usize) -> String {
    if district == 0 { plain.to_owned() } else { format!("{plain}-{district}") }
}

/// The signs of a number, and how many of its letters name the district.
fn parts(number: &str) -> (&str, usize) {
    let split = number.split_once('-').and_then(|(plain, letters)| Some((plain, letters.parse().ok()?)));
    split.unwrap_or((number, 0))
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
