//! Lines of a span's life, and the settings, in a stack with OpenTelemetry's layer.

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
    let (old, here) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(exported.tracer(), |layer| layer))
        .with(
            fmt::layer()
                .json()
                .with_span_events(FmtSpan::CLOSE)
                .with_writer(old.clone()),
        )
        .with(
            tracing_stamp::layer()
                .with_span_events(FmtSpan::CLOSE)
                .with_writer(here.clone()),
        );
    with_default(subscriber, || {
        info_span!("request").in_scope(|| {
            info_span!("db").in_scope(|| thread::sleep(Duration::from_millis(5)));
        });
    });
    let (old, here) = (old.all(), here.all());
    for line in &old {
        assert!(line.get("fields")["time.busy"].is_string(), "{line:?}");
    }
    for key in ["busy_ms", "idle_ms", "duration_ms"] {
        assert!(
            here.iter().all(|line| line.get(key).is_number()),
            "{here:?}"
        );
    }
    let db = &here[0];
    assert!(db.get("busy_ms").as_f64() >= Some(5.0), "{db:?}");
    let started: jiff::Timestamp = db.get("start_time").as_str().unwrap().parse().unwrap();
    assert!(started <= jiff::Timestamp::now());
    let request = exported.span("request").span_context.span_id();
    assert_eq!(db.get("parent_span_id"), &json!(request.to_string()));
}

#[test]
pub(crate) fn settings_have_the_same_names() {
    let exported = Exported::new();
    let (old, here) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(exported.tracer(), |layer| layer))
        .with(
            fmt::layer()
                .json()
                .with_writer(old.clone())
                .with_target(false)
                .with_file(true)
                .with_line_number(true)
                .with_thread_ids(true)
                .with_thread_names(true)
                .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE),
        )
        .with(
            tracing_stamp::layer()
                .with_writer(here.clone())
                .with_target(false)
                .with_file(true)
                .with_line_number(true)
                .with_thread_ids(true)
                .with_thread_names(true)
                .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE),
        );
    with_default(subscriber, order_placed);
    let (old, here) = (old.all(), here.all());
    let old_messages: Vec<_> = old
        .iter()
        .map(|line| line.get("fields")["message"].clone())
        .collect();
    assert_eq!(old_messages, messages(&here));
    assert_eq!(
        old_messages,
        ["new", "new", "order placed", "close", "close"]
    );
    for (old, here) in old.iter().zip(&here) {
        assert!(!old.has("target") && !here.has("target"));
        for (theirs, ours) in [
            ("filename", "file"),
            ("line_number", "line"),
            ("threadName", "thread_name"),
        ] {
            assert!(here.has(ours));
            assert_eq!(old.get(theirs), here.get(ours));
        }
        assert!(old.has("threadId") && here.has("thread_id"));
    }
}
