//! The resource, which is on every line.

use super::{line_with, support::Line};
use serde_json::json;
use tracing_stamp::{
    Schema, SpanFields,
    opentelemetry::{Array, StringValue, Value},
};

fn with(schema: Schema, resource: Vec<(&'static str, Value)>) -> Line {
    line_with(
        |layer| layer.with_schema(schema).with_resource(resource),
        || tracing::info!("hello"),
    )
}

#[test]
fn attributes_keep_their_types_and_their_order() {
    let strings: Vec<StringValue> = vec!["a\"\u{1b}".into(), "b".into()];
    let resource = vec![
        ("string", "x\n".into()),
        ("bool", true.into()),
        ("int", i64::MIN.into()),
        ("float", 2.0.into()),
        ("strings", Value::Array(Array::String(strings))),
        ("bools", Value::Array(Array::Bool(vec![true, false]))),
        ("ints", Value::Array(Array::I64(vec![1, -2]))),
        ("floats", Value::Array(Array::F64(vec![1.0, 0.5]))),
        ("empty", Value::Array(Array::I64(vec![]))),
    ];
    let names: Vec<&str> = resource.iter().map(|(name, _)| *name).collect();
    let line = with(Schema::otel(), resource);
    assert_eq!(line.keys()[4..], names);
    assert_eq!(line.get("string"), "x\n");
    assert_eq!(*line.get("bool"), true);
    assert_eq!(*line.get("int"), i64::MIN);
    assert!(line.get("float").is_f64());
    assert_eq!(*line.get("strings"), json!(["a\"\u{1b}", "b"]));
    assert_eq!(*line.get("bools"), json!([true, false]));
    assert_eq!(*line.get("ints"), json!([1, -2]));
    assert_eq!(*line.get("floats"), json!([1.0, 0.5]));
    assert_eq!(*line.get("empty"), json!([]));
}

#[test]
fn non_finite_floats_have_the_form_of_their_schema() {
    let resource = || {
        let floats = Value::Array(Array::F64(vec![f64::NAN, 1.0, f64::INFINITY]));
        vec![("float", f64::NEG_INFINITY.into()), ("floats", floats)]
    };
    let otel = with(Schema::otel(), resource());
    assert_eq!(otel.get("float"), "-Infinity");
    assert_eq!(*otel.get("floats"), json!(["NaN", 1.0, "Infinity"]));
    let ecs = with(Schema::ecs(), resource());
    assert!(ecs.has("float") && ecs.get("float").is_null());
    assert_eq!(*ecs.get("floats"), json!([null, 1.0, null]));
}

#[test]
fn the_last_of_two_attributes_with_the_same_name_is_written() {
    let line = with(
        Schema::otel(),
        vec![("a", 1.into()), ("b", 2.into()), ("a", 3.into())],
    );
    assert_eq!(*line.get("a"), 3);
    assert_eq!(*line.get("b"), 2);
}

#[test]
fn an_attribute_with_the_name_of_a_fixed_key_is_renamed() {
    let resource = vec![
        ("level", "a".into()),
        ("field.level", "b".into()),
        ("trace_id", "c".into()),
        ("idle_ms", "d".into()),
    ];
    let line = with(Schema::otel(), resource);
    assert_eq!(line.get("level"), "INFO");
    assert_eq!(line.get("field.field.level"), "a");
    assert_eq!(line.get("field.level"), "b");
    assert!(!line.has("trace_id"));
    assert_eq!(line.get("field.trace_id"), "c");
    assert_eq!(line.get("field.idle_ms"), "d");
}

#[test]
fn a_field_with_the_key_of_a_renamed_attribute_is_renamed_too() {
    let line = line_with(
        |layer| layer.with_resource([("level", "resource")]),
        || {
            tracing::info!(level = 1, field.level = 2, "hello");
        },
    );
    assert_eq!(line.get("field.level"), "resource");
    let mut fields = line.0[line.0.len() - 2..].to_vec();
    fields.sort_by_key(|(_, value)| value.as_u64());
    assert_eq!(fields[0].1, 1);
    assert_eq!(fields[1].1, 2);
}

#[test]
fn the_resource_is_on_lines_with_every_form_of_spans() {
    for span_fields in [SpanFields::Flatten, SpanFields::List, SpanFields::Off] {
        let line = line_with(
            |layer| {
                layer
                    .with_span_fields(span_fields)
                    .with_resource([("service.name", "orders")])
            },
            || tracing::info_span!("span").in_scope(|| tracing::info!("hello")),
        );
        assert_eq!(line.get("service.name"), "orders");
    }
}

#[test]
fn schemas_have_their_own_names_for_some_attributes() {
    let resource = || {
        vec![
            ("service.name", "orders".into()),
            ("service.version", "1".into()),
            ("service.instance.id", "i".into()),
            ("deployment.environment.name", "prod".into()),
        ]
    };
    let ecs = with(Schema::ecs(), resource());
    assert_eq!(ecs.get("service.name"), "orders");
    assert_eq!(ecs.get("event.dataset"), "orders");
    assert_eq!(ecs.get("service.node.name"), "i");
    assert_eq!(ecs.get("service.environment"), "prod");
    assert!(!ecs.has("service.instance.id") && !ecs.has("deployment.environment.name"));
    let datadog = with(Schema::datadog(), resource());
    assert_eq!(
        datadog.keys()[4..],
        ["service", "version", "service.instance.id", "env"]
    );
}

#[test]
fn the_ecs_dataset_repeats_the_service_unless_the_resource_sets_it() {
    let with = |resource| with(Schema::ecs(), resource);
    let twice = with(vec![
        ("service.name", "a".into()),
        ("service.name", "b".into()),
    ]);
    assert_eq!(twice.get("service.name"), "b");
    assert_eq!(twice.get("event.dataset"), "b");
    let given = with(vec![
        ("event.dataset", "mine".into()),
        ("service.name", "a".into()),
    ]);
    assert_eq!(given.get("event.dataset"), "mine");
    assert!(!with(vec![("host.name", "a".into())]).has("event.dataset"));
}
