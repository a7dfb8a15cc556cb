//! Whether a text that someone wrote freely names an amount of money or an invoice (rule EC6). Who may not see amounts does
//! not see such a text either.
//!
//! A text can name an amount in so many ways that this is a guess. It knows Dutch and English, and takes too much for an
//! amount rather than too little. A text names an amount if a number in it
//!
//! - stands beside a sign or word of money (`€ 120`, `120 euro`, `EUR 1.250,00`, `tweehonderd euro`), or has `,-` behind it;
//! - has two decimals, as prices have, and no unit behind it (`84,95`, but not `1,60 mm`, `12.02.2026` or `om 10.30`);
//! - has "including" or "excluding" behind it (`1250 incl.`), or stands at an end behind "about" (`ca. 300`);
//! - stands anywhere in a text that speaks of money (`kosten 300`, `21% btw`), and is no date or time and has no unit behind
//!   it, or anywhere in one that speaks of an invoice (in one that speaks of a bill, *rekening*, if it has no unit behind it).

/// The words and signs of money.
const MONEY: [&str; 19] = [
    "€", "$", "£", "¥", "eur", "euro", "euros", "euro's", "eurocent", "cent", "cents", "ct", "usd", "dollar",
    "dollars", "gbp", "pond", "pound", "pounds",
];
/// Words of the street for money, which stand behind a number only.
const STREET: [&str; 6] = ["piek", "tientje", "tientjes", "bucks", "quid", "eu"];
/// Words before an amount, which other numbers can stand behind as well.
const BEFORE: [&str; 4] = ["budget", "eu", ALL_IN, EACH];
/// What *all-in* and *alles bij elkaar* are read as, and what *per stuk* is.
const ALL_IN: &str = "allin";
const EACH: &str = "perstuk";
/// Words that are read as one.
const PHRASES: [(&str, &str); 6] = [
    ("all-in", ALL_IN),
    ("alles bij elkaar", ALL_IN),
    ("alles-bij-elkaar", ALL_IN),
    ("per stuk", EACH),
    ("p.st", EACH),
    ("p/st", EACH),
];
/// Words before a number that is only near.
const ABOUT: [&str; 9] = ["ca", "circa", "ongeveer", "±", "rond", "zo'n", "about", "around", "approx"];
/// Words behind a number that say what an amount includes.
const INCLUDING: [&str; 9] = ["incl", "inclusief", "excl", "exclusief", "ex", "including", "excluding", ALL_IN, EACH];
/// Words that speak of money.
const PAYING: [&str; 29] = [
    "btw",
    "vat",
    "kost",
    "kostte",
    "kosten",
    "prijs",
    "prijzen",
    "betaald",
    "betaalt",
    "betalen",
    "betaling",
    "korting",
    "tarief",
    "bedrag",
    "offerte",
    "cost",
    "costs",
    "price",
    "prices",
    "paid",
    "payment",
    "discount",
    "charged",
    "quote",
    "quoted",
    "cash",
    "goedkoper",
    "duurder",
    "cheaper",
];
/// The ends of compounds that do so: *materiaalkosten*, *uurtarief*.
const PAYING_ENDS: [&str; 4] = ["kosten", "prijs", "tarief", "bedrag"];
/// Words that speak of an invoice.
const INVOICE: [&str; 7] = ["factuur", "facturen", "factuurnummer", "factuurnr", "invoice", "invoices", "invoiced"];
/// Words that mostly speak of an invoice, but not always: *rekening houdend met 3 mm*.
const BILL: [&str; 5] = ["rekening", "rekeningen", "nota", "bill", "billed"];
/// Units behind a number that is no amount.
const UNITS: [&str; 62] = [
    "mm",
    "cm",
    "m",
    "km",
    "kilometer",
    "kilometers",
    "kilometre",
    "kilometres",
    "miles",
    "mijl",
    "l",
    "liter",
    "litre",
    "liters",
    "litres",
    "ltr",
    "ml",
    "bar",
    "psi",
    "v",
    "volt",
    "a",
    "ah",
    "ampère",
    "w",
    "kw",
    "kwh",
    "nm",
    "kg",
    "g",
    "gram",
    "%",
    "procent",
    "percent",
    "°",
    "°c",
    "c",
    "graden",
    "degrees",
    "inch",
    "u",
    "uur",
    "uren",
    "h",
    "hour",
    "hours",
    "min",
    "minuten",
    "minutes",
    "dag",
    "dagen",
    "day",
    "days",
    "week",
    "weken",
    "weeks",
    "maand",
    "maanden",
    "months",
    "jaar",
    "year",
    "years",
];
/// The parts of which Dutch numbers are made, and the English words.
const NUMERALS: [&str; 63] = [
    "een",
    "één",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
    "twintig",
    "dertig",
    "veertig",
    "vijftig",
    "zestig",
    "zeventig",
    "tachtig",
    "negentig",
    "honderd",
    "duizend",
    "en",
    "ën",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "half",
    "honderden",
];

