//! Coming from json-subscriber: the rows in which it differs from `fmt().json()`.

use super::{
    children,
    page::{Row, check},
    support::{Exported, Line, Lines},
};
use serde_json::{Value, json};
use tracing::{info, info_span, subscriber::with_default};
use tracing_stamp::{FixedKey, Schema, StampLayer};
use tracing_subscriber::{Registry, layer::Layered, prelude::*};

const ROWS: &[Row] = &[
    (
        "`json_subscriber::fmt().init()`",
        "`registry().with(LevelFilter::INFO).with(tracing_stamp::layer()).init()`",
        the_one_line_set_up_writes_the_same_events,
    ),
    (
        r#"`with_opentelemetry_ids(true)`: `"openTelemetry":{"traceId":"…","spanId":"…"}`"#,
        r#"always: `"trace_id":"…","span_id":"…","trace_flags":"01"`"#,
        ids_are_the_same_without_a_setting,
    ),
    (
        "`flatten_event(true)`, `flatten_current_span_on_top_level(true)`, `flatten_span_list_on_top_level(true)`",
        "the default",
        everything_is_flattened_by_default,
    ),
    (
        r#"`with_flat_span_list(true)`: `"spans":{"customer":7,"table":"orders"}`"#,
        r#"`"customer":7,"table":"orders"`, as members of the line"#,
        a_flat_list_of_spans_is_members_of_the_line,
    ),
    (
        r#"`inner_layer_mut().add_static_field("service", …)`"#,
        r#"`with_resource([("service", "orders")])`"#,
        a_static_field_is_a_resource_attribute,
    ),
    (
        r#"`inner_layer_mut().with_thread_ids("tid")`, and other names by such methods"#,
        r#"`with_schema(Schema::otel().rename(FixedKey::ThreadId, "tid")?)`"#,
        keys_can_be_renamed,
    ),
];

#[test]
fn each_row_of_the_page_has_its_test() {
    check("Coming from json-subscriber", ROWS);
}

type OpenTelemetry =
    tracing_opentelemetry::OpenTelemetryLayer<Registry, opentelemetry_sdk::trace::SdkTracer>;
type JsonSubscriber = json_subscriber::fmt::Layer<Layered<OpenTelemetry, Registry>, Lines>;

/// Logs one event, and returns the lines that json-subscriber and this crate write for it.
fn both(
    configure_before: impl FnOnce(JsonSubscriber) -> JsonSubscriber,
    configure_after: impl FnOnce(StampLayer<Lines>) -> StampLayer<Lines>,
) -> (Line, Line) {
    let exported = Exported::new();
    let (before, after) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(exported.tracer()))
        .with(configure_before(
            json_subscriber::fmt::layer().with_writer(before.clone()),
        ))
        .with(configure_after(
            tracing_stamp::layer().with_writer(after.clone()),
        ));
    with_default(subscriber, || {
        info_span!("request", customer = 7).in_scope(|| {
            info_span!("db", table = "orders").in_scope(|| info!(status = 200, "order placed"));
        });
    });
    let only = |lines: &Lines| {
        let mut lines = lines.all();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    };
    (only(&before), only(&after))
}

#[test]
fn the_one_line_set_up_writes_the_same_events() {
    let events = |role, message: fn(&Line) -> Value| -> Vec<_> {
        let lines = children::lines(role);
        let event = |line: &Line| (line.get("level").clone(), message(line));
        // Without its feature `tracing-log`, json-subscriber does not write records of `log`. So they are left out on both sides.
        lines
            .iter()
            .map(event)
            .filter(|(_, message)| !message.to_string().contains("through the log crate"))
            .collect()
    };
    let before = events("json-subscriber", |line| {
        line.get("fields")["message"].clone()
    });
    let after = events("after", |line| line.get("message").clone());
    assert_eq!(before, after);
    assert_eq!(before.len(), 3, "{before:?}");
}

#[test]
fn ids_are_the_same_without_a_setting() {
    let (before, after) = both(|layer| layer.with_opentelemetry_ids(true), |layer| layer);
    let ids = before.get("openTelemetry");
    assert!(ids["traceId"].is_string() && ids["spanId"].is_string());
    assert_eq!(after.get("trace_id"), &ids["traceId"]);
    assert_eq!(after.get("span_id"), &ids["spanId"]);
    assert_eq!(after.get("trace_flags"), "01");
}

#[test]
fn everything_is_flattened_by_default() {
    let flat = |layer: JsonSubscriber| {
        layer
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
    };
    let (by_list, after) = both(
        |layer| flat(layer).flatten_span_list_on_top_level(true),
        |layer| layer,
    );
    let (by_leaf, _) = both(
        |layer| flat(layer).flatten_current_span_on_top_level(true),
        |layer| layer,
    );
    for (key, value) in [
        ("message", json!("order placed")),
        ("status", json!(200)),
        ("table", json!("orders")),
        ("customer", json!(7)),
    ] {
        assert_eq!(by_list.get(key), &value);
        assert_eq!(after.get(key), &value);
        // By that setting only the current span is flattened.
        assert!(key == "customer" || by_leaf.get(key) == &value);
    }
}

#[test]
fn a_flat_list_of_spans_is_members_of_the_line() {
    let (before, after) = both(
        |layer| layer.with_current_span(false).with_flat_span_list(true),
        |layer| layer,
    );
    for (key, value) in [("customer", json!(7)), ("table", json!("orders"))] {
        assert_eq!(before.get("spans")[key], value);
        assert_eq!(after.get(key), &value);
    }
}

#[test]
fn a_static_field_is_a_resource_attribute() {
    let (before, after) = both(
        |mut layer| {
            layer
                .inner_layer_mut()
                .add_static_field("service", json!("orders"));
            layer
        },
        |layer| layer.with_resource([("service", "orders")]),
    );
    assert_eq!(before.get("service"), "orders");
    assert_eq!(after.get("service"), "orders");
}

#[test]
fn keys_can_be_renamed() {
    let (before, after) = both(
        |mut layer| {
            layer.inner_layer_mut().with_thread_ids("tid");
            layer
        },
        |layer| {
            let schema = Schema::otel().rename(FixedKey::ThreadId, "tid").unwrap();
            layer.with_thread_ids(true).with_schema(schema)
        },
    );
    let number = after.get("tid").as_u64().unwrap();
    assert_eq!(before.get("tid"), &json!(format!("ThreadId({number})")));
}
