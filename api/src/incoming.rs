//! Bodies as they arrive, piece by piece: in the form and within the size that the operation states, and not slower than
//! the limit for everyone. None is unpacked, so that a short one cannot become a long one. A body that arrives very slowly
//! would otherwise occupy its connection for ever, and an import its turn.

use crate::{
    problem::{Code, FieldProblem, Place, Problem},
    state::App,
};
use actix_web::{
    HttpMessage, HttpRequest,
    dev::Payload,
    http::header,
    web::{self, Bytes},
};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How much of a body, unless it ends, must arrive in each period in which the server waits for it: 128 KiB in half a
/// minute.
const STRETCH: usize = 128 * 1024;
/// How many such periods there can be: an hour in all.
const STRETCHES: u32 = 120;

/// In which form an operation takes its body.
pub struct Form {
    /// The media types, without their parameters.
    pub media_types: &'static [&'static str],
    /// What is wrong with any other.
    pub otherwise: &'static str,
}

impl Form {
    /// Goes on only if the headers of a request say that its body has this form, as it is.
    fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        let wrong = |name: &'static str, code| FieldProblem::new(Place::Parameter(name.into()), code);
        let sent = request.content_type();
        let is_taken = self.media_types.iter().any(|taken| taken.eq_ignore_ascii_case(sent));
        let is_as_it_is = request.headers().get_all(header::CONTENT_ENCODING).all(|coding| {
            let codings = coding.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            codings.filter(|coding| !coding.is_empty()).all(|coding| coding.eq_ignore_ascii_case(b"identity"))
        });
        let fields: Vec<_> = [
            (!is_taken).then(|| wrong("Content-Type", self.otherwise)),
            (!is_as_it_is).then(|| wrong("Content-Encoding", "content_encoding_not_taken")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if fields.is_empty() { Ok(()) } else { Err(Problem::unsupported(fields)) }
    }
}

/// The body of a request while it arrives. Only the time in which the server waits for the client counts.
pub struct Incoming {
    payload: Payload,
    /// The greatest number of bytes; none for a stream, whose length is not limited.
    limit: Option<usize>,
    patience: Duration,
    arrived: usize,
    /// What has arrived in the present period.
    arrived_lately: usize,
    waited_lately: Duration,
    stretches: u32,
}

impl Incoming {
    /// A body in this form, of at most `limit` bytes. A body that announces something else is refused before it is read.
    pub fn new(
        request: &HttpRequest,
        payload: &mut Payload,
        form: &Form,
        limit: Option<usize>,
    ) -> Result<Self, Problem> {
        form.check(request)?;
        let app = request.app_data::<web::Data<App>>().ok_or_else(|| Problem::internal("no application state"))?;
        let length =
            request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if limit.zip(length).is_some_and(|(limit, length): (usize, usize)| length > limit) {
            return Err(Code::PayloadTooLarge.into());
        }
        Ok(Self::of(payload.take(), limit, app.settings.body_patience))
    }

    fn of(payload: Payload, limit: Option<usize>, patience: Duration) -> Self {
        let (arrived, arrived_lately) = (0, 0);
        Self { payload, limit, patience, arrived, arrived_lately, waited_lately: Duration::ZERO, stretches: 1 }
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            let (began, left) = (Instant::now(), self.patience.saturating_sub(self.waited_lately));
            if let Ok(next) = timeout(left, self.payload.next()).await {
                self.waited_lately += began.elapsed();
                return next
                    .map(|piece| self.count(piece.map_err(|_| Problem::new(Code::InvalidRequest))?))
                    .transpose();
            }
            if self.arrived_lately < STRETCH || self.stretches == STRETCHES {
                return Err(Code::RequestTimeout.into());
            }
            (self.arrived_lately, self.waited_lately) = (0, Duration::ZERO);
            self.stretches += 1;
        }
    }

