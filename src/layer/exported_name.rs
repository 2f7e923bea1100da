//! The name under which a span of this crate's own is exported, which is the one that a reader of its lines looks for.

use super::callsite::Callsite;
use crate::json::push_string;
use std::{fmt, sync::OnceLock};
use tracing_core::{
    Field,
    field::Visit,
    span::{Attributes, Record},
};

/// The field from which OpenTelemetry's layer takes a span's name: `POST /orders/{order}`.
const NAME: &str = "otel.name";

/// Whether spans of a call site are exported under a name of their own.
pub(super) fn has_one(metadata: &tracing_core::Metadata<'_>) -> bool {
    metadata.fields().field(NAME).is_some()
}

/// The name, as JSON; none where it is that of the call site.
#[derive(Debug, Default)]
pub(super) struct ExportedName {
    /// The one that the span was made with.
    first: Vec<u8>,
    /// The one that was found out later, as of a gRPC server's method.
    later: OnceLock<Box<[u8]>>,
}

impl ExportedName {
    /// For a span that begins, in the memory of one that has ended.
    pub(super) fn begin(&mut self, attributes: &Attributes<'_>) {
        self.first.clear();
        self.later.take();
        attributes.record(&mut Named(|name: &str| push_string(&mut self.first, name)));
    }

    /// Whether something was recorded that is a new name.
    pub(super) fn record(&self, values: &Record<'_>) -> bool {
        let mut is_new = false;
        values.record(&mut Named(|name: &str| {
            let mut json = Vec::new();
            push_string(&mut json, name);
            is_new = self.later.set(json.into()).is_ok();
        }));
        is_new
    }

    #[inline]
    fn of(&self, callsite: &Callsite) -> Option<&[u8]> {
        if !callsite.has_exported_name {
            return None;
        }
        let later = self.later.get().map(|name| &**name);
        later.or(Some(&*self.first).filter(|name| !name.is_empty()))
    }

    /// Appends the member of a line that has the span's name.
    #[inline]
    pub(super) fn push_member(&self, callsite: &Callsite, out: &mut Vec<u8>) {
        match self.of(callsite) {
            None => out.extend_from_slice(&callsite.span_name),
            Some(name) => {
                out.extend_from_slice(&callsite.span_name_key);
                out.extend_from_slice(name);
            }
        }
    }

    /// Appends the beginning of the span's object in a list of spans.
    pub(super) fn push_list_head(&self, callsite: &Callsite, out: &mut Vec<u8>) {
        match self.of(callsite) {
            None => out.extend_from_slice(&callsite.list_head),
            Some(name) => {
                out.extend_from_slice(b"{\"name\":");
                out.extend_from_slice(name);
            }
        }
    }
}

struct Named<F>(F);

impl<F: FnMut(&str)> Visit for Named<F> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == NAME {
            (self.0)(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
