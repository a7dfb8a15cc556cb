//! Problems: every answer that is not what was asked for, in the one form of RFC 9457.

mod catalogue;
mod texts;

pub use catalogue::Code;
pub use texts::{Kind, Wording, field_message, page};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use domain::value::{Language, ValueError};
use persistence::{AsStoreError, StoreError, UniqueKey};
use serde::Serialize;
use std::{borrow::Cow, sync::Arc};

/// What is wrong with one value of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub code: &'static str,
    /// The bounds that the message names.
    pub bounds: (Option<i64>, Option<i64>),
    /// The values, of a few, that the message names.
    pub allowed: Vec<&'static str>,
    /// The kind of value that the message names.
    pub kind: Option<Kind>,
    /// Texts that the message names, in its order: the bounds of a measurement, a place, a key.
    pub said: Vec<String>,
    /// The thing with which it collides.
    pub other: Option<uuid::Uuid>,
}

/// Where a value stands in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the body, as a JSON pointer (RFC 6901).
    Body(String),
    /// A parameter of the path or query, or a header, by name.
    Parameter(Cow<'static, str>),
}

impl Place {
    /// A parameter by the name that a client made up, which may be of any length.
    pub fn sent_parameter(name: &str) -> Self {
        Self::Parameter(name.chars().take(MAX_PARAMETER).collect())
    }
}

/// A name as a part of a JSON pointer (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl FieldProblem {
    /// A value in its place is wrong.
    pub fn new(place: Place, code: &'static str) -> Self {
        Self { place, code, bounds: (None, None), allowed: vec![], kind: None, said: vec![], other: None }
    }

    /// A value in its place is not of this kind.
    pub fn not_of_kind(place: Place, kind: Kind) -> Self {
        Self { kind: Some(kind), ..Self::new(place, "wrong_type") }
    }

    /// A value in its place is wrong, or odd, and the message says this of it.
    pub fn saying(place: Place, code: &'static str, said: String) -> Self {
        Self { said: vec![said], ..Self::new(place, code) }
    }

    /// What is wrong in words, in a language.
    pub fn detail(&self, language: Language) -> String {
        let message = field_message(self.code, self.bounds, language);
        let message = message.replace("{allowed}", &texts::listed(&self.allowed));
        let message = match self.kind {
            Some(kind) => message.replace("{kind}", kind.words(language)),
            None => message,
        };
        self.said.iter().fold(message, |text, said| text.replacen("{said}", said, 1))
    }

    /// A parameter of a query that the operation does not have.
    pub fn unknown_parameter(name: &str) -> Self {
        Self::new(Place::sent_parameter(name), "unknown_parameter")
    }

    /// The same, from what the domain says of it.
    pub fn from_value(place: Place, error: ValueError) -> Self {
        let size = |length: usize| i64::try_from(length).ok();
        let bounds = match error {
            ValueError::TooShort { min } => (size(min), None),
            ValueError::TooLong { max } | ValueError::TooMany { max } => (None, size(max)),
            ValueError::OutOfRange { min, max } => (Some(min), Some(max)),
            ValueError::Decimal { decimals } => (None, Some(decimals.into())),
            ValueError::Blank
            | ValueError::ControlCharacter
            | ValueError::WebAddress
            | ValueError::NoLetterOrDigit
            | ValueError::Email
            | ValueError::Phone
            | ValueError::Postcode
            | ValueError::LicencePlateCharacter
            | ValueError::LicencePlateScript { .. }
            | ValueError::LicencePlateLayout
            | ValueError::LicencePlateSlip { .. }
            | ValueError::Country
            | ValueError::Currency
            | ValueError::Vin
            | ValueError::VinEnd
            | ValueError::Task
            | ValueError::PasswordTooCommon => (None, None),
        };
        let said = match error {
            ValueError::LicencePlateScript { letter, latin } => vec![letter.into(), latin.into()],
            ValueError::LicencePlateSlip { meant } => vec![meant.iter().collect()],
            ValueError::Blank
            | ValueError::TooShort { .. }
            | ValueError::TooLong { .. }
            | ValueError::ControlCharacter
            | ValueError::WebAddress
            | ValueError::NoLetterOrDigit
            | ValueError::Email
            | ValueError::Phone
            | ValueError::Postcode
            | ValueError::LicencePlateCharacter
            | ValueError::LicencePlateLayout
            | ValueError::Country
            | ValueError::Currency
            | ValueError::Vin
            | ValueError::VinEnd
            | ValueError::OutOfRange { .. }
            | ValueError::TooMany { .. }
            | ValueError::Task
            | ValueError::Decimal { .. }
            | ValueError::PasswordTooCommon => vec![],
        };
        Self { bounds, said, ..Self::new(place, error.code()) }
    }
}

