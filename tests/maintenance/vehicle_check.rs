//! Checks of cars over HTTP: rules VC1 to VC4 and VC6, and RC4.

use crate::{
    both,
    support::{Actor, Answer, draft_check, filled_check, maintained::sample},
};
use serde_json::{Value, json};

const TODAY: &str = "2026-02-25";
const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";
const FRONT_LEFT: &str = "tread_depth.front_left";

fn checks(car: &str) -> String {
    format!("/v1/passports/{car}/checks")
}

async fn enter(mechanic: &Actor<'_>, car: &str, check: &str, place: &str, finding: Value) -> Answer {
    let path = format!("{}/{check}/findings/{place}", checks(car));
    mechanic.send("PUT", &path, &[("content-type", "application/json")], Some(finding.to_string().into_bytes())).await
}

async fn complete(mechanic: &Actor<'_>, car: &str, check: &str, body: Value) -> Answer {
    mechanic.post(&format!("{}/{check}/complete", checks(car)), body).await
}

/// A completed check in which these were found, with so many kilometres.
async fn checked(mechanic: &Actor<'_>, car: &str, found: &[(&str, Value)], km: i64) -> String {
    let check = filled_check(mechanic, car, "holiday", found).await;
    complete(mechanic, car, &check, json!({ "odometer": km })).await.ok();
    check
}

/// What is at a place of a check.
fn found(check: &Value, place: &str) -> Value {
    let items = check["groups"].as_array().unwrap().iter().flat_map(|group| group["items"].as_array().unwrap());
    let mut places = items.flat_map(|item| item["places"].as_array().unwrap());
    places.find(|one| one["place"] == place).unwrap_or_else(|| panic!("{place} is not in {check:#}"))["finding"].clone()
}

/// The recommendations of a car: status, place, urgency.
async fn advised(actor: &Actor<'_>, car: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = actor.get(&format!("/v1/passports/{car}/recommendations")).await.items();
    let shown = |one: &Value| {
        (text(&one["status"]), format!("{}.{}", text(&one["task"]), text(&one["position"])), text(&one["urgency"]))
    };
    all.iter().map(shown).collect()
}

fn advice(status: &str, place: &str, urgency: &str) -> (String, String, String) {
    (status.into(), place.into(), urgency.into())
}

