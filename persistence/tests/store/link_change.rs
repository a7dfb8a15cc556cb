//! Changes of link (rule L5): what is stored comes back, one at a time is open, each side reaches its own, and of two that
//! decide at once one does.

use crate::support::{Database, all, assert_same, first, sample};
use domain::{
    account::Account,
    fleet::Fleet,
    ids::{GarageId, LinkChangeId},
    link_change::{LinkChange, LinkChangeStatus},
    passport::Passport,
    value::{AccountKind, LinkChangeKind},
};
use persistence::{
    Found, PageRequest, Scope, StoreError, UniqueKey, garage,
    link_change::{self, LinkChangeFilter},
};

on_both!(
    l5_a_change_of_link_comes_back_as_it_was,
    l5_one_change_of_a_passport_is_open,
    l5_a_stale_change_of_link_is_refused,
    l5_each_side_and_the_garage_reach_it_and_nobody_else,
    l5_changes_of_link_page_and_are_filtered,
    l5_a_fleet_that_may_object_is_counted,
    l5_the_days_of_a_garage_are_kept,
);

struct Scene {
    garage: GarageId,
    fleet: Fleet,
    driver: Account,
    passport: Passport,
}

fn scene(db: &Database) -> Scene {
    let garage = sample::stored_garage(db).id;
    let fleet = sample::stored_fleet(db, garage, "Bakkerij Jansen");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let passport = sample::store_passport(db, sample::active_passport(garage, &driver, Some(fleet.id)));
    Scene { garage, fleet, driver, passport }
}

fn change(scene: &Scene, kind: LinkChangeKind) -> LinkChange {
    LinkChange {
        id: sample::id(),
        passport_id: scene.passport.id,
        garage_id: scene.garage,
        plate: "TT-601-D".into(),
        kind,
        fleet_id: scene.fleet.id,
        driver: scene.driver.id,
        status: LinkChangeStatus::Open,
        changed_at: sample::at(0),
        ends_at: sample::day(7),
        decided_at: None,
        version: 1,
    }
}

fn stored(db: &Database, scene: &Scene, kind: LinkChangeKind) -> LinkChange {
    let change = change(scene, kind);
    db.write(|tx| link_change::insert(tx, &change, sample::at(0)));
    change
}

fn decided(change: LinkChange, status: LinkChangeStatus) -> LinkChange {
    LinkChange { status, decided_at: Some(sample::at(5)), ..change }
}

fn l5_a_change_of_link_comes_back_as_it_was(db: &Database) {
    let scene = scene(db);
    for kind in LinkChangeKind::ALL {
        let open = stored(db, &scene, *kind);
        let view = db.read(|tx| link_change::find(tx, &Scope::System, open.id)).unwrap();
        assert_same(&view.change, &open);
        assert_eq!((view.garage_name.as_str(), view.fleet_name.as_str()), ("Garage de Vries", "Bakkerij Jansen"));
        let passport = Found::by_system(scene.passport.id);
        assert_eq!(db.read(|tx| link_change::find_undecided(tx, passport)), Some(open.clone()));
        let agreed = decided(open, LinkChangeStatus::Agreed);
        let next = db.write(|tx| link_change::update(tx, &agreed, sample::at(5)));
        assert_eq!(next, LinkChange { version: 2, ..agreed });
        assert_eq!(db.read(|tx| link_change::find_undecided(tx, passport)), None);
    }
}

fn l5_one_change_of_a_passport_is_open(db: &Database) {
    let scene = scene(db);
    let mut open = stored(db, &scene, LinkChangeKind::Linked);
    for status in LinkChangeStatus::ALL.iter().filter(|status| **status != LinkChangeStatus::Open) {
        let next = change(&scene, LinkChangeKind::Unlinked);
        let error = db.refused(|tx| link_change::insert(tx, &next, sample::at(1)));
        assert!(matches!(error, StoreError::Duplicate(UniqueKey::Internal)), "{error:?}");
        db.write(|tx| link_change::update(tx, &decided(open.clone(), *status), sample::at(5)));
        db.write(|tx| link_change::insert(tx, &next, sample::at(6)));
        open = next;
    }
}

fn l5_a_stale_change_of_link_is_refused(db: &Database) {
    let open = stored(db, &scene(db), LinkChangeKind::Linked);
    let objected = decided(open.clone(), LinkChangeStatus::Objected);
    db.write(|tx| link_change::update(tx, &objected, sample::at(5)));
    let agreed = decided(open, LinkChangeStatus::Agreed);
    let error = db.refused(|tx| link_change::update(tx, &agreed, sample::at(5)));
    assert!(matches!(error, StoreError::Stale { table: "link_changes" }), "{error:?}");
}

