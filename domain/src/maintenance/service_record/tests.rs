use super::*;
use crate::{ids::FleetId, recommendation::Urgency};
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

const TODAY: Date = date(2026, 11, 28);

fn amount(net_cents: i64, rate: &str) -> LineAmount {
    LineAmount { net_cents, vat_rate: VatRate::parse(rate).unwrap() }
}

fn line(task: &str, amount: impl Into<Option<LineAmount>>) -> ServiceLine {
    let amount = amount.into();
    let (task, kind) = (TaskKey::find(task), LineKind::Labour);
    ServiceLine { task, position: None, text: None, kind, quantity: Quantity::ONE, amount }
}

/// The day of the records.
const DONE_ON: Date = date(2026, 11, 27);
/// When all is written down on that day.
const MORNING: Happened = Happened { on: DONE_ON, at: Instant::UNIX_EPOCH };

fn record(lines: Vec<ServiceLine>) -> ServiceRecord {
    ServiceRecord {
        id: ServiceRecordId(Uuid::from_u128(1)),
        vehicle_id: VehicleId(Uuid::from_u128(2)),
        garage_id: GarageId(Uuid::from_u128(3)),
        origin: RecordOrigin::Garage,
        done_on: DONE_ON,
        reading: None,
        odometer_km: Some(88_000),
        mechanic: None,
        place: None,
        lines,
        currency: Currency::EUR,
        invoice_number: None,
        note: None,
        owner: None,
        replaces: None,
        recorded_at: Instant::UNIX_EPOCH,
        stands_at: Instant::UNIX_EPOCH,
        by: None,
    }
}

fn check(record: &ServiceRecord) -> Result<(), ServiceRecordRefusal> {
    record.check(&RecordedCar::default(), None, None, TODAY)
}

