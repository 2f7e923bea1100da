//! The thread that writes.

use super::queue::{Queue, Taken};
use crate::{
    layer::OwnLines,
    stats::{Diagnosis, Diagnostics},
};
use std::{
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

/// The pause after a first error; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Errors that come and go are told no more often than this.
const TOLD_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Worker<W> {
    pub(super) sink: W,
    pub(super) own: OwnLines,
    pub(super) told: Told,
    /// The longest write, if lines are shorter.
    pub(super) block_bytes: usize,
    pub(super) trouble: Trouble,
}

/// Who is told: user code, whose panic stops nothing here.
#[derive(Clone)]
pub(super) struct Told(pub(super) Diagnostics);

impl Told {
    pub(super) fn tell(&self, diagnosis: &Diagnosis) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.0.report(diagnosis)));
    }
}

/// Says that the worker has ended, however it ends.
struct End<'q>(&'q Queue);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Errors of the sink.
#[derive(Default)]
pub(super) struct Trouble {
    pause: Option<Duration>,
    told_at: Option<Instant>,
    /// The present errors were told, and so is their end.
    is_told: bool,
}

impl<W: Write> Worker<W> {
    pub(super) fn run(mut self, queue: &Queue, capacity: usize) {
        queue.begin(thread::current());
        // Also where this thread panics nobody waits for it.
        let _end = End(queue);
        let mut block = Vec::with_capacity(capacity);
        let mut abandoned = 0;
        while let Some(taken) = queue.take(&mut block) {
            // Once something was given up nothing is written any more: it could go on from a half line.
            let lost = if abandoned == 0 {
                self.write_block(queue, &mut block, &taken)
            } else {
                taken.lines
            };
            block.clear();
            abandoned += lost;
            queue.done(&taken, lost, abandoned == 0);
        }
        let Self { sink, told, .. } = self;
        // It may have something to do at its end, such as the end of a compressed stream.
        let _ = attempt(|| {
            drop(sink);
            Ok(())
        });
        if abandoned > 0 && queue.may_tell_abandoned() {
            told.tell(&Diagnosis::LinesAbandoned { lines: abandoned });
        }
    }

    /// Writes a block, and what was lost since the one before; how many lines had to be given up.
    fn write_block(&mut self, queue: &Queue, block: &mut Vec<u8>, taken: &Taken) -> u64 {
        let accepted = block.len();
        if let Some(lost) = taken.lost {
            lost.push(block, &mut self.own);
        }
        let mut at = 0;
        while at < block.len() {
            let piece = &block[at..end_of_piece(block, at, self.block_bytes)];
            let error = match attempt(|| self.sink.write(piece)) {
                Ok(0) => io::ErrorKind::WriteZero.into(),
                Ok(written) => {
                    let written = written.min(piece.len());
                    at += written;
                    queue.wrote(written);
                    self.trouble.pause = None;
                    continue;
                }
                Err(error) => error,
            };
            if !self.failed(queue, error, false) {
                // A line of which the sink has a part is not whole.
                let left = block.get(at..accepted).unwrap_or_default();
                let lines = left.iter().filter(|byte| **byte == b'\n').count() as u64;
                // At least one, where it is only the line that tells of others.
                return lines.clamp(1, taken.lines.max(1));
            }
        }
        while let Err(error) = attempt(|| self.sink.flush()) {
            if !self.failed(queue, error, true) {
                return taken.lines.max(1);
            }
        }
        self.recovered();
        0
    }

    /// Waits after an error; whether to try again.
    fn failed(&mut self, queue: &Queue, error: io::Error, is_flush: bool) -> bool {
        if error.kind() == io::ErrorKind::Interrupted {
            return queue.wait_to_retry(Duration::ZERO, false);
        }
        // The reader of a pipe does not come back: a shutdown does not wait for it.
        let is_gone = error.kind() == io::ErrorKind::BrokenPipe;
        let trouble = &mut self.trouble;
        let pause = trouble.pause.unwrap_or(FIRST_PAUSE);
        trouble.pause = Some((pause * 2).min(LONGEST_PAUSE));
        // A pipe that is full is no failure: its reader is slow.
        if error.kind() != io::ErrorKind::WouldBlock {
            queue.count_error();
            // What a flush says may be said once and stop nothing.
            let is_due = is_flush
                || trouble
                    .told_at
                    .is_none_or(|told| told.elapsed() > TOLD_EVERY);
            if !trouble.is_told && is_due {
                trouble.is_told = true;
                trouble.told_at = Some(Instant::now());
                self.told.tell(&Diagnosis::WritesFailing { error });
            }
        }
        queue.wait_to_retry(pause, is_gone)
    }

    fn recovered(&mut self) {
        self.trouble.pause = None;
        if self.trouble.is_told {
            self.trouble.is_told = false;
            self.told.tell(&Diagnosis::WritesResumed);
        }
    }
}

/// Runs the sink's code; its panic is an error.
pub(super) fn attempt<T>(run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(io::Error::other("the sink panicked")))
}

/// Where to end what begins at `at`: behind as many whole lines as fit, or behind one that is longer.
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
    fn a_piece_is_as_many_whole_lines_as_fit_or_one_that_is_longer() {
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
