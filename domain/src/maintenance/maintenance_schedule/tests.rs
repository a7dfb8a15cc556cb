use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn task(key: &str) -> TaskKey {
    TaskKey::find(key).unwrap()
}

fn every(months: i64) -> ScheduleRule {
    let then = Interval::new(Some(months), None).unwrap();
    ScheduleRule::Every(Recurrence { first: None, then, counts_from: CountsFrom::Completion })
}

fn garage() -> ScheduleOwner {
    ScheduleOwner::Garage(GarageId(Uuid::from_u128(1)))
}

fn car_owner() -> ScheduleOwner {
    ScheduleOwner::Car(GarageId(Uuid::from_u128(1)), VehicleId(Uuid::from_u128(2)))
}

fn schedule(owner: ScheduleOwner, limits: ScheduleLimits, rule: ScheduleRule) -> MaintenanceSchedule {
    let terms = ScheduleTerms { task: task("brake_fluid"), limits, rule };
    MaintenanceSchedule { id: None, owner, terms, source: None, version: 1 }
}

fn golf() -> ScheduledCar {
    ScheduledCar {
        make: Some("VOLKSWAGEN".into()),
        model: Some("Golf".into()),
        fuel: Some(Fuel::Petrol),
        year: Some(2019),
        usage: None,
    }
}

fn limits(
    make: Option<&str>,
    model: Option<&str>,
    fuel: Option<Fuel>,
    years: (Option<i64>, Option<i64>),
) -> ScheduleLimits {
    let (year_from, year_to) = years;
    ScheduleLimits { make: make.map(Into::into), model: model.map(Into::into), fuel, year_from, year_to, usage: None }
}

#[test]
fn ms2_an_interval_has_months_or_kilometres_or_both_within_bounds() {
    for (months, km, is_good) in [
        (Some(12), Some(15_000), true),
        (Some(1), None, true),
        (None, Some(500), true),
        (Some(240), Some(500_000), true),
        (None, None, false),
        (Some(0), None, false),
        (Some(241), None, false),
        (None, Some(499), false),
        (None, Some(500_001), false),
        (Some(12), Some(-1), false),
        (Some(i64::MIN), Some(i64::MAX), false),
    ] {
        assert_eq!(Interval::new(months, km).is_some(), is_good, "{months:?} {km:?}");
    }
    assert!(Interval::check_months(0).is_err() && Interval::check_km(499).is_err());
}

#[test]
fn ms2_ms3_what_applies_has_an_interval_and_what_does_not_has_none() {
    let then = Interval::new(Some(12), None).unwrap();
    let recurrence = Recurrence { first: None, then, counts_from: CountsFrom::Completion };
    assert_eq!(ScheduleRule::new(true, Some(recurrence)), Ok(ScheduleRule::Every(recurrence)));
    assert_eq!(ScheduleRule::new(false, None), Ok(ScheduleRule::Never));
    assert_eq!(ScheduleRule::new(true, None), Err(ScheduleRefusal::IntervalEmpty));
    assert_eq!(ScheduleRule::new(false, Some(recurrence)), Err(ScheduleRefusal::NeverWithInterval));
    let recurrences = [ScheduleRule::Every(recurrence), ScheduleRule::Never].map(ScheduleRule::recurrence);
    assert_eq!(recurrences, [Some(recurrence), None]);
}

#[test]
fn ms3_the_nearest_level_decides_and_on_it_the_narrowest() {
    let none = ScheduleLimits::default;
    let schedules = [
        schedule(ScheduleOwner::Platform, limits(Some("Volkswagen"), Some("golf"), None, (None, None)), every(1)),
        schedule(garage(), none(), every(2)),
        schedule(garage(), limits(None, None, Some(Fuel::Petrol), (Some(2000), None)), every(3)),
        schedule(garage(), limits(Some("vólkswagen"), None, None, (None, None)), every(4)),
        schedule(garage(), limits(Some("Volkswagen"), Some("Golf"), None, (None, None)), every(5)),
        schedule(car_owner(), none(), ScheduleRule::Never),
    ];
    let chosen = |count: usize| choose(&schedules[..count], &golf())[&task("brake_fluid")].terms.rule;
    for (count, rule) in [(1, every(1)), (2, every(2)), (3, every(3)), (4, every(4)), (5, every(5))] {
        assert_eq!(chosen(count), rule, "{count}");
    }
    // A nearer level can say that a task does not apply.
    assert_eq!(chosen(6), ScheduleRule::Never);
    let level = |count: usize| choose(&schedules[..count], &golf())[&task("brake_fluid")].owner.level();
    assert_eq!([level(1), level(5), level(6)], [ScheduleLevel::Platform, ScheduleLevel::Garage, ScheduleLevel::Car]);
}

