use crate::json::{Clock, Precision};
use log_files::calendar::days_from_civil;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The path of a current file, and the names of the files that belong to it.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) current: PathBuf,
    folder: PathBuf,
    /// `orders.`
    prefix: String,
    /// `.jsonl`, or empty.
    suffix: String,
}

/// Pattern of the time in a closed file's name, such as `20261122T110400.123456Z`. `0` matches any digit.
const STAMP: &[u8] = b"00000000T000000.000000Z";

pub(super) const COMPRESSED: &str = ".gz";
/// End of the name of an unfinished compressed file. The process and a number make the whole name unique: `.gz.4711-0.tmp`.
const UNFINISHED: &str = ".tmp";

impl Names {
    /// Returns `None` if the path has no file name, or one that is not Unicode.
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
            prefix: format!("{stem}."),
            suffix: extension,
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

    /// Returns the path of an alternative current file in the same folder: `orders.instance-2.jsonl`. Neither
    /// [`all_closed`](Self::all_closed) nor a shipper takes it for a closed file of this one.
    #[cfg(feature = "setup")]
    pub(super) fn beside(&self, number: u32) -> PathBuf {
        let Self { prefix, suffix, .. } = self;
        self.folder
            .join(format!("{prefix}instance-{number}{suffix}"))
    }

    /// Returns an unused path for a file that is closed now. It sorts after all other closed files.
    pub(super) fn closed(&self, now: SystemTime) -> io::Result<PathBuf> {
        let path = self.at(now);
        let Some(last) = self.all_closed()?.pop() else {
            return Ok(path);
        };
        let previous = last.without_gz();
        if path > previous {
            return Ok(path);
        }
        // The clock was set back, or a file was closed in the same microsecond.
        let time = self.time_of(&previous).unwrap_or(now) + Duration::from_micros(1);
        let path = self.at(time);
        if path > previous {
            Ok(path)
        } else {
            Err(io::Error::other(format!(
                "no name sorts after {}: rename that file",
                last.path.display()
            )))
        }
    }

    /// Returns the path of a file that is closed at this time.
    fn at(&self, time: SystemTime) -> PathBuf {
        let mut stamp = Vec::new();
        Clock::default().push(&mut stamp, time, Precision::Microseconds);
        stamp.retain(|byte| !b"-:".contains(byte));
        let stamp = String::from_utf8_lossy(&stamp).into_owned();
        let Self { prefix, suffix, .. } = self;
        self.folder.join(format!("{prefix}{stamp}{suffix}"))
    }

    /// Returns the time in a closed file's name.
    fn time_of(&self, path: &Path) -> Option<SystemTime> {
        let stamp = self.stamp(path.file_name()?.to_str()?)?;
        let number = |range: std::ops::Range<usize>| stamp.get(range)?.parse::<i64>().ok();
        let days = days_from_civil(number(0..4)?, number(4..6)?, number(6..8)?);
        let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        let micros = u64::try_from(number(16..22)?).ok()?;
        let time =
            Duration::from_secs(u64::try_from(seconds).ok()?) + Duration::from_micros(micros);
        SystemTime::UNIX_EPOCH.checked_add(time)
    }

    /// Returns the time stamp in a name, if it is the name of a closed file.
    fn stamp<'n>(&self, name: &'n str) -> Option<&'n str> {
        let name = name.strip_suffix(COMPRESSED).unwrap_or(name);
        let stamp = name
            .strip_prefix(&self.prefix)?
            .strip_suffix(&self.suffix)?;
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

    /// Returns all closed files, the oldest first. Folders and links with such a name are ignored.
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

    /// Returns compressed files that were not finished.
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
    /// Returns the path that the file had before it was compressed.
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
    fn names_of_closed_files_are_recognised() {
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
    fn the_time_is_read_back_from_a_name() {
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
