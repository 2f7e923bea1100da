//! The lines between those who log and the thread that writes.
//!
//! Producers append to one buffer under a lock that nobody holds for longer than a copy takes; the worker takes the whole of it
//! and leaves an empty one in its place. Both have their memory from the beginning, so that a line allocates nothing.
//!
//! A wake-up is a system call, so it is made where it is worth one: the worker naps while lines come, and looks for itself. It
//! is woken from a nap when it has much to do, and when somebody waits; and when the first line comes after it went to sleep.

mod accepting;
mod state;
mod taking;
mod waiting;

use self::state::State;
pub(super) use self::state::Taken;
use super::{Stats, overflow::Overflow};
use std::{
    fmt, process,
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, Thread},
};

/// Lines by the worker itself, beyond the capacity.
pub(super) const OWN_BYTES: usize = 1024;

pub(super) struct Queue {
    state: Mutex<State>,
    /// There is room again.
    room: Condvar,
    /// Something was written, or the worker has ended.
    progress: Condvar,
    worker: OnceLock<Thread>,
    capacity: usize,
    overflow: Overflow,
    /// Whose worker it is: a fork has none.
    process: u32,
}

impl Queue {
    /// With a buffer that has at least this capacity.
    pub(super) fn new(lines: Vec<u8>, capacity: usize, overflow: Overflow) -> Self {
        Self {
            state: Mutex::new(State::new(lines)),
            room: Condvar::new(),
            progress: Condvar::new(),
            worker: OnceLock::new(),
            capacity,
            overflow,
            process: process::id(),
        }
    }

    /// As it is in a child that was forked: the memory is there, the thread is not.
    #[cfg(test)]
    pub(super) fn forked(mut self) -> Self {
        self.process = process::id() + 1;
        self
    }

    pub(super) fn stats(&self) -> Stats {
        let state = self.lock();
        Stats {
            waiting_bytes: state.waiting_bytes() as u64,
            ..state.stats
        }
    }

    /// Whether this process was forked from the one whose worker it is. Asks the operating system.
    pub(super) fn is_fork(&self) -> bool {
        self.process != process::id()
    }

    fn is_worker(&self) -> bool {
        let worker = self.worker.get();
        worker.is_some_and(|worker| worker.id() == thread::current().id())
    }

    fn unpark(&self) {
        if let Some(worker) = self.worker.get() {
            worker.unpark();
        }
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Queue").field(&self.stats()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::pieces::Accept as _;
    use std::time::{Duration, Instant};
    use tracing_core::Level;

    #[test]
    fn in_a_forked_process_nobody_waits_and_a_flush_fails_at_once() {
        let limit = Duration::from_secs(600);
        let queue = Queue::new(Vec::new(), 1024, Overflow::Block { limit }).forked();
        let begin = Instant::now();
        queue.accept(Level::INFO, &[b'x'; 1000]);
        queue.accept(Level::INFO, &[b'x'; 1000]);
        assert_eq!(queue.stats().lost(Level::INFO), 1);
        assert_eq!(queue.flush(limit), Err(1000));
        assert_eq!(queue.close(limit), Err(1000));
        assert!(begin.elapsed() < limit);
    }
}
