//! The size of requests while the server may not respond, and on a slow link.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The size of the first request, and of the next one after a failure. If its response is lost too, only so much is sent again.
const FIRST_BYTES: usize = 32 << 10;
/// A request with fewer bytes of lines is not made smaller.
const MIN_BYTES: usize = 4 << 10;
/// No batch is larger.
const MAX_BYTES: usize = 8 << 20;

/// After a request that took too long, this many requests of about the largest size have to succeed before the size grows. A size that is still
/// too large costs a time-out. Otherwise one is enough.
const SUCCESSES_AFTER_TIME_OUT: usize = 16;

/// How many bytes of lines a request may have. The limit is small until the server has responded. It is halved when a request takes too
/// long, and doubled after requests of about this size have succeeded.
#[derive(Debug)]
pub(super) struct PartSize {
    limit: AtomicUsize,
    successes: AtomicUsize,
    /// How many successes it takes to double the limit.
    needed: AtomicUsize,
}

impl Default for PartSize {
    fn default() -> Self {
        Self {
            limit: AtomicUsize::new(FIRST_BYTES),
            successes: AtomicUsize::new(0),
            needed: AtomicUsize::new(1),
        }
    }
}

impl PartSize {
    pub(super) fn is_above(&self, bytes: usize) -> bool {
        bytes > self.limit.load(Relaxed)
    }

    /// Notes that the server failed or did not respond. It may have stored the lines nevertheless, and may store them each time that they are
    /// sent.
    pub(super) fn failed(&self) {
        self.limit.fetch_min(FIRST_BYTES, Relaxed);
        self.successes.store(0, Relaxed);
    }

    /// Notes that a request with this many bytes of lines took too long.
    pub(super) fn timed_out(&self, bytes: usize) {
        let smaller = (bytes / 2).max(MIN_BYTES);
        self.limit.fetch_min(smaller, Relaxed);
        self.successes.store(0, Relaxed);
        self.needed.store(SUCCESSES_AFTER_TIME_OUT, Relaxed);
    }

    /// Notes that the server has responded to a request with this many bytes of lines.
    pub(super) fn succeeded(&self, bytes: usize) {
        let limit = self.limit.load(Relaxed);
        if limit == usize::MAX || bytes < limit / 2 {
            return;
        }
        if self.successes.fetch_add(1, Relaxed) + 1 < self.needed.load(Relaxed) {
            return;
        }
        self.successes.store(0, Relaxed);
        let larger = if limit < MAX_BYTES {
            limit * 2
        } else {
            self.needed.store(1, Relaxed);
            usize::MAX
        };
        // Another thread may have changed the limit meanwhile, and then that limit stays.
        let _ = self.limit.compare_exchange(limit, larger, Relaxed, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A size that has grown to its end.
    fn grown() -> PartSize {
        let size = PartSize::default();
        while size.is_above(usize::MAX - 1) {
            let limit = size.limit.load(Relaxed);
            size.succeeded(limit / 2);
        }
        size
    }

    #[test]
    fn requests_are_small_until_the_server_responds_and_after_it_has_failed() {
        let failed = grown();
        failed.failed();
        for size in [PartSize::default(), failed] {
            assert!(size.is_above(FIRST_BYTES + 1) && !size.is_above(FIRST_BYTES));
            // A small request says nothing about larger ones.
            size.succeeded(100);
            assert!(size.is_above(FIRST_BYTES + 1));
            size.succeeded(FIRST_BYTES);
            assert!(size.is_above(2 * FIRST_BYTES + 1) && !size.is_above(2 * FIRST_BYTES));
        }
    }

    #[test]
    fn requests_are_halved_until_they_succeed_and_grow_again() {
        let size = grown();
        size.timed_out(1 << 20);
        assert!(size.is_above((512 << 10) + 1) && !size.is_above(512 << 10));
        size.timed_out(512 << 10);
        size.succeeded(100);
        assert!(size.is_above((256 << 10) + 1));
        for _ in 0..6 * SUCCESSES_AFTER_TIME_OUT {
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
