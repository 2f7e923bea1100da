//! Names of closed files.

use crate::json::{Clock, Precision};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// What the names of a path's files are made of.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) current: PathBuf,
    folder: PathBuf,
    /// `orders.`
    before: String,
    /// `.jsonl`, or nothing.
    behind: String,
}

/// `20261122T110400.123456Z`
const STAMP: &[u8] = b"00000000T000000.000000Z";

pub(super) const COMPRESSED: &str = ".gz";
/// Where a compressed file is made. The name is another for each that makes one: `.gz.4711-0.tmp`.
const UNFINISHED: &str = ".tmp";

impl Names {
    /// `None` where the path ends without a name, or with one that is no Unicode.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
            _ => (name, String::new()),
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Some(Self {
            current: path.to_owned(),
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            before: format!("{stem}."),
            behind: extension,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn lock(&self) -> PathBuf {
        let name = self.current.file_name().unwrap_or_default();
        self.folder
            .join(format!(".{}.lock", name.to_string_lossy()))
    }

    /// The path of another current file in the same folder: `orders.instance-2.jsonl`. It does not look like one of this one's closed
    /// files, neither to [`all_closed`](Self::all_closed) nor to a shipper.
    #[cfg(feature = "setup")]
    pub(super) fn beside(&self, number: u32) -> PathBuf {
        let Self { before, behind, .. } = self;
        self.folder
            .join(format!("{before}instance-{number}{behind}"))
    }

    /// A free name for a file that is closed now, behind all others.
    pub(super) fn closed(&self, now: SystemTime) -> io::Result<PathBuf> {
        let path = self.at(now);
        let Some(last) = self.all_closed()?.pop() else {
            return Ok(path);
        };
        let before = last.without_gz();
        if path > before {
            return Ok(path);
        }
        // The clock was set back, or it is the same microsecond.
        let time = self.time_of(&before).unwrap_or(now) + Duration::from_micros(1);
        let path = self.at(time);
        if path > before {
            Ok(path)
        } else {
            Err(io::Error::other(format!(
                "no name sorts behind {}: rename that file",
                last.path.display()
            )))
        }
    }

    fn at(&self, time: SystemTime) -> PathBuf {
        let mut stamp = Vec::new();
        Clock::default().push(&mut stamp, time, Precision::Microseconds);
        stamp.retain(|byte| !b"-:".contains(byte));
        let stamp = String::from_utf8_lossy(&stamp).into_owned();
        let Self { before, behind, .. } = self;
        self.folder.join(format!("{before}{stamp}{behind}"))
    }

    /// The time in a closed file's name.
    fn time_of(&self, path: &Path) -> Option<SystemTime> {
        let stamp = self.stamp(path.file_name()?.to_str()?)?;
        let number = |range: std::ops::Range<usize>| stamp.get(range)?.parse::<u64>().ok();
        let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
        let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
        // Days from a year that begins in March: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let year = if month <= 2 {
            year.checked_sub(1)?
        } else {
            year
        };
        let month = (month + 9) % 12;
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
        let days = days.checked_sub(719_469)?;
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        let time = Duration::from_secs(seconds) + Duration::from_micros(number(16..22)?);
        SystemTime::UNIX_EPOCH.checked_add(time)
    }

    /// The stamp in a name that is one of a closed file.
    fn stamp<'n>(&self, name: &'n str) -> Option<&'n str> {
        let name = name.strip_suffix(COMPRESSED).unwrap_or(name);
        let stamp = name
            .strip_prefix(&self.before)?
            .strip_suffix(&self.behind)?;
        let is_stamp = stamp.len() == STAMP.len()
            && stamp
                .bytes()
                .zip(STAMP)
                .all(|(byte, expected)| match expected {
                    b'0' => byte.is_ascii_digit(),
                    _ => byte == *expected,
                });
        is_stamp.then_some(stamp)
    }

    /// All closed files, the oldest first; what else has such a name is not ours.
    pub(super) fn all_closed(&self) -> io::Result<Vec<Closed>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if let Some(name) = entry.file_name().to_str()
                && self.stamp(name).is_some()
                && entry.file_type()?.is_file()
            {
                all.push(Closed {
                    path: entry.path(),
                    is_compressed: name.ends_with(COMPRESSED),
                });
            }
        }
        all.sort();
        Ok(all)
    }

    /// Compressed files that were not finished.
    pub(super) fn unfinished(&self) -> io::Result<Vec<PathBuf>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if let Some(name) = entry.file_name().to_str()
                && let Some(name) = name.strip_suffix(UNFINISHED)
                && let Some((name, _)) = name.rsplit_once('.')
                && name.ends_with(COMPRESSED)
                && self.stamp(name).is_some()
            {
                all.push(entry.path());
            }
        }
        Ok(all)
    }
}

/// A closed file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Closed {
    pub(super) path: PathBuf,
    pub(super) is_compressed: bool,
}

impl Closed {
    /// The name that it was closed with.
    pub(super) fn without_gz(&self) -> PathBuf {
        if self.is_compressed {
            self.path.with_extension("")
        } else {
            self.path.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_closed_files_are_known_from_others() {
        let names = Names::of(Path::new("/var/log/orders.jsonl")).expect("a name");
        for (name, is_closed) in [
            ("orders.20261122T110400.123456Z.jsonl", true),
            ("orders.20261122T110400.123456Z.jsonl.gz", true),
            ("orders.20261122T110400.123456Z.jsonl.gz.tmp", false),
            ("orders.20261122T110400.12345Z.jsonl", false),
            ("orders.jsonl", false),
            ("orders.old.jsonl", false),
            ("payments.20261122T110400.123456Z.jsonl", false),
        ] {
            assert_eq!(names.stamp(name).is_some(), is_closed, "{name}");
        }
    }

    #[test]
    fn a_name_says_its_time() {
        for path in ["/var/log/orders.jsonl", "orders", ".hidden"] {
            let names = Names::of(Path::new(path)).expect("a name");
            for seconds in [0, 951_782_400, 1_583_020_799, 1_795_345_440, 4_102_444_799] {
                let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, 123_456_000);
                assert_eq!(
                    names.time_of(&names.at(time)),
                    Some(time),
                    "{path} {seconds}"
                );
            }
        }
        assert!(Names::of(Path::new("/")).is_none());
    }
}
