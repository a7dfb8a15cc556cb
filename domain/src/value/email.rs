//! E-mail addresses, and when two of them are one mailbox.

use super::{ValueError, is_joiner, line};
use idna::AsciiDenyList;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use strsim::osa_distance;
use unicode_normalization::char::is_combining_mark;
use validator::ValidateEmail;

/// An e-mail address, kept as it was typed. Two addresses are equal when they are one mailbox: capitals make no difference,
/// nor does it whether a domain is written with letters of its language or in its ASCII form (rule A1).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The greatest number of characters in an address (RFC 5321, 4.5.3.1.3, without the angle brackets).
    pub const MAX: usize = 254;

    /// Parses an address to which mail on the internet can go: its domain has a point in it, and is no number of a host.
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        let address = line(input, Self::MAX)?;
        if address.chars().any(is_joiner) {
            return Err(ValueError::ControlCharacter);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(ValueError::Email)?;
        // Domains have letters, digits and marks, and no symbols, of which some are seen by nobody.
        let is_in_domain =
            |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '.' | '。' | '．' | '·');
        if !domain.chars().all(is_in_domain) {
            return Err(ValueError::Email);
        }
        let domain = ascii(domain).ok_or(ValueError::Email)?;
        let sent = format!("{local}@{domain}");
        if sent.len() > Self::MAX {
            return Err(ValueError::TooLong { max: Self::MAX });
        }
        let is_whole = !local.split('.').any(str::is_empty) && is_name(&domain) && sent.validate_email();
        if is_whole { Ok(Self(address)) } else { Err(ValueError::Email) }
    }

    /// A stored address. Today's rules may refuse what was accepted once, so only its form is looked at.
    pub fn stored(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        (!local.is_empty() && !domain.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The address as it was typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared and kept unique (rule A1).
    pub fn key(&self) -> String {
        self.sent().to_lowercase()
    }

    /// The key that an address had when domains were compared as they were typed; none when it is today's.
    pub fn former_key(&self) -> Option<String> {
        (!self.0.is_ascii()).then(|| self.0.to_lowercase())
    }

    /// The address as mail servers take it, with the domain in its ASCII form.
    pub fn sent(&self) -> Cow<'_, str> {
        let Some((local, domain)) = self.0.rsplit_once('@') else { return Cow::Borrowed(&self.0) };
        if domain.is_ascii() && !domain.to_ascii_lowercase().contains("xn--") {
            return Cow::Borrowed(&self.0);
        }
        ascii(domain).map_or(Cow::Borrowed(&self.0), |domain| Cow::Owned(format!("{local}@{domain}")))
    }

    /// The address as whoever runs the server is shown it: enough to know it again, `j…@jansen.example`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        let first: String = local.chars().take(1).collect();
        format!("{first}…@{domain}")
    }

    /// The address that was perhaps meant, when the domain is that of a great mail house but for a slip of the pen: a letter that
    /// is missing, wrong, too many, or changed places with the next (rule CU6). It is a hint: the address may exist.
    ///
    /// ```
    /// # use domain::value::EmailAddress;
    /// let suggestion = |text| EmailAddress::parse(text).unwrap().suggestion().map(|meant| meant.as_str().to_owned());
    /// assert_eq!(suggestion("jan@gmial.com").as_deref(), Some("jan@gmail.com"));
    /// assert_eq!(suggestion("jan@gmail.com"), None);
    /// ```
    pub fn suggestion(&self) -> Option<Self> {
        let (local, domain) = self.0.rsplit_once('@')?;
        let domain = domain.to_lowercase();
        if HOUSES.contains(&domain.as_str()) || LIKE_HOUSES.contains(&domain.as_str()) {
            return None;
        }
        let (name, ending) = domain.split_once('.')?;
        let is_near = |one: &str, other: &str| one.len().abs_diff(other.len()) <= 1 && osa_distance(one, other) <= 1;
        let is_slip = |house: &&&str| {
            let (house_name, house_ending) = house.split_once('.').unwrap_or_default();
            is_near(ending, house_ending) && is_near(name, house_name)
        };
        let meant = HOUSES.iter().find(is_slip)?;
        Self::parse(&format!("{local}@{meant}")).ok()
    }

    /// Whether two addresses are written in exactly the same way (or both are absent). Addresses that are equal can
    /// still be written differently.
    pub fn is_written_like<'a>(one: impl Into<Option<&'a Self>>, other: impl Into<Option<&'a Self>>) -> bool {
        one.into().map(Self::as_str) == other.into().map(Self::as_str)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for EmailAddress {}

