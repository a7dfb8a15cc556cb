use super::*;

#[test]
fn k1_every_layout_is_shown_with_its_own_dashes() {
    for (index, layout) in LAYOUTS.iter().enumerate() {
        let typed = layout.replace('X', "b").replace('9', "4");
        let plate = LicencePlate::parse(Country::NL, &typed).unwrap();
        assert_eq!(plate.shown(), typed.to_uppercase());
        assert_eq!(plate.sidecode(), Some(index + 1), "{layout}");
    }
}

#[test]
fn k1_layouts_exclude_one_another() {
    for layout in LAYOUTS {
        let number: String = layout.replace('-', "").replace('X', "B").replace('9', "4");
        assert_eq!(LAYOUTS.iter().filter(|other| has_layout(other, &number)).count(), 1);
    }
}

#[test]
fn k1_real_plates() {
    for (number, shown) in [("TT601D", "TT-601-D"), ("V95JKV", "V-95-JKV"), ("00BBL8", "00-BBL-8")] {
        assert_eq!(LicencePlate::parse(Country::NL, number).unwrap().shown(), shown);
    }
}

#[test]
fn k1_bad_plates() {
    let cases = [
        ("", ValueError::Blank),
        ("- -", ValueError::Blank),
        ("AB12C", ValueError::LicencePlateLayout),
        ("AB12CDE", ValueError::LicencePlateLayout),
        ("ABCDEF", ValueError::LicencePlateLayout),
        ("123456", ValueError::LicencePlateLayout),
        ("ß-601-D", ValueError::LicencePlateCharacter),
        ("TT\u{0}601D", ValueError::LicencePlateCharacter),
        ("TÜ-601-D", ValueError::LicencePlateCharacter),
        ("TT/601/D", ValueError::LicencePlateCharacter),
    ];
    for (input, error) in cases {
        assert_eq!(LicencePlate::parse(Country::NL, input), Err(error), "{input}");
    }
}

fn dutch(number: &str) -> LicencePlate {
    LicencePlate::parse(Country::NL, number).unwrap()
}

#[test]
fn k2_a_partial_plate_gets_its_dashes_as_soon_as_they_are_certain() {
    let cases = [
        ("", ""),
        ("k", "K"),
        ("KJ", "KJ"),
        ("KJR", "KJR"),
        ("KJR5", "KJR-5"),
        ("kjr-52", "KJR-52"),
        ("KJR52Z", "KJR-52-Z"),
        ("12", "12"),
        ("123", "123"),
        ("1234", "12-34"),
        ("12A", "12-A"),
        ("12AB", "12-AB"),
        ("12ABC", "12ABC"),
        ("1A", "1-A"),
        ("TT6", "TT-6"),
        ("TT601", "TT601"),
        ("TT601D", "TT-601-D"),
        // No Dutch plate begins like this, or is so long.
        ("A1B", "A1B"),
        ("TT601D1", "TT601D1"),
    ];
    for (typed, shown) in cases {
        assert_eq!(shown_while_typing(Country::NL, typed).as_deref(), Ok(shown), "{typed}");
    }
    assert_eq!(shown_while_typing(Country::parse("DE").unwrap(), "b-mw 12").as_deref(), Ok("B-MW 12"));
    assert_eq!(
        shown_while_typing(Country::parse("DE").unwrap(), "ß").as_deref(),
        Err(&ValueError::LicencePlateCharacter)
    );
    for (typed, shown) in [("NL", "NL"), ("nl tt", "NL-TT"), ("nl tt601", "TT601"), ("nl kjr52", "KJR-52")] {
        assert_eq!(shown_while_typing(Country::NL, typed).as_deref(), Ok(shown), "{typed}");
    }
    assert_eq!(shown_while_typing(Country::NL, "ß1"), Err(ValueError::LicencePlateCharacter));
}

