//! The APK list and the APK mailing: rules ML1 to ML5, and leaving off with one click (CH1).

use crate::{
    both,
    support::{Actor, Garage, Mail, MailServer, Server, kombi, plate, until},
};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A car of a customer whose address may be mailed: the address's name, the customer, the passport.
async fn car(garage: &Garage<'_>, name: &str, expires_on: &str) -> (String, String, String) {
    let email = format!("{name}@mailing.example");
    let body = json!({
        "kind": "person", "name": format!("Klant {name}"), "email": email,
        "emailSource": { "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true },
    });
    let customer = garage.admin.post("/v1/customers", body).await.expect(StatusCode::CREATED).id();
    let passport = silent_passport(garage, &customer).await;
    garage.admin.server.told(&garage.plate_of(&passport).await, Some(&kombi(expires_on)));
    (email, customer, passport)
}

/// A passport of which no link is mailed.
async fn silent_passport(garage: &Garage<'_>, customer: &str) -> String {
    let plate = plate();
    let line = json!({ "licencePlate": { "number": plate }, "customerId": customer, "make": "Volkswagen" });
    let headers = [("content-type", "application/x-ndjson")];
    garage.admin.send("POST", "/v1/passport-imports", &headers, Some(line.to_string().into_bytes())).await.ok();
    garage.admin.get(&format!("/v1/passports?plate={plate}")).await.items()[0]["id"].as_str().unwrap().to_owned()
}

fn text() -> Value {
    json!({
        "subject": "De APK van {{kenteken}} verloopt",
        "body": "Beste {{naam}},\n\nDe APK van uw {{auto}} verloopt op {{apk_datum}}. Afspraak: https://garage.example/apk of {{telefoon}}.",
        "selection": { "expiresFrom": "2026-04-01", "expiresUntil": "2026-04-30" },
    })
}

async fn draft(who: &Actor<'_>, body: Value) -> String {
    let made = who.post("/v1/apk-mailings", body).await.created();
    assert_eq!(made["status"], "draft");
    format!("/v1/apk-mailings/{}", made["id"].as_str().unwrap())
}

/// Schedules a mailing, now.
async fn send(who: &Actor<'_>, mailing: &str) -> Value {
    let etag = who.get(mailing).await.etag();
    who.change("POST", &format!("{mailing}/schedule"), &etag, json!({})).await.ok()
}

/// What became of each car: its outcome, or why it was left out.
async fn outcomes(who: &Actor<'_>, mailing: &str) -> Vec<(String, String)> {
    let items = who.get(&format!("{mailing}/recipients")).await.items();
    let said = |item: &Value| {
        let reason = item["leftOutBecause"].as_str().or(item["outcome"].as_str()).unwrap().to_owned();
        (item["customerName"].as_str().unwrap_or_default().to_owned(), reason)
    };
    let mut all: Vec<(String, String)> = items.iter().map(said).collect();
    all.sort();
    all
}

/// The APK mails to an address.
fn apk_mails(server: &Server, email: &str) -> Vec<Mail> {
    let mails = server.mails_to(email);
    mails.into_iter().filter(|mail| mail.subject().starts_with("De APK van")).collect()
}

/// The address of the page to leave off, without the server's own.
fn unsubscribe(mail: &Mail) -> String {
    let line = mail.raw.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).unwrap();
    let (_, path) = line.split_once("/unsubscribe/").unwrap();
    format!("/unsubscribe/{}", path.trim_end_matches('>'))
}

/// Lets time pass, and the worker do what that brings about; then the staff sign in again.
async fn later<'s>(garage: &Garage<'s>, time: SignedDuration) -> Garage<'s> {
    garage.admin.server.pass(time);
    garage.again().await
}

