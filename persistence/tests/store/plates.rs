//! Vehicles and their plates (rule R19): the same vehicle within one garage, and no garage learns of another's.

use crate::support::{Database, all, sample};
use domain::{
    event::Stream,
    ids::{GarageId, VehicleId},
    licence_plate::LicencePlate,
    passport::{Passport, Vehicle},
};
use persistence::{Backend, Found, PageRequest, Scope, Stamps, event, passport, plates, registration};

on_both!(
    r19_a_vehicle_keeps_its_id_and_the_plates_it_had,
    k8_how_a_plate_of_another_country_was_typed_is_kept_beside_it,
    r19_a_plate_that_was_a_mistake_is_left_out_where_it_is_not_for_everyone,
    r19_searching_finds_the_plates_that_a_vehicle_had_and_no_mistakes,
    p11_a_vehicle_is_in_use_by_any_of_its_passports,
    r19_a_garage_knows_a_vehicle_again_and_no_other_garage_does,
    r19_a_vehicle_that_had_another_plate_since_is_another,
    r19_the_history_of_plates_cannot_be_rewritten_by_anyone,
    plates_page,
    r19_passports_from_before_get_a_vehicle_each,
);

fn stamps() -> Stamps {
    Stamps { created_at: sample::at(0), updated_at: sample::at(0) }
}

fn stored_car(db: &Database, garage: GarageId, plate: &str) -> Passport {
    let vehicle = Vehicle { plate: sample::dutch_plate(plate), ..sample::passport(garage).vehicle };
    sample::store_passport(db, Passport { vehicle, ..sample::passport(garage) })
}

fn archive(db: &Database, passport: Passport) -> Passport {
    let archived =
        passport.archive(domain::passport::Pending::default(), sample::id(), sample::at(1)).unwrap().passport;
    db.write(|tx| passport::update(tx, &archived, stamps(), sample::at(1)))
}

fn replate(db: &Database, mut passport: Passport, plate: &str, at: i64) -> Passport {
    passport.vehicle.plate = sample::dutch_plate(plate);
    db.write(|tx| {
        plates::give(tx, &passport.vehicle, sample::at(at))?;
        passport::update(tx, &passport, stamps(), sample::at(at))
    })
}

fn plates(db: &Database, vehicle: VehicleId) -> Vec<(i64, String, i64, Option<i64>)> {
    let micro = |at: domain::Instant| at.as_microsecond() - sample::at(0).as_microsecond();
    let page = db.read(|tx| plates::list(tx, Found::by_system(vehicle), &all()));
    let shown = page.items.into_iter();
    shown.map(|one| (one.number, one.plate.number().to_owned(), micro(one.since), one.until.map(micro))).collect()
}

fn known(db: &Database, garage: GarageId, plate: &LicencePlate) -> Option<VehicleId> {
    db.read(|tx| plates::known_to(tx, garage, plate)).map(Found::into_inner)
}

fn k8_how_a_plate_of_another_country_was_typed_is_kept_beside_it(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let belgian = |typed| LicencePlate::parse(domain::value::Country::parse("BE").unwrap(), typed).unwrap();
    let vehicle = Vehicle { plate: belgian("1-ABC-234"), ..sample::passport(garage).vehicle };
    let car = sample::store_passport(db, Passport { vehicle, ..sample::passport(garage) });
    let found = |id| db.read(|tx| passport::find(tx, &Scope::System, id)).unwrap().0.into_inner().vehicle.plate.shown();
    assert_eq!(found(car.id), "1-ABC-234");
    let mut other = car.clone();
    other.vehicle.plate = belgian("1 ABC 235");
    db.write(|tx| {
        plates::give(tx, &other.vehicle, sample::at(1))?;
        passport::update(tx, &other, stamps(), sample::at(1))
    });
    assert_eq!(found(car.id), "1 ABC 235");
    let page = db.read(|tx| plates::list(tx, Found::by_system(car.vehicle.id), &all()));
    let had: Vec<_> = page.items.into_iter().map(|one| (one.plate.number().to_owned(), one.plate.shown())).collect();
    assert_eq!(had, [("1ABC234".to_owned(), "1-ABC-234".to_owned()), ("1ABC235".to_owned(), "1 ABC 235".to_owned())]);
}

