//! Bridges between `tracing` and other logging crates.
//!
//! - [`log`](https://docs.rs/tracing-stamp/latest/tracing_stamp/bridge/log/): records of the `log` crate become events, typed and with
//!   ids.
//! - [`slog`](https://docs.rs/tracing-stamp/latest/tracing_stamp/bridge/slog/): records of slog become events or get ids, and events
//!   become records of slog.

mod values;
mod wanted;

#[cfg(feature = "log")]
pub mod log;
#[cfg(feature = "slog")]
pub mod slog;
