//! Postal codes, in the form of their country.

use super::{Country, ValueError, line};

/// How a country writes its postal codes.
struct Form {
    /// The country, by its code in ISO 3166-1.
    country: &'static str,
    /// What people write before a code to say its country, beside the code in ISO 3166-1: the sign of its cars.
    sign: &'static str,
    /// What belongs to each code and stands before it.
    start: &'static str,
    /// The forms: `9` is a digit, `1` is a digit from 1 to 9, `A` is a letter, `X` is either; all else stands as it is.
    forms: &'static [&'static str],
}

const fn form(country: &'static str, sign: &'static str, start: &'static str, forms: &'static [&'static str]) -> Form {
    Form { country, sign, start, forms }
}

/// The countries whose form is known here: those of Europe, and the United States.
const FORMS: &[Form] = &[
    form("AD", "AND", "AD", &["999"]),
    form("AL", "AL", "", &["9999"]),
    form("AT", "A", "", &["1999"]),
    form("BA", "BIH", "", &["99999"]),
    form("BE", "B", "", &["1999"]),
    form("BG", "BG", "", &["1999"]),
    form("CH", "CH", "", &["1999"]),
    form("CY", "CY", "", &["9999"]),
    form("CZ", "CZ", "", &["999 99"]),
    form("DE", "D", "", &["99999"]),
    form("DK", "DK", "", &["9999"]),
    form("EE", "EST", "", &["99999"]),
    form("ES", "E", "", &["99999"]),
    form("FI", "FIN", "", &["99999"]),
    form("FO", "FO", "", &["999"]),
    form("FR", "F", "", &["99999"]),
    form("GB", "UK", "", &["A9 9AA", "A99 9AA", "A9A 9AA", "AA9 9AA", "AA99 9AA", "AA9A 9AA"]),
    form("GR", "GR", "", &["999 99"]),
    form("HR", "HR", "", &["99999"]),
    form("HU", "H", "", &["1999"]),
    form("IE", "IRL", "", &["A99 XXXX", "A9A XXXX"]),
    form("IS", "IS", "", &["999"]),
    form("IT", "I", "", &["99999"]),
    form("LI", "FL", "", &["1999"]),
    form("LT", "LT", "LT-", &["99999"]),
    form("LU", "L", "", &["1999"]),
    form("LV", "LV", "LV-", &["9999"]),
    form("MC", "MC", "", &["99999"]),
    form("ME", "MNE", "", &["99999"]),
    form("MK", "NMK", "", &["9999"]),
    form("MT", "M", "", &["AAA 9999"]),
    form("NL", "NL", "", &["1999 AA"]),
    form("NO", "N", "", &["9999"]),
    form("PL", "PL", "", &["99-999"]),
    form("PT", "P", "", &["1999-999"]),
    form("RO", "RO", "", &["999999"]),
    form("RS", "SRB", "", &["99999"]),
    form("SE", "S", "", &["999 99"]),
    form("SI", "SLO", "", &["1999"]),
    form("SK", "SK", "", &["999 99"]),
    form("SM", "RSM", "", &["99999"]),
    form("TR", "TR", "", &["99999"]),
    form("UA", "UA", "", &["99999"]),
    form("US", "USA", "", &["99999", "99999-9999"]),
    form("VA", "V", "", &["99999"]),
];

/// The letters that no Dutch postal code has, because of what they stood for.
const NEVER_DUTCH: [&str; 3] = ["SA", "SD", "SS"];

/// A postal code as its country writes it, from any way to type it (rule CU4): case, spaces and dashes do not matter, nor does
/// the sign of the country before it. That of a country whose form is not known here is any line of text.
///
/// ```
/// # use domain::value::{Country, postcode};
/// assert_eq!(postcode("1234ab", Country::NL).as_deref(), Ok("1234 AB"));
/// assert_eq!(postcode("B-9000", Country::BE).as_deref(), Ok("9000"));
/// ```
pub fn postcode(input: &str, country: Country) -> Result<String, ValueError> {
    let typed = line(input, 200)?;
    let Some(form) = FORMS.iter().find(|form| form.country == country.as_str()) else { return Ok(typed) };
    let signs: String = typed.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
    let behind = |sign: &str| signs.strip_prefix(sign);
    let candidates = [Some(signs.as_str()), behind(form.country), behind(form.sign)];
    let is_odd = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && !is_dash(c) && c != '.';
    if typed.chars().any(is_odd) {
        return Err(ValueError::Postcode);
    }
    let mut written = candidates
        .into_iter()
        .flatten()
        .flat_map(|typed| form.forms.iter().filter_map(move |form| filled(form, typed)));
    let code = written.next().map(|code| format!("{}{code}", form.start)).ok_or(ValueError::Postcode)?;
    let is_never = country == Country::NL && NEVER_DUTCH.iter().any(|letters| code.ends_with(letters));
    if is_never { Err(ValueError::Postcode) } else { Ok(code) }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// A form with these letters and digits in it; none when they do not fit.
fn filled(form: &str, typed: &str) -> Option<String> {
    let (mut typed, mut written) = (typed.chars(), String::with_capacity(form.len()));
    for place in form.chars() {
        let fits = |c: &char| match place {
            '9' => c.is_ascii_digit(),
            '1' => c.is_ascii_digit() && *c != '0',
            'A' => c.is_ascii_uppercase(),
            _ => c.is_ascii_digit() || c.is_ascii_uppercase(),
        };
        written.push(if place.is_alphanumeric() { typed.next().filter(fits)? } else { place });
    }
    typed.next().is_none().then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, country: &str) -> Result<String, ValueError> {
        postcode(text, Country::parse(country).unwrap())
    }

    #[test]
    fn cu4_a_dutch_postcode_is_four_digits_and_two_letters_however_typed() {
        for typed in [
            "1234 AB",
            "1234AB",
            "1234ab",
            " 1234  ab ",
            "1234-AB",
            "1234\u{A0}Ab",
            "NL-1234 AB",
            "nl 1234ab",
            "1234.AB",
        ] {
            assert_eq!(read(typed, "NL").as_deref(), Ok("1234 AB"), "{typed}");
        }
        for bad in [
            "0123 AB", "ZZZZ", "1234", "1234 A", "123 AB", "12345 AB", "1234 ABC", "1234 SA", "1234sd", "1234 SS",
            "12A4 BC", "1234 1B", "1234 ÁB", "1234/AB", "-",
        ] {
            assert_eq!(read(bad, "NL"), Err(ValueError::Postcode), "{bad}");
        }
        assert_eq!(
            (read(" ", "NL"), read("1234\u{0}AB", "NL")),
            (Err(ValueError::Blank), Err(ValueError::ControlCharacter))
        );
    }

    #[test]
    fn cu4_a_postcode_has_the_form_of_its_country() {
        for (typed, country, written) in [
            ("9000", "BE", "9000"),
            ("B-9000", "BE", "9000"),
            ("BE 9000", "BE", "9000"),
            ("D-50667", "DE", "50667"),
            ("01067", "DE", "01067"),
            ("F 75001", "FR", "75001"),
            ("L-1234", "LU", "1234"),
            ("A-1010", "AT", "1010"),
            ("CH-8001", "CH", "8001"),
            ("11455", "SE", "114 55"),
            ("1000205", "PT", "1000-205"),
            ("00 950", "PL", "00-950"),
            ("11000", "CZ", "110 00"),
            ("lv1010", "LV", "LV-1010"),
            ("1010", "LV", "LV-1010"),
            ("AD500", "AD", "AD500"),
            ("sw1a1aa", "GB", "SW1A 1AA"),
            ("M1 1AE", "GB", "M1 1AE"),
            ("D02X285", "IE", "D02 X285"),
            ("d6w xy00", "IE", "D6W XY00"),
            ("VLT 1117", "MT", "VLT 1117"),
            ("20500", "US", "20500"),
            ("20500-0003", "US", "20500-0003"),
            ("100-0001", "JP", "100-0001"),
            ("whatever", "AQ", "whatever"),
        ] {
            assert_eq!(read(typed, country).as_deref(), Ok(written), "{typed} in {country}");
        }
        for (bad, country) in [
            ("900", "BE"),
            ("0900", "BE"),
            ("1234 AB", "BE"),
            ("5066", "DE"),
            ("506671", "DE"),
            ("7500A", "FR"),
            ("12345", "LU"),
            ("ABC", "GB"),
        ] {
            assert_eq!(read(bad, country), Err(ValueError::Postcode), "{bad} in {country}");
        }
    }

    #[test]
    fn cu4_each_country_stands_once_and_exists() {
        let mut countries: Vec<_> = FORMS.iter().map(|form| form.country).collect();
        assert!(countries.iter().all(|country| Country::parse(country).is_ok()));
        assert!(countries.is_sorted());
        countries.dedup();
        assert_eq!(countries.len(), FORMS.len());
    }

    proptest! {
        #[test]
        fn cu4_what_is_written_is_read_again(typed in "[A-Za-z0-9 .-]{1,12}", place in 0..FORMS.len()) {
            let country = FORMS[place].country;
            if let Ok(written) = read(&typed, country) {
                prop_assert_eq!(read(&written, country), Ok(written));
            }
        }
    }
}
