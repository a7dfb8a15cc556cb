//! The lines of a stream: read in blocks of whole lines, so that a stream of any length takes the memory of two.

use crate::{
    incoming::{Form, Incoming},
    problem::{Code, Problem},
    request::MAX_BODY,
    wire::{self, Request, Sent},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::BytesMut};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

/// At this length a block goes to the database: one transaction, of less than a tenth of a second.
const BLOCK: usize = 256 * 1024;
/// And with so many lines, however short they are.
const LINES: usize = 1_000;
/// What stands for a line that is too long even for a block, and is not kept: no more than what is refused for its length.
static TOO_LONG: [u8; MAX_BODY + 1] = [b'x'; MAX_BODY + 1];
/// The media types of JSON lines, of which none is registered, and that of any bytes: some generated clients write whatever
/// ends in `json` as JSON of their own.
const FORM: Form = Form {
    media_types: &["application/x-ndjson", "application/ndjson", "application/jsonl", "application/octet-stream"],
    otherwise: "content_type_json_lines",
};

/// A line of a stream.
pub struct Line<T> {
    /// Its number, from 1.
    pub number: u64,
    /// What it says, or what is wrong with it.
    pub content: Result<T, Problem>,
}

/// The body of a request as a stream of JSON lines.
pub struct JsonLines {
    incoming: Incoming,
    lines: Lines,
    hash: Sha256,
    /// Why the stream broke off, while the whole lines before that are still to be taken.
    broke_off: Option<Problem>,
}

/// What has arrived and is not yet taken.
#[derive(Default)]
struct Lines {
    buffer: BytesMut,
    /// Whether what arrives belongs to a line that is too long, up to its end.
    is_too_long: bool,
}

impl FromRequest for JsonLines {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Incoming::new(request, payload, &FORM, None).map(Self::of))
    }
}

impl JsonLines {
    fn of(incoming: Incoming) -> Self {
        Self { incoming, lines: Lines::default(), hash: Sha256::new(), broke_off: None }
    }

    /// The next block of whole lines; none when the stream has ended. Of a stream that breaks off, the whole lines that
    /// have arrived come first.
    pub async fn next_block(&mut self) -> Result<Option<BytesMut>, Problem> {
        if let Some(problem) = self.broke_off.take() {
            return Err(problem);
        }
        loop {
            if let Some(block) = self.lines.block() {
                return Ok(Some(block));
            }
            match self.incoming.next().await {
                Ok(Some(piece)) => {
                    self.hash.update(&piece);
                    self.lines.add(&piece);
                }
                Ok(None) => return Ok(Some(self.lines.buffer.split()).filter(|block| !block.is_empty())),
                Err(problem) => {
                    let block = self.lines.whole().ok_or_else(|| problem.clone())?;
                    self.broke_off = Some(problem);
                    return Ok(Some(block));
                }
            }
        }
    }

    /// The hash of a body that is read to its end.
    pub fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

impl Lines {
    /// Takes in what has arrived.
    fn add(&mut self, piece: &[u8]) {
        if !self.is_too_long {
            self.buffer.extend_from_slice(piece);
        } else if let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            self.is_too_long = false;
            self.buffer.extend(piece.iter().skip(end));
        }
    }

    /// The first block of what has arrived, once it is long enough.
    fn block(&mut self) -> Option<BytesMut> {
        let mut ends = self.buffer.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        if let Some(end) = ends.nth(LINES - 1) {
            return Some(self.buffer.split_to(end));
        }
        if self.buffer.len() < BLOCK {
            return None;
        }
        let block = self.whole();
        if block.is_none() {
            self.buffer.clear();
            self.buffer.extend_from_slice(&TOO_LONG);
            self.is_too_long = true;
        }
        block
    }

    /// All whole lines that have arrived; none when there is none.
    fn whole(&mut self) -> Option<BytesMut> {
        let last = self.buffer.iter().rposition(|byte| *byte == b'\n');
        last.map(|at| self.buffer.split_to(at + 1))
    }
}

/// Reads the lines of a block; `before` is how many came before it. Empty ones are counted and passed over.
pub fn read<T: Request>(block: &[u8], before: u64) -> (Vec<Line<T>>, u64) {
    let block = block.strip_suffix(b"\n").unwrap_or(block);
    let (mut lines, mut number) = (vec![], before);
    for mut text in block.split(|byte| *byte == b'\n') {
        if number == 0 {
            text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        }
        number += 1;
        let text = text.trim_ascii();
        if !text.is_empty() {
            lines.push(Line { number, content: read_line(text) });
        }
    }
    (lines, number)
}

