//! Tasks and threads. Each test is named after the sentence that it proves, and compares lines with what the exporter received. If a
//! job that is not carried has no ids, or the ids of another span, the test shows that too, to prove that it can fail.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
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
