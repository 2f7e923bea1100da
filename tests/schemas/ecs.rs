//! Compares lines with the table of the ECS logging specification.

use super::{
    log,
    support::{
        FIXED_KEYS, Line,
        dynamic::{Given, Parent, Site},
    },
};
use proptest::prelude::*;
use serde_json::Value;
use tracing::Level;
use tracing_core::Kind;
use tracing_stamp::{Schema, SpanFields};
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    Datetime,
    String,
    Integer,
    Object,
}

impl Type {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Datetime => value
                .as_str()
                .is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z')),
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Object => value.is_object(),
        }
    }
}

struct Field {
    name: &'static str,
    kind: Type,
    is_required: bool,
    index: Option<usize>,
}

const fn field(name: &'static str, kind: Type, is_required: bool, index: Option<usize>) -> Field {
    Field {
        name,
        kind,
        is_required,
        index,
    }
}

/// The fields of elastic/ecs-logging `spec/spec.json`, version 1.0, in its order. The last six are fields of the ECS field reference
/// that lines have in addition.
const ECS: [Field; 26] = [
    field("@timestamp", Type::Datetime, true, Some(0)),
    field("log.level", Type::String, true, Some(1)),
    field("message", Type::String, false, Some(2)),
    field("ecs.version", Type::String, true, None),
    field("labels", Type::Object, false, None),
    field("trace.id", Type::String, false, None),
    field("transaction.id", Type::String, false, None),
    field("service.name", Type::String, false, None),
    field("service.node.name", Type::String, false, None),
    field("service.version", Type::String, false, None),
    field("event.dataset", Type::String, false, None),
    field("service.environment", Type::String, false, None),
    field("process.thread.name", Type::String, false, None),
    field("log.logger", Type::String, false, None),
    field("log.origin.file.line", Type::Integer, false, None),
    field("log.origin.file.name", Type::String, false, None),
    field("log.origin.function", Type::String, false, None),
    field("error.type", Type::String, false, None),
    field("error.message", Type::String, false, None),
    field("error.stack_trace", Type::String, false, None),
    field("span.id", Type::String, false, None),
    field("process.thread.id", Type::Integer, false, None),
    field("parent.id", Type::String, false, None),
    field("event.id", Type::String, false, None),
    field("event.start", Type::Datetime, false, None),
    field("event.duration", Type::Integer, false, None),
];

/// Generates names of user fields, including dotted parts and extensions of this crate's keys.
fn user_name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "error",
            "failure",
            "log",
            "log.level",
            "log.level.x",
            "log.origin",
            "log.origin.file",
            "message",
            "message.id",
            "ecs",
            "ecs.version",
            "trace",
            "trace.id",
            "trace.id.x",
            "span",
            "span.id",
            "span_name",
            "spans",
            "spans.x",
            "process",
            "process.thread",
            "process.thread.id",
            "process.thread.id.x",
            "parent",
            "parent.id",
            "event",
            "event.start",
            "event.id",
            "event.id.x",
            "event.start.x",
            "event.duration",
            "service",
            "service.name",
            "service.name.x",
            "service.node",
            "@timestamp",
            "@timestamp.x",
            "suppressed",
            "truncated",
            "truncated.x",
            "busy_ms",
            "trace_flags",
            "field",
            "field.log",
            "name",
            "name.x",
            "http.request.method",
            "status",
            "a",
            "a.b",
            "a.b.c",
            "a..b",
            "",
            " .x",
            "_id",
            "_source.x",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,3}(\\.[a-z]{1,3}){0,2}",
    ]
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        any::<bool>().prop_map(Given::Bool),
        any::<i64>().prop_map(Given::I64),
        any::<f64>().prop_map(Given::F64),
        any::<String>().prop_map(Given::Str),
        prop::collection::vec("[a-z]{0,3}", 1..4).prop_map(Given::Error),
    ]
}

fn fields() -> impl Strategy<Value = Vec<(String, Given)>> {
    prop::collection::vec((user_name(), given()), 0..5)
}

fn ecs_lines(
    span_fields: SpanFields,
    on: [bool; 5],
    span: &[(String, Given)],
    event: &[(String, Given)],
) -> Vec<Line> {
    let site = |kind, fields: &[(String, Given)]| {
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        Site::new(kind, "work", "shop::orders", Level::WARN, &names)
    };
    let values = |fields: &[(String, Given)]| -> Vec<Given> {
        fields.iter().map(|(_, value)| value.clone()).collect()
    };
    let [life, file, line, ids, names] = on;
    let text = log(
        Schema::ecs(),
        |layer| {
            layer
                .with_span_fields(span_fields)
                .with_span_events(if life { FmtSpan::FULL } else { FmtSpan::NONE })
                .with_file(file)
                .with_line_number(line)
                .with_thread_ids(ids)
                .with_thread_names(names)
                .with_record_uid(ids)
                .with_resource([
                    ("service.name", "orders"),
                    ("service.version", "1.4.2"),
                    ("service.instance.id", "orders-7"),
                    ("deployment.environment.name", "prod"),
                ])
        },
        || {
            let outer = site(Kind::SPAN, span)
                .open(Parent::Current, &values(span))
                .entered();
            let inner = site(Kind::SPAN, event)
                .open(Parent::Current, &values(event))
                .entered();
            site(Kind::EVENT, event).log(Parent::Current, &values(event));
            drop((inner, outer));
            site(Kind::EVENT, span).log(Parent::Current, &values(span));
        },
    );
    text.lines().map(Line::parse).collect()
}

