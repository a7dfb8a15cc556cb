//! The parts of people's names, by which lists are sorted.

use super::{Country, search_key};

/// What stands between a given name and a surname, in Dutch and in languages whose names people here have.
const PREFIXES: &[&str] = &[
    "aan", "af", "al", "am", "auf", "bij", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "des",
    "di", "do", "dos", "du", "el", "in", "la", "las", "le", "les", "los", "onder", "op", "over", "te", "ten", "ter",
    "tot", "uijt", "uit", "van", "vanden", "vander", "ver", "vom", "von", "voor", "zu", "zum", "zur", "'s", "'t", "'n",
    "’s", "’t", "’n", "d'", "l'",
];

/// What begins a surname behind a given name, and is a given name itself, or no prefix.
const BEGINNINGS: &[&str] = &["abou", "abu", "ait", "aït", "ben", "bin", "ibn", "oulad", "ouled"];

/// How people are addressed, and titles, in the languages that are written here. They are no part of a name.
const TITLES: &[&str] = &[
    "bc",
    "dhr",
    "dipl",
    "dr",
    "drs",
    "ds",
    "echtpaar",
    "erven",
    "fam",
    "familie",
    "frau",
    "gezin",
    "heer",
    "herr",
    "hr",
    "ing",
    "ir",
    "jhr",
    "jkvr",
    "jonkheer",
    "jonkvrouw",
    "juffrouw",
    "madame",
    "mej",
    "mejuffrouw",
    "meneer",
    "mevr",
    "mevrouw",
    "mijnheer",
    "miss",
    "mlle",
    "mme",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "mvr",
    "mw",
    "prof",
    "professor",
    "wed",
    "weduwe",
];

/// What stands behind a surname and is no part of it.
const SUFFIXES: &[&str] = &["bsc", "jr", "llb", "llm", "mba", "msc", "phd", "sr"];

/// Words that are no part of a person's name, so that what they stand in is not one person.
const SEVERAL: &[&str] = &["&", "en", "and", "e/o", "of", "+", "/"];

/// The name of a person in its parts (rule CU7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName {
    /// The given name, or what stands for it, such as initials.
    pub given: Option<String>,
    /// What stands before the surname: *van de*.
    pub prefix: Option<String>,
    /// The surname, without what stands before it.
    pub surname: String,
}

impl PersonName {
    /// The parts of a full name, as far as they can be told apart: what stands before the last word, or before a prefix such as
    /// *van*, is the given name. How someone is addressed (*Fam.*, *Mevr.*, *de heer*), and titles, are left out. None of what is
    /// not the name of one person or family. It is a guess, which can be corrected.
    ///
    /// ```
    /// # use domain::value::PersonName;
    /// let name = PersonName::split("Jan van den Berg").unwrap();
    /// assert_eq!((name.given.as_deref(), name.prefix.as_deref(), name.surname.as_str()), (Some("Jan"), Some("van den"), "Berg"));
    /// ```
    pub fn split(full: &str) -> Option<Self> {
        // A double surname with blanks around its dash is one word.
        let full = full.split_whitespace().collect::<Vec<_>>().join(" ").replace(" - ", "-");
        let words: Vec<&str> = full.split(' ').filter(|word| !word.is_empty()).collect();
        let is_odd =
            |word: &&str| SEVERAL.contains(&word.to_lowercase().as_str()) || word.contains([',', '(', '"', '/']);
        if words.iter().any(is_odd) || full.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let words = without_titles(&words);
        let last = words.len().checked_sub(1)?;
        let is_among = |list: &[&str], at: usize| words.get(at).is_some_and(|word| is_one_of(list, word));
        let is_prefix = |at: usize| is_among(PREFIXES, at);
        // The last word is the surname at least, and of several prefixes the first counts that is followed by others alone.
        let (from, to) = match (0..last).find(|at| is_prefix(*at) || (*at > 0 && is_among(BEGINNINGS, *at))) {
            Some(from) => (from, (from..last).find(|at| !is_prefix(*at)).unwrap_or(last)),
            None => (last, last),
        };
        let joined =
            |range: std::ops::Range<usize>| words.get(range).map(|some| some.join(" ")).filter(|text| !text.is_empty());
        Some(Self { given: joined(0..from), prefix: joined(from..to), surname: joined(to..words.len())? })
    }

