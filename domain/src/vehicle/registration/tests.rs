//! The rules for how answers of the register change a registration.

use super::*;
use crate::{
    apk::{ApkMissing, ApkRule, ApkStatus, EuCategory, VehicleKind},
    passport::{self, Fuel},
    register::{InspectionDefect, RegisterVerdict, RegisteredFuel},
};
use uuid::Uuid;

pub(super) fn at(seconds: i64) -> Instant {
    Instant::from_second(1_790_000_000 + seconds).unwrap()
}

pub(super) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn plate() -> LicencePlate {
    LicencePlate::parse(Country::NL, "TT601D").unwrap()
}

fn unasked() -> Registration {
    Registration::new(plate())
}

pub(super) fn kombi() -> RegisterData {
    RegisterData {
        kind: Some(VehicleKind::Car),
        make: Some("VOLKSWAGEN".into()),
        admitted_on: Some(day("2013-05-17")),
        apk_expires_on: Some(day("2027-05-17")),
        exported: Some(false),
        open_recall: Some(false),
        odometer: RegisteredOdometer {
            verdict: Some(RegisterVerdict::NoJudgement),
            reason: Some("05".into()),
            last_year: Some(2026),
        },
        fuels: vec![RegisteredFuel { fuel: Fuel::Diesel, power_w: Some(103_000), co2_g_per_km: None }],
        ..RegisterData::default()
    }
}

/// A registration for which the register was asked once, and gave data.
pub(super) fn known() -> Registration {
    unasked().answered(Some(kombi()), at(0)).0
}

pub(super) fn recall(reference: &str, status: RecallStatus) -> Recall {
    Recall { reference: reference.into(), status, detail: None }
}

fn opened(reference: &str) -> RegisterChange {
    RegisterChange::RecallOpened { reference: reference.into() }
}

fn closed(reference: &str) -> RegisterChange {
    RegisterChange::RecallClosed { reference: reference.into() }
}

#[test]
fn r11_nothing_for_a_known_plate_keeps_what_was_told_and_says_since_when() {
    let (silent, changes) = known().answered(None, at(10));
    assert_eq!(silent, Registration { checked_at: Some(at(10)), stale_since: Some(at(10)), ..known() });
    assert_eq!(changes, []);
    let (still, _) = silent.answered(None, at(20));
    assert_eq!((still.stale_since, still.checked_at, still.fetched_at), (Some(at(10)), Some(at(20)), Some(at(0))));
    let (back, changes) = still.answered(Some(kombi()), at(30));
    let fresh = Registration { fetched_at: Some(at(30)), checked_at: Some(at(30)), ..known() };
    assert_eq!((back, changes), (fresh, vec![]));
}

#[test]
fn r11_a_plate_never_found_is_not_stale() {
    let (unknown, changes) = unasked().answered(None, at(0));
    assert_eq!((unknown, changes), (Registration { checked_at: Some(at(0)), ..unasked() }, vec![]));
}

#[test]
fn r12_what_an_answer_lacks_does_not_undo_what_was_told() {
    let full = RegisterData {
        eu_category: Some(EuCategory::M1),
        model: Some("KOMBI".into()),
        body: Some("MPV".into()),
        colour: Some("ROOD".into()),
        first_registered_on: Some(day("2013-05-17")),
        registered_on: Some(day("2013-07-25")),
        empty_mass_kg: Some(1_876),
        max_mass_kg: Some(3_200),
        seats: Some(9),
        doors: Some(0),
        engine_cc: Some(1_968),
        catalogue_price_eur: Some(71_828),
        efficiency_class: Some("C".into()),
        taxi: Some(false),
        insured: Some(true),
        ..kombi()
    };
    let (told, _) = unasked().answered(Some(full.clone()), at(0));
    let (after, changes) = told.answered(Some(RegisterData::default()), at(1));
    assert_eq!((after.data, changes), (Some(full.clone()), vec![]));
    // Each value that an answer has replaces the known one.
    let (repainted, _) = unasked().answered(Some(full.clone()), at(0));
    let blue = RegisterData { colour: Some("BLAUW".into()), ..RegisterData::default() };
    let (repainted, _) = repainted.answered(Some(blue), at(1));
    assert_eq!(repainted.data, Some(RegisterData { colour: Some("BLAUW".into()), ..full }));
}

