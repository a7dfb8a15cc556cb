//! What is gone from lists, and what notes that something shows something else: rules LS1 and LS2.

use crate::support::{Database, first, sample};
use domain::{
    Instant,
    custody::Hands,
    customer::Customer,
    fleet::{Fleet, FleetStatus},
    ids::{AccountId, FleetId, GarageId},
    passport::{Passport, PassportStatus},
    removal::{FollowedList, Removal},
    suppression::{Suppression, SuppressionReason},
    value::AccountKind,
};
use persistence::{
    Page, PageRequest, Scope, Stamps, account, customer, fleet, garage, passport,
    removal::{self, Gone, RemovalKey},
    suppression,
};
use uuid::Uuid;

on_both!(
    ls1_a_deleted_customer_and_a_closed_fleet_are_gone_from_their_garages_lists,
    ls1_a_passport_is_gone_from_the_lists_that_it_left,
    ls1_what_is_gone_comes_in_pages_and_is_forgotten,
    ls2_passports_note_what_they_show_of_others,
    ls2_fleets_and_customers_note_what_they_show_of_others,
);

const MADE: Stamps = Stamps { created_at: Instant::UNIX_EPOCH, updated_at: Instant::UNIX_EPOCH };

fn gone(db: &Database, scope: &Scope, list: FollowedList) -> Vec<Uuid> {
    let page = db.read(|tx| removal::list(tx, scope, &[list], None, &first(10)));
    page.items.iter().map(|one| one.id).collect()
}

fn ls1_a_deleted_customer_and_a_closed_fleet_are_gone_from_their_garages_lists(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let jan = sample::stored_customer(db, garage, "Jan");
    db.write(|tx| customer::delete(tx, &jan, sample::at(7)));
    let page = db.read(|tx| removal::list(tx, &Scope::Garage(garage), &[FollowedList::Customers], None, &first(10)));
    assert_eq!(page.items, [Gone { id: jan.id.0, at: sample::at(7) }]);
    assert_eq!(gone(db, &Scope::Garage(other), FollowedList::Customers), nothing());
    assert_eq!(gone(db, &Scope::Garage(garage), FollowedList::Passports), nothing());
    assert_eq!(gone(db, &Scope::Nothing, FollowedList::Customers), nothing());
    let company = sample::stored_fleet(db, garage, "Bakker");
    let closed = Fleet { status: FleetStatus::Closed, ..company };
    let closed = db.write(|tx| fleet::update(tx, &closed, MADE, sample::at(8)));
    db.write(|tx| fleet::update(tx, &closed, MADE, sample::at(9)));
    assert_eq!(gone(db, &Scope::Garage(garage), FollowedList::OpenFleets), [closed.id.0]);
}

fn nothing() -> Vec<Uuid> {
    vec![]
}

/// Puts a passport into other hands, at an instant.
fn hand(db: &Database, car: &Passport, hands: Hands, at: Instant) -> Passport {
    let next = Passport { hands, ..car.clone() };
    db.write(|tx| passport::update(tx, &next, MADE, at))
}

fn ls1_a_passport_is_gone_from_the_lists_that_it_left(db: &Database) {
    use FollowedList::{FleetPassports, Passports, PassportsInUse};
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let company = sample::stored_fleet(db, garage, "Bakker");
    let (jan, els) = (sample::stored_account(db, AccountKind::Driver), sample::stored_account(db, AccountKind::Driver));
    let car = sample::store_passport(db, sample::active_passport(garage, &jan, Some(company.id)));
    let of_fleet = Scope::Fleet(company.id, company.account_id);
    let driver = |id: AccountId| Scope::Driver(id, "key".into());
    let kept = |garage: GarageId, fleet: FleetId| {
        let found = db.read(|tx| fleet::view(tx, &Scope::System, fleet)).unwrap().found();
        let scope = Scope::Garage(garage);
        let page = db.read(|tx| removal::list(tx, &scope, &[FleetPassports], Some(found), &first(10)));
        page.items.len()
    };
    let car = hand(db, &car, Hands { driver: Some(els.id), ..car.hands }, sample::at(1));
    assert_eq!(gone(db, &driver(jan.id), Passports), [car.id.0]);
    assert_eq!((gone(db, &driver(els.id), Passports), gone(db, &of_fleet, Passports)), (nothing(), nothing()));
    let car = hand(db, &car, Hands { fleet: None, ..car.hands }, sample::at(2));
    assert_eq!(
        (gone(db, &of_fleet, Passports), kept(garage, company.id), kept(other, company.id)),
        (vec![car.id.0], 1, 0)
    );
    assert_eq!(gone(db, &Scope::Garage(garage), Passports), nothing(), "its garage has it still");
    // In and out again, at one instant.
    let car = hand(db, &car, Hands { fleet: Some(company.id), ..car.hands }, sample::at(3));
    let car = hand(db, &car, Hands { fleet: None, ..car.hands }, sample::at(3));
    let car = hand(db, &car, Hands { fleet: Some(company.id), ..car.hands }, sample::at(3));
    let car = hand(db, &car, Hands { fleet: None, ..car.hands }, sample::at(3));
    assert_eq!(gone(db, &of_fleet, Passports), [car.id.0, car.id.0]);
    let next = Passport { garage_id: other, ..car };
    let car = db.write(|tx| passport::change_garage(tx, &next, garage, MADE, sample::at(4)));
    assert_eq!(gone(db, &Scope::Garage(garage), Passports), [car.id.0]);
    let archived = Passport { status: PassportStatus::Archived, hands: Hands::default(), ..car };
    db.write(|tx| passport::update(tx, &archived, MADE, sample::at(5)));
    assert_eq!(gone(db, &driver(els.id), Passports), [archived.id.0]);
    assert_eq!(gone(db, &Scope::Garage(other), Passports), nothing());
    assert_eq!(gone(db, &Scope::Garage(other), PassportsInUse), [archived.id.0]);
}