#[test]
fn ms3_a_car_of_which_something_is_not_known_is_not_within_a_limit_on_it() {
    let unknown = ScheduledCar::default();
    for limits in [
        limits(Some("Volkswagen"), None, None, (None, None)),
        limits(None, None, Some(Fuel::Petrol), (None, None)),
        limits(None, None, None, (Some(2000), None)),
        limits(None, None, None, (None, Some(2030))),
    ] {
        assert!(limits.fit(&golf()) && !limits.fit(&unknown), "{limits:?}");
    }
    assert!(ScheduleLimits::default().fit(&unknown));
}

#[test]
fn ms3_two_schedules_between_which_nothing_decides_are_not_both_stored() {
    let years = |from, to| limits(None, None, None, (from, to));
    let overlaps = |one: &ScheduleLimits, other: &ScheduleLimits| {
        let stored = [schedule(garage(), other.clone(), every(6))];
        schedule(garage(), one.clone(), every(12)).check(&stored, None) == Err(ScheduleRefusal::Overlaps)
    };
    assert!(overlaps(&ScheduleLimits::default(), &ScheduleLimits::default()));
    assert!(overlaps(&years(Some(2000), Some(2010)), &years(Some(2010), None)));
    assert!(!overlaps(&years(Some(2000), Some(2009)), &years(Some(2010), None)));
    let make = |make| limits(Some(make), None, None, (None, None));
    assert!(overlaps(&make("Citroën"), &make("CITROEN")) && !overlaps(&make("Audi"), &make("Seat")));
    // Different kinds of limits never weigh the same, so one of them decides.
    assert!(!overlaps(&make("Audi"), &limits(None, None, Some(Fuel::Diesel), (Some(2000), None))));
    // Those of other owners and of other tasks are in nobody's way.
    let stored = [schedule(ScheduleOwner::Platform, ScheduleLimits::default(), every(6))];
    assert_eq!(schedule(garage(), ScheduleLimits::default(), every(6)).check(&stored, None), Ok(()));
    // Nor is the schedule itself, when it is changed.
    let id = Some(MaintenanceScheduleId(Uuid::from_u128(7)));
    let stored = MaintenanceSchedule { id, ..schedule(garage(), ScheduleLimits::default(), every(6)) };
    let changed = MaintenanceSchedule { version: 2, ..stored.clone() };
    assert_eq!(changed.check(&[stored], None), Ok(()));
}

#[test]
fn ms3_limits_must_make_sense() {
    let check = |owner, limits| schedule(owner, limits, every(12)).check(&[], None);
    let model = limits(None, Some("Golf"), None, (None, None));
    assert_eq!(check(garage(), model), Err(ScheduleRefusal::ModelWithoutMake));
    let years = limits(None, None, None, (Some(2010), Some(2009)));
    assert_eq!(check(garage(), years), Err(ScheduleRefusal::YearsReversed));
    let (garage, car, id) = (GarageId(Uuid::from_u128(1)), VehicleId(Uuid::from_u128(2)), Uuid::from_u128(3));
    let of_car = MaintenanceSchedule::of_car(id.into(), garage, car, task("tyres"), ScheduleRule::Never);
    assert_eq!((of_car.owner, of_car.terms.limits), (car_owner(), ScheduleLimits::default()));
}

