//! Spans are rebuilt from lines.

mod support;

use serde_json::json;
use support::{
    GATEWAY, ORDERS, PAYMENTS, child_of, close, failing_request, line, moment, trace, with,
};
use tracegrep::{Evidence, Span, Timing, Trace, Tree};

/// Each span as `depth name-or-id timing`, from the top to the bottom.
fn shape(tree: &Tree<'_>) -> Vec<String> {
    let mut shape = Vec::new();
    let mut pending: Vec<(usize, &Span)> = tree.roots().map(|root| (0, root)).collect();
    pending.reverse();
    while let Some((depth, span)) = pending.pop() {
        let name = span.name().unwrap_or(span.id());
        shape.push(format!("{depth} {name} {:?}", span.timing()));
        let children: Vec<_> = tree
            .children(span)
            .map(|child| (depth + 1, child))
            .collect();
        pending.extend(children.into_iter().rev());
    }
    shape
}

fn span<'s>(tree: &'s Tree<'_>, id: &str) -> &'s Span {
    let mut pending: Vec<&Span> = tree.roots().collect();
    while let Some(span) = pending.pop() {
        if span.id() == id {
            return span;
        }
        pending.extend(tree.children(span));
    }
    panic!("there is no span {id}");
}

fn notes(trace: &Trace) -> String {
    Tree::of(trace).notes().join("\n")
}

#[test]
fn closing_lines_give_exact_parents_and_times() {
    let trace = trace(&failing_request());
    let tree = Tree::of(&trace);
    assert_eq!(
        shape(&tree),
        [
            "0 POST /checkout/{id} Exact",
            "1 place order Exact",
            "2 POST /charge Exact",
            "0 eeeeeeeeeeeeeeee Missing",
            "1 dddddddddddddddd Lines",
        ]
    );
    let charge = span(&tree, PAYMENTS);
    assert_eq!(charge.evidence(), Evidence::ClosingLine);
    assert_eq!(
        charge.duration().map(|duration| duration.as_micros()),
        Some(8_000)
    );
    assert_eq!(
        (charge.service(), charge.has_error()),
        (Some("payments"), true)
    );
    assert_eq!(tree.lines_of(charge).count(), 3);
    assert_eq!(tree.lines_outside().count(), 1);
}

#[test]
fn an_access_line_gives_the_times_of_a_span_without_a_closing_line() {
    let access = with(
        line("gateway", GATEWAY, 9_000, "INFO", "request finished"),
        json!({"http.server.request.duration": 0.008}),
    );
    let early = line("gateway", GATEWAY, 2_000, "INFO", "a");
    let late = line("gateway", GATEWAY, 9_500, "INFO", "b");
    let closing = close("gateway", GATEWAY, "a", 500, 9_800);
    for (lines, timing, micros) in [
        (
            vec![early.clone(), access.clone()],
            Timing::AccessLine,
            8_000,
        ),
        (vec![access.clone(), late], Timing::AccessLine, 8_000),
        (vec![early.clone(), access, closing], Timing::Exact, 9_300),
        (vec![early], Timing::Lines, 0),
    ] {
        let trace = trace(&lines);
        let tree = Tree::of(&trace);
        let gateway = span(&tree, GATEWAY);
        let duration = gateway.duration().map(|duration| duration.as_micros());
        assert_eq!((gateway.timing(), duration), (timing, Some(micros)));
    }
}

#[test]
fn a_closing_line_without_a_start_gives_it_by_its_duration() {
    let mut closing = close("gateway", GATEWAY, "a", 1_000, 9_000);
    let members = closing.as_object_mut().expect("an object");
    members.remove("start_time");
    let trace = trace(&[closing]);
    let tree = Tree::of(&trace);
    let gateway = span(&tree, GATEWAY);
    assert_eq!(gateway.timing(), Timing::Exact);
    assert_eq!(
        gateway.duration().map(|duration| duration.as_micros()),
        Some(8_000)
    );
}