fn ls1_what_is_gone_comes_in_pages_and_is_forgotten(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let made: Vec<Removal> = (0..7).map(|at| Removal::of_customer(sample::id(), garage, sample::at(at / 2))).collect();
    db.write(|tx| removal::insert_all(tx, &made));
    let list = |request: PageRequest<RemovalKey>| -> Page<Gone, RemovalKey> {
        db.read(|tx| removal::list(tx, &Scope::Garage(garage), &[FollowedList::Customers], None, &request))
    };
    let (mut seen, mut after) = (vec![], None);
    loop {
        let page = list(PageRequest { after, limit: 2, updated_since: None });
        seen.extend(page.items.iter().map(|one| one.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, made.iter().map(|one| one.item).collect::<Vec<_>>());
    let since = |at| list(PageRequest { after: None, limit: 10, updated_since: Some(sample::at(at)) }).items.len();
    assert_eq!((since(0), since(2), since(4)), (7, 3, 0));
    assert_eq!(db.write(|tx| removal::delete_older(tx, sample::at(2))), 4);
    assert_eq!(since(0), 3);
}

fn ls2_passports_note_what_they_show_of_others(db: &Database) {
    let garage = sample::stored_garage(db);
    let jan = sample::stored_customer(db, garage.id, "Jan");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let company = sample::stored_fleet(db, garage.id, "Bakker");
    let car = Passport { customer_id: Some(jan.id), ..sample::active_passport(garage.id, &driver, Some(company.id)) };
    let car = sample::store_passport(db, car);
    let other = sample::store_passport(db, sample::active_passport(garage.id, &driver, None));
    let at = |id| {
        let (found, stamps) = db.read(|tx| passport::find(tx, &Scope::System, id)).unwrap();
        assert_eq!(found.version, 1, "nobody changed it");
        stamps.updated_at
    };
    let renamed = Customer { name: "Jan Jansen".into(), ..jan };
    let renamed = db.write(|tx| customer::update(tx, &renamed, MADE, sample::at(1)));
    assert_eq!((at(car.id), at(other.id)), (sample::at(1), sample::at(0)));
    let noted = Customer { notes: Some("Belt na negen.".into()), ..renamed };
    db.write(|tx| customer::update(tx, &noted, MADE, sample::at(2)));
    assert_eq!(at(car.id), sample::at(1), "the passport does not show it");
    let driver = domain::account::Account { name: "Els".into(), ..driver };
    let driver = db.write(|tx| account::update(tx, &driver, MADE, sample::at(3)));
    assert_eq!((at(car.id), at(other.id)), (sample::at(3), sample::at(3)));
    let driver = domain::account::Account { password_hash: Some("other".into()), ..driver };
    db.write(|tx| account::update(tx, &driver, MADE, sample::at(4)));
    assert_eq!(at(car.id), sample::at(3));
    let company = Fleet { name: "Bakkerij".into(), ..company };
    db.write(|tx| fleet::update(tx, &company, MADE, sample::at(5)));
    assert_eq!((at(car.id), at(other.id)), (sample::at(5), sample::at(3)));
    let garage = domain::garage::Garage { name: "Garage".into(), ..garage };
    db.write(|tx| garage::update(tx, &garage, MADE, sample::at(6)));
    assert_eq!((at(car.id), at(other.id)), (sample::at(6), sample::at(6)));
}

fn ls2_fleets_and_customers_note_what_they_show_of_others(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let company = sample::stored_fleet(db, garage, "Bakker");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let car = sample::store_passport(db, sample::active_passport(garage, &driver, None));
    let at = || db.read(|tx| fleet::find(tx, &Scope::System, company.id)).unwrap().1.updated_at;
    let car = hand(db, &car, Hands { fleet: Some(company.id), ..car.hands }, sample::at(1));
    assert_eq!(at(), sample::at(1), "it has a car more");
    let car = hand(db, &car, Hands { driver: None, ..car.hands }, sample::at(2));
    assert_eq!(at(), sample::at(1), "it has as many cars as before");
    hand(db, &car, Hands { driver: Some(driver.id), fleet: None }, sample::at(3));
    assert_eq!(at(), sample::at(3));
    let (account, _) = db.read(|tx| account::find(tx, company.account_id)).unwrap();
    let moved = domain::account::Account { email: sample::email("new@bakker.example"), ..account };
    db.write(|tx| account::update(tx, &moved, MADE, sample::at(4)));
    assert_eq!(at(), sample::at(4));
    let email = sample::email("jan@bakker.example");
    let jan = Customer { email: Some(email.clone()), ..sample::customer(garage, "Jan") };
    db.write(|tx| customer::insert(tx, &jan, sample::at(0)));
    let of_jan = || db.read(|tx| customer::find(tx, &Scope::Garage(garage), jan.id)).unwrap().1.updated_at;
    let bounced = Suppression {
        id: sample::id(),
        garage: None,
        email,
        reason: SuppressionReason::Bounced,
        since: sample::at(5),
        goes_with: None,
    };
    db.write(|tx| suppression::insert(tx, &bounced));
    assert_eq!(of_jan(), sample::at(5));
}
