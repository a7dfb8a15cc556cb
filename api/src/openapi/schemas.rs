//! The schemas of bodies: what is sent is closed and exact, what is answered is complete and open.
//!
//! A request's values are an `enum`, and its unknown properties are refused. An answer has each of its properties, and its
//! values may become more: generated clients must not refuse them, so they are plain strings that name the known values
//! in `x-extensible-enum`. What stands in both has a schema for each.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a JSON value are the standard's, and will not grow")]

use super::{operations_mut, problems};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const SCHEMAS: &str = "#/components/schemas/";

/// A page of a list is called after its items, to which it refers.
pub(super) fn name_lists(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let lists: Vec<(String, String)> =
        schemas.keys().filter_map(|name| Some((name.clone(), item_of(name)?.to_owned()))).collect();
    for (name, item) in &lists {
        if let Some(mut list) = schemas.remove(name) {
            list["properties"]["items"]["items"] = json!({ "$ref": format!("{SCHEMAS}{item}") });
            schemas.insert(format!("{item}List"), list);
        }
    }
    rename(document, &|name| item_of(name).map(|item| format!("{item}List")));
}

/// The items of a list, by the name that the schema of its pages has at first. A list has pages of one kind alone.
fn item_of(name: &str) -> Option<&str> {
    name.strip_prefix("List_").or_else(|| name.strip_prefix("FollowedList_"))
}

/// Completes the schemas, once all operations refer to theirs.
pub(super) fn complete(document: &mut Value) {
    divide(document);
    for (name, schema) in problems::schemas() {
        document["components"]["schemas"][name] = schema;
    }
    describe_beside(document);
    encode_null(document);
    bound(document);
    prune(document);
}

/// Gives schemas that are used both in requests and in answers a form for each.
fn divide(document: &mut Value) {
    let (mut sent, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (.., operation) in operations_mut(document) {
        for (part, value) in operation.iter() {
            references(value, if part == "responses" { &mut answered } else { &mut sent });
        }
    }
    let (sent, answered) = (closure(document, sent), closure(document, answered));
    let both: BTreeSet<&String> = sent.intersection(&answered).collect();
    let kinds = document["components"]["schemas"].clone();
    let is_object = |name: &String| kinds[name]["type"] == "object";
    let is_enum = |name: &String| kinds[name].get("enum").is_some();
    let as_sent = |name: &str| {
        let name = name.to_owned();
        (both.contains(&name) && is_object(&name)).then(|| format!("{name}Input"))
    };
    let as_answered = |name: &str| {
        let name = name.to_owned();
        (both.contains(&name) && is_enum(&name)).then(|| format!("Any{name}"))
    };
    for (.., operation) in operations_mut(document) {
        for (part, value) in operation.iter_mut() {
            if part == "responses" { rename(value, &as_answered) } else { rename(value, &as_sent) }
        }
    }
    let schemas = &mut document["components"]["schemas"];
    for name in &answered {
        let mut schema = kinds[name].clone();
        rename(&mut schema, &as_answered);
        complete_answer(&mut schema);
        schemas[as_answered(name).unwrap_or_else(|| name.clone())] = schema;
    }
    for name in &sent {
        let mut schema = kinds[name].clone();
        rename(&mut schema, &as_sent);
        if is_object(name) {
            schema["additionalProperties"] = json!(false);
        }
        schemas[as_sent(name).unwrap_or_else(|| name.clone())] = schema;
    }
}

/// Every property of an answer is sent, and every value may be a new one.
fn complete_answer(schema: &mut Value) {
    open(schema, true);
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let names: Vec<String> = properties.keys().cloned().collect();
    properties.values_mut().for_each(complete_answer);
    schema["required"] = json!(names);
}

/// Makes an `enum` one to which values may be added, and has its description name those there are.
pub(super) fn open(schema: &mut Value, names: bool) {
    let Some(values) = schema.as_object_mut().and_then(|schema| schema.remove("enum")) else {
        return;
    };
    let known: Vec<String> =
        values.as_array().into_iter().flatten().map(|value| value.to_string().replace('"', "`")).collect();
    let about = schema["description"].as_str().unwrap_or_default();
    let about = if names {
        format!("{about} One of {}; others may be added.", known.join(", "))
    } else {
        format!("{about} Others may be added.")
    };
    schema["description"] = json!(about.trim());
    schema["maxLength"] = json!(60);
    schema["pattern"] = json!("^[A-Za-z0-9_]+$");
    schema["x-extensible-enum"] = values;
}

/// Puts the description of a property beside the choice between a schema and null, where every generator finds it.
fn describe_beside(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(describe_beside),
        Value::Object(object) => {
            let branches = object.get_mut("oneOf").and_then(Value::as_array_mut);
            let described = branches.into_iter().flatten().filter(|branch| branch.get("$ref").is_some());
            let described: Vec<Value> =
                described.filter_map(|branch| branch.as_object_mut()?.remove("description")).collect();
            if let Some(description) = described.into_iter().next() {
                object.insert("description".into(), description);
            }
            object.values_mut().for_each(describe_beside);
        }
        _ => {}
    }
}

