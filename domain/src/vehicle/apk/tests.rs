use super::*;
use crate::passport::Fuel;

mod properties;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(second: i64) -> Instant {
    Instant::from_second(second).unwrap()
}

fn car(admitted_on: &str, fuels: &[Fuel]) -> ApkVehicle {
    ApkVehicle {
        kind: Some(VehicleKind::Car),
        max_mass_kg: Some(1_900),
        fuels: fuels.to_vec(),
        admitted_on: Some(day(admitted_on)),
        ..ApkVehicle::default()
    }
}

fn petrol(admitted_on: &str) -> ApkVehicle {
    car(admitted_on, &[Fuel::Petrol])
}

fn diesel(admitted_on: &str) -> ApkVehicle {
    car(admitted_on, &[Fuel::Diesel])
}

fn of_kind(kind: VehicleKind, max_mass_kg: i64, admitted_on: &str) -> ApkVehicle {
    ApkVehicle { kind: Some(kind), max_mass_kg: Some(max_mass_kg), ..diesel(admitted_on) }
}

fn tractor(max_speed_m_per_h: i64, admitted_on: &str) -> ApkVehicle {
    let max_speed_m_per_h = Some(max_speed_m_per_h);
    ApkVehicle { max_speed_m_per_h, ..of_kind(VehicleKind::Tractor, 9_000, admitted_on) }
}

fn unregistered(vehicle: &ApkVehicle, today: &str) -> ApkAssessment {
    assess(&ApkFacts { vehicle, register: None, garage: None, inspections: &[] }, day(today))
}

fn registered(vehicle: &ApkVehicle, expires_on: &str, today: &str) -> ApkAssessment {
    let register = Some(RegisterExpiry { expires_on: day(expires_on), seen_at: at(0) });
    assess(&ApkFacts { vehicle, register, garage: None, inspections: &[] }, day(today))
}

fn expiries(assessment: &ApkAssessment) -> Vec<String> {
    assessment.next.iter().map(|expected| expected.expires_on.to_string()).collect()
}

#[test]
fn apk1_the_register_wins_until_a_garage_knows_of_something_later() {
    let vehicle = diesel("2013-05-17");
    let source = |register: Option<(&str, i64)>, garage: Option<(&str, i64)>| {
        let register = register.map(|(on, seen)| RegisterExpiry { expires_on: day(on), seen_at: at(seen) });
        let garage = garage.map(|(on, entered)| GarageExpiry { expires_on: day(on), entered_at: at(entered) });
        let facts = ApkFacts { vehicle: &vehicle, register, garage, inspections: &[] };
        let expiry = assess(&facts, day("2026-04-01")).expiry.unwrap();
        (expiry.source, expiry.expires_on.to_string())
    };
    let (old, new) = ("2026-05-17", "2027-05-17");
    let cases = [
        (Some((old, 10)), None, ApkSource::Register, old),
        (None, Some((new, 10)), ApkSource::Garage, new),
        (Some((old, 10)), Some((new, 11)), ApkSource::Garage, new),
        // Entered before the register's date was first seen, or at the same time: the register counts.
        (Some((old, 10)), Some((new, 10)), ApkSource::Register, old),
        (Some((old, 10)), Some((new, 9)), ApkSource::Register, old),
        // Not later than the register's date: the register has the new date too, or the garage made a mistake.
        (Some((new, 10)), Some((new, 11)), ApkSource::Register, new),
        (Some((new, 10)), Some((old, 11)), ApkSource::Register, new),
    ];
    for (register, garage, expected, on) in cases {
        assert_eq!(source(register, garage), (expected, on.to_owned()), "{register:?} {garage:?}");
    }
}

