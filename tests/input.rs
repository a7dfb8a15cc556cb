//! Bad input: each kind gets a clear answer that names the place and the rule, and nothing is stored.

use crate::both;
use serde_json::{Value, json};

const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

both! {
    async fn bodies_that_cannot_be_read(server) {
        let garage = server.garage("bodies").await;
        let send = async |content_type: &str, body: &[u8]| {
            garage.admin.send("POST", "/v1/customers", &[("content-type", content_type)], Some(body.to_vec())).await
        };
        for malformed in [&b"{"[..], b"", b"[]", b"null", b"\"text\"", b"{\"name\": \"\xff\xfe\"}", b"{\"a\":1}}"] {
            send("application/json", malformed).await.problem(400, "malformed_json");
        }
        let deep = "[".repeat(10_000);
        send("application/json", format!("{{\"name\":{deep}").as_bytes()).await.problem(400, "malformed_json");
        for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            send(content_type, b"{}").await.problem(415, "unsupported_media_type");
        }
        send("application/json", format!("{{\"name\":\"{}\"}}", "x".repeat(70_000)).as_bytes()).await.problem(413, "payload_too_large");
        send("application/json; charset=utf-8", b"{\"kind\":\"person\",\"name\":\"Jan\"}").await.created();
    }

    async fn everything_that_is_wrong_is_named_at_once(server) {
        let garage = server.garage("all").await;
        let body = json!({
            "kind": "dog", "email": "no", "mobile": "0612345678", "language": 7, "notes": "x".repeat(4001), "unknown": true,
            "address": { "country": "NLD", "street": "a\u{0}b", "more": 1 }, "drivingBehaviour": { "kmPerYear": -1 },
        });
        garage.admin.post("/v1/customers", body).await.wrong(&[
            "#/kind unknown_value",
            "#/name required",
            "#/email email_invalid",
            "#/mobile phone_invalid",
            "#/address/street control_character",
            "#/address/country country_invalid",
            "#/address/more unknown_property",
            "#/language wrong_type",
            "#/drivingBehaviour/kmPerYear out_of_range",
            "#/notes too_long",
            "#/unknown unknown_property",
        ]);
        for (name, code) in [(json!(""), "blank"), (json!("  "), "blank"), (json!("x".repeat(101)), "too_long"), (json!("a\u{202E}b"), "control_character"), (json!(3), "wrong_type"), (Value::Null, "wrong_type")] {
            garage.admin.post("/v1/customers", json!({ "kind": "person", "name": name })).await.wrong(&[&format!("#/name {code}")]);
        }
        assert!(garage.admin.get("/v1/customers").await.items().is_empty());
    }

    async fn plates(server) {
        let garage = server.garage("plates").await;
        let customer = garage.customer("jan@plates.example").await;
        let new = |number: &str, country: Option<&str>| json!({ "licencePlate": { "number": number, "country": country }, "customerId": customer });
        for (number, country, code) in [
            ("ABC-DE-F", None, "licence_plate_layout"),
            ("123456", None, "licence_plate_layout"),
            ("TT-601-D1", None, "licence_plate_layout"),
            ("ß-601-D", None, "licence_plate_character"),
            ("-", None, "blank"),
            ("ABCDEFGHIJKLM", Some("DE"), "too_long"),
        ] {
            garage.admin.post("/v1/passports", new(number, country)).await.wrong(&[&format!("#/licencePlate/number {code}")]);
        }
        let german = garage.admin.post("/v1/passports", new("b-mw 1234", Some("de"))).await.created();
        assert_eq!(german["licencePlate"], json!({ "country": "DE", "number": "BMW1234", "shown": "BMW1234" }));
        garage.admin.get("/v1/passports?plate=%C3%9F").await.wrong(&["plate licence_plate_character"]);
    }

    async fn parameters(server) {
        let garage = server.garage("params").await;
        for list in ["/v1/passports", "/v1/customers", "/v1/fleets", "/v1/transfers", "/v1/garage/staff", "/v1/auth/sessions"] {
            for (query, expected) in [
                ("limit=0", "limit out_of_range"),
                ("limit=201", "limit out_of_range"),
                ("limit=100000", "limit out_of_range"),
                ("limit=x", "limit wrong_type"),
                ("cursor=nonsense", "cursor cursor_invalid"),
                ("cursor=%00", "cursor cursor_invalid"),
                ("updatedSince=yesterday", "updatedSince instant_invalid"),
                ("sort=name", "#?sort unknown_parameter"),
            ] {
                garage.admin.get(&format!("{list}?{query}")).await.wrong(&[expected]);
            }
            garage.admin.get(&format!("{list}?limit=200")).await.ok();
        }
        // Keys with a NUL in a name, which no list gives.
        for (list, cursor) in [("customers", "WyJhXHUwMDAwIiwiMDE5OWM1ZjItN2QxZS03YzNhLTliMWYtMmY2ZDFjMWU4YTEwIl0"), ("fleets", "W2ZhbHNlLCJhXHUwMDAwIiwiMDE5OWM1ZjItN2QxZS03YzNhLTliMWYtMmY2ZDFjMWU4YTEwIl0")] {
            garage.admin.get(&format!("/v1/{list}?cursor={cursor}")).await.wrong(&["cursor cursor_invalid"]);
        }
        garage.admin.get("/v1/passports?status=nice&fleetId=7&limit=0").await.wrong(&["fleetId uuid_invalid", "status unknown_value", "limit out_of_range"]);
        garage.admin.get("/v1/passports/7").await.wrong(&["id uuid_invalid"]);
        garage.admin.get(&format!("/v1/passports/{UNKNOWN}")).await.problem(404, "not_found");
    }

    async fn ids_of_another_garage_in_every_place(server) {
        let (one, other) = (server.garage("ids").await, server.garage("ids-b").await);
        let fleet = other.fleet("fleet-ids").await;
        let (_, customer, passport) = one.driver("jan@ids.example").await;
        let staff = other.admin.get("/v1/account").await.ok()["id"].as_str().unwrap().to_owned();
        // In a path.
        for path in [
            format!("/v1/customers/{}", fleet.customer), format!("/v1/passports/{}", fleet.manager_passport),
            format!("/v1/passports/{}/custody", fleet.manager_passport), format!("/v1/fleets/{}", fleet.id),
            format!("/v1/fleets/{}/passports", fleet.id), format!("/v1/garage/staff/{staff}"),
        ] {
            one.admin.get(&path).await.problem(404, "not_found");
        }
        for path in [format!("/v1/fleets/{}/close", fleet.id), format!("/v1/fleets/{}/invitation", fleet.id), format!("/v1/passports/{}/archive", fleet.manager_passport)] {
            one.admin.act(&path).await.problem(404, "not_found");
        }
        one.admin.change("PUT", &format!("/v1/passports/{}/fleet", fleet.manager_passport), "*", json!({ "fleetId": fleet.id })).await.problem(404, "not_found");
        // In a body: as if it did not exist, in the same words.
        for id in [fleet.id.as_str(), UNKNOWN] {
            one.admin.link(&passport, id).await.wrong(&["#/fleetId not_found"]);
            let body = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": customer, "fleetId": id });
            one.admin.post("/v1/passports", body).await.wrong(&["#/fleetId not_found"]);
        }
        for id in [fleet.customer.as_str(), UNKNOWN] {
            let body = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": id });
            one.admin.post("/v1/passports", body).await.wrong(&["#/customerId not_found"]);
            one.admin.post("/v1/fleets", json!({ "customerId": id, "email": "x@ids.example", "begin": "invited" })).await.wrong(&["#/customerId not_found"]);
        }
        let body = json!({ "customerId": customer, "managerPassportId": fleet.manager_passport, "email": "x@ids.example", "begin": "invited" });
        one.admin.post("/v1/fleets", body).await.problem(409, "manager_passport_not_active");
        // In a query.
        for query in [format!("fleetId={}", fleet.id), format!("customerId={}", fleet.customer)] {
            assert!(one.admin.get(&format!("/v1/passports?{query}")).await.items().is_empty());
        }
        assert!(one.admin.get(&format!("/v1/transfers?passportId={}", fleet.manager_passport)).await.items().is_empty());
    }

    async fn conditions(server) {
        let garage = server.garage("conditions").await;
        let customer = garage.customer("jan@conditions.example").await;
        let path = format!("/v1/customers/{customer}");
        let body = json!({ "name": "Another" }).to_string().into_bytes();
        let json_type = ("content-type", "application/json");
        garage.admin.send("PATCH", &path, &[json_type], Some(body.clone())).await.problem(428, "precondition_required");
        let etag = garage.admin.get(&path).await.etag();
        garage.admin.send("PATCH", &path, &[json_type, ("if-match", &etag)], Some(body.clone())).await.ok();
        garage.admin.send("PATCH", &path, &[json_type, ("if-match", &etag)], Some(body.clone())).await.problem(412, "precondition_failed");
        garage.admin.send("PATCH", &path, &[("content-type", "application/merge-patch+json"), ("if-match", "*")], Some(body)).await.ok();
    }

    async fn idempotency_keys(server) {
        let garage = server.garage("idem").await;
        let post = async |key: &str, name: &str| {
            let headers = [("content-type", "application/json"), ("idempotency-key", key)];
            let body = json!({ "kind": "person", "name": name }).to_string().into_bytes();
            garage.admin.send("POST", "/v1/customers", &headers, Some(body)).await
        };
        let first = post("key-1", "Jan").await;
        let again = post("key-1", "Jan").await;
        assert_eq!((first.status, &first.body, first.header("location"), first.etag()), (201, &again.body, again.header("location"), again.etag()));
        post("key-1", "Piet").await.problem(422, "idempotency_key_reused");
        post("key-2", "Jan").await.created();
        assert_eq!(garage.admin.get("/v1/customers").await.items().len(), 2);
        post("", "Jan").await.wrong(&["Idempotency-Key idempotency_key_invalid"]);
        // Another's key is another key.
        let headers = [("content-type", "application/json"), ("idempotency-key", "key-1")];
        let body = json!({ "kind": "person", "name": "Other" }).to_string().into_bytes();
        garage.advisor.send("POST", "/v1/customers", &headers, Some(body)).await.created();
        // Many at once are one.
        let mut racing = Vec::new();
        for _ in 0..16 {
            let request = server.client.post(format!("{}/v1/customers", server.url)).bearer_auth(garage.admin.token.clone().unwrap());
            let request = request.header("content-type", "application/json").header("idempotency-key", "key-3").body(r#"{"kind":"person","name":"Once"}"#);
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().json::<Value>().await.unwrap()["id"].clone() }));
        }
        let mut ids = std::collections::HashSet::new();
        for race in racing {
            ids.insert(race.await.unwrap().to_string());
        }
        assert_eq!(ids.len(), 1, "{ids:?}");
    }

    async fn what_the_framework_refuses_is_a_problem_too(server) {
        let garage = server.garage("frame").await;
        for path in ["/v1/nothing", "/v1/passports/", "/nothing", "/v1", "/problems/nothing"] {
            let answer = garage.admin.get(path).await;
            answer.problem(404, "not_found");
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
        let answer = garage.admin.send("PUT", "/v1/passports", &[], None).await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, POST");
        let dutch = garage.admin.send("GET", "/v1/nothing", &[("accept-language", "nl-NL,en;q=0.5")], None).await;
        assert_eq!((dutch.body["title"].as_str(), dutch.header("content-language")), (Some("Hier is niets"), "nl"));
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("api-version", "1.0.0")] {
            assert_eq!(dutch.header(name), value);
        }
        assert_eq!(dutch.body["requestId"].as_str(), Some(dutch.header("x-request-id")));
        let page = garage.admin.get("/problems/not_found").await;
        assert_eq!(page.status, 200);
        let allowed = server.anonymous().send("GET", "/v1/garage", &[("origin", "https://app.autopaspoort.example")], None).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://app.autopaspoort.example");
        let foreign = server.anonymous().send("GET", "/v1/garage", &[("origin", "https://evil.example")], None).await;
        assert_eq!(foreign.header("access-control-allow-origin"), "");
        assert_eq!(server.anonymous().get("/v1/openapi.json").await.header("access-control-allow-origin"), "*");
    }
}