/// A number in digits, or a word, of a text.
#[derive(Debug)]
enum Part {
    Number {
        /// Its digits, with the points and commas between them.
        text: String,
        /// Whether `,-` or the like is behind it.
        is_priced: bool,
        /// Whether it belongs to a date, a time or a code: there is a letter before it, or a sign between it and another.
        is_joined: bool,
        /// Whether the text, or a part of it, ends with it.
        ends: bool,
    },
    Word(String),
}

/// Whether a text seems to name an amount, or an invoice.
pub fn names_amount(text: &str) -> bool {
    let parts = split(text);
    let has_word =
        |is_such: fn(&str) -> bool| parts.iter().any(|part| matches!(part, Part::Word(word) if is_such(word)));
    let (pays, invoices) = (has_word(is_paying), has_word(|word| INVOICE.contains(&word)));
    let bills = has_word(|word| BILL.contains(&word));
    let at = |index: usize| parts.get(index);
    parts.iter().enumerate().any(|(index, part)| {
        let (before, after) = (index.checked_sub(1).and_then(at), at(index + 1));
        match part {
            Part::Word(word) => {
                let is_of_money = is_one_of(after, &MONEY) || is_one_of(after, &STREET);
                is_numeral(word) && is_of_money && !is_grade(after, at(index + 2))
            }
            Part::Number { is_priced: true, .. } => true,
            Part::Number { text, is_joined, ends, .. } => {
                let has_unit = is_one_of(after, &UNITS);
                let is_of_money =
                    is_one_of(after, &MONEY) || (is_one_of(before, &MONEY) && !is_grade(before, Some(part)));
                let is_plain = !is_joined && !has_unit;
                is_of_money
                    || invoices
                    || (bills && !has_unit)
                    || (!is_joined && is_one_of(after, &STREET) && !is_grade(after, at(index + 2)))
                    || (is_plain && is_one_of(before, &BEFORE) && !is_grade(before, Some(part)))
                    || (has_two_decimals(text) && !has_unit && !is_one_of(before, &["om", "at"]))
                    || (!is_joined && is_one_of(after, &INCLUDING))
                    || (!is_joined && *ends && is_one_of(before, &ABOUT))
                    || (!is_joined && pays && (!has_unit || is_one_of(after, &["%", "procent", "percent"])))
            }
        }
    })
}

/// Splits a text into its numbers and words, in small letters; signs of money are words of their own.
fn split(text: &str) -> Vec<Part> {
    let text = text.chars().map(narrow).collect::<String>().to_lowercase();
    let text = PHRASES.iter().fold(text, |text, (phrase, word)| text.replace(phrase, word));
    let letters: Vec<char> = text.chars().collect();
    let mut parts = Vec::new();
    let mut index = 0;
    while let Some(letter) = letters.get(index) {
        let begin = index;
        if letter.is_ascii_digit() {
            index = end_of_number(&letters, begin);
            parts.push(number(&letters, begin, index));
        } else if matches!(letter, '€' | '$' | '£' | '¥' | '%' | '±') {
            index += 1;
            parts.push(Part::Word(letter.to_string()));
        } else if is_letter(*letter) {
            while letters.get(index).is_some_and(|letter| is_letter(*letter) || matches!(letter, '\'' | '’')) {
                index += 1;
            }
            let word: String = letters.get(begin..index).unwrap_or_default().iter().collect();
            parts.push(Part::Word(word.replace('’', "'")));
        } else {
            index += 1;
        }
    }
    parts
}

