//! Addresses that must not be written to: rule CH3, as far as the garage sees it, and what is mailed.

use crate::{
    both,
    support::{Garage, MailServer, Server, maintained, until},
};
use domain::{
    ids::GarageId,
    suppression::{Suppression, SuppressionReason},
    value::EmailAddress,
};
use jiff::SignedDuration;
use persistence as store;
use serde_json::{Value, json};

async fn listed(garage: &Garage<'_>, query: &str) -> Vec<String> {
    let items = garage.mechanic.get(&format!("/v1/suppressions{query}")).await.items();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.iter().map(|item| format!("{} {}", text(item, "email"), text(item, "reason"))).collect()
}

async fn id_of(garage: &Garage<'_>) -> GarageId {
    let garage = garage.admin.get("/v1/garage").await.ok()["id"].as_str().unwrap().to_owned();
    garage.parse::<uuid::Uuid>().unwrap().into()
}

/// Notes an objection to a garage's mailings; its id.
async fn object(server: &Server, garage: &Garage<'_>, email: &str) -> String {
    let (garage, email) = (id_of(garage).await, EmailAddress::parse(email).unwrap());
    let new = Suppression::of_objection(uuid::Uuid::now_v7().into(), garage, email, server.now());
    assert!(server.store().write(|tx| store::suppression::insert(tx, &new)).unwrap());
    new.id.to_string()
}

