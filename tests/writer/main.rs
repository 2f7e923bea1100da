//! Tests of the writers. They use real faults where they can: full disks, closed pipes, killed processes.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot continue fails with the reason; a child process reports on standard error"
)]

#[path = "../support/mod.rs"]
mod support;

mod background;
mod children;
mod crash;
mod diagnoses;
mod faults;
mod files;
mod overflow;
mod panics;
mod rolling;
mod sinks;
mod tampering;

use std::time::Duration;
use tracing_stamp::writer::BackgroundWriter;

/// Maximum time that a test waits for something that should happen at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a closure under a stamping layer with this writer.
fn logging<T>(writer: &BackgroundWriter, run: impl FnOnce() -> T) -> T {
    use tracing_subscriber::prelude::*;
    let layer = tracing_stamp::layer().with_writer(writer.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run)
}

/// Waits for something that another thread or process does.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "timed out waiting until {what}");
        std::thread::yield_now();
    }
}
