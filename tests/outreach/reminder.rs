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
        assert!(first.len() == 1 && first[0].ends_with("verloopt op 1 mei 2026"), "{first:?}");
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

    async fn rm1_a_reminder_says_how_to_reach_the_garage_and_leads_to_the_car(server) {
        let garage = server.garage("rm1act").await;
        let (owner, _, car) = garage.driver("owner@rm1act.example").await;
        let email = garage.admin.get("/v1/garage").await.ok()["email"].as_str().unwrap().to_owned();
        garage.admin.patch("/v1/garage", json!({ "phone": "+31201234567" })).await.ok();
        owner.patch("/v1/account", json!({ "language": "en" })).await.ok();
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        go_to(server, date(2026, 2, 25), 8);
        let mails = server.mails_to(&owner.email);
        let mail = mails.iter().find(|mail| mail.subject().starts_with("The APK")).unwrap();
        assert!(mail.subject().ends_with("expires on 1 May 2026"), "{}", mail.subject());
        let text = mail.raw.replace("\r\n ", " ");
        let reply_to = text.lines().find(|line| line.starts_with("Reply-To:")).unwrap();
        assert!(reply_to.contains(&email), "{reply_to}");
        assert!(text.contains(": call 020 123 45 67 or answer this e-mail.") && text.contains(&format!(" · {email}")), "{text}");
        assert!(text.contains(&format!("/app/passports/{car}.")), "{text}");
        assert!(text.contains("<a href=\"tel:+31201234567\""), "{text}");
        // In the app it is told in words that lead there by themselves.
        let account = server.sign_in(&owner.email, PASSWORD).await;
        let told = account.get("/v1/notifications").await.items();
        let told = told.iter().find(|item| item["kind"] == "reminder_apk").unwrap();
        let text = told["text"].as_str().unwrap();
        assert!(text.contains(": call 020 123 45 67.") && !text.contains("http"), "{text}");
        // Whoever works for the garage knows how to reach it.
        for mail in server.mails_to(&garage.admin.email) {
            assert!(!mail.raw.contains("Reply-To:"), "{}", mail.raw);
        }
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

    async fn rm2_a_reminder_names_the_day_that_is_known_when_it_is_sent(server) {
        let garage = server.garage("rm2moved").await;
        let mut owners = vec![];
        for name in ["some-days", "weeks"] {
            let (owner, _, car) = garage.driver(&format!("{name}@rm2moved.example")).await;
            let plate = garage.plate_of(&car).await;
            server.told(&plate, Some(&kombi("2026-05-01")));
            owners.push((owner.email, plate));
        }
        server.pass(SignedDuration::from_hours(1));
        // They are made, and before the worker sends them the day moves by some days, or by more than a week.
        server.told(&owners[0].1, Some(&kombi("2026-05-04")));
        server.told(&owners[1].1, Some(&kombi("2026-05-14")));
        server.work();
        let [some_days, weeks] = [0, 1].map(|index: usize| owners[index].0.clone());
        let ends = |titles: &[String], day: &str| titles.len() == 1 && titles[0].ends_with(&format!("verloopt op {day}"));
        let (mails, titles) = (mailed(server, &some_days), told(server, &some_days).await);
        assert!(ends(&mails, "4 mei 2026") && ends(&titles, "4 mei 2026"), "{mails:?} {titles:?}");
        assert_eq!((mailed(server, &weeks).len(), told(server, &weeks).await.len()), (0, 0));
        // What moved by more than a week is reminded of with its new day.
        go_to(server, date(2026, 3, 5), 10);
        let mails = mailed(server, &weeks);
        assert!(ends(&mails, "14 mei 2026"), "{mails:?}");
        assert_eq!(mailed(server, &some_days).len(), 1);
    }

    async fn rm2_a_push_message_that_waits_for_monday_is_looked_at_again(server) {
        let push = settings(Networks::Any);
        let server = Server::start_with(server.backend, |all| all.push = Some(push)).await;
        let service = PushService::start();
        let garage = server.garage("rm2push").await;
        let fleet = garage.fleet("fleet-rm2push").await;
        let mut cars = vec![];
        for name in ["stays", "inspected", "moved", "quiet", "unchosen"] {
            let email = format!("{name}@rm2push.example");
            let (owner, car) = if name == "unchosen" {
                garage.fleet_car(&fleet, &email).await
            } else {
                let (owner, _, car) = garage.driver(&email).await;
                (owner, car)
            };
            // What was told before is not pushed.
            server.work();
            owner.post("/v1/account/devices", Browser::subscribe(&service, &format!("/send/{name}")).subscription()).await.ok();
            let plate = garage.plate_of(&car).await;
            server.told(&plate, Some(&kombi("2026-05-01")));
            cars.push((owner.email, plate));
        }
        go_to(&server, date(2026, 3, 1), 10);
        assert_eq!((mailed(&server, &cars[0].0).len(), service.take().len()), (1, 0), "it is Sunday");
        server.told(&cars[1].1, Some(&kombi("2027-05-01")));
        server.told(&cars[2].1, Some(&kombi("2026-06-01")));
        let quiet = server.sign_in(&cars[3].0, PASSWORD).await;
        let off = json!({ "inApp": true, "email": true, "push": false });
        quiet.put("/v1/account/notification-settings/reminder_apk", off).await.ok();
        let manager = server.sign_in(&fleet.account.email, PASSWORD).await;
        let chosen = json!({ "to": "manager", "digest": false });
        manager.change("PUT", &format!("/v1/fleets/{}/reminders", fleet.id), "*", chosen).await.ok();
        go_to(&server, date(2026, 3, 2), 8);
        let paths: Vec<String> = service.take().into_iter().map(|message| message.path).collect();
        assert_eq!(paths, ["/send/stays"]);
        server.stop().await;
    }

    async fn rm2_a_clock_that_is_set_back_reminds_once(server) {
        let garage = server.garage("rm2back").await;
        let (owner, _, car) = garage.driver("owner@rm2back.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        let offsets = || mailed(server, &owner.email).len();
        // The hour from 8 to 9 comes twice, and then once more after midnight the day before.
        for hour in [8, 9, 8, 9] {
            go_to(server, date(2026, 2, 25), hour);
        }
        assert_eq!(offsets(), 1);
        go_to(server, date(2026, 3, 6), 8);
        assert_eq!(offsets(), 2);
        for (day, hour) in [(5, 19), (6, 8), (6, 9)] {
            go_to(server, date(2026, 3, day), hour);
        }
        assert_eq!((offsets(), told(server, &owner.email).await.len()), (2, 2));
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

    async fn rm3_an_offer_that_ends_is_pushed_on_a_sunday_too(server) {
        let push = settings(Networks::Any);
        let server = Server::start_with(server.backend, |all| all.push = Some(push)).await;
        let service = PushService::start();
        let garage = server.garage("rm3offer").await;
        let (buyer, ..) = garage.driver("buyer@rm3offer.example").await;
        let (seller, _, car) = garage.driver("seller@rm3offer.example").await;
        buyer.post("/v1/account/devices", Browser::subscribe(&service, "/send").subscription()).await.ok();
        seller.offer(&car, "new_owner", &buyer.email).await.created();
        server.work();
        assert_eq!(service.take().len(), 1, "that they are offered a car");
        // It ends on the eleventh, so three days before it is Sunday; on Monday it might be too late.
        go_to(&server, date(2026, 3, 8), 7);
        assert_eq!(service.take().len(), 0, "nobody is woken");
        go_to(&server, date(2026, 3, 8), 8);
        let urgent = service.take();
        assert_eq!((urgent.len(), urgent[0].header("urgency")), (1, "high"));
        server.stop().await;
    }

    async fn rm3_the_hour_is_right_when_the_clock_changes_and_on_a_leap_day(server) {
        let garage = server.garage("rm3clock").await;
        // Four weeks before each: the clock goes forward on the first day, back on the second, and the third is 29 February.
        for (number, expires_on, day) in [
            (0, "2026-04-26", date(2026, 3, 29)),
            (1, "2026-11-22", date(2026, 10, 25)),
            (2, "2028-03-28", date(2028, 2, 29)),
        ] {
            let garage = garage.again().await;
            let (owner, _, car) = garage.driver(&format!("owner{number}@rm3clock.example")).await;
            server.told(&garage.plate_of(&car).await, Some(&kombi(expires_on)));
            go_to(server, day.yesterday().unwrap(), 19);
            let before = mailed(server, &owner.email).len();
            go_to(server, day, 7);
            server.pass(SignedDuration::from_mins(59));
            assert_eq!(mailed(server, &owner.email).len(), before, "{day}, one minute before eight");
            server.pass(SignedDuration::from_mins(1));
            let mails = mailed(server, &owner.email);
            assert_eq!(mails.len(), before + 1, "{day}, at eight: {mails:?}");
        }
        // Of an APK that ends on 29 February too: a week before, and on the day after.
        let garage = garage.again().await;
        let (owner, _, car) = garage.driver("leap@rm3clock.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2032-02-29")));
        go_to(server, date(2032, 2, 20), 8);
        for (day, is_reminded) in [(date(2032, 2, 21), false), (date(2032, 2, 22), true), (date(2032, 2, 29), false), (date(2032, 3, 1), true)] {
            let before = mailed(server, &owner.email).len();
            go_to(server, day, 8);
            assert_eq!(mailed(server, &owner.email).len() - before, usize::from(is_reminded), "{day}");
        }
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

    async fn rm1_a_garage_sets_when_people_are_reminded(server) {
        let garage = server.garage("rm1set").await;
        let (owner, _, car) = garage.driver("owner@rm1set.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        let all = garage.mechanic.get("/v1/garage/reminder-offsets").await.ok();
        let usual = json!({ "item": "apk", "days": [-70, -56, -28, -7, 1], "level": "default", "own": null });
        assert_eq!((&all["offsets"][0], all["offsets"].as_array().unwrap().len()), (&usual, 4));
        go_to(server, date(2026, 2, 25), 8);
        let apk = "/v1/garage/reminder-offsets/apk";
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        let own = json!({ "item": "apk", "days": [-60, -10], "level": "garage", "own": [-60, -10] });
        for _ in 0..2 {
            assert_eq!(admin.put(apk, json!({ "days": [-10, -60] })).await.ok(), own);
        }
        assert_eq!(admin.get("/v1/garage/reminder-offsets").await.ok()["offsets"][0], own);
        server.work();
        // The car would have been looked at on the sixth of March only.
        go_to(server, date(2026, 3, 2), 8);
        assert_eq!(mailed(server, &owner.email).len(), 2);
        go_to(server, date(2026, 3, 6), 8);
        assert_eq!(mailed(server, &owner.email).len(), 2);
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        for _ in 0..2 {
            assert_eq!(admin.send("DELETE", apk, &[], None).await.ok(), usual);
        }
        server.work();
        go_to(server, date(2026, 3, 6), 9);
        assert_eq!(mailed(server, &owner.email).len(), 3, "eight weeks before");
        let garage = garage.again().await;
        let changes = garage.events().await.into_iter().filter(|(_, kind)| kind == "reminder_offsets_changed").count();
        assert_eq!(changes, 2, "what is so already is no event");
    }

    async fn rm1_offsets_are_checked_and_are_the_admins(server) {
        let garage = server.garage("rm1odd").await;
        let fleet = garage.fleet("fleet-rm1odd").await;
        let path = |item: &str| format!("/v1/garage/reminder-offsets/{item}");
        let put = async |item: &str, body: serde_json::Value| garage.admin.put(&path(item), body).await;
        let eleven: Vec<i64> = (0..11).collect();
        for (body, wrong) in [
            (json!({ "days": [] }), "#/days list_length"),
            (json!({ "days": eleven }), "#/days list_length"),
            (json!({ "days": [-7, 200] }), "#/days/1 out_of_range"),
            (json!({ "days": [-181] }), "#/days/0 out_of_range"),
            (json!({ "days": [1e99] }), "#/days/0 out_of_range"),
            (json!({ "days": [-7, 1, -7] }), "#/days/2 offset_repeated"),
            (json!({ "days": ["-7"] }), "#/days/0 wrong_type"),
            (json!({ "days": [1.5] }), "#/days/0 wrong_type"),
            (json!({ "days": "-7" }), "#/days wrong_type"),
            (json!({ "days": null }), "#/days wrong_type"),
            (json!({}), "#/days required"),
        ] {
            put("apk", body).await.wrong(&[wrong]);
        }
        put("offer", json!({ "days": [-1, 1] })).await.wrong(&["#/days/1 out_of_range"]);
        put("offer", json!({ "days": [0] })).await.ok();
        put("tyres", json!({ "days": [0] })).await.problem(404, "not_found");
        garage.admin.send("DELETE", &path("x"), &[], None).await.problem(404, "not_found");
        for who in [&garage.advisor, &garage.mechanic] {
            who.put(&path("apk"), json!({ "days": [0] })).await.problem(403, "admin_only");
            who.send("DELETE", &path("apk"), &[], None).await.problem(403, "admin_only");
        }
        for who in [&fleet.account, &fleet.manager] {
            who.get("/v1/garage/reminder-offsets").await.problem(403, "wrong_account_kind");
            who.put(&path("apk"), json!({ "days": [0] })).await.problem(403, "wrong_account_kind");
        }
        let elsewhere = server.garage("rm1odd2").await;
        let theirs = elsewhere.admin.get("/v1/garage/reminder-offsets").await.ok();
        assert_eq!(theirs["offsets"][2]["level"], "default", "what one garage sets is its own");
    }

    async fn rm1_the_operator_sets_the_offsets_of_a_chain(server) {
        use api::reminder::command::{ItemOptions, OffsetsCommand, run};
        let (garage, first) = (server.garage("rm1chain").await, server.garage("rm1chain-first").await);
        let join = async |garage: &crate::support::Garage<'_>| {
            let etag = garage.admin.get("/v1/garage").await.etag();
            garage.admin.change("PATCH", "/v1/garage", &etag, json!({ "chain": "Vakgarage" })).await.ok();
        };
        join(&first).await;
        let (owner, _, car) = garage.driver("owner@rm1chain.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        let command = OffsetsCommand::Set { of: ItemOptions { chain: Some("vakgarage".into()), item: "apk".into() }, days: vec![-60] };
        run(&command, || Ok(server.store().clone()), server.now(), |_| ()).unwrap();
        let level = async || {
            let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
            admin.get("/v1/garage/reminder-offsets").await.ok()["offsets"][0]["level"].clone()
        };
        assert_eq!(level().await, "default");
        // The garage joins the chain.
        join(&garage).await;
        assert_eq!(level().await, "chain");
        go_to(server, date(2026, 2, 25), 8);
        assert_eq!(mailed(server, &owner.email).len(), 0);
        go_to(server, date(2026, 3, 2), 8);
        assert_eq!(mailed(server, &owner.email).len(), 1);
    }

    async fn rm4_a_fleet_chooses_who_is_reminded(server) {
        let garage = server.garage("rm4to").await;
        let fleet = garage.fleet("fleet-rm4to").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@rm4to.example").await;
        let counts = || (mailed(server, &driver.email).len(), mailed(server, &fleet.account.email).len());
        let path = format!("/v1/fleets/{}/reminders", fleet.id);
        let choose = async |to: &str| {
            let account = server.sign_in(&fleet.account.email, PASSWORD).await;
            let chosen = json!({ "to": to, "digest": false });
            let changed = account.change("PUT", &path, "*", chosen.clone()).await.ok();
            assert_eq!(changed["reminders"], chosen);
        };
        assert_eq!(fleet.account.get(&format!("/v1/fleets/{}", fleet.id)).await.ok()["reminders"], json!({ "to": "both", "digest": false }));
        choose("driver").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-03-20")));
        go_to(server, date(2026, 2, 25), 8);
        assert_eq!(counts(), (1, 0));
        choose("manager").await;
        go_to(server, date(2026, 3, 13), 8);
        assert_eq!(counts(), (1, 1));
        // It is made, and before the worker sends it the fleet chooses otherwise.
        server.pass(date(2026, 3, 21).at(9, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().duration_since(server.now()));
        choose("driver").await;
        server.work();
        assert_eq!(counts(), (2, 1));
    }

    async fn rm4_many_reminders_of_a_day_are_one_mail(server) {
        let garage = server.garage("rm4many").await;
        let fleet = garage.fleet("fleet-rm4many").await;
        let (mut cars, mut plates) = (vec![], vec![]);
        for number in 0..5 {
            let (driver, car) = garage.fleet_car(&fleet, &format!("driver{number}@rm4many.example")).await;
            plates.push(garage.plate_of(&car).await);
            cars.push((driver, car));
        }
        for (plate, due_on) in plates.iter().zip(["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"]) {
            server.told(plate, Some(&kombi(due_on)));
        }
        server.pass(SignedDuration::from_hours(1));
        // They are made, and before the worker sends them one car is inspected.
        server.told(&plates[4], Some(&kombi("2027-05-05")));
        server.work();
        let mails = || {
            let all = server.mails_to(&fleet.account.email);
            all.into_iter().filter(|mail| mail.subject().contains("APK")).collect::<Vec<_>>()
        };
        let shown = |plate: &str| domain::licence_plate::LicencePlate::parse(domain::value::Country::parse("NL").unwrap(), plate).unwrap().shown();
        let list = mails();
        assert!(list.len() == 1 && list[0].subject() == "De APK van 4 auto's verloopt", "{list:?}");
        for (plate, day) in plates.iter().zip(["1 mei 2026", "2 mei 2026", "3 mei 2026", "4 mei 2026"]) {
            assert!(list[0].raw.contains(&shown(plate)) && list[0].raw.contains(day), "{}", list[0].raw);
        }
        assert!(!list[0].raw.contains(&shown(&plates[4])), "it was inspected");
        assert!(list[0].raw.contains("List-Unsubscribe:"));
        assert_eq!(told(server, &fleet.account.email).await.len(), 4, "in the app each by itself");
        for (driver, _) in &cars[..4] {
            assert_eq!(mailed(server, &driver.email).len(), 1);
        }
        // At the next offset three are left, which come one by one.
        server.told(&plates[3], Some(&kombi("2027-05-05")));
        go_to(server, date(2026, 3, 10), 8);
        assert_eq!(mails().len(), 1 + 3);
    }

    async fn rm4_many_reminders_of_a_day_are_few_push_messages(server) {
        let push = settings(Networks::Any);
        let server = Server::start_with(server.backend, |all| all.push = Some(push)).await;
        let service = PushService::start();
        let garage = server.garage("rm4push").await;
        let fleet = garage.fleet("fleet-rm4push").await;
        fleet.account.post("/v1/account/devices", Browser::subscribe(&service, "/send").subscription()).await.ok();
        for number in 0..7 {
            let (_, car) = garage.fleet_car(&fleet, &format!("driver{number}@rm4push.example")).await;
            server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        }
        server.work();
        service.take();
        go_to(&server, date(2026, 3, 2), 10);
        assert_eq!(told(&server, &fleet.account.email).await.len(), 7);
        assert_eq!(service.take().len(), 5, "the telephone does not ring for each");
        server.stop().await;
    }

    async fn rm4_only_the_fleet_itself_chooses(server) {
        let garage = server.garage("rm4who").await;
        let (fleet, other) = (garage.fleet("fleet-rm4who").await, garage.fleet("other-rm4who").await);
        let (driver, _) = garage.fleet_car(&fleet, "driver@rm4who.example").await;
        let path = format!("/v1/fleets/{}/reminders", fleet.id);
        let chosen = || json!({ "to": "manager", "digest": true });
        for who in [&other.account, &driver, &fleet.manager] {
            who.change("PUT", &path, "*", chosen()).await.problem(404, "not_found");
        }
        for who in [&garage.admin, &garage.mechanic] {
            who.change("PUT", &path, "*", chosen()).await.problem(403, "fleet_only");
        }
        fleet.account.put(&path, chosen()).await.problem(428, "precondition_required");
        let stale = fleet.account.get(&format!("/v1/fleets/{}", fleet.id)).await.etag();
        fleet.account.change("PUT", &path, &stale, chosen()).await.ok();
        fleet.account.change("PUT", &path, &stale, chosen()).await.problem(412, "precondition_failed");
        let wrong = json!({ "to": "everyone", "digest": "yes" });
        fleet.account.change("PUT", &path, "*", wrong).await.wrong(&["#/to unknown_value", "#/digest wrong_type"]);
    }

    async fn rm4_a_fleet_that_takes_a_digest_gets_one_a_week(server) {
        let garage = server.garage("rm4week").await;
        let fleet = garage.fleet("fleet-rm4week").await;
        let (driver, one) = garage.fleet_car(&fleet, "one@rm4week.example").await;
        let (_, two) = garage.fleet_car(&fleet, "two@rm4week.example").await;
        let path = format!("/v1/fleets/{}/reminders", fleet.id);
        let choose = async |digest: bool| {
            let account = server.sign_in(&fleet.account.email, PASSWORD).await;
            account.change("PUT", &path, "*", json!({ "to": "both", "digest": digest })).await.ok();
        };
        let digests = || {
            let mails = server.mails_to(&fleet.account.email);
            mails.into_iter().filter(|mail| mail.subject().starts_with("Weekoverzicht")).map(|mail| mail.raw).collect::<Vec<_>>()
        };
        choose(true).await;
        let plates = [garage.plate_of(&one).await, garage.plate_of(&two).await];
        server.told(&plates[0], Some(&kombi("2026-03-20")));
        server.told(&plates[1], Some(&kombi("2026-05-01")));
        go_to(server, date(2026, 2, 25), 8);
        assert_eq!((mailed(server, &driver.email).len(), mailed(server, &fleet.account.email).len()), (1, 0));
        // A Monday, and not at night.
        go_to(server, date(2026, 3, 2), 7);
        assert_eq!(digests().len(), 0);
        for hour in [8, 9, 19] {
            go_to(server, date(2026, 3, 2), hour);
            assert_eq!(digests().len(), 1);
        }
        let shown = |plate: &str| domain::licence_plate::LicencePlate::parse(domain::value::Country::parse("NL").unwrap(), plate).unwrap().shown();
        let [first, second] = plates.map(|plate| shown(&plate));
        let text = &digests()[0];
        assert!(text.find(&first).unwrap() < text.find(&second).unwrap() && text.contains("20 maart 2026"), "{text}");
        let account = server.sign_in(&fleet.account.email, PASSWORD).await;
        let told = account.get("/v1/notifications").await.items();
        let in_app: Vec<_> = told.iter().filter(|item| item["kind"] == "fleet_digest").collect();
        assert!(in_app.len() == 1 && in_app[0]["text"].as_str().unwrap().contains("kwamen er 2 punten bij"), "{told:?}");
        // The next week, of one car; three servers at once.
        go_to(server, date(2026, 3, 6), 10);
        server.pass_idle(date(2026, 3, 9).at(9, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().duration_since(server.now()));
        let workers = [server.start_worker(), server.start_worker(), server.start_worker()];
        crate::support::until("the digest is there", || digests().len() > 1).await;
        for worker in workers {
            worker.stop();
        }
        go_to(server, date(2026, 3, 10), 10);
        let all = digests();
        assert!(all.len() == 2 && !all[1].contains(&first) && all[1].contains(&second), "{all:?}");
        // Of a car that left there is nothing to tell.
        go_to(server, date(2026, 3, 13), 10);
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        admin.unlink(&one).await.ok();
        go_to(server, date(2026, 3, 16), 10);
        assert_eq!(digests().len(), 2);
        // The clock was changed, and the server stood still on Monday.
        go_to(server, date(2026, 4, 3), 10);
        go_to(server, date(2026, 4, 8), 7);
        assert_eq!(digests().len(), 2);
        go_to(server, date(2026, 4, 8), 8);
        go_to(server, date(2026, 4, 13), 8);
        assert_eq!(digests().len(), 3);
        // Who takes no more of them gets the last at once, and then each reminder.
        go_to(server, date(2026, 4, 24), 10);
        choose(false).await;
        server.work();
        assert_eq!(digests().len(), 4);
        go_to(server, date(2026, 5, 2), 10);
        go_to(server, date(2026, 5, 4), 10);
        assert_eq!((digests().len(), mailed(server, &fleet.account.email).len()), (4, 1));
    }

    async fn rm1_whoever_was_invited_is_reminded_once_before_the_link_ends(server) {
        let garage = server.garage("rm1link").await;
        let reminded = |email: &str| {
            let mails = server.mails_to(email);
            mails.into_iter().filter(|mail| mail.subject().starts_with("Herinnering")).collect::<Vec<_>>()
        };
        let invite = async |email: &str| {
            let customer = garage.customer(email).await;
            garage.invited_passport(&customer).await
        };
        let [waits, joins, again] = ["waits@rm1link.example", "joins@rm1link.example", "again@rm1link.example"];
        invite(waits).await;
        invite(joins).await;
        let car = invite(again).await;
        let colleague = json!({ "email": "staff@rm1link.example", "name": "New", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", colleague).await.created();
        let (owner, _, offered) = garage.driver("owner@rm1link.example").await;
        let (buyer, ..) = garage.driver("buyer@rm1link.example").await;
        owner.offer(&offered, "new_owner", &buyer.email).await.created();
        server.join(joins).await;
        let first = server.token_for(waits);
        go_to(server, date(2026, 3, 7), 10);
        let advisor = server.sign_in(&garage.advisor.email, PASSWORD).await;
        advisor.act(&format!("/v1/passports/{car}/invitation")).await.expect(reqwest::StatusCode::ACCEPTED);
        // They end on the eleventh.
        go_to(server, date(2026, 3, 8), 7);
        assert_eq!(reminded(waits).len(), 0);
        for (day, hour) in [(8, 8), (8, 9), (9, 8), (10, 19)] {
            go_to(server, date(2026, 3, day), hour);
            let counts = [waits, joins, again, "staff@rm1link.example", &buyer.email].map(|email| reminded(email).len());
            assert_eq!(counts, [1, 0, 0, 1, 1], "{day} at {hour}");
        }
        assert_eq!(reminded(waits)[0].token(), Some(first), "it is the same link");
        let buyer = server.sign_in(&buyer.email, PASSWORD).await;
        let told = buyer.get("/v1/notifications").await.items();
        assert_eq!(told.iter().filter(|item| item["kind"] == "reminder_offer").count(), 1, "{told:?}");
        server.join(waits).await;
        // A link that was mailed again has a reminder of its own.
        go_to(server, date(2026, 3, 18), 8);
        go_to(server, date(2026, 3, 20), 8);
        assert_eq!((reminded(again).len(), reminded(waits).len(), reminded("staff@rm1link.example").len()), (1, 1, 1));
    }

    async fn rm1_an_open_offer_is_reminded_of_after_its_link_was_used(server) {
        let garage = server.garage("rm1offer").await;
        let address = |name: &str| format!("{name}@rm1offer.example");
        let mut offers = vec![];
        for name in ["waits", "declines", "again"] {
            let (owner, _, car) = garage.driver(&address(&format!("owner-{name}"))).await;
            let offer = owner.offer(&car, "new_owner", &address(name)).await.created();
            let joined = server.join(&address(name)).await;
            offers.push((owner, joined, format!("/v1/transfers/{}", offer["id"].as_str().unwrap())));
        }
        let [waits, declines, again] = &offers[..] else { panic!("three offers") };
        declines.1.act(&format!("{}/decline", declines.2)).await.ok();
        again.0.act(&format!("{}/resend", again.2)).await.ok();
        let reminded = |name: &str| {
            let mails = server.mails_to(&address(name));
            mails.into_iter().filter(|mail| mail.subject().starts_with("Herinnering")).collect::<Vec<_>>()
        };
        for (day, hour) in [(8, 8), (9, 8), (10, 19)] {
            go_to(server, date(2026, 3, day), hour);
            let counts = ["waits", "declines", "again"].map(|name| reminded(name).len());
            assert_eq!(counts, [1, 0, 1], "{day} at {hour}");
        }
        // The link works no more: whoever has an account signs in and decides.
        let mail = &reminded("waits")[0];
        assert_eq!((mail.token(), mail.raw.contains(waits.2.strip_prefix("/v1").unwrap())), (None, true), "{}", mail.raw);
        assert!(reminded("again")[0].token().is_some(), "the newer link was not used");
        let who = server.sign_in(&address("waits"), PASSWORD).await;
        let told = who.get("/v1/notifications").await.items();
        assert_eq!(told.iter().filter(|item| item["kind"] == "reminder_offer").count(), 1, "{told:?}");
    }

    async fn rm1_a24_many_links_to_one_mailbox_do_not_fill_it_in_one_minute(server) {
        let garage = server.garage("rm1many").await;
        let customer = garage.customer("many@rm1many.example").await;
        for _ in 0..12 {
            garage.invited_passport(&customer).await;
        }
        garage.invited_passport(&garage.customer("one@rm1many.example").await).await;
        let count = |email: &str| {
            server.mails_to(email).iter().filter(|mail| mail.subject().starts_with("Herinnering")).count()
        };
        let counts = || (count("many@rm1many.example"), count("one@rm1many.example"));
        go_to(server, date(2026, 3, 8), 8);
        assert_eq!(counts(), (10, 1));
        go_to(server, date(2026, 3, 8), 19);
        assert_eq!(counts(), (10, 1));
        // The others come on the next day: their links last until the eleventh.
        go_to(server, date(2026, 3, 9), 8);
        assert_eq!(counts(), (12, 1));
        go_to(server, date(2026, 3, 10), 8);
        assert_eq!(counts(), (12, 1), "each once");
    }

    async fn rm4_a_day_on_which_digests_are_left_off_and_taken_again_is_in_one(server) {
        let garage = server.garage("rm4twice").await;
        let fleet = garage.fleet("fleet-rm4twice").await;
        let (_, one) = garage.fleet_car(&fleet, "one@rm4twice.example").await;
        let (_, two) = garage.fleet_car(&fleet, "two@rm4twice.example").await;
        let (first, second) = (garage.plate_of(&one).await, garage.plate_of(&two).await);
        let path = format!("/v1/fleets/{}/reminders", fleet.id);
        let choose = async |digest: bool| {
            let account = server.sign_in(&fleet.account.email, PASSWORD).await;
            account.change("PUT", &path, "*", json!({ "to": "manager", "digest": digest })).await.ok();
            server.work();
        };
        let counts = || {
            let mails = server.mails_to(&fleet.account.email);
            let digests = mails.iter().filter(|mail| mail.subject().starts_with("Weekoverzicht")).count();
            (digests, mailed(server, &fleet.account.email).len())
        };
        choose(true).await;
        server.told(&first, Some(&kombi("2026-03-20")));
        go_to(server, date(2026, 2, 25), 8);
        assert_eq!(counts(), (0, 0));
        choose(false).await;
        assert_eq!(counts(), (1, 0), "the last one tells of the car");
        choose(true).await;
        // What comes for the rest of that day comes at once.
        server.told(&second, Some(&kombi("2026-03-21")));
        go_to(server, date(2026, 2, 25), 12);
        assert_eq!(counts(), (1, 1));
        go_to(server, date(2026, 3, 2), 8);
        assert_eq!(counts(), (1, 1), "that day was told of");
        // Then they are in digests again.
        go_to(server, date(2026, 3, 13), 8);
        go_to(server, date(2026, 3, 16), 8);
        assert_eq!(counts(), (2, 1));
    }

    async fn rm1_nobody_is_reminded_of_a_link_that_was_used_meanwhile(server) {
        let garage = server.garage("rm1used").await;
        let customer = garage.customer("late@rm1used.example").await;
        garage.invited_passport(&customer).await;
        garage.invited_passport(&garage.customer("used@rm1used.example").await).await;
        let token = server.token_for("used@rm1used.example");
        server.pass(date(2026, 3, 8).at(9, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().duration_since(server.now()));
        // It is made, and before the worker sends it the link is used.
        let accepted = json!({ "token": token, "name": "Jan Jansen", "password": PASSWORD });
        server.anonymous().post("/v1/invitations/accept", accepted).await.expect(reqwest::StatusCode::OK);
        let count = |email: &str| {
            server.mails_to(email).iter().filter(|mail| mail.subject().starts_with("Herinnering")).count()
        };
        assert_eq!((count("late@rm1used.example"), count("used@rm1used.example")), (1, 0));
        // Whoever sets the day of the end is reminded on it alone.
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        admin.put("/v1/garage/reminder-offsets/invitation", json!({ "days": [0] })).await.ok();
        go_to(server, date(2026, 3, 11), 8);
        assert_eq!(count("late@rm1used.example"), 1, "once for a link, whatever changes");
    }
}
