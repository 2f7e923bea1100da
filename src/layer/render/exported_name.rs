//! The name under which a span of this crate is exported. Readers of its lines look for this name.

use super::callsite::{Callsite, EXPORTED_NAME};
use crate::json::{Rules, push_string};
use std::{fmt, sync::OnceLock};
use tracing_core::{
    Field,
    field::Visit,
    span::{Attributes, Record},
};

/// The name as JSON; empty if the span has the name of its call site.
#[derive(Debug, Default)]
pub(super) struct ExportedName {
    /// The name at the span's creation.
    first: Vec<u8>,
    /// The name that was recorded later, such as a gRPC server's method.
    later: OnceLock<Box<[u8]>>,
}

impl ExportedName {
    /// Takes the name of a new span.
    pub(super) fn begin(&mut self, attributes: &Attributes<'_>, rules: &Rules) {
        attributes.record(&mut Name(|name: &str| push(&mut self.first, name, rules)));
    }

    /// Clears the name, and keeps the memory of the first one.
    pub(super) fn recycle(&mut self) {
        let Self { first, later } = self;
        first.clear();
        later.take();
    }

    /// Takes a name from recorded values. Returns whether there is a new one.
    pub(super) fn record(&self, values: &Record<'_>, rules: &Rules) -> bool {
        let mut is_new = false;
        values.record(&mut Name(|name: &str| {
            let mut json = Vec::new();
            push(&mut json, name, rules);
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

    /// Appends the line's member with the span's name.
    #[inline(always)]
    pub(super) fn push_member(&self, callsite: &Callsite, out: &mut Vec<u8>) {
        match self.of(callsite) {
            None => callsite.span_name.push(out),
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

/// Appends a name without the secrets that patterns find in it.
fn push(out: &mut Vec<u8>, name: &str, rules: &Rules) {
    push_string(out, &rules.redacted(name));
}

struct Name<F>(F);

impl<F: FnMut(&str)> Visit for Name<F> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == EXPORTED_NAME {
            (self.0)(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
