//! The wait before the next attempt.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

const FIRST: Duration = in_tests_shorter(Duration::from_millis(500));
const LONGEST: Duration = in_tests_shorter(Duration::from_secs(30));
/// The wait for problems that a person has to solve.
const SLOW: Duration = in_tests_shorter(Duration::from_secs(60));

/// Returns a hundredth of a time in unit tests.
pub(super) const fn in_tests_shorter(time: Duration) -> Duration {
    match time.checked_div(if cfg!(test) { 100 } else { 1 }) {
        Some(time) => time,
        None => time,
    }
}

/// Waits that double with each attempt, with jitter.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// Returns the next wait. It is not shorter than the server's `Retry-After`.
    pub(super) fn next(&mut self, retry_after: Option<Duration>) -> Duration {
        let wait = FIRST
            .saturating_mul(1 << self.attempts.min(10))
            .min(LONGEST);
        self.attempts += 1;
        jittered(wait).max(retry_after.unwrap_or_default())
    }

    pub(super) fn slow(&mut self) -> Duration {
        self.attempts += 1;
        jittered(SLOW)
    }
}

/// Returns between three quarters and five quarters of a wait, so that shippers that failed at the same time do not retry at the same
/// time.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 512;
    wait * 3 / 4 + wait * u32::try_from(random).unwrap_or(0) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit_and_have_jitter() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..20).map(|_| backoff.next(None)).collect();
        assert!(waits[0] >= FIRST * 3 / 4 && waits[0] <= FIRST * 5 / 4);
        assert!(waits[19] >= LONGEST * 3 / 4 && waits[19] <= LONGEST * 5 / 4);
        assert!(waits[12..].windows(2).any(|pair| pair[0] != pair[1]));
        assert_eq!(
            backoff.next(Some(Duration::from_secs(100))),
            Duration::from_secs(100)
        );
    }
}
