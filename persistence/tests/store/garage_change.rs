//! Changes of garage (rule P6): round trips, one open request, and who reaches them and the car.

use crate::support::{Database, all, first, sample};
use domain::{
    account::Account,
    garage_change::{GarageChange, GarageChangeStatus},
    ids::GarageId,
    passport::Passport,
    value::AccountKind,
};
use persistence::{
    Found, Scope, Stamps, StoreError, UniqueKey,
    garage_change::{self, GarageChangeFilter},
    passport,
};

on_both!(
    p6_changes_of_garage_come_back,
    p6_a_passport_has_one_open_request,
    p6_who_sees_a_change_of_garage,
    p6_a_passport_changes_garage_once,
    p6_a_garage_reads_what_it_asked_for_and_what_left_in_one_order,
);

fn requested(passport: &Passport, garage_id: GarageId) -> GarageChange {
    GarageChange {
        id: sample::id(),
        passport_id: passport.id,
        garage_id,
        former_garage_id: passport.garage_id,
        plate: passport.vehicle.plate.shown(),
        customer_id: sample::id(),
        requested_by: sample::id(),
        status: GarageChangeStatus::Requested,
        requested_at: sample::at(0),
        expires_at: sample::day(14),
        decided_at: None,
        version: 1,
    }
}

fn store(db: &Database, change: GarageChange) -> GarageChange {
    let by = sample::stored_account(db, AccountKind::Driver);
    let change = GarageChange { requested_by: by.id, ..change };
    db.write(|tx| garage_change::insert(tx, &change, sample::at(0)));
    change
}

/// A passport of a garage, its driver, and another garage.
fn scene(db: &Database) -> (Passport, Account, GarageId) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let driver = sample::stored_account(db, AccountKind::Driver);
    (sample::store_passport(db, sample::active_passport(garage, &driver, None)), driver, other)
}

fn decide(db: &Database, change: &GarageChange, status: GarageChangeStatus) -> GarageChange {
    let decided_at = (status != GarageChangeStatus::Requested).then(|| sample::at(7));
    let decided = GarageChange { status, decided_at, ..change.clone() };
    db.write(|tx| garage_change::update(tx, &decided, sample::at(7)))
}

fn p6_changes_of_garage_come_back(db: &Database) {
    for status in GarageChangeStatus::ALL {
        let (passport, _, other) = scene(db);
        let change = store(db, requested(&passport, other));
        let next = decide(db, &change, *status);
        let (found, stamps, _) = db.read(|tx| garage_change::find(tx, &Scope::System, change.id)).unwrap();
        assert_eq!(found, next);
        assert_eq!(stamps, Stamps { created_at: sample::at(0), updated_at: sample::at(7) });
        let is_open = *status == GarageChangeStatus::Requested;
        let undecided = db.read(|tx| garage_change::find_undecided(tx, Found::by_system(passport.id)));
        assert_eq!(undecided, is_open.then(|| next.clone()));
        let overdue = db.read(|tx| garage_change::list_overdue(tx, sample::day(14), 1_000));
        assert_eq!(overdue.contains(&next), is_open);
        assert_eq!(db.read(|tx| garage_change::list_overdue(tx, sample::day(13), 1_000)), []);
        let stale = db.refused(|tx| garage_change::update(tx, &change, sample::at(8)).map(drop));
        assert!(matches!(stale, StoreError::Stale { .. }), "{stale:?}");
    }
}

fn p6_a_passport_has_one_open_request(db: &Database) {
    let (passport, _, other) = scene(db);
    let mut open = store(db, requested(&passport, other));
    for status in &GarageChangeStatus::ALL[1..] {
        let by = open.requested_by;
        let next = GarageChange { requested_by: by, ..requested(&passport, other) };
        let refused = db.refused(|tx| garage_change::insert(tx, &next, sample::at(0)));
        assert!(matches!(refused, StoreError::Duplicate(UniqueKey::OpenGarageChange)), "{refused:?}");
        decide(db, &open, *status);
        open = store(db, next);
    }
}

