//! The layer: from a `tracing` hook to a line.
//!
//! [`StampLayer`] is the builder and nothing else; `hooks` is its `Layer`; what the hooks share stands in [`Core`].
//! A span has a [`SpanState`] per layer: its fields as text, and its [`Identity`].

mod ask;
mod baggage;
mod callsite;
mod core;
mod entered;
mod flat;
mod hooks;
mod identity;
mod learn;
mod life;
mod limit;
mod line;
mod resource;
mod scratch;
mod settings;
mod settled;
mod span_state;
mod stamp_layer;
mod write;

pub use self::{
    settings::SpanFields,
    stamp_layer::{StampLayer, layer},
};
