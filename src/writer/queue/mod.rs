//! The queue between the threads that log and the thread that writes.
//!
//! Threads that log append to one buffer. They hold its lock only while they copy a line. The worker swaps that buffer for an empty one.
//! Both buffers are allocated at the start, so that a line allocates nothing.
//!
//! Waking the worker is a system call, so it is done only when it is worth one. While lines keep coming, the worker naps and looks for
//! itself. It is woken from a nap if there are many bytes to write, or if a thread waits. When it sleeps, the next line wakes it.

mod consumer;
mod flush;
mod producer;
mod state;

pub(super) use self::state::Batch;
use self::state::State;
use super::{Stats, overflow::Overflow};
use std::{
    fmt, process,
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, Thread},
};

/// Room for the worker's own line, in addition to the capacity.
pub(super) const OWN_BYTES: usize = 1024;

pub(super) struct Queue {
    state: Mutex<State>,
    /// Notified when there is room again.
    room: Condvar,
    /// Notified when something was written, or when the worker has ended.
    progress: Condvar,
    worker: OnceLock<Thread>,
    capacity: usize,
    overflow: Overflow,
    /// The process that has the worker thread. A forked process has none.
    process: u32,
}

impl Queue {
    /// Returns a queue with this buffer, which must have at least this capacity.
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

    /// Turns the queue into that of a forked process, which has the memory and not the thread.
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

    /// Returns whether this process was forked from the one that has the worker. This is a system call.
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
        // Nothing panics while the lock is held.
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
    use crate::writer::line_buffer::AcceptLine as _;
    use std::time::{Duration, Instant};
    use tracing_core::Level;

    #[test]
    fn in_a_forked_process_no_thread_waits_and_a_flush_fails_at_once() {
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