#[test]
fn apk2_a_computed_date_counts_while_it_is_still_to_come() {
    let vehicle = petrol("2022-03-01");
    for (today, status) in [
        ("2025-12-31", ApkStatus::Valid),
        ("2026-02-01", ApkStatus::Inspectable),
        ("2026-03-01", ApkStatus::Inspectable),
        ("2026-03-02", ApkStatus::Unknown),
        ("2028-03-02", ApkStatus::Unknown),
    ] {
        let assessment = unregistered(&vehicle, today);
        assert_eq!(assessment.status, status, "{today}");
        let known = (status != ApkStatus::Unknown)
            .then(|| ApkExpiry { expires_on: day("2026-03-01"), source: ApkSource::Computed });
        assert_eq!(assessment.expiry, known, "{today}");
        let missing = if known.is_none() { vec![ApkMissing::Certificate] } else { vec![] };
        assert_eq!((assessment.missing, assessment.rule.is_some()), (missing, true), "{today}");
    }
    // In any order. An inspection in the future does not count.
    let inspections = ["2026-02-20", "2025-04-02", "2027-01-01"].map(day);
    let vehicle = diesel("2022-04-20");
    let facts = ApkFacts { vehicle: &vehicle, register: None, garage: None, inspections: &inspections };
    assert_eq!(assess(&facts, day("2026-06-01")).expiry.unwrap().expires_on, day("2027-04-20"));
    // The last certificate is valid until after the exemption begins.
    let (vehicle, inspections) = (petrol("1976-06-15"), [day("2025-09-01")]);
    let facts = ApkFacts { vehicle: &vehicle, register: None, garage: None, inspections: &inspections };
    let assessment = assess(&facts, day("2026-01-01"));
    assert_eq!((assessment.status, assessment.inspectable_from), (ApkStatus::Valid, Some(day("2027-07-01"))));
}

#[test]
fn apk3_status_turns_on_the_boundary_days() {
    let cases = [
        // The first and the last day of the two-month window.
        ("2026-05-17", "2026-03-16", ApkStatus::Valid),
        ("2026-05-17", "2026-03-17", ApkStatus::Inspectable),
        ("2026-05-17", "2026-03-18", ApkStatus::Inspectable),
        ("2026-05-17", "2026-05-16", ApkStatus::Inspectable),
        ("2026-05-17", "2026-05-17", ApkStatus::Inspectable),
        ("2026-05-17", "2026-05-18", ApkStatus::Expired),
        // Two months before the 30th of April is the end of February.
        ("2026-04-30", "2026-02-27", ApkStatus::Valid),
        ("2026-04-30", "2026-02-28", ApkStatus::Inspectable),
        ("2024-04-30", "2024-02-28", ApkStatus::Valid),
        ("2024-04-30", "2024-02-29", ApkStatus::Inspectable),
    ];
    for (expires_on, today, status) in cases {
        assert_eq!(registered(&diesel("2013-05-17"), expires_on, today).status, status, "{expires_on} {today}");
    }
    let first = unregistered(&petrol("2022-06-15"), "2026-04-14");
    assert_eq!((first.status, first.inspectable_from), (ApkStatus::Valid, Some(day("2026-04-15"))));
    for (today, status) in [
        ("2026-04-15", ApkStatus::Inspectable),
        ("2026-06-14", ApkStatus::Inspectable),
        ("2026-06-15", ApkStatus::Inspectable),
        ("2026-06-16", ApkStatus::Unknown),
    ] {
        assert_eq!(unregistered(&petrol("2022-06-15"), today).status, status, "{today}");
    }
}

