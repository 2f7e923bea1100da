//! Turns the bytes of a file into the lines of a batch.

use crate::{
    batch::{Batch, Entry, Source, own_id},
    fallback_times::FallbackTimes,
    line_time::{LastTime, distinct_nanos, untimed_nanos},
    lineage::Lineage,
};
use log_files::{Joiner, LineLocator, LineSplitter, Stream, Time, Wrapping, parse_time};

/// A day, in nanoseconds. Text that was written a day or more after the last line with a time does not have that line's time.
const DAY: i64 = 86_400 * 1_000_000_000;
/// Text that is further behind the last line with a time does not have that line's time.
const NEAR_BYTES: u64 = 2 << 20;
/// How many lines are searched for the first time of a file.
const LINES_AHEAD: usize = 1_000;

/// What has to be known of the earlier lines of a file to make its next lines.
#[derive(Debug)]
pub(crate) struct LineBuilder {
    lineage: Lineage,
    slot: u16,
    pub(super) locator: LineLocator,
    /// The number of lines so far.
    pub(super) lines: u64,
    pub(super) last_time: Option<LastTime>,
    pub(super) fallback_times: FallbackTimes,
    /// How a container runtime has wrapped the lines, once the first line is known.
    pub(super) wrapping: Option<Option<Wrapping>>,
    /// The time from which on lines are left for later, because other files have earlier ones.
    pub(super) until: Option<i64>,
}

/// What became of some bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Consumed {
    /// How many of the bytes belong to lines that are in the batch now, or to holes and empty lines.
    pub(super) bytes: usize,
    /// The time of the first line that was left for later.
    pub(super) next_time: Option<i64>,
}

/// A line, before it is added to a batch.
struct Found<'l> {
    text: &'l [u8],
    offset: u64,
    source: Source,
    start: usize,
    /// The time that a container runtime has given to the line.
    outer_time: Option<Time>,
    stream: Option<Stream>,
}

impl LineBuilder {
    pub(crate) fn new(lineage: Lineage, slot: u16) -> Self {
        Self {
            lineage,
            slot,
            locator: LineLocator::default(),
            lines: 0,
            last_time: None,
            fallback_times: FallbackTimes::default(),
            wrapping: None,
            until: None,
        }
    }

    /// Adds the lines of a text at the start of a file.
    #[cfg(test)]
    pub(crate) fn push_text(&mut self, text: &[u8], batch: &mut Batch) {
        batch.text.extend_from_slice(text);
        self.push(batch, 0, 0, usize::MAX, true);
    }

    /// Adds the lines in the last bytes of a batch's text, from the index `from` on, which are at an offset of the file. The last line may
    /// lack its newline if `is_end` says that no more will follow. Stops at `max_lines` lines in the batch, and at a line that is left for
    /// later.
    pub(super) fn push(
        &mut self,
        batch: &mut Batch,
        from: usize,
        offset: u64,
        max_lines: usize,
        is_end: bool,
    ) -> Consumed {
        // The text is taken out, so that lines can be added while it is read.
        let text = std::mem::take(&mut batch.text);
        let bytes = text.get(from..).unwrap_or_default();
        let consumed = if memchr::memchr(0, bytes).is_some() || self.is_wrapped(bytes) {
            self.push_unwrapped(batch, bytes, offset, max_lines, is_end)
        } else {
            self.push_plain(batch, bytes, from, offset, max_lines)
        };
        batch.text = text;
        consumed
    }

