use super::*;
use std::borrow::Cow;

fn candidate(selection: &Selection) -> Candidate<'_> {
    Candidate {
        has_address: true,
        objected: false,
        suppressed: false,
        may_be_mailed: true,
        is_planned: false,
        expiry: Some(date(2026, 3, 12)),
        chosen_for: None,
        selection,
        mailed_for_this_expiry: false,
        forced: false,
        forced_lately: false,
        letters_to_mailbox: 0,
    }
}

#[test]
fn ml2_of_several_reasons_the_first_is_told() {
    let selection = march();
    let mut worst = Candidate {
        has_address: false,
        objected: true,
        suppressed: true,
        may_be_mailed: false,
        is_planned: true,
        expiry: None,
        mailed_for_this_expiry: true,
        forced_lately: true,
        letters_to_mailbox: MOST_OF_MAILBOX,
        ..candidate(&selection)
    };
    let mend: [fn(&mut Candidate<'_>); 9] = [
        |car| car.has_address = true,
        |car| car.objected = false,
        |car| car.suppressed = false,
        |car| car.may_be_mailed = true,
        |car| car.expiry = Some(date(2026, 3, 12)),
        |car| car.is_planned = false,
        |car| car.forced = true,
        |car| car.forced_lately = false,
        |car| car.letters_to_mailbox -= 1,
    ];
    let mut told = Vec::new();
    for mended in mend {
        told.push(decide(&worst).unwrap());
        mended(&mut worst);
    }
    assert_eq!(decide(&worst), None, "nothing is wrong any more");
    // The last two are of a mailing that was stopped and of a car that is gone: then nothing is decided any more.
    assert_eq!(told, LeftOut::ALL[..9]);
    assert_eq!(LeftOut::ALL[9..], [LeftOut::Stopped, LeftOut::CarGone]);
}

#[test]
fn ml2_each_reason_alone_leaves_a_car_out() {
    let selection = march();
    let good = candidate(&selection);
    let cases = [
        (Candidate { has_address: false, ..good }, LeftOut::NoAddress),
        (Candidate { objected: true, ..good }, LeftOut::Objected),
        (Candidate { suppressed: true, ..good }, LeftOut::Suppressed),
        (Candidate { may_be_mailed: false, ..good }, LeftOut::NoBasis),
        (Candidate { expiry: Some(date(2027, 3, 12)), ..good }, LeftOut::AlreadyInspected),
        (Candidate { expiry: None, ..good }, LeftOut::AlreadyInspected),
        (Candidate { chosen_for: Some(date(2026, 3, 13)), ..good }, LeftOut::AlreadyInspected),
        (Candidate { is_planned: true, ..good }, LeftOut::AlreadyPlanned),
        (Candidate { mailed_for_this_expiry: true, ..good }, LeftOut::AlreadyMailed),
        (Candidate { letters_to_mailbox: MOST_OF_MAILBOX, ..good }, LeftOut::MailboxHasEnough),
    ];
    for (car, reason) in cases {
        assert_eq!(decide(&car), Some(reason));
        let forced = (reason != LeftOut::AlreadyMailed).then_some(reason);
        assert_eq!(decide(&Candidate { forced: true, ..car }), forced, "{reason:?}");
    }
    let again = Candidate { mailed_for_this_expiry: true, forced: true, ..good };
    assert_eq!(decide(&Candidate { forced_lately: true, ..again }), Some(LeftOut::AgainTooSoon), "it is for a mistake");
    assert_eq!(decide(&Candidate { forced_lately: true, ..good }), None, "another expiry");
    assert_eq!(decide(&good), None);
    assert_eq!(decide(&Candidate { chosen_for: good.expiry, ..good }), None);
}

#[test]
fn ml3_who_objected_is_left_out_whatever_else_holds() {
    let selection = march();
    let objected = Candidate { objected: true, forced: true, ..candidate(&selection) };
    assert_eq!(decide(&objected), Some(LeftOut::Objected));
    assert_eq!(decide(&Candidate { suppressed: true, ..objected }), Some(LeftOut::Objected), "at another address too");
}

#[test]
fn ml4_a_letter_counts_unless_it_surely_did_not_go_out() {
    let claims: Vec<_> = Outcome::ALL.iter().copied().filter(|outcome| outcome.claims()).collect();
    assert_eq!(claims, [Outcome::Waiting, Outcome::Sent, Outcome::Unknown]);
}

#[test]
fn ml1_a_selection_has_at_most_a_year_near_today() {
    let tried = |from, until| Selection::new(from, until, BTreeSet::new(), TODAY).map(drop);
    let (day, first, last) = (date(2026, 3, 1), date(2025, 2, 25), date(2028, 2, 25));
    let cases = [
        (day, day, Ok(())),
        (day, date(2026, 2, 28), Err(SelectionRefused::Reversed)),
        (day, date(2027, 3, 2), Ok(())),
        (day, date(2027, 3, 3), Err(SelectionRefused::TooWide)),
        (first, day, Err(SelectionRefused::TooWide)),
        (first, TODAY, Ok(())),
        (first.yesterday().unwrap(), first, Err(SelectionRefused::TooEarly)),
        (last, last, Ok(())),
        (last, last.tomorrow().unwrap(), Err(SelectionRefused::TooLate)),
        (Date::MIN, Date::MIN, Err(SelectionRefused::TooEarly)),
        (Date::MAX, Date::MAX, Err(SelectionRefused::TooLate)),
        (Date::MIN, Date::MAX, Err(SelectionRefused::TooWide)),
    ];
    for (from, until, expected) in cases {
        assert_eq!(tried(from, until), expected, "{from} {until}");
    }
    assert!(march().contains(day) && march().contains(date(2026, 3, 31)), "both ends are in it");
    assert!(!march().contains(date(2026, 2, 28)) && !march().contains(date(2026, 4, 1)));
}

#[test]
fn ml4_a_mailing_is_forced_for_some_cars_and_not_for_all() {
    let forced = |count| Selection::new(TODAY, TODAY, passports(count), TODAY).map(|made| made.forced().len());
    assert_eq!(forced(500), Ok(500));
    assert_eq!(forced(501), Err(SelectionRefused::TooManyForced));
    let selection = Selection::new(TODAY, TODAY, passports(2), TODAY).unwrap();
    assert_eq!(Selection::stored(selection.from(), selection.until(), selection.forced().clone()), selection);
}

#[test]
fn ml1_no_cell_is_a_formula() {
    for formula in [
        "=1+1",
        "+31612345678",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        " =1",
        "\u{A0}\u{A0}=1",
        " \t=1",
        "\u{200B}=1",
        "\u{FEFF}=1",
        "\0=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " ＝1",
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(\"http://x.example\")",
    ] {
        assert_eq!(csv_cell(formula), format!("'{formula}"), "{formula:?}");
    }
    for plain in ["", " ", "Jan", "12-ABC-3", "a=b", "info@zon.example", "'=1", "1+1", "2026-03-12", "Jan\n=1"] {
        assert!(matches!(csv_cell(plain), Cow::Borrowed(same) if same == plain), "{plain:?}");
    }
}
