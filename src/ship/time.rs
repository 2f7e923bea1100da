//! When a line was logged, to the nanosecond, and another for each of equal lines.

use super::stamps::Stamps;
use rustc_hash::{FxBuildHasher, FxHasher};
use std::{
    collections::{HashMap, VecDeque},
    hash::Hasher as _,
};

/// So far back equal lines are looked for. Their times have to come out the same after a restart in the middle of a file, which begins by
/// reading this much again.
pub(super) const LOOK_BACK: u64 = 4 << 20;

/// Nanoseconds since 1970 of an RFC 3339 timestamp, or of a number of seconds, milli-, micro- or nanoseconds, by its size.
pub(super) fn nanos(text: &[u8]) -> Option<i64> {
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
        // Nine at most: no overflow.
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
        // What is finer than a nanosecond is left out.
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
    // Days from a year that begins in March: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60;
    seconds.checked_mul(1_000_000_000)?.checked_add(fraction)
}

/// So many lines back at most: equal lines have equal times, and so are near to each other.
const LINES_BACK: usize = 4_096;

/// Makes the times of equal lines distinct: a server that keeps an entry once, by its time and text, would drop all but one. The same
/// lines of a file get the same times on each attempt.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    seen: HashMap<u64, (u64, i64), FxBuildHasher>,
    order: VecDeque<(u64, u64)>,
    /// The last line that had a time, and where it is: lines without one are of that time too, unless it is old.
    last: Option<(i64, u64)>,
    pub(super) stamps: Stamps,
}

/// A day, in nanoseconds: text that is read so long after the last line that had a time has none in common with it.
const OLD: i64 = 86_400 * 1_000_000_000;

impl Distinct {
    pub(super) fn new(stamps: Stamps) -> Self {
        Self {
            stamps,
            ..Self::default()
        }
    }

    /// The time of the line at an offset of its file: its own, that of a line before it, or when it was read.
    pub(super) fn time(&mut self, line: &[u8], offset: u64, time: Option<i64>) -> i64 {
        let Some(time) = time else {
            return self.time_of_text(offset);
        };
        self.last = Some((time, offset));
        while let Some((old, hash)) = self.order.front().copied()
            && (old + LOOK_BACK < offset || self.order.len() >= LINES_BACK)
        {
            self.order.pop_front();
            if self.seen.get(&hash).is_some_and(|(at, _)| *at == old) {
                self.seen.remove(&hash);
            }
        }
        // Lines that have one hash and differ are told apart too, which does no harm.
        let mut hasher = FxHasher::default();
        hasher.write(line);
        let hash = hasher.finish();
        let number = self.seen.get(&hash).map_or(0, |(_, number)| number + 1);
        self.seen.insert(hash, (offset, number));
        self.order.push_back((offset, hash));
        time.saturating_add(number)
    }

    /// Each has its own, and they are in order: for each byte in between a nanosecond is added.
    fn time_of_text(&mut self, offset: u64) -> i64 {
        let (read, start) = self.stamps.at(offset);
        let is_near = |(last, at): &(i64, u64)| {
            // As far as is known again after a restart.
            read.saturating_sub(*last) < OLD && offset.saturating_sub(*at) < LOOK_BACK / 2
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
            assert_eq!(nanos(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn equal_lines_have_times_of_their_own_also_after_a_restart() {
        let lines: Vec<&[u8]> = vec![b"a", b"b", b"a", b"text", b"a", b"text"];
        let times = |distinct: &mut Distinct, from: usize| -> Vec<i64> {
            let time = |n: usize| (lines[n] != b"text").then_some(1_000);
            (from..lines.len())
                .map(|n| distinct.time(lines[n], n as u64 * 10, time(n)))
                .collect()
        };
        let whole = times(&mut Distinct::default(), 0);
        assert_eq!(whole, [1_000, 1_000, 1_001, 1_010, 1_002, 1_010]);
        for restart in 0..lines.len() {
            let mut again = Distinct::default();
            for (n, line) in lines.iter().enumerate().take(restart) {
                again.time(line, n as u64 * 10, (*line != b"text").then_some(1_000));
            }
            assert_eq!(times(&mut again, restart), whole[restart..]);
        }
    }

    #[test]
    fn what_is_far_back_is_forgotten() {
        let mut distinct = Distinct::default();
        assert_eq!(distinct.time(b"a", 0, Some(1)), 1);
        assert_eq!(distinct.time(b"a", LOOK_BACK, Some(1)), 2);
        assert_eq!(distinct.time(b"a", 3 * LOOK_BACK, Some(1)), 1);
        assert!(distinct.order.len() == 1 && distinct.seen.len() == 1);
        for line in 0..2 * LINES_BACK as u64 {
            distinct.time(&line.to_le_bytes(), 3 * LOOK_BACK + line, Some(1));
        }
        assert_eq!(
            (distinct.order.len(), distinct.seen.len()),
            (LINES_BACK, LINES_BACK)
        );
    }

    #[test]
    fn a_line_without_a_time_has_that_of_the_line_before_or_of_when_it_was_read() {
        let mut distinct = Distinct::default();
        distinct.stamps.begin(50, 0);
        assert_eq!(distinct.time(b"text", 0, None), 50);
        assert_eq!(distinct.time(b"text", 5, None), 55);
        assert_eq!(distinct.time(b"line", 10, Some(30)), 30);
        assert_eq!(distinct.time(b"more", 15, None), 35);
        distinct.stamps.begin(30 + OLD, 20);
        assert_eq!(distinct.time(b"next day", 20, None), 30 + OLD);
        assert_eq!(distinct.time(b"next day", 29, None), 39 + OLD);
        let far = 10 + LOOK_BACK / 2;
        distinct.stamps.begin(60, far);
        assert_eq!(distinct.time(b"far behind", far, None), 60);
    }
}
