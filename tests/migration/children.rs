//! Child processes, for what is installed once in a process and writes to standard output.

use super::support::Line;
use std::{env, process::Command};
use tracing::{debug, error, info, trace, warn};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

/// What makes this test a child.
const ROLE: &str = "STAMP_MIGRATION_ROLE";

/// The lines of a child process that installs what the role says and then logs at all levels.
pub(crate) fn lines(role: &str) -> Vec<Line> {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "children::plays_its_role", "--nocapture"])
        .env(ROLE, role)
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}{errors}");
    // The test runner may have begun a line of its own.
    let json = out
        .lines()
        .filter_map(|line| line.find('{').map(|at| &line[at..]));
    json.map(Line::parse).collect()
}

#[test]
fn plays_its_role() {
    match env::var(ROLE).as_deref() {
        Err(_) => return,
        Ok("fmt json") => tracing_subscriber::fmt().json().init(),
        Ok("json-subscriber") => json_subscriber::fmt().init(),
        Ok("here") => tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(tracing_stamp::layer())
            .init(),
        Ok(role) => panic!("no role {role:?}"),
    }
    error!("at ERROR");
    warn!("at WARN");
    info!("at INFO");
    debug!("at DEBUG");
    trace!("at TRACE");
    log::info!("of the log crate at INFO");
    log::debug!("of the log crate at DEBUG");
}
