//! Reading requests and naming values: what is wrong with a request is found whole, not the first thing only.
//!
//! A request's shape is declared once, with `body!` or `query!`; the values check themselves by the domain's rules
//! and bring their own schema, so that document and behaviour cannot drift apart.

mod any_of;
mod condition;
mod delivery;
mod list;
mod many;
mod named;
mod scalars;
mod sent;
mod sort;

pub use any_of::AnyOf;
pub use condition::{IfMatch, IfMatchOptional};
pub use delivery::{LinkDelivery, LinkDeliveryReason, LinkDeliveryReasonCode, LinkDeliveryStatus};
pub use list::{
    AskedGone, Cursor, FollowedList, List, ListQuery, Mark, Removed, ToldGone, is_more_gone, items_after, page_of,
};
pub use many::Many;
pub use named::Named;
pub use scalars::*;
pub use sent::Sent;

use crate::problem::{self, FieldProblem, Kind, Place};
use serde_json::{Map, Value};

/// Something that is read from a member of an object, or from a query parameter.
pub trait Member: Sized {
    /// The value of a member that is absent; none when the member is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads it, or says what is wrong.
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self>;
}

/// A request that is read from an object.
pub trait Request: Sized {
    /// Reads it from its members; all that is wrong goes to the reader.
    fn read_members(members: &mut Members<'_>) -> Option<Self>;
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As JSON.
    Body,
    /// As JSON, where whole numbers may be text: converters of spreadsheets write `"2015"`.
    Line,
    /// All as text.
    Query,
}

/// Collects what is wrong.
pub struct Reader<'e> {
    place: Place,
    form: Form,
    errors: &'e mut Vec<FieldProblem>,
}

/// Notes something that is wrong, unless as much is noted as a problem names.
fn note(errors: &mut Vec<FieldProblem>, wrong: FieldProblem) {
    if errors.len() < problem::MAX_FIELDS {
        errors.push(wrong);
    }
}

