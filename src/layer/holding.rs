use super::{ids::SpanState, render::Callsite};
use crate::hold::{FailureFields, Hold, HoldStore, ReleaseOutput, SpanHold, add_store};
use std::sync::{Arc, OnceLock};
use tracing_core::{
    Subscriber,
    span::{Attributes, Record},
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

/// The settings of a layer that holds lines, and what it holds.
pub(super) struct Holding {
    pub(super) settings: Hold,
    /// Created for the first span or line, when nothing of the layer changes any more.
    store: Arc<OnceLock<Arc<HoldStore>>>,
}

/// The held lines of a layer, or none, for the guard of `init`.
#[cfg(feature = "setup")]
#[derive(Clone, Default)]
pub(crate) struct HeldLines {
    store: Arc<OnceLock<Arc<HoldStore>>>,
    releases_on_panic: bool,
    releases_at_shutdown: bool,
}

#[cfg(feature = "setup")]
impl HeldLines {
    /// A panic ends the process.
    pub(crate) fn release_on_panic(&self) {
        if self.releases_on_panic
            && let Some(store) = self.store.get()
        {
            store.release_all();
        }
    }

    /// Logging shuts down.
    pub(crate) fn release_at_shutdown(&self) {
        if self.releases_at_shutdown
            && let Some(store) = self.store.get()
        {
            store.release_all();
        }
    }
}

impl Holding {
    pub(super) fn new(settings: Hold) -> Self {
        Self {
            settings,
            store: Arc::default(),
        }
    }

    /// The same settings, for a layer that has held nothing yet.
    pub(super) fn anew(self) -> Self {
        Self::new(self.settings)
    }

    /// The store of the layer. `create` returns where its released lines go.
    #[inline]
    pub(super) fn store(&self, create: impl FnOnce() -> Box<dyn ReleaseOutput>) -> &Arc<HoldStore> {
        self.store.get_or_init(|| {
            let store = Arc::new(HoldStore::new(&self.settings, create()));
            add_store(&store);
            store
        })
    }

    /// The held lines, for the guard of `init`.
    #[cfg(feature = "setup")]
    pub(super) fn held_lines(&self) -> HeldLines {
        HeldLines {
            store: Arc::clone(&self.store),
            releases_on_panic: self.settings.releases_on_panic,
            releases_at_shutdown: self.settings.releases_at_shutdown,
        }
    }

    /// Whether the events of a call site are held if they belong to a trace.
    #[inline]
    pub(super) fn holds<S>(&self, callsite: &Callsite, ctx: &Context<'_, S>) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let written = &self.settings.written;
        !written.writes(callsite.metadata, &callsite.written, ctx)
    }

    /// What is remembered about a new span. `is_top` is set if this layer sees no span around it.
    pub(super) fn span(
        &self,
        callsite: &Callsite,
        attributes: &Attributes<'_>,
        is_top: bool,
    ) -> SpanHold {
        let mut failure = FailureFields::default();
        if callsite.has_failure_fields {
            attributes.record(&mut failure);
        }
        SpanHold::new(&self.settings, is_top, failure)
    }

    /// The fields of a span change.
    pub(super) fn record(span: &SpanState, values: &Record<'_>) {
        if let Some(hold) = span.hold()
            && span
                .lines
                .as_ref()
                .is_some_and(|lines| lines.callsite.has_failure_fields)
        {
            let mut failure = FailureFields::default();
            values.record(&mut failure);
            hold.note(failure);
        }
    }

    /// A panic leaves a span, if one does.
    pub(super) fn exit(span: Option<&SpanState>) {
        if let Some(hold) = span.and_then(SpanState::hold) {
            hold.note_panic();
        }
    }
}