    /// The form by which the name is sorted: by the custom of the person's country. In Belgium the prefix is the beginning of the
    /// surname; in the Netherlands, and elsewhere, it stands behind all else.
    fn sort_key(&self, country: Country) -> String {
        let [given, prefix] =
            [&self.given, &self.prefix].map(|part| part.as_deref().map(search_key).unwrap_or_default());
        let surname = search_key(&self.surname);
        let parts = if country == Country::BE { [prefix, surname, given] } else { [surname, given, prefix] };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a word is in a list of words in small letters.
fn is_one_of(list: &[&str], word: &str) -> bool {
    list.contains(&word.to_lowercase().as_str())
}

/// Whether a word is a title, or several with dots between them: *Dr.*, *Prof.dr.*, *Dipl.-Ing.*
fn is_title(word: &str) -> bool {
    let mut parts = word.split(['.', '-']).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(|part| is_one_of(TITLES, part))
}

/// The words of a name without the titles before it and what stands behind it. One word at least stays.
fn without_titles<'w, 'n>(mut words: &'w [&'n str]) -> &'w [&'n str] {
    loop {
        words = match words {
            [article, heer, rest @ ..]
                if !rest.is_empty() && is_one_of(&["de", "den"], article) && is_one_of(&["heer"], heer) =>
            {
                rest
            }
            [title, rest @ ..] if !rest.is_empty() && is_title(title) => rest,
            [rest @ .., suffix] if !rest.is_empty() && is_one_of(SUFFIXES, suffix.trim_end_matches('.')) => rest,
            _ => return words,
        };
    }
}

