//! The OpenAPI document: collected from the handlers, completed by rules that hold for every operation.
//!
//! The handlers name what is their own (summary, bodies, problems of state). What follows from the conventions is added
//! here, once: security, the problems that any operation can have, conditions, headers, examples and bounds.

#![expect(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null, or made")]

use crate::{
    problem::Code,
    wire::{Cursor, Day, FleetStatus, Id, Limit, Moment, PassportStatus, PlateNumber, Search, TransferStatus},
};
use domain::value::Language;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa_actix_web::AppExt;

/// The version of the API, in the document and in the `API-Version` header of each response.
pub const VERSION: &str = "1.0.0";

/// Tags, by name.
const TAGS: [(&str, &str); 12] = [
    ("account", "The account that is signed in: settings, password, e-mail."),
    ("apk", "The Dutch periodic inspection (*APK*): until when, what comes next, and why."),
    ("auth", "Signing in and out. One door for drivers, fleet managers and staff."),
    ("customers", "A garage's records of persons and companies (*klanten*)."),
    ("fleets", "A business customer's cars under one account (*wagenparken*)."),
    ("garage", "The garage's own data and its staff."),
    ("invitations", "Mailed one-time links: activation of passports and accounts."),
    ("licence-plates", "What a licence plate (*kenteken*) is, by its letters and digits."),
    ("odometer", "What a car's odometer showed (*tellerstanden*), and what follows from it."),
    ("passports", "The digital passport of each vehicle (*AutoPaspoort*), its fleet and its history of hands."),
    ("transfers", "Handing a passport over to a new owner or a new driver (*overdracht*)."),
    (
        "vehicle-register",
        "What the Dutch vehicle register (RDW, *kentekenregister*) tells: data, recalls, inspections.",
    ),
];

/// The media type of a stream of which each line is a body.
const JSON_LINES: &str = "application/x-ndjson";

const DESCRIPTION: &str = "AutoPaspoort gives each car a digital passport. Garages make passports for their customers, \
    drivers use them in the app, and companies see all their cars in a fleet dashboard.\n\nWho signs in decides what the \
    same address gives: a garage, a fleet and a driver each get their own cars from `/passports`. What you may not see does \
    not exist for you (404). Every error is a problem of RFC 9457 with a stable `code`; texts are English or Dutch by \
    `Accept-Language`. Lists come in pages by cursor; single resources have an `ETag`, and changes need `If-Match`; every \
    POST takes an `Idempotency-Key`.";

/// The schemas of parameters, which are not collected with the handlers.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    Cursor,
    Day,
    FleetStatus,
    Id,
    Limit,
    Moment,
    PassportStatus,
    PlateNumber,
    Search,
    TransferStatus
)))]
struct Parameters;

/// The document.
pub fn document() -> Value {
    let (_, mut collected) = actix_web::App::new()
        .into_utoipa_app()
        .configure(|registry| crate::server::routes::services(registry))
        .split_for_parts();
    collected.merge(<Parameters as utoipa::OpenApi>::openapi());
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    complete(&mut document);
    document
}

/// The document as YAML.
pub fn yaml() -> Result<String, String> {
    yaml_serde::to_string(&document()).map_err(|error| error.to_string())
}

fn complete(document: &mut Value) {
    document["info"] = json!({
        "title": "AutoPaspoort API",
        "version": VERSION,
        "description": DESCRIPTION,
        "contact": { "name": "AutoPaspoort", "url": "https://autopaspoort.example", "email": "api@autopaspoort.example" },
        "license": { "name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html" },
    });
    document["servers"] = json!([{ "url": "/v1", "description": "This server (production)", "x-internal": false }]);
    document["security"] = json!([{ "bearer": [] }]);
    document["tags"] =
        TAGS.iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
    let examples = schema_examples(document);
    for (path, method, operation) in operations_mut(document) {
        complete_operation(&path, &method, operation, &examples);
    }
    document["components"]["securitySchemes"] = json!({ "bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "The `accessToken` of signing in: a JWT signed with EdDSA, handled as RFC8725 says. Public keys are at `/.well-known/jwks.json`.",
    }});
    document["components"]["headers"] = headers();
    close_requests(document);
    document["components"]["schemas"]["Problem"] = problem_schema();
    bound(document);
    prune(document);
}

