//! The thread that writes.

use super::queue::{OWN_BYTES, Queue, Taken};
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
    pub(super) diagnostics: Diagnostics,
    /// The longest write, if lines are shorter.
    pub(super) block_bytes: usize,
    pub(super) trouble: Trouble,
}

/// Errors of the sink.
#[derive(Default)]
pub(super) struct Trouble {
    pause: Option<Duration>,
    told: Option<Instant>,
    /// The present errors were told, and so is their end.
    is_told: bool,
}

impl<W: Write> Worker<W> {
    pub(super) fn run(mut self, queue: &Queue, capacity: usize) {
        queue.begin(thread::current());
        let mut block = Vec::with_capacity(capacity + OWN_BYTES);
        while let Some(taken) = queue.take(&mut block) {
            let abandoned = self.write_block(queue, &mut block, &taken);
            block.clear();
            queue.done(&taken, abandoned);
            if abandoned > 0 {
                self.diagnostics
                    .tell(&Diagnosis::LinesAbandoned { lines: abandoned });
            }
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
            match attempt(|| self.sink.write(piece)) {
                Ok(0) => {
                    let error = io::Error::from(io::ErrorKind::WriteZero);
                    if !self.failed(queue, error) {
                        break;
                    }
                }
                Ok(written) => {
                    let written = written.min(piece.len());
                    at += written;
                    queue.wrote(written);
                    self.trouble.pause = None;
                }
                Err(error) => {
                    if !self.failed(queue, error) {
                        break;
                    }
                }
            }
        }
        while at == block.len()
            && let Err(error) = attempt(|| self.sink.flush())
        {
            if !self.failed(queue, error) {
                return taken.lines;
            }
        }
        if at == block.len() {
            self.recovered();
        }
        // A line of which the sink has a part is not whole.
        let left = block.get(at..accepted).unwrap_or_default();
        left.iter().filter(|byte| **byte == b'\n').count() as u64
    }

    /// Waits after an error; whether to try again.
    fn failed(&mut self, queue: &Queue, error: io::Error) -> bool {
        if error.kind() == io::ErrorKind::Interrupted {
            return true;
        }
        let trouble = &mut self.trouble;
        let pause = trouble.pause.unwrap_or(FIRST_PAUSE);
        trouble.pause = Some((pause * 2).min(LONGEST_PAUSE));
        // A pipe that is full is no failure: its reader is slow.
        if error.kind() != io::ErrorKind::WouldBlock {
            queue.count_error();
            if !trouble.is_told && trouble.told.is_none_or(|told| told.elapsed() > TOLD_EVERY) {
                trouble.is_told = true;
                trouble.told = Some(Instant::now());
                self.diagnostics.tell(&Diagnosis::WritesFailing { error });
            }
        }
        queue.wait_to_retry(pause)
    }

    fn recovered(&mut self) {
        self.trouble.pause = None;
        if self.trouble.is_told {
            self.trouble.is_told = false;
            self.diagnostics.tell(&Diagnosis::WritesResumed);
        }
    }
}

/// Runs the sink's code; its panic is an error.
fn attempt<T>(run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
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
