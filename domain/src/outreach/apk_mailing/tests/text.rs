use super::*;
use crate::value::Language;

fn filled(body: &str, values: &Values<'_>, language: Language) -> String {
    written(body).fill(values, language).paragraphs
}

#[test]
fn ml2_a_text_is_kept_in_one_form() {
    let text =
        MailingText::parse(" Uw APK verloopt ", "\r\nBeste {{naam}},\t \r\n\r\n \r\n\r\nTot\tziens 🚗\r\nمرحبا\n")
            .unwrap();
    assert_eq!(text.subject(), "Uw APK verloopt");
    assert_eq!(text.body(), "Beste {{naam}},\n\nTot ziens 🚗\nمرحبا");
    assert_eq!(MailingText::stored(text.subject().to_owned(), text.body().to_owned()), text);
}

#[test]
fn ml2_placeholders_have_dutch_and_english_names() {
    let body = "{{name}} {{naam}}|{{plate}} {{ KENTEKEN }}|{{car}} {{auto}}|{{apk_date}} {{Apk Datum}} {{apk-datum}}|{{garage}}|{{phone}} {{telefoon}}";
    let dutch = "J. de Vries J. de Vries|12-ABC-3 12-ABC-3|Volkswagen Golf Volkswagen Golf|12 maart 2027 12 maart 2027 12 maart 2027|Garage De Zon|+31301234567 +31301234567";
    assert_eq!(filled(body, &values(), Language::Dutch), dutch);
    assert_eq!(filled(body, &values(), Language::English), dutch.replace("maart", "March"));
    assert_eq!(Placeholder::known(), "name/naam, plate/kenteken, car/auto, apk_date/apk_datum, garage, phone/telefoon");
    let text = MailingText::parse("APK {{kenteken}}", "x").unwrap();
    assert_eq!(text.fill(&values(), Language::Dutch).subject, "APK 12-ABC-3");
}

#[test]
fn ml2_what_is_not_known_has_words_in_its_place() {
    let unknown = Values { name: None, car: Some(" \n"), phone: None, ..values() };
    let body = "Beste {{name}}: {{car}}, uw {{auto}}, Your {{car}}. Bel {{phone}}.";
    assert_eq!(
        filled(body, &unknown, Language::Dutch),
        "Beste klant: uw auto, uw auto, Your auto. Bel info@zon.example."
    );
    assert_eq!(
        filled(body, &unknown, Language::English),
        "Beste customer: your car, uw car, Your car. Bel info@zon.example."
    );
}

#[test]
fn ml2_dates_are_written_as_people_read_them() {
    for (day, dutch, english) in [
        (date(2027, 1, 1), "1 januari 2027", "1 January 2027"),
        (date(2026, 8, 31), "31 augustus 2026", "31 August 2026"),
        (date(2028, 12, 9), "9 december 2028", "9 December 2028"),
    ] {
        let values = Values { apk_date: day, ..values() };
        assert_eq!(filled("{{apk_datum}}", &values, Language::Dutch), dutch);
        assert_eq!(filled("{{apk_datum}}", &values, Language::English), english);
    }
}

#[test]
fn ml2_a_value_stays_one_line_and_is_nothing_but_text() {
    let hostile = Values {
        name: Some("{{plate}}\r\nBcc: x@evil.example\u{2028}\u{202E}{{phone}} <b>"),
        car: Some("https://evil.example/x"),
        ..values()
    };
    let text = MailingText::parse("{{name}}", "Beste {{name}},\nuw {{car}}").unwrap();
    let filled = text.fill(&hostile, Language::Dutch);
    assert_eq!(filled.subject, "{{plate}} Bcc: x@evil.example {{phone}} <b>");
    assert_eq!(
        filled.paragraphs,
        "Beste {{plate}} Bcc: x@evil.example {{phone}} <b>,\nuw https:\u{200C}//evil.example/x"
    );
    assert_eq!(segments(&filled.paragraphs).len(), 1, "it begins no link");
    let long = "x".repeat(10_000);
    let filled = text.fill(&Values { name: Some(&long), ..values() }, Language::Dutch);
    assert_eq!(filled.subject.len(), 200);
}

