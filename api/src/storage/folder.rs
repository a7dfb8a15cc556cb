//! A folder of this machine. Each file is written under another name, synced, and renamed: whoever reads sees all of it or
//! nothing. There are 256 folders in it, by the last two digits of the name, which are random.

use super::{BATCH, Contents, Storage, StorageError, Stored};
use crate::private;
use jiff::Timestamp;
use std::{
    fs::{self, File},
    io::{Error, ErrorKind, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// What a file is called while it is being written, before its name.
const NEW: &str = "new-";

/// The folder.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn shelf(&self, name: Uuid) -> PathBuf {
        let text = name.simple().to_string();
        self.0.join(text.get(30..).unwrap_or_default())
    }

    fn path(&self, name: Uuid) -> PathBuf {
        self.shelf(name).join(name.to_string())
    }

    fn shelves(&self) -> Result<Vec<PathBuf>, Error> {
        match fs::read_dir(&self.0) {
            Ok(entries) => {
                let mut shelves = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Error>>()?;
                shelves.retain(|path| path.is_dir());
                shelves.sort();
                Ok(shelves)
            }
            // Nothing was stored yet.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(vec![]),
            Err(error) => Err(error),
        }
    }
}

fn write(shelf: &Path, name: Uuid, bytes: &[u8]) -> Result<(), Error> {
    private::create_folder(shelf)?;
    let (new, path) = (shelf.join(format!("{NEW}{name}")), shelf.join(name.to_string()));
    let written = (|| {
        let mut file = private::create_new_file(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        // The rename is on the disk only when the folder is.
        File::open(shelf)?.sync_all()
    })();
    if written.is_err() {
        // If this fails too, `autopaspoort files check` finds it.
        let _ = fs::remove_file(&new);
    }
    written
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds are the standard library's, and grow")]
fn failure(error: &Error) -> StorageError {
    match error.kind() {
        ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded
        | ErrorKind::FileTooLarge
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::PermissionDenied => StorageError::Full(error.to_string()),
        _ => StorageError::Unavailable(error.to_string()),
    }
}

fn found<T>(result: Result<T, Error>) -> Result<Option<T>, StorageError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StorageError::Unavailable(error.to_string())),
    }
}

impl Storage for Folder {
    fn put(&self, name: Uuid, bytes: &[u8]) -> Result<(), StorageError> {
        write(&self.shelf(name), name, bytes).map_err(|error| failure(&error))
    }

    fn open(&self, name: Uuid, range: Range<u64>) -> Result<Contents, StorageError> {
        let open = || {
            let mut file = File::open(self.path(name))?;
            file.seek(SeekFrom::Start(range.start))?;
            Ok(file.take(range.end.saturating_sub(range.start)))
        };
        found(open())?.map(|file| Box::new(file) as Contents).ok_or(StorageError::Missing)
    }

    fn has(&self, name: Uuid) -> Result<bool, StorageError> {
        Ok(found(fs::metadata(self.path(name)))?.is_some())
    }

    fn delete(&self, name: Uuid) -> Result<(), StorageError> {
        found(fs::remove_file(self.path(name))).map(|_| ())
    }

    fn list(&self, each: &mut dyn FnMut(&[Stored]) -> Result<(), String>) -> Result<(), String> {
        let told = |error: Error| error.to_string();
        let mut batch = Vec::with_capacity(BATCH);
        for shelf in self.shelves().map_err(told)? {
            for entry in fs::read_dir(shelf).map_err(told)? {
                let entry = entry.map_err(told)?;
                let name = entry.file_name();
                let text = name.to_string_lossy();
                let Some(name) = Uuid::try_parse(text.strip_prefix(NEW).unwrap_or(&text)).ok() else { continue };
                // It may have been deleted meanwhile.
                let Ok(data) = entry.metadata() else { continue };
                let Some(written_at) = data.modified().ok().and_then(|at| Timestamp::try_from(at).ok()) else {
                    continue;
                };
                batch.push(Stored { name, bytes: data.len(), written_at });
                if batch.len() == BATCH {
                    each(&batch)?;
                    batch.clear();
                }
            }
        }
        if batch.is_empty() { Ok(()) } else { each(&batch) }
    }

    fn place(&self) -> String {
        self.0.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn read(storage: &Folder, range: Range<u64>) -> Vec<u8> {
        let mut bytes = vec![];
        storage.open(name(7), range).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_read_whole_and_in_part_and_is_gone_when_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Folder::new(&folder.path().join("files"));
        assert_eq!(storage.open(name(7), 0..1).err(), Some(StorageError::Missing));
        storage.put(name(7), b"0123456789").unwrap();
        let mode =
            |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
        assert_eq!(
            (mode(&storage.0), mode(&storage.shelf(name(7))), mode(&storage.path(name(7)))),
            (0o700, 0o700, 0o600)
        );
        assert_eq!((read(&storage, 0..10), read(&storage, 3..6)), (b"0123456789".to_vec(), b"345".to_vec()));
        assert_eq!((storage.has(name(7)), storage.has(name(8))), (Ok(true), Ok(false)));
        let mut listed = vec![];
        let mut note = |batch: &[Stored]| {
            listed.extend(batch.iter().map(|stored| stored.name));
            Ok(())
        };
        storage.list(&mut note).unwrap();
        assert_eq!(listed, [name(7)]);
        for _ in 0..2 {
            storage.delete(name(7)).unwrap();
        }
        assert_eq!(storage.has(name(7)), Ok(false));
    }

    #[test]
    fn what_was_interrupted_is_no_file_but_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Folder::new(folder.path());
        fs::create_dir_all(storage.shelf(name(7))).unwrap();
        fs::write(storage.shelf(name(7)).join(format!("{NEW}{}", name(7))), b"half").unwrap();
        assert_eq!(storage.has(name(7)), Ok(false));
        let mut listed = 0;
        let mut count = |batch: &[Stored]| {
            listed += batch.len();
            Ok(())
        };
        storage.list(&mut count).unwrap();
        assert_eq!(listed, 1);
    }

    #[test]
    fn a_folder_that_is_not_one_is_down_and_a_read_only_one_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"no folder").unwrap();
        let down = Folder::new(&file.join("files"));
        assert!(matches!(down.put(name(7), b"x"), Err(StorageError::Unavailable(_))));
        for kind in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied] {
            assert!(matches!(failure(&kind.into()), StorageError::Full(_)));
        }
    }
}
