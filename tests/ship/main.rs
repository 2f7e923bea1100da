//! Tests of shipping. Most use a server of this crate, over real HTTP, with Loki's protocol and rules. Some use real servers
//! (`-- --ignored`).

#![allow(
    clippy::print_stderr,
    reason = "the result of a chaos test is worth reading"
)]

mod chaos;
#[path = "../../crates/traceship/tests/support/diagnoses.rs"]
mod diagnoses;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../crates/traceship/tests/support/files.rs"]
mod files;
mod following;
mod identity;
mod labels;
#[path = "../../crates/traceship/tests/support/loki.rs"]
mod loki;
mod network;
mod processes;
mod real;
mod refusals;
mod responses;
mod restarts;
mod retention;
#[path = "../../crates/traceship/tests/support/server.rs"]
mod server;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../setup/servers.rs"]
mod servers;
mod startup;
#[cfg(unix)]
mod storm;
mod tampering;

use diagnoses::Diagnoses;
use files::{Folder, append, gzip};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns a shipper that sends lines soon and reports nothing.
fn shipper(server: &server::Server, files: &Path) -> Shipper {
    Shipper::new(Loki::new(server.url().as_str()).expect("the address is valid"))
        .with_files(files)
        .with_max_age(Duration::from_millis(5))
        .with_poll_interval(Duration::from_millis(20))
        .with_diagnostics(|_| ())
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        // The condition may parse every line again, which takes time away from the shipper.
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Returns a line as this crate writes it.
fn line(number: u64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("the clock is after 1970");
    let time =
        jiff::Timestamp::from_microsecond(now.as_micros() as i64).expect("the time is in range");
    format!(
        "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"line\",\"trace_id\":\"{:032x}\",\"span_id\":\"{:016x}\",\"trace_flags\":\"01\",\"log.record.uid\":\"01M8NF{number:020}\",\"service.name\":\"orders\",\"number\":{number}}}\n",
        number + 1,
        number + 1
    )
}

/// Returns a line as another logger may write it, without an id of its own.
fn line_of_others(number: u64) -> String {
    let uid = format!("\"log.record.uid\":\"01M8NF{number:020}\",");
    line(number).replace(&uid, "")
}
