//! S3-compatible storage, by the API of Amazon S3 in path style. Each request is a signed address, sent by the client that
//! asks the vehicle register too. Addresses are never logged, since whoever has one may send it for a minute.

use super::{BATCH, Contents, S3Settings, Storage, StorageError, Stored};
use jiff::Timestamp;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle, actions::ListObjectsV2};
use std::{io::Read, ops::Range, time::Duration};
use ureq::{
    Agent, Body,
    http::{Response, StatusCode, header},
};
use uuid::Uuid;

/// How long a signed address is valid.
const VALID: Duration = Duration::from_mins(1);
/// How long to wait for a connection, and for an answer to begin.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(20);
/// How long a whole call may take: a file is read at the pace of the client who asked for it.
const WHOLE: Duration = Duration::from_hours(1);
/// The most bytes of a listing, and of a refusal, whose reason is logged.
const MAX_LISTING: u64 = 4 * 1024 * 1024;
const MAX_REASON: u64 = 2_000;

/// A bucket.
pub(super) struct S3 {
    agent: Agent,
    bucket: Bucket,
    credentials: Credentials,
    place: String,
}

impl S3 {
    pub(super) fn new(settings: &S3Settings) -> Result<Self, String> {
        let S3Settings { endpoint, region, bucket: name, key_id, secret } = settings;
        let url = endpoint.parse().map_err(|_| format!("--s3-endpoint: {endpoint} is no URL"))?;
        let bucket = Bucket::new(url, UrlStyle::Path, name.clone(), region.clone());
        let agent = Agent::config_builder()
            .https_only(endpoint.starts_with("https://"))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("autopaspoort/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_global(Some(WHOLE))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            bucket: bucket.map_err(|error| format!("--s3-endpoint: {error}"))?,
            credentials: Credentials::new(key_id.clone(), secret.0.clone()),
            place: format!("{endpoint}/{name}"),
        })
    }

    fn page(&self, after: Option<&str>) -> Result<(Vec<Stored>, Option<String>), StorageError> {
        let mut action = self.bucket.list_objects_v2(Some(&self.credentials));
        action.with_max_keys(BATCH);
        if let Some(after) = after {
            action.with_continuation_token(after);
        }
        let answer = sent(self.agent.get(action.sign(VALID).as_str()).call())?;
        let text = answer.into_body().with_config().limit(MAX_LISTING).read_to_string();
        let text = text.map_err(|error| failure(&error))?;
        let listed = ListObjectsV2::parse_response(&text)
            .map_err(|error| StorageError::Unavailable(format!("the listing cannot be read: {error}")))?;
        let read = |object: &rusty_s3::actions::list_objects_v2::ListObjectsContent| {
            let written_at = object.last_modified.as_deref()?.parse::<Timestamp>().ok()?;
            Some(Stored { name: Uuid::try_parse(&object.key).ok()?, bytes: object.size?, written_at })
        };
        Ok((listed.contents.iter().filter_map(read).collect(), listed.next_continuation_token))
    }
}

/// The answer, if it is a good one.
fn sent(result: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, StorageError> {
    let answer = result.map_err(|error| failure(&error))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    if status == StatusCode::NOT_FOUND {
        // Without the bucket nothing can be stored; that is not a file that is missing.
        let reason = reason(answer);
        let is_bucket = reason.contains("NoSuchBucket");
        return Err(if is_bucket { StorageError::Unavailable(reason) } else { StorageError::Missing });
    }
    let reason = format!("{status}: {}", reason(answer));
    let is_full = status == StatusCode::INSUFFICIENT_STORAGE
        || ["StorageFull", "QuotaExceeded"].iter().any(|code| reason.contains(code));
    Err(if is_full { StorageError::Full(reason) } else { StorageError::Unavailable(reason) })
}

/// What a refusal says: the code of its error alone, since the rest may repeat what was signed.
fn reason(answer: Response<Body>) -> String {
    let mut text = String::new();
    // What cannot be read is left out.
    let _ = answer.into_body().into_reader().take(MAX_REASON).read_to_string(&mut text);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map_or("no reason given", |(code, _)| code);
    code.chars().filter(char::is_ascii_graphic).take(100).collect()
}

fn failure(error: &ureq::Error) -> StorageError {
    StorageError::Unavailable(error.to_string())
}

impl Storage for S3 {
    fn put(&self, name: Uuid, bytes: &[u8]) -> Result<(), StorageError> {
        let key = name.to_string();
        let url = self.bucket.put_object(Some(&self.credentials), &key).sign(VALID);
        match sent(self.agent.put(url.as_str()).send(bytes)) {
            Err(StorageError::Missing) => Err(StorageError::Unavailable("it answers 404 to a new file".into())),
            other => other.map(|_| ()),
        }
    }

    fn open(&self, name: Uuid, range: Range<u64>) -> Result<Contents, StorageError> {
        let key = name.to_string();
        let url = self.bucket.get_object(Some(&self.credentials), &key).sign(VALID);
        let bytes = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let answer = sent(self.agent.get(url.as_str()).header(header::RANGE, bytes).call())?;
        // A server may answer with the whole file in place of a part.
        let is_part = answer.status() == StatusCode::PARTIAL_CONTENT;
        let mut body = answer.into_body().into_reader();
        if !is_part {
            let skipped = std::io::copy(&mut body.by_ref().take(range.start), &mut std::io::sink());
            skipped.map_err(|error| StorageError::Unavailable(error.to_string()))?;
        }
        Ok(Box::new(body.take(range.end.saturating_sub(range.start))))
    }

    fn has(&self, name: Uuid) -> Result<bool, StorageError> {
        let key = name.to_string();
        let url = self.bucket.head_object(Some(&self.credentials), &key).sign(VALID);
        match sent(self.agent.head(url.as_str()).call()) {
            Ok(_) => Ok(true),
            Err(StorageError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn delete(&self, name: Uuid) -> Result<(), StorageError> {
        let key = name.to_string();
        let url = self.bucket.delete_object(Some(&self.credentials), &key).sign(VALID);
        match sent(self.agent.delete(url.as_str()).call()) {
            Ok(_) | Err(StorageError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn list(&self, each: &mut dyn FnMut(&[Stored]) -> Result<(), String>) -> Result<(), String> {
        let mut after = None;
        loop {
            let (batch, next) = self.page(after.as_deref()).map_err(|error| error.to_string())?;
            each(&batch)?;
            match next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}
