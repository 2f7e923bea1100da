use crate::trace_context::TraceContext;
use tracing_core::Metadata;

/// A trace id as two numbers, the upper half first.
pub(crate) type TraceKey = [u64; 2];

/// The key of a context's trace.
#[inline]
pub(crate) fn key_of(context: &TraceContext) -> TraceKey {
    let ([upper, lower, _], _) = context.to_words();
    [upper, lower]
}

/// A line to hold.
#[derive(Clone, Copy)]
pub(crate) struct Line<'l> {
    pub(crate) context: TraceContext,
    pub(crate) metadata: &'static Metadata<'static>,
    /// Nanoseconds since 1970.
    pub(crate) time: i64,
    pub(crate) text: &'l [u8],
}
