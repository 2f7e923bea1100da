use crate::{
    http::{Listener, messages, respond},
    servers::{Server, get},
    shop::{found, server},
    support::{
        GATEWAY, ORDERS, PAYMENTS, TRACE, child_of, close, failing_request, line, text, trace,
    },
};
use serde_json::{Value, json};
use std::{io::Cursor, process::Command};
use tracegrep::{Evidence, Search, ServerKind, Span, Timing, Trace, Tree, export};

/// All spans of a tree that have a time, in the order of their ids.
fn spans<'t>(tree: &'t Tree<'_>) -> Vec<&'t Span> {
    let mut found = Vec::new();
    let mut pending: Vec<&Span> = tree.roots().collect();
    while let Some(span) = pending.pop() {
        pending.extend(tree.children(span));
        if span.start().is_some() {
            found.push(span);
        }
    }
    found.sort_by_key(|span| span.id());
    found
}

/// What a backend must have of each span. Jaeger has whole microseconds.
fn facts(trace: &Trace) -> Vec<Value> {
    let tree = Tree::with_raw_times(trace);
    let fact = |span: &Span| {
        json!({
            "id": span.id(),
            "name": span.name().unwrap_or(&format!("span {}", span.id())),
            "service": span.service(),
            "parent": span.parent_id(),
            "start": span.start(),
            "end": span.end(),
            "has_error": span.has_error(),
        })
    };
    spans(&tree).into_iter().map(fact).collect()
}

/// Sends a trace to Jaeger, and waits until Jaeger has all its spans. Returns Jaeger's response.
fn export(jaeger: &Server, trace: &Trace) -> Value {
    let tree = Tree::with_raw_times(trace);
    let url = jaeger.address("JAEGER_OTLP_HTTP");
    let collector = export::Collector::new(&url).expect("a valid address");
    collector.send(&tree).expect("all spans are accepted");
    let count = spans(&tree).len();
    let url = format!(
        "{}/api/traces/{}",
        jaeger.address("JAEGER_QUERY"),
        trace.id()
    );
    get(&url, |response| {
        response["data"][0]["spans"].as_array().map(Vec::len) == Some(count)
    })
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn a_trace_that_was_sent_to_jaeger_is_read_from_it_span_by_span() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let mut lines = failing_request();
    let one_line = line("audit", "cccccccccccccccc", 18_000, "INFO", "noted");
    lines.push(child_of(one_line, ORDERS));
    let sent = trace(&lines);
    let response = export(&jaeger, &sent);
    for span in response["data"][0]["spans"].as_array().expect("a list") {
        let warnings = span["warnings"].to_string();
        assert!(!warnings.contains("duration"), "{warnings}");
    }
    let server = server(ServerKind::Jaeger, &jaeger.address("JAEGER_QUERY"));
    let read = found(Search::new().with_server(server), TRACE).expect("spans");
    assert!(read.lines().is_empty());
    assert_eq!(facts(&read), facts(&sent));

    // The file for Jaeger's page has what Jaeger itself returns.
    let tree = Tree::with_raw_times(&sent);
    let file: Value = serde_json::from_str(&export::jaeger(&tree)).expect("JSON");
    assert_eq!(comparable(&file), comparable(&response));
}

/// The spans of a response or a file of Jaeger, in one order, and without what only one of both has.
fn comparable(response: &Value) -> Vec<Value> {
    let trace = &response["data"][0];
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut spans: Vec<Value> = list(&trace["spans"])
        .into_iter()
        .map(|span| {
            let process = span["processID"].as_str().expect("a text");
            let mut tags = list(&span["tags"]);
            tags.retain(|tag| {
                let key = tag["key"].as_str().expect("a text");
                !key.starts_with("otel.") && key != "span.kind"
            });
            let mut logs = list(&span["logs"]);
            for log in &mut logs {
                log["fields"]
                    .as_array_mut()
                    .expect("a list")
                    .sort_by_key(Value::to_string);
            }
            tags.sort_by_key(Value::to_string);
            json!({
                "trace": span["traceID"],
                "id": span["spanID"],
                "name": span["operationName"],
                "references": span["references"],
                "start": span["startTime"],
                "duration": span["duration"],
                "service": trace["processes"][process]["serviceName"],
                "tags": tags,
                "logs": logs,
            })
        })
        .collect();
    spans.sort_by_key(|span| span["id"].to_string());
    spans
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn spans_of_jaeger_complete_the_tree_of_lines_that_have_only_ids() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    export(&jaeger, &trace(&failing_request()));
    let lines = [
        line("gateway", GATEWAY, 1_000, "INFO", "request started"),
        line("orders", ORDERS, 9_000, "WARN", "low stock"),
    ];
    let server = server(ServerKind::Jaeger, &jaeger.address("JAEGER_QUERY"));
    let search = Search::new().with_reader("shop.log", Cursor::new(text(&lines)));
    check_completed(&found(search.with_server(server), "4bf92f35").expect("lines"));
}

