//! APK dates that garages entered: they come back as they were, and what is recorded stays.

use crate::support::{Database, all, assert_same, sample};
use domain::{account::Account, apk::ApkEntry, ids::PassportId, value::StaffRole};
use persistence::{Backend, Found, PageRequest, apk};

on_both!(r21_entries_come_back_and_the_latest_counts, entries_page, r21_entries_cannot_be_rewritten_by_anyone);

fn stored_car(db: &Database) -> (PassportId, Account) {
    let garage = sample::stored_garage(db).id;
    let staff = sample::store_account(db, sample::staff(garage, StaffRole::Mechanic));
    (sample::store_passport(db, sample::passport(garage)).id, staff)
}

fn store(db: &Database, car: PassportId, by: &Account, expires_on: &str, at: i64) -> ApkEntry {
    let entry = ApkEntry {
        id: sample::id(),
        expires_on: expires_on.parse().unwrap(),
        entered_at: sample::at(at),
        entered_by: by.id,
    };
    db.write(|tx| apk::insert(tx, Found::by_system(car), &entry));
    entry
}

fn r21_entries_come_back_and_the_latest_counts(db: &Database) {
    let ((car, staff), (other, colleague)) = (stored_car(db), stored_car(db));
    assert_eq!(db.read(|tx| apk::latest(tx, Found::by_system(car))), None);
    let first = store(db, car, &staff, "2028-02-29", 0);
    store(db, other, &colleague, "2027-01-01", 1);
    let second = store(db, car, &staff, "2027-05-17", 2);
    let expected = vec![(first.clone(), staff.name.clone()), (second.clone(), staff.name.clone())];
    assert_same(&db.read(|tx| apk::list(tx, Found::by_system(car), &all())).items, &expected);
    assert_same(&db.read(|tx| apk::latest(tx, Found::by_system(car))), &Some(expected[1].clone()));
    assert_same(&db.read(|tx| apk::find(tx, Found::by_system(car), first.id)), &Some(expected[0].clone()));
    assert_eq!(db.read(|tx| apk::find(tx, Found::by_system(other), first.id)), None, "it is another car's");
    assert_eq!(db.read(|tx| apk::find(tx, Found::by_system(car), sample::id())), None);
}

fn entries_page(db: &Database) {
    let (car, staff) = stored_car(db);
    let made: Vec<_> = (0..5).map(|at| store(db, car, &staff, "2027-05-17", at).id).collect();
    let page = |after, limit, updated_since| {
        let page = db.read(|tx| apk::list(tx, Found::by_system(car), &PageRequest { after, limit, updated_since }));
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
    assert_same(&db.read(|tx| apk::latest(tx, Found::by_system(car))), &Some((entry, staff.name)));
}
