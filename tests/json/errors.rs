//! An error is written as its message, with its sources as a list.

use super::{
    line, line_with, lines,
    support::dynamic::{Chain, Given, Parent, Site},
};
use serde_json::{Value, json};
use std::{error::Error, fmt};
use tracing::field::Empty;
use tracing_stamp::{
    Schema, SpanFields,
    opentelemetry::{Context, KeyValue, baggage::BaggageExt as _},
};

fn error(messages: &[&str]) -> Given {
    Given::Error(
        messages
            .iter()
            .map(|message| (*message).to_owned())
            .collect(),
    )
}

fn as_dyn(error: &Chain) -> &(dyn Error + 'static) {
    error
}

/// An error that is its own source.
#[derive(Debug)]
struct Circle;

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("round")
    }
}

impl Error for Circle {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self)
    }
}

#[test]
fn error_sources_are_written_as_a_list() {
    let failed = Chain::new(["no order", "no connection", "refused \"here\"\n"]);
    let line = line(|| tracing::error!(error = as_dyn(&failed), "failed"));
    assert_eq!(line.get("error"), "no order");
    assert_eq!(
        *line.get("error.sources"),
        json!(["no connection", "refused \"here\"\n"])
    );
}

#[test]
fn an_error_without_sources_has_no_list() {
    let failed = Chain::new(["no order"]);
    let line = line(|| tracing::error!(error = as_dyn(&failed), "failed"));
    assert_eq!(line.get("error"), "no order");
    assert!(!line.has("error.sources"));
}

#[test]
fn the_list_has_at_most_64_sources() {
    let messages: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let long = Chain::new(messages.iter().map(String::as_str));
    let line = line(|| tracing::error!(long = as_dyn(&long), "failed"));
    let expected: Vec<&str> = messages[1..=64].iter().map(String::as_str).collect();
    assert_eq!(*line.get("long.sources"), json!(expected));
}

