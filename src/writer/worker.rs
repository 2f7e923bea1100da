//! The thread of a `Background`.

use super::{
    queue::{Batch, Queue},
    reporter::Reporter,
};
use crate::{layer::OwnLines, stats::Diagnosis};
use std::{
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

/// Pause after the first error. Each further error doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Recurring errors are reported at most this often.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

pub(super) struct Worker<W> {
    pub(super) sink: W,
    pub(super) own: OwnLines,
    pub(super) reporter: Reporter,
    /// Maximum length of a write, unless a single line is longer.
    pub(super) block_bytes: usize,
    /// Whether lines are dropped while the sink has no reader. Otherwise they wait for one.
    pub(super) drops_unread: bool,
    pub(super) retry: RetryState,
}

/// Accepted lines of a batch that are not written.
struct Unwritten {
    lines: u64,
    reason: Reason,
}

#[derive(Clone, Copy)]
enum Reason {
    /// The sink has no reader, so the lines are dropped.
    NoReader,
    /// The shutdown does not wait any longer, so the lines are given up.
    Shutdown,
}

/// Records that the worker has ended, even if it panics, so that no thread waits for it.
struct EndOnDrop<'q>(&'q Queue);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.record_end();
    }
}

/// Errors of the sink since its last success.
#[derive(Default)]
pub(super) struct RetryState {
    /// Pause after the next error.
    pause: Option<Duration>,
    reported_at: Option<Instant>,
    /// Whether the current errors were reported. Then the recovery is reported too.
    is_reported: bool,
}

impl<W: Write> Worker<W> {
    pub(super) fn run(mut self, queue: &Queue, capacity: usize) {
        queue.begin(thread::current());
        let _end = EndOnDrop(queue);
        let mut block = Vec::with_capacity(capacity);
        // The lines that are given up, and lost lines that therefore no line reports.
        let mut given_up = None;
        while let Some(batch) = queue.take(&mut block) {
            // Once lines were given up, nothing more is written: the sink may have a part of a line.
            let result = match given_up {
                None => self.write_block(queue, &mut block, &batch),
                Some(_) => Err(Unwritten {
                    lines: batch.lines,
                    reason: Reason::Shutdown,
                }),
            };
            block.clear();
            match result {
                Ok(()) => queue.record_done(&batch, 0, true),
                Err(unwritten) => {
                    let is_given_up = matches!(unwritten.reason, Reason::Shutdown);
                    if is_given_up {
                        *given_up.get_or_insert(0) += unwritten.lines + batch.lost_lines();
                    }
                    queue.record_done(&batch, unwritten.lines, !is_given_up);
                }
            }
        }
        let Self { sink, reporter, .. } = self;
        // Dropping the sink may run code that panics, such as writing the end of a compressed stream.
        let _ = catch_panic(|| {
            drop(sink);
            Ok(())
        });
        if let Some(lines) = given_up
            && queue.claim_abandonment_report()
        {
            reporter.report(&Diagnosis::LinesAbandoned { lines });
        }
    }

    /// Writes a block, and the line that reports losses since the block before.
    fn write_block(
        &mut self,
        queue: &Queue,
        block: &mut Vec<u8>,
        batch: &Batch,
    ) -> Result<(), Unwritten> {
        let accepted = block.len();
        if let Some(lost) = batch.lost {
            lost.push(block, &mut self.own);
        }
        let mut at = 0;
        while at < block.len() {
            let piece = &block[at..end_of_piece(block, at, self.block_bytes)];
            let error = match catch_panic(|| self.sink.write(piece)) {
                Ok(0) => io::ErrorKind::WriteZero.into(),
                Ok(written) => {
                    let written = written.min(piece.len());
                    at += written;
                    queue.record_written(written);
                    self.retry.pause = None;
                    continue;
                }
                Err(error) => error,
            };
            self.wait_after_error(queue, error, false)
                .map_err(|reason| {
                    // A line that the sink has taken in part is not written.
                    let left = block.get(at..accepted).unwrap_or_default();
                    let lines = left.iter().filter(|byte| **byte == b'\n').count() as u64;
                    let lines = lines.max(u64::from(!left.is_empty())).min(batch.lines);
                    Unwritten { lines, reason }
                })?;
        }
        while let Err(error) = catch_panic(|| self.sink.flush()) {
            self.wait_after_error(queue, error, true)
                .map_err(|reason| {
                    let lines = match reason {
                        Reason::NoReader => 0,
                        Reason::Shutdown => batch.lines,
                    };
                    Unwritten { lines, reason }
                })?;
        }
        self.note_recovery();
        Ok(())
    }

