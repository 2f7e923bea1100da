//! The ids of lines: ULIDs that increase in the order in which they are made.

use crate::json::base32;
use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher as _,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

/// The parts of a ULID, in symbols of 5 bits: its milliseconds, its number within the millisecond, and random bits.
const TIME: usize = 10;
const COUNTER: usize = 3;
const RANDOM: usize = 13;
const ULID: usize = TIME + COUNTER + RANDOM;

/// The bits of the symbols of the number within a millisecond.
const COUNTER_BITS: u32 = 15;

/// The ids of a process, as [ULIDs](https://github.com/ulid/spec): 48 bits of milliseconds since 1970, and 80 bits that distinguish the ids
/// of a millisecond. 15 of these bits count, and 65 are random.
///
/// - **Order.** Each id is greater than all ids that were made before it, on any thread. So the milliseconds are those of the line, or
///   later ones if an earlier id has them: the clock was set back, the line has waited, or the numbers of a millisecond were used up.
/// - **Uniqueness.** Milliseconds and number together occur once in a process. The random bits distinguish processes. Each thread draws
///   them once, and again after a fork, which it recognises by the process id. It cannot recognise a copy of the process that has the same
///   process id, such as one in the clone of a running virtual machine.
pub(super) struct UidSequence {
    /// Milliseconds and number of the next id, unless the next line is of a later millisecond. This one number has both, so that all
    /// threads see its changes in one order. It only grows.
    next: AtomicU64,
}

impl UidSequence {
    pub(super) const fn new() -> Self {
        Self {
            next: AtomicU64::new(0),
        }
    }

