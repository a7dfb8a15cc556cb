//! What is recorded stays recorded (rule P5), in order and without gaps; what is rolled back never was.

use crate::support::{Database, all, assert_same, sample, together};
use domain::{
    custody::{CustodyEntry, CustodyRole, Holder},
    event::{Fact, FactKind, Stream},
    ids::{EventId, PassportId},
    job::TaskKind,
    value::AccountKind,
};
use persistence::{Found, PageRequest, StoreError, Tx, custody, customer, event, jobs};
use std::sync::atomic::{AtomicBool, Ordering};

on_both!(
    p5_custody_cannot_be_rewritten_by_anyone,
    events_cannot_be_rewritten_by_anyone,
    events_are_numbered_without_gaps_by_many_threads,
    streams_are_numbered_apart,
    p10_the_events_of_a_passport_are_those_of_its_garages_stream,
    a_rolled_back_write_leaves_nothing,
    a_panicking_write_leaves_nothing,
);

fn stored_custody(db: &Database) -> PassportId {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let passport = sample::store_passport(db, sample::active_passport(garage, &driver, None)).id;
    let entry = |holder, since| CustodyEntry {
        passport_id: passport,
        role: CustodyRole::Driver,
        holder,
        since: sample::at(since),
        changed_by: Some(driver.id),
    };
    db.write(|tx| custody::append(tx, &[entry(Holder::Account(driver.id), 0), entry(Holder::Nobody, 1)]));
    passport
}

/// Asserts that each statement is refused, by the trigger, through a connection that is not the store's.
#[track_caller]
fn assert_refused(db: &Database, table: &str, statements: &[&str]) {
    let mut raw = db.raw();
    for sql in statements {
        let error = raw.run(sql).unwrap_err().to_string();
        assert!(error.contains(&format!("{table} only grows")), "{sql}: {error}");
    }
}

fn p5_custody_cannot_be_rewritten_by_anyone(db: &Database) {
    let passport = stored_custody(db);
    let before = db.read(|tx| custody::list(tx, Found::by_system(passport), &all())).items;
    assert_eq!(before.len(), 2);
    assert_refused(
        db,
        "custody",
        &[
            "UPDATE custody SET role = 'owner'",
            "UPDATE custody SET changed_by = NULL WHERE number = 1",
            "UPDATE custody SET number = number + 10",
            "DELETE FROM custody",
            "DELETE FROM custody WHERE number = 2",
        ],
    );
    assert_same(&db.read(|tx| custody::list(tx, Found::by_system(passport), &all())).items, &before);
}

fn events_cannot_be_rewritten_by_anyone(db: &Database) {
    let stream = Stream::Garage(sample::stored_garage(db).id);
    for number in 0..3 {
        append(db, stream, number).unwrap();
    }
    let before = db.read(|tx| event::list(tx, stream, &all())).items;
    assert_refused(
        db,
        "events",
        &[
            "UPDATE events SET fact = '{}'",
            "UPDATE events SET account_id = NULL WHERE number = 1",
            "DELETE FROM events",
            "DELETE FROM events WHERE number = 3",
        ],
    );
    assert_same(&db.read(|tx| event::list(tx, stream, &all())).items, &before);
}

fn append(db: &Database, stream: Stream, at: i64) -> Result<i64, StoreError> {
    let id = sample::id::<EventId>();
    db.store.write(|tx| {
        event::lock(tx, stream)?;
        Ok(event::append(tx, stream, id, None, Fact::GarageChanged {}, sample::at(at))?.number)
    })
}

fn events_are_numbered_without_gaps_by_many_threads(db: &Database) {
    const THREADS: usize = 32;
    const EACH: i64 = 10;
    let stream = Stream::Garage(sample::stored_garage(db).id);
    let done = AtomicBool::new(false);
    let numbers = |tx: &mut Tx<'_>| -> Result<Vec<i64>, StoreError> {
        Ok(event::list(tx, stream, &all())?.items.into_iter().map(|event| event.number).collect())
    };
    let (mut given, looks) = std::thread::scope(|scope| {
        // Whenever a reader looks, it sees 1..=n: nothing appears later below what it has seen.
        let reader = scope.spawn(|| {
            let (store, mut looks) = (db.another_store(1), 0);
            while !done.load(Ordering::Relaxed) {
                let seen = store.read(numbers).unwrap();
                assert!(seen.iter().copied().eq(1..=i64::try_from(seen.len()).unwrap()), "{seen:?}");
                looks += 1;
            }
            looks
        });
        let given = together(THREADS, |_| (0..EACH).map(|at| append(db, stream, at).unwrap()).collect::<Vec<_>>());
        done.store(true, Ordering::Relaxed);
        (given.concat(), reader.join().unwrap())
    });
    assert!(looks > 0);
    given.sort_unstable();
    let total = i64::try_from(THREADS).unwrap() * EACH;
    assert!(given.iter().copied().eq(1..=total), "{given:?}");
    assert_eq!(db.read(numbers), given);
}

