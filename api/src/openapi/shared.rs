//! What several operations share is written once, among the components, and they refer to it.

use super::{ids, operations::NOT_MODIFIED, operations_mut};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Moves common responses and parameters to the components.
pub(super) fn share(document: &mut Value) {
    for (kind, parts, name) in [
        (
            "responses",
            responses as fn(&mut Map<String, Value>) -> Vec<&mut Value>,
            response_name as fn(&Value) -> Option<String>,
        ),
        ("parameters", parameters, parameter_name),
    ] {
        let mut counted: BTreeMap<String, (Value, u32)> = BTreeMap::new();
        for (.., operation) in operations_mut(document) {
            for part in parts(operation) {
                counted.entry(part.to_string()).or_insert_with(|| (part.clone(), 0)).1 += 1;
            }
        }
        let mut components = Map::new();
        let mut names = BTreeMap::new();
        for (text, (part, count)) in counted {
            if let Some(name) = name(&part).filter(|name| count > 1 && !components.contains_key(name)) {
                components.insert(name.clone(), part);
                names.insert(text, name);
            }
        }
        for (.., operation) in operations_mut(document) {
            for part in parts(operation) {
                if let Some(name) = names.get(&part.to_string()) {
                    *part = json!({ "$ref": format!("#/components/{kind}/{name}") });
                }
            }
        }
        document["components"][kind] = Value::Object(components);
    }
}

fn responses(operation: &mut Map<String, Value>) -> Vec<&mut Value> {
    operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).collect()
}

fn parameters(operation: &mut Map<String, Value>) -> Vec<&mut Value> {
    operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten().collect()
}

/// `NotFound`, `ConflictOrTransferOpen`: the problems that the response may be. Others are an operation's own.
fn response_name(response: &Value) -> Option<String> {
    if response["description"] == NOT_MODIFIED {
        return Some("NotModified".into());
    }
    let problems = response["content"]["application/problem+json"]["examples"].as_object()?;
    Some(problems.keys().map(|code| pascal_case(code)).collect::<Vec<_>>().join("Or"))
}

/// `IdempotencyKey`, `IfMatchOptional`; `PassportId` for the `id` in a path that is described as "The passport.".
fn parameter_name(parameter: &Value) -> Option<String> {
    let name = parameter["name"].as_str()?;
    if parameter["in"] == "path" {
        let thing = ids::thing(parameter)?;
        return (name == "id").then(|| format!("{}Id", pascal_case(&thing)));
    }
    let optional = name == "If-Match" && parameter["required"] != true;
    Some(format!("{}{}", pascal_case(name), if optional { "Optional" } else { "" }))
}

fn pascal_case(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
    };
    words.map(capital).collect()
}
