//! Captures what a scope logs, as typed values, and the spans that it creates. For tests.
//!
//! Use [`capture`] by default, and [`capture_with`] to capture under your own set-up.
//!
//! ```
//! use tracing::{info, info_span};
//! use tracing_stamp::testing::capture;
//!
//! let ((), captured) = capture(|| {
//!     info_span!("checkout", order = 1017).in_scope(|| info!(items = 3, "cart received"));
//! });
//! let line = captured.line("cart received");
//! assert_eq!(line.get("items"), Some(&3.into()));
//! assert_eq!(line.span_id(), Some(captured.span("checkout").span_context.span_id()));
//! captured.assert_ids_agree();
//! ```
//!
//! Functions of this module panic where a test should fail.

mod captured;
mod line;
mod memory;

pub use self::{
    captured::{Captured, capture, capture_with},
    line::Line,
};
