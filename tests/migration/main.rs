//! Tests of the migration tables in `docs/migration.md`. The test of a row compiles both sides and compares what they write: in these tests,
//! `before` is the crate that users come from, and `after` is this crate.
//!
//! `ROWS` in each file has the rows of a table, each with its test. They have to be the same as on the page.
#![allow(
    clippy::unwrap_used,
    reason = "in a test, a panic with its location is enough"
)]

#[path = "../support/mod.rs"]
mod support;

mod appender;
mod children;
mod filters;
mod fmt_json;
mod json_subscriber;
mod life;
mod lines;
mod page;