impl Reader<'_> {
    /// Notes that the value is wrong.
    pub fn wrong<T>(&mut self, code: &'static str) -> Option<T> {
        note(self.errors, FieldProblem::new(self.place.clone(), code));
        None
    }

    /// Notes that the value is not of the kind that it must be.
    pub fn not_of_kind<T>(&mut self, kind: Kind) -> Option<T> {
        note(self.errors, FieldProblem::not_of_kind(self.place.clone(), kind));
        None
    }

    /// Notes that the value is wrong, with what the message says of it.
    pub fn wrong_saying<T>(&mut self, code: &'static str, said: String) -> Option<T> {
        note(self.errors, FieldProblem::saying(self.place.clone(), code, said));
        None
    }

    /// Notes that the value is none of those that it can be.
    pub fn none_of<T>(&mut self, allowed: impl IntoIterator<Item = &'static str>) -> Option<T> {
        let wrong = FieldProblem::new(self.place.clone(), "unknown_value");
        note(self.errors, FieldProblem { allowed: allowed.into_iter().collect(), ..wrong });
        None
    }

    /// The value the domain accepts, or a note of what it says.
    pub fn check<T>(&mut self, result: Result<T, domain::value::ValueError>) -> Option<T> {
        result.map_err(|error| note(self.errors, FieldProblem::from_value(self.place.clone(), error))).ok()
    }

    /// The same, where the member of this name stands in the value.
    pub fn check_member<T>(&mut self, name: &str, result: Result<T, domain::value::ValueError>) -> Option<T> {
        let place = match &self.place {
            Place::Body(pointer) => Place::Body(format!("{pointer}/{name}")),
            Place::Parameter(_) => self.place.clone(),
        };
        Reader { place, form: self.form, errors: self.errors }.check(result)
    }

    /// The items of a list of `min` to `max` of them, each read in its own place.
    pub fn items<T: Member>(&mut self, value: Value, min: usize, max: usize) -> Option<Vec<T>> {
        let Value::Array(items) = value else { return self.not_of_kind(Kind::List) };
        if items.len() < min || items.len() > max {
            let bounds = (i64::try_from(min).ok(), i64::try_from(max).ok());
            note(self.errors, FieldProblem { bounds, ..FieldProblem::new(self.place.clone(), "list_length") });
            return None;
        }
        let mut read = Vec::with_capacity(items.len());
        let mut is_whole = true;
        for (number, item) in items.into_iter().enumerate() {
            let place = match &self.place {
                Place::Body(pointer) => Place::Body(format!("{pointer}/{number}")),
                Place::Parameter(_) => self.place.clone(),
            };
            let mut reader = Reader { place, form: self.form, errors: self.errors };
            match T::read(item, &mut reader) {
                Some(item) => read.push(item),
                None => is_whole = false,
            }
        }
        is_whole.then_some(read)
    }

    /// The text of a value.
    pub fn text(&mut self, value: Value) -> Option<String> {
        if let Value::String(text) = value { Some(text) } else { self.not_of_kind(Kind::Text) }
    }

    /// The text of a decimal number, which is sent as text so that no digit is lost.
    pub fn decimal(&mut self, value: Value) -> Option<String> {
        if value.is_number() { self.wrong("decimal_not_text") } else { self.text(value) }
    }

    /// The yes or no of a value.
    pub fn boolean(&mut self, value: &Value) -> Option<bool> {
        let boolean = match value.as_str().filter(|_| self.form == Form::Query) {
            Some(text) => text.parse().ok(),
            None => value.as_bool(),
        };
        boolean.or_else(|| self.not_of_kind(Kind::Boolean))
    }

    /// The whole number of a value. In JSON, `61000.0` and `6.1e4` are the same number as `61000`, and as whole.
    pub fn integer(&mut self, value: &Value) -> Option<i64> {
        let is_number = |text: &&str| match self.form {
            Form::Body => false,
            Form::Line => is_whole_number(text),
            Form::Query => true,
        };
        let number = match value.as_str().map(|text| if self.form == Form::Line { text.trim() } else { text }) {
            Some(text) => Some(text).filter(is_number).and_then(|text| text.parse().ok()),
            None => value.as_i64().or_else(|| value.as_f64().and_then(whole)),
        };
        number.or_else(|| self.not_of_kind(Kind::WholeNumber))
    }
}

/// Whether a text is digits alone, perhaps behind a minus sign.
fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number as a whole one, if it is one. What is beyond all whole numbers becomes the last of them, which is out of every
/// range that we have, so that it is said to be that.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a whole number is cut to the range of i64, which is what is meant"
)]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0).then_some(number as i64)
}

/// The members of an object that is being read.
pub struct Members<'e> {
    object: Map<String, Value>,
    pointer: String,
    form: Form,
    /// Of a query: the list that it would ask for. A body has none.
    query: Option<Mark>,
    errors: &'e mut Vec<FieldProblem>,
}

