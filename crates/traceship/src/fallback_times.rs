//! The times of lines without a time of their own, if no line before them has one: that of the next line with a time, or else the time at
//! which their file had last been modified when they were read.
//!
//! The cursor stores these times before the lines are sent, so that each attempt sends the same times.

use std::ops::Range;

/// The fallback times of one file.
#[derive(Debug, Default)]
pub(crate) struct FallbackTimes {
    known: Vec<FallbackTime>,
    /// The time for the bytes that are read now.
    current: i64,
    /// Whether a line needed the current time.
    is_used: bool,
}

/// A range of bytes in a file, and their time in nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FallbackTime {
    pub(crate) bytes: Range<u64>,
    pub(crate) nanos: i64,
}

impl FallbackTimes {
    pub(crate) fn new(known: Vec<FallbackTime>) -> Self {
        Self {
            known,
            ..Self::default()
        }
    }

    /// Sets the time for the bytes that are read next. Bytes that were read before keep their time.
    pub(crate) fn begin(&mut self, current: i64) {
        self.current = current;
        self.is_used = false;
    }

    /// Returns the time for an offset.
    pub(crate) fn at(&mut self, offset: u64) -> i64 {
        let known = self
            .known
            .iter()
            .find(|known| known.bytes.contains(&offset));
        self.is_used |= known.is_none();
        known.map_or(self.current, |known| known.nanos)
    }

    /// Stores the current time for the bytes that were read, if a line needed it, and removes the times of confirmed bytes. Returns all
    /// times to save, if there is a new one.
    pub(crate) fn keep(&mut self, read: Range<u64>, confirmed: u64) -> Option<Vec<FallbackTime>> {
        if !self.is_used {
            return None;
        }
        self.known.retain(|known| known.bytes.end > confirmed);
        // The range may overlap older ones. Those come first, so they take precedence.
        self.known.push(FallbackTime {
            bytes: read,
            nanos: self.current,
        });
        self.is_used = false;
        Some(self.known.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_were_read_once_keep_their_time() {
        let mut times = FallbackTimes::default();
        times.begin(7);
        assert_eq!(times.keep(0..10, 0), None, "no line needed the time");
        assert_eq!(times.at(3), 7);
        let saved = times.keep(0..10, 0).expect("a line needed the time");
        times.begin(8);
        assert_eq!((times.at(9), times.at(10)), (7, 8));
        times.keep(10..20, 0).expect("a line needed the time");

        // A restart before the second range was saved, and with other batch limits.
        let mut again = FallbackTimes::new(saved);
        again.begin(9);
        assert_eq!((again.at(9), again.at(10)), (7, 9));
        let saved = again.keep(5..30, 5).expect("a line needed the time");
        let mut again = FallbackTimes::new(saved);
        again.begin(10);
        assert_eq!(again.at(9), 7);
        assert_eq!((again.at(10), again.at(30)), (9, 10));
        let saved = again.keep(30..40, 30).expect("a line needed the time");
        assert_eq!(saved.len(), 1, "the times of confirmed bytes are removed");
    }
}
