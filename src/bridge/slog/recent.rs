//! The call site that a record most likely has: that of the previous record from the same place.

use crate::site::{self, Place, REMEMBERED, Site};
use std::cell::Cell;

/// The call site of a record, and how many of its keys come from loggers. They precede the record's own.
#[derive(Clone, Copy)]
pub(super) struct Recent {
    pub(super) site: &'static Site,
    pub(super) of_loggers: usize,
}

thread_local! {
    static RECENT: [Cell<Option<Recent>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

impl Recent {
    /// The call site of the record that this thread logged last at the same place.
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

    /// Forgets what was remembered for this place.
    pub(super) fn forget(place: &Place<'_>) {
        set(place, None);
    }
}

/// Does nothing while the thread's locals are destroyed.
fn set(place: &Place<'_>, recent: Option<Recent>) {
    let slot = site::slot_of_place(place);
    let _ = RECENT.try_with(|all| all[slot].set(recent));
}
