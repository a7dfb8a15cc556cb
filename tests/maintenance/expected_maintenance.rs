//! Expected maintenance, over HTTP: rules EM1 to EM6, EC5 and EC6.

use super::car_status::{calm, expect_nothing, read, status};
use crate::{
    both,
    support::{Actor, Garage, filled_check},
};
use jiff::civil::Date;
use serde_json::{Value, json};

pub(super) async fn expected(actor: &Actor<'_>, car: &str, query: &str) -> Value {
    actor.get(&format!("/v1/passports/{car}/expected-maintenance{query}")).await.ok()
}

fn items(expected: &Value) -> Vec<Value> {
    let visits = expected["visits"].as_array().unwrap();
    visits.iter().flat_map(|visit| visit["items"].as_array().unwrap().clone()).collect()
}

/// The first item of a task.
pub(super) fn first(expected: &Value, task: &str) -> Value {
    items(expected).into_iter().find(|item| item["task"] == task).unwrap_or_else(|| panic!("no {task} in {expected:#}"))
}

fn day(value: &Value) -> Date {
    value.as_str().unwrap().parse().unwrap()
}

/// Has a garage expect one task of all its cars, by its own schedule.
pub(super) async fn expect_task(
    garage: &Garage<'_>,
    task: &str,
    months: Option<i64>,
    km: Option<i64>,
    counts_from: &str,
) -> String {
    let schedules = garage.admin.get(&format!("/v1/maintenance-schedules?task={task}&limit=200")).await.items();
    let recurrence = json!({ "then": { "months": months, "km": km }, "countsFrom": counts_from });
    if let Some(own) = schedules.iter().find(|schedule| schedule["level"] == "garage") {
        let path = format!("/v1/maintenance-schedules/{}", own["id"].as_str().unwrap());
        garage.admin.patch(&path, json!({ "applies": true, "recurrence": recurrence })).await.ok();
        own["id"].as_str().unwrap().to_owned()
    } else {
        let body = json!({ "task": task, "applies": true, "recurrence": recurrence });
        garage.admin.post("/v1/maintenance-schedules", body).await.created()["id"].as_str().unwrap().to_owned()
    }
}

async fn says(actor: &Actor<'_>, car: &str, task: &str, body: Value) {
    let path = format!("/v1/passports/{car}/service-indicator/{task}");
    actor.send("PUT", &path, &[("content-type", "application/json")], Some(body.to_string().into_bytes())).await.ok();
}

