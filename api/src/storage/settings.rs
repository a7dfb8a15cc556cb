//! Where files are stored, as an operator sets it.

use super::{Storage, folder::Folder, s3::S3};
use std::{path::PathBuf, sync::Arc};

/// Where files are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesAt {
    /// A folder of this machine.
    Folder(PathBuf),
    /// S3-compatible storage.
    S3(S3Settings),
}

/// A bucket of S3-compatible storage, and who may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Settings {
    /// The URL of the server, without a slash at the end.
    pub endpoint: String,
    /// The region, which is signed.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The id of the key.
    pub key_id: String,
    /// The key itself.
    pub secret: Secret,
}

/// A key that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(super) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The same settings as they were given, not checked yet.
#[derive(Clone, Copy, Debug)]
pub struct S3SettingsText<'t> {
    /// The URL of the server.
    pub endpoint: Option<&'t str>,
    /// The region.
    pub region: &'t str,
    /// The bucket.
    pub bucket: Option<&'t str>,
    /// The id of the key.
    pub key_id: Option<&'t str>,
    /// The key itself.
    pub secret: Option<&'t str>,
}

impl S3SettingsText<'_> {
    /// The settings; none when no part of them was given. The error names each option that is wrong, and says why.
    pub fn check(&self) -> Result<Option<S3Settings>, Vec<String>> {
        let (mut wrong, missing) = (vec![], "is needed with the other settings of S3");
        if [self.endpoint, self.bucket, self.key_id, self.secret].iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut checked = |name: &str, given: Option<&str>, is_right: fn(&str) -> bool, must: &str| {
            let said = match given {
                None => Some(missing),
                Some(text) if is_right(text) => None,
                Some(_) => Some(must),
            };
            wrong.extend(said.map(|said| format!("{name}: {said}")));
            given.unwrap_or_default().to_owned()
        };
        let must_endpoint = "must begin with https:// or http://, name a host, and have no path, query or password";
        let endpoint = checked("--s3-endpoint", self.endpoint, is_endpoint, must_endpoint);
        let region = checked("--s3-region", Some(self.region), is_region, "must be letters, digits and dashes");
        let must_bucket = "must be 3 to 63 small letters, digits, dots and dashes";
        let bucket = checked("--s3-bucket", self.bucket, is_bucket, must_bucket);
        let key_id = checked("--s3-key-id", self.key_id, is_key, "must be visible ASCII");
        let secret = Secret(checked("--s3-secret", self.secret, is_key, "must be visible ASCII"));
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        if wrong.is_empty() { Ok(Some(S3Settings { endpoint, region, bucket, key_id, secret })) } else { Err(wrong) }
    }
}

fn is_endpoint(text: &str) -> bool {
    let Ok(uri) = text.parse::<actix_web::http::Uri>() else { return false };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        && uri.path() == "/"
        && uri.query().is_none()
}

fn is_region(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_bucket(text: &str) -> bool {
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_within = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    (3..=63).contains(&text.len())
        && text.bytes().all(is_within)
        && is_end(text.bytes().next())
        && is_end(text.bytes().last())
}

fn is_key(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl FilesAt {
    /// Makes the storage. Nothing is asked of it yet, so that a server starts while its storage is down.
    pub fn open(&self) -> Result<Arc<dyn Storage>, String> {
        Ok(match self {
            Self::Folder(path) => Arc::new(Folder::new(path)),
            Self::S3(settings) => Arc::new(S3::new(settings)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: S3SettingsText<'_> = S3SettingsText {
        endpoint: Some("https://s3.example/"),
        region: "eu-west-1",
        bucket: Some("autopaspoort-files"),
        key_id: Some("AKIA"),
        secret: Some("s3cret"),
    };

    #[test]
    fn the_settings_of_s3_are_whole_or_absent() {
        let settings = WHOLE.check().unwrap().unwrap();
        assert_eq!(settings.endpoint, "https://s3.example");
        assert!(!format!("{settings:?}").contains("s3cret"));
        let none = S3SettingsText { endpoint: None, bucket: None, key_id: None, secret: None, ..WHOLE };
        assert_eq!(none.check(), Ok(None));
        let options = |text: S3SettingsText<'_>| {
            let wrong = text.check().unwrap_err();
            assert!(wrong.iter().all(|line| !line.contains("s3cret")), "{wrong:?}");
            wrong.iter().map(|line| line.split_once(':').unwrap().0.to_owned()).collect::<Vec<_>>()
        };
        let part = S3SettingsText { endpoint: None, bucket: None, key_id: None, ..WHOLE };
        assert_eq!(options(part), ["--s3-endpoint", "--s3-bucket", "--s3-key-id"]);
        let bad =
            S3SettingsText { region: "", bucket: Some("Ab"), key_id: Some("a b"), secret: Some("s3cret x"), ..WHOLE };
        assert_eq!(options(bad), ["--s3-region", "--s3-bucket", "--s3-key-id", "--s3-secret"]);
        for endpoint in ["s3.example", "ftp://x", "https://", "https://u:p@x", "https://x/path", "https://x?a=b"] {
            assert_eq!(options(S3SettingsText { endpoint: Some(endpoint), ..WHOLE }), ["--s3-endpoint"], "{endpoint}");
        }
    }
}