#[test]
fn apk4_first_inspections_by_group() {
    let commercial = |kg| of_kind(VehicleKind::Commercial, kg, "2024-06-01");
    let cases = [
        (petrol("2024-06-01"), ApkRule::PetrolElectric, "2028-06-01"),
        (car("2024-06-01", &[Fuel::Electric]), ApkRule::PetrolElectric, "2028-06-01"),
        (car("2024-06-01", &[Fuel::Petrol, Fuel::Electric]), ApkRule::PetrolElectric, "2028-06-01"),
        (car("2024-06-01", &[Fuel::HybridPetrol]), ApkRule::PetrolElectric, "2028-06-01"),
        (car("2024-06-01", &[Fuel::Alcohol, Fuel::Petrol]), ApkRule::PetrolElectric, "2028-06-01"),
        (diesel("2024-06-01"), ApkRule::DieselGasOther, "2027-06-01"),
        (car("2024-06-01", &[Fuel::Petrol, Fuel::Lpg]), ApkRule::DieselGasOther, "2027-06-01"),
        (car("2024-06-01", &[Fuel::Cng]), ApkRule::DieselGasOther, "2027-06-01"),
        (car("2024-06-01", &[Fuel::Diesel, Fuel::Electric]), ApkRule::DieselGasOther, "2027-06-01"),
        (car("2024-06-01", &[Fuel::HybridDiesel]), ApkRule::DieselGasOther, "2027-06-01"),
        (car("2024-06-01", &[Fuel::Hydrogen]), ApkRule::DieselGasOther, "2027-06-01"),
        (car("2024-06-01", &[Fuel::Other]), ApkRule::DieselGasOther, "2027-06-01"),
        (commercial(3_499), ApkRule::DieselGasOther, "2027-06-01"),
        (commercial(3_500), ApkRule::DieselGasOther, "2027-06-01"),
        (commercial(3_501), ApkRule::HeavyVehicle, "2025-06-01"),
        (of_kind(VehicleKind::Car, 3_501, "2024-06-01"), ApkRule::HeavyVehicle, "2025-06-01"),
        (of_kind(VehicleKind::Bus, 3_500, "2024-06-01"), ApkRule::LightBus, "2025-06-01"),
        (of_kind(VehicleKind::Bus, 3_501, "2024-06-01"), ApkRule::Bus, "2025-06-01"),
        (tractor(40_001, "2024-06-01"), ApkRule::FastTractor, "2028-06-01"),
        (of_kind(VehicleKind::Trailer, 3_501, "2024-06-01"), ApkRule::HeavyTrailer, "2025-06-01"),
        (ApkVehicle { taxi: Some(true), ..petrol("2024-06-01") }, ApkRule::Taxi, "2025-06-01"),
        (ApkVehicle { ambulance: Some(true), ..petrol("2024-06-01") }, ApkRule::Ambulance, "2025-06-01"),
    ];
    for (vehicle, rule, first) in cases {
        let assessment = unregistered(&vehicle, "2024-07-01");
        let expiry = assessment.expiry.map(|expiry| (expiry.expires_on, expiry.source));
        assert_eq!(assessment.rule, Some(rule), "{vehicle:?}");
        assert_eq!(expiry, Some((day(first), ApkSource::Computed)), "{vehicle:?}");
    }
}

#[test]
fn apk4_fuel_counts_from_2005() {
    for (admitted_on, rule, first) in [
        ("2004-12-31", ApkRule::Before2005, "2007-12-31"),
        ("2005-01-01", ApkRule::PetrolElectric, "2009-01-01"),
        ("2005-01-02", ApkRule::PetrolElectric, "2009-01-02"),
    ] {
        let assessment = unregistered(&petrol(admitted_on), "2006-01-01");
        assert_eq!((assessment.rule, assessment.expiry.unwrap().expires_on), (Some(rule), day(first)));
    }
    let old = petrol("2004-12-31");
    assert_eq!(next_expiry(&old, Some(day("2026-12-31")), day("2026-12-01")), Some(day("2027-12-31")));
}

