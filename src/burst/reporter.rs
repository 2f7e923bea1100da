use super::pass::Pass;
use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{
            AtomicBool,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread::Thread,
};
use tracing_core::Metadata;

/// Writes the line about a number of lines of a call site that were left out. Runs user code.
pub(crate) type Output = Box<dyn Fn(&'static Metadata<'static>, &Pass<'_>) + Send + Sync>;

/// The state that the [`reporter_thread`](super::reporter_thread) shares with the threads that log.
#[derive(Default)]
pub(super) struct Reporter {
    /// Whether the thread looks at the numbers. Otherwise it sleeps until it is woken, or was not started.
    pub(super) is_awake: AtomicBool,
    /// Whether the layer was dropped.
    is_closed: AtomicBool,
    /// Not set before a line is left out.
    pub(super) output: OnceLock<Output>,
    thread: Mutex<Option<Thread>>,
}

impl Reporter {
    #[inline]
    pub(super) fn is_awake(&self) -> bool {
        self.is_awake.load(SeqCst)
    }

    /// Wakes the thread, or starts it by `start`.
    pub(super) fn wake(&self, start: impl FnOnce() -> Option<Thread>) {
        if self.is_awake.swap(true, SeqCst) {
            return;
        }
        let mut thread = self.thread();
        match &*thread {
            Some(thread) => thread.unpark(),
            None => *thread = start(),
        }
    }

    /// Lets the thread end, without waiting for it.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Relaxed);
        if let Some(thread) = &*self.thread() {
            thread.unpark();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Relaxed)
    }

    fn thread(&self) -> MutexGuard<'_, Option<Thread>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter")
            .field("is_awake", &self.is_awake)
            .finish_non_exhaustive()
    }
}
