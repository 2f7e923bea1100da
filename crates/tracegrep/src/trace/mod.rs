//! The lines of a trace, from all sources, in order of time.

mod line;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod trace;

pub use self::{line::Line, trace::Trace};
