//! Several values of a filter.

use super::{Member, Reader};
use serde_json::Value;

/// One value or several, any of which may match: `status=active,invited`. In the document it is an array that is not
/// exploded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyOf<T>(Vec<T>);

impl<T> AnyOf<T> {
    /// The values, each as the store knows it. No filter is none of them.
    pub fn of<U>(wanted: Option<Self>, value: impl Fn(T) -> U) -> Vec<U> {
        wanted.into_iter().flat_map(|wanted| wanted.0).map(value).collect()
    }
}

impl<T: Member + PartialEq> Member for AnyOf<T> {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let (text, mut values) = (reader.text(value)?, Vec::new());
        for part in text.split(',') {
            let value = T::read(Value::String(part.to_owned()), reader)?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Some(Self(values))
    }
}
