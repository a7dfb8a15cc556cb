//! What a service of the bench has received: a line for each thing in a file, written before the sender gets its answer. So
//! who reads the file knows all that a sender can believe to have arrived, whatever became of the sender.

use std::{
    fs::{File, OpenOptions},
    io::{Result, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

/// The line of a connection that was opened.
pub(crate) const CONNECTION: &str = "connection";

/// The file.
pub(crate) struct Journal(Mutex<File>);

impl Journal {
    /// One that goes on at the end of a file, which is made if it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self(Mutex::new(OpenOptions::new().append(true).create(true).open(path)?)))
    }

    /// Adds a line.
    pub(crate) fn add(&self, line: &str) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(format!("{line}\n").as_bytes())
    }
}
