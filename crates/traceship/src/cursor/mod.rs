//! The cursor: the mark of each log file, with the position up to which the file is confirmed.

mod checkpoints;
mod index;
mod journal;
mod mark;

pub(crate) use self::{
    checkpoints::Checkpoint,
    mark::{Alike, HEAD_BYTES, Mark, StoredFile, nanos},
};
use self::{
    index::Index,
    journal::{Contents, Unusable},
};
use crate::{diagnosis::Diagnosis, error::Error, lineage::Lineage};
use log_files::{FileKey, Lock, disk};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Maximum size of a cursor, enough for a million files.
const MAX_BYTES: u64 = 512 << 20;
/// A cursor is rewritten when it is this many bytes larger than twice the size that it had after it was last rewritten.
const APPENDED_BYTES: u64 = 256 << 10;

/// A short file is compared with so many longer ones at most, since many files may begin with one line, such as the names of columns.
const MAX_LONGER: usize = 64;

/// The marks of all files, for one target, and the file that has them.
#[derive(Debug)]
pub(crate) struct Cursor {
    path: PathBuf,
    server: String,
    _lock: Lock,
    marks: BTreeMap<Lineage, Mark>,
    index: Index,
    /// The marks that differ from those on the disk.
    changed: BTreeSet<Lineage>,
    /// The marks that are not on the disk at all.
    new: BTreeSet<Lineage>,
    file: Option<Appended>,
}

/// The file on the disk, to which changed marks are appended.
#[derive(Debug)]
struct Appended {
    file: File,
    bytes: u64,
    /// The size beyond which it is rewritten.
    max_bytes: u64,
}

impl Cursor {
    /// Opens the cursor of a target in a folder. Returns a diagnosis too if the cursor is damaged, in which case a new one is started, or if
    /// it was written for another server, in which case its positions are used.
    ///
    /// # Errors
    ///
    /// If another shipper uses the cursor, it cannot be read, it has another version, or the folder cannot be written.
    pub(crate) fn open(
        folder: &Path,
        target: &str,
        server: &str,
    ) -> Result<(Self, Option<Diagnosis>), Error> {
        let path = path(folder, target);
        let cannot = |what: &str, error: io::Error| {
            Error::system(format!("the cursor {} cannot be {what}", path.display()))
                .caused_by(error)
        };
        fs::create_dir_all(folder).map_err(|error| cannot("created", error))?;
        let lock = Lock::take(&with_suffix(&path, ".lock"));
        let lock = lock.map_err(|error| cannot("locked", error))?;
        let lock = lock.ok_or_else(|| {
            Error::already_in_use(format!(
                "another shipper uses the cursor {}: stop it, or give this one another folder (`with_state`, `--state`) or another name \
                 (`with_name`, `--name`)",
                path.display()
            ))
        })?;
        let mut cursor = Self {
            path: path.clone(),
            server: server.to_owned(),
            _lock: lock,
            marks: BTreeMap::new(),
            index: Index::default(),
            changed: BTreeSet::new(),
            new: BTreeSet::new(),
            file: None,
        };
        let text = match disk::read_private(&path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((cursor, None)),
            // A link, a pipe or a folder was not created by a shipper, so no cursor is lost with it.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Vec::new(),
            Err(error) => return Err(cannot("read", error)),
        };
        match journal::parse(&text) {
            Ok(Contents {
                server: previous,
                marks,
            }) => {
                for (lineage, mark) in &marks {
                    cursor.index.add(*lineage, mark);
                }
                cursor.marks = marks;
                let diagnosis = (previous != server).then(|| Diagnosis::TargetChanged {
                    from: previous,
                    to: server.to_owned(),
                    cursor: path,
                });
                // The new server is saved now, so that the change is reported only once. An error is reported by the next save.
                let _ = cursor.rewrite();
                Ok((cursor, diagnosis))
            }
            Err(Unusable::OtherVersion(version)) => Err(Error::invalid_input(format!(
                "the cursor {} has version {version}, but this program reads and writes version {}: use the program that wrote it, or \
                 start a new cursor with `--from-start` (`with_from_start`), which ships all files again",
                path.display(),
                journal::VERSION
            ))),
            Err(Unusable::Damaged) => {
                let aside = with_suffix(&path, ".damaged");
                fs::rename(&path, &aside).map_err(|error| cannot("renamed", error))?;
                let message = format!(
                    "{} is damaged and was renamed to {}",
                    path.display(),
                    aside.display()
                );
                Ok((cursor, Some(Diagnosis::CursorDamaged { message })))
            }
        }
    }

