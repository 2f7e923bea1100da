use crate::writer::{Stats, lost::Lost};
use std::mem;
use tracing_core::Level;

pub(super) struct State {
    pub(super) lines: Vec<u8>,
    /// How many lines that is.
    pub(super) count: u64,
    /// How much of what was taken is not written yet, in bytes.
    pub(super) writing: usize,
    /// How many lines were taken with it.
    pub(super) writing_lines: u64,
    pub(super) worker: Worker,
    pub(super) lost: Option<Lost>,
    /// A line has waited for room in vain, and nothing was written since.
    pub(super) is_stuck: bool,
    /// How many threads wait for room.
    pub(super) waiting: usize,
    /// How many lines were handed over before the end, accepted or lost.
    pub(super) handed_over: u64,
    /// All up to this one are to be written without delay.
    pub(super) wanted: u64,
    /// All up to this one are written and flushed, or told as lost.
    pub(super) flushed: u64,
    /// Nothing is accepted any more.
    pub(super) is_closed: bool,
    /// The worker shall try no longer.
    pub(super) is_abandoned: bool,
    /// Somebody was told what was given up, or is being told.
    pub(super) is_abandonment_told: bool,
    pub(super) stats: Stats,
}

/// What the worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worker {
    Works,
    Naps,
    Sleeps,
    Ended,
}

/// What the worker has taken.
pub(in crate::writer) struct Taken {
    pub(in crate::writer) lines: u64,
    /// All lines up to this one are written and flushed when it is done.
    pub(in crate::writer) until: u64,
    pub(in crate::writer) lost: Option<Lost>,
}

impl State {
    pub(super) fn new(lines: Vec<u8>) -> Self {
        Self {
            lines,
            count: 0,
            writing: 0,
            writing_lines: 0,
            worker: Worker::Works,
            lost: None,
            is_stuck: false,
            waiting: 0,
            handed_over: 0,
            wanted: 0,
            flushed: 0,
            is_closed: false,
            is_abandoned: false,
            is_abandonment_told: false,
            stats: Stats::default(),
        }
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.lines.len() + self.writing
    }

    #[inline]
    pub(super) fn push(&mut self, line: &[u8]) {
        self.lines.extend_from_slice(line);
        self.count += 1;
        self.handed_over += 1;
        self.stats.accepted_lines += 1;
        self.stats.accepted_bytes += line.len() as u64;
    }

    pub(super) fn lose(&mut self, level: Level) {
        // After the end nobody is left to tell.
        if !self.is_closed {
            self.lost = Some(Lost::and(self.lost.take(), level));
            self.handed_over += 1;
        }
        self.stats.lost.add(level);
    }

    pub(super) fn take(&mut self, empty: &mut Vec<u8>) -> Taken {
        mem::swap(&mut self.lines, empty);
        self.writing = empty.len();
        self.writing_lines = self.count;
        Taken {
            lines: mem::take(&mut self.count),
            until: self.handed_over,
            lost: self.lost.take(),
        }
    }
}