#[test]
fn without_closing_lines_parents_come_from_any_line_and_times_from_the_first_and_the_last_one() {
    let trace = trace(&[
        line("gateway", GATEWAY, 1_000, "INFO", "a"),
        line("orders", ORDERS, 3_000, "INFO", "b"),
        child_of(line("orders", ORDERS, 4_500, "INFO", "c"), GATEWAY),
        line("gateway", GATEWAY, 9_000, "INFO", "d"),
    ]);
    let tree = Tree::of(&trace);
    let expected = [format!("0 {GATEWAY} Lines"), format!("1 {ORDERS} Lines")];
    assert_eq!(shape(&tree), expected);
    let orders = span(&tree, ORDERS);
    assert_eq!(orders.evidence(), Evidence::ParentId);
    assert_eq!(
        orders.duration().map(|duration| duration.as_micros()),
        Some(1_500)
    );
    assert!(notes(&trace).contains("~ marks times that are those of the first and last line"));
}

#[test]
fn spans_without_a_known_parent_are_side_by_side_in_order_of_time() {
    let trace = trace(&[
        line("orders", ORDERS, 3_000, "INFO", "b"),
        line("gateway", GATEWAY, 1_000, "INFO", "a"),
    ]);
    let tree = Tree::of(&trace);
    let expected = [format!("0 {GATEWAY} Lines"), format!("0 {ORDERS} Lines")];
    assert_eq!(shape(&tree), expected);
    assert!(notes(&trace).contains("No line names the parents of 2 spans"));
}

#[test]
fn children_of_a_parent_without_lines_are_below_a_placeholder_and_the_trace_is_incomplete() {
    let lines = failing_request();
    let trace = trace(&lines);
    let tree = Tree::of(&trace);
    let missing = span(&tree, "eeeeeeeeeeeeeeee");
    assert_eq!(
        (missing.timing(), missing.duration()),
        (Timing::Missing, None)
    );
    assert_eq!(tree.children(missing).count(), 1);
    assert!(notes(&trace).starts_with("The trace is incomplete: 1 parent span has no lines."));
    // What is below a span does not depend on what is beside it.
    let subtree = Tree::of(&trace).subtree(GATEWAY).expect("a span");
    assert_eq!(subtree.notes(), <[String; 0]>::default());
}

#[test]
fn spans_that_are_below_themselves_by_wrong_ids_are_drawn_once() {
    let trace = trace(&[
        child_of(line("a", GATEWAY, 1, "INFO", "a"), ORDERS),
        child_of(line("a", ORDERS, 2, "INFO", "b"), PAYMENTS),
        child_of(line("a", PAYMENTS, 3, "INFO", "c"), ORDERS),
        child_of(
            line("a", "dddddddddddddddd", 4, "INFO", "d"),
            "dddddddddddddddd",
        ),
    ]);
    let tree = Tree::of(&trace);
    assert_eq!(shape(&tree).len(), 4);
    assert_eq!(tree.lines().len(), 4);
}

#[test]
fn a_chain_of_10_000_spans_is_drawn() {
    let id = |number: u64| format!("{:016x}", number + 1);
    let lines: Vec<_> = (0..10_000)
        .map(|number| child_of(line("a", &id(number + 1), number, "INFO", "x"), &id(number)))
        .collect();
    let trace = trace(&lines);
    let tree = Tree::of(&trace);
    assert_eq!(shape(&tree).len(), 10_001);
    let drawing = tracegrep::Drawing::new().draw(&tree);
    assert!(drawing.lines().count() > 20_000);
    let object: serde_json::Value =
        serde_json::from_str(&tracegrep::json(&tree)).expect("not too deep");
    assert_eq!(object["trace_id"], support::TRACE);
}

