use super::Sink;
use crate::{
    stats::Diagnosis,
    writer::{Stats, lost::Lost},
};
use std::{
    io, mem,
    thread::ThreadId,
    time::{Duration, Instant},
};
use tracing_core::Level;

/// Recurring errors are reported at most this often.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Pause after the first error. Each further error doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct State {
    /// `None` while a thread writes, and after a shutdown that has closed the sink.
    pub(super) sink: Option<Box<Sink>>,
    /// The thread that writes.
    pub(super) writing: Option<ThreadId>,
    /// Lines that wait for the sink.
    pub(super) lines: Vec<u8>,
    /// Number of these lines.
    pub(super) count: u64,
    /// Number of these lines that the sink's own code has logged.
    pub(super) lines_of_sink: u64,
    /// Bytes of the sink's block that are not written yet.
    pub(super) block_bytes: usize,
    /// Number of lines in the sink's block.
    pub(super) block_lines: u64,
    /// Number of lost lines that the block reports.
    pub(super) block_lost: u64,
    /// Number of lines handed over, accepted or lost.
    pub(super) handed_over: u64,
    /// All lines up to this number are written, given up or reported as lost.
    pub(super) done: u64,
    pub(super) lost: Option<Lost>,
    /// Number of threads that wait for progress.
    pub(super) waiting: usize,
    pub(super) failing: Option<Failing>,
    /// A thread has waited in vain for the thread that writes. No further thread waits for it.
    pub(super) is_stuck: bool,
    /// The sink takes lines, but its flush returns an error. Such an error does not stop lines.
    pub(super) is_flush_failing: bool,
    /// When a failing sink was last reported.
    pub(super) reported_at: Option<Instant>,
    /// The sink is closed for good.
    pub(super) is_closed: bool,
    pub(super) stats: Stats,
}

/// State of a sink after a failed write.
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
            lines_of_sink: 0,
            block_bytes: 0,
            block_lines: 0,
            block_lost: 0,
            handed_over: 0,
            done: 0,
            lost: None,
            waiting: 0,
            failing: None,
            is_stuck: false,
            is_flush_failing: false,
            reported_at: None,
            is_closed: false,
            stats: Stats::default(),
        }
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.lines.len() + self.block_bytes
    }

    /// Number of lines that are not written, and of lost lines that no line of the log has reported.
    pub(super) fn unwritten_or_unreported(&self) -> u64 {
        let lost = self.lost.map_or(0, |lost| lost.sum());
        self.count + self.block_lines + self.block_lost + lost
    }

    /// Accepts a line, and returns its number.
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
            self.lost = Some(Lost::add(self.lost.take(), level));
        }
    }

    /// Moves the waiting lines into the sink's block, if the previous block is written.
    pub(super) fn fill(&mut self, sink: &mut Sink) {
        if !sink.is_written() {
            return;
        }
        sink.block.clear();
        sink.written = 0;
        mem::swap(&mut sink.block, &mut self.lines);
        self.block_lines = mem::take(&mut self.count);
        self.lines_of_sink = 0;
        sink.until = self.handed_over;
        if let Some(lost) = self.lost.take() {
            self.block_lost = lost.sum();
            sink.report(&lost);
        }
        self.block_bytes = sink.block.len();
    }

    /// Records the result of writing a block. Returns a diagnosis if one is due.
    pub(super) fn record_result(
        &mut self,
        sink: &mut Sink,
        result: io::Result<()>,
    ) -> Option<Diagnosis> {
        let error = match result {
            Err(error) if !sink.is_written() || error.kind() == io::ErrorKind::BrokenPipe => {
                return self.record_failure(sink, error);
            }
            result => result.err(),
        };
        self.done = sink.until;
        self.stats.written_lines += mem::take(&mut self.block_lines);
        self.block_lost = 0;
        sink.block.clear();
        sink.written = 0;
        let has_recovered = self
            .failing
            .take()
            .is_some_and(|failing| failing.is_reported);
        let Some(error) = error else {
            let has_flush_recovered = mem::take(&mut self.is_flush_failing);
            return (has_recovered || has_flush_recovered).then_some(Diagnosis::WritesResumed);
        };
        self.stats.errors += 1;
        let is_first = !mem::replace(&mut self.is_flush_failing, true);
        is_first.then_some(Diagnosis::WritesFailing { error })
    }

    /// Records an error that stops lines. Returns a diagnosis if none was reported for a while.
    fn record_failure(&mut self, sink: &mut Sink, error: io::Error) -> Option<Diagnosis> {
        self.stats.errors += 1;
        let is_first = self.failing.is_none();
        let is_due = is_first
            && self
                .reported_at
                .is_none_or(|reported| reported.elapsed() > REPORT_INTERVAL);
        if is_due {
            self.reported_at = Some(Instant::now());
        }
        let pause = self
            .failing
            .map_or(FIRST_PAUSE, |failing| failing.pause * 2);
        let pause = pause.min(LONGEST_PAUSE);
        self.failing = Some(Failing {
            pause,
            retry_at: Instant::now() + pause,
            is_reported: is_due || self.failing.is_some_and(|failing| failing.is_reported),
        });
        if error.kind() != io::ErrorKind::BrokenPipe {
            return is_due.then_some(Diagnosis::WritesFailing { error });
        }
        // The pipe has no reader any more, as in `app | head -1`, so these lines can never be read.
        let rest = &sink.block[sink.written..];
        let lines = rest.iter().filter(|byte| **byte == b'\n').count() as u64;
        let lines = lines.min(self.block_lines);
        self.stats.written_lines += self.block_lines - lines;
        self.stats.abandoned += lines + self.count;
        self.done = self.handed_over;
        self.lines.clear();
        self.count = 0;
        self.lines_of_sink = 0;
        self.lost = None;
        self.block_bytes = 0;
        self.block_lines = 0;
        self.block_lost = 0;
        sink.block.clear();
        sink.written = 0;
        is_first.then_some(Diagnosis::OutputClosed { error })
    }
}
