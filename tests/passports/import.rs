//! Imports over HTTP: many cars with their customers in one stream, each line by itself (rules P1 to P4, A2).

use crate::{
    both,
    support::{Actor, Answer, Server, kombi, plate},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends lines as a stream.
async fn import(actor: &Actor<'_>, path: &str, headers: &[(&str, &str)], lines: &[String]) -> Answer {
    let headers = [&[("content-type", "application/x-ndjson")], headers].concat();
    actor.send("POST", path, &headers, Some(lines.join("\n").into_bytes())).await
}

const PATH: &str = "/v1/passport-imports";

fn car(number: &str, name: &str) -> Value {
    json!({
        "licencePlate": { "number": number },
        "customer": { "kind": "person", "name": name, "email": format!("{}@import.example", name.to_lowercase()) },
        "make": "Volkswagen", "model": "Golf", "year": 2013, "odometerKm": 120_000,
    })
}

/// How many were made, existed, were refused, and customers made.
fn counts(body: &Value) -> [u64; 4] {
    ["made", "existing", "refused", "customersMade"].map(|name| body[name].as_u64().unwrap())
}

fn refusals(body: &Value) -> Vec<(u64, String)> {
    let refused = |line: &Value| (line["line"].as_u64().unwrap(), line["problem"]["code"].as_str().unwrap().to_owned());
    body["refusedLines"].as_array().unwrap().iter().map(refused).collect()
}

both! {
    async fn r36_cars_that_the_register_told_of_are_completed(server) {
        let garage = server.garage("r36i").await;
        let (known, unknown) = (plate(), plate());
        server.told(&known, Some(&kombi("2027-05-17")));
        let line = |number: &str| json!({ "licencePlate": { "number": number }, "model": "Caddy", "customer": { "kind": "person", "name": "Jan", "email": "jan@r36i.example" } });
        let lines = [line(&known), line(&unknown)].map(|line| line.to_string());
        assert_eq!(counts(&import(&garage.advisor, PATH, &[], &lines).await.ok()), [2, 0, 0, 1]);
        let cars = garage.admin.get("/v1/passports").await.items();
        let shown = |car: &Value| json!([car["make"], car["model"], car["year"], car["fuel"]]);
        assert_eq!(shown(&cars[0]), json!(["VOLKSWAGEN", "Caddy", 2013, "diesel"]));
        assert_eq!(shown(&cars[1]), json!([null, "Caddy", null, null]));
    }

    async fn p1_a_line_that_is_refused_anyway_does_not_tell_of_another_garages_car(server) {
        let (garage, other) = (server.garage("p1i").await, server.garage("p1j").await);
        let number = plate();
        let theirs = [car(&number, "Piet").to_string()];
        assert_eq!(counts(&import(&other.advisor, PATH, &[], &theirs).await.ok())[0], 1);
        // Whether the plate is taken by another garage or by nobody, the answer is the same.
        let missing = "01900000-0000-7000-8000-000000000000";
        let refused = |number: &str| {
            let mut fleet = car(number, "Jan");
            fleet["fleetId"] = json!(missing);
            let mut customer = car(number, "Jan");
            customer["customer"] = json!(null);
            customer["customerId"] = json!(missing);
            [fleet, customer].map(|line| line.to_string())
        };
        for number in [number.as_str(), &plate()] {
            let answer = import(&garage.advisor, PATH, &[], &refused(number)).await.ok();
            assert_eq!(counts(&answer), [0, 0, 2, 0]);
            let wrong = |line: &Value| (line["problem"]["errors"][0]["pointer"].clone(), line["problem"]["errors"][0]["code"].clone());
            let wrong: Vec<_> = answer["refusedLines"].as_array().unwrap().iter().map(wrong).collect();
            assert_eq!(wrong, ["#/fleetId", "#/customerId"].map(|at| (json!(at), json!("not_found"))));
        }
        let alone = import(&garage.advisor, PATH, &[], &[car(&number, "Jan").to_string()]).await.ok();
        assert_eq!(refusals(&alone), [(1, "passport_exists".to_owned())]);
    }

    async fn cars_come_with_customers_readings_and_events(server) {
        let garage = server.garage("import").await;
        let before = garage.events().await.len();
        let lines: Vec<String> = (0..30).map(|number| car(&plate(), &format!("Jan{number}")).to_string()).collect();
        let answer = import(&garage.advisor, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [30, 0, 0, 30]);
        let cars = garage.admin.get("/v1/passports?limit=100").await.items();
        assert_eq!(cars.len(), 30);
        for (car, line) in cars.iter().zip(&lines) {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(car["licencePlate"]["shown"], line["licencePlate"]["number"]);
            assert_eq!((&car["status"], &car["odometerKm"], &car["year"]), (&json!("invited"), &json!(120_000), &json!(2013)));
            assert_eq!(car["customer"]["email"], line["customer"]["email"]);
        }
        let id = cars[0]["id"].as_str().unwrap();
        let readings = garage.admin.get(&format!("/v1/passports/{id}/odometer/readings")).await.items();
        assert_eq!(readings.len(), 1);
        assert_eq!(garage.admin.get("/v1/customers?limit=100").await.items().len(), 30);
        let events = garage.events().await;
        let numbers: Vec<i64> = events.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        let kinds: Vec<&str> = events[before..before + 3].iter().map(|(_, kind)| kind.as_str()).collect();
        assert_eq!(kinds, ["customer_created", "passport_created", "odometer_recorded"]);
        assert_eq!(events.len() - before, 90);
        assert!(server.mails_to("jan1@import.example").is_empty(), "nobody is mailed unasked");
    }

    async fn cu3_cu4_cu6_what_is_odd_in_a_line_loses_no_car(server) {
        let garage = server.garage("odd").await;
        let line = |mobile: &str, email: &str, postcode: &str| {
            json!({
                "licencePlate": { "number": plate() }, "year": 2018.0,
                "customer": { "kind": "person", "name": "Jan", "mobile": mobile, "email": email, "address": { "postcode": postcode, "country": "NL" } },
            })
        };
        let mut unknown = line("06-12345678", "jan@odd.example", "1234AB");
        unknown["customer"]["address"]["country"] = json!("ZZ");
        let lines = [
            line("06-12345678", "een@odd.example", "1234AB"),
            line("zie notitie", "twee@odd.example", "0123 AB"),
            line("075-6123456", "drie@gmial.com", "1234 AB"),
            unknown,
        ];
        let answer = import(&garage.advisor, PATH, &[], &lines.map(|line| line.to_string())).await.ok();
        assert_eq!((counts(&answer), &answer["warned"]), ([3, 0, 1, 3], &json!(2)));
        let odd: Vec<(u64, String)> = answer["warnedLines"].as_array().unwrap().iter().flat_map(|line| {
            let number = line["line"].as_u64().unwrap();
            let said = |odd: &Value| format!("{} {}", odd["pointer"].as_str().unwrap(), odd["code"].as_str().unwrap());
            line["warnings"].as_array().unwrap().iter().map(move |odd| (number, said(odd))).collect::<Vec<_>>()
        }).collect();
        let expected = [
            (2, "#/customer/address/postcode postcode_invalid"),
            (2, "#/customer/mobile phone_invalid"),
            (3, "#/customer/email email_misspelled"),
        ];
        assert_eq!(odd, expected.map(|(line, said)| (line, said.to_owned())));
        // Each says what became of the value.
        let detail = |answer: &Value, line: usize, odd: usize| {
            answer["warnedLines"][line]["warnings"][odd]["detail"].as_str().unwrap().to_owned()
        };
        let misspelled = "may be misspelled: was 'drie@gmail.com' meant? It was stored as it was sent.";
        assert_eq!(detail(&answer, 1, 0), misspelled);
        assert_eq!(detail(&answer, 0, 0), "is not a postal code of the country, and was left empty");
        assert!(detail(&answer, 0, 1).ends_with(", and was left empty"));
        let customers = garage.admin.get("/v1/customers").await.items();
        let shown: Vec<Value> = customers.iter().map(|one| json!([one["email"], one["mobile"], one["address"]["postcode"]])).collect();
        assert_eq!(shown, [
            json!(["een@odd.example", "+31612345678", "1234 AB"]),
            json!(["twee@odd.example", null, null]),
            json!(["drie@gmial.com", "+31756123456", "1234 AB"]),
        ]);
        assert!(garage.admin.get("/v1/passports").await.items().iter().all(|car| car["year"] == 2018));
        let lines = [line("zie notitie", "vier@odd.example", "1234 AB"), line("075-6123456", "vijf@gmial.com", "1234 AB")];
        let answer = import(&garage.advisor, PATH, &[("accept-language", "nl")], &lines.map(|line| line.to_string())).await.ok();
        let empty = "is niet één telefoonnummer zonder woorden, zoals 06-12345678 of +31612345678, en is leeg gelaten";
        assert_eq!(detail(&answer, 0, 0), empty);
        assert!(detail(&answer, 1, 0).ends_with("bedoeld? Het is opgeslagen zoals het is gestuurd."));
    }

    async fn cu8_a_customer_is_known_by_name_and_mobile_number(server) {
        let garage = server.garage("cu8i").await;
        let line = |name: &str, mobile: &str, email: Option<&str>| {
            let customer = json!({ "kind": "person", "name": name, "mobile": mobile, "email": email });
            json!({ "licencePlate": { "number": plate() }, "customer": customer }).to_string()
        };
        let first = [line("Jan Jansen", "06-12345678", None), line("jan jansen", "+31 6 12345678", None), line("Els Bos", "06-12345678", None)];
        let answer = import(&garage.advisor, PATH, &[], &first).await.ok();
        assert_eq!((counts(&answer), &answer["warned"]), ([3, 0, 0, 2], &json!(0)));
        let customers = garage.admin.get("/v1/customers?search=jansen").await.items();
        let jan = &customers[0]["id"];
        let more = [
            line("Jan Jansen", "0612345678", None),
            line("Jan Jansen", "06-12345678", Some("jan@cu8i.example")),
            line("J. Jansen", "06-12345678", None),
            line("Piet Jansen", "06-12345678", None),
        ];
        let answer = import(&garage.advisor, PATH, &[], &more).await.ok();
        assert_eq!((counts(&answer), &answer["warned"]), ([4, 0, 0, 2], &json!(2)));
        let odd = |answer: &Value, line: usize| {
            let odd = &answer["warnedLines"][line];
            json!([odd["line"], odd["warnings"][0]["pointer"], odd["warnings"][0]["code"], odd["warnings"][0]["otherId"]])
        };
        assert_eq!(odd(&answer, 0), json!([2, "#/customer/email", "email_not_in_record", jan]));
        assert_eq!(odd(&answer, 1), json!([3, "#/customer", "customer_may_be_known", jan]));
        // Whoever is invited needs the e-mail.
        let invited = [line("Jan Jansen", "06-12345678", Some("jan@cu8i.example"))];
        let answer = import(&garage.advisor, "/v1/passport-imports?invite=true", &[], &invited).await.ok();
        assert_eq!((counts(&answer), odd(&answer, 0)), ([1, 0, 0, 1], json!([1, "#/customer", "customer_may_be_known", jan])));
        let other = [line("Jan Jansen", "06-23456789", Some("jan@cu8i.example")), line("Jan Jansen", "06-23456789", Some("other@cu8i.example"))];
        assert_eq!(counts(&import(&garage.advisor, PATH, &[], &other).await.ok()), [2, 0, 0, 1]);
        assert_eq!(garage.admin.get("/v1/customers?limit=100").await.items().len(), 6);
    }

    async fn a_text_of_digits_is_a_number_of_a_line(server) {
        let garage = server.garage("digits").await;
        let line = |year: Value, km: Value| {
            let customer = json!({ "kind": "person", "name": "Jan", "drivingBehaviour": { "kmPerYear": "18000" } });
            json!({ "licencePlate": { "number": plate() }, "year": year, "odometerKm": km, "customer": customer }).to_string()
        };
        let lines = [line(json!("2015"), json!("61000")), line(json!("2015"), json!("61.000")), line(json!("15"), json!(61_000))];
        let answer = import(&garage.advisor, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [1, 0, 2, 1]);
        let wrong = |line: usize| answer["refusedLines"][line]["problem"]["errors"][0]["code"].clone();
        assert_eq!([wrong(0), wrong(1)], [json!("wrong_type"), json!("out_of_range")]);
        let car = &garage.admin.get("/v1/passports").await.items()[0];
        assert_eq!((&car["year"], &car["odometerKm"]), (&json!(2015), &json!(61_000)));
        let customer = &garage.admin.get("/v1/customers").await.items()[0];
        assert_eq!(customer["drivingBehaviour"]["kmPerYear"], 18_000);
        // In a body by itself, a number is a number.
        let alone = serde_json::from_str(&lines[0]).unwrap();
        garage.admin.post("/v1/passports", alone).await.wrong(&[
            "#/customer/drivingBehaviour/kmPerYear wrong_type", "#/year wrong_type", "#/odometerKm wrong_type",
        ]);
    }

    async fn an_empty_text_of_a_line_is_absent(server) {
        let garage = server.garage("empty").await;
        let line = json!({
            "licencePlate": { "number": plate(), "country": "" }, "customerId": "", "fleetId": " ", "make": "", "year": 2018, "vin": "",
            "customer": {
                "kind": "person", "name": "Jan", "email": "", "mobile": "", "notes": "", "language": "",
                "address": { "street": "", "postcode": "", "place": "", "country": "" },
                "drivingBehaviour": { "usage": "" },
            },
        });
        let nobody = json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "", "name": "" } });
        let answer = import(&garage.advisor, PATH, &[], &[line.to_string(), nobody.to_string()]).await.ok();
        assert_eq!((counts(&answer), &answer["warned"]), ([1, 0, 1, 1], &json!(0)));
        let errors = &answer["refusedLines"][0]["problem"]["errors"];
        assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("#/customerId"), &json!("one_required")));
        let car = &garage.admin.get("/v1/passports").await.items()[0];
        assert_eq!((&car["make"], &car["vin"], &car["year"], &car["fleet"]), (&Value::Null, &Value::Null, &json!(2018), &Value::Null));
        let customer = &garage.admin.get("/v1/customers").await.items()[0];
        assert_eq!((&customer["email"], &customer["mobile"], &customer["address"]["country"]), (&Value::Null, &Value::Null, &json!("NL")));
    }

    async fn p3_each_is_invited_when_asked(server) {
        let garage = server.garage("invite").await;
        let nameless = json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "person", "name": "Piet" } });
        let lines: Vec<String> =
            (0..12).map(|number| car(&plate(), &format!("Kees{number}")).to_string()).chain([nameless.to_string()]).collect();
        let answer = import(&garage.admin, "/v1/passport-imports?invite=true", &[], &lines).await.ok();
        assert_eq!(counts(&answer), [12, 0, 1, 12]);
        assert_eq!(refusals(&answer), [(13, "customer_without_email".into())]);
        let driver = server.join("kees7@import.example").await;
        assert_eq!(driver.get("/v1/passports").await.items().len(), 1);
        let answer = import(&garage.admin, "/v1/passport-imports?invite=false", &[], &lines[12..]).await.ok();
        assert_eq!(counts(&answer), [1, 0, 0, 1], "without an invitation no e-mail is needed");
        // Cars that are there already are passed over, whether a link was mailed before or not.
        let issued = async || garage.events().await.iter().filter(|(_, kind)| kind == "invitation_issued").count();
        let before = issued().await;
        let answer = import(&garage.admin, "/v1/passport-imports?invite=true", &[], &lines).await.ok();
        assert_eq!((counts(&answer), issued().await), ([0, 13, 0, 0], before));
        import(&garage.admin, "/v1/passport-imports?invite=maybe", &[], &lines).await.wrong(&["invite wrong_type"]);
    }

    async fn p2_the_events_say_which_passports_were_mailed(server) {
        let garage = server.garage("mailed").await;
        for (query, mailed) in [("?invite=true", 1), ("", 0)] {
            let number = plate();
            import(&garage.admin, &format!("{PATH}{query}"), &[], &[car(&number, "Els").to_string()]).await.ok();
            let found = garage.admin.get(&format!("/v1/passports?plate={number}")).await.items();
            assert_eq!(found[0]["status"], "invited");
            let id = found[0]["id"].as_str().unwrap();
            let events = format!("/v1/passports/{id}/events?kind=invitation_issued");
            assert_eq!(garage.admin.get(&events).await.items().len(), mailed, "{query}");
            garage.admin.act(&format!("/v1/passports/{id}/invitation")).await;
            assert_eq!(garage.admin.get(&events).await.items().len(), mailed + 1, "{query}, then a link");
        }
    }

    async fn p9_a_line_that_is_wrong_is_named_and_the_others_are_stored(server) {
        let (garage, other) = (server.garage("wrong").await, server.garage("wrong-other").await);
        let taken = plate();
        import(&other.admin, PATH, &[], &[car(&taken, "Other").to_string()]).await.ok();
        let fleet = garage.fleet("wrong-fleet").await;
        let foreign = other.customer("foreign@wrong.example").await;
        let (twice, good) = (plate(), plate());
        let with = |mut line: Value, name: &str, value: Value| {
            line[name] = value;
            line.to_string()
        };
        let lines = [
            car(&good, "Good").to_string(),
            "{\"licencePlate\": ".into(),
            String::new(),
            json!({ "licencePlate": { "number": "TT-601-D" }, "customer": { "kind": "person" }, "colour": "red" }).to_string(),
            car(&taken, "Taken").to_string(),
            with(car(&plate(), "Foreign"), "customerId", json!(foreign)).replace("\"customer\":{", "\"x\":{"),
            json!({ "licencePlate": { "number": plate() }, "customerId": foreign }).to_string(),
            with(car(&plate(), "Fleet"), "fleetId", json!(fleet.id)),
            with(car(&plate(), "NoFleet"), "fleetId", json!(foreign)),
            car(&twice, "Twice").to_string(),
            car(&twice, "Twice").to_string(),
            car("NOT A PLATE", "Plate").to_string(),
        ];
        let answer = import(&garage.admin, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [3, 1, 7, 3]);
        let invalid = |line| (line, "invalid_request".to_owned());
        let expected = [
            (2, "malformed_json".to_owned()), invalid(4), (5, "passport_exists".to_owned()), invalid(6), invalid(7), invalid(9), invalid(12),
        ];
        assert_eq!(refusals(&answer), expected);
        let errors = &answer["refusedLines"][1]["problem"]["errors"];
        let codes: Vec<&str> = errors.as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["required", "unknown_property"], "all that is wrong with a line is named at once");
        assert!(!answer.to_string().contains("Garage wrong-other"), "of another garage's car no more than that it is there");
        let linked = garage.admin.get(&format!("/v1/fleets/{}/passports", fleet.id)).await.items();
        assert_eq!(linked.len(), 1);
        let custody = garage.admin.get(&format!("/v1/passports/{}/custody", linked[0]["id"].as_str().unwrap())).await.items();
        assert!(!custody.is_empty());
        let found = garage.admin.get("/v1/customers?search=taken").await.items();
        assert!(found.is_empty(), "nothing is kept of a line that was refused");
    }

    async fn p9_sent_again_it_changes_nothing(server) {
        let garage = server.garage("again").await;
        let shared = |number: &str| {
            let mut line = car(number, "Shared");
            line["customer"]["email"] = json!("SHARED@import.example");
            line.to_string()
        };
        let lines = vec![car(&plate(), "Shared").to_string(), shared(&plate()), car(&plate(), "Single").to_string()];
        let answer = import(&garage.admin, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [3, 0, 0, 2], "two cars of one customer make one record");
        let events = garage.events().await.len();
        let again = import(&garage.admin, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&again), [0, 3, 0, 0]);
        assert_eq!(garage.events().await.len(), events);
        let more = [lines[0].clone(), shared(&plate())];
        assert_eq!(counts(&import(&garage.admin, PATH, &[], &more).await.ok()), [1, 1, 0, 0]);
    }

    async fn p9_lines_that_are_passed_over_are_named(server) {
        let garage = server.garage("passed").await;
        let there = plate();
        import(&garage.advisor, PATH, &[], &[car(&there, "There").to_string()]).await.ok();
        let number = plate();
        let plain = number.replace('-', "");
        let lines = [
            car(&number, "First").to_string(),
            car(&plain, "Second").to_string(),
            car(&there, "Other").to_string(),
            car(&plain.to_lowercase(), "Third").to_string(),
            car(&there.to_lowercase(), "Another").to_string(),
            car(&plate(), "Alone").to_string(),
        ];
        let answer = import(&garage.advisor, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [2, 4, 0, 2]);
        let id = async |number: &str| garage.admin.get(&format!("/v1/passports?plate={number}")).await.items()[0]["id"].clone();
        let (made, known) = (id(&number).await, id(&there).await);
        let named: Vec<Value> = answer["existingLines"].as_array().unwrap().iter()
            .map(|line| json!([line["line"], line["licencePlate"]["shown"], line["passportId"], line["earlierLine"]]))
            .collect();
        assert_eq!(named, [
            json!([2, number, made, 1]),
            json!([3, there, known, null]),
            json!([4, number, made, 1]),
            json!([5, there, known, 3]),
        ]);
        let again = import(&garage.advisor, PATH, &[], &lines).await.ok();
        let earlier: Vec<&Value> = again["existingLines"].as_array().unwrap().iter().map(|line| &line["earlierLine"]).collect();
        assert_eq!(earlier, [&Value::Null, &json!(1), &Value::Null, &json!(1), &json!(3), &Value::Null]);
    }

    async fn a_key_is_answered_once(server) {
        let garage = server.garage("key").await;
        let key = [("idempotency-key", "import-1")];
        let lines = [car(&plate(), "Key").to_string()];
        let first = import(&garage.admin, PATH, &key, &lines).await.ok();
        assert_eq!(counts(&first), [1, 0, 0, 1]);
        assert_eq!(import(&garage.admin, PATH, &key, &lines).await.ok(), first, "the same answer, not a new import");
        let other = [car(&plate(), "Other").to_string()];
        import(&garage.admin, PATH, &key, &other).await.problem(422, "idempotency_key_reused");
        assert_eq!(garage.admin.get("/v1/passports").await.items().len(), 1, "the other body was not imported");
    }

    async fn a_long_stream_goes_to_the_database_in_blocks(server) {
        let garage = server.garage("long").await;
        let notes = "n".repeat(1_500);
        let long = |number: u32| {
            let mut line = car(&format!("{:03}-BB-{}", number / 10, number % 10), &format!("Long{number}"));
            line["licencePlate"] = json!({ "number": format!("L{number}"), "country": "BE" });
            line["customer"]["notes"] = json!(notes);
            line.to_string()
        };
        let mut lines: Vec<String> = (0..800).map(long).collect();
        lines.push("[]".into());
        assert!(lines.iter().map(String::len).sum::<usize>() > 2 * 512 * 1024);
        let answer = import(&garage.admin, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [800, 0, 1, 800]);
        assert_eq!(refusals(&answer), [(801, "malformed_json".into())], "lines are counted through all blocks");
    }

    async fn a_line_that_is_too_long_is_refused_alone(server) {
        let garage = server.garage("longest").await;
        let long = |length: usize| format!("{{\"make\":\"{}\"}}", "x".repeat(length));
        let lines = [
            car(&plate(), "Before").to_string(), long(100_000), car(&plate(), "Between").to_string(),
            long(900 * 1024), " ".repeat(600 * 1024), car(&plate(), "After").to_string(), long(300 * 1024),
        ];
        let answer = import(&garage.admin, PATH, &[], &lines).await.ok();
        assert_eq!(counts(&answer), [3, 0, 4, 3]);
        assert_eq!(refusals(&answer), [2, 4, 5, 7].map(|line| (line, "payload_too_large".to_owned())));
    }

    async fn the_lines_before_a_stream_breaks_off_are_stored(server) {
        let hasty = Server::start_with(server.backend, |settings| settings.body_patience = Duration::from_millis(500)).await;
        let garage = hasty.garage("broke-off").await;
        let token = garage.admin.token.as_ref().unwrap();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 60000\r\n\r\n"
        );
        let stored = async || garage.admin.get("/v1/passports").await.items().len();
        let begin = async || {
            let mut connection = TcpStream::connect(hasty.url.strip_prefix("http://").unwrap()).await.unwrap();
            let whole = [car(&plate(), "One"), car(&plate(), "Two")].map(|line| format!("{line}\n")).concat();
            let part = &car(&plate(), "Three").to_string()[..50];
            connection.write_all(format!("{head}{whole}{part}").as_bytes()).await.unwrap();
            connection
        };
        let mut slow = begin().await;
        let mut answer = String::new();
        tokio::time::timeout(Duration::from_secs(20), slow.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"request_timeout\""), "{answer}");
        assert_eq!(stored().await, 2, "by the time of the answer");
        // Whoever goes away is told nothing, and what they sent is stored soon.
        drop(begin().await);
        for _ in 0..100 {
            if stored().await == 4 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(stored().await, 4);
        hasty.stop().await;
    }

    async fn two_garages_import_the_same_cars_at_once(server) {
        let (one, other) = (server.garage("race").await, server.garage("race-other").await);
        let plates: Vec<String> = (0..200).map(|_| plate()).collect();
        let lines = |name: &str| plates.iter().map(|plate| car(plate, name).to_string()).collect::<Vec<_>>();
        let (ours, theirs) = (lines("One"), lines("Other"));
        let (ours, theirs) = tokio::join!(import(&one.admin, PATH, &[], &ours), import(&other.admin, PATH, &[], &theirs));
        let (ours, theirs) = (counts(&ours.ok()), counts(&theirs.ok()));
        assert_eq!(ours[0] + theirs[0], 200, "each car has one passport: {ours:?} {theirs:?}");
        assert_eq!((ours[0] + ours[2], theirs[0] + theirs[2]), (200, 200), "each line has an outcome");
    }

    async fn a2_who_may_import(server) {
        let garage = server.garage("who").await;
        let fleet = garage.fleet("who-fleet").await;
        let lines = [car(&plate(), "Who").to_string()];
        import(&garage.mechanic, PATH, &[], &lines).await.problem(403, "advisor_only");
        import(&fleet.account, PATH, &[], &lines).await.problem(403, "wrong_account_kind");
        import(&server.anonymous(), PATH, &[], &lines).await.problem(401, "unauthenticated");
        garage.admin.post(PATH, json!({})).await.problem(415, "unsupported_media_type");
        // Generated clients send any bytes more easily than JSON lines.
        let headers = [("content-type", "application/octet-stream")];
        let sent = garage.admin.send("POST", PATH, &headers, Some(car(&plate(), "Bytes").to_string().into_bytes())).await;
        assert_eq!(counts(&sent.ok()), [1, 0, 0, 1]);
        assert_eq!(counts(&import(&garage.admin, PATH, &[], &[]).await.ok()), [0, 0, 0, 0]);
    }
}
