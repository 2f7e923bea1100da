//! Records that have no call site of their own.

use super::{Name, Place, Site, sites};
use crate::json::Captured;
use std::{cell::RefCell, rc::Rc};
use tracing_core::Level;

/// A record without a call site of its own: the maximum number of sites is reached, or the record has too many keys.
///
/// Its event uses a call site shared by all such records of its crate and level, with its place and key-values as text fields. A
/// stamping layer reads the record from here instead, and writes the same line that it would otherwise write.
#[derive(Debug)]
pub(crate) struct Unplaced {
    events: &'static str,
    level: Level,
    target: String,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    /// The fields. The last field with a name wins.
    pub(crate) fields: Vec<(String, Captured)>,
}

/// The text fields of a shared call site, in order.
const SHARED_KEYS: [&str; 5] = [
    "record.target",
    "record.module_path",
    "record.file",
    "record.line",
    "record.fields",
];

thread_local! {
    static CURRENT: RefCell<Option<Rc<Unplaced>>> = const { RefCell::new(None) };
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

    /// Returns the call site shared by records of this crate and level.
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

    /// Runs `dispatch`, which dispatches the record's event.
    pub(crate) fn while_current(self: Rc<Self>, dispatch: impl FnOnce()) {
        // Records can nest, so the outer record is restored, even after a panic.
        struct Restore(Option<Rc<Unplaced>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                let outer = self.0.take();
                let _ = CURRENT.try_with(|cell| cell.replace(outer));
            }
        }
        let before = CURRENT.try_with(|cell| cell.replace(Some(self)));
        let _restore = Restore(before.unwrap_or_default());
        dispatch();
    }
}

/// Returns the record of the event that this thread is dispatching.
pub(crate) fn unplaced() -> Option<Rc<Unplaced>> {
    CURRENT
        .try_with(|cell| cell.borrow().clone())
        .ok()
        .flatten()
}
