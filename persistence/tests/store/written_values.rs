//! Names, telephone numbers and postal codes that were stored before they were read as today.

use crate::support::{Database, all, sample};
use domain::{
    customer::{Customer, CustomerKind},
    value::PersonName,
};
use persistence::{Scope, Stamps, customer, fleet, garage};

on_both!(
    cu3_a_number_that_can_only_be_another_one_is_mended,
    cu4_a_postcode_is_written_as_its_country_does,
    cu5_what_was_stored_before_is_found_too,
    cu7_names_that_were_stored_before_are_split_once,
);

/// Lets the migration run again.
fn migrate_again(db: &Database) {
    db.raw().run("DELETE FROM __diesel_schema_migrations WHERE version = '20261201020100'").unwrap();
    assert_eq!(db.store.migrate().unwrap(), ["20261201020100"]);
}

fn stored(db: &Database, of: &Customer) -> (Customer, Stamps) {
    db.read(|tx| customer::find(tx, &Scope::Garage(of.garage_id), of.id)).unwrap()
}

fn cu3_a_number_that_can_only_be_another_one_is_mended(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let [wrong, right, lost] = ["Jan", "Piet", "Klaas"].map(|name| sample::stored_customer(db, garage, name));
    // The names are split with the first run.
    migrate_again(db);
    let mut raw = db.raw();
    for (who, number) in [("Jan", "+310612345678"), ("Piet", "+31687654321"), ("Klaas", "+3100000000")] {
        raw.run(&format!("UPDATE customers SET mobile = '{number}' WHERE name = '{who}'")).unwrap();
    }
    raw.run("UPDATE garages SET phone = '+310201234567'").unwrap();
    let (before, stamps) = stored(db, &right);
    migrate_again(db);
    let mobile = |of: &Customer| stored(db, of).0.mobile.map(|mobile| mobile.as_str().to_owned());
    assert_eq!(mobile(&wrong).as_deref(), Some("+31612345678"));
    assert_eq!(stored(db, &wrong).0.version, wrong.version + 1, "who has read it sees that it changed");
    assert!(stored(db, &wrong).1.updated_at > stamps.updated_at);
    assert_eq!(stored(db, &right), (before, stamps), "what is right is not touched");
    assert_eq!(mobile(&lost).as_deref(), Some("+3100000000"), "nobody knows which number was meant");
    let (garage, _) = db.read(|tx| garage::find(tx, garage)).unwrap();
    assert_eq!(garage.phone.unwrap().as_str(), "+31201234567");
}

fn cu4_a_postcode_is_written_as_its_country_does(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let [typed, odd] = ["Jan", "Piet"].map(|name| sample::stored_customer(db, garage, name));
    let mut raw = db.raw();
    for (who, code) in [("Jan", "1234ab"), ("Piet", "0123 AB")] {
        raw.run(&format!("UPDATE customers SET postcode = '{code}', country = 'NL' WHERE name = '{who}'")).unwrap();
    }
    migrate_again(db);
    assert_eq!(stored(db, &typed).0.address.postcode.as_deref(), Some("1234 AB"));
    assert_eq!(stored(db, &odd).0.address.postcode.as_deref(), Some("0123 AB"), "what cannot be read stays");
}

fn cu5_what_was_stored_before_is_found_too(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let jan = sample::stored_customer(db, garage, "Seán O'Brien");
    let company = sample::stored_fleet(db, garage, "Van den Berg");
    let mut raw = db.raw();
    raw.run("UPDATE customers SET name_key = 'sean o brien', search_key = ' sean o brien', mobile = '+310698765432', postcode = '4321ZX', country = 'NL' WHERE name LIKE 'Se%'").unwrap();
    raw.run("UPDATE fleets SET name_key = 'van den berg'").unwrap();
    migrate_again(db);
    for typed in ["obrien", "06 98765432", "4321 zx"] {
        let page = db.read(|tx| customer::list(tx, &Scope::Garage(garage), Some(typed), &all()));
        assert_eq!(page.items.into_iter().map(|(found, _)| found.id).collect::<Vec<_>>(), [jan.id], "{typed}");
    }
    let page = db.read(|tx| fleet::list(tx, &Scope::Garage(garage), Some("vandenberg"), &[], &all()));
    assert_eq!(page.items.into_iter().map(|view| view.fleet.id).collect::<Vec<_>>(), [company.id]);
}

fn cu7_names_that_were_stored_before_are_split_once(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let corrected = PersonName { given: None, prefix: None, surname: "Jan Berg".into() };
    let [person, company, known] = [
        ("Jan van den Berg", CustomerKind::Person, None),
        ("Bakkerij Jansen", CustomerKind::Company, None),
        ("Jan Berg", CustomerKind::Person, Some(corrected.clone())),
    ]
    .map(|(name, kind, parts)| Customer { kind, parts, ..sample::customer(garage, name) });
    for new in [&person, &company, &known] {
        db.write(|tx| customer::insert(tx, new, sample::at(0)));
    }
    db.raw().run("UPDATE customers SET sort_key = ''").unwrap();
    migrate_again(db);
    let split = PersonName { given: Some("Jan".into()), prefix: Some("van den".into()), surname: "Berg".into() };
    assert_eq!(stored(db, &person).0.parts, Some(split));
    assert_eq!((stored(db, &company).0.parts, stored(db, &known).0.parts), (None, Some(corrected)));
    let page = db.read(|tx| customer::list(tx, &Scope::Garage(garage), None, &all()));
    let sorted: Vec<_> = page.items.into_iter().map(|(found, _)| found.id).collect();
    assert_eq!(sorted, [company.id, person.id, known.id]);
}
