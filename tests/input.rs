//! Bad input: each kind gets a clear answer that names the place and the rule, and nothing is stored.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a JSON value are the standard's, and will not grow")]

use crate::{
    both,
    support::{Actor, Server},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const UNKNOWN: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

both! {
    async fn bodies_that_cannot_be_read(server) {
        let garage = server.garage("bodies").await;
        let send = async |content_type: &str, body: &[u8]| {
            garage.admin.send("POST", "/v1/customers", &[("content-type", content_type)], Some(body.to_vec())).await
        };
        for malformed in [&b"{"[..], b"", b"[]", b"null", b"\"text\"", b"{\"name\": \"\xff\xfe\"}", b"{\"a\":1}}"] {
            send("application/json", malformed).await.problem(400, "malformed_json");
        }
        for (text, place) in [("{\n  \"name\": Jan }", "line 2, column 11"), ("{} }", "line 1, column 4"), ("{\"name\":", "line 1, column 8")] {
            let answer = send("application/json", text.as_bytes()).await;
            answer.problem(400, "malformed_json");
            let error = json!([{ "pointer": "#", "code": "not_json", "detail": format!("is not JSON at {place}") }]);
            assert_eq!(answer.body["errors"], error, "{text}");
        }
        assert_eq!(send("application/json", b"[]").await.body.get("errors"), None);
        let deep = "[".repeat(10_000);
        send("application/json", format!("{{\"name\":{deep}").as_bytes()).await.problem(400, "malformed_json");
        for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            send(content_type, b"{}").await.problem(415, "unsupported_media_type");
        }
        send("application/json", format!("{{\"name\":\"{}\"}}", "x".repeat(70_000)).as_bytes()).await.problem(413, "payload_too_large");
        send("application/json; charset=utf-8", b"{\"kind\":\"person\",\"name\":\"Jan\"}").await.created();
    }

    async fn everything_that_is_wrong_is_named_at_once(server) {
        let garage = server.garage("all").await;
        let body = json!({
            "kind": "dog", "email": "no", "mobile": "", "language": 7, "notes": "x".repeat(4001), "unknown": true,
            "address": { "country": "NLD", "street": "a\u{0}b", "more": 1 }, "drivingBehaviour": { "kmPerYear": -1 },
        });
        garage.admin.post("/v1/customers", body).await.wrong(&[
            "#/kind unknown_value",
            "#/name required",
            "#/email email_invalid",
            "#/mobile blank",
            "#/address/street control_character",
            "#/address/country country_invalid",
            "#/address/more unknown_property",
            "#/language wrong_type",
            "#/drivingBehaviour/kmPerYear out_of_range",
            "#/notes too_long",
            "#/unknown unknown_property",
        ]);
        for (name, code) in [(json!(""), "blank"), (json!("  "), "blank"), (json!("x".repeat(101)), "too_long"), (json!("a\u{202E}b"), "control_character"), (json!(3), "wrong_type"), (Value::Null, "wrong_type")] {
            garage.admin.post("/v1/customers", json!({ "kind": "person", "name": name })).await.wrong(&[&format!("#/name {code}")]);
        }
        assert!(garage.admin.get("/v1/customers").await.items().is_empty());
    }

    async fn plates(server) {
        let garage = server.garage("plates").await;
        let customer = garage.customer("jan@plates.example").await;
        let new = |number: &str, country: Option<&str>| json!({ "licencePlate": { "number": number, "country": country }, "customerId": customer });
        for (number, country, code) in [
            ("ABC-DE-F", None, "licence_plate_layout"),
            ("123456", None, "licence_plate_layout"),
            ("TT-601-D1", None, "licence_plate_layout"),
            ("ß-601-D", None, "licence_plate_character"),
            ("-", None, "blank"),
            ("ABCDEFGHIJKLM", Some("DE"), "too_long"),
        ] {
            garage.admin.post("/v1/passports", new(number, country)).await.wrong(&[&format!("#/licencePlate/number {code}")]);
        }
        let german = garage.admin.post("/v1/passports", new("b-mw 1234", Some("de"))).await.created();
        assert_eq!(german["licencePlate"], json!({ "country": "DE", "number": "B-MW1234", "shown": "B-MW 1234" }));
        garage.admin.get("/v1/passports?plate=%C3%9F").await.wrong(&["plate licence_plate_character"]);
        garage.admin.get("/v1/passports?plate=%C3%9F&status=new").await.wrong(&["plate licence_plate_character", "status unknown_value"]);
    }

    async fn a_property_stands_once_in_its_object(server) {
        let garage = server.garage("repeated").await;
        let send = async |path: &str, kind: &str, body: &str| {
            garage.admin.send("POST", path, &[("content-type", kind)], Some(body.as_bytes().to_vec())).await
        };
        let twice = r#"{"kind":"person","name":"Jan","name":"Jan","address":{"country":"NL","street":"A 1","street":"A 1"},"email":"no","x":[{"y":1,"y":1}]}"#;
        send("/v1/customers", "application/json", twice).await.wrong(&[
            "#/address/street repeated_property",
            "#/name repeated_property",
            "#/x/0/y repeated_property",
            "#/email email_invalid",
            "#/x unknown_property",
        ]);
        let line = format!(r#"{{"licencePlate":{{"number":"{0}","number":"{0}"}},"customer":{{"kind":"person","name":"Jan"}}}}"#, crate::support::plate());
        let answer = send("/v1/passport-imports", "application/x-ndjson", &line).await.ok();
        let errors = &answer["refusedLines"][0]["problem"]["errors"];
        assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("#/licencePlate/number"), &json!("repeated_property")));
        assert!(garage.admin.get("/v1/customers").await.items().is_empty());
    }

    async fn a_wrong_plate_is_named_with_all_else(server) {
        let garage = server.garage("plates-all").await;
        let customer = garage.customer("jan@plates-all.example").await;
        let (plate, line, character) = (
            "#/licencePlate/number licence_plate_layout",
            json!({ "licencePlate": { "number": "ABC-DE-F" }, "year": "old", "customer": { "kind": "person" }, "customerId": UNKNOWN }),
            json!({ "licencePlate": { "number": "ß", "country": "ZZ", "more": 1 }, "year": 1 }),
        );
        let wrong = ["#/customer conflicts_with_other", plate, "#/customer/name required", "#/year wrong_type"];
        let wrong_too = [
            "#/customerId one_required",
            "#/licencePlate/number licence_plate_character",
            "#/licencePlate/country country_invalid",
            "#/licencePlate/more unknown_property",
            "#/year out_of_range",
        ];
        garage.admin.post("/v1/passports", line.clone()).await.wrong(&wrong);
        garage.admin.post("/v1/passports", character.clone()).await.wrong(&wrong_too);
        let lines = format!("{line}\n{character}\n").into_bytes();
        let headers = [("content-type", "application/x-ndjson")];
        let answer = garage.admin.send("POST", "/v1/passport-imports", &headers, Some(lines)).await.ok();
        for (line, wrong) in [(0, &wrong[..]), (1, &wrong_too[..])] {
            let errors = answer["refusedLines"][line]["problem"]["errors"].as_array().unwrap();
            let found = errors.iter().map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()));
            assert_eq!(found.collect::<Vec<_>>(), wrong);
        }
        let path = format!("/v1/passports/{}", garage.invited_passport(&customer).await);
        let change = json!({ "licencePlate": { "number": "ABC-DE-F" }, "vin": "short" });
        garage.admin.patch(&path, change).await.wrong(&[plate, "#/vin vin_invalid"]);
        let fleet = |begin: &str| json!({ "begin": begin, "customerId": 7, "email": "no", "password": (begin == "invited").then_some("vier blije fietsen op dinsdag") });
        for (begin, code) in [("invited", "conflicts_with_other"), ("prepared", "required")] {
            let wrong = format!("#/password {code}");
            garage.admin.post("/v1/fleets", fleet(begin)).await.wrong(&[&wrong, "#/customerId wrong_type", "#/email email_invalid"]);
        }
    }

    async fn a_value_of_the_wrong_type_is_told_which_is_right(server) {
        let garage = server.garage("kinds").await;
        let body = json!({
            "kind": "person", "name": 7, "address": "Dorpsstraat 12", "acceptsCalls": "ja",
            "drivingBehaviour": { "kmPerYear": "veel", "severeUse": "dust" },
        });
        let headers = [("content-type", "application/json"), ("accept-language", "nl")];
        let answer = garage.admin.send("POST", "/v1/customers", &headers, Some(body.to_string().into_bytes())).await;
        let errors = answer.problem(400, "invalid_request").body["errors"].as_array().unwrap();
        for (pointer, detail) in [
            ("#/name", "moet tekst zijn"),
            ("#/address", "moet een JSON-object zijn"),
            ("#/acceptsCalls", "moet true of false zijn"),
            ("#/drivingBehaviour/kmPerYear", "moet een geheel getal zijn"),
            ("#/drivingBehaviour/severeUse", "moet een lijst (een JSON-array) zijn"),
        ] {
            let error = errors.iter().find(|error| error["pointer"] == pointer).unwrap_or_else(|| panic!("{pointer} is not named"));
            assert_eq!((&error["code"], &error["detail"]), (&json!("wrong_type"), &json!(detail)), "{pointer}");
        }
    }

    async fn what_is_wrong_in_one_step_is_named_together(server) {
        let garage = server.garage("steps").await;
        let customer = json!({ "licencePlate": { "number": "ABC-DE-F" }, "customerId": UNKNOWN, "customer": { "kind": "dog" } });
        garage.admin.post("/v1/passports", json!({})).await.wrong(&["#/customerId one_required", "#/licencePlate required"]);
        garage.admin.post("/v1/passports", customer).await.wrong(&[
            "#/customer conflicts_with_other",
            "#/licencePlate/number licence_plate_layout",
            "#/customer/kind unknown_value",
            "#/customer/name required",
        ]);
        garage.admin.post("/v1/fleets", json!({ "begin": "prepared" })).await.wrong(&[
            "#/password required",
            "#/customerId required",
            "#/email required",
        ]);
        let fleet = json!({ "begin": "prepared", "password": "kort", "email": "no", "customerId": UNKNOWN, "name": "x" });
        garage.admin.post("/v1/fleets", fleet).await.wrong(&["#/email email_invalid", "#/password too_short"]);
        // The length of a new password is seen at once, whether the present one is right or not.
        let passwords = json!({ "currentPassword": "not this one", "newPassword": "kort", "more": 1 });
        garage.admin.post("/v1/account/password", passwords).await.wrong(&["#/newPassword too_short", "#/more unknown_property"]);
        let headers = |key| [("if-match", "3"), ("if-none-match", "x"), ("idempotency-key", key), ("content-type", "application/json")];
        let send = async |key| garage.admin.send("POST", "/v1/customers", &headers(key), Some(b"{}".to_vec())).await;
        let conditions = ["If-None-Match if_none_match_invalid", "If-Match if_match_invalid"];
        send("good").await.wrong(&conditions);
        send("two words").await.wrong(&[&["Idempotency-Key idempotency_key_invalid"], &conditions[..]].concat());
        assert!(garage.admin.get("/v1/customers").await.items().is_empty());
    }

    async fn parameters(server) {
        let garage = server.garage("params").await;
        for list in ["/v1/passports", "/v1/customers", "/v1/fleets", "/v1/transfers", "/v1/garage/staff", "/v1/auth/sessions"] {
            for (query, expected) in [
                ("limit=0", "limit out_of_range"),
                ("limit=201", "limit out_of_range"),
                ("limit=100000", "limit out_of_range"),
                ("limit=x", "limit wrong_type"),
                ("cursor=nonsense", "cursor cursor_invalid"),
                ("cursor=%00", "cursor cursor_invalid"),
                ("updatedSince=yesterday", "updatedSince instant_invalid"),
                ("sort=colour", if ["/v1/passports", "/v1/transfers"].contains(&list) { "sort unknown_value" } else { "sort unknown_parameter" }),
            ] {
                garage.admin.get(&format!("{list}?{query}")).await.wrong(&[expected]);
            }
            garage.admin.get(&format!("{list}?limit=200")).await.ok();
        }
        // Keys with a NUL in a name, which no list gives.
        for (list, cursor) in [("customers", "WyJhXHUwMDAwIiwiMDE5OWM1ZjItN2QxZS03YzNhLTliMWYtMmY2ZDFjMWU4YTEwIl0"), ("fleets", "W2ZhbHNlLCJhXHUwMDAwIiwiMDE5OWM1ZjItN2QxZS03YzNhLTliMWYtMmY2ZDFjMWU4YTEwIl0")] {
            garage.admin.get(&format!("/v1/{list}?cursor={cursor}")).await.wrong(&["cursor cursor_invalid"]);
        }
        for (query, detail) in [("sort=colour", "must be one of: createdAt, -createdAt, nextDueOn, apkExpiresOn"), ("status=nice", "must be one of: invited, active, archived")] {
            assert_eq!(garage.admin.get(&format!("/v1/passports?{query}")).await.body["errors"][0]["detail"], detail);
        }
        garage.admin.get("/v1/passports?status=nice&fleetId=7&limit=0").await.wrong(&["fleetId uuid_invalid", "status unknown_value", "limit out_of_range"]);
        for (query, name) in [("a%2Fb=1", "a/b".to_owned()), ("=1", String::new()), (&*format!("{}=1", "é".repeat(300)), "é".repeat(100))] {
            for path in ["/v1/passports", "/v1/account"] {
                let unknown = garage.admin.get(&format!("{path}?{query}")).await;
                unknown.wrong(&[&format!("{name} unknown_parameter")]);
                assert!(unknown.body["errors"][0]["pointer"].is_null(), "{query}");
            }
        }
        garage.admin.get("/v1/passports/7").await.wrong(&["id uuid_invalid"]);
        garage.admin.get(&format!("/v1/passports/{UNKNOWN}")).await.problem(404, "not_found");
    }

    async fn the_newest_come_first_when_asked(server) {
        let garage = server.garage("newest").await;
        let (driver, customer, first) = garage.driver("jan@newest.example").await;
        let (second, third) = (garage.invited_passport(&customer).await, garage.invited_passport(&customer).await);
        for (sort, expected) in [("", [&first, &second, &third]), ("&sort=createdAt", [&first, &second, &third]), ("&sort=-createdAt", [&third, &second, &first])] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = garage.admin.get(&format!("/v1/passports?limit=1{sort}{cursor}")).await;
                seen.extend(page.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                let Some(next) = page.body["nextCursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(seen.iter().collect::<Vec<_>>(), expected, "{sort}");
        }
        let mut offers = Vec::new();
        for number in 0..2 {
            let offer = driver.offer(&first, "new_owner", &format!("piet{number}@newest.example")).await.created();
            let id = offer["id"].as_str().unwrap().to_owned();
            driver.act(&format!("/v1/transfers/{id}/withdraw")).await.ok();
            offers.push(id);
        }
        for sort in ["offeredAt", "-offeredAt"] {
            let page = garage.admin.get(&format!("/v1/transfers?limit=1&sort={sort}")).await;
            let next = garage.admin.get(&format!("/v1/transfers?limit=1&sort={sort}&cursor={}", page.body["nextCursor"].as_str().unwrap())).await;
            let seen = [page.items()[0]["id"].clone(), next.items()[0]["id"].clone()];
            assert_eq!((seen, next.body["nextCursor"].is_null()), ([json!(offers[0]), json!(offers[1])], true), "{sort}");
            offers.reverse();
        }
    }

    async fn several_values_of_a_filter(server) {
        let garage = server.garage("several").await;
        let (_, customer, active) = garage.driver("jan@several.example").await;
        let invited = garage.invited_passport(&customer).await;
        let archived = garage.invited_passport(&customer).await;
        garage.admin.act(&format!("/v1/passports/{archived}/archive")).await.ok();
        let ids = async |query: &str| -> Vec<String> {
            let items = garage.admin.get(&format!("/v1/passports?{query}")).await.items();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids("status=active").await, [active.as_str()]);
        assert_eq!(ids("status=invited,active").await, [active.as_str(), invited.as_str()]);
        assert_eq!(ids("status=active%2Carchived,active").await, [active.as_str(), archived.as_str()]);
        let first = garage.admin.get("/v1/passports?status=invited,active&limit=1").await.body;
        assert_eq!(ids(&format!("status=invited,active&limit=1&cursor={}", first["nextCursor"].as_str().unwrap())).await, [invited.as_str()]);
        for (list, values) in [("passports", "active,nice"), ("fleets", "open,"), ("transfers", ",offered"), ("transfers", "")] {
            garage.admin.get(&format!("/v1/{list}?status={values}")).await.wrong(&["status unknown_value"]);
        }
        for (list, values) in [("fleets", "open,closed"), ("transfers", "offered,accepted,declined,withdrawn,expired")] {
            assert!(garage.admin.get(&format!("/v1/{list}?status={values}")).await.items().is_empty());
        }
        let parameter = |path: &str| {
            let parameters = server.contract.document["paths"][path]["get"]["parameters"].as_array().unwrap();
            let found = parameters.iter().find(|parameter| parameter["name"] == "status").unwrap();
            (found["style"].clone(), found["explode"].clone(), found["schema"]["type"].clone())
        };
        for path in ["/passports", "/fleets", "/transfers"] {
            let (style, explode, kind) = parameter(path);
            assert!(style == "form" && explode == false && kind == "array", "{path}: {style} {explode} {kind}");
        }
    }

    async fn ids_of_another_garage_in_every_place(server) {
        let (one, other) = (server.garage("ids").await, server.garage("ids-b").await);
        let fleet = other.fleet("fleet-ids").await;
        let (_, customer, passport) = one.driver("jan@ids.example").await;
        let staff = other.admin.get("/v1/account").await.ok()["id"].as_str().unwrap().to_owned();
        // In a path.
        for path in [
            format!("/v1/customers/{}", fleet.customer), format!("/v1/passports/{}", fleet.manager_passport),
            format!("/v1/passports/{}/custody", fleet.manager_passport), format!("/v1/fleets/{}", fleet.id),
            format!("/v1/fleets/{}/passports", fleet.id), format!("/v1/garage/staff/{staff}"),
        ] {
            one.admin.get(&path).await.problem(404, "not_found");
        }
        for path in [format!("/v1/fleets/{}/close", fleet.id), format!("/v1/fleets/{}/invitation", fleet.id), format!("/v1/passports/{}/archive", fleet.manager_passport)] {
            one.admin.act(&path).await.problem(404, "not_found");
        }
        one.admin.change("PUT", &format!("/v1/passports/{}/fleet", fleet.manager_passport), "*", json!({ "fleetId": fleet.id })).await.problem(404, "not_found");
        // In a body: as if it did not exist, in the same words.
        for id in [fleet.id.as_str(), UNKNOWN] {
            one.admin.link(&passport, id).await.wrong(&["#/fleetId not_found"]);
            let body = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": customer, "fleetId": id });
            one.admin.post("/v1/passports", body).await.wrong(&["#/fleetId not_found"]);
        }
        for id in [fleet.customer.as_str(), UNKNOWN] {
            let body = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": id });
            one.admin.post("/v1/passports", body).await.wrong(&["#/customerId not_found"]);
            one.admin.post("/v1/fleets", json!({ "customerId": id, "email": "x@ids.example", "begin": "invited" })).await.wrong(&["#/customerId not_found"]);
        }
        let body = json!({ "customerId": customer, "managerPassportId": fleet.manager_passport, "email": "x@ids.example", "begin": "invited" });
        one.admin.post("/v1/fleets", body).await.problem(409, "manager_passport_not_active");
        // In a query.
        for query in [format!("fleetId={}", fleet.id), format!("customerId={}", fleet.customer)] {
            assert!(one.admin.get(&format!("/v1/passports?{query}")).await.items().is_empty());
        }
        assert!(one.admin.get(&format!("/v1/transfers?passportId={}", fleet.manager_passport)).await.items().is_empty());
    }

    async fn a1_one_mailbox_in_two_spellings_is_one_account(server) {
        let garage = server.garage("spelling").await;
        let colleague = |email: &str| json!({ "name": "Jan", "email": email, "role": "mechanic" });
        let added = garage.admin.post("/v1/garage/staff", colleague("Jan@Müller.example")).await.created();
        assert_eq!(added["email"], "Jan@Müller.example", "the spelling is theirs");
        for same in ["jan@müller.example", "JAN@MÜLLER.EXAMPLE", "jan@xn--mller-kva.example"] {
            garage.admin.post("/v1/garage/staff", colleague(same)).await.problem(409, "email_in_use");
        }
        let body = json!({ "token": server.token_for("Jan@xn--mller-kva.example"), "password": crate::support::PASSWORD });
        server.anonymous().post("/v1/invitations/accept", body).await.ok();
        for same in ["Jan@Müller.example", "jan@XN--MLLER-KVA.example"] {
            server.sign_in(same, crate::support::PASSWORD).await.get("/v1/account").await.ok();
        }
        for bad in ["a@x", "a@[127.0.0.1]", "a@127.0.0.1", "a@[::1]", "a..b@x.example", "jän@x.example"] {
            garage.admin.post("/v1/garage/staff", colleague(bad)).await.wrong(&["#/email email_invalid"]);
        }
        for hidden in ["\u{200B}", "\u{2028}", "\u{202E}", "\u{2066}", "\u{AD}", "\u{200D}"] {
            let bad = format!("jan@jan{hidden}sen.example");
            garage.admin.post("/v1/garage/staff", colleague(&bad)).await.wrong(&["#/email control_character"]);
        }
    }

    async fn names_have_no_web_address_and_nothing_hidden(server) {
        let garage = server.garage("names").await;
        let (customers, staff) = ("/v1/customers", "/v1/garage/staff");
        let customer = |name: &str| json!({ "kind": "person", "name": name });
        let colleague = |name: &str| json!({ "name": name, "email": "nieuw@names.example", "role": "mechanic" });
        for bad in ["Jan http://betaal.example", "www.betaal.nl", "betaal.nl/nu", "HTTPS://X.NL"] {
            let answer = garage.admin.post(customers, customer(bad)).await;
            answer.wrong(&["#/name web_address"]);
            assert_eq!(answer.body["errors"][0]["detail"], "may not contain a web address");
            garage.admin.post(staff, colleague(bad)).await.wrong(&["#/name web_address"]);
            garage.admin.patch("/v1/garage", json!({ "name": bad })).await.wrong(&["#/name web_address"]);
            garage.admin.patch("/v1/account", json!({ "name": bad })).await.wrong(&["#/name web_address"]);
        }
        for hidden in ["\u{200B}", "\u{200D}", "\u{2028}", "\u{202E}", "\u{AD}"] {
            let bad = format!("Jan{hidden}sen");
            garage.admin.post(customers, customer(&bad)).await.wrong(&["#/name control_character"]);
            garage.admin.patch("/v1/garage", json!({ "name": bad })).await.wrong(&["#/name control_character"]);
        }
        for good in ["Garage De Vries B.V.", "Autobedrijf Jansen & Zn.", "J.P. d'Arc", "St. Nicolaas", "Auto.nl", "Fa. Jansen e.a./c.s."] {
            assert_eq!(garage.admin.post(customers, customer(good)).await.created()["name"], good);
        }
        assert_eq!(garage.admin.patch("/v1/garage", json!({ "name": "Auto.nl" })).await.ok()["name"], "Auto.nl");
    }

    async fn a_whole_number_is_one_however_it_is_written(server) {
        let garage = server.garage("whole-numbers").await;
        let (driver, customer, car) = garage.driver("jan@whole-numbers.example").await;
        let send = async |actor: &Actor<'_>, method: &str, path: &str, body: String| {
            let tag = actor.get(path.trim_end_matches("/odometer/readings").trim_end_matches("/transfers")).await.etag();
            let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
            actor.send(method, path, if method == "PATCH" { &headers } else { &headers[..1] }, Some(body.into_bytes())).await
        };
        for (number, written) in ["61000.0", "6.1e4", "610000e-1"].into_iter().enumerate() {
            let (driver, _, car) = garage.driver(&format!("rijder{number}@whole-numbers.example")).await;
            let readings = format!("/v1/passports/{car}/odometer/readings");
            let answer = send(&driver, "POST", &readings, format!("{{\"value\":{written}}}")).await;
            assert_eq!(answer.created()["value"], 61_000, "{written}");
        }
        let readings = format!("/v1/passports/{car}/odometer/readings");
        for broken in ["61003.5", "6.10031e3", "\"61003\""] {
            send(&driver, "POST", &readings, format!("{{\"value\":{broken}}}")).await.wrong(&["#/value wrong_type"]);
        }
        send(&driver, "POST", &readings, "{\"value\":1e300}".into()).await.wrong(&["#/value out_of_range"]);
        let path = format!("/v1/customers/{customer}");
        let changed = send(&garage.admin, "PATCH", &path, "{\"drivingBehaviour\":{\"kmPerYear\":1.8E4}}".into()).await;
        assert_eq!(changed.ok()["drivingBehaviour"]["kmPerYear"], 18_000);
        let broken = send(&garage.admin, "PATCH", &path, "{\"drivingBehaviour\":{\"kmPerYear\":0.5}}".into()).await;
        broken.wrong(&["#/drivingBehaviour/kmPerYear wrong_type"]);
        let offers = format!("/v1/passports/{car}/transfers");
        let offer = |days: &str| {
            format!("{{\"kind\":\"new_owner\",\"recipientEmail\":\"piet@whole-numbers.example\",\"expiresInDays\":{days}}}")
        };
        send(&driver, "POST", &offers, offer("7.25")).await.wrong(&["#/expiresInDays wrong_type"]);
        send(&driver, "POST", &offers, offer("7.0")).await.created();
    }

    async fn an_id_has_one_form(server) {
        let garage = server.garage("ids").await;
        let customer = garage.customer("jan@ids.example").await;
        let read = async |id: &str| garage.admin.get(&format!("/v1/customers/{id}")).await;
        for same in [customer.clone(), customer.to_uppercase()] {
            assert_eq!(read(&same).await.ok()["id"], customer.as_str(), "it is shown in small letters");
        }
        let plain = customer.replace('-', "");
        for other in [plain.clone(), format!("%7B{customer}%7D"), format!("urn:uuid:{customer}")] {
            read(&other).await.wrong(&["id uuid_invalid"]);
        }
        let body = |id: &str| json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": id });
        garage.admin.post("/v1/passports", body(&plain)).await.wrong(&["#/customerId uuid_invalid"]);
        garage.admin.post("/v1/passports", body(&customer.to_uppercase())).await.created();
        garage.admin.get(&format!("/v1/passports?fleetId={plain}")).await.wrong(&["fleetId uuid_invalid"]);
    }

    async fn two_tokens_are_no_token(server) {
        let garage = server.garage("two").await;
        let token = format!("Bearer {}", garage.admin.token.as_ref().unwrap());
        for second in [token.as_str(), "Bearer x", "Basic eDp4"] {
            let headers = [("authorization", token.as_str()), ("authorization", second)];
            let answer = server.anonymous().send("GET", "/v1/account", &headers, None).await;
            answer.wrong(&["Authorization conflicts_with_other"]);
        }
        server.anonymous().send("GET", "/v1/account", &[("authorization", &token)], None).await.ok();
    }

    async fn a_client_that_waits_for_continue_gets_it(server) {
        let garage = server.garage("continue").await;
        let token = garage.admin.token.as_ref().unwrap();
        let body = r#"{"kind":"person","name":"Jan"}"#;
        let mut connection = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
        let head = format!(
            "POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        let read = tokio::time::timeout(Duration::from_secs(10), connection.read_exact(&mut go_on)).await;
        read.expect("it waits for the body without saying so").unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        connection.write_all(body.as_bytes()).await.unwrap();
        let answer = one_answer(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }

    async fn a_client_that_takes_no_plain_answer_gets_what_it_takes_or_a_plain_one(server) {
        let garage = server.garage("identity").await;
        for number in 0..12 {
            garage.customer(&format!("jan{number}@identity.example")).await;
        }
        for (accepted, coding) in [("identity;q=0,*", "gzip"), ("identity;q=0, gzip", "gzip"), ("*", ""), ("identity;q=0", ""), ("*;q=0", ""), ("br;q=1, identity;q=0", "")] {
            let answer = fetch(&garage.admin, "GET", "/v1/customers", &[("accept-encoding", accepted)]).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{accepted}");
            let short = fetch(&garage.admin, "GET", "/v1/account", &[("accept-encoding", accepted)]).await;
            assert_eq!((short.status, short.header("content-encoding")), (200, ""), "{accepted}");
        }
    }

    async fn conditions(server) {
        let garage = server.garage("conditions").await;
        let customer = garage.customer("jan@conditions.example").await;
        let path = format!("/v1/customers/{customer}");
        let body = json!({ "name": "Another" }).to_string().into_bytes();
        let json_type = ("content-type", "application/json");
        garage.admin.send("PATCH", &path, &[json_type], Some(body.clone())).await.problem(428, "precondition_required");
        let etag = garage.admin.get(&path).await.etag();
        garage.admin.send("PATCH", &path, &[json_type, ("if-match", &etag)], Some(body.clone())).await.ok();
        garage.admin.send("PATCH", &path, &[json_type, ("if-match", &etag)], Some(body.clone())).await.problem(412, "precondition_failed");
        garage.admin.send("PATCH", &path, &[("content-type", "application/merge-patch+json"), ("if-match", "*")], Some(body)).await.ok();
    }

    async fn idempotency_keys(server) {
        let garage = server.garage("idem").await;
        let post = async |key: &str, name: &str| {
            let headers = [("content-type", "application/json"), ("idempotency-key", key)];
            let body = json!({ "kind": "person", "name": name }).to_string().into_bytes();
            garage.admin.send("POST", "/v1/customers", &headers, Some(body)).await
        };
        let first = post("key-1", "Jan").await;
        let again = post("key-1", "Jan").await;
        assert_eq!((first.status, &first.body, first.header("location"), first.etag()), (201, &again.body, again.header("location"), again.etag()));
        post("key-1", "Piet").await.problem(422, "idempotency_key_reused");
        post("key-2", "Jan").await.created();
        assert_eq!(garage.admin.get("/v1/customers").await.items().len(), 2);
        post("", "Jan").await.wrong(&["Idempotency-Key idempotency_key_invalid"]);
        // Of two keys, or two tokens, nobody can say which one counts.
        for second in ["key-1", "key-3"] {
            let headers = [("content-type", "application/json"), ("idempotency-key", "key-1"), ("idempotency-key", second)];
            let body = json!({ "kind": "person", "name": "Jan" }).to_string().into_bytes();
            garage.admin.send("POST", "/v1/customers", &headers, Some(body)).await.wrong(&["Idempotency-Key idempotency_key_invalid"]);
        }
        let token = format!("Bearer {}", garage.admin.token.as_ref().unwrap());
        for other in [token.as_str(), "Bearer nonsense"] {
            garage.admin.send("GET", "/v1/account", &[("authorization", other)], None).await.wrong(&["Authorization conflicts_with_other"]);
        }
        // Another's key is another key.
        let headers = [("content-type", "application/json"), ("idempotency-key", "key-1")];
        let body = json!({ "kind": "person", "name": "Other" }).to_string().into_bytes();
        garage.advisor.send("POST", "/v1/customers", &headers, Some(body)).await.created();
        // Many at once are one.
        let mut racing = Vec::new();
        for _ in 0..16 {
            let request = server.client.post(format!("{}/v1/customers", server.url)).bearer_auth(garage.admin.token.clone().unwrap());
            let request = request.header("content-type", "application/json").header("idempotency-key", "key-3").body(r#"{"kind":"person","name":"Once"}"#);
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().json::<Value>().await.unwrap()["id"].clone() }));
        }
        let mut ids = std::collections::HashSet::new();
        for race in racing {
            ids.insert(race.await.unwrap().to_string());
        }
        assert_eq!(ids.len(), 1, "{ids:?}");
    }

    async fn what_the_framework_refuses_is_a_problem_too(server) {
        let garage = server.garage("frame").await;
        for path in ["/v1/nothing", "/v1/passports/", "/nothing", "/v1", "/problems/nothing"] {
            let answer = garage.admin.get(path).await;
            answer.problem(404, "not_found");
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
        let answer = garage.admin.send("PUT", "/v1/passports", &[], None).await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS, POST");
        let dutch = garage.admin.send("GET", "/v1/nothing", &[("accept-language", "en;q=0.5,nl-NL")], None).await;
        assert_eq!((dutch.body["title"].as_str(), dutch.header("content-language")), (Some("Hier is niets"), "nl"));
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("api-version", "1.0.0")] {
            assert_eq!(dutch.header(name), value);
        }
        assert_eq!(dutch.body["requestId"].as_str(), Some(dutch.header("x-request-id")));
        let page = garage.admin.get("/problems/not_found").await;
        assert_eq!(page.status, 200);
        let allowed = server.anonymous().send("GET", "/v1/garage", &[("origin", "https://app.autopaspoort.example")], None).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://app.autopaspoort.example");
        let foreign = server.anonymous().send("GET", "/v1/garage", &[("origin", "https://evil.example")], None).await;
        assert_eq!(foreign.header("access-control-allow-origin"), "");
        assert_eq!(server.anonymous().get("/v1/openapi.json").await.header("access-control-allow-origin"), "*");
    }

    async fn what_exists_can_be_asked_for_what_it_takes(server) {
        let garage = server.garage("methods").await;
        for (path, allow) in [
            ("/v1/passports", "GET, HEAD, OPTIONS, POST"),
            ("/v1/customers/7", "DELETE, GET, HEAD, OPTIONS, PATCH"),
            ("/v1/auth/login", "OPTIONS, POST"),
            ("/v1/openapi.json", "GET, HEAD, OPTIONS"),
            ("/health/live", "GET, HEAD, OPTIONS"),
            ("/problems/not_found", "GET, HEAD, OPTIONS"),
            ("/", "GET, HEAD, OPTIONS"),
            ("/docs/", "GET, HEAD, OPTIONS"),
            ("/docs/page.js", "GET, HEAD, OPTIONS"),
            ("/changelog", "GET, HEAD, OPTIONS"),
        ] {
            let options = garage.admin.send("OPTIONS", path, &[], None).await;
            assert_eq!((options.status, options.header("allow")), (204, allow), "{path}");
            let refused = garage.admin.send("PUT", path, &[], None).await;
            refused.problem(405, "method_not_allowed");
            assert_eq!(refused.header("allow"), allow, "{path}");
        }
        for method in ["OPTIONS", "HEAD", "POST"] {
            for path in ["/v1/nothing", "/nothing", "/v1/passports/", "/health"] {
                assert_eq!(garage.admin.send(method, path, &[], None).await.status, 404, "{method} {path}");
            }
        }
    }

    async fn whatever_can_be_read_has_its_head(server) {
        let garage = server.garage("head").await;
        let customer = garage.customer("jan@head.example").await;
        for path in [format!("/v1/customers/{customer}"), "/v1/customers".into(), "/v1/openapi.json".into(), "/docs/".into(), "/health/live".into()] {
            let (got, head) = (fetch(&garage.admin, "GET", &path, &[]).await, fetch(&garage.admin, "HEAD", &path, &[]).await);
            assert_eq!((got.status, head.status, head.bytes.len()), (200, 200, 0), "{path}");
            for name in ["content-length", "content-type", "etag", "cache-control", "vary"] {
                assert_eq!((got.header(name), !head.header(name).is_empty()), (head.header(name), true), "{name} of {path}");
            }
        }
        let unknown = fetch(&garage.admin, "HEAD", &format!("/v1/customers/{UNKNOWN}"), &[]).await;
        assert_eq!((unknown.status, unknown.bytes.len(), unknown.header("content-type")), (404, 0, "application/problem+json"));
        assert_eq!(fetch(&server.anonymous(), "HEAD", "/v1/customers", &[]).await.status, 401);
    }

    async fn who_has_it_already_is_not_sent_it_again(server) {
        let garage = server.garage("kept").await;
        let customer = garage.customer("jan@kept.example").await;
        let passport = garage.invited_passport(&customer).await;
        let (thing, list) = (format!("/v1/passports/{passport}"), "/v1/passports?limit=5");
        let mut tags = Vec::new();
        for path in [thing.as_str(), list, "/v1/openapi.json", "/docs/"] {
            let tag = garage.admin.get(path).await.etag();
            for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".into()] {
                for method in ["GET", "HEAD"] {
                    let same = fetch(&garage.admin, method, path, &[("if-none-match", &known)]).await;
                    assert_eq!((same.status, same.bytes.len(), same.header("etag")), (304, 0, tag.as_str()), "{known} of {path}");
                    assert!(!same.header("vary").is_empty() && same.header("content-type").is_empty());
                }
            }
            assert_eq!(fetch(&garage.admin, "GET", path, &[("if-none-match", "\"1\"")]).await.status, 200);
            tags.push(tag);
        }
        // The passport's own version stays, and what is shown of it does not.
        garage.admin.patch(&format!("/v1/customers/{customer}"), json!({ "name": "Another name" })).await.ok();
        for (path, tag) in [thing.as_str(), list].into_iter().zip(&tags) {
            let answer = garage.admin.send("GET", path, &[("if-none-match", tag)], None).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.body.to_string().contains("Another name"));
        }
        garage.admin.change("PATCH", &thing, &tags[0], json!({ "make": "Peugeot" })).await.ok();
        garage.admin.change("PATCH", &thing, &tags[0], json!({ "make": "Renault" })).await.problem(412, "precondition_failed");
        // A tag gives nothing to those who may not see the thing.
        let other = server.garage("kept-other").await;
        other.admin.send("GET", &thing, &[("if-none-match", "*")], None).await.problem(404, "not_found");
        server.anonymous().send("GET", list, &[("if-none-match", "*")], None).await.problem(401, "unauthenticated");
    }

    async fn a_parameter_stands_once_in_a_query(server) {
        let garage = server.garage("twice").await;
        let twice = garage.admin.get("/v1/passports?status=active&limit=1&status=invited&limit=2").await;
        twice.wrong(&["status conflicts_with_other", "limit conflicts_with_other"]);
        garage.admin.get("/v1/passports?status=active,invited&limit=1").await.ok();
        // A path is the same however it is written.
        let odd = fetch(&garage.admin, "OPTIONS", "/v1/%61ccount", &[]).await;
        assert_eq!((odd.status, odd.header("allow")), (204, "GET, HEAD, OPTIONS, PATCH"));
    }

    async fn what_is_read_is_compressed_for_those_who_take_it(server) {
        let garage = server.garage("small").await;
        for number in 0..12 {
            garage.customer(&format!("jan{number}@small.example")).await;
        }
        let gzip = [("accept-encoding", "gzip, br")];
        for path in ["/v1/customers", "/v1/openapi.json", "/v1/openapi.yaml",  "/docs/swagger-ui-bundle.js", "/changelog"] {
            let plain = fetch(&garage.admin, "GET", path, &[]).await;
            assert_eq!(plain.header("content-encoding"), "", "{path}");
            let packed = fetch(&garage.admin, "GET", path, &gzip).await;
            assert_eq!((packed.header("content-encoding"), packed.header("content-length")), ("gzip", packed.bytes.len().to_string().as_str()), "{path}");
            assert!(packed.bytes.len() * 4 < plain.bytes.len() * 3, "{path}: {} of {}", packed.bytes.len(), plain.bytes.len());
            assert!(packed.vary().contains("Accept-Encoding") && plain.vary().contains("Accept-Encoding"), "{path}");
            let mut unpacked = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed.bytes[..]), &mut unpacked).unwrap();
            assert_eq!(unpacked, plain.bytes, "{path}");
            let (tag, packed_tag) = (plain.header("etag"), packed.header("etag"));
            assert_eq!(packed_tag, format!("{}-gzip\"", tag.trim_end_matches('"')), "other bytes, another tag");
            assert_eq!(fetch(&garage.admin, "GET", path, &[gzip[0], ("if-none-match", packed_tag)]).await.status, 304, "{path}");
            let head = fetch(&garage.admin, "HEAD", path, &gzip).await;
            assert_eq!((head.header("content-length"), head.header("etag")), (packed.header("content-length"), packed_tag), "{path}");
        }
        // What is short, what is refused, and what carries tokens is sent as it is.
        for path in ["/v1/account", "/health/live", "/v1/nothing"] {
            assert_eq!(fetch(&garage.admin, "GET", path, &gzip).await.header("content-encoding"), "", "{path}");
        }
        let login = json!({ "email": "admin@small.example", "password": crate::support::PASSWORD }).to_string().into_bytes();
        let headers = [gzip[0], ("content-type", "application/json")];
        let signed_in = server.anonymous().send("POST", "/v1/auth/login", &headers, Some(login)).await;
        assert_eq!((signed_in.status, signed_in.header("content-encoding")), (200, ""));
    }

    async fn the_page_and_its_files_are_kept(server) {
        let page = fetch(&server.anonymous(), "GET", "/docs/", &[]).await;
        assert_eq!((page.header("cache-control"), page.header("content-type")), ("no-cache", "text/html; charset=utf-8"));
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(!text.contains("garage-devries") && !text.contains("Welkom-bij") && text.contains("data-demo=\"false\""), "no logins outside demo mode");
        let referred: Vec<&str> = text.split('"').filter(|part| part.contains("?v=")).collect();
        assert_eq!(referred.len(), 5);
        for name in referred {
            let file = fetch(&server.anonymous(), "GET", &format!("/docs/{name}"), &[]).await;
            assert_eq!((file.status, file.header("cache-control")), (200, "public, max-age=31536000, immutable"), "{name}");
            let (bare, _) = name.split_once('?').unwrap();
            for other in [bare.to_owned(), format!("{bare}?v=0")] {
                assert_eq!(fetch(&server.anonymous(), "GET", &format!("/docs/{other}"), &[]).await.header("cache-control"), "no-cache", "{other}");
            }
        }
        let changelog = fetch(&server.anonymous(), "GET", "/changelog", &[]).await;
        assert_eq!((changelog.status, changelog.header("content-type")), (200, "text/markdown; charset=utf-8"));
        assert!(changelog.bytes.starts_with(b"# Changelog"));
        let demo = Server::start_with(server.backend, |settings| settings.demo = true).await;
        let text = String::from_utf8(fetch(&demo.anonymous(), "GET", "/docs/", &[]).await.bytes).unwrap();
        assert!(text.contains("data-demo=\"true\"") && !text.contains("balie@garage-devries.example"), "no logins that there are not");
        assert!(demo.seed_demo().await);
        let text = String::from_utf8(fetch(&demo.anonymous(), "GET", "/docs/", &[]).await.bytes).unwrap();
        assert!(text.contains("balie@garage-devries.example") && text.contains("Welkom-bij") && text.contains("data-demo=\"true\""));
        demo.stop().await;
    }

    async fn a_body_that_never_ends_does_not_hold_its_connection(server) {
        let (garage, other) = (server.garage("endless").await, server.garage("endless-out").await);
        let (token, leaving) = (garage.admin.token.as_ref().unwrap(), other.admin.token.as_ref().unwrap());
        let hasty = Server::start_with(server.backend, |settings| settings.body_patience = Duration::from_millis(200)).await;
        let late = hasty.garage("endless-late").await;
        let late = late.admin.token.as_ref().unwrap();
        let cases = [
            (&server.url, "POST /v1/customers HTTP/1.1\r\nContent-Type: application/json".to_owned(), 401),
            (&server.url, "POST /v1/nowhere HTTP/1.1".to_owned(), 404),
            (&server.url, "POST /nowhere HTTP/1.1".to_owned(), 404),
            (&server.url, "DELETE /v1/customers HTTP/1.1".to_owned(), 405),
            (&server.url, format!("POST /v1/customers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain"), 415),
            (&server.url, "GET /health/live HTTP/1.1".to_owned(), 200),
            (&server.url, format!("POST /v1/auth/logout HTTP/1.1\r\nAuthorization: Bearer {leaving}"), 204),
            (&hasty.url, format!("POST /v1/customers HTTP/1.1\r\nAuthorization: Bearer {late}\r\nContent-Type: application/json"), 408),
        ];
        let lengths = ["Transfer-Encoding: chunked", "Content-Length: 60000"];
        let mut sent = vec![];
        for (url, first, status) in cases {
            for length in lengths {
                let (url, head) = (url.clone(), format!("{first}\r\nHost: x\r\n{length}\r\n\r\n"));
                let answer = actix_web::rt::spawn(async move { drip_of(&url, &head, "1\r\n \r\n").await });
                sent.push((first.clone(), length, status, answer));
            }
        }
        for (first, length, status, answer) in sent {
            let answer = answer.await.unwrap();
            // The session that one of the two requests ends is gone for the other.
            let expected = [status, if status == 204 { 401 } else { status }];
            assert!(expected.iter().any(|status| answer.starts_with(&format!("HTTP/1.1 {status} "))), "{first} {length}: {answer}");
        }
        hasty.stop().await;
    }

    async fn what_is_no_request_is_refused_in_one_line(server) {
        for (sent, status) in [
            ("nonsense\r\n\r\n".to_owned(), 400),
            (format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000)), 431),
        ] {
            let mut connection = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
            // The server may stop listening before it has everything.
            let _sent = connection.write_all(sent.as_bytes()).await;
            let mut begin = [0; 13];
            connection.read_exact(&mut begin).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&begin), format!("HTTP/1.1 {status} "));
        }
    }

    async fn a_body_that_arrived_is_no_reason_to_end_a_connection(server) {
        let garage = server.garage("whole").await;
        let token = garage.admin.token.as_ref().unwrap();
        let mut connection = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
        // Each is answered on the same connection, though nobody reads the bodies.
        for (head, body) in [
            ("POST /v1/nowhere HTTP/1.1\r\nTransfer-Encoding: chunked".to_owned(), "5\r\nhello\r\n0\r\n\r\n"),
            ("POST /v1/customers HTTP/1.1\r\nContent-Length: 5".to_owned(), "hello"),
            (format!("GET /v1/garage HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: 5"), "hello"),
            ("GET /health/live HTTP/1.1".to_owned(), ""),
        ] {
            connection.write_all(format!("{head}\r\nHost: x\r\n\r\n{body}").as_bytes()).await.unwrap();
            let answer = one_answer(&mut connection).await;
            assert!(answer.starts_with("HTTP/1.1 ") && !answer.to_lowercase().contains("connection: close"), "{answer}");
        }
        // Who sends much to where it is refused gets the whole answer before the connection ends.
        let big = vec![b' '; 600 * 1024];
        for path in ["/v1/nowhere", "/v1/customers"] {
            let mut connection = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
            let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", big.len());
            connection.write_all(head.as_bytes()).await.unwrap();
            connection.write_all(&big).await.unwrap();
            let answer = one_answer(&mut connection).await;
            assert!(answer.contains("application/problem+json") && answer.ends_with('}'), "{answer}");
        }
    }

    async fn a_body_that_drips_is_refused(server) {
        let hasty = Server::start_with(server.backend, |settings| settings.body_patience = Duration::from_millis(200)).await;
        let garage = hasty.garage("drip").await;
        let token = garage.admin.token.as_ref().unwrap();
        for (path, kind) in [("/v1/customers", "application/json"), ("/v1/passport-imports", "application/x-ndjson"), ("/v1/service-record-imports", "application/x-ndjson")] {
            let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\nContent-Length: 60000\r\n\r\n");
            let answer = drip(&hasty.url, &head).await;
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"request_timeout\""), "{path}: {answer}");
        }
        garage.admin.post("/v1/customers", json!({ "kind": "person", "name": "Jan" })).await.created();
        hasty.stop().await;
    }
}

