//! Passports over HTTP: rules P1 to P5, P11, P12, and A2.

use crate::{
    both,
    support::{PASSWORD, plate},
};
use jiff::SignedDuration;
use serde_json::json;

both! {
    async fn p1_one_passport_in_use_per_plate(server) {
        let (one, other) = (server.garage("p1").await, server.garage("p1b").await);
        let number = plate();
        let new = |customer: &str| json!({ "licencePlate": { "number": number }, "customerId": customer });
        let first = one.admin.post("/v1/passports", new(&one.customer("jan@p1.example").await)).await.created();
        assert_eq!(first["status"], "invited");
        let customer = other.customer("piet@p1.example").await;
        let refused = other.admin.post("/v1/passports", new(&customer)).await;
        refused.problem(409, "passport_exists");
        assert!(!refused.body.to_string().contains("Garage p1\""), "the other garage learns nothing else");
        assert!(server.mails_to("piet@p1.example").is_empty());
        one.admin.act(&format!("/v1/passports/{}/archive", first["id"].as_str().unwrap())).await.ok();
        other.admin.post("/v1/passports", new(&customer)).await.created();
    }

    async fn p15_a_passport_is_put_under_another_record_and_its_driver_keeps_it(server) {
        let (garage, other) = (server.garage("p15").await, server.garage("p15b").await);
        let (driver, double, passport) = garage.driver("jan@p15.example").await;
        let kept = garage.customer("jansen@p15.example").await;
        let path = format!("/v1/passports/{passport}");
        let put = |customer: &str| json!({ "customerId": customer });
        let before = driver.get(&path).await.ok();
        garage.mechanic.patch(&path, put(&kept)).await.problem(403, "advisor_only");
        garage.mechanic.patch(&path, put(&double)).await.ok();
        driver.patch(&path, put(&kept)).await.problem(403, "staff_only");
        other.admin.change("PATCH", &path, "*", put(&kept)).await.problem(404, "not_found");
        let foreign = other.customer("piet@p15b.example").await;
        garage.admin.patch(&path, put(&foreign)).await.wrong(&["#/customerId not_found"]);
        garage.admin.patch(&path, json!({ "customerId": null })).await.wrong(&["#/customerId wrong_type"]);
        let customer = format!("/v1/customers/{double}");
        let etag = garage.admin.get(&customer).await.etag();
        garage.admin.change("DELETE", &customer, &etag, json!(null)).await.problem(409, "customer_has_passports");
        let stale = garage.admin.get(&path).await.etag();
        let changed = garage.advisor.patch(&path, put(&kept)).await.ok();
        assert_eq!((&changed["customer"]["id"], &changed["customer"]["email"]), (&json!(kept), &json!("jansen@p15.example")));
        assert_eq!((&changed["driver"]["email"], &changed["status"], &changed["owner"]), (&json!("jan@p15.example"), &json!("active"), &json!("driver")));
        garage.advisor.change("PATCH", &path, &stale, put(&double)).await.problem(412, "precondition_failed");
        let after = driver.get(&path).await.ok();
        assert_eq!((&after["driver"], &after["owner"], &after["customer"]), (&before["driver"], &before["owner"], &json!(null)));
        let facts = garage.admin.get(&format!("{path}/events?kind=passport_customer_changed")).await.items();
        assert_eq!((facts.len(), &facts[0]["data"]["customerId"], &facts[0]["data"]["formerCustomer"]), (1, &json!(kept), &json!(double)));
        assert!(server.mails_to("jansen@p15.example").is_empty(), "no link was open");
        garage.admin.change("DELETE", &customer, &etag, json!(null)).await.expect(reqwest::StatusCode::NO_CONTENT);
        garage.admin.act(&format!("{path}/archive")).await.ok();
        let last = garage.customer("last@p15.example").await;
        garage.admin.patch(&path, put(&last)).await.problem(409, "passport_archived");
    }

    async fn p13_p15_the_link_goes_to_the_customer_under_whose_record_the_passport_is(server) {
        let garage = server.garage("p15l").await;
        let one = garage.customer("one@p15l.example").await;
        let passport = garage.invited_passport(&one).await;
        let path = format!("/v1/passports/{passport}");
        let put = |customer: &str| json!({ "customerId": customer });
        let first = server.token_for("one@p15l.example");
        // The same person, recorded twice: the link that they have still works.
        let twin = json!({ "kind": "person", "name": "Twin", "email": "One@p15l.example" });
        let twin = garage.admin.post("/v1/customers", twin).await.created()["id"].as_str().unwrap().to_owned();
        garage.admin.patch(&path, put(&twin)).await.ok();
        assert_eq!(server.token_for("one@p15l.example"), first);
        let other = garage.customer("two@p15l.example").await;
        garage.admin.patch(&path, put(&other)).await.ok();
        let accept = |token: &str| json!({ "token": token, "password": PASSWORD });
        server.anonymous().post("/v1/invitations/accept", accept(&first)).await.problem(409, "invitation_revoked");
        assert_eq!(server.mails_to("two@p15l.example").len(), 1);
        garage.admin.patch(&path, put(&one)).await.ok();
        garage.admin.patch(&path, put(&other)).await.ok();
        // An address is mailed of one car twice at once.
        garage.admin.patch(&path, put(&one)).await.problem(429, "too_many_mails");
        let nobody = json!({ "kind": "person", "name": "Nobody" });
        let nobody = garage.admin.post("/v1/customers", nobody).await.created()["id"].as_str().unwrap().to_owned();
        let second = server.token_for("two@p15l.example");
        garage.admin.patch(&path, put(&nobody)).await.ok();
        server.anonymous().post("/v1/invitations/accept", accept(&second)).await.problem(409, "invitation_revoked");
        assert_eq!(garage.admin.get(&path).await.ok()["status"], "invited");
    }

    async fn p1_two_garages_at_once(server) {
        let (one, other) = (server.garage("p1c").await, server.garage("p1d").await);
        let number = plate();
        let bodies = [
            (&one, json!({ "licencePlate": { "number": number }, "customerId": one.customer("jan@p1c.example").await })),
            (&other, json!({ "licencePlate": { "number": number }, "customerId": other.customer("jan@p1d.example").await })),
        ];
        let mut racing = Vec::new();
        for (garage, body) in bodies.iter().cycle().take(16) {
            let request = server.client.post(format!("{}/v1/passports", server.url)).bearer_auth(garage.admin.token.clone().unwrap());
            let request = request.header("content-type", "application/json").body(body.to_string());
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        let mut statuses = Vec::new();
        for race in racing {
            statuses.push(race.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 15]].concat());
    }

    async fn p2_p3_activation(server) {
        let garage = server.garage("p3").await;
        let customer = garage.customer("jan@p3.example").await;
        let passport = garage.invited_passport(&customer).await;
        let first = server.token_for("jan@p3.example");
        garage.advisor.act(&format!("/v1/passports/{passport}/invitation")).await.expect(reqwest::StatusCode::ACCEPTED);
        let second = server.token_for("jan@p3.example");
        assert_ne!(first, second);
        let anyone = server.anonymous();
        let accept = |token: &str| json!({ "token": token, "password": PASSWORD });
        anyone.post("/v1/invitations/accept", accept(&first)).await.problem(409, "invitation_revoked");
        anyone.post("/v1/invitations/accept", accept("nonsense")).await.problem(404, "invitation_not_found");
        anyone.post("/v1/invitations/accept", json!({ "token": second })).await.wrong(&["#/password required"]);
        anyone.post("/v1/invitations/accept", json!({ "token": second, "password": "password1234" })).await.wrong(&["#/password password_too_common"]);
        let preview = anyone.post("/v1/invitations/preview", json!({ "token": second })).await.ok();
        assert_eq!((preview["purpose"].as_str(), preview["accountExists"].as_bool()), (Some("passport"), Some(false)));
        let driver = server.join("jan@p3.example").await;
        anyone.post("/v1/invitations/accept", accept(&second)).await.problem(409, "invitation_used");
        assert_eq!(driver.get(&format!("/v1/passports/{passport}")).await.ok()["status"], "active");
        garage.admin.act(&format!("/v1/passports/{passport}/invitation")).await.problem(409, "passport_already_active");

        // Someone who has an account adds the car to it.
        let another = garage.invited_passport(&customer).await;
        let token = server.token_for("jan@p3.example");
        anyone.post("/v1/invitations/accept", accept(&token)).await.problem(409, "sign_in_first");
        driver.post("/v1/invitations/accept", json!({ "token": token })).await.ok();
        assert_eq!(driver.get("/v1/passports").await.items().len(), 2);
        driver.get(&format!("/v1/passports/{another}")).await.ok();

        // A link's time ends.
        garage.invited_passport(&customer).await;
        let token = server.token_for("jan@p3.example");
        server.pass(SignedDuration::from_hours(24 * 14));
        anyone.post("/v1/invitations/accept", accept(&token)).await.problem(409, "invitation_expired");
        // It says so for a month, and is forgotten then, with the address it was mailed to.
        server.pass(SignedDuration::from_hours(24 * 31));
        anyone.post("/v1/invitations/accept", accept(&token)).await.problem(404, "invitation_not_found");
    }

    async fn p4_with_customer_and_fleet_in_one_act(server) {
        let garage = server.garage("p4").await;
        let fleet = garage.fleet("fleet-p4").await;
        let body = json!({
            "licencePlate": { "number": plate() },
            "customer": { "kind": "person", "name": "Nieuwe Rijder", "email": "rijder@p4.example" },
            "fleetId": fleet.id,
        });
        let made = garage.advisor.post("/v1/passports", body.clone()).await.created();
        assert_eq!((made["fleet"]["id"].as_str(), made["customer"]["name"].as_str()), (Some(fleet.id.as_str()), Some("Nieuwe Rijder")));
        assert_eq!(fleet.account.get("/v1/passports").await.items().len(), 1);
        // All or nothing: a plate that is taken leaves no customer behind.
        let mut again = body;
        again["customer"]["name"] = json!("Niemand");
        garage.advisor.post("/v1/passports", again).await.problem(409, "passport_exists");
        assert!(garage.admin.get("/v1/customers?search=niemand").await.items().is_empty());
        let without = json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "person", "name": "Zonder" } });
        garage.advisor.post("/v1/passports", without).await.problem(409, "customer_without_email");
        assert!(garage.admin.get("/v1/customers?search=zonder").await.items().is_empty());
    }

    async fn p5_the_history_of_hands_only_grows(server) {
        let garage = server.garage("p5").await;
        let fleet = garage.fleet("fleet-p5").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@p5.example").await;
        let path = format!("/v1/passports/{car}/custody");
        let before = garage.admin.get(&path).await.items();
        let words = |items: &[serde_json::Value]| -> Vec<String> {
            items.iter().map(|p| format!("{} {}", p["role"].as_str().unwrap(), p["holder"].as_str().unwrap())).collect()
        };
        assert_eq!(words(&before), ["driver account", "owner account", "owner fleet", "fleet fleet"]);
        garage.admin.unlink(&car).await.ok();
        let after = garage.admin.get(&path).await.items();
        assert_eq!(words(&after), ["driver account", "owner account", "owner fleet", "fleet fleet", "owner account", "fleet nobody"]);
        for (old, new) in before.iter().zip(&after) {
            assert_eq!((&old["role"], &old["name"], &old["since"]), (&new["role"], &new["name"], &new["since"]));
        }
        let own = driver.get(&path).await.items();
        assert!(own.iter().any(|p| p["name"] == "Name of driver@p5.example"));
        assert!(own.iter().filter(|p| p["holder"] == "fleet").all(|p| p["name"].is_null()));
        let paged = garage.admin.get(&format!("{path}?limit=2")).await;
        assert_eq!(paged.items().len(), 2);
    }

    async fn p11_an_archived_passport_is_taken_back(server) {
        let (garage, other) = (server.garage("p11").await, server.garage("p11o").await);
        let fleet = garage.fleet("fleet-p11").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@p11.example").await;
        let path = format!("/v1/passports/{car}");
        let back = format!("{path}/unarchive");
        garage.admin.act(&back).await.problem(409, "passport_not_archived");
        garage.admin.act(&format!("{path}/archive")).await.ok();
        garage.mechanic.act(&back).await.problem(403, "advisor_only");
        for who in [&driver, &fleet.account, &other.admin] {
            who.act(&back).await.problem(404, "not_found");
        }
        garage.advisor.send("POST", &back, &[("if-match", "\"1\"")], None).await.problem(412, "precondition_failed");
        let mails = [server.mails_to(&driver.email).len(), server.mails_to(&fleet.account.email).len()];
        let key = [("idempotency-key", "take-back")];
        let first = garage.advisor.send("POST", &back, &key, None).await;
        assert_eq!((first.status, &first.body["status"], &first.body["fleet"]["id"]), (200, &json!("active"), &json!(fleet.id)));
        assert_eq!(garage.advisor.send("POST", &back, &key, None).await.body, first.body, "the repeat gets the same answer");
        assert_eq!(driver.get(&path).await.ok()["owner"], "fleet");
        fleet.account.get(&path).await.ok();
        let after = [server.mails_to(&driver.email).len(), server.mails_to(&fleet.account.email).len()];
        assert_eq!(after, mails.map(|count| count + 1), "driver and fleet are told, once each");
        let custody = garage.admin.get(&format!("{path}/custody")).await.items();
        let last: Vec<_> = custody.iter().rev().take(3).map(|entry| entry["role"].as_str().unwrap().to_owned()).collect();
        assert_eq!(last, ["fleet", "owner", "driver"]);
        assert!(garage.events().await.iter().any(|(_, kind)| kind == "passport_unarchived"));
        driver.act(&back).await.problem(403, "staff_only");

        // What was never activated waits to be again: its links were revoked.
        let customer = garage.customer("later@p11.example").await;
        let invited = garage.invited_passport(&customer).await;
        let token = server.token_for("later@p11.example");
        garage.admin.act(&format!("/v1/passports/{invited}/archive")).await.ok();
        assert_eq!(garage.admin.act(&format!("/v1/passports/{invited}/unarchive")).await.ok()["status"], "invited");
        let accept = json!({ "token": token, "password": PASSWORD });
        server.anonymous().post("/v1/invitations/accept", accept).await.problem(409, "invitation_revoked");
        garage.admin.act(&format!("/v1/passports/{invited}/invitation")).await.expect(reqwest::StatusCode::ACCEPTED);
        server.join("later@p11.example").await.get(&format!("/v1/passports/{invited}")).await.ok();
    }

    async fn p11_not_when_the_car_has_another_passport_nor_after_thirty_days(server) {
        let (garage, other) = (server.garage("p11b").await, server.garage("p11c").await);
        let (driver, customer, car) = garage.driver("driver@p11b.example").await;
        let number = garage.plate_of(&car).await;
        let path = format!("/v1/passports/{car}");
        let archive = async || garage.admin.act(&format!("{path}/archive")).await.ok();
        let back = async || garage.admin.act(&format!("{path}/unarchive")).await;
        archive().await;
        let body = |customer: &str| json!({ "licencePlate": { "number": number }, "customerId": customer });
        let theirs = other.admin.post("/v1/passports", body(&other.customer("a@p11c.example").await)).await.created();
        back().await.problem(409, "passport_exists");
        other.admin.act(&format!("/v1/passports/{}/archive", theirs["id"].as_str().unwrap())).await.ok();
        back().await.ok();
        archive().await;
        // The same car has come back already, and has another plate by now.
        let next = garage.admin.post("/v1/passports", body(&customer)).await.created()["id"].as_str().unwrap().to_owned();
        let plates = format!("/v1/passports/{next}");
        garage.admin.patch(&plates, json!({ "licencePlate": { "number": plate() } })).await.ok();
        back().await.problem(409, "passport_exists");
        garage.admin.act(&format!("/v1/passports/{next}/archive")).await.ok();
        assert_eq!(back().await.ok()["driver"]["email"], driver.email);
        let plates = garage.admin.get(&format!("{path}/plates")).await.items();
        assert_eq!(plates.last().unwrap()["licencePlate"]["number"], json!(number), "it has its plate again");
        archive().await;
        server.pass_idle(SignedDuration::from_hours(24 * 30));
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        admin.act(&format!("{path}/unarchive")).await.problem(409, "passport_archived_too_long");
    }

    async fn p12_plates_are_for_advisors_and_few_at_once(server) {
        let garage = server.garage("p12").await;
        let (driver, _, car) = garage.driver("driver@p12.example").await;
        let (_, _, other) = garage.driver("other@p12.example").await;
        let taken = garage.plate_of(&other).await;
        let path = format!("/v1/passports/{car}");
        let give = async |who: &crate::support::Actor<'_>, number: &str| {
            let body = json!({ "licencePlate": { "number": number } });
            who.change("PATCH", &path, "*", body).await
        };
        let present = garage.plate_of(&car).await;
        give(&garage.mechanic, &plate()).await.problem(403, "advisor_only");
        give(&driver, &plate()).await.problem(403, "staff_only");
        // A mechanic writes down what the car itself shows.
        let shown = json!({ "licencePlate": { "number": present }, "make": "Opel", "odometerKm": 12 });
        garage.mechanic.change("PATCH", &path, "*", shown).await.ok();
        // What is refused counts too: it says that a plate has a passport.
        for _ in 0..10 {
            give(&garage.advisor, &taken).await.problem(409, "passport_exists");
            give(&garage.advisor, &plate()).await.ok();
        }
        let refused = give(&garage.advisor, &plate()).await;
        refused.problem(429, "too_many_attempts");
        assert!((1..=301).contains(&refused.header("retry-after").parse::<i64>().unwrap()), "{}", refused.header("retry-after"));
        garage.advisor.change("PATCH", &path, "*", json!({ "make": "Saab" })).await.ok();
        give(&garage.admin, &plate()).await.ok();
        server.pass_idle(SignedDuration::from_mins(5));
        give(&garage.advisor, &plate()).await.ok();
        give(&garage.advisor, &plate()).await.problem(429, "too_many_attempts");
    }

    async fn a2_access_that_ends_ends_at_once(server) {
        let garage = server.garage("a2").await;
        let (driver, _, car) = garage.driver("driver@a2.example").await;
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        driver.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        let staff = garage.admin.get("/v1/garage/staff").await.items();
        let mechanic = staff.iter().find(|one| one["role"] == "mechanic").unwrap()["id"].as_str().unwrap().to_owned();
        garage.mechanic.get("/v1/passports").await.ok();
        let path = format!("/v1/garage/staff/{mechanic}");
        let etag = garage.admin.get(&path).await.etag();
        garage.admin.change("DELETE", &path, &etag, serde_json::Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        garage.mechanic.get("/v1/passports").await.problem(401, "unauthenticated");
    }

    async fn lists_are_stable_and_filtered(server) {
        let garage = server.garage("lists").await;
        let customer = garage.customer("jan@lists.example").await;
        let mut made = Vec::new();
        for _ in 0..7 {
            made.push(garage.invited_passport(&customer).await);
        }
        let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
        loop {
            let page = garage.admin.get(&format!("/v1/passports?{query}")).await;
            seen.extend(page.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            // What is added meanwhile neither hides nor repeats a row.
            let Some(cursor) = page.body["nextCursor"].as_str() else { break };
            if seen.len() == 3 {
                made.push(garage.invited_passport(&customer).await);
            }
            query = format!("limit=3&cursor={cursor}");
        }
        assert_eq!(seen, made);
        let shown = garage.admin.get(&format!("/v1/passports/{}", made[0])).await.ok();
        let number = shown["licencePlate"]["shown"].as_str().unwrap();
        assert_eq!(garage.admin.get(&format!("/v1/passports?plate={number}")).await.items().len(), 1);
        let part = &shown["licencePlate"]["number"].as_str().unwrap()[..5];
        assert!(!garage.admin.get(&format!("/v1/passports?search={part}")).await.items().is_empty());
        assert_eq!(garage.admin.get("/v1/passports?status=active").await.items().len(), 0);
        assert_eq!(garage.admin.get(&format!("/v1/passports?customerId={customer}")).await.items().len(), 8);
        let now = server.now();
        assert_eq!(garage.admin.get(&format!("/v1/passports?updatedSince={now}")).await.items().len(), 8);
        server.pass(SignedDuration::from_mins(1));
        garage.admin.patch(&format!("/v1/passports/{}", made[1]), json!({ "make": "Opel" })).await.ok();
        let now = server.now();
        assert_eq!(garage.admin.get(&format!("/v1/passports?updatedSince={now}")).await.items().len(), 1);
    }
}
