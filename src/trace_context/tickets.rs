//! Tickets: numbers that represent an `Arc` where OpenTelemetry's types can carry only a number.
//!
//! A ticket is redeemed once, possibly on another thread. It names an entry and the entry's generation. Both are checked under
//! the entry's lock, so an old ticket never reaches the value that uses the entry next. A table has as many entries as it once
//! had tickets outstanding: redeeming a ticket frees its entry.

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

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Relaxed) % TABLES);
}

/// All outstanding tickets for values of one type.
pub(super) struct Tickets<T> {
    tables: [Mutex<Table<T>>; TABLES],
}

struct Table<T> {
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
}

struct Entry<T> {
    generation: u32,
    value: Weak<T>,
}

impl<T> Tickets<T> {
    pub(super) const fn new() -> Self {
        Self {
            tables: [const { Mutex::new(Table::new()) }; TABLES],
        }
    }

    /// A ticket, never zero: the generation is in the upper half, the index of the entry and the number of the table in the
    /// lower.
    pub(super) fn issue(&self, value: &Arc<T>) -> u64 {
        let number = MINE.try_with(Cell::get).unwrap_or(0);
        let mut table = self.lock(number);
        let value = Arc::downgrade(value);
        let index = match table.free.pop() {
            Some(index) => {
                table.entries[index as usize].value = value;
                index
            }
            None => {
                table.entries.push(Entry {
                    generation: 1,
                    value,
                });
                (table.entries.len() - 1) as u32
            }
        };
        let generation = table.entries[index as usize].generation;
        u64::from(generation) << 32 | u64::from(index << TABLE_BITS) | number as u64
    }

    /// Redeems a ticket. `None` if it was redeemed before, or its value is gone.
    pub(super) fn redeem(&self, ticket: u64) -> Option<Arc<T>> {
        let lower = ticket as u32;
        let mut table = self.lock(lower as usize % TABLES);
        let index = lower >> TABLE_BITS;
        let entry = table.entries.get_mut(index as usize)?;
        if u64::from(entry.generation) != ticket >> 32 {
            return None;
        }
        entry.generation = entry.generation.checked_add(1).unwrap_or(1);
        let value = std::mem::take(&mut entry.value);
        table.free.push(index);
        drop(table);
        value.upgrade()
    }

    fn lock(&self, number: usize) -> MutexGuard<'_, Table<T>> {
        self.tables[number]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many entries there are in the table that this thread issues from.
    #[cfg(test)]
    pub(super) fn entries_of_this_thread(&self) -> usize {
        self.lock(MINE.with(Cell::get)).entries.len()
    }
}

impl<T> Table<T> {
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
        let tickets = Tickets::new();
        let (first, second) = (Arc::new(1), Arc::new(2));
        let old = tickets.issue(&first);
        assert!(
            tickets
                .redeem(old)
                .is_some_and(|found| Arc::ptr_eq(&found, &first))
        );
        let new = tickets.issue(&second);
        assert!(tickets.redeem(old).is_none());
        assert!(
            tickets
                .redeem(new)
                .is_some_and(|found| Arc::ptr_eq(&found, &second))
        );
    }

    #[test]
    fn tickets_can_be_redeemed_on_any_thread() {
        static TICKETS: Tickets<u32> = Tickets::new();
        let all: Vec<_> = (0..1_000).map(Arc::new).collect();
        let tickets: Vec<_> = all.iter().map(|value| TICKETS.issue(value)).collect();
        std::thread::scope(|threads| {
            for (chunk, all) in tickets.chunks(250).zip(all.chunks(250)) {
                threads.spawn(move || {
                    for (ticket, value) in chunk.iter().zip(all) {
                        let other = Arc::new(0);
                        let mine = TICKETS.issue(&other);
                        let found = TICKETS.redeem(*ticket);
                        assert!(found.is_some_and(|found| Arc::ptr_eq(&found, value)));
                        let found = TICKETS.redeem(mine);
                        assert!(found.is_some_and(|found| Arc::ptr_eq(&found, &other)));
                    }
                });
            }
        });
    }
}
