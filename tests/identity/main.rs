//! Which ids a line carries. Each test's name is the sentence that it proves. The tests compare lines with exported spans or outgoing
//! headers, never with this crate's own reading of a span.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue says why and fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod activation_off;
mod alone;
mod by_hand;
mod closing;
mod concurrent;
mod current;
mod diagnosis;
mod explicit;
mod filters;
mod internals;
mod late_parent;
mod parents;
mod programs;
mod random;
mod random_truth;
mod recognised;
mod reentrant;
mod scene;
mod setup;
mod stacks;
mod table;
mod teardown;
mod unsampled;
mod walking;
