//! What the worker does.

use super::{
    Queue,
    state::{Taken, Worker},
};
use std::{
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// So long lines gather while more come.
const NAP: Duration = Duration::from_millis(10);

/// After so many naps without a line the worker goes to sleep.
const NAPS: u32 = 100;

impl Queue {
    /// Says which thread the worker is.
    pub(in crate::writer) fn begin(&self, worker: Thread) {
        // It is the same each time.
        let _ = self.worker.set(worker);
    }

    /// Waits for lines and takes them, in exchange for an empty buffer; `None` when there will be none.
    pub(in crate::writer) fn take(&self, empty: &mut Vec<u8>) -> Option<Taken> {
        let mut naps = 0;
        loop {
            let mut state = self.lock();
            let is_urgent = naps > 0
                || self.is_much(&state)
                || state.wanted > state.flushed
                || state.waiting > 0
                || state.is_closed;
            if is_urgent && (!state.lines.is_empty() || state.lost.is_some()) {
                return Some(state.take(empty));
            }
            if state.is_closed {
                return None;
            }
            let sleeps = naps >= NAPS && state.lines.is_empty();
            state.worker = if sleeps { Worker::Sleeps } else { Worker::Naps };
            drop(state);
            if sleeps {
                thread::park();
            } else {
                thread::park_timeout(NAP);
            }
            self.lock().worker = Worker::Works;
            naps += 1;
        }
    }

    /// Notes that so many bytes of what was taken are written.
    pub(in crate::writer) fn wrote(&self, bytes: usize) {
        let mut state = self.lock();
        // The worker's own line comes last, and is not counted.
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

    /// Notes that what was taken is written and flushed, all but the lines that are given up; and whether all is, so far.
    pub(in crate::writer) fn done(&self, taken: &Taken, abandoned: u64, is_whole: bool) {
        let mut state = self.lock();
        state.writing = 0;
        state.writing_lines = 0;
        state.stats.written_lines += taken.lines.saturating_sub(abandoned);
        state.stats.abandoned += abandoned.min(taken.lines);
        if is_whole {
            state.flushed = taken.until;
        }
        drop(state);
        self.progress.notify_all();
    }

    /// Notes that the worker is gone; what it has not taken is given up.
    pub(in crate::writer) fn end(&self) {
        let mut state = self.lock();
        state.worker = Worker::Ended;
        state.is_closed = true;
        state.stats.abandoned += state.count + state.writing_lines;
        state.count = 0;
        state.writing_lines = 0;
        drop(state);
        self.progress.notify_all();
        self.room.notify_all();
    }

    /// Whether nobody has told yet what was given up.
    pub(in crate::writer) fn may_tell_abandoned(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_abandonment_told, true)
    }

    pub(in crate::writer) fn count_error(&self) {
        self.lock().stats.errors += 1;
    }

    /// Waits before another attempt; whether there shall be one. Where the sink `is_gone` for good there is none once the shutdown
    /// has begun.
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
