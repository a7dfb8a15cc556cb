//! The garage over HTTP.

use crate::both;
use serde_json::json;

both! {
    async fn ga1_the_admin_changes_the_garage(server) {
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
