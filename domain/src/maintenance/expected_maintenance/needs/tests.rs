use super::*;
use crate::{
    Instant,
    car_status::{CarStatus, Standing},
    check_template,
    expected_maintenance::DueStatus,
    ids::{OdometerReadingId, VehicleId},
    licence_plate::LicencePlate,
    maintenance_schedule::{
        CountsFrom, Interval, Recurrence, ScheduleLimits, ScheduleOwner, ScheduleTerms, ScheduledCar, choose, platform,
    },
    odometer::{Distance, DistanceUnit, ReadingSource},
    register::{RecallDetail, RegisterData, RegisteredFuel},
    value::Country,
};
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

const SINCE: Date = date(2026, 1, 10);

fn task(key: &str) -> TaskKey {
    TaskKey::find(key).unwrap()
}

fn vehicle(fuel: Option<Fuel>, year: Option<i64>) -> Vehicle {
    let plate = LicencePlate::parse(Country::NL, "TT601D").unwrap();
    let id = VehicleId(Uuid::from_u128(20));
    Vehicle { id, plate, make: None, model: None, year, fuel, vin: None, odometer_km: None }
}

fn reading(number: u128, on: Date, km: i64) -> OdometerReading {
    OdometerReading {
        id: OdometerReadingId(Uuid::from_u128(number)),
        shown: Distance::new(km, DistanceUnit::Km).unwrap(),
        read_on: on,
        recorded_at: Instant::UNIX_EPOCH,
        source: ReadingSource::Garage,
        by: None,
        replaces: None,
        start: None,
        confirmed: false,
    }
}

fn registered(apk_expires_on: Option<Date>) -> Registration {
    let data = RegisterData {
        kind: Some(crate::apk::VehicleKind::Car),
        max_mass_kg: Some(1_900),
        admitted_on: Some(date(2016, 6, 1)),
        apk_expires_on,
        fuels: vec![RegisteredFuel { fuel: Fuel::Diesel, power_w: None, co2_g_per_km: None }],
        ..RegisterData::default()
    };
    Registration::new(vehicle(None, None).plate).answered(Some(data), Instant::UNIX_EPOCH).0
}

/// A car with all that can be known of it.
#[derive(Clone, Debug)]
struct Car {
    vehicle: Vehicle,
    registration: Option<Registration>,
    lift: Option<EnteredLift>,
    readings: Vec<OdometerReading>,
    before: Vec<OdometerReading>,
    records: CarRecords,
    own: Vec<MaintenanceSchedule>,
}

impl Car {
    fn new(vehicle: Vehicle) -> Self {
        let (readings, before, own) = (vec![], vec![], vec![]);
        Self { vehicle, registration: None, lift: None, readings, before, records: CarRecords::default(), own }
    }

    fn needs(&self) -> CarNeeds {
        let register = self.registration.as_ref().and_then(|known| known.data.as_ref());
        let car = ScheduledCar::of(&self.vehicle, register, None);
        gather(&KnownCar {
            vehicle: &self.vehicle,
            known_since: SINCE,
            registration: self.registration.as_ref(),
            lift: self.lift.as_ref(),
            readings: &self.readings,
            readings_before: &self.before,
            records: &self.records,
            chosen: &choose(platform().iter().chain(&self.own), &car),
        })
    }

    fn need(&self, task: TaskKey) -> Option<(Need, About)> {
        let needs = self.needs();
        let found = needs.needs.iter().position(|need| need.task == Some(task))?;
        Some((needs.needs[found].clone(), needs.about[found].clone()))
    }
}

fn own(task: TaskKey, rule: ScheduleRule) -> MaintenanceSchedule {
    let owner = ScheduleOwner::Garage(crate::ids::GarageId(Uuid::from_u128(1)));
    let id = Some(MaintenanceScheduleId(Uuid::from_u128(7)));
    let terms = ScheduleTerms { task, limits: ScheduleLimits::default(), rule };
    MaintenanceSchedule { id, owner, terms, source: None, version: 1 }
}