fn p6_who_sees_a_change_of_garage(db: &Database) {
    let (passport, driver, other) = scene(db);
    let stranger = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, passport.garage_id, "Jansen BV");
    let linked = sample::active_passport(passport.garage_id, &driver, Some(fleet.id));
    let linked = sample::store_passport(db, linked);
    let as_driver = |account: &Account| Scope::Driver(account.id, account.email.key());
    let of_fleet = Scope::Fleet(fleet.id, fleet.account_id);
    let scopes = [
        Scope::Garage(other),
        Scope::Garage(passport.garage_id),
        Scope::Garage(sample::stored_garage(db).id),
        as_driver(&driver),
        as_driver(&stranger),
        of_fleet,
        Scope::Nothing,
        Scope::System,
    ];
    let seen = |change: &GarageChange| -> Vec<bool> {
        let sees = |scope: &Scope| {
            let find = db.read(|tx| garage_change::find(tx, scope, change.id)).is_some();
            let garages = db.read(|tx| garage_change::garages_of(tx, scope, change.id)).is_some();
            let filter = GarageChangeFilter::default();
            let list = db.read(|tx| garage_change::list(tx, scope, &filter, sample::at(0), &all())).items;
            let list = list.iter().any(|(listed, ..)| listed.id == change.id);
            assert_eq!([find, list], [garages; 2], "{scope:?}");
            find
        };
        scopes.iter().map(sees).collect()
    };
    let own = store(db, requested(&passport, other));
    assert_eq!(seen(&own), [true, false, false, true, false, false, false, true]);
    // Of a car in a fleet the fleet decides, and not the driver.
    let of_fleet = store(db, requested(&linked, other));
    assert_eq!(seen(&of_fleet), [true, false, false, false, false, true, false, true]);
    for status in [GarageChangeStatus::Declined, GarageChangeStatus::Agreed] {
        let change = store(db, requested(&scene(db).0, other));
        decide(db, &change, status);
        let former = Scope::Garage(change.former_garage_id);
        let is_seen = db.read(|tx| garage_change::find(tx, &former, change.id)).is_some();
        assert_eq!(is_seen, status == GarageChangeStatus::Agreed);
    }
}

fn p6_a_passport_changes_garage_once(db: &Database) {
    let (before, _, other) = scene(db);
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let after = Passport { garage_id: other, kept_since: Some(sample::at(3)), ..before.clone() };
    let stored = db.write(|tx| passport::change_garage(tx, &after, before.garage_id, stamps, sample::at(3)));
    let find = |garage| db.read(|tx| passport::find(tx, &Scope::Garage(garage), before.id));
    assert!(find(before.garage_id).is_none());
    assert_eq!(find(other).map(|(found, _)| found.into_inner()), Some(stored));
    // Whoever read it before, at the garage that it left, changes nothing any more.
    let stale = db.refused(|tx| passport::update(tx, &before, stamps, sample::at(4)).map(drop));
    assert!(matches!(stale, StoreError::Stale { .. }), "{stale:?}");
}

fn p6_a_garage_reads_what_it_asked_for_and_what_left_in_one_order(db: &Database) {
    let mut ids = Vec::new();
    let here = sample::stored_garage(db).id;
    let (_, driver, other) = scene(db);
    for number in 0..7 {
        let (from, to) = if number % 3 == 0 { (here, other) } else { (other, here) };
        let passport = sample::store_passport(db, sample::active_passport(from, &driver, None));
        let change = store(db, requested(&passport, to));
        decide(db, &change, GarageChangeStatus::Agreed);
        ids.push(change.id);
    }
    ids.sort_unstable();
    for newest_first in [false, true] {
        let filter = GarageChangeFilter { newest_first, ..GarageChangeFilter::default() };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let request = persistence::PageRequest { after, ..first(2) };
            let page = db.read(|tx| garage_change::list(tx, &Scope::Garage(here), &filter, sample::at(0), &request));
            assert!(page.items.len() <= 2);
            seen.extend(page.items.iter().map(|(change, ..)| change.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids);
        ids.reverse();
    }
}
