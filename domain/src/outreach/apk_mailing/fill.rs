//! A mailing's text as one customer reads it (rule ML2).

use super::{
    link,
    placeholder::{Placeholder, Token, tokens},
    text::MailingText,
};
use crate::{
    Date,
    value::{Language, is_unsafe, written_date},
};
use std::collections::BTreeSet;

/// The most characters of a value.
const MAX_VALUE: usize = 200;

/// A character that nobody sees, and that makes no link of what stands around it.
const BREAK: char = '\u{200C}';

/// What is filled in for one car. The values may be any text: whatever they are, they stay one line, are no placeholder and
/// begin no link.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The customer's name; a general word takes its place.
    pub name: Option<&'a str>,
    /// The plate, as shown to people.
    pub plate: &'a str,
    /// The make and model; general words take their place.
    pub car: Option<&'a str>,
    /// The last day on which the APK is valid.
    pub apk_date: Date,
    /// The garage's name.
    pub garage: &'a str,
    /// The garage's telephone number; its e-mail takes its place.
    pub phone: Option<&'a str>,
    /// The garage's e-mail.
    pub garage_email: &'a str,
}

/// A text that was filled in. It is plain text: who shows it as HTML escapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The subject, one line.
    pub subject: String,
    /// The body: paragraphs that are separated by blank lines.
    pub paragraphs: String,
    /// The addresses in the body to which links lead, each once.
    pub links: Vec<String>,
}

impl MailingText {
    /// The text for one car. It has as many lines as the text has, and no link that the text has not.
    pub fn fill(&self, values: &Values<'_>, language: Language) -> Filled {
        let paragraphs = filled(self.body(), values, language);
        let links: BTreeSet<&str> = link::segments(&paragraphs)
            .into_iter()
            .filter_map(|segment| match segment {
                link::Segment::Link(address) => Some(address),
                link::Segment::Text(_) => None,
            })
            .collect();
        let links = links.into_iter().map(str::to_owned).collect();
        Filled { subject: filled(self.subject(), values, language), paragraphs, links }
    }
}

/// Goes through the text once: what was filled in is not looked at again.
fn filled(text: &str, values: &Values<'_>, language: Language) -> String {
    let mut filled = String::with_capacity(text.len() + MAX_VALUE);
    for (_, token) in tokens(text) {
        match token {
            Token::Text(plain) => filled.push_str(plain),
            Token::Unended => filled.push_str("{{"),
            Token::Unbegun => filled.push_str("}}"),
            Token::Braced { whole, inside } => match Placeholder::parse(inside) {
                Some(placeholder) => {
                    let value = value(placeholder, values, language, &filled);
                    push(&mut filled, &value);
                }
                None => filled.push_str(whole),
            },
        }
    }
    filled
}

/// What a placeholder stands for, behind the text that is there already.
fn value(placeholder: Placeholder, values: &Values<'_>, language: Language, before: &str) -> String {
    match placeholder {
        Placeholder::Name => values.name.and_then(one_line).unwrap_or_else(|| {
            let word = match language {
                Language::Dutch => "klant",
                Language::English => "customer",
            };
            word.to_owned()
        }),
        Placeholder::Plate => one_line(values.plate).unwrap_or_default(),
        Placeholder::Car => values.car.and_then(one_line).unwrap_or_else(|| any_car(language, before).to_owned()),
        Placeholder::ApkDate => written_date(values.apk_date, language),
        Placeholder::Garage => one_line(values.garage).unwrap_or_default(),
        Placeholder::Phone => {
            values.phone.and_then(one_line).or_else(|| one_line(values.garage_email)).unwrap_or_default()
        }
    }
}

/// "uw auto", and "auto" where the text says whose it is: "uw {{auto}}".
fn any_car(language: Language, before: &str) -> &'static str {
    const WHOSE: [&str; 6] = ["uw", "je", "jouw", "de", "your", "the"];
    let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let says_whose = before.ends_with(' ') && WHOSE.iter().any(|whose| word.eq_ignore_ascii_case(whose));
    match (language, says_whose) {
        (Language::Dutch, false) => "uw auto",
        (Language::Dutch, true) => "auto",
        (Language::English, false) => "your car",
        (Language::English, true) => "car",
    }
}

/// A value as one line: what breaks lines is a space, what nobody sees or turns the direction is left out. None when nothing is
/// left.
fn one_line(value: &str) -> Option<String> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let plain: String =
        value.chars().map(|c| if breaks(c) { ' ' } else { c }).filter(|c| !is_unsafe(*c, false)).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(MAX_VALUE).collect();
    (!cut.is_empty()).then(|| cut.trim_end().to_owned())
}

/// Adds a value. In a link it is written as links have it. Elsewhere it begins none: where a colon and a slash would meet,
/// in it or at its ends, a character that nobody sees stands between them.
fn push(filled: &mut String, value: &str) {
    if link::leads_into_link(filled) {
        filled.extend(value.bytes().map(in_link));
        return;
    }
    if filled.ends_with(':') || filled.ends_with(":/") {
        filled.extend(value.starts_with('/').then_some(BREAK));
    }
    filled.push_str(&value.replace(":/", ":\u{200C}/"));
    filled.extend(value.ends_with(':').then_some(BREAK));
}

/// A byte of a value as links have it (RFC 3986).
fn in_link(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
