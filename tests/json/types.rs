//! Each key keeps one JSON type, because an index maps a field from the first document and rejects other types.

use super::{
    line_with, lines,
    support::{
        Line,
        dynamic::{Given, Parent, Site},
    },
};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use tracing_stamp::{Schema, SpanFields, StampLayer};
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    Null,
    Boolean,
    Integer,
    Float,
    String,
    Array,
    Object,
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Number(number) if number.is_f64() => Type::Float,
        Value::Number(_) => Type::Integer,
        Value::String(_) => Type::String,
        Value::Array(_) => Type::Array,
        Value::Object(_) => Type::Object,
    }
}

fn schemas() -> [Schema; 4] {
    [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("p"),
        Schema::datadog(),
    ]
}

/// Returns the type in which a kind of value is written, for every value of that kind.
fn type_of_kind(given: &Given) -> Type {
    match given {
        Given::Nothing => Type::Null,
        Given::Bool(_) => Type::Boolean,
        Given::I64(_) | Given::U64(_) | Given::I128(_) | Given::U128(_) => Type::Integer,
        Given::F64(_) => Type::Float,
        Given::Str(_) | Given::Bytes(_) | Given::Debug(_) | Given::Error(_) => Type::String,
    }
}

/// Returns whether the value is one of the documented exceptions, which have another type.
fn is_exempt(given: &Given) -> bool {
    match given {
        Given::I128(value) => i64::try_from(*value).is_err() && u64::try_from(*value).is_err(),
        Given::U128(value) => u64::try_from(*value).is_err(),
        Given::F64(value) => !value.is_finite(),
        _ => false,
    }
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        any::<bool>().prop_map(Given::Bool),
        any::<i64>().prop_map(Given::I64),
        any::<u64>().prop_map(Given::U64),
        any::<i128>().prop_map(Given::I128),
        any::<u128>().prop_map(Given::U128),
        (-1000..1000_i64).prop_map(|value| Given::I128(value.into())),
        any::<f64>().prop_map(Given::F64),
        (-1000..1000_i32).prop_map(|value| Given::F64(value.into())),
        any::<String>().prop_map(Given::Str),
        prop_oneof!["[0-9]{1,3}", "true|null|NaN", "[{\\[].{0,5}[}\\]]"].prop_map(Given::Str),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Given::Bytes),
        prop_oneof!["[0-9]{1,3}", "true|null", "[{\\[].{0,5}[}\\]]"].prop_map(Given::Debug),
        prop::collection::vec("[a-z0-9]{0,3}", 1..4).prop_map(Given::Error),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_encoding_never_changes_the_json_type_of_a_key(given in given()) {
        prop_assume!(!is_exempt(&given));
        let event = Site::event(&["value"]);
        let span = Site::span("span", &["value"]);
        for schema in schemas() {
            for span_fields in [SpanFields::Flatten, SpanFields::List] {
                let options =
                    |layer: StampLayer| layer.with_schema(schema.clone()).with_span_fields(span_fields);
                let values = std::slice::from_ref(&given);
                let on_event = line_with(options, || event.log(Parent::Current, values));
                prop_assert_eq!(type_of(on_event.get("value")), type_of_kind(&given));
                let on_span = line_with(options, || {
                    span.open(Parent::Current, values).in_scope(|| tracing::info!("hello"));
                });
                let value = match span_fields {
                    SpanFields::List => &on_span.get("spans")[0]["value"],
                    _ => on_span.get("value"),
                };
                prop_assert_eq!(type_of(value), type_of_kind(&given));
            }
        }
    }
}

#[test]
fn a_fixed_key_has_the_same_type_on_all_lines() {
    for schema in schemas() {
        for span_fields in [SpanFields::Flatten, SpanFields::List, SpanFields::Off] {
            let options = |layer: StampLayer| {
                layer
                    .with_schema(schema.clone())
                    .with_span_fields(span_fields)
                    .with_span_events(FmtSpan::FULL)
                    .with_file(true)
                    .with_line_number(true)
                    .with_thread_ids(true)
                    .with_thread_names(true)
                    .with_max_line_bytes(2_048)
            };
            let message = Site::event(&["message"]);
            let lines = lines(options, || {
                let span = tracing::info_span!("span").entered();
                message.log(Parent::Current, &[Given::U64(1)]);
                message.log(Parent::Current, &[Given::Error(vec!["a".into()])]);
                message.log(Parent::Current, &[Given::Str("x".repeat(9_000))]);
                drop(span);
                tracing::info!("outside");
            });
            assert_one_type(&lines);
        }
    }
}

fn assert_one_type(lines: &[Line]) {
    let mut types: HashMap<&str, Type> = HashMap::new();
    for (key, value) in lines.iter().flat_map(|line| &line.0) {
        let found = type_of(value);
        assert_eq!(*types.entry(key).or_insert(found), found, "{key}");
    }
}

#[test]
fn cutting_a_line_never_changes_a_type() {
    let site = Site::event(&["text", "bytes", "number", "wide", "flag", "error"]);
    let values = |length: usize| {
        [
            Given::Str("é".repeat(length)),
            Given::Bytes(vec![7; length]),
            Given::F64(1.5),
            Given::U128(u128::MAX),
            Given::Bool(true),
            Given::Error(vec!["e".repeat(length), "s".repeat(length)]),
        ]
    };
    let lines = lines(
        |layer| layer.with_max_line_bytes(1_024),
        || {
            for length in [1, 10, 100, 1_000, 10_000] {
                site.log(Parent::Current, &values(length));
            }
        },
    );
    assert_one_type(&lines);
}
