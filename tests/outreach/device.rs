//! Push messages to the account's devices: rule CH2, and N4 as far as it is about them.

use crate::{
    both,
    support::{
        Actor, Backend, Garage, Server, maintained,
        push_service::{Browser, PushService, settings},
    },
};
use api::push::Networks;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// A server that sends push messages, and a push service.
async fn pushing(backend: Backend) -> (Server, PushService) {
    let settings = settings(Networks::Any);
    (Server::start_with(backend, |all| all.push = Some(settings)).await, PushService::start())
}

async fn register(who: &Actor<'_>, browser: &Browser) -> Value {
    who.post("/v1/account/devices", browser.subscription()).await.ok()
}

async fn devices(who: &Actor<'_>) -> Vec<Value> {
    who.get("/v1/account/devices").await.items()
}

async fn check(garage: &Garage<'_>, car: &str) {
    let draft = maintained::draft_check(&garage.mechanic, car).await;
    maintained::complete_check(&garage.mechanic, car, &draft).await;
}

both! {
    async fn ch2_a_browser_gets_what_its_account_is_told(server) {
        let (server, service) = pushing(server.backend).await;
        let garage = server.garage("ch2").await;
        let (owner, _, car) = garage.driver("owner@ch2.example").await;
        let browser = Browser::subscribe(&service, "/send/one");
        let device = register(&owner, &browser).await;
        assert_eq!((&device["kind"], &device["current"]), (&json!("web_push"), &json!(true)));
        check(&garage, &car).await;
        server.work();
        let received = service.take();
        assert_eq!(received.len(), 1, "{received:?}");
        let message = &received[0];
        assert_eq!((message.path.as_str(), message.header("ttl"), message.header("urgency")), ("/send/one", "86400", "normal"));
        // It is signed for this service with the key that browsers get, and is good for a day at most (RFC 8292).
        let key = owner.get("/v1/push/web-push-key").await.ok()["publicKey"].as_str().unwrap().to_owned();
        let (token, signed_with) = message.header("authorization").strip_prefix("vapid t=").unwrap().split_once(",k=").unwrap();
        assert_eq!(signed_with, key);
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
        let ends_in = claims["exp"].as_i64().unwrap() - server.now().as_second();
        assert_eq!((claims["aud"].as_str(), claims["sub"].as_str()), (Some(service.url.as_str()), Some("mailto:beheer@autopaspoort.nl")));
        assert!((0..=86_400).contains(&ends_in), "{ends_in}");
        let (header, signature) = token.rsplit_once('.').unwrap();
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, URL_SAFE_NO_PAD.decode(key).unwrap());
        key.verify(header.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        // It says what happened and nothing more: a lock screen shows it to everyone.
        let read = browser.read(message);
        assert!(read["title"].as_str().unwrap().starts_with("De controle van"), "{read}");
        assert_eq!((read["body"].as_str(), read["url"].as_str()), (Some("Tik om het te lezen."), Some(&*format!("/passports/{car}"))));
        server.stop().await;
    }

    async fn ch2_a_device_goes_with_its_session_and_with_its_push_service(server) {
        let (server, service) = pushing(server.backend).await;
        let garage = server.garage("ch2go").await;
        let (owner, _, car) = garage.driver("owner@ch2go.example").await;
        let phone = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        let since = server.now();
        let told = async || { check(&garage, &car).await; server.work(); service.take().len() };
        for (who, path) in [(&owner, "/send/desk"), (&phone, "/send/phone")] {
            register(who, &Browser::subscribe(&service, path)).await;
        }
        assert_eq!((devices(&owner).await.len(), told().await), (2, 2));
        phone.act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        assert_eq!((devices(&owner).await.len(), told().await), (1, 1));
        // The service has forgotten the subscription.
        service.answer("410 Gone");
        assert_eq!((told().await, devices(&owner).await.len(), told().await), (1, 0, 0));
        // It is deleted by hand, and not by others.
        let device = register(&owner, &Browser::subscribe(&service, "/send/desk")).await["id"].as_str().unwrap().to_owned();
        let (other, ..) = garage.driver("other@ch2go.example").await;
        let path = format!("/v1/account/devices/{device}");
        other.send("DELETE", &path, &[], None).await.problem(404, "not_found");
        owner.send("DELETE", &path, &[], None).await.expect(StatusCode::NO_CONTENT);
        owner.send("DELETE", &path, &[], None).await.problem(404, "not_found");
        assert_eq!(told().await, 0);
        // Whoever keeps a copy of the list is told of all three (rule LS1), and of those of others nothing.
        let gone = async |who: &Actor<'_>| {
            let page = who.get(&format!("/v1/account/devices?updatedSince={since}")).await.ok();
            page["removed"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
        };
        let removed = gone(&owner).await;
        assert_eq!((removed.len(), removed.contains(&json!(device)), gone(&other).await.len()), (3, true, 0));
        server.stop().await;
    }

    async fn ch2_a_busy_service_is_asked_again_when_it_says_and_a_device_has_one_account(server) {
        let (server, service) = pushing(server.backend).await;
        let garage = server.garage("ch2busy").await;
        let (owner, _, car) = garage.driver("owner@ch2busy.example").await;
        let (other, _, others) = garage.driver("other@ch2busy.example").await;
        register(&owner, &Browser::subscribe(&service, "/send/shared")).await;
        service.answer("429 Too Many Requests\r\nretry-after: 120");
        service.answer("500 Internal Server Error");
        check(&garage, &car).await;
        server.work();
        assert_eq!(service.take().len(), 1);
        server.pass_idle(SignedDuration::from_secs(119));
        server.work();
        assert_eq!(service.take().len(), 0, "not before it is time");
        server.pass_idle(SignedDuration::from_secs(2));
        server.work();
        server.pass_idle(SignedDuration::from_secs(21));
        server.work();
        assert_eq!(service.take().len(), 2);
        // Someone else signs in on the same device: nothing more of the former user arrives there.
        register(&other, &Browser::subscribe(&service, "/send/shared")).await;
        assert_eq!((devices(&owner).await.len(), devices(&other).await.len()), (0, 1));
        check(&garage, &car).await;
        server.work();
        assert_eq!(service.take().len(), 0);
        check(&garage, &others).await;
        server.work();
        assert_eq!(service.take().len(), 1);
        // However many a client registers, 20 stay.
        for number in 0..25 {
            register(&other, &Browser::subscribe(&service, &format!("/send/{number}"))).await;
        }
        assert_eq!(devices(&other).await.len(), 20);
        server.stop().await;
    }

    async fn n4_what_was_read_or_is_no_longer_ones_own_is_not_pushed(server) {
        let (server, service) = pushing(server.backend).await;
        let garage = server.garage("n4push").await;
        let (owner, _, car) = garage.driver("owner@n4push.example").await;
        register(&owner, &Browser::subscribe(&service, "/send/one")).await;
        let setting = "/v1/account/notification-settings/check_ready";
        // The first attempt fails, and before the second it was read; or the car was archived.
        for end in ["read", "archive"] {
            service.answer("503 Service Unavailable");
            check(&garage, &car).await;
            server.work();
            assert_eq!(service.take().len(), 1);
            if end == "read" {
                let newest = owner.get("/v1/notifications?limit=1").await.items()[0]["id"].clone();
                owner.post("/v1/notifications/read", json!({ "upTo": newest })).await.expect(StatusCode::NO_CONTENT);
                owner.put(setting, json!({ "inApp": true, "email": true, "push": false })).await.ok();
                check(&garage, &car).await;
                owner.put(setting, json!({ "inApp": true, "email": true, "push": true })).await.ok();
            } else {
                garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
            }
            server.pass_idle(SignedDuration::from_secs(60));
            server.work();
            let late = service.take();
            // What was told while push was off was told when the worker came to it; that the car is archived is told too.
            assert_eq!(late.len(), 1, "{end}: {late:?}");
        }
        server.stop().await;
    }

    async fn ch2_a_device_ends_with_the_longest_time_of_its_session(server) {
        let (service, push) = (PushService::start(), settings(Networks::Any));
        let usual = domain::session::Lifetimes::default();
        let lifetimes = domain::session::Lifetimes { others: SignedDuration::from_hours(10), ..usual };
        let server = Server::start_with(server.backend, |all| { all.push = Some(push); all.sessions = lifetimes; }).await;
        let garage = server.garage("ch2long").await;
        let (owner, _, car) = garage.driver("owner@ch2long.example").await;
        register(&owner, &Browser::subscribe(&service, "/send/desk")).await;
        let told = async || { check(&garage.again().await, &car).await; server.work(); service.take() };
        server.pass_idle(SignedDuration::from_hours(9));
        let later = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        register(&later, &Browser::subscribe(&service, "/send/phone")).await;
        assert_eq!((told().await.len(), devices(&later).await.len()), (2, 2));
        // Nobody has ended the first session: it is over.
        server.pass_idle(SignedDuration::from_hours(2));
        let later = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        let last = told().await;
        assert_eq!((last.len(), last[0].path.as_str(), devices(&later).await.len()), (1, "/send/phone", 1));
        server.stop().await;
    }

    async fn n4_what_is_no_longer_so_is_not_pushed(server) {
        let (server, service) = pushing(server.backend).await;
        let garage = server.garage("n4so").await;
        let (owner, _, car) = garage.driver("owner@n4so.example").await;
        let (buyer, ..) = garage.driver("buyer@n4so.example").await;
        register(&buyer, &Browser::subscribe(&service, "/send/buyer")).await;
        // The push service is busy, and before it is asked again the offer is withdrawn.
        service.answer("503 Service Unavailable");
        let offer = owner.offer(&car, "new_owner", &buyer.email).await.created();
        server.work();
        assert_eq!(service.take().len(), 1);
        owner.act(&format!("/v1/transfers/{}/withdraw", offer["id"].as_str().unwrap())).await.ok();
        server.work();
        assert_eq!(service.take().len(), 1, "that it was withdrawn");
        server.pass_idle(SignedDuration::from_secs(60));
        server.work();
        assert_eq!(service.take().len(), 0, "and not that there is one");
        server.stop().await;
    }

    async fn ch2_what_no_push_service_gave_is_refused(server) {
        let garage = server.garage("ch2bad").await;
        let service = PushService::start();
        let good = Browser::subscribe(&service, "/send").subscription();
        let with = |name: &str, value: Value| { let mut body = good.clone(); body[name] = value; body };
        let register = async |body: Value| garage.mechanic.post("/v1/account/devices", body).await;
        for private in ["http://push.mozilla.com/1", "https://127.0.0.1/1", "https://[::1]/1", "https://10.0.0.7/x", "https://localhost/x", "https://169.254.169.254/latest", "https://push.mozilla.com:8443/x", "https://u:p@push.mozilla.com/x", "ftp://push.example", "https://2130706433/", "push.example"] {
            register(with("endpoint", json!(private))).await.wrong(&["#/endpoint push_endpoint_invalid"]);
        }
        register(with("endpoint", json!("https://updates.push.services.mozilla.com/wpush/v2/1"))).await.ok();
        let public = |body: Value| { let mut body = body; body["endpoint"] = json!("https://updates.push.services.mozilla.com/wpush/v2/2"); body };
        for (name, value) in [("p256dh", json!("AAAA")), ("auth", json!("AAAA")), ("p256dh", json!("not base64!"))] {
            register(public(with(name, value))).await.wrong(&[&format!("#/{name} push_key_invalid")]);
        }
        let mut both = public(with("p256dh", json!("AAAA")));
        both["auth"] = json!("BBBB");
        register(both).await.wrong(&["#/p256dh push_key_invalid", "#/auth push_key_invalid"]);
        register(with("token", json!("x"))).await.wrong(&["#/token conflicts_with_other"]);
        register(json!({ "kind": "web_push", "endpoint": "https://push.example" })).await.wrong(&["#/p256dh required", "#/auth required"]);
        register(json!({ "kind": "fcm" })).await.wrong(&["#/token required"]);
        register(json!({ "kind": "fcm", "token": "t".repeat(4097) })).await.wrong(&["#/token too_long"]);
        register(json!({ "kind": "fcm", "token": "token" })).await.ok();
    }

    async fn ch2_without_a_service_account_no_app_is_registered(server) {
        let (server, service) = pushing(server.backend).await;
        let garage = server.garage("ch2web").await;
        let app = json!({ "kind": "fcm", "token": "token" });
        garage.mechanic.post("/v1/account/devices", app).await.problem(409, "push_unavailable");
        register(&garage.mechanic, &Browser::subscribe(&service, "/send/one")).await;
        let kinds: Vec<Value> = devices(&garage.mechanic).await.into_iter().map(|device| device["kind"].clone()).collect();
        assert_eq!(kinds, ["web_push"]);
        server.stop().await;
    }

    async fn ch2_one_can_tell_which_device_is_which(server) {
        let garage = server.garage("ch2which").await;
        let app = |token: &str| json!({ "kind": "fcm", "token": token }).to_string().into_bytes();
        let login = json!({ "email": garage.mechanic.email, "password": crate::support::PASSWORD }).to_string().into_bytes();
        let json_type = ("content-type", "application/json");
        let phone = server.anonymous().send("POST", "/v1/auth/login", &[json_type, ("user-agent", "AutoPaspoort/1.4 (Pixel)")], Some(login)).await.ok();
        let phone = Actor::new(server, Some(&phone));
        let device = phone.send("POST", "/v1/account/devices", &[json_type, ("user-agent", "another")], Some(app("phone"))).await.ok();
        let shown = (&device["userAgent"], &device["current"], &device["lastUsedAt"]);
        assert_eq!(shown, (&json!("AutoPaspoort/1.4 (Pixel)"), &json!(true), &json!(server.now().to_string())));
        let signed_in = server.now();
        server.pass_idle(SignedDuration::from_mins(20));
        let body = json!({ "refreshToken": phone.refresh_token });
        let refreshed = server.anonymous().post("/v1/auth/refresh", body).await.expect(StatusCode::OK);
        assert!(refreshed.body["accessToken"].is_string());
        let listed = devices(&server.sign_in(&garage.mechanic.email, crate::support::PASSWORD).await).await;
        assert_eq!(listed.len(), 1);
        let shown = (&listed[0]["userAgent"], &listed[0]["current"], &listed[0]["lastUsedAt"], &listed[0]["registeredAt"]);
        assert_eq!(shown, (&json!("AutoPaspoort/1.4 (Pixel)"), &json!(false), &json!(server.now().to_string()), &json!(signed_in.to_string())));
    }

    async fn ch2_without_a_contact_there_is_no_push(server) {
        let server = Server::start_with(server.backend, |all| all.push = None).await;
        let garage = server.garage("ch2off").await;
        garage.mechanic.get("/v1/push/web-push-key").await.problem(409, "push_unavailable");
        let body = json!({ "kind": "fcm", "token": "token" });
        garage.mechanic.post("/v1/account/devices", body).await.problem(409, "push_unavailable");
        assert!(devices(&garage.mechanic).await.is_empty());
        server.stop().await;
    }
}
