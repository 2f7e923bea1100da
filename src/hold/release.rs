use super::{
    line::{TraceKey, key_of},
    stores,
};
use crate::trace_context;
use opentelemetry::trace::TraceId;

/// Writes the held lines of the current trace, in all layers of the process that [hold](super::Hold) lines. Further lines of the trace are
/// written at once, until its last local root span ends.
///
/// The current trace is that of OpenTelemetry's current context, in any version that a layer uses. Where none is current, as with context
/// activation switched off or with a context source of your own, use [`release_trace`].
///
/// The lines are written on this thread, so it blocks if their writer does.
///
/// ```
/// use tracing_stamp::hold;
///
/// // This request is worth a look, although it has succeeded.
/// hold::release();
/// ```
pub fn release() {
    for context in trace_context::all_current() {
        release_key(key_of(&context));
    }
}

/// Does the same as [`release`] for the trace with this id.
///
/// ```
/// use tracing_stamp::{hold, opentelemetry::trace::TraceId};
///
/// hold::release_trace(TraceId::from(0x4bf92f3577b34da6a3ce929d0e0e4736));
/// ```
pub fn release_trace(trace_id: TraceId) {
    let bits = u128::from_be_bytes(trace_id.to_bytes());
    release_key([(bits >> 64) as u64, bits as u64]);
}

fn release_key(key: TraceKey) {
    for store in stores::all() {
        store.release(key);
    }
}
