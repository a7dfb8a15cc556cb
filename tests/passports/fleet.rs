//! Fleets and linking over HTTP: rules F1 to F8 and L1 to L4.

use crate::{
    both,
    support::{Actor, PASSWORD, plate},
};
use serde_json::{Value, json};

both! {
    async fn f1_a_fleet_is_made_from_a_customer_with_an_active_passport(server) {
        let garage = server.garage("f1").await;
        let customer = garage.customer("jan@f1.example").await;
        let new = |customer: &str| json!({ "customerId": customer, "email": "fleet@f1.example", "begin": "invited" });
        garage.admin.post("/v1/fleets", new(&customer)).await.problem(409, "manager_passport_not_active");
        let passport = garage.invited_passport(&customer).await;
        garage.admin.post("/v1/fleets", new(&customer)).await.problem(409, "manager_passport_not_active");
        server.join("jan@f1.example").await;
        let fleet = garage.admin.post("/v1/fleets", new(&customer)).await.created();
        assert_eq!((fleet["managerPassportId"].as_str(), fleet["name"].as_str()), (Some(passport.as_str()), Some("Customer jan@f1.example")));
        assert_eq!((fleet["accountStatus"].as_str(), fleet["passportCount"].as_i64()), (Some("invited"), Some(0)));
    }

    async fn f2_f3_its_email_at_creation_and_at_every_later_change(server) {
        let garage = server.garage("f2").await;
        let (manager, customer, _) = garage.driver("jan@f2.example").await;
        let (other, ..) = garage.driver("piet@f2.example").await;
        let new = |email: &str| json!({ "customerId": customer, "email": email, "begin": "invited" });
        garage.admin.post("/v1/fleets", new(" JAN@f2.example")).await.problem(409, "fleet_email_same_as_manager");
        garage.admin.post("/v1/fleets", new("piet@f2.example")).await.problem(409, "email_in_use");
        let fleet = garage.admin.post("/v1/fleets", new("wrong@f2.example")).await.created();
        let path = format!("/v1/fleets/{}", fleet["id"].as_str().unwrap());
        // The garage corrects the address while the manager has not signed in.
        garage.admin.patch(&path, json!({ "email": "jan@f2.example" })).await.problem(409, "fleet_email_same_as_manager");
        garage.admin.patch(&path, json!({ "email": "piet@f2.example" })).await.problem(409, "email_in_use");
        garage.admin.patch(&path, json!({ "email": "fleet@f2.example" })).await.ok();
        let account = server.join("fleet@f2.example").await;
        garage.admin.patch(&path, json!({ "email": "x@f2.example" })).await.problem(409, "fleet_already_active");
        // Later changes, from either side.
        let change = |email: &str| json!({ "email": email, "currentPassword": PASSWORD });
        account.post("/v1/account/email", change("jan@f2.example")).await.problem(409, "fleet_email_same_as_manager");
        account.post("/v1/account/email", change("piet@f2.example")).await.expect(reqwest::StatusCode::ACCEPTED);
        manager.post("/v1/account/email", change("Fleet@f2.example")).await.problem(409, "fleet_email_same_as_manager");
        other.post("/v1/account/email", change("fleet@f2.example")).await.expect(reqwest::StatusCode::ACCEPTED);
        // Both are looked at again when the new address confirms.
        account.post("/v1/account/email", change("later@f2.example")).await.expect(reqwest::StatusCode::ACCEPTED);
        let token = server.token_for("later@f2.example");
        manager.post("/v1/account/email", change("later@f2.example")).await.expect(reqwest::StatusCode::ACCEPTED);
        let managers = server.token_for("later@f2.example");
        let confirm = |token: &str| json!({ "token": token });
        server.anonymous().post("/v1/account/email/confirm", confirm(&token)).await.expect(reqwest::StatusCode::NO_CONTENT);
        server.anonymous().post("/v1/account/email/confirm", confirm(&managers)).await.problem(409, "fleet_email_same_as_manager");
        server.sign_in("later@f2.example", PASSWORD).await;
        assert_eq!(server.mails_to("fleet@f2.example").len(), 3, "it is told of the change, and that someone asked for it");
    }

    async fn f4_a_prepared_fleet_is_handed_over_by_the_garage(server) {
        let garage = server.garage("f4").await;
        let (_, customer, _) = garage.driver("jan@f4.example").await;
        let mut new = json!({ "customerId": customer, "email": "own@f4.example", "begin": "prepared" });
        garage.admin.post("/v1/fleets", new.clone()).await.wrong(&["#/password required"]);
        new["password"] = json!("kort");
        garage.admin.post("/v1/fleets", new.clone()).await.wrong(&["#/password too_short"]);
        for known in ["Garage-f4-2026", "own@f4.example", "Welkom-Autopaspoort1"] {
            new["password"] = json!(known);
            garage.admin.post("/v1/fleets", new.clone()).await.wrong(&["#/password password_too_common"]);
        }
        new["password"] = json!(PASSWORD);
        garage.admin.post("/v1/fleets", new).await.created();
        assert!(server.mails_to("own@f4.example").is_empty(), "no mail goes out");
        let account = server.sign_in("own@f4.example", PASSWORD).await;
        assert_eq!(account.get("/v1/fleets").await.items().len(), 1);
        let change = json!({ "email": "manager@f4.example", "currentPassword": PASSWORD });
        account.post("/v1/account/email", change).await.expect(reqwest::StatusCode::ACCEPTED);
        let token = server.token_for("manager@f4.example");
        // The manager chooses a password in the same step, and the garage's no longer works (rule F8).
        let anyone = server.anonymous();
        let preview = anyone.post("/v1/invitations/preview", json!({ "token": token })).await.ok();
        assert_eq!((&preview["purpose"], &preview["needsPassword"]), (&json!("email_change"), &json!(true)));
        let confirm = |password: &str| json!({ "token": token, "password": password });
        anyone.post("/v1/account/email/confirm", json!({ "token": token })).await.wrong(&["#/password required"]);
        anyone.post("/v1/account/email/confirm", confirm("manager@f4.example")).await.wrong(&["#/password password_too_common"]);
        let chosen = "negen groene kikkers zingen";
        anyone.post("/v1/account/email/confirm", confirm(chosen)).await.expect(reqwest::StatusCode::NO_CONTENT);
        account.get("/v1/account").await.problem(401, "unauthenticated");
        let garages = json!({ "email": "manager@f4.example", "password": PASSWORD });
        anyone.post("/v1/auth/login", garages).await.problem(401, "credentials_invalid");
        let manager = server.sign_in("manager@f4.example", chosen).await;
        // From then on it is an account like any other.
        let again = json!({ "email": "new@f4.example", "currentPassword": chosen });
        manager.post("/v1/account/email", again).await.expect(reqwest::StatusCode::ACCEPTED);
        let token = server.token_for("new@f4.example");
        let confirm = json!({ "token": token, "password": chosen });
        anyone.post("/v1/account/email/confirm", confirm).await.wrong(&["#/password unknown_property"]);
        anyone.post("/v1/account/email/confirm", json!({ "token": token })).await.expect(reqwest::StatusCode::NO_CONTENT);
        manager.get("/v1/account").await.ok();
        let login = json!({ "email": "own@f4.example", "password": PASSWORD });
        server.anonymous().post("/v1/auth/login", login).await.problem(401, "credentials_invalid");
    }

    async fn f8_a_fleet_that_was_not_handed_over_makes_no_offers(server) {
        let garage = server.garage("f8").await;
        let (_, customer, _) = garage.driver("jan@f8.example").await;
        let new = json!({ "customerId": customer, "email": "own@f8.example", "begin": "prepared", "password": PASSWORD });
        let fleet = garage.admin.post("/v1/fleets", new).await.created()["id"].as_str().unwrap().to_owned();
        let account = server.sign_in("own@f8.example", PASSWORD).await;
        let body = json!({ "licencePlate": { "number": plate() }, "customerId": garage.customer("driver@f8.example").await, "fleetId": fleet });
        let car = garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        server.join("driver@f8.example").await;
        account.offer(&car, "new_owner", "new@f8.example").await.problem(409, "fleet_not_handed_over");
        let change = json!({ "email": "manager@f8.example", "currentPassword": PASSWORD });
        account.post("/v1/account/email", change).await.expect(reqwest::StatusCode::ACCEPTED);
        account.offer(&car, "new_owner", "new@f8.example").await.problem(409, "fleet_not_handed_over");
        // The manager sees from whom it is, and chooses a password that the garage does not have.
        let mail = server.mails_to("manager@f8.example").last().unwrap().raw.clone();
        assert!(mail.contains("Garage f8") && mail.contains("staat klaar"), "{mail}");
        assert_eq!(garage.admin.get(&format!("/v1/fleets/{fleet}")).await.ok()["handedOver"], false);
        let same = json!({ "token": server.token_for("manager@f8.example"), "password": PASSWORD });
        for _ in 0..10 {
            server.anonymous().post("/v1/account/email/confirm", same.clone()).await.wrong(&["#/password password_unchanged"]);
        }
        // Nobody finds out with a link which password the garage has.
        server.anonymous().post("/v1/account/email/confirm", same).await.problem(429, "too_many_attempts");
        let again = json!({ "email": "manager@f8.example", "currentPassword": PASSWORD });
        account.post("/v1/account/email", again).await.expect(reqwest::StatusCode::ACCEPTED);
        let confirm = json!({ "token": server.token_for("manager@f8.example"), "password": "negen groene kikkers zingen" });
        server.anonymous().post("/v1/account/email/confirm", confirm).await.expect(reqwest::StatusCode::NO_CONTENT);
        let manager = server.sign_in("manager@f8.example", "negen groene kikkers zingen").await;
        manager.offer(&car, "new_owner", "new@f8.example").await.created();
        assert_eq!(garage.admin.get(&format!("/v1/fleets/{fleet}")).await.ok()["handedOver"], true);
    }

    async fn f8_who_has_the_mailbox_of_a_prepared_fleet_can_confirm_just_that_address(server) {
        let garage = server.garage("f8own").await;
        let (_, customer, _) = garage.driver("jan@f8own.example").await;
        let new = json!({ "customerId": customer, "email": "manager@f8own.example", "begin": "prepared", "password": PASSWORD });
        let fleet = garage.admin.post("/v1/fleets", new).await.created()["id"].as_str().unwrap().to_owned();
        // A reset that was asked for at a mistyped address dies with it.
        let path = format!("/v1/fleets/{fleet}");
        let anyone = server.anonymous();
        anyone.post("/v1/auth/password-reset", json!({ "email": "manager@f8own.example" })).await.expect(reqwest::StatusCode::ACCEPTED);
        let reset = json!({ "token": server.token_for("manager@f8own.example"), "password": "negen groene kikkers zingen" });
        garage.admin.patch(&path, json!({ "email": "elsewhere@f8own.example" })).await.ok();
        anyone.post("/v1/auth/password-reset/confirm", reset).await.problem(409, "invitation_revoked");
        garage.admin.patch(&path, json!({ "email": "manager@f8own.example" })).await.ok();
        let account = server.sign_in("manager@f8own.example", PASSWORD).await;
        let change = json!({ "email": "manager@f8own.example", "currentPassword": PASSWORD });
        account.post("/v1/account/email", change).await.expect(reqwest::StatusCode::ACCEPTED);
        let confirm = json!({ "token": server.token_for("manager@f8own.example"), "password": "tien rode kikkers springen" });
        let mails = server.mails_to("manager@f8own.example").len();
        anyone.post("/v1/account/email/confirm", confirm).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert_eq!(server.mails_to("manager@f8own.example").len(), mails + 1, "of the new password, and of no former address");
        account.get("/v1/account").await.problem(401, "unauthenticated");
        let manager = server.sign_in("manager@f8own.example", "tien rode kikkers springen").await;
        garage.admin.patch(&path, json!({ "email": "own@f8own.example" })).await.problem(409, "fleet_already_active");
        let again = json!({ "email": "manager@f8own.example", "currentPassword": "tien rode kikkers springen" });
        manager.post("/v1/account/email", again).await.problem(409, "email_unchanged");
    }

    async fn f4_a_fleets_account_keeps_the_name_it_chose(server) {
        let garage = server.garage("f4n").await;
        let (_, customer, _) = garage.driver("jan@f4n.example").await;
        let new = json!({ "customerId": customer, "email": "own@f4n.example", "begin": "prepared", "password": PASSWORD });
        let path = format!("/v1/fleets/{}", garage.admin.post("/v1/fleets", new).await.created()["id"].as_str().unwrap());
        let account = server.sign_in("own@f4n.example", PASSWORD).await;
        let own_name = async || account.get("/v1/account").await.ok()["name"].as_str().unwrap().to_owned();
        garage.admin.patch(&path, json!({ "name": "Renamed" })).await.ok();
        assert_eq!(own_name().await, "Renamed", "it is called like its fleet");
        account.patch("/v1/account", json!({ "name": "Fleet desk" })).await.ok();
        garage.admin.patch(&path, json!({ "name": "Renamed again" })).await.ok();
        assert_eq!(own_name().await, "Fleet desk", "until it has chosen a name");
        let before = (garage.admin.get(&path).await.etag(), garage.events().await.len());
        garage.admin.patch(&path, json!({})).await.ok();
        assert_eq!((garage.admin.get(&path).await.etag(), garage.events().await.len()), before, "nothing changed");
    }

    async fn f5_the_garage_finds_its_fleets_by_typing(server) {
        let garage = server.garage("f5").await;
        let (_, customer, _) = garage.driver("jan@f5.example").await;
        for (index, name) in ["Café Zon", "Bakkerij Jansen", "Jansen Transport", "Bouwbedrijf de Jong"].iter().enumerate() {
            let body = json!({ "customerId": customer, "name": name, "email": format!("{index}@f5.example"), "begin": "invited" });
            garage.admin.post("/v1/fleets", body).await.created();
        }
        let names = async |query: &str| -> Vec<String> {
            let items = garage.mechanic.get(&format!("/v1/fleets?{query}")).await.items();
            items.iter().map(|fleet| fleet["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("").await, ["Bakkerij Jansen", "Bouwbedrijf de Jong", "Café Zon", "Jansen Transport"]);
        assert_eq!(names("search=JANSEN").await, ["Jansen Transport", "Bakkerij Jansen"], "names that start with it first");
        assert_eq!(names("search=cafe").await, ["Café Zon"]);
        assert_eq!(names("search=jong%20bouw").await, ["Bouwbedrijf de Jong"]);
        assert_eq!(names("search=onsen").await, Vec::<String>::new());
        let first = garage.admin.get("/v1/fleets?search=jansen&limit=1").await;
        let cursor = first.body["nextCursor"].as_str().unwrap().to_owned();
        assert_eq!(names(&format!("search=jansen&limit=1&cursor={cursor}")).await, ["Bakkerij Jansen"]);
        let other = server.garage("f5b").await;
        assert!(other.admin.get("/v1/fleets?search=jansen").await.items().is_empty());
    }

    async fn f6_only_an_empty_fleet_is_closed(server) {
        let garage = server.garage("f6").await;
        let fleet = garage.fleet("fleet-f6").await;
        let (_, car) = garage.fleet_car(&fleet, "driver@f6.example").await;
        let close = format!("/v1/fleets/{}/close", fleet.id);
        garage.admin.act(&close).await.problem(409, "fleet_has_passports");
        garage.admin.unlink(&car).await.ok();
        // The fleet may have the car back yet.
        garage.admin.act(&close).await.problem(409, "fleet_may_object");
        fleet.account.agree(&car).await;
        assert_eq!(garage.admin.act(&close).await.ok()["status"], "closed");
        garage.admin.act(&close).await.problem(409, "fleet_closed");
        fleet.account.get("/v1/passports").await.problem(401, "unauthenticated");
        let login = json!({ "email": fleet.account.email, "password": PASSWORD });
        server.anonymous().post("/v1/auth/login", login).await.problem(401, "credentials_invalid");
        garage.admin.link(&car, &fleet.id).await.problem(409, "fleet_closed");
        // The address is free for another account.
        let body = json!({ "customerId": fleet.customer, "email": fleet.account.email, "begin": "invited" });
        garage.admin.post("/v1/fleets", body).await.created();
    }

    async fn f7_a_driver_leaves_the_company_and_the_car_stays(server) {
        let garage = server.garage("f7").await;
        let fleet = garage.fleet("fleet-f7").await;
        let (driver, car) = garage.fleet_car(&fleet, "leaver@f7.example").await;
        let (path, ending) = (format!("/v1/passports/{car}"), format!("/v1/passports/{car}/driver"));
        let end = async |who: &Actor<'_>| who.change("DELETE", &ending, "*", Value::Null).await;
        for who in [&driver, &garage.admin, &garage.mechanic] {
            end(who).await.problem(403, "fleet_only");
        }
        for who in [&fleet.manager, &garage.fleet("other-f7").await.account, &server.garage("f7b").await.admin] {
            end(who).await.problem(404, "not_found");
        }
        fleet.account.send("DELETE", &ending, &[], None).await.problem(428, "precondition_required");
        let stale = fleet.account.get(&path).await.etag();
        garage.admin.patch(&path, json!({ "odometerKm": 81_000 })).await.ok();
        fleet.account.change("DELETE", &ending, &stale, Value::Null).await.problem(412, "precondition_failed");
        driver.get(&path).await.ok();

        let mails = [&driver.email, "info@f7.example", &fleet.account.email].map(|email| server.mails_to(email).len());
        let seen = fleet.account.end_driver(&car).await.ok();
        assert_eq!((&seen["driver"], &seen["owner"], &seen["status"]), (&Value::Null, &json!("fleet"), &json!("active")));
        // With a token that is still good, at once.
        for gone in [path.clone(), format!("{path}/custody"), format!("{path}/odometer"), format!("{path}/status")] {
            driver.get(&gone).await.problem(404, "not_found");
        }
        assert!(driver.get("/v1/passports").await.items().is_empty());
        let after = [&driver.email, "info@f7.example", &fleet.account.email].map(|email| server.mails_to(email).len());
        assert_eq!(after, [mails[0] + 1, mails[1] + 1, mails[2]], "the leaver and the garage are told");
        let told = server.mails_to(&driver.email);
        let said = &told.last().unwrap().raw;
        assert!(said.contains("fleet-f7"), "{said}");
        // The leaver's record at the garage is no longer the car's: that of the company is.
        assert_eq!(garage.admin.get(&path).await.ok()["customer"]["id"].as_str(), Some(fleet.customer.as_str()));
        let custody = garage.admin.get(&format!("{path}/custody")).await.items();
        let last = custody.iter().rev().find(|entry| entry["role"] == "driver").unwrap();
        assert_eq!((&last["holder"], &last["until"]), (&json!("nobody"), &Value::Null));
        // Once more changes nothing.
        let before = (fleet.account.get(&path).await.etag(), garage.events().await.len());
        fleet.account.end_driver(&car).await.ok();
        assert_eq!((fleet.account.get(&path).await.etag(), garage.events().await.len()), before);
        assert!(garage.events().await.iter().any(|(_, kind)| kind == "driver_ended"));

        // The fleet finds it, and so does the garage.
        let (_, kept) = garage.fleet_car(&fleet, "stays@f7.example").await;
        let ids = async |who: &Actor<'_>, query: &str| -> Vec<String> {
            who.get(query).await.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        for list in ["/v1/passports".to_owned(), format!("/v1/fleets/{}/passports", fleet.id)] {
            assert_eq!(ids(&fleet.account, &format!("{list}?hasDriver=false")).await, std::slice::from_ref(&car));
            assert_eq!(ids(&fleet.account, &format!("{list}?hasDriver=true")).await, std::slice::from_ref(&kept));
        }
        assert_eq!(ids(&garage.admin, "/v1/passports?hasDriver=false&status=active").await, [car]);
    }

    async fn f7_a_pool_car_is_handed_on_and_never_becomes_the_leavers(server) {
        let garage = server.garage("f7h").await;
        let fleet = garage.fleet("fleet-f7h").await;
        let (driver, car) = garage.fleet_car(&fleet, "leaver@f7h.example").await;
        // An offer that is open stands, and the fleet can take it back.
        let first = fleet.account.offer(&car, "new_driver", "first@f7h.example").await.created();
        fleet.account.end_driver(&car).await.ok();
        let first = format!("/v1/transfers/{}", first["id"].as_str().unwrap());
        assert_eq!(fleet.account.act(&format!("{first}/withdraw")).await.ok()["status"], "withdrawn");
        garage.admin.unlink(&car).await.problem(409, "pool_car_without_driver");
        driver.offer(&car, "new_owner", "friend@f7h.example").await.problem(404, "not_found");
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.problem(409, "passport_already_active");
        let offer = fleet.account.offer(&car, "new_driver", "next@f7h.example").await.created();
        let next = server.join("next@f7h.example").await;
        let accept = |offer: &Value| format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap());
        next.act(&accept(&offer)).await.ok();
        let seen = next.get(&format!("/v1/passports/{car}")).await.ok();
        assert_eq!((&seen["driver"]["email"], &seen["owner"]), (&json!("next@f7h.example"), &json!("fleet")));
        driver.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        // A pool car is sold as well.
        fleet.account.end_driver(&car).await.ok();
        let offer = fleet.account.offer(&car, "new_owner", "buyer@f7h.example").await.created();
        let buyer = server.join("buyer@f7h.example").await;
        buyer.act(&accept(&offer)).await.ok();
        assert_eq!(buyer.get(&format!("/v1/passports/{car}")).await.ok()["owner"], "driver");
        fleet.account.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
    }

    async fn f7_a_pool_car_comes_back_from_the_archive_as_one(server) {
        let garage = server.garage("f7a").await;
        let fleet = garage.fleet("fleet-f7a").await;
        let (driver, car) = garage.fleet_car(&fleet, "leaver@f7a.example").await;
        fleet.account.end_driver(&car).await.ok();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let back = garage.admin.act(&format!("/v1/passports/{car}/unarchive")).await.ok();
        assert_eq!((&back["status"], &back["driver"], &back["owner"]), (&json!("active"), &Value::Null, &json!("fleet")));
        driver.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        fleet.account.offer(&car, "new_driver", "next@f7a.example").await.created();
    }

    async fn f7_whoever_was_invited_to_a_fleets_car_can_be_ended_too(server) {
        let garage = server.garage("f7i").await;
        let fleet = garage.fleet("fleet-f7i").await;
        let car = garage.invited_passport(&garage.customer("invited@f7i.example").await).await;
        garage.admin.link(&car, &fleet.id).await.ok();
        let token = server.token_for("invited@f7i.example");
        assert_eq!(fleet.account.end_driver(&car).await.ok()["status"], "active");
        let body = json!({ "token": token, "password": PASSWORD, "name": "Too late" });
        server.anonymous().post("/v1/invitations/accept", body).await.problem(409, "invitation_revoked");
        fleet.account.offer(&car, "new_driver", "next@f7i.example").await.created();
    }

    async fn f7_l5_f8_whose_access_is_not_ended(server) {
        let garage = server.garage("f7n").await;
        let fleet = garage.fleet("fleet-f7n").await;
        let (owner, _, car) = garage.driver("owner@f7n.example").await;
        garage.admin.link(&car, &fleet.id).await.ok();
        fleet.account.end_driver(&car).await.problem(409, "link_change_open");
        owner.agree(&car).await;
        fleet.account.end_driver(&car).await.ok();
        // The garage has the password of a fleet that it prepared.
        let body = json!({ "customerId": fleet.customer, "email": "own@f7n.example", "begin": "prepared", "password": PASSWORD });
        let prepared = garage.admin.post("/v1/fleets", body).await.created()["id"].as_str().unwrap().to_owned();
        let (owner, _, car) = garage.driver("other@f7n.example").await;
        garage.admin.link(&car, &prepared).await.ok();
        owner.agree(&car).await;
        let garage_as_fleet = server.sign_in("own@f7n.example", PASSWORD).await;
        garage_as_fleet.end_driver(&car).await.problem(409, "fleet_not_handed_over");
        owner.get(&format!("/v1/passports/{car}")).await.ok();
    }

    async fn l1_l4_staff_link_and_unlink_and_the_driver_is_told(server) {
        let garage = server.garage("l1").await;
        let fleet = garage.fleet("fleet-l1").await;
        let (driver, _, car) = garage.driver("driver@l1.example").await;
        let path = format!("/v1/passports/{car}/fleet");
        let etag = garage.admin.get(&format!("/v1/passports/{car}")).await.etag();
        let body = json!({ "fleetId": fleet.id });
        driver.change("PUT", &path, &etag, body.clone()).await.problem(403, "staff_only");
        fleet.account.change("PUT", &path, &etag, body.clone()).await.problem(404, "not_found");
        fleet.account.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        garage.mechanic.change("PUT", &path, &etag, body.clone()).await.problem(403, "advisor_only");
        garage.advisor.change("PUT", &path, &etag, body).await.ok();
        assert_eq!(fleet.account.get("/v1/passports").await.items().len(), 1);
        assert_eq!(server.mails_to("driver@l1.example").len(), 2);
        fleet.account.change("DELETE", &path, "*", Value::Null).await.problem(403, "staff_only");
        garage.mechanic.change("DELETE", &path, "*", Value::Null).await.problem(403, "advisor_only");
        garage.advisor.unlink(&car).await.ok();
        assert_eq!(server.mails_to("driver@l1.example").len(), 3);
        fleet.account.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        garage.admin.unlink(&car).await.problem(409, "passport_not_in_fleet");
        let told = server.mails_to(&fleet.account.email).len();
        assert_eq!(told, 2, "the invitation, and that a car was unlinked");
        let (_, other) = garage.fleet_car(&fleet, "other@l1.example").await;
        garage.admin.act(&format!("/v1/passports/{other}/archive")).await.ok();
        assert_eq!(server.mails_to(&fleet.account.email).len(), told + 1, "the company is told when its car is put away");
        // An invited passport is linked too, with nobody to tell yet.
        let invited = garage.invited_passport(&garage.customer("later@l1.example").await).await;
        garage.admin.link(&invited, &fleet.id).await.ok();
    }

    async fn l2_a_passport_is_in_one_fleet(server) {
        let garage = server.garage("l2").await;
        let (one, other) = (garage.fleet("one-l2").await, garage.fleet("other-l2").await);
        let (_, car) = garage.fleet_car(&one, "driver@l2.example").await;
        garage.admin.link(&car, &other.id).await.problem(409, "passport_in_other_fleet");
        let before = garage.events().await.len();
        garage.admin.link(&car, &one.id).await.ok();
        assert_eq!(garage.events().await.len(), before, "linking it where it is changes nothing");
    }

    async fn l3_an_open_offer_holds_link_unlink_and_archive(server) {
        let garage = server.garage("l3").await;
        let fleet = garage.fleet("fleet-l3").await;
        let (_, car) = garage.fleet_car(&fleet, "driver@l3.example").await;
        fleet.account.offer(&car, "new_owner", "new@l3.example").await.created();
        garage.admin.unlink(&car).await.problem(409, "transfer_open");
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.problem(409, "transfer_open");
        garage.admin.act(&format!("/v1/fleets/{}/close", fleet.id)).await.problem(409, "fleet_has_passports");
        let (owner, _, own) = garage.driver("owner@l3.example").await;
        owner.offer(&own, "new_owner", "new@l3.example").await.created();
        garage.admin.link(&own, &fleet.id).await.problem(409, "transfer_open");
    }
}
