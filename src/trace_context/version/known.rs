//! The versions in use by layers of this process, so that a job carries along the contexts of each.

use super::{AnyVersion, Captured, OpenTelemetry};
use crate::trace_context::TraceContext;
use std::{
    any::{Any, TypeId},
    fmt,
    sync::{Arc, PoisonError, RwLock, Weak},
};

static KNOWN: RwLock<Vec<Known>> = RwLock::new(Vec::new());

enum Known {
    /// A type without data. Each expansion of the macro has such a type of its own, and all its values are equal.
    OfType(TypeId, Arc<dyn AnyVersion>),
    /// One value of a type with data, as long as a layer uses it.
    Value(Weak<dyn AnyVersion>),
}

impl Known {
    fn version(&self) -> Option<Arc<dyn AnyVersion>> {
        match self {
            Self::OfType(_, version) => Some(Arc::clone(version)),
            Self::Value(version) => version.upgrade(),
        }
    }
}

/// Adds a version, unless an equal one was added before.
pub(crate) fn add<V: OpenTelemetry>(version: &Arc<V>) {
    let id = TypeId::of::<V>();
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if size_of::<V>() > 0 {
        known.retain(|known| !matches!(known, Known::Value(value) if value.strong_count() == 0));
        let value: Weak<V> = Arc::downgrade(version);
        known.push(Known::Value(value));
    } else if !known
        .iter()
        .any(|known| matches!(known, Known::OfType(of, _) if *of == id))
    {
        known.push(Known::OfType(id, Arc::clone(version) as _));
    }
}

/// Returns the current context of the first version that has one.
pub(crate) fn current_of_any() -> Option<TraceContext> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if known.is_empty() {
        return None;
    }
    let versions: Vec<_> = known.iter().filter_map(Known::version).collect();
    // A hand-written implementation is user code, which runs without the lock.
    drop(known);
    let mut contexts = versions.iter().filter_map(|version| version.current());
    contexts.find_map(|current| current.context)
}

/// The current context of one version, with the version.
#[derive(Clone)]
pub(crate) struct OfVersion {
    version: Arc<dyn AnyVersion>,
    context: Arc<dyn Captured>,
}

impl OfVersion {
    /// Attaches the context on this thread. A context that was captured outside of any span stays detached if it would hide the
    /// context of a span.
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
    let versions: Vec<_> = known.iter().filter_map(Known::version).collect();
    // A hand-written implementation is user code, which runs without the lock.
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

/// The current trace context of each version.
pub(crate) fn current_of_all() -> Vec<TraceContext> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let versions: Vec<_> = known.iter().filter_map(Known::version).collect();
    drop(known);
    let versions = versions.iter();
    versions
        .filter_map(|version| version.current()?.context)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace_context::version::{Current, SpanIds, Watch};

    /// A hand-written version that notes when its context is captured.
    struct ByHand(&'static str);

    #[derive(Debug)]
    struct Named(#[allow(dead_code, reason = "its `Debug` shows it")] &'static str);

    impl Captured for Named {
        fn has_active_span(&self) -> bool {
            false
        }

        fn attach(&self) -> Option<Box<dyn Any>> {
            None
        }
    }

    impl OpenTelemetry for ByHand {
        const SPAN_IDS: SpanIds = SpanIds::WhenStarted;

        fn current(&self) -> Option<Current> {
            None
        }

        fn watch_current(&self) -> Option<Box<dyn Watch>> {
            None
        }

        fn baggage(&self, _: &[String], _: &mut dyn FnMut(&str, &str)) {}

        fn capture(&self) -> Option<Box<dyn Captured>> {
            Some(Box::new(Named(self.0)))
        }
    }

    #[test]
    fn two_values_of_one_type_are_both_captured_until_their_layers_are_gone() {
        let captured = || {
            let all: Vec<_> = capture_all().iter().map(|of| format!("{of:?}")).collect();
            ["one", "two"].map(|name| all.contains(&format!("Named({name:?})")))
        };
        let (one, two) = (Arc::new(ByHand("one")), Arc::new(ByHand("two")));
        add(&one);
        add(&two);
        assert_eq!(captured(), [true, true]);
        drop(one);
        assert_eq!(captured(), [false, true]);
    }
}