    /// Reports an error if that is due, and waits before another attempt.
    ///
    /// # Errors
    ///
    /// If there is to be no other attempt.
    fn wait_after_error(
        &mut self,
        queue: &Queue,
        error: io::Error,
        is_flush: bool,
    ) -> Result<(), Reason> {
        let kind = error.kind();
        if kind == io::ErrorKind::Interrupted {
            return again_or_shutdown(queue.wait_to_retry(Duration::ZERO, false));
        }
        // A pipe without a reader never gets one again, so a shutdown does not wait for it.
        let is_gone = kind == io::ErrorKind::BrokenPipe;
        // A full pipe is not an error: its reader is slow.
        if kind != io::ErrorKind::WouldBlock {
            queue.count_error();
            self.report_error(error, is_flush);
        }
        if is_gone && self.drops_unread {
            return Err(Reason::NoReader);
        }
        let pause = self.retry.pause.unwrap_or(FIRST_PAUSE);
        self.retry.pause = Some((pause * 2).min(LONGEST_PAUSE));
        again_or_shutdown(queue.wait_to_retry(pause, is_gone))
    }

    /// Reports an error of the sink, unless one was reported since the sink last worked.
    fn report_error(&mut self, error: io::Error, is_flush: bool) {
        let is_closed = self.drops_unread && error.kind() == io::ErrorKind::BrokenPipe;
        // A flush may return an error once and succeed the next time, so the interval does not apply.
        let is_due = is_flush
            || is_closed
            || self
                .retry
                .reported_at
                .is_none_or(|reported| reported.elapsed() > REPORT_INTERVAL);
        if self.retry.is_reported || !is_due {
            return;
        }
        self.retry.is_reported = true;
        self.retry.reported_at = Some(Instant::now());
        self.reporter.report(&match is_closed {
            true => Diagnosis::OutputClosed { error },
            false => Diagnosis::WritesFailing { error },
        });
    }

    fn note_recovery(&mut self) {
        self.retry.pause = None;
        if self.retry.is_reported {
            self.retry.is_reported = false;
            self.reporter.report(&Diagnosis::WritesResumed);
        }
    }
}

fn again_or_shutdown(tries_again: bool) -> Result<(), Reason> {
    if tries_again {
        Ok(())
    } else {
        Err(Reason::Shutdown)
    }
}

/// Runs code of the sink, and turns its panic into an error.
pub(super) fn catch_panic<T>(run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(io::Error::other("the sink panicked")))
}

/// Returns the end of the piece that begins at `at`: after as many whole lines as fit, or after one line that is longer.
fn end_of_piece(block: &[u8], at: usize, longest: usize) -> usize {
    let rest = &block[at..];
    if rest.len() <= longest {
        return block.len();
    }
    let is_end = |byte: &u8| *byte == b'\n';
    let (fitting, beyond) = rest.split_at(longest);
    match fitting.iter().rposition(is_end) {
        Some(last) => at + last + 1,
        None => match beyond.iter().position(is_end) {
            Some(first) => at + longest + first + 1,
            None => block.len(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::end_of_piece;

    #[test]
    fn a_piece_has_as_many_whole_lines_as_fit_or_one_longer_line() {
        let block = b"ab\ncdef\ng\n";
        for (at, longest, end) in [
            (0, 100, 10),
            (0, 10, 10),
            (0, 9, 8),
            (0, 8, 8),
            (0, 7, 3),
            (0, 3, 3),
            (0, 2, 3),
            (3, 1, 8),
            (4, 2, 8),
            (8, 1, 10),
        ] {
            assert_eq!(end_of_piece(block, at, longest), end, "{at} {longest}");
        }
        assert_eq!(end_of_piece(b"abc", 0, 2), 3);
    }
}