/// A request outside the operations of the document.
async fn raw(server: &Server, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> reqwest::Response {
    let mut request = server.client.request(method, format!("{}{path}", server.url)).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// Sends a form without signing in, as a mail program or a browser does.
async fn form(server: &Server, path: &str, body: &str) -> (u16, String) {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept-language", "nl")];
    let answer = raw(server, Method::POST, path, &headers, body).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

both! {
    async fn ml1_the_list_says_whom_to_write_to_and_why_not(server) {
        let garage = server.garage("ml1").await;
        let (email, customer, passport) = car(&garage, "ml1", "2026-04-12").await;
        let late = car(&garage, "late", "2026-04-20").await.2;
        car(&garage, "next-year", "2027-04-12").await;
        let unknown = garage.customer("unknown@ml1.example").await;
        let other = garage.invited_passport(&unknown).await;
        server.told(&garage.plate_of(&other).await, Some(&kombi("2026-04-15")));
        let record = json!({ "doneOn": "2026-01-05", "lines": [{ "task": "wipers" }] });
        let recorded = garage.advisor.post(&format!("/v1/passports/{passport}/service-records"), record).await;
        assert!(recorded.status == 201, "{}", recorded.body);
        let path = "/v1/garage/apk-list?expiresFrom=2026-04-01&expiresUntil=2026-04-30";
        let items = garage.mechanic.get(path).await.items();
        let ids: Vec<&str> = items.iter().map(|item| item["passportId"].as_str().unwrap()).collect();
        assert_eq!(ids, [passport.as_str(), other.as_str(), late.as_str()]);
        let first = &items[0];
        assert_eq!((&first["apkExpiresOn"], &first["customer"]["email"]), (&json!("2026-04-12"), &json!(email)));
        assert_eq!((&first["customer"]["id"], &first["lastVisitOn"]), (&json!(customer), &json!("2026-01-05")));
        assert_eq!((&first["notMailableBecause"], &first["mailedAt"]), (&Value::Null, &Value::Null));
        assert_eq!(items[1]["notMailableBecause"], "no_basis");
        let latest = garage.admin.get(&format!("{path}&sort=-apkExpiresOn&limit=2")).await;
        assert_eq!(latest.items()[0]["passportId"], late);
        let next = latest.body["nextCursor"].as_str().unwrap();
        let rest = garage.admin.get(&format!("{path}&sort=-apkExpiresOn&limit=2&cursor={next}")).await.items();
        assert_eq!(rest.iter().map(|item| &item["passportId"]).collect::<Vec<_>>(), [&json!(passport)]);
        let plate = garage.plate_of(&late).await;
        for search in [plate.as_str(), "late"] {
            let found = garage.admin.get(&format!("{path}&search={search}")).await.items();
            assert!(found.len() == 1 && found[0]["passportId"] == late, "{search}");
        }
        assert_eq!(garage.admin.get("/v1/garage/apk-list").await.items().len(), 3, "the next ten weeks");
        assert_eq!(garage.admin.get(&format!("{path}&mailed=true")).await.items().len(), 0);
        garage.admin.get("/v1/garage/apk-list?expiresFrom=2026-04-02&expiresUntil=2026-04-01").await.wrong(&["expiresUntil selection_reversed"]);
        garage.admin.get("/v1/garage/apk-list?expiresFrom=2026-04-02&expiresUntil=2028-04-01").await.wrong(&["expiresUntil selection_too_wide"]);
        let stranger = server.garage("ml1b").await;
        assert_eq!(stranger.admin.get(path).await.items().len(), 0);
    }

    async fn ml1_the_file_has_no_formula_and_opens_in_excel(server) {
        let garage = server.garage("ml1csv").await;
        for number in 0..3 {
            car(&garage, &format!("c{number}"), "2026-04-12").await;
        }
        let evil = json!({ "kind": "person", "name": "=cmd|'/c calc'!A1; \"Jan\"", "mobile": "+31612345678", "acceptsCalls": true });
        let evil = garage.admin.post("/v1/customers", evil).await.expect(StatusCode::CREATED).id();
        let passport = silent_passport(&garage, &evil).await;
        server.told(&garage.plate_of(&passport).await, Some(&kombi("2026-04-13")));
        let path = "/v1/garage/apk-list/export?expiresFrom=2026-04-01&expiresUntil=2026-04-30";
        let get = async |who: &Actor<'_>, path: &str| {
            let token = format!("Bearer {}", who.token.clone().unwrap());
            raw(server, Method::GET, path, &[("authorization", &token), ("accept-language", "nl")], "").await
        };
        let plain = get(&garage.advisor, path).await;
        assert_eq!(plain.headers()["content-type"], "text/csv; charset=utf-8");
        assert_eq!(plain.headers()["content-disposition"], "attachment; filename=\"apk-2026-04-01-2026-04-30.csv\"");
        let plain = plain.text().await.unwrap();
        let lines: Vec<&str> = plain.split("\r\n").collect();
        assert!(lines.len() == 6 && lines[0].starts_with("kenteken,merk,") && lines[5].is_empty(), "{plain}");
        assert!(lines[4].contains("\"'=cmd|'/c calc'!A1; \"\"Jan\"\"\"") && lines[4].contains(",'+31612345678,"), "{plain}");
        let excel = get(&garage.advisor, &format!("{path}&excel=true")).await.text().await.unwrap();
        assert!(excel.starts_with("\u{FEFF}kenteken;merk;"), "{excel}");
        assert_eq!(get(&garage.mechanic, path).await.status(), StatusCode::FORBIDDEN);
    }

    async fn ml2_a_text_is_plain_and_every_fault_is_named(server) {
        let garage = server.garage("ml2").await;
        let with = |subject: &str, body: &str| {
            json!({ "subject": subject, "body": body, "selection": text()["selection"] })
        };
        let refused = [
            (with("x\r\nBcc: all@x.example", "b"), vec!["#/subject line_break"]),
            (with("", ""), vec!["#/subject blank", "#/body blank"]),
            (with("x", "Beste {{naam},\nvan {{adres}}"), vec!["#/body placeholder_unended", "#/body placeholder_unknown"]),
            (with("x", "<script>alert(1)</script>"), vec!["#/body html"]),
            (with("x", "klik javascript:alert(1)"), vec!["#/body link_scheme"]),
            (with("x", "{% for a in b %}"), vec!["#/body template_syntax"]),
            (with("x", "https://{{naam}}.example/"), vec!["#/body placeholder_in_host"]),
            (with("x", &"lang ".repeat(1100)), vec!["#/body too_long"]),
        ];
        for (body, expected) in refused {
            let answer = garage.advisor.post("/v1/apk-mailings", body.clone()).await;
            let found: Vec<String> = answer.body["errors"].as_array().unwrap_or(&vec![]).iter()
                .map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect();
            assert!(answer.status == 400 && expected.iter().all(|one| found.iter().any(|known| known == one)), "{body}: {}", answer.body);
        }
        for (from, until, wrong) in [
            ("2026-05-01", "2026-04-01", "#/selection/expiresFrom selection_reversed"),
            ("2026-04-01", "2027-05-01", "#/selection/expiresUntil selection_too_wide"),
            ("2024-04-01", "2024-05-01", "#/selection/expiresFrom selection_too_early"),
            ("2029-04-01", "2029-05-01", "#/selection/expiresUntil selection_too_late"),
        ] {
            let mut body = text();
            body["selection"] = json!({ "expiresFrom": from, "expiresUntil": until });
            garage.advisor.post("/v1/apk-mailings", body).await.wrong(&[wrong]);
        }
        let fine = with("Tijd voor de APK 🚗 {{ Kenteken }}", "مرحبا {{name}}\n\nTot ziens");
        let mailing = draft(&garage.advisor, fine).await;
        garage.mechanic.post("/v1/apk-mailings", text()).await.problem(403, "advisor_only");
        let stranger = server.garage("ml2b").await;
        stranger.admin.get(&mailing).await.problem(404, "not_found");
        let etag = garage.advisor.get(&mailing).await.etag();
        let changed = garage.advisor.change("PATCH", &mailing, &etag, json!({ "body": "Nu 10% korting!" })).await.ok();
        assert_eq!(changed["namesPrice"], true);
        garage.advisor.change("PATCH", &mailing, &etag, json!({ "body": "x" })).await.problem(412, "precondition_failed");
        let etag = garage.advisor.get(&mailing).await.etag();
        garage.advisor.change("DELETE", &mailing, &etag, Value::Null).await.expect(StatusCode::NO_CONTENT);
        garage.advisor.get(&mailing).await.problem(404, "not_found");
    }

    async fn ml2_ml5_a_preview_says_what_will_happen_and_then_it_does(server) {
        let garage = server.garage("ml5").await;
        let (email, _, passport) = car(&garage, "first", "2026-04-12").await;
        let (second, ..) = car(&garage, "second", "2026-04-13").await;
        let none = json!({ "kind": "person", "name": "Zonder adres" });
        let none = garage.admin.post("/v1/customers", none).await.expect(StatusCode::CREATED).id();
        let silent = silent_passport(&garage, &none).await;
        server.told(&garage.plate_of(&silent).await, Some(&kombi("2026-04-14")));
        let mailing = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{mailing}/preview")).await.ok();
        assert_eq!((&preview["recipients"], &preview["leftOut"][0]["reason"]), (&json!(2), &json!("no_address")));
        assert_eq!(preview["leftOutCars"][0]["customerName"], "Zonder adres");
        assert_eq!(preview["beginsAt"], "2026-02-25T07:00:00Z", "at eight at the garage, and not at a quarter past seven");
        let sample = &preview["samples"][0];
        assert!(sample["text"].as_str().unwrap().contains("Beste Klant first,\n\nDe APK van uw Volkswagen verloopt op 12 april 2026."), "{sample}");
        assert!(sample["html"].as_str().unwrap().contains("<a href=\"https://garage.example/apk\">"), "{sample}");
        assert_eq!(apk_mails(server, &email).len(), 0, "a preview sends nothing");
        garage.advisor.post(&format!("{mailing}/stop"), Value::Null).await.problem(409, "mailing_not_begun");
        let schedule = format!("{mailing}/schedule");
        let etag = garage.advisor.get(&mailing).await.etag();
        for (at, code) in
            [("2026-02-24T10:00:00Z", "mailing_moment_over"), ("2028-02-24T10:00:00Z", "mailing_moment_too_far")]
        {
            garage.advisor.change("POST", &schedule, &etag, json!({ "sendAt": at })).await.problem(409, code);
        }
        let scheduled = send(&garage.advisor, &mailing).await;
        assert_eq!((&scheduled["status"], &scheduled["sendAt"]), (&json!("scheduled"), &json!("2026-02-25T07:00:00Z")));
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 0);
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let mails = apk_mails(server, &email);
        assert!(mails.len() == 1 && apk_mails(server, &second).len() == 1);
        let raw = &mails[0].raw;
        assert!(raw.contains("From: \"Garage ml5\" <") && raw.contains("Reply-To: \"Garage ml5\" <info@ml5.example>"), "{raw}");
        assert!(raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{raw}");
        let sent = garage.admin.get(&mailing).await.ok();
        assert_eq!((&sent["status"], &sent["counts"]["sent"], &sent["counts"]["leftOut"]), (&json!("sent"), &json!(2), &json!(1)));
        assert_eq!(outcomes(&garage.mechanic, &mailing).await, [
            ("Klant first".into(), "sent".into()), ("Klant second".into(), "sent".into()), ("Zonder adres".into(), "no_address".into()),
        ]);
        garage.advisor.post(&format!("{mailing}/stop"), Value::Null).await.problem(409, "mailing_has_ended");
        let etag = garage.advisor.get(&mailing).await.etag();
        garage.advisor.change("PATCH", &mailing, &etag, json!({ "body": "x" })).await.problem(409, "mailing_has_begun");
        garage.advisor.change("DELETE", &mailing, &etag, Value::Null).await.problem(409, "mailing_has_begun");
        garage.advisor.change("POST", &schedule, &etag, json!({})).await.problem(409, "mailing_has_begun");
        let unschedule = format!("{mailing}/unschedule");
        garage.advisor.change("POST", &unschedule, &etag, Value::Null).await.problem(409, "mailing_has_begun");
        garage.advisor.get(&format!("{mailing}/preview")).await.problem(409, "mailing_has_begun");
        let listed = garage.admin.get("/v1/garage/apk-list?expiresFrom=2026-04-01&expiresUntil=2026-04-30&mailed=true").await.items();
        assert_eq!((listed.len(), &listed[0]["passportId"]), (2, &json!(passport)));
        assert_eq!(listed[0]["notMailableBecause"], "already_mailed");
        let events = garage.admin.get(&format!("/v1/passports/{passport}/events?kind=apk_mailed")).await.items();
        assert_eq!(events.len(), 1);
        let list = garage.admin.get("/v1/apk-mailings?status=sent").await.items();
        assert_eq!((list.len(), &list[0]["counts"]["sent"]), (1, &json!(2)));
    }

    async fn ml3_an_objection_with_one_click_holds_for_the_garage_that_wrote(server) {
        let garage = server.garage("ml3").await;
        let (email, ..) = car(&garage, "objects", "2026-04-12").await;
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let link = unsubscribe(&apk_mails(server, &email)[0]);
        // A scanner of mails opens the page, which changes nothing.
        let page = raw(server, Method::GET, &link, &[], "").await;
        assert_eq!((page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
        let page = page.text().await.unwrap();
        assert!(page.contains("Garage ml3") && page.contains("method=\"post\""), "{page}");
        let again = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{again}/preview")).await.ok();
        assert_eq!(preview["leftOut"][0]["reason"], "already_mailed");
        let (status, page) = form(server, &link, "List-Unsubscribe=One-Click").await;
        assert!(status == 200 && page.contains("U bent afgemeld"), "{page}");
        assert_eq!(form(server, &link, "List-Unsubscribe=One-Click").await.0, 200, "once more changes nothing");
        let preview = garage.advisor.get(&format!("{again}/preview")).await.ok();
        assert_eq!(preview["leftOut"][0]["reason"], "objected");
        // Another garage, of which it was no customer's word, may still write.
        let other = server.garage("ml3b").await;
        car(&other, "objects", "2026-04-12").await;
        let theirs = draft(&other.advisor, text()).await;
        assert_eq!(other.advisor.get(&format!("{theirs}/preview")).await.ok()["recipients"], 1);
        // Only who objected takes it back.
        let (status, page) = form(server, &link, "subscribe=again").await;
        assert!(status == 200 && page.contains("U bent weer aangemeld"), "{page}");
        let preview = garage.advisor.get(&format!("{again}/preview")).await.ok();
        assert_eq!(preview["leftOut"][0]["reason"], "already_mailed");
        for (path, body) in [("/unsubscribe/abc", "List-Unsubscribe=One-Click"), ("/unsubscribe/%00", "")] {
            assert_eq!(form(server, path, body).await.0, 404);
        }
        let kinds: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "mailings_objected").count(), 1);
    }

    async fn ml3_what_changes_between_queueing_and_sending_is_heeded(server) {
        let mails = MailServer::start();
        let held = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = held.garage("ml3late").await;
        // The first two are on their way, and the others wait for them.
        car(&garage, "first", "2026-04-01").await;
        car(&garage, "second", "2026-04-02").await;
        let (_, customer, _) = car(&garage, "source", "2026-04-12").await;
        let (_, _, gone) = car(&garage, "gone", "2026-04-12").await;
        let (_, _, inspected) = car(&garage, "inspected", "2026-04-12").await;
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        held.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        let worker = held.start_worker();
        until("two mails are on their way", || mails.waiting() == 2).await;
        let path = format!("/v1/customers/{customer}");
        let etag = garage.admin.get(&path).await.etag();
        garage.admin.change("PATCH", &path, &etag, json!({ "emailSource": null })).await.ok();
        let path = format!("/v1/passports/{gone}");
        let etag = garage.admin.get(&path).await.etag();
        garage.admin.change("POST", &format!("{path}/archive"), &etag, Value::Null).await.ok();
        held.told(&garage.plate_of(&inspected).await, Some(&kombi("2027-04-12")));
        mails.go_on();
        let counts = async || garage.admin.get(&mailing).await.ok()["counts"].clone();
        for _ in 0..300 {
            if counts().await["waiting"] == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        worker.stop();
        assert_eq!(mails.received().len(), 2);
        assert_eq!(outcomes(&garage.admin, &mailing).await, [
            ("Klant first".into(), "sent".into()), ("Klant gone".into(), "car_gone".into()),
            ("Klant inspected".into(), "already_inspected".into()), ("Klant second".into(), "sent".into()),
            ("Klant source".into(), "no_basis".into()),
        ]);
        assert_eq!(garage.admin.get(&mailing).await.ok()["status"], "sent");
        held.stop().await;
    }

    async fn ml4_a_car_is_mailed_once_for_an_expiry_unless_it_is_wanted(server) {
        let garage = server.garage("ml4").await;
        let (email, _, passport) = car(&garage, "once", "2026-04-12").await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        for _ in 0..2 {
            let mailing = draft(&garage.advisor, text()).await;
            send(&garage.advisor, &mailing).await;
            server.work();
            assert_eq!(apk_mails(server, &email).len(), 1);
        }
        let mut wanted = text();
        wanted["selection"]["again"] = json!([passport]);
        let mailing = draft(&garage.advisor, wanted).await;
        send(&garage.advisor, &mailing).await;
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 2);
        // The next certificate is another expiry.
        server.told(&garage.plate_of(&passport).await, Some(&kombi("2027-04-12")));
        let mut next = text();
        next["selection"] = json!({ "expiresFrom": "2027-04-01", "expiresUntil": "2027-04-30" });
        let mailing = draft(&garage.advisor, next).await;
        send(&garage.advisor, &mailing).await;
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 3);
    }

    async fn ml4_a_mailing_is_stopped_half_way_and_what_went_out_stays_listed(server) {
        let mails = MailServer::start();
        let held = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = held.garage("stop").await;
        for number in 0..6 {
            car(&garage, &format!("stop{number}"), "2026-04-12").await;
        }
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        held.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        let worker = held.start_worker();
        until("two mails are on their way", || mails.waiting() == 2).await;
        let stopped = garage.advisor.post(&format!("{mailing}/stop"), Value::Null).await.ok();
        let counts = &stopped["counts"];
        assert_eq!((&stopped["status"], &counts["stopped"], &counts["waiting"]), (&json!("stopped"), &json!(4), &json!(2)), "two are under way");
        mails.go_on();
        until("what was on its way is written down", || mails.received().len() == 2 && mails.waiting() == 0).await;
        held.pass_idle(SignedDuration::from_mins(5));
        worker.stop();
        held.work();
        assert_eq!(mails.received().len(), 2, "nothing more goes out");
        let counts = garage.admin.get(&mailing).await.ok()["counts"].clone();
        assert_eq!((&counts["sent"], &counts["stopped"], &counts["waiting"]), (&json!(2), &json!(4), &json!(0)), "{counts}");
        held.stop().await;
    }

    async fn ml4_a_mail_of_which_nobody_knows_is_never_sent_again(server) {
        let mails = MailServer::start();
        let cutting = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = cutting.garage("cut").await;
        car(&garage, "cut", "2026-04-12").await;
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        cutting.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        mails.cut_off(1);
        mails.go_on();
        cutting.work();
        assert_eq!(mails.received().len(), 1);
        let garage = later(&garage, SignedDuration::from_mins(30)).await;
        cutting.work();
        assert_eq!(mails.received().len(), 1, "it may have arrived");
        assert_eq!(outcomes(&garage.admin, &mailing).await, [("Klant cut".into(), "unknown".into())]);
        assert_eq!(garage.admin.get(&mailing).await.ok()["status"], "sent");
        let again = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{again}/preview")).await.ok();
        assert_eq!(preview["leftOut"][0]["reason"], "already_mailed", "in doubt it counts");
        cutting.stop().await;
    }

    async fn ml4_two_servers_and_a_killed_worker_mail_each_car_once(server) {
        let mails = MailServer::start();
        mails.go_on();
        let shared = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = shared.garage("twice").await;
        for number in 0..12 {
            car(&garage, &format!("twice{number}"), "2026-04-12").await;
        }
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        shared.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        let workers = [shared.start_worker(), shared.start_worker(), shared.start_worker()];
        until("all are mailed", || mails.received().len() == 12).await;
        let garage = later(&garage, SignedDuration::from_mins(2)).await;
        for worker in workers {
            worker.stop();
        }
        let mut received = mails.received();
        received.sort();
        received.dedup();
        assert_eq!((received.len(), mails.received().len()), (12, 12));
        assert_eq!(garage.admin.get(&mailing).await.ok()["counts"]["sent"], 12);
        shared.stop().await;
    }

    async fn ml4_a_mail_counts_as_the_reminder_of_its_offset(server) {
        let garage = server.garage("ml4rm").await;
        let (owner, customer, passport) = garage.driver("owner@ml4rm.example").await;
        let source = json!({ "emailSource": { "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true } });
        let etag = garage.admin.get(&format!("/v1/customers/{customer}")).await.etag();
        garage.admin.change("PATCH", &format!("/v1/customers/{customer}"), &etag, source).await.ok();
        server.told(&garage.plate_of(&passport).await, Some(&kombi("2026-04-24")));
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        server.pass_idle(SignedDuration::from_hours(1));
        server.work();
        server.pass(SignedDuration::from_mins(5));
        server.work();
        assert_eq!(apk_mails(server, &owner.email).len(), 1, "eight weeks before, by the mailing and not by a reminder too");
        server.pass(SignedDuration::from_hours(24 * 31));
        server.work();
        assert_eq!(apk_mails(server, &owner.email).len(), 2, "four weeks before");
    }

    async fn ch1_a_mail_about_the_car_is_left_off_with_one_click_and_one_about_the_account_is_not(server) {
        let garage = server.garage("ch1").await;
        let (owner, _, passport) = garage.driver("owner@ch1.example").await;
        server.told(&garage.plate_of(&passport).await, Some(&kombi("2026-05-01")));
        server.pass(SignedDuration::from_hours(1));
        let mails = server.mails_to(&owner.email);
        let (of_car, others): (Vec<&Mail>, Vec<&Mail>) =
            mails.iter().partition(|mail| mail.subject().contains("verloopt"));
        assert!(others.iter().all(|mail| !mail.raw.contains("List-Unsubscribe")), "links and passwords always arrive");
        let link = unsubscribe(of_car[0]);
        assert!(of_car[0].raw.contains("Meld u af: http"), "and it can be read: {}", of_car[0].raw);
        let (status, page) = form(server, &link, "List-Unsubscribe=One-Click").await;
        assert!(status == 200 && page.contains("De APK van mijn auto verloopt binnenkort"), "{page}");
        let who = server.sign_in(&owner.email, crate::support::PASSWORD).await;
        let settings = who.get("/v1/account/notification-settings").await.ok();
        let of_kind = settings["settings"].as_array().unwrap().iter().find(|one| one["kind"] == "reminder_apk").unwrap();
        assert_eq!((&of_kind["email"], &of_kind["inApp"]), (&json!(false), &json!(true)));
    }
}
