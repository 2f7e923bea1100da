//! Bridges between slog and `tracing`, in both directions.
//!
//! - [`TracingDrain`] turns slog records into `tracing` events, and so into lines with ids.
//! - [`TraceIdDrain`] adds the ids to records that stay in slog, before they leave the thread.
//! - [`SlogLayer`] turns `tracing` events into slog records.
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
mod layer;
mod origin;
mod recent;
mod record_fields;
mod trace_id_drain;

pub use self::{drain::TracingDrain, layer::SlogLayer, trace_id_drain::TraceIdDrain};
