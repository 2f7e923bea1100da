//! RFC 3339 timestamps in UTC. The text up to the second is computed once per second.

use super::{
    copies::push_first,
    digits::{digit_pair, digit_pair_word},
    unix_time::UnixTime,
};
use log_files::calendar::civil_from_days;

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
    #[inline(always)]
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
            Precision::Microseconds => {
                out.extend_from_slice(&self.text);
                push_first(out, six_digits(nanos / 1_000) | u64::from(b'Z') << 48, 7);
            }
            Precision::Nanoseconds => {
                out.extend_from_slice(&self.text);
                let [_, seventh] = digit_pair(nanos / 100 % 10);
                let [eighth, ninth] = digit_pair(nanos % 100);
                push_first(out, six_digits(nanos / 1_000), 6);
                out.extend_from_slice(&[seventh, eighth, ninth, b'Z']);
            }
        }
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

/// Returns the six digits of a number below 10^6 in the lower bytes of a word.
#[inline]
fn six_digits(number: u32) -> u64 {
    digit_pair_word(number / 10_000)
        | digit_pair_word(number / 100 % 100) << 16
        | digit_pair_word(number % 100) << 32
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
    use std::time::{Duration, SystemTime};

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
