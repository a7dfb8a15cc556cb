//! How an answer is sent: with a tag that changes when the answer changes and, to a query, compressed for clients that
//! accept it, and without a body to those that have it already.
//!
//! A command that answers with the thing it changed gives the tag that a GET gives after it.
//!
//! Only answers to GET are compressed. The answers of commands are short, and may have tokens: if they were compressed
//! together with text that a stranger chose, their length would reveal the tokens (BREACH). So no GET may ever answer
//! with a token.

use crate::tags::{COMPRESSED, Tags, fingerprint};
use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web::{self, Bytes},
};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// Below this size, compression saves no packet.
const WORTH_COMPRESSING: usize = 1_400;
/// Above this size, compression takes a third of a millisecond or more; the other requests of the thread must not wait
/// for it.
const LONG: usize = 128 * 1024;
/// A page of 50 cars shrinks to a seventh, in a tenth of a millisecond. The level below shrinks it to a fifth and saves
/// no time; the levels above save 2 % and take longer.
const LEVEL: Compression = Compression::new(2);

/// Adds a tag to the answer, and to a GET sends a 304 in its place or compresses it.
pub(super) async fn represent(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_read = request.method() == Method::GET;
    let response = next.call(request).await?.map_into_boxed_body();
    let is_represented = if is_read {
        response.status() == StatusCode::OK && !response.headers().contains_key(header::CONTENT_ENCODING)
    } else {
        response.headers().contains_key(header::ETAG)
    };
    if !is_represented {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(stream) => return Ok(ServiceResponse::new(request, response.set_body(stream))),
    };
    let tag = tag(&response, &body);
    // An operation has refused what is malformed; besides the operations it is as if it were not there.
    let known = Tags::of(request.headers(), &header::IF_NONE_MATCH).ok().flatten().filter(|_| is_read);
    let has_it = known.is_some_and(|known| known.has(&tag));
    let is_compressed = is_read && !has_it && is_worth_it(&response, &body) && takes_gzip(&request);
    let compressed = if is_compressed { compressed(&body).await } else { None };
    let suffix = if compressed.is_some() { COMPRESSED } else { "" };
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}{suffix}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    let body = if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        BoxBody::new(())
    } else if let Some(compressed) = compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        BoxBody::new(compressed)
    } else {
        BoxBody::new(body)
    };
    Ok(ServiceResponse::new(request, response.set_body(body)))
}

/// A tag of the answer: its version, if it has one, and a hash. The version alone is not enough, since the answer also
/// depends on other things, such as the name of a car's customer, and on the actor. A command may have hashed something else
/// than it answers with, namely what reading gives.
fn tag(response: &HttpResponse<()>, body: &Bytes) -> String {
    let hash = fingerprint(body);
    let version =
        response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim_matches('"'));
    match version {
        None => hash,
        Some(tag) if tag.contains('-') => tag.to_owned(),
        Some(version) => format!("{version}-{hash}"),
    }
}

fn is_worth_it(response: &HttpResponse<()>, body: &Bytes) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    body.len() >= WORTH_COMPRESSING && !kind.starts_with(b"image/")
}

/// Whether a client takes an answer as gzip, and not rather as it is (RFC 9110, 12.5.3). A client that sends `*` alone may
/// know no coding at all, so `*` means gzip only for those who refuse a plain answer.
fn takes_gzip(request: &actix_web::HttpRequest) -> bool {
    let lines = request.headers().get_all(header::ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
    let (mut gzip, mut plain, mut any) = (None, None, None);
    for (coding, weight) in lines.flat_map(|line| line.split(',')).filter_map(weighed) {
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            gzip = Some(weight);
        } else if coding.eq_ignore_ascii_case("identity") {
            plain = Some(weight);
        } else if coding == "*" {
            any = Some(weight);
        }
    }
    let gzip = gzip.or_else(|| any.filter(|_| plain.is_some_and(|weight| weight <= 0.0))).unwrap_or(0.0);
    gzip > 0.0 && gzip >= plain.unwrap_or(0.0)
}

/// A coding with its weight; none when that is malformed.
fn weighed(entry: &str) -> Option<(&str, f32)> {
    let (coding, rest) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let (name, weight) = rest.split_once('=')?;
    let weight = weight.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    name.trim().eq_ignore_ascii_case("q").then(|| (coding.trim(), weight))
}

/// The bytes as gzip; none when the compression fails.
async fn compressed(body: &Bytes) -> Option<Bytes> {
    if body.len() < LONG {
        return gzip(body);
    }
    let body = body.clone();
    web::block(move || gzip(&body)).await.ok().flatten()
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), LEVEL);
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        let takes = |accepted: &str| {
            takes_gzip(&TestRequest::default().insert_header((header::ACCEPT_ENCODING, accepted)).to_http_request())
        };
        for accepted in [
            "gzip",
            "gzip, deflate, br, zstd",
            "br;q=1, gzip;q=0.8",
            "deflate, gzip;q=0.5",
            "identity;q=0, *",
            "*;q=0.5, identity;q=0",
            "gzip, identity;q=0",
        ] {
            assert!(takes(accepted), "{accepted}");
        }
        for accepted in [
            "",
            "identity",
            "br",
            "gzip;q=0",
            "gzip;q=0.1, identity;q=0.9",
            "identity;q=0",
            "*;q=0",
            "gzip;q=0, *",
            "nonsense;;q",
        ] {
            assert!(!takes(accepted), "{accepted}");
        }
        assert!(!takes_gzip(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn a_tag_is_of_a_version_and_of_the_bytes() {
        let response = |tag: &str| HttpResponse::Ok().insert_header((header::ETAG, tag)).finish().into_parts().0;
        let (body, other) = (Bytes::from_static(b"{}"), Bytes::from_static(b"[]"));
        let of = |body: &Bytes| tag(&response("\"3\""), body);
        assert!(of(&body).starts_with("3-") && of(&body) != of(&other));
        assert_eq!(of(&body), of(&Bytes::from_static(b"{}")));
        // It is one that names a version, however it is sent.
        let mut headers = header::HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_str(&format!("W/\"{}{COMPRESSED}\"", of(&body))).unwrap());
        let tags = Tags::of(&headers, &header::IF_MATCH).unwrap().unwrap();
        assert!(tags.may_name_a_version() && tags.has(&of(&body)) && !tags.has(&of(&other)));
    }
}