type Examples = BTreeMap<String, Value>;

/// The examples that stand at schemas: bodies refer to them by name.
fn schema_examples(document: &Value) -> Examples {
    let schemas = document["components"]["schemas"].as_object();
    schemas
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| Some((name.clone(), schema.get("example")?.clone())))
        .collect()
}

/// Every operation with its path and method.
fn operations_mut(document: &mut Value) -> Vec<(String, String, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut();
    paths
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            item.as_object_mut()
                .into_iter()
                .flatten()
                .filter_map(|(method, operation)| Some((path.clone(), method.clone(), operation.as_object_mut()?)))
        })
        .collect()
}

fn complete_operation(path: &str, method: &str, operation: &mut Map<String, Value>, examples: &Examples) {
    let own = operation.remove("x-problems").and_then(|codes| serde_json::from_value::<Vec<String>>(codes).ok());
    let own = own.unwrap_or_default();
    let mut codes: Vec<Code> = own.iter().filter_map(|code| Code::from_code(code)).collect();
    assert!(codes.len() == own.len(), "{method} {path} names a problem that is not in the catalogue: {own:?}");
    codes.extend([Code::InvalidRequest, Code::Unauthenticated, Code::TooManyRequests, Code::Internal]);
    codes.extend([Code::Overloaded, Code::DatabaseUnavailable]);
    let has_body = operation.contains_key("requestBody");
    if has_body {
        codes.extend([Code::MalformedJson, Code::PayloadTooLarge, Code::UnsupportedMediaType]);
    }
    let is_write = method != "get";
    if is_write {
        codes.extend([Code::Conflict, Code::StorageFull]);
    }
    let mut parameters: Vec<Value> =
        operation.remove("parameters").and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default();
    if method == "post" {
        codes.push(Code::IdempotencyKeyReused);
        parameters.push(idempotency_parameter());
    }
    let is_conditional = matches!(method, "patch" | "put" | "delete") && path != "/auth/sessions/{id}";
    if is_conditional {
        codes.extend([Code::PreconditionFailed, Code::PreconditionRequired]);
        parameters.push(if_match_parameter(true));
    }
    let is_command =
        ["/archive", "/close", "/accept", "/decline", "/withdraw", "/resend"].iter().any(|end| path.ends_with(end));
    if is_command && method == "post" && !path.starts_with("/invitations") {
        codes.push(Code::PreconditionFailed);
        parameters.push(if_match_parameter(false));
    }
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = operation.get_mut("requestBody") {
        complete_body(body, method, examples);
    }
    let responses = &mut operation["responses"];
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        complete_success(status, response, method, path, examples);
    }
    for (status, response) in problem_responses(codes) {
        responses[status] = response;
    }
}

/// Unknown properties of requests are refused by name, and the schemas say so.
fn close_requests(document: &mut Value) {
    let mut open: Vec<String> = operations_mut(document)
        .iter()
        .filter_map(|(.., operation)| {
            schema_name(&operation.get("requestBody")?["content"]["application/json"]["schema"])
        })
        .collect();
    while let Some(name) = open.pop() {
        let Some(schema) = document["components"]["schemas"][&name].as_object_mut() else {
            continue;
        };
        if schema.get("type") != Some(&json!("object")) || schema.contains_key("additionalProperties") {
            continue;
        }
        schema.insert("additionalProperties".into(), json!(false));
        let properties = schema.get("properties").and_then(Value::as_object);
        let children = properties.into_iter().flatten().flat_map(|(_, property)| {
            let alternatives = property["oneOf"].as_array().into_iter().flatten();
            alternatives.filter_map(schema_name).chain(schema_name(property)).collect::<Vec<_>>()
        });
        open.extend(children.collect::<Vec<_>>());
    }
}

fn schema_name(schema: &Value) -> Option<String> {
    schema["$ref"].as_str()?.rsplit('/').next().map(str::to_owned)
}

