//! Tests of the program `tracegrep`.

#[path = "support/logs.rs"]
mod logs;
mod support;

use logs::{Logs, gzip, printed, stderr, stdout};
use serde_json::{Value, json};
use std::{
    fs::{self, OpenOptions},
    io::{self, BufRead as _, Read as _},
    path::Path,
    process::Command,
    slice,
};
use support::{GATEWAY, ORDERS, PAYMENTS, TRACE, close, failing_request, line, text, time, with};

const OTHER: &str = "4bf92f35aaaaaaaaaaaaaaaaaaaaaaaa";

/// A line of the trace as text, so many microseconds after the start.
fn at(micros: u64) -> String {
    text(&[line("a", GATEWAY, micros, "INFO", "x")])
}

#[test]
fn lines_of_all_files_of_a_folder_are_printed_raw_and_in_order_of_time() {
    let logs = Logs::of_request();
    let mut expected = failing_request();
    expected.pop();
    expected.sort_by_key(|line| line["timestamp"].as_str().map(str::to_owned));
    assert_eq!(printed(&logs.run(&[TRACE, "."]), 0), text(&expected));
}

#[test]
fn a_trace_that_is_not_there_has_the_exit_code_1() {
    let logs = Logs::of_request();
    let output = logs.run(&["0af7651916cd43dd8448eb211c80319c", "."]);
    assert_eq!(printed(&output, 1), "");
    assert_eq!(printed(&logs.run(&["0af76519", "."]), 1), "");
}

#[test]
fn folders_below_and_rotated_and_compressed_files_are_searched() {
    let logs = Logs::new(&[
        ("shop/app.log", &at(40)),
        ("shop/deep/er/other.log", &at(50)),
    ]);
    let members = [gzip(&at(10)), gzip(&at(20))].concat();
    logs.write("shop/app.log.2.gz", &members);
    logs.write("shop/app.log.1", at(30).as_bytes());
    let all: String = [10, 20, 30, 40, 50].map(at).concat();
    assert_eq!(printed(&logs.run(&[TRACE, "shop"]), 0), all);
    let of_app: String = [10, 20, 30, 40].map(at).concat();
    for path in ["shop/app.log", "shop/*.log"] {
        assert_eq!(printed(&logs.run(&[TRACE, path]), 0), of_app, "{path}");
    }
    let twice = logs.run(&[TRACE, "shop", "shop/app.log", "shop/deep"]);
    assert_eq!(printed(&twice, 0), all, "a file is read once");
}

#[test]
fn standard_input_is_searched_if_there_are_no_paths_or_one_is_a_dash() {
    let logs = Logs::new(&[("a.log", &at(20))]);
    let input = at(10);
    for arguments in [&[TRACE][..], &[TRACE, "-"]] {
        let output = logs.run_with_input(arguments, input.as_bytes());
        assert_eq!(printed(&output, 0), input);
    }
    let both = logs.run_with_input(&[TRACE, "a.log", "-"], input.as_bytes());
    assert_eq!(printed(&both, 0), at(10) + &at(20));
    let compressed = [gzip(&at(10)), gzip(&at(20))].concat();
    let output = logs.run_with_input(&[TRACE], &compressed);
    assert_eq!(printed(&output, 0), at(10) + &at(20));
}

#[test]
fn a_prefix_finds_the_trace_in_all_forms_of_its_id() {
    let decimal = with(
        line("python", ORDERS, 30, "INFO", "in Datadog's form"),
        json!({"trace_id": "0000000000000000a3ce929d0e0e4736", "dd.trace_id": "11803532876627986230"}),
    );
    let logs = Logs::new(&[
        ("a.log", &at(10)),
        ("b.log", &text(slice::from_ref(&decimal))),
    ]);
    let expected = at(10) + &text(&[decimal]);
    for id in [
        &TRACE[..8],
        &TRACE[..13],
        "11803532876627986230",
        "4BF92F35-77B3",
    ] {
        assert_eq!(printed(&logs.run(&[id, "."]), 0), expected, "{id}");
    }
}

