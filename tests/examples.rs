//! The examples of the document work with the demo garage: whoever opens `/docs` there can press Execute as the fields
//! are filled in.

use crate::{
    both,
    support::{Demo, Example, Server, source::repository},
};
use std::collections::BTreeMap;

/// The examples that are refused whoever sends them, each with the code of the problem, and why that cannot be otherwise.
const REFUSED: [(&str, &str, &str); 14] = [
    ("acceptInvitation", "invitation_not_found", "a token is made from the server's secret, and comes by mail"),
    ("confirmEmail", "invitation_not_found", "a token is made from the server's secret, and comes by mail"),
    ("confirmPasswordReset", "invitation_not_found", "a token is made from the server's secret, and comes by mail"),
    ("previewInvitation", "invitation_not_found", "a token is made from the server's secret, and comes by mail"),
    ("sendInvitationElsewhere", "invitation_not_found", "a token is made from the server's secret, and comes by mail"),
    ("endSession", "not_found", "a session begins when someone signs in, with an id of its own"),
    ("readNotification", "not_found", "people are told by the running server, with ids of their own"),
    ("reportDelivery", "signature_invalid", "a signature is that of the operator's secret, at this moment"),
    ("deleteDevice", "not_found", "a device is registered by the browser or the app on it"),
    ("confirmSecondFactor", "second_factor_not_begun", "a code is that of a secret of one's own, at this moment"),
    ("replaceRecoveryCodes", "second_factor_absent", "a code is that of a secret of one's own, at this moment"),
    ("removeSecondFactor", "second_factor_absent", "a code is that of a secret of one's own, at this moment"),
    ("revokeActivation", "activation_stands", "nobody took a link in the demo: it would look like an accident"),
    ("refresh", "refresh_token_invalid", "a refresh token is random, and signing in gives it"),
];

both! {
    async fn the_examples_of_the_document_work_on_the_demo(server) {
        let demo = Demo::prepare(server.backend).await;
        let mut copy = demo.open().await;
        let mut refused = BTreeMap::new();
        for example in Example::all() {
            let mut codes = Vec::new();
            let mut works = false;
            for actor in demo.actors(&copy) {
                let answer = example.send(&actor).await;
                works = answer.status < 300;
                if works {
                    // An import says in its answer what was refused.
                    let is_import = ["importPassports", "importServiceRecords"].contains(&example.operation.as_str());
                    assert!(!is_import || answer.body["made"] == 1, "{}", answer.body);
                    break;
                }
                codes.push(answer.body["code"].as_str().unwrap().to_owned());
            }
            if !works {
                // Most are refused first because they are not signed in, or not of the right kind.
                refused.insert(example.operation.clone(), codes);
            }
            // A refusal leaves nothing behind.
            if works && example.method != "GET" {
                std::mem::replace(&mut copy, demo.open().await).stop().await;
            }
        }
        copy.stop().await;
        demo.close();
        let known: Vec<&str> = REFUSED.iter().map(|(operation, ..)| *operation).collect();
        let found: Vec<&String> = refused.keys().collect();
        let mut expected = known.clone();
        expected.sort_unstable();
        assert_eq!(found, expected, "which examples are refused: {refused:#?}");
        for (operation, code, why) in REFUSED {
            let codes = &refused[operation];
            assert!(codes.iter().any(|found| found == code), "{operation} is not refused with {code} ({why}): {codes:?}");
        }
    }

    async fn the_examples_that_read_the_odometer_work_one_after_another(server) {
        let demo = Demo::prepare(server.backend).await;
        let copy = demo.open().await;
        let examples = Example::all();
        for operation in ["completeVehicleCheck", "addServiceRecord", "recordOdometerReading", "updatePassport"] {
            let example = examples.iter().find(|example| example.operation == operation).unwrap();
            let advisor = copy.sign_in(api::demo::LOGINS[1].1, api::demo::PASSWORD).await;
            let answer = example.send(&advisor).await;
            assert!(answer.status < 300, "{operation}: {}", answer.body);
        }
        copy.stop().await;
        demo.close();
    }

    async fn the_lines_of_the_manual_can_be_imported(server) {
        let manual = std::fs::read_to_string(repository().join("docs/api-conventions.md")).unwrap();
        let (_, lines) = manual.split_once("```json\n{\"licencePlate\"").unwrap();
        let (lines, _) = lines.split_once("```").unwrap();
        let demo = Demo::prepare(server.backend).await;
        let copy = demo.open().await;
        let advisor = copy.sign_in(api::demo::LOGINS[1].1, api::demo::PASSWORD).await;
        let headers = [("content-type", "application/x-ndjson")];
        let body = format!("{{\"licencePlate\"{lines}").into_bytes();
        let answer = advisor.send("POST", "/v1/passport-imports", &headers, Some(body)).await.ok();
        assert_eq!((&answer["made"], &answer["refused"]), (&2.into(), &0.into()), "{answer}");
        copy.stop().await;
        demo.close();
    }

    async fn only_logins_that_exist_are_told(server) {
        let logins = || server.store().read(api::demo::logins).unwrap();
        server.garage("first").await;
        assert!(!server.seed_demo().await, "there is a garage already");
        assert_eq!(logins(), []);
        let told = api::demo::report(false, &logins());
        assert!(!told.contains(".example") && !told.contains(api::demo::PASSWORD), "{told}");
        let demo = Server::start(server.backend).await;
        for seeded in [true, false] {
            assert_eq!(demo.seed_demo().await, seeded);
            let logins = demo.store().read(api::demo::logins).unwrap();
            // Those of the history come with it.
            assert_eq!(logins, api::demo::LOGINS[..6]);
            let told = api::demo::report(seeded, &logins);
            assert!(logins.iter().all(|(_, email)| told.contains(email)) && told.contains(api::demo::PASSWORD), "{told}");
        }
        demo.stop().await;
    }
}
