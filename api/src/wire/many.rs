//! Lists in bodies.

use super::{Member, Reader};
use crate::problem::{Kind, Place};
use domain::value::ValueError;
use serde::Serialize;
use serde_json::Value;

/// A list of at most `MAX` values in a body. In the document it is an array, which its field describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Many<T, const MAX: usize>(pub Vec<T>);

impl<T: Member, const MAX: usize> Member for Many<T, MAX> {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Array(values) = value else { return reader.not_of_kind(Kind::List) };
        if values.len() > MAX {
            return reader.check(Err(ValueError::TooMany { max: MAX }));
        }
        // Each is read, so that all that is wrong is named.
        let read: Vec<Option<T>> = values
            .into_iter()
            .enumerate()
            .map(|(number, value)| {
                let place = match &reader.place {
                    Place::Body(pointer) => Place::Body(format!("{pointer}/{number}")),
                    Place::Parameter(_) => reader.place.clone(),
                };
                T::read(value, &mut Reader { place, form: reader.form, errors: reader.errors })
            })
            .collect();
        read.into_iter().collect::<Option<Vec<T>>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Name, read};
    use serde_json::json;

    crate::body! {
        /// For the tests.
        #[expect(unreachable_pub, reason = "bodies are public")]
        pub struct Listed {
            /// Names.
            #[schema(value_type = Vec<Name>, max_items = 2)]
            pub names: Many<Name, 2>,
        }
    }

    #[test]
    fn each_wrong_item_is_named_by_its_place() {
        let wrong = |names: Value| {
            let sent = crate::wire::Sent::read(json!({ "names": names }).to_string().as_bytes()).unwrap();
            let errors = read::<Listed>(sent).map(|listed| listed.names.0.len()).unwrap_err();
            errors.into_iter().map(|error| (error.place, error.code)).collect::<Vec<_>>()
        };
        let at = |pointer: &str, code| (Place::Body(pointer.to_owned()), code);
        assert_eq!(wrong(json!([" ", 7])), [at("/names/0", "blank"), at("/names/1", "wrong_type")]);
        assert_eq!(wrong(json!(["a", "b", "c"])), [at("/names", "too_many_items")]);
        assert_eq!(wrong(json!("a")), [at("/names", "wrong_type")]);
        let sent = crate::wire::Sent::read(br#"{"names":["Jan","Piet"]}"#).unwrap();
        assert_eq!(read::<Listed>(sent).unwrap().names.0.len(), 2);
    }
}
