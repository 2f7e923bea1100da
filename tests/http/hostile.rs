//! Hostile requests, without the limits of a real server: the work is bounded, the trace is correct, and everything is escaped.

use super::{TRACE, captured_with, respond, server_layer};
use axum::{Router, body::Body, routing::any};
use http::{HeaderValue, Request};
use tracing::info;
use tracing_stamp::setup;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Responds with all headers that it would send on.
fn relay() -> Router {
    let relay = any(|| async {
        info!("served");
        let mut headers = http::HeaderMap::new();
        tracing_stamp::http::inject(&mut headers);
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", value.to_str().expect("ASCII")));
        lines.collect::<String>()
    });
    Router::new()
        .fallback(relay)
        .layer(server_layer().with_access_lines(true))
}

/// Serves a request with these headers. Returns the headers that are sent on, and how many bytes were allocated meanwhile.
fn served<'a>(headers: impl IntoIterator<Item = (&'static str, &'a [u8])>) -> (String, u64) {
    let mut request = Request::get("/%1b[31m?%0a=%0d")
        .body(Body::empty())
        .expect("a valid request");
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).expect("hyper accepts the value");
        request.headers_mut().append(name, value);
    }
    let app = relay();
    let mut sent = String::new();
    let mut bytes = 0;
    let setup = setup()
        .with_filter("info")
        .configure_layer(|layer| layer.with_baggage(["user"]));
    let ((), seen) = captured_with(setup, async {
        let mut response = None;
        let counted = allocation_counter::measure(|| {
            response = Some(super::block_in_place(respond(&app, request)));
        });
        bytes = counted.bytes_total;
        sent = String::from_utf8(response.expect("the service has responded").into_body())
            .expect("text");
    });
    let line = seen.line("served");
    let ids = (
        line.trace_id().expect("a trace"),
        line.span_id().expect("a span"),
    );
    let span = seen.span("GET");
    assert_eq!(
        ids,
        (span.span_context.trace_id(), span.span_context.span_id())
    );
    assert!(span.span_context.is_valid());
    (sent, bytes)
}

/// Allows a request to cost a little more than an ordinary one: a few copies of the kept values, and a pointer for each header.
const BOUND: u64 = 512 * 1024;

fn costs_little_more<'a>(headers: impl IntoIterator<Item = (&'static str, &'a [u8])>) -> String {
    let (_, ordinary) = served([("traceparent", PARENT.as_bytes())]);
    assert!(ordinary > 0, "allocations are counted");
    let (sent, bytes) = served(headers);
    assert!(
        bytes < ordinary + BOUND,
        "{bytes} bytes, {ordinary} for an ordinary request"
    );
    assert!(sent.len() < 16 * 1024, "{} bytes are sent on", sent.len());
    sent
}

#[test]
fn a_huge_tracestate_is_dropped_and_the_trace_is_continued() {
    let one = format!("a={}", "x".repeat(64 * 1024));
    let many = vec!["a=b"; 16 * 1024].join(",");
    let empty = ",".repeat(64 * 1024);
    for list in [one, many, empty] {
        let sent = costs_little_more([
            ("traceparent", PARENT.as_bytes()),
            ("tracestate", list.as_bytes()),
        ]);
        assert!(
            sent.contains(TRACE) && !sent.contains("tracestate"),
            "{sent}"
        );
    }
}

#[test]
fn thousands_of_headers_are_no_trace_and_cost_no_work() {
    let headers = std::iter::repeat_n(("traceparent", PARENT.as_bytes()), 5_000);
    assert!(!costs_little_more(headers).contains(TRACE));

    let parent = ("traceparent", PARENT.as_bytes());
    let lists = std::iter::repeat_n(("tracestate", &b"a=b"[..]), 5_000);
    let sent = costs_little_more(std::iter::once(parent).chain(lists));
    assert!(
        sent.contains(TRACE) && !sent.contains("tracestate"),
        "{sent}"
    );

    let members = std::iter::repeat_n(("baggage", &b"k=v"[..]), 5_000);
    let sent = costs_little_more(std::iter::once(parent).chain(members));
    assert_eq!(sent.matches("k=v").count(), 64, "{sent}");
}

#[test]
fn trace_headers_are_read_alike_among_few_and_many_headers() {
    for others in [0, 29, 30, 100] {
        let others = std::iter::repeat_n(("x-other", &b"1"[..]), others);
        let trace = [
            ("traceparent", PARENT.as_bytes()),
            ("tracestate", b"a=b"),
            ("baggage", b"k=v"),
        ];
        let sent = costs_little_more(others.clone().chain(trace));
        for header in [TRACE, "tracestate: a=b\n", "baggage: k=v\n"] {
            assert!(sent.contains(header), "{sent}");
        }
        let twice = [trace[0], trace[0]];
        assert!(!costs_little_more(others.chain(twice)).contains(TRACE));
    }
}

