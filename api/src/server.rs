//! The HTTP server: its routes and the layer around every request.

use crate::{
    account, apk, auth, customers, fleets, garage, invitations, licence_plates, odometer, openapi, passport_imports,
    passports,
    problem::{Code, Problem, page},
    registration,
    request::{self, RequestId},
    staff,
    state::App,
    transfers, vehicle_register,
};
use actix_cors::Cors;
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, HttpServer,
    body::{BoxBody, MessageBody},
    dev::{HttpServiceFactory, Server, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::{Next, from_fn},
    web::{self, Bytes},
};
use domain::Instant;
use futures_util::FutureExt;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _, middleware::StateInformationMiddleware,
};
use std::{
    net::TcpListener,
    num::NonZeroU32,
    panic::AssertUnwindSafe,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};
use utoipa_actix_web::OpenApiFactory;

/// Where operations are listed: in a server, or in the document that describes them. A server that collected the
/// document too, as each of its threads starts, would need twice the memory.
pub trait Registry {
    /// Lists one.
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;
}

impl Registry for web::ServiceConfig {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.service(operation)
    }
}

impl Registry for utoipa_actix_web::service_config::ServiceConfig<'_> {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.service(operation)
    }
}

/// Every operation of the API, below `/v1`. What is not listed here does not exist, in the document or outside it.
pub fn services(registry: &mut impl Registry) {
    // The router tries one after the other: what is asked for most comes first.
    passports::services(registry);
    fleets::services(registry);
    apk::services(registry);
    odometer::services(registry);
    registration::services(registry);
    transfers::services(registry);
    customers::services(registry);
    licence_plates::services(registry);
    vehicle_register::services(registry);
    auth::services(registry);
    account::services(registry);
    invitations::services(registry);
    garage::services(registry);
    staff::services(registry);
    passport_imports::services(registry);
}

type Limiter = DefaultKeyedRateLimiter<String, StateInformationMiddleware>;

/// What the layer around requests needs.
struct Frame {
    app: web::Data<App>,
    limiter: Option<(u32, Limiter)>,
    seen: AtomicU32,
    refused: Refused,
    published: OnceLock<Published>,
}

/// Requests that were turned away since there was more to do than can be done in time. The log tells of them once a second:
/// a line for each would cost as much as turning them away, just when there is nothing to spare.
#[derive(Default)]
struct Refused {
    count: AtomicU64,
    /// The second of the last line, since 1970.
    said_at: AtomicI64,
}

impl Refused {
    /// Counts one; how many there were since the last line, when it is time for another.
    fn one_more(&self, now: Instant) -> Option<u64> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let (second, said_at) = (now.as_second(), self.said_at.load(Ordering::Relaxed));
        let is_time = second != said_at
            && self.said_at.compare_exchange(said_at, second, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        is_time.then(|| self.count.swap(0, Ordering::Relaxed))
    }
}

/// The OpenAPI document as it is served, and what follows from it. Made when first asked for: it takes more memory for a
/// moment than all else that the server does at rest.
struct Published {
    json: Bytes,
    yaml: Bytes,
    /// Each path with its methods.
    routes: Vec<(String, Vec<String>)>,
}

impl Published {
    fn new() -> Result<Self, String> {
        let document = openapi::document();
        let yaml = yaml_serde::to_string(&document).map_err(|error| error.to_string())?;
        Ok(Self { json: document.to_string().into(), yaml: yaml.into(), routes: openapi::routes(&document) })
    }
}

impl Frame {
    async fn published(self: &Arc<Self>) -> Result<&Published, Problem> {
        if self.published.get().is_none() {
            let made = web::block(Published::new).await.map_err(|error| error.to_string()).flatten();
            let made = made.map_err(|error| Problem::internal(&error))?;
            // Of two that were made at once, either will do.
            return Ok(self.published.get_or_init(|| made));
        }
        self.published.get().ok_or_else(|| Problem::internal("the OpenAPI document was not made"))
    }
}

