//! Compares lines with the samples in the documentation of each schema.

use super::{
    log,
    support::{
        Line, Lines,
        dynamic::{Given, Parent, Site},
    },
};
use serde_json::Value;
use tracing::Level;
use tracing_core::Kind;
use tracing_stamp::{
    FixedKey, Schema, TraceContext,
    opentelemetry::trace::{SpanId, TraceFlags, TraceId},
};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

/// Returns the sample line in the documentation of a schema's function.
fn documented(source: &str) -> &str {
    let mut samples = source
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("/// {\""));
    let sample = samples.next().expect("the documentation has a sample line");
    assert_eq!(samples.next(), None);
    sample
}

/// Returns the line that the layer writes for the sample's event, with the sample's time.
fn written(schema: Schema, status: &str) -> String {
    let site = Site::new(
        Kind::EVENT,
        "event",
        "shop::orders",
        Level::INFO,
        &["message", status],
    );
    let text = log(
        schema,
        |layer| layer.with_resource([("service.name", "orders")]),
        || {
            tracing::info_span!("db", method = "GET").in_scope(|| {
                let message = Given::Str("handled request".into());
                site.log(Parent::Current, &[message, Given::U64(200)]);
            });
        },
    );
    let line = text.trim_end().strip_prefix("{\"").expect("an object");
    let (key, rest) = line.split_once("\":\"").expect("the time comes first");
    let (time, rest) = rest.split_once('"').expect("the time is a string");
    assert_eq!(time.len(), "2026-11-22T11:04:00.123456Z".len());
    format!("{key}\":\"2026-11-22T11:04:00.123456Z\"{rest}")
}

#[test]
fn the_otel_line_matches_its_documentation() {
    let sample = documented(include_str!("../../src/schema/otel.rs"));
    assert_eq!(written(Schema::otel(), "status"), sample);
}

#[test]
fn the_ecs_line_matches_its_documentation() {
    let sample = documented(include_str!("../../src/schema/ecs.rs"));
    assert_eq!(written(Schema::ecs(), "status"), sample);
}

#[test]
fn the_gcp_line_matches_its_documentation() {
    let sample = documented(include_str!("../../src/schema/gcp.rs"));
    assert_eq!(written(Schema::gcp("my-project"), "status"), sample);
}

#[test]
fn the_datadog_line_matches_its_documentation() {
    let sample = documented(include_str!("../../src/schema/datadog.rs"));
    assert_eq!(written(Schema::datadog(), "status_code"), sample);
}

#[test]
fn a_closing_line_has_the_names_and_units_of_its_schema() {
    for (schema, keys) in [
        (
            Schema::otel(),
            [
                "parent_span_id",
                "start_time",
                "duration_ms",
                "busy_ms",
                "idle_ms",
            ],
        ),
        (
            Schema::ecs(),
            [
                "parent.id",
                "event.start",
                "event.duration",
                "busy_ms",
                "idle_ms",
            ],
        ),
        (
            Schema::gcp("p"),
            [
                "parent_span_id",
                "start_time",
                "duration_ms",
                "busy_ms",
                "idle_ms",
            ],
        ),
        (
            Schema::datadog(),
            [
                "parent_span_id",
                "start_time",
                "duration_ms",
                "busy_ms",
                "idle_ms",
            ],
        ),
    ] {
        let text = log(
            schema.clone(),
            |layer| layer.with_span_events(FmtSpan::CLOSE),
            || drop(tracing::info_span!("work").entered()),
        );
        let line = Line::parse(text.trim_end());
        let [_, start, duration, busy, idle] = keys;
        let of_schema = [
            FixedKey::ParentSpanId,
            FixedKey::StartTime,
            FixedKey::Duration,
            FixedKey::BusyMs,
            FixedKey::IdleMs,
        ]
        .map(|key| schema.name(key).to_owned());
        assert_eq!(of_schema, keys);
        let start = line.get(start).as_str().expect("text");
        assert!(start.parse::<jiff::Timestamp>().is_ok());
        assert!(line.get(busy).is_f64() && line.get(idle).is_f64());
        assert_eq!(line.get(duration).is_u64(), duration == "event.duration");
        assert_eq!(line.get(duration).is_f64(), duration != "event.duration");
    }
}

#[test]
fn levels_have_the_names_of_the_schema() {
    let levels = |schema: Schema| -> Vec<Value> {
        let key = schema.name(FixedKey::Level).to_owned();
        let text = log(
            schema,
            |layer| layer,
            || {
                tracing::trace!("hello");
                tracing::debug!("hello");
                tracing::info!("hello");
                tracing::warn!("hello");
                tracing::error!("hello");
            },
        );
        text.lines()
            .map(|line| Line::parse(line).get(&key).clone())
            .collect()
    };
    let plain = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
    for schema in [Schema::otel(), Schema::ecs(), Schema::datadog()] {
        assert_eq!(levels(schema), plain);
    }
    assert_eq!(
        levels(Schema::gcp("p")),
        ["DEBUG", "DEBUG", "INFO", "WARNING", "ERROR"]
    );
}

#[test]
fn gcps_sampled_flag_is_a_boolean() {
    for (flags, is_sampled) in [
        (TraceFlags::SAMPLED, true),
        (TraceFlags::default(), false),
        (TraceFlags::new(3), true),
    ] {
        let lines = Lines::default();
        let layer = tracing_stamp::layer()
            .with_schema(Schema::gcp("p"))
            .with_context_source(move || {
                TraceContext::new(TraceId::from(1), SpanId::from(2), flags)
            })
            .with_writer(lines.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!("hello");
        });
        let line = lines.with_message("hello");
        assert_eq!(
            *line.get("logging.googleapis.com/trace_sampled"),
            is_sampled
        );
        let trace = "projects/p/traces/00000000000000000000000000000001";
        assert_eq!(line.get("logging.googleapis.com/trace"), trace);
        assert_eq!(
            line.get("logging.googleapis.com/spanId"),
            "0000000000000002"
        );
    }
}
