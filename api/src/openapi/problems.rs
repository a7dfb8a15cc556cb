//! Problems in the document: their schema, an example of each, and the responses that an operation's problems make.

use super::{operations::header_refs, schemas};
use crate::problem::{Code, MAX_FIELDS};
use domain::value::Language;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The responses of problems: one a status, with an example for each problem.
pub(super) fn responses(mut codes: Vec<Code>) -> BTreeMap<String, Value> {
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
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| (code.code().to_owned(), json!({ "$ref": format!("#/components/examples/{}", code.code()) })))
        .collect();
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
        "headers": header_refs(names),
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "examples": examples,
        }},
    })
}

/// An example of each problem, by its code.
pub(super) fn examples() -> Value {
    let examples = Code::ALL.iter().map(|code| (code.code().to_owned(), json!({ "value": problem_example(*code) })));
    Value::Object(examples.collect())
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

/// The schemas of a problem, by name.
pub(super) fn schemas() -> [(&'static str, Value); 2] {
    let text =
        |max: usize, description: &str| json!({ "type": "string", "maxLength": max, "description": description });
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.code()).collect();
    let mut code =
        json!({ "type": "string", "enum": codes, "description": "The stable code of the problem, for programs." });
    schemas::open(&mut code, false);
    let problem = json!({
        "type": "object",
        "description": "A problem (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code", "requestId"],
        "properties": {
            "type": { "type": "string", "format": "uri", "maxLength": 500, "description": "The address of a page about this problem." },
            "title": text(200, "What is wrong, in a few words, in the language of the request."),
            "status": { "type": "integer", "format": "int32", "minimum": 400, "maximum": 599, "description": "The HTTP status." },
            "detail": text(1000, "What is wrong and what can be done, in the language of the request."),
            "instance": text(2000, "The address of the request."),
            "code": code,
            "requestId": text(64, "The id of this request, which is also in the log of the server."),
            "errors": { "type": "array", "maxItems": MAX_FIELDS, "description": "Everything that is wrong with the input, or the first 100 of it, or the one value of the body that caused the problem; absent when no single value did.",
                "items": { "$ref": "#/components/schemas/FieldProblem" } },
        },
    });
    let field = json!({
        "type": "object",
        "description": "What is wrong with one value of the input.",
        "required": ["code", "detail"],
        "properties": {
            "pointer": text(1000, "The place of the value in the body, as a JSON pointer (RFC 6901) in a fragment; absent when the value is not in the body."),
            "parameter": text(100, "The name of the parameter in the path or query, or of the header; absent when the value is in the body."),
            "code": { "type": "string", "maxLength": 60, "pattern": "^[a-z0-9_]+$", "description": "The stable code of what is wrong." },
            "detail": text(500, "What is wrong with the value, in the language of the request."),
            "otherId": { "type": "string", "format": "uuid", "maxLength": 36, "description": "The id of the thing with which the value collides; absent when the value is wrong by itself." },
        },
    });
    [("Problem", problem), ("FieldProblem", field)]
}
