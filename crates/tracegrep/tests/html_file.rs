//! The option `--html` of the program.

mod support;

use std::{
    fs,
    process::{Command, Output, Stdio},
};
use support::{TRACE, failing_request, text};
use tempfile::TempDir;

/// A folder with the log of a request.
fn logs() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::create_dir(folder.path().join("logs")).expect("a folder");
    fs::write(
        folder.path().join("logs/shop.jsonl"),
        text(&failing_request()),
    )
    .expect("a file");
    folder
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tracegrep"))
        .args(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn assert_silent(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "{output:?}"
    );
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("a folder").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn assert_page(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    assert!(page.ends_with("</html>\n"), "{page}");
    for text in [
        TRACE,
        "POST /checkout/{id}",
        "card declined",
        "└─ ✗ POST /charge",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_page_is_written_to_the_file_and_nothing_else_is() {
    let folder = logs();
    assert_silent(&run(&folder, &[TRACE, "logs", "--html", "trace.html"]), 0);
    assert_eq!(names(&folder), ["logs", "trace.html"]);
    assert_page(&fs::read_to_string(folder.path().join("trace.html")).expect("a file"));
}

#[test]
fn a_dash_writes_the_page_to_standard_output() {
    let folder = logs();
    let output = run(&folder, &[TRACE, "logs", "--html", "-"]);
    assert_eq!(output.status.code(), Some(0));
    assert_page(&String::from_utf8(output.stdout).expect("UTF-8"));
    assert_eq!(names(&folder), ["logs"]);
}

#[test]
fn the_page_does_not_find_itself_when_it_is_written_again() {
    let folder = logs();
    let write = || {
        assert_silent(&run(&folder, &[TRACE, ".", "--html", "logs/trace.html"]), 0);
        fs::read_to_string(folder.path().join("logs/trace.html")).expect("a file")
    };
    assert_eq!(write(), write());
}

#[test]
fn a_file_is_only_replaced_if_the_trace_was_found() {
    let folder = logs();
    let path = folder.path().join("trace.html");
    fs::write(&path, "earlier").expect("a file");
    let other = "0af7651916cd43dd8448eb211c80319c";
    assert_silent(&run(&folder, &[other, "logs", "--html", "trace.html"]), 1);
    assert_eq!(fs::read_to_string(&path).expect("a file"), "earlier");
    assert_silent(&run(&folder, &[TRACE, "logs", "--html", "trace.html"]), 0);
    assert_page(&fs::read_to_string(&path).expect("a file"));
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = logs();
    for path in ["missing/trace.html", "logs"] {
        let output = run(&folder, &[TRACE, "logs", "--html", path]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let message = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(
            message.starts_with(&format!("tracegrep: {path}: ")),
            "{message}"
        );
    }
    assert_eq!(names(&folder), ["logs"]);
}

/// Each way to name a target.
fn targets(file: &str) -> [Vec<String>; 4] {
    let export = |kind| vec!["--export".to_owned(), format!("{kind}={file}")];
    let html = vec!["--html".to_owned(), file.to_owned()];
    [export("otlp"), export("jaeger"), export("perfetto"), html]
}

#[test]
fn a_file_that_is_searched_is_never_replaced() {
    let folder = logs();
    let log = folder.path().join("logs/shop.jsonl");
    let before = fs::read(&log).expect("a file");
    let names = ["logs/shop.jsonl", "./logs/../logs/shop.jsonl", "hard.jsonl"];
    fs::hard_link(&log, folder.path().join("hard.jsonl")).expect("a link");
    for name in names.iter().take(if cfg!(unix) { 3 } else { 2 }) {
        for target in targets(name) {
            let mut arguments = vec![TRACE, "logs/shop.jsonl"];
            arguments.extend(target.iter().map(String::as_str));
            let output = run(&folder, &arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(message.contains("one of the files to search"), "{message}");
            assert_eq!(fs::read(&log).expect("a file"), before);
        }
    }
}

#[test]
fn a_log_in_a_searched_folder_or_of_a_pattern_is_never_replaced_but_an_earlier_output_is() {
    let folder = logs();
    let log = folder.path().join("logs/shop.jsonl");
    let rotated = folder.path().join("logs/shop.jsonl.1");
    fs::copy(&log, &rotated).expect("a copy");
    let before = fs::read(&log).expect("a file");
    for (paths, file) in [
        ("logs", &log),
        (".", &log),
        ("logs/*.jsonl", &log),
        ("logs/shop.jsonl", &rotated),
    ] {
        let name = file.strip_prefix(folder.path()).expect("within it");
        for target in targets(name.to_str().expect("UTF-8")) {
            let mut arguments = vec![TRACE, paths];
            arguments.extend(target.iter().map(String::as_str));
            let output = run(&folder, &arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(message.contains("one of the files to search"), "{message}");
            assert_eq!(fs::read(file).expect("a file"), before);
        }
    }
    // An empty file is replaced too.
    fs::write(folder.path().join("logs/0.out"), "").expect("a file");
    for (number, target) in targets("logs/0.out").iter().enumerate() {
        for _ in 0..2 {
            let name = format!("logs/{number}.out");
            let target: Vec<String> = target
                .iter()
                .map(|word| word.replace("logs/0.out", &name))
                .collect();
            let mut arguments = vec![TRACE, "logs"];
            arguments.extend(target.iter().map(String::as_str));
            assert_silent(&run(&folder, &arguments), 0);
        }
    }
}

#[test]
fn two_outputs_to_one_target_are_refused() {
    let folder = logs();
    for options in [
        ["--export", "otlp=-", "--export", "jaeger=-"],
        ["--export", "otlp=t.json", "--export", "jaeger=./t.json"],
        ["--export", "otlp=-", "--html", "-"],
        ["--export", "otlp=-", "--tree", "--wide"],
    ] {
        fs::write(folder.path().join("t.json"), "earlier").expect("a file");
        let output = run(&folder, &[&[TRACE, "logs"][..], &options[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(output.stdout.is_empty(), "{options:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("more than one output"), "{message}");
        let file = fs::read(folder.path().join("t.json")).expect("a file");
        assert_eq!(file, b"earlier");
    }
}

#[test]
fn a_page_is_one_form_among_others() {
    let folder = logs();
    let output = run(&folder, &[TRACE, "logs", "--html", "trace.html", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(message.contains("cannot be used with"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_link_and_the_mode_of_the_file_stay_and_a_pipe_is_written_to() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = logs();
    let file = folder.path().join("logs/real.html");
    fs::write(&file, "earlier").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("logs/real.html", folder.path().join("link.html")).expect("a link");
    assert_silent(
        &run(&folder, &[TRACE, "logs/shop.jsonl", "--html", "link.html"]),
        0,
    );
    assert_page(&fs::read_to_string(&file).expect("a file"));
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(folder.path().join("link.html").is_symlink());
    // A pipe.
    let output = run(
        &folder,
        &[TRACE, "logs/shop.jsonl", "--html", "/dev/stdout"],
    );
    assert_page(&String::from_utf8(output.stdout).expect("UTF-8"));
}
