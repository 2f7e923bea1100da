//! The lines of a trace, from all sources, in order of time.

mod line;
mod source_prefix;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod trace;

pub(crate) use self::source_prefix::source_prefix;
pub use self::{line::Line, trace::Trace};
