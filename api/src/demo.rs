//! The demo garage: enough data to see every screen. It is made once, in an empty database.

mod checks;
mod history;
mod papers;

use crate::{
    car_status::operations::refresh_car,
    clock::{local_date, new_id},
    command::record,
    customer::wire::minimal,
    problem::Problem,
    provision::{NewColleague, NewGarage, add_colleague, create_garage},
    secret::{Secret, token_hash},
    state::App,
    wire::{ARCHIVED_EXAMPLE, EXAMPLE, IDLE_EXAMPLE, TASK_EXAMPLE},
};
use domain::{
    Instant,
    account::{Account, AccountStatus},
    apk::ApkEntry,
    apk_mailing::{ApkMailing, MailingText, Selection},
    car_history::{Advised, CarHistory, Replaced},
    check_template::{self, CheckList, CheckTemplate, FindingResult, Measure},
    customer::{Customer, EmailSource, EmailSourceKind},
    event::{Fact, Stream},
    expected_maintenance::ServiceIndicator,
    fleet::{Fleet, NewFleet},
    garage::{Garage, MAX_SECOND_THOUGHTS_DAYS},
    garage_change::{GarageChange, NewGarageChange},
    ids::{AccountId, GarageId, PassportId, VehicleId},
    invitation::{Invitation, Purpose},
    job::{MailingCars, Task},
    licence_plate::LicencePlate,
    link_change::{self, Circumstances, NewLinkChange},
    maintenance_schedule::{
        CountsFrom, Interval, MaintenanceSchedule, Recurrence, ScheduleLimits, ScheduleOwner, ScheduleRule,
        ScheduleTerms,
    },
    odometer::{Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::{Fuel, Passport, Pending, Vehicle},
    recommendation::{Happened, Recommendation},
    service_record::{LineAmount, LineKind, Quantity, RecordOrigin, RecordOwner, ServiceLine, ServiceRecord, VatRate},
    service_task::{TaskKey, Texts},
    suppression::{Suppression, SuppressionReason},
    transfer::{Holders, MAX_DAYS, NewTransfer, Offerer, Transfer},
    value::{
        AccountKind, Country, Currency, EmailAddress, FleetBegin, Language, PhoneNumber, StaffRole, TransferKind,
        ValueError, Vin,
    },
    vehicle_check::{Completed, NewFinding, VehicleCheck},
};
use jiff::{SignedDuration, ToSpan};
use papers::Papers;
use persistence::{self as store, Found, Scope, Tx, jobs::Job};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The password of every demo account.
pub const PASSWORD: &str = "Welkom-bij-AutoPaspoort-2019";

/// The accounts that the demo has a login for: what each is, and its e-mail.
pub const LOGINS: [(&str, &str); 8] = [
    ("garage, admin (beheerder)", "beheer@garage-devries.example"),
    ("garage, advisor (receptionist)", "balie@garage-devries.example"),
    ("garage, mechanic (monteur)", "monteur@garage-devries.example"),
    ("fleet manager (wagenparkbeheerder)", "wagenpark@bakkerij-jansen.example"),
    ("driver (bestuurder), manager's own car", "jan@bakkerij-jansen.example"),
    ("driver (bestuurder), in the fleet", "fatima@bakkerij-jansen.example"),
    ("driver (bestuurder), five years of history", "bestuurder1@demo.example"),
    ("another garage, admin (beheerder)", "beheer@autobedrijf-bakker.example"),
];

/// Which of the logins belong to the history.
const OTHER_ADMIN: usize = 7;

/// A telephone number that nobody can have: in no Dutch area does a number begin with a zero.
const NOBODYS_PHONE: &str = "+31200000000";

/// Plate, make, model, year, fuel, index of the driver in `LOGINS`, whether the car is made in the fleet.
const CARS: [(&str, &str, &str, i64, Fuel, usize, bool); 4] = [
    ("TT601D", "Volkswagen", "Kombi", 2013, Fuel::Diesel, 4, false),
    ("V95JKV", "Renault", "Kangoo", 2019, Fuel::Diesel, 5, true),
    ("00BBL8", "Volkswagen", "Transporter", 2014, Fuel::Diesel, 5, true),
    ("X99XXX", "Peugeot", "e-208", 2021, Fuel::Electric, 4, false),
];

/// The readings of each odometer: how many days ago, and kilometres. The last one is what the cars show now.
const READINGS: [(i64, i64); 3] = [(365, 45_000), (180, 52_400), (30, 58_600)];

/// Fills the database with the demo garage if it has no garage. Returns whether it did.
pub async fn seed(app: &App) -> Result<bool, Problem> {
    let store = app.database.store().clone();
    if store.read(store::garage::count)? > 0 {
        return Ok(false);
    }
    let hash = app.passwords.hash(PASSWORD).await?;
    let (papers, secret, now) = (Papers::write(&app.files).await?, app.secret.clone(), app.clock.now());
    let seeding = move || {
        store.write(|tx| -> Result<bool, Problem> {
            if store::garage::count(tx)? > 0 {
                return Ok(false);
            }
            Making { tx, secret: &secret, hash: &hash, papers: &papers, now }.fill()?;
            Ok(true)
        })
    };
    actix_web::web::block(seeding).await.map_err(|error| Problem::internal(&error.to_string()))?
}

/// Fills the database that has just got the demo garage with two more garages, and with five years of history of five
/// hundred cars. `progress` is called with the number of cars that have theirs, and that of all.
pub async fn seed_history(app: &App, progress: impl FnMut(usize, usize) + Send + 'static) -> Result<(), Problem> {
    let hash = app.passwords.hash(PASSWORD).await?;
    let (store, secret, now) = (app.database.store().clone(), app.secret.clone(), app.clock.now());
    let seeding = move || history::seed(&store, &secret, &hash, now, progress);
    actix_web::web::block(seeding).await.map_err(|error| Problem::internal(&error.to_string()))?
}

/// Those of the logins that the database has: none where another garage was first.
pub fn logins(tx: &mut Tx<'_>) -> Result<Vec<(&'static str, &'static str)>, Problem> {
    let mut found = Vec::new();
    for (index, login) in LOGINS.into_iter().enumerate() {
        found.extend(store::account::find_by_email(tx, &email(index)?)?.map(|_| login));
    }
    Ok(found)
}

/// The e-mails of those of the logins that the database has and that still take the password of the demo.
pub async fn open_logins(app: &App) -> Result<Vec<&'static str>, Problem> {
    let store = app.database.store().clone();
    let hashes = move || {
        store.read(|tx| -> Result<Vec<(&'static str, String)>, Problem> {
            let mut found = Vec::new();
            for (index, (_, login)) in LOGINS.into_iter().enumerate() {
                let account = store::account::find_by_email(tx, &email(index)?)?;
                found.extend(account.and_then(|(account, _)| account.password_hash).map(|hash| (login, hash)));
            }
            Ok(found)
        })
    };
    let found = actix_web::web::block(hashes).await.map_err(|error| Problem::internal(&error.to_string()))??;
    let mut open = Vec::new();
    for (login, hash) in found {
        if app.passwords.verify(PASSWORD, Some(&hash)).await? {
            open.push(login);
        }
    }
    Ok(open)
}

