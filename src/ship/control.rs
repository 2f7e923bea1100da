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
    /// What is there is delivered until then, and nothing after.
    deadline: Option<Instant>,
    is_woken: bool,
}

impl Control {
    /// Lets it deliver what is there, until a time.
    pub(super) fn stop(&self, deadline: Instant) {
        self.lock().deadline = Some(deadline);
        self.changed.notify_all();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().deadline.is_some()
    }

    /// Whether the time is over.
    pub(super) fn is_over(&self) -> bool {
        self.lock()
            .deadline
            .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits, unless the time is over before. Whoever waits while it is told to stop tries at once: there may not be much time.
    pub(super) fn wait(&self, time: Duration) -> Result<(), Stopped> {
        let begun = Instant::now();
        let mut state = self.lock();
        let was_stopping = state.deadline.is_some();
        loop {
            let now = Instant::now();
            let end = match state.deadline {
                Some(deadline) if deadline <= now => return Err(Stopped),
                Some(_) if !was_stopping => return Ok(()),
                Some(deadline) => deadline.min(begun + time),
                None => begun + time,
            };
            let Some(left) = end
                .checked_duration_since(now)
                .filter(|left| !left.is_zero())
            else {
                return Ok(());
            };
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Rests until there may be something to do.
    pub(super) fn rest(&self, time: Duration) {
        let mut state = self.lock();
        if !state.is_woken && state.deadline.is_none() {
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
