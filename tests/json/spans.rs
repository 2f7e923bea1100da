//! The list of spans.

use super::{line_with, lines};
use serde_json::json;
use tracing_stamp::{Schema, SpanFields, StampLayer};
use tracing_subscriber::fmt::format::FmtSpan;

fn list(layer: StampLayer) -> StampLayer {
    layer.with_span_fields(SpanFields::List)
}

#[test]
fn the_innermost_span_is_always_in_the_list_and_last() {
    let lines = lines(
        |layer| list(layer).with_span_events(FmtSpan::FULL),
        || {
            let outer = tracing::info_span!("outer", a = 1).entered();
            let inner = tracing::info_span!("inner", b = 2).entered();
            tracing::info!("current");
            drop((inner, outer));
            let alone = tracing::info_span!("alone");
            tracing::info!(parent: &alone, "named");
        },
    );
    for line in &lines {
        let spans = line.get("spans").as_array().expect("a list");
        let leaf = spans.last().expect("never empty");
        assert_eq!(leaf["name"], *line.get("span_name"), "{line:?}");
    }
    let spans = |message: &str| {
        let line = lines.iter().find(|line| line.get("message") == message);
        line.expect("a line").get("spans").clone()
    };
    let both = json!([{"name": "outer", "a": 1}, {"name": "inner", "b": 2}]);
    assert_eq!(spans("current"), both);
    assert_eq!(spans("named"), json!([{"name": "alone"}]));
}

#[test]
fn an_innermost_span_that_was_never_entered_is_in_the_list() {
    let line = line_with(list, || {
        let outer = tracing::info_span!("outer");
        let leaf = tracing::info_span!(parent: &outer, "leaf");
        tracing::info!(parent: &leaf, "hello");
    });
    assert_eq!(
        *line.get("spans"),
        json!([{"name": "outer"}, {"name": "leaf"}])
    );
}

#[test]
fn spans_are_in_the_order_of_their_nesting_at_any_depth() {
    for depth in [1, 15, 16, 17, 18, 40, 1_000] {
        let line = line_with(list, || {
            let spans: Vec<_> = (0..depth)
                .map(|at| tracing::info_span!("span", at).entered())
                .collect();
            tracing::info!("hello");
            // Innermost span first, as scopes end.
            spans.into_iter().rev().for_each(drop);
        });
        let expected: Vec<_> = (0..depth)
            .map(|at| json!({"name": "span", "at": at}))
            .collect();
        assert_eq!(*line.get("spans"), json!(expected));
    }
}

#[test]
fn the_list_form_hides_no_field() {
    let line = line_with(list, || {
        tracing::info_span!("outer", a = 1, level = 2).in_scope(|| {
            tracing::info_span!("inner", a = 3).in_scope(|| tracing::info!(a = 4, "hello"));
        });
    });
    let spans = json!([{"name": "outer", "a": 1, "level": 2}, {"name": "inner", "a": 3}]);
    assert_eq!(*line.get("spans"), spans);
    assert_eq!(*line.get("a"), 4);
}

#[test]
fn outside_of_spans_there_is_no_list() {
    let lines = lines(list, || {
        tracing::info!("hello");
        tracing::info_span!("span").in_scope(|| tracing::info!(parent: None, "hello"));
    });
    assert!(
        lines
            .iter()
            .all(|line| !line.has("spans") && !line.has("span_name"))
    );
}

#[test]
fn with_span_fields_off_only_the_ids_of_spans_are_written() {
    let line = line_with(
        |layer| layer.with_span_fields(SpanFields::Off),
        || {
            tracing::info_span!("outer", a = 1).in_scope(|| tracing::info!(b = 2, "hello"));
        },
    );
    assert_eq!(
        line.keys(),
        ["timestamp", "level", "message", "target", "b"]
    );
}

#[test]
fn a_span_that_is_entered_twice_or_exited_out_of_order_is_listed_once() {
    let lines = lines(list, || {
        let outer = tracing::info_span!("outer");
        let inner = tracing::info_span!(parent: &outer, "inner");
        let outer_entered = outer.enter();
        let inner_entered = inner.enter();
        let again = outer.enter();
        tracing::info!("all");
        drop(again);
        drop(outer_entered);
        tracing::info!("inner alone");
        drop(inner_entered);
        tracing::info!("none");
    });
    let both = json!([{"name": "outer"}, {"name": "inner"}]);
    assert_eq!(*lines[0].get("spans"), both);
    assert_eq!(*lines[1].get("spans"), both);
    assert!(!lines[2].has("spans"));
}

#[test]
fn a_chain_of_ten_thousand_spans_is_one_list() {
    let lines = lines(
        |layer| {
            list(layer)
                .with_max_line_bytes(16 << 20)
                .with_schema(Schema::datadog())
        },
        || {
            let mut spans = vec![tracing::info_span!("root", depth = 0)];
            for depth in 1..10_000 {
                spans.push(tracing::info_span!(parent: &spans[spans.len() - 1], "child", depth));
            }
            tracing::info!(parent: &spans[spans.len() - 1], "hello");
            // Innermost span first: the registry closes a chain by recursion.
            while spans.pop().is_some() {}
        },
    );
    let spans = lines[0].get("spans").as_array().expect("a list");
    assert_eq!(spans.len(), 10_000);
    assert_eq!(spans[9_999]["depth"], 9_999);
}
