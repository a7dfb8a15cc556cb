//! The private calendars of accounts: rule CAL1.

use crate::support::{Database, sample, together};
use domain::{
    Date, Instant,
    account::Account,
    calendar::{Content, Entry, EntryKey, EntryKind, REMEMBERED_FOR, look},
    car_status::{Judged, Standing},
    custody::Hands,
    expected_maintenance::DueDays,
    ids::AccountId,
    passport::{Passport, PassportStatus},
    service_task::TaskKey,
    value::{AccountKind, Language, StaffRole},
};
use jiff::ToSpan;
use persistence::{Found, Scope, StoreError, Tx, account, calendar, car_status};
use std::{collections::BTreeMap, slice};

on_both!(
    cal1_a_calendar_is_found_by_its_secret_alone,
    cal1_the_calendar_of_an_account_that_has_ended_is_none,
    cal1_cars_come_in_the_order_of_their_days,
    cal1_entries_come_back,
    cal1_programs_that_look_at_once_lose_and_double_nothing,
    cal1_what_was_cancelled_long_ago_is_deleted,
);

fn keeper(db: &Database, secret: &[u8]) -> Account {
    let driver = sample::stored_account(db, AccountKind::Driver);
    db.write(|tx| calendar::save(tx, driver.id, secret, sample::at(0)));
    driver
}

fn car(db: &Database, hands: Hands, status: PassportStatus, due_on: Option<Date>) -> Passport {
    let garage = sample::stored_garage(db).id;
    let car = sample::store_passport(db, Passport { hands, status, ..sample::passport(garage) });
    let judged = due_on.map(|due_from| Judged::Apk(DueDays { soon_from: due_from, due_from, overdue_from: None }));
    let standing = Standing { judged: judged.into_iter().collect() };
    db.write(|tx| car_status::save(tx, Found::by_system(car.id), &standing, sample::at(0)));
    car
}

fn car_of(db: &Database, driver: &Account) -> Passport {
    car(db, Hands { driver: Some(driver.id), fleet: None }, PassportStatus::Active, None)
}

fn day(number: i64) -> Date {
    Date::constant(2026, 5, 1).checked_add(number.days()).unwrap()
}

fn apk(car: &Passport, on: i64) -> (EntryKey, Content) {
    let key = EntryKey { passport: car.id, kind: EntryKind::Apk, task: None };
    (key, Content { day: day(on), plate: "AB-123-C".into(), car: Some("Golf".into()), language: Language::Dutch })
}

/// Looks at a calendar as the api does.
fn fetch(
    tx: &mut Tx<'_>,
    account: AccountId,
    secret: &[u8],
    due: &BTreeMap<EntryKey, Content>,
    now: Instant,
) -> Result<Vec<Entry>, StoreError> {
    assert!(calendar::lock(tx, secret)?);
    let outcome = look(calendar::list(tx, account)?, due.clone(), now);
    calendar::save_entries(tx, account, &outcome.changed, &outcome.forgotten)?;
    Ok(outcome.shown)
}

fn cal1_a_calendar_is_found_by_its_secret_alone(db: &Database) {
    let driver = keeper(db, b"one");
    let holder = |secret: &[u8]| db.read(|tx| calendar::holder(tx, secret));
    let found = holder(b"one").unwrap();
    assert_eq!(
        (Scope::from(&found.actor), found.language),
        (Scope::Driver(driver.id, driver.email.key()), Language::Dutch)
    );
    assert_eq!(db.read(|tx| calendar::made_at(tx, driver.id)), Some(sample::at(0)));
    assert_eq!((holder(b"two"), db.write(|tx| calendar::lock(tx, b"two"))), (None, false));
    // With another secret the former one is worth nothing.
    let entries = BTreeMap::from([apk(&car_of(db, &driver), 1)]);
    db.write(|tx| fetch(tx, driver.id, b"one", &entries, sample::at(1)));
    db.write(|tx| calendar::save(tx, driver.id, b"two", sample::at(5)));
    assert_eq!((holder(b"one"), holder(b"two").unwrap().actor), (None, found.actor));
    assert_eq!(db.read(|tx| calendar::made_at(tx, driver.id)), Some(sample::at(5)));
    assert_eq!(db.read(|tx| calendar::list(tx, driver.id)).len(), 1, "what was shown is still known");
    // Nobody has the secret of another.
    let other = sample::stored_account(db, AccountKind::Driver);
    assert!(matches!(db.refused(|tx| calendar::save(tx, other.id, b"two", sample::at(6))), StoreError::Duplicate(_)));
    let delete = || db.write(|tx| calendar::delete(tx, driver.id));
    assert_eq!((delete(), delete(), holder(b"two")), (true, false, None));
    assert_eq!(db.read(|tx| calendar::list(tx, driver.id)), []);
}

