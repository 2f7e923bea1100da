//! A backend for spans that is down, comes up, goes down and comes up again.

use super::{
    children,
    servers::{Server, get},
};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
    time::{Duration, Instant},
};
use tracing::{info, info_span};

/// Handles a request for each line that it reads, and prints at the end how many spans were not delivered.
pub(crate) fn child() {
    let guard = tracing_stamp::init().expect("the set-up is valid");
    for (number, _) in std::io::stdin().lines().enumerate() {
        let begin = Instant::now();
        info_span!("request", number).in_scope(|| info!(number, "line"));
        let took = begin.elapsed();
        assert!(
            took < Duration::from_secs(1),
            "a request was blocked for {took:?}"
        );
        guard
            .writer()
            .flush(Duration::from_secs(60))
            .expect("standard output is read");
    }
    let begin = Instant::now();
    let report = guard.shutdown(Duration::from_secs(3));
    assert!(
        !report.is_complete(),
        "some spans ended while the backend was down"
    );
    eprintln!("{} spans were not delivered", report.spans_lost());
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn an_outage_loses_no_line_blocks_no_request_and_is_reported_once() {
    let mut jaeger = Server::start("jaeger.sh", &["start"]);
    let endpoint = jaeger.address("JAEGER_OTLP_HTTP");
    jaeger.stop();
    let mut child = children::command("outages")
        .env("OTEL_SERVICE_NAME", "orders")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .env("OTEL_BSP_SCHEDULE_DELAY", "100")
        .stdin(Stdio::piped())
        .spawn()
        .expect("the child process starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut stderr = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let mut next_message = || stderr.next().expect("the child runs").expect("UTF-8");
    let mut requests = 0;
    let mut request = |times: u32| {
        for _ in 0..times {
            stdin.write_all(b"\n").expect("the child reads");
            requests += 1;
        }
    };

    request(20);
    let failing = next_message();
    assert!(
        failing.contains(&format!("cannot be delivered to {endpoint}")),
        "{failing}"
    );
    // Several batches fail, and no further message is printed.
    std::thread::sleep(Duration::from_millis(500));
    request(20);
    jaeger.start_jaeger_again();
    std::thread::sleep(Duration::from_millis(300));
    request(20);
    let resumed = next_message();
    assert!(
        resumed.contains(&endpoint) && resumed.contains("again"),
        "{resumed}"
    );
    jaeger.stop();
    request(20);
    let failing = next_message();
    assert!(failing.contains("cannot be delivered to"), "{failing}");
    jaeger.start_jaeger_again();
    request(1);
    let resumed = next_message();
    assert!(resumed.contains("again"), "{resumed}");
    request(19);
    drop(stdin);

    let end = next_message();
    let output = child.wait_with_output().expect("the child ends");
    assert!(output.status.success());
    let lines = children::lines(&String::from_utf8(output.stdout).expect("UTF-8"));
    assert_eq!(lines.len(), requests, "no line is lost");
    assert!(lines.iter().all(|line| line.ids().is_some()));
    // The backend has the spans from after its last return.
    let last = lines
        .last()
        .and_then(|line| line.get("trace_id").as_str())
        .expect("each line has a trace_id")
        .to_owned();
    get(
        &format!("{}/api/traces/{last}", jaeger.address("JAEGER_QUERY")),
        |response| {
            response["data"][0]["spans"]
                .as_array()
                .is_some_and(|spans| spans.len() == 1)
        },
    );
    // Each span was delivered or is counted as not delivered. At most the spans of two outages were not delivered.
    let (undelivered, _) = end
        .split_once(" spans were not delivered")
        .expect("the child prints the number");
    let undelivered: usize = undelivered.parse().expect("a number");
    assert!((20..=60).contains(&undelivered), "{end}");
}
