//! How far each file has been confirmed, on the disk.

use super::{
    files::{FileId, Open},
    stamps::Stamp,
};
use crate::{Error, disk, lock::Lock, stats::Diagnosis};
use flate2::Crc;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// What is known of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Its last name, for people.
    pub(super) name: String,
    /// All before it is confirmed.
    pub(super) offset: u64,
    /// How long it was when it was seen last.
    pub(super) bytes: u64,
    /// What stands before the offset.
    pub(super) tail: Option<u32>,
    /// How often the file was emptied and begun anew with the same line.
    pub(super) generation: u64,
    /// The times of what may have been sent behind that, where its lines say none.
    pub(super) stamps: Vec<Stamp>,
}

impl Mark {
    /// Whether a file is what it was when the mark was made, as far as what stands before the offset tells. A mark of before that was
    /// kept fits any.
    pub(super) fn fits(&self, open: &mut Open) -> io::Result<bool> {
        Ok(self.tail.is_none() || self.tail == open.tail_at(self.offset)?)
    }
}

/// More is not a cursor: this is a million files.
const MOST_BYTES: u64 = 512 << 20;

/// The marks of all files, for one target.
#[derive(Debug)]
pub(super) struct Cursor {
    path: PathBuf,
    target: String,
    _lock: Lock,
    pub(super) marks: BTreeMap<FileId, Mark>,
}

impl Cursor {
    /// Opens the cursor of a target in a folder, and says what is unusual about it: a torn one is begun anew, and one that was
    /// made for another server is continued.
    ///
    /// # Errors
    ///
    /// When another shipper has it, or the folder cannot be written.
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
        fs::create_dir_all(folder).map_err(|error| cannot("kept in its folder", error))?;
        let lock = Lock::take(&with(&path, ".lock"));
        let lock = lock.map_err(|error| cannot("locked", error))?;
        let lock = lock.ok_or_else(|| {
            Error::already_in_use(format!(
                "another shipper has the cursor {}: stop that one, or give this one a folder of its own by `with_state`",
                path.display()
            ))
        })?;
        let mut cursor = Self {
            path: path.clone(),
            target: target.to_owned(),
            _lock: lock,
            marks: BTreeMap::new(),
        };
        let text = match disk::read_private(&path, MOST_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((cursor, None)),
            // A link, a pipe or a folder: somebody else has put it there, and nothing of ours is lost with it.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Vec::new(),
            Err(error) => return Err(cannot("read", error)),
        };
        match parse(&text) {
            Some((of, marks)) => {
                cursor.marks = marks;
                let moved = (of != target).then(|| Diagnosis::TargetChanged {
                    from: of,
                    to: target.to_owned(),
                    cursor: path,
                });
                if moved.is_some() {
                    // So that it is reported once. Where it fails, it is reported with the next save.
                    let _ = cursor.save();
                }
                Ok((cursor, moved))
            }
            None => {
                let aside = with(&path, ".torn");
                fs::rename(&path, &aside).map_err(|error| cannot("put aside", error))?;
                let what = format!(
                    "{} is damaged and was renamed to {}",
                    path.display(),
                    aside.display()
                );
                Ok((cursor, Some(Diagnosis::CursorTorn { what })))
            }
        }
    }

    /// Puts this in the place of what is on the disk, and forces it there.
    pub(super) fn save(&self) -> io::Result<()> {
        let new = with(&self.path, ".new");
        let mut file = disk::create_private(&new)?;
        if let Ok(old) = fs::symlink_metadata(&self.path) {
            disk::keep_readable_for_group(&file, &old);
        }
        file.write_all(&render(&self.target, &self.marks))?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        // The rename itself; where a folder cannot be opened, the system does not know of this.
        match self.path.parent().map(File::open) {
            Some(Ok(folder)) => folder.sync_all(),
            _ => Ok(()),
        }
    }
}

/// Where the cursor of a kind of target is.
pub(super) fn path(folder: &Path, kind: &str) -> PathBuf {
    folder.join(format!(".{kind}.cursor"))
}

