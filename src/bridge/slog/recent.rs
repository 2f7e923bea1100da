//! The call site that a record most likely has: that of the thread's previous record from the same place.

use crate::site::{self, Place, REMEMBERED, Site};
use std::cell::Cell;

/// The call site of a record, and how many of its keys come from loggers. These precede the record's own keys.
#[derive(Clone, Copy)]
pub(super) struct Recent {
    pub(super) site: &'static Site,
    pub(super) of_loggers: usize,
}

thread_local! {
    static RECENT: [Cell<Option<Recent>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

impl Recent {
    /// Returns the call site of the last record that this thread logged at the same place.
    #[inline]
    pub(super) fn of(place: &Place<'_>) -> Option<Self> {
        let slot = site::slot_of_place(place);
        let recent = RECENT.try_with(|recent| recent[slot].get()).ok()??;
        recent.site.is_at_same(place).then_some(recent)
    }

    /// Remembers the call site for the next record from this place.
    pub(super) fn remember(self, place: &Place<'_>) {
        set(place, Some(self));
    }

    /// Forgets the call site of this place.
    pub(super) fn forget(place: &Place<'_>) {
        set(place, None);
    }
}

/// Stores the call site of a place. Does nothing while the thread's locals are destroyed.
fn set(place: &Place<'_>, recent: Option<Recent>) {
    let slot = site::slot_of_place(place);
    let _ = RECENT.try_with(|all| all[slot].set(recent));
}
