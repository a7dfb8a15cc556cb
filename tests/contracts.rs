//! The document and the program are one: routes, examples, problems, and the committed file.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a JSON value are the standard's, and will not grow")]

use crate::{both, support::Contract};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path.clone(), method.clone(), operation.clone()))
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed = include_str!("../openapi.yaml");
    let generated = api::openapi::yaml(&api::openapi::document());
    assert!(committed.trim() == generated.trim(), "openapi.yaml is not current: run `make openapi`");
}

#[test]
fn every_operation_is_described_with_examples_and_problems() {
    let contract = Contract::shared();
    let mut ids = std::collections::HashSet::new();
    for (path, method, operation) in operations(&contract.document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name} has another's operationId");
        assert!(operation["summary"].is_string() && operation["description"].is_string(), "{name} is not described");
        for (_, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            assert!(has_example(&contract, &content["schema"]), "{name} has no example of its body");
        }
        for status in operation["responses"].as_object().unwrap().keys() {
            let response = contract.response(&operation, status);
            if let Some(content) = response["content"].get("application/json") {
                assert!(has_example(&contract, &content["schema"]), "{name} has no example of {status}");
            }
            if status.starts_with(['4', '5']) {
                let examples = response["content"]["application/problem+json"]["examples"].as_object().unwrap();
                assert!(!examples.is_empty(), "{name} has no problem of {status}");
                for (code, example) in examples {
                    assert_eq!(contract.resolve(example)["value"]["code"], *code, "{name} {status}");
                }
            }
        }
    }
}

/// A body has its example at its schema, a list at that of its items, and a stream of lines at that of a line.
fn has_example(contract: &Contract, schema: &Value) -> bool {
    let line = schema["x-line-schema"].as_str().map(|line| json!({ "$ref": line }));
    let body = contract.resolve(line.as_ref().unwrap_or(schema));
    let items = contract.resolve(&body["properties"]["items"]["items"]);
    // Nobody fills in a file.
    body["format"] == "binary" || !body["example"].is_null() || !items["example"].is_null()
}

#[test]
fn every_problem_of_the_catalogue_is_in_the_document() {
    let contract = Contract::shared();
    let mut found = BTreeSet::new();
    for (.., operation) in operations(&contract.document) {
        for status in operation["responses"].as_object().unwrap().keys() {
            let content = &contract.response(&operation, status)["content"]["application/problem+json"];
            found.extend(content["examples"].as_object().into_iter().flatten().map(|(code, _)| code.clone()));
        }
    }
    for code in api::problem::Code::ALL {
        // Only a path that exists with other methods gives 405, and only OPTIONS can be a preflight: no operation has them.
        let outside = [api::problem::Code::MethodNotAllowed, api::problem::Code::PreflightRefused].contains(code);
        assert!(outside || found.contains(code.code()), "{} belongs to no operation", code.code());
    }
}

#[test]
fn every_body_refuses_unknown_properties() {
    let contract = Contract::shared();
    for (path, method, operation) in operations(&contract.document) {
        if let Some(name) = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str() {
            let schema = &contract.document["components"]["schemas"][name.rsplit('/').next().unwrap()];
            assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        }
    }
}

#[test]
fn everything_referred_to_is_there() {
    fn follow(contract: &Contract, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| follow(contract, item)),
            Value::Object(object) => {
                contract.resolve(value);
                object.values().for_each(|child| follow(contract, child));
            }
            _ => {}
        }
    }
    let contract = Contract::shared();
    follow(&contract, &contract.document);
}

/// A reader of YAML 1.1 takes words such as `on`, `10:15` and `2026-03-01` for something else: they are in quotes.
#[test]
fn old_and_new_readers_of_yaml_find_the_same() {
    let document = api::openapi::document();
    let text = api::openapi::yaml(&document);
    assert_eq!(yaml_serde::from_str::<Value>(&text).unwrap(), document);
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches("- ");
        // The document has no names with a quote in them.
        let (name, value) = match line.strip_prefix('"') {
            Some(rest) if rest.contains("\": ") || rest.ends_with("\":") => {
                ("", rest.split_once("\":").unwrap().1.trim())
            }
            Some(_) => ("", "\"\""),
            None => line.split_once(": ").or(line.strip_suffix(':').map(|name| (name, ""))).unwrap_or(("", line)),
        };
        assert!(name.is_empty() || is_text_to_all(name), "{line}");
        let is_quoted = value.is_empty() || value.starts_with('"');
        let is_json = serde_json::from_str::<Value>(value).is_ok_and(|value| !value.is_string());
        assert!(is_quoted || is_json || is_text_to_all(value), "{line}");
    }
}

/// Whether a word without quotes is a text in YAML 1.1: none of its types begins with a letter, but for these words.
fn is_text_to_all(word: &str) -> bool {
    let others = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"];
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && !word.contains([':', '#', ',', '[', ']', '{', '}', '"', '\''])
        && !others.contains(&word.to_lowercase().as_str())
}

