//! Second factors: rules A16 to A21 as far as the store keeps them.

use crate::support::{Database, sample, together};
use domain::{
    account::Account,
    garage::Garage,
    ids::{AccountId, PassportId},
    second_factor::{Active, SecondFactor},
    value::{AccountKind, StaffRole},
};
use persistence::{
    Scope, StoreError, account, garage, passport,
    second_factor::{self, Stored},
    session,
};

on_both!(
    a16_what_is_begun_is_replaced_and_what_is_confirmed_is_not,
    a17_a_step_is_used_once_and_none_before_it,
    a18_a_recovery_code_is_used_once,
    a19_the_scope_of_a_session_waits_for_what_the_garage_demands,
    a21_a_device_is_remembered_until_it_is_not_trusted,
);

fn found(db: &Database, account: AccountId) -> Option<Stored> {
    db.read(|tx| second_factor::find(tx, account))
}

/// Confirms a second factor of this account, by the code of step 10.
fn confirmed(db: &Database, account: AccountId) {
    db.write(|tx| second_factor::begin(tx, account, b"sealed", sample::at(1)));
    db.write(|tx| second_factor::confirm(tx, account, 10, sample::at(2)));
}

fn a16_what_is_begun_is_replaced_and_what_is_confirmed_is_not(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver).id;
    assert_eq!(found(db, account), None);
    for (number, secret) in [(0, b"first"), (1, b"other")] {
        db.write(|tx| second_factor::begin(tx, account, secret, sample::at(number)));
        let factor = SecondFactor { begun_at: sample::at(number), active: None };
        assert_eq!(found(db, account), Some(Stored { factor, sealed_secret: secret.to_vec() }));
        assert!(!db.read(|tx| second_factor::is_active(tx, account)));
    }
    db.write(|tx| second_factor::confirm(tx, account, 10, sample::at(2)));
    let active = Some(Active { since: sample::at(2), last_step: 10 });
    assert_eq!(found(db, account).unwrap().factor, SecondFactor { begun_at: sample::at(1), active });
    assert!(db.read(|tx| second_factor::is_active(tx, account)));
    let again = db.store.write(|tx| second_factor::begin(tx, account, b"third", sample::at(3)));
    assert!(matches!(again, Err(StoreError::Stale { .. } | StoreError::Busy(_))), "{again:?}");
    assert!(db.write(|tx| second_factor::delete(tx, account)));
    assert!(!db.write(|tx| second_factor::delete(tx, account)));
    assert_eq!(found(db, account), None);
}

fn a17_a_step_is_used_once_and_none_before_it(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver).id;
    confirmed(db, account);
    let use_up = |step| {
        let work = |tx: &mut persistence::Tx<'_>| -> Result<bool, StoreError> {
            let stored = second_factor::find_to_change(tx, account)?.unwrap();
            let is_later = stored.factor.active.is_some_and(|active| active.last_step < step);
            if is_later {
                second_factor::use_step(tx, account, step)?;
            }
            Ok(is_later)
        };
        db.store.write(work).unwrap()
    };
    assert!(!use_up(10));
    let used = together(8, |_| use_up(11));
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
    assert!(!use_up(10) && !use_up(11) && use_up(12));
}

fn a18_a_recovery_code_is_used_once(db: &Database) {
    let [account, other] = [AccountKind::Driver, AccountKind::Platform].map(|kind| sample::stored_account(db, kind).id);
    for id in [account, other] {
        confirmed(db, id);
        let hashes = [b"one".to_vec(), b"two".to_vec()];
        db.write(|tx| second_factor::replace_recovery_codes(tx, id, &hashes));
    }
    let use_up = |id, hash: &[u8]| db.store.write(|tx| second_factor::use_recovery_code(tx, id, hash)).unwrap();
    assert!(!use_up(account, b"three"));
    let used = together(8, |_| use_up(account, b"one"));
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
    let left = |id| db.read(|tx| second_factor::recovery_codes_left(tx, id));
    assert_eq!((left(account), left(other)), (1, 2));
    db.write(|tx| second_factor::replace_recovery_codes(tx, account, &[b"three".to_vec()]));
    assert_eq!(left(account), 1);
    assert!(!use_up(account, b"two") && use_up(account, b"three") && use_up(other, b"one"));
}

