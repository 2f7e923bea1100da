use super::spans::{Attributes, Event, Exported, services, spans};
use crate::tree::Tree;
use serde_json::{Map, Value, json};

const NANOS_PER_MICRO: i64 = 1_000;

/// Writes the spans as the JSON that Jaeger's page opens from a file, with a newline. The lines of a span are its logs. Times are whole
/// microseconds.
#[must_use]
pub fn jaeger(tree: &Tree<'_>) -> String {
    let trace_id = tree.trace().id().to_string();
    let spans = spans(tree);
    let services = services(&spans);
    let process = |service: &str| {
        let number = services.iter().position(|known| *known == service);
        format!("p{}", number.unwrap_or(0) + 1)
    };
    let objects: Vec<Value> = spans
        .iter()
        .map(|span| span_object(span, &trace_id, &process(span.service)))
        .collect();
    let processes = services.iter().map(|service| {
        let object = json!({"serviceName": service, "tags": []});
        (process(service), object)
    });
    let processes: Map<String, Value> = processes.collect();
    let trace = json!({
        "traceID": trace_id,
        "spans": objects,
        "processes": processes,
        "warnings": null,
    });
    json!({"data": [trace], "total": 0, "limit": 0, "offset": 0, "errors": null}).to_string() + "\n"
}

fn span_object(span: &Exported<'_>, trace_id: &str, process: &str) -> Value {
    let reference =
        |parent: &str| json!({"refType": "CHILD_OF", "traceID": trace_id, "spanID": parent});
    let references: Vec<Value> = span.span.parent_id().into_iter().map(reference).collect();
    let mut tags = tags(&span.attributes);
    if let Some(kind) = span.kind {
        tags.push(tag("span.kind", &kind.name().into()));
    }
    if span.span.has_error() {
        tags.push(tag("error", &true.into()));
    }
    let logs: Vec<Value> = span.events.iter().map(log).collect();
    json!({
        "traceID": trace_id,
        "spanID": span.span.id(),
        "flags": 1,
        "operationName": span.name,
        "references": references,
        "startTime": micros(span.start),
        // The difference of both times as they are written, so that a span does not end after its parent.
        "duration": micros(span.end) - micros(span.start),
        "tags": tags,
        "logs": logs,
        "processID": process,
        "warnings": null,
    })
}

fn log(event: &Event) -> Value {
    let mut fields = vec![tag("event", &event.name.clone().into())];
    fields.extend(tags(&event.attributes));
    json!({"timestamp": micros(event.time), "fields": fields})
}

fn micros(nanos: i64) -> i64 {
    nanos.div_euclid(NANOS_PER_MICRO)
}

fn tags(attributes: &Attributes) -> Vec<Value> {
    let known = attributes.iter().filter(|(_, value)| !value.is_null());
    known.map(|(name, value)| tag(name, value)).collect()
}

fn tag(name: &str, value: &Value) -> Value {
    let (kind, value) = match value {
        Value::Bool(value) => ("bool", (*value).into()),
        Value::Number(number) if number.is_i64() => ("int64", value.clone()),
        Value::Number(number) if number.is_f64() => ("float64", value.clone()),
        Value::String(text) => ("string", text.clone().into()),
        other => ("string", other.to_string().into()),
    };
    json!({"key": name, "type": kind, "value": value})
}
