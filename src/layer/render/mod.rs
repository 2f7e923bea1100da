//! From an event, or a moment of a span, to a line.
//!
//! A [`Renderer`] has the settings, and what they make of each call site. A span has [`SpanLines`]: its fields as text. The
//! renderer is given ids, and does not know where they come from.

mod buffers;
mod callsite;
mod closing;
mod exported_name;
mod flat;
mod format;
mod lifecycle;
mod limit;
mod line;
mod log_tracer;
mod own_lines;
mod recent;
mod renderer;
mod resource;
mod scratch;
mod settings;
mod shared_site;
mod span_lines;

#[cfg(feature = "slog")]
pub(crate) use self::callsite::is_opentelemetrys;
#[cfg(feature = "log")]
pub(crate) use self::scratch::was_logged_recently;
pub use self::settings::SpanFields;
pub(super) use self::{
    closing::Closing,
    lifecycle::{Lifecycle, LifecycleLines},
    line::LineParts,
    renderer::Renderer,
    scratch::Scratch,
    settings::LineSettings,
    shared_site::SharedSiteRecord,
    span_lines::{Chain, SpanLines},
};
pub(crate) use self::{lifecycle::NoLifecycleLines, own_lines::OwnLines};
