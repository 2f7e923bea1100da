use super::{beginning::Beginning, line_text::LineText};
use crate::trace::source_prefix;
use std::collections::VecDeque;

/// The head of a record is looked for in so much text before a line. A search by an index reads this much too.
pub(super) const LEAD_BYTES: u64 = 64 << 10;

/// The lines before a line, one of which may begin the record that the line belongs to.
#[derive(Default)]
pub(super) struct RecentLines(VecDeque<RecentLine>);

struct RecentLine {
    offset: u64,
    raw: Vec<u8>,
    prefix: Vec<u8>,
    beginning: Beginning,
    is_cut: bool,
}

/// The first line of a record, and the lines between it and another one of the record.
pub(super) struct Head {
    pub(super) offset: u64,
    pub(super) raw: Vec<u8>,
    pub(super) prefix: Vec<u8>,
    pub(super) beginning: Beginning,
    pub(super) is_cut: bool,
    pub(super) between: Vec<Vec<u8>>,
}

impl RecentLines {
    /// The lines of a text that begins at an offset.
    pub(super) fn of(text: &[u8], offset: u64) -> Self {
        let mut lines = Self::default();
        let mut at = offset;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            lines.push(&LineText::plain(at, line));
            at += line.len() as u64;
        }
        lines
    }

    pub(super) fn push(&mut self, line: &LineText<'_>) {
        let (prefix, text) = line.text.split_at(source_prefix(&line.text));
        let beginning = Beginning::of(text);
        if Self::ends_at(line) {
            self.clear();
        }
        let is_far = |first: &RecentLine| first.offset + LEAD_BYTES < line.offset;
        while self.0.front().is_some_and(is_far) {
            self.0.pop_front();
        }
        self.0.push_back(RecentLine {
            offset: line.offset,
            raw: line.raw.to_vec(),
            prefix: prefix.to_vec(),
            beginning,
            is_cut: line.is_cut,
        });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether no line after this one belongs to a record before it.
    pub(super) fn ends_at(line: &LineText<'_>) -> bool {
        let is_head = || {
            matches!(
                Beginning::of(&line.text),
                Beginning::Object | Beginning::Time
            )
        };
        source_prefix(&line.text) == 0 && is_head()
    }

    /// Whether a line does not begin a record.
    pub(super) fn is_needed(line: &LineText<'_>) -> bool {
        let (_, text) = line.text.split_at(source_prefix(&line.text));
        Beginning::of(text) == Beginning::Indented
    }

    /// Returns the head of the record that a line belongs to, if the line does not begin one. It is the nearest line before it that begins
    /// with a time, or else the nearest one that is not indented.
    pub(super) fn head_of(&mut self, line: &LineText<'_>) -> Option<Head> {
        if !Self::is_needed(line) {
            return None;
        }
        let (prefix, _) = line.text.split_at(source_prefix(&line.text));
        let mut head = None;
        for (at, recent) in self.0.iter().enumerate().rev() {
            if recent.offset + LEAD_BYTES < line.offset {
                break;
            }
            if recent.prefix != prefix {
                match recent.prefix.is_empty() || prefix.is_empty() {
                    true => break,
                    false => continue,
                }
            }
            match recent.beginning {
                Beginning::Time => {
                    head = Some(at);
                    break;
                }
                Beginning::Object => break,
                Beginning::Other => head = head.or(Some(at)),
                Beginning::Indented => {}
            }
        }
        let mut record = self.0.drain(head?..);
        let RecentLine {
            offset,
            raw,
            beginning,
            is_cut,
            ..
        } = record.next()?;
        let between = record.filter(|recent| recent.prefix == prefix);
        Some(Head {
            offset,
            raw,
            prefix: prefix.to_vec(),
            beginning,
            is_cut,
            between: between.map(|recent| recent.raw).collect(),
        })
    }
}
