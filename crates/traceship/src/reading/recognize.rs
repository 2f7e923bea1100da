//! Recognises contents that were read before under another name or inode.

use super::{
    compare::{common_beginning, length_up_to, reaches},
    follower::Follower,
    look::exists,
};
use crate::{
    batch::own_id,
    cursor::{Alike, Checkpoint, HEAD_BYTES},
    lineage::Lineage,
};
use log_files::{Content, Wrapping, discover::FoundFile, names::RotatedName, parse_time};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// How far the clock of a file server may be ahead, in seconds.
const CLOCK_DIFFERENCE: u64 = 60;

/// Whose contents a file has.
#[derive(Clone, Copy)]
pub(super) enum Contents {
    /// Those of a mark, whose own file is gone.
    Of(Lineage),
    /// All of it, or only the beginning, is that of a mark whose own file still exists.
    CopyOf(Lineage),
    /// Up to this checkpoint those of a mark.
    BeginsLike(Lineage, Checkpoint),
    New,
}

/// What a file and contents that were read before have in common.
struct Common {
    /// The last checkpoint up to which they are the same.
    confirmed: Checkpoint,
    /// How many bytes were compared.
    shared: u64,
    /// Whether the file has everything of the contents that is confirmed.
    is_all: bool,
    /// Whether the file has only the beginning of that: it ends before the next checkpoint, or had been a copy up to the last common one.
    is_beginning: bool,
    /// Whether all of the file is in the contents' own file.
    is_within: bool,
    /// Whether the bytes that were compared cannot be equal by chance.
    is_certain: bool,
    /// Whether they have times or ids. Two files can have the same text without times, as the output of a job that runs each day.
    has_times: bool,
    /// Whether only a part of a line is known of the contents.
    is_part: bool,
    /// The length of the file, or that of the contents if that is less.
    length: u64,
    /// Whether the file is longer than the contents.
    is_longer: bool,
    /// The contents' own file, if that exists.
    original: Option<Original>,
}

/// What the first line of a file says about it.
pub(super) struct FirstLine {
    pub(super) bytes: u64,
    pub(super) has_id: bool,
    has_time: bool,
}

impl FirstLine {
    /// Whether another file has the same line only if one is a copy of the other.
    pub(super) fn is_distinct(&self) -> bool {
        self.has_id || self.has_time
    }
}

/// The file of contents that another file may be a copy of.
pub(super) struct Original {
    /// The path of the current file that belongs to it.
    current: PathBuf,
    bytes: u64,
}

impl Original {
    /// Whether a file has the name of a rotated version, as a copy has.
    pub(super) fn has_rotated_version(&self, file: &FoundFile) -> bool {
        file.is_closed && self.current == file.current()
    }
}

impl Follower {
    /// Compares a file with everything that was read before. Returns whose contents it has, and which contents have the same beginning.
    ///
    /// Lines that bring their own ids are never the same by chance, so a file that begins with the same ones is a copy. Other texts can be
    /// equal by chance: several processes write the same lines, and every start writes the same banner. Then all that was confirmed has to
    /// be the same, the first line or a confirmed one has a time or 1 KiB was confirmed, and the file has the name that a copy would have.
    /// A copy of text without times has to appear while its original is followed, because a job can write the same text each day, and must
    /// not be written after its original was seen to be gone. If the file ends before that, all of it has to be the same, and its first
    /// line has a time. Otherwise the lines are shipped again: a repeat is better than a loss.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or with `NotFound` if it has to be compared later, because lines are being sent.
    pub(super) fn contents_of(
        &mut self,
        file: &FoundFile,
        content: &mut Content,
        head: &[u8],
    ) -> io::Result<(Contents, Vec<Alike>)> {
        let first_line = self.first_line(head);
        let (mut best, mut most) = (Contents::New, None);
        let mut alike = Vec::new();
        for lineage in self.cursor.beginning_like(head) {
            if self.is_in_flight(lineage) {
                // The contents' own file may have been emptied by then.
                self.note_copy_of_sent(lineage, file, content, &first_line)?;
                self.must_look = true;
                return Err(io::ErrorKind::NotFound.into());
            }
            let Some(common) = self.common_of(lineage, file, content, head, &first_line)? else {
                continue;
            };
            if !common.has_times && !first_line.has_id && self.is_of_later(lineage, file) {
                continue;
            }
            let rank = Some((common.shared, common.is_all));
            if most < rank
                && let Some(contents) =
                    self.choose(lineage, &common, file, content, first_line.has_id)
            {
                (best, most) = (contents, rank);
            }
            if common.is_all {
                alike.push(Alike {
                    lineage,
                    bytes: match common.is_part {
                        true => common.shared,
                        false => common.length,
                    },
                    is_certain: common.is_certain,
                    is_part: common.is_part,
                });
            }
        }
        Ok((best, alike))
    }

