//! The fields of a span and its ancestors as one text, kept at the leaf.

use super::{core::Core, settings::SpanFields, span_state::SpanState};
use crate::json::{Members, unique};
use std::sync::{PoisonError, RwLock, atomic::Ordering};

/// The text, and the count of records of its tree that it has seen.
#[derive(Debug, Default)]
pub(super) struct Flat {
    made: RwLock<Made>,
}

#[derive(Debug, Default)]
struct Made {
    /// `None` before the text is made.
    seen: Option<u64>,
    fields: Fields,
}

/// The fields of a chain of spans.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// As members of the line, inner before outer.
    pub(super) members: Members,
    /// As the objects of a list, without its brackets.
    pub(super) list: Vec<u8>,
}

impl Flat {
    /// Runs `f` on the text, made anew where a span of the chain has recorded since. `f` runs under a lock: it calls
    /// neither user code nor anything that locks.
    #[inline]
    pub(super) fn with<T>(&self, core: &Core, leaf: &SpanState, f: impl FnOnce(&Fields) -> T) -> T {
        // Read before the fields: what is recorded meanwhile makes the text old, never wrongly new.
        let records = leaf.records().load(Ordering::Acquire);
        {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            if made.seen == Some(records) {
                return f(&made.fields);
            }
        }
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.fields.make(core, leaf);
        made.seen = Some(records);
        f(&made.fields)
    }

    /// Forgets the text, and keeps its memory up to so many bytes.
    pub(super) fn forget(&mut self, bytes: usize) {
        let made = self.made.get_mut().unwrap_or_else(PoisonError::into_inner);
        if made.seen.take().is_some()
            && made
                .fields
                .members
                .capacity()
                .max(made.fields.list.capacity())
                > bytes
        {
            made.fields = Fields::default();
        }
    }
}

impl Fields {
    fn clear(&mut self) {
        self.members.clear();
        self.list.clear();
    }

    #[cold]
    fn make(&mut self, core: &Core, leaf: &SpanState) {
        self.clear();
        let mut chain: Vec<&SpanState> = leaf.chain().collect();
        while let Some(span) = chain.pop() {
            let own = span.own.lock().unwrap_or_else(PoisonError::into_inner);
            match core.settings.span_fields {
                SpanFields::Flatten if self.members.is_disjoint(&own) => {
                    self.members.append_disjoint(&own);
                }
                SpanFields::Flatten => {
                    self.members = unique(&[&self.members, &own], core.span_reserved());
                }
                SpanFields::List => {
                    if !self.list.is_empty() {
                        self.list.push(b',');
                    }
                    span.exported_name
                        .push_list_head(&span.callsite, &mut self.list);
                    self.list.extend_from_slice(own.text());
                    self.list.push(b'}');
                }
                SpanFields::Off => {}
            }
        }
    }
}
