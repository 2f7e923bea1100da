//! Lines that the server will never take.

use super::batch::Line;
use crate::disk::open_private;
use serde_json::json;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The file that they are set aside in, made when the first comes.
#[derive(Debug)]
pub(super) struct Rejected {
    path: PathBuf,
    /// One writes at a time.
    writing: Mutex<()>,
}

impl Rejected {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            writing: Mutex::new(()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a line with the server's words, on the disk when this returns: the cursor passes it then. Opens the file for each, as
    /// somebody may have moved it away.
    pub(super) fn keep(&self, line: Line<'_>, why: &str) -> io::Result<()> {
        let text = String::from_utf8_lossy(line.text());
        let kept = json!({ "id": line.id(), "offset": line.offset(), "why": why, "line": text });
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = open_private(&self.path)?;
        // An attempt before may have come to a part of a line, on a full disk.
        let start = if ends_within_a_line(&mut file)? {
            "\n"
        } else {
            ""
        };
        file.write_all(format!("{start}{kept}\n").as_bytes())?;
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
    use crate::schema::LineReader;
    use crate::ship::{batch::Batch, time::Distinct};
    use std::fs;

    #[test]
    fn a_line_is_kept_whole_whatever_became_of_the_file() {
        let path = std::env::temp_dir().join(format!("rejected-{}.jsonl", std::process::id()));
        let _ = fs::remove_file(&path);
        let id = "1-0000000000000001".parse().expect("an id");
        let batch = Batch::new(
            id,
            0,
            b"a line\n".to_vec(),
            &LineReader::default(),
            &mut Distinct::default(),
        );
        let rejected = Rejected::new(path.clone());
        let keep = || {
            let line = batch.line(0).expect("one");
            rejected.keep(line, "too old").expect("there is room");
            let text = fs::read_to_string(&path).expect("it is there");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let whole = keep();
        assert!(whole.len() == 1 && whole[0].contains("a line"));
        fs::remove_file(&path).expect("moved away");
        assert_eq!(keep(), whole);
        fs::write(&path, &whole[0][..20]).expect("a part of a line");
        assert_eq!(keep(), [&whole[0][..20], &whole[0]]);
        fs::remove_file(&path).expect("removed");
    }
}
