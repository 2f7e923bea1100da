//! What people have asked viewers of traces for. Each test is named after a wish, with the thread in which it was asked.

#[path = "support/logs.rs"]
mod logs;
mod support;

use logs::{Logs, gzip, printed};
use serde_json::{Value, json};
use std::fs;
use support::{
    GATEWAY, ORDERS, PAYMENTS, TRACE, child_of, close, failing_request, line, text, with,
};

fn tree_of(logs: &Logs, more: &[&str]) -> String {
    printed(&logs.run(&[&[TRACE, ".", "--tree"], more].concat()), 0)
}

/// The rows of a drawing that have one of these texts.
fn rows<'d>(drawing: &'d str, texts: &[&str]) -> Vec<&'d str> {
    let rows = drawing.lines();
    rows.filter(|row| texts.iter().any(|text| row.contains(text)))
        .collect()
}

/// grafana/grafana#82113, ymtdzzz/otel-tui#27
#[test]
fn lines_are_inside_the_waterfall() {
    let drawing = tree_of(&Logs::of_request(), &[]);
    let rows = rows(&drawing, &["POST /charge", "connecting", "card declined"]);
    let [span, first, second] = *rows else {
        panic!("{drawing}");
    };
    assert!(span.contains('█'), "{drawing}");
    assert!(first.contains("DEBUG connecting") && second.contains("ERROR card declined"));
    let indentation = |row: &str| {
        row.chars()
            .take_while(|c| !c.is_alphanumeric() && *c != '+')
            .count()
    };
    assert!(indentation(first) > indentation(span), "{drawing}");
}

/// jaegertracing/jaeger-ui#462
#[test]
fn an_incomplete_trace_says_so() {
    let logs = Logs::of_request();
    let drawing = tree_of(&logs, &[]);
    assert!(drawing.contains("The trace is incomplete: 1 parent span has no lines."));
    fs::remove_file(logs.path().join("mail.jsonl")).expect("it is there");
    assert!(!tree_of(&logs, &[]).contains("incomplete"));
}

/// pamburus/hl#28
#[test]
fn many_files_and_compressed_ones_are_merged_by_time() {
    let logs = Logs::new(&[]);
    for (number, line) in failing_request().into_iter().enumerate() {
        let name = format!("{}/app.log.{number}", number % 3);
        match number % 2 {
            0 => logs.write(&name, text(&[line]).as_bytes()),
            _ => logs.write(&format!("{name}.gz"), &gzip(&text(&[line]))),
        }
    }
    let output = printed(&logs.run(&[TRACE, "."]), 0);
    let time = |line: &str| -> String {
        let line: Value = serde_json::from_str(line).expect("JSON");
        line["timestamp"].as_str().expect("a time").to_owned()
    };
    let times: Vec<String> = output.lines().map(time).collect();
    assert_eq!(times.len(), failing_request().len());
    assert!(times.is_sorted(), "{times:?}");
}

