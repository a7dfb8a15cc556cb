//! Costs are learned by the worker, from what the garages wrote down.

use super::{
    car_status::expect_nothing,
    expected_maintenance::{expect_task, expected, first},
};
use crate::{
    both,
    support::{Actor, Garage as Customers, Server, until},
};
use api::{
    cost::{
        learning::{Outcome, learn_month, read_ledger},
        progress::Progress,
    },
    demo,
};
use domain::{
    cost::{CostCar, GroupLevel, LeftOut, Splits, backtest},
    garage::Garage,
    passport::Fuel,
    service_task::TaskKey,
};
use jiff::{SignedDuration, ToSpan};
use persistence::{self as store, StoreError, Tx, cost::Snapshot};
use serde_json::{Value, json};

fn latest(server: &Server) -> Option<Snapshot> {
    server.store().read(store::cost::latest).unwrap()
}

/// The demo with its history, and its first garage.
async fn with_history(server: &Server) -> Garage {
    assert!(server.seed_demo().await);
    demo::seed_history(&server.app, |_, _| ()).await.unwrap();
    let find = |tx: &mut Tx<'_>| -> Result<Option<Garage>, StoreError> {
        let email = domain::value::EmailAddress::parse(demo::LOGINS[0].1).unwrap();
        let (admin, _) = store::account::find_by_email(tx, &email)?.unwrap();
        Ok(store::garage::find(tx, admin.employment.unwrap().garage_id)?.map(|(garage, _)| garage))
    };
    server.store().read(find).unwrap().unwrap()
}

/// A line of an import: what a car paid for new brake fluid.
fn payment(plate: &str, day: &str, net_cents: i64) -> Value {
    json!({
        "licencePlate": { "number": plate }, "doneOn": day,
        "lines": [{ "task": "brake_fluid", "kind": "labour", "netCents": net_cents, "vatRate": "21" }],
    })
}

/// Six petrol cars of a garage, each with its driver, and that each paid 80 euros twice.
async fn paid<'s>(garage: &Customers<'s>, name: &str) -> (Vec<(Actor<'s>, String)>, Vec<Value>) {
    let (mut cars, mut lines) = (vec![], vec![]);
    for number in 3..9 {
        let (driver, _, car) = garage.driver(&format!("driver{number}@{name}.example")).await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "fuel": "petrol", "year": 2012 })).await.ok();
        let plate = garage.plate_of(&car).await;
        lines.extend(["04", "09"].map(|month| payment(&plate, &format!("2025-{month}-0{number}"), 8_000)));
        cars.push((driver, car));
    }
    (cars, lines)
}

async fn import(garage: &Customers<'_>, lines: &[Value]) {
    let body = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let headers = [("content-type", "application/x-ndjson")];
    let answer = garage.admin.send("POST", "/v1/service-record-imports", &headers, Some(body.into_bytes())).await.ok();
    assert_eq!((&answer["made"], &answer["refused"]), (&json!(lines.len()), &json!(0)), "{answer:#}");
}

/// Learns this month's costs, from so many payments.
fn learn(server: &Server, entries: i64) -> Snapshot {
    let learned = learn_month(server.store(), server.now(), &mut Progress::silent()).unwrap();
    assert!(matches!(learned, Outcome::Published { entries: found, .. } if found == entries), "{learned:?}");
    latest(server).unwrap()
}

