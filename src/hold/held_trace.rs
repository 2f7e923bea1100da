use super::{
    budget::Budget,
    held_lines::{Full, HeldLines},
    line::{Line, TraceKey},
};
use crate::trace_context::TraceContext;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing_core::Metadata;

/// The lines that are held of one trace. It serves one trace after another, so each call names the trace.
#[derive(Default)]
pub(crate) struct HeldTrace(Mutex<State>);

#[derive(Default)]
struct State {
    /// `None` while it serves no trace.
    key: Option<TraceKey>,
    /// How many local root spans of the trace are open.
    roots: usize,
    phase: Phase,
    /// All roots have ended while lines were being written.
    has_ended: bool,
    lines: HeldLines,
    /// That of the last line.
    context: Option<TraceContext>,
    /// How many lines were dropped for lack of memory since the last release.
    dropped: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Holding,
    /// A thread writes the held lines. Others still hold theirs, so that these come after them.
    Releasing,
    /// Lines are written at once.
    Released,
}

/// What has become of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Yes,
    /// The trace is released: write it now.
    WriteNow,
    /// It is dropped, because it is longer than the limit or there is no memory left.
    Dropped,
}

/// Why a line is not held yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotHeld {
    /// This serves another trace by now.
    Stale,
    /// The budget must have so many bytes.
    NoBudget(usize),
}

/// The limits of one trace.
pub(super) struct Limits<'b> {
    pub(super) bytes: usize,
    /// Lines from before this time are too old in a trace without roots, in nanoseconds since 1970.
    pub(super) too_old: i64,
    pub(super) budget: &'b Budget,
    /// Counts lines that are dropped.
    pub(super) count_dropped: &'b dyn Fn(usize),
}

impl HeldTrace {
    /// Begins to serve a trace.
    pub(super) fn begin(&self, key: TraceKey) {
        let mut state = self.lock();
        let lines = std::mem::take(&mut state.lines);
        *state = State {
            key: Some(key),
            lines,
            ..State::default()
        };
    }

    /// Holds a line.
    #[inline]
    pub(super) fn hold(
        &self,
        key: TraceKey,
        line: &Line<'_>,
        limits: &Limits<'_>,
    ) -> Result<Held, NotHeld> {
        let mut state = self.lock_for(key).ok_or(NotHeld::Stale)?;
        if state.phase == Phase::Released {
            return Ok(Held::WriteNow);
        }
        state.context = Some(line.context);
        state.drop_old(limits);
        match state.lines.push(line, limits.bytes, limits.budget) {
            Ok(dropped) => {
                state.count_dropped(dropped, limits);
                Ok(Held::Yes)
            }
            Err(Full::TooLong) => {
                state.count_dropped(1, limits);
                Ok(Held::Dropped)
            }
            Err(Full::Budget(bytes)) => Err(NotHeld::NoBudget(bytes)),
        }
    }

    /// Counts a line for which there is no memory at all.
    pub(super) fn drop_line(&self, key: TraceKey, limits: &Limits<'_>) {
        match self.lock_for(key) {
            Some(mut state) => state.count_dropped(1, limits),
            None => (limits.count_dropped)(1),
        }
    }

    /// Whether the trace is released. `None` if this serves another one.
    #[inline]
    pub(super) fn is_released(&self, key: TraceKey) -> Option<bool> {
        let state = self.lock_for(key)?;
        Some(state.phase == Phase::Released)
    }

    /// A local root span of the trace is open. Returns whether this serves the trace.
    pub(super) fn add_root(&self, key: TraceKey) -> bool {
        let state = self.lock_for(key);
        state.map(|mut state| state.roots += 1).is_some()
    }

    /// A local root span of the trace has ended. If it was the last one, drops the lines, and this serves no trace any
    /// more.
    pub(super) fn end_root(&self, key: TraceKey) -> Option<Ended> {
        let mut state = self.lock_for(key)?;
        state.roots = state.roots.saturating_sub(1);
        if state.roots > 0 {
            return None;
        }
        if state.phase == Phase::Releasing {
            state.has_ended = true;
            return None;
        }
        Some(state.end())
    }

    /// Ends a trace without roots whose lines are too old.
    pub(super) fn end_old(&self, key: TraceKey, too_old: i64) -> Option<Ended> {
        let mut state = self.lock_for(key)?;
        let is_old = state.lines.oldest().is_none_or(|oldest| oldest < too_old);
        (state.roots == 0 && state.phase != Phase::Releasing && is_old).then(|| state.end())
    }

    /// Writes the held lines, and from now on all lines are written at once. `write` is called without a lock, so it may run any code.
    /// Returns whether this call has released the trace: another one may have been faster.
    pub(super) fn release(
        &self,
        key: TraceKey,
        limits: &Limits<'_>,
        write: &mut dyn FnMut(&mut Batch),
    ) -> Option<Release> {
        let batch = {
            let mut state = self.lock_for(key)?;
            if state.phase != Phase::Holding {
                return None;
            }
            state.phase = Phase::Releasing;
            state.drop_old(limits);
            state.take()
        };
        let mut releasing = Releasing {
            trace: self,
            key,
            limits,
            batch,
        };
        loop {
            write(&mut releasing.batch);
            if let Some(ended) = releasing.next() {
                return Some(Release { ended });
            }
        }
    }

