//! The layer: from a `tracing` hook to a line.
//!
//! [`StampLayer`] is the builder and nothing else; `hooks` is its `Layer`; what the hooks share stands in [`Core`].
//! A span has a [`SpanState`] per layer: its fields as text, and its [`Identity`].

mod ask;
mod baggage;
mod callsite;
mod core;
mod entered;
mod exported_name;
mod flat;
mod hooks;
mod identity;
#[cfg(feature = "slog")]
mod ids_only;
mod kept;
mod learn;
mod life;
mod limit;
mod line;
mod log_tracer;
mod otel_layer;
mod own_lines;
mod recognise;
mod resource;
mod scratch;
mod settings;
mod span_state;
mod stamp_layer;
mod unplaced;
mod whose;
mod write;

#[cfg(feature = "slog")]
pub(crate) use self::callsite::is_opentelemetrys;
#[cfg(feature = "setup")]
pub(crate) use self::life::NoLifeLines;
pub(crate) use self::own_lines::OwnLines;
#[cfg(feature = "log")]
pub(crate) use self::scratch::has_come_by;
pub use self::{
    otel_layer::{bracket, otel_layer},
    settings::SpanFields,
    stamp_layer::{StampLayer, layer},
};
