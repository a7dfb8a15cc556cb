//! E-mail addresses whose keys were made when a domain was compared as it was typed.

use crate::support::{Database, sample};
use domain::{
    account::Account,
    value::{AccountKind, EmailAddress},
};
use persistence::{account, customer};

on_both!(
    a1_a_key_from_before_a_domain_had_one_form_finds_its_account_still,
    a1_two_accounts_of_one_mailbox_from_before_are_each_found_as_they_are_typed,
    a1_an_address_that_todays_rules_refuse_is_still_read,
);

const OLD: &str = "jan@müller.example";
const NEW: &str = "jan@xn--mller-kva.example";

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// Stores an account with this e-mail.
fn stored(db: &Database, address: &str) -> Account {
    sample::store_account(db, Account { email: email(address), ..sample::account(AccountKind::Driver) })
}

/// Makes the keys as they were, and lets the migration run again.
fn migrate_again(db: &Database) {
    let mut raw = db.raw();
    for (table, column) in [("accounts", "email_key"), ("customers", "email_key"), ("transfers", "recipient_email_key")]
    {
        raw.run(&format!("UPDATE {table} SET {column} = '{OLD}' WHERE {column} = '{NEW}'")).unwrap();
    }
    raw.run("DELETE FROM __diesel_schema_migrations WHERE version = '20261129010000'").unwrap();
    assert_eq!(db.store.migrate().unwrap(), ["20261129010000"]);
}

fn a1_a_key_from_before_a_domain_had_one_form_finds_its_account_still(db: &Database) {
    let jan = stored(db, "Jan@Müller.example");
    let garage = sample::stored_garage(db).id;
    let mut record = sample::customer(garage, "Jan");
    record.email = Some(email("jan@MÜLLER.example"));
    db.write(|tx| customer::insert(tx, &record, sample::at(0)));
    let car = sample::store_passport(db, sample::active_passport(garage, &jan, None));
    sample::store_transfer(db, sample::transfer(&car, &jan, "Jan@müller.example"));
    migrate_again(db);
    for typed in ["jan@müller.example", "Jan@xn--mller-kva.example", "JAN@MÜLLER.EXAMPLE"] {
        let (found, _) = db.read(|tx| account::find_by_email(tx, &email(typed))).unwrap();
        assert_eq!((found.id, found.email.as_str()), (jan.id, "Jan@Müller.example"), "{typed}");
        assert!(db.read(|tx| account::email_in_use(tx, &email(typed))));
        let found = db.read(|tx| customer::find_by_email(tx, garage, &email(typed))).unwrap();
        assert_eq!(found.id, record.id);
    }
    let keys = db.raw().lines("SELECT recipient_email_key AS line FROM transfers");
    assert_eq!(keys, [NEW]);
}

fn a1_two_accounts_of_one_mailbox_from_before_are_each_found_as_they_are_typed(db: &Database) {
    let first = stored(db, OLD);
    db.raw().run(&format!("UPDATE accounts SET email_key = '{OLD}'")).unwrap();
    let second = stored(db, NEW);
    db.raw().run("DELETE FROM __diesel_schema_migrations WHERE version = '20261129010000'").unwrap();
    db.store.migrate().unwrap();
    for (typed, account) in [(OLD, &first), (NEW, &second)] {
        let (found, _) = db.read(|tx| account::find_by_email(tx, &email(typed))).unwrap();
        assert_eq!(found.id, account.id, "{typed}");
    }
}

fn a1_an_address_that_todays_rules_refuse_is_still_read(db: &Database) {
    let jan = stored(db, "jan@jansen.example");
    for former in ["jan@localhost", "jan@[127.0.0.1]", "jan@jan\u{200B}sen.example"] {
        db.raw().run(&format!("UPDATE accounts SET email = '{former}', email_key = '{former}'")).unwrap();
        let (found, _) = db.read(|tx| account::find(tx, jan.id)).unwrap();
        assert_eq!(found.email.as_str(), former);
        let (found, _) = db.read(|tx| account::find_by_email(tx, &EmailAddress::stored(former).unwrap())).unwrap();
        assert_eq!(found.id, jan.id);
    }
}