fn complete_body(body: &mut Value, method: &str, examples: &Examples) {
    body["required"] = json!(true);
    let kind = if body["content"].get(JSON_LINES).is_some() { JSON_LINES } else { "application/json" };
    let content = &mut body["content"][kind];
    if let Some(example) = example_of(&content["schema"], examples) {
        content["example"] = example;
    }
    if method == "patch" {
        let copy = content.clone();
        body["content"]["application/merge-patch+json"] = copy;
    }
}

/// The example of a body: that of its schema; of a list, one item of its kind.
fn example_of(schema: &Value, examples: &Examples) -> Option<Value> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    match name.strip_prefix("List_") {
        Some(item) => Some(json!({ "items": [examples.get(item)?], "nextCursor": null })),
        None => examples.get(name).cloned(),
    }
}

fn complete_success(status: &str, response: &mut Value, method: &str, path: &str, examples: &Examples) {
    if let Some(content) = response["content"].get_mut("application/json") {
        if let Some(example) = example_of(&content["schema"], examples) {
            content["example"] = example;
        }
    } else {
        response.as_object_mut().map(|response| response.remove("content"));
    }
    let mut names = vec!["API-Version", "Access-Control-Allow-Origin", "RateLimit", "RateLimit-Policy", "X-Request-Id"];
    let is_list = example_of_is_list(response);
    let has_body = response.get("content").is_some();
    // What has no version: tokens, what never changes, and what is worked out anew each time.
    let has_version = !["/auth", "/invitations", "/licence-plates", "/passport-imports", "/vehicle-register"]
        .iter()
        .any(|start| path.starts_with(start))
        && !["/odometer", "/apk", "/registration"].iter().any(|part| path.contains(part));
    if has_body && !is_list && has_version {
        names.push("ETag");
    }
    if status == "201" && method == "post" {
        names.push("Location");
    }
    response["headers"] = header_refs(&names);
}

fn example_of_is_list(response: &Value) -> bool {
    let name = response["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
    name.contains("/List_")
}

fn header_refs(names: &[&str]) -> Value {
    let refs = names.iter().map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })));
    Value::Object(refs.collect())
}

/// The responses of problems: one a status, with an example for each problem.
fn problem_responses(mut codes: Vec<Code>) -> BTreeMap<String, Value> {
    codes.sort_unstable();
    codes.dedup();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), problem_response(status, &codes))).collect()
}

fn problem_response(status: u16, codes: &[Code]) -> Value {
    let titles: Vec<String> = codes.iter().map(|code| format!("`{}`", code.code())).collect();
    let examples: Map<String, Value> =
        codes.iter().map(|code| (code.code().to_owned(), json!({ "value": problem_example(*code) }))).collect();
    let mut names = vec!["API-Version", "Access-Control-Allow-Origin", "X-Request-Id"];
    if (400..500).contains(&status) {
        names.extend(["RateLimit", "RateLimit-Policy"]);
    }
    match status {
        401 => names.push("WWW-Authenticate"),
        429 | 503 => names.push("Retry-After"),
        _ => {}
    }
    json!({
        "description": titles.join(", "),
        "headers": header_refs(&names),
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "examples": examples,
        }},
    })
}

fn problem_example(code: Code) -> Value {
    let (title, detail) = code.texts(Language::English);
    let mut example = json!({
        "type": format!("https://api.autopaspoort.example/problems/{}", code.code()),
        "title": title, "status": code.status(), "detail": detail, "instance": "/v1/passports",
        "code": code.code(), "requestId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99",
    });
    if code == Code::InvalidRequest {
        example["errors"] =
            json!([{ "pointer": "#/email", "code": "email_invalid", "detail": "is not an e-mail address" }]);
    }
    example
}