/// The mail houses that most people here have, whose names are long enough to be known in spite of a slip.
const HOUSES: &[&str] = &[
    "gmail.com",
    "hotmail.com",
    "hotmail.nl",
    "hotmail.be",
    "outlook.com",
    "icloud.com",
    "yahoo.com",
    "ziggo.nl",
    "kpnmail.nl",
    "xs4all.nl",
    "hetnet.nl",
    "upcmail.nl",
    "telfort.nl",
    "casema.nl",
    "chello.nl",
    "telenet.be",
    "skynet.be",
    "proximus.be",
    "protonmail.com",
    "t-online.de",
    "wanadoo.fr",
];

/// Domains that exist and receive mail, though they look like those.
const LIKE_HOUSES: &[&str] = &[
    "mail.com",
    "email.com",
    "ymail.com",
    "gmx.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "hotmail.co.uk",
    "outlook.nl",
    "outlook.be",
    "outlook.de",
    "outlook.fr",
    "yahoo.nl",
    "yahoo.de",
    "yahoo.fr",
    "yahoo.co.uk",
    "telenet.nl",
    "chello.be",
    "skynet.nl",
    "hello.nl",
    "wanadoo.nl",
];

/// The ASCII form of a domain (UTS 46); none when it has none.
fn ascii(domain: &str) -> Option<Cow<'_, str>> {
    idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::URL).ok()
}

