//! The rules that the database itself keeps: what may exist once only.

use crate::support::{Database, sample, together};
use domain::{
    account::{Account, AccountStatus},
    event::Stream,
    invitation::{Invitation, Purpose},
    licence_plate::LicencePlate,
    passport::{Passport, PassportStatus},
    transfer::{Transfer, TransferStatus},
    value::{AccountKind, Country},
};
use persistence::{
    Stamps, StoreError, UniqueKey, account, event, idempotency, invitation,
    jobs::{self, Cause, Job},
    passport, session, transfer,
};

on_both!(
    a1_an_email_names_one_account_whatever_its_case,
    a1_an_ended_account_frees_its_email,
    a1_of_many_accounts_with_one_email_at_once_one_is_made,
    p1_a_plate_has_one_passport_in_use,
    p1_of_many_passports_for_one_plate_at_once_one_is_made,
    f7_a_passport_in_use_has_a_driver_or_a_fleet,
    t5_a_passport_has_one_open_offer,
    t5_of_many_offers_at_once_one_is_made,
    an_idempotency_key_has_one_answer,
    what_no_request_can_cause_is_internal,
);

#[track_caller]
fn assert_duplicate(error: &StoreError, key: UniqueKey) {
    assert!(matches!(error, StoreError::Duplicate(found) if *found == key), "{error:?}");
}

/// Asserts that one of many succeeded and the others met `key`.
#[track_caller]
fn assert_one(results: Vec<Result<(), StoreError>>, key: UniqueKey) {
    let total = results.len();
    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), total - 1);
    for error in &errors {
        assert_duplicate(error, key);
    }
}

fn account(email: &str) -> Account {
    Account { email: sample::email(email), ..sample::account(AccountKind::Driver) }
}

fn stamps() -> Stamps {
    Stamps { created_at: sample::at(0), updated_at: sample::at(0) }
}

fn a1_an_email_names_one_account_whatever_its_case(db: &Database) {
    let jan = sample::store_account(db, account("Jan@Jansen.example"));
    for kind in [AccountKind::Driver, AccountKind::Fleet, AccountKind::Platform] {
        for typed in ["jan@jansen.example", " JAN@JANSEN.EXAMPLE ", "Jan@Jansen.example"] {
            let second = Account { kind, ..account(typed) };
            assert_duplicate(&db.refused(|tx| account::insert(tx, &second, sample::at(0))), UniqueKey::AccountEmail);
            let (found, _) = db.read(|tx| account::find_by_email(tx, &second.email)).unwrap();
            assert_eq!(found.id, jan.id);
            assert!(db.read(|tx| account::email_in_use(tx, &second.email)));
        }
    }
    let piet = sample::store_account(db, account("piet@jansen.example"));
    let renamed = Account { email: sample::email("JAN@jansen.example"), ..piet };
    let error = db.refused(|tx| account::update(tx, &renamed, stamps(), sample::at(1)));
    assert_duplicate(&error, UniqueKey::AccountEmail);
}

fn a1_an_ended_account_frees_its_email(db: &Database) {
    let jan = sample::store_account(db, account("jan@jansen.example"));
    let invited = Account { status: AccountStatus::Invited, ..jan.clone() };
    let invited = db.write(|tx| account::update(tx, &invited, stamps(), sample::at(1)));
    let again = account("jan@jansen.example");
    assert_duplicate(&db.refused(|tx| account::insert(tx, &again, sample::at(0))), UniqueKey::AccountEmail);
    let ended = db.write(|tx| account::update(tx, &invited.clone().end(), stamps(), sample::at(2)));
    assert!(!db.read(|tx| account::email_in_use(tx, &jan.email)));
    assert_eq!(db.read(|tx| account::find_by_email(tx, &jan.email)), None);
    sample::store_account(db, again.clone());
    let (kept, _) = db.read(|tx| account::find(tx, jan.id)).unwrap();
    assert_eq!(kept.email.as_str(), "jan@jansen.example", "its holder's name stays known");
    sample::store_account(db, Account { status: AccountStatus::Ended, ..account("jan@jansen.example") });
    let back = Account { status: AccountStatus::Active, ..ended };
    let error = db.refused(|tx| account::update(tx, &back, stamps(), sample::at(3)));
    assert_duplicate(&error, UniqueKey::AccountEmail);
}

