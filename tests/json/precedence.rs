//! Precedence of fields with the same name.

use super::{
    line, line_with, lines,
    support::dynamic::{Given, Parent, Site},
};
use tracing::field::Empty;
use tracing_stamp::{
    SpanFields,
    opentelemetry::{Context, KeyValue, baggage::BaggageExt as _},
};
use tracing_subscriber::fmt::format::FmtSpan;

fn text(value: &str) -> Given {
    Given::Str(value.into())
}

#[test]
fn event_beats_inner_span_beats_outer_span() {
    let log = || {
        tracing::info_span!("outer", a = "outer", b = "outer", c = "outer").in_scope(|| {
            tracing::info_span!("inner", b = "inner", c = "inner")
                .in_scope(|| tracing::info!(c = "event", "hello"));
        });
    };
    let line = line(log);
    assert_eq!(line.get("a"), "outer");
    assert_eq!(line.get("b"), "inner");
    assert_eq!(line.get("c"), "event");
}

#[test]
fn baggage_has_the_lowest_precedence() {
    let baggage = ["a", "b", "c"].map(|key| KeyValue::new(key, "baggage"));
    let _context = Context::current_with_baggage(baggage).attach();
    let line = line_with(
        |layer| layer.with_baggage(["a", "b", "c", "absent"]),
        || {
            tracing::info_span!("span", b = "span", c = "span")
                .in_scope(|| tracing::info!(c = "event", "hello"));
        },
    );
    assert_eq!(line.get("a"), "baggage");
    assert_eq!(line.get("b"), "span");
    assert_eq!(line.get("c"), "event");
    assert!(!line.has("absent"));
}

#[test]
fn only_the_configured_baggage_is_written() {
    let baggage = ["tenant", "secret"].map(|key| KeyValue::new(key, "x"));
    let _context = Context::current_with_baggage(baggage).attach();
    let log = || tracing::info!("hello");
    assert!(!line(log).has("tenant"));
    let line = line_with(|layer| layer.with_baggage(["tenant"]), log);
    assert_eq!(line.get("tenant"), "x");
    assert!(!line.has("secret"));
}

#[test]
fn baggage_that_is_configured_twice_is_written_once() {
    let _context = Context::current_with_baggage([KeyValue::new("tenant", "x")]).attach();
    let line = line_with(
        |layer| layer.with_baggage(["tenant", "tenant"]),
        || tracing::info!("hello"),
    );
    assert_eq!(line.get("tenant"), "x");
}

#[test]
fn baggage_with_a_reserved_name_is_renamed() {
    let baggage = ["level", "field.level"].map(|key| KeyValue::new(key, key));
    let _context = Context::current_with_baggage(baggage).attach();
    let line = line_with(
        |layer| layer.with_baggage(["level", "field.level"]),
        || tracing::info!("hello"),
    );
    assert_eq!(line.get("level"), "INFO");
    assert_eq!(line.get("field.level"), "field.level");
    assert_eq!(line.get("field.field.level"), "level");
}

#[test]
fn a_line_with_an_explicit_parent_has_no_baggage() {
    let _context = Context::current_with_baggage([KeyValue::new("tenant", "x")]).attach();
    let lines = lines(
        |layer| layer.with_baggage(["tenant"]),
        || {
            let span = tracing::info_span!("span");
            tracing::info!(parent: &span, "hello");
            tracing::info!(parent: None, "hello");
        },
    );
    assert!(lines.iter().all(|line| !line.has("tenant")), "{lines:?}");
}

#[test]
fn a_field_without_a_value_hides_nothing() {
    let line = line(|| {
        tracing::info_span!("outer", a = 1, b = 1).in_scope(|| {
            tracing::info_span!("inner", a = Empty, b = Empty).in_scope(|| {
                tracing::info!(a = Empty, b = Option::<u8>::None, "hello");
            });
        });
    });
    assert_eq!(line.get("a"), 1);
    assert_eq!(line.get("b"), 1);
}

#[test]
fn the_last_of_two_equal_names_in_one_field_set_wins() {
    let line = line(|| {
        tracing::info_span!("span", a = 1, a = 2, b = 1).in_scope(|| {
            tracing::info!(c = 1, c = "two", c = 3.5, b = 2, "hello");
        });
    });
    assert_eq!(line.get("a"), 2);
    assert_eq!(line.get("b"), 2);
    assert_eq!(line.get("c"), 3.5);
}

