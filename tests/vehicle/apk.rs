//! The APK over HTTP: rules APK1 to APK10 as they are shown, R17, R21 and R22, and T9.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, kombi},
};
use domain::{
    apk::VehicleKind,
    passport::Fuel,
    register::{RegisterData, RegisteredFuel},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

async fn apk(actor: &Actor<'_>, car: &str) -> Value {
    actor.get(&format!("/v1/passports/{car}/apk")).await.ok()
}

async fn enter(actor: &Actor<'_>, car: &str, expires_on: &str) -> Answer {
    actor.post(&format!("/v1/passports/{car}/apk/entries"), json!({ "expiresOn": expires_on })).await
}

/// Status, expiry, and who says so.
async fn stands(actor: &Actor<'_>, car: &str) -> (String, String, String) {
    let told = apk(actor, car).await;
    let text = |name: &str| told[name].as_str().unwrap_or("null").to_owned();
    (text("status"), text("expiresOn"), text("source"))
}

fn as_told(status: &str, expires_on: &str, source: &str) -> (String, String, String) {
    (status.into(), expires_on.into(), source.into())
}

both! {
    async fn apk1_the_register_tells_and_the_law_says_why(server) {
        let garage = server.garage("apk1").await;
        let (driver, _, car) = garage.driver("jan@apk1.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2027-05-17")));
        let why = json!({
            "code": "diesel_gas_other",
            "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
            "article": "Besluit voertuigen, arts. 8(a) and 16(1)",
        });
        let next = |from: &str, by: &str, until: &str| json!({
            "inspectFrom": from, "inspectBy": by, "expiresOn": until, "why": why,
            "safe": { "inspectFrom": from, "inspectBy": by, "expiresOn": until },
        });
        let expected = json!({
            "status": "valid", "expiresOn": "2027-05-17", "source": "register", "inspectableFrom": "2027-03-17",
            "next": [next("2027-03-17", "2027-05-17", "2028-05-17"), next("2028-03-17", "2028-05-17", "2029-05-17")],
            "exemptFrom": "2063-05-17", "why": why, "missing": [], "entry": null, "lift": null, "registerStatus": "known", "staleSince": null,
        });
        assert_eq!(apk(&driver, &car).await, expected);
        let path = format!("/v1/passports/{car}/apk");
        let dutch = driver.send("GET", &path, &[("accept-language", "nl")], None).await.ok();
        assert_eq!(dutch["why"]["article"], "art. 8, onder a, en art. 16, eerste lid, Besluit voertuigen");
        assert!(dutch["next"][0]["why"]["explanation"].as_str().unwrap().starts_with("Diesel, gas en andere brandstoffen"));
    }

    async fn apk3_today_is_that_of_the_garage(server) {
        let garage = server.garage("apk3").await;
        let (_, _, car) = garage.driver("jan@apk3.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-02-25")));
        assert_eq!(stands(&garage.admin, &car).await, as_told("inspectable", "2026-02-25", "register"));
        // At the garage the day begins an hour before it does in UTC.
        server.pass_idle(SignedDuration::from_mins(17 * 60));
        let admin = server.sign_in("admin@apk3.example", PASSWORD).await;
        assert_eq!(server.now().to_string().get(..10), Some("2026-02-25"));
        assert_eq!(stands(&admin, &car).await, as_told("expired", "2026-02-25", "register"));
        assert_eq!(apk(&admin, &car).await["next"][0]["inspectFrom"], "2026-02-26");
    }

    async fn r17_what_is_not_known_is_named_and_no_year_is_a_date(server) {
        let garage = server.garage("r17").await;
        let (driver, _, car) = garage.driver("jan@r17.example").await;
        let plate = garage.plate_of(&car).await;
        garage.mechanic.patch(&format!("/v1/passports/{car}"), json!({ "year": 2013, "fuel": "diesel" })).await.ok();
        let pending = apk(&driver, &car).await;
        assert_eq!((pending["status"].as_str(), pending["registerStatus"].as_str()), (Some("unknown"), Some("pending")));
        assert_eq!(pending["missing"], json!([{ "code": "kind", "detail": "The kind of vehicle is not known." }]));
        assert!(pending["expiresOn"].is_null() && pending["why"].is_null() && pending["next"] == json!([]));
        // What the register lacks of fuels, the garage tells.
        let without_fuel = RegisterData { fuels: vec![], apk_expires_on: None, ..kombi("2027-05-17") };
        server.told(&plate, Some(&without_fuel));
        assert_eq!(apk(&driver, &car).await["why"]["code"], "diesel_gas_other");
        // Motorcycles have no duty, whatever the date.
        server.told(&plate, Some(&RegisterData { kind: Some(VehicleKind::Motorcycle), ..kombi("2027-05-17") }));
        let motorcycle = apk(&driver, &car).await;
        assert_eq!((motorcycle["status"].as_str(), motorcycle["why"]["code"].as_str()), (Some("not_subject"), Some("motorcycle")));
        assert!(motorcycle["inspectableFrom"].is_null());
    }

    async fn apk2_a_guess_is_no_fact(server) {
        let garage = server.garage("apk2").await;
        let (driver, _, car) = garage.driver("jan@apk2.example").await;
        let plate = garage.plate_of(&car).await;
        // Admitted abroad in 2021, in the Netherlands since this month: the register has no date yet.
        let imported = RegisterData {
            admitted_on: "2021-01-12".parse().ok(),
            first_registered_on: "2026-02-03".parse().ok(),
            apk_expires_on: None,
            ..kombi("2027-05-17")
        };
        server.told(&plate, Some(&imported));
        let told = apk(&driver, &car).await;
        assert_eq!((&told["status"], &told["expiresOn"], &told["why"]["code"]), (&json!("unknown"), &Value::Null, &json!("diesel_gas_other")));
        assert_eq!(told["missing"][0]["code"], "certificate");
        // The car is not called late by it, and nobody is warned of it.
        let path = format!("/v1/passports/{car}");
        assert_eq!(driver.get(&path).await.ok()["apkExpiresOn"], Value::Null);
        let vehicle = driver.get(&format!("{path}/registration")).await.ok()["vehicle"].clone();
        assert_eq!((&vehicle["apk"]["status"], vehicle["warnings"][0]["code"].as_str()), (&json!("unknown"), Some("open_recall")));
        // Before the first inspection is due, none is needed by anyone.
        let new = RegisterData { admitted_on: "2025-01-12".parse().ok(), ..imported };
        server.told(&plate, Some(&new));
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2028-01-12", "computed"));
        // Of a kind that nobody here knows a rule for, that is said.
        let airship = RegisterData { kind: Some(VehicleKind::Other), ..new };
        server.told(&plate, Some(&airship));
        assert_eq!(apk(&driver, &car).await["missing"][0]["code"], "rule");
    }

    async fn apk4_tractors_buses_and_electric_vans(server) {
        let garage = server.garage("apk4").await;
        let (_, _, car) = garage.driver("jan@apk4.example").await;
        let plate = garage.plate_of(&car).await;
        let young = RegisterData { admitted_on: "2025-01-12".parse().ok(), eu_category: None, apk_expires_on: None, ..kombi("2027-05-17") };
        let tractor = |speed: i64| RegisterData { kind: Some(VehicleKind::Tractor), max_speed_m_per_h: Some(speed), ..young.clone() };
        let why = async |data: &RegisterData| {
            server.told(&plate, Some(data));
            let told = apk(&garage.mechanic, &car).await;
            let missing = told["missing"][0]["code"].as_str().map(ToOwned::to_owned);
            (told["status"].as_str().unwrap().to_owned(), told["why"]["code"].as_str().map(ToOwned::to_owned).or(missing))
        };
        let is = |status: &str, code: &str| (status.to_owned(), Some(code.to_owned()));
        assert_eq!(why(&RegisterData { kind: Some(VehicleKind::Tractor), ..young.clone() }).await, is("unknown", "max_speed"));
        assert_eq!(why(&tractor(40_010)).await, is("valid", "fast_tractor"));
        assert_eq!(stands(&garage.mechanic, &car).await, as_told("valid", "2029-01-12", "computed"));
        assert_eq!(apk(&garage.mechanic, &car).await["next"][0]["expiresOn"], "2031-01-12");
        assert_eq!(why(&tractor(40_000)).await, is("not_subject", "slow_tractor"));
        assert_eq!(why(&RegisterData { on_tracks: Some(true), ..tractor(50_000) }).await, is("not_subject", "tracked_tractor"));
        for (kind, code) in [(VehicleKind::LimitedSpeed, "limited_speed"), (VehicleKind::MobileMachine, "mobile_machine"), (VehicleKind::AgriculturalTrailer, "agricultural_trailer")] {
            assert_eq!(why(&RegisterData { kind: Some(kind), ..young.clone() }).await, is("not_subject", code));
        }
        let bus = |kg: i64| RegisterData { kind: Some(VehicleKind::Bus), max_mass_kg: Some(kg), ..young.clone() };
        assert_eq!(why(&bus(3_501)).await.1.as_deref(), Some("bus"));
        assert_eq!(why(&bus(3_500)).await.1.as_deref(), Some("light_bus"));
        let article = apk(&garage.mechanic, &car).await["why"]["article"].clone();
        assert_eq!(article, "Besluit voertuigen, art. 16(1)", "it cites none that speaks of heavier ones");
        let electric = RegisteredFuel { fuel: Fuel::Electric, power_w: None, co2_g_per_km: None };
        let van = RegisterData { kind: Some(VehicleKind::Commercial), max_mass_kg: Some(4_250), fuels: vec![electric], ..young.clone() };
        assert_eq!(why(&van).await, is("unknown", "rule_uncertain"));
        // The register's own date counts all the same.
        assert_eq!(why(&RegisterData { apk_expires_on: "2027-05-17".parse().ok(), ..van }).await, is("valid", "rule_uncertain"));
    }

    async fn apk9_owner_and_garage_say_what_lifts_the_duty(server) {
        let garage = server.garage("apk9").await;
        let (driver, _, car) = garage.driver("jan@apk9.example").await;
        let plate = garage.plate_of(&car).await;
        let path = format!("/v1/passports/{car}/apk/lift");
        let set = async |actor: &Actor<'_>, reason: Value| actor.put(&path, json!({ "reason": reason })).await;
        let status = async || apk(&driver, &car).await["status"].as_str().unwrap().to_owned();
        let old = RegisterData { open_recall: Some(false), registered_on: "2020-01-02".parse().ok(), ..kombi("2026-02-17") };
        server.told(&plate, Some(&old));
        let reasons = async || driver.get(&format!("/v1/passports/{car}/status")).await.ok()["carStatus"].clone();
        assert_eq!((status().await.as_str(), reasons().await), ("expired", json!("urgent")));
        // The owner suspends the registration.
        let told = set(&driver, json!("suspended")).await.ok()["lift"].clone();
        assert_eq!((&told["reason"], &told["enteredAt"]), (&json!("suspended"), &json!(server.now().to_string())));
        assert!(told["enteredBy"]["id"].is_string());
        let shown = apk(&driver, &car).await;
        assert_eq!((&shown["status"], &shown["why"]["code"], &shown["lift"]), (&json!("suspended"), &json!("suspended"), &told));
        assert_eq!((&shown["expiresOn"], &shown["inspectableFrom"]), (&json!("2026-02-17"), &Value::Null));
        // The car is not judged by it, and nobody is warned of an APK or of an insurance that it need not have.
        assert_ne!(reasons().await, "urgent");
        let vehicle = driver.get(&format!("/v1/passports/{car}/registration")).await.ok()["vehicle"].clone();
        assert_eq!((&vehicle["apk"]["status"], &vehicle["warnings"]), (&json!("suspended"), &json!([])));
        // A mechanic says that it is in stock, in its place; and that it no longer is.
        assert_eq!(set(&garage.mechanic, json!("dealer_stock")).await.ok()["lift"]["enteredBy"]["name"], "mechanic of apk9");
        assert_eq!(apk(&garage.admin, &car).await["why"]["code"], "dealer_stock");
        assert!(apk(&driver, &car).await["lift"]["enteredBy"].is_null(), "who works at the garage is the garage's");
        // Who says nothing ends nothing.
        driver.put(&path, json!({})).await.wrong(&["#/reason required"]);
        assert_eq!(apk(&driver, &car).await["lift"]["reason"], "dealer_stock");
        assert_eq!(set(&garage.mechanic, Value::Null).await.ok(), json!({ "lift": null }));
        assert_eq!((status().await.as_str(), reasons().await), ("expired", json!("urgent")));
        // Registered in another's name, it is no longer suspended.
        set(&driver, json!("suspended")).await.ok();
        server.told(&plate, Some(&RegisterData { registered_on: "2026-03-01".parse().ok(), ..old }));
        assert_eq!((status().await.as_str(), reasons().await), ("expired", json!("urgent")));
        assert!(apk(&driver, &car).await["lift"].is_null());
        let changes = garage.events().await.iter().filter(|(_, kind)| kind == "apk_lift_changed").count();
        assert_eq!(changes, 4);
    }

    async fn apk9_who_may_say_it_and_of_what(server) {
        let garage = server.garage("apk9b").await;
        let other = server.garage("apk9c").await;
        let (driver, _, car) = garage.driver("jan@apk9b.example").await;
        let plate = garage.plate_of(&car).await;
        let path = format!("/v1/passports/{car}/apk/lift");
        let set = async |actor: &Actor<'_>, reason: &str| actor.put(&path, json!({ "reason": reason })).await;
        server.told(&plate, Some(&kombi("2027-05-17")));
        set(&garage.advisor, "own_grounds").await.problem(409, "apk_lift_tractors_only");
        let tractor = RegisterData { kind: Some(VehicleKind::Tractor), max_speed_m_per_h: Some(50_000), ..kombi("2027-05-17") };
        server.told(&plate, Some(&tractor));
        // How a tractor is used the garage judges, and takes back.
        set(&driver, "own_grounds").await.problem(403, "staff_only");
        set(&garage.advisor, "own_grounds").await.ok();
        let told = apk(&driver, &car).await;
        assert_eq!((&told["status"], &told["why"]["code"]), (&json!("not_subject"), &json!("own_grounds")));
        set(&driver, "suspended").await.problem(403, "staff_only");
        set(&garage.advisor, "suspended").await.ok();
        set(&other.admin, "suspended").await.problem(404, "not_found");
        server.anonymous().put(&path, json!({ "reason": "suspended" })).await.problem(401, "unauthenticated");
        driver.put(&path, json!({ "reason": "exported" })).await.wrong(&["#/reason unknown_value"]);
        // Of a car in a fleet, the fleet's account is the owner.
        let fleet = garage.fleet("fleet-apk9b").await;
        let (user, fleet_car) = garage.fleet_car(&fleet, "piet@apk9b.example").await;
        let of_fleet = format!("/v1/passports/{fleet_car}/apk/lift");
        user.put(&of_fleet, json!({ "reason": "suspended" })).await.problem(403, "only_owner_may_decide");
        fleet.account.put(&of_fleet, json!({ "reason": "suspended" })).await.ok();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        set(&garage.admin, "suspended").await.problem(409, "passport_archived");
    }

    async fn r17_a_foreign_plate_has_no_dutch_duty(server) {
        let garage = server.garage("r17b").await;
        let customer = garage.customer("jan@r17b.example").await;
        let body = json!({ "licencePlate": { "number": "M-AB 123", "country": "DE" }, "customerId": customer });
        let car = garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        let told = apk(&garage.admin, &car).await;
        assert_eq!((told["status"].as_str(), told["why"]["code"].as_str()), (Some("not_subject"), Some("foreign")));
        assert_eq!(told["registerStatus"], "not_covered");
    }

    async fn r21_a_garage_is_ahead_of_the_register_until_it_catches_up(server) {
        let garage = server.garage("r21").await;
        let (driver, _, car) = garage.driver("jan@r21.example").await;
        let plate = garage.plate_of(&car).await;
        server.told(&plate, Some(&kombi("2026-03-17")));
        server.pass_idle(SignedDuration::from_mins(1));
        let made = enter(&garage.mechanic, &car, "2027-03-17").await;
        let location = made.header("location").to_owned();
        let entry = made.created();
        let expected = json!({
            "id": entry["id"], "expiresOn": "2027-03-17", "inspectedOn": null, "enteredAt": server.now().to_string(),
            "enteredBy": { "id": entry["enteredBy"]["id"], "name": "mechanic of r21" }, "warnings": [],
        });
        assert_eq!(entry, expected);
        assert_eq!((garage.admin.get(&location).await.ok(), location), (expected.clone(), format!("/v1/passports/{car}/apk/entries/{}", entry["id"].as_str().unwrap())));
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-17", "garage"));
        assert_eq!(apk(&garage.advisor, &car).await["entry"], expected);
        // Who works at the garage is the garage's; that it was entered is not.
        let seen = apk(&driver, &car).await["entry"].clone();
        assert_eq!((seen["id"].clone(), seen["enteredBy"].clone()), (entry["id"].clone(), Value::Null));
        // A refresh that still brings the old date undoes nothing.
        server.pass_idle(SignedDuration::from_mins(1));
        assert!(server.told(&plate, Some(&kombi("2026-03-17"))).is_empty());
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-17", "garage"));
        // A mistake is mended by another entry.
        enter(&garage.mechanic, &car, "2027-03-16").await.created();
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-16", "garage"));
        server.pass_idle(SignedDuration::from_mins(1));
        server.told(&plate, Some(&kombi("2027-03-17")));
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-17", "register"));
        assert!(apk(&driver, &car).await["entry"].is_null());
        let all = driver.get(&format!("/v1/passports/{car}/apk/entries")).await.items();
        assert_eq!(all.iter().map(|one| one["expiresOn"].as_str().unwrap()).collect::<Vec<_>>(), ["2027-03-17", "2027-03-16"]);
        assert!(all.iter().all(|one| one["enteredBy"].is_null()));
        assert_eq!(garage.events().await.iter().filter(|(_, kind)| kind == "apk_date_entered").count(), 2);
    }

    async fn r21_a_car_that_the_register_does_not_know_has_the_garages_date(server) {
        let garage = server.garage("r21b").await;
        let (driver, _, car) = garage.driver("jan@r21b.example").await;
        server.told(&garage.plate_of(&car).await, None);
        enter(&garage.admin, &car, "2026-04-25").await.created();
        let told = apk(&driver, &car).await;
        assert_eq!((told["status"].as_str(), told["source"].as_str(), told["registerStatus"].as_str()), (Some("inspectable"), Some("garage"), Some("unknown")));
        assert_eq!((told["inspectableFrom"].as_str(), &told["why"]), (Some("2026-02-25"), &Value::Null));
    }

    async fn r21_the_registers_first_answer_does_not_undo_what_was_entered_before_it(server) {
        let garage = server.garage("r21d").await;
        let (driver, _, car) = garage.driver("jan@r21d.example").await;
        let plate = garage.plate_of(&car).await;
        enter(&garage.mechanic, &car, "2027-03-17").await.created();
        server.pass_idle(SignedDuration::from_mins(1));
        // The register was not asked before, and is late: it still gives the old date.
        server.told(&plate, Some(&kombi("2026-03-17")));
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-17", "garage"));
        server.pass_idle(SignedDuration::from_mins(1));
        server.told(&plate, Some(&kombi("2027-03-18")));
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-18", "register"));
    }

    async fn r11_what_the_register_told_last_stands_while_it_is_silent(server) {
        let garage = server.garage("r11").await;
        let (driver, _, car) = garage.driver("jan@r11.example").await;
        let plate = garage.plate_of(&car).await;
        server.told(&plate, Some(&kombi("2027-05-17")));
        server.pass_idle(SignedDuration::from_mins(1));
        server.told(&plate, None);
        let since = server.now().to_string();
        server.pass_idle(SignedDuration::from_mins(1));
        server.told(&plate, None);
        let told = apk(&driver, &car).await;
        assert_eq!((told["expiresOn"].as_str(), told["registerStatus"].as_str(), told["staleSince"].as_str()), (Some("2027-05-17"), Some("stale"), Some(since.as_str())));
    }

    async fn r22_dates_that_cannot_be(server) {
        let garage = server.garage("r22").await;
        let (driver, _, car) = garage.driver("jan@r22.example").await;
        let plate = garage.plate_of(&car).await;
        garage.mechanic.patch(&format!("/v1/passports/{car}"), json!({ "year": 2013 })).await.ok();
        enter(&garage.mechanic, &car, "2012-12-31").await.problem(409, "apk_date_before_first_admission");
        enter(&garage.mechanic, &car, "2013-01-01").await.created();
        // The register knows the day.
        server.told(&plate, Some(&kombi("2027-05-17")));
        enter(&garage.mechanic, &car, "2013-05-16").await.problem(409, "apk_date_before_first_admission");
        enter(&garage.mechanic, &car, "2030-04-25").await.created();
        enter(&garage.mechanic, &car, "2030-04-26").await.problem(400, "apk_date_too_far");
        let path = format!("/v1/passports/{car}/apk/entries");
        for (body, wrong) in [
            (json!({ "expiresOn": 2027 }), "#/expiresOn wrong_type"),
            (json!({ "inspectedOn": "2026-02-30" }), "#/inspectedOn date_invalid"),
            (json!({ "expiresOn": "20270517" }), "#/expiresOn date_invalid"),
            (json!({ "expiresOn": "2027-02-29" }), "#/expiresOn date_invalid"),
            (json!({ "expiresOn": "2027-05-17", "source": "register" }), "#/source unknown_property"),
        ] {
            garage.mechanic.post(&path, body).await.wrong(&[wrong]);
        }
        for empty in [json!({}), json!({ "expiresOn": null })] {
            garage.mechanic.post(&path, empty).await.problem(400, "apk_entry_empty");
        }
        enter(&driver, &car, "2027-05-17").await.problem(403, "staff_only");
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        enter(&garage.admin, &car, "2027-05-17").await.problem(409, "passport_archived");
        assert_eq!(garage.admin.get(&path).await.items().len(), 2);
    }

    async fn apk11_inspected_today_and_passed_is_enough(server) {
        let garage = server.garage("apk11").await;
        let (driver, _, car) = garage.driver("jan@apk11.example").await;
        let plate = garage.plate_of(&car).await;
        let path = format!("/v1/passports/{car}/apk/entries");
        let inspected = async |on: &str| garage.mechanic.post(&path, json!({ "inspectedOn": on })).await;
        // Nothing is known of the car yet.
        inspected("2026-02-24").await.problem(409, "apk_expiry_not_computable");
        server.told(&plate, Some(&kombi("2026-03-17")));
        server.pass_idle(SignedDuration::from_mins(1));
        inspected("2026-02-26").await.problem(400, "apk_inspection_in_future");
        let entry = inspected("2026-02-24").await.created();
        assert_eq!((&entry["expiresOn"], &entry["warnings"]), (&json!("2027-03-17"), &json!([])));
        assert_eq!(entry["inspectedOn"], "2026-02-24");
        assert_eq!(apk(&driver, &car).await["entry"]["inspectedOn"], "2026-02-24");
        assert_eq!(stands(&driver, &car).await, as_told("valid", "2027-03-17", "garage"));
        // The year is a slip of the pen: it is entered, and questioned.
        server.told(&plate, Some(&kombi("2026-03-18")));
        server.pass_idle(SignedDuration::from_mins(1));
        let odd = garage.mechanic.post(&path, json!({ "expiresOn": "2028-03-18" })).await.created();
        assert_eq!(odd["warnings"][0]["code"], "apk_date_not_by_law");
        assert_eq!(odd["warnings"][0]["detail"], "is not a date that the law gives for a recent inspection of this car");
        let entry = garage.mechanic.get(&format!("{path}/{}", odd["id"].as_str().unwrap())).await.ok();
        assert_eq!((&entry["expiresOn"], &entry["warnings"]), (&json!("2028-03-18"), &json!([])));
        assert_eq!(entry["inspectedOn"], Value::Null, "nobody said it");
        let both = json!({ "inspectedOn": "2026-02-20", "expiresOn": "2027-02-20" });
        let told = garage.mechanic.send("POST", &path, &[("content-type", "application/json"), ("accept-language", "nl")], Some(both.to_string().into_bytes())).await.created();
        assert_eq!(told["warnings"][0]["detail"], "is geen datum die de wet geeft voor deze auto en een keuring op die dag");
        let listed = garage.mechanic.get(&path).await.items();
        let days: Vec<_> = listed.iter().map(|one| one["inspectedOn"].as_str()).collect();
        assert_eq!(days, [Some("2026-02-24"), None, Some("2026-02-20")]);
    }

    async fn p8_a_car_that_comes_back_has_the_dates_that_were_entered(server) {
        let garage = server.garage("p8apk").await;
        let (_, customer, car) = garage.driver("jan@p8apk.example").await;
        let number = garage.plate_of(&car).await;
        let entry = enter(&garage.mechanic, &car, "2027-01-10").await.created();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let body = json!({ "licencePlate": { "number": number }, "customerId": customer });
        let again = garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        let entries = garage.admin.get(&format!("/v1/passports/{again}/apk/entries")).await.items();
        assert_eq!(entries, std::slice::from_ref(&entry));
        let one = garage.admin.get(&format!("/v1/passports/{again}/apk/entries/{}", entry["id"].as_str().unwrap())).await.ok();
        assert_eq!((&one, apk(&garage.admin, &again).await["expiresOn"].as_str()), (&entry, Some("2027-01-10")));
    }

    async fn t9_the_apk_goes_with_the_car(server) {
        let garage = server.garage("t9a").await;
        let other = server.garage("t9b").await;
        let (former, _, car) = garage.driver("former@t9a.example").await;
        let (_, _, second) = garage.driver("second@t9a.example").await;
        let entry = enter(&garage.admin, &car, "2027-03-17").await.created();
        let entry = entry["id"].as_str().unwrap();
        let paths = ["apk".to_owned(), "apk/entries".to_owned(), format!("apk/entries/{entry}")].map(|path| format!("/v1/passports/{car}/{path}"));
        for path in &paths {
            former.get(path).await.ok();
            other.admin.get(path).await.problem(404, "not_found");
            server.anonymous().get(path).await.problem(401, "unauthenticated");
        }
        enter(&other.admin, &car, "2027-03-17").await.problem(404, "not_found");
        // An entry is found at its own car alone.
        garage.admin.get(&format!("/v1/passports/{second}/apk/entries/{entry}")).await.problem(404, "not_found");
        garage.admin.get(&format!("/v1/passports/{car}/apk/entries/{UNKNOWN}")).await.problem(404, "not_found");
        garage.admin.get("/v1/passports/x/apk/entries/y").await.wrong(&["id uuid_invalid", "entryId uuid_invalid"]);
        let id = former.offer(&car, "new_owner", "new@t9a.example").await.created()["id"].as_str().unwrap().to_owned();
        let owner = server.join("new@t9a.example").await;
        owner.act(&format!("/v1/transfers/{id}/accept")).await.ok();
        for path in &paths {
            former.get(path).await.problem(404, "not_found");
            owner.get(path).await.ok();
        }
        assert_eq!(stands(&owner, &car).await, as_told("valid", "2027-03-17", "garage"));
    }

    async fn entries_come_in_pages_and_once(server) {
        let garage = server.garage("r21c").await;
        let (_, _, car) = garage.driver("jan@r21c.example").await;
        let path = format!("/v1/passports/{car}/apk/entries");
        for month in 1..=5 {
            enter(&garage.mechanic, &car, &format!("2027-0{month}-01")).await.created();
        }
        let first = garage.mechanic.get(&format!("{path}?limit=3")).await;
        let cursor = first.body["nextCursor"].as_str().unwrap().to_owned();
        let rest = garage.mechanic.get(&format!("{path}?limit=3&cursor={cursor}")).await;
        let months: Vec<_> = first.items().into_iter().chain(rest.items()).map(|one| one["expiresOn"].as_str().unwrap()[5..7].to_owned()).collect();
        assert_eq!((months.as_slice(), &rest.body["nextCursor"]), (["01", "02", "03", "04", "05"].map(String::from).as_slice(), &Value::Null));
        let headers = [("content-type", "application/json"), ("idempotency-key", "r21c")];
        let post = async |day: &str| garage.mechanic.send("POST", &path, &headers, Some(json!({ "expiresOn": day }).to_string().into_bytes())).await;
        let (one, again) = (post("2027-06-01").await.created(), post("2027-06-01").await.created());
        assert_eq!(one, again);
        post("2027-06-02").await.problem(422, "idempotency_key_reused");
        assert_eq!(garage.mechanic.get(&path).await.items().len(), 6);
        server.pass_idle(SignedDuration::from_mins(1));
        assert!(garage.mechanic.get(&format!("{path}?updatedSince={}", server.now())).await.items().is_empty());
    }
}
