use super::checkpoints::{Checkpoint, Checkpoints};
use crate::{
    fallback_times::FallbackTime,
    line_time::{LastTime, unit_of},
    lineage::Lineage,
};
use log_files::FileKey;
use serde_json::{Value, json};
use std::{
    cmp::Reverse,
    fs::Metadata,
    time::{SystemTime, UNIX_EPOCH},
};

/// How many first bytes of a file are compared before the rest is.
pub(crate) const HEAD_BYTES: usize = 1_024;
/// Of contents that have the same beginning, so many are kept. Many files may begin with the same short text.
const MAX_ALIKE: usize = 8;
/// Of so many copies the ends are kept, the longest ones.
const MAX_COPIES: usize = 8;

/// The cursor's entry for the contents of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The last known path.
    pub(crate) path: String,
    /// The file that has these contents, or had them when it was last in a folder. `None` if it is known to have others now.
    pub(crate) file: Option<StoredFile>,
    /// The checksum of the first bytes, at most [`HEAD_BYTES`].
    pub(crate) head: Checkpoint,
    /// The checksum of the first line, if it is complete and not longer.
    pub(crate) first_line: Checkpoint,
    /// The number of lines before the confirmed offset.
    pub(crate) lines: u64,
    /// The last one is at the offset before which everything is confirmed.
    pub(crate) checkpoints: Checkpoints,
    /// The ends of copies, which are shorter than the contents or have the same length.
    pub(crate) copies: Vec<Checkpoint>,
    /// The length of the contents when they were last checked.
    pub(crate) length: u64,
    /// Other contents that have the same beginning, because one is a copy, or by chance.
    pub(crate) alike: Vec<Alike>,
    /// Distinguishes files with lines of the same time. See [`crate::line_time`].
    pub(crate) slot: u16,
    /// The last time of a line before the confirmed offset.
    pub(crate) last_time: Option<LastTime>,
    /// The times of lines after the offset that have no time of their own and may have been sent already.
    pub(crate) fallback_times: Vec<FallbackTime>,
    /// Whether the contents will not grow any more, and all of them are confirmed.
    pub(crate) is_complete: bool,
    /// When it was noticed that no file has these contents any more, in seconds since 1970.
    pub(crate) gone_since: Option<u64>,
}

/// Contents that have the same beginning as others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) lineage: Lineage,
    /// How long their common beginning was when they were compared, if one is a copy of the other.
    pub(crate) bytes: u64,
    /// Whether one certainly is a copy of the other.
    pub(crate) is_certain: bool,
    /// Whether only a part of a line was known of one of them, and is in the other. The rest may differ.
    pub(crate) is_part: bool,
}

impl Alike {
    fn to_json(self) -> Value {
        json!([
            self.lineage.to_string(),
            self.bytes,
            self.is_certain,
            self.is_part
        ])
    }

    fn from_json(json: &Value) -> Option<Self> {
        Some(Self {
            lineage: json[0].as_str()?.parse().ok()?,
            bytes: json[1].as_u64()?,
            is_certain: json[2].as_bool()?,
            is_part: json[3].as_bool()?,
        })
    }
}

/// A file on the disk, as it was when it was last checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredFile {
    pub(crate) key: FileKey,
    /// When it was created, in nanoseconds since 1970, if the file system knows.
    pub(crate) created: Option<i64>,
    /// Its size on the disk.
    pub(crate) bytes: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub(crate) modified: i64,
}

impl Mark {
    /// Sets the checksums of the first bytes.
    pub(crate) fn set_head(&mut self, head: &[u8]) {
        let first_line = memchr::memchr(b'\n', head).map_or(0, |newline| newline + 1);
        self.first_line = Checkpoint::default().and(&head[..first_line]);
        self.head = Checkpoint::default().and(head);
    }

    /// Whether more of the first bytes can be compared now that a file has this size.
    pub(crate) fn needs_head(&self, size: u64) -> bool {
        self.head.offset < size.min(HEAD_BYTES as u64)
    }

    /// Everything before this offset is confirmed.
    pub(crate) fn offset(&self) -> u64 {
        self.checkpoints.last().offset
    }

    /// Returns how many bytes are not confirmed yet.
    pub(crate) fn unshipped(&self) -> u64 {
        match self.is_complete {
            true => 0,
            false => self.length.saturating_sub(self.offset()),
        }
    }

    /// Notes that other contents have the same beginning. Only some are kept.
    pub(crate) fn add_alike(&mut self, alike: Alike) {
        self.alike.retain(|other| other.lineage != alike.lineage);
        self.alike.push(alike);
        self.alike
            .sort_by_key(|alike| Reverse((alike.is_certain, alike.bytes)));
        self.alike.truncate(MAX_ALIKE);
    }

    /// Whether a copy of this length is known.
    pub(crate) fn has_copy_of(&self, length: u64) -> bool {
        self.copies.iter().any(|end| end.offset == length)
    }

    /// Notes the end of a copy. Only some are kept.
    pub(crate) fn add_copy(&mut self, end: Checkpoint) {
        self.copies.push(end);
        self.copies.sort_by_key(|end| Reverse(end.offset));
        self.copies.truncate(MAX_COPIES);
    }

