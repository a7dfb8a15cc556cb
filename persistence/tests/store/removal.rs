//! What is gone from lists, and what notes that something shows something else: rules LS1 and LS2.

use crate::support::{Database, first, sample};
use domain::{
    Instant,
    custody::Hands,
    customer::Customer,
    device::{Device, DeviceKind},
    fleet::{Fleet, FleetStatus},
    ids::{AccountId, FleetId, GarageId, SessionId},
    passport::{Passport, PassportStatus},
    removal::{FollowedList, Removal},
    session::IDLE_LIFETIME,
    suppression::{Suppression, SuppressionReason},
    value::{AccountKind, StaffRole},
};
use persistence::{
    Found, Page, PageRequest, Scope, Stamps, account, customer,
    device::{self, StoredTarget},
    fleet, garage, passport,
    removal::{self, Gone, ListOf, RemovalKey},
    session::{self, Session},
    suppression,
};
use uuid::Uuid;

on_both!(
    ls1_a_deleted_customer_and_a_closed_fleet_are_gone_from_their_garages_lists,
    ls1_a_passport_is_gone_from_the_lists_that_it_left,
    ls1_a_colleague_and_an_address_are_gone_from_the_lists_of_their_garage,
    ls1_a_session_is_gone_with_its_devices_when_it_ends_or_lapses,
    ls1_what_is_gone_comes_in_pages_and_is_forgotten,
    ls2_passports_note_what_they_show_of_others,
    ls2_fleets_and_customers_note_what_they_show_of_others,
);

const MADE: Stamps = Stamps { created_at: Instant::UNIX_EPOCH, updated_at: Instant::UNIX_EPOCH };

fn gone(db: &Database, scope: &Scope, list: FollowedList) -> Vec<Uuid> {
    let page = db.read(|tx| removal::list(tx, scope, &[list], ListOf::Actor, &first(10)));
    page.items.iter().map(|one| one.id).collect()
}

