//! The problems that many operations have, seen at each operation of the document that has them: bodies that cannot be
//! read, conditions, repeats, floods, and a database that is gone, full, broken or busy. And what is over and done with,
//! tried in every way.

use crate::{
    both,
    support::{Answer, Backend, Request, Scene, Server, draft_check, maintained::complete_check, plate},
};
use api::register_client::RegisterAt;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A request of an operation with another body, as the admin.
async fn send_body(scene: &Scene, server: &Server, request: &Request, media: &str, body: Vec<u8>) -> Answer {
    let headers = [("if-match", "*"), ("content-type", media)];
    scene.actor(server, "admin").send(&request.method, &scene.path(request, "admin"), &headers, Some(body)).await
}

/// The operations for everyone, which look at no access token.
const PUBLIC: [&str; 8] = [
    "confirmEmail",
    "confirmPasswordReset",
    "login",
    "previewInvitation",
    "refresh",
    "reportDelivery",
    "requestPasswordReset",
    "sendInvitationElsewhere",
];

both! {
    async fn bodies_that_cannot_be_read_are_refused_everywhere(server) {
        let scene = Scene::prepare(server.backend).await;
        let copy = scene.open().await;
        for request in Scene::operations() {
            let Some(media) = &request.media else { continue };
            let send = async |media: &str, body: &str| send_body(&scene, &copy, &request, media, body.into()).await;
            let refused = send("text/plain", "{}").await;
            let errors = refused.problem(415, "unsupported_media_type").body["errors"].to_string();
            assert!(errors.contains(&format!("'{media}'")) && errors.contains("Content-Type"), "{}: {errors}", request.operation);
            for coding in ["gzip", "br", "identity, deflate"] {
                let headers = [("if-match", "*"), ("content-type", media.as_str()), ("content-encoding", coding)];
                let path = scene.path(&request, "admin");
                let packed = scene.actor(&copy, "admin").send(&request.method, &path, &headers, Some(b"{}".to_vec())).await;
                let errors = packed.problem(415, "unsupported_media_type").body["errors"].to_string();
                assert!(errors.contains("Content-Encoding") && !errors.contains("Content-Type"), "{}: {errors}", request.operation);
            }
            // The lines of a stream are judged one by one.
            if media == "application/json" {
                send(media, "{").await.problem(400, "malformed_json");
                // Longer than the longest body that any of them takes.
                send(media, &json!({ "name": "x".repeat(300_000) }).to_string()).await.problem(413, "payload_too_large");
                let answer = send(media, &json!({ "nonsense": 1 }).to_string()).await;
                answer.problem(400, "invalid_request");
                assert!(answer.body["errors"].to_string().contains("#/nonsense"), "{}", request.operation);
            }
        }
        copy.stop().await;
        scene.close().await;
    }

    async fn bad_parameters_and_tokens_are_refused_everywhere(server) {
        let scene = Scene::prepare(server.backend).await;
        let copy = scene.open().await;
        for request in Scene::operations() {
            let headers = [("if-match", "*"), ("content-type", request.media.as_deref().unwrap_or_default())];
            let headers = if request.media.is_some() { &headers[..] } else { &headers[..1] };
            let body = scene.bytes(&request, "admin");
            let path = scene.path(&request, "admin");
            let mut actor = scene.actor(&copy, "admin");
            let odd = format!("{path}?nonsense=1");
            actor.send(&request.method, &odd, headers, body.clone()).await.wrong(&["nonsense unknown_parameter"]);
            let bad_key = [headers, &[("idempotency-key", "not visible")]].concat();
            actor.send(&request.method, &path, &bad_key, body.clone()).await.wrong(&["Idempotency-Key idempotency_key_invalid"]);
            // What is for everyone does not look at a token.
            if !PUBLIC.contains(&request.operation.as_str()) {
                actor.token = Some("nonsense".into());
                actor.send(&request.method, &path, headers, body).await.problem(401, "unauthenticated");
            }
        }
        copy.stop().await;
        scene.close().await;
    }

    async fn conditions_are_kept_everywhere(server) {
        let scene = Scene::prepare(server.backend).await;
        let copy = scene.open().await;
        for request in Scene::operations() {
            let Some(needed) = request.if_match else { continue };
            let stale = async |name: &str| scene.send_with(&copy, name, &request, &[("if-match", "\"0\"")]).await.status;
            let mut may = None;
            for name in ["admin", "fleet", "recipient", "driver", "stranger"] {
                if may.is_none() && stale(name).await == 412 {
                    may = Some(name);
                }
            }
            let may = may.unwrap_or_else(|| panic!("{} heeds no stale version", request.operation));
            scene.send_with(&copy, may, &request, &[("if-match", "\"0\"")]).await.problem(412, "precondition_failed");
            if needed {
                scene.send_with(&copy, may, &request, &[]).await.problem(428, "precondition_required");
            }
        }
        copy.stop().await;
        scene.close().await;
    }

    async fn a_key_belongs_to_one_request(server) {
        let scene = Scene::prepare(server.backend).await;
        let copy = scene.open().await;
        let key = ("idempotency-key", "used");
        let first = |request: &&Request| request.operation == "createCustomer";
        let operations = Scene::operations();
        scene.send_with(&copy, "admin", operations.iter().find(first).unwrap(), &[key]).await.created();
        // What is for everyone keeps its keys apart: they belong to what the sender knows.
        let heeds = |request: &&Request| request.method == "POST" && !PUBLIC.contains(&request.operation.as_str()) && request.operation != "lookUpVehicles";
        for request in operations.iter().filter(heeds).filter(|request| !first(request)) {
            scene.send_with(&copy, "admin", request, &[key]).await.problem(422, "idempotency_key_reused");
        }
        copy.stop().await;
        scene.close().await;
    }

    async fn floods_are_stopped_everywhere(server) {
        let scene = Scene::prepare(server.backend).await;
        let copy = scene.open_with(|settings| settings.requests_per_minute = Some(1)).await;
        scene.actor(&copy, "admin").get("/v1/account").await.ok();
        for request in Scene::operations() {
            scene.send(&copy, "admin", &request).await.problem(429, "too_many_requests");
        }
        copy.stop().await;
        scene.close().await;
    }

    async fn who_would_wait_in_vain_is_told_so_everywhere(server) {
        let scene = Scene::prepare(server.backend).await;
        // The register's refresh would keep a connection for itself.
        let copy = scene.open_with(|settings| settings.vehicle_register.at = RegisterAt::Off).await;
        let busy = copy.fill().await;
        for request in Scene::operations() {
            scene.send(&copy, "admin", &request).await.problem(503, "overloaded");
        }
        // Some lose their patience before.
        assert!(busy.end().await.iter().any(Result::is_ok));
        copy.stop().await;
        scene.close().await;
    }
}

