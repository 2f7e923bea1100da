//! A layer's memory of a span.

use super::{
    callsite::Callsite, core::Core, exported_name::ExportedName, flat::Flat, identity::Identity,
    life::Life, scratch::Scratch,
};
use crate::{
    json::{Members, unique},
    trace_context::{Made, TraceContext},
};
use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tracing_core::{
    Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

/// What a span's fields may take, in bytes, for their memory to be kept for the next span of the call site.
pub(super) const SPARE_BYTES: usize = 1_024;

#[derive(Debug)]
pub(super) struct SpanState {
    pub(super) id: Id,
    pub(super) callsite: Arc<Callsite>,
    /// The nearest ancestor that this layer sees, once somebody has needed to know: see [`find_ancestors`](Self::find_ancestors).
    parent: OnceLock<Option<Arc<SpanState>>>,
    /// The parent that was named, if one was.
    names: Option<Id>,
    /// What was current when the span was made, if that decides its parent and somebody may need it.
    pub(super) made_in: Option<TraceContext>,
    pub(super) identity: Identity,
    /// Where its call site's spans have one.
    pub(super) exported_name: ExportedName,
    /// The span's own fields.
    pub(super) own: Mutex<Members>,
    /// At the root of a tree: how often a span of the tree has recorded.
    records: AtomicU64,
    pub(super) flat: Flat,
    /// Where lines of the span's life are written.
    pub(super) life: Option<Box<Life>>,
}

impl SpanState {
    fn new(callsite: &Arc<Callsite>, id: &Id) -> Self {
        Self {
            id: id.clone(),
            callsite: Arc::clone(callsite),
            parent: OnceLock::new(),
            names: None,
            made_in: None,
            identity: Identity::default(),
            exported_name: ExportedName::default(),
            own: Mutex::default(),
            records: AtomicU64::new(0),
            flat: Flat::default(),
            life: None,
        }
    }

    /// The state of a span that begins, in the memory of `spare` where there is one: a span of the same call site that has
    /// ended. `fill` gives it what it is made of, and may panic.
    pub(super) fn begin(
        spare: Option<Arc<Self>>,
        callsite: &Arc<Callsite>,
        id: &Id,
        attributes: &Attributes<'_>,
        fill: impl FnOnce(&mut Self),
    ) -> Arc<Self> {
        if let Some(mut spare) = spare
            && let Some(state) = Arc::get_mut(&mut spare)
        {
            state.id = id.clone();
            state.names = attributes.parent().cloned();
            fill(state);
            return spare;
        }
        let mut state = Self::new(callsite, id);
        state.names = attributes.parent().cloned();
        fill(&mut state);
        Arc::new(state)
    }

    /// Forgets the span but for its call site, and keeps the memory of its fields. What `fill` always gives stays until then.
    fn forget(&mut self) {
        self.parent.take();
        self.identity.forget();
        let own = self.own_mut();
        own.clear();
        if own.capacity() > SPARE_BYTES {
            *own = Members::default();
        }
        self.flat.forget(SPARE_BYTES);
    }

    /// The span's own fields, where nobody else knows the state.
    pub(super) fn own_mut(&mut self) -> &mut Members {
        self.own.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The span's own context, or that of its nearest ancestor which has one. `None` where it is not known, too.
    pub(super) fn context(&self) -> Option<TraceContext> {
        self.nearest(Identity::context)
    }

    /// The same, where the span is current and no context is.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        self.nearest(Identity::context_where_none_is_current)
    }

    fn nearest(&self, context: impl Fn(&Identity) -> Option<TraceContext>) -> Option<TraceContext> {
        let mut is_doubtful = false;
        for span in self.chain() {
            if let Some(context) = context(&span.identity) {
                // A span that OpenTelemetry's layer has not reported, though it has reported an ancestor, is hidden from it.
                return (!is_doubtful || span.identity.is_told()).then_some(context);
            }
            is_doubtful |= span.identity.is_doubtful();
        }
        None
    }

    /// Whether its span is open. Once that has closed nobody else has the state, and its id may be another span's.
    pub(super) fn is_open(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1
    }

    /// The nearest ancestor that this layer sees, as far as it was looked for.
    #[inline]
    pub(super) fn parent(&self) -> Option<&Arc<Self>> {
        self.parent.get()?.as_ref()
    }

    /// The parent, if it was named: then OpenTelemetry's layer has started it for this span's sake.
    pub(super) fn named_parent(&self) -> Option<&Arc<Self>> {
        let names = self.names.as_ref()?;
        self.parent().filter(|parent| parent.id == *names)
    }

    #[inline]
    pub(super) fn knows_ancestors(&self) -> bool {
        self.parent.get().is_some()
    }

    /// Looks for all ancestors, unless it is done. The registry has them for as long as this span is open, so the spans in
    /// which nothing happens, which are many, need not.
    #[inline]
    pub(super) fn find_ancestors<S>(&self, core: &Core, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if !self.knows_ancestors() {
            self.look_for_ancestors(core, ctx);
        }
    }

    #[cold]
    fn look_for_ancestors<S>(&self, core: &Core, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let look = |span: &Self| get(core, &ctx.span(&span.id)?.parent()?);
        let parent = look(self);
        let mut found = Vec::new();
        let mut next = parent.clone();
        while let Some(span) = next
            && !span.knows_ancestors()
        {
            next = look(&span);
            found.push((span, next.clone()));
        }
        // From the root on, so that whoever finds that a span's parent is known finds all its ancestors.
        for (span, parent) in found.into_iter().rev() {
            let _ = span.parent.set(parent);
        }
        let _ = self.parent.set(parent);
    }

    /// The span and its ancestors, leaf first, as far as they were looked for.
    pub(super) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |span| span.parent().map(|parent| &**parent))
    }

    /// How often a span of the tree has recorded, as far as its ancestors were looked for: nobody has a text of a span before.
    #[inline]
    pub(super) fn records(&self) -> &AtomicU64 {
        let root = self.chain().last().unwrap_or(self);
        &root.records
    }

    /// Adds what was recorded later: the last value of a name stays.
    pub(super) fn record(&self, core: &Core, recorded: &Members) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.is_unique() && own.is_disjoint(recorded) {
            own.append_disjoint(recorded);
        } else {
            *own = unique(&[&own, recorded], core.span_reserved());
        }
        drop(own);
        self.records().fetch_add(1, Ordering::Release);
    }
}

