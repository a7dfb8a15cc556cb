//! The rules for how answers of the register change a registration.

use super::*;
use crate::{
    apk::{ApkMissing, ApkRule, ApkStatus, EuCategory, LiftReason, VehicleKind},
    passport::{self, Fuel},
    register::{InspectionBody, InspectionDefect, RegisterVerdict, RegisteredFuel},
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
        max_speed_m_per_h: Some(180_000),
        on_tracks: Some(false),
        empty_mass_kg: Some(1_876),
        max_mass_kg: Some(3_200),
        seats: Some(9),
        doors: Some(0),
        engine_cc: Some(1_968),
        catalogue_price_eur: Some(71_828),
        efficiency_class: Some("C".into()),
        tachograph_expires_on: Some(day("2027-01-31")),
        taxi: Some(false),
        registrable: Some(true),
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
        body: Some(InspectionBody::ApkLight),
        kind: Some("periodieke controle".into()),
        expires_on: expires_on.map(day),
        defects: defects.iter().map(defect).collect(),
        seen_at: Some(Instant::UNIX_EPOCH),
    }
}

/// An inspection that was first seen later than at the first answer.
fn seen(second: i64, inspection: &Inspection) -> Inspection {
    Inspection { seen_at: Some(at(second)), ..inspection.clone() }
}

#[test]
fn r16_inspections_stay_known_the_newest_first() {
    let (old, new) = (inspection("2024-03-28", Some("2025-05-17"), &["205"]), inspection("2026-03-19", None, &[]));
    let told = known().with_inspections(vec![old.clone()], at(5));
    let told = told.with_inspections(vec![new.clone()], at(6)).with_inspections(vec![], at(7));
    assert_eq!(told.inspections, [seen(6, &new), old.clone()]);
    // The same inspection, first with fewer details and then with more.
    let less = Inspection { body: None, kind: None, expires_on: None, defects: vec![], ..old.clone() };
    let told = told.with_inspections(vec![less, new.clone()], at(8));
    assert_eq!(told.inspections, [seen(6, &new), old.clone()]);
    let more = inspection("2026-03-19", Some("2027-05-17"), &["AC1", "205"]);
    let told = told.with_inspections(vec![more.clone()], at(9));
    assert_eq!(told.inspections, [seen(6, &more), old]);
}

#[test]
fn r16_two_inspections_of_a_day_are_two_and_the_newest_are_kept() {
    let failed = inspection("2026-03-19", None, &["205"]);
    let passed = Inspection { reported_at: Some("1630".into()), ..inspection("2026-03-19", Some("2027-05-17"), &[]) };
    let told = known().with_inspections(vec![failed.clone(), passed.clone()], at(5));
    assert_eq!((told.inspections.as_slice(), told.undated_apks()), ([passed, failed].as_slice(), vec![]));
    let daily = (0..300).map(|n| Inspection {
        reported_on: day("2020-01-01").saturating_add(jiff::SignedDuration::from_hours(24 * n)),
        ..inspection("2020-01-01", None, &[])
    });
    let told = told.with_inspections(daily.collect(), at(5));
    assert_eq!((told.inspections.len(), told.inspections[0].reported_on), (MAX_INSPECTIONS, day("2026-03-19")));
}

#[test]
fn r16_two_bodies_in_the_same_minute_are_two_reports() {
    let apk = inspection("2024-02-29", Some("2025-03-01"), &[]);
    let tachograph =
        Inspection { body: Some(InspectionBody::Tachograph), expires_on: Some(day("2026-03-01")), ..apk.clone() };
    // Stored before the body was read.
    let bodiless = [apk.clone(), tachograph.clone()].map(|one| Inspection { body: None, seen_at: None, ..one });
    let before = Registration { inspections: bodiless.to_vec(), ..known() };
    let told = before.with_inspections(vec![apk.clone(), tachograph.clone()], at(5));
    assert_eq!(told.inspections, [tachograph.clone(), apk.clone()]);
    // A body that is no longer given stays known.
    let lost = |one: &Inspection| Inspection { body: None, ..one.clone() };
    let told = told.with_inspections(vec![lost(&apk), lost(&tachograph)], at(6));
    assert_eq!(told.inspections, [tachograph, apk]);
}

