//! The parts of a message, one level deep.
//!
//! A report is read no deeper than its own parts. So a message within a message within a message, which anyone can send by the
//! thousands, is never unfolded.

use mail_parser::{ContentType, Message, MessageParser, MimeHeaders};

/// The most parts of a message that are looked at: a report has three.
const MOST_PARTS: usize = 20;

/// A message, or a part of one: its head, read, and its body as it is.
pub(super) struct Part<'m> {
    head: Message<'m>,
    whole: &'m [u8],
    body: &'m [u8],
}

impl<'m> Part<'m> {
    /// Reads the head of a message; none when it has none.
    pub(super) fn read(whole: &'m [u8]) -> Option<Self> {
        let head = MessageParser::default().parse_headers(whole)?;
        Some(Self { head, whole, body: body(whole) })
    }

    /// Whether it has this media type.
    pub(super) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.content_type().is_some_and(|own| {
            own.ctype().eq_ignore_ascii_case(kind) && own.subtype().is_some_and(|own| own.eq_ignore_ascii_case(subtype))
        })
    }

    /// A parameter of its media type.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.content_type()?.attribute(name)
    }

    fn content_type(&self) -> Option<&ContentType<'_>> {
        self.head.content_type()
    }

    /// Its body, as it was sent.
    pub(super) fn body(&self) -> &'m [u8] {
        self.body
    }

    /// Its body as text, decoded: of a part that has no parts and is no message.
    pub(super) fn text(&self) -> Option<String> {
        let leaf = MessageParser::default().parse(self.whole)?;
        Some(String::from_utf8_lossy(leaf.root_part().contents()).into_owned())
    }

    /// Its own parts.
    pub(super) fn parts(&self) -> Vec<Part<'m>> {
        let Some(boundary) = self.parameter("boundary").filter(|boundary| !boundary.is_empty()) else { return vec![] };
        split(self.body, boundary).into_iter().filter_map(Part::read).collect()
    }
}

/// What stands behind the head of a message: behind the first blank line.
fn body(whole: &[u8]) -> &[u8] {
    let mut rest = whole;
    while let Some((line, next)) = next_line(rest) {
        rest = next;
        if line.is_empty() {
            return rest;
        }
    }
    &[]
}

/// The first line, without its end, and what stands behind it.
fn next_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    let end = text.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end.and_then(|end| text.split_at_checked(end + 1)).unwrap_or((text, &[]));
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// The parts between the lines of a boundary (RFC 2046, 5.1.1). A message that was cut off ends its last part.
fn split<'m>(body: &'m [u8], boundary: &str) -> Vec<&'m [u8]> {
    let (mut parts, mut begun, mut rest) = (vec![], None::<&[u8]>, body);
    while let Some((line, next)) = next_line(rest) {
        let mark = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary.as_bytes()));
        let mark = mark.map(<[u8]>::trim_ascii_end).filter(|end| end.is_empty() || *end == b"--");
        if let Some(end) = mark {
            parts.extend(begun.and_then(|begun| begun.get(..begun.len() - rest.len())));
            if !end.is_empty() || parts.len() >= MOST_PARTS {
                return parts;
            }
            begun = Some(next);
        }
        rest = next;
    }
    parts.extend(begun);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch3_parts_are_split_at_their_boundary_alone() {
        let text = "before\r\n--b\r\nA: 1\r\n\r\none\r\n--bb\r\n--b  \r\n\r\ntwo\n--b--\r\nbehind\r\n--b\r\nno";
        let parts: Vec<String> =
            split(text.as_bytes(), "b").into_iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        assert_eq!(parts, ["A: 1\r\n\r\none\r\n--bb\r\n", "\r\ntwo\n"]);
        assert_eq!(split(b"--b\none", "b"), [b"one"], "one that was cut off");
        assert_eq!(split(b"--b\n", "b"), [b""; 1]);
        assert!(split(b"nothing", "b").is_empty());
    }

    #[test]
    fn ch3_many_parts_are_not_all_looked_at() {
        assert_eq!(split("--b\nx\n".repeat(1000).as_bytes(), "b").len(), MOST_PARTS);
    }

    #[test]
    fn ch3_a_message_within_thousands_of_messages_is_read_no_deeper_than_its_parts() {
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(8000);
        let part = Part::read(deep.as_bytes()).unwrap();
        assert!(part.is("message", "rfc822") && part.parts().is_empty());
        let report = format!("Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n{deep}");
        let report = Part::read(report.as_bytes()).unwrap();
        assert_eq!(report.parts().len(), 1);
    }
}