    /// Returns milliseconds and number of the id of a line of this time.
    #[inline]
    fn next(&self, millis: u64) -> u64 {
        let least = millis << COUNTER_BITS;
        if self.next.load(Ordering::Relaxed) < least {
            self.next.fetch_max(least, Ordering::Relaxed);
        }
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

/// The last id of a thread. The next one mostly differs from it only in the number within the millisecond.
pub(super) struct LastUid {
    /// The process that has drawn the random symbols. 0 before the first id.
    process: u32,
    millis: u64,
    /// The id without its number, and a quote.
    text: [u8; ULID + 1],
}

impl LastUid {
    /// Appends the id of a line of this time, in milliseconds since 1970, and a quote. `process` is the id of the current process.
    #[inline]
    pub(super) fn push_next(
        &mut self,
        out: &mut Vec<u8>,
        sequence: &UidSequence,
        millis: u64,
        process: u32,
    ) {
        let number = sequence.next(millis);
        let millis = number >> COUNTER_BITS;
        if self.millis != millis || self.process != process {
            self.begin(millis, process);
        }
        let counter = out.len() + TIME;
        out.extend_from_slice(&self.text);
        if let Some(symbols) = out.get_mut(counter..counter + COUNTER) {
            symbols.copy_from_slice(&base32::<COUNTER>(number));
        }
    }

    /// Begins another millisecond, and another process in a forked child.
    #[cold]
    fn begin(&mut self, millis: u64, process: u32) {
        self.millis = millis;
        self.text[..TIME].copy_from_slice(&base32::<TIME>(millis));
        if self.process != process {
            self.process = process;
            self.text[TIME + COUNTER..ULID].copy_from_slice(&random(process));
        }
    }
}

impl Default for LastUid {
    fn default() -> Self {
        Self {
            process: 0,
            millis: 0,
            text: [b'"'; ULID + 1],
        }
    }
}

/// Draws the random symbols.
fn random(process: u32) -> [u8; RANDOM] {
    // The keys are random, but those of a forked child are its parent's. The process id and the time make the hashes differ.
    let keys = RandomState::new();
    let now = SystemTime::now();
    let bits = |half: u8| keys.hash_one((half, process, now));
    let mut symbols = [0; RANDOM];
    let (first, second) = symbols.split_at_mut(RANDOM / 2);
    first.copy_from_slice(&base32::<{ RANDOM / 2 }>(bits(0)));
    second.copy_from_slice(&base32::<{ RANDOM - RANDOM / 2 }>(bits(1)));
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        array,
        collections::HashSet,
        sync::{Barrier, Mutex},
        thread,
    };

    const NOW: u64 = 1_469_918_176_385;

    /// A process, with one thread.
    struct Process {
        id: u32,
        sequence: UidSequence,
        last: LastUid,
    }

    impl Process {
        fn new(id: u32) -> Self {
            Self {
                id,
                sequence: UidSequence::new(),
                last: LastUid::default(),
            }
        }

        /// Returns a child with a copy of the memory.
        fn fork(&self, id: u32) -> Self {
            Self {
                id,
                sequence: UidSequence {
                    next: AtomicU64::new(self.sequence.next.load(Ordering::Relaxed)),
                },
                last: LastUid { ..self.last },
            }
        }

        fn make(&mut self, millis: u64) -> [u8; ULID] {
            make(&mut self.last, &self.sequence, millis, self.id)
        }
    }

    fn make(last: &mut LastUid, sequence: &UidSequence, millis: u64, process: u32) -> [u8; ULID] {
        let mut out = b"{".to_vec();
        last.push_next(&mut out, sequence, millis, process);
        assert_eq!((out.len(), out.last()), (ULID + 2, Some(&b'"')));
        array::from_fn(|at| out[1 + at])
    }

    fn is_increasing(ids: &[[u8; ULID]]) -> bool {
        ids.is_sorted_by(|earlier, later| earlier < later)
    }

    fn random_half(id: [u8; ULID]) -> [u8; RANDOM] {
        array::from_fn(|at| id[TIME + COUNTER + at])
    }

    #[test]
    fn an_id_is_a_ulid_of_the_lines_millisecond() {
        let id = Process::new(7).make(NOW);
        // The time is from the tests of https://github.com/ulid/javascript.
        assert_eq!(&id[..TIME + COUNTER], b"01ARYZ6S41000");
        let is_symbol = |byte: &u8| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(byte);
        assert!(id.iter().all(is_symbol), "{id:?}");
    }

    #[test]
    fn ids_of_a_millisecond_are_numbered() {
        let mut process = Process::new(7);
        for number in [*b"000", *b"001", *b"002"] {
            assert_eq!(process.make(NOW)[TIME..][..COUNTER], number);
        }
        assert_eq!(process.make(NOW + 1)[..TIME + COUNTER], *b"01ARYZ6S42000");
    }

    #[test]
    fn more_ids_than_a_millisecond_has_numbers_are_of_the_next_one() {
        let mut process = Process::new(7);
        let made: Vec<_> = (0..70_000).map(|_| process.make(NOW)).collect();
        assert!(is_increasing(&made));
        assert_eq!(made[69_999][..TIME], base32::<TIME>(NOW + 2));
    }

    #[test]
    fn ids_increase_when_the_clock_goes_back() {
        let mut process = Process::new(7);
        let times = [NOW, NOW - 3_600_000, 0, NOW - 1, NOW, NOW + 1, NOW];
        assert!(is_increasing(&times.map(|time| process.make(time))));
    }

    #[test]
    fn the_last_time_that_lines_can_have_leaves_room_for_more_ids() {
        let mut process = Process::new(7);
        let last = 253_402_300_799_999;
        let made = [last, last, NOW].map(|time| process.make(time));
        assert!(is_increasing(&made));
        assert_eq!(made[0][..TIME], base32::<TIME>(last));
    }

    #[test]
    fn ids_of_eight_threads_differ_and_increase_on_each_thread() {
        let sequence = UidSequence::new();
        let begin = Barrier::new(8);
        let made: Mutex<HashSet<[u8; TIME + COUNTER]>> = Mutex::default();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut last = LastUid::default();
                    begin.wait();
                    let ids: Vec<_> = (0..20_000)
                        .map(|n| make(&mut last, &sequence, NOW + n / 100, 7))
                        .collect();
                    assert!(is_increasing(&ids));
                    let mut made = made.lock().expect("no thread panics");
                    // The threads have different random symbols. Their ids differ even without them.
                    made.extend(ids.iter().map(|id| array::from_fn(|at| id[at])));
                });
            }
        });
        let made = made.into_inner().expect("no thread panics");
        assert_eq!(made.len(), 8 * 20_000);
    }

    #[test]
    fn an_id_is_greater_than_one_that_another_thread_has_made_before() {
        let sequence = UidSequence::new();
        let latest = Mutex::new([0; ULID]);
        thread::scope(|scope| {
            for thread in 0..8 {
                let (sequence, latest) = (&sequence, &latest);
                scope.spawn(move || {
                    let mut last = LastUid::default();
                    for n in 0..5_000 {
                        let mut latest = latest.lock().expect("no thread panics");
                        // The clocks of the threads differ.
                        let id = make(&mut last, sequence, NOW + n / 10 - thread, 7);
                        assert!(id > *latest);
                        *latest = id;
                    }
                });
            }
        });
    }

    #[test]
    fn a_forked_child_repeats_no_id_of_its_parent() {
        let mut parent = Process::new(7);
        let before = parent.make(NOW);
        let mut children = [parent.fork(8), parent.fork(9)];
        let mut made = HashSet::from([before]);
        for _ in 0..100 {
            assert!(made.insert(parent.make(NOW)));
            for child in &mut children {
                assert!(made.insert(child.make(NOW)));
            }
        }
        assert_eq!(random_half(parent.make(NOW)), random_half(before));
        let mut grandchild = children[0].fork(10);
        assert!(made.insert(grandchild.make(NOW)));
    }

    #[test]
    fn children_that_were_forked_before_the_first_id_draw_different_random_symbols() {
        let parent = Process::new(7);
        let halves = [1, 2, 3, 4].map(|id| random_half(parent.fork(id).make(NOW)));
        assert_eq!(HashSet::from(halves).len(), 4);
    }
}
