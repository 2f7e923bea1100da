//! Coming from `fmt().json()`.

use super::{
    children, filters, life,
    page::{Row, check},
    support::{Line, Lines},
};
use serde_json::{Value, json};
use tracing::{info, info_span, subscriber::with_default};
use tracing_stamp::{FixedKey, Schema, SpanFields, StampLayer};
use tracing_subscriber::{
    Registry,
    fmt::{
        self,
        format::{Format, Json, JsonFields},
    },
    prelude::*,
};

const ROWS: &[Row] = &[
    (
        "`tracing_subscriber::fmt().json().init()`",
        "`registry().with(LevelFilter::INFO).with(tracing_stamp::layer()).init()`: `fmt()` stops at INFO, while a registry has no limit",
        the_one_line_set_up_writes_the_same_events,
    ),
    (
        "`fmt().json().with_max_level(level)`, `.with_env_filter(filter)`",
        "`registry().with(level)`, `.with(filter)`, before `.with(tracing_stamp::layer())`",
        filters::a_level_or_a_filter_is_added_before_the_layer,
    ),
    (
        r#"`"fields":{"message":"…","status":200}`"#,
        r#"`"message":"…","status":200`: fields are members of the line, as with `flatten_event(true)`"#,
        fields_are_members_of_the_line,
    ),
    (
        r#"`"span":{"name":"db","table":"orders"}`"#,
        r#"`"span_name":"db"`, and `table` as a member of the line"#,
        the_current_span_becomes_span_name_and_members_of_the_line,
    ),
    (
        r#"`"spans":[{…},{…}]`"#,
        r#"`with_span_fields(SpanFields::List)`: `"spans":[{…},{…}]`, leaf last"#,
        the_list_of_spans_is_the_same,
    ),
    (
        "`with_current_span(false)` and `with_span_list(false)`",
        "`with_span_fields(SpanFields::Off)`",
        spans_can_be_left_out,
    ),
    (
        r#"`"filename"`, `"line_number"`"#,
        r#"`"file"`, `"line"`, or other names by `Schema::otel().rename(FixedKey::File, "filename")?`"#,
        file_and_line_have_other_names_that_can_be_changed_back,
    ),
    (
        r#"`"threadId":"ThreadId(2)"`, `"threadName"`"#,
        r#"`"thread_id":2`, `"thread_name"`"#,
        the_thread_id_is_a_number,
    ),
    (
        r#"`"timestamp"`, `"level"`, `"target"`"#,
        "the same",
        timestamp_level_and_target_are_the_same,
    ),
    (
        r#"`"time.busy":"1.2ms"` on closing lines"#,
        r#"`"busy_ms":1.2`, a number; also `idle_ms`, `duration_ms`, `start_time`, and with `otel_layer` `parent_span_id`"#,
        life::closing_lines_have_durations_as_numbers,
    ),
    (
        "with `flatten_event(true)`, a field named `level` makes the key come twice",
        "it is written as `field.level`",
        a_field_named_level_does_not_repeat_the_key,
    ),
    (
        "`with_writer`, `with_target`, `with_file`, `with_line_number`, `with_thread_ids`, `with_thread_names`, `with_span_events`",
        "the same names",
        life::settings_have_the_same_names,
    ),
    (
        "`EnvFilter`, per-layer filters, `reload`, `Option`, `Box`",
        "the same",
        filters::filters_and_wrappers_are_the_same,
    ),
];

#[test]
fn each_row_of_the_page_has_its_test() {
    check("Coming from `fmt().json()`", ROWS);
}

type Fmt = fmt::Layer<Registry, JsonFields, Format<Json>, Lines>;

/// The lines of `fmt().json()`.
fn before(set: impl FnOnce(Fmt) -> Fmt, run: impl FnOnce()) -> Vec<Line> {
    let lines = Lines::default();
    let layer = fmt::layer().json().with_writer(lines.clone());
    with_default(tracing_subscriber::registry().with(set(layer)), run);
    lines.all()
}

/// The lines of this crate.
fn after(
    set: impl FnOnce(StampLayer<Lines>) -> StampLayer<Lines>,
    run: impl FnOnce(),
) -> Vec<Line> {
    let lines = Lines::default();
    let layer = tracing_stamp::layer().with_writer(lines.clone());
    with_default(tracing_subscriber::registry().with(set(layer)), run);
    lines.all()
}

pub(crate) fn order_placed() {
    info_span!("request", customer = 7).in_scope(|| {
        info_span!("db", table = "orders").in_scope(|| info!(status = 200, "order placed"));
    });
}

/// The only one of these lines.
fn only(mut lines: Vec<Line>) -> Line {
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().expect("an object").iter()
}

#[test]
fn the_one_line_set_up_writes_the_same_events() {
    let events = |role, message: fn(&Line) -> Value| -> Vec<[Value; 3]> {
        children::lines(role)
            .iter()
            .map(|line| {
                let [level, target] = ["level", "target"].map(|key| line.get(key).clone());
                [level, target, message(line)]
            })
            .collect()
    };
    let before = events("fmt json", |line| line.get("fields")["message"].clone());
    let after = events("after", |line| line.get("message").clone());
    assert_eq!(before, after);
    // ERROR, WARN and INFO of `tracing`, and INFO of `log`.
    assert_eq!(before.len(), 4, "{before:?}");
}

