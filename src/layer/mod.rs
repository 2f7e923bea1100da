//! The layer, which turns the hooks of `tracing` into lines.
//!
//! [`StampLayer`] is only the builder. It has three parts, which `hooks` composes: an
//! [`IdTracker`](ids::IdTracker) knows which ids a line carries, a [`Renderer`](render::Renderer) renders the line, and a writer
//! writes it.

mod bursts;
mod events;
mod held;
mod holding;
mod hooks;
#[cfg(feature = "slog")]
mod id_layer;
mod ids;
mod line_sink;
mod lines;
mod otel_layer;
mod released_lines;
mod render;
mod stamp_layer;
mod trace_level_filter;

#[cfg(feature = "slog")]
pub(crate) use self::id_layer::IdLayer;
pub(crate) use self::render::OwnLines;
#[cfg(feature = "slog")]
pub(crate) use self::render::is_opentelemetrys;
#[cfg(feature = "log")]
pub(crate) use self::render::was_logged_recently;
#[cfg(feature = "setup")]
pub(crate) use self::{holding::HeldLines, render::NoLifecycleLines};
pub use self::{
    otel_layer::{bracket, otel_layer},
    render::SpanFields,
    stamp_layer::{StampLayer, layer},
    trace_level_filter::TraceLevelFilter,
};
