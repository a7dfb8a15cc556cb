//! The private calendar of an account, as a calendar program reads it: rule CAL1.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, Server, kombi},
};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MANAGED: &str = "/v1/account/calendar";

/// The path of the account's calendar, which is made, or gets another address.
async fn subscribe(who: &Actor<'_>) -> String {
    let made = who.send("PUT", MANAGED, &[], None).await.ok();
    let address = made["address"].as_str().unwrap().to_owned();
    address.strip_prefix("http://autopaspoort.test").unwrap().to_owned()
}

async fn ask(server: &Server, path: &str) -> Answer {
    server.anonymous().get(path).await
}

/// The properties of an entry by their names.
type Entry = BTreeMap<String, String>;

/// The entries of a calendar by their UIDs.
fn entries(answer: &Answer) -> BTreeMap<String, Entry> {
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/calendar; charset=utf-8"), "{answer:?}");
    let text = std::str::from_utf8(&answer.bytes).unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    let mut found = BTreeMap::new();
    for part in text.replace("\r\n ", "").split("BEGIN:VEVENT\r\n").skip(1) {
        let (part, _) = part.split_once("END:VEVENT").unwrap();
        let entry: Entry = part
            .split_terminator("\r\n")
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert!(found.insert(entry["UID"].clone(), entry).is_none(), "a UID stands once: {text}");
    }
    found
}

/// The entry of the APK of a car.
async fn apk(server: &Server, path: &str, car: &str) -> Entry {
    entries(&ask(server, path).await)[&format!("{car}-apk@autopaspoort")].clone()
}

fn says(entry: &Entry) -> (&str, &str, &str) {
    (&entry["STATUS"], &entry["DTSTART;VALUE=DATE"], &entry["SEQUENCE"])
}

