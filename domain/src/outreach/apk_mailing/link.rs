//! The links in a mailing's text: web addresses with `http` or `https`, and nothing else.

/// A part of a text, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// What is no link.
    Text(&'a str),
    /// A web address, which begins with `http://` or `https://` in capitals or small letters.
    Link(&'a str),
}

/// What separates a scheme from the host.
pub(super) const SCHEME_END: &str = "://";

/// The parts of a text, of which the links can be opened. Joined they are the text. What ends the sentence belongs to no link.
///
/// ```
/// use domain::apk_mailing::{Segment, segments};
/// let parts = segments("Zie https://garage.example/apk.");
/// assert_eq!(parts, [Segment::Text("Zie "), Segment::Link("https://garage.example/apk"), Segment::Text(".")]);
/// ```
pub fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some((before, link, behind)) = split_at_link(rest) {
        if !before.is_empty() {
            segments.push(Segment::Text(before));
        }
        segments.push(Segment::Link(link));
        rest = behind;
    }
    if !rest.is_empty() {
        segments.push(Segment::Text(rest));
    }
    segments
}

/// The first link of a text, with what stands before and behind it.
fn split_at_link(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices(SCHEME_END).find_map(|(at, _)| {
        let (before, host) = (text.get(..at)?, text.get(at + SCHEME_END.len()..)?);
        let scheme = scheme_at_end(before);
        if !is_web(scheme) || !host.starts_with(char::is_alphanumeric) {
            return None;
        }
        let before = before.strip_suffix(scheme)?;
        let link = text.strip_prefix(before)?;
        let link = link.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).next()?;
        let link = without_sentence_end(link);
        Some((before, link, text.get(before.len() + link.len()..)?))
    })
}

/// The letters and digits at the end of a text, where the scheme of what follows stands.
pub(super) fn scheme_at_end(before: &str) -> &str {
    before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

/// Whether it is the scheme of the web.
pub(super) fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

fn without_sentence_end(link: &str) -> &str {
    let mut link = link;
    loop {
        let is_end = |c: char| match c {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' | '”' | '…' => true,
            ')' => is_unopened(link, '(', ')'),
            ']' => is_unopened(link, '[', ']'),
            _ => false,
        };
        let Some(shorter) = link.strip_suffix(is_end) else { return link };
        link = shorter;
    }
}

/// Whether more brackets are closed than opened.
fn is_unopened(link: &str, open: char, close: char) -> bool {
    link.matches(close).count() > link.matches(open).count()
}

/// Whether what follows in the same word would be a part of a link's scheme or host. There nothing is filled in: where a link
/// leads is said by who wrote the text, never by a customer's name.
pub(super) fn leads_into_host(before: &str) -> bool {
    let word = last_word(before).to_lowercase();
    word.match_indices("http").any(|(at, http)| {
        let behind = word.get(at + http.len()..).unwrap_or_default();
        let behind = behind.strip_prefix('s').unwrap_or(behind);
        let host = behind.strip_prefix(SCHEME_END);
        SCHEME_END.starts_with(behind) || host.is_some_and(|host| !host.contains(['/', '?', '#']))
    })
}

/// Whether what follows in the same word is a part of a link.
pub(super) fn leads_into_link(before: &str) -> bool {
    last_word(before).contains(SCHEME_END)
}

fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or_default()
}
