//! Tickets: numbers that stand for a [`Told`] where OpenTelemetry's types can carry nothing but a number.
//!
//! A ticket is redeemed once, possibly on another thread. It names an entry and that entry's generation, both checked under
//! the entry's lock, so an old ticket never reaches the span that uses the entry next. There are as many entries as spans
//! were waiting to start at once; a span that is dropped without being started takes its ticket back.

use super::Told;
use std::{
    cell::Cell,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Threads use different tables, so that they seldom wait for each other.
const TABLES: usize = 16;
const TABLE_BITS: u32 = 4;

static ALL: [Mutex<Table>; TABLES] = [const { Mutex::new(Table::new()) }; TABLES];
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Relaxed) % TABLES);
}

struct Table {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

struct Entry {
    generation: u32,
    told: Weak<Told>,
}

/// A ticket, never zero: the generation in the upper half, the index of the entry and the number of the table in the lower.
pub(super) fn issue(told: &Arc<Told>) -> u64 {
    let number = MINE.try_with(Cell::get).unwrap_or(0);
    let mut table = lock(number);
    let told = Arc::downgrade(told);
    let index = match table.free.pop() {
        Some(index) => {
            table.entries[index as usize].told = told;
            index
        }
        None => {
            table.entries.push(Entry {
                generation: 1,
                told,
            });
            (table.entries.len() - 1) as u32
        }
    };
    let generation = table.entries[index as usize].generation;
    u64::from(generation) << 32 | u64::from(index << TABLE_BITS) | number as u64
}

/// Redeems a ticket. `None` where it was redeemed before, or its span is gone.
pub(super) fn take(ticket: u64) -> Option<Arc<Told>> {
    let lower = ticket as u32;
    let mut table = lock(lower as usize % TABLES);
    let index = lower >> TABLE_BITS;
    let entry = table.entries.get_mut(index as usize)?;
    if u64::from(entry.generation) != ticket >> 32 {
        return None;
    }
    entry.generation = entry.generation.checked_add(1).unwrap_or(1);
    let told = std::mem::take(&mut entry.told);
    table.free.push(index);
    drop(table);
    told.upgrade()
}

fn lock(number: usize) -> MutexGuard<'static, Table> {
    ALL[number].lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    const fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_redeemed_once_and_never_reaches_the_next_span() {
        let (first, second) = (Arc::new(Told::default()), Arc::new(Told::default()));
        let old = issue(&first);
        assert!(take(old).is_some_and(|told| Arc::ptr_eq(&told, &first)));
        let new = issue(&second);
        assert!(take(old).is_none());
        assert!(take(new).is_some_and(|told| Arc::ptr_eq(&told, &second)));
    }

    #[test]
    fn spans_that_are_dropped_without_being_started_leave_no_entry_behind() {
        let entries = || lock(MINE.with(Cell::get)).entries.len();
        let told = Arc::new(Told::default());
        let ticket = told.issue_ticket().expect("the first");
        drop(told);
        assert!(take(ticket).is_none());
        let before = entries();
        for _ in 0..1_000 {
            let told = Arc::new(Told::default());
            assert!(told.issue_ticket().is_some());
        }
        // Another test may use the same table meanwhile.
        assert!(entries() <= before + 8);
    }

    #[test]
    fn tickets_can_be_redeemed_on_any_thread() {
        let all: Vec<_> = (0..1_000).map(|_| Arc::new(Told::default())).collect();
        let tickets: Vec<_> = all.iter().map(issue).collect();
        std::thread::scope(|threads| {
            for (chunk, all) in tickets.chunks(250).zip(all.chunks(250)) {
                threads.spawn(move || {
                    for (ticket, told) in chunk.iter().zip(all) {
                        let other = Arc::new(Told::default());
                        let mine = issue(&other);
                        assert!(take(*ticket).is_some_and(|found| Arc::ptr_eq(&found, told)));
                        assert!(take(mine).is_some_and(|found| Arc::ptr_eq(&found, &other)));
                    }
                });
            }
        });
    }
}