#[actix_web::test]
async fn a_database_that_is_gone_or_broken_is_told_everywhere() {
    let scene = Scene::prepare(Backend::Postgres).await;
    let copy = scene.open().await;
    copy.set_database_reachable(false);
    // Each waits two seconds for a connection, so not all are tried: a query, a command, and one without signing in.
    for tried in ["listPassports", "updateGarage", "login"] {
        let request = Scene::operations().into_iter().find(|request| request.operation == tried).unwrap();
        scene.send(&copy, "admin", &request).await.problem(503, "database_unavailable");
    }
    copy.set_database_reachable(true);
    copy.stop().await;
    let copy = scene.open().await;
    copy.lose_tables();
    for request in Scene::operations() {
        scene.send(&copy, "admin", &request).await.problem(500, "internal_error");
    }
    copy.stop().await;
    scene.close().await;
}

#[actix_web::test]
async fn a_database_that_stores_nothing_is_told_everywhere() {
    let scene = Scene::prepare(Backend::Postgres).await;
    let copy = scene.open().await;
    copy.set_database_read_only();
    // What only reads stores nothing.
    let stores = |request: &&Request| {
        request.method != "GET"
            && !["previewInvitation", "inviteGarage", "lookUpVehicles"].contains(&request.operation.as_str())
    };
    for request in Scene::operations().iter().filter(stores) {
        let mut full = false;
        for name in ["admin", "fleet", "recipient", "stranger", "anonymous"] {
            full |= scene.send(&copy, name, request).await.body["code"] == "storage_full";
        }
        assert!(full, "{} can store nothing, and does not say so", request.operation);
    }
    copy.stop().await;
    scene.close().await;
}

