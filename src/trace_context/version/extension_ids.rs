use crate::trace_context::TraceContext;

/// The ids in a span's extensions, in a version that keeps them there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionIds {
    /// The span's own ids.
    pub context: TraceContext,
    /// The span id of its parent, if it has one.
    pub parent_span_id: Option<[u8; 8]>,
}
