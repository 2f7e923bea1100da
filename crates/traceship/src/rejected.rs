//! The file of lines that the server will never accept.

use super::batch::Line;
use log_files::disk::open_private;
use serde_json::json;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The file of rejected lines, created when the first line is rejected.
#[derive(Debug)]
pub(super) struct RejectedFile {
    path: PathBuf,
    /// Held while a thread writes.
    write_lock: Mutex<()>,
}

impl RejectedFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            write_lock: Mutex::new(()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line and the server's message, and syncs the file to the disk, since the cursor moves past the line then. Opens the file
    /// for each line, because it may have been moved away.
    pub(super) fn append(&self, line: Line<'_>, why: &str) -> io::Result<()> {
        let text = String::from_utf8_lossy(line.text());
        let record = json!({ "id": line.id(), "offset": line.offset(), "why": why, "line": text });
        let _guard = self
            .write_lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut file = open_private(&self.path)?;
        // An earlier attempt may have written only a part of its line, for example on a full disk.
        let start = if ends_within_a_line(&mut file)? {
            "\n"
        } else {
            ""
        };
        file.write_all(format!("{start}{record}\n").as_bytes())?;
        file.sync_data()
    }
}

fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;
    use std::fs;

    #[test]
    fn a_rejected_line_is_complete_even_if_the_file_was_moved_or_ends_within_a_line() {
        let path = std::env::temp_dir().join(format!("rejected-{}.jsonl", std::process::id()));
        let _ = fs::remove_file(&path);
        let batch = Batch::of_text("a line\n");
        let rejected = RejectedFile::new(path.clone());
        let append = || {
            let line = batch.line(0).expect("the batch has a line");
            rejected
                .append(line, "too old")
                .expect("the line is written");
            let text = fs::read_to_string(&path).expect("the file exists");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let whole = append();
        assert!(whole.len() == 1 && whole[0].contains("a line"));
        fs::remove_file(&path).expect("the file is removed");
        assert_eq!(append(), whole);
        fs::write(&path, &whole[0][..20]).expect("a part of a line is written");
        assert_eq!(append(), [&whole[0][..20], &whole[0]]);
        fs::remove_file(&path).expect("the file is removed");
    }
}
