//! Between `tracing` and the other logging crates: what is logged through them becomes events, typed and with ids.

mod values;
mod wanted;

#[cfg(feature = "log")]
pub mod log;
#[cfg(feature = "slog")]
pub mod slog;
