//! Lines of a trace, in the form in which tracing-stamp writes them.

#![allow(dead_code, reason = "each test uses a part of this")]

use serde_json::{Map, Value, json};
use tracegrep::{Outcome, Search, Trace};

pub(crate) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The root span, its child, and the child's child.
pub(crate) const GATEWAY: &str = "00f067aa0ba902b7";
pub(crate) const ORDERS: &str = "53995c3f42cd8ad8";
pub(crate) const PAYMENTS: &str = "a1b2c3d4e5f60718";

/// A line of a service, in a span, so many microseconds after the start.
pub(crate) fn line(service: &str, span: &str, micros: u64, level: &str, message: &str) -> Value {
    json!({
        "timestamp": time(micros),
        "level": level,
        "message": message,
        "target": "app",
        "trace_id": TRACE,
        "span_id": span,
        "service.name": service,
    })
}

/// A line about the life of a span.
pub(crate) fn moment(service: &str, span: &str, name: &str, micros: u64, moment: &str) -> Value {
    let line = line(service, span, micros, "INFO", moment);
    with(line, json!({"target": "app", "span_name": name}))
}

/// The closing line of a span.
pub(crate) fn close(service: &str, span: &str, name: &str, from: u64, to: u64) -> Value {
    let millis = (to - from) as f64 / 1_000.0;
    let times = json!({
        "start_time": time(from),
        "duration_ms": millis,
        "busy_ms": millis,
        "idle_ms": 0.0,
    });
    with(moment(service, span, name, to, "close"), times)
}

/// Adds members to a line.
pub(crate) fn with(mut line: Value, more: Value) -> Value {
    let members = line.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    line
}

pub(crate) fn child_of(line: Value, parent: &str) -> Value {
    with(line, json!({"parent_span_id": parent}))
}

pub(crate) fn time(micros: u64) -> String {
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    assert!(seconds < 60);
    format!("2026-11-29T16:00:{seconds:02}.{micros:06}Z")
}

/// One text of several lines.
pub(crate) fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The trace of these lines.
pub(crate) fn trace(lines: &[Value]) -> Trace {
    trace_of_text(text(lines))
}

pub(crate) fn trace_of_text(text: String) -> Trace {
    let search = Search::new().with_reader("test.log", std::io::Cursor::new(text));
    let found = search.find(&TRACE.parse().expect("an id"));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    match found.outcome {
        Outcome::Trace(trace) => trace,
        other => panic!("one trace was expected: {other:?}"),
    }
}

/// A request that fails: three services with exact times, one without, and a line outside of all spans.
pub(crate) fn failing_request() -> Vec<Value> {
    let mut lines = vec![
        line("gateway", GATEWAY, 1_000, "INFO", "request started"),
        line("orders", ORDERS, 4_000, "INFO", "order received"),
        line("orders", ORDERS, 9_000, "WARN", "注文は在庫が少ない 🙈"),
        line("payments", PAYMENTS, 8_000, "DEBUG", "connecting"),
        line("payments", PAYMENTS, 12_000, "ERROR", "card declined"),
        child_of(
            close("payments", PAYMENTS, "POST /charge", 7_000, 15_000),
            ORDERS,
        ),
        child_of(
            close("orders", ORDERS, "place order", 3_500, 20_000),
            GATEWAY,
        ),
        child_of(
            line("mail", "dddddddddddddddd", 21_000, "INFO", "mail queued"),
            "eeeeeeeeeeeeeeee",
        ),
        child_of(
            line("mail", "dddddddddddddddd", 22_500, "INFO", "mail sent"),
            "eeeeeeeeeeeeeeee",
        ),
        close("gateway", GATEWAY, "POST /checkout/{id}", 500, 30_000),
    ];
    lines[1] = with(
        lines[1].clone(),
        json!({"order": 1017, "customer": "c-0815"}),
    );
    lines[4] = with(
        lines[4].clone(),
        json!({"error": "limit of 129900 cents exceeded for this card, which the bank has blocked"}),
    );
    let mut outside = Map::new();
    outside.insert("timestamp".to_owned(), time(25_000).into());
    outside.insert("level".to_owned(), "INFO".into());
    outside.insert("message".to_owned(), "outside of all spans".into());
    outside.insert("trace_id".to_owned(), TRACE.into());
    lines.push(outside.into());
    lines
}