    /// Returns the checkpoints and the confirmed ends of copies, in rising order.
    pub(crate) fn confirmed_points(&self) -> Vec<Checkpoint> {
        let is_confirmed = |end: &&Checkpoint| end.offset < self.offset();
        let copies = self.copies.iter().filter(is_confirmed);
        let mut all = self.checkpoints.as_slice().to_vec();
        all.extend(copies);
        all.sort_by_key(|point| point.offset);
        all.dedup();
        all
    }

    pub(super) fn to_json(&self) -> Value {
        let point = |point: &Checkpoint| json!([point.offset, point.sum]);
        let time = |time: &FallbackTime| json!([time.bytes.start, time.bytes.end, time.nanos]);
        let checkpoints: Vec<Value> = self.checkpoints.as_slice().iter().map(point).collect();
        let copies: Vec<Value> = self.copies.iter().map(point).collect();
        let times: Vec<Value> = self.fallback_times.iter().map(time).collect();
        json!({
            "path": self.path,
            "file": self.file.map(StoredFile::to_json),
            "head": point(&self.head),
            "first_line": point(&self.first_line),
            "lines": self.lines,
            "read": checkpoints,
            "copies": copies,
            "length": self.length,
            "alike": self.alike.iter().copied().map(Alike::to_json).collect::<Vec<_>>(),
            "slot": self.slot,
            "last_time": self.last_time.map(|last| json!([last.nanos, last.offset, last.number, last.unit.nanos(), last.text])),
            "times": times,
            "complete": self.is_complete,
            "gone": self.gone_since,
        })
    }

    pub(super) fn from_json(json: &Value) -> Option<Self> {
        let point = |json: &Value| {
            Some(Checkpoint {
                offset: json[0].as_u64()?,
                sum: u32::try_from(json[1].as_u64()?).ok()?,
            })
        };
        let time = |json: &Value| {
            Some(FallbackTime {
                bytes: json[0].as_u64()?..json[1].as_u64()?,
                nanos: json[2].as_i64()?,
            })
        };
        let points = |json: &Value| {
            json.as_array()?
                .iter()
                .map(point)
                .collect::<Option<Vec<_>>>()
        };
        let times: Option<Vec<_>> = json["times"].as_array()?.iter().map(time).collect();
        let alike: Option<Vec<_>> = json["alike"]
            .as_array()?
            .iter()
            .map(Alike::from_json)
            .collect();
        Some(Self {
            path: json["path"].as_str()?.to_owned(),
            file: StoredFile::from_json(&json["file"]),
            head: point(&json["head"])?,
            first_line: point(&json["first_line"])?,
            lines: json["lines"].as_u64()?,
            checkpoints: Checkpoints::from_vec(points(&json["read"])?),
            copies: points(&json["copies"])?,
            length: json["length"].as_u64()?,
            alike: alike?,
            slot: u16::try_from(json["slot"].as_u64()?).ok()?,
            last_time: match &json["last_time"] {
                Value::Null => None,
                time => Some(LastTime {
                    nanos: time[0].as_i64()?,
                    offset: time[1].as_u64()?,
                    number: time[2].as_u64()?,
                    unit: unit_of(time[3].as_i64()?)?,
                    text: time[4].as_i64()?,
                }),
            },
            fallback_times: times?,
            is_complete: json["complete"].as_bool()?,
            gone_since: json["gone"].as_u64(),
        })
    }
}

impl StoredFile {
    pub(crate) fn of(file: &log_files::discover::FoundFile) -> Self {
        Self {
            key: file.key,
            created: file.created.map(nanos),
            bytes: file.bytes,
            modified: nanos(file.modified),
        }
    }

    /// Returns the file that has this metadata.
    pub(crate) fn at(metadata: &Metadata) -> Self {
        Self {
            key: FileKey::of(metadata),
            created: metadata.created().ok().map(nanos),
            bytes: metadata.len(),
            modified: metadata.modified().map_or(0, nanos),
        }
    }

    /// Whether this can be the same file. An inode is given to another file once its file is removed.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        self.key == other.key && (self.created == other.created || self.created.is_none())
    }

    fn to_json(self) -> Value {
        json!([
            self.key.device,
            self.key.inode,
            self.created,
            self.bytes,
            self.modified
        ])
    }

    fn from_json(json: &Value) -> Option<Self> {
        Some(Self {
            key: FileKey {
                device: json[0].as_u64()?,
                inode: json[1].as_u64()?,
            },
            created: json[2].as_i64(),
            bytes: json[3].as_u64()?,
            modified: json[4].as_i64()?,
        })
    }
}

/// Returns a time in nanoseconds since 1970.
pub(crate) fn nanos(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_copy_is_a_checkpoint_once_it_is_confirmed() {
        let point = |offset| Checkpoint { offset, sum: 7 };
        let mut mark = Mark::default();
        mark.checkpoints.push(point(10));
        mark.add_copy(point(15));
        mark.add_copy(point(10));
        assert_eq!(mark.confirmed_points(), [point(10)]);
        mark.checkpoints.push(point(20));
        assert_eq!(mark.confirmed_points(), [point(10), point(15), point(20)]);
        assert!(mark.has_copy_of(15) && !mark.has_copy_of(20));
    }

    #[test]
    fn the_ends_of_the_longest_copies_are_kept() {
        let mut mark = Mark::default();
        for offset in 1..=20 {
            mark.add_copy(Checkpoint { offset, sum: 0 });
        }
        let kept: Vec<u64> = mark.copies.iter().map(|end| end.offset).collect();
        assert_eq!(kept, [20, 19, 18, 17, 16, 15, 14, 13]);
    }
}
