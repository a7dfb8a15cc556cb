//! What a request has besides its body: who sends it, in which language, under which conditions.

use crate::{
    address,
    incoming::{Form, Incoming},
    problem::{Code, FieldProblem, Place, Problem},
    state::App,
    tags::{Malformed, Tags},
    tokens::Claims,
    wire::{self, Request, Sent},
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, AcceptLanguage, Header as _},
    web,
};
use domain::{
    ids::{AccountId, SessionId},
    value::{AccountKind, Language},
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    cmp::Reverse,
    collections::HashSet,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The greatest number of bytes in a body of JSON, unless its operation says otherwise.
pub const MAX_BODY: usize = 64 * 1024;

/// The form of a body of JSON.
const JSON: Form = Form { media_types: &["application/json"], otherwise: "content_type_json" };
/// And that of a change.
const MERGE_PATCH: Form =
    Form { media_types: &["application/json", "application/merge-patch+json"], otherwise: "content_type_merge_patch" };

/// The id of a request, which is in its answer and in the log.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What a request has besides its body.
#[derive(Clone)]
pub struct Context {
    /// The parts that all requests share.
    pub app: web::Data<App>,
    /// Method and path, for the fingerprint of a request that may be repeated.
    pub target: String,
    /// The value of `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The value of `If-Match`.
    pub if_match: Option<Tags>,
    /// The `User-Agent` header of the device.
    pub user_agent: Option<String>,
    /// The network address from which it comes.
    pub address: String,
    /// The language of the answer's texts.
    pub language: Language,
    /// Whether it is for those too who must set up a second factor before anything else (rule A19).
    pub is_before_enrolment: bool,
    /// The query of the address, if there is one.
    query: Option<Arc<UrlQuery>>,
}

impl Context {
    /// Goes on only if the operation has read the query of the address: one that takes none refuses whatever stands there.
    pub fn require_read_query(&self) -> Result<(), Problem> {
        self.query.as_ref().map_or(Ok(()), |query| query.require_read())
    }
}

/// The query of an address: the parameters with their values, and whether an operation has read them.
#[derive(Debug)]
struct UrlQuery {
    parameters: Vec<(String, String)>,
    is_read: AtomicBool,
}

impl UrlQuery {
    /// The query of a request, decoded once for all that look at it; none when the address has none.
    fn of(request: &HttpRequest) -> Option<Arc<Self>> {
        if request.query_string().is_empty() {
            return None;
        }
        let mut extensions = request.extensions_mut();
        if let Some(query) = extensions.get::<Arc<Self>>() {
            return Some(Arc::clone(query));
        }
        // Every text can be read as parameters. If one could not, that is a parameter that no operation has.
        let decoded = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let parameters = decoded.map_or_else(|_| vec![Default::default()], web::Query::into_inner);
        let query = Arc::new(Self { parameters, is_read: AtomicBool::new(false) });
        extensions.insert(Arc::clone(&query));
        Some(query)
    }

    /// The parameters, for the operation that takes them. Each stands once.
    fn read(&self) -> Result<Map<String, Value>, Problem> {
        self.is_read.store(true, Ordering::Relaxed);
        let (mut object, mut repeated) = (Map::new(), vec![]);
        for (name, value) in &self.parameters {
            if object.insert(name.clone(), Value::String(value.clone())).is_some() {
                repeated.push(name);
            }
        }
        if repeated.is_empty() {
            return Ok(object);
        }
        let conflict = |name: &String| FieldProblem::new(Place::sent_parameter(name), "conflicts_with_other");
        Err(Problem::invalid(once(repeated.into_iter()).map(conflict)))
    }

    /// Goes on only if an operation has read the parameters, or there are none.
    fn require_read(&self) -> Result<(), Problem> {
        if self.is_read.load(Ordering::Relaxed) || self.parameters.is_empty() {
            return Ok(());
        }
        let names = once(self.parameters.iter().map(|(name, _)| name));
        Err(Problem::invalid(names.map(|name| FieldProblem::unknown_parameter(name))))
    }
}

/// Each of some names at its first place.
fn once<'n>(names: impl Iterator<Item = &'n String>) -> impl Iterator<Item = &'n String> {
    let mut seen = HashSet::new();
    names.filter(move |name| seen.insert(*name))
}

