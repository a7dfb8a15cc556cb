//! A garage's staff over HTTP: rules GA1 to GA4.

use crate::both;
use reqwest::StatusCode;
use serde_json::{Value, json};

both! {
    async fn ga1_g3_g4_colleagues_come_and_go(server) {
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

    async fn ga2_a_garage_keeps_an_admin(server) {
        let garage = server.garage("last").await;
        let me = garage.admin.get("/v1/account").await.ok()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/garage/staff/{me}");
        garage.admin.patch(&path, json!({ "role": "mechanic" })).await.problem(409, "last_admin");
        garage.admin.change("DELETE", &path, "*", Value::Null).await.problem(409, "last_admin");
        // Someone who has yet to choose a password is no admin who can sign in.
        let body = json!({ "email": "later@last.example", "name": "Later", "role": "admin" });
        let later = garage.admin.post("/v1/garage/staff", body).await.created();
        garage.admin.patch(&path, json!({ "role": "mechanic" })).await.problem(409, "last_admin");
        garage.admin.change("DELETE", &format!("/v1/garage/staff/{}", later["id"].as_str().unwrap()), "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        // With another admin they may go, and are signed out by it.
        let body = json!({ "email": "second@last.example", "name": "Second", "role": "admin" });
        garage.admin.post("/v1/garage/staff", body).await.created();
        let second = server.join("second@last.example").await;
        garage.admin.change("DELETE", &path, "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        garage.admin.get("/v1/account").await.problem(401, "unauthenticated");
        assert_eq!(second.get("/v1/garage/staff").await.items().len(), 3);
    }

    async fn ga3_a_colleague_is_added_once_and_invited_until_they_have_a_password(server) {
        let garage = server.garage("g3").await;
        let body = json!({ "email": "Kees@g3.example", "name": "Kees", "role": "mechanic" });
        let headers = [("content-type", "application/json"), ("idempotency-key", "add-kees")];
        let add = async || garage.admin.send("POST", "/v1/garage/staff", &headers, Some(body.to_string().into_bytes())).await;
        let (first, again) = (add().await, add().await);
        assert_eq!((first.status, &first.body, first.header("location")), (201, &again.body, again.header("location")));
        assert_eq!(first.body["status"], "invited");
        assert_eq!(server.mails_to("kees@g3.example").len(), 1, "a repeat mails nothing");
        let path = first.header("location").to_owned();
        let old = server.token_for("kees@g3.example");
        let key = [("idempotency-key", "invite-kees")];
        for _ in 0..2 {
            garage.admin.send("POST", &format!("{path}/invitation"), &key, None).await.expect(StatusCode::ACCEPTED);
        }
        assert_eq!(server.mails_to("kees@g3.example").len(), 2);
        let choose = json!({ "token": old, "password": crate::support::PASSWORD });
        server.anonymous().post("/v1/invitations/accept", choose).await.problem(409, "invitation_revoked");
        server.join("kees@g3.example").await;
        garage.admin.act(&format!("{path}/invitation")).await.problem(409, "staff_already_active");
        assert_eq!(garage.admin.get(&path).await.ok()["status"], "active");
    }

    async fn ga4_who_leaves_frees_their_email_and_their_link_is_dead(server) {
        let garage = server.garage("g4").await;
        let body = json!({ "email": "kees@g4.example", "name": "Kees", "role": "mechanic" });
        let made = garage.admin.post("/v1/garage/staff", body.clone()).await;
        let token = server.token_for("kees@g4.example");
        let path = made.header("location").to_owned();
        garage.admin.change("DELETE", &path, &made.etag(), Value::Null).await.expect(StatusCode::NO_CONTENT);
        let choose = json!({ "token": token, "password": crate::support::PASSWORD });
        server.anonymous().post("/v1/invitations/accept", choose).await.problem(409, "invitation_revoked");
        for (method, path) in [("GET", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/invitation"))] {
            garage.admin.change(method, &path, "*", Value::Null).await.problem(404, "not_found");
        }
        garage.admin.post("/v1/garage/staff", body).await.created();
    }

    async fn ga1_conditions_and_the_staff_of_others(server) {
        let (garage, other) = (server.garage("g1").await, server.garage("g1b").await);
        let body = json!({ "email": "kees@g1.example", "name": "Kees", "role": "mechanic" });
        let path = garage.admin.post("/v1/garage/staff", body).await.header("location").to_owned();
        let change = json!({ "name": "Cornelis" });
        let headers = [("content-type", "application/json")];
        garage.admin.send("PATCH", &path, &headers, Some(change.to_string().into_bytes())).await.problem(428, "precondition_required");
        garage.admin.send("DELETE", &path, &[], None).await.problem(428, "precondition_required");
        let stale = garage.admin.get(&path).await.etag();
        assert_eq!(garage.admin.patch(&path, change.clone()).await.ok()["name"], "Cornelis");
        garage.admin.change("PATCH", &path, &stale, change.clone()).await.problem(412, "precondition_failed");
        garage.admin.change("DELETE", &path, &stale, Value::Null).await.problem(412, "precondition_failed");
        let (etag, events) = (garage.admin.get(&path).await.etag(), garage.events().await.len());
        garage.admin.patch(&path, change.clone()).await.ok();
        assert_eq!((garage.admin.get(&path).await.etag(), garage.events().await.len()), (etag, events), "nothing changed");
        // Another garage's admin knows of nobody there; its own staff see, and may not.
        other.admin.get(&path).await.problem(404, "not_found");
        other.admin.change("PATCH", &path, "*", change.clone()).await.problem(404, "not_found");
        other.admin.change("DELETE", &path, "*", Value::Null).await.problem(404, "not_found");
        other.admin.act(&format!("{path}/invitation")).await.problem(404, "not_found");
        for colleague in [&garage.advisor, &garage.mechanic] {
            colleague.get(&path).await.ok();
            colleague.change("PATCH", &path, "*", change.clone()).await.problem(403, "admin_only");
            colleague.change("DELETE", &path, "*", Value::Null).await.problem(403, "admin_only");
            colleague.act(&format!("{path}/invitation")).await.problem(403, "admin_only");
        }
    }
}
