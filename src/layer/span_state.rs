//! A layer's memory of a span.

use super::{callsite::Callsite, core::Core, flat::Flat, identity::Identity, life::Life};
use crate::{
    json::{Members, unique},
    trace_context::TraceContext,
};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tracing_core::{
    Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

#[derive(Debug)]
pub(super) struct SpanState {
    pub(super) id: Id,
    pub(super) callsite: Arc<Callsite>,
    /// The nearest ancestor that this layer sees.
    pub(super) parent: Option<Arc<SpanState>>,
    /// The parent was named: OpenTelemetry's layer has started it for this span's sake.
    pub(super) has_named_parent: bool,
    pub(super) identity: Identity,
    /// The span's own fields.
    pub(super) own: Mutex<Members>,
    /// At the root of a tree: how often a span of the tree has recorded.
    records: AtomicU64,
    pub(super) flat: Flat,
    /// Where lines of the span's life are written.
    pub(super) life: Option<Box<Life>>,
}

impl SpanState {
    pub(super) fn new(
        core: &Core,
        callsite: &Arc<Callsite>,
        attributes: &Attributes<'_>,
        id: &Id,
        parent: Option<Arc<Self>>,
        made_in: Option<TraceContext>,
        own: Members,
    ) -> Self {
        let is_named = |parent: &Arc<Self>| attributes.parent() == Some(&parent.id);
        Self {
            id: id.clone(),
            callsite: Arc::clone(callsite),
            has_named_parent: parent.as_ref().is_some_and(is_named),
            identity: Identity::default(),
            own: Mutex::new(own),
            records: AtomicU64::new(0),
            flat: Flat::default(),
            life: Life::begin(
                core.settings.life,
                made_in.filter(|_| attributes.is_contextual()),
            ),
            parent,
        }
    }

    /// The span's own context, or that of its nearest ancestor which has one.
    pub(super) fn context(&self) -> Option<TraceContext> {
        self.chain().find_map(|span| span.identity.context())
    }

    /// The same, where this span is current and no context is.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        self.chain()
            .find_map(|span| span.identity.context_where_none_is_current())
    }

    /// The span and its ancestors, leaf first.
    pub(super) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |span| span.parent.as_deref())
    }

    /// How often a span of the tree has recorded.
    #[inline]
    pub(super) fn records(&self) -> &AtomicU64 {
        let root = self.chain().last().unwrap_or(self);
        &root.records
    }

    /// Adds what was recorded later: the last value of a name stays.
    pub(super) fn record(&self, core: &Core, recorded: &Members) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        *own = unique(&[&own, recorded], core.span_reserved());
        drop(own);
        self.records().fetch_add(1, Ordering::Release);
    }
}

impl Drop for SpanState {
    /// Lets go of the ancestors one by one: a chain can be longer than the stack is deep.
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(mut parent) = next.and_then(Arc::into_inner) {
            next = parent.parent.take();
        }
    }
}

/// The states of a span, one for each layer, in its extensions. A type that can be there once is shared by all layers.
#[derive(Debug)]
struct SpanStates {
    first: (u64, Arc<SpanState>),
    others: Vec<(u64, Arc<SpanState>)>,
}

/// Keeps a layer's state in the span's extensions.
pub(super) fn insert<S>(core: &Core, span: &SpanRef<'_, S>, state: Arc<SpanState>)
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let mut extensions = span.extensions_mut();
    let before = extensions.replace(SpanStates {
        first: (core.id, state),
        others: Vec::new(),
    });
    // There are others where there are several layers of this kind.
    if let (Some(before), Some(states)) = (before, extensions.get_mut::<SpanStates>()) {
        states.others = before.others;
        states.others.push(before.first);
    }
}

/// A layer's state of a span, under a read lock that is gone afterwards.
pub(super) fn get<S>(core: &Core, span: &SpanRef<'_, S>) -> Option<Arc<SpanState>>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let extensions = span.extensions();
    let states = extensions.get::<SpanStates>()?;
    let (_, state) = std::iter::once(&states.first)
        .chain(&states.others)
        .find(|(layer, _)| *layer == core.id)?;
    Some(Arc::clone(state))
}