#[test]
fn k3_letters_hint_at_the_category() {
    let cases = [
        ("00BBL8", Some(PlateCategory::HeavyCommercial)),
        ("V95JKV", Some(PlateCategory::LightCommercial)),
        ("DBB01B", Some(PlateCategory::Moped)),
        ("F123BB", Some(PlateCategory::Moped)),
        ("MB12BB", Some(PlateCategory::Motorcycle)),
        ("OB12BB", Some(PlateCategory::SemiTrailer)),
        ("WB12BB", Some(PlateCategory::Trailer)),
        ("AA1234", Some(PlateCategory::RoyalHouse)),
        ("AA12BB", None),
        ("AAB12B", None),
        ("CD1234", Some(PlateCategory::Diplomatic)),
        ("GV1234", Some(PlateCategory::BorderTraffic)),
        ("12GV34", Some(PlateCategory::BorderTraffic)),
        ("1234GV", Some(PlateCategory::BorderTraffic)),
        ("1GV234", Some(PlateCategory::BorderTraffic)),
        ("123GV4", Some(PlateCategory::BorderTraffic)),
        ("GV123B", None),
        ("TBB12B", Some(PlateCategory::Tractor)),
        ("LBB12B", Some(PlateCategory::AgriculturalTrailer)),
        ("TB12BB", None),
        ("L123BB", None),
        ("TT601D", None),
        // Cars of 1978, long before mopeds had plates.
        ("DB01BB", None),
        ("FB01BB", None),
        // Only the first letter counts, wherever it is in the plate.
        ("12VBB3", Some(PlateCategory::LightCommercial)),
        ("12TVB3", None),
    ];
    for (number, category) in cases {
        assert_eq!(dutch(number).category_hints(), category.into_iter().collect::<Vec<_>>(), "{number}");
    }
}

#[test]
fn k4_odd_letters_warn_and_never_refuse() {
    use PlateWarning::{LetterNotIssued, RefusedCombination, Vowel};
    let cases: [(&str, &[PlateWarning]); 20] = [
        ("TT601D", &[]),
        ("TC601D", &[LetterNotIssued]),
        ("TT601Q", &[LetterNotIssued]),
        ("CD1234", &[]),
        ("CD12QB", &[LetterNotIssued]),
        ("CDCD12", &[LetterNotIssued]),
        // Vowels were issued until sidecode 3.
        ("12AE34", &[]),
        ("AA1234", &[]),
        ("AB12BB", &[Vowel]),
        ("TT601U", &[Vowel]),
        ("OB12BB", &[]),
        ("OO12BB", &[Vowel]),
        ("BO12BB", &[Vowel]),
        ("SS601D", &[RefusedCombination]),
        ("12SSB3", &[RefusedCombination]),
        ("SD601D", &[RefusedCombination]),
        ("12PVV3", &[RefusedCombination]),
        ("TBS12B", &[RefusedCombination]),
        // Letters on both sides of a dash are not a combination.
        ("PVVD12", &[]),
        ("CAQ12B", &[LetterNotIssued, Vowel]),
    ];
    for (number, warnings) in cases {
        assert_eq!(dutch(number).warnings(), warnings, "{number}");
    }
}

#[test]
fn k3_and_k4_say_nothing_of_foreign_plates() {
    let german = LicencePlate::parse(Country::parse("DE").unwrap(), "B-SS 1234").unwrap();
    assert_eq!((german.category_hints(), german.warnings()), (vec![], vec![]));
}

#[test]
fn k1_foreign_plates_have_no_layout() {
    let german = LicencePlate::parse(Country::parse("DE").unwrap(), "b-mw 1234").unwrap();
    assert_eq!((german.number(), german.shown().as_str(), german.sidecode()), ("BMW1234-1", "B-MW 1234", None));
    let long = LicencePlate::parse(Country::parse("DE").unwrap(), "ABCDEFGHIJKLM");
    assert_eq!(long, Err(ValueError::TooLong { max: FOREIGN_MAX }));
}

