//! Everything a tenant has is invisible to every other one (rules A2 and A3): the scope is in the SQL.

use crate::support::{Database, all, sample};
use domain::{
    account::Account,
    customer::Customer,
    fleet::Fleet,
    ids::GarageId,
    passport::Passport,
    transfer::{Transfer, TransferStatus},
    value::{AccountKind, TransferKind},
};
use persistence::{
    Scope, Stamps, StoreError, account, customer, fleet,
    passport::{self, PassportFilter},
    transfer::{self, TransferFilter},
};

on_both!(
    a2_passports_are_seen_by_their_garage_fleet_and_driver_only,
    a2_customers_are_seen_by_their_garage_only,
    a2_fleets_are_seen_by_their_garage_and_account_only,
    a2_transfers_are_seen_by_their_garage_offerer_and_recipient_only,
    a2_a_filter_does_not_reach_beyond_the_scope,
    a2_a_search_does_not_reach_beyond_the_scope,
    a2_access_ends_with_the_hand_over,
    a2_colleagues_are_seen_by_their_garage_only,
    a2_nothing_moves_to_another_garage,
    f1_a_manager_passport_is_one_of_that_garage_and_customer,
);

/// A garage with one of each, all of it like that of every other such garage.
struct Tenant {
    garage: GarageId,
    staff: Account,
    customer: Customer,
    fleet: Fleet,
    fleet_account: Account,
    /// Drives the car in the fleet.
    driver: Account,
    /// Owns and drives a car in no fleet.
    owner: Account,
    in_fleet: Passport,
    own: Passport,
    offered_by_fleet: Transfer,
    offered_by_owner: Transfer,
    /// Is offered the owner's car.
    recipient: Account,
}

impl Tenant {
    fn new(db: &Database) -> Self {
        let garage = sample::stored_garage(db).id;
        let staff = sample::store_account(db, sample::staff(garage, domain::value::StaffRole::Admin));
        let customer = sample::stored_customer(db, garage, "Jan Jansen");
        let [driver, owner, recipient] = [(); 3].map(|()| sample::stored_account(db, AccountKind::Driver));
        let car = Passport { customer_id: Some(customer.id), ..sample::active_passport(garage, &owner, None) };
        let own = sample::store_passport(db, car);
        let fleet = sample::stored_fleet_of(db, &own, "Jansen BV", Some(customer.id));
        let (fleet_account, _) = db.read(|tx| account::find(tx, fleet.account_id)).unwrap();
        let linked = sample::active_passport(garage, &driver, Some(fleet.id));
        let in_fleet = sample::store_passport(db, Passport { customer_id: Some(customer.id), ..linked });
        let to_driver = sample::transfer(&in_fleet, &fleet_account, "iemand@elders.example");
        let offered_by_fleet = sample::store_transfer(db, Transfer { kind: TransferKind::NewDriver, ..to_driver });
        let offered_by_owner = sample::store_transfer(db, sample::transfer(&own, &owner, recipient.email.as_str()));
        Self {
            garage,
            staff,
            customer,
            fleet,
            fleet_account,
            driver,
            owner,
            in_fleet,
            own,
            offered_by_fleet,
            offered_by_owner,
            recipient,
        }
    }

    /// Everyone who sees something of this garage.
    fn scopes(&self) -> Vec<Scope> {
        let (garage, fleet) = (Scope::Garage(self.garage), Scope::Fleet(self.fleet.id, self.fleet_account.id));
        vec![garage, fleet, as_driver(&self.driver), as_driver(&self.owner), as_driver(&self.recipient)]
    }
}

fn as_driver(account: &Account) -> Scope {
    Scope::Driver(account.id, account.email.key())
}

fn stamps() -> Stamps {
    Stamps { created_at: sample::at(0), updated_at: sample::at(0) }
}

/// The scopes of `mine`, of a like tenant beside it, of strangers, and of nobody.
fn every_scope(db: &Database, mine: &Tenant) -> Vec<Scope> {
    let mut scopes = mine.scopes();
    scopes.extend(Tenant::new(db).scopes());
    scopes.push(as_driver(&sample::stored_account(db, AccountKind::Driver)));
    // Identities that were mixed up: right in kind for another table's id.
    scopes.push(Scope::Garage(GarageId(mine.fleet.id.0)));
    scopes.push(Scope::Fleet(domain::ids::FleetId(mine.garage.0), sample::id()));
    scopes.push(Scope::Driver(domain::ids::AccountId(mine.garage.0), String::new()));
    scopes.push(Scope::Nothing);
    scopes
}

