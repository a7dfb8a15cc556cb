//! The lines of a stream: read in blocks of whole lines, so that a stream of any length takes the memory of two.

use super::operations::Line;
use crate::{
    incoming::Incoming,
    passport::wire::NewPassport,
    problem::{Code, Problem},
    request::MAX_BODY,
    wire,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::BytesMut};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

/// At this length a block goes to the database: one transaction, of less than a tenth of a second.
const BLOCK: usize = 256 * 1024;
/// And with so many lines, however short they are.
const LINES: usize = 1_000;
/// The media types of JSON lines, of which none is registered, and that of any bytes: some generated clients write whatever
/// ends in `json` as JSON of their own.
const MEDIA_TYPES: [&str; 4] =
    ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/octet-stream"];

/// The body of a request as a stream of JSON lines.
pub(super) struct JsonLines {
    incoming: Incoming,
    buffer: BytesMut,
    hash: Sha256,
}

impl FromRequest for JsonLines {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = request.content_type().to_ascii_lowercase();
        if !MEDIA_TYPES.contains(&sent.as_str()) {
            return ready(Err(Code::UnsupportedMediaType.into()));
        }
        let incoming = Incoming::new(request, payload, None);
        ready(incoming.map(|incoming| Self { incoming, buffer: BytesMut::new(), hash: Sha256::new() }))
    }
}

impl JsonLines {
    /// The next block of whole lines; none when the stream has ended.
    pub(super) async fn next_block(&mut self) -> Result<Option<BytesMut>, Problem> {
        loop {
            if let Some(end) = end_of_block(&self.buffer)? {
                return Ok(Some(self.buffer.split_to(end)));
            }
            let Some(piece) = self.incoming.next().await? else {
                return Ok(Some(self.buffer.split()).filter(|block| !block.is_empty()));
            };
            self.hash.update(&piece);
            self.buffer.extend_from_slice(&piece);
        }
    }

    /// The hash of a body that is read to its end.
    pub(super) fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

/// Where the first block of what has arrived ends, once it is long enough.
fn end_of_block(buffer: &[u8]) -> Result<Option<usize>, Problem> {
    let mut ends = buffer.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    if let Some(end) = ends.nth(LINES - 1) {
        return Ok(Some(end));
    }
    if buffer.len() < BLOCK {
        return Ok(None);
    }
    let last = buffer.iter().rposition(|byte| *byte == b'\n');
    last.map(|at| Some(at + 1)).ok_or_else(|| Code::PayloadTooLarge.into())
}

/// Reads the lines of a block; `before` is how many came before it. Empty ones are counted and passed over.
pub(super) fn read(block: &[u8], before: u64) -> (Vec<Line>, u64) {
    let block = block.strip_suffix(b"\n").unwrap_or(block);
    let (mut lines, mut number) = (vec![], before);
    for mut text in block.split(|byte| *byte == b'\n') {
        if number == 0 {
            text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        }
        number += 1;
        let text = text.trim_ascii();
        if !text.is_empty() {
            lines.push(Line { number, passport: read_line(text) });
        }
    }
    (lines, number)
}

fn read_line(text: &[u8]) -> Result<NewPassport, Problem> {
    if text.len() > MAX_BODY {
        return Err(Code::PayloadTooLarge.into());
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(text) else {
        return Err(Code::MalformedJson.into());
    };
    wire::read(object).map_err(Problem::invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_as_an_editor_shows_them() {
        let block = "\u{feff}{\"licencePlate\":{\"number\":\"TT601D\"}}\r\n\n{]\n[]".as_bytes();
        let (lines, last) = read(block, 0);
        let found: Vec<_> =
            lines.iter().map(|line| (line.number, line.passport.as_ref().err().map(|problem| problem.code))).collect();
        let malformed = Some(Code::MalformedJson);
        assert_eq!((found, last), (vec![(1, None), (3, malformed), (4, malformed)], 4));
        let (lines, last) = read(b"{}\n", 4);
        assert_eq!((lines[0].number, last), (5, 5));
        let problem = lines[0].passport.as_ref().unwrap_err();
        assert_eq!(problem.fields.iter().map(|field| field.code).collect::<Vec<_>>(), ["required"]);
    }

    #[test]
    fn a_block_ends_by_its_lines_or_its_length() {
        assert_eq!(end_of_block(b"{}\n{}").unwrap(), None);
        assert_eq!(end_of_block(&b"1\n".repeat(LINES + 5)).unwrap(), Some(2 * LINES));
        let long = [vec![b'x'; 9], vec![b'\n'], vec![b'y'; BLOCK]].concat();
        assert_eq!(end_of_block(&long).unwrap(), Some(10));
        assert_eq!(end_of_block(&vec![b'x'; BLOCK]).unwrap_err().code, Code::PayloadTooLarge);
    }

    #[test]
    fn a_line_has_the_bound_of_a_body() {
        let long = format!("{{\"make\":\"{}\"}}", "x".repeat(MAX_BODY));
        let (lines, _) = read(long.as_bytes(), 0);
        assert_eq!(lines[0].passport.as_ref().unwrap_err().code, Code::PayloadTooLarge);
    }
}