both! {
    async fn ch3_a_garage_sees_the_addresses_that_it_has_to_correct(server) {
        let (garage, other) = (server.garage("list").await, server.garage("list-other").await);
        let customer = garage.customer("jan@list.example").await;
        garage.customer("piet@list.example").await;
        other.customer("jan@list.example").await;
        other.customer("kees@list.example").await;
        let bounced = server.suppress("JAN@list.example", SuppressionReason::Bounced);
        server.suppress("kees@list.example", SuppressionReason::Bounced);
        server.suppress("nobody@list.example", SuppressionReason::Bounced);
        server.suppress("piet@list.example", SuppressionReason::Complained);
        object(server, &garage, "piet@list.example").await;
        let all = ["piet@list.example objected", "piet@list.example complained", "JAN@list.example bounced"];
        assert_eq!(listed(&garage, "").await, all);
        assert_eq!(listed(&garage, "?reason=bounced").await, all[2..]);
        assert_eq!(listed(&garage, "?reason=objected").await, all[..1]);
        assert_eq!(listed(&garage, "?reason=bounced,objected").await, listed(&garage, "?reason=objected,bounced").await);
        assert_eq!(listed(&other, "").await, ["kees@list.example bounced", "JAN@list.example bounced"]);
        garage.admin.get("/v1/suppressions?reason=no").await.wrong(&["reason unknown_value"]);
        let items = garage.advisor.get("/v1/suppressions?reason=bounced").await.items();
        assert_eq!(items[0]["id"], bounced);
        assert_eq!(items[0]["customers"], json!([{ "id": customer, "name": "Customer jan@list.example" }]));
        // The list of customers and a new record show it too.
        let customers = garage.mechanic.get("/v1/customers").await.items();
        let shown: Vec<_> = customers.iter().map(|one| one["emailSuppressed"].as_str()).collect();
        assert_eq!(shown, [Some("bounced"), Some("complained")]);
        let body = json!({ "kind": "person", "name": "Another", "email": "kees@list.example" });
        assert_eq!(garage.admin.post("/v1/customers", body).await.created()["emailSuppressed"], "bounced");
        let body = json!({ "kind": "person", "name": "Without" });
        assert_eq!(garage.admin.post("/v1/customers", body).await.created()["emailSuppressed"], Value::Null);
        // Corrected addresses are no longer a task.
        garage.advisor.patch(&format!("/v1/customers/{customer}"), json!({ "email": "jan2@list.example" })).await.ok();
        assert_eq!(listed(&garage, "?reason=bounced").await, ["kees@list.example bounced"]);
        let (driver, ..) = garage.driver("driver@list.example").await;
        driver.get("/v1/suppressions").await.problem(403, "wrong_account_kind");
    }

    async fn ch3_who_asks_for_a_link_to_an_address_that_bounced_is_told(server) {
        let garage = server.garage("bounced").await;
        let (email, stranger) = ("jan@bounced.example", "someone@elsewhere.example");
        let customer = garage.customer(email).await;
        let car = garage.invited_passport(&customer).await;
        let (driver, manager, own_car) = garage.driver("driver@bounced.example").await;
        // They are invited while mail still goes there.
        let (late, later) = ("late@bounced.example", "later@bounced.example");
        let invited = json!({ "name": "Collega", "email": late, "role": "mechanic" });
        let colleague_at = format!("/v1/garage/staff/{}", garage.admin.post("/v1/garage/staff", invited).await.expect(reqwest::StatusCode::CREATED).id());
        let fleet = |email: &str| json!({ "customerId": manager, "name": "Wagenpark", "email": email, "begin": "invited" });
        let fleet_at = format!("/v1/fleets/{}", garage.admin.post("/v1/fleets", fleet(later)).await.expect(reqwest::StatusCode::CREATED).id());
        server.suppress(late, SuppressionReason::Bounced);
        server.suppress(later, SuppressionReason::Bounced);
        server.suppress(email, SuppressionReason::Bounced);
        server.suppress(stranger, SuppressionReason::Bounced);
        server.pass(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        let before = server.mails_to(email).len();
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.problem(409, "email_suppressed");
        let passport = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": customer });
        garage.admin.post("/v1/passports", passport).await.problem(409, "email_suppressed");
        let colleague = json!({ "name": "Collega", "email": email, "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", colleague).await.problem(409, "email_suppressed");
        garage.admin.act(&format!("{colleague_at}/invitation")).await.problem(409, "email_suppressed");
        garage.admin.act(&format!("{fleet_at}/invitation")).await.problem(409, "email_suppressed");
        garage.admin.post("/v1/fleets", fleet(email)).await.problem(409, "email_suppressed");
        garage.admin.patch(&fleet_at, json!({ "email": email })).await.problem(409, "email_suppressed");
        // Of an address that the garage has on no record, and to anyone who is not staff, nothing is said.
        let driver = server.sign_in(&driver.email, crate::support::PASSWORD).await;
        for to in [stranger, email] {
            let offer = json!({ "kind": "new_owner", "recipientEmail": to });
            let made = driver.post(&format!("/v1/passports/{own_car}/transfers"), offer).await.expect(reqwest::StatusCode::CREATED);
            let transfer = format!("/v1/transfers/{}", made.id());
            driver.act(&format!("{transfer}/withdraw")).await.ok();
        }
        server.anonymous().post("/v1/auth/password-reset", json!({ "email": email })).await.expect(reqwest::StatusCode::ACCEPTED);
        assert_eq!(server.mails_to(email).len(), before);
        // A complaint stops no link, and a lifted suppression none either.
        server.store().write(|tx| {
            let email = EmailAddress::parse(email).unwrap();
            let found = store::suppression::list_of_email(tx, &email)?;
            found.into_iter().try_for_each(|one| store::suppression::delete(tx, &store::Found::by_system(one), server.now()).map(drop))
        }).unwrap();
        server.suppress(email, SuppressionReason::Complained);
        garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.expect(reqwest::StatusCode::ACCEPTED);
        assert_eq!(server.mails_to(email).len(), before + 1);
    }

    async fn ch3_staff_are_told_in_the_app_that_mail_came_back(server) {
        let (garage, other, third) = (server.garage("told").await, server.garage("told-other").await, server.garage("told-third").await);
        let customer = garage.customer("jan@told.example").await;
        other.customer("jan@told.example").await;
        let message = crate::support::reports::bounce(server, "JAN@told.example");
        for outcome in ["suppressed", "known"] {
            let answer = crate::support::reports::send(&server.anonymous(), &message, &[]).await.ok();
            assert_eq!(answer["outcome"], outcome);
        }
        server.work();
        let told = async |garage: &Garage<'_>| {
            let all = garage.mechanic.get("/v1/notifications").await.items();
            all.into_iter().filter(|one| one["kind"] == "customer_email_bounced").collect::<Vec<_>>()
        };
        let found = told(&garage).await;
        assert_eq!((found.len(), told(&other).await.len(), told(&third).await.len()), (1, 1, 0));
        assert_eq!((&found[0]["class"], &found[0]["link"]), (&json!("service"), &json!(format!("/customers/{customer}"))));
        assert!(found[0]["title"].as_str().unwrap().contains("Customer jan"), "{found:?}");
        // It is told in the app alone, and can be switched off.
        for to in ["info@told.example", &garage.mechanic.email, &garage.admin.email] {
            assert!(server.mails_to(to).iter().all(|mail| !mail.raw.contains("kwam terug")), "{to}");
        }
        let setting = json!({ "inApp": false, "email": false, "push": false });
        garage.mechanic.put("/v1/account/notification-settings/customer_email_bounced", setting).await.ok();
        garage.customer("piet@told.example").await;
        let message = crate::support::reports::bounce(server, "piet@told.example");
        crate::support::reports::send(&server.anonymous(), &message, &[]).await.ok();
        server.work();
        assert_eq!(told(&garage).await.len(), 1);
        let all = garage.advisor.get("/v1/notifications").await.items();
        assert_eq!(all.iter().filter(|one| one["kind"] == "customer_email_bounced").count(), 2);
    }

    async fn ch3_a_suppression_is_lifted_by_hand_but_no_objection(server) {
        let (garage, other) = (server.garage("lift").await, server.garage("lift-other").await);
        let customer = garage.customer("jan@lift.example").await;
        let bounced = format!("/v1/suppressions/{}", server.suppress("jan@lift.example", SuppressionReason::Bounced));
        let objected = format!("/v1/suppressions/{}", object(server, &garage, "jan@lift.example").await);
        let delete = async |garage: &Garage<'_>, path: &str| garage.advisor.send("DELETE", path, &[], None).await;
        garage.mechanic.send("DELETE", &bounced, &[], None).await.problem(403, "advisor_only");
        delete(&other, &bounced).await.problem(404, "not_found");
        delete(&other, &objected).await.problem(404, "not_found");
        delete(&garage, &objected).await.problem(409, "objection_stays");
        assert_eq!(delete(&garage, &bounced).await.status, 204);
        delete(&garage, &bounced).await.problem(404, "not_found");
        assert_eq!(garage.admin.get(&format!("/v1/customers/{customer}")).await.ok()["emailSuppressed"], "objected");
        // It is on record who did that, without the address.
        let events = garage.events().await;
        assert_eq!(events.iter().filter(|(_, kind)| kind == "suppression_lifted").count(), 1);
        garage.invited_passport(&customer).await;
        assert_eq!(server.mails_to("jan@lift.example").len(), 1, "an objection is to mailings only");
    }

    async fn ch3_a_complaint_stops_mails_about_the_car_but_not_about_the_account(server) {
        let garage = server.garage("class").await;
        let (owner, _, car) = garage.driver("owner@class.example").await;
        // Not reminders, which come in the morning.
        let mailed = || {
            let mails = server.mails_to("owner@class.example");
            mails.iter().filter(|mail| !mail.raw.contains("onderhoud") && !mail.subject().contains("APK")).count()
        };
        let before = mailed();
        let check = async || {
            let garage = garage.again().await;
            let draft = maintained::draft_check(&garage.mechanic, &car).await;
            maintained::complete_check(&garage.mechanic, &car, &draft).await;
        };
        let forget = async || {
            // Links are mailed again only after some minutes.
            server.pass(SignedDuration::from_hours(1));
            let body = json!({ "email": owner.email });
            server.anonymous().post("/v1/auth/password-reset", body).await.expect(reqwest::StatusCode::ACCEPTED);
            mailed()
        };
        check().await;
        assert_eq!(mailed(), before + 1);
        object(server, &garage, "owner@class.example").await;
        server.pass(SignedDuration::from_hours(1));
        check().await;
        assert_eq!(mailed(), before + 2, "an objection is to mailings only");
        server.suppress("Owner@Class.example", SuppressionReason::Complained);
        server.pass(SignedDuration::from_hours(1));
        check().await;
        assert_eq!(mailed(), before + 2);
        assert_eq!(forget().await, before + 3);
        server.suppress("owner@class.example", SuppressionReason::Bounced);
        assert_eq!(forget().await, before + 3);
        // In the app all is told as before.
        let owner = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        let told = owner.get("/v1/notifications").await.items();
        assert_eq!(told.iter().filter(|one| one["kind"] == "check_ready").count(), 3);
    }

    async fn ch3_a_mailbox_that_the_mail_server_does_not_know_is_suppressed(server) {
        let mails = MailServer::start();
        mails.refuse("gone@smtp.example", "550 5.1.1 <gone@smtp.example> no such user");
        mails.refuse("full@smtp.example", "552 5.2.2 <full@smtp.example> mailbox full");
        mails.refuse("spam@smtp.example", "550 5.7.1 we do not like you");
        mails.go_on();
        let url = mails.url.clone();
        let sending = Server::start_with(server.backend, |settings| settings.smtp_url = Some(url)).await;
        let garage = sending.garage("smtp").await;
        let mut customers = vec![];
        for name in ["gone", "full", "spam", "good"] {
            let customer = garage.customer(&format!("{name}@smtp.example")).await;
            garage.invited_passport(&customer).await;
            customers.push(customer);
        }
        let worker = sending.start_worker();
        let counts = || {
            let counts = sending.store().read(|tx| store::jobs::counts(tx, sending.now())).unwrap();
            let (_, mails) = counts.into_iter().find(|(kind, _)| *kind == Some(domain::job::TaskKind::Mail)).unwrap();
            (mails.queued + mails.running, mails.dead)
        };
        // What is about the mail is for the operator; what is about the address is for the garage.
        until("all mails went out or were refused", || counts() == (0, 2)).await;
        worker.stop();
        assert_eq!(mails.received().len(), 1);
        assert_eq!(listed(&garage, "").await, ["gone@smtp.example bounced"]);
        let mut shown = vec![];
        for customer in &customers {
            shown.push(garage.admin.get(&format!("/v1/customers/{customer}")).await.ok()["emailSuppressed"].clone());
        }
        assert_eq!(shown, [json!("bounced"), Value::Null, Value::Null, Value::Null]);
        sending.stop().await;
    }
}
