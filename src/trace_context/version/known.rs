//! The versions that layers of this process were given, so that a job carries along the contexts of each.

use super::{AnyVersion, Captured, OpenTelemetry};
use std::{
    any::{Any, TypeId},
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// One for each place in the program that names a version: each expansion of the macro has a type of its own.
static KNOWN: RwLock<Vec<(TypeId, Arc<dyn AnyVersion>)>> = RwLock::new(Vec::new());

/// Adds a version, unless it was added before.
pub(crate) fn add<V: OpenTelemetry>(version: &Arc<V>) {
    let id = TypeId::of::<V>();
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.iter().all(|(of, _)| *of != id) {
        known.push((id, Arc::clone(version) as Arc<dyn AnyVersion>));
    }
}

/// The current context of one version, with the version.
#[derive(Clone)]
pub(crate) struct OfVersion {
    version: Arc<dyn AnyVersion>,
    context: Arc<dyn Captured>,
}

impl OfVersion {
    /// Makes it current on this thread, unless it was captured outside of any span and would hide that of one.
    pub(crate) fn attach(&self, is_within_span: bool) -> Option<Box<dyn Any>> {
        let is_of_a_span = is_within_span || self.context.has_active_span();
        if !is_of_a_span && self.version.current()?.context.is_some() {
            return None;
        }
        self.context.attach()
    }
}

impl fmt::Debug for OfVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context.fmt(f)
    }
}

/// Captures the current context of each version.
pub(crate) fn capture_all() -> Vec<OfVersion> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if known.is_empty() {
        return Vec::new();
    }
    let versions: Vec<_> = known
        .iter()
        .map(|(_, version)| Arc::clone(version))
        .collect();
    // Not under the lock: an implementation by hand may do anything.
    drop(known);
    let captured = |version: Arc<dyn AnyVersion>| {
        let context = version.capture()?;
        Some(OfVersion {
            version,
            context: context.into(),
        })
    };
    versions.into_iter().filter_map(captured).collect()
}
