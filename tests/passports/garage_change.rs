//! Changes of garage over HTTP: rule P6, with T9.

use crate::{
    both,
    support::{
        Actor, Answer, Fleet, Garage, PASSWORD, Server, draft_check, filled_check,
        maintained::{complete_check, service_record},
        plate,
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A car with a VIN, its owner, and the garage that keeps it: owner, passport, plate, end of the VIN.
async fn car<'s>(garage: &Garage<'s>, email: &str, end: &str) -> (Actor<'s>, String, String) {
    let (owner, _, car) = garage.driver(email).await;
    let vin = format!("WV2ZZZ7HZDH12{end}");
    garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "vin": vin })).await.ok();
    let number = garage.plate_of(&car).await;
    (owner, car, number)
}

fn by_vin(number: &str, end: &str, email: &str) -> Value {
    let customer = json!({ "kind": "person", "name": "Nieuwe Klant", "email": email });
    json!({ "licencePlate": { "number": number }, "vinEnd": end, "customer": customer })
}

async fn ask(actor: &Actor<'_>, body: Value) -> Answer {
    actor.post("/v1/garage-changes", body).await
}

async fn decide(actor: &Actor<'_>, change: &str, what: &str) -> Answer {
    actor.act(&format!("/v1/garage-changes/{change}/{what}")).await
}

/// Signs in again, after so long that tokens ended.
async fn back<'s>(server: &'s Server, who: &Actor<'s>) -> Actor<'s> {
    server.sign_in(&who.email, PASSWORD).await
}

async fn fleet_car<'s>(garage: &Garage<'s>, fleet: &Fleet<'s>, email: &str, end: &str) -> (Actor<'s>, String, String) {
    let (driver, passport, number) = car(garage, email, end).await;
    garage.admin.link(&passport, &fleet.id).await.ok();
    driver.agree(&passport).await;
    (driver, passport, number)
}