/// An answer that is not what was asked for.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which problem.
    pub code: Code,
    /// What is wrong with the input: all of it, or the first [`MAX_FIELDS`].
    pub fields: Vec<FieldProblem>,
    /// What it says in the place of its own title and detail, where these would not say what to do.
    pub wording: Option<Wording>,
    /// After how many seconds it may work.
    pub retry_after: Option<i64>,
    /// Which methods the resource has, for 405.
    pub allow: Option<String>,
    /// What the log says and the client does not see.
    internal: Option<String>,
    cause: Option<Arc<StoreError>>,
}

impl Problem {
    /// A problem of the catalogue.
    pub fn new(code: Code) -> Self {
        Self { code, fields: vec![], wording: None, retry_after: None, allow: None, internal: None, cause: None }
    }

    /// The same, naming these places of the input, of which it names the first [`MAX_FIELDS`].
    #[must_use]
    pub fn with_fields(self, fields: impl IntoIterator<Item = FieldProblem>) -> Self {
        Self { fields: fields.into_iter().take(MAX_FIELDS).collect(), ..self }
    }

    /// The same, naming the one value of the body that a refusal is about, or each of the two of which one is needed, unless places
    /// are named already. What is wrong with it is said by the code and in the words of the problem itself.
    #[must_use]
    pub fn about(self, values: &[(Code, &str)]) -> Self {
        if !self.fields.is_empty() {
            return self;
        }
        let of_this = values.iter().filter(|(code, _)| *code == self.code);
        let named: Vec<_> =
            of_this.map(|(code, pointer)| FieldProblem::new(Place::Body((*pointer).to_owned()), code.code())).collect();
        self.with_fields(named)
    }

    /// The input is wrong in these places, of which it names the first [`MAX_FIELDS`].
    pub fn invalid(fields: impl IntoIterator<Item = FieldProblem>) -> Self {
        Self::new(Code::InvalidRequest).with_fields(fields)
    }

    /// The body comes in a form in which it is not taken, as these headers say.
    pub fn unsupported(headers: Vec<FieldProblem>) -> Self {
        Self { fields: headers, ..Self::new(Code::UnsupportedMediaType) }
    }

    /// The body is not JSON from a line and column on, which are counted from 1, columns in bytes.
    pub fn malformed(line: usize, column: usize) -> Self {
        let [line, column] = [line, column].map(|number| i64::try_from(number).ok());
        let field = FieldProblem::new(Place::Body(String::new()), "not_json");
        Self { fields: vec![FieldProblem { bounds: (line, column), ..field }], ..Self::new(Code::MalformedJson) }
    }

    /// One parameter is wrong.
    pub fn parameter(name: &'static str, code: &'static str) -> Self {
        Self::invalid([FieldProblem::new(Place::Parameter(name.into()), code)])
    }

    /// A condition that never holds, since all its tags are weak.
    pub fn weak_tag() -> Self {
        let fields = vec![FieldProblem::new(Place::Parameter("If-Match".into()), "tag_weak")];
        Self { fields, ..Self::new(Code::PreconditionFailed) }
    }

    /// One value in the body is wrong.
    pub fn body(pointer: &str, code: &'static str) -> Self {
        Self::invalid([FieldProblem::new(Place::Body(pointer.to_owned()), code)])
    }

    /// The same in another wording.
    #[must_use]
    pub fn worded(self, wording: Wording) -> Self {
        Self { wording: Some(wording), ..self }
    }

    /// A failure of the program: logged with what is known, shown as a constant.
    pub fn internal(reason: &str) -> Self {
        Self { internal: Some(reason.to_owned()), ..Self::new(Code::Internal) }
    }

    /// Says when trying again may work.
    #[must_use]
    pub fn retry_after(self, seconds: i64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Says in the log, and there alone, why.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { internal: Some(reason.to_owned()), ..self }
    }

    /// What the log is to say.
    pub fn reason(&self) -> Option<String> {
        self.internal.clone().or_else(|| self.cause.as_ref().map(ToString::to_string))
    }

