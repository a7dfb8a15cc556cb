//! The OpenAPI document as a contract: every answer of every test is held against it.

use super::record;
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

    /// What a reference leads to, or the value itself.
    pub(crate) fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => self.resolve(self.document.pointer(reference.trim_start_matches('#')).unwrap()),
            None => value,
        }
    }

    /// The example of a media type.
    pub(crate) fn example(&self, media: &Value) -> Value {
        let first = media["examples"].as_object().and_then(|examples| examples.values().next());
        first.map_or(&media["example"], |example| &self.resolve(example)["value"]).clone()
    }

    /// Panics unless the document allows the answer.
    pub(crate) fn check(&self, method: &str, path: &str, status: u16, content_type: &str, body: &Value) {
        let Some((name, operation)) = self.operation(method, path) else {
            return;
        };
        let response = &operation["responses"][status.to_string()];
        assert!(response.is_object(), "{name} answered {status}, which the document does not have: {body}");
        if body.is_null() {
            assert!(response["content"].is_null(), "{name} {status} has no body, but the document says it has");
            return;
        }
        let media = content_type.split(';').next().unwrap();
        let content = &response["content"][media];
        assert!(content.is_object(), "{name} {status} is {media}, which the document does not have");
        let validator = self.validator(&content["schema"]);
        let errors: Vec<String> =
            validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name} {status} does not fit its schema: {errors:#?}\n{body:#}");
        if status >= 400 {
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
            Arc::new(jsonschema::options().should_validate_formats(true).build(&root).unwrap())
        }))
    }
}