/// Serves on a socket until the returned server is stopped; requests under way are finished first.
pub fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let limiter = app.settings.requests_per_minute.and_then(NonZeroU32::new).map(|rate| {
        let limiter = RateLimiter::keyed(Quota::per_minute(rate)).with_middleware::<StateInformationMiddleware>();
        (rate.get(), limiter)
    });
    let frame = Arc::new(Frame {
        app,
        limiter,
        seen: AtomicU32::new(0),
        refused: Refused::default(),
        published: OnceLock::new(),
    });
    let workers = frame.app.settings.workers;
    let server = HttpServer::new(move || {
        let frame = Arc::clone(&frame);
        let around = Arc::clone(&frame);
        actix_web::App::new()
            .app_data(frame.app.clone())
            .app_data(web::Data::from(Arc::clone(&frame)))
            .wrap(from_fn(turn_away))
            .wrap(cors(&frame.app.settings.cors_origins))
            .wrap(from_fn(move |request, next| surround(Arc::clone(&around), request, next)))
            .service(
                web::scope("/v1")
                    .route("/openapi.json", web::get().to(openapi_json))
                    .route("/openapi.yaml", web::get().to(openapi_yaml))
                    .configure(services)
                    .default_service(web::to(nothing_here)),
            )
            .route("/.well-known/jwks.json", web::get().to(jwks))
            .route("/health/live", web::get().to(live))
            .route("/health/ready", web::get().to(ready))
            .route("/metrics", web::get().to(metrics))
            .route("/problems/{code}", web::get().to(problem_page))
            .route("/docs", web::get().to(docs))
            .service(
                utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}")
                    .config(utoipa_swagger_ui::Config::from("/v1/openapi.json").persist_authorization(true)),
            )
            .default_service(web::to(nothing_here))
    });
    let server = server
        .workers(workers)
        .client_request_timeout(Duration::from_secs(15))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authorization",
            "Content-Type",
            "If-Match",
            "Idempotency-Key",
            "Accept-Language",
            "traceparent",
        ])
        .expose_headers([
            "ETag",
            "Location",
            "API-Version",
            "X-Request-Id",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
        ])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// What is known of a request before it is handled.
struct Asked {
    id: String,
    method: Method,
    path: String,
    trace: Option<String>,
    language: domain::value::Language,
}

/// Around every request: id, log, rate limit, panics, problems, headers, metrics.
async fn surround(
    frame: Arc<Frame>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = tokio::time::Instant::now();
    let id = crate::clock::new_id::<uuid::Uuid>().to_string();
    let asked = Asked {
        id,
        method: request.method().clone(),
        path: request.path().to_owned(),
        trace: request::trace(request.request()),
        language: request::language(request.request()),
    };
    request.extensions_mut().insert(RequestId(asked.id.clone()));
    let limit = frame.limiter.as_ref().filter(|_| asked.path.starts_with("/v1/")).map(|(rate, limiter)| {
        let address = request::address(request.request(), frame.app.settings.trust_forwarded);
        // Addresses that have been quiet are forgotten, so that many of them do not fill the memory.
        if frame.seen.fetch_add(1, Ordering::Relaxed) % 10_000 == 9_999 {
            limiter.retain_recent();
        }
        (
            *rate,
            limiter
                .check_key(&address)
                .map(|state| state.remaining_burst_capacity())
                .map_err(|wait| wait.wait_time_from(governor::clock::DefaultClock::default().now())),
        )
    });
    let response = if let Some((_, Err(wait))) = limit {
        let seconds = i64::try_from(wait.as_secs()).unwrap_or(60) + 1;
        request.error_response(Problem::new(Code::TooManyRequests).retry_after(seconds)).map_into_boxed_body()
    } else {
        let called = AssertUnwindSafe(next.call(request)).catch_unwind().await;
        let failed = match called {
            Ok(Ok(response)) => Ok(response.map_into_boxed_body()),
            Ok(Err(error)) => Err(HttpResponse::from_error(error)),
            Err(_) => Err(HttpResponse::from_error(Problem::internal("a handler panicked"))),
        };
        match failed {
            Ok(response) => response,
            Err(response) => {
                let rendered = finish(&frame, &asked, response, limit.as_ref());
                count(&asked.method, "failed", rendered.status(), begun.elapsed().as_secs_f64());
                return Err(actix_web::error::InternalError::from_response("", rendered).into());
            }
        }
    };
    let pattern = response.request().match_pattern().unwrap_or_else(|| "unknown".into());
    let (request, response) = response.into_parts();
    let is_refused = response.status() == StatusCode::SERVICE_UNAVAILABLE
        && problem_of(&response).is_some_and(|problem| problem.code == Code::Overloaded);
    let response = finish(&frame, &asked, response, limit.as_ref());
    let seconds = begun.elapsed().as_secs_f64();
    count(&asked.method, &pattern, response.status(), seconds);
    if !is_refused {
        let Asked { id, method, path, trace, .. } = &asked;
        // Not in a span: what a span holds is written down as it begins, and read and written again for each line.
        tracing::info!(id, %method, path, trace, status = response.status().as_u16(), seconds, "answered");
    } else if let Some(requests) = frame.refused.one_more(frame.app.clock.now()) {
        tracing::warn!(requests, "turned away since the last such line: there is more to do than can be done in time");
    }
    Ok(ServiceResponse::new(request, response))
}