    fn count(&mut self, piece: Bytes) -> Result<Bytes, Problem> {
        self.arrived = self.arrived.saturating_add(piece.len());
        self.arrived_lately = self.arrived_lately.saturating_add(piece.len());
        if self.limit.is_some_and(|limit| self.arrived > limit) {
            return Err(Code::PayloadTooLarge.into());
        }
        Ok(piece)
    }

    /// The whole body. No memory is reserved for the length that a client announces.
    pub async fn whole(mut self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::error::PayloadError;
    use futures_util::stream;

    #[test]
    fn a_body_is_taken_in_its_form_alone_and_never_packed() {
        let form = Form { media_types: &["application/x-ndjson"], otherwise: "content_type_json_lines" };
        let wrong = |kind: &str, coding: &str| {
            let request = actix_web::test::TestRequest::default();
            let request = request.insert_header((header::CONTENT_TYPE, kind.to_owned()));
            let request = request.append_header((header::CONTENT_ENCODING, coding.to_owned())).to_http_request();
            let fields = form.check(&request).err().map(|problem| (problem.code, problem.fields));
            fields.map(|(code, fields)| (code, fields.iter().map(|field| field.code).collect::<Vec<_>>()))
        };
        let (kind, coding) = ("content_type_json_lines", "content_encoding_not_taken");
        for (sent, packed, expected) in [
            ("application/x-ndjson", "", None),
            ("Application/X-NDJSON; charset=utf-8", "Identity", None),
            ("application/x-ndjson", "gzip", Some(vec![coding])),
            ("application/x-ndjson", "identity, br", Some(vec![coding])),
            ("application/json", "identity", Some(vec![kind])),
            ("", "deflate", Some(vec![kind, coding])),
        ] {
            let expected = expected.map(|fields| (Code::UnsupportedMediaType, fields));
            assert_eq!(wrong(sent, packed), expected, "{sent} {packed}");
        }
    }

    const PATIENCE: Duration = Duration::from_millis(20);

    fn body(pieces: Vec<Bytes>, ends: bool, limit: Option<usize>) -> Incoming {
        let pieces = stream::iter(pieces.into_iter().map(Ok::<_, PayloadError>));
        let payload = if ends { pieces.boxed_local() } else { pieces.chain(stream::pending()).boxed_local() };
        Incoming::of(Payload::Stream { payload }, limit, PATIENCE)
    }

    #[actix_web::test]
    async fn a_body_is_read_to_its_end_and_no_further_than_it_may_go() {
        let pieces = || vec![Bytes::from_static(b"abc"), Bytes::from_static(b"de")];
        assert_eq!(body(pieces(), true, Some(5)).whole().await.unwrap(), b"abcde");
        assert_eq!(body(pieces(), false, Some(4)).whole().await.unwrap_err().code, Code::PayloadTooLarge);
    }

    #[actix_web::test]
    async fn who_sends_enough_gets_more_time_and_who_does_not_is_refused() {
        let mut slow = body(vec![Bytes::from(vec![b'x'; STRETCH - 1])], false, None);
        slow.next().await.unwrap();
        assert_eq!(slow.next().await.unwrap_err().code, Code::RequestTimeout);
        assert_eq!(slow.stretches, 1);
        let mut steady = body(vec![Bytes::from(vec![b'x'; STRETCH])], false, None);
        steady.next().await.unwrap();
        assert_eq!(steady.next().await.unwrap_err().code, Code::RequestTimeout);
        assert_eq!(steady.stretches, 2);
    }

    #[actix_web::test]
    async fn nobody_is_waited_for_longer_than_an_hour() {
        let mut last = body(vec![Bytes::from(vec![b'x'; STRETCH])], false, None);
        last.stretches = STRETCHES;
        last.next().await.unwrap();
        assert_eq!(last.next().await.unwrap_err().code, Code::RequestTimeout);
        assert_eq!(last.stretches, STRETCHES);
    }
}
