use super::json::{millis, put, time};
use crate::search::TraceSummary;
use serde_json::{Map, Value};

/// Writes summaries of traces as one JSON array, with a newline.
///
/// | member | value |
/// |---|---|
/// | `trace_id` | 32 hexadecimal digits |
/// | `lines`, `errors` | how many lines there are, and how many of them are of level `ERROR` or above |
/// | `start`, `end` | the times of the first and of the last line, as RFC 3339 in UTC with nanoseconds |
/// | `duration_ms` | the time between them, or a longer duration that a line states |
/// | `service`, `text` | the first error, or else what the first line says. The text is cut after 40 bytes |
///
/// A member that is not known is absent.
#[must_use]
pub fn json_of_summaries(traces: &[TraceSummary]) -> String {
    let traces: Vec<Value> = traces.iter().map(object).collect();
    Value::from(traces).to_string() + "\n"
}

fn object(trace: &TraceSummary) -> Value {
    let mut object = Map::new();
    let mut put = |name, value| put(&mut object, name, value);
    put("trace_id", Some(trace.id.to_string().into()));
    put("lines", Some(trace.lines.into()));
    put("errors", Some(trace.errors.into()));
    put("start", trace.start.map(time));
    put("end", trace.end.map(time));
    let nanos = trace.duration.map(|duration| duration.as_nanos() as f64);
    put("duration_ms", nanos.map(millis));
    put("service", trace.service.clone().map(Value::from));
    put("text", trace.text.clone().map(Value::from));
    object.into()
}
