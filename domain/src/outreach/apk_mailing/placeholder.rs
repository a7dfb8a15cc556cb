//! The places in a mailing's text that are filled in for each car, and how they are found.

use crate::coded_enum;

coded_enum! {
    /// What can be filled in. Its code is the English word; each has a Dutch one as well.
    pub enum Placeholder {
        /// The customer's name.
        Name => "name",
        /// The car's plate.
        Plate => "plate",
        /// The car's make and model.
        Car => "car",
        /// The last day on which the APK is valid.
        ApkDate => "apk_date",
        /// The garage's name.
        Garage => "garage",
        /// The garage's telephone number.
        Phone => "phone",
    }
}

impl Placeholder {
    /// The Dutch word.
    pub const fn dutch(self) -> &'static str {
        match self {
            Self::Name => "naam",
            Self::Plate => "kenteken",
            Self::Car => "auto",
            Self::ApkDate => "apk_datum",
            Self::Garage => "garage",
            Self::Phone => "telefoon",
        }
    }

    /// All words that are known, for who wrote one that is not: `name/naam, plate/kenteken, …`.
    pub fn known() -> String {
        let shown = |one: &Self| match (one.code(), one.dutch()) {
            (english, dutch) if english == dutch => english.to_owned(),
            (english, dutch) => format!("{english}/{dutch}"),
        };
        Self::ALL.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    /// What stands between the braces: in capitals or small letters, with spaces around it, and with a space or a hyphen
    /// where the word has an underscore.
    pub(super) fn parse(inside: &str) -> Option<Self> {
        let word = inside.trim().to_lowercase().replace([' ', '-', '\u{A0}'], "_");
        Self::ALL.iter().copied().find(|one| one.code() == word || one.dutch() == word)
    }
}

/// A part of a text with placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// What stays as it is.
    Text(&'a str),
    /// What stands in double braces, with the braces and without.
    Braced { whole: &'a str, inside: &'a str },
    /// Two braces that nothing ends in their line.
    Unended,
    /// Two braces that nothing began.
    Unbegun,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The parts of a text, each with the byte at which it begins.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, Token<'_>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = text.len() - rest.len();
        let (token, length) = first(rest)?;
        rest = rest.get(length..).unwrap_or_default();
        Some((at, token))
    })
}

/// The first part of a text, and how many bytes it has.
fn first(text: &str) -> Option<(Token<'_>, usize)> {
    if text.is_empty() {
        return None;
    }
    if text.starts_with(CLOSE) {
        return Some((Token::Unbegun, CLOSE.len()));
    }
    let Some(behind) = text.strip_prefix(OPEN) else {
        let until = [OPEN, CLOSE].into_iter().filter_map(|braces| text.find(braces)).min().unwrap_or(text.len());
        return Some((Token::Text(text.get(..until).unwrap_or(text)), until));
    };
    let ended = behind.split_once(CLOSE).map(|(inside, _)| inside);
    Some(match ended.filter(|inside| !inside.contains('\n') && !inside.contains(OPEN)) {
        Some(inside) => {
            let length = OPEN.len() + inside.len() + CLOSE.len();
            (Token::Braced { whole: text.get(..length).unwrap_or(text), inside }, length)
        }
        None => (Token::Unended, OPEN.len()),
    })
}