    /// Frees the memory. Returns how many bytes it was, and how many lines are lost by it.
    pub(super) fn free(&self, budget: &Budget) -> (usize, usize) {
        let mut state = self.lock();
        let lines = std::mem::take(&mut state.lines);
        let (bytes, lost) = (lines.room(), lines.len());
        state.dropped += lost;
        drop(state);
        drop(lines);
        budget.give(bytes);
        (bytes, lost)
    }

    /// The trace that it serves, and the time of its oldest line, in nanoseconds since 1970.
    pub(super) fn oldest(&self) -> Option<(TraceKey, Option<i64>)> {
        let state = self.lock();
        Some((state.key?, state.lines.oldest()))
    }

    /// The trace that it serves.
    pub(super) fn key(&self) -> Option<TraceKey> {
        self.lock().key
    }

    #[inline]
    fn lock_for(&self, key: TraceKey) -> Option<MutexGuard<'_, State>> {
        let state = self.lock();
        (state.key == Some(key)).then_some(state)
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lines to write at once.
#[derive(Default)]
pub(super) struct Batch {
    lines: HeldLines,
    context: Option<TraceContext>,
    /// How many lines of the trace were dropped before them for lack of memory.
    dropped: usize,
    /// How many lines are not passed to the writer yet, while they are written.
    unwritten: usize,
}

impl Batch {
    /// How many lines of the trace were dropped for lack of memory, if any were, with the context of one of its lines.
    pub(super) fn take_dropped(&mut self) -> Option<(TraceContext, usize)> {
        match std::mem::take(&mut self.dropped) {
            0 => None,
            lines => Some((self.context?, lines)),
        }
    }

    pub(super) fn write(&mut self, mut write: impl FnMut(&'static Metadata<'static>, &[u8])) {
        let Self {
            lines, unwritten, ..
        } = self;
        *unwritten = lines.len();
        lines.each(|metadata, line| {
            *unwritten -= 1;
            write(metadata, line);
        });
        lines.clear();
    }
}

/// A trace that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// How many lines are dropped with it.
    pub(super) dropped: usize,
    /// Whether it was released.
    pub(super) was_released: bool,
}

pub(super) struct Release {
    /// All roots have ended meanwhile.
    pub(super) ended: Option<Ended>,
}

/// A release that is going on. Its drop ends it, also if a writer panics.
struct Releasing<'r> {
    trace: &'r HeldTrace,
    key: TraceKey,
    limits: &'r Limits<'r>,
    batch: Batch,
}

impl Releasing<'_> {
    /// Takes the lines that were held meanwhile. If there are none, the trace is released, and this returns whether it has ended.
    fn next(&mut self) -> Option<Option<Ended>> {
        let Some(mut state) = self.trace.lock_for(self.key) else {
            return Some(None);
        };
        let written = std::mem::take(&mut self.batch.lines);
        if !state.lines.is_empty() {
            self.batch = state.take();
            drop(state);
            self.free(written);
            return None;
        }
        // The memory is kept for further traces.
        let unused = std::mem::replace(&mut state.lines, written);
        let ended = state.finish_release();
        drop(state);
        self.free(unused);
        Some(ended)
    }

    fn free(&self, lines: HeldLines) {
        let room = lines.room();
        drop(lines);
        self.limits.budget.give(room);
    }
}

impl Drop for Releasing<'_> {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut self.batch.lines);
        self.free(lines);
        let Some(mut state) = self.trace.lock_for(self.key) else {
            return;
        };
        // If the writer has panicked, these lines are lost, and the next release says so.
        state.count_dropped(self.batch.unwritten, self.limits);
        if state.phase == Phase::Releasing {
            state.phase = Phase::Holding;
            if state.has_ended {
                state.end();
            }
        }
    }
}

impl State {
    /// Drops lines that are too old, if the trace has no roots.
    fn drop_old(&mut self, limits: &Limits<'_>) {
        if self.roots == 0 {
            let dropped = self.lines.drop_before(limits.too_old);
            if dropped > 0 {
                (limits.count_dropped)(dropped);
            }
        }
    }

    /// Counts lines that are dropped although their trace goes on. The next release says so.
    fn count_dropped(&mut self, lines: usize, limits: &Limits<'_>) {
        if lines > 0 {
            self.dropped += lines;
            (limits.count_dropped)(lines);
        }
    }

    fn take(&mut self) -> Batch {
        Batch {
            lines: std::mem::take(&mut self.lines),
            context: self.context,
            dropped: std::mem::take(&mut self.dropped),
            unwritten: 0,
        }
    }

    fn finish_release(&mut self) -> Option<Ended> {
        self.phase = Phase::Released;
        self.has_ended.then(|| self.end())
    }

    fn end(&mut self) -> Ended {
        let dropped = self.lines.len();
        self.lines.clear();
        self.key = None;
        Ended {
            dropped,
            was_released: self.phase == Phase::Released,
        }
    }
}