impl Members<'_> {
    /// Reads the member with this name (`snake_case` in code, `camelCase` outside).
    pub fn member<T: Member>(&mut self, name: &'static str) -> Option<T> {
        let outside = camel_case(name);
        let place = if self.query.is_some() {
            Place::Parameter(outside.clone().into())
        } else {
            Place::Body(format!("{}/{outside}", self.pointer))
        };
        let mut reader = Reader { place, form: self.form, errors: self.errors };
        match self.object.remove(&outside) {
            Some(value) => T::read(value, &mut reader),
            None => T::absent().or_else(|| reader.wrong("required")),
        }
    }

    /// The value of a member that is not read yet; none when it is absent or null.
    pub fn given(&self, name: &str) -> Option<&Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether a member was sent that is not read yet, also when it is null.
    pub fn is_sent(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Notes that a member of the body is wrong by what others are.
    pub fn wrong(&mut self, name: &str, code: &'static str) {
        note(self.errors, FieldProblem::new(Place::Body(format!("{}/{name}", self.pointer)), code));
    }

    /// Notes that a member of the body is needed, or another in its place.
    pub fn one_needed(&mut self, name: &str, other: &str) {
        let place = Place::Body(format!("{}/{name}", self.pointer));
        note(self.errors, FieldProblem::saying(place, "one_required", other.to_owned()));
    }

    /// What is left over is unknown, and reported by name.
    fn finish(self) {
        let room = problem::MAX_FIELDS.saturating_sub(self.errors.len());
        self.errors.extend(self.object.keys().take(room).map(|name| {
            if self.query.is_some() {
                return FieldProblem::unknown_parameter(name);
            }
            let pointer = format!("{}/{}", self.pointer, problem::escaped(name));
            FieldProblem::new(Place::Body(pointer), "unknown_property")
        }));
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// Reads the whole body of a request.
pub fn read<T: Request>(sent: Sent) -> Result<T, Vec<FieldProblem>> {
    read_sent(sent, Form::Body)
}

/// Reads a line of an import, in which a text of digits is a whole number where one is needed.
pub fn read_line<T: Request>(sent: Sent) -> Result<T, Vec<FieldProblem>> {
    read_sent(sent, Form::Line)
}

fn read_sent<T: Request>(sent: Sent, form: Form) -> Result<T, Vec<FieldProblem>> {
    let repeated = sent.repeated.into_iter().take(problem::MAX_FIELDS).map(Place::Body);
    let wrong = repeated.map(|place| FieldProblem::new(place, "repeated_property")).collect();
    read_whole(sent.object, (form, None), wrong)
}

/// Reads the query of a request to a path.
pub fn read_query<T: Request>(path: &str, object: Map<String, Value>) -> Result<T, Vec<FieldProblem>> {
    let mark = Mark::new(path, &object);
    read_whole(object, (Form::Query, Some(mark)), vec![])
}

/// Reads a request of which this is wrong already.
fn read_whole<T: Request>(
    object: Map<String, Value>,
    (form, query): (Form, Option<Mark>),
    mut errors: Vec<FieldProblem>,
) -> Result<T, Vec<FieldProblem>> {
    let mut members = Members { object, pointer: String::new(), form, query, errors: &mut errors };
    let request = T::read_members(&mut members);
    members.finish();
    match request {
        Some(request) if errors.is_empty() => Ok(request),
        _ => Err(errors),
    }
}

/// Reads an object that is inside another.
pub fn read_nested<T: Request>(value: Value, reader: &mut Reader<'_>) -> Option<T> {
    let Value::Object(object) = value else {
        return reader.not_of_kind(Kind::Object);
    };
    let Place::Body(pointer) = reader.place.clone() else {
        return reader.not_of_kind(Kind::Object);
    };
    let mut errors = vec![];
    let mut members = Members { object, pointer, form: reader.form, query: None, errors: &mut errors };
    let request = T::read_members(&mut members);
    members.finish();
    let request = request.filter(|_| errors.is_empty());
    for wrong in errors {
        note(reader.errors, wrong);
    }
    request
}

/// A member of an answer that a request may send back, so that what was read can be sent as it is. It is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ignored;

impl Member for Ignored {
    fn absent() -> Option<Self> {
        Some(Self)
    }

    fn read(_: Value, _: &mut Reader<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl<T: Member> Member for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value, reader).map(Some) }
    }
}

/// A member of a merge patch (RFC 7396). Absent and present are different; for a `Patch<Option<T>>`, null is a third
/// case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch<T> {
    /// Leave it as it is.
    Absent,
    /// Make it this.
    Value(T),
}

impl<T> Patch<T> {
    /// Puts the new value, if there is one, in the place of the old.
    pub fn apply<U: From<T>>(self, target: &mut U) {
        if let Self::Value(value) = self {
            *target = value.into();
        }
    }

    /// Puts the new value in place by a function.
    pub fn apply_with<U>(self, target: &mut U, into: impl FnOnce(T) -> U) {
        if let Self::Value(value) = self {
            *target = into(value);
        }
    }
}

impl<T: Member> Member for Patch<T> {
    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }

    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(value, reader).map(Self::Value)
    }
}

