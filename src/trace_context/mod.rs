//! Which trace and span a line belongs to, and where that is learnt.

mod context;
mod ending;
mod making;
mod opentelemetry;
mod settled;
mod source;
mod tickets;
mod told;
mod tracer;

pub use self::{context::TraceContext, source::ContextSource, tracer::StampTracer};
pub(crate) use self::{
    ending::{is_ending, note_entered},
    making::{Made, begin_making, end_making},
    opentelemetry::{Witness, attach, of_span, with_current},
    settled::Settled,
    source::Source,
    told::Told,
};