#[test]
fn a_circular_chain_of_sources_ends() {
    let line = line(|| tracing::error!(error = &Circle as &(dyn Error + 'static), "failed"));
    assert_eq!(*line.get("error.sources"), Value::from(vec!["round"; 64]));
}

#[test]
fn the_list_has_another_key_in_the_ecs_schema() {
    let failed = Chain::new(["a", "b"]);
    let line = line_with(
        |layer| layer.with_schema(Schema::ecs()),
        || {
            tracing::error!(failure = as_dyn(&failed), "failed");
        },
    );
    assert_eq!(line.get("failure"), "a");
    assert_eq!(*line.get("failure_sources"), json!(["b"]));
}

#[test]
fn the_list_is_renamed_with_its_field() {
    let line = line(|| {
        Site::event(&["level"]).log(Parent::Current, &[error(&["a", "b"])]);
    });
    assert_eq!(line.get("field.level"), "a");
    assert_eq!(*line.get("field.level.sources"), json!(["b"]));
}

#[test]
fn the_list_has_the_same_prefixes_as_its_field() {
    // Within one field set, and across two.
    let together = Site::event(&["field.level", "level"]);
    let first = line(|| together.log(Parent::Current, &[Given::U64(1), error(&["a", "b"])]));
    let second = line(|| {
        let span = Site::span("span", &["field.level"]).open(Parent::Current, &[Given::U64(1)]);
        let event = Site::event(&["level"]);
        span.in_scope(|| event.log(Parent::Current, &[error(&["a", "b"])]));
    });
    for line in [first, second] {
        assert_eq!(*line.get("field.level"), 1);
        assert_eq!(line.get("field.field.level"), "a");
        assert_eq!(
            *line.get("field.field.level.sources"),
            json!(["b"]),
            "{line:?}"
        );
    }
}

#[test]
fn the_list_is_renamed_if_its_own_name_is_reserved() {
    let line = line_with(
        |layer| layer.with_resource([("error.sources", "mine")]),
        || {
            Site::event(&["error"]).log(Parent::Current, &[error(&["a", "b"])]);
        },
    );
    assert_eq!(line.get("error"), "a");
    assert_eq!(line.get("error.sources"), "mine");
    assert_eq!(*line.get("field.error.sources"), json!(["b"]));
}

#[test]
fn the_list_is_removed_when_its_field_is_shadowed() {
    let outer = Site::span("outer", &["error"]);
    let lines = lines(
        |layer| layer,
        || {
            let outer = outer
                .open(Parent::Current, &[error(&["outer", "cause"])])
                .entered();
            tracing::info!("not shadowed");
            tracing::info!(error = "event", "by an event");
            tracing::info_span!("inner", error = 5).in_scope(|| tracing::info!("by a span"));
            drop(outer);
        },
    );
    assert_eq!(*lines[0].get("error.sources"), json!(["cause"]));
    assert_eq!(lines[1].get("error"), "event");
    assert_eq!(*lines[2].get("error"), 5);
    assert!(
        lines[1..].iter().all(|line| !line.has("error.sources")),
        "{lines:?}"
    );
}

#[test]
fn the_list_is_removed_when_its_field_is_repeated_in_the_same_set() {
    let site = Site::event(&["e", "e"]);
    let line = line(|| site.log(Parent::Current, &[error(&["a", "b"]), Given::U64(1)]));
    assert_eq!(*line.get("e"), 1);
    assert!(!line.has("e.sources"));
}

#[test]
fn the_list_is_removed_or_replaced_when_its_field_is_recorded_again() {
    for span_fields in [SpanFields::Flatten, SpanFields::List] {
        let site = Site::span("span", &["e", "other"]);
        let lines = lines(
            |layer| layer.with_span_fields(span_fields),
            || {
                let span = site.open(Parent::Current, &[error(&["a", "b"]), Given::U64(1)]);
                let log = || span.in_scope(|| tracing::info!("hello"));
                site.record(&span, &[Given::Nothing, Given::U64(2)]);
                log();
                site.record(&span, &[error(&["c", "d", "e"]), Given::Nothing]);
                log();
                site.record(&span, &[error(&["f"]), Given::Nothing]);
                log();
            },
        );
        let fields = |index: usize| match span_fields {
            SpanFields::List => lines[index].get("spans")[0].clone(),
            _ => lines[index].0.iter().cloned().collect(),
        };
        assert_eq!(fields(0)["e.sources"], json!(["b"]));
        assert_eq!(fields(1)["e.sources"], json!(["d", "e"]));
        assert_eq!(fields(2)["e"], "f");
        assert!(fields(2).get("e.sources").is_none());
    }
}

#[test]
fn an_error_recorded_later_has_its_list() {
    let failed = Chain::new(["a", "b"]);
    let line = line(|| {
        let span = tracing::info_span!("span", e = Empty);
        span.record("e", as_dyn(&failed));
        span.in_scope(|| tracing::info!("hello"));
    });
    assert_eq!(line.get("e"), "a");
    assert_eq!(*line.get("e.sources"), json!(["b"]));
}

#[test]
fn a_field_with_the_name_of_a_list_competes_with_it_and_the_last_wins() {
    let before = Site::event(&["e.sources", "e"]);
    let after = Site::event(&["e", "e.sources"]);
    let lines = lines(
        |layer| layer,
        || {
            before.log(Parent::Current, &[Given::U64(1), error(&["a", "b"])]);
            after.log(Parent::Current, &[error(&["a", "b"]), Given::U64(1)]);
        },
    );
    assert_eq!(*lines[0].get("e.sources"), json!(["b"]));
    assert_eq!(*lines[1].get("e.sources"), 1);
    assert!(lines.iter().all(|line| line.get("e") == "a"));
}

#[test]
fn baggage_does_not_affect_the_list() {
    let _context = Context::current_with_baggage([KeyValue::new("e", "baggage")]).attach();
    let failed = Chain::new(["a", "b"]);
    let line = line_with(
        |layer| layer.with_baggage(["e", "e.sources"]),
        || {
            tracing::info!(e = as_dyn(&failed), "failed");
        },
    );
    assert_eq!(line.get("e"), "a");
    assert_eq!(*line.get("e.sources"), json!(["b"]));
}