/// Whether a domain has a name below another, as all to which mail goes; the last part of an address of a host is a number.
fn is_name(domain: &str) -> bool {
    domain.rsplit_once('.').is_some_and(|(_, last)| last.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn an_address_is_masked() {
        assert_eq!(email("Jan@Jansen.example").masked(), "J…@Jansen.example");
        assert_eq!(email("j@jansen.example").masked(), "j…@jansen.example");
    }

    #[test]
    fn cu6_a_slip_in_the_name_of_a_great_mail_house_is_hinted_at() {
        let meant = |text: &str| email(text).suggestion().map(|meant| meant.as_str().to_owned());
        for (slip, house) in [
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gnail.com", "gmail.com"),
            ("GMIAL.COM", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmial.cm", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("hotmal.nl", "hotmail.nl"),
            ("hotnail.be", "hotmail.be"),
            ("outlok.com", "outlook.com"),
            ("iclod.com", "icloud.com"),
            ("yaho.com", "yahoo.com"),
            ("zigo.nl", "ziggo.nl"),
            ("kpmail.nl", "kpnmail.nl"),
            ("telent.be", "telenet.be"),
        ] {
            assert_eq!(meant(&format!("Jan.J@{slip}")), Some(format!("Jan.J@{house}")), "{slip}");
        }
        let others =
            ["jansen.example", "bakkerij-jansen.nl", "tele2.nl", "web.de", "gmail.nl", "ziggozakelijk.nl", "g.com"];
        for right in HOUSES.iter().chain(LIKE_HOUSES).copied().chain(others) {
            assert_eq!(meant(&format!("jan@{right}")), None, "{right}");
        }
        let strange = EmailAddress::stored("a@x").unwrap();
        assert_eq!(strange.suggestion().map(|meant| meant.key()), None);
    }

    #[test]
    fn a1_addresses_are_compared_after_trimming_and_case_folding() {
        let (a, b) = (email(" Jan@Jansen.example "), email("jan@jansen.EXAMPLE"));
        assert_eq!(a, b);
        assert_eq!(a.as_str(), "Jan@Jansen.example");
        assert_eq!((a.key().as_str(), a.former_key()), ("jan@jansen.example", None));
        assert!(EmailAddress::is_written_like(&a, &a.clone()) && !EmailAddress::is_written_like(&a, &b));
        assert!(!EmailAddress::is_written_like(&a, None));
    }

    #[test]
    fn a1_a_domain_in_its_own_letters_and_in_ascii_is_one_mailbox() {
        let ascii = email("Info@xn--mller-kva.example");
        for same in
            ["info@müller.example", "INFO@MÜLLER.EXAMPLE", "info@mu\u{308}ller.example", "info@XN--MLLER-KVA.example"]
        {
            assert_eq!(email(same), ascii, "{same}");
            assert_eq!(email(same).key(), "info@xn--mller-kva.example");
        }
        assert_eq!(email("Info@Müller.example").sent(), "Info@xn--mller-kva.example");
        assert_eq!(email("Info@Müller.example").as_str(), "Info@Müller.example");
        assert_eq!(email("Info@Müller.example").former_key().as_deref(), Some("info@müller.example"));
        assert_ne!(email("info@müller.example"), email("info@muller.example"));
        assert_ne!(email("info@straße.example"), email("info@strasse.example"));
    }

    #[test]
    fn a1_what_is_no_mailbox_on_the_internet_is_refused() {
        for bad in [
            "",
            "jan",
            "jan@",
            "@x.nl",
            "jan jansen@x.nl",
            "jan@x..nl",
            "a@x",
            "a@localhost",
            "a@x.nl\u{2800}",
            "a@☃.nl",
            "a@x\u{E000}.nl",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@[IPv6:::1]",
            "a@[::1]",
            "a@x.1",
            "a@x.nl.",
            "a..b@x.nl",
            ".a@x.nl",
            "a.@x.nl",
            "a@b@x.nl",
            "jän@x.nl",
            "a@-x.nl",
            "a@xn--zzzzzz-.nl",
            "a@x%20.nl",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad}");
        }
        for hidden in
            ['\u{200B}', '\u{200D}', '\u{2028}', '\u{202E}', '\u{2066}', '\u{AD}', '\u{FEFF}', '\u{7F}', '\u{FE0F}']
        {
            for place in [format!("j{hidden}an@jansen.example"), format!("jan@jan{hidden}sen.example")] {
                assert_eq!(EmailAddress::parse(&place).map(drop), Err(ValueError::ControlCharacter), "{place:?}");
            }
        }
        let long = format!(
            "a@{}.nl",
            ["ü".repeat(50), "ü".repeat(50), "ü".repeat(50), "ü".repeat(50), "ü".repeat(40)].join(".")
        );
        assert_eq!(EmailAddress::parse(&long).map(drop), Err(ValueError::TooLong { max: EmailAddress::MAX }));
    }

    #[test]
    fn a1_what_was_stored_under_other_rules_is_still_read() {
        for former in ["a@x", "a@[127.0.0.1]", "a@\u{200B}x.nl", "a..b@x.nl"] {
            assert!(EmailAddress::parse(former).is_err());
            let stored = EmailAddress::stored(former).unwrap();
            assert_eq!(stored.as_str(), former);
            assert_eq!(stored, stored.clone());
        }
        assert_eq!(
            (EmailAddress::stored("nobody"), EmailAddress::stored("@x.nl"), EmailAddress::stored("")),
            (None, None, None)
        );
    }

    proptest! {
        #[test]
        fn a1_ordinary_addresses_are_accepted_and_are_sent_as_they_are(
            local in "[a-z0-9]{1,12}([.+_-][a-z0-9]{1,8}){0,2}", domain in "[a-z]{1,12}(-[a-z]{1,6})?\\.(nl|com|example)"
        ) {
            let address = format!("{local}@{domain}");
            let parsed = email(&address);
            prop_assert_eq!(parsed.key(), address.clone());
            prop_assert_eq!(parsed.sent(), address);
        }

        #[test]
        fn a1_a_key_is_ascii_and_is_its_own_key(text in "[a-z]{1,5}@[a-züéıß]{1,9}\\.(nl|рф|中国)") {
            let key = email(&text).key();
            prop_assert!(key.is_ascii(), "{key}");
            prop_assert_eq!(email(&key).key(), key);
        }
    }
}