#[test]
fn ml2_in_a_link_a_value_is_written_as_links_have_it() {
    let body = "Plan: https://garage.example/apk?kenteken={{kenteken}}&naam={{naam}}.";
    let values = Values { name: Some("Zoë & Zn"), ..values() };
    let shown = filled(body, &values, Language::Dutch);
    assert_eq!(shown, "Plan: https://garage.example/apk?kenteken=12-ABC-3&naam=Zo%C3%AB%20%26%20Zn.");
    assert_eq!(
        segments(&shown)[1],
        Segment::Link("https://garage.example/apk?kenteken=12-ABC-3&naam=Zo%C3%AB%20%26%20Zn")
    );
}

#[test]
fn ml2_what_is_wrong_is_told_with_its_place() {
    use TextFault as F;
    let cases: [(&str, F, usize, &str); 34] = [
        ("", F::Blank, 1, ""),
        (" \r\n\t\n ", F::Blank, 1, ""),
        ("\n\nBeste {{ nam }},", F::UnknownPlaceholder, 3, "{{ nam }}"),
        ("a\n{{}} b", F::UnknownPlaceholder, 2, "{{}}"),
        ("{{{name}}}", F::UnknownPlaceholder, 1, "{{{name}}"),
        ("a\r\nb {{plate, c", F::UnendedPlaceholder, 2, "{{plate, c"),
        ("{{plate\n}}", F::UnendedPlaceholder, 1, "{{plate"),
        ("{{ {{plate}}", F::UnendedPlaceholder, 1, "{{ {{plate}}"),
        ("plate}} b", F::UnbegunPlaceholder, 1, "}} b"),
        ("Beste {naam},", F::SingleBraces, 1, "{naam}"),
        ("{% if x %}", F::Template, 1, "{% if x %}"),
        ("a {# b", F::Template, 1, "{# b"),
        ("a <b>c</b", F::Html, 1, "<b>"),
        ("a </p>", F::Html, 1, "</p>"),
        ("<!-- x", F::Html, 1, "<!-- x"),
        ("<ScRiPt src=x>", F::Html, 1, "<ScRiPt src=x>"),
        ("a\0b", F::ControlCharacter, 1, "U+0000"),
        ("a\n\u{1B}[1m", F::ControlCharacter, 2, "U+001B"),
        ("a\rb", F::ControlCharacter, 1, "U+000D"),
        ("a\u{202E}b", F::ControlCharacter, 1, "U+202E"),
        ("a\u{2066}b", F::ControlCharacter, 1, "U+2066"),
        ("a\u{2029}b", F::ControlCharacter, 1, "U+2029"),
        ("javascript:alert(1) x", F::Scheme, 1, "javascript:alert(1)"),
        ("x (JavaScript: y)", F::Scheme, 1, "JavaScript:"),
        ("data:text/html,x", F::Scheme, 1, "data:text/html,x"),
        ("file:/etc/passwd", F::Scheme, 1, "file:/etc/passwd"),
        ("Zie ftp://x.example/a b", F::Scheme, 1, "ftp://x.example/a"),
        ("xhttps://x.example", F::Scheme, 1, "xhttps://x.example"),
        ("{{name}}://x.example", F::Scheme, 1, "://x.example"),
        ("https://{{name}}", F::PlaceholderInHost, 1, "{{name}}"),
        ("https://x{{name}}/a", F::PlaceholderInHost, 1, "{{name}}"),
        ("HTTP{{name}}", F::PlaceholderInHost, 1, "{{name}}"),
        ("https:{{name}}", F::PlaceholderInHost, 1, "{{name}}"),
        ("https://x.example\\{{name}}", F::PlaceholderInHost, 1, "{{name}}"),
    ];
    for (body, fault, line, piece) in cases {
        let found = wrong(body);
        assert!(found.contains(&(fault, line, piece.to_owned())), "{body:?}: {found:?}");
    }
    let found = wrong("{{a}} <b>\nx {{ {{b}}");
    assert_eq!(
        found.iter().map(|(fault, line, _)| (*fault, *line)).collect::<Vec<_>>(),
        [(F::UnknownPlaceholder, 1), (F::Html, 1), (F::UnendedPlaceholder, 2), (F::UnknownPlaceholder, 2)]
    );
    assert_eq!(wrong(&format!("{{{{{}}}}}", "é".repeat(60)))[0].2.chars().count(), 40);
    assert_eq!(wrong(&"{{".repeat(2000)).len(), 20, "no more than someone reads");
}

