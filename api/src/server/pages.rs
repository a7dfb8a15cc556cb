//! What is served besides the operations: the document, the changelog, the pages of problems, the page at `/app`, the public
//! keys, the calendars, and the answers for addresses where there is nothing.

use super::{Frame, SENT_BY_PAGES, app_page, docs, health, unsubscribe_page};
use crate::{
    calendar, openapi,
    problem::{Code, Problem, page},
    state::App,
};
use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::{Method, header},
    web::{self, Bytes},
};
use std::{collections::BTreeSet, sync::Arc};

/// Clients can store the answer, but ask each time whether it has changed, which costs little when it has not.
pub(super) const REVALIDATE: &str = "no-cache";

const CHANGELOG: &str = include_str!("../../../CHANGELOG.md");

/// The pages that the pages of every origin can read.
const OPEN_TO_ALL: [&str; 4] = ["/v1/openapi.json", "/v1/openapi.yaml", "/.well-known/jwks.json", "/changelog"];

/// A path as the log and the problems show it. What stands behind `calendar/` or `unsubscribe/` is a secret, also where the rest of
/// the path was mistaken; and where no route has such a path (`pattern`), each segment that is long enough for a secret may be one.
/// `decoded` is the path as the router reads it.
pub(super) fn shown_path(path: &str, decoded: &str, pattern: Option<&str>) -> String {
    const BEFORE_SECRET: [&str; 2] = ["calendar/", "unsubscribe/"];
    let whole = percent_decoded(decoded);
    if !decoded.starts_with("/v1/") {
        let lower = whole.to_ascii_lowercase();
        if let Some(place) = BEFORE_SECRET.iter().find(|place| lower.contains(*place)) {
            return format!("/{place}");
        }
    }
    // Below `/app` every path has a route, also one that is mistaken.
    if pattern.is_some_and(|pattern| !pattern.starts_with("/app/")) {
        return path.to_owned();
    }
    if whole.split('/').all(|segment| segment.chars().count() <= LONGEST_SHOWN) {
        return path.to_owned();
    }
    let hidden = |segment: &str| {
        let is_short = percent_decoded(segment).split('/').all(|part| part.chars().count() <= LONGEST_SHOWN);
        if is_short { segment.to_owned() } else { "…".to_owned() }
    };
    path.split('/').map(hidden).collect::<Vec<_>>().join("/")
}

/// How many characters of a segment of a path that nothing is at are shown: a secret has more, and an id or a word in a path that
/// is mistaken has rarely.
const LONGEST_SHOWN: usize = 20;

/// A text with its percent-encoding undone, as often as it was done.
fn percent_decoded(text: &str) -> String {
    let mut text = text.to_owned();
    // Each round makes it shorter, or is the last.
    loop {
        let next = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if next.len() >= text.len() {
            return text;
        }
        text = next;
    }
}

/// Whether the pages of every origin can read what is at a path, also a refusal.
pub(super) fn is_open_to_all(path: &str) -> bool {
    OPEN_TO_ALL.contains(&path)
}

/// The answer to a preflight for what the pages of every origin can read; none when it asks for more than reading, or with
/// a header that no page may send. It is the same for every origin, so it can be kept for all of them.
pub(super) fn open_preflight(request: &HttpRequest) -> Option<HttpResponse> {
    if request.method() != Method::OPTIONS || !is_open_to_all(request.match_info().as_str()) {
        return None;
    }
    let asked = |name: header::HeaderName| request.headers().get(name).map(header::HeaderValue::to_str);
    asked(header::ORIGIN)?.ok()?;
    let is_to_read = ["GET", "HEAD"].contains(&asked(header::ACCESS_CONTROL_REQUEST_METHOD)?.ok()?);
    let mut names = asked(header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or(Ok("")).ok()?.split(',').map(str::trim);
    let is_known = |name: &str| name.is_empty() || SENT_BY_PAGES.iter().any(|known| known.eq_ignore_ascii_case(name));
    (is_to_read && names.all(is_known)).then(|| {
        HttpResponse::Ok()
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, SENT_BY_PAGES.join(", ")))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "3600"))
            .finish()
    })
}

/// The paths besides the operations, each with its method and its handler.
pub(super) fn pages() -> Vec<(&'static str, Method, Route)> {
    let read = |path, route| (path, Method::GET, route);
    vec![
        read("/", web::get().to(docs::from_the_root)),
        read("/v1/openapi.json", web::get().to(openapi_json)),
        read("/v1/openapi.yaml", web::get().to(openapi_yaml)),
        read("/.well-known/jwks.json", web::get().to(jwks)),
        read("/health/live", web::get().to(health::live)),
        read("/health/ready", web::get().to(health::ready)),
        read("/metrics", web::get().to(health::metrics)),
        read("/problems/{code}", web::get().to(problem_page)),
        read("/changelog", web::get().to(changelog)),
        read("/docs", web::get().to(docs::without_slash)),
        read("/docs/", web::get().to(docs::page)),
        read("/docs/{file}", web::get().to(docs::file)),
        read("/calendar/{file}", web::get().to(calendar::feed::serve)),
        read("/app", web::get().to(app_page::page)),
        read("/app/{path:.*}", web::get().to(app_page::below)),
        read("/unsubscribe/{token}", web::get().to(unsubscribe_page::page)),
        ("/unsubscribe/{token}", Method::POST, web::post().to(unsubscribe_page::submit)),
    ]
}

/// The OpenAPI document as it is served, and what follows from it. It is made at the first request: for a moment, that
/// takes more memory than everything else in a server at rest.
pub(super) struct Published {
    json: Bytes,
    yaml: Bytes,
    /// Each path with its methods.
    routes: Vec<(String, Vec<String>)>,
}

