//! Many rows at once, by COPY on PostgreSQL, are what they are one by one.

use crate::support::{Database, assert_same, sample};
use domain::{
    account::Account,
    custody::{CustodyEntry, CustodyRole, Holder},
    customer::Customer,
    event::{Fact, Stream},
    ids::{PassportId, VehicleId},
    invitation::{Invitation, Purpose},
    job::TaskKind,
    passport::Passport,
    registration::Registration,
    value::{AccountKind, PhoneNumber, StaffRole},
};
use persistence::{
    Found, PageRequest, Scope, Stamps, UniqueKey, account, custody, customer, event, fleet, invitation,
    jobs::{self, Job},
    odometer, passport, plates, registration,
    session::{self, Session},
};

on_both!(
    accounts_come_back_with_their_sessions,
    customers_come_back,
    passports_come_back_with_their_histories,
    p1_a_plate_that_is_taken_is_found_before_and_refused_after,
    r19_cars_that_come_back_are_known,
    events_are_numbered_without_gaps,
    jobs_links_and_readings_come_back,
    a2_of_many_ids_those_in_scope_are_found,
);

const MANY: usize = 50;

fn made() -> Stamps {
    Stamps { created_at: sample::at(0), updated_at: sample::at(0) }
}

fn page<K>() -> PageRequest<K> {
    PageRequest { after: None, limit: 200, updated_since: None }
}

fn accounts_come_back_with_their_sessions(db: &Database) {
    let garage = sample::stored_garage(db);
    let account = |number: usize| match number % 3 {
        0 => sample::staff(garage.id, StaffRole::Mechanic),
        1 => sample::account(AccountKind::Driver),
        _ => sample::account(AccountKind::Driver).end(),
    };
    let new: Vec<Account> = (0..MANY).map(account).collect();
    let session = |(number, account): (usize, &Account)| Session {
        id: sample::id(),
        account_id: account.id,
        user_agent: number.is_multiple_of(2).then(|| "Firefox".into()),
        created_at: sample::at(1),
        last_used_at: sample::at(2),
        remembered_until: None,
    };
    let hash = |number: usize| vec![u8::try_from(number).unwrap(); 32];
    let signed_in: Vec<(Session, Vec<u8>)> = new.iter().enumerate().map(|pair| (session(pair), hash(pair.0))).collect();
    db.write(|tx| {
        account::insert_all(tx, &new, sample::at(0))?;
        session::insert_all(tx, &signed_in)
    });
    for (account, (session, hash)) in new.iter().zip(&signed_in) {
        assert_same(&db.read(|tx| account::find(tx, account.id)), &Some((account.clone(), made())));
        let open = db
            .read(|tx| {
                session::list(
                    tx,
                    account.id,
                    session::OpenAt::new(domain::session::Lifetimes::default(), sample::at(3)),
                    &page(),
                )
            })
            .items;
        assert_same(&open, &vec![session.clone()]);
        let (of_session, of_account, token) = db.read(|tx| session::find_token(tx, hash)).unwrap();
        assert_eq!((of_session, of_account, token.issued_at), (session.id, account.id, sample::at(1)));
        assert_eq!((token.used_at, token.session_ended), (None, false));
    }
    let error = db.refused(|tx| {
        let taken = Account { id: sample::id(), ..new[0].clone() };
        account::insert_all(tx, &[vec![taken], (0..MANY).map(account).collect()].concat(), sample::at(0))
    });
    assert!(matches!(error, persistence::StoreError::Duplicate(UniqueKey::AccountEmail)), "{error}");
}

