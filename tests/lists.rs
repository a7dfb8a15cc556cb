//! What holds for every list of the document.

use crate::{
    both,
    budget::grow,
    support::{Backend, Scene},
};

async fn every_list_knows_its_cursors_and_what_changed(backend: Backend) {
    let scene = Scene::prepare(backend).await;
    let server = scene.open().await;
    grow(&scene, &server).await;
    let advisor = scene.actor(&server, "advisor");
    let mut given: Vec<(String, String)> = Vec::new();
    let lists = Scene::operations().into_iter().filter(|request| request.operation.starts_with("list"));
    for request in lists {
        let path = scene.path(&request, "advisor");
        for query in ["limit=1", "limit=1&updatedSince=2020-01-01T00:00:00Z"] {
            let page = advisor.get(&format!("{path}?{query}")).await.ok();
            let cursor = page["nextCursor"].as_str().unwrap_or_else(|| panic!("{path} has one page only"));
            given.push((format!("{path}?{query}"), cursor.to_owned()));
        }
        let later = advisor.get(&format!("{path}?updatedSince=2100-01-01T00:00:00Z")).await.ok();
        assert_eq!(later["items"].as_array().map(Vec::len), Some(0), "{path} does not heed updatedSince");
    }
    for list in
        ["passports?limit=1&sort=-createdAt", "passports?limit=1&sort=createdAt", "transfers?limit=1&sort=-offeredAt"]
    {
        let page = advisor.get(&format!("/v1/{list}")).await.ok();
        given.push((format!("/v1/{list}"), page["nextCursor"].as_str().unwrap().to_owned()));
    }
    assert!(given.len() > 20, "{given:?}");
    for (list, _) in &given {
        for (giver, cursor) in &given {
            let answer = advisor.get(&format!("{list}&cursor={cursor}")).await;
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
