//! Values as people write them: days in words, telephone numbers in groups.

use super::{Language, PhoneNumber};
use crate::Date;

/// A day as people write it: "12 maart 2027", "12 March 2027".
pub fn written_date(date: Date, language: Language) -> String {
    const DUTCH: [&str; 12] = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    match language {
        Language::Dutch => {
            let month = usize::try_from(date.month() - 1).ok().and_then(|month| DUTCH.get(month)).unwrap_or(&"");
            format!("{} {month} {}", date.day(), date.year())
        }
        Language::English => date.strftime("%-d %B %Y").to_string(),
    }
}

/// The Dutch area codes of two digits, and the numbers of services that are written like them, without the zero before them. All
/// others have three.
const SHORT_AREAS: [&str; 35] = [
    "10", "13", "15", "20", "23", "24", "26", "30", "33", "35", "36", "38", "40", "43", "45", "46", "50", "53", "55",
    "58", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "84", "85", "87", "88", "91",
];

/// The country codes of two digits (E.164). Those that begin with 1 or 7 have one, all others three.
const SHORT_COUNTRIES: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];

impl PhoneNumber {
    /// The number in groups, as Dutch people write it (`020 123 45 67`, `06 12 34 56 78`); one of another country as it is dialled
    /// from abroad (`+32 470 123 456`).
    pub fn shown(&self) -> String {
        let digits = self.as_str().trim_start_matches('+');
        match digits.strip_prefix("31").filter(|national| national.len() == 9) {
            Some(national) => format!("0{}", dutch(national)),
            None => abroad(digits),
        }
    }
}

/// The nine digits of a Dutch number behind the zero, in groups.
fn dutch(national: &str) -> String {
    let (area, groups): (usize, &[usize]) = if national.starts_with('6') {
        (1, &[2, 2, 2, 2][..])
    } else if SHORT_AREAS.iter().any(|area| national.starts_with(area)) {
        (2, &[3, 2, 2])
    } else {
        (3, &[2, 2, 2])
    };
    in_groups(national, &[&[area][..], groups].concat())
}

fn abroad(digits: &str) -> String {
    let code = match digits.get(..2) {
        Some(code) if code.starts_with(['1', '7']) => 1,
        Some(code) if SHORT_COUNTRIES.contains(&code) => 2,
        _ => 3,
    };
    // Groups of three; what would leave one digit alone ends with two groups of two.
    let left = digits.len().saturating_sub(code);
    let twos = match left % 3 {
        0 => 0,
        1 => 2,
        _ => 1,
    };
    let threes = left.saturating_sub(2 * twos) / 3;
    let groups: Vec<usize> = [code].into_iter().chain([3].repeat(threes)).chain([2].repeat(twos)).collect();
    format!("+{}", in_groups(digits, &groups))
}

/// Digits in groups of these lengths; what is left over is a group of its own.
fn in_groups(digits: &str, lengths: &[usize]) -> String {
    let mut rest = digits;
    let mut groups = vec![];
    for length in lengths {
        let (group, after) = rest.split_at_checked(*length).unwrap_or((rest, ""));
        groups.push(group);
        rest = after;
    }
    groups.push(rest);
    groups.retain(|group| !group.is_empty());
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_written_in_groups() {
        for (number, shown) in [
            ("+31201234567", "020 123 45 67"),
            ("+31200000000", "020 000 00 00"),
            ("+31851234567", "085 123 45 67"),
            ("+31512123456", "0512 12 34 56"),
            ("+31224123456", "0224 12 34 56"),
            ("+31612345678", "06 12 34 56 78"),
            // Numbers of services are shorter.
            ("+318001234", "+31 800 12 34"),
            ("+3221234567", "+32 212 345 67"),
            ("+32470123456", "+32 470 123 456"),
            ("+12025550123", "+1 202 555 01 23"),
            ("+352123456", "+352 123 456"),
            ("+3581234567", "+358 123 45 67"),
        ] {
            assert_eq!(PhoneNumber::parse(number).unwrap().shown(), shown);
            // It can be entered as it is shown, if it has its country.
            if shown.starts_with('+') {
                assert_eq!(PhoneNumber::parse(shown).unwrap().as_str(), number);
            }
        }
    }

    #[test]
    fn days_are_written_out() {
        let day: Date = "2026-12-08".parse().unwrap();
        assert_eq!(written_date(day, Language::Dutch), "8 december 2026");
        assert_eq!(written_date(day, Language::English), "8 December 2026");
    }
}
