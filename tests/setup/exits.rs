//! How a process ends: no line is missing afterwards.

use super::children::{command, lines, run};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    time::{Duration, Instant},
};
use tracing::{error, info, info_span};

/// Logs two lines, and ends in the way that `STAMP_TEST_END` names.
pub(crate) fn child() {
    let how = std::env::var("STAMP_TEST_END").expect("how it ends");
    let _guard = tracing_stamp::init().expect("it is right");
    info_span!("job").in_scope(|| {
        info!("it begins");
        error!("it failed");
    });
    match &*how {
        "exit" => std::process::exit(1),
        "abort" => std::process::abort(),
        #[cfg(unix)]
        signal => {
            use rustix::process::{Signal, getpid, kill_process};
            let signal = match signal {
                "SIGTERM" => Signal::TERM,
                "SIGINT" => Signal::INT,
                _ => Signal::KILL,
            };
            kill_process(getpid(), signal).expect("it lives");
            std::thread::sleep(Duration::from_secs(60));
        }
        #[cfg(not(unix))]
        how => panic!("no end {how:?}"),
    }
}

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("exits-{}-{name}", std::process::id()))
}

#[test]
fn no_line_is_missing_however_the_process_ends_and_wherever_lines_go() {
    for how in ["exit", "abort", "SIGTERM", "SIGINT", "SIGKILL"] {
        let end = ("STAMP_TEST_END", how);
        let said = run("ends", &[end]);
        assert_eq!(said.lines.len(), 2, "{how}: {}{}", said.out, said.err);
        let said = run("ends", &[end, ("LOG_OUTPUT", "stderr")]);
        assert_eq!(lines(&said.err).len(), 2, "{how}: {}", said.err);
        let folder = scratch(how);
        let file = folder.join("log.jsonl");
        run("ends", &[end, ("LOG_FILE", file.to_str().expect("text"))]);
        let written = fs::read_to_string(&file).expect("it was made");
        assert_eq!(lines(&written).len(), 2, "{how}: {written}");
        fs::remove_dir_all(folder).expect("it can be removed");
    }
}

/// Says whether `init` has changed which signals are caught or ignored.
#[cfg(target_os = "linux")]
pub(crate) fn signals_child() {
    let masks = || {
        let status = fs::read_to_string("/proc/self/status").expect("it can be read");
        let is_mask = |line: &&str| ["SigIgn", "SigCgt"].contains(&&line[..6]);
        let masks = status.lines().filter(|line| line.len() > 6).filter(is_mask);
        masks.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = masks();
    let _guard = tracing_stamp::init().expect("it is right");
    info!("hello");
    eprintln!("same: {}", before == masks());
}

#[cfg(target_os = "linux")]
#[test]
fn init_changes_no_handler_of_a_signal() {
    for background in ["true", "false"] {
        let said = run("signals", &[("LOG_BACKGROUND", background)]);
        assert!(said.err.contains("same: true"), "{}", said.err);
    }
}

/// Drops its guard at once, or logs before.
pub(crate) fn dropped_child() {
    match std::env::var("STAMP_TEST_END").as_deref() {
        Ok("at once") => drop(tracing_stamp::init().expect("it is right")),
        _ => {
            let guard = tracing_stamp::init().expect("it is right");
            info_span!("first").in_scope(|| info!("within"));
            drop(guard);
        }
    }
    info_span!("second").in_scope(|| info!("after the guard"));
}

#[test]
fn a_guard_that_is_dropped_at_once_is_reported_as_just_that_and_its_lines_are_written() {
    let folder = scratch("dropped");
    let file = folder.join("log.jsonl");
    for to in [None, Some(("LOG_FILE", file.to_str().expect("text")))] {
        let said = run(
            "dropped",
            &[Some(("STAMP_TEST_END", "at once")), to]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>(),
        );
        let written = fs::read_to_string(&file).unwrap_or_default() + &said.out;
        assert_eq!(lines(&written).len(), 1, "{written}{}", said.err);
        assert!(said.err.contains("let _guard ="), "{}", said.err);
        assert_eq!(
            said.err.matches("tracing-stamp:").count(),
            1,
            "{}",
            said.err
        );
    }
    fs::remove_dir_all(folder).expect("it can be removed");
}

#[test]
fn a_line_behind_a_guard_that_was_kept_is_written_and_no_reason_to_complain() {
    let said = run("dropped", &[("STAMP_TEST_END", "later")]);
    said.with_message("after the guard");
    assert_eq!(said.err, "");
}

/// Logs more than a pipe holds, and says how long its end took.
pub(crate) fn unread_child() {
    let guard = tracing_stamp::setup()
        .with_shutdown_timeout(Duration::from_secs(60))
        .init()
        .expect("it is right");
    info_span!("job").in_scope(|| (0..5_000).for_each(|order| info!(order, "a line")));
    let begin = Instant::now();
    drop(guard);
    eprintln!("ended within {} s", begin.elapsed().as_secs());
}

#[test]
fn a_reader_that_goes_away_delays_no_exit() {
    for background in ["false", "true"] {
        let mut child = command("unread")
            .env("LOG_BACKGROUND", background)
            .spawn()
            .expect("a child");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        while !first.contains("a line") {
            first.clear();
            out.read_line(&mut first).expect("a line");
        }
        // As `head -1` does.
        drop(out);
        let mut err = String::new();
        let mut pipe = child.stderr.take().expect("a pipe");
        pipe.read_to_string(&mut err).expect("text");
        child.wait().expect("it ends");
        let seconds = err
            .split("ended within ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let seconds: u64 = seconds
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or_else(|| panic!("{err}"));
        assert!(seconds < 30, "{background}: {err}");
        assert!(err.contains("roken pipe"), "{background}: {err}");
    }
}
