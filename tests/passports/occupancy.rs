//! Taking a plate for a passport over HTTP: rules P1 and P7.

use crate::{
    both,
    support::{Actor, Answer, Garage, PASSWORD, Server, kombi, plate},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn days(many: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * many)
}

/// Signs in again, after so long that the session ended.
async fn back<'s>(server: &'s Server, who: &Actor<'s>) -> Actor<'s> {
    server.sign_in(&who.email, PASSWORD).await
}

async fn new(garage: &Garage<'_>, number: &str, email: &str) -> Value {
    json!({ "licencePlate": { "number": number }, "customerId": garage.customer(email).await })
}

async fn import(actor: &Actor<'_>, lines: &[Value]) -> Value {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let headers = [("content-type", "application/x-ndjson")];
    actor.send("POST", "/v1/passport-imports", &headers, Some(lines.join("\n").into_bytes())).await.ok()
}

fn line(number: &str) -> Value {
    json!({ "licencePlate": { "number": number }, "customer": { "kind": "person", "name": "Jan", "email": "jan@occupancy.example" } })
}

/// How many a server answered with each status, when so many ask at once.
async fn race(server: &Server, asked: &[(&Actor<'_>, Value)], many: usize) -> Vec<u16> {
    let mut racing = Vec::new();
    for (actor, body) in asked.iter().cycle().take(many) {
        let request =
            server.client.post(format!("{}/v1/passports", server.url)).bearer_auth(actor.token.clone().unwrap());
        let request = request.header("content-type", "application/json").body(body.to_string());
        racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
    }
    let mut statuses = Vec::new();
    for race in racing {
        statuses.push(race.await.unwrap());
    }
    statuses.sort_unstable();
    statuses
}

fn own(answer: &Answer, id: &str) {
    answer.problem(409, "passport_exists");
    let error = &answer.body["errors"][0];
    assert_eq!((&error["code"], &error["otherId"]), (&json!("plate_of_own_passport"), &json!(id)));
}

both! {
    async fn p7_a_plate_that_nobody_activated_goes_to_the_garage_that_makes_a_passport(server) {
        let (one, other) = (server.garage("p7a").await, server.garage("p7b").await);
        let (number, linked) = (plate(), plate());
        let first = one.admin.post("/v1/passports", new(&one, &number, "jan@p7a.example").await).await.created();
        let path = format!("/v1/passports/{}", first["id"].as_str().unwrap());
        let fleet = one.fleet("fleet-p7a").await;
        let mut in_fleet = new(&one, &linked, "kees@p7a.example").await;
        in_fleet["fleetId"] = json!(fleet.id);
        one.admin.post("/v1/passports", in_fleet).await.created();
        server.pass(days(59));
        let (advisor, mechanic) = (back(server, &one.advisor).await, back(server, &one.mechanic).await);
        advisor.act(&format!("{path}/invitation")).await.expect(reqwest::StatusCode::ACCEPTED);
        let token = server.token_for("jan@p7a.example");
        let check = mechanic.post(&format!("{path}/checks"), json!({ "template": "autostatus" })).await.created();
        let taker = Garage { admin: back(server, &other.admin).await, ..other };
        let body = new(&taker, &number, "piet@p7b.example").await;
        taker.admin.post("/v1/passports", body.clone()).await.problem(409, "passport_exists");
        assert!(server.mails_to("info@p7a.example").is_empty());

        server.pass(days(1));
        let (advisor, mechanic) = (back(server, &advisor).await, back(server, &mechanic).await);
        let taker = Garage { admin: back(server, &taker.admin).await, ..taker };
        let key = [("content-type", "application/json"), ("idempotency-key", "p7")];
        let bytes = || Some(body.to_string().into_bytes());
        let made = taker.admin.send("POST", "/v1/passports", &key, bytes()).await.created();
        assert_eq!(taker.admin.send("POST", "/v1/passports", &key, bytes()).await.created(), made, "a repeat");
        assert_ne!(made["id"], first["id"]);
        let shown = advisor.get(&path).await.ok();
        assert_eq!((&shown["status"], &shown["licencePlate"]["number"]), (&json!("archived"), &first["licencePlate"]["number"]));
        let anyone = server.anonymous();
        let accept = json!({ "token": token, "password": PASSWORD });
        anyone.post("/v1/invitations/accept", accept).await.problem(409, "invitation_revoked");
        mechanic.get(&format!("{path}/checks/{}", check["id"].as_str().unwrap())).await.problem(404, "not_found");

        // Its garage is told once, and not who took the plate.
        let mails = server.mails_to("info@p7a.example");
        assert_eq!(mails.len(), 1);
        assert!(mails[0].raw.contains("gearchiveerd") && !mails[0].raw.contains("p7b"), "{}", mails[0].raw);
        let events = advisor.get(&format!("{path}/events")).await.items();
        let kinds: Vec<(&Value, &Value)> = events[..2].iter().map(|event| (&event["kind"], &event["by"])).collect();
        assert_eq!(kinds, [(&json!("passport_lapsed"), &Value::Null), (&json!("vehicle_check_discarded"), &Value::Null)]);
        assert!(server.mails_to("info@p7b.example").is_empty());
        assert_eq!(server.mails_to("piet@p7b.example").len(), 1, "the new customer has the link");

        // The plate is the other garage's now; and a car in a fleet is in use there.
        advisor.post("/v1/passports", new(&Garage { admin: back(server, &one.admin).await, ..one }, &number, "els@p7a.example").await).await.problem(409, "passport_exists");
        let body = new(&taker, &linked, "klaas@p7b.example").await;
        taker.admin.post("/v1/passports", body).await.problem(409, "passport_exists");
    }

    async fn p11_one_that_lapsed_is_taken_back_and_one_that_lapsed_elsewhere_makes_room(server) {
        let (one, other) = (server.garage("p11l").await, server.garage("p11m").await);
        let number = plate();
        let first = one.admin.post("/v1/passports", new(&one, &number, "jan@p11l.example").await).await.created();
        let path = format!("/v1/passports/{}", first["id"].as_str().unwrap());
        let body = new(&other, &number, "piet@p11m.example").await;
        server.pass_idle(days(60));
        let (admin, taker) = (back(server, &one.admin).await, back(server, &other.admin).await);
        let made = taker.post("/v1/passports", body).await.created();
        let theirs = format!("/v1/passports/{}", made["id"].as_str().unwrap());
        admin.act(&format!("{path}/unarchive")).await.problem(409, "passport_exists");
        taker.act(&format!("{theirs}/archive")).await.ok();
        assert_eq!(admin.act(&format!("{path}/unarchive")).await.ok()["status"], "invited");
        // Its days begin anew. When nobody activates it in those, it makes room for one that was archived later.
        taker.act(&format!("{theirs}/unarchive")).await.problem(409, "passport_exists");
        server.pass_idle(days(59));
        let (admin, taker) = (back(server, &one.admin).await, back(server, &other.admin).await);
        let again = json!({ "licencePlate": { "number": number }, "customerId": made["customer"]["id"] });
        taker.post("/v1/passports", again.clone()).await.problem(409, "passport_exists");
        server.pass_idle(days(1));
        let (admin, taker) = (back(server, &admin).await, back(server, &taker).await);
        taker.post("/v1/passports", again).await.created();
        assert_eq!(admin.get(&path).await.ok()["status"], "archived");
    }

    async fn p11_plates_that_another_garage_has_count_as_when_they_are_made(server) {
        let (one, other) = (server.garage("p11p").await, server.garage("p11q").await);
        let number = plate();
        let first = one.admin.post("/v1/passports", new(&one, &number, "jan@p11p.example").await).await.created();
        let path = format!("/v1/passports/{}", first["id"].as_str().unwrap());
        one.admin.act(&format!("{path}/archive")).await.ok();
        other.admin.post("/v1/passports", new(&other, &number, "piet@p11q.example").await).await.created();
        for _ in 0..30 {
            one.advisor.act(&format!("{path}/unarchive")).await.problem(409, "passport_exists");
        }
        one.admin.act(&format!("{path}/unarchive")).await.problem(429, "too_many_attempts");
    }

    async fn p7_of_two_garages_that_take_a_plate_one_gets_it(server) {
        let (one, two, three) = (server.garage("p7c").await, server.garage("p7d").await, server.garage("p7e").await);
        let number = plate();
        let first = one.admin.post("/v1/passports", new(&one, &number, "jan@p7c.example").await).await.created();
        let path = format!("/v1/passports/{}", first["id"].as_str().unwrap());
        let bodies = (new(&two, &number, "jan@p7d.example").await, new(&three, &number, "jan@p7e.example").await);
        server.pass(days(60));
        let keeper = back(server, &one.admin).await;
        let (two, three) = (back(server, &two.admin).await, back(server, &three.admin).await);
        let statuses = race(server, &[(&two, bodies.0), (&three, bodies.1)], 12).await;
        assert_eq!(statuses, [vec![201], vec![409; 11]].concat());
        assert_eq!(keeper.get(&path).await.ok()["status"], "archived");
        assert_eq!(keeper.get(&format!("{path}/events?kind=passport_lapsed")).await.items().len(), 1);
        assert_eq!(server.mails_to("info@p7c.example").len(), 1);
    }

    async fn p7_garages_that_take_plates_of_one_another_do_not_stand_still(server) {
        let (one, two) = (server.garage("p7f").await, server.garage("p7g").await);
        let numbers: Vec<(String, String)> = (0..6).map(|_| (plate(), plate())).collect();
        import(&one.admin, &numbers.iter().map(|(ours, _)| line(ours)).collect::<Vec<_>>()).await;
        import(&two.admin, &numbers.iter().map(|(_, theirs)| line(theirs)).collect::<Vec<_>>()).await;
        let (here, there) = (one.customer("jan@p7f.example").await, two.customer("jan@p7g.example").await);
        server.pass(days(60));
        let (one, two) = (back(server, &one.admin).await, back(server, &two.admin).await);
        let body = |number: &str, customer: &str| json!({ "licencePlate": { "number": number }, "customerId": customer });
        let asked: Vec<(&Actor<'_>, Value)> = numbers
            .iter()
            .flat_map(|(ours, theirs)| [(&one, body(theirs, &here)), (&two, body(ours, &there))])
            .collect();
        assert_eq!(race(server, &asked, 12).await, [201; 12]);
        let archived = |cars: Answer| cars.items().len();
        assert_eq!(archived(one.get("/v1/passports?status=archived").await), 6);
        assert_eq!(archived(two.get("/v1/passports?status=archived").await), 6);
    }

    async fn p7_an_import_and_a_new_plate_take_it_too(server) {
        let (one, other) = (server.garage("p7h").await, server.garage("p7i").await);
        let numbers = [plate(), plate(), plate()];
        import(&one.admin, &numbers.each_ref().map(|number| line(number))).await;
        let (_, _, car) = other.driver("piet@p7i.example").await;
        let path = format!("/v1/passports/{car}");
        server.pass(days(59));
        let (one, other) = (back(server, &one.admin).await, back(server, &other.admin).await);
        assert_eq!(import(&other, &[line(&numbers[0])]).await["refused"], 1);
        other.patch(&path, json!({ "licencePlate": { "number": numbers[1] } })).await.problem(409, "passport_exists");
        server.pass(days(1));
        let (one, other) = (back(server, &one).await, back(server, &other).await);
        let imported = import(&other, &[line(&numbers[0]), line(&numbers[0]), line(&plate())]).await;
        assert_eq!((&imported["made"], &imported["existing"]), (&json!(2), &json!(1)));
        other.patch(&path, json!({ "licencePlate": { "number": numbers[1] } })).await.ok();
        let archived = one.get("/v1/passports?status=archived").await.items();
        let plates: Vec<&Value> = archived.iter().map(|car| &car["licencePlate"]["shown"]).collect();
        assert_eq!(plates, [&json!(numbers[0]), &json!(numbers[1])]);
        assert_eq!(one.get("/v1/passports?status=invited").await.items().len(), 1);
        assert_eq!(server.mails_to("info@p7h.example").len(), 2);
    }

    async fn p7_who_activates_in_time_keeps_it(server) {
        let (one, other) = (server.garage("p7j").await, server.garage("p7k").await);
        let (_, _, car) = one.driver("jan@p7j.example").await;
        let number = one.plate_of(&car).await;
        let body = new(&other, &number, "piet@p7k.example").await;
        server.pass(days(400));
        back(server, &other.admin).await.post("/v1/passports", body).await.problem(409, "passport_exists");
    }

    async fn p1_the_garage_s_own_passport_is_named(server) {
        let garage = server.garage("p1own").await;
        let (number, customer) = (plate(), garage.customer("jan@p1own.example").await);
        let body = json!({ "licencePlate": { "number": number }, "customerId": customer });
        let first = garage.admin.post("/v1/passports", body.clone()).await.created();
        let id = first["id"].as_str().unwrap();
        own(&garage.advisor.post("/v1/passports", body.clone()).await, id);
        let another = garage.invited_passport(&customer).await;
        let answer = garage.admin.patch(&format!("/v1/passports/{another}"), json!({ "licencePlate": { "number": number } })).await;
        own(&answer, id);
        // It does not lapse for the garage itself, which can mail the link again.
        server.pass(days(90));
        let admin = back(server, &garage.admin).await;
        own(&admin.post("/v1/passports", body).await, id);
        admin.act(&format!("/v1/passports/{id}/invitation")).await.expect(reqwest::StatusCode::ACCEPTED);
        assert_eq!(server.join("jan@p1own.example").await.get("/v1/passports").await.items().len(), 1);
    }

    async fn p1_a_request_that_is_refused_anyway_does_not_tell_of_another_garages_car(server) {
        let (garage, other) = (server.garage("p1o").await, server.garage("p1q").await);
        let (taken, free) = (plate(), plate());
        other.admin.post("/v1/passports", new(&other, &taken, "jan@p1q.example").await).await.created();
        let customer = garage.customer("piet@p1o.example").await;
        let missing = "01900000-0000-7000-8000-000000000000";
        let (_, _, car) = garage.driver("kees@p1o.example").await;
        // What the register told of both plates makes an odometer's reading of today impossible.
        let future = domain::register::RegisterData { admitted_on: "2031-01-01".parse().ok(), ..kombi("2031-01-01") };
        for number in [&taken, &free] {
            server.told(number, Some(&future));
        }
        for number in [&taken, &free] {
            let with = |extra: Value| {
                let mut body = json!({ "licencePlate": { "number": number }, "customerId": customer });
                extra.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
                body
            };
            let post = async |body: Value| garage.advisor.post("/v1/passports", body).await;
            post(with(json!({ "customerId": missing }))).await.wrong(&["#/customerId not_found"]);
            post(with(json!({ "fleetId": missing }))).await.wrong(&["#/fleetId not_found"]);
            let nameless = json!({ "licencePlate": { "number": number }, "customer": { "kind": "person", "name": "Zonder" } });
            post(nameless).await.problem(409, "customer_without_email");
            post(with(json!({ "odometerKm": 12 }))).await.problem(409, "odometer_before_first_admission");
            garage.mechanic.post("/v1/passports", with(json!({}))).await.problem(403, "advisor_only");
            let path = format!("/v1/passports/{car}");
            let etag = garage.admin.get(&path).await.etag();
            let change = json!({ "licencePlate": { "number": number }, "odometerKm": 12, "year": 2031 });
            garage.admin.change("PATCH", &path, &etag, change.clone()).await.problem(409, "odometer_before_first_admission");
            garage.admin.change("PATCH", &path, "\"77\"", change).await.problem(412, "precondition_failed");
        }
    }

    async fn p1_asking_for_plates_of_others_is_braked(server) {
        let (garage, other) = (server.garage("p1r").await, server.garage("p1s").await);
        let taken = plate();
        other.admin.post("/v1/passports", new(&other, &taken, "jan@p1s.example").await).await.created();
        let customer = garage.customer("piet@p1r.example").await;
        let body = |number: &str| json!({ "licencePlate": { "number": number }, "customerId": customer });
        let own = garage.advisor.post("/v1/passports", body(&plate())).await.created();
        let own_number = own["licencePlate"]["number"].as_str().unwrap();
        let path = format!("/v1/passports/{}", own["id"].as_str().unwrap());
        for _ in 0..15 {
            // What the garage has itself is no try.
            garage.advisor.post("/v1/passports", body(own_number)).await.problem(409, "passport_exists");
            garage.advisor.post("/v1/passports", body(&taken)).await.problem(409, "passport_exists");
            garage.advisor.patch(&path, json!({ "licencePlate": { "number": taken } })).await.problem(409, "passport_exists");
        }
        // From now on the answer is the same for each plate, whoever of the garage asks.
        for number in [&taken, &plate()] {
            let answer = garage.admin.post("/v1/passports", body(number)).await;
            answer.problem(429, "too_many_attempts");
            assert!((1..=601).contains(&answer.header("retry-after").parse::<i64>().unwrap()));
            garage.admin.patch(&path, json!({ "licencePlate": { "number": number } })).await.problem(429, "too_many_attempts");
        }
        garage.admin.patch(&path, json!({ "make": "Opel" })).await.ok();
        assert_eq!(import(&garage.admin, &[line(&plate()), line(&taken)]).await["made"], 1, "imports are counted apart");
        other.admin.post("/v1/passports", new(&other, &plate(), "els@p1s.example").await).await.created();
        server.pass_idle(SignedDuration::from_mins(10));
        let admin = back(server, &garage.admin).await;
        admin.post("/v1/passports", body(&taken)).await.problem(409, "passport_exists");
        admin.post("/v1/passports", body(&taken)).await.problem(429, "too_many_attempts");
        server.pass_idle(SignedDuration::from_mins(10));
        back(server, &garage.admin).await.post("/v1/passports", body(&plate())).await.created();
    }

    async fn p1_an_honest_import_is_not_held_up_and_a_search_through_plates_is(server) {
        let (garage, other) = (server.garage("p1t").await, server.garage("p1u").await);
        let numbers: Vec<String> = (0..1_010).map(|_| plate()).collect();
        let lines: Vec<Value> = numbers.iter().map(|number| line(number)).collect();
        assert_eq!(import(&other.admin, &lines).await["made"], 1_010);
        let imported = import(&garage.admin, &[&lines[..999], &[line(&plate())]].concat()).await;
        assert_eq!((&imported["made"], &imported["refused"]), (&json!(1), &json!(999)));
        let codes = |imported: &Value| -> Vec<String> {
            let refused = imported["refusedLines"].as_array().unwrap().iter();
            refused.map(|line| line["problem"]["code"].as_str().unwrap().to_owned()).collect()
        };
        assert!(codes(&imported).iter().all(|code| code == "passport_exists"));
        // One more, and then each line is refused alike, but those that are wrong and the garage's own.
        let wrong = json!({ "licencePlate": { "number": numbers[1_000] }, "customer": { "kind": "person" } });
        let more = [line(&numbers[1_001]), line(&plate()), wrong.clone(), line(&numbers[1_002]), line(&plate())];
        let more = import(&garage.admin, &more).await;
        assert_eq!(codes(&more), ["passport_exists", "invalid_request", "too_many_attempts", "too_many_attempts"]);
        let more = import(&garage.admin, &[line(&plate()), wrong]).await;
        assert_eq!(codes(&more), ["too_many_attempts", "invalid_request"]);
        server.pass_idle(SignedDuration::from_mins(4));
        let lines = [&plate(), &numbers[1_003], &numbers[1_004], &numbers[1_005], &plate()].map(|number| line(number));
        let more = import(&garage.admin, &lines).await;
        assert_eq!(codes(&more), ["passport_exists", "passport_exists", "too_many_attempts", "too_many_attempts"]);
        assert_eq!(more["made"], 1);
    }
}