fn customers_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let customer = |number: usize| Customer {
        email: Some(sample::email(&format!("Jan{number}@Jansen.example"))),
        mobile: number.is_multiple_of(2).then(|| PhoneNumber::parse("+31612345678").unwrap()),
        notes: number.is_multiple_of(3).then(|| "tab\t, new\nline, back\\slash, \"quote\" \u{1F697} \\N".into()),
        ..sample::customer(garage.id, &format!("Jan {number}"))
    };
    let new: Vec<Customer> = (0..MANY).map(customer).collect();
    db.write(|tx| customer::insert_all(tx, &new, sample::at(0)));
    let scope = Scope::Garage(garage.id);
    for customer in &new {
        assert_same(&db.read(|tx| customer::find(tx, &scope, customer.id)), &Some((customer.clone(), made())));
    }
    let emails =
        [sample::email("jan7@jansen.example"), sample::email("JAN8@JANSEN.EXAMPLE"), sample::email("x@x.example")];
    let found = db.read(|tx| customer::find_by_emails(tx, garage.id, &emails));
    assert_eq!(found, new[7..9]);
    let mobiles = ["+31612345678", "+31623456789"].map(|number| PhoneNumber::parse(number).unwrap());
    let found = db.read(|tx| customer::find_by_mobiles(tx, garage.id, &mobiles));
    assert!(found.iter().eq(new.iter().step_by(2)));
    let other = sample::stored_garage(db);
    assert_eq!(db.read(|tx| customer::find_by_emails(tx, other.id, &emails)), []);
    assert_eq!(db.read(|tx| customer::find_by_mobiles(tx, other.id, &mobiles)), []);
    db.write(|tx| customer::insert_all(tx, &[], sample::at(0)));
}

fn passports_come_back_with_their_histories(db: &Database) {
    let garage = sample::stored_garage(db);
    let fleet = sample::stored_fleet(db, garage.id, "Bakkerij");
    let dutch = |number: usize| {
        let mut passport = sample::passport(garage.id);
        passport.vehicle.plate = sample::dutch_plate(&format!("TT-{number:03}-D"));
        passport
    };
    let new: Vec<Passport> = (0..MANY).map(dutch).collect();
    let entry = |passport: &Passport, role, holder| CustodyEntry {
        passport_id: passport.id,
        role,
        holder,
        since: sample::at(1),
        changed_by: None,
    };
    let history = |passport: &Passport| {
        vec![
            entry(passport, CustodyRole::Fleet, Holder::Fleet(fleet.id)),
            entry(passport, CustodyRole::Owner, Holder::Fleet(fleet.id)),
        ]
    };
    let histories: Vec<_> = new.iter().map(history).collect();
    db.write(|tx| {
        plates::insert_all(tx, new.iter().map(|passport| &passport.vehicle), sample::at(0))?;
        passport::insert_all(tx, &new, sample::at(0))?;
        custody::begin(tx, &histories)
    });
    for passport in &new {
        let found = db.read(|tx| passport::find(tx, &Scope::Garage(garage.id), passport.id));
        assert_same(&found, &Some((Found::by_system(passport.clone()), made())));
        let periods = db.read(|tx| custody::list(tx, Found::by_system(passport.id), &page())).items;
        let found: Vec<_> = periods.iter().map(|period| (period.number, period.role)).collect();
        assert_eq!(found, [(1, CustodyRole::Fleet), (2, CustodyRole::Owner)]);
        let plates = db.read(|tx| plates::list(tx, Found::by_system(passport.vehicle.id), &page())).items;
        let found: Vec<_> = plates.into_iter().map(|period| (period.number, period.plate)).collect();
        assert_eq!(found, [(1, passport.vehicle.plate.clone())]);
        let wanted = db.read(|tx| registration::find(tx, Found::by_system(&passport.vehicle.plate)));
        assert_eq!(wanted, Some(Registration::new(passport.vehicle.plate.clone())));
    }
}

fn p1_a_plate_that_is_taken_is_found_before_and_refused_after(db: &Database) {
    let (one, other) = (sample::stored_garage(db), sample::stored_garage(db));
    let theirs = sample::store_passport(db, sample::passport(other.id));
    let mut new: Vec<Passport> = (0..MANY).map(|_| sample::passport(one.id)).collect();
    let plates: Vec<_> = new.iter().chain([&theirs]).map(|passport| passport.vehicle.plate.clone()).collect();
    let in_use = db.read(|tx| persistence::plates::in_use(tx, &plates));
    assert_eq!(in_use.into_iter().collect::<Vec<_>>(), [(theirs.vehicle.plate.clone(), (theirs.id, other.id))]);
    new[MANY - 1].vehicle.plate = theirs.vehicle.plate;
    let error = db.refused(|tx| {
        plates::insert_all(tx, new.iter().map(|passport| &passport.vehicle), sample::at(0))?;
        passport::insert_all(tx, &new, sample::at(0))
    });
    assert!(matches!(error, persistence::StoreError::Duplicate(UniqueKey::PassportPlate)), "{error}");
    assert_eq!(db.read(|tx| passport::find(tx, &Scope::System, new[0].id)), None, "all or nothing");
}

