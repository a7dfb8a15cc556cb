//! The server's secret, and what is made with it: sealed (encrypted) values, tokens and keyed hashes.
//!
//! A value that someone else will show again, such as a token, is stored as a hash. A value that the server must read
//! again, such as a signing key or a stored answer, is sealed. Nobody can get either from a copy of the database alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, KeyInit},
};
use domain::{
    ids::InvitationId,
    invitation::{CODE_BYTES, shown_code},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The server's secret: 32 random bytes. A separate key for each use is derived from it.
#[derive(Clone)]
pub struct Secret {
    seed: [u8; 32],
}

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is not 32 bytes in base64url.
    #[error("must be 32 bytes in base64url without padding (43 characters)")]
    Malformed,
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The value was sealed with another secret, or is damaged.
    #[error("sealed with another secret, or damaged")]
    Sealed,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Parses a secret in base64url.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| SecretError::Malformed)?;
        Ok(Self { seed: bytes.try_into().map_err(|_| SecretError::Malformed)? })
    }

    /// Reads the secret from a file. If there is no such file, it is made, readable only by its owner.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let failed = |source| SecretError::File { path: path.display().to_string(), source };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = Self { seed: random() };
                if let Some(folder) = path.parent() {
                    let mut private = std::fs::DirBuilder::new();
                    std::os::unix::fs::DirBuilderExt::mode(private.recursive(true), 0o700)
                        .create(folder)
                        .map_err(failed)?;
                }
                match write_whole(path, &URL_SAFE_NO_PAD.encode(secret.seed)) {
                    // Another process made the file first, so its secret is used.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::from_file(path),
                    Err(error) => Err(failed(error)),
                    Ok(()) => Ok(secret),
                }
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// A keyed hash of `parts`, for the given use.
    pub fn mac(&self, usage: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = keyed(&self.seed);
        mac.update(usage.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Whether `mark` is the keyed hash of `parts` for the given use. It takes the same time whatever is wrong.
    pub fn is_mac(&self, usage: &str, parts: &[&[u8]], mark: &[u8]) -> bool {
        let known = self.mac(usage, parts);
        known.len() == mark.len() && known.iter().zip(mark).fold(0, |all, (one, other)| all | (one ^ other)) == 0
    }

    /// A short keyed hash of `parts`, for the given use: 16 bytes in hexadecimal digits, for where others shorten or fold what is
    /// longer.
    pub fn mark(&self, usage: &str, parts: &[&[u8]]) -> String {
        let mac = self.mac(usage, parts);
        let (first, _) = mac.split_at(16);
        let number = first.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        format!("{number:032x}")
    }

    /// Whether `text` is that mark, in small or capital letters. It takes the same time whatever is wrong.
    pub fn is_mark(&self, usage: &str, parts: &[&[u8]], text: &str) -> bool {
        let (known, text) = (self.mark(usage, parts), text.to_ascii_lowercase());
        let pairs = known.bytes().zip(text.bytes());
        known.len() == text.len() && pairs.fold(0, |all, (one, other)| all | (one ^ other)) == 0
    }

    /// The token of a mailed link. It is computed from the link's id, so it can be mailed later without being stored.
    pub fn invitation_token(&self, id: InvitationId) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("invitation", &[id.0.as_bytes()]))
    }

    /// The code that stands in a mail beside the link, and that is typed where the link does not work (rule A26). It is computed from
    /// the link's id as the token is, so nothing of it is stored.
    pub fn invitation_code(&self, id: InvitationId) -> String {
        let mac = self.mac("invitation code", &[id.0.as_bytes()]);
        let mut bytes = [0; CODE_BYTES];
        for (target, byte) in bytes.iter_mut().zip(mac) {
            *target = byte;
        }
        shown_code(bytes)
    }

    /// Whether `bare` is that code, in capitals and without dashes. It takes the same time whatever is wrong.
    pub fn is_invitation_code(&self, id: InvitationId, bare: &str) -> bool {
        let known = self.invitation_code(id).replace('-', "");
        let pairs = known.bytes().zip(bare.bytes());
        known.len() == bare.len() && pairs.fold(0, |all, (one, other)| all | (one ^ other)) == 0
    }

    /// Seals bytes for the given use.
    pub fn seal(&self, usage: &str, plain: &[u8]) -> Result<Vec<u8>, SecretError> {
        let nonce = XNonce::generate();
        let mut sealed = nonce.to_vec();
        sealed.extend(self.cipher(usage).encrypt(&nonce, plain).map_err(|_| SecretError::Sealed)?);
        Ok(sealed)
    }

    /// Opens bytes that [`Self::seal`] sealed.
    pub fn open(&self, usage: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let (nonce, body) = sealed.split_at_checked(24).ok_or(SecretError::Sealed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| SecretError::Sealed)?;
        self.cipher(usage).decrypt(&nonce, body).map_err(|_| SecretError::Sealed)
    }

    fn cipher(&self, usage: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.mac("seal", &[usage.as_bytes()])))
    }
}