/// What is said of the demo after a start: whether it was made, and who can sign in.
pub fn report(seeded: bool, logins: &[(&str, &str)]) -> String {
    let mut lines = vec![if seeded {
        "A demo garage was made.".to_owned()
    } else {
        "The database has a garage already; nothing was added.".to_owned()
    }];
    if logins.is_empty() {
        lines.push("That garage is not the demo garage, so there are no demo logins.".to_owned());
    } else {
        let since = if seeded { "" } else { ", unless it was changed" };
        lines.push(format!("Demo logins, each with the password {PASSWORD}{since}:"));
        lines.extend(logins.iter().map(|(who, email)| format!("  {email:<38} {who}")));
    }
    lines.join("\n")
}

fn wrong(error: ValueError) -> Problem {
    Problem::internal(error.code())
}

/// An id of the document's examples: see [`EXAMPLE`] and [`IDLE_EXAMPLE`].
fn example(id: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(id).map_err(|error| Problem::internal(&error.to_string()))
}

/// The place where the demo is made.
struct Making<'m, 't> {
    tx: &'m mut Tx<'t>,
    secret: &'m Secret,
    /// The hash of the password of every account.
    hash: &'m str,
    /// What the demo's files hold.
    papers: &'m Papers,
    now: Instant,
}

fn email(index: usize) -> Result<EmailAddress, Problem> {
    EmailAddress::parse(LOGINS.get(index).map_or("", |(_, email)| email)).map_err(wrong)
}

/// The garage, with those who work there and those who drive or manage its cars.
struct People {
    garage: Garage,
    staff: AccountId,
    jan: Account,
    fatima: Account,
}