#[test]
fn ml2_ordinary_words_are_accepted() {
    for body in [
        "Beste klant :-) <3 {smile} 100% 1 < 2 & 3 > 2",
        "Data: 12 maart. Tel:030-1234567, mail: info@zon.example",
        "Zie https://zon.example, HTTP://zon.example/{{kenteken}} en www.zon.example",
        "👨\u{200D}🔧 שלום e\u{301} co\u{AD}öperatie",
        "Onze openingstijden: 8:00 tot 17:30; het http-adres volgt",
        "zie-https://zon.example",
    ] {
        assert_eq!(MailingText::parse("👍 {{plate}}", body).map(|text| text.body().to_owned()), Ok(body.to_owned()));
    }
}

#[test]
fn ml2_a_subject_is_one_line() {
    let refused = |subject: &str| {
        let refused = MailingText::parse(subject, "x").unwrap_err();
        assert!(refused.iter().all(|one| one.field == TextField::Subject));
        (refused[0].fault, refused[0].line, refused[0].piece.clone())
    };
    for injected in ["APK\r\nBcc: x@evil.example", "APK\nBcc: x@evil.example"] {
        assert_eq!(refused(injected), (TextFault::LineBreak, 2, "Bcc: x@evil.example".to_owned()));
    }
    assert_eq!(refused("APK\rBcc: x").0, TextFault::LineBreak);
    for hidden in ["a\u{2028}b", "a\tb", "a\u{85}b", "a\u{200B}b", "a\u{202E}b"] {
        assert_eq!(refused(hidden).0, TextFault::ControlCharacter, "{hidden:?}");
    }
    assert_eq!(refused(" "), (TextFault::Blank, 1, String::new()));
    assert_eq!(refused("{{kentken}}").2, "{{kentken}}");
    let both = MailingText::parse("", "").unwrap_err();
    assert_eq!(both.iter().map(|one| one.field).collect::<Vec<_>>(), TextField::ALL);
}

#[test]
fn ml2_texts_and_links_have_a_measure() {
    assert!(MailingText::parse(&"é".repeat(150), &"é".repeat(5000)).is_ok());
    let refused = MailingText::parse(&"é".repeat(151), &format!("a\n{}", "é".repeat(4999))).unwrap_err();
    assert_eq!(
        refused.iter().map(|one| (one.fault, one.line, one.piece.as_str())).collect::<Vec<_>>(),
        [(TextFault::TooLong, 1, "é"), (TextFault::TooLong, 2, "é")]
    );
    let links = |count: usize| "zie https://zon.example/a\n".repeat(count);
    assert!(MailingText::parse("x", &links(20)).is_ok());
    assert_eq!(wrong(&links(21)), [(TextFault::TooManyLinks, 21, "https://zon.example/a".to_owned())]);
}

#[test]
fn ml2_a_link_ends_before_what_ends_the_sentence() {
    for (text, link) in [
        ("(zie https://zon.example/a_(b)).", "https://zon.example/a_(b)"),
        ("\"http://zon.example\"", "http://zon.example"),
        ("HTTPS://ZON.example/?a=1&b=2!", "HTTPS://ZON.example/?a=1&b=2"),
        ("(https://zon.example)", "https://zon.example"),
    ] {
        assert!(segments(text).contains(&Segment::Link(link)), "{text}: {:?}", segments(text));
    }
    for none in ["", "https://", "https:// zon", "http:/zon", "www.zon.example", "ftp://zon.example", "xhttp://zon"] {
        assert!(!segments(none).iter().any(|segment| matches!(segment, Segment::Link(_))), "{none}");
    }
}

#[test]
fn ml3_a_text_that_names_a_price_or_an_offer_is_known() {
    for named in [
        "APK voor € 29",
        "APK 29,95",
        "Nu 25,- bij ons",
        "EUR 30",
        "APK voor 30 euro",
        "10% KORTING",
        "Gratis wassen.",
        "Onze Aanbieding:",
        "ACTIE!",
        "a discount",
        "free wash",
        "an offer",
        "10 % eraf",
    ] {
        assert!(written(named).names_price(), "{named}");
        assert!(MailingText::parse(named, "x").unwrap().names_price(), "{named}");
    }
    for plain in [
        "Beste {{naam}}, de APK van uw {{auto}} ({{kenteken}}) verloopt op {{apk_datum}}. Bel 030 123 45 67.",
        "Your MOT expires on 12 March 2027. Feel free to call us between 8:00 and 17.30.",
        "De reactie en de transactie; vrijdag om 10.30 in straat 12. Wij zijn er 24/7.",
        "Officer, freedom, dealer, aeuro",
    ] {
        assert!(!written(plain).names_price(), "{plain}");
    }
}
