//! Child processes, for set-ups that can be installed only once in a process and write to standard output.

use super::support::Line;
use std::{env, process::Command};
use tracing::{debug, error, info, trace, warn};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

/// The variable with the role of a child process.
const ROLE: &str = "STAMP_MIGRATION_ROLE";

/// The lines of a child process that installs the set-up of its role and then logs at all levels.
pub(crate) fn lines(role: &str) -> Vec<Line> {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "children::child_process", "--nocapture"])
        .env(ROLE, role)
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}{errors}");
    // The test runner may have written the beginning of a line.
    let json = out
        .lines()
        .filter_map(|line| line.find('{').map(|at| &line[at..]));
    json.map(Line::parse).collect()
}

#[test]
fn child_process() {
    match env::var(ROLE).as_deref() {
        Err(_) => return,
        Ok("fmt json") => tracing_subscriber::fmt().json().init(),
        Ok("json-subscriber") => json_subscriber::fmt().init(),
        Ok("after") => tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(tracing_stamp::layer())
            .init(),
        Ok(role) => panic!("unknown role {role:?}"),
    }
    error!("at ERROR");
    warn!("at WARN");
    info!("at INFO");
    debug!("at DEBUG");
    trace!("at TRACE");
    log::info!("through the log crate at INFO");
    log::debug!("through the log crate at DEBUG");
}