/// A report of a body that inspects something else than the APK.
fn report_of(body: InspectionBody, reported_on: &str, expires_on: &str) -> Inspection {
    Inspection { body: Some(body), ..inspection(reported_on, Some(expires_on), &[]) }
}

#[test]
fn r40_the_later_of_the_row_and_the_newest_apk_report_counts() {
    let expiry = |in_row: Option<&str>, reports: Vec<Inspection>| {
        let data = RegisterData { apk_expires_on: in_row.map(day), ..kombi() };
        let told = unasked().answered(Some(data), at(0)).0.with_inspections(reports, at(0));
        told.apk_expiry().map(|expiry| expiry.expires_on.to_string())
    };
    let report = |on: &str, until: &str| inspection(on, Some(until), &[]);
    let cases = [
        (Some("2026-05-17"), vec![report("2026-05-12", "2027-05-17")], Some("2027-05-17")),
        (Some("2027-05-17"), vec![report("2025-05-02", "2026-05-17")], Some("2027-05-17")),
        (None, vec![report("2026-03-19", "2027-05-17")], Some("2027-05-17")),
        // The newest report that states a date: an older one with a later date does not count.
        (None, vec![report("2020-01-02", "2024-06-01"), report("2023-02-03", "2024-02-03")], Some("2024-02-03")),
        (None, vec![report("2023-02-03", "2024-02-03"), inspection("2024-01-20", None, &["205"])], Some("2024-02-03")),
        (Some("2026-05-17"), vec![], Some("2026-05-17")),
        (None, vec![], None),
    ];
    for (in_row, reports, expected) in cases {
        assert_eq!(expiry(in_row, reports.clone()).as_deref(), expected, "{in_row:?} {reports:?}");
    }
}

#[test]
fn r40_what_is_no_apk_gives_no_apk_date() {
    use InspectionBody::{ApkHeavy, GasInstallation, Other, Tachograph, TaxiComputer};
    let reports = vec![
        report_of(ApkHeavy, "2026-02-20", "2027-03-01"),
        report_of(Tachograph, "2026-06-15", "2028-06-15"),
        report_of(GasInstallation, "2026-06-16", "2036-06-16"),
        report_of(TaxiComputer, "2026-06-17", "2028-06-17"),
        report_of(Other, "2026-06-18", "2029-06-18"),
    ];
    let lorry = RegisterData { apk_expires_on: None, ..kombi() };
    let told = unasked().answered(Some(lorry.clone()), at(0)).0.with_inspections(reports, at(0));
    assert_eq!(told.apk_expiry().unwrap().expires_on, day("2027-03-01"));
    assert_eq!((told.undated_apks(), told.tachograph_expires_on()), (vec![], Some(day("2028-06-15"))));
    // The tachograph's date in the vehicle's own row, when that is the later one.
    let lorry = RegisterData { tachograph_expires_on: Some(day("2028-07-01")), ..lorry };
    assert_eq!(told.answered(Some(lorry), at(1)).0.tachograph_expires_on(), Some(day("2028-07-01")));
    // A report of a tachograph is not what a new APK date waits for.
    let dated = known().with_recalls(vec![], at(0)).0.with_inspections(vec![], at(0));
    let later = RegisterData { apk_expires_on: Some(day("2028-06-15")), ..kombi() };
    let dated = dated.with_inspections(vec![report_of(Tachograph, "2026-06-15", "2028-06-15")], at(1));
    assert!(dated.questions(&later, at(2)).inspections);
}