#[test]
fn several_traces_that_begin_with_a_prefix_are_listed() {
    let other = with(
        line("a", GATEWAY, 5, "INFO", "x"),
        json!({"trace_id": OTHER}),
    );
    let logs = Logs::new(&[("a.log", &(at(10) + &at(20) + &text(&[other])))]);
    let output = logs.run(&["4bf92f35", "a.log"]);
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(2), String::new())
    );
    let expected = format!(
        "tracegrep: 2 traces match:\n{TRACE}  2 lines  {}\n{OTHER}  1 line  {}\n",
        "2026-11-29T16:00:00.000Z", "2026-11-29T16:00:00.000Z"
    );
    assert_eq!(stderr(&output), expected);
}

#[test]
fn a_request_id_with_the_same_prefix_is_no_trace() {
    let request = with(
        line("a", GATEWAY, 5, "INFO", "x"),
        json!({"trace_id": TRACE, "request_id": OTHER}),
    );
    let logs = Logs::new(&[("a.log", &text(slice::from_ref(&request)))]);
    assert_eq!(
        printed(&logs.run(&["4bf92f35", "a.log"]), 0),
        text(&[request])
    );
}

#[test]
fn an_error_of_one_file_does_not_end_the_others() {
    let logs = Logs::new(&[("a.log", &at(10))]);
    let mut damaged = gzip(&at(20));
    damaged.truncate(damaged.len() - 4);
    logs.write("b.log.gz", &damaged);
    let output = logs.run(&[TRACE, "a.log", "missing.log", "b.log.gz"]);
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(2), at(10) + &at(20))
    );
    let errors = stderr(&output);
    assert!(
        errors.contains("missing.log: there is no such file"),
        "{errors}"
    );
    assert!(
        errors.contains("b.log.gz: the compressed file is truncated"),
        "{errors}"
    );
}

#[test]
fn a_damaged_file_without_a_wanted_line_is_reported() {
    let logs = Logs::new(&[]);
    let mut damaged = gzip(&at(20));
    damaged.truncate(damaged.len() - 4);
    logs.write("a.log.gz", &damaged);
    for wanted in [&["--last-error"][..], &["--field", "order=1017"]] {
        let output = logs.run(&[wanted, &["."]].concat());
        let errors = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{wanted:?} {errors}");
        assert!(
            errors.contains("a.log.gz: the compressed file is truncated"),
            "{errors}"
        );
    }
}

#[test]
fn what_follows_a_gzip_file_is_reported_and_zeros_are_not() {
    let logs = Logs::new(&[]);
    let compressed = gzip(&at(10));
    let with = |rest: &[u8]| [&compressed, rest].concat();
    logs.write("garbage.log.gz", &with(b"garbage"));
    let of_file = logs.run(&[TRACE, "garbage.log.gz"]);
    let of_pipe = logs.run_with_input(&[TRACE], &with(b"garbage"));
    for output in [of_file, of_pipe] {
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), at(10)));
        let errors = stderr(&output);
        assert!(errors.contains("there is no gzip header"), "{errors}");
    }
    let zeros = with(&[0; 100_000]);
    logs.write("zeros.log.gz", &zeros);
    assert_eq!(printed(&logs.run(&[TRACE, "zeros.log.gz"]), 0), at(10));
    assert_eq!(printed(&logs.run_with_input(&[TRACE], &zeros), 0), at(10));
}

