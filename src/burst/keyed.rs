//! A table of buckets by the hash of a key. It never grows, and is read and changed without a lock.

use super::bucket::Bucket;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{AcqRel, Acquire},
};

/// The number of keys of a call site, a power of two.
const SLOTS: usize = 1_024;

/// A key is in one of so many neighbouring slots.
const PROBES: usize = 8;

#[derive(Debug)]
pub(super) struct Keyed(Box<[Slot]>);

#[derive(Debug)]
struct Slot {
    /// Zero if no key has this slot.
    key: AtomicU64,
    bucket: Bucket,
}

impl Slot {
    fn new() -> Self {
        Self {
            key: AtomicU64::new(0),
            bucket: Bucket::new(0),
        }
    }
}

impl Default for Keyed {
    fn default() -> Self {
        Self((0..SLOTS).map(|_| Slot::new()).collect())
    }
}

impl Keyed {
    /// Returns the bucket of a key. Returns `None` if no slot is free for it.
    ///
    /// A slot is free if its period is over and it has nothing to report. A thread that found a slot may count in it after another
    /// thread has taken the slot for another key. The number is then reported with the other key, and is not lost.
    pub(super) fn bucket(&self, key: u64, now: u32, period: u32) -> Option<&Bucket> {
        let key = key.max(1);
        if let Some(slot) = self.probe(key).find(|slot| slot.key.load(Acquire) == key) {
            return Some(&slot.bucket);
        }
        let taken = self.probe(key).find(|slot| {
            let seen = slot.key.load(Acquire);
            let is_free = seen == 0
                || (slot.bucket.window.is_over(now, period) && !slot.bucket.has_suppressed());
            let replaced = || slot.key.compare_exchange(seen, key, AcqRel, Acquire);
            // Another thread may have taken the slot for the same key.
            seen == key || (is_free && replaced().map_or_else(|other| other == key, |_| true))
        });
        taken.map(|slot| &slot.bucket)
    }

    pub(super) fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        self.0.iter().map(|slot| &slot.bucket)
    }

    fn probe(&self, key: u64) -> impl Iterator<Item = &Slot> {
        let first = (key >> 32) as usize;
        (0..PROBES).filter_map(move |step| self.0.get((first + step) % SLOTS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: u32 = 1_000;

    /// Keys with the same neighbourhood.
    fn keys() -> impl Iterator<Item = u64> {
        (1..).map(|key| key | 7 << 32)
    }

    #[test]
    fn each_key_has_its_own_bucket_as_long_as_slots_are_free() {
        let keyed = Keyed::default();
        for key in keys().take(PROBES) {
            let bucket = keyed.bucket(key, 0, PERIOD).expect("a slot is free");
            assert_eq!(bucket.window.count(0, PERIOD), 1);
        }
        assert!(
            keyed
                .bucket(keys().nth(PROBES).expect("endless"), 0, PERIOD)
                .is_none()
        );
        for key in keys().take(PROBES) {
            let bucket = keyed.bucket(key, 0, PERIOD).expect("the key has a slot");
            assert_eq!(bucket.window.count(0, PERIOD), 2);
        }
    }

    #[test]
    fn a_slot_is_free_again_after_its_period_unless_it_has_something_to_report() {
        let keyed = Keyed::default();
        for (index, key) in keys().take(PROBES).enumerate() {
            let bucket = keyed.bucket(key, 0, PERIOD).expect("a slot is free");
            bucket.window.count(0, PERIOD);
            if index != 5 {
                bucket.suppress();
            }
        }
        let key = keys().nth(PROBES).expect("endless");
        assert!(keyed.bucket(key, PERIOD - 1, PERIOD).is_none());
        let bucket = keyed.bucket(key, PERIOD, PERIOD).expect("a slot is free");
        assert!(std::ptr::eq(
            bucket,
            keyed.buckets().nth(7 + 5).expect("a slot"),
        ));
        assert_eq!(bucket.window.count(PERIOD, PERIOD), 1);
        let next = keys().nth(PROBES + 1).expect("endless");
        assert!(keyed.bucket(next, PERIOD, PERIOD).is_none());
    }
}