/// The form by which a name is sorted: that of its parts where they are known, else the name as it is (rule CU7).
pub fn sort_key(name: &str, parts: Option<&PersonName>, country: Country) -> String {
    parts.map_or_else(|| search_key(name), |parts| parts.sort_key(country))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(full: &str) -> Option<(String, String, String)> {
        let name = PersonName::split(full)?;
        Some((name.given.unwrap_or_default(), name.prefix.unwrap_or_default(), name.surname))
    }

    #[test]
    fn cu7_a_name_is_split_where_its_prefix_or_its_last_word_begins() {
        for (full, given, prefix, surname) in [
            ("Jan Jansen", "Jan", "", "Jansen"),
            ("Jan Willem Jansen", "Jan Willem", "", "Jansen"),
            ("Zoë de Jong", "Zoë", "de", "Jong"),
            ("Jan van den Berg", "Jan", "van den", "Berg"),
            ("J.P. van 't Hof", "J.P.", "van 't", "Hof"),
            ("Maria de la Cruz Garcia", "Maria", "de la", "Cruz Garcia"),
            ("Luc Van den Bossche", "Luc", "Van den", "Bossche"),
            ("Els de Wit-van der Meer", "Els", "de", "Wit-van der Meer"),
            ("van den Berg", "", "van den", "Berg"),
            ("Jansen", "", "", "Jansen"),
            ("Seán O'Brien", "Seán", "", "O'Brien"),
            ("Charles d'Artagnan", "Charles", "", "d'Artagnan"),
            ("Fatima Yılmaz", "Fatima", "", "Yılmaz"),
            ("Jan van", "Jan", "", "van"),
        ] {
            let parts = Some((given.to_owned(), prefix.to_owned(), surname.to_owned()));
            assert_eq!(split(full), parts, "{full}");
        }
        for other in [
            "",
            " ",
            "Jan & Els Jansen",
            "Jan en Els Jansen",
            "Jansen, Jan",
            "Jan/Els Jansen",
            "Garage 2000",
            "J. Smit (oud)",
        ] {
            assert_eq!(split(other), None, "{other}");
        }
    }

    #[test]
    fn cu7_how_people_are_addressed_is_no_part_of_their_name() {
        for (full, given, prefix, surname) in [
            ("Fam. de Wit", "", "de", "Wit"),
            ("Familie Jansen", "", "", "Jansen"),
            ("fam De Smet", "", "De", "Smet"),
            ("Dhr. P. de Vries", "P.", "de", "Vries"),
            ("Mevr. A. Bakker-Smit", "A.", "", "Bakker-Smit"),
            ("mevrouw A. Bakker - Smit", "A.", "", "Bakker-Smit"),
            ("Hr. Jansen", "", "", "Jansen"),
            ("Mw. dr. K. van den Berg", "K.", "van den", "Berg"),
            ("De heer J. Bos", "J.", "", "Bos"),
            ("Den Heer Van Damme", "", "Van", "Damme"),
            ("Prof.dr.ir. W.A. op 't Hof", "W.A.", "op 't", "Hof"),
            ("Mr. Jansen", "", "", "Jansen"),
            ("Wed. Mulder", "", "", "Mulder"),
            ("Jhr. F. van der Does de Willebois", "F.", "van der", "Does de Willebois"),
            ("Jan Bos jr.", "Jan", "", "Bos"),
            ("ing. T. Kok MSc", "T.", "", "Kok"),
            ("Mevr. De Clercq", "", "De", "Clercq"),
            ("Mme Dubois", "", "", "Dubois"),
            ("Herr Dr. Müller", "", "", "Müller"),
            ("Frau Anna Schmidt", "Anna", "", "Schmidt"),
            ("Dipl.-Ing. Klaus von der Heide", "Klaus", "von der", "Heide"),
            // What only looks like it.
            ("D.R. Visser", "D.R.", "", "Visser"),
            ("Ben Visser", "Ben", "", "Visser"),
            ("Ing-Marie Berg", "Ing-Marie", "", "Berg"),
            ("Jan Heer", "Jan", "", "Heer"),
            ("Heer", "", "", "Heer"),
            ("Dr.", "", "", "Dr."),
        ] {
            let parts = Some((given.to_owned(), prefix.to_owned(), surname.to_owned()));
            assert_eq!(split(full), parts, "{full}");
        }
        for several in ["De heer en mevrouw Bos", "Dhr./Mevr. Jansen", "Fam. Bos & Kok"] {
            assert_eq!(split(several), None, "{several}");
        }
    }

    #[test]
    fn cu7_names_of_many_languages_are_split() {
        for (full, given, prefix, surname) in [
            ("Willem-Alexander ter Horst", "Willem-Alexander", "ter", "Horst"),
            ("Anne-Fleur in 't Veld", "Anne-Fleur", "in 't", "Veld"),
            ("Luc Vanden Berghe", "Luc", "Vanden", "Berghe"),
            ("Marie-Claire Vandenberghe", "Marie-Claire", "", "Vandenberghe"),
            ("Ayşe Yılmaz-Demir", "Ayşe", "", "Yılmaz-Demir"),
            ("Mehmet Ali Öztürk", "Mehmet Ali", "", "Öztürk"),
            ("Mohamed El Amrani", "Mohamed", "El", "Amrani"),
            ("Fatima-Zahra el Idrissi", "Fatima-Zahra", "el", "Idrissi"),
            ("El Khattabi", "", "El", "Khattabi"),
            ("Youssef Ben Ali", "Youssef", "", "Ben Ali"),
            ("Rachid Ait Haddou", "Rachid", "", "Ait Haddou"),
            ("Hassan al-Masri", "Hassan", "", "al-Masri"),
            ("Łukasz Wiśniewski", "Łukasz", "", "Wiśniewski"),
            ("Anna Nowak-Kowalska", "Anna", "", "Nowak-Kowalska"),
            ("Karl-Theodor zu Guttenberg", "Karl-Theodor", "zu", "Guttenberg"),
            ("Heinz zur Mühlen", "Heinz", "zur", "Mühlen"),
        ] {
            let parts = Some((given.to_owned(), prefix.to_owned(), surname.to_owned()));
            assert_eq!(split(full), parts, "{full}");
        }
    }

    #[test]
    fn cu7_names_sort_by_the_custom_of_the_country() {
        let key = |full: &str, country| sort_key(full, PersonName::split(full).as_ref(), country);
        let mut names = ["Piet Zwart", "Jan van den Berg", "Els Vos", "Anna Berg", "Bakkerij & Zn.", "Jan de Vries"];
        names.sort_by_key(|name| key(name, Country::NL));
        assert_eq!(names, ["Bakkerij & Zn.", "Anna Berg", "Jan van den Berg", "Els Vos", "Jan de Vries", "Piet Zwart"]);
        names.sort_by_key(|name| key(name, Country::BE));
        assert_eq!(names, ["Bakkerij & Zn.", "Anna Berg", "Jan de Vries", "Jan van den Berg", "Els Vos", "Piet Zwart"]);
        assert_eq!(key("Jan van den Berg", Country::NL), "berg jan van den");
    }
}
