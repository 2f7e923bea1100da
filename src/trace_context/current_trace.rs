use super::{
    native::Native,
    version::{OpenTelemetry, known},
};
use opentelemetry::trace::TraceId;

/// Returns the id of the current trace, by the OpenTelemetry that this crate depends on, or else by another version that a layer uses.
pub(crate) fn current_trace_id() -> Option<TraceId> {
    let native = OpenTelemetry::current(&Native).and_then(|current| current.context);
    let current = native.or_else(known::current_of_any)?;
    Some(current.trace_id())
}
