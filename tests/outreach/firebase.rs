//! Push messages to the apps, by Firebase Cloud Messaging: rule CH2, from a device that is registered to a message that came.

use crate::{
    both,
    support::{
        Actor, Backend, Garage, Server,
        firebase::{Firebase, Trouble},
        maintained,
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A server that sends to apps, and the service that it sends by.
async fn pushing(backend: Backend) -> (Server, Firebase) {
    let firebase = Firebase::start();
    let server = Server::start_with(backend, |all| all.push = Some(firebase.settings())).await;
    firebase.at(server.now());
    (server, firebase)
}

async fn register(who: &Actor<'_>, token: &str) {
    let device = who.post("/v1/account/devices", json!({ "kind": "fcm", "token": token })).await.ok();
    assert_eq!((&device["kind"], &device["current"]), (&json!("fcm"), &json!(true)));
}

async fn devices(who: &Actor<'_>) -> Vec<Value> {
    who.get("/v1/account/devices").await.items()
}

/// Something that the owner of a car is told of.
async fn check(garage: &Garage<'_>, car: &str) {
    let draft = maintained::draft_check(&garage.mechanic, car).await;
    maintained::complete_check(&garage.mechanic, car, &draft).await;
}

/// Lets time pass and has the worker do what is due.
fn pass(server: &Server, firebase: &Firebase, seconds: i64) {
    server.pass_idle(SignedDuration::from_secs(seconds));
    firebase.at(server.now());
    server.work();
}

both! {
    async fn ch2_an_app_gets_what_its_account_is_told(server) {
        let (server, firebase) = pushing(server.backend).await;
        let garage = server.garage("app").await;
        let (owner, _, car) = garage.driver("owner@app.example").await;
        let token = firebase.install();
        register(&owner, &token).await;
        check(&garage, &car).await;
        server.work();
        let received = firebase.take();
        assert_eq!((received.len(), firebase.given()), (1, 1), "{received:?}");
        let message = &received[0];
        // It says what happened and nothing more: a lock screen shows it to everyone.
        let title = message["notification"]["title"].as_str().unwrap();
        assert!(title.starts_with("De controle van"), "{message}");
        assert_eq!(message["notification"]["body"], "Tik om het te lezen.");
        assert_eq!((message["token"].as_str(), &message["data"]["url"]), (Some(&*token), &json!(format!("/passports/{car}"))));
        let newest = owner.get("/v1/notifications?limit=1").await.items()[0]["id"].clone();
        assert_eq!(message["data"]["tag"], newest);
        let until = (server.now().as_second() + 86_400).to_string();
        assert_eq!((&message["android"]["ttl"], &message["android"]["priority"]), (&json!("86400s"), &json!("NORMAL")));
        assert_eq!((&message["apns"]["headers"]["apns-expiration"], &message["apns"]["headers"]["apns-priority"]), (&json!(until), &json!("5")));
        // The access token is kept for the next message, and an hour later another one is asked for.
        check(&garage, &car).await;
        server.work();
        assert_eq!((firebase.take().len(), firebase.given()), (1, 1));
        pass(&server, &firebase, 3600);
        let garage = garage.again().await;
        check(&garage, &car).await;
        server.work();
        assert_eq!((firebase.take().len(), firebase.given()), (1, 2));
        server.stop().await;
    }

    async fn ch2_an_access_token_that_is_refused_is_renewed(server) {
        let (server, firebase) = pushing(server.backend).await;
        let garage = server.garage("renew").await;
        let (owner, _, car) = garage.driver("owner@renew.example").await;
        register(&owner, &firebase.install()).await;
        for (attempts, given) in [(1, 1), (2, 2)] {
            check(&garage, &car).await;
            server.work();
            assert_eq!((firebase.take().len(), firebase.attempts(), firebase.given()), (1, attempts, given));
            firebase.revoke();
        }
        server.stop().await;
    }

    async fn ch2_an_app_that_is_gone_is_dropped(server) {
        let (server, firebase) = pushing(server.backend).await;
        let garage = server.garage("gone").await;
        let (owner, _, car) = garage.driver("owner@gone.example").await;
        let phone = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        let (kept, lost) = (firebase.install(), firebase.install());
        register(&owner, &kept).await;
        register(&phone, &lost).await;
        firebase.uninstall(&lost);
        check(&garage, &car).await;
        server.work();
        let received = firebase.take();
        assert_eq!((received.len(), received[0]["token"].as_str(), firebase.attempts()), (1, Some(&*kept), 2));
        assert_eq!(devices(&owner).await.len(), 1);
        check(&garage, &car).await;
        server.work();
        assert_eq!((firebase.take().len(), firebase.attempts()), (1, 1), "nothing is sent to it any more");
        server.stop().await;
    }

    async fn ch2_firebase_is_asked_again_when_it_says_or_after_a_while(server) {
        let (server, firebase) = pushing(server.backend).await;
        let garage = server.garage("again").await;
        let (owner, _, car) = garage.driver("owner@again.example").await;
        register(&owner, &firebase.install()).await;
        for trouble in [Trouble::Busy(120), Trouble::Broken, Trouble::Silence] {
            firebase.trouble(trouble);
        }
        check(&garage, &car).await;
        server.work();
        assert_eq!(firebase.attempts(), 1);
        pass(&server, &firebase, 119);
        assert_eq!(firebase.attempts(), 0, "not before it is time");
        for (seconds, attempts, received) in [(2, 1, 0), (21, 1, 0), (39, 0, 0), (2, 1, 1), (3600, 0, 0)] {
            pass(&server, &firebase, seconds);
            assert_eq!((firebase.attempts(), firebase.take().len()), (attempts, received), "{seconds} s later");
        }
        server.stop().await;
    }

    async fn ch2_without_an_access_token_a_message_waits_and_a_stranger_gets_none(server) {
        let (server, firebase) = pushing(server.backend).await;
        let garage = server.garage("grant").await;
        let (owner, _, car) = garage.driver("owner@grant.example").await;
        register(&owner, &firebase.install()).await;
        for trouble in [Trouble::Busy(120), Trouble::Broken, Trouble::Silence] {
            firebase.token_trouble(trouble);
        }
        check(&garage, &car).await;
        server.work();
        for (seconds, received) in [(119, 0), (2, 0), (21, 0), (39, 0), (2, 1)] {
            pass(&server, &firebase, seconds);
            assert_eq!(firebase.take().len(), received, "{seconds} s later");
        }
        assert_eq!((firebase.attempts(), firebase.given()), (1, 1));
        // Nobody can mend that, and what was told is in the app: the message is given up, and the device stays.
        firebase.revoke();
        firebase.know_nobody();
        check(&garage, &car).await;
        server.work();
        pass(&server, &firebase, 3600);
        assert_eq!((firebase.attempts(), firebase.given()), (1, 1));
        assert!(firebase.take().is_empty());
        let owner = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        assert_eq!(devices(&owner).await.len(), 1);
        server.stop().await;
    }
}
