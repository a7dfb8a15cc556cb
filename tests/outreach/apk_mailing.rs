//! The APK list and the APK mailing: rules ML1 to ML5, and leaving off with one click (CH1).

use crate::{
    both,
    support::{
        Actor, Garage, Mail, MailServer, Server, kombi, plate,
        reports::{self, POSTFIX, proof_of, report},
        until,
    },
};
use domain::passport::Passport;
use jiff::SignedDuration;
use persistence::{self as store, Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

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
        let without = |reasons: &str| format!("{path}&notMailableBecause={reasons}");
        let found = garage.admin.get(&without("no_basis,no_address")).await.items();
        assert_eq!(found.iter().map(|item| &item["passportId"]).collect::<Vec<_>>(), [&json!(other)]);
        assert_eq!(garage.admin.get(&without("no_address")).await.items().len(), 0);
        garage.admin.get(&without("nonsense")).await.wrong(&["notMailableBecause unknown_value"]);
        garage.customer("second@ml1.example").await;
        let second = garage.invited_passport(&garage.customer("third@ml1.example").await).await;
        server.told(&garage.plate_of(&second).await, Some(&kombi("2026-04-18")));
        let one = garage.admin.get(&format!("{}&limit=1", without("no_basis"))).await;
        assert_eq!(one.items().iter().map(|item| &item["passportId"]).collect::<Vec<_>>(), [&json!(other)]);
        let next = one.body["nextCursor"].as_str().unwrap();
        let two = garage.admin.get(&format!("{}&limit=1&cursor={next}", without("no_basis"))).await;
        assert_eq!(two.items().iter().map(|item| &item["passportId"]).collect::<Vec<_>>(), [&json!(second)]);
        if let Some(next) = two.body["nextCursor"].as_str() {
            let three = garage.admin.get(&format!("{}&limit=1&cursor={next}", without("no_basis"))).await;
            assert_eq!((three.items().len(), &three.body["nextCursor"]), (0, &Value::Null));
        }
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
            (with(&"x".repeat(1000), "b"), vec!["#/subject too_long"]),
            (with("x", &"https://garage.example/ ".repeat(21)), vec!["#/body too_many_links"]),
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
        for at in ["2027-01-01T00:00:00+25:00", "2027-01-01T00:00:00-24:00", "2027-01-01T00:00+01:00"] {
            garage.advisor.change("POST", &schedule, &etag, json!({ "sendAt": at })).await.wrong(&["#/sendAt instant_invalid"]);
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
        let count = async |query: &str| garage.admin.get(query).await.items().len();
        assert_eq!((count("/v1/apk-mailings?status=draft,sent").await, count("/v1/apk-mailings?status=draft,stopped").await), (1, 0));
        let of = |outcomes: &str| format!("{mailing}/recipients?outcome={outcomes}");
        assert_eq!((count(&of("failed,sent")).await, count(&of("failed,unknown")).await), (2, 0));
    }

    async fn ml3_an_objection_with_one_click_holds_for_the_garage_that_wrote(server) {
        let garage = server.garage("ml3").await;
        let (email, ..) = car(&garage, "objects", "2026-04-12").await;
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let link = unsubscribe(&apk_mails(server, &email)[0]);
        // It speaks the language that the browser asks for, or that was chosen with the switch.
        for (accepted, query, says) in [
            (None, "", "Wilt u geen APK-mailings meer van Garage ml3?"),
            (Some("nl"), "", "Wilt u geen APK-mailings meer van Garage ml3?"),
            (Some("en-GB,en;q=0.9"), "", "Do you want no more APK mailings from Garage ml3?"),
            (Some("fr"), "", "Wilt u geen APK-mailings meer van Garage ml3?"),
            (Some("nl"), "?lang=en", "Do you want no more APK mailings from Garage ml3?"),
            (Some("en"), "?lang=nl", "Wilt u geen APK-mailings meer van Garage ml3?"),
            (Some("nl"), "?lang=xx", "Wilt u geen APK-mailings meer van Garage ml3?"),
        ] {
            let headers: Vec<(&str, &str)> = accepted.map(|accepted| ("accept-language", accepted)).into_iter().collect();
            let page = raw(server, Method::GET, &format!("{link}{query}"), &headers, "").await.text().await.unwrap();
            let other = if says.starts_with("Do") { "href=\"?lang=nl\"" } else { "href=\"?lang=en\"" };
            assert!(page.contains(says) && page.contains(other), "{accepted:?} {query} {page}");
        }
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
        assert!(page.contains("geen APK-mailings meer van Garage ml3") && page.contains("herinneringen"), "{page}");
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

    async fn ml3_an_objection_is_the_customers_whatever_address_the_garage_has(server) {
        let garage = server.garage("ml3own").await;
        let (email, customer, _) = car(&garage, "moves", "2026-04-12").await;
        send(&garage.advisor, &draft(&garage.advisor, text()).await).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let link = unsubscribe(&apk_mails(server, &email)[0]);
        let path = format!("/v1/customers/{customer}");
        let enter = async |email: Value| garage.advisor.patch(&path, json!({ "email": email })).await.ok()["emailSuppressed"].clone();
        assert_eq!(enter(json!("new@ml3own.example")).await, Value::Null);
        // The mail went to the address that the garage had then.
        let object = async || assert_eq!(form(server, &link, "List-Unsubscribe=One-Click").await.0, 200);
        let take_back = async || assert_eq!(form(server, &link, "subscribe=again").await.0, 200);
        object().await;
        assert_eq!(garage.advisor.get(&path).await.ok()["emailSuppressed"], "objected");
        // The garage clears the address, and later enters another one, or the same.
        for next in ["third@ml3own.example", "new@ml3own.example", &email] {
            assert_eq!(enter(Value::Null).await, Value::Null);
            garage.advisor.patch(&path, json!({ "notes": next })).await.ok();
            assert_eq!(enter(json!(next)).await, "objected", "{next}");
        }
        assert_eq!(enter(json!("last@ml3own.example")).await, "objected");
        take_back().await;
        assert_eq!(garage.advisor.get(&path).await.ok()["emailSuppressed"], Value::Null);
        // It is made when there is no address, and taken back while there is none.
        assert_eq!(enter(Value::Null).await, Value::Null);
        object().await;
        assert_eq!(enter(json!("fifth@ml3own.example")).await, "objected");
        assert_eq!(enter(Value::Null).await, Value::Null);
        object().await;
        take_back().await;
        assert_eq!(enter(json!("sixth@ml3own.example")).await, Value::Null);
    }

    async fn ml3_an_import_says_of_many_customers_how_their_addresses_were_obtained(server) {
        let garage = server.garage("ml3bulk").await;
        let mut lines = vec![];
        for (name, plate) in ["one", "two", "three"].iter().zip([plate(), plate(), plate()]) {
            let customer = json!({ "kind": "person", "name": format!("Klant {name}"), "email": format!("{name}@bulk.example") });
            lines.push(json!({ "licencePlate": { "number": plate }, "customer": customer }));
            server.told(&plate, Some(&kombi("2026-04-12")));
        }
        let import = async |lines: &[Value]| {
            let body = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n").into_bytes();
            let headers = [("content-type", "application/x-ndjson")];
            garage.admin.send("POST", "/v1/passport-imports", &headers, Some(body)).await.ok()
        };
        assert_eq!(import(&lines).await["made"], 3);
        for line in &lines {
            server.told(line["licencePlate"]["number"].as_str().unwrap(), Some(&kombi("2026-04-12")));
        }
        let mailing = draft(&garage.advisor, text()).await;
        let recipients = async || garage.advisor.get(&format!("{mailing}/preview")).await.ok()["recipients"].clone();
        assert_eq!(recipients().await, 0);
        // The same list once more: two say how, one of them of a day to come.
        lines[0]["customer"]["emailSource"] = json!({ "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true });
        lines[1]["customer"]["emailSource"] = json!({ "how": "sale_or_service", "on": "2027-11-03", "objectionOffered": true });
        let again = import(&lines).await;
        assert_eq!((&again["made"], &again["existing"], &again["refused"]), (&json!(0), &json!(2), &json!(1)), "{again}");
        assert_eq!(recipients().await, 1);
        // What is known stays.
        lines[0]["customer"]["emailSource"] = json!({ "how": "enquiry", "on": "2025-11-04", "objectionOffered": false });
        lines[1]["customer"]["emailSource"] = json!({ "how": "sale_or_service", "on": "2025-11-05", "objectionOffered": true });
        assert_eq!(import(&lines).await["existing"], 3);
        assert_eq!(recipients().await, 2);
        let customers = garage.admin.get("/v1/customers").await.items();
        let source = |name: &str| customers.iter().find(|one| one["name"] == name).unwrap()["emailSource"].clone();
        assert_eq!(source("Klant one")["on"], "2025-11-03");
        assert_eq!(source("Klant three"), Value::Null);
    }

    async fn ml3_a_mistyped_address_leaves_no_objection_at_someone_elses(server) {
        let garage = server.garage("ml3typo").await;
        let (mine, a, _) = car(&garage, "typo-a", "2026-04-12").await;
        let (theirs, b, _) = car(&garage, "typo-b", "2026-04-13").await;
        send(&garage.advisor, &draft(&garage.advisor, text()).await).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let (link_a, link_b) = (unsubscribe(&apk_mails(server, &mine)[0]), unsubscribe(&apk_mails(server, &theirs)[0]));
        let objects = async |link: &str| assert_eq!(form(server, link, "List-Unsubscribe=One-Click").await.0, 200);
        let again = async |link: &str| assert_eq!(form(server, link, "subscribe=again").await.0, 200);
        let shown = async |customer: &str| garage.advisor.get(&format!("/v1/customers/{customer}")).await.ok()["emailSuppressed"].clone();
        let enter = async |customer: &str, email: Value| {
            garage.advisor.patch(&format!("/v1/customers/{customer}"), json!({ "email": email })).await.ok();
        };
        objects(&link_a).await;
        assert_eq!((shown(&a).await, shown(&b).await), (json!("objected"), Value::Null));
        // By mistake A gets B's address, and then their own again, also by way of none.
        for way in [vec![json!(theirs)], vec![json!(theirs), Value::Null], vec![json!(theirs), json!("third@typo.example")]] {
            for email in way {
                enter(&a, email).await;
            }
            enter(&a, json!(mine)).await;
            assert_eq!((shown(&a).await, shown(&b).await), (json!("objected"), Value::Null));
        }
        assert_eq!(garage.advisor.get("/v1/suppressions?reason=objected").await.items().len(), 1);
        // What B objected to themself stays with B, and does not go along with A.
        enter(&a, json!(theirs)).await;
        objects(&link_b).await;
        enter(&a, json!(mine)).await;
        assert_eq!((shown(&a).await, shown(&b).await), (json!("objected"), json!("objected")));
        again(&link_a).await;
        assert_eq!((shown(&a).await, shown(&b).await), (Value::Null, json!("objected")));
        for email in [json!(theirs), json!(mine)] {
            enter(&a, email).await;
        }
        assert_eq!((shown(&a).await, shown(&b).await), (Value::Null, json!("objected")), "A never objected since");
        again(&link_b).await;
        assert_eq!(shown(&b).await, Value::Null);
        assert_eq!(garage.advisor.get("/v1/suppressions").await.items(), Vec::<Value>::new());
        // A record that is deleted leaves nothing at someone else's address either.
        let other = json!({ "kind": "person", "name": "Zonder auto", "email": "own@typo.example" });
        let other = garage.admin.post("/v1/customers", other).await.expect(StatusCode::CREATED).id();
        objects(&link_a).await;
        enter(&a, json!("own@typo.example")).await;
        assert_eq!(shown(&other).await, "objected", "as long as A has it");
        enter(&a, json!(mine)).await;
        assert_eq!(shown(&other).await, Value::Null);
    }

    async fn ml3_an_objection_holds_at_another_address_until_it_is_taken_back(server) {
        let garage = server.garage("ml3moves").await;
        let (email, customer, _) = car(&garage, "moves", "2026-04-12").await;
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let link = unsubscribe(&apk_mails(server, &email)[0]);
        assert_eq!(form(server, &link, "List-Unsubscribe=One-Click").await.0, 200);
        let path = format!("/v1/customers/{customer}");
        let source = json!({ "how": "sale_or_service", "on": "2026-02-01", "objectionOffered": true });
        let again = draft(&garage.advisor, text()).await;
        let left_out = async || garage.advisor.get(&format!("{again}/preview")).await.ok()["leftOut"][0]["reason"].clone();
        // The garage corrects the address, also by leaving it out for a while, and asks for consent.
        for new in [json!("second@mailing.example"), Value::Null, json!("third@mailing.example")] {
            garage.admin.patch(&path, json!({ "email": new, "acceptsPromotions": true })).await.ok();
            if !new.is_null() {
                garage.admin.patch(&path, json!({ "emailSource": source })).await.ok();
                assert_eq!(left_out().await, "objected", "{new}");
            }
        }
        let (status, page) = form(server, &link, "subscribe=again").await;
        assert!(status == 200 && page.contains("U bent weer aangemeld"), "{page}");
        assert_eq!(left_out().await, "already_mailed", "who took it back is written to where they read mail now");
    }

    async fn ml3_an_objection_heeds_an_address_that_is_just_being_changed(server) {
        let garage = server.garage("ml3busy").await;
        let (email, customer, _) = car(&garage, "busy", "2026-04-12").await;
        send(&garage.advisor, &draft(&garage.advisor, text()).await).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let link = unsubscribe(&apk_mails(server, &email)[0]);
        let id = garage.admin.get("/v1/garage").await.ok()["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        let path = format!("/v1/customers/{customer}");
        // Both wait for the garage, the change of the address first.
        let held = server.hold(id.into()).await;
        let new = json!({ "email": "moved@ml3busy.example" });
        let (changed, objected, ()) = tokio::join!(
            garage.advisor.patch(&path, new),
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                form(server, &link, "List-Unsubscribe=One-Click").await
            },
            async {
                tokio::time::sleep(Duration::from_millis(600)).await;
                held.end().await;
            },
        );
        changed.ok();
        assert_eq!(objected.0, 200);
        let customer = garage.advisor.get(&path).await.ok();
        assert_eq!((&customer["email"], &customer["emailSuppressed"]), (&json!("moved@ml3busy.example"), &json!("objected")));
    }

    async fn ml3_a_letter_is_of_who_has_the_car_when_it_is_sent(server) {
        let mails = MailServer::start();
        mails.go_on();
        mails.refuse_all(Some("451 4.3.0 not now"));
        let busy = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = busy.garage("ml3sold").await;
        let (_, _, sold) = car(&garage, "seller", "2026-04-12").await;
        let (_, buyer, _) = car(&garage, "buyer", "2026-06-30").await;
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        busy.pass_idle(SignedDuration::from_hours(1));
        busy.work();
        let garage = garage.again().await;
        assert_eq!(outcomes(&garage.admin, &mailing).await, [("Klant seller".into(), "waiting".into())]);
        let (sold, buyer) = (sold.parse::<Uuid>().unwrap(), buyer.parse::<Uuid>().unwrap());
        let sell = |tx: &mut store::Tx<'_>| {
            let (car, stamps) = store::passport::find(tx, &Scope::System, sold.into())?.unwrap();
            let car = Passport { customer_id: Some(buyer.into()), ..car.into_inner() };
            store::passport::update(tx, &car, stamps, busy.now())
        };
        busy.store().write(sell).unwrap();
        mails.refuse_all(None);
        busy.pass_idle(SignedDuration::from_hours(1));
        busy.work();
        let garage = garage.again().await;
        assert_eq!(mails.received().len(), 1);
        assert_eq!(outcomes(&garage.admin, &mailing).await, [("Klant buyer".into(), "sent".into())], "who objects is the buyer");
        busy.stop().await;
    }

    async fn ml3_who_shares_a_mailbox_takes_back_their_own_objection(server) {
        let garage = server.garage("ml3shared").await;
        let (mailbox, x, car_x) = car(&garage, "shared-x", "2026-04-12").await;
        let (_, y, car_y) = car(&garage, "shared-y", "2026-04-13").await;
        let path = |customer: &str| format!("/v1/customers/{customer}");
        let source = json!({ "how": "sale_or_service", "on": "2026-02-01", "objectionOffered": true });
        garage.advisor.patch(&path(&y), json!({ "email": mailbox, "emailSource": source })).await.ok();
        send(&garage.advisor, &draft(&garage.advisor, text()).await).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let (plate_x, plate_y) = (garage.plate_of(&car_x).await, garage.plate_of(&car_y).await);
        let without_dashes = |mail: &Mail| mail.subject().replace('-', "");
        let all = apk_mails(server, &mailbox);
        let link = |plate: &str| unsubscribe(all.iter().find(|mail| without_dashes(mail).contains(plate)).unwrap());
        let (link_x, link_y) = (link(&plate_x), link(&plate_y));
        for link in [&link_x, &link_y] {
            assert_eq!(form(server, link, "List-Unsubscribe=One-Click").await.0, 200);
        }
        let shown = async |customer: &str| garage.advisor.get(&path(customer)).await.ok()["emailSuppressed"].clone();
        let move_y = async |email: &str| {
            garage.advisor.patch(&path(&y), json!({ "email": email })).await.ok();
        };
        move_y("second@ml3shared.example").await;
        assert_eq!(form(server, &link_x, "subscribe=again").await.0, 200);
        assert_eq!((shown(&x).await, shown(&y).await), (Value::Null, json!("objected")));
        move_y("third@ml3shared.example").await;
        assert_eq!(shown(&y).await, "objected", "it goes along still");
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

    async fn ml4_a_car_is_mailed_once_more_in_a_day_at_most(server) {
        let garage = server.garage("ml4again").await;
        let (email, _, passport) = car(&garage, "again", "2026-04-12").await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let mut wanted = text();
        wanted["selection"]["again"] = json!([passport]);
        send(&garage.advisor, &draft(&garage.advisor, text()).await).await;
        server.work();
        for mails in [2, 2, 2] {
            let mailing = draft(&garage.advisor, wanted.clone()).await;
            send(&garage.advisor, &mailing).await;
            server.work();
            assert_eq!(apk_mails(server, &email).len(), mails);
        }
        let last = draft(&garage.advisor, wanted.clone()).await;
        let preview = garage.advisor.get(&format!("{last}/preview")).await.ok();
        assert_eq!((&preview["recipients"], &preview["leftOut"][0]["reason"]), (&json!(0), &json!("again_too_soon")));
        assert!(preview["example"]["text"].as_str().unwrap().contains("Beste Klant again,"), "{preview}");
        let garage = later(&garage, SignedDuration::from_hours(24)).await;
        let preview = garage.advisor.get(&format!("{last}/preview")).await.ok();
        assert_eq!((&preview["recipients"], &preview["example"]), (&json!(1), &Value::Null));
        send(&garage.advisor, &last).await;
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 3);
    }

    async fn ml4_a_mailbox_gets_ten_mails_a_day_at_most(server) {
        let garage = server.garage("ml4box").await;
        let (email, customer, _) = car(&garage, "box", "2026-04-30").await;
        // Another record of the same mailbox, and another customer, of whom nothing is lost.
        let twin = json!({ "kind": "person", "name": "Tweede", "email": email.to_uppercase(),
            "emailSource": { "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true } });
        let twin = garage.admin.post("/v1/customers", twin).await.expect(StatusCode::CREATED).id();
        let (other, ..) = car(&garage, "box-other", "2026-04-29").await;
        for number in 0..13 {
            let passport = silent_passport(&garage, if number % 2 == 0 { &customer } else { &twin }).await;
            server.told(&garage.plate_of(&passport).await, Some(&kombi(&format!("2026-04-{:02}", 10 + number))));
        }
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        let mailing = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{mailing}/preview")).await.ok();
        let reasons = json!([preview["leftOut"][0]["reason"], preview["leftOut"][0]["cars"]]);
        assert_eq!((&preview["recipients"], reasons), (&json!(11), json!(["mailbox_has_enough", 4])));
        assert_eq!(preview["leftOutCars"].as_array().unwrap().len(), 4);
        send(&garage.advisor, &mailing).await;
        server.work();
        assert_eq!((apk_mails(server, &email).len(), apk_mails(server, &other).len()), (10, 1));
        let left = outcomes(&garage.admin, &mailing).await.into_iter().filter(|(_, said)| said == "mailbox_has_enough").count();
        assert_eq!(left, 4);
        let later_ones = garage.admin.get("/v1/garage/apk-list?expiresFrom=2026-04-01&expiresUntil=2026-04-30&mailed=false").await.items();
        assert_eq!(later_ones[0]["apkExpiresOn"], "2026-04-20", "those first whose APK expires first");
        let listed = garage.admin.get("/v1/garage/apk-list?expiresFrom=2026-04-01&expiresUntil=2026-04-30&notMailableBecause=mailbox_has_enough").await;
        assert_eq!(listed.items().len(), 4);
        // Other mailings of the day find the mailbox full as well, and the next day the rest goes out.
        let more = draft(&garage.advisor, text()).await;
        assert_eq!(garage.advisor.get(&format!("{more}/preview")).await.ok()["recipients"], 0);
        let garage = later(&garage, SignedDuration::from_hours(24)).await;
        send(&garage.advisor, &more).await;
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 14);
    }

    async fn ml4_a_mailbox_gets_ten_mails_also_when_addresses_change_meanwhile(server) {
        let mails = MailServer::start();
        mails.go_on();
        let moving = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = moving.garage("ml4moved").await;
        for number in 0..12 {
            car(&garage, &format!("moved{number}"), "2026-04-12").await;
        }
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        moving.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        // All cars are chosen, and their mails wait for the mail server; then they all have the same address.
        mails.hang_up("MAIL", usize::MAX);
        moving.work();
        assert_eq!(garage.admin.get(&mailing).await.ok()["counts"]["waiting"], 12);
        moving.run_sql("UPDATE customers SET email = 'one@moved.example', email_key = 'one@moved.example'");
        mails.hang_up("MAIL", 0);
        moving.pass_idle(SignedDuration::from_secs(11));
        moving.work();
        let counts = garage.admin.get(&mailing).await.ok()["counts"].clone();
        assert_eq!((mails.received().len(), &counts["sent"], &counts["leftOut"]), (10, &json!(10), &json!(2)), "{counts}");
        moving.stop().await;
    }

    async fn ml4_a_mailing_has_one_job_that_waits(server) {
        let garage = server.garage("ml4jobs").await;
        car(&garage, "jobs", "2026-04-12").await;
        let queued = || {
            let counts = server.store().read(|tx| persistence::jobs::counts(tx, server.now())).unwrap();
            let of_mailings = counts.into_iter().find(|(kind, _)| *kind == Some(domain::job::TaskKind::Mailing));
            of_mailings.unwrap().1.queued
        };
        let (mailing, other) = (draft(&garage.advisor, text()).await, draft(&garage.advisor, text()).await);
        let change = async |mailing: &str, method: &str, what: &str, body: Value| {
            let etag = garage.advisor.get(mailing).await.etag();
            garage.advisor.change(method, &format!("{mailing}{what}"), &etag, body).await
        };
        change(&other, "POST", "/schedule", json!({ "sendAt": "2026-03-24T10:00:00Z" })).await.ok();
        for day in 10..20 {
            change(&mailing, "POST", "/schedule", json!({ "sendAt": format!("2026-03-{day}T10:00:00Z") })).await.ok();
            assert_eq!(queued(), 2);
        }
        // What waits for its moment is made a draft before it is deleted.
        change(&mailing, "DELETE", "", Value::Null).await.problem(409, "mailing_is_scheduled");
        change(&mailing, "POST", "/unschedule", Value::Null).await.ok();
        assert_eq!(queued(), 1, "the other one's");
        change(&mailing, "DELETE", "", Value::Null).await.expect(StatusCode::NO_CONTENT);
        garage.advisor.post(&format!("{other}/stop"), Value::Null).await.ok();
        assert_eq!(queued(), 0);
        for (method, what, body) in [
            ("DELETE", "", Value::Null), ("PATCH", "", json!({ "body": "x" })), ("POST", "/schedule", json!({})), ("POST", "/unschedule", Value::Null),
        ] {
            change(&other, method, what, body).await.problem(409, "mailing_was_stopped");
        }
        garage.advisor.get(&format!("{other}/preview")).await.problem(409, "mailing_was_stopped");
    }

    async fn ml4_what_breaks_off_before_the_mail_was_sent_is_tried_again(server) {
        let mails = MailServer::start();
        let breaking = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = breaking.garage("ml4rcpt").await;
        car(&garage, "rcpt", "2026-04-12").await;
        mails.go_on();
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        breaking.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        for (command, seconds) in [("EHLO", 10), ("MAIL", 20), ("RCPT", 40), ("DATA", 80)] {
            mails.hang_up(command, 1);
            breaking.work();
            assert_eq!(outcomes(&garage.admin, &mailing).await, [("Klant rcpt".into(), "waiting".into())], "{command}");
            breaking.pass_idle(SignedDuration::from_secs(seconds + 1));
        }
        breaking.work();
        assert_eq!((mails.received().len(), outcomes(&garage.admin, &mailing).await), (1, vec![("Klant rcpt".into(), "sent".into())]));
        // When it never gets through, it failed, and the next mailing reaches the car.
        let (_, _, other) = car(&garage, "never", "2026-04-13").await;
        mails.hang_up("RCPT", usize::MAX);
        let second = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &second).await;
        let mut half_days = 0;
        let garage = loop {
            for _ in 0..12 {
                breaking.work();
                breaking.pass_idle(SignedDuration::from_mins(61));
            }
            half_days += 1;
            let garage = garage.again().await;
            if garage.admin.get(&second).await.ok()["counts"]["failed"] == 1 {
                break garage;
            }
            assert!(half_days < 20, "it is given up in the end");
        };
        assert!(half_days >= 4, "it was tried for two days at least");
        mails.hang_up("RCPT", 0);
        let third = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{third}/preview")).await.ok();
        assert_eq!((&preview["recipients"], &preview["samples"][0]["passportId"]), (&json!(1), &json!(other)));
        breaking.stop().await;
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

    async fn ml2_what_a_mailing_says_and_for_whom_stays_while_it_is_sent(server) {
        let mails = MailServer::start();
        let held = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = held.garage("stays").await;
        for number in 0..4 {
            car(&garage, &format!("stays{number}"), "2026-04-12").await;
        }
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        held.pass_idle(SignedDuration::from_hours(1));
        let garage = garage.again().await;
        let worker = held.start_worker();
        until("two mails are on their way", || mails.waiting() == 2).await;
        let before = garage.advisor.get(&mailing).await;
        assert_eq!(before.body["status"], "sending");
        let change = async |method: &str, path: &str, body: Value| garage.advisor.change(method, path, &before.etag(), body).await;
        for body in [json!({ "subject": "x" }), json!({ "body": "x" }), json!({ "selection": { "expiresFrom": "2026-03-01", "expiresUntil": "2026-03-31" } })] {
            change("PATCH", &mailing, body).await.problem(409, "mailing_has_begun");
        }
        change("POST", &format!("{mailing}/schedule"), json!({ "sendAt": "2026-03-24T10:00:00Z" })).await.problem(409, "mailing_has_begun");
        change("POST", &format!("{mailing}/unschedule"), Value::Null).await.problem(409, "mailing_has_begun");
        change("DELETE", &mailing, Value::Null).await.problem(409, "mailing_has_begun");
        assert_eq!(garage.advisor.get(&mailing).await.body, before.body);
        mails.go_on();
        until("all are mailed", || mails.received().len() == 4 && mails.waiting() == 0).await;
        worker.stop();
        held.work();
        assert_eq!(garage.admin.get(&mailing).await.ok()["counts"]["sent"], 4);
        held.stop().await;
    }

    async fn ml2_what_is_filled_in_is_text_whatever_it_is(server) {
        let garage = server.garage("ml2text").await;
        let (_, customer, passport) = car(&garage, "text", "2026-04-12").await;
        let path = format!("/v1/customers/{customer}");
        for name in ["Jan\r\nBcc: all@evil.example", "Jan\u{202E}sen", "Jan\u{2028}sen"] {
            garage.admin.patch(&path, json!({ "name": name })).await.wrong(&["#/name control_character"]);
        }
        for email in ["jan@x.example\r\nBcc: all@evil.example", "jan@x.example\n", "\njan@x.example", "jan@x.example, piet@x.example", "<jan@x.example>"] {
            let answer = garage.admin.patch(&path, json!({ "email": email })).await;
            let is_trimmed = answer.status == 200 && answer.body["email"] == "jan@x.example";
            assert!(answer.status == 400 || is_trimmed, "{email:?}: {}", answer.body);
        }
        let source = json!({ "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true });
        let idn = json!({ "email": "jan@m\u{fc}ller.example", "name": "\u{5d3}\u{5d5}\u{5d3} \u{1f697}, \"B.V.\"", "emailSource": source });
        garage.admin.patch(&path, idn).await.ok();
        let plate = garage.plate_of(&passport).await;
        // What was stored by other rules, or by hand, is no more than text either.
        let evil = "Kombi\r\nBcc: all@evil.example\r\n\r\n<script>alert(1)</script> {{kenteken}} =?utf-8?q?x?= \u{202E}https://evil.example";
        server.run_sql(&format!("UPDATE passports SET make = '{evil}', model = NULL"));
        server.run_sql(&format!("UPDATE garages SET name = '{evil}'"));
        let mut body = text();
        body["subject"] = json!("\u{1f697} \u{5e9}\u{5dc}\u{5d5}\u{5dd} {{naam}}: {{auto}} bij {{garage}}");
        body["body"] = json!("\u{5e9}\u{5dc}\u{5d5}\u{5dd} {{naam}},\n\n{{auto}} {{garage}}");
        let mailing = draft(&garage.advisor, body).await;
        let preview = garage.advisor.get(&format!("{mailing}/preview")).await.ok();
        let subject = preview["samples"][0]["subject"].as_str().unwrap().to_owned();
        assert!(subject.starts_with("\u{1f697} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5d3}\u{5d5}\u{5d3} \u{1f697}, \"B.V.\": Kombi Bcc: all@"), "{subject}");
        assert!(!subject.chars().any(char::is_control), "{subject}");
        send(&garage.advisor, &mailing).await;
        later(&garage, SignedDuration::from_hours(1)).await;
        let mails: Vec<Mail> = server.mails_to("jan@xn--mller-kva.example").into_iter().filter(|mail| mail.raw.contains("List-Unsubscribe")).collect();
        assert_eq!(mails.len(), 1, "to the domain in its ASCII form");
        let (head, body) = mails[0].raw.split_once("\r\n\r\n").unwrap();
        assert!(head.is_ascii() && head.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{head}");
        let names: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().unwrap()).collect();
        for name in ["Bcc", "bcc"] {
            assert!(!names.contains(&name), "{head}");
        }
        for name in ["From", "To", "Subject", "Reply-To"] {
            assert_eq!(names.iter().filter(|found| **found == name).count(), 1, "{name} in {head}");
        }
        let (_, html) = body.split_once("Content-Type: text/html").unwrap();
        assert!(!html.contains("<script") && !html.contains("href=\"https://evil") && html.contains("&lt;script&gt;"), "{html}");
        assert!(!body.lines().any(|line| line.starts_with("Bcc")), "{body}");
        assert!(body.contains("{{kenteken}}") && !body.contains(&format!("script> {plate}")), "what is filled in is no placeholder: {body}");
    }

    async fn rm3_a_mailing_begins_in_the_morning_also_when_the_clock_changes(server) {
        let garage = server.garage("mlnight").await;
        let mailing = draft(&garage.advisor, text()).await;
        // In the hour before the clock goes forward, in the hour that it leaves out, and in the hour that comes twice.
        for (at, begins) in [
            ("2026-03-29T01:30:00+01:00", "2026-03-29T06:00:00Z"),
            ("2026-03-29T02:30:00+01:00", "2026-03-29T06:00:00Z"),
            ("2026-10-25T02:30:00+02:00", "2026-10-25T07:00:00Z"),
            ("2026-10-25T02:30:00+01:00", "2026-10-25T07:00:00Z"),
            ("2026-10-25T08:00:00+01:00", "2026-10-25T07:00:00Z"),
        ] {
            let etag = garage.advisor.get(&mailing).await.etag();
            let path = format!("{mailing}/schedule");
            let scheduled = garage.advisor.change("POST", &path, &etag, json!({ "sendAt": at })).await.ok();
            assert_eq!(scheduled["sendAt"], begins, "{at}");
            assert_eq!(garage.advisor.get(&format!("{mailing}/preview")).await.ok()["beginsAt"], begins, "{at}");
        }
    }

    async fn ml4_a_mailing_to_nobody_ends_at_once(server) {
        let garage = server.garage("nobody").await;
        let mailing = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{mailing}/preview")).await.ok();
        assert_eq!((&preview["recipients"], &preview["samples"], &preview["leftOut"]), (&json!(0), &json!([]), &json!([])));
        let example = preview["example"]["text"].as_str().unwrap();
        assert!(example.contains("Beste Jan Jansen,\n\nDe APK van uw Opel Combo verloopt op 1 april 2026."), "{example}");
        send(&garage.advisor, &mailing).await;
        let garage = later(&garage, SignedDuration::from_hours(1)).await;
        server.work();
        let sent = garage.advisor.get(&mailing).await.ok();
        assert_eq!((&sent["status"], &sent["counts"]["sent"], &sent["counts"]["leftOut"]), (&json!("sent"), &json!(0), &json!(0)));
        assert_eq!(outcomes(&garage.mechanic, &mailing).await, []);
    }

    async fn ml4_a_mailing_to_many_goes_block_by_block_and_doubles_nothing(server) {
        let garage = server.garage("many").await;
        car(&garage, "many", "2026-04-12").await;
        let plates: Vec<String> = (0..204).map(|_| plate()).collect();
        // Each of its own customer, since no mailbox gets so many.
        let line = |plate: &String| {
            let source = json!({ "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true });
            let email = format!("{}@mailing.example", plate.to_lowercase());
            let customer = json!({ "kind": "person", "name": "Klant", "email": email, "emailSource": source });
            json!({ "licencePlate": { "number": plate }, "customer": customer }).to_string()
        };
        let mailed = || {
            let mailboxes = plates.iter().map(|plate| format!("{}@mailing.example", plate.to_lowercase()));
            mailboxes.chain(["many@mailing.example".to_owned()]).map(|email| apk_mails(server, &email).len()).sum::<usize>()
        };
        let lines = plates.iter().map(line).collect::<Vec<_>>().join("\n");
        let headers = [("content-type", "application/x-ndjson")];
        let made = garage.admin.send("POST", "/v1/passport-imports", &headers, Some(lines.into_bytes())).await.ok();
        assert_eq!(made["made"], 204, "{made}");
        for plate in &plates {
            server.told(plate, Some(&kombi("2026-04-13")));
        }
        let mailing = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{mailing}/preview")).await.ok();
        assert_eq!((&preview["recipients"], preview["samples"].as_array().unwrap().len()), (&json!(205), 3));
        send(&garage.advisor, &mailing).await;
        server.pass_idle(SignedDuration::from_hours(1));
        server.work();
        assert_eq!(mailed(), 205);
        // Three blocks of at most a hundred cars; after each the worker vanished, so that each is done again.
        let of_mailing = || {
            let counts = server.store().read(|tx| persistence::jobs::counts(tx, server.now())).unwrap();
            let (_, counts) = counts.into_iter().find(|(kind, _)| *kind == Some(domain::job::TaskKind::Mailing)).unwrap();
            (counts.queued, counts.running, counts.dead)
        };
        server.run_sql("UPDATE jobs SET state = 'running' WHERE kind = 'mailing'");
        server.run_sql("UPDATE apk_mailings SET status = 'sending', is_complete = false, ended_at = NULL");
        assert_eq!(of_mailing(), (0, 3, 0));
        server.pass(SignedDuration::from_mins(11));
        assert_eq!(of_mailing(), (3, 0, 0));
        server.work();
        let garage = garage.again().await;
        let sent = garage.advisor.get(&mailing).await.ok();
        assert_eq!((&sent["status"], &sent["counts"]["sent"], mailed()), (&json!("sent"), &json!(205), 205));
        let events = garage.events().await.into_iter().filter(|(_, kind)| kind == "apk_mailed").count();
        assert_eq!(events, 205);
    }

    async fn ml4_what_a_mail_server_refuses_stands_in_the_list(server) {
        let mails = MailServer::start();
        let refusing = Server::start_with(server.backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
        let garage = refusing.garage("refused").await;
        for name in ["broken", "fine", "gone", "grey", "spam"] {
            car(&garage, name, "2026-04-12").await;
        }
        mails.refuse("gone@mailing.example", "550 5.1.1 <gone@mailing.example> no such user");
        mails.refuse("grey@mailing.example", "450 4.2.0 try again later");
        mails.refuse("spam@mailing.example", "550 5.7.1 we do not like you");
        mails.go_on();
        let mailing = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &mailing).await;
        refusing.pass_idle(SignedDuration::from_hours(1));
        // The connection is closed in the middle of the first mail: nobody knows, so it is not sent again.
        mails.break_off(1);
        refusing.work();
        let garage = garage.again().await;
        let said = |all: [&str; 5]| ["broken", "fine", "gone", "grey", "spam"].iter().zip(all)
            .map(|(name, outcome)| (format!("Klant {name}"), outcome.to_owned())).collect::<Vec<_>>();
        let found = outcomes(&garage.admin, &mailing).await;
        assert_eq!(found, said(["unknown", "sent", "failed", "waiting", "failed"]));
        assert_eq!(garage.admin.get(&mailing).await.ok()["status"], "sending");
        mails.accept("grey@mailing.example");
        refusing.pass_idle(SignedDuration::from_secs(11));
        refusing.work();
        refusing.pass(SignedDuration::from_mins(1));
        assert_eq!(outcomes(&garage.admin, &mailing).await, said(["unknown", "sent", "failed", "sent", "failed"]));
        assert_eq!((mails.received().len(), &garage.admin.get(&mailing).await.ok()["status"]), (2, &json!("sent")));
        // Who did not get it for sure can be mailed again, unless there is no such mailbox.
        let again = draft(&garage.advisor, text()).await;
        let preview = garage.advisor.get(&format!("{again}/preview")).await.ok();
        assert_eq!(preview["recipients"], 1);
        let reasons: Vec<(&Value, &Value)> = preview["leftOut"].as_array().unwrap().iter().map(|one| (&one["reason"], &one["cars"])).collect();
        assert_eq!(reasons, [(&json!("suppressed"), &json!(1)), (&json!("already_mailed"), &json!(3))]);
        // It refuses everything: each letter failed, nothing is lost, and the next mailing begins anew.
        mails.refuse_all(Some("550 5.7.1 you may not send here"));
        send(&garage.advisor, &again).await;
        refusing.work();
        let failed = garage.advisor.get(&again).await.ok();
        assert_eq!((&failed["status"], &failed["counts"]["failed"]), (&json!("sent"), &json!(1)));
        mails.refuse_all(None);
        mails.accept("spam@mailing.example");
        let last = draft(&garage.advisor, text()).await;
        send(&garage.advisor, &last).await;
        refusing.work();
        let sent = garage.advisor.get(&last).await.ok();
        assert_eq!((&sent["status"], &sent["counts"]["sent"], mails.received().len()), (&json!("sent"), &json!(1), 3));
        refusing.stop().await;
    }

    async fn ml4_a_clock_that_is_set_back_mails_each_car_once(server) {
        let garage = server.garage("mlback").await;
        let (email, _, passport) = car(&garage, "mlback", "2026-04-12").await;
        let garage = later(&garage, SignedDuration::from_hours(3)).await;
        let mailing = draft(&garage.advisor, text()).await;
        let etag = garage.advisor.get(&mailing).await.etag();
        let at = server.now() + SignedDuration::from_mins(10);
        garage.advisor.change("POST", &format!("{mailing}/schedule"), &etag, json!({ "sendAt": at.to_string() })).await.ok();
        server.pass(SignedDuration::from_mins(9));
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 0);
        server.pass(SignedDuration::from_mins(1));
        server.work();
        assert_eq!(apk_mails(server, &email).len(), 1, "at its moment");
        // The same hour comes once more.
        for minutes in [-60, 30, 30, 30] {
            server.pass(SignedDuration::from_mins(minutes));
            server.work();
            assert_eq!(apk_mails(server, &email).len(), 1);
        }
        let garage = garage.again().await;
        assert_eq!(garage.advisor.get(&mailing).await.ok()["status"], "sent");
        // One that waits for its moment waits an hour longer, and is not lost.
        server.told(&garage.plate_of(&passport).await, Some(&kombi("2026-04-20")));
        let mailing = draft(&garage.advisor, text()).await;
        let etag = garage.advisor.get(&mailing).await.etag();
        let at = server.now() + SignedDuration::from_mins(2);
        garage.advisor.change("POST", &format!("{mailing}/schedule"), &etag, json!({ "sendAt": at.to_string() })).await.ok();
        for (minutes, mails) in [(-60, 1), (61, 1), (1, 2), (1, 2)] {
            server.pass(SignedDuration::from_mins(minutes));
            server.work();
            assert_eq!(apk_mails(server, &email).len(), mails);
        }
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
        // Then it comes back after all, so the car can be mailed at another address.
        let job = mails.received()[0].trim_start_matches('<').split_once('@').unwrap().0.parse().unwrap();
        let bounce = report(POSTFIX, "cut@mailing.example", &proof_of(&cutting, job, "cut@mailing.example"));
        assert_eq!(reports::send(&cutting.anonymous(), &bounce, &[]).await.ok()["outcome"], "suppressed");
        assert_eq!(outcomes(&garage.admin, &mailing).await, [("Klant cut".into(), "failed".into())]);
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
