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
use domain::{Instant, ids::AccountId};
use futures_util::Stream;
use std::{
    collections::HashMap,
    io::Read,
    ops::Range,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
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
/// How many of these bodies are of one account, so that who sends slowly does not keep all others waiting.
const AT_ONCE_OF_ACCOUNT: usize = 4;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of a file is in memory while it is sent.
const PIECE: u64 = 128 * 1024;

/// The storage for requests: off the threads that serve HTTP, and a limited number of calls at a time.
#[derive(Clone)]
pub struct Files {
    storage: Arc<dyn Storage>,
    calls: Arc<Semaphore>,
    rooms: Arc<Rooms>,
}

/// The places in memory for the bodies of uploads, of which each account has a few.
struct Rooms {
    all: Arc<Semaphore>,
    /// The turns of each account that has a room or waits for one; these keep them, and the map does not.
    accounts: Mutex<HashMap<AccountId, Weak<Semaphore>>>,
}

/// A place in memory for the body of an upload, which ends when this value is dropped.
pub struct Room {
    _turns: [OwnedSemaphorePermit; 2],
}

impl Rooms {
    fn new() -> Self {
        Self { all: turns(AT_ONCE), accounts: Mutex::default() }
    }

    /// The turns of an account. Those of accounts that neither have a room nor wait for one are forgotten, so that there are
    /// never more than requests.
    fn of_account(&self, account: AccountId) -> Arc<Semaphore> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.retain(|_, turns| turns.strong_count() > 0);
        let kept = accounts.get(&account).and_then(Weak::upgrade);
        kept.unwrap_or_else(|| {
            let new = turns(AT_ONCE_OF_ACCOUNT);
            accounts.insert(account, Arc::downgrade(&new));
            new
        })
    }

    /// Makes room for an upload of an account. Who waits for a turn of their own account takes no other's.
    async fn make(&self, account: AccountId) -> Result<Room, Problem> {
        let own = self.of_account(account);
        let turns = in_time(async { Ok([own.acquire_owned().await?, Arc::clone(&self.all).acquire_owned().await?]) });
        Ok(Room { _turns: turns.await? })
    }
}

impl Files {
    /// For requests to this storage.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, calls: turns(AT_ONCE), rooms: Arc::new(Rooms::new()) }
    }

    /// The storage itself, for threads that may wait.
    pub fn storage(&self) -> &dyn Storage {
        self.storage.as_ref()
    }

    /// Makes room for an upload of an account; `overloaded` when there is none.
    pub async fn room(&self, account: AccountId) -> Result<Room, Problem> {
        self.rooms.make(account).await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Storage) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (turn, storage) = (in_time(Arc::clone(&self.calls).acquire_owned()).await?, Arc::clone(&self.storage));
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

fn turns(count: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(count))
}

/// What is waited for, if it comes while a request is patient.
async fn in_time<T>(turn: impl Future<Output = Result<T, AcquireError>>) -> Result<T, Problem> {
    let turn = tokio::time::timeout(PATIENCE, turn).await;
    turn.ok().and_then(Result::ok).ok_or_else(|| Problem::new(Code::Overloaded).retry_after(5))
}

/// How many names are listed in one batch.
const BATCH: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, future::join_all};

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    #[actix_web::test]
    async fn an_account_has_a_few_rooms_and_leaves_the_others_to_others() {
        let rooms = Rooms::new();
        let of = |number| rooms.make(account(number)).now_or_never().map(|room| room.is_ok());
        let mut held: Vec<Room> =
            join_all((0..4).map(|_| rooms.make(account(1)))).await.into_iter().flatten().collect();
        // Many more wait for a room without taking one.
        let waiting: Vec<_> = (0..40).map(|_| Box::pin(rooms.make(account(1)))).collect();
        let mut waiting = join_all(waiting);
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!((held.len(), of(1), of(2)), (4, None, Some(true)));
        // When other accounts have the rest, who comes then waits.
        held.extend(
            join_all((2..9).flat_map(|number| [number; 4]).map(|number| rooms.make(account(number))))
                .await
                .into_iter()
                .flatten(),
        );
        assert_eq!((held.len(), of(9)), (AT_ONCE, None));
        // One leaves, and the next has its turn.
        held.remove(AT_ONCE - 1);
        assert_eq!(of(9), Some(true));
    }

    #[actix_web::test]
    async fn who_waits_too_long_for_a_room_of_their_account_is_told_to_come_back() {
        let rooms = Rooms::new();
        let held = join_all((0..4).map(|_| rooms.make(account(1)))).await;
        assert!(held.iter().all(Result::is_ok));
        let refused = rooms.make(account(1)).await.err().map(|problem| (problem.code, problem.retry_after));
        assert_eq!(refused, Some((Code::Overloaded, Some(5))));
        drop(held);
        assert!(rooms.make(account(1)).await.is_ok());
    }

    #[actix_web::test]
    async fn accounts_without_a_room_are_forgotten() {
        let rooms = Rooms::new();
        let known = || rooms.accounts.lock().unwrap().len();
        for number in 0..1_000 {
            assert!(rooms.make(account(number)).await.is_ok() && known() == 1);
        }
        let held = rooms.make(account(1)).await;
        assert!(rooms.make(account(2)).await.is_ok() && held.is_ok() && known() == 2);
    }

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
