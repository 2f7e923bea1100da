//! Lines of one file that are sent together.

use super::{
    files::FileId,
    time::{LineTimes, parse_nanos},
};
use log_files::{LineReader, Located, key_of};
use std::ops::Range;

/// Consecutive lines of a file.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) file: FileId,
    /// How many times the file was emptied and started again.
    pub(super) generation: u64,
    /// The offset of the text in its file.
    pub(super) start: u64,
    text: Vec<u8>,
    lines: Vec<Entry>,
}

/// What a batch knows about one of its lines.
#[derive(Debug)]
pub(super) struct Entry {
    range: Range<usize>,
    nanos: i64,
    located: Option<Located>,
}

/// A reference to a line of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'b> {
    batch: &'b Batch,
    entry: &'b Entry,
}

impl Batch {
    /// Splits text into lines. Empty lines are left out.
    pub(super) fn new(
        file: FileId,
        start: u64,
        text: Vec<u8>,
        reader: &LineReader,
        times: &mut LineTimes,
    ) -> Self {
        Self::with_limit(file, start, text, Vec::new(), usize::MAX, reader, times)
    }

    /// A batch of some text from the beginning of a file.
    #[cfg(test)]
    pub(super) fn of_text(text: &str) -> Self {
        let file = "1-0000000000000001".parse().expect("the id is valid");
        let (reader, mut times) = (LineReader::default(), LineTimes::default());
        Self::new(file, 0, text.as_bytes().to_vec(), &reader, &mut times)
    }

    /// Splits the beginning of a text into at most `max_lines` lines, and reuses the memory of `lines`.
    pub(super) fn with_limit(
        file: FileId,
        start: u64,
        mut text: Vec<u8>,
        mut lines: Vec<Entry>,
        max_lines: usize,
        reader: &LineReader,
        times: &mut LineTimes,
    ) -> Self {
        lines.clear();
        let mut at = 0;
        while lines.len() < max_lines
            && let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty())
        {
            let begin = at;
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            at += length;
            let line = rest[..length].trim_ascii_end();
            if line.is_empty() {
                continue;
            }
            let located = reader.locate(line);
            let time = located.as_ref().and_then(|located| located.time.clone());
            let time = time.and_then(|range| parse_nanos(&line[range]));
            lines.push(Entry {
                nanos: times.assign(line, start + begin as u64, time),
                range: begin..begin + line.len(),
                located,
            });
        }
        text.truncate(at);
        Self {
            file,
            generation: 0,
            start,
            text,
            lines,
        }
    }

    /// Returns the text and the list of lines, so that their memory can be reused.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<Entry>) {
        (self.text, self.lines)
    }

    pub(super) fn end(&self) -> u64 {
        self.start + self.text.len() as u64
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn line(&self, index: usize) -> Option<Line<'_>> {
        self.lines
            .get(index)
            .map(|entry| Line { batch: self, entry })
    }
}

impl<'b> Line<'b> {
    pub(super) fn text(self) -> &'b [u8] {
        &self.batch.text[self.entry.range.clone()]
    }

    pub(super) fn is_json(self) -> bool {
        self.entry.located.is_some()
    }

    /// Returns the time of the line, in nanoseconds since 1970.
    pub(super) fn nanos(self) -> i64 {
        self.entry.nanos
    }

    /// Returns the offset of the line in its file.
    pub(super) fn offset(self) -> u64 {
        self.batch.start + self.entry.range.start as u64
    }

    /// Returns the id of the line, which is the same each time the line is read.
    pub(super) fn id(self) -> String {
        match self.batch.generation {
            0 => format!("{}-{:x}", self.batch.file, self.offset()),
            generation => format!("{}.{generation}-{:x}", self.batch.file, self.offset()),
        }
    }

    /// Returns the places of the fixed members of a JSON line.
    pub(super) fn located(self) -> Option<&'b Located> {
        self.entry.located.as_ref()
    }

    /// Returns the key of a located member.
    pub(super) fn key(self, pick: impl Fn(&Located) -> &Option<Range<usize>>) -> Option<&'b str> {
        let range = pick(self.entry.located.as_ref()?).clone()?;
        std::str::from_utf8(key_of(self.text(), &range)?).ok()
    }

    /// Returns the value of a located member. A string is without its quotes, and still escaped.
    pub(super) fn member(
        self,
        pick: impl Fn(&Located) -> &Option<Range<usize>>,
    ) -> Option<&'b [u8]> {
        let range = pick(self.entry.located.as_ref()?).clone()?;
        self.text().get(range)
    }
}
