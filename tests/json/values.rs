//! The form of each kind of value.

use super::{
    line, line_with,
    support::{
        Line,
        dynamic::{Given, Parent, Site},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::num::{NonZeroU8, Wrapping};
use tracing_stamp::{Schema, SpanFields};

fn schemas() -> [(Schema, bool); 4] {
    // The flag says whether the schema is for an index, which would reject a string in a numeric field.
    [
        (Schema::otel(), false),
        (Schema::ecs(), true),
        (Schema::gcp("p"), true),
        (Schema::datadog(), true),
    ]
}

fn written(schema: Schema, given: Given) -> Line {
    let site = Site::event(&["value"]);
    line_with(
        |layer| layer.with_schema(schema),
        || site.log(Parent::Current, &[given]),
    )
}

#[test]
fn integers_to_64_bits_floats_and_booleans_stay_what_they_are() {
    let line = line(|| {
        tracing::info!(
            u8 = u8::MAX,
            u64 = u64::MAX,
            i64 = i64::MIN,
            usize = 3_usize,
            f64 = 0.1,
            f32 = 0.5_f32,
            whole = 2.0,
            tiny = 5e-324,
            huge = f64::MAX,
            minus_zero = -0.0,
            yes = true,
            no = false,
            non_zero = NonZeroU8::MAX,
            wrapping = Wrapping(7),
            some = Some(1),
            "hello"
        );
    });
    assert_eq!(*line.get("u8"), 255);
    assert_eq!(*line.get("u64"), u64::MAX);
    assert_eq!(*line.get("i64"), i64::MIN);
    assert_eq!(*line.get("usize"), 3);
    assert_eq!(*line.get("f64"), 0.1);
    assert_eq!(*line.get("f32"), 0.5);
    assert!(line.get("whole").is_f64());
    assert_eq!(*line.get("tiny"), 5e-324);
    assert_eq!(*line.get("huge"), f64::MAX);
    assert!(
        line.get("minus_zero")
            .as_f64()
            .is_some_and(f64::is_sign_negative)
    );
    assert_eq!(*line.get("yes"), true);
    assert_eq!(*line.get("no"), false);
    assert_eq!(*line.get("non_zero"), 255);
    assert_eq!(*line.get("wrapping"), 7);
    assert_eq!(*line.get("some"), 1);
}

#[test]
fn integers_of_128_bits_are_numbers_up_to_64_bits_and_strings_beyond() {
    for (given, expected) in [
        (Given::I128(i64::MIN.into()), json!(i64::MIN)),
        (Given::I128(u64::MAX.into()), json!(u64::MAX)),
        (
            Given::I128(i128::from(i64::MIN) - 1),
            json!("-9223372036854775809"),
        ),
        (
            Given::I128(i128::from(u64::MAX) + 1),
            json!("18446744073709551616"),
        ),
        (Given::I128(i128::MAX), json!(i128::MAX.to_string())),
        (Given::U128(0), json!(0)),
        (Given::U128(u64::MAX.into()), json!(u64::MAX)),
        (
            Given::U128(u128::from(u64::MAX) + 1),
            json!("18446744073709551616"),
        ),
        (Given::U128(u128::MAX), json!(u128::MAX.to_string())),
    ] {
        for (schema, _) in schemas() {
            assert_eq!(*written(schema, given.clone()).get("value"), expected);
        }
    }
}

#[test]
fn non_finite_floats_have_the_documented_form_of_their_schema() {
    let names = [
        (f64::NAN, "NaN"),
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];
    for (number, name) in names {
        for (schema, is_null) in schemas() {
            let line = written(schema, Given::F64(number));
            assert!(line.has("value"));
            let expected = if is_null { Value::Null } else { name.into() };
            assert_eq!(*line.get("value"), expected);
        }
    }
}

#[test]
fn bytes_are_standard_base64() {
    for length in 0..20_u8 {
        let bytes: Vec<u8> = (0..length)
            .map(|byte| byte.wrapping_mul(83) ^ 0xff)
            .collect();
        let line = written(Schema::otel(), Given::Bytes(bytes.clone()));
        let text = line.get("value").as_str().expect("a string");
        assert_eq!(STANDARD.decode(text).expect("base64"), bytes);
    }
    let line = written(Schema::otel(), Given::Bytes(vec![0xfb, 0xff, 0xfe, 0xff]));
    assert_eq!(line.get("value"), "+//+/w==");
}

#[test]
fn debug_and_display_are_text() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "only its `Debug` is used")]
    struct Order {
        id: u8,
        note: &'static str,
    }
    let order = Order {
        id: 7,
        note: "a \"b\"\tc",
    };
    let line = line(|| tracing::info!(?order, shown = %"x\ny", list = ?[1, 2], "hello"));
    assert_eq!(line.get("order"), r#"Order { id: 7, note: "a \"b\"\tc" }"#);
    assert_eq!(line.get("shown"), "x\ny");
    assert_eq!(line.get("list"), "[1, 2]");
}

#[test]
fn a_value_has_the_same_form_on_an_event_on_a_span_and_in_the_list() {
    let values = [
        Given::Bool(true),
        Given::I64(-1),
        Given::U64(1),
        Given::I128(i128::MAX),
        Given::U128(2),
        Given::F64(1.5),
        Given::F64(f64::NAN),
        Given::Str("s\u{1b}".into()),
        Given::Bytes(vec![1, 2, 3]),
        Given::Debug("d\"".into()),
        Given::Error(vec!["e".into(), "f".into()]),
    ];
    for given in values {
        let on_event = written(Schema::otel(), given.clone());
        let site = Site::span("span", &["value"]);
        let log = || {
            site.open(Parent::Current, std::slice::from_ref(&given))
                .in_scope(|| tracing::info!("hello"));
        };
        let on_span = line(log);
        let in_list = line_with(|layer| layer.with_span_fields(SpanFields::List), log);
        for key in ["value", "value.sources"] {
            assert_eq!(on_event.get(key), on_span.get(key));
            let listed = in_list.get("spans")[0].get(key).unwrap_or(&Value::Null);
            assert_eq!(on_event.get(key), listed);
        }
    }
}

#[test]
fn a_debug_that_fails_keeps_the_text_written_so_far() {
    struct Failing;
    impl std::fmt::Debug for Failing {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half \"of it")?;
            Err(std::fmt::Error)
        }
    }
    let line = line(|| tracing::info!(a = ?Failing, b = 1, "hello {:?}", Failing));
    assert_eq!(line.get("message"), "hello half \"of it");
    assert_eq!(line.get("a"), "half \"of it");
    assert_eq!(*line.get("b"), 1);
}