/// The marks of a cursor that somebody else may have.
///
/// # Errors
///
/// When it cannot be read, or is torn.
pub(super) fn read(path: &Path) -> io::Result<BTreeMap<FileId, Mark>> {
    let cursor = parse(&disk::read_private(path, MOST_BYTES)?);
    cursor
        .map(|(_, marks)| marks)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the cursor is torn"))
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn render(target: &str, marks: &BTreeMap<FileId, Mark>) -> Vec<u8> {
    let files: Vec<Value> = marks
        .iter()
        .map(|(id, mark)| {
            let stamp = |stamp: &Stamp| json!([stamp.bytes.start, stamp.bytes.end, stamp.nanos]);
            let stamps: Vec<Value> = mark.stamps.iter().map(stamp).collect();
            json!({ "id": id.to_string(), "name": mark.name, "offset": mark.offset, "bytes": mark.bytes, "tail": mark.tail,
                "generation": mark.generation, "stamps": stamps })
        })
        .collect();
    let text = json!({ "version": 1, "target": target, "files": files }).to_string();
    format!("{text}\n{}\n", checksum(text.as_bytes())).into_bytes()
}

/// The target and the marks, if the text is whole.
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
            stamps: stamps(file.get("stamps"))?,
        };
        marks.insert(file["id"].as_str()?.parse().ok()?, mark);
    }
    Some((cursor.get("target")?.as_str()?.to_owned(), marks))
}

fn stamps(all: Option<&Value>) -> Option<Vec<Stamp>> {
    let stamp = |stamp: &Value| {
        Some(Stamp {
            bytes: stamp[0].as_u64()?..stamp[1].as_u64()?,
            nanos: stamp[2].as_i64()?,
        })
    };
    // A cursor of before there were any.
    let Some(all) = all else {
        return Some(Vec::new());
    };
    all.as_array()?.iter().map(stamp).collect()
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
        Cursor::open(folder, "loki", "loki http://a").expect("it opens")
    }

    #[test]
    fn a_cursor_is_read_back_and_a_torn_one_is_told_and_not_trusted() {
        let folder = folder("torn");
        let (mut cursor, wrong) = open(&folder);
        assert!(cursor.marks.is_empty() && wrong.is_none());
        let id: FileId = "2a-00000000000000ff".parse().expect("an id");
        let mark = Mark {
            name: "a \"b\"".to_owned(),
            offset: 7,
            bytes: 9,
            tail: Some(11),
            generation: 1,
            stamps: vec![Stamp {
                bytes: 7..9,
                nanos: -1,
            }],
        };
        cursor.marks.insert(id, mark.clone());
        cursor.save().expect("written");
        drop(cursor);
        let (cursor, wrong) = open(&folder);
        assert!(cursor.marks.get(&id) == Some(&mark) && wrong.is_none());
        drop(cursor);

        let path = folder.join(".loki.cursor");
        let whole = fs::read(&path).expect("it is there");
        for cut in 0..whole.len() {
            assert_eq!(parse(&whole[..cut]), None, "{cut} bytes");
            let mut flipped = whole.clone();
            flipped[cut] ^= 1;
            assert_eq!(parse(&flipped), None, "byte {cut}");
        }
        fs::write(&path, &whole[..whole.len() / 2]).expect("written");
        let (cursor, wrong) = open(&folder);
        assert!(cursor.marks.is_empty());
        assert!(matches!(wrong, Some(Diagnosis::CursorTorn { .. })));
        assert!(folder.join(".loki.cursor.torn").exists());
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_second_shipper_is_refused_and_another_server_continues_where_the_first_was() {
        let folder = folder("foreign");
        let (mut cursor, _) = open(&folder);
        let id: FileId = "2a-00000000000000ff".parse().expect("an id");
        cursor.marks.entry(id).or_default().offset = 7;
        cursor.save().expect("written");
        let refused = Cursor::open(&folder, "loki", "loki http://a").expect_err("it is locked");
        assert!(refused.to_string().contains("another shipper"), "{refused}");
        drop(cursor);
        let open = || Cursor::open(&folder, "loki", "loki http://b").expect("it opens");
        let (cursor, moved) = open();
        assert_eq!(cursor.marks[&id].offset, 7);
        let moved = moved.expect("it is reported").to_string();
        assert!(
            moved.contains("http://a") && moved.contains("http://b"),
            "{moved}"
        );
        drop(cursor);
        assert!(open().1.is_none(), "it is reported once");
        fs::remove_dir_all(folder).expect("removed");
    }
}
