//! The garage and its staff over HTTP.

use crate::both;
use reqwest::StatusCode;
use serde_json::{Value, json};

both! {
    async fn the_admin_changes_the_garage(server) {
        let garage = server.garage("own").await;
        let changed = garage.admin.patch("/v1/garage", json!({ "chain": "Vakgarage", "phone": "+31201234567" })).await.ok();
        assert_eq!((changed["chain"].as_str(), changed["name"].as_str()), (Some("Vakgarage"), Some("Garage own")));
        garage.advisor.patch("/v1/garage", json!({ "chain": null })).await.problem(403, "admin_only");
        let before = (garage.admin.get("/v1/garage").await.etag(), garage.events().await.len());
        garage.admin.patch("/v1/garage", json!({})).await.ok();
        garage.admin.patch("/v1/garage", json!({ "chain": "Vakgarage" })).await.ok();
        assert_eq!((garage.admin.get("/v1/garage").await.etag(), garage.events().await.len()), before, "nothing changed");
        garage.admin.patch("/v1/garage", json!({ "email": "INFO@own.example" })).await.ok();
        assert_eq!(garage.admin.get("/v1/garage").await.ok()["email"], "INFO@own.example", "the spelling is theirs");
        let (driver, ..) = garage.driver("jan@own.example").await;
        driver.get("/v1/garage").await.problem(403, "wrong_account_kind");
    }

    async fn colleagues_come_and_go(server) {
        let garage = server.garage("staff").await;
        let body = json!({ "email": "kees@staff.example", "name": "Kees Smit", "role": "mechanic" });
        garage.mechanic.post("/v1/garage/staff", body.clone()).await.problem(403, "admin_only");
        let made = garage.admin.post("/v1/garage/staff", body.clone()).await.created();
        let path = format!("/v1/garage/staff/{}", made["id"].as_str().unwrap());
        garage.admin.post("/v1/garage/staff", body).await.problem(409, "email_in_use");
        garage.admin.act(&format!("{path}/invitation")).await.expect(StatusCode::ACCEPTED);
        let kees = server.join("kees@staff.example").await;
        garage.admin.act(&format!("{path}/invitation")).await.problem(409, "staff_already_active");
        kees.get("/v1/passports").await.ok();
        kees.post("/v1/customers", json!({ "kind": "person", "name": "X" })).await.problem(403, "advisor_only");
        garage.admin.patch(&path, json!({ "role": "advisor" })).await.ok();
        kees.post("/v1/customers", json!({ "kind": "person", "name": "X" })).await.created();
        garage.admin.change("DELETE", &path, "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        kees.get("/v1/passports").await.problem(401, "unauthenticated");
        assert_eq!(garage.admin.get("/v1/garage/staff").await.items().len(), 3);
    }

    async fn a_garage_keeps_an_admin(server) {
        let garage = server.garage("last").await;
        let me = garage.admin.get("/v1/account").await.ok()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/garage/staff/{me}");
        garage.admin.patch(&path, json!({ "role": "mechanic" })).await.problem(409, "last_admin");
        garage.admin.change("DELETE", &path, "*", Value::Null).await.problem(409, "last_admin");
    }

    async fn an_account_keeps_its_settings(server) {
        let garage = server.garage("settings").await;
        let etag = garage.admin.get("/v1/account").await.etag();
        garage.admin.patch("/v1/account", json!({})).await.ok();
        assert_eq!(garage.admin.get("/v1/account").await.etag(), etag, "nothing changed");
        let changed = garage.admin.patch("/v1/account", json!({ "language": "en", "name": "Anna" })).await.ok();
        assert_eq!((changed["language"].as_str(), changed["name"].as_str(), changed["role"].as_str()), (Some("en"), Some("Anna"), Some("admin")));
    }

    async fn currency_and_country_are_ones_that_there_are(server) {
        let garage = server.garage("money").await;
        for unknown in ["ZZZ", "XAU", "BGN"] {
            garage.admin.patch("/v1/garage", json!({ "currency": unknown })).await.wrong(&["#/currency currency_invalid"]);
        }
        let elsewhere = json!({ "address": { "country": "ZZ" } });
        garage.admin.patch("/v1/garage", elsewhere).await.wrong(&["#/address/country country_invalid"]);
        let body = json!({ "currency": "PLN", "address": { "country": "pl" } });
        let moved = garage.admin.patch("/v1/garage", body).await.ok();
        assert_eq!((&moved["currency"], &moved["address"]["country"]), (&json!("PLN"), &json!("PL")));
    }
}