/// Checks the tree of two lines and of the spans that Jaeger has.
fn check_completed(trace: &Trace) {
    let tree = Tree::of(trace);
    let gateway = tree.roots().next().expect("a root");
    assert_eq!(gateway.name(), Some("POST /checkout/{id}"));
    assert_eq!(
        (gateway.timing(), gateway.evidence()),
        (Timing::Backend, Evidence::Backend)
    );
    assert_eq!(
        gateway.duration().map(|duration| duration.as_micros()),
        Some(29_500)
    );
    let orders = tree.children(gateway).next().expect("a child");
    assert_eq!((orders.id(), orders.name()), (ORDERS, Some("place order")));
    let lines: Vec<_> = tree.lines_of(orders).collect();
    assert_eq!(lines[0].record().message.as_deref(), Some("low stock"));
    let payments = tree.children(orders).next().expect("a child");
    assert_eq!(payments.name(), Some("POST /charge"));
    assert!(payments.has_error());
    assert_eq!(tree.lines_of(payments).count(), 0);
    let notes = tree.notes().join("\n");
    assert!(notes.contains("come from the tracing backend"), "{notes}");
}

/// A server that responds with a file as Jaeger does.
fn serve(file: String) -> Listener {
    Listener::start(move |stream| {
        for message in messages(stream) {
            let path = format!("GET /api/traces/{TRACE} ");
            assert!(message.head.starts_with(&path), "{}", message.head);
            if respond(stream, 200, "", &file).is_err() {
                return;
            }
        }
    })
}

#[test]
fn what_a_closing_line_states_counts_more_than_what_the_backend_has() {
    let stated = [
        close("gateway", GATEWAY, "renamed", 0, 40_000),
        child_of(
            close("orders", ORDERS, "place order", 2_000, 3_000),
            PAYMENTS,
        ),
    ];
    let listener = serve(export::jaeger(&Tree::of(&trace(&stated))));
    let lines = [
        close("gateway", GATEWAY, "POST /checkout/{id}", 500, 30_000),
        child_of(
            close("orders", ORDERS, "place order", 3_500, 20_000),
            GATEWAY,
        ),
    ];
    let server = server(ServerKind::Jaeger, &listener.url());
    let search = Search::new().with_reader("shop.log", Cursor::new(text(&lines)));
    let trace = found(search.with_server(server), TRACE).expect("lines");
    let tree = Tree::of(&trace);
    let gateway = tree.roots().next().expect("a root");
    assert_eq!(gateway.timing(), Timing::Exact);
    assert_eq!(
        gateway.duration().map(|duration| duration.as_micros()),
        Some(29_500)
    );
    assert_eq!(gateway.name(), Some("renamed"), "as the exporter names it");
    let orders = tree.children(gateway).next().expect("a child");
    assert_eq!(orders.evidence(), Evidence::ClosingLine);
    assert_eq!(orders.parent_id(), Some(GATEWAY));
}

#[test]
fn spans_of_a_file_for_jaeger_complete_the_tree_too() {
    let sent = trace(&failing_request());
    let listener = serve(export::jaeger(&Tree::with_raw_times(&sent)));
    let lines = [
        line("gateway", GATEWAY, 1_000, "INFO", "request started"),
        line("orders", ORDERS, 9_000, "WARN", "low stock"),
    ];
    let server = server(ServerKind::Jaeger, &listener.url());
    let search = Search::new().with_reader("shop.log", Cursor::new(text(&lines)));
    check_completed(&found(search.with_server(server), "4bf92f35").expect("lines"));
}

#[test]
fn a_trace_that_only_jaeger_has_is_drawn_even_in_a_pipe() {
    let sent = trace(&failing_request());
    let listener = serve(export::jaeger(&Tree::with_raw_times(&sent)));
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracegrep"));
    let command = command.args([TRACE, "--jaeger", &listener.url()]);
    let output = command.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0));
    let drawing = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(drawing.contains("└─ place order orders"), "{drawing}");
    assert!(drawing.contains("4 spans · 0 lines"), "{drawing}");
}
