//! Delivery reports: rule CH3, as far as it is about what comes back.

use crate::{
    both,
    support::{
        Garage, Server,
        reports::{self, EXCHANGE, EXIM, FEEDBACK, POSTFIX, RECEIVED, bounce, proof_of_mail, report, send},
    },
};
use domain::{suppression::SuppressionReason, value::EmailAddress};
use jiff::SignedDuration;
use persistence as store;
use serde_json::{Value, json};

/// What a line of the head of the last mail to an address says.
fn sent_line(server: &Server, email: &str, name: &str) -> String {
    let mails = server.mails_to(email);
    let raw = &mails.last().unwrap_or_else(|| panic!("nothing was mailed to {email}")).raw;
    raw.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap().to_owned()
}

/// The proof of the last mail to an address, as it stands in the mail.
fn sent_proof(server: &Server, email: &str) -> String {
    sent_line(server, email, "X-AutoPaspoort-Proof")
}

async fn outcome(server: &Server, message: &str) -> String {
    let answer = send(&server.anonymous(), message, &[]).await.ok();
    answer["outcome"].as_str().unwrap().to_owned()
}

fn reasons(server: &Server, email: &str) -> Vec<SuppressionReason> {
    let email = EmailAddress::parse(email).unwrap();
    let found = server.store().read(|tx| store::suppression::list_of_email(tx, &email)).unwrap();
    found.iter().map(|one| one.reason).collect()
}

async fn shown(garage: &Garage<'_>, customer: &str) -> Value {
    garage.mechanic.get(&format!("/v1/customers/{customer}")).await.ok()["emailSuppressed"].clone()
}

