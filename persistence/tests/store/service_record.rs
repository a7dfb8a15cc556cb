//! The history of what was done: records come back as they were, one replaces another once, an invoice is one record, and
//! what is written down stays.

use crate::support::{Database, all, assert_same, sample};
use domain::{
    ids::{GarageId, ServiceRecordId},
    passport::Passport,
    service_record::{Quantity, RecordOrigin, RecordOwner, ServiceLine, ServiceRecord, ToReplace},
    value::AccountKind,
};
use persistence::{
    Found, StoreError, UniqueKey, car_status,
    service_record::{self, ServiceRecordFilter},
};

on_both!(
    sr1_records_come_back,
    sr2_a_record_is_replaced_once,
    sr2_the_history_cannot_be_rewritten_by_anyone,
    sr6_an_invoice_is_one_record,
    many_records_are_stored_at_once,
);

fn stored_car(db: &Database) -> Passport {
    let garage = sample::stored_garage(db).id;
    sample::store_passport(db, sample::passport(garage))
}

fn store(db: &Database, record: ServiceRecord) -> ServiceRecord {
    db.write(|tx| service_record::insert(tx, &record));
    record
}

fn numbered(car: &Passport, number: &str) -> ServiceRecord {
    ServiceRecord { invoice_number: Some(number.into()), ..sample::service_record(car) }
}

fn holder(db: &Database, garage: GarageId, number: &str) -> Option<ServiceRecordId> {
    db.read(|tx| service_record::find_by_invoices(tx, garage, &[number, "another"])).remove(number)
}

fn sr1_records_come_back(db: &Database) {
    let (car, other) = (stored_car(db), stored_car(db));
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, car.garage_id, "Bakker");
    let full = store(
        db,
        ServiceRecord {
            origin: RecordOrigin::Declared,
            place: Some("Elders".into()),
            owner: Some(RecordOwner::Driver(driver.id)),
            by: Some(driver.id),
            ..numbered(&car, "1")
        },
    );
    let bare =
        ServiceLine { task: None, position: None, quantity: Quantity::ONE, amount: None, ..full.lines[0].clone() };
    let bare = store(
        db,
        ServiceRecord {
            lines: vec![bare],
            mechanic: None,
            note: None,
            odometer_km: None,
            owner: Some(RecordOwner::Fleet(fleet.id)),
            ..sample::service_record(&car)
        },
    );
    store(db, sample::service_record(&other));
    let vehicle = Found::by_system(car.vehicle.id);
    let listed = db.read(|tx| service_record::list(tx, vehicle, &ServiceRecordFilter::default(), &all()));
    let found: Vec<_> = listed.items.iter().map(|view| view.record.clone()).collect();
    let mut expected = vec![bare, full.clone()];
    expected.sort_by_key(|record| std::cmp::Reverse(record.id));
    assert_same(&found, &expected);
    let view = db.read(|tx| service_record::view(tx, vehicle, full.id)).unwrap();
    assert_eq!((view.recorder.as_ref(), view.replaced_by), (Some(&driver.name), None));
    assert_same(&view.record, &full);
    let elsewhere = Found::by_system(other.vehicle.id);
    assert_eq!(db.read(|tx| service_record::view(tx, elsewhere, full.id)), None, "it is another car's");
    assert_eq!(db.read(|tx| service_record::find_to_replace(tx, elsewhere, full.id)), None);
    let on_record = db.read(|tx| car_status::records(tx, &Found::by_system(car.clone()))).records;
    assert_eq!(on_record.done.len(), 0, "credit lines do nothing");
}

fn sr2_a_record_is_replaced_once(db: &Database) {
    let car = stored_car(db);
    let first = store(db, sample::service_record(&car));
    let correction = || ServiceRecord { replaces: Some(first.id), ..sample::service_record(&car) };
    let vehicle = Found::by_system(car.vehicle.id);
    let replaceable = || db.read(|tx| service_record::find_to_replace(tx, vehicle, first.id)).unwrap().0;
    let found = ToReplace {
        garage_id: car.garage_id,
        vehicle_id: car.vehicle.id,
        origin: RecordOrigin::Garage,
        by: None,
        happened: first.happened(),
        is_replaced: false,
    };
    assert_eq!(replaceable(), found);
    store(db, correction());
    assert_eq!(replaceable(), ToReplace { is_replaced: true, ..found });
    let error = db.refused(|tx| service_record::insert(tx, &correction()));
    assert!(matches!(error, StoreError::Duplicate(UniqueKey::Internal)), "{error:?}");
}

fn sr2_the_history_cannot_be_rewritten_by_anyone(db: &Database) {
    let car = stored_car(db);
    let kept = store(db, sample::service_record(&car));
    let mut raw = db.raw();
    for table in ["service_records", "service_lines"] {
        assert!(raw.run(&format!("UPDATE {table} SET net_cents = 1, vat_rate = '1'")).is_err(), "{table}");
        assert!(raw.run(&format!("DELETE FROM {table}")).is_err(), "{table}");
    }
    let vehicle = Found::by_system(car.vehicle.id);
    assert_same(&db.read(|tx| service_record::view(tx, vehicle, kept.id)).unwrap().record, &kept);
}

fn sr6_an_invoice_is_one_record(db: &Database) {
    let (car, other) = (stored_car(db), stored_car(db));
    let first = store(db, numbered(&car, "1"));
    let error = db.refused(|tx| service_record::insert(tx, &numbered(&car, "1")));
    assert!(matches!(error, StoreError::Duplicate(UniqueKey::ServiceInvoice)), "{error:?}");
    store(db, numbered(&other, "1"));
    store(db, ServiceRecord { origin: RecordOrigin::Declared, ..numbered(&car, "1") });
    assert_eq!(holder(db, car.garage_id, "1"), Some(first.id));
    // A correction takes the number over, or sets it free.
    let same = store(db, ServiceRecord { replaces: Some(first.id), ..numbered(&car, "1") });
    assert_eq!(holder(db, car.garage_id, "1"), Some(same.id));
    let changed = store(db, ServiceRecord { replaces: Some(same.id), ..numbered(&car, "2") });
    assert_eq!([holder(db, car.garage_id, "1"), holder(db, car.garage_id, "2")], [None, Some(changed.id)]);
    store(db, numbered(&car, "1"));
}

fn many_records_are_stored_at_once(db: &Database) {
    let car = stored_car(db);
    let many: Vec<ServiceRecord> = (0..50).map(|number| numbered(&car, &number.to_string())).collect();
    db.write(|tx| service_record::insert_all(tx, &many));
    let vehicle = Found::by_system(car.vehicle.id);
    for record in &many {
        assert_same(&db.read(|tx| service_record::view(tx, vehicle, record.id)).unwrap().record, record);
    }
}
