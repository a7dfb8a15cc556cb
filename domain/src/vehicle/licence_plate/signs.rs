//! The signs of a plate: which are letters, which stand between them, and which look alike.

use crate::value::ValueError;
use unicode_normalization::UnicodeNormalization;

/// The letters with marks that stand on plates: in Germany, Scandinavia, Finland, and the countries that were Yugoslavia.
const MARKED: [char; 11] = ['Ä', 'Å', 'Æ', 'Ö', 'Ø', 'Ü', 'Č', 'Ć', 'Đ', 'Š', 'Ž'];

/// Letters of other scripts, in capitals, with the Latin letters that they look like.
const TWINS: [(char, char); 29] = [
    // Cyrillic.
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('Ѕ', 'S'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
    // Greek.
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
];

/// The first and the last of the signs of ASCII that are as wide as two, which East Asian keyboards give.
const WIDE: std::ops::RangeInclusive<char> = '\u{FF01}'..='\u{FF5E}';

/// How far these are from ASCII.
const WIDE_BY: u32 = 0xFEE0;

/// Signs that are mistaken for one another.
const ALIKE: [(char, char); 3] = [('O', '0'), ('I', '1'), ('B', '8')];

/// What may stand between the groups of signs of a plate in the form that is shown.
pub(super) const BETWEEN: [char; 2] = ['-', ' '];

/// A plate that was typed, in capitals, with one sign between its groups: a space where spaces alone were typed, else a dash.
pub(super) fn tidied(input: &str) -> Result<String, ValueError> {
    let mut tidied = String::new();
    let mut between = None;
    for c in input.nfc().map(narrow) {
        if is_invisible(c) {
            continue;
        }
        if is_between(c) {
            between = if is_blank(c) { between.or(Some(' ')) } else { Some('-') };
            continue;
        }
        let capital = capital(c)?;
        let is_inside = !tidied.is_empty();
        tidied.extend(between.take().filter(|_| is_inside));
        tidied.push(capital);
    }
    Ok(tidied)
}

/// The letters and digits of a plate that was typed, in capitals, in the groups in which they were typed.
pub(super) fn groups(input: &str) -> Result<Vec<String>, ValueError> {
    Ok(split(&tidied(input)?))
}

/// The groups of a plate in the form that is shown.
pub(super) fn split(tidied: &str) -> Vec<String> {
    tidied.split(BETWEEN).filter(|group| !group.is_empty()).map(str::to_owned).collect()
}

/// The sign of ASCII that a wide one is.
fn narrow(c: char) -> char {
    let narrow = (u32::from(c)).checked_sub(WIDE_BY).filter(|_| WIDE.contains(&c));
    narrow.and_then(char::from_u32).unwrap_or(c)
}

/// The capital of a letter of a plate, or a digit.
fn capital(c: char) -> Result<char, ValueError> {
    if c.is_ascii_alphanumeric() {
        return Ok(c.to_ascii_uppercase());
    }
    let mut capitals = c.to_uppercase();
    let capital = capitals.next().filter(|_| capitals.next().is_none()).ok_or(ValueError::LicencePlateCharacter)?;
    if MARKED.contains(&capital) {
        return Ok(capital);
    }
    let twin = TWINS.iter().find(|(foreign, _)| *foreign == capital);
    Err(twin.map_or(ValueError::LicencePlateCharacter, |(_, latin)| ValueError::LicencePlateScript {
        letter: c,
        latin: *latin,
    }))
}

/// Whether it stands between the signs of a plate: a dash, a space or a dot of any kind.
fn is_between(c: char) -> bool {
    is_blank(c)
        || matches!(
            c,
            '-' | '.' | '_' | '·' | '•' | '∙' | '\u{58A}' | '\u{5BE}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
                ..='\u{2015}'
                | '\u{2043}' | '\u{2053}' | '\u{207B}' | '\u{208B}' | '\u{2212}' | '\u{2500}' | '\u{2501}' | '\u{2E17}'
                | '\u{2E1A}' | '\u{2E3A}' | '\u{2E3B}' | '\u{2E40}' | '\u{2E5D}' | '\u{301C}' | '\u{3030}' | '\u{30A0}'
                | '\u{FE31}' | '\u{FE32}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' | '\u{10EAD}'
                // The dash that does not break a line, of old word processors.
                | '\u{1E}'
        )
}

/// Whether it is a space of any kind, or looks like one.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}')
}

/// Whether nobody sees it: what joins, turns or varies other signs.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        // The dash that shows only where a line breaks, of old word processors.
        '\u{1F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Everything that a number can have been when signs that look alike were mistaken, with how many were; itself among it.
pub(super) fn look_alikes(number: &str) -> Vec<(usize, String)> {
    let alike = |c: char| {
        ALIKE.iter().find_map(|(a, b)| {
            if c == *a {
                Some(*b)
            } else if c == *b {
                Some(*a)
            } else {
                None
            }
        })
    };
    number.chars().fold(vec![(0, String::new())], |found, c| {
        let same = found.iter().map(|(changed, text)| (*changed, format!("{text}{c}")));
        let other = alike(c)
            .into_iter()
            .flat_map(|twin| found.iter().map(move |(changed, text)| (changed + 1, format!("{text}{twin}"))));
        same.chain(other).collect()
    })
}
