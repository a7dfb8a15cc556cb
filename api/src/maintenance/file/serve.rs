//! Serving a file: whole or in part, as what it is and nothing else. It goes from the storage to the client piece by piece.

use super::operations::Version;
use crate::{
    problem::{Code, Problem},
    storage::Files,
    tags::Tags,
};
use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::SizedStream,
    http::{StatusCode, header},
};
use domain::file::MediaType;
use std::{fmt::Write, ops::Range};

/// No page, script or form of a document runs, whatever a browser makes of it.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// A client can keep what it was sent, and asks whether it may still see it.
const CACHE: &str = "private, no-cache";

/// Sends a version of a file, or the part of it that `Range` asks for.
pub(super) async fn serve(request: &HttpRequest, files: &Files, version: Version) -> Result<HttpResponse, Problem> {
    let tag = tag(&version);
    let known = Tags::of(request.headers(), &header::IF_NONE_MATCH).ok().flatten();
    if known.is_some_and(|known| known.has(&tag)) {
        let mut answer = HttpResponse::NotModified();
        return Ok(answer
            .insert_header((header::ETAG, quoted(&tag)))
            .insert_header((header::CACHE_CONTROL, CACHE))
            .finish());
    }
    let length = version.bytes;
    let (status, part) = match asked_part(request, &tag, length) {
        Part::Whole => (StatusCode::OK, 0..length),
        Part::Of(part) => (StatusCode::PARTIAL_CONTENT, part),
        Part::None => {
            let mut answer = Problem::new(Code::RangeNotSatisfiable).error_response();
            if let Ok(value) = header::HeaderValue::from_str(&format!("bytes */{length}")) {
                answer.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return Ok(answer);
        }
    };
    let mut answer = HttpResponse::build(status);
    answer
        .content_type(version.file.media_type.code())
        .insert_header((header::ETAG, quoted(&tag)))
        .insert_header((header::CACHE_CONTROL, CACHE))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&version)));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = part.end.saturating_sub(1);
        answer.insert_header((header::CONTENT_RANGE, format!("bytes {}-{last}/{length}", part.start)));
    }
    let bytes = part.end.saturating_sub(part.start);
    let contents = files.open(version.stored_as.0, part).await?;
    Ok(answer.body(SizedStream::new(bytes, contents)))
}

/// The tag of a version: a file never changes, and each version has a name of its own.
fn tag(version: &Version) -> String {
    version.stored_as.0.simple().to_string()
}

fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}

/// What `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// The whole: nothing was asked for, or not in a way that is served.
    Whole,
    /// These bytes.
    Of(Range<u64>),
    /// Bytes that the file does not have.
    None,
}

fn asked_part(request: &HttpRequest, tag: &str, length: u64) -> Part {
    let text = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    // Another file than the client has a part of is sent whole (RFC 9110, 13.1.5).
    let is_same = text(header::IF_RANGE).is_none_or(|known| known == quoted(tag));
    match text(header::RANGE) {
        Some(range) if is_same => part(range, length),
        _ => Part::Whole,
    }
}

/// One range of bytes (RFC 9110, 14.1.2). Several at once are answered with the whole file, as is what is malformed.
fn part(range: &str, length: u64) -> Part {
    let parsed = (|| {
        let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok());
        match (first, last) {
            ("", "") => None,
            ("", suffix) => {
                let suffix = number(suffix)?.unwrap_or(u64::MAX);
                Some((suffix > 0).then(|| length.saturating_sub(suffix)..length))
            }
            (first, "") => Some(Some(number(first)?.unwrap_or(u64::MAX)..length)),
            (first, last) => {
                let (first, last) = (number(first)?.unwrap_or(u64::MAX), number(last)?.unwrap_or(u64::MAX));
                (first <= last).then(|| Some(first..last.saturating_add(1).min(length)))
            }
        }
    })();
    match parsed {
        None => Part::Whole,
        Some(Some(part)) if part.start < part.end => Part::Of(part),
        Some(_) => Part::None,
    }
}

/// Photos are shown, documents are saved, each under a name that every client can read (RFC 6266 and 8187).
fn disposition(version: &Version) -> String {
    let (kind, ending) = match version.file.media_type {
        MediaType::Jpeg => ("inline", "jpg"),
        MediaType::Pdf => ("attachment", "pdf"),
    };
    let name = version.file.name.as_deref().unwrap_or("autopaspoort");
    let bare = name.to_lowercase().ends_with(&format!(".{ending}"));
    let name = if bare { name.to_owned() } else { format!("{name}.{ending}") };
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || " .-_".contains(letter) { letter } else { '_' };
    let fallback: String = name.chars().map(plain).collect();
    let mut disposition = format!("{kind}; filename=\"{fallback}\"");
    if fallback != name {
        disposition.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                disposition.push(char::from(byte));
            } else {
                // Writing to a text does not fail.
                let _ = write!(disposition, "%{byte:02X}");
            }
        }
    }
    disposition
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::FileId;
    use persistence::file::StoredFile;
    use uuid::Uuid;

    fn version(name: Option<&str>, media_type: MediaType) -> Version {
        let id = FileId(Uuid::from_u128(7));
        let file = StoredFile {
            id,
            garage_id: Uuid::nil().into(),
            vehicle_id: Uuid::nil().into(),
            media_type,
            bytes: 10,
            sha256: [0; 32],
            name: name.map(str::to_owned),
            pixels: None,
            small: None,
            created_at: domain::Instant::UNIX_EPOCH,
            by: None,
        };
        Version { file, stored_as: id, bytes: 10 }
    }

    #[test]
    fn a_name_is_written_so_that_it_ends_where_it_ends() {
        let shown = |name| disposition(&version(name, MediaType::Pdf));
        assert_eq!(shown(None), "attachment; filename=\"autopaspoort.pdf\"");
        assert_eq!(shown(Some("Factuur 12.PDF")), "attachment; filename=\"Factuur 12.PDF\"");
        assert_eq!(
            shown(Some("a\"; filename=\"x.html")),
            "attachment; filename=\"a__ filename__x.html.pdf\"; \
             filename*=UTF-8''a%22%3B%20filename%3D%22x.html.pdf"
        );
        assert_eq!(
            shown(Some("../één\u{202e}fdp")),
            "attachment; filename=\"..___n_fdp.pdf\"; filename*=UTF-8''..%2F%C3%A9%C3%A9n%E2%80%AEfdp.pdf"
        );
        assert_eq!(disposition(&version(None, MediaType::Jpeg)), "inline; filename=\"autopaspoort.jpg\"");
    }

    #[test]
    fn parts_of_a_file() {
        for (range, expected) in [
            ("bytes=0-3", Part::Of(0..4)),
            ("bytes=3-", Part::Of(3..10)),
            ("bytes=-3", Part::Of(7..10)),
            ("bytes=-30", Part::Of(0..10)),
            ("bytes=9-99999999999999999999999", Part::Of(9..10)),
            ("bytes=10-", Part::None),
            ("bytes=10-12", Part::None),
            ("bytes=-0", Part::None),
            ("bytes=99999999999999999999999-", Part::None),
            ("bytes=3-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-3", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
    }
}
