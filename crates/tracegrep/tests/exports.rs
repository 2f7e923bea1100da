//! What the files for other viewers have. `backends` compares them with what a real Jaeger has.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{
    GATEWAY, ORDERS, PAYMENTS, TRACE, child_of, close, failing_request, line, moment, trace, with,
};
use tracegrep::{Trace, Tree, export};

fn parse(text: &str) -> Value {
    assert!(text.ends_with('\n'));
    serde_json::from_str(text).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// The spans of an OTLP request by their ids, each with its service.
fn otlp(trace: &Trace) -> BTreeMap<String, (String, Value)> {
    let request = parse(&export::otlp(&Tree::of(trace)));
    let mut spans = BTreeMap::new();
    for resource in list(&request["resourceSpans"]) {
        let service = attribute(&resource["resource"], "service.name");
        let service = service["stringValue"].as_str().expect("a text");
        for span in list(&resource["scopeSpans"][0]["spans"]) {
            let id = span["spanId"].as_str().expect("a text").to_owned();
            let known = spans.insert(id, (service.to_owned(), span.clone()));
            assert_eq!(known, None, "each span is there once");
        }
    }
    spans
}

/// The value of an attribute of a span, an event or a resource, or null.
fn attribute(of: &Value, key: &str) -> Value {
    let mut attributes = list(&of["attributes"]).iter();
    let found = attributes.find(|attribute| attribute["key"] == key);
    found.map_or(Value::Null, |attribute| attribute["value"].clone())
}

#[test]
fn spans_have_the_ids_names_and_times_that_the_lines_show() {
    let spans = otlp(&trace(&failing_request()));
    let ids: Vec<&str> = spans.keys().map(String::as_str).collect();
    // The parent of the last one has no lines, so it is not exported.
    assert_eq!(ids, [GATEWAY, ORDERS, PAYMENTS, "dddddddddddddddd"]);
    let (service, charge) = &spans[PAYMENTS];
    assert_eq!(service, "payments");
    assert_eq!(charge["traceId"], TRACE);
    assert_eq!(charge["parentSpanId"], ORDERS);
    assert_eq!(charge["name"], "POST /charge");
    assert_eq!(charge["startTimeUnixNano"], "1795968000007000000");
    assert_eq!(charge["endTimeUnixNano"], "1795968000015000000");
    assert_eq!(charge["status"]["code"], 2, "a line reports an error");
    let (_, gateway) = &spans[GATEWAY];
    assert_eq!(gateway["parentSpanId"], Value::Null);
    assert_eq!(gateway["status"], Value::Null);
}

#[test]
fn a_parent_without_lines_is_named_and_what_is_inferred_is_marked() {
    let spans = otlp(&trace(&failing_request()));
    let (_, mail) = &spans["dddddddddddddddd"];
    assert_eq!(mail["parentSpanId"], "eeeeeeeeeeeeeeee");
    assert_eq!(mail["name"], "span dddddddddddddddd");
    assert_eq!(
        attribute(mail, "tracegrep.timing"),
        json!({"stringValue": "lines"})
    );
    let (_, gateway) = &spans[GATEWAY];
    assert_eq!(attribute(gateway, "tracegrep.timing"), Value::Null);
}

#[test]
fn an_inferred_parent_is_marked_in_each_export_and_others_are_not() {
    let mut lines = failing_request();
    let inner = "cccccccccccccccc";
    lines.push(close("orders", inner, "price", 4_000, 5_000));
    let trace = trace(&lines);
    let expected = json!({"stringValue": "containment"});
    for (id, (_, span)) in otlp(&trace) {
        let found = attribute(&span, "tracegrep.parent");
        assert_eq!(
            found,
            if id == inner {
                expected.clone()
            } else {
                Value::Null
            },
            "{id}"
        );
    }
    let tree = Tree::of(&trace);
    let jaeger = parse(&export::jaeger(&tree));
    for span in list(&jaeger["data"][0]["spans"]) {
        let mut tags = list(&span["tags"]).iter();
        let tag = tags.find(|tag| tag["key"] == "tracegrep.parent");
        let expected = (span["spanID"] == inner).then(|| "containment".into());
        assert_eq!(tag.map(|tag| tag["value"].clone()), expected);
    }
    let perfetto = parse(&export::perfetto(&tree));
    for event in list(&perfetto["traceEvents"]) {
        let is_inner = event["args"]["span_id"] == inner;
        let expected = is_inner.then(|| json!("containment"));
        assert_eq!(event["args"].get("tracegrep.parent").cloned(), expected);
    }
}

#[test]
fn the_lines_of_a_span_are_its_events_except_those_about_its_life() {
    let spans = otlp(&trace(&failing_request()));
    let events = |id: &str| list(&spans[id].1["events"]).to_vec();
    let names: Vec<Value> = events(ORDERS)
        .iter()
        .map(|event| event["name"].clone())
        .collect();
    assert_eq!(names, ["order received", "注文は在庫が少ない 🙈"]);
    let received = &events(ORDERS)[0];
    assert_eq!(received["timeUnixNano"], "1795968000004000000");
    assert_eq!(attribute(received, "level"), json!({"stringValue": "info"}));
    assert_eq!(attribute(received, "order"), json!({"intValue": "1017"}));
    let declined = &events(PAYMENTS)[1];
    let error = attribute(declined, "exception.message");
    let text = error["stringValue"].as_str().expect("a text");
    assert!(text.starts_with("limit of 129900 cents"), "{text}");
}

#[test]
fn kind_zero_duration_and_open_spans_are_exported() {
    let lines = [
        with(
            close("shop", GATEWAY, "GET /", 1_000, 2_000),
            json!({"otel.kind": "server"}),
        ),
        moment("shop", ORDERS, "open", 1_200, "new"),
        json!({"timestamp": support::time(1_500), "message": "alone", "trace_id": TRACE, "span_id": PAYMENTS}),
    ];
    let spans = otlp(&trace(&lines));
    let (_, request) = &spans[GATEWAY];
    assert_eq!(request["kind"], 2);
    assert_eq!(attribute(request, "otel.kind"), Value::Null);
    let (_, open) = &spans[ORDERS];
    assert_eq!(
        attribute(open, "tracegrep.unclosed"),
        json!({"boolValue": true})
    );
    let (service, alone) = &spans[PAYMENTS];
    assert_eq!(service, "unknown_service");
    // Jaeger would warn of a span without a length.
    assert_eq!(alone["startTimeUnixNano"], "1795968000001500000");
    assert_eq!(alone["endTimeUnixNano"], "1795968000001500001");
}

/// The slices of a Perfetto file: process, row, start, end and name.
fn slices(file: &Value) -> Vec<(u64, u64, f64, f64, String)> {
    let events = list(&file["traceEvents"]).iter();
    let number = |value: &Value| value.as_f64().expect("a number");
    let slice = |event: &Value| {
        let start = number(&event["ts"]);
        (
            event["pid"].as_u64().expect("a number"),
            event["tid"].as_u64().expect("a number"),
            start,
            start + number(&event["dur"]),
            event["name"].as_str().expect("a text").to_owned(),
        )
    };
    events
        .filter(|event| event["ph"] == "X")
        .map(slice)
        .collect()
}

#[test]
fn in_perfetto_a_service_is_a_process_and_a_line_is_an_instant_on_the_row_of_its_span() {
    let trace = trace(&failing_request());
    let file = parse(&export::perfetto(&Tree::of(&trace)));
    let events = list(&file["traceEvents"]);
    let process = |name: &str| {
        let mut processes = events
            .iter()
            .filter(|event| event["name"] == "process_name");
        let found = processes.find(|event| event["args"]["name"] == name);
        found.expect("the process has a name")["pid"].clone()
    };
    let named = |name: &str| {
        events
            .iter()
            .find(|event| event["name"] == name)
            .expect(name)
    };
    let gateway = named("POST /checkout/{id}");
    assert_eq!(gateway["pid"], process("gateway"));
    assert_eq!(
        (&gateway["ts"], &gateway["dur"]),
        (&json!(0), &json!(29_500))
    );
    let received = named("order received");
    assert_eq!(
        (&received["ph"], &received["ts"]),
        (&json!("i"), &json!(3_500))
    );
    let orders = named("place order");
    assert_eq!(
        (&received["pid"], &received["tid"]),
        (&orders["pid"], &orders["tid"])
    );
    let outside = named("outside of all spans");
    assert_eq!(outside["pid"], process("lines without a span"));
    assert_eq!(file["otherData"]["trace_id"], TRACE);
}

#[test]
fn in_perfetto_no_two_spans_on_a_row_overlap_unless_one_is_within_the_other() {
    // Calls that overlap, and a call within each of them.
    let mut lines = vec![close("shop", GATEWAY, "root", 0, 10_000)];
    for number in 1..=20_u64 {
        let (call, part) = (format!("{number:016x}"), format!("{:016x}", number + 100));
        let start = number * 300;
        lines.push(child_of(
            close("shop", &call, "call", start, start + 1_000),
            GATEWAY,
        ));
        lines.push(child_of(
            close("shop", &part, "part", start + 100, start + 900),
            &call,
        ));
    }
    let trace = trace(&lines);
    let slices = slices(&parse(&export::perfetto(&Tree::of(&trace))));
    assert_eq!(slices.len(), 41);
    for (index, one) in slices.iter().enumerate() {
        for other in slices
            .iter()
            .skip(index + 1)
            .filter(|other| (other.0, other.1) == (one.0, one.1))
        {
            let is_apart = one.3 <= other.2 || other.3 <= one.2;
            let is_within =
                (one.2 <= other.2 && other.3 <= one.3) || (other.2 <= one.2 && one.3 <= other.3);
            assert!(is_apart || is_within, "{one:?} {other:?}");
        }
    }
}

#[test]
fn a_trace_of_lines_without_spans_has_no_spans_in_exports() {
    let trace =
        trace(&[json!({"timestamp": support::time(1), "message": "alone", "trace_id": TRACE})]);
    let tree = Tree::of(&trace);
    assert_eq!(parse(&export::otlp(&tree))["resourceSpans"], json!([]));
    assert_eq!(parse(&export::jaeger(&tree))["data"][0]["spans"], json!([]));
    let file = parse(&export::perfetto(&tree));
    assert_eq!(slices(&file), []);
    assert_eq!(file["traceEvents"][0]["name"], "alone");
}

#[test]
fn jaegers_file_has_whole_microseconds_and_the_service_of_each_span() {
    let nanos = |line: Value, start: &str, millis: f64| {
        with(line, json!({"start_time": start, "duration_ms": millis}))
    };
    let lines = [nanos(
        close("shop", GATEWAY, "GET /", 1_000, 2_000),
        "2026-11-29T16:00:00.001000900Z",
        0.000_200,
    )];
    let trace = trace(&lines);
    let file = parse(&export::jaeger(&Tree::of(&trace)));
    let span = &file["data"][0]["spans"][0];
    assert_eq!(span["startTime"], 1_795_968_000_001_000_u64);
    assert_eq!(span["duration"], 1, "it ends in the next microsecond");
    let process = span["processID"].as_str().expect("a text");
    assert_eq!(file["data"][0]["processes"][process]["serviceName"], "shop");
    assert_eq!(span["references"], json!([]));
}

#[test]
fn the_event_of_a_line_of_another_service_names_that_service() {
    let lines = [
        line("gateway", GATEWAY, 1_100, "INFO", "received"),
        line("proxy", GATEWAY, 1_500, "INFO", "passed on"),
    ];
    let spans = otlp(&trace(&lines));
    let events = list(&spans[GATEWAY].1["events"]);
    assert_eq!(
        attribute(&events[1], "service.name"),
        json!({"stringValue": "proxy"})
    );
}
