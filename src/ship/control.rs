//! Waiting that can be ended.

use super::delivery::Stopped;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Whether and until when a shipper goes on.
#[derive(Debug, Default)]
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    end: Option<Deadline>,
    is_woken: bool,
}

/// What is there is delivered until then, and nothing after.
#[derive(Clone, Copy, Debug)]
enum Deadline {
    At(Instant),
    /// Further away than the clock can say.
    Never,
}

impl Deadline {
    fn after(time: Duration) -> Self {
        Instant::now()
            .checked_add(time)
            .map_or(Self::Never, Self::At)
    }

    /// How much time is left; `None` where there is no end.
    fn left(self) -> Option<Duration> {
        match self {
            Self::At(end) => Some(end.saturating_duration_since(Instant::now())),
            Self::Never => None,
        }
    }

    fn is_over(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}

impl Control {
    /// Lets it deliver what is there, for at most this long.
    pub(super) fn stop(&self, timeout: Duration) {
        self.lock().end = Some(Deadline::after(timeout));
        self.changed.notify_all();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().end.is_some()
    }

    /// Whether the time is over.
    pub(super) fn is_over(&self) -> bool {
        self.lock().end.is_some_and(Deadline::is_over)
    }

    /// Waits, unless the time is over before. A thread that is waiting when the shipper is asked to stop tries at once: there may not
    /// be much time.
    pub(super) fn wait(&self, time: Duration) -> Result<(), Stopped> {
        let wait = Deadline::after(time);
        let mut state = self.lock();
        let was_stopping = state.end.is_some();
        loop {
            match state.end {
                Some(end) if end.is_over() => return Err(Stopped),
                Some(_) if !was_stopping => return Ok(()),
                _ if wait.is_over() => return Ok(()),
                _ => {}
            }
            let ends = [Some(wait), state.end].into_iter().flatten();
            let left = ends.filter_map(Deadline::left).min();
            state = self
                .changed
                .wait_timeout(state, left.unwrap_or(Duration::MAX))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Rests until there may be something to do.
    pub(super) fn rest(&self, time: Duration) {
        let mut state = self.lock();
        if !state.is_woken && state.end.is_none() {
            state = self
                .changed
                .wait_timeout(state, time)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.is_woken = false;
    }

    /// Ends a rest.
    pub(super) fn wake(&self) {
        self.lock().is_woken = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
