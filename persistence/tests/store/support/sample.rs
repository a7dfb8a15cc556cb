//! Things to store, each with an id of its own and as little else as possible; tests set what they are about.

use super::Database;
use domain::{
    Instant,
    account::{Account, AccountStatus, Employment},
    consequence::{Mail, Recipient, Template},
    custody::Hands,
    customer::{Customer, CustomerKind, DrivingBehaviour},
    event::Stream,
    fleet::{Fleet, FleetStatus},
    garage::Garage,
    ids::{CustomerId, FleetId, GarageId, PassportId, VehicleId},
    job::{Task, TaskKind},
    licence_plate::LicencePlate,
    odometer::{Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::{Passport, PassportStatus, Vehicle},
    service_record::{LineAmount, LineKind, Quantity, RecordOrigin, ServiceLine, ServiceRecord, VatRate},
    service_task::{Position, TaskKey},
    transfer::{Transfer, TransferStatus},
    value::{AccountKind, Address, Country, Currency, EmailAddress, FleetBegin, Language, StaffRole, TransferKind},
};
use persistence::{
    account, customer, event, fleet, garage,
    jobs::{self, Job, JobCounts},
    passport, transfer,
};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A number that nothing else in this process has.
pub(crate) fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An id later than all before it, as the ones of production are.
pub(crate) fn id<T: From<Uuid>>() -> T {
    Uuid::from_u128((0x0190_0000_0000_7000_8000_u128 << 48) + (u128::from(number()) << 16)).into()
}

/// An instant, some microseconds after a fixed one that itself has odd microseconds.
pub(crate) fn at(microseconds: i64) -> Instant {
    Instant::from_microsecond(1_790_000_000_123_457 + microseconds).unwrap()
}

/// A day later than [`at`] zero, and so on.
pub(crate) fn day(days: i64) -> Instant {
    at(days * 86_400_000_000)
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn any_email(who: &str) -> EmailAddress {
    email(&format!("{who}{}@voorbeeld.example", number()))
}

pub(crate) fn address() -> Address {
    Address { street: None, postcode: None, place: None, country: Country::NL }
}

pub(crate) fn garage() -> Garage {
    Garage {
        id: id(),
        name: "Garage de Vries".into(),
        chain: None,
        email: email("info@devries.example"),
        phone: None,
        address: address(),
        language: Language::Dutch,
        currency: domain::value::Currency::EUR,
        time_zone: "Europe/Amsterdam".into(),
        second_thoughts_days: 7,
        second_factor_required: false,
        version: 1,
    }
}

pub(crate) fn account(kind: AccountKind) -> Account {
    Account {
        id: id(),
        kind,
        email: any_email(kind.code()),
        email_confirmed: true,
        name: "Jan Jansen".into(),
        language: Language::Dutch,
        status: AccountStatus::Active,
        employment: None,
        password_hash: Some("hash".into()),
        version: 1,
    }
}

pub(crate) fn staff(garage_id: GarageId, role: StaffRole) -> Account {
    Account { employment: Some(Employment { garage_id, role }), ..account(AccountKind::Staff) }
}

pub(crate) fn customer(garage_id: GarageId, name: &str) -> Customer {
    Customer {
        id: id(),
        garage_id,
        kind: CustomerKind::Person,
        name: name.into(),
        parts: None,
        email: None,
        email_source: None,
        mobile: None,
        address: address(),
        language: Language::Dutch,
        driving: DrivingBehaviour::default(),
        accepts_promotions: false,
        accepts_calls: true,
        notes: None,
        version: 1,
    }
}

/// A plate that no other car has.
pub(crate) fn plate() -> LicencePlate {
    LicencePlate::parse(Country::parse("DE").unwrap(), &format!("T{}", number())).unwrap()
}

pub(crate) fn dutch_plate(text: &str) -> LicencePlate {
    LicencePlate::parse(Country::NL, text).unwrap()
}

pub(crate) fn passport(garage_id: GarageId) -> Passport {
    Passport {
        kept_since: None,
        id: id(),
        garage_id,
        customer_id: None,
        vehicle: Vehicle {
            id: id(),
            plate: plate(),
            make: None,
            model: None,
            year: None,
            fuel: None,
            vin: None,
            odometer_km: None,
        },
        status: PassportStatus::Invited,
        hands: Hands::default(),
        version: 1,
    }
}

/// A passport that its driver has activated.
pub(crate) fn active_passport(garage_id: GarageId, driver: &Account, fleet: Option<FleetId>) -> Passport {
    let hands = Hands { driver: Some(driver.id), fleet };
    Passport { status: PassportStatus::Active, hands, ..passport(garage_id) }
}

/// The ids of a car: those of its passport and of its vehicle.
pub(crate) fn car(passport: &Passport) -> (PassportId, VehicleId) {
    (passport.id, passport.vehicle.id)
}

/// A reading by the garage, of a fixed day.
pub(crate) fn odometer_reading(km: i64) -> OdometerReading {
    OdometerReading {
        id: id(),
        shown: Distance::new(km, DistanceUnit::Km).unwrap(),
        read_on: "2026-03-01".parse().unwrap(),
        recorded_at: at(0),
        source: ReadingSource::Garage,
        by: None,
        replaces: None,
        start: None,
        confirmed: false,
    }
}

pub(crate) fn transfer(passport: &Passport, by: &Account, recipient: &str) -> Transfer {
    Transfer {
        id: id(),
        passport_id: passport.id,
        garage_id: passport.garage_id,
        plate: passport.vehicle.plate.shown(),
        kind: TransferKind::NewOwner,
        offered_by: by.id,
        fleet_id: passport.hands.fleet,
        recipient_email: email(recipient),
        recipient: None,
        status: TransferStatus::Offered,
        offered_at: at(0),
        expires_at: day(14),
        decided_at: None,
        version: 1,
    }
}

/// A garage that is stored, with its stream.
pub(crate) fn stored_garage(db: &Database) -> Garage {
    let garage = garage();
    db.write(|tx| {
        event::create_stream(tx, Stream::Garage(garage.id))?;
        garage::insert(tx, &garage, at(0))
    });
    garage
}

pub(crate) fn store_account(db: &Database, account: Account) -> Account {
    db.write(|tx| account::insert(tx, &account, at(0)));
    account
}

pub(crate) fn stored_account(db: &Database, kind: AccountKind) -> Account {
    store_account(db, account(kind))
}

pub(crate) fn stored_customer(db: &Database, garage: GarageId, name: &str) -> Customer {
    let customer = customer(garage, name);
    db.write(|tx| customer::insert(tx, &customer, at(0)));
    customer
}

/// A fleet that is stored, with its account, and its manager's account and passport.
pub(crate) fn stored_fleet(db: &Database, garage_id: GarageId, name: &str) -> Fleet {
    let manager = stored_account(db, AccountKind::Driver);
    let passport = store_passport(db, active_passport(garage_id, &manager, None));
    stored_fleet_of(db, &passport, name, None)
}

/// A fleet that is stored, made from a passport.
pub(crate) fn stored_fleet_of(db: &Database, manager: &Passport, name: &str, customer: Option<CustomerId>) -> Fleet {
    let account = stored_account(db, AccountKind::Fleet);
    let fleet = Fleet {
        id: id(),
        garage_id: manager.garage_id,
        customer_id: customer,
        manager_passport_id: manager.id,
        manager_account_id: manager.hands.driver.unwrap(),
        account_id: account.id,
        name: name.into(),
        status: FleetStatus::Open,
        begin: FleetBegin::Invited,
        drivers_see_amounts: false,
        reminders_to: domain::reminder::FleetChoice::Both,
        digest: None,
        digested_before: None,
        version: 1,
    };
    db.write(|tx| fleet::insert(tx, &fleet, at(0)));
    fleet
}

pub(crate) fn store_passport(db: &Database, passport: Passport) -> Passport {
    db.write(|tx| passport::insert(tx, &passport, at(0)));
    passport
}

pub(crate) fn store_transfer(db: &Database, transfer: Transfer) -> Transfer {
    db.write(|tx| transfer::insert(tx, &transfer, at(0)));
    transfer
}

/// A mail that follows from nothing.
pub(crate) fn job() -> Job {
    let mail = Mail { template: Template::TransferAcceptedGarage, to: Recipient::Garage };
    Job { id: id(), cause: None, task: Task::Mail(mail), attempts: 0 }
}

/// How many jobs there are of a kind, before any is due.
pub(crate) fn job_counts(db: &Database, kind: Option<TaskKind>) -> JobCounts {
    let counts = db.read(|tx| jobs::counts(tx, at(-1)));
    counts.into_iter().find(|(found, _)| *found == kind).unwrap().1
}

/// A service record of 12 lines, which take back what was done.
pub(crate) fn service_record(car: &Passport) -> ServiceRecord {
    let line = |number: u32| ServiceLine {
        task: TaskKey::find("tyres"),
        position: Some(Position::FrontLeft),
        text: Some(format!("line {number}")),
        kind: LineKind::Part,
        quantity: Quantity::parse("-4.125").unwrap(),
        amount: Some(LineAmount { net_cents: -1_234, vat_rate: VatRate::parse("9.5").unwrap() }),
    };
    ServiceRecord {
        id: id(),
        vehicle_id: car.vehicle.id,
        garage_id: car.garage_id,
        origin: RecordOrigin::Garage,
        done_on: "2024-02-29".parse().unwrap(),
        reading: None,
        odometer_km: Some(1_999_999),
        mechanic: Some("Kees".into()),
        place: None,
        lines: (0..12).map(line).collect(),
        currency: Currency::EUR,
        invoice_number: None,
        note: Some("Eén\nregel".into()),
        owner: None,
        replaces: None,
        recorded_at: at(3),
        stands_at: at(2),
        by: None,
    }
}