#[test]
fn a_repeated_name_without_a_value_does_not_win() {
    let site = Site::event(&["a", "a", "level", "level"]);
    let line = line(|| {
        let values = [Given::U64(1), Given::Nothing, Given::U64(2), Given::Nothing];
        site.log(Parent::Current, &values);
    });
    assert_eq!(line.get("a"), 1);
    assert_eq!(line.get("field.level"), 2);
}

#[test]
fn keys_are_unique_on_every_line_of_a_spans_life() {
    let lines = lines(
        |layer| layer.with_span_events(FmtSpan::FULL),
        || {
            let outer = tracing::info_span!("outer", id = 1, level = 1, start_time = 1).entered();
            let inner = tracing::info_span!("inner", id = 2, id = 3, level = 2, busy_ms = 2);
            inner.in_scope(|| tracing::info!(id = 4, "hello"));
            drop(outer);
        },
    );
    assert_eq!(lines.len(), 9);
    for line in lines.iter().filter(|line| line.get("span_name") == "inner") {
        let id = if line.get("message") == "hello" { 4 } else { 3 };
        assert_eq!(line.get("id"), id);
        assert_eq!(line.get("field.level"), 2);
        assert_eq!(line.get("field.busy_ms"), 2);
        assert_eq!(line.get("field.start_time"), 1);
    }
}

#[test]
fn the_last_recorded_value_wins() {
    let lines = lines(
        |layer| layer,
        || {
            let span = tracing::info_span!("span", a = 1, b = Empty, c = Empty);
            span.record("a", 2).record("b", 2);
            span.in_scope(|| tracing::info!("first"));
            span.record("a", "three").record("b", Option::<u8>::None);
            span.in_scope(|| tracing::info!("second"));
        },
    );
    assert_eq!(lines[0].get("a"), 2);
    assert_eq!(lines[0].get("b"), 2);
    assert_eq!(lines[1].get("a"), "three");
    assert_eq!(lines[1].get("b"), 2);
    assert!(lines.iter().all(|line| !line.has("c")));
}

#[test]
fn values_recorded_later_on_an_outer_span_appear_on_the_lines_of_inner_spans() {
    for span_fields in [SpanFields::Flatten, SpanFields::List] {
        let lines = lines(
            |layer| layer.with_span_fields(span_fields),
            || {
                let outer = tracing::info_span!("outer", user = Empty);
                let inner = tracing::info_span!(parent: &outer, "inner");
                inner.in_scope(|| tracing::info!("before"));
                outer.record("user", "ann");
                inner.in_scope(|| tracing::info!("after"));
                tracing::info!(parent: &inner, "named");
            },
        );
        let user = |index: usize| match span_fields {
            SpanFields::List => lines[index].get("spans")[0].get("user").cloned(),
            _ => lines[index]
                .has("user")
                .then(|| lines[index].get("user").clone()),
        };
        assert_eq!(
            [user(0), user(1), user(2)],
            [None, Some("ann".into()), Some("ann".into())]
        );
    }
}

#[test]
fn fields_are_those_of_the_explicit_parent() {
    let lines = lines(
        |layer| layer,
        || {
            let named = tracing::info_span!("named", a = "named");
            tracing::info_span!("current", a = "current").in_scope(|| {
                tracing::info!(parent: &named, "of the named");
                tracing::info!(parent: None, "of none");
                tracing::info!("of the current");
            });
        },
    );
    assert_eq!(lines[0].get("a"), "named");
    assert_eq!(lines[0].get("span_name"), "named");
    assert!(!lines[1].has("a") && !lines[1].has("span_name"));
    assert_eq!(lines[2].get("a"), "current");
}

#[test]
fn a_name_in_two_spans_has_one_key_whatever_other_names_their_call_sites_have() {
    // The outer call site has a second field without a value. That field must not give the first one a different key than the field
    // of the same name in the inner span.
    let outer = Site::span("outer", &["level", "field.level"]);
    let inner = Site::span("inner", &["level"]);
    let line = line(|| {
        let outer = outer.open(Parent::Current, &[text("outer"), Given::Nothing]);
        let inner = inner.open(Parent::Span(&outer), &[text("inner")]);
        inner.in_scope(|| tracing::info!("hello"));
    });
    let user: Vec<_> = line.keys().split_off(5);
    assert_eq!(user.len(), 1, "one name, one key: {user:?}");
    assert!(line.0.iter().any(|(_, value)| value == "inner"), "{line:?}");
}