/// HMAC takes a key of any length, so making one cannot fail.
fn keyed(seed: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new(&(*seed).into_block())
}

trait IntoBlock {
    fn into_block(self) -> hmac::digest::Key<Hmac<Sha256>>;
}

impl IntoBlock for [u8; 32] {
    /// A key shorter than HMAC's block is filled up with zeros, as RFC 2104 says.
    fn into_block(self) -> hmac::digest::Key<Hmac<Sha256>> {
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (target, byte) in block.iter_mut().zip(self) {
            *target = byte;
        }
        block
    }
}

/// Makes a file that only its owner can read. Nobody ever sees a half-written file: it is written under another name
/// first, and then gets its own name, unless another process has made a file with that name in the meantime.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let draft = path.with_extension(format!("{}.tmp", new_token()));
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Unlike a rename, a link never replaces an existing file.
        std::fs::hard_link(&draft, path)?;
        // The name must be on the disk before anything is made with the secret.
        path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    };
    let written = write();
    let cleared = std::fs::remove_file(&draft);
    written.and(cleared)
}

/// Random bytes.
///
/// # Panics
///
/// When the machine has no source of random bytes. It cannot serve anything then.
#[expect(clippy::expect_used, reason = "no random source means no security at all: there is nothing to go on with")]
pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has a source of random bytes");
    bytes
}

/// A new token that nobody can guess.
pub fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(random())
}

/// The hash under which a token is stored. Tokens are random, so a fast hash is enough.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_for_its_use_and_secret() {
        let (secret, other) = (Secret { seed: [1; 32] }, Secret { seed: [2; 32] });
        let sealed = secret.seal("a", b"plain").unwrap();
        assert_eq!(secret.open("a", &sealed).unwrap(), b"plain");
        assert!(secret.open("b", &sealed).is_err());
        assert!(other.open("a", &sealed).is_err());
        assert!(secret.open("a", b"short").is_err());
        assert_ne!(sealed, secret.seal("a", b"plain").unwrap());
    }

    #[test]
    fn many_who_begin_at_once_on_an_empty_folder_share_one_secret() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("data/secret");
            let start = std::sync::Barrier::new(8);
            let seeds: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let begin = || {
                    start.wait();
                    Secret::from_file(&path).unwrap().seed
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(seeds.iter().all(|seed| *seed == seeds[0]));
            let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
            assert_eq!(left, 1, "only the secret itself is left in the folder");
        }
    }

    #[test]
    fn a_draft_that_was_left_by_a_kill_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret.0000000000000000.tmp"), "").unwrap();
        let path = folder.path().join("secret");
        let made = Secret::from_file(&path).unwrap();
        assert_eq!(Secret::from_file(&path).unwrap().seed, made.seed);
    }

    #[test]
    fn a26_a_code_is_of_one_link_and_one_secret() {
        let (secret, other) = (Secret { seed: [1; 32] }, Secret { seed: [2; 32] });
        let [one, two] = [1, 2].map(|number| InvitationId(uuid::Uuid::from_u128(number)));
        let bare = secret.invitation_code(one).replace('-', "");
        assert!(secret.is_invitation_code(one, &bare));
        assert!(!secret.is_invitation_code(two, &bare) && !other.is_invitation_code(one, &bare));
        assert!(!secret.is_invitation_code(one, "") && !secret.is_invitation_code(one, &bare[1..]));
    }

    #[test]
    fn hashes_differ_by_use_and_by_where_parts_end() {
        let secret = Secret { seed: [1; 32] };
        assert_ne!(secret.mac("a", &[b"x"]), secret.mac("b", &[b"x"]));
        assert_ne!(secret.mac("a", &[b"xy", b"z"]), secret.mac("a", &[b"x", b"yz"]));
        assert!(!format!("{secret:?}").contains('1'));
    }
}
