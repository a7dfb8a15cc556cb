//! Whether a mailing names a price or an offer. An APK reminder that does is advertising (Telecommunicatiewet 11.7).
//!
//! [`crate::amount_text`] answers a like question and takes too much for an amount rather than too little. Here that would
//! warn of opening hours, and a warning that is mostly wrong is not read.

/// Words of offers and of money, in Dutch and English.
const WORDS: [&str; 37] = [
    "eur",
    "euro",
    "euros",
    "korting",
    "kortingen",
    "kortingsactie",
    "kortingsbon",
    "kortingscode",
    "gratis",
    "aanbieding",
    "aanbiedingen",
    "actie",
    "acties",
    "actieprijs",
    "zomeractie",
    "winteractie",
    "voorjaarsactie",
    "najaarsactie",
    "actiecode",
    "voordeel",
    "voordelig",
    "goedkoop",
    "goedkoper",
    "cadeau",
    "cadeaubon",
    "tegoedbon",
    "discount",
    "discounts",
    "discounted",
    "free",
    "offer",
    "offers",
    "promo",
    "promotion",
    "voucher",
    "cashback",
    "deal",
];

/// Whether a text seems to name an amount or an offer. Phrases in which the word is none do not count: "feel free".
pub(super) fn is_named(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut before = "";
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if WORDS.contains(&word) && (before, word) != ("feel", "free") {
            return true;
        }
        before = word;
    }
    text.contains(['€', '$', '£']) || has_percentage(&text) || has_amount(&text)
}

fn has_percentage(text: &str) -> bool {
    let number_before = |at: usize| text.get(..at).is_some_and(|before| before.trim_end().ends_with(char::is_numeric));
    text.match_indices('%').any(|(at, _)| number_before(at))
}

/// Whether there is a number as prices are written: `29,95` or `29,-`. A point stands in times too.
fn has_amount(text: &str) -> bool {
    text.match_indices(',').any(|(at, comma)| {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at + comma.len()..).unwrap_or_default();
        let digits = behind.chars().take_while(char::is_ascii_digit).count();
        before.ends_with(|c: char| c.is_ascii_digit()) && (digits == 2 || behind.starts_with(['-', '–', '=']))
    })
}
