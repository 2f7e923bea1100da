//! The state of a shipper that is not a counter: how far behind it is, and which files wait.

use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How many of the largest waiting files are known by name.
pub(super) const MAX_FILES: usize = 50;

#[derive(Debug, Default)]
pub(super) struct Gauges {
    /// When the server last accepted lines, in nanoseconds since 1970, or 0.
    last_success: AtomicI64,
    /// The time of the last confirmed line, or the time at which nothing was waiting, in nanoseconds since 1970.
    shipped_until: AtomicI64,
    /// Whether lines wait that are complete.
    is_waiting: AtomicBool,
    largest: Mutex<Vec<(PathBuf, u64)>>,
}

impl Gauges {
    /// Returns how far the shipper is behind: the present time less the time of the last confirmed line, or zero while no line waits.
    pub(super) fn lag(&self) -> Duration {
        if !self.is_waiting.load(Relaxed) {
            return Duration::ZERO;
        }
        let lag = now().saturating_sub(self.shipped_until.load(Relaxed));
        Duration::from_nanos(u64::try_from(lag).unwrap_or(0))
    }

    /// Returns when the server last accepted lines from this process.
    pub(super) fn last_success(&self) -> Option<SystemTime> {
        let nanos = u64::try_from(self.last_success.load(Relaxed)).ok()?;
        (nanos > 0).then(|| UNIX_EPOCH + Duration::from_nanos(nanos))
    }

    /// Returns the files with the most waiting bytes, at most 50, each with the number of these bytes. It is updated about every five
    /// seconds.
    pub(super) fn largest_waiting_files(&self) -> Vec<(PathBuf, u64)> {
        let largest = self.largest.lock();
        largest.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_success(&self) {
        self.last_success.store(now(), Relaxed);
    }

    /// Notes the time of the last confirmed line, in nanoseconds since 1970.
    pub(super) fn note_confirmed(&self, nanos: i64) {
        // A line of the future does not hide that others wait.
        let nanos = nanos.min(now());
        self.shipped_until.store(nanos, Relaxed);
    }

    /// Notes whether complete lines wait.
    pub(super) fn note_waiting(&self, is_waiting: bool) {
        if !is_waiting {
            self.note_confirmed(i64::MAX);
        }
        self.is_waiting.store(is_waiting, Relaxed);
    }

    pub(super) fn set_largest(&self, files: Vec<(PathBuf, u64)>) {
        let largest = self.largest.lock();
        *largest.unwrap_or_else(PoisonError::into_inner) = files;
    }
}

fn now() -> i64 {
    crate::cursor::nanos(SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_the_age_of_the_last_confirmed_line_while_lines_wait() {
        let gauges = Gauges::default();
        assert_eq!(gauges.lag(), Duration::ZERO);
        gauges.note_confirmed(now() - 100_000_000_000);
        gauges.note_waiting(true);
        assert_eq!(gauges.lag().as_secs(), 100);
        gauges.note_confirmed(i64::MAX);
        assert_eq!(gauges.lag().as_secs(), 0);
        // A service that was quiet for an hour is not an hour behind when it logs again.
        gauges.note_confirmed(now() - 3_600_000_000_000);
        gauges.note_waiting(false);
        gauges.note_waiting(true);
        assert_eq!(gauges.lag().as_secs(), 0);
    }

    #[test]
    fn there_is_no_last_success_before_the_first_one() {
        let gauges = Gauges::default();
        assert_eq!(gauges.last_success(), None);
        gauges.note_success();
        let age = SystemTime::now().duration_since(gauges.last_success().expect("it is noted"));
        assert!(age.unwrap_or_default() < Duration::from_secs(60));
    }
}
