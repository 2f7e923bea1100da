//! The same fields produce the same line through `tracing`, `log` and slog.

use super::{
    lines,
    support::{Line, dynamic::Given},
    ways::{Fields, WAYS, Way},
};
use serde_json::json;
use tracing_stamp::{Schema, SpanFields, StampLayer};

/// Returns the line with these fields, after asserting that all crates write the same one.
fn line_of_all_crates(options: impl Fn(StampLayer) -> StampLayer, fields: Fields) -> Line {
    let by_each = WAYS.map(|way| {
        let mut written = lines(&options, || way.log("hello", &fields));
        assert_eq!(written.len(), 1, "{way:?}: {written:?}");
        let mut line = written.remove(0);
        line.0
            .retain(|(key, _)| !["timestamp", "@timestamp", "time"].contains(&key.as_str()));
        line
    });
    let [tracing, log, slog] = by_each;
    assert_eq!(tracing, log, "through log");
    assert_eq!(tracing, slog, "through slog");
    tracing
}

fn fields<const N: usize>(fields: [(&str, Given); N]) -> Fields {
    fields.map(|(name, given)| (name.to_owned(), given)).into()
}

fn text(text: &str) -> Given {
    Given::Str(text.to_owned())
}

#[test]
fn keys_are_unique_and_reserved_keys_cannot_be_taken() {
    let line = line_of_all_crates(
        |layer| layer.with_resource([("service.name", "orders")]),
        fields([
            ("a", Given::U64(1)),
            ("level", text("mine")),
            ("service.name", text("not mine")),
            ("trace_id", Given::U64(7)),
            ("field.level", Given::Bool(true)),
            ("a", Given::U64(2)),
        ]),
    );
    assert_eq!(line.get("a"), 2);
    assert_eq!(line.get("field.service.name"), "not mine");
    assert_eq!(line.get("field.trace_id"), 7);
    assert_eq!(line.get("field.field.level"), "mine");
    assert_eq!(line.get("field.level"), true);
}

#[test]
fn a_key_called_message_does_not_replace_the_message() {
    for way in [Way::Log, Way::Slog] {
        let written = lines(
            |layer| layer,
            || {
                way.log(
                    "hello",
                    &fields([("message", text("mine")), ("field.message", Given::U64(1))]),
                );
            },
        );
        assert_eq!(written[0].get("message"), "hello", "{way:?}");
        assert_eq!(written[0].get("field.field.message"), "mine");
        assert_eq!(written[0].get("field.message"), 1);
    }
}

#[test]
fn a_field_of_a_record_beats_the_fields_of_its_spans() {
    for way in WAYS {
        let written = lines(
            |layer| layer,
            || {
                tracing::info_span!("outer", a = 1, b = 1, c = 1).in_scope(|| {
                    tracing::info_span!("inner", b = 2, c = 2).in_scope(|| {
                        way.log(
                            "hello",
                            &fields([("c", Given::I64(3)), ("a", Given::Nothing)]),
                        )
                    });
                });
            },
        );
        let values = ["a", "b", "c"].map(|key| written[0].get(key).clone());
        assert_eq!(values, [1, 2, 3], "{way:?}");
    }
}

#[test]
fn the_innermost_span_is_in_the_span_list_of_a_record() {
    for way in WAYS {
        let written = lines(
            |layer| layer.with_span_fields(SpanFields::List),
            || {
                let _outer = tracing::info_span!("outer", a = 1).entered();
                let _inner = tracing::info_span!("inner", b = 2).entered();
                way.log("hello", &fields([("a", Given::I64(3))]));
            },
        );
        assert_eq!(
            written[0].get("spans"),
            &json!([{"name": "outer", "a": 1}, {"name": "inner", "b": 2}]),
            "{way:?}"
        );
        assert_eq!(written[0].get("a"), 3);
    }
}

#[test]
fn control_characters_are_escaped_in_values_and_keys() {
    let evil = "a\u{1b}[31m\r\n\"\\\u{9b}\u{7f}\0";
    let line = line_of_all_crates(
        |layer| layer,
        fields([
            (evil, text(evil)),
            ("debug", Given::Debug(evil.to_owned())),
            (
                "error",
                Given::Error(vec![evil.to_owned(), evil.to_owned()]),
            ),
        ]),
    );
    assert_eq!(line.get(evil), evil);
    assert_eq!(line.get("debug"), evil);
    assert_eq!(line.get("error"), evil);
    assert_eq!(line.get("error.sources"), &json!([evil]));
}