fn every(months: i64) -> ScheduleRule {
    let then = Interval::new(Some(months), None).unwrap();
    ScheduleRule::Every(Recurrence { first: None, then, counts_from: CountsFrom::Completion })
}

fn advice(urgency: Urgency, task: Option<TaskKey>) -> OpenAdvice {
    let id = RecommendationId(Uuid::from_u128(3));
    let advice = Advice { task, position: None, urgency, text: "Vervangen".into(), found: vec![], expected_on: None };
    OpenAdvice { id, advice, advised_on: date(2026, 2, 1) }
}

#[test]
fn em1_each_need_says_where_it_comes_from() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2016)));
    car.registration = Some(registered(Some(date(2026, 6, 1))));
    car.own = vec![own(task("brake_fluid"), every(12)), own(task("cabin_filter"), ScheduleRule::Never)];
    car.records.done = vec![TaskDone { task: task("large_service"), on: date(2025, 3, 1), km: Some(90_000) }];
    let (need, about) = car.need(task("brake_fluid")).unwrap();
    assert_eq!(about, About::Schedule(ScheduleLevel::Garage, Some(MaintenanceScheduleId(Uuid::from_u128(7)))));
    assert_eq!(need.source, ItemSource::Schedule);
    let (service, about) = car.need(task("large_service")).unwrap();
    assert_eq!((about, service.due.assumed), (About::Schedule(ScheduleLevel::Platform, None), false));
    assert_eq!((service.due.on, service.due.km), (Some(date(2027, 3, 1)), Some(120_000)));
    // What was switched off, and what makes no sense for the car.
    assert_eq!((car.need(task("cabin_filter")), car.need(task("spark_plugs"))), (None, None));
    let (apk, about) = car.need(TaskKey::APK).unwrap();
    assert_eq!((apk.due, about), (Due::by_law(date(2026, 6, 1)), About::Apk(ApkSource::Register)));
}

#[test]
fn em1_a_task_is_done_with_one_that_includes_it() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2016)));
    let included = task("large_service").task().unwrap().includes().find(|one| car.need(*one).is_some());
    let (service, oil) = (task("large_service"), included.unwrap_or_else(|| task("oil_and_filter")));
    assert!(service.includes(oil));
    car.own = vec![own(oil, every(12))];
    assert!(car.need(oil).unwrap().0.due.assumed);
    car.records.done = vec![TaskDone { task: service, on: date(2025, 11, 5), km: None }];
    let due = car.need(oil).unwrap().0.due;
    assert_eq!((due.on, due.assumed), (Some(date(2026, 11, 5)), false));
    // The later of two counts, whichever comes first in the list.
    car.records.done.insert(0, TaskDone { task: oil, on: date(2026, 1, 5), km: None });
    car.records.done.push(TaskDone { task: oil, on: date(2024, 1, 5), km: None });
    assert_eq!(car.need(oil).unwrap().0.due.on, Some(date(2027, 1, 5)));
}

#[test]
fn em3_a_car_of_unknown_history_is_not_overdue_since_the_factory() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2010)));
    car.readings = vec![reading(1, SINCE, 183_000)];
    let needs = car.needs();
    assert!(needs.about.iter().any(|about| matches!(about, About::Schedule(..))));
    for need in &needs.needs {
        assert!(need.due.on.is_none_or(|on| on >= SINCE) && need.due.km.is_none_or(|km| km >= 183_000), "{need:?}");
    }
    let standing = Standing::of(&needs);
    // However late it gets, nobody says that it is too late: a check or a record says what was done.
    assert_eq!(standing.days().status(date(2035, 1, 1)), CarStatus::Attention);
    assert_eq!(standing.days().urgent_from, None);
}