fn read_line<T: Request>(text: &[u8]) -> Result<T, Problem> {
    if text.len() > MAX_BODY {
        return Err(Code::PayloadTooLarge.into());
    }
    // The answer has the number of the line in the stream. Where it goes wrong in the line is left out: to the reader of
    // one line, that is always the first.
    let mut sent = Sent::read(text).map_err(|problem| Problem::new(problem.code))?;
    leave_out_empty(&mut sent.object);
    wire::read_line(sent).map_err(Problem::invalid)
}

/// Takes texts without any sign for absent, and so objects that have nothing else: converters write them for the empty cells of
/// a spreadsheet.
fn leave_out_empty(object: &mut Map<String, Value>) {
    object.retain(|_, value| match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(inner) => {
            let was_empty = inner.is_empty();
            leave_out_empty(inner);
            was_empty || !inner.is_empty()
        }
        Value::Array(items) => {
            for item in items {
                if let Value::Object(inner) = item {
                    leave_out_empty(inner);
                }
            }
            true
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Members, Name};

    /// A line with two words.
    #[derive(Debug)]
    struct Said;

    impl Request for Said {
        fn read_members(members: &mut Members<'_>) -> Option<Self> {
            let (word, other) = (members.member::<Name>("word"), members.member::<Name>("other"));
            word.zip(other).map(|_| Self)
        }
    }

    fn read(block: &[u8], before: u64) -> (Vec<Line<Said>>, u64) {
        super::read(block, before)
    }

    #[test]
    fn lines_are_numbered_as_an_editor_shows_them() {
        let block = "\u{feff}{\"word\":\"one\",\"other\":\"two\"}\r\n\n{]\n[]";
        let (lines, last) = read(block.as_bytes(), 0);
        let found: Vec<_> =
            lines.iter().map(|line| (line.number, line.content.as_ref().err().map(|problem| problem.code))).collect();
        let malformed = Some(Code::MalformedJson);
        assert_eq!((found, last), (vec![(1, None), (3, malformed), (4, malformed)], 4));
        let (lines, last) = read(b"{}\n", 4);
        assert_eq!((lines[0].number, last), (5, 5));
        let problem = lines[0].content.as_ref().unwrap_err();
        assert_eq!(problem.fields.iter().map(|field| field.code).collect::<Vec<_>>(), ["required"; 2]);
    }

    /// The blocks of what arrives in these pieces, each by its length, and what is left.
    fn blocks(pieces: &[&[u8]]) -> (Vec<usize>, usize) {
        let (mut lines, mut found) = (Lines::default(), vec![]);
        for piece in pieces {
            lines.add(piece);
            while let Some(block) = lines.block() {
                found.push(block.len());
            }
        }
        (found, lines.buffer.len())
    }

    #[test]
    fn a_block_ends_by_its_lines_or_its_length() {
        assert_eq!(blocks(&[b"{}\n{}"]), (vec![], 5));
        assert_eq!(blocks(&[&b"1\n".repeat(LINES + 5)]), (vec![2 * LINES], 10));
        let long = [vec![b'x'; 9], vec![b'\n'], vec![b'y'; BLOCK - 1]].concat();
        assert_eq!(blocks(&[&long]), (vec![10], BLOCK - 1));
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_alone_and_not_kept() {
        let mut lines = Lines::default();
        lines.add(b"[]\n");
        // Spaces too: a line of which only spaces were kept would be passed over like an empty one.
        for piece in [vec![b' '; BLOCK], vec![b'y'; BLOCK], vec![b'z'; 7 * BLOCK]] {
            lines.add(&piece);
            assert!(lines.block().is_none_or(|block| block == b"[]\n"[..]));
        }
        assert!(lines.block().is_none() && lines.buffer.len() < BLOCK, "{} bytes are kept", lines.buffer.len());
        lines.add(b"zzz\n{]\n{");
        let block = lines.whole().unwrap();
        let (found, last) = read(&block, 1);
        let codes = found.iter().map(|line| (line.number, line.content.as_ref().unwrap_err().code));
        assert_eq!(codes.collect::<Vec<_>>(), [(2, Code::PayloadTooLarge), (3, Code::MalformedJson)]);
        assert_eq!((last, &lines.buffer[..]), (3, &b"{"[..]));
    }

    #[test]
    fn a_line_has_the_bound_of_a_body() {
        let long = format!("{{\"make\":\"{}\"}}", "x".repeat(MAX_BODY));
        let (lines, _) = read(long.as_bytes(), 0);
        assert_eq!(lines[0].content.as_ref().unwrap_err().code, Code::PayloadTooLarge);
    }
}
