//! Maintenance schedules, check templates and service indicators: they come back as they were, each with its garage and car.

use crate::support::{Database, all, assert_same, sample};
use domain::{
    check_template::{self, CheckList, CheckTemplate},
    customer::{Customer, DrivingBehaviour, SevereUse},
    expected_maintenance::ServiceIndicator,
    ids::{GarageId, VehicleId},
    maintenance_schedule::{
        CountsFrom, Interval, MaintenanceSchedule, Recurrence, ScheduleLimits, ScheduleOwner, ScheduleRule,
        ScheduleTerms, ScheduledCar, Usage,
    },
    passport::{Fuel, Passport},
    service_task::TaskKey,
    value::AccountKind,
};
use persistence::{
    Found, PageRequest, Stamps, StoreError, check_template as templates, customer, maintenance_schedule as schedules,
    maintenance_schedule::ScheduleFilter, passport, plates, service_indicator as indicators,
};

on_both!(
    ms3_schedules_come_back,
    ms3_a_car_has_its_garages_schedules_and_its_own,
    ms3_what_was_changed_meanwhile_is_stale,
    ms3_the_list_filters_and_pages,
    ms6_what_is_known_of_a_car,
    ms3_more_cars_than_a_batch_are_counted,
    ms6_an_indicator_is_what_was_said_last,
    vc1_templates_come_back_and_take_the_place_of_the_platforms,
    vc1_a_template_that_cannot_be_read_is_named,
);

fn task(key: &str) -> TaskKey {
    TaskKey::find(key).unwrap()
}

fn every(months: i64) -> ScheduleRule {
    let then = Interval::new(Some(months), None).unwrap();
    ScheduleRule::Every(Recurrence { first: None, then, counts_from: CountsFrom::Completion })
}

fn store(db: &Database, owner: ScheduleOwner, limits: ScheduleLimits, rule: ScheduleRule) -> MaintenanceSchedule {
    let terms = ScheduleTerms { task: task("tyres"), limits, rule };
    let schedule = MaintenanceSchedule { id: Some(sample::id()), owner, terms, source: None, version: 1 };
    db.write(|tx| schedules::insert(tx, &schedule, sample::at(0)));
    schedule
}

fn of_garage(db: &Database, garage: GarageId, rule: ScheduleRule) -> MaintenanceSchedule {
    store(db, ScheduleOwner::Garage(garage), ScheduleLimits::default(), rule)
}

fn ms3_schedules_come_back(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let full = ScheduleLimits {
        make: Some("Citroën".into()),
        model: Some("DS".into()),
        fuel: Some(Fuel::HybridPetrol),
        year_from: Some(1955),
        year_to: Some(1975),
        usage: Some(Usage::Severe),
    };
    let recurrence = Recurrence {
        first: Interval::new(None, Some(1_500)),
        then: Interval::new(Some(12), Some(10_000)).unwrap(),
        counts_from: CountsFrom::Anniversary,
    };
    let owner = ScheduleOwner::Garage(garage);
    let stored = [
        store(db, owner, full, ScheduleRule::Every(recurrence)),
        of_garage(db, garage, every(240)),
        of_garage(db, garage, ScheduleRule::Never),
    ];
    assert_same(&db.read(|tx| schedules::of_garage(tx, garage)), &stored.to_vec());
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    for schedule in &stored {
        let found = db.read(|tx| schedules::find(tx, garage, schedule.id.unwrap()));
        assert_same(&found, &Some((schedule.clone(), stamps)));
    }
    let other = sample::stored_garage(db).id;
    assert_eq!(db.read(|tx| schedules::find(tx, other, stored[0].id.unwrap())), None);
    let platform = &domain::maintenance_schedule::platform()[0];
    assert!(matches!(db.refused(|tx| schedules::insert(tx, platform, sample::at(0))), StoreError::Internal(_)));
}