    /// The body, in a language, for the request at `path` with this id.
    pub fn shown<'a>(&'a self, language: Language, base: &str, path: &'a str, request_id: &'a str) -> Body<'a> {
        let own = || self.code.texts(language);
        let (title, detail) = self.wording.map_or_else(own, |wording| wording.texts(language));
        Body {
            kind: format!("{base}/problems/{}", self.code.code()),
            title,
            status: self.code.status(),
            detail,
            instance: path.char_indices().nth(MAX_INSTANCE).and_then(|(end, _)| path.get(..end)).unwrap_or(path),
            code: self.code.code(),
            request_id,
            errors: self.fields.iter().map(|field| FieldBody::new(field, language)).collect(),
        }
    }
}

/// How many wrong values a problem names. Of a short request, thousands could be wrong, and each takes many times as much
/// room in the answer as in the request.
pub const MAX_FIELDS: usize = 100;

/// How many characters of a name that a client made up a problem repeats.
const MAX_PARAMETER: usize = 100;

/// How many characters of an address a problem repeats.
const MAX_INSTANCE: usize = 2_000;

/// A problem as it is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    instance: &'a str,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldBody<'a>>,
}

/// What is wrong with one value, as it is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_id: Option<uuid::Uuid>,
}

impl<'a> FieldBody<'a> {
    /// What is wrong with a value, in a language.
    pub fn new(field: &'a FieldProblem, language: Language) -> Self {
        let (pointer, parameter) = match &field.place {
            Place::Body(pointer) => (Some(format!("#{pointer}")), None),
            Place::Parameter(name) => (None, Some(name.as_ref())),
        };
        Self { pointer, parameter, code: field.code, detail: field.detail(language), other_id: field.other }
    }

    /// What is odd about a value that refused nothing, and what became of it.
    pub fn warning(field: &'a FieldProblem, language: Language) -> Self {
        let shown = Self::new(field, language);
        Self { detail: texts::warning(field.code, &shown.detail, language), ..shown }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.code())
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Duplicate(UniqueKey::AccountEmail) => Code::EmailInUse,
            StoreError::Duplicate(UniqueKey::PassportPlate) => Code::PassportExists,
            StoreError::Duplicate(UniqueKey::OpenTransfer) => Code::TransferOpen,
            StoreError::Duplicate(UniqueKey::OpenGarageChange) => Code::GarageChangeOpen,
            StoreError::Duplicate(UniqueKey::ServiceInvoice) => Code::ServiceRecordInvoiceKnown,
            StoreError::Stale { .. } | StoreError::Duplicate(UniqueKey::IdempotencyKey | UniqueKey::Device) => {
                Code::Conflict
            }
            StoreError::Busy(_) => Code::Overloaded,
            StoreError::Unavailable(_) => Code::DatabaseUnavailable,
            StoreError::CannotWrite(_) => Code::StorageFull,
            StoreError::Duplicate(UniqueKey::Internal)
            | StoreError::Corrupt { .. }
            | StoreError::Migration(_)
            | StoreError::Internal(_) => Code::Internal,
        };
        let retry_after = (code.status() == 503).then_some(2);
        Self { retry_after, cause: Some(Arc::new(error)), ..Self::new(code) }
    }
}

