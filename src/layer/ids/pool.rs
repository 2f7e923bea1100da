//! Blank states for the next spans of a call site: a closed span leaves its state, with the memory of its fields, on the thread.

use super::{site_history::SiteHistory, span_state::SpanState};
use std::{cell::RefCell, sync::Arc};
use tracing_core::Metadata;

/// The number of call sites that a thread remembers, a power of two.
const REMEMBERED: usize = 256;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { slots: None }) };
}

/// No user code runs while it is borrowed: everything taken out is dropped later.
struct Pool {
    slots: Option<Box<[Option<Slot>; REMEMBERED]>>,
}

struct Slot {
    tracker: u64,
    site: Arc<SiteHistory>,
    spare: Option<Arc<SpanState>>,
}

/// What the pool has for a new span.
pub(super) enum Found {
    Spare(Arc<SpanState>),
    Site(Arc<SiteHistory>),
}

impl Pool {
    /// Returns the slot for a call site. Another call site may be in it.
    #[inline]
    fn slot(&mut self, tracker: u64, metadata: &'static Metadata<'static>) -> &mut Option<Slot> {
        let address = std::ptr::from_ref(metadata) as usize;
        // Metadata is over a hundred bytes long, so the low bits of its addresses vary little.
        let index = (address >> 4) ^ (address >> 12) ^ tracker as usize;
        let slots = self
            .slots
            .get_or_insert_with(|| Box::new([const { None }; REMEMBERED]));
        &mut slots[index & (REMEMBERED - 1)]
    }
}

impl Slot {
    #[inline]
    fn is_of(&self, tracker: u64, metadata: &'static Metadata<'static>) -> bool {
        self.tracker == tracker && std::ptr::eq(self.site.metadata, metadata)
    }
}

/// Takes a spare state of a call site, or the call site's history, from the pool of this thread. `find` finds the history if the
/// pool does not have it.
#[inline]
pub(super) fn take(
    tracker: u64,
    metadata: &'static Metadata<'static>,
    find: impl FnOnce() -> Arc<SiteHistory>,
) -> Found {
    let found = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        let slot = pool.slot(tracker, metadata).as_mut();
        let slot = slot.filter(|slot| slot.is_of(tracker, metadata))?;
        Some(match slot.spare.take() {
            Some(spare) => Found::Spare(spare),
            None => Found::Site(Arc::clone(&slot.site)),
        })
    });
    match found {
        Ok(Some(found)) => found,
        _ => Found::Site(remember(tracker, find())),
    }
}

/// Keeps the blank state of a closed span, if its call site is remembered.
#[inline]
pub(super) fn keep(tracker: u64, spare: Arc<SpanState>) {
    let metadata = spare.site.metadata;
    let replaced = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        match pool.slot(tracker, metadata) {
            Some(slot) if slot.is_of(tracker, metadata) => slot.spare.replace(spare),
            _ => Some(spare),
        }
    });
    // Fails while the thread's locals are destroyed: then the state is freed.
    drop(replaced);
}

#[cold]
fn remember(tracker: u64, site: Arc<SiteHistory>) -> Arc<SiteHistory> {
    let slot = Slot {
        tracker,
        site: Arc::clone(&site),
        spare: None,
    };
    let replaced =
        POOL.try_with(|pool| pool.borrow_mut().slot(tracker, site.metadata).replace(slot));
    // Fails while the thread's locals are destroyed: then nothing is remembered.
    drop(replaced);
    site
}
