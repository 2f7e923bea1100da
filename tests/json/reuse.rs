//! The memory of a span that has ended is reused for the next span of its call site. No data of the first may appear on the second.

use super::lines;
use serde_json::json;
use tracing::{Span, field::Empty, info, info_span};
use tracing_stamp::SpanFields;

fn open(first: Option<&str>) -> Span {
    info_span!("span", first, second = Empty, third = 3)
}

#[test]
fn a_span_shows_no_field_of_the_previous_span() {
    let written = lines(
        |layer| layer,
        || {
            for round in 0..4 {
                let span = open((round % 2 == 0).then_some("long before"));
                if round == 2 {
                    span.record("second", "recorded");
                }
                span.in_scope(|| info!(round));
            }
        },
    );
    let rest = [
        json!({"first": "long before", "third": 3}),
        json!({"third": 3}),
        json!({"first": "long before", "second": "recorded", "third": 3}),
        json!({"third": 3}),
    ];
    assert_eq!(written.len(), rest.len());
    for (line, rest) in written.iter().zip(rest) {
        for key in ["first", "second", "third"] {
            assert_eq!(line.get(key), &rest[key], "{key} on {line:?}");
        }
    }
}

#[test]
fn a_span_shows_no_field_of_the_previous_span_if_events_had_long_fields() {
    let written = lines(
        |layer| layer,
        || {
            for round in 0..4 {
                info!(
                    long = "x".repeat(5_000),
                    "makes the buffers of the thread large"
                );
                open((round % 2 == 0).then_some("long before")).in_scope(|| info!(round));
            }
        },
    );
    let spans: Vec<_> = written.iter().filter(|line| line.has("round")).collect();
    assert_eq!(spans.len(), 4);
    for (round, line) in spans.iter().enumerate() {
        assert_eq!(line.has("first"), round % 2 == 0, "{line:?}");
    }
}

#[test]
fn a_span_shows_no_ancestor_of_the_previous_span() {
    for span_fields in [SpanFields::Flatten, SpanFields::List] {
        let written = lines(
            |layer| layer.with_span_fields(span_fields),
            || {
                for round in 0..6 {
                    let outer =
                        (round % 2 == 0).then(|| info_span!("outer", outer = round).entered());
                    let span = open(Some("here"));
                    span.in_scope(|| info!(round));
                    drop(span);
                    drop(outer);
                }
            },
        );
        for (round, line) in written.iter().enumerate() {
            let own = json!({"name": "span", "first": "here", "third": 3});
            let outer = json!({"name": "outer", "outer": round});
            match span_fields {
                SpanFields::List if round % 2 == 0 => {
                    assert_eq!(line.get("spans"), &json!([outer, own]))
                }
                SpanFields::List => assert_eq!(line.get("spans"), &json!([own])),
                _ => assert_eq!(line.has("outer"), round % 2 == 0, "{line:?}"),
            }
        }
    }
}

#[test]
fn spans_that_are_open_at_the_same_time_share_nothing() {
    let written = lines(
        |layer| layer,
        || {
            for _ in 0..3 {
                let spans: Vec<Span> = ["a", "b", "c"].map(|first| open(Some(first))).into();
                for span in &spans {
                    span.in_scope(|| info!("one"));
                }
            }
        },
    );
    let firsts: Vec<_> = written
        .iter()
        .map(|line| line.get("first").clone())
        .collect();
    assert_eq!(firsts, ["a", "b", "c"].repeat(3));
}

#[test]
fn a_panic_of_a_value_leaves_the_next_span_of_its_call_site_whole() {
    struct Angry(bool);
    impl std::fmt::Debug for Angry {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half ")?;
            assert!(!self.0, "angry");
            f.write_str("and half")
        }
    }
    let open = |is_angry| info_span!("span", before = 1, angry = ?Angry(is_angry), after = 2);
    let written = lines(
        |layer| layer,
        || {
            open(false).in_scope(|| info!("calm"));
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| open(true)));
            assert!(panicked.is_err());
            open(false).in_scope(|| info!("calm again"));
        },
    );
    assert_eq!(written.len(), 2);
    for line in written {
        assert_eq!(line.get("angry"), "half and half");
        assert_eq!(
            (line.get("before"), line.get("after")),
            (&json!(1), &json!(2))
        );
    }
}
