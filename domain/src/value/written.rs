//! Values as people write them: days in words.

use super::Language;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_out() {
        let day: Date = "2026-12-08".parse().unwrap();
        assert_eq!(written_date(day, Language::Dutch), "8 december 2026");
        assert_eq!(written_date(day, Language::English), "8 December 2026");
    }
}
