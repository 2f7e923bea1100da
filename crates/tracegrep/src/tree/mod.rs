//! The spans of a trace, rebuilt from its lines.

mod build;
mod containment;
mod cycles;
mod extent;
mod notes;
mod precision;
mod skew;
mod span;
mod span_lists;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod tree;

pub(crate) use self::tree::Item;
pub use self::{
    span::{Evidence, Span, Timing},
    tree::Tree,
};
