//! Lines of one file that are sent together.

use super::{
    files::FileId,
    time::{Distinct, nanos},
};
use crate::schema::{LineReader, Located, key_of};
use std::ops::Range;

/// Some lines of a file, one behind the other.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) file: FileId,
    /// How often that was begun anew.
    pub(super) generation: u64,
    /// Where the text begins in its file.
    pub(super) start: u64,
    text: Vec<u8>,
    lines: Vec<Entry>,
}

/// A line, and what it says of itself.
#[derive(Debug)]
pub(super) struct Entry {
    range: Range<usize>,
    nanos: i64,
    found: Option<Located>,
}

/// A line of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'b> {
    batch: &'b Batch,
    entry: &'b Entry,
}

impl Batch {
    /// Takes text apart into lines; empty ones are left out.
    pub(super) fn new(
        file: FileId,
        start: u64,
        text: Vec<u8>,
        reader: &LineReader,
        distinct: &mut Distinct,
    ) -> Self {
        Self::within(file, start, text, Vec::new(), usize::MAX, reader, distinct)
    }

    /// The same of so many lines, with memory for them.
    pub(super) fn within(
        file: FileId,
        start: u64,
        mut text: Vec<u8>,
        mut lines: Vec<Entry>,
        most: usize,
        reader: &LineReader,
        distinct: &mut Distinct,
    ) -> Self {
        lines.clear();
        let mut at = 0;
        while lines.len() < most
            && let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty())
        {
            let begin = at;
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            at += length;
            let line = rest[..length].trim_ascii_end();
            if line.is_empty() {
                continue;
            }
            let found = reader.locate(line);
            let time = found.as_ref().and_then(|found| found.time.clone());
            let time = time.and_then(|range| nanos(&line[range]));
            lines.push(Entry {
                nanos: distinct.time(line, start + begin as u64, time),
                range: begin..begin + line.len(),
                found,
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

    /// The memory of its text and of its lines.
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
        self.entry.found.is_some()
    }

    /// Since 1970.
    pub(super) fn nanos(self) -> i64 {
        self.entry.nanos
    }

    /// Where it begins in its file.
    pub(super) fn offset(self) -> u64 {
        self.batch.start + self.entry.range.start as u64
    }

    /// The same wherever and however often it is read.
    pub(super) fn id(self) -> String {
        match self.batch.generation {
            0 => format!("{}-{:x}", self.batch.file, self.offset()),
            generation => format!("{}.{generation}-{:x}", self.batch.file, self.offset()),
        }
    }

    /// The key of one of the members that a line has.
    pub(super) fn key(self, pick: impl Fn(&Located) -> &Option<Range<usize>>) -> Option<&'b str> {
        let range = pick(self.entry.found.as_ref()?).clone()?;
        std::str::from_utf8(key_of(self.text(), &range)?).ok()
    }

    /// One of the members that a line has, without quotes and with its escapes.
    pub(super) fn member(
        self,
        pick: impl Fn(&Located) -> &Option<Range<usize>>,
    ) -> Option<&'b [u8]> {
        let range = pick(self.entry.found.as_ref()?).clone()?;
        self.text().get(range)
    }
}