fn a1_of_many_accounts_with_one_email_at_once_one_is_made(db: &Database) {
    let results = together(8, |_| {
        let account = account("jan@jansen.example");
        db.store.write(|tx| account::insert(tx, &account, sample::at(0)))
    });
    assert_one(results, UniqueKey::AccountEmail);
}

fn with_plate(mut passport: Passport, plate: &LicencePlate) -> Passport {
    passport.vehicle.plate = plate.clone();
    passport
}

fn p1_a_plate_has_one_passport_in_use(db: &Database) {
    let (one, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let plate = sample::dutch_plate("TT-601-D");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let first = sample::store_passport(db, with_plate(sample::passport(one), &plate));
    let refused = |passport: &Passport| {
        let error = db.refused(|tx| passport::insert(tx, passport, sample::at(0)));
        assert_duplicate(&error, UniqueKey::PassportPlate);
    };
    refused(&with_plate(sample::passport(one), &plate));
    refused(&with_plate(sample::passport(other), &plate));
    refused(&with_plate(sample::active_passport(other, &driver, None), &plate));
    let abroad = LicencePlate::parse(Country::parse("BE").unwrap(), "TT-601-D").unwrap();
    let belgian = sample::store_passport(db, with_plate(sample::passport(other), &abroad));
    let moved = with_plate(belgian, &plate);
    let error = db.refused(|tx| passport::update(tx, &moved, stamps(), sample::at(1)));
    assert_duplicate(&error, UniqueKey::PassportPlate);

    let archived = first.archive(domain::passport::Pending::default(), driver.id, sample::at(1)).unwrap().passport;
    let archived = db.write(|tx| passport::update(tx, &archived, stamps(), sample::at(1)));
    sample::store_passport(db, with_plate(sample::passport(other), &plate));
    for _ in 0..2 {
        let old = Passport { status: PassportStatus::Archived, ..sample::passport(one) };
        sample::store_passport(db, with_plate(old, &plate));
    }
    let back = Passport { status: PassportStatus::Invited, ..archived };
    let error = db.refused(|tx| passport::update(tx, &back, stamps(), sample::at(2)));
    assert_duplicate(&error, UniqueKey::PassportPlate);
}

fn p1_of_many_passports_for_one_plate_at_once_one_is_made(db: &Database) {
    let garages: Vec<_> = (0..8).map(|_| sample::stored_garage(db).id).collect();
    let plate = sample::dutch_plate("TT-601-D");
    let results = together(8, |index| {
        let passport = with_plate(sample::passport(garages[index]), &plate);
        db.store.write(|tx| {
            event::lock(tx, Stream::Garage(passport.garage_id))?;
            passport::insert(tx, &passport, sample::at(0)).map(|_| ())
        })
    });
    assert_one(results, UniqueKey::PassportPlate);
}

fn offerable(db: &Database) -> (Passport, Account) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    (sample::store_passport(db, sample::active_passport(garage, &driver, None)), driver)
}

fn f7_a_passport_in_use_has_a_driver_or_a_fleet(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let fleet = sample::stored_fleet(db, garage, "Bakkerij").id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let mut car = sample::active_passport(garage, &driver, Some(fleet));
    car.hands.driver = None;
    let pool_car = sample::store_passport(db, car);
    let scope = persistence::Scope::Garage(garage);
    let (found, _) = db.read(|tx| passport::find(tx, &scope, pool_car.id)).unwrap();
    assert!(found.is_pool_car() && found.hands.fleet == Some(fleet));
    let listed = |has_driver| {
        let filter = passport::PassportFilter { has_driver, fleet: Some(fleet), ..passport::PassportFilter::default() };
        let request = persistence::PageRequest { after: None, limit: 10, updated_since: None };
        let page = db.read(|tx| passport::list(tx, &scope, &filter, &request));
        page.items.into_iter().map(|view| view.passport.id).collect::<Vec<_>>()
    };
    let kept = sample::store_passport(db, sample::active_passport(garage, &driver, Some(fleet))).id;
    assert_eq!((listed(Some(false)), listed(Some(true))), (vec![pool_car.id], vec![kept]));
    let nobodys = Passport { status: PassportStatus::Active, ..sample::passport(garage) };
    let refused = db.refused(|tx| passport::insert(tx, &nobodys, sample::at(0)));
    assert!(matches!(refused, StoreError::Internal(_)), "{refused:?}");
}

