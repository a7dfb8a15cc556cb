//! Who writes what someone else changed since it was read is told so, and changes nothing.

use crate::support::{Database, sample};
use domain::{
    account::Account,
    customer::Customer,
    fleet::Fleet,
    garage::Garage,
    invitation::{Invitation, Purpose},
    passport::{Passport, Vehicle},
    throttle::Attempts,
    transfer::{Transfer, TransferStatus},
    value::AccountKind,
};
use persistence::{
    Scope, Stamps, StoreError, account, customer, fleet, garage, invitation,
    jobs::{self, Outcome},
    passport, session, throttle, transfer,
};

on_both!(
    a_stale_garage_is_refused,
    a_stale_account_is_refused,
    a_stale_customer_is_refused,
    a_stale_fleet_is_refused,
    a_stale_passport_is_refused,
    t11_a_stale_transfer_is_refused,
    p3_a_link_is_used_once,
    a_refresh_token_is_exchanged_once,
    two_guesses_at_once_are_both_counted,
    a_job_ends_once,
    a_customer_in_use_is_let_go_of_where_that_is_over,
);

#[track_caller]
fn assert_stale(error: &StoreError, expected: &str) {
    assert!(matches!(error, StoreError::Stale { table } if *table == expected), "{error:?}");
}

fn stamps() -> Stamps {
    Stamps { created_at: sample::at(0), updated_at: sample::at(0) }
}

fn a_stale_garage_is_refused(db: &Database) {
    let read = sample::stored_garage(db);
    let first = Garage { name: "Eerste".into(), ..read.clone() };
    let second = Garage { name: "Tweede".into(), ..read };
    let first = db.write(|tx| garage::update(tx, &first, stamps(), sample::at(1)));
    assert_stale(&db.refused(|tx| garage::update(tx, &second, stamps(), sample::at(2))), "garages");
    assert_eq!(db.read(|tx| garage::find(tx, first.id)).unwrap().0, first);
    assert_stale(&db.refused(|tx| garage::update(tx, &sample::garage(), stamps(), sample::at(2))), "garages");
}

fn a_stale_account_is_refused(db: &Database) {
    let read = sample::stored_account(db, AccountKind::Driver);
    let first = Account { name: "Eerste".into(), ..read.clone() };
    let second = Account { name: "Tweede".into(), ..read };
    let first = db.write(|tx| account::update(tx, &first, stamps(), sample::at(1)));
    assert_stale(&db.refused(|tx| account::update(tx, &second, stamps(), sample::at(2))), "accounts");
    assert_eq!(db.read(|tx| account::find(tx, first.id)).unwrap().0, first);
}

fn a_stale_customer_is_refused(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let read = sample::stored_customer(db, garage, "Jan");
    let first = Customer { name: "Eerste".into(), ..read.clone() };
    let second = Customer { name: "Tweede".into(), ..read };
    let first = db.write(|tx| customer::update(tx, &first, stamps(), sample::at(1)));
    assert_stale(&db.refused(|tx| customer::update(tx, &second, stamps(), sample::at(2))), "customers");
    assert_stale(&db.refused(|tx| customer::delete(tx, &second, sample::at(9))), "customers");
    assert_eq!(db.read(|tx| customer::find(tx, &Scope::Garage(garage), first.id)).unwrap().0, first);
    db.write(|tx| customer::delete(tx, &first, sample::at(9)));
    assert_stale(&db.refused(|tx| customer::update(tx, &first, stamps(), sample::at(2))), "customers");
}

fn a_stale_fleet_is_refused(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let read = sample::stored_fleet(db, garage, "Bakker");
    let first = Fleet { name: "Eerste".into(), ..read.clone() };
    let second = Fleet { name: "Tweede".into(), ..read };
    let first = db.write(|tx| fleet::update(tx, &first, stamps(), sample::at(1)));
    assert_stale(&db.refused(|tx| fleet::update(tx, &second, stamps(), sample::at(2))), "fleets");
    assert_eq!(db.read(|tx| fleet::find(tx, &Scope::Garage(garage), first.id)).unwrap().0, first);
}

fn a_stale_passport_is_refused(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let read = sample::store_passport(db, sample::passport(garage));
    let with_year = |year| {
        let vehicle = Vehicle { year: Some(year), ..read.vehicle.clone() };
        Passport { vehicle, ..read.clone() }
    };
    let first = db.write(|tx| passport::update(tx, &with_year(2001), stamps(), sample::at(1)));
    assert_stale(&db.refused(|tx| passport::update(tx, &with_year(2002), stamps(), sample::at(2))), "passports");
    assert_eq!(db.read(|tx| passport::find(tx, &Scope::Garage(garage), first.id)).unwrap().0.into_inner(), first);
}

