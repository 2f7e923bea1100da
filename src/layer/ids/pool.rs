//! Blank states for the next spans of a call site: a closed span leaves its state, with the memory of its fields, on the thread.

use super::{site_history::SiteHistory, span_state::SpanState};
use std::{cell::RefCell, sync::Arc};
use tracing_core::{Metadata, span::Id};

/// The number of call sites that a thread remembers, a power of two.
const REMEMBERED: usize = 256;

/// How many trackers a thread keeps a closing span for.
const MAX_CLOSING: usize = 16;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { slots: None, closing: Vec::new() }) };
}

/// No user code runs while it is borrowed: everything taken out is dropped later.
struct Pool {
    slots: Option<Box<[Option<Slot>; REMEMBERED]>>,
    /// The last span that each tracker with a table has seen closing on this thread.
    closing: Vec<(u64, Option<Arc<SpanState>>)>,
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

impl Pool {
    /// Sets the closing span of a tracker. Returns the one before, with its tracker.
    #[inline]
    fn replace_closing(
        &mut self,
        tracker: u64,
        state: Arc<SpanState>,
    ) -> Option<(u64, Arc<SpanState>)> {
        if let Some((_, closing)) = self.closing.iter_mut().find(|(of, _)| *of == tracker) {
            return Some((tracker, closing.replace(state)?));
        }
        // A thread with too many trackers, as in tests, forgets the oldest.
        let oldest = (self.closing.len() == MAX_CLOSING).then(|| self.closing.remove(0));
        self.closing.push((tracker, Some(state)));
        let (tracker, state) = oldest?;
        Some((tracker, state?))
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

/// Keeps the state of a closed span as a blank one, if its call site is remembered and nothing else uses the state.
#[inline]
pub(super) fn keep(tracker: u64, closed: Arc<SpanState>) {
    let Some(spare) = closed.into_blank() else {
        return;
    };
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

/// Keeps the state of a closing span until the tracker's next one closes on this thread, or needs its memory. Until the registry clears
/// the span, other layers can still name it.
#[inline]
pub(super) fn keep_closing(tracker: u64, state: Arc<SpanState>) {
    // Fails while the thread's locals are destroyed: then the state is freed.
    let replaced = POOL.try_with(|pool| pool.borrow_mut().replace_closing(tracker, state));
    if let Ok(Some((tracker, closed))) = replaced {
        keep(tracker, closed);
    }
}

/// The tracker's state of a span that is closing on this thread.
pub(super) fn closing(tracker: u64, id: &Id) -> Option<Arc<SpanState>> {
    let found = POOL.try_with(|pool| {
        let pool = pool.borrow();
        let (_, state) = pool.closing.iter().find(|(of, _)| *of == tracker)?;
        state.as_ref().filter(|state| state.id == *id).cloned()
    });
    found.ok().flatten()
}

/// Takes the state of the tracker's last span that has closed, if it is of this call site.
#[inline]
pub(super) fn take_closing(
    tracker: u64,
    metadata: &'static Metadata<'static>,
) -> Option<Arc<SpanState>> {
    let found = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        let (_, state) = pool.closing.iter_mut().find(|(of, _)| *of == tracker)?;
        state.take_if(|state| std::ptr::eq(state.site.metadata, metadata))
    });
    found.ok().flatten()
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
