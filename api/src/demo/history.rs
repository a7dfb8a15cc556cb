//! The demo's history: two more garages, and five years of what was done to five hundred cars, by the generator of sample
//! history. It is made after the demo garage, in a transaction for each block of cars, and only once.

use super::{
    LOGINS,
    checks::{self, Checked, CheckedCar},
    wrong,
};
use crate::{
    car_status::operations::refresh_car,
    clock::new_id,
    command::record,
    customer::wire::minimal,
    problem::Problem,
    provision::{NewGarage, create_garage},
};
use domain::{
    Date, Instant,
    account::{Account, AccountStatus},
    custody::CustodyEntry,
    event::{Fact, Stream},
    garage::Garage,
    ids::AccountId,
    licence_plate::LicencePlate,
    odometer::{Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::{Passport, Vehicle},
    sample_history::{SampleCar, SampleNetwork, SamplePlan, SampleRecord},
    service_record::{LineAmount, Quantity, RecordOrigin, RecordOwner, ServiceLine, ServiceRecord, VatRate},
    value::{AccountKind, Country, Currency, EmailAddress, Language},
};
use jiff::tz::TimeZone;
use persistence::{self as store, Store, Tx};

/// The other garages.
const GARAGES: [(&str, &str); 2] =
    [("Autobedrijf Bakker", "info@autobedrijf-bakker.example"), ("Garage Visser", "info@garage-visser.example")];
/// How many cars have a history.
const CARS: usize = 500;
/// How many cars are stored in one transaction.
const BLOCK: usize = 50;
/// First and last names of the drivers.
const NAMES: [&str; 20] = [
    "Emma", "Daan", "Julia", "Sem", "Mila", "Lucas", "Tess", "Levi", "Sara", "Finn", "Nora", "Milan", "Eva", "Noah",
    "Lotte", "Bram", "Zoë", "Thijs", "Fenna", "Omar",
];
const SURNAMES: [&str; 25] = [
    "de Jong",
    "Jansen",
    "de Vries",
    "van den Berg",
    "van Dijk",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "de Boer",
    "Mulder",
    "de Groot",
    "Bos",
    "Vos",
    "Peters",
    "Hendriks",
    "van Leeuwen",
    "Dekker",
    "Brouwer",
    "de Wit",
    "Dijkstra",
    "Smits",
    "de Graaf",
    "van der Meer",
    "Yılmaz",
];

/// A garage of the demo, with one of its staff.
struct Place {
    garage: Garage,
    by: Option<AccountId>,
}

/// What is stored of a block of cars.
#[derive(Default)]
struct Block {
    drivers: Vec<Account>,
    customers: Vec<domain::customer::Customer>,
    passports: Vec<Passport>,
    custody: Vec<Vec<CustodyEntry>>,
    readings: Vec<(domain::ids::PassportId, OdometerReading)>,
    records: Vec<ServiceRecord>,
    /// Each of the garage of which `places` has the number.
    checks: Vec<(usize, Checked)>,
    facts: Vec<(usize, Fact)>,
}

/// Makes the history, after the demo garage was made. `progress` is called with the number of cars that are stored, and
/// that of all.
pub(super) fn seed(
    store: &Store,
    hash: &str,
    now: Instant,
    mut progress: impl FnMut(usize, usize),
) -> Result<(), Problem> {
    let until = now.to_zoned(TimeZone::UTC).date();
    let network =
        SampleNetwork::new(SamplePlan { seed: 2_019, garages: 1 + GARAGES.len(), cars: CARS, years: 5, until });
    let places = store.write(|tx| places(tx, now))?;
    let cars: Vec<SampleCar> = network.cars().collect();
    for (number, cars) in cars.chunks(BLOCK).enumerate() {
        let mut block = Block::default();
        for car in cars {
            block.add(&network, car, &places, hash, now)?;
        }
        store.write(|tx| block.store(tx, &places, now))?;
        progress((number * BLOCK + cars.len()).min(CARS), CARS);
    }
    Ok(())
}

/// The demo garage and the others.
fn places(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Place>, Problem> {
    let email = |index: usize| EmailAddress::parse(LOGINS.get(index).map_or("", |(_, email)| email)).map_err(wrong);
    let admin = store::account::find_by_email(tx, &email(0)?)?.map(|(account, _)| account);
    let employment = admin.as_ref().and_then(|admin| admin.employment.as_ref());
    let Some((admin, employment)) = admin.as_ref().zip(employment) else { return Ok(vec![]) };
    let garage = store::garage::find(tx, employment.garage_id)?;
    let garage = garage.map(|(garage, _)| garage).ok_or_else(|| Problem::internal("the demo has no garage"))?;
    let mut places = vec![Place { garage, by: Some(admin.id) }];
    for (name, email) in GARAGES {
        let new = NewGarage {
            name: name.into(),
            email: EmailAddress::parse(email).map_err(wrong)?,
            language: Language::Dutch,
            country: Country::NL,
            currency: Currency::EUR,
            time_zone: "Europe/Amsterdam".into(),
        };
        places.push(Place { garage: create_garage(tx, &new, now)?, by: None });
    }
    Ok(places)
}

/// Noon of a day.
fn noon(day: Date) -> Instant {
    day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).map_or(Instant::UNIX_EPOCH, |noon| noon.timestamp())
}

/// A plate of the ninth series of the Netherlands, such as `GKB-12-D` without its dashes: another for each car.
fn plate(number: usize) -> Result<LicencePlate, Problem> {
    const LETTERS: &[u8] = b"BDFGHJKLNPRSTXZ";
    let letter = |of: usize| char::from(LETTERS.get(of % LETTERS.len()).copied().unwrap_or(b'B'));
    let text = format!("G{}{}{:02}{}", letter(number / 7), letter(number / 90), number % 90 + 10, letter(number));
    LicencePlate::parse(Country::NL, &text).map_err(wrong)
}

fn name(number: usize) -> String {
    let first = NAMES.get(number % NAMES.len()).copied().unwrap_or_default();
    let last = SURNAMES.get(number / NAMES.len() % SURNAMES.len()).copied().unwrap_or_default();
    format!("{first} {last}")
}

impl Block {
    fn add(
        &mut self,
        network: &SampleNetwork,
        car: &SampleCar,
        places: &[Place],
        hash: &str,
        now: Instant,
    ) -> Result<(), Problem> {
        let Some(place) = places.get(car.garage) else { return Ok(()) };
        let driver = Account {
            id: new_id(),
            kind: AccountKind::Driver,
            email: EmailAddress::parse(&format!("bestuurder{}@demo.example", car.number + 1)).map_err(wrong)?,
            name: name(car.number),
            language: Language::Dutch,
            status: AccountStatus::Active,
            employment: None,
            password_hash: Some(hash.to_owned()),
            version: 1,
        };
        let history = network.history(car);
        let customer = minimal(new_id(), place.garage.id, &driver);
        let vehicle = Vehicle {
            id: new_id(),
            plate: plate(car.number)?,
            make: Some(car.make.into()),
            model: Some(car.model.into()),
            year: Some(i64::from(car.admitted_on.year())),
            fuel: Some(car.fuel),
            vin: None,
            odometer_km: history.records.last().map(|record| record.km),
        };
        let by = place.by.unwrap_or(driver.id);
        let made = Passport::create(new_id(), place.garage.id, customer.id, vehicle, None, by, now)?;
        let activated = made.passport.activate(driver.id, now)?;
        let first_record = self.records.len();
        for one in &history.records {
            let reading = reading(one, place.by)?;
            let record = service_record(one, &activated.passport, driver.id, place)?;
            self.records.push(ServiceRecord { reading: Some(reading.id), ..record });
            self.readings.push((activated.passport.id, reading));
        }
        if let (Some(mechanic), Some(last)) = (place.by, history.checks.last()) {
            let passport = &activated.passport;
            let records = self.records.get(first_record..).unwrap_or_default();
            let checked = CheckedCar { number: car.number, passport, records, driver: driver.id, mechanic };
            self.checks.extend(checked.checked(last, noon(last.done_on))?.map(|checked| (car.garage, checked)));
        }
        self.drivers.push(driver);
        self.customers.push(customer);
        self.custody.push(made.custody.into_iter().chain(activated.custody).collect());
        self.facts.extend(made.facts.into_iter().chain(activated.facts).map(|fact| (car.garage, fact)));
        self.passports.push(activated.passport);
        Ok(())
    }

    fn store(&self, tx: &mut Tx<'_>, places: &[Place], now: Instant) -> Result<(), Problem> {
        store::account::insert_all(tx, &self.drivers, now)?;
        store::customer::insert_all(tx, &self.customers, now)?;
        store::plates::insert_all(tx, self.passports.iter().map(|passport| &passport.vehicle), now)?;
        store::passport::insert_all(tx, &self.passports, now)?;
        store::custody::begin(tx, &self.custody)?;
        store::odometer::insert_all(tx, &self.readings)?;
        store::service_record::insert_all(tx, &self.records)?;
        for (number, place) in places.iter().enumerate() {
            let of_place = self.checks.iter().filter(|(garage, _)| *garage == number).map(|(_, checked)| checked);
            checks::store(tx, place.garage.id, of_place)?;
        }
        for passport in &self.passports {
            refresh_car(tx, passport.id)?;
        }
        for (number, place) in places.iter().enumerate() {
            let facts: Vec<Fact> =
                self.facts.iter().filter(|(garage, _)| *garage == number).map(|(_, fact)| fact.clone()).collect();
            record(tx, Stream::Garage(place.garage.id), place.by, facts, now)?;
        }
        Ok(())
    }
}

fn reading(of: &SampleRecord, by: Option<AccountId>) -> Result<OdometerReading, Problem> {
    Ok(OdometerReading {
        id: new_id(),
        shown: Distance::new(of.km, DistanceUnit::Km).map_err(wrong)?,
        read_on: of.done_on,
        recorded_at: noon(of.done_on),
        source: ReadingSource::Garage,
        by,
        replaces: None,
        start: None,
        confirmed: false,
    })
}

fn service_record(
    of: &SampleRecord,
    passport: &Passport,
    driver: AccountId,
    place: &Place,
) -> Result<ServiceRecord, Problem> {
    let vat_rate = VatRate::standard(Country::NL, of.done_on).ok_or_else(|| Problem::internal("no rate of VAT"))?;
    let line = |line: &domain::sample_history::SampleLine| ServiceLine {
        task: Some(line.task),
        position: None,
        text: None,
        kind: line.kind,
        quantity: Quantity::ONE,
        amount: (!of.is_elsewhere).then_some(LineAmount { net_cents: line.net_cents, vat_rate }),
    };
    Ok(ServiceRecord {
        id: new_id(),
        vehicle_id: passport.vehicle.id,
        garage_id: place.garage.id,
        origin: if of.is_elsewhere { RecordOrigin::Declared } else { RecordOrigin::Garage },
        done_on: of.done_on,
        reading: None,
        odometer_km: Some(of.km),
        mechanic: None,
        place: of.is_elsewhere.then(|| "Elders".to_owned()),
        lines: of.lines.iter().map(line).collect(),
        currency: Currency::EUR,
        invoice_number: None,
        note: None,
        owner: Some(RecordOwner::Driver(driver)),
        replaces: None,
        recorded_at: noon(of.done_on),
        by: place.by,
    })
}
