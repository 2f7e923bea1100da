//! The migration tables of `docs/migration.md`. Each row is one test: it compiles both sides and compares what they write.
//!
//! The rows stand in `ROWS`, beside the test of each, and have to be those of the page.
#![allow(
    clippy::unwrap_used,
    reason = "in a test a panic with its place says enough"
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
