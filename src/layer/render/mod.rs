//! Renders lines from events and from the lifecycles of spans.
//!
//! A [`Renderer`] has the settings and, for each call site, the parts of its lines that never change. A span has [`SpanLines`], with
//! its fields as text. The renderer gets the ids from its caller, and does not know where they come from.

mod buffers;
mod callsite;
mod closing;
mod exported_name;
mod flat;
mod format;
mod last_ids;
mod lifecycle;
mod limit;
mod line;
mod line_counts;
mod log_tracer;
mod own_lines;
mod parent_key;
mod recent;
mod record_uid;
mod renderer;
mod resource;
mod scratch;
mod settings;
mod shared_site;
mod span_lines;
mod uid_sequence;

pub(crate) use self::callsite::is_opentelemetrys;
#[cfg(feature = "log")]
pub(crate) use self::scratch::was_logged_recently;
pub use self::settings::SpanFields;
pub(super) use self::{
    buffers::Buffers,
    callsite::Callsite,
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
