//! The vehicle register over HTTP: rules R31 to R38.

use crate::{
    both,
    support::{
        Backend, Garage, PASSWORD, Server,
        register::{Failing, INSPECTIONS, RECALL_STATUS, Register, VEHICLES},
    },
};
use api::{register_client::RegisterAt, registration::refresh::Tally};
use domain::{
    licence_plate::LicencePlate,
    registration::{RegisterStatus, Registration},
    value::Country,
};
use jiff::SignedDuration;
use serde_json::json;
use std::time::{Duration, Instant};

impl Server {
    /// A server that asks `register`.
    pub(crate) async fn asking(backend: Backend, register: &Register) -> Self {
        let at = RegisterAt::Http(register.url.clone());
        Self::start_with(backend, |settings| {
            settings.vehicle_register.at = at;
            settings.vehicle_register.timeout = Duration::from_secs(1);
        })
        .await
    }
}

const TT601D: &str = "/v1/vehicle-register/tt-601-d";

both! {
    async fn r31_a_plate_fills_the_form(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r1").await;
        let vehicle = garage.mechanic.get(TT601D).await.ok();
        let expected = json!({
            "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
            "kind": "car", "euCategory": "M1", "make": "VOLKSWAGEN", "model": "KOMBI", "year": 2013, "fuel": "diesel",
            "body": null, "colour": null, "firstAdmittedOn": "2013-05-17", "firstRegisteredOn": null, "registeredOn": null,
            "emptyMassKg": null, "maxMassKg": null, "seats": null, "doors": 0, "engineCc": null,
            "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" }, "efficiencyClass": null, "apk": {
                "status": "valid", "expiresOn": "2027-05-17", "source": "register", "inspectableFrom": "2027-03-17",
                "why": {
                    "code": "diesel_gas_other",
                    "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
                    "article": "Besluit voertuigen, arts. 8(a) and 16(1)",
                }, "missing": [],
            },
            "tachographExpiresOn": null, "taxi": null, "exported": false, "registrable": null, "insured": true, "openRecall": false,
            "odometer": { "verdict": "logical", "reason": null, "lastYear": null },
            "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GPerKm": null }], "warnings": [],
        });
        assert_eq!(vehicle, expected);
        server.stop().await;
    }

    async fn r37_what_is_odd_is_a_warning(server) {
        let register = Register::start();
        register.add_car("TT601D");
        for (column, value) in [
            ("tenaamstellen_mogelijk", "Nee"), ("openstaande_terugroepactie_indicator", "Ja"), ("vervaldatum_apk", "20200101"),
            ("tellerstandoordeel", "Onlogisch"), ("wam_verzekerd", "Nee"), ("datum_tenaamstelling", "20190304"),
        ] {
            register.change(VEHICLES, "TT601D", column, value);
        }
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r7").await;
        let vehicle = garage.advisor.send("GET", TT601D, &[("accept-language", "nl")], None).await.ok();
        let codes: Vec<_> = vehicle["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["not_registrable", "open_recall", "apk_expired", "odometer_illogical", "not_insured"]);
        assert_eq!(vehicle["warnings"][1]["detail"], "heeft een openstaande terugroepactie");
        assert_eq!((&vehicle["apk"]["status"], &vehicle["registrable"]), (&json!("expired"), &json!(false)));
        // Of an exported car, all that is over.
        register.change(VEHICLES, "TT601D", "export_indicator", "Ja");
        server.pass_idle(SignedDuration::from_secs(61));
        let vehicle = garage.advisor.get(TT601D).await.ok();
        let codes: Vec<_> = vehicle["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["exported", "open_recall", "odometer_illogical"]);
        assert_eq!((&vehicle["apk"]["status"], &vehicle["apk"]["why"]["code"]), (&json!("not_subject"), &json!("exported")));
        server.stop().await;
    }

    async fn r40_the_form_knows_the_reports_that_were_told_before(server) {
        let register = Register::start();
        register.add_car("TT601D");
        register.change(VEHICLES, "TT601D", "vervaldatum_apk", "20260217");
        register.change(VEHICLES, "TT601D", "vervaldatum_tachograaf", "20270131");
        let report = |body: &str, until: &str| json!({ "kenteken": "TT601D", "soort_erkenning_omschrijving": body,
            "meld_datum_door_keuringsinstantie": "20260212", "meld_tijd_door_keuringsinstantie": "1015", "vervaldatum_keuring": until });
        register.add(INSPECTIONS, report("APK Zware voertuigen", "20270217"));
        register.add(INSPECTIONS, report("Controleapparaten", "20280212"));
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r40f").await;
        let unknown = garage.advisor.get(TT601D).await.ok();
        assert_eq!((&unknown["apk"]["expiresOn"], &unknown["tachographExpiresOn"]), (&json!("2026-02-17"), &json!("2027-01-31")));
        let body = json!({ "licencePlate": { "number": "TT601D" }, "customer": customer("jan@r40f.example") });
        let car = garage.advisor.post("/v1/passports", body).await.id();
        server.refresh().unwrap();
        let known = garage.advisor.get(TT601D).await.ok();
        assert_eq!((&known["apk"]["expiresOn"], &known["tachographExpiresOn"]), (&json!("2027-02-17"), &json!("2028-02-12")));
        let apk = garage.mechanic.get(&format!("/v1/passports/{car}/apk")).await.ok();
        assert_eq!((&apk["status"], &apk["expiresOn"]), (&json!("valid"), &json!("2027-02-17")));
        let bodies: Vec<_> = garage.mechanic.get(&format!("/v1/passports/{car}/inspections")).await.items().iter()
            .map(|one| one["body"].as_str().unwrap().to_owned()).collect();
        assert_eq!(bodies, ["tachograph", "apk_heavy"]);
        server.stop().await;
    }

    async fn r32_what_the_register_does_not_know(server) {
        let register = Register::start();
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r2").await;
        let (driver, ..) = garage.driver("jan@r2.example").await;
        register.asked();
        garage.admin.get(TT601D).await.problem(404, "vehicle_not_in_register");
        garage.admin.get("/v1/vehicle-register/b-mw%201234?country=DE").await.problem(404, "vehicle_register_covers_nl_only");
        garage.admin.get("/v1/vehicle-register/TT60").await.wrong(&["plate licence_plate_layout"]);
        garage.admin.get("/v1/vehicle-register/TT601D?land=NL").await.wrong(&["land unknown_parameter"]);
        driver.get(TT601D).await.problem(403, "wrong_account_kind");
        server.anonymous().get(TT601D).await.problem(401, "unauthenticated");
        assert_eq!(register.asked().len(), 1, "the register was asked by who may alone");
        server.stop().await;
    }

    async fn k7_many_plates_are_looked_up_at_once(server) {
        let register = Register::start();
        let plates: Vec<String> = (0..50).map(|number| format!("TT{number:03}D")).collect();
        plates[..49].iter().for_each(|plate| register.add_car(plate));
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("k7").await;
        let (driver, _, _) = garage.driver("jan@k7.example").await;
        let path = "/v1/vehicle-register/look-ups";
        let body = |plates: &[String]| json!({ "plates": plates.iter().map(|plate| json!({ "number": plate })).collect::<Vec<_>>() });
        register.asked();
        let found = garage.mechanic.post(path, body(&plates)).await.ok()["items"].as_array().unwrap().clone();
        assert_eq!(register.asked().len(), 2, "the vehicles and their fuels");
        assert_eq!(found.len(), 50);
        let first = json!({ "country": "NL", "number": "TT000D", "shown": "TT-000-D" });
        assert_eq!((&found[0]["licencePlate"], &found[0]["status"], &found[0]["vehicle"]["make"]), (&first, &json!("known"), &json!("VOLKSWAGEN")));
        assert_eq!(found[0]["vehicle"]["fuel"], "diesel");
        assert_eq!((&found[49]["status"], &found[49]["vehicle"]), (&json!("unknown"), &json!(null)));
        // What was answered is remembered for the passports that are made next.
        let made = garage.admin.post("/v1/passports", json!({ "licencePlate": { "number": "TT-007-D" }, "customer": customer("jan@k7p.example") })).await;
        assert_eq!((made.created()["make"].as_str(), register.asked().len()), (Some("VOLKSWAGEN"), 0));
        // Eight in a row are eight questions, however many plates they have, and with the passport that was made.
        let mut statuses = vec![];
        for _ in 0..12 {
            statuses.push(garage.mechanic.post(path, body(&plates[..2])).await.status);
        }
        assert!(statuses[..6].iter().all(|status| *status == 200) && statuses.contains(&429), "{statuses:?}");
        let abroad = json!({ "plates": [{ "number": "B-EX 123", "country": "DE" }] });
        let abroad = garage.mechanic.post(path, abroad).await.ok();
        assert_eq!((&abroad["items"][0]["status"], &abroad["items"][0]["vehicle"]), (&json!("not_covered"), &json!(null)));
        garage.mechanic.post(path, body(&vec!["TT001D".to_owned(); 51])).await.wrong(&["#/plates too_many_items"]);
        garage.mechanic.post(path, json!({})).await.wrong(&["#/plates required"]);
        let shapeless = json!({ "plates": [{ "number": 7 }, { "country": "XX" }] });
        garage.mechanic.post(path, shapeless).await.wrong(&["#/plates/0/number wrong_type", "#/plates/1/number required", "#/plates/1/country country_invalid"]);
        driver.post(path, body(&plates[..1])).await.problem(403, "wrong_account_kind");
        server.anonymous().post(path, body(&plates[..1])).await.problem(401, "unauthenticated");
        let other = server.garage("k7b").await;
        register.fail_always(Some(Failing::HangingUp));
        other.admin.post(path, body(&["V95JKV".to_owned()])).await.problem(503, "vehicle_register_unavailable");
        server.stop().await;
    }

    async fn k7_a_badly_written_plate_does_not_keep_the_others_from_their_answer(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("k7c").await;
        let path = "/v1/vehicle-register/look-ups";
        let long = "A1".repeat(30);
        let typed = ["TT-6O1-D", "12345", "\u{422}T-601-D", "TT*601*D", " ", long.as_str(), "tt 601 d"];
        let body = json!({ "plates": typed.map(|number| json!({ "number": number })) });
        let sent = || Some(body.to_string().into_bytes());
        let headers = [("content-type", "application/json"), ("accept-language", "nl")];
        let found = garage.mechanic.send("POST", path, &headers, sent()).await.items();
        let codes: Vec<_> = found[..6].iter().map(|one| one["error"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["licence_plate_slip", "licence_plate_layout", "licence_plate_script", "licence_plate_character", "blank", "too_long"]);
        for one in &found[..6] {
            assert_eq!((&one["status"], &one["licencePlate"], &one["vehicle"]), (&json!("invalid"), &json!(null), &json!(null)));
        }
        assert_eq!(found[0]["error"]["detail"], "is niet een van de veertien Nederlandse kentekenreeksen; is het TT-601-D?");
        assert_eq!(found[2]["error"]["detail"], "bevat '\u{422}', een letter uit een ander schrift: schrijf de Latijnse letter T");
        assert_eq!((&found[6]["status"], &found[6]["vehicle"]["make"], &found[6]["error"]), (&json!("known"), &json!("VOLKSWAGEN"), &json!(null)));
        // Nobody is asked when none is a plate.
        register.asked();
        let none = garage.mechanic.post(path, json!({ "plates": [{ "number": "12345" }] })).await.items();
        assert_eq!((&none[0]["status"], register.asked().len()), (&json!("invalid"), 0));
        server.stop().await;
    }

    async fn off_by_configuration(server) {
        let garage = server.garage("off").await;
        garage.admin.get(TT601D).await.problem(404, "vehicle_register_off");
        let plates = json!({ "plates": [{ "number": "TT-601-D" }] });
        garage.admin.post("/v1/vehicle-register/look-ups", plates).await.problem(404, "vehicle_register_off");
    }

    async fn r35_a_register_in_trouble_is_answered_within_the_budget(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r5").await;
        let html = Failing::Status(200, vec![], "<html>".into());
        let refused = Failing::Status(400, vec![], "{\"errorCode\":\"query.soql.no-such-column\"}".into());
        for failing in [Failing::Silent, Failing::Dripping, Failing::Broken, html, refused] {
            register.fail(failing);
            let begun = Instant::now();
            let answer = garage.admin.get(TT601D).await;
            answer.problem(503, "vehicle_register_unavailable");
            assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
            assert!(begun.elapsed() < Duration::from_secs(5));
            assert!(!answer.body.to_string().contains("m9d7"), "what went wrong is for the log");
        }
        // Failures are not remembered, answers are.
        garage.admin.get(TT601D).await.ok();
        register.fail_always(Some(Failing::Silent));
        garage.admin.get(TT601D).await.ok();
        server.pass_idle(SignedDuration::from_secs(61));
        garage.admin.get(TT601D).await.problem(503, "vehicle_register_unavailable");
        server.stop().await;
    }

    async fn r35_a_busy_register_is_left_alone(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r5b").await;
        register.fail(Failing::Status(429, vec![("Retry-After", "90".into())], "{}".into()));
        // It asks for longer than a minute; who waits at a desk has it asked again then.
        assert_eq!(garage.admin.get(TT601D).await.problem(503, "vehicle_register_unavailable").header("retry-after"), "60");
        register.asked();
        server.pass_idle(SignedDuration::from_secs(30));
        assert_eq!(garage.admin.get(TT601D).await.problem(503, "vehicle_register_unavailable").header("retry-after"), "30");
        assert!(register.asked().is_empty());
        server.pass_idle(SignedDuration::from_secs(31));
        garage.admin.get(TT601D).await.ok();
        server.stop().await;
    }

    async fn r35_many_at_once_hold_up_nobody_else(server) {
        let register = Register::start();
        register.fail_always(Some(Failing::Silent));
        let server = Server::asking(server.backend, &register).await;
        let mut waiting = Vec::new();
        let mut garages = Vec::new();
        for garage in 0..6 {
            garages.push(server.garage(&format!("r5c{garage}")).await);
        }
        for (index, garage) in garages.iter().enumerate() {
            waiting.extend((0..8).map(|number| ask(garage, &format!("TT-{:03}-D", 10 * index + number))));
        }
        // Meanwhile everything else is answered: no connection to the database is held.
        for _ in 0..5 {
            garages[0].mechanic.get("/v1/passports").await.ok();
        }
        for answer in waiting {
            assert_eq!(answer.await.unwrap(), 503);
        }
        let asked = register.asked().len();
        assert!((1..=32).contains(&asked), "{asked} were asked at once");
        server.stop().await;
    }

    async fn r35_a_garage_that_asks_too_often_takes_nothing_from_others(server) {
        let register = Register::start();
        register.fail_always(Some(Failing::Silent));
        let server = Server::asking(server.backend, &register).await;
        let (hasty, other) = (server.garage("r5d").await, server.garage("r5e").await);
        let waiting: Vec<_> = (0..60).map(|number| ask(&hasty, &format!("TT-{number:03}-D"))).collect();
        let mut statuses = Vec::new();
        for answer in waiting {
            statuses.push(answer.await.unwrap());
        }
        let answered = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
        assert!((8..=20).contains(&answered(503)), "{statuses:?}");
        assert_eq!(answered(503) + answered(429), 60, "{statuses:?}");
        assert!(register.asked().len() <= answered(503));
        register.fail_always(Some(Failing::HangingUp));
        for attempt in 0.. {
            assert!(attempt < 100, "it may ask as often as it wants");
            let answer = hasty.admin.get("/v1/vehicle-register/V-95-JKV").await;
            if answer.status == 429 {
                answer.problem(429, "too_many_requests");
                assert!((1..=3).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
                break;
            }
        }
        register.fail_always(None);
        register.add_car("TT601D");
        other.admin.get(TT601D).await.ok();
        // Nor does it learn what others ask: what they were told just now is told as anything else.
        for attempt in 0.. {
            assert!(attempt < 100, "what others asked is told at once");
            if hasty.admin.get(TT601D).await.status == 429 {
                break;
            }
            hasty.admin.get("/v1/vehicle-register/TT-999-D").await;
        }
        // A passport is made all the same, and completed later.
        register.add_car("V95JKV");
        register.asked();
        let body = |number: usize| json!({ "licencePlate": { "number": format!("TT{number:03}D") }, "customer": customer("jan@r5d.example") });
        for number in 100..115 {
            hasty.admin.post("/v1/passports", body(number)).await.created();
        }
        assert!(register.asked().len() < 15);
        server.stop().await;
    }

    async fn r35_many_who_ask_the_same_are_one_question(server) {
        let register = Register::start();
        register.add_car("TT601D");
        register.set_latency(Duration::from_millis(200));
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r5f").await;
        let waiting: Vec<_> = (0..8).map(|_| ask(&garage, "TT-601-D")).collect();
        for answer in waiting {
            assert_eq!(answer.await.unwrap(), 200);
        }
        assert_eq!(register.asked().len(), 2, "the vehicle and what it runs on, once each");
        server.stop().await;
    }

    async fn r36_what_a_mistyped_plate_filled_in_gives_way(server) {
        let register = Register::start();
        for plate in ["TT601D", "V95JKV", "TT602D"] {
            register.add_car(plate);
        }
        register.change(VEHICLES, "V95JKV", "merk", "TOYOTA");
        register.change(VEHICLES, "V95JKV", "handelsbenaming", "PRIUS");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r36m").await;
        let make = async |number: &str, name: &str| {
            let body = json!({ "licencePlate": { "number": number }, "model": "Caddy", "customer": customer(&format!("{name}@r36m.example")) });
            let made = garage.admin.post("/v1/passports", body).await.created();
            format!("/v1/passports/{}", made["id"].as_str().unwrap())
        };
        let correct = |plate: &str| json!({ "licencePlate": { "number": plate } });
        // The register has not told of the right plate yet: it is asked soon, and tells.
        let path = make("TT601D", "jan").await;
        assert_eq!(garage.advisor.patch(&path, correct("V95JKV")).await.ok()["make"], "VOLKSWAGEN");
        server.refresh().unwrap();
        let car = garage.mechanic.get(&path).await.ok();
        assert_eq!((&car["make"], &car["model"]), (&json!("TOYOTA"), &json!("Caddy")));
        // It has told of it before.
        garage.admin.act(&format!("{path}/archive")).await.ok();
        let path = make("TT602D", "piet").await;
        // A mistake is made once more on the way.
        garage.advisor.patch(&path, correct("X99XXX")).await.ok();
        // What people write or clear with the plate stands.
        let body = json!({ "licencePlate": { "number": "V95JKV" }, "fuel": "diesel", "year": null });
        let car = garage.advisor.patch(&path, body).await.ok();
        assert_eq!((&car["make"], &car["model"]), (&json!("TOYOTA"), &json!("Caddy")));
        assert_eq!((&car["fuel"], &car["year"]), (&json!("diesel"), &json!(null)));
        server.stop().await;
    }

    async fn r38_creation_fills_what_the_body_leaves_out(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r38").await;
        let body = json!({ "licencePlate": { "number": "TT-601-D" }, "model": "Transporter", "customer": customer("jan@r38.example") });
        let made = garage.advisor.post("/v1/passports", body).await.created();
        assert_eq!((&made["make"], &made["model"], &made["year"], &made["fuel"]), (&json!("VOLKSWAGEN"), &json!("Transporter"), &json!(2013), &json!("diesel")));
        let known = registration(&server, "TT601D").unwrap();
        assert_eq!(known.data.as_ref().unwrap().fuels.len(), 1);
        assert_eq!((known.fetched_at, known.checked_at, known.stale_since), (Some(server.now()), Some(server.now()), None));
        // Nobody has to act on what was so when the passport was made.
        assert_eq!(kinds(&garage).await, ["garage_created", "staff_added", "staff_added", "staff_added", "customer_created", "passport_created", "invitation_issued"]);
        // The refresh asks the rest at once, and then not for a day.
        register.add(INSPECTIONS, json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": "20260420", "vervaldatum_keuring": "20270517" }));
        register.add(RECALL_STATUS, json!({ "kenteken": "TT601D", "referentiecode_rdw": "MGP1", "code_status": "P" }));
        // An open recall that nobody knew is no event here, but the car is judged by it.
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 1, silent: 0 });
        let known = registration(&server, "TT601D").unwrap();
        assert_eq!((known.inspections.len(), known.recalls.len()), (1, 1));
        assert_eq!(server.refresh().unwrap().plates, 0);
        server.stop().await;
    }

    async fn r38_a_form_and_its_passport_ask_once(server) {
        let register = Register::start();
        register.add_car("TT601D");
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r38b").await;
        garage.advisor.get(TT601D).await.ok();
        assert_eq!(register.asked().len(), 2);
        let body = json!({ "licencePlate": { "number": "TT601D" }, "customer": customer("jan@r38b.example") });
        let key = [("content-type", "application/json"), ("idempotency-key", "once")];
        let bytes = || Some(body.to_string().into_bytes());
        let made = garage.advisor.send("POST", "/v1/passports", &key, bytes()).await.created();
        server.pass_idle(SignedDuration::from_mins(5));
        // Nor is it asked for a repeat, for a plate that has a passport, by who may not make one, for what is no plate.
        assert_eq!(garage.advisor.send("POST", "/v1/passports", &key, bytes()).await.created(), made);
        garage.advisor.post("/v1/passports", body.clone()).await.problem(409, "passport_exists");
        garage.mechanic.post("/v1/passports", json!({ "licencePlate": { "number": "V95JKV" }, "customer": customer("x@r38b.example") })).await.problem(403, "advisor_only");
        garage.advisor.post("/v1/passports", json!({ "licencePlate": { "number": "V95" }, "customer": customer("x@r38b.example") })).await.wrong(&["#/licencePlate/number licence_plate_layout"]);
        garage.advisor.post("/v1/passports", json!({ "licencePlate": { "number": "BMW1234", "country": "DE" }, "customer": customer("y@r38b.example") })).await.created();
        assert!(register.asked().is_empty());
        let other = json!({ "licencePlate": { "number": "X99XXX" }, "customer": customer("z@r38b.example") });
        garage.advisor.send("POST", "/v1/passports", &key, Some(other.to_string().into_bytes())).await.problem(422, "idempotency_key_reused");
        assert!(register.asked().is_empty());
        server.stop().await;
    }

    async fn r38_a_plate_that_the_register_does_not_know_gets_its_passport(server) {
        let register = Register::start();
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r38c").await;
        let body = json!({ "licencePlate": { "number": "TT601D" }, "customer": customer("jan@r38c.example") });
        let made = garage.advisor.post("/v1/passports", body).await.created();
        assert!(made["make"].is_null());
        let known = registration(&server, "TT601D").unwrap();
        assert_eq!(RegisterStatus::of(&known.plate, Some(&known)), RegisterStatus::Unknown);
        // It is asked again each day, and completed when the register knows the car.
        assert_eq!(server.refresh().unwrap().plates, 0);
        register.add_car("TT601D");
        server.pass(SignedDuration::from_hours(25));
        let garage = server.again(&garage).await;
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 1, silent: 0 });
        let path = format!("/v1/passports/{}", made["id"].as_str().unwrap());
        assert_eq!(garage.admin.get(&path).await.ok()["make"], "VOLKSWAGEN");
        server.stop().await;
    }

    async fn r38_a_register_in_trouble_holds_up_no_passport(server) {
        let register = Register::start();
        register.add_car("TT601D");
        register.fail_always(Some(Failing::Silent));
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r38d").await;
        let begun = Instant::now();
        let body = json!({ "licencePlate": { "number": "TT601D" }, "make": "VW", "customer": customer("jan@r38d.example") });
        let made = garage.advisor.post("/v1/passports", body).await.created();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!((&made["make"], &made["model"]), (&json!("VW"), &json!(null)));
        let known = registration(&server, "TT601D").unwrap();
        assert_eq!(RegisterStatus::of(&known.plate, Some(&known)), RegisterStatus::Pending);
        let path = format!("/v1/passports/{}", made["id"].as_str().unwrap());
        // The register is well again: the passport is completed, what people wrote stays, and it is an event.
        register.fail_always(None);
        assert_eq!(server.refresh().unwrap(), Tally { plates: 1, changed: 1, silent: 0 });
        let completed = garage.admin.get(&path).await.ok();
        assert_eq!((&completed["make"], &completed["model"], &completed["year"]), (&json!("VW"), &json!("KOMBI"), &json!(2013)));
        assert_eq!(kinds(&garage).await.last().unwrap(), "passport_changed");
        // What people clear afterwards is not filled in again.
        garage.admin.patch(&path, json!({ "model": null })).await.ok();
        server.pass(SignedDuration::from_hours(25));
        server.refresh().unwrap();
        let garage = server.again(&garage).await;
        assert!(garage.admin.get(&path).await.ok()["model"].is_null());
        server.stop().await;
    }
}

