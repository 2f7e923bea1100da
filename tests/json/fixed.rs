//! A line is one object, and the fixed keys have fixed names and a fixed order.

use super::{
    line, line_with, lines,
    support::{Lines, context},
};
use serde_json::json;
use std::thread;
use tracing_stamp::{FixedKey, Precision, Schema, SpanFields};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

#[test]
fn a_line_is_one_json_object_and_a_newline() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer().with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::info!(text = "two\nlines\r\n", "first\nsecond");
        tracing::info!("third");
    });
    let text = lines.text();
    assert_eq!(text.matches('\n').count(), 2);
    assert!(text.ends_with("}\n"), "{text:?}");
    assert_eq!(lines.all()[0].get("message"), "first\nsecond");
}

#[test]
fn keys_are_in_the_order_fixed_keys_resource_place_fields() {
    let line = line_with(
        |layer| {
            layer
                .with_context_source(context)
                .with_resource([("service.name", "orders"), ("service.version", "1")])
                .with_file(true)
                .with_line_number(true)
                .with_thread_ids(true)
                .with_thread_names(true)
        },
        || tracing::info_span!("outer", a = 1).in_scope(|| tracing::info!(b = 2, "hello")),
    );
    let expected = [
        "timestamp",
        "level",
        "message",
        "target",
        "trace_id",
        "span_id",
        "trace_flags",
        "service.name",
        "service.version",
        "file",
        "line",
        "thread_id",
        "thread_name",
        "span_name",
        "a",
        "b",
    ];
    assert_eq!(line.keys(), expected);
}

#[test]
fn in_the_list_form_the_list_comes_after_the_span_name() {
    let line = line_with(
        |layer| layer.with_span_fields(SpanFields::List),
        || tracing::info_span!("outer", a = 1).in_scope(|| tracing::info!(b = 2, "hello")),
    );
    let expected = [
        "timestamp",
        "level",
        "message",
        "target",
        "span_name",
        "spans",
        "b",
    ];
    assert_eq!(line.keys(), expected);
}

#[test]
fn truncated_is_the_last_fixed_key() {
    let long = "x".repeat(5_000);
    let line = line_with(
        |layer| layer.with_max_line_bytes(1_024),
        || tracing::info_span!("outer", a = 1).in_scope(|| tracing::info!(b = 2, long, "hello")),
    );
    let expected = [
        "timestamp",
        "level",
        "message",
        "target",
        "span_name",
        "truncated",
        "a",
        "b",
        "long",
    ];
    assert_eq!(line.keys(), expected);
    assert_eq!(line.get("truncated"), true);
}

