//! Loggers of Go, as a program of its own in the folder `go`. Each is set up as its README says, see the files there. Their lines have the same
//! fields. Except for `phuslu-log-otel`, the ids are constants.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Contender, Job};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::sink::Sink;

pub const ALL: &[&Contender] = &[
    &Contender {
        name: "phuslu-log",
        what: "Go: context's fields, constant ids",
        swept: false,
        run: |job| run("phuslu-log", job),
    },
    &Contender {
        name: "phuslu-log-otel",
        what: "Go: context's fields, ids of the span in the context",
        swept: false,
        run: |job| run("phuslu-log-otel", job),
    },
    &Contender {
        name: "zerolog",
        what: "Go: context's fields, constant ids",
        swept: false,
        run: |job| run("zerolog", job),
    },
    &Contender {
        name: "zap",
        what: "Go: context's fields, constant ids",
        swept: false,
        run: |job| run("zap", job),
    },
];

/// Builds the program, or says why that is impossible. A build needs Go, and at first also the network.
pub fn build() -> Result<(), String> {
    let output = Command::new("go")
        .args(["build", "-buildvcs=false", "-o"])
        .arg(program())
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/go"))
        .output()
        .map_err(|error| format!("`go` cannot be run: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        let reason = String::from_utf8_lossy(&output.stderr);
        Err(format!("`go build` failed: {}", reason.trim()))
    }
}

/// The program is beside this one.
fn program() -> PathBuf {
    let this = env::current_exe().expect("this program has a path");
    this.with_file_name("tracing-stamp-peers-go")
}

/// Runs the program, which measures itself.
fn run(name: &str, job: &Job) -> Sample {
    assert_eq!(
        job.scenario,
        Scenario::Event,
        "Go's loggers have no `tracing` spans"
    );
    let mut command = Command::new(program());
    match job.sink {
        Sink::Stdout => command.args(["show", name]),
        Sink::Discard => command.args(["run", name, &job.reps.measured().to_string()]),
    };
    // The parent of all measured children has built the program, since that takes longer than a measurement.
    if matches!(job.sink, Sink::Stdout) || !program().exists() {
        build().unwrap_or_else(|reason| panic!("{reason}"));
    }
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{name} failed");
    let text = String::from_utf8_lossy(&output.stdout);
    match job.sink {
        Sink::Stdout => {
            print!("{text}");
            Sample::NOTHING
        }
        Sink::Discard => Sample::parse(&text).unwrap_or_else(|| panic!("{name} printed {text:?}")),
    }
}