/// In a merge patch, null clears a property. Generators that leave out null are instructed to write it.
fn encode_null(document: &mut Value) {
    let patches: BTreeSet<String> = operations_mut(document)
        .iter()
        .filter_map(|(_, method, operation)| {
            let body = operation.get("requestBody").filter(|_| method == "patch")?;
            schema_name(&body["content"]["application/json"]["schema"])
        })
        .collect();
    for name in patches {
        let schema = &mut document["components"]["schemas"][name];
        for (_, property) in schema["properties"].as_object_mut().into_iter().flatten() {
            let takes = |kind: &Value| kind.as_array().is_some_and(|kinds| kinds.contains(&json!("null")));
            let branches = property["oneOf"].as_array();
            let is_nullable =
                takes(&property["type"]) || branches.into_iter().flatten().any(|branch| branch["type"] == "null");
            if is_nullable {
                property["x-null-encodable"] = json!(true);
            }
        }
    }
}

fn schema_name(schema: &Value) -> Option<String> {
    schema["$ref"].as_str()?.strip_prefix(SCHEMAS).map(str::to_owned)
}

/// The names of the schemas that a value refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => {
            found.extend(schema_name(value));
            object.values().for_each(|child| references(child, found));
        }
        _ => {}
    }
}

/// The schemas that can be reached from some.
fn closure(document: &Value, from: BTreeSet<String>) -> BTreeSet<String> {
    let mut open: Vec<String> = from.iter().cloned().collect();
    let mut reached = from;
    while let Some(name) = open.pop() {
        let mut next = BTreeSet::new();
        references(&document["components"]["schemas"][name], &mut next);
        open.extend(next.difference(&reached).cloned().collect::<Vec<_>>());
        reached.extend(next);
    }
    reached
}

/// Has what refers to some schemas refer to others.
fn rename(value: &mut Value, names: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(object) => {
            if let Some(name) =
                object.get("$ref").and_then(Value::as_str).and_then(|name| names(name.strip_prefix(SCHEMAS)?))
            {
                object.insert("$ref".into(), json!(format!("{SCHEMAS}{name}")));
            }
            object.values_mut().for_each(|child| rename(child, names));
        }
        _ => {}
    }
}

/// Every string, number and list has its bounds; those that no schema states are the ones of the whole API.
fn bound(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(bound),
        Value::Object(object) => {
            bound_schema(object);
            for (name, child) in object.iter_mut() {
                if name != "example" && name != "examples" {
                    bound(child);
                }
            }
        }
        _ => {}
    }
}

fn bound_schema(schema: &mut Map<String, Value>) {
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let is = |kind: &str| kinds.contains(&kind);
    let (string, integer, array) = (is("string"), is("integer"), is("array"));
    let free = !schema.contains_key("enum") && !schema.contains_key("const");
    let (has_format, is_stream) = (schema.contains_key("format"), schema.get("format") == Some(&json!("binary")));
    let mut default = |name: &str, value: Value| {
        schema.entry(name.to_owned()).or_insert(value);
    };
    if string && free && !is_stream {
        default("maxLength", json!(2000));
        if !has_format {
            default("pattern", json!("^[^\\u0000]*$"));
        }
    }
    if integer {
        default("format", json!("int64"));
        default("minimum", json!(0));
        default("maximum", json!(9_007_199_254_740_991_i64));
    }
    if array {
        default("maxItems", json!(200));
    }
}

/// Leaves out the schemas and examples that nothing refers to.
fn prune(document: &mut Value) {
    for kind in ["schemas", "examples"] {
        loop {
            let text = document.to_string();
            let Some(parts) = document["components"][kind].as_object_mut() else {
                return;
            };
            let before = parts.len();
            parts.retain(|name, _| text.contains(&format!("\"#/components/{kind}/{name}\"")));
            if parts.len() == before {
                break;
            }
        }
    }
}
