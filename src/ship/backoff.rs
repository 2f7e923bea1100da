//! How long until the next attempt.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// Where a person has to do something.
const SLOW: Duration = Duration::from_secs(60);

/// Twice as long each time, and never the same for two.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The next wait, and at least as long as the server asks for.
    pub(super) fn next(&mut self, after: Option<Duration>) -> Duration {
        let wait = FIRST
            .saturating_mul(1 << self.attempts.min(10))
            .min(LONGEST);
        self.attempts += 1;
        jittered(wait).max(after.unwrap_or_default())
    }

    pub(super) fn slow(&mut self) -> Duration {
        self.attempts += 1;
        jittered(SLOW)
    }
}

/// Between three quarters and five quarters of it: those who failed together shall not come back together.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 512;
    wait * 3 / 4 + wait * u32::try_from(random).unwrap_or(0) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_differ() {
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
