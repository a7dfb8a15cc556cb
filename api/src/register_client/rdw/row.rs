//! The rows that the register sends, and their values.
//!
//! A row is an object of strings. An absent value is an omitted column, or a word that means "no value"; columns are
//! added, dropped and renamed. So only the columns that are used are kept, and each is optional. If a value makes no
//! sense, only that value counts as absent, not the whole row.

use domain::{Date, passport::MIN_YEAR, value::cleaned};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The most characters that are kept of a value.
const LONGEST: usize = 4_000;

/// The words that mean "no value", compared without regard to case.
const NOTHING: [&str; 5] =
    ["n.v.t.", "niet geregistreerd", "geen verstrekking in open data", "niet bekend", "(nog) niet bekend"];

/// The values of a row, for the columns that are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row(Vec<(&'static str, String)>);

impl Row {
    /// The value of a column as it was sent.
    pub(super) fn raw(&self, column: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == column).map(|(_, value)| value.trim())
    }

    /// The value of a column, if it says anything.
    fn told(&self, column: &str) -> Option<&str> {
        self.raw(column).filter(|value| !value.is_empty() && !NOTHING.contains(&value.to_lowercase().as_str()))
    }

    /// A text of at most `max` characters that is safe to store and show.
    pub(super) fn text(&self, column: &str, max: usize) -> Option<String> {
        cleaned(self.told(column)?, max)
    }

    /// A number, rounded to a whole number, if it is within `min..=max`.
    pub(super) fn number(&self, column: &str, min: i64, max: i64) -> Option<i64> {
        decimal(self.told(column)?, 1).filter(|number| (min..=max).contains(number))
    }

    /// A number in thousandths, if it is within `min..=max` thousandths.
    pub(super) fn thousandths(&self, column: &str, min: i64, max: i64) -> Option<i64> {
        decimal(self.told(column)?, 1000).filter(|number| (min..=max).contains(number))
    }

    /// A day, from the column itself or, if that has no value, from the second column whose name ends in `_dt`.
    pub(super) fn date(&self, column: &str) -> Option<Date> {
        let plain = self.told(column).and_then(compact_date);
        let twin = || self.told(&format!("{column}_dt"))?.get(..10)?.parse().ok();
        plain.or_else(twin).filter(|day| i64::from(day.year()) >= MIN_YEAR)
    }

    /// `Ja` or `Nee`; anything else is unknown.
    pub(super) fn indicator(&self, column: &str) -> Option<bool> {
        match self.raw(column)?.to_lowercase().as_str() {
            "ja" => Some(true),
            "nee" => Some(false),
            _ => None,
        }
    }
}

/// A day like `20270517`.
fn compact_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range);
    Date::new(part(0..4)?.parse().ok()?, part(4..6)?.parse().ok()?, part(6..8)?.parse().ok()?).ok()
}

/// A decimal number like `1968` or `103.00`, times `factor`, rounded half up. No sign, no exponent, no infinity.
fn decimal(text: &str, factor: i64) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(fraction) {
        return None;
    }
    // Four digits are enough to round thousandths.
    let parts: String = fraction.chars().chain("0000".chars()).take(4).collect();
    let ten_thousandths = whole.parse::<i64>().ok()? * 10_000 + parts.parse::<i64>().ok()?;
    let unit = 10_000 / factor;
    Some((ten_thousandths + unit / 2) / unit)
}

/// Reads an array of rows, and keeps only `columns`. More than `most` rows are an error.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) columns: &'static [&'static str],
    pub(super) most: usize,
}

impl Rows {
    /// Reads a whole document. A byte order mark before it is passed over: some tools write one.
    pub(super) fn read(self, json: &[u8]) -> Result<Vec<Row>, serde_json::Error> {
        let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
        let mut reader = serde_json::Deserializer::from_slice(json);
        let rows = self.deserialize(&mut reader)?;
        reader.end()?;
        Ok(rows)
    }
}

impl<'de> DeserializeSeed<'de> for Rows {
    type Value = Vec<Row>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Vec<Row>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        loop {
            let number = rows.len() + 1;
            let read = seq.next_element_seed(OneRow { columns: self.columns });
            match read.map_err(|error| A::Error::custom(format!("row {number}: {error}")))? {
                None => return Ok(rows),
                Some(_) if rows.len() == self.most => {
                    return Err(A::Error::custom(format!("more than {} rows", self.most)));
                }
                Some(row) => rows.push(row),
            }
        }
    }
}

struct OneRow {
    columns: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for OneRow {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneRow {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(name) = map.next_key::<String>()? {
            let Some(column) = self.columns.iter().find(|column| **column == name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(value) = map.next_value_seed(Scalar)?
                && row.raw(column).is_none()
            {
                row.0.push((*column, value));
            }
        }
        Ok(row)
    }
}

/// The text of a value that is a string or a number. Any other value counts as an absent column.
struct Scalar;

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.chars().take(LONGEST).collect()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
