use super::*;
use crate::value::Language;
use proptest::prelude::*;

/// Texts of the pieces from which trouble is made.
fn troubled() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("{{plate}}".to_owned()),
        Just("{{ Naam }}".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n\n\n".to_owned()),
        Just("https://".to_owned()),
        Just("http".to_owned()),
        Just(":".to_owned()),
        Just("/".to_owned()),
        Just("?".to_owned()),
        Just("<b>".to_owned()),
        Just("\u{202E}".to_owned()),
        Just("\t".to_owned()),
        Just("uw ".to_owned()),
        "[a-zé .]{0,6}",
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn links(text: &str) -> Vec<String> {
    let link = |segment| match segment {
        Segment::Link(link) => Some(link.to_owned()),
        Segment::Text(_) => None,
    };
    segments(text).into_iter().filter_map(link).collect()
}

fn hosts(text: &str) -> Vec<String> {
    let host = |link: &String| link.split(['/', '?', '#']).nth(2).unwrap().to_owned();
    links(text).iter().map(host).collect()
}

proptest! {
    #[test]
    fn ml2_what_is_accepted_is_accepted_again(subject in troubled(), body in troubled()) {
        if let Ok(text) = MailingText::parse(&subject, &body) {
            prop_assert_eq!(MailingText::parse(text.subject(), text.body()), Ok(text.clone()));
            prop_assert!(!text.subject().contains(['\r', '\n']) && !text.body().contains("\n\n\n"));
        }
    }

    #[test]
    fn ml2_what_is_refused_has_a_place(subject in "\\PC{0,200}", body in troubled()) {
        for one in MailingText::parse(&subject, &body).err().into_iter().flatten() {
            prop_assert!(one.piece.chars().count() <= 40 && !one.piece.contains(['\n', '\u{202E}']), "{one:?}");
            prop_assert!((1..=1 + body.matches('\n').count()).contains(&one.line), "{one:?}");
        }
    }

    #[test]
    fn ml2_values_add_neither_lines_nor_links(
        before in troubled(), after in troubled(), name in troubled(), car in troubled(), phone in "\\PC{0,20}",
    ) {
        let body = format!("{before}{{{{name}}}}{{{{car}}}}{{{{phone}}}}{after}");
        if let Ok(text) = MailingText::parse("{{name}}", &body) {
            let values = Values { name: Some(&name), car: Some(&car), phone: Some(&phone), ..values() };
            let filled = text.fill(&values, Language::Dutch);
            prop_assert!(!filled.subject.contains(['\r', '\n']) && !filled.subject.is_empty());
            prop_assert_eq!(filled.paragraphs.lines().count(), text.body().lines().count());
            // A link that is glued to a value may be none any more.
            let mut of_text = hosts(text.body()).into_iter();
            prop_assert!(hosts(&filled.paragraphs).into_iter().all(|host| of_text.any(|known| known == host)));
        }
    }

    #[test]
    fn ml2_segments_are_the_text(text in troubled()) {
        let whole: String = segments(&text).into_iter().map(|segment| match segment {
            Segment::Text(part) | Segment::Link(part) => part,
        }).collect();
        prop_assert_eq!(whole, text);
    }

    #[test]
    fn ml2_a_stored_text_is_filled_in_whatever_it_is(subject in "\\PC{0,40}", body in troubled()) {
        let filled = MailingText::stored(subject, body).fill(&values(), Language::English);
        prop_assert!(!filled.paragraphs.contains("{{plate}}"));
    }

    #[test]
    fn ml1_a_cell_never_begins_like_a_formula(text in "[ \u{A0}\t\r\n]{0,3}[=+@＝-]?\\PC{0,10}") {
        let cell = csv_cell(&text);
        prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '＝']));
        prop_assert!(cell.ends_with(&text) && cell.len() <= text.len() + 1);
    }
}
