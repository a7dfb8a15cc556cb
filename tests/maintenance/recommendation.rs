//! Recommendations over HTTP: rules RC1 to RC4.

use crate::{
    both,
    support::{Actor, Answer, filled_check},
};
use domain::{
    ids::AccountId,
    recommendation::{Advice, Decision, DecisionChannel, Happened, MAX_OPEN, Recommendation, Urgency},
};
use persistence::{Found, recommendation};
use serde_json::{Value, json};

const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

fn all(car: &str) -> String {
    format!("/v1/passports/{car}/recommendations")
}

/// An admin writes down that the brake fluid is to be changed.
async fn made(admin: &Actor<'_>, car: &str) -> String {
    admin.post(&all(car), json!({ "task": "brake_fluid", "urgency": "attention" })).await.created()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn decide(actor: &Actor<'_>, car: &str, one: &str, what: &str, body: Value) -> Answer {
    actor.post(&format!("{}/{one}/{what}", all(car)), body).await
}

/// A completed check that found this at one tyre.
async fn checked(mechanic: &Actor<'_>, car: &str, measured: &str) -> String {
    let check =
        filled_check(mechanic, car, "holiday", &[("tread_depth.front_left", json!({ "measured": measured }))]).await;
    mechanic.post(&format!("/v1/passports/{car}/checks/{check}/complete"), json!({ "odometer": 60_000 })).await.ok();
    check
}

fn statuses(found: &[Value]) -> Vec<&str> {
    found.iter().map(|one| one["status"].as_str().unwrap()).collect()
}

both! {
    async fn rc1_an_advisor_writes_one_down_with_a_task_or_in_words(server) {
        let garage = server.garage("rc1").await;
        let (driver, _, car) = garage.driver("jan@rc1.example").await;
        let body = json!({ "task": "tyres", "position": "front_left", "urgency": "urgent", "text": "Kaal.\nZie foto.", "expectedOn": "2026-04-01" });
        let answer = garage.advisor.post(&all(&car), body).await;
        let (location, etag) = (answer.header("location").to_owned(), answer.etag());
        let first = answer.created();
        let expected = json!({
            "id": first["id"], "status": "open", "task": "tyres", "taskName": "Tyre replacement", "position": "front_left", "positionName": "front left", "urgency": "urgent",
            "text": "Kaal.\nZie foto.", "findings": [], "expectedOn": "2026-04-01", "advisedOn": "2026-02-25", "checkId": null, "madeAt": first["madeAt"],
            "madeBy": { "id": first["madeBy"]["id"], "name": "advisor of rc1" }, "agreed": null, "declined": null, "endedAt": null,
            "supersededById": null, "serviceRecordId": null, "version": 1, "updatedAt": first["updatedAt"],
        });
        assert_eq!(first, expected);
        assert_eq!(garage.mechanic.get(&location).await.etag(), etag);
        let seen = driver.get(&location).await.ok();
        assert_eq!((&seen["madeBy"], &seen["text"]), (&Value::Null, &first["text"]));
        let dutch = driver.send("GET", &location, &[("accept-language", "nl")], None).await.ok();
        assert_eq!((&dutch["taskName"], &dutch["positionName"]), (&json!("Banden vervangen"), &json!("linksvoor")));
        // A task is enough; so are words.
        let task = garage.admin.post(&all(&car), json!({ "task": "brake_fluid", "urgency": "attention" })).await.created();
        assert!(task["text"].as_str().is_some_and(|text| !text.is_empty()));
        let words = garage.admin.post(&all(&car), json!({ "text": "Trekhaak smeren", "urgency": "attention" })).await.created();
        assert_eq!((&words["task"], &words["taskName"], &words["position"]), (&Value::Null, &Value::Null, &Value::Null));
        let refused = async |body: Value, wrong: &[&str]| garage.admin.post(&all(&car), body).await.wrong(wrong);
        refused(json!({ "urgency": "attention" }), &["#/text required"]).await;
        refused(json!({ "text": "Iets" }), &["#/urgency required"]).await;
        refused(json!({ "task": "new_tyres", "urgency": "soon" }), &["#/task task_unknown", "#/urgency unknown_value"]).await;
        for day in ["2026-02-24", "2036-02-26", "9999-12-31"] {
            refused(json!({ "text": "Smeren", "urgency": "urgent", "expectedOn": day }), &["#/expectedOn expected_on_out_of_range"]).await;
        }
        refused(json!({ "text": " ", "urgency": "urgent", "position": "x".repeat(41) }), &["#/position unknown_value", "#/text blank"]).await;
        // Who writes a place in words of their own is told the words there are: otherwise a record would not close the advice.
        let words = garage.admin.post(&all(&car), json!({ "task": "tyres", "urgency": "urgent", "position": "front left" })).await;
        words.wrong(&["#/position unknown_value"]);
        assert!(words.body["errors"][0]["detail"].as_str().is_some_and(|text| text.contains("front_left") && text.contains("spare")));
        // Rule MS4.
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "fuel": "electric" })).await.ok();
        garage.admin.post(&all(&car), json!({ "task": "spark_plugs", "urgency": "urgent" })).await.problem(409, "task_not_for_fuel");
        for (who, code) in [(&garage.mechanic, "advisor_only"), (&driver, "staff_only")] {
            who.post(&all(&car), json!({ "task": "tyres", "urgency": "urgent" })).await.problem(403, code);
        }
        assert_eq!(statuses(&driver.get(&all(&car)).await.items()), ["open", "open", "open"]);
    }

    async fn rc2_it_ends_once_and_the_list_tells_how(server) {
        let garage = server.garage("rc2").await;
        let (driver, _, car) = garage.driver("jan@rc2.example").await;
        let first = checked(&garage.mechanic, &car, "2.5").await;
        let declined = made(&garage.admin, &car).await;
        decide(&driver, &car, &declined, "decline", json!({})).await.ok();
        let second = checked(&garage.mechanic, &car, "1.2").await;
        let list = async |query: &str| garage.admin.get(&format!("{}?{query}", all(&car))).await.items();
        let found = list("").await;
        assert_eq!(statuses(&found), ["superseded", "declined", "open"]);
        assert_eq!((&found[0]["checkId"], &found[0]["supersededById"], &found[2]["checkId"]), (&json!(first), &json!(second), &json!(second)));
        for (query, expected) in [
            ("status=open", vec!["open"]), ("status=open,declined", vec!["declined", "open"]), ("status=planned,done", vec![]),
            ("status=superseded&urgency=attention", vec!["superseded"]), ("urgency=urgent", vec!["open"]), ("urgency=urgent,attention", vec!["superseded", "declined", "open"]),
        ] {
            assert_eq!(statuses(&list(query).await), expected, "{query}");
        }
        garage.admin.get(&format!("{}?status=new", all(&car))).await.wrong(&["status unknown_value"]);
        // What has ended stays as it ended.
        for one in [&found[0], &found[1]] {
            let id = one["id"].as_str().unwrap();
            for what in ["agree", "decline"] {
                decide(&driver, &car, id, what, json!({})).await.problem(409, "recommendation_not_open");
            }
            assert_eq!(garage.admin.get(&format!("{}/{id}", all(&car))).await.ok(), *one);
        }
        let page = garage.admin.get(&format!("{}?limit=2", all(&car))).await;
        let rest = list(&format!("limit=2&cursor={}", page.body["nextCursor"].as_str().unwrap())).await;
        assert_eq!((statuses(&page.items()), statuses(&rest)), (vec!["superseded", "declined"], vec!["open"]));
        server.pass_idle(jiff::SignedDuration::from_mins(1));
        decide(&garage.admin, &car, rest[0]["id"].as_str().unwrap(), "decline", json!({ "channel": "phone" })).await.ok();
        assert_eq!(list(&format!("updatedSince={}", server.now())).await.len(), 1);
    }

    async fn rc3_the_owner_needs_no_body(server) {
        let garage = server.garage("rc3n").await;
        let (driver, _, car) = garage.driver("jan@rc3n.example").await;
        let one = made(&garage.admin, &car).await;
        for (what, done) in [("agree", "agreed"), ("decline", "declined")] {
            let path = format!("{}/{one}/{what}", all(&car));
            // The garage says how it was told.
            garage.advisor.send("POST", &path, &[], None).await.wrong(&["#/channel required"]);
            let odd = driver.send("POST", &path, &[("content-type", "text/plain")], Some(b"yes".to_vec())).await;
            odd.problem(415, "unsupported_media_type");
            driver.send("POST", &format!("{path}?why=not"), &[], None).await.wrong(&["why unknown_parameter"]);
            // Nothing means the same as an object without properties, also for a repeat.
            let headers = [("idempotency-key", what)];
            let first = driver.send("POST", &path, &headers, None).await.ok();
            assert_eq!(first[done]["channel"], "app");
            let typed = [headers[0], ("content-type", "application/json")];
            assert_eq!(driver.send("POST", &path, &typed, Some(b"{}".to_vec())).await.ok(), first);
        }
    }

    async fn rc2_the_garage_lists_what_it_recommends(server) {
        let (garage, other) = (server.garage("rc2g").await, server.garage("rc2h").await);
        let (driver, _, car) = garage.driver("jan@rc2g.example").await;
        let (_, _, second) = garage.driver("piet@rc2g.example").await;
        let (_, _, foreign) = other.driver("els@rc2h.example").await;
        let agreed = made(&garage.admin, &car).await;
        decide(&driver, &car, &agreed, "agree", json!({})).await.ok();
        let declined = made(&garage.admin, &second).await;
        decide(&garage.advisor, &second, &declined, "decline", json!({ "channel": "phone" })).await.ok();
        let body = json!({ "task": "tyres", "urgency": "urgent" });
        let urgent = garage.advisor.post(&all(&second), body).await.id();
        made(&other.admin, &foreign).await;
        let list = async |query: &str| {
            let items = garage.mechanic.get(&format!("/v1/recommendations?{query}")).await.items();
            items.iter().map(|one| one["recommendation"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(list("").await, [&urgent, &declined, &agreed].map(String::as_str), "the newest first");
        for (query, expected) in [
            ("status=open", vec![&urgent, &agreed]), ("status=open&agreed=true", vec![&agreed]), ("status=open,planned&agreed=false", vec![&urgent]),
            ("urgency=urgent", vec![&urgent]), ("status=declined", vec![&declined]), ("status=open,declined", vec![&urgent, &declined, &agreed]), ("status=planned", vec![]),
        ] {
            assert_eq!(list(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
        }
        let shown = garage.mechanic.get("/v1/recommendations?agreed=true").await.items();
        let plate = garage.plate_of(&car).await;
        assert_eq!((&shown[0]["passportId"], &shown[0]["licencePlate"]["number"]), (&json!(car), &json!(plate)));
        assert_eq!(shown[0]["recommendation"], garage.mechanic.get(&all(&car)).await.items()[0]);
        assert_eq!(garage.mechanic.get(&format!("{}?agreed=false", all(&car))).await.items().len(), 0);
        let page = garage.mechanic.get("/v1/recommendations?limit=1").await;
        assert_eq!(list(&format!("limit=1&cursor={}", page.body["nextCursor"].as_str().unwrap())).await, [declined.as_str()]);
        assert_eq!(garage.admin.get("/v1/garage/summary").await.ok()["openRecommendations"], 2);
        driver.get("/v1/recommendations").await.problem(403, "wrong_account_kind");
        garage.admin.act(&format!("/v1/passports/{second}/archive")).await.ok();
        assert_eq!(list("status=open").await, [agreed.as_str()]);
        assert_eq!(garage.admin.get("/v1/garage/summary").await.ok()["openRecommendations"], 1);
    }

    async fn rc3_the_owner_agrees_once_and_may_think_again(server) {
        let garage = server.garage("rc3").await;
        let (driver, _, car) = garage.driver("jan@rc3.example").await;
        let one = made(&garage.admin, &car).await;
        let told = server.mails_to("info@rc3.example").len();
        let agreed = decide(&driver, &car, &one, "agree", json!({})).await;
        assert_eq!(agreed.etag(), driver.get(&format!("{}/{one}", all(&car))).await.etag());
        let agreed = agreed.ok();
        assert_eq!((&agreed["status"], &agreed["agreed"]["channel"], &agreed["agreed"]["by"]["name"]), (&json!("open"), &json!("app"), &json!("Name of jan@rc3.example")));
        decide(&driver, &car, &one, "agree", json!({})).await.problem(409, "recommendation_already_agreed");
        let mails = server.mails_to("info@rc3.example");
        assert_eq!(mails.len(), told + 1);
        let number = garage.plate_of(&car).await;
        assert!(mails[told].raw.replace('-', "").contains(&number) && mails[told].raw.contains("emvloeistof") && mails[told].raw.contains("akkoord"), "{mails:?}");
        let declined = decide(&driver, &car, &one, "decline", json!({ "channel": "app" })).await.ok();
        assert_eq!((&declined["status"], &declined["declined"]["channel"], &declined["agreed"]), (&json!("declined"), &json!("app"), &agreed["agreed"]));
        let mails = server.mails_to("info@rc3.example");
        assert!(mails.len() == told + 2 && mails[told + 1].raw.contains("afgewezen"), "{mails:?}");
        let kinds: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).filter(|kind| kind.contains("recommendation")).collect();
        assert_eq!(kinds, ["recommendation_made", "recommendation_agreed", "recommendation_declined"]);
    }

    async fn rc3_the_garage_is_told_which_work_where_and_why(server) {
        let garage = server.garage("rc3m").await;
        let (driver, _, car) = garage.driver("jan@rc3m.example").await;
        checked(&garage.mechanic, &car, "1.2").await;
        let one = driver.get(&all(&car)).await.items()[0]["id"].as_str().unwrap().to_owned();
        let told = server.mails_to("info@rc3m.example").len();
        decide(&driver, &car, &one, "agree", json!({})).await.ok();
        let mail = &server.mails_to("info@rc3m.example")[told].raw;
        for said in ["Banden vervangen, linksvoor", "Profieldiepte linksvoor: 1,2 mm (minimaal 1,6 mm)"] {
            assert!(mail.contains(said), "{said}: {mail}");
        }
        // Who reads English reads of a task in English, though the garage named none.
        let task = made(&garage.admin, &car).await;
        let path = format!("{}/{task}", all(&car));
        assert_eq!(driver.get(&path).await.ok()["text"], "Brake fluid");
        assert_eq!(driver.send("GET", &path, &[("accept-language", "nl")], None).await.ok()["text"], "Remvloeistof");
    }

    async fn rc3_the_garage_writes_down_what_the_owner_said_and_is_not_told(server) {
        let garage = server.garage("rc3b").await;
        let (driver, _, car) = garage.driver("jan@rc3b.example").await;
        let (first, second) = (made(&garage.admin, &car).await, made(&garage.admin, &car).await);
        let told = server.mails_to("info@rc3b.example").len();
        decide(&garage.advisor, &car, &first, "agree", json!({})).await.wrong(&["#/channel required"]);
        let answer = decide(&garage.advisor, &car, &first, "agree", json!({ "channel": "app" })).await;
        answer.wrong(&["#/channel unknown_value"]);
        assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("counter, phone, writing"));
        decide(&driver, &car, &first, "agree", json!({ "channel": "phone" })).await.wrong(&["#/channel unknown_value"]);
        for what in ["agree", "decline"] {
            decide(&garage.mechanic, &car, &first, what, json!({ "channel": "counter" })).await.problem(403, "advisor_only");
        }
        let agreed = decide(&garage.advisor, &car, &first, "agree", json!({ "channel": "counter" })).await.ok();
        assert_eq!((&agreed["agreed"]["channel"], &agreed["agreed"]["by"]["name"]), (&json!("counter"), &json!("advisor of rc3b")));
        decide(&garage.admin, &car, &second, "decline", json!({ "channel": "writing" })).await.ok();
        let seen = driver.get(&all(&car)).await.items();
        assert!(seen[0]["agreed"]["by"].is_null() && seen[1]["declined"]["by"].is_null());
        assert_eq!((&seen[1]["declined"]["channel"], &seen[1]["status"]), (&json!("writing"), &json!("declined")));
        assert_eq!(server.mails_to("info@rc3b.example").len(), told);
    }

    async fn rc3_for_a_fleet_car_the_fleet_decides_and_not_its_driver(server) {
        let garage = server.garage("rc3c").await;
        let fleet = garage.fleet("rc3c-fleet").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@rc3c.example").await;
        let (first, second) = (made(&garage.admin, &car).await, made(&garage.admin, &car).await);
        for what in ["agree", "decline"] {
            decide(&driver, &car, &first, what, json!({})).await.problem(403, "only_owner_may_decide");
        }
        let agreed = decide(&fleet.account, &car, &first, "agree", json!({})).await.ok();
        assert_eq!(agreed["agreed"]["channel"], "app");
        assert_eq!(agreed["agreed"]["by"]["name"], fleet.account.get("/v1/account").await.ok()["name"]);
        decide(&fleet.account, &car, &second, "decline", json!({})).await.ok();
        let seen = driver.get(&all(&car)).await.items();
        assert_eq!((statuses(&seen), seen[0]["agreed"]["by"].is_null()), (vec!["open", "declined"], true));
        // Out of the fleet the car is its driver's again.
        let third = made(&garage.admin, &car).await;
        garage.admin.unlink(&car).await.ok();
        decide(&fleet.account, &car, &third, "agree", json!({})).await.problem(404, "not_found");
        decide(&driver, &car, &third, "agree", json!({})).await.ok();
    }

    async fn rc4_an_urgent_one_that_was_declined_stays_and_is_raised_anew(server) {
        let garage = server.garage("rc4").await;
        let (driver, _, car) = garage.driver("jan@rc4.example").await;
        checked(&garage.mechanic, &car, "1.2").await;
        let one = driver.get(&all(&car)).await.items()[0]["id"].as_str().unwrap().to_owned();
        decide(&driver, &car, &one, "decline", json!({})).await.ok();
        let seen = driver.get(&format!("{}?status=declined&urgency=urgent", all(&car))).await.items();
        assert_eq!((seen.len(), &seen[0]["declined"]["channel"]), (1, &json!("app")));
        checked(&garage.mechanic, &car, "1.1").await;
        let after = driver.get(&all(&car)).await.items();
        assert_eq!((statuses(&after), &after[0]), (vec!["declined", "open"], &seen[0]));
        // A check that finds it good changes nothing about what was declined.
        checked(&garage.mechanic, &car, "8").await;
        let after = driver.get(&all(&car)).await.items();
        assert_eq!((statuses(&after), &after[0]), (vec!["declined", "superseded"], &seen[0]));
    }

    async fn rc3_a_repeat_is_the_same_answer_and_of_many_at_once_one_counts(server) {
        let garage = server.garage("rc5").await;
        let (driver, _, car) = garage.driver("jan@rc5.example").await;
        let headers = [("content-type", "application/json"), ("idempotency-key", "rc5")];
        let make = async || garage.admin.send("POST", &all(&car), &headers, Some(json!({ "task": "tyres", "urgency": "urgent" }).to_string().into_bytes())).await.created();
        let one = make().await;
        assert_eq!((make().await, driver.get(&all(&car)).await.items().len()), (one.clone(), 1));
        let path = format!("{}/{}", all(&car), one["id"].as_str().unwrap());
        for what in ["agree", "decline"] {
            driver.change("POST", &format!("{path}/{what}"), "\"7\"", json!({})).await.problem(412, "precondition_failed");
        }
        let headers = [("content-type", "application/json"), ("idempotency-key", "rc5-2"), ("if-match", "\"1\"")];
        let agree = async || driver.send("POST", &format!("{path}/agree"), &headers, Some(b"{}".to_vec())).await.ok();
        assert_eq!(agree().await, agree().await);
        let mut racing = Vec::new();
        for _ in 0..8 {
            let request = server.client.post(format!("{}{path}/decline", server.url)).bearer_auth(driver.token.clone().unwrap());
            let request = request.header("content-type", "application/json").body("{}");
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        let mut answers = Vec::new();
        for race in racing {
            answers.push(race.await.unwrap());
        }
        answers.sort_unstable();
        assert_eq!(answers, [vec![200], vec![409; 7]].concat());
        assert_eq!(driver.get(&path).await.ok()["version"], 3);
    }

    async fn rc1_a_car_has_at_most_200_open_ones_and_10000_that_ended_are_no_burden(server) {
        let garage = server.garage("rc6").await;
        let (driver, _, car) = garage.driver("jan@rc6.example").await;
        let id = garage.admin.get("/v1/garage").await.ok()["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        let shown = garage.admin.get(&format!("/v1/passports/{car}")).await.ok();
        let vehicle: uuid::Uuid = shown["vehicleId"].as_str().unwrap().parse().unwrap();
        let account: uuid::Uuid = driver.get("/v1/account").await.ok()["id"].as_str().unwrap().parse().unwrap();
        let decision = Decision { by: AccountId(account), at: server.now(), channel: DecisionChannel::App };
        let advice = || Advice { task: None, position: None, urgency: Urgency::Attention, text: "Smeren".into(), found: vec![], expected_on: None };
        let one = || Recommendation::make(api::clock::new_id(), vehicle.into(), advice(), None, (Happened { on: jiff::civil::date(2026, 2, 25), at: server.now() }, server.now()));
        let ended: Vec<Recommendation> = (0..10_000).map(|_| one().decline(decision).unwrap()).collect();
        let open: Vec<Recommendation> = (1..MAX_OPEN).map(|_| one()).collect();
        for many in [ended.as_slice(), open.as_slice()] {
            server.store().write(|tx| recommendation::insert_all(tx, id.into(), None, many, server.now())).unwrap();
        }
        let known = server.store().read(|tx| recommendation::open_of(tx, Found::by_system(vehicle.into()))).unwrap();
        assert_eq!(known.len(), MAX_OPEN - 1);
        assert_eq!(driver.get(&format!("{}?limit=200", all(&car))).await.items().len(), 200);
        assert_eq!(driver.get(&format!("{}?limit=200&status=open", all(&car))).await.items().len(), MAX_OPEN - 1);
        let last = made(&garage.admin, &car).await;
        garage.admin.post(&all(&car), json!({ "task": "tyres", "urgency": "urgent" })).await.problem(409, "recommendations_too_many");
        // Nor can a check add one: the mechanic is told, and nothing of the check is completed.
        let check = filled_check(&garage.mechanic, &car, "holiday", &[("lights", json!({ "result": "urgent" }))]).await;
        let path = format!("/v1/passports/{car}/checks/{check}");
        garage.mechanic.post(&format!("{path}/complete"), json!({ "odometer": 60_000 })).await.problem(409, "recommendations_too_many");
        assert_eq!(garage.mechanic.get(&path).await.ok()["status"], "draft");
        assert!(garage.admin.get(&format!("/v1/passports/{car}/odometer/readings")).await.items().is_empty());
        decide(&driver, &car, &last, "decline", json!({})).await.ok();
        garage.mechanic.post(&format!("{path}/complete"), json!({ "odometer": 60_000 })).await.ok();
    }

    async fn strangers_find_no_recommendations(server) {
        let (garage, other) = (server.garage("rcs").await, server.garage("rct").await);
        let (driver, _, car) = garage.driver("jan@rcs.example").await;
        let (second_driver, _, second) = garage.driver("piet@rcs.example").await;
        let (stranger, _, elsewhere) = other.driver("klaas@rct.example").await;
        let one = made(&garage.admin, &car).await;
        for who in [&stranger, &other.admin, &second_driver] {
            who.get(&all(&car)).await.problem(404, "not_found");
            who.get(&format!("{}/{one}", all(&car))).await.problem(404, "not_found");
            who.post(&all(&car), json!({ "task": "tyres", "urgency": "urgent" })).await.problem(404, "not_found");
            for what in ["agree", "decline"] {
                decide(who, &car, &one, what, json!({ "channel": "phone" })).await.problem(404, "not_found");
            }
        }
        // It is found at its own car alone.
        for (who, car) in [(&garage.admin, &second), (&second_driver, &second), (&other.admin, &elsewhere)] {
            who.get(&format!("{}/{one}", all(car))).await.problem(404, "not_found");
            decide(who, car, &one, "agree", json!({ "channel": "phone" })).await.problem(404, "not_found");
        }
        driver.get(&format!("{}/{UNKNOWN}", all(&car))).await.problem(404, "not_found");
        driver.get(&format!("{}/1", all(&car))).await.wrong(&["recommendationId uuid_invalid"]);
        server.anonymous().get(&all(&car)).await.problem(401, "unauthenticated");
        // An archived passport's can only be read.
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        assert_eq!(garage.mechanic.get(&format!("{}/{one}", all(&car))).await.ok()["status"], "open");
        garage.admin.post(&all(&car), json!({ "task": "tyres", "urgency": "urgent" })).await.problem(409, "passport_archived");
        for what in ["agree", "decline"] {
            decide(&garage.admin, &car, &one, what, json!({ "channel": "phone" })).await.problem(409, "passport_archived");
        }
    }
}