fn ms3_a_car_has_its_garages_schedules_and_its_own(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let (car, another): (VehicleId, VehicleId) = (sample::id(), sample::id());
    let wide = of_garage(db, garage, every(12));
    of_garage(db, other, every(13));
    let own = store(db, ScheduleOwner::Car(garage, car), ScheduleLimits::default(), ScheduleRule::Never);
    store(db, ScheduleOwner::Car(garage, another), ScheduleLimits::default(), every(14));
    // What another garage once said of the same car does not count here.
    store(db, ScheduleOwner::Car(other, car), ScheduleLimits::default(), every(15));
    let found = |garage, car| {
        let mut found = db.read(|tx| schedules::of_car(tx, garage, Found::by_system(car)));
        found.sort_by_key(|schedule| schedule.id);
        found
    };
    assert_same(&found(garage, car), &vec![wide.clone(), own.clone()]);
    assert_eq!(found(garage, sample::id()), std::slice::from_ref(&wide));
    let of_car = |garage, key: &str| {
        db.read(|tx| schedules::find_of_car(tx, garage, Found::by_system(car), task(key))).map(|(found, _)| found)
    };
    assert_eq!((of_car(garage, "tyres"), of_car(garage, "wipers")), (Some(own.clone()), None));
    // It is not one of the garage's.
    assert_eq!(db.read(|tx| schedules::of_garage(tx, garage)), [wide]);
    assert_eq!(db.read(|tx| schedules::find(tx, garage, own.id.unwrap())), None);
    let twice = MaintenanceSchedule { id: Some(sample::id()), ..own.clone() };
    assert!(matches!(db.refused(|tx| schedules::insert(tx, &twice, sample::at(0))), StoreError::Duplicate(_)));
    db.write(|tx| schedules::delete(tx, &own, sample::at(9)));
    assert_eq!(of_car(garage, "tyres"), None);
}

fn ms3_what_was_changed_meanwhile_is_stale(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let before = of_garage(db, garage, every(12));
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let limits = ScheduleLimits { make: Some("Audi".into()), ..ScheduleLimits::default() };
    let terms = ScheduleTerms { limits, rule: ScheduleRule::Never, ..before.terms.clone() };
    let changed = MaintenanceSchedule { terms, ..before.clone() };
    let after = db.write(|tx| schedules::update(tx, &changed, stamps, sample::at(5)));
    let found = db.read(|tx| schedules::find(tx, garage, before.id.unwrap()));
    assert_same(&found, &Some((after.clone(), Stamps { updated_at: sample::at(5), ..stamps })));
    assert_eq!(after.version, 2);
    let is_stale = |error: StoreError| matches!(error, StoreError::Stale { table: "maintenance_schedules" });
    assert!(is_stale(db.store.write(|tx| schedules::delete(tx, &before, sample::at(9))).unwrap_err()));
    // What is null again becomes null.
    let bare = MaintenanceSchedule { terms: before.terms.clone(), ..after };
    let bare = db.write(|tx| schedules::update(tx, &bare, stamps, sample::at(6)));
    assert_eq!(db.read(|tx| schedules::of_garage(tx, garage)), std::slice::from_ref(&bare));
    db.write(|tx| schedules::delete(tx, &bare, sample::at(9)));
    assert_eq!(db.read(|tx| schedules::of_garage(tx, garage)), []);
}

fn ms3_the_list_filters_and_pages(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let limited = |fuel| ScheduleLimits { fuel, ..ScheduleLimits::default() };
    let owner = ScheduleOwner::Garage(garage);
    let ids: Vec<_> = [None, Some(Fuel::Petrol), Some(Fuel::Diesel), None]
        .into_iter()
        .map(|fuel| store(db, owner, limited(fuel), every(12)).id.unwrap())
        .collect();
    store(db, ScheduleOwner::Car(garage, sample::id()), ScheduleLimits::default(), every(1));
    let list = |filter: ScheduleFilter, request: PageRequest<_>| {
        let page = db.read(|tx| schedules::list(tx, garage, &filter, &request));
        (page.items.into_iter().map(|(one, _)| one.id.unwrap()).collect::<Vec<_>>(), page.next)
    };
    let request = |after, limit| PageRequest { after, limit, updated_since: None };
    assert_eq!(list(ScheduleFilter::default(), all()), (ids.clone(), None));
    assert_eq!(list(ScheduleFilter::default(), request(None, 3)), (ids[..3].to_vec(), Some(ids[2])));
    assert_eq!(list(ScheduleFilter::default(), request(Some(ids[2]), 3)), (ids[3..].to_vec(), None));
    let diesel = ScheduleFilter { fuel: Some(Fuel::Diesel), ..ScheduleFilter::default() };
    assert_eq!(list(diesel, all()).0, [ids[0], ids[2], ids[3]]);
    let of = |tasks: &[&str]| ScheduleFilter { tasks: Some(tasks.iter().map(|key| task(key)).collect()), fuel: None };
    assert_eq!((list(of(&["tyres", "wipers"]), all()).0.len(), list(of(&["wipers"]), all()).0.len()), (4, 0));
    let since = |at| PageRequest { updated_since: Some(sample::at(at)), ..all() };
    assert_eq!((list(of(&["tyres"]), since(0)).0.len(), list(of(&["tyres"]), since(1)).0.len()), (4, 0));
}

