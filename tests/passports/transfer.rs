//! Transfers over HTTP: rules T1 to T11.

use crate::{
    both,
    support::{Actor, Fleet, Garage, PASSWORD, Server},
};
use jiff::SignedDuration;
use serde_json::json;

/// A garage, a fleet with one car, and the car's driver.
async fn scene<'s>(server: &'s Server, name: &str) -> (Garage<'s>, Fleet<'s>, Actor<'s>, String) {
    let garage = server.garage(name).await;
    let fleet = garage.fleet(&format!("fleet-{name}")).await;
    let (driver, car) = garage.fleet_car(&fleet, &format!("driver@{name}.example")).await;
    (garage, fleet, driver, car)
}

async fn decide(actor: &Actor<'_>, transfer: &str, what: &str) -> crate::support::Answer {
    actor.act(&format!("/v1/transfers/{transfer}/{what}")).await
}

both! {
    async fn t1_only_an_active_passport_is_offered(server) {
        let (garage, fleet, ..) = scene(server, "t1").await;
        let customer = garage.customer("later@t1.example").await;
        let car = garage.invited_passport(&customer).await;
        garage.admin.link(&car, &fleet.id).await.ok();
        fleet.account.offer(&car, "new_owner", "new@t1.example").await.problem(409, "passport_not_active");
    }

    async fn t2_in_a_fleet_only_its_account_offers(server) {
        let (garage, fleet, driver, car) = scene(server, "t2").await;
        let other = garage.fleet("other-t2").await;
        for who in [&driver, &garage.admin, &garage.mechanic] {
            who.offer(&car, "new_owner", "new@t2.example").await.problem(403, "only_fleet_manager_may_transfer");
        }
        for who in [&other.account, &other.manager, &fleet.manager] {
            who.offer(&car, "new_owner", "new@t2.example").await.problem(404, "not_found");
        }
        fleet.account.offer(&car, "new_owner", "new@t2.example").await.created();
    }

    async fn t3_outside_a_fleet_only_the_owner_offers(server) {
        let garage = server.garage("t3").await;
        let (owner, _, car) = garage.driver("owner@t3.example").await;
        let (stranger, ..) = garage.driver("stranger@t3.example").await;
        garage.admin.offer(&car, "new_owner", "new@t3.example").await.problem(403, "only_owner_may_transfer");
        stranger.offer(&car, "new_owner", "new@t3.example").await.problem(404, "not_found");
        let offered = owner.offer(&car, "new_owner", "new@t3.example").await.created();
        assert_eq!((offered["status"].as_str(), offered["role"].as_str()), (Some("offered"), Some("offerer")));
    }

    async fn t4_to_whom_an_offer_may_go(server) {
        let (garage, fleet, driver, car) = scene(server, "t4").await;
        let (owner, _, own) = garage.driver("owner@t4.example").await;
        owner.offer(&own, "new_driver", "new@t4.example").await.problem(409, "new_driver_only_in_fleet");
        owner.offer(&own, "new_owner", "OWNER@t4.example").await.problem(409, "recipient_already_holds_role");
        fleet.account.offer(&car, "new_driver", &driver.email).await.problem(409, "recipient_already_holds_role");
        fleet.account.offer(&car, "new_owner", &fleet.account.email).await.problem(409, "recipient_is_fleet");
        // Whether an address has an account, and of which kind, is said in the mail alone.
        for email in [&garage.mechanic.email, &garage.fleet("t4b").await.account.email] {
            let offer = fleet.account.offer(&car, "new_owner", email).await.created();
            let mails = server.mails_to(email);
            assert!(mails.last().unwrap().token().is_none(), "{mails:?}");
            decide(&fleet.account, offer["id"].as_str().unwrap(), "withdraw").await.ok();
        }
        fleet.account.offer(&car, "new_owner", &driver.email).await.created();
        fleet.account.offer(&car, "new_owner", &fleet.account.email).await.problem(409, "transfer_open");
    }

    async fn t5_one_open_offer_a_passport(server) {
        let (_, fleet, _, car) = scene(server, "t5").await;
        let first = fleet.account.offer(&car, "new_owner", "a@t5.example").await.created();
        fleet.account.offer(&car, "new_driver", "b@t5.example").await.problem(409, "transfer_open");
        decide(&fleet.account, first["id"].as_str().unwrap(), "withdraw").await.ok();
        fleet.account.offer(&car, "new_driver", "b@t5.example").await.created();
    }

    async fn t6_the_life_of_an_offer(server) {
        let (garage, fleet, driver, car) = scene(server, "t6").await;
        let (recipient, ..) = garage.driver("recipient@t6.example").await;
        let (stranger, ..) = garage.driver("stranger@t6.example").await;
        let offer = || fleet.account.offer(&car, "new_owner", "Recipient@T6.example");
        let id = offer().await.created()["id"].as_str().unwrap().to_owned();
        for (who, status, code) in [
            (&stranger, 404, "not_found"),
            (&driver, 404, "not_found"),
            (&garage.admin, 403, "only_recipient_may_decide"),
            (&fleet.account, 403, "only_recipient_may_decide"),
        ] {
            decide(who, &id, "accept").await.problem(status, code);
            decide(who, &id, "decline").await.problem(status, code);
        }
        decide(&recipient, &id, "withdraw").await.problem(403, "only_offerer_may_withdraw");
        assert_eq!(decide(&recipient, &id, "decline").await.ok()["status"], "declined");
        decide(&recipient, &id, "accept").await.problem(409, "transfer_not_open");
        assert_eq!(server.mails_to(&fleet.account.email).len(), 2, "the link to sign in, and the word of the decline");

        // Sent again, its time starts anew; then it expires, and nobody can accept it.
        let id = offer().await.created()["id"].as_str().unwrap().to_owned();
        server.pass(SignedDuration::from_hours(24 * 13));
        let fleet_account = server.sign_in(&fleet.account.email, crate::support::PASSWORD).await;
        let recipient = server.sign_in(&recipient.email, crate::support::PASSWORD).await;
        decide(&fleet_account, &id, "resend").await.ok();
        server.pass_idle(SignedDuration::from_hours(24 * 13));
        let recipient_later = server.sign_in(&recipient.email, crate::support::PASSWORD).await;
        assert_eq!(recipient_later.get(&format!("/v1/transfers/{id}")).await.ok()["status"], "offered");
        server.pass_idle(SignedDuration::from_hours(24));
        let recipient = server.sign_in(&recipient.email, crate::support::PASSWORD).await;
        assert_eq!(recipient.get(&format!("/v1/transfers/{id}")).await.ok()["status"], "expired");
        decide(&recipient, &id, "accept").await.problem(409, "transfer_expired");
        assert_eq!(recipient.get("/v1/transfers?status=expired").await.items().len(), 1);
        // The worker writes it down, and tells who offered.
        server.pass(SignedDuration::from_secs(1));
        assert_eq!(recipient.get("/v1/transfers?status=expired").await.items().len(), 1);
        assert_eq!(server.mails_to(&fleet.account.email).len(), 3);
        let fleet_account = server.sign_in(&fleet.account.email, crate::support::PASSWORD).await;
        fleet_account.offer(&car, "new_driver", "b@t6.example").await.created();
    }

    async fn t6_an_expired_offer_that_nobody_wrote_down_is_not_in_the_way(server) {
        let (_, fleet, _, car) = scene(server, "t6b").await;
        fleet.account.offer(&car, "new_owner", "a@t6b.example").await.created();
        server.pass_idle(SignedDuration::from_hours(24 * 14));
        let fleet = server.sign_in(&fleet.account.email, crate::support::PASSWORD).await;
        fleet.offer(&car, "new_owner", "b@t6b.example").await.created();
        assert_eq!(fleet.get("/v1/transfers?status=expired").await.items().len(), 1);
    }

    async fn t7_t9_a_new_owner_takes_the_car_out_of_everyones_sight(server) {
        let (garage, fleet, driver, car) = scene(server, "t7").await;
        let path = format!("/v1/passports/{car}");
        garage.admin.patch(&path, json!({ "odometerKm": 81_000, "model": "Golf" })).await.ok();
        let id = fleet.account.offer(&car, "new_owner", "new@t7.example").await.created()["id"].as_str().unwrap().to_owned();
        // Until it is accepted nothing has changed.
        fleet.account.get(&path).await.ok();
        let owner = server.join("new@t7.example").await;
        owner.get(&path).await.problem(404, "not_found");
        assert_eq!(decide(&owner, &id, "accept").await.ok()["status"], "accepted");

        // With tokens that are still good, at once, for the fleet, its manager and the former driver.
        for who in [&fleet.account, &fleet.manager, &driver] {
            who.get(&path).await.problem(404, "not_found");
            who.get(&format!("{path}/custody")).await.problem(404, "not_found");
            assert!(!who.get("/v1/passports").await.body.to_string().contains(&car));
        }
        assert_eq!(fleet.account.get(&format!("/v1/fleets/{}/passports", fleet.id)).await.items(), Vec::<serde_json::Value>::new());
        // What is the car's travels; the person is another one.
        let seen = owner.get(&path).await.ok();
        assert_eq!((seen["odometerKm"].as_i64(), seen["model"].as_str()), (Some(81_000), Some("Golf")));
        assert_eq!((seen["owner"].as_str(), seen["driver"]["email"].as_str()), (Some("driver"), Some("new@t7.example")));
        assert!(seen["fleet"].is_null());
        let at_garage = garage.admin.get(&path).await.ok();
        assert_eq!(at_garage["customer"]["email"], "new@t7.example");
        let custody = owner.get(&format!("{path}/custody")).await;
        assert!(!custody.body.to_string().contains("driver@t7.example"), "a former driver's name stays behind");
        // Who offered keeps the record of the act.
        let record = fleet.account.get(&format!("/v1/transfers/{id}")).await.ok();
        assert_eq!((record["status"].as_str(), record["recipientEmail"].as_str()), (Some("accepted"), Some("new@t7.example")));
        // The new owner may hand it on (T3); nobody else.
        driver.offer(&car, "new_owner", "x@t7.example").await.problem(404, "not_found");
        owner.offer(&car, "new_owner", "x@t7.example").await.created();
    }

    async fn t8_a_new_driver_takes_over_within_the_fleet(server) {
        let (garage, fleet, driver, car) = scene(server, "t8").await;
        let path = format!("/v1/passports/{car}");
        let (next, ..) = garage.driver("next@t8.example").await;
        let id = fleet.account.offer(&car, "new_driver", "next@t8.example").await.created()["id"].as_str().unwrap().to_owned();
        decide(&next, &id, "accept").await.ok();
        driver.get(&path).await.problem(404, "not_found");
        let seen = next.get(&path).await.ok();
        assert_eq!((seen["owner"].as_str(), seen["fleet"]["id"].as_str()), (Some("fleet"), Some(fleet.id.as_str())));
        assert_eq!(fleet.account.get(&path).await.ok()["driver"]["email"], "next@t8.example");
        next.offer(&car, "new_owner", "x@t8.example").await.problem(403, "only_fleet_manager_may_transfer");
        // The garage's record of the new driver is the one it had.
        let customers = garage.admin.get("/v1/customers?search=next").await.items();
        assert_eq!(customers.len(), 1);
        assert_eq!(garage.admin.get(&path).await.ok()["customer"]["id"], customers[0]["id"]);
    }

    async fn t10_everyone_concerned_is_told(server) {
        let (garage, fleet, driver, car) = scene(server, "t10").await;
        let info = "info@t10.example";
        let before: Vec<usize> = [&fleet.account.email, &driver.email, &info.to_owned()].map(|email| server.mails_to(email).len()).to_vec();
        let id = fleet.account.offer(&car, "new_owner", "new@t10.example").await.created()["id"].as_str().unwrap().to_owned();
        let owner = server.join("new@t10.example").await;
        decide(&owner, &id, "accept").await.ok();
        let after: Vec<usize> = [&fleet.account.email, &driver.email, &info.to_owned()].map(|email| server.mails_to(email).len()).to_vec();
        assert_eq!(after, before.iter().map(|count| count + 1).collect::<Vec<_>>(), "offerer, former driver and garage, once each");
        assert_eq!(server.mails_to("new@t10.example").len(), 2, "the offer, and that the car is theirs");
        assert!(garage.events().await.iter().any(|(_, kind)| kind == "transfer_accepted"));
    }

    async fn t12_an_offer_that_ended_belongs_to_an_account(server) {
        let (garage, fleet, _, car) = scene(server, "t12").await;
        let (jan, ..) = garage.driver("jan@t12.example").await;
        let offer = async || fleet.account.offer(&car, "new_driver", "jan@t12.example").await.created()["id"].as_str().unwrap().to_owned();
        let declined = offer().await;
        decide(&jan, &declined, "decline").await.ok();
        let withdrawn = offer().await;
        decide(&fleet.account, &withdrawn, "withdraw").await.ok();
        let accepted = offer().await;
        decide(&jan, &accepted, "accept").await.ok();
        // Jan moves to another address, and someone else gets the mailbox.
        let body = json!({ "email": "jan@elsewhere.example", "currentPassword": PASSWORD });
        jan.post("/v1/account/email", body).await.expect(reqwest::StatusCode::ACCEPTED);
        let confirm = json!({ "token": server.token_for("jan@elsewhere.example") });
        server.anonymous().post("/v1/account/email/confirm", confirm).await.expect(reqwest::StatusCode::NO_CONTENT);
        let (successor, ..) = garage.driver("jan@t12.example").await;
        for id in [&declined, &withdrawn, &accepted] {
            let path = format!("/v1/transfers/{id}");
            assert_eq!(jan.get(&path).await.ok()["role"], "recipient");
            successor.get(&path).await.problem(404, "not_found");
            decide(&successor, id, "accept").await.problem(404, "not_found");
            decide(&jan, id, "decline").await.problem(409, "transfer_not_open");
        }
        assert_eq!(jan.get("/v1/transfers").await.items().len(), 3);
        assert!(successor.get("/v1/transfers").await.items().is_empty());
        // An open offer goes with the address.
        let open = fleet.account.offer(&car, "new_owner", "jan@t12.example").await.created()["id"].as_str().unwrap().to_owned();
        jan.get(&format!("/v1/transfers/{open}")).await.problem(404, "not_found");
        successor.get(&format!("/v1/transfers/{open}")).await.ok();
    }

    async fn t11_of_two_at_the_same_moment_one_stands(server) {
        let (garage, fleet, _, car) = scene(server, "t11").await;
        let id = fleet.account.offer(&car, "new_owner", "new@t11.example").await.created()["id"].as_str().unwrap().to_owned();
        let owner = server.join("new@t11.example").await;
        let mut racing = Vec::new();
        for number in 0..64 {
            let (actor, what) = if number % 2 == 0 { (&owner, "accept") } else { (&fleet.account, "withdraw") };
            let (server_url, token) = (server.url.clone(), actor.token.clone().unwrap());
            let (client, url) = (server.client.clone(), format!("{server_url}/v1/transfers/{id}/{what}"));
            racing.push(actix_web::rt::spawn(async move {
                let answer = client.post(url).bearer_auth(token).send().await.unwrap();
                let status = answer.status().as_u16();
                let body: serde_json::Value = answer.json().await.unwrap();
                (status, body["status"].as_str().or(body["code"].as_str()).unwrap_or_default().to_owned())
            }));
        }
        let mut outcomes = Vec::new();
        for race in racing {
            outcomes.push(race.await.unwrap());
        }
        let won: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 200).collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        assert!(outcomes.iter().filter(|(status, _)| *status != 200).all(|(status, code)| *status == 409 && code == "transfer_not_open"), "{outcomes:?}");
        let stands = owner.get(&format!("/v1/transfers/{id}")).await.ok()["status"].as_str().unwrap().to_owned();
        assert_eq!(won[0].1, stands);
        let events = garage.events().await;
        assert_eq!(events.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        let decided = events.iter().filter(|(_, kind)| kind == "transfer_accepted" || kind == "transfer_withdrawn").count();
        assert_eq!(decided, 1);
        let custody = garage.admin.get(&format!("/v1/passports/{car}/custody")).await.items();
        let open: Vec<_> = custody.iter().filter(|period| period["until"].is_null() && period["role"] == "driver").collect();
        assert_eq!(open.len(), 1, "one driver at a time");
        let reaches = owner.get(&format!("/v1/passports/{car}")).await.status == 200;
        assert_eq!(reaches, stands == "accepted");
    }
}
