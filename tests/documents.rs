//! The documents for people say what the code says: problems, rules, who may do what.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a token are the language's, and will not grow")]

use crate::support::{
    Contract,
    source::{self, repository, rule, rules},
};
use api::problem::Code;
use domain::{access::Action, value::Language};
use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

fn document(name: &str) -> String {
    std::fs::read_to_string(repository().join("docs").join(name)).unwrap()
}

/// The cells of the rows of tables whose first cell is what `is_row` wants.
fn rows(text: &str, is_row: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| is_row(cells[0]))
        .collect()
}

/// Holds a document against what it should be; with `UPDATE_GOLDEN` it is written.
fn held(name: &str, should: &str) {
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(repository().join("docs").join(name), should).unwrap();
    }
    for (found, expected) in document(name).lines().zip(should.lines()) {
        assert_eq!(found, expected, "docs/{name} is not what the code says: run the test with UPDATE_GOLDEN=1");
    }
    assert_eq!(document(name), should, "docs/{name} is not what the code says: run the test with UPDATE_GOLDEN=1");
}

/// `a`, `b` as a list in a table.
fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn each_problem_of_the_catalogue_is_in_the_document_with_its_texts() {
    let text = document("problems.md");
    let (problems, values) = text.split_once("## Codes of single values").unwrap();
    let found: BTreeSet<Vec<&str>> = rows(problems, |cell| cell.starts_with('`')).into_iter().collect();
    let codes: BTreeMap<&str, (String, String)> =
        Code::ALL.iter().map(|code| (code.code(), (format!("`{}`", code.code()), code.status().to_string()))).collect();
    let expected: BTreeSet<Vec<&str>> = Code::ALL
        .iter()
        .map(|code| {
            let (quoted, status) = &codes[code.code()];
            let (title, detail) = code.texts(Language::English);
            vec![quoted.as_str(), status.as_str(), title, detail]
        })
        .collect();
    assert_eq!(found.iter().map(|row| row[..4].to_vec()).collect::<BTreeSet<_>>(), expected);
    for row in &found {
        let code = Code::from_code(row[0].trim_matches('`')).unwrap();
        assert_eq!(row[4].trim_matches('*'), code.texts(Language::Dutch).0);
    }
    // Each stands under its status.
    for part in problems.split("\n## ").skip(1) {
        let (heading, table) = part.split_once('\n').unwrap();
        let (statuses, _) = heading.split_once(':').unwrap();
        for row in rows(table, |cell| cell.starts_with('`')) {
            assert!(statuses.split(", ").any(|status| status == row[1]), "{} stands under {heading}", row[0]);
        }
    }
    let found: BTreeSet<_> = rows(values, |cell| cell.starts_with('`'))
        .into_iter()
        .map(|row| (row[0].trim_matches('`').to_owned(), row[1].to_owned(), row[2].trim_matches('*').to_owned()))
        .collect();
    assert_eq!(found, texts_of_values());
}

/// What the code says of wrong values: code, English, Dutch.
fn texts_of_values() -> BTreeSet<(String, String, String)> {
    let source = std::fs::read_to_string(repository().join("api/src/problem/texts.rs")).unwrap();
    let trees: Vec<TokenTree> = source.parse::<TokenStream>().unwrap().into_iter().collect();
    let begin = trees.iter().position(|tree| tree.to_string() == "FIELDS").unwrap();
    let end = begin + trees[begin..].iter().position(|tree| tree.to_string() == "=").unwrap();
    let groups = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.stream().into_iter().collect::<Vec<_>>(),
        _ => vec![],
    };
    let list = trees[end..].iter().map(groups).find(|list| !list.is_empty()).unwrap();
    list.iter()
        .map(groups)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let texts: Vec<String> =
                entry.iter().filter(|tree| matches!(tree, TokenTree::Literal(_))).map(unquoted).collect();
            let [code, english, dutch] = texts.try_into().unwrap();
            (code, english, dutch)
        })
        .collect()
}

fn unquoted(literal: &TokenTree) -> String {
    serde_json::from_str(&literal.to_string()).unwrap()
}