fn ms6_what_is_known_of_a_car(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let severe_use = [SevereUse::Dust, SevereUse::Trailer].into();
    let driving = DrivingBehaviour { severe_use, ..DrivingBehaviour::default() };
    let severe = Customer { driving: driving.clone(), ..sample::customer(garage, "Jan") };
    db.write(|tx| customer::insert(tx, &severe, sample::at(0)));
    let mut with_customer = sample::passport(garage);
    with_customer.customer_id = Some(severe.id);
    with_customer.vehicle.make = Some("Audi".into());
    with_customer.vehicle.fuel = Some(Fuel::Petrol);
    let with_customer = sample::store_passport(db, with_customer);
    let without = sample::store_passport(db, sample::passport(garage));
    let known = |passport: &Passport| db.read(|tx| schedules::car(tx, Found::by_system(passport.id)));
    let one = known(&with_customer);
    assert_eq!(
        (one.car.make.as_deref(), one.car.fuel, one.car.usage),
        (Some("Audi"), Some(Fuel::Petrol), Some(Usage::Severe))
    );
    assert_eq!(one.severe_use, driving.severe_use);
    assert_eq!((known(&without).car.usage, known(&without).severe_use.len()), (Some(Usage::Normal), 0));
    let asked = db.read(|tx| customer::driving_of(tx, Found::by_system(with_customer.id)));
    assert_eq!((asked, db.read(|tx| customer::driving_of(tx, Found::by_system(without.id)))), (Some(driving), None));
    let count = |wanted: &dyn Fn(&ScheduledCar) -> bool| db.read(|tx| schedules::count_cars_in_use(tx, garage, wanted));
    assert_eq!((count(&|_| true), count(&|car| *car == one.car)), (2, 1));
    let archived = Passport { status: domain::passport::PassportStatus::Archived, ..without };
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    db.write(|tx| passport::update(tx, &archived, stamps, sample::at(1)));
    assert_eq!((count(&|_| true), count(&|car| *car == one.car)), (1, 1));
    db.raw().run("UPDATE customers SET severe_use = 'dust,snow'").unwrap();
    let error = db.store.read(|tx| schedules::count_cars_in_use(tx, garage, |_| true)).unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { column: "severe_use", value, .. } if value == "snow"), "{error:?}");
}

fn ms3_more_cars_than_a_batch_are_counted(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let passports: Vec<_> = (0..1_001).map(|_| sample::passport(garage)).collect();
    for many in [1_000, 1] {
        let some: Vec<_> = passports.iter().skip(if many == 1 { 1_000 } else { 0 }).take(many).cloned().collect();
        db.write(|tx| {
            plates::insert_all(tx, some.iter().map(|passport| &passport.vehicle), sample::at(0))?;
            passport::insert_all(tx, &some, sample::at(0))
        });
        let counted = db.read(|tx| schedules::count_cars_in_use(tx, garage, |_| true));
        assert_eq!(counted, if many == 1 { 1_001 } else { 1_000 });
    }
}

