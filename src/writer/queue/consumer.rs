//! The side of the worker.

use super::{
    Queue,
    state::{Batch, WorkerState},
};
use std::{
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Time for which lines gather.
const NAP: Duration = Duration::from_millis(10);

/// After this many naps without a line, the worker goes to sleep.
const NAPS: u32 = 100;

impl Queue {
    /// Sets the worker's thread.
    pub(in crate::writer) fn begin(&self, worker: Thread) {
        // The second call sets the same thread.
        let _ = self.worker.set(worker);
    }

    /// Waits for lines and takes them, in exchange for an empty buffer. Returns `None` after the shutdown, when no lines are left.
    pub(in crate::writer) fn take(&self, empty: &mut Vec<u8>) -> Option<Batch> {
        let mut naps = 0;
        loop {
            let mut state = self.lock();
            let is_urgent = naps > 0
                || self.has_many_bytes(&state)
                || state.flush_requested > state.flushed
                || state.waiting > 0
                || state.is_closed;
            if is_urgent && (!state.lines.is_empty() || state.lost.is_some()) {
                return Some(state.take(empty));
            }
            if state.is_closed {
                return None;
            }
            let is_idle = naps >= NAPS && state.lines.is_empty();
            state.worker = if is_idle {
                WorkerState::Sleeping
            } else {
                WorkerState::Napping
            };
            drop(state);
            if is_idle {
                thread::park();
            } else {
                thread::park_timeout(NAP);
            }
            self.lock().worker = WorkerState::Working;
            naps += 1;
        }
    }

    /// Records that bytes of the batch are written.
    pub(in crate::writer) fn record_written(&self, bytes: usize) {
        let mut state = self.lock();
        // The worker's own line comes last and is not counted.
        let bytes = bytes.min(state.writing);
        state.writing -= bytes;
        state.stats.written_bytes += bytes as u64;
        state.is_stuck = false;
        let has_room = state.waiting > 0 && state.waiting_bytes() <= self.capacity / 4 * 3;
        drop(state);
        if has_room {
            self.room.notify_all();
        }
    }

    /// Records that a batch is written and flushed, except for the lines that were given up. `is_complete` says whether a flush that waits
    /// for this batch succeeds.
    pub(in crate::writer) fn record_done(&self, batch: &Batch, abandoned: u64, is_complete: bool) {
        let mut state = self.lock();
        state.writing = 0;
        state.writing_lines = 0;
        state.writing_lost = 0;
        state.stats.written_lines += batch.lines.saturating_sub(abandoned);
        state.stats.abandoned += abandoned.min(batch.lines);
        if is_complete {
            state.flushed = batch.until;
        }
        drop(state);
        self.progress.notify_all();
    }

    /// Records that the worker has ended. Lines that it has not taken are given up.
    pub(in crate::writer) fn record_end(&self) {
        let mut state = self.lock();
        state.worker = WorkerState::Ended;
        state.is_closed = true;
        state.stats.abandoned += state.count + state.writing_lines;
        state.count = 0;
        state.writing_lines = 0;
        drop(state);
        self.progress.notify_all();
        self.room.notify_all();
    }

    /// Returns whether the caller has to report the lines that were given up. Only the first call returns `true`.
    pub(in crate::writer) fn claim_abandonment_report(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_abandonment_reported, true)
    }

    pub(in crate::writer) fn count_error(&self) {
        self.lock().stats.errors += 1;
    }

    /// Waits before another attempt. Returns `false` if there should be none: if the worker must give up, or if the sink `is_gone` for good
    /// and the shutdown has begun.
    pub(in crate::writer) fn wait_to_retry(&self, pause: Duration, is_gone: bool) -> bool {
        let until = Instant::now() + pause;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let state = self.lock();
            if state.is_abandoned || (is_gone && state.is_closed) {
                return false;
            }
            drop(state);
            if left.is_zero() {
                return true;
            }
            thread::park_timeout(left);
        }
    }
}