#[test]
fn fields_are_members_of_the_line() {
    let after = only(after(|layer| layer, order_placed));
    let nested = only(before(|layer| layer, order_placed));
    let flat = only(before(|layer| layer.flatten_event(true), order_placed));
    assert_eq!(
        nested.get("fields"),
        &json!({"message": "order placed", "status": 200})
    );
    for (name, value) in members(nested.get("fields")) {
        assert_eq!(after.get(name), value);
        assert_eq!(flat.get(name), value);
    }
    assert!(!after.has("fields") && !flat.has("fields"));
}

#[test]
fn the_current_span_becomes_span_name_and_members_of_the_line() {
    let before = only(before(|layer| layer, order_placed));
    let after = only(after(|layer| layer, order_placed));
    assert_eq!(
        before.get("span"),
        &json!({"name": "db", "table": "orders"})
    );
    for (name, value) in members(before.get("span")) {
        let name = if name == "name" { "span_name" } else { name };
        assert_eq!(after.get(name), value);
    }
    assert!(!after.has("span"));
}

#[test]
fn the_list_of_spans_is_the_same() {
    let before = only(before(|layer| layer, order_placed));
    let after = only(after(
        |layer| layer.with_span_fields(SpanFields::List),
        order_placed,
    ));
    assert_eq!(before.get("spans"), after.get("spans"));
    let names: Vec<_> = after
        .get("spans")
        .as_array()
        .unwrap()
        .iter()
        .map(|span| &span["name"])
        .collect();
    assert_eq!(names, ["request", "db"]);
}

#[test]
fn spans_can_be_left_out() {
    let before = only(before(
        |layer| layer.with_current_span(false).with_span_list(false),
        order_placed,
    ));
    let after = only(after(
        |layer| layer.with_span_fields(SpanFields::Off),
        order_placed,
    ));
    assert_eq!(before.keys(), ["timestamp", "level", "fields", "target"]);
    assert_eq!(
        after.keys(),
        ["timestamp", "level", "message", "target", "status"]
    );
}

#[test]
fn file_and_line_have_other_names_that_can_be_changed_back() {
    let before = only(before(
        |layer| layer.with_file(true).with_line_number(true),
        order_placed,
    ));
    let with_location = |layer: StampLayer<Lines>| layer.with_file(true).with_line_number(true);
    let plain = only(after(with_location, order_placed));
    let renamed = only(after(
        |layer| {
            let schema = Schema::otel()
                .rename(FixedKey::File, "filename")
                .and_then(|schema| schema.rename(FixedKey::Line, "line_number"))
                .unwrap();
            with_location(layer).with_schema(schema)
        },
        order_placed,
    ));
    assert_eq!(before.get("filename"), file!());
    assert!(before.get("line_number").is_u64());
    for (name_before, name_after) in [("filename", "file"), ("line_number", "line")] {
        assert_eq!(before.get(name_before), plain.get(name_after));
        assert_eq!(before.get(name_before), renamed.get(name_before));
    }
}

#[test]
fn the_thread_id_is_a_number() {
    let before = only(before(
        |layer| layer.with_thread_ids(true).with_thread_names(true),
        order_placed,
    ));
    let after = only(after(
        |layer| layer.with_thread_ids(true).with_thread_names(true),
        order_placed,
    ));
    let number = after.get("thread_id").as_u64().unwrap();
    assert_eq!(
        before.get("threadId"),
        &json!(format!("ThreadId({number})"))
    );
    assert_eq!(before.get("threadName"), after.get("thread_name"));
    assert!(after.get("thread_name").is_string());
}

#[test]
fn timestamp_level_and_target_are_the_same() {
    let before = only(before(|layer| layer, order_placed));
    let after = only(after(|layer| layer, order_placed));
    for key in ["level", "target"] {
        assert!(after.get(key).is_string());
        assert_eq!(before.get(key), after.get(key));
    }
    // Both are like `2026-11-22T11:04:00.123456Z`.
    let [before, after] =
        [before, after].map(|line| line.get("timestamp").as_str().unwrap().to_owned());
    assert_eq!(before.len(), after.len());
    let [before, after]: [jiff::Timestamp; 2] = [before, after].map(|time| time.parse().unwrap());
    assert!(after >= before && after.duration_since(before).as_secs() < 60);
}

#[test]
fn a_field_named_level_does_not_repeat_the_key() {
    fn log() {
        info!(level = 3, "reached");
    }
    let before = Lines::default();
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(before.clone());
    with_default(tracing_subscriber::registry().with(layer), log);
    assert_eq!(before.text().matches(r#""level":"#).count(), 2);
    let after = only(after(|layer| layer, log));
    assert_eq!(after.get("level"), "INFO");
    assert_eq!(after.get("field.level"), 3);
}