both! {
    async fn conditions_are_as_the_document_says(server) {
        let garage = server.garage("conditions").await;
        let fleet = garage.fleet("fleet-conditions").await;
        let (_, car) = garage.fleet_car(&fleet, "driver@conditions.example").await;
        let customer = garage.customer("customer@conditions.example").await;
        let (recipient, ..) = garage.driver("recipient@conditions.example").await;
        let offer = fleet.account.offer(&car, "new_owner", "recipient@conditions.example").await.created();
        let (owner, _, own_car) = garage.driver("owner@conditions.example").await;
        garage.admin.link(&own_car, &fleet.id).await.ok();
        let link_change = owner.open_link_change(&own_car).await;
        let (mover, _, moving) = garage.driver("mover@conditions.example").await;
        let elsewhere = server.garage("elsewhere").await;
        let token = mover.act(&format!("/v1/passports/{moving}/garage-invitation")).await.ok()["token"].clone();
        let body = json!({ "invitation": token, "customerId": elsewhere.customer("mover@elsewhere.example").await });
        let garage_change = elsewhere.admin.post("/v1/garage-changes", body).await.id();
        let body = json!({ "email": "kees@conditions.example", "name": "Kees", "role": "mechanic" });
        let staff = garage.admin.post("/v1/garage/staff", body).await.id();
        let recurrence = json!({ "then": { "months": 24 }, "countsFrom": "completion" });
        let body = json!({ "task": "brake_fluid", "recurrence": recurrence });
        let schedule = garage.admin.post("/v1/maintenance-schedules", body).await.id();
        let template = garage.admin.post("/v1/check-templates", crate::support::check_template("own")).await.id();
        let rule = format!("/v1/passports/{car}/maintenance-schedule/tyres");
        garage.admin.put(&rule, json!({ "recurrence": recurrence })).await.ok();
        let check = garage.admin.post(&format!("/v1/passports/{car}/checks"), json!({ "template": "holiday" })).await.id();
        let finding = format!("/v1/passports/{car}/checks/{check}/findings/windscreen");
        garage.admin.put(&finding, json!({ "result": "good" })).await.ok();
        let advice = json!({ "task": "tyres", "urgency": "urgent" });
        let advised = garage.admin.post(&format!("/v1/passports/{car}/recommendations"), advice).await.id();
        let body = json!({
            "subject": "APK", "body": "APK", "selection": { "expiresFrom": "2026-03-01", "expiresUntil": "2026-04-01" }
        });
        let mailing = garage.admin.post("/v1/apk-mailings", body).await.id();
        let contract = Contract::shared();
        let mut tried = 0;
        for (path, method, operation) in operations(&contract.document) {
            let Some(required) = contract.condition(&operation) else { continue };
            let id = match path.split('/').nth(1).unwrap() {
                "account" => "",
                "apk-mailings" => &mailing,
                "check-templates" => &template,
                "customers" => &customer,
                "fleets" => &fleet.id,
                "garage" => &staff,
                "garage-changes" => &garage_change,
                "link-changes" => &link_change,
                "maintenance-schedules" => &schedule,
                "passports" => &car,
                "transfers" => offer["id"].as_str().unwrap(),
                other => panic!("say what the id of /{other} is"),
            };
            let url = format!("/v1{}", path.replace("{id}", id).replace("{task}", "tyres"));
            let url = url.replace("{checkId}", &check).replace("{recommendationId}", &advised).replace("{place}", "windscreen");
            assert!(!url.contains('{'), "say what the ids of {path} are");
            let content = &operation["requestBody"]["content"]["application/json"];
            let body = content["schema"].is_object().then(|| {
                let mut example = contract.resolve(&content["schema"])["example"].clone();
                if example["fleetId"].is_string() {
                    example["fleetId"] = json!(fleet.id);
                }
                example.to_string().into_bytes()
            });
            let actor = match operation["operationId"].as_str().unwrap() {
                "acceptTransfer" | "declineTransfer" => &recipient,
                "agreeToGarageChange" | "declineGarageChange" => &mover,
                "withdrawGarageChange" => &elsewhere.admin,
                "agreeToLinkChange" | "objectToLinkChange" => &owner,
                "withdrawTransfer" | "resendTransfer" | "setDriverAmounts" | "setFleetReminders" | "endDriver" => &fleet.account,
                _ => &garage.admin,
            };
            let stale = [("content-type", "application/json"), ("if-match", "\"0\"")];
            let method = method.to_ascii_uppercase();
            if required {
                actor.send(&method, &url, &stale[..1], body.clone()).await.problem(428, "precondition_required");
            }
            actor.send(&method, &url, &stale, body).await.problem(412, "precondition_failed");
            tried += 1;
        }
        assert!(tried > 10, "the conditions were not found");
    }
}