/// Everything that a part of the document refers to, and what that refers to.
fn reached(document: &Value, part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(object) => {
            let pointer = object.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix('#'));
            if let Some(pointer) = pointer.filter(|pointer| found.insert((*pointer).to_owned())) {
                reached(document, document.pointer(pointer).unwrap(), found);
            }
            object.values().for_each(|value| reached(document, value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| reached(document, item, found)),
        _ => {}
    }
}

#[test]
fn what_is_compressed_carries_no_token() {
    let document = &crate::support::Contract::shared().document;
    let carries = |operation: &Value| {
        let mut found = BTreeSet::new();
        reached(document, &operation["responses"], &mut found);
        found.contains("/components/schemas/Tokens")
    };
    let paths = document["paths"].as_object().unwrap();
    assert!(carries(&paths["/auth/login"]["post"]) && carries(&paths["/invitations/accept"]["post"]));
    for (path, item) in paths {
        assert!(!carries(&item["get"]), "{path} would send a token compressed beside what others chose");
    }
}

/// An answer as it came, with the bytes of its body.
struct Raw {
    status: u16,
    headers: reqwest::header::HeaderMap,
    bytes: Vec<u8>,
}

impl Raw {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Whatever the answer depends on.
    fn vary(&self) -> String {
        self.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ")
    }
}

async fn fetch(actor: &Actor<'_>, method: &str, path: &str, headers: &[(&str, &str)]) -> Raw {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = actor.server.client.request(method, format!("{}{path}", actor.server.url));
    if let Some(token) = &actor.token {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Raw { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
}

/// Reads one answer whose length is stated.
async fn one_answer(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let is_whole = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        body.len() >= length.unwrap_or(0)
    };
    while !is_whole(&answer) {
        let read = tokio::time::timeout(Duration::from_secs(20), connection.read_buf(&mut answer)).await;
        assert_ne!(read.expect("no answer").unwrap(), 0, "the connection ended: {}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

/// Sends a body byte by byte, until it is answered.
async fn drip(url: &str, head: &str) -> String {
    drip_of(url, head, " ").await
}

/// Sends a body piece by piece, until the connection ends. Returns the answer.
async fn drip_of(url: &str, head: &str, piece: &'static str) -> String {
    let mut connection = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = connection.into_split();
    let dripping = actix_web::rt::spawn(async move {
        while writing.write_all(piece.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_mins(1), reading.read_to_string(&mut answer)).await;
    dripping.abort();
    read.expect("a body that drips is waited for").unwrap();
    answer
}