both! {
    async fn ch3_mail_that_came_back_is_shown_at_the_customer_and_stops_mails(server) {
        let mut garage = server.garage("ch3").await;
        for (form, name) in [(POSTFIX, "postfix"), (EXIM, "exim"), (EXCHANGE, "exchange")] {
            let email = format!("{name}@ch3.example");
            let customer = garage.customer(&email).await;
            let car = garage.invited_passport(&customer).await;
            let message = report(form, &email, &sent_proof(server, &email));
            assert_eq!(shown(&garage, &customer).await, Value::Null);
            assert_eq!(outcome(server, &message).await, "suppressed", "{name}");
            assert_eq!(outcome(server, &message.replace('\n', "\r\n")).await, "known", "{name}, once more");
            assert_eq!(shown(&garage, &customer).await, "bounced");
            // A link is of the account, and is not mailed either: there is no mailbox.
            server.pass(SignedDuration::from_hours(1));
            garage = garage.again().await;
            garage.admin.act(&format!("/v1/passports/{car}/invitation")).await.problem(409, "email_suppressed");
            assert_eq!(server.mails_to(&email).len(), 1, "{name}");
            // Another address of the customer is written to, and the link goes there.
            let new = format!("new-{email}");
            garage.advisor.patch(&format!("/v1/customers/{customer}"), json!({ "email": new })).await.ok();
            assert_eq!(shown(&garage, &customer).await, Value::Null);
            assert_eq!(server.mails_to(&new).len(), 1, "{name}");
        }
    }

    async fn ch3_a_complaint_is_noted_and_nothing_else_that_readers_say(server) {
        let garage = server.garage("abuse").await;
        let customer = garage.customer("jan@abuse.example").await;
        garage.invited_passport(&customer).await;
        let id = sent_proof(server, "jan@abuse.example");
        let praise = report(&FEEDBACK.replace("{type}", "not-spam"), "jan@abuse.example", &id);
        assert_eq!(outcome(server, &praise).await, "nothing_lasting");
        let complaint = report(FEEDBACK, "jan@abuse.example", &id);
        assert_eq!(outcome(server, &complaint).await, "suppressed");
        assert_eq!(shown(&garage, &customer).await, "complained");
        // The provider may have left out to whom it went, and then nobody knows.
        let without = report(FEEDBACK, "redacted", &proof_of_mail(server, "piet@abuse.example"));
        assert_eq!(outcome(server, &without).await, "not_ours");
    }

    async fn ch3_what_may_pass_suppresses_nothing(server) {
        let email = "jan@passing.example";
        let id = proof_of_mail(server, email);
        for (action, status) in [("failed", "5.2.2"), ("failed", "5.7.1"), ("failed", "5.3.4"), ("failed", "4.4.7"), ("delayed", "5.1.1"), ("relayed", "2.1.9")] {
            let form = POSTFIX.replace("{action}", action).replace("{status}", status);
            assert_eq!(outcome(server, &report(&form, email, &id)).await, "nothing_lasting", "{action} {status}");
        }
        for message in ["", "From: jan@passing.example\nAuto-Submitted: auto-replied\n\nIk ben er niet.\n", "\u{0}"] {
            assert_eq!(outcome(server, message).await, "no_report", "{message}");
        }
        let receipt = report(POSTFIX, email, &id).replace("=delivery-status", "=disposition-notification");
        assert_eq!(outcome(server, &receipt).await, "no_report");
        assert_eq!(reasons(server, email), []);
    }

    async fn ch3_what_mail_servers_really_report_is_taken(server) {
        let sender = Server::start_with(server.backend, |settings| settings.secret = reports::secret_of_received()).await;
        for one in RECEIVED {
            // Another server did not write to that address, whatever the report says.
            let at_other = if one.outcome == "suppressed" { "not_ours" } else { one.outcome };
            assert_eq!(outcome(server, one.message).await, at_other, "{}", one.name);
            assert_eq!(outcome(&sender, one.message).await, one.outcome, "{}", one.name);
            let expected: &[SuppressionReason] = if one.outcome == "suppressed" { &[SuppressionReason::Bounced] } else { &[] };
            assert_eq!((reasons(&sender, one.to).as_slice(), reasons(server, one.to)), (expected, vec![]), "{}", one.name);
        }
        sender.stop().await;
    }

    async fn ch3_what_a_reply_repeats_cuts_nobody_off(server) {
        let garage = server.garage("reply").await;
        let email = "info@reply.example";
        let (driver, ..) = garage.driver("jan@reply.example").await;
        for to in [driver.email.as_str(), email, garage.admin.email.as_str()] {
            // Whoever has a reply to a mail knows its id, and writes a report as well as a mail server.
            let mails = server.mails_to(to);
            let Some(last) = mails.last() else { continue };
            let id = sent_line(server, to, "Message-ID");
            for form in [POSTFIX, EXIM, EXCHANGE, FEEDBACK] {
                let about = form.replace("<0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10@platform.example>", &id);
                let inner = id.trim_matches(['<', '>']).to_owned();
                for made_up in ["", &inner, inner.split('@').next().unwrap(), &format!("{inner}.1.{}", "0".repeat(32))] {
                    assert_eq!(outcome(server, &report(&about, to, made_up)).await, "not_ours", "{to} {made_up}");
                    let without = report(&about, to, made_up).replace(&format!("X-AutoPaspoort-Proof: {made_up}\n"), "");
                    assert_eq!(outcome(server, &without).await, "not_ours", "{to} {made_up}");
                }
            }
            assert!(last.raw.contains("X-AutoPaspoort-Proof: "));
            assert_eq!(reasons(server, to), []);
        }
        // A password is still reset.
        let before = server.mails_to(&driver.email).len();
        server.pass(SignedDuration::from_hours(1));
        let body = json!({ "email": driver.email });
        server.anonymous().post("/v1/auth/password-reset", body).await.expect(reqwest::StatusCode::ACCEPTED);
        assert!(server.mails_to(&driver.email).len() > before);
    }

    async fn ch3_a_report_comes_within_two_weeks(server) {
        let email = "jan@late.example";
        let message = bounce(server, email);
        server.pass_idle(SignedDuration::from_hours(14 * 24) + SignedDuration::from_secs(1));
        assert_eq!(outcome(server, &message).await, "not_ours");
        assert_eq!(reasons(server, email), []);
        let message = bounce(server, email);
        server.pass_idle(SignedDuration::from_hours(14 * 24));
        assert_eq!(outcome(server, &message).await, "suppressed");
    }

    async fn ch3_a_report_counts_only_for_who_was_written_to(server) {
        let (email, other) = ("jan@proof.example", "piet@proof.example");
        let id = proof_of_mail(server, email);
        // Made up, of another server, of another mail, and about somebody else than the mail went to.
        for made_up in ["1", "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10.1772000000.00112233445566778899aabbccddeeff", ""] {
            assert_eq!(outcome(server, &report(POSTFIX, email, made_up)).await, "not_ours", "{made_up}");
        }
        assert_eq!(outcome(server, &report(POSTFIX, other, &id)).await, "not_ours");
        assert_eq!(outcome(server, &report(FEEDBACK, other, &id)).await, "not_ours");
        // What stands in the report's own head proves nothing: only the mail that came back does.
        let own = format!("X-AutoPaspoort-Proof: {id}\n{}", report(EXIM, email, "other"));
        assert_eq!(outcome(server, &own).await, "not_ours");
        // A report about a report: what came back is not a mail of this server's.
        let inner = report(POSTFIX, email, &id);
        let status = format!("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {email}\nAction: failed\nStatus: 5.1.1");
        let nested = format!("Content-Type: multipart/report; report-type=delivery-status; boundary=outer\n\n--outer\nContent-Type: message/delivery-status\n\n{status}\n\n--outer\nContent-Type: message/rfc822\n\n{inner}\n--outer--\n");
        assert_eq!(outcome(server, &nested).await, "not_ours");
        assert_eq!((reasons(server, email), reasons(server, other)), (vec![], vec![]));
        // Passed on to another address that is not there: the mailbox that was written to is meant.
        let passed_on = report(POSTFIX, email, &id).replace(&format!("Final-Recipient: rfc822; {email}"), "Final-Recipient: rfc822; elsewhere@other.example");
        assert_eq!(outcome(server, &passed_on).await, "suppressed");
        assert_eq!((reasons(server, email), reasons(server, "elsewhere@other.example")), (vec![SuppressionReason::Bounced], vec![]));
        // Nothing is sent in answer to any of it.
        assert_eq!(server.mails_to("platform.example").len(), 0);
    }

    async fn ch3_a_report_is_signed(server) {
        let message = bounce(server, "jan@signed.example");
        let bytes = || Some(message.clone().into_bytes());
        let anonymous = server.anonymous();
        let media = ("content-type", "message/rfc822");
        anonymous.send("POST", "/v1/delivery-reports", &[media], bytes()).await.problem(401, "signature_invalid");
        let signed = reports::signed(server, message.as_bytes());
        let [id, timestamp, signature] = &signed;
        let send = async |id: &str, timestamp: &str, signature: &str, body: Option<Vec<u8>>| {
            let headers = [media, ("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)];
            anonymous.send("POST", "/v1/delivery-reports", &headers, body).await
        };
        send("msg_2", &timestamp.1, &signature.1, bytes()).await.problem(401, "signature_invalid");
        send(&id.1, "1", &signature.1, bytes()).await.problem(401, "signature_invalid");
        send(&id.1, &timestamp.1, "v1,AAAA", bytes()).await.problem(401, "signature_invalid");
        send(&id.1, &timestamp.1, &signature.1, Some(b"other".to_vec())).await.problem(401, "signature_invalid");
        // Of two headers nobody can say which one counts.
        let twice = [media, ("webhook-id", &id.1), ("webhook-timestamp", &timestamp.1), ("webhook-signature", &signature.1), ("webhook-signature", "v1,AAAA")];
        anonymous.send("POST", "/v1/delivery-reports", &twice, bytes()).await.problem(401, "signature_invalid");
        server.pass_idle(SignedDuration::from_secs(301));
        send(&id.1, &timestamp.1, &signature.1, bytes()).await.problem(401, "signature_invalid");
        assert_eq!(reasons(server, "jan@signed.example"), []);
        // Whether the one who sends it is signed in does not matter.
        let garage = server.garage("signed").await;
        reports::send(&garage.mechanic, &message, &[]).await.ok();
        assert_eq!(reasons(server, "jan@signed.example"), [SuppressionReason::Bounced]);
        let long = format!("{message}{}", "x".repeat(256 * 1024));
        reports::send(&anonymous, &long, &[]).await.problem(413, "payload_too_large");
    }

    async fn ch3_a_repeat_of_a_report_gets_the_same_answer(server) {
        let (message, other) = (bounce(server, "jan@again.example"), bounce(server, "piet@again.example"));
        let (anonymous, key) = (server.anonymous(), [("idempotency-key", "one")]);
        for _ in 0..2 {
            assert_eq!(send(&anonymous, &message, &key).await.ok()["outcome"], "suppressed");
        }
        send(&anonymous, &other, &key).await.problem(422, "idempotency_key_reused");
        assert_eq!(outcome(server, &message).await, "known");
    }

    async fn ch3_without_a_secret_none_are_taken(server) {
        let off = Server::start_with(server.backend, |settings| settings.delivery_reports = None).await;
        let message = bounce(&off, "jan@off.example");
        send(&off.anonymous(), &message, &[]).await.problem(409, "delivery_reports_off");
        assert_eq!(reasons(&off, "jan@off.example"), []);
        off.stop().await;
    }
}
