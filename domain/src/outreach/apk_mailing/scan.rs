//! What is refused in a mailing's text, and where it stands (rule ML2).

use super::{
    link::{self, Segment, segments},
    placeholder::{Placeholder, Token, tokens},
    text::{MAX_BODY, MAX_LINKS, MAX_SUBJECT, TextFault, TextField, TextRefused},
};
use crate::value::is_unsafe;

/// The most characters of a piece that is shown.
const MAX_PIECE: usize = 40;
/// The most refusals of one field: who mends twenty sees the others then.
const MAX_REFUSED: usize = 20;

/// Schemes that run what stands behind them.
const SCRIPTS: [&str; 3] = ["javascript", "vbscript", "livescript"];
/// Schemes that need no slashes, and that are words as well: "Data: 12 maart" is no link.
const BARE_SCHEMES: [&str; 6] = ["data", "file", "blob", "filesystem", "intent", "jar"];

/// Something that is refused, at a byte of the text.
type Fault = (usize, TextFault);

/// The field as it is kept, or all that is wrong with it.
pub(super) fn checked(field: TextField, input: &str) -> Result<String, Vec<TextRefused>> {
    let input = input.replace("\r\n", "\n");
    let trimmed = input.trim();
    // Lines are counted in what was written, blank ones at its beginning too. A blank field has nothing to count lines in.
    let begins = if trimmed.is_empty() { 0 } else { input.len() - input.trim_start().len() };
    let first_line = 1 + input.get(..begins).unwrap_or_default().matches('\n').count();
    let (kept, max) = match field {
        TextField::Subject => (trimmed.to_owned(), MAX_SUBJECT),
        TextField::Body => (tidied(trimmed), MAX_BODY),
    };
    let faults = if trimmed.is_empty() {
        vec![(0, TextFault::Blank)]
    } else if kept.chars().count() > max {
        let too_much = trimmed.char_indices().nth(max).map_or(0, |(at, _)| at);
        vec![(too_much, TextFault::TooLong)]
    } else {
        faults(field, trimmed)
    };
    if faults.is_empty() {
        return Ok(kept);
    }
    let refused = |(at, fault): Fault| {
        let (before, rest) = trimmed.split_at_checked(at).unwrap_or((trimmed, ""));
        TextRefused { field, fault, line: first_line + before.matches('\n').count(), piece: piece(fault, rest) }
    };
    Err(faults.into_iter().map(refused).collect())
}

/// A body as it is kept: tabs are spaces, no line has spaces at its end, and of blank lines that follow each other one
/// stays.
fn tidied(body: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let spaced = body.replace('\t', " ");
    for line in spaced.lines().map(str::trim_end) {
        if !line.is_empty() || kept.last().is_some_and(|before| !before.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n")
}

fn faults(field: TextField, text: &str) -> Vec<Fault> {
    let mut found: Vec<Fault> = characters(field, text).chain(tags(text)).chain(colons(text)).collect();
    found.extend(braces(text));
    if field == TextField::Body {
        found.extend(too_many_links(text));
    }
    found.sort_unstable();
    found.truncate(MAX_REFUSED);
    found
}

fn characters(field: TextField, text: &str) -> impl Iterator<Item = Fault> {
    text.char_indices().filter_map(move |(at, c)| match (field, c) {
        // What stands behind the break is shown.
        (TextField::Subject, '\n' | '\r') => Some((at + 1, TextFault::LineBreak)),
        (TextField::Body, '\u{2028}' | '\u{2029}') => Some((at, TextFault::ControlCharacter)),
        _ => is_unsafe(c, field == TextField::Body).then_some((at, TextFault::ControlCharacter)),
    })
}

fn tags(text: &str) -> impl Iterator<Item = Fault> {
    let is_tag = |behind: &str| behind.starts_with(|c: char| c.is_alphabetic() || matches!(c, '/' | '!' | '?'));
    text.match_indices('<')
        .filter_map(move |(at, sign)| text.get(at + sign.len()..).is_some_and(is_tag).then_some((at, TextFault::Html)))
}

/// The schemes of links stand before a colon.
fn colons(text: &str) -> impl Iterator<Item = Fault> {
    text.match_indices(':').filter_map(|(at, colon)| {
        let (before, rest) = text.split_at_checked(at)?;
        let scheme = link::scheme_at_end(before);
        let is_one_of = |known: &[&str]| known.iter().any(|known| scheme.eq_ignore_ascii_case(known));
        let leads_on = rest.get(colon.len()..).is_some_and(|next| next.starts_with(|c: char| !c.is_whitespace()));
        let is_refused = if rest.starts_with(link::SCHEME_END) {
            !link::is_web(scheme)
        } else {
            is_one_of(&SCRIPTS) || (is_one_of(&BARE_SCHEMES) && leads_on)
        };
        is_refused.then_some((at - scheme.len(), TextFault::Scheme))
    })
}

fn braces(text: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    for (at, token) in tokens(text) {
        match token {
            Token::Unended => found.push((at, TextFault::UnendedPlaceholder)),
            Token::Unbegun => found.push((at, TextFault::UnbegunPlaceholder)),
            Token::Braced { inside, .. } if Placeholder::parse(inside).is_none() => {
                found.push((at, TextFault::UnknownPlaceholder));
            }
            Token::Braced { .. } if text.get(..at).is_some_and(link::leads_into_host) => {
                found.push((at, TextFault::PlaceholderInHost));
            }
            Token::Braced { .. } => {}
            Token::Text(plain) => found.extend(single_braces(plain).map(|(within, fault)| (at + within, fault))),
        }
    }
    found
}

fn single_braces(text: &str) -> impl Iterator<Item = Fault> {
    text.match_indices('{').filter_map(|(at, brace)| {
        let behind = text.get(at + brace.len()..)?;
        if behind.starts_with(['%', '#']) {
            return Some((at, TextFault::Template));
        }
        let (inside, _) = behind.split_once('}')?;
        Placeholder::parse(inside).map(|_| (at, TextFault::SingleBraces))
    })
}

/// The first link that is one too many.
fn too_many_links(text: &str) -> Option<Fault> {
    let mut at = 0;
    let mut links = 0;
    for segment in segments(text) {
        let (part, is_link) = match segment {
            Segment::Text(part) => (part, false),
            Segment::Link(part) => (part, true),
        };
        links += usize::from(is_link);
        if links > MAX_LINKS {
            return Some((at, TextFault::TooManyLinks));
        }
        at += part.len();
    }
    None
}

/// What is shown of a fault, from where it begins.
fn piece(fault: TextFault, rest: &str) -> String {
    let line = rest.split('\n').next().unwrap_or_default();
    let until_end = |end: &str| line.find(end).and_then(|at| line.get(..at + end.len())).unwrap_or(line);
    let shown = match fault {
        TextFault::ControlCharacter => {
            return rest.chars().next().map_or_else(String::new, |c| format!("U+{:04X}", u32::from(c)));
        }
        TextFault::UnknownPlaceholder | TextFault::PlaceholderInHost => until_end("}}"),
        TextFault::SingleBraces => until_end("}"),
        TextFault::Html => until_end(">"),
        TextFault::Scheme | TextFault::TooManyLinks => line.split_whitespace().next().unwrap_or_default(),
        TextFault::Blank
        | TextFault::TooLong
        | TextFault::LineBreak
        | TextFault::UnendedPlaceholder
        | TextFault::UnbegunPlaceholder
        | TextFault::Template => line,
    };
    shown.chars().map(|c| if is_unsafe(c, false) { '\u{FFFD}' } else { c }).take(MAX_PIECE).collect()
}
