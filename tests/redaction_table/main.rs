//! The table of secrets and look-alikes of `log-redaction`, through every way into a process and every way out of it: no secret is found in
//! the bytes of any output, and no look-alike is changed.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod bridged;
mod case;
mod exported;
mod faults;
mod keys;
mod limit;
mod lines;
mod panics;
mod pretty;
mod requests;
#[path = "../support/mod.rs"]
mod support;
mod ways;

use tracing_stamp::{Redaction, Schema};

fn all_rules() -> Redaction {
    Redaction::new().secrets().cards().emails().ips()
}

fn schemas() -> [Schema; 4] {
    [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("project"),
        Schema::datadog(),
    ]
}
