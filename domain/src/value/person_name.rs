//! The parts of people's names, by which lists are sorted.

use super::{Country, search_key};

/// What stands between a given name and a surname, in Dutch and in languages whose names people here have.
const PREFIXES: &[&str] = &[
    "aan", "af", "am", "auf", "bij", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "in", "la", "las", "le", "les", "los", "onder", "op", "over", "te", "ten", "ter", "tot", "uijt",
    "uit", "van", "vanden", "vander", "ver", "vom", "von", "voor", "zu", "zum", "zur", "'s", "'t", "'n", "’s", "’t",
    "’n", "d'", "l'",
];

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
    /// *van*, is the given name. None of what is not the name of one person. It is a guess, which can be corrected.
    ///
    /// ```
    /// # use domain::value::PersonName;
    /// let name = PersonName::split("Jan van den Berg").unwrap();
    /// assert_eq!((name.given.as_deref(), name.prefix.as_deref(), name.surname.as_str()), (Some("Jan"), Some("van den"), "Berg"));
    /// ```
    pub fn split(full: &str) -> Option<Self> {
        let words: Vec<&str> = full.split_whitespace().collect();
        let is_odd =
            |word: &&str| SEVERAL.contains(&word.to_lowercase().as_str()) || word.contains([',', '(', '"', '/']);
        if words.is_empty() || words.iter().any(is_odd) || full.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let last = words.len() - 1;
        let is_prefix = |at: usize| words.get(at).is_some_and(|word| PREFIXES.contains(&word.to_lowercase().as_str()));
        // The last word is the surname at least, and of several prefixes the first counts that is followed by others alone.
        let (from, to) = match (0..last).find(|at| is_prefix(*at)) {
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