impl AsStoreError for Problem {
    fn as_store_error(&self) -> Option<&StoreError> {
        self.cause.as_deref()
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body is written by the outermost layer, which knows the language and the request's id.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The problems of an operation, named beside its handler: `problems![NotFound, PassportArchived]`.
macro_rules! problems {
    ($($code:ident),+ $(,)?) => { [$($crate::problem::Code::$code),+] };
}

pub(crate) use problems;

/// A refusal of the domain becomes the problem of the same code.
macro_rules! refusals {
    ($($refusal:ty),+ $(,)?) => {
        $(
            impl From<$refusal> for Problem {
                fn from(refusal: $refusal) -> Self {
                    Code::from_code(refusal.code()).map_or_else(|| Self::internal(refusal.code()), Self::new)
                }
            }
        )+

        /// The codes of all refusals of the domain.
        #[cfg(test)]
        fn refusals() -> impl Iterator<Item = &'static str> {
            std::iter::empty()$(.chain(<$refusal>::ALL.iter().map(|refusal| refusal.code())))+
        }
    };
}

refusals! {
    domain::access::Forbidden,
    domain::apk::ApkEntryRefusal,
    domain::apk::LiftRefusal,
    domain::apk_mailing::MailingRefusal,
    domain::check_template::TemplateRefusal,
    domain::expected_maintenance::IndicatorRefusal,
    domain::maintenance_schedule::ScheduleRefusal,
    domain::account::EmailRefusal,
    domain::customer::CustomerRefusal,
    domain::file::AttachmentRefusal,
    domain::file::PhotoRefusal,
    domain::fleet::FleetRefusal,
    domain::garage_change::GarageChangeRefusal,
    domain::staff::StaffRefusal,
    domain::invitation::InvitationRefusal,
    domain::link_change::LinkChangeRefusal,
    domain::odometer::OdometerRefusal,
    domain::passport::PassportRefusal,
    domain::recommendation::RecommendationRefusal,
    domain::service_record::ServiceRecordRefusal,
    domain::second_factor::SecondFactorRefusal,
    domain::session::RefreshRefusal,
    domain::suppression::SuppressionRefusal,
    domain::transfer::TransferRefusal,
    domain::vehicle_check::VehicleCheckRefusal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowed_values_are_named_as_far_as_they_fit() {
        let shown = |allowed: &[&'static str]| {
            let wrong = FieldProblem::new(Place::Parameter("status".into()), "unknown_value");
            let problem = Problem::invalid([FieldProblem { allowed: allowed.to_vec(), ..wrong }]);
            let body = serde_json::to_value(problem.shown(Language::Dutch, "", "", "")).unwrap();
            body["errors"][0]["detail"].as_str().unwrap().to_owned()
        };
        assert_eq!(shown(&["new", "old"]), "moet een van deze zijn: new, old");
        let many = shown(&["a_value_of_some_length"; 100]);
        assert!(many.starts_with("moet een van deze zijn: a_value") && many.ends_with("length, …"), "{many}");
        assert!((400..=500).contains(&many.len()), "{}", many.len());
    }

    #[test]
    fn a_refusal_that_one_value_caused_names_it_in_its_own_words() {
        let values: &[(Code, &str)] = &[(Code::OdometerInFuture, "/readOn"), (Code::PassportExists, "/licencePlate")];
        let shown = |problem: Problem| {
            serde_json::to_value(problem.about(values).shown(Language::Dutch, "", "", "")).unwrap()["errors"].clone()
        };
        let detail = Code::OdometerInFuture.texts(Language::Dutch).1;
        let expected = serde_json::json!([{ "pointer": "#/readOn", "code": "odometer_in_future", "detail": detail }]);
        assert_eq!(shown(Code::OdometerInFuture.into()), expected);
        // Neither a refusal of another kind, nor one that names its places itself.
        assert_eq!(shown(Code::PassportArchived.into()), serde_json::Value::Null);
        let named = FieldProblem::new(Place::Body("/licencePlate".to_owned()), "plate_of_own_passport");
        let own = shown(Problem::new(Code::PassportExists).with_fields([named]));
        assert_eq!(
            (own.as_array().map(Vec::len), &own[0]["code"]),
            (Some(1), &serde_json::json!("plate_of_own_passport"))
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_told_which_is_right() {
        let detail = |kind, language| FieldProblem::not_of_kind(Place::Body("/x".to_owned()), kind).detail(language);
        assert_eq!(detail(Kind::WholeNumber, Language::English), "must be a whole number");
        assert_eq!(detail(Kind::Text, Language::Dutch), "moet tekst zijn");
        assert_eq!(detail(Kind::Boolean, Language::Dutch), "moet true of false zijn");
    }

    /// Two who make a passport for one plate at the same moment: who comes second is refused, and that is no failure.
    #[test]
    fn p1_a_lost_race_is_a_refusal() {
        let lost =
            [UniqueKey::PassportPlate, UniqueKey::AccountEmail, UniqueKey::OpenTransfer, UniqueKey::ServiceInvoice];
        for key in lost {
            let problem = Problem::from(StoreError::Duplicate(key));
            assert_eq!((problem.code.status(), problem.retry_after), (409, None), "{key:?}");
        }
    }

    /// Every refusal of the domain has its problem: none becomes a 500.
    #[test]
    fn every_refusal_is_in_the_catalogue() {
        for code in refusals() {
            assert!(Code::from_code(code).is_some(), "{code} is not in the catalogue");
        }
    }
}