#[test]
fn a_gzip_file_of_two_bytes_is_truncated() {
    let logs = Logs::new(&[]);
    logs.write("a.log.gz", b"\x1f\x8b");
    let of_file = logs.run(&[TRACE, "a.log.gz"]);
    let of_pipe = logs.run_with_input(&[TRACE], b"\x1f\x8b");
    for output in [of_file, of_pipe] {
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("is truncated"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn a_binary_file_is_passed_over_in_a_folder_and_refused_by_name() {
    let logs = Logs::new(&[("a.log", &at(10))]);
    logs.write("core", format!("\x7fELF\0\u{1}\u{2}\n{TRACE}\n").as_bytes());
    assert_eq!(printed(&logs.run(&[TRACE, "."]), 0), at(10));
    let output = logs.run(&[TRACE, "core"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output), "tracegrep: core: is not a text file\n");
}

#[cfg(unix)]
#[test]
fn input_that_is_neither_a_file_nor_a_pipe_is_refused() {
    let logs = Logs::new(&[("a.log", &at(10))]);
    let made = Command::new("mkfifo")
        .arg(logs.path().join("fifo"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    for (path, reason) in [
        (
            "fifo",
            "is a named pipe: give it as standard input, with `-` and `<`",
        ),
        ("/dev/zero", "is neither a regular file nor a pipe"),
    ] {
        let output = logs.run(&[TRACE, path, "a.log"]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), at(10)));
        assert_eq!(stderr(&output), format!("tracegrep: {path}: {reason}\n"));
    }
    for input in [logs.path(), Path::new("/dev/zero")] {
        let mut command = logs.command(&[TRACE, "-"]);
        let input = fs::File::open(input).expect("it can be opened");
        let output = command.stdin(input).output().expect("it starts");
        assert_eq!(output.status.code(), Some(2));
        let reason = "tracegrep: standard input is neither a regular file nor a pipe\n";
        assert_eq!(stderr(&output), reason);
    }
    // A folder may contain anything.
    assert_eq!(printed(&logs.run(&[TRACE, "."]), 0), at(10));
}

#[cfg(unix)]
#[test]
fn standard_input_is_read_under_each_of_its_names() {
    let logs = Logs::new(&[]);
    for name in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let output = logs.run_with_input(&[TRACE, name], at(10).as_bytes());
        assert_eq!(printed(&output, 0), at(10), "{name}");
    }
}

#[cfg(all(feature = "zstd", feature = "xz"))]
const ZSTD: &[u8] = b"(\xb5/\xfd\x00XQ\x01\x00trace_id=4bf92f3577b34da6a3ce929d0e0e4736\x0a";
#[cfg(all(feature = "zstd", feature = "xz"))]
const XZ: &[u8] = b"\xfd7zXZ\x00\x00\x00\xff\x12\xd9A\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\x01\x00)trace_id=4bf92f3577b34da6a3ce929d0e0e4736\x0a\x00\x00\x00\x00\x01:*\x84\xa2\x94\xde\x06r\x9ez\x01\x00\x00\x00\x00\x00YZ";

#[cfg(all(feature = "zstd", feature = "xz"))]
#[test]
fn compressed_standard_input_is_read() {
    // `zstd --no-check` and `xz --check=none` of the line `trace_id=…` wrote these.
    let line = format!("trace_id={TRACE}\n");
    let logs = Logs::new(&[]);
    for compressed in [ZSTD, XZ] {
        let output = logs.run_with_input(&[TRACE], compressed);
        assert_eq!(printed(&output, 0), line);
    }
    let output = logs.run_with_input(&[TRACE], &ZSTD[..20]);
    let errors = stderr(&output);
    assert!(
        errors.contains("-: the compressed file is truncated"),
        "{errors}"
    );
}

#[test]
fn standard_input_in_a_form_that_cannot_be_read_is_an_error_that_says_how_to_convert_it() {
    let logs = Logs::new(&[]);
    for (input, reason) in [
        (
            &b"BZh91AY&SY\x1b\x0f"[..],
            "is compressed with bzip2, which cannot be read: decompress it first, with `bzcat`",
        ),
        (
            b"\xff\xfea\0\n\0",
            "-: is UTF-16, which cannot be searched: convert it with `iconv -f UTF-16 -t UTF-8`",
        ),
        (b"\xfe\xff\0a\0\n", "-: is UTF-16, which cannot be searched"),
    ] {
        let output = logs.run_with_input(&[TRACE], input);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
    }
}

#[cfg(unix)]
#[test]
fn the_pipe_of_a_shell_is_read() {
    let logs = Logs::new(&[("a.log", &at(10))]);
    let script = format!("{} {TRACE} <(cat a.log)", env!("CARGO_BIN_EXE_tracegrep"));
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", &script]).current_dir(logs.path()).output();
    let Ok(output) = output else {
        return;
    };
    assert_eq!(printed(&output, 0), at(10));
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let lines: String = (0..20_000).map(at).collect();
    let logs = Logs::new(&[("a.log", &lines)]);
    let mut child = logs.command(&[TRACE, "a.log"]).spawn().expect("it starts");
    let mut reader = io::BufReader::new(child.stdout.take().expect("a pipe"));
    let mut first = String::new();
    reader.read_line(&mut first).expect("a line");
    drop(reader);
    assert_eq!(first, at(0));
    let mut errors = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut errors).expect("readable");
    assert_eq!(
        (child.wait().expect("it ends").code(), &*errors),
        (Some(0), "")
    );
}

#[test]
fn lines_that_follow_a_text_line_are_printed_with_it() {
    let log = format!(
        "2026-11-29 15:44:49,107 ERROR [trace_id={TRACE}] failed\nTraceback:\n  File \"x\"\n2026-11-29 15:44:50,000 INFO next\n"
    );
    let logs = Logs::new(&[("a.log", &log)]);
    let expected = log.split_inclusive('\n').take(3).collect::<String>();
    assert_eq!(printed(&logs.run(&[TRACE, "a.log"]), 0), expected);
}

#[test]
fn parts_of_lines_that_a_container_runtime_has_split_are_joined() {
    let (begin, end) = TRACE.split_at(10);
    let time = "2026-11-29T16:00:00.1Z";
    let log = format!("{time} stdout P {{\"trace_id\":\"{begin}\n{time} stdout F {end}\"}}\n");
    let logs = Logs::new(&[("pod.log", &log)]);
    let joined = format!("{time} stdout F {{\"trace_id\":\"{TRACE}\"}}\n");
    assert_eq!(printed(&logs.run(&[TRACE, "pod.log"]), 0), joined);
}

#[test]
fn a_tree_is_printed_without_colors_in_a_pipe_and_with_them_on_demand() {
    let logs = Logs::of_request();
    let tree = printed(&logs.run(&[TRACE, "--tree", "."]), 0);
    assert!(tree.contains("├─ place order orders"), "{tree}");
    assert!(!tree.contains('\u{1b}'));
    let colored = printed(&logs.run(&[TRACE, "--tree", "--color", "always", "."]), 0);
    assert!(colored.contains("\u{1b}[31m"), "{colored}");
    let mut narrow = logs.command(&[TRACE, "--tree", "."]);
    let narrow = narrow.env("COLUMNS", "60").output().expect("it starts");
    assert!(
        printed(&narrow, 0)
            .lines()
            .any(|row| row.chars().count() == 60)
    );
}

#[test]
fn json_has_the_spans_with_their_lines_and_children() {
    let logs = Logs::of_request();
    let object: Value =
        serde_json::from_str(&printed(&logs.run(&[TRACE, "--json", "."]), 0)).expect("JSON");
    assert_eq!(object["trace_id"], TRACE);
    let root = &object["spans"][0];
    let own = [
        "span_id",
        "name",
        "service",
        "start",
        "duration_ms",
        "timing",
    ]
    .map(|name| root[name].clone());
    let expected = [
        json!(GATEWAY),
        json!("POST /checkout/{id}"),
        json!("gateway"),
        json!("2026-11-29T16:00:00.000500000Z"),
        json!(29.5),
        json!("exact"),
    ];
    assert_eq!(own, expected);
    let orders = &root["children"][0];
    assert_eq!(orders["parent_span_id"], GATEWAY);
    assert_eq!(orders["parent_evidence"], "closing_line");
    let received = &orders["lines"][0];
    assert_eq!(received["message"], "order received");
    assert_eq!(
        received["fields"],
        json!({"target": "app", "order": 1017, "customer": "c-0815"})
    );
    assert_eq!(received["file"], "orders.jsonl");
    let raw: Value = serde_json::from_str(received["raw"].as_str().expect("a text")).expect("JSON");
    assert_eq!(raw["order"], 1017);
    let charge = &orders["children"][0];
    assert_eq!(charge["has_error"], true);
    let error = &charge["lines"][1]["error"]["message"];
    assert!(
        error
            .as_str()
            .is_some_and(|text| text.starts_with("limit of")),
        "{error}"
    );
    let missing = &root["children"][1];
    assert_eq!(missing["timing"], "missing");
    assert_eq!(missing["parent_evidence"], "containment");
}

#[test]
fn markdown_has_the_tree_and_the_raw_lines() {
    let logs = Logs::of_request();
    let markdown = printed(&logs.run(&[TRACE, "--markdown", "."]), 0);
    assert!(
        markdown.starts_with(&format!("### Trace `{TRACE}`\n\n```text\ntrace ")),
        "{markdown}"
    );
    assert!(markdown.contains("├─ place order orders"));
    assert!(markdown.contains("<summary>Raw lines</summary>"));
    assert!(markdown.ends_with("```\n\n</details>\n"));
}

#[test]
fn a_span_is_shown_with_those_below_it() {
    let logs = Logs::of_request();
    let lines = printed(&logs.run(&[TRACE, "--span", &ORDERS[..6], "."]), 0);
    assert_eq!(lines.lines().count(), 6, "orders and payments");
    assert!(!lines.contains("gateway"));
    assert_eq!(
        printed(&logs.run(&[TRACE, "--span", "ffffffffffffffff", "."]), 1),
        ""
    );
}

#[test]
fn a_span_is_named_by_a_prefix_of_any_length_that_no_other_span_has() {
    let logs = Logs::of_request();
    let whole = logs.run(&[TRACE, "--span", ORDERS, "."]);
    let whole = printed(&whole, 0);
    let number = format!("0x{ORDERS}");
    for id in [&ORDERS[..1], &number, &ORDERS.to_uppercase()] {
        let output = logs.run(&[TRACE, "--span", id, "."]);
        assert_eq!(printed(&output, 0), whole, "{id}");
    }
    let other = format!("{}{}", &ORDERS[..8], "00000000");
    logs.write(
        "other.log",
        text(&[line("jobs", &other, 1, "INFO", "x")]).as_bytes(),
    );
    let output = logs.run(&[TRACE, "--span", &ORDERS[..4], "."]);
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(2), String::new())
    );
    let errors = stderr(&output);
    assert!(
        errors.starts_with("tracegrep: 2 spans match:\n")
            && errors.contains(&format!("{ORDERS}  place order  orders\n"))
            && errors.contains(&format!("{other}  jobs\n")),
        "{errors}"
    );
}

