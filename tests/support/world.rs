//! Garages, customers, drivers, fleets: made as their users would, through the API and the mails it sends.

use super::{Actor, Server};
use api::provision::{NewColleague, NewGarage, add_colleague, create_garage};
use domain::{
    apk::{EuCategory, VehicleKind},
    licence_plate::LicencePlate,
    passport::Fuel,
    register::{RegisterData, RegisterVerdict, RegisteredFuel, RegisteredOdometer},
    registration::{RegisterChange, Registration},
    value::{Country, Currency, EmailAddress, Language, StaffRole},
};
use persistence::{StoreError, Tx, registration};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const PASSWORD: &str = "vier blije fietsen op dinsdag";

/// A garage with its people signed in.
pub(crate) struct Garage<'s> {
    pub(crate) admin: Actor<'s>,
    pub(crate) advisor: Actor<'s>,
    pub(crate) mechanic: Actor<'s>,
}

/// A plate that no other test of this process uses.
pub(crate) fn plate() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let letter =
        |place: u32| char::from(b"BDFGHJKLNPRSTVXZ"[usize::try_from(number / 1000 / 16_u32.pow(place) % 16).unwrap()]);
    format!("{}{}-{:03}-{}", letter(2), letter(1), number % 1000, letter(0))
}

impl Server {
    /// Signs in.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Actor<'_> {
        let tokens =
            self.anonymous().post("/v1/auth/login", json!({ "email": email, "password": password })).await.ok();
        Actor::new(self, Some(&tokens))
    }

    /// A garage with an admin, an advisor and a mechanic.
    pub(crate) async fn garage(&self, name: &str) -> Garage<'_> {
        let hash = self.app.passwords.hash(PASSWORD).await.unwrap();
        let email = |who: &str| format!("{who}@{name}.example");
        let new = NewGarage {
            name: format!("Garage {name}"),
            email: EmailAddress::parse(&email("info")).unwrap(),
            phone: None,
            language: Language::Dutch,
            country: Country::NL,
            currency: Currency::EUR,
            time_zone: "Europe/Amsterdam".into(),
        };
        let (secret, now) = (self.app.secret.clone(), self.now());
        self.store()
            .write(|tx| -> Result<(), api::problem::Problem> {
                let garage = create_garage(tx, &new, now)?;
                for role in StaffRole::ALL {
                    let colleague = NewColleague {
                        id: api::clock::new_id(),
                        email: EmailAddress::parse(&email(role.code())).unwrap(),
                        name: format!("{} of {name}", role.code()),
                        role: *role,
                        password_hash: Some(hash.clone()),
                    };
                    add_colleague(tx, &secret, &garage, &colleague, now)?;
                }
                Ok(())
            })
            .unwrap();
        Garage {
            admin: self.sign_in(&email("admin"), PASSWORD).await,
            advisor: self.sign_in(&email("advisor"), PASSWORD).await,
            mechanic: self.sign_in(&email("mechanic"), PASSWORD).await,
        }
    }

    /// Uses the link that was mailed to an address to make an account.
    pub(crate) async fn join(&self, email: &str) -> Actor<'_> {
        let body = json!({ "token": self.token_for(email), "password": PASSWORD, "name": format!("Name of {email}") });
        let accepted = self.anonymous().post("/v1/invitations/accept", body).await.ok();
        Actor::new(self, Some(&accepted["tokens"]))
    }
}

/// What the vehicle register tells.
impl Server {
    /// Takes in what the register answers about a plate now, and says what changed.
    pub(crate) fn told(&self, plate: &str, answer: Option<&RegisterData>) -> Vec<RegisterChange> {
        self.register(plate, |kept| kept.answered(answer.cloned(), self.now()))
    }

    /// Changes what is kept of a plate.
    pub(crate) fn register<T>(&self, plate: &str, change: impl Fn(Registration) -> (Registration, T)) -> T {
        let plate = LicencePlate::parse(Country::NL, plate).unwrap();
        let work = |tx: &mut Tx<'_>| -> Result<T, StoreError> {
            let kept = registration::find_to_change(tx, &plate)?;
            let (kept, told) = change(kept.unwrap_or_else(|| Registration::new(plate.clone())));
            registration::save(tx, &kept, self.now())?;
            // As the refresh does, which also judges the car anew.
            let in_use = persistence::plates::in_use(tx, std::slice::from_ref(&plate))?;
            for (car, _) in in_use.into_values() {
                api::car_status::operations::refresh_car(tx, car, self.now())?;
            }
            Ok(told)
        };
        self.store().write(work).unwrap()
    }
}