#[test]
fn em3_what_is_due_by_the_odometer_stays_due_when_the_car_drives_past_it() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2014)));
    car.readings = vec![reading(1, date(2026, 1, 2), 58_600)];
    let due = |car: &Car| -> Vec<TaskKey> {
        let at_60_000 = car.needs().needs.into_iter().filter(|need| need.due.km == Some(60_000));
        at_60_000.filter_map(|need| need.task).collect()
    };
    let before = due(&car);
    assert!(before.contains(&task("large_service")), "{before:?}");
    // A higher reading on the very day on which the car became known, and later ones.
    for (number, on, km) in [(2, SINCE, 60_100), (3, date(2026, 1, 20), 61_000), (4, date(2026, 9, 1), 75_000)] {
        car.readings.push(reading(number, on, km));
        assert_eq!(due(&car), before, "{on}");
    }
    // Readings of one day alone: the lowest of them says where the car stood.
    car.readings = vec![reading(1, SINCE, 58_600), reading(2, SINCE, 60_100)];
    assert_eq!(due(&car), before);
    car.records.done.push(TaskDone { task: task("large_service"), on: SINCE, km: Some(60_100) });
    assert!(!due(&car).contains(&task("large_service")));
}

#[test]
fn em4_a_forecast_that_would_be_too_long_says_where_it_ends() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2014)));
    car.readings = vec![reading(1, date(2025, 1, 10), 10_000), reading(2, SINCE, 300_000)];
    let often = |number: usize| {
        let then = Interval::new(None, Some(500)).unwrap();
        own(nth(number), ScheduleRule::Every(Recurrence { first: None, then, counts_from: CountsFrom::Completion }))
    };
    car.own = (0..20).map(often).collect();
    let until = day(5 * 365);
    let forecast = car.needs().forecast(SINCE, until);
    let last = forecast.visits.last().unwrap().on;
    assert!(last <= forecast.until && forecast.until < until, "{last} {}", forecast.until);
    // A shorter forecast is whole, and is the beginning of the long one.
    let whole = car.needs().forecast(SINCE, forecast.until);
    assert_eq!((whole.until, &whole.visits), (forecast.until, &forecast.visits));
    assert_eq!(car.needs().forecast(SINCE, day(90)).until, day(90));
}

#[test]
fn em6_wear_goes_before_the_interval_and_what_the_car_says_before_both() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2016)));
    let list = check_template::platform()[0].clone();
    let item = list.items().find(|item| item.key == "tread_depth").unwrap();
    let tyres = item.task().unwrap();
    let at = |on, km, tenths| Measured { on, km, value: Decimal::new(tenths, 1) };
    let place = |position: &str| ("tread_depth".to_owned(), Some(position.to_owned()));
    car.records.list = Some(list.clone());
    car.readings = vec![reading(1, date(2024, 1, 1), 40_000), reading(2, date(2026, 1, 1), 60_000)];
    car.records.measured = vec![
        (place("front_left"), at(date(2026, 1, 1), 60_000, 56)),
        (place("front_left"), at(date(2024, 1, 1), 40_000, 76)),
        (place("rear_left"), at(date(2024, 1, 1), 40_000, 76)),
        (place("rear_left"), at(date(2026, 1, 1), 60_000, 66)),
    ];
    let (need, about) = car.need(tyres).unwrap();
    // 4 mm are left at the front, and a millimetre goes in 10,000 km.
    assert_eq!((need.due.km, need.source, about), (Some(100_000), ItemSource::Wear, About::Wear(date(2026, 1, 1))));
    // New tyres between the two: nothing is known of their wear yet.
    let mut renewed = car.clone();
    renewed.records.measured.retain(|(at, _)| *at == place("front_left"));
    renewed.records.measured[1].1.value = Decimal::new(30, 1);
    assert_ne!(renewed.need(tyres).map(|(need, _)| need.source), Some(ItemSource::Wear));
    renewed.records.done = vec![TaskDone { task: tyres, on: date(2025, 1, 1), km: None }];
    renewed.records.measured[1].1.value = Decimal::new(76, 1);
    assert_ne!(renewed.need(tyres).map(|(need, _)| need.source), Some(ItemSource::Wear));
    let said = ServiceIndicator { read_on: date(2026, 1, 5), km: Some(60_100), days_left: Some(30), km_left: None };
    car.records.indicators = vec![(tyres, said)];
    let (need, about) = car.need(tyres).unwrap();
    assert_eq!((need.due.on, about), (Some(date(2026, 2, 4)), About::Indicator(date(2026, 1, 5))));
}