/// Who would find the queue for the database full is told so at once: looking at the request any further would take from
/// those who are served.
async fn turn_away(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_full = request.app_data::<web::Data<App>>().is_some_and(|app| app.database.is_full());
    if is_full && request.path().starts_with("/v1/") {
        return Ok(request.error_response(Problem::new(Code::Overloaded).retry_after(2)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn count(method: &Method, pattern: &str, status: StatusCode, seconds: f64) {
    // A client may send any word as a method; each label costs memory for ever.
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let method = if known.contains(method) { method.as_str() } else { "OTHER" };
    let operation = format!("{method} {pattern}");
    let labels = [("operation", operation.clone()), ("status", status.as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", "operation" => operation).record(seconds);
}

type Limit = (u32, Result<u32, Duration>);

/// Writes the body of a problem, and the headers that every response has.
fn finish(frame: &Frame, asked: &Asked, response: HttpResponse, limit: Option<&Limit>) -> HttpResponse {
    let mut response = match problem_of(&response) {
        Some(problem) => {
            if let Some(reason) = problem.reason() {
                let Asked { id, method, path, trace, .. } = asked;
                tracing::error!(id, %method, path, trace, code = problem.code.code(), reason, "failed");
            }
            // What the layers within have set, such as the CORS headers, stays.
            let mut rendered = render(frame, asked, &problem);
            for (name, value) in response.headers() {
                if !rendered.headers().contains_key(name) && name != header::CONTENT_LENGTH {
                    rendered.headers_mut().append(name.clone(), value.clone());
                }
            }
            rendered
        }
        None => response,
    };
    common_headers(response.headers_mut(), asked);
    if let Some((rate, left)) = limit {
        let left = left.as_ref().copied().unwrap_or(0);
        set(response.headers_mut(), "ratelimit", &format!("\"address\";r={left};t=1"));
        set(response.headers_mut(), "ratelimit-policy", &format!("\"address\";q={rate};w=60"));
    }
    response
}

/// The problem that a response stands for, also when the framework itself refused.
fn problem_of(response: &HttpResponse) -> Option<Problem> {
    if let Some(problem) = response.error().and_then(|error| error.as_error::<Problem>()) {
        return Some(problem.clone());
    }
    let code = match response.status() {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_client_error() => Code::InvalidRequest,
        status if status.is_server_error() && response.error().is_some() => Code::Internal,
        _ => return None,
    };
    Some(Problem::new(code))
}

fn render(frame: &Frame, asked: &Asked, problem: &Problem) -> HttpResponse {
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = problem.shown(asked.language, &frame.app.settings.public_url, &asked.path, &asked.id);
    let mut response = HttpResponse::build(status);
    response.content_type("application/problem+json").insert_header((header::CONTENT_LANGUAGE, asked.language.code()));
    if let Some(seconds) = problem.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Some(allow) = &problem.allow {
        response.insert_header((header::ALLOW, allow.as_str()));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"autopaspoort\""));
    }
    // A struct of texts and numbers can always be written.
    response.body(sonic_rs::to_vec(&body).unwrap_or_default())
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn common_headers(headers: &mut HeaderMap, asked: &Asked) {
    let policy = if asked.path.starts_with("/docs") {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    let always = [
        (HeaderName::from_static("api-version"), openapi::VERSION),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    set(headers, "x-request-id", &asked.id);
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language, Authorization"));
}

/// 404, or 405 with `Allow` where the path exists with other methods.
async fn nothing_here(request: HttpRequest, frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    let path = request.path().strip_prefix("/v1").unwrap_or_default();
    let routes = &frame.published().await?.routes;
    let methods = routes.iter().filter(|(pattern, _)| matches_pattern(pattern, path)).flat_map(|(_, methods)| methods);
    let mut methods: Vec<&str> = methods.map(String::as_str).collect();
    methods.sort_unstable();
    if methods.is_empty() {
        return Err(Code::NotFound.into());
    }
    let mut problem = Problem::new(Code::MethodNotAllowed);
    problem.allow = Some(methods.join(", "));
    Err(problem)
}

fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(w), Some(g)) if w == g || (w.starts_with('{') && !g.is_empty()) => {}
            _ => return false,
        }
    }
}

async fn openapi_json(frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    Ok(open_to_all().content_type("application/json").body(frame.published().await?.json.clone()))
}

async fn openapi_yaml(frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    Ok(open_to_all().content_type("application/yaml").body(frame.published().await?.yaml.clone()))
}

fn open_to_all() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    response
}

async fn jwks(app: web::Data<App>) -> HttpResponse {
    open_to_all().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(app.tokens.jwks())
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// Ready: the database can be reached, all migrations ran, the worker is at work.
async fn ready(app: web::Data<App>) -> HttpResponse {
    let pending = app.database.read(|tx| Ok(persistence::health::has_pending_migrations(tx)?)).await;
    let now = app.clock.now();
    let worker = app.worker_seen.is_recent(now);
    let (database, migrations) = (pending.is_ok(), matches!(pending, Ok(false)));
    let word = |good: bool| if good { "ok" } else { "failing" };
    let body = serde_json::json!({
        "status": if database && migrations && worker { "ready" } else { "not_ready" },
        "database": word(database), "migrations": word(migrations), "worker": word(worker),
    });
    let status = if database && migrations && worker { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(body)
}

async fn metrics(app: web::Data<App>) -> HttpResponse {
    let pool = app.database.store().pool_state();
    metrics::gauge!("database_connections_open").set(f64::from(pool.open));
    metrics::gauge!("database_connections_idle").set(f64::from(pool.idle));
    metrics::counter!("database_statements_total").absolute(app.database.store().statements());
    metrics::gauge!("database_requests_waiting")
        .set(u32::try_from(app.database.waiting()).map_or(f64::INFINITY, f64::from));
    if let Ok(jobs) = app.database.read(|tx| Ok(persistence::jobs::counts(tx)?)).await {
        for (state, count) in [("queued", jobs.queued), ("running", jobs.running), ("dead", jobs.dead)] {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            metrics::gauge!("jobs", "state" => state).set(f64::from(count));
        }
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(crate::telemetry::render_metrics())
}

async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::from_code(&code).ok_or(Code::NotFound)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(code)))
}

async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

#[cfg(test)]
mod tests {
    use super::{Instant, Refused, matches_pattern};

    #[test]
    fn those_who_are_turned_away_are_told_of_once_a_second() {
        let (refused, at) = (Refused::default(), |milliseconds| Instant::from_millisecond(milliseconds).unwrap());
        assert_eq!(refused.one_more(at(1_000)), Some(1));
        assert_eq!((refused.one_more(at(1_200)), refused.one_more(at(1_999))), (None, None));
        assert_eq!((refused.one_more(at(2_000)), refused.one_more(at(2_001))), (Some(3), None));
    }

    #[test]
    fn paths_match_their_patterns_alone() {
        assert!(matches_pattern("/passports/{id}", "/passports/1"));
        for other in ["/passports", "/passports/", "/passports/1/", "/passports/1/fleet", "/fleets/1"] {
            assert!(!matches_pattern("/passports/{id}", other), "{other}");
        }
    }
}
