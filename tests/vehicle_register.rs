//! The vehicle register over HTTP: rules R31 to R38.

use crate::{
    both,
    support::{
        Backend, Server,
        register::{Failing, Register, VEHICLES},
    },
};
use api::vehicle_register::RegisterAt;
use jiff::SignedDuration;
use serde_json::json;
use std::time::{Duration, Instant};

impl Server {
    /// A server that asks `register`.
    async fn asking(backend: Backend, register: &Register) -> Self {
        let at = RegisterAt::Http(register.url.clone());
        Self::start_with(backend, |settings| {
            settings.vehicle_register.at = at;
            settings.vehicle_register.timeout = Duration::from_millis(400);
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
            "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" }, "efficiencyClass": null, "apkExpiresOn": "2027-05-17",
            "taxi": null, "exported": false, "insured": true, "openRecall": false,
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
            ("export_indicator", "Ja"), ("openstaande_terugroepactie_indicator", "Ja"), ("vervaldatum_apk", "20200101"),
            ("tellerstandoordeel", "Onlogisch"), ("wam_verzekerd", "Nee"),
        ] {
            register.change(VEHICLES, "TT601D", column, json!(value));
        }
        let server = Server::asking(server.backend, &register).await;
        let garage = server.garage("r7").await;
        let vehicle = garage.advisor.send("GET", TT601D, &[("accept-language", "nl")], None).await.ok();
        let codes: Vec<_> = vehicle["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["exported", "open_recall", "apk_expired", "odometer_illogical", "not_insured"]);
        assert_eq!(vehicle["warnings"][1]["detail"], "heeft een openstaande terugroepactie");
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
        garage.admin.get("/v1/vehicle-register/TT601D?land=NL").await.wrong(&["#?land unknown_parameter"]);
        driver.get(TT601D).await.problem(403, "wrong_account_kind");
        server.anonymous().get(TT601D).await.problem(401, "unauthenticated");
        assert_eq!(register.asked().len(), 1, "the register was asked by who may alone");
        server.stop().await;
    }

    async fn off_by_configuration(server) {
        let garage = server.garage("off").await;
        garage.admin.get(TT601D).await.problem(404, "vehicle_register_off");
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
            assert!(begun.elapsed() < Duration::from_secs(2));
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
        assert_eq!(garage.admin.get(TT601D).await.problem(503, "vehicle_register_unavailable").header("retry-after"), "90");
        register.asked();
        server.pass_idle(SignedDuration::from_secs(60));
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
        let garage = server.garage("r5c").await;
        let token = garage.admin.token.clone().unwrap();
        let mut waiting = Vec::new();
        for number in 0..60 {
            let request = server.client.get(format!("{}/v1/vehicle-register/TT-{number:03}-D", server.url)).bearer_auth(&token);
            waiting.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        // Meanwhile everything else is answered: no connection to the database is held.
        for _ in 0..5 {
            garage.mechanic.get("/v1/passports").await.ok();
        }
        for answer in waiting {
            assert_eq!(answer.await.unwrap(), 503);
        }
        let asked = register.asked().len();
        assert!((1..=32).contains(&asked), "{asked} were asked at once");
        server.stop().await;
    }
}
