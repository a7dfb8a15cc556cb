//! What follows for each operation from what its handler declares and from the conventions.

use super::{VERSION, problems};
use crate::{
    problem::Code,
    wire::{EXAMPLE, PLATE_EXAMPLE, TASK_EXAMPLE},
};
use serde_json::{Map, Value, json};

/// The media type of a stream whose lines are bodies.
const JSON_LINES: &str = "application/x-ndjson";
/// What files and streams are served as.
const FILES: [&str; 4] = ["image/jpeg", "application/pdf", CSV, EVENTS];
/// A file for spreadsheets, which is written as it is sent.
const CSV: &str = "text/csv";
/// A stream of events, which has no end.
const EVENTS: &str = "text/event-stream";
/// What bodies are that are no JSON: files and messages.
const NO_JSON: [&str; 2] = ["image/jpeg", "message/rfc822"];
/// The same stream, for clients that write whatever ends in `json` as JSON of their own.
const BYTES: &str = "application/octet-stream";

/// What is said of an answer that the client has already.
pub(super) const NOT_MODIFIED: &str = "The answer is the same as the one that the client stored.";

/// Completes an operation.
pub(super) fn complete(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let own = operation.remove("x-problems").and_then(|codes| serde_json::from_value::<Vec<String>>(codes).ok());
    let own = own.unwrap_or_default();
    let mut codes: Vec<Code> = own.iter().filter_map(|code| Code::from_code(code)).collect();
    assert!(codes.len() == own.len(), "{method} {path} names a problem that is not in the catalogue: {own:?}");
    // What is for everyone looks at no token. The rules that the document is held against want a 401 of each operation.
    let is_public = operation.get("security") == Some(&json!([{}]));
    let has_401 = codes.iter().any(|code| code.status() == 401);
    codes.extend((!is_public || !has_401).then_some(Code::Unauthenticated));
    // Who must set up a second factor first can do little else (rule A19).
    let is_before_enrolment = operation.remove("x-before-enrolment").is_some();
    codes.extend((!is_public && !is_before_enrolment).then_some(Code::SecondFactorEnrolmentRequired));
    codes.extend([Code::InvalidRequest, Code::TooManyRequests, Code::Internal]);
    codes.extend([Code::Overloaded, Code::DatabaseUnavailable]);
    if let Some(body) = operation.get("requestBody") {
        codes.extend([Code::PayloadTooLarge, Code::RequestTimeout, Code::UnsupportedMediaType]);
        // A file is not JSON, nor is a message.
        let is_bytes = |content: &Map<String, Value>| NO_JSON.iter().any(|media| content.contains_key(*media));
        let is_file = body["content"].as_object().is_some_and(is_bytes);
        codes.extend((!is_file).then_some(Code::MalformedJson));
    }
    if operation.remove("x-optional-body").is_some() {
        operation["requestBody"]["required"] = json!(false);
    }
    // A POST that only reads, since what it needs must not stand in an address, can be repeated as it is.
    let only_reads = operation.remove("x-only-reads").is_some();
    if method != "get" && !only_reads {
        codes.extend([Code::Conflict, Code::StorageFull]);
    }
    let mut parameters: Vec<Value> =
        operation.remove("parameters").and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default();
    if let Some(condition) = parameters.iter().find(|parameter| parameter["name"] == "If-Match") {
        codes.push(Code::PreconditionFailed);
        codes.extend((condition["required"] == true).then_some(Code::PreconditionRequired));
    }
    if method == "post" && !only_reads {
        codes.push(Code::IdempotencyKeyReused);
        parameters.push(idempotency_parameter());
    }
    // What is written as it is sent has no tag: a stream has no end, and a file is not known before its end.
    let content = &operation["responses"]["200"]["content"];
    let is_stream = content.get(EVENTS).is_some() || content.get(CSV).is_some();
    let is_tagged = method == "get" && !is_stream;
    if is_tagged {
        parameters.push(if_none_match_parameter());
    }
    for parameter in
        parameters.iter_mut().filter(|parameter| parameter["in"] == "path" && parameter["example"].is_null())
    {
        parameter["example"] = path_example(parameter);
    }
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = operation.get_mut("requestBody") {
        complete_body(body, method);
    }
    let responses = &mut operation["responses"];
    if is_tagged {
        // Each answer to a GET is named, so that it need not be sent twice.
        responses["200"]["headers"]["ETag"] = json!({});
        responses["304"] = json!({ "description": NOT_MODIFIED, "headers": { "ETag": {} } });
    }
    for (_, response) in responses.as_object_mut().into_iter().flatten() {
        complete_success(response);
    }
    for (status, response) in problems::responses(codes) {
        responses[status] = response;
    }
}

