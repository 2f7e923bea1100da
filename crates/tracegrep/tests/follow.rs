//! Tests of `tracegrep --follow`.

#[path = "support/following.rs"]
mod following;
#[path = "support/logs.rs"]
mod logs;
mod support;

use following::{Following, PATIENCE, append, error, info, of, without_probes};
use logs::{Logs, gzip, stderr};
use serde_json::Value;
use std::{
    collections::HashSet,
    fs,
    io::Read as _,
    thread,
    time::{Duration, Instant},
};
use support::{GATEWAY, TRACE, close, text};

const FINE: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
/// A trace with an error, with which a test shows that all before it was handled.
const LAST: &str = "cccccccccccccccccccccccccccccccc";

#[test]
fn a_trace_that_fails_is_printed_whole_and_once_over_a_rotation() {
    let logs = Logs::new(&[("app.log", &text(&[error(TRACE, "from before")]))]);
    let arguments = ["--follow", "--errors", ".", "--quiet-after", "3s"];
    let following = Following::start(&logs, &arguments);
    following.wait_until_followed(&logs, "app.log");
    append(
        &logs,
        "app.log",
        &[info(TRACE, "one"), info(FINE, "fine"), info(TRACE, "two")],
    );
    fs::rename(logs.path().join("app.log"), logs.path().join("app.log.1")).expect("renamed");
    append(&logs, "app.log.1", &[info(TRACE, "three")]);
    append(
        &logs,
        "app.log",
        &[error(TRACE, "four"), info(FINE, "fine too")],
    );
    append(
        &logs,
        "other.log",
        &[of(TRACE, close("shop", GATEWAY, "root", 0, 60_000))],
    );
    let failing = without_probes(following.until("root"));
    let expected = [
        info(TRACE, "one"),
        info(TRACE, "two"),
        info(TRACE, "three"),
        error(TRACE, "four"),
        of(TRACE, close("shop", GATEWAY, "root", 0, 60_000)),
    ];
    let expected: Vec<String> = expected.iter().map(Value::to_string).collect();
    assert_eq!(failing, expected);
    append(&logs, "other.log", &[error(LAST, "last")]);
    let rest = without_probes(following.until(LAST));
    assert_eq!(rest, [error(LAST, "last").to_string()]);
}

#[test]
fn without_errors_each_trace_is_printed_and_a_truncated_file_and_its_copy_are_read_once() {
    let logs = Logs::new(&[("app.log", "")]);
    let following = Following::start(&logs, &["--follow", "app.log", "--quiet-after", "1s"]);
    following.wait_until_followed(&logs, "app.log");
    append(&logs, "app.log", &[info(FINE, "fine")]);
    assert_eq!(
        without_probes(following.until("fine")),
        [info(FINE, "fine").to_string()]
    );
    // As `copytruncate` does.
    fs::copy(logs.path().join("app.log"), logs.path().join("app.log.1")).expect("copied");
    fs::write(logs.path().join("app.log"), "").expect("truncated");
    append(&logs, "app.log", &[info(LAST, "after")]);
    assert_eq!(
        without_probes(following.until("after")),
        [info(LAST, "after").to_string()]
    );
}

#[test]
fn new_lines_of_one_trace_are_printed_as_they_come_with_their_stack_traces() {
    let logs = Logs::new(&[("app.log", &text(&[info(TRACE, "old")]))]);
    let following = Following::start(&logs, &["--follow", "4bf92f35", "."]);
    let more = [info(TRACE, "new"), info(FINE, "other")];
    let is_followed = (0..600).any(|_| {
        append(&logs, "app.log", &more);
        following.has_next()
    });
    assert!(is_followed);
    let stack = format!("2026-11-29T16:00:00Z ERROR boom trace_id={TRACE}\n  at shop\n  at main\n");
    logs.write("text.log", stack.as_bytes());
    let lines = following.until("at main");
    let lines: Vec<&String> = lines.iter().filter(|line| !line.contains("new")).collect();
    assert_eq!(
        lines,
        stack.lines().collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
}

#[cfg(unix)]
#[test]
fn it_ends_without_an_error_if_it_is_interrupted_or_its_reader_has_gone() {
    let logs = Logs::new(&[("app.log", "")]);
    let mut following = Following::start(&logs, &["--follow", ".", "--quiet-after", "1s"]);
    following.wait_until_followed(&logs, "app.log");
    following.signal("-INT");
    assert_eq!(following.child.wait().expect("it ends").code(), Some(0));

    let mut child = logs.command(&["--follow", "."]).spawn().expect("it starts");
    drop(child.stdout.take());
    let mut attempts = 0..600;
    let code = attempts.find_map(|attempt| {
        append(
            &logs,
            "app.log",
            &[error(&format!("{:032x}", 1 + attempt), "probe")],
        );
        thread::sleep(Duration::from_millis(100));
        child.try_wait().expect("it can be asked")
    });
    assert_eq!(code.and_then(|status| status.code()), Some(0));
}

#[test]
fn a_compressed_file_is_not_followed_and_a_message_says_so() {
    let logs = Logs::new(&[("app.log", "")]);
    logs.write("old.log.1.gz", &gzip("text\n"));
    logs.write("old", &gzip("text\n"));
    let output = logs.run(&["--follow", "old.log.1.gz", "old"]);
    assert_eq!(output.status.code(), Some(2));
    let expected = "tracegrep: compressed files are not followed: old.log.1.gz and 1 more\n";
    assert_eq!(stderr(&output), expected);
    let mut following = Following::start(
        &logs,
        &["--follow", "old", "app.log", "--quiet-after", "1s"],
    );
    following.wait_until_followed(&logs, "app.log");
    let mut errors = following.child.stderr.take().expect("a pipe");
    let _ = following.child.kill();
    let mut text = String::new();
    errors.read_to_string(&mut text).expect("UTF-8");
    assert_eq!(text, "tracegrep: compressed files are not followed: old\n");
}

#[test]
fn standard_input_cannot_be_followed() {
    let logs = Logs::new(&[]);
    for arguments in [&["--follow"][..], &["--follow", "-"], &["--follow", TRACE]] {
        let output = logs.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains("--follow needs files"),
            "{arguments:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn the_file_behind_standard_output_is_not_followed() {
    let logs = Logs::new(&[("app.log", "")]);
    let out = logs.path().join("out.log");
    let mut command = logs.command(&["--follow", TRACE, "."]);
    command.stdout(fs::File::create(&out).expect("a file"));
    let mut child = command.spawn().expect("it starts");
    let printed = || fs::read_to_string(&out).expect("a file");
    let started = Instant::now();
    for number in 0.. {
        append(&logs, "app.log", &[info(TRACE, &format!("line {number}"))]);
        thread::sleep(Duration::from_millis(50));
        if printed().lines().count() >= 20 {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{}", printed());
    }
    child.kill().expect("it runs");
    let _ = child.wait();
    let text = printed();
    let lines: HashSet<&str> = text.lines().collect();
    assert_eq!(lines.len(), text.lines().count(), "{text}");
}
