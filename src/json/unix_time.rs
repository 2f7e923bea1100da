use std::time::{Duration, SystemTime};

/// A time since 1970, or before it.
#[derive(Clone, Copy)]
pub(crate) struct UnixTime {
    pub(super) second: i64,
    /// The part of the next second.
    pub(super) nanos: u64,
}

/// The last second of the year 9999. RFC 3339 has four digits for the year.
const MAX_SECOND: i64 = 253_402_300_799;

impl UnixTime {
    /// Returns the time of the system's clock. The standard library reads the same clock, but shows the time only by its distance from
    /// another one, which takes longer to compute than to read the clock.
    #[cfg(unix)]
    #[inline]
    pub(crate) fn now() -> Self {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        Self {
            second: now.tv_sec,
            nanos: now.tv_nsec as u64,
        }
    }

    #[cfg(not(unix))]
    #[inline]
    pub(crate) fn now() -> Self {
        SystemTime::now().into()
    }

    /// Returns the nanoseconds since 1970. A time beyond the years 1677 to 2262 counts as the nearest one within them.
    #[inline]
    pub(crate) fn nanos(self) -> i64 {
        let second = self.second.saturating_mul(1_000_000_000);
        second.saturating_add(self.nanos as i64)
    }

    /// Returns the whole milliseconds since 1970. A time before 1970 counts as 1970, and one after the year 9999 as its last second.
    #[inline]
    pub(crate) fn millis(self) -> u64 {
        let second = match self.second {
            second @ 0..=MAX_SECOND => second.unsigned_abs(),
            second => second.clamp(0, MAX_SECOND).unsigned_abs(),
        };
        second * 1_000 + self.nanos / 1_000_000
    }

    /// Returns the lower 32 bits of the milliseconds since 1970, for short distances between times.
    #[inline]
    pub(crate) fn wrapping_millis(self) -> u32 {
        // There are less than 10^9 nanoseconds, and cutting the seconds changes only higher bits.
        (self.second as u32)
            .wrapping_mul(1_000)
            .wrapping_add(self.nanos as u32 / 1_000_000)
    }
}

impl From<SystemTime> for UnixTime {
    #[inline]
    fn from(time: SystemTime) -> Self {
        let (second, nanos) = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => (seconds(after), after.subsec_nanos().into()),
            Err(before) => match before.duration() {
                before if before.subsec_nanos() == 0 => (-seconds(before), 0),
                before => (
                    -seconds(before) - 1,
                    u64::from(1_000_000_000 - before.subsec_nanos()),
                ),
            },
        };
        Self { second, nanos }
    }
}

#[inline]
fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_whole_and_of_the_years_1970_to_9999() {
        let epoch = SystemTime::UNIX_EPOCH;
        let millis = |time: SystemTime| UnixTime::from(time).millis();
        assert_eq!(millis(epoch + Duration::from_nanos(1_234_999_999)), 1_234);
        assert_eq!(millis(epoch - Duration::from_secs(1)), 0);
        if let Some(far) = epoch.checked_add(Duration::from_secs(i64::MAX.unsigned_abs())) {
            assert_eq!(millis(far), 253_402_300_799_000);
        }
    }

    #[test]
    fn the_time_of_now_is_that_of_the_standard_library() {
        let before = UnixTime::from(SystemTime::now()).nanos();
        let now = UnixTime::now().nanos();
        let after = UnixTime::from(SystemTime::now()).nanos();
        assert!((before..=after).contains(&now), "{before} {now} {after}");
    }
}
