//! The lifecycle of a span: its times, and its lines that wait for the span's ids.

use super::closing::Times;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

/// Which lines of a span's lifecycle are written.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::layer) struct LifecycleLines {
    pub(in crate::layer) new: bool,
    pub(in crate::layer) enter: bool,
    pub(in crate::layer) exit: bool,
    pub(in crate::layer) close: bool,
}

impl LifecycleLines {
    #[inline]
    pub(in crate::layer) fn any(self) -> bool {
        // Without branches, so that the compiler tests all four at once.
        self.new | self.enter | self.exit | self.close
    }
}

/// Marks a span in its extensions, if a filter suppresses its lifecycle lines.
#[cfg_attr(
    not(feature = "setup"),
    allow(dead_code, reason = "only the filter of `init` inserts it")
)]
pub(crate) struct NoLifecycleLines;

#[derive(Debug)]
pub(in crate::layer) struct Lifecycle {
    created: Instant,
    /// The span's start time.
    pub(in crate::layer) start: SystemTime,
    busy: Mutex<Busy>,
    waiting: Mutex<Waiting>,
    is_waiting: AtomicBool,
}

#[derive(Debug)]
struct Busy {
    /// When the span became busy, by its first entry, or idle, by its last exit.
    since: Instant,
    entered: usize,
    busy: Duration,
    idle: Duration,
}

/// Lines that wait until the span has its ids.
#[derive(Debug, Default)]
pub(in crate::layer) struct Waiting {
    pub(in crate::layer) new: bool,
    /// When the span was entered: more than once if other threads, or the span itself, enter it meanwhile.
    pub(in crate::layer) enters: Vec<SystemTime>,
}

impl Lifecycle {
    /// Begins the lifecycle of a new span that has these lines.
    #[cold]
    pub(in crate::layer) fn begin(lines: LifecycleLines) -> Box<Self> {
        let created = Instant::now();
        Box::new(Self {
            created,
            start: SystemTime::now(),
            busy: Mutex::new(Busy {
                since: created,
                entered: 0,
                busy: Duration::ZERO,
                idle: Duration::ZERO,
            }),
            waiting: Mutex::new(Waiting {
                new: lines.new,
                enters: Vec::new(),
            }),
            is_waiting: AtomicBool::new(lines.new),
        })
    }

    pub(in crate::layer) fn enter(&self, lines: LifecycleLines) {
        self.busy().enter(Instant::now());
        if lines.enter {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.enters.push(SystemTime::now());
            self.is_waiting.store(true, Ordering::Release);
        }
    }

    pub(in crate::layer) fn exit(&self) {
        self.busy().exit(Instant::now());
    }

    #[inline]
    pub(in crate::layer) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Acquire)
    }

    /// Takes the waiting lines, for the caller to write.
    pub(in crate::layer) fn take_waiting(&self) -> Waiting {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_waiting.store(false, Ordering::Release);
        std::mem::take(&mut waiting)
    }

    /// The times of a span that closes now.
    pub(in crate::layer) fn times(&self) -> Times {
        let now = Instant::now();
        let times = self.busy();
        Times {
            start: self.start,
            total: now.saturating_duration_since(self.created),
            busy: times.busy,
            // The time since the last exit counts too.
            idle: times.idle + now.saturating_duration_since(times.since),
        }
    }

    fn busy(&self) -> MutexGuard<'_, Busy> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Busy {
    fn enter(&mut self, now: Instant) {
        if self.entered == 0 {
            self.idle += now.saturating_duration_since(self.since);
            self.since = now;
        }
        self.entered += 1;
    }

    fn exit(&mut self, now: Instant) {
        self.entered = self.entered.saturating_sub(1);
        if self.entered == 0 {
            self.busy += now.saturating_duration_since(self.since);
            self.since = now;
        }
    }
}
