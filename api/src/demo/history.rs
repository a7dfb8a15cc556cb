//! The demo's history: two more garages, and five years of what was done to five hundred cars, by the generator of sample
//! history. It is made after the demo garage, in a transaction for each block of cars, and only once.

use super::{
    LOGINS, OTHER_ADMIN,
    checks::{self, Checked, CheckedCar},
    wrong,
};
use crate::{
    car_status::operations::refresh_car,
    clock::new_id,
    command::record,
    customer::wire::minimal,
    problem::Problem,
    provision::{NewColleague, NewGarage, add_colleague, create_garage},
    secret::Secret,
};
use domain::{
    Date, Instant,
    account::{Account, AccountStatus},
    apk::{ApkFacts, VehicleKind, assess, next_expiry},
    custody::CustodyEntry,
    event::{Fact, Stream},
    garage::Garage,
    ids::AccountId,
    licence_plate::LicencePlate,
    odometer::{Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::{Passport, Vehicle},
    register::{RegisterData, RegisteredFuel},
    registration::Registration,
    sample_history::{SampleCar, SampleHistory, SampleNetwork, SamplePlan, SampleRecord},
    service_record::{LineAmount, Quantity, RecordOrigin, RecordOwner, ServiceLine, ServiceRecord, VatRate},
    service_task::TaskKey,
    value::{AccountKind, Country, Currency, EmailAddress, Language, StaffRole},
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

/// The mechanics of each garage.
const MECHANICS: [[&str; 3]; 3] =
    [["Kees", "Youssef", "Marloes"], ["Henk", "Anouk", "Piotr"], ["Ruben", "Wim", "Esra"]];
/// The permitted maximum mass of each car.
const MAX_MASS_KG: i64 = 1_900;

/// A garage of the demo, with one of its staff, its mechanics, and how many invoices it has sent in the history.
struct Place {
    garage: Garage,
    by: Option<AccountId>,
    mechanics: [&'static str; 3],
    invoices: usize,
}

/// What is stored of a block of cars.
#[derive(Default)]
struct Block {
    drivers: Vec<Account>,
    customers: Vec<domain::customer::Customer>,
    passports: Vec<Passport>,
    registrations: Vec<Registration>,
    custody: Vec<Vec<CustodyEntry>>,
    readings: Vec<store::odometer::NewReading>,
    records: Vec<ServiceRecord>,
    /// Each of the garage of which `places` has the number.
    checks: Vec<(usize, Checked)>,
    facts: Vec<(usize, Fact)>,
}

/// Makes the history, after the demo garage was made. `progress` is called with the number of cars that are stored, and
/// that of all.
pub(super) fn seed(
    store: &Store,
    secret: &Secret,
    hash: &str,
    now: Instant,
    mut progress: impl FnMut(usize, usize),
) -> Result<(), Problem> {
    let until = now.to_zoned(TimeZone::UTC).date();
    let network =
        SampleNetwork::new(SamplePlan { seed: 2_019, garages: 1 + GARAGES.len(), cars: CARS, years: 5, until });
    let mut places = store.write(|tx| places(tx, secret, hash, now))?;
    let cars: Vec<SampleCar> = network.cars().collect();
    for (number, cars) in cars.chunks(BLOCK).enumerate() {
        let mut block = Block::default();
        for car in cars {
            block.add(&network, car, &mut places, hash, now)?;
        }
        store.write(|tx| block.store(tx, &places, now))?;
        progress((number * BLOCK + cars.len()).min(CARS), CARS);
    }
    Ok(())
}

/// The demo garage and the others.
fn places(tx: &mut Tx<'_>, secret: &Secret, hash: &str, now: Instant) -> Result<Vec<Place>, Problem> {
    let login = |index: usize| EmailAddress::parse(LOGINS.get(index).map_or("", |(_, email)| email)).map_err(wrong);
    let admin = store::account::find_by_email(tx, &login(0)?)?.map(|(account, _)| account);
    let employment = admin.as_ref().and_then(|admin| admin.employment.as_ref());
    let Some((admin, employment)) = admin.as_ref().zip(employment) else { return Ok(vec![]) };
    let garage = store::garage::find(tx, employment.garage_id)?;
    let garage = garage.map(|(garage, _)| garage).ok_or_else(|| Problem::internal("the demo has no garage"))?;
    let place = |garage, by, mechanics| Place { garage, by, mechanics, invoices: 0 };
    let [own, others @ ..] = MECHANICS;
    let mut places = vec![place(garage, Some(admin.id), own)];
    for ((name, email), mechanics) in GARAGES.into_iter().zip(others) {
        let new = NewGarage {
            name: name.into(),
            email: EmailAddress::parse(email).map_err(wrong)?,
            phone: None,
            language: Language::Dutch,
            country: Country::NL,
            currency: Currency::EUR,
            time_zone: "Europe/Amsterdam".into(),
        };
        places.push(place(create_garage(tx, &new, now)?, None, mechanics));
    }
    if let Some(place) = places.get_mut(1) {
        let (email, role, password_hash) = (login(OTHER_ADMIN)?, StaffRole::Admin, Some(hash.to_owned()));
        let new = NewColleague { id: new_id(), email, name: "Anton Bakker".into(), role, password_hash };
        place.by = Some(add_colleague(tx, secret, &place.garage, &new, now)?.id);
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
        places: &mut [Place],
        hash: &str,
        now: Instant,
    ) -> Result<(), Problem> {
        let Some(place) = places.get_mut(car.garage) else { return Ok(()) };
        let driver = Account {
            id: new_id(),
            kind: AccountKind::Driver,
            email: EmailAddress::parse(&format!("bestuurder{}@demo.example", car.number + 1)).map_err(wrong)?,
            email_confirmed: true,
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
            self.readings.push(((activated.passport.id, activated.passport.vehicle.id), reading));
        }
        self.registrations.push(registration(car, &activated.passport.vehicle.plate, &history, now));
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
        for registration in &self.registrations {
            store::registration::save(tx, registration, now)?;
        }
        store::custody::begin(tx, &self.custody)?;
        store::odometer::insert_all(tx, &self.readings)?;
        store::service_record::insert_all(tx, &self.records)?;
        for (number, place) in places.iter().enumerate() {
            let of_place = self.checks.iter().filter(|(garage, _)| *garage == number).map(|(_, checked)| checked);
            checks::store(tx, place.garage.id, of_place)?;
        }
        for passport in &self.passports {
            refresh_car(tx, passport.id, now)?;
        }
        for (number, place) in places.iter().enumerate() {
            let facts: Vec<Fact> =
                self.facts.iter().filter(|(garage, _)| *garage == number).map(|(_, fact)| fact.clone()).collect();
            record(tx, Stream::Garage(place.garage.id), place.by, facts, now)?;
        }
        Ok(())
    }
}

/// What the register says of a car: its certificate follows from the inspections of its history.
fn registration(car: &SampleCar, plate: &LicencePlate, history: &SampleHistory, now: Instant) -> Registration {
    let data = RegisterData {
        kind: Some(VehicleKind::Car),
        make: Some(car.make.to_uppercase()),
        model: Some(car.model.to_uppercase()),
        admitted_on: Some(car.admitted_on),
        max_mass_kg: Some(MAX_MASS_KG),
        fuels: vec![RegisteredFuel { fuel: car.fuel, power_w: None, co2_g_per_km: None }],
        ..RegisterData::default()
    };
    let vehicle = data.apk_vehicle();
    let is_inspection = |record: &&SampleRecord| record.lines.iter().any(|line| line.task == TaskKey::APK);
    let inspected = history.records.iter().filter(is_inspection).map(|record| record.done_on);
    let facts = ApkFacts { vehicle: &vehicle, register: None, garage: None, inspections: &[] };
    let first = assess(&facts, car.admitted_on).expiry.map(|expiry| expiry.expires_on);
    let apk_expires_on = inspected.fold(first, |expiry, day| next_expiry(&vehicle, expiry, day).or(expiry));
    Registration::new(plate.clone()).answered(Some(RegisterData { apk_expires_on, ..data }), now).0
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
    place: &mut Place,
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
    let is_own = !of.is_elsewhere;
    place.invoices += usize::from(is_own);
    let mechanic = place.mechanics.get(place.invoices % place.mechanics.len());
    Ok(ServiceRecord {
        id: new_id(),
        vehicle_id: passport.vehicle.id,
        garage_id: place.garage.id,
        origin: if of.is_elsewhere { RecordOrigin::Declared } else { RecordOrigin::Garage },
        done_on: of.done_on,
        reading: None,
        odometer_km: Some(of.km),
        mechanic: mechanic.filter(|_| is_own).map(|name| (*name).to_owned()),
        place: of.is_elsewhere.then(|| "Elders".to_owned()),
        lines: of.lines.iter().map(line).collect(),
        currency: Currency::EUR,
        invoice_number: is_own.then(|| format!("{}-{:05}", of.done_on.year(), place.invoices)),
        note: None,
        owner: Some(RecordOwner::Driver(driver)),
        replaces: None,
        recorded_at: noon(of.done_on),
        stands_at: noon(of.done_on),
        by: place.by,
    })
}