/// The problems in the examples of the API's document have the texts that the server sends.
#[test]
fn problems_in_examples_are_those_of_the_catalogue() {
    fn look(value: &Value, found: &mut Vec<String>) {
        let of = |name: &str| value.get(name).and_then(Value::as_str);
        if let (Some(code), Some(title), Some(detail)) = (of("code"), of("title"), of("detail")) {
            let known = Code::from_code(code).unwrap_or_else(|| panic!("{code} is no problem"));
            assert_eq!((title, detail), known.texts(Language::English), "{code}");
            assert_eq!(value["status"], known.status(), "{code}");
            found.push(code.to_owned());
        }
        let parts: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.values().collect(),
            _ => vec![],
        };
        for part in parts {
            look(part, found);
        }
    }
    let mut found = vec![];
    look(&Contract::shared().document, &mut found);
    for code in ["invalid_request", "passport_exists"] {
        assert!(found.iter().any(|known| known == code), "{code} stands in no example: {found:?}");
    }
}

/// A POST that runs a command can be repeated with the same key, and one that only reads has no use for a key.
#[test]
fn each_command_by_post_takes_a_key() {
    let contract = Contract::shared();
    let mut without = Vec::new();
    for (path, item) in contract.document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let takes = contract.parameters(operation).iter().any(|parameter| parameter["name"] == "Idempotency-Key");
            let may_refuse = contract.resolve(&operation["responses"]["422"])["content"]
                .to_string()
                .contains("idempotency_key_reused");
            assert_eq!(takes, may_refuse, "{method} {path}");
            assert!(!takes || method == "post", "{method} {path}");
            if method == "post" && !takes {
                without.push(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
    }
    without.sort_unstable();
    assert_eq!(without, ["lookUpVehicles", "previewInvitation"]);
    let handlers = std::fs::read_to_string(repository().join("api/src/people/invitation/handlers.rs")).unwrap();
    let (_, preview) = handlers.split_once("fn preview_invitation").unwrap();
    assert!(preview.split("\n}").next().unwrap().contains(".query("), "it runs a query");
}

/// The lists from which nothing goes that `removed` could tell, each with the reason (rule LS1).
const NOTHING_LEAVES: [(&str, &str); 19] = [
    ("listApkEntries", "entries are only added"),
    ("listApkMailingRecipients", "a car of a mailing stays, with what became of it"),
    ("listCustody", "periods are only added"),
    ("listEvents", "events are only added"),
    ("listFormerCarReadings", "what somebody entered of a car that they had stays as it was"),
    ("listFormerCarRecords", "what somebody entered of a car that they had stays as it was"),
    ("listFormerCars", "a car that somebody has again is among their passports"),
    ("listGarageChanges", "a request stays, with its status; that of an owner goes with the car"),
    ("listGarageRecommendations", "a recommendation stays, with its status, and goes with the car"),
    ("listInspections", "all of them are told anew when the register answers"),
    ("listLinkChanges", "a change stays, with its status"),
    ("listNotifications", "a notification goes with the car, or is older than any copy"),
    ("listOdometerReadings", "readings are only added"),
    ("listPlates", "periods are only added"),
    ("listRecalls", "a recall stays, also when the register does not mention it any more"),
    ("listRecommendations", "a recommendation stays, with its status"),
    ("listServiceRecords", "records are only added; one that was corrected is named by the one in its place"),
    ("listServiceTasks", "all of them are told anew with another catalogue"),
    ("listTransfers", "an offer stays, with its status"),
];

/// A new list that can be asked for what changed tells what is gone, or it is said why nothing can be.
#[test]
fn ls1_each_list_tells_what_is_gone_or_nothing_leaves_it() {
    let contract = Contract::shared();
    let mut silent = BTreeSet::new();
    let mut followed = 0;
    for item in contract.document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap_or_default();
            if !contract.parameters(operation).iter().any(|parameter| parameter["name"] == "updatedSince") {
                continue;
            }
            let schema = &contract.response(operation, "200")["content"]["application/json"]["schema"];
            if contract.resolve(schema)["properties"]["removed"].is_object() {
                followed += 1;
            } else {
                silent.insert(name);
            }
        }
    }
    assert!(followed > 10, "the lists that tell what is gone were not found");
    assert_eq!(silent, NOTHING_LEAVES.iter().map(|(name, _)| *name).collect());
    // What people read says the same.
    let conventions = document("api-conventions.md");
    for part in ["`/v1/garage/staff`", "`/v1/check-templates`", "`/v1/account/devices`"] {
        let (_, said) = conventions.split_once("Every list from which something can go").unwrap();
        assert!(said.split("\n\n").next().unwrap().contains(part), "{part}");
    }
}