    pub(crate) fn marks(&self) -> &BTreeMap<Lineage, Mark> {
        &self.marks
    }

    pub(crate) fn get(&self, lineage: Lineage) -> Option<&Mark> {
        self.marks.get(&lineage)
    }

    /// Returns how many bytes of contents are lost if no file has them any more, and how many may be.
    ///
    /// Other contents with the same beginning have them too: all of them while a file has these, and else what was confirmed.
    pub(crate) fn lost(&self, lineage: Lineage) -> (u64, u64) {
        let Some(mark) = self.get(lineage) else {
            return (0, 0);
        };
        let (mut shipped, mut maybe_shipped) = (mark.offset(), 0);
        for alike in &mark.alike {
            let bytes = match self.get(alike.lineage) {
                Some(other) if other.gone_since.is_some() => other.offset(),
                Some(other) => other.length.max(alike.bytes),
                None => 0,
            };
            let bytes = match alike.is_part {
                true => bytes.min(alike.bytes),
                false => bytes,
            };
            let shipped = match alike.is_certain || alike.is_part {
                true => &mut shipped,
                false => &mut maybe_shipped,
            };
            *shipped = bytes.max(*shipped);
        }
        let lost = mark.length.saturating_sub(shipped.max(maybe_shipped));
        let maybe_lost = mark.length.min(maybe_shipped).saturating_sub(shipped);
        (lost, maybe_lost)
    }

    /// Changes a mark, except its head. It is on the disk after the next [`save`](Self::save).
    pub(crate) fn change(&mut self, lineage: Lineage, change: impl FnOnce(&mut Mark)) {
        if let Some(mark) = self.marks.get_mut(&lineage) {
            let before = mark.file;
            change(mark);
            self.index.change_file(lineage, before, mark.file);
            self.changed.insert(lineage);
        }
    }

    /// Sets what contents begin with, once more of it is known.
    pub(crate) fn set_head(&mut self, lineage: Lineage, head: &[u8]) {
        if let Some(mark) = self.marks.get_mut(&lineage) {
            self.index.remove(lineage, mark);
            mark.set_head(head);
            self.index.add(lineage, mark);
            self.changed.insert(lineage);
        }
    }

    pub(crate) fn insert(&mut self, lineage: Lineage, mark: Mark) {
        self.index.add(lineage, &mark);
        self.marks.insert(lineage, mark);
        self.changed.insert(lineage);
        self.new.insert(lineage);
    }

    pub(crate) fn remove(&mut self, lineage: Lineage) {
        if let Some(mark) = self.marks.remove(&lineage) {
            self.index.remove(lineage, &mark);
        }
        self.changed.insert(lineage);
    }

    /// Returns the mark of the contents that a file has, or had when it was last in a folder.
    pub(crate) fn of_file(&self, file: &StoredFile) -> Option<(Lineage, &Mark)> {
        let alike = self.index.of_key(file.key).iter();
        let alike = alike.filter_map(|lineage| Some((*lineage, self.get(*lineage)?)));
        alike
            .filter(|(_, mark)| mark.file.is_some_and(|own| own.may_be(file)))
            .max_by_key(|(_, mark)| (mark.gone_since.is_none(), mark.gone_since))
    }

    /// Returns the contents that a file may have a part of. If the file is short, only its first line is compared with longer ones.
    pub(crate) fn beginning_like(&self, head: &[u8]) -> Vec<Lineage> {
        let mut alike: Vec<Lineage> = self.index.of_head(head).collect();
        if head.len() < HEAD_BYTES {
            let is_longer = |lineage: &Lineage| {
                let mark = self.get(*lineage);
                mark.is_some_and(|mark| mark.head.offset > head.len() as u64)
            };
            let longer = self.index.of_first_line(head).filter(is_longer);
            alike.extend(longer.take(MAX_LONGER));
        }
        alike
    }

