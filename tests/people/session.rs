//! Signing in and out, tokens, forgotten passwords, guessing: rules A11, A12, A14 and A15.

use crate::{
    both,
    support::{Actor, PASSWORD},
};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn login(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

fn with_token<'s>(actor: &Actor<'s>, token: String) -> Actor<'s> {
    Actor { token: Some(token), ..actor.clone() }
}

both! {
    async fn one_door_for_everyone(server) {
        let garage = server.garage("door").await;
        let fleet = garage.fleet("fleet-door").await;
        for (actor, kind) in [(&garage.admin, "staff"), (&fleet.account, "fleet"), (&fleet.manager, "driver")] {
            let signed_in = server.anonymous().post("/v1/auth/login", login(&format!("  {} ", actor.email.to_uppercase()), PASSWORD)).await.ok();
            assert_eq!(signed_in["account"]["kind"], kind);
            assert_eq!(actor.get("/v1/account").await.ok()["kind"], kind);
        }
        let wrong = server.anonymous().post("/v1/auth/login", login(&garage.admin.email, "wrong")).await;
        let unknown = server.anonymous().post("/v1/auth/login", login("nobody@door.example", "wrong")).await;
        wrong.problem(401, "credentials_invalid");
        assert_eq!((&wrong.body["title"], &wrong.body["detail"]), (&unknown.body["title"], &unknown.body["detail"]));
        assert!(wrong.header("www-authenticate").starts_with("Bearer"));
    }

    async fn a11_refresh_tokens_rotate_and_reuse_ends_the_family(server) {
        let garage = server.garage("refresh").await;
        let refresh = async |token: &str| server.anonymous().post("/v1/auth/refresh", json!({ "refreshToken": token })).await;
        let second = refresh(&garage.admin.refresh_token).await.ok();
        let third = refresh(second["refreshToken"].as_str().unwrap()).await.ok();
        let admin = Actor::new(server, Some(&third));
        admin.get("/v1/account").await.ok();
        refresh(&garage.admin.refresh_token).await.problem(401, "refresh_token_reused");
        refresh(third["refreshToken"].as_str().unwrap()).await.problem(401, "session_ended");
        admin.get("/v1/account").await.problem(401, "unauthenticated");
        refresh("nonsense").await.problem(401, "refresh_token_invalid");
        assert_eq!(server.mails_to(&garage.admin.email).len(), 1, "the holder is told");
        server.pass(SignedDuration::from_hours(24 * 60));
        refresh(&garage.advisor.refresh_token).await.problem(401, "session_ended");
    }

    async fn a11_a_repeated_refresh_with_its_key_is_no_reuse(server) {
        let garage = server.garage("repeat").await;
        let body = json!({ "refreshToken": garage.admin.refresh_token }).to_string().into_bytes();
        let headers = [("content-type", "application/json"), ("idempotency-key", "lost-answer-1")];
        let first = server.anonymous().send("POST", "/v1/auth/refresh", &headers, Some(body.clone())).await.ok();
        let again = server.anonymous().send("POST", "/v1/auth/refresh", &headers, Some(body)).await.ok();
        assert_eq!(first, again);
        Actor::new(server, Some(&first)).get("/v1/account").await.ok();
    }

    async fn a15_signing_out_ends_the_token_at_once(server) {
        let garage = server.garage("out").await;
        let phone = server.sign_in(&garage.admin.email, PASSWORD).await;
        let sessions = garage.admin.get("/v1/auth/sessions").await.items();
        assert_eq!(sessions.len(), 2);
        let other = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
        garage.advisor.change("DELETE", &format!("/v1/auth/sessions/{other}"), "*", Value::Null).await.problem(404, "not_found");
        garage.admin.change("DELETE", &format!("/v1/auth/sessions/{other}"), "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        phone.get("/v1/account").await.problem(401, "unauthenticated");
        garage.admin.act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        garage.admin.get("/v1/account").await.problem(401, "unauthenticated");
        let refresh = json!({ "refreshToken": garage.admin.refresh_token });
        server.anonymous().post("/v1/auth/refresh", refresh).await.problem(401, "session_ended");
    }

    async fn bad_tokens_are_refused(server) {
        let garage = server.garage("tokens").await;
        let token = garage.admin.token.clone().unwrap();
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (_, claims) = head.split_once('.').unwrap();
        // {"alg":"none","typ":"JWT"}
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
        let unsigned = format!("{head}.");
        let altered = format!("{head}.{}", signature.chars().rev().collect::<String>());
        for bad in [none, unsigned, altered, "nonsense".into(), String::new()] {
            with_token(&garage.admin, bad.clone()).get("/v1/account").await.problem(401, "unauthenticated");
        }
        // A token that another server's key signed.
        let foreign = crate::support::Server::start(server.backend).await;
        let theirs = foreign.garage("tokens").await.admin.token.clone().unwrap();
        with_token(&garage.admin, theirs).get("/v1/account").await.problem(401, "unauthenticated");
        foreign.stop().await;
        server.pass_idle(SignedDuration::from_mins(15));
        garage.admin.get("/v1/account").await.problem(401, "unauthenticated");
    }

    async fn a_token_of_a_key_that_is_gone_is_forgotten(server) {
        let garage = server.garage("gone").await;
        let account = garage.admin.get("/v1/account").await.ok()["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        let sessions = garage.admin.get("/v1/auth/sessions").await.items();
        let session = sessions[0]["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        // As someone would make one who got hold of the key: good for much longer than ours are.
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let kind = domain::value::AccountKind::Staff;
        let forged = server.app.tokens.issue(account.into(), kind, session.into(), server.now() + days(30)).unwrap();
        let thief = with_token(&garage.admin, forged);
        thief.get("/v1/account").await.ok();
        // The key is replaced, and by the rotation after that deleted.
        for _ in 0..2 {
            server.pass(days(1));
            server.rotate_keys();
        }
        server.pass(SignedDuration::from_mins(2));
        thief.get("/v1/account").await.problem(401, "unauthenticated");
    }

    async fn keys_rotate_without_signing_anyone_out(server) {
        let garage = server.garage("keys").await;
        server.pass_idle(SignedDuration::from_secs(1));
        let key = server.rotate_keys();
        garage.admin.get("/v1/account").await.ok();
        // It is published first, so that every server knows it before it signs.
        server.pass(SignedDuration::from_mins(2));
        garage.admin.get("/v1/account").await.ok();
        let fresh = server.sign_in(&garage.admin.email, PASSWORD).await;
        fresh.get("/v1/account").await.ok();
        assert_ne!(fresh.token.as_ref().unwrap().split('.').next(), garage.admin.token.as_ref().unwrap().split('.').next());
        let keys = server.anonymous().get("/.well-known/jwks.json").await;
        let list = keys.body["keys"].as_array().unwrap();
        assert!(list.len() == 2 && list.iter().any(|one| one["kid"] == key.as_str() && one["crv"] == "Ed25519" && one["d"].is_null()));
    }

    async fn a12_guessing_is_slowed_for_the_account_and_the_address(server) {
        let garage = server.garage("guess").await;
        let guess = async |email: &str, password: &str, address: &str| {
            let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
            server.anonymous().send("POST", "/v1/auth/login", &headers, Some(login(email, password).to_string().into_bytes())).await
        };
        for number in 0..6 {
            guess(&garage.admin.email, "wrong", &format!("10.0.0.{number}")).await.problem(401, "credentials_invalid");
        }
        // Even the right password has to wait, from whatever address.
        let slowed = guess(&garage.admin.email, PASSWORD, "10.0.1.1").await;
        slowed.problem(429, "too_many_attempts");
        let wait: i64 = slowed.header("retry-after").parse().unwrap();
        guess(&garage.advisor.email, PASSWORD, "10.0.1.1").await.ok();
        server.pass_idle(SignedDuration::from_secs(wait));
        guess(&garage.admin.email, PASSWORD, "10.0.1.1").await.ok();
        // An address that tries many accounts is slowed too.
        for number in 0..31 {
            guess(&format!("nobody{number}@guess.example"), "wrong", "10.9.9.9").await.problem(401, "credentials_invalid");
        }
        guess("someone@guess.example", "wrong", "10.9.9.9").await.problem(429, "too_many_attempts");
        guess(&garage.admin.email, PASSWORD, "10.0.1.1").await.ok();
    }

    async fn a14_a_forgotten_password_is_replaced_by_mail(server) {
        let garage = server.garage("reset").await;
        let ask = |email: &str| json!({ "email": email });
        let anyone = server.anonymous();
        let known = anyone.post("/v1/auth/password-reset", ask(&garage.admin.email)).await.expect(StatusCode::ACCEPTED);
        let unknown = anyone.post("/v1/auth/password-reset", ask("nobody@reset.example")).await.expect(StatusCode::ACCEPTED);
        assert_eq!(known.body, unknown.body);
        assert!(server.mails_to("nobody@reset.example").is_empty());
        let token = server.token_for(&garage.admin.email);
        let new = "negen groene kikkers zingen";
        let confirm = |password: &str| json!({ "token": token, "password": password });
        anyone.post("/v1/auth/password-reset/confirm", confirm("korter")).await.wrong(&["#/password too_short"]);
        anyone.post("/v1/invitations/accept", json!({ "token": token, "password": new })).await.problem(404, "invitation_not_found");
        anyone.post("/v1/auth/password-reset/confirm", confirm(new)).await.expect(StatusCode::NO_CONTENT);
        anyone.post("/v1/auth/password-reset/confirm", confirm(new)).await.problem(409, "invitation_used");
        garage.admin.get("/v1/account").await.problem(401, "unauthenticated");
        anyone.post("/v1/auth/login", login(&garage.admin.email, PASSWORD)).await.problem(401, "credentials_invalid");
        server.sign_in(&garage.admin.email, new).await;
    }

    async fn a12_signing_in_does_not_clear_guesses_at_others(server) {
        let garage = server.garage("spray").await;
        let guess = async |email: &str, password: &str| {
            let headers = [("content-type", "application/json"), ("x-forwarded-for", "203.0.113.7, 10.7.7.7")];
            server.anonymous().send("POST", "/v1/auth/login", &headers, Some(login(email, password).to_string().into_bytes())).await
        };
        for number in 0..31 {
            guess(&format!("nobody{number}@spray.example"), "wrong").await.problem(401, "credentials_invalid");
            if number == 15 {
                guess(&garage.admin.email, PASSWORD).await.ok();
            }
        }
        guess("someone@spray.example", "wrong").await.problem(429, "too_many_attempts");
    }

    async fn secrets_are_not_at_rest(server) {
        let garage = server.garage("rest").await;
        garage.customer("jan@rest.example").await;
        let hash = persistence_hash(server, &garage.admin.email);
        assert!(hash.starts_with("$argon2id$"));
    }
}

fn persistence_hash(server: &crate::support::Server, email: &str) -> String {
    let email = domain::value::EmailAddress::parse(email).unwrap();
    let found = server.store().read(|tx| persistence::account::find_by_email(tx, &email)).unwrap();
    found.unwrap().0.password_hash.unwrap()
}