#[test]
fn ms6_the_indicator_counts_until_the_task_is_done() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2016)));
    let service = task("small_service");
    let said =
        ServiceIndicator { read_on: date(2026, 3, 1), km: Some(60_000), days_left: Some(20), km_left: Some(900) };
    car.records.indicators = vec![(service, said), (task("spark_plugs"), said)];
    let (need, _) = car.need(service).unwrap();
    assert_eq!((need.due.on, need.due.km, need.source), (Some(date(2026, 3, 21)), Some(60_900), ItemSource::Indicator));
    assert!(matches!(need.repeat, Repeat::Every(..)));
    assert_eq!(car.need(task("spark_plugs")), None, "what the car cannot need is never expected (rule MS4)");
    car.records.done = vec![TaskDone { task: service, on: date(2026, 3, 10), km: Some(60_300) }];
    assert_eq!(car.need(service).unwrap().0.source, ItemSource::Schedule);
}

#[test]
fn st1_the_standing_follows_from_the_needs() {
    let status = |car: &Car, today| Standing::of(&car.needs()).days().status(today);
    let mut car = Car::new(vehicle(None, None));
    assert_eq!(status(&car, SINCE), CarStatus::Unknown, "nothing is known of the car");
    assert_eq!(status(&car, date(2036, 1, 1)), CarStatus::Unknown);
    car.registration = Some(registered(Some(date(2026, 6, 1))));
    car.own = platform().iter().map(|schedule| own(schedule.terms.task, ScheduleRule::Never)).collect::<Vec<_>>();
    let on = |month, day| status(&car, date(2026, month, day));
    assert_eq!([on(3, 1), on(6, 1), on(6, 2)], [CarStatus::Good, CarStatus::Attention, CarStatus::Urgent]);
    assert_eq!(Standing::of(&car.needs()).days().apk_due_on, Some(date(2026, 6, 1)));
    let mut advised = car.clone();
    advised.records.advices = vec![advice(Urgency::Attention, None)];
    assert_eq!(status(&advised, date(2026, 3, 1)), CarStatus::Attention);
    advised.records.advices = vec![advice(Urgency::Urgent, Some(task("tyres")))];
    assert_eq!(status(&advised, date(2026, 3, 1)), CarStatus::Urgent);
    let mut recalled = car.clone();
    let recall = |hazards: &[&str]| Recall {
        reference: "R1".into(),
        status: RecallStatus::Open,
        detail: Some(RecallDetail {
            hazards: hazards.iter().map(|word| (*word).into()).collect(),
            ..RecallDetail::default()
        }),
    };
    for (hazards, expected) in [
        (vec![], CarStatus::Attention),
        (vec!["Het belasten van het milieu"], CarStatus::Attention),
        (vec!["Een (verkeers)ongeval met letselschade"], CarStatus::Urgent),
        (vec!["Brand"], CarStatus::Urgent),
    ] {
        recalled.registration.as_mut().unwrap().recalls = vec![recall(&hazards)];
        assert_eq!(status(&recalled, date(2026, 3, 1)), expected, "{hazards:?}");
    }
    recalled.registration.as_mut().unwrap().recalls =
        vec![Recall { status: RecallStatus::Repaired, ..recall(&["Brand"]) }];
    assert_eq!(status(&recalled, date(2026, 3, 1)), CarStatus::Good);
    let mut turned_back = car;
    turned_back.readings = vec![reading(1, date(2025, 1, 1), 90_000), reading(2, date(2026, 1, 1), 50_000)];
    assert_eq!(status(&turned_back, date(2026, 3, 1)), CarStatus::Attention);
}

