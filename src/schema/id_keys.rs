use super::{FixedKey, Schema, shape::Flags};
use crate::{
    json::{push_escaped, push_hex, push_string},
    trace_context::TraceContext,
};

/// The keys of the three ids, rendered with the punctuation around them.
#[derive(Debug)]
pub(crate) struct IdKeys {
    /// `,"trace_id":"`
    trace: Box<[u8]>,
    /// `,"span_id":"`
    span: Box<[u8]>,
    /// `,"trace_flags":`
    flags: Box<[u8]>,
    flags_form: Flags,
}

impl IdKeys {
    pub(crate) fn new(schema: &Schema) -> Self {
        let key = |key, rest: &str| {
            let mut out = b",".to_vec();
            push_string(&mut out, schema.name(key));
            out.extend_from_slice(rest.as_bytes());
            out
        };
        let mut trace = key(FixedKey::TraceId, ":\"");
        push_escaped(&mut trace, &schema.trace_prefix);
        Self {
            trace: trace.into(),
            span: key(FixedKey::SpanId, ":\"").into(),
            flags: key(FixedKey::TraceFlags, ":").into(),
            flags_form: schema.flags,
        }
    }

    /// Appends the ids as members. Leaves out the span id if `with_span` is false.
    #[inline]
    pub(crate) fn push(&self, out: &mut Vec<u8>, context: &TraceContext, with_span: bool) {
        out.extend_from_slice(&self.trace);
        push_hex(out, context.trace_id().to_bytes());
        out.push(b'"');
        if with_span {
            out.extend_from_slice(&self.span);
            push_hex(out, context.span_id().to_bytes());
            out.push(b'"');
        }
        if !context.is_sampling_decided() {
            return;
        }
        out.extend_from_slice(&self.flags);
        match self.flags_form {
            Flags::Hex => {
                out.push(b'"');
                push_hex(out, [context.flags().to_u8()]);
                out.push(b'"');
            }
            Flags::Sampled if context.flags().is_sampled() => out.extend_from_slice(b"true"),
            Flags::Sampled => out.extend_from_slice(b"false"),
        }
    }
}