#[test]
fn lines_are_chosen_by_service_level_and_time() {
    let logs = Logs::of_request();
    let messages = |arguments: &[&str]| -> Vec<String> {
        let all = [&[TRACE, "."], arguments].concat();
        let lines = printed(&logs.run(&all), 0);
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines
            .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(messages(&["--level", "error"]), ["card declined"]);
    assert_eq!(
        messages(&["--service", "mail"]),
        ["mail queued", "mail sent"]
    );
    let of_both = messages(&[
        "--service",
        "mail",
        "--service",
        "orders",
        "--level",
        "warn",
    ]);
    assert_eq!(of_both, ["注文は在庫が少ない 🙈"]);
    let within = messages(&["--since", &time(21_000), "--until", &time(30_000)]);
    assert_eq!(within, ["mail queued", "mail sent"]);
    let tree = printed(&logs.run(&[TRACE, ".", "--tree", "--level", "error"]), 0);
    assert!(
        tree.contains("place order") && !tree.contains("order received"),
        "{tree}"
    );
    assert_eq!(printed(&logs.run(&[TRACE, ".", "--level", "fatal"]), 1), "");
}

#[test]
fn the_last_error_is_that_of_the_newest_trace_with_an_error() {
    let of = |trace: &str, micros, level: &str| {
        let id = json!({"trace_id": trace});
        text(&[with(line("a", GATEWAY, micros, level, "x"), id)])
    };
    let (old, newest) = ("0af7651916cd43dd8448eb211c80319c", OTHER);
    let logs = Logs::new(&[
        (
            "a.log",
            &(of(old, 1, "ERROR") + &of(newest, 2, "INFO") + &of(TRACE, 9, "INFO")),
        ),
        ("b.log", &(of(newest, 3, "ERROR") + &of(newest, 4, "INFO"))),
    ]);
    let expected = of(newest, 2, "INFO") + &of(newest, 3, "ERROR") + &of(newest, 4, "INFO");
    assert_eq!(printed(&logs.run(&["--last-error", "."]), 0), expected);
    assert_eq!(
        printed(&logs.run(&["--last-error", "a.log"]), 0),
        of(old, 1, "ERROR")
    );
    let of_service = logs.run(&["--last-error", ".", "--service", "b"]);
    assert_eq!(printed(&of_service, 1), "");
    let none = logs.run(&["--last-error", "a.log", "--since", &time(5)]);
    assert_eq!(printed(&none, 1), "");
    let output = logs.run_with_input(&["--last-error", "-"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_last_error_is_found_whatever_its_level_looks_like() {
    for error in [
        format!(r#"{{"time":"2026-11-29T16:00:00.2Z","level":"E","trace_id":"{TRACE}"}}"#),
        format!(r#"{{"time":1795968000200,"level":50,"trace_id":"{TRACE}"}}"#),
        format!("E1129 16:00:00.200000 1 cart.go:8] \"failed\" trace_id=\"{TRACE}\""),
        format!("<11>1 2026-11-29T16:00:00.2Z host app 1 - [o trace_id=\"{TRACE}\"] failed"),
    ] {
        let other = at(10).replace(TRACE, OTHER);
        let logs = Logs::new(&[("a.log", &format!("{error}\n{other}"))]);
        let lines = printed(&logs.run(&["--last-error", "a.log"]), 0);
        assert_eq!(lines, format!("{error}\n"));
    }
}

#[test]
fn the_last_error_may_have_its_id_only_in_its_text() {
    for id in [
        format!("[shop,{TRACE},00f067aa0ba902b7]"),
        format!("trace_id: {TRACE}"),
        format!("[{TRACE}]"),
    ] {
        let error = format!("2026-11-29 16:00:00.100 ERROR {id} failed\n");
        let logs = Logs::new(&[("a.log", &error), ("b.log", &at(10))]);
        let lines = printed(&logs.run(&["--last-error", "."]), 0);
        assert!(lines.contains(&error) && lines.contains(&at(10)), "{lines}");
    }
}

#[test]
fn the_decimal_id_of_the_last_error_is_completed() {
    let error = with(
        line("python", ORDERS, 30, "ERROR", "in Datadog's form"),
        json!({"trace_id": null, "dd.trace_id": "11803532876627986230"}),
    );
    let logs = Logs::new(&[("a.log", &(at(10) + &text(slice::from_ref(&error))))]);
    assert_eq!(
        printed(&logs.run(&["--last-error", "."]), 0),
        at(10) + &text(&[error])
    );
}

#[test]
fn exports_are_written_to_files_and_nothing_is_printed_unless_a_form_is_chosen() {
    let logs = Logs::of_request();
    let all = [
        TRACE,
        ".",
        "--export",
        "perfetto=p.json",
        "--export",
        "jaeger=j.json",
        "--export",
        "otlp=o.json",
    ];
    assert_eq!(printed(&logs.run(&all), 0), "");
    for (name, member) in [("p", "traceEvents"), ("j", "data"), ("o", "resourceSpans")] {
        let path = logs.path().join(format!("{name}.json"));
        let text = fs::read_to_string(path).expect("the file is written");
        let file: Value = serde_json::from_str(&text).expect("JSON");
        assert!(file[member].is_array(), "{text}");
    }
    // The files of the first run are in the folder that is searched.
    assert_eq!(printed(&logs.run(&all), 0), "");
    let path = logs.path().join("j.json");
    assert!(
        !fs::read_to_string(path)
            .expect("readable")
            .contains("traceEvents")
    );
    let with_form = [&all[..], &["--tree"]].concat();
    assert!(printed(&logs.run(&with_form), 0).contains("POST /checkout/{id}"));
    let output = logs.run(&[TRACE, ".", "--export", "otlp=-", "--span", PAYMENTS]);
    let request: Value = serde_json::from_str(&printed(&output, 0)).expect("JSON");
    assert_eq!(request["resourceSpans"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_export_that_fails_has_the_exit_code_2_and_the_others_are_written() {
    let logs = Logs::of_request();
    let all = [
        TRACE,
        ".",
        "--export",
        "otlp=none/o.json",
        "--export",
        "jaeger=j.json",
    ];
    let output = logs.run(&all);
    assert_eq!(output.status.code(), Some(2));
    let shown = stderr(&output);
    assert!(shown.contains("none/o.json: cannot be written"), "{shown}");
    assert!(logs.path().join("j.json").exists());
}

#[test]
fn without_a_span_only_perfetto_can_be_exported() {
    let logs = Logs::new(&[("a.log", &format!("trace_id={TRACE} alone\n"))]);
    let output = logs.run(&[TRACE, ".", "--export", "otlp=o.json"]);
    assert_eq!(output.status.code(), Some(2));
    let shown = stderr(&output);
    assert!(shown.contains("no line names a span"), "{shown}");
    let output = logs.run(&[TRACE, ".", "--export", "perfetto=p.json"]);
    assert_eq!(printed(&output, 0), "");
}

#[test]
fn wrong_arguments_have_the_exit_code_2() {
    let logs = Logs::new(&[]);
    for (arguments, reason) in [
        (&["not-an-id", "."][..], "is not a trace id"),
        (&[], "<ID>"),
        (&[TRACE, ".", "--tree", "--json"], "cannot be used with"),
        (
            &[TRACE, ".", "--since", "yesterday"],
            "expected a time such as",
        ),
        (
            &[TRACE, ".", "--export", "zip=a"],
            "expected `perfetto=FILE`",
        ),
        (
            &["--last-error", "--loki", "http://127.0.0.1:1"],
            "--last-error needs a file, a folder or a pattern; servers cannot be searched for errors",
        ),
        (
            &["--field", "order=1", "--jaeger", "http://127.0.0.1:1"],
            "--field needs a file, a folder or a pattern; servers cannot be searched for fields",
        ),
        (
            &["--field", "order=1"],
            "--field needs a file, a folder or a pattern; standard input is not read",
        ),
        (
            &["--last-error", "-", "."],
            "--last-error needs a file, a folder or a pattern; standard input cannot be read twice",
        ),
        (
            &["--follow", "--errors", TRACE, "."],
            "--errors cannot be used with --follow and an ID",
        ),
        (
            &["--top", "errors", ".", "--loki", "http://127.0.0.1:1"],
            "'--top <ORDER>' cannot be used with '--loki <URL>'",
        ),
        (
            &[TRACE, ".", "--export", "jaeger=http://127.0.0.1:1"],
            "only `otlp` can be sent to a server; `jaeger` and `perfetto` need a file",
        ),
        (&[TRACE, ".", "--level", "loud"], "expected trace, debug"),
        (&[TRACE, ".", "--span", "zz"], "expected 16 hexadecimal"),
        (&[TRACE, ".", "--span", "*"], "expected 16 hexadecimal"),
        (
            &["app.log", TRACE],
            "tip: the id comes before the paths: tracegrep ID PATHS",
        ),
    ] {
        let output = logs.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
    }
}

#[test]
fn completions_the_manual_and_the_version_are_printed() {
    let logs = Logs::new(&[]);
    assert!(printed(&logs.run(&["--completions", "bash"]), 0).contains("_tracegrep"));
    assert!(printed(&logs.run(&["--man"]), 0).contains(".TH tracegrep"));
    let version = printed(&logs.run(&["--version"]), 0);
    let start = format!("tracegrep {}", env!("CARGO_PKG_VERSION"));
    let commit = version
        .strip_prefix(&start)
        .expect("its version")
        .trim_end();
    let digits = commit
        .strip_prefix(" (rev ")
        .and_then(|rest| rest.strip_suffix(')'));
    let is_hex = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    // Outside a repository and a package, there is no commit.
    assert!(
        commit.is_empty() || digits.is_some_and(|digits| digits.len() == 10 && is_hex(digits)),
        "{version}"
    );
}

#[test]
fn corrected_clocks_are_drawn_and_raw_times_on_demand() {
    let lines = [
        close("gateway", GATEWAY, "POST /checkout", 10_000, 30_000),
        support::child_of(
            close("orders", ORDERS, "place order", 7_001, 15_001),
            GATEWAY,
        ),
    ];
    let logs = Logs::new(&[("a.log", &text(&lines))]);
    let tree = |arguments: &[&str]| {
        let all = [&[TRACE, "a.log", "--tree"], arguments].concat();
        printed(&logs.run(&all), 0)
    };
    assert!(tree(&[]).contains("⇄+9.00ms"));
    assert!(!tree(&["--raw-times"]).contains('⇄'));
}

#[cfg(unix)]
#[test]
fn the_file_behind_standard_output_is_not_searched() {
    let logs = Logs::new(&[("a.log", &at(10)), ("out.log", &at(20))]);
    fs::hard_link(logs.path().join("out.log"), logs.path().join("same.log")).expect("a link");
    for arguments in [
        &[TRACE, "."][..],
        &[&TRACE[..8], "."],
        &["--field", "service=a", "."],
    ] {
        let before = fs::read_to_string(logs.path().join("out.log")).expect("a file");
        let out = OpenOptions::new()
            .append(true)
            .open(logs.path().join("out.log"));
        let mut command = logs.command(arguments);
        let status = command.stdout(out.expect("it opens")).status();
        assert!(status.expect("it starts").success());
        let expected = format!("{before}{}", at(10));
        let after = fs::read_to_string(logs.path().join("out.log")).expect("a file");
        assert_eq!(after, expected, "{arguments:?}");
    }
}

#[test]
fn what_is_left_out_of_raw_lines_is_said_on_standard_error() {
    let long = format!("{TRACE} {}\n", "x".repeat(5 << 20));
    let frames = "  at somewhere\n".repeat(200_000);
    let stack = format!("2026-11-29T16:00:00Z ERROR boom trace_id={TRACE}\n{frames}");
    let logs = Logs::new(&[("long.log", &long), ("stack.log", &stack)]);
    let output = logs.run(&[TRACE, ".", "--lines"]);
    assert_eq!(output.status.code(), Some(0));
    let errors = stderr(&output);
    assert!(
        errors.contains(
            "long.log: the line at offset 0 is too long, and only its first 65536 bytes are printed"
        ),
        "{errors}"
    );
    assert!(
        errors.contains("lines that belong to the line at offset 0 are left out"),
        "{errors}"
    );
    let json = logs.run(&[TRACE, "stack.log", "--json"]);
    assert!(stdout(&json).contains("The rest of them is left out."));
}

#[test]
fn a_file_that_is_not_compressed_as_its_name_says_is_a_problem() {
    let logs = Logs::new(&[("a.log", "text\n")]);
    logs.write("bad.log.1.gz", b"\x1f\x8bxx");
    logs.write("wide.log", b"\xff\xfeo\0k\0\n\0");
    let output = logs.run(&[TRACE, "."]);
    assert_eq!(output.status.code(), Some(2));
    let errors = stderr(&output);
    assert!(
        errors.contains("bad.log.1.gz: is not gzip, although its name says so"),
        "{errors}"
    );
    assert!(errors.contains("wide.log: is UTF-16"), "{errors}");
}
