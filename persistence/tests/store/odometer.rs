//! The odometer ledgers: readings come back as they were, one replaces another once, and what is recorded stays.

use crate::support::{Database, all, assert_same, sample};
use domain::{
    apk::ApkEntry,
    event::{Fact, Stream},
    ids::{PassportId, VehicleId},
    licence_plate::LicencePlate,
    odometer::{CounterStart, Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::{Passport, Vehicle},
    value::{AccountKind, StaffRole, Vin},
};
use persistence::{
    Backend, Cars, Found, PageRequest, Stamps, StoreError, UniqueKey, apk, car_status, event, odometer, passport,
    plates,
};

on_both!(
    od1_readings_come_back_with_names,
    od1_a_reading_is_replaced_once,
    od1_the_ledger_cannot_be_rewritten_by_anyone,
    readings_page,
    days_are_kept_to_the_day,
    a_reading_that_cannot_be_read_is_named,
    od10_what_passports_showed_is_their_first_reading,
    p8_the_ledger_is_the_vehicles_in_whichever_passport_it_is_written,
    p8_readings_and_apk_dates_of_before_are_given_to_their_vehicles,
    p8_a_verdict_knows_of_the_same_car_of_before,
    p8_the_migration_finds_the_same_cars,
    p8_two_garages_at_once_miss_nothing_of_one_another,
);

type Car = (PassportId, VehicleId);

fn stored_car(db: &Database) -> Car {
    let garage = sample::stored_garage(db).id;
    sample::car(&sample::store_passport(db, sample::passport(garage)))
}

/// The vehicle of a car.
fn of(car: Car) -> Found<VehicleId> {
    Found::by_system(car.1)
}

fn store(db: &Database, car: Car, reading: OdometerReading) -> OdometerReading {
    db.write(|tx| odometer::insert(tx, Found::by_system(car), &reading));
    reading
}

fn od1_readings_come_back_with_names(db: &Database) {
    let (car, other) = (stored_car(db), stored_car(db));
    let driver = sample::stored_account(db, AccountKind::Driver);
    let mut expected = vec![store(db, car, sample::odometer_reading(0))];
    for source in ReadingSource::ALL {
        let full = OdometerReading {
            shown: Distance::new(1_242_742, DistanceUnit::Mi).unwrap(),
            source: *source,
            by: Some(driver.id),
            replaces: expected.last().map(|last| last.id),
            start: Some(CounterStart::RolledOver),
            confirmed: true,
            ..sample::odometer_reading(0)
        };
        expected.push(store(db, car, full));
    }
    store(db, other, sample::odometer_reading(7));
    assert_same(&db.read(|tx| odometer::ledger(tx, of(car))), &expected);
    let (items, names): (Vec<_>, Vec<_>) = db.read(|tx| odometer::list(tx, of(car), &all())).items.into_iter().unzip();
    assert_same(&items, &expected);
    assert_eq!(names.iter().filter(|name| name.as_ref() == Some(&driver.name)).count(), ReadingSource::ALL.len());
    let last = expected.last().unwrap();
    let one = db.read(|tx| odometer::find(tx, of(car), last.id));
    assert_same(&one, &Some((last.clone(), Some(driver.name.clone()))));
    assert_eq!(db.read(|tx| odometer::find(tx, of(other), last.id)), None, "it is another car's");
    assert_eq!((db.read(|tx| odometer::ledger(tx, of(other))).len(), names[0].as_ref()), (1, None));
}

fn od1_a_reading_is_replaced_once(db: &Database) {
    let car = stored_car(db);
    let first = store(db, car, sample::odometer_reading(10));
    let correction = || OdometerReading { replaces: Some(first.id), ..sample::odometer_reading(11) };
    store(db, car, correction());
    let error = db.refused(|tx| odometer::insert(tx, Found::by_system(car), &correction()));
    assert!(matches!(error, StoreError::Duplicate(UniqueKey::Internal)), "{error:?}");
    let unknown = OdometerReading { replaces: Some(sample::id()), ..sample::odometer_reading(11) };
    assert!(
        db.store.write(|tx| odometer::insert(tx, Found::by_system(car), &unknown)).is_err(),
        "there is no such reading"
    );
}

fn od1_the_ledger_cannot_be_rewritten_by_anyone(db: &Database) {
    let car = stored_car(db);
    let before = vec![store(db, car, sample::odometer_reading(10)), store(db, car, sample::odometer_reading(20))];
    let mut raw = db.raw();
    for sql in [
        "UPDATE odometer_readings SET km = 1",
        "UPDATE odometer_readings SET recorded_by = NULL WHERE value = 10",
        "DELETE FROM odometer_readings",
        "DELETE FROM odometer_readings WHERE value = 20",
    ] {
        let error = raw.run(sql).unwrap_err().to_string();
        assert!(error.contains("odometer_readings only grows"), "{sql}: {error}");
    }
    if db.backend() == Backend::Postgres {
        assert!(raw.run("TRUNCATE odometer_readings").is_err());
    }
    assert_same(&db.read(|tx| odometer::ledger(tx, of(car))), &before);
}

fn readings_page(db: &Database) {
    let car = stored_car(db);
    let made: Vec<_> = (0..7).map(|km| store(db, car, sample::odometer_reading(km)).id).collect();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest { after, limit: 3, updated_since: None };
        let page = db.read(|tx| odometer::list(tx, of(car), &request));
        seen.extend(page.items.iter().map(|(reading, _)| reading.id));
        // What is added meanwhile comes last, whenever it was read.
        if seen.len() == 3 {
            store(db, car, OdometerReading { read_on: "2020-01-01".parse().unwrap(), ..sample::odometer_reading(9) });
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((&seen[..7], seen.len()), (made.as_slice(), 8));
    store(db, car, OdometerReading { recorded_at: sample::at(5), ..sample::odometer_reading(9) });
    for (since, count) in [(sample::at(5), 1), (sample::at(6), 0)] {
        let request = PageRequest { updated_since: Some(since), ..all() };
        assert_eq!(db.read(|tx| odometer::list(tx, of(car), &request)).items.len(), count);
    }
}

fn days_are_kept_to_the_day(db: &Database) {
    let car = stored_car(db);
    let days = ["1880-01-01", "1999-12-31", "2000-01-01", "2024-02-29", "2026-03-01", "9999-12-31"];
    for day in days {
        store(db, car, OdometerReading { read_on: day.parse().unwrap(), ..sample::odometer_reading(1) });
    }
    let kept: Vec<_> = db.read(|tx| odometer::ledger(tx, of(car))).iter().map(|one| one.read_on.to_string()).collect();
    assert_eq!(kept, days);
    let shown = match db.backend() {
        Backend::Sqlite => "SELECT read_on AS line FROM odometer_readings ORDER BY read_on",
        Backend::Postgres => "SELECT read_on::text AS line FROM odometer_readings ORDER BY read_on",
    };
    assert_eq!(db.raw().lines(shown), days, "as people with a database client read them");
}

fn a_reading_that_cannot_be_read_is_named(db: &Database) {
    let car = stored_car(db);
    let id = sample::id::<domain::ids::OdometerReadingId>();
    store(db, car, OdometerReading { id, ..sample::odometer_reading(1) });
    let (off, set) = match db.backend() {
        Backend::Sqlite => ("DROP TRIGGER odometer_readings_only_grow_update", "UPDATE odometer_readings SET km = 2"),
        Backend::Postgres => {
            ("DROP TRIGGER odometer_readings_only_grow ON odometer_readings", "UPDATE odometer_readings SET km = 2")
        }
    };
    db.raw().run(&format!("{off}; {set}")).unwrap();
    let error = db.store.read(|tx| odometer::ledger(tx, of(car))).unwrap_err();
    assert!(
        matches!(&error, StoreError::Corrupt { table: "odometer_readings", column: "value", id: of, .. } if *of == id.to_string()),
        "{error:?}"
    );
}

/// The migration finds the passports of a server that ran before there were ledgers.
fn od10_what_passports_showed_is_their_first_reading(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let showing = |km| {
        let mut car = sample::passport(garage);
        car.vehicle.odometer_km = km;
        sample::store_passport(db, Passport { ..car })
    };
    let (created, changed, silent) = (showing(Some(60_000)), showing(Some(81_000)), showing(None));
    db.write(|tx| {
        for (fact, day) in [(Fact::PassportChanged { passport_id: changed.id }, 40), (Fact::GarageChanged {}, 50)] {
            event::lock(tx, Stream::Garage(garage))?;
            event::append(tx, Stream::Garage(garage), sample::id(), None, fact, sample::day(day))?;
        }
        Ok(())
    });
    let (_, up) = db.migration("2026-11-24-010000_odometer");
    // What is younger refers to the readings.
    let (younger_down, younger_up) = db.migration("2026-11-28-100000_maintenance");
    let (last_down, last_up) = db.migration("2026-11-30-030000_apk_mailings");
    let (_, vehicles_up) = db.migration("2026-12-01-010200_odometer_of_vehicles");
    let (lists_down, lists_up) = db.migration("2026-12-01-040000_apk_in_lists");
    let younger_down = format!("{lists_down} {last_down} {younger_down}");
    let younger_up = format!("{younger_up} {last_up} {vehicles_up} {lists_up}");
    db.raw().run(&format!("{younger_down} DROP TABLE odometer_readings; {up} {younger_up}")).unwrap();
    for (car, km, at) in [(&created, 60_000, sample::at(0)), (&changed, 81_000, sample::day(40))] {
        let first = OdometerReading {
            id: car.id.0.into(),
            read_on: at.to_zoned(jiff::tz::TimeZone::UTC).date(),
            recorded_at: at,
            ..sample::odometer_reading(km)
        };
        assert_same(&db.read(|tx| odometer::ledger(tx, of(sample::car(car)))), &vec![first]);
    }
    assert!(db.read(|tx| odometer::ledger(tx, of(sample::car(&silent)))).is_empty());
}

fn p8_the_ledger_is_the_vehicles_in_whichever_passport_it_is_written(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let first = sample::store_passport(db, sample::passport(garage));
    let again = sample::passport(garage);
    let vehicle = Vehicle { plate: sample::plate(), ..first.vehicle.clone() };
    let again = sample::store_passport(db, Passport { vehicle, ..again });
    let (before, after) = (sample::car(&first), sample::car(&again));
    assert!(before.0 != after.0 && before.1 == after.1);
    let readings = vec![
        store(db, before, sample::odometer_reading(150_000)),
        store(db, before, sample::odometer_reading(160_000)),
        store(db, after, sample::odometer_reading(70_000)),
    ];
    assert_same(&db.read(|tx| odometer::ledger(tx, of(after))), &readings);
    let found = Found::by_system(again);
    let ledgers = db.read(|tx| odometer::ledgers(tx, &Cars::of([&found])));
    assert_same(&ledgers[&after.1], &readings);
    assert_same(&db.read(|tx| car_status::records(tx, &found)).readings.len(), &3);
}

/// The migration finds what a server wrote that ran before.
fn p8_readings_and_apk_dates_of_before_are_given_to_their_vehicles(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let staff = sample::store_account(db, sample::staff(garage, StaffRole::Mechanic));
    let passport = sample::store_passport(db, sample::passport(garage));
    let car = sample::car(&passport);
    assert_ne!(car.0.0, car.1.0);
    let first = store(db, car, sample::odometer_reading(10));
    let second = store(db, car, OdometerReading { replaces: Some(first.id), ..sample::odometer_reading(11) });
    let expires_on = "2027-03-01".parse().unwrap();
    let entry =
        ApkEntry { id: sample::id(), expires_on, inspected_on: None, entered_at: sample::at(0), entered_by: staff.id };
    db.write(|tx| apk::insert(tx, Found::by_system(car), &entry));
    let later = db.migration("2026-12-02-030100_apk_inspected_on");
    let readings = db.migration("2026-12-01-010200_odometer_of_vehicles");
    let entries = db.migration("2026-12-01-010300_apk_entries_of_vehicles");
    for part in [later.0, readings.0, readings.1, entries.0, entries.1, later.1] {
        db.raw().run(&format!("BEGIN; {part} COMMIT")).unwrap();
    }
    assert_same(&db.read(|tx| odometer::ledger(tx, of(car))), &vec![first, second]);
    assert_same(&db.read(|tx| apk::latest(tx, of(car))).map(|(entry, _)| entry), &Some(entry));
    let error = db.raw().run("DELETE FROM odometer_readings").unwrap_err().to_string();
    assert!(error.contains("odometer_readings only grows"), "{error}");
}

fn p8_a_verdict_knows_of_the_same_car_of_before(db: &Database) {
    let (before, after) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let vin = |last: u32| Vin::parse(&format!("VF3CCHMZ6JT{last:06}")).unwrap();
    let of = |garage, plate: &LicencePlate, vin: Option<Vin>| {
        let new = sample::passport(garage);
        Passport { vehicle: Vehicle { plate: plate.clone(), vin, ..new.vehicle.clone() }, ..new }
    };
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let put_away = |passport: Passport| {
        let archived =
            passport.archive(domain::passport::Pending::default(), sample::id(), sample::at(1)).unwrap().passport;
        db.write(|tx| passport::update(tx, &archived, stamps, sample::at(1)))
    };
    let plate = sample::dutch_plate("TT601D");
    let theirs = sample::store_passport(db, of(before, &plate, Some(vin(1))));
    let reading = store(db, sample::car(&theirs), sample::odometer_reading(160_000));
    put_away(theirs);
    let known = |of: &Passport| {
        let of_many = db.read(|tx| {
            let many = Cars::of([&Found::by_system(of.clone())]);
            Ok(car_status::records_of_all(tx, &many)?.remove(&of.vehicle.id).unwrap_or_default())
        });
        let records = db.read(|tx| car_status::records(tx, &Found::by_system(of.clone())));
        let ledger = db.read(|tx| odometer::ledger_before(tx, Found::by_system(of.vehicle.id)));
        let kilometres = |ledger: &[OdometerReading]| ledger.iter().map(|one| one.shown.km()).collect::<Vec<_>>();
        assert_eq!(kilometres(&ledger), kilometres(&of_many.readings_before));
        assert_eq!(kilometres(&ledger), kilometres(&records.readings_before));
        assert!(records.readings.is_empty() && of_many.readings.is_empty(), "they are not the car's own");
        ledger
    };
    // By the plate, also where a VIN was copied wrongly; by the VIN, also with another plate.
    let ours = sample::store_passport(db, of(after, &plate, Some(vin(2))));
    assert_same(&known(&ours), &vec![reading.clone()]);
    put_away(ours);
    let (one, other) = (sample::dutch_plate("TT602D"), sample::plate());
    assert!(known(&sample::store_passport(db, of(after, &one, None))).is_empty(), "another plate");
    let mut foreign = of(after, &other, Some(vin(1)));
    foreign = sample::store_passport(db, foreign);
    assert_same(&known(&foreign), &vec![reading]);
    // What is said of the car anew is judged anew.
    foreign.vehicle.vin = Some(vin(3));
    let foreign = db.write(|tx| {
        let foreign = passport::update(tx, &foreign, stamps, sample::at(2))?;
        persistence::earlier_vehicles::note(tx, &[foreign.vehicle.id], sample::at(9))?;
        Ok(foreign)
    });
    assert!(known(&foreign).is_empty());
    // Nor does one know of a car of which somebody else writes the same VIN, neither while that is in use nor afterwards.
    let later = sample::store_passport(db, of(before, &sample::plate(), Some(vin(3))));
    store(db, sample::car(&later), sample::odometer_reading(90_000));
    db.write(|tx| persistence::earlier_vehicles::note(tx, &[foreign.vehicle.id, later.vehicle.id], sample::at(9)));
    let before = |of: &Passport| db.read(|tx| odometer::ledger_before(tx, Found::by_system(of.vehicle.id)));
    assert!(known(&foreign).is_empty() && before(&later).is_empty(), "both are in use");
    let later = put_away(later);
    assert!(known(&foreign).is_empty());
    // Nor when it is taken away and written again while the first one is put away for a moment.
    let mut again = put_away(sample::store_passport(db, of(after, &sample::plate(), Some(vin(3)))));
    let aside = put_away(foreign.clone());
    for typed in [None, Some(vin(3))] {
        again.vehicle.vin = typed;
        again = db.write(|tx| {
            let again = passport::update(tx, &again, stamps, sample::at(9))?;
            persistence::earlier_vehicles::note(tx, &[again.vehicle.id], sample::at(9))?;
            Ok(again)
        });
    }
    store(db, sample::car(&again), sample::odometer_reading(95_000));
    let foreign = db.write(|tx| {
        let back = Passport { status: foreign.status, ..aside.clone() };
        passport::update(tx, &back, stamps, sample::at(9))
    });
    assert!(known(&foreign).is_empty());
    // The other one knows of the first, once that is in use no longer, and until that has another VIN.
    let ours = store(db, sample::car(&foreign), sample::odometer_reading(80_000));
    let later = Passport { vehicle: later.vehicle, ..of(after, &plate, None) };
    let later = sample::store_passport(db, later);
    assert!(before(&later).is_empty());
    let mut foreign = put_away(foreign);
    assert_same(&before(&later), &vec![ours]);
    foreign.vehicle.vin = Some(vin(4));
    db.write(|tx| {
        passport::update(tx, &foreign, stamps, sample::at(9))?;
        persistence::earlier_vehicles::note(tx, &[foreign.vehicle.id], sample::at(9))
    });
    assert!(before(&later).is_empty());
}

fn p8_the_migration_finds_the_same_cars(db: &Database) {
    let (before, after) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let vins: Vec<Vin> = (1..=3).map(|last| Vin::parse(&format!("VF3CCHMZ6JT00000{last}")).unwrap()).collect();
    let plates: Vec<LicencePlate> = ["TT601D", "TT602D", "TT603D"].map(sample::dutch_plate).to_vec();
    let days = |days: i64| sample::at(days * 24 * 3_600_000_000);
    // Each car with a VIN or none, the plates that it had one after the other, each for so many days, and where it is.
    let mut stored = vec![];
    for (garage, vin, had) in [
        (before, None, vec![(0, 40), (1, 0)]),
        (before, Some(0), vec![(0, 3), (2, 0)]),
        (before, Some(1), vec![(1, 0)]),
        (after, Some(0), vec![(0, 0)]),
        (after, Some(2), vec![(1, 50), (2, 0)]),
    ] {
        let new = sample::passport(garage);
        let vehicle =
            Vehicle { plate: plates[had[0].0].clone(), vin: vin.map(|at: usize| vins[at].clone()), ..new.vehicle };
        let mut passport = sample::store_passport(db, Passport { vehicle, ..new });
        let mut since = 0;
        for pair in had.windows(2) {
            since += pair[0].1;
            passport.vehicle.plate = plates[pair[1].0].clone();
            passport = db.write(|tx| {
                plates::give(tx, &passport.vehicle, days(since))?;
                passport::update(tx, &passport, stamps, days(since))
            });
        }
        let away = passport.archive(domain::passport::Pending::default(), sample::id(), days(60)).unwrap().passport;
        stored.push(sample::car(&db.write(|tx| passport::update(tx, &away, stamps, days(60)))));
    }
    for (car, number) in stored.iter().zip(0..) {
        store(db, *car, sample::odometer_reading(number));
    }
    // The cars of which each knows, by their readings.
    let noted = || {
        let ledger = |car: &Car| db.read(|tx| odometer::ledger_before(tx, of(*car)));
        stored.iter().map(|car| ledger(car).iter().map(|one| one.shown.km()).collect()).collect::<Vec<Vec<i64>>>()
    };
    let vehicles: Vec<VehicleId> = stored.iter().map(|(_, vehicle)| *vehicle).collect();
    db.write(|tx| persistence::earlier_vehicles::note(tx, &vehicles, sample::at(9)));
    let by_code = noted();
    assert_eq!((&by_code[3], by_code[2].contains(&4)), (&vec![0, 1], false), "{by_code:?}");
    let (down, up) = db.migration("2026-12-02-000000_earlier_vehicles");
    db.raw().run(&down).unwrap();
    db.raw().run(&up).unwrap();
    assert_eq!(noted(), by_code, "the database says the same as the domain");
}

fn p8_two_garages_at_once_miss_nothing_of_one_another(db: &Database) {
    let (before, after) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    for round in 0..20 {
        let vin = Vin::parse(&format!("VF3CCHMZ6JT{round:06}")).ok();
        let of = |garage| {
            let new = sample::passport(garage);
            Passport { vehicle: Vehicle { vin: vin.clone(), ..new.vehicle.clone() }, ..new }
        };
        let theirs = sample::store_passport(db, of(before));
        let reading = store(db, sample::car(&theirs), sample::odometer_reading(160_000));
        let away = theirs.archive(domain::passport::Pending::default(), sample::id(), sample::at(1)).unwrap().passport;
        let ours = of(after);
        std::thread::scope(|scope| {
            scope.spawn(|| db.write(|tx| passport::update(tx, &away, stamps, sample::at(1))));
            scope.spawn(|| db.write(|tx| passport::insert(tx, &ours, sample::at(1)).map(|_| ())));
        });
        let known = db.read(|tx| odometer::ledger_before(tx, Found::by_system(ours.vehicle.id)));
        assert_same(&known, &vec![reading]);
    }
}
