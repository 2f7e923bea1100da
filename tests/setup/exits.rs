//! However a process ends, no line is missing afterwards.

use super::children::{command, lines, run};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    time::{Duration, Instant},
};
use tracing::{error, info, info_span};

/// Logs two lines and ends in the way that `STAMP_TEST_END` names.
pub(crate) fn child() {
    let end = std::env::var("STAMP_TEST_END").expect("the test sets it");
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    info_span!("job").in_scope(|| {
        info!("the job begins");
        error!("the job has failed");
    });
    match &*end {
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
            kill_process(getpid(), signal).expect("the process exists");
            std::thread::sleep(Duration::from_secs(60));
        }
        #[cfg(not(unix))]
        end => panic!("unknown end {end:?}"),
    }
}

/// The path of a folder for one test.
fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("exits-{}-{name}", std::process::id()))
}

#[test]
fn no_line_is_missing_however_the_process_ends_and_wherever_lines_go() {
    for end in ["exit", "abort", "SIGTERM", "SIGINT", "SIGKILL"] {
        let variable = ("STAMP_TEST_END", end);
        let output = run("exits", &[variable]);
        assert_eq!(
            output.lines.len(),
            2,
            "{end}: {}{}",
            output.stdout,
            output.stderr
        );
        let output = run("exits", &[variable, ("LOG_OUTPUT", "stderr")]);
        assert_eq!(lines(&output.stderr).len(), 2, "{end}: {}", output.stderr);
        let folder = scratch(end);
        let file = folder.join("log.jsonl");
        run(
            "exits",
            &[variable, ("LOG_FILE", file.to_str().expect("UTF-8"))],
        );
        let written = fs::read_to_string(&file).expect("the child has written it");
        assert_eq!(lines(&written).len(), 2, "{end}: {written}");
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}

/// Prints whether `init` leaves the caught and ignored signals as they are.
#[cfg(target_os = "linux")]
pub(crate) fn signal_handlers_child() {
    let handled = || {
        let status = fs::read_to_string("/proc/self/status").expect("Linux has this file");
        let is_mask = |line: &&str| ["SigIgn", "SigCgt"].contains(&&line[..6]);
        let masks = status.lines().filter(|line| line.len() > 6).filter(is_mask);
        masks.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = handled();
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    info!("hello");
    eprintln!("unchanged: {}", before == handled());
}

#[cfg(target_os = "linux")]
#[test]
fn init_changes_no_signal_handler() {
    for background in ["true", "false"] {
        let output = run("signal-handlers", &[("LOG_BACKGROUND", background)]);
        assert!(
            output.stderr.contains("unchanged: true"),
            "{}",
            output.stderr
        );
    }
}

/// Drops the guard at once, or after a line.
pub(crate) fn dropped_guard_child() {
    match std::env::var("STAMP_TEST_END").as_deref() {
        Ok("at once") => drop(tracing_stamp::init().expect("the set-up is valid")),
        _ => {
            let guard = tracing_stamp::init().expect("the set-up is valid");
            info_span!("first").in_scope(|| info!("before the guard is dropped"));
            drop(guard);
        }
    }
    info_span!("second").in_scope(|| info!("after the guard is dropped"));
}

#[test]
fn a_guard_that_is_dropped_at_once_is_the_one_reported_problem_and_lines_are_written() {
    let folder = scratch("dropped");
    let file = folder.join("log.jsonl");
    for log_file in [None, Some(("LOG_FILE", file.to_str().expect("UTF-8")))] {
        let output = run(
            "dropped-guard",
            &[Some(("STAMP_TEST_END", "at once")), log_file]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>(),
        );
        let written = fs::read_to_string(&file).unwrap_or_default() + &output.stdout;
        assert_eq!(lines(&written).len(), 1, "{written}{}", output.stderr);
        assert!(output.stderr.contains("let _guard ="), "{}", output.stderr);
        assert_eq!(
            output.stderr.matches("tracing-stamp:").count(),
            1,
            "{}",
            output.stderr
        );
    }
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn a_line_after_the_guard_is_dropped_is_written_and_not_reported() {
    let output = run("dropped-guard", &[("STAMP_TEST_END", "later")]);
    output.with_message("after the guard is dropped");
    assert_eq!(output.stderr, "");
}

/// Logs more than a pipe holds, and prints how long the shutdown took.
pub(crate) fn closed_output_child() {
    let guard = tracing_stamp::setup()
        .with_shutdown_timeout(Duration::from_secs(60))
        .init()
        .expect("the set-up is valid");
    info_span!("job").in_scope(|| (0..5_000).for_each(|order| info!(order, "a line")));
    let begin = Instant::now();
    drop(guard);
    eprintln!("ended within {} s", begin.elapsed().as_secs());
}

#[test]
fn the_exit_is_not_delayed_if_the_reader_of_the_output_goes_away() {
    for background in ["false", "true"] {
        let mut child = command("closed-output")
            .env("LOG_BACKGROUND", background)
            .spawn()
            .expect("the child process starts");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut first = String::new();
        while !first.contains("a line") {
            first.clear();
            out.read_line(&mut first).expect("the child writes lines");
        }
        // `head -1` closes its input like this.
        drop(out);
        let mut err = String::new();
        let mut pipe = child.stderr.take().expect("it is piped");
        pipe.read_to_string(&mut err).expect("UTF-8");
        child.wait().expect("the child ends");
        let seconds = err
            .split("ended within ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let seconds: u64 = seconds
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or_else(|| panic!("{err}"));
        assert!(seconds < 30, "{background}: {err}");
        assert!(err.contains("roken pipe"), "{background}: {err}");
        let reports = err.matches("tracing-stamp:").count();
        let is_closed = err.contains("nothing reads the log output any more");
        assert!(is_closed && reports == 1, "{background}: {err}");
    }
}
