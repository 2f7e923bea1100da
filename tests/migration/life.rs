//! Lines of a span's life, and the names of settings, with OpenTelemetry's layer in the subscriber.

use super::{
    fmt_json::order_placed,
    lines::messages,
    support::{Exported, Lines},
};
use serde_json::json;
use std::{thread, time::Duration};
use tracing::{info_span, subscriber::with_default};
use tracing_subscriber::{
    fmt::{self, format::FmtSpan},
    prelude::*,
};

#[test]
pub(crate) fn closing_lines_have_durations_as_numbers() {
    let exported = Exported::new();
    let (before, after) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(exported.tracer(), |layer| layer))
        .with(
            fmt::layer()
                .json()
                .with_span_events(FmtSpan::CLOSE)
                .with_writer(before.clone()),
        )
        .with(
            tracing_stamp::layer()
                .with_span_events(FmtSpan::CLOSE)
                .with_writer(after.clone()),
        );
    with_default(subscriber, || {
        info_span!("request").in_scope(|| {
            info_span!("db").in_scope(|| thread::sleep(Duration::from_millis(5)));
        });
    });
    let (before, after) = (before.all(), after.all());
    for line in &before {
        assert!(line.get("fields")["time.busy"].is_string(), "{line:?}");
    }
    for key in ["busy_ms", "idle_ms", "duration_ms"] {
        assert!(
            after.iter().all(|line| line.get(key).is_number()),
            "{after:?}"
        );
    }
    let db = &after[0];
    assert!(db.get("busy_ms").as_f64() >= Some(5.0), "{db:?}");
    let started: jiff::Timestamp = db.get("start_time").as_str().unwrap().parse().unwrap();
    assert!(started <= jiff::Timestamp::now());
    let request = exported.span("request").span_context.span_id();
    assert_eq!(db.get("parent_span_id"), &json!(request.to_string()));
}

#[test]
pub(crate) fn settings_have_the_same_names() {
    let exported = Exported::new();
    let (before, after) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(exported.tracer(), |layer| layer))
        .with(
            fmt::layer()
                .json()
                .with_writer(before.clone())
                .with_target(false)
                .with_file(true)
                .with_line_number(true)
                .with_thread_ids(true)
                .with_thread_names(true)
                .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE),
        )
        .with(
            tracing_stamp::layer()
                .with_writer(after.clone())
                .with_target(false)
                .with_file(true)
                .with_line_number(true)
                .with_thread_ids(true)
                .with_thread_names(true)
                .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE),
        );
    with_default(subscriber, order_placed);
    let (before, after) = (before.all(), after.all());
    let before_messages: Vec<_> = before
        .iter()
        .map(|line| line.get("fields")["message"].clone())
        .collect();
    assert_eq!(before_messages, messages(&after));
    assert_eq!(
        before_messages,
        ["new", "new", "order placed", "close", "close"]
    );
    for (before, after) in before.iter().zip(&after) {
        assert!(!before.has("target") && !after.has("target"));
        for (name_before, name_after) in [
            ("filename", "file"),
            ("line_number", "line"),
            ("threadName", "thread_name"),
        ] {
            assert!(after.has(name_after));
            assert_eq!(before.get(name_before), after.get(name_after));
        }
        assert!(before.has("threadId") && after.has("thread_id"));
    }
}