fn t11_a_stale_transfer_is_refused(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let passport = sample::store_passport(db, sample::active_passport(garage, &driver, None));
    let read = sample::store_transfer(db, sample::transfer(&passport, &driver, "piet@pietersen.example"));
    let decided = |status| Transfer { status, decided_at: Some(sample::at(1)), ..read.clone() };
    let first = db.write(|tx| transfer::update(tx, &decided(TransferStatus::Accepted), sample::at(1)));
    let second = decided(TransferStatus::Withdrawn);
    assert_stale(&db.refused(|tx| transfer::update(tx, &second, sample::at(2))), "transfers");
    assert_eq!(db.read(|tx| transfer::find(tx, &Scope::Garage(garage), first.id)).unwrap().0, first);
}

fn p3_a_link_is_used_once(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver);
    let purpose = Purpose::PasswordReset(account.id);
    let link = Invitation::new(sample::id(), purpose, None, account.email, sample::at(0));
    db.write(|tx| invitation::issue(tx, &link, b"hash", sample::at(0)));
    let used = link.redeem(sample::at(1)).unwrap();
    db.write(|tx| invitation::redeem(tx, &used));
    let again = Invitation { used_at: Some(sample::at(2)), ..used.clone() };
    assert_stale(&db.refused(|tx| invitation::redeem(tx, &again)), "invitations");
    assert_eq!(db.read(|tx| invitation::find(tx, used.id)), Some(used));
}

fn a_refresh_token_is_exchanged_once(db: &Database) {
    let session = session::Session {
        id: sample::id(),
        account_id: sample::stored_account(db, AccountKind::Driver).id,
        user_agent: None,
        created_at: sample::at(0),
        last_used_at: sample::at(0),
        remembered_until: None,
    };
    db.write(|tx| session::insert(tx, &session, b"first"));
    db.write(|tx| session::rotate(tx, session.id, b"first", b"second", sample::at(1)));
    let error = db.refused(|tx| session::rotate(tx, session.id, b"first", b"third", sample::at(2)));
    assert_stale(&error, "refresh_tokens");
    assert!(db.read(|tx| session::find_token(tx, b"third")).is_none());
}

fn two_guesses_at_once_are_both_counted(db: &Database) {
    let attempts = |at| Attempts { full_at: sample::at(at) };
    db.write(|tx| throttle::save(tx, b"jan", None, attempts(1)));
    assert_stale(&db.refused(|tx| throttle::save(tx, b"jan", None, attempts(1))), "throttles");
    db.write(|tx| throttle::save(tx, b"jan", Some(attempts(1)), attempts(2)));
    assert_stale(&db.refused(|tx| throttle::save(tx, b"jan", Some(attempts(1)), attempts(2))), "throttles");
    assert_eq!(db.read(|tx| throttle::find(tx, b"jan")), Some(attempts(2)));
}

fn a_job_ends_once(db: &Database) {
    let job = sample::job();
    db.write(|tx| jobs::insert(tx, &job, sample::at(0), sample::at(0)));
    assert_stale(&db.refused(|tx| jobs::finish(tx, job.id, Outcome::Done, sample::at(1))), "jobs");
    db.write(|tx| jobs::claim(tx, job.task.kind(), 1, sample::at(1)));
    db.write(|tx| jobs::finish(tx, job.id, Outcome::Done, sample::at(2)));
    let error = db.refused(|tx| jobs::finish(tx, job.id, Outcome::Dead("late".into()), sample::at(3)));
    assert_stale(&error, "jobs");
}

fn a_customer_in_use_is_let_go_of_where_that_is_over(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let customer = sample::stored_customer(db, garage, "Jan");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let active = sample::active_passport(garage, &driver, None);
    let passport = sample::store_passport(db, Passport { customer_id: Some(customer.id), ..active });
    assert_eq!(db.read(|tx| customer::references(tx, customer.id)), (1, 0));
    db.refused(|tx| customer::delete(tx, &customer, sample::at(9)));
    let archived = passport.archive(domain::passport::Pending::default(), driver.id, sample::at(1)).unwrap().passport;
    let archived = db.write(|tx| passport::update(tx, &archived, stamps(), sample::at(1)));
    assert_eq!(db.read(|tx| customer::references(tx, customer.id)), (0, 0));
    db.write(|tx| customer::delete(tx, &customer, sample::at(9)));
    let (kept, _) = db.read(|tx| passport::find(tx, &Scope::Garage(garage), archived.id)).unwrap();
    assert_eq!((kept.customer_id, kept.version), (None, archived.version + 1), "who saw it before sees a change");
}