both! {
    async fn cal1_a_calendar_shows_what_comes_due_and_each_change_of_it(server) {
        let garage = server.garage("cal1").await;
        let (owner, _, car) = garage.driver("owner@cal1.example").await;
        let plate = garage.plate_of(&car).await;
        server.told(&plate, Some(&kombi("2026-05-01")));
        assert_eq!(owner.get(MANAGED).await.ok()["since"], Value::Null);
        let path = subscribe(&owner).await;
        assert_eq!(owner.get(MANAGED).await.ok(), json!({ "since": server.now().to_string() }));
        let first = ask(server, &path).await;
        assert_eq!(first.header("cache-control"), "private, no-cache");
        let entry = apk(server, &path, &car).await;
        assert_eq!(says(&entry), ("CONFIRMED", "20260501", "0"));
        assert_eq!((&*entry["DTEND;VALUE=DATE"], &*entry["TRANSP"]), ("20260502", "TRANSPARENT"));
        let shown = owner.get(&format!("/v1/passports/{car}")).await.ok()["licencePlate"]["shown"].as_str().unwrap().to_owned();
        assert!(shown.contains('-') && entry["SUMMARY"] == format!("APK verloopt: {shown}"), "{entry:?}");
        assert!(entry["DESCRIPTION"].starts_with(&format!("De APK van {shown} (Volkswagen) is geldig tot en met 1 mei 2026.")), "{entry:?}");
        assert_eq!(entry["URL"], format!("http://autopaspoort.test/app/passports/{car}"));
        // Time alone changes nothing, nothing is written for it, and a program that has it gets no body.
        server.pass_idle(SignedDuration::from_hours(20));
        let before = server.store().statements();
        let known = server.anonymous().send("GET", &path, &[("if-none-match", &first.etag())], None).await;
        assert_eq!((known.status, known.bytes.len(), server.store().statements() - before), (304, 0, 3));
        assert!(!first.etag().starts_with("W/"));
        let head = server.anonymous().send("HEAD", &path, &[], None).await;
        assert_eq!((head.status, head.etag(), head.bytes.len()), (200, first.etag(), 0));
        // It was inspected.
        server.told(&plate, Some(&kombi("2027-05-01")));
        let changed = server.anonymous().send("GET", &path, &[("if-none-match", &first.etag())], None).await;
        assert_eq!(changed.status, 200);
        let next = apk(server, &path, &car).await;
        assert_eq!(says(&next), ("CONFIRMED", "20270501", "1"));
        assert!(next["LAST-MODIFIED"] > entry["LAST-MODIFIED"] && next["LAST-MODIFIED"] == next["DTSTAMP"]);
        let owner = server.sign_in(&owner.email, PASSWORD).await;
        owner.patch("/v1/account", json!({ "language": "en" })).await.ok();
        let english = apk(server, &path, &car).await;
        assert_eq!((&*english["SUMMARY"], &*english["SEQUENCE"]), (&*format!("APK expires: {shown}"), "2"));
    }

    async fn cal1_maintenance_is_in_it_without_amounts(server) {
        let garage = server.garage("cal1em").await;
        let fleet = garage.fleet("fleet-cal1em").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@cal1em.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        garage.admin.post(&format!("/v1/passports/{car}/service-records"), json!({ "lines": [{ "task": "oil_and_filter" }, { "task": "brake_fluid" }] })).await.created();
        let summary = fleet.account.get("/v1/passports?sort=nextDueOn").await.items();
        assert_eq!(summary.len(), 1);
        for who in [&driver, &fleet.account] {
            let path = subscribe(who).await;
            let answer = ask(server, &path).await;
            let found = entries(&answer);
            let ours = found.values().all(|entry| entry["UID"].starts_with(&car));
            let entry = &found[&format!("{car}-maintenance-brake_fluid@autopaspoort")];
            assert!(ours && found.contains_key(&format!("{car}-apk@autopaspoort")), "{found:?}");
            assert!(entry["SUMMARY"].starts_with("Remvloeistof") && entry["DTSTART;VALUE=DATE"].len() == 8, "{entry:?}");
            let text = String::from_utf8(answer.bytes).unwrap();
            assert!(!text.contains('€') && !text.contains("EUR") && !text.contains("example"), "{text}");
        }
    }

    async fn cal1_who_hands_the_car_over_learns_nothing_later_of_it(server) {
        let garage = server.garage("cal1new").await;
        let (owner, _, car) = garage.driver("owner@cal1new.example").await;
        let plate = garage.plate_of(&car).await;
        server.told(&plate, Some(&kombi("2026-05-01")));
        let path = subscribe(&owner).await;
        let shown = apk(server, &path, &car).await;
        let offer = owner.offer(&car, "new_owner", "next@cal1new.example").await.created();
        let next = server.join("next@cal1new.example").await;
        next.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        let others = subscribe(&next).await;
        // What changed before the first look is not shown either.
        server.told(&plate, Some(&kombi("2027-05-01")));
        server.pass(SignedDuration::from_mins(5));
        let gone = apk(server, &path, &car).await;
        assert_eq!(says(&gone), ("CANCELLED", "20260501", "1"));
        assert_eq!((gone.get("URL"), &gone["SUMMARY"]), (None, &shown["SUMMARY"]));
        let tag = ask(server, &path).await.etag();
        assert_eq!(says(&apk(server, &others, &car).await), ("CONFIRMED", "20270501", "0"));
        server.told(&plate, Some(&kombi("2028-05-01")));
        garage.admin.patch(&format!("/v1/passports/{car}"), json!({ "make": "Secret" })).await.ok();
        assert_eq!(ask(server, &path).await.etag(), tag);
        assert_eq!(says(&apk(server, &others, &car).await), ("CONFIRMED", "20280501", "1"));
        server.pass(SignedDuration::from_hours(30 * 24 - 2));
        assert_eq!(ask(server, &path).await.etag(), tag);
        server.pass(SignedDuration::from_hours(2));
        assert!(entries(&ask(server, &path).await).is_empty());
        // A passport that is archived is in no calendar either.
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        let before = apk(server, &others, &car).await;
        admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let next = (before["SEQUENCE"].parse::<i64>().unwrap() + 1).to_string();
        assert_eq!(says(&apk(server, &others, &car).await), ("CANCELLED", "20280501", next.as_str()));
    }

    async fn cal1_an_address_is_a_secret_that_can_be_renewed_and_deleted(server) {
        let garage = server.garage("cal1key").await;
        let (owner, _, car) = garage.driver("owner@cal1key.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        let former = subscribe(&owner).await;
        assert_eq!(former.len(), "/calendar/.ics".len() + 43);
        apk(server, &former, &car).await;
        let path = subscribe(&owner).await;
        ask(server, &former).await.problem(404, "not_found");
        assert_eq!(says(&apk(server, &path, &car).await), ("CONFIRMED", "20260501", "0"), "the entries are the same");
        let secret = path.strip_prefix("/calendar/").unwrap().strip_suffix(".ics").unwrap();
        let other = if secret.starts_with('a') { 'b' } else { 'a' };
        for wrong in [
            format!("/calendar/{other}{}.ics", &secret[1..]),
            format!("/calendar/{secret}"),
            format!("/calendar/{secret}.ICS"),
            format!("/calendar/{secret}x.ics"),
            format!("/calendar/{secret}.ics/"),
            "/calendar/.ics".into(),
            "/calendar/".into(),
            "/calendar/%00.ics".into(),
        ] {
            let answer = ask(server, &wrong).await;
            answer.problem(404, "not_found");
            assert!(!answer.body.to_string().contains(&secret[1..]), "{}", answer.body);
        }
        server.anonymous().post(&path, json!({})).await.problem(405, "method_not_allowed");
        // It is its own secret: it goes on when the account signs out.
        owner.act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        apk(server, &path, &car).await;
        let owner = server.sign_in(&owner.email, PASSWORD).await;
        for _ in 0..2 {
            owner.send("DELETE", MANAGED, &[], None).await.expect(StatusCode::NO_CONTENT);
            ask(server, &path).await.problem(404, "not_found");
        }
        assert_eq!(owner.get(MANAGED).await.ok()["since"], Value::Null);
    }

    async fn cal1_staff_have_no_calendar_and_that_of_a_closed_fleet_is_gone(server) {
        let garage = server.garage("cal1who").await;
        for method in ["GET", "PUT", "DELETE"] {
            for who in [&garage.admin, &garage.mechanic] {
                who.send(method, MANAGED, &[], None).await.problem(403, "wrong_account_kind");
            }
            server.anonymous().send(method, MANAGED, &[], None).await.problem(401, "unauthenticated");
        }
        let fleet = garage.fleet("fleet-cal1who").await;
        let path = subscribe(&fleet.account).await;
        assert!(entries(&ask(server, &path).await).is_empty());
        garage.admin.act(&format!("/v1/fleets/{}/close", fleet.id)).await.ok();
        ask(server, &path).await.problem(404, "not_found");
    }

    async fn cal1_the_garage_that_prepared_a_fleet_reads_no_calendar_of_it_later(server) {
        let garage = server.garage("cal1f8").await;
        let (_, customer, _) = garage.driver("jan@cal1f8.example").await;
        let new = json!({ "customerId": customer, "email": "own@cal1f8.example", "begin": "prepared", "password": PASSWORD });
        garage.admin.post("/v1/fleets", new).await.created();
        let account = server.sign_in("own@cal1f8.example", PASSWORD).await;
        let path = subscribe(&account).await;
        let change = json!({ "email": "manager@cal1f8.example", "currentPassword": PASSWORD });
        account.post("/v1/account/email", change).await.expect(StatusCode::ACCEPTED);
        assert!(entries(&ask(server, &path).await).is_empty());
        let confirm = json!({ "token": server.token_for("manager@cal1f8.example"), "password": "negen groene kikkers zingen" });
        server.anonymous().post("/v1/account/email/confirm", confirm).await.expect(StatusCode::NO_CONTENT);
        ask(server, &path).await.problem(404, "not_found");
    }

    async fn cal1_a_calendar_that_is_polled_waits_and_no_other_does(server) {
        let garage = server.garage("cal1poll").await;
        let (owner, ..) = garage.driver("owner@cal1poll.example").await;
        let (other, ..) = garage.driver("other@cal1poll.example").await;
        let (path, others) = (subscribe(&owner).await, subscribe(&other).await);
        for _ in 0..30 {
            assert_eq!(ask(server, &path).await.status, 200);
        }
        for _ in 0..3 {
            let answer = ask(server, &path).await;
            answer.problem(429, "too_many_requests");
            assert_eq!(answer.header("retry-after"), "31");
        }
        assert_eq!(ask(server, &others).await.status, 200);
        server.pass_idle(SignedDuration::from_secs(30));
        assert_eq!((ask(server, &path).await.status, ask(server, &path).await.status), (200, 429));
        // Another address begins anew; at one that is none nothing is counted.
        assert_eq!(ask(server, &subscribe(&owner).await).await.status, 200);
        for _ in 0..40 {
            ask(server, &format!("/calendar/{}.ics", "a".repeat(43))).await.problem(404, "not_found");
        }
    }

    async fn cal1_looks_count_for_the_address_they_come_from(server) {
        let server = Server::start_with(server.backend, |all| all.requests_per_minute = Some(20)).await;
        let mut refused = 0;
        for _ in 0..30 {
            refused += usize::from(ask(&server, &format!("/calendar/{}.ics", "a".repeat(43))).await.status == 429);
        }
        assert!((9..=10).contains(&refused), "{refused}");
        server.stop().await;
    }

    async fn cal1_programs_that_look_at_once_see_the_same(server) {
        let garage = server.garage("cal1many").await;
        let (owner, _, car) = garage.driver("owner@cal1many.example").await;
        let plate = garage.plate_of(&car).await;
        let path = subscribe(&owner).await;
        for (round, until) in ["2026-05-01", "2027-05-01"].into_iter().enumerate() {
            server.told(&plate, Some(&kombi(until)));
            let looks: Vec<_> = (0..8).map(|_| tokio::spawn(server.client.get(format!("{}{path}", server.url)).send())).collect();
            let mut seen = vec![];
            for look in looks {
                seen.push(look.await.unwrap().unwrap().bytes().await.unwrap());
            }
            assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
            assert_eq!(apk(server, &path, &car).await["SEQUENCE"], round.to_string());
        }
    }

    async fn cal1_what_a_car_is_called_breaks_no_calendar(server) {
        let garage = server.garage("cal1odd").await;
        let (owner, _, car) = garage.driver("owner@cal1odd.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2026-05-01")));
        let names = json!({ "make": "A\\n;, \"B\":", "model": "🚗é".repeat(20) });
        garage.admin.patch(&format!("/v1/passports/{car}"), names).await.ok();
        let entry = apk(server, &subscribe(&owner).await, &car).await;
        let car = format!("(A\\\\n\\;\\, \"B\": {})", "🚗é".repeat(20));
        assert!(entry["DESCRIPTION"].contains(&car), "{entry:?}");
    }
}
