//! The OpenAPI document as a contract: every answer of every test is held against it.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a JSON value are the standard's, and will not grow")]

use super::record;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

type Seen = (BTreeSet<(String, String)>, Option<File>);

pub(crate) struct Contract {
    pub(crate) document: Value,
    validators: Mutex<HashMap<String, Arc<jsonschema::Validator>>>,
    /// Which operation answered which problem, and the file for `seen.rs`.
    seen: Mutex<Seen>,
}

impl Contract {
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Contract>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| {
            let file = record::runs_all().then(|| File::create(record::file()).unwrap());
            let seen = Mutex::new((BTreeSet::new(), file));
            Arc::new(Self { document: api::openapi::document(), validators: Mutex::new(HashMap::new()), seen })
        }))
    }

    /// The operation of a request, by its pattern.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<(String, &Value)> {
        let path = path.strip_prefix("/v1")?.split('?').next()?;
        let method = method.to_ascii_lowercase();
        let paths = self.document["paths"].as_object()?;
        let (pattern, item) = paths.get_key_value(path).or_else(|| {
            paths.iter().find(|(pattern, _)| {
                let (wanted, given): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
                wanted.len() == given.len() && wanted.iter().zip(&given).all(|(w, g)| w == g || w.starts_with('{'))
            })
        })?;
        Some((format!("{method} {pattern}"), item.get(&method)?))
    }

    /// What stands where something refers to: itself, unless it is a reference.
    pub(crate) fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        let Some(reference) = value["$ref"].as_str() else {
            return value;
        };
        let found = self.document.pointer(&reference[1..]);
        found.unwrap_or_else(|| panic!("{reference} refers to nothing"))
    }

    /// The response of an operation with a status; null when the document has none.
    pub(crate) fn response<'v>(&'v self, operation: &'v Value, status: &str) -> &'v Value {
        self.resolve(&operation["responses"][status])
    }

    /// The parameters of an operation.
    pub(crate) fn parameters<'v>(&'v self, operation: &'v Value) -> Vec<&'v Value> {
        operation["parameters"].as_array().into_iter().flatten().map(|parameter| self.resolve(parameter)).collect()
    }

    /// The condition of an operation: whether `If-Match` is required, or none where it has none.
    pub(crate) fn condition(&self, operation: &Value) -> Option<bool> {
        let parameters = self.parameters(operation);
        let condition = parameters.iter().find(|parameter| parameter["name"] == "If-Match")?;
        condition["required"].as_bool()
    }

    /// The example of a body: that of its schema, and of a stream of lines that of a line's.
    pub(crate) fn example(&self, media: &Value) -> Value {
        let schema = &media["schema"];
        let line = schema["x-line-schema"].as_str().map(|line| serde_json::json!({ "$ref": line }));
        self.resolve(line.as_ref().unwrap_or(schema))["example"].clone()
    }

    /// Panics unless the document allows the answer.
    pub(crate) fn check(&self, method: &str, path: &str, status: u16, headers: &HeaderMap, body: &Value) {
        let Some((name, operation)) = self.operation(method, path) else {
            return;
        };
        let response = self.response(operation, &status.to_string());
        assert!(response.is_object(), "{name} answered {status}, which the document does not have: {body}");
        for header in ["ETag", "Location", "Retry-After", "WWW-Authenticate"] {
            let (is_sent, is_told) = (headers.contains_key(header), response["headers"][header].is_object());
            assert!(is_sent == is_told, "{name} {status} has {header}: {is_sent}, but by the document {is_told}");
        }
        if let Some(version) = body["version"].as_i64().filter(|_| status < 300) {
            // What is read has a tag for the answer as a whole, behind the version.
            let etag = headers["etag"].to_str().unwrap().trim_matches('"');
            let named = etag.split('-').next().unwrap();
            assert_eq!(named, version.to_string(), "{name} {status} shows one version and names another");
        }
        let content_type = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
        let media = content_type.split(';').next().unwrap();
        let content = &response["content"][media];
        if body.is_null() {
            let is_file = self.resolve(&content["schema"])["format"] == "binary";
            // A file with lines of text, or a stream of events, is declared too.
            let has_none = response["content"].is_null() && !media.starts_with("text/");
            assert!(has_none || is_file, "{name} {status} has another body than the document says: {media:?}");
            return;
        }
        assert!(content.is_object(), "{name} {status} is {media}, which the document does not have");
        let validator = self.validator(&content["schema"]);
        let errors: Vec<String> =
            validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name} {status} does not fit its schema: {errors:#?}\n{body:#}");
        if status >= 400 {
            check_texts(&name, body);
            let code = body["code"].as_str().unwrap();
            assert!(
                !content["examples"][code].is_null(),
                "{name} answered the problem {code}, which the document does not have"
            );
            self.saw(operation["operationId"].as_str().unwrap(), code);
        }
    }

    fn saw(&self, operation: &str, code: &str) {
        let (seen, file) = &mut *self.seen.lock().unwrap();
        if seen.insert((operation.to_owned(), code.to_owned()))
            && let Some(file) = file
        {
            writeln!(file, "{operation} {code}").unwrap();
        }
    }

    fn validator(&self, schema: &Value) -> Arc<jsonschema::Validator> {
        let key = schema.to_string();
        let mut validators = self.validators.lock().unwrap();
        Arc::clone(validators.entry(key).or_insert_with(|| {
            let mut root = schema.clone();
            root["components"] = self.document["components"].clone();
            close(&mut root);
            Arc::new(jsonschema::options().should_validate_formats(true).build(&root).unwrap())
        }))
    }
}

/// Panics when a text of a problem lacks a value that it is to name.
fn check_texts(name: &str, body: &Value) {
    let fields = body["errors"].as_array().into_iter().flatten();
    let texts = fields.map(|field| &field["detail"]).chain([&body["title"], &body["detail"]]);
    for text in texts.map(|text| text.as_str().unwrap()) {
        let unfilled = ["{min}", "{max}", "{said}", "{allowed}", "{kind}"].iter().any(|place| text.contains(place));
        let is_whole = !text.contains("  ") && text.trim() == text && !text.contains("''") && !unfilled;
        assert!(is_whole, "{name} answered a text with a gap: {text:?}");
    }
}

/// To clients an answer may have values that they do not know; this version of the program has none of those.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(object) => {
            if let Some(known) = object.get("x-extensible-enum").cloned() {
                object.insert("enum".into(), known);
            }
            object.values_mut().for_each(close);
        }
        _ => {}
    }
}
