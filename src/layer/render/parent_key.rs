use crate::{
    json::{push_hex, push_string},
    schema::{FixedKey, Schema},
};
use opentelemetry::trace::SpanId;

/// The key of the parent's id, rendered with the punctuation around it: `,"parent_span_id":"`
pub(super) struct ParentKey(Box<[u8]>);

impl ParentKey {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut key = b",".to_vec();
        push_string(&mut key, schema.name(FixedKey::ParentSpanId));
        key.extend_from_slice(b":\"");
        Self(key.into())
    }

    pub(super) fn push(&self, out: &mut Vec<u8>, parent: SpanId) {
        out.extend_from_slice(&self.0);
        push_hex(out, parent.to_bytes());
        out.push(b'"');
    }
}
