//! The cursor: the file with the confirmed position in each log file.

use super::{
    fallback_times::FallbackTime,
    files::{FileId, OpenFile},
};
use crate::{diagnosis::Diagnosis, error::Error};
use flate2::Crc;
use log_files::{Lock, disk};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The cursor's entry for a log file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The last known path of the file.
    pub(super) name: String,
    /// Everything before this offset is confirmed.
    pub(super) offset: u64,
    /// The length of the file when it was last checked.
    pub(super) bytes: u64,
    /// The checksum of the bytes before the offset. See [`OpenFile::tail_at`].
    pub(super) tail: Option<u32>,
    /// How many times the file was emptied and started again with the same first line.
    pub(super) generation: u64,
    /// The times of lines after the offset that have no time of their own and may have been sent already.
    pub(super) fallback_times: Vec<FallbackTime>,
}

impl Mark {
    /// Whether the bytes before the offset are the same as when the mark was set. A mark without a checksum, as of a new or a compressed
    /// file, fits any file.
    pub(super) fn fits(&self, open: &mut OpenFile) -> io::Result<bool> {
        Ok(self.tail.is_none() || self.tail == open.tail_at(self.offset)?)
    }
}

/// Maximum size of a cursor, enough for a million files.
const MAX_BYTES: u64 = 512 << 20;

/// The marks of all files, for one target.
#[derive(Debug)]
pub(super) struct Cursor {
    path: PathBuf,
    target: String,
    _lock: Lock,
    pub(super) marks: BTreeMap<FileId, Mark>,
}

