use crate::writer::{Stats, lost::Lost};
use std::mem;
use tracing_core::Level;

pub(super) struct State {
    /// Lines that the worker has not taken yet.
    pub(super) lines: Vec<u8>,
    /// Number of these lines.
    pub(super) count: u64,
    /// Bytes of the current batch that are not written yet.
    pub(super) writing: usize,
    /// Lines of the current batch.
    pub(super) writing_lines: u64,
    /// Lost lines that the current batch reports.
    pub(super) writing_lost: u64,
    pub(super) worker: WorkerState,
    pub(super) lost: Option<Lost>,
    /// A line has waited for room in vain, and nothing has been written since.
    pub(super) is_stuck: bool,
    /// Number of threads that wait for room.
    pub(super) waiting: usize,
    /// Number of lines handed over before the shutdown, accepted or lost.
    pub(super) handed_over: u64,
    /// All lines up to this number must be written without delay.
    pub(super) flush_requested: u64,
    /// All lines up to this number are written and flushed, or reported as lost.
    pub(super) flushed: u64,
    /// No line is accepted any more.
    pub(super) is_closed: bool,
    /// The worker must give up.
    pub(super) is_abandoned: bool,
    /// The lines that were given up are reported, or are being reported.
    pub(super) is_abandonment_reported: bool,
    pub(super) stats: Stats,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerState {
    Working,
    /// Waits for a short time and then looks for lines.
    Napping,
    /// Waits until it is woken.
    Sleeping,
    Ended,
}

/// Lines that the worker has taken, and the losses to report after them.
pub(in crate::writer) struct Batch {
    pub(in crate::writer) lines: u64,
    /// All lines up to this number are written and flushed when the batch is done.
    pub(in crate::writer) until: u64,
    pub(in crate::writer) lost: Option<Lost>,
}

impl Batch {
    /// Number of lost lines that the batch reports.
    pub(in crate::writer) fn lost_lines(&self) -> u64 {
        self.lost.map_or(0, |lost| lost.sum())
    }
}

impl State {
    pub(super) fn new(lines: Vec<u8>) -> Self {
        Self {
            lines,
            count: 0,
            writing: 0,
            writing_lines: 0,
            writing_lost: 0,
            worker: WorkerState::Working,
            lost: None,
            is_stuck: false,
            waiting: 0,
            handed_over: 0,
            flush_requested: 0,
            flushed: 0,
            is_closed: false,
            is_abandoned: false,
            is_abandonment_reported: false,
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
        // After the shutdown, no line can report the loss.
        if !self.is_closed {
            self.lost = Some(Lost::add(self.lost.take(), level));
            self.handed_over += 1;
        }
        self.stats.lost.add(level);
    }

    /// Takes all lines, in exchange for an empty buffer.
    pub(super) fn take(&mut self, empty: &mut Vec<u8>) -> Batch {
        mem::swap(&mut self.lines, empty);
        self.writing = empty.len();
        self.writing_lines = self.count;
        self.writing_lost = self.lost.map_or(0, |lost| lost.sum());
        Batch {
            lines: mem::take(&mut self.count),
            until: self.handed_over,
            lost: self.lost.take(),
        }
    }
}
