//! The daily refresh of the vehicle register: rule R39.

use crate::{
    both,
    support::{
        Backend, Garage, PASSWORD, Server,
        register::{FUELS, Failing, INSPECTIONS, RECALL_DETAIL, RECALL_STATUS, Register, VEHICLES},
    },
};
use api::{
    register_client::RegisterError,
    registration::refresh::{Refresh, RefreshError, Tally},
};
use domain::{
    event::Stream,
    ids::{CustomerId, GarageId},
    licence_plate::LicencePlate,
    passport::{Passport, Vehicle},
    register::RecallStatus,
    registration::Registration,
    value::Country,
};
use jiff::SignedDuration;
use persistence::{Scope, Tx, event};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn plate(number: &str) -> LicencePlate {
    LicencePlate::parse(Country::NL, number).unwrap()
}

fn registration(server: &Server, number: &str) -> Registration {
    server
        .store()
        .read(|tx| persistence::registration::find(tx, persistence::Found::by_system(&plate(number))))
        .unwrap()
        .unwrap()
}

/// Passports with these plates, made while the register was not there, as an import makes them.
async fn cars(server: &Server, garage: &Garage<'_>, plates: &[String]) {
    let customer: uuid::Uuid = garage.customer("owner@cars.example").await.parse().unwrap();
    let of: Value = garage.admin.get("/v1/garage").await.ok();
    let of = GarageId(of["id"].as_str().unwrap().parse().unwrap());
    let by: Value = garage.admin.get("/v1/account").await.ok();
    let by = domain::ids::AccountId(by["id"].as_str().unwrap().parse().unwrap());
    let now = server.now();
    let insert = |tx: &mut Tx<'_>| {
        for number in plates {
            let vehicle = Vehicle {
                id: api::clock::new_id(),
                plate: plate(number),
                make: None,
                model: None,
                year: None,
                fuel: None,
                vin: None,
                odometer_km: None,
            };
            let made =
                Passport::create(api::clock::new_id(), of, CustomerId(customer), vehicle, None, by, now).unwrap();
            persistence::passport::insert(tx, &made.passport, now)?;
        }
        Ok::<(), persistence::StoreError>(())
    };
    server.store().write(insert).unwrap();
}

async fn one_car(server: &Server, garage: &Garage<'_>) {
    cars(server, garage, &["TT601D".to_owned()]).await;
}

/// What happened at the garage since its first `seen` events.
async fn news(garage: &Garage<'_>, seen: usize) -> Vec<String> {
    garage.events().await.into_iter().skip(seen).map(|(_, kind)| kind).collect()
}

fn asked_datasets(register: &Register) -> Vec<String> {
    register.asked().into_iter().map(|asked| asked.dataset).collect()
}

