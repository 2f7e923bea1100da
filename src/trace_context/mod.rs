//! Which trace and span a line belongs to, and where that is learnt.

mod context;
mod ending;
mod opentelemetry;
mod source;

pub use self::{context::TraceContext, source::ContextSource};
pub(crate) use self::{
    ending::{is_ending, note_entered},
    opentelemetry::{Witness, attach, of_span, with_current},
    source::Source,
};
