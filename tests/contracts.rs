//! The document and the program are one: routes, examples, problems, and the committed file.

use crate::support::Contract;
use serde_json::Value;

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
    let generated = api::openapi::yaml().unwrap();
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
        if operation["requestBody"].is_object() {
            let kinds = operation["requestBody"]["content"].as_object().unwrap();
            assert!(kinds.values().all(|kind| !kind["example"].is_null()), "{name} has no example of its body");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            if let Some(content) = response["content"].get("application/json") {
                assert!(!content["example"].is_null(), "{name} has no example of {status}");
            }
            if status.starts_with(['4', '5']) {
                let examples = &response["content"]["application/problem+json"]["examples"];
                assert!(
                    examples.as_object().is_some_and(|examples| !examples.is_empty()),
                    "{name} has no problem of {status}"
                );
            }
        }
    }
    assert_eq!(ids.len(), 66, "an operation was added or taken away: its access and its tests too?");
}

#[test]
fn every_problem_of_the_catalogue_is_in_the_document() {
    let contract = Contract::shared();
    let text = contract.document["paths"].to_string();
    for code in api::problem::Code::ALL {
        // Only a path that exists with other methods gives 405, so no operation has it.
        let outside = *code == api::problem::Code::MethodNotAllowed;
        assert!(outside || text.contains(&format!("\"{}\":", code.code())), "{} belongs to no operation", code.code());
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
