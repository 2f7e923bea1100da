//! Lines that the server will never take.

use super::batch::Line;
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// The file that they are set aside in, made when the first comes.
#[derive(Debug)]
pub(super) struct Rejected {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Rejected {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            file: Mutex::new(None),
        }
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Keeps a line with the server's words, on the disk when this returns: the cursor passes it then.
    pub(super) fn keep(&self, line: Line<'_>, why: &str) -> io::Result<()> {
        let text = String::from_utf8_lossy(line.text());
        let mut kept =
            json!({ "id": line.id(), "offset": line.offset(), "why": why, "line": text })
                .to_string();
        kept.push('\n');
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *slot {
            Some(file) => file,
            empty => empty.insert(
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&self.path)?,
            ),
        };
        file.write_all(kept.as_bytes())?;
        file.sync_data()
    }
}
