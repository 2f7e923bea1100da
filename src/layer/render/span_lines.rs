//! The parts of a span that lines need: its fields and names, and its lifecycle.

use super::{
    callsite::Callsite,
    exported_name::ExportedName,
    flat::{Fields, Flat, Locked},
    format::Format,
    lifecycle::Lifecycle,
    recent::note_span,
    renderer::Renderer,
    scratch::Scratch,
    settings::SpanFields,
};
use crate::{
    hold::SpanHold,
    json::{self, Members, redact, unique},
    trace_context::TraceContext,
};
use opentelemetry::trace::SpanId;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tracing_core::{
    Metadata,
    span::{Attributes, Record},
};

/// The maximum memory for fields, in bytes, that a closed span leaves to the next one.
const RECYCLED_BYTES: usize = 2_048;

/// A span with the spans around it.
pub(in crate::layer) trait Chain {
    /// `None` for a span of a layer that renders nothing.
    fn lines(&self) -> Option<&SpanLines>;

    /// The nearest ancestor that the layer sees.
    fn parent(&self) -> Option<&Self>;

    /// The id of the parent, in the trace, of the span or ancestor that has this context. `None` if it has no parent, or none that is
    /// known.
    fn parent_span_id_of(&self, context: &TraceContext) -> Option<SpanId>;
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

    fn parent_span_id_of(&self, _: &TraceContext) -> Option<SpanId> {
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
    /// `None` in a layer that holds no lines.
    pub(in crate::layer) hold: Option<SpanHold>,
}

impl SpanLines {
    fn new(callsite: Arc<Callsite>) -> Self {
        Self {
            callsite,
            exported_name: ExportedName::default(),
            own: Mutex::default(),
            records: AtomicU64::new(0),
            flat: Flat::default(),
            lifecycle: None,
            hold: None,
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
            hold,
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
        *hold = None;
    }

    /// Collects the fields of a new span, if lines have them, and its name. This runs user code.
    #[inline]
    pub(in crate::layer) fn begin(&mut self, renderer: &Renderer, attributes: &Attributes<'_>) {
        if renderer.settings().span_fields != SpanFields::Off {
            let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
            if own.capacity() == 0 {
                *own = Members::with_room_for(&self.callsite.keys);
            }
            let format = &renderer.format;
            visit(format, &self.callsite, own, |record| {
                attributes.record(record)
            });
            redact(own, &format.rules);
            if !own.is_unique() {
                *own = unique(&[own], format.span_reserved());
            }
            if own.capacity() > RECYCLED_BYTES {
                own.shrink_to(0);
            }
        }
        if self.callsite.has_exported_name {
            let rules = &renderer.format.rules;
            self.exported_name.begin(attributes, rules);
        }
        note_span(self.callsite.metadata);
    }
}

/// Collects values of a span. This runs user code.
#[inline]
fn visit(
    format: &Format,
    callsite: &Callsite,
    fields: &mut Members,
    visit: impl FnOnce(&mut json::Record<'_>),
) {
    // A span has no message, and no field that writes JSON: only events come from other logging crates.
    let (mut no_message, no_json_fields) = (Vec::new(), 0);
    visit(&mut json::Record::new(
        &callsite.keys,
        fields,
        &mut no_message,
        format.span_reserved(),
        &format.rules,
        no_json_fields,
    ));
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

/// Returns the fields of a span and its ancestors. They may be locked in `locked`.
#[inline]
pub(super) fn fields_of<'f, 's: 'f, S: Chain>(
    format: &Format,
    leaf: &S,
    lines: &'s SpanLines,
    locked: &'f mut Option<Locked<'s>>,
) -> &'f Fields {
    // This is read before the fields. So if a span records values meanwhile, the text looks too old, but never too new.
    let records = records(leaf).map_or(0, |records| records.load(Ordering::Acquire));
    match lines.flat.first(records) {
        Some(first) => first,
        None => locked.insert(
            lines
                .flat
                .get(records, |fields| flatten(fields, format, leaf)),
        ),
    }
}

fn flatten<S: Chain>(fields: &mut Fields, format: &Format, leaf: &S) {
    for_outermost_first(leaf, |span| {
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
    });
}

/// Runs `f` on the spans of a chain, the leaf last. Allocates nothing unless the chain is longer than most.
fn for_outermost_first<S: Chain>(leaf: &S, f: impl FnMut(&SpanLines)) {
    let mut nearest = [leaf; 16];
    let places = nearest.iter_mut().zip(chain(leaf));
    let count = places.map(|(place, span)| *place = span).count();
    let farther: Vec<&S> = chain(leaf).skip(count).collect();
    let all = nearest[..count].iter().chain(&farther);
    all.rev().filter_map(|span| span.lines()).for_each(f);
}

impl Renderer {
    /// Returns the lines of a call site's first span, without fields.
    #[cold]
    pub(in crate::layer) fn span_lines(&self, metadata: &'static Metadata<'static>) -> SpanLines {
        let mut scratch = Scratch::take();
        let (callsite, _) = scratch.at(self, metadata);
        SpanLines::new(Arc::clone(callsite))
    }

    /// Adds values that a span records. This runs user code. The last value of a name wins.
    pub(in crate::layer) fn record<S: Chain>(&self, span: &S, values: &Record<'_>) {
        let Some(lines) = span.lines() else { return };
        if lines.callsite.has_exported_name
            && lines.exported_name.record(values, &self.format.rules)
        {
            note_record(span);
        }
        if self.settings().span_fields != SpanFields::Off {
            self.record_fields(span, lines, values);
        }
        note_span(lines.callsite.metadata);
    }

    fn record_fields<S: Chain>(&self, span: &S, lines: &SpanLines, values: &Record<'_>) {
        let mut scratch = Scratch::take();
        let recorded = &mut scratch.buffers().fields;
        visit(&self.format, &lines.callsite, recorded, |record| {
            values.record(record);
        });
        if recorded.is_empty() {
            return;
        }
        redact(recorded, &self.format.rules);
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
