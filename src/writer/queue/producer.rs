//! The side of the threads that log.

use super::{
    Queue,
    state::{State, WorkerState},
};
use crate::writer::{line_buffer::AcceptLine, overflow::Overflow};
use std::{
    sync::{MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tracing_core::Level;

/// With this many bytes to write, the worker is woken from a nap.
const WAKE_BYTES: usize = 256 * 1024;

impl AcceptLine for Queue {
    /// Accepts a line, or counts it as lost.
    #[inline]
    fn accept(&self, level: Level, line: &[u8]) {
        let mut state = self.lock();
        if state.is_closed || !self.fits(&state, level, line) {
            drop(state);
            self.wait_or_lose(level, line);
        } else {
            state.push(line);
            self.wake_if_due(state);
        }
    }
}

impl Queue {
    #[inline]
    fn fits(&self, state: &State, level: Level, line: &[u8]) -> bool {
        let room = self.overflow.share(level, self.capacity);
        state.waiting_bytes() + line.len() <= room
    }

    #[inline]
    fn wake_if_due(&self, mut state: MutexGuard<'_, State>) {
        let is_due = match state.worker {
            WorkerState::Working | WorkerState::Ended => false,
            WorkerState::Napping => self.has_many_bytes(&state),
            WorkerState::Sleeping => true,
        };
        if is_due {
            state.worker = WorkerState::Working;
            drop(state);
            self.unpark();
        }
    }

    #[inline]
    pub(super) fn has_many_bytes(&self, state: &State) -> bool {
        state.lines.len() >= WAKE_BYTES.min(self.capacity / 4)
    }

    /// Waits for room if [`Overflow::Block`] asks for it.
    #[cold]
    fn wait_or_lose(&self, level: Level, line: &[u8]) {
        let mut state = self.lock();
        let limit = match self.overflow {
            Overflow::Drop => Duration::ZERO,
            Overflow::Block { limit } => limit,
        };
        let until = Instant::now().checked_add(limit);
        let can_wait =
            !limit.is_zero() && line.len() <= self.capacity && !self.is_worker() && !self.is_fork();
        loop {
            if !state.is_closed && self.fits(&state, level, line) {
                state.push(line);
                return self.wake_if_due(state);
            }
            let left = match until {
                Some(until) => until.saturating_duration_since(Instant::now()),
                None => limit,
            };
            if state.is_closed || state.is_stuck || !can_wait || left.is_zero() {
                state.is_stuck |= can_wait && left.is_zero();
                state.lose(level);
                // The worker reports the loss.
                return self.wake_if_due(state);
            }
            state.waiting += 1;
            self.unpark();
            state = self
                .room
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.waiting -= 1;
        }
    }
}