#[test]
fn the_ids_are_lower_case_hexadecimal_at_the_top_level() {
    let line = line_with(
        |layer| layer.with_context_source(context),
        || tracing::info!("hello"),
    );
    assert_eq!(line.get("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(line.get("span_id"), "00f067aa0ba902b7");
    assert_eq!(line.get("trace_flags"), "01");
}

#[test]
fn without_a_context_the_ids_are_absent() {
    let line = line(|| tracing::info!("hello"));
    assert_eq!(line.keys(), ["timestamp", "level", "message", "target"]);
}

#[test]
fn levels_have_their_names() {
    let lines = lines(
        |layer| layer,
        || {
            tracing::trace!("hello");
            tracing::debug!("hello");
            tracing::info!("hello");
            tracing::warn!("hello");
            tracing::error!("hello");
        },
    );
    let levels: Vec<_> = lines.iter().map(|line| line.get("level").clone()).collect();
    assert_eq!(levels, ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]);
}

#[test]
fn a_timestamp_has_six_or_nine_digits_and_is_utc() {
    for (precision, length) in [(Precision::Microseconds, 27), (Precision::Nanoseconds, 30)] {
        let before = jiff::Timestamp::now();
        let line = line_with(
            |layer| layer.with_precision(precision),
            || tracing::info!("now"),
        );
        let text = line.get("timestamp").as_str().expect("a string").to_owned();
        assert_eq!(text.len(), length, "{text}");
        assert!(text.ends_with('Z'));
        let time: jiff::Timestamp = text.parse().expect("RFC 3339");
        // The timestamp is truncated to its digits, so it can be up to a microsecond early.
        let earliest = before - jiff::SignedDuration::from_micros(1);
        assert!(
            earliest <= time && time <= jiff::Timestamp::now(),
            "{before} {time}"
        );
    }
}

#[test]
fn the_target_can_be_left_out() {
    let line = line_with(
        |layer| layer.with_target(false),
        || tracing::info!(target: "shop", "x"),
    );
    assert_eq!(line.keys(), ["timestamp", "level", "message"]);
}

#[test]
fn file_and_line_are_those_of_the_call_site() {
    let (log, here) = (|| tracing::info!("hello"), line!());
    let line = line_with(|layer| layer.with_file(true).with_line_number(true), log);
    assert_eq!(line.get("file"), file!());
    assert_eq!(line.get("line"), here);
}

#[test]
fn file_and_line_are_one_object_in_the_gcp_schema() {
    let key = "logging.googleapis.com/sourceLocation";
    let (log, here) = (|| tracing::info!("hello"), line!());
    let line = line_with(
        |layer| {
            layer
                .with_schema(Schema::gcp("p"))
                .with_file(true)
                .with_line_number(true)
        },
        log,
    );
    assert_eq!(
        *line.get(key),
        json!({"file": file!(), "line": here.to_string()})
    );
}

#[test]
fn thread_ids_are_numbers_and_an_unnamed_thread_has_no_name_key() {
    let log = |name: Option<&str>| {
        let lines = Lines::default();
        let layer = tracing_stamp::layer()
            .with_thread_ids(true)
            .with_thread_names(true)
            .with_writer(lines.clone());
        let mut builder = thread::Builder::new();
        if let Some(name) = name {
            builder = builder.name(name.to_owned());
        }
        let thread = builder.spawn(move || {
            let subscriber = tracing_subscriber::registry().with(layer);
            tracing::subscriber::with_default(subscriber, || tracing::info!("hello"));
            format!("{:?}", thread::current().id())
        });
        let id = thread.expect("spawned").join().expect("no panic");
        (lines.with_message("hello"), id)
    };
    let (named, id) = log(Some("worker-7"));
    assert_eq!(named.get("thread_name"), "worker-7");
    let number = named.get("thread_id").as_u64().expect("a number");
    assert_eq!(format!("ThreadId({number})"), id);

    let (unnamed, id) = log(None);
    assert!(!unnamed.has("thread_name"));
    let number = unnamed.get("thread_id").as_u64().expect("a number");
    assert_eq!(format!("ThreadId({number})"), id);
}

#[test]
fn the_lines_of_a_spans_life_have_the_messages_new_enter_exit_close() {
    let lines = lines(
        |layer| layer.with_span_events(FmtSpan::FULL),
        || {
            tracing::info_span!("work", items = 3).in_scope(|| tracing::info!("body"));
        },
    );
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line.get("message").clone())
        .collect();
    assert_eq!(messages, ["new", "enter", "body", "exit", "close"]);
    for line in &lines {
        assert_eq!(line.get("span_name"), "work");
        assert_eq!(line.get("items"), 3);
    }
}

#[test]
fn closing_keys_come_after_the_span_name_and_only_on_closing_lines() {
    let lines = lines(
        |layer| layer.with_span_events(FmtSpan::FULL),
        || {
            tracing::info_span!("work", items = 3).in_scope(|| tracing::info!("body"));
        },
    );
    let (closing, others) = lines.split_last().expect("five lines");
    let expected = [
        "timestamp",
        "level",
        "message",
        "target",
        "span_name",
        "start_time",
        "duration_ms",
        "busy_ms",
        "idle_ms",
        "items",
    ];
    assert_eq!(closing.keys(), expected);
    for key in ["duration_ms", "busy_ms", "idle_ms"] {
        assert!(closing.get(key).is_f64(), "{key} in {closing:?}");
    }
    let milliseconds = |key| closing.get(key).as_f64().expect("a float");
    let sum = milliseconds("busy_ms") + milliseconds("idle_ms");
    assert!(
        (milliseconds("duration_ms") - sum).abs() < 1e-3,
        "{closing:?}"
    );
    for line in others {
        assert!(
            !line.has("start_time") && !line.has("duration_ms"),
            "{line:?}"
        );
    }
}

#[test]
fn lines_of_a_spans_life_have_its_name_even_if_span_fields_are_off() {
    let lines = lines(
        |layer| {
            layer
                .with_span_fields(SpanFields::Off)
                .with_span_events(FmtSpan::FULL)
        },
        || tracing::info_span!("work", items = 3).in_scope(|| tracing::info!("body")),
    );
    for line in lines {
        let is_event = line.get("message") == "body";
        assert_eq!(line.has("span_name"), !is_event, "{line:?}");
        assert!(!line.has("items"), "{line:?}");
    }
}

#[test]
fn a_renamed_key_keeps_its_position() {
    let schema = Schema::otel()
        .rename(FixedKey::Level, "severity text")
        .and_then(|schema| schema.rename(FixedKey::Target, "logger"))
        .expect("free names");
    let line = line_with(
        |layer| layer.with_schema(schema),
        || {
            tracing::info!(level = 1, target = 2, logger = 3, "hello");
        },
    );
    let expected = [
        "timestamp",
        "severity text",
        "message",
        "logger",
        "level",
        "target",
        "field.logger",
    ];
    assert_eq!(line.keys(), expected);
}
