//! Each problem that an operation documents is seen in the acceptance tests, or is told here to be out of their reach.
//!
//! Cargo runs this program after `acceptance`, in the order of the alphabet; both belong to one run of `cargo test`.
#![cfg(test)]

#[path = "support/record.rs"]
mod record;

use std::{collections::BTreeSet, io::Write};

/// An operation (`*` for all of them), a problem, and why no test sees it.
const HARD_TO_REACH: &[(&str, &str, &str)] = &[
    ("*", "database_unavailable", "each waits two seconds; a query, a command and one without signing in are tried"),
    (
        "*",
        "request_timeout",
        "a body has to be slow for half a minute; `a_body_that_drips_is_refused` sees it, less patiently",
    ),
    ("*", "conflict", "two requests at the same moment, and only where no lock of the garage lets one wait"),
    (
        "closeFleet",
        "fleet_has_open_offers",
        "a car with an open offer cannot be unlinked, and so the fleet has passports",
    ),
    (
        "objectToLinkChange",
        "link_change_hands_changed",
        "nobody changes them while one can object; the domain's l5_… sees it",
    ),
    ("objectToLinkChange", "passport_archived", "nobody archives it while one can object; the domain's l5_… sees it"),
    ("objectToLinkChange", "transfer_open", "nobody offers a car while one can object; the domain's l5_… sees it"),
    ("inviteGarage", "storage_full", "it stores nothing but its answer, and that only for a request with a key"),
    ("acceptInvitation", "passport_already_active", "by then the link was used"),
    ("acceptInvitation", "passport_archived", "by then the link was revoked"),
    ("confirmEmail", "unauthenticated", "it looks at no token; rules for documents want a 401 of each operation"),
    (
        "confirmPasswordReset",
        "unauthenticated",
        "it looks at no token; rules for documents want a 401 of each operation",
    ),
    ("previewInvitation", "unauthenticated", "it looks at no token; rules for documents want a 401 of each operation"),
    (
        "requestPasswordReset",
        "unauthenticated",
        "it looks at no token; rules for documents want a 401 of each operation",
    ),
    (
        "sendInvitationElsewhere",
        "unauthenticated",
        "it looks at no token; rules for documents want a 401 of each operation",
    ),
    ("confirmEmail", "email_unchanged", "what changes the e-mail meanwhile takes the place of the link"),
    ("createPassport", "odometer_too_many_today", "it takes 200 readings; the domain's od11_… sees it"),
    ("updatePassport", "odometer_too_many_today", "it takes 200 readings; the domain's od11_… sees it"),
    ("completeVehicleCheck", "odometer_too_many_today", "it takes 200 readings; the domain's od11_… sees it"),
    ("importPassports", "malformed_json", "each line is judged by itself, and named among those that were refused"),
    ("importPassports", "payload_too_large", "each line is judged by itself, and named among those that were refused"),
    (
        "importServiceRecords",
        "malformed_json",
        "each line is judged by itself, and named among those that were refused",
    ),
    (
        "importServiceRecords",
        "payload_too_large",
        "each line is judged by itself, and named among those that were refused",
    ),
];

/// Whether an entry of the list is about a pair.
fn excuses((operation, code, _): &(&str, &str, &str), pair: &(String, String)) -> bool {
    (*operation == "*" || *operation == pair.0) && *code == pair.1
}

/// Every operation with each problem that it documents.
fn documented() -> BTreeSet<(String, String)> {
    let document = api::openapi::document();
    let resolve = |value: &serde_json::Value| {
        let reference = value["$ref"].as_str().map(|reference| reference.trim_start_matches('#').to_owned());
        reference.map_or_else(|| value.clone(), |pointer| document.pointer(&pointer).unwrap().clone())
    };
    let mut pairs = BTreeSet::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let name = operation["operationId"].as_str().unwrap();
        for response in operation["responses"].as_object().unwrap().values().map(resolve) {
            let examples = response["content"]["application/problem+json"]["examples"].as_object();
            pairs.extend(
                examples.into_iter().flat_map(|examples| examples.keys()).map(|code| (name.into(), code.clone())),
            );
        }
    }
    pairs
}

#[test]
fn every_documented_problem_is_seen_or_said_to_be_hard_to_reach() {
    if !record::runs_all() {
        // Past the capture of what tests say.
        writeln!(std::io::stderr(), "which problems were seen is not judged: only some tests ran").unwrap();
        return;
    }
    let file = record::file();
    let record = std::fs::read_to_string(&file)
        .expect("the acceptance tests run before this, in the same run: `cargo test -p tests`");
    let seen: BTreeSet<(String, String)> = record
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, code)| (name.to_owned(), code.to_owned()))
        .collect();
    std::fs::remove_file(&file).unwrap();
    let documented = documented();
    assert!(documented.len() > 500 && !seen.is_empty(), "{} documented, {} seen", documented.len(), seen.len());
    let missing: Vec<_> =
        documented.difference(&seen).filter(|pair| !HARD_TO_REACH.iter().any(|entry| excuses(entry, pair))).collect();
    assert!(missing.is_empty(), "no test sees these, and HARD_TO_REACH gives no reason: {missing:#?}");
    for entry in HARD_TO_REACH {
        let about: Vec<_> = documented.iter().filter(|pair| excuses(entry, pair)).collect();
        assert!(!about.is_empty(), "no operation documents what {entry:?} is about");
        assert!(about.iter().any(|pair| !seen.contains(*pair)), "{entry:?} is seen: take it off the list");
    }
}