/// A car as the register tells of it: a diesel of 2013.
pub(crate) fn kombi(apk_expires_on: &str) -> RegisterData {
    RegisterData {
        kind: Some(VehicleKind::Car),
        eu_category: Some(EuCategory::M1),
        make: Some("VOLKSWAGEN".into()),
        model: Some("KOMBI".into()),
        admitted_on: "2013-05-17".parse().ok(),
        max_mass_kg: Some(3_200),
        doors: Some(0),
        catalogue_price_eur: Some(71_828),
        apk_expires_on: apk_expires_on.parse().ok(),
        exported: Some(false),
        open_recall: Some(true),
        odometer: RegisteredOdometer {
            verdict: Some(RegisterVerdict::Logical),
            reason: Some("00".into()),
            last_year: Some(2026),
        },
        fuels: vec![RegisteredFuel { fuel: Fuel::Diesel, power_w: Some(103_000), co2_g_per_km: None }],
        ..RegisterData::default()
    }
}

impl<'s> Garage<'s> {
    /// The plate of a passport.
    pub(crate) async fn plate_of(&self, passport: &str) -> String {
        let shown = self.admin.get(&format!("/v1/passports/{passport}")).await.ok();
        shown["licencePlate"]["number"].as_str().unwrap().to_owned()
    }

    /// The same garage when its staff have signed in again, as after some time.
    pub(crate) async fn again(&self) -> Garage<'s> {
        let server = self.admin.server;
        Garage {
            admin: server.sign_in(&self.admin.email, PASSWORD).await,
            advisor: server.sign_in(&self.advisor.email, PASSWORD).await,
            mechanic: server.sign_in(&self.mechanic.email, PASSWORD).await,
        }
    }

    /// A customer's record.
    pub(crate) async fn customer(&self, email: &str) -> String {
        let body = json!({ "kind": "company", "name": format!("Customer {email}"), "email": email });
        self.admin.post("/v1/customers", body).await.expect(reqwest::StatusCode::CREATED).id()
    }

    /// An invited passport for a customer.
    pub(crate) async fn invited_passport(&self, customer: &str) -> String {
        let body = json!({ "licencePlate": { "number": plate() }, "customerId": customer, "make": "Volkswagen" });
        self.admin.post("/v1/passports", body).await.expect(reqwest::StatusCode::CREATED).id()
    }

    /// Someone with a customer's record and an active passport: who, customer, passport.
    pub(crate) async fn driver(&self, email: &str) -> (Actor<'s>, String, String) {
        let customer = self.customer(email).await;
        let passport = self.invited_passport(&customer).await;
        let driver = self.admin.server.join(email).await;
        (driver, customer, passport)
    }

    /// A fleet of a new customer: its account, id, the manager.
    pub(crate) async fn fleet(&self, name: &str) -> Fleet<'s> {
        let (manager, customer, manager_passport) = self.driver(&format!("manager@{name}.example")).await;
        let email = format!("fleet@{name}.example");
        let body = json!({ "customerId": customer, "name": name, "email": email, "begin": "invited" });
        let id = self.admin.post("/v1/fleets", body).await.expect(reqwest::StatusCode::CREATED).id();
        let account = self.admin.server.join(&email).await;
        Fleet { id, account, manager, manager_passport, customer }
    }

    /// A fleet with one car that has a driver, who owned it and has agreed to the link: the car.
    pub(crate) async fn fleet_car(&self, fleet: &Fleet<'s>, driver: &str) -> (Actor<'s>, String) {
        let (driver, _, passport) = self.driver(driver).await;
        self.admin.link(&passport, &fleet.id).await.ok();
        driver.agree(&passport).await;
        (driver, passport)
    }

    /// The facts recorded for this garage, by kind.
    pub(crate) async fn events(&self) -> Vec<(i64, String)> {
        let garage: Value = self.admin.get("/v1/garage").await.ok();
        let id: uuid::Uuid = garage["id"].as_str().unwrap().parse().unwrap();
        let request = persistence::PageRequest { after: None, limit: 10_000, updated_since: None };
        let stream = domain::event::Stream::Garage(id.into());
        let page = self.admin.server.store().read(|tx| persistence::event::list(tx, stream, &request)).unwrap();
        let kind = |fact| {
            let json = serde_json::to_value(fact).unwrap();
            assert!(!json.to_string().contains('@'), "an event stays for ever, and holds no address: {json}");
            json["kind"].as_str().unwrap().to_owned()
        };
        page.items.into_iter().map(|event| (event.number, kind(event.fact))).collect()
    }
}

pub(crate) struct Fleet<'s> {
    pub(crate) id: String,
    pub(crate) account: Actor<'s>,
    pub(crate) manager: Actor<'s>,
    pub(crate) manager_passport: String,
    pub(crate) customer: String,
}