both! {
    async fn an_archived_passport_can_only_be_read(server) {
        let garage = server.garage("archived").await;
        let fleet = garage.fleet("fleet-archived").await;
        let (_, _, car) = garage.driver("jan@archived.example").await;
        let path = format!("/v1/passports/{car}");
        // A draft would be discarded with the passport.
        let check = draft_check(&garage.mechanic, &car).await;
        complete_check(&garage.mechanic, &car, &check).await;
        let advice = json!({ "task": "tyres", "urgency": "urgent" });
        let advised = garage.admin.post(&format!("{path}/recommendations"), advice.clone()).await.id();
        garage.admin.act(&format!("{path}/archive")).await.ok();
        let commands = [
            ("PATCH", "", json!({ "make": "New" })),
            ("POST", "/archive", Value::Null),
            ("POST", "/garage-invitation", Value::Null),
            ("POST", "/invitation", Value::Null),
            ("POST", "/revoke-activation", Value::Null),
            ("PUT", "/fleet", json!({ "fleetId": fleet.id })),
            ("DELETE", "/fleet", Value::Null),
            ("DELETE", "/driver", Value::Null),
            ("POST", "/apk/entries", json!({ "expiresOn": "2027-05-17" })),
            ("PUT", "/apk/lift", json!({ "reason": "suspended" })),
            ("POST", "/odometer/readings", json!({ "value": 1 })),
            ("POST", "/service-records", json!({ "lines": [{ "task": "wipers" }] })),
            ("POST", "/transfers", json!({ "kind": "new_owner", "recipientEmail": "new@archived.example" })),
            ("POST", "/checks", json!({ "template": "holiday" })),
            ("DELETE", "/checks/{checkId}", Value::Null),
            ("PUT", "/checks/{checkId}/findings/{place}", json!({ "result": "good" })),
            ("DELETE", "/checks/{checkId}/findings/{place}", Value::Null),
            ("POST", "/checks/{checkId}/complete", json!({ "odometer": 1 })),
            ("POST", "/recommendations", advice),
            ("PUT", "/maintenance-schedule/{task}", json!({ "applies": false })),
            ("DELETE", "/maintenance-schedule/{task}", Value::Null),
            ("PUT", "/service-indicator/{task}", json!({ "readOn": "2026-02-01", "daysLeft": 30 })),
            ("DELETE", "/service-indicator/{task}", Value::Null),
            ("POST", "/recommendations/{recommendationId}/agree", json!({ "channel": "phone" })),
            ("POST", "/recommendations/{recommendationId}/decline", json!({ "channel": "phone" })),
        ];
        let mut tried: Vec<String> = commands.iter().map(|(method, part, _)| format!("{method} {part}")).collect();
        let mut changing = vec![];
        for (path, item) in server.contract.document["paths"].as_object().unwrap() {
            let Some(part) = path.strip_prefix("/passports/{id}") else { continue };
            let methods = item.as_object().unwrap().keys().filter(|method| *method != "get");
            changing.extend(methods.map(|method| format!("{} {part}", method.to_uppercase())));
        }
        // Files are sent as they are: `an_archived_passport_takes_no_files` tries that.
        changing.retain(|command| !["/photos", "/attachments", "/files/{fileId}"].iter().any(|part| command.ends_with(part)));
        // The one command for archived passports: `p11_…` tries it.
        changing.retain(|command| command != "POST /unarchive");
        tried.sort_unstable();
        changing.sort_unstable();
        assert_eq!(tried, changing, "every command on a passport is tried");
        for (method, part, body) in commands {
            // An archived car is nobody's, so nobody can offer it.
            let (status, code) = match part {
                "/transfers" => (403, "only_owner_may_transfer"),
                "/garage-invitation" => (403, "only_owner_may_decide"),
                "/driver" => (403, "fleet_only"),
                _ => (409, "passport_archived"),
            };
            let part = part.replace("{checkId}", &check).replace("{recommendationId}", &advised);
            let part = part.replace("{place}", "windscreen").replace("{task}", "tyres");
            garage.admin.change(method, &format!("{path}{part}"), "*", body).await.problem(status, code);
        }
        for part in ["", "/checks", "/recommendations", "/custody", "/plates", "/registration", "/apk", "/apk/entries", "/odometer", "/odometer/readings", "/service-records"] {
            assert_eq!(garage.admin.get(&format!("{path}{part}")).await.status, 200, "{part}");
        }
    }

    async fn a_closed_fleet_can_only_be_read_and_one_not_begun_has_rules(server) {
        let garage = server.garage("closed").await;
        let fleet = garage.fleet("fleet-closed").await;
        let path = format!("/v1/fleets/{}", fleet.id);
        let new = json!({ "customerId": fleet.customer, "email": garage.mechanic.email, "begin": "invited" });
        garage.admin.post("/v1/fleets", new).await.problem(409, "email_in_use");
        garage.admin.change("PATCH", &path, "*", json!({ "email": "x@closed.example" })).await.problem(409, "fleet_already_active");
        let new = json!({ "customerId": fleet.customer, "email": "begun@closed.example", "begin": "invited" });
        let begun = garage.admin.post("/v1/fleets", new).await.header("location").to_owned();
        garage.admin.change("PATCH", &begun, "*", json!({ "email": fleet.manager.email })).await.problem(409, "fleet_email_same_as_manager");
        garage.admin.change("PATCH", &begun, "*", json!({ "email": garage.mechanic.email })).await.problem(409, "email_in_use");
        garage.admin.change("DELETE", &format!("/v1/customers/{}", fleet.customer), "*", Value::Null).await.problem(409, "customer_has_passports");
        garage.admin.act(&format!("/v1/passports/{}/archive", fleet.manager_passport)).await.ok();
        garage.admin.change("DELETE", &format!("/v1/customers/{}", fleet.customer), "*", Value::Null).await.problem(409, "customer_has_fleets");
        garage.admin.act(&format!("{path}/close")).await.ok();
        garage.admin.act(&format!("{path}/close")).await.problem(409, "fleet_closed");
        garage.admin.act(&format!("{path}/invitation")).await.problem(409, "fleet_closed");
        garage.admin.change("PATCH", &path, "*", json!({ "name": "New" })).await.problem(409, "fleet_closed");
        let customer = garage.customer("new@closed.example").await;
        let car = json!({ "licencePlate": { "number": plate() }, "customerId": customer, "fleetId": fleet.id });
        garage.admin.post("/v1/passports", car).await.problem(409, "fleet_closed");
        assert_eq!(garage.admin.get(&path).await.ok()["status"], "closed");
    }

    async fn an_offer_that_is_over_stays_so(server) {
        let garage = server.garage("over").await;
        let fleet = garage.fleet("fleet-over").await;
        let (_, car) = garage.fleet_car(&fleet, "driver@over.example").await;
        let (recipient, ..) = garage.driver("recipient@over.example").await;
        let ways = async |offer: &str, code: &str| {
            let fleet = server.sign_in(&fleet.account.email, crate::support::PASSWORD).await;
            let recipient = server.sign_in(&recipient.email, crate::support::PASSWORD).await;
            for (who, what) in [(&recipient, "accept"), (&recipient, "decline"), (&fleet, "withdraw"), (&fleet, "resend")] {
                who.act(&format!("/v1/transfers/{offer}/{what}")).await.problem(409, code);
            }
        };
        let offer = async || {
            let fleet = server.sign_in(&fleet.account.email, crate::support::PASSWORD).await;
            fleet.offer(&car, "new_driver", &recipient.email).await.created()["id"].as_str().unwrap().to_owned()
        };
        let declined = offer().await;
        recipient.act(&format!("/v1/transfers/{declined}/decline")).await.ok();
        ways(&declined, "transfer_not_open").await;
        let expired = offer().await;
        server.pass_idle(SignedDuration::from_hours(24 * 14));
        ways(&expired, "transfer_expired").await;
    }

    async fn a_refusal_that_one_value_caused_names_it(server) {
        let garage = server.garage("about").await;
        let (_, customer, car) = garage.driver("jan@about.example").await;
        let path = |part: &str| format!("/v1/passports/{car}/{part}");
        let nobody = garage.admin.post("/v1/customers", json!({ "kind": "person", "name": "Zonder" })).await.id();
        let known = json!({ "licencePlate": { "number": plate() }, "customerId": nobody });
        let new = json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "person", "name": "Zonder" } });
        let staff = json!({ "email": garage.mechanic.email, "name": "Piet", "role": "mechanic" });
        let fleet = json!({ "customerId": nobody, "email": "fleet@about.example", "begin": "invited" });
        let model = json!({ "task": "tyres", "model": "Kombi", "recurrence": { "then": { "months": 12 }, "countsFrom": "completion" } });
        for (at, body, code, pointer) in [
            ("/v1/passports".to_owned(), known, "customer_without_email", "#/customerId"),
            ("/v1/passports".to_owned(), new, "customer_without_email", "#/customer/email"),
            ("/v1/garage/staff".to_owned(), staff, "email_in_use", "#/email"),
            ("/v1/fleets".to_owned(), fleet, "manager_passport_not_active", "#/customerId"),
            ("/v1/maintenance-schedules".to_owned(), model, "model_without_make", "#/make"),
            (path("odometer/readings"), json!({ "value": 10, "readOn": "2126-01-01" }), "odometer_in_future", "#/readOn"),
            (path("apk/entries"), json!({ "expiresOn": "2126-01-01" }), "apk_date_too_far", "#/expiresOn"),
            (path("apk/entries"), json!({ "inspectedOn": "2126-01-01" }), "apk_inspection_in_future", "#/inspectedOn"),
            (path("service-records"), json!({ "lines": [{ "task": "tyres" }], "doneOn": "2126-01-01" }), "service_record_in_future", "#/doneOn"),
        ] {
            let refused = garage.admin.post(&at, body).await;
            let errors = json!([{ "pointer": pointer, "code": code, "detail": refused.body["detail"] }]);
            assert_eq!((refused.body["code"].as_str(), &refused.body["errors"]), (Some(code), &errors), "{at}: {}", refused.body);
        }
        // Of two values of which one is needed, both are named.
        let nothing = garage.admin.post(&path("apk/entries"), json!({})).await;
        let pointers: Vec<_> = nothing.problem(400, "apk_entry_empty").body["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert_eq!(pointers, ["#/expiresOn", "#/inspectedOn"]);
        let nobody = garage.admin.post("/v1/passports", json!({ "licencePlate": { "number": plate() } })).await;
        nobody.wrong(&["#/customerId one_required"]);
        assert_eq!(nobody.body["errors"][0]["detail"], "is required, or 'customer' in its place");
        // What no value of the request caused names none.
        let customer = format!("/v1/customers/{customer}");
        let kept = garage.admin.change("DELETE", &customer, "*", Value::Null).await;
        assert!(kept.problem(409, "customer_has_passports").body["errors"].is_null());
    }

    async fn what_a_passport_needs_to_be_made_changed_and_invited(server) {
        let garage = server.garage("needs").await;
        let customer = garage.customer("jan@needs.example").await;
        let early = json!({ "licencePlate": { "number": plate() }, "customerId": customer, "year": 2027, "odometerKm": 12 });
        garage.admin.post("/v1/passports", early).await.problem(409, "odometer_before_first_admission");
        let (_, other, car) = garage.driver("piet@needs.example").await;
        let path = format!("/v1/passports/{car}");
        garage.admin.patch(&path, json!({ "year": 2027, "odometerKm": 12 })).await.problem(409, "odometer_before_first_admission");
        let taken = garage.plate_of(&garage.invited_passport(&customer).await).await;
        garage.admin.patch(&path, json!({ "licencePlate": { "number": taken } })).await.problem(409, "passport_exists");
        // A car that was imported without a link, of a customer without an e-mail.
        let line = json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "person", "name": "Zonder" } });
        let headers = [("content-type", "application/x-ndjson")];
        garage.admin.send("POST", "/v1/passport-imports", &headers, Some(line.to_string().into_bytes())).await.ok();
        let cars = garage.admin.get("/v1/passports?search=zonder").await.items();
        let invite = format!("/v1/passports/{}/invitation", cars[0]["id"].as_str().unwrap());
        garage.admin.act(&invite).await.problem(409, "customer_without_email");
        garage.admin.change("DELETE", &format!("/v1/customers/{other}"), "*", Value::Null).await.problem(409, "customer_has_passports");
    }
}
