//! RDW Open Data over HTTP (SODA 2): `GET BASE/DATASET.json?$where=…&$order=…&$limit=…&$offset=…`.
//!
//! Everything has a limit: the time of a call, the length of a URL, the bytes and rows of an answer. Redirects are not
//! followed, and no proxy from the environment is used, so questions go only to the configured address.

use super::{
    Source,
    dataset::Dataset,
    row::{Row, Rows},
};
use crate::register_client::{AppToken, RegisterError};
use domain::value::cleaned;
use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use jiff::fmt::rfc2822;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{
    io::Read,
    num::NonZeroU32,
    time::{Duration, Instant},
};
use ureq::{
    Agent, Body,
    http::{HeaderMap, HeaderName, Response, StatusCode, header},
};

/// The most keys in a question, and the most bytes that they take in the URL, since servers refuse longer ones.
const MAX_KEYS: usize = 300;
const MAX_KEY_BYTES: usize = 6_000;
/// How many rows a page has, and the most pages.
const PAGE: usize = 2_000;
const MAX_PAGES: usize = 10;
/// The most bytes in an answer. A page of the widest rows takes three million.
const MAX_BODY: u64 = 8 * 1024 * 1024;
/// How many bytes of a refusal are read, to log its reason.
const MAX_REASON: u64 = 2_000;
/// How long not to ask the register when it does not say how long, and the longest time that is accepted from it.
const DEFAULT_PAUSE: Duration = Duration::from_secs(30);
const MAX_PAUSE: Duration = Duration::from_hours(1);

/// The characters that are not encoded in the value of a parameter.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The register at an address.
pub(super) struct Http {
    agent: Agent,
    base: String,
    token: Option<AppToken>,
    pace: Option<Pace>,
}

impl Http {
    /// The register at `base`, which is asked `rate` times a second at the most.
    pub(super) fn new(base: &str, token: Option<AppToken>, rate: Option<u32>) -> Self {
        let agent = Agent::config_builder()
            .https_only(base.starts_with("https://"))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("autopaspoort/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .build()
            .new_agent();
        let pace = rate.and_then(NonZeroU32::new).map(Pace::new);
        Self { agent, base: base.trim_end_matches('/').to_owned(), token, pace }
    }

    fn all_pages(&self, dataset: &'static Dataset, keys: &[&str], until: Instant) -> Result<Vec<Row>, RegisterError> {
        let mut rows = vec![];
        for page in 0..MAX_PAGES {
            let address = address(&self.base, dataset, keys, page * PAGE);
            let mut more = self.page(dataset, &address, until)?;
            let is_last = more.len() < PAGE;
            rows.append(&mut more);
            if is_last {
                return Ok(rows);
            }
        }
        Err(RegisterError::Garbage(format!("{}: no end of rows", dataset.id)))
    }

    /// Sends one request, and counts it in the metrics.
    fn page(&self, dataset: &'static Dataset, address: &str, until: Instant) -> Result<Vec<Row>, RegisterError> {
        if let Some(pace) = &self.pace {
            pace.wait();
        }
        let begun = Instant::now();
        let result = self.get(address, until).and_then(|body| {
            let rows = Rows { columns: dataset.columns, most: PAGE }.read(&body);
            rows.map_err(|error| RegisterError::Garbage(told(&error.to_string())))
        });
        let outcome = match &result {
            Ok(_) => "ok",
            Err(RegisterError::Off | RegisterError::TooOften { .. } | RegisterError::Unavailable(_)) => "unavailable",
            Err(RegisterError::Busy { .. }) => "busy",
            Err(RegisterError::Garbage(_)) => "garbage",
            Err(RegisterError::Refused(_)) => "refused",
        };
        metrics::counter!("vehicle_register_requests_total", "dataset" => dataset.name, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("vehicle_register_request_seconds").record(begun.elapsed().as_secs_f64());
        result.map_err(|error| error.about(dataset.id))
    }

    fn get(&self, address: &str, until: Instant) -> Result<Vec<u8>, RegisterError> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(RegisterError::Unavailable("no time is left".into()));
        }
        let mut request = self.agent.get(address);
        if let Some(token) = &self.token {
            request = request.header(HeaderName::from_static("x-app-token"), token.reveal());
        }
        let answer = request.config().timeout_global(Some(left)).build().call().map_err(|error| failure(&error))?;
        match answer.status() {
            StatusCode::OK => read_body(answer),
            _ => Err(refusal(answer)),
        }
    }
}

