//! RFC 3339 timestamps in UTC. The text up to the second is computed once per second.

use super::digits::digit_pair;
use log_files::calendar::civil_from_days;
use std::time::{Duration, SystemTime};

/// The number of fractional digits in a timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precision {
    /// Six digits: `2026-11-22T11:04:00.123456Z`.
    #[default]
    Microseconds,
    /// Nine digits: `2026-11-22T11:04:00.123456789Z`.
    Nanoseconds,
}

/// A time since 1970, or before it.
#[derive(Clone, Copy)]
pub(crate) struct UnixTime {
    second: i64,
    /// The part of the next second.
    nanos: u64,
}

/// The text of the last second written, as in `2026-11-22T11:04:00.`.
pub(crate) struct Clock {
    second: i64,
    text: [u8; 20],
}

impl Default for Clock {
    fn default() -> Self {
        let mut clock = Self {
            second: 0,
            text: *b"0000-00-00T00:00:00.",
        };
        clock.render();
        clock
    }
}

impl Clock {
    /// Appends `time` as RFC 3339, without quotes.
    #[inline]
    pub(crate) fn push(
        &mut self,
        out: &mut Vec<u8>,
        time: impl Into<UnixTime>,
        precision: Precision,
    ) {
        let UnixTime { second, nanos } = time.into();
        if second != self.second {
            self.second = second;
            self.render();
        }
        // In 32 bits, divisions by constants take fewer instructions. There are less than 10^9 nanoseconds.
        let nanos = nanos as u32;
        match precision {
            Precision::Microseconds => self.push_fraction::<27>(out, nanos / 1_000),
            Precision::Nanoseconds => self.push_fraction::<30>(out, nanos),
        }
    }

    /// Appends the text up to the second and `fraction`, with all digits that fit into `N` bytes, in one copy.
    #[inline]
    fn push_fraction<const N: usize>(&self, out: &mut Vec<u8>, mut fraction: u32) {
        let mut text = [b'Z'; N];
        text[..self.text.len()].copy_from_slice(&self.text);
        let digits = &mut text[self.text.len()..N - b"Z".len()];
        let mut pairs = digits.rchunks_exact_mut(2);
        for pair in &mut pairs {
            pair.copy_from_slice(&digit_pair(fraction % 100));
            fraction /= 100;
        }
        if let [first] = pairs.into_remainder() {
            [_, *first] = digit_pair(fraction % 10);
        }
        out.extend_from_slice(&text);
    }

    #[cold]
    fn render(&mut self) {
        let days = self.second.div_euclid(86_400);
        let of_day = self.second.rem_euclid(86_400).unsigned_abs();
        let (year, month, day) = civil_from_days(days);
        let text = &mut self.text;
        // RFC 3339 has four digits for the year, so a clock beyond them is written as the nearest year that fits.
        fill(&mut text[0..4], year.clamp(0, 9_999).unsigned_abs());
        fill(&mut text[5..7], month);
        fill(&mut text[8..10], day);
        fill(&mut text[11..13], of_day / 3_600);
        fill(&mut text[14..16], of_day / 60 % 60);
        fill(&mut text[17..19], of_day % 60);
    }
}

/// The last second of the year 9999. RFC 3339 has four digits for the year.
const MAX_SECOND: i64 = 253_402_300_799;

impl UnixTime {
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

/// Fills `digits` with the decimal digits of `number`, right-aligned.
#[inline]
fn fill(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(clock: &mut Clock, time: SystemTime, precision: Precision) -> String {
        let mut out = Vec::new();
        clock.push(&mut out, time, precision);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn the_epoch_and_the_instant_before_it_are_written_correctly() {
        let mut clock = Clock::default();
        let epoch = SystemTime::UNIX_EPOCH;
        let nanos = Precision::Nanoseconds;
        assert_eq!(
            text(&mut clock, epoch, nanos),
            "1970-01-01T00:00:00.000000000Z"
        );
        let before = epoch - Duration::from_nanos(1);
        assert_eq!(
            text(&mut clock, before, nanos),
            "1969-12-31T23:59:59.999999999Z"
        );
    }

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
    fn a_time_beyond_the_year_9999_is_still_written() {
        let far = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 60));
        if let Some(far) = far {
            assert!(text(&mut Clock::default(), far, Precision::default()).starts_with("9999-"));
        }
    }

    proptest! {
        #[test]
        fn times_are_written_as_jiff_writes_them(
            second in -62_167_219_200i64..253_402_207_200,
            nanos in 0u32..1_000_000_000,
            step in 0u64..200_000,
        ) {
            let mut clock = Clock::default();
            let base = if second < 0 {
                SystemTime::UNIX_EPOCH - Duration::from_secs(second.unsigned_abs())
            } else {
                SystemTime::UNIX_EPOCH + Duration::from_secs(second.unsigned_abs())
            };
            for time in [base + Duration::from_nanos(nanos.into()), base + Duration::from_secs(step)] {
                let ours = text(&mut clock, time, Precision::Nanoseconds);
                let theirs = jiff::Timestamp::try_from(time);
                prop_assume!(theirs.is_ok());
                let theirs = theirs.expect("just checked");
                prop_assert_eq!(&ours, &format!("{theirs:.9}"));
                prop_assert_eq!(&text(&mut clock, time, Precision::Microseconds)[..26], &ours[..26]);
            }
        }
    }
}