#[test]
fn r12_a_reason_is_never_that_of_another_verdict() {
    let logical = RegisteredOdometer { verdict: Some(RegisterVerdict::Logical), reason: None, last_year: None };
    let (after, _) = known().answered(Some(RegisterData { odometer: logical.clone(), ..kombi() }), at(1));
    assert_eq!(after.odometer(), Some(&RegisteredOdometer { last_year: Some(2026), ..logical }));
    let reason_alone = RegisteredOdometer { reason: Some("04".into()), ..RegisteredOdometer::default() };
    let (after, _) = known().answered(Some(RegisterData { odometer: reason_alone, ..kombi() }), at(1));
    assert_eq!(after.odometer(), Some(&kombi().odometer));
}

#[test]
fn r13_the_same_apk_date_seen_again_does_not_move_when_it_was_first_seen() {
    let first = known();
    let date = |day_text: &str| Some(RegisterData { apk_expires_on: Some(day(day_text)), ..kombi() });
    let (other, _) = first.answered(date("2026-05-17"), at(5));
    assert_eq!(other.apk_seen_at, Some(at(5)));
    let (again, changes) = other.answered(date("2026-05-17"), at(10));
    assert_eq!((again.apk_seen_at, again.fetched_at, changes), (Some(at(5)), Some(at(10)), vec![]));
    let expiry = again.apk_expiry();
    let (absent, _) = again.answered(Some(RegisterData { apk_expires_on: None, ..kombi() }), at(20));
    assert_eq!((absent.apk_seen_at, absent.apk_expiry()), (Some(at(5)), expiry));
    let later = RegisterData { apk_expires_on: Some(day("2028-05-17")), ..kombi() };
    let (renewed, changes) = absent.answered(Some(later), at(30));
    assert_eq!(renewed.apk_seen_at, Some(at(30)));
    let (from, to) = (Some(day("2026-05-17")), day("2028-05-17"));
    assert_eq!(changes, [RegisterChange::ApkDateChanged { from, to }]);
}

#[test]
fn r13_a_first_answer_changes_no_apk_date_and_a_new_car_gets_its_first_one_later() {
    let (first, changes) = unasked().answered(Some(kombi()), at(0));
    // Nobody knows for how long the register had that date, so a date that a garage entered before still counts.
    assert_eq!((first.apk_seen_at, changes), (Some(Instant::UNIX_EPOCH), vec![]));
    let new_car = RegisterData { apk_expires_on: None, ..kombi() };
    let (new_car, changes) = unasked().answered(Some(new_car), at(0));
    assert_eq!((new_car.apk_seen_at, new_car.apk_expiry(), changes), (None, None, vec![]));
    let (dated, changes) = new_car.answered(Some(kombi()), at(9));
    assert_eq!(dated.apk_seen_at, Some(at(9)));
    assert_eq!(changes, [RegisterChange::ApkDateChanged { from: None, to: day("2027-05-17") }]);
}

#[test]
fn r14_a_recall_is_opened_and_closed_on_evidence_alone() {
    use RecallStatus::{Open, Repaired, Unknown};
    // What was known, what the register says, what is known after that, and the changes.
    let cases = [
        (None, Some(Open), Some(Open), vec![opened("A")]),
        (None, Some(Repaired), Some(Repaired), vec![]),
        (None, Some(Unknown), Some(Unknown), vec![]),
        (Some(Open), Some(Open), Some(Open), vec![]),
        (Some(Open), Some(Repaired), Some(Repaired), vec![closed("A")]),
        (Some(Open), Some(Unknown), Some(Open), vec![]),
        (Some(Open), None, Some(Open), vec![]),
        (Some(Repaired), Some(Open), Some(Open), vec![opened("A")]),
        (Some(Repaired), Some(Unknown), Some(Repaired), vec![]),
        (Some(Unknown), Some(Open), Some(Open), vec![opened("A")]),
        (Some(Unknown), Some(Repaired), Some(Repaired), vec![]),
    ];
    for (was, told, is, follows) in cases {
        let of =
            |status: Option<RecallStatus>| status.map(|status| recall("A", status)).into_iter().collect::<Vec<_>>();
        let before = Registration { recalls: of(was), ..known() };
        let (after, changes) = before.with_recalls(of(told), at(5));
        assert_eq!((after.recalls, changes), (of(is), follows), "{was:?} {told:?}");
    }
}

#[test]
fn r14_one_recall_does_not_speak_for_another() {
    use RecallStatus::{Open, Repaired};
    let (first, changes) = known().with_recalls(vec![recall("B", Open), recall("A", Open)], at(5));
    assert_eq!(changes, [opened("A"), opened("B")]);
    let (after, changes) = first.with_recalls(vec![recall("B", Repaired), recall("C", Open)], at(5));
    assert_eq!(changes, [closed("B"), opened("C")]);
    assert_eq!(after.recalls, [recall("A", Open), recall("B", Repaired), recall("C", Open)]);
    // An answer that contradicts itself closes no recall.
    let (_, changes) = after.with_recalls(vec![recall("A", Repaired), recall("A", Open)], at(5));
    assert_eq!(changes, []);
}