#[test]
fn k2_what_is_typed_is_whole_or_a_beginning_or_no_dutch_plate() {
    let german = Country::parse("DE").unwrap();
    let whole = |country, number: &str| Ok(Typed::Whole(LicencePlate::parse(country, number).unwrap()));
    let beginning = |number: &str| Ok(Typed::Beginning(number.to_owned()));
    let cases = [
        (Country::NL, "tt-601-d", whole(Country::NL, "TT601D")),
        (Country::NL, "kjr-5", beginning("KJR5")),
        (Country::NL, "k", beginning("K")),
        (Country::NL, "12345", Err(ValueError::LicencePlateLayout)),
        (Country::NL, "A1B", Err(ValueError::LicencePlateLayout)),
        (Country::NL, "TT601D1", Err(ValueError::LicencePlateLayout)),
        (Country::NL, " - ", Err(ValueError::Blank)),
        (Country::NL, "\u{df}1", Err(ValueError::LicencePlateCharacter)),
        (german, "b", whole(german, "B")),
        (german, "ABCDEFGHIJKLM", Err(ValueError::TooLong { max: FOREIGN_MAX })),
    ];
    for (country, input, expected) in cases {
        assert_eq!(typed(country, input), expected, "{input}");
    }
}

fn of(country: &str, input: &str) -> Result<LicencePlate, ValueError> {
    LicencePlate::parse(Country::parse(country).unwrap(), input)
}

#[test]
fn k1_what_is_pasted_is_read() {
    for pasted in [
        "TT-601-D",
        "TT\u{2011}601\u{2013}D",
        "TT\u{2212}601\u{FF0D}D",
        "\u{FEFF}TT\u{AD}601\u{200B}D\u{200E}",
        "TT\u{A0}601\u{202F}D",
        "TT\u{1E}601\u{1F}D\r\n",
        "\t tt\u{3000}601·d",
        "ＴＴ－６０１－ｄ",
        "NL TT-601-D",
        "nl-tt601d",
        "NL\u{A0}TT 601 D",
        "\u{2066}NL\u{2069} TT•601•D",
    ] {
        assert_eq!(
            LicencePlate::parse(Country::NL, pasted).as_ref().map(LicencePlate::number),
            Ok("TT601D"),
            "{pasted:?}"
        );
        assert_eq!(normalise(pasted).as_deref(), Ok("TT601D"), "{pasted:?}");
    }
    // A plate that begins with NL is one.
    for plate in ["NL-12-34", "NL-TT-60", "NLB-12-B"] {
        assert_eq!(LicencePlate::parse(Country::NL, plate).unwrap().shown(), plate);
    }
}

#[test]
fn k5_letters_with_marks_belong_to_foreign_plates() {
    for (country, typed, shown) in [
        ("DE", "wü-ab 123", "WÜ-AB 123"),
        ("DE", "WU\u{308}-AB 123", "WÜ-AB 123"),
        ("HR", "ši 123-ab", "ŠI 123-AB"),
        ("RS", "čA-123-žž", "ČA-123-ŽŽ"),
        ("SE", "ÅÄÖ 123", "ÅÄÖ 123"),
    ] {
        assert_eq!(of(country, typed).map(|plate| plate.shown()).as_deref(), Ok(shown), "{typed}");
    }
    assert_eq!(of("FR", "ça-123-ab"), Err(ValueError::LicencePlateCharacter));
    let script = |letter, latin| Err(ValueError::LicencePlateScript { letter, latin });
    assert_eq!(of("BG", "СА 1234 ВХ"), script('С', 'C'));
    assert_eq!(of("GR", "xyz-12α4"), script('α', 'A'));
    assert_eq!(of("NL", "ТT-601-D"), script('Т', 'T'));
    assert_eq!(of("RU", "ж123аб"), Err(ValueError::LicencePlateCharacter));
}

