use super::{
    identity::{Identity, Known},
    site_history::SiteHistory,
};
use crate::{
    hold::{SpanHold, TraceKey, key_of},
    layer::render::{Chain, Lifecycle, SpanLines},
    trace_context::TraceContext,
};
use opentelemetry::trace::SpanId;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering::Relaxed},
};
use tracing_core::{
    Metadata,
    span::{Attributes, Id},
};

/// What a layer remembers about a span.
#[derive(Debug)]
pub(in crate::layer) struct SpanState {
    pub(super) id: Id,
    pub(super) site: Arc<SiteHistory>,
    pub(super) parent: Parent,
    /// The parent that the span names, if it names one.
    names: Option<Id>,
    /// The context that was current when the span was created, if that decides its parent and is needed.
    pub(super) created_in: Option<TraceContext>,
    pub(super) identity: Identity,
    /// Whether the span has closed. Set only if the state was in the tracker's table.
    is_closed: AtomicBool,
    /// `None` in a layer that only tracks ids.
    pub(in crate::layer) lines: Option<SpanLines>,
}

/// The nearest ancestor that the layer sees, once something has needed it: see [`ancestors`](super::ancestors).
#[derive(Debug, Default)]
pub(super) struct Parent(OnceLock<Option<Arc<SpanState>>>);

impl Parent {
    #[inline]
    fn get(&self) -> Option<&Option<Arc<SpanState>>> {
        self.0.get()
    }

    /// Sets the parent, unless it is already set.
    pub(super) fn set(&self, parent: Option<Arc<SpanState>>) {
        let _ = self.0.set(parent);
    }
}

impl Drop for Parent {
    /// Drops the ancestors one by one: a chain can be longer than the stack is deep.
    fn drop(&mut self) {
        let mut next = self.0.take().flatten();
        while let Some(mut parent) = next.and_then(Arc::into_inner) {
            next = parent.parent.0.take().flatten();
        }
    }
}

impl SpanState {
    /// A blank state.
    pub(super) fn new(id: Id, site: Arc<SiteHistory>) -> Self {
        Self {
            id,
            site,
            parent: Parent::default(),
            names: None,
            created_in: None,
            identity: Identity::default(),
            is_closed: AtomicBool::new(false),
            lines: None,
        }
    }

    /// Prepares a blank state for a new span.
    #[inline]
    pub(super) fn begin(
        &mut self,
        id: &Id,
        attributes: &Attributes<'_>,
        created_in: Option<TraceContext>,
        trusts_source: bool,
    ) {
        self.id = id.clone();
        self.names = attributes.parent().cloned();
        if attributes.is_contextual() {
            self.created_in = created_in;
        }
        self.identity.begin(trusts_source);
    }

    /// Makes the state of a closed span a blank one. `None` if something else still uses it.
    #[inline]
    pub(super) fn into_blank(mut self: Arc<Self>) -> Option<Arc<Self>> {
        Arc::get_mut(&mut self)?.recycle();
        Some(self)
    }

    /// Makes this a blank state for the next span of the call site, and keeps the memory for fields and clues. The pattern names every
    /// field, so that a new field does not compile until it is handled here: no value leaks from one span to the next.
    #[inline]
    fn recycle(&mut self) {
        let Self {
            id: _,
            site: _,
            parent,
            names,
            created_in,
            identity,
            is_closed,
            lines,
        } = self;
        parent.0.take();
        *names = None;
        *created_in = None;
        identity.recycle();
        *is_closed.get_mut() = false;
        if let Some(lines) = lines {
            lines.recycle();
        }
    }

    /// The span's own context, or that of its nearest ancestor that has one. `None` also if it is not known.
    pub(in crate::layer) fn context(&self) -> Option<TraceContext> {
        self.nearest(Identity::context)
    }

