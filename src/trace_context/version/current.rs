use crate::trace_context::TraceContext;

/// The current context of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// The ids, if the context has a valid span context.
    pub context: Option<TraceContext>,
    /// Whether the span context comes from another process.
    pub is_remote: bool,
}
