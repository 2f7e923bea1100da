//! Tests of `tracegrep --top`.

#[path = "support/logs.rs"]
mod logs;
mod support;

use logs::{Logs, gzip, printed, stderr};
use serde_json::{Value, json};
use support::{TRACE, failing_request, line, text, time, with};

/// A line of another trace.
fn of(id: &str, service: &str, micros: u64, level: &str, message: &str) -> Value {
    let line = line(service, "1111111111111111", micros, level, message);
    with(line, json!({"trace_id": id}))
}

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// The failing request, a trace `A` with one error that took 200 ms, and a trace `B` with two errors.
fn logs() -> Logs {
    let a = [
        with(
            of(A, "orders", 40_000, "INFO", "slow"),
            json!({"duration_ms": 200.0}),
        ),
        of(A, "orders", 41_000, "ERROR", "\u{1b}[31mlate"),
    ];
    let b = [
        of(B, "stock", 50_000, "ERROR", "second"),
        of(B, "stock", 45_000, "ERROR", "first"),
    ];
    let logs = Logs::of_request();
    logs.write("a.jsonl", text(&a).as_bytes());
    logs.write("b.jsonl.1.gz", &gzip(&text(&b)));
    logs.write("b.jsonl", b"no trace\n");
    logs
}

fn ids(logs: &Logs, arguments: &[&str]) -> Vec<String> {
    let all = [&["--top"], arguments, &["--json", "."]].concat();
    let traces: Value = serde_json::from_str(&printed(&logs.run(&all), 0)).expect("JSON");
    let traces = traces.as_array().expect("an array").iter();
    let id = |trace: &Value| trace["trace_id"].as_str().map(str::to_owned);
    traces.filter_map(id).collect()
}

#[test]
fn traces_are_ordered_by_errors_by_duration_or_by_lines() {
    let logs = logs();
    // A and the failing request have one error each, and A is newer.
    assert_eq!(ids(&logs, &["errors"]), [B, A, TRACE]);
    assert_eq!(ids(&logs, &["slowest"]), [A, TRACE, B]);
    assert_eq!(ids(&logs, &["lines"]), [TRACE, B, A]);
    assert_eq!(ids(&logs, &["lines", "--limit", "1"]), [TRACE]);
}

#[test]
fn lines_of_other_services_and_times_do_not_count() {
    let logs = logs();
    assert_eq!(ids(&logs, &["errors", "--service", "stock"]), [B]);
    assert_eq!(
        ids(&logs, &["lines", "--service", "mail", "--service", "stock"]),
        [B, TRACE]
    );
    let since = time(40_500);
    assert_eq!(ids(&logs, &["lines", "--since", &since]), [B, A]);
    assert_eq!(ids(&logs, &["lines", "--until", &time(10_000)]), [TRACE]);
}

#[test]
fn a_table_has_a_row_for_each_trace_and_says_how_many_are_left_out() {
    let logs = logs();
    let table = printed(&logs.run(&["--top", "errors", "--limit", "2", "."]), 0);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    let start = "2026-11-29T16:00:00Z";
    assert_eq!(rows[1], [B, start, "5.00ms", "2", "2", "stock:", "first"]);
    assert_eq!(rows[2][5..], ["orders:", "\\u{1b}[31mlate"]);
    assert_eq!(rows[3], ["1", "more"]);
    assert_eq!(rows.len(), 4);
}

#[test]
fn json_has_what_is_known_of_each_trace() {
    let logs = Logs::of_request();
    let printed = printed(&logs.run(&["--top", "slowest", "--json", "."]), 0);
    let traces: Value = serde_json::from_str(&printed).expect("JSON");
    // One of them has no service, and is in no file.
    let lines = failing_request().len() - 1;
    assert_eq!(
        traces,
        json!([{
            "trace_id": TRACE,
            "lines": lines,
            "errors": 1,
            "start": "2026-11-29T16:00:00.001000000Z",
            "end": "2026-11-29T16:00:00.030000000Z",
            "duration_ms": 29.5,
            "service": "payments",
            "text": "card declined",
        }])
    );
}

#[test]
fn all_forms_of_an_id_count_for_one_trace() {
    let log = [
        format!("2026-11-29T16:00:00Z ERROR [orders,{TRACE},00f067aa0ba902b7] text"),
        r#"{"time":"2026-11-29T16:00:01Z","level":"info","dd":{"trace_id":"11803532876627986230"}}"#.to_owned(),
        format!(r#"{{"time":"2026-11-29T16:00:02Z","level":"info","ctx":{{"traceId":"{}"}}}}"#, TRACE.to_uppercase()),
        r#"2026-11-29T16:00:03.5Z stdout F {"level":"error","trace_id":"4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}"#.to_owned(),
        r#"{"time":"2026-11-29T16:00:02Z","level":"info","request_id":"d09d54c50ae562e998b09353dbe9e88b"}"#.to_owned(),
    ];
    let input = log.join("\n");
    let logs = Logs::new(&[]);
    let output = logs.run_with_input(&["--top", "lines", "--json"], input.as_bytes());
    let traces: Value = serde_json::from_str(&printed(&output, 0)).expect("JSON");
    assert_eq!(traces.as_array().map(Vec::len), Some(1), "{traces}");
    assert_eq!(
        (&traces[0]["lines"], &traces[0]["errors"]),
        (&json!(4), &json!(2))
    );
}

#[test]
fn without_traces_json_is_an_empty_array_and_the_exit_code_is_1_and_with_an_unread_file_2() {
    let logs = Logs::new(&[("a.log", "2026-11-29T16:00:00Z INFO no id\n")]);
    assert_eq!(printed(&logs.run(&["--top", "lines", "."]), 1), "");
    let json = logs.run(&["--top", "lines", "--json", "."]);
    assert_eq!(printed(&json, 1), "[]\n");
    let output = logs.run(&["--top", "lines", ".", "missing.log"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("missing.log"));
}

#[test]
fn all_bytes_of_files_that_are_read_once_or_twice_count_as_progress() {
    use tracegrep::{Order, Progress, Search};
    let logs = logs();
    let files = std::fs::read_dir(logs.path()).expect("a folder");
    let sizes = files.map(|file| file.expect("an entry").metadata().expect("a file").len());
    let all: u64 = sizes.sum();
    let search = |progress: &Progress| {
        let search = Search::new().with_path(logs.path());
        search.with_progress(progress.clone())
    };
    let progress = Progress::new();
    let _ = search(&progress).find_top(Order::Lines, 1, &[]);
    assert_eq!((progress.read(), progress.total()), (all, all));
    let progress = Progress::new();
    let _ = search(&progress).find(&"4bf92f35".parse().expect("a prefix"));
    assert_eq!((progress.read(), progress.total()), (2 * all, 2 * all));
}