    pub(crate) fn is_saved(&self) -> bool {
        self.changed.is_empty()
    }

    /// Whether contents were never saved.
    pub(crate) fn is_new(&self, lineage: Lineage) -> bool {
        self.new.contains(&lineage)
    }

    /// Writes the changed marks, and syncs them to the disk.
    pub(crate) fn save(&mut self) -> io::Result<()> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for lineage in &self.changed {
            journal::push_mark(&mut lines, *lineage, self.marks.get(lineage));
        }
        let Some(appended) = &mut self.file else {
            return self.rewrite();
        };
        if appended.bytes + lines.len() as u64 > appended.max_bytes
            || !is_at(&appended.file, &self.path)
        {
            return self.rewrite();
        }
        let written = appended
            .file
            .write_all(&lines)
            .and_then(|()| appended.file.sync_data());
        if let Err(error) = written {
            // A part of a line may have been written, after which nothing can be appended.
            self.file = None;
            return Err(error);
        }
        appended.bytes += lines.len() as u64;
        self.note_saved();
        Ok(())
    }

    fn note_saved(&mut self) {
        self.changed.clear();
        self.new.clear();
    }

    /// Replaces the file on the disk by one with all marks.
    fn rewrite(&mut self) -> io::Result<()> {
        self.file = None;
        let mut text = Vec::new();
        journal::push_header(&mut text, &self.server);
        for (lineage, mark) in &self.marks {
            journal::push_mark(&mut text, *lineage, Some(mark));
        }
        let new = with_suffix(&self.path, ".new");
        let mut file = disk::create_private(&new)?;
        if let Ok(old) = fs::symlink_metadata(&self.path) {
            disk::keep_readable_for_group(&file, &old);
        }
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        // Syncs the rename. Systems on which a folder cannot be opened have no such operation.
        if let Some(Ok(folder)) = self.path.parent().map(File::open) {
            folder.sync_all()?;
        }
        let bytes = text.len() as u64;
        self.file = Some(Appended {
            file,
            bytes,
            max_bytes: 2 * bytes + APPENDED_BYTES,
        });
        self.note_saved();
        Ok(())
    }
}

/// Whether a path is that of an open file. Someone may have removed or replaced it.
fn is_at(file: &File, path: &Path) -> bool {
    let key = |metadata: fs::Metadata| FileKey::of(&metadata);
    let at_path = fs::symlink_metadata(path).map(key);
    at_path.is_ok_and(|at_path| file.metadata().map(key).is_ok_and(|own| own == at_path))
}

/// Returns the path of the cursor of a target.
pub(crate) fn path(folder: &Path, target: &str) -> PathBuf {
    folder.join(format!(".{target}.cursor"))
}

/// Returns the paths of all cursors in a folder.
pub(crate) fn all_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let is_cursor = name.to_str().is_some_and(|name| {
            name.starts_with('.') && name.ends_with(".cursor") && name.len() > ".cursor".len() + 1
        });
        if is_cursor {
            paths.push(folder.join(name));
        }
    }
    Ok(paths)
}

/// Reads the marks of a cursor without locking it.
///
/// # Errors
///
/// If the cursor cannot be read, is damaged, or has another version.
pub(crate) fn read(path: &Path) -> io::Result<BTreeMap<Lineage, Mark>> {
    let contents = journal::parse(&disk::read_private(path, MAX_BYTES)?);
    contents
        .map(|contents| contents.marks)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the cursor cannot be used"))
}

