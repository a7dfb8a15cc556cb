//! What the code of the api says of its operations: which rules each names, and which rights it asks for.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of a token are the language's, and will not grow")]

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// What an operation names in the code: in its handler, and in what that calls.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// The rules in the comments at the functions of `operations.rs` that the handler calls.
    pub(crate) rules: BTreeSet<String>,
    /// The actions for which the policy is asked, by their names in the code.
    pub(crate) actions: BTreeSet<String>,
}

#[derive(Default)]
struct Function {
    comment: String,
    body: Vec<TokenTree>,
}

type Functions = BTreeMap<String, Function>;

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file of Rust code in a folder and in those below it, in the order of their paths.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every operation by its `operationId`, which is the handler's name.
pub(crate) fn operations() -> BTreeMap<String, Named> {
    let mut rooms = BTreeMap::new();
    for area in ["people", "passports", "vehicle", "maintenance", "outreach"] {
        for room in std::fs::read_dir(repository().join("api/src").join(area)).unwrap().map(Result::unwrap) {
            let read = |file: &str| std::fs::read_to_string(room.path().join(file)).map(|text| functions(&text));
            if let Ok(handlers) = read("handlers.rs") {
                let name = room.file_name().into_string().unwrap();
                rooms.insert(name, (handlers, read("operations.rs").unwrap_or_default()));
            }
        }
    }
    let mut found = BTreeMap::new();
    for (room, (handlers, _)) in &rooms {
        for (handler, function) in handlers {
            let mut named = Named::default();
            let mut calls = BTreeSet::new();
            look(&function.body, handlers, &mut BTreeSet::new(), &mut named.actions, &mut calls);
            for (other, called) in calls {
                let (_, operations) = &rooms[if other.is_empty() { room } else { &other }];
                let called = operations.get(&called).unwrap_or_else(|| panic!("{handler} calls {called}"));
                named.rules.extend(rules(&called.comment));
                look(&called.body, operations, &mut BTreeSet::new(), &mut named.actions, &mut BTreeSet::new());
            }
            found.insert(camel(handler), named);
        }
    }
    found
}

/// The functions of a file with their comments.
fn functions(text: &str) -> Functions {
    let trees: Vec<TokenTree> = text.parse::<TokenStream>().unwrap().into_iter().collect();
    let mut found = Functions::new();
    let mut comment = String::new();
    let mut at = 0;
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                comment.push_str(&said(group.stream()));
            }
            TokenTree::Ident(word) if *word == "fn" => {
                let name = trees[at + 1].to_string();
                let body = trees[at..].iter().find_map(|tree| match tree {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                    _ => None,
                });
                let comment = std::mem::take(&mut comment);
                found.insert(name, Function { comment, body: body.unwrap().into_iter().collect() });
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => comment.clear(),
            TokenTree::Punct(mark) if mark.as_char() == ';' => comment.clear(),
            _ => {}
        }
        at += 1;
    }
    found
}

/// The text of `doc = "…"`, in one line with what follows.
fn said(attribute: TokenStream) -> String {
    let trees: Vec<TokenTree> = attribute.into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Ident(doc), _, TokenTree::Literal(text)] if *doc == "doc" => format!("{text} "),
        _ => String::new(),
    }
}

/// What a body asks the policy, and which functions of `operations.rs` it calls, each with its room if that is named;
/// also by way of its own file's functions.
fn look(
    body: &[TokenTree],
    own: &Functions,
    known: &mut BTreeSet<String>,
    actions: &mut BTreeSet<String>,
    calls: &mut BTreeSet<(String, String)>,
) {
    let word = |at: Option<usize>| at.and_then(|at| body.get(at)).map(ToString::to_string).unwrap_or_default();
    for (at, tree) in body.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => {
                look(&group.stream().into_iter().collect::<Vec<_>>(), own, known, actions, calls);
            }
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let next = word(Some(at + 3));
                let is_path = word(Some(at + 1)) == ":";
                if name == "Action" && is_path {
                    actions.insert(next);
                } else if name == "operations" && is_path && next.starts_with(char::is_lowercase) {
                    let room = if word(at.checked_sub(1)) == ":" { word(at.checked_sub(3)) } else { String::new() };
                    calls.insert((room, next));
                } else if let Some(function) = own.get(&name).filter(|_| word(at.checked_sub(1)) != ":")
                    && word(at.checked_sub(1)) != "."
                    && known.insert(name)
                {
                    look(&function.body, own, known, actions, calls);
                }
            }
            _ => {}
        }
    }
}

/// The rules that a text names: `P1`, `OD4`, and `F1 to F4`.
pub(crate) fn rules(text: &str) -> BTreeSet<String> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut found = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let Some((series, number)) = rule(word) else { continue };
        found.insert((*word).to_owned());
        if let (Some(&"to"), Some((last_series, last))) =
            (words.get(at + 1), words.get(at + 2).and_then(|word| rule(word)))
        {
            assert_eq!(series, last_series, "{text}");
            found.extend((number..=last).map(|number| format!("{series}{number}")));
        }
    }
    found
}

/// The series of the rules. `tests/documents.rs` fails for a rule of another one in docs/rules.md.
const SERIES: [&str; 24] = [
    "A", "GA", "CU", "P", "F", "L", "T", "K", "APK", "R", "OD", "MS", "VC", "RC", "SR", "EM", "EC", "ST", "N", "RM",
    "CH", "ML", "CAL", "LS",
];

/// The series and number that a word is the name of.
pub(crate) fn rule(word: &str) -> Option<(&str, u32)> {
    let (series, number) = word.split_at(word.find(|c: char| c.is_ascii_digit())?);
    Some((SERIES.into_iter().find(|known| *known == series)?, number.parse().ok()?))
}

/// `list_fleets` as `listFleets`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |camel, part| camel + &part[..1].to_ascii_uppercase() + &part[1..])
}
