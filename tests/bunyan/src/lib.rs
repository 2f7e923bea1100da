//! Tests of the migration table in `docs/migration.md` for users who come from tracing-bunyan-formatter. `before` is that crate, and `after` is
//! tracing-stamp.
//!
//! ```sh
//! cargo test --manifest-path tests/bunyan/Cargo.toml
//! ```
#![cfg(test)]

#[path = "../../support/lines.rs"]
mod lines;
#[path = "../../migration/page.rs"]
mod page;

use lines::Lines;
use page::{Row, check};
use serde_json::{Map, Value, json};
use std::{thread, time::Duration};
use tracing::{info, info_span, subscriber::with_default};
use tracing_bunyan_formatter::{BunyanFormattingLayer, JsonStorageLayer};
use tracing_stamp::{FixedKey, Schema, StampLayer};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

const ROWS: &[Row] = &[
    (
        r#"`JsonStorageLayer` and `BunyanFormattingLayer::new("orders".into(), writer)`"#,
        "one layer: `tracing_stamp::layer().with_writer(writer)`",
        one_layer_writes_the_same_events,
    ),
    (
        r#"`"name":"orders"`"#,
        r#"`with_resource([("service.name", "orders")])`: `"service.name":"orders"`"#,
        the_name_is_a_resource_attribute,
    ),
    (
        r#"`"hostname"`, `"pid"`"#,
        r#"`with_resource([("host.name", …), ("process.pid", …)])`"#,
        host_and_process_are_resource_attributes,
    ),
    (
        r#"`"msg":"[DB - EVENT] order placed"`"#,
        r#"`"message":"order placed","span_name":"db"`"#,
        the_message_does_not_contain_the_spans_name,
    ),
    (
        r#"`"level":30`"#,
        r#"`"level":"INFO"`"#,
        the_level_is_a_name,
    ),
    (
        r#"`"time"`"#,
        r#"`"timestamp"`, or another name by `Schema::otel().rename(FixedKey::Timestamp, "time")?`"#,
        the_time_can_keep_its_name,
    ),
    (
        r#"`"target"`, and the fields of the event and of all spans around it as members"#,
        "the same",
        target_and_fields_are_the_same,
    ),
    (
        r#"`"file"`, `"line"`"#,
        "the same, by `with_file(true)` and `with_line_number(true)`",
        file_and_line_are_the_same,
    ),
    (
        r#"`"msg":"[DB - START]"` and `"[DB - END]"`, the latter with `elapsed_milliseconds`"#,
        r#"`with_span_events(FmtSpan::NEW \| FmtSpan::CLOSE)`: `"message":"new"` and `"close"`, the latter with `duration_ms`"#,
        the_begin_and_end_of_a_span_are_lines,
    ),
];

#[test]
fn each_row_of_the_page_has_its_test() {
    check("Coming from tracing-bunyan-formatter", ROWS);
}