#[test]
fn a_span_that_begins_before_its_parent_in_another_service_is_shifted_into_it() {
    // The clock of payments is 5 ms behind.
    let trace = trace(&[
        close("gateway", GATEWAY, "POST /checkout", 10_000, 30_000),
        child_of(
            close("payments", PAYMENTS, "POST /charge", 7_001, 15_001),
            GATEWAY,
        ),
        child_of(close("payments", ORDERS, "query", 8_001, 9_001), PAYMENTS),
    ]);
    let tree = Tree::of(&trace);
    // In the middle: 6 ms after the start, and 6 ms before the end.
    assert_eq!(span(&tree, PAYMENTS).shift(), 8_999_000);
    assert_eq!(span(&tree, ORDERS).shift(), 8_999_000, "the same clock");
    assert!(notes(&trace).contains("⇄ Spans of payments are drawn up to 9.00ms later"));
    let raw = Tree::with_raw_times(&trace);
    assert_eq!(span(&raw, PAYMENTS).shift(), 0);
    assert!(!raw.notes().join("\n").contains('⇄'));
}

#[test]
fn spans_are_not_shifted_where_the_clocks_may_agree() {
    // In the same service there is one clock. The first line of a span may come after its first call. A time in whole seconds is too early.
    let in_whole_seconds = json!({"timestamp": "2026-11-29T16:00:01Z"});
    let trace = trace(&[
        close("gateway", GATEWAY, "a", 1_500_000, 1_900_000),
        child_of(close("gateway", ORDERS, "b", 1_400_000, 1_450_000), GATEWAY),
        line("mail", "dddddddddddddddd", 1_600_000, "INFO", "late"),
        child_of(
            close("payments", PAYMENTS, "c", 1_550_000, 1_650_000),
            "dddddddddddddddd",
        ),
        with(
            child_of(line("stock", "eeeeeeeeeeeeeeee", 0, "INFO", "x"), GATEWAY),
            in_whole_seconds,
        ),
    ]);
    let tree = Tree::of(&trace);
    for id in [GATEWAY, ORDERS, PAYMENTS, "eeeeeeeeeeeeeeee"] {
        assert_eq!(span(&tree, id).shift(), 0, "{id}");
    }
}

#[test]
fn a_span_that_begins_before_the_first_line_of_its_caller_is_noted() {
    let trace = trace(&[
        line("gateway", GATEWAY, 10_001, "INFO", "calling"),
        line("gateway", GATEWAY, 30_001, "INFO", "called"),
        child_of(
            line("payments", PAYMENTS, 7_001, "INFO", "charging"),
            GATEWAY,
        ),
    ]);
    assert_eq!(span(&Tree::of(&trace), PAYMENTS).shift(), 0);
    let note = "1 span begins before the first line of the span that calls it.";
    assert!(notes(&trace).contains(note), "{}", notes(&trace));
    let raw = Tree::with_raw_times(&trace).notes().join("\n");
    assert!(!raw.contains(note), "{raw}");
}

#[test]
fn a_line_of_another_trace_that_mentions_this_one_belongs_to_no_span() {
    let other = json!({"trace_id": "0af7651916cd43dd8448eb211c80319c", "link": support::TRACE});
    let trace = trace(&[
        line("gateway", GATEWAY, 1_000, "INFO", "a"),
        with(line("jobs", ORDERS, 2_000, "INFO", "b"), other),
    ]);
    let tree = Tree::of(&trace);
    assert_eq!(shape(&tree).len(), 1);
    let mentions: Vec<_> = tree
        .lines_outside()
        .map(tracegrep::Line::is_mention)
        .collect();
    assert_eq!(mentions, [true]);
    assert!(notes(&trace).contains("1 line belongs to another trace"));
}

#[test]
fn a_span_that_was_begun_and_not_closed_is_marked() {
    let trace = trace(&[
        moment("gateway", GATEWAY, "a", 1_000, "new"),
        line("gateway", GATEWAY, 2_000, "INFO", "a"),
    ]);
    assert!(span(&Tree::of(&trace), GATEWAY).is_unclosed());
    assert!(notes(&trace).contains("1 span has no closing line"));
}