fn problem_schema() -> Value {
    let text = |max: usize, description: &str| json!({ "type": "string", "maxLength": max, "pattern": "^[^\\u0000]*$", "description": description });
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.code()).collect();
    json!({
        "type": "object",
        "description": "A problem (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code", "requestId"],
        "properties": {
            "type": { "type": "string", "format": "uri", "maxLength": 500, "description": "The page of this problem." },
            "title": text(200, "What is wrong, in short."),
            "status": { "type": "integer", "format": "int32", "minimum": 400, "maximum": 599, "description": "The HTTP status." },
            "detail": text(1000, "What is wrong, and what can be done."),
            "instance": text(2000, "The address that was asked."),
            "code": { "type": "string", "enum": codes, "description": "The stable code: what programs look at." },
            "requestId": text(64, "Names this request in the log."),
            "errors": { "type": "array", "maxItems": 500, "description": "Everything that is wrong with the input.", "items": {
                "type": "object", "required": ["code", "detail"],
                "properties": {
                    "pointer": text(1000, "Where in the body: a JSON pointer (RFC 6901) as a fragment."),
                    "parameter": text(100, "Or which parameter of path, query or header."),
                    "code": { "type": "string", "maxLength": 60, "pattern": "^[a-z_]+$", "description": "The stable code of what is wrong." },
                    "detail": text(500, "What is wrong with it."),
                },
            }},
        },
    })
}

fn idempotency_parameter() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "Makes repeating safe: the same key with the same request gives the same answer, once done; with another request 422. Kept for a day.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        "example": "7f3c1f0e-5a0b-4c6e-9b57-0a9b6a6f2d11",
    })
}

fn if_match_parameter(required: bool) -> Value {
    json!({
        "name": "If-Match", "in": "header", "required": required,
        "description": "The `ETag` that was loaded: a change that someone else made meanwhile is not overwritten.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$" },
        "example": "\"3\"",
    })
}

fn headers() -> Value {
    let text = |description: &str, max: usize, example: &str| json!({ "description": description, "schema": { "type": "string", "maxLength": max, "pattern": "^[ -~]*$" }, "example": example });
    let mut retry_after = json!({ "description": "After how many seconds it may work.",
        "schema": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 86400 }, "example": 2 });
    retry_after["required"] = json!(false);
    json!({
        "API-Version": text("The version of this API.", 20, VERSION),
        "Access-Control-Allow-Origin": text("The origin whose pages may read this, if it is an allowed one.", 300, "https://app.autopaspoort.example"),
        "ETag": text("The version of what is shown, for `If-Match`.", 100, "\"3\""),
        "Location": text("Where it can be found.", 500, "/v1/passports/0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10"),
        "RateLimit": text("What is left of the rate limit, when there is one.", 100, "\"address\";r=5999;t=1"),
        "RateLimit-Policy": text("The rate limit, when there is one.", 100, "\"address\";q=6000;w=60"),
        "Retry-After": retry_after,
        "WWW-Authenticate": text("How to sign in (RFC 6750).", 200, "Bearer realm=\"autopaspoort\""),
        "X-Request-Id": text("Names this request in the log.", 64, "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"),
    })
}

/// Every string, number and list has its bounds; those that no schema states are the ones of the whole API.
fn bound(value: &mut Value) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(bound);
    } else if let Value::Object(object) = value {
        bound_schema(object);
        for (name, child) in object.iter_mut() {
            if name != "example" && name != "examples" {
                bound(child);
            }
        }
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
    let mut default = |name: &str, value: Value| {
        schema.entry(name.to_owned()).or_insert(value);
    };
    if string && free {
        default("maxLength", json!(2000));
        default("pattern", json!("^[^\\u0000]*$"));
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

/// Leaves out the schemas that nothing refers to.
fn prune(document: &mut Value) {
    loop {
        let text = document.to_string();
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
            return;
        };
        let before = schemas.len();
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if schemas.len() == before {
            return;
        }
    }
}

/// The paths that exist and their methods, for 405 and the contract tests.
pub fn routes(document: &Value) -> Vec<(String, Vec<String>)> {
    let paths = document["paths"].as_object();
    paths
        .into_iter()
        .flatten()
        .map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten().map(|(method, _)| method.to_ascii_uppercase());
            (path.clone(), methods.collect())
        })
        .collect()
}