#[test]
fn em1_an_apk_that_nobody_needs_is_not_expected() {
    let mut car = Car::new(vehicle(Some(Fuel::Diesel), None));
    let mut old = registered(Some(date(2026, 6, 1)));
    old.data.as_mut().unwrap().admitted_on = Some(date(1976, 5, 1));
    car.registration = Some(old);
    assert_eq!(car.need(TaskKey::APK), None, "it is fifty years old when the certificate expires");
    let mut exported = registered(Some(date(2026, 6, 1)));
    exported.data.as_mut().unwrap().exported = Some(true);
    car.registration = Some(exported);
    assert_eq!(car.need(TaskKey::APK), None);
    // In a dealer's stock, as the garage said, until it is registered in another's name.
    let by = crate::ids::AccountId(Uuid::from_u128(2));
    let entered_at: Instant = "2026-03-01T09:30:00Z".parse().unwrap();
    car.lift = EnteredLift::enter(crate::apk::LiftReason::DealerStock, None, by, entered_at).ok();
    let mut sold = registered(Some(date(2026, 6, 1)));
    car.registration = Some(sold.clone());
    assert_eq!(car.need(TaskKey::APK), None);
    sold.data.as_mut().unwrap().registered_on = Some(date(2026, 3, 9));
    car.registration = Some(sold);
    assert!(car.need(TaskKey::APK).is_some());
    car.lift = None;
    // Without a date in the register, that of the law counts only if it is no old news.
    car.registration = Some(registered(None));
    assert_eq!(car.need(TaskKey::APK), None, "due first in 2019");
    let mut young = registered(None);
    young.data.as_mut().unwrap().admitted_on = Some(date(2024, 6, 1));
    car.registration = Some(young);
    let due = car.need(TaskKey::APK).unwrap().0.due;
    assert_eq!(due, Due { assumed: true, ..Due::on(date(2027, 6, 1)) });
    assert_eq!(due.days(None).unwrap().overdue_from, None, "nobody can say that it has expired");
    // What the garage entered counts until the register knows better.
    car.registration = Some(registered(Some(date(2026, 6, 1))));
    let entered_at = Instant::from_second(1).unwrap();
    car.records.garage_expiry = Some(GarageExpiry { expires_on: date(2027, 6, 1), entered_at });
    let (apk, about) = car.need(TaskKey::APK).unwrap();
    assert_eq!((apk.due.on, about), (Some(date(2027, 6, 1)), About::Apk(ApkSource::Garage)));
}

/// What can happen to a car.
#[derive(Clone, Debug)]
enum Happening {
    Read(i64, i64),
    Done(usize, i64),
    Advised(bool),
    Ended,
    Said(usize, i64),
    Told(Option<i64>),
    Recalled(bool),
    Scheduled(usize, i64),
    SwitchedOff(usize),
}

fn day(ahead: i64) -> Date {
    SINCE.checked_add(ahead.days()).unwrap()
}

fn nth(number: usize) -> TaskKey {
    let tasks: Vec<TaskKey> = platform().iter().map(|schedule| schedule.terms.task).collect();
    tasks[number % tasks.len()]
}

