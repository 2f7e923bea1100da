//! Which trace and span a line belongs to, and where that is learnt.

mod context;
mod opentelemetry;
mod source;

pub use self::{context::TraceContext, source::ContextSource};
pub(crate) use self::{
    opentelemetry::{Witness, attach, is_reachable, of_span, with_current},
    source::Source,
};