/// What a valid access token says: whose it is. What the account has now is looked up in the database (rule A2).
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    /// The account.
    pub account_id: AccountId,
    /// The session.
    pub session_id: SessionId,
    /// The kind of account, which never changes.
    pub kind: AccountKind,
}

impl From<Claims> for Bearer {
    fn from(claims: Claims) -> Self {
        Self { account_id: claims.sub.into(), session_id: claims.sid.into(), kind: claims.kind }
    }
}

/// Someone who sent a valid access token.
#[derive(Clone)]
pub struct SignedIn {
    /// What the request has besides its body.
    pub context: Context,
    /// What the token says.
    pub bearer: Bearer,
}

impl SignedIn {
    /// The same for one of the few operations that are there for those too who must set up a second factor first (rule A19).
    /// The document says so by `x-before-enrolment`.
    #[must_use]
    pub fn before_enrolment(mut self) -> Self {
        self.context.is_before_enrolment = true;
        self
    }
}

/// Whoever it is: an access token that was sent along is not looked at. For what proves by other means who asks, or is for
/// everyone: clients that attach a token to each request attach an expired one too.
#[derive(Clone)]
pub struct Public {
    /// What the request has besides its body.
    pub context: Context,
}

/// Someone who may have sent an access token, where it matters whether they did.
#[derive(Clone)]
pub struct Anyone {
    /// What the request has besides its body.
    pub context: Context,
    /// What the token says, if one was sent.
    pub bearer: Option<Bearer>,
}

fn header_text(request: &HttpRequest, name: header::HeaderName) -> Option<String> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The language that a client prefers by `Accept-Language`. Of two that it prefers equally, it is the one that the
/// client names first; it is English when the client names neither.
pub fn language(request: &HttpRequest) -> Language {
    if !request.headers().contains_key(header::ACCEPT_LANGUAGE) {
        return Language::English;
    }
    let ranges = AcceptLanguage::parse(request).map(|accepted| accepted.0).unwrap_or_default();
    // For each language: how much the client prefers it, and where it is named. `*` stands for the languages that are
    // not named; a weight of 0 ranks below not being named.
    let liking = |language: Language| {
        let named = |range: &header::LanguageTag| range.primary_language().eq_ignore_ascii_case(language.code());
        let of = |wanted: &dyn Fn(&header::Preference<header::LanguageTag>) -> bool| {
            let found = ranges.iter().enumerate().filter(|(_, range)| wanted(&range.item));
            found.map(|(place, range)| (range.quality, Reverse(place))).max()
        };
        match of(&|range| range.item().is_some_and(named)).or_else(|| of(&header::Preference::is_any)) {
            Some((quality, place)) if quality > header::Quality::ZERO => (2, Some(quality), Some(place)),
            Some(_) => (0, None, None),
            None => (1, None, None),
        }
    };
    let english = (liking(Language::English), Reverse(0), Language::English);
    let dutch = (liking(Language::Dutch), Reverse(1), Language::Dutch);
    english.max(dutch).2
}

/// Whether a request goes to an operation of the API. Its path is looked at as the router reads it, with percent-encoding
/// undone: else `/%761/account` would reach the operation and pass by every limit.
fn is_of_the_api(request: &HttpRequest) -> bool {
    request.match_info().as_str().starts_with("/v1/")
}

/// Whether a request is work for the database: an operation of the API, or a look at a calendar. There are limits on those.
pub fn is_limited(request: &HttpRequest) -> bool {
    is_of_the_api(request) || request.match_info().as_str().starts_with("/calendar/")
}

/// Whether it is work for the database that is turned away when there is too much of it. That of leaving off is not limited by
/// address, since the clicks of many people come from the few addresses of a great mail provider.
pub fn needs_database(request: &HttpRequest) -> bool {
    is_limited(request) || request.match_info().as_str().starts_with("/unsubscribe/")
}

/// The trace to which a request says that it belongs (W3C Trace Context).
pub fn trace(request: &HttpRequest) -> Option<String> {
    let parent = header_text(request, header::HeaderName::from_static("traceparent"))?;
    parent.split('-').nth(1).map(str::to_owned)
}

