//! The history of what was done, over HTTP: rules SR1 to SR6, MS4, EC6, and T9.

use crate::{
    both,
    support::{
        Actor, Answer, Garage, PASSWORD, Server, filled_check, kombi,
        maintained::{advise, stored},
        plate,
    },
};
use domain::{
    ids::RecommendationId,
    passport::{Passport, PassportStatus},
    recommendation::Urgency,
    service_record::{RecordOrigin, ServiceRecord},
    value::Currency,
};
use jiff::SignedDuration;
use persistence::{Scope, StoreError, car_status, passport, recommendation, service_record};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TODAY: &str = "2026-02-25";
const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a19";

fn path(car: &str) -> String {
    format!("/v1/passports/{car}/service-records")
}

async fn add(actor: &Actor<'_>, car: &str, body: Value) -> Answer {
    actor.post(&path(car), body).await
}

async fn records(actor: &Actor<'_>, car: &str) -> Vec<Value> {
    actor.get(&path(car)).await.items()
}

fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["id"].as_str().unwrap()).collect()
}

/// A line of one task without amounts.
fn done(task: &str) -> Value {
    json!({ "lines": [{ "task": task }] })
}

/// Some work of 100 euros with an invoice.
fn priced(number: &str) -> Value {
    json!({
        "mechanic": "Kees",
        "lines": [{ "task": "brake_fluid", "text": "DOT 4", "kind": "labour", "netCents": 10_000, "vatRate": "21" }],
        "invoiceNumber": number,
        "note": "Tot volgend jaar",
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// The answer is this problem, with these codes in these places.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, errors: &[&str]) {
    answer.problem(status, code);
    let found: Vec<String> = answer.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(found, errors);
}

fn open(server: &Server, car: &str) -> Vec<RecommendationId> {
    let passport = stored(server, car);
    let open = server.store().read(|tx| recommendation::open_of(tx, passport.vehicle_id())).unwrap();
    open.iter().map(|one| one.id).collect()
}

/// How often something of this kind happened at a garage.
async fn happened(garage: &Garage<'_>, kind: &str) -> usize {
    garage.events().await.iter().filter(|(_, found)| found == kind).count()
}

/// The codes of warnings.
fn codes(warnings: &Value) -> Vec<&str> {
    warnings.as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

both! {
    async fn sr1_a_record_has_lines_and_totals_to_the_cent(server) {
        let garage = server.garage("sr1").await;
        let (driver, _, car) = garage.driver("jan@sr1.example").await;
        let body = json!({
            "odometerKm": 60_210,
            "mechanic": "Kees Smit",
            "lines": [
                { "task": "oil_and_filter", "kind": "labour", "quantity": "1.25", "netCents": 12_500, "vatRate": "21" },
                { "text": "5W-30", "kind": "part", "quantity": "4.50", "netCents": 6_755, "vatRate": "21.0" },
                { "task": "tyres", "position": "front_left", "kind": "other", "netCents": 333, "vatRate": "9" },
            ],
            "totals": { "netCents": 19_588, "vatCents": 4_074, "grossCents": 23_662 },
            "invoiceNumber": "2026-0815",
            "note": "Tot\nvolgend jaar",
        });
        let made = add(&garage.mechanic, &car, body).await;
        assert_eq!(made.header("location"), format!("{}/{}", path(&car), made.id()));
        let made = made.created();
        let line = |task: Value, name: Value, position: Value, text: Value, kind: &str, quantity: &str, net: i64, rate: &str| json!({
            "task": task, "taskName": name, "position": position, "positionName": position.as_str().map(|code| code.replace('_', " ")), "text": text, "kind": kind, "quantity": quantity, "netCents": net, "vatRate": rate,
        });
        let expected = json!({
            "id": made["id"], "origin": "garage", "doneOn": TODAY, "odometerKm": 60_210, "readingId": made["readingId"],
            "garage": { "id": made["garage"]["id"], "name": "Garage sr1" }, "mechanic": "Kees Smit", "place": null,
            "lines": [
                line(json!("oil_and_filter"), made["lines"][0]["taskName"].clone(), Value::Null, Value::Null, "labour", "1.25", 12_500, "21"),
                line(Value::Null, Value::Null, Value::Null, json!("5W-30"), "part", "4.5", 6_755, "21"),
                line(json!("tyres"), made["lines"][2]["taskName"].clone(), json!("front_left"), Value::Null, "other", "1", 333, "9"),
            ],
            "amountsShown": true, "currency": "EUR", "totals": { "netCents": 19_588, "vatCents": 4_074, "grossCents": 23_662 },
            "invoiceNumber": "2026-0815", "note": "Tot\nvolgend jaar", "warnings": [], "replacesId": null, "replacedById": null,
            "closedRecommendationIds": [], "recordedAt": made["recordedAt"], "recordedBy": made["recordedBy"],
        });
        assert_eq!(made, expected);
        assert_eq!(made["recordedBy"]["name"], "mechanic of sr1");
        assert!(made["lines"][0]["taskName"].as_str().is_some_and(|name| name.to_lowercase().contains("oil")));
        let one = format!("{}/{}", path(&car), made["id"].as_str().unwrap());
        assert_eq!(garage.advisor.get(&one).await.ok(), made);
        assert_eq!(records(&garage.admin, &car).await, std::slice::from_ref(&made));
        // The owner sees all of it but who wrote it down.
        assert_eq!(driver.get(&one).await.ok(), with(made.clone(), "recordedBy", Value::Null));
        let dutch = driver.send("GET", &one, &[("accept-language", "nl")], None).await.ok();
        assert_ne!(dutch["lines"][0]["taskName"], made["lines"][0]["taskName"]);
        // The odometer is a reading of the ledger.
        let readings = garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items();
        assert_eq!((readings.len(), &readings[0]["id"], readings[0]["odometerKm"].as_i64()), (1, &made["readingId"], Some(60_210)));
        assert_eq!(garage.admin.get(&format!("/v1/passports/{car}")).await.ok()["odometerKm"], 60_210);
        assert_eq!([happened(&garage, "service_recorded").await, happened(&garage, "odometer_recorded").await], [1, 1]);
        // The same reading of the same account is not added again.
        let again = add(&garage.mechanic, &car, with(done("wipers"), "odometerKm", json!(60_210))).await.created();
        assert_eq!(again["readingId"], made["readingId"]);
        assert_eq!((again["totals"].clone(), happened(&garage, "odometer_recorded").await), (Value::Null, 1));
    }

    async fn sr1_totals_that_are_off_by_a_cent_and_amounts_that_are_incomplete(server) {
        let garage = server.garage("sr1b").await;
        let (driver, _, car) = garage.driver("jan@sr1b.example").await;
        let stated = |net: i64, vat: i64, gross: i64| {
            let totals = json!({ "netCents": net, "vatCents": vat, "grossCents": gross });
            with(json!({ "lines": [{ "task": "wipers", "netCents": 1_000, "vatRate": "21" }], "odometerKm": 1_000 }), "totals", totals)
        };
        for (net, vat, gross, wrong) in [
            (1_001, 210, 1_211, vec!["net", "gross"]), (1_000, 209, 1_209, vec!["vat", "gross"]), (1_000, 210, 1_211, vec!["gross"]),
        ] {
            let answer = add(&garage.admin, &car, stated(net, vat, gross)).await;
            let at: Vec<String> = wrong.iter().map(|name| format!("#/totals/{name}Cents out_of_range")).collect();
            refused(&answer, 400, "service_record_totals_differ", &at.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(answer.body["errors"].as_array().unwrap().last().unwrap()["detail"], "must be from 1210 to 1210");
        }
        let nothing = with(done("wipers"), "totals", json!({ "netCents": 0, "vatCents": 0, "grossCents": 0 }));
        refused(&add(&garage.admin, &car, nothing).await, 400, "service_record_totals_differ", &["#/totals conflicts_with_other"]);
        let half = json!({ "lines": [{ "task": "wipers", "netCents": 1_000, "vatRate": "21" }, { "task": "lights" }] });
        refused(&add(&garage.admin, &car, half).await, 400, "service_record_amounts_incomplete", &["#/lines/1/netCents required"]);
        // Nothing of what was refused is left, not even its reading.
        assert!(records(&driver, &car).await.is_empty());
        assert!(garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items().is_empty());
        add(&garage.admin, &car, stated(1_000, 210, 1_210)).await.created();
    }

    async fn sr1_what_is_no_record(server) {
        let garage = server.garage("sr1c").await;
        let (_, _, car) = garage.driver("jan@sr1c.example").await;
        let line = |line: Value| json!({ "lines": [line] });
        for (body, wrong) in [
            (json!({}), vec!["#/lines required"]),
            (json!({ "lines": [] }), vec!["#/lines list_length"]),
            (json!({ "lines": {} }), vec!["#/lines wrong_type"]),
            (line(json!({})), vec!["#/lines/0/text required"]),
            (line(json!({ "task": "oil" })), vec!["#/lines/0/task task_unknown"]),
            (line(json!({ "task": "wipers", "quantity": "4,5" })), vec!["#/lines/0/quantity decimal_invalid"]),
            (line(json!({ "task": "wipers", "quantity": 1 })), vec!["#/lines/0/quantity decimal_not_text"]),
            (line(json!({ "task": "wipers", "quantity": "0" })), vec!["#/lines/0/quantity out_of_range"]),
            (line(json!({ "task": "wipers", "quantity": "NaN" })), vec!["#/lines/0/quantity decimal_invalid"]),
            (line(json!({ "task": "wipers", "netCents": 100 })), vec!["#/lines/0/vatRate required"]),
            (line(json!({ "task": "wipers", "vatRate": "21" })), vec!["#/lines/0/netCents required"]),
            (line(json!({ "task": "wipers", "netCents": 1.5, "vatRate": "21" })), vec!["#/lines/0/netCents wrong_type"]),
            (line(json!({ "task": "wipers", "netCents": 1_000_000_001, "vatRate": "21" })), vec!["#/lines/0/netCents out_of_range"]),
            (line(json!({ "task": "wipers", "netCents": 1, "vatRate": "101" })), vec!["#/lines/0/vatRate out_of_range"]),
            (line(json!({ "task": "wipers", "price": 1 })), vec!["#/lines/0/price unknown_property"]),
            (line(json!({ "text": "x".repeat(201) })), vec!["#/lines/0/text too_long"]),
            (with(done("wipers"), "currency", json!("XXX")), vec!["#/currency currency_invalid"]),
            (with(done("wipers"), "odometerKm", json!(-1)), vec!["#/odometerKm out_of_range"]),
            (with(done("wipers"), "doneOn", json!("2026-02-30")), vec!["#/doneOn date_invalid"]),
            (with(done("wipers"), "origin", json!("gms")), vec!["#/origin unknown_value"]),
            (json!({ "lines": [{ "task": "tyres", "position": "rear left" }] }), vec!["#/lines/0/position unknown_value"]),
            (with(done("wipers"), "place", json!("Elders")), vec!["#/place conflicts_with_other"]),
            (json!({ "lines": [{ "kind": "x" }, { "task": "y" }] }), vec!["#/lines/0/text required", "#/lines/0/kind unknown_value", "#/lines/1/task task_unknown"]),
        ] {
            add(&garage.admin, &car, body).await.wrong(&wrong);
        }
        assert!(records(&garage.admin, &car).await.is_empty());
    }

    async fn sr1_a_hundred_lines_and_not_one_more(server) {
        let garage = server.garage("sr1d").await;
        let (driver, _, car) = garage.driver("jan@sr1d.example").await;
        // Each as long as it can be, in letters of several bytes.
        let line = json!({ "text": "€".repeat(200), "netCents": -1_000_000_000, "vatRate": "100", "quantity": "-1" });
        let many = |count: usize| json!({ "lines": vec![line.clone(); count] });
        add(&garage.admin, &car, many(101)).await.wrong(&["#/lines list_length"]);
        let made = add(&garage.admin, &car, many(100)).await.created();
        assert_eq!(made["lines"].as_array().unwrap().len(), 100);
        let sums = json!({ "netCents": -100_000_000_000_i64, "vatCents": -100_000_000_000_i64, "grossCents": -200_000_000_000_i64 });
        assert_eq!((&made["totals"], codes(&made["warnings"])), (&sums, vec!["vat_rate_unusual", "credit"]));
        assert_eq!(ids(&records(&driver, &car).await), [made["id"].as_str().unwrap()]);
        let numbered: Vec<Value> = (1..=20).map(|number| json!({ "text": format!("line {number}") })).collect();
        let made = add(&garage.admin, &car, json!({ "lines": numbered })).await.created();
        let texts: Vec<&str> = made["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(texts, (1..=20).map(|number| format!("line {number}")).collect::<Vec<_>>());
    }

    async fn sr1_an_unusual_rate_and_a_credit_are_named(server) {
        let garage = server.garage("sr1e").await;
        let (_, _, car) = garage.driver("jan@sr1e.example").await;
        let at = |rate: &str, day: &str, quantity: &str, net: i64| json!({
            "doneOn": day, "lines": [{ "task": "wipers", "quantity": quantity, "netCents": net, "vatRate": rate }, { "task": "lights", "netCents": 1_000, "vatRate": "21" }],
        });
        let warnings = async |body: Value| {
            let found = add(&garage.admin, &car, body).await.created()["warnings"].clone();
            assert!(found.as_array().unwrap().iter().all(|one| one["detail"].as_str().is_some_and(|text| text.contains(' '))), "{found}");
            json!(codes(&found))
        };
        assert_eq!(warnings(at("19", TODAY, "1", 1_000)).await, json!(["vat_rate_unusual"]));
        assert_eq!(warnings(at("21", TODAY, "1", 1_000)).await, json!([]));
        // A line that takes something back is fine, and so is a whole credit, which is named.
        assert_eq!(warnings(at("21", TODAY, "-1", -500)).await, json!([]));
        assert_eq!(warnings(at("21", TODAY, "-1", -1_500)).await, json!(["credit"]));
        assert_eq!(warnings(at("19", "2026-01-31", "-2", -9_000)).await, json!(["vat_rate_unusual", "credit"]));
        let other = with(priced("c-1"), "currency", json!("USD"));
        assert_eq!(add(&garage.admin, &car, other).await.created()["currency"], "USD");
    }

    async fn sr1_the_odometer_of_a_record_is_a_reading_with_all_its_rules(server) {
        let garage = server.garage("sr1f").await;
        let (driver, _, car) = garage.driver("jan@sr1f.example").await;
        let at = |day: &str, km: i64| json!({ "doneOn": day, "odometerKm": km, "lines": [{ "task": "wipers" }] });
        add(&garage.mechanic, &car, at("2026-02-01", 50_000)).await.created();
        refused(&add(&garage.mechanic, &car, at("2026-02-02", 40_000)).await, 409, "odometer_unconfirmed", &["#/odometerKm odometer_falls"]);
        refused(&add(&driver, &car, at("2026-02-02", 40_000)).await, 409, "odometer_implausible", &["#/odometerKm odometer_falls"]);
        add(&driver, &car, with(at("2026-02-02", 40_000), "confirm", json!(true))).await.problem(403, "staff_only");
        assert_eq!(records(&driver, &car).await.len(), 1);
        let confirmed = add(&garage.mechanic, &car, with(at("2026-02-02", 40_000), "confirm", json!(true))).await.created();
        assert_eq!(confirmed["odometerKm"], 40_000);
        // Without an odometer there is no reading, and the car shows what it showed.
        let etag = driver.get(&format!("/v1/passports/{car}")).await.etag();
        let unknown = add(&garage.mechanic, &car, done("wipers")).await.created();
        assert_eq!((&unknown["odometerKm"], &unknown["readingId"]), (&Value::Null, &Value::Null));
        assert_eq!(driver.get(&format!("/v1/passports/{car}")).await.etag(), etag);
        for day in 3..=22 {
            let status = add(&driver, &car, at(&format!("2026-02-{day:02}"), 40_000 + day)).await.status;
            assert_eq!(status, if day < 21 { 201 } else { 409 }, "of 20 readings a day these are the {day}th");
        }
        add(&driver, &car, at(TODAY, 40_100)).await.problem(409, "odometer_too_many_today");
    }

    async fn sr2_a_correction_replaces_and_the_chain_stays_readable(server) {
        let garage = server.garage("sr2").await;
        let (driver, _, car) = garage.driver("jan@sr2.example").await;
        let first = add(&garage.mechanic, &car, with(priced("7"), "odometerKm", json!(50_000))).await.created();
        let replacing = |record: &Value, number: &str, km: i64| {
            with(with(priced(number), "replacesId", record["id"].clone()), "odometerKm", json!(km))
        };
        // It may keep the number and the reading, or change both.
        let second = add(&garage.advisor, &car, replacing(&first, "7", 50_000)).await.created();
        assert_eq!((&second["replacesId"], &second["readingId"]), (&first["id"], &first["readingId"]));
        let third = add(&garage.mechanic, &car, replacing(&second, "8", 49_000)).await.created();
        assert_ne!(third["readingId"], first["readingId"]);
        let readings = garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items();
        assert_eq!((readings.len(), &readings[1]["replacesId"]), (2, &first["readingId"]));
        assert_eq!(garage.admin.get(&format!("/v1/passports/{car}")).await.ok()["odometerKm"], 49_000);
        add(&garage.admin, &car, replacing(&first, "9", 50_000)).await.problem(409, "service_record_already_replaced");
        assert_eq!(ids(&records(&driver, &car).await), [third["id"].as_str().unwrap()]);
        let all = driver.get(&format!("{}?includeReplaced=true", path(&car))).await.items();
        assert_eq!(ids(&all), [&third, &second, &first].map(|record| record["id"].as_str().unwrap()));
        let replaced_by: Vec<_> = all.iter().map(|record| record["replacedById"].clone()).collect();
        assert_eq!(replaced_by, [Value::Null, third["id"].clone(), second["id"].clone()]);
        let read = garage.mechanic.get(&format!("{}/{}", path(&car), first["id"].as_str().unwrap())).await.ok();
        assert_eq!(read, with(first.clone(), "replacedById", second["id"].clone()), "else it is as it was");
        // The number that was corrected is free again, and the new one is taken.
        add(&garage.mechanic, &car, priced("8")).await.problem(409, "service_record_invoice_known");
        add(&garage.mechanic, &car, priced("7")).await.created();
        assert_eq!(happened(&garage, "service_recorded").await, 4);
    }

    async fn sr2_two_corrections_at_once(server) {
        let garage = server.garage("sr2b").await;
        let (_, _, car) = garage.driver("jan@sr2b.example").await;
        let first = add(&garage.mechanic, &car, done("wipers")).await.created();
        let correction = || with(done("lights"), "replacesId", first["id"].clone());
        let (one, other) = tokio::join!(add(&garage.mechanic, &car, correction()), add(&garage.admin, &car, correction()));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let refused = if one.status == 409 { one } else { other };
        refused.problem(409, "service_record_already_replaced");
    }

    async fn sr2_what_can_not_be_replaced(server) {
        let (garage, other) = (server.garage("sr2c").await, server.garage("sr2d").await);
        let (driver, _, car) = garage.driver("jan@sr2c.example").await;
        let (_, _, second) = garage.driver("piet@sr2c.example").await;
        let (_, _, foreign) = other.driver("els@sr2d.example").await;
        let own = add(&garage.admin, &car, done("wipers")).await.id();
        let declared = add(&garage.admin, &car, with(done("wipers"), "origin", json!("declared"))).await.id();
        let of_second = add(&garage.admin, &second, done("wipers")).await.id();
        let of_other = add(&other.admin, &foreign, done("wipers")).await.id();
        // Another car's, another garage's, of another origin, or nobody's.
        for id in [UNKNOWN, &of_second, &of_other, &declared] {
            let answer = add(&garage.admin, &car, with(done("lights"), "replacesId", json!(id))).await;
            refused(&answer, 400, "service_record_replaces_unknown", &["#/replacesId not_found"]);
        }
        add(&garage.admin, &car, with(done("lights"), "replacesId", json!("x"))).await.wrong(&["#/replacesId uuid_invalid"]);
        // Others replace what they wrote down themselves.
        for id in [&declared, &own] {
            add(&driver, &car, with(done("lights"), "replacesId", json!(id))).await.problem(403, "service_record_not_yours");
        }
        let of_driver = add(&driver, &car, done("tyres")).await.id();
        let corrected = add(&driver, &car, with(done("lights"), "replacesId", json!(of_driver))).await.created();
        let by_garage = json!({ "lines": [{ "task": "tyres" }], "replacesId": corrected["id"], "origin": "declared" });
        add(&garage.mechanic, &car, by_garage).await.created();
    }

    async fn sr3_a_record_closes_what_was_advised_for_its_tasks(server) {
        let garage = server.garage("sr3").await;
        let (driver, _, car) = garage.driver("jan@sr3.example").await;
        let (_, _, other) = garage.driver("piet@sr3.example").await;
        let advised = advise(server, &car, Urgency::Urgent, server.now(), &[
            ("oil_and_filter", None), ("tyres", Some("front_left")), ("tyres", Some("front_right")), ("brake_fluid", None), ("no such task", None),
        ]);
        let elsewhere = advise(server, &other, Urgency::Urgent, server.now(), &[("oil_and_filter", None)]);
        let body = json!({ "lines": [
            { "task": "large_service" },
            { "task": "tyres", "position": "front_left" },
            { "task": "brake_fluid", "quantity": "-1" },
        ] });
        let made = add(&garage.mechanic, &car, body).await.created();
        let closed = [advised[0], advised[1]].map(|id| id.to_string());
        assert_eq!(made["closedRecommendationIds"], json!(closed));
        assert_eq!((open(server, &car), open(server, &other)), (advised[2..].to_vec(), elsewhere));
        assert_eq!(happened(&garage, "recommendation_done").await, 2);
        assert_eq!(records(&driver, &car).await[0]["closedRecommendationIds"], json!(closed));
        // A task without a position is done everywhere.
        let second = add(&garage.mechanic, &car, done("tyres")).await.created();
        assert_eq!(second["closedRecommendationIds"], json!([advised[2].to_string()]));
        assert_eq!(open(server, &car), advised[3..]);
    }

    async fn sr3_old_work_does_not_do_what_was_advised_after_it(server) {
        let garage = server.garage("sr3o").await;
        let (driver, _, car) = garage.driver("jan@sr3o.example").await;
        let advised = advise(server, &car, Urgency::Urgent, server.now(), &[("brake_discs_front", None)]);
        let old = json!({ "doneOn": "2018-06-01", "lines": [{ "task": "brake_discs_front" }] });
        for (who, body) in [(&driver, old.clone()), (&garage.mechanic, with(priced("1"), "doneOn", json!("2018-06-01")))] {
            let body = with(body, "lines", old["lines"].clone());
            assert_eq!(add(who, &car, body).await.created()["closedRecommendationIds"], json!([]));
        }
        assert_eq!(open(server, &car), advised);
        add(&garage.mechanic, &car, done("brake_discs_front")).await.created();
        assert_eq!(open(server, &car), []);
    }

    async fn sr2_a_correction_takes_back_what_the_replaced_record_had_closed(server) {
        let garage = server.garage("sr2e").await;
        let (driver, _, car) = garage.driver("jan@sr2e.example").await;
        let of = |id: &RecommendationId| format!("/v1/passports/{car}/recommendations/{id}");
        let advised = advise(server, &car, Urgency::Urgent, server.now(), &[("brake_fluid", None), ("tyres", None), ("wipers", None)]);
        driver.post(&format!("{}/agree", of(&advised[0])), json!({})).await.ok();
        let status = async || driver.get(&format!("/v1/passports/{car}/status")).await.ok()["carStatus"].clone();
        let first = add(&garage.mechanic, &car, json!({ "lines": [{ "task": "brake_fluid" }, { "task": "tyres" }, { "task": "wipers" }] })).await.created();
        assert_eq!((open(server, &car), status().await), (vec![], json!("good")));
        // The brake fluid was not changed after all; the tyres were, and by the record that stands.
        let second = add(&garage.mechanic, &car, with(done("tyres"), "replacesId", first["id"].clone())).await.created();
        assert_eq!(second["closedRecommendationIds"], json!([advised[1].to_string()]));
        assert_eq!((open(server, &car), status().await), (vec![advised[0], advised[2]], json!("urgent")));
        let reopened = driver.get(&of(&advised[0])).await.ok();
        assert_eq!((&reopened["status"], &reopened["endedAt"], &reopened["serviceRecordId"]), (&json!("open"), &Value::Null, &Value::Null));
        assert_eq!(reopened["agreed"]["channel"], "app", "what the owner said stays");
        assert_eq!(driver.get(&of(&advised[1])).await.ok()["serviceRecordId"], second["id"]);
        assert_eq!((happened(&garage, "recommendation_reopened").await, happened(&garage, "recommendation_done").await), (2, 4));
        // The interval counts from the records that stand.
        let on_record = async || {
            let passport = stored(server, &car);
            let on_record = server.store().read(|tx| car_status::records(tx, &passport)).unwrap();
            on_record.records.done.iter().map(|one| one.task.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(on_record().await, ["tyres"]);
        // It waits like any other: the next correction closes it again, and the owner can decline.
        let third = json!({ "lines": [{ "task": "tyres" }, { "task": "brake_fluid" }], "replacesId": second["id"] });
        let third = add(&garage.mechanic, &car, third).await.created();
        assert_eq!(third["closedRecommendationIds"], json!([advised[0].to_string(), advised[1].to_string()]));
        driver.post(&format!("{}/decline", of(&advised[2])), json!({})).await.ok();
        // What was declined stays so, whatever records say.
        let fourth = json!({ "lines": [{ "task": "wipers" }], "replacesId": third["id"] });
        assert_eq!(add(&garage.mechanic, &car, fourth).await.created()["closedRecommendationIds"], json!([]));
        assert_eq!(open(server, &car), advised[..2]);
        assert_eq!(driver.get(&of(&advised[2])).await.ok()["status"], "declined");
    }

    async fn sr2_what_a_later_check_has_judged_is_not_taken_back(server) {
        let garage = server.garage("sr2f").await;
        let (driver, _, car) = garage.driver("jan@sr2f.example").await;
        let checked = async |found: &[(&str, Value)], km: i64| {
            let check = filled_check(&garage.mechanic, &car, "holiday", found).await;
            let path = format!("/v1/passports/{car}/checks/{check}/complete");
            garage.mechanic.post(&path, json!({ "odometer": km })).await.ok();
            server.pass_idle(jiff::SignedDuration::from_mins(1));
            check
        };
        let worn = |position: &str| (format!("tread_depth.{position}"), json!({ "measured": "1.2" }));
        let [left, right, rear] = ["front_left", "front_right", "rear_left"].map(worn);
        let all = [(left.0.as_str(), left.1.clone()), (right.0.as_str(), right.1), (rear.0.as_str(), rear.1)];
        checked(&all, 60_000).await;
        let first = add(&garage.mechanic, &car, done("tyres")).await.created();
        assert_eq!(first["closedRecommendationIds"].as_array().map(Vec::len), Some(3));
        // A later check finds one tyre worn anew, one good, and does not look at the third.
        let unseen = |item| (item, json!({ "result": "not_checked" }));
        let [tread, damage] = ["tread_depth.rear_left", "tyre_damage.rear_left"].map(unseen);
        let later = checked(&[(left.0.as_str(), left.1.clone()), tread, damage], 60_000).await;
        add(&garage.mechanic, &car, with(done("wipers"), "replacesId", first["id"].clone())).await.created();
        let found = driver.get(&format!("/v1/passports/{car}/recommendations")).await.items();
        let shown = |one: &Value| (one["position"].as_str().unwrap().to_owned(), one["status"].as_str().unwrap().to_owned());
        let expected = [("front_left", "superseded"), ("front_right", "superseded"), ("rear_left", "open"), ("front_left", "open")];
        assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), expected.map(|(place, status)| (place.to_owned(), status.to_owned())));
        assert_eq!((&found[0]["supersededById"], &found[1]["supersededById"]), (&json!(later), &json!(later)));
    }

    async fn sr3_when_each_task_was_last_done(server) {
        let garage = server.garage("sr3b").await;
        let (_, _, car) = garage.driver("jan@sr3b.example").await;
        let at = |task: &str, day: &str, km: Option<i64>| json!({ "doneOn": day, "odometerKm": km, "lines": [{ "task": task }, { "text": "x" }] });
        add(&garage.admin, &car, at("tyres", "2026-02-01", Some(50_000))).await.created();
        add(&garage.admin, &car, at("tyres", "2025-02-01", Some(40_000))).await.created();
        add(&garage.admin, &car, at("wipers", "2026-01-01", None)).await.created();
        let wrong = add(&garage.admin, &car, at("lights", "2026-02-02", None)).await.created();
        let right = with(at("lights", "2026-01-02", None), "replacesId", wrong["id"].clone());
        add(&garage.admin, &car, right).await.created();
        add(&garage.admin, &car, json!({ "lines": [{ "task": "wipers", "quantity": "-1" }] })).await.created();
        let passport = stored(server, &car);
        let on_record = server.store().read(|tx| car_status::records(tx, &passport)).unwrap().records;
        let mut done = on_record.done;
        done.sort_by_key(|one| (one.on, one.km));
        let last: BTreeMap<_, _> = done.iter().map(|one| (one.task.as_str(), one)).collect();
        let found: Vec<_> = last.iter().map(|(task, last)| (*task, last.on.to_string(), last.km)).collect();
        let expected = [("lights", "2026-01-02", None), ("tyres", "2026-02-01", Some(50_000)), ("wipers", "2026-01-01", None)];
        assert_eq!(found, expected.map(|(task, on, km)| (task, on.to_owned(), km)));
    }

    async fn sr4_so_much_is_declared_within_a_day_and_ever(server) {
        let garage = server.garage("sr4d").await;
        let fleet = garage.fleet("fleet-sr4d").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@sr4d.example").await;
        for number in 0..50 {
            let who = if number % 2 == 0 { &driver } else { &fleet.account };
            add(who, &car, json!({ "lines": [{ "text": format!("Werk {number}") }] })).await.created();
        }
        for who in [&driver, &fleet.account] {
            add(who, &car, done("wipers")).await.problem(409, "service_record_declared_too_many_today");
        }
        // The garage goes on, and so does every other car; a day later the others do too.
        let declared = with(done("wipers"), "origin", json!("declared"));
        add(&garage.mechanic, &car, declared.clone()).await.created();
        let (_, other) = garage.fleet_car(&fleet, "piet@sr4d.example").await;
        add(&fleet.account, &other, done("wipers")).await.created();
        let again = async |email: &str| server.sign_in(email, PASSWORD).await;
        server.pass_idle(SignedDuration::from_hours(23));
        let driver = again("jan@sr4d.example").await;
        add(&driver, &car, done("wipers")).await.problem(409, "service_record_declared_too_many_today");
        server.pass_idle(SignedDuration::from_hours(1));
        let (driver, mechanic) = (again("jan@sr4d.example").await, again(&garage.mechanic.email).await);
        add(&driver, &car, done("wipers")).await.created();
        // As many as a car can have.
        let passport = stored(server, &car);
        let record = |number: usize| ServiceRecord {
            id: api::clock::new_id(),
            vehicle_id: passport.vehicle.id,
            garage_id: passport.garage_id,
            origin: RecordOrigin::Declared,
            done_on: TODAY.parse().unwrap(),
            reading: None,
            odometer_km: None,
            mechanic: None,
            place: None,
            lines: vec![],
            currency: Currency::EUR,
            invoice_number: None,
            note: Some(format!("Number {number}")),
            owner: None,
            replaces: None,
            recorded_at: server.now(),
            stands_at: server.now(),
            by: None,
        };
        let many: Vec<_> = (52..1_999).map(record).collect();
        server.store().write(|tx| service_record::insert_all(tx, &many)).unwrap();
        add(&driver, &car, done("tyres")).await.created();
        for (who, body) in [(&driver, done("wipers")), (&mechanic, declared)] {
            add(who, &car, body).await.problem(409, "service_record_declared_too_many");
        }
        add(&mechanic, &car, done("wipers")).await.created();
    }

    async fn sr4_work_elsewhere_is_declared_by_whoever_sees_the_car(server) {
        let garage = server.garage("sr4").await;
        let fleet = garage.fleet("fleet-sr4").await;
        let (fleet_driver, fleet_car) = garage.fleet_car(&fleet, "jan@sr4.example").await;
        let (owner, _, own_car) = garage.driver("piet@sr4.example").await;
        let declared = json!({ "lines": [{ "task": "tyres" }], "place": "Bandencentrum Zaandam", "doneOn": "2025-11-01" });
        for (who, car, day) in [(&owner, &own_car, "2025-11-01"), (&fleet.account, &fleet_car, "2025-11-01"), (&fleet_driver, &fleet_car, "2025-11-02")] {
            let made = add(who, car, with(declared.clone(), "doneOn", json!(day))).await.created();
            assert_eq!((made["origin"].as_str(), made["place"].as_str()), (Some("declared"), Some("Bandencentrum Zaandam")));
            assert_eq!(made["garage"], Value::Null, "the garage did not do it");
            assert!(made["recordedBy"]["name"].is_string(), "oneself");
            add(who, car, with(done("tyres"), "origin", json!("garage"))).await.problem(403, "service_record_declared_only");
        }
        let by_staff = with(with(declared, "origin", json!("declared")), "doneOn", json!("2025-11-03"));
        let by_staff = add(&garage.mechanic, &own_car, by_staff).await.created();
        assert_eq!((by_staff["origin"].as_str(), &by_staff["garage"]), (Some("declared"), &Value::Null));
        // It closes what was advised as well, and it is told apart in lists.
        advise(server, &own_car, Urgency::Urgent, server.now(), &[("wipers", None)]);
        add(&owner, &own_car, done("wipers")).await.created();
        assert!(open(server, &own_car).is_empty());
        add(&garage.mechanic, &own_car, done("lights")).await.created();
        let counted = async |query: &str| owner.get(&format!("{}?{query}", path(&own_car))).await.items().len();
        assert_eq!([counted("origin=declared").await, counted("origin=garage").await, counted("origin=garage,declared").await], [3, 1, 4]);
        // The garage's own numbers are not touched by the invoices of others.
        let elsewhere = with(with(priced("1"), "origin", json!("declared")), "mechanic", Value::Null);
        add(&garage.admin, &own_car, elsewhere.clone()).await.created();
        add(&owner, &own_car, with(elsewhere, "doneOn", json!("2025-11-04"))).await.created();
        let own = add(&garage.admin, &own_car, priced("1")).await.created();
        assert_eq!(own["garage"]["name"], "Garage sr4");
    }

    async fn sr4_the_same_work_is_declared_once(server) {
        let garage = server.garage("sr4b").await;
        let (owner, _, car) = garage.driver("jan@sr4b.example").await;
        let (_, _, second) = garage.driver("piet@sr4b.example").await;
        let body = json!({ "lines": [{ "task": "tyres" }, { "text": "Uitlijnen" }], "doneOn": "2025-11-01", "place": "KwikFit" });
        let first = add(&owner, &car, body.clone()).await.id();
        for (who, again) in [(&owner, with(body.clone(), "place", json!("Kwik-Fit"))), (&garage.mechanic, with(body.clone(), "origin", json!("declared")))] {
            let answer = add(who, &car, again).await;
            refused(&answer, 409, "service_record_duplicate", &["#/lines record_known"]);
            assert_eq!(answer.body["errors"][0]["otherId"], json!(first));
        }
        // Another day, other lines, another car, the garage's own work and a correction are something else.
        add(&owner, &car, with(body.clone(), "doneOn", json!("2025-11-02"))).await.created();
        add(&owner, &car, with(body.clone(), "lines", json!([{ "task": "tyres" }]))).await.created();
        add(&garage.mechanic, &second, with(body.clone(), "origin", json!("declared"))).await.created();
        add(&garage.mechanic, &car, json!({ "lines": body["lines"], "doneOn": "2025-11-01" })).await.created();
        let corrected = add(&owner, &car, with(body.clone(), "replacesId", json!(first))).await.id();
        let answer = add(&owner, &car, body).await;
        assert_eq!(answer.problem(409, "service_record_duplicate").body["errors"][0]["otherId"], json!(corrected));
    }

    async fn apk_the_date_that_an_inspection_gives_is_asked_for_until_it_is_known(server) {
        let garage = server.garage("apk-record").await;
        let (owner, _, car) = garage.driver("jan@apk-record.example").await;
        let warned = async |body: Value, language: &str| {
            let headers = [("content-type", "application/json"), ("accept-language", language)];
            let sent = garage.mechanic.send("POST", &path(&car), &headers, Some(body.to_string().into_bytes())).await;
            sent.created()["warnings"].clone()
        };
        let found = warned(done("apk_inspection"), "nl").await;
        assert_eq!(found[0]["code"], "apk_date_unknown");
        let text = found[0]["detail"].as_str().unwrap();
        assert!(text.contains("APK-keuring") && text.contains("apk/entries"), "{text}");
        assert_eq!(warned(done("wipers"), "en").await, json!([]));
        // A date that lies before the inspection, or on its day, is the former one; a later one is the new one.
        for (date, expected) in [(TODAY, json!("apk_date_unknown")), ("2027-02-20", Value::Null)] {
            garage.mechanic.post(&format!("/v1/passports/{car}/apk/entries"), json!({ "expiresOn": date })).await.created();
            assert_eq!(warned(done("apk_inspection"), "en").await[0]["code"], expected, "{date}");
        }
        // What was done elsewhere is not the garage's to enter, nor is a line that takes something back an inspection.
        let (_, _, other) = garage.driver("piet@apk-record.example").await;
        let elsewhere = with(done("apk_inspection"), "origin", json!("declared"));
        assert_eq!(add(&garage.mechanic, &other, elsewhere).await.created()["warnings"], json!([]));
        let credit = json!({ "lines": [{ "task": "apk_inspection", "quantity": "-1" }] });
        assert_eq!(add(&garage.mechanic, &other, credit).await.created()["warnings"], json!([]));
        drop(owner);
    }

    async fn sr5_a_later_owner_sees_what_was_done_and_not_what_it_cost(server) {
        let garage = server.garage("sr5").await;
        let (seller, _, car) = garage.driver("seller@sr5.example").await;
        let made = add(&garage.mechanic, &car, with(priced("1"), "odometerKm", json!(50_000))).await.created();
        let one = format!("{}/{}", path(&car), made["id"].as_str().unwrap());
        assert_eq!(seller.get(&one).await.ok()["totals"]["grossCents"], 12_100);
        let (buyer, ..) = garage.driver("buyer@sr5.example").await;
        let offer = seller.offer(&car, "new_owner", "buyer@sr5.example").await.id();
        buyer.act(&format!("/v1/transfers/{offer}/accept")).await.ok();
        // A former owner has no access at all.
        seller.get(&one).await.problem(404, "not_found");
        seller.get(&path(&car)).await.problem(404, "not_found");
        add(&seller, &car, done("wipers")).await.problem(404, "not_found");
        for seen in [buyer.get(&one).await.ok(), records(&buyer, &car).await.remove(0)] {
            let hidden = ["totals", "invoiceNumber", "note", "mechanic", "recordedBy"];
            assert!(hidden.iter().all(|name| seen[name].is_null()), "{seen:#}");
            let line = &seen["lines"][0];
            assert!([&line["netCents"], &line["vatRate"], &line["text"]].iter().all(|value| value.is_null()), "{seen:#}");
            assert_eq!((line["task"].as_str(), &seen["amountsShown"]), (Some("brake_fluid"), &json!(false)));
            assert_eq!((&seen["doneOn"], &seen["odometerKm"], &seen["garage"]), (&made["doneOn"], &made["odometerKm"], &made["garage"]));
            assert!(!seen.to_string().contains("10000") && !seen.to_string().contains("12100"));
        }
        // The garage keeps its own record whole.
        assert_eq!(garage.advisor.get(&one).await.ok(), made);
    }

    async fn sr5_whose_the_car_was_on_a_day_in_the_past(server) {
        let garage = server.garage("sr5b").await;
        let (seller, _, car) = garage.driver("seller@sr5b.example").await;
        server.pass_idle(SignedDuration::from_hours(24 * 10));
        let seller = server.sign_in(&seller.email, PASSWORD).await;
        garage_signs_in(server, "sr5b").await.driver("buyer@sr5b.example").await;
        let offer = seller.offer(&car, "new_owner", "buyer@sr5b.example").await.id();
        let buyer = server.sign_in("buyer@sr5b.example", PASSWORD).await;
        buyer.act(&format!("/v1/transfers/{offer}/accept")).await.ok();
        server.pass_idle(SignedDuration::from_hours(24 * 10));
        let garage = garage_signs_in(server, "sr5b").await;
        let buyer = server.sign_in("buyer@sr5b.example", PASSWORD).await;
        // The car came on 25 February and was sold on 7 March. On the day of a change nobody can say whose the car was.
        let days = ["2026-02-01", "2026-02-25", "2026-03-01", "2026-03-07", "2026-03-08", "2026-03-17"];
        for (number, day) in days.into_iter().enumerate() {
            add(&garage.mechanic, &car, with(priced(&number.to_string()), "doneOn", json!(day))).await.created();
        }
        let seen: Vec<_> = records(&buyer, &car).await.iter().map(|record| (record["doneOn"].clone(), record["amountsShown"].clone())).collect();
        let expected: Vec<_> = days.iter().rev().map(|day| (json!(day), json!(*day > "2026-03-07"))).collect();
        assert_eq!(seen, expected);
        assert!(records(&garage.admin, &car).await.iter().all(|record| record["amountsShown"] == true));
        // What an owner declares of the time before is theirs all the same: they say what it cost.
        let declared = json!({ "doneOn": "2026-02-01", "lines": [{ "task": "tyres", "netCents": 100, "vatRate": "21" }] });
        assert_eq!(add(&buyer, &car, declared).await.created()["totals"]["grossCents"], 121);
    }

    async fn sr5_on_the_day_of_a_handover_the_new_owner_sees_no_amounts(server) {
        let garage = server.garage("sr5e").await;
        let (seller, _, car) = garage.driver("seller@sr5e.example").await;
        let (buyer, ..) = garage.driver("buyer@sr5e.example").await;
        let before = add(&garage.mechanic, &car, priced("1")).await.created();
        assert_eq!(records(&seller, &car).await[0]["amountsShown"], true, "it came today, and nobody had it before");
        let offer = seller.offer(&car, "new_owner", "buyer@sr5e.example").await.id();
        buyer.act(&format!("/v1/transfers/{offer}/accept")).await.ok();
        // What the seller brought it in for is written down, and put right, after the handover.
        add(&garage.mechanic, &car, priced("2")).await.created();
        add(&garage.mechanic, &car, with(priced("1"), "replacesId", before["id"].clone())).await.created();
        let seen = records(&buyer, &car).await;
        assert_eq!(seen.len(), 2);
        for record in &seen {
            assert_eq!((&record["amountsShown"], &record["totals"], &record["invoiceNumber"]), (&json!(false), &Value::Null, &Value::Null));
        }
        assert!(records(&garage.admin, &car).await.iter().all(|record| record["amountsShown"] == true));
        // The next day is the buyer's.
        server.pass_idle(SignedDuration::from_hours(30));
        let (garage, buyer) = (garage_signs_in(server, "sr5e").await, server.sign_in("buyer@sr5e.example", PASSWORD).await);
        let later = add(&garage.mechanic, &car, priced("3")).await.created();
        let shown = records(&buyer, &car).await.into_iter().find(|record| record["id"] == later["id"]).unwrap();
        assert_eq!(shown["amountsShown"], true);
    }

    async fn sr5_another_garage_sees_what_was_done_and_not_what_it_cost(server) {
        let (garage, other) = (server.garage("sr5c").await, server.garage("sr5d").await);
        let (_, _, car) = garage.driver("jan@sr5c.example").await;
        let made = add(&garage.mechanic, &car, priced("1")).await.created();
        other.admin.get(&path(&car)).await.problem(404, "not_found");
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        // The car goes to the other garage with a passport of its own, as the same vehicle.
        let customer = other.customer("piet@sr5d.example").await;
        let next = other.invited_passport(&customer).await;
        let (vehicle, target) = (stored(server, &car).vehicle.id, stored(server, &next));
        assert_eq!(target.status, PassportStatus::Invited);
        let moved = Passport { vehicle: domain::passport::Vehicle { id: vehicle, ..target.vehicle.clone() }, ..(*target).clone() };
        let (_, stamps) = server.store().read(|tx| passport::find(tx, &Scope::System, target.id)).unwrap().unwrap();
        server.store().write(|tx| -> Result<(), StoreError> { passport::update(tx, &moved, stamps, server.now()).map(drop) }).unwrap();
        let driver = server.join("piet@sr5d.example").await;
        for who in [&other.admin, &other.mechanic, &driver] {
            let seen = records(who, &next).await.remove(0);
            assert_eq!((&seen["id"], &seen["garage"]["name"], &seen["amountsShown"]), (&made["id"], &json!("Garage sr5c"), &json!(false)));
            assert!(seen["totals"].is_null() && seen["invoiceNumber"].is_null() && seen["recordedBy"].is_null());
        }
        // It cannot correct what the other garage did.
        let correction = with(done("wipers"), "replacesId", made["id"].clone());
        add(&other.admin, &next, correction).await.problem(400, "service_record_replaces_unknown");
        add(&other.admin, &next, priced("1")).await.created();
        assert_eq!(records(&driver, &next).await.len(), 2);
        // The archived passport is read only, and the garage sees its own record whole.
        add(&garage.admin, &car, done("wipers")).await.problem(409, "passport_archived");
        let shown: Vec<_> = records(&garage.admin, &car).await.iter().map(|record| record["amountsShown"].clone()).collect();
        assert_eq!(shown, [json!(false), json!(true)]);
    }

    async fn ec6_the_driver_of_a_fleet_car_sees_amounts_when_the_fleet_allows_it(server) {
        let garage = server.garage("ec6").await;
        let fleet = garage.fleet("fleet-ec6").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@ec6.example").await;
        // On the day on which it came into the fleet, nobody could say for whom the work was done.
        server.pass_idle(SignedDuration::from_hours(30));
        let (garage, driver) = (garage_signs_in(server, "ec6").await, server.sign_in(&driver.email, PASSWORD).await);
        let account = server.sign_in(&fleet.account.email, PASSWORD).await;
        let body = json!({
            "lines": [
                { "task": "brake_fluid", "text": "DOT 4", "netCents": 10_000, "vatRate": "21" },
                { "text": "Korting, was 12,50", "netCents": -100, "vatRate": "21" },
            ],
            "invoiceNumber": "1", "note": "Alles in orde", "mechanic": "Kees",
        });
        let made = add(&garage.mechanic, &car, body).await.created();
        let one = format!("{}/{}", path(&car), made["id"].as_str().unwrap());
        let seen = driver.get(&one).await.ok();
        assert!(seen["totals"].is_null() && seen["invoiceNumber"].is_null() && seen["amountsShown"] == false);
        assert_eq!((seen["note"].as_str(), seen["mechanic"].as_str()), (Some("Alles in orde"), Some("Kees")), "all but amounts");
        assert_eq!((seen["lines"][0]["text"].as_str(), &seen["lines"][1]["text"]), (Some("DOT 4"), &Value::Null));
        assert_eq!(account.get(&one).await.ok()["totals"], made["totals"]);
        // The fleet alone says so.
        let (address, allow) = (format!("/v1/fleets/{}/driver-amounts", fleet.id), json!({ "driversSeeAmounts": true }));
        let etag = account.get(&format!("/v1/fleets/{}", fleet.id)).await.etag();
        for staff in [&garage.admin, &garage.advisor, &garage.mechanic] {
            staff.change("PUT", &address, &etag, allow.clone()).await.problem(403, "fleet_only");
        }
        driver.change("PUT", &address, &etag, allow.clone()).await.problem(404, "not_found");
        let other = garage.fleet("other-ec6").await;
        other.account.change("PUT", &address, &etag, allow.clone()).await.problem(404, "not_found");
        account.send("PUT", &address, &[("content-type", "application/json")], Some(allow.to_string().into_bytes())).await.problem(428, "precondition_required");
        account.change("PUT", &address, "\"99\"", allow.clone()).await.problem(412, "precondition_failed");
        account.change("PUT", &address, &etag, json!({})).await.wrong(&["#/driversSeeAmounts required"]);
        let changed = account.change("PUT", &address, &etag, allow.clone()).await;
        let etag = changed.etag();
        assert_eq!(changed.ok()["driversSeeAmounts"], true);
        assert_eq!(happened(&garage, "fleet_changed").await, 1);
        let again = account.change("PUT", &address, &etag, allow).await;
        assert_eq!((again.etag(), happened(&garage, "fleet_changed").await), (etag.clone(), 1), "what is so already is no change");
        assert_eq!(driver.get(&one).await.ok(), with(made.clone(), "recordedBy", Value::Null));
        assert_eq!(records(&driver, &car).await[0]["totals"], made["totals"]);
        account.change("PUT", &address, &etag, json!({ "driversSeeAmounts": false })).await.ok();
        assert_eq!(driver.get(&one).await.ok()["amountsShown"], false);
    }

    async fn ec6_what_was_paid_before_the_car_joined_the_fleet_stays_with_who_paid(server) {
        let garage = server.garage("ec6b").await;
        let fleet = garage.fleet("fleet-ec6b").await;
        let (driver, _, car) = garage.driver("jan@ec6b.example").await;
        add(&garage.mechanic, &car, priced("1")).await.created();
        assert_eq!(records(&driver, &car).await[0]["amountsShown"], true);
        garage.admin.link(&car, &fleet.id).await.ok();
        for who in [&driver, &fleet.account] {
            let seen = records(who, &car).await.remove(0);
            assert!(seen["totals"].is_null() && seen["note"].is_null(), "{seen:#}");
        }
        garage.admin.unlink(&car).await.ok();
        assert_eq!(records(&driver, &car).await[0]["amountsShown"], true, "it is theirs again");
    }

    async fn sr6_neither_in_the_future_nor_before_the_first_admission(server) {
        let garage = server.garage("sr6").await;
        let (_, _, car) = garage.driver("jan@sr6.example").await;
        let on = |day: &str| with(done("wipers"), "doneOn", json!(day));
        add(&garage.admin, &car, on("2026-02-26")).await.problem(400, "service_record_in_future");
        add(&garage.admin, &car, on(TODAY)).await.created();
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2019 })).await.ok();
        add(&garage.admin, &car, on("2018-12-31")).await.problem(409, "service_record_before_first_admission");
        add(&garage.admin, &car, on("2019-01-01")).await.created();
        // What the register says is more exact.
        server.told(&garage.plate_of(&car).await, Some(&kombi("2027-05-17")));
        add(&garage.admin, &car, on("2013-05-16")).await.problem(409, "service_record_before_first_admission");
        add(&garage.admin, &car, on("2013-05-17")).await.created();
        // At the garage the day begins an hour before it does in UTC.
        server.pass_idle(SignedDuration::from_mins(17 * 60));
        let admin = server.sign_in("admin@sr6.example", PASSWORD).await;
        add(&admin, &car, on("2026-02-26")).await.created();
    }

    async fn sr6_one_invoice_is_one_record(server) {
        let (garage, other) = (server.garage("sr6b").await, server.garage("sr6c").await);
        let (_, _, car) = garage.driver("jan@sr6b.example").await;
        let (_, _, second) = garage.driver("piet@sr6b.example").await;
        let (_, _, foreign) = other.driver("els@sr6c.example").await;
        let first = add(&garage.admin, &car, priced("2026-1")).await.id();
        for car in [&car, &second] {
            let answer = add(&garage.mechanic, car, priced(" 2026-1 ")).await;
            refused(&answer, 409, "service_record_invoice_known", &["#/invoiceNumber invoice_known"]);
            assert_eq!(answer.body["errors"][0]["otherId"], json!(first));
        }
        // Another garage has its own numbers.
        add(&other.admin, &foreign, priced("2026-1")).await.created();
        let taken = add(&garage.admin, &second, priced("2026-2")).await.id();
        let correction = with(priced("2026-1"), "replacesId", json!(taken));
        add(&garage.admin, &second, correction).await.problem(409, "service_record_invoice_known");
        assert_eq!([records(&garage.admin, &car).await.len(), records(&garage.admin, &second).await.len()], [1, 1]);
    }

    async fn sr6_the_same_invoice_twice_at_once(server) {
        let garage = server.garage("sr6d").await;
        let (_, _, car) = garage.driver("jan@sr6d.example").await;
        let bodies = || add(&garage.mechanic, &car, with(priced("1"), "odometerKm", json!(60_000)));
        let (one, two, three) = tokio::join!(bodies(), bodies(), bodies());
        let mut statuses = [one.status, two.status, three.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409]);
        assert_eq!(records(&garage.admin, &car).await.len(), 1);
        assert_eq!([happened(&garage, "service_recorded").await, happened(&garage, "odometer_recorded").await], [1, 1]);
    }

    async fn ms4_a_record_names_no_task_that_makes_no_sense_for_the_car(server) {
        let garage = server.garage("ms4r").await;
        let customer = garage.customer("jan@ms4r.example").await;
        let new = json!({ "licencePlate": { "number": plate() }, "customerId": customer, "fuel": "electric" });
        let car = garage.admin.post("/v1/passports", new).await.id();
        let body = json!({ "lines": [{ "task": "tyres" }, { "task": "spark_plugs" }] });
        refused(&add(&garage.admin, &car, body.clone()).await, 409, "task_not_for_fuel", &["#/lines/1/task task_not_for_fuel"]);
        assert!(records(&garage.admin, &car).await.is_empty());
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "fuel": null })).await.ok();
        add(&garage.admin, &car, body).await.created();
    }

    async fn records_are_listed_by_day_and_filtered(server) {
        let garage = server.garage("list-sr").await;
        let (driver, _, car) = garage.driver("jan@list-sr.example").await;
        let mut made = Vec::new();
        for (task, day) in [("tyres", "2026-02-01"), ("large_service", "2025-02-01"), ("oil_and_filter", "2026-02-20"), ("wipers", "2026-02-01")] {
            made.push(add(&garage.admin, &car, with(done(task), "doneOn", json!(day))).await.id());
        }
        let order = [2, 3, 0, 1].map(|index: usize| made[index].as_str());
        assert_eq!(ids(&records(&driver, &car).await), order);
        let listed = async |query: &str| {
            let items = driver.get(&format!("{}?{query}", path(&car))).await.items();
            ids(&items).iter().map(|id| made.iter().position(|made| made == id).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(listed("doneFrom=2026-02-01").await, [2, 3, 0]);
        assert_eq!(listed("doneUntil=2026-02-01").await, [3, 0, 1]);
        assert_eq!(listed("doneFrom=2026-02-01&doneUntil=2026-02-19").await, [3, 0]);
        assert_eq!(listed("task=oil_and_filter").await, [2, 1], "a large service includes the oil");
        assert_eq!(listed("task=tyres,wipers").await, [3, 0]);
        assert_eq!(listed("task=lights").await, [0; 0]);
        let (mut found, mut query) = (Vec::new(), "limit=1".to_owned());
        loop {
            let page = driver.get(&format!("{}?{query}", path(&car))).await.ok();
            found.push(page["items"][0]["id"].as_str().unwrap().to_owned());
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            query = format!("limit=1&cursor={cursor}");
        }
        assert_eq!(found, order);
        driver.get(&format!("{}?task=oil", path(&car))).await.wrong(&["task task_unknown"]);
        driver.get(&format!("{}?doneFrom=soon&origin=x&page=2", path(&car))).await.wrong(&["doneFrom date_invalid", "origin unknown_value", "page unknown_parameter"]);
    }

    async fn a_repeat_of_a_record_is_the_same_record(server) {
        let garage = server.garage("again-sr").await;
        let (_, _, car) = garage.driver("jan@again-sr.example").await;
        let headers = [("content-type", "application/json"), ("idempotency-key", "record-1")];
        let send = async |body: Value| garage.mechanic.send("POST", &path(&car), &headers, Some(body.to_string().into_bytes())).await;
        let body = with(priced("1"), "odometerKm", json!(60_000));
        let first = send(body.clone()).await.created();
        assert_eq!(send(body).await.created(), first);
        send(done("wipers")).await.problem(422, "idempotency_key_reused");
        assert_eq!(records(&garage.admin, &car).await.len(), 1);
    }

    async fn a3_foreign_records_do_not_exist(server) {
        let (garage, other) = (server.garage("a3-sr").await, server.garage("a3-other").await);
        let (driver, _, car) = garage.driver("jan@a3-sr.example").await;
        let (stranger, _, second) = garage.driver("piet@a3-sr.example").await;
        let fleet = garage.fleet("a3-fleet").await;
        let record = add(&garage.admin, &car, done("wipers")).await.id();
        for who in [&stranger, &fleet.account, &other.admin] {
            who.get(&path(&car)).await.problem(404, "not_found");
            who.get(&format!("{}/{record}", path(&car))).await.problem(404, "not_found");
            add(who, &car, done("wipers")).await.problem(404, "not_found");
        }
        // A record is found with its own car alone.
        for who in [&garage.admin, &stranger] {
            who.get(&format!("{}/{record}", path(&second))).await.problem(404, "not_found");
        }
        driver.get(&format!("{}/{UNKNOWN}", path(&car))).await.problem(404, "not_found");
        driver.get(&format!("{}/x", path(&car))).await.wrong(&["recordId uuid_invalid"]);
        server.anonymous().get(&path(&car)).await.problem(401, "unauthenticated");
        for who in [&garage.mechanic, &garage.advisor, &driver] {
            who.get(&format!("{}/{record}", path(&car))).await.ok();
        }
    }
}

/// The people of a garage, signed in again after much time.
async fn garage_signs_in<'s>(server: &'s Server, name: &str) -> Garage<'s> {
    let sign_in = async |who: &str| server.sign_in(&format!("{who}@{name}.example"), PASSWORD).await;
    Garage { admin: sign_in("admin").await, advisor: sign_in("advisor").await, mechanic: sign_in("mechanic").await }
}
