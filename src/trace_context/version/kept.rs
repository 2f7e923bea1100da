use crate::trace_context::TraceContext;

/// What a span's extensions hold, in a version that keeps ids there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptIds {
    /// The span's own ids.
    pub context: TraceContext,
    /// The span id of its parent, if it has one.
    pub parent_span_id: Option<[u8; 8]>,
}
