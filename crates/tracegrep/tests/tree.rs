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
            "1 eeeeeeeeeeeeeeee Missing",
            "2 dddddddddddddddd Lines",
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
    // It is where its children are.
    assert_eq!(
        (missing.parent_id(), missing.evidence()),
        (Some(GATEWAY), Evidence::Containment)
    );
    assert!(notes(&trace).starts_with("The trace is incomplete: 1 parent span has no lines."));
    // What is below a span does not depend on what is beside it.
    let subtree = Tree::of(&trace).subtree(ORDERS).expect("a span");
    assert_eq!(subtree.notes(), <[String; 0]>::default());
}

#[test]
fn a_parent_without_lines_is_a_root_if_no_span_includes_its_children() {
    let mail = "dddddddddddddddd";
    let trace = trace(&[
        close("gateway", GATEWAY, "POST /checkout", 1_000, 30_001),
        child_of(line("mail", mail, 29_001, "INFO", "queued"), ORDERS),
        child_of(line("mail", mail, 40_001, "INFO", "sent"), ORDERS),
    ]);
    let tree = Tree::of(&trace);
    let missing = format!("0 {ORDERS} Missing");
    assert_eq!(shape(&tree).get(1), Some(&missing), "{:?}", shape(&tree));
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

/// A line of a logger that writes the names of the spans around an event.
fn listed(service: &str, span: &str, micros: u64, spans: &[&str]) -> serde_json::Value {
    let list: Vec<_> = spans.iter().map(|name| json!({"name": name})).collect();
    let name = spans.last().copied();
    with(
        line(service, span, micros, "INFO", "x"),
        json!({"span_name": name, "spans": list}),
    )
}

fn evidence(trace: &Trace, id: &str) -> (Option<String>, Evidence) {
    let tree = Tree::of(trace);
    let span = span(&tree, id);
    (span.parent_id().map(str::to_owned), span.evidence())
}

#[test]
fn a_list_of_span_names_gives_the_parent_if_only_one_span_has_its_name() {
    // No line is in the span `handler` itself, so the next span around `query` counts. The span `row` has no id of its own.
    let index = "dddddddddddddddd";
    let of = |names: &[&'static str]| [&["request", "handler", "query"], names].concat();
    let trace = trace(&[
        listed("orders", ORDERS, 1_000, &["request"]),
        listed("orders", PAYMENTS, 1_500, &of(&["row"])),
        listed("orders", PAYMENTS, 2_000, &of(&[])),
        listed("orders", index, 2_500, &of(&["index"])),
        // Another service has spans of the same names.
        listed("mail", GATEWAY, 1_000, &["request"]),
    ]);
    assert_eq!(
        evidence(&trace, PAYMENTS),
        (Some(ORDERS.to_owned()), Evidence::SpanList)
    );
    assert_eq!(span(&Tree::of(&trace), PAYMENTS).name(), Some("query"));
    assert_eq!(evidence(&trace, index).0.as_deref(), Some(PAYMENTS));
    assert_eq!(evidence(&trace, GATEWAY), (None, Evidence::Unknown));
    let note = "The lines of 2 spans only have the name of the parent.";
    assert!(notes(&trace).contains(note), "{}", notes(&trace));
}

#[test]
fn of_several_spans_with_the_name_of_the_parent_the_one_around_the_span_is_the_parent() {
    let [first, second] = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"];
    let mut lines = vec![
        listed("orders", first, 1_000, &["request"]),
        listed("orders", first, 4_000, &["request"]),
        listed("orders", second, 5_000, &["request"]),
        listed("orders", PAYMENTS, 6_001, &["request", "query"]),
        listed("orders", second, 9_000, &["request"]),
    ];
    assert_eq!(
        evidence(&trace(&lines), PAYMENTS),
        (Some(second.to_owned()), Evidence::SpanList)
    );
    // Both may be the parent.
    lines.push(listed("orders", first, 9_500, &["request"]));
    assert_ne!(evidence(&trace(&lines), PAYMENTS).1, Evidence::SpanList);
    // The list of one of them has other spans around it.
    for line in &mut lines {
        if line["span_id"] == first {
            line["spans"] = json!([{"name": "job"}, {"name": "request"}]);
        }
    }
    assert_eq!(
        evidence(&trace(&lines), PAYMENTS),
        (Some(second.to_owned()), Evidence::SpanList)
    );
}

#[test]
fn a_list_of_spans_with_ids_names_the_parent() {
    let trace = trace(&[json!({
        "timestamp": support::time(1_000),
        "level": "INFO",
        "fields": {"message": "row found"},
        "target": "app",
        "span": {"name": "row"},
        "spans": [
            {"name": "request", "trace_id": support::TRACE, "span_id": GATEWAY},
            {"name": "query", "span_id": ORDERS},
            {"name": "row"},
        ],
    })]);
    assert_eq!(
        evidence(&trace, ORDERS),
        (Some(GATEWAY.to_owned()), Evidence::ParentId)
    );
    let tree = Tree::of(&trace);
    assert_eq!(span(&tree, ORDERS).name(), Some("query"));
}

/// An access line with a `traceparent`.
fn access(service: &str, span: &str, micros: u64, caller: &str) -> serde_json::Value {
    with(
        line(service, span, micros, "INFO", "request"),
        json!({
            "method": "POST",
            "path": "/orders",
            "status": 200,
            "traceparent": format!("00-{}-{caller}-01", support::TRACE),
        }),
    )
}

#[test]
fn the_traceparent_on_an_access_line_names_the_parent() {
    let mut lines = vec![
        line("gateway", GATEWAY, 1_000, "INFO", "calling"),
        access("orders", ORDERS, 2_000, GATEWAY),
    ];
    assert_eq!(
        evidence(&trace(&lines), ORDERS),
        (Some(GATEWAY.to_owned()), Evidence::Traceparent)
    );
    // A parent that another line names counts more.
    lines.push(child_of(
        line("orders", ORDERS, 3_000, "INFO", "x"),
        PAYMENTS,
    ));
    assert_eq!(
        evidence(&trace(&lines), ORDERS),
        (Some(PAYMENTS.to_owned()), Evidence::ParentId)
    );
}

#[test]
fn a_traceparent_that_goes_out_names_no_parent() {
    let url = with(
        access("gateway", GATEWAY, 2_000, ORDERS),
        json!({"url": "http://orders/orders"}),
    );
    let no_status = {
        let mut line = access("gateway", GATEWAY, 2_000, ORDERS);
        line.as_object_mut().expect("an object").remove("status");
        line
    };
    let other_trace = with(
        access("gateway", GATEWAY, 2_000, ORDERS),
        json!({"traceparent": format!("00-{}-{ORDERS}-01", "a".repeat(32))}),
    );
    let sent = access("gateway", GATEWAY, 2_000, ORDERS);
    for (own, other) in [
        (url, None),
        (no_status, None),
        (other_trace, None),
        // The request was sent in a span of the same service.
        (
            sent.clone(),
            Some(line("gateway", ORDERS, 1_500, "INFO", "x")),
        ),
        // Another line says which of the two is the parent.
        (
            sent,
            Some(child_of(
                line("orders", ORDERS, 2_500, "INFO", "x"),
                GATEWAY,
            )),
        ),
    ] {
        let mut lines: Vec<_> = [own].into_iter().chain(other).collect();
        for _ in 0..2 {
            let evidence = evidence(&trace(&lines), GATEWAY).1;
            assert_eq!(evidence, Evidence::Unknown, "{lines:?}");
            lines.reverse();
            for line in &mut lines {
                line["timestamp"] = support::time(2_000).into();
            }
        }
    }
}

#[test]
fn a_span_without_a_known_parent_is_below_the_smallest_span_that_includes_it() {
    let trace = trace(&[
        close("gateway", GATEWAY, "POST /checkout", 1_000, 30_001),
        child_of(close("gateway", ORDERS, "POST", 2_000, 20_001), GATEWAY),
        line("payments", PAYMENTS, 5_001, "INFO", "charging"),
        line("payments", PAYMENTS, 9_001, "INFO", "charged"),
    ]);
    assert_eq!(
        evidence(&trace, PAYMENTS),
        (Some(ORDERS.to_owned()), Evidence::Containment)
    );
    assert_eq!(evidence(&trace, GATEWAY), (None, Evidence::Unknown));
    let note = "No line names the parent of 1 span. The smallest span";
    assert!(notes(&trace).contains(note), "{}", notes(&trace));
    let raw = Tree::with_raw_times(&trace);
    assert_eq!(span(&raw, PAYMENTS).parent_id(), Some(ORDERS));
}

#[test]
fn a_span_of_the_same_service_counts_before_a_smaller_one_of_another() {
    let query = "dddddddddddddddd";
    let trace = trace(&[
        close("orders", ORDERS, "POST /orders", 1_000, 30_001),
        child_of(close("payments", PAYMENTS, "charge", 2_000, 20_001), ORDERS),
        close("orders", query, "query", 5_001, 9_001),
    ]);
    assert_eq!(evidence(&trace, query).0.as_deref(), Some(ORDERS));
}

#[test]
fn if_two_spans_overlap_the_span_around_both_is_taken_for_the_parent() {
    let mail = "dddddddddddddddd";
    let trace = trace(&[
        close("gateway", GATEWAY, "POST /checkout", 1_000, 30_001),
        child_of(close("orders", ORDERS, "a", 2_000, 20_001), GATEWAY),
        child_of(close("payments", PAYMENTS, "b", 4_000, 25_001), GATEWAY),
        line("mail", mail, 5_001, "INFO", "queued"),
        line("mail", mail, 9_001, "INFO", "sent"),
    ]);
    assert_eq!(evidence(&trace, mail).0.as_deref(), Some(GATEWAY));
}

#[test]
fn nothing_is_inferred_where_no_root_includes_the_span_or_only_its_own_descendants_do() {
    let late = "dddddddddddddddd";
    let trace = trace(&[
        close("gateway", GATEWAY, "POST /checkout", 1_000, 10_001),
        // It outlives the request that has started it, and the span that it includes has a wrong clock.
        child_of(close("jobs", ORDERS, "job", 2_000, 40_001), GATEWAY),
        line("mail", late, 20_001, "INFO", "sent"),
        close("stock", PAYMENTS, "outer", 50_001, 52_001),
        child_of(
            close("stock", "eeeeeeeeeeeeeeee", "inner", 49_001, 60_001),
            PAYMENTS,
        ),
    ]);
    for id in [late, PAYMENTS, GATEWAY] {
        assert_eq!(evidence(&trace, id), (None, Evidence::Unknown), "{id}");
    }
    assert!(notes(&trace).contains("No line names the parents of 3 spans"));
}

#[test]
fn a_time_that_was_cut_to_milliseconds_is_within_a_span_that_began_in_this_millisecond() {
    let in_millis = |millis: u64, message| {
        let time = format!("2026-11-29T16:00:00.{millis:03}Z");
        with(
            line("orders", ORDERS, 0, "INFO", message),
            json!({"timestamp": time}),
        )
    };
    let times = |from, to| {
        let trace = trace(&[
            close("gateway", GATEWAY, "POST /checkout", 1_234, 9_999),
            in_millis(from, "begin"),
            in_millis(to, "end"),
        ]);
        evidence(&trace, ORDERS).1
    };
    assert_eq!(times(1, 9), Evidence::Containment);
    assert_eq!(times(0, 9), Evidence::Unknown, "it began before");
    assert_eq!(times(2, 10), Evidence::Unknown, "it ended later");
}

#[test]
fn a_span_is_not_shifted_into_a_parent_that_was_chosen_by_its_time() {
    // The clock of payments is behind, which shifts it, and mail has no known parent.
    let (proxy, mail) = ("eeeeeeeeeeeeeeee", "dddddddddddddddd");
    let trace = trace(&[
        close("proxy", proxy, "POST", 0, 90_001),
        child_of(close("gateway", GATEWAY, "POST", 10_000, 30_001), proxy),
        child_of(
            close("payments", PAYMENTS, "charge", 7_001, 15_001),
            GATEWAY,
        ),
        line("mail", mail, 8_001, "INFO", "queued"),
        line("mail", mail, 9_001, "INFO", "sent"),
    ]);
    let tree = Tree::of(&trace);
    assert_eq!(span(&tree, mail).evidence(), Evidence::Containment);
    assert_eq!(span(&tree, mail).parent_id(), Some(PAYMENTS));
    assert_ne!(span(&tree, PAYMENTS).shift(), 0);
    assert_eq!(span(&tree, mail).shift(), 0);
}

#[test]
fn spans_that_include_each_others_children_do_not_become_their_own_ancestors() {
    // By wrong clocks, each of two roots is within a child of the other, and both are within a third.
    let id = |number: u8| format!("{number:016x}");
    let trace = trace(&[
        close("a", &id(1), "root", 0, 90_001),
        close("b", &id(2), "b", 10_001, 12_001),
        child_of(close("b", &id(3), "around c", 20_001, 26_001), &id(2)),
        close("c", &id(4), "c", 22_001, 23_001),
        child_of(close("c", &id(5), "around b", 9_001, 15_001), &id(4)),
    ]);
    let tree = Tree::of(&trace);
    assert_eq!(shape(&tree).len(), 5);
    assert_eq!(tree.roots().count(), 1, "{:?}", shape(&tree));
}