fn r19_a_vehicle_keeps_its_id_and_the_plates_it_had(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let car = stored_car(db, garage, "TT601D");
    let id = car.vehicle.id;
    assert_eq!(plates(db, id), [(1, "TT601D".into(), 0, None)]);
    let former = |car: &Passport| db.read(|tx| plates::former(tx, &car.vehicle));
    assert_eq!(former(&car), []);
    let car = replate(db, car, "TT602D", 5);
    assert_eq!(former(&car), [sample::dutch_plate("TT601D")]);
    let car = replate(db, car, "TT601D", 9);
    let expected = [(1, "TT601D".into(), 0, Some(5)), (2, "TT602D".into(), 5, Some(9)), (3, "TT601D".into(), 9, None)];
    assert_eq!((plates(db, id).as_slice(), car.vehicle.id), (expected.as_slice(), id));
    // Each plate is one to ask the register about.
    for plate in ["TT601D", "TT602D"] {
        assert!(
            db.read(|tx| registration::find(tx, Found::by_system(&sample::dutch_plate(plate)))).is_some(),
            "{plate}"
        );
    }
    assert!(plates(db, sample::id()).is_empty());
}

fn r19_a_plate_that_was_a_mistake_is_left_out_where_it_is_not_for_everyone(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let mut car = replate(db, stored_car(db, garage, "TT601D"), "TT602D", 5);
    let id = car.vehicle.id;
    car.vehicle.plate = sample::dutch_plate("TT603D");
    db.write(|tx| plates::correct(tx, &car.vehicle, sample::at(9)));
    assert_eq!(db.read(|tx| plates::last(tx, id)), Some((sample::dutch_plate("TT603D"), sample::at(9))));
    assert_eq!(plates(db, id).len(), 3, "the garage sees all of them");
    let page = db.read(|tx| plates::list_without_mistakes(tx, Found::by_system(id), &all()));
    let shown: Vec<_> = page.items.iter().map(|one| (one.number, one.plate.number())).collect();
    assert_eq!(shown, [(1, "TT601D"), (3, "TT603D")]);
    let first = PageRequest { limit: 1, ..all() };
    let page = db.read(|tx| plates::list_without_mistakes(tx, Found::by_system(id), &first));
    assert_eq!((page.items.len(), page.next), (1, Some(1)));
    assert_eq!(db.read(|tx| plates::last(tx, sample::id())), None);
}

fn r19_searching_finds_the_plates_that_a_vehicle_had_and_no_mistakes(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let scope = Scope::Garage(garage);
    let found = |typed: &str| -> Vec<_> {
        let filter = passport::PassportFilter { search: Some(typed.into()), ..passport::PassportFilter::default() };
        let page = db.read(|tx| passport::list(tx, &scope, &filter, &all()));
        let by_due = db.read(|tx| passport::list_by_due(tx, &scope, &filter, &all()));
        assert_eq!(page.items.len(), by_due.items.len());
        let former = |view: &passport::PassportView| view.former_plate.as_ref().map(|plate| plate.number().to_owned());
        assert_eq!(
            page.items.iter().map(former).collect::<Vec<_>>(),
            by_due.items.iter().map(former).collect::<Vec<_>>()
        );
        page.items.iter().map(|view| (view.passport.id, former(view))).collect()
    };
    let mut car = replate(db, stored_car(db, garage, "TT601D"), "TT602D", 5);
    let former = |plate: &str| vec![(car.id, Some(plate.to_owned()))];
    assert_eq!((found("tt-601-d"), found("TT602D")), (former("TT601D"), vec![(car.id, None)]));
    car.vehicle.plate = sample::dutch_plate("GZ123B");
    db.write(|tx| plates::correct(tx, &car.vehicle, sample::at(9)));
    assert_eq!((found("601"), found("GZ123B")), (former("TT601D"), vec![]), "the passport is stored by others");
    // `TT602D` was a mistake in writing; the passport has it still.
    assert_eq!(found("602"), [(car.id, None)]);
    let other = stored_car(db, garage, "TT604D");
    assert_eq!(found("604"), [(other.id, None)]);
    assert_eq!(found("tt60").len(), 2);
}