    /// Compares a file with contents that begin with the same bytes.
    fn common_of(
        &mut self,
        lineage: Lineage,
        file: &FoundFile,
        content: &mut Content,
        head: &[u8],
        first_line: &FirstLine,
    ) -> io::Result<Option<Common>> {
        let Some(mark) = self.cursor.get(lineage) else {
            return Ok(None);
        };
        let like = common_beginning(content, mark)?;
        let within = self.note_copy(lineage, file, content, first_line, &like)?;
        let open = match self.files.get_mut(&lineage) {
            Some(file) => file.beginning_of(content)?,
            None => None,
        };
        let original = self.original_of(lineage);
        let Some(mark) = self.cursor.get(lineage) else {
            return Ok(None);
        };
        let confirmed = like.confirmed;
        let open = open.map(|end| end.offset);
        let beginning = match mark.head.offset <= head.len() as u64 {
            true => mark.head.offset,
            false => mark.first_line.offset,
        };
        let shared = beginning
            .max(confirmed.offset)
            .max(open.unwrap_or(0))
            .max(within.unwrap_or(0));
        let is_distinct = first_line.is_distinct();
        // Many files may begin with the same long text. So the first bytes do not count, but what was compared further on does.
        let compared = confirmed.offset.max(open.unwrap_or(0));
        let has_times = mark.last_time.is_some() || is_distinct && shared >= first_line.bytes;
        let is_certain = has_times || compared >= HEAD_BYTES as u64;
        let most = mark
            .length
            .max(original.as_ref().map_or(0, |original| original.bytes));
        Ok(Some(Common {
            confirmed,
            shared,
            is_all: open.is_some() || confirmed == mark.checkpoints.last(),
            is_beginning: (like.is_whole_file || mark.copies.contains(&confirmed))
                && is_distinct
                && confirmed.offset >= first_line.bytes
                && is_rotated(file, Path::new(&mark.path)),
            is_within: within.is_some(),
            is_certain,
            has_times,
            is_part: !is_certain && is_distinct && shared >= mark.length,
            length: length_up_to(content, most)?,
            is_longer: reaches(content, most + 1)?,
            original,
        }))
    }

    /// Whether a file was written after the file of some contents had gone. Then it cannot have been copied or compressed from that, and has
    /// the same text by chance. A program that compresses a file removes it last.
    fn is_of_later(&self, lineage: Lineage, file: &FoundFile) -> bool {
        let gone_since = self.cursor.get(lineage).and_then(|mark| mark.gone_since);
        let modified = file.modified.duration_since(UNIX_EPOCH);
        let is_later = |since| modified.is_ok_and(|at| at.as_secs() > since + CLOCK_DIFFERENCE);
        gone_since.is_some_and(is_later)
    }