fn context(request: &HttpRequest) -> Result<Context, Problem> {
    let app = request.app_data::<web::Data<App>>().cloned().ok_or_else(|| Problem::internal("no application state"))?;
    // All three are looked at before anything is said of one.
    let mut wrong = vec![];
    let idempotency_key = noted(&mut wrong, idempotency_key(request)).flatten();
    noted(&mut wrong, check_if_none_match(request));
    let if_match = noted(&mut wrong, if_match(request)).flatten();
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    let user_agent = header_text(request, header::USER_AGENT);
    let user_agent =
        user_agent.and_then(|agent| domain::value::line(&agent.chars().take(200).collect::<String>(), 200).ok());
    Ok(Context {
        target: format!("{} {}", request.method(), request.uri()),
        idempotency_key,
        if_match,
        user_agent,
        address: address::of(request, app.settings.trust_forwarded),
        language: language(request),
        is_before_enrolment: false,
        query: UrlQuery::of(request),
        app,
    })
}

/// What a header says. What is wrong with it is added to what is wrong with others.
fn noted<T>(wrong: &mut Vec<FieldProblem>, header: Result<T, (&'static str, &'static str)>) -> Option<T> {
    header.map_err(|(name, code)| wrong.push(FieldProblem::new(Place::Parameter(name.into()), code))).ok()
}

/// What `If-Match` says. A condition that no version of anything can meet is a mistake of the client: were it answered like
/// one that failed, the client would load the thing again and again.
fn if_match(request: &HttpRequest) -> Result<Option<Tags>, (&'static str, &'static str)> {
    let wrong = ("If-Match", "if_match_invalid");
    let tags = Tags::of(request.headers(), &header::IF_MATCH).map_err(|Malformed| wrong)?;
    if tags.as_ref().is_none_or(Tags::may_name_a_version) { Ok(tags) } else { Err(wrong) }
}

/// Goes on only if `If-None-Match` is not malformed, and stands with a request that reads. What it says is looked at when
/// there is an answer. No change has a use for it: were it passed over there, the client would believe that it was kept.
fn check_if_none_match(request: &HttpRequest) -> Result<(), (&'static str, &'static str)> {
    match Tags::of(request.headers(), &header::IF_NONE_MATCH) {
        Err(Malformed) => Err(("If-None-Match", "if_none_match_invalid")),
        // A HEAD is a GET here.
        Ok(Some(_)) if request.method() != actix_web::http::Method::GET => Err(("If-None-Match", "only_for_reading")),
        Ok(_) => Ok(()),
    }
}

/// The value of `Idempotency-Key`. Of two of them, nobody can say which one counts.
fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, (&'static str, &'static str)> {
    let mut sent = request.headers().get_all("idempotency-key");
    let Some(value) = sent.next() else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|_| sent.next().is_none());
    text.filter(|key| (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(|key| Some(key.to_owned()))
        .ok_or(("Idempotency-Key", "idempotency_key_invalid"))
}

/// The claims of the token that was sent: none without a token, a problem with an invalid one, or with two headers.
fn claims(request: &HttpRequest, context: &Context) -> Result<Option<Claims>, Problem> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let Some(sent) = all.next() else {
        return Ok(None);
    };
    // Of two, nobody can say which one counts, and a proxy may have looked at the other.
    if all.next().is_some() {
        return Err(Problem::parameter("Authorization", "conflicts_with_other"));
    }
    let token = sent
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, token) = token.ok_or(Code::Unauthenticated)?;
    let now = context.app.clock.now();
    let claims = context.app.tokens.verify(token.trim(), now).ok_or(Code::Unauthenticated)?;
    Ok(Some(claims))
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context(request).and_then(|context| {
            let claims = claims(request, &context)?.ok_or(Code::Unauthenticated)?;
            Ok(Self { context, bearer: claims.into() })
        }))
    }
}

impl FromRequest for Public {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context(request).map(|context| Self { context }))
    }
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context(request).and_then(|context| {
            let claims = claims(request, &context)?;
            Ok(Self { context, bearer: claims.map(Bearer::from) })
        }))
    }
}

