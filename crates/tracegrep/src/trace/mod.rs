//! The lines of a trace, from all sources, in order of time, and the spans that a tracing backend has.

mod line;
mod source_prefix;
mod stated_span;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod trace;

pub use self::{line::Line, trace::Trace};
pub(crate) use self::{source_prefix::source_prefix, stated_span::StatedSpan};