both! {
    async fn ec2_the_worker_learns_from_the_history_and_answers_follow(server) {
        let garage = with_history(server).await;
        assert_eq!(latest(server), None);
        let worker = server.start_worker();
        until("the costs are published", || latest(server).is_some()).await;
        worker.stop();
        let snapshot = latest(server).unwrap();
        assert!(snapshot.entries > 5_000 && snapshot.left_out.without_price > 50, "{snapshot:?}");
        let car = CostCar { make: Some("Volkswagen"), model: Some("Golf"), fuel: Some(Fuel::Petrol), register: None };
        let task = TaskKey::find("small_service").unwrap();
        let today = api::cost::learning::day(server.now());
        let price = |tx: &mut Tx<'_>| store::cost::find(tx, &(&garage).into(), &car, &[task].into(), today);
        let found = server.store().read(price).unwrap()[&task];
        // Each of three garages has two others, which is too few to be told anything about them.
        assert!(found.basis.level.is_some_and(GroupLevel::is_own), "{found:?}");
        assert!(found.range.low_cents < found.range.usual_cents && found.range.usual_cents < found.range.high_cents);
        assert!((8_000..40_000).contains(&found.range.usual_cents) && found.range.usual_cents % 500 == 0, "{found:?}");
        // The month is published once; the next one, when it is new.
        let learn = || learn_month(server.store(), server.now(), &mut Progress::silent()).unwrap();
        assert_eq!(learn(), Outcome::Standing(snapshot.clone()));
        server.pass_idle(SignedDuration::from_hours(24 * 31));
        assert!(matches!(learn(), Outcome::Published { entries, .. } if entries == snapshot.entries));
        assert!(latest(server).unwrap().month > snapshot.month);
    }

    async fn the_demo_has_a_history_that_can_be_read(server) {
        with_history(server).await;
        let admin = server.sign_in(demo::LOGINS[0].1, demo::PASSWORD).await;
        assert_eq!(admin.get("/v1/passports?limit=100").await.items().len(), 100);
        let driver = server.sign_in("bestuurder1@demo.example", demo::PASSWORD).await;
        let own = driver.get("/v1/passports").await;
        let car = own.items()[0]["id"].as_str().unwrap().to_owned();
        for list in ["service-records", "odometer/readings"] {
            let listed = driver.get(&format!("/v1/passports/{car}/{list}")).await;
            assert!(listed.items().len() >= 3, "{list}");
        }
        // A part of the cars was checked, and what was found has become of all kinds.
        let summary = admin.get("/v1/garage/summary").await.ok();
        assert!(summary["openRecommendations"].as_i64().is_some_and(|open| open >= 30), "{summary}");
        let mut seen = std::collections::BTreeMap::<String, usize>::new();
        for car_status in ["urgent", "attention"] {
            let cars = admin.get(&format!("/v1/passports?carStatus={car_status}&limit=100")).await.items();
            for car in &cars {
                let car = car["id"].as_str().unwrap();
                let status = admin.get(&format!("/v1/passports/{car}/status")).await.ok();
                let reasons = status["reasons"].as_array().unwrap().iter();
                let codes: Vec<_> = reasons.filter_map(|reason| reason["code"].as_str()).filter(|code| code.starts_with("recommendation_")).collect();
                for code in codes {
                    *seen.entry(code.to_owned()).or_default() += 1;
                }
                for advised in admin.get(&format!("/v1/passports/{car}/recommendations")).await.items() {
                    let agreed = if advised["agreed"].is_null() { "" } else { " agreed" };
                    *seen.entry(format!("{}{agreed}", advised["status"].as_str().unwrap())).or_default() += 1;
                }
            }
        }
        for kind in ["open", "open agreed", "declined", "done", "recommendation_urgent", "recommendation_open"] {
            assert!(seen.get(kind).is_some_and(|many| *many >= 3), "{kind}: {seen:?}");
        }
    }

    async fn ec1_a_cost_has_a_range_and_says_what_it_rests_on_and_how_sure_it_is(server) {
        let garage = server.garage("ec1").await;
        expect_nothing(&garage).await;
        for task in ["brake_fluid", "wipers"] {
            expect_task(&garage, task, Some(24), None, "completion").await;
        }
        let (cars, lines) = paid(&garage, "ec1").await;
        import(&garage, &lines).await;
        learn(server, 12);
        let (driver, car) = &cars[0];
        let shown = expected(driver, car, "").await;
        let cost = first(&shown, "brake_fluid")["cost"].clone();
        let cents = |name: &str| cost[name]["cents"].as_i64().unwrap();
        assert!(cents("low") <= cents("usual") && cents("usual") <= cents("high"), "{cost:#}");
        assert!(["low", "usual", "high"].iter().all(|name| cost[name]["currency"] == "EUR"));
        // 80 euros, in steps of 5, with VAT for a private owner.
        assert!((9_600..=10_500).contains(&cents("usual")), "{cost:#}");
        assert_eq!(
            ["basis", "records", "recordsFrom", "recordsUntil", "vatIncluded"].map(|name| cost[name].clone()),
            [json!("garage_class"), json!(12), json!("2025-04-03"), json!("2025-09-08"), json!(true)]
        );
        assert!(cost["pricesOf"].is_string() && ["low", "medium"].contains(&cost["certainty"].as_str().unwrap()), "{cost:#}");
        // What the network has no records of has the catalogue's price, and says so.
        let cost = first(&shown, "wipers")["cost"].clone();
        assert_eq!((&cost["basis"], &cost["certainty"], &cost["records"]), (&json!("catalogue"), &json!("to_go_by"), &json!(null)));
        // The garage of others is not told of it.
        let other = server.garage("ec1-other").await;
        expect_nothing(&other).await;
        expect_task(&other, "brake_fluid", Some(24), None, "completion").await;
        let (stranger, _, foreign) = other.driver("els@ec1-other.example").await;
        other.admin.patch(&format!("/v1/passports/{foreign}"), json!({ "fuel": "petrol" })).await.ok();
        assert_eq!(first(&expected(&stranger, &foreign, "").await, "brake_fluid")["cost"]["basis"], "catalogue");
    }

    async fn ec3_what_does_not_count_is_left_out_and_older_records_weigh_less(server) {
        let garage = server.garage("ec3").await;
        expect_nothing(&garage).await;
        expect_task(&garage, "brake_fluid", Some(24), None, "completion").await;
        let (cars, mut lines) = paid(&garage, "ec3").await;
        let plate = lines[0]["licencePlate"]["number"].as_str().unwrap().to_owned();
        // Not plausible; given back; and work of 2015, when it cost a quarter: it weighs next to nothing.
        lines.push(payment(&plate, "2025-10-01", 100_000));
        lines.push(payment(&plate, "2025-10-02", -8_000));
        for line in lines.clone().iter().take(12) {
            lines.push(payment(line["licencePlate"]["number"].as_str().unwrap(), &line["doneOn"].as_str().unwrap().replace("2025", "2015"), 2_000));
        }
        import(&garage, &lines).await;
        let (driver, car) = &cars[1];
        let records = format!("/v1/passports/{car}/service-records");
        // A record that was corrected, and work that was done elsewhere.
        let line = |cents: i64| json!([{ "task": "brake_fluid", "netCents": cents, "vatRate": "21" }]);
        let wrong = garage.mechanic.post(&records, json!({ "doneOn": "2025-10-03", "lines": line(40_000) })).await.created();
        garage.mechanic.post(&records, json!({ "doneOn": "2025-10-03", "lines": line(8_000), "replacesId": wrong["id"] })).await.created();
        driver.post(&records, json!({ "doneOn": "2025-10-04", "lines": [{ "task": "brake_fluid" }] })).await.created();
        let left_out = learn(server, 25).left_out;
        assert_eq!(left_out, LeftOut { replaced: 1, without_price: 1, nothing: 1, implausible: 1, not_comparable: 0 });
        let cost = first(&expected(driver, car, "").await, "brake_fluid")["cost"].clone();
        assert_eq!((&cost["records"], &cost["recordsFrom"]), (&json!(25), &json!("2015-04-03")));
        assert!((9_000..=10_500).contains(&cost["usual"]["cents"].as_i64().unwrap()), "{cost:#}");
    }

    async fn ec4_the_model_is_measured_on_records_that_it_has_not_seen(server) {
        with_history(server).await;
        let today = api::cost::learning::day(server.now());
        let read = read_ledger(server.store(), &mut Progress::silent()).unwrap();
        let (network, ledger) = read.unwrap();
        let before = |months: i64| today.saturating_sub(months.months());
        let splits = Splits { choose_from: before(12), measure_from: before(6), until: today.saturating_add(1.day()) };
        let mut steps = 0;
        let found = backtest(&network, &ledger, &splits, None, |_, _| steps += 1);
        assert!(steps > 0 && found.tasks.len() >= 10, "{} tasks", found.tasks.len());
        // It does better than the catalogue, and than the country's median.
        let table = api::cost::backtest::table(&found);
        assert!(found.all().wins() && table.contains("| Small service |"), "{table}");
    }

    async fn ec2_without_records_nothing_is_published(server) {
        server.garage("first").await;
        let learned = learn_month(server.store(), server.now(), &mut Progress::silent()).unwrap();
        assert!(matches!(learned, Outcome::Nothing(_)), "{learned:?}");
        assert_eq!(latest(server), None);
    }
}