/// A way to look, and whether a scope sees the thing by it.
type Way<'a> = (&'a str, &'a dyn Fn(&Scope) -> bool);

/// Asserts that exactly the scopes in `seen_by` (and the system) see something, by each of the ways to look.
fn assert_seen(db: &Database, mine: &Tenant, seen_by: &[Scope], ways: &[Way<'_>]) {
    for (way, sees) in ways {
        for scope in every_scope(db, mine) {
            assert_eq!(sees(&scope), seen_by.contains(&scope), "{way} as {scope:?}");
        }
    }
}

fn a2_passports_are_seen_by_their_garage_fleet_and_driver_only(db: &Database) {
    let mine = Tenant::new(db);
    let [garage, fleet, driver, owner, _] = <[Scope; 5]>::try_from(mine.scopes()).unwrap();
    for (passport, seen_by) in [(&mine.in_fleet, vec![garage.clone(), fleet, driver]), (&mine.own, vec![garage, owner])]
    {
        let id = passport.id;
        let find = |scope: &Scope| db.read(|tx| passport::find(tx, scope, id)).is_some();
        let view = |scope: &Scope| db.read(|tx| passport::view(tx, scope, id)).is_some();
        let garage_of = |scope: &Scope| db.read(|tx| passport::garage_of(tx, scope, id)).is_some();
        let list = |scope: &Scope| {
            let page = db.read(|tx| passport::list(tx, scope, &PassportFilter::default(), &all()));
            page.items.iter().any(|view| view.passport.id == id)
        };
        assert_seen(
            db,
            &mine,
            &seen_by,
            &[("find", &find), ("view", &view), ("garage_of", &garage_of), ("list", &list)],
        );
        assert!(find(&Scope::System) && view(&Scope::System) && garage_of(&Scope::System) && list(&Scope::System));
    }
}

fn a2_customers_are_seen_by_their_garage_only(db: &Database) {
    let mine = Tenant::new(db);
    let id = mine.customer.id;
    let find = |scope: &Scope| db.read(|tx| customer::find(tx, scope, id)).is_some();
    let list = |scope: &Scope| {
        let page = db.read(|tx| customer::list(tx, scope, None, &all()));
        page.items.iter().any(|(customer, _)| customer.id == id)
    };
    assert_seen(db, &mine, &[Scope::Garage(mine.garage)], &[("find", &find), ("list", &list)]);
    let other = Tenant::new(db).garage;
    let email = sample::email("jan@jansen.example");
    let known = Customer { email: Some(email.clone()), ..sample::customer(mine.garage, "Jan") };
    db.write(|tx| customer::insert(tx, &known, sample::at(0)));
    assert!(db.read(|tx| customer::find_by_email(tx, mine.garage, &email)).is_some());
    assert!(db.read(|tx| customer::find_by_email(tx, other, &email)).is_none());
    let twin = |garage| Customer { email: Some(email.clone()), ..sample::customer(garage, "Jan") };
    let sharing = |garage| db.read(|tx| customer::sharing_contact(tx, &twin(garage))).len();
    assert_eq!((sharing(mine.garage), sharing(other)), (1, 0));
}

fn a2_fleets_are_seen_by_their_garage_and_account_only(db: &Database) {
    let mine = Tenant::new(db);
    let id = mine.fleet.id;
    let find = |scope: &Scope| db.read(|tx| fleet::find(tx, scope, id)).is_some();
    let view = |scope: &Scope| db.read(|tx| fleet::view(tx, scope, id)).is_some();
    let list = |scope: &Scope| {
        let page = db.read(|tx| fleet::list(tx, scope, None, &[], &all()));
        page.items.iter().any(|view| view.fleet.id == id)
    };
    let seen_by = [Scope::Garage(mine.garage), Scope::Fleet(id, mine.fleet_account.id)];
    assert_seen(db, &mine, &seen_by, &[("find", &find), ("view", &view), ("list", &list)]);
    assert!(find(&Scope::System) && view(&Scope::System) && list(&Scope::System));
}

fn a2_transfers_are_seen_by_their_garage_offerer_and_recipient_only(db: &Database) {
    let mine = Tenant::new(db);
    let [garage, fleet, _, owner, recipient] = <[Scope; 5]>::try_from(mine.scopes()).unwrap();
    let cases = [
        (&mine.offered_by_fleet, vec![garage.clone(), fleet]),
        (&mine.offered_by_owner, vec![garage, owner, recipient]),
    ];
    for (transfer, seen_by) in cases {
        let id = transfer.id;
        let find = |scope: &Scope| db.read(|tx| transfer::find(tx, scope, id)).is_some();
        let garage_of = |scope: &Scope| db.read(|tx| transfer::garage_of(tx, scope, id)).is_some();
        let list = |scope: &Scope| {
            let filter = TransferFilter::default();
            let page = db.read(|tx| transfer::list(tx, scope, &filter, sample::at(0), &all()));
            page.items.iter().any(|(transfer, ..)| transfer.id == id)
        };
        assert_seen(db, &mine, &seen_by, &[("find", &find), ("garage_of", &garage_of), ("list", &list)]);
        assert!(find(&Scope::System) && garage_of(&Scope::System) && list(&Scope::System));
    }
}

fn a2_a_filter_does_not_reach_beyond_the_scope(db: &Database) {
    let (mine, other) = (Tenant::new(db), Tenant::new(db));
    let filters = [
        PassportFilter { customer: Some(mine.customer.id), ..PassportFilter::default() },
        PassportFilter { fleet: Some(mine.fleet.id), ..PassportFilter::default() },
        PassportFilter { plate: Some(mine.own.vehicle.plate.written()), ..PassportFilter::default() },
        PassportFilter { search: Some(mine.own.vehicle.plate.shown()), ..PassportFilter::default() },
    ];
    for filter in filters {
        let count = |scope: &Scope| db.read(|tx| passport::list(tx, scope, &filter, &all())).items.len();
        assert!(count(&Scope::Garage(mine.garage)) > 0, "{filter:?}");
        for scope in other.scopes().into_iter().chain([Scope::Nothing]) {
            assert_eq!(count(&scope), 0, "{filter:?} as {scope:?}");
        }
    }
    for status in [None, Some(TransferStatus::Offered), Some(TransferStatus::Expired)] {
        let statuses: Vec<_> = status.into_iter().collect();
        for now in [sample::at(0), sample::day(15)] {
            let filter =
                TransferFilter { passport: Some(mine.own.id), statuses: statuses.clone(), newest_first: false };
            let count = |scope: &Scope| db.read(|tx| transfer::list(tx, scope, &filter, now, &all())).items.len();
            for scope in other.scopes().into_iter().chain([Scope::Nothing, as_driver(&mine.driver)]) {
                assert_eq!(count(&scope), 0, "{filter:?} as {scope:?}");
            }
        }
    }
}

fn a2_a_search_does_not_reach_beyond_the_scope(db: &Database) {
    let (mine, other) = (Tenant::new(db), Tenant::new(db));
    for typed in ["jan", "jansen", "j", "%", "_", "'", ""] {
        let scope = Scope::Garage(mine.garage);
        let page = db.read(|tx| customer::list(tx, &scope, Some(typed), &all()));
        assert!(page.items.iter().all(|(customer, _)| customer.garage_id == mine.garage), "{typed}");
        for scope in mine.scopes().into_iter().chain(other.scopes()).chain([Scope::Nothing]) {
            let page = db.read(|tx| fleet::list(tx, &scope, Some(typed), &[], &all()));
            for view in page.items {
                assert!(db.read(|tx| fleet::find(tx, &scope, view.fleet.id)).is_some(), "{typed} as {scope:?}");
            }
            let filter = PassportFilter { search: Some(typed.into()), ..PassportFilter::default() };
            for view in db.read(|tx| passport::list(tx, &scope, &filter, &all())).items {
                let id = view.passport.id;
                assert!(db.read(|tx| passport::find(tx, &scope, id)).is_some(), "{typed} as {scope:?}");
            }
        }
    }
}

fn a2_access_ends_with_the_hand_over(db: &Database) {
    let mine = Tenant::new(db);
    let [_, fleet, driver, ..] = <[Scope; 5]>::try_from(mine.scopes()).unwrap();
    let recipient = as_driver(&mine.recipient);
    let sees = |scope: &Scope| db.read(|tx| passport::find(tx, scope, mine.in_fleet.id)).is_some();
    assert!(sees(&fleet) && sees(&driver) && !sees(&recipient));
    let mut handed = mine.in_fleet.clone();
    handed.hands = domain::custody::Hands { driver: Some(mine.recipient.id), fleet: None };
    db.write(|tx| passport::update(tx, &handed, stamps(), sample::at(1)));
    assert!(!sees(&fleet) && !sees(&driver) && sees(&recipient), "T7");
    let kept = db.read(|tx| transfer::find(tx, &fleet, mine.offered_by_fleet.id));
    assert!(kept.is_some(), "T10: who offered keeps the record of the act");
}

fn a2_colleagues_are_seen_by_their_garage_only(db: &Database) {
    let (mine, other) = (Tenant::new(db), Tenant::new(db));
    assert!(db.read(|tx| account::find_staff(tx, mine.garage, mine.staff.id)).is_some());
    assert!(db.read(|tx| account::find_staff(tx, other.garage, mine.staff.id)).is_none());
    assert!(db.read(|tx| account::find_staff(tx, mine.garage, mine.driver.id)).is_none());
    let page = db.read(|tx| account::list_staff(tx, mine.garage, &all()));
    assert_eq!(page.items.into_iter().map(|(account, _)| account.id).collect::<Vec<_>>(), [mine.staff.id]);
    assert_eq!(db.read(|tx| account::other_admins(tx, mine.garage, mine.staff.id)), 0);
    assert_eq!(db.read(|tx| account::other_admins(tx, mine.garage, other.staff.id)), 1);
}

/// A row changes hands between garages by no update, also not with a value in which someone put the other garage's id.
fn a2_nothing_moves_to_another_garage(db: &Database) {
    let (mine, other) = (Tenant::new(db), Tenant::new(db));
    let garage_id = other.garage;
    let passport = Passport { garage_id, ..mine.own.clone() };
    let customer = Customer { garage_id, name: "Gekaapt".into(), ..mine.customer.clone() };
    let fleet = Fleet { garage_id, name: "Gekaapt".into(), ..mine.fleet.clone() };
    let transfer = Transfer { garage_id, ..mine.offered_by_owner.clone() };
    let errors = [
        db.store.write(|tx| passport::update(tx, &passport, stamps(), sample::at(1))).map(|_| ()),
        db.store.write(|tx| customer::update(tx, &customer, stamps(), sample::at(1))).map(|_| ()),
        db.store.write(|tx| customer::delete(tx, &customer, sample::at(9))),
        db.store.write(|tx| fleet::update(tx, &fleet, stamps(), sample::at(1))).map(|_| ()),
        db.store.write(|tx| transfer::update(tx, &transfer, sample::at(1))).map(|_| ()),
    ];
    for (index, result) in errors.into_iter().enumerate() {
        assert!(matches!(result, Err(StoreError::Stale { .. })), "{index}: {result:?}");
    }
    let scope = Scope::Garage(mine.garage);
    assert_eq!(db.read(|tx| passport::find(tx, &scope, mine.own.id)).unwrap().0.into_inner(), mine.own);
    assert_eq!(db.read(|tx| customer::find(tx, &scope, mine.customer.id)).unwrap().0, mine.customer);
    assert_eq!(db.read(|tx| fleet::find(tx, &scope, mine.fleet.id)).unwrap().0, mine.fleet);
    let id = mine.offered_by_owner.id;
    assert_eq!(db.read(|tx| transfer::find(tx, &scope, id)).unwrap().0, mine.offered_by_owner);
}

fn f1_a_manager_passport_is_one_of_that_garage_and_customer(db: &Database) {
    let (mine, other) = (Tenant::new(db), Tenant::new(db));
    let find = |garage, customer, named| {
        let found = db.read(|tx| passport::find_manager_passport(tx, garage, customer, named));
        found.map(|(passport, email)| (passport.id, email))
    };
    let (customer, email) = (mine.customer.id, mine.owner.email.clone());
    assert_eq!(find(mine.garage, customer, None), Some((mine.own.id, email.clone())));
    assert_eq!(find(mine.garage, customer, Some(mine.own.id)), Some((mine.own.id, email)));
    assert_eq!(find(mine.garage, customer, Some(other.own.id)), None);
    assert_eq!(find(other.garage, customer, None), None);
    assert_eq!(find(mine.garage, other.customer.id, None), None);
    let new = sample::stored_customer(db, mine.garage, "Piet");
    sample::store_passport(db, Passport { customer_id: Some(new.id), ..sample::passport(mine.garage) });
    assert_eq!(find(mine.garage, new.id, None), None, "an invited passport is not enough");
}
