//! Flushing and shutting down.

use super::{
    Queue,
    state::{State, WorkerState},
};
use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

/// Time for a worker that must give up to report it. It does so at once, unless the sink blocks it.
const ABANDONMENT_GRACE: Duration = Duration::from_millis(100);

impl Queue {
    /// Waits until all lines that were handed over before the call are written and flushed, or reported as lost.
    ///
    /// # Errors
    ///
    /// If the timeout was too short, returns how many bytes are left.
    pub(in crate::writer) fn flush(&self, timeout: Duration) -> Result<(), usize> {
        let begin = Instant::now();
        let until = self.lock().handed_over;
        let is_flushed = self.wait(begin, timeout, |state| {
            state.flush_requested = state.flush_requested.max(until);
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

    /// Waits until a condition holds, the worker has ended or the timeout is over. Returns whether the condition holds.
    fn wait(
        &self,
        begin: Instant,
        timeout: Duration,
        condition: impl Fn(&mut State) -> bool,
    ) -> bool {
        let mut state = self.lock();
        loop {
            if condition(&mut state) {
                return true;
            }
            if state.worker == WorkerState::Ended {
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

    /// Stops accepting lines, and waits until the worker has written those that are left.
    ///
    /// # Errors
    ///
    /// If the timeout was too short, returns how many bytes are left. They are given up.
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

    /// Waits a moment for the worker to report the lines that it gives up. If the sink blocks the worker, returns the number of lines, and
    /// the caller has to report them. Lines that were lost earlier count if no line of the log has reported them.
    pub(in crate::writer) fn unreported_abandoned(&self) -> Option<u64> {
        self.wait(Instant::now(), ABANDONMENT_GRACE, |_| false);
        let mut state = self.lock();
        let lost = state.lost.map_or(0, |lost| lost.sum());
        let lines = state.count + state.writing_lines + state.writing_lost + lost;
        let is_mine =
            state.worker != WorkerState::Ended && lines > 0 && !state.is_abandonment_reported;
        state.is_abandonment_reported |= is_mine;
        is_mine.then_some(lines)
    }
}