#[test]
fn r14_the_detail_of_a_recall_stays_when_an_answer_lacks_it() {
    let detail = RecallDetail {
        defect: Some("The airbag may burst.".into()),
        repair: Some("It is replaced.".into()),
        announced_on: Some(day("2020-01-02")),
        hazards: vec!["Letsel".into()],
        ..RecallDetail::default()
    };
    let full = Recall { detail: Some(detail.clone()), ..recall("A", RecallStatus::Open) };
    let (told, _) = known().with_recalls(vec![full.clone()], at(5));
    let (told, _) = told.with_recalls(vec![recall("A", RecallStatus::Open)], at(5));
    assert_eq!(told.recalls, std::slice::from_ref(&full));
    let part = RecallDetail { repair: Some("It is mended.".into()), ..RecallDetail::default() };
    let (told, _) = told.with_recalls(vec![Recall { detail: Some(part), ..full.clone() }], at(5));
    let detail = RecallDetail { repair: Some("It is mended.".into()), ..detail };
    assert_eq!(told.recalls, [Recall { detail: Some(detail), ..full }]);
}

#[test]
fn r14_recalls_do_not_grow_without_end() {
    let many = |from: usize| (from..from + 500).map(|n| recall(&format!("{n:05}"), RecallStatus::Open)).collect();
    let (full, changes) = known().with_recalls(many(1_000), at(5));
    assert_eq!((full.recalls.len(), changes.len()), (MAX_RECALLS, MAX_RECALLS));
    let (after, changes) = full.clone().with_recalls(many(0), at(5));
    assert_eq!((after, changes), (full.clone(), vec![]));
    let first = full.recalls[0].reference.clone();
    let (_, changes) = full.with_recalls(vec![recall(&first, RecallStatus::Repaired)], at(5));
    assert_eq!(changes, [closed(&first)], "those that are kept go on");
}

#[test]
fn r15_a_vehicle_is_exported_when_the_register_says_so_and_once() {
    let saying = |exported| RegisterData { exported, ..kombi() };
    for (was, told, follows) in [
        (Some(false), Some(true), true),
        (None, Some(true), true),
        (Some(true), Some(true), false),
        (Some(false), None, false),
        (Some(true), None, false),
        (Some(true), Some(false), false),
    ] {
        let (before, _) = unasked().answered(Some(saying(was)), at(0));
        let (after, changes) = before.answered(Some(saying(told)), at(1));
        let expected = if follows { vec![RegisterChange::VehicleExported] } else { vec![] };
        assert_eq!((changes, after.data.unwrap().exported), (expected, told.or(was)), "{was:?} {told:?}");
    }
    let (_, changes) = unasked().answered(Some(saying(Some(true))), at(0));
    assert_eq!(changes, [RegisterChange::VehicleExported], "it matters at first sight too");
}

pub(super) fn inspection(reported_on: &str, expires_on: Option<&str>, defects: &[&str]) -> Inspection {
    let defect = |code: &&str| InspectionDefect { code: (*code).into(), text: None, count: Some(1) };
    Inspection {
        reported_on: day(reported_on),
        reported_at: Some("1015".into()),
        kind: Some("periodieke controle".into()),
        expires_on: expires_on.map(day),
        defects: defects.iter().map(defect).collect(),
    }
}

#[test]
fn r16_inspections_stay_known_the_newest_first() {
    let (old, new) = (inspection("2024-03-28", Some("2025-05-17"), &["205"]), inspection("2026-03-19", None, &[]));
    let told = known().with_inspections(vec![old.clone()], at(5));
    let told = told.with_inspections(vec![new.clone()], at(5)).with_inspections(vec![], at(5));
    assert_eq!(told.inspections, [new.clone(), old.clone()]);
    // The same inspection, first with fewer details and then with more.
    let less = Inspection { kind: None, expires_on: None, defects: vec![], ..old.clone() };
    let told = told.with_inspections(vec![less, new.clone()], at(5));
    assert_eq!(told.inspections, [new.clone(), old.clone()]);
    let more = inspection("2026-03-19", Some("2027-05-17"), &["AC1", "205"]);
    let told = told.with_inspections(vec![more.clone()], at(5));
    assert_eq!(told.inspections, [more, old]);
    assert_eq!(told.passed_on(), [day("2026-03-19"), day("2024-03-28")]);
}