/// Asks about a plate, beside others who ask.
fn ask(garage: &Garage<'_>, plate: &str) -> actix_web::rt::task::JoinHandle<u16> {
    let address = format!("{}/v1/vehicle-register/{plate}", garage.admin.server.url);
    let token = garage.admin.token.clone().unwrap();
    let request = garage.admin.server.client.get(address).bearer_auth(token);
    actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() })
}

fn customer(email: &str) -> serde_json::Value {
    json!({ "kind": "person", "name": "Jan Jansen", "email": email })
}

fn plate(number: &str) -> LicencePlate {
    LicencePlate::parse(Country::NL, number).unwrap()
}

fn registration(server: &Server, number: &str) -> Option<Registration> {
    server
        .store()
        .read(|tx| persistence::registration::find(tx, persistence::Found::by_system(&plate(number))))
        .unwrap()
}

/// The kinds of what happened at a garage, in order.
async fn kinds(garage: &Garage<'_>) -> Vec<String> {
    garage.events().await.into_iter().map(|(_, kind)| kind).collect()
}

impl Server {
    /// The garage's people, signed in again when time has passed.
    async fn again(&self, garage: &Garage<'_>) -> Garage<'_> {
        Garage {
            admin: self.sign_in(&garage.admin.email, PASSWORD).await,
            advisor: self.sign_in(&garage.advisor.email, PASSWORD).await,
            mechanic: self.sign_in(&garage.mechanic.email, PASSWORD).await,
        }
    }
}