#[test]
fn k5_german_and_austrian_districts_make_two_plates_of_the_same_signs() {
    // There is no such district, and where it was typed to end it is not moved.
    let odd = of("DE", "OEHR-A 1").unwrap();
    assert_eq!((odd.number(), odd.shown().as_str()), ("OEHRA1", "OEHR-A 1"));
    assert_ne!(of("DE", "B-EX 123"), of("DE", "BE-X 123"));
    let cases = [
        ("DE", "b ex 123", "BEX123-1", "B-EX123", "B-EX 123"),
        ("DE", "BE-X 123", "BEX123-2", "BE-X123", "BE-X 123"),
        ("DE", "BEX123", "BEX123", "BEX123", "BEX123"),
        // With these numbers of letters, the district can end in one place only.
        ("DE", "BX123", "BX123-1", "B-X123", "B-X 123"),
        ("DE", "FFBAB 12H", "FFBAB12H-3", "FFB-AB12H", "FFB-AB 12H"),
        // Cars of authorities and of diplomats.
        ("DE", "B-1234", "B1234-1", "B-1234", "B-1234"),
        ("DE", "BP 12-345", "BP12345-2", "BP-12345", "BP-12345"),
        ("DE", "0 17-123", "017123", "017123", "0 17-123"),
        ("AT", "W-12345 A", "W12345A-1", "W-12345A", "W-12345A"),
        ("AT", "SL 123AB", "SL123AB-2", "SL-123AB", "SL-123AB"),
        ("AT", "BE-X 123", "BEX123-2", "BE-X123", "BE-X123"),
        ("AT", "B-EX 123", "BEX123-1", "B-EX123", "B-EX123"),
        // The sign of the country before it.
        ("DE", "D ÖHR-A 1", "ÖHRA1-3", "ÖHR-A1", "ÖHR-A 1"),
        ("DE", "D-AB 123", "DAB123-1", "D-AB123", "D-AB 123"),
        ("AT", "A W-12345 A", "W12345A-1", "W-12345A", "W-12345A"),
        ("BE", "B 1-ABC-123", "1ABC123", "1ABC123", "1-ABC-123"),
        ("BE", "B-123", "B123", "B123", "B-123"),
        // Elsewhere dashes do not matter.
        ("BE", "1-ABC-123", "1ABC123", "1ABC123", "1-ABC-123"),
        ("FR", "AB-123-CD", "AB123CD", "AB123CD", "AB-123-CD"),
    ];
    for (country, typed, number, written, shown) in cases {
        let plate = of(country, typed).unwrap();
        assert_eq!((plate.number(), plate.written().as_str(), plate.shown().as_str()), (number, written, shown));
        assert_eq!(of(country, written).as_ref(), Ok(&plate), "{written}");
        assert_eq!(of(country, &tidied(typed).unwrap()).as_ref(), Ok(&plate), "{typed}");
        assert_eq!(LicencePlate::stored(plate.country(), number).as_ref(), Some(&plate), "{number}");
        assert!(numbers(typed).iter().any(|known| known == number), "{typed}");
    }
    for (country, number) in
        [("NL", "ABCDEF"), ("NL", "TT601D-2"), ("DE", ""), ("DE", "B EX"), ("DE", "BEX-0"), ("DE", "bex")]
    {
        assert_eq!(LicencePlate::stored(Country::parse(country).unwrap(), number), None, "{number}");
    }
    // What was stored before districts were kept can be read.
    assert_eq!(LicencePlate::stored(Country::parse("DE").unwrap(), "BX123").unwrap().shown(), "BX123");
}

#[test]
fn k8_a_plate_of_another_country_is_shown_as_it_was_typed() {
    let cases = [
        ("BE", "1ABC234", None, "1ABC234"),
        ("BE", " 1 abc  234 ", Some("1 ABC 234"), "1 ABC 234"),
        ("BE", "1-ABC-234", Some("1-ABC-234"), "1-ABC-234"),
        ("BE", "1\u{2011}abc \u{2013} 234\u{200B}", Some("1-ABC-234"), "1-ABC-234"),
        ("FR", "ab.123.cd", Some("AB-123-CD"), "AB-123-CD"),
        ("GB", "AB12\u{A0}CDE", Some("AB12 CDE"), "AB12 CDE"),
        ("PL", "-wa 12345-", Some("WA 12345"), "WA 12345"),
        ("HR", "zg 1234-ab", Some("ZG 1234-AB"), "ZG 1234-AB"),
        // Where the district ends says how it is written, and where it is not known it is shown as it was typed.
        ("DE", "b ex 123", None, "B-EX 123"),
        ("DE", "bex 123", Some("BEX 123"), "BEX 123"),
        ("AT", "W 12345A", None, "W-12345A"),
        ("NL", "tt 601 d", None, "TT-601-D"),
    ];
    for (country, typed, kept, shown) in cases {
        let plate = of(country, typed).unwrap();
        assert_eq!((plate.typed(), plate.shown().as_str()), (kept, shown), "{typed}");
        // It is the same plate as without dashes, and what is stored shows it so again.
        let stored = LicencePlate::stored(plate.country(), plate.number()).unwrap();
        assert_eq!(stored, plate, "{typed}");
        assert_eq!(stored.typed_as(plate.typed().map(str::to_owned)).shown(), shown, "{typed}");
        assert_eq!(of(country, &plate.shown()).map(|plate| plate.shown()).as_deref(), Ok(shown), "{typed}");
    }
    let hash = |typed: &str| std::collections::HashSet::from([of("BE", typed).unwrap()]);
    assert_eq!(hash("1-ABC-234"), hash("1abc 234"));
    // What is of another plate is passed over, as when an older server changed the number alone, and so is what is too long.
    let other = of("BE", "1ABC234").unwrap().typed_as(Some("1-ABC-235".to_owned()));
    assert_eq!(other.shown(), "1ABC234");
    assert_eq!(of("BE", "1 A B C 2 3 4 5 6 7 8 9").unwrap().shown(), "1ABC23456789");
}