impl Published {
    fn new() -> Self {
        let document = openapi::document();
        let yaml = openapi::yaml(&document);
        Self { json: document.to_string().into(), yaml: yaml.into(), routes: openapi::routes(&document) }
    }
}

impl Frame {
    pub(super) async fn published(self: &Arc<Self>) -> Result<&Published, Problem> {
        if self.published.get().is_none() {
            let made = web::block(Published::new).await.map_err(|error| Problem::internal(&error.to_string()))?;
            // When two were made at the same time, either can be used.
            return Ok(self.published.get_or_init(|| made));
        }
        self.published.get().ok_or_else(|| Problem::internal("the OpenAPI document was not made"))
    }
}

pub(super) async fn openapi_json(frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    Ok(revalidated().content_type("application/json").body(frame.published().await?.json.clone()))
}

pub(super) async fn openapi_yaml(frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    Ok(revalidated().content_type("application/yaml").body(frame.published().await?.yaml.clone()))
}

fn revalidated() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, REVALIDATE));
    response
}

pub(super) async fn jwks(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(app.tokens.jwks())
}

pub(super) async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::from_code(&code).ok_or(Code::NotFound)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(code)))
}

pub(super) async fn changelog() -> HttpResponse {
    revalidated().content_type("text/markdown; charset=utf-8").body(CHANGELOG)
}

/// 404; where the path exists with other methods 405, and for OPTIONS 204, with `Allow`.
pub(super) async fn nothing_here(request: HttpRequest, frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    let mut methods: BTreeSet<&str> = BTreeSet::new();
    // As the router reads it: `/v1/%61ccount` is `/v1/account`.
    let whole = request.match_info().as_str();
    if let Some(path) = whole.strip_prefix("/v1") {
        let routes = frame.published().await?.routes.iter().filter(|(pattern, _)| matches_pattern(pattern, path));
        methods.extend(routes.flat_map(|(_, methods)| methods).map(String::as_str));
    }
    let pages = pages();
    let here = pages.iter().filter(|(pattern, ..)| matches_pattern(pattern, whole));
    methods.extend(here.map(|(_, method, _)| method.as_str()));
    if methods.is_empty() {
        return Err(Code::NotFound.into());
    }
    if methods.contains("GET") {
        methods.insert("HEAD");
    }
    methods.insert("OPTIONS");
    let allow = methods.into_iter().collect::<Vec<_>>().join(", ");
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish());
    }
    let mut problem = Problem::new(Code::MethodNotAllowed);
    problem.allow = Some(allow);
    Err(problem)
}

pub(super) fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(w), Some(g)) if w == g || (w.starts_with('{') && !g.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_to_all_is_there() {
        for path in OPEN_TO_ALL {
            assert!(pages().iter().any(|(page, ..)| *page == path), "{path}");
        }
    }

    #[test]
    fn cal1_the_secret_of_a_calendar_is_not_shown() {
        for path in ["/calendar/s3cret.ics", "/calendar/s3cret", "//Calendar/s3cret.ics/x", "/x/calendar/s3cret?"] {
            assert_eq!(shown_path(path, path, Some("/calendar/{file}")), "/calendar/");
        }
        assert_eq!(shown_path("/unsubscribe/t0ken", "/unsubscribe/t0ken", None), "/unsubscribe/");
        assert_eq!(shown_path("/%63alendar/s3cret.ics", "/calendar/s3cret.ics", None), "/calendar/");
        assert_eq!(shown_path("/calendar%2Fs3cret.ics", "/calendar%2Fs3cret.ics", None), "/calendar/");
        assert_eq!(shown_path("/unsubscribe%252Ft0ken", "/unsubscribe%252Ft0ken", None), "/unsubscribe/");
        for path in ["/v1/account/calendar", "/v1/x/calendar/1", "/docs/", "/calendar"] {
            assert_eq!(shown_path(path, path, None), path);
        }
    }

    #[test]
    fn cal1_what_may_be_a_secret_is_hidden_where_no_route_is() {
        let secret = "k3_Zx9-qL0aVbN7cMd2sRt";
        for (path, shown) in [
            (format!("/calendars/{secret}.ics"), "/calendars/…"),
            (format!("/{secret}.ics"), "/…"),
            (format!("/v1/unsubscribe/{secret}"), "/v1/unsubscribe/…"),
            (format!("/v1%2Funsubscribe%2F{secret}"), "/unsubscribe/"),
            (format!("/x%2F{secret}/y"), "/…/y"),
        ] {
            assert_eq!(shown_path(&path, &path, None), shown, "{path}");
        }
        let mistaken = format!("/app/{secret}");
        assert_eq!(shown_path(&mistaken, &mistaken, Some("/app/{path:.*}")), "/app/…");
        let id = "/v1/passports/0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";
        assert_eq!(shown_path(id, id, Some("/v1/passports/{id}")), id);
        assert_eq!(shown_path("/v1/%C3%A9%C3%A9%C3%A9%C3%A9", "/v1/éééé", None), "/v1/%C3%A9%C3%A9%C3%A9%C3%A9");
    }

    #[test]
    fn paths_match_their_patterns_alone() {
        assert!(matches_pattern("/passports/{id}", "/passports/1"));
        for other in ["/passports", "/passports/", "/passports/1/", "/passports/1/fleet", "/fleets/1"] {
            assert!(!matches_pattern("/passports/{id}", other), "{other}");
        }
    }
}