#[test]
fn each_action_is_in_the_document_with_the_operations_that_ask_for_it() {
    let mut by_action: BTreeMap<String, BTreeSet<String>> =
        Action::ALL.iter().map(|action| (format!("{action:?}"), BTreeSet::new())).collect();
    let document_of_api = Contract::shared().document.to_string();
    let is_operation = |name: &str| document_of_api.contains(&format!("\"operationId\":\"{name}\""));
    for (operation, named) in source::operations().into_iter().filter(|(name, _)| is_operation(name)) {
        for action in named.actions {
            by_action.get_mut(&action).unwrap_or_else(|| panic!("{action} is no action")).insert(operation.clone());
        }
    }
    let text = document("access.md");
    let (before, _) = text.split_once("| action | operations |\n").unwrap();
    let mut should = format!("{before}| action | operations |\n|---|---|\n");
    for action in Action::ALL {
        let operations = &by_action[&format!("{action:?}")];
        assert!(!operations.is_empty(), "no operation asks for {action:?}: ask for it where it is done, or remove it");
        writeln!(should, "| `{}` | {} |", action.code(), list(operations)).unwrap();
    }
    held("access.md", &should);
}

/// The rules of the document.
fn known_rules() -> BTreeSet<String> {
    rules_in(&document("rules.md"))
}

/// The rules in the tables of a text, each in the first cell of its row.
fn rules_in(text: &str) -> BTreeSet<String> {
    let found: BTreeSet<String> =
        rows(text, |cell| !cell.is_empty()).into_iter().map(|row| row[0].to_owned()).collect();
    for name in &found {
        assert!(rule(name).is_some(), "{name} is of no known series: add it to `SERIES` in tests/support/source.rs");
    }
    found
}

#[test]
#[should_panic(expected = "ZZ1 is of no known series")]
fn a_rule_of_an_unknown_series_is_not_passed_over() {
    rules_in("| | rule |\n|---|---|\n| A1 | One. |\n| ZZ1 | Another. |\n");
}

#[test]
fn each_operation_names_its_rules_and_each_rule_its_operations() {
    let operations = source::operations();
    let contract = Contract::shared();
    let paths = contract.document["paths"].as_object().unwrap();
    let mut in_document = BTreeSet::new();
    for (method, operation) in paths.values().flat_map(|item| item.as_object().unwrap()) {
        let name = operation["operationId"].as_str().unwrap();
        let named = operations.get(name).unwrap_or_else(|| panic!("{name} is the operation of no handler"));
        assert!(
            method == "get" || !named.rules.is_empty(),
            "{name} names no rule: say `(rule …)` in the comment at its function in `operations.rs`"
        );
        in_document.insert(name);
    }
    let rules = known_rules();
    let mut by_rule: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, named) in operations.iter().filter(|(name, _)| in_document.contains(name.as_str())) {
        for number in &named.rules {
            let number =
                rules.get(number).unwrap_or_else(|| panic!("{name} names {number}, which docs/rules.md lacks"));
            by_rule.entry(number).or_default().insert(name.clone());
        }
    }
    let text = document("rules.md");
    let with_operations =
        text.lines().map(|line| match line.strip_prefix("| ").and_then(|line| line.split_once(" |")) {
            Some((number, _)) if rule(number).is_some() => {
                let cells: Vec<&str> = line.split('|').collect();
                assert_eq!(cells.len(), 7, "{number} has a cell more or less");
                let names = by_rule.get(number).map(list).unwrap_or_default();
                format!("{}|{}{names} |\n", cells[..5].join("|"), if names.is_empty() { "" } else { " " })
            }
            _ => format!("{line}\n"),
        });
    held("rules.md", &with_operations.collect::<String>());
}

