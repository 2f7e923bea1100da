use super::{budget::Budget, line::Line};
use std::collections::VecDeque;
use tracing_core::Metadata;

/// The first allocation for the lines of a trace.
const FIRST_BYTES: usize = 512;

/// One entry is allocated for so many bytes of text.
const BYTES_PER_ENTRY: usize = 128;

/// The held lines of one trace, oldest first.
///
/// Its memory grows to the limit of a trace, and is kept for the next trace.
#[derive(Default)]
pub(super) struct HeldLines {
    text: VecDeque<u8>,
    entries: VecDeque<Entry>,
    /// What the memory takes of the budget.
    room: usize,
}

struct Entry {
    metadata: &'static Metadata<'static>,
    /// Nanoseconds since 1970.
    time: i64,
    length: usize,
}

/// A line does not fit into the memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// It is longer than the limit.
    TooLong,
    /// The budget must have so many bytes.
    Budget(usize),
}

impl HeldLines {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The memory that it has, in bytes.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// The time of the oldest line, in nanoseconds since 1970.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.entries.front().map(|entry| entry.time)
    }

    /// Adds a line, and drops the oldest ones if they need more than `limit` together. Returns how many were dropped.
    #[inline]
    pub(super) fn push(
        &mut self,
        line: &Line<'_>,
        limit: usize,
        budget: &Budget,
    ) -> Result<usize, Full> {
        let length = line.text.len();
        let is_roomy = self.text.len() + length <= self.text.capacity()
            && self.entries.len() < self.entries.capacity();
        let mut dropped = 0;
        if !is_roomy {
            dropped = self.make_room(length, limit, budget)?;
        }
        self.text.extend(line.text);
        self.entries.push_back(Entry {
            metadata: line.metadata,
            time: line.time,
            length,
        });
        Ok(dropped)
    }

    #[cold]
    fn make_room(&mut self, length: usize, limit: usize, budget: &Budget) -> Result<usize, Full> {
        if memory(length, 1) > limit {
            return Err(Full::TooLong);
        }
        let mut dropped = 0;
        while memory(self.text.len() + length, self.entries.len() + 1) > limit {
            dropped += usize::from(self.drop_oldest());
        }
        let text = self.text.len() + length;
        let entries = self.entries.len() + 1;
        if text <= self.text.capacity() && entries <= self.entries.capacity() {
            return Ok(dropped);
        }
        let text = text.next_power_of_two().max(FIRST_BYTES);
        let entries = entries.next_power_of_two().max(text / BYTES_PER_ENTRY);
        // Powers of two can exceed the limit, which what is needed does not.
        let (text, entries) = match memory(text, entries) <= limit {
            true => (text, entries),
            false => {
                let entries = self.entries.len() + 1;
                let text = limit.saturating_sub(memory(0, entries + entries / 4));
                match text >= self.text.len() + length {
                    true => (text, entries + entries / 4),
                    false => (self.text.len() + length, entries),
                }
            }
        };
        let text = text.max(self.text.capacity());
        let entries = entries.max(self.entries.capacity());
        // Old and new memory exist together while the lines are moved.
        let wanted = memory(text, entries);
        if !budget.take(wanted) {
            return Err(Full::Budget(wanted));
        }
        self.text.reserve_exact(text - self.text.len());
        self.entries.reserve_exact(entries - self.entries.len());
        budget.give(self.room);
        self.room = wanted;
        Ok(dropped)
    }

    /// Drops the oldest line, if there is one.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = self.entries.pop_front() else {
            return false;
        };
        self.text.drain(..oldest.length);
        true
    }

    /// Drops the lines from before a time. Returns how many.
    pub(super) fn drop_before(&mut self, time: i64) -> usize {
        let before = self.len();
        while self.oldest().is_some_and(|oldest| oldest < time) {
            self.drop_oldest();
        }
        before - self.len()
    }

    /// Drops all lines, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
    }

    /// Calls `write` with each line, in the order of their times.
    pub(super) fn each(&mut self, mut write: impl FnMut(&'static Metadata<'static>, &[u8])) {
        let text = &*self.text.make_contiguous();
        let mut start = 0;
        let mut lines = self.entries.iter().map(|entry| {
            let line = text.get(start..start + entry.length).unwrap_or_default();
            start += entry.length;
            (entry, line)
        });
        if self.entries.iter().is_sorted_by_key(|entry| entry.time) {
            return lines.for_each(|(entry, line)| write(entry.metadata, line));
        }
        // Threads hold their lines in another order than they took the times.
        let mut lines: Vec<_> = lines.by_ref().collect();
        lines.sort_by_key(|(entry, _)| entry.time);
        for (entry, line) in lines {
            write(entry.metadata, line);
        }
    }
}

/// The memory of so many bytes of text and so many entries.
fn memory(text: usize, entries: usize) -> usize {
    text + entries * size_of::<Entry>()
}