fn ms6_an_indicator_is_what_was_said_last(db: &Database) {
    let (car, other): (VehicleId, VehicleId) = (sample::id(), sample::id());
    let driver = sample::stored_account(db, AccountKind::Driver);
    let first = ServiceIndicator {
        read_on: "2026-02-20".parse().unwrap(),
        km: Some(80_000),
        days_left: Some(-61),
        km_left: Some(4_300),
    };
    let second = ServiceIndicator { km: None, km_left: None, read_on: "2026-02-21".parse().unwrap(), ..first };
    let save = |car, key, indicator: &ServiceIndicator, at| {
        db.write(|tx| indicators::save(tx, Found::by_system(car), task(key), indicator, driver.id, sample::at(at)));
    };
    save(car, "tyres", &first, 0);
    save(car, "small_service", &first, 1);
    save(car, "tyres", &second, 2);
    save(other, "tyres", &first, 3);
    let recorded = |key, indicator, at| indicators::Recorded {
        task: task(key),
        indicator,
        recorded_at: sample::at(at),
        recorded_by: Some(driver.id),
        name: Some(driver.name.clone()),
    };
    let found = || db.read(|tx| indicators::of_vehicle(tx, Found::by_system(car)));
    assert_same(&found(), &vec![recorded("small_service", first, 1), recorded("tyres", second, 2)]);
    let delete = |key| db.write(|tx| indicators::delete(tx, Found::by_system(car), task(key)));
    assert_eq!((delete("tyres"), delete("tyres"), found().len()), (true, false, 1));
    assert_eq!(db.read(|tx| indicators::of_vehicle(tx, Found::by_system(other))).len(), 1);
}

fn template(garage: GarageId, key: &str) -> CheckTemplate {
    let list = CheckList { key: key.into(), ..check_template::platform()[0].clone() };
    CheckTemplate { id: sample::id(), garage_id: garage, list, version: 1 }
}

fn vc1_templates_come_back_and_take_the_place_of_the_platforms(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let mut own = template(garage, "holiday");
    own.list.groups.truncate(1);
    let stored = [template(garage, "winter"), own.clone()];
    for template in &stored {
        db.write(|tx| templates::insert(tx, template, sample::at(0)));
    }
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let found = |garage| db.read(|tx| templates::find(tx, garage, own.id));
    assert_same(&found(garage), &Some((own.clone(), stamps)));
    assert_eq!(found(other), None);
    let find_for = |garage, key| db.read(|tx| templates::find_for(tx, garage, key));
    assert_eq!(find_for(garage, "holiday").as_ref(), Some(&own.list));
    assert_eq!(find_for(garage, "autostatus").as_ref(), check_template::platform().first());
    assert_eq!(find_for(other, "holiday").as_ref(), check_template::platform().get(1));
    assert_eq!((find_for(other, "winter"), find_for(garage, "nothing")), (None, None));
    assert_eq!(db.read(|tx| templates::keys(tx, garage)), ["holiday", "winter"]);
    let page = |after: Option<&str>, limit| {
        let request = PageRequest { after: after.map(Into::into), limit, updated_since: None };
        let page = db.read(|tx| templates::list(tx, garage, &request));
        (page.items.into_iter().map(|(template, _)| template.list.key).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(None, 1), (vec!["holiday".to_owned()], Some("holiday".to_owned())));
    assert_eq!(page(Some("holiday"), 1), (vec!["winter".to_owned()], None));
    let twice = template(garage, "winter");
    assert!(matches!(db.refused(|tx| templates::insert(tx, &twice, sample::at(0))), StoreError::Duplicate(_)));
    let after = db.write(|tx| templates::update(tx, &own, stamps, sample::at(1)));
    assert_same(&found(garage), &Some((after.clone(), Stamps { updated_at: sample::at(1), ..stamps })));
    let is_stale = |error: StoreError| matches!(error, StoreError::Stale { table: "check_templates" });
    assert!(is_stale(db.store.write(|tx| templates::delete(tx, &own, sample::at(9))).unwrap_err()));
    db.write(|tx| templates::delete(tx, &after, sample::at(9)));
    assert_eq!(db.read(|tx| templates::keys(tx, garage)), ["winter"]);
}

fn vc1_a_template_that_cannot_be_read_is_named(db: &Database) {
    let garage = sample::stored_garage(db).id;
    db.write(|tx| templates::insert(tx, &template(garage, "winter"), sample::at(0)));
    for sql in ["UPDATE check_templates SET template_key = 'summer'", "UPDATE check_templates SET list = '{}'"] {
        db.raw().run(sql).unwrap();
        let error = db.store.read(|tx| templates::list(tx, garage, &all())).map(|page| page.items.len()).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { table: "check_templates", column: "list", .. }), "{error:?}");
    }
}
