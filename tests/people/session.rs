//! Signing in and out, tokens, forgotten passwords, guessing: rules A11, A12, A14 and A15.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, Server},
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

async fn sign_in_from(server: &Server, network: &str, body: Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
    server.anonymous().send("POST", "/v1/auth/login", &headers, Some(body.to_string().into_bytes())).await
}

async fn refresh_from(server: &Server, network: &str, token: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
    let body = json!({ "refreshToken": token }).to_string().into_bytes();
    server.anonymous().send("POST", "/v1/auth/refresh", &headers, Some(body)).await
}

/// The body of a sign-in by the device that got these tokens.
fn with_device(mut login: Value, tokens: &Value) -> Value {
    login["deviceToken"] = tokens["deviceToken"].clone();
    login
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

    async fn a12_guesses_are_counted_for_the_account_where_they_come_from(server) {
        let garage = server.garage("guess").await;
        for _ in 0..10 {
            sign_in_from(server, "10.0.0.1", login(&garage.admin.email, "wrong")).await.problem(401, "credentials_invalid");
        }
        // Even the right password has to wait there, and nowhere else.
        let slowed = sign_in_from(server, "10.0.0.1", login(&garage.admin.email, PASSWORD)).await;
        slowed.problem(429, "too_many_attempts");
        let wait: i64 = slowed.header("retry-after").parse().unwrap();
        assert!((1..=301).contains(&wait), "{wait}");
        let at_home = sign_in_from(server, "10.0.0.2", login(&garage.admin.email, PASSWORD)).await.ok();
        // A device that signed in before has its own count, also on that network; another account is free.
        let known = with_device(login(&garage.admin.email, PASSWORD), &at_home);
        sign_in_from(server, "10.0.0.1", known.clone()).await.ok();
        sign_in_from(server, "10.0.0.1", login(&garage.advisor.email, PASSWORD)).await.ok();
        server.pass_idle(SignedDuration::from_secs(wait));
        sign_in_from(server, "10.0.0.1", login(&garage.admin.email, PASSWORD)).await.ok();
        // A device that guesses is slowed as well.
        let guess = with_device(login(&garage.admin.email, "wrong"), &at_home);
        for _ in 0..10 {
            sign_in_from(server, "10.0.0.3", guess.clone()).await.problem(401, "credentials_invalid");
        }
        sign_in_from(server, "10.0.0.3", guess).await.problem(429, "too_many_attempts");
        // What is no token of this account's device is no token: of another account, made up, or of a session that was ended.
        let advisors = sign_in_from(server, "10.0.0.4", login(&garage.advisor.email, PASSWORD)).await.ok();
        let slowed = login(&garage.admin.email, "wrong");
        for _ in 0..10 {
            sign_in_from(server, "10.0.0.5", slowed.clone()).await.problem(401, "credentials_invalid");
        }
        let ended = sign_in_from(server, "10.0.0.6", login(&garage.admin.email, PASSWORD)).await.ok();
        let sessions = garage.admin.get("/v1/auth/sessions").await.items();
        let latest = sessions.last().unwrap()["id"].as_str().unwrap();
        garage.admin.send("DELETE", &format!("/v1/auth/sessions/{latest}"), &[], None).await.expect(StatusCode::NO_CONTENT);
        let made_up = json!({ "deviceToken": "AZnF8n0ebHqbHy9tHB6KEKt5d1b8bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEoq3Vt0" });
        for other in [&advisors, &made_up, &ended] {
            let right = with_device(login(&garage.admin.email, PASSWORD), other);
            sign_in_from(server, "10.0.0.5", right).await.problem(429, "too_many_attempts");
        }
        // Whoever signs out keeps the device.
        let tokens = sign_in_from(server, "10.0.0.7", login(&garage.admin.email, PASSWORD)).await.ok();
        Actor::new(server, Some(&tokens)).act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        sign_in_from(server, "10.0.0.5", with_device(login(&garage.admin.email, PASSWORD), &tokens)).await.ok();
    }

    async fn a12_guesses_at_many_accounts_are_counted_for_the_network(server) {
        let garage = server.garage("spray").await;
        for number in 0..100 {
            let guess = login(&format!("nobody{number}@spray.example"), "wrong");
            sign_in_from(server, "10.9.9.9", guess).await.problem(401, "credentials_invalid");
            // What succeeds in between gives back what it took, and no more.
            if number == 50 {
                sign_in_from(server, "10.9.9.9", login(&garage.admin.email, PASSWORD)).await.ok();
            }
        }
        let someone = login("someone@spray.example", "wrong");
        sign_in_from(server, "10.9.9.9", someone.clone()).await.problem(429, "too_many_attempts");
        // Nor does a new password for an account of one's own give new guesses at others.
        let reset = |path: &'static str, body: Value| async move {
            let headers = [("content-type", "application/json"), ("x-forwarded-for", "10.9.9.9")];
            server.anonymous().send("POST", path, &headers, Some(body.to_string().into_bytes())).await
        };
        reset("/v1/auth/password-reset", json!({ "email": garage.mechanic.email })).await.expect(StatusCode::ACCEPTED);
        let chosen = json!({ "token": server.token_for(&garage.mechanic.email), "password": "negen groene kikkers zingen" });
        reset("/v1/auth/password-reset/confirm", chosen).await.expect(StatusCode::NO_CONTENT);
        sign_in_from(server, "10.9.9.9", someone.clone()).await.problem(429, "too_many_attempts");
        sign_in_from(server, "10.9.9.8", someone).await.problem(401, "credentials_invalid");
    }

    async fn a12_a_week_of_an_office_and_of_an_attacker(server) {
        let garage = server.garage("week").await;
        let (office, attacker) = ("10.20.0.1", "203.0.113.9");
        let mut people: Vec<(String, Value)> = vec![];
        for actor in [&garage.admin, &garage.advisor, &garage.mechanic] {
            people.push((actor.email.clone(), sign_in_from(server, office, login(&actor.email, PASSWORD)).await.ok()));
        }
        let mut guesses = 0;
        for _ in 0..7 {
            // The attacker guesses at the admin until it is slowed, from its own network and from the guest wifi of the office,
            // and from both tries refresh tokens and links that it makes up.
            for _ in 0..2 {
                for network in [office, attacker] {
                    for _ in 0..14 {
                        let status = sign_in_from(server, network, login(&garage.admin.email, "wrong")).await.status;
                        guesses += usize::from(status == 401);
                        assert!([401, 429].contains(&status));
                    }
                    for _ in 0..5 {
                        refresh_from(server, network, "nonsense").await.problem(401, "refresh_token_invalid");
                    }
                }
                server.pass_idle(SignedDuration::from_hours(1));
                // All morning, people mistype, sign in and refresh. Nobody ever waits.
                for (email, tokens) in &mut people {
                    for _ in 0..2 {
                        let typo = with_device(login(email, "typo"), tokens);
                        sign_in_from(server, office, typo).await.problem(401, "credentials_invalid");
                    }
                    *tokens = sign_in_from(server, office, with_device(login(email, PASSWORD), tokens)).await.ok();
                    let refresh_token = tokens["refreshToken"].as_str().unwrap().to_owned();
                    *tokens = refresh_from(server, office, &refresh_token).await.ok();
                }
                // At home, on a new telephone.
                sign_in_from(server, "198.51.100.7", login(&garage.admin.email, PASSWORD)).await.ok();
                server.pass_idle(SignedDuration::from_hours(11));
            }
        }
        // Ten at once, and one more each five minutes, from each of two networks.
        assert!(guesses <= 2 * (10 + 7 * 24 * 12), "{guesses}");
        assert!(guesses >= 2 * 10 * 14, "the attacker was slowed, and not shut out: {guesses}");
    }

    async fn a12_an_attack_from_many_networks_keeps_nobody_out(server) {
        let garage = server.garage("botnet").await;
        let known = sign_in_from(server, "10.30.0.1", login(&garage.admin.email, PASSWORD)).await.ok();
        for number in 0..110 {
            let network = format!("10.31.{number}.1");
            let status = sign_in_from(server, &network, login(&garage.admin.email, "wrong")).await.status;
            assert_eq!(status, if number < 100 { 401 } else { 429 }, "{number}");
        }
        // A new device has to wait; one that is known has not.
        let right = login(&garage.admin.email, PASSWORD);
        sign_in_from(server, "10.30.0.2", right.clone()).await.problem(429, "too_many_attempts");
        sign_in_from(server, "10.30.0.2", with_device(right, &known)).await.ok();
        // The way in that always works is the mailbox.
        let ask = json!({ "email": garage.admin.email });
        server.anonymous().post("/v1/auth/password-reset", ask).await.expect(StatusCode::ACCEPTED);
        let new = "negen groene kikkers zingen";
        let confirm = json!({ "token": server.token_for(&garage.admin.email), "password": new });
        server.anonymous().post("/v1/auth/password-reset/confirm", confirm).await.expect(StatusCode::NO_CONTENT);
        sign_in_from(server, "10.30.0.2", login(&garage.admin.email, new)).await.ok();
        // The devices of before are not known any more.
        let ended = with_device(login(&garage.admin.email, "wrong"), &known);
        for _ in 0..10 {
            sign_in_from(server, "10.30.0.3", ended.clone()).await.problem(401, "credentials_invalid");
        }
        sign_in_from(server, "10.30.0.3", ended).await.problem(429, "too_many_attempts");
    }

    async fn a11_a_session_ends_after_its_time_however_much_it_is_used(server) {
        let garage = server.garage("lifetime").await;
        let (driver, _, _) = garage.driver("jan@lifetime.example").await;
        let (mut of_staff, mut of_driver) = (garage.admin.refresh_token.clone(), driver.refresh_token.clone());
        let next = |answer: Value| answer["refreshToken"].as_str().unwrap().to_owned();
        let mut today = 0;
        let mut pass_to = |day: i64| {
            server.pass_idle(SignedDuration::from_hours(24 * (day - today)));
            today = day;
        };
        for day in [10, 20, 29, 60, 100, 140, 179] {
            pass_to(day);
            if day < 30 {
                of_staff = next(refresh_from(server, "10.1.1.1", &of_staff).await.ok());
            }
            of_driver = next(refresh_from(server, "10.1.1.1", &of_driver).await.ok());
            if day == 29 {
                pass_to(31);
                refresh_from(server, "10.1.1.1", &of_staff).await.problem(401, "session_ended");
            }
        }
        pass_to(181);
        refresh_from(server, "10.1.1.1", &of_driver).await.problem(401, "session_ended");
    }

    async fn a11_a_repeat_gets_tokens_only_while_they_are_good(server) {
        let garage = server.garage("revive").await;
        let headers = |network: &'static str| [("content-type", "application/json"), ("idempotency-key", "lost"), ("x-forwarded-for", network)];
        let send = async |path: &str, network, body: Value| {
            server.anonymous().send("POST", path, &headers(network), Some(body.to_string().into_bytes())).await
        };
        // A repeat from another network, as when a telephone leaves the wifi, is no theft; its access token is a fresh one.
        let body = json!({ "refreshToken": garage.admin.refresh_token });
        let first = send("/v1/auth/refresh", "10.40.0.1", body.clone()).await.ok();
        server.pass(SignedDuration::from_mins(14));
        let again = send("/v1/auth/refresh", "10.40.0.2", body.clone()).await.ok();
        assert_eq!((&again["refreshToken"], &again["expiresIn"]), (&first["refreshToken"], &json!(900)));
        assert_ne!(again["accessToken"], first["accessToken"]);
        server.pass(SignedDuration::from_mins(2));
        Actor::new(server, Some(&again)).get("/v1/account").await.ok();
        Actor::new(server, Some(&first)).get("/v1/account").await.problem(401, "unauthenticated");
        // Once the next token is used, the repeat is what it is: an old token.
        refresh_from(server, "10.40.0.2", first["refreshToken"].as_str().unwrap()).await.ok();
        send("/v1/auth/refresh", "10.40.0.2", body).await.problem(401, "refresh_token_reused");
        // A sign-in whose session has ended is done anew.
        let body = login(&garage.advisor.email, PASSWORD);
        let first = send("/v1/auth/login", "10.40.0.1", body.clone()).await.ok();
        assert_eq!(send("/v1/auth/login", "10.40.0.3", body.clone()).await.ok()["refreshToken"], first["refreshToken"]);
        Actor::new(server, Some(&first)).act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        let anew = send("/v1/auth/login", "10.40.0.1", body).await.ok();
        assert_ne!(anew["refreshToken"], first["refreshToken"]);
        Actor::new(server, Some(&anew)).get("/v1/account").await.ok();
    }

    async fn a11_public_operations_do_not_look_at_an_access_token(server) {
        let garage = server.garage("expired").await;
        server.pass(SignedDuration::from_mins(16));
        let stale = |token: &str| with_token(&garage.admin, token.to_owned());
        for actor in [stale(garage.admin.token.as_ref().unwrap()), stale("nonsense")] {
            actor.get("/v1/account").await.problem(401, "unauthenticated");
            actor.post("/v1/auth/login", login(&garage.advisor.email, PASSWORD)).await.ok();
            actor.post("/v1/auth/password-reset", json!({ "email": "nobody@expired.example" })).await.expect(StatusCode::ACCEPTED);
            actor.post("/v1/invitations/preview", json!({ "token": "nonsense" })).await.problem(404, "invitation_not_found");
            actor.post("/v1/account/email/confirm", json!({ "token": "nonsense" })).await.problem(404, "invitation_not_found");
        }
        stale("nonsense").post("/v1/auth/refresh", json!({ "refreshToken": garage.admin.refresh_token })).await.ok();
    }

    async fn a_key_of_what_is_for_everyone_belongs_to_one_request(server) {
        let garage = server.garage("keys-anyone").await;
        let ask = json!({ "email": garage.advisor.email });
        server.anonymous().post("/v1/auth/password-reset", ask.clone()).await.expect(StatusCode::ACCEPTED);
        let reset = json!({ "token": server.token_for(&garage.advisor.email), "password": "negen groene kikkers zingen" });
        let change = json!({ "email": "new@keys-anyone.example", "currentPassword": PASSWORD });
        garage.admin.post("/v1/account/email", change).await.expect(StatusCode::ACCEPTED);
        let confirm = json!({ "token": server.token_for("new@keys-anyone.example") });
        for (path, body) in [
            ("/v1/auth/login", login(&garage.mechanic.email, PASSWORD)), ("/v1/auth/refresh", json!({ "refreshToken": garage.mechanic.refresh_token })),
            ("/v1/auth/password-reset", ask), ("/v1/auth/password-reset/confirm", reset), ("/v1/account/email/confirm", confirm),
        ] {
            let headers = [("content-type", "application/json"), ("idempotency-key", "one")];
            let send = async |body: String| server.anonymous().send("POST", path, &headers, Some(body.into_bytes())).await;
            let first = send(body.to_string()).await.status;
            assert!([200, 202, 204].contains(&first), "{path}: {first}");
            // What differs in a space is another body.
            send(format!("{body} ")).await.problem(422, "idempotency_key_reused");
        }
    }

    async fn a11_a_stolen_token_is_told_once(server) {
        let garage = server.garage("told").await;
        let old = garage.admin.refresh_token.clone();
        refresh_from(server, "10.1.1.1", &old).await.ok();
        refresh_from(server, "10.1.1.1", &old).await.problem(401, "refresh_token_reused");
        for _ in 0..5 {
            assert_eq!(refresh_from(server, "10.1.1.1", &old).await.status, 401);
        }
        assert_eq!(server.mails_to(&garage.admin.email).len(), 1);
    }

    async fn a11_tokens_of_a_server_at_another_address_are_refused(server) {
        let garage = server.garage("staging").await;
        let app = &server.app;
        let there = api::tokens::Tokens::load(server.store(), &app.secret, app.clock.as_ref(), "https://staging.example").unwrap();
        let token = garage.admin.token.clone().unwrap();
        let claims = app.tokens.verify(&token, server.now()).unwrap();
        assert!(there.verify(&token, server.now()).is_none(), "the copy has the same keys");
        let kind = domain::value::AccountKind::Staff;
        let foreign = there.issue(claims.sub.into(), kind, claims.sid.into(), server.now()).unwrap();
        with_token(&garage.admin, foreign).get("/v1/account").await.problem(401, "unauthenticated");
        garage.admin.get("/v1/account").await.ok();
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