#[test]
fn apk4_some_need_none() {
    let three_wheeler = |empty_mass_kg| ApkVehicle {
        empty_mass_kg: Some(empty_mass_kg),
        ..of_kind(VehicleKind::ThreeWheeler, 800, "2024-06-01")
    };
    let cases = [
        (of_kind(VehicleKind::Motorcycle, 300, "2024-06-01"), Some(ApkRule::Motorcycle)),
        (of_kind(VehicleKind::Moped, 300, "2024-06-01"), Some(ApkRule::Moped)),
        (of_kind(VehicleKind::Trailer, 3_499, "2024-06-01"), Some(ApkRule::LightTrailer)),
        (of_kind(VehicleKind::Trailer, 3_500, "2024-06-01"), Some(ApkRule::LightTrailer)),
        (three_wheeler(400), Some(ApkRule::LightThreeWheeler)),
        (tractor(40_000, "2024-06-01"), Some(ApkRule::SlowTractor)),
        (ApkVehicle { on_tracks: Some(true), ..tractor(50_000, "2024-06-01") }, Some(ApkRule::TrackedTractor)),
        (of_kind(VehicleKind::LimitedSpeed, 9_000, "2024-06-01"), Some(ApkRule::LimitedSpeed)),
        (of_kind(VehicleKind::MobileMachine, 9_000, "2024-06-01"), Some(ApkRule::MobileMachine)),
        (of_kind(VehicleKind::AgriculturalTrailer, 9_000, "2024-06-01"), Some(ApkRule::AgriculturalTrailer)),
        (three_wheeler(401), None),
    ];
    for (vehicle, rule) in cases {
        let assessment = unregistered(&vehicle, "2024-07-01");
        match rule {
            Some(_) => assert_eq!((assessment.status, assessment.rule), (ApkStatus::NotSubject, rule)),
            None => assert_eq!(assessment.rule, Some(ApkRule::DieselGasOther)),
        }
        assert_eq!(assessment.expiry.is_some(), rule.is_none(), "{vehicle:?}");
        assert_eq!(next_expiry(&vehicle, None, day("2026-06-01")).is_some(), rule.is_none(), "{vehicle:?}");
    }
}

#[test]
fn apk4_the_category_stands_in_for_kind_and_mass() {
    let by = |category, kind, max_mass_kg| {
        let vehicle = ApkVehicle { kind, eu_category: Some(category), max_mass_kg, ..diesel("2024-06-01") };
        unregistered(&vehicle, "2024-07-01").rule
    };
    let commercial = Some(VehicleKind::Commercial);
    for (category, rule) in [
        (EuCategory::M1, ApkRule::DieselGasOther),
        (EuCategory::M2, ApkRule::Bus),
        (EuCategory::N1, ApkRule::DieselGasOther),
        (EuCategory::N2, ApkRule::HeavyVehicle),
        (EuCategory::O2, ApkRule::LightTrailer),
        (EuCategory::O3, ApkRule::HeavyTrailer),
        (EuCategory::L3e, ApkRule::Motorcycle),
        (EuCategory::L6e, ApkRule::Moped),
    ] {
        assert_eq!(by(category, None, None), Some(rule), "{category:?}");
    }
    // A heavy quadricycle is judged as a three-wheeler, by its empty mass.
    let quad = ApkVehicle { kind: None, eu_category: Some(EuCategory::L7e), ..diesel("2024-06-01") };
    assert_eq!(unregistered(&quad, "2024-07-01").missing, [ApkMissing::EmptyMass]);
    let light = ApkVehicle { empty_mass_kg: Some(400), ..quad };
    assert_eq!(unregistered(&light, "2024-07-01").rule, Some(ApkRule::LightThreeWheeler));
    // The maximum mass in the register counts before the category.
    assert_eq!(by(EuCategory::N1, commercial, Some(3_501)), Some(ApkRule::HeavyVehicle));
    assert_eq!(by(EuCategory::N1, commercial, None), Some(ApkRule::DieselGasOther));
    assert_eq!(by(EuCategory::M1, commercial, None), None);
}

#[test]
fn apk5_a_diesel_as_seen_in_the_register() {
    let vehicle = diesel("2013-05-17");
    let inspected = |current: &str, on| next_expiry(&vehicle, Some(day(current)), day(on));
    assert_eq!(inspected("2024-05-17", "2024-03-28"), Some(day("2025-05-17")));
    assert_eq!(inspected("2026-05-17", "2026-03-19"), Some(day("2027-05-17")));
}

