//! A line with the counters on the terminal.

use std::{
    io::{self, Write as _},
    thread,
    time::Duration,
};
use traceship::Stats;

/// Prints the counters once a second until the process ends.
pub(crate) fn show(stats: Stats) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            let line = format!(
                "\r\x1b[K{} lines shipped, {} rejected, {} bytes wait",
                stats.shipped(),
                stats.rejected(),
                stats.waiting_bytes()
            );
            // The terminal is gone.
            if io::stderr().write_all(line.as_bytes()).is_err() {
                return;
            }
        }
    });
}
