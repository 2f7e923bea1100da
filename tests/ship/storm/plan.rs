//! How much is written, how fast, and how often something fails.

use std::{env, time::Duration};

pub(super) struct Plan {
    pub(super) lines: u64,
    /// How long writing takes.
    pub(super) time: Duration,
    pub(super) seed: u64,
}

impl Plan {
    pub(super) fn from_env() -> Self {
        let number = |name: &str| env::var(name).ok()?.parse::<u64>().ok();
        let lines = number("STAMP_STORM_LINES").unwrap_or(20_000);
        let seconds = number("STAMP_STORM_SECONDS").unwrap_or((lines / 1_700).max(20));
        let now = jiff::Timestamp::now().as_microsecond() as u64;
        Self {
            lines,
            time: Duration::from_secs(seconds),
            seed: number("STAMP_STORM_SEED").unwrap_or(now),
        }
    }

    /// Returns a part of all lines.
    pub(super) fn percent(&self, percent: u64) -> u64 {
        (self.lines * percent / 100).max(1)
    }

    /// Returns how many lines a second are this part of all lines.
    pub(super) fn rate(&self, lines: u64) -> u64 {
        (lines / self.time.as_secs().max(1)).max(1)
    }

    /// The mean time between two faults.
    pub(super) fn between_faults(&self) -> Duration {
        (self.time / 750).clamp(Duration::from_millis(400), Duration::from_millis(800))
    }

    /// The time between two runs of `logrotate`, each for one place.
    pub(super) fn between_rotations(&self) -> Duration {
        (self.time / 600).max(Duration::from_millis(250))
    }

    /// How often a writer that rotates its own files does that.
    pub(super) fn rotations(&self) -> u64 {
        (self.time.as_secs() / 5).clamp(8, 80)
    }
}
