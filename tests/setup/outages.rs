//! A backend that is down at first, comes, goes and comes again.

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

/// Does a request for each line that it reads, and says how long it took; at the end what was delivered.
pub(crate) fn child() {
    let guard = tracing_stamp::init().expect("it is right");
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
            .expect("standard output takes all");
    }
    let begin = Instant::now();
    let report = guard.shutdown(Duration::from_secs(3));
    assert!(
        !report.is_complete(),
        "some spans ended while nobody listened"
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
fn no_outage_costs_a_line_or_blocks_a_request_and_each_is_told_once() {
    let mut jaeger = Server::start("jaeger.sh", &["start"]);
    let endpoint = jaeger.address("JAEGER_OTLP_HTTP");
    jaeger.stop();
    let mut child = children::command("outage")
        .env("OTEL_SERVICE_NAME", "orders")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .env("OTEL_BSP_SCHEDULE_DELAY", "100")
        .stdin(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut err = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let mut told = || err.next().expect("it lives").expect("text");
    let mut requests = 0;
    let mut request = |times: u32| {
        for _ in 0..times {
            stdin.write_all(b"\n").expect("it reads");
            requests += 1;
        }
    };

    request(20);
    let failing = told();
    assert!(
        failing.contains(&format!("cannot be delivered to {endpoint}")),
        "{failing}"
    );
    // Several batches fail, and nothing more is said of it.
    std::thread::sleep(Duration::from_millis(500));
    request(20);
    jaeger.start_jaeger_again();
    std::thread::sleep(Duration::from_millis(300));
    request(20);
    let resumed = told();
    assert!(
        resumed.contains(&endpoint) && resumed.contains("again"),
        "{resumed}"
    );
    jaeger.stop();
    request(20);
    let failing = told();
    assert!(failing.contains("cannot be delivered to"), "{failing}");
    jaeger.start_jaeger_again();
    request(1);
    let resumed = told();
    assert!(resumed.contains("again"), "{resumed}");
    request(19);
    drop(stdin);

    let end = told();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let lines = children::lines(&String::from_utf8(output.stdout).expect("text"));
    assert_eq!(lines.len(), requests, "no line is lost");
    assert!(lines.iter().all(|line| line.ids().is_some()));
    // What came after the last return is there.
    let last = lines
        .last()
        .and_then(|line| line.get("trace_id").as_str())
        .expect("text")
        .to_owned();
    get(
        &format!("{}/api/traces/{last}", jaeger.address("JAEGER_QUERY")),
        |answer| {
            answer["data"][0]["spans"]
                .as_array()
                .is_some_and(|spans| spans.len() == 1)
        },
    );
    // Each span was delivered, or is counted as one that was not: those of two outages at the most.
    let (undelivered, _) = end
        .split_once(" spans were not delivered")
        .expect("it says how many");
    let undelivered: usize = undelivered.parse().expect("a number");
    assert!((20..=60).contains(&undelivered), "{end}");
}
