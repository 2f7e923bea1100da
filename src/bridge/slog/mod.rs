//! slog and `tracing`, both ways.
//!
//! - [`TracingDrain`]: slog records become `tracing` events, and lines with ids.
//! - [`TraceIdDrain`]: records that stay on slog get the ids, before they leave the thread.
//! - [`SlogLayer`]: `tracing` events become slog records.
//!
//! ```
//! use slog::{Drain as _, Logger, o};
//! use tracing_stamp::bridge::slog::TracingDrain;
//! use tracing_subscriber::prelude::*;
//!
//! tracing::subscriber::set_global_default(tracing_subscriber::registry().with(tracing_stamp::layer()))?;
//!
//! let root = Logger::root(TracingDrain::new().fuse(), o!("service" => "orders"));
//! slog::info!(root, "order placed"; "order" => 1017, "paid" => true);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! writes
//!
//! ```json
//! {"timestamp":"2026-11-22T11:04:00.123456Z","level":"INFO","message":"order placed","target":"shop::orders","service":"orders","order":1017,"paid":true}
//! ```

mod collect;
mod drain;
mod ids;
mod layer;
mod recent;
mod record_fields;

pub use self::{drain::TracingDrain, ids::TraceIdDrain, layer::SlogLayer};
