//! Text from an attacker stays text.

use super::{
    lines,
    support::{
        Lines, context,
        dynamic::{Given, Parent, Site},
    },
};
use std::thread;
use tracing::Level;
use tracing_core::Kind;
use tracing_stamp::{Schema, SpanFields};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

/// Returns every character that a terminal or a reader of lines could interpret, and every character that JSON must escape.
fn hostile() -> String {
    let controls: String = (0..=0x9f_u32)
        .filter_map(char::from_u32)
        .filter(|character| character.is_control())
        .collect();
    let directions: String = ('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}')
        .collect();
    format!(
        "a{controls}{directions}\u{1b}[31mred\u{9b}2J\"}},{{\"level\":\"x\\\u{2028}\u{2029}\u{feff}\u{10ffff}é"
    )
}

/// Returns two names that differ only in a control character.
fn two() -> [String; 2] {
    [
        format!("{}1\u{1b}", hostile()),
        format!("{}1\u{9b}", hostile()),
    ]
}

#[test]
fn control_characters_are_escaped_in_values_keys_span_names_and_targets() {
    let hostile = hostile();
    let [first, second] = two();
    let event = Site::new(
        Kind::EVENT,
        "event",
        &hostile,
        Level::INFO,
        &["message", &first, &second],
    );
    let span = Site::new(Kind::SPAN, &hostile, &hostile, Level::INFO, &[&first]);
    for span_fields in [SpanFields::Flatten, SpanFields::List, SpanFields::Off] {
        let lines = lines(
            |layer| {
                layer
                    .with_span_fields(span_fields)
                    .with_span_events(FmtSpan::FULL)
                    .with_resource([(format!("resource{hostile}"), hostile.clone())])
            },
            || {
                let text = || Given::Str(hostile.clone());
                let opened = span.open(Parent::Current, &[Given::Debug(hostile.clone())]);
                opened.in_scope(|| {
                    let error = Given::Error(vec![hostile.clone(), hostile.clone()]);
                    event.log(Parent::Current, &[text(), text(), error]);
                });
            },
        );
        // Parsing has checked that the line contains no raw control character.
        assert_eq!(lines.len(), 5);
        for line in &lines {
            assert_eq!(line.get("target"), &*hostile);
            assert_eq!(line.get(&format!("resource{hostile}")), &*hostile);
        }
        let line = &lines[2];
        assert_eq!(line.get("message"), &*hostile);
        assert_eq!(line.get(&first), &*hostile);
        assert_eq!(line.get(&second), &*hostile);
        assert_eq!(line.get(&format!("{second}.sources"))[0], *hostile);
        match span_fields {
            SpanFields::Flatten => assert_eq!(line.get("span_name"), &*hostile),
            SpanFields::List => {
                assert_eq!(line.get("spans")[0]["name"], *hostile);
                assert_eq!(line.get("spans")[0][&first], *hostile);
            }
            _ => assert!(!line.has("span_name")),
        }
    }
}

#[test]
fn control_characters_are_escaped_in_thread_names() {
    // A thread's name cannot contain a zero byte.
    let name = hostile().replace('\0', "");
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_thread_names(true)
        .with_writer(lines.clone());
    let thread = thread::Builder::new().name(name.clone()).spawn(|| {
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || tracing::info!("hello"));
    });
    thread.expect("spawned").join().expect("no panic");
    assert_eq!(lines.with_message("hello").get("thread_name"), &*name);
}

#[test]
fn control_characters_are_escaped_in_the_name_of_a_google_cloud_project() {
    let project = hostile();
    let lines = lines(
        |layer| {
            let layer = layer.with_schema(Schema::gcp(&project));
            layer.with_context_source(context)
        },
        || tracing::info!("hello"),
    );
    let trace = lines[0].get("logging.googleapis.com/trace").as_str();
    let prefix = format!("projects/{project}/traces/");
    assert!(trace.is_some_and(|trace| trace.starts_with(&prefix)));
}

#[test]
fn a_reserved_name_is_recognised_regardless_of_escapes() {
    let name = "serv\"ice\u{9b}";
    let site = Site::event(&[name]);
    let lines = lines(
        |layer| layer.with_resource([(name, "mine")]),
        || {
            site.log(Parent::Current, &[Given::U64(1)]);
        },
    );
    assert_eq!(lines[0].get(name), "mine");
    assert_eq!(*lines[0].get(&format!("field.{name}")), 1);
}
