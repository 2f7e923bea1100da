//! The times that are sent with lines that have no id of their own.
//!
//! A server such as Loki stores one entry for each time and text of a stream. So equal lines get different times: the digits below the
//! precision in which a time was written are filled with numbers that differ for each file, and for each line of a file with the same time.
//! They depend on the file's slot and on the lines before alone, so a line that is sent again has the same time.

use log_files::{Time, Unit};

/// The last time of a line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastTime {
    pub(crate) nanos: i64,
    /// Where the line begins.
    pub(crate) offset: u64,
    /// How many lines before it have the same time, without other times between them.
    pub(crate) number: u64,
    /// The unit in which the time was written.
    pub(crate) unit: Unit,
    /// The time of the last line without one after it, or 0.
    pub(crate) text: i64,
}

/// A line without a time gets a later time than the one before it, unless that one is this much later, as after a clock was set back.
const SECOND: i64 = 1_000_000_000;

impl LastTime {
    /// Returns the last time after one more line.
    pub(crate) fn after(last: Option<Self>, time: Time, offset: u64) -> Self {
        let number = match last {
            Some(last) if last.nanos == time.nanos => last.number + 1,
            _ => 0,
        };
        Self {
            nanos: time.nanos,
            offset,
            number,
            unit: time.unit,
            text: last.map_or(0, |last| last.text),
        }
    }

    /// Returns the time of a line without one, which is a line after this one in a file. `line` is its number in the file.
    pub(crate) fn next_text(&mut self, slot: u16, line: u64) -> i64 {
        let time = Time {
            nanos: self.nanos,
            unit: self.unit,
        };
        let nanos = distinct_nanos(time, slot, line, self.number);
        let is_before = nanos <= self.text && self.text.saturating_sub(nanos) < SECOND;
        self.text = match is_before {
            true => self.text.saturating_add(1),
            false => nanos,
        };
        self.text
    }
}

/// Returns the unit that has this many nanoseconds.
pub(crate) fn unit_of(nanos: i64) -> Option<Unit> {
    let units = [
        Unit::Second,
        Unit::Millisecond,
        Unit::Microsecond,
        Unit::Nanosecond,
    ];
    units.into_iter().find(|unit| unit.nanos() == nanos)
}

/// Returns a time in nanoseconds since 1970 that differs from those of other lines with the same time. `line` is the number of the line in
/// its file, and `number` that of [`LastTime`]. The result is within the unit in which the time was written, unless more lines in a row
/// have the same time than can get different times:
///
/// | written in | files with different times | lines of a file with different times |
/// |---|---|---|
/// | seconds | 1,000 | 1,000,000 |
/// | milliseconds | 1,000 | 1,000 |
/// | microseconds | 16 | 62, and any number in a row |
/// | nanoseconds | one | any number in a row |
pub(crate) fn distinct_nanos(time: Time, slot: u16, line: u64, number: u64) -> i64 {
    let (slots, lines) = match time.unit {
        Unit::Second => (1_000, 1_000_000),
        Unit::Millisecond => (1_000, 1_000),
        Unit::Microsecond => (16, 62),
        Unit::Nanosecond => (1, 1),
    };
    let units = time
        .unit
        .nanos()
        .saturating_mul((number / lines).cast_signed());
    let below = u64::from(slot) % slots * lines + line % lines;
    time.nanos
        .saturating_add(units)
        .saturating_add(below.cast_signed())
}

/// Returns what is added to the fallback time of a line without a time, so that such lines have different times: those of one file in their
/// order, and those of 1,000 files. `line` is the number of the line in its file.
pub(crate) fn untimed_nanos(slot: u16, line: u64) -> i64 {
    // A line gets a time of at most a minute later.
    let micros = (line % 60_000_000).cast_signed();
    micros * Unit::Microsecond.nanos() + i64::from(slot % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn equal_times_become_different_and_stay_within_their_unit() {
        for (unit, slots, lines) in [
            (Unit::Second, 1_000, 5_000),
            (Unit::Millisecond, 1_000, 1_000),
            (Unit::Microsecond, 16, 62),
        ] {
            let time = Time {
                nanos: 5 * unit.nanos(),
                unit,
            };
            let mut all = HashSet::new();
            for slot in (0..slots).step_by(7) {
                for number in 0..lines {
                    let nanos = distinct_nanos(time, slot, number + 5, 0);
                    assert!(all.insert(nanos), "{unit:?} {slot} {number}");
                    assert_eq!(nanos / unit.nanos(), 5);
                }
            }
        }
    }

    #[test]
    fn lines_without_a_time_have_different_times_in_their_order() {
        for unit in [
            Unit::Second,
            Unit::Millisecond,
            Unit::Microsecond,
            Unit::Nanosecond,
        ] {
            let (mut last, mut before) = (None, 0);
            for line in 0..2_000 {
                // Two lines with equal times, and 18 lines after each.
                let time = Time {
                    nanos: (7 + line / 40) as i64 * unit.nanos(),
                    unit,
                };
                if line % 20 == 0 {
                    last = Some(LastTime::after(last, time, line * 100));
                } else if let Some(last) = &mut last {
                    let nanos = last.next_text(3, line);
                    assert!(nanos > before, "{unit:?} {line}");
                    before = nanos;
                }
            }
        }
    }

    #[test]
    fn more_equal_times_in_a_row_than_fit_are_still_different() {
        for unit in [Unit::Millisecond, Unit::Microsecond, Unit::Nanosecond] {
            let time = Time { nanos: 7, unit };
            let all: HashSet<i64> = (0..5_000)
                .map(|n| distinct_nanos(time, 3, n + 17, n))
                .collect();
            assert_eq!(all.len(), 5_000, "{unit:?}");
        }
        let exact = Time {
            nanos: 7,
            unit: Unit::Nanosecond,
        };
        assert_eq!(distinct_nanos(exact, 3, 9, 0), 7);
    }
}