/// The letter, digit or sign that a wide one of the East is: `４` is 4.
fn narrow(letter: char) -> char {
    match letter {
        '！'..='～' => u32::from(letter).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(letter),
        '￡' => '£',
        '￥' => '¥',
        '\u{3000}' | '\u{a0}' | '\u{202f}' => ' ',
        _ => letter,
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_alphabetic() || letter == '°'
}

/// Where the number ends that begins here: points and commas between its digits belong to it.
fn end_of_number(letters: &[char], begin: usize) -> usize {
    let is_digit = |index: usize| letters.get(index).is_some_and(char::is_ascii_digit);
    let mut end = begin;
    while is_digit(end) || (matches!(letters.get(end), Some('.' | ',')) && is_digit(end + 1)) {
        end += 1;
    }
    end
}

fn number(letters: &[char], begin: usize, end: usize) -> Part {
    let is_digit = |index: usize| letters.get(index).is_some_and(char::is_ascii_digit);
    let is_sign = |index: usize| matches!(letters.get(index), Some('-' | '/' | ':'));
    let follows_sign = begin >= 2 && is_sign(begin - 1) && is_digit(begin - 2);
    let follows_letter = begin >= 1 && letters.get(begin - 1).is_some_and(|letter| is_letter(*letter));
    let behind = letters.get(end..).unwrap_or_default();
    let spaces = behind.iter().take_while(|letter| **letter == ' ').count();
    Part::Number {
        text: letters.get(begin..end).unwrap_or_default().iter().collect(),
        is_priced: matches!(behind.get(spaces..).unwrap_or_default(), ['.' | ',', '-' | '=' | '–' | '—', ..]),
        is_joined: follows_sign || follows_letter || (is_sign(end) && is_digit(end + 1)),
        ends: behind
            .iter()
            .find(|letter| **letter != ' ')
            .is_none_or(|letter| !letter.is_alphanumeric() && *letter != '%'),
    }
}

fn is_one_of(part: Option<&Part>, words: &[&str]) -> bool {
    matches!(part, Some(Part::Word(word)) if words.contains(&word.as_str()))
}

fn is_paying(word: &str) -> bool {
    PAYING.contains(&word) || PAYING_ENDS.iter().any(|end| word.ends_with(end))
}

/// Whether this is no amount but a class of exhaust gases or of petrol: Euro 6, Euro 95.
fn is_grade(money: Option<&Part>, number: Option<&Part>) -> bool {
    let is_class = |text: &str| matches!(text, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "95" | "98");
    is_one_of(money, &["euro", "eu"]) && matches!(number, Some(Part::Number { text, .. }) if is_class(text))
}

/// Whether a word is a number: *honderdtwintig*, *hundred*.
fn is_numeral(word: &str) -> bool {
    let is_joint = |word: &str| matches!(word, "en" | "ën");
    !is_joint(word) && is_made_of_numerals(word)
}

fn is_made_of_numerals(word: &str) -> bool {
    let rests = NUMERALS.iter().filter_map(|numeral| word.strip_prefix(numeral));
    rests.into_iter().any(|rest| rest.is_empty() || is_made_of_numerals(rest))
}

/// Whether a number has two decimals, as prices have: one comma or point before them, and before that none, or only those
/// between thousands. So no date has.
fn has_two_decimals(number: &str) -> bool {
    let Some((whole, decimals)) = number.rsplit_once(['.', ',']) else { return false };
    let separator = number.get(whole.len()..=whole.len()).unwrap_or_default();
    let mut thousands = whole.split(['.', ',']).skip(1);
    decimals.len() == 2 && thousands.all(|group| group.len() == 3) && !whole.contains(separator)
}

#[cfg(test)]
mod tests {
    use super::names_amount;

    #[test]
    fn ec6_a_text_that_names_an_amount_is_known() {
        for text in [
            "€ 120,-",
            "€120",
            "120 €",
            "120 euro",
            "120,-",
            "120.-",
            "120,=",
            "EUR 1.250,00",
            "EUR120",
            "eur 95",
            "1250,- incl. btw",
            "1250 incl. btw",
            "1250 excl montage",
            "450 ex btw",
            "incl. 21% btw",
            "21% VAT",
            "(99.99)",
            "ca. 300",
            "Remmen ca. 300, volgend jaar",
            "± 300",
            "zo'n 450",
            "about 300",
            "tweehonderd euro",
            "Honderdvijfentwintig euro",
            "a few hundred euros",
            "twintig euro's",
            "50 cent",
            "korting 12.50",
            "korting 10%",
            "0,95 per stuk",
            "$5",
            "£ 1,250.00",
            "1,250.00",
            "84,95",
            "Kosten 300",
            "materiaalkosten 80",
            "uurtarief 95",
            "Klant heeft 150 betaald",
            "Offerte 300 akkoord",
            "The price was 300",
            "Quoted 450",
            "factuur 2026-0117",
            "Invoice 17",
            "factuurnr. 117",
            "euro 5,-",
            "5 euro",
            "Euro 6: 300 euro",
            "12,50-15,00",
            "km 60.250, 120,-",
            "4321 ,-",
            "rekening 4321",
            "Rekening 2026-0117",
            "In rekening gebracht: 4321",
            "Nota 4321",
            "４３２１ euro",
            "￡４３２１",
            "＄４３２１",
            "４３２１，－",
            "dertig tientjes",
            "30 tientjes",
            "4321 piek",
            "400 bucks",
            "a thousand quid",
            "4321 all-in",
            "all-in 4321",
            "4321 cash",
            "budget 4321",
            "Budget: 4321",
            "4321 p.st.",
            "4321 per stuk",
            "goedkoper: 4321",
            "duurder 4321",
            "Klant betaalt 4321",
            "eu 4321",
            "4321 eu",
            "4321 alles bij elkaar",
            "Alles bij elkaar 4321",
            "Profiel (nieuw 4321 euro)",
            "APK actie € 4321",
        ] {
            assert!(names_amount(text), "{text}");
        }
    }

    #[test]
    fn ec6_other_numbers_are_no_amounts() {
        for text in [
            "",
            "Remblokken",
            "euro",
            "Veel euro's",
            "geen kosten",
            "5W-30, 4.5 liter",
            "205/55 R16",
            "1.000 km",
            "60.250 km",
            "Km-stand 60250",
            "1.6 mm",
            "Profiel 1,60 mm",
            "2,30 bar rondom",
            "12,45 V",
            "1,25 uur",
            "2026-03-01",
            "01-03-2026",
            "12.02.2026",
            "12-02-26",
            "1/3/2026",
            "Om 10.30 opgehaald",
            "at 10.30",
            "10:30",
            "R1.2345",
            "art. 5.2.27",
            "4 banden, 2 ruiten",
            "ca. 300 km",
            "ongeveer 3 keer",
            "rond 15.000 km",
            "kleur 3",
            "olievat 60 liter",
            "80 procent",
            "accu 80%",
            "5 centimeter",
            "centrale vergrendeling 2x",
            "Euro 6 diesel",
            "Een euro 6 motor",
            "Getankt: Euro 95",
            "Beurt incl. oliefilter, 5 liter 5W30 ingevuld",
            "over 5 maanden of 15.000 km",
            "Kost 2 uur",
            "Betaald op 01-03-2026",
            "one tyre, twee velgen",
            "H7 lamp links",
            "APK tot 17-05-2027",
            "rekening houdend met 3 mm slijtage",
            "Rekening gehouden met 15.000 km per jaar",
            "alles bij elkaar 3 uur",
            "budgetbanden, 4 mm",
            "4 all season banden",
            "EU 6 diesel",
            "Verordening EU 2016/425",
            "piek 12 bar",
            "４ mm",
            "2 lampen per stuk getest",
        ] {
            assert!(!names_amount(text), "{text}");
        }
    }
}
