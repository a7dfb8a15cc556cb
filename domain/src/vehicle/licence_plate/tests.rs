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
        ("TT\u{2011}601D", ValueError::LicencePlateCharacter),
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
    assert_eq!(shown_while_typing(Country::parse("DE").unwrap(), "b-mw 12").as_deref(), Ok("BMW12"));
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
        ("CD1234", Some(PlateCategory::Diplomatic)),
        ("GV1234", Some(PlateCategory::BorderTraffic)),
        ("GV123B", None),
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
    assert_eq!((german.number(), german.shown().as_str(), german.sidecode()), ("BMW1234", "BMW1234", None));
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
