//! Customers over HTTP.

use crate::{both, support::plate};
use serde_json::{Value, json};

both! {
    async fn cu1_a_record_is_made_read_changed_and_deleted(server) {
        let garage = server.garage("crud").await;
        let body = json!({
            "kind": "person", "name": " Zoë de Jong ", "email": "Zoe@crud.example", "mobile": "+31 6 1234 5678",
            "address": { "street": "Dorpsstraat 1", "postcode": "1234 AB", "place": "Zaandam", "country": "nl" },
            "drivingBehaviour": { "kmPerYear": 18000, "usage": "commute" }, "notes": "Belt\nna negen."
        });
        let made = garage.advisor.post("/v1/customers", body).await;
        let path = made.header("location").to_owned();
        let made = made.created();
        assert_eq!((made["name"].as_str(), made["mobile"].as_str(), made["address"]["country"].as_str()), (Some("Zoë de Jong"), Some("+31612345678"), Some("NL")));
        let changed = garage.advisor.patch(&path, json!({ "mobile": null, "drivingBehaviour": { "kmPerYear": 20000 } })).await.ok();
        assert_eq!((&changed["mobile"], &changed["drivingBehaviour"]["usage"], changed["email"].as_str()), (&Value::Null, &Value::Null, Some("Zoe@crud.example")));
        garage.advisor.patch(&path, json!({ "name": null })).await.wrong(&["#/name wrong_type"]);
        let etag = garage.advisor.get(&path).await.etag();
        garage.advisor.change("DELETE", &path, "\"1\"", Value::Null).await.problem(412, "precondition_failed");
        garage.advisor.change("DELETE", &path, &etag, Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        garage.advisor.get(&path).await.problem(404, "not_found");
    }

    async fn cu8_records_that_may_be_of_one_customer_are_hinted_at(server) {
        let (garage, other) = (server.garage("cu8").await, server.garage("cu8b").await);
        let person = |name: &str, email: &str, mobile: Option<&str>| json!({ "kind": "person", "name": name, "email": email, "mobile": mobile });
        let first = garage.advisor.post("/v1/customers", person("Jan Jansen", "jan@cu8.example", Some("06-12345678"))).await.created();
        assert_eq!(first["possibleDuplicates"], json!([]));
        other.advisor.post("/v1/customers", person("Jan Jansen", "jan@cu8.example", None)).await.created();
        let why = |of: &Value, why: Value| json!([{ "id": of["id"], "name": of["name"], "why": why }]);
        let again = person("J. Jansen", "JAN@cu8.example", Some("+31 6 1234 5678"));
        let second = garage.advisor.post("/v1/customers", again).await.created();
        assert_eq!(second["possibleDuplicates"], why(&first, json!(["email", "mobile"])));
        let partner = garage.advisor.post("/v1/customers", person("Els Bakker", "els@cu8.example", Some("0612345678"))).await.created();
        assert_eq!(partner["possibleDuplicates"], json!([]), "one telephone, and two people");
        // It is seen whenever the record is read, and in no list.
        let path = |of: &Value| format!("/v1/customers/{}", of["id"].as_str().unwrap());
        let read = garage.mechanic.get(&path(&first)).await.ok();
        assert_eq!((&read["possibleDuplicates"], &read["updatedAt"]), (&why(&second, json!(["email", "mobile"])), &first["updatedAt"]));
        let listed = garage.mechanic.get("/v1/customers").await.items();
        assert!(listed.iter().all(|one| one["possibleDuplicates"].is_null()));
        // One that is changed so that it is like another is hinted at too.
        let moved = garage.advisor.patch(&path(&partner), json!({ "name": "Jan Jansen", "mobile": null })).await.ok();
        assert_eq!(moved["possibleDuplicates"], json!([]));
        let moved = garage.advisor.patch(&path(&partner), json!({ "email": "jan@cu8.example" })).await.ok();
        let named: Vec<&Value> = moved["possibleDuplicates"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(named, [&first["id"], &second["id"]]);
        for number in 0..6 {
            garage.advisor.post("/v1/customers", person(&format!("Jansen {number}"), "many@cu8.example", None)).await.created();
        }
        let last = garage.advisor.post("/v1/customers", person("Jansen", "many@cu8.example", None)).await.created();
        assert_eq!(last["possibleDuplicates"].as_array().unwrap().len(), 5);
    }

    async fn cu8_a_record_that_is_made_beside_something_else_is_hinted_at_too(server) {
        let (garage, other) = (server.garage("cu8c").await, server.garage("cu8d").await);
        let person = |name: &str, email: &str| json!({ "kind": "person", "name": name, "email": email, "mobile": "06-12345678" });
        let first = garage.advisor.post("/v1/customers", person("Jan Jansen", "jan@cu8c.example")).await.created();
        let why = |why: Value| json!([{ "id": first["id"], "name": "Jan Jansen", "why": why }]);
        let with = |customer: Value| json!({ "licencePlate": { "number": plate() }, "customer": customer });
        let same_email = garage.advisor.post("/v1/passports", with(person("J. Jansen", "JAN@cu8c.example"))).await.created();
        assert_eq!(same_email["possibleDuplicateCustomers"], why(json!(["email", "mobile"])));
        let made = same_email["id"].as_str().unwrap();
        assert_eq!(garage.advisor.get(&format!("/v1/passports/{made}")).await.ok()["possibleDuplicateCustomers"], json!(null));
        garage.advisor.patch(&format!("/v1/customers/{}", same_email["customer"]["id"].as_str().unwrap()), json!({ "name": "Els Bakker" })).await.ok();
        let same_number = garage.advisor.post("/v1/passports", with(person("Jan Jansen", "other@cu8c.example"))).await.created();
        assert_eq!(same_number["possibleDuplicateCustomers"], why(json!(["mobile"])));
        let nobody = garage.advisor.post("/v1/passports", with(person("Piet Bakker", "piet@cu8c.example"))).await.created();
        assert_eq!(nobody["possibleDuplicateCustomers"], json!([]), "the telephone of others, with another name");
        let known = json!({ "licencePlate": { "number": plate() }, "customerId": first["id"] });
        assert_eq!(garage.advisor.post("/v1/passports", known).await.created()["possibleDuplicateCustomers"], json!(null));
        // Whoever asks for a car of another garage is told the same.
        let (_, _, car) = other.driver("owner@cu8d.example").await;
        other.admin.patch(&format!("/v1/passports/{car}"), json!({ "vin": "WV2ZZZ7HZDH124711" })).await.ok();
        let number = other.plate_of(&car).await;
        let ask = async |name: &str| {
            let customer = json!({ "kind": "person", "name": name, "email": "jan@cu8c.example" });
            let body = json!({ "licencePlate": { "number": number }, "vinEnd": "4711", "customer": customer });
            let change = garage.advisor.post("/v1/garage-changes", body).await.created();
            let path = format!("/v1/garage-changes/{}", change["id"].as_str().unwrap());
            garage.advisor.act(&format!("{path}/withdraw")).await.ok();
            change["possibleDuplicateCustomers"].clone()
        };
        assert_eq!(ask("Jansen").await, why(json!(["email"])));
        assert_eq!(ask("jan jansen").await, json!(null), "no record was made");
    }

    async fn cu3_a_number_is_read_as_it_is_written_and_shown_in_both_forms(server) {
        let garage = server.garage("phones").await;
        let customer = |mobile: &str, country: Option<&str>| {
            let address = country.map(|country| json!({ "country": country }));
            json!({ "kind": "person", "name": "Jan", "mobile": mobile, "address": address })
        };
        for (typed, country, number, shown) in [
            ("06-12345678", None, "+31612345678", "06 12 34 56 78"),
            ("06 12 34 56 78", Some("NL"), "+31612345678", "06 12 34 56 78"),
            ("0031612345678", None, "+31612345678", "06 12 34 56 78"),
            ("+31 (0)6 12345678", None, "+31612345678", "06 12 34 56 78"),
            ("075-6123456", None, "+31756123456", "075 612 34 56"),
            ("0475/12.34.56", Some("BE"), "+32475123456", "0475 12 34 56"),
            ("06-12345678", Some("BE"), "+31612345678", "+31 6 12345678"),
            ("0151 23456789", Some("DE"), "+4915123456789", "01512 3456789"),
        ] {
            let made = garage.advisor.post("/v1/customers", customer(typed, country)).await.created();
            assert_eq!((&made["mobile"], &made["mobileShown"]), (&json!(number), &json!(shown)), "{typed}");
        }
        let path = format!("/v1/customers/{}", garage.customer("jan@phones.example").await);
        let changed = garage.advisor.patch(&path, json!({ "mobile": "0475 12 34 56", "address": { "country": "BE" } })).await.ok();
        assert_eq!(changed["mobile"], "+32475123456", "by the country that it has now");
        let changed = garage.advisor.patch(&path, json!({ "mobile": "+32475123456" })).await.ok();
        assert_eq!(changed["mobileShown"], "0475 12 34 56", "what was shown can be sent back");
        let mut customer = customer("06-87654321", None);
        customer["email"] = json!("piet@phones.example");
        let car = json!({ "licencePlate": { "number": crate::support::plate() }, "customer": customer });
        let car = garage.advisor.post("/v1/passports", car).await.created();
        assert_eq!((&car["customer"]["mobile"], &car["customer"]["mobileShown"]), (&json!("+31687654321"), &json!("06 87 65 43 21")));
        let changed = garage.admin.patch("/v1/garage", json!({ "phone": "020-1234567" })).await.ok();
        assert_eq!((&changed["phone"], &changed["phoneShown"]), (&json!("+31201234567"), &json!("020 123 45 67")));
    }

    async fn cu4_an_address_without_a_country_is_in_that_of_the_garage(server) {
        let garage = server.garage("home").await;
        let body = json!({ "kind": "person", "name": "Jan", "address": { "postcode": "1234ab" } });
        let made = garage.advisor.post("/v1/customers", body.clone()).await.created();
        assert_eq!((&made["address"]["postcode"], &made["address"]["country"]), (&json!("1234 AB"), &json!("NL")));
        let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
        garage.admin.patch("/v1/garage", json!({ "address": { "country": "BE" } })).await.ok();
        let moved = garage.admin.patch("/v1/garage", json!({ "address": { "place": "Gent", "postcode": "B-9000" } })).await.ok();
        assert_eq!((&moved["address"]["postcode"], &moved["address"]["country"]), (&json!("9000"), &json!("BE")));
        garage.advisor.post("/v1/customers", body).await.wrong(&["#/address/postcode postcode_invalid"]);
        let changed = garage.advisor.patch(&path, json!({ "address": { "place": "Gent" } })).await.ok();
        assert_eq!((&changed["address"]["place"], &changed["address"]["country"]), (&json!("Gent"), &json!("NL")), "it stays in its country");
        let changed = garage.advisor.patch(&path, json!({ "address": { "place": "Gent", "country": "BE" } })).await.ok();
        assert_eq!(changed["address"]["country"], "BE");
    }

    async fn cu3_cu4_what_is_no_number_and_no_postcode_is_refused_by_name(server) {
        let garage = server.garage("nonumber").await;
        let customer = |mobile: &str, postcode: &str, country: &str| {
            json!({ "kind": "person", "name": "Jan", "mobile": mobile, "address": { "postcode": postcode, "country": country } })
        };
        let post = async |body: Value| garage.advisor.post("/v1/customers", body).await;
        for mobile in ["geheim", "06-1234567", "06-12345678 / 075-6123456", "+31", "1234", "06-12345678 (werk)"] {
            post(customer(mobile, "1234 AB", "NL")).await.wrong(&["#/mobile phone_invalid"]);
        }
        for (postcode, country) in [("0123 AB", "NL"), ("ZZZZ", "NL"), ("1234 SS", "NL"), ("1234", "NL"), ("1234 AB", "BE"), ("5066", "DE")] {
            post(customer("06-12345678", postcode, country)).await.wrong(&["#/address/postcode postcode_invalid"]);
        }
        post(customer("geheim", "0123 AB", "NL")).await.wrong(&["#/address/postcode postcode_invalid", "#/mobile phone_invalid"]);
        assert!(garage.admin.get("/v1/customers").await.items().is_empty());
        let within = json!({ "licencePlate": { "number": crate::support::plate() }, "customer": customer("geheim", "0123 AB", "NL") });
        garage.advisor.post("/v1/passports", within).await.wrong(&["#/customer/address/postcode postcode_invalid", "#/customer/mobile phone_invalid"]);
        let path = format!("/v1/customers/{}", garage.customer("jan@nonumber.example").await);
        let change = json!({ "mobile": "geheim", "address": { "postcode": "ZZZZ", "country": "NL" } });
        garage.advisor.patch(&path, change).await.wrong(&["#/address/postcode postcode_invalid", "#/mobile phone_invalid"]);
        let change = json!({ "phone": "geheim", "address": { "postcode": "ZZZZ", "country": "NL" } });
        garage.admin.patch("/v1/garage", change).await.wrong(&["#/address/postcode postcode_invalid", "#/phone phone_invalid"]);
    }

    async fn cu4_a_postcode_is_kept_as_its_country_writes_it(server) {
        let garage = server.garage("codes").await;
        for (typed, country, written) in [
            ("1234ab", "NL", "1234 AB"),
            ("1234-AB", "NL", "1234 AB"),
            ("B-9000", "BE", "9000"),
            ("D-50667", "DE", "50667"),
            ("L-1234", "LU", "1234"),
            ("100-0001", "JP", "100-0001"),
        ] {
            let body = json!({ "kind": "person", "name": "Jan", "address": { "postcode": typed, "country": country } });
            let made = garage.advisor.post("/v1/customers", body).await.created();
            assert_eq!(made["address"]["postcode"], written, "{typed}");
        }
        let address = json!({ "street": "Dorpsstraat 12", "postcode": "1234ab", "place": "Zaandam", "country": "NL" });
        let changed = garage.admin.patch("/v1/garage", json!({ "address": address })).await.ok();
        assert_eq!(changed["address"]["postcode"], "1234 AB");
    }

    async fn cu5_people_are_found_as_they_are_written(server) {
        let garage = server.garage("written").await;
        for (name, mobile, postcode) in [
            ("Fatima Yılmaz", "06-98765432", "4321 ZX"),
            ("Seán O'Brien", "06-11111111", "1111 AA"),
            ("Jan van den Berg", "06-22222222", "2222 BB"),
            ("Bäckerei Straße", "06-33333333", "3333 CC"),
        ] {
            let body = json!({ "kind": "person", "name": name, "mobile": mobile, "address": { "postcode": postcode, "country": "NL" } });
            garage.admin.post("/v1/customers", body).await.created();
        }
        let names = async |query: &str| -> Vec<String> {
            let found = garage.mechanic.get(&format!("/v1/customers?search={query}")).await.items();
            found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        for (typed, name) in [
            ("yilmaz", "Fatima Yılmaz"),
            ("06%2098765432", "Fatima Yılmaz"),
            ("%2B31%20(0)6%2098765432", "Fatima Yılmaz"),
            ("0031698765432", "Fatima Yılmaz"),
            ("4321zx", "Fatima Yılmaz"),
            ("4321%20ZX", "Fatima Yılmaz"),
            ("obrien", "Seán O'Brien"),
            ("o'brien", "Seán O'Brien"),
            ("vandenberg", "Jan van den Berg"),
            ("strasse", "Bäckerei Straße"),
        ] {
            assert_eq!(names(typed).await, [name], "{typed}");
        }
    }

    async fn cu6_a_misspelled_mail_house_is_hinted_at_and_never_refused(server) {
        let garage = server.garage("slips").await;
        let customer = |email: &str| json!({ "kind": "person", "name": "Jan", "email": email });
        let made = garage.advisor.post("/v1/customers", customer("Jan@gmial.com")).await.created();
        assert_eq!((&made["email"], &made["emailSuggestion"]), (&json!("Jan@gmial.com"), &json!("Jan@gmail.com")));
        let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
        let mended = garage.advisor.patch(&path, json!({ "email": made["emailSuggestion"] })).await.ok();
        assert_eq!((&mended["email"], &mended["emailSuggestion"]), (&json!("Jan@gmail.com"), &Value::Null));
        let made = garage.advisor.post("/v1/customers", customer("jan@jansen.example")).await.created();
        assert_eq!(made["emailSuggestion"], Value::Null);
    }

    async fn cu7_names_have_parts_and_sort_by_the_surname(server) {
        let garage = server.garage("parts").await;
        let customer = |kind: &str, name: &str, country: &str| json!({ "kind": kind, "name": name, "address": { "country": country } });
        let parts = |one: &Value| json!([one["givenName"], one["namePrefix"], one["surname"]]);
        for (kind, name, country, split) in [
            ("person", "Piet Zwart", "NL", json!(["Piet", null, "Zwart"])),
            ("person", "Jan van den Berg", "NL", json!(["Jan", "van den", "Berg"])),
            ("person", "Luc Van den Bossche", "BE", json!(["Luc", "Van den", "Bossche"])),
            ("person", "Jan en Els Vos", "NL", json!([null, null, null])),
            ("company", "Café de Tijd", "NL", json!([null, null, null])),
        ] {
            let made = garage.advisor.post("/v1/customers", customer(kind, name, country)).await.created();
            assert_eq!(parts(&made), split, "{name}");
        }
        let names = async || -> Vec<String> {
            let all = garage.mechanic.get("/v1/customers").await.items();
            all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names().await, ["Jan van den Berg", "Café de Tijd", "Jan en Els Vos", "Luc Van den Bossche", "Piet Zwart"]);
        let first = garage.mechanic.get("/v1/customers?limit=1").await.ok();
        let next = garage.mechanic.get(&format!("/v1/customers?limit=1&cursor={}", first["nextCursor"].as_str().unwrap())).await.items();
        assert_eq!(next[0]["name"], "Café de Tijd");
        // What was split wrongly can be corrected.
        let body = json!({ "kind": "person", "name": "Ana Maria Lopez", "givenName": "Ana", "surname": "Maria Lopez" });
        let made = garage.advisor.post("/v1/customers", body).await;
        let path = made.header("location").to_owned();
        assert_eq!(parts(&made.created()), json!(["Ana", null, "Maria Lopez"]));
        let change = async |body: Value| garage.advisor.patch(&path, body).await;
        assert_eq!(parts(&change(json!({ "notes": "x" })).await.ok()), json!(["Ana", null, "Maria Lopez"]), "it stays so");
        assert_eq!(parts(&change(json!({ "namePrefix": "da" })).await.ok()), json!(["Ana", "da", "Maria Lopez"]));
        change(json!({ "surname": null })).await.wrong(&["#/surname required"]);
        assert_eq!(parts(&change(json!({ "name": "Ana da Silva" })).await.ok()), json!(["Ana", "da", "Silva"]));
        let nothing = json!({ "givenName": null, "namePrefix": null, "surname": null });
        assert_eq!(parts(&change(nothing).await.ok()), json!([null, null, null]));
        change(json!({ "kind": "company", "surname": "Silva" })).await.wrong(&["#/surname conflicts_with_other"]);
        change(json!({ "kind": "company", "givenName": "Ana" })).await.wrong(&["#/givenName conflicts_with_other"]);
        let body = json!({ "kind": "company", "name": "Jansen", "givenName": "Jan", "namePrefix": "de" });
        garage.advisor.post("/v1/customers", body).await.wrong(&["#/givenName conflicts_with_other", "#/namePrefix conflicts_with_other"]);
        let body = json!({ "kind": "person", "name": "Jan", "givenName": "Jan" });
        garage.advisor.post("/v1/customers", body).await.wrong(&["#/surname required"]);
        let body = json!({ "kind": "company", "name": "Jansen", "surname": "Jansen" });
        garage.advisor.post("/v1/customers", body).await.wrong(&["#/surname conflicts_with_other"]);
    }

    async fn a_day_in_another_order_is_hinted_at(server) {
        let garage = server.garage("days").await;
        for (typed, code) in [("25-02-2026", "date_swapped"), ("2026-25-02", "date_swapped"), ("2026-02-30", "date_invalid")] {
            let source = json!({ "how": "sale_or_service", "on": typed, "objectionOffered": true });
            let body = json!({ "kind": "person", "name": "Jan", "email": "jan@days.example", "emailSource": source });
            let answer = garage.advisor.post("/v1/customers", body).await;
            answer.wrong(&[&format!("#/emailSource/on {code}")]);
            if code == "date_swapped" {
                assert_eq!(answer.body["errors"][0]["detail"], "is not a day such as 2026-03-01: was 2026-02-25 meant?");
            }
        }
    }

    async fn a_change_that_changes_nothing_is_none(server) {
        let garage = server.garage("same").await;
        let path = format!("/v1/customers/{}", garage.customer("jan@same.example").await);
        let before = (garage.admin.get(&path).await.etag(), garage.events().await.len());
        for body in [json!({}), json!({ "email": "jan@same.example" })] {
            garage.admin.patch(&path, body).await.ok();
            assert_eq!((garage.admin.get(&path).await.etag(), garage.events().await.len()), before);
        }
        assert_eq!(garage.admin.patch(&path, json!({ "email": "Jan@same.example" })).await.ok()["email"], "Jan@same.example");
    }

    async fn cu2_a_record_in_use_stays(server) {
        let garage = server.garage("inuse").await;
        let customer = garage.customer("jan@inuse.example").await;
        let passport = garage.invited_passport(&customer).await;
        let path = format!("/v1/customers/{customer}");
        garage.admin.change("DELETE", &path, "*", Value::Null).await.problem(409, "customer_has_passports");
        garage.admin.act(&format!("/v1/passports/{passport}/archive")).await.ok();
        garage.admin.change("DELETE", &path, "*", Value::Null).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert!(garage.admin.get(&format!("/v1/passports/{passport}")).await.ok()["customer"].is_null());
    }

    async fn search_finds_by_the_beginnings_of_words(server) {
        let garage = server.garage("find").await;
        for (name, place) in [("Zoë de Jong", "Zaandam"), ("Bakkerij Jansen", "Assen"), ("Jan Zandstra", "Zaandam")] {
            let body = json!({ "kind": "person", "name": name, "address": { "place": place, "country": "NL" } });
            garage.admin.post("/v1/customers", body).await.created();
        }
        let names = async |query: &str| -> Vec<String> {
            let found = garage.mechanic.get(&format!("/v1/customers?search={query}")).await.items();
            found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("zoe").await, ["Zoë de Jong"]);
        assert_eq!(names("JAN").await, ["Bakkerij Jansen", "Jan Zandstra"]);
        assert_eq!(names("zaan%20jo").await, ["Zoë de Jong"]);
        assert_eq!(names("andstra").await, Vec::<String>::new());
        assert_eq!(names("zaan%20%25").await, ["Zoë de Jong", "Jan Zandstra"], "a sign that is no word changes nothing");
    }
}
