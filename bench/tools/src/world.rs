//! The things of the data, each made from its number as the domain makes them: a garage with its staff, a fleet, a car with
//! its driver and their customer's record.

use crate::{
    data::{Data, Shape, of},
    past,
};
use domain::{
    Date, Instant,
    account::{Account, AccountStatus, Employment},
    custody::CustodyEntry,
    customer::{Customer, CustomerKind, DrivingBehaviour, EmailSource, EmailSourceKind, VehicleUse},
    event::Fact,
    fleet::{Fleet, NewFleet},
    garage::Garage,
    ids::{AccountId, CustomerId, GarageId},
    licence_plate::LicencePlate,
    passport::{Passport, Vehicle},
    sample_history::{SampleCar, SampleNetwork},
    value::{
        AccountKind, Address, Country, EmailAddress, FleetBegin, Language, PersonName, PhoneNumber, ValueError, Vin,
    },
};
use jiff::SignedDuration;
use persistence::session::Session;

/// How long after a car was brought in its driver activated its passport.
const UNTIL_ACTIVATED: SignedDuration = SignedDuration::from_hours(48);

/// All that follows from a number.
pub(crate) struct World {
    pub(crate) data: Data,
    pub(crate) shape: Shape,
    /// Of everyone's password.
    pub(crate) password_hash: String,
    /// When all sessions began.
    pub(crate) now: Instant,
    /// What the cars are, and what was done to them.
    pub(crate) network: SampleNetwork,
}

/// A car, with all that was made with it.
pub(crate) struct Car {
    pub(crate) driver: Account,
    pub(crate) customer: Customer,
    pub(crate) passport: Passport,
    pub(crate) custody: Vec<CustodyEntry>,
    pub(crate) facts: Vec<Fact>,
}

/// What went wrong, as a text.
pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Which of the domain's rules made-up data would break.
pub(crate) fn wrong(error: ValueError) -> String {
    error.code().to_owned()
}

fn email(address: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(address).map_err(wrong)
}

/// The e-mail of the driver of a car, and of the customer that they are.
pub(crate) fn driver_email(car: usize) -> Result<EmailAddress, String> {
    email(&format!("bestuurder.{car}@post.example"))
}

fn phone(number: &str) -> Result<Option<PhoneNumber>, String> {
    PhoneNumber::parse(number).map(Some).map_err(wrong)
}

impl World {
    pub(crate) fn new(data: Data, shape: Shape, password_hash: String, now: Instant) -> Self {
        let network = past::network(shape.garages, now);
        Self { data, shape, password_hash, now, network }
    }

    /// The car with a number as one of the network, in its own garage.
    pub(crate) fn sample(&self, number: usize) -> Result<SampleCar, String> {
        let mut car = self.network.car(number).ok_or("there is no model of a car")?;
        car.garage = number / self.data.block % self.shape.garages;
        Ok(car)
    }

    pub(crate) fn garage(&self, number: usize) -> Result<Garage, String> {
        let kind = of(&self.data.garage_kinds, number)?;
        let (place, _) = of(&self.data.places, number)?;
        Ok(Garage {
            id: self.data.garage_id(number)?,
            name: format!("{kind} {} {place}", of(&self.data.last_names, number * 3)?),
            chain: None,
            email: email(&format!("info@garage-{number}.example"))?,
            phone: phone(&format!("+3130{}", 2_000_000 + number))?,
            address: self.address(number, number % 90 + 1)?,
            language: Language::Dutch,
            currency: domain::value::Currency::EUR,
            time_zone: past::TIME_ZONE.into(),
            second_factor_required: false,
            second_thoughts_days: 7,
            version: 1,
        })
    }

    fn address(&self, number: usize, house: usize) -> Result<Address, String> {
        let (place, postcode) = of(&self.data.places, number)?;
        Ok(Address {
            street: Some(format!("{} {house}", of(&self.data.streets, number)?)),
            postcode: Some(format!("{postcode} AB")),
            place: Some(place.clone()),
            country: Country::NL,
        })
    }

    fn account(&self, id: AccountId, kind: AccountKind, email: EmailAddress, name: String) -> Account {
        Account {
            id,
            kind,
            email,
            email_confirmed: true,
            name,
            language: Language::Dutch,
            status: AccountStatus::Active,
            employment: None,
            password_hash: Some(self.password_hash.clone()),
            version: 1,
        }
    }

    /// The number of a garage's first employee, its admin.
    fn admin(&self, garage: usize) -> usize {
        garage * self.data.staff_roles.len()
    }

    /// Who does all of a garage's work.
    pub(crate) fn admin_id(&self, garage: usize) -> Result<AccountId, String> {
        self.data.id(&self.data.id_kinds.staff, self.admin(garage))
    }

    /// The staff of a garage, each with a session.
    pub(crate) fn staff(&self, garage: usize) -> Result<Vec<(Account, Session)>, String> {
        let (garage_id, first) = (self.data.garage_id(garage)?, self.admin(garage));
        let with_session = |(index, role)| {
            let (kinds, number) = (&self.data.id_kinds, first + index);
            let email = email(&format!("medewerker.{}@garage-{garage}.example", index + 1))?;
            let name = self.data.person(number * 5 + 1)?;
            let account = self.account(self.data.id(&kinds.staff, number)?, AccountKind::Staff, email, name);
            let account = Account { employment: Some(Employment { garage_id, role }), ..account };
            let session = self.session(&kinds.staff_session, number, account.id)?;
            Ok((account, session))
        };
        self.data.staff_roles.iter().copied().enumerate().map(with_session).collect()
    }

