//! The APK over HTTP: rules APK1 to APK10 as they are shown, R17, R21 and R22, and T9.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, kombi},
};
use domain::{apk::VehicleKind, register::RegisterData};
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
        let next = |from: &str, by: &str, until: &str| json!({ "inspectFrom": from, "inspectBy": by, "expiresOn": until, "why": why });
        let expected = json!({
            "status": "valid", "expiresOn": "2027-05-17", "source": "register", "inspectableFrom": "2027-03-17",
            "next": [next("2027-03-17", "2027-05-17", "2028-05-17"), next("2028-03-17", "2028-05-17", "2029-05-17")],
            "exemptFrom": "2063-05-17", "why": why, "missing": [], "entry": null, "registerStatus": "known", "staleSince": null,
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
            "id": entry["id"], "expiresOn": "2027-03-17", "enteredAt": server.now().to_string(),
            "enteredBy": { "id": entry["enteredBy"]["id"], "name": "mechanic of r21" },
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
            (json!({}), "#/expiresOn required"),
            (json!({ "expiresOn": null }), "#/expiresOn wrong_type"),
            (json!({ "expiresOn": "20270517" }), "#/expiresOn date_invalid"),
            (json!({ "expiresOn": "2027-02-29" }), "#/expiresOn date_invalid"),
            (json!({ "expiresOn": "2027-05-17", "source": "register" }), "#/source unknown_property"),
        ] {
            garage.mechanic.post(&path, body).await.wrong(&[wrong]);
        }
        enter(&driver, &car, "2027-05-17").await.problem(403, "staff_only");
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        enter(&garage.admin, &car, "2027-05-17").await.problem(409, "passport_archived");
        assert_eq!(garage.admin.get(&path).await.items().len(), 2);
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
