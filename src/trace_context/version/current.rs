use crate::trace_context::TraceContext;

/// The context that is current on a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// Its ids, if it has a valid span context.
    pub context: Option<TraceContext>,
    /// Whether the span context comes from another process.
    pub is_remote: bool,
}
