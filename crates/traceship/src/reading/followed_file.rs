//! A file whose lines are read.

use super::{compare, line_builder::LineBuilder};
use crate::{
    batch::{Batch, Segment},
    cursor::{Checkpoint, Mark, nanos},
    lineage::Lineage,
};
use log_files::{
    Content, FileKey, discover::FoundFile, disk::open_to_read, is_removed, lines::MAX_LINE_BYTES,
};
use std::{
    io,
    time::{Duration, Instant, SystemTime},
};

/// A file whose lines are read.
#[derive(Debug)]
pub(super) struct FollowedFile {
    pub(super) lineage: Lineage,
    pub(super) found: FoundFile,
    content: Option<Content>,
    /// How many NUL bytes the file had at its end when it was last measured. Its writer has reserved space for the next lines with them.
    reserved: u64,
    /// Everything before this is in batches.
    pub(super) position: Checkpoint,
    /// The last bytes before the position, or empty if they are not known.
    tail: Vec<u8>,
    pub(super) builder: LineBuilder,
    /// Since when there may be lines to read.
    pub(super) waiting_since: Option<Instant>,
    pub(super) last_grown: Instant,
    /// Since when the file is in none of the folders any more. It is still open.
    pub(super) missing_since: Option<Instant>,
    /// Whether the file is read to its end, and nothing will be appended to it.
    pub(super) is_done: bool,
}

/// A place in a file.
#[derive(Debug)]
pub(super) struct Place {
    offset: u64,
    /// The last bytes before it, or empty if they are not known.
    tail: Vec<u8>,
}

/// How much to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) bytes: usize,
    pub(super) lines: usize,
    /// The time from which on lines are left for later.
    pub(super) until: Option<i64>,
    /// Whether a last line without a newline is read too, because nothing will be appended.
    pub(super) to_end: bool,
}

/// What a read has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There are more lines. The next one has this time, if that is known.
    More(Option<i64>),
    /// There are no more lines now.
    Dry,
    /// The file no longer has the contents that were read: it was emptied in place.
    Replaced,
}

/// How many bytes before the position are compared before each read.
const TAIL_BYTES: usize = 64;
/// Less is not read at once.
const MIN_BYTES: usize = 4 << 10;

impl FollowedFile {
    /// A file that was read up to the mark's offset.
    pub(super) fn new(lineage: Lineage, found: FoundFile, mark: &Mark) -> Self {
        let mut builder = LineBuilder::new(lineage, mark.slot);
        builder.lines = mark.lines;
        builder.last_time = mark.last_time;
        builder.fallback_times =
            crate::fallback_times::FallbackTimes::new(mark.fallback_times.clone());
        Self {
            lineage,
            found,
            content: None,
            reserved: 0,
            position: mark.checkpoints.last(),
            tail: Vec::new(),
            builder,
            waiting_since: None,
            last_grown: Instant::now(),
            missing_since: None,
            is_done: mark.is_complete,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.content.is_some()
    }

    pub(super) fn set_content(&mut self, content: Content) {
        self.content = Some(content);
    }

    pub(super) fn close(&mut self) {
        self.content = None;
    }

    pub(super) fn is_compressed(&self) -> bool {
        self.content.as_ref().is_some_and(Content::is_compressed)
    }

    /// Whether the open file was removed from its folder.
    pub(super) fn is_removed(&self) -> bool {
        self.content
            .as_ref()
            .is_some_and(|content| is_removed(content.file()))
    }

    /// Measures how long the text of the open file is, if it is plain.
    pub(super) fn measure(&mut self) -> io::Result<()> {
        if let Some(content) = &mut self.content {
            self.reserved = content.measure()?;
        }
        Ok(())
    }

    /// Returns the length of the text of the open file: as it is now, but without the space that was reserved when it was measured.
    pub(super) fn text_length(&self) -> Option<u64> {
        self.content.as_ref()?.length().ok()?
    }

    /// Returns the size that the file had when it was found, without the space that was reserved when it was measured.
    pub(super) fn found_bytes(&self) -> u64 {
        self.found.bytes.saturating_sub(self.reserved)
    }

    /// Whether lines can be written to the file without changing its size.
    pub(super) fn has_reserved_space(&self) -> bool {
        self.reserved > 0
    }

    /// Takes the present size and modification time of the open file, if it may have more text than before. Returns whether it has.
    pub(super) fn has_grown(&mut self) -> io::Result<bool> {
        let Some(content) = &self.content else {
            return Ok(false);
        };
        let (metadata, before) = (content.file().metadata()?, self.found_bytes());
        let modified = metadata.modified()?;
        let is_longer = metadata.len() > self.found.bytes;
        let is_overwritten = self.has_reserved_space()
            && metadata.len() == self.found.bytes
            && (modified != self.found.modified || !is_settled(modified, SystemTime::now()));
        if !is_longer && !is_overwritten {
            return Ok(false);
        }
        self.measure()?;
        (self.found.bytes, self.found.modified) = (metadata.len(), modified);
        Ok(self.found_bytes() > before)
    }

    /// Reads the first bytes of the open file.
    pub(super) fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.content.as_mut().map(compare::head).transpose()
    }