fn p11_a_vehicle_is_in_use_by_any_of_its_passports(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let car = stored_car(db, garage, "TT601D");
    let vehicle = car.vehicle.id;
    assert!(db.read(|tx| plates::in_use_of(tx, vehicle)).is_some());
    archive(db, car);
    assert_eq!(db.read(|tx| plates::in_use_of(tx, vehicle)), None);
    let again = sample::passport(garage);
    let again = Passport { vehicle: Vehicle { id: vehicle, ..again.vehicle.clone() }, ..again };
    sample::store_passport(db, again);
    assert!(db.read(|tx| plates::in_use_of(tx, vehicle)).is_some());
}

fn r19_a_garage_knows_a_vehicle_again_and_no_other_garage_does(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let plate = sample::dutch_plate("TT601D");
    assert_eq!(known(db, garage, &plate), None);
    let car = stored_car(db, garage, "TT601D");
    assert_eq!(known(db, garage, &plate), None, "its passport is in use");
    let id = archive(db, car).vehicle.id;
    assert_eq!((known(db, garage, &plate), known(db, other, &plate)), (Some(id), None));
    let abroad = LicencePlate::parse(domain::value::Country::parse("DE").unwrap(), "TT601D").unwrap();
    assert_eq!(known(db, garage, &abroad), None);
    // A passport for a vehicle that is known adds no plate to it.
    let vehicle = Vehicle { id, plate: plate.clone(), ..sample::passport(garage).vehicle };
    let again = sample::store_passport(db, Passport { vehicle, ..sample::passport(garage) });
    assert_eq!(plates(db, id).len(), 1);
    // And another garage's vehicle with the plate is another one.
    archive(db, again);
    let theirs = stored_car(db, other, "TT601D");
    assert_ne!(theirs.vehicle.id, id);
    archive(db, theirs.clone());
    assert_eq!((known(db, garage, &plate), known(db, other, &plate)), (Some(id), Some(theirs.vehicle.id)));
}

fn r19_a_vehicle_that_had_another_plate_since_is_another(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let id = archive(db, stored_car(db, garage, "TT601D")).vehicle.id;
    let vehicle = Vehicle { id, plate: sample::dutch_plate("TT601D"), ..sample::passport(garage).vehicle };
    let again = sample::store_passport(db, Passport { vehicle, ..sample::passport(garage) });
    archive(db, replate(db, again, "TT602D", 5));
    assert_eq!(known(db, garage, &sample::dutch_plate("TT601D")), None);
    assert_eq!(known(db, garage, &sample::dutch_plate("TT602D")), Some(id));
}

fn r19_the_history_of_plates_cannot_be_rewritten_by_anyone(db: &Database) {
    let car = stored_car(db, sample::stored_garage(db).id, "TT601D");
    let mut raw = db.raw();
    for sql in ["UPDATE vehicle_plates SET plate = 'X'", "DELETE FROM vehicle_plates"] {
        let error = raw.run(sql).unwrap_err().to_string();
        assert!(error.contains("vehicle_plates only grows"), "{sql}: {error}");
    }
    if db.backend() == Backend::Postgres {
        assert!(raw.run("TRUNCATE vehicle_plates").is_err());
    }
    assert_eq!(plates(db, car.vehicle.id).len(), 1);
    let without = raw.run("UPDATE passports SET vehicle_id = NULL");
    assert!(without.is_err(), "every passport is of a vehicle");
}