#[test]
fn a_traceparent_that_is_not_text_is_ignored() {
    let not_ascii = "00-4bf92f3577b34da6a3ce929d0e0e473\u{ff}-00f067aa0ba902b7-01";
    let latin: Vec<u8> = not_ascii.chars().map(|c| c as u8).collect();
    for value in [not_ascii.as_bytes(), latin.as_slice(), b"\xff\xfe", b"\t"] {
        assert!(!costs_little_more([("traceparent", value)]).contains("4bf92f"));
        let both = [("traceparent", PARENT.as_bytes()), ("traceparent", value)];
        assert!(!costs_little_more(both).contains(TRACE));
        let list = [
            ("traceparent", PARENT.as_bytes()),
            ("tracestate", b"a=b"),
            ("tracestate", value),
        ];
        assert_eq!(
            costs_little_more(list).contains("tracestate"),
            value == b"\t"
        );
    }
}

#[test]
fn only_baggage_members_that_are_not_utf_8_are_left_out() {
    let parent = ("traceparent", PARENT.as_bytes());
    for (line, sent_on) in [
        (&b"a=1,b=\xe9,c=3"[..], "baggage: a=1,c=3,d=4"),
        (b"a=1,b\xff=2", "baggage: a=1,d=4"),
        (b"a=1;p=\xc3,b=2;q", "baggage: b=2;q,d=4"),
        (b"\xff", "baggage: d=4"),
        (b"a=%ff , \xff\xfe, b=2", "baggage: a=%ff,b=2,d=4"),
    ] {
        let sent = costs_little_more([parent, ("baggage", line), ("baggage", b"d=4")]);
        assert!(sent.lines().any(|line| line == sent_on), "{sent}");
    }
    let bomb = [&b"\xff,".repeat(1 << 19)[..], b"k=v"].concat();
    for bomb in [&bomb, &[&b"k=v,"[..], &bomb].concat()] {
        costs_little_more([parent, ("baggage", bomb.as_slice()), ("baggage", bomb)]);
    }
    // The limits apply all the same.
    let (mut many, mut sent) = (b"\xff,".to_vec(), String::new());
    for n in 0..65 {
        many.extend(format!("k{n:02}=v,").bytes());
        sent.push_str(&format!("k{n:02}=v,"));
    }
    let kept = sent[..64 * 6 - 1].to_owned();
    let sent = costs_little_more([parent, ("baggage", many.as_slice())]);
    assert!(
        sent.lines().any(|line| line == format!("baggage: {kept}")),
        "{sent}"
    );
    let long = [b"\xff,a=1,b=", "v".repeat(8_192).as_bytes(), b",c=1"].concat();
    let sent = costs_little_more([parent, ("baggage", long.as_slice())]);
    assert!(sent.lines().any(|line| line == "baggage: a=1"), "{sent}");
}

#[test]
fn oversized_baggage_is_cut_to_its_limits_and_escaped() {
    let parent = ("traceparent", PARENT.as_bytes());
    for bomb in [
        format!("user=1,big={}", "x".repeat(1 << 20)),
        format!("user=1,{}", vec!["k=v"; 100_000].join(",")),
        format!("user=1,{}", ";".repeat(1 << 20)),
        format!("user=1;{}", "p;".repeat(1 << 19)),
        format!("user=1,k=v;{}", "%".repeat(1 << 19)),
    ] {
        costs_little_more([parent, ("baggage", bomb.as_bytes())]);
    }
    // Terminal escapes, a line break, a quotation mark, and bytes that are not UTF-8. `Captured` has parsed the lines as JSON.
    let sent = costs_little_more([parent, ("baggage", b"user=%1b[31m%0a%22%ff")]);
    assert!(sent.contains("user=%1b[31m%0a%22%ff"), "{sent}");
}

#[test]
fn a_long_path_and_a_long_user_agent_stay_within_the_limit_of_a_line() {
    let long = "a".repeat(60 * 1024);
    let request = Request::get(format!("/{long}")).header("user-agent", &long);
    let request = request.body(Body::empty()).expect("a valid request");
    let setup = setup()
        .with_filter("info")
        .configure_layer(|layer| layer.with_max_line_bytes(2_048));
    let (_, seen) = captured_with(setup, respond(&relay(), request));
    assert_eq!(seen.line("served").get("truncated"), Some(&true.into()));
    assert_eq!(
        seen.line("request finished").get("truncated"),
        Some(&true.into())
    );
}
