//! Which room may know which: the code of `domain` and `api` flows downward. A room is a concept, with its folder or its
//! file; the ground is what all of them stand on; the top puts them together. No two rooms know one another, not even
//! by a detour, and the ground knows none of the rooms above it.

use crate::support::source::{files, repository};
use proc_macro2::{TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The folders of `src` whose parts are rooms. What lies in `src` itself belongs to the ground, unless it is of the top.
const AREAS: [&str; 5] = ["maintenance", "passports", "people", "vehicle", "outreach"];

/// The modules of `api` that may know every room.
const TOP: [&str; 7] = ["lib", "main", "server", "worker", "openapi", "demo", "provision"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Floor {
    Ground,
    Area,
    Top,
}

/// The room of a file, and the floor on which it stands.
fn room(file: &Path, top: &[&str]) -> (String, Floor) {
    let mut parts = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    match parts.as_slice() {
        // The list of an area's rooms.
        [area] if AREAS.contains(&area.as_str()) => (area.clone(), Floor::Top),
        [area, room, ..] if AREAS.contains(&area.as_str()) => (room.clone(), Floor::Area),
        [room, ..] if top.contains(&room.as_str()) => (room.clone(), Floor::Top),
        [room, ..] => (room.clone(), Floor::Ground),
        [] => unreachable!("a file has a name"),
    }
}

/// The modules that a piece of code names after `crate::`, within macros too. What only tests use does not count.
fn named(code: TokenStream, found: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = code.into_iter().collect();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        if is_test(&trees[at..]) {
            // The attribute, and all up to the end of what it stands before.
            at += 2;
            while trees.get(at).is_some_and(|tree| !ends_item(tree)) {
                at += 1;
            }
        } else if is_word(tree, "crate") && trees.get(at + 1).is_some_and(|next| is_mark(next, ':')) {
            match trees.get(at + 3) {
                Some(TokenTree::Group(group)) => firsts(group.stream(), found),
                Some(TokenTree::Ident(name)) => drop(found.insert(name.to_string())),
                _ => {}
            }
            at += 3;
            continue;
        } else if let TokenTree::Group(group) = tree {
            named(group.stream(), found);
        }
        at += 1;
    }
}

/// The first names of a list of imports, `{a, b::c, d::{e, f}}`.
fn firsts(list: TokenStream, found: &mut BTreeSet<String>) {
    let mut is_first = true;
    for tree in list {
        match tree {
            TokenTree::Ident(name) if is_first => drop(found.insert(name.to_string())),
            TokenTree::Punct(mark) if mark.as_char() == ',' => {
                is_first = true;
                continue;
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
        is_first = false;
    }
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(name) if name == word)
}

fn is_mark(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(found) if found.as_char() == mark)
}

/// `#[cfg(test)]`.
fn is_test(trees: &[TokenTree]) -> bool {
    matches!(trees, [hash, TokenTree::Group(attribute), ..]
        if is_mark(hash, '#') && attribute.stream().to_string().replace(' ', "") == "cfg(test)")
}

fn ends_item(tree: &TokenTree) -> bool {
    is_mark(tree, ';') || matches!(tree, TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace)
}

/// Which rooms each room knows, and the floors of all.
struct House {
    knows: BTreeMap<String, BTreeSet<String>>,
    floors: BTreeMap<String, Floor>,
}

fn house(part: &str, top: &[&str]) -> House {
    let source = repository().join(part).join("src");
    let (mut knows, mut floors) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeMap::new());
    for path in files(&source) {
        let file = path.strip_prefix(&source).unwrap();
        if file.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let (room, floor) = room(file, top);
        let before = floors.insert(room.clone(), floor);
        assert!(before.is_none_or(|before| before == floor), "{room} is the name of two rooms of {part}");
        let code = std::fs::read_to_string(&path).unwrap();
        named(code.parse().unwrap(), knows.entry(room).or_default());
    }
    // Types and macros of the crate's own root are the ground's.
    let rooms: BTreeSet<String> = floors.keys().cloned().collect();
    for (room, known) in &mut knows {
        known.retain(|other| rooms.contains(other) && other != room);
    }
    House { knows, floors }
}

impl House {
    /// Every room that can be reached from one, by whatever detour.
    fn reached(&self, from: &str) -> BTreeSet<String> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(room) = open.pop() {
            for other in &self.knows[&room] {
                if reached.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        reached
    }

    /// What is wrong, in words.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (room, known) in &self.knows {
            let floor = self.floors[room];
            for other in known.iter().filter(|other| self.floors[*other] > floor) {
                faults.push(format!("{room} is of the {floor:?} and knows {other}, which stands above it"));
            }
            if floor == Floor::Area && self.reached(room).contains(room) {
                let back = known.iter().filter(|other| self.reached(other).contains(room));
                faults.push(format!("{room} knows itself by way of {}", back.cloned().collect::<Vec<_>>().join(", ")));
            }
        }
        faults
    }
}

