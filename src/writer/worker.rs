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
    pub(super) retry: RetryState,
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
        let mut abandoned = 0;
        while let Some(batch) = queue.take(&mut block) {
            // Once lines were given up, nothing more is written: the sink may have a part of a line.
            let lost = if abandoned == 0 {
                self.write_block(queue, &mut block, &batch)
            } else {
                batch.lines
            };
            block.clear();
            abandoned += lost;
            queue.record_done(&batch, lost, abandoned == 0);
        }
        let Self { sink, reporter, .. } = self;
        // Dropping the sink may run code that panics, such as writing the end of a compressed stream.
        let _ = catch_panic(|| {
            drop(sink);
            Ok(())
        });
        if abandoned > 0 && queue.claim_abandonment_report() {
            reporter.report(&Diagnosis::LinesAbandoned { lines: abandoned });
        }
    }

    /// Writes a block, and the line that reports losses since the block before. Returns how many lines had to be given up.
    fn write_block(&mut self, queue: &Queue, block: &mut Vec<u8>, batch: &Batch) -> u64 {
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
            if !self.wait_after_error(queue, error, false) {
                // A line that the sink has taken in part counts as given up.
                let left = block.get(at..accepted).unwrap_or_default();
                let lines = left.iter().filter(|byte| **byte == b'\n').count() as u64;
                // At least one, even if only the line that reports losses is left.
                return lines.clamp(1, batch.lines.max(1));
            }
        }
        while let Err(error) = catch_panic(|| self.sink.flush()) {
            if !self.wait_after_error(queue, error, true) {
                return batch.lines.max(1);
            }
        }
        self.note_recovery();
        0
    }

    /// Reports an error if that is due, and waits. Returns whether to try again.
    fn wait_after_error(&mut self, queue: &Queue, error: io::Error, is_flush: bool) -> bool {
        if error.kind() == io::ErrorKind::Interrupted {
            return queue.wait_to_retry(Duration::ZERO, false);
        }
        // A pipe without a reader never gets one again, so a shutdown does not wait for it.
        let is_gone = error.kind() == io::ErrorKind::BrokenPipe;
        let retry = &mut self.retry;
        let pause = retry.pause.unwrap_or(FIRST_PAUSE);
        retry.pause = Some((pause * 2).min(LONGEST_PAUSE));
        // A full pipe is not an error: its reader is slow.
        if error.kind() != io::ErrorKind::WouldBlock {
            queue.count_error();
            // A flush may return an error once and succeed the next time, so the interval does not apply.
            let is_due = is_flush
                || retry
                    .reported_at
                    .is_none_or(|reported| reported.elapsed() > REPORT_INTERVAL);
            if !retry.is_reported && is_due {
                retry.is_reported = true;
                retry.reported_at = Some(Instant::now());
                self.reporter.report(&Diagnosis::WritesFailing { error });
            }
        }
        queue.wait_to_retry(pause, is_gone)
    }

    fn note_recovery(&mut self) {
        self.retry.pause = None;
        if self.retry.is_reported {
            self.retry.is_reported = false;
            self.reporter.report(&Diagnosis::WritesResumed);
        }
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