both! {
    async fn r39_what_is_asked_on_the_first_day_and_on_others(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39").await;
        one_car(&server, &garage).await;
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 1, silent: 0 });
        assert_eq!(asked_datasets(&register), [VEHICLES, FUELS, RECALL_STATUS, INSPECTIONS, "a34c-vvps"]);
        // On other days a vehicle of which nothing changed costs its share of one question.
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 0, silent: 0 });
        assert_eq!(asked_datasets(&register), [VEHICLES]);
        assert_eq!(registration(&server, "TT601D").data.unwrap().fuels.len(), 1, "what was not asked is kept");
        // Another APK date has the inspections asked, and what it runs on; an open recall has the recalls asked.
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20280517");
        register.change(VEHICLES, "TT601D", "openstaande_terugroepactie_indicator", "Ja");
        register.add(RECALL_STATUS, json!({ "kenteken": "TT601D", "referentiecode_rdw": "MGP1", "code_status": "O" }));
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        assert_eq!(server.refresh().unwrap().changed, 1);
        assert_eq!(asked_datasets(&register), [VEHICLES, FUELS, RECALL_STATUS, RECALL_DETAIL, "9ihi-jgpf", INSPECTIONS, "a34c-vvps"]);
        server.stop().await;
    }

    async fn r39_each_change_is_an_event(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39b").await;
        one_car(&server, &garage).await;
        let seen = garage.events().await.len();
        server.refresh().unwrap();
        assert_eq!(news(&garage, seen).await, ["passport_changed"]);
        let day = async |expected: &[&str]| {
            server.pass_idle(DAY + SignedDuration::from_secs(1));
            let garage = Garage { admin: server.sign_in("admin@r39b.example", PASSWORD).await, ..garage.copy() };
            let seen = garage.events().await.len();
            server.refresh().unwrap();
            assert_eq!(news(&garage, seen).await, expected);
        };
        day(&[]).await;
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20280517");
        day(&["apk_date_changed"]).await;
        day(&[]).await;
        register.change(VEHICLES, "TT601D", "openstaande_terugroepactie_indicator", "Ja");
        register.add(RECALL_STATUS, json!({ "kenteken": "TT601D", "referentiecode_rdw": "MGP1", "code_status": "O" }));
        day(&["recall_opened"]).await;
        day(&[]).await;
        // Neither an unknown status nor a recall that is not told of any more is an end of it.
        register.change(RECALL_STATUS, "TT601D", "code_status", "X");
        day(&[]).await;
        let rows = register.forget(RECALL_STATUS);
        register.change(VEHICLES, "TT601D", "openstaande_terugroepactie_indicator", "Nee");
        day(&[]).await;
        assert_eq!(registration(&server, "TT601D").recalls[0].status, RecallStatus::Open);
        for row in rows {
            register.add(RECALL_STATUS, row);
        }
        register.change(RECALL_STATUS, "TT601D", "code_status", "P");
        day(&["recall_closed"]).await;
        register.change(VEHICLES, "TT601D", "export_indicator", "Ja");
        day(&["vehicle_exported"]).await;
        day(&[]).await;
        server.stop().await;
    }

    async fn r39_nothing_for_a_known_plate_keeps_what_was_told(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39c").await;
        one_car(&server, &garage).await;
        server.refresh().unwrap();
        let before = registration(&server, "TT601D");
        let rows = register.forget(VEHICLES);
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        let first = server.now();
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 0, silent: 1 });
        let silent = Registration { checked_at: Some(first), stale_since: Some(first), ..before.clone() };
        assert_eq!(registration(&server, "TT601D"), silent);
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        server.refresh().unwrap();
        assert_eq!(registration(&server, "TT601D").stale_since, Some(first));
        for row in rows {
            register.add(VEHICLES, row);
        }
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        server.refresh().unwrap();
        let again = registration(&server, "TT601D");
        assert_eq!((again.stale_since, again.fetched_at, again.data), (None, Some(server.now()), before.data));
        server.stop().await;
    }

    async fn r39_an_old_apk_date_does_not_undo_what_a_garage_entered(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39d").await;
        one_car(&server, &garage).await;
        server.refresh().unwrap();
        let first = registration(&server, "TT601D").apk_expiry().unwrap().seen_at;
        assert!(first <= server.now());
        for _ in 0..3 {
            server.pass_idle(DAY + SignedDuration::from_secs(1));
            server.refresh().unwrap();
            // A date that a garage enters meanwhile is newer than this, however often the old one comes.
            assert_eq!(registration(&server, "TT601D").apk_expiry().unwrap().seen_at, first);
        }
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20280517");
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        server.refresh().unwrap();
        assert_eq!(registration(&server, "TT601D").apk_expiry().unwrap().seen_at, server.now());
        server.stop().await;
    }

    async fn r39_a_hostile_answer_stores_nothing_and_a_failed_batch_keeps_its_turn(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39e").await;
        one_car(&server, &garage).await;
        server.refresh().unwrap();
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20280517");
        let (before, seen) = (registration(&server, "TT601D"), garage_events(&server).await);
        let status = |code, body: &str| Failing::Status(code, vec![], body.to_owned());
        let failures = [status(500, ""), status(429, "{}"), status(400, "{}"), Failing::Broken, Failing::HangingUp];
        for failing in failures {
            register.fail(failing.clone());
            assert!(matches!(server.refresh(), Err(RefreshError::Register(_))), "{failing:?}");
            assert_eq!(registration(&server, "TT601D"), before, "{failing:?}");
        }
        // The vehicle came, and then not its inspections: nothing of it is stored.
        register.fail(Failing::Status(200, vec![], "[{\"kenteken\":\"TT601D\",\"vervaldatum_apk\":\"20290517\"}]".into()));
        register.fail(status(200, "[]"));
        register.fail(status(500, ""));
        assert!(matches!(server.refresh(), Err(RefreshError::Register(RegisterError::Unavailable(_)))));
        assert_eq!((registration(&server, "TT601D"), garage_events(&server).await), (before.clone(), seen));
        // After nonsense the batch lets others go first, for an hour.
        let html = status(200, "<html>maintenance</html>");
        let (huge, deep) = (Failing::Huge(20_000_000), status(200, &"[".repeat(1_000_000)));
        for failing in [html, huge, deep] {
            register.fail(failing.clone());
            assert!(matches!(server.refresh(), Err(RefreshError::Register(RegisterError::Garbage(_)))), "{failing:?}");
            assert_eq!(registration(&server, "TT601D"), before, "{failing:?}");
            assert_eq!(server.refresh().unwrap().plates, 0);
            server.pass_idle(SignedDuration::from_mins(61));
        }
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 1, silent: 0 });
        server.stop().await;
    }

    async fn r39_what_was_answered_before_a_failure_is_stored(server) {
        let register = Register::start();
        let plates: Vec<String> = (0..310).map(|number| format!("{}BBC{:02}", number / 100, number % 100)).collect();
        for plate in &plates {
            register.add_car(plate);
        }
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39i").await;
        cars(&server, &garage, &plates).await;
        server.refresh().unwrap();
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        // The first question is answered, the second is not.
        register.fail_after(1, Failing::Status(500, vec![], String::new()));
        assert!(matches!(server.refresh(), Err(RefreshError::Register(RegisterError::Unavailable(_)))));
        register.asked();
        assert_eq!(server.refresh().unwrap(), Tally { plates: 10, changed: 0, silent: 0 });
        assert_eq!(asked_datasets(&register), [VEHICLES]);
        assert_eq!(server.refresh().unwrap().plates, 0);
        server.stop().await;
    }

    async fn r39_a_plate_that_always_fails_holds_up_no_other(server) {
        let register = Register::start();
        let plates: Vec<String> = (0..3).map(|number| format!("TT60{number}D")).collect();
        for plate in &plates {
            register.add_car(plate);
        }
        register.fail_at(Some("TT601D"));
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39j").await;
        cars(&server, &garage, &plates).await;
        let told = || plates.iter().filter(|plate| registration(&server, plate).data.is_some()).count();
        let stop = Arc::new(AtomicBool::new(false));
        let refresh = Refresh::new(server.app.clone()).unwrap().in_batches_of(2);
        let thread = refresh.spawn(Arc::clone(&stop));
        let begun = Instant::now();
        while told() < 2 {
            assert!(begun.elapsed() < Duration::from_mins(1), "{} were told of", told());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(registration(&server, "TT601D").data.is_none());
        register.fail_at(None);
        stop.store(true, Ordering::Relaxed);
        thread.join().unwrap();
        // It was put aside, by itself, for an hour.
        assert_eq!(server.refresh().unwrap().plates, 0);
        server.pass_idle(SignedDuration::from_mins(61));
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 1, silent: 0 });
        server.stop().await;
    }

    async fn r39_recalls_and_inspections_are_asked_however_late_the_first_turn_comes(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39k").await;
        let customer = garage.customer("owner@r39k.example").await;
        let body = json!({ "licencePlate": { "number": "TT601D" }, "customerId": customer });
        garage.advisor.post("/v1/passports", body).await.created();
        let unasked = registration(&server, "TT601D");
        assert_eq!((unasked.recalls_checked_at, unasked.inspections_checked_at), (None, None));
        register.add(INSPECTIONS, json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": "20260420", "vervaldatum_keuring": "20270517" }));
        server.pass_idle(SignedDuration::from_hours(30));
        server.refresh().unwrap();
        let asked = registration(&server, "TT601D");
        assert_eq!(asked.inspections.len(), 1);
        assert_eq!((asked.recalls_checked_at, asked.inspections_checked_at), (Some(server.now()), Some(server.now())));
        server.stop().await;
    }

    async fn r39_the_report_of_an_inspection_may_come_after_its_date(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39l").await;
        one_car(&server, &garage).await;
        server.refresh().unwrap();
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20280517");
        let day = || {
            server.pass_idle(DAY + SignedDuration::from_secs(1));
            register.asked();
            server.refresh().unwrap();
            asked_datasets(&register).contains(&INSPECTIONS.to_owned())
        };
        assert!(day() && day());
        register.add(INSPECTIONS, json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": "20270420", "vervaldatum_keuring": "20280517" }));
        assert!(day() && !day());
        assert_eq!(registration(&server, "TT601D").inspections.len(), 1);
        server.stop().await;
    }

    async fn r39_what_happened_to_a_car_is_told_to_who_keeps_it_then(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let (former, next) = (server.garage("r39m").await, server.garage("r39n").await);
        one_car(&server, &former).await;
        server.refresh().unwrap();
        let customer: uuid::Uuid = next.customer("new@r39n.example").await.parse().unwrap();
        let id = async |garage: &Garage<'_>| GarageId(garage.admin.get("/v1/garage").await.ok()["id"].as_str().unwrap().parse().unwrap());
        let (from, to) = (id(&former).await, id(&next).await);
        let seen = (former.events().await.len(), next.events().await.len());
        server.pass_idle(DAY + SignedDuration::from_secs(1));
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20280517");
        // The refresh has asked, and waits for the garage, which archives the car; another garage makes its passport.
        let news = std::thread::scope(|scope| {
            let mut asking = None;
            let mut change = |tx: &mut Tx<'_>| {
                event::lock(tx, Stream::Garage(from))?;
                asking.get_or_insert_with(|| scope.spawn(|| server.refresh()));
                // On SQLite it cannot even claim while this one writes.
                let begun = Instant::now();
                while server.backend == Backend::Postgres && !asked_datasets(&register).contains(&INSPECTIONS.to_owned()) {
                    assert!(begun.elapsed() < Duration::from_secs(20), "the register is not asked");
                    std::thread::sleep(Duration::from_millis(10));
                }
                std::thread::sleep(Duration::from_millis(500));
                let (car, _) = persistence::plates::in_use(tx, &[plate("TT601D")])?[&plate("TT601D")];
                let (passport, stamps) = persistence::passport::find(tx, &Scope::System, car)?.unwrap();
                let vehicle = Vehicle { id: api::clock::new_id(), ..passport.vehicle.clone() };
                let archived = passport.into_inner().archive(domain::passport::Pending::default(), api::clock::new_id(), server.now()).unwrap().passport;
                persistence::passport::update(tx, &archived, stamps, server.now())?;
                let by = api::clock::new_id();
                let made = Passport::create(api::clock::new_id(), to, CustomerId(customer), vehicle, None, by, server.now()).unwrap();
                persistence::passport::insert(tx, &made.passport, server.now())
            };
            server.store().write(&mut change).unwrap();
            asking.unwrap().join().unwrap()
        });
        news.unwrap();
        let told = |kinds: Vec<String>| kinds.contains(&"apk_date_changed".to_owned());
        let former = Garage { admin: server.sign_in("admin@r39m.example", PASSWORD).await, ..former.copy() };
        let next = Garage { admin: server.sign_in("admin@r39n.example", PASSWORD).await, ..next.copy() };
        assert!(!told(self::news(&former, seen.0).await), "the car is no longer theirs");
        // Told at once, or at the turn that it kept.
        server.refresh().unwrap();
        assert!(told(self::news(&next, seen.1).await));
        assert_eq!(registration(&server, "TT601D").data.unwrap().apk_expires_on, "2028-05-17".parse().ok());
        server.stop().await;
    }

    async fn r39_what_a_lost_worker_claimed_is_asked_later(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39f").await;
        one_car(&server, &garage).await;
        let now = server.now();
        let until = now + SignedDuration::from_mins(10);
        let claimed = server.store().write(|tx| persistence::registration::claim_due(tx, now - DAY, until, now, 300)).unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(server.refresh().unwrap().plates, 0);
        server.pass_idle(SignedDuration::from_mins(10));
        assert_eq!(server.refresh().unwrap().plates, 1);
        server.stop().await;
    }

    async fn r39_several_at_once_ask_each_plate_once(server) {
        let register = Register::start();
        let plates: Vec<String> = (0..1000).map(|number| format!("{}BBB{:02}", number / 100, number % 100)).collect();
        for plate in &plates {
            register.add_car(plate);
        }
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39g").await;
        cars(&server, &garage, &plates).await;
        register.set_latency(Duration::from_millis(30));
        let tallies: Vec<u64> = std::thread::scope(|scope| {
            let work = || {
                let refresh = Refresh::new(server.app.clone()).unwrap().in_batches_of(120);
                let batches = std::iter::from_fn(|| Some(refresh.run_batch().unwrap().plates).filter(|plates| *plates > 0));
                batches.sum()
            };
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(tallies.iter().sum::<u64>(), 1000, "{tallies:?}");
        let mut asked = HashSet::new();
        for question in register.asked().into_iter().filter(|asked| asked.dataset == VEHICLES) {
            for number in question.query["$where"].split('\'').filter(|part| part.len() == 6) {
                assert!(asked.insert(number.to_owned()), "{number} was asked twice");
            }
        }
        assert_eq!(asked.len(), 1000);
        let changed = garage.events().await.into_iter().filter(|(_, kind)| kind == "passport_changed").count();
        assert_eq!(changed, 1000);
        server.stop().await;
    }

    async fn r39_the_thread_works_and_stops_at_once(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r39h").await;
        one_car(&server, &garage).await;
        register.fail(Failing::Status(500, vec![], String::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = Refresh::new(server.app.clone()).unwrap().spawn(Arc::clone(&stop));
        let begun = Instant::now();
        while registration(&server, "TT601D").data.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not go on after a failure");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let stopping = Instant::now();
        stop.store(true, Ordering::Relaxed);
        thread.join().unwrap();
        assert!(stopping.elapsed() < Duration::from_secs(2), "{:?}", stopping.elapsed());
        server.stop().await;
    }

    async fn r39_without_a_register_nothing_is_refreshed(server) {
        assert!(Refresh::new(server.app.clone()).is_none());
    }
}

/// How many events there are, whoever's.
async fn garage_events(server: &Server) -> usize {
    let garage = Garage { admin: server.sign_in("admin@r39e.example", PASSWORD).await, ..server.nobody() };
    garage.events().await.len()
}

impl Garage<'_> {
    fn copy(&self) -> Self {
        Self { admin: self.admin.clone(), advisor: self.advisor.clone(), mechanic: self.mechanic.clone() }
    }
}

impl Server {
    fn nobody(&self) -> Garage<'_> {
        Garage { admin: self.anonymous(), advisor: self.anonymous(), mechanic: self.anonymous() }
    }
}