#[test]
fn ms4_a_task_that_does_not_fit_is_refused_and_never_chosen() {
    let spark_plugs = |owner, fuel, rule| MaintenanceSchedule {
        terms: ScheduleTerms { task: task("spark_plugs"), limits: limits(None, None, fuel, (None, None)), rule },
        ..schedule(owner, ScheduleLimits::default(), rule)
    };
    let refused = Err(ScheduleRefusal::TaskNotForFuel);
    assert_eq!(spark_plugs(garage(), Some(Fuel::Electric), every(12)).check(&[], None), refused);
    assert_eq!(spark_plugs(car_owner(), None, every(12)).check(&[], Some(Fuel::Electric)), refused);
    assert_eq!(spark_plugs(car_owner(), None, every(12)).check(&[], None), Ok(()));
    // That it does not apply may be said of any car.
    assert_eq!(spark_plugs(car_owner(), None, ScheduleRule::Never).check(&[], Some(Fuel::Electric)), Ok(()));
    let schedules = [spark_plugs(garage(), None, every(12))];
    let electric = ScheduledCar { fuel: Some(Fuel::Electric), ..golf() };
    assert!(choose(&schedules, &electric).is_empty());
    assert_eq!(choose(&schedules, &golf()).len(), 1);
}

#[test]
fn ms5_the_platform_ships_a_sensible_set() {
    assert!(platform().len() >= 20, "the file cannot be read");
    for (index, schedule) in platform().iter().enumerate() {
        assert_eq!(schedule.check(&platform()[..index], None), Ok(()), "{schedule:?}");
        assert!(schedule.source.as_ref().is_some_and(|source| !source.is_empty()), "{schedule:?}");
    }
    let tasks = |car: &ScheduledCar| choose(platform(), car).into_keys().map(TaskKey::as_str).collect::<Vec<_>>();
    let petrol = tasks(&golf());
    for key in ["small_service", "large_service", "spark_plugs", "timing_belt", "brake_fluid", "tyres"] {
        assert!(petrol.contains(&key), "{key}");
    }
    assert!(!petrol.contains(&"adblue") && !petrol.contains(&"electric_service"));
    let electric = tasks(&ScheduledCar { fuel: Some(Fuel::Electric), ..golf() });
    assert!(electric.contains(&"electric_service") && electric.contains(&"traction_battery_check"));
    assert!(!electric.iter().any(|key| ["small_service", "timing_belt", "spark_plugs"].contains(key)));
}

#[test]
fn ms6_severe_use_picks_the_schedule_for_it() {
    let months = |usage| {
        let car = ScheduledCar { usage, ..golf() };
        match choose(platform(), &car)[&task("small_service")].terms.rule {
            ScheduleRule::Every(recurrence) => recurrence.then.months(),
            ScheduleRule::Never => None,
        }
    };
    assert_eq!((months(None), months(Some(Usage::Normal)), months(Some(Usage::Severe))), (Some(12), Some(12), Some(6)));
}

