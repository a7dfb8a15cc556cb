//! What stands in a link to leave off: what is meant, with a keyed hash that only this server can make. Nothing is stored for
//! it, and a link in an old mail works as long as what it names is there.

use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    consequence::Template,
    ids::{AccountId, ApkMailingId, PassportId},
};
use uuid::Uuid;

/// What someone can leave off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsubscribe {
    /// Mails of a kind to an account.
    Kind(AccountId, Template),
    /// The mailings of a garage, from one that went to the customer of a car.
    Mailing(ApkMailingId, PassportId),
}

const USAGE: &str = "unsubscribe";
/// How long the keyed hash is that ends a token.
const MARK: usize = 32;

impl Unsubscribe {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Kind(account, kind) => [b"k", account.0.as_bytes().as_slice(), kind.code().as_bytes()].concat(),
            Self::Mailing(mailing, car) => [b"m", mailing.0.as_bytes().as_slice(), car.0.as_bytes()].concat(),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (sort, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_at_checked(16)?;
        let id = Uuid::from_slice(id).ok()?;
        match sort {
            b'k' => Some(Self::Kind(AccountId(id), Template::from_code(std::str::from_utf8(rest).ok()?)?)),
            b'm' => Some(Self::Mailing(ApkMailingId(id), PassportId(Uuid::from_slice(rest).ok()?))),
            _ => None,
        }
    }

    /// The token, as it stands in a link.
    pub fn token(self, secret: &Secret) -> String {
        let bytes = self.bytes();
        format!("{}{}", URL_SAFE_NO_PAD.encode(&bytes), secret.mark(USAGE, &[&bytes]))
    }

    /// The address of the page. It is of this server itself, also where another app takes the place of the page at `/app`.
    pub fn link(self, public_url: &str, secret: &Secret) -> String {
        format!("{public_url}/unsubscribe/{}", self.token(secret))
    }

    /// What a token means; none when this server did not make it.
    pub fn from_token(token: &str, secret: &Secret) -> Option<Self> {
        let (said, mark) = token.split_at_checked(token.len().checked_sub(MARK)?)?;
        let said = URL_SAFE_NO_PAD.decode(said).ok()?;
        secret.is_mark(USAGE, &[&said], mark).then(|| Self::read(&said)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(filled: u8) -> Secret {
        Secret::parse(&URL_SAFE_NO_PAD.encode([filled; 32])).unwrap()
    }

    #[test]
    fn ch1_a_link_means_what_it_was_made_for_and_no_other_can_be_made() {
        let (account, car) = (AccountId(Uuid::from_u128(7)), PassportId(Uuid::from_u128(8)));
        for what in [
            Unsubscribe::Kind(account, Template::CheckReady),
            Unsubscribe::Mailing(ApkMailingId(Uuid::from_u128(9)), car),
        ] {
            let token = what.token(&secret(1));
            assert!(token.len() < 120, "{token}");
            assert_eq!(Unsubscribe::from_token(&token, &secret(1)), Some(what));
            assert_eq!(Unsubscribe::from_token(&token, &secret(2)), None, "another server's");
            for at in 0..token.len() {
                let mut other = token.clone().into_bytes();
                other[at] = if other[at] == b'a' { b'b' } else { b'a' };
                let other = String::from_utf8(other).unwrap();
                assert_eq!(Unsubscribe::from_token(&other, &secret(1)), None, "{at}");
            }
            for cut in 0..token.len() {
                assert_eq!(Unsubscribe::from_token(&token[..cut], &secret(1)), None, "{cut}");
            }
        }
        assert_eq!(Unsubscribe::from_token("%%%", &secret(1)), None);
    }
}
