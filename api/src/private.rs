//! Files and folders that nobody but their owner can read, since they hold personal data, whatever the umask of the process.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;

/// Makes a folder, and those that it lies in, unless they are there. One that is there keeps its permissions, which the
/// operator chose.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// Makes a file that is not there yet.
pub(crate) fn create_new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE).open(path)
}

/// Makes a file, or empties the one that is there.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE).open(path)?;
    // The mode counts for a new file alone.
    file.set_permissions(std::fs::Permissions::from_mode(FILE))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        create_folder(&inner).unwrap();
        assert_eq!((mode(&folder.path().join("a")), mode(&inner)), (0o700, 0o700));
        create_new_file(&inner.join("new")).unwrap();
        assert_eq!(mode(&inner.join("new")), 0o600);
        assert!(create_new_file(&inner.join("new")).is_err());
        std::fs::write(inner.join("old"), "old").unwrap();
        std::fs::set_permissions(inner.join("old"), std::fs::Permissions::from_mode(0o644)).unwrap();
        create_file(&inner.join("old")).unwrap();
        assert_eq!((mode(&inner.join("old")), std::fs::read(inner.join("old")).unwrap().len()), (0o600, 0));
        create_folder(&inner).unwrap();
    }
}
