//! The states of a tracker's open spans, by the ids of the spans.
//!
//! A state in the [extensions](super::extension) of its span costs allocations and a map by type. A tracker that recognises its spans
//! needs nothing from the extensions, so it keeps the states here.

use super::span_state::SpanState;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tracing_core::span::Id;

const SHARDS: usize = 64;

/// The number of slots of a new shard, and the maximum. Both are powers of two.
const MIN_SLOTS: usize = 32;
const MAX_SLOTS: usize = 1 << 16;

/// The position of the thread's number in an id of the registry. In the bits below, the registry numbers the open spans of the thread
/// from zero. So threads rarely share a shard, and a shard is a dense array.
///
/// Only the speed depends on this. Ids of another form collide more often, and then their states are in the extensions.
const THREAD_SHIFT: u32 = if usize::BITS == 64 { 38 } else { 22 };
const THREAD_MASK: u64 = 0x1fff;

#[derive(Default)]
pub(super) struct SpanTable {
    /// Allocated for the first span.
    shards: OnceLock<Box<[Shard; SHARDS]>>,
}

/// Aligned, so that threads do not share cache lines.
#[repr(align(128))]
struct Shard(Mutex<Slots>);

/// The lower bits of a span's index are the number of its slot.
struct Slots(Vec<Option<Arc<SpanState>>>);

impl SpanTable {
    /// Adds the state of a new span. Returns it as an error if another span uses its slot. Calls `is_open` for that span, without a lock.
    #[inline]
    pub(super) fn insert(
        &self,
        state: Arc<SpanState>,
        is_open: impl FnOnce(&Id) -> bool,
    ) -> Result<(), Arc<SpanState>> {
        let (shard, index) = place(&state.id);
        let shards = self
            .shards
            .get_or_init(|| Box::new([const { Shard::new() }; SHARDS]));
        let shard = &shards[shard];
        if let Some(slot @ None) = shard.lock().at(index) {
            *slot = Some(state);
            return Ok(());
        }
        shard.make_room(index, state, is_open)
    }

    /// Returns the state of a span.
    pub(super) fn get(&self, id: &Id) -> Option<Arc<SpanState>> {
        let (shard, index) = place(id);
        let mut slots = self.shards.get()?[shard].lock();
        let state = slots.at(index)?.as_ref()?;
        (state.id == *id).then(|| Arc::clone(state))
    }

    /// Removes the state of a span that closes.
    #[inline]
    pub(super) fn remove(&self, id: &Id) -> Option<Arc<SpanState>> {
        let (shard, index) = place(id);
        let mut slots = self.shards.get()?[shard].lock();
        slots.at(index)?.take_if(|state| state.id == *id)
    }
}

/// The shard of a span, and the span's index in it.
#[inline]
fn place(id: &Id) -> (usize, usize) {
    let bits = id.into_u64().wrapping_sub(1);
    let thread = (bits >> THREAD_SHIFT & THREAD_MASK) as usize;
    // Threads that share a shard begin at different slots.
    let index = (bits as usize).wrapping_add(thread / SHARDS * (MIN_SLOTS / 4));
    (thread % SHARDS, index)
}

impl Shard {
    const fn new() -> Self {
        Self(Mutex::new(Slots(Vec::new())))
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn make_room(
        &self,
        index: usize,
        state: Arc<SpanState>,
        is_open: impl FnOnce(&Id) -> bool,
    ) -> Result<(), Arc<SpanState>> {
        let used_by = self.lock().used_by(index);
        // A layer that is taken out of a `reload` misses that spans close.
        let closed = used_by.filter(|id| *id == state.id || !is_open(id));
        let mut slots = self.lock();
        loop {
            let known = slots.used_by(index);
            if (known.is_none() || known == closed)
                && let Some(slot) = slots.at(index)
            {
                let replaced = slot.replace(state);
                drop(slots);
                drop(replaced);
                return Ok(());
            }
            if !slots.grow() {
                return Err(state);
            }
        }
    }
}

impl Slots {
    #[inline]
    fn at(&mut self, index: usize) -> Option<&mut Option<Arc<SpanState>>> {
        let mask = self.0.len().wrapping_sub(1);
        self.0.get_mut(index & mask)
    }

    /// The span that uses the slot for this index.
    fn used_by(&mut self, index: usize) -> Option<Id> {
        Some(self.at(index)?.as_ref()?.id.clone())
    }