fn cal1_the_calendar_of_an_account_that_has_ended_is_none(db: &Database) {
    let driver = keeper(db, b"driver");
    let (found, stamps) = db.read(|tx| account::find(tx, driver.id)).unwrap();
    db.write(|tx| account::update(tx, &found.clone().end(), stamps, sample::at(1)));
    assert_eq!(db.read(|tx| calendar::holder(tx, b"driver")), None);
    // A fleet's is found with the fleet, and staff have none.
    let garage = sample::stored_garage(db).id;
    let fleet = sample::stored_fleet(db, garage, "Vloot");
    let colleague = sample::store_account(db, sample::staff(garage, StaffRole::Admin));
    for (account, secret) in [(fleet.account_id, b"fleet"), (colleague.id, b"staff")] {
        db.write(|tx| calendar::save(tx, account, secret, sample::at(0)));
    }
    let holder = |secret: &[u8]| db.read(|tx| calendar::holder(tx, secret)).map(|found| Scope::from(&found.actor));
    assert_eq!((holder(b"fleet"), holder(b"staff")), (Some(Scope::Fleet(fleet.id, fleet.account_id)), None));
}

fn cal1_cars_come_in_the_order_of_their_days(db: &Database) {
    let (driver, other) =
        (sample::stored_account(db, AccountKind::Driver), sample::stored_account(db, AccountKind::Driver));
    let fleet = sample::stored_fleet(db, sample::stored_garage(db).id, "Vloot");
    let own = Hands { driver: Some(driver.id), fleet: None };
    let in_fleet = Hands { driver: Some(driver.id), fleet: Some(fleet.id) };
    let others = Hands { driver: Some(other.id), fleet: None };
    let of = |hands, status, on: Option<i64>| car(db, hands, status, on.map(day)).id;
    let late = of(own, PassportStatus::Active, Some(9));
    let early = of(in_fleet, PassportStatus::Active, Some(3));
    for (hands, status, on) in [
        (own, PassportStatus::Active, None),
        (own, PassportStatus::Invited, Some(1)),
        (others, PassportStatus::Active, Some(1)),
    ] {
        of(hands, status, on);
    }
    let list = |scope: &Scope, limit| {
        let found = db.read(|tx| calendar::list_cars(tx, scope, limit));
        found.into_iter().map(|car| car.passport).collect::<Vec<_>>()
    };
    let driver = Scope::Driver(driver.id, driver.email.key());
    assert_eq!((list(&driver, 10), list(&driver, 1)), (vec![early, late], vec![early]));
    assert_eq!(list(&Scope::Fleet(fleet.id, fleet.account_id), 10), [early]);
    assert_eq!(list(&Scope::Nothing, 10), []);
}

