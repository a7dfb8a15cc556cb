//! Maintenance schedules, over HTTP: rules MS2 to MS5.

use crate::{
    both,
    support::{Actor, Answer, Garage, kombi, plate},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const LIST: &str = "/v1/maintenance-schedules";
const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

/// That a task comes back after so many months.
fn months(months: i64) -> Value {
    json!({ "then": { "months": months }, "countsFrom": "completion" })
}

/// A schedule of the brake fluid with these limits.
fn brake_fluid(limits: Value) -> Value {
    let mut body = limits;
    body["task"] = "brake_fluid".into();
    body["recurrence"] = months(24);
    body
}

async fn make(garage: &Garage<'_>, body: Value) -> Answer {
    garage.advisor.post(LIST, body).await
}

/// A passport of a car of this make, model and so on.
async fn car(garage: &Garage<'_>, vehicle: Value) -> String {
    let mut body = vehicle;
    body["licencePlate"] = json!({ "number": plate() });
    body["customer"] = json!({ "kind": "person", "name": "N", "email": "n@x.example" });
    garage.admin.post("/v1/passports", body).await.expect(StatusCode::CREATED).id()
}

/// What decides about a task of a car: the level, and after how many months it comes back.
async fn decides(actor: &Actor<'_>, car: &str, task: &str) -> Option<(String, Option<i64>)> {
    let shown = actor.get(&format!("/v1/passports/{car}/maintenance-schedule")).await.ok();
    let of_task = shown["tasks"].as_array().unwrap().iter().find(|one| one["task"] == task)?.clone();
    let schedule = &of_task["schedule"];
    assert_eq!(schedule["applies"].as_bool().unwrap(), !schedule["recurrence"].is_null());
    let months = schedule["recurrence"]["then"]["months"].as_i64();
    Some((schedule["level"].as_str().unwrap().to_owned(), months))
}

fn by(level: &str, months: i64) -> (String, Option<i64>) {
    (level.to_owned(), Some(months))
}

both! {
    async fn ms5_everyone_reads_the_schedules_of_the_platform_as_a_table(server) {
        let garage = server.garage("ms5").await;
        let (driver, ..) = garage.driver("jan@ms5.example").await;
        let all = driver.get("/v1/maintenance-schedules?limit=200").await.items();
        assert_eq!(all.len(), domain::maintenance_schedule::platform().len());
        for schedule in &all {
            assert!(schedule["level"] == "platform" && schedule["source"].is_string() && schedule["applies"] == true);
            assert!(schedule["id"].is_null() && schedule["version"].is_null());
        }
        assert_eq!(garage.mechanic.get("/v1/maintenance-schedules?limit=200").await.items(), all, "the garage has none yet");
        let service = driver.get("/v1/maintenance-schedules?task=small_service").await.items();
        let found: Vec<_> = service.iter().map(|schedule| (&schedule["usage"], &schedule["recurrence"]["then"])).collect();
        assert_eq!(found, [
            (&json!(null), &json!({ "months": 12, "km": 15000 })),
            (&json!("severe"), &json!({ "months": 6, "km": 7500 })),
        ]);
        driver.get("/v1/maintenance-schedules?task=oil").await.wrong(&["task task_unknown"]);
        server.anonymous().get("/v1/maintenance-schedules").await.problem(401, "unauthenticated");
    }

    async fn ms4_schedules_for_a_fuel_are_those_that_a_car_on_it_can_have(server) {
        let garage = server.garage("ms4-schedules").await;
        let (driver, ..) = garage.driver("jan@ms4-schedules.example").await;
        let electric = driver.get("/v1/maintenance-schedules?fuel=electric&limit=200").await.items();
        let has = |task: &str| electric.iter().any(|schedule| schedule["task"] == task);
        assert!(has("electric_service") && has("brake_fluid") && !has("small_service") && !has("timing_belt"));
        for (task, fuel) in [("spark_plugs", Value::Null), ("brake_fluid", json!("petrol")), ("brake_fluid", json!("electric"))] {
            make(&garage, json!({ "task": task, "fuel": fuel, "recurrence": months(6) })).await.created();
        }
        let own = garage.admin.get("/v1/maintenance-schedules?fuel=electric&level=garage").await.items();
        assert_eq!(own.iter().map(|one| (&one["task"], &one["fuel"])).collect::<Vec<_>>(), [(&json!("brake_fluid"), &json!("electric"))]);
    }

    async fn ms4_spark_plugs_of_an_electric_car_are_refused_and_never_expected(server) {
        let garage = server.garage("ms4-plugs").await;
        let plugs = json!({ "task": "spark_plugs", "fuel": "electric", "recurrence": months(48) });
        make(&garage, plugs.clone()).await.problem(409, "task_not_for_fuel");
        let electric = car(&garage, json!({ "make": "Peugeot", "model": "e-208", "fuel": "electric" })).await;
        let rule = format!("/v1/passports/{electric}/maintenance-schedule/spark_plugs");
        garage.advisor.put(&rule, json!({ "recurrence": months(48) })).await.problem(409, "task_not_for_fuel");
        let indicator = format!("/v1/passports/{electric}/service-indicator/spark_plugs");
        garage.advisor.put(&indicator, json!({ "readOn": "2026-02-01", "daysLeft": 3 })).await.problem(409, "task_not_for_fuel");
        // For all cars it is allowed, and an electric one does not have it.
        let all = make(&garage, json!({ "task": "spark_plugs", "recurrence": months(48) })).await.created();
        assert_eq!(decides(&garage.mechanic, &electric, "spark_plugs").await, None);
        let petrol = car(&garage, json!({ "make": "Peugeot", "model": "208", "fuel": "petrol" })).await;
        assert_eq!(decides(&garage.mechanic, &petrol, "spark_plugs").await, Some(by("garage", 48)));
        let path = format!("{LIST}/{}", all["id"].as_str().unwrap());
        garage.advisor.patch(&path, json!({ "fuel": "electric" })).await.problem(409, "task_not_for_fuel");
        // That it does not apply may be said of any car.
        garage.advisor.patch(&path, json!({ "fuel": "electric", "applies": false })).await.ok();
        garage.advisor.put(&rule, json!({ "applies": false })).await.ok();
        // The register knows the fuel of a car of which the passport does not say it.
        let unknown = car(&garage, json!({ "make": "Volkswagen" })).await;
        server.told(&garage.plate_of(&unknown).await, Some(&kombi("2027-05-17")));
        let rule = format!("/v1/passports/{unknown}/maintenance-schedule/spark_plugs");
        garage.advisor.put(&rule, json!({ "recurrence": months(48) })).await.problem(409, "task_not_for_fuel");
    }

    async fn ms3_a_schedule_is_made_read_changed_and_deleted(server) {
        let garage = server.garage("ms3").await;
        let body = json!({
            "task": "small_service", "make": " Volkswagen ", "model": "Golf", "fuel": "petrol", "yearFrom": 2010, "yearTo": 2020,
            "usage": "severe",
            "recurrence": { "first": { "km": 1500 }, "then": { "months": 24, "km": 30000 }, "countsFrom": "anniversary" }
        });
        let made = make(&garage, body).await;
        let (path, etag) = (made.header("location").to_owned(), made.etag());
        let made = made.created();
        let expected = json!({
            "id": made["id"], "task": "small_service", "level": "garage", "make": "Volkswagen", "model": "Golf", "fuel": "petrol",
            "yearFrom": 2010, "yearTo": 2020, "usage": "severe", "applies": true,
            "recurrence": {
                "first": { "months": null, "km": 1500 }, "then": { "months": 24, "km": 30000 }, "countsFrom": "anniversary",
            },
            "source": null, "version": 1, "updatedAt": made["updatedAt"],
        });
        assert_eq!(made, expected);
        assert_eq!(garage.mechanic.get(&path).await.ok(), made);
        // Only what is named changes.
        let changed = garage.admin.change("PATCH", &path, &etag, json!({ "yearTo": null, "usage": null })).await.ok();
        assert_eq!((&changed["yearTo"], &changed["usage"], &changed["version"]), (&Value::Null, &Value::Null, &json!(2)));
        assert_eq!((&changed["recurrence"], &changed["make"]), (&made["recurrence"], &made["make"]));
        let changed = garage.admin.patch(&path, json!({ "recurrence": months(12) })).await.ok();
        assert_eq!(changed["recurrence"], json!({ "first": null, "then": { "months": 12, "km": null }, "countsFrom": "completion" }));
        // A task is switched off, and on again by an interval.
        let off = garage.admin.patch(&path, json!({ "applies": false })).await.ok();
        assert_eq!((&off["applies"], &off["recurrence"]), (&json!(false), &Value::Null));
        garage.admin.patch(&path, json!({ "applies": true })).await.problem(400, "interval_empty");
        assert_eq!(garage.admin.patch(&path, json!({ "recurrence": months(6) })).await.ok()["applies"], true);
        let both = json!({ "applies": false, "recurrence": months(6) });
        garage.admin.patch(&path, both).await.problem(400, "schedule_never_with_interval");
        garage.admin.patch(&path, json!({ "recurrence": null })).await.problem(400, "interval_empty");
        // A change that changes nothing is none.
        let before = (garage.admin.get(&path).await.etag(), garage.events().await.len());
        garage.admin.patch(&path, json!({ "make": "Volkswagen", "recurrence": months(6) })).await.ok();
        assert_eq!((garage.admin.get(&path).await.etag(), garage.events().await.len()), before);
        garage.admin.change("DELETE", &path, &before.0, Value::Null).await.expect(StatusCode::NO_CONTENT);
        garage.admin.get(&path).await.problem(404, "not_found");
        garage.admin.change("DELETE", &path, "*", Value::Null).await.problem(404, "not_found");
        let kinds: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).collect();
        let count = |name: &str| kinds.iter().filter(|kind| *kind == name).count();
        assert_eq!(count("maintenance_schedule_created"), 1);
        assert_eq!(count("maintenance_schedule_changed"), 4);
        assert_eq!(count("maintenance_schedule_deleted"), 1);
    }

    async fn ms3_a_change_needs_the_version_that_was_seen(server) {
        let garage = server.garage("ms3-version").await;
        let path = make(&garage, brake_fluid(json!({}))).await.header("location").to_owned();
        let change = json!({ "recurrence": months(36) });
        let headers = [("content-type", "application/merge-patch+json")];
        let body = Some(change.to_string().into_bytes());
        garage.advisor.send("PATCH", &path, &headers, body).await.problem(428, "precondition_required");
        garage.advisor.send("DELETE", &path, &[], None).await.problem(428, "precondition_required");
        let seen = garage.admin.get(&path).await.etag();
        garage.advisor.change("PATCH", &path, &seen, change.clone()).await.ok();
        garage.admin.change("PATCH", &path, &seen, json!({ "recurrence": months(48) })).await.problem(412, "precondition_failed");
        garage.admin.change("DELETE", &path, &seen, Value::Null).await.problem(412, "precondition_failed");
        assert_eq!(garage.admin.get(&path).await.ok()["recurrence"]["then"]["months"], 36);
    }

    async fn ms3_two_schedules_between_which_nothing_decides_are_not_both_stored(server) {
        let garage = server.garage("ms3-overlap").await;
        make(&garage, brake_fluid(json!({ "make": "Citroën", "yearTo": 2010 }))).await.created();
        let overlaps = async |limits: Value| {
            let answer = make(&garage, brake_fluid(limits)).await;
            let errors = &answer.problem(409, "schedule_overlaps").body["errors"];
            assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("#"), &json!("schedule_known")));
            let other = garage.advisor.get(&format!("{LIST}/{}", errors[0]["otherId"].as_str().unwrap())).await.ok();
            assert_eq!(other["task"], "brake_fluid");
        };
        overlaps(json!({ "make": "CITROEN", "yearFrom": 2010, "yearTo": 2012 })).await;
        overlaps(json!({ "make": "Citroën", "yearFrom": 1990 })).await;
        let later = make(&garage, brake_fluid(json!({ "make": "Citroën", "yearFrom": 2011 }))).await.header("location").to_owned();
        garage.admin.patch(&later, json!({ "yearFrom": 2010 })).await.problem(409, "schedule_overlaps");
        // Another kind of limits, another task and another garage are in nobody's way.
        make(&garage, brake_fluid(json!({ "make": "Citroën" }))).await.created();
        make(&garage, json!({ "task": "coolant", "make": "Citroën", "yearTo": 2010, "recurrence": months(48) })).await.created();
        let other = server.garage("ms3-overlap-other").await;
        make(&other, brake_fluid(json!({ "make": "Citroën", "yearTo": 2010 }))).await.created();
    }

    async fn ms2_ms3_what_makes_no_sense_is_refused(server) {
        let garage = server.garage("ms3-sense").await;
        let path = make(&garage, brake_fluid(json!({}))).await.header("location").to_owned();
        for (limits, code) in [
            (json!({ "model": "Golf" }), "model_without_make"),
            (json!({ "yearFrom": 2011, "yearTo": 2010 }), "years_reversed"),
        ] {
            make(&garage, brake_fluid(limits.clone())).await.problem(400, code);
            garage.admin.patch(&path, limits).await.problem(400, code);
        }
        let task = |recurrence: Value| json!({ "task": "tyres", "recurrence": recurrence });
        for recurrence in [
            json!({ "then": {}, "countsFrom": "completion" }),
            json!({ "then": { "months": null, "km": null }, "countsFrom": "completion" }),
            json!({ "first": {}, "then": { "months": 12 }, "countsFrom": "completion" }),
            json!(null),
        ] {
            make(&garage, task(recurrence)).await.problem(400, "interval_empty");
        }
        let both = json!({ "task": "tyres", "applies": false, "recurrence": months(6) });
        make(&garage, both).await.problem(400, "schedule_never_with_interval");
        for (body, wrong) in [
            (task(json!({ "then": { "months": 0 }, "countsFrom": "completion" })), "#/recurrence/then/months out_of_range"),
            (task(json!({ "then": { "months": 241 }, "countsFrom": "completion" })), "#/recurrence/then/months out_of_range"),
            (task(json!({ "then": { "km": 499 }, "countsFrom": "completion" })), "#/recurrence/then/km out_of_range"),
            (task(json!({ "then": { "km": 500_001 }, "countsFrom": "completion" })), "#/recurrence/then/km out_of_range"),
            (task(json!({ "then": { "km": 1.5 }, "countsFrom": "completion" })), "#/recurrence/then/km wrong_type"),
            (task(json!({ "then": { "months": 12 } })), "#/recurrence/countsFrom required"),
            (task(json!({ "then": { "months": 12 }, "countsFrom": "now" })), "#/recurrence/countsFrom unknown_value"),
            (json!({ "task": "new_tyres", "recurrence": months(12) }), "#/task task_unknown"),
            (json!({ "recurrence": months(12) }), "#/task required"),
            (json!({ "task": "tyres", "yearFrom": 1879, "recurrence": months(12) }), "#/yearFrom out_of_range"),
            (json!({ "task": "tyres", "make": " ", "recurrence": months(12) }), "#/make blank"),
            (json!({ "task": "tyres", "fuel": "coal", "recurrence": months(12) }), "#/fuel unknown_value"),
        ] {
            make(&garage, body).await.wrong(&[wrong]);
        }
        garage.admin.patch(&path, json!({ "task": "tyres" })).await.wrong(&["#/task unknown_property"]);
        assert_eq!(garage.admin.get("/v1/maintenance-schedules?level=garage").await.items().len(), 1);
    }

    /// Levels are fixed, and a schedule names no other: there is nothing from which one could inherit but the levels beyond it.
    async fn ms3_nothing_can_inherit_from_itself(server) {
        let garage = server.garage("ms3-self").await;
        for name in ["id", "level", "inherits", "parentId", "garageId", "vehicleId"] {
            let mut body = brake_fluid(json!({}));
            body[name] = json!(UNKNOWN);
            make(&garage, body).await.wrong(&[&format!("#/{name} unknown_property")]);
        }
        let path = make(&garage, brake_fluid(json!({}))).await.header("location").to_owned();
        let id = path.rsplit('/').next().unwrap();
        garage.admin.patch(&path, json!({ "inherits": id })).await.wrong(&["#/inherits unknown_property"]);
    }

    async fn ms3_the_nearest_level_decides_and_on_it_the_narrowest(server) {
        let garage = server.garage("ms3-nearest").await;
        let (driver, _, golf) = garage.driver("jan@ms3-nearest.example").await;
        let vehicle = json!({ "model": "Golf", "fuel": "petrol", "year": 2015 });
        garage.admin.patch(&format!("/v1/passports/{golf}"), vehicle).await.ok();
        let now = async || decides(&driver, &golf, "brake_fluid").await;
        let (level, _) = now().await.unwrap();
        assert_eq!(level, "platform");
        let mut own = vec![];
        for (index, limits) in [
            json!({}),
            json!({ "fuel": "petrol", "yearFrom": 2015 }),
            json!({ "make": "volkswagen" }),
            json!({ "make": "VOLKSWAGEN", "model": "golf" }),
        ].into_iter().enumerate() {
            let after = i64::try_from(index).unwrap() + 1;
            let mut body = limits;
            (body["task"], body["recurrence"]) = ("brake_fluid".into(), months(after));
            own.push(make(&garage, body).await.header("location").to_owned());
            assert_eq!(now().await, Some(by("garage", after)));
        }
        // What is narrower, but not for this car, does not matter; nor does another garage's.
        make(&garage, json!({ "task": "brake_fluid", "make": "Volkswagen", "model": "Polo", "recurrence": months(9) })).await.created();
        let other = server.garage("ms3-nearest-other").await;
        make(&other, brake_fluid(json!({ "make": "Volkswagen", "model": "Golf", "fuel": "petrol" }))).await.created();
        assert_eq!(now().await, Some(by("garage", 4)));
        // The car's own rule goes before all, and can say that the task does not apply.
        let rule = format!("/v1/passports/{golf}/maintenance-schedule/brake_fluid");
        let set = garage.advisor.put(&rule, json!({ "recurrence": months(7) })).await.ok();
        assert_eq!((&set["level"], &set["make"], &set["version"]), (&json!("car"), &Value::Null, &json!(1)));
        assert_eq!(now().await, Some(by("car", 7)));
        garage.advisor.put(&rule, json!({ "applies": false })).await.ok();
        assert_eq!(now().await, Some(("car".into(), None)));
        garage.advisor.send("DELETE", &rule, &[], None).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(now().await, Some(by("garage", 4)));
        // A garage's schedule that is switched off hides what is wider.
        garage.admin.patch(&own[3], json!({ "applies": false })).await.ok();
        assert_eq!(now().await, Some(("garage".into(), None)));
        for path in own.iter().rev() {
            garage.admin.change("DELETE", path, "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        }
        assert_eq!(now().await.unwrap().0, "platform");
    }

    async fn ms3_a_car_has_a_rule_of_its_own(server) {
        let garage = server.garage("ms3-car").await;
        let (driver, _, car) = garage.driver("jan@ms3-car.example").await;
        let rule = format!("/v1/passports/{car}/maintenance-schedule/tyres");
        driver.get(&rule).await.problem(404, "not_found");
        garage.advisor.send("DELETE", &rule, &[], None).await.problem(404, "not_found");
        let body = json!({ "recurrence": { "then": { "km": 30_000 }, "countsFrom": "completion" } });
        let stale = garage.advisor.change("PUT", &rule, "\"1\"", body.clone()).await;
        stale.problem(412, "precondition_failed");
        let set = garage.advisor.put(&rule, body.clone()).await;
        let etag = set.etag();
        assert_eq!(driver.get(&rule).await.ok(), set.ok());
        // The same again changes nothing.
        let events = garage.events().await.len();
        assert_eq!(garage.admin.put(&rule, body.clone()).await.etag(), etag);
        assert_eq!(garage.events().await.len(), events);
        garage.admin.change("PUT", &rule, &etag, json!({ "recurrence": months(60) })).await.ok();
        garage.advisor.change("PUT", &rule, &etag, body.clone()).await.problem(412, "precondition_failed");
        garage.advisor.change("DELETE", &rule, &etag, Value::Null).await.problem(412, "precondition_failed");
        for (body, code) in [
            (json!({}), "interval_empty"),
            (json!({ "recurrence": { "then": {}, "countsFrom": "completion" } }), "interval_empty"),
            (json!({ "applies": false, "recurrence": months(1) }), "schedule_never_with_interval"),
        ] {
            garage.admin.put(&rule, body).await.problem(400, code);
        }
        garage.admin.put(&rule, json!({ "make": "Audi", "applies": false })).await.wrong(&["#/make unknown_property"]);
        let unknown = format!("/v1/passports/{car}/maintenance-schedule/oil");
        garage.admin.put(&unknown, json!({ "applies": false })).await.wrong(&["task task_unknown"]);
        garage.admin.get("/v1/passports/x/maintenance-schedule/oil").await.wrong(&["id uuid_invalid", "task task_unknown"]);
        // It is not among the garage's schedules, nor is it found by its id there.
        let id = garage.admin.get(&rule).await.id();
        assert_eq!(garage.admin.get("/v1/maintenance-schedules?level=garage").await.items(), Vec::<Value>::new());
        garage.admin.get(&format!("{LIST}/{id}")).await.problem(404, "not_found");
        // What happened is on record.
        let trail = garage.admin.get(&format!("/v1/passports/{car}/events")).await.items();
        assert_eq!(trail.iter().filter(|event| event["kind"] == "car_schedule_set").count(), 2);
        // Of an archived passport it can only be read.
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        garage.admin.put(&rule, body).await.problem(409, "passport_archived");
        garage.admin.send("DELETE", &rule, &[], None).await.problem(409, "passport_archived");
        garage.admin.get(&rule).await.ok();
    }

    async fn ms3_who_reads_and_who_changes(server) {
        let garage = server.garage("ms3-who").await;
        let fleet = garage.fleet("fleet-ms3-who").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@ms3-who.example").await;
        let other = server.garage("ms3-who-other").await;
        let (stranger, ..) = other.driver("piet@ms3-who.example").await;
        let path = make(&garage, brake_fluid(json!({}))).await.header("location").to_owned();
        let body = brake_fluid(json!({ "make": "Audi" }));
        garage.mechanic.post(LIST, body.clone()).await.problem(403, "advisor_only");
        garage.mechanic.patch(&path, json!({ "make": "Audi" })).await.problem(403, "advisor_only");
        garage.mechanic.change("DELETE", &path, "*", Value::Null).await.problem(403, "advisor_only");
        for who in [&driver, &fleet.account] {
            who.post(LIST, body.clone()).await.problem(403, "wrong_account_kind");
            who.get(&path).await.problem(403, "wrong_account_kind");
            who.change("PATCH", &path, "*", json!({ "make": "Audi" })).await.problem(403, "wrong_account_kind");
            who.change("DELETE", &path, "*", Value::Null).await.problem(403, "wrong_account_kind");
            who.get("/v1/maintenance-schedules/preview").await.problem(403, "wrong_account_kind");
            assert!(who.get("/v1/maintenance-schedules?level=garage").await.items().is_empty());
        }
        for (method, body) in [("GET", Value::Null), ("PATCH", json!({ "make": "Audi" })), ("DELETE", Value::Null)] {
            other.admin.change(method, &path, "*", body.clone()).await.problem(404, "not_found");
            garage.admin.change(method, &format!("{LIST}/{UNKNOWN}"), "*", body).await.problem(404, "not_found");
        }
        let (schedule, rule) = (format!("/v1/passports/{car}/maintenance-schedule"), format!("/v1/passports/{car}/maintenance-schedule/tyres"));
        garage.advisor.put(&rule, json!({ "applies": false })).await.ok();
        for who in [&driver, &fleet.account, &garage.mechanic] {
            who.get(&schedule).await.ok();
            who.get(&rule).await.ok();
        }
        garage.mechanic.put(&rule, json!({ "applies": false })).await.problem(403, "advisor_only");
        garage.mechanic.send("DELETE", &rule, &[], None).await.problem(403, "advisor_only");
        for who in [&driver, &fleet.account] {
            who.put(&rule, json!({ "applies": false })).await.problem(403, "staff_only");
            who.send("DELETE", &rule, &[], None).await.problem(403, "staff_only");
        }
        for who in [&stranger, &other.admin] {
            who.get(&schedule).await.problem(404, "not_found");
            who.get(&rule).await.problem(404, "not_found");
            who.put(&rule, json!({ "applies": false })).await.problem(404, "not_found");
            who.send("DELETE", &rule, &[], None).await.problem(404, "not_found");
        }
    }

    async fn ms3_the_garages_and_the_platforms_schedules_are_one_table(server) {
        let garage = server.garage("ms3-table").await;
        let mut made = vec![];
        for make_of_car in ["Audi", "BMW", "Citroën"] {
            made.push(make(&garage, brake_fluid(json!({ "make": make_of_car }))).await.id());
        }
        let all = garage.mechanic.get("/v1/maintenance-schedules?limit=200").await.items();
        assert_eq!(all.len(), 3 + domain::maintenance_schedule::platform().len());
        assert_eq!(all[..3].iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), made);
        assert!(all[3..].iter().all(|one| one["level"] == "platform"));
        // Page by page, of every size, it is the same.
        for limit in [1, 2, 3, 4, 7] {
            let (mut paged, mut next) = (vec![], String::new());
            loop {
                let page = garage.mechanic.get(&format!("/v1/maintenance-schedules?limit={limit}{next}")).await;
                let items = page.items();
                assert!(!items.is_empty() && items.len() <= limit);
                paged.extend(items);
                match page.body["nextCursor"].as_str() {
                    Some(cursor) => next = format!("&cursor={cursor}"),
                    None => break,
                }
            }
            assert_eq!(paged, all, "{limit}");
        }
        let levels = async |query: &str| -> Vec<Value> {
            let found = garage.mechanic.get(&format!("/v1/maintenance-schedules?limit=200&{query}")).await.items();
            found.into_iter().map(|one| one["level"].clone()).collect()
        };
        assert_eq!(levels("level=garage").await, vec![json!("garage"); 3]);
        assert!(levels("level=platform").await.iter().all(|level| level == "platform"));
        assert_eq!(levels("level=car").await.len() + levels("level=chain").await.len(), 0);
        assert_eq!(levels("task=brake_fluid").await.iter().filter(|level| *level == "garage").count(), 3);
        assert_eq!(levels("task=tyres&level=garage").await, Vec::<Value>::new());
        // What changed since.
        let since = |at: &str| format!("updatedSince={at}");
        let changed_at = all[2]["updatedAt"].as_str().unwrap();
        assert_eq!(levels(&format!("level=garage&{}", since(changed_at))).await.len(), 3, "the clock stands still");
        assert!(levels(&since("2099-01-01T00:00:00Z")).await.is_empty());
    }

    async fn ms3_how_many_cars_a_schedule_is_for_is_seen_before(server) {
        let garage = server.garage("ms3-preview").await;
        for vehicle in [
            json!({ "make": "Volkswagen", "model": "Golf", "fuel": "petrol", "year": 2015 }),
            json!({ "make": "VOLKSWAGEN", "model": "golf", "fuel": "electric", "year": 2020 }),
            json!({ "make": "Volkswagen", "model": "Polo", "fuel": "petrol", "year": 2015 }),
            json!({ "make": "Audi" }),
        ] {
            car(&garage, vehicle).await;
        }
        let archived = car(&garage, json!({ "make": "Volkswagen" })).await;
        garage.admin.act(&format!("/v1/passports/{archived}/archive")).await.ok();
        let other = server.garage("ms3-preview-other").await;
        car(&other, json!({ "make": "Volkswagen" })).await;
        let cars = async |query: &str| {
            garage.mechanic.get(&format!("/v1/maintenance-schedules/preview?{query}")).await.ok()["cars"].as_i64().unwrap()
        };
        assert_eq!(cars("").await, 4);
        assert_eq!(cars("make=volkswagen").await, 3);
        assert_eq!(cars("make=Volkswagen&model=Golf").await, 2);
        assert_eq!(cars("make=Volkswagen&model=Golf&task=spark_plugs").await, 1, "one of them is electric");
        assert_eq!(cars("task=spark_plugs").await, 3, "of the last it is not known");
        assert_eq!(cars("fuel=petrol").await, 2);
        assert_eq!(cars("yearFrom=2016").await, 1);
        assert_eq!(cars("usage=normal").await, 4);
        assert_eq!(cars("usage=severe").await, 0);
        let preview = async |query: &str| garage.mechanic.get(&format!("/v1/maintenance-schedules/preview?{query}")).await;
        for (query, expected) in [
            ("make=volkswagen&model=golf", Value::Null), ("make=Audi&fuel=petrol&yearFrom=2024", Value::Null),
            ("make=Volkswagn", json!("make_unknown")), ("make=Volkswagn&model=Golf", json!("make_unknown")), ("make=Audi&model=Golf", json!("model_unknown")),
        ] {
            let warnings = preview(query).await.ok()["warnings"].clone();
            assert_eq!(warnings[0]["code"], expected, "{query}");
            assert!(warnings.as_array().unwrap().iter().all(|one| one["detail"].as_str().is_some_and(|text| text.contains("garage"))));
        }
        preview("model=Golf").await.problem(400, "model_without_make");
        preview("yearFrom=2011&yearTo=2010").await.problem(400, "years_reversed");
        preview("task=oil").await.wrong(&["task task_unknown"]);
    }

    async fn em1_a_cars_schedule_says_when_each_task_was_done_and_is_due(server) {
        let garage = server.garage("done-due").await;
        let (driver, _, car) = garage.driver("jan@done-due.example").await;
        garage.advisor.put(&format!("/v1/passports/{car}/maintenance-schedule/brake_fluid"), json!({ "recurrence": months(24) })).await.ok();
        garage.advisor.put(&format!("/v1/passports/{car}/maintenance-schedule/wipers"), json!({ "applies": false })).await.ok();
        let of = async |task: &str| {
            let shown = driver.get(&format!("/v1/passports/{car}/maintenance-schedule")).await.ok();
            shown["tasks"].as_array().unwrap().iter().find(|one| one["task"] == task).unwrap().clone()
        };
        assert_eq!(of("brake_fluid").await["lastDone"], Value::Null);
        assert!(of("brake_fluid").await["nextDue"]["dueOn"].is_string(), "{}", of("brake_fluid").await);
        assert_eq!(of("wipers").await["nextDue"], Value::Null);
        let records = format!("/v1/passports/{car}/service-records");
        for (day, km) in [("2025-02-20", 50_000), ("2026-02-20", 60_000), ("2025-08-20", 55_000)] {
            let body = json!({ "doneOn": day, "odometerKm": km, "lines": [{ "task": "brake_fluid" }, { "task": "large_service" }] });
            garage.mechanic.post(&records, body).await.created();
        }
        let shown = of("brake_fluid").await;
        assert_eq!(shown["lastDone"], json!({ "doneOn": "2026-02-20", "odometerKm": 60_000 }));
        assert_eq!(shown["nextDue"], json!({ "dueOn": "2028-02-20", "dueKm": null, "assumed": false }));
        // A large service includes the small one.
        assert_eq!(of("small_service").await["lastDone"]["doneOn"], "2026-02-20");
    }

    async fn a_schedule_is_made_once_however_often_it_is_sent(server) {
        let garage = server.garage("ms3-repeat").await;
        let headers = [("content-type", "application/json"), ("idempotency-key", "schedule-1")];
        let body = |months_of: i64| json!({ "task": "coolant", "recurrence": months(months_of) }).to_string().into_bytes();
        let first = garage.admin.send("POST", LIST, &headers, Some(body(12))).await.created();
        assert_eq!(garage.admin.send("POST", LIST, &headers, Some(body(12))).await.created(), first);
        garage.admin.send("POST", LIST, &headers, Some(body(13))).await.problem(422, "idempotency_key_reused");
        assert_eq!(garage.admin.get("/v1/maintenance-schedules?level=garage").await.items(), [first]);
    }

    async fn ms3_a_garage_has_so_many_schedules_and_no_more(server) {
        let garage = server.garage("ms3-many").await;
        let id: uuid::Uuid = garage.admin.get("/v1/garage").await.id().parse().unwrap();
        let fill = |tx: &mut persistence::Tx<'_>| -> Result<(), persistence::StoreError> {
            use domain::maintenance_schedule::{MAX_SCHEDULES, MaintenanceSchedule, ScheduleLimits, ScheduleOwner, ScheduleRule, ScheduleTerms};
            for number in 0..MAX_SCHEDULES {
                let limits = ScheduleLimits { make: Some(format!("Make {number}")), ..ScheduleLimits::default() };
                let task = domain::service_task::TaskKey::find("tyres").unwrap();
                let terms = ScheduleTerms { task, limits, rule: ScheduleRule::Never };
                let owner = ScheduleOwner::Garage(id.into());
                let schedule = MaintenanceSchedule { id: Some(api::clock::new_id()), owner, terms, source: None, version: 1 };
                persistence::maintenance_schedule::insert(tx, &schedule, server.now())?;
            }
            Ok(())
        };
        server.store().write(fill).unwrap();
        make(&garage, brake_fluid(json!({}))).await.problem(409, "schedule_too_many");
        let one = garage.admin.get("/v1/maintenance-schedules?level=garage&limit=1").await.items()[0]["id"].clone();
        garage.admin.patch(&format!("{LIST}/{}", one.as_str().unwrap()), json!({ "recurrence": months(12) })).await.ok();
    }
}
