//! The traces of the last lines that this thread has held, so that it finds them without a lock.

use super::{held_trace::HeldTrace, line::TraceKey};
use std::{cell::Cell, sync::Arc};

/// How many traces a thread remembers. A trace is remembered in one place only, which another one may need.
const PLACES: usize = 16;

thread_local! {
    static RECENT: Cell<Option<Box<Recent>>> = const { Cell::new(None) };
}

#[derive(Default)]
struct Recent([Option<Place>; PLACES]);

struct Place {
    store: u64,
    key: TraceKey,
    trace: Arc<HeldTrace>,
}

/// Returns the trace that the thread remembers.
#[inline]
pub(super) fn get(store: u64, key: TraceKey) -> Option<Arc<HeldTrace>> {
    with_recent(|recent| Some(Arc::clone(&recent.known(store, key)?.trace)))?
}

/// Calls `f` with the trace, if the thread remembers it. `f` must not look for a trace.
#[inline]
pub(super) fn with<T>(store: u64, key: TraceKey, f: impl FnOnce(&HeldTrace) -> T) -> Option<T> {
    with_recent(|recent| Some(f(&recent.known(store, key)?.trace)))?
}

/// Remembers a trace.
pub(super) fn insert(store: u64, key: TraceKey, trace: &Arc<HeldTrace>) {
    let trace = Arc::clone(trace);
    with_recent(|recent| *recent.place(store, key) = Some(Place { store, key, trace }));
}

/// Forgets a trace.
pub(super) fn remove(store: u64, key: TraceKey) {
    with_recent(|recent| {
        if recent.known(store, key).is_some() {
            *recent.place(store, key) = None;
        }
    });
}

/// Fails while the thread's locals are destroyed: then nothing is remembered.
#[inline]
fn with_recent<T>(f: impl FnOnce(&mut Recent) -> T) -> Option<T> {
    let mut recent = RECENT.try_with(Cell::take).ok()?.unwrap_or_default();
    let result = f(&mut recent);
    let _ = RECENT.try_with(|local| local.set(Some(recent)));
    Some(result)
}

impl Recent {
    #[inline]
    fn known(&mut self, store: u64, key: TraceKey) -> Option<&Place> {
        let place = self.place(store, key).as_ref()?;
        (place.store == store && place.key == key).then_some(place)
    }

    #[inline]
    fn place(&mut self, store: u64, [upper, lower]: TraceKey) -> &mut Option<Place> {
        &mut self.0[(store ^ upper ^ lower) as usize % PLACES]
    }
}
