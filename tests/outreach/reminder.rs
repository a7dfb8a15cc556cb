//! Reminders of what comes due: rules RM1 to RM4, as people receive them.

use crate::{
    both,
    support::{
        Actor, PASSWORD, Server, kombi,
        push_service::{Browser, PushService, settings},
    },
};
use api::push::Networks;
use jiff::{SignedDuration, civil::date, tz::TimeZone};
use serde_json::json;

/// Lets time pass until an hour of a day at the garage, and the worker do what that brings about.
fn go_to(server: &Server, day: jiff::civil::Date, hour: i8) {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let at = day.at(hour, 0, 0, 0).to_zoned(zone).unwrap().timestamp();
    server.pass(at.duration_since(server.now()));
    server.work();
}

/// The subjects of the reminders that were mailed to an address.
fn mailed(server: &Server, email: &str) -> Vec<String> {
    let mails = server.mails_to(email);
    mails.iter().map(|mail| mail.subject().to_owned()).filter(|subject| subject.contains("APK")).collect()
}

/// The titles of the reminders in the app, the newest first. The account signs in for that, since time has passed.
async fn told(server: &Server, email: &str) -> Vec<String> {
    let who = server.sign_in(email, PASSWORD).await;
    let items = who.get("/v1/notifications").await.items();
    let reminders = items.iter().filter(|item| item["kind"].as_str().unwrap().starts_with("reminder_apk"));
    reminders.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn rm1_rm2_a_driver_is_reminded_of_the_apk_once_for_each_offset_until_it_is_done(server) {
        let garage = server.garage("rm1").await;
        let (owner, _, car) = garage.driver("owner@rm1.example").await;
        let plate = garage.plate_of(&car).await;
        // 65 days before: of the offsets that have passed, the latest counts alone, and not at a quarter past seven.
        server.told(&plate, Some(&kombi("2026-05-01")));
        server.pass(SignedDuration::ZERO);
        assert_eq!(mailed(server, &owner.email), Vec::<String>::new());
        go_to(server, date(2026, 2, 25), 8);
        let first = mailed(server, &owner.email);
        assert!(first.len() == 1 && first[0].ends_with("verloopt op 01-05-2026"), "{first:?}");
        for hour in [9, 12, 19, 23] {
            go_to(server, date(2026, 2, 25), hour);
        }
        go_to(server, date(2026, 3, 5), 10);
        assert_eq!(mailed(server, &owner.email).len(), 1);
        // Eight weeks before.
        go_to(server, date(2026, 3, 6), 10);
        assert_eq!((mailed(server, &owner.email).len(), told(server, &owner.email).await.len()), (2, 2));
        // Another day of the same week is the same due day; the server stood still when the next offset came.
        server.told(&plate, Some(&kombi("2026-05-03")));
        go_to(server, date(2026, 3, 9), 10);
        assert_eq!(mailed(server, &owner.email).len(), 2);
        go_to(server, date(2026, 4, 9), 10);
        assert_eq!(mailed(server, &owner.email).len(), 3);
        // It was inspected.
        server.told(&plate, Some(&kombi("2027-05-03")));
        go_to(server, date(2026, 5, 4), 10);
        assert_eq!(mailed(server, &owner.email).len(), 3);
        go_to(server, date(2027, 2, 22), 10);
        assert_eq!((mailed(server, &owner.email).len(), told(server, &owner.email).await.len()), (4, 4), "and the next year again");
        go_to(server, date(2027, 5, 4), 10);
        assert!(mailed(server, &owner.email).last().unwrap().ends_with("is verlopen"));
        let path = format!("/v1/passports/{car}/events?kind=reminder_due");
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        let events = admin.get(&path).await.items();
        let of_apk = events.iter().filter(|event| event["data"]["item"] == "apk").count();
        assert_eq!(of_apk, mailed(server, &owner.email).len());
    }

    async fn rm2_a_reminder_that_is_no_longer_true_does_not_arrive(server) {
        let garage = server.garage("rm2").await;
        let (owner, _, car) = garage.driver("owner@rm2.example").await;
        let plate = garage.plate_of(&car).await;
        server.told(&plate, Some(&kombi("2026-05-01")));
        server.pass(SignedDuration::from_hours(1));
        // It is made, and before the worker sends it the car is inspected.
        server.told(&plate, Some(&kombi("2027-05-01")));
        server.work();
        assert_eq!((mailed(server, &owner.email).len(), told(server, &owner.email).await.len()), (0, 0));
    }

    async fn rm2_two_servers_remind_once(server) {
        let garage = server.garage("rm2two").await;
        let mut owners = vec![];
        for number in 0..12 {
            let (owner, _, car) = garage.driver(&format!("owner{number}@rm2two.example")).await;
            server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
            owners.push(owner.email);
        }
        server.pass_idle(SignedDuration::from_hours(1));
        let workers = [server.start_worker(), server.start_worker(), server.start_worker()];
        let all = || owners.iter().all(|email| !mailed(server, email).is_empty());
        crate::support::until("all are reminded", all).await;
        server.pass_idle(SignedDuration::from_mins(2));
        server.pass(SignedDuration::ZERO);
        for worker in workers {
            worker.stop();
        }
        for email in &owners {
            assert_eq!((mailed(server, email).len(), told(server, email).await.len()), (1, 1), "{email}");
        }
    }

    async fn rm3_a_push_message_of_a_reminder_comes_on_no_sunday(server) {
        let push = settings(Networks::Any);
        let server = Server::start_with(server.backend, |all| all.push = Some(push)).await;
        let service = PushService::start();
        let garage = server.garage("rm3").await;
        let (owner, _, car) = garage.driver("owner@rm3.example").await;
        let register = async |who: &Actor<'_>| {
            let browser = Browser::subscribe(&service, "/send");
            who.post("/v1/account/devices", browser.subscription()).await.ok()
        };
        register(&owner).await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        // A Sunday: the mail goes, the message to the telephone waits until Monday morning.
        go_to(&server, date(2026, 3, 1), 10);
        assert_eq!((mailed(&server, &owner.email).len(), service.take().len()), (1, 0));
        go_to(&server, date(2026, 3, 2), 7);
        assert_eq!(service.take().len(), 0);
        go_to(&server, date(2026, 3, 2), 8);
        assert_eq!(service.take().len(), 1);
        server.stop().await;
    }

    async fn rm3_what_is_late_in_the_evening_is_mailed_in_the_morning(server) {
        let garage = server.garage("rm3late").await;
        let (owner, _, car) = garage.driver("owner@rm3late.example").await;
        let plate = garage.plate_of(&car).await;
        go_to(server, date(2026, 2, 25), 19);
        server.told(&plate, Some(&kombi("2026-05-01")));
        // It is made just before eight, and the worker comes to it just after.
        server.pass(SignedDuration::from_mins(59));
        server.pass_idle(SignedDuration::from_mins(2));
        assert_eq!(mailed(server, &owner.email).len(), 0);
        server.pass_idle(SignedDuration::from_hours(11));
        assert_eq!(mailed(server, &owner.email).len(), 0);
        server.pass_idle(SignedDuration::from_hours(1));
        assert_eq!(mailed(server, &owner.email).len(), 1);
    }

    async fn rm5_a_car_that_was_imported_is_looked_at(server) {
        let garage = server.garage("rm5").await;
        let plate = crate::support::plate();
        // The register's answer was there before the car.
        server.told(&plate, Some(&kombi("2026-05-01")));
        let customer = json!({ "kind": "person", "name": "Jan", "email": "imported@rm5.example" });
        let line = json!({ "licencePlate": { "number": plate }, "customer": customer }).to_string();
        let headers = [("content-type", "application/x-ndjson")];
        let path = "/v1/passport-imports?invite=true";
        let answer = garage.admin.send("POST", path, &headers, Some(line.into_bytes())).await.ok();
        assert_eq!(answer["made"], 1, "{answer}");
        server.join("imported@rm5.example").await;
        go_to(server, date(2026, 2, 25), 8);
        assert_eq!(mailed(server, "imported@rm5.example").len(), 1);
    }

    async fn rm4_driver_and_fleet_are_both_reminded_and_may_switch_it_off(server) {
        let garage = server.garage("rm4").await;
        let fleet = garage.fleet("fleet-rm4").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@rm4.example").await;
        let off = json!({ "inApp": false, "email": false, "push": false });
        fleet.account.put("/v1/account/notification-settings/reminder_apk_expired", off).await.ok();
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-03-20")));
        go_to(server, date(2026, 2, 25), 8);
        for who in [&driver, &fleet.account] {
            assert_eq!((mailed(server, &who.email).len(), told(server, &who.email).await.len()), (1, 1), "{}", who.email);
        }
        go_to(server, date(2026, 3, 21), 8);
        assert_eq!((mailed(server, &driver.email).len(), mailed(server, &fleet.account.email).len()), (2, 1));
    }
}