#[test]
fn r16_two_inspections_of_a_day_are_two_and_the_newest_are_kept() {
    let failed = inspection("2026-03-19", None, &["205"]);
    let passed = Inspection { reported_at: Some("1630".into()), ..inspection("2026-03-19", Some("2027-05-17"), &[]) };
    let told = known().with_inspections(vec![failed.clone(), passed.clone()], at(5));
    assert_eq!((told.inspections.as_slice(), told.passed_on()), ([passed, failed].as_slice(), vec![day("2026-03-19")]));
    let daily = (0..300).map(|n| Inspection {
        reported_on: day("2020-01-01").saturating_add(jiff::SignedDuration::from_hours(24 * n)),
        ..inspection("2020-01-01", None, &[])
    });
    let told = told.with_inspections(daily.collect(), at(5));
    assert_eq!((told.inspections.len(), told.inspections[0].reported_on), (MAX_INSPECTIONS, day("2026-03-19")));
}

fn vehicle(fuel: Option<Fuel>) -> passport::Vehicle {
    passport::Vehicle { fuel, year: Some(2013), ..passport::tests::vehicle() }
}

#[test]
fn r17_the_garage_tells_the_fuel_and_no_year_is_a_date() {
    let assess = |vehicle: &ApkVehicle| {
        let facts = crate::apk::ApkFacts { vehicle, register: None, garage: None, inspections: &[] };
        crate::apk::assess(&facts, day("2026-07-01"))
    };
    let unknown = apk_vehicle(&vehicle(Some(Fuel::Diesel)), None);
    assert_eq!((unknown.admitted_on, unknown.fuels.clone()), (None, vec![Fuel::Diesel]));
    let assessed = assess(&unknown);
    assert_eq!((assessed.status, assessed.missing), (ApkStatus::Unknown, vec![ApkMissing::Kind]));
    let without_fuel = RegisterData { fuels: vec![], ..kombi() };
    let completed = apk_vehicle(&vehicle(Some(Fuel::Petrol)), Some(&without_fuel));
    assert_eq!(assess(&completed).rule, Some(ApkRule::PetrolElectricFromSevenYears));
    let told = apk_vehicle(&vehicle(Some(Fuel::Petrol)), Some(&kombi()));
    assert_eq!(assess(&told).rule, Some(ApkRule::DieselGasOther), "the register's own fuel counts");
    let mut german = vehicle(None);
    german.plate = LicencePlate::parse(Country::parse("DE").unwrap(), "M-AB 123").unwrap();
    let assessed = assess(&apk_vehicle(&german, None));
    assert_eq!((assessed.status, assessed.rule), (ApkStatus::NotSubject, Some(ApkRule::Foreign)));
}

#[test]
fn r18_how_the_register_stands_to_a_plate() {
    let german = LicencePlate::parse(Country::parse("DE").unwrap(), "M-AB 123").unwrap();
    let (unknown, _) = unasked().answered(None, at(0));
    let (stale, _) = known().answered(None, at(1));
    for (registration, status) in [
        (None, RegisterStatus::Pending),
        (Some(unasked()), RegisterStatus::Pending),
        (Some(unknown), RegisterStatus::Unknown),
        (Some(known()), RegisterStatus::Known),
        (Some(stale), RegisterStatus::Stale),
    ] {
        assert_eq!(RegisterStatus::of(&plate(), registration.as_ref()), status);
        assert_eq!(RegisterStatus::of(&german, registration.as_ref()), RegisterStatus::NotCovered);
    }
}

#[test]
fn a_change_is_a_fact_of_the_passport() {
    let passport_id = PassportId(Uuid::from_u128(1));
    let (from, to) = (Some(day("2026-05-17")), day("2027-05-17"));
    for (change, kind) in [
        (RegisterChange::ApkDateChanged { from, to }, "apk_date_changed"),
        (opened("A"), "recall_opened"),
        (closed("A"), "recall_closed"),
        (RegisterChange::VehicleExported, "vehicle_exported"),
    ] {
        let fact = change.fact(passport_id);
        assert_eq!(fact.passport_id(), Some(passport_id));
        let json = serde_json::to_value(&fact).unwrap();
        assert_eq!(json["kind"], kind);
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
    }
}

#[test]
fn what_is_stored_comes_back() {
    let json = serde_json::to_string(&kombi()).unwrap();
    assert_eq!(serde_json::from_str::<RegisterData>(&json).unwrap(), kombi());
    assert!(!json.contains("unknown"), "{json}");
    let older: RegisterData = serde_json::from_str(r#"{"make":"VOLKSWAGEN","dropped":1}"#).unwrap();
    assert_eq!(older, RegisterData { make: Some("VOLKSWAGEN".into()), ..RegisterData::default() });
}
