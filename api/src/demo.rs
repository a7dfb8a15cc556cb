//! The demo garage: enough data to see every screen. It is made once, in an empty database.

use crate::{
    clock::{local_date, new_id},
    command::record,
    customer::wire::minimal,
    passwords::Passwords,
    problem::Problem,
    provision::{NewColleague, NewGarage, add_colleague, create_garage},
    secret::Secret,
};
use domain::{
    Instant,
    account::{Account, AccountStatus},
    event::{Fact, Stream},
    fleet::{Fleet, NewFleet},
    garage::Garage,
    ids::{AccountId, PassportId},
    licence_plate::LicencePlate,
    odometer::{Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::{Fuel, Passport, Vehicle},
    value::{AccountKind, Country, Currency, EmailAddress, FleetBegin, Language, StaffRole, ValueError},
};
use persistence::{self as store, Found, Store, Tx};
use uuid::Uuid;

/// The password of every demo account.
pub const PASSWORD: &str = "Welkom-bij-AutoPaspoort-2019";

/// The demo accounts: what each is, and its e-mail.
pub const LOGINS: [(&str, &str); 6] = [
    ("garage, admin (beheerder)", "beheer@garage-devries.example"),
    ("garage, advisor (receptionist)", "balie@garage-devries.example"),
    ("garage, mechanic (monteur)", "monteur@garage-devries.example"),
    ("fleet manager (wagenparkbeheerder)", "wagenpark@bakkerij-jansen.example"),
    ("driver (bestuurder), manager's own car", "jan@bakkerij-jansen.example"),
    ("driver (bestuurder), in the fleet", "fatima@bakkerij-jansen.example"),
];

/// Plate, make, model, year, fuel, index of the driver in `LOGINS`, whether the car is in the fleet.
const CARS: [(&str, &str, &str, i64, Fuel, usize, bool); 4] = [
    ("TT601D", "Volkswagen", "Kombi", 2013, Fuel::Diesel, 4, false),
    ("V95JKV", "Renault", "Kangoo", 2019, Fuel::Diesel, 5, true),
    ("00BBL8", "Volkswagen", "Transporter", 2014, Fuel::Diesel, 5, true),
    ("X99XXX", "Peugeot", "e-208", 2021, Fuel::Electric, 4, true),
];

/// The id of the passport, customer and fleet that the OpenAPI document uses in its examples: the first car of the demo has
/// it, so that the examples in Swagger UI work.
pub const EXAMPLE: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

/// The readings of each odometer: how many days ago, and kilometres. The last one is what the cars show now.
const READINGS: [(i64, i64); 3] = [(365, 45_000), (180, 52_400), (0, 60_000)];

/// Fills the database with the demo garage if it has no garage. Returns whether it did.
pub async fn seed(store: &Store, passwords: &Passwords, secret: &Secret, now: Instant) -> Result<bool, Problem> {
    let hash = passwords.hash(PASSWORD).await?;
    let (store, secret) = (store.clone(), secret.clone());
    let seeding = move || {
        store.write(|tx| -> Result<bool, Problem> {
            if store::garage::count(tx)? > 0 {
                return Ok(false);
            }
            fill(tx, &secret, &hash, now)?;
            Ok(true)
        })
    };
    actix_web::web::block(seeding).await.map_err(|error| Problem::internal(&error.to_string()))?
}

fn wrong(error: ValueError) -> Problem {
    Problem::internal(error.code())
}

fn example() -> Result<Uuid, Problem> {
    Uuid::try_parse(EXAMPLE).map_err(|error| Problem::internal(&error.to_string()))
}

fn email(index: usize) -> Result<EmailAddress, Problem> {
    EmailAddress::parse(LOGINS.get(index).map_or("", |(_, email)| email)).map_err(wrong)
}

fn fill(tx: &mut Tx<'_>, secret: &Secret, hash: &str, now: Instant) -> Result<(), Problem> {
    let new = NewGarage {
        name: "Garage De Vries".into(),
        email: EmailAddress::parse("info@garage-devries.example").map_err(wrong)?,
        language: Language::Dutch,
        country: Country::NL,
        currency: Currency::EUR,
        time_zone: "Europe/Amsterdam".into(),
    };
    let garage = create_garage(tx, &new, now)?;
    let people = [
        ("Anneke de Vries", StaffRole::Admin),
        ("Sanne de Boer", StaffRole::Advisor),
        ("Kees Smit", StaffRole::Mechanic),
    ];
    let mut staff = None;
    for (index, (name, role)) in people.into_iter().enumerate() {
        let colleague =
            NewColleague { email: email(index)?, name: name.into(), role, password_hash: Some(hash.into()) };
        staff = staff.or(Some(add_colleague(tx, secret, &garage, &colleague, now)?.id));
    }
    let staff = staff.ok_or_else(|| Problem::internal("the demo has no staff"))?;
    let jan = account(tx, AccountKind::Driver, "Jan Jansen", email(4)?, hash, now)?;
    let fatima = account(tx, AccountKind::Driver, "Fatima Yılmaz", email(5)?, hash, now)?;
    let mut fleet = None;
    for (plate, make, model, year, fuel, driver, linked) in CARS {
        let driver = if driver == 4 { &jan } else { &fatima };
        let vehicle = Vehicle {
            id: new_id(),
            plate: LicencePlate::parse(Country::NL, plate).map_err(wrong)?,
            make: Some(make.into()),
            model: Some(model.into()),
            year: Some(year),
            fuel: Some(fuel),
            vin: None,
            odometer_km: READINGS.last().map(|(_, km)| *km),
        };
        let id = if fleet.is_none() { example()? } else { new_id() };
        let passport = car(tx, &garage, driver, (id, vehicle), fleet.as_ref().filter(|_| linked), staff, now)?;
        if fleet.is_none() {
            fleet = Some(make_fleet(tx, &garage, &passport, &jan, hash, now)?);
        }
    }
    Ok(())
}

fn account(
    tx: &mut Tx<'_>,
    kind: AccountKind,
    name: &str,
    email: EmailAddress,
    hash: &str,
    now: Instant,
) -> Result<Account, Problem> {
    let account = Account {
        id: new_id(),
        kind,
        email,
        name: name.into(),
        language: Language::Dutch,
        status: AccountStatus::Active,
        employment: None,
        password_hash: Some(hash.into()),
        version: 1,
    };
    store::account::insert(tx, &account, now)?;
    Ok(account)
}

/// Makes a passport that its driver has activated, linked to a fleet if one is given. A customer who is not known yet gets
/// the same id as the passport.
fn car(
    tx: &mut Tx<'_>,
    garage: &Garage,
    driver: &Account,
    (id, vehicle): (Uuid, Vehicle),
    fleet: Option<&Fleet>,
    staff: AccountId,
    now: Instant,
) -> Result<Passport, Problem> {
    let customer = if let Some(known) = store::customer::find_by_email(tx, garage.id, &driver.email)? {
        known
    } else {
        let customer = minimal(id.into(), garage.id, driver);
        store::customer::insert(tx, &customer, now)?;
        customer
    };
    let made = Passport::create(id.into(), garage.id, customer.id, vehicle, fleet.map(Into::into), staff, now)?;
    let activated = made.passport.activate(driver.id, now)?;
    let stored = store::passport::insert(tx, &activated.passport, now)?;
    let entries: Vec<_> = made.custody.into_iter().chain(activated.custody).collect();
    store::custody::append(tx, &entries)?;
    record(tx, Stream::Garage(garage.id), Some(staff), made.facts.into_iter().chain(activated.facts), now)?;
    read_odometer(tx, garage, stored, staff, now)?;
    Ok(activated.passport)
}

fn read_odometer(
    tx: &mut Tx<'_>,
    garage: &Garage,
    passport: Found<PassportId>,
    staff: AccountId,
    now: Instant,
) -> Result<(), Problem> {
    let today = local_date(now, &garage.time_zone);
    for (days_ago, km) in READINGS {
        let reading = OdometerReading {
            id: new_id(),
            shown: Distance::new(km, DistanceUnit::Km).map_err(wrong)?,
            read_on: today.saturating_sub(jiff::SignedDuration::from_hours(24 * days_ago)),
            recorded_at: now,
            source: ReadingSource::Garage,
            by: Some(staff),
            replaces: None,
            start: None,
            confirmed: false,
        };
        store::odometer::insert(tx, passport, &reading)?;
        let fact = Fact::OdometerRecorded { passport_id: *passport, reading_id: reading.id };
        record(tx, Stream::Garage(garage.id), Some(staff), [fact], now)?;
    }
    Ok(())
}

fn make_fleet(
    tx: &mut Tx<'_>,
    garage: &Garage,
    manager_passport: &Passport,
    manager: &Account,
    hash: &str,
    now: Instant,
) -> Result<Fleet, Problem> {
    let account = account(tx, AccountKind::Fleet, "Bakkerij Jansen", email(3)?, hash, now)?;
    let customer_id =
        manager_passport.customer_id.ok_or_else(|| Problem::internal("the demo's passport has no customer"))?;
    let new = NewFleet {
        id: example()?.into(),
        account_id: account.id,
        customer_id,
        name: account.name.clone(),
        email: account.email.clone(),
        begin: FleetBegin::Prepared,
    };
    let (fleet, fact) = Fleet::create(new, manager_passport, &manager.email, false)?;
    store::fleet::insert(tx, &fleet, now)?;
    record(tx, Stream::Garage(garage.id), None, [fact], now)?;
    Ok(fleet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_example_is_in_the_demo() {
        assert_eq!(example().unwrap().to_string(), EXAMPLE);
        let schema = serde_json::to_value(<crate::wire::Id as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["examples"], serde_json::json!([EXAMPLE]));
    }
}
