//! A counter that many threads increment without an atomic addition, and so without taking a cache line away from each other.

use std::{
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// The sum of counts, one per thread.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    shared: Vec<Arc<AtomicU64>>,
    /// The sum of the counts whose threads have ended.
    ended: u64,
    /// How many counts there were when ended ones were looked for.
    looked_at: usize,
}

/// The count of one thread.
#[derive(Debug)]
pub(crate) struct Count {
    shared: Arc<AtomicU64>,
}

impl Count {
    /// Counts one.
    #[inline]
    pub(crate) fn increment(&mut self) {
        // Nobody else writes to it.
        self.shared.store(self.shared.load(Relaxed) + 1, Relaxed);
    }
}

impl Sum {
    pub(super) fn get(&self) -> u64 {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let running: u64 = counts.shared.iter().map(|count| count.load(Relaxed)).sum();
        counts.ended + running
    }

    /// Counts one, on a thread that has no count.
    pub(super) fn increment(&self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.ended += 1;
    }

    /// Adds a count.
    pub(super) fn new_count(&self) -> Count {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        // As often as it takes so that the time per count stays constant.
        if counts.shared.len() > 2 * counts.looked_at {
            counts.remove_ended();
        }
        let shared = Arc::default();
        counts.shared.push(Arc::clone(&shared));
        Count { shared }
    }
}

impl Counts {
    fn remove_ended(&mut self) {
        let mut ended = 0;
        self.shared.retain_mut(|count| match Arc::get_mut(count) {
            Some(count) => {
                ended += mem::take(count.get_mut());
                false
            }
            None => true,
        });
        self.ended += ended;
        self.looked_at = self.shared.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn threads_that_have_ended_are_counted_and_take_no_memory() {
        let sum = Sum::default();
        let mut own = sum.new_count();
        for _ in 0..1_000 {
            let mut count = sum.new_count();
            own.increment();
            thread::scope(|scope| {
                scope.spawn(|| {
                    count.increment();
                    count.increment();
                });
            });
        }
        sum.increment();
        assert_eq!(sum.get(), 3_001);
        let shared = sum.counts.lock().expect("no test panics").shared.len();
        assert!(shared < 10, "{shared}");
    }
}