/// The body of a request, read and checked, with its hash. An operation with another limit states it, as in
/// `Json<Photo, { 4 * MIB }>`.
pub struct Json<T, const LIMIT: usize = MAX_BODY> {
    /// The request.
    pub value: T,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
}

impl<T: Request + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = if request.method() == actix_web::http::Method::PATCH { &MERGE_PATCH } else { &JSON };
        let incoming = Incoming::new(request, payload, form, Some(LIMIT));
        // What takes a body of JSON takes no query.
        let query = UrlQuery::of(request);
        Box::pin(async move {
            query.map_or(Ok(()), |query| query.require_read())?;
            let bytes = incoming?.whole().await?;
            let sent = Sent::read(&bytes)?;
            let value = wire::read(sent).map_err(Problem::invalid)?;
            Ok(Self { value, hash: Sha256::digest(&bytes).into() })
        })
    }
}

/// The body of a request that may be left out: no body at all, whatever its media type, is an object without properties.
pub struct OptionalJson<T> {
    /// The request.
    pub value: T,
    /// SHA-256 of the bytes; of a body that was left out, of `{}`, which means the same.
    pub hash: [u8; 32],
}

impl<T: Request + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        const NOTHING: &[u8] = b"{}";
        let headers = request.headers();
        let is_empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length.as_bytes() == b"0");
        if !is_empty || headers.contains_key(header::TRANSFER_ENCODING) {
            let sent = Json::<T, MAX_BODY>::from_request(request, payload);
            return Box::pin(async move { sent.await.map(|Json { value, hash }| Self { value, hash }) });
        }
        let query = UrlQuery::of(request);
        Box::pin(async move {
            query.map_or(Ok(()), |query| query.require_read())?;
            let value = wire::read(Sent::read(NOTHING)?).map_err(Problem::invalid)?;
            Ok(Self { value, hash: Sha256::digest(NOTHING).into() })
        })
    }
}

/// The query of a request, read and checked.
pub struct Query<T>(pub T);

impl<T: Request> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parameters = UrlQuery::of(request).map_or_else(|| Ok(Map::new()), |query| query.read());
        let path = request.match_info().as_str();
        ready(parameters.and_then(|parameters| wire::read_query(path, parameters).map(Self).map_err(Problem::invalid)))
    }
}

/// The id in a path.
pub struct PathId(pub uuid::Uuid);

impl FromRequest for PathId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(wire::read_id);
        ready(id.map(Self).ok_or_else(|| Problem::parameter("id", "uuid_invalid")))
    }
}

/// The id in a path and the task behind it, which is of the catalogue.
pub struct PathTask {
    /// The id of the thing to which the task belongs.
    pub id: uuid::Uuid,
    /// The task.
    pub task: domain::service_task::TaskKey,
}

impl FromRequest for PathTask {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let part = |name: &str| request.match_info().get(name).unwrap_or_default();
        let (id, task) = (wire::read_id(part("id")), domain::service_task::TaskKey::find(part("task")));
        let wrong = |name: &'static str, code| FieldProblem::new(Place::Parameter(name.into()), code);
        ready(match (id, task) {
            (Some(id), Some(task)) => Ok(Self { id, task }),
            (id, task) => {
                let wrong_id = id.is_none().then(|| wrong("id", "uuid_invalid"));
                let wrong_task = task.is_none().then(|| wrong("task", "task_unknown"));
                Err(Problem::invalid([wrong_id, wrong_task].into_iter().flatten()))
            }
        })
    }
}

/// The two ids in the path of something that belongs to another thing, in their order. The route names them.
pub struct PathIds {
    /// The id of the thing to which it belongs.
    pub id: uuid::Uuid,
    /// The id of the thing itself.
    pub part: uuid::Uuid,
}

impl FromRequest for PathIds {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(two_ids(request.match_info().iter()))
    }
}

/// The two ids in a path, or all that is wrong with them.
fn two_ids<'a>(named: impl Iterator<Item = (&'a str, &'a str)>) -> Result<PathIds, Problem> {
    let (mut wrong, mut ids) = (Vec::new(), Vec::new());
    for (name, text) in named {
        match wire::read_id(text) {
            Some(id) => ids.push(id),
            None => wrong.push(FieldProblem::new(Place::Parameter(name.to_owned().into()), "uuid_invalid")),
        }
    }
    match ids.as_slice() {
        _ if !wrong.is_empty() => Err(Problem::invalid(wrong)),
        &[id, part] => Ok(PathIds { id, part }),
        _ => Err(Problem::internal("the path has not two ids")),
    }
}

