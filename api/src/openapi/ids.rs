//! What the ids in paths are, and where clients find them.

use super::operations_mut;
use serde_json::{Map, Value, json};

/// What an id can be of, as the handlers call it, and which list has these ids.
const LISTS: [(&str, &str); 21] = [
    ("passport", "`GET /passports`"),
    ("former car", "`GET /former-cars`"),
    ("device", "`GET /account/devices`"),
    ("notification", "`GET /notifications`"),
    ("suppression", "`GET /suppressions`"),
    ("customer", "`GET /customers`"),
    ("mailing", "`GET /apk-mailings`"),
    ("fleet", "`GET /fleets`"),
    ("colleague", "`GET /garage/staff`"),
    ("offer", "`GET /transfers`"),
    ("change of garage", "`GET /garage-changes`"),
    ("change of link", "`GET /link-changes`"),
    ("session", "`GET /auth/sessions`"),
    ("reading", "`GET /passports/{id}/odometer/readings`"),
    ("record", "`GET /passports/{id}/service-records`"),
    ("entry", "`GET /passports/{id}/apk/entries`"),
    ("schedule", "`GET /maintenance-schedules`"),
    ("template", "`GET /check-templates`"),
    ("check", "`GET /passports/{id}/checks`"),
    ("file", "`GET /passports/{id}/checks/{checkId}/photos`"),
    ("recommendation", "`GET /passports/{id}/recommendations`"),
];

/// Describes each id in a path, of which the handlers say "The passport." and the like.
pub(super) fn describe(document: &mut Value) {
    for (.., operation) in operations_mut(document) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(describe_one);
    }
    let shared = document["components"]["parameters"].as_object_mut();
    shared.into_iter().flat_map(Map::values_mut).for_each(describe_one);
}

fn describe_one(parameter: &mut Value) {
    if parameter["in"] != "path" || parameter["schema"]["$ref"] != "#/components/schemas/Id" {
        return;
    }
    let thing = thing(parameter).unwrap_or_default();
    let list = LISTS.iter().find(|(known, _)| *known == thing).map(|(_, list)| list);
    assert!(
        list.is_some(),
        "an id in a path is described as {:?}: say in `LISTS` where it is found",
        parameter["description"]
    );
    let list = list.copied().unwrap_or_default();
    parameter["description"] = json!(format!("The id of the {thing}: the `id` of an item of {list}."));
}

/// The thing that a parameter is described as: `passport` of "The passport.".
pub(super) fn thing(parameter: &Value) -> Option<String> {
    parameter["description"].as_str()?.strip_prefix("The ")?.strip_suffix('.').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::LISTS;

    #[test]
    fn every_list_that_is_named_is_in_the_document() {
        let document = crate::openapi::document();
        for (thing, list) in LISTS {
            let path = list.trim_matches('`').strip_prefix("GET ").unwrap();
            assert!(document["paths"][path]["get"].is_object(), "{thing}: there is no {list}");
        }
    }
}