fn t5_a_passport_has_one_open_offer(db: &Database) {
    let (passport, driver) = offerable(db);
    let mut open = sample::store_transfer(db, sample::transfer(&passport, &driver, "piet@pietersen.example"));
    let ends = [TransferStatus::Accepted, TransferStatus::Declined, TransferStatus::Withdrawn, TransferStatus::Expired];
    for status in ends {
        let next = sample::transfer(&passport, &driver, "kees@keesen.example");
        assert_duplicate(&db.refused(|tx| transfer::insert(tx, &next, sample::at(0))), UniqueKey::OpenTransfer);
        let decided = Transfer { status, decided_at: Some(sample::at(1)), ..open };
        db.write(|tx| transfer::update(tx, &decided, sample::at(1)));
        open = sample::store_transfer(db, next);
    }
    let (other, by) = offerable(db);
    sample::store_transfer(db, sample::transfer(&other, &by, "piet@pietersen.example"));
}

fn t5_of_many_offers_at_once_one_is_made(db: &Database) {
    let (passport, driver) = offerable(db);
    let results = together(8, |_| {
        let transfer = sample::transfer(&passport, &driver, "piet@pietersen.example");
        db.store.write(|tx| transfer::insert(tx, &transfer, sample::at(0)))
    });
    assert_one(results, UniqueKey::OpenTransfer);
}

fn an_idempotency_key_has_one_answer(db: &Database) {
    let answer = |actor: &str, key: &str| idempotency::StoredAnswer {
        actor: actor.into(),
        idempotency_key: key.into(),
        fingerprint: vec![1],
        status: 201,
        location: None,
        etag: None,
        sealed_body: vec![2],
    };
    let insert =
        |actor: &str, key: &str| db.store.write(|tx| idempotency::insert(tx, answer(actor, key), sample::at(0)));
    insert("a", "k").unwrap();
    assert_duplicate(&insert("a", "k").unwrap_err(), UniqueKey::IdempotencyKey);
    insert("b", "k").unwrap();
    insert("a", "l").unwrap();
    insert("a", "K").unwrap();

    // Who comes too late is run again, and finds the answer of who came first.
    let made = together(8, |_| {
        db.store.write(|tx| {
            if idempotency::find(tx, "a", "race")?.is_some() {
                return Ok::<_, StoreError>(0);
            }
            idempotency::insert(tx, answer("a", "race"), sample::at(0))?;
            Ok(1)
        })
    });
    assert_eq!(made.into_iter().map(Result::unwrap).sum::<i32>(), 1);
}

fn what_no_request_can_cause_is_internal(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let account = sample::stored_account(db, AccountKind::Driver);
    let stream = Stream::Garage(garage);
    let cause = Some(Cause { stream, number: 1, position: 0 });
    let job = || Job { cause, ..sample::job() };
    db.write(|tx| jobs::insert(tx, &job(), sample::at(0), sample::at(0)));
    assert_duplicate(&db.refused(|tx| jobs::insert(tx, &job(), sample::at(0), sample::at(0))), UniqueKey::Internal);

    let purpose = Purpose::PasswordReset(account.id);
    let link = || Invitation::new(sample::id(), purpose, None, account.email.clone(), sample::at(0));
    db.write(|tx| invitation::issue(tx, &link(), b"hash", sample::at(0)));
    let error = db.refused(|tx| invitation::issue(tx, &link(), b"hash", sample::at(0)));
    assert_duplicate(&error, UniqueKey::Internal);

    let session = || session::Session {
        id: sample::id(),
        account_id: account.id,
        user_agent: None,
        created_at: sample::at(0),
        last_used_at: sample::at(0),
        remembered_until: None,
    };
    db.write(|tx| session::insert(tx, &session(), b"hash"));
    assert_duplicate(&db.refused(|tx| session::insert(tx, &session(), b"hash")), UniqueKey::Internal);
}
