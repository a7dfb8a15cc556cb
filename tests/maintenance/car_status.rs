//! The status of cars, over HTTP: rules ST1 to ST3, and the lists that filter and sort by it.

use crate::{
    both,
    support::{Actor, Garage, PASSWORD, Server, filled_check, kombi},
};
use domain::{
    apk::VehicleKind,
    register::{Recall, RecallDetail, RecallStatus, RegisterData, RegisterVerdict},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

pub(super) async fn status(actor: &Actor<'_>, car: &str) -> Value {
    actor.get(&format!("/v1/passports/{car}/status")).await.ok()
}

/// The status in a word, with the codes of its reasons.
async fn said(actor: &Actor<'_>, car: &str) -> (String, Vec<String>) {
    let shown = status(actor, car).await;
    let codes = shown["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
    (shown["carStatus"].as_str().unwrap().to_owned(), codes.collect())
}

/// What the register says of a car of 2013, of which nothing else is wrong.
pub(super) fn calm(apk_expires_on: &str) -> RegisterData {
    RegisterData { open_recall: Some(false), ..kombi(apk_expires_on) }
}

/// Switches every task off that the platform expects, so that only what a test is about is left.
pub(super) async fn expect_nothing(garage: &Garage<'_>) {
    let mut tasks: Vec<&str> =
        domain::maintenance_schedule::platform().iter().map(|schedule| schedule.terms.task.as_str()).collect();
    tasks.sort_unstable();
    tasks.dedup();
    for task in tasks {
        garage.admin.post("/v1/maintenance-schedules", json!({ "task": task, "applies": false })).await.created();
    }
}

fn months(months: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * 30 * months)
}

pub(super) async fn read(actor: &Actor<'_>, car: &str, on: &str, km: i64) -> Value {
    let body = json!({ "value": km, "readOn": on });
    actor.post(&format!("/v1/passports/{car}/odometer/readings"), body).await.created()
}

/// The plates of a list, in its order, page by page.
async fn plates(actor: &Actor<'_>, query: &str, limit: usize) -> Vec<String> {
    let (mut plates, mut cursor) = (vec![], String::new());
    loop {
        let page = actor.get(&format!("/v1/passports?{query}&limit={limit}{cursor}")).await.ok();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        plates.extend(items.iter().map(|car| car["licencePlate"]["number"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return plates,
        }
    }
}

both! {
    async fn st1_recommendations_from_a_check_until_they_are_done_or_declined(server) {
        let garage = server.garage("st1c").await;
        expect_nothing(&garage).await;
        let (driver, _, car) = garage.driver("jan@st1c.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        assert_eq!(said(&driver, &car).await, ("good".to_owned(), vec![]));
        let found = [("tread_depth.front_left", json!({ "measured": "1.2" })), ("lights", json!({ "result": "attention" }))];
        let check = filled_check(&garage.mechanic, &car, "holiday", &found).await;
        assert_eq!(said(&driver, &car).await.0, "good", "a draft says nothing");
        let path = |part: &str| format!("/v1/passports/{car}/{part}");
        garage.mechanic.post(&path(&format!("checks/{check}/complete")), json!({ "odometer": 60_000 })).await.ok();
        let both = ["recommendation_urgent", "recommendation_open"].map(str::to_owned).to_vec();
        assert_eq!(said(&driver, &car).await, ("urgent".to_owned(), both));
        assert_eq!(plates(&garage.admin, "carStatus=urgent", 10).await, [garage.plate_of(&car).await]);
        let record = json!({ "lines": [{ "task": "tyres" }] });
        garage.mechanic.post(&path("service-records"), record).await.created();
        assert_eq!(said(&driver, &car).await, ("attention".to_owned(), vec!["recommendation_open".to_owned()]));
        let open = driver.get(&path("recommendations?status=open")).await.items();
        let id = open[0]["id"].as_str().unwrap();
        driver.post(&path(&format!("recommendations/{id}/decline")), json!({})).await.ok();
        assert_eq!(said(&driver, &car).await, ("good".to_owned(), vec![]));
        assert!(plates(&garage.admin, "carStatus=urgent,attention", 10).await.is_empty());
        // Advice that is only words is found by its id; several are several reasons, and the list has the code once.
        let mut advised = Vec::new();
        for text in ["Trekhaak smeren", "Kenteken lamp"] {
            advised.push(garage.admin.post(&path("recommendations"), json!({ "text": text, "urgency": "attention" })).await.created()["id"].clone());
        }
        let reasons = status(&driver, &car).await["reasons"].clone();
        let named: Vec<_> = reasons.as_array().unwrap().iter().map(|reason| (&reason["recommendationId"], &reason["task"])).collect();
        assert_eq!(named, [(&advised[0], &Value::Null), (&advised[1], &Value::Null)]);
        let listed = driver.get("/v1/passports").await.items();
        assert_eq!(listed[0]["statusReasons"], json!(["recommendation_open"]));
        let (task, none) = (json!({ "task": "lights", "urgency": "urgent" }), Value::Null);
        garage.admin.post(&path("recommendations"), task).await.created();
        let worst = status(&driver, &car).await["reasons"][0].clone();
        assert_eq!((&worst["task"], &worst["recommendationId"]), (&json!("lights"), &none));
    }

    async fn st4_lists_show_the_apk_and_filter_and_sort_by_it(server) {
        let garage = server.garage("st4").await;
        let mut cars = vec![];
        for (name, expires_on) in [("valid", "2026-08-01"), ("soon", "2026-04-25"), ("late", "2026-02-24")] {
            let (_, _, car) = garage.driver(&format!("{name}@st4.example")).await;
            server.told(&garage.plate_of(&car).await, Some(&calm(expires_on)));
            cars.push(car);
        }
        let (_, _, motorcycle) = garage.driver("motorcycle@st4.example").await;
        let told = RegisterData { kind: Some(VehicleKind::Motorcycle), apk_expires_on: None, ..calm("2026-08-01") };
        server.told(&garage.plate_of(&motorcycle).await, Some(&told));
        let (driver, _, unknown) = garage.driver("unknown@st4.example").await;
        let apk = async |car: &String| garage.admin.get(&format!("/v1/passports/{car}")).await.ok()["apk"].clone();
        let expected = json!({ "status": "inspectable", "expiresOn": "2026-04-25", "inspectableFrom": "2026-02-25" });
        assert_eq!(apk(&cars[1]).await, expected);
        let none = |status: &str| json!({ "status": status, "expiresOn": null, "inspectableFrom": null });
        assert_eq!((apk(&motorcycle).await, apk(&unknown).await), (none("not_subject"), none("unknown")));
        let found = async |query: &str| {
            let items = garage.admin.get(&format!("/v1/passports?{query}")).await.items();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let [valid, soon, late] = [&cars[0], &cars[1], &cars[2]].map(String::clone);
        assert_eq!(found("sort=apkExpiresOn").await, [late.clone(), soon.clone(), valid.clone()]);
        assert_eq!(found("sort=apkExpiresOn&apkBefore=2026-08-01").await, [late.clone(), soon.clone()]);
        let first = garage.admin.get("/v1/passports?sort=apkExpiresOn&limit=2").await.ok();
        let next = first["nextCursor"].as_str().unwrap();
        assert_eq!(found(&format!("sort=apkExpiresOn&limit=2&cursor={next}")).await, std::slice::from_ref(&valid));
        for (status, expected) in [
            ("valid", vec![&valid]),
            ("inspectable", vec![&soon]),
            ("expired", vec![&late]),
            ("not_subject", vec![&motorcycle]),
            ("unknown", vec![&unknown]),
            ("exempt", vec![]),
            ("expired,unknown", vec![&late, &unknown]),
            ("valid,not_subject,suspended", vec![&valid, &motorcycle]),
        ] {
            assert_eq!(found(&format!("apkStatus={status}")).await, expected.into_iter().cloned().collect::<Vec<_>>(), "{status}");
        }
        garage.admin.get("/v1/passports?apkStatus=old").await.wrong(&["apkStatus unknown_value"]);
        assert_eq!(driver.get("/v1/passports?apkStatus=unknown").await.items().len(), 1);
        // An open recall is counted.
        let recall = Recall { reference: "R1".into(), status: RecallStatus::Open, detail: None };
        server.register(&garage.plate_of(&soon).await, |kept| kept.with_recalls(vec![recall.clone()], server.now()));
        let shown = garage.admin.get("/v1/passports?apkStatus=inspectable").await.items();
        assert_eq!(shown[0]["openRecalls"], 1);
    }

    async fn st4_cars_whose_odometer_was_not_read_for_some_time(server) {
        let garage = server.garage("st4r").await;
        let (driver, _, car) = garage.driver("jan@st4r.example").await;
        let (_, _, never) = garage.driver("piet@st4r.example").await;
        let unread = async |days: i64| {
            let items = garage.admin.get(&format!("/v1/passports?notReadFor={days}")).await.items();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(unread(90).await, [car.clone(), never.clone()]);
        read(&driver, &car, "2025-11-27", 61_000).await;
        // Ninety days before today.
        assert_eq!((unread(90).await, unread(91).await), (vec![car.clone(), never.clone()], vec![never.clone()]));
        read(&driver, &car, "2025-11-28", 61_000).await;
        assert_eq!(unread(90).await, std::slice::from_ref(&never));
        garage.admin.act(&format!("/v1/passports/{never}/archive")).await.ok();
        assert!(unread(90).await.is_empty());
        garage.admin.get("/v1/passports?notReadFor=0").await.wrong(&["notReadFor out_of_range"]);
    }

    async fn st1_a_car_of_which_nothing_is_known_is_unknown(server) {
        let garage = server.garage("st1u").await;
        let (driver, _, car) = garage.driver("jan@st1u.example").await;
        let expected = json!({
            "carStatus": "unknown", "reasons": [], "nextDueOn": null, "nextDue": null, "nextDueName": null,
            "apkExpiresOn": null, "on": "2026-02-25",
        });
        assert_eq!(status(&driver, &car).await, expected);
        let listed = &driver.get("/v1/passports").await.items()[0];
        assert_eq!((&listed["carStatus"], &listed["statusReasons"]), (&json!("unknown"), &json!([])));
        // A reading, or the year, is something to judge by.
        read(&driver, &car, "2026-02-25", 61_000).await;
        assert_ne!(said(&driver, &car).await.0, "unknown");
    }

    async fn st1_the_worst_reason_decides_and_comes_first(server) {
        let garage = server.garage("st1").await;
        expect_nothing(&garage).await;
        let (driver, _, car) = garage.driver("jan@st1.example").await;
        let plate = garage.plate_of(&car).await;
        let now = async || said(&driver, &car).await;
        let is = |status: &str, codes: &[&str]| (status.to_owned(), codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
        server.told(&plate, Some(&calm("2026-08-01")));
        assert_eq!(now().await, is("good", &[]));
        assert_eq!(status(&driver, &car).await["apkExpiresOn"], "2026-08-01");
        // The APK, on its last days.
        server.told(&plate, Some(&calm("2026-04-26")));
        assert_eq!(now().await, is("attention", &["apk_due"]));
        server.told(&plate, Some(&calm("2026-02-24")));
        assert_eq!(now().await, is("urgent", &["apk_expired"]));
        // The garage knows of a later one.
        server.pass_idle(SignedDuration::from_secs(1));
        garage.mechanic.post(&format!("/v1/passports/{car}/apk/entries"), json!({ "expiresOn": "2027-02-24" })).await.created();
        assert_eq!(now().await, is("good", &[]));
        // Recalls: that there is one, what it is, and that it is dangerous.
        let recalled = |status, hazards: &[&str]| {
            let hazards = hazards.iter().map(|word| (*word).into()).collect();
            let recall = Recall { reference: "R1".into(), status, detail: Some(RecallDetail { hazards, ..RecallDetail::default() }) };
            server.register(&plate, |kept| kept.with_recalls(vec![recall.clone()], server.now()));
        };
        recalled(RecallStatus::Open, &["Het belasten van het milieu"]);
        assert_eq!(now().await, is("attention", &["recall_open"]));
        recalled(RecallStatus::Open, &["Een (verkeers)ongeval met letselschade"]);
        assert_eq!(now().await, is("urgent", &["recall_urgent"]));
        recalled(RecallStatus::Repaired, &[]);
        assert_eq!(now().await, is("good", &[]));
        // An odometer that was turned back, by the register or by the readings.
        let mut turned_back = calm("2026-02-24");
        turned_back.odometer.verdict = Some(RegisterVerdict::Illogical);
        server.told(&plate, Some(&turned_back));
        assert_eq!(now().await, is("attention", &["odometer_illogical"]));
        // A task that is late by what the car itself says, with its name in the language of the reader.
        let body = json!({ "readOn": "2026-02-20", "daysLeft": -40 }).to_string().into_bytes();
        let path = format!("/v1/passports/{car}/service-indicator/brake_fluid");
        let schedules = garage.admin.get("/v1/maintenance-schedules?task=brake_fluid").await.items();
        let own = schedules.iter().find(|schedule| schedule["level"] == "garage").unwrap();
        let own = format!("/v1/maintenance-schedules/{}", own["id"].as_str().unwrap());
        let etag = garage.admin.get(&own).await.etag();
        garage.admin.change("DELETE", &own, &etag, Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        driver.send("PUT", &path, &[("content-type", "application/json")], Some(body)).await.ok();
        assert_eq!(now().await, is("urgent", &["task_overdue", "odometer_illogical"]));
        let shown = status(&driver, &car).await;
        let reason = json!({
            "code": "task_overdue", "status": "urgent", "task": "brake_fluid", "dueOn": "2026-01-11", "recommendationId": null,
            "text": "Overdue: Brake fluid."
        });
        assert_eq!(shown["reasons"][0], reason);
        assert_eq!((&shown["nextDueOn"], &shown["nextDue"]), (&json!("2026-01-11"), &json!("brake_fluid")));
        let dutch = driver.send("GET", &format!("/v1/passports/{car}/status"), &[("accept-language", "nl")], None).await.ok();
        assert_eq!(dutch["reasons"][0]["text"], "Te laat: Remvloeistof.");
    }

    async fn st2_the_clock_moved_by_a_year_changes_the_status_and_nothing_is_written(server) {
        let garage = server.garage("st2").await;
        expect_nothing(&garage).await;
        let (driver, _, car) = garage.driver("jan@st2.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2026-12-01")));
        let before = driver.get(&format!("/v1/passports/{car}")).await;
        assert_eq!(said(&driver, &car).await.0, "good");
        server.pass_idle(months(8));
        let driver = server.sign_in("jan@st2.example", PASSWORD).await;
        assert_eq!(said(&driver, &car).await, ("attention".to_owned(), vec!["apk_due".to_owned()]));
        server.pass_idle(months(5));
        let driver = server.sign_in("jan@st2.example", PASSWORD).await;
        assert_eq!(said(&driver, &car).await, ("urgent".to_owned(), vec!["apk_expired".to_owned()]));
        let after = driver.get(&format!("/v1/passports/{car}")).await;
        let (before, after) = (before.ok(), after.ok());
        assert_eq!((&before["version"], &before["updatedAt"]), (&after["version"], &after["updatedAt"]));
        let listed = &driver.get("/v1/passports?carStatus=urgent").await.items()[0];
        assert_eq!((&listed["carStatus"], &listed["statusReasons"]), (&json!("urgent"), &json!(["apk_expired"])));
        assert_eq!((&listed["nextDueOn"], &listed["nextDue"]), (&json!("2026-12-01"), &json!("apk_inspection")));
    }

    async fn st2_lists_filter_by_status_and_sort_by_the_next_due_day_page_by_page(server) {
        let garage = server.garage("st2l").await;
        expect_nothing(&garage).await;
        let customer = garage.customer("jan@st2l.example").await;
        let days = ["2026-03-20", "2025-12-01", "2027-01-15", "2026-03-20", "2026-04-10", "2026-12-24"];
        let mut known: Vec<(String, String)> = vec![];
        for day in days {
            let car = garage.invited_passport(&customer).await;
            let plate = garage.plate_of(&car).await;
            server.told(&plate, Some(&calm(day)));
            known.push((day.to_owned(), plate));
        }
        let nothing_due = garage.plate_of(&garage.invited_passport(&customer).await).await;
        // By the day, and those made first first; those on which nothing is due come last.
        let mut sorted = known.clone();
        sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut sorted: Vec<String> = sorted.into_iter().map(|(_, plate)| plate).collect();
        sorted.push(nothing_due.clone());
        for limit in [1, 2, 3, 50] {
            assert_eq!(plates(&garage.admin, "sort=nextDueOn", limit).await, sorted, "{limit} a page");
        }
        let of = |wanted: &[&str]| known.iter().filter(|(day, _)| wanted.contains(&day.as_str())).map(|(_, plate)| plate.clone()).collect::<Vec<_>>();
        let attention = of(&["2026-03-20", "2026-04-10"]);
        for limit in [1, 50] {
            assert_eq!(plates(&garage.admin, "carStatus=urgent", limit).await, of(&["2025-12-01"]));
            assert_eq!(plates(&garage.admin, "carStatus=attention", limit).await, attention);
            assert_eq!(plates(&garage.admin, "carStatus=good", limit).await, of(&["2027-01-15", "2026-12-24"]));
            assert_eq!(plates(&garage.admin, "carStatus=unknown", limit).await, std::slice::from_ref(&nothing_due));
            assert_eq!(plates(&garage.admin, "carStatus=urgent,attention&sort=nextDueOn", limit).await, sorted[..4]);
            assert_eq!(plates(&garage.admin, "carStatus=urgent,unknown&sort=-createdAt", limit).await, [nothing_due.clone(), of(&["2025-12-01"])[0].clone()]);
        }
        garage.admin.get("/v1/passports?carStatus=fine").await.wrong(&["carStatus unknown_value"]);
        garage.admin.get("/v1/passports?sort=nextDue").await.wrong(&["sort unknown_value"]);
        // A cursor belongs to its order and its filter.
        let page = garage.admin.get("/v1/passports?sort=nextDueOn&limit=1").await.ok();
        let cursor = page["nextCursor"].as_str().unwrap();
        for other in ["", "&sort=createdAt", "&sort=nextDueOn&carStatus=urgent"] {
            garage.admin.get(&format!("/v1/passports?cursor={cursor}{other}")).await.wrong(&["cursor cursor_invalid"]);
        }
        // Another garage has none of them.
        let other = server.garage("st2o").await;
        assert!(plates(&other.admin, "sort=nextDueOn", 50).await.is_empty() && plates(&other.admin, "carStatus=urgent", 50).await.is_empty());
    }

    async fn st2_a_schedule_of_the_garage_judges_all_its_cars_anew_and_that_of_a_car_only_this_one(server) {
        let garage = server.garage("st2s").await;
        expect_nothing(&garage).await;
        let customer = garage.customer("jan@st2s.example").await;
        let mut cars = vec![];
        for _ in 0..3 {
            let body = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": customer, "year": 2020 });
            cars.push(garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned());
        }
        server.work();
        assert_eq!(said(&garage.admin, &cars[0]).await.0, "unknown");
        // The car's age is a multiple of the interval on 1 March.
        let car_rule = json!({ "recurrence": { "then": { "months": 74 }, "countsFrom": "completion" } });
        let path = format!("/v1/passports/{}/maintenance-schedule/wipers", cars[1]);
        let send = async |body: &Value| {
            garage.admin.send("PUT", &path, &[("content-type", "application/json")], Some(body.to_string().into_bytes())).await
        };
        send(&car_rule).await.ok();
        assert_eq!(said(&garage.admin, &cars[1]).await.0, "attention");
        assert_eq!(said(&garage.admin, &cars[0]).await.0, "unknown");
        let schedules = garage.admin.get("/v1/maintenance-schedules?task=brake_fluid").await.items();
        let own = schedules.iter().find(|schedule| schedule["level"] == "garage").unwrap();
        let own = format!("/v1/maintenance-schedules/{}", own["id"].as_str().unwrap());
        garage.admin.patch(&own, json!({ "applies": true, "recurrence": { "then": { "months": 74 }, "countsFrom": "completion" } })).await.ok();
        server.work();
        for car in &cars {
            assert_eq!(said(&garage.admin, car).await.0, "attention");
        }
    }

    async fn st2_cars_that_were_never_judged_are_judged_by_housekeeping(server) {
        let garage = server.garage("st2h").await;
        let (_, _, car) = garage.driver("jan@st2h.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2026-02-24")));
        server.forget_standings();
        // What is asked of one car is computed, and lists follow.
        assert_eq!(said(&garage.admin, &car).await.1[0], "apk_expired");
        assert_eq!(garage.admin.get("/v1/passports").await.items()[0]["carStatus"], "unknown");
        server.pass(SignedDuration::from_secs(1));
        assert_eq!(garage.admin.get("/v1/passports").await.items()[0]["carStatus"], "urgent");
        assert_eq!(garage.admin.get("/v1/passports?carStatus=urgent").await.items().len(), 1);
    }

    async fn st2_imported_cars_are_judged_with_the_import(server) {
        let garage = server.garage("st2i").await;
        let plate = crate::support::plate();
        let line = |plate: &str, km: i64| {
            json!({
                "licencePlate": { "number": plate }, "customer": { "kind": "person", "name": "Jan", "email": "jan@st2i.example" },
                "year": 2015, "fuel": "diesel", "odometerKm": km,
            })
            .to_string()
        };
        let body = format!("{}\n{}\n", line(&plate, 149_000), line(&crate::support::plate(), 1_000));
        let headers = [("content-type", "application/x-ndjson")];
        garage.admin.send("POST", "/v1/passport-imports", &headers, Some(body.into_bytes())).await;
        let cars = garage.admin.get("/v1/passports?sort=nextDueOn").await.items();
        assert_eq!(cars.len(), 2);
        for car in &cars {
            assert!(car["nextDueOn"].is_string() && car["carStatus"] != "unknown", "{car:#}");
            // The same as when it is judged by itself.
            let id = car["id"].as_str().unwrap();
            let one = status(&garage.admin, id).await;
            server.forget_standings();
            assert_eq!(status(&garage.admin, id).await, one);
            assert_eq!(one["nextDueOn"], car["nextDueOn"]);
        }
    }

    async fn st3_fleets_and_the_garage_count_their_cars(server) {
        let garage = server.garage("st3").await;
        expect_nothing(&garage).await;
        let fleet = garage.fleet("fleet-st3").await;
        for (number, day) in ["2026-02-24", "2026-02-25", "2026-04-26", "2026-04-27", "2027-06-01"].into_iter().enumerate() {
            let (_, car) = garage.fleet_car(&fleet, &format!("{number}@st3.example")).await;
            server.told(&garage.plate_of(&car).await, Some(&calm(day)));
        }
        let (_, unknown) = garage.fleet_car(&fleet, "unknown@st3.example").await;
        let expected = json!({ "cars": 6, "good": 2, "attention": 2, "urgent": 1, "unknown": 1, "apkWithin60Days": 2, "nextDueOn": "2026-02-24" });
        let path = format!("/v1/fleets/{}", fleet.id);
        for who in [&garage.mechanic, &fleet.account] {
            assert_eq!(who.get(&path).await.ok()["carStatus"], expected);
            assert_eq!(who.get("/v1/fleets").await.items()[0]["carStatus"], expected);
            let summary = who.get(&format!("{path}/summary")).await.ok();
            assert_eq!((&summary["carStatus"], &summary["on"]), (&expected, &json!("2026-02-25")));
            let visits = summary["nextVisits"].as_array().unwrap();
            let days: Vec<_> = visits.iter().map(|visit| visit["on"].as_str().unwrap()).collect();
            assert_eq!(days, ["2026-02-25", "2026-02-25", "2026-04-26", "2026-04-27"], "what is late is expected today");
            assert_eq!(visits[0]["tasks"], json!([{ "task": "apk_inspection", "name": "APK inspection" }]));
            let months: Vec<_> = summary["costs"].as_array().unwrap().iter().filter(|cost| cost["period"] == "month").collect();
            assert_eq!(months.iter().map(|cost| cost["from"].as_str().unwrap()).collect::<Vec<_>>(), ["2026-02-01", "2026-04-01"]);
            assert!(months.iter().all(|cost| cost["cost"]["usual"]["cents"].as_i64().unwrap() > 0));
            assert_eq!(summary["costsOfCars"], 4);
        }
        // The manager's own car is the garage's too, and one that is archived counts no more.
        let count = async || garage.mechanic.get("/v1/garage/summary").await.ok()["carStatus"]["cars"].as_i64().unwrap();
        assert_eq!(count().await, 7);
        garage.admin.unlink(&unknown).await.ok();
        fleet.account.agree(&unknown).await;
        garage.admin.act(&format!("/v1/passports/{unknown}/archive")).await.ok();
        let summary = garage.admin.get("/v1/garage/summary").await.ok();
        let expected = json!({ "cars": 6, "good": 2, "attention": 2, "urgent": 1, "unknown": 1, "apkWithin60Days": 2, "nextDueOn": "2026-02-24" });
        assert_eq!(summary, json!({ "on": "2026-02-25", "carStatus": expected, "draftChecks": 0, "openRecommendations": 0 }));
        let (driver, ..) = garage.driver("jan@st3.example").await;
        driver.get("/v1/garage/summary").await.problem(403, "wrong_account_kind");
        driver.get(&format!("{path}/summary")).await.problem(404, "not_found");
        server.garage("st3o").await.admin.get(&format!("{path}/summary")).await.problem(404, "not_found");
        // A fleet without cars.
        let empty = garage.fleet("empty-st3").await;
        let none = json!({ "cars": 0, "good": 0, "attention": 0, "urgent": 0, "unknown": 0, "apkWithin60Days": 0, "nextDueOn": null });
        assert_eq!(garage.admin.get(&format!("/v1/fleets/{}/summary", empty.id)).await.ok()["carStatus"], none);
    }

    async fn st1_who_sees_the_status_and_what_an_archived_passport_shows(server) {
        let garage = server.garage("st1w").await;
        let fleet = garage.fleet("fleet-st1w").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@st1w.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2026-02-24")));
        for who in [&driver, &fleet.account, &garage.mechanic] {
            assert_eq!(said(who, &car).await.1[0], "apk_expired");
        }
        let other = server.garage("st1x").await;
        let (stranger, ..) = other.driver("piet@st1x.example").await;
        let path = format!("/v1/passports/{car}/status");
        for who in [&other.admin, &stranger] {
            who.get(&path).await.problem(404, "not_found");
        }
        garage.admin.get(&format!("/v1/passports/{UNKNOWN}/status")).await.problem(404, "not_found");
        server.anonymous().get(&path).await.problem(401, "unauthenticated");
        garage.admin.unlink(&car).await.ok();
        fleet.account.agree(&car).await;
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        assert_eq!(said(&garage.admin, &car).await, ("unknown".to_owned(), vec![]));
        driver.get(&path).await.problem(404, "not_found");
        fleet.account.get(&path).await.problem(404, "not_found");
    }
}

impl Server {
    /// As after an upgrade from a version that judged no cars.
    pub(super) fn forget_standings(&self) {
        self.run_sql(
            "UPDATE passports SET standing = NULL, is_judged = NULL, attention_from = NULL, urgent_from = NULL, \
            next_due_on = '9999-12-31', next_due = NULL, apk_due_on = NULL",
        );
    }
}
