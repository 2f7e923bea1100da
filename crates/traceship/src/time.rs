//! The time of a line in nanoseconds, which differs for each of several equal lines.

use super::fallback_times::FallbackTimes;
use log_files::calendar::days_from_civil;
use rustc_hash::{FxBuildHasher, FxHasher};
use std::{
    collections::{HashMap, VecDeque},
    hash::Hasher as _,
};

/// How many bytes back equal lines are looked for.
///
/// A restart in the middle of a file reads this much again first, so that equal lines get the same times as before.
pub(super) const LOOK_BACK_BYTES: u64 = 4 << 20;

/// Parses a time, and returns it in nanoseconds since 1970. Accepts RFC 3339, and integers since 1970. An integer's size
/// decides its unit: seconds, milli-, micro- or nanoseconds.
pub(super) fn parse_nanos(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(number) = text.parse::<i64>() {
        let unit = match number.unsigned_abs() {
            0..=99_999_999_999 => 1_000_000_000,
            100_000_000_000..=99_999_999_999_999 => 1_000_000,
            100_000_000_000_000..=99_999_999_999_999_999 => 1_000,
            _ => 1,
        };
        return number.checked_mul(unit);
    }
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = bytes.get(range).filter(|part| !part.is_empty())?;
        // There are at most nine digits, so this cannot overflow.
        part.iter().try_fold(0, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
            Some(number * 10 + digit)
        })
    };
    let is_shape = bytes.get(4) == Some(&b'-')
        && bytes.get(7) == Some(&b'-')
        && matches!(bytes.get(10), Some(b'T' | b't' | b' '))
        && bytes.get(13) == Some(&b':')
        && bytes.get(16) == Some(&b':');
    if !is_shape {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    if !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut at = 19;
    let mut fraction = 0;
    if matches!(bytes.get(at), Some(b'.' | b',')) {
        let end = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
            + at
            + 1;
        // Digits after the ninth are ignored.
        let kept = end.min(at + 10);
        let scale = 10_i64.pow(9 - u32::try_from(kept - at - 1).ok()?);
        fraction = digits(at + 1..kept)? * scale;
        at = end;
    }
    let offset = match bytes.get(at)? {
        b'Z' | b'z' => 0,
        sign @ (b'+' | b'-') => {
            let colon = usize::from(bytes.get(at + 3) == Some(&b':'));
            let minutes = digits(at + 1..at + 3)? * 60 + digits(at + 3 + colon..at + 5 + colon)?;
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    let days = days_from_civil(year, month, day);
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60;
    seconds.checked_mul(1_000_000_000)?.checked_add(fraction)
}

/// How many lines back equal lines are looked for. Equal lines have equal times, so they are near each other.
const LOOK_BACK_LINES: usize = 4_096;

/// Assigns a time to each line of a file.
///
/// Equal lines get different times. Otherwise a server that stores one entry for each time and text would keep only one of them. The same
/// lines of a file get the same times on each attempt.
#[derive(Debug, Default)]
pub(super) struct LineTimes {
    /// By the hash of a line: the offset of the last such line, and how many equal ones came before it.
    seen: HashMap<u64, (u64, i64), FxBuildHasher>,
    /// The offsets and hashes of recent lines, oldest first.
    order: VecDeque<(u64, u64)>,
    /// The time and the offset of the last line with a time of its own. Lines without a time use it, unless it is old.
    last: Option<(i64, u64)>,
    pub(super) fallback_times: FallbackTimes,
}

/// A day, in nanoseconds. Text that is read a day or more after the time of the last line does not use that line's time.
const DAY: i64 = 86_400 * 1_000_000_000;

impl LineTimes {
    pub(super) fn new(fallback_times: FallbackTimes) -> Self {
        Self {
            fallback_times,
            ..Self::default()
        }
    }

    /// Returns the time of the line at an offset: its own time, or that of a line before it, or the fallback time of its bytes.
    pub(super) fn assign(&mut self, line: &[u8], offset: u64, time: Option<i64>) -> i64 {
        let Some(time) = time else {
            return self.time_without_own(offset);
        };
        self.last = Some((time, offset));
        while let Some((old, hash)) = self.order.front().copied()
            && (old + LOOK_BACK_BYTES < offset || self.order.len() >= LOOK_BACK_LINES)
        {
            self.order.pop_front();
            if self.seen.get(&hash).is_some_and(|(at, _)| *at == old) {
                self.seen.remove(&hash);
            }
        }
        // Different lines with the same hash get different times too, which does no harm.
        let mut hasher = FxHasher::default();
        hasher.write(line);
        let hash = hasher.finish();
        let number = self.seen.get(&hash).map_or(0, |(_, number)| number + 1);
        self.seen.insert(hash, (offset, number));
        self.order.push_back((offset, hash));
        time.saturating_add(number)
    }

    /// Returns a time for a line without one. It adds a nanosecond for each byte since the line or the bytes that the time is taken from,
    /// so that such lines have different times in the right order.
    fn time_without_own(&mut self, offset: u64) -> i64 {
        let (read, start) = self.fallback_times.at(offset);
        let is_near = |(last, at): &(i64, u64)| {
            // Half of the distance, because a restart has to find the same line again.
            read.saturating_sub(*last) < DAY && offset.saturating_sub(*at) < LOOK_BACK_BYTES / 2
        };
        let (from, at) = self.last.filter(is_near).unwrap_or((read, start));
        let between = i64::try_from(offset.saturating_sub(at)).unwrap_or(i64::MAX);
        from.saturating_add(between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_to_the_nanosecond() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            (
                "2026-11-28T18:53:17.298748Z",
                Some(1_795_891_997_298_748_000),
            ),
            (
                "2026-11-28T18:53:17.298748123Z",
                Some(1_795_891_997_298_748_123),
            ),
            (
                "2026-11-28T19:53:17.298748+01:00",
                Some(1_795_891_997_298_748_000),
            ),
            (
                "2024-02-29T23:59:59.5-0030",
                Some(1_709_252_999_500_000_000),
            ),
            ("1795891997", Some(1_795_891_997_000_000_000)),
            ("1795891997298", Some(1_795_891_997_298_000_000)),
            ("1795891997298748123", Some(1_795_891_997_298_748_123)),
            ("2026-11-28", None),
            ("2026-13-28T18:53:17Z", None),
            ("2026-11-28T18:53:17", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse_nanos(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn equal_lines_get_different_times_which_are_the_same_after_a_restart() {
        let lines: Vec<&[u8]> = vec![b"a", b"b", b"a", b"text", b"a", b"text"];
        let times = |times: &mut LineTimes, from: usize| -> Vec<i64> {
            let time = |n: usize| (lines[n] != b"text").then_some(1_000);
            (from..lines.len())
                .map(|n| times.assign(lines[n], n as u64 * 10, time(n)))
                .collect()
        };
        let whole = times(&mut LineTimes::default(), 0);
        assert_eq!(whole, [1_000, 1_000, 1_001, 1_010, 1_002, 1_010]);
        for restart in 0..lines.len() {
            let mut again = LineTimes::default();
            for (n, line) in lines.iter().enumerate().take(restart) {
                again.assign(line, n as u64 * 10, (*line != b"text").then_some(1_000));
            }
            assert_eq!(times(&mut again, restart), whole[restart..]);
        }
    }

    #[test]
    fn lines_that_are_far_back_are_forgotten() {
        let mut times = LineTimes::default();
        assert_eq!(times.assign(b"a", 0, Some(1)), 1);
        assert_eq!(times.assign(b"a", LOOK_BACK_BYTES, Some(1)), 2);
        assert_eq!(times.assign(b"a", 3 * LOOK_BACK_BYTES, Some(1)), 1);
        assert!(times.order.len() == 1 && times.seen.len() == 1);
        for line in 0..2 * LOOK_BACK_LINES as u64 {
            times.assign(&line.to_le_bytes(), 3 * LOOK_BACK_BYTES + line, Some(1));
        }
        assert_eq!(
            (times.order.len(), times.seen.len()),
            (LOOK_BACK_LINES, LOOK_BACK_LINES)
        );
    }

    #[test]
    fn a_line_without_a_time_gets_that_of_a_recent_line_before_it_or_the_fallback_time() {
        let mut times = LineTimes::default();
        times.fallback_times.begin(50, 0);
        assert_eq!(times.assign(b"text", 0, None), 50);
        assert_eq!(times.assign(b"text", 5, None), 55);
        assert_eq!(times.assign(b"line", 10, Some(30)), 30);
        assert_eq!(times.assign(b"more", 15, None), 35);
        times.fallback_times.begin(30 + DAY, 20);
        assert_eq!(times.assign(b"next day", 20, None), 30 + DAY);
        assert_eq!(times.assign(b"next day", 29, None), 39 + DAY);
        let far = 10 + LOOK_BACK_BYTES / 2;
        times.fallback_times.begin(60, far);
        assert_eq!(times.assign(b"far behind", far, None), 60);
    }
}
