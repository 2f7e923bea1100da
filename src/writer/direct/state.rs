use super::Sink;
use crate::writer::{Stats, lost::Lost};
use std::{
    mem,
    thread::ThreadId,
    time::{Duration, Instant},
};
use tracing_core::Level;

pub(super) struct State {
    /// `None` while a thread writes, and after a shutdown that closed it.
    pub(super) sink: Option<Box<Sink>>,
    /// The thread that writes.
    pub(super) writing: Option<ThreadId>,
    /// Lines that wait for the sink.
    pub(super) lines: Vec<u8>,
    pub(super) count: u64,
    /// How many of them the sink's own code has logged.
    pub(super) of_sink: u64,
    /// Bytes of the block that is with the sink and is not written.
    pub(super) block_bytes: usize,
    /// How many lines were handed over, accepted or lost.
    pub(super) handed_over: u64,
    /// All lines up to this one are written, given up or reported as lost.
    pub(super) done: u64,
    pub(super) lost: Option<Lost>,
    /// How many threads wait for progress.
    pub(super) waiting: usize,
    pub(super) failing: Option<Failing>,
    /// A thread has waited in vain for the one that writes. Nobody waits for that one any more.
    pub(super) is_stuck: bool,
    /// The sink takes lines, and its flush reports an error that stops none.
    pub(super) is_flush_failing: bool,
    /// When a failing sink was last reported.
    pub(super) reported: Option<Instant>,
    /// The sink is gone for good.
    pub(super) is_closed: bool,
    pub(super) stats: Stats,
}

/// The sink's last error is not overcome.
#[derive(Clone, Copy)]
pub(super) struct Failing {
    pub(super) pause: Duration,
    pub(super) retry_at: Instant,
    pub(super) is_reported: bool,
}

impl State {
    pub(super) fn new(sink: Box<Sink>) -> Self {
        Self {
            sink: Some(sink),
            writing: None,
            lines: Vec::new(),
            count: 0,
            of_sink: 0,
            block_bytes: 0,
            handed_over: 0,
            done: 0,
            lost: None,
            waiting: 0,
            failing: None,
            is_stuck: false,
            is_flush_failing: false,
            reported: None,
            is_closed: false,
            stats: Stats::default(),
        }
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.lines.len() + self.block_bytes
    }

    /// Takes a line; its number.
    pub(super) fn push(&mut self, line: &[u8]) -> u64 {
        self.lines.extend_from_slice(line);
        self.count += 1;
        self.handed_over += 1;
        self.stats.accepted_lines += 1;
        self.stats.accepted_bytes += line.len() as u64;
        self.handed_over
    }

    pub(super) fn lose(&mut self, level: Level) {
        self.stats.lost.add(level);
        if !self.is_closed {
            self.handed_over += 1;
            self.lost = Some(Lost::and(self.lost.take(), level));
        }
    }

    /// Puts the lines that wait into the sink's block, once the block before is written.
    pub(super) fn fill(&mut self, sink: &mut Sink) {
        if sink.at < sink.block.len() {
            return;
        }
        sink.block.clear();
        sink.at = 0;
        mem::swap(&mut sink.block, &mut self.lines);
        sink.lines = mem::take(&mut self.count);
        self.of_sink = 0;
        sink.until = self.handed_over;
        if let Some(lost) = self.lost.take() {
            sink.report(&lost);
        }
        self.block_bytes = sink.block.len();
    }
}
