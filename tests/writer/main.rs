//! The writers: each test is named after the sentence that it proves, and breaks real things where it can.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot go on says why and fails; a child speaks on standard error"
)]

#[path = "../support/mod.rs"]
mod support;

mod background;
mod children;
mod crash;
mod faults;
mod files;
mod overflow;
mod panics;
mod rolling;
mod sinks;
mod tampering;
mod told;

use std::time::Duration;
use tracing_stamp::writer::BackgroundWriter;

/// So long a test waits for what happens at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs under a stamping layer that writes there.
fn logging<T>(writer: &BackgroundWriter, run: impl FnOnce() -> T) -> T {
    use tracing_subscriber::prelude::*;
    let layer = tracing_stamp::layer().with_writer(writer.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run)
}

/// Waits for something that another thread or process does.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        std::thread::yield_now();
    }
}
