//! Whose ids a line carries: each test is named after the sentence that it proves, and its witness is what the exporter
//! received, or the header that went out, never our own reading of a span.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says why and fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod activation_off;
mod alone;

mod closing;
mod concurrent;
mod current;
mod diagnosis;
mod explicit;
mod filters;
mod internals;
mod late_parent;
mod programs;
mod random;
mod random_truth;
mod recognised;
mod reentrant;
mod scene;
mod setup;
mod stacks;
mod teardown;
mod unsampled;
mod walking;
