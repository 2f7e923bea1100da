//! Whether a shipper runs, and whether it gets lines to the server.

use log_files::{Printable, excerpt};
use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// The thread that reads files waits at most half a minute for something to do.
const MAX_PAUSE: Duration = Duration::from_secs(180);
/// If lines wait and none is confirmed for this long, the shipper is stuck.
const MAX_STANDSTILL: Duration = Duration::from_secs(300);

/// The health of a running shipper, for the probes of a supervisor. Clones share the same state.
///
/// ```no_run
/// # use traceship::{Loki, Shipper};
/// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
/// let health = shipping.health();
/// if let Err(why) = health.ready() {
///     println!("lines do not arrive: {why}");
/// }
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Health(Arc<State>);

#[derive(Debug)]
struct State {
    started: Instant,
    /// When the worker last checked for something to do, in milliseconds since the start.
    last_turn: AtomicU64,
    /// When lines were last confirmed, or nothing was waiting, in milliseconds since the start.
    last_progress: AtomicU64,
    /// Why the last request did not succeed.
    failure: Mutex<Option<String>>,
}

impl Default for Health {
    fn default() -> Self {
        Self(Arc::new(State {
            started: Instant::now(),
            last_turn: AtomicU64::new(0),
            last_progress: AtomicU64::new(0),
            failure: Mutex::new(None),
        }))
    }
}

impl Health {
    /// Checks whether the shipper runs: its thread has checked for something to do within the last three minutes. This does not depend on
    /// the server.
    ///
    /// # Errors
    ///
    /// The reason, if it does not run.
    pub fn alive(&self) -> Result<(), String> {
        self.check_pause(self.0.started.elapsed())
    }

    /// Checks whether lines arrive: the last request has succeeded or none was sent yet, and if lines wait, some were confirmed within the
    /// last five minutes.
    ///
    /// # Errors
    ///
    /// The reason, if they do not.
    pub fn ready(&self) -> Result<(), String> {
        self.check_progress(self.0.started.elapsed())
    }

    fn check_pause(&self, now: Duration) -> Result<(), String> {
        let pause = now.saturating_sub(since(&self.0.last_turn));
        match pause > MAX_PAUSE {
            true => Err(format!(
                "the shipper has not checked its files for {} seconds",
                pause.as_secs()
            )),
            false => Ok(()),
        }
    }

    fn check_progress(&self, now: Duration) -> Result<(), String> {
        self.check_pause(now)?;
        if let Some(why) = &*self.failure() {
            return Err(format!("the last request failed: {why}"));
        }
        let standstill = now.saturating_sub(since(&self.0.last_progress));
        match standstill > MAX_STANDSTILL {
            true => Err(format!(
                "lines wait, and none was confirmed for {} seconds",
                standstill.as_secs()
            )),
            false => Ok(()),
        }
    }

    /// Notes that the worker checks for something to do.
    pub(super) fn note_turn(&self) {
        self.note_now(&self.0.last_turn);
    }

    /// Notes that lines were confirmed, or that none waits.
    pub(super) fn note_progress(&self) {
        self.note_now(&self.0.last_progress);
    }

    pub(super) fn note_success(&self) {
        *self.failure() = None;
    }

    pub(super) fn note_failure(&self, why: &str) {
        let mut failure = String::new();
        // Writing to a `String` cannot fail.
        let _ = Printable(&mut failure).write_str(&excerpt(why));
        *self.failure() = Some(failure);
    }

    fn note_now(&self, time: &AtomicU64) {
        let millis = self.0.started.elapsed().as_millis();
        time.store(u64::try_from(millis).unwrap_or(u64::MAX), Relaxed);
    }

    fn failure(&self) -> MutexGuard<'_, Option<String>> {
        self.0
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn since(time: &AtomicU64) -> Duration {
    Duration::from_millis(time.load(Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipper_is_ready_until_a_request_fails_and_again_after_one_succeeds() {
        let health = Health::default();
        assert_eq!(health.ready(), Ok(()));
        health.note_failure("HTTP 503: down");
        let why = health.ready().expect_err("the server is down");
        assert!(why.contains("HTTP 503: down"), "{why}");
        assert_eq!(health.alive(), Ok(()));
        health.note_success();
        assert_eq!(health.ready(), Ok(()));
    }

    #[test]
    fn a_shipper_that_confirms_nothing_is_not_ready_and_one_that_hangs_is_not_alive() {
        let health = Health::default();
        assert_eq!(health.check_progress(MAX_PAUSE), Ok(()));
        let hangs = health.check_pause(MAX_PAUSE + Duration::from_secs(1));
        assert!(hangs.expect_err("it hangs").contains("181 seconds"));
        health.0.last_turn.store(300_000, Relaxed);
        assert_eq!(health.check_progress(MAX_STANDSTILL), Ok(()));
        let stuck = health.check_progress(MAX_STANDSTILL + Duration::from_secs(1));
        assert!(
            stuck
                .expect_err("it is stuck")
                .contains("none was confirmed")
        );
    }
}
