//! The odometer over HTTP: rules OD1 to OD12, and T9.

use crate::{
    both,
    support::{Actor, Answer, Garage, PASSWORD, plate},
};
use domain::{
    apk::VehicleKind,
    register::{RegisterData, RegisterVerdict, RegisteredOdometer},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

const TODAY: &str = "2026-02-25";
const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

async fn read(actor: &Actor<'_>, car: &str, body: Value) -> Answer {
    actor.post(&format!("/v1/passports/{car}/odometer/readings"), body).await
}

async fn on(actor: &Actor<'_>, car: &str, day: &str, value: i64) -> Answer {
    read(actor, car, json!({ "value": value, "readOn": day })).await
}

async fn readings(actor: &Actor<'_>, car: &str) -> Vec<Value> {
    actor.get(&format!("/v1/passports/{car}/odometer/readings")).await.items()
}

async fn shows(actor: &Actor<'_>, car: &str) -> Option<i64> {
    actor.get(&format!("/v1/passports/{car}")).await.ok()["odometerKm"].as_i64()
}

/// The answer is this problem, with these codes at the value.
#[track_caller]
fn warned(answer: &Answer, code: &str, at: &str, warnings: &[&str]) {
    answer.problem(409, code);
    let errors = answer.body["errors"].as_array().unwrap();
    assert!(errors.iter().all(|error| error["pointer"] == at && !error["detail"].as_str().unwrap().is_empty()));
    assert_eq!(errors.iter().map(|error| error["code"].as_str().unwrap()).collect::<Vec<_>>(), warnings);
}

both! {
    async fn od1_readings_are_added_and_corrected_and_never_changed(server) {
        let garage = server.garage("o1").await;
        let (driver, _, car) = garage.driver("jan@o1.example").await;
        let path = format!("/v1/passports/{car}");
        let etag = driver.get(&path).await.etag();
        let first = read(&driver, &car, json!({ "value": 50_000 })).await.created();
        let expected = json!({
            "id": first["id"], "value": 50_000, "unit": "km", "odometerKm": 50_000, "readOn": TODAY, "recordedAt": first["recordedAt"],
            "source": "driver", "recordedBy": { "id": first["recordedBy"]["id"], "name": "Name of jan@o1.example" },
            "replacesId": null, "counterStart": null, "confirmed": false,
        });
        assert_eq!(first, expected);
        assert_ne!(driver.get(&path).await.etag(), etag, "what the passport shows has changed");
        // Older ones can be added later, and change nothing of what the passport shows.
        let etag = driver.get(&path).await.etag();
        on(&garage.mechanic, &car, "2025-02-25", 30_000).await.created();
        assert_eq!((shows(&driver, &car).await, driver.get(&path).await.etag()), (Some(50_000), etag));
        // A correction counts in the place of what it corrects, though that stays.
        let corrected = json!({ "value": 40_000, "replacesId": first["id"] });
        let second = read(&driver, &car, corrected).await.created();
        assert_eq!((second["replacesId"].clone(), shows(&garage.admin, &car).await), (first["id"].clone(), Some(40_000)));
        let all = readings(&garage.admin, &car).await;
        assert_eq!(all.iter().map(|one| one["value"].as_i64().unwrap()).collect::<Vec<_>>(), [50_000, 30_000, 40_000]);
        assert_eq!((&all[0], &all[2]), (&first, &second));
        read(&driver, &car, json!({ "value": 40_001, "replacesId": first["id"] })).await.problem(409, "odometer_already_replaced");
        assert_eq!(garage.events().await.iter().filter(|(_, kind)| kind == "odometer_recorded").count(), 3);
    }

    async fn od1_what_replaces_nothing_of_this_car(server) {
        let garage = server.garage("o1b").await;
        let (driver, _, car) = garage.driver("jan@o1b.example").await;
        let (_, _, other) = garage.driver("piet@o1b.example").await;
        let foreign = read(&garage.admin, &other, json!({ "value": 10 })).await.created();
        for id in [UNKNOWN, foreign["id"].as_str().unwrap()] {
            for who in [&driver, &garage.admin] {
                let answer = read(who, &car, json!({ "value": 10, "replacesId": id })).await;
                answer.problem(400, "odometer_replaces_unknown");
                assert_eq!((&answer.body["errors"][0]["pointer"], &answer.body["errors"][0]["code"]), (&json!("#/replacesId"), &json!("not_found")));
            }
        }
        read(&driver, &car, json!({ "value": 10, "replacesId": "x" })).await.wrong(&["#/replacesId uuid_invalid"]);
        assert!(readings(&driver, &car).await.is_empty());
    }

    async fn od2_values_and_units(server) {
        let garage = server.garage("o2").await;
        let (driver, _, car) = garage.driver("jan@o2.example").await;
        for (body, wrong) in [
            (json!({ "value": 2_000_000 }), "#/value out_of_range"),
            (json!({ "value": -1 }), "#/value out_of_range"),
            (json!({ "value": "12" }), "#/value wrong_type"),
            (json!({ "value": 1.5 }), "#/value wrong_type"),
            (json!({ "value": null }), "#/value wrong_type"),
            (json!({}), "#/value required"),
            (json!({ "value": 1_242_743, "unit": "mi" }), "#/value out_of_range"),
            (json!({ "value": 1, "unit": "leagues" }), "#/unit unknown_value"),
            (json!({ "value": 1, "readOn": "yesterday" }), "#/readOn date_invalid"),
            (json!({ "value": 1, "readOn": "20260225" }), "#/readOn date_invalid"),
            (json!({ "value": 1, "readOn": "2026-02-30" }), "#/readOn date_invalid"),
            (json!({ "value": 1, "readOn": "2026-02-25T10:00:00Z" }), "#/readOn date_invalid"),
            (json!({ "value": 1, "readOn": "1879-12-31" }), "#/readOn date_invalid"),
            (json!({ "value": 1, "source": "apk" }), "#/source unknown_property"),
            (json!({ "value": 1, "counterStart": "again" }), "#/counterStart unknown_value"),
            (json!({ "value": 1, "confirm": "yes" }), "#/confirm wrong_type"),
        ] {
            read(&driver, &car, body).await.wrong(&[wrong]);
        }
        assert!(readings(&driver, &car).await.is_empty());
        // A new car shows 0.
        on(&driver, &car, "2026-01-01", 0).await.created();
        let miles = read(&driver, &car, json!({ "value": 1_000, "unit": "mi" })).await.created();
        assert_eq!((miles["value"].as_i64(), miles["odometerKm"].as_i64(), shows(&driver, &car).await), (Some(1_000), Some(1_609), Some(1_609)));
    }

    async fn od3_neither_tomorrow_nor_before_the_car_was_there(server) {
        let garage = server.garage("o3").await;
        let (driver, _, car) = garage.driver("jan@o3.example").await;
        on(&driver, &car, "2026-02-26", 10).await.problem(400, "odometer_in_future");
        // At the garage the day begins an hour before it does in UTC.
        server.pass_idle(SignedDuration::from_mins(17 * 60));
        let driver = server.sign_in("jan@o3.example", PASSWORD).await;
        on(&driver, &car, "2026-02-26", 10).await.created();
        let admin = server.sign_in("admin@o3.example", PASSWORD).await;
        admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2025 })).await.ok();
        on(&admin, &car, "2024-12-31", 5).await.problem(409, "odometer_before_first_admission");
        on(&admin, &car, "2025-01-01", 5).await.created();
    }

    async fn od4_od5_unlikely_readings_are_refused_or_confirmed(server) {
        let garage = server.garage("o4").await;
        let fleet = garage.fleet("fleet-o4").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@o4.example").await;
        on(&fleet.account, &car, "2026-02-01", 50_000).await.created();
        let cases = [
            ("2026-02-02", 0, vec!["odometer_falls"]),
            ("2026-02-02", 49_999, vec!["odometer_falls"]),
            ("2026-01-31", 50_001, vec!["odometer_falls"]),
            ("2026-02-02", 51_001, vec!["odometer_too_far"]),
            ("2026-02-01", 49_999, vec!["odometer_second_on_day"]),
            ("2026-02-01", 60_000, vec!["odometer_too_far"]),
            ("2026-02-01", 40_000, vec!["odometer_too_far", "odometer_second_on_day"]),
        ];
        for (day, value, warnings) in &cases {
            for who in [&driver, &fleet.account] {
                warned(&on(who, &car, day, *value).await, "odometer_implausible", "#/value", warnings);
            }
            warned(&on(&garage.mechanic, &car, day, *value).await, "odometer_unconfirmed", "#/value", warnings);
        }
        on(&driver, &car, "2026-02-02", 51_000).await.created();
        on(&driver, &car, "2026-02-01", 50_000).await.created();
        // A little more than another one read on the same day is what a driver reads later.
        on(&driver, &car, "2026-02-01", 50_012).await.created();
        // Only staff stand by one; what was needless to confirm is not marked.
        let confirmed = |value: i64| json!({ "value": value, "confirm": true });
        for who in [&driver, &fleet.account] {
            read(who, &car, confirmed(52_000)).await.problem(403, "staff_only");
        }
        assert_eq!(readings(&driver, &car).await.len(), 4);
        assert_eq!(read(&garage.mechanic, &car, confirmed(52_000)).await.created()["confirmed"], false);
        assert_eq!(read(&garage.mechanic, &car, confirmed(51_999)).await.created()["confirmed"], true);
        // Others correct only what they recorded themselves.
        let own = readings(&driver, &car).await[0]["id"].clone();
        read(&driver, &car, json!({ "value": 50_000, "readOn": "2026-02-01", "replacesId": own })).await.problem(403, "odometer_not_yours");
        let corrected = json!({ "value": 49_990, "readOn": "2026-02-01", "replacesId": own, "confirm": true });
        read(&garage.mechanic, &car, corrected).await.created();
    }

    async fn od6_the_garage_says_that_a_counter_began_anew(server) {
        let garage = server.garage("o6").await;
        let (driver, _, car) = garage.driver("jan@o6.example").await;
        on(&driver, &car, "2026-01-01", 90_000).await.created();
        let anew = json!({ "value": 3, "counterStart": "counter_replaced" });
        read(&driver, &car, anew.clone()).await.problem(403, "odometer_counter_by_garage_only");
        let made = read(&garage.advisor, &car, anew).await.created();
        assert_eq!((made["counterStart"].as_str(), made["confirmed"].as_bool()), (Some("counter_replaced"), Some(false)));
        let told = driver.get(&format!("/v1/passports/{car}/odometer")).await.ok();
        assert_eq!((told["verdict"].as_str(), told["reason"].as_str(), told["latest"]["odometerKm"].as_i64()), (Some("no_judgement"), Some("counter_replaced"), Some(3)));
    }

    async fn od6_a_counter_that_rolled_over_begins_near_nothing(server) {
        let garage = server.garage("o6r").await;
        let (_, _, car) = garage.driver("jan@o6r.example").await;
        on(&garage.mechanic, &car, "2026-02-20", 99_990).await.created();
        let rolled = |value: i64| json!({ "value": value, "counterStart": "rolled_over", "confirm": true });
        read(&garage.mechanic, &car, rolled(200_000)).await.problem(409, "odometer_did_not_roll_over");
        read(&garage.mechanic, &car, rolled(5_001)).await.problem(409, "odometer_did_not_roll_over");
        assert_eq!(read(&garage.mechanic, &car, rolled(250)).await.created()["counterStart"], "rolled_over");
    }

    async fn od7_motorcycles_and_falls_long_ago_are_not_judged(server) {
        let garage = server.garage("o7m").await;
        let verdict = async |kind: VehicleKind, falls: [(&str, i64); 2]| {
            let (driver, _, car) = garage.driver(&format!("{}@o7m.example", plate().to_lowercase())).await;
            let shown = driver.get(&format!("/v1/passports/{car}")).await.ok();
            let plate = shown["licencePlate"]["number"].as_str().unwrap();
            server.told(plate, Some(&RegisterData { kind: Some(kind), ..RegisterData::default() }));
            for (day, value) in falls {
                read(&garage.mechanic, &car, json!({ "value": value, "readOn": day, "confirm": true })).await.created();
            }
            let told = driver.get(&format!("/v1/passports/{car}/odometer")).await.ok();
            format!("{} {}", told["verdict"].as_str().unwrap(), told["reason"].as_str().unwrap())
        };
        let of_late = [("2025-01-01", 60_000), ("2026-01-01", 20_000)];
        assert_eq!(verdict(VehicleKind::Motorcycle, of_late).await, "no_judgement motorcycle");
        assert_eq!(verdict(VehicleKind::Car, of_late).await, "illogical readings_fall");
        let long_ago = [("2012-01-01", 60_000), ("2013-01-01", 20_000)];
        assert_eq!(verdict(VehicleKind::Car, long_ago).await, "no_judgement fell_before_2014");
        let slip = [("2025-01-01", 60_000), ("2026-01-01", 59_901)];
        assert_eq!(verdict(VehicleKind::Car, slip).await, "logical readings_rise");
    }

    async fn od12_the_worse_verdict_stands_first_with_its_reason_in_words(server) {
        let garage = server.garage("o12v").await;
        let (driver, _, car) = garage.driver("jan@o12v.example").await;
        let shown = driver.get(&format!("/v1/passports/{car}")).await.ok();
        let plate = shown["licencePlate"]["number"].as_str().unwrap();
        let path = format!("/v1/passports/{car}/odometer");
        let register = |verdict, reason: &str| {
            let odometer = RegisteredOdometer { verdict: Some(verdict), reason: Some(reason.into()), last_year: None };
            server.told(plate, Some(&RegisterData { odometer, ..RegisterData::default() }));
        };
        // With too few readings of its own the ledger says nothing.
        register(RegisterVerdict::Logical, "00");
        let told = driver.get(&path).await.ok();
        assert_eq!((&told["verdict"], &told["reason"]), (&json!("logical"), &json!("register_logical")));
        assert_eq!(told["ledger"], json!({ "verdict": "no_judgement", "reason": "too_few" }));
        for (day, km) in [("2025-02-25", 10_000), ("2026-02-20", 24_400)] {
            on(&garage.admin, &car, day, km).await.created();
        }
        register(RegisterVerdict::Illogical, "04");
        let told = driver.send("GET", &path, &[("accept-language", "nl")], None).await.ok();
        assert_eq!((&told["verdict"], &told["reason"]), (&json!("illogical"), &json!("register_illogical")));
        assert_eq!(told["detail"], "Het kentekenregister vindt de standen onlogisch.");
        assert_eq!((&told["ledger"]["verdict"], &told["registered"]["verdict"]), (&json!("logical"), &json!("illogical")));
        register(RegisterVerdict::Logical, "00");
        read(&garage.admin, &car, json!({ "value": 20_000, "confirm": true })).await.created();
        let told = driver.get(&path).await.ok();
        assert_eq!((&told["verdict"], &told["reason"]), (&json!("illogical"), &json!("readings_fall")));
        assert_eq!(told["detail"], "The readings fall.");
    }

    async fn od8_od9_estimates_say_when_they_are_weak_or_none(server) {
        let garage = server.garage("o8w").await;
        let (driver, _, car) = garage.driver("jan@o8w.example").await;
        let path = format!("/v1/passports/{car}/odometer");
        let why = async |on: &str| driver.get(&format!("{path}?on={on}")).await.ok()["noEstimate"].clone();
        assert_eq!(why(TODAY).await, json!({ "reason": "no_reading", "detail": "The odometer was never read." }));
        on(&driver, &car, "2026-01-15", 60_000).await.created();
        assert_eq!((why("2026-01-14").await["reason"].as_str(), why(TODAY).await["reason"].as_str()), (Some("before_first_reading"), Some("too_few_readings")));
        on(&driver, &car, "2026-02-20", 61_000).await.created();
        let told = driver.get(&path).await.ok();
        assert_eq!((&told["daily"]["days"], &told["daily"]["tooShort"], &told["noEstimate"]), (&json!(36), &json!(true), &Value::Null));
        assert_eq!((why("2031-02-20").await, why("2031-02-21").await["reason"].as_str()), (Value::Null, Some("too_far_ahead")));
        // A slip that the garage confirmed does not rule the estimate.
        let before = driver.get(&format!("{path}?on=2026-06-01")).await.ok()["estimate"].clone();
        read(&garage.mechanic, &car, json!({ "value": 610_000, "confirm": true })).await.created();
        let after = driver.get(&format!("{path}?on=2026-06-01")).await.ok();
        assert_eq!((&after["estimate"], &after["latest"]["odometerKm"]), (&before, &json!(610_000)));
    }

    async fn od7_od8_od9_what_the_ledger_tells(server) {
        let garage = server.garage("o7").await;
        let (driver, _, car) = garage.driver("jan@o7.example").await;
        let path = format!("/v1/passports/{car}/odometer");
        let nothing = json!({
            "verdict": "no_judgement", "reason": "too_few", "detail": "There are no readings of two different days.",
            "ledger": { "verdict": "no_judgement", "reason": "too_few" }, "earlierReadings": false, "registered": null, "latest": null, "daily": null, "estimate": null,
            "noEstimate": { "reason": "no_reading", "detail": "The odometer was never read." },
        });
        assert_eq!(driver.get(&path).await.ok(), nothing);
        for (day, km) in [("2025-02-25", 10_000), ("2025-08-25", 17_240), ("2026-02-20", 24_400)] {
            on(&garage.admin, &car, day, km).await.created();
        }
        let told = driver.get(&path).await.ok();
        assert_eq!((told["verdict"].as_str(), told["reason"].as_str()), (Some("logical"), Some("readings_rise")));
        assert_eq!((told["latest"]["odometerKm"].as_i64(), told["latest"]["readOn"].as_str()), (Some(24_400), Some("2026-02-20")));
        assert_eq!((told["daily"]["metres"].as_i64(), told["daily"]["readings"].as_i64()), (Some(40_000), Some(3)));
        assert_eq!(told["estimate"], json!({ "on": TODAY, "odometerKm": 24_600, "lowKm": 24_600, "highKm": 24_600, "basis": "after" }));
        let later = driver.get(&format!("{path}?on=2027-03-01")).await.ok();
        assert_eq!((later["estimate"]["on"].as_str(), later["estimate"]["odometerKm"].as_i64()), (Some("2027-03-01"), Some(39_360)));
        let same_day = driver.get(&format!("{path}?on=2025-08-25")).await.ok();
        assert_eq!((same_day["estimate"]["basis"].as_str(), same_day["estimate"]["odometerKm"].as_i64()), (Some("read"), Some(17_240)));
        assert!(driver.get(&format!("{path}?on=2025-02-24")).await.ok()["estimate"].is_null());
        assert!(driver.get(&format!("{path}?on=9999-12-31")).await.ok()["estimate"].is_null());
        driver.get(&format!("{path}?on=someday")).await.wrong(&["on date_invalid"]);
        driver.get(&format!("{path}?day={TODAY}")).await.wrong(&["day unknown_parameter"]);
        // A confirmed fall is a fall.
        read(&garage.admin, &car, json!({ "value": 1, "confirm": true })).await.created();
        assert_eq!(driver.get(&path).await.ok()["verdict"], "illogical");
    }

    async fn od10_what_the_garage_writes_in_the_passport_is_a_reading(server) {
        let garage = server.garage("o10").await;
        let customer = garage.customer("jan@o10.example").await;
        let new = |year: i64| json!({ "licencePlate": { "number": plate() }, "customerId": customer, "year": year, "odometerKm": 60_000 });
        let made = garage.advisor.post("/v1/passports", new(2020)).await;
        let (car, etag) = (made.id(), made.etag());
        assert_eq!((made.created()["odometerKm"].as_i64(), etag.starts_with("\"1-")), (Some(60_000), true));
        garage.advisor.post("/v1/passports", new(2027)).await.problem(409, "odometer_before_first_admission");
        assert_eq!(garage.admin.get("/v1/passports").await.items().len(), 1);
        let first = readings(&garage.admin, &car).await;
        assert_eq!((first.len(), first[0]["readOn"].as_str(), first[0]["source"].as_str()), (1, Some(TODAY), Some("garage")));
        let path = format!("/v1/passports/{car}");
        // What it shows already is no news, and a null would wipe out what only grows.
        garage.mechanic.patch(&path, json!({ "odometerKm": 60_000 })).await.ok();
        garage.mechanic.patch(&path, json!({ "odometerKm": null })).await.wrong(&["#/odometerKm wrong_type"]);
        let unlikely = garage.mechanic.patch(&path, json!({ "odometerKm": 59_000, "make": "Opel" })).await;
        warned(&unlikely, "odometer_unconfirmed", "#/odometerKm", &["odometer_second_on_day"]);
        assert_eq!(readings(&garage.admin, &car).await.len(), 1);
        assert!(garage.admin.get(&path).await.ok()["make"].is_null(), "all of a change or nothing");
        server.pass_idle(SignedDuration::from_hours(24));
        let mechanic = server.sign_in("mechanic@o10.example", PASSWORD).await;
        let changed = mechanic.patch(&path, json!({ "odometerKm": 60_100, "make": "Opel" })).await;
        assert_eq!((changed.etag().starts_with("\"2-"), changed.ok()["odometerKm"].as_i64()), (true, Some(60_100)));
        let kept = values_and_days(&mechanic, &car).await;
        assert_eq!(kept, [(60_000, TODAY.to_owned()), (60_100, "2026-02-26".to_owned())]);
        // An archived passport's ledger can only be read.
        let admin = server.sign_in("admin@o10.example", PASSWORD).await;
        admin.act(&format!("{path}/archive")).await.ok();
        read(&admin, &car, json!({ "value": 1 })).await.problem(409, "passport_archived");
        assert_eq!(readings(&admin, &car).await.len(), 2);
    }

    async fn od11_the_same_reading_again_is_the_one_that_is_there(server) {
        let garage = server.garage("o11s").await;
        let (driver, _, car) = garage.driver("jan@o11s.example").await;
        let body = || json!({ "value": 50_000, "readOn": "2026-02-01" });
        let first = read(&driver, &car, body()).await;
        let location = first.header("location").to_owned();
        let first = first.created();
        assert_eq!(location, format!("/v1/passports/{car}/odometer/readings/{}", first["id"].as_str().unwrap()));
        assert_eq!((driver.get(&location).await.ok(), read(&driver, &car, body()).await.ok()), (first.clone(), first.clone()));
        assert_eq!(readings(&driver, &car).await.len(), 1);
        assert_eq!(garage.events().await.iter().filter(|(_, kind)| kind == "odometer_recorded").count(), 1);
        // Another account's word is a reading of its own, and so is one that replaces.
        read(&garage.mechanic, &car, body()).await.created();
        let correction = json!({ "value": 50_000, "readOn": "2026-02-01", "replacesId": first["id"] });
        read(&driver, &car, correction).await.created();
        assert_eq!(readings(&driver, &car).await.len(), 3);
        // A reading is found at its own car alone.
        let (stranger, _, other) = garage.driver("piet@o11s.example").await;
        let id = first["id"].as_str().unwrap();
        stranger.get(&location).await.problem(404, "not_found");
        stranger.get(&format!("/v1/passports/{other}/odometer/readings/{id}")).await.problem(404, "not_found");
        driver.get(&format!("/v1/passports/{car}/odometer/readings/{UNKNOWN}")).await.problem(404, "not_found");
        driver.get(&format!("/v1/passports/{car}/odometer/readings/1")).await.wrong(&["readingId uuid_invalid"]);
        assert!(garage.admin.get(&location).await.ok()["recordedBy"].is_object());
    }

    async fn od11_a_ledger_takes_so_many_a_day(server) {
        let garage = server.garage("o11d").await;
        let (driver, _, car) = garage.driver("jan@o11d.example").await;
        for day in 1..=20 {
            on(&driver, &car, &format!("2026-01-{day:02}"), 1_000 + day).await.created();
        }
        on(&driver, &car, "2026-01-21", 1_021).await.problem(409, "odometer_too_many_today");
        // What is there already is no new one, and the garage may bring in more.
        on(&driver, &car, "2026-01-20", 1_020).await.ok();
        on(&garage.mechanic, &car, "2026-01-21", 1_021).await.created();
        server.pass_idle(SignedDuration::from_hours(24));
        let driver = server.sign_in("jan@o11d.example", PASSWORD).await;
        on(&driver, &car, "2026-01-22", 1_022).await.created();
        assert_eq!(readings(&driver, &car).await.len(), 22);
    }

    async fn p8_an_odometer_is_not_washed_by_a_new_passport(server) {
        let garage = server.garage("p8").await;
        let (_, customer, car) = garage.driver("jan@p8.example").await;
        let number = garage.plate_of(&car).await;
        for (day, km) in [("2024-02-25", 150_000), ("2025-02-25", 160_000)] {
            on(&garage.admin, &car, day, km).await.created();
        }
        read(&garage.admin, &car, json!({ "value": 70_000, "confirm": true })).await.created();
        let verdict = async |car: &str| garage.admin.get(&format!("/v1/passports/{car}/odometer")).await.ok();
        assert_eq!(verdict(&car).await["verdict"], "illogical");
        let vehicle = garage.admin.get(&format!("/v1/passports/{car}")).await.ok()["vehicleId"].clone();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        server.pass_idle(SignedDuration::from_hours(24));
        let garage = Garage { admin: server.sign_in("admin@p8.example", PASSWORD).await, ..garage };
        let body = |km: Option<i64>| json!({ "licencePlate": { "number": number }, "customerId": customer, "odometerKm": km });
        let without = |mut body: Value| { body.as_object_mut().unwrap().remove("odometerKm"); body };
        // What is unlikely is refused also when it would be the first of the new passport.
        let answer = garage.admin.post("/v1/passports", body(Some(60_000))).await;
        warned(&answer, "odometer_unconfirmed", "#/odometerKm", &["odometer_falls"]);
        let again = garage.admin.post("/v1/passports", without(body(None))).await.created();
        assert_eq!((&again["vehicleId"], again["odometerKm"].as_i64()), (&vehicle, Some(70_000)));
        let again = again["id"].as_str().unwrap();
        read(&garage.admin, again, json!({ "value": 70_100 })).await.created();
        assert_eq!(readings(&garage.admin, again).await.len(), 4);
        let told = garage.admin.get(&format!("/v1/passports/{again}/odometer")).await.ok();
        assert_eq!((&told["verdict"], &told["earlierReadings"], told["latest"]["odometerKm"].as_i64()), (&json!("illogical"), &json!(false), Some(70_100)));
        assert_eq!(shows(&garage.admin, again).await, Some(70_100));
    }

    async fn p8_an_import_knows_the_odometer_of_a_car_that_comes_back(server) {
        let garage = server.garage("p8i").await;
        let (_, customer, car) = garage.driver("jan@p8i.example").await;
        let number = garage.plate_of(&car).await;
        on(&garage.admin, &car, "2025-02-25", 160_000).await.created();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let import = async |line: Value| {
            let headers = [("content-type", "application/x-ndjson")];
            garage.admin.send("POST", "/v1/passport-imports", &headers, Some(line.to_string().into_bytes())).await.ok()
        };
        let line = json!({ "licencePlate": { "number": number }, "customerId": customer, "odometerKm": 70_000 });
        let refused = import(line.clone()).await;
        assert_eq!((&refused["made"], &refused["refused"]), (&json!(0), &json!(1)), "{refused}");
        let mut likely = line;
        likely["odometerKm"] = json!(171_000);
        assert_eq!(import(likely).await["made"], 1);
        let again = garage.admin.get(&format!("/v1/passports?plate={}&status=invited", number.replace('-', ""))).await.items();
        assert_eq!(again[0]["odometerKm"], 171_000);
        let all = readings(&garage.admin, again[0]["id"].as_str().unwrap()).await;
        assert_eq!(all.iter().map(|one| one["value"].as_i64().unwrap()).collect::<Vec<_>>(), [160_000, 171_000]);
    }

    async fn p8_the_verdict_knows_of_readings_at_another_garage_that_are_not_shown(server) {
        let (before, after) = (server.garage("p8a").await, server.garage("p8b").await);
        let (_, _, car) = before.driver("jan@p8a.example").await;
        let number = before.plate_of(&car).await;
        on(&before.admin, &car, "2024-02-25", 150_000).await.created();
        on(&before.admin, &car, "2025-02-25", 160_000).await.created();
        before.admin.patch(&format!("/v1/passports/{car}"), json!({ "vin": "VF3CCHMZ6JT004711" })).await.ok();
        before.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let customer = after.customer("piet@p8b.example").await;
        let body = json!({ "licencePlate": { "number": number }, "customerId": customer, "odometerKm": 70_000 });
        let theirs = after.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        let told = after.admin.get(&format!("/v1/passports/{theirs}/odometer")).await.ok();
        assert_eq!((&told["verdict"], &told["earlierReadings"]), (&json!("illogical"), &json!(true)));
        assert_eq!((told["latest"]["odometerKm"].as_i64(), readings(&after.admin, &theirs).await.len()), (Some(70_000), 1), "nothing of them is shown");
        assert!(!told.to_string().contains("160000"));
        let status = after.admin.get(&format!("/v1/passports/{theirs}/status")).await.ok();
        assert!(status["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "odometer_illogical"), "{status}");
        // A Dutch plate stays with one vehicle for life: a VIN that somebody typed otherwise makes no other car of it.
        let vin = json!({ "vin": "VF3CCHMZ6JT004712" });
        after.admin.patch(&format!("/v1/passports/{theirs}"), vin).await.ok();
        let told = after.admin.get(&format!("/v1/passports/{theirs}/odometer")).await.ok();
        assert_eq!((&told["verdict"], &told["earlierReadings"]), (&json!("illogical"), &json!(true)));
    }

    async fn p8_a_car_with_its_vin_begins_where_it_was_whatever_plates_it_had_meanwhile(server) {
        let (garage, other) = (server.garage("p8v").await, server.garage("p8w").await);
        let (_, customer, car) = garage.driver("jan@p8v.example").await;
        let (number, vin) = (garage.plate_of(&car).await, "VF3CCHMZ6JT004713");
        let path = format!("/v1/passports/{car}");
        garage.admin.patch(&path, json!({ "vin": vin })).await.ok();
        for (day, km) in [("2024-02-25", 150_000), ("2025-02-25", 160_000)] {
            on(&garage.admin, &car, day, km).await.created();
        }
        read(&garage.admin, &car, json!({ "value": 70_000, "confirm": true })).await.created();
        let vehicle = garage.admin.get(&path).await.ok()["vehicleId"].clone();
        let elsewhere = plate();
        garage.admin.patch(&path, json!({ "licencePlate": { "number": elsewhere } })).await.ok();
        garage.admin.act(&format!("{path}/archive")).await.ok();
        // With the plate of before and the same VIN it is the same vehicle, which has got its plate back.
        let body = |customer: &str, number: &str, vin: &str| json!({ "licencePlate": { "number": number }, "customerId": customer, "vin": vin });
        let again = garage.admin.post("/v1/passports", body(&customer, &number, vin)).await.created();
        assert_eq!((&again["vehicleId"], again["odometerKm"].as_i64()), (&vehicle, Some(70_000)));
        let again = again["id"].as_str().unwrap();
        let plates = garage.admin.get(&format!("/v1/passports/{again}/plates")).await.items();
        assert_eq!(plates.len(), 3, "{plates:?}");
        // A passport with its VIN and a plate that it never had is of another vehicle, and says that they may be one.
        let double = garage.admin.post("/v1/passports", body(&customer, &plate(), vin)).await.created();
        let named = |of: &Value| of["possibleDuplicates"].as_array().unwrap().iter().map(|one| (one["why"].clone(), one["archived"].clone())).collect::<Vec<_>>();
        assert_eq!(named(&double), [("vin".into(), false.into()), ("vin".into(), true.into())]);
        garage.admin.act(&format!("/v1/passports/{}/archive", double["id"].as_str().unwrap())).await.ok();
        garage.admin.act(&format!("/v1/passports/{again}/archive")).await.ok();
        // Another garage makes it with a new plate: its readings are not shown, but the verdict and the status know of them.
        let theirs = other.customer("piet@p8w.example").await;
        let made = other.admin.post("/v1/passports", body(&theirs, &plate(), vin)).await.created();
        let made = made["id"].as_str().unwrap();
        assert!(readings(&other.admin, made).await.is_empty());
        let told = other.admin.get(&format!("/v1/passports/{made}/odometer")).await.ok();
        assert_eq!((&told["verdict"], &told["earlierReadings"]), (&json!("illogical"), &json!(true)));
        // So it is in an import.
        other.admin.act(&format!("/v1/passports/{made}/archive")).await.ok();
        let line = body(&theirs, &number, vin).to_string().into_bytes();
        let headers = [("content-type", "application/x-ndjson")];
        let done = other.admin.send("POST", "/v1/passport-imports", &headers, Some(line)).await.ok();
        assert_eq!(done["made"], 1, "{done}");
        let found = other.admin.get(&format!("/v1/passports?plate={}&status=invited", number.replace('-', ""))).await.items();
        let status = other.admin.get(&format!("/v1/passports/{}/status", found[0]["id"].as_str().unwrap())).await.ok();
        assert!(status["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "odometer_illogical"), "{status}");
    }

    async fn p8_neither_an_old_passport_nor_a_blank_one_washes_an_odometer(server) {
        let (first, second, third) = (server.garage("p8x").await, server.garage("p8y").await, server.garage("p8z").await);
        let (number, vin) = (plate(), "VF3CCHMZ6JT004714");
        let new_car = async |garage: &Garage<'_>, number: &str, vin: Option<&str>| {
            let customer = garage.customer("jan@p8x.example").await;
            let body = json!({ "licencePlate": { "number": number }, "customerId": customer, "vin": vin });
            garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned()
        };
        let archive = async |garage: &Garage<'_>, car: &str| {
            garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        };
        let told = async |garage: &Garage<'_>, car: &str| {
            let told = garage.admin.get(&format!("/v1/passports/{car}/odometer")).await.ok();
            (told["verdict"] == "illogical", told["earlierReadings"] == true)
        };
        // The car was here, then there, and comes back: what was read there counts.
        let car = new_car(&first, &number, Some(vin)).await;
        on(&first.admin, &car, "2024-01-01", 80_000).await.created();
        archive(&first, &car).await;
        let car = new_car(&second, &number, Some(vin)).await;
        on(&second.admin, &car, "2026-01-01", 200_000).await.created();
        archive(&second, &car).await;
        let car = new_car(&first, &number, Some(vin)).await;
        read(&first.admin, &car, json!({ "value": 90_000 })).await.created();
        assert_eq!(told(&first, &car).await, (true, true));
        archive(&first, &car).await;
        // A passport that was made beforehand, of which the car's plate and VIN are written afterwards.
        let blank = new_car(&third, &plate(), None).await;
        let change = json!({ "licencePlate": { "number": number }, "vin": vin, "odometerKm": 95_000 });
        third.admin.patch(&format!("/v1/passports/{blank}"), change).await.ok();
        assert_eq!(told(&third, &blank).await, (true, true));
        let ledger = &third.admin.get(&format!("/v1/passports/{blank}/odometer")).await.ok()["ledger"];
        assert_eq!((&ledger["verdict"], &ledger["reason"]), (&json!("no_judgement"), &json!("too_few")), "of its own readings alone");
        // A stranger who writes the VIN of somebody's car in a passport of theirs does it no harm.
        let other_vin = "VF3CCHMZ6JT004715";
        let fake = new_car(&second, &plate(), None).await;
        on(&second.admin, &fake, "2026-01-01", 500_000).await.created();
        let honest = new_car(&first, &plate(), Some(other_vin)).await;
        read(&first.admin, &honest, json!({ "value": 30_000 })).await.created();
        second.admin.patch(&format!("/v1/passports/{fake}"), json!({ "vin": other_vin })).await.ok();
        for typed in [vin, other_vin] {
            first.admin.patch(&format!("/v1/passports/{honest}"), json!({ "vin": typed })).await.ok();
        }
        assert_eq!(told(&first, &honest).await, (false, false));
        // Nor when the car is sold meanwhile.
        let honest_plate = first.plate_of(&honest).await;
        archive(&first, &honest).await;
        let sold = new_car(&third, &honest_plate, Some(other_vin)).await;
        read(&third.admin, &sold, json!({ "value": 31_000 })).await.created();
        assert_eq!(told(&third, &sold).await, (false, true));
        archive(&second, &fake).await;
        assert_eq!(told(&third, &sold).await, (false, true));
    }

    async fn p8_a_status_follows_what_another_garage_puts_away(server) {
        let (first, second) = (server.garage("p8s").await, server.garage("p8t").await);
        let vin = "VF3CCHMZ6JT004716";
        let mut cars = vec![];
        for (garage, day, km) in [(&first, "2026-01-01", 200_000), (&second, "2026-02-01", 90_000)] {
            let customer = garage.customer("jan@p8s.example").await;
            let body = json!({ "licencePlate": { "number": plate() }, "customerId": customer, "vin": vin });
            let car = garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
            on(&garage.admin, &car, day, km).await.created();
            cars.push(car);
        }
        let is_illogical = async || {
            let status = second.admin.get(&format!("/v1/passports/{}/status", cars[1])).await.ok();
            status["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "odometer_illogical")
        };
        assert!(!is_illogical().await, "nothing is told of what is in use elsewhere");
        for (act, expected) in [("archive", true), ("unarchive", false)] {
            first.admin.act(&format!("/v1/passports/{}/{act}", cars[0])).await.ok();
            server.work();
            assert_eq!(is_illogical().await, expected, "{act}");
        }
    }

    async fn t9_the_ledger_goes_with_the_car_and_names_stay_behind(server) {
        let garage = server.garage("t9o").await;
        let (former, _, car) = garage.driver("former@t9o.example").await;
        let path = format!("/v1/passports/{car}/odometer");
        let own = on(&former, &car, "2026-02-01", 40_000).await.created();
        assert_eq!(own["recordedBy"]["name"], "Name of former@t9o.example");
        on(&garage.mechanic, &car, "2026-02-10", 40_100).await.created();
        assert!(readings(&former, &car).await[1]["recordedBy"].is_null(), "who works at the garage is the garage's");
        let id = former.offer(&car, "new_owner", "new@t9o.example").await.created()["id"].as_str().unwrap().to_owned();
        let owner = server.join("new@t9o.example").await;
        owner.act(&format!("/v1/transfers/{id}/accept")).await.ok();
        for path in [path.clone(), format!("{path}/readings")] {
            former.get(&path).await.problem(404, "not_found");
        }
        on(&former, &car, "2026-02-20", 40_200).await.problem(404, "not_found");
        let seen = readings(&owner, &car).await;
        assert_eq!(seen.iter().map(|one| one["source"].as_str().unwrap()).collect::<Vec<_>>(), ["driver", "garage"]);
        assert!(seen.iter().all(|one| one["recordedBy"].is_null()));
        let account = own["recordedBy"]["id"].as_str().unwrap();
        let told = format!("{seen:?}{}", owner.get(&path).await.ok());
        assert!(!told.contains(account) && !told.contains("former"));
        assert_eq!(readings(&garage.admin, &car).await[0]["recordedBy"]["name"], "Name of former@t9o.example");
        // Nor does the new owner correct what another recorded.
        let body = json!({ "value": 39_000, "readOn": "2026-02-01", "replacesId": own["id"] });
        read(&owner, &car, body).await.problem(403, "odometer_not_yours");
    }

    async fn strangers_find_nothing(server) {
        let (garage, other) = (server.garage("o11").await, server.garage("o11b").await);
        let (_, _, car) = garage.driver("jan@o11.example").await;
        let (stranger, ..) = other.driver("piet@o11b.example").await;
        let path = format!("/v1/passports/{car}/odometer");
        for who in [&stranger, &other.admin, &other.mechanic] {
            who.get(&path).await.problem(404, "not_found");
            who.get(&format!("{path}/readings")).await.problem(404, "not_found");
            read(who, &car, json!({ "value": 1, "confirm": true })).await.problem(404, "not_found");
        }
        server.anonymous().get(&path).await.problem(401, "unauthenticated");
        read(&garage.admin, UNKNOWN, json!({ "value": 1 })).await.problem(404, "not_found");
        read(&garage.admin, "x", json!({ "value": 1 })).await.wrong(&["id uuid_invalid"]);
        assert!(readings(&garage.admin, &car).await.is_empty());
    }

    async fn the_list_comes_in_pages(server) {
        let garage = server.garage("o12").await;
        let (driver, _, car) = garage.driver("jan@o12.example").await;
        for day in 1..=5 {
            on(&driver, &car, &format!("2026-02-0{day}"), 1_000 + day).await.created();
        }
        let path = format!("/v1/passports/{car}/odometer/readings");
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = driver.get(&format!("{path}?{query}")).await;
            seen.extend(page.items().iter().map(|one| one["value"].as_i64().unwrap()));
            let Some(cursor) = page.body["nextCursor"].as_str() else { break };
            query = format!("limit=2&cursor={cursor}");
        }
        assert_eq!(seen, [1_001, 1_002, 1_003, 1_004, 1_005]);
        server.pass_idle(SignedDuration::from_mins(1));
        on(&driver, &car, "2026-02-06", 1_006).await.created();
        assert_eq!(driver.get(&format!("{path}?updatedSince={}", server.now())).await.items().len(), 1);
        driver.get(&format!("{path}?cursor=nonsense")).await.wrong(&["cursor cursor_invalid"]);
        driver.get(&format!("{path}?limit=0")).await.wrong(&["limit out_of_range"]);
    }

    async fn two_at_once_and_the_same_twice(server) {
        let garage = server.garage("o13").await;
        let (driver, _, car) = garage.driver("jan@o13.example").await;
        let url = format!("{}/v1/passports/{car}/odometer/readings", server.url);
        // Each lies too far from every other of that day.
        let mut racing = Vec::new();
        for value in 0..12 {
            let request = server.client.post(&url).bearer_auth(driver.token.clone().unwrap());
            let request = request.header("content-type", "application/json").body(json!({ "value": 7_000 + 2_000 * value }).to_string());
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        let mut statuses = Vec::new();
        for race in racing {
            statuses.push(race.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 11]].concat());
        let one = readings(&driver, &car).await;
        assert_eq!((one.len(), one[0]["value"].as_i64()), (1, shows(&driver, &car).await));

        let path = format!("/v1/passports/{car}/odometer/readings");
        let headers = [("content-type", "application/json"), ("idempotency-key", "o13")];
        let post = async |value: i64| {
            let body = json!({ "value": value, "readOn": "2026-02-01" }).to_string().into_bytes();
            driver.send("POST", &path, &headers, Some(body)).await
        };
        let (first, again) = (post(6_000).await.created(), post(6_000).await.created());
        assert_eq!(first, again);
        post(6_001).await.problem(422, "idempotency_key_reused");
        assert_eq!(readings(&driver, &car).await.len(), 2);
    }
}

/// Value and day of each reading.
async fn values_and_days(actor: &Actor<'_>, car: &str) -> Vec<(i64, String)> {
    let all = readings(actor, car).await;
    all.iter().map(|one| (one["value"].as_i64().unwrap(), one["readOn"].as_str().unwrap().to_owned())).collect()
}
