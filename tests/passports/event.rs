//! What happened with a passport, over HTTP: rule P10.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The kinds of the events of an answer.
fn kinds(answer: &Answer) -> Vec<String> {
    answer.items().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

fn numbers(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["number"].as_i64().unwrap()).collect()
}

both! {
    async fn p10_the_garage_reads_who_did_what_and_when(server) {
        let garage = server.garage("p6").await;
        let fleet = garage.fleet("fleet-p6").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@p6.example").await;
        garage.mechanic.patch(&format!("/v1/passports/{car}"), json!({ "make": "Renault" })).await.ok();
        let reading = driver.post(&format!("/v1/passports/{car}/odometer/readings"), json!({ "value": 11 })).await.id();
        let offer = fleet.account.offer(&car, "new_driver", "piet@p6.example").await.id();
        fleet.account.act(&format!("/v1/transfers/{offer}/withdraw")).await.ok();
        let path = format!("/v1/passports/{car}/events");
        let answer = garage.mechanic.get(&path).await;
        let expected = [
            "transfer_withdrawn", "transfer_offered", "odometer_recorded", "passport_changed", "link_change_agreed",
            "passport_linked", "passport_activated", "invitation_issued", "passport_created",
        ];
        assert_eq!(kinds(&answer), expected, "the newest first, and nothing of other cars");
        let events = answer.items();
        let numbers = numbers(&events);
        assert!(numbers.is_sorted_by(|one, next| one > next), "{numbers:?}");
        let by = |event: &Value| (event["by"]["name"].as_str().unwrap().to_owned(), event["by"]["kind"].as_str().unwrap().to_owned());
        let name = async |actor: &Actor<'_>| actor.get("/v1/account").await.ok()["name"].as_str().unwrap().to_owned();
        assert_eq!(by(&events[0]), (name(&fleet.account).await, "fleet".into()));
        assert_eq!(by(&events[2]), (name(&driver).await, "driver".into()));
        assert_eq!(by(&events[3]), (name(&garage.mechanic).await, "staff".into()));
        assert_eq!(events[2]["data"], json!({ "passportId": car, "readingId": reading }));
        assert_eq!(events[0]["data"], json!({ "passportId": car, "transferId": offer }));
        assert_eq!(events[5]["data"]["fleetId"], json!(fleet.id));
        assert!(events.iter().all(|event| !event["data"].to_string().contains('@')), "events carry no address: {}", answer.body);
        // What the admin reads is the same, and reading leaves no trace.
        assert_eq!(garage.admin.get(&path).await.body, answer.body);
        assert_eq!(garage.advisor.get(&path).await.body, answer.body);
    }

    async fn p10_what_the_system_did_is_nobodys_act(server) {
        let garage = server.garage("p6s").await;
        let (driver, _, car) = garage.driver("jan@p6s.example").await;
        driver.offer(&car, "new_owner", "piet@p6s.example").await.created();
        server.pass(SignedDuration::from_hours(15 * 24));
        let mechanic = server.sign_in(&garage.mechanic.email, PASSWORD).await;
        let events = mechanic.get(&format!("/v1/passports/{car}/events?kind=transfer_expired")).await.items();
        assert_eq!((events.len(), &events[0]["by"]), (1, &Value::Null));
    }

    async fn p10_only_staff_of_the_garage_read_it(server) {
        let (garage, other) = (server.garage("p6a").await, server.garage("p6b").await);
        let fleet = garage.fleet("fleet-p6a").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@p6a.example").await;
        let (stranger, ..) = other.driver("piet@p6b.example").await;
        let path = format!("/v1/passports/{car}/events");
        for who in [&driver, &fleet.account] {
            who.get(&path).await.problem(403, "staff_only");
        }
        for who in [&stranger, &other.admin] {
            who.get(&path).await.problem(404, "not_found");
        }
        server.anonymous().get(&path).await.problem(401, "unauthenticated");
        garage.admin.get(&format!("/v1/passports/{}/events", fleet.id)).await.problem(404, "not_found");
    }

    async fn p10_what_another_garage_did_with_the_same_plate_stays_there(server) {
        let (garage, next) = (server.garage("p6c").await, server.garage("p6d").await);
        let (_, _, car) = garage.driver("jan@p6c.example").await;
        let plate = garage.plate_of(&car).await;
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let body = json!({ "licencePlate": { "number": plate }, "customerId": next.customer("jan@p6d.example").await });
        let again = next.admin.post("/v1/passports", body).await.created();
        let events = next.admin.get(&format!("/v1/passports/{}/events", again["id"].as_str().unwrap())).await;
        assert_eq!(kinds(&events), ["invitation_issued", "passport_created"]);
        let events = garage.admin.get(&format!("/v1/passports/{car}/events")).await;
        assert_eq!(kinds(&events)[0], "passport_archived", "what the garage did stays readable");
    }

    async fn p10_pages_hold_each_event_once_though_more_happens(server) {
        let garage = server.garage("p6p").await;
        let car = garage.invited_passport(&garage.customer("jan@p6p.example").await).await;
        let path = format!("/v1/passports/{car}");
        for make in ["A", "B", "C", "D"] {
            garage.admin.patch(&path, json!({ "make": make })).await.ok();
        }
        let before = garage.admin.get(&format!("{path}/events")).await.items();
        let mut seen: Vec<Value> = vec![];
        let mut cursor = String::new();
        loop {
            let page = garage.admin.get(&format!("{path}/events?limit=2{cursor}")).await;
            seen.extend(page.items());
            garage.admin.patch(&path, json!({ "make": format!("more {}", seen.len()) })).await.ok();
            let Some(next) = page.body["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, before);
        assert_eq!(garage.admin.get(&format!("{path}/events")).await.items().len(), before.len() + 3);
    }

    async fn p10_by_kind_and_by_time(server) {
        let garage = server.garage("p6k").await;
        let (_, _, car) = garage.driver("jan@p6k.example").await;
        let path = format!("/v1/passports/{car}/events");
        let kind = async |kind: &str| kinds(&garage.admin.get(&format!("{path}?kind={kind}")).await);
        assert_eq!(kind("passport_activated").await, ["passport_activated"]);
        assert_eq!(kind("passport_linked").await, Vec::<String>::new());
        garage.admin.get(&format!("{path}?kind=nonsense")).await.wrong(&["kind unknown_value"]);
        garage.admin.get(&format!("{path}?cursor=nonsense")).await.wrong(&["cursor cursor_invalid"]);
        server.pass(SignedDuration::from_mins(5));
        let since = server.now();
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "make": "Renault" })).await.ok();
        let since = kinds(&garage.admin.get(&format!("{path}?updatedSince={since}")).await);
        assert_eq!(since, ["passport_changed"]);
    }
}