#[test]
fn apk5_the_two_month_window_keeps_the_anniversary() {
    let vehicle = diesel("2013-05-17");
    let cases = [
        ("2026-05-17", "2026-03-16", "2027-03-16"),
        ("2026-05-17", "2026-03-17", "2027-05-17"),
        ("2026-05-17", "2026-05-16", "2027-05-17"),
        ("2026-05-17", "2026-05-17", "2027-05-17"),
        ("2026-05-17", "2026-05-18", "2027-05-18"),
        // The end of the month.
        ("2026-05-31", "2026-05-01", "2027-05-31"),
        ("2026-04-30", "2026-02-28", "2027-04-30"),
        ("2024-02-01", "2024-02-29", "2025-02-28"),
    ];
    for (current, inspected_on, next) in cases {
        let got = next_expiry(&vehicle, Some(day(current)), day(inspected_on));
        assert_eq!(got, Some(day(next)), "{current} {inspected_on}");
    }
    // The first inspection has its window before the day the duty begins.
    let first = |inspected_on| next_expiry(&diesel("2023-05-17"), None, day(inspected_on)).unwrap();
    assert_eq!(first("2026-03-17"), day("2027-05-17"));
    assert_eq!(first("2026-03-16"), day("2027-03-16"));
    assert_eq!(first("2024-01-01"), day("2026-05-17"), "no certificate is needed until then");
}

