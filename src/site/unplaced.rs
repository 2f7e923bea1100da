//! Records without a call site of their own.

use super::{Name, Place, Site, sites};
use crate::json::Captured;
use std::{cell::RefCell, rc::Rc};
use tracing_core::Level;

/// A record for whose place and keys no more call sites are kept, or which has too many keys for one.
///
/// Its event is of a call site that all of its kind and level share, on which it has its place and its key-values as text.
/// A stamping layer finds them here, and writes the line that it would have written otherwise.
#[derive(Debug)]
pub(crate) struct Unplaced {
    events: &'static str,
    level: Level,
    target: String,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    /// The last of a name wins.
    pub(crate) fields: Vec<(String, Captured)>,
}

/// What an event of a shared call site has as text, in order.
const SHARED_KEYS: [&str; 5] = [
    "record.target",
    "record.module_path",
    "record.file",
    "record.line",
    "record.fields",
];

thread_local! {
    static UNDER_WAY: RefCell<Option<Rc<Unplaced>>> = const { RefCell::new(None) };
}

impl Unplaced {
    pub(crate) fn new(place: &Place<'_>, fields: Vec<(String, Captured)>) -> Self {
        let owned = |name: Name<'_>| name.as_str().to_owned();
        Self {
            events: place.events,
            level: place.level,
            target: owned(place.target),
            module: place.module.map(owned),
            file: place.file.map(owned),
            line: place.line,
            fields,
        }
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            events: self.events,
            level: self.level,
            target: Name::Borrowed(&self.target),
            module: self.module.as_deref().map(Name::Borrowed),
            file: self.file.as_deref().map(Name::Borrowed),
            line: self.line,
        }
    }

    /// The call site that records of this crate and level share.
    pub(crate) fn site(place: &Place<'_>) -> Option<&'static Site> {
        let shared = Place {
            target: Name::Static("log"),
            module: None,
            file: None,
            line: None,
            ..*place
        };
        sites::find_shared(&shared, &SHARED_KEYS.map(Name::Static))
    }

    /// Dispatches its event.
    pub(crate) fn under_way(self: Rc<Self>, dispatch: impl FnOnce()) {
        // As with the JSON fields: a record within a record.
        struct Restore(Option<Rc<Unplaced>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                let outer = self.0.take();
                let _ = UNDER_WAY.try_with(|cell| cell.replace(outer));
            }
        }
        let before = UNDER_WAY.try_with(|cell| cell.replace(Some(self)));
        let _restore = Restore(before.unwrap_or_default());
        dispatch();
    }
}

/// The record whose event is under way on this thread.
pub(crate) fn unplaced() -> Option<Rc<Unplaced>> {
    UNDER_WAY
        .try_with(|cell| cell.borrow().clone())
        .ok()
        .flatten()
}
