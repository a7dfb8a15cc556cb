//! Names of people, garages, fleets and what belongs to them. They stand in mails and on screens beside our own words, so a
//! name is one: it has no letter that nobody sees, and no web address that a reader could open.

use super::{ValueError, is_joiner, line};
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// The last parts of domains that are no country's, and that web addresses have most.
const ENDINGS: &[&str] = &[
    "app", "biz", "bike", "cars", "cc", "click", "cloud", "club", "com", "dev", "edu", "eu", "fun", "gov", "icu",
    "info", "int", "link", "live", "me", "mobi", "name", "net", "online", "org", "page", "pro", "shop", "site",
    "space", "store", "tech", "top", "uk", "vip", "web", "website", "work", "xyz", "zip",
];

/// A name: one line without letters that nobody sees (see [`line()`]), and without a web address. A bare domain is a name, as
/// of a company that is called *Auto.nl*; mails show it so that it is no link.
///
/// ```
/// assert!(domain::value::name("Garage De Vries B.V.", 100).is_ok());
/// assert!(domain::value::name("Jan www.betaal.example", 100).is_err());
/// ```
pub fn name(input: &str, max: usize) -> Result<String, ValueError> {
    let name = line(input, max)?;
    if name.chars().any(is_joiner) {
        return Err(ValueError::ControlCharacter);
    }
    if has_web_address(&name) { Err(ValueError::WebAddress) } else { Ok(name) }
}

/// Whether some word is a web address: it names a scheme, begins with `www.`, or is a domain with a path, a query or a port
/// behind it. Letters that look alike count as the plain ones.
fn has_web_address(name: &str) -> bool {
    let plain: String = name.nfkc().flat_map(char::to_lowercase).collect();
    plain.contains("://") || plain.split(|c: char| c.is_whitespace() || "()[]<>{},;\"'".contains(c)).any(is_web_address)
}

fn is_web_address(word: &str) -> bool {
    let begins = |start: &str| word.strip_prefix(start).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    if begins("www.") || begins("mailto:") || begins("javascript:") {
        return true;
    }
    let Some((domain, rest)) = word.find(['/', '?', '#', ':', '\\']).map(|at| word.split_at(at)) else { return false };
    // "Auto.nl:" and "Auto.nl?" end a sentence or begin a list.
    let leads_on = rest.starts_with('/') || rest.chars().nth(1).is_some_and(char::is_alphanumeric);
    leads_on && is_domain(domain)
}

/// Whether this is a domain as web addresses have them, or the address of a host in numbers.
fn is_domain(text: &str) -> bool {
    let mut parts = text.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    let are_labels =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '@'));
    if rest.peek().is_none() || !rest.all(are_labels) {
        return false;
    }
    let is_number = text.split('.').count() == 4 && text.split('.').all(|part| u8::from_str(part).is_ok());
    is_number || last.starts_with("xn--") || ENDINGS.contains(&last) || is_country(last)
}

fn is_country(ending: &str) -> bool {
    ending.len() == 2 && rust_iso3166::from_alpha2(&ending.to_ascii_uppercase()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_with_a_web_address_is_refused() {
        for bad in [
            "http://betaal.example",
            "Jan https://x.nl",
            "HTTPS://X",
            "hxxp://a.nl",
            "www.betaal.nl",
            "Jan (WWW.betaal.nl)",
            "betaal.nl/nu",
            "Jan betaal.nl/",
            "betaal.nl?x=1",
            "betaal.nl:8080",
            "betaal.nl#nu",
            "bit.ly/x",
            "mailto:a@b.nl",
            "javascript:alert(1)",
            "1.2.3.4/x",
            "a@b.nl/x",
            "ｗｗｗ．betaal．nl",
            "betaal．nl／nu",
            "xn--mller.xn--p1ai/x",
            "ftp://x",
            "Garage De Vries, www.devries.example",
            "x.com\\y",
        ] {
            assert_eq!(name(bad, 100), Err(ValueError::WebAddress), "{bad}");
        }
    }

    #[test]
    fn ordinary_names_are_accepted() {
        for good in [
            "Garage De Vries B.V.",
            "Autobedrijf Jansen & Zn.",
            "J.P. d'Arc",
            "St. Nicolaas",
            "Auto.nl",
            "Bol.com",
            "Jan/Piet",
            "Jansen B.V./N.V.",
            "Fa. Jansen e.a./c.s.",
            "'t Hoekje (v/h Smit)",
            "A/B Motors",
            "24/7 Pechhulp",
            "Q8: Zuid",
            "Jan: de bakker",
            "Auto.nl: Utrecht",
            "K.I.T.T.",
            "Zoë Ångström-O'Neill",
            "Μαρία",
            "王小明",
            "Ing. P. de Wit/M. Bos",
            "Bedrijfswagens Nr. 1",
            "Autobedrijf 3.0",
            "Müller GmbH & Co. KG",
            "WWW Motors",
            "De http-garage",
            "50% Auto's",
            "Jansen #2",
            "Wat nu?",
            "C.V. De Hoop/Noord",
        ] {
            assert_eq!(name(good, 100).as_deref(), Ok(good));
        }
    }

    #[test]
    fn a_name_has_no_letter_that_nobody_sees() {
        for hidden in [
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{2028}',
            '\u{2029}',
            '\u{202E}',
            '\u{2066}',
            '\u{61C}',
            '\u{AD}',
            '\u{FEFF}',
            '\u{3164}',
            '\u{E0041}',
            '\n',
            '\u{FE0F}',
        ] {
            assert_eq!(name(&format!("Jan{hidden}sen"), 100), Err(ValueError::ControlCharacter), "{hidden:?}");
        }
    }

    proptest! {
        #[test]
        fn names_of_people_and_firms_are_accepted(
            title in "((Dhr|Mevr|Dr|Ing|Fa)\\. )?", initials in "([A-ZÉ]\\.){0,4} ?", given in "(\\p{Lu}\\p{Ll}{1,9} ){0,2}",
            between in "((van|de|den|der|van 't|d')[ ])?", family in "\\p{Lu}\\p{Ll}{1,12}(-\\p{Lu}\\p{Ll}{1,9})?",
            firm in "( (B\\.V\\.|N\\.V\\.|V\\.O\\.F\\.|& Zn\\.|GmbH & Co\\. KG|Autobedrijven|[0-9]{1,4}))?",
        ) {
            let text = format!("{title}{initials}{given}{between}{family}{firm}");
            prop_assert_eq!(name(&text, 200), Ok(text.trim().to_owned()));
        }

        #[test]
        fn a_web_address_is_refused_wherever_it_stands(
            before in "([A-Z][a-z]{1,8} )?", start in "(https?://|www\\.)", domain in "[a-z]{2,10}\\.(nl|com|example)", after in "( [a-z]{1,5})?",
        ) {
            prop_assert_eq!(name(&format!("{before}{start}{domain}{after}"), 200), Err(ValueError::WebAddress));
        }

        #[test]
        fn whatever_is_accepted_is_accepted_again(text in "\\PC{1,60}") {
            if let Ok(accepted) = name(&text, 100) {
                prop_assert_eq!(name(&accepted, 100), Ok(accepted));
            }
        }
    }
}
