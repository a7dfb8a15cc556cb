//! One's own account over HTTP: settings, password, e-mail. Rules A4 and A6 to A8.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, Server},
};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn ask_for(actor: &Actor<'_>, email: &str) -> Answer {
    actor.post("/v1/account/email", json!({ "email": email, "currentPassword": PASSWORD })).await
}

async fn confirm(actor: &Actor<'_>, token: &str) -> Answer {
    actor.post("/v1/account/email/confirm", json!({ "token": token })).await
}

both! {
    async fn an_account_keeps_its_settings(server) {
        let garage = server.garage("settings").await;
        let etag = garage.admin.get("/v1/account").await.etag();
        garage.admin.patch("/v1/account", json!({})).await.ok();
        assert_eq!(garage.admin.get("/v1/account").await.etag(), etag, "nothing changed");
        let changed = garage.admin.patch("/v1/account", json!({ "language": "en", "name": "Anna" })).await.ok();
        assert_eq!((changed["language"].as_str(), changed["name"].as_str(), changed["role"].as_str()), (Some("en"), Some("Anna"), Some("admin")));
    }

    async fn conditions(server) {
        let garage = server.garage("own-etag").await;
        let stale = garage.admin.get("/v1/account").await.etag();
        let body = json!({ "name": "Anna" });
        let headers = [("content-type", "application/json")];
        garage.admin.send("PATCH", "/v1/account", &headers, Some(body.to_string().into_bytes())).await.problem(428, "precondition_required");
        garage.admin.patch("/v1/account", body.clone()).await.ok();
        garage.admin.change("PATCH", "/v1/account", &stale, body).await.problem(412, "precondition_failed");
        garage.admin.patch("/v1/account", json!({ "email": "x@own-etag.example" })).await.wrong(&["#/email unknown_property"]);
    }

    async fn a13_a14_changing_the_password_needs_the_present_one(server) {
        let garage = server.garage("change").await;
        let phone = server.sign_in(&garage.admin.email, PASSWORD).await;
        let change = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
        let new = "negen groene kikkers zingen";
        garage.admin.post("/v1/account/password", change("wrong", new)).await.wrong(&["#/currentPassword password_wrong"]);
        garage.admin.post("/v1/account/password", change(PASSWORD, "admin@change.example")).await.wrong(&["#/newPassword password_too_common"]);
        for common in ["Garage-Change-2026", "AutoPaspoort2026!", "admin.change2026", "Welkom-2026-2027"] {
            garage.admin.post("/v1/account/password", change(PASSWORD, common)).await.wrong(&["#/newPassword password_too_common"]);
        }
        let body = change(PASSWORD, new).to_string().into_bytes();
        let headers = [("content-type", "application/json"), ("idempotency-key", "change-1")];
        for _ in 0..2 {
            let answer = garage.admin.send("POST", "/v1/account/password", &headers, Some(body.clone())).await;
            answer.expect(StatusCode::NO_CONTENT);
        }
        phone.get("/v1/account").await.problem(401, "unauthenticated");
        garage.admin.get("/v1/account").await.ok();
        server.sign_in(&garage.admin.email, new).await;
    }

    async fn logins_of_the_demo_are_known_as_long_as_they_have_its_password(server) {
        server.garage("nodemo").await;
        assert!(!server.seed_demo().await, "there is a garage already");
        assert_eq!(api::demo::open_logins(&server.app).await.unwrap(), Vec::<&str>::new());
        let demo = Server::start(server.backend).await;
        assert!(demo.seed_demo().await);
        // The others come with the history.
        let all: Vec<&str> = api::demo::LOGINS[..6].iter().map(|(_, email)| *email).collect();
        assert_eq!(api::demo::open_logins(&demo.app).await.unwrap(), all);
        let admin = demo.sign_in(all[0], api::demo::PASSWORD).await;
        let change = json!({ "currentPassword": api::demo::PASSWORD, "newPassword": "negen groene kikkers zingen" });
        admin.post("/v1/account/password", change).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(api::demo::open_logins(&demo.app).await.unwrap(), all[1..]);
        demo.stop().await;
    }

    async fn a14_a_new_password_ends_a_change_of_email_under_way(server) {
        let garage = server.garage("takeover").await;
        let change = json!({ "email": "thief@takeover.example", "currentPassword": PASSWORD });
        garage.admin.post("/v1/account/email", change).await.expect(StatusCode::ACCEPTED);
        let thiefs = server.token_for("thief@takeover.example");
        server.anonymous().post("/v1/auth/password-reset", json!({ "email": garage.admin.email })).await.expect(StatusCode::ACCEPTED);
        let body = json!({ "token": server.token_for(&garage.admin.email), "password": "negen groene kikkers zingen" });
        server.anonymous().post("/v1/auth/password-reset/confirm", body).await.expect(StatusCode::NO_CONTENT);
        server.anonymous().post("/v1/account/email/confirm", json!({ "token": thiefs })).await.problem(409, "invitation_revoked");
    }

    async fn a12_guesses_at_the_present_password_are_slowed(server) {
        let garage = server.garage("guess-own").await;
        let wrong = json!({ "currentPassword": "wrong", "newPassword": "negen groene kikkers zingen" });
        for _ in 0..10 {
            garage.admin.post("/v1/account/password", wrong.clone()).await.wrong(&["#/currentPassword password_wrong"]);
        }
        let slowed = garage.admin.post("/v1/account/password", wrong).await;
        slowed.problem(429, "too_many_attempts");
        // The same session, by the other way; another session of the account, another account and the door are free.
        server.sign_in(&garage.admin.email, PASSWORD).await;
        ask_for(&garage.admin, "new@guess-own.example").await.problem(429, "too_many_attempts");
        ask_for(&garage.advisor, "new@guess-own.example").await.expect(StatusCode::ACCEPTED);
        server.pass_idle(SignedDuration::from_secs(slowed.header("retry-after").parse().unwrap()));
        ask_for(&garage.admin, "newer@guess-own.example").await.expect(StatusCode::ACCEPTED);
    }

    async fn a10_a_new_email_is_confirmed_from_there_and_the_old_one_is_told(server) {
        let garage = server.garage("a4").await;
        let body = json!({ "email": "anna@a4.example", "currentPassword": PASSWORD }).to_string().into_bytes();
        let headers = [("content-type", "application/json"), ("idempotency-key", "to-anna")];
        for _ in 0..2 {
            garage.admin.send("POST", "/v1/account/email", &headers, Some(body.clone())).await.expect(StatusCode::ACCEPTED);
        }
        assert_eq!(server.mails_to("anna@a4.example").len(), 1, "a repeat mails nothing");
        server.sign_in(&garage.admin.email, PASSWORD).await;
        let told = server.mails_to(&garage.admin.email).len();
        let token = server.token_for("anna@a4.example");
        // The link is for this alone.
        let anyone = server.anonymous();
        anyone.post("/v1/invitations/accept", json!({ "token": token, "password": "negen groene kikkers zingen" })).await.problem(404, "invitation_not_found");
        let reset = json!({ "token": token, "password": "negen groene kikkers zingen" });
        anyone.post("/v1/auth/password-reset/confirm", reset).await.problem(404, "invitation_not_found");
        confirm(&anyone, &token).await.expect(StatusCode::NO_CONTENT);
        confirm(&anyone, &token).await.problem(409, "invitation_used");
        assert_eq!(server.mails_to(&garage.admin.email).len(), told + 1, "the old address is told");
        assert_eq!(garage.admin.get("/v1/account").await.ok()["email"], "anna@a4.example", "the session stays");
        let old = json!({ "email": garage.admin.email, "password": PASSWORD });
        anyone.post("/v1/auth/login", old).await.problem(401, "credentials_invalid");
        server.sign_in("anna@a4.example", PASSWORD).await;
    }

    async fn a10_to_which_address_an_account_may_go(server) {
        let garage = server.garage("a4b").await;
        let fleet = garage.fleet("fleet-a4b").await;
        // The answer says nothing of whether an address has an account; its holder is told.
        let advisors = server.mails_to(&garage.advisor.email).len();
        ask_for(&garage.admin, &garage.advisor.email.to_uppercase()).await.expect(StatusCode::ACCEPTED);
        let mails = server.mails_to(&garage.advisor.email);
        assert_eq!(mails.len(), advisors + 1);
        assert!(mails.last().unwrap().token().is_none(), "no link");
        // Nor does a link of before say it: it dies as with any other request.
        ask_for(&garage.mechanic, "before@a4b.example").await.expect(StatusCode::ACCEPTED);
        let before = server.token_for("before@a4b.example");
        ask_for(&garage.mechanic, &garage.advisor.email).await.expect(StatusCode::ACCEPTED);
        confirm(&server.anonymous(), &before).await.problem(409, "invitation_revoked");
        ask_for(&garage.admin, &garage.admin.email).await.problem(409, "email_unchanged");
        ask_for(&fleet.account, &fleet.manager.email).await.problem(409, "fleet_email_same_as_manager");
        garage.admin.post("/v1/account/email", json!({ "email": "x@a4b.example", "currentPassword": "wrong" })).await.wrong(&["#/currentPassword password_wrong"]);
        garage.admin.post("/v1/account/email", json!({ "email": "no", "currentPassword": PASSWORD })).await.wrong(&["#/email email_invalid"]);
        assert_eq!(garage.admin.get("/v1/account").await.ok()["email"], garage.admin.email.as_str());
    }

    async fn a4_no_link_is_mailed_that_cannot_work(server) {
        let garage = server.garage("a4link").await;
        let colleague = json!({ "email": "jan@a4link.example", "name": "Jan", "role": "mechanic" });
        let staff = garage.admin.post("/v1/garage/staff", colleague).await.created()["id"].as_str().unwrap().to_owned();
        let (_, customer, _) = garage.driver("manager@a4link.example").await;
        let company = json!({ "customerId": customer, "email": "els@a4link.example", "begin": "invited" });
        let fleet = garage.admin.post("/v1/fleets", company).await.created()["id"].as_str().unwrap().to_owned();
        for email in ["jan@a4link.example", "els@a4link.example"] {
            garage.invited_passport(&garage.customer(email).await).await;
            server.join(email).await;
        }
        server.pass(SignedDuration::from_mins(10));
        garage.admin.act(&format!("/v1/garage/staff/{staff}/invitation")).await.problem(409, "email_in_use");
        garage.admin.act(&format!("/v1/fleets/{fleet}/invitation")).await.problem(409, "email_in_use");
    }

    async fn a4_who_confirms_an_address_first_has_it(server) {
        let garage = server.garage("a4-first").await;
        let anyone = server.anonymous();
        // A garage gives an address to a colleague, and another one to a fleet, and neither of them has confirmed it.
        let own = server.garage("a4-own").await;
        let colleague = |email: &str| json!({ "email": email, "name": "Kees", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", colleague("kees@a4-first.example")).await.created();
        let staff_link = server.token_for("kees@a4-first.example");
        own.admin.post("/v1/garage/staff", colleague("KEES@a4-first.example")).await.problem(409, "email_in_use");
        let (_, customer, _) = garage.driver("manager@a4-first.example").await;
        let fleet = json!({ "customerId": customer, "email": "piet@a4-first.example", "begin": "prepared", "password": PASSWORD });
        let path = format!("/v1/fleets/{}", garage.admin.post("/v1/fleets", fleet).await.created()["id"].as_str().unwrap());
        server.sign_in("piet@a4-first.example", PASSWORD).await;
        // Their real owners become drivers elsewhere: one by a link, the other by a change of e-mail.
        let told = server.mails_to("info@a4-first.example").len();
        let (kees, ..) = own.driver("kees@a4-first.example").await;
        let (piet, ..) = own.driver("piet@a4-own.example").await;
        ask_for(&piet, "piet@a4-first.example").await.expect(StatusCode::ACCEPTED);
        confirm(&anyone, &server.token_for("piet@a4-first.example")).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(kees.get("/v1/account").await.ok()["email"], "kees@a4-first.example");
        assert_eq!(piet.get("/v1/account").await.ok()["email"], "piet@a4-first.example");
        let mails = server.mails_to("info@a4-first.example");
        assert_eq!(mails.len(), told + 2, "the garage is told of both");
        // The links are dead, the door opens for the owner alone, and the garage chooses another address.
        let accept = json!({ "token": staff_link, "password": "negen groene kikkers zingen" });
        anyone.post("/v1/invitations/accept", accept).await.problem(409, "invitation_revoked");
        assert_eq!(server.sign_in("piet@a4-first.example", PASSWORD).await.get("/v1/account").await.ok()["kind"], "driver");
        garage.admin.patch(&path, json!({ "email": "kees@a4-first.example" })).await.problem(409, "email_in_use");
        let changed = garage.admin.patch(&path, json!({ "email": "desk@a4-first.example" })).await.ok();
        assert_eq!(changed["email"], "desk@a4-first.example");
        assert!(server.mails_to("desk@a4-first.example").is_empty(), "of a prepared fleet nobody is mailed");
        server.sign_in("desk@a4-first.example", PASSWORD).await;
        // What was confirmed is held against everyone.
        garage.admin.post("/v1/garage/staff", colleague("piet@a4-first.example")).await.problem(409, "email_in_use");
    }

    async fn a10_the_rules_are_looked_at_again_when_it_is_confirmed(server) {
        let garage = server.garage("a4c").await;
        let fleet = garage.fleet("fleet-a4c").await;
        let anyone = server.anonymous();
        // A newer link takes the place of an older one.
        ask_for(&garage.admin, "first@a4c.example").await.expect(StatusCode::ACCEPTED);
        let first = server.token_for("first@a4c.example");
        ask_for(&garage.admin, "taken@a4c.example").await.expect(StatusCode::ACCEPTED);
        confirm(&anyone, &first).await.problem(409, "invitation_revoked");
        // Somebody else was quicker.
        let slow = server.token_for("taken@a4c.example");
        ask_for(&garage.advisor, "taken@a4c.example").await.expect(StatusCode::ACCEPTED);
        confirm(&anyone, &server.token_for("taken@a4c.example")).await.expect(StatusCode::NO_CONTENT);
        confirm(&anyone, &slow).await.problem(409, "email_in_use");
        // Fleet and manager want the same one.
        ask_for(&fleet.account, "both@a4c.example").await.expect(StatusCode::ACCEPTED);
        let of_fleet = server.token_for("both@a4c.example");
        ask_for(&fleet.manager, "both@a4c.example").await.expect(StatusCode::ACCEPTED);
        confirm(&anyone, &server.token_for("both@a4c.example")).await.expect(StatusCode::NO_CONTENT);
        confirm(&anyone, &of_fleet).await.problem(409, "fleet_email_same_as_manager");
        // A link is good for a day.
        ask_for(&garage.mechanic, "late@a4c.example").await.expect(StatusCode::ACCEPTED);
        let late = server.token_for("late@a4c.example");
        server.pass_idle(SignedDuration::from_hours(24));
        confirm(&anyone, &late).await.problem(409, "invitation_expired");
        confirm(&anyone, "nonsense").await.problem(404, "invitation_not_found");
    }
}
