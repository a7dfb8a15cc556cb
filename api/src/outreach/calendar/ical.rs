//! Writes iCalendar (RFC 5545): lines that end with CRLF and are folded at 75 octets, and texts that are escaped.

use domain::{Date, Instant};
use std::fmt::Write as _;

/// The most octets of a line without its end.
const MOST_OCTETS: usize = 75;
/// About how long an entry is.
const ENTRY: usize = 640;
/// How soon a program may well look again.
const LOOK_AGAIN: &str = "PT12H";

/// A calendar that is being written.
pub(super) struct Calendar {
    text: String,
}

impl Calendar {
    /// Begins a calendar with a name, for so many entries.
    pub(super) fn begin(name: &str, entries: usize) -> Self {
        let mut calendar = Self { text: String::with_capacity(ENTRY * (entries + 1)) };
        calendar.line("BEGIN", "VCALENDAR");
        calendar.line("VERSION", "2.0");
        calendar.line("PRODID", "-//AutoPaspoort//AutoPaspoort//NL");
        calendar.line("CALSCALE", "GREGORIAN");
        // RFC 7986, and what programs knew before it.
        calendar.text("NAME", name);
        calendar.text("X-WR-CALNAME", name);
        calendar.line("REFRESH-INTERVAL;VALUE=DURATION", LOOK_AGAIN);
        calendar.line("X-PUBLISHED-TTL", LOOK_AGAIN);
        calendar
    }

    /// The whole calendar.
    pub(super) fn end(mut self) -> String {
        self.line("END", "VCALENDAR");
        self.text
    }

    /// A property whose value is a text.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.line(name, &escaped(value));
    }

    /// A property whose value is an address, which is not escaped. What cannot be in one is left out.
    pub(super) fn address(&mut self, name: &str, value: &str) {
        let address: String = value.chars().filter(char::is_ascii_graphic).collect();
        self.line(name, &address);
    }

    /// A property whose value is an instant in UTC.
    pub(super) fn instant(&mut self, name: &str, at: Instant) {
        self.line(name, &at.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    /// A property whose value is a day.
    pub(super) fn day(&mut self, name: &str, day: Date) {
        self.line(&format!("{name};VALUE=DATE"), &day.strftime("%Y%m%d").to_string());
    }

    /// A property with a value that has no character which means something to iCalendar.
    pub(super) fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if octets + c.len_utf8() > MOST_OCTETS {
                self.text.push_str("\r\n ");
                // The space counts.
                octets = 1;
            }
            self.text.push(c);
            octets += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

/// A text as a value has it. A line break becomes `\n`. Other control characters, which RFC 5545 does not allow, and those by
/// which a text would look otherwise than it is, become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let _ = match c {
            '\\' | ';' | ',' => write!(escaped, "\\{c}"),
            '\r' if characters.peek() == Some(&'\n') => Ok(()),
            '\r' | '\n' => write!(escaped, "\\n"),
            c if c.is_control() || deceives(c) => write!(escaped, " "),
            c => write!(escaped, "{c}"),
        };
    }
    escaped
}

/// The line breaks of Unicode, at which some programs cut a line, and what turns the direction of the text behind it.
const fn deceives(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: &str) -> String {
        let mut calendar = Calendar { text: String::new() };
        calendar.text("SUMMARY", value);
        calendar.text
    }

    #[test]
    fn cal1_texts_are_escaped() {
        assert_eq!(line("a\\b;c,d:\"e\""), "SUMMARY:a\\\\b\\;c\\,d:\"e\"\r\n");
        assert_eq!(line("a\r\nb\nc\rd\u{0}e\u{202E}f\u{2028}g\u{200F}h"), "SUMMARY:a\\nb\\nc\\nd e f g\u{200F}h\r\n");
    }

    #[test]
    fn cal1_long_lines_are_folded_between_characters() {
        assert_eq!(line(&"x".repeat(67)), format!("SUMMARY:{}\r\n", "x".repeat(67)));
        assert_eq!(line(&"x".repeat(68)), format!("SUMMARY:{}\r\n x\r\n", "x".repeat(67)));
        let folded = line(&"🚗".repeat(40));
        assert!(folded.trim_end().split("\r\n").all(|line| line.len() <= 75 && line.len() > 70 || line.len() < 30));
        let mut calendar = Calendar { text: String::new() };
        calendar.address("URL", "https://a.example/\r\nX:y ü");
        assert_eq!(calendar.text, "URL:https://a.example/X:y\r\n");
    }

    /// What a reader that follows RFC 5545 makes of a value.
    fn read(text: &str) -> String {
        let unfolded = text.replace("\r\n ", "");
        let value = unfolded.strip_prefix("SUMMARY:").unwrap().strip_suffix("\r\n").unwrap();
        let (mut read, mut characters) = (String::new(), value.chars());
        while let Some(c) = characters.next() {
            match c {
                '\\' => read.push(match characters.next().unwrap() {
                    'n' => '\n',
                    other => other,
                }),
                ';' | ',' => panic!("{c} is not escaped in {value}"),
                c => read.push(c),
            }
        }
        read
    }

    #[test]
    fn cal1_a_reader_gets_the_text_back_wherever_it_is_folded() {
        let signs = ["a", ";", ",", "\\", "\n", "é", "🚗", "\u{200F}", "\"", ":"];
        for length in 0..200 {
            // Each length begins with another sign and goes on in another step.
            let value: String =
                (0..length).map(|place| signs[(place * (length % 7 + 1) + length) % signs.len()]).collect();
            let text = line(&value);
            assert!(
                text.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])),
                "{text}"
            );
            assert_eq!(read(&text), value);
        }
    }
}
