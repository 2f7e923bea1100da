//! Tests of `init` and `setup`. Each test of environment variables runs a child process with these variables.
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails with a message; child processes report on standard error"
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
mod redacting;
mod redaction;
mod requests;
mod secrets;
#[allow(dead_code, reason = "other test programs use the rest")]
mod servers;
mod unstamped;
mod waiting;