fn assert_is_ecs(line: &Line) {
    for field in ECS {
        let position = line.0.iter().position(|(key, _)| key == field.name);
        assert!(
            position.is_some() || !field.is_required,
            "{} is missing in {line:?}",
            field.name
        );
        if let Some(position) = position {
            let value = &line.0[position].1;
            assert!(
                field.kind.takes(value),
                "{} is not {:?} in {line:?}",
                field.name,
                field.kind
            );
            assert!(
                field.index.is_none_or(|index| index == position),
                "{} in {line:?}",
                field.name
            );
        }
    }
}

/// Returns whether `below` is a dotted descendant of `above`, so that `above` would have to be an object.
fn is_below(below: &str, above: &str) -> bool {
    below
        .strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// Returns all keys that a line of the schema can have without user fields.
fn own_keys() -> Vec<String> {
    let schema = Schema::ecs();
    let mut keys: Vec<String> = FIXED_KEYS.map(|key| schema.name(key).to_owned()).into();
    let resource = [
        "ecs.version",
        "service.name",
        "service.version",
        "service.node.name",
        "service.environment",
        "event.dataset",
    ];
    keys.extend(resource.map(str::to_owned));
    keys
}

#[test]
fn no_fixed_key_is_both_a_value_and_the_dotted_parent_of_another() {
    let keys = own_keys();
    for above in &keys {
        assert!(!keys.iter().any(|below| is_below(below, above)), "{above}");
    }
}

#[test]
fn every_key_of_a_full_ecs_line_is_in_the_table_or_known_to_be_beyond_it() {
    let lines = ecs_lines(
        SpanFields::List,
        [true; 5],
        &[("a".into(), Given::Bool(true))],
        &[],
    );
    let beyond = [
        "trace_flags",
        "span_name",
        "spans",
        "busy_ms",
        "idle_ms",
        "a",
    ];
    for (key, _) in lines.iter().flat_map(|line| &line.0) {
        let is_known = ECS.iter().any(|field| field.name == key) || beyond.contains(&&**key);
        assert!(is_known, "{key}");
    }
}

#[test]
fn a_field_named_like_the_prefix_leaves_room_for_renamed_fields() {
    let no = |name: &str| (name.to_owned(), Given::Bool(false));
    for chain in ["field", "field.field"] {
        for (span, event) in [
            (vec![no("process"), no(chain)], vec![no("process.thread")]),
            (vec![no(chain)], vec![no("process.thread"), no("process")]),
        ] {
            for line in ecs_lines(SpanFields::Flatten, [false; 5], &span, &event) {
                for (key, _) in &line.0 {
                    let mut others = line.0.iter().map(|(other, _)| other);
                    assert!(!others.any(|other| is_below(key, other)), "{line:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ecs_lines_follow_the_ecs_logging_specification(
        span_fields in prop::sample::select(vec![SpanFields::Flatten, SpanFields::List, SpanFields::Off]),
        on in any::<[bool; 5]>(),
        span in fields(),
        event in fields(),
    ) {
        let keys = own_keys();
        for line in ecs_lines(span_fields, on, &span, &event) {
            assert_is_ecs(&line);
            for (key, value) in &line.0 {
                for other in keys.iter().chain(line.0.iter().map(|(key, _)| key)) {
                    prop_assert!(!is_below(key, other) && !is_below(other, key), "{} and {}", key, other);
                }
                prop_assert!(key.split('.').all(|part| !part.trim().is_empty()), "{key:?}");
                prop_assert!(!key.starts_with("_id") && !key.starts_with("_source"), "{}", key);
                if let (true, Some(spans)) = (key == "spans", value.as_array()) {
                    for name in spans.iter().filter_map(Value::as_object).flat_map(|span| span.keys()) {
                        prop_assert!(!is_below(name, "name"), "{} in the list", name);
                    }
                }
            }
        }
    }

    #[test]
    fn the_prefix_of_renamed_keys_is_never_a_key(span in fields(), event in fields()) {
        for line in ecs_lines(SpanFields::Flatten, [true; 5], &span, &event) {
            prop_assert!(!line.has("field"), "{:?}", line);
        }
    }
}
