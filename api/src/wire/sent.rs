//! A JSON object as it was sent. Of a name that stands twice in an object the last would count without a word, and other
//! readers of the same text may take the first; so it is noted while the text is read.

use crate::problem::{Code, Problem};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, map::Entry};
use std::{collections::BTreeSet, fmt};

/// An object, and where in it names stand that stand there before.
pub struct Sent {
    /// The members.
    pub object: Map<String, Value>,
    /// The names that stand more than once in one object, as JSON pointers (RFC 6901).
    pub repeated: BTreeSet<String>,
}

impl Sent {
    /// Reads an object. When the bytes are no JSON, the problem says where.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut notes = Notes { repeated: BTreeSet::new(), room: bytes.len() };
        let mut text = serde_json::Deserializer::from_slice(bytes);
        let malformed = |error: serde_json::Error| Problem::malformed(error.line(), error.column());
        let value = Reading { place: &Place::Whole, notes: &mut notes }.deserialize(&mut text).map_err(malformed)?;
        text.end().map_err(malformed)?;
        let Value::Object(object) = value else { return Err(Code::MalformedJson.into()) };
        Ok(Self { object, repeated: notes.repeated })
    }
}

/// The names that stand more than once.
struct Notes {
    repeated: BTreeSet<String>,
    /// How long the pointers may yet be, together: with deep objects they could be many times as long as the text.
    room: usize,
}

impl Notes {
    /// Notes a place, unless there is no more room. The first place without room ends the notes: otherwise a long pointer
    /// would be made for each of many names, only to be thrown away.
    fn add(&mut self, place: &Place<'_>) {
        if self.room == 0 {
            return;
        }
        let pointer = place.pointer();
        let fits = pointer.len() <= self.room;
        self.room = if fits { self.room - pointer.len() } else { 0 };
        if fits || self.repeated.is_empty() {
            self.repeated.insert(pointer);
        }
    }
}

/// Where a value stands. It becomes a pointer only when something is wrong there.
enum Place<'p> {
    Whole,
    Member(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }

    fn write(&self, pointer: &mut String) {
        let (whole, name) = match self {
            Self::Whole => return,
            Self::Member(whole, name) => (whole, crate::problem::escaped(name)),
            Self::Item(whole, number) => (whole, number.to_string()),
        };
        whole.write(pointer);
        pointer.push('/');
        pointer.push_str(&name);
    }
}

/// A value that is being read: as `serde_json` reads it, save for the notes.
struct Reading<'r> {
    place: &'r Place<'r>,
    notes: &'r mut Notes,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<Value, D::Error> {
        text.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = vec![];
        loop {
            let place = Place::Item(self.place, list.len());
            match items.next_element_seed(Reading { place: &place, notes: &mut *self.notes })? {
                Some(value) => list.push(value),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = Place::Member(self.place, &name);
            let value = members.next_value_seed(Reading { place: &place, notes: &mut *self.notes })?;
            match object.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(value)),
                Entry::Occupied(mut entry) => {
                    self.notes.add(&Place::Member(self.place, entry.key()));
                    entry.insert(value);
                }
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn repeated(text: &str) -> Vec<String> {
        Sent::read(text.as_bytes()).unwrap().repeated.into_iter().collect()
    }

    #[test]
    fn what_is_read_is_what_was_sent() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,1.5,"é\n",{"b":{}}],"c":{"a":1}}"#;
        let sent = Sent::read(text.as_bytes()).unwrap();
        assert_eq!(Value::Object(sent.object), serde_json::from_str::<Value>(text).unwrap());
        assert!(sent.repeated.is_empty());
        for text in ["", "{", "[]", "null", "{\"a\":1}}", "{\"a\":1,}", "{\"a\":}"] {
            assert!(Sent::read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Sent::read(b"{\"a\":\"\xff\"}").is_err());
        assert!(Sent::read(format!("{{\"a\":{}", "[".repeat(10_000)).as_bytes()).is_err());
    }

    #[test]
    fn names_that_stand_twice_are_noted_wherever_they_stand() {
        assert_eq!(repeated(r#"{"a":1,"b":1,"a":1,"a":2}"#), ["/a"]);
        assert_eq!(
            repeated(r#"{"a":{"b":[0,{"c/d":1,"c/d":1}],"\u0065":1,"e":2},"z":{"z":1},"z":0}"#),
            ["/a/b/1/c~1d", "/a/e", "/z"]
        );
    }

    #[test]
    fn what_is_noted_is_no_longer_than_the_text() {
        let mut names = String::new();
        for number in 0..1_000 {
            write!(names, "\"{number}\":1,\"{number}\":1,").unwrap();
        }
        let text = format!("{{\"{}\":{{{names}\"x\":1}}}}", "~".repeat(9_000));
        let found = repeated(&text);
        assert!((1..3).contains(&found.len()), "{}", found.len());
        let only = format!("{{\"{0}\":{{\"x\":1,\"x\":1}}}}", "~".repeat(9_000));
        assert_eq!(repeated(&only).len(), 1, "the first is noted, however long");
    }
}
