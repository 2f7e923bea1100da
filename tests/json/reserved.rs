//! User fields cannot take reserved keys.

use super::{
    FIXED, line, line_with, lines,
    support::{
        FIXED_KEYS,
        dynamic::{Given, Parent, Site},
    },
};
use std::{sync::mpsc, thread, time::Duration};
use tracing_stamp::{FixedKey, Schema, SpanFields};

#[test]
fn reserved_keys_cannot_be_taken() {
    // This includes keys that are absent from this line.
    let site = Site::event(&FIXED.map(|name| if name == "message" { "level" } else { name }));
    let line = line(|| site.log(Parent::Current, &FIXED.map(|_| Given::Str("user".into()))));
    assert_eq!(line.keys()[..4], FIXED[..4]);
    assert_eq!(line.get("level"), "INFO");
    for name in FIXED.iter().filter(|name| **name != "message") {
        assert_eq!(line.get(&format!("field.{name}")), "user", "{name}");
    }
}

#[test]
fn the_reserved_keys_of_every_schema_cannot_be_taken() {
    for schema in [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("p"),
        Schema::datadog(),
    ] {
        let names: Vec<String> = FIXED_KEYS
            .iter()
            .filter(|key| **key != FixedKey::Message)
            .map(|key| schema.name(*key).to_owned())
            .collect();
        let site = Site::event(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let line = line_with(
            |layer| layer.with_schema(schema.clone()),
            || {
                site.log(
                    Parent::Current,
                    &[const { Given::U64(7) }; FIXED_KEYS.len() - 1],
                )
            },
        );
        for name in &names {
            assert_ne!(*line.get(name), 7, "{name}");
            assert_eq!(*line.get(&format!("field.{name}")), 7, "{name}");
        }
    }
}

#[test]
fn the_message_field_of_a_span_is_an_ordinary_field_with_a_reserved_name() {
    let line = line(|| {
        tracing::info_span!("span", message = "the span's").in_scope(|| tracing::info!("mine"));
    });
    assert_eq!(line.get("message"), "mine");
    assert_eq!(line.get("field.message"), "the span's");
}

#[test]
fn the_prefix_is_repeated_until_the_key_is_free() {
    let site = Site::event(&["field.level", "level", "field.field.level"]);
    let line = line(|| {
        site.log(
            Parent::Current,
            &[Given::U64(1), Given::U64(2), Given::U64(3)],
        );
    });
    assert_eq!(*line.get("field.level"), 1);
    assert_eq!(*line.get("field.field.level"), 3);
    assert_eq!(*line.get("field.field.field.level"), 2);
}

#[test]
fn the_prefix_is_also_repeated_for_keys_of_another_field_set() {
    let outer = Site::span("outer", &["field.level"]);
    let line = line(|| {
        let outer = outer.open(Parent::Current, &[Given::U64(1)]);
        outer.in_scope(|| tracing::info!(level = 2, "hello"));
    });
    assert_eq!(*line.get("field.level"), 1);
    assert_eq!(*line.get("field.field.level"), 2);
}

#[test]
fn a_field_without_a_value_uses_no_key() {
    let site = Site::event(&["level", "field.level"]);
    let line = line(|| site.log(Parent::Current, &[Given::U64(1), Given::Nothing]));
    assert_eq!(*line.get("field.level"), 1);
}

#[test]
fn resource_keys_are_reserved() {
    let line = line_with(
        |layer| layer.with_resource([("service.name", "orders")]),
        || {
            tracing::info_span!("span", service.name = "span").in_scope(|| {
                tracing::info!(service.version = "mine", "hello");
            });
        },
    );
    assert_eq!(line.get("service.name"), "orders");
    assert_eq!(line.get("field.service.name"), "span");
    assert_eq!(line.get("service.version"), "mine");
}

#[test]
fn names_that_resemble_reserved_ones_are_free() {
    let site = Site::event(&["Level", "level ", "fieldlevel", "field.", "levels", ""]);
    let line = line(|| site.log(Parent::Current, &[const { Given::U64(1) }; 6]));
    let expected = ["Level", "level ", "fieldlevel", "field.", "levels", ""];
    assert_eq!(line.keys()[4..], expected);
}

#[test]
fn in_the_ecs_schema_the_parts_of_fixed_names_are_reserved_too() {
    let names = [
        "log",
        "log.origin",
        "trace",
        "message.id",
        "process",
        "service",
        "logger",
    ];
    let site = Site::event(&names);
    let options = |layer: tracing_stamp::StampLayer| {
        layer
            .with_schema(Schema::ecs())
            .with_resource([("service.name", "orders")])
    };
    let line = line_with(options, || {
        site.log(Parent::Current, &[const { Given::U64(1) }; 7])
    });
    // `field.log` has a value, so nothing can be below it.
    let expected = [
        "field.log",
        "field.field.log.origin",
        "field.trace",
        "field.message.id",
        "field.process",
        "field.service",
        "logger",
    ];
    assert_eq!(line.keys().split_off(line.keys().len() - 7), expected);
}

#[test]
fn in_the_ecs_schema_the_prefix_is_reserved_too() {
    // A document with `field` as text is rejected by an index that has seen `field.log`.
    let site = Site::event(&["field", "log"]);
    let line = line_with(
        |layer| layer.with_schema(Schema::ecs()),
        || {
            site.log(Parent::Current, &[Given::U64(1), Given::U64(2)]);
        },
    );
    assert!(!line.has("field"), "{line:?}");
    assert_eq!(*line.get("field.field"), 1);
    assert_eq!(*line.get("field.log"), 2);
}

#[test]
fn in_the_ecs_schema_names_that_elasticsearch_rejects_are_renamed() {
    let span = Site::span("span", &["a", "c.d", "_id"]);
    let event = Site::event(&["a.b", "c", "", "e..f", "_source.x", "g", "g.h.i"]);
    let line = line_with(
        |layer| layer.with_schema(Schema::ecs()),
        || {
            let values = [const { Given::U64(1) }; 7];
            let span = span.open(Parent::Current, &values[..3]);
            span.in_scope(|| event.log(Parent::Current, &values));
        },
    );
    let expected = [
        "field.a",
        "c.d",
        "field._id",
        "a.b",
        "field.c",
        "_",
        "e._.f",
        "field._source.x",
        "field.g",
        "g.h.i",
    ];
    assert_eq!(line.keys().split_off(line.keys().len() - 10), expected);
}

#[test]
fn in_the_list_of_spans_only_the_name_is_reserved() {
    let site = Site::span("span", &["name", "field.name", "level", "spans"]);
    let line = line_with(
        |layer| layer.with_span_fields(SpanFields::List),
        || {
            let values = [Given::U64(1), Given::U64(2), Given::U64(3), Given::U64(4)];
            site.open(Parent::Current, &values)
                .in_scope(|| tracing::info!("hello"));
        },
    );
    let expected = serde_json::json!([
        {"name": "span", "field.field.name": 1, "field.name": 2, "level": 3, "spans": 4}
    ]);
    assert_eq!(*line.get("spans"), expected);
}

#[test]
fn if_dots_nest_no_key_in_the_list_of_spans_is_below_the_name() {
    let site = Site::span("span", &["name.first"]);
    let options = |layer: tracing_stamp::StampLayer| {
        layer
            .with_schema(Schema::ecs())
            .with_span_fields(SpanFields::List)
    };
    let line = line_with(options, || {
        site.open(Parent::Current, &[Given::U64(1)])
            .in_scope(|| tracing::info!("hello"));
    });
    assert!(line.get("spans")[0].get("name.first").is_none(), "{line:?}");
}

#[test]
fn a_line_is_written_even_if_the_prefix_itself_is_taken() {
    // Runs on a separate thread, so that an endless search for a free key fails only this test.
    let (done, lines_made) = mpsc::channel();
    thread::spawn(move || {
        let site = Site::event(&["log", "field.log", "message.id"]);
        let options = |layer: tracing_stamp::StampLayer| {
            layer
                .with_schema(Schema::ecs())
                .with_resource([("field", "x"), ("log", "y")])
        };
        let line = lines(options, || {
            site.log(
                Parent::Current,
                &[Given::U64(1), Given::U64(2), Given::U64(3)],
            );
        });
        let _ = done.send(line);
    });
    let lines = lines_made
        .recv_timeout(Duration::from_secs(10))
        .expect("a line within seconds");
    for value in ["x", "y"] {
        assert!(
            lines[0].0.iter().any(|(_, other)| other == value),
            "{lines:?}"
        );
    }
    for value in 1..=3 {
        assert!(
            lines[0].0.iter().any(|(_, other)| *other == value),
            "{lines:?}"
        );
    }
}