    /// The account of a fleet, with a session.
    pub(crate) fn fleet_account(&self, fleet: usize) -> Result<(Account, Session), String> {
        let id = self.data.id(&self.data.id_kinds.fleet_account, fleet)?;
        let email = email(&format!("wagenpark@bedrijf-{fleet}.example"))?;
        let account = self.account(id, AccountKind::Fleet, email, self.fleet_name(fleet)?);
        Ok((account, self.session(&self.data.id_kinds.fleet_session, fleet, id)?))
    }

    fn fleet_name(&self, fleet: usize) -> Result<String, String> {
        let trade = of(&self.data.trades, fleet / self.shape.garages)?;
        Ok(format!("{trade} {}", of(&self.data.last_names, fleet * 13)?))
    }

    /// The fleet with a number, and what happened. Its manager drives the private car of its first block.
    pub(crate) fn fleet(&self, number: usize) -> Result<(Fleet, Fact), String> {
        let manager = self.car(number, number * self.data.block + self.data.block - 1, None)?;
        let (account, _) = self.fleet_account(number)?;
        let new = NewFleet {
            id: self.data.id(&self.data.id_kinds.fleet, number)?,
            account_id: account.id,
            customer_id: manager.customer.id,
            name: account.name,
            email: account.email,
            begin: FleetBegin::Prepared,
        };
        Fleet::create(new, &manager.passport, &manager.driver.email, false).map_err(|refusal| refusal.code().to_owned())
    }

    /// The cars of a block: those of its fleet, and a private one.
    pub(crate) fn cars(&self, block: usize) -> Result<Vec<Car>, String> {
        let (fleet, _) = self.fleet(block % self.shape.fleets)?;
        let first = block * self.data.block;
        let private = first + self.data.block - 1;
        (first..=private).map(|car| self.car(block, car, Some(&fleet).filter(|_| car < private))).collect()
    }

    fn car(&self, block: usize, number: usize, fleet: Option<&Fleet>) -> Result<Car, String> {
        let garage = block % self.shape.garages;
        let (garage_id, made_at) = (self.data.garage_id(garage)?, self.shape.time(block)?);
        let (driver_id, customer_id) =
            (self.data.id(&self.data.id_kinds.driver, number)?, self.data.id(&self.data.id_kinds.customer, number)?);
        let driver =
            self.account(driver_id, AccountKind::Driver, driver_email(number)?, self.data.driver_name(number)?);
        let customer = self.customer(customer_id, garage_id, block, number, &driver)?;
        let (passport_id, vehicle) = (self.data.id(&self.data.id_kinds.passport, number)?, self.vehicle(number)?);
        let refused = |refusal: domain::passport::PassportRefusal| refusal.code().to_owned();
        let by = self.admin_id(garage)?;
        let made = Passport::create(passport_id, garage_id, customer_id, vehicle, fleet.map(Into::into), by, made_at)
            .map_err(refused)?;
        let activated = made.passport.activate(driver_id, made_at + UNTIL_ACTIVATED).map_err(refused)?;
        let created = [Fact::CustomerCreated { customer_id }];
        Ok(Car {
            driver,
            customer,
            // As the store leaves it after a change.
            passport: Passport { version: 2, ..activated.passport },
            custody: [made.custody, activated.custody].concat(),
            facts: created.into_iter().chain(made.facts).chain(activated.facts).collect(),
        })
    }

    fn customer(
        &self,
        id: CustomerId,
        garage_id: GarageId,
        block: usize,
        car: usize,
        driver: &Account,
    ) -> Result<Customer, String> {
        let is_private = car % self.data.block == self.data.block - 1;
        Ok(Customer {
            id,
            garage_id,
            kind: if is_private { CustomerKind::Company } else { CustomerKind::Person },
            name: driver.name.clone(),
            parts: if is_private { None } else { PersonName::split(&driver.name) },
            email: Some(driver.email.clone()),
            email_source: Some(EmailSource {
                how: EmailSourceKind::SaleOrService,
                on: Date::constant(2025, 11, 3),
                objection_offered: true,
            }),
            mobile: phone(&format!("+316{}", 10_000_000 + car))?,
            address: self.address(block, car % 200 + 1)?,
            language: Language::Dutch,
            driving: DrivingBehaviour {
                km_per_year: Some(20_000),
                usage: Some(VehicleUse::Mixed),
                severe_use: std::collections::BTreeSet::new(),
            },
            accepts_promotions: true,
            accepts_calls: true,
            notes: None,
            version: 1,
        })
    }

    fn vehicle(&self, car: usize) -> Result<Vehicle, String> {
        let sample = self.sample(car)?;
        Ok(Vehicle {
            id: self.data.id(&self.data.id_kinds.vehicle, car)?,
            plate: self.plate(car)?,
            make: Some(sample.make.to_owned()),
            model: Some(sample.model.to_owned()),
            year: Some(i64::from(sample.admitted_on.year())),
            fuel: Some(sample.fuel),
            vin: Some(Vin::parse(&format!("XTA{:014}", car * 7919 % 99_999_999_999_999)).map_err(wrong)?),
            odometer_km: None,
        })
    }

    pub(crate) fn plate(&self, car: usize) -> Result<LicencePlate, String> {
        LicencePlate::parse(Country::NL, &self.data.plate(car)?).map_err(wrong)
    }

    /// The session of a driver.
    pub(crate) fn driver_session(&self, car: usize, driver: AccountId) -> Result<Session, String> {
        self.session(&self.data.id_kinds.driver_session, car, driver)
    }

    fn session(&self, kind: &str, number: usize, account_id: AccountId) -> Result<Session, String> {
        let (id, now) = (self.data.id(kind, number)?, self.now);
        Ok(Session {
            id,
            account_id,
            user_agent: Some("bench".into()),
            created_at: now,
            last_used_at: now,
            remembered_until: None,
        })
    }
}