both! {
    async fn vc1_a_check_begins_from_a_template_as_it_is_for_the_car(server) {
        let garage = server.garage("vc1a").await;
        let (driver, _, car) = garage.driver("jan@vc1a.example").await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "fuel": "electric" })).await.ok();
        let made = garage.mechanic.post(&checks(&car), json!({ "template": "autostatus" })).await;
        let location = made.header("location").to_owned();
        let etag = made.etag();
        let made = made.created();
        assert_eq!((&made["status"], &made["template"], &made["fuel"]), (&json!("draft"), &json!("autostatus"), &json!("electric")));
        assert_eq!(made["startedBy"]["name"], "mechanic of vc1a");
        assert!(made["name"].as_str().is_some_and(|name| !name.is_empty()) && made["checkedOn"].is_null() && made["odometerKm"].is_null());
        let read = garage.advisor.get(&location).await;
        assert!(read.etag().starts_with(etag.trim_end_matches('"')));
        let read = read.ok();
        assert_eq!(read, made);
        let text = read.to_string();
        assert!(text.contains("\"traction_battery\"") && !text.contains("\"oil_level\"") && text.contains("5.2.27"));
        assert!(made["missing"].as_array().unwrap().contains(&json!(FRONT_LEFT)));
        assert!(!made["missing"].as_array().unwrap().contains(&json!("brake_fluid_water")), "not demanded");
        let id = made["id"].as_str().unwrap();
        for place in ["oil_level", "nothing", "tread_depth", "tread_depth.middle", "windscreen.left", "tread_depth.front_left.x", "%00"] {
            enter(&garage.mechanic, &car, id, place, json!({ "result": "good" })).await.problem(404, "check_unknown_item");
        }
        let dutch = garage.mechanic.send("GET", &location, &[("accept-language", "nl")], None).await.ok();
        assert!(dutch.to_string().contains("Profieldiepte") && !dutch.to_string().contains("Tread depth"));
        garage.mechanic.post(&checks(&car), json!({ "template": "unknown" })).await.wrong(&["#/template not_found"]);
        garage.mechanic.post(&checks(&car), json!({})).await.wrong(&["#/template required"]);
        driver.get(&location).await.problem(404, "not_found");
    }

    async fn vc2_drafts_are_discarded_when_the_passport_is_archived(server) {
        let garage = server.garage("vc2d").await;
        let (driver, _, car) = garage.driver("jan@vc2d.example").await;
        let (_, _, other) = garage.driver("piet@vc2d.example").await;
        let kept = checked(&garage.mechanic, &car, &[], 60_000).await;
        let drafts = [draft_check(&garage.mechanic, &car).await, filled_check(&garage.mechanic, &car, "autostatus", &[]).await];
        let elsewhere = draft_check(&garage.mechanic, &other).await;
        let photo = format!("{}/{}/findings/windscreen/photos", checks(&car), drafts[1]);
        garage.mechanic.send("POST", &photo, &[("content-type", "image/jpeg")], Some(sample("image/jpeg"))).await.created();
        let waiting = async || garage.mechanic.get("/v1/garage/summary").await.ok()["draftChecks"].clone();
        assert_eq!(waiting().await, 3);
        let offer = driver.offer(&car, "new_owner", "piet@vc2d.example").await.created();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.problem(409, "transfer_open");
        assert_eq!(waiting().await, 3, "what is refused discards nothing");
        driver.act(&format!("/v1/transfers/{}/withdraw", offer["id"].as_str().unwrap())).await.ok();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        assert_eq!(waiting().await, 1);
        let ids: Vec<_> = garage.mechanic.get(&checks(&car)).await.items().iter().map(|check| check["id"].clone()).collect();
        assert_eq!(ids, [json!(kept)]);
        for draft in &drafts {
            garage.mechanic.get(&format!("{}/{draft}", checks(&car))).await.problem(404, "not_found");
        }
        garage.mechanic.get(&format!("{}/{elsewhere}", checks(&other))).await.ok();
        let kinds: Vec<_> = garage.events().await.into_iter().map(|(_, kind)| kind).collect();
        assert!(kinds.ends_with(&["vehicle_check_discarded".into(), "vehicle_check_discarded".into(), "passport_archived".into()]), "{kinds:?}");
        // The photos go with them, as when a draft is discarded by hand.
        let stored = || {
            let mut stored = 0;
            server.app.files.storage().list(&mut |batch| { stored += batch.len(); Ok(()) }).unwrap();
            stored
        };
        assert_eq!(stored(), 2);
        server.work();
        assert_eq!(stored(), 0);
    }

    async fn vc2_the_garage_lists_its_drafts_and_its_checks(server) {
        let (garage, other) = (server.garage("vc2g").await, server.garage("vc2h").await);
        let (driver, _, first) = garage.driver("jan@vc2g.example").await;
        let (_, _, second) = garage.driver("piet@vc2g.example").await;
        let (_, _, foreign) = other.driver("els@vc2h.example").await;
        let done = checked(&garage.mechanic, &first, &[(FRONT_LEFT, json!({ "measured": "2.5" }))], 60_000).await;
        let begun = draft_check(&garage.mechanic, &second).await;
        let of_advisor = draft_check(&garage.advisor, &first).await;
        draft_check(&other.mechanic, &foreign).await;
        let list = async |query: &str| {
            let items = garage.mechanic.get(&format!("/v1/checks?{query}")).await.items();
            items.iter().map(|one| one["check"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(list("").await, [&of_advisor, &begun, &done].map(String::as_str), "the newest first");
        assert_eq!(list("status=draft,completed").await.len(), 3);
        assert_eq!(list("status=draft").await, [&of_advisor, &begun].map(String::as_str));
        assert_eq!(list("status=completed").await, [done.as_str()]);
        assert_eq!(list("status=draft&mine=true").await, [begun.as_str()]);
        let shown = garage.advisor.get("/v1/checks?status=completed").await.items();
        let (check, plate) = (&shown[0]["check"], garage.plate_of(&first).await);
        assert_eq!((&shown[0]["passportId"], &shown[0]["licencePlate"]["number"]), (&json!(first), &json!(plate)));
        assert_eq!((&check["results"]["attention"], &check["startedBy"]["name"]), (&json!(1), &json!("mechanic of vc2g")));
        // It is what the summary counts, and what the list of the car shows.
        assert_eq!(garage.admin.get("/v1/garage/summary").await.ok()["draftChecks"], 2);
        assert_eq!(*check, garage.advisor.get(&checks(&first)).await.items()[0]);
        let page = garage.mechanic.get("/v1/checks?limit=2").await;
        assert_eq!(list(&format!("limit=2&cursor={}", page.body["nextCursor"].as_str().unwrap())).await, [done.as_str()]);
        garage.mechanic.get("/v1/checks?status=open").await.wrong(&["status unknown_value"]);
        driver.get("/v1/checks").await.problem(403, "wrong_account_kind");
        // What is archived needs nobody's attention.
        garage.admin.act(&format!("/v1/passports/{second}/archive")).await.ok();
        assert_eq!(list("status=draft").await, [of_advisor.as_str()]);
        assert_eq!(garage.admin.get("/v1/garage/summary").await.ok()["draftChecks"], 1);
    }

    async fn vc2_a_draft_is_filled_in_from_two_tablets_at_once(server) {
        let garage = server.garage("vc2a").await;
        let (_, _, car) = garage.driver("jan@vc2a.example").await;
        let check = filled_check(&garage.mechanic, &car, "holiday", &[]).await;
        let before = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok()["version"].as_i64().unwrap();
        // All at once: two tablets, each at every place but the last, which one of them leaves to the other.
        let places = ["tread_depth.front_left", "tread_depth.front_right", "tread_depth.rear_left", "tread_depth.rear_right", "windscreen", "lights"];
        let mut racing = Vec::new();
        for (number, place) in places.into_iter().enumerate() {
            let actor = if number % 2 == 0 { &garage.mechanic } else { &garage.advisor };
            let body = if place.starts_with("tread") { json!({ "measured": format!("{}.5", number + 4) }) } else { json!({ "result": "attention", "note": place }) };
            let request = server.client.put(format!("{}{}/{check}/findings/{place}", server.url, checks(&car)));
            let request = request.bearer_auth(actor.token.clone().unwrap()).header("content-type", "application/json").body(body.to_string());
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        for race in racing {
            assert_eq!(race.await.unwrap(), 200);
        }
        let read = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok();
        for (number, place) in places.into_iter().enumerate().take(4) {
            assert_eq!(found(&read, place)["measured"], format!("{}.5", number + 4), "{place}");
        }
        assert_eq!((found(&read, "windscreen")["note"].as_str(), found(&read, "lights")["result"].as_str()), (Some("windscreen"), Some("attention")));
        assert_eq!(read["version"].as_i64().unwrap(), before + 6);
        // At one place the last one counts, and is shown what was there.
        let first = enter(&garage.mechanic, &car, &check, FRONT_LEFT, json!({ "measured": "5" })).await.ok();
        assert_eq!((first["before"]["measured"].as_str(), first["before"]["foundBy"]["name"].as_str()), (Some("4.5"), Some("mechanic of vc2a")));
        let second = enter(&garage.advisor, &car, &check, FRONT_LEFT, json!({ "measured": "2.80", "note": "Binnenkant" })).await.ok();
        assert_eq!((second["before"]["measured"].as_str(), second["finding"]["measured"].as_str()), (Some("5"), Some("2.8")));
        assert_eq!((second["finding"]["result"].as_str(), second["finding"]["foundBy"]["name"].as_str()), (Some("attention"), Some("advisor of vc2a")));
        assert_eq!((&second["missing"], &second["place"]), (&json!([]), &json!(FRONT_LEFT)));
        let read = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok();
        assert_eq!((&found(&read, FRONT_LEFT), &read["version"]), (&second["finding"], &second["checkVersion"]));
        // What was entered by mistake is taken out.
        let place = format!("{}/{check}/findings/{FRONT_LEFT}", checks(&car));
        assert_eq!(garage.mechanic.send("DELETE", &place, &[], None).await.status, 204);
        let read = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok();
        assert_eq!((found(&read, FRONT_LEFT), &read["missing"]), (Value::Null, &json!([FRONT_LEFT])));
        for gone in [place, format!("{}/{check}/findings/nothing", checks(&car))] {
            garage.mechanic.send("DELETE", &gone, &[], None).await.problem(404, "not_found");
        }
    }

    async fn vc2_two_tablets_begin_one_draft_of_a_template(server) {
        let garage = server.garage("vc2i").await;
        let (driver, _, car) = garage.driver("jan@vc2i.example").await;
        let mut racing = Vec::new();
        for number in 0..8 {
            let actor = if number % 2 == 0 { &garage.mechanic } else { &garage.advisor };
            let request = server.client.post(format!("{}{}", server.url, checks(&car)));
            let request = request.bearer_auth(actor.token.clone().unwrap()).header("content-type", "application/json");
            let request = request.body(json!({ "template": "holiday" }).to_string());
            racing.push(actix_web::rt::spawn(async move {
                let answer = request.send().await.unwrap();
                (answer.status().as_u16(), serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap())
            }));
        }
        let mut answers = Vec::new();
        for race in racing {
            answers.push(race.await.unwrap());
        }
        answers.sort_by_key(|(status, _)| *status);
        let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [vec![201], vec![409; 7]].concat());
        let draft = &answers[0].1["id"];
        for (_, problem) in &answers[1..] {
            assert_eq!(problem["code"], "check_draft_exists");
            let error = &problem["errors"][0];
            assert_eq!((&error["pointer"], &error["code"], &error["otherId"]), (&json!("#/template"), &json!("draft_open"), draft));
        }
        // Another template, and another car, have drafts of their own.
        let other = garage.mechanic.post(&checks(&car), json!({ "template": "autostatus" })).await.id();
        let (_, _, second) = garage.driver("piet@vc2i.example").await;
        garage.mechanic.post(&checks(&second), json!({ "template": "holiday" })).await.created();
        // The list is narrowed down to drafts, or to what is completed.
        let draft = draft.as_str().unwrap();
        let missing = garage.mechanic.get(&format!("{}/{draft}", checks(&car))).await.ok()["missing"].clone();
        for place in missing.as_array().unwrap() {
            enter(&garage.mechanic, &car, draft, place.as_str().unwrap(), json!({ "result": "good" })).await.ok();
        }
        complete(&garage.mechanic, &car, draft, json!({ "odometer": 60_000 })).await.ok();
        let ids = async |actor: &Actor<'_>, query: &str| -> Vec<String> {
            let items = actor.get(&format!("{}{query}", checks(&car))).await.items();
            items.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&garage.mechanic, "?status=draft").await, std::slice::from_ref(&other));
        assert_eq!(ids(&garage.mechanic, "?status=completed").await, [draft]);
        assert_eq!(ids(&garage.mechanic, "?status=completed,draft").await.len(), 2);
        assert_eq!((ids(&driver, "?status=draft").await.len(), ids(&driver, "").await), (0, vec![draft.to_owned()]));
        garage.mechanic.get(&format!("{}?status=new", checks(&car))).await.wrong(&["status unknown_value"]);
        // A completed one stands in nobody's way.
        garage.mechanic.post(&checks(&car), json!({ "template": "holiday" })).await.created();
    }

    async fn vc2_a_finding_is_replaced_whole_and_if_match_protects_what_someone_else_entered(server) {
        let garage = server.garage("vc2j").await;
        let (_, _, car) = garage.driver("jan@vc2j.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let place = format!("{}/{check}/findings/{FRONT_LEFT}", checks(&car));
        // Nothing is there yet.
        garage.mechanic.change("PUT", &place, "\"1\"", json!({ "measured": "2.8" })).await.problem(412, "precondition_failed");
        let version = |entered: &Value| format!("\"{}\"", entered["finding"]["version"]);
        let first = enter(&garage.mechanic, &car, &check, FRONT_LEFT, json!({ "measured": "2.8", "note": "Binnenkant" })).await.ok();
        // What happens elsewhere in the check does not change it.
        enter(&garage.advisor, &car, &check, "windscreen", json!({ "result": "good" })).await.ok();
        let body = json!({ "measured": "2.6", "note": "Buitenkant" });
        let second = garage.advisor.change("PUT", &place, &version(&first), body).await.ok();
        assert_eq!(second["before"], first["finding"]);
        for (method, body) in [("PUT", json!({ "measured": "2.5" })), ("DELETE", Value::Null)] {
            garage.mechanic.change(method, &place, &version(&first), body).await.problem(412, "precondition_failed");
        }
        let read = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok();
        assert_eq!(found(&read, FRONT_LEFT), second["finding"]);
        assert_eq!(second["finding"]["note"], "Buitenkant");
        // Without a condition it is replaced whole: the note is gone.
        let third = enter(&garage.mechanic, &car, &check, FRONT_LEFT, json!({ "measured": "2.5" })).await.ok();
        assert_eq!(third["finding"]["note"], Value::Null);
        assert_ne!(version(&third), version(&second));
        garage.mechanic.change("DELETE", &place, &version(&third), Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
    }

    async fn vc6_the_customer_reads_what_was_measured_where_and_what_it_should_be(server) {
        let garage = server.garage("vc6b").await;
        let (driver, _, car) = garage.driver("jan@vc6b.example").await;
        let low = [
            ("tread_depth.rear_left", json!({ "measured": "1.5" })), ("tyre_pressure.rear_left", json!({ "measured": "1.7" })),
            ("tyre_damage.rear_left", json!({ "result": "attention", "note": "Snee in de wang" })), ("lights", json!({ "result": "attention" })),
        ];
        let check = checked(&garage.mechanic, &car, &low, 60_000).await;
        let path = format!("/v1/passports/{car}/recommendations");
        let read = async |language: &'static str| -> std::collections::BTreeMap<String, Value> {
            let all = driver.send("GET", &path, &[("accept-language", language)], None).await.items();
            all.into_iter().map(|one| (one["task"].as_str().unwrap().to_owned(), one)).collect()
        };
        let (english, dutch) = (read("en").await, read("nl").await);
        assert_eq!(english["tyres"]["text"], "Tread depth rear left: 1.5 mm (at least 1.6 mm)\nSnee in de wang");
        assert_eq!(dutch["tyres"]["text"], "Profieldiepte linksachter: 1,5 mm (minimaal 1,6 mm)\nSnee in de wang");
        assert_eq!((&english["tyres"]["positionName"], &dutch["tyres"]["positionName"]), (&json!("rear left"), &json!("linksachter")));
        // A tyre that is too soft is pumped up.
        assert_eq!(english["tyre_pressure"]["text"], "Tyre pressure rear left: 1.7 bar (advised: more than 1.9 bar)");
        assert_eq!(dutch["tyre_pressure"]["taskName"], "Bandenspanning bijstellen");
        assert_eq!((&dutch["lights"]["text"], &english["lights"]["text"]), (&json!("Verlichting"), &json!("Lights")));
        // The places in the check say which of its photos belong to it.
        assert_eq!(english["tyres"]["checkId"], check);
        let tread = json!({
            "place": "tread_depth.rear_left", "item": "tread_depth", "itemName": "Tread depth", "position": "rear_left",
            "positionName": "rear left", "measured": "1.5", "unit": "mm", "limit": { "kind": "at_least", "value": "1.6" }, "note": null,
        });
        let damage = json!({
            "place": "tyre_damage.rear_left", "item": "tyre_damage", "itemName": "Damage or cracks", "position": "rear_left",
            "positionName": "rear left", "measured": null, "unit": null, "limit": null, "note": "Snee in de wang",
        });
        assert_eq!(english["tyres"]["findings"], json!([tread, damage]));
        let shown = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok().to_string();
        assert!(shown.contains("\"positionName\":\"rear left\""), "{shown}");
    }

    async fn vc2_two_mechanics_complete_a_check_once(server) {
        let garage = server.garage("vc2b").await;
        let (driver, _, car) = garage.driver("jan@vc2b.example").await;
        let check = filled_check(&garage.mechanic, &car, "holiday", &[(FRONT_LEFT, json!({ "measured": "1.2" }))]).await;
        let mut racing = Vec::new();
        for number in 0..8 {
            let actor = if number % 2 == 0 { &garage.mechanic } else { &garage.advisor };
            let request = server.client.post(format!("{}{}/{check}/complete", server.url, checks(&car)));
            let request = request.bearer_auth(actor.token.clone().unwrap()).header("content-type", "application/json");
            let request = request.body(json!({ "odometer": 60_000 }).to_string());
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        let mut statuses = Vec::new();
        for race in racing {
            statuses.push(race.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![409; 7]].concat());
        assert_eq!(advised(&driver, &car).await, [advice("open", "tyres.front_left", "urgent")]);
        assert_eq!(garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items().len(), 1);
        // Nothing changes it from now on.
        let path = format!("{}/{check}", checks(&car));
        let done = garage.mechanic.get(&path).await.ok();
        enter(&garage.mechanic, &car, &check, "windscreen", json!({ "result": "urgent" })).await.problem(409, "check_completed");
        garage.mechanic.send("DELETE", &format!("{path}/findings/windscreen"), &[], None).await.problem(409, "check_completed");
        garage.mechanic.send("DELETE", &path, &[], None).await.problem(409, "check_completed");
        complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_100 })).await.problem(409, "check_completed");
        assert_eq!(garage.mechanic.get(&path).await.ok(), done);
        let kinds: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).filter(|kind| kind.contains("check") || kind.contains("recommendation")).collect();
        assert_eq!(kinds, ["vehicle_check_started", "vehicle_check_completed", "recommendation_made"]);
    }

    async fn vc2_a_repeat_is_the_same_answer_and_a_stale_version_is_refused(server) {
        let garage = server.garage("vc2c").await;
        let (_, _, car) = garage.driver("jan@vc2c.example").await;
        let headers = [("content-type", "application/json"), ("idempotency-key", "vc2c")];
        let begin = async || garage.mechanic.send("POST", &checks(&car), &headers, Some(json!({ "template": "holiday" }).to_string().into_bytes())).await.created();
        assert_eq!(begin().await, begin().await);
        assert_eq!(garage.mechanic.get(&checks(&car)).await.items().len(), 1);
        let check = filled_check(&garage.mechanic, &car, "autostatus", &[]).await;
        let path = format!("{}/{check}", checks(&car));
        let body = json!({ "odometer": 60_000 });
        garage.mechanic.change("POST", &format!("{path}/complete"), "\"1\"", body.clone()).await.problem(412, "precondition_failed");
        garage.mechanic.change("DELETE", &path, "\"1\"", Value::Null).await.problem(412, "precondition_failed");
        let headers = [("content-type", "application/json"), ("idempotency-key", "vc2c-2")];
        let finish = async || garage.mechanic.send("POST", &format!("{path}/complete"), &headers, Some(body.to_string().into_bytes())).await;
        assert_eq!(finish().await.ok(), finish().await.ok());
        assert_eq!(garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items().len(), 1);
    }

    async fn vc2_a_draft_is_the_garages_and_can_be_discarded(server) {
        let garage = server.garage("vc2d").await;
        let fleet = garage.fleet("vc2d-fleet").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@vc2d.example").await;
        let check = filled_check(&garage.mechanic, &car, "holiday", &[]).await;
        let path = format!("{}/{check}", checks(&car));
        for customer in [&driver, &fleet.account] {
            customer.get(&path).await.problem(404, "not_found");
            assert!(customer.get(&checks(&car)).await.items().is_empty());
            customer.post(&checks(&car), json!({ "template": "holiday" })).await.problem(403, "staff_only");
            enter(customer, &car, &check, "windscreen", json!({ "result": "good" })).await.problem(403, "staff_only");
            customer.send("DELETE", &format!("{path}/findings/windscreen"), &[], None).await.problem(403, "staff_only");
            complete(customer, &car, &check, json!({ "odometer": 1 })).await.problem(403, "staff_only");
            customer.send("DELETE", &path, &[], None).await.problem(403, "staff_only");
        }
        let listed = garage.admin.get(&checks(&car)).await.items();
        assert_eq!((listed.len(), &listed[0]["status"], listed[0]["results"]["good"].as_i64()), (1, &json!("draft"), Some(16)));
        let other = garage.advisor.post(&checks(&car), json!({ "template": "autostatus" })).await.id();
        assert_eq!(garage.mechanic.send("DELETE", &format!("{}/{other}", checks(&car)), &[], None).await.status, 204);
        garage.mechanic.get(&format!("{}/{other}", checks(&car))).await.problem(404, "not_found");
        garage.mechanic.send("DELETE", &format!("{}/{other}", checks(&car)), &[], None).await.problem(404, "not_found");
        assert!(garage.events().await.iter().any(|(_, kind)| kind == "vehicle_check_discarded"));
        // When it is completed, customers read it, without the names of those who work at the garage.
        complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_000 })).await.ok();
        for customer in [&driver, &fleet.account] {
            let read = customer.get(&path).await.ok();
            assert_eq!((&read["status"], &read["checkedOn"], &read["odometerKm"]), (&json!("completed"), &json!(TODAY), &json!(60_000)));
            let listed = customer.get(&checks(&car)).await.items();
            assert_eq!((listed.len(), &listed[0]["results"]["good"]), (1, &json!(16)));
            let told = format!("{read}{listed:?}");
            assert!(!told.contains("mechanic of") && read["completedBy"].is_null() && found(&read, "windscreen")["foundBy"].is_null());
        }
        let read = garage.advisor.get(&path).await.ok();
        assert_eq!((&read["completedBy"]["name"], &found(&read, "windscreen")["foundBy"]["name"]), (&json!("mechanic of vc2d"), &json!("mechanic of vc2d")));
    }

    async fn vc2_a_mistake_is_mended_by_a_check_that_replaces_it(server) {
        let garage = server.garage("vc2e").await;
        let (_, _, car) = garage.driver("jan@vc2e.example").await;
        let (_, _, other_car) = garage.driver("piet@vc2e.example").await;
        let wrong = checked(&garage.mechanic, &car, &[(FRONT_LEFT, json!({ "measured": "1.2" }))], 60_000).await;
        assert_eq!(advised(&garage.admin, &car).await, [advice("open", "tyres.front_left", "urgent")]);
        let replacing = |former: &str| json!({ "template": "holiday", "replacesId": former });
        let unfinished = draft_check(&garage.mechanic, &car).await;
        for unknown in [UNKNOWN, unfinished.as_str()] {
            let answer = garage.mechanic.post(&checks(&car), replacing(unknown)).await;
            answer.problem(400, "check_replaces_unknown");
            assert_eq!((&answer.body["errors"][0]["pointer"], &answer.body["errors"][0]["code"]), (&json!("#/replacesId"), &json!("not_found")));
        }
        garage.mechanic.post(&checks(&other_car), replacing(&wrong)).await.problem(400, "check_replaces_unknown");
        assert_eq!(garage.mechanic.send("DELETE", &format!("{}/{unfinished}", checks(&car)), &[], None).await.status, 204);
        // Two drafts may be to replace it, by two templates; the one that is completed first does.
        let begin = async |template: &str| {
            let made = garage.mechanic.post(&checks(&car), json!({ "template": template, "replacesId": wrong })).await.created();
            assert_eq!(made["replacesId"], wrong);
            let id = made["id"].as_str().unwrap().to_owned();
            for place in made["missing"].as_array().unwrap() {
                enter(&garage.mechanic, &car, &id, place.as_str().unwrap(), json!({ "result": "good" })).await.ok();
            }
            id
        };
        let (first, second) = (begin("holiday").await, begin("autostatus").await);
        let before = garage.mechanic.get(&format!("{}/{wrong}", checks(&car))).await.ok();
        assert!(before["replacedById"].is_null());
        complete(&garage.mechanic, &car, &first, json!({ "odometer": 60_000 })).await.ok();
        complete(&garage.mechanic, &car, &second, json!({ "odometer": 60_000 })).await.problem(409, "check_already_replaced");
        garage.mechanic.post(&checks(&car), replacing(&wrong)).await.problem(409, "check_already_replaced");
        let after = garage.mechanic.get(&format!("{}/{wrong}", checks(&car))).await.ok();
        assert_eq!((&after["replacedById"], &after["groups"], &after["version"]), (&json!(first), &before["groups"], &before["version"]));
        let listed = garage.mechanic.get(&checks(&car)).await.items();
        assert_eq!((&listed[0]["replacedById"], &listed[2]["replacesId"]), (&json!(first), &json!(wrong)));
        garage.mechanic.send("DELETE", &format!("{}/{second}", checks(&car)), &[], None).await;
        assert_eq!(advised(&garage.admin, &car).await, [advice("superseded", "tyres.front_left", "urgent")]);
    }

    async fn vc3_a_measurement_suggests_and_is_never_implausible(server) {
        let garage = server.garage("vc3").await;
        let (_, _, car) = garage.driver("jan@vc3.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let put = async |place: &str, body: Value| enter(&garage.mechanic, &car, &check, place, body).await;
        for (value, result) in [("8", "good"), ("3", "attention"), ("1.6", "attention"), ("1.59", "urgent"), ("0", "urgent")] {
            assert_eq!(put(FRONT_LEFT, json!({ "measured": value })).await.ok()["finding"]["result"], result, "{value}");
        }
        for far in ["15.01", "-1", "999999999"] {
            let answer = put(FRONT_LEFT, json!({ "measured": far })).await;
            answer.problem(400, "check_measurement_implausible");
            let error = &answer.body["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!("#/measured"), &json!("not_plausible")));
            assert_eq!(error["detail"], "must be from 0 mm to 15 mm");
        }
        for bad in ["NaN", "1,6", "", "1e2", "1.234", "+1", "12 mm", "1234567890123", "Infinity"] {
            put(FRONT_LEFT, json!({ "measured": bad })).await.wrong(&["#/measured decimal_invalid"]);
        }
        let number = put(FRONT_LEFT, json!({ "measured": 1.6 })).await;
        number.wrong(&["#/measured decimal_not_text"]);
        assert!(number.body["errors"][0]["detail"].as_str().is_some_and(|detail| detail.contains("quotes")));
        put(FRONT_LEFT, json!({ "result": "fine" })).await.wrong(&["#/result unknown_value"]);
        put(FRONT_LEFT, json!({})).await.problem(400, "check_finding_empty");
        put("windscreen", json!({ "measured": "1" })).await.problem(400, "check_not_measured");
        let otherwise = json!({ "measured": "1.2", "result": "attention" });
        put(FRONT_LEFT, otherwise).await.problem(400, "check_reason_missing");
        let with_reason = json!({ "measured": "1.2", "result": "attention", "reason": "Alleen de rand" });
        assert_eq!(put(FRONT_LEFT, with_reason).await.ok()["finding"]["reason"], "Alleen de rand");
        put(FRONT_LEFT, json!({ "result": "good", "note": "x".repeat(1_001) })).await.wrong(&["#/note too_long"]);
        let kept = garage.mechanic.get(&format!("{}/{check}", checks(&car))).await.ok();
        assert_eq!((&found(&kept, FRONT_LEFT)["measured"], &found(&kept, FRONT_LEFT)["result"]), (&json!("1.2"), &json!("attention")));
    }

    async fn vc4_a_check_is_completed_when_all_is_there_on_a_day_that_can_be(server) {
        let garage = server.garage("vc4").await;
        let (_, _, car) = garage.driver("jan@vc4.example").await;
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "year": 2020 })).await.ok();
        let check = garage.mechanic.post(&checks(&car), json!({ "template": "autostatus" })).await.created();
        let incomplete = complete(&garage.mechanic, &car, check["id"].as_str().unwrap(), json!({ "odometer": 60_000 })).await;
        incomplete.problem(409, "check_incomplete");
        let (errors, missing) = (incomplete.body["errors"].as_array().unwrap(), check["missing"].as_array().unwrap());
        assert_eq!(errors.len(), missing.len());
        for (error, place) in errors.iter().zip(missing) {
            assert_eq!((&error["parameter"], &error["code"]), (&json!("checkId"), &json!("place_without_result")));
            assert_eq!(error["detail"], format!("has no result at {}", place.as_str().unwrap()));
        }
        let check = filled_check(&garage.mechanic, &car, "holiday", &[(FRONT_LEFT, json!({ "result": "not_checked" }))]).await;
        for day in ["2026-02-26", "2019-12-31"] {
            complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_000, "checkedOn": day })).await.problem(400, "check_day");
        }
        complete(&garage.mechanic, &car, &check, json!({})).await.wrong(&["#/odometer required"]);
        complete(&garage.mechanic, &car, &check, json!({ "odometer": 1_999_999, "unit": "mi" })).await.wrong(&["#/odometer out_of_range"]);
        // The odometer is a reading like every other: unlikely ones are confirmed.
        let reading = json!({ "value": 61_000, "readOn": "2026-02-20" });
        garage.mechanic.post(&format!("/v1/passports/{car}/odometer/readings"), reading).await.created();
        let unlikely = complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_000 })).await;
        unlikely.problem(409, "odometer_unconfirmed");
        assert_eq!((&unlikely.body["errors"][0]["pointer"], &unlikely.body["errors"][0]["code"]), (&json!("#/odometer"), &json!("odometer_falls")));
        let done = complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_000, "confirm": true, "checkedOn": "2026-02-24" })).await;
        assert!(done.headers.contains_key("etag"));
        let done = done.ok();
        assert_eq!((&done["checkedOn"], &done["odometerKm"], &done["status"]), (&json!("2026-02-24"), &json!(60_000), &json!("completed")));
        let readings = garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items();
        assert_eq!((readings.len(), &readings[1]["readOn"], &readings[1]["confirmed"]), (2, &json!("2026-02-24"), &json!(true)));
        assert_eq!(garage.admin.get(&format!("/v1/passports/{car}")).await.ok()["odometerKm"], 60_000);
        // Miles are shown in kilometres.
        let check = filled_check(&garage.mechanic, &car, "holiday", &[]).await;
        let done = complete(&garage.mechanic, &car, &check, json!({ "odometer": 38_000, "unit": "mi", "confirm": true })).await.ok();
        assert_eq!(done["odometerKm"], 61_155);
    }

    async fn vc6_what_is_not_good_becomes_a_recommendation_or_renews_it(server) {
        let garage = server.garage("vc6").await;
        let (driver, _, car) = garage.driver("jan@vc6.example").await;
        let worn = [(FRONT_LEFT, json!({ "measured": "2.5", "note": "Binnenkant" })), ("lights", json!({ "result": "attention" })), ("wipers.rear", json!({ "result": "not_checked" }))];
        let first = checked(&garage.mechanic, &car, &worn, 60_000).await;
        let (tyre, lights) = (advice("open", "tyres.front_left", "attention"), advice("open", "lights.", "attention"));
        assert_eq!(advised(&driver, &car).await.into_iter().collect::<std::collections::BTreeSet<_>>(), [tyre, lights.clone()].into());
        let all = driver.get(&format!("/v1/passports/{car}/recommendations")).await.items();
        let tyre = all.iter().find(|one| one["task"] == "tyres").unwrap();
        assert_eq!((&tyre["text"], &tyre["checkId"], &tyre["taskName"]), (&json!("Binnenkant"), &json!(first), &json!("Tyre replacement")));
        // Worse than before: it is made anew. The lights are good now. What was not looked at stays.
        let second = checked(&garage.mechanic, &car, &[(FRONT_LEFT, json!({ "measured": "1.2" })), ("wipers.rear", json!({ "result": "urgent" }))], 60_000).await;
        let third = checked(&garage.mechanic, &car, &[(FRONT_LEFT, json!({ "result": "not_checked" })), ("tyre_damage.front_left", json!({ "result": "not_checked" })), ("wipers.rear", json!({ "result": "not_checked" })), ("wipers.front", json!({ "result": "attention" }))], 60_000).await;
        let now: std::collections::BTreeSet<_> = advised(&driver, &car).await.into_iter().collect();
        assert_eq!(now, [
            advice("superseded", "tyres.front_left", "attention"), advice("superseded", "lights.", "attention"),
            advice("open", "tyres.front_left", "urgent"), advice("open", "wipers.rear", "urgent"), advice("open", "wipers.front", "attention"),
        ].into());
        let tyre = driver.get(&format!("/v1/passports/{car}/recommendations/{}", tyre["id"].as_str().unwrap())).await.ok();
        assert_eq!((&tyre["status"], &tyre["supersededById"], tyre["endedAt"].is_string()), (&json!("superseded"), &json!(second), true));
        let listed = driver.get(&checks(&car)).await.items();
        assert_eq!(listed[2]["id"], third);
        assert_eq!(listed[2]["results"], json!({ "good": 12, "attention": 1, "urgent": 0, "notChecked": 3 }));
        // Damage and wear of one tyre are one recommendation, with the greater urgency and both texts.
        let (_, _, other) = garage.driver("piet@vc6.example").await;
        checked(&garage.mechanic, &other, &[(FRONT_LEFT, json!({ "measured": "2.5", "note": "Slijtage" })), ("tyre_damage.front_left", json!({ "result": "urgent", "note": "Snee" }))], 10_000).await;
        let all = garage.admin.get(&format!("/v1/passports/{other}/recommendations")).await.items();
        assert_eq!((all.len(), &all[0]["urgency"]), (1, &json!("urgent")));
        assert!(all[0]["text"].as_str().is_some_and(|text| text.contains("Slijtage") && text.contains("Snee")));
    }

    async fn vc6_what_is_newer_than_a_check_stands(server) {
        let garage = server.garage("vc6d").await;
        let (driver, _, car) = garage.driver("jan@vc6d.example").await;
        let records = format!("/v1/passports/{car}/service-records");
        let status = async || driver.get(&format!("/v1/passports/{car}/status")).await.ok()["carStatus"].clone();
        let of_day = async |on: &str, found: &[(&str, Value)], km: i64| {
            let check = filled_check(&garage.mechanic, &car, "holiday", found).await;
            complete(&garage.mechanic, &car, &check, json!({ "odometer": km, "checkedOn": on })).await.ok();
            check
        };
        let today = checked(&garage.mechanic, &car, &[(FRONT_LEFT, json!({ "measured": "1.2" }))], 60_000).await;
        let open = advice("open", "tyres.front_left", "urgent");
        // Checks of the year before say nothing about what was found today. What the second found was found anew since.
        of_day("2025-02-01", &[(FRONT_LEFT, json!({ "measured": "8" }))], 40_000).await;
        assert_eq!(advised(&driver, &car).await, std::slice::from_ref(&open));
        of_day("2025-03-01", &[(FRONT_LEFT, json!({ "measured": "2" }))], 41_000).await;
        assert_eq!(advised(&driver, &car).await, [open.clone(), advice("superseded", "tyres.front_left", "attention")]);
        let all = driver.get(&format!("/v1/passports/{car}/recommendations")).await.items();
        let days: Vec<&str> = all.iter().map(|one| one["advisedOn"].as_str().unwrap()).collect();
        assert_eq!((days, &all[1]["supersededById"]), (vec![TODAY, "2025-03-01"], &json!(today)));
        // The wipers were replaced in January, so what a check of December found about them was done since.
        let work = json!({ "doneOn": "2026-01-15", "lines": [{ "task": "wipers" }] });
        let work = garage.mechanic.post(&records, work).await.created();
        of_day("2025-12-01", &[("wipers.front", json!({ "result": "urgent" }))], 55_000).await;
        assert_eq!(advised(&driver, &car).await[2], advice("done", "wipers.front", "urgent"));
        // That was a mistake: it was the lights. So the wipers wait, as if nobody had ever written anything else.
        let lights = json!({ "doneOn": "2026-01-15", "lines": [{ "task": "lights" }], "replacesId": work["id"] });
        garage.mechanic.post(&records, lights).await.created();
        // Today's check found them good.
        assert_eq!(advised(&driver, &car).await[2], advice("superseded", "wipers.front", "urgent"));
        assert_eq!((advised(&driver, &car).await[0].clone(), status().await), (open, json!("urgent")));
    }

    async fn vc6_what_overtook_a_finding_by_mistake_lets_it_wait_again(server) {
        let garage = server.garage("vc6e").await;
        let (driver, _, car) = garage.driver("jan@vc6e.example").await;
        let records = format!("/v1/passports/{car}/service-records");
        let work = json!({ "doneOn": "2026-01-12", "lines": [{ "task": "lights" }] });
        let work = garage.mechanic.post(&records, work).await.created();
        let check = filled_check(&garage.mechanic, &car, "holiday", &[("lights", json!({ "result": "urgent" }))]).await;
        complete(&garage.mechanic, &car, &check, json!({ "odometer": 55_000, "checkedOn": "2026-01-10" })).await.ok();
        assert_eq!(advised(&driver, &car).await, [advice("done", "lights.", "urgent")]);
        let wipers = json!({ "doneOn": "2026-01-12", "lines": [{ "task": "wipers" }], "replacesId": work["id"] });
        let wipers = garage.mechanic.post(&records, wipers).await.created();
        assert_eq!(advised(&driver, &car).await, [advice("open", "lights.", "urgent")]);
        // What a check advises is of its day: work after that day does it, and work before it does not.
        let before = json!({ "doneOn": "2026-01-09", "lines": [{ "task": "lights" }] });
        assert_eq!(garage.mechanic.post(&records, before).await.created()["closedRecommendationIds"], json!([]));
        let both = json!({ "doneOn": "2026-01-12", "lines": [{ "task": "lights" }], "replacesId": wipers["id"] });
        garage.mechanic.post(&records, both).await.created();
        assert_eq!(advised(&driver, &car).await, [advice("done", "lights.", "urgent")]);
        // A check that mends a slip in that of January 10 keeps its place: the work is done.
        let made = garage.mechanic.post(&checks(&car), json!({ "template": "holiday", "replacesId": check })).await.created();
        for place in made["missing"].as_array().unwrap() {
            let place = place.as_str().unwrap();
            let result = if place == "lights" { "attention" } else { "good" };
            enter(&garage.mechanic, &car, made["id"].as_str().unwrap(), place, json!({ "result": result })).await.ok();
        }
        // The odometer was mistyped too; its reading is corrected with the check.
        complete(&garage.mechanic, &car, made["id"].as_str().unwrap(), json!({ "odometer": 45_000, "checkedOn": "2026-01-10" })).await.ok();
        let mut now = advised(&driver, &car).await;
        now.sort_unstable();
        assert_eq!(now, [advice("done", "lights.", "attention"), advice("superseded", "lights.", "urgent")]);
        let odometer = garage.admin.get(&format!("/v1/passports/{car}/odometer")).await.ok();
        assert!(odometer.to_string().contains("45000") && !odometer.to_string().contains("55000"), "{odometer}");
    }

    async fn vc2_what_a_mistaken_check_had_ended_waits_again(server) {
        let garage = server.garage("vc2k").await;
        let (driver, _, car) = garage.driver("jan@vc2k.example").await;
        let found = [(FRONT_LEFT, json!({ "measured": "1.2" })), ("lights", json!({ "result": "urgent" }))];
        checked(&garage.mechanic, &car, &found, 60_000).await;
        let all = driver.get(&format!("/v1/passports/{car}/recommendations")).await.items();
        let lights = all.iter().find(|one| one["task"] == "lights").unwrap()["id"].as_str().unwrap().to_owned();
        driver.post(&format!("/v1/passports/{car}/recommendations/{lights}/agree"), json!({})).await.ok();
        // By mistake, all is good. The right check looked at the tyre, and not at the lights.
        let wrong = checked(&garage.mechanic, &car, &[], 60_000).await;
        let status = async || driver.get(&format!("/v1/passports/{car}/status")).await.ok()["carStatus"].clone();
        assert_ne!(status().await, "urgent");
        let made = garage.mechanic.post(&checks(&car), json!({ "template": "holiday", "replacesId": wrong })).await.created();
        let right = made["id"].as_str().unwrap();
        for place in made["missing"].as_array().unwrap() {
            let place = place.as_str().unwrap();
            let result = if place == "lights" { "not_checked" } else { "good" };
            enter(&garage.mechanic, &car, right, place, json!({ "result": result })).await.ok();
        }
        complete(&garage.mechanic, &car, right, json!({ "odometer": 60_000 })).await.ok();
        let mut now = advised(&driver, &car).await;
        now.sort_unstable();
        assert_eq!(now, [advice("open", "lights.", "urgent"), advice("superseded", "tyres.front_left", "urgent")]);
        let reopened = driver.get(&format!("/v1/passports/{car}/recommendations/{lights}")).await.ok();
        assert_eq!((&reopened["agreed"]["channel"], &reopened["supersededById"], &reopened["endedAt"]), (&json!("app"), &Value::Null, &Value::Null));
        assert_eq!(status().await, "urgent");
        let events = garage.events().await.into_iter().map(|(_, kind)| kind);
        assert_eq!(events.filter(|kind| kind == "recommendation_reopened").count(), 1);
    }

    async fn ec6_the_driver_of_a_fleet_car_reads_no_amounts_in_what_is_found_and_advised(server) {
        let garage = server.garage("ec6n").await;
        let fleet = garage.fleet("fleet-ec6n").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@ec6n.example").await;
        let worn = json!({ "result": "attention", "measured": "1.2", "note": "Binnenkant", "reason": "Nieuw is 4321 euro" });
        let found = [("lights", json!({ "result": "urgent", "note": "Kost 450 euro" })), (FRONT_LEFT, worn)];
        let check = checked(&garage.mechanic, &car, &found, 60_000).await;
        // The garage's own template has names that say amounts.
        let names = |nl: &str| json!({ "nl": nl, "en": nl });
        let item = json!({ "key": "wiper_blades", "names": names("Wissers (nieuw 4321 euro)"), "task": "wipers" });
        let group = json!({ "key": "all_round", "names": names("Rondom, € 4321"), "items": [item] });
        let own = json!({ "key": "summer_offer", "names": names("Zomeractie € 4321"), "groups": [group] });
        garage.advisor.post("/v1/check-templates", own).await.created();
        let result = json!({ "result": "urgent" });
        let offered = filled_check(&garage.mechanic, &car, "summer_offer", &[("wiper_blades", result)]).await;
        complete(&garage.mechanic, &car, &offered, json!({ "odometer": 60_000 })).await.ok();
        let words = json!({ "text": "Samen € 731,00", "urgency": "attention" });
        let alone = garage.advisor.post(&format!("/v1/passports/{car}/recommendations"), words).await.created()["id"].clone();
        let alone = format!("recommendations/{}", alone.as_str().unwrap());
        let (check, offered) = (format!("checks/{check}"), format!("checks/{offered}"));
        let amounts = ["450 euro", "€ 731,00", "4321 euro", "€ 4321"];
        for (place, said, shown) in [
            (check.as_str(), vec!["450 euro", "4321 euro"], vec!["Binnenkant"]),
            (&offered, vec!["4321 euro", "€ 4321"], vec!["Summer offer", "All round", "Wiper blades"]),
            ("checks", vec!["€ 4321"], vec!["Summer offer"]),
            ("recommendations", vec!["450 euro", "€ 731,00", "4321 euro"], vec!["Binnenkant", "Wiper blades"]),
            ("expected-maintenance", vec!["450 euro", "€ 731,00", "4321 euro"], vec!["Binnenkant", "Wiper blades"]),
            (&alone, vec!["€ 731,00"], vec!["Advised work"]),
        ] {
            let read = async |who: &Actor<'_>| who.get(&format!("/v1/passports/{car}/{place}")).await.ok().to_string();
            let (of_driver, of_fleet) = (read(&driver).await, read(&fleet.account).await);
            assert!(!amounts.iter().any(|text| of_driver.contains(text)), "{place}: {of_driver}");
            assert!(said.iter().all(|text| of_fleet.contains(text)), "{place}: {of_fleet}");
            assert!(shown.iter().all(|text| of_driver.contains(text)), "{place}: {of_driver}");
        }
    }

    async fn vc2_the_car_is_handed_over_between_draft_and_completion(server) {
        let garage = server.garage("vc2f").await;
        let (former, _, car) = garage.driver("former@vc2f.example").await;
        let check = filled_check(&garage.mechanic, &car, "holiday", &[(FRONT_LEFT, json!({ "measured": "1.2" }))]).await;
        let offer = former.offer(&car, "new_owner", "new@vc2f.example").await.created()["id"].as_str().unwrap().to_owned();
        let owner = server.join("new@vc2f.example").await;
        owner.act(&format!("/v1/transfers/{offer}/accept")).await.ok();
        complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_000 })).await.ok();
        assert_eq!(advised(&owner, &car).await, [advice("open", "tyres.front_left", "urgent")]);
        owner.get(&format!("{}/{check}", checks(&car))).await.ok();
        for path in [checks(&car), format!("{}/{check}", checks(&car)), format!("/v1/passports/{car}/recommendations")] {
            former.get(&path).await.problem(404, "not_found");
        }
        let one = owner.get(&format!("/v1/passports/{car}/recommendations")).await.items()[0]["id"].as_str().unwrap().to_owned();
        former.post(&format!("/v1/passports/{car}/recommendations/{one}/decline"), json!({})).await.problem(404, "not_found");
        owner.post(&format!("/v1/passports/{car}/recommendations/{one}/decline"), json!({})).await.ok();
    }

    async fn vc2_an_archived_passport_takes_no_check_and_its_draft_goes_nowhere(server) {
        let (garage, other) = (server.garage("vc2g").await, server.garage("vc2h").await);
        let (driver, customer, car) = garage.driver("jan@vc2g.example").await;
        let number = garage.plate_of(&car).await;
        let done = checked(&garage.mechanic, &car, &[(FRONT_LEFT, json!({ "measured": "1.2" }))], 60_000).await;
        let check = filled_check(&garage.mechanic, &car, "holiday", &[(FRONT_LEFT, json!({ "measured": "1.1" }))]).await;
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        complete(&garage.mechanic, &car, &check, json!({ "odometer": 60_000 })).await.problem(404, "not_found");
        let path = format!("{}/{done}", checks(&car));
        complete(&garage.mechanic, &car, &done, json!({ "odometer": 60_000 })).await.problem(409, "passport_archived");
        enter(&garage.mechanic, &car, &done, "windscreen", json!({ "result": "urgent" })).await.problem(409, "passport_archived");
        garage.mechanic.send("DELETE", &format!("{path}/findings/windscreen"), &[], None).await.problem(409, "passport_archived");
        garage.mechanic.send("DELETE", &path, &[], None).await.problem(409, "passport_archived");
        garage.mechanic.post(&checks(&car), json!({ "template": "holiday" })).await.problem(409, "passport_archived");
        assert_eq!(garage.mechanic.get(&path).await.ok()["status"], "completed");
        driver.get(&path).await.problem(404, "not_found");
        // The other garage makes its own passport of the car, and finds no draft.
        let there = other.customer("jan@vc2g.example").await;
        let body = json!({ "licencePlate": { "number": number }, "customerId": there });
        let moved = other.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        for passport in [&car, &moved] {
            other.mechanic.get(&format!("{}/{check}", checks(passport))).await.problem(404, "not_found");
            complete(&other.mechanic, passport, &check, json!({ "odometer": 60_000 })).await.problem(404, "not_found");
        }
        // When the car comes back, the draft does not: it is checked anew.
        other.admin.act(&format!("/v1/passports/{moved}/archive")).await.ok();
        let body = json!({ "licencePlate": { "number": number }, "customerId": customer });
        let back = garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        complete(&garage.mechanic, &back, &check, json!({ "odometer": 60_000 })).await.problem(404, "not_found");
        checked(&garage.mechanic, &back, &[(FRONT_LEFT, json!({ "measured": "1.1" }))], 60_000).await;
        let superseded = advice("superseded", "tyres.front_left", "urgent");
        assert_eq!(advised(&garage.admin, &back).await, [superseded, advice("open", "tyres.front_left", "urgent")]);
    }

    async fn strangers_find_no_checks(server) {
        let (garage, other) = (server.garage("vcs").await, server.garage("vct").await);
        let (_, _, car) = garage.driver("jan@vcs.example").await;
        let (_, _, second) = garage.driver("piet@vcs.example").await;
        let (stranger, _, elsewhere) = other.driver("klaas@vct.example").await;
        let check = checked(&garage.mechanic, &car, &[], 60_000).await;
        let open = draft_check(&garage.mechanic, &car).await;
        for who in [&stranger, &other.admin, &other.mechanic] {
            for path in [checks(&car), format!("{}/{check}", checks(&car)), format!("{}/{open}", checks(&car))] {
                who.get(&path).await.problem(404, "not_found");
            }
            who.post(&checks(&car), json!({ "template": "holiday" })).await.problem(404, "not_found");
            enter(who, &car, &open, "windscreen", json!({ "result": "good" })).await.problem(404, "not_found");
            who.send("DELETE", &format!("{}/{open}/findings/windscreen", checks(&car)), &[], None).await.problem(404, "not_found");
            who.send("DELETE", &format!("{}/{open}", checks(&car)), &[], None).await.problem(404, "not_found");
            complete(who, &car, &open, json!({ "odometer": 1 })).await.problem(404, "not_found");
        }
        // A check is found at its own car alone.
        other.mechanic.get(&format!("{}/{check}", checks(&elsewhere))).await.problem(404, "not_found");
        garage.mechanic.get(&format!("{}/{check}", checks(&second))).await.problem(404, "not_found");
        complete(&garage.mechanic, &second, &open, json!({ "odometer": 1 })).await.problem(404, "not_found");
        enter(&garage.mechanic, &second, &open, "windscreen", json!({ "result": "good" })).await.problem(404, "not_found");
        garage.mechanic.get(&format!("{}/{UNKNOWN}", checks(&car))).await.problem(404, "not_found");
        garage.mechanic.get(&format!("{}/1", checks(&car))).await.wrong(&["checkId uuid_invalid"]);
        enter(&garage.mechanic, "x", "y", "windscreen", json!({ "result": "good" })).await.wrong(&["id uuid_invalid", "checkId uuid_invalid"]);
        server.anonymous().get(&checks(&car)).await.problem(401, "unauthenticated");
        // The list comes in pages.
        let page = garage.mechanic.get(&format!("{}?limit=1", checks(&car))).await;
        assert_eq!((page.items().len(), &page.items()[0]["id"]), (1, &json!(check)));
        let next = garage.mechanic.get(&format!("{}?limit=1&cursor={}", checks(&car), page.body["nextCursor"].as_str().unwrap())).await;
        assert_eq!((&next.items()[0]["id"], &next.body["nextCursor"]), (&json!(open), &Value::Null));
        server.pass_idle(jiff::SignedDuration::from_mins(1));
        enter(&garage.mechanic, &car, &open, "windscreen", json!({ "result": "good" })).await.ok();
        let changed = garage.mechanic.get(&format!("{}?updatedSince={}", checks(&car), server.now())).await.items();
        assert_eq!((changed.len(), &changed[0]["id"]), (1, &json!(open)));
    }
}