fn plates_page(db: &Database) {
    let mut car = stored_car(db, sample::stored_garage(db).id, "TT601D");
    let id = car.vehicle.id;
    for (at, plate) in [(1, "TT602D"), (2, "TT603D"), (3, "TT604D")] {
        car = replate(db, car, plate, at);
    }
    let page = |after, limit, updated_since| {
        let page = db.read(|tx| plates::list(tx, Found::by_system(id), &PageRequest { after, limit, updated_since }));
        (page.items.into_iter().map(|one| one.number).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(None, 3, None), (vec![1, 2, 3], Some(3)));
    assert_eq!(page(Some(3), 3, None), (vec![4], None));
    assert_eq!(page(None, 3, Some(sample::at(2))), (vec![3, 4], None));
}

/// The migration finds the passports of a server that ran before there were vehicles.
fn r19_passports_from_before_get_a_vehicle_each(db: &Database) {
    let garage = sample::stored_garage(db);
    let driver = sample::stored_account(db, domain::value::AccountKind::Driver);
    let foreign = sample::store_passport(db, sample::active_passport(garage.id, &driver, None));
    sample::store_transfer(db, sample::transfer(&foreign, &driver, "iemand@elders.example"));
    let archived = archive(db, stored_car(db, garage.id, "TT601D"));
    let open = stored_car(db, garage.id, "TT602D");
    db.write(|tx| {
        event::lock(tx, Stream::Garage(garage.id))?;
        persistence::odometer::insert(tx, Found::by_system(sample::car(&open)), &sample::odometer_reading(7))
    });
    let (down, up) = db.migration("2026-11-24-020000_vehicle_register");
    let (lean_down, lean_up) = db.migration("2026-11-27-000000_lean_keys");
    let (_, questions) = db.migration("2026-11-27-010000_register_questions");
    let (maintenance_down, maintenance_up) = db.migration("2026-11-28-100000_maintenance");
    let (hands_down, hands_up) = db.migration("2026-11-29-030000_hands");
    let (changes_down, changes_up) = db.migration("2026-11-29-080000_garage_changes");
    let (reminders_down, reminders_up) = db.migration("2026-11-29-120000_reminders");
    let (mailings_down, mailings_up) = db.migration("2026-11-30-030000_apk_mailings");
    let (looks_down, looks_up) = db.migration("2026-11-30-060000_reminder_looks");
    let last = [
        "01-010000_pool_cars",
        "01-010100_former_plates",
        "01-010200_odometer_of_vehicles",
        "01-010300_apk_entries_of_vehicles",
        "02-030100_apk_inspected_on",
    ];
    let last = last.map(|name| db.migration(&format!("2026-12-{name}")));
    let last_down = last.iter().rev().map(|(down, _)| down);
    let down = [
        &looks_down,
        &mailings_down,
        &reminders_down,
        &changes_down,
        &hands_down,
        &maintenance_down,
        &lean_down,
        &down,
    ];
    let up =
        [&up, &lean_up, &questions, &maintenance_up, &hands_up, &changes_up, &reminders_up, &mailings_up, &looks_up];
    let (typed_down, typed_up) = db.migration("2026-12-02-040000_plates_as_typed");
    let last_up = last.iter().map(|(_, up)| up).chain([&typed_up]);
    let all = [&typed_down].into_iter().chain(last_down).chain(down).chain(up).chain(last_up);
    let all: Vec<&str> = all.map(String::as_str).collect();
    db.raw().run(&format!("BEGIN; {} COMMIT", all.join(" "))).unwrap();
    for car in [foreign, archived, open] {
        let scope = persistence::Scope::Garage(garage.id);
        let (kept, _) = db.read(|tx| passport::find(tx, &scope, car.id)).unwrap();
        let vehicle = Vehicle { id: VehicleId(car.id.0), ..car.vehicle.clone() };
        assert_eq!(*kept, Passport { vehicle, ..car.clone() });
        assert_eq!(plates(db, kept.vehicle.id), [(1, car.vehicle.plate.number().into(), 0, None)]);
        let is_asked = db.read(|tx| registration::find(tx, Found::by_system(&car.vehicle.plate))).is_some();
        assert_eq!(is_asked, car.vehicle.plate.number() == "TT602D", "{:?}", car.vehicle.plate);
    }
    if db.backend() == Backend::Sqlite {
        let broken = db.raw().lines("SELECT \"table\" AS line FROM pragma_foreign_key_check");
        assert!(broken.is_empty(), "{broken:?}");
    }
}