#[test]
fn k9_a_plate_whose_district_is_not_known_may_be_several() {
    let may_be = |country: &str, typed: &str| -> Vec<String> {
        of(country, typed).unwrap().may_be().iter().map(LicencePlate::shown).collect()
    };
    let cases: [(&str, &str, &[&str]); 12] = [
        ("DE", "BEX123", &["B-EX 123", "BE-X 123"]),
        ("DE", "bex 123", &["B-EX 123", "BE-X 123"]),
        ("DE", "ABCD12E", &["AB-CD 12E", "ABC-D 12E"]),
        ("DE", "WÜA1", &["W-ÜA 1", "WÜ-A 1"]),
        ("DE", "B-EX 123", &["BEX123"]),
        ("DE", "BX123", &["BX123"]),
        ("DE", "0 17-123", &[]),
        ("AT", "BEX123", &["B-EX123", "BE-X123"]),
        ("AT", "WABCD1", &["W-ABCD1", "WA-BCD1"]),
        ("AT", "BE-X 123", &["BEX123"]),
        ("BE", "1-ABC-234", &[]),
        ("NL", "TT-601-D", &[]),
    ];
    for (country, typed, expected) in cases {
        assert_eq!(may_be(country, typed), expected, "{country} {typed}");
        let plate = of(country, typed).unwrap();
        let warnings = if expected.len() > 1 { vec![PlateWarning::DistrictUnknown] } else { vec![] };
        assert_eq!(plate.warnings(), warnings, "{country} {typed}");
        // What it may be, may be it.
        assert!(plate.may_be().iter().all(|other| other.may_be().contains(&plate)), "{country} {typed}");
    }
}

#[test]
fn k6_signs_that_look_alike_are_suggested() {
    let slip = |typed: &str| match LicencePlate::parse(Country::NL, typed) {
        Err(ValueError::LicencePlateSlip { meant }) => meant.iter().collect::<String>(),
        other => format!("{other:?}"),
    };
    assert_eq!(slip("TT-6O1-D"), "TT-601-D");
    assert_eq!(slip("I2-VBB-3"), "12-VBB-3");
    assert_eq!(slip("V-9S-JKV"), format!("{:?}", Err::<LicencePlate, _>(ValueError::LicencePlateLayout)));
    assert_eq!(slip("KJR-52-8"), "KJR-52-B");
    // Nothing is suggested for what is whole and not odd, nor where several fit as well.
    assert_eq!(dutch("TT601D").look_alike(), None);
    for (odd, meant) in [("KJI23B", "KJ-123-B"), ("TT60ID", "TT-601-D")] {
        assert_eq!(dutch(odd).look_alike().map(|meant| meant.shown()).as_deref(), Some(meant), "{odd}");
    }
    assert_eq!(dutch("BI12BB").look_alike().map(|meant| meant.shown()).as_deref(), Some("B-112-BB"));
    assert_eq!(of("DE", "B-IO 123").unwrap().look_alike(), None);
}