    /// Adds lines that are sent as they are in the file.
    fn push_plain(
        &mut self,
        batch: &mut Batch,
        bytes: &[u8],
        from: usize,
        offset: u64,
        max_lines: usize,
    ) -> Consumed {
        let mut at = 0;
        while batch.lines.len() < max_lines
            && let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty())
        {
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let mut line = rest[..length].trim_ascii_end();
            let mut start = from + at;
            if offset + at as u64 == 0 && line.starts_with(b"\xef\xbb\xbf") {
                line = &line[3..];
                start += 3;
            }
            let found = Found {
                text: line,
                offset: offset + at as u64,
                source: Source::File,
                start,
                outer_time: None,
                stream: None,
            };
            if let Err(next_time) = self.add(batch, &found) {
                return Consumed {
                    bytes: at,
                    next_time: Some(next_time),
                };
            }
            at += length;
        }
        Consumed {
            bytes: at,
            next_time: None,
        }
    }

    /// Adds lines of containers, and lines with holes, without what is around and between them.
    fn push_unwrapped(
        &mut self,
        batch: &mut Batch,
        bytes: &[u8],
        offset: u64,
        max_lines: usize,
        is_end: bool,
    ) -> Consumed {
        let mut splitter = LineSplitter::new(offset);
        let mut joiner = Joiner::new();
        let first_line = batch.lines.len();
        // What `last_time` was before each of the added lines.
        let mut times = vec![self.last_time];
        // Everything before this offset is in the batch.
        let mut done = offset;
        let mut next_time = None;
        let mut lines = splitter.push(bytes);
        while batch.lines.len() < max_lines
            && let Some(raw) = lines.next()
        {
            let (text, end) = (raw.text.trim_ascii_end(), raw.end());
            let wrapping = *self.wrapping.get_or_insert_with(|| Wrapping::detect(text));
            let added = match wrapping.and_then(|wrapping| wrapping.part(text)) {
                Some(part) => match joiner.push(raw.offset, part) {
                    Some(joined) => {
                        let time = parse_time(&joined.time);
                        self.add_unwrapped(
                            batch,
                            joined.text.trim_ascii_end(),
                            joined.offset,
                            time,
                            Some(joined.stream),
                        )
                    }
                    None => Ok(()),
                },
                None => self.add_unwrapped(batch, text, raw.offset, None, None),
            };
            if let Err(time) = added {
                next_time = Some(time);
                break;
            }
            times.resize(batch.lines.len() - first_line + 1, self.last_time);
            done = joiner.unfinished_offset().unwrap_or(end);
        }
        drop(lines);
        let is_whole = next_time.is_none() && batch.lines.len() < max_lines;
        if is_whole && is_end {
            while let Some(joined) = joiner.finish() {
                let time = parse_time(&joined.time);
                let _ = self.add_unwrapped(
                    batch,
                    &joined.text,
                    joined.offset,
                    time,
                    Some(joined.stream),
                );
            }
            if let Some(raw) = splitter.finish() {
                let _ =
                    self.add_unwrapped(batch, raw.text.trim_ascii_end(), raw.offset, None, None);
            }
            done = offset + bytes.len() as u64;
        } else {
            self.take_back(batch, first_line, done, &times);
        }
        Consumed {
            bytes: usize::try_from(done - offset)
                .unwrap_or(bytes.len())
                .min(bytes.len()),
            next_time,
        }
    }

    /// Removes the lines from an offset on, which will be read again: a line that is not finished began before them.
    fn take_back(
        &mut self,
        batch: &mut Batch,
        first_line: usize,
        offset: u64,
        times: &[Option<LastTime>],
    ) {
        let added = batch.lines.get(first_line..).unwrap_or_default();
        let kept = added.iter().take_while(|line| line.offset < offset).count();
        self.lines -= (added.len() - kept) as u64;
        if let Some(time) = times.get(kept) {
            self.last_time = *time;
        }
        batch.lines.truncate(first_line + kept);
    }

    fn add_unwrapped(
        &mut self,
        batch: &mut Batch,
        text: &[u8],
        offset: u64,
        outer_time: Option<Time>,
        stream: Option<Stream>,
    ) -> Result<(), i64> {
        let start = batch.changed.len();
        let found = Found {
            text,
            offset,
            source: Source::Changed,
            start,
            outer_time,
            stream,
        };
        let lines = batch.lines.len();
        self.add(batch, &found)?;
        if batch.lines.len() > lines {
            batch.changed.extend_from_slice(text);
        }
        Ok(())
    }

    /// Adds a line, unless it is empty.
    ///
    /// # Errors
    ///
    /// The time of the line, if it is left for later.
    fn add(&mut self, batch: &mut Batch, found: &Found<'_>) -> Result<(), i64> {
        if found.text.is_empty() {
            return Ok(());
        }
        let located = self.locator.locate(found.text);
        let time = located
            .as_ref()
            .and_then(|located| parse_time(located.time?.of(found.text)));
        let is_own = located
            .as_ref()
            .is_some_and(|located| own_id(found.text, located).is_some());
        if let (Some(until), Some(time)) = (self.until, time.or(found.outer_time))
            && time.nanos > until
        {
            return Err(time.nanos);
        }
        let nanos = match time.or(found.outer_time) {
            Some(time) => {
                let last = LastTime::after(self.last_time, time, found.offset);
                self.last_time = Some(last);
                match is_own {
                    true => time.nanos,
                    false => distinct_nanos(time, self.slot, self.lines, last.number),
                }
            }
            None => self.time_without_own(found.offset),
        };
        self.lines += 1;
        batch.lines.push(Entry {
            source: found.source,
            range: found.start..found.start + found.text.len(),
            lineage: self.lineage,
            offset: found.offset,
            nanos,
            located,
            stream: found.stream,
            redacted_by: None,
        });
        Ok(())
    }

    /// Returns a time for a line without one: just after that of a line before it, or else after the fallback time of its bytes. So such lines
    /// have different times in the right order.
    fn time_without_own(&mut self, offset: u64) -> i64 {
        let read = self.fallback_times.at(offset);
        let is_near = |last: &LastTime| {
            read.saturating_sub(last.nanos) < DAY && offset.saturating_sub(last.offset) < NEAR_BYTES
        };
        if let Some(last) = self.last_time.as_mut().filter(|last| is_near(last)) {
            return last.next_text(self.slot, self.lines);
        }
        read.saturating_add(untimed_nanos(self.slot, self.lines))
    }

    /// Returns the first time in some text, if no line before it has a time.
    pub(super) fn first_time(&mut self, bytes: &[u8]) -> Option<i64> {
        if self.last_time.is_some() {
            return None;
        }
        let mut time_of = |line: &[u8]| {
            let time = self.locator.locate(line.trim_ascii_end())?.time?;
            parse_time(time.of(line))
        };
        let mut lines = bytes.split(|byte| *byte == b'\n').take(LINES_AHEAD);
        lines.find_map(&mut time_of).map(|time| time.nanos)
    }

    fn is_wrapped(&mut self, bytes: &[u8]) -> bool {
        if self.wrapping.is_none()
            && let Some(end) = memchr::memchr(b'\n', bytes)
        {
            self.wrapping = Some(Wrapping::detect(bytes[..end].trim_ascii_end()));
        }
        self.wrapping.flatten().is_some()
    }
}