impl Source for Http {
    fn rows(&self, dataset: &'static Dataset, keys: &[&str], until: Instant) -> Result<Vec<Row>, RegisterError> {
        let mut rows = vec![];
        for batch in batches(keys) {
            rows.append(&mut self.all_pages(dataset, batch, until)?);
        }
        Ok(rows)
    }
}

/// Cuts `keys` into parts that each fit into a URL.
fn batches<'k>(keys: &'k [&'k str]) -> Vec<&'k [&'k str]> {
    let (mut batches, mut begin, mut bytes) = (vec![], 0, 0);
    for (index, key) in keys.iter().enumerate() {
        let more = utf8_percent_encode(key, PLAIN).map(str::len).sum::<usize>() + "%27%27%2C".len();
        if index > begin && (index - begin == MAX_KEYS || bytes + more > MAX_KEY_BYTES) {
            batches.extend(keys.get(begin..index));
            (begin, bytes) = (index, 0);
        }
        bytes += more;
    }
    batches.extend(keys.get(begin..).filter(|rest| !rest.is_empty()));
    batches
}

fn address(base: &str, dataset: &Dataset, keys: &[&str], offset: usize) -> String {
    // A quote within a text is written twice.
    let quoted: Vec<String> = keys.iter().map(|key| format!("'{}'", key.replace('\'', "''"))).collect();
    let condition = format!("{} in({})", dataset.key, quoted.join(","));
    let (condition, order) = (utf8_percent_encode(&condition, PLAIN), utf8_percent_encode(dataset.order, PLAIN));
    let offset = if offset > 0 { format!("&$offset={offset}") } else { String::new() };
    format!("{base}/{}.json?$where={condition}&$order={order}&$limit={PAGE}{offset}", dataset.id)
}

fn read_body(answer: Response<Body>) -> Result<Vec<u8>, RegisterError> {
    let body = answer.into_body();
    let too_long = || RegisterError::Garbage(format!("more than {MAX_BODY} bytes"));
    if body.content_length().is_some_and(|length| length > MAX_BODY) {
        return Err(too_long());
    }
    body.into_with_config()
        .limit(MAX_BODY)
        .read_to_vec()
        .map_err(|error| if matches!(error, ureq::Error::BodyExceedsLimit(_)) { too_long() } else { failure(&error) })
}

/// Why there was no answer, or no complete one. An answer that is not valid HTTP, or ends too early, counts as garbage.
fn failure(error: &ureq::Error) -> RegisterError {
    let reason = told(&error.to_string());
    let is_nonsense = matches!(
        error,
        ureq::Error::Protocol(_)
            | ureq::Error::LargeResponseHeader(..)
            | ureq::Error::BodyExceedsLimit(_)
            | ureq::Error::Decompress(..)
    );
    if is_nonsense { RegisterError::Garbage(reason) } else { RegisterError::Unavailable(reason) }
}

/// What an answer other than 200 means.
fn refusal(answer: Response<Body>) -> RegisterError {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let asks_to_wait = status == StatusCode::TOO_MANY_REQUESTS
        || (status == StatusCode::SERVICE_UNAVAILABLE && headers.contains_key(header::RETRY_AFTER));
    if asks_to_wait {
        return RegisterError::Busy { retry_after: pause(&headers) };
    }
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some(location) = location.filter(|_| status.is_redirection()) {
        return RegisterError::Refused(format!("{} to {}", status.as_u16(), told(location)));
    }
    let mut begin = Vec::new();
    // This is only the reason for the log, so the part that could be read is enough.
    let read = answer.into_body().into_reader().take(MAX_REASON).read_to_end(&mut begin);
    drop(read);
    let reason = format!("{} {}", status.as_u16(), told(&String::from_utf8_lossy(&begin)));
    match status {
        _ if status.is_client_error() || status.is_redirection() => RegisterError::Refused(reason),
        _ if status.is_server_error() => RegisterError::Unavailable(reason),
        _ => RegisterError::Garbage(reason),
    }
}

/// How long not to ask the register. It sends seconds, or an instant, which is compared with the `Date` of the answer.
fn pause(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let instant = |text: &str| rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let asked = text(header::RETRY_AFTER);
    let seconds = asked.and_then(|asked| asked.trim().parse::<u64>().ok()).map(Duration::from_secs);
    let instants = || Some(instant(asked?)?.duration_since(instant(text(header::DATE)?)?));
    let until = || instants().and_then(|wait| Duration::try_from(wait).ok());
    seconds.or_else(until).unwrap_or(DEFAULT_PAUSE).clamp(Duration::from_secs(1), MAX_PAUSE)
}

/// A text of others, made safe for a line of the log.
fn told(text: &str) -> String {
    cleaned(text, 300).unwrap_or_default()
}

/// Keeps questions apart: one at a time, and not so many a second that it would be more than the rate.
struct Pace(DefaultDirectRateLimiter);

impl Pace {
    fn new(rate: NonZeroU32) -> Self {
        Self(RateLimiter::direct(Quota::per_second(rate).allow_burst(NonZeroU32::MIN)))
    }

    /// Waits for the next turn.
    fn wait(&self) {
        while let Err(early) = self.0.check() {
            std::thread::sleep(early.wait_time_from(DefaultClock::default().now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::dataset::VEHICLES, *};

    #[test]
    fn questions_are_written_out() {
        let written = address("https://opendata.rdw.nl/resource", &VEHICLES, &["TT601D", "V95JKV"], 0);
        assert_eq!(
            written,
            "https://opendata.rdw.nl/resource/m9d7-ebf2.json?$where=kenteken%20in%28%27TT601D%27%2C%27V95JKV%27%29\
             &$order=kenteken&$limit=2000"
        );
        assert!(address("http://x", &VEHICLES, &["A'B"], 2000).contains("in%28%27A%27%27B%27%29"));
        assert!(address("http://x", &VEHICLES, &["AB"], 2000).ends_with("&$limit=2000&$offset=2000"));
    }

    #[test]
    fn many_keys_become_several_questions() {
        let plates: Vec<String> = (0..700).map(|number| format!("AB{number:04}")).collect();
        let keys: Vec<&str> = plates.iter().map(String::as_str).collect();
        let parts = batches(&keys);
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [300, 300, 100]);
        assert_eq!(parts.concat(), keys);
        let long = "é".repeat(500);
        assert_eq!(batches(&[&long, &long, &long]).len(), 3);
        assert!(batches(&[]).is_empty());
        assert!(parts.iter().all(|part| address("https://opendata.rdw.nl/resource", &VEHICLES, part, 0).len() < 7_000));
    }

    #[test]
    fn it_is_left_alone_for_as_long_as_it_asks_within_bounds() {
        let wait = |retry_after: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::DATE, "Tue, 24 Nov 2026 10:00:00 GMT".parse().unwrap());
            if let Some(text) = retry_after {
                headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            }
            pause(&headers).as_secs()
        };
        assert_eq!((wait(Some("7")), wait(Some(" 90 ")), wait(Some("0"))), (7, 90, 1));
        assert_eq!(wait(Some("Tue, 24 Nov 2026 10:02:00 GMT")), 120);
        assert_eq!(wait(Some("Tue, 24 Nov 2026 09:00:00 GMT")), 30, "an instant that is past says nothing");
        assert_eq!((wait(None), wait(Some("soon")), wait(Some("-5"))), (30, 30, 30));
        assert_eq!((wait(Some("99999999")), wait(Some("99999999999999999999999"))), (3600, 30));
    }

    #[test]
    fn questions_keep_their_pace() {
        let (pace, begun) = (Pace::new(NonZeroU32::new(50).unwrap()), Instant::now());
        (0..6).for_each(|_| pace.wait());
        assert!(begun.elapsed() >= Duration::from_millis(100), "{:?}", begun.elapsed());
    }
}
