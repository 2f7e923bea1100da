//! Lines about a span's life.

use super::{REDACTED, SECRET, TOKEN, lines, schemas};
use tracing::{field::Empty, info_span};
use tracing_stamp::{Redaction, SpanFields};
use tracing_subscriber::fmt::format::FmtSpan;

#[test]
fn all_lines_of_a_spans_life_are_redacted() {
    for schema in schemas() {
        for span_fields in [SpanFields::Flatten, SpanFields::List] {
            let lines = lines(
                |layer| {
                    layer
                        .with_schema(schema.clone())
                        .with_span_fields(span_fields)
                        .with_span_events(FmtSpan::FULL)
                        .with_redaction(Redaction::new().secrets())
                },
                || {
                    let span = info_span!("login", token = SECRET, note = Empty);
                    span.record("note", format!("got {TOKEN}"));
                    span.in_scope(|| ());
                },
            );
            assert_eq!(lines.len(), 4, "{lines:?}");
            for line in &lines {
                let text = format!("{line:?}");
                assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
                assert_eq!(text.matches(REDACTED).count(), 2, "{text}");
            }
        }
    }
}

#[test]
fn the_exported_name_of_a_request_is_redacted() {
    let lines = lines(
        |layer| {
            layer
                .with_span_events(FmtSpan::CLOSE)
                .with_redaction(Redaction::new().secrets())
        },
        || {
            let name = format!("GET /{TOKEN}");
            let _first =
                info_span!(target: "tracing_stamp::http", "request", otel.name = name).entered();
            let later =
                info_span!(target: "tracing_stamp::http", "request", otel.name = Empty).entered();
            later.record("otel.name", &*name);
        },
    );
    for line in &lines {
        assert_eq!(line.get("span_name"), "GET /[redacted]");
    }
}