fn ls1_a_deleted_customer_and_a_closed_fleet_are_gone_from_their_garages_lists(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let jan = sample::stored_customer(db, garage, "Jan");
    db.write(|tx| customer::delete(tx, &jan, sample::at(7)));
    let page =
        db.read(|tx| removal::list(tx, &Scope::Garage(garage), &[FollowedList::Customers], ListOf::Actor, &first(10)));
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
        let page = db.read(|tx| removal::list(tx, &scope, &[FleetPassports], ListOf::Fleet(found), &first(10)));
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

fn ls1_a_colleague_and_an_address_are_gone_from_the_lists_of_their_garage(db: &Database) {
    use FollowedList::{Staff, Suppressions};
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let (one, another) = (Scope::Garage(garage), Scope::Garage(other));
    let colleague = sample::store_account(db, sample::staff(garage, StaffRole::Mechanic));
    let colleague = db.write(|tx| account::update(tx, &colleague, MADE, sample::at(1)));
    assert_eq!(gone(db, &one, Staff), nothing(), "still there");
    let ended = db.write(|tx| account::update(tx, &colleague.clone().end(), MADE, sample::at(2)));
    assert_eq!((gone(db, &one, Staff), gone(db, &another, Staff)), (vec![ended.id.0], nothing()));
    // What is about a mailbox is in the lists of all garages that have a customer with it.
    let email = sample::email("jan@gone.example");
    let customer = |garage| {
        let customer = Customer { email: Some(email.clone()), ..sample::customer(garage, "Jan") };
        db.write(|tx| customer::insert(tx, &customer, sample::at(0)));
        customer
    };
    let (jan, again, of_other) = (customer(garage), customer(garage), customer(other));
    let bounced = Suppression {
        id: sample::id(),
        garage: None,
        email: email.clone(),
        reason: SuppressionReason::Bounced,
        since: sample::at(3),
        goes_with: None,
    };
    db.write(|tx| suppression::insert(tx, &bounced));
    db.write(|tx| customer::delete(tx, &jan, sample::at(4)));
    assert_eq!(gone(db, &one, Suppressions), nothing(), "another customer has the address");
    let moved = Customer { email: Some(sample::email("new@gone.example")), ..again };
    db.write(|tx| customer::update(tx, &moved, MADE, sample::at(5)));
    assert_eq!((gone(db, &one, Suppressions), gone(db, &another, Suppressions)), (vec![bounced.id.0], nothing()));
    assert!(db.write(|tx| suppression::delete(tx, &Found::by_system(bounced.clone()), sample::at(6))));
    assert_eq!((gone(db, &one, Suppressions).len(), gone(db, &another, Suppressions)), (1, vec![bounced.id.0]));
    // An objection goes when the customer whom it followed leaves the address.
    let along = Suppression {
        id: sample::id(),
        garage: Some(other),
        reason: SuppressionReason::Objected,
        goes_with: Some(of_other.id),
        ..bounced
    };
    db.write(|tx| suppression::insert(tx, &along));
    assert!(db.write(|tx| suppression::leave(tx, &of_other, sample::at(7))));
    assert_eq!(gone(db, &another, Suppressions)[1..], [along.id.0]);
}

fn ls1_a_session_is_gone_with_its_devices_when_it_ends_or_lapses(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver).id;
    let open = |number: i64| {
        let at = sample::at(number);
        let (id, account_id) = (sample::id::<SessionId>(), account);
        let opened =
            Session { id, account_id, user_agent: None, created_at: at, last_used_at: at, remembered_until: None };
        db.write(|tx| session::insert(tx, &opened, id.0.as_bytes()));
        let device =
            Device { id: sample::id(), account, session: id, kind: DeviceKind::Fcm, registered_at: sample::at(number) };
        let target = StoredTarget { hash: id.0.as_bytes().to_vec(), sealed: b"sealed".to_vec() };
        db.write(|tx| device::register(tx, &device, &target));
        (id, device)
    };
    let told = |account: AccountId, list: FollowedList| {
        let of = ListOf::Account(account);
        let page = db.read(|tx| removal::list(tx, &Scope::Nothing, &[list], of, &first(10)));
        page.items.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let (one, two, three) = (open(0), open(0), open(0));
    assert!(db.write(|tx| session::end(tx, account, one.0, false, sample::at(1))));
    db.write(|tx| session::end_all(tx, account, Some(three.0), sample::at(2)));
    assert_eq!(told(account, FollowedList::Sessions), [one.0.0, two.0.0]);
    assert_eq!(told(account, FollowedList::Devices), [one.1.id.0, two.1.id.0]);
    // The same device again, and one that is deleted.
    let again = Device { id: sample::id(), ..three.1.clone() };
    let target = StoredTarget { hash: three.0.0.as_bytes().to_vec(), sealed: b"sealed".to_vec() };
    db.write(|tx| device::register(tx, &again, &target));
    assert_eq!(told(account, FollowedList::Devices).len(), 3);
    assert!(db.write(|tx| device::delete(tx, account, again.id, sample::at(3))));
    assert!(!db.write(|tx| device::delete(tx, account, again.id, sample::at(4))));
    assert!(told(account, FollowedList::Devices).contains(&again.id.0));
    // Nobody ends the last one: it lapses.
    let later = sample::at(1) + IDLE_LIFETIME;
    let deleted = db.write(|tx| {
        session::delete_stale_tokens(tx, later)?;
        session::delete_stale(tx, later)
    });
    assert_eq!((deleted, told(account, FollowedList::Sessions)), (3, vec![one.0.0, two.0.0, three.0.0]));
    assert_eq!(told(sample::id(), FollowedList::Sessions), nothing(), "they are of one account");
}

fn ls1_what_is_gone_comes_in_pages_and_is_forgotten(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let made: Vec<Removal> = (0..7).map(|at| Removal::of_customer(sample::id(), garage, sample::at(at / 2))).collect();
    db.write(|tx| removal::insert_all(tx, &made));
    let list = |request: PageRequest<RemovalKey>| -> Page<Gone, RemovalKey> {
        db.read(|tx| removal::list(tx, &Scope::Garage(garage), &[FollowedList::Customers], ListOf::Actor, &request))
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
