//! One call at start-up: each test is named after the sentence that it proves. What is read from the environment, is read by a
//! process of its own.
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot go on says why and fails; a child speaks on standard error"
)]

#[path = "../support/mod.rs"]
mod support;

mod absence;
mod backends;
mod certificates;
mod children;
mod code;
mod environment;
mod exits;
mod files;
mod filters;
#[cfg(feature = "ship")]
mod log_server;
mod outages;
mod proxies;
mod requests;
mod secrets;
#[allow(dead_code, reason = "other tests use the rest")]
mod servers;
mod unstamped;
mod waiting;
