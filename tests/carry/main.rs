//! Tasks and threads: each test is named after the sentence that it proves, and its witness is what the exporter received.
//! Where a job that is not carried has no ids, or another's, the test shows that too, so that it can fail.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says why and fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod contexts;
mod ending;
mod pools;
mod stage;
mod streams;
mod tasks;
mod threads;
mod unwinding;
