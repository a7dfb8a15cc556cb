//! What a licence plate is, over HTTP: rules K1 to K4.

use crate::{both, support::PASSWORD};
use jiff::SignedDuration;
use serde_json::json;

both! {
    async fn k1_k3_a_whole_plate(server) {
        let (driver, ..) = server.garage("k1").await.driver("jan@k1.example").await;
        let plate = driver.get("/v1/licence-plates/v-95-jkv").await.ok();
        let expected = json!({
            "country": "NL", "number": "V95JKV", "shown": "V-95-JKV", "complete": true, "sidecode": 12,
            "categoryHints": ["light_commercial"], "warnings": [],
        });
        assert_eq!(plate, expected);
        let spaced = driver.get("/v1/licence-plates/%20tt%20601_d.").await.ok();
        assert_eq!((spaced["shown"].as_str(), &spaced["categoryHints"]), (Some("TT-601-D"), &json!([])));
        // Whether a passport has the plate is not told.
        assert_eq!(plate.as_object().unwrap().len(), 7);
        let german = driver.get("/v1/licence-plates/b-mw%201234?country=de").await.ok();
        let expected = json!({
            "country": "DE", "number": "BMW1234", "shown": "BMW1234", "complete": true, "sidecode": null,
            "categoryHints": [], "warnings": [],
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