fn happen(car: &mut Car, happening: &Happening) {
    match happening {
        Happening::Read(ahead, km) => {
            let number = 100 + u128::try_from(car.readings.len()).unwrap();
            car.readings.push(reading(number, day(*ahead), *km));
        }
        Happening::Done(number, ahead) => {
            car.records.done.push(TaskDone { task: nth(*number), on: day(*ahead), km: None });
        }
        Happening::Advised(urgent) => {
            let urgency = if *urgent { Urgency::Urgent } else { Urgency::Attention };
            car.records.advices.push(advice(urgency, None));
        }
        Happening::Ended => drop(car.records.advices.pop()),
        Happening::Said(number, left) => {
            let said = ServiceIndicator { read_on: day(*left / 2), km: None, days_left: Some(*left), km_left: None };
            car.records.indicators.retain(|(task, _)| *task != nth(*number));
            car.records.indicators.push((nth(*number), said));
        }
        Happening::Told(ahead) => {
            let recalls = car.registration.take().map(|known| known.recalls).unwrap_or_default();
            car.registration = Some(Registration { recalls, ..registered(ahead.map(day)) });
        }
        Happening::Recalled(open) => {
            let status = if *open { RecallStatus::Open } else { RecallStatus::Repaired };
            let recall = Recall { reference: "R1".into(), status, detail: None };
            car.registration.get_or_insert_with(|| registered(None)).recalls = vec![recall];
        }
        Happening::Scheduled(number, months) => car.own.push(own(nth(*number), every(*months))),
        Happening::SwitchedOff(number) => {
            car.own.retain(|schedule| schedule.terms.task != nth(*number));
            car.own.push(own(nth(*number), ScheduleRule::Never));
        }
    }
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..700_i64, 0..400_000_i64).prop_map(|(ahead, km)| Happening::Read(ahead, km)),
        (0..40_usize, 0..700_i64).prop_map(|(number, ahead)| Happening::Done(number, ahead)),
        any::<bool>().prop_map(Happening::Advised),
        Just(Happening::Ended),
        (0..40_usize, 0..400_i64).prop_map(|(number, left)| Happening::Said(number, left)),
        proptest::option::of(-200..900_i64).prop_map(Happening::Told),
        any::<bool>().prop_map(Happening::Recalled),
        (0..40_usize, 1..60_i64).prop_map(|(number, months)| Happening::Scheduled(number, months)),
        (0..40_usize).prop_map(Happening::SwitchedOff),
    ]
}