    /// Doubles the number of slots. Does not if there are very many already, or if most are unused: then ids collide that have their
    /// lower bits in common, and more slots would not separate them.
    fn grow(&mut self) -> bool {
        let used = self.0.iter().flatten().count();
        if self.0.len() == MAX_SLOTS || used < self.0.len() / 8 {
            return false;
        }
        let length = (self.0.len() * 2).max(MIN_SLOTS);
        let states = std::mem::replace(&mut self.0, vec![None; length]);
        // States from different slots have different slots again.
        for state in states.into_iter().flatten() {
            if let Some(slot) = self.at(place(&state.id).1) {
                *slot = Some(state);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{super::site_history::SiteHistory, *};

    fn id(thread: u64, number: u64, generation: u64) -> Id {
        let thread_bits = THREAD_MASK.count_ones();
        let bits = generation << (THREAD_SHIFT + thread_bits) | thread << THREAD_SHIFT | number;
        Id::from_u64(bits + 1)
    }

    fn state(id: &Id) -> Arc<SpanState> {
        let registry = tracing_subscriber::registry();
        let span = tracing::subscriber::with_default(registry, || tracing::info_span!("span"));
        let metadata = span.metadata().expect("the span is enabled");
        let history = SiteHistory::new(metadata);
        Arc::new(SpanState::new(id.clone(), Arc::new(history)))
    }

    /// Fails if the table has the state of another span.
    fn has(table: &SpanTable, id: &Id) -> bool {
        let found = table.get(id);
        assert!(found.as_ref().is_none_or(|state| state.id == *id));
        found.is_some()
    }

    #[test]
    fn the_states_of_many_open_spans_are_found_until_they_are_removed() {
        let table = SpanTable::default();
        let ids: Vec<Id> = (0..1_000).map(|number| id(3, number, 5)).collect();
        for id in &ids {
            assert!(!has(&table, id));
            assert!(table.insert(state(id), |_| true).is_ok());
        }
        for id in &ids {
            assert!(has(&table, id));
            assert!(table.remove(id).is_some_and(|state| state.id == *id));
            assert!(!has(&table, id) && table.remove(id).is_none());
        }
    }

    #[test]
    fn the_spans_of_threads_that_share_a_shard_are_not_mixed_up() {
        let table = SpanTable::default();
        let threads = [0, 1, 2].map(|number| number * SHARDS as u64);
        for number in 0..100 {
            for thread in threads {
                let id = id(thread, number, 0);
                let is_added = table.insert(state(&id), |_| true).is_ok();
                assert_eq!(has(&table, &id), is_added);
            }
        }
    }

    #[test]
    fn a_span_that_closed_unnoticed_gives_its_slot_to_the_next_one() {
        let table = SpanTable::default();
        let [first, second] = [0, 1].map(|generation| id(0, 7, generation));
        assert!(table.insert(state(&first), |_| true).is_ok());
        assert!(table.insert(state(&second), |_| true).is_err());
        assert!(has(&table, &first) && !has(&table, &second));
        assert!(table.insert(state(&second), |id| *id != first).is_ok());
        assert!(has(&table, &second) && !has(&table, &first));
    }

    #[test]
    fn a_span_replaces_one_of_the_same_id_that_closed_unnoticed() {
        let table = SpanTable::default();
        let id = id(0, 7, 0);
        let [before, after] = [state(&id), state(&id)];
        assert!(table.insert(before, |_| true).is_ok());
        assert!(table.insert(Arc::clone(&after), |_| true).is_ok());
        assert!(
            table
                .remove(&id)
                .is_some_and(|state| Arc::ptr_eq(&state, &after))
        );
        assert!(!has(&table, &id));
    }

    #[test]
    fn a_shard_does_not_grow_for_ids_that_still_collide_then() {
        let table = SpanTable::default();
        let ids: Vec<Id> = (0..100).map(|number| id(0, number << 16, 0)).collect();
        assert!(table.insert(state(&ids[0]), |_| true).is_ok());
        for id in &ids[1..] {
            assert!(table.insert(state(id), |_| true).is_err());
        }
        let shards = table.shards.get().expect("there was a span");
        assert_eq!(shards[0].lock().0.len(), MIN_SLOTS);
    }
}
