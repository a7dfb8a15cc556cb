//! How a car is used, and what its service indicator says, over HTTP: rule MS6.

use crate::{
    both,
    support::{Actor, kombi},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn schedule(actor: &Actor<'_>, car: &str) -> Value {
    actor.get(&format!("/v1/passports/{car}/maintenance-schedule")).await.ok()
}

/// What is said of the small service.
fn service(schedule: &Value) -> &Value {
    schedule["tasks"].as_array().unwrap().iter().find(|task| task["task"] == "small_service").unwrap()
}

/// After how many months the small service comes back.
fn months(schedule: &Value) -> i64 {
    service(schedule)["schedule"]["recurrence"]["then"]["months"].as_i64().unwrap()
}

both! {
    async fn ms6_how_the_customer_drives_picks_the_schedule(server) {
        let garage = server.garage("ms6").await;
        let (driver, customer, car) = garage.driver("jan@ms6.example").await;
        let before = schedule(&garage.mechanic, &car).await;
        assert_eq!((&before["usage"], &before["severeUse"], months(&before)), (&json!("normal"), &json!([]), 12));
        let record = format!("/v1/customers/{customer}");
        let severe = json!({ "drivingBehaviour": { "severeUse": ["trailer", "short_trips", "trailer"] } });
        let shown = garage.advisor.patch(&record, severe).await.ok();
        assert_eq!(shown["drivingBehaviour"], json!({ "kmPerYear": null, "usage": null, "severeUse": ["short_trips", "trailer"] }));
        assert_eq!(garage.mechanic.get(&record).await.ok()["drivingBehaviour"], shown["drivingBehaviour"]);
        let after = schedule(&garage.mechanic, &car).await;
        assert_eq!((&after["usage"], &after["severeUse"], months(&after)), (&json!("severe"), &json!(["short_trips", "trailer"]), 6));
        // Why is in the garage's record, which is not the driver's.
        let of_driver = schedule(&driver, &car).await;
        assert_eq!((&of_driver["usage"], &of_driver["severeUse"], months(&of_driver)), (&json!("severe"), &Value::Null, 6));
        let cars = async |usage: &str| {
            garage.admin.get(&format!("/v1/maintenance-schedules/preview?usage={usage}")).await.ok()["cars"].as_i64()
        };
        assert_eq!((cars("severe").await, cars("normal").await), (Some(1), Some(0)));
        garage.advisor.patch(&record, json!({ "drivingBehaviour": { "usage": "mixed" } })).await.ok();
        assert_eq!(months(&schedule(&garage.mechanic, &car).await), 12);
        for (reasons, wrong) in [
            (json!(["snow"]), "#/drivingBehaviour/severeUse/0 unknown_value"),
            (json!("dust"), "#/drivingBehaviour/severeUse wrong_type"),
            (json!(["dust", 1]), "#/drivingBehaviour/severeUse/1 wrong_type"),
            (json!(["dust", "dust", "dust", "dust", "dust"]), "#/drivingBehaviour/severeUse too_many_items"),
        ] {
            garage.advisor.patch(&record, json!({ "drivingBehaviour": { "severeUse": reasons } })).await.wrong(&[wrong]);
        }
        let made = json!({ "kind": "person", "name": "Piet", "drivingBehaviour": { "severeUse": ["dust"] } });
        assert_eq!(garage.advisor.post("/v1/customers", made).await.created()["drivingBehaviour"]["severeUse"], json!(["dust"]));
    }

    async fn ms6_a_taxi_by_the_register_is_used_severely(server) {
        let garage = server.garage("ms6-taxi").await;
        let (_, customer, car) = garage.driver("jan@ms6-taxi.example").await;
        let plate = garage.plate_of(&car).await;
        let told = |taxi| domain::register::RegisterData { taxi, ..kombi("2027-05-17") };
        server.told(&plate, Some(&told(Some(false))));
        assert_eq!(schedule(&garage.admin, &car).await["usage"], "normal");
        server.told(&plate, Some(&told(Some(true))));
        let taxi = schedule(&garage.admin, &car).await;
        assert_eq!((&taxi["usage"], &taxi["severeUse"], months(&taxi)), (&json!("severe"), &json!(["taxi"]), 6));
        garage.advisor.patch(&format!("/v1/customers/{customer}"), json!({ "drivingBehaviour": { "severeUse": ["dust", "taxi"] } })).await.ok();
        assert_eq!(schedule(&garage.admin, &car).await["severeUse"], json!(["taxi", "dust"]));
        // Of a schedule for normal use it is no longer one of the cars.
        assert_eq!(garage.admin.get("/v1/maintenance-schedules/preview?usage=normal").await.ok()["cars"], 0);
    }

    async fn ms6_what_the_car_says_stands_beside_its_schedule(server) {
        let garage = server.garage("ms6i").await;
        let fleet = garage.fleet("fleet-ms6i").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@ms6i.example").await;
        let path = format!("/v1/passports/{car}/service-indicator/small_service");
        assert_eq!(service(&schedule(&driver, &car).await)["indicator"], Value::Null);
        let body = json!({ "readOn": "2026-02-20", "odometerKm": 80_000, "daysLeft": 61, "kmLeft": 4_300 });
        let said = driver.put(&path, body.clone()).await.ok();
        let expected = json!({
            "task": "small_service", "readOn": "2026-02-20", "odometerKm": 80_000, "daysLeft": 61, "kmLeft": 4_300,
            "recordedAt": said["recordedAt"],
            "recordedBy": { "id": said["recordedBy"]["id"], "name": "Name of jan@ms6i.example" },
        });
        assert_eq!(said, expected);
        for who in [&driver, &garage.mechanic] {
            assert_eq!(service(&schedule(who, &car).await)["indicator"], said);
        }
        let of_fleet = service(&schedule(&fleet.account, &car).await)["indicator"].clone();
        assert_eq!((&of_fleet["daysLeft"], &of_fleet["recordedBy"]), (&json!(61), &Value::Null));
        // Owner and staff can say it too, and what is said last counts.
        for (who, days) in [(&fleet.account, 40), (&garage.mechanic, -3)] {
            who.put(&path, json!({ "readOn": "2026-02-25", "daysLeft": days })).await.ok();
            let shown = schedule(&driver, &car).await;
            let indicator = &service(&shown)["indicator"];
            assert_eq!((&indicator["daysLeft"], &indicator["kmLeft"], &indicator["odometerKm"]), (&json!(days), &Value::Null, &Value::Null));
        }
        // The odometer's readings are another matter.
        assert_eq!(garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items(), Vec::<Value>::new());
        driver.send("DELETE", &path, &[], None).await.expect(StatusCode::NO_CONTENT);
        driver.send("DELETE", &path, &[], None).await.problem(404, "not_found");
        assert_eq!(service(&schedule(&driver, &car).await)["indicator"], Value::Null);
        let trail = garage.admin.get(&format!("/v1/passports/{car}/events")).await.items();
        let count = |kind: &str| trail.iter().filter(|event| event["kind"] == kind).count();
        assert_eq!((count("service_indicator_recorded"), count("service_indicator_removed")), (3, 1));
        // A task without a schedule can have one as well.
        let clutch = format!("/v1/passports/{car}/service-indicator/clutch");
        driver.put(&clutch, json!({ "readOn": "2026-02-20", "daysLeft": 9 })).await.ok();
        let shown = schedule(&driver, &car).await;
        let clutch = shown["tasks"].as_array().unwrap().iter().find(|task| task["task"] == "clutch").unwrap();
        assert_eq!((&clutch["schedule"], &clutch["indicator"]["daysLeft"]), (&Value::Null, &json!(9)));
    }

    async fn ms6_what_no_indicator_says_is_refused(server) {
        let garage = server.garage("ms6-wrong").await;
        let (driver, _, car) = garage.driver("jan@ms6-wrong.example").await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2020 })).await.ok();
        let path = format!("/v1/passports/{car}/service-indicator/small_service");
        for (body, status, code) in [
            (json!({ "readOn": "2026-02-20" }), 400, "indicator_empty"),
            (json!({ "readOn": "2026-02-20", "odometerKm": 80_000 }), 400, "indicator_empty"),
            (json!({ "readOn": "2026-02-20", "kmLeft": 100 }), 400, "indicator_without_odometer"),
            (json!({ "readOn": "2026-02-26", "daysLeft": 1 }), 400, "indicator_in_future"),
            (json!({ "readOn": "2019-12-31", "daysLeft": 1 }), 409, "indicator_before_first_admission"),
        ] {
            for who in [&driver, &garage.admin] {
                who.put(&path, body.clone()).await.problem(status, code);
            }
        }
        for (body, wrong) in [
            (json!({ "readOn": "yesterday", "daysLeft": 1 }), "#/readOn date_invalid"),
            (json!({ "readOn": "2026-02-20", "daysLeft": 3_651 }), "#/daysLeft out_of_range"),
            (json!({ "readOn": "2026-02-20", "daysLeft": -3_651 }), "#/daysLeft out_of_range"),
            (json!({ "readOn": "2026-02-20", "daysLeft": 1.5 }), "#/daysLeft wrong_type"),
            (json!({ "readOn": "2026-02-20", "odometerKm": 1, "kmLeft": 200_001 }), "#/kmLeft out_of_range"),
            (json!({ "readOn": "2026-02-20", "odometerKm": 2_000_000, "kmLeft": 1 }), "#/odometerKm out_of_range"),
        ] {
            driver.put(&path, body).await.wrong(&[wrong]);
        }
        // Without a day, it is of today.
        assert_eq!(driver.put(&path, json!({ "daysLeft": 1 })).await.ok()["readOn"], "2026-02-25");
        driver.send("DELETE", &path, &[], None).await.expect(reqwest::StatusCode::NO_CONTENT);
        let good = json!({ "readOn": "2020-01-01", "daysLeft": -3_650 });
        let unknown = format!("/v1/passports/{car}/service-indicator/oil");
        driver.put(&unknown, good.clone()).await.wrong(&["task task_unknown"]);
        driver.send("DELETE", &unknown, &[], None).await.wrong(&["task task_unknown"]);
        driver.put(&path, good.clone()).await.ok();
        // The register's day of first admission goes before the year.
        server.told(&garage.plate_of(&car).await, Some(&kombi("2027-05-17")));
        driver.put(&path, json!({ "readOn": "2013-05-16", "daysLeft": 1 })).await.problem(409, "indicator_before_first_admission");
        // What was read later stands, unless it is taken back.
        let first_day = json!({ "readOn": "2013-05-17", "daysLeft": 1 });
        driver.put(&path, first_day.clone()).await.problem(409, "indicator_outdated");
        driver.put(&path, good.clone()).await.ok();
        driver.send("DELETE", &path, &[], None).await.expect(reqwest::StatusCode::NO_CONTENT);
        driver.put(&path, first_day).await.ok();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        garage.admin.put(&path, good).await.problem(409, "passport_archived");
        garage.admin.send("DELETE", &path, &[], None).await.problem(409, "passport_archived");
    }

    async fn ms6_only_who_sees_the_car_says_it(server) {
        let garage = server.garage("ms6-who").await;
        let (driver, _, car) = garage.driver("jan@ms6-who.example").await;
        let other = server.garage("ms6-who-other").await;
        let (stranger, ..) = other.driver("piet@ms6-who.example").await;
        let path = format!("/v1/passports/{car}/service-indicator/small_service");
        let body = json!({ "readOn": "2026-02-20", "daysLeft": 1 });
        driver.put(&path, body.clone()).await.ok();
        for who in [&stranger, &other.admin] {
            who.put(&path, body.clone()).await.problem(404, "not_found");
            who.send("DELETE", &path, &[], None).await.problem(404, "not_found");
        }
        server.anonymous().put(&path, body).await.problem(401, "unauthenticated");
        assert_eq!(service(&schedule(&garage.admin, &car).await)["indicator"]["daysLeft"], 1);
    }
}