fn a19_the_scope_of_a_session_waits_for_what_the_garage_demands(db: &Database) {
    let of_garage = sample::stored_garage(db);
    let staff = sample::store_account(db, sample::staff(of_garage.id, StaffRole::Mechanic));
    let colleague = sample::store_account(db, sample::staff(of_garage.id, StaffRole::Admin));
    confirmed(db, colleague.id);
    let car = sample::store_passport(db, sample::passport(of_garage.id)).id;
    let opened = |account: &Account| {
        let session = session_of(account.id);
        db.write(|tx| session::insert(tx, &session, session.id.0.as_bytes()));
        session.id
    };
    let (of_staff, of_colleague) = (opened(&staff), opened(&colleague));
    let must_enrol = |session| db.read(|tx| account::holder(tx, session)).unwrap().must_enrol;
    let sees = |session, car: PassportId| {
        let scope = Scope::Session(session, AccountKind::Staff);
        db.read(|tx| passport::find(tx, &scope, car)).is_some()
    };
    assert!(!must_enrol(of_staff) && sees(of_staff, car));
    let demand = |required: bool| {
        let (garage, stamps) = db.read(|tx| garage::find(tx, of_garage.id)).unwrap();
        let next = Garage { second_factor_required: required, ..garage };
        db.write(|tx| {
            garage::update(tx, &next, stamps, sample::at(3))?;
            second_factor::demand_of_staff(tx, of_garage.id, required)
        });
    };
    demand(true);
    assert!(db.read(|tx| second_factor::is_required(tx, staff.id)));
    assert!(must_enrol(of_staff) && !sees(of_staff, car));
    assert!(!must_enrol(of_colleague) && sees(of_colleague, car));
    // Who changes the account otherwise leaves that as it is.
    let (changed, stamps) = db.read(|tx| account::find(tx, staff.id)).unwrap();
    db.write(|tx| account::update(tx, &changed, stamps, sample::at(4)));
    assert!(must_enrol(of_staff));
    confirmed(db, staff.id);
    db.write(|tx| second_factor::demand_of(tx, &staff));
    assert!(!must_enrol(of_staff) && sees(of_staff, car));
    db.write(|tx| second_factor::delete(tx, staff.id));
    db.write(|tx| second_factor::demand_of(tx, &staff));
    assert!(must_enrol(of_staff));
    demand(false);
    assert!(!must_enrol(of_staff) && sees(of_staff, car));
    // Nobody demands it of others.
    let driver = sample::stored_account(db, AccountKind::Driver);
    db.write(|tx| second_factor::demand_of(tx, &driver));
    assert!(!db.read(|tx| second_factor::is_required(tx, driver.id)));
}

fn session_of(account: AccountId) -> session::Session {
    session::Session {
        id: sample::id(),
        account_id: account,
        user_agent: None,
        created_at: sample::at(0),
        last_used_at: sample::at(0),
        remembered_until: None,
    }
}

fn a21_a_device_is_remembered_until_it_is_not_trusted(db: &Database) {
    let [account, other] = [AccountKind::Driver, AccountKind::Platform].map(|kind| sample::stored_account(db, kind).id);
    let session = session_of(account);
    db.write(|tx| session::insert(tx, &session, b"token"));
    let until = |account| db.read(|tx| second_factor::remembered_until(tx, account, session.id));
    assert_eq!(until(account), None);
    let remember = || db.write(|tx| second_factor::remember(tx, session.id, Some(sample::at(9))));
    remember();
    assert_eq!((until(account), until(other)), (Some(sample::at(9)), None));
    // Signing out leaves it; ending the session from elsewhere does not.
    assert!(db.write(|tx| session::end(tx, account, session.id, false, sample::at(1))));
    assert_eq!(until(account), Some(sample::at(9)));
    db.write(|tx| second_factor::delete(tx, account));
    assert_eq!(until(account), None);
    remember();
    db.write(|tx| session::end_all(tx, account, None, sample::at(2)));
    assert_eq!(until(account), None);
}