fn r19_cars_that_come_back_are_known(db: &Database) {
    let (one, other) = (sample::stored_garage(db), sample::stored_garage(db));
    let by = sample::stored_account(db, AccountKind::Driver).id;
    let old = sample::store_passport(db, sample::passport(one.id));
    let archived = old.clone().archive(domain::passport::Pending::default(), by, sample::at(1)).unwrap().passport;
    db.write(|tx| passport::update(tx, &archived, made(), sample::at(1)));
    let new = sample::passport(one.id).vehicle.plate;
    let plates = [new, old.vehicle.plate.clone()];
    let known = db.read(|tx| plates::known_to_any(tx, one.id, &plates));
    let known: Vec<_> = known.into_iter().map(|(plate, vehicle)| (plate, vehicle.into_inner())).collect();
    assert_eq!(known, [(old.vehicle.plate, old.vehicle.id)]);
    assert!(db.read(|tx| plates::known_to_any(tx, other.id, &plates)).is_empty(), "no other garage learns of it");
}

fn events_are_numbered_without_gaps(db: &Database) {
    let stream = Stream::Garage(sample::stored_garage(db).id);
    for count in [1, MANY, 3, 0, MANY] {
        let facts = (0..count).map(|_| (sample::id(), Fact::GarageChanged {})).collect();
        let appended = db.write(|tx| event::append_all(tx, stream, None, Vec::clone(&facts), sample::at(0)));
        let ids: Vec<_> = appended.iter().map(|event| event.id).collect();
        assert_eq!(ids, facts.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    }
    let found = db.read(|tx| event::list(tx, stream, &page())).items;
    let numbers: Vec<i64> = found.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=104).collect::<Vec<_>>());
}

fn jobs_links_and_readings_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let cars: Vec<_> =
        (0..MANY).map(|_| sample::car(&sample::store_passport(db, sample::passport(garage.id)))).collect();
    let readings: Vec<_> = cars.iter().map(|car| (*car, sample::odometer_reading(120_000))).collect();
    let link = |(car, _): &(PassportId, VehicleId)| {
        let email = sample::email("jan@jansen.example");
        let link = Invitation::new(sample::id(), Purpose::Passport(*car), Some(garage.id), email, sample::at(0));
        let hash = link.id.0.as_bytes().to_vec();
        (link, hash)
    };
    let links: Vec<_> = cars.iter().map(link).collect();
    let jobs: Vec<Job> = (0..MANY).map(|_| sample::job()).collect();
    db.write(|tx| {
        odometer::insert_all(tx, &readings)?;
        invitation::issue_first(tx, &links, sample::at(0))?;
        jobs::insert_all(tx, &jobs, sample::at(1), sample::at(0))
    });
    for (((_, car), reading), (link, hash)) in readings.iter().zip(&links) {
        assert_eq!(db.read(|tx| odometer::ledger(tx, Found::by_system(*car))), std::slice::from_ref(reading));
        assert_eq!(db.read(|tx| invitation::find_by_token(tx, hash)).as_ref(), Some(link));
    }
    assert_eq!(sample::job_counts(db, Some(TaskKind::Mail)).queued, 50);
}

fn a2_of_many_ids_those_in_scope_are_found(db: &Database) {
    let (one, other) = (sample::stored_garage(db), sample::stored_garage(db));
    let (ours, theirs) = (sample::stored_customer(db, one.id, "Jan"), sample::stored_customer(db, other.id, "Piet"));
    let (our_fleet, their_fleet) = (sample::stored_fleet(db, one.id, "A"), sample::stored_fleet(db, other.id, "B"));
    let scope = Scope::Garage(one.id);
    assert_eq!(db.read(|tx| customer::find_all(tx, &scope, &[ours.id, theirs.id])), vec![ours.clone()]);
    assert_eq!(db.read(|tx| fleet::find_all(tx, &scope, &[our_fleet.id, their_fleet.id])), vec![our_fleet.clone()]);
    assert_eq!(db.read(|tx| customer::find_all(tx, &Scope::Nothing, &[ours.id])), []);
    assert_eq!(db.read(|tx| fleet::find_all(tx, &Scope::Nothing, &[our_fleet.id])), []);
}