/// The status of a day by what each need of the car says that day, computed without what is stored.
fn afresh(needs: &CarNeeds, today: Date) -> CarStatus {
    let (mut known, mut worst) = (false, CarStatus::Good);
    for (need, about) in needs.needs.iter().zip(&needs.about) {
        let days = need.due.days(needs.road.as_ref());
        let status = match about {
            About::Schedule(..) if !needs.is_grounded => continue,
            About::Recommendation(_, Advice { urgency: Urgency::Urgent, .. }) | About::Recall { urgent: true, .. } => {
                CarStatus::Urgent
            }
            About::Recommendation(..) | About::Recall { .. } => CarStatus::Attention,
            About::Schedule(..) | About::Indicator(_) | About::Wear(_) | About::Apk(_) => {
                match days.map(|days| days.status(today)) {
                    None => continue,
                    Some(DueStatus::Overdue) => CarStatus::Urgent,
                    Some(DueStatus::Due | DueStatus::DueSoon) => CarStatus::Attention,
                    Some(DueStatus::Ok) => CarStatus::Good,
                }
            }
        };
        known = true;
        worst = worst.max(status);
    }
    if needs.is_odometer_illogical {
        (known, worst) = (true, worst.max(CarStatus::Attention));
    }
    if known { worst } else { CarStatus::Unknown }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever happens to a car, the status of any day from the days that were stored is the one computed afresh, and so is
    /// that from the text that is kept.
    #[test]
    fn st2_what_is_stored_says_the_same_as_what_is_computed(
        happenings in proptest::collection::vec(any_happening(), 0..24),
        days in proptest::collection::vec(-100..1_500_i64, 1..6),
    ) {
        let mut car = Car::new(vehicle(None, None));
        for happening in &happenings {
            happen(&mut car, happening);
            let needs = car.needs();
            let standing = Standing::of(&needs);
            let (stored, text) = (standing.days(), standing.written());
            for ahead in &days {
                let today = day(*ahead);
                prop_assert_eq!(stored.status(today), afresh(&needs, today));
                prop_assert_eq!(Standing::read(&text).unwrap().days(), stored);
                let reasons = Standing::read_until(&text, today).unwrap().reasons(today);
                let worst = reasons.first().map(|worst| worst.code.status());
                let expected = stored.status(today);
                prop_assert_eq!(worst, Some(expected).filter(|status| [CarStatus::Attention, CarStatus::Urgent].contains(status)));
            }
        }
    }

    /// Gathering loses nothing: each schedule that comes back, each open recommendation and each open recall is a need.
    #[test]
    fn em4_gathering_loses_no_item(happenings in proptest::collection::vec(any_happening(), 0..24)) {
        let mut car = Car::new(vehicle(None, None));
        for happening in &happenings {
            happen(&mut car, happening);
        }
        let needs = car.needs();
        prop_assert_eq!(needs.needs.len(), needs.about.len());
        let register = car.registration.as_ref().and_then(|known| known.data.as_ref());
        let scheduled = ScheduledCar::of(&car.vehicle, register, None);
        let chosen = choose(platform().iter().chain(&car.own), &scheduled);
        for (task, schedule) in &chosen {
            let found = needs.needs.iter().filter(|need| need.task == Some(*task)).count();
            prop_assert_eq!(found, usize::from(schedule.terms.rule != ScheduleRule::Never), "{:?}", task);
        }
        let advised = needs.about.iter().filter(|about| matches!(about, About::Recommendation(..))).count();
        prop_assert_eq!(advised, car.records.advices.len());
        let recalls = car.registration.iter().flat_map(|known| &known.recalls);
        let open = recalls.filter(|recall| recall.status == RecallStatus::Open).count();
        prop_assert_eq!(needs.about.iter().filter(|about| matches!(about, About::Recall { .. })).count(), open);
        // The forecast has each need once at least, or says that it has no day.
        let forecast = needs.forecast(SINCE, day(5 * 365));
        for (number, need) in needs.needs.iter().enumerate() {
            let in_visit = forecast.visits.iter().any(|visit| visit.items.iter().any(|item| item.need == number || item.joined.contains(&number)));
            let is_later = need.due.predicted(needs.road.as_ref()).is_some_and(|day| day.on > SINCE);
            prop_assert!(in_visit || is_later || forecast.without_day.contains(&number), "{:?}", need);
        }
    }

    /// However far the car is driven, what was due once stays due until it is done (rule EM3).
    #[test]
    fn em3_driving_on_takes_nothing_off_what_is_due(
        first in (-400..300_i64, 0..200_000_i64),
        driven in proptest::collection::vec((0..90_i64, 0..9_000_i64), 0..8),
    ) {
        let mut car = Car::new(vehicle(Some(Fuel::Diesel), Some(2014)));
        let (mut ahead, mut km) = first;
        car.readings.push(reading(1, day(ahead), km));
        let due = |car: &Car| -> Vec<Option<i64>> { car.needs().needs.iter().map(|need| need.due.km).collect() };
        let before = due(&car);
        prop_assert!(before.iter().any(Option::is_some));
        for (number, (days, distance)) in driven.iter().enumerate() {
            // The first reading may be of a day before the passport was made; what follows is not.
            ahead = (ahead + days).max(0);
            km += distance;
            car.readings.push(reading(2 + u128::try_from(number).unwrap(), day(ahead), km));
            prop_assert_eq!(&due(&car), &before);
        }
    }

    /// No interval yields a due day before the work was last done.
    #[test]
    fn ms2_nothing_is_due_before_it_was_done(happenings in proptest::collection::vec(any_happening(), 0..24)) {
        let mut car = Car::new(vehicle(None, None));
        for happening in &happenings {
            happen(&mut car, happening);
        }
        let needs = car.needs();
        for (need, about) in needs.needs.iter().zip(&needs.about) {
            let Some(task) = need.task.filter(|_| matches!(about, About::Schedule(..))) else { continue };
            let does = |done: &&TaskDone| done.task == task || done.task.includes(task);
            let last = car.records.done.iter().filter(does).map(|done| done.on).max();
            prop_assert!(last.is_none() || need.due.on.is_none() || need.due.on > last, "{:?} {:?}", need, last);
        }
    }
}