#[test]
fn r40_a_date_was_first_seen_where_it_was_seen_first() {
    let (report, dated) = (inspection("2026-05-12", Some("2027-05-17"), &[]), |text: &str| {
        Some(RegisterData { apk_expires_on: Some(day(text)), ..kombi() })
    });
    let asked = unasked().answered(dated("2026-05-17"), at(0)).0.with_inspections(vec![], at(0));
    let told = asked.with_inspections(vec![report], at(5));
    let expiry = |told: &Registration| told.apk_expiry().map(|expiry| (expiry.expires_on, expiry.seen_at));
    assert_eq!(expiry(&told), Some((day("2027-05-17"), at(5))));
    // The row comes later, with the same date.
    let (told, _) = told.answered(dated("2027-05-17"), at(9));
    assert_eq!(expiry(&told), Some((day("2027-05-17"), at(5))));
    let (told, _) = told.answered(dated("2027-05-18"), at(12));
    assert_eq!(expiry(&told), Some((day("2027-05-18"), at(12))));
}

#[test]
fn r40_days_are_computed_with_only_where_no_report_states_a_date() {
    let undated = vec![inspection("2026-03-19", None, &[]), inspection("2025-04-01", None, &["205"])];
    let data = RegisterData { apk_expires_on: None, ..kombi() };
    let told = unasked().answered(Some(data), at(0)).0.with_inspections(undated, at(0));
    assert_eq!((told.apk_expiry(), told.undated_apks()), (None, vec![day("2026-03-19")]));
    let apk = told.assess_apk(day("2026-11-30"));
    assert_eq!(apk.expiry.map(|expiry| expiry.expires_on), Some(day("2027-03-19")));
    // The report's own date, as soon as it states one: not a year from its day.
    let told = told.with_inspections(vec![inspection("2026-03-19", Some("2027-05-17"), &[])], at(1));
    let apk = told.assess_apk(day("2026-11-30"));
    assert_eq!(apk.expiry.map(|expiry| expiry.expires_on), Some(day("2027-05-17")));
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
    let unknown = apk_vehicle(&vehicle(Some(Fuel::Diesel)), None, None);
    assert_eq!((unknown.admitted_on, unknown.fuels.clone()), (None, vec![Fuel::Diesel]));
    let assessed = assess(&unknown);
    assert_eq!((assessed.status, assessed.missing), (ApkStatus::Unknown, vec![ApkMissing::Kind]));
    let without_fuel = RegisterData { fuels: vec![], ..kombi() };
    let completed = apk_vehicle(&vehicle(Some(Fuel::Petrol)), Some(&without_fuel), None);
    assert_eq!(assess(&completed).rule, Some(ApkRule::PetrolElectricFromSevenYears));
    let told = apk_vehicle(&vehicle(Some(Fuel::Petrol)), Some(&kombi()), None);
    assert_eq!(assess(&told).rule, Some(ApkRule::DieselGasOther), "the register's own fuel counts");
    let mut german = vehicle(None);
    german.plate = LicencePlate::parse(Country::parse("DE").unwrap(), "M-AB 123").unwrap();
    let assessed = assess(&apk_vehicle(&german, None, None));
    assert_eq!((assessed.status, assessed.rule), (ApkStatus::NotSubject, Some(ApkRule::Foreign)));
}

#[test]
fn apk9_what_people_said_counts_until_the_register_knows_of_another_holder() {
    let by = crate::ids::AccountId(Uuid::from_u128(2));
    let lift = EnteredLift::enter(LiftReason::Suspended, None, by, at(0)).unwrap();
    let lifted = |data: &RegisterData| apk_vehicle(&vehicle(None), Some(data), Some(&lift)).lifted;
    let on = |registered_on: &str| RegisterData { registered_on: Some(day(registered_on)), ..kombi() };
    assert_eq!((lifted(&kombi()), lifted(&on("2020-01-02"))), (Some(DutyLift::Suspended), Some(DutyLift::Suspended)));
    assert_eq!(lifted(&on("2027-01-02")), None);
    assert_eq!(lifted(&RegisterData { exported: Some(true), ..kombi() }), Some(DutyLift::Exported));
    // So the car is judged anew when that day changes.
    let (before, after) = (unasked().answered(Some(on("2020-01-02")), at(0)).0, on("2027-01-02"));
    assert!(!before.clone().answered(Some(after), at(1)).0.is_judged_like(&before));
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