    /// Returns what is wrong with an archive that was read to its end.
    pub(super) fn damage(&self) -> Option<&str> {
        self.content.as_ref().and_then(Content::damage)
    }

    /// Opens a file that was found.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or another file is at its path now (`NotFound`).
    pub(super) fn open_found(found: &FoundFile) -> io::Result<Content> {
        let file = open_to_read(&found.path)?;
        if FileKey::IS_UNIQUE && FileKey::of(&file.metadata()?) != found.key {
            return Err(io::ErrorKind::NotFound.into());
        }
        Content::open(file)
    }

    /// Returns the place up to which the file was read.
    pub(super) fn place(&self) -> Place {
        Place {
            offset: self.position.offset,
            tail: self.tail.clone(),
        }
    }

    /// Whether the open file still has the contents of its mark, up to a place to which it was read. The bytes before that are compared, or
    /// more if they are not known because nothing was read since the start.
    pub(super) fn has(&mut self, place: &Place, mark: &Mark) -> io::Result<bool> {
        let Some(content) = &mut self.content else {
            return Ok(true);
        };
        if content.is_compressed() {
            return Ok(true);
        }
        if !place.tail.is_empty() {
            return is_tail(content, place.offset, &place.tail);
        }
        let head = compare::head(content)?;
        if place.offset == 0 {
            return Ok(compare::begins_like(&head, mark));
        }
        if mark.offset() != place.offset || !compare::is_intact(content, &head, mark)? {
            return Ok(mark.offset() != place.offset);
        }
        let mut tail = vec![0; TAIL_BYTES.min(usize::try_from(place.offset).unwrap_or(TAIL_BYTES))];
        let length = content.read_at(place.offset - tail.len() as u64, &mut tail)?;
        tail.truncate(length);
        if self.tail.is_empty() {
            self.tail = tail;
        }
        Ok(true)
    }

    /// Compares all of the open file with the beginning of another one. Returns its end if they are the same, or `None` if they are not, or
    /// if the file is not open or is empty.
    pub(super) fn beginning_of(&mut self, other: &mut Content) -> io::Result<Option<Checkpoint>> {
        let Some(content) = &mut self.content else {
            return Ok(None);
        };
        let end = compare::end_within(content, other, Checkpoint::default())?;
        Ok(end.filter(|end| end.offset > 0))
    }

    /// Compares another file with the open one, from a checkpoint on. Returns the end of the other file if it is the beginning of this one,
    /// or `None` if it is not, or if this one is not open.
    pub(super) fn end_of_copy(
        &mut self,
        other: &mut Content,
        from: Checkpoint,
    ) -> io::Result<Option<Checkpoint>> {
        match &mut self.content {
            Some(content) => compare::end_within(other, content, from),
            None => Ok(None),
        }
    }

