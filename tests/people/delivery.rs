//! What became of the mails with links, as the garage sees it: rule CH4.

use crate::{
    both,
    support::{
        MailServer, Server,
        reports::{POSTFIX, report, send},
        until,
    },
};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The proof of the last mail to an address, as it stands in the mail.
fn proof(server: &Server, email: &str) -> String {
    let mails = server.mails_to(email);
    let raw = &mails.last().unwrap_or_else(|| panic!("nothing was mailed to {email}")).raw;
    raw.lines().find_map(|line| line.strip_prefix("X-AutoPaspoort-Proof: ")).unwrap().to_owned()
}

both! {
    async fn ch4_a_garage_sees_whether_a_link_to_activate_was_mailed(server) {
        let garage = server.garage("ch4").await;
        let (driver, ..) = garage.driver("piet@ch4.example").await;
        let car = garage.invited_passport(&garage.customer("jan@ch4.example").await).await;
        let path = format!("/v1/passports/{car}");
        let shown = async || garage.mechanic.get(&path).await.ok()["invitationDelivery"].clone();
        let queued = shown().await;
        assert_eq!((&queued["status"], &queued["reason"]), (&json!("queued"), &Value::Null));
        server.work();
        let sent = shown().await;
        assert_eq!((&sent["status"], &sent["reason"]), (&json!("sent"), &Value::Null));
        // The list says the same, and of a passport that is active nothing.
        let listed = garage.advisor.get("/v1/passports").await.items();
        let told: Vec<_> = listed.iter().map(|one| (one["id"] == *car, one["invitationDelivery"].clone())).collect();
        assert!(told.contains(&(true, sent)) && told.contains(&(false, Value::Null)), "{told:?}");
        assert_eq!(driver.get("/v1/passports").await.items()[0]["invitationDelivery"], Value::Null);
        // Mailed again, it waits again.
        garage.admin.act(&format!("{path}/invitation")).await.expect(StatusCode::ACCEPTED);
        assert_eq!(shown().await["status"], "queued");
        let message = report(POSTFIX, "jan@ch4.example", &proof(server, "jan@ch4.example"));
        assert_eq!(shown().await["status"], "sent");
        send(&server.anonymous(), &message, &[]).await.ok();
        let bounced = shown().await;
        assert_eq!((&bounced["status"], &bounced["reason"]["code"]), (&json!("failed"), &json!("bounced")));
        assert!(bounced["reason"]["nl"].as_str().unwrap().contains("kwam terug"), "{bounced}");
        assert!(bounced["reason"]["en"].as_str().unwrap().contains("came back"), "{bounced}");
    }

    async fn ch4_an_offer_and_a_colleague_have_it_too(server) {
        let garage = server.garage("ch4o").await;
        let (owner, _, car) = garage.driver("owner@ch4o.example").await;
        let (buyer, ..) = garage.driver("buyer@ch4o.example").await;
        let offer = owner.offer(&car, "new_owner", "buyer@ch4o.example").await.created();
        assert_eq!(offer["invitationDelivery"]["status"], "queued");
        let path = format!("/v1/transfers/{}", offer["id"].as_str().unwrap());
        server.work();
        for who in [&owner, &garage.mechanic] {
            assert_eq!(who.get(&path).await.ok()["invitationDelivery"]["status"], "sent");
            assert_eq!(who.get("/v1/transfers").await.items()[0]["invitationDelivery"]["status"], "sent");
        }
        assert_eq!(buyer.get(&path).await.ok()["invitationDelivery"], Value::Null, "the recipient has the mail or not");
        owner.act(&format!("{path}/withdraw")).await.ok();
        assert_eq!(owner.get(&path).await.ok()["invitationDelivery"], Value::Null);
        let body = json!({ "email": "kees@ch4o.example", "name": "Kees", "role": "mechanic" });
        let made = garage.admin.post("/v1/garage/staff", body).await.created();
        assert_eq!(made["invitationDelivery"]["status"], "queued");
        server.work();
        let path = format!("/v1/garage/staff/{}", made["id"].as_str().unwrap());
        assert_eq!(garage.mechanic.get(&path).await.ok()["invitationDelivery"]["status"], "sent");
        let listed = garage.mechanic.get("/v1/garage/staff").await.items();
        let told: Vec<_> = listed.iter().map(|one| one["invitationDelivery"]["status"].as_str()).collect();
        assert_eq!(told.iter().flatten().count(), 1, "{told:?}");
        server.join("kees@ch4o.example").await;
        assert_eq!(garage.mechanic.get(&path).await.ok()["invitationDelivery"], Value::Null);
    }

    async fn ch4_a_fleet_that_was_invited_has_it_too(server) {
        let garage = server.garage("ch4f").await;
        let (_, customer, _) = garage.driver("jan@ch4f.example").await;
        let body = json!({ "customerId": customer, "email": "fleet@ch4f.example", "begin": "invited" });
        let made = garage.admin.post("/v1/fleets", body).await.created();
        assert_eq!(made["invitationDelivery"]["status"], "queued");
        server.work();
        let path = format!("/v1/fleets/{}", made["id"].as_str().unwrap());
        let shown = async || garage.mechanic.get(&path).await.ok()["invitationDelivery"].clone();
        assert_eq!(shown().await["status"], "sent");
        assert_eq!(garage.mechanic.get("/v1/fleets").await.items()[0]["invitationDelivery"]["status"], "sent");
        let message = report(POSTFIX, "fleet@ch4f.example", &proof(server, "fleet@ch4f.example"));
        send(&server.anonymous(), &message, &[]).await.ok();
        let bounced = shown().await;
        assert_eq!((&bounced["status"], &bounced["reason"]["code"]), (&json!("failed"), &json!("bounced")));
        // Once the manager has chosen a password there is nothing to say, and to the fleet itself never.
        let fleet = server.join("fleet@ch4f.example").await;
        assert_eq!(shown().await, Value::Null);
        assert_eq!(fleet.get(&path).await.ok()["invitationDelivery"], Value::Null);
    }

    async fn ch4_what_the_mail_server_says_is_told_in_words(server) {
        let mails = MailServer::start();
        mails.refuse("gone@ch4s.example", "550 5.1.1 <gone@ch4s.example> no such user");
        mails.refuse("full@ch4s.example", "452 4.2.2 <full@ch4s.example> mailbox full");
        mails.refuse("spam@ch4s.example", "550 5.7.1 we do not like you");
        mails.go_on();
        let url = mails.url.clone();
        let sending = Server::start_with(server.backend, |settings| settings.smtp_url = Some(url)).await;
        let garage = sending.garage("ch4s").await;
        let mut cars = vec![];
        for (name, status, reason) in [
            ("gone", "failed", Some("no_mailbox")),
            ("full", "queued", Some("delayed")),
            ("spam", "failed", Some("refused")),
            ("good", "sent", None),
        ] {
            let customer = garage.customer(&format!("{name}@ch4s.example")).await;
            cars.push((garage.invited_passport(&customer).await, status, reason));
        }
        let worker = sending.start_worker();
        let waiting = || {
            let counts = sending.store().read(|tx| persistence::jobs::counts(tx, sending.now())).unwrap();
            let (_, mails) = counts.into_iter().find(|(kind, _)| *kind == Some(domain::job::TaskKind::Mail)).unwrap();
            mails
        };
        until("each mail was tried", || waiting().retrying == 1 && waiting().queued == 1 && waiting().running == 0).await;
        worker.stop();
        for (car, status, reason) in cars {
            let told = garage.admin.get(&format!("/v1/passports/{car}")).await.ok()["invitationDelivery"].clone();
            assert_eq!((told["status"].as_str(), told["reason"]["code"].as_str()), (Some(status), reason), "{told}");
        }
        sending.stop().await;
    }
}