impl Drop for SpanState {
    /// Lets go of the ancestors one by one: a chain can be longer than the stack is deep.
    fn drop(&mut self) {
        let mut next = self.parent.take().flatten();
        while let Some(mut parent) = next.and_then(Arc::into_inner) {
            next = parent.parent.take().flatten();
        }
    }
}

/// A layer's state of a span, in the span's extensions until these are cleared. Where there are several layers of this
/// kind, a state has another behind it: a type can be there once.
#[derive(Debug)]
struct Kept {
    layer: u64,
    /// There until it is dropped; never there where only `made` is known so far.
    state: Option<Arc<SpanState>>,
    /// What became of the span in OpenTelemetry's layer, if that reports it.
    made: Option<Made>,
    other: Option<Box<Kept>>,
}

impl Kept {
    fn new(layer: u64, state: Option<Arc<SpanState>>, made: Option<Made>) -> Self {
        Self {
            layer,
            state,
            made,
            other: None,
        }
    }
}

impl Drop for Kept {
    /// Leaves the state to the next span of its call site, unless somebody still uses it.
    fn drop(&mut self) {
        let Some(mut state) = self.state.take() else {
            return;
        };
        if let Some(ended) = Arc::get_mut(&mut state) {
            ended.forget();
            Scratch::keep_spare(self.layer, state);
        }
    }
}

/// Keeps a layer's state in the span's extensions. Returns what became of the span in OpenTelemetry's layer, if that comes
/// before and reports it.
pub(super) fn insert<S>(core: &Core, span: &SpanRef<'_, S>, state: Arc<SpanState>) -> Option<Made>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let mut extensions = span.extensions_mut();
    if core.is_told()
        && let Some(kept) = extensions.get_mut::<Kept>()
        && kept.state.is_none()
    {
        kept.layer = core.id;
        kept.state = Some(state);
        return kept.made.clone();
    }
    let other = extensions.replace(Kept::new(core.id, Some(state), None));
    let (other, kept) = (other?, extensions.get_mut::<Kept>()?);
    kept.made = other.made.clone();
    if other.state.is_some() {
        kept.other = Some(Box::new(other));
    }
    kept.made.clone()
}

/// Passes on what became of a new span in OpenTelemetry's layer: to the layers that have a state of it, and to those that
/// come after.
pub(super) fn tell<S>(span: &SpanRef<'_, S>, made: Made)
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let mut extensions = span.extensions_mut();
    if let Some(kept) = extensions.get_mut::<Kept>() {
        for kept in std::iter::successors(Some(&*kept), |kept| kept.other.as_deref()) {
            if let Some(state) = &kept.state {
                state.identity.tell(&made);
            }
        }
        kept.made = Some(made);
    } else {
        extensions.insert(Kept::new(0, None, Some(made)));
    }
}

/// What became of a span in OpenTelemetry's layer, if that reports it.
pub(super) fn made<S>(span: &SpanRef<'_, S>) -> Option<Made>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    span.extensions().get::<Kept>()?.made.clone()
}

/// A layer's state of a span, under a read lock that is gone afterwards.
pub(super) fn get<S>(core: &Core, span: &SpanRef<'_, S>) -> Option<Arc<SpanState>>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let extensions = span.extensions();
    let mut all = std::iter::successors(extensions.get::<Kept>(), |kept| kept.other.as_deref());
    all.find(|kept| kept.layer == core.id && kept.state.is_some())?
        .state
        .clone()
}
