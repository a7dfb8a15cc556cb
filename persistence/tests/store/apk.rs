//! APK dates that garages entered: they come back as they were, and what is recorded stays.

use crate::support::{Database, all, assert_same, sample};
use domain::{
    account::Account,
    apk::{ApkEntry, EnteredLift, LiftReason},
    ids::{PassportId, VehicleId},
    value::StaffRole,
};
use persistence::{Backend, Found, PageRequest, Scope, apk, car_status};

on_both!(
    r21_entries_come_back_and_the_latest_counts,
    entries_page,
    r21_entries_cannot_be_rewritten_by_anyone,
    apk9_what_lifts_the_duty_is_the_vehicles_and_one_thing,
);

type Car = (PassportId, VehicleId);

/// The vehicle of a car.
fn of(car: Car) -> Found<VehicleId> {
    Found::by_system(car.1)
}

fn stored_car(db: &Database) -> (Car, Account) {
    let garage = sample::stored_garage(db).id;
    let staff = sample::store_account(db, sample::staff(garage, StaffRole::Mechanic));
    (sample::car(&sample::store_passport(db, sample::passport(garage))), staff)
}

fn store(db: &Database, car: Car, by: &Account, expires_on: &str, at: i64) -> ApkEntry {
    let entry = ApkEntry {
        id: sample::id(),
        expires_on: expires_on.parse().unwrap(),
        inspected_on: (at % 2 == 0).then(|| "2026-03-19".parse().unwrap()),
        entered_at: sample::at(at),
        entered_by: by.id,
    };
    db.write(|tx| apk::insert(tx, Found::by_system(car), &entry));
    entry
}

fn r21_entries_come_back_and_the_latest_counts(db: &Database) {
    let ((car, staff), (other, colleague)) = (stored_car(db), stored_car(db));
    assert_eq!(db.read(|tx| apk::latest(tx, of(car))), None);
    let first = store(db, car, &staff, "2028-02-29", 0);
    store(db, other, &colleague, "2027-01-01", 1);
    let second = store(db, car, &staff, "2027-05-17", 2);
    let expected = vec![(first.clone(), staff.name.clone()), (second.clone(), staff.name.clone())];
    assert_same(&db.read(|tx| apk::list(tx, of(car), &all())).items, &expected);
    assert_same(&db.read(|tx| apk::latest(tx, of(car))), &Some(expected[1].clone()));
    assert_same(&db.read(|tx| apk::find(tx, of(car), first.id)), &Some(expected[0].clone()));
    assert_eq!(db.read(|tx| apk::find(tx, of(other), first.id)), None, "it is another car's");
    assert_eq!(db.read(|tx| apk::find(tx, of(car), sample::id())), None);
}

fn apk9_what_lifts_the_duty_is_the_vehicles_and_one_thing(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let staff = sample::store_account(db, sample::staff(garage, StaffRole::Mechanic));
    let (car, other) =
        (sample::store_passport(db, sample::passport(garage)), sample::store_passport(db, sample::passport(garage)));
    let find = |vehicle: VehicleId| db.read(|tx| apk::lift(tx, Found::by_system(vehicle)));
    assert_eq!(find(car.vehicle.id), None);
    for reason in LiftReason::ALL {
        let entered = EnteredLift { reason: *reason, entered_at: sample::at(7), entered_by: staff.id };
        db.write(|tx| apk::save_lift(tx, Found::by_system(car.vehicle.id), Some(&entered)));
        assert_same(&find(car.vehicle.id), &Some((entered, staff.name.clone())));
        // It comes with the car, for the judgement of many.
        let view = |id| db.read(|tx| car_status::view(tx, &Scope::System, id)).unwrap().lift;
        assert_eq!((view(car.id), view(other.id)), (Some(entered), None));
    }
    assert_eq!(find(other.vehicle.id), None);
    db.write(|tx| apk::save_lift(tx, Found::by_system(car.vehicle.id), None));
    assert_eq!(find(car.vehicle.id), None);
}

fn entries_page(db: &Database) {
    let (car, staff) = stored_car(db);
    let made: Vec<_> = (0..5).map(|at| store(db, car, &staff, "2027-05-17", at).id).collect();
    let page = |after, limit, updated_since| {
        let page = db.read(|tx| apk::list(tx, of(car), &PageRequest { after, limit, updated_since }));
        (page.items.into_iter().map(|(entry, _)| entry.id).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(None, 3, None), (made[..3].to_vec(), Some(made[2])));
    assert_eq!(page(Some(made[2]), 3, None), (made[3..].to_vec(), None));
    assert_eq!(page(None, 3, Some(sample::at(4))), (made[4..].to_vec(), None));
}

fn r21_entries_cannot_be_rewritten_by_anyone(db: &Database) {
    let (car, staff) = stored_car(db);
    let entry = store(db, car, &staff, "2027-05-17", 0);
    let mut raw = db.raw();
    for sql in ["UPDATE apk_entries SET expires_on = '2030-01-01'", "DELETE FROM apk_entries"] {
        let error = raw.run(sql).unwrap_err().to_string();
        assert!(error.contains("apk_entries only grows"), "{sql}: {error}");
    }
    if db.backend() == Backend::Postgres {
        assert!(raw.run("TRUNCATE apk_entries").is_err());
    }
    assert_same(&db.read(|tx| apk::latest(tx, of(car))), &Some((entry, staff.name)));
}
