//! Many threads at once: nothing is lost, and nobody is turned away.

use crate::support::{Database, all, sample, together};
use domain::{
    event::{Fact, Stream},
    garage::Garage,
    throttle,
    value::AccountKind,
};
use persistence::{self as store, Scope, StoreError, customer, event, garage, passport};

on_both!(
    no_update_is_lost,
    no_update_is_lost_under_the_streams_lock,
    no_failed_guess_is_lost,
    many_writers_all_get_through,
    readers_are_not_held_up_by_a_writer,
);

const THREADS: usize = 8;
const EACH: usize = 50;

/// Counts in a column by reading and writing it, `EACH` times in each thread.
fn count(db: &Database, locked: bool) -> Garage {
    let id = sample::stored_garage(db).id;
    db.write(|tx| {
        let (garage, stamps) = garage::find(tx, id)?.unwrap();
        garage::update(tx, &Garage { name: "0".into(), ..garage }, stamps, sample::at(0))
    });
    together(THREADS, |_| {
        for _ in 0..EACH {
            db.write(|tx| {
                if locked {
                    event::lock(tx, Stream::Garage(id))?;
                }
                let (garage, stamps) = garage::find(tx, id)?.unwrap();
                let name = (garage.name.parse::<usize>().unwrap() + 1).to_string();
                garage::update(tx, &Garage { name, ..garage }, stamps, sample::at(1))
            });
        }
    });
    db.read(|tx| garage::find(tx, id)).unwrap().0
}

fn no_update_is_lost(db: &Database) {
    let garage = count(db, false);
    assert_eq!(garage.name, (THREADS * EACH).to_string());
    assert_eq!(garage.version, i64::try_from(THREADS * EACH).unwrap() + 2);
}

fn no_update_is_lost_under_the_streams_lock(db: &Database) {
    assert_eq!(count(db, true).name, (THREADS * EACH).to_string());
}

fn no_failed_guess_is_lost(db: &Database) {
    let pace = throttle::Pace { at_once: i32::MAX, ..throttle::PER_ACCOUNT };
    together(THREADS, |_| {
        for _ in 0..10 {
            db.write(|tx| {
                let before = store::throttle::find(tx, b"jan")?;
                let after = pace.attempt(before, sample::at(0)).unwrap();
                store::throttle::save(tx, b"jan", before, after)
            });
        }
    });
    let full_at = db.read(|tx| store::throttle::find(tx, b"jan")).unwrap().full_at;
    assert_eq!(full_at, sample::at(0) + throttle::PER_ACCOUNT.each * 80);
}

fn many_writers_all_get_through(db: &Database) {
    let garages: Vec<_> = (0..THREADS).map(|_| sample::stored_garage(db).id).collect();
    together(THREADS, |thread| {
        let (garage, scope) = (garages[thread], Scope::Garage(garages[thread]));
        for _ in 0..EACH {
            let (customer, event) = (sample::customer(garage, "Jan"), sample::id());
            let result = db.store.write(|tx| {
                event::lock(tx, Stream::Garage(garage))?;
                // Read first, then write: what SQLite refuses at once to a transaction that did not say it will write.
                let seen = customer::list(tx, &scope, None, &all())?.items.len();
                customer::insert(tx, &customer, sample::at(0))?;
                let fact = Fact::CustomerCreated { customer_id: customer.id };
                event::append(tx, Stream::Garage(garage), event, None, fact, sample::at(0))?;
                Ok::<_, StoreError>(seen)
            });
            result.unwrap();
        }
    });
    for garage in garages {
        let scope = Scope::Garage(garage);
        assert_eq!(db.read(|tx| customer::list(tx, &scope, None, &all())).items.len(), EACH);
        assert_eq!(db.read(|tx| event::list(tx, Stream::Garage(garage), &all())).items.len(), EACH);
    }
}

fn readers_are_not_held_up_by_a_writer(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let passport = sample::store_passport(db, sample::active_passport(garage, &driver, None));
    let scope = Scope::Driver(driver.id, driver.email.key());
    db.write(|tx| {
        event::lock(tx, Stream::Garage(garage))?;
        let (read, stamps) = passport::find(tx, &scope, passport.id)?.unwrap();
        passport::update(
            tx,
            &read
                .into_inner()
                .archive(domain::passport::Pending::default(), driver.id, sample::at(1))
                .unwrap()
                .passport,
            stamps,
            sample::at(1),
        )?;
        // Another connection, in the middle of it: sees the state before, at once.
        let began = std::time::Instant::now();
        assert!(db.read(|other| passport::find(other, &scope, passport.id)).is_some());
        assert!(began.elapsed() < std::time::Duration::from_secs(1));
        Ok(())
    });
    assert!(db.read(|tx| passport::find(tx, &scope, passport.id)).is_none());
}
