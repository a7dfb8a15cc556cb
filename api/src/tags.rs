//! Entity tags, and what requests ask about them (RFC 9110, 8.8.3, 13.1.1 and 13.1.2).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use foldhash::quality::FixedState;
use std::hash::BuildHasher;

/// The ending of the tag of a compressed answer: other bytes need another tag (RFC 9110, 8.8.3.3).
pub const COMPRESSED: &str = "-gzip";

/// The digits of the hash in a tag.
const HASH_DIGITS: usize = 16;

/// The value of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: whatever there is.
    Any,
    /// These; at least one.
    Listed(Vec<Tag>),
}

/// An entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Of a weak tag, only `If-None-Match` makes use.
    pub is_weak: bool,
    /// What stands between the quotes.
    text: String,
}

/// A hash of the bytes, the same on every server of this build.
pub fn fingerprint(bytes: &[u8]) -> String {
    format!("{:016x}", FixedState::default().hash_one(bytes))
}

/// The header is not what RFC 9110 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Tags {
    /// The tags in a header, on all its lines; none when the request does not have it.
    pub fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Malformed> {
        let lines: Vec<&[u8]> = headers.get_all(name).map(HeaderValue::as_bytes).collect();
        if lines.is_empty() { Ok(None) } else { Self::parse(&lines.join(&b","[..])).map(Some).ok_or(Malformed) }
    }

    fn parse(header: &[u8]) -> Option<Self> {
        let mut rest = header.trim_ascii();
        if rest == b"*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        while !rest.is_empty() {
            // A list may have empty elements (RFC 9110, 5.6.1).
            if !rest.starts_with(b",") {
                let (tag, after) = Tag::parse(rest)?;
                tags.push(tag);
                rest = after.trim_ascii_start();
            }
            if !rest.is_empty() {
                rest = rest.strip_prefix(b",")?.trim_ascii_start();
            }
        }
        if tags.is_empty() { None } else { Some(Self::Listed(tags)) }
    }

    /// Whether it can be a condition of a change: it is `*`, or has a tag that something with a version can have.
    pub fn may_name_a_version(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|tag| tag.version().is_some()),
        }
    }

    /// Whether an answer with this tag is among them, by the weak comparison.
    pub fn has(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => {
                tags.iter().any(|known| known.text.strip_suffix(COMPRESSED).unwrap_or(&known.text) == tag)
            }
        }
    }
}

impl Tag {
    /// The tag at the beginning, and what follows it.
    fn parse(text: &[u8]) -> Option<(Self, &[u8])> {
        let (is_weak, quoted) = text.strip_prefix(b"W/").map_or((false, text), |quoted| (true, quoted));
        let inner = quoted.strip_prefix(b"\"")?;
        let (text, quote) = inner.split_at_checked(inner.iter().position(|byte| *byte == b'"')?)?;
        let is_allowed = |byte: &u8| matches!(byte, 0x21 | 0x23..=0x7E | 0x80..);
        let after = quote.strip_prefix(b"\"").filter(|_| text.iter().all(is_allowed))?;
        Some((Self { is_weak, text: String::from_utf8_lossy(text).into_owned() }, after))
    }

    /// The version that the tag names: it is one that the API gives to something that can be changed, with or without the
    /// hash of an answer behind the version.
    pub fn version(&self) -> Option<i64> {
        let (digits, hash) =
            self.text.split_once('-').map_or((self.text.as_str(), None), |(digits, hash)| (digits, Some(hash)));
        let version = digits.parse::<i64>().ok().filter(|version| version.to_string() == digits)?;
        let is_hash = |hash: &str| {
            let hash = hash.strip_suffix(COMPRESSED).unwrap_or(hash);
            hash.len() == HASH_DIGITS && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        hash.is_none_or(is_hash).then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Tags> {
        Tags::parse(text.as_bytes())
    }

    fn listed(text: &str) -> Vec<Tag> {
        match parse(text) {
            Some(Tags::Listed(tags)) => tags,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_rfc_9110_allows_is_read() {
        let texts = |text: &str| listed(text).into_iter().map(|tag| (tag.is_weak, tag.text)).collect::<Vec<_>>();
        let tag = |is_weak: bool, text: &str| (is_weak, text.to_owned());
        assert_eq!(parse(" *\t"), Some(Tags::Any));
        assert_eq!(texts("\"1\""), [tag(false, "1")]);
        assert_eq!(texts("\"1\",\"3\" ,\t W/\"a,b\""), [tag(false, "1"), tag(false, "3"), tag(true, "a,b")]);
        assert_eq!(texts(", ,\"\",,"), [tag(false, "")]);
        assert_eq!(listed("\"!#[]~é\"").len(), 1);
    }

    #[test]
    fn what_it_does_not_allow_is_malformed() {
        for text in [
            "",
            " ",
            ",",
            "3",
            "\"3",
            "3\"",
            "\"",
            "w/\"3\"",
            "W/3",
            "W/ \"3\"",
            "W/",
            "\"3\"x",
            "\"3\" \"4\"",
            "\"3\";\"4\"",
            "\"a b\"",
            "*, \"3\"",
            "\"3\", *",
            "**",
            "'3'",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn lines_are_one_list() {
        let mut headers = HeaderMap::new();
        let name = actix_web::http::header::IF_MATCH;
        assert_eq!(Tags::of(&headers, &name), Ok(None));
        headers.append(name.clone(), HeaderValue::from_static("\"1\""));
        headers.append(name.clone(), HeaderValue::from_static("\"2\""));
        assert_eq!(Tags::of(&headers, &name).unwrap(), parse("\"1\", \"2\""));
        headers.append(name.clone(), HeaderValue::from_static("2"));
        assert_eq!(Tags::of(&headers, &name), Err(Malformed));
    }

    #[test]
    fn a_version_is_written_in_one_way() {
        let version = |text: &str| listed(&format!("\"{text}\""))[0].version();
        assert_eq!(
            [version("3"), version("0"), version("120-90d5b3c0b5a1f1a4"), version("3-90d5b3c0b5a1f1a4-gzip")],
            [Some(3), Some(0), Some(120), Some(3)]
        );
        for text in [
            "",
            "08",
            "+9",
            "-1",
            "10-",
            "3-x",
            "3-90D5B3C0B5A1F1A4",
            "3-90d5b3c0b5a1f1a4-",
            "3-gzip",
            "3-90d5b3c0b5a1f1a4-gzip-gzip",
            "90d5b3c0b5a1f1a4",
            "99999999999999999999",
            "x",
        ] {
            assert_eq!(version(text), None, "{text}");
        }
        assert!(parse("\"x\", \"3\"").unwrap().may_name_a_version() && parse("*").unwrap().may_name_a_version());
        assert!(!parse("\"x\", \"08\"").unwrap().may_name_a_version());
    }

    #[test]
    fn an_answer_is_known_by_its_tag_however_it_was_sent() {
        let has = |text: &str| parse(text).unwrap().has("3-90d5b3c0b5a1f1a4");
        for text in ["*", "\"3-90d5b3c0b5a1f1a4\"", "W/\"3-90d5b3c0b5a1f1a4\"", "\"x\", \"3-90d5b3c0b5a1f1a4-gzip\""] {
            assert!(has(text), "{text}");
        }
        assert!(!has("\"3\", \"3-90d5b3c0b5a1f1a5\""));
    }
}
