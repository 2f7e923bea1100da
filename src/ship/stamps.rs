//! The times of lines that say none themselves: when their file had been written last as they were read. Kept in the cursor before
//! they are sent, so that they come out the same on each attempt.

use std::ops::Range;

/// What is known of one file.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    known: Vec<Stamp>,
    /// For what is read now, and where that begins.
    now: i64,
    start: u64,
    is_used: bool,
}

/// Some bytes of a file, and the nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) bytes: Range<u64>,
    pub(super) nanos: i64,
}

impl Stamps {
    pub(super) fn new(known: Vec<Stamp>) -> Self {
        Self {
            known,
            ..Self::default()
        }
    }

    /// What is read next is of this time, unless it was read before.
    pub(super) fn begin(&mut self, now: i64, start: u64) {
        (self.now, self.start) = (now, start);
        self.is_used = false;
    }

    /// When it was read, and where that which was read with it begins.
    pub(super) fn at(&mut self, offset: u64) -> (i64, u64) {
        let known = self
            .known
            .iter()
            .find(|known| known.bytes.contains(&offset));
        self.is_used |= known.is_none();
        known.map_or((self.now, self.start), |known| {
            (known.nanos, known.bytes.start)
        })
    }

    /// Keeps the time of what was read, where it was needed, and forgets those of what is confirmed. All that are to be saved now, if
    /// there is a new one.
    pub(super) fn keep(&mut self, read: Range<u64>, confirmed: u64) -> Option<Vec<Stamp>> {
        if !self.is_used {
            return None;
        }
        self.known.retain(|known| known.bytes.end > confirmed);
        // Behind the older ones, which it may overlap: those hold.
        self.known.push(Stamp {
            bytes: read,
            nanos: self.now,
        });
        self.is_used = false;
        Some(self.known.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_once_keeps_its_time() {
        let mut stamps = Stamps::default();
        stamps.begin(7, 0);
        assert_eq!(stamps.keep(0..10, 0), None, "nobody asked");
        assert_eq!(stamps.at(3), (7, 0));
        let saved = stamps.keep(0..10, 0).expect("it was needed");
        stamps.begin(8, 10);
        assert_eq!((stamps.at(9), stamps.at(10)), ((7, 0), (8, 10)));
        stamps.keep(10..20, 0).expect("it was needed");

        // A restart before the second was saved, with other limits.
        let mut again = Stamps::new(saved);
        again.begin(9, 5);
        assert_eq!((again.at(9), again.at(10)), ((7, 0), (9, 5)));
        let saved = again.keep(5..30, 5).expect("it was needed");
        let mut again = Stamps::new(saved);
        again.begin(10, 30);
        assert_eq!(again.at(9), (7, 0));
        assert_eq!((again.at(10), again.at(30)), ((9, 5), (10, 30)));
        let saved = again.keep(30..40, 30).expect("it was needed");
        assert_eq!(saved.len(), 1, "what is confirmed is forgotten");
    }
}
