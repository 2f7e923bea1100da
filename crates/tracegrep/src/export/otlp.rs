use super::spans::{Attributes, Event, Exported, services, spans};
use crate::tree::Tree;
use serde_json::{Map, Value, json};

const ERROR: u8 = 2;

/// Writes the spans as a request of OpenTelemetry's protocol (OTLP) in JSON, with a newline. The lines of a span are its events.
#[must_use]
pub fn otlp(tree: &Tree<'_>) -> String {
    let trace_id = tree.trace().id().to_string();
    let spans = spans(tree);
    let of_service = |service: &str| {
        let own = spans.iter().filter(|span| span.service == service);
        let own: Vec<Value> = own.map(|span| span_object(span, &trace_id)).collect();
        json!({
            "resource": {"attributes": [attribute("service.name", &service.into())]},
            "scopeSpans": [{
                "scope": {"name": "tracegrep", "version": env!("CARGO_PKG_VERSION")},
                "spans": own,
            }],
        })
    };
    let resources: Vec<Value> = services(&spans).into_iter().map(of_service).collect();
    json!({"resourceSpans": resources}).to_string() + "\n"
}

fn span_object(span: &Exported<'_>, trace_id: &str) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("traceId", trace_id.into());
    put("spanId", span.span.id().into());
    if let Some(parent) = span.span.parent_id() {
        put("parentSpanId", parent.into());
    }
    put("name", span.name.clone().into());
    put("kind", span.kind.map_or(0, |kind| kind.number()).into());
    put("startTimeUnixNano", time(span.start));
    // Jaeger takes a span without a length for one that ends before it starts, and warns.
    put(
        "endTimeUnixNano",
        time(span.end.max(span.start.saturating_add(1))),
    );
    put("attributes", attributes(&span.attributes));
    let events: Vec<Value> = span.events.iter().map(event_object).collect();
    put("events", events.into());
    if span.span.has_error() {
        put("status", json!({"code": ERROR}));
    }
    object.into()
}

fn event_object(event: &Event) -> Value {
    json!({
        "timeUnixNano": time(event.time),
        "name": event.name,
        "attributes": attributes(&event.attributes),
    })
}

/// 64-bit integers are texts in the JSON of protocol buffers.
fn time(nanos: i64) -> Value {
    u64::try_from(nanos).unwrap_or(0).to_string().into()
}

fn attributes(attributes: &Attributes) -> Value {
    let known = attributes.iter().filter(|(_, value)| !value.is_null());
    known.map(|(name, value)| attribute(name, value)).collect()
}

fn attribute(name: &str, value: &Value) -> Value {
    json!({"key": name, "value": any_value(value)})
}

fn any_value(value: &Value) -> Value {
    match value {
        Value::Bool(value) => json!({"boolValue": value}),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => json!({"intValue": number.to_string()}),
            (None, Some(float)) if !number.is_u64() => json!({"doubleValue": float}),
            _ => json!({"stringValue": number.to_string()}),
        },
        Value::String(text) => json!({"stringValue": text}),
        // Few viewers show nested values otherwise.
        nested => json!({"stringValue": nested.to_string()}),
    }
}
