//! Compares the storage of files with the database: what one has and the other has not.
//!
//! A file is stored before its row is, and deleted after it, so a file without a row is left by what was interrupted. A row
//! without a file was lost in the storage, or comes from a backup of the database that is newer than that of the files. A file
//! with another number of bytes than its row says is damaged.

use crate::storage::Storage;
use domain::{Instant, ids::FileId};
use jiff::SignedDuration;
use persistence::{self as store, Store, StoreError};
use std::time::Duration;
use uuid::Uuid;

/// A file without a row that is younger may belong to an upload under way.
const UNDER_WAY: SignedDuration = SignedDuration::from_hours(24);
/// How many rows are compared at a time.
const BATCH: i64 = 1_000;
/// How often it is said how far the comparison is.
const PROGRESS: Duration = Duration::from_secs(5);

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many files the storage has.
    pub stored: u64,
    /// Names in the storage that no row has, older than a day.
    pub orphans: u64,
    /// The same, younger than a day.
    pub under_way: u64,
    /// Names of rows under which the storage has another number of bytes than it should.
    pub damaged: u64,
    /// How many orphans were deleted.
    pub deleted: u64,
    /// How many names the rows have.
    pub rows: u64,
    /// Names of rows that the storage does not have.
    pub missing: u64,
}

/// Says something to the operator.
pub type Say<'s> = &'s mut dyn FnMut(&str);

/// Compares the two, and deletes what no row has when `delete_orphans` says so. Each difference is said at once.
pub fn compare(
    store: &Store,
    storage: &dyn Storage,
    now: Instant,
    delete_orphans: bool,
    say: Say<'_>,
) -> Result<Comparison, String> {
    let mut found = Comparison::default();
    let mut progress = Progress::new();
    storage.list(&mut |batch| {
        let names: Vec<Uuid> = batch.iter().map(|stored| stored.name).collect();
        let known = store.read(|tx| store::file::known(tx, &names)).map_err(text)?;
        for one in batch {
            found.stored += 1;
            if let Some(bytes) = known.get(&one.name) {
                if u64::try_from(*bytes) != Ok(one.bytes) {
                    found.damaged += 1;
                    say(&format!("{} has {} bytes and should have {bytes}", one.name, one.bytes));
                }
                continue;
            }
            if now.duration_since(one.written_at) < UNDER_WAY {
                found.under_way += 1;
                continue;
            }
            found.orphans += 1;
            say(&format!(
                "{} is in the storage alone, since {}",
                one.name,
                one.written_at.strftime("%Y-%m-%dT%H:%M:%SZ")
            ));
            if delete_orphans {
                storage.delete(one.name).map_err(|error| error.to_string())?;
                found.deleted += 1;
            }
        }
        progress.say(say, &format!("{} files of the storage compared", found.stored));
        Ok(())
    })?;
    let mut after: Option<FileId> = None;
    loop {
        let names = store.read(|tx| store::file::names_after(tx, after, BATCH)).map_err(text)?;
        let Some((last, _)) = names.last() else { return Ok(found) };
        after = Some(*last);
        for (file, name) in names {
            found.rows += 1;
            if !storage.has(name).map_err(|error| error.to_string())? && is_still_there(store, name)? {
                found.missing += 1;
                say(&format!("{name} of the file {file} is in the database alone"));
            }
            progress.say(say, &format!("{} names of the database compared", found.rows));
        }
    }
}

/// Whether a row has a name now: it may have been deleted after it was read.
fn is_still_there(store: &Store, name: Uuid) -> Result<bool, String> {
    Ok(store.read(|tx| store::file::known(tx, &[name])).map_err(text)?.contains_key(&name))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn text(error: StoreError) -> String {
    error.to_string()
}

/// Says now and then how far something is.
struct Progress(std::time::Instant);

impl Progress {
    fn new() -> Self {
        Self(std::time::Instant::now())
    }

    fn say(&mut self, say: Say<'_>, how_far: &str) {
        if self.0.elapsed() >= PROGRESS {
            say(how_far);
            self.0 = std::time::Instant::now();
        }
    }
}
