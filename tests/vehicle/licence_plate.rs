//! What a licence plate is, over HTTP: rules K1 to K9.

use crate::{
    both,
    support::{PASSWORD, plate},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

both! {
    async fn k1_k3_a_whole_plate(server) {
        let (driver, ..) = server.garage("k1").await.driver("jan@k1.example").await;
        let plate = driver.get("/v1/licence-plates/v-95-jkv").await.ok();
        let expected = json!({
            "country": "NL", "number": "V95JKV", "shown": "V-95-JKV", "complete": true, "sidecode": 12,
            "categoryHints": ["light_commercial"], "warnings": [], "suggestion": null,
        });
        assert_eq!(plate, expected);
        let spaced = driver.get("/v1/licence-plates/%20tt%20601_d.").await.ok();
        assert_eq!((spaced["shown"].as_str(), &spaced["categoryHints"]), (Some("TT-601-D"), &json!([])));
        // Whether a passport has the plate is not told.
        assert_eq!(plate.as_object().unwrap().len(), 8);
        let german = driver.get("/v1/licence-plates/b-mw%201234?country=de").await.ok();
        let expected = json!({
            "country": "DE", "number": "B-MW1234", "shown": "B-MW 1234", "complete": true, "sidecode": null,
            "categoryHints": [], "warnings": [], "suggestion": null,
        });
        assert_eq!(german, expected);
    }

    async fn k2_the_beginning_of_a_plate(server) {
        let (driver, ..) = server.garage("k2").await.driver("jan@k2.example").await;
        for (typed, shown) in [("k", "K"), ("kjr", "KJR"), ("kjr5", "KJR-5"), ("KJR-5", "KJR-5"), ("12AB", "12-AB"), ("TT601", "TT601")] {
            let answer = driver.get(&format!("/v1/licence-plates/{typed}")).await.ok();
            assert_eq!((answer["complete"].as_bool(), answer["shown"].as_str()), (Some(false), Some(shown)), "{typed}");
            assert!(answer["sidecode"].is_null());
        }
    }

    async fn k4_odd_letters_warn(server) {
        let (driver, ..) = server.garage("k4").await.driver("jan@k4.example").await;
        let path = "/v1/licence-plates/CAQ-12-B";
        let english = driver.get(path).await.ok();
        let codes: Vec<_> = english["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
        assert_eq!(codes, ["letter_not_issued", "vowel"]);
        assert_eq!(english["warnings"][0]["detail"], "contains a C or a Q, which are not issued");
        let dutch = driver.send("GET", path, &[("accept-language", "nl")], None).await.ok();
        assert_eq!(dutch["warnings"][0]["detail"], "bevat een C of Q, letters die niet worden uitgegeven");
        let offensive = driver.get("/v1/licence-plates/12-SSB-3").await.ok();
        assert_eq!(offensive["warnings"][0]["code"], "refused_combination");
    }

    async fn k6_what_was_probably_meant(server) {
        let (driver, ..) = server.garage("k6s").await.driver("jan@k6s.example").await;
        let slip = driver.get("/v1/licence-plates/TT-6O1-D").await;
        slip.wrong(&["plate licence_plate_slip"]);
        assert_eq!(slip.body["errors"][0]["detail"], "is not one of the fourteen Dutch layouts; is it TT-601-D?");
        let odd = driver.get("/v1/licence-plates/BI-12-BB").await.ok();
        assert_eq!((&odd["warnings"][0]["code"], &odd["suggestion"]), (&json!("vowel"), &json!("B-112-BB")));
        // The letter and its twin are named.
        let script = driver.send("GET", "/v1/licence-plates/%D0%A2T-601-D", &[("accept-language", "nl")], None).await;
        script.wrong(&["plate licence_plate_script"]);
        assert_eq!(script.body["errors"][0]["detail"], "bevat 'Т', een letter uit een ander schrift: schrijf de Latijnse letter T");
    }

    async fn k1_k5_plates_as_they_are_pasted_and_of_other_countries(server) {
        let garage = server.garage("k5p").await;
        let customer = garage.customer("jan@k5p.example").await;
        let new_passport = async |number: &str, country: &str| {
            let body = json!({ "licencePlate": { "number": number, "country": country }, "customerId": customer });
            garage.admin.post("/v1/passports", body).await
        };
        let dutch = plate();
        let pasted = format!("NL\u{A0}{}\u{2011}{}\u{200B}", &dutch[..2], &dutch[2..]);
        assert_eq!(new_passport(&pasted, "NL").await.created()["licencePlate"]["number"], dutch.replace('-', ""));
        // Two cars of the same signs, and one with a letter of its own.
        let shown = async |number: &str, country: &str| new_passport(number, country).await.created()["licencePlate"].clone();
        let first = shown("B-EX 123", "DE").await;
        assert_eq!(first, json!({ "country": "DE", "number": "B-EX123", "shown": "B-EX 123" }));
        assert_eq!(shown("be-x 123", "DE").await["number"], "BE-X123");
        new_passport("B EX 123", "de").await.problem(409, "passport_exists");
        new_passport(first["number"].as_str().unwrap(), "DE").await.problem(409, "passport_exists");
        assert_eq!(shown("wü-ab 12", "DE").await["shown"], "WÜ-AB 12");
        assert_eq!(shown("ši-123-ab", "HR").await["number"], "ŠI123AB");
        assert_eq!(shown("AB12 CDE", "UK").await["country"], "GB");
        new_passport("AB12 CDE", "EU").await.wrong(&["#/licencePlate/country country_invalid"]);
        new_passport("СА 1234 ВХ", "BG").await.wrong(&["#/licencePlate/number licence_plate_script"]);
        new_passport("TT-6O1-D", "NL").await.wrong(&["#/licencePlate/number licence_plate_slip"]);
        // They are found as they are typed.
        let found = async |query: &str| garage.admin.get(&format!("/v1/passports?{query}")).await.items().len();
        assert_eq!((found("plate=B-EX%20123").await, found("plate=WÜ-AB12").await, found("search=bex%20123").await), (1, 1, 2));
        assert_eq!((found("search=%C5%A1i-123").await, found(&format!("plate=NL%20{dutch}")).await), (1, 1));
    }

    async fn k8_a_plate_of_another_country_is_shown_as_it_was_typed(server) {
        let garage = server.garage("k8").await;
        let customer = garage.customer("jan@k8.example").await;
        let new_passport = async |number: &str| {
            let body = json!({ "licencePlate": { "number": number, "country": "BE" }, "customerId": customer });
            garage.admin.post("/v1/passports", body).await
        };
        let made = new_passport(" 1\u{2011}abc\u{2013}234 ").await.created();
        assert_eq!(made["licencePlate"], json!({ "country": "BE", "number": "1ABC234", "shown": "1-ABC-234" }));
        new_passport("1 ABC 234").await.problem(409, "passport_exists");
        let path = format!("/v1/passports/{}", made["id"].as_str().unwrap());
        let shown = async |path: &str| garage.admin.get(path).await.ok();
        assert_eq!(shown(&path).await["licencePlate"]["shown"], "1-ABC-234");
        assert_eq!(garage.admin.get(&format!("{path}/plates")).await.items()[0]["licencePlate"]["shown"], "1-ABC-234");
        for query in ["plate=1abc234", "plate=1%20ABC%20234", "search=abc-23"] {
            let found = garage.admin.get(&format!("/v1/passports?{query}")).await.items();
            assert_eq!(found[0]["licencePlate"]["shown"], "1-ABC-234", "{query}");
        }
        // The number that answers have changes nothing; other dashes do, and it stays the same plate.
        let change = async |number: &str| {
            let body = json!({ "licencePlate": { "number": number, "country": "BE" } });
            garage.admin.patch(&path, body).await.ok()
        };
        let same = change("1ABC234").await;
        assert_eq!((&same["licencePlate"]["shown"], &same["version"]), (&json!("1-ABC-234"), &made["version"]));
        assert_eq!(change("1 abc 234").await["licencePlate"]["shown"], "1 ABC 234");
        assert_eq!(garage.admin.get(&format!("{path}/plates")).await.items().len(), 1);
        assert_eq!(change("1ABC235").await["licencePlate"]["shown"], "1ABC235");
        let typed = garage.admin.get("/v1/licence-plates/ab12%20cde?country=gb").await.ok();
        assert_eq!((&typed["number"], &typed["shown"]), (&json!("AB12CDE"), &json!("AB12 CDE")));
    }

    async fn k9_a_plate_whose_district_is_not_known_may_be_another_car_of_the_garage(server) {
        let (garage, other) = (server.garage("k9").await, server.garage("k9o").await);
        let customer = garage.customer("jan@k9.example").await;
        let body = |number: &str, customer: &str| {
            json!({ "licencePlate": { "number": number, "country": "DE" }, "customerId": customer })
        };
        let make = async |number: &str| garage.admin.post("/v1/passports", body(number, &customer)).await.created();
        let first = make("K-EX 129").await;
        assert_eq!(first["possibleDuplicates"], json!([]));
        let theirs = other.customer("piet@k9o.example").await;
        other.admin.post("/v1/passports", body("KE-X 129", &theirs)).await.created();
        // Of another garage's car, nothing is said.
        let third = make("KEX129").await;
        let like = |passport: &Value| passport["possibleDuplicates"].clone();
        let expected = |of: &Value| json!([{ "id": of["id"], "licencePlate": of["licencePlate"], "archived": false, "why": "plate" }]);
        assert_eq!(like(&third), expected(&first));
        let read = async |of: &Value| garage.admin.get(&format!("/v1/passports/{}", of["id"].as_str().unwrap())).await.ok();
        assert_eq!(like(&read(&first).await), expected(&third));
        assert!(garage.admin.get("/v1/passports").await.items().iter().all(|one| like(one).is_null()));
        // Written as it is, it is no other's any more.
        let path = format!("/v1/passports/{}", third["id"].as_str().unwrap());
        let plate = json!({ "licencePlate": { "number": "KEX-129", "country": "AT" } });
        assert_eq!(like(&garage.admin.patch(&path, plate).await.ok()), json!([]));
        let typed = garage.admin.get("/v1/licence-plates/kex129?country=de").await.ok();
        let warning = json!({
            "code": "district_unknown", "detail": "does not say where the district ends; write it with a dash: K-EX 129, KE-X 129",
        });
        assert_eq!(typed["warnings"], json!([warning]));
        // An import warns at the line.
        let text = json!({ "licencePlate": { "number": "kex 129", "country": "DE" }, "customerId": customer }).to_string();
        let headers = [("content-type", "application/x-ndjson")];
        let import = garage.admin.send("POST", "/v1/passport-imports", &headers, Some(text.into_bytes())).await.ok();
        let odd = &import["warnedLines"][0]["warnings"][0];
        assert_eq!((&odd["pointer"], &odd["code"]), (&json!("#/licencePlate/number"), &json!("plate_may_be_own")));
        assert_eq!((&odd["otherId"], &import["made"]), (&first["id"], &json!(1)));
        let may_be = "may be K-EX 129, the plate of another passport of the garage, which 'otherId' names: \
                      write where the district ends, as in K-EX 129. It was stored as it was sent.";
        assert_eq!(odd["detail"], may_be);
        // Whoever wrote the dash is not told to write it.
        make("KAB128").await;
        let text = json!({ "licencePlate": { "number": "KA-B 128", "country": "DE" }, "customerId": customer }).to_string();
        let import = garage.admin.send("POST", "/v1/passport-imports", &headers, Some(text.into_bytes())).await.ok();
        let odd = &import["warnedLines"][0]["warnings"][0];
        assert_eq!((&odd["code"], &import["made"]), (&json!("own_plate_may_be"), &json!(1)));
        let detail = odd["detail"].as_str().unwrap();
        assert!(detail.contains("KAB128") && !detail.contains("KA-B") && detail.ends_with("It was stored as it was sent."), "{detail}");
    }

    async fn no_plate_begins_so(server) {
        let (driver, ..) = server.garage("k5").await.driver("jan@k5.example").await;
        for (typed, code) in [
            ("A1B", "licence_plate_layout"),
            ("12345", "licence_plate_layout"),
            ("TT-601-D1", "licence_plate_layout"),
            ("---", "blank"),
            ("%20", "blank"),
            ("%C3%9F-601-D", "licence_plate_character"),
            ("TT%00601D", "licence_plate_character"),
            ("TT%2F601D", "licence_plate_character"),
            ("TT+601", "licence_plate_character"),
            ("%FF", "licence_plate_character"),
        ] {
            driver.get(&format!("/v1/licence-plates/{typed}")).await.wrong(&[&format!("plate {code}")]);
        }
        driver.get(&format!("/v1/licence-plates/{}", "A".repeat(1000))).await.wrong(&["plate licence_plate_layout"]);
        driver.get("/v1/licence-plates/ABCDEFGHIJKLM?country=DE").await.wrong(&["plate too_long"]);
        driver.get("/v1/licence-plates/TT601D?country=NLD").await.wrong(&["country country_invalid"]);
        driver.get("/v1/licence-plates/TT601D?land=NL").await.wrong(&["land unknown_parameter"]);
    }

    async fn only_for_who_is_signed_in(server) {
        let garage = server.garage("k6").await;
        let path = "/v1/licence-plates/TT601D";
        server.anonymous().get(path).await.problem(401, "unauthenticated");
        let again = server.sign_in("advisor@k6.example", PASSWORD).await;
        again.get(path).await.ok();
        again.act("/v1/auth/logout").await;
        again.get(path).await.problem(401, "unauthenticated");
        server.pass(SignedDuration::from_hours(1));
        garage.admin.get(path).await.problem(401, "unauthenticated");
    }
}