both! {
    async fn p6_the_owner_agrees_and_the_other_garage_keeps_the_car(server) {
        let (old, new) = (server.garage("p6a").await, server.garage("p6b").await);
        let (owner, passport, number) = car(&old, "jan@p6a.example", "4711").await;
        let path = format!("/v1/passports/{passport}");
        let customer = old.admin.get(&path).await.ok()["customer"]["id"].as_str().unwrap().to_owned();
        owner.post(&format!("{path}/odometer/readings"), json!({ "value": 11 })).await.created();
        old.mechanic.post(&format!("{path}/odometer/readings"), json!({ "value": 12, "confirm": true })).await.created();
        let check = old.mechanic.post(&format!("{path}/checks"), json!({ "template": "autostatus" })).await.created();
        let advice = old.advisor.post(&format!("{path}/recommendations"), json!({ "task": "tyres", "urgency": "attention", "text": "Voor € 120 bij ons." })).await.created();
        let before = old.admin.get(&path).await.etag();

        let asked = ask(&new.advisor, by_vin(&number.to_lowercase(), "4711", "jan@new.example")).await.created();
        let change = asked["id"].as_str().unwrap();
        assert_eq!((&asked["status"], &asked["role"], &asked["garageName"]), (&json!("requested"), &json!("garage"), &json!("Garage p6b")));
        new.advisor.get(&path).await.problem(404, "not_found");
        let mails = server.mails_to("jan@p6a.example");
        assert!(mails.last().unwrap().raw.contains("Garage p6b"), "the owner is asked");
        assert!(server.mails_to("info@p6a.example").is_empty(), "the garage that keeps the car is not told yet");
        old.admin.get(&format!("/v1/garage-changes/{change}")).await.problem(404, "not_found");
        assert!(old.admin.get("/v1/garage-changes").await.items().is_empty());
        let seen = owner.get("/v1/garage-changes?status=requested").await.items();
        assert_eq!((seen.len(), &seen[0]["role"], &seen[0]["customerId"]), (1, &json!("owner"), &Value::Null));

        server.pass(SignedDuration::from_mins(1));
        let agreed = decide(&owner, change, "agree").await.ok();
        assert_eq!((&agreed["status"], agreed["decidedAt"].is_null()), (&json!("agreed"), false));
        // The old garage sees nothing of the car, and keeps its record of the customer.
        for what in ["", "/custody", "/events", "/odometer", "/checks", "/recommendations", "/service-records", "/status"] {
            for who in [&old.admin, &old.mechanic] {
                who.get(&format!("{path}{what}")).await.problem(404, "not_found");
            }
        }
        old.admin.change("PATCH", &path, &before, json!({ "make": "Opel" })).await.problem(404, "not_found");
        old.admin.get(&format!("/v1/customers/{customer}")).await.ok();
        assert!(old.admin.get("/v1/passports").await.items().is_empty());
        for list in ["/v1/recommendations", "/v1/checks"] {
            assert!(old.admin.get(list).await.items().is_empty(), "{list}");
        }
        let mails = server.mails_to("info@p6a.example");
        assert_eq!(mails.len(), 1);
        assert!(!mails[0].raw.contains("p6b"), "it is told that the car left, and not where to: {}", mails[0].raw);
        let left = old.admin.get(&format!("/v1/garage-changes/{change}")).await.ok();
        assert_eq!((&left["role"], &left["garageName"], &left["customerId"]), (&json!("former_garage"), &Value::Null, &Value::Null));

        // The new garage has the car with its history, and without the names of before.
        let shown = new.mechanic.get(&path).await.ok();
        assert_eq!((&shown["status"], &shown["odometerKm"], &shown["customer"]["email"]), (&json!("active"), &json!(12), &json!("jan@new.example")));
        assert_eq!(server.mails_to("info@p6b.example").len(), 1);
        let readings = new.admin.get(&format!("{path}/odometer/readings")).await.items();
        assert_eq!(readings.len(), 2);
        assert!(readings.iter().all(|reading| reading["recordedBy"].is_null()), "{readings:?}");
        let own = owner.get(&format!("{path}/odometer/readings")).await.items();
        assert!(own.iter().any(|reading| !reading["recordedBy"].is_null()), "who recorded one sees that");
        let advised = new.admin.get(&format!("{path}/recommendations/{}", advice["id"].as_str().unwrap())).await.ok();
        assert!(advised["madeBy"].is_null() && !advised["text"].as_str().unwrap().contains("120"), "{advised}");
        new.admin.get(&format!("{path}/checks/{}", check["id"].as_str().unwrap())).await.problem(404, "not_found");
        let events = new.admin.get(&format!("{path}/events")).await.items();
        let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["garage_change_agreed", "garage_change_requested"]);
        new.mechanic.post(&format!("{path}/odometer/readings"), json!({ "value": 13, "confirm": true })).await.created();
        let readings = new.admin.get(&format!("{path}/odometer/readings")).await.items();
        assert!(readings.iter().any(|reading| reading["recordedBy"]["name"] == "mechanic of p6b"));
        assert_eq!(owner.get(&path).await.ok()["garage"]["name"], "Garage p6b");
        decide(&owner, change, "agree").await.problem(409, "garage_change_not_open");
        decide(&owner, change, "decline").await.problem(409, "garage_change_not_open");
        decide(&new.advisor, change, "withdraw").await.problem(409, "garage_change_not_open");

        // And back again: it is the same passport.
        let asked = ask(&old.advisor, by_vin(&number, "4711", "jan@p6a.example")).await.created();
        decide(&owner, asked["id"].as_str().unwrap(), "agree").await.ok();
        old.admin.get(&path).await.ok();
        new.admin.get(&path).await.problem(404, "not_found");
    }

    async fn p6_what_the_former_garage_archived_before_leads_nowhere(server) {
        let (old, new) = (server.garage("p6x").await, server.garage("p6y").await);
        let (_, first, number) = car(&old, "jan@p6x.example", "4711").await;
        let before = format!("/v1/passports/{first}");
        service_record(&old.mechanic, &first).await;
        let reading = json!({ "value": 160_000, "readOn": "2025-01-10", "confirm": true });
        let reading = old.mechanic.post(&format!("{before}/odometer/readings"), reading).await.created()["id"].clone();
        old.admin.act(&format!("{before}/archive")).await.ok();
        let body = json!({ "licencePlate": { "number": number }, "customerId": old.customer("els@p6x.example").await });
        let again = old.admin.post("/v1/passports", body.clone()).await.created();
        let path = format!("/v1/passports/{}", again["id"].as_str().unwrap());
        assert_eq!(old.admin.get(&format!("{path}/service-records")).await.items().len(), 1, "it is the same car");
        let owner = server.join("els@p6x.example").await;
        let token = owner.act(&format!("{path}/garage-invitation")).await.ok()["token"].clone();
        let asked = ask(&new.advisor, json!({ "invitation": token, "customerId": new.customer("els@p6y.example").await })).await.created();
        server.pass(SignedDuration::from_mins(1));
        decide(&owner, asked["id"].as_str().unwrap(), "agree").await.ok();
        let car = again["id"].as_str().unwrap();
        service_record(&new.mechanic, car).await;
        draft_check(&new.mechanic, car).await;
        new.admin.post(&format!("{path}/recommendations"), json!({ "task": "tyres", "urgency": "urgent" })).await.created();
        new.admin.patch(&path, json!({ "licencePlate": { "number": plate() } })).await.ok();
        // By what it archived, the former garage reaches nothing of the car, nor is it the same car to it when it comes back.
        for list in ["checks", "recommendations", "service-records", "odometer/readings"] {
            assert_eq!(old.admin.get(&format!("{before}/{list}")).await.items(), Vec::<Value>::new(), "{list}");
        }
        let plates = old.admin.get(&format!("{before}/plates")).await.items();
        assert_eq!((plates.len(), &plates[0]["licencePlate"]["number"]), (1, &json!(number.replace('-', ""))));
        let late = old.admin.post("/v1/passports", json!({ "licencePlate": { "number": number }, "customerId": body["customerId"] })).await.created();
        assert_eq!(old.admin.get(&format!("/v1/passports/{}/recommendations", late["id"].as_str().unwrap())).await.items(), Vec::<Value>::new());
        assert_eq!(new.admin.get(&format!("{path}/service-records")).await.items().len(), 2);
        // The odometer's ledger went along whole, also what was recorded in the passport before (rule P8).
        let readings = new.admin.get(&format!("{path}/odometer/readings")).await.items();
        assert!(readings.iter().any(|one| one["id"] == reading && one["recordedBy"].is_null()), "{readings:?}");
    }

    async fn p6_what_was_said_and_done_before_stays_who_said_it(server) {
        let (old, new) = (server.garage("p6v").await, server.garage("p6w").await);
        let (owner, passport, number) = car(&old, "jan@p6v.example", "4711").await;
        let path = format!("/v1/passports/{passport}");
        let check = filled_check(&old.mechanic, &passport, "holiday", &[]).await;
        complete_check(&old.mechanic, &passport, &check).await;
        let advise = async |task: &str| {
            let body = json!({ "task": task, "urgency": "urgent", "text": "Voor € 415,00 bij ons." });
            old.advisor.post(&format!("{path}/recommendations"), body).await.created()["id"].as_str().unwrap().to_owned()
        };
        let (tyres, wipers) = (advise("tyres").await, advise("wipers").await);
        let declared = json!({ "lines": [{ "task": "oil_and_filter" }] });
        let own = owner.post(&format!("{path}/service-records"), declared.clone()).await.created()["id"].clone();
        let asked = ask(&new.advisor, by_vin(&number, "4711", "jan@p6w.example")).await.created();
        server.pass(SignedDuration::from_mins(1));
        decide(&owner, asked["id"].as_str().unwrap(), "agree").await.ok();
        // What the former garage wished to be paid is in none of what the new one reads or is mailed.
        let expected = new.admin.get(&format!("{path}/expected-maintenance")).await.ok().to_string();
        assert!(expected.contains(&tyres) && !expected.contains("415,00"), "{expected}");
        let to_owner = owner.get(&format!("{path}/expected-maintenance")).await.ok().to_string();
        assert!(to_owner.contains("415,00"), "{to_owner}");
        owner.post(&format!("{path}/recommendations/{tyres}/agree"), json!({})).await.ok();
        owner.post(&format!("{path}/recommendations/{wipers}/decline"), json!({})).await.ok();
        let mails = server.mails_to("info@p6w.example");
        assert!(mails.len() >= 3 && mails.iter().all(|mail| !mail.raw.contains("415,00")), "{mails:?}");
        // It replaces none of the former garage's checks, and the owner corrects what they declared themselves.
        let body = json!({ "template": "holiday", "replacesId": check });
        new.mechanic.post(&format!("{path}/checks"), body).await.problem(400, "check_replaces_unknown");
        let mut corrected = declared;
        corrected["replacesId"] = own;
        owner.post(&format!("{path}/service-records"), corrected).await.created();
    }

    async fn p6_guessing_tells_nothing_and_is_braked(server) {
        let (old, new) = (server.garage("p6c").await, server.garage("p6d").await);
        let (_, _, number) = car(&old, "jan@p6c.example", "4711").await;
        let (_, own, own_number) = car(&new, "piet@p6d.example", "4712").await;
        let invited = old.invited_passport(&old.customer("els@p6c.example").await).await;
        old.admin.patch(&format!("/v1/passports/{invited}"), json!({ "vin": "WV2ZZZ7HZDH124713" })).await.ok();
        let invited = old.plate_of(&invited).await;
        let (_, without, unknown) = car(&old, "kees@p6c.example", "4714").await;
        old.admin.patch(&format!("/v1/passports/{without}"), json!({ "vin": null })).await.ok();
        let free = plate();
        let wrong = [(&number, "4712"), (&free, "4711"), (&invited, "4713"), (&unknown, "4714")];
        let mut told: Vec<Value> = vec![];
        for (number, end) in wrong {
            let answer = ask(&new.advisor, by_vin(number, end, "x@p6d.example")).await;
            answer.problem(404, "garage_change_no_match");
            told.push(json!([answer.body["title"], answer.body["detail"], answer.body["errors"]]));
        }
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        assert!(new.admin.get("/v1/customers?search=nieuwe").await.items().is_empty(), "nothing is kept");
        // What is wrong otherwise, and the garage's own car, is no guess.
        let known = ask(&new.advisor, by_vin(&own_number, "4712", "x@p6d.example")).await;
        known.problem(409, "passport_exists");
        assert_eq!(known.body["errors"][0]["otherId"], json!(own));
        let missing = json!({ "licencePlate": { "number": number }, "vinEnd": "4711", "customerId": own });
        ask(&new.advisor, missing).await.wrong(&["#/customerId not_found"]);
        ask(&new.advisor, json!({})).await.wrong(&["#/licencePlate one_required", "#/vinEnd one_required", "#/customerId one_required"]);
        ask(&new.mechanic, by_vin(&number, "4711", "x@p6d.example")).await.problem(403, "advisor_only");
        for _ in 0..6 {
            ask(&new.admin, by_vin(&number, "0000", "x@p6d.example")).await.problem(404, "garage_change_no_match");
        }
        let braked = ask(&new.advisor, by_vin(&number, "4711", "x@p6d.example")).await;
        braked.problem(429, "too_many_attempts");
        server.pass_idle(SignedDuration::from_mins(30));
        let advisor = back(server, &new.advisor).await;
        ask(&advisor, by_vin(&number, "4711", "x@p6d.example")).await.created();
    }

    async fn p6_with_the_owner_s_invitation(server) {
        let (old, new) = (server.garage("p6e").await, server.garage("p6f").await);
        let (owner, _, passport) = old.driver("jan@p6e.example").await;
        let (stranger, ..) = old.driver("stranger@p6e.example").await;
        let path = format!("/v1/passports/{passport}/garage-invitation");
        stranger.act(&path).await.problem(404, "not_found");
        old.admin.act(&path).await.problem(403, "only_owner_may_decide");
        let token = owner.act(&path).await.ok()["token"].as_str().unwrap().to_owned();
        let customer = new.customer("jan@p6f.example").await;
        let body = |token: &str| json!({ "invitation": token, "customerId": customer });
        for wrong in ["nonsense", &token[1..], &format!("{}AA", &token[..token.len() - 2])] {
            ask(&new.advisor, body(wrong)).await.problem(404, "garage_invitation_invalid");
        }
        let both = json!({ "invitation": token, "vinEnd": "4711", "customerId": customer });
        ask(&new.advisor, both).await.wrong(&["#/vinEnd conflicts_with_other"]);
        let key = [("content-type", "application/json"), ("idempotency-key", "p6")];
        let bytes = || Some(body(&token).to_string().into_bytes());
        let asked = new.advisor.send("POST", "/v1/garage-changes", &key, bytes()).await.created();
        assert_eq!(new.advisor.send("POST", "/v1/garage-changes", &key, bytes()).await.created(), asked, "a repeat");
        ask(&new.advisor, body(&token)).await.problem(409, "garage_change_open");
        decide(&owner, asked["id"].as_str().unwrap(), "decline").await.ok();
        assert_eq!(server.mails_to("info@p6f.example").len(), 1, "the garage is told");
        old.admin.get(&format!("/v1/passports/{passport}")).await.ok();
        // A new owner has made no invitation; and its time ends.
        ask(&new.advisor, body(&token)).await.created();
        server.pass(SignedDuration::from_hours(24 * 14));
        let (owner, advisor) = (back(server, &owner).await, back(server, &new.advisor).await);
        assert_eq!(server.mails_to("info@p6f.example").len(), 2, "nobody answered in time");
        ask(&advisor, body(&token)).await.problem(404, "garage_invitation_invalid");
        let token = owner.act(&path).await.ok()["token"].as_str().unwrap().to_owned();
        owner.offer(&passport, "new_owner", "piet@p6e.example").await.created();
        let buyer = server.join("piet@p6e.example").await;
        let offer = buyer.get("/v1/transfers").await.items()[0]["id"].as_str().unwrap().to_owned();
        let offered = buyer.get(&format!("/v1/transfers/{offer}")).await.ok();
        if offered["status"] == "offered" {
            buyer.act(&format!("/v1/transfers/{offer}/accept")).await.ok();
        }
        ask(&advisor, body(&token)).await.problem(404, "garage_invitation_invalid");
    }

    async fn p6_each_does_what_is_theirs(server) {
        let (old, new, third) = (server.garage("p6g").await, server.garage("p6h").await, server.garage("p6i").await);
        let fleet = old.fleet("fleet-p6g").await;
        let (driver, passport, number) = fleet_car(&old, &fleet, "jan@p6g.example", "4711").await;
        let asked = ask(&new.advisor, by_vin(&number, "4711", "wagenpark@p6h.example")).await.created();
        let change = asked["id"].as_str().unwrap();
        let path = format!("/v1/garage-changes/{change}");
        for stranger in [&third.admin, &old.admin, &driver, &fleet.manager] {
            stranger.get(&path).await.problem(404, "not_found");
            for what in ["agree", "decline", "withdraw"] {
                decide(stranger, change, what).await.problem(404, "not_found");
            }
        }
        for what in ["agree", "decline"] {
            for who in [&new.admin, &new.mechanic] {
                decide(who, change, what).await.problem(403, "only_owner_may_decide");
            }
        }
        decide(&fleet.account, change, "withdraw").await.problem(403, "staff_only");
        decide(&new.mechanic, change, "withdraw").await.problem(403, "advisor_only");
        fleet.account.change("POST", &format!("{path}/agree"), "\"77\"", Value::Null).await.problem(412, "precondition_failed");
        // One request at a time, and none beside an offer.
        ask(&third.advisor, by_vin(&number, "4711", "x@p6i.example")).await.problem(409, "garage_change_open");
        fleet.account.offer(&passport, "new_driver", "piet@p6g.example").await.problem(409, "garage_change_open");
        decide(&new.advisor, change, "withdraw").await.ok();
        decide(&fleet.account, change, "agree").await.problem(409, "garage_change_not_open");
        let offer = fleet.account.offer(&passport, "new_driver", "piet@p6g.example").await.created();
        ask(&third.advisor, by_vin(&number, "4711", "x@p6i.example")).await.problem(409, "transfer_open");
        fleet.account.act(&format!("/v1/transfers/{}/withdraw", offer["id"].as_str().unwrap())).await.ok();

        // The fleet's car stays in the fleet, at its new garage.
        let asked = ask(&third.advisor, by_vin(&number, "4711", "wagenpark@p6i.example")).await.created();
        decide(&fleet.account, asked["id"].as_str().unwrap(), "agree").await.ok();
        let shown = third.admin.get(&format!("/v1/passports/{passport}")).await.ok();
        assert_eq!(shown["fleet"]["id"], json!(fleet.id));
        assert!(server.mails_to("jan@p6g.example").last().unwrap().raw.contains("Garage p6i"), "the driver is told");
        driver.get(&format!("/v1/passports/{passport}")).await.ok();
        assert_eq!(fleet.account.get("/v1/passports").await.items().len(), 1);
        third.admin.get(&format!("/v1/fleets/{}", fleet.id)).await.problem(404, "not_found");
        assert!(old.admin.get(&format!("/v1/fleets/{}/passports", fleet.id)).await.items().is_empty());
        let etag = old.admin.get(&format!("/v1/fleets/{}", fleet.id)).await.etag();
        old.admin.change("POST", &format!("/v1/fleets/{}/close", fleet.id), &etag, Value::Null).await.problem(409, "fleet_has_passports");
        // The garage that keeps the car takes it out of the fleet, and cannot put it back in another garage's fleet.
        third.admin.unlink(&passport).await.ok();
        third.admin.link(&passport, &fleet.id).await.ok();
        third.admin.unlink(&passport).await.ok();
        fleet.account.agree(&passport).await;
        third.admin.link(&passport, &fleet.id).await.wrong(&["#/fleetId not_found"]);
        assert_eq!(driver.get(&format!("/v1/passports/{passport}")).await.ok()["owner"], "driver");
    }

    async fn p6_a_car_stays_while_somebody_may_still_have_it_back(server) {
        let (old, new) = (server.garage("p6n").await, server.garage("p6o").await);
        let fleet = old.fleet("fleet-p6n").await;
        let (driver, passport, number) = car(&old, "jan@p6n.example", "4711").await;
        let body = || by_vin(&number, "4711", "jan@p6o.example");
        let asked = ask(&new.advisor, body()).await.created();
        let change = asked["id"].as_str().unwrap();
        // The garage that keeps the car takes it from nobody meanwhile who was asked about it.
        old.admin.link(&passport, &fleet.id).await.problem(409, "garage_change_open");
        old.admin.act(&format!("/v1/passports/{passport}/archive")).await.problem(409, "garage_change_open");
        decide(&new.advisor, change, "withdraw").await.ok();
        old.admin.link(&passport, &fleet.id).await.ok();
        ask(&new.advisor, body()).await.problem(409, "link_change_open");
        let objection = driver.open_link_change(&passport).await;
        driver.act(&format!("/v1/link-changes/{objection}/object")).await.ok();
        let asked = ask(&new.advisor, body()).await.created();
        decide(&driver, asked["id"].as_str().unwrap(), "agree").await.ok();
        assert_eq!(new.admin.get(&format!("/v1/passports/{passport}")).await.ok()["fleet"], Value::Null);
    }

    async fn p6_who_took_a_link_takes_no_car_to_another_garage_meanwhile(server) {
        let (old, new) = (server.garage("p6p").await, server.garage("p6q").await);
        let (stranger, ..) = old.driver("stranger@p6p.example").await;
        let passport = old.invited_passport(&old.customer("jan@p6p.example").await).await;
        stranger.post("/v1/invitations/accept", json!({ "token": server.token_for("jan@p6p.example") })).await.ok();
        let token = stranger.act(&format!("/v1/passports/{passport}/garage-invitation")).await.ok()["token"].clone();
        let body = json!({ "invitation": token, "customerId": new.customer("stranger@p6q.example").await });
        ask(&new.advisor, body.clone()).await.problem(409, "activation_not_settled");
        server.pass_idle(SignedDuration::from_hours(24 * 7));
        let (stranger, advisor) = (back(server, &stranger).await, back(server, &new.advisor).await);
        let asked = ask(&advisor, body).await.created();
        decide(&stranger, asked["id"].as_str().unwrap(), "agree").await.ok();
    }

    async fn f8_a_fleet_that_was_not_handed_over_decides_nothing(server) {
        let (old, new) = (server.garage("p6r").await, server.garage("p6s").await);
        let (_, customer, _) = old.driver("manager@p6r.example").await;
        let prepared = json!({ "customerId": customer, "email": "own@p6r.example", "begin": "prepared", "password": PASSWORD });
        let fleet = old.admin.post("/v1/fleets", prepared).await.created()["id"].as_str().unwrap().to_owned();
        let garage_as_fleet = server.sign_in("own@p6r.example", PASSWORD).await;
        let (driver, passport, number) = car(&old, "jan@p6r.example", "4711").await;
        old.admin.link(&passport, &fleet).await.ok();
        driver.agree(&passport).await;
        let asked = ask(&new.advisor, by_vin(&number, "4711", "wagenpark@p6s.example")).await.created();
        let change = asked["id"].as_str().unwrap();
        for what in ["agree", "decline"] {
            decide(&garage_as_fleet, change, what).await.problem(409, "fleet_not_handed_over");
        }
        decide(&new.advisor, change, "withdraw").await.ok();
        let asked = ask(&new.admin, by_vin(&number, "4711", "wagenpark2@p6s.example")).await.created();
        old.admin.unlink(&passport).await.problem(409, "garage_change_open");
        decide(&new.advisor, asked["id"].as_str().unwrap(), "withdraw").await.ok();
        old.admin.unlink(&passport).await.ok();
        let lost = garage_as_fleet.open_link_change(&passport).await;
        for what in ["agree", "object"] {
            garage_as_fleet.act(&format!("/v1/link-changes/{lost}/{what}")).await.problem(409, "fleet_not_handed_over");
        }
    }

    async fn a24_nobody_fills_the_owners_mailbox_with_requests(server) {
        let (old, new) = (server.garage("p6t").await, server.garage("p6u").await);
        let (_, _, number) = car(&old, "jan@p6t.example", "4711").await;
        let customer = json!({ "kind": "person", "name": "Jan", "email": "jan@p6u.example" });
        new.admin.post("/v1/customers", customer.clone()).await.created();
        let body = || json!({ "licencePlate": { "number": number }, "vinEnd": "4711", "customer": customer });
        let records = new.admin.get("/v1/customers").await.items().len();
        for _ in 0..2 {
            let asked = ask(&new.advisor, body()).await.created();
            decide(&new.advisor, asked["id"].as_str().unwrap(), "withdraw").await.ok();
        }
        assert_eq!(new.admin.get("/v1/customers").await.items().len(), records, "who asks again makes no second record");
        let refused = ask(&new.admin, body()).await;
        refused.problem(429, "too_many_mails");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 181);
        assert!(new.admin.get("/v1/garage-changes?status=requested").await.items().is_empty(), "nothing is kept");
    }

    async fn p6_a_request_expires(server) {
        let (old, new) = (server.garage("p6j").await, server.garage("p6k").await);
        let (owner, _, number) = car(&old, "jan@p6j.example", "4711").await;
        let asked = ask(&new.advisor, by_vin(&number, "4711", "jan@p6k.example")).await.created();
        let change = asked["id"].as_str().unwrap();
        server.pass_idle(SignedDuration::from_hours(24 * 14));
        let (owner, advisor) = (back(server, &owner).await, back(server, &new.advisor).await);
        for (who, what) in [(&owner, "agree"), (&owner, "decline"), (&advisor, "withdraw")] {
            decide(who, change, what).await.problem(409, "garage_change_expired");
        }
        assert_eq!(advisor.get("/v1/garage-changes?status=expired").await.items().len(), 1);
        assert!(advisor.get("/v1/garage-changes?status=requested").await.items().is_empty());
        // Nobody wrote that down yet, and it is in nobody's way.
        let again = ask(&advisor, by_vin(&number, "4711", "jan@p6k.example")).await.created();
        server.pass(SignedDuration::from_mins(1));
        assert_eq!(advisor.get("/v1/garage-changes?sort=-requestedAt").await.items()[0]["id"], again["id"]);
        assert_eq!(server.mails_to("info@p6k.example").len(), 1);
        decide(&owner, again["id"].as_str().unwrap(), "agree").await.ok();
    }

    async fn p6_of_two_who_act_at_once_one_outcome_stands(server) {
        let (old, new) = (server.garage("p6l").await, server.garage("p6m").await);
        for (round, rival) in ["archive", "offer", "decline", "link"].into_iter().enumerate() {
            let email = format!("jan{round}@p6l.example");
            let (owner, passport, number) = car(&old, &email, "4711").await;
            let fleet = if rival == "link" { Some(old.fleet("fleet-p6l").await.id) } else { None };
            let asked = ask(&new.advisor, by_vin(&number, "4711", &format!("jan{round}@p6m.example"))).await.created();
            let change = asked["id"].as_str().unwrap().to_owned();
            let path = format!("/v1/passports/{passport}");
            let etag = old.admin.get(&path).await.etag();
            let agree = async { owner.act(&format!("/v1/garage-changes/{change}/agree")).await.status };
            let other = async {
                match rival {
                    "archive" => old.admin.act(&format!("{path}/archive")).await.status,
                    "offer" => owner.offer(&passport, "new_owner", "koper@p6l.example").await.status,
                    "decline" => decide(&owner, &change, "decline").await.status,
                    _ => old.admin.change("PUT", &format!("{path}/fleet"), &etag, json!({ "fleetId": fleet })).await.status,
                }
            };
            let (agreed, rival_status) = tokio::join!(agree, other);
            let (here, there) = (old.admin.get(&path).await.status, new.admin.get(&path).await.status);
            assert_ne!(here == 200, there == 200, "{rival}: one garage has the car");
            assert_eq!(there == 200, agreed == 200, "{rival}: {agreed} {rival_status}");
            if rival == "decline" || rival == "archive" {
                assert_ne!(agreed == 200, rival_status == 200, "{rival}: {agreed} {rival_status}");
            }
        }
    }
}