both! {
    async fn em1_the_predicted_day_is_the_earlier_of_day_and_distance_with_its_range(server) {
        let garage = server.garage("em1").await;
        expect_nothing(&garage).await;
        let schedule = expect_task(&garage, "brake_fluid", Some(60), Some(20_000), "anniversary").await;
        let (driver, _, car) = garage.driver("jan@em1.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        read(&driver, &car, "2025-02-25", 50_000).await;
        read(&driver, &car, "2025-08-25", 55_000).await;
        read(&driver, &car, "2026-02-25", 60_000).await;
        let shown = expected(&driver, &car, "").await;
        assert_eq!((&shown["from"], &shown["until"]), (&json!("2026-02-25"), &json!("2028-02-25")));
        assert_eq!((&shown["road"]["basis"], &shown["road"]["odometerKm"]), (&json!("readings"), &json!(60_000)));
        let item = first(&shown, "brake_fluid");
        // The next of the grid of 20,000 km is 60,000; of that of the years it is in 2028.
        assert_eq!((&item["dueKm"], &item["dueOn"]), (&json!(60_000), &json!("2028-05-17")));
        assert_eq!((&item["predictedOn"], &item["source"]), (&json!("2026-02-25"), &json!("schedule")));
        assert_eq!(item["origin"]["schedule"], json!({ "level": "garage", "id": schedule }));
        let shown = expected(&driver, &car, "?until=2029-01-01").await;
        let next = items(&shown).into_iter().find(|item| item["task"] == "brake_fluid" && item["repeated"] == 1).unwrap();
        let (earliest, on, latest) = (day(&next["earliestOn"]), day(&next["predictedOn"]), day(&next["latestOn"]));
        assert!(earliest <= on && on <= latest, "{next:#}");
        assert_eq!((&next["dueKm"], on.year()), (&json!(80_000), 2028));
        // The APK, by the register.
        let apk = first(&shown, "apk_inspection");
        assert_eq!((&apk["source"], &apk["dueOn"], &apk["dueKm"], &apk["assumed"]), (&json!("apk"), &json!("2027-05-17"), &json!(null), &json!(false)));
        // Recalls.
        let recall = domain::register::Recall { reference: "R1".into(), status: domain::register::RecallStatus::Open, detail: None };
        server.register(&garage.plate_of(&car).await, |kept| kept.with_recalls(vec![recall.clone()], server.now()));
        let shown = expected(&driver, &car, "").await;
        let recall = first(&shown, "recall_repair");
        assert_eq!((&recall["source"], &recall["origin"]["recallReference"]), (&json!("recall"), &json!("R1")));
    }

    async fn em1_without_a_reading_there_are_days_only_and_the_answer_says_so(server) {
        let garage = server.garage("em1b").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "brake_pads_front", None, Some(50_000), "completion").await;
        expect_task(&garage, "coolant", Some(24), Some(40_000), "completion").await;
        let (driver, _, car) = garage.driver("jan@em1b.example").await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2019 })).await.ok();
        says(&driver, &car, "brake_pads_front", json!({ "readOn": "2026-02-20", "odometerKm": 70_000, "kmLeft": 3_000 })).await;
        let shown = expected(&driver, &car, "").await;
        assert_eq!(shown["road"], json!(null));
        let without = shown["withoutDay"].as_array().unwrap();
        assert_eq!(without.len(), 1, "{shown:#}");
        assert_eq!((&without[0]["task"], &without[0]["dueKm"], &without[0]["predictedOn"]), (&json!("brake_pads_front"), &json!(73_000), &json!(null)));
        let coolant = first(&shown, "coolant");
        assert_eq!((&coolant["dueOn"], &coolant["dueKm"]), (&json!("2027-01-01"), &json!(null)));
        // What has no day is no reason for a status.
        assert_eq!(status(&driver, &car).await["carStatus"], "good");
        // One reading is enough to foretell a day, from what such cars drive.
        read(&driver, &car, "2026-02-25", 70_100).await;
        let shown = expected(&driver, &car, "").await;
        assert_eq!((&shown["road"]["basis"], shown["withoutDay"].as_array().unwrap().len()), (&json!("average"), 0));
        assert!(first(&shown, "brake_pads_front")["predictedOn"].is_string());
    }

    async fn em2_how_near_a_task_is_is_said_for_today(server) {
        let garage = server.garage("em2").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "brake_fluid", Some(24), None, "completion").await;
        let (driver, _, car) = garage.driver("jan@em2.example").await;
        let at = async |left: i64| {
            says(&driver, &car, "brake_fluid", json!({ "readOn": "2026-02-25", "daysLeft": left })).await;
            first(&expected(&driver, &car, "").await, "brake_fluid")["dueStatus"].as_str().unwrap().to_owned()
        };
        for (left, near) in [(61, "ok"), (60, "due_soon"), (1, "due_soon"), (0, "due"), (-30, "due"), (-31, "overdue")] {
            assert_eq!(at(left).await, near, "{left} days left");
        }
        read(&driver, &car, "2026-02-25", 60_000).await;
        let km = async |left: i64| {
            let body = json!({ "readOn": "2026-02-25", "odometerKm": 60_000, "kmLeft": left });
            says(&driver, &car, "brake_fluid", body).await;
            first(&expected(&driver, &car, "").await, "brake_fluid")["dueStatus"].as_str().unwrap().to_owned()
        };
        for (left, near) in [(2_001, "ok"), (2_000, "due_soon"), (0, "due"), (-1_000, "due"), (-1_001, "overdue")] {
            assert_eq!(km(left).await, near, "{left} km left");
        }
        // The APK: overdue from the first day after its expiry.
        let plate = garage.plate_of(&car).await;
        for (expires_on, near) in [("2026-04-27", "ok"), ("2026-04-26", "due_soon"), ("2026-02-25", "due"), ("2026-02-24", "overdue")] {
            server.told(&plate, Some(&calm(expires_on)));
            assert_eq!(first(&expected(&driver, &car, "").await, "apk_inspection")["dueStatus"], near, "{expires_on}");
        }
    }

    async fn em3_a_car_of_unknown_history_is_due_by_the_grid_and_assumed(server) {
        let garage = server.garage("em3").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "coolant", Some(60), None, "completion").await;
        expect_task(&garage, "brake_pads_front", None, Some(50_000), "completion").await;
        let (driver, _, car) = garage.driver("jan@em3.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        read(&driver, &car, "2026-02-25", 183_000).await;
        let shown = expected(&driver, &car, "?until=2030-01-01").await;
        let (coolant, pads) = (first(&shown, "coolant"), first(&shown, "brake_pads_front"));
        // Thirteen years old: the third time is in 2028. At 183,000 km, the fourth is at 200,000.
        assert_eq!((&coolant["dueOn"], &coolant["assumed"], &coolant["dueStatus"]), (&json!("2028-05-17"), &json!(true), &json!("ok")));
        assert_eq!((&pads["dueKm"], &pads["assumed"]), (&json!(200_000), &json!(true)));
        assert_eq!(status(&driver, &car).await["carStatus"], "good");
    }

    async fn em4_tasks_that_come_back_are_repeated_and_near_ones_gathered(server) {
        let garage = server.garage("em4").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "wipers", Some(12), None, "completion").await;
        expect_task(&garage, "brake_fluid", Some(24), None, "completion").await;
        let (driver, _, car) = garage.driver("jan@em4.example").await;
        let year = |years: i64| format!("?until={}-02-25", 2026 + years);
        says(&driver, &car, "wipers", json!({ "readOn": "2026-02-25", "daysLeft": 20 })).await;
        says(&driver, &car, "brake_fluid", json!({ "readOn": "2026-02-25", "daysLeft": 40 })).await;
        let shown = expected(&driver, &car, &year(5)).await;
        let visits = shown["visits"].as_array().unwrap();
        let tasks = |visit: &Value| visit["items"].as_array().unwrap().iter().map(|item| item["task"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        // Both are done on the day of the first, since the other is due within 30 days.
        assert_eq!((&visits[0]["on"], tasks(&visits[0])), (&json!("2026-03-17"), vec!["wipers".to_owned(), "brake_fluid".to_owned()]));
        let wipers: Vec<_> = items(&shown).into_iter().filter(|item| item["task"] == "wipers").collect();
        assert_eq!(wipers.iter().map(|item| item["repeated"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        let days: Vec<Date> = visits.iter().map(|visit| day(&visit["on"])).collect();
        assert!(days.is_sorted() && days.iter().all(|on| *on <= "2031-02-25".parse().unwrap()));
        assert_eq!(items(&expected(&driver, &car, &year(1)).await).len(), 2);
        // At most five years, and not into the past.
        for until in ["2031-02-26", "2026-02-24"] {
            let answer = driver.get(&format!("/v1/passports/{car}/expected-maintenance?until={until}")).await;
            answer.wrong(&["until until_out_of_range"]);
        }
        driver.get(&format!("/v1/passports/{car}/expected-maintenance?until=soon")).await.wrong(&["until date_invalid"]);
    }

    async fn em5_owner_driver_fleet_and_garage_see_it_and_nobody_else(server) {
        let garage = server.garage("em5").await;
        let fleet = garage.fleet("fleet-em5").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@em5.example").await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2019, "fuel": "petrol" })).await.ok();
        let all = items(&expected(&driver, &car, "").await).len();
        assert!(all > 5);
        for who in [&fleet.account, &garage.mechanic, &garage.advisor, &garage.admin] {
            assert_eq!(items(&expected(who, &car, "").await).len(), all);
        }
        let other = server.garage("em5o").await;
        let (stranger, ..) = other.driver("piet@em5o.example").await;
        let path = format!("/v1/passports/{car}/expected-maintenance");
        for who in [&other.admin, &stranger] {
            who.get(&path).await.problem(404, "not_found");
        }
        garage.admin.unlink(&car).await.ok();
        fleet.account.agree(&car).await;
        fleet.account.get(&path).await.problem(404, "not_found");
        // An archived passport expects nothing any more.
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let shown = expected(&garage.admin, &car, "").await;
        assert_eq!((items(&shown).len(), &shown["withoutDay"], &shown["costs"]), (0, &json!([]), &json!([])));
        driver.get(&path).await.problem(404, "not_found");
    }

    async fn em1_an_odometer_that_is_corrected_moves_what_was_predicted(server) {
        let garage = server.garage("em1c").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "brake_pads_front", None, Some(50_000), "completion").await;
        let (driver, _, car) = garage.driver("jan@em1c.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        read(&driver, &car, "2025-02-25", 30_000).await;
        let wrong = read(&driver, &car, "2026-02-25", 49_500).await;
        let soon = first(&expected(&driver, &car, "?until=2030-01-01").await, "brake_pads_front");
        assert_eq!((&soon["dueKm"], &soon["dueStatus"]), (&json!(50_000), &json!("due_soon")));
        let before = status(&driver, &car).await;
        assert_eq!((&before["carStatus"], &before["nextDue"]), (&json!("attention"), &json!("brake_pads_front")));
        let body = json!({ "value": 39_500, "readOn": "2026-02-25", "replacesId": wrong["id"] });
        driver.post(&format!("/v1/passports/{car}/odometer/readings"), body).await.created();
        let later = first(&expected(&driver, &car, "?until=2030-01-01").await, "brake_pads_front");
        assert!(day(&later["predictedOn"]) > day(&soon["predictedOn"]) && later["dueStatus"] == "ok", "{later:#}");
        let after = status(&driver, &car).await;
        assert_eq!((&after["carStatus"], &after["nextDueOn"]), (&json!("good"), &later["predictedOn"]));
        assert_eq!(&driver.get("/v1/passports").await.items()[0]["nextDueOn"], &later["predictedOn"]);
    }

    async fn em3_a_record_ends_what_was_assumed_and_the_interval_begins_anew(server) {
        let garage = server.garage("em3r").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "brake_fluid", Some(24), None, "completion").await;
        let (driver, _, car) = garage.driver("jan@em3r.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        assert_eq!(first(&expected(&driver, &car, "?until=2030-01-01").await, "brake_fluid")["assumed"], true);
        let record = json!({ "lines": [{ "task": "brake_fluid" }], "doneOn": "2026-02-01" });
        let made = garage.mechanic.post(&format!("/v1/passports/{car}/service-records"), record).await.created();
        let next = first(&expected(&driver, &car, "?until=2030-01-01").await, "brake_fluid");
        assert_eq!((&next["dueOn"], &next["assumed"]), (&json!("2028-02-01"), &json!(false)));
        assert_eq!(status(&driver, &car).await["nextDueOn"], "2027-05-17", "the APK comes first");
        // A correction counts in place of the record.
        let corrected = json!({ "lines": [{ "task": "brake_fluid" }], "doneOn": "2025-12-01", "replacesId": made["id"] });
        garage.mechanic.post(&format!("/v1/passports/{car}/service-records"), corrected).await.created();
        let next = first(&expected(&driver, &car, "?until=2030-01-01").await, "brake_fluid");
        assert_eq!(next["dueOn"], "2027-12-01");
    }

    async fn em6_wear_that_two_checks_measured_goes_before_the_interval(server) {
        let garage = server.garage("em6").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "tyres", Some(48), None, "completion").await;
        let (driver, _, car) = garage.driver("jan@em6.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        for (on, km, depth) in [("2025-08-25", 50_000, "6.0"), ("2026-02-25", 60_000, "4.6")] {
            let tread = ("tread_depth.front_left", json!({ "measured": depth }));
            let check = filled_check(&garage.mechanic, &car, "holiday", &[tread]).await;
            let path = format!("/v1/passports/{car}/checks/{check}/complete");
            garage.mechanic.post(&path, json!({ "odometer": km, "checkedOn": on })).await.ok();
        }
        // 1.4 mm in 10,000 km, and 3 mm are left until 1.6 mm.
        let worn = first(&expected(&driver, &car, "?until=2030-12-31").await, "tyres");
        assert_eq!((&worn["source"], &worn["dueKm"]), (&json!("wear"), &json!(81_428)));
        assert_eq!(worn["origin"]["readOn"], "2026-02-25");
        // New tyres: what was measured of the old ones says nothing any more.
        let record = json!({ "lines": [{ "task": "tyres" }], "doneOn": "2026-02-25" });
        garage.mechanic.post(&format!("/v1/passports/{car}/service-records"), record).await.created();
        let renewed = first(&expected(&driver, &car, "?until=2030-12-31").await, "tyres");
        assert_eq!((&renewed["source"], &renewed["dueOn"]), (&json!("schedule"), &json!("2030-02-25")));
    }

    async fn em2_worn_tyres_are_one_item_and_stand_for_the_next_time_of_the_schedule(server) {
        let garage = server.garage("em2t").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "tyres", Some(48), None, "completion").await;
        let (driver, _, car) = garage.driver("jan@em2t.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        let worn = [("tread_depth.rear_left", json!({ "measured": "1.5" })), ("tread_depth.front_left", json!({ "measured": "2.8" }))];
        let check = filled_check(&garage.mechanic, &car, "holiday", &worn).await;
        garage.mechanic.post(&format!("/v1/passports/{car}/checks/{check}/complete"), json!({ "odometer": 60_000 })).await.ok();
        let shown = expected(&driver, &car, "?until=2030-12-31").await;
        let tyres: Vec<_> = items(&shown).into_iter().filter(|item| item["task"] == "tyres").collect();
        let days: Vec<_> = tyres.iter().map(|item| (&item["predictedOn"], &item["source"])).collect();
        assert_eq!(days, [(&json!("2026-02-25"), &json!("recommendation")), (&json!("2030-02-25"), &json!("schedule"))]);
        assert_eq!((&tyres[0]["positions"], &tyres[1]["positions"]), (&json!(["front_left", "rear_left"]), &json!([])));
        let said: Vec<_> = tyres[0]["origin"]["recommendations"].as_array().unwrap().iter().map(|one| (&one["positionName"], &one["text"])).collect();
        assert_eq!(said, [
            (&json!("front left"), &json!("Tread depth front left: 2.8 mm (advised: more than 3 mm)")),
            (&json!("rear left"), &json!("Tread depth rear left: 1.5 mm (at least 1.6 mm)")),
        ]);
        assert!(tyres[0]["origin"]["schedule"].is_object(), "{:#}", tyres[0]);
        // Four new tyres, once, and what that price is for.
        let usual = domain::service_task::TaskKey::find("tyres").unwrap().task().unwrap();
        let of_year = |from: &str| {
            let cost = shown["costs"].as_array().unwrap().iter().find(|cost| cost["period"] == "year" && cost["from"] == from);
            cost.unwrap_or_else(|| panic!("{shown:#}"))["cost"]["usual"]["cents"].clone()
        };
        assert_eq!(of_year("2026-01-01"), tyres[0]["cost"]["usual"]["cents"]);
        let task = driver.get("/v1/service-tasks?category=tyres").await.items().into_iter().find(|task| task["key"] == "tyres").unwrap();
        assert_eq!(task["price"]["covers"], usual.price.covers.as_ref().unwrap().en.as_str());
    }

    async fn ec5_the_range_of_a_sum_is_narrower_than_the_sum_of_the_ranges(server) {
        let garage = server.garage("ec5").await;
        let (driver, _, car) = garage.driver("jan@ec5.example").await;
        server.told(&garage.plate_of(&car).await, Some(&calm("2027-05-17")));
        read(&driver, &car, "2026-02-25", 160_000).await;
        let shown = expected(&driver, &car, "?until=2028-12-31").await;
        assert_eq!(shown["showsAmounts"], true);
        let cents = |cost: &Value, name: &str| cost[name]["cents"].as_i64().unwrap();
        let mut many = 0;
        for visit in shown["visits"].as_array().unwrap() {
            let priced: Vec<&Value> = visit["items"].as_array().unwrap().iter().map(|item| &item["cost"]).filter(|cost| !cost.is_null()).collect();
            let sum = |name| priced.iter().map(|cost| cents(cost, name)).sum::<i64>();
            let cost = &visit["cost"];
            assert!(cents(cost, "low") <= cents(cost, "usual") && cents(cost, "usual") <= cents(cost, "high"));
            if priced.len() > 2 {
                many += 1;
                let (width, widths) = (cents(cost, "high") - cents(cost, "low"), sum("high") - sum("low"));
                assert!(width < widths, "{width} {widths} {visit:#}");
            }
        }
        assert!(many > 0, "{shown:#}");
        // Each month and each year is the sum of its visits, by what is usual nearly the same.
        let costs = shown["costs"].as_array().unwrap();
        for period in ["month", "year"] {
            let of: Vec<_> = costs.iter().filter(|cost| cost["period"] == period).collect();
            let usual: i64 = of.iter().map(|cost| cents(&cost["cost"], "usual")).sum();
            let visits: i64 = shown["visits"].as_array().unwrap().iter().map(|visit| cents(&visit["cost"], "usual")).sum();
            assert!((usual - visits).abs() * 5 < visits, "{period}: {usual} {visits}");
        }
        // What is done with another task costs nothing apart.
        for item in items(&shown).iter().filter(|item| !item["includedIn"].is_null()) {
            assert_eq!(item["cost"], json!(null), "{item:#}");
        }
    }

    async fn ec6_the_driver_of_a_fleets_car_sees_no_amounts_unless_the_fleet_allows_it(server) {
        let garage = server.garage("ec6").await;
        let fleet = garage.fleet("fleet-ec6").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@ec6.example").await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2019, "fuel": "petrol" })).await.ok();
        let amounts = async |who: &Actor<'_>| {
            let shown = expected(who, &car, "").await;
            let has_amounts = shown.to_string().contains("cents");
            assert_eq!(shown["showsAmounts"], has_amounts);
            has_amounts
        };
        assert!(!amounts(&driver).await && amounts(&fleet.account).await && amounts(&garage.mechanic).await);
        let (path, allowed) = (format!("/v1/fleets/{}", fleet.id), |allowed| json!({ "driversSeeAmounts": allowed }));
        let says = async |is_allowed: bool| {
            let etag = fleet.account.get(&path).await.etag();
            fleet.account.change("PUT", &format!("{path}/driver-amounts"), &etag, allowed(is_allowed)).await.ok()
        };
        assert_eq!(says(true).await["driversSeeAmounts"], true);
        assert!(amounts(&driver).await);
        says(false).await;
        assert!(!amounts(&driver).await);
        // Once the car is in no fleet, what it costs is the driver's.
        garage.admin.unlink(&car).await.ok();
        assert!(amounts(&driver).await);
    }
}