#[test]
fn every_kind_of_value_has_its_documented_form_in_every_schema() {
    let schemas: [(Schema, &str); 4] = [
        (Schema::otel(), "error.sources"),
        (Schema::ecs(), "error_sources"),
        (Schema::gcp("p"), "error.sources"),
        (Schema::datadog(), "error.sources"),
    ];
    for (index, (schema, sources)) in schemas.into_iter().enumerate() {
        let line = line_of_all_crates(
            |layer| layer.with_schema(schema.clone()),
            fields([
                ("bool", Given::Bool(true)),
                ("i64", Given::I64(i64::MIN)),
                ("u64", Given::U64(u64::MAX)),
                ("i128", Given::I128(-5)),
                ("wide", Given::I128(i128::MIN)),
                ("u128", Given::U128(5)),
                ("wider", Given::U128(u128::MAX)),
                ("f64", Given::F64(0.1)),
                ("whole", Given::F64(2.0)),
                ("nan", Given::F64(f64::NAN)),
                ("infinity", Given::F64(f64::INFINITY)),
                ("minus_infinity", Given::F64(f64::NEG_INFINITY)),
                ("str", text("é")),
                ("bytes", Given::Bytes(vec![0xfb, 0xff, 0xfe, 0xff])),
                ("debug", Given::Debug("Order { id: 7 }".into())),
                (
                    "error",
                    Given::Error(["e", "f", "g"].map(String::from).into()),
                ),
                ("nothing", Given::Nothing),
            ]),
        );
        let non_finite = |name: &str| if index == 0 { json!(name) } else { json!(null) };
        for (key, expected) in [
            ("bool", json!(true)),
            ("i64", json!(i64::MIN)),
            ("u64", json!(u64::MAX)),
            ("i128", json!(-5)),
            ("wide", json!(i128::MIN.to_string())),
            ("u128", json!(5)),
            ("wider", json!(u128::MAX.to_string())),
            ("f64", json!(0.1)),
            ("whole", json!(2.0)),
            ("nan", non_finite("NaN")),
            ("infinity", non_finite("Infinity")),
            ("minus_infinity", non_finite("-Infinity")),
            ("str", json!("é")),
            ("bytes", json!("+//+/w==")),
            ("debug", json!("Order { id: 7 }")),
            ("error", json!("e")),
            (sources, json!(["f", "g"])),
        ] {
            assert!(line.has(key), "{key} in {line:?}");
            assert_eq!(line.get(key), &expected, "{key}");
        }
        assert!(!line.has("nothing"));
    }
}

#[test]
fn lines_are_cut_to_the_limit_and_stay_valid() {
    for way in WAYS {
        let many: Fields = (0..40)
            .map(|index| (format!("key_{index}"), text(&"long ".repeat(100))))
            .collect();
        let written = lines(
            |layer| layer.with_max_line_bytes(2_048),
            || way.log("hello", &many),
        );
        assert_eq!(written[0].get("truncated"), true, "{way:?}");
    }
}

#[test]
fn more_keys_than_a_call_site_can_have_are_all_written() {
    for way in WAYS {
        let many: Fields = (0..200)
            .map(|index| (format!("key_{index}"), Given::U64(index)))
            .collect();
        let written = lines(|layer| layer.with_file(true), || way.log("hello", &many));
        for index in 0..200_u64 {
            assert_eq!(written[0].get(&format!("key_{index}")), index, "{way:?}");
        }
        for (key, expected) in [
            ("message", "hello"),
            ("target", "dynamic"),
            ("file", "src/dynamic.rs"),
        ] {
            assert_eq!(written[0].get(key), expected, "{way:?}");
        }
    }
}

#[test]
fn structured_values_are_json() {
    #[derive(Clone, serde::Serialize)]
    struct Order {
        id: u64,
        items: Vec<(&'static str, f64)>,
        note: Option<&'static str>,
    }
    let order = Order {
        id: 7,
        items: vec![("tea", 2.5), ("\u{1b}", f64::NAN)],
        note: None,
    };
    let expected = json!({"id": 7, "items": [["tea", 2.5], ["\u{1b}", null]], "note": null});
    let logger = tracing_stamp::bridge::log::Logger::new();
    log::set_max_level(log::LevelFilter::Trace);
    let root = slog::Logger::root(tracing_stamp::bridge::slog::TracingDrain::new(), slog::o!());
    let written = lines(
        |layer| layer,
        || {
            log::info!(logger: logger, order:serde = order, number:serde = 7_u8, text:serde = "x"; "hello");
            slog::info!(root, "hello"; "order" => slog::Serde(order.clone()), "number" => slog::Serde(7_u8), "text" => slog::Serde("x"));
            log::info!(logger: logger, order:sval = [1, 2], number:sval = 7_u8, text:sval = "x"; "hello");
        },
    );
    for (index, line) in written.iter().enumerate() {
        let expected = if index == 2 {
            &json!([1, 2])
        } else {
            &expected
        };
        assert_eq!(line.get("order"), expected);
        assert_eq!(line.get("number"), 7);
        assert_eq!(line.get("text"), "x");
    }
    assert_eq!(written.len(), 3);
}

#[test]
fn the_last_of_several_values_with_one_key_decides_whether_the_field_is_json() {
    let logger = tracing_stamp::bridge::log::Logger::new();
    log::set_max_level(log::LevelFilter::Trace);
    let root = slog::Logger::root(tracing_stamp::bridge::slog::TracingDrain::new(), slog::o!());
    let written = lines(
        |layer| layer,
        || {
            log::info!(logger: logger, a:serde = [1, 2], a:% = "[text"; "hello");
            slog::info!(root, "hello"; "a" => slog::Serde([1, 2]), "a" => %"[text");
            log::info!(logger: logger, a = "text", a:serde = [1, 2]; "hello");
            slog::info!(root, "hello"; "a" => "text", "a" => slog::Serde([1, 2]));
        },
    );
    let expected = [json!("[text"), json!("[text"), json!([1, 2]), json!([1, 2])];
    let found: Vec<_> = written.iter().map(|line| line.get("a").clone()).collect();
    assert_eq!(found, expected);
}