/// The text of each file of Rust code.
fn sources(folder: &Path) -> Vec<String> {
    code(folder).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn each_rule_has_a_test_that_begins_with_its_number() {
    let rules = known_rules();
    let mut tested = BTreeSet::new();
    for text in ["domain", "persistence", "api", "tests"].iter().flat_map(|part| sources(&repository().join(part))) {
        for name in text.split("fn ").skip(1).map(|rest| rest.split(['(', '<']).next().unwrap()) {
            let numbers = name.split('_').map(str::to_ascii_uppercase);
            tested.extend(numbers.take_while(|part| rule(part).is_some()));
        }
    }
    assert_eq!(
        tested.difference(&rules).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "tests cite rules that there are not"
    );
    assert_eq!(rules.difference(&tested).collect::<Vec<_>>(), Vec::<&String>::new(), "rules without a test");
}

#[test]
fn the_comments_and_documents_cite_rules_that_there_are() {
    let known = known_rules();
    let folders = ["domain/src", "persistence/src", "api/src"];
    let comments = folders.iter().flat_map(|folder| sources(&repository().join(folder))).flat_map(|text| {
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("//")).collect::<Vec<_>>().join("\n");
        // What is said after "rule" or "rules", up to what ends it.
        let cited = lines.split("rule").skip(1).map(|rest| rest.split([')', ':', ';', '.']).next().unwrap().to_owned());
        cited.collect::<Vec<_>>()
    });
    let documents = ["access.md", "rules.md"].map(document);
    for text in comments.chain(documents) {
        for number in rules(&text) {
            assert!(known.contains(&number), "{number} is no rule of docs/rules.md: {text}");
        }
    }
}

/// Each file of the code by its path, with its text.
fn code(folder: &Path) -> Vec<(String, String)> {
    let with_text = |path: &PathBuf| (format!("/{}", path.display()), std::fs::read_to_string(path).unwrap());
    source::files(folder).iter().map(with_text).collect()
}

#[test]
fn what_the_rules_name_of_the_code_is_there() {
    let code: Vec<_> =
        ["domain", "persistence", "api", "tests"].iter().flat_map(|part| code(&repository().join(part))).collect();
    let text = document("rules.md");
    for name in text.split('`').skip(1).step_by(2) {
        if Path::new(name).extension().is_some_and(|ending| ending == "rs") {
            assert!(code.iter().any(|(path, _)| path.ends_with(&format!("/{name}"))), "there is no file {name}");
        } else if let Some((module, item)) = name.rsplit_once("::") {
            let module = module.rsplit("::").next().unwrap();
            let defined = |text: &str| {
                ["fn", "struct", "enum", "mod"].iter().any(|kind| text.contains(&format!("{kind} {item}")))
            };
            let is_type = module.starts_with(char::is_uppercase);
            let of_module =
                |path: &str| path.contains(&format!("/{module}/")) || path.ends_with(&format!("/{module}.rs"));
            let named =
                |text: &str| text.contains(&format!("struct {module}")) || text.contains(&format!("impl {module}"));
            let found =
                code.iter().any(|(path, text)| defined(text) && if is_type { named(text) } else { of_module(path) });
            assert!(found, "there is no {name}");
        }
    }
}

/// Every description and summary of the OpenAPI document, with the place where it is.
fn descriptions(value: &serde_json::Value, place: &str, found: &mut Vec<(String, String)>) {
    if let Some(items) = value.as_array() {
        items.iter().enumerate().for_each(|(at, item)| descriptions(item, &format!("{place}/{at}"), found));
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        match value.as_str() {
            Some(text) if ["description", "summary"].contains(&name.as_str()) => {
                found.push((format!("{place}/{name}"), text.to_owned()));
            }
            _ => descriptions(value, &format!("{place}/{name}"), found),
        }
    }
}

/// What readers of the OpenAPI document see is whole: code spans are closed in their line, and an id in a path says which
/// one it is.
#[test]
fn the_descriptions_of_the_api_read_well() {
    let contract = Contract::shared();
    let mut found = Vec::new();
    descriptions(&contract.document, "", &mut found);
    assert!(found.len() > 500, "the descriptions were not found: {}", found.len());
    for (place, text) in &found {
        let broken = text.lines().find(|line| line.matches('`').count() % 2 == 1);
        assert_eq!(broken, None, "{place}: a code span goes on in the next line");
    }
    let ids: Vec<&(String, String)> = found.iter().filter(|(_, text)| text.starts_with("The id of the ")).collect();
    let described = ids.iter().filter(|(place, _)| place.contains("/parameters/"));
    assert!(described.clone().count() >= 8, "the ids in paths were not found: {ids:?}");
    assert!(described.into_iter().all(|(_, text)| text.contains("`GET /")), "{ids:?}");
}