impl Cursor {
    /// Opens the cursor of a target in a folder. Returns a diagnosis too if the cursor is damaged, in which case a new one is started, or if
    /// it was written for another server, in which case its positions are used.
    ///
    /// # Errors
    ///
    /// If another shipper uses the cursor, it cannot be read, or the folder cannot be written.
    pub(super) fn open(
        folder: &Path,
        kind: &str,
        target: &str,
    ) -> Result<(Self, Option<Diagnosis>), Error> {
        let path = path(folder, kind);
        let cannot = |what: &str, error: io::Error| {
            Error::system(format!("the cursor {} cannot be {what}", path.display()))
                .caused_by(error)
        };
        fs::create_dir_all(folder).map_err(|error| cannot("created", error))?;
        let lock = Lock::take(&with_suffix(&path, ".lock"));
        let lock = lock.map_err(|error| cannot("locked", error))?;
        let lock = lock.ok_or_else(|| {
            Error::already_in_use(format!(
                "another shipper uses the cursor {}: stop it, or set another folder for this one by `with_state`",
                path.display()
            ))
        })?;
        let mut cursor = Self {
            path: path.clone(),
            target: target.to_owned(),
            _lock: lock,
            marks: BTreeMap::new(),
        };
        let text = match disk::read_private(&path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((cursor, None)),
            // A link, a pipe or a folder was not created by a shipper, so no cursor is lost with it.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Vec::new(),
            Err(error) => return Err(cannot("read", error)),
        };
        match parse(&text) {
            Some((previous, marks)) => {
                cursor.marks = marks;
                let changed = (previous != target).then(|| Diagnosis::TargetChanged {
                    from: previous,
                    to: target.to_owned(),
                    cursor: path,
                });
                if changed.is_some() {
                    // The new target is saved now, so that the change is reported only once. An error is reported by the next save.
                    let _ = cursor.save();
                }
                Ok((cursor, changed))
            }
            None => {
                let aside = with_suffix(&path, ".torn");
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

    /// Replaces the cursor on the disk, and syncs it.
    pub(super) fn save(&self) -> io::Result<()> {
        let new = with_suffix(&self.path, ".new");
        let mut file = disk::create_private(&new)?;
        if let Ok(old) = fs::symlink_metadata(&self.path) {
            disk::keep_readable_for_group(&file, &old);
        }
        file.write_all(&render(&self.target, &self.marks))?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        // Syncs the rename. Systems on which a folder cannot be opened have no such operation.
        match self.path.parent().map(File::open) {
            Some(Ok(folder)) => folder.sync_all(),
            _ => Ok(()),
        }
    }
}

/// Returns the path of the cursor of a kind of target.
pub(super) fn path(folder: &Path, kind: &str) -> PathBuf {
    folder.join(format!(".{kind}.cursor"))
}

/// Reads the marks of a cursor without locking it.
///
/// # Errors
///
/// If the cursor cannot be read, or is damaged.
pub(super) fn read(path: &Path) -> io::Result<BTreeMap<FileId, Mark>> {
    let cursor = parse(&disk::read_private(path, MAX_BYTES)?);
    cursor
        .map(|(_, marks)| marks)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the cursor is damaged"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn render(target: &str, marks: &BTreeMap<FileId, Mark>) -> Vec<u8> {
    let files: Vec<Value> = marks
        .iter()
        .map(|(id, mark)| {
            let time = |time: &FallbackTime| json!([time.bytes.start, time.bytes.end, time.nanos]);
            let times: Vec<Value> = mark.fallback_times.iter().map(time).collect();
            json!({ "id": id.to_string(), "name": mark.name, "offset": mark.offset, "bytes": mark.bytes, "tail": mark.tail,
                "generation": mark.generation, "stamps": times })
        })
        .collect();
    let text = json!({ "version": 1, "target": target, "files": files }).to_string();
    format!("{text}\n{}\n", checksum(text.as_bytes())).into_bytes()
}

/// Parses a cursor. Returns its target and marks, or `None` if the text is damaged.
fn parse(text: &[u8]) -> Option<(String, BTreeMap<FileId, Mark>)> {
    let text = std::str::from_utf8(text).ok()?;
    let (json, sum) = text.strip_suffix('\n')?.split_once('\n')?;
    if checksum(json.as_bytes()) != sum {
        return None;
    }
    let cursor: Map<String, Value> = serde_json::from_str(json).ok()?;
    if cursor.get("version")? != 1 {
        return None;
    }
    let mut marks = BTreeMap::new();
    for file in cursor.get("files")?.as_array()? {
        let mark = Mark {
            name: file["name"].as_str()?.to_owned(),
            offset: file["offset"].as_u64()?,
            bytes: file["bytes"].as_u64()?,
            tail: file["tail"]
                .as_u64()
                .and_then(|tail| u32::try_from(tail).ok()),
            generation: file["generation"].as_u64().unwrap_or(0),
            fallback_times: parse_fallback_times(file.get("stamps"))?,
        };
        marks.insert(file["id"].as_str()?.parse().ok()?, mark);
    }
    Some((cursor.get("target")?.as_str()?.to_owned(), marks))
}

fn parse_fallback_times(all: Option<&Value>) -> Option<Vec<FallbackTime>> {
    let time = |time: &Value| {
        Some(FallbackTime {
            bytes: time[0].as_u64()?..time[1].as_u64()?,
            nanos: time[2].as_i64()?,
        })
    };
    // Cursors of older versions have no such times.
    let Some(all) = all else {
        return Some(Vec::new());
    };
    all.as_array()?.iter().map(time).collect()
}

fn checksum(bytes: &[u8]) -> String {
    let mut crc = Crc::new();
    crc.update(bytes);
    format!("{:08x}", crc.sum())
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

    #[test]
    fn a_cursor_is_read_back_and_a_damaged_one_is_reported_and_not_used() {
        let folder = folder("torn");
        let (mut cursor, diagnosis) = open(&folder);
        assert!(cursor.marks.is_empty() && diagnosis.is_none());
        let id: FileId = "2a-00000000000000ff".parse().expect("the id is valid");
        let mark = Mark {
            name: "a \"b\"".to_owned(),
            offset: 7,
            bytes: 9,
            tail: Some(11),
            generation: 1,
            fallback_times: vec![FallbackTime {
                bytes: 7..9,
                nanos: -1,
            }],
        };
        cursor.marks.insert(id, mark.clone());
        cursor.save().expect("it is written");
        drop(cursor);
        let (cursor, diagnosis) = open(&folder);
        assert!(cursor.marks.get(&id) == Some(&mark) && diagnosis.is_none());
        drop(cursor);

        let path = folder.join(".loki.cursor");
        let whole = fs::read(&path).expect("the cursor exists");
        for cut in 0..whole.len() {
            assert_eq!(parse(&whole[..cut]), None, "{cut} bytes");
            let mut flipped = whole.clone();
            flipped[cut] ^= 1;
            assert_eq!(parse(&flipped), None, "byte {cut}");
        }
        fs::write(&path, &whole[..whole.len() / 2]).expect("it is written");
        let (cursor, diagnosis) = open(&folder);
        assert!(cursor.marks.is_empty());
        assert!(matches!(diagnosis, Some(Diagnosis::CursorDamaged { .. })));
        assert!(folder.join(".loki.cursor.torn").exists());
        fs::remove_dir_all(folder).expect("the folder is removed");
    }

    #[test]
    fn a_second_shipper_is_refused_and_another_server_continues_at_the_positions_of_the_first() {
        let folder = folder("foreign");
        let (mut cursor, _) = open(&folder);
        let id: FileId = "2a-00000000000000ff".parse().expect("the id is valid");
        cursor.marks.entry(id).or_default().offset = 7;
        cursor.save().expect("it is written");
        let refused =
            Cursor::open(&folder, "loki", "loki http://a").expect_err("the cursor is locked");
        assert!(refused.to_string().contains("another shipper"), "{refused}");
        drop(cursor);
        let open = || Cursor::open(&folder, "loki", "loki http://b").expect("the cursor opens");
        let (cursor, changed) = open();
        assert_eq!(cursor.marks[&id].offset, 7);
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
