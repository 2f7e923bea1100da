//! Stops a shipper, and wakes its threads.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Whether a shipper stops, and when at the latest. All of its threads wait here.
#[derive(Debug, Default)]
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    deadline: Option<Deadline>,
    is_woken: bool,
    /// How many times a reload was asked for.
    reloads: u64,
}

/// The latest time at which a shipper stops.
#[derive(Clone, Copy, Debug)]
enum Deadline {
    At(Instant),
    /// Later than an `Instant` can represent.
    Never,
}

/// The shipper was stopped before a batch was delivered.
pub(super) struct Stopped;

impl Deadline {
    fn after(time: Duration) -> Self {
        Instant::now()
            .checked_add(time)
            .map_or(Self::Never, Self::At)
    }

    /// Returns how much time is left, or `None` if there is no limit.
    fn left(self) -> Option<Duration> {
        match self {
            Self::At(end) => Some(end.saturating_duration_since(Instant::now())),
            Self::Never => None,
        }
    }

    fn has_passed(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}

impl Control {
    /// Makes the shipper deliver the files' present contents and then stop, after at most this long.
    pub(super) fn stop(&self, timeout: Duration) {
        self.lock().deadline = Some(Deadline::after(timeout));
        self.changed.notify_all();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().deadline.is_some()
    }

    /// Whether the time to stop has passed.
    pub(super) fn is_past_deadline(&self) -> bool {
        self.lock().deadline.is_some_and(Deadline::has_passed)
    }

    /// Makes the shipper reload, and retry immediately what waits for its next attempt.
    pub(super) fn reload(&self) {
        let mut state = self.lock();
        state.reloads += 1;
        state.is_woken = true;
        drop(state);
        self.changed.notify_all();
    }

    /// Returns how many times a reload was asked for.
    pub(super) fn reloads(&self) -> u64 {
        self.lock().reloads
    }

    /// Waits before the next attempt. Returns early if the shipper is stopped meanwhile, so that the attempt is made in the time that is
    /// left, or if it reloads.
    ///
    /// # Errors
    ///
    /// If the deadline passes.
    pub(super) fn wait(&self, time: Duration) -> Result<(), Stopped> {
        let wait = Deadline::after(time);
        let mut state = self.lock();
        let was_stopping = state.deadline.is_some();
        let reloads = state.reloads;
        loop {
            match state.deadline {
                Some(deadline) if deadline.has_passed() => return Err(Stopped),
                Some(_) if !was_stopping => return Ok(()),
                _ if state.reloads != reloads => return Ok(()),
                _ if wait.has_passed() => return Ok(()),
                _ => {}
            }
            let deadlines = [Some(wait), state.deadline].into_iter().flatten();
            let left = deadlines.filter_map(Deadline::left).min();
            state = self
                .changed
                .wait_timeout(state, left.unwrap_or(Duration::MAX))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Sleeps for this long, or until the shipper is woken or stopped.
    pub(super) fn sleep(&self, time: Duration) {
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

    /// Ends a sleep, or prevents the next one.
    pub(super) fn wake(&self) {
        self.lock().is_woken = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