/// Declares the body of a request: a struct whose members are read by their types, with its schema. What they must be
/// together, a function `check`s, which looks at them before they are read, so that all that is wrong is told at once.
#[macro_export]
macro_rules! body {
    ($(#[$meta:meta])* pub struct $name:ident $(check $check:path)? { $($(#[$fmeta:meta])* pub $field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Clone, Debug, utoipa::ToSchema)]
        #[schema(rename_all = "camelCase")]
        $(#[$meta])*
        pub struct $name { $($(#[$fmeta])* pub $field: $type),+ }

        impl $crate::wire::Request for $name {
            fn read_members(members: &mut $crate::wire::Members<'_>) -> Option<Self> {
                $($check(members);)?
                $(let $field = members.member::<$type>(stringify!($field));)+
                Some(Self { $($field: $field?),+ })
            }
        }

        impl $crate::wire::Member for $name {
            fn read(value: serde_json::Value, reader: &mut $crate::wire::Reader<'_>) -> Option<Self> {
                $crate::wire::read_nested(value, reader)
            }
        }
    };
}

/// Declares the parameters in the query of an operation.
#[macro_export]
macro_rules! parameters {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Clone, Debug, utoipa::IntoParams)]
        #[into_params(parameter_in = Query, rename_all = "camelCase")]
        $(#[$meta])*
        pub struct $name { $($(#[$fmeta])* pub $field: $type),+ }

        impl $crate::wire::Request for $name {
            fn read_members(members: &mut $crate::wire::Members<'_>) -> Option<Self> {
                $(let $field = members.member::<$type>(stringify!($field));)+
                Some(Self { $($field: $field?),+ })
            }
        }
    };
}

/// Declares the query of a list by its own filters; `limit`, `cursor` and `updatedSince`, which every list has, are
/// added, and are given by `list()`.
#[macro_export]
macro_rules! query {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[doc = $doc:expr])* $(#[param($($param:tt)*)])? pub $field:ident: $type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)+
            list: $crate::wire::ListQuery,
        }

        impl $name {
            /// What every list takes.
            pub fn list(&self) -> &$crate::wire::ListQuery {
                &self.list
            }
        }

        impl $crate::wire::Request for $name {
            fn read_members(members: &mut $crate::wire::Members<'_>) -> Option<Self> {
                $(let $field = members.member::<$type>(stringify!($field));)+
                let list = $crate::wire::ListQuery::read_members(members);
                Some(Self { $($field: $field?,)+ list: list? })
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(
                place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                #[derive(utoipa::IntoParams)]
                #[into_params(parameter_in = Query, rename_all = "camelCase")]
                #[expect(dead_code, reason = "only its shape is read, by the derived trait")]
                struct Filters { $($(#[doc = $doc])* $(#[param($($param)*)])? $field: $type),+ }

                let mut parameters = Filters::into_params(&place);
                parameters.extend($crate::wire::ListQuery::into_params(&place));
                parameters
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    body! {
        /// For the tests.
        #[expect(unreachable_pub, reason = "bodies are public")]
        pub struct Sample {
            /// A name.
            pub full_name: Name,
            /// An e-mail.
            #[schema(value_type = Option<Email>)]
            pub email: Patch<Option<Email>>,
            /// A number.
            pub odometer_km: Option<OdometerKm>,
        }
    }

    fn sent(value: &Value) -> Sent {
        Sent::read(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_is_right_is_read() {
        let sample = read::<Sample>(sent(&json!({ "fullName": " Jan ", "odometerKm": 12 }))).unwrap();
        assert_eq!((sample.full_name.0.as_str(), sample.odometer_km.map(|km| km.0)), ("Jan", Some(12)));
    }

    fn wrong(value: &Value) -> Vec<(String, &'static str)> {
        wrong_in(sent(value))
    }

    fn wrong_in(sent: Sent) -> Vec<(String, &'static str)> {
        let errors = read::<Sample>(sent).unwrap_err();
        errors
            .into_iter()
            .map(|error| match error.place {
                Place::Body(pointer) => (pointer, error.code),
                Place::Parameter(name) => (name.into_owned(), error.code),
            })
            .collect()
    }

    #[test]
    fn digits_are_a_number_in_a_line_of_an_import_alone() {
        let line = |km: &str| {
            let sample = read_line::<Sample>(sent(&json!({ "fullName": "Jan", "odometerKm": km })));
            sample.map(|sample| sample.odometer_km.map(|km| km.0)).map_err(|wrong| wrong[0].code)
        };
        assert_eq!(line("61000"), Ok(Some(61_000)));
        assert_eq!(line(" 061000 "), Ok(Some(61_000)));
        assert_eq!(line("-1"), Err("out_of_range"));
        for other in ["", "-", "+12", "61.000", "61,5", "1e3", "61000 km", "99999999999999999999", "٣"] {
            assert_eq!(line(other), Err("wrong_type"), "{other}");
        }
        assert_eq!(wrong(&json!({ "fullName": "Jan", "odometerKm": "61000" }))[0].1, "wrong_type");
        let number = read_line::<Sample>(sent(&json!({ "fullName": 12 }))).unwrap_err();
        assert_eq!(number[0].code, "wrong_type", "and a number is no text");
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let found = wrong(&json!({ "email": "no", "odometerKm": -1, "a/b": true }));
        let expected = [
            ("/fullName", "required"),
            ("/email", "email_invalid"),
            ("/odometerKm", "out_of_range"),
            ("/a~1b", "unknown_property"),
        ];
        assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        assert_eq!(wrong(&json!({ "fullName": null }))[0].1, "wrong_type");
        assert_eq!(wrong(&json!({ "fullName": "Jan", "odometerKm": "12" }))[0].1, "wrong_type");
        assert_eq!(wrong(&json!({ "fullName": "Jan", "odometerKm": 1.5 }))[0].1, "wrong_type");
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let km = |number: &str| {
            let text = format!("{{\"fullName\":\"Jan\",\"odometerKm\":{number}}}");
            let found = read::<Sample>(Sent::read(text.as_bytes()).unwrap());
            found.map(|sample| sample.odometer_km.unwrap().0).map_err(|wrong| wrong[0].code)
        };
        for written in ["61000", "61000.0", "6.1e4", "6.1E+4", "610000e-1", "61000.000"] {
            assert_eq!(km(written), Ok(61_000), "{written}");
        }
        assert_eq!((km("-0.0"), km("0e5")), (Ok(0), Ok(0)));
        for broken in ["61000.5", "6.10005e4", "1e-3", "\"61000\""] {
            assert_eq!(km(broken), Err("wrong_type"), "{broken}");
        }
        for far in ["1e300", "-1e300", "18446744073709551615", "-1.0", "9223372036854775808"] {
            assert_eq!(km(far), Err("out_of_range"), "{far}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_wrong_whatever_the_values() {
        let sent = Sent::read(br#"{"fullName":"Jan","fullName":"Jan","odometerKm":"x"}"#).unwrap();
        assert_eq!(wrong_in(sent), [("/fullName".into(), "repeated_property"), ("/odometerKm".into(), "wrong_type")]);
    }

    #[test]
    fn no_more_is_noted_than_a_problem_names() {
        let mut many = json!({ "odometerKm": -1 });
        for number in 0..1_000 {
            many[number.to_string()] = json!(1);
        }
        let found = wrong(&many);
        assert_eq!(found.len(), problem::MAX_FIELDS);
        assert_eq!(&found[..2], [("/fullName".to_owned(), "required"), ("/odometerKm".to_owned(), "out_of_range")]);
        let twice: Vec<_> = (0..1_000).map(|number| format!("\"{number}\":1,\"{number}\":1")).collect();
        let sent = Sent::read(format!("{{{}}}", twice.join(",")).as_bytes()).unwrap();
        assert_eq!(wrong_in(sent).len(), problem::MAX_FIELDS);
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let email = |value: Value| read::<Sample>(sent(&value)).unwrap().email;
        assert!(matches!(email(json!({ "fullName": "Jan" })), Patch::Absent));
        assert!(matches!(email(json!({ "fullName": "Jan", "email": null })), Patch::Value(None)));
        assert!(matches!(email(json!({ "fullName": "Jan", "email": "a@b.example" })), Patch::Value(Some(_))));
    }
}
