//! What those do who flush and shut down.

use super::{
    Queue,
    state::{State, Worker},
};
use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

/// So long a worker has that was told to give up: it is there at once, unless the sink blocks it.
const LAST_WORDS: Duration = Duration::from_millis(100);

impl Queue {
    /// Waits until everything is written and flushed that was handed over before, and what was lost is told.
    ///
    /// # Errors
    ///
    /// How many bytes are left, where the time was not enough.
    pub(in crate::writer) fn flush(&self, timeout: Duration) -> Result<(), usize> {
        let begin = Instant::now();
        let until = self.lock().handed_over;
        let is_flushed = self.wait(begin, timeout, |state| {
            state.wanted = state.wanted.max(until);
            state.flushed >= until
        });
        let mut state = self.lock();
        state.stats.last_flush = Some(begin.elapsed());
        if is_flushed {
            Ok(())
        } else {
            Err(state.waiting_bytes())
        }
    }

    /// Waits for what the worker does, unless it has ended; whether it has come.
    fn wait(&self, begin: Instant, timeout: Duration, is_so: impl Fn(&mut State) -> bool) -> bool {
        let mut state = self.lock();
        loop {
            if is_so(&mut state) {
                return true;
            }
            if state.worker == Worker::Ended {
                return false;
            }
            self.unpark();
            let left = timeout.saturating_sub(begin.elapsed());
            if left.is_zero() || self.is_fork() || self.is_worker() {
                return false;
            }
            state = self
                .progress
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Accepts nothing any more, and lets the worker write what is there within the time.
    ///
    /// # Errors
    ///
    /// How many bytes are left, where the time was not enough: they are given up.
    pub(in crate::writer) fn close(&self, timeout: Duration) -> Result<(), usize> {
        let begin = Instant::now();
        self.lock().is_closed = true;
        self.room.notify_all();
        let flushed = self.flush(timeout);
        self.wait(begin, timeout, |_| false);
        self.lock().is_abandoned = true;
        self.unpark();
        flushed
    }

    /// Lets the worker, which was told to give up, tell what; how many lines to tell in its place, where it does not come to it.
    pub(in crate::writer) fn abandoned_untold(&self) -> Option<u64> {
        self.wait(Instant::now(), LAST_WORDS, |_| false);
        let mut state = self.lock();
        let lines = state.count + state.writing_lines;
        let is_mine = state.worker != Worker::Ended && lines > 0 && !state.is_abandonment_told;
        state.is_abandonment_told |= is_mine;
        is_mine.then_some(lines)
    }
}
