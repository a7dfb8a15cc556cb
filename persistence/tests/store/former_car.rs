//! Cars that an account had (rule P16): as they were then, and for nobody else.

use crate::support::{Database, all, sample};
use domain::{
    account::Account,
    custody::{CustodyEntry, CustodyRole, Holder},
    ids::PassportId,
    odometer::{OdometerReading, ReadingSource},
    passport::{Passport, Vehicle},
    service_record::{RecordOrigin, ServiceRecord},
    value::AccountKind,
};
use persistence::{Found, Scope, Stamps, custody, former_car, odometer, passport, plates, service_record};

on_both!(
    p16_a_former_car_is_shown_as_it_was_then,
    p16_whoever_has_the_car_again_has_no_former_car,
    p16_a_fleet_has_the_cars_that_left_it,
    p16_of_a_former_car_one_reads_what_one_entered,
);

/// What is listed of a car: passport, plate, since and until.
type Listed = (PassportId, String, i64, i64);

fn as_driver(account: &Account) -> Scope {
    Scope::Driver(account.id, account.email.key())
}

fn listed(db: &Database, scope: &Scope) -> Vec<Listed> {
    let micro = |at: domain::Instant| at.as_microsecond() - sample::at(0).as_microsecond();
    let cars = db.read(|tx| former_car::list(tx, scope, &all())).items;
    let shown = |car: former_car::FormerCar| {
        (car.passport_id, car.plate.number().to_owned(), micro(car.since), micro(car.until))
    };
    cars.into_iter().map(shown).collect()
}

fn pass_on(db: &Database, car: &Passport, role: CustodyRole, holders: &[(Holder, i64)]) {
    let entry = |(holder, since): &(Holder, i64)| CustodyEntry {
        passport_id: car.id,
        role,
        holder: *holder,
        since: sample::at(*since),
        changed_by: None,
    };
    let entries: Vec<_> = holders.iter().map(entry).collect();
    db.write(|tx| custody::append(tx, &entries));
}

fn replate(db: &Database, mut car: Passport, plate: &str, at: i64) -> Passport {
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    car.vehicle.plate = sample::dutch_plate(plate);
    db.write(|tx| {
        plates::give(tx, &car.vehicle, sample::at(at))?;
        passport::update(tx, &car, stamps, sample::at(at))
    })
}

/// A car that the first drove from 0 to 10, and the second drives since.
fn sold(db: &Database) -> (Account, Account, Passport) {
    let garage = sample::stored_garage(db).id;
    let [jan, piet] = [(); 2].map(|()| sample::stored_account(db, AccountKind::Driver));
    let car = sample::store_passport(db, sample::active_passport(garage, &piet, None));
    pass_on(db, &car, CustodyRole::Driver, &[(Holder::Account(jan.id), 0), (Holder::Account(piet.id), 10)]);
    (jan, piet, car)
}

fn p16_a_former_car_is_shown_as_it_was_then(db: &Database) {
    let (jan, piet, car) = sold(db);
    let car = replate(db, car, "TT601D", 5);
    let car = replate(db, car, "V95JKV", 20);
    let expected = vec![(car.id, "TT601D".to_owned(), 0, 10)];
    assert_eq!(listed(db, &as_driver(&jan)), expected);
    let found = db.read(|tx| former_car::find(tx, &as_driver(&jan), car.id)).map(Found::into_inner).unwrap();
    assert_eq!((found.passport_id, found.plate.number()), (car.id, "TT601D"));
    let stranger = sample::stored_account(db, AccountKind::Driver);
    for scope in [as_driver(&piet), as_driver(&stranger), Scope::Garage(car.garage_id), Scope::Nothing] {
        assert_eq!(listed(db, &scope), [], "{scope:?}");
        assert!(db.read(|tx| former_car::find(tx, &scope, car.id)).is_none(), "{scope:?}");
    }
    // Who has it after the next one changes nothing of what was.
    pass_on(db, &car, CustodyRole::Driver, &[(Holder::Nobody, 30)]);
    assert_eq!(listed(db, &as_driver(&jan)), expected);
    assert_eq!(listed(db, &as_driver(&piet)), []);
}

fn p16_whoever_has_the_car_again_has_no_former_car(db: &Database) {
    let (jan, _, car) = sold(db);
    let first = car.vehicle.plate.number().to_owned();
    pass_on(db, &car, CustodyRole::Driver, &[(Holder::Account(jan.id), 20)]);
    assert_eq!(listed(db, &as_driver(&jan)), []);
    pass_on(db, &car, CustodyRole::Driver, &[(Holder::Nobody, 30)]);
    assert_eq!(listed(db, &as_driver(&jan)), [(car.id, first, 0, 30)]);
    // The same vehicle came back with another passport.
    let vehicle = Vehicle { plate: sample::plate(), ..car.vehicle.clone() };
    sample::store_passport(db, Passport { vehicle, ..sample::active_passport(car.garage_id, &jan, None) });
    assert_eq!(listed(db, &as_driver(&jan)), []);
}

fn p16_a_fleet_has_the_cars_that_left_it(db: &Database) {
    let (jan, _, car) = sold(db);
    let fleet = sample::stored_fleet(db, car.garage_id, "Bakkerij");
    let another = sample::stored_fleet(db, car.garage_id, "Bloemen");
    pass_on(db, &car, CustodyRole::Fleet, &[(Holder::Fleet(fleet.id), 2), (Holder::Nobody, 8)]);
    let plate = car.vehicle.plate.number().to_owned();
    assert_eq!(listed(db, &Scope::Fleet(fleet.id, fleet.account_id)), [(car.id, plate, 2, 8)]);
    assert_eq!(listed(db, &Scope::Fleet(another.id, another.account_id)), []);
    assert_eq!(listed(db, &as_driver(&jan)).len(), 1);
}

fn p16_of_a_former_car_one_reads_what_one_entered(db: &Database) {
    let (jan, piet, car) = sold(db);
    let reading =
        |km, source, by: &Account| OdometerReading { source, by: Some(by.id), ..sample::odometer_reading(km) };
    let own = reading(1, ReadingSource::Driver, &jan);
    let of_others = [reading(2, ReadingSource::Garage, &piet), reading(3, ReadingSource::Driver, &piet)];
    let corrected = OdometerReading { replaces: Some(own.id), ..reading(4, ReadingSource::Garage, &piet) };
    let record = |by: &Account| ServiceRecord {
        origin: RecordOrigin::Declared,
        by: Some(by.id),
        ..sample::service_record(&car)
    };
    let (done, by_piet) = (record(&jan), record(&piet));
    db.write(|tx| {
        for one in [&own, &of_others[0], &of_others[1], &corrected] {
            odometer::insert(tx, Found::by_system(sample::car(&car)), one)?;
        }
        service_record::insert(tx, &done)?;
        service_record::insert(tx, &by_piet)
    });
    let former = db.read(|tx| former_car::find(tx, &as_driver(&jan), car.id)).unwrap();
    let readings = db.read(|tx| odometer::list_entered(tx, &former, &all())).items;
    assert_eq!(readings, [(own, Some(jan.name))]);
    let records = db.read(|tx| service_record::list_entered(tx, &former, &all())).items;
    assert_eq!(records.into_iter().map(|view| view.record).collect::<Vec<_>>(), [done]);
}
