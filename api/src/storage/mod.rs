//! Where photos and documents lie: a folder, or S3-compatible storage. The database has a row for each file; what the file
//! holds lies here, under the id of the row and nothing else. No name from a client ever becomes a name here.
//!
//! Storage is slow and can be down. It is written before the row is, so a row always has its file; what is interrupted
//! between the two leaves a file without a row, which `autopaspoort files check` finds. It is called on threads that may
//! wait, never within a transaction, and never while a connection to the database is held.

mod folder;
mod s3;
mod settings;

pub use settings::{FilesAt, S3Settings, S3SettingsText, Secret};

use crate::problem::{Code, Problem};
use actix_web::web::{self, Bytes};
use domain::Instant;
use futures_util::Stream;
use std::{io::Read, ops::Range, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// Why storage did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// It has no file of that name.
    Missing,
    /// It cannot be reached, or does not work. It may work later.
    Unavailable(String),
    /// It is full or read-only.
    Full(String),
}

impl std::fmt::Display for StorageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("the storage of files has no such file"),
            Self::Unavailable(reason) => write!(f, "the storage of files does not work: {reason}"),
            Self::Full(reason) => write!(f, "the storage of files is full or read-only: {reason}"),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        let reason = error.to_string();
        let code = match error {
            // The row says that there is one: it was lost.
            StorageError::Missing => return Self::internal(&reason),
            StorageError::Unavailable(_) => Code::FilesUnavailable,
            StorageError::Full(_) => Code::StorageFull,
        };
        Self::new(code).because(&reason).retry_after(10)
    }
}

/// What storage has under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The name.
    pub name: Uuid,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was written.
    pub written_at: Instant,
}

/// What is read from storage, piece by piece.
pub type Contents = Box<dyn Read + Send>;

/// A storage of files.
pub trait Storage: Send + Sync {
    /// Writes a file, whole or not at all.
    fn put(&self, name: Uuid, bytes: &[u8]) -> Result<(), StorageError>;

    /// Opens these bytes of a file.
    fn open(&self, name: Uuid, range: Range<u64>) -> Result<Contents, StorageError>;

    /// Whether there is a file of this name.
    fn has(&self, name: Uuid) -> Result<bool, StorageError>;

    /// Deletes a file. One that is not there is deleted already.
    fn delete(&self, name: Uuid) -> Result<(), StorageError>;

    /// Calls `each` with all that there is, a batch at a time, until it fails.
    fn list(&self, each: &mut dyn FnMut(&[Stored]) -> Result<(), String>) -> Result<(), String>;

    /// What an operator is told of where it is. It has no secret.
    fn place(&self) -> String;
}

/// How many threads wait for storage at once, and how many bodies of uploads are in memory at once.
const AT_ONCE: usize = 32;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of a file is in memory while it is sent.
const PIECE: u64 = 128 * 1024;

/// The storage for requests: off the threads that serve HTTP, and a limited number of calls at a time.
#[derive(Clone)]
pub struct Files {
    storage: Arc<dyn Storage>,
    calls: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
}

/// A place in memory for the body of an upload, which ends when this value is dropped.
pub struct Room {
    _turn: OwnedSemaphorePermit,
}

impl Files {
    /// For requests to this storage.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        let turns = || Arc::new(Semaphore::new(AT_ONCE));
        Self { storage, calls: turns(), uploads: turns() }
    }

    /// The storage itself, for threads that may wait.
    pub fn storage(&self) -> &dyn Storage {
        self.storage.as_ref()
    }

    /// Makes room for an upload; `overloaded` when there is none.
    pub async fn room(&self) -> Result<Room, Problem> {
        Ok(Room { _turn: turn(&self.uploads).await? })
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Storage) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (turn, storage) = (turn(&self.calls).await?, Arc::clone(&self.storage));
        let result = web::block(move || {
            // It lasts as long as the call, also when nobody waits for that any more.
            let _turn = turn;
            work(storage.as_ref())
        });
        result.await.map_err(|error| Problem::internal(&error.to_string()))
    }

    /// Writes files. If one cannot be written, those before it are deleted again.
    pub async fn put(&self, files: Vec<(Uuid, Vec<u8>)>) -> Result<(), Problem> {
        let put = move |storage: &dyn Storage| {
            for (place, (name, bytes)) in files.iter().enumerate() {
                if let Err(error) = storage.put(*name, bytes) {
                    let names = files.iter().take(place).map(|(name, _)| *name).collect();
                    forget(storage, names);
                    return Err(error);
                }
            }
            Ok(())
        };
        Ok(self.call(put).await??)
    }

    /// Deletes files that belong to nothing. If that fails, `autopaspoort files check` finds them later.
    pub async fn forget(&self, names: Vec<Uuid>) {
        // What goes wrong is logged by the call itself, and is nothing to the client.
        let _ = self.call(move |storage| forget(storage, names)).await;
    }

    /// Opens these bytes of a file, to be sent piece by piece at the client's pace.
    pub async fn open(
        &self,
        name: Uuid,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + 'static, Problem> {
        let left = range.end.saturating_sub(range.start);
        let contents = self.call(move |storage| storage.open(name, range)).await??;
        let calls = self.clone();
        Ok(futures_util::stream::try_unfold((contents, left), move |(contents, left)| {
            let calls = calls.clone();
            async move {
                if left == 0 {
                    return Ok(None);
                }
                let read = calls.call(move |_| piece(contents, left)).await;
                read.map_err(|problem| std::io::Error::other(problem.to_string()))?
            }
        }))
    }
}

type Piece = Result<Option<(Bytes, (Contents, u64))>, std::io::Error>;

/// The next piece of contents of which so much is left.
fn piece(mut contents: Contents, left: u64) -> Piece {
    let mut bytes = Vec::new();
    contents.by_ref().take(left.min(PIECE)).read_to_end(&mut bytes)?;
    let read = u64::try_from(bytes.len()).unwrap_or(left);
    if read == 0 {
        // The length was announced: the client must see that the file broke off.
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((bytes.into(), (contents, left.saturating_sub(read)))))
}

fn forget(storage: &dyn Storage, names: Vec<Uuid>) {
    for name in names {
        if let Err(error) = storage.delete(name) {
            tracing::warn!(%name, %error, "a file that belongs to nothing is left in the storage");
        }
    }
}

async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(turns).acquire_owned()).await;
    turn.ok().and_then(Result::ok).ok_or_else(|| Problem::new(Code::Overloaded).retry_after(5))
}

/// How many names are listed in one batch.
const BATCH: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storage_that_is_down_and_one_that_is_full_are_two_problems() {
        for (error, code) in [
            (StorageError::Missing, Code::Internal),
            (StorageError::Unavailable("no route".into()), Code::FilesUnavailable),
            (StorageError::Full("no space".into()), Code::StorageFull),
        ] {
            let problem = Problem::from(error);
            assert_eq!((problem.code, problem.retry_after.is_some()), (code, code != Code::Internal));
            assert!(problem.reason().is_some());
        }
    }
}