    /// Like [`context`](Self::context), for a line in the span that is written while no context is current.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        self.nearest(Identity::context_where_none_is_current)
    }

    fn nearest(&self, context: impl Fn(&Identity) -> Option<TraceContext>) -> Option<TraceContext> {
        let mut is_doubtful = false;
        for span in self.with_ancestors() {
            if let Some(context) = context(&span.identity) {
                // If OpenTelemetry's layer has reported an ancestor, a span that it has not reported is hidden from it.
                return (!is_doubtful || span.identity.is_reported()).then_some(context);
            }
            is_doubtful |= span.identity.is_doubtful();
        }
        None
    }

    /// The ids of the lines in the span's body, for its lifecycle lines.
    pub(in crate::layer) fn body_context(&self) -> Option<TraceContext> {
        self.identity
            .context()
            .or_else(|| self.identity.entered_in())
            .or_else(|| self.context())
    }

    /// Whether the ids are known, or the span is known to have none.
    pub(in crate::layer) fn has_known_ids(&self) -> bool {
        self.identity.known() != Known::Nothing
    }

    /// Whether the span was entered, so that its ids are known if they can be.
    pub(in crate::layer) fn has_shown_ids(&self) -> bool {
        self.has_known_ids() || self.identity.candidate().is_some()
    }

    /// Whether the span was entered and there was no context then or later, or its tracer creates no ids.
    pub(in crate::layer) fn is_without_any_context(&self) -> bool {
        self.identity.is_without_any_context()
    }

    pub(in crate::layer) fn metadata(&self) -> &'static Metadata<'static> {
        self.site.metadata
    }

    /// `None` if no line of the span's lifecycle is written.
    #[inline]
    pub(in crate::layer) fn lifecycle(&self) -> Option<&Lifecycle> {
        self.lines.as_ref()?.lifecycle.as_deref()
    }

    #[inline]
    pub(in crate::layer) fn has_lifecycle(&self) -> bool {
        self.lifecycle().is_some()
    }

    /// Notes that the span closes.
    #[inline]
    pub(super) fn close(&self) {
        self.is_closed.store(true, Relaxed);
    }

    /// Whether the span has closed. Only known if the state was in the tracker's table.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Relaxed)
    }

    /// Whether the span is open. After it has closed, its id may belong to another span. A state in the extensions is then used by
    /// nothing else.
    #[inline]
    pub(super) fn is_open(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1 && !self.is_closed()
    }

    /// The nearest ancestor that the layer sees, if it was looked for.
    #[inline]
    pub(in crate::layer) fn parent(&self) -> Option<&Self> {
        self.parent.get()?.as_deref()
    }

    /// The span and its ancestors, as far as they were looked for.
    pub(super) fn with_ancestors(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |span| span.parent())
    }

    /// The local root of a trace: of this span and those around it, as far as they were looked for, the outermost one of this trace. If none of
    /// them has ids of its own, as where OpenTelemetry is switched off, it is the outermost one.
    pub(in crate::layer) fn local_root_of(&self, trace: TraceKey) -> Option<&Self> {
        let (mut root, mut outermost) = (None, None);
        for span in self.with_ancestors() {
            match span.identity.context() {
                Some(context) if key_of(&context) == trace => root = Some(span),
                Some(_) => return root,
                None => {}
            }
            outermost = Some(span);
        }
        root.or(outermost)
    }

    /// Whether OpenTelemetry's span has the status error, if its tracer reports that.
    pub(in crate::layer) fn has_failed(&self) -> bool {
        self.identity.has_failed()
    }

    /// What a layer that holds lines remembers about the span.
    #[inline]
    pub(in crate::layer) fn hold(&self) -> Option<&SpanHold> {
        self.lines.as_ref()?.hold.as_ref()
    }

    /// The parent, if the span names it. OpenTelemetry's layer starts such a parent together with the span.
    pub(super) fn named_parent(&self) -> Option<&Self> {
        let names = self.names.as_ref()?;
        self.parent().filter(|parent| parent.id == *names)
    }

    #[inline]
    pub(in crate::layer) fn knows_ancestors(&self) -> bool {
        self.parent.get().is_some()
    }
}

impl Chain for SpanState {
    #[inline]
    fn lines(&self) -> Option<&SpanLines> {
        self.lines.as_ref()
    }

    #[inline]
    fn parent(&self) -> Option<&Self> {
        self.parent()
    }

    fn parent_span_id_of(&self, context: &TraceContext) -> Option<SpanId> {
        self.parent_id_of(context)
    }
}
