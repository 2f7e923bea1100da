//! Tests of the forms in which lines of text have their time.

#[path = "support/logs.rs"]
mod logs;
mod support;

use logs::{Logs, printed};
use serde_json::Value;
use support::TRACE;

/// Times that are a second apart, each as the start of a line.
const STARTS: [&str; 9] = [
    "1795967274 INFO",
    "[1795967275.123] INFO",
    "1795967276123 INFO",
    "1795967277123456 INFO",
    "1795967278.123 921 192.0.2.1 TCP_MISS/200",
    "Sun Nov 29 15:47:59 2026 INFO",
    "[Sun Nov 29 15:48:00.123456 2026] [info]",
    "20261129T154801Z INFO",
    "20261129T154802.123Z INFO",
];

#[test]
fn lines_with_epochs_and_ctime_and_basic_iso_times_are_in_order_of_time() {
    let line = |start: &&str| format!("{start} text trace_id={TRACE}\n");
    let forward: String = STARTS.iter().map(line).collect();
    let (one, two) = (STARTS.iter().step_by(2), STARTS.iter().skip(1).step_by(2));
    let logs = Logs::new(&[
        ("b.log", &one.map(line).collect::<String>()),
        ("a.log", &two.map(line).collect::<String>()),
    ]);
    let output = logs
        .command(&[TRACE, "--lines", "."])
        .env("TZ", "UTC")
        .output();
    assert_eq!(printed(&output.expect("it starts"), 0), forward);
    let since = [TRACE, "--lines", "--since", "2026-11-29T15:47:59Z", "."];
    let output = logs.command(&since).env("TZ", "UTC").output();
    let printed = printed(&output.expect("it starts"), 0);
    assert_eq!(printed.lines().count(), 4, "{printed}");
}

#[test]
fn the_response_time_of_pino_http_is_a_duration_in_milliseconds() {
    let line = format!(
        r#"{{"level":30,"time":1795967385197,"pid":1,"hostname":"a","req":{{"method":"GET","url":"/"}},"res":{{"statusCode":200}},"responseTime":20,"trace_id":"{TRACE}","msg":"request completed"}}"#
    );
    let logs = Logs::new(&[("app.log", &(line + "\n"))]);
    for field in ["responseTime=20", "duration_ms=20", "response_time=20"] {
        let found = logs.run(&["--field", field, "--json", "."]);
        let found: Value = serde_json::from_str(&printed(&found, 0)).expect("JSON");
        assert_eq!(found["lines"][0]["duration_ms"], 20.0, "{found}");
    }
    let other = logs.run(&["--field", "responseTime=21", "."]);
    assert_eq!(printed(&other, 1), "");
}
