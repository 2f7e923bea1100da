use super::file_lines::FileLines;
use crate::search::{Collector, Pending, Taken, Wanted};
use log_files::Stream;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// A copy has the same bytes before the place up to which its original was read.
const TAIL_BYTES: usize = 256;

/// Lines that belong to the last line arrive within this time.
const FOLLOWING_LINES: Duration = Duration::from_millis(500);

/// The text of a file that was read so far.
pub(super) struct Contents {
    /// How much of it was read.
    pub(super) offset: u64,
    /// Its first bytes.
    pub(super) head: Vec<u8>,
    /// The last bytes before the offset.
    pub(super) tail: Vec<u8>,
    lines: FileLines,
    pending: Pending,
    grown: Instant,
}

impl Contents {
    /// Text that will be read from an offset on, with the bytes before it.
    pub(super) fn from(offset: u64, before: &[u8]) -> Self {
        let mut contents = Self {
            offset,
            head: Vec::new(),
            tail: Vec::new(),
            lines: FileLines::Unknown(offset),
            pending: Pending::default(),
            grown: Instant::now(),
        };
        contents.keep_tail(before);
        contents
    }

    /// Divides the next text into lines, and calls `sink` with those that are wanted.
    pub(super) fn push<W: Wanted>(&mut self, text: &[u8], wanted: &W, sink: &mut dyn FnMut(Taken)) {
        self.offset += text.len() as u64;
        self.grown = Instant::now();
        self.keep_tail(text);
        let pending = std::mem::take(&mut self.pending);
        let mut collector = Collector::resume(wanted, sink, pending);
        self.lines.push(text, |line| collector.consider(line));
        self.pending = collector.suspend();
    }

    /// Gives the last line to `sink`.
    pub(super) fn flush<W: Wanted>(
        &mut self,
        path: &Arc<Path>,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) {
        let mut sink = |taken| sink(path, taken);
        let pending = std::mem::take(&mut self.pending);
        let mut collector = Collector::resume(wanted, &mut sink, pending);
        collector.close(Stream::Stdout);
        collector.close(Stream::Stderr);
    }

    /// Whether no lines that belong to the last one have arrived for a while.
    pub(super) fn is_quiet(&self) -> bool {
        self.grown.elapsed() >= FOLLOWING_LINES
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether a text with this head may begin like this one.
    pub(super) fn may_begin_with(&self, head: &[u8]) -> bool {
        let length = head.len().min(self.head.len());
        length > 0 && head.get(..length) == self.head.get(..length)
    }

    fn keep_tail(&mut self, text: &[u8]) {
        self.tail.extend(last(text));
        self.tail = last(&self.tail).to_vec();
    }
}

fn last(bytes: &[u8]) -> &[u8] {
    let from = bytes.len().saturating_sub(TAIL_BYTES);
    bytes.get(from..).unwrap_or_default()
}