/// grafana/loki#3410
#[test]
fn the_id_is_found_whatever_its_name() {
    let lines = [
        format!(r#"{{"traceId":"{TRACE}","msg":"camel"}}"#),
        format!(r#"{{"trace":{{"id":"{TRACE}"}},"msg":"nested"}}"#),
        r#"{"dd.trace_id":"11803532876627986230","msg":"decimal"}"#.to_owned(),
        format!("[shop,{TRACE},00f067aa0ba902b7] bracket"),
        format!("GET / 200 traceparent=00-{TRACE}-00f067aa0ba902b7-01"),
        r#"{"X-Amzn-Trace-Id":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736","msg":"X-Ray"}"#
            .to_owned(),
        r#"{"operation_Id":"4BF92F3577B34DA6A3CE929D0E0E4736","message":"upper case"}"#.to_owned(),
    ];
    let log = lines.join("\n") + "\n{\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}\n";
    let output = printed(&Logs::new(&[("app.log", &log)]).run(&[TRACE, "app.log"]), 0);
    assert_eq!(output.lines().collect::<Vec<_>>(), lines);
}

/// jaegertracing/jaeger-ui#2225
#[test]
fn a_trace_is_opened_without_a_backend() {
    let logs = Logs::of_request();
    let arguments = [TRACE, ".", "--html", "trace.html"];
    assert_eq!(printed(&logs.run(&arguments), 0), "");
    let page = fs::read_to_string(logs.path().join("trace.html")).expect("a page");
    assert!(page.contains("default-src 'none'") && page.contains("card declined"));
    let file = printed(&logs.run(&[TRACE, ".", "--export", "jaeger=-"]), 0);
    let file: Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!(file["data"][0]["traceID"], TRACE);
}

/// grafana/grafana#82814
#[test]
fn a_ticket_gets_the_trace_as_text_markdown_or_json() {
    let logs = Logs::of_request();
    for form in ["--tree", "--lines", "--markdown", "--json"] {
        let output = printed(&logs.run(&[TRACE, ".", form]), 0);
        assert!(output.contains("card declined"), "{form}: {output}");
    }
}

/// jaegertracing/jaeger#1459
#[test]
fn clocks_are_corrected_visibly_and_only_if_that_is_wanted() {
    let lines = [
        close("gateway", GATEWAY, "POST /checkout", 10_000, 30_000),
        child_of(
            close("payments", PAYMENTS, "POST /charge", 7_000, 15_000),
            GATEWAY,
        ),
    ];
    let logs = Logs::new(&[("app.log", &text(&lines))]);
    let drawing = tree_of(&logs, &[]);
    assert!(drawing.contains("⇄+9.00ms"), "{drawing}");
    let raw = tree_of(&logs, &["--raw-times"]);
    assert!(!raw.contains('⇄'), "{raw}");
}

/// CtrlSpice/otel-desktop-viewer#411. `tests/page/keys.rs` has the keys of the page.
#[test]
fn in_a_large_trace_one_begins_at_the_errors_or_at_a_span() {
    let mut lines = failing_request();
    let more = (0..5_000).map(|number| line("orders", ORDERS, 5_000 + number, "INFO", "step"));
    lines.extend(more);
    let logs = Logs::new(&[("app.log", &text(&lines))]);
    let errors = tree_of(&logs, &["--level", "error"]);
    assert_eq!(rows(&errors, &["INFO ", "ERROR "]).len(), 1, "{errors}");
    let span = tree_of(&logs, &["--span", PAYMENTS]);
    assert!(
        span.contains("card declined") && !span.contains("step"),
        "{span}"
    );
}

/// microsoft/aspire#4005
#[test]
fn one_span_and_those_below_it_can_be_taken_from_a_trace_that_was_not_sampled() {
    let unsampled = |line| with(line, json!({"trace_flags": "00"}));
    let lines: Vec<Value> = failing_request().into_iter().map(unsampled).collect();
    let logs = Logs::new(&[("app.log", &text(&lines))]);
    let whole = tree_of(&logs, &[]);
    let part = tree_of(&logs, &["--span", ORDERS]);
    for (name, is_in_part) in [
        ("POST /checkout", false),
        ("place order", true),
        ("POST /charge", true),
    ] {
        assert!(whole.contains(name), "{whole}");
        assert_eq!(part.contains(name), is_in_part, "{part}");
    }
}

/// Arize-ai/phoenix#12020. `tests/terminal.rs` has the same in a terminal.
#[test]
fn a_terminal_shows_the_tree() {
    let drawing = tree_of(&Logs::of_request(), &[]);
    let rows = rows(&drawing, &["POST /checkout", "place order", "POST /charge"]);
    let depths: Vec<usize> = rows
        .iter()
        .map(|row| row.chars().take_while(|c| "│├└─ ".contains(*c)).count())
        .collect();
    assert_eq!(depths, [0, 3, 6], "{drawing}");
}