/// Removes the cursor of a target, so that all files are shipped from their start.
///
/// # Errors
///
/// If it exists and cannot be removed.
pub(crate) fn discard(folder: &Path, target: &str) -> io::Result<()> {
    match fs::remove_file(path(folder, target)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("cursor-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn open(folder: &Path) -> (Cursor, Option<Diagnosis>) {
        Cursor::open(folder, "loki", "loki http://a").expect("the cursor opens")
    }

    fn mark(lines: u64) -> Mark {
        Mark {
            lines,
            ..Mark::default()
        }
    }

    #[test]
    fn what_was_saved_is_read_back_also_after_many_saves() {
        let folder = folder("saved");
        let (mut cursor, diagnosis) = open(&folder);
        assert!(cursor.marks().is_empty() && diagnosis.is_none());
        let (kept, removed) = (Lineage::random(), Lineage::random());
        cursor.insert(kept, mark(0));
        cursor.insert(removed, mark(0));
        for lines in 1..=3_000 {
            cursor.change(kept, |mark| mark.lines = lines);
            cursor.save().expect("it is saved");
        }
        cursor.remove(removed);
        cursor.save().expect("it is saved");
        drop(cursor);
        let (cursor, diagnosis) = open(&folder);
        assert!(diagnosis.is_none());
        assert_eq!(cursor.marks().len(), 1);
        assert_eq!(cursor.get(kept).map(|mark| mark.lines), Some(3_000));
        let bytes = fs::metadata(folder.join(".loki.cursor"))
            .expect("it exists")
            .len();
        assert!(bytes < 2 * APPENDED_BYTES, "{bytes}");
        fs::remove_dir_all(folder).expect("the folder is removed");
    }

    #[test]
    fn a_cursor_that_was_removed_meanwhile_is_written_again() {
        let folder = folder("removed");
        let (mut cursor, _) = open(&folder);
        let lineage = Lineage::random();
        for lines in 1..=2 {
            cursor.insert(lineage, mark(lines));
            cursor.save().expect("it is saved");
            fs::remove_file(folder.join(".loki.cursor")).expect("it exists");
        }
        cursor.change(lineage, |mark| mark.lines = 3);
        cursor.save().expect("it is saved");
        drop(cursor);
        assert_eq!(open(&folder).0.get(lineage).map(|mark| mark.lines), Some(3));
        fs::remove_dir_all(folder).expect("the folder is removed");
    }

    #[test]
    fn a_damaged_cursor_is_kept_aside_and_one_of_another_version_is_refused() {
        let folder = folder("damaged");
        fs::create_dir_all(&folder).expect("the folder is created");
        let path = folder.join(".loki.cursor");
        fs::write(&path, "text\n").expect("it is written");
        let (cursor, diagnosis) = open(&folder);
        assert!(cursor.marks().is_empty());
        assert!(matches!(diagnosis, Some(Diagnosis::CursorDamaged { .. })));
        assert!(folder.join(".loki.cursor.damaged").exists());
        drop(cursor);
        fs::write(&path, r#"{"files":[],"target":"x","version":1}"#).expect("it is written");
        let refused = Cursor::open(&folder, "loki", "loki http://a").expect_err("another version");
        assert!(refused.to_string().contains("version 1"), "{refused}");
        assert!(path.exists(), "it is left as it is");
        fs::remove_dir_all(folder).expect("the folder is removed");
    }

    #[test]
    fn a_second_shipper_is_refused_and_another_server_continues_at_the_positions_of_the_first() {
        let folder = folder("foreign");
        let (mut cursor, _) = open(&folder);
        let lineage = Lineage::random();
        cursor.insert(lineage, mark(7));
        cursor.save().expect("it is written");
        let refused =
            Cursor::open(&folder, "loki", "loki http://a").expect_err("the cursor is locked");
        assert!(refused.to_string().contains("another shipper"), "{refused}");
        drop(cursor);
        let open = || Cursor::open(&folder, "loki", "loki http://b").expect("the cursor opens");
        let (cursor, changed) = open();
        assert_eq!(cursor.get(lineage).map(|mark| mark.lines), Some(7));
        let changed = changed.expect("the change is reported").to_string();
        assert!(
            changed.contains("http://a") && changed.contains("http://b"),
            "{changed}"
        );
        drop(cursor);
        assert!(open().1.is_none(), "the change is reported once");
        fs::remove_dir_all(folder).expect("the folder is removed");
    }
}
