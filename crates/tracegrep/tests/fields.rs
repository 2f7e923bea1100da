//! Tests of `tracegrep --field`.

#[path = "support/logs.rs"]
mod logs;
mod support;

use logs::{Logs, printed, stderr};
use serde_json::{Value, json};
use support::{GATEWAY, TRACE, failing_request, line, text, with};

const OTHER: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// The lines of the request that have a service, in order of time.
fn request() -> String {
    let mut lines = failing_request();
    lines.pop();
    lines.sort_by_key(|line| line["timestamp"].as_str().map(str::to_owned));
    text(&lines)
}

fn of_other(more: Value) -> String {
    let line = with(line("shop", GATEWAY, 40_000, "INFO", "other"), more);
    text(&[with(line, json!({"trace_id": OTHER}))])
}

#[test]
fn the_whole_trace_with_a_field_is_shown_whatever_the_type_of_the_value() {
    let logs = Logs::of_request();
    logs.write(
        "other.log",
        of_other(json!({"order": 101, "customer": "c-0815"})).as_bytes(),
    );
    assert_eq!(
        printed(&logs.run(&["--field", "order=1017", "."]), 0),
        request()
    );
    let both = ["--field", "customer=c-0815", "--field", "order=1017", "."];
    assert_eq!(printed(&logs.run(&both), 0), request());
    let neither = ["--field", "customer=c-0815", "--field", "order=1018", "."];
    assert_eq!(printed(&logs.run(&neither), 1), "");
    // Another file only mentions the value.
    logs.write(
        "mention.log",
        of_other(json!({"text": "order 1017"})).as_bytes(),
    );
    assert_eq!(
        printed(&logs.run(&["--field", "order=1017", "."]), 0),
        request()
    );
}

#[test]
fn nested_and_wrapped_fields_are_found_by_their_names_joined_with_dots() {
    for other in [
        of_other(json!({"http": {"status": 500}})),
        of_other(json!({"http.status": "500"})),
        format!("2026-11-29T16:00:00Z INFO x trace_id={OTHER} http.status=500\n"),
        json!({"log": of_other(json!({"http": {"status": 500}})), "stream": "stdout", "time": "2026-11-29T16:00:00Z"})
            .to_string() + "\n",
    ] {
        let logs = Logs::of_request();
        logs.write("other.log", other.as_bytes());
        let found = logs.run(&["--field", "http.status=500", "."]);
        assert_eq!(printed(&found, 0), other);
    }
}

#[test]
fn several_traces_with_a_field_are_listed_with_their_number() {
    let logs = Logs::of_request();
    let twice = of_other(json!({"order": "1017"})).repeat(2);
    logs.write("other.log", twice.as_bytes());
    let output = logs.run(&["--field", "order=1017", "."]);
    assert_eq!(output.status.code(), Some(2));
    let expected = format!(
        "tracegrep: 2 traces match:\n{OTHER}  2 lines  2026-11-29T16:00:00.040Z\n{TRACE}  1 line  2026-11-29T16:00:00.004Z\n"
    );
    assert_eq!(stderr(&output), expected);
    // Only one of them is in the period.
    let since = [
        "--field",
        "order=1017",
        ".",
        "--since",
        "2026-11-29T16:00:00.03Z",
    ];
    assert_eq!(printed(&logs.run(&since), 0), twice);
}

#[test]
fn standard_input_is_refused_because_it_cannot_be_read_twice() {
    let logs = Logs::of_request();
    let output = logs.run_with_input(&["--field", "order=1017", "-"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--field needs a file, a folder or a pattern"));
}