impl Lines {
    fn all(&self) -> Vec<Map<String, Value>> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn order_placed() {
    info_span!("request", customer = 7).in_scope(|| {
        info_span!("db", table = "orders").in_scope(|| {
            info!(status = 200, "order placed");
            thread::sleep(Duration::from_millis(5));
        });
    });
}

/// All lines of tracing-bunyan-formatter.
fn all_before() -> Vec<Map<String, Value>> {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry()
        .with(JsonStorageLayer)
        .with(BunyanFormattingLayer::new("orders".into(), lines.clone()));
    with_default(subscriber, order_placed);
    lines.all()
}

/// The line of the event by tracing-bunyan-formatter.
fn before() -> Map<String, Value> {
    let mut lines = all_before();
    lines.retain(|line| line["msg"].as_str().unwrap().contains("EVENT"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

/// All lines of tracing-stamp.
fn all_after(set: impl FnOnce(StampLayer<Lines>) -> StampLayer<Lines>) -> Vec<Map<String, Value>> {
    let lines = Lines::default();
    let layer = set(tracing_stamp::layer().with_writer(lines.clone()));
    with_default(tracing_subscriber::registry().with(layer), order_placed);
    lines.all()
}

/// The line of the event by tracing-stamp.
fn after(set: impl FnOnce(StampLayer<Lines>) -> StampLayer<Lines>) -> Map<String, Value> {
    let mut lines = all_after(set);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[test]
fn one_layer_writes_the_same_events() {
    let events = |lines: Vec<Map<String, Value>>| {
        lines
            .iter()
            .filter(|line| line.get("status").is_some())
            .count()
    };
    assert_eq!(events(all_before()), 1);
    assert_eq!(events(all_after(|layer| layer)), 1);
}

#[test]
fn the_name_is_a_resource_attribute() {
    let after = after(|layer| layer.with_resource([("service.name", "orders")]));
    assert_eq!(before()["name"], after["service.name"]);
}

#[test]
fn host_and_process_are_resource_attributes() {
    let before = before();
    let host = before["hostname"].as_str().unwrap().to_owned();
    let after = after(|layer| {
        layer.with_resource([
            ("host.name", tracing_stamp::opentelemetry::Value::from(host)),
            ("process.pid", i64::from(std::process::id()).into()),
        ])
    });
    assert_eq!(before["hostname"], after["host.name"]);
    assert_eq!(before["pid"], after["process.pid"]);
}

#[test]
fn the_message_does_not_contain_the_spans_name() {
    assert_eq!(before()["msg"], "[DB - EVENT] order placed");
    let after = after(|layer| layer);
    assert_eq!(after["message"], "order placed");
    assert_eq!(after["span_name"], "db");
}

#[test]
fn the_level_is_a_name() {
    assert_eq!(before()["level"], 30);
    assert_eq!(after(|layer| layer)["level"], "INFO");
}

#[test]
fn the_time_can_keep_its_name() {
    let schema = Schema::otel().rename(FixedKey::Timestamp, "time").unwrap();
    let renamed = after(|layer| layer.with_schema(schema));
    let plain = after(|layer| layer);
    // Both are RFC 3339, in UTC.
    for time in [&before()["time"], &renamed["time"], &plain["timestamp"]] {
        let time = time.as_str().unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
        assert_eq!(&time[10..11], "T");
    }
}

#[test]
fn target_and_fields_are_the_same() {
    let (before, after) = (before(), after(|layer| layer));
    assert_eq!(before["target"], after["target"]);
    for (key, value) in [
        ("status", json!(200)),
        ("table", json!("orders")),
        ("customer", json!(7)),
    ] {
        assert_eq!(before[key], value);
        assert_eq!(after[key], value);
    }
}

#[test]
fn file_and_line_are_the_same() {
    let before = before();
    let after = after(|layer| layer.with_file(true).with_line_number(true));
    for key in ["file", "line"] {
        assert_eq!(before[key], after[key]);
    }
    assert!(after["line"].is_u64());
}

#[test]
fn the_begin_and_end_of_a_span_are_lines() {
    let before = all_before();
    let after = all_after(|layer| layer.with_span_events(FmtSpan::NEW | FmtSpan::CLOSE));
    let kinds = |lines: &[Map<String, Value>], key: &str| -> Vec<Value> {
        lines.iter().map(|line| line[key].clone()).collect()
    };
    assert_eq!(
        kinds(&before, "msg"),
        [
            "[REQUEST - START]",
            "[DB - START]",
            "[DB - EVENT] order placed",
            "[DB - END]",
            "[REQUEST - END]"
        ]
    );
    // A `new` line waits for the ids of its span. So without OpenTelemetry's layer it may come after other lines of the span.
    let mut written: Vec<_> = after
        .iter()
        .map(|line| format!("{} {}", line["span_name"], line["message"]).replace('"', ""))
        .collect();
    written.sort();
    assert_eq!(
        written,
        [
            "db close",
            "db new",
            "db order placed",
            "request close",
            "request new"
        ]
    );
    let close = after.iter().find(|line| line["message"] == "close");
    assert!(before[3]["elapsed_milliseconds"].as_u64() >= Some(5));
    assert!(close.unwrap()["duration_ms"].as_f64() >= Some(5.0));
}