fn l5_each_side_and_the_garage_reach_it_and_nobody_else(db: &Database) {
    let (own, other) = (scene(db), scene(db));
    let change = stored(db, &own, LinkChangeKind::Unlinked);
    let scopes = |scene: &Scene| {
        [
            Scope::Garage(scene.garage),
            Scope::Fleet(scene.fleet.id, scene.fleet.account_id),
            Scope::Driver(scene.driver.id, scene.driver.email.key()),
        ]
    };
    let filter = LinkChangeFilter::default();
    for (scopes, reaches) in [(scopes(&own), true), (scopes(&other), false)] {
        for scope in scopes {
            assert_eq!(db.read(|tx| link_change::find(tx, &scope, change.id)).is_some(), reaches, "{scope:?}");
            assert_eq!(db.read(|tx| link_change::garage_of(tx, &scope, change.id)).is_some(), reaches, "{scope:?}");
            let listed = db.read(|tx| link_change::list(tx, &scope, &filter, sample::at(1), &all()));
            assert_eq!(listed.items.len(), usize::from(reaches), "{scope:?}");
        }
    }
    assert!(db.read(|tx| link_change::find(tx, &Scope::Nothing, change.id)).is_none());
}

fn l5_changes_of_link_page_and_are_filtered(db: &Database) {
    let (one, other) = (scene(db), scene(db));
    let agreed = stored(db, &one, LinkChangeKind::Linked);
    db.write(|tx| link_change::update(tx, &decided(agreed.clone(), LinkChangeStatus::Agreed), sample::at(5)));
    let open = stored(db, &one, LinkChangeKind::Unlinked);
    let foreign = stored(db, &other, LinkChangeKind::Linked);
    let list = |filter: LinkChangeFilter, now, request: PageRequest<LinkChangeId>| {
        let page = db.read(|tx| link_change::list(tx, &Scope::System, &filter, now, &request));
        (page.items.iter().map(|view| view.change.id).collect::<Vec<_>>(), page.next)
    };
    let any = LinkChangeFilter::default;
    let with = |statuses: &[LinkChangeStatus]| LinkChangeFilter { statuses: statuses.to_vec(), ..any() };
    let (soon, late) = (sample::at(9), sample::day(7));
    assert_eq!(list(any(), soon, all()).0, [agreed.id, open.id, foreign.id]);
    assert_eq!(list(LinkChangeFilter { newest_first: true, ..any() }, soon, all()).0, [foreign.id, open.id, agreed.id]);
    assert_eq!(list(any(), soon, first(1)), (vec![agreed.id], Some(agreed.id)));
    let second = PageRequest { after: Some(agreed.id), ..first(1) };
    assert_eq!(list(any(), soon, second), (vec![open.id], Some(open.id)));
    let since = PageRequest { updated_since: Some(sample::at(5)), ..all() };
    assert_eq!(list(any(), soon, since).0, [agreed.id]);
    let of_one = LinkChangeFilter { passport: Some(one.passport.id), ..any() };
    assert_eq!(list(of_one, soon, all()).0, [agreed.id, open.id]);
    assert_eq!(list(with(&[LinkChangeStatus::Agreed]), soon, all()).0, [agreed.id]);
    // One is over by time alone.
    assert_eq!(list(with(&[LinkChangeStatus::Open]), soon, all()).0, [open.id, foreign.id]);
    assert_eq!(list(with(&[LinkChangeStatus::Over]), soon, all()).0, []);
    assert_eq!(list(with(&[LinkChangeStatus::Open]), late, all()).0, []);
    assert_eq!(list(with(&[LinkChangeStatus::Over]), late, all()).0, [open.id, foreign.id]);
}

fn l5_a_fleet_that_may_object_is_counted(db: &Database) {
    let scene = scene(db);
    let count = |now| db.read(|tx| link_change::open_unlinks(tx, scene.fleet.id, now));
    let linked = stored(db, &scene, LinkChangeKind::Linked);
    assert_eq!(count(sample::at(1)), 0, "a link is the private owner's to object to");
    db.write(|tx| link_change::update(tx, &decided(linked.clone(), LinkChangeStatus::Agreed), sample::at(5)));
    stored(db, &scene, LinkChangeKind::Unlinked);
    assert_eq!((count(sample::at(1)), count(sample::day(7))), (1, 0));
}

fn l5_the_days_of_a_garage_are_kept(db: &Database) {
    let id = sample::stored_garage(db).id;
    let (mut found, stamps) = db.read(|tx| garage::find(tx, id)).unwrap();
    assert_eq!(found.second_thoughts_days, 7);
    for days in [0, 30] {
        found.second_thoughts_days = days;
        found = db.write(|tx| garage::update(tx, &found, stamps, sample::at(1)));
        assert_eq!(db.read(|tx| garage::find(tx, id)).unwrap().0.second_thoughts_days, days);
    }
}