    /// Returns the next bytes, if the file is open.
    pub(super) fn peek(&mut self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; MIN_BYTES];
        let length = self
            .content
            .as_mut()?
            .read_at(self.position.offset, &mut bytes)
            .ok()?;
        bytes.truncate(length);
        Some(bytes)
    }

    /// Adds the next lines to a batch.
    pub(super) fn read(&mut self, batch: &mut Batch, limits: Limits) -> io::Result<Progress> {
        let Some(content) = &mut self.content else {
            return Ok(Progress::Dry);
        };
        let start = self.position.offset;
        let from = batch.text.len();
        let mut wanted = limits.bytes.max(MIN_BYTES);
        loop {
            batch.text.truncate(from);
            let length = batch
                .text
                .append_by(wanted, |memory| content.read_at(start, memory))?;
            let is_last = length < wanted;
            let is_end = is_last && limits.to_end;
            let bytes = &batch.text[from..];
            let is_too_long = length >= MAX_LINE_BYTES;
            let end = match memchr::memrchr(b'\n', bytes) {
                _ if is_end => length,
                Some(newline) => newline + 1,
                None if is_too_long => length,
                None => 0,
            };
            if end == 0 && !is_last {
                if bytes.iter().all(|byte| *byte == 0) {
                    let skipped = hole_length(content, start + length as u64)?;
                    batch.text.truncate(from);
                    return Ok(match skipped {
                        Some(more) => self.skip_hole(length as u64 + more),
                        None => Progress::Dry,
                    });
                }
                wanted *= 2;
                continue;
            }
            batch.text.truncate(from + end);
            let modified = nanos(self.found.modified);
            // Lines before the first one with a time are older than it. If they had the time of the last modification, a server could
            // refuse the lines behind them as too old.
            let first_time = self.builder.first_time(&batch.text[from..]);
            let time = first_time.map_or(modified, |first| first.min(modified));
            self.builder
                .fallback_times
                .begin(time / 1_000_000 * 1_000_000);
            self.builder.until = limits.until;
            let consumed =
                self.builder
                    .push(batch, from, start, limits.lines, is_end || is_too_long);
            if consumed.bytes == 0
                && consumed.next_time.is_none()
                && !is_last
                && batch.lines.len() < limits.lines
            {
                // A line of a container that is longer than this.
                wanted *= 2;
                continue;
            }
            batch.text.truncate(from + consumed.bytes);
            self.note_read(batch, from, start);
            let has_rest = consumed.bytes < end
                && (consumed.next_time.is_some() || batch.lines.len() >= limits.lines);
            return Ok(match has_rest || !is_last {
                true => Progress::More(consumed.next_time),
                false => Progress::Dry,
            });
        }
    }

    /// Moves the position over the bytes at the end of a batch's text.
    fn note_read(&mut self, batch: &mut Batch, from: usize, start: u64) {
        let bytes = batch.text.get(from..).unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        self.position = self.position.and(bytes);
        self.tail = bytes[bytes.len().saturating_sub(TAIL_BYTES)..].to_vec();
        batch.segments.push(Segment {
            lineage: self.lineage,
            start,
            end: self.position,
            lines: self.builder.lines,
            last_time: self.builder.last_time,
        });
    }

    /// Moves the position over NUL bytes, except for some before the next line.
    fn skip_hole(&mut self, length: u64) -> Progress {
        const ZEROS: [u8; 4 << 10] = [0; 4 << 10];
        let mut left = length.saturating_sub(TAIL_BYTES as u64);
        while left > 0 {
            let step = usize::try_from(left)
                .unwrap_or(ZEROS.len())
                .min(ZEROS.len());
            self.position = self.position.and(&ZEROS[..step]);
            left -= step as u64;
        }
        self.tail = vec![0; TAIL_BYTES.min(usize::try_from(length).unwrap_or(TAIL_BYTES) / 2)];
        Progress::More(None)
    }
}

/// Whether a file that was looked at at some time has another modification time if it was written after that. File systems store this time
/// in units of up to two seconds (FAT).
pub(super) fn is_settled(modified: SystemTime, looked_at: SystemTime) -> bool {
    let age = looked_at.duration_since(modified);
    age.is_ok_and(|age| age > Duration::from_secs(2))
}

/// Whether these bytes are before an offset of a file.
fn is_tail(content: &mut Content, offset: u64, tail: &[u8]) -> io::Result<bool> {
    let mut bytes = [0; TAIL_BYTES];
    let bytes = &mut bytes[..tail.len()];
    let length = content.read_at(offset - tail.len() as u64, bytes)?;
    Ok(bytes.get(..length) == Some(tail))
}

/// Returns how many NUL bytes are at an offset before other bytes, or `None` if the file ends with them: its writer may have reserved space
/// for the next lines.
fn hole_length(content: &mut Content, offset: u64) -> io::Result<Option<u64>> {
    let mut buffer = vec![0; 1 << 20];
    let mut at = offset;
    loop {
        let length = content.read_at(at, &mut buffer)?;
        let nuls = buffer[..length].iter().position(|byte| *byte != 0);
        match nuls {
            Some(nuls) => return Ok(Some(at + nuls as u64 - offset)),
            None if length < buffer.len() => return Ok(None),
            None => at += length as u64,
        }
    }
}
