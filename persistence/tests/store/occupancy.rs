//! What plates are taken by (rules P1 and P7).

use crate::support::{Database, sample};
use domain::{
    licence_plate::LicencePlate,
    occupancy::Occupant,
    passport::{Passport, PassportStatus, Vehicle},
    value::AccountKind,
};
use persistence::{Stamps, UniqueKey, occupancy, passport};

on_both!(p7_what_a_plate_is_taken_by, p7_a_passport_that_lapsed_gives_its_plate_free);

fn occupants(db: &Database, plates: &[&LicencePlate]) -> Vec<Option<Occupant>> {
    let asked: Vec<LicencePlate> = plates.iter().map(|plate| (*plate).clone()).collect();
    let found = db.read(|tx| occupancy::occupants(tx, &asked));
    asked.iter().map(|plate| found.get(plate).copied()).collect()
}

fn p7_what_a_plate_is_taken_by(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, other, "Jansen BV").id;
    let invited = sample::store_passport(db, sample::passport(garage));
    let active = sample::store_passport(db, sample::active_passport(other, &driver, Some(fleet)));
    let archived = sample::passport(garage);
    let archived = sample::store_passport(db, Passport { status: PassportStatus::Archived, ..archived });
    // The same number in another country is another plate.
    let vehicle = Vehicle { plate: sample::dutch_plate("TT601D"), ..sample::passport(other).vehicle };
    let dutch = sample::store_passport(db, Passport { vehicle, ..sample::passport(other) });
    let belgian = LicencePlate::parse(domain::value::Country::parse("BE").unwrap(), "TT601D").unwrap();
    let plate = |passport: &Passport| passport.vehicle.plate.clone();
    let asked = [plate(&invited), plate(&active), plate(&archived), plate(&dutch), belgian];
    let of = |passport: &Passport| Occupant {
        passport_id: passport.id,
        garage_id: passport.garage_id,
        status: passport.status,
        fleet: passport.hands.fleet,
        in_use_since: sample::at(0),
        was_activated: false,
    };
    let expected = [Some(of(&invited)), Some(of(&active)), None, Some(of(&dutch)), None];
    assert_eq!(occupants(db, &asked.each_ref()), expected);
    assert_eq!(occupants(db, &[]), []);
}

fn p7_a_passport_that_lapsed_gives_its_plate_free(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let first = sample::store_passport(db, sample::passport(garage));
    let vehicle = Vehicle { plate: first.vehicle.plate.clone(), ..sample::passport(other).vehicle };
    let second = Passport { vehicle, ..sample::passport(other) };
    let refused = db.refused(|tx| passport::insert(tx, &second, sample::at(1)).map(drop));
    assert!(matches!(refused, persistence::StoreError::Duplicate(UniqueKey::PassportPlate)), "{refused:?}");
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let lapsed = first.lapse().passport;
    db.write(|tx| {
        passport::update(tx, &lapsed, stamps, sample::at(1))?;
        passport::insert(tx, &second, sample::at(1))
    });
    let taken = occupants(db, &[&second.vehicle.plate]);
    assert_eq!(taken[0].map(|occupant| occupant.passport_id), Some(second.id));
}