fn streams_are_numbered_apart(db: &Database) {
    let (one, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    for (garage, number) in [(one, 1), (other, 1), (one, 2), (one, 3), (other, 2)] {
        assert_eq!(append(db, Stream::Garage(garage), 0).unwrap(), number);
    }
    assert_eq!(db.read(|tx| event::list(tx, Stream::Garage(other), &all())).items.len(), 2);
    assert!(db.read(|tx| event::list(tx, Stream::Platform, &all())).items.is_empty());
    assert!(matches!(append(db, Stream::Platform, 0), Err(StoreError::Internal(_))), "a stream is made first");
}

fn p10_the_events_of_a_passport_are_those_of_its_garages_stream(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let driver = sample::stored_account(db, AccountKind::Driver);
    let car = sample::store_passport(db, sample::passport(garage));
    let passport_id = car.id;
    let append = |garage, by, fact: Fact, at| {
        db.write(|tx| event::append(tx, Stream::Garage(garage), sample::id(), by, fact.clone(), sample::at(at)))
    };
    let changed = Fact::PassportChanged { passport_id };
    let first = append(garage, Some(driver.id), changed.clone(), 0);
    append(garage, None, Fact::PassportChanged { passport_id: sample::id() }, 1);
    append(garage, None, Fact::GarageChanged {}, 1);
    append(other, None, changed.clone(), 1);
    let last = append(garage, None, Fact::VehicleExported { passport_id }, 2);
    let author = event::Author { id: driver.id, name: driver.name, kind: AccountKind::Driver };
    let expected = [(last.clone(), None), (first.clone(), Some(author))];
    let car = Found::by_system(car);
    let found = |kind, updated_since| {
        let request = PageRequest { updated_since, ..all() };
        db.read(|tx| event::list_of_passport(tx, &car, kind, &request)).items
    };
    assert_eq!(found(None, None), expected);
    assert_eq!(found(Some(FactKind::PassportChanged), None), expected[1..]);
    assert_eq!(found(Some(FactKind::PassportLinked), None), []);
    assert_eq!(found(None, Some(sample::at(1))), expected[..1]);
}

/// Writes of everything a command writes, then what `end` says.
fn command(
    db: &Database,
    garage: domain::ids::GarageId,
    end: impl Fn() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let stream = Stream::Garage(garage);
    let customer = sample::customer(garage, "Jan");
    let (event, job) = (sample::id(), sample::id());
    db.store.write(|tx| {
        event::lock(tx, stream)?;
        customer::insert(tx, &customer, sample::at(0))?;
        let fact = Fact::CustomerCreated { customer_id: customer.id };
        let number = event::append(tx, stream, event, None, fact, sample::at(0))?.number;
        let cause = Some(jobs::Cause { stream, number, position: 0 });
        let job = jobs::Job { id: job, cause, ..sample::job() };
        jobs::insert(tx, &job, sample::at(0), sample::at(0))?;
        end()
    })
}

#[track_caller]
fn assert_stored(db: &Database, garage: domain::ids::GarageId, expected: usize) {
    let scope = persistence::Scope::Garage(garage);
    assert_eq!(db.read(|tx| customer::list(tx, &scope, None, &all())).items.len(), expected);
    assert_eq!(db.read(|tx| event::list(tx, Stream::Garage(garage), &all())).items.len(), expected);
    assert_eq!(sample::job_counts(db, Some(TaskKind::Mail)).queued, i64::try_from(expected).unwrap());
}

fn a_rolled_back_write_leaves_nothing(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for _ in 0..3 {
        let error = command(db, garage, || Err(StoreError::Internal("on purpose".into()))).unwrap_err();
        assert!(matches!(error, StoreError::Internal(text) if text == "on purpose"));
        assert_stored(db, garage, 0);
    }
    command(db, garage, || Ok(())).unwrap();
    assert_stored(db, garage, 1);
    assert_eq!(append(db, Stream::Garage(garage), 0).unwrap(), 2, "numbers that were rolled back are given again");
}

fn a_panicking_write_leaves_nothing(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let panicked = std::thread::scope(|scope| {
        scope.spawn(|| command(db, garage, || std::panic::resume_unwind(Box::new("on purpose")))).join()
    });
    assert!(panicked.is_err());
    assert_stored(db, garage, 0);
    command(db, garage, || Ok(())).unwrap();
    assert_stored(db, garage, 1);
}