#[test]
fn apk5_an_anniversary_on_the_28th_of_february_stays_there() {
    let vehicle = diesel("2020-02-29");
    let mut expiry = day("2023-02-28");
    let mut seen = vec![];
    for _ in 0..6 {
        expiry = next_expiry(&vehicle, Some(expiry), expiry).unwrap();
        seen.push(expiry.to_string());
    }
    assert_eq!(seen, ["2024-02-28", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-28", "2029-02-28"]);
    // A certificate of the 29th ends on the 28th in a common year.
    let next = next_expiry(&vehicle, Some(day("2024-02-29")), day("2024-02-29"));
    assert_eq!(next, Some(day("2025-02-28")));
}

#[test]
fn apk6_certificates_of_two_years_are_issued_under_seven_and_from_thirty() {
    let cases = [
        (petrol("2019-06-15"), "2026-06-14", "2028-06-14"),
        (petrol("2019-06-15"), "2026-06-15", "2027-06-15"),
        (petrol("2019-06-15"), "2026-06-16", "2027-06-16"),
        (diesel("2019-06-15"), "2026-06-14", "2027-06-14"),
        (diesel("1996-06-15"), "2026-06-14", "2027-06-14"),
        (diesel("1996-06-15"), "2026-06-15", "2028-06-15"),
        (diesel("1996-06-15"), "2026-06-16", "2028-06-16"),
        (ApkVehicle { taxi: Some(true), ..petrol("2019-06-15") }, "2026-06-14", "2027-06-14"),
        (ApkVehicle { taxi: Some(true), ..petrol("1996-06-15") }, "2026-06-16", "2027-06-16"),
        (ApkVehicle { ambulance: Some(true), ..petrol("1996-06-15") }, "2026-06-16", "2027-06-16"),
        (of_kind(VehicleKind::Bus, 3_400, "1996-06-15"), "2026-06-16", "2027-06-16"),
        (of_kind(VehicleKind::Commercial, 3_501, "1996-06-15"), "2026-06-16", "2027-06-16"),
        (of_kind(VehicleKind::Trailer, 3_501, "1996-06-15"), "2026-06-16", "2027-06-16"),
    ];
    for (vehicle, inspected_on, next) in cases {
        let got = next_expiry(&vehicle, Some(day("2025-01-01")), day(inspected_on));
        assert_eq!(got, Some(day(next)), "{inspected_on} {vehicle:?}");
    }
}

#[test]
fn apk7_a_petrol_car_goes_after_4_2_2_and_1() {
    let vehicle = petrol("2022-06-15");
    assert_eq!(expiries(&unregistered(&vehicle, "2022-07-01")), ["2028-06-15", "2030-06-15"]);
    assert_eq!(expiries(&registered(&vehicle, "2028-06-15", "2026-07-01")), ["2030-06-15", "2031-06-15"]);
    let next = registered(&vehicle, "2030-06-15", "2028-07-01").next;
    let rules: Vec<_> = next.iter().map(|expected| expected.rule).collect();
    assert_eq!(rules, [ApkRule::PetrolElectricFromSevenYears; 2]);
}

#[test]
fn apk7_the_best_moment_is_the_one_that_gives_most() {
    // A car that becomes seven within the window is best inspected before that day; one that becomes thirty, from that
    // day on.
    let cases = [
        (petrol("2019-06-15"), "2026-07-01", "2026-01-01", ("2026-05-01", "2026-06-14", "2028-07-01")),
        (diesel("1996-06-15"), "2026-07-01", "2026-01-01", ("2026-06-15", "2026-07-01", "2028-07-01")),
        (diesel("2013-05-17"), "2026-05-17", "2026-01-01", ("2026-03-17", "2026-05-17", "2027-05-17")),
        // Within the window, only the days that are left; after it, today.
        (diesel("2013-05-17"), "2026-05-17", "2026-04-02", ("2026-04-02", "2026-05-17", "2027-05-17")),
        (diesel("2013-05-17"), "2026-05-17", "2026-06-02", ("2026-06-02", "2026-06-02", "2027-06-02")),
    ];
    for (vehicle, expires_on, today, (from, by, next)) in cases {
        let expected = registered(&vehicle, expires_on, today).next[0];
        let got = (expected.inspect_from, expected.inspect_by, expected.expires_on);
        assert_eq!(got, (day(from), day(by), day(next)), "{vehicle:?}");
    }
}

#[test]
fn apk7_beside_the_best_day_stands_a_safe_plan() {
    // The car becomes seven on the second day of the window, which is a Monday: the best day is a single Sunday.
    let vehicle = petrol("2019-11-16");
    let next = registered(&vehicle, "2027-01-15", "2026-10-01").next[0];
    assert_eq!(
        (next.inspect_from, next.inspect_by, next.expires_on),
        (day("2026-11-15"), day("2026-11-15"), day("2029-01-15"))
    );
    assert_eq!(next.inspect_from.weekday(), jiff::civil::Weekday::Sunday);
    let plan =
        |from: &str, by: &str, on: &str| SafePlan { inspect_from: day(from), inspect_by: day(by), expires_on: day(on) };
    assert_eq!(next.safe, plan("2026-11-15", "2027-01-15", "2028-01-15"));
    // Usually all days are the best ones; and when the window is over, today is.
    let next = registered(&diesel("2013-05-17"), "2026-05-17", "2026-01-01").next[0];
    assert_eq!(next.safe, plan("2026-03-17", "2026-05-17", "2027-05-17"));
    let late = registered(&diesel("2013-05-17"), "2026-05-17", "2026-06-02").next[0];
    assert_eq!(late.safe, plan("2026-06-02", "2026-06-02", "2027-06-02"));
}

#[test]
fn apk8_fifty_years_exempt() {
    let vehicle = petrol("1976-06-15");
    for (today, status) in
        [("2026-06-14", ApkStatus::Valid), ("2026-06-15", ApkStatus::Exempt), ("2026-06-16", ApkStatus::Exempt)]
    {
        let assessment = registered(&vehicle, "2026-09-01", today);
        assert_eq!((assessment.status, assessment.next), (status, vec![]), "{today}");
        assert_eq!(assessment.exempt_from, Some(day("2026-06-15")));
    }
    // Not before 2021.
    let older = petrol("1965-01-01");
    assert_eq!(registered(&older, "2021-03-01", "2020-12-31").status, ApkStatus::Valid);
    assert_eq!(registered(&older, "2021-03-01", "2021-01-01").status, ApkStatus::Exempt);
    // A certificate that expires on the day before is enough; one that expires a day earlier is not.
    assert_eq!(registered(&vehicle, "2026-06-14", "2026-06-01").next, []);
    assert_eq!(expiries(&registered(&vehicle, "2026-06-13", "2026-06-01")), ["2028-06-13"]);
    let exempt = |vehicle: &ApkVehicle| registered(vehicle, "2026-09-01", "2026-07-01").status == ApkStatus::Exempt;
    assert!(exempt(&of_kind(VehicleKind::Commercial, 7_500, "1976-06-15")));
    assert!(exempt(&of_kind(VehicleKind::Trailer, 7_500, "1976-06-15")));
    assert!(exempt(&ApkVehicle { ambulance: Some(true), ..petrol("1976-06-15") }));
    assert!(!exempt(&ApkVehicle { taxi: Some(true), ..petrol("1976-06-15") }));
    assert!(!exempt(&of_kind(VehicleKind::Bus, 7_500, "1976-06-15")));
}

#[test]
fn apk9_a_lifted_duty() {
    for (lifted, status, rule) in [
        (DutyLift::Suspended, ApkStatus::Suspended, ApkRule::Suspended),
        (DutyLift::DealerStock, ApkStatus::Suspended, ApkRule::DealerStock),
        (DutyLift::Exported, ApkStatus::NotSubject, ApkRule::Exported),
        (DutyLift::Foreign, ApkStatus::NotSubject, ApkRule::Foreign),
        (DutyLift::OwnGrounds, ApkStatus::NotSubject, ApkRule::OwnGrounds),
    ] {
        let vehicle = ApkVehicle { lifted: Some(lifted), ..diesel("2013-05-17") };
        let assessment = registered(&vehicle, "2026-05-17", "2026-06-01");
        assert_eq!((assessment.status, assessment.rule), (status, Some(rule)));
        assert_eq!((assessment.inspectable_from, assessment.next), (None, vec![]));
        assert_eq!(assessment.expiry.map(|expiry| expiry.expires_on), Some(day("2026-05-17")));
        assert_eq!(next_expiry(&vehicle, None, day("2026-06-01")), Some(day("2027-06-01")));
    }
}

#[test]
fn apk2_nobody_is_told_that_a_certificate_expired_by_the_law_alone() {
    // Admitted abroad, and in the Netherlands since this month: its certificate from abroad is not known here.
    let imported = unregistered(&petrol("2021-04-12"), "2026-11-30");
    assert_eq!((imported.status, imported.expiry, imported.next), (ApkStatus::Unknown, None, vec![]));
    assert_eq!((imported.rule, imported.missing), (Some(ApkRule::PetrolElectric), vec![ApkMissing::Certificate]));
    // Nor by an inspection whose certificate is not known: another may have followed.
    let (vehicle, inspections) = (diesel("2013-05-17"), [day("2025-05-02")]);
    let facts = ApkFacts { vehicle: &vehicle, register: None, garage: None, inspections: &inspections };
    assert_eq!(assess(&facts, day("2026-05-02")).status, ApkStatus::Inspectable);
    assert_eq!(assess(&facts, day("2026-05-03")).status, ApkStatus::Unknown);
}

#[test]
fn apk4_a_tractor_goes_after_4_and_2_since_2021() {
    let vehicle = tractor(50_000, "2024-06-01");
    assert_eq!(expiries(&unregistered(&vehicle, "2024-07-01")), ["2030-06-01", "2032-06-01"]);
    // One that was four years old when the duty began is due by then.
    let older = unregistered(&tractor(50_000, "2010-06-01"), "2021-01-01");
    assert_eq!(older.expiry.map(|expiry| expiry.expires_on), Some(TRACTORS_SINCE));
    let oldtimer = unregistered(&tractor(50_000, "1970-06-01"), "2026-01-01");
    assert_eq!((oldtimer.status, oldtimer.rule), (ApkStatus::Exempt, Some(ApkRule::FiftyYears)));
}

fn electric_van(max_mass_kg: i64) -> ApkVehicle {
    ApkVehicle { fuels: vec![Fuel::Electric], ..of_kind(VehicleKind::Commercial, max_mass_kg, "2024-06-01") }
}

#[test]
fn apk10_what_is_missing_is_named() {
    let commercial = ApkVehicle { max_mass_kg: None, ..of_kind(VehicleKind::Commercial, 0, "2024-06-01") };
    let cases = [
        (ApkVehicle::default(), vec![ApkMissing::Kind]),
        (commercial, vec![ApkMissing::MaxMass]),
        (ApkVehicle { max_mass_kg: None, ..of_kind(VehicleKind::Trailer, 0, "2024-06-01") }, vec![ApkMissing::MaxMass]),
        (of_kind(VehicleKind::ThreeWheeler, 800, "2024-06-01"), vec![ApkMissing::EmptyMass]),
        (ApkVehicle { admitted_on: None, ..petrol("2024-06-01") }, vec![ApkMissing::FirstAdmission]),
        (car("2024-06-01", &[]), vec![ApkMissing::Fuel]),
        (
            ApkVehicle { admitted_on: None, ..car("2024-06-01", &[]) },
            vec![ApkMissing::FirstAdmission, ApkMissing::Fuel],
        ),
        (of_kind(VehicleKind::Other, 800, "2024-06-01"), vec![ApkMissing::Rule]),
        (of_kind(VehicleKind::Tractor, 9_000, "2024-06-01"), vec![ApkMissing::MaxSpeed]),
        (electric_van(3_501), vec![ApkMissing::RuleUncertain]),
        (electric_van(4_250), vec![ApkMissing::RuleUncertain]),
        (ApkVehicle { fuels: vec![], ..electric_van(4_250) }, vec![ApkMissing::Fuel]),
    ];
    for (vehicle, missing) in cases {
        let bare = unregistered(&vehicle, "2026-07-01");
        assert_eq!((bare.status, bare.rule, bare.missing), (ApkStatus::Unknown, None, missing.clone()), "{vehicle:?}");
        // The register's date still counts.
        let known = registered(&vehicle, "2026-09-01", "2026-07-01");
        assert_eq!((known.status, known.missing, known.next), (ApkStatus::Inspectable, missing, vec![]));
    }
    // Lighter and heavier electric vans have the rules of all others, and so have those that do not run on electricity alone.
    let rule = |vehicle: &ApkVehicle| unregistered(vehicle, "2024-07-01").rule;
    assert_eq!(rule(&electric_van(3_500)), Some(ApkRule::PetrolElectric));
    assert_eq!(rule(&electric_van(4_251)), Some(ApkRule::HeavyVehicle));
    let hybrid = ApkVehicle { fuels: vec![Fuel::Diesel, Fuel::Electric], ..electric_van(3_501) };
    assert_eq!(rule(&hybrid), Some(ApkRule::HeavyVehicle));
    // A car without a mass counts as light, and from thirty years on fuel makes no difference.
    assert!(unregistered(&ApkVehicle { max_mass_kg: None, ..petrol("2024-06-01") }, "2024-07-01").rule.is_some());
    assert_eq!(unregistered(&car("1990-06-01", &[]), "2024-07-01").rule, Some(ApkRule::ThirtyYears));
}

#[test]
fn apk5_where_the_calendar_ends_there_is_no_next_certificate() {
    let bus = ApkVehicle { kind: Some(VehicleKind::Bus), ..diesel("1950-01-01") };
    assert_eq!(next_expiry(&bus, Some(day("1950-01-01")), day("9999-01-01")), None);
    assert_eq!(next_expiry(&bus, Some(day("1950-01-01")), day("9998-12-31")), Some(day("9999-12-31")));
    assert_eq!(registered(&bus, "1950-01-01", "9999-01-01").next, []);
}
