use super::window::Window;
use std::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};

/// How often the reporter looks at a number before it writes a line of its own about it. A line that comes in time carries the number.
const LOOKS: u32 = 3;

/// Counts the events of a call site or a key.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) window: Window,
    /// Lines that were left out and are not reported yet.
    suppressed: AtomicU64,
    /// How often the reporter has seen the current number.
    looks: AtomicU32,
}

impl Bucket {
    /// Returns a bucket with this number to report.
    pub(super) const fn new(suppressed: u64) -> Self {
        Self {
            window: Window::new(),
            suppressed: AtomicU64::new(suppressed),
            looks: AtomicU32::new(0),
        }
    }

    /// Counts a line that is left out.
    #[inline]
    pub(super) fn suppress(&self) {
        // In one order with the flag of the reporter: either this thread sees that the reporter sleeps, or the reporter sees the number.
        self.suppressed.fetch_add(1, SeqCst);
    }

    #[inline]
    pub(super) fn has_suppressed(&self) -> bool {
        self.suppressed.load(SeqCst) > 0
    }

    /// Takes the number of lines that are not reported yet, for the caller to report.
    #[inline]
    pub(super) fn take(&self) -> u64 {
        if self.suppressed.load(Relaxed) == 0 {
            return 0;
        }
        self.looks.store(0, Relaxed);
        self.suppressed.swap(0, Relaxed)
    }

    /// Takes the number if no line has taken it for some time. The reporter calls this at an interval.
    pub(super) fn take_if_due(&self) -> u64 {
        if !self.has_suppressed() {
            return 0;
        }
        if self.looks.fetch_add(1, Relaxed) + 1 < LOOKS {
            return 0;
        }
        self.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_due_after_three_looks_unless_a_line_takes_it_before() {
        let bucket = Bucket::new(0);
        assert_eq!(bucket.take_if_due(), 0);
        bucket.suppress();
        assert_eq!((bucket.take_if_due(), bucket.take_if_due()), (0, 0));
        bucket.suppress();
        assert_eq!((bucket.take_if_due(), bucket.take_if_due()), (2, 0));
        bucket.suppress();
        assert_eq!((bucket.take_if_due(), bucket.take_if_due()), (0, 0));
        assert_eq!((bucket.take(), bucket.take()), (1, 0));
        bucket.suppress();
        assert_eq!((bucket.take_if_due(), bucket.take_if_due()), (0, 0));
        assert_eq!(bucket.take_if_due(), 1);
    }
}