#[test]
fn ms6_the_customer_and_the_register_say_how_a_car_is_used() {
    let driving = |severe: &[SevereUse]| DrivingBehaviour {
        severe_use: severe.iter().copied().collect(),
        ..DrivingBehaviour::default()
    };
    let register = |taxi| RegisterData { taxi, ..RegisterData::default() };
    let severe = |taxi, reasons: &[SevereUse]| {
        severe_use(Some(&register(taxi)), Some(&driving(reasons))).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(severe(None, &[]), []);
    assert_eq!(severe(Some(false), &[]), []);
    assert_eq!(severe(Some(true), &[]), [SevereUse::Taxi]);
    assert_eq!(severe(Some(true), &[SevereUse::Taxi]), [SevereUse::Taxi]);
    assert_eq!(severe(Some(false), &[SevereUse::Taxi]), [SevereUse::Taxi]);
    assert_eq!(severe(Some(true), &[SevereUse::Dust]), [SevereUse::Taxi, SevereUse::Dust]);
    assert_eq!(severe_use(None, None), BTreeSet::new());
    for reason in SevereUse::ALL {
        assert_eq!(Usage::of(&severe_use(None, Some(&driving(&[*reason])))), Usage::Severe);
    }
    assert_eq!(Usage::of(&severe_use(None, Some(&driving(&[])))), Usage::Normal);
}

#[test]
fn ms3_what_the_passport_does_not_say_of_a_car_the_register_does() {
    let vehicle = crate::passport::tests::vehicle();
    let register = RegisterData {
        make: Some("SEAT".into()),
        model: Some("LEON".into()),
        admitted_on: Some(jiff::civil::date(2013, 5, 17)),
        fuels: vec![crate::register::RegisteredFuel { fuel: Fuel::Diesel, power_w: None, co2_g_per_km: None }],
        ..RegisterData::default()
    };
    let car = ScheduledCar::of(&vehicle, Some(&register), None);
    assert_eq!((car.make.as_deref(), car.model.as_deref()), (Some("SEAT"), Some("LEON")));
    assert_eq!((car.fuel, car.year, car.usage), (Some(Fuel::Diesel), Some(2013), Some(Usage::Normal)));
    let said = Vehicle { make: Some("Audi".into()), fuel: Some(Fuel::Petrol), year: Some(2020), ..vehicle.clone() };
    let car = ScheduledCar::of(&said, Some(&register), None);
    assert_eq!((car.make.as_deref(), car.fuel, car.year), (Some("Audi"), Some(Fuel::Petrol), Some(2020)));
    assert_eq!(ScheduledCar::of(&vehicle, None, None).make, None);
}

#[test]
fn ms3_a_garage_has_so_many_schedules_and_no_more() {
    let stored: Vec<_> = (0..MAX_SCHEDULES)
        .map(|number| {
            let id = Some(MaintenanceScheduleId(Uuid::from_u128(number as u128)));
            let make = limits(Some(&format!("Make {number}")), None, None, (None, None));
            MaintenanceSchedule { id, ..schedule(garage(), make, every(12)) }
        })
        .collect();
    let new = MaintenanceSchedule {
        id: Some(MaintenanceScheduleId(Uuid::from_u128(u128::MAX))),
        ..schedule(garage(), ScheduleLimits::default(), every(6))
    };
    assert_eq!(new.check(&stored, None), Err(ScheduleRefusal::TooMany));
    assert_eq!(new.check(&stored[1..], None), Ok(()));
    assert_eq!(stored[0].check(&stored, None), Ok(()), "one of them can still be changed");
}

fn any_limits() -> impl Strategy<Value = ScheduleLimits> {
    let name = || proptest::option::of(prop_oneof![Just("Audi".to_owned()), Just("SEAT".to_owned())]);
    let fuel = proptest::option::of(prop_oneof![Just(Fuel::Petrol), Just(Fuel::Diesel)]);
    let usage = proptest::option::of(prop_oneof![Just(Usage::Normal), Just(Usage::Severe)]);
    let year = || proptest::option::of(2000..2004_i64);
    (name(), name(), fuel, year(), year(), usage).prop_map(|(make, model, fuel, year_from, year_to, usage)| {
        ScheduleLimits { make, model, fuel, year_from, year_to, usage }
    })
}

proptest! {
    /// Of schedules that were all allowed beside one another, the order of storing decides nothing.
    #[test]
    fn ms3_the_choice_depends_on_no_order(limits in proptest::collection::vec(any_limits(), 1..12), car in any_limits()) {
        let mut stored: Vec<MaintenanceSchedule> = vec![];
        for (index, limits) in limits.into_iter().enumerate() {
            let new = schedule(garage(), limits, every(i64::try_from(index).unwrap() + 1));
            if new.check(&stored, None).is_ok() {
                stored.push(new);
            }
        }
        let year = car.year_from;
        let car = ScheduledCar { make: car.make, model: car.model, fuel: car.fuel, year, usage: car.usage };
        let forwards: Vec<_> = choose(&stored, &car).into_values().collect();
        let backwards: Vec<_> = choose(stored.iter().rev(), &car).into_values().collect();
        prop_assert_eq!(forwards, backwards);
    }
}