/// A place of something that belongs to another thing: the two ids in the path, and behind them the name of the place.
pub struct PathPlace {
    /// The id of the thing to which it belongs.
    pub id: uuid::Uuid,
    /// The id of the thing itself.
    pub part: uuid::Uuid,
    /// The name of the place, as it was sent.
    pub place: String,
}

impl FromRequest for PathPlace {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut named = request.match_info().iter();
        let ids = two_ids(named.by_ref().take(2));
        let place = named.next().map(|(_, place)| place.to_owned()).unwrap_or_default();
        ready(ids.map(|PathIds { id, part }| Self { id, part, place }))
    }
}

/// The licence plate in a path, as it was typed.
pub struct PathPlate(pub String);

impl FromRequest for PathPlate {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.match_info().get("plate").unwrap_or_default().to_owned())))
    }
}

/// The id of the request, which the outermost layer sets.
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_weighed() {
        let spoken = |accepted: &str| {
            let request = actix_web::test::TestRequest::default().insert_header(("accept-language", accepted));
            language(&request.to_http_request()).code()
        };
        for (accepted, expected) in [
            ("", "en"),
            ("nl", "nl"),
            ("NL-be, en;q=0.9", "nl"),
            ("en;q=0.5, nl;q=0.8", "nl"),
            ("nl;q=0.5, en-GB;q=0.8", "en"),
            ("nl, en", "nl"),
            ("en, nl", "en"),
            ("de, nl;q=0.1", "nl"),
            ("de", "en"),
            ("*", "en"),
            ("*, en;q=0.5", "nl"),
            ("nl;q=0", "en"),
            ("en;q=0", "nl"),
            ("en;q=0, nl;q=0", "en"),
            ("nl-NL;q=0.2, nl;q=0.9, en;q=0.5", "nl"),
            ("?, nl;q=0.3", "nl"),
        ] {
            assert_eq!(spoken(accepted), expected, "{accepted}");
        }
        let nothing = actix_web::test::TestRequest::default().to_http_request();
        assert_eq!(language(&nothing), Language::English);
    }

    #[test]
    fn a_query_is_decoded_once_and_read_or_refused() {
        let request = actix_web::test::TestRequest::with_uri("/x?a=1%202&b=").to_http_request();
        let query = UrlQuery::of(&request).unwrap();
        assert!(Arc::ptr_eq(&query, &UrlQuery::of(&request).unwrap()));
        assert_eq!(query.require_read().unwrap_err().fields.len(), 2);
        let parameters = query.read().unwrap();
        assert_eq!((&parameters["a"], &parameters["b"]), (&Value::from("1 2"), &Value::from("")));
        assert!(query.require_read().is_ok());
        let none = actix_web::test::TestRequest::with_uri("/x?").to_http_request();
        assert!(UrlQuery::of(&none).is_none());
    }

    #[test]
    fn a_wrong_query_is_told_of_in_few_words() {
        let named = |problem: Problem| {
            let names = problem.fields.into_iter().map(|field| match field.place {
                Place::Parameter(name) => name.into_owned(),
                Place::Body(pointer) => pointer,
            });
            names.collect::<Vec<_>>()
        };
        let of = |query: &str| {
            UrlQuery::of(&actix_web::test::TestRequest::with_uri(&format!("/x?{query}")).to_http_request()).unwrap()
        };
        let same = of(&"b=&a=&".repeat(1_000));
        assert_eq!(named(same.require_read().unwrap_err()), ["b", "a"]);
        assert_eq!(named(same.read().unwrap_err()), ["b", "a"]);
        let many = (0..1_000).map(|number| format!("p{number}&p{number}")).collect::<Vec<_>>().join("&");
        assert_eq!(named(of(&many).require_read().unwrap_err()).len(), crate::problem::MAX_FIELDS);
        assert_eq!(named(of(&many).read().unwrap_err()).len(), crate::problem::MAX_FIELDS);
    }
}