#[test]
fn the_domain_flows_downward() {
    let house = house("domain", &["lib"]);
    assert!(house.knows.len() > 20, "the rooms were not found");
    assert_eq!(house.faults(), Vec::<String>::new());
}

#[test]
fn the_api_flows_downward() {
    let house = house("api", &TOP);
    assert!(house.knows["passport"].contains("reach"), "the rooms were not found");
    assert_eq!(house.faults(), Vec::<String>::new());
}

#[test]
fn a_circle_would_be_found() {
    let known = |text: &str| {
        let mut found = BTreeSet::new();
        named(text.parse().unwrap(), &mut found);
        found.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        known("use crate::{a::B, c::{d, e}, f}; body! { x: crate::g::H } #[cfg(test)] mod t { use crate::i; }"),
        "a c f g"
    );
    let house = House {
        knows: [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["a"]), ("g", vec!["a"])]
            .map(|(room, known)| (room.to_owned(), known.into_iter().map(str::to_owned).collect()))
            .into(),
        floors: [("a", Floor::Area), ("b", Floor::Area), ("c", Floor::Area), ("g", Floor::Ground)]
            .map(|(room, floor)| (room.to_owned(), floor))
            .into(),
    };
    assert_eq!(house.faults().len(), 4, "{:?}", house.faults());
}

/// Every file of code is a module of the one above it: what is not named there is not compiled, and nothing says so.
#[test]
fn every_file_is_compiled() {
    let root = repository();
    let (mut looked_at, mut lost) = (0, Vec::new());
    for part in ["domain/src", "persistence/src", "api/src", "tests", "persistence/tests/store"] {
        let source = root.join(part);
        for file in files(&source) {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let folder = file.parent().unwrap();
            // `a/mod.rs` is named beside `a/`, and so is what lies in `a/` in `a.rs`.
            let (module, above) = if name == "mod" {
                (folder.file_name().unwrap().to_str().unwrap(), folder.parent().unwrap())
            } else {
                (name, folder)
            };
            let by_name = above.with_extension("rs");
            let parents = ["lib.rs", "main.rs", "mod.rs", "acceptance.rs"].map(|parent| above.join(parent));
            let parents: Vec<_> = parents.into_iter().chain([by_name]).filter(|parent| parent.is_file()).collect();
            if parents.contains(&file) || (above == source && ["lib", "main", "acceptance", "seen"].contains(&module)) {
                continue;
            }
            looked_at += 1;
            let names = |parent: &PathBuf| {
                let code = std::fs::read_to_string(parent).unwrap();
                code.lines().any(|line| line.trim_end().ends_with(&format!("mod {module};")))
            };
            if !parents.iter().any(names) {
                lost.push(file.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    assert!(looked_at > 150, "the files were not found: {looked_at}");
    assert_eq!(lost, Vec::<PathBuf>::new(), "no `mod` names these files, so nothing in them is compiled");
}

/// Within a room too code flows downward: handlers know operations, and both know what is sent and received.
#[test]
fn what_is_sent_and_received_knows_no_operation() {
    let (root, mut looked_at) = (repository().join("api/src"), 0);
    for area in AREAS {
        for file in files(&root.join(area)).iter().filter(|file| file.ends_with("wire.rs")) {
            let code: TokenStream = std::fs::read_to_string(file).unwrap().parse().unwrap();
            let words = words(code);
            looked_at += 1;
            for above in ["operations", "handlers"] {
                assert!(!words.contains(above), "{} knows of its room's {above}", file.display());
            }
        }
    }
    assert!(looked_at > 10, "the files were not found: {looked_at}");
}

/// All names in a piece of code.
fn words(code: TokenStream) -> BTreeSet<String> {
    let within = |tree| match tree {
        TokenTree::Ident(name) => BTreeSet::from([name.to_string()]),
        TokenTree::Group(group) => words(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => BTreeSet::new(),
    };
    code.into_iter().flat_map(within).collect()
}

/// Every handler is an operation: one that no list of services names, or whose feature `server/routes.rs` does not name, does
/// not exist, and the compiler does not notice.
#[test]
fn every_handler_is_an_operation() {
    let root = repository();
    let document = api::openapi::document().to_string();
    let mut found = 0;
    for file in files(&root.join("api/src")).iter().filter(|file| file.ends_with("handlers.rs")) {
        let code = std::fs::read_to_string(file).unwrap();
        for part in code.split("operation_id = \"").skip(1) {
            let operation = part.split('"').next().unwrap();
            found += 1;
            assert!(
                document.contains(&format!("\"operationId\":\"{operation}\"")),
                "{operation} is a handler in {} that no service lists: see its `mod.rs` and `server/routes.rs`",
                file.display()
            );
        }
    }
    assert!(found > 60, "the handlers were not found: {found}");
}
