//! What holds for every list of the document.

use crate::{
    both,
    budget::{grow, reader_of},
    support::{
        Actor, Backend, PASSWORD, Scene, check_template,
        maintained::{PDF, draft_check, jpeg, service_record},
    },
};
use domain::suppression::SuppressionReason;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The ids of what is gone from a list since an instant.
async fn gone_since(actor: &Actor<'_>, path: &str, since: domain::Instant) -> Vec<String> {
    let page = actor.get(&format!("/v1/{path}?updatedSince={since}")).await.ok();
    page["removed"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn every_list_knows_its_cursors_and_what_changed(backend: Backend) {
    let scene = Scene::prepare(backend).await;
    let server = scene.open().await;
    grow(&scene, &server).await;
    let mut given: Vec<(&str, String, String)> = Vec::new();
    let lists = Scene::operations().into_iter().filter(|request| request.operation.starts_with("list"));
    for request in lists {
        let who = reader_of(&request.operation);
        let (reader, path) = (scene.actor(&server, who), scene.path(&request, who));
        for query in ["limit=1", "limit=1&updatedSince=2020-01-01T00:00:00Z"] {
            let page = reader.get(&format!("{path}?{query}")).await.ok();
            let cursor = page["nextCursor"].as_str().unwrap_or_else(|| panic!("{path} has one page only"));
            given.push((who, format!("{path}?{query}"), cursor.to_owned()));
        }
        let later = reader.get(&format!("{path}?updatedSince=2100-01-01T00:00:00Z")).await.ok();
        assert_eq!(later["items"].as_array().map(Vec::len), Some(0), "{path} does not heed updatedSince");
    }
    let advisor = scene.actor(&server, "advisor");
    for list in
        ["passports?limit=1&sort=-createdAt", "passports?limit=1&sort=createdAt", "transfers?limit=1&sort=-offeredAt"]
    {
        let page = advisor.get(&format!("/v1/{list}")).await.ok();
        given.push(("advisor", format!("/v1/{list}"), page["nextCursor"].as_str().unwrap().to_owned()));
    }
    assert!(given.len() > 20, "{given:?}");
    for (who, list, _) in &given {
        let reader = scene.actor(&server, who);
        for (_, giver, cursor) in &given {
            let answer = reader.get(&format!("{list}&cursor={cursor}")).await;
            if list == giver {
                assert!(!answer.ok()["items"].as_array().unwrap().is_empty(), "{list}");
            } else {
                answer.wrong(&["cursor cursor_invalid"]);
            }
        }
    }
    server.stop().await;
    scene.close().await;
}

mod a_cursor_is_good_for_one_list_and_what_did_not_change_is_left_out {
    use super::*;

    #[actix_web::test]
    async fn sqlite() {
        every_list_knows_its_cursors_and_what_changed(Backend::Sqlite).await;
    }

    #[actix_web::test]
    async fn postgres() {
        every_list_knows_its_cursors_and_what_changed(Backend::Postgres).await;
    }
}

both! {
    async fn a_cursor_goes_on_with_pages_of_another_size(server) {
        let garage = server.garage("sizes").await;
        let mut made = Vec::new();
        for name in ["a", "b", "c", "d"] {
            made.push(garage.customer(&format!("{name}@sizes.example")).await);
        }
        let first = garage.admin.get("/v1/customers?limit=1").await;
        let cursor = first.body["nextCursor"].as_str().unwrap();
        let rest = garage.admin.get(&format!("/v1/customers?cursor={cursor}&limit=9")).await;
        assert_eq!((first.items().len() + rest.items().len(), rest.body["nextCursor"].is_null()), (made.len(), true));
        // The parameters may come in any order, and in any spelling of an address.
        let first = garage.admin.get("/v1/passports?status=active,invited&sort=-createdAt&limit=1").await;
        assert!(first.items().is_empty());
        for customer in &made[..3] {
            garage.invited_passport(customer).await;
        }
        let first = garage.admin.get("/v1/passports?status=active,invited&sort=-createdAt&limit=1").await;
        let cursor = first.body["nextCursor"].as_str().unwrap();
        let next = garage.admin.get(&format!("/v1/passports?cursor={cursor}&sort=%2DcreatedAt&status=active%2Cinvited")).await;
        assert_eq!(next.items().len(), 2);
        garage.admin.get(&format!("/v1/passports?cursor={cursor}&sort=-createdAt")).await.wrong(&["cursor cursor_invalid"]);
    }

    async fn ls1_who_keeps_a_copy_is_told_what_is_gone(server) {
        let garage = server.garage("gone").await;
        let fleet = garage.fleet("fleet-gone").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@gone.example").await;
        let customer = garage.customer("jan@gone.example").await;
        let (since, of_fleet) = (server.now(), &fleet.account);
        let gone = async |actor: &Actor<'_>, path: &str| -> Vec<String> {
            let and = if path.contains('?') { '&' } else { '?' };
            let page = actor.get(&format!("/v1/{path}{and}updatedSince={since}")).await.ok();
            page["removed"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        let nothing = Vec::<String>::new();
        assert_eq!(garage.admin.get("/v1/customers").await.ok()["removed"], Value::Null, "nobody asked");
        let old = "updatedSince=2020-01-01T00:00:00Z";
        assert_eq!(garage.admin.get(&format!("/v1/customers?{old}")).await.ok()["removed"], Value::Null, "nobody remembers");
        let cars: &str = &format!("fleets/{}/passports", fleet.id);
        for (actor, path) in [(&garage.mechanic, "customers"), (&garage.mechanic, cars), (of_fleet, cars), (&driver, "passports")] {
            assert_eq!(gone(actor, path).await, nothing, "{path}");
        }
        let record = format!("/v1/customers/{customer}");
        let etag = garage.admin.get(&record).await.etag();
        garage.admin.change("DELETE", &record, &etag, Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert_eq!(gone(&garage.mechanic, "customers").await, [customer.as_str()]);
        garage.admin.unlink(&car).await.ok();
        assert_eq!(gone(&garage.mechanic, "passports").await, nothing, "the garage has it still");
        for (actor, path) in [(&garage.mechanic, cars), (of_fleet, cars), (of_fleet, "passports")] {
            assert_eq!(gone(actor, path).await, [car.as_str()], "{path}");
        }
        assert_eq!(gone(&garage.mechanic, &format!("passports?fleetId={}", fleet.id)).await, [car.as_str()]);
        assert_eq!(gone(&driver, "passports").await, nothing);
        // What is gone proves nothing of a fleet of others.
        let other = server.garage("gone-other").await;
        let theirs = other.fleet("fleet-gone-other").await;
        let path = format!("/v1/fleets/{}/passports?updatedSince={since}", theirs.id);
        for actor in [&garage.admin, of_fleet, &driver] {
            actor.get(&path).await.problem(404, "not_found");
        }
        assert_eq!(gone(&other.admin, "customers").await, nothing);
        assert_eq!(gone(&garage.admin, &format!("passports?fleetId={}", theirs.id)).await, nothing);
    }

    async fn ls1_what_a_garage_deletes_is_told_to_it_alone(server) {
        let (garage, other) = (server.garage("gone-own").await, server.garage("gone-own-other").await);
        let (admin, since) = (&garage.admin, server.now());
        let recurrence = json!({ "then": { "months": 12 }, "countsFrom": "completion" });
        let nothing = Vec::<String>::new();
        for (list, body) in [
            ("garage/staff", json!({ "name": "Kees Smit", "email": "kees@gone-own.example", "role": "mechanic" })),
            ("check-templates", check_template("gone")),
            ("maintenance-schedules", json!({ "task": "tyres", "make": "Volkswagen", "recurrence": recurrence })),
            ("apk-mailings", json!({
                "subject": "APK", "body": "Uw APK verloopt.",
                "selection": { "expiresFrom": "2026-04-01", "expiresUntil": "2026-04-30" },
            })),
        ] {
            let id = admin.post(&format!("/v1/{list}"), body).await.created()["id"].as_str().unwrap().to_owned();
            assert_eq!(gone_since(admin, list, since).await, nothing, "{list}");
            admin.change("DELETE", &format!("/v1/{list}/{id}"), "*", Value::Null).await.expect(StatusCode::NO_CONTENT);
            assert_eq!(gone_since(admin, list, since).await, [id], "{list}");
            assert_eq!(gone_since(&other.admin, list, since).await, nothing, "{list}");
        }
        // An address is gone when it may be written to again, and when no customer has it any more.
        let (jan, piet) = ("jan@gone-own.example", "piet@gone-own.example");
        garage.customer(jan).await;
        let customer = garage.customer(piet).await;
        let lifted = server.suppress(jan, SuppressionReason::Bounced);
        let left = server.suppress(piet, SuppressionReason::Bounced);
        assert_eq!(gone_since(admin, "suppressions", since).await, nothing);
        admin.send("DELETE", &format!("/v1/suppressions/{lifted}"), &[], None).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(gone_since(admin, "suppressions", since).await, [lifted.as_str()]);
        server.pass_idle(jiff::SignedDuration::from_secs(1));
        admin.patch(&format!("/v1/customers/{customer}"), json!({ "email": "new@gone-own.example" })).await.ok();
        assert_eq!(gone_since(admin, "suppressions", since).await, [lifted, left.clone()]);
        assert_eq!(gone_since(&other.admin, "suppressions", since).await, nothing);
        // It is there again with the customer who has it next, though it was found out before.
        let later = server.now();
        garage.customer(piet).await;
        let items = admin.get(&format!("/v1/suppressions?updatedSince={later}")).await.items();
        assert_eq!(items.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&json!(left)]);
    }

    async fn ls1_what_is_gone_of_a_car_is_told_to_those_who_saw_it(server) {
        let (garage, other) = (server.garage("gone-car").await, server.garage("gone-car-other").await);
        let (driver, _, car) = garage.driver("jan@gone-car.example").await;
        let (since, mechanic) = (server.now(), &garage.mechanic);
        let nothing = Vec::<String>::new();
        let check = draft_check(mechanic, &car).await;
        let record = service_record(&garage.advisor, &car).await;
        let (of_car, photos) = (format!("passports/{car}/checks"), format!("passports/{car}/checks/{check}/photos"));
        let attached = format!("passports/{car}/service-records/{record}/attachments");
        let add = async |path: &str, media: &str, bytes: Vec<u8>| {
            let answer = garage.advisor.send("POST", &format!("/v1/{path}"), &[("content-type", media)], Some(bytes)).await;
            answer.expect(StatusCode::CREATED).id()
        };
        let photo = add(&format!("{of_car}/{check}/findings/windscreen/photos"), "image/jpeg", jpeg(60, 40, 1)).await;
        let file = add(&attached, "application/pdf", PDF.to_vec()).await;
        for (id, list) in [(&photo, &photos), (&file, &attached)] {
            assert_eq!(gone_since(&garage.admin, list, since).await, nothing, "{list}");
            let path = format!("/v1/passports/{car}/files/{id}");
            garage.admin.send("DELETE", &path, &[], None).await.expect(StatusCode::NO_CONTENT);
            assert_eq!(gone_since(&garage.admin, list, since).await, [id.as_str()], "{list}");
            other.admin.get(&format!("/v1/{list}?updatedSince={since}")).await.problem(404, "not_found");
        }
        assert_eq!(gone_since(&driver, &attached, since).await, [file.as_str()], "the owner saw it");
        assert_eq!(gone_since(mechanic, &of_car, since).await, nothing);
        mechanic.send("DELETE", &format!("/v1/{of_car}/{check}"), &[], None).await.expect(StatusCode::NO_CONTENT);
        for list in ["checks", of_car.as_str()] {
            assert_eq!(gone_since(mechanic, list, since).await, [check.as_str()], "{list}");
        }
        assert_eq!(gone_since(&driver, &of_car, since).await, nothing, "drafts are for the garage");
        assert_eq!(gone_since(&other.admin, "checks", since).await, nothing);
        assert_eq!(gone_since(&garage.admin, "garage/apk-list", since).await, nothing);
        let draft = draft_check(mechanic, &car).await;
        server.pass_idle(jiff::SignedDuration::from_secs(1));
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        assert_eq!(gone_since(mechanic, "checks", since).await, [check, draft], "its draft was discarded");
        assert_eq!(gone_since(&garage.admin, "garage/apk-list", since).await, [car]);
        assert_eq!(gone_since(&other.admin, "garage/apk-list", since).await, nothing);
    }

    async fn ls1_a_session_that_ended_is_told_to_its_account(server) {
        let garage = server.garage("gone-session").await;
        let (driver, ..) = garage.driver("jan@gone-session.example").await;
        let (since, list) = (server.now(), "auth/sessions");
        let phone = server.sign_in(&driver.email, PASSWORD).await;
        let sessions = phone.get("/v1/auth/sessions").await.items();
        let ended = sessions.iter().find(|one| one["current"] == true).unwrap()["id"].as_str().unwrap();
        assert_eq!(gone_since(&driver, list, since).await, Vec::<String>::new());
        phone.act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        assert_eq!(gone_since(&driver, list, since).await, [ended]);
        assert_eq!(gone_since(&garage.admin, list, since).await, Vec::<String>::new());
    }

    async fn ls1_what_is_gone_comes_before_the_items_page_by_page(server) {
        let garage = server.garage("pages").await;
        let mut made = Vec::new();
        for name in ["a", "b", "c", "d"] {
            made.push(garage.customer(&format!("{name}@pages.example")).await);
        }
        let since = server.now();
        for customer in &made[..3] {
            let path = format!("/v1/customers/{customer}");
            let etag = garage.admin.get(&path).await.etag();
            garage.admin.change("DELETE", &path, &etag, Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        }
        let list = format!("/v1/customers?limit=2&updatedSince={since}");
        let first = garage.mechanic.get(&list).await.ok();
        let removed = |page: &Value| page["removed"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        assert_eq!((removed(&first), first["items"].as_array().unwrap().len()), (made[..2].iter().map(|id| json!(id)).collect(), 0));
        let cursor = first["nextCursor"].as_str().unwrap();
        let second = garage.mechanic.get(&format!("{list}&cursor={cursor}")).await.ok();
        assert_eq!((removed(&second), &second["items"][0]["id"], &second["nextCursor"]), (vec![json!(made[2])], &json!(made[3]), &Value::Null));
        garage.mechanic.get(&format!("/v1/customers?cursor={cursor}")).await.wrong(&["cursor cursor_invalid"]);
        // On the pages of items that follow, nothing more is told.
        garage.customer("e@pages.example").await;
        garage.customer("f@pages.example").await;
        let list = format!("/v1/customers?limit=2&search=pages&updatedSince={since}");
        let first = garage.mechanic.get(&list).await.ok();
        let second = garage.mechanic.get(&format!("{list}&cursor={}", first["nextCursor"].as_str().unwrap())).await.ok();
        let third = garage.mechanic.get(&format!("{list}&cursor={}", second["nextCursor"].as_str().unwrap())).await.ok();
        assert_eq!((removed(&second).len(), second["items"].as_array().unwrap().len()), (1, 2));
        assert_eq!((removed(&third).len(), third["items"].as_array().unwrap().len()), (0, 1));
    }

    async fn ls1_an_archived_passport_is_gone_from_a_list_without_them_and_all_is_forgotten(server) {
        let garage = server.garage("away-ls1").await;
        let (driver, _, car) = garage.driver("jan@away-ls1.example").await;
        let since = server.now();
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let count = async |actor: &Actor<'_>, query: &str| {
            let page = actor.get(&format!("/v1/passports?updatedSince={since}{query}")).await.ok();
            page["removed"].as_array().map(Vec::len)
        };
        assert_eq!(count(&garage.admin, "").await, Some(0), "it is among the items");
        assert_eq!(count(&garage.admin, "&status=invited,active").await, Some(1));
        assert_eq!(count(&garage.admin, "&status=archived").await, Some(0));
        assert_eq!(count(&driver, "").await, Some(1));
        let fleet = garage.fleet("fleet-ls1").await;
        garage.admin.act(&format!("/v1/fleets/{}/close", fleet.id)).await.ok();
        for (query, closed) in [("", 0), ("&status=open,closed", 0), ("&status=open", 1)] {
            let page = garage.mechanic.get(&format!("/v1/fleets?updatedSince={since}{query}")).await.ok();
            assert_eq!((page["removed"].as_array().unwrap().len(), page["items"].as_array().unwrap().len()), (closed, 1 - closed), "{query}");
        }
        server.pass(jiff::SignedDuration::from_hours(24 * 92));
        let driver = server.sign_in(&driver.email, crate::support::PASSWORD).await;
        assert_eq!(count(&driver, "").await, None, "the list must be read anew");
        let left = server.store().write(|tx| persistence::removal::delete_older(tx, server.now())).unwrap();
        assert_eq!(left, 0, "deleted by housekeeping");
    }

    async fn ls2_what_a_passport_shows_of_others_changes_its_updated_at(server) {
        let garage = server.garage("shows").await;
        let (driver, customer, car) = garage.driver("jan@shows.example").await;
        let path = format!("/v1/passports/{car}");
        let mut before = garage.admin.get(&path).await;
        for (number, (actor, of, change)) in [
            (&garage.admin, format!("/v1/customers/{customer}"), json!({ "name": "Jan de Vries" })),
            (&driver, "/v1/account".to_owned(), json!({ "name": "Jan" })),
            (&garage.admin, "/v1/garage".to_owned(), json!({ "name": "Garage Shows" })),
        ].into_iter().enumerate() {
            server.pass_idle(jiff::SignedDuration::from_secs(1));
            let since = server.now();
            assert!(garage.admin.get(&format!("/v1/passports?updatedSince={since}")).await.items().is_empty());
            actor.patch(&of, change).await.ok();
            let after = garage.admin.get(&path).await;
            assert_ne!(after.etag(), before.etag(), "{of}");
            let changed_at: domain::Instant = after.body["updatedAt"].as_str().unwrap().parse().unwrap();
            assert_eq!((&after.body["version"], changed_at), (&before.body["version"], since), "{of}");
            let listed = garage.admin.get(&format!("/v1/passports?updatedSince={since}")).await.items();
            assert_eq!(listed.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&json!(car)], "{of}");
            // What nobody changed in the passport itself refuses nobody's change of it.
            let change = garage.admin.change("PATCH", &path, &before.etag(), json!({ "model": format!("Golf {number}") })).await;
            change.expect(reqwest::StatusCode::OK);
            before = garage.admin.get(&path).await;
        }
    }

    async fn what_has_no_letter_or_digit_finds_nothing(server) {
        let garage = server.garage("sought").await;
        garage.fleet("fleet-sought").await;
        let customer = garage.customer("jan@sought.example").await;
        garage.invited_passport(&customer).await;
        let document = &server.contract.document["paths"];
        let mut searched = 0;
        for (path, item) in document.as_object().unwrap() {
            let parameters = server.contract.parameters(&item["get"]);
            if !parameters.iter().any(|parameter| parameter["name"] == "search") {
                continue;
            }
            searched += 1;
            for typed in ["-", "%F0%9F%98%80", "%25", "_", "%26+-+.", "%CC%81"] {
                let answer = garage.admin.get(&format!("/v1{path}?search={typed}")).await;
                answer.wrong(&["search no_letter_or_digit"]);
            }
            garage.admin.get(&format!("/v1{path}?search=jan+-+%F0%9F%98%80")).await.ok();
        }
        assert_eq!(searched, 5);
    }
}
