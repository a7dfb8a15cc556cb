//! What holds for every list of the document.

use crate::{
    both,
    budget::{grow, reader_of},
    support::{Actor, Backend, Scene},
};
use serde_json::{Value, json};

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
