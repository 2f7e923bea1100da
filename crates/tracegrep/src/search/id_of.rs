use crate::{
    id::{TraceId, standing_alone},
    record::Record,
};

/// Returns the trace of a line. If no field of it is a trace id, an id that stands alone in its text is.
pub(super) fn id_of(record: &Record, raw: &[u8]) -> Option<TraceId> {
    let of_field = record.trace_id.as_deref().and_then(TraceId::from_hex);
    of_field.or_else(|| standing_alone(raw))
}
