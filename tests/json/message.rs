//! The message is always a string.

use super::{
    line, line_with,
    support::dynamic::{Given, Parent, Site},
};
use serde_json::json;
use tracing::field::Empty;

fn error(messages: &[&str]) -> Given {
    Given::Error(
        messages
            .iter()
            .map(|message| (*message).to_owned())
            .collect(),
    )
}

#[test]
fn the_message_is_a_string_for_every_kind_of_value() {
    let cases = [
        (Given::Bool(true), "true"),
        (Given::I64(-5), "-5"),
        (Given::U64(u64::MAX), "18446744073709551615"),
        (
            Given::I128(i128::MIN),
            "-170141183460469231731687303715884105728",
        ),
        (Given::U128(7), "7"),
        (Given::F64(1.5), "1.5"),
        (Given::F64(f64::NAN), "NaN"),
        (Given::F64(f64::NEG_INFINITY), "-Infinity"),
        (Given::Str("a \"b\"\n".into()), "a \"b\"\n"),
        (Given::Bytes(vec![0xff, 0, 1]), "/wAB"),
        (Given::Debug("Some(\"x\")".into()), "Some(\"x\")"),
        (error(&["went wrong"]), "went wrong"),
    ];
    let site = Site::event(&["message"]);
    for (value, expected) in cases {
        let line = line(|| site.log(Parent::Current, std::slice::from_ref(&value)));
        assert_eq!(line.get("message"), expected, "{value:?}");
        assert_eq!(line.keys(), ["timestamp", "level", "message", "target"]);
    }
}

#[test]
fn the_message_is_empty_if_the_event_has_none() {
    for line in [
        line(|| tracing::info!(a = 1)),
        line(|| tracing::info!(a = 1, message = Empty)),
        line(|| Site::event(&[]).log(Parent::Current, &[])),
    ] {
        assert_eq!(line.get("message"), "");
    }
}

#[test]
fn the_last_of_two_messages_wins() {
    let site = Site::event(&["message", "a", "message"]);
    let text = |text: &str| Given::Str(text.into());
    let both = line(|| site.log(Parent::Current, &[text("first"), Given::U64(1), text("")]));
    assert_eq!(both.get("message"), "");
    let first = line(|| {
        site.log(
            Parent::Current,
            &[text("first"), Given::U64(1), Given::Nothing],
        );
    });
    assert_eq!(first.get("message"), "first");
    for line in [both, first] {
        assert_eq!(
            line.keys(),
            ["timestamp", "level", "message", "target", "a"]
        );
    }
}

#[test]
fn a_field_called_message_beside_the_text_adds_no_second_message() {
    // The macro passes the text first, so the field is the last message.
    let line = line(|| tracing::info!(message = "field", "text"));
    assert!(line.get("message").is_string());
    assert_eq!(line.keys(), ["timestamp", "level", "message", "target"]);
}

#[test]
fn an_error_as_the_message_has_its_list_of_sources_beside_it() {
    let site = Site::event(&["message"]);
    let line = line(|| site.log(Parent::Current, &[error(&["a", "b"])]));
    assert_eq!(line.get("message"), "a");
    assert_eq!(*line.get("message.sources"), json!(["b"]));
}

#[test]
fn the_list_of_the_message_does_not_depend_on_the_fields_before_it() {
    // It is neither removed with a shadowed field nor renamed with a reserved one.
    let shadowed = Site::event(&["a", "message", "a"]);
    let line_of_shadowed = line(|| {
        shadowed.log(
            Parent::Current,
            &[Given::U64(1), error(&["m", "cause"]), Given::U64(2)],
        );
    });
    assert_eq!(
        *line_of_shadowed.get("message.sources"),
        json!(["cause"]),
        "{line_of_shadowed:?}"
    );

    let renamed = Site::event(&["level", "message", "b", "b"]);
    let line_of_renamed = line(|| {
        let values = [
            Given::U64(1),
            error(&["m", "cause"]),
            Given::U64(2),
            Given::U64(3),
        ];
        renamed.log(Parent::Current, &values);
    });
    assert_eq!(
        *line_of_renamed.get("message.sources"),
        json!(["cause"]),
        "{line_of_renamed:?}"
    );
}

#[test]
fn the_list_of_a_replaced_message_is_removed() {
    let site = Site::event(&["message", "message"]);
    let line = line(|| {
        site.log(
            Parent::Current,
            &[error(&["a", "b"]), Given::Str("c".into())],
        )
    });
    assert_eq!(line.get("message"), "c");
    assert_eq!(line.keys(), ["timestamp", "level", "message", "target"]);
}

#[test]
fn a_renamed_message_key_still_holds_the_message() {
    use tracing_stamp::{FixedKey, Schema};
    let schema = Schema::otel()
        .rename(FixedKey::Message, "msg")
        .expect("a free name");
    let line = line_with(
        |layer| layer.with_schema(schema),
        || {
            tracing::info!(msg = 1, "hello");
        },
    );
    assert_eq!(
        line.keys(),
        ["timestamp", "level", "msg", "target", "field.msg"]
    );
    assert_eq!(line.get("msg"), "hello");
}
