//! Check templates, over HTTP: rules VC1 and VC3.

use crate::{
    both,
    support::{Answer, Garage, check_template},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const LIST: &str = "/v1/check-templates";
const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

fn names() -> Value {
    json!({ "nl": "Naam", "en": "Name" })
}

/// A template of one group with these items.
fn with_items(items: &[Value]) -> Value {
    json!({ "key": "own", "names": names(), "groups": [{ "key": "all", "names": names(), "items": items }] })
}

/// A template with one item that has these properties too.
fn with(properties: &Value) -> Value {
    let mut item = json!({ "key": "one", "names": names() });
    item.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
    with_items(&[item])
}

fn measure(changed: &Value) -> Value {
    let mut measure =
        json!({ "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower" });
    measure.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    with(&json!({ "measure": measure }))
}

/// What stays of a template when its key is left out.
fn content(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("key");
    body
}

async fn make(garage: &Garage<'_>, body: Value) -> Answer {
    garage.advisor.post(LIST, body).await
}

/// Keys and levels of a list.
async fn listed(garage: &Garage<'_>, query: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = garage.mechanic.get(&format!("{LIST}?{query}")).await.items();
    found.iter().map(|one| (text(&one["key"]), text(&one["level"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, level)| ((*key).to_owned(), (*level).to_owned())).collect()
}

both! {
    async fn vc1_vc3_everyone_reads_the_templates_with_their_limits(server) {
        let garage = server.garage("vc1").await;
        let (driver, ..) = garage.driver("jan@vc1.example").await;
        let templates = garage.mechanic.get("/v1/check-templates").await.items();
        assert_eq!(templates.len(), domain::check_template::platform().len());
        assert_eq!(driver.get("/v1/check-templates").await.items(), templates);
        let items = |template: &serde_json::Value| -> Vec<serde_json::Value> {
            template["groups"].as_array().unwrap().iter().flat_map(|group| group["items"].as_array().unwrap().clone()).collect()
        };
        let tread = items(&templates[0]).into_iter().find(|item| item["key"] == "tread_depth").unwrap();
        assert_eq!((&tread["name"], &tread["task"], &tread["demanded"]), (&json!("Tread depth"), &json!("tyres"), &json!(true)));
        assert_eq!((&tread["measure"]["urgent"], &tread["measure"]["unit"]), (&json!("1.6"), &json!("mm")));
        assert!(tread["measure"]["source"].as_str().unwrap().contains("5.2.27"));
        let dutch = garage.mechanic.send("GET", "/v1/check-templates", &[("accept-language", "nl")], None).await.items();
        assert!(items(&dutch[0]).iter().any(|item| item["name"] == "Profieldiepte"));
        assert!(templates.iter().all(|one| one["id"].is_null() && one["version"].is_null() && one["level"] == "platform"));
        server.anonymous().get("/v1/check-templates").await.problem(401, "unauthenticated");
    }

    async fn vc1_a_template_is_made_read_replaced_and_deleted(server) {
        let garage = server.garage("vc1-own").await;
        let body = json!({
            "key": "winter", "names": { "nl": " Wintercheck ", "en": "Winter check" },
            "groups": [{
                "key": "tyres", "names": { "nl": "Banden", "en": "Tyres" },
                "items": [
                    {
                        "key": "tread", "names": { "nl": "Profiel", "en": "Tread" }, "task": "tyres", "demanded": true,
                        "positions": ["front_left", "front_right"], "fuels": ["petrol", "electric"],
                        "measure": {
                            "unit": "mm", "min": "0.0", "max": "15", "attention": "4.50", "urgent": "1.6", "worse": "lower",
                            "source": "our own advice"
                        }
                    },
                    { "key": "bolts", "names": { "nl": "Wielbouten", "en": "Wheel bolts" } }
                ]
            }]
        });
        let made = make(&garage, body).await;
        let (path, etag) = (made.header("location").to_owned(), made.etag());
        let made = made.created();
        assert_eq!((&made["level"], &made["version"], &made["name"]), (&json!("garage"), &json!(1), &json!("Winter check")));
        assert_eq!(made["names"], json!({ "nl": "Wintercheck", "en": "Winter check" }));
        let expected = json!([
            {
                "key": "tread", "name": "Tread", "names": { "nl": "Profiel", "en": "Tread" }, "task": "tyres",
                "positions": ["front_left", "front_right"], "fuels": ["petrol", "electric"], "demanded": true,
                "measure": {
                    "unit": "mm", "min": "0", "max": "15", "attention": "4.5", "urgent": "1.6", "worse": "lower",
                    "source": "our own advice"
                }
            },
            {
                "key": "bolts", "name": "Wheel bolts", "names": { "nl": "Wielbouten", "en": "Wheel bolts" }, "task": null,
                "positions": [], "fuels": null, "demanded": false, "measure": null
            }
        ]);
        assert_eq!(made["groups"][0]["items"], expected);
        assert_eq!(garage.mechanic.get(&path).await.ok(), made);
        let dutch = garage.mechanic.send("GET", &path, &[("accept-language", "nl")], None).await.ok();
        assert_eq!(dutch["groups"][0]["items"][1]["name"], "Wielbouten");
        let other = content(check_template("own"));
        let changed = garage.admin.change("PUT", &path, &etag, other.clone()).await.ok();
        assert_eq!((&changed["key"], &changed["name"], &changed["version"]), (&json!("winter"), &json!("Own"), &json!(2)));
        // The same again changes nothing.
        let before = (garage.admin.get(&path).await.etag(), garage.events().await.len());
        garage.admin.change("PUT", &path, "*", other.clone()).await.ok();
        assert_eq!((garage.admin.get(&path).await.etag(), garage.events().await.len()), before);
        // The key is no part of what can be replaced.
        garage.admin.change("PUT", &path, "*", check_template("summer")).await.wrong(&["#/key key_fixed"]);
        garage.admin.change("PUT", &path, "*", check_template("winter")).await.ok();
        garage.admin.change("PUT", &path, &etag, other.clone()).await.problem(412, "precondition_failed");
        garage.admin.change("DELETE", &path, &etag, Value::Null).await.problem(412, "precondition_failed");
        garage.admin.put(&path, other).await.problem(428, "precondition_required");
        garage.admin.send("DELETE", &path, &[], None).await.problem(428, "precondition_required");
        garage.advisor.change("DELETE", &path, &before.0, Value::Null).await.expect(StatusCode::NO_CONTENT);
        garage.admin.get(&path).await.problem(404, "not_found");
        let kinds: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).collect();
        for kind in ["check_template_created", "check_template_changed", "check_template_deleted"] {
            assert_eq!(kinds.iter().filter(|one| *one == kind).count(), 1, "{kind}");
        }
    }

    async fn vc1_a_template_is_copied_and_replaced_as_it_was_shown(server) {
        let garage = server.garage("vc1-copy").await;
        for mut shown in garage.mechanic.get(LIST).await.items() {
            // The platform's takes its place, or goes beside it under another key.
            let own = make(&garage, shown.clone()).await.created();
            assert_eq!((&own["groups"], &own["key"], &own["level"]), (&shown["groups"], &shown["key"], &json!("garage")));
            let key = format!("{}_copy", shown["key"].as_str().unwrap());
            shown["key"] = key.clone().into();
            let copy = make(&garage, shown).await.created();
            assert_eq!((&copy["groups"], &copy["key"]), (&own["groups"], &json!(key)));
            // What was read is sent back, with one change.
            let path = format!("{LIST}/{}", copy["id"].as_str().unwrap());
            let mut read = garage.admin.get(&path).await.ok();
            garage.admin.change("PUT", &path, "\"1\"", read.clone()).await.ok();
            assert_eq!(garage.admin.get(&path).await.ok()["version"], 1, "nothing changed");
            read["groups"][0]["items"][0]["names"]["en"] = "Another name".into();
            let changed = garage.admin.change("PUT", &path, "\"1\"", read).await.ok();
            assert_eq!((&changed["version"], &changed["groups"][0]["items"][0]["name"]), (&json!(2), &json!("Another name")));
        }
    }

    async fn vc1_a_garages_template_takes_the_place_of_the_platforms(server) {
        let garage = server.garage("vc1-place").await;
        let other = server.garage("vc1-place-other").await;
        let shipped = [("autostatus", "platform"), ("holiday", "platform")];
        assert_eq!(listed(&garage, "").await, pairs(&shipped));
        let path = make(&garage, check_template("holiday")).await.header("location").to_owned();
        make(&garage, check_template("winter")).await.created();
        make(&garage, check_template("a_first")).await.created();
        let expected = pairs(&[("a_first", "garage"), ("autostatus", "platform"), ("holiday", "garage"), ("winter", "garage")]);
        assert_eq!(listed(&garage, "").await, expected);
        assert_eq!(listed(&other, "").await, pairs(&shipped), "it is another garage");
        assert_eq!(listed(&garage, "level=platform").await, pairs(&shipped));
        assert_eq!(listed(&garage, "level=garage").await.len(), 3);
        garage.admin.get("/v1/check-templates?level=car").await.wrong(&["level unknown_value"]);
        // Page by page, of every size, it is the same.
        for limit in 1..5 {
            let (mut paged, mut next) = (vec![], String::new());
            loop {
                let query = format!("limit={limit}{next}");
                let page = garage.mechanic.get(&format!("{LIST}?{query}")).await;
                paged.extend(listed(&garage, &query).await);
                match page.body["nextCursor"].as_str() {
                    Some(cursor) => next = format!("&cursor={cursor}"),
                    None => break,
                }
            }
            assert_eq!(paged, expected, "{limit}");
        }
        // What a check is made from: the garage's own, else the platform's.
        let own = async |garage: &Garage<'_>, key: &'static str| -> Option<String> {
            let id: uuid::Uuid = garage.admin.get("/v1/garage").await.id().parse().unwrap();
            let find = |tx: &mut persistence::Tx<'_>| persistence::check_template::find_for(tx, id.into(), key);
            server.store().read(find).unwrap().map(|list| list.names.en)
        };
        assert_eq!(own(&garage, "holiday").await.as_deref(), Some("Own"));
        assert_ne!(own(&other, "holiday").await.as_deref(), Some("Own"));
        assert_eq!((own(&garage, "autostatus").await.is_some(), own(&other, "winter").await), (true, None));
        garage.admin.change("DELETE", &path, "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(listed(&garage, "").await[2], ("holiday".to_owned(), "platform".to_owned()));
        // What changed since; the platform's did when they were shipped.
        assert_eq!(listed(&garage, "updatedSince=2099-01-01T00:00:00Z").await, []);
    }

    async fn ls1_who_keeps_a_copy_gets_the_platforms_template_again(server) {
        let garage = server.garage("ls1-again").await;
        // The platform's were shipped before.
        server.pass_idle(jiff::SignedDuration::from_hours(24 * 300));
        let garage = garage.again().await;
        let since = format!("limit=1&updatedSince={}", server.now());
        let path = make(&garage, check_template("holiday")).await.header("location").to_owned();
        let is_back = async || listed(&garage, &since).await.iter().any(|(_, level)| level == "platform");
        assert!(!is_back().await);
        garage.admin.change("DELETE", &path, "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
        assert!(is_back().await);
    }

    async fn vc1_a_template_that_contradicts_itself_is_refused(server) {
        let garage = server.garage("vc1-wrong").await;
        let path = make(&garage, check_template("good")).await.header("location").to_owned();
        let item = |key: &str| json!({ "key": key, "names": names() });
        let many: Vec<Value> = (0..101).map(|number| item(&format!("i{number}"))).collect();
        let more: Vec<Value> = (0..101).map(|number| item(&format!("j{number}"))).collect();
        let too_many = json!({ "key": "own", "names": names(), "groups": [
            { "key": "a", "names": names(), "items": many }, { "key": "b", "names": names(), "items": more },
        ] });
        let same_groups = json!({ "key": "own", "names": names(), "groups": [
            { "key": "a", "names": names(), "items": [item("x")] }, { "key": "a", "names": names(), "items": [item("y")] },
        ] });
        for (body, code) in [
            (json!({ "key": "own", "names": names(), "groups": [] }), "template_size"),
            (with_items(&[]), "template_size"),
            (too_many, "template_size"),
            (with_items(&[item("x"), item("x")]), "template_key"),
            (same_groups, "template_key"),
            (with_items(&[item("Tread depth")]), "template_key"),
            (with(&json!({ "positions": ["left", "left"] })), "template_key"),
            (with(&json!({ "task": "new_tyres" })), "template_unknown_task"),
            (with(&json!({ "task": "spark_plugs", "fuels": ["petrol", "electric"] })), "template_task_not_for_fuel"),
            (measure(&json!({ "urgent": "4" })), "template_limits"),
            (measure(&json!({ "worse": "higher" })), "template_limits"),
            (measure(&json!({ "max": "0" })), "template_limits"),
            (measure(&json!({ "attention": "15.1" })), "template_limits"),
        ] {
            make(&garage, body.clone()).await.problem(400, code);
            garage.advisor.change("PUT", &path, "*", content(body)).await.problem(400, code);
        }
        make(&garage, json!({ "key": "Own list", "names": names(), "groups": [] })).await.problem(400, "template_size");
        let mut named = check_template("own");
        named["key"] = "Own list".into();
        make(&garage, named).await.problem(400, "template_key");
        // Which key is wrong is said, and where.
        let mut doubled = with_items(&[item("x"), item("Tread depth"), item("x")]);
        doubled["groups"][0]["items"][0]["positions"] = json!(["left", "left"]);
        doubled["key"] = "Own".into();
        let answer = make(&garage, doubled).await;
        answer.problem(400, "template_key");
        let named: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|one| {
            (one["pointer"].as_str().unwrap().to_owned(), one["code"].as_str().unwrap().to_owned())
        }).collect();
        assert_eq!(named, [
            ("#/key", "key_invalid"), ("#/groups/0/items/1/key", "key_invalid"), ("#/groups/0/items/2/key", "key_repeated"),
            ("#/groups/0/items/0/positions/1", "key_repeated"),
        ].map(|(place, code)| (place.to_owned(), code.to_owned())));
        assert!(answer.body["errors"][1]["detail"].as_str().is_some_and(|detail| detail.contains("'Tread depth'")));
        // Where the unknown tasks stand is said.
        let mut items = vec![item("a"), item("b"), item("c")];
        (items[0]["task"], items[1]["task"], items[2]["task"]) = ("oil".into(), "tyres".into(), "new_tyres".into());
        let answer = make(&garage, with_items(&items)).await;
        answer.problem(400, "template_unknown_task");
        let places: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|one| (&one["pointer"], &one["code"])).collect();
        let (first, last) = (json!("#/groups/0/items/0/task"), json!("#/groups/0/items/2/task"));
        assert_eq!(places, [(&first, &json!("task_unknown")), (&last, &json!("task_unknown"))]);
        let longest = vec![item("x"); 201];
        let positions: Vec<String> = (0..13).map(|number| format!("p{number}")).collect();
        for (body, wrong) in [
            (with(&json!({ "fuels": ["petrol", "coal"] })), "#/groups/0/items/0/fuels/1 unknown_value"),
            (with(&json!({ "positions": positions })), "#/groups/0/items/0/positions too_many_items"),
            (with(&json!({ "positions": ["left", "voor_links"] })), "#/groups/0/items/0/positions/1 unknown_value"),
            (with_items(&longest), "#/groups/0/items too_many_items"),
            (with(&json!({ "names": { "nl": "Naam" } })), "#/groups/0/items/0/names/en required"),
            (with(&json!({ "names": { "nl": "Naam", "en": " " } })), "#/groups/0/items/0/names/en blank"),
            (with(&json!({ "key": "x".repeat(41) })), "#/groups/0/items/0/key too_long"),
            (measure(&json!({ "min": "0,5" })), "#/groups/0/items/0/measure/min decimal_invalid"),
            (measure(&json!({ "min": "NaN" })), "#/groups/0/items/0/measure/min decimal_invalid"),
            // A finding has two decimals at most, and so has a limit.
            (measure(&json!({ "min": "0.001" })), "#/groups/0/items/0/measure/min decimal_invalid"),
            (measure(&json!({ "urgent": "1.605" })), "#/groups/0/items/0/measure/urgent decimal_invalid"),
            (measure(&json!({ "max": "1234567890123" })), "#/groups/0/items/0/measure/max decimal_invalid"),
            (measure(&json!({ "min": 0 })), "#/groups/0/items/0/measure/min decimal_not_text"),
            (measure(&json!({ "unit": "inch" })), "#/groups/0/items/0/measure/unit unknown_value"),
            // Nothing can inherit from itself: a template names no other.
            (with(&json!({ "inherits": "own" })), "#/groups/0/items/0/inherits unknown_property"),
        ] {
            make(&garage, body).await.wrong(&[wrong]);
        }
        let mut inheriting = check_template("own");
        inheriting["inherits"] = "own".into();
        make(&garage, inheriting).await.wrong(&["#/inherits unknown_property"]);
        assert_eq!(listed(&garage, "level=garage").await, pairs(&[("good", "garage")]));
        make(&garage, check_template("good")).await.problem(409, "template_key_taken");
    }

    async fn vc1_a_large_template_fits_and_a_larger_one_does_not(server) {
        let garage = server.garage("vc1-large").await;
        let long = "é".repeat(100);
        let items: Vec<Value> = (0..200)
            .map(|number| json!({ "key": format!("i{number}"), "names": { "nl": long, "en": long }, "task": "tyres" }))
            .collect();
        let made = make(&garage, with_items(&items)).await.created();
        assert_eq!(made["groups"][0]["items"].as_array().unwrap().len(), 200);
        let mut body = with_items(&items);
        body["x"] = "x".repeat(256 * 1024).into();
        make(&garage, body.clone()).await.problem(413, "payload_too_large");
        let path = format!("{LIST}/{}", made["id"].as_str().unwrap());
        garage.admin.change("PUT", &path, "*", body).await.problem(413, "payload_too_large");
    }

    async fn vc1_a_garage_has_so_many_templates_and_no_more(server) {
        let garage = server.garage("vc1-many").await;
        for number in 0..domain::check_template::MAX_TEMPLATES {
            make(&garage, check_template(&format!("own_{number}"))).await.created();
        }
        make(&garage, check_template("one_more")).await.problem(409, "template_too_many");
    }

    async fn vc1_who_reads_and_who_changes(server) {
        let garage = server.garage("vc1-who").await;
        let (driver, ..) = garage.driver("jan@vc1-who.example").await;
        let other = server.garage("vc1-who-other").await;
        let path = make(&garage, check_template("own")).await.header("location").to_owned();
        let body = content(check_template("own"));
        garage.mechanic.get(&path).await.ok();
        garage.mechanic.post(LIST, check_template("two")).await.problem(403, "advisor_only");
        garage.mechanic.change("PUT", &path, "*", body.clone()).await.problem(403, "advisor_only");
        garage.mechanic.change("DELETE", &path, "*", Value::Null).await.problem(403, "advisor_only");
        driver.post(LIST, check_template("two")).await.problem(403, "wrong_account_kind");
        driver.get(&path).await.problem(403, "wrong_account_kind");
        driver.change("PUT", &path, "*", body.clone()).await.problem(403, "wrong_account_kind");
        driver.change("DELETE", &path, "*", Value::Null).await.problem(403, "wrong_account_kind");
        for (method, body) in [("GET", Value::Null), ("PUT", body), ("DELETE", Value::Null)] {
            other.admin.change(method, &path, "*", body.clone()).await.problem(404, "not_found");
            garage.admin.change(method, &format!("{LIST}/{UNKNOWN}"), "*", body).await.problem(404, "not_found");
        }
        assert!(driver.get(LIST).await.items().iter().all(|one| one["level"] == "platform"));
    }

    async fn a_template_is_made_once_however_often_it_is_sent(server) {
        let garage = server.garage("vc1-repeat").await;
        let headers = [("content-type", "application/json"), ("idempotency-key", "template-1")];
        let body = |key: &str| check_template(key).to_string().into_bytes();
        let first = garage.admin.send("POST", LIST, &headers, Some(body("own"))).await.created();
        assert_eq!(garage.admin.send("POST", LIST, &headers, Some(body("own"))).await.created(), first);
        garage.admin.send("POST", LIST, &headers, Some(body("two"))).await.problem(422, "idempotency_key_reused");
        assert_eq!(listed(&garage, "level=garage").await, pairs(&[("own", "garage")]));
    }
}
