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
        filters::a_level_or_a_filter_stands_before_the_layer,
    ),
    (
        r#"`"fields":{"message":"…","status":200}`"#,
        r#"`"message":"…","status":200`: fields are members of the line, as with `flatten_event(true)`"#,
        fields_are_members_of_the_line,
    ),
    (
        r#"`"span":{"name":"db","table":"orders"}`"#,
        r#"`"span_name":"db"`, and `table` as a member of the line"#,
        the_current_span_is_its_name_and_members_of_the_line,
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
        the_place_has_other_names_that_can_be_changed_back,
    ),
    (
        r#"`"threadId":"ThreadId(2)"`, `"threadName"`"#,
        r#"`"thread_id":2`, `"thread_name"`"#,
        the_threads_id_is_a_number,
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
        no_key_comes_twice,
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
fn old(set: impl FnOnce(Fmt) -> Fmt, run: impl FnOnce()) -> Vec<Line> {
    let lines = Lines::default();
    let layer = fmt::layer().json().with_writer(lines.clone());
    with_default(tracing_subscriber::registry().with(set(layer)), run);
    lines.all()
}

/// The lines of this crate.
fn here(set: impl FnOnce(StampLayer<Lines>) -> StampLayer<Lines>, run: impl FnOnce()) -> Vec<Line> {
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

/// The only line.
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
    let old = events("fmt json", |line| line.get("fields")["message"].clone());
    let here = events("here", |line| line.get("message").clone());
    assert_eq!(old, here);
    // ERROR, WARN and INFO of `tracing`, and INFO of `log`.
    assert_eq!(old.len(), 4, "{old:?}");
}

#[test]
fn fields_are_members_of_the_line() {
    let here = only(here(|layer| layer, order_placed));
    let nested = only(old(|layer| layer, order_placed));
    let flat = only(old(|layer| layer.flatten_event(true), order_placed));
    assert_eq!(
        nested.get("fields"),
        &json!({"message": "order placed", "status": 200})
    );
    for (name, value) in members(nested.get("fields")) {
        assert_eq!(here.get(name), value);
        assert_eq!(flat.get(name), value);
    }
    assert!(!here.has("fields") && !flat.has("fields"));
}

#[test]
fn the_current_span_is_its_name_and_members_of_the_line() {
    let old = only(old(|layer| layer, order_placed));
    let here = only(here(|layer| layer, order_placed));
    assert_eq!(old.get("span"), &json!({"name": "db", "table": "orders"}));
    for (name, value) in members(old.get("span")) {
        let name = if name == "name" { "span_name" } else { name };
        assert_eq!(here.get(name), value);
    }
    assert!(!here.has("span"));
}

#[test]
fn the_list_of_spans_is_the_same() {
    let old = only(old(|layer| layer, order_placed));
    let here = only(here(
        |layer| layer.with_span_fields(SpanFields::List),
        order_placed,
    ));
    assert_eq!(old.get("spans"), here.get("spans"));
    let names: Vec<_> = here
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
    let old = only(old(
        |layer| layer.with_current_span(false).with_span_list(false),
        order_placed,
    ));
    let here = only(here(
        |layer| layer.with_span_fields(SpanFields::Off),
        order_placed,
    ));
    assert_eq!(old.keys(), ["timestamp", "level", "fields", "target"]);
    assert_eq!(
        here.keys(),
        ["timestamp", "level", "message", "target", "status"]
    );
}

#[test]
fn the_place_has_other_names_that_can_be_changed_back() {
    let old = only(old(
        |layer| layer.with_file(true).with_line_number(true),
        order_placed,
    ));
    let place = |layer: StampLayer<Lines>| layer.with_file(true).with_line_number(true);
    let plain = only(here(place, order_placed));
    let renamed = only(here(
        |layer| {
            let schema = Schema::otel()
                .rename(FixedKey::File, "filename")
                .and_then(|schema| schema.rename(FixedKey::Line, "line_number"))
                .unwrap();
            place(layer).with_schema(schema)
        },
        order_placed,
    ));
    assert_eq!(old.get("filename"), file!());
    assert!(old.get("line_number").is_u64());
    for (theirs, ours) in [("filename", "file"), ("line_number", "line")] {
        assert_eq!(old.get(theirs), plain.get(ours));
        assert_eq!(old.get(theirs), renamed.get(theirs));
    }
}

#[test]
fn the_threads_id_is_a_number() {
    let old = only(old(
        |layer| layer.with_thread_ids(true).with_thread_names(true),
        order_placed,
    ));
    let here = only(here(
        |layer| layer.with_thread_ids(true).with_thread_names(true),
        order_placed,
    ));
    let number = here.get("thread_id").as_u64().unwrap();
    assert_eq!(old.get("threadId"), &json!(format!("ThreadId({number})")));
    assert_eq!(old.get("threadName"), here.get("thread_name"));
    assert!(here.get("thread_name").is_string());
}

#[test]
fn timestamp_level_and_target_are_the_same() {
    let old = only(old(|layer| layer, order_placed));
    let here = only(here(|layer| layer, order_placed));
    for key in ["level", "target"] {
        assert!(here.get(key).is_string());
        assert_eq!(old.get(key), here.get(key));
    }
    // `2026-11-22T11:04:00.123456Z`, a moment apart.
    let [old, here] = [old, here].map(|line| line.get("timestamp").as_str().unwrap().to_owned());
    assert_eq!(old.len(), here.len());
    let [old, here]: [jiff::Timestamp; 2] = [old, here].map(|time| time.parse().unwrap());
    assert!(here >= old && here.duration_since(old).as_secs() < 60);
}

#[test]
fn no_key_comes_twice() {
    fn log() {
        info!(level = 3, "reached");
    }
    let old = Lines::default();
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(old.clone());
    with_default(tracing_subscriber::registry().with(layer), log);
    assert_eq!(old.text().matches(r#""level":"#).count(), 2);
    let here = only(here(|layer| layer, log));
    assert_eq!(here.get("level"), "INFO");
    assert_eq!(here.get("field.level"), 3);
}
