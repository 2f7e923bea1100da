use crate::trace_context::TraceContext;
use tracing_core::Metadata;

/// Where released lines go. It is called without a lock.
pub(crate) trait ReleaseOutput: Send + Sync {
    /// Writes a line that was held.
    fn write(&self, metadata: &'static Metadata<'static>, line: &[u8]);

    /// Writes a line that says how many held lines of the trace were dropped.
    fn write_dropped(&self, context: TraceContext, lines: usize);

    /// Counts lines that are dropped.
    fn count_dropped(&self, lines: usize);
}
