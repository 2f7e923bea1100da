//! The size of requests on a slow link.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A request with fewer bytes of lines is not made smaller.
const MIN_BYTES: usize = 4 << 10;
/// No batch is larger.
const MAX_BYTES: usize = 8 << 20;

/// How many requests of about the largest size have to succeed before the size grows. A size that is still too large costs a time-out.
const SUCCESSES: usize = 16;

/// How many bytes of lines a request may have. The limit is halved when a request takes too long, and doubled after several requests of
/// about this size have succeeded.
#[derive(Debug)]
pub(super) struct PartSize {
    limit: AtomicUsize,
    successes: AtomicUsize,
}

impl Default for PartSize {
    fn default() -> Self {
        Self {
            limit: AtomicUsize::new(usize::MAX),
            successes: AtomicUsize::new(0),
        }
    }
}

impl PartSize {
    pub(super) fn is_above(&self, bytes: usize) -> bool {
        bytes > self.limit.load(Relaxed)
    }

    /// Notes that a request with this many bytes of lines took too long.
    pub(super) fn timed_out(&self, bytes: usize) {
        let smaller = (bytes / 2).max(MIN_BYTES);
        self.limit.fetch_min(smaller, Relaxed);
        self.successes.store(0, Relaxed);
    }

    /// Notes that the server has responded to a request with this many bytes of lines.
    pub(super) fn succeeded(&self, bytes: usize) {
        let limit = self.limit.load(Relaxed);
        if limit == usize::MAX || bytes < limit / 2 {
            return;
        }
        if self.successes.fetch_add(1, Relaxed) + 1 < SUCCESSES {
            return;
        }
        self.successes.store(0, Relaxed);
        let larger = if limit < MAX_BYTES {
            limit * 2
        } else {
            usize::MAX
        };
        // Another thread may have changed the limit meanwhile, and then that limit stays.
        let _ = self.limit.compare_exchange(limit, larger, Relaxed, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_halved_until_they_succeed_and_grow_again() {
        let size = PartSize::default();
        assert!(!size.is_above(MAX_BYTES));
        size.timed_out(1 << 20);
        assert!(size.is_above((512 << 10) + 1) && !size.is_above(512 << 10));
        size.timed_out(512 << 10);
        // A small request says nothing about larger ones.
        size.succeeded(100);
        assert!(size.is_above((256 << 10) + 1));
        for _ in 0..6 * SUCCESSES {
            let limit = size.limit.load(Relaxed);
            size.succeeded(limit / 2);
        }
        assert!(!size.is_above(MAX_BYTES));
        for _ in 0..40 {
            let limit = size.limit.load(Relaxed).min(MAX_BYTES);
            size.timed_out(limit);
        }
        assert!(size.is_above(MIN_BYTES + 1) && !size.is_above(MIN_BYTES));
    }
}
