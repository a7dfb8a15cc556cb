//! One request to a push service, and its answer, with a limit on everything.

use super::{
    Networks, PushError,
    endpoint::{NotPublic, PublicResolver},
};
use jiff::{Timestamp, fmt::rfc2822};
use std::{io::Read, time::Duration};
use ureq::{
    Agent, Body,
    config::Config,
    http::{HeaderMap, Response, StatusCode, header},
    unversioned::{resolver::DefaultResolver, transport::DefaultConnector},
};

/// The most bytes of an answer that are read.
const MAX_ANSWER: u64 = 4 * 1024;
/// The most bytes of its headers.
const MAX_HEADERS: usize = 16 * 1024;
/// The longest time that a service may ask to wait.
const MAX_PAUSE: Duration = Duration::from_hours(24);

/// What a service answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// How long it asks to wait.
    pub(super) retry_after: Option<Duration>,
    /// The beginning of its text.
    pub(super) body: Vec<u8>,
}

/// A client that connects wherever the caller says.
pub(super) fn agent(networks: Networks, timeout: Duration) -> Agent {
    config(networks, timeout).new_agent()
}

/// A client that connects to public addresses alone, if `networks` says so.
pub(super) fn public_agent(networks: Networks, timeout: Duration) -> Agent {
    match networks {
        Networks::Any => agent(networks, timeout),
        Networks::PublicOnly => Agent::with_parts(
            config(networks, timeout),
            DefaultConnector::default(),
            PublicResolver::<DefaultResolver>::default(),
        ),
    }
}

/// Neither redirects nor proxies from the environment are followed: a request goes where it was meant to go.
fn config(networks: Networks, timeout: Duration) -> Config {
    Agent::config_builder()
        .https_only(networks == Networks::PublicOnly)
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .user_agent(concat!("autopaspoort/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .max_response_header_size(MAX_HEADERS)
        .timeout_global(Some(timeout))
        .build()
}

/// The answer of the service at `host`, or why there is none.
pub(super) fn answer(
    result: Result<Response<Body>, ureq::Error>,
    host: &str,
    now: Timestamp,
) -> Result<Answer, PushError> {
    let response = result.map_err(|error| failure(&error, host))?;
    let (status, retry_after) = (response.status(), pause(response.headers(), now));
    let mut body = Vec::new();
    // The status decides. The text only says more, so the part that could be read is enough.
    let read = response.into_body().into_reader().take(MAX_ANSWER).read_to_end(&mut body);
    drop(read);
    Ok(Answer { status, retry_after, body })
}

impl Answer {
    /// Refused for now, for this reason.
    pub(super) fn temporary(&self, reason: String) -> PushError {
        PushError::Temporary { reason, retry_after: self.retry_after }
    }
}

/// Why there was no answer. The texts of the client's errors are not used, since some contain the address.
fn failure(error: &ureq::Error, host: &str) -> PushError {
    if matches!(error, ureq::Error::Other(cause) if cause.is::<NotPublic>()) {
        return PushError::permanent(format_args!("{host}: {NotPublic}"));
    }
    if matches!(error, ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_)) {
        return PushError::permanent(format_args!("{host}: no request can be made for it"));
    }
    let what = if matches!(error, ureq::Error::Timeout(_)) {
        "no answer in time".into()
    } else if matches!(error, ureq::Error::HostNotFound) {
        "the host is not found".into()
    } else if matches!(error, ureq::Error::Tls(_) | ureq::Error::Rustls(_)) {
        "no secure connection".into()
    } else if matches!(error, ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..)) {
        "the answer is no valid HTTP".into()
    } else if let ureq::Error::Io(error) = error {
        error.kind().to_string()
    } else {
        "no connection".into()
    };
    PushError::temporary(format_args!("{host}: {what}"))
}

/// How long to wait, which is told in seconds or as a time (RFC 9110, 10.2.3).
fn pause(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        text.parse().unwrap_or(u64::MAX)
    } else {
        let until = rfc2822::parse(text).ok()?.timestamp();
        u64::try_from(until.as_second().saturating_sub(now.as_second())).ok()?
    };
    Some(Duration::from_secs(seconds).min(MAX_PAUSE)).filter(|pause| !pause.is_zero())
}