#[test]
fn sr1_quantities_and_rates_are_exact_decimals() {
    for (input, shown) in [("1", "1"), ("4.500", "4.5"), ("-0.75", "-0.75"), ("0.001", "0.001"), ("100000", "100000")] {
        assert_eq!(Quantity::parse(input).unwrap().to_string(), shown, "{input}");
    }
    for bad in [
        "",
        "0",
        "0.000",
        "1,5",
        "1e3",
        "NaN",
        "+1",
        "1.0001",
        "100000.001",
        "--1",
        ".",
        "1 ",
        "٣",
        "-",
        "1.",
        ".5",
        "021",
        "-01",
    ] {
        assert!(Quantity::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(VatRate::parse("21.00").unwrap(), VatRate::parse("21").unwrap());
    for bad in ["-1", "100.01", "9.999", "19%", "21.000", "021", "21."] {
        assert!(VatRate::parse(bad).is_err(), "{bad}");
    }
    assert!(LineAmount::check_net(MAX_CENTS + 1).is_err() && LineAmount::check_net(-MAX_CENTS).is_ok());
}

#[test]
fn sr1_vat_is_rounded_once_for_each_rate_half_away_from_zero() {
    // Each line alone gives 0.525 cents, rounded to 1; together they give 1.05, which is 1.
    let lines = vec![line("wipers", amount(250, "0.21")), line("lights", amount(250, "0.21"))];
    let totals = record(lines).totals().unwrap();
    assert_eq!((totals.net_cents, totals.vat_cents, totals.gross_cents), (500, 1, 501));
    let half = |net| Totals::of(&[LineAmount { net_cents: net, vat_rate: VatRate::parse("5").unwrap() }]).vat_cents;
    assert_eq!([half(10), half(30), half(-10), half(-30), half(9)], [1, 2, -1, -2, 0]);
    let mixed = record(vec![line("wipers", amount(10_000, "21")), line("lights", amount(5_000, "9"))]);
    assert_eq!(mixed.totals().unwrap(), Totals { net_cents: 15_000, vat_cents: 2_550, gross_cents: 17_550 });
    assert_eq!(record(vec![line("wipers", None)]).totals(), None);
}

#[test]
fn sr1_totals_equal_their_lines_to_the_cent() {
    let record = record(vec![line("wipers", amount(1_000, "21"))]);
    let stated = |gross_cents| Totals { net_cents: 1_000, vat_cents: 210, gross_cents };
    let check = |stated| record.check(&RecordedCar::default(), Some(&stated), None, TODAY);
    assert_eq!(check(stated(1_210)), Ok(()));
    assert_eq!(check(stated(1_211)), Err(ServiceRecordRefusal::TotalsDiffer));
}

#[test]
fn sr1_all_lines_have_amounts_or_none() {
    let lines = vec![line("wipers", amount(1_000, "21")), line("lights", None)];
    assert_eq!(check(&record(lines)), Err(ServiceRecordRefusal::AmountsIncomplete));
    assert_eq!(check(&record(vec![line("wipers", None), line("lights", None)])), Ok(()));
}

#[test]
fn sr1_an_unusual_rate_and_a_credit_are_named() {
    let netherlands = |lines, done_on| ServiceRecord { done_on, ..record(lines) }.warnings(Country::NL);
    let at = |rate, day| netherlands(vec![line("wipers", amount(1_000, rate))], day);
    assert_eq!(at("19", date(2026, 1, 1)), [ServiceRecordWarning::VatRateUnusual]);
    assert_eq!(at("19", date(2012, 9, 30)), []);
    assert_eq!(at("19", date(2012, 10, 1)), [ServiceRecordWarning::VatRateUnusual]);
    assert_eq!(at("21", date(2026, 1, 1)), []);
    assert_eq!(at("0", date(2026, 1, 1)), []);
    let credit = ServiceLine { quantity: Quantity::parse("-1").unwrap(), ..line("wipers", amount(-1_000, "21")) };
    assert_eq!(netherlands(vec![credit], date(2026, 1, 1)), [ServiceRecordWarning::Credit]);
    let belgian = record(vec![line("wipers", amount(1_000, "19"))]).warnings(Country::parse("BE").unwrap());
    assert_eq!(belgian, []);
}

#[test]
fn sr2_a_correction_replaces_a_record_of_the_same_garage_once() {
    let correction = ServiceRecord { replaces: Some(ServiceRecordId(Uuid::from_u128(9))), ..record(vec![]) };
    let replaced = ToReplace {
        garage_id: correction.garage_id,
        vehicle_id: correction.vehicle_id,
        origin: RecordOrigin::Garage,
        by: None,
        happened: MORNING,
        is_replaced: false,
    };
    let check = |replaced: Option<ToReplace>| correction.check(&RecordedCar::default(), None, replaced.as_ref(), TODAY);
    assert_eq!(check(Some(replaced)), Ok(()));
    let again = ToReplace { is_replaced: true, ..replaced };
    assert_eq!(check(Some(again)), Err(ServiceRecordRefusal::AlreadyReplaced));
    let unknown = Err(ServiceRecordRefusal::ReplacesUnknown);
    assert_eq!(check(None), unknown);
    assert_eq!(check(Some(ToReplace { garage_id: GarageId(Uuid::from_u128(8)), ..replaced })), unknown);
    assert_eq!(check(Some(ToReplace { vehicle_id: VehicleId(Uuid::from_u128(8)), ..replaced })), unknown);
    assert_eq!(check(Some(ToReplace { origin: RecordOrigin::Declared, ..replaced })), unknown);
}

#[test]
fn sr3_a_record_closes_what_it_does_and_what_that_includes() {
    let advice = |task: &str, position: Option<&str>| Advice {
        task: TaskKey::find(task),
        position: position.map(|code| Position::from_code(code).unwrap()),
        urgency: Urgency::Attention,
        text: "x".into(),
        found: vec![],
        expected_on: None,
    };
    let service = record(vec![line("large_service", None)]);
    assert!(
        service.closes(&advice("large_service", None), MORNING)
            && service.closes(&advice("oil_and_filter", None), MORNING)
    );
    assert!(
        !service.closes(&advice("brake_fluid", None), MORNING) && !service.closes(&advice("no_task", None), MORNING)
    );
    assert!(service.has_done(TaskKey::find("air_filter").unwrap()));
    let at =
        |position: &str| ServiceLine { position: Some(Position::from_code(position).unwrap()), ..line("tyres", None) };
    let tyre = record(vec![at("front_left")]);
    assert!(tyre.closes(&advice("tyres", Some("front_left")), MORNING));
    assert!(
        !tyre.closes(&advice("tyres", Some("front_right")), MORNING) && !tyre.closes(&advice("tyres", None), MORNING)
    );
    assert!(record(vec![line("tyres", None)]).closes(&advice("tyres", Some("front_right")), MORNING));
    let axle = record(vec![at("front")]);
    assert!(
        axle.closes(&advice("tyres", Some("front_left")), MORNING)
            && axle.closes(&advice("tyres", Some("front")), MORNING)
    );
    assert!(
        !axle.closes(&advice("tyres", Some("rear_left")), MORNING) && !axle.closes(&advice("tyres", None), MORNING)
    );
    // The axle is in the name of the task: its left is the front left, and its whole is the front.
    let pads = |position: &str| record(vec![ServiceLine { task: TaskKey::find("brake_pads_front"), ..at(position) }]);
    for (done, advised, does) in [
        ("front", "left", true),
        ("front_left", "left", true),
        ("left", "front_left", true),
        ("front", "front_right", true),
        ("front_right", "left", false),
        ("rear", "left", false),
    ] {
        let closes = pads(done).closes(&advice("brake_pads_front", Some(advised)), MORNING);
        assert_eq!(closes, does, "{done} {advised}");
    }
    assert!(advice("brake_pads_front", Some("left")).is_same_work(&advice("brake_pads_front", Some("front_left"))));
    assert!(!advice("tyres", Some("left")).is_same_work(&advice("tyres", Some("front_left"))));
    // What was done before the advice was given does not do it, and what was done on the day does.
    let before = ServiceRecord { done_on: DONE_ON.yesterday().unwrap(), ..record(vec![line("tyres", None)]) };
    assert!(
        !before.closes(&advice("tyres", None), MORNING) && before.closes(&advice("tyres", None), before.happened())
    );
    // What was credited was not done, by its quantity or by its amount.
    let vat_rate = VatRate::parse("21").unwrap();
    let returned = ServiceLine { amount: Some(LineAmount { net_cents: -10_000, vat_rate }), ..line("tyres", None) };
    assert!(!record(vec![returned.clone()]).closes(&advice("tyres", None), MORNING));
    assert!(!record(vec![returned]).has_done(TaskKey::find("tyres").unwrap()));
    let credit = ServiceLine { quantity: Quantity::parse("-1").unwrap(), ..line("tyres", None) };
    assert!(!record(vec![credit]).closes(&advice("tyres", None), MORNING));
}

#[test]
fn sr4_what_an_owner_writes_down_was_done_elsewhere() {
    let declared = ServiceRecord { origin: RecordOrigin::Declared, ..record(vec![]) };
    assert_eq!([declared.check_origin(true, None), declared.check_origin(false, None)], [Ok(()), Ok(())]);
    assert_eq!(record(vec![]).check_origin(true, None), Ok(()));
    assert_eq!(record(vec![]).check_origin(false, None), Err(ServiceRecordRefusal::DeclaredOnly));
}

#[test]
fn sr4_an_owner_corrects_what_they_wrote_down_themselves() {
    let (jan, piet) = (AccountId(Uuid::from_u128(5)), AccountId(Uuid::from_u128(6)));
    let declared = ServiceRecord { origin: RecordOrigin::Declared, by: Some(jan), ..record(vec![]) };
    let (garage_id, vehicle_id, origin) = (declared.garage_id, declared.vehicle_id, declared.origin);
    let by = |by| ToReplace { garage_id, vehicle_id, origin, by, happened: MORNING, is_replaced: false };
    assert_eq!(declared.check_origin(false, Some(&by(Some(jan)))), Ok(()));
    for other in [Some(piet), None] {
        assert_eq!(declared.check_origin(false, Some(&by(other))), Err(ServiceRecordRefusal::NotYours));
        assert_eq!(declared.check_origin(true, Some(&by(other))), Ok(()));
    }
    let imported = ServiceRecord { by: None, ..declared };
    assert_eq!(imported.check_origin(false, Some(&by(None))), Err(ServiceRecordRefusal::NotYours));
}

#[test]
fn sr4_so_much_is_declared_within_a_day_and_ever() {
    let declared = ServiceRecord { origin: RecordOrigin::Declared, ..record(vec![]) };
    let before = |today, ever| DeclaredBefore { today, ever };
    let full = before(MAX_DECLARED_A_DAY, MAX_DECLARED_A_DAY);
    assert_eq!(declared.check_declared(false, before(MAX_DECLARED_A_DAY - 1, MAX_DECLARED - 1)), Ok(()));
    assert_eq!(declared.check_declared(false, full), Err(ServiceRecordRefusal::DeclaredTooManyToday));
    assert_eq!(declared.check_declared(true, full), Ok(()), "the garage may write down what its customers bring");
    for by_garage in [true, false] {
        let ever = declared.check_declared(by_garage, before(0, MAX_DECLARED));
        assert_eq!(ever, Err(ServiceRecordRefusal::DeclaredTooMany));
    }
    assert_eq!(record(vec![]).check_declared(true, before(0, MAX_DECLARED)), Ok(()));
}

#[test]
fn sr6_the_number_of_an_invoice_is_that_of_one_record() {
    let (one, other) = (ServiceRecordId(Uuid::from_u128(8)), ServiceRecordId(Uuid::from_u128(9)));
    let invoice = ServiceRecord { invoice_number: Some("2026-1".into()), ..record(vec![]) };
    assert_eq!(invoice.check_invoice(None), Ok(()));
    assert_eq!(invoice.check_invoice(Some(one)), Err(ServiceRecordRefusal::InvoiceKnown));
    let correction = ServiceRecord { replaces: Some(one), ..invoice.clone() };
    assert_eq!(correction.check_invoice(Some(one)), Ok(()));
    assert_eq!(correction.check_invoice(Some(other)), Err(ServiceRecordRefusal::InvoiceKnown));
    assert_eq!(invoice.own_invoice(), Some("2026-1"));
    assert_eq!(ServiceRecord { origin: RecordOrigin::Declared, ..invoice }.own_invoice(), None);
}

#[test]
fn sr5_what_it_cost_stays_with_who_owned_the_car_then() {
    let (seller, buyer) = (AccountId(Uuid::from_u128(5)), AccountId(Uuid::from_u128(6)));
    let record = ServiceRecord { owner: Some(RecordOwner::Driver(seller)), ..record(vec![]) };
    assert!(record.shows_amounts(&RecordReader::Owner(RecordOwner::Driver(seller))));
    assert!(record.shows_amounts(&RecordReader::Garage(record.garage_id)));
    assert!(!record.shows_amounts(&RecordReader::Owner(RecordOwner::Driver(buyer))));
    assert!(!record.shows_amounts(&RecordReader::Owner(RecordOwner::Fleet(FleetId(Uuid::from_u128(5))))));
    assert!(!record.shows_amounts(&RecordReader::Garage(GarageId(Uuid::from_u128(8)))));
    assert!(!record.shows_amounts(&RecordReader::Other));
    let nobodys = ServiceRecord { owner: None, ..record };
    assert!(!nobodys.shows_amounts(&RecordReader::Owner(RecordOwner::Driver(seller))));
}

#[test]
fn sr5_what_was_done_goes_with_the_car_and_what_was_written_and_paid_does_not() {
    let (seller, fleet) = (RecordOwner::Driver(AccountId(Uuid::from_u128(5))), FleetId(Uuid::from_u128(6)));
    let worded = ServiceLine { text: Some("Bosch".into()), ..line("tyres", amount(1_000, "21")) };
    let priced = ServiceLine { text: Some("nu voor 9,95".into()), ..worded.clone() };
    let record = |owner| ServiceRecord {
        owner: Some(owner),
        mechanic: Some("Kees".into()),
        invoice_number: Some("2026-1".into()),
        note: Some("Mevrouw Jansen belt terug".into()),
        ..record(vec![worded.clone(), priced.clone()])
    };
    let whole = record(seller);
    assert_eq!(whole.clone().as_seen_by(&RecordReader::Owner(seller)), whole);
    assert_eq!(whole.clone().as_seen_by(&RecordReader::Garage(whole.garage_id)), whole);
    let texts = |record: &ServiceRecord| record.lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    let others = [
        RecordReader::Other,
        RecordReader::Owner(RecordOwner::Fleet(fleet)),
        RecordReader::Garage(GarageId(Uuid::from_u128(8))),
        RecordReader::DriverOf(fleet),
    ];
    for reader in others {
        let seen = whole.clone().as_seen_by(&reader);
        assert_eq!((seen.totals(), &seen.invoice_number, &seen.note, &seen.mechanic), (None, &None, &None, &None));
        assert_eq!(texts(&seen), [None, None]);
        assert_eq!(
            (seen.done_on, seen.odometer_km, seen.garage_id),
            (whole.done_on, whole.odometer_km, whole.garage_id)
        );
        assert_eq!(seen.tasks().collect::<Vec<_>>(), whole.tasks().collect::<Vec<_>>());
    }
    // The driver of a car that was the fleet's then reads all but amounts.
    let of_fleet = record(RecordOwner::Fleet(fleet));
    let seen = of_fleet.clone().as_seen_by(&RecordReader::DriverOf(fleet));
    assert_eq!((seen.totals(), &seen.invoice_number), (None, &None));
    assert_eq!((&seen.note, &seen.mechanic), (&of_fleet.note, &of_fleet.mechanic));
    assert_eq!(texts(&seen), [Some("Bosch".to_owned()), None]);
}

#[test]
fn sr6_not_before_first_admission_and_not_in_the_future() {
    let on = |done_on| ServiceRecord { done_on, ..record(vec![]) };
    let car = RecordedCar { admitted_on: Some(date(2019, 5, 17)), fuel: None };
    let check = |day| on(day).check(&car, None, None, TODAY);
    assert_eq!(check(date(2019, 5, 16)), Err(ServiceRecordRefusal::BeforeFirstAdmission));
    assert_eq!([check(date(2019, 5, 17)), check(TODAY)], [Ok(()), Ok(())]);
    assert_eq!(check(date(2026, 11, 29)), Err(ServiceRecordRefusal::InFuture));
}

#[test]
fn ms4_a_record_names_no_task_that_makes_no_sense_for_the_car() {
    let car = RecordedCar { admitted_on: None, fuel: Some(Fuel::Electric) };
    let check = |task| record(vec![line(task, None)]).check(&car, None, None, TODAY);
    assert_eq!(check("spark_plugs"), Err(ServiceRecordRefusal::TaskNotForFuel));
    assert_eq!(check("tyres"), Ok(()));
}

proptest! {
    /// The order of lines changes no sum, and what is credited line by line leaves nothing.
    #[test]
    fn sr1_sums_depend_on_no_order(cents in proptest::collection::vec((-100_000..100_000_i64, 0..3_usize), 1..20)) {
        let rates = ["0", "9", "21"];
        let amounts: Vec<_> = cents.iter().map(|(net, rate)| amount(*net, rates[*rate])).collect();
        let reversed: Vec<_> = amounts.iter().rev().copied().collect();
        let totals = Totals::of(&amounts);
        prop_assert_eq!(totals, Totals::of(&reversed));
        prop_assert_eq!(totals.gross_cents, totals.net_cents + totals.vat_cents);
        let credits: Vec<_> = amounts.iter().map(|a| LineAmount { net_cents: -a.net_cents, ..*a }).collect();
        let credit = Totals::of(&credits);
        prop_assert_eq!(totals.gross_cents + credit.gross_cents, 0);
        let both: Vec<_> = amounts.into_iter().chain(credits).collect();
        prop_assert_eq!(Totals::of(&both), Totals { net_cents: 0, vat_cents: 0, gross_cents: 0 });
    }
}

#[test]
fn sr7_a_record_says_the_same_whoever_wrote_it_down() {
    let said = ServiceRecord {
        mechanic: Some("Kees".into()),
        invoice_number: Some("2019-7".into()),
        note: Some("Tot ziens".into()),
        ..record(vec![line("oil_and_filter", amount(10_000, "21"))])
    };
    let again = ServiceRecord {
        id: ServiceRecordId(Uuid::from_u128(9)),
        reading: Some(OdometerReadingId(Uuid::from_u128(8))),
        owner: Some(RecordOwner::Driver(AccountId(Uuid::from_u128(7)))),
        replaces: Some(ServiceRecordId(Uuid::from_u128(6))),
        recorded_at: Instant::from_second(1).unwrap(),
        by: Some(AccountId(Uuid::from_u128(5))),
        ..said.clone()
    };
    assert!(said.says_same(&again) && again.says_same(&said));
    let others = [
        ServiceRecord { vehicle_id: VehicleId(Uuid::from_u128(4)), ..said.clone() },
        ServiceRecord { garage_id: GarageId(Uuid::from_u128(4)), ..said.clone() },
        ServiceRecord { origin: RecordOrigin::Declared, ..said.clone() },
        ServiceRecord { done_on: TODAY, ..said.clone() },
        ServiceRecord { odometer_km: None, ..said.clone() },
        ServiceRecord { mechanic: None, ..said.clone() },
        ServiceRecord { place: Some("Elders".into()), ..said.clone() },
        ServiceRecord { lines: vec![line("oil_and_filter", amount(10_001, "21"))], ..said.clone() },
        ServiceRecord { lines: vec![], ..said.clone() },
        ServiceRecord { invoice_number: None, ..said.clone() },
        ServiceRecord { note: None, ..said.clone() },
    ];
    for other in others {
        assert!(!said.says_same(&other) && !other.says_same(&said), "{other:?}");
    }
}