    /// Decides whether a file has contents with which it has a part in common.
    fn choose(
        &self,
        lineage: Lineage,
        common: &Common,
        file: &FoundFile,
        content: &Content,
        has_ids: bool,
    ) -> Option<Contents> {
        let mark = self.cursor.get(lineage)?;
        let is_known = common.is_all && common.is_certain;
        let begins_like = Contents::BeginsLike(lineage, common.confirmed);
        match &common.original {
            Some(original) => {
                // A copy of text without times is only known as such if it appears while the shipper follows the original.
                let is_followed = self.has_looked && self.files.contains_key(&lineage);
                let is_copy = original.has_rotated_version(file)
                    && (common.has_times || is_followed && !self.settings.is_backfill);
                match is_known && !common.is_longer {
                    true if has_ids || is_copy => Some(Contents::CopyOf(lineage)),
                    _ if common.is_within => Some(Contents::CopyOf(lineage)),
                    _ if has_ids || (is_known && is_copy) => Some(begins_like),
                    _ if common.is_beginning => Some(begins_like),
                    _ => None,
                }
            }
            None if !has_ids && !is_known && !common.is_beginning => None,
            None if !common.is_all || common.length < mark.length => Some(begins_like),
            None if has_ids
                || file.is_closed
                || content.is_compressed()
                || (common.has_times && file.path == Path::new(&mark.path)) =>
            {
                Some(Contents::Of(lineage))
            }
            None => None,
        }
    }

    /// Notes which contents have the same beginning as those of a file.
    pub(super) fn note_alike(&mut self, lineage: Lineage, mut alike: Vec<Alike>) {
        alike.retain(|other| other.lineage != lineage);
        self.cursor.change(lineage, |mark| {
            alike.into_iter().for_each(|alike| mark.add_alike(alike));
        });
        let of_mark = self.cursor.get(lineage).map(|mark| mark.alike.clone());
        for other in of_mark.unwrap_or_default() {
            self.cursor.change(other.lineage, |mark| {
                mark.add_alike(Alike { lineage, ..other });
            });
        }
    }

    /// Looks at the first line of a file.
    fn first_line(&self, head: &[u8]) -> FirstLine {
        let end = memchr::memchr(b'\n', head).map_or(head.len(), |newline| newline + 1);
        let line = head[..end].trim_ascii_end();
        let located = self.settings.reader.locate(line);
        FirstLine {
            bytes: end as u64,
            has_id: located.is_some_and(|located| own_id(line, &located).is_some()),
            has_time: self.time_of(line).is_some(),
        }
    }

    /// Returns the time of a line, also if a container's runtime has wrapped it.
    pub(super) fn time_of(&self, line: &[u8]) -> Option<i64> {
        let time = match Wrapping::detect(line).and_then(|wrapping| wrapping.part(line)) {
            Some(part) => parse_time(part.time),
            None => {
                let located = self.settings.reader.locate(line.trim_ascii_end());
                located.and_then(|located| parse_time(located.time?.of(line)))
            }
        };
        time.map(|time| time.nanos)
    }

    /// Returns the file that has these contents, if there still is one, or if it is still open. A file that is shorter was emptied.
    pub(super) fn original_of(&self, lineage: Lineage) -> Option<Original> {
        let at_path = |path: &Path| fs::symlink_metadata(path).map_or(0, |file| file.len());
        let mark = self.cursor.get(lineage)?;
        if let Some(file) = self.files.get(&lineage) {
            let is_present = file.missing_since.is_none() || (file.is_open() && !file.is_done);
            let bytes = file
                .text_length()
                .unwrap_or_else(|| at_path(&file.found.path));
            let is_whole = file.found.compression.is_some() || bytes >= mark.length;
            return (is_present && is_whole).then(|| Original {
                current: file.found.current().to_owned(),
                bytes,
            });
        }
        exists(mark).then(|| Original {
            current: PathBuf::from(&mark.path),
            bytes: at_path(Path::new(&mark.path)),
        })
    }
}

/// Whether a file has the name of a rotated version of the file at a path, or of another rotated version of the same log.
fn is_rotated(file: &FoundFile, path: &Path) -> bool {
    let is_of_same_log = || {
        let name = path.file_name().and_then(|name| name.to_str());
        let current = file.current().file_name().and_then(|name| name.to_str());
        let candidates = name.map(RotatedName::candidates).unwrap_or_default();
        path.parent() == Some(file.folder())
            && current.is_some_and(|current| candidates.iter().any(|of| of.is_of(current)))
    };
    file.is_closed && (path == file.current() || is_of_same_log())
}
