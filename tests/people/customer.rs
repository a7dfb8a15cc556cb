//! Customers over HTTP.

use crate::both;
use serde_json::{Value, json};

both! {
    async fn cu1_a_record_is_made_read_changed_and_deleted(server) {
        let garage = server.garage("crud").await;
        let body = json!({
            "kind": "person", "name": " Zoë de Jong ", "email": "Zoe@crud.example", "mobile": "+31 6 1234 5678",
            "address": { "street": "Dorpsstraat 1", "postcode": "1234 AB", "place": "Zaandam", "country": "nl" },
            "drivingBehaviour": { "kmPerYear": 18000, "usage": "commute" }, "notes": "Belt\nna negen."
        });
        let made = garage.advisor.post("/v1/customers", body).await;
        let path = made.header("location").to_owned();
        let made = made.created();
        assert_eq!((made["name"].as_str(), made["mobile"].as_str(), made["address"]["country"].as_str()), (Some("Zoë de Jong"), Some("+31612345678"), Some("NL")));
        let changed = garage.advisor.patch(&path, json!({ "mobile": null, "drivingBehaviour": { "kmPerYear": 20000 } })).await.ok();
        assert_eq!((&changed["mobile"], &changed["drivingBehaviour"]["usage"], changed["email"].as_str()), (&Value::Null, &Value::Null, Some("Zoe@crud.example")));
        garage.advisor.patch(&path, json!({ "name": null })).await.wrong(&["#/name wrong_type"]);
        let etag = garage.advisor.get(&path).await.etag();
        garage.advisor.change("DELETE", &path, "\"1\"", Value::Null).await.problem(412, "precondition_failed");
        garage.advisor.change("DELETE", &path, &etag, Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        garage.advisor.get(&path).await.problem(404, "not_found");
    }

    async fn a_change_that_changes_nothing_is_none(server) {
        let garage = server.garage("same").await;
        let path = format!("/v1/customers/{}", garage.customer("jan@same.example").await);
        let before = (garage.admin.get(&path).await.etag(), garage.events().await.len());
        for body in [json!({}), json!({ "email": "jan@same.example" })] {
            garage.admin.patch(&path, body).await.ok();
            assert_eq!((garage.admin.get(&path).await.etag(), garage.events().await.len()), before);
        }
        assert_eq!(garage.admin.patch(&path, json!({ "email": "Jan@same.example" })).await.ok()["email"], "Jan@same.example");
    }

    async fn cu2_a_record_in_use_stays(server) {
        let garage = server.garage("inuse").await;
        let customer = garage.customer("jan@inuse.example").await;
        let passport = garage.invited_passport(&customer).await;
        let path = format!("/v1/customers/{customer}");
        garage.admin.change("DELETE", &path, "*", Value::Null).await.problem(409, "customer_has_passports");
        garage.admin.act(&format!("/v1/passports/{passport}/archive")).await.ok();
        garage.admin.change("DELETE", &path, "*", Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert!(garage.admin.get(&format!("/v1/passports/{passport}")).await.ok()["customer"].is_null());
    }

    async fn search_finds_by_the_beginnings_of_words(server) {
        let garage = server.garage("find").await;
        for (name, place) in [("Zoë de Jong", "Zaandam"), ("Bakkerij Jansen", "Assen"), ("Jan Zandstra", "Zaandam")] {
            let body = json!({ "kind": "person", "name": name, "address": { "place": place, "country": "NL" } });
            garage.admin.post("/v1/customers", body).await.created();
        }
        let names = async |query: &str| -> Vec<String> {
            let found = garage.mechanic.get(&format!("/v1/customers?search={query}")).await.items();
            found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("zoe").await, ["Zoë de Jong"]);
        assert_eq!(names("JAN").await, ["Bakkerij Jansen", "Jan Zandstra"]);
        assert_eq!(names("zaan%20jo").await, ["Zoë de Jong"]);
        assert_eq!(names("andstra").await, Vec::<String>::new());
        assert_eq!(names("zaan%20%25").await, ["Jan Zandstra", "Zoë de Jong"], "a sign that is no word changes nothing");
    }
}
