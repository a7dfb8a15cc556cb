//! Writes the document as YAML that readers of YAML 1.1 and 1.2 understand in the same way.
//!
//! The older readers take `on` for true, `10:15` for 615 and `2026-03-01` for a time. So a text stands without quotes only
//! when it is words that mean nothing else in either version.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a JSON value are the standard's, and will not grow")]

use serde_json::Value;

/// Words that YAML 1.1 takes for a boolean or for null, in any case.
const RESERVED: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A document as text.
pub(super) fn written(document: &Value) -> String {
    let mut text = String::new();
    write(document, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (position, (name, child)) in object.iter().enumerate() {
                // The first one is on the line with the dash of its list.
                if position > 0 || !text.ends_with("- ") {
                    indent(depth, text);
                }
                text.push_str(&scalar(name));
                text.push(':');
                write_child(child, depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                indent(depth, text);
                text.push_str("- ");
                match item {
                    Value::Object(object) if !object.is_empty() => write(item, depth + 1, text),
                    _ => {
                        text.truncate(text.len() - 1);
                        write_child(item, depth, text);
                    }
                }
            }
        }
        other => write_child(other, depth, text),
    }
}

/// What follows a name or a dash: on the same line, or on the next lines and one step in.
fn write_child(child: &Value, depth: usize, text: &mut String) {
    match child {
        Value::Object(object) if !object.is_empty() => {
            text.push('\n');
            write(child, depth + 1, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            write(child, depth + 1, text);
        }
        // Empty lists and objects, numbers, booleans and null are written as JSON does, and read so by all.
        other => {
            text.push(' ');
            text.push_str(&other.as_str().map_or_else(|| other.to_string(), scalar));
            text.push('\n');
        }
    }
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

/// A text, in the quotes of JSON unless it needs none.
fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '/'));
    if is_word && !RESERVED.contains(&text.to_ascii_lowercase().as_str()) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_that_mean_something_else_are_quoted() {
        for text in [
            "on",
            "No",
            "TRUE",
            "10:15",
            "2026-03-01",
            "1_000",
            "0x1f",
            ".5",
            "~",
            "",
            "-",
            "=",
            "<<",
            "a: b",
            "a #b",
            "1e3",
        ] {
            assert_eq!(scalar(text), Value::from(text).to_string());
        }
        for text in ["object", "once", "application/json", "X-Request-Id", "x1"] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn lists_and_objects_stand_below_their_names() {
        let document = json!({ "a": [{ "on": 1, "b": [] }, ["c", ["d"]], "e\nf", {}], "g": { "h": null } });
        let expected =
            "a:\n  - b: []\n    \"on\": 1\n  -\n    - c\n    -\n      - d\n  - \"e\\nf\"\n  - {}\ng:\n  h: null\n";
        assert_eq!(written(&document), expected);
        assert_eq!(yaml_serde::from_str::<Value>(expected).unwrap(), document);
    }
}
