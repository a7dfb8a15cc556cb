//! Mailed one-time links over HTTP: rules P3, P14, F4, GA3 and T6, and A12, A25 and A26.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, Server, plate},
};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn preview(server: &Server, token: &str) -> Answer {
    server.anonymous().post("/v1/invitations/preview", json!({ "token": token })).await
}

/// Someone new uses a link.
async fn join(server: &Server, token: &str) -> Answer {
    let body = json!({ "token": token, "password": "negen groene kikkers zingen" });
    server.anonymous().post("/v1/invitations/accept", body).await
}

/// Who is signed in uses a link.
async fn add(actor: &Actor<'_>, token: &str) -> Answer {
    actor.post("/v1/invitations/accept", json!({ "token": token })).await
}

both! {
    async fn p3_a_link_says_what_it_is_for(server) {
        let garage = server.garage("links").await;
        let fleet = garage.fleet("fleet-links").await;
        let customer = garage.customer("jan@links.example").await;
        let car = garage.invited_passport(&customer).await;
        let told = preview(server, &server.token_for("jan@links.example")).await.ok();
        assert_eq!(
            (&told["purpose"], &told["email"], &told["garageName"], &told["accountExists"]),
            (&json!("passport"), &json!("jan@links.example"), &json!("Garage links"), &json!(false))
        );
        let shown = garage.admin.get(&format!("/v1/passports/{car}")).await.ok();
        assert_eq!(told["licencePlate"], shown["licencePlate"]["shown"]);
        let (_, own) = garage.fleet_car(&fleet, "piet@links.example").await;
        fleet.account.offer(&own, "new_owner", "piet@links.example").await.created();
        fleet.account.offer(&garage.fleet_car(&fleet, "klaas@links.example").await.1, "new_owner", "new@links.example").await.created();
        let told = preview(server, &server.token_for("new@links.example")).await.ok();
        assert_eq!((&told["purpose"], &told["accountExists"]), (&json!("transfer"), &json!(false)));
        assert_eq!((&told["offer"]["kind"], &told["fleetName"]), (&json!("new_owner"), &json!("fleet-links")));
        let body = json!({ "email": "kees@links.example", "name": "Kees", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", body).await.created();
        let told = preview(server, &server.token_for("kees@links.example")).await.ok();
        assert_eq!((&told["purpose"], &told["licencePlate"]), (&json!("staff"), &Value::Null));
        garage.invited_passport(&garage.customer("piet@links.example").await).await;
        let told = preview(server, &server.token_for("piet@links.example")).await.ok();
        assert_eq!((&told["purpose"], &told["accountExists"]), (&json!("passport"), &json!(true)));
        assert_eq!((&told["accountIsDriver"], &told["offer"], &told["fleetName"]), (&json!(true), &Value::Null, &Value::Null));
    }

    async fn p3_the_link_of_an_offer_says_who_offers_and_as_what(server) {
        let garage = server.garage("says").await;
        let fleet = garage.fleet("fleet-says").await;
        let (_, of_fleet) = garage.fleet_car(&fleet, "driver@says.example").await;
        let offered = fleet.account.offer(&of_fleet, "new_driver", "next@says.example").await.created();
        let told = preview(server, &server.token_for("next@says.example")).await.ok();
        let name = fleet.account.get("/v1/account").await.ok()["name"].clone();
        let offer = json!({ "transferId": offered["id"], "kind": "new_driver", "offeredBy": name });
        assert_eq!((&told["offer"], &told["fleetName"]), (&offer, &json!("fleet-says")));
        // Of an owner there is a name, and no fleet.
        let (owner, _, own) = garage.driver("owner@says.example").await;
        owner.offer(&own, "new_owner", "buyer@says.example").await.created();
        let told = preview(server, &server.token_for("buyer@says.example")).await.ok();
        assert_eq!((&told["offer"]["kind"], &told["fleetName"]), (&json!("new_owner"), &Value::Null));
        assert_eq!(told["offer"]["offeredBy"], owner.get("/v1/account").await.ok()["name"]);
        assert_eq!((&told["accountExists"], &told["accountIsDriver"]), (&json!(false), &json!(false)));
        // Whoever signs in to a fleet with an address cannot have a car with it.
        garage.invited_passport(&garage.customer(&fleet.account.email).await).await;
        let told = preview(server, &server.token_for(&fleet.account.email)).await.ok();
        assert_eq!((&told["accountExists"], &told["accountIsDriver"]), (&json!(true), &json!(false)));
        assert_eq!(told["needsPassword"], false);
        // The link to a fleet's account says which fleet it is.
        let manager = garage.driver("manager@says.example").await;
        let body = json!({ "customerId": manager.1, "name": "Wagenpark Says", "email": "begin@says.example", "begin": "invited" });
        garage.admin.post("/v1/fleets", body).await.created();
        let told = preview(server, &server.token_for("begin@says.example")).await.ok();
        assert_eq!((&told["purpose"], &told["fleetName"]), (&json!("fleet"), &json!("Wagenpark Says")));
    }

    async fn a13_the_garage_that_invites_is_no_password(server) {
        let garage = server.garage("bandenboer").await;
        let customer = garage.customer("jan@iemand.example").await;
        garage.invited_passport(&customer).await;
        let accept = async |password: &str| {
            let body = json!({ "token": server.token_for("jan@iemand.example"), "password": password, "name": "Jan" });
            server.anonymous().post("/v1/invitations/accept", body).await
        };
        for known in ["Garage-Bandenboer-26", "bandenboer2026", "jan@iemand.example1", "Wachtwoord2026!", "autopaspoort 2026"] {
            accept(known).await.wrong(&["#/password password_too_common"]);
        }
        accept("vijf bandenboers fietsen langs zee").await.ok();
    }

    async fn p3_a_link_works_once_while_it_stands(server) {
        let garage = server.garage("once").await;
        let customer = garage.customer("jan@once.example").await;
        let car = garage.invited_passport(&customer).await;
        let first = server.token_for("jan@once.example");
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.expect(StatusCode::ACCEPTED);
        let second = server.token_for("jan@once.example");
        for (token, status, code) in [("nonsense", 404, "invitation_not_found"), (&first, 409, "invitation_revoked")] {
            preview(server, token).await.problem(status, code);
            join(server, token).await.problem(status, code);
            add(&garage.admin, token).await.problem(status, code);
        }
        // A repeat with its key is answered with the same tokens.
        let body = json!({ "token": second, "password": PASSWORD, "name": "Jan" }).to_string().into_bytes();
        let headers = [("content-type", "application/json"), ("idempotency-key", "join-jan")];
        let accept = async || server.anonymous().send("POST", "/v1/invitations/accept", &headers, Some(body.clone())).await;
        let (once, again) = (accept().await.ok(), accept().await.ok());
        assert_eq!(once, again);
        let jan = Actor::new(server, Some(&once["tokens"]));
        assert_eq!(jan.get(&format!("/v1/passports/{car}")).await.ok()["status"], "active");
        preview(server, &second).await.problem(409, "invitation_used");
        join(server, &second).await.problem(409, "invitation_used");
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.problem(409, "passport_already_active");
        // Two weeks later a link is too old; the reset of a password after an hour.
        garage.invited_passport(&garage.customer("late@once.example").await).await;
        let late = server.token_for("late@once.example");
        server.anonymous().post("/v1/auth/password-reset", json!({ "email": "jan@once.example" })).await.expect(StatusCode::ACCEPTED);
        let reset = server.token_for("jan@once.example");
        server.pass_idle(SignedDuration::from_hours(1));
        let choose = async |token: &str| {
            let body = json!({ "token": token, "password": "negen groene kikkers zingen" });
            server.anonymous().post("/v1/auth/password-reset/confirm", body).await
        };
        choose(&reset).await.problem(409, "invitation_expired");
        preview(server, &late).await.ok();
        server.pass_idle(SignedDuration::from_hours(24 * 14));
        preview(server, &late).await.problem(409, "invitation_expired");
        join(server, &late).await.problem(409, "invitation_expired");
        // Of two resets the newer stands.
        let ask = json!({ "email": "jan@once.example" });
        server.anonymous().post("/v1/auth/password-reset", ask.clone()).await.expect(StatusCode::ACCEPTED);
        let older = server.token_for("jan@once.example");
        server.anonymous().post("/v1/auth/password-reset", ask).await.expect(StatusCode::ACCEPTED);
        let newer = server.token_for("jan@once.example");
        choose(&older).await.problem(409, "invitation_revoked");
        choose("nonsense").await.problem(404, "invitation_not_found");
        choose(&newer).await.expect(StatusCode::NO_CONTENT);
    }

    async fn p3_who_has_an_account_signs_in_first(server) {
        let garage = server.garage("first").await;
        let (jan, ..) = garage.driver("jan@first.example").await;
        let car = garage.invited_passport(&garage.customer("jan@first.example").await).await;
        let token = server.token_for("jan@first.example");
        join(server, &token).await.problem(409, "sign_in_first");
        // Neither staff nor a fleet drives a car.
        let fleet = garage.fleet("fleet-first").await;
        for who in [&garage.admin, &fleet.account] {
            let refused = add(who, &token).await;
            assert!(refused.problem(403, "wrong_account_kind").body["detail"].as_str().unwrap().contains("another e-mail address of yours"));
        }
        jan.post("/v1/invitations/accept", json!({ "token": token, "password": PASSWORD })).await.wrong(&["#/password conflicts_with_other"]);
        assert_eq!(add(&jan, &token).await.ok(), json!({ "passportId": car, "transferId": null, "tokens": null }));
        assert_eq!(jan.get("/v1/passports").await.items().len(), 2);
        // An e-mail that signs in as staff is no driver's.
        garage.invited_passport(&garage.customer(&garage.mechanic.email).await).await;
        let refused = join(server, &server.token_for(&garage.mechanic.email)).await;
        assert!(refused.problem(409, "email_in_use").body["detail"].as_str().unwrap().contains("another e-mail address of yours"));
        // Someone new chooses a good password.
        garage.invited_passport(&garage.customer("new@first.example").await).await;
        let token = server.token_for("new@first.example");
        server.anonymous().post("/v1/invitations/accept", json!({ "token": token })).await.wrong(&["#/password required"]);
        let poor = json!({ "token": token, "password": "new@first.example" });
        server.anonymous().post("/v1/invitations/accept", poor).await.wrong(&["#/password password_too_common"]);
    }

    async fn p14_the_garage_can_end_an_activation_with_another_address(server) {
        let garage = server.garage("p14").await;
        let (stranger, ..) = garage.driver("stranger@p14.example").await;
        let customer = garage.customer("jan@p14.example").await;
        let car = garage.invited_passport(&customer).await;
        let path = format!("/v1/passports/{car}");
        let revoke = async |who: &Actor<'_>| who.act(&format!("{path}/revoke-activation")).await;
        revoke(&garage.admin).await.problem(409, "activation_stands");
        let told = server.mails_to("info@p14.example").len();
        add(&stranger, &server.token_for("jan@p14.example")).await.ok();
        let mails = server.mails_to("info@p14.example");
        assert_eq!(mails.len(), told + 1, "the garage is told");
        assert!(mails.last().unwrap().raw.replace("=\r\n", "").contains("stranger@p14.example"), "{mails:?}");
        // Until the garage cannot end it any more, the car is not passed on.
        stranger.offer(&car, "new_owner", "accomplice@p14.example").await.problem(409, "activation_not_settled");
        revoke(&garage.mechanic).await.problem(403, "advisor_only");
        revoke(&stranger).await.problem(403, "staff_only");
        revoke(&server.garage("p14-other").await.admin).await.problem(404, "not_found");
        // While the side that lost the car by a link may object, it is left in its hands.
        let fleet = garage.fleet("fleet-p14").await;
        garage.admin.link(&car, &fleet.id).await.ok();
        revoke(&garage.admin).await.problem(409, "link_change_open");
        garage.admin.unlink(&car).await.ok();
        let before = server.mails_to("stranger@p14.example").len();
        let ended = revoke(&garage.advisor).await.ok();
        assert_eq!((&ended["status"], &ended["driver"]), (&json!("invited"), &Value::Null));
        stranger.get(&path).await.problem(404, "not_found");
        assert_eq!(server.mails_to("stranger@p14.example").len(), before + 1, "they are told");
        revoke(&garage.admin).await.problem(409, "activation_stands");
        // A new link goes to the customer, who activates it.
        garage.admin.act(&format!("{path}/invitation")).await.expect(StatusCode::ACCEPTED);
        let joined = join(server, &server.token_for("jan@p14.example")).await.ok();
        let jan = Actor::new(server, Some(&joined["tokens"]));
        assert_eq!(jan.get(&path).await.ok()["status"], "active");
        revoke(&garage.admin).await.problem(409, "activation_stands");
        jan.offer(&car, "new_owner", "buyer@p14.example").await.created();
        revoke(&garage.admin).await.problem(409, "activation_stands");
    }

    async fn p14_of_a_fleets_car_nothing_is_ended_while_it_is_offered(server) {
        let garage = server.garage("p14f").await;
        let fleet = garage.fleet("fleet-p14f").await;
        let (other, ..) = garage.driver("prive@p14f.example").await;
        let customer = garage.customer("werk@p14f.example").await;
        let body = json!({ "licencePlate": { "number": plate() }, "customerId": customer, "fleetId": fleet.id });
        let car = garage.admin.post("/v1/passports", body).await.created()["id"].as_str().unwrap().to_owned();
        add(&other, &server.token_for("werk@p14f.example")).await.ok();
        let offer = fleet.account.offer(&car, "new_driver", "next@p14f.example").await.created();
        let revoke = async || garage.admin.act(&format!("/v1/passports/{car}/revoke-activation")).await;
        revoke().await.problem(409, "transfer_open");
        fleet.account.act(&format!("/v1/transfers/{}/withdraw", offer["id"].as_str().unwrap())).await.ok();
        let ended = revoke().await.ok();
        assert_eq!((&ended["status"], &ended["fleet"]["id"]), (&json!("invited"), &json!(fleet.id)), "it stays in its fleet");
    }

    async fn p14_after_seven_days_an_activation_stands(server) {
        let garage = server.garage("p147").await;
        let (other, ..) = garage.driver("prive@p147.example").await;
        let car = garage.invited_passport(&garage.customer("werk@p147.example").await).await;
        add(&other, &server.token_for("werk@p147.example")).await.ok();
        server.pass_idle(SignedDuration::from_hours(24 * 7));
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        let other = server.sign_in(&other.email, PASSWORD).await;
        admin.act(&format!("/v1/passports/{car}/revoke-activation")).await.problem(409, "activation_stands");
        let offer = other.offer(&car, "new_owner", "buyer@p147.example").await.created();
        assert_eq!(offer["status"], "offered");
        admin.act(&format!("/v1/passports/{car}/revoke-activation")).await.problem(409, "activation_stands");
        other.act(&format!("/v1/transfers/{}/withdraw", offer["id"].as_str().unwrap())).await.ok();
        admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        admin.act(&format!("/v1/passports/{car}/revoke-activation")).await.problem(409, "passport_archived");
    }

    async fn p14_who_has_no_drivers_account_has_the_link_mailed_to_another_address(server) {
        let garage = server.garage("p14e").await;
        let fleet = garage.fleet("fleet-p14e").await;
        let elsewhere = async |token: &str, email: &str| {
            server.anonymous().post("/v1/invitations/elsewhere", json!({ "token": token, "otherEmail": email })).await
        };
        // Whoever signs in to a garage or a fleet has a car too, and is told how to activate its passport.
        for who in [&garage.advisor.email, &fleet.account.email] {
            garage.invited_passport(&garage.customer(who).await).await;
            let mail = server.mails_to(who).pop().unwrap().raw.replace("=\r\n", "");
            assert!(mail.contains("ander e-mailadres van uzelf"), "{mail}");
        }
        let car = garage.invited_passport(&garage.customer(&garage.mechanic.email).await).await;
        let first = server.token_for(&garage.mechanic.email);
        join(server, &first).await.problem(409, "email_in_use");
        elsewhere(&first, "mistyped@p14e.example").await.expect(StatusCode::ACCEPTED);
        let mistyped = server.token_for("mistyped@p14e.example");
        let mail = server.mails_to("mistyped@p14e.example").pop().unwrap().raw;
        assert!(!mail.contains("Customer"), "it names nobody to whoever that is: {mail}");
        elsewhere(&first, "prive@p14e.example").await.expect(StatusCode::ACCEPTED);
        let other = server.token_for("prive@p14e.example");
        preview(server, &mistyped).await.problem(409, "invitation_revoked");
        let (of_first, of_other) = (preview(server, &first).await.ok(), preview(server, &other).await.ok());
        assert_eq!((&of_other["email"], &of_other["accountExists"]), (&json!("prive@p14e.example"), &json!(false)));
        assert_eq!(of_other["expiresAt"], of_first["expiresAt"]);
        let told = server.mails_to("info@p14e.example").len();
        let joined = join(server, &other).await.ok();
        let owner = Actor::new(server, Some(&joined["tokens"]));
        assert_eq!(owner.get("/v1/account").await.ok()["email"], "prive@p14e.example");
        assert_eq!(owner.get(&format!("/v1/passports/{car}")).await.ok()["status"], "active");
        assert_eq!(server.mails_to("info@p14e.example").len(), told + 1, "the garage is told");
        preview(server, &first).await.problem(409, "invitation_revoked");
        elsewhere(&first, "third@p14e.example").await.problem(409, "invitation_revoked");
        elsewhere(&other, "third@p14e.example").await.problem(409, "invitation_used");
        elsewhere("nonsense", "third@p14e.example").await.problem(404, "invitation_not_found");
        // The garage can end it, as when someone signed in with another address, and the link goes on from the beginning.
        let ended = garage.advisor.act(&format!("/v1/passports/{car}/revoke-activation")).await.ok();
        assert_eq!(ended["status"], "invited");
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.expect(StatusCode::ACCEPTED);
        // At the address of another account, one signs in first.
        elsewhere(&server.token_for(&garage.mechanic.email), "prive@p14e.example").await.expect(StatusCode::ACCEPTED);
        let again = server.token_for("prive@p14e.example");
        join(server, &again).await.problem(409, "sign_in_first");
        add(&owner, &again).await.ok();
        garage.admin.act(&format!("/v1/passports/{car}/revoke-activation")).await.ok();
    }

    async fn p14_a_link_elsewhere_to_an_address_that_can_have_no_car_says_so(server) {
        let garage = server.garage("p14s").await;
        let fleet = garage.fleet("fleet-p14s").await;
        garage.invited_passport(&garage.customer("jan@p14s.example").await).await;
        let first = server.token_for("jan@p14s.example");
        // The answer says nothing of the accounts of other addresses; the mail to each of them does.
        for (who, can_have_none) in [(garage.mechanic.email.as_str(), true), (fleet.account.email.as_str(), true), ("prive@p14s.example", false)] {
            let body = json!({ "token": first, "otherEmail": who });
            server.anonymous().post("/v1/invitations/elsewhere", body).await.expect(StatusCode::ACCEPTED);
            let mail = server.mails_to(who).pop().unwrap().raw.replace("=\r\n", "");
            assert!(mail.contains(&server.token_for(who)), "{mail}");
            assert_eq!(mail.contains("ander e-mailadres van uzelf"), can_have_none, "{who}: {mail}");
        }
    }

    async fn p14_only_a_link_to_activate_goes_elsewhere_and_not_too_often(server) {
        let garage = server.garage("p14b").await;
        let elsewhere = async |token: &str, email: &str| {
            server.anonymous().post("/v1/invitations/elsewhere", json!({ "token": token, "otherEmail": email })).await
        };
        let colleague = json!({ "email": "kees@p14b.example", "name": "Kees", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", colleague).await.created();
        elsewhere(&server.token_for("kees@p14b.example"), "other@p14b.example").await.problem(409, "invitation_bound");
        let (owner, _, own) = garage.driver("owner@p14b.example").await;
        let offer = owner.offer(&own, "new_owner", "buyer@p14b.example").await.created()["id"].as_str().unwrap().to_owned();
        let token = server.token_for("buyer@p14b.example");
        elsewhere(&token, "other@p14b.example").await.problem(409, "invitation_bound");
        owner.act(&format!("/v1/transfers/{offer}/withdraw")).await.ok();
        elsewhere(&token, "other@p14b.example").await.problem(409, "transfer_not_open");
        let car = garage.invited_passport(&garage.customer("jan@p14b.example").await).await;
        let token = server.token_for("jan@p14b.example");
        for number in 0..5 {
            elsewhere(&token, &format!("other-{number}@p14b.example")).await.expect(StatusCode::ACCEPTED);
        }
        elsewhere(&token, "other-5@p14b.example").await.problem(429, "too_many_mails");
        // What the garage mails is not braked by that, and takes the place of all of them.
        let last = server.token_for("other-4@p14b.example");
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.expect(StatusCode::ACCEPTED);
        for token in [&token, &last] {
            elsewhere(token, "late@p14b.example").await.problem(409, "invitation_revoked");
        }
        let late = server.token_for("jan@p14b.example");
        server.pass_idle(SignedDuration::from_hours(24 * 14));
        elsewhere(&late, "late@p14b.example").await.problem(409, "invitation_expired");
    }

    async fn a26_the_code_of_a_mail_does_what_the_link_does(server) {
        let garage = server.garage("a26").await;
        let by = |email: &str, code: &str| json!({ "email": email, "code": code });
        let look = async |body: Value| server.anonymous().post("/v1/invitations/preview", body).await;
        let car = garage.invited_passport(&garage.customer("jan@a26.example").await).await;
        let code = server.code_for("jan@a26.example");
        let told = look(by("JAN@a26.example", &code.to_lowercase().replace('-', " "))).await.ok();
        assert_eq!(told, preview(server, &server.token_for("jan@a26.example")).await.ok());
        // It is of its address, and of nothing without it.
        look(by("piet@a26.example", &code)).await.problem(404, "invitation_not_found");
        let wrong = look(by("jan@a26.example", "AAAA-AAAA")).await;
        assert_eq!(wrong.problem(404, "invitation_not_found").body["title"], "The code is not right");
        let unknown = preview(server, "nonsense").await;
        assert_eq!(unknown.problem(404, "invitation_not_found").body["title"], "The link is unknown");
        look(by("jan@a26.example", "no code")).await.problem(404, "invitation_not_found");
        look(json!({ "code": code })).await.wrong(&["#/email required"]);
        look(json!({ "email": "jan@a26.example" })).await.wrong(&["#/code required"]);
        let nothing = look(json!({})).await;
        nothing.wrong(&["#/token one_required"]);
        assert_eq!(nothing.body["errors"][0]["detail"], "is required, or 'email', 'code' in its place");
        let token = server.token_for("jan@a26.example");
        look(json!({ "token": token, "code": code })).await.wrong(&["#/code conflicts_with_other"]);
        look(json!({ "token": token, "email": "jan@a26.example" })).await.wrong(&["#/email conflicts_with_other"]);
        // Mailed again, the former one is replaced.
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.expect(StatusCode::ACCEPTED);
        let again = server.code_for("jan@a26.example");
        look(by("jan@a26.example", &code)).await.problem(409, "invitation_revoked");
        let accept = json!({ "email": "jan@a26.example", "code": again, "password": "negen groene kikkers zingen" });
        let joined = server.anonymous().post("/v1/invitations/accept", accept).await.ok();
        let jan = Actor::new(server, Some(&joined["tokens"]));
        assert_eq!(jan.get(&format!("/v1/passports/{car}")).await.ok()["status"], "active");
        look(by("jan@a26.example", &again)).await.problem(409, "invitation_used");
        // A colleague, a fleet and a recipient have one, and the code sends a link elsewhere too.
        let colleague = json!({ "email": "kees@a26.example", "name": "Kees", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", colleague).await.created();
        jan.offer(&car, "new_owner", "buyer@a26.example").await.created();
        for (email, purpose) in [("kees@a26.example", "staff"), ("buyer@a26.example", "transfer")] {
            assert_eq!(look(by(email, &server.code_for(email))).await.ok()["purpose"], purpose);
        }
        garage.invited_passport(&garage.customer("klaas@a26.example").await).await;
        let code = server.code_for("klaas@a26.example");
        let body = json!({ "email": "klaas@a26.example", "code": code, "otherEmail": "prive@a26.example" });
        server.anonymous().post("/v1/invitations/elsewhere", body).await.expect(StatusCode::ACCEPTED);
        look(by("prive@a26.example", &server.code_for("prive@a26.example"))).await.ok();
        // After three days the link alone works.
        server.pass_idle(SignedDuration::from_hours(24 * 3));
        look(by("klaas@a26.example", &code)).await.problem(404, "invitation_not_found");
        preview(server, &server.token_for("klaas@a26.example")).await.ok();
    }

    async fn a26_guesses_at_codes_are_braked_and_shut_nobody_out(server) {
        let garage = server.garage("a26g").await;
        garage.invited_passport(&garage.customer("jan@a26g.example").await).await;
        let (code, token) = (server.code_for("jan@a26g.example"), server.token_for("jan@a26g.example"));
        let good = "negen groene kikkers zingen";
        let send = async |network: &str, path: &str, body: &Value| {
            let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
            server.anonymous().send("POST", path, &headers, Some(body.to_string().into_bytes())).await
        };
        let (look, accept, other) = ("/v1/invitations/preview", "/v1/invitations/accept", "/v1/invitations/elsewhere");
        let wrong = json!({ "email": "jan@a26g.example", "code": "AAAA-AAAA" });
        let right = json!({ "email": "jan@a26g.example", "code": code });
        // What is right does not count, however often.
        for _ in 0..15 {
            send("10.26.0.1", look, &right).await.ok();
        }
        for _ in 0..10 {
            send("10.26.0.1", look, &wrong).await.problem(404, "invitation_not_found");
        }
        let mut accepting = wrong.clone();
        accepting["password"] = json!(good);
        let mut sending = wrong.clone();
        sending["otherEmail"] = json!("prive@a26g.example");
        for (path, body) in [(look, &wrong), (look, &right), (accept, &accepting), (other, &sending)] {
            send("10.26.0.1", path, body).await.problem(429, "too_many_attempts");
        }
        // Neither who has the link, from the same network, nor who has the code, from another one.
        send("10.26.0.1", look, &json!({ "token": token })).await.ok();
        send("10.26.0.2", look, &right).await.ok();
        // An address that nobody wrote to is braked likewise.
        let nobody = json!({ "email": "nobody@a26g.example", "code": "AAAA-AAAA" });
        for _ in 0..10 {
            send("10.26.0.3", look, &nobody).await.problem(404, "invitation_not_found");
        }
        send("10.26.0.3", look, &nobody).await.problem(429, "too_many_attempts");
        server.pass(SignedDuration::from_mins(5));
        let joining = json!({ "email": "jan@a26g.example", "code": code, "password": good });
        send("10.26.0.1", accept, &joining).await.ok();
    }

    async fn p13_a_link_dies_with_the_address_to_which_it_went(server) {
        let garage = server.garage("p13").await;
        let customer = garage.customer("mistyped@p13.example").await;
        let cars = [garage.invited_passport(&customer).await, garage.invited_passport(&customer).await];
        let found = server.token_for("mistyped@p13.example");
        let path = format!("/v1/customers/{customer}");
        garage.admin.patch(&path, json!({ "email": "Mistyped@p13.example", "name": "Jan" })).await.ok();
        preview(server, &found).await.ok();
        garage.admin.patch(&path, json!({ "email": "right@p13.example" })).await.ok();
        join(server, &found).await.problem(409, "invitation_revoked");
        assert_eq!(server.mails_to("right@p13.example").len(), cars.len(), "a new link for each car");
        let right = server.token_for("right@p13.example");
        garage.admin.patch(&path, json!({ "email": null })).await.ok();
        join(server, &right).await.problem(409, "invitation_revoked");
        garage.admin.patch(&path, json!({ "email": "back@p13.example" })).await.ok();
        assert!(server.mails_to("back@p13.example").is_empty(), "no link was open");
        garage.admin.act(&format!("/v1/passports/{}/invitation", cars[0])).await.expect(StatusCode::ACCEPTED);
        join(server, &server.token_for("back@p13.example")).await.ok();
    }

    async fn t6_the_link_of_an_offer_is_for_its_recipient(server) {
        let garage = server.garage("t6l").await;
        let fleet = garage.fleet("fleet-t6l").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@t6l.example").await;
        let offer = fleet.account.offer(&car, "new_owner", "new@t6l.example").await.created()["id"].as_str().unwrap().to_owned();
        let token = server.token_for("new@t6l.example");
        for who in [&driver, &garage.admin] {
            add(who, &token).await.problem(409, "invitation_for_other_account");
        }
        let joined = join(server, &token).await.ok();
        assert_eq!((&joined["transferId"], &joined["passportId"]), (&json!(offer), &Value::Null));
        let recipient = Actor::new(server, Some(&joined["tokens"]));
        assert_eq!(recipient.get(&format!("/v1/transfers/{offer}")).await.ok()["status"], "offered", "the decision is yet to be made");
        fleet.account.act(&format!("/v1/transfers/{offer}/withdraw")).await.ok();
        let again = fleet.account.offer(&car, "new_owner", "other@t6l.example").await.created()["id"].as_str().unwrap().to_owned();
        let token = server.token_for("other@t6l.example");
        fleet.account.act(&format!("/v1/transfers/{again}/withdraw")).await.ok();
        preview(server, &token).await.problem(409, "transfer_not_open");
        join(server, &token).await.problem(409, "transfer_not_open");
    }

    async fn t6_the_link_of_an_offer_that_was_decided_about_says_so(server) {
        let garage = server.garage("t6d").await;
        let (owner, _, car) = garage.driver("owner@t6d.example").await;
        let (buyer, _, _) = garage.driver("buyer@t6d.example").await;
        let offer = async || owner.offer(&car, "new_owner", &buyer.email).await.created()["id"].as_str().unwrap().to_owned();
        let declined = offer().await;
        let token = server.token_for(&buyer.email);
        preview(server, &token).await.ok();
        buyer.act(&format!("/v1/transfers/{declined}/decline")).await.ok();
        preview(server, &token).await.problem(409, "transfer_not_open");
        // A link that was replaced while its offer is open is another matter.
        let open = offer().await;
        let replaced = server.token_for(&buyer.email);
        owner.act(&format!("/v1/transfers/{open}/resend")).await.ok();
        preview(server, &replaced).await.problem(409, "invitation_revoked");
        let token = server.token_for(&buyer.email);
        buyer.act(&format!("/v1/transfers/{open}/accept")).await.ok();
        preview(server, &token).await.problem(409, "transfer_not_open");
        add(&buyer, &token).await.problem(409, "transfer_not_open");
    }

    async fn a12_nobody_is_slowed_by_what_others_send_for_links_and_tokens(server) {
        let garage = server.garage("a6").await;
        let good = "negen groene kikkers zingen";
        let ways = [
            ("/v1/invitations/preview", json!({ "token": "nonsense" })),
            ("/v1/invitations/accept", json!({ "token": "nonsense", "password": good })),
            ("/v1/auth/password-reset/confirm", json!({ "token": "nonsense", "password": good })),
            ("/v1/account/email/confirm", json!({ "token": "nonsense" })),
            ("/v1/auth/refresh", json!({ "refreshToken": "nonsense" })),
        ];
        let headers = [("content-type", "application/json"), ("x-forwarded-for", "10.6.0.1")];
        for (path, body) in ways {
            for _ in 0..40 {
                let answer = server.anonymous().send("POST", path, &headers, Some(body.to_string().into_bytes())).await;
                assert!([401, 404].contains(&answer.status), "{path}: {}", answer.status);
            }
        }
        // The guest wifi of the garage is that network; its staff go on.
        let refresh = json!({ "refreshToken": garage.admin.refresh_token }).to_string().into_bytes();
        server.anonymous().send("POST", "/v1/auth/refresh", &headers, Some(refresh)).await.ok();
    }

    async fn a25_who_never_chose_a_password_is_mailed_their_link_again(server) {
        let garage = server.garage("a25").await;
        let ask = async |email: &str| {
            let body = json!({ "email": email });
            server.anonymous().post("/v1/auth/password-reset", body).await.expect(StatusCode::ACCEPTED);
        };
        let car = garage.invited_passport(&garage.customer("jan@a25.example").await).await;
        let first = server.token_for("jan@a25.example");
        let ends = preview(server, &first).await.ok()["expiresAt"].clone();
        server.pass(SignedDuration::from_mins(10));
        ask("JAN@a25.example").await;
        let again = server.token_for("jan@a25.example");
        assert_eq!(server.mails_to("jan@a25.example").len(), 2);
        preview(server, &first).await.problem(409, "invitation_revoked");
        let told = preview(server, &again).await.ok();
        assert_eq!((&told["purpose"], &told["expiresAt"]), (&json!("passport"), &ends), "it lasts no longer");
        // The mail is no other than that of the garage, and nobody fills a mailbox with it.
        for _ in 0..5 {
            ask("jan@a25.example").await;
        }
        assert_eq!(server.mails_to("jan@a25.example").len(), 3, "one came back meanwhile");
        let joined = join(server, &server.token_for("jan@a25.example")).await.ok();
        assert_eq!(joined["passportId"], json!(car));
        // From then on it is a link to another password.
        ask("jan@a25.example").await;
        let told = preview(server, &server.token_for("jan@a25.example")).await.ok();
        assert_eq!(told["purpose"], "password_reset");
        // A colleague and whoever is offered a car likewise.
        let colleague = json!({ "email": "kees@a25.example", "name": "Kees", "role": "mechanic" });
        garage.again().await.admin.post("/v1/garage/staff", colleague).await.created();
        ask("kees@a25.example").await;
        assert_eq!(server.mails_to("kees@a25.example").len(), 2);
        server.join("kees@a25.example").await;
        let jan = server.sign_in("jan@a25.example", "negen groene kikkers zingen").await;
        let offer = jan.offer(&car, "new_owner", "piet@a25.example").await.created()["id"].as_str().unwrap().to_owned();
        ask("piet@a25.example").await;
        assert_eq!(server.mails_to("piet@a25.example").len(), 2);
        preview(server, &server.token_for("piet@a25.example")).await.ok();
        // Who is awaited no more, or never was, is mailed nothing.
        jan.act(&format!("/v1/transfers/{offer}/withdraw")).await.ok();
        let before = server.mails_to("piet@a25.example").len();
        server.pass(SignedDuration::from_mins(10));
        for email in ["piet@a25.example", "nobody@a25.example"] {
            ask(email).await;
        }
        assert_eq!(server.mails_to("piet@a25.example").len(), before);
        assert!(server.mails_to("nobody@a25.example").is_empty());
        // Anyone may ask, so it ends no link that went to another address.
        let garage = garage.again().await;
        garage.invited_passport(&garage.customer("els@a25.example").await).await;
        let first = server.token_for("els@a25.example");
        let elsewhere = json!({ "token": first, "otherEmail": "own@a25.example" });
        server.anonymous().post("/v1/invitations/elsewhere", elsewhere).await.expect(StatusCode::ACCEPTED);
        let other = server.token_for("own@a25.example");
        server.pass(SignedDuration::from_mins(10));
        ask("els@a25.example").await;
        let again = server.token_for("els@a25.example");
        assert_ne!(again, first);
        preview(server, &first).await.problem(409, "invitation_revoked");
        preview(server, &other).await.ok();
        preview(server, &again).await.ok();
        // A key belongs to one request.
        server.pass(SignedDuration::from_mins(10));
        let keyed = async |email: &str| {
            let body = json!({ "token": again, "otherEmail": email }).to_string().into_bytes();
            let headers = [("content-type", "application/json"), ("idempotency-key", "elsewhere")];
            server.anonymous().send("POST", "/v1/invitations/elsewhere", &headers, Some(body)).await
        };
        keyed("third@a25.example").await.expect(StatusCode::ACCEPTED);
        keyed("fourth@a25.example").await.problem(422, "idempotency_key_reused");
    }

    async fn a14_a_flood_of_resets_fills_no_mailbox_and_keeps_nobody_from_one(server) {
        let garage = server.garage("a6r").await;
        let ask = async |network: &str| {
            let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
            let body = json!({ "email": garage.admin.email }).to_string().into_bytes();
            server.anonymous().send("POST", "/v1/auth/password-reset", &headers, Some(body)).await
        };
        for _ in 0..30 {
            ask("10.7.0.1").await.expect(StatusCode::ACCEPTED);
        }
        ask("10.7.0.1").await.problem(429, "too_many_attempts");
        // The owner asks as well, and has a link that works.
        ask("10.7.0.2").await.expect(StatusCode::ACCEPTED);
        assert_eq!(server.mails_to(&garage.admin.email).len(), 4);
        let body = json!({ "token": server.token_for(&garage.admin.email), "password": "negen groene kikkers zingen" });
        server.anonymous().post("/v1/auth/password-reset/confirm", body).await.expect(StatusCode::NO_CONTENT);
        server.sign_in(&garage.admin.email, "negen groene kikkers zingen").await;
    }
}
