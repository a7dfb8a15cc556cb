//! The database goes away and comes back, or its disk is full: the store says so, and works again by itself.

use crate::support::{Database, all, sample, server};
use persistence::{Scope, Store, StoreError, customer, garage};
use std::process::Command;

fn end_connections(db: &Database) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    db.raw().run(sql).unwrap();
}

#[test]
fn ended_connections_are_replaced_unseen() {
    let db = Database::postgres();
    for expected in 1..=5 {
        sample::stored_garage(&db);
        end_connections(&db);
        assert_eq!(db.read(garage::count), expected, "the very next call works");
        end_connections(&db);
    }
}

#[test]
fn a_connection_that_ends_during_a_write_is_unavailable_once() {
    let db = Database::postgres();
    let garage = sample::garage();
    let error = db.refused(|tx| {
        garage::insert(tx, &garage, sample::at(0))?;
        end_connections(&db);
        garage::count(tx)
    });
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(db.read(garage::count), 0, "nothing is left of it");
    db.write(|tx| garage::insert(tx, &garage, sample::at(0)));

    let error = db.refused(|tx| {
        garage::insert(tx, &sample::garage(), sample::at(0))?;
        end_connections(&db);
        Ok(())
    });
    assert!(matches!(error, StoreError::Unavailable(_)), "at the commit: {error:?}");
    assert_eq!(db.read(garage::count), 1);
}

#[test]
fn a_database_that_takes_no_connections_is_unavailable_until_it_does() {
    let db = Database::postgres();
    sample::stored_garage(&db);
    let name = db.url().rsplit_once('/').unwrap().1;
    let allow = |yes| server().run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}")).unwrap();
    allow(false);
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    server().run(&end).unwrap();
    let error = db.store.read(garage::count).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    allow(true);
    assert_eq!(db.read(garage::count), 1);
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let store = Store::open(&"postgres://nobody:secret@127.0.0.1:1/none".parse().unwrap(), 1).unwrap();
    let error = store.read(garage::count).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(!error.to_string().contains("secret"));
}

const FILE: &str = "AUTOPASPOORT_TEST_FULL_DISK";

/// The system lets this process write files up to a size only, which SQLite meets like a full disk.
#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    let db = Database::sqlite();
    let garage = sample::stored_garage(&db).id;
    let script = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" --exact outage::child_on_a_full_disk --ignored --nocapture";
    let child = Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(FILE, format!("{} {garage}", db.url()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    let acknowledged = said.lines().filter(|line| line.ends_with("stored")).count();
    assert!(acknowledged > 0, "{said}");
    let page = db.read(|tx| customer::list(tx, &Scope::Garage(garage), None, &all()));
    assert_eq!(page.items.len(), acknowledged, "what was acknowledged is there, and nothing else");
    assert_eq!(db.raw().line("SELECT integrity_check AS line FROM pragma_integrity_check"), "ok");
    sample::stored_customer(&db, garage, "Jan");
}

#[test]
#[ignore = "run by the test above, in a process that may not write much"]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "how it talks with the test above")]
fn child_on_a_full_disk() {
    let given = std::env::var(FILE).unwrap();
    let (url, garage) = given.split_once(' ').unwrap();
    let garage = domain::ids::GarageId(garage.parse().unwrap());
    let store = Store::open(&url.parse().unwrap(), 1).unwrap();
    let mut failures = 0;
    for number in 0..1000 {
        let mut customer = sample::customer(garage, "Jan");
        customer.id = domain::ids::CustomerId(uuid::Uuid::from_u128(number));
        customer.notes = Some("x".repeat(50_000));
        match store.write(|tx| customer::insert(tx, &customer, sample::at(0))) {
            Ok(()) => println!("\n{number} stored"),
            Err(StoreError::CannotWrite(_)) => failures += 1,
            Err(other) => panic!("{other:?}"),
        }
        // Reading goes on.
        store.read(|tx| customer::find(tx, &Scope::Garage(garage), customer.id)).unwrap();
        if failures == 5 {
            return;
        }
    }
    panic!("the disk was never full");
}
