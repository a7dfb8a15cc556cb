//! The layer around every request: id, problems, headers, metrics, one line of log.

use super::{
    Frame, pages,
    unread::{Answer, Unread},
};
use crate::{
    openapi,
    problem::{Code, Problem},
    request::{self, RequestId},
};
use actix_cors::CorsError;
use actix_web::{
    HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use domain::Instant;
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

/// Counts requests that were refused because there is more to do than can be done in time. The log mentions them once a
/// second: a line for each would cost as much as refusing them, just when the server is busiest.
#[derive(Default)]
pub(super) struct Refused {
    count: AtomicU64,
    /// The second of the last line, since 1970.
    said_at: AtomicI64,
}

impl Refused {
    /// Counts one request; when it is time for another line, returns how many there were since the last one.
    fn one_more(&self, now: Instant) -> Option<u64> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let (second, said_at) = (now.as_second(), self.said_at.load(Ordering::Relaxed));
        let is_time = second != said_at
            && self.said_at.compare_exchange(said_at, second, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        is_time.then(|| self.count.swap(0, Ordering::Relaxed))
    }
}

/// What is known about a request before it is handled.
struct Asked {
    id: String,
    method: Method,
    /// The path as the log shows it.
    path: String,
    /// The path as the router reads it, with percent-encoding undone.
    decoded: String,
    trace: Option<String>,
    language: domain::value::Language,
}

/// Around every request: id, log, problems, headers, metrics.
pub(super) async fn surround(
    frame: Arc<Frame>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Answer>, actix_web::Error> {
    let begun = tokio::time::Instant::now();
    let id = crate::clock::new_id::<uuid::Uuid>().to_string();
    let asked = Asked {
        id,
        method: request.method().clone(),
        path: pages::shown_path(request.path(), request.match_info().as_str(), request.match_pattern().as_deref()),
        decoded: request.match_info().as_str().to_owned(),
        trace: request::trace(request.request()),
        language: request::language(request.request()),
    };
    request.extensions_mut().insert(RequestId(asked.id.clone()));
    let unread = Unread::of(&mut request);
    if asked.method == Method::HEAD {
        // Everything that can be read also has a HEAD, answered like the GET; the connection leaves out the body.
        request.head_mut().method = Method::GET;
    }
    let response = match pages::open_preflight(request.request()) {
        Some(allowed) => Ok(request.into_response(allowed)),
        None => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
    };
    if let Some(unread) = &unread {
        unread.arrive().await;
    }
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            let rendered = finish(&frame, &asked, HttpResponse::from_error(error));
            count(&asked.method, "failed", rendered.status(), begun.elapsed().as_secs_f64());
            return Err(actix_web::error::InternalError::from_response("", rendered).into());
        }
    };
    let pattern = response.request().match_pattern().unwrap_or_else(|| "unknown".into());
    let (request, response) = response.into_parts();
    let is_refused = response.status() == StatusCode::SERVICE_UNAVAILABLE
        && problem_of(&response).is_some_and(|problem| problem.code == Code::Overloaded);
    let response = finish(&frame, &asked, response);
    let seconds = begun.elapsed().as_secs_f64();
    count(&asked.method, &pattern, response.status(), seconds);
    if !is_refused {
        let Asked { id, method, path, trace, .. } = &asked;
        // This is not a span: its fields would be formatted when it begins, and read and formatted again for each line.
        tracing::info!(id, %method, path, trace, status = response.status().as_u16(), seconds, "answered");
    } else if let Some(requests) = frame.refused.one_more(frame.app.clock.now()) {
        tracing::warn!(requests, "turned away since the last such line: there is more to do than can be done in time");
    }
    let response = response.map_body(|_, body| Answer::new(body, unread));
    Ok(ServiceResponse::new(request, response))
}

fn count(method: &Method, pattern: &str, status: StatusCode, seconds: f64) {
    // A client can send any word as a method, and each label costs memory for ever.
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let method = if known.contains(method) { method.as_str() } else { "OTHER" };
    let operation = format!("{method} {pattern}");
    let labels = [("operation", operation.clone()), ("status", status.as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", "operation" => operation).record(seconds);
}

/// Writes the body of a problem, and the headers that every response has.
fn finish(frame: &Frame, asked: &Asked, response: HttpResponse) -> HttpResponse {
    let mut response = match problem_of(&response) {
        Some(problem) => {
            if let Some(reason) = problem.reason() {
                let Asked { id, method, path, trace, .. } = asked;
                let code = problem.code.code();
                // What someone asks that cannot be is no fault of the server.
                if problem.code.status() < 500 {
                    tracing::info!(id, %method, path, trace, code, reason, "refused");
                } else {
                    tracing::error!(id, %method, path, trace, code, reason, "failed");
                }
            }
            // What the inner layers have set, such as the CORS headers, stays.
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
    response
}

/// The problem that a response stands for, also when the framework itself refused the request.
fn problem_of(response: &HttpResponse) -> Option<Problem> {
    if let Some(problem) = response.error().and_then(|error| error.as_error::<Problem>()) {
        return Some(problem.clone());
    }
    if response.error().is_some_and(|error| error.as_error::<CorsError>().is_some()) {
        return Some(Problem::new(Code::PreflightRefused));
    }
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if kind.starts_with(b"text/html") {
        // A page for people, which says by itself that there is nothing.
        return None;
    }
    let code = match response.status() {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::RANGE_NOT_SATISFIABLE => Code::RangeNotSatisfiable,
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
    // A struct of texts and numbers can always be serialized.
    response.body(sonic_rs::to_vec(&body).unwrap_or_default())
}

pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn common_headers(headers: &mut HeaderMap, asked: &Asked) {
    let policy = if asked.decoded == "/docs" || asked.decoded.starts_with("/docs/") {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    let always = [
        (HeaderName::from_static("api-version"), openapi::VERSION),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    set(headers, "x-request-id", &asked.id);
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if pages::is_open_to_all(&asked.decoded) && !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding, Accept-Language, Authorization"));
}

#[cfg(test)]
mod tests {
    use super::{Instant, Refused};

    #[test]
    fn those_who_are_turned_away_are_told_of_once_a_second() {
        let (refused, at) = (Refused::default(), |milliseconds| Instant::from_millisecond(milliseconds).unwrap());
        assert_eq!(refused.one_more(at(1_000)), Some(1));
        assert_eq!((refused.one_more(at(1_200)), refused.one_more(at(1_999))), (None, None));
        assert_eq!((refused.one_more(at(2_000)), refused.one_more(at(2_001))), (Some(3), None));
    }
}
