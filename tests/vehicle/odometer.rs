//! The odometer over HTTP: rules OD1 to OD11, and T9.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, plate},
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
            ("2026-02-01", 50_001, vec!["odometer_second_on_day"]),
            ("2026-02-01", 60_000, vec!["odometer_too_far", "odometer_second_on_day"]),
        ];
        for (day, value, warnings) in &cases {
            for who in [&driver, &fleet.account] {
                warned(&on(who, &car, day, *value).await, "odometer_implausible", "#/value", warnings);
            }
            warned(&on(&garage.mechanic, &car, day, *value).await, "odometer_unconfirmed", "#/value", warnings);
        }
        on(&driver, &car, "2026-02-02", 51_000).await.created();
        on(&driver, &car, "2026-02-01", 50_000).await.created();
        // Only staff stand by one; what was needless to confirm is not marked.
        let confirmed = |value: i64| json!({ "value": value, "confirm": true });
        for who in [&driver, &fleet.account] {
            read(who, &car, confirmed(52_000)).await.problem(403, "staff_only");
        }
        assert_eq!(readings(&driver, &car).await.len(), 3);
        assert_eq!(read(&garage.mechanic, &car, confirmed(52_000)).await.created()["confirmed"], false);
        assert_eq!(read(&garage.mechanic, &car, confirmed(52_001)).await.created()["confirmed"], true);
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

    async fn od7_od8_od9_what_the_ledger_tells(server) {
        let garage = server.garage("o7").await;
        let (driver, _, car) = garage.driver("jan@o7.example").await;
        let path = format!("/v1/passports/{car}/odometer");
        let nothing = json!({ "verdict": "no_judgement", "reason": "too_few", "registered": null, "latest": null, "daily": null, "estimate": null });
        assert_eq!(driver.get(&path).await.ok(), nothing);
        for (day, km) in [("2025-02-25", 10_000), ("2025-08-25", 17_240), ("2026-02-20", 24_400)] {
            on(&garage.admin, &car, day, km).await.created();
        }
        let told = driver.get(&path).await.ok();
        assert_eq!((told["verdict"].as_str(), &told["reason"]), (Some("logical"), &Value::Null));
        assert_eq!((told["latest"]["odometerKm"].as_i64(), told["latest"]["readOn"].as_str()), (Some(24_400), Some("2026-02-20")));
        assert_eq!((told["daily"]["metres"].as_i64(), told["daily"]["readings"].as_i64()), (Some(40_000), Some(3)));
        assert_eq!(told["estimate"], json!({ "on": TODAY, "odometerKm": 24_600, "lowKm": 24_600, "highKm": 24_600, "basis": "after" }));
        let later = driver.get(&format!("{path}?on=2027-03-01")).await.ok();
        assert_eq!((later["estimate"]["on"].as_str(), later["estimate"]["odometerKm"].as_i64()), (Some("2027-03-01"), Some(39_360)));
        let same_day = driver.get(&format!("{path}?on=2025-08-25")).await.ok();
        assert_eq!((same_day["estimate"]["basis"].as_str(), same_day["estimate"]["odometerKm"].as_i64()), (Some("read"), Some(17_240)));
        assert!(driver.get(&format!("{path}?on=2025-02-24")).await.ok()["estimate"].is_null());
        driver.get(&format!("{path}?on=9999-12-31")).await.ok();
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
        // Each differs from every other of that day: only the first is no second one.
        let mut racing = Vec::new();
        for value in 0..12 {
            let request = server.client.post(&url).bearer_auth(driver.token.clone().unwrap());
            let request = request.header("content-type", "application/json").body(json!({ "value": 7_000 + value }).to_string());
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
