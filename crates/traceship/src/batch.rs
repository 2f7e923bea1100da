//! Lines that are sent together.

use crate::{cursor::Checkpoint, line_time::LastTime, lineage::Lineage, text_buffer::TextBuffer};
use log_files::{Located, Stream, TextRange, all_bytes, key_of};
use std::ops::Range;

/// Lines of one or more files, those of each file in their order.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Bytes of files, as they are.
    pub(crate) text: TextBuffer,
    /// Lines that are not in their file as they are sent: those of containers, those with holes, and redacted ones.
    pub(crate) changed: Vec<u8>,
    pub(crate) lines: Vec<Entry>,
    pub(crate) segments: Vec<Segment>,
}

/// A part of a file. Its lines are consecutive in the batch.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) lineage: Lineage,
    pub(crate) start: u64,
    /// The checksum of the file up to the end of this part.
    pub(crate) end: Checkpoint,
    /// The number of lines in the file up to the end of this part.
    pub(crate) lines: u64,
    /// The last time of a line up to the end of this part.
    pub(crate) last_time: Option<LastTime>,
}

/// What a batch knows about one of its lines.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) source: Source,
    pub(crate) range: Range<usize>,
    pub(crate) lineage: Lineage,
    /// The offset of the line in its file.
    pub(crate) offset: u64,
    pub(crate) nanos: i64,
    pub(crate) located: Option<Located>,
    /// The stream of the container that wrote the line.
    pub(crate) stream: Option<Stream>,
    /// The fingerprint of the rules by which the line is redacted.
    pub(crate) redacted_by: Option<u32>,
}

/// Which of the texts of a batch has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    File,
    Changed,
}

/// A reference to a line of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'b> {
    batch: &'b Batch,
    entry: &'b Entry,
}

/// Longer ids are not used as the identity of a line: Elasticsearch accepts 512 bytes.
const MAX_UID_BYTES: usize = 128;

impl Batch {
    /// Removes all lines, and keeps the memory for the next ones.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.changed.clear();
        self.lines.clear();
        self.segments.clear();
    }

    /// Returns the number of bytes of files.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn line(&self, index: usize) -> Option<Line<'_>> {
        self.lines
            .get(index)
            .map(|entry| Line { batch: self, entry })
    }

    /// Adds a line of another batch.
    pub(crate) fn add(&mut self, line: Line<'_>) {
        let start = self.text.len();
        self.text.extend_from_slice(line.text());
        self.lines.push(Entry {
            source: Source::File,
            range: start..self.text.len(),
            located: line.entry.located,
            ..*line.entry
        });
    }

    /// A batch of some text from the beginning of a file.
    #[cfg(test)]
    pub(crate) fn of_text(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// A batch of some bytes from the beginning of a file.
    #[cfg(test)]
    pub(crate) fn of_bytes(text: &[u8]) -> Self {
        let lineage = "1".parse().expect("the id is valid");
        let mut batch = Self::default();
        let mut reader = crate::reading::LineBuilder::new(lineage, 0);
        reader.push_text(text, &mut batch);
        batch
    }
}

impl<'b> Line<'b> {
    pub(crate) fn text(self) -> &'b [u8] {
        let text = match self.entry.source {
            Source::File => &*self.batch.text,
            Source::Changed => &self.batch.changed,
        };
        text.get(self.entry.range.clone()).unwrap_or_default()
    }

    pub(crate) fn is_json(self) -> bool {
        self.entry.located.is_some()
    }

    /// Returns the time of the line, in nanoseconds since 1970.
    pub(crate) fn nanos(self) -> i64 {
        self.entry.nanos
    }

    /// Returns the offset of the line in its file.
    pub(crate) fn offset(self) -> u64 {
        self.entry.offset
    }

    /// Returns the stream of the container that wrote the line.
    pub(crate) fn stream(self) -> Option<&'static str> {
        self.entry.stream.map(Stream::as_str)
    }

    /// Returns the fingerprint of the rules by which the line is redacted.
    pub(crate) fn redacted_by(self) -> Option<u32> {
        self.entry.redacted_by
    }

    /// Returns the id of the line: its own, or else one that is the same each time the line is read.
    pub(crate) fn id(self) -> String {
        match self.uid() {
            Some(uid) => uid.to_owned(),
            None => format!("{}-{:x}", self.entry.lineage, self.offset()),
        }
    }

    /// Returns the id that the line itself has.
    fn uid(self) -> Option<&'b str> {
        let uid = own_id(self.text(), self.entry.located.as_ref()?)?;
        std::str::from_utf8(uid).ok()
    }

    /// Returns where the fixed keys of a JSON line are.
    pub(crate) fn located(self) -> Option<&'b Located> {
        self.entry.located.as_ref()
    }

    /// Returns the key of a located member.
    pub(super) fn key(self, pick: impl Fn(&Located) -> Option<TextRange>) -> Option<&'b str> {
        let range = pick(self.entry.located.as_ref()?)?;
        std::str::from_utf8(key_of(self.text(), range)?).ok()
    }

    /// Returns the value of a located member. A string is without its quotes, and still escaped.
    pub(crate) fn member(self, pick: impl Fn(&Located) -> Option<TextRange>) -> Option<&'b [u8]> {
        Some(pick(self.entry.located.as_ref()?)?.of(self.text()))
    }
}

/// Returns the id that a line brings with it (`log.record.uid` of OpenTelemetry), if it can be one: printable ASCII without escapes.
pub(crate) fn own_id<'l>(line: &'l [u8], located: &Located) -> Option<&'l [u8]> {
    let uid = located.record_uid?.of(line);
    let is_plain = |byte: u8| byte.is_ascii_graphic() & (byte != b'"') & (byte != b'\\');
    (all_bytes(uid, is_plain) && !uid.is_empty() && uid.len() <= MAX_UID_BYTES).then_some(uid)
}
