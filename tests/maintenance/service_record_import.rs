//! Importing service records over HTTP: years of work in one stream, each line by itself (rules SR7, SR1, SR3, SR6, OD4).

use crate::{
    both,
    support::{Actor, Answer, Backend, Garage, Server, kombi, maintained::advise, plate},
};
use domain::recommendation::Urgency;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PATH: &str = "/v1/service-record-imports";
const TODAY: &str = "2026-02-25";

async fn import(actor: &Actor<'_>, lines: &[Value]) -> Answer {
    send(actor, &[], &lines.iter().map(Value::to_string).collect::<Vec<_>>()).await
}

async fn send(actor: &Actor<'_>, headers: &[(&str, &str)], lines: &[String]) -> Answer {
    let headers = [&[("content-type", "application/x-ndjson")], headers].concat();
    actor.send("POST", PATH, &headers, Some(lines.join("\n").into_bytes())).await
}

/// How many were made, existed, and were refused.
fn counts(body: &Value) -> [u64; 3] {
    ["made", "existing", "refused"].map(|name| body[name].as_u64().unwrap())
}

/// The refused lines: number, code, and what is wrong in which places.
fn refusals(body: &Value) -> Vec<(u64, String)> {
    let wrong = |error: &Value| format!(" {} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap());
    let refused = |line: &Value| {
        let problem = &line["problem"];
        let errors: String = problem["errors"].as_array().into_iter().flatten().map(wrong).collect();
        (line["line"].as_u64().unwrap(), format!("{}{errors}", problem["code"].as_str().unwrap()))
    };
    body["refusedLines"].as_array().unwrap().iter().map(refused).collect()
}

/// A new car of a garage: its passport and plate.
async fn car(garage: &Garage<'_>, fields: Value) -> (String, String) {
    let number = plate();
    let mut body = json!({ "licencePlate": { "number": number }, "customer": { "kind": "person", "name": "Jan", "email": "jan@history.example" } });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    (garage.admin.post("/v1/passports", body).await.expect(reqwest::StatusCode::CREATED).id(), number)
}

/// Work on a car: an oil change of 100 euros.
fn work(number: &str, day: &str, km: i64) -> Value {
    json!({
        "licencePlate": { "number": number }, "doneOn": day, "odometerKm": km, "mechanic": "Kees",
        "lines": [{ "task": "oil_and_filter", "kind": "labour", "netCents": 10_000, "vatRate": "21" }],
    })
}

fn with(mut line: Value, name: &str, value: Value) -> Value {
    line[name] = value;
    line
}

async fn records(garage: &Garage<'_>, car: &str) -> Vec<Value> {
    garage.admin.get(&format!("/v1/passports/{car}/service-records?includeReplaced=true")).await.items()
}

async fn readings(garage: &Garage<'_>, car: &str) -> Vec<(String, i64)> {
    let found = garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items();
    found.iter().map(|one| (one["readOn"].as_str().unwrap().to_owned(), one["odometerKm"].as_i64().unwrap())).collect()
}

/// What was kept beside a record, and is not the same of two that were written down one after the other.
fn said(record: &Value) -> Value {
    let mut said = record.clone();
    for name in ["id", "readingId", "recordedAt", "closedRecommendationIds", "replacedById"] {
        said.as_object_mut().unwrap().remove(name);
    }
    said
}

both! {
    async fn sr7_years_of_work_come_in_with_readings_events_and_standing(server) {
        let garage = server.garage("sr7").await;
        let mut cars = vec![];
        for number in 0..12 {
            cars.push(car(&garage, json!({ "fuel": "petrol", "year": 2015 + number % 3 })).await);
        }
        let before = garage.events().await.len();
        let km = |year: i64| 15_000 * (year - 2017);
        // The latest year first: each reading is judged by its neighbours in time.
        let line = |plate: &str, year: i64| with(work(plate, &format!("{year}-06-15"), km(year)), "note", json!("Tot\nvolgend jaar"));
        let lines: Vec<Value> =
            (2020..=2025).rev().flat_map(|year| cars.iter().map(move |(_, plate)| line(plate, year))).collect();
        let answer = import(&garage.advisor, &lines).await.ok();
        assert_eq!((counts(&answer), refusals(&answer)), ([72, 0, 0], vec![]));
        for (id, _) in &cars {
            let found = records(&garage, id).await;
            let days: Vec<(&str, i64)> = found.iter().map(|one| (one["doneOn"].as_str().unwrap(), one["odometerKm"].as_i64().unwrap())).collect();
            let expected: Vec<(String, i64)> = (2020..=2025).rev().map(|year| (format!("{year}-06-15"), km(year))).collect();
            assert_eq!(days, expected.iter().map(|(day, km)| (day.as_str(), *km)).collect::<Vec<_>>());
            assert_eq!(readings(&garage, id).await, expected);
            let passport = garage.admin.get(&format!("/v1/passports/{id}")).await.ok();
            assert_eq!((&passport["odometerKm"], &passport["version"]), (&json!(120_000), &json!(2)));
        }
        let events = garage.events().await;
        let numbers: Vec<i64> = events.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        let kinds: Vec<&str> = events[before..].iter().map(|(_, kind)| kind.as_str()).collect();
        assert_eq!(kinds, ["odometer_recorded", "service_recorded"].repeat(72));
        // What is kept of a car is what it is judged by now, as a record that is added by itself leaves it.
        let (alone, plate) = car(&garage, json!({ "fuel": "petrol", "year": 2015 })).await;
        for year in (2020..=2025).rev() {
            let mut body = line(&plate, year);
            body.as_object_mut().unwrap().remove("licencePlate");
            garage.advisor.post(&format!("/v1/passports/{alone}/service-records"), body).await.created();
        }
        let (first, single) = (records(&garage, &cars[0].0).await, records(&garage, &alone).await);
        assert_eq!(first.iter().map(said).collect::<Vec<_>>(), single.iter().map(said).collect::<Vec<_>>());
        for path in ["status", "expected-maintenance"] {
            let shown = async |id: &str| garage.admin.get(&format!("/v1/passports/{id}/{path}")).await.ok();
            assert_eq!(shown(&cars[0].0).await, shown(&alone).await);
        }
        let shown = async |id: &str| {
            let passport = garage.admin.get(&format!("/v1/passports/{id}")).await.ok();
            ["carStatus", "statusReasons", "nextDueOn", "nextDue", "odometerKm"].map(|name| passport[name].clone())
        };
        assert_eq!(shown(&cars[0].0).await, shown(&alone).await);
        assert_ne!(shown(&alone).await[2], Value::Null);
    }

    async fn sr7_each_wrong_line_is_named_and_the_others_are_stored(server) {
        let (garage, other) = (server.garage("sr7b").await, server.garage("sr7c").await);
        let (id, good) = car(&garage, json!({ "year": 2018 })).await;
        let (_, theirs) = car(&other, json!({})).await;
        let (archived, gone) = car(&garage, json!({})).await;
        garage.admin.act(&format!("/v1/passports/{archived}/archive")).await;
        let told = plate();
        server.told(&told, Some(&kombi("2027-05-17")));
        let (_, diesel) = (garage.admin.post("/v1/passports", json!({ "licencePlate": { "number": told }, "customer": { "kind": "person", "name": "Els", "email": "els@sr7b.example" } })).await.created(), told);
        let done = |plate: &str, day: &str| json!({ "licencePlate": { "number": plate }, "doneOn": day, "lines": [{ "task": "wipers" }] });
        let unknown = plate();
        let lines: Vec<(Value, &str)> = vec![
            (work(&good, "2024-06-01", 60_000), ""),
            (done(&unknown, "2024-06-01"), "invalid_request #/licencePlate not_found"),
            (done(&theirs, "2024-06-01"), "invalid_request #/licencePlate not_found"),
            (done(&gone, "2024-06-01"), "passport_archived"),
            (done(&good, "2026-02-26"), "service_record_in_future"),
            (done(&good, "2017-12-31"), "service_record_before_first_admission"),
            (done(&diesel, "2012-12-31"), "service_record_before_first_admission"),
            (with(work(&good, "2024-07-01", 61_000), "totals", json!({ "netCents": 10_000, "vatCents": 2_099, "grossCents": 12_099 })),
                "service_record_totals_differ #/totals/vatCents out_of_range #/totals/grossCents out_of_range"),
            (with(done(&good, "2024-07-01"), "lines", json!([{ "task": "wipers", "netCents": 1, "vatRate": "21" }, { "task": "lights" }])),
                "service_record_amounts_incomplete #/lines/1/netCents required"),
            (with(done(&diesel, "2024-07-01"), "lines", json!([{ "task": "spark_plugs" }])), "task_not_for_fuel #/lines/0/task task_not_for_fuel"),
            (with(done(&good, "2024-07-01"), "lines", json!([{ "task": "wipers", "netCents": 1, "vatRate": "101" }])), "invalid_request #/lines/0/vatRate out_of_range"),
            (with(done(&good, "2024-07-01"), "lines", json!(vec![json!({ "task": "wipers" }); 101])), "invalid_request #/lines list_length"),
            (work(&good, "2024-07-01", 50_000), "odometer_unconfirmed #/odometerKm odometer_falls"),
            (json!({ "licencePlate": { "number": good }, "lines": [{ "task": "wipers" }] }), "invalid_request #/doneOn required"),
            (json!({ "doneOn": "2024-07-01", "lines": [{ "task": "wipers" }] }), "invalid_request #/licencePlate required"),
            // What was done elsewhere, and corrections, are written down one by one.
            (with(done(&good, "2024-07-01"), "origin", json!("declared")), "invalid_request #/origin unknown_property"),
            (with(done(&good, "2024-07-01"), "replacesId", json!(id)), "invalid_request #/replacesId unknown_property"),
            (with(done(&good, "2024-07-01"), "place", json!("Elders")), "invalid_request #/place unknown_property"),
            (with(work(&good, "2024-07-01", 50_000), "confirm", json!(true)), ""),
            (with(done(&good, TODAY), "lines", json!(vec![json!({ "text": "x" }); 100])), ""),
        ];
        let mut texts: Vec<String> = lines.iter().map(|(line, _)| line.to_string()).collect();
        texts.extend(["{\"licencePlate\": ".into(), String::new(), format!("{{\"note\":\"{}\"}}", "x".repeat(100_000))]);
        let mut expected: Vec<(u64, String)> =
            lines.iter().zip(1..).filter(|((_, code), _)| !code.is_empty()).map(|((_, code), number)| (number, (*code).to_owned())).collect();
        expected.extend([(21, "malformed_json".to_owned()), (23, "payload_too_large".to_owned())]);
        let answer = send(&garage.advisor, &[], &texts).await.ok();
        assert_eq!(refusals(&answer), expected);
        assert_eq!(counts(&answer), [3, 0, 19]);
        assert!(!answer.to_string().contains("sr7c"), "nothing of another garage's car");
        // Nothing is kept of a line that was refused, not even its reading.
        assert_eq!(records(&garage, &id).await.len(), 3);
        assert_eq!(readings(&garage, &id).await, [("2024-06-01".to_owned(), 60_000), ("2024-07-01".to_owned(), 50_000)]);
        assert!(records(&other, &car(&other, json!({})).await.0).await.is_empty());
    }

    async fn sr7_sent_again_it_changes_nothing(server) {
        let garage = server.garage("sr7d").await;
        let (id, plate) = car(&garage, json!({})).await;
        let (second, other) = car(&garage, json!({})).await;
        let invoice = with(work(&plate, "2023-05-01", 30_000), "invoiceNumber", json!("2023-1"));
        let bare = json!({ "licencePlate": { "number": plate }, "doneOn": "2023-08-01", "lines": [{ "task": "wipers" }], "note": "Regen" });
        let lines = [
            invoice.clone(), bare.clone(), work(&other, "2022-05-01", 20_000),
            // Within the stream too.
            bare.clone(), invoice.clone(),
        ];
        assert_eq!(counts(&import(&garage.admin, &lines).await.ok()), [3, 2, 0]);
        let state = async || (garage.events().await, records(&garage, &id).await, garage.admin.get(&format!("/v1/passports/{id}")).await.etag());
        let before = state().await;
        assert_eq!(counts(&import(&garage.advisor, &lines).await.ok()), [0, 5, 0], "whoever sends it");
        assert_eq!(state().await, before);
        // Another content is another record, or, with the number of an invoice, a mistake.
        let changed = [
            with(bare.clone(), "note", json!("Sneeuw")),
            with(bare.clone(), "odometerKm", json!(32_000)),
            with(invoice.clone(), "odometerKm", json!(30_001)),
            with(invoice.clone(), "doneOn", json!("2023-05-02")),
            with(invoice.clone(), "licencePlate", json!({ "number": other })),
            with(invoice.clone(), "lines", json!([{ "task": "oil_and_filter", "kind": "labour", "netCents": 10_001, "vatRate": "21" }])),
        ];
        let answer = import(&garage.admin, &changed).await.ok();
        let known = |line| (line, "service_record_invoice_known #/invoiceNumber invoice_known".to_owned());
        assert_eq!((counts(&answer), refusals(&answer)), ([2, 0, 4], [3, 4, 5, 6].map(known).to_vec()));
        assert_eq!(answer["refusedLines"][0]["problem"]["errors"][0]["otherId"], before.1[1]["id"], "{answer}");
        assert_eq!(records(&garage, &second).await.len(), 1);
        // What was corrected since is not brought back, even if the number of the invoice is free again.
        let first = before.1.iter().find(|record| record["invoiceNumber"] == "2023-1").unwrap();
        let correction = json!({
            "replacesId": first["id"], "doneOn": "2023-05-01", "odometerKm": 30_000, "invoiceNumber": "2023-1A",
            "lines": [{ "task": "brake_fluid", "netCents": 10_000, "vatRate": "21" }],
        });
        garage.advisor.post(&format!("/v1/passports/{id}/service-records"), correction).await.created();
        let before = state().await;
        assert_eq!(counts(&import(&garage.advisor, &lines).await.ok()), [0, 5, 0]);
        assert_eq!(state().await, before);
    }

    async fn sr7_what_stands_in_one_stream_is_known_to_the_next_line(server) {
        let garage = server.garage("sr7e").await;
        let (id, number) = car(&garage, json!({})).await;
        let twice = |km: i64| with(work(&number, "2023-05-01", km), "invoiceNumber", json!("7"));
        let lines = [
            twice(30_000), twice(30_500),
            // Judged by the readings of the lines before.
            work(&number, "2023-06-01", 29_000), work(&number, "2023-04-01", 31_000), work(&number, "2023-06-01", 33_000),
            // The same reading of the same day is said once.
            with(work(&number, "2023-06-01", 33_000), "note", json!("En de wissers")),
        ];
        let answer = import(&garage.admin, &lines).await.ok();
        let falls = "odometer_unconfirmed #/odometerKm odometer_falls";
        let expected = [(2, "service_record_invoice_known #/invoiceNumber invoice_known"), (3, falls), (4, falls)];
        assert_eq!((counts(&answer), refusals(&answer)), ([3, 0, 3], expected.map(|(line, code)| (line, code.to_owned())).to_vec()));
        let found = records(&garage, &id).await;
        assert_eq!(found.len(), 3);
        assert_eq!(found[0]["readingId"], found[1]["readingId"]);
        assert_eq!(readings(&garage, &id).await, [("2023-05-01".to_owned(), 30_000), ("2023-06-01".to_owned(), 33_000)]);
    }

    async fn sr7_the_work_closes_what_was_advised(server) {
        let garage = server.garage("sr7f").await;
        let (id, number) = car(&garage, json!({})).await;
        let (_, second) = car(&garage, json!({})).await;
        // Work does not do what was advised after it.
        let two_weeks_ago = server.now() - jiff::SignedDuration::from_hours(24 * 14);
        let advised = advise(server, &id, Urgency::Attention, two_weeks_ago, &[("wipers", None), ("tyres", Some("front_left")), ("brake_fluid", None), ("tyres", Some("rear_left"))]);
        let line = |plate: &str, day: &str, task: &str, position: Option<&str>| json!({
            "licencePlate": { "number": plate }, "doneOn": day, "lines": [{ "task": task, "position": position }],
        });
        let lines = [
            line(&second, "2026-02-20", "brake_fluid", None),
            line(&number, "2026-02-20", "tyres", Some("front_left")),
            line(&number, "2026-02-21", "wipers", None),
            // Closed already.
            line(&number, "2026-02-22", "wipers", None),
        ];
        let lines: Vec<Value> = lines.into_iter().map(|mut line| {
            let first = line["lines"][0].as_object_mut().unwrap();
            if first["position"].is_null() { first.remove("position"); }
            line
        }).collect();
        assert_eq!(counts(&import(&garage.admin, &lines).await.ok()), [4, 0, 0]);
        let shown = garage.admin.get(&format!("/v1/passports/{id}/recommendations")).await.items();
        let status: Vec<(&str, &str)> = shown.iter().map(|one| (one["id"].as_str().unwrap(), one["status"].as_str().unwrap())).collect();
        let advised: Vec<String> = advised.iter().map(ToString::to_string).collect();
        let expected: Vec<(&str, &str)> = advised.iter().map(String::as_str).zip(["done", "done", "open", "open"]).collect();
        assert_eq!(status, expected);
        let found = records(&garage, &id).await;
        let closed: Vec<Value> = found.iter().rev().map(|record| record["closedRecommendationIds"].clone()).collect();
        assert_eq!(closed, [json!([advised[1]]), json!([advised[0]]), json!([])]);
        assert_eq!(shown[0]["serviceRecordId"], found[1]["id"]);
        assert_eq!((&shown[0]["version"], &shown[2]["version"]), (&json!(2), &json!(1)));
        let done = garage.events().await.iter().filter(|(_, kind)| kind == "recommendation_done").count();
        assert_eq!(done, 2);
        let status = garage.admin.get(&format!("/v1/passports/{id}/status")).await.ok();
        let left = status["reasons"].as_array().unwrap().iter().filter(|reason| reason["code"] == "recommendation_open").count();
        assert_eq!(left, 2, "{status}");
    }

    async fn sr5_whose_the_car_was_then_sees_what_it_cost(server) {
        let garage = server.garage("sr7g").await;
        let (driver, _, id) = garage.driver("jan@sr7g.example").await;
        let number = garage.admin.get(&format!("/v1/passports/{id}")).await.ok()["licencePlate"]["number"].as_str().unwrap().to_owned();
        // Before there was a passport, nobody is known to have owned it; today it is the driver's.
        let lines = [work(&number, "2023-05-01", 30_000), work(&number, TODAY, 60_000)];
        assert_eq!(counts(&import(&garage.admin, &lines).await.ok()), [2, 0, 0]);
        let seen = driver.get(&format!("/v1/passports/{id}/service-records")).await.items();
        let seen: Vec<(&str, &Value)> = seen.iter().map(|one| (one["doneOn"].as_str().unwrap(), &one["amountsShown"])).collect();
        assert_eq!(seen, [(TODAY, &json!(true)), ("2023-05-01", &json!(false))]);
    }

    async fn ms3_a_cars_own_schedule_decides_in_an_import_too(server) {
        let garage = server.garage("sr7h").await;
        let (id, number) = car(&garage, json!({ "fuel": "petrol", "year": 2018 })).await;
        let rule = json!({ "recurrence": { "then": { "months": 1 }, "countsFrom": "completion" } });
        let path = format!("/v1/passports/{id}/maintenance-schedule/oil_and_filter");
        let made = garage.admin.send("PUT", &path, &[("content-type", "application/json")], Some(rule.to_string().into_bytes())).await;
        assert!(made.status < 300, "{}", made.body);
        assert_eq!(counts(&import(&garage.admin, &[work(&number, "2025-10-01", 60_000)]).await.ok()), [1, 0, 0]);
        // By the garage's own schedule, the oil would not be due after five months.
        let (without, number) = car(&garage, json!({ "fuel": "petrol", "year": 2018 })).await;
        assert_eq!(counts(&import(&garage.admin, &[work(&number, "2025-10-01", 60_000)]).await.ok()), [1, 0, 0]);
        for (car, is_due) in [(id, true), (without, false)] {
            let status = garage.admin.get(&format!("/v1/passports/{car}/status")).await.ok();
            let reasons = status["reasons"].as_array().unwrap();
            assert_eq!(reasons.iter().any(|reason| reason["task"] == "oil_and_filter"), is_due, "{status}");
        }
    }

    async fn sr7_a_long_stream_goes_to_the_database_in_blocks(server) {
        let garage = server.garage("sr7i").await;
        let (id, number) = car(&garage, json!({})).await;
        let (_, other) = car(&garage, json!({})).await;
        let line = |count: i64| {
            let day = jiff::civil::date(2018, 1, 1).saturating_add(jiff::Span::new().days(count));
            let mut line = with(work(if count % 2 == 0 { &number } else { &other }, &day.to_string(), 1_000 + count * 20), "note", json!("n".repeat(1_500)));
            line["invoiceNumber"] = json!(format!("n-{count}"));
            if count >= 300 { line.as_object_mut().unwrap().remove("odometerKm"); }
            line
        };
        let lines: Vec<Value> = (0..500).map(line).chain([json!([])]).collect();
        assert!(lines.iter().map(|line| line.to_string().len()).sum::<usize>() > 3 * 256 * 1024);
        let answer = import(&garage.admin, &lines).await.ok();
        assert_eq!((counts(&answer), refusals(&answer)), ([500, 0, 1], vec![(501, "malformed_json".to_owned())]));
        let passport = garage.admin.get(&format!("/v1/passports/{id}")).await.ok();
        assert_eq!(passport["odometerKm"], 1_000 + 298 * 20);
        assert_eq!(counts(&import(&garage.admin, &lines).await.ok()), [0, 500, 1]);
    }

    async fn sr7_a_day_takes_so_many_readings_and_not_one_more(server) {
        let garage = server.garage("sr7j").await;
        let (id, number) = car(&garage, json!({})).await;
        let line = |count: i64| {
            let day = jiff::civil::date(2018, 1, 1).saturating_add(jiff::Span::new().days(count));
            work(&number, &day.to_string(), 1_000 + count * 20)
        };
        let lines: Vec<Value> = (0..202).map(line).collect();
        let answer = import(&garage.admin, &lines).await.ok();
        let expected = [201, 202].map(|line| (line, "odometer_too_many_today".to_owned()));
        assert_eq!((counts(&answer), refusals(&answer)), ([200, 0, 2], expected.to_vec()));
        assert_eq!(garage.admin.get(&format!("/v1/passports/{id}")).await.ok()["odometerKm"], 1_000 + 199 * 20);
    }

    async fn a_key_of_an_import_of_records_is_answered_once(server) {
        let garage = server.garage("sr7k").await;
        let (id, number) = car(&garage, json!({})).await;
        let key = [("idempotency-key", "records-1")];
        let lines = [work(&number, "2023-05-01", 30_000).to_string()];
        let first = send(&garage.admin, &key, &lines).await.ok();
        assert_eq!(counts(&first), [1, 0, 0]);
        assert_eq!(send(&garage.admin, &key, &lines).await.ok(), first, "the same answer, not a new import");
        let other = [work(&number, "2023-06-01", 31_000).to_string()];
        send(&garage.admin, &key, &other).await.problem(422, "idempotency_key_reused");
        assert_eq!(records(&garage, &id).await.len(), 1, "the other body was not imported");
    }

    async fn sr7_the_lines_before_a_stream_breaks_off_are_stored(server) {
        let hasty = Server::start_with(server.backend, |settings| settings.body_patience = Duration::from_millis(500)).await;
        let garage = hasty.garage("sr7l").await;
        let (id, number) = car(&garage, json!({})).await;
        let token = garage.admin.token.as_ref().unwrap();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 60000\r\n\r\n"
        );
        let lines: Vec<Value> = (1..=4).map(|month| work(&number, &format!("2023-0{month}-01"), 30_000 + month * 1_000)).collect();
        let mut slow = TcpStream::connect(hasty.url.strip_prefix("http://").unwrap()).await.unwrap();
        let whole = lines[..2].iter().map(|line| format!("{line}\n")).collect::<Vec<_>>().concat();
        slow.write_all(format!("{head}{whole}{}", &lines[2].to_string()[..50]).as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(Duration::from_secs(20), slow.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"request_timeout\""), "{answer}");
        assert_eq!(records(&garage, &id).await.len(), 2, "by the time of the answer");
        assert_eq!(counts(&import(&garage.admin, &lines).await.ok()), [2, 2, 0], "and sent again, the rest is");
        assert_eq!(records(&garage, &id).await.len(), 4);
        hasty.stop().await;
    }

    async fn an_import_waits_for_the_garages_other_import(server) {
        let garage = server.garage("sr7m").await;
        let (_, number) = car(&garage, json!({})).await;
        let token = garage.admin.token.as_ref().unwrap();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 60000\r\n\r\n"
        );
        let line = [work(&number, "2023-05-01", 30_000)];
        let headers = [("content-type", "application/x-ndjson")];
        // The turn begins some time after the request has come. If the import after it is quicker, it is begun anew.
        let (mut open, mut answer) = (None, import(&garage.admin, &line).await);
        for _ in 0..50 {
            let mut connection = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
            connection.write_all(head.as_bytes()).await.unwrap();
            open = Some(connection);
            tokio::time::sleep(Duration::from_millis(100)).await;
            answer = import(&garage.admin, &line).await;
            if answer.status == 503 {
                break;
            }
        }
        answer.problem(503, "overloaded");
        assert_eq!(answer.header("retry-after"), "5");
        garage.admin.send("POST", "/v1/passport-imports", &headers, Some(vec![])).await.problem(503, "overloaded");
        // The garage's other work goes on, and so do imports of others.
        let other = server.garage("sr7n").await;
        let (_, theirs) = car(&other, json!({})).await;
        assert_eq!(counts(&import(&other.admin, &[work(&theirs, "2023-05-01", 30_000)]).await.ok()), [1, 0, 0]);
        car(&garage, json!({})).await;
        drop(open);
        for _ in 0..100 {
            answer = import(&garage.admin, &line).await;
            if answer.status == 200 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        answer.ok();
    }

    async fn a2_who_may_import_records(server) {
        let garage = server.garage("sr7o").await;
        let fleet = garage.fleet("sr7o-fleet").await;
        let (driver, _, id) = garage.driver("jan@sr7o.example").await;
        let number = garage.admin.get(&format!("/v1/passports/{id}")).await.ok()["licencePlate"]["number"].as_str().unwrap().to_owned();
        let line = [work(&number, "2023-05-01", 30_000)];
        import(&garage.mechanic, &line).await.problem(403, "advisor_only");
        import(&fleet.account, &line).await.problem(403, "wrong_account_kind");
        import(&driver, &line).await.problem(403, "wrong_account_kind");
        import(&server.anonymous(), &line).await.problem(401, "unauthenticated");
        garage.admin.post(PATH, json!({})).await.problem(415, "unsupported_media_type");
        assert!(records(&garage, &id).await.is_empty());
        assert_eq!(counts(&import(&garage.advisor, &line).await.ok()), [1, 0, 0]);
        assert_eq!(counts(&import(&garage.admin, &[]).await.ok()), [0, 0, 0]);
    }
}

/// A block takes as many statements for many cars as for some: each table is looked at once for all of them.
#[actix_web::test]
async fn sr7_a_block_takes_as_many_statements_for_many_cars_as_for_some() {
    let server = Server::start(Backend::Postgres).await;
    let mut taken = vec![];
    for (name, many) in [("sr7p", 12), ("sr7q", 40)] {
        let garage = server.garage(name).await;
        let mut lines = vec![];
        for _ in 0..many {
            let (id, number) = car(&garage, json!({})).await;
            let two_weeks_ago = server.now() - jiff::SignedDuration::from_hours(24 * 14);
            advise(&server, &id, Urgency::Attention, two_weeks_ago, &[("oil_and_filter", None)]);
            lines.push(with(work(&number, "2023-05-01", 30_000), "invoiceNumber", json!(number)));
            lines.push(work(&number, "2024-05-01", 40_000));
        }
        for expected in [[2 * many, 0, 0], [0, 2 * many, 0]] {
            let before = server.store().statements();
            let answer = import(&garage.admin, &lines).await.ok();
            taken.push(server.store().statements() - before);
            assert_eq!(counts(&answer), expected);
        }
    }
    assert_eq!(taken[..2], taken[2..], "the first time, and again");
    server.stop().await;
}
