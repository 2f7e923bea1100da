//! Runs the three processes of `examples/shop`, and checks their traces in a real Jaeger.

use super::servers::{Server, get};
use serde_json::Value;
use std::{collections::BTreeMap, env, path::PathBuf, process::Command};

/// Returns the path of the example, which `cargo test` has built beside this test.
fn shop() -> PathBuf {
    let tests = env::current_exe().expect("a program");
    let folder = tests
        .parent()
        .and_then(|deps| deps.parent())
        .expect("its folder");
    folder.join("examples/shop")
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// Returns the parent of each span of a trace. Checks that the trace is one tree with this many spans of each service.
fn tree(trace: &Value, services: [(&str, usize); 3]) -> BTreeMap<String, Option<String>> {
    let spans = trace["spans"].as_array().expect("a list");
    // If a span is also linked to its parent, Jaeger has one reference for both.
    let parent = |span: &Value| span["references"][0]["spanID"].as_str().map(str::to_owned);
    let parents: BTreeMap<_, _> = spans
        .iter()
        .map(|span| (text(&span["spanID"]), parent(span)))
        .collect();
    let roots = parents.values().filter(|parent| parent.is_none());
    assert_eq!(roots.count(), 1, "{parents:?}");
    let mut known = parents.values().flatten();
    assert!(
        known.all(|parent| parents.contains_key(parent)),
        "{parents:?}"
    );
    let mut counts = BTreeMap::new();
    for span in spans {
        let process = &trace["processes"][text(&span["processID"])];
        *counts.entry(text(&process["serviceName"])).or_insert(0) += 1;
    }
    let expected = services.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts, BTreeMap::from(expected));
    parents
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn the_whole_trace_is_one_tree_in_jaeger() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let output = Command::new(shop())
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            jaeger.address("JAEGER_OTLP_HTTP"),
        )
        .output()
        .expect("the example is built");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let stdout = String::from_utf8(output.stdout).expect("valid UTF-8");
    let header = stdout
        .lines()
        .find_map(|line| line.strip_prefix("traceresponse: "))
        .expect("the example prints the failed response");
    let trace_id = header.split('-').nth(1).expect("an id");

    let url = format!("{}/api/traces/{trace_id}", jaeger.address("JAEGER_QUERY"));
    let response = get(&url, |response| {
        response["data"][0]["spans"]
            .as_array()
            .is_some_and(|spans| spans.len() == 5)
    });
    let parents = tree(
        &response["data"][0],
        [("gateway", 2), ("orders", 2), ("payments", 1)],
    );

    // A successful request continues through the queue.
    let url = format!(
        "{}/api/traces?service=orders&operation=pack%20parcel&limit=1",
        jaeger.address("JAEGER_QUERY")
    );
    let response = get(&url, |response| {
        response["data"][0]["spans"]
            .as_array()
            .is_some_and(|spans| spans.len() == 6)
    });
    tree(
        &response["data"][0],
        [("gateway", 2), ("orders", 3), ("payments", 1)],
    );

    // Each line of the trace has the span id of one of these spans.
    let lines: Vec<Value> = stdout
        .lines()
        .filter(|line| line.starts_with('{') && line.contains(trace_id))
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(lines.len() >= 6, "{stdout}");
    for line in &lines {
        assert!(parents.contains_key(&text(&line["span_id"])), "{line}");
    }
}
