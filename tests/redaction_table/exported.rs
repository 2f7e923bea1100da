//! Spans that are exported.

use super::{
    all_rules,
    case::{Case, table},
    faults::Faults,
    ways::WAYS,
};
use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    trace::{
        Link, Span as _, SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState, Tracer as _,
        TracerProvider as _,
    },
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::info_span;
use tracing_stamp::setup::{OtelEvents, RedactingExporter, setup};

pub(crate) fn provider(exporter: &InMemorySpanExporter) -> SdkTracerProvider {
    let redacting = RedactingExporter::new(exporter.clone(), all_rules().build());
    SdkTracerProvider::builder()
        .with_simple_exporter(redacting)
        .build()
}

/// Takes the texts of all spans that were exported since. Times, ids and numbers may have any digits.
pub(crate) fn take_texts(exporter: &InMemorySpanExporter) -> Vec<String> {
    let spans = exporter.get_finished_spans().expect("memory is readable");
    exporter.reset();
    spans.iter().flat_map(texts).collect()
}

fn texts(span: &SpanData) -> Vec<String> {
    let mut texts = vec![span.name.to_string()];
    if let Status::Error { description } = &span.status {
        texts.push(description.to_string());
    }
    texts.extend(span.attributes.iter().flat_map(values));
    for event in &span.events.events {
        texts.push(event.name.to_string());
        texts.extend(event.attributes.iter().flat_map(values));
    }
    let links = span.links.links.iter().flat_map(|link| &link.attributes);
    texts.extend(links.flat_map(values));
    texts
}

fn values(attribute: &KeyValue) -> Vec<String> {
    match &attribute.value {
        Value::String(text) => vec![text.to_string()],
        Value::Array(Array::String(texts)) => texts.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn attributes(case: &Case) -> Vec<KeyValue> {
    vec![KeyValue::new(case.key.clone(), case.text.clone())]
}

/// The parts of a span in which a text can be.
const PARTS: [&str; 7] = [
    "attribute",
    "list",
    "attribute of a link",
    "attribute of an event",
    "name of an event",
    "status",
    "name",
];

/// Exports a span that has the case in this part.
fn export(provider: &SdkTracerProvider, part: &str, case: &Case) {
    let tracer = provider.tracer("table");
    let builder = tracer.span_builder("pay");
    let builder = match part {
        "attribute" => builder.with_attributes(attributes(case)),
        "list" => {
            let texts = vec![StringValue::from("first"), case.text.clone().into()];
            let list = Value::Array(Array::String(texts));
            builder.with_attributes([KeyValue::new(case.key.clone(), list)])
        }
        "attribute of a link" => {
            let (trace, span) = (TraceId::from(7), SpanId::from(7));
            let (flags, state) = (TraceFlags::SAMPLED, TraceState::NONE);
            let linked = SpanContext::new(trace, span, flags, true, state);
            let link = Link::new(linked, attributes(case), 0);
            builder.with_links(vec![link])
        }
        _ => builder,
    };
    let mut span = tracer.build(builder);
    match part {
        "attribute of an event" => span.add_event("retry", attributes(case)),
        "name of an event" => span.add_event(case.sentence(), Vec::new()),
        "status" => span.set_status(Status::error(case.sentence())),
        "name" => span.update_name(case.sentence()),
        _ => {}
    }
    span.end();
}

#[test]
fn no_secret_is_left_in_any_part_of_an_exported_span_and_no_look_alike_is_harmed() {
    let exporter = InMemorySpanExporter::default();
    let provider = provider(&exporter);
    let mut faults = Faults::default();
    for part in PARTS {
        for case in table() {
            export(&provider, part, case);
            let texts = take_texts(&exporter);
            let raw = texts.join("\n");
            faults.add(case, part, case.fault(&raw, &texts), &raw);
        }
    }
    faults.assert_none(PARTS.len() * table().len());
}

#[test]
fn no_secret_that_is_logged_is_left_in_an_exported_span_and_no_look_alike_is_harmed() {
    let exporter = InMemorySpanExporter::default();
    let (dispatch, guard) = setup()
        .with_filter("trace")
        .with_tracer_provider(provider(&exporter))
        .with_otel_events(OtelEvents::All)
        .with_redaction(all_rules())
        .with_diagnostics(|_| ())
        .with_writer(std::io::sink())
        .build()
        .expect("the set-up is valid");
    let mut faults = Faults::default();
    let ways = || WAYS.iter().filter(|way| way.is_exported);
    tracing::dispatcher::with_default(&dispatch, || {
        for way in ways() {
            for case in table() {
                info_span!("work").in_scope(|| (way.log)(case));
                let texts = take_texts(&exporter);
                let raw = texts.join("\n");
                faults.add(case, way.name, case.fault(&raw, &texts), &raw);
            }
        }
    });
    drop(guard);
    faults.assert_none(ways().count() * table().len());
}
