//! The parts of a span that lines need: its fields and names, and its lifecycle.

use super::{
    buffers::Buffers,
    callsite::Callsite,
    exported_name::ExportedName,
    flat::{Fields, Flat},
    format::Format,
    lifecycle::{Lifecycle, LifecycleLines},
    renderer::Renderer,
    scratch::Scratch,
    settings::SpanFields,
};
use crate::json::{Members, unique};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tracing_core::span::{Attributes, Record};

/// The maximum memory for fields, in bytes, that a closed span leaves to the next one.
const RECYCLED_BYTES: usize = 1_024;

/// A span with the spans around it.
pub(in crate::layer) trait Chain {
    /// `None` for a span of a layer that renders nothing.
    fn lines(&self) -> Option<&SpanLines>;

    /// The nearest ancestor that the layer sees.
    fn parent(&self) -> Option<&Self>;
}

/// No span at all.
pub(super) enum NoSpan {}

impl Chain for NoSpan {
    fn lines(&self) -> Option<&SpanLines> {
        match *self {}
    }

    fn parent(&self) -> Option<&Self> {
        match *self {}
    }
}

#[derive(Debug)]
pub(in crate::layer) struct SpanLines {
    pub(in crate::layer) callsite: Arc<Callsite>,
    /// Empty unless spans of the call site have one.
    pub(super) exported_name: ExportedName,
    /// The span's own fields.
    own: Mutex<Members>,
    /// At the root of a tree: how often spans of the tree have recorded values.
    records: AtomicU64,
    flat: Flat,
    /// `None` if no line of the lifecycle is written.
    pub(in crate::layer) lifecycle: Option<Box<Lifecycle>>,
}

impl SpanLines {
    pub(in crate::layer) fn new(callsite: Arc<Callsite>) -> Self {
        Self {
            callsite,
            exported_name: ExportedName::default(),
            own: Mutex::default(),
            records: AtomicU64::new(0),
            flat: Flat::default(),
            lifecycle: None,
        }
    }

    /// Clears everything for the next span of the call site, and keeps the memory of the fields.
    pub(in crate::layer) fn recycle(&mut self) {
        let Self {
            callsite,
            exported_name,
            own,
            records,
            flat,
            lifecycle,
        } = self;
        if callsite.has_exported_name {
            exported_name.recycle();
        }
        let own = own.get_mut().unwrap_or_else(PoisonError::into_inner);
        own.clear();
        if own.capacity() > RECYCLED_BYTES {
            *own = Members::default();
        }
        *records.get_mut() = 0;
        flat.recycle(RECYCLED_BYTES);
        *lifecycle = None;
    }

    /// Takes the visited fields of a new span.
    #[inline]
    pub(in crate::layer) fn begin(
        &mut self,
        format: &Format,
        buffers: &mut Buffers,
        attributes: &Attributes<'_>,
        lifecycle: LifecycleLines,
    ) {
        self.lifecycle = Lifecycle::begin(lifecycle);
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
        let fields = &mut buffers.fields;
        if !fields.is_unique() {
            *own = unique(&[fields], format.span_reserved());
        } else if own.capacity() > 0 && fields.capacity() <= RECYCLED_BYTES {
            std::mem::swap(own, fields);
        } else {
            own.append_disjoint(fields);
        }
        if self.callsite.has_exported_name {
            self.exported_name.begin(attributes);
        }
    }
}

/// The span and its ancestors, leaf first.
fn chain<S: Chain>(leaf: &S) -> impl Iterator<Item = &S> {
    std::iter::successors(Some(leaf), |span| span.parent())
}

/// The root's count of records.
#[inline]
fn records<S: Chain>(leaf: &S) -> Option<&AtomicU64> {
    let root = chain(leaf).last()?.lines()?;
    Some(&root.records)
}

fn note_record<S: Chain>(span: &S) {
    if let Some(records) = records(span) {
        records.fetch_add(1, Ordering::Release);
    }
}

/// Runs `f` on the fields of a span and its ancestors. `f` runs under a lock: it calls no user code.
#[inline]
pub(super) fn with_fields<S: Chain, T>(
    format: &Format,
    leaf: &S,
    lines: &SpanLines,
    f: impl FnOnce(&Fields) -> T,
) -> T {
    // This is read before the fields. So if a span records values meanwhile, the text looks too old, but never too new.
    let records = records(leaf).map_or(0, |records| records.load(Ordering::Acquire));
    lines
        .flat
        .with(records, |fields| flatten(fields, format, leaf), f)
}

#[cold]
fn flatten<S: Chain>(fields: &mut Fields, format: &Format, leaf: &S) {
    let mut all: Vec<&SpanLines> = chain(leaf).filter_map(Chain::lines).collect();
    while let Some(span) = all.pop() {
        let own = span.own.lock().unwrap_or_else(PoisonError::into_inner);
        match format.settings.span_fields {
            SpanFields::Flatten if fields.members.is_disjoint(&own, format.span_reserved()) => {
                fields.members.append_disjoint(&own);
            }
            SpanFields::Flatten => {
                fields.members = unique(&[&fields.members, &own], format.span_reserved());
            }
            SpanFields::List => {
                if !fields.list.is_empty() {
                    fields.list.push(b',');
                }
                span.exported_name
                    .push_list_head(&span.callsite, &mut fields.list);
                fields.list.extend_from_slice(own.text());
                fields.list.push(b'}');
            }
            SpanFields::Off => {}
        }
    }
}

impl Renderer {
    /// Adds values that a span records. This runs user code. The last value of a name wins.
    pub(in crate::layer) fn record<S: Chain>(&self, span: &S, values: &Record<'_>) {
        let Some(lines) = span.lines() else { return };
        if lines.callsite.has_exported_name && lines.exported_name.record(values) {
            note_record(span);
        }
        if self.settings().span_fields == SpanFields::Off {
            return;
        }
        let mut scratch = Scratch::take();
        let buffers = scratch.buffers();
        buffers.visit(self, &lines.callsite, |record| values.record(record));
        let recorded = &buffers.fields;
        if recorded.is_empty() {
            return;
        }
        let mut own = lines.own.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.is_unique() && own.is_disjoint(recorded, self.format.span_reserved()) {
            own.append_disjoint(recorded);
        } else {
            *own = unique(&[&own, recorded], self.format.span_reserved());
        }
        drop(own);
        note_record(span);
    }
}
