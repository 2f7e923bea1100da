//! A file of [records](super::record): that of the rejected lines, or that of the lines that wait.

use super::{batch::Line, record};
use log_files::disk::open_private;
use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// A file that would become longer is renamed, with `.1` at the end of its name. The file that had that name before is removed.
const MAX_BYTES: u64 = 64 << 20;

/// A file of records, created when the first record is written.
#[derive(Debug)]
pub(super) struct RecordFile {
    /// The path in messages.
    path: PathBuf,
    /// The path at which lines are written. A file that replaces another one has its own until then.
    written_path: PathBuf,
    max_bytes: u64,
    /// Held while a thread writes.
    write_lock: Mutex<()>,
}

impl RecordFile {
    /// A file that is renamed when it is full.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            written_path: path.clone(),
            path,
            max_bytes: MAX_BYTES,
            write_lock: Mutex::default(),
        }
    }

    /// The file of a target's rejected lines, beside its cursor.
    pub(super) fn rejected(folder: &Path, target: &str) -> Self {
        Self::new(folder.join(format!(".{target}.rejected.jsonl")))
    }

    /// The file of a target's lines that wait. It has no limit of its own, because not many lines wait.
    pub(super) fn waiting(folder: &Path, target: &str) -> Self {
        Self {
            max_bytes: u64::MAX,
            ..Self::new(folder.join(format!(".{target}.waiting.jsonl")))
        }
    }

    /// Begins a file that replaces another one by [`finish`](Self::finish). It has no limit of its own.
    pub(super) fn replacement_of(path: &Path) -> io::Result<Self> {
        let new = with_suffix(path, ".new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self {
            path: path.to_owned(),
            written_path: new,
            max_bytes: u64::MAX,
            write_lock: Mutex::default(),
        })
    }

    /// Replaces the other file, or removes it if no lines were appended to this one.
    pub(super) fn finish(&self) -> io::Result<()> {
        match fs::rename(&self.written_path, &self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::remove_file(&self.path),
            renamed => renamed,
        }
    }

    /// Returns the path for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path to which a file at its limit is renamed.
    pub(super) fn older_path(path: &Path) -> PathBuf {
        with_suffix(path, ".1")
    }

    /// Appends lines, each with the server's message, and syncs the file to the disk, since the cursor moves past the lines then. Returns
    /// the size of an older file that was removed. Opens the file each time, because it may have been moved away.
    pub(super) fn append<'l>(
        &self,
        lines: impl Iterator<Item = (Line<'l>, &'l str)>,
    ) -> io::Result<u64> {
        let mut text = Vec::new();
        for (line, why) in lines {
            record::push(&mut text, line, why);
        }
        self.append_records(text)
    }

    /// Appends records as they are, in the same way.
    pub(super) fn append_records(&self, mut text: Vec<u8>) -> io::Result<u64> {
        let _guard = self
            .write_lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut file = open_private(&self.written_path)?;
        let mut removed = 0;
        let length = file.metadata()?.len();
        if length > 0 && length.saturating_add(text.len() as u64) > self.max_bytes {
            drop(file);
            removed = self.rotate()?;
            file = open_private(&self.written_path)?;
        }
        // An earlier attempt may have written only a part of its line, for example on a full disk.
        if ends_within_a_line(&mut file)? {
            text.insert(0, b'\n');
        }
        file.write_all(&text)?;
        file.sync_data()?;
        Ok(removed)
    }

    /// Renames the file. Returns the size of the file that had that name. A symbolic link of that name is replaced, not followed.
    fn rotate(&self) -> io::Result<u64> {
        let older = Self::older_path(&self.written_path);
        let removed = fs::symlink_metadata(&older).map_or(0, |metadata| metadata.len());
        fs::rename(&self.written_path, &older)?;
        Ok(removed)
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
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
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use serde_json::Value;

    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("{name}-{}.jsonl", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    fn append(rejected: &RecordFile, batch: &Batch) -> u64 {
        let lines = (0..batch.len()).filter_map(|index| batch.line(index));
        let removed = rejected.append(lines.map(|line| (line, "too old")));
        removed.expect("the lines are written")
    }

    fn lines(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).expect("the file exists");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_rejected_line_is_complete_even_if_the_file_was_moved_or_ends_within_a_line() {
        let path = path("rejected");
        let batch = Batch::of_text("a line\n");
        let rejected = RecordFile::new(path.clone());
        append(&rejected, &batch);
        let whole = lines(&path);
        assert!(whole.len() == 1 && whole[0].contains("a line"));
        fs::remove_file(&path).expect("the file is removed");
        append(&rejected, &batch);
        assert_eq!(lines(&path), whole);
        fs::write(&path, &whole[0][..20]).expect("a part of a line is written");
        append(&rejected, &batch);
        assert_eq!(lines(&path), [&whole[0][..20], &whole[0]]);
        fs::remove_file(&path).expect("the file is removed");
    }

    #[test]
    fn a_line_that_is_not_utf_8_is_kept_to_the_byte() {
        let path = path("rejected-bytes");
        let batch = Batch::of_bytes(b"caf\xe9\ncaf\xc3\xa9\n");
        append(&RecordFile::new(path.clone()), &batch);
        let records = lines(&path);
        let records = records.iter().map(|line| serde_json::from_str(line));
        let [bytes, text]: [Value; 2] = records
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .and_then(|records| records.try_into().ok())
            .expect("there are two objects");
        let bytes = BASE64_STANDARD.decode(bytes["line_base64"].as_str().expect("a string"));
        assert_eq!(bytes.expect("it is base64"), b"caf\xe9");
        assert_eq!(text["line"], "café");
        fs::remove_file(&path).expect("the file is removed");
    }

    #[test]
    fn a_file_at_its_limit_is_renamed_once_and_the_older_one_is_removed() {
        let path = path("rejected-limit");
        let mut older = path.clone().into_os_string();
        older.push(".1");
        let _ = fs::remove_file(&older);
        let batch = Batch::of_text("a line\n");
        let mut rejected = RecordFile::new(path.clone());
        append(&rejected, &batch);
        let length = fs::metadata(&path).expect("the file exists").len();
        rejected.max_bytes = 2 * length;
        let removed: Vec<u64> = (0..5).map(|_| append(&rejected, &batch)).collect();
        assert_eq!(removed, [0, 0, 0, 2 * length, 0]);
        assert_eq!((lines(&path).len(), lines(Path::new(&older)).len()), (2, 2));
        for path in [path.as_path(), Path::new(&older)] {
            fs::remove_file(path).expect("the file is removed");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_file_and_a_planted_link_is_not_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let path = path("rejected-private");
        let batch = Batch::of_text("a line\n");
        let rejected = RecordFile::new(path.clone());
        append(&rejected, &batch);
        let mode = fs::metadata(&path)
            .expect("the file exists")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let target = path.with_extension("target");
        fs::rename(&path, &target).expect("the file is renamed");
        symlink(&target, &path).expect("the link is created");
        let before = fs::read(&target).expect("the file exists");
        let line = batch.line(0).expect("the batch has a line");
        let error = rejected.append([(line, "too old")].into_iter());
        assert!(
            error
                .expect_err("it is a link")
                .to_string()
                .contains("symbolic link")
        );
        assert_eq!(fs::read(&target).expect("the file exists"), before);
        for path in [path, target] {
            fs::remove_file(path).expect("the file is removed");
        }
    }
}
