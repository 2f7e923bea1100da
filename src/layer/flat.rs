//! The fields of a span and its ancestors as one text, kept at the leaf.

use super::{core::Core, settings::SpanFields, span_state::SpanState};
use crate::json::{Members, unique};
use std::sync::{PoisonError, RwLock, atomic::Ordering};

/// The text, and the count of records of its tree that it has seen.
#[derive(Debug, Default)]
pub(super) struct Flat {
    made: RwLock<Option<(u64, Fields)>>,
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
            if let Some((seen, fields)) = &*made
                && *seen == records
            {
                return f(fields);
            }
        }
        let fields = Fields::of(core, leaf);
        let result = f(&fields);
        *self.made.write().unwrap_or_else(PoisonError::into_inner) = Some((records, fields));
        result
    }
}

impl Fields {
    #[cold]
    fn of(core: &Core, leaf: &SpanState) -> Self {
        let mut chain: Vec<&SpanState> = Vec::new();
        let mut next = Some(leaf);
        while let Some(span) = next {
            chain.push(span);
            next = span.parent.as_deref();
        }
        let mut fields = Self::default();
        for span in chain.into_iter().rev() {
            let own = span.own.lock().unwrap_or_else(PoisonError::into_inner);
            match core.settings.span_fields {
                SpanFields::Flatten if fields.members.is_disjoint(&own) => {
                    fields.members.append_disjoint(&own);
                }
                SpanFields::Flatten => {
                    fields.members = unique(&[&fields.members, &own], core.span_reserved());
                }
                SpanFields::List => {
                    if !fields.list.is_empty() {
                        fields.list.push(b',');
                    }
                    fields.list.extend_from_slice(&span.callsite.list_head);
                    fields.list.extend_from_slice(own.text());
                    fields.list.push(b'}');
                }
                SpanFields::Off => {}
            }
        }
        fields
    }
}