impl Making<'_, '_> {
    fn fill(&mut self) -> Result<(), Problem> {
        let people = self.people()?;
        let mut fleet = None;
        let mut passports = Vec::new();
        for (plate, make, model, year, fuel, driver, linked) in CARS {
            let driver = if driver == 4 { &people.jan } else { &people.fatima };
            let vehicle = vehicle(plate, (make, model), year, fuel, READINGS.last().map(|(_, km)| *km))?;
            let id = if fleet.is_none() { example(EXAMPLE)? } else { new_id() };
            let passport = self.car(&people, driver, (id, vehicle), fleet.as_ref().filter(|_| linked))?;
            if fleet.is_none() {
                let (id, name) = (example(EXAMPLE)?, "Bakkerij Jansen");
                fleet = Some(self.fleet(&passport, &people.jan, (id, name, email(3)?), FleetBegin::Prepared)?);
            }
            passports.push(passport);
        }
        let (Some(fleet), [first, offered, manager, linked]) = (fleet, passports.as_slice()) else {
            return Err(Problem::internal("the demo has too few cars"));
        };
        self.maintenance(&people, first)?;
        self.papers.store(self.tx, first, people.staff, self.now)?;
        let record_id = example(EXAMPLE)?.into();
        let attached = Fact::AttachmentAdded { passport_id: first.id, record_id, file_id: example(EXAMPLE)?.into() };
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), [attached], self.now)?;
        for passport in &passports {
            refresh_car(self.tx, passport.id, self.now)?;
        }
        self.offer(offered, &people, &fleet)?;
        self.link(linked, &people, &fleet)?;
        self.archived(&people)?;
        self.idle(&people, &fleet, manager)?;
        self.moved(&people)?;
        self.mailings(&people)?;
        self.neighbour(&people)
    }

    /// Another garage that keeps a car of Fatima's, and one of Jan's for which Garage De Vries has asked.
    fn neighbour(&mut self, people: &People) -> Result<(), Problem> {
        let address = |address: &str| EmailAddress::parse(address).map_err(wrong);
        let new = NewGarage {
            name: "Autoservice Smit".into(),
            email: address("info@autoservice-smit.example")?,
            phone: None,
            language: Language::Dutch,
            country: Country::NL,
            currency: Currency::EUR,
            time_zone: "Europe/Amsterdam".into(),
        };
        let garage = create_garage(self.tx, &new, self.now)?;
        let boss = address("baas@autoservice-smit.example")?;
        let staff = self.colleague(&garage, new_id(), boss, ("Willem Smit", StaffRole::Admin), false)?;
        let (jan, fatima) = (people.jan.clone(), people.fatima.clone());
        let there = People { garage, staff, jan, fatima };
        let with_vin = |plate: &str, vin: &str| {
            let car = vehicle(plate, ("Peugeot", "208"), 2019, Fuel::Petrol, READINGS.last().map(|(_, km)| *km))?;
            Ok::<_, Problem>(Vehicle { vin: Some(Vin::parse(vin).map_err(wrong)?), ..car })
        };
        self.car(&there, &people.fatima, (new_id(), with_vin("ZX711B", "VF3CCHMZ6JT004711")?), None)?;
        let asked_for = self.car(&there, &people.jan, (new_id(), with_vin("ZX712B", "VF3CCHMZ6JT004712")?), None)?;
        let known = store::customer::find_by_email(self.tx, people.garage.id, &people.jan.email)?;
        let customer_id = known.map_or_else(new_id, |customer| customer.id);
        let new = NewGarageChange {
            id: example(EXAMPLE)?.into(),
            garage_id: people.garage.id,
            customer_id,
            by: people.staff,
        };
        let (change, fact) = GarageChange::request(new, &asked_for, Pending::default(), None, self.now)?;
        store::garage_change::insert(self.tx, &change, self.now)?;
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), [fact], self.now)
    }

    fn people(&mut self) -> Result<People, Problem> {
        let new = NewGarage {
            name: "Garage De Vries".into(),
            email: EmailAddress::parse("info@garage-devries.example").map_err(wrong)?,
            phone: PhoneNumber::parse(NOBODYS_PHONE).ok(),
            language: Language::Dutch,
            country: Country::NL,
            currency: Currency::EUR,
            time_zone: "Europe/Amsterdam".into(),
        };
        let garage = create_garage(self.tx, &new, self.now)?;
        let admin = self.colleague(&garage, new_id(), email(0)?, ("Anneke de Vries", StaffRole::Admin), true)?;
        self.colleague(&garage, new_id(), email(1)?, ("Sanne de Boer", StaffRole::Advisor), true)?;
        self.colleague(&garage, new_id(), email(2)?, ("Kees Smit", StaffRole::Mechanic), true)?;
        let invited = EmailAddress::parse("invaller@garage-devries.example").map_err(wrong)?;
        let id = example(EXAMPLE)?.into();
        self.colleague(&garage, id, invited, ("Emre Kaya", StaffRole::Mechanic), false)?;
        let jan = self.account(AccountKind::Driver, "Jan Jansen", email(4)?, true)?;
        let fatima = self.account(AccountKind::Driver, "Fatima Yılmaz", email(5)?, true)?;
        Ok(People { garage, staff: admin, jan, fatima })
    }

    /// Someone of the staff, who has a password or is mailed a link to choose one.
    fn colleague(
        &mut self,
        garage: &Garage,
        id: AccountId,
        email: EmailAddress,
        (name, role): (&str, StaffRole),
        active: bool,
    ) -> Result<AccountId, Problem> {
        let password_hash = active.then(|| self.hash.to_owned());
        let colleague = NewColleague { id, email, name: name.into(), role, password_hash };
        Ok(add_colleague(self.tx, self.secret, garage, &colleague, self.now)?.id)
    }

    fn account(
        &mut self,
        kind: AccountKind,
        name: &str,
        email: EmailAddress,
        active: bool,
    ) -> Result<Account, Problem> {
        let account = Account {
            id: new_id(),
            kind,
            email,
            email_confirmed: active,
            name: name.into(),
            language: Language::Dutch,
            status: if active { AccountStatus::Active } else { AccountStatus::Invited },
            employment: None,
            password_hash: active.then(|| self.hash.to_owned()),
            version: 1,
        };
        store::account::insert(self.tx, &account, self.now)?;
        Ok(account)
    }

    /// A customer whose address the garage got with a sale, so that it may send its mailings there.
    fn of_sale(&self, garage: &Garage, customer: Customer) -> Customer {
        let source = EmailSource {
            how: EmailSourceKind::SaleOrService,
            on: local_date(self.now, &garage.time_zone),
            objection_offered: true,
        };
        Customer { email_source: Some(source), ..customer }
    }

    /// Makes a passport that its driver has activated, linked to a fleet if one is given. A customer who is not known yet
    /// gets the same id as the passport.
    fn car(
        &mut self,
        people: &People,
        driver: &Account,
        (id, vehicle): (Uuid, Vehicle),
        fleet: Option<&Fleet>,
    ) -> Result<Passport, Problem> {
        let garage = &people.garage;
        let customer = if let Some(known) = store::customer::find_by_email(self.tx, garage.id, &driver.email)? {
            known
        } else {
            let customer = self.of_sale(garage, minimal(id.into(), garage.id, driver));
            store::customer::insert(self.tx, &customer, self.now)?;
            customer
        };
        let fleet = fleet.map(Into::into);
        let made = Passport::create(id.into(), garage.id, customer.id, vehicle, fleet, people.staff, self.now)?;
        let activated = made.passport.activate(driver.id, self.now)?;
        let stored = store::passport::insert(self.tx, &activated.passport, self.now)?;
        let entries: Vec<_> = made.custody.into_iter().chain(activated.custody).collect();
        store::custody::append(self.tx, &entries)?;
        let facts = made.facts.into_iter().chain(activated.facts);
        record(self.tx, Stream::Garage(garage.id), Some(people.staff), facts, self.now)?;
        let car = stored.with(activated.passport.clone()).car();
        let last = self.read_odometer(people, car)?;
        if id == example(EXAMPLE)? {
            self.enter_apk_date(people, car)?;
            self.write_down_service(people, &activated.passport)?;
            if let Some(last) = last {
                self.check(people, &activated.passport, &last)?;
            }
        }
        Ok(activated.passport)
    }

    /// Stores the readings, and gives the last one.
    fn read_odometer(
        &mut self,
        people: &People,
        car: Found<(PassportId, VehicleId)>,
    ) -> Result<Option<OdometerReading>, Problem> {
        let (passport_id, _) = *car;
        let mut last = None;
        let today = local_date(self.now, &people.garage.time_zone);
        for (index, (days_ago, km)) in READINGS.into_iter().enumerate() {
            let is_example = index == 0 && passport_id == example(EXAMPLE)?.into();
            let reading = OdometerReading {
                id: if is_example { example(EXAMPLE)?.into() } else { new_id() },
                shown: Distance::new(km, DistanceUnit::Km).map_err(wrong)?,
                read_on: today.saturating_sub(jiff::SignedDuration::from_hours(24 * days_ago)),
                recorded_at: self.now,
                source: ReadingSource::Garage,
                by: Some(people.staff),
                replaces: None,
                start: None,
                confirmed: false,
            };
            store::odometer::insert(self.tx, car, &reading)?;
            let fact = Fact::OdometerRecorded { passport_id, reading_id: reading.id };
            record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), [fact], self.now)?;
            last = Some(reading);
        }
        Ok(last)
    }

    /// A mechanic checked the car when its odometer was last read, and found that a tyre wears. Another check is filled in,
    /// and waits to be completed.
    fn check(&mut self, people: &People, passport: &Passport, reading: &OdometerReading) -> Result<(), Problem> {
        let stands_at = self.now;
        let completed = Completed { by: people.staff, at: self.now, on: reading.read_on, stands_at };
        let done = self.draft(people, passport, EXAMPLE)?;
        store::vehicle_check::complete(self.tx, &done, completed, (reading.id, reading.shown.km()))?;
        let completed_check = VehicleCheck { completed: Some(completed), ..done.clone() };
        let consequences = CarHistory::default().consequences(&completed_check, &[], &Replaced::default());
        let advised = consequences.advised.into_iter().take(1);
        let id = example(EXAMPLE)?.into();
        let when = (Happened { on: completed.on, at: stands_at }, self.now);
        let make = |new: Advised| Recommendation::make(id, passport.vehicle.id, new.advice, Some(done.id), when);
        let advised: Vec<_> = advised.map(make).collect();
        store::recommendation::insert_all(self.tx, people.garage.id, Some(people.staff), &advised, self.now)?;
        let draft = self.draft(people, passport, IDLE_EXAMPLE)?;
        let (passport_id, replaces) = (passport.id, None);
        let facts = [
            Fact::VehicleCheckStarted { passport_id, check_id: done.id },
            Fact::VehicleCheckCompleted { passport_id, check_id: done.id, replaces },
            Fact::RecommendationMade { passport_id, recommendation_id: id },
            Fact::VehicleCheckStarted { passport_id, check_id: draft.id },
        ];
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), facts, self.now)
    }

    /// A check with a result everywhere: all is good, but for the tread of one tyre.
    fn draft(&mut self, people: &People, passport: &Passport, id: &str) -> Result<VehicleCheck, Problem> {
        let list =
            check_template::platform().first().cloned().ok_or_else(|| Problem::internal("there is no template"))?;
        let vehicle = &passport.vehicle;
        let mut check = VehicleCheck::start(example(id)?.into(), vehicle.id, list, vehicle.fuel, None)?;
        let good = NewFinding { result: Some(FindingResult::Good), measured: None, reason: None, note: None };
        for place in check.missing() {
            check = check.enter(place, good.clone(), people.staff, self.now)?;
        }
        let worn = NewFinding {
            result: None,
            measured: Some(Measure::value("2.8").map_err(wrong)?),
            note: Some("Slijt aan de binnenkant.".into()),
            ..good
        };
        let tyre = ("tread_depth".to_owned(), Some("front_left".to_owned()));
        let check = check.enter(tyre, worn, people.staff, self.now)?;
        store::vehicle_check::insert(self.tx, people.garage.id, &check, people.staff, self.now)?;
        Ok(check)
    }

    /// Enters an APK date, as after an inspection of which the register does not know yet.
    fn enter_apk_date(&mut self, people: &People, car: Found<(PassportId, VehicleId)>) -> Result<(), Problem> {
        let (passport_id, _) = *car;
        let today = local_date(self.now, &people.garage.time_zone);
        let entry = ApkEntry {
            id: example(EXAMPLE)?.into(),
            expires_on: today.saturating_add(jiff::SignedDuration::from_hours(24 * 200)),
            inspected_on: None,
            entered_at: self.now,
            entered_by: people.staff,
        };
        store::apk::insert(self.tx, car, &entry)?;
        let fact = Fact::ApkDateEntered { passport_id, entry_id: entry.id };
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), [fact], self.now)
    }

    /// Makes schedules and a check template of the garage, and says what is particular to its first car.
    fn maintenance(&mut self, people: &People, passport: &Passport) -> Result<(), Problem> {
        let (garage, example) = (people.garage.id, example(EXAMPLE)?);
        let task = TaskKey::find(TASK_EXAMPLE).ok_or_else(|| Problem::internal("there is no such task"))?;
        let brake_fluid = TaskKey::find("brake_fluid").ok_or_else(|| Problem::internal("there is no brake fluid"))?;
        let vehicle = Found::by_system(passport.vehicle.id);
        let rules = [
            (example.into(), ScheduleOwner::Garage(garage), brake_fluid, (Some(24), None)),
            (new_id(), ScheduleOwner::Car(garage, *vehicle), task, (Some(12), Some(20_000))),
        ];
        for (id, owner, task, (months, km)) in rules {
            let then = Interval::new(months, km).ok_or_else(|| Problem::internal("there is no such interval"))?;
            let rule = ScheduleRule::Every(Recurrence { first: None, then, counts_from: CountsFrom::Completion });
            let terms = ScheduleTerms { task, limits: ScheduleLimits::default(), rule };
            let schedule = MaintenanceSchedule { id: Some(id), owner, terms, source: None, version: 1 };
            store::maintenance_schedule::insert(self.tx, &schedule, self.now)?;
        }
        let today = local_date(self.now, &people.garage.time_zone);
        let indicator =
            ServiceIndicator { read_on: today, km: Some(58_600), days_left: Some(61), km_left: Some(4_300) };
        store::service_indicator::save(self.tx, vehicle, task, &indicator, people.staff, self.now)?;
        let names = Texts { nl: "Aflevercheck".into(), en: "Delivery check".into() };
        let groups = check_template::platform().last().map(|list| list.groups.clone()).unwrap_or_default();
        let list = CheckList { key: "delivery".into(), names, groups };
        let template = CheckTemplate::create(example.into(), garage, list, &[])?;
        store::check_template::insert(self.tx, &template, self.now)?;
        let key = || task.as_str().to_owned();
        let facts = [
            Fact::ScheduleCreated { schedule_id: example.into() },
            Fact::CarScheduleSet { passport_id: passport.id, task: key() },
            Fact::ServiceIndicatorRecorded { passport_id: passport.id, task: key() },
            Fact::CheckTemplateCreated { template_id: template.id },
        ];
        record(self.tx, Stream::Garage(garage), Some(people.staff), facts, self.now)
    }

    /// Writes down what was done to a car, as the garage's own work.
    fn write_down_service(&mut self, people: &People, passport: &Passport) -> Result<(), Problem> {
        let today = local_date(self.now, &people.garage.time_zone);
        let line = |task, kind, quantity, net_cents| -> Result<ServiceLine, Problem> {
            let vat_rate = VatRate::parse("21").map_err(wrong)?;
            let quantity = Quantity::parse(quantity).map_err(wrong)?;
            let amount = Some(LineAmount { net_cents, vat_rate });
            Ok(ServiceLine { task: TaskKey::find(task), position: None, text: None, kind, quantity, amount })
        };
        let done = ServiceRecord {
            id: example(EXAMPLE)?.into(),
            vehicle_id: passport.vehicle.id,
            garage_id: passport.garage_id,
            origin: RecordOrigin::Garage,
            done_on: today.saturating_sub(jiff::SignedDuration::from_hours(24 * 30)),
            reading: None,
            odometer_km: READINGS.last().map(|(_, km)| *km),
            mechanic: Some("Kees Smit".into()),
            place: None,
            lines: vec![
                line("small_service", LineKind::Labour, "1.5", 13_500)?,
                line("oil_and_filter", LineKind::Part, "4.5", 6_750)?,
            ],
            currency: people.garage.currency,
            invoice_number: Some("2026-0042".into()),
            note: None,
            owner: RecordOwner::of(passport.hands.owner()),
            replaces: None,
            recorded_at: self.now,
            stands_at: self.now,
            by: Some(people.staff),
        };
        store::service_record::insert(self.tx, &done)?;
        let fact = Fact::ServiceRecorded { passport_id: passport.id, record_id: done.id };
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), [fact], self.now)
    }

    /// Makes a fleet. The manager of a prepared one has a password; the manager of an invited one is mailed a link.
    fn fleet(
        &mut self,
        manager_passport: &Passport,
        manager: &Account,
        (id, name, email): (Uuid, &str, EmailAddress),
        begin: FleetBegin,
    ) -> Result<Fleet, Problem> {
        let account = self.account(AccountKind::Fleet, name, email, begin == FleetBegin::Prepared)?;
        let customer_id =
            manager_passport.customer_id.ok_or_else(|| Problem::internal("the demo's passport has no customer"))?;
        let new = NewFleet {
            id: id.into(),
            account_id: account.id,
            customer_id,
            name: account.name.clone(),
            email: account.email.clone(),
            begin,
        };
        let (fleet, fact) = Fleet::create(new, manager_passport, &manager.email, false)?;
        store::fleet::insert(self.tx, &fleet, self.now)?;
        record(self.tx, Stream::Garage(fleet.garage_id), None, [fact], self.now)?;
        if begin == FleetBegin::Invited {
            self.invite(fleet.garage_id, Purpose::Fleet(account.id), account.email, None)?;
        }
        Ok(fleet)
    }

    /// The fleet offers a car to Jan, as its new driver.
    fn offer(&mut self, passport: &Passport, people: &People, fleet: &Fleet) -> Result<(), Problem> {
        let new = NewTransfer {
            id: example(EXAMPLE)?.into(),
            kind: TransferKind::NewDriver,
            recipient_email: people.jan.email.clone(),
            days: MAX_DAYS,
        };
        let fleet_email = email(3)?;
        let holders = Holders { driver: Some(&people.fatima.email), fleet: Some(&fleet_email), taken: None };
        let offerer = Offerer::Fleet(fleet.account_id, fleet.id);
        let (transfer, fact) = Transfer::offer(new, passport, offerer, holders, Pending::default(), self.now)?;
        store::transfer::insert(self.tx, &transfer, self.now)?;
        record(self.tx, Stream::Garage(fleet.garage_id), Some(fleet.account_id), [fact], self.now)?;
        let purpose = Purpose::Transfer(transfer.id);
        self.invite(fleet.garage_id, purpose, transfer.recipient_email, Some(transfer.expires_at))
    }

    /// The garage links a car that Jan owned to the fleet, to which he can object.
    fn link(&mut self, passport: &Passport, people: &People, fleet: &Fleet) -> Result<(), Problem> {
        let found = store::passport::find(self.tx, &Scope::System, passport.id)?;
        let (passport, stamps) = found.ok_or_else(|| Problem::internal("the demo's passport is gone"))?;
        let new = NewLinkChange { id: example(EXAMPLE)?.into(), days: MAX_SECOND_THOUGHTS_DAYS };
        let circumstances = Circumstances { pending: Pending::default(), open: None, new };
        let done = link_change::link(passport.into_inner(), fleet, circumstances, people.staff, self.now)?;
        store::passport::update(self.tx, &done.changed.passport, stamps, self.now)?;
        store::custody::append(self.tx, &done.changed.custody)?;
        if let Some(made) = done.made {
            store::link_change::insert(self.tx, &made, self.now)?;
        }
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), done.changed.facts, self.now)
    }

    /// The driver of a car read its odometer between two visits to the garage.
    fn enter_reading(&mut self, people: &People, passport: &Passport, driver: &Account) -> Result<(), Problem> {
        let today = local_date(self.now, &people.garage.time_zone);
        let reading = OdometerReading {
            id: new_id(),
            shown: Distance::new(55_700, DistanceUnit::Km).map_err(wrong)?,
            read_on: today.saturating_sub(SignedDuration::from_hours(24 * 100)),
            recorded_at: self.now,
            source: ReadingSource::Driver,
            by: Some(driver.id),
            replaces: None,
            start: None,
            confirmed: false,
        };
        let car = Found::by_system((passport.id, passport.vehicle.id));
        store::odometer::insert(self.tx, car, &reading)?;
        let fact = Fact::OdometerRecorded { passport_id: passport.id, reading_id: reading.id };
        record(self.tx, Stream::Garage(people.garage.id), Some(driver.id), [fact], self.now)
    }

    /// A passport that the garage has archived, and can take back. Who drove the car entered a reading.
    fn archived(&mut self, people: &People) -> Result<(), Problem> {
        let vehicle = vehicle("X97XXX", ("Opel", "Corsa"), 2012, Fuel::Petrol, READINGS.last().map(|(_, km)| *km))?;
        let id = example(ARCHIVED_EXAMPLE)?;
        let made = self.car(people, &people.fatima, (id, vehicle), None)?;
        self.enter_reading(people, &made, &people.fatima)?;
        let found = store::passport::find(self.tx, &Scope::System, made.id)?;
        let (passport, stamps) = found.ok_or_else(|| Problem::internal("the demo's passport is gone"))?;
        let done = passport.into_inner().archive(Pending::default(), people.staff, self.now)?;
        store::passport::update(self.tx, &done.passport, stamps, self.now)?;
        store::custody::append(self.tx, &done.custody)?;
        record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), done.facts, self.now)?;
        Ok(refresh_car(self.tx, made.id, self.now)?)
    }

    /// What nobody uses yet: an invited passport in the fleet, an invited fleet, and a customer without a car.
    fn idle(&mut self, people: &People, fleet: &Fleet, manager_passport: &Passport) -> Result<(), Problem> {
        let garage = people.garage.id;
        let maria = EmailAddress::parse("maria@degroot.example").map_err(wrong)?;
        let driver = Account { name: "Maria de Groot".into(), email: maria.clone(), ..people.jan.clone() };
        let customer = self.of_sale(&people.garage, minimal(new_id(), garage, &driver));
        store::customer::insert(self.tx, &customer, self.now)?;
        let id = example(IDLE_EXAMPLE)?;
        let car = vehicle("X98XXX", ("Fiat", "500"), 2020, Fuel::Petrol, None)?;
        let fleet = Some(fleet.into());
        let made = Passport::create(id.into(), garage, customer.id, car, fleet, people.staff, self.now)?;
        store::passport::insert(self.tx, &made.passport, self.now)?;
        store::custody::append(self.tx, &made.custody)?;
        record(self.tx, Stream::Garage(garage), Some(people.staff), made.facts, self.now)?;
        self.invite(garage, Purpose::Passport(id.into()), maria, None)?;
        let email = EmailAddress::parse("wagenpark@bloemen-yilmaz.example").map_err(wrong)?;
        self.fleet(manager_passport, &people.fatima, (id, "Bloemen Yılmaz", email), FleetBegin::Invited)?;
        let piet = EmailAddress::parse("piet@pietersen.example").map_err(wrong)?;
        let prospect = Account { name: "Piet Pietersen".into(), email: piet, ..people.jan.clone() };
        let prospect = self.of_sale(&people.garage, minimal(id.into(), garage, &prospect));
        Ok(store::customer::insert(self.tx, &prospect, self.now)?)
    }

    /// APK mailings: two drafts, and one that will be sent next month.
    fn mailings(&mut self, people: &People) -> Result<(), Problem> {
        let today = local_date(self.now, &people.garage.time_zone);
        let text = MailingText::parse(
            "De APK van {{kenteken}} verloopt op {{apk_datum}}",
            "Beste {{naam}},\n\nDe APK van uw {{auto}} met kenteken {{kenteken}} verloopt op {{apk_datum}}. Belt u ons op \
             {{telefoon}} voor een afspraak?\n\nMet vriendelijke groet,\nAnneke de Vries",
        );
        let text = text.map_err(|_| Problem::internal("the demo's mailing is refused"))?;
        let until = today.saturating_add(365.days());
        let selection = Selection::stored(today, until, BTreeSet::new());
        for id in [EXAMPLE, IDLE_EXAMPLE, ARCHIVED_EXAMPLE] {
            let id = example(id)?.into();
            let draft = ApkMailing::draft(id, people.garage.id, text.clone(), selection.clone(), people.staff);
            let mut facts = vec![Fact::ApkMailingCreated { mailing_id: id }];
            let mailing = if id == example(ARCHIVED_EXAMPLE)?.into() {
                let at = self.now + SignedDuration::from_hours(24 * 30);
                let scheduled = draft.schedule(Some(at), self.now)?;
                let job = Job::without_cause(new_id(), Task::Mailing(MailingCars { mailing_id: id, after: None }));
                store::jobs::insert(self.tx, &job, at, self.now)?;
                facts.push(Fact::ApkMailingScheduled { mailing_id: id });
                scheduled
            } else {
                draft
            };
            store::apk_mailing::insert(self.tx, &mailing, self.now)?;
            record(self.tx, Stream::Garage(people.garage.id), Some(people.staff), facts, self.now)?;
        }
        Ok(())
    }

    /// A customer whose address is not right any more, as mail that came back has shown.
    fn moved(&mut self, people: &People) -> Result<(), Problem> {
        let email = EmailAddress::parse("henk@verhuisd.example").map_err(wrong)?;
        let henk = Account { name: "Henk Bakker".into(), email: email.clone(), ..people.jan.clone() };
        store::customer::insert(self.tx, &minimal(new_id(), people.garage.id, &henk), self.now)?;
        let id = example(EXAMPLE)?.into();
        if let Some(bounced) = Suppression::of_mailbox(id, email, SuppressionReason::Bounced, self.now) {
            store::suppression::insert(self.tx, &bounced)?;
        }
        Ok(())
    }

    /// Issues a link, which the worker mails.
    fn invite(
        &mut self,
        garage: GarageId,
        purpose: Purpose,
        email: EmailAddress,
        expires_at: Option<Instant>,
    ) -> Result<(), Problem> {
        let invitation = Invitation::new(new_id(), purpose, Some(garage), email, self.now);
        let invitation = Invitation { expires_at: expires_at.unwrap_or(invitation.expires_at), ..invitation };
        let hash = token_hash(&self.secret.invitation_token(invitation.id));
        store::invitation::issue(self.tx, &invitation, &hash, self.now)?;
        record(self.tx, Stream::Garage(garage), None, [invitation.issued()], self.now)
    }
}

fn vehicle(
    plate: &str,
    (make, model): (&str, &str),
    year: i64,
    fuel: Fuel,
    odometer_km: Option<i64>,
) -> Result<Vehicle, Problem> {
    Ok(Vehicle {
        id: new_id(),
        plate: LicencePlate::parse(Country::NL, plate).map_err(wrong)?,
        make: Some(make.into()),
        model: Some(model.into()),
        year: Some(year),
        fuel: Some(fuel),
        vin: None,
        odometer_km,
    })
}
