//! Which problems the tests have seen, written to a file: one for each run of `cargo test`, which `seen.rs` reads after
//! the acceptance tests. A run of only some tests writes none.

use std::path::PathBuf;

/// The file of this run. Cargo starts each test program itself, so they have the same parent.
pub(crate) fn file() -> PathBuf {
    let run = std::os::unix::process::parent_id();
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("problems-seen-{run}"))
}

/// Whether this program was told to run all of its tests.
pub(crate) fn runs_all() -> bool {
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Options whose value follows.
            "--test-threads" | "--color" | "--format" | "--logfile" | "--shuffle-seed" | "-Z" => drop(arguments.next()),
            "--skip" | "--exact" | "--ignored" | "--list" => return false,
            option if option.starts_with("--skip=") || !option.starts_with('-') => return false,
            _ => {}
        }
    }
    true
}