fn cal1_entries_come_back(db: &Database) {
    let driver = keeper(db, b"s");
    let car = car_of(db, &driver);
    let (key, content) = apk(&car, 1);
    let bare = Content { car: None, language: Language::English, ..content.clone() };
    let of_task = EntryKey { kind: EntryKind::Maintenance, task: TaskKey::find("tyres"), ..key };
    let both = BTreeMap::from([(key, content.clone()), (of_task, bare)]);
    let shown = db.write(|tx| fetch(tx, driver.id, b"s", &both, sample::at(1)));
    let sorted = |mut all: Vec<Entry>| {
        all.sort_by_key(|entry| entry.key);
        all
    };
    let stored = || sorted(db.read(|tx| calendar::list(tx, driver.id)));
    assert_eq!(stored(), sorted(shown.clone()));
    // One moves, one is cancelled.
    let moved = BTreeMap::from([apk(&car, 7)]);
    let next = db.write(|tx| fetch(tx, driver.id, b"s", &moved, sample::at(2)));
    assert_eq!(stored(), sorted(next.clone()));
    let told: Vec<_> = stored().iter().map(|entry| (entry.sequence, entry.cancelled_at)).collect();
    assert_eq!(told, [(1, None), (1, Some(sample::at(2)))]);
    // What someone else changed, or made, meanwhile is a conflict.
    let save = |entry: &Entry| {
        db.store.write(|tx| {
            // Not again and again: the entry is as it is.
            calendar::save_entries(tx, driver.id, slice::from_ref(entry), &[])
                .map_err(|error| StoreError::Internal(error.to_string()))
        })
    };
    let stale = Entry { sequence: 1, ..next[0].clone() };
    assert!(save(&stale).unwrap_err().to_string().contains("someone else"));
    assert!(save(&Entry { sequence: 0, ..stale }).unwrap_err().to_string().contains("someone else"));
    // Many at once.
    let cars: Vec<Passport> = (0..150).map(|_| car_of(db, &driver)).collect();
    let many: BTreeMap<_, _> = cars.iter().map(|car| apk(car, 3)).collect();
    db.write(|tx| fetch(tx, driver.id, b"s", &many, sample::at(3)));
    assert_eq!(stored().len(), 152);
    db.write(|tx| calendar::save_entries(tx, driver.id, &[], &[key, of_task]));
    assert_eq!(stored().len(), 150);
}

fn cal1_programs_that_look_at_once_lose_and_double_nothing(db: &Database) {
    const LOOKS: i64 = 20;
    let driver = keeper(db, b"s");
    let cars = [car_of(db, &driver), car_of(db, &driver)];
    together(6, |thread| {
        for number in 0..LOOKS {
            let due = cars.iter().map(|car| apk(car, number + 100 * i64::try_from(thread).unwrap())).collect();
            let shown = db.write(|tx| fetch(tx, driver.id, b"s", &due, sample::at(number)));
            let says: BTreeMap<_, _> = shown.into_iter().map(|entry| (entry.key, entry.content)).collect();
            assert_eq!(says, due);
        }
    });
    let stored = db.read(|tx| calendar::list(tx, driver.id));
    // Each look said something else than all before it, and the first made the entries.
    assert_eq!(stored.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [6 * LOOKS - 1, 6 * LOOKS - 1]);
}

fn cal1_what_was_cancelled_long_ago_is_deleted(db: &Database) {
    let driver = keeper(db, b"s");
    let cars: Vec<Passport> = (0..3).map(|_| car_of(db, &driver)).collect();
    let due = |which: &[usize]| which.iter().map(|one| apk(&cars[*one], 1)).collect::<BTreeMap<_, _>>();
    for (which, at) in [(&[0, 1, 2][..], 0), (&[1, 2], 1), (&[2], 2)] {
        db.write(|tx| fetch(tx, driver.id, b"s", &due(which), sample::at(at)));
    }
    let delete = |now| db.write(|tx| calendar::delete_cancelled(tx, now));
    assert_eq!(delete(sample::at(0) + REMEMBERED_FOR), 0);
    assert_eq!((delete(sample::at(1) + REMEMBERED_FOR), delete(sample::at(9) + REMEMBERED_FOR)), (1, 1));
    let left: Vec<_> =
        db.read(|tx| calendar::list(tx, driver.id)).into_iter().map(|entry| entry.key.passport).collect();
    assert_eq!(left, [cars[2].id]);
}