/// The example of a parameter in a path, by its schema: Swagger UI fills in that of a parameter only.
fn path_example(parameter: &Value) -> Value {
    match parameter["schema"]["$ref"].as_str() {
        Some("#/components/schemas/Id") => json!(EXAMPLE),
        Some("#/components/schemas/PlateNumber") => json!(PLATE_EXAMPLE),
        Some("#/components/schemas/NotificationKind") => json!("check_ready"),
        Some("#/components/schemas/TaskKey") => json!(TASK_EXAMPLE),
        _ => Value::Null,
    }
}

fn complete_body(body: &mut Value, method: &str) {
    body["required"] = json!(true);
    if let Some(lines) = body["content"].get_mut(JSON_LINES) {
        // A generated client would write one object of the line's schema; it sends bytes as they are.
        let line = lines["schema"]["$ref"].take();
        let stream = json!({ "schema": {
            "type": "string", "format": "binary", "x-line-schema": line,
            "description": "Lines of JSON in UTF-8, each as `x-line-schema` says.",
        }});
        *lines = stream.clone();
        body["content"][BYTES] = stream;
    }
    if method == "patch" {
        let copy = body["content"]["application/json"].clone();
        body["content"]["application/merge-patch+json"] = copy;
    }
}

/// The headers that an answer declares, and those that each has.
fn complete_success(response: &mut Value) {
    let is_answer = |media: &str| media == "application/json" || FILES.contains(&media);
    for media in [CSV, EVENTS] {
        if let Some(content) = response["content"].get_mut(media) {
            // It has no bounds that a client could rely on, and what is read as it comes needs none.
            content["schema"] = json!({
                "type": "string", "format": "binary", "maxLength": i32::MAX, "description": "Lines of text in UTF-8.",
            });
        }
    }
    if !response["content"].as_object().is_some_and(|content| content.keys().any(|media| is_answer(media))) {
        response.as_object_mut().map(|response| response.remove("content"));
    }
    let declared: Vec<String> =
        response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let names = ["API-Version", "Access-Control-Allow-Origin", "RateLimit", "RateLimit-Policy", "X-Request-Id"];
    response["headers"] = header_refs(names.into_iter().chain(declared.iter().map(String::as_str)));
}

/// References to headers by their names.
pub(super) fn header_refs<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    let refs =
        names.into_iter().map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })));
    Value::Object(refs.collect())
}

fn idempotency_parameter() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "A key that makes it safe to repeat a request. The same request with the same key is carried out once and gets the same answer again; another request with that key gets a 422. Keys are kept for a day. Use a new random UUID for each new request.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
    })
}

fn if_none_match_parameter() -> Value {
    json!({
        "name": "If-None-Match", "in": "header", "required": false,
        "description": "The `ETag` of the answer that the client stored, several with commas between them, or `*`. If the new answer would be the same, it is a 304 without a body.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 2000, "pattern": "^[ -~]+$" },
    })
}

/// The headers of answers.
pub(super) fn headers() -> Value {
    let text = |description: &str, max: usize, example: &str| json!({ "description": description, "schema": { "type": "string", "maxLength": max, "pattern": "^[ -~]*$" }, "example": example });
    let mut retry_after = json!({ "description": "After how many seconds the client can try again.",
        "schema": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 86400 }, "example": 2 });
    retry_after["required"] = json!(false);
    json!({
        "Accept-Ranges": text("In what a part of the file is asked for: bytes.", 10, "bytes"),
        "Content-Disposition": text("Whether the file is to be shown or saved, and under which name (RFC 6266).", 1000, "inline; filename=\"autopaspoort.jpg\""),
        "Content-Range": text("Which part of the file this is, and how long the file is.", 100, "bytes 0-1023/412633"),
        "API-Version": text("The version of this API.", 20, VERSION),
        "Access-Control-Allow-Origin": text("The origin of the page that made the request, if its pages are allowed to read the answer.", 300, "https://app.autopaspoort.example"),
        "ETag": text("The identity of this answer, for `If-None-Match`. For something that can be changed it begins with the version, and can be sent in `If-Match`.", 100, "\"3-90d5b3c0b5a1f1a4\""),
        "Location": text("The address of what was created.", 500, "/v1/passports/0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10"),
        "RateLimit": text("How many requests are left, and for how many seconds; absent when there is no rate limit.", 100, "\"address\";r=5999;t=1"),
        "RateLimit-Policy": text("The rate limit; absent when there is none.", 100, "\"address\";q=6000;w=60"),
        "Retry-After": retry_after,
        "WWW-Authenticate": text("How to sign in (RFC 6750).", 200, "Bearer realm=\"autopaspoort\""),
        "X-Request-Id": text("The id of this request, which is also in the log of the server.", 64, "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"),
    })
}
