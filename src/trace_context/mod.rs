//! The trace and span that a line belongs to, and the sources that they come from.

mod context;
mod creation;
mod current_trace;
mod ending;
mod native;
mod reported_ids;
mod settled;
mod source;
mod tickets;
mod tracer;
pub mod version;

pub use self::{
    context::TraceContext,
    source::ContextSource,
    tracer::{StampSpan, StampTracer},
};
pub(crate) use self::{
    creation::{Visibility, begin_creation, end_creation},
    current_trace::current_trace_id,
    ending::{is_ending, note_entered},
    native::{attach, with_current},
    reported_ids::ReportedIds,
    settled::Settled,
    source::Source,
    source::all_current,
    version::support::InUse,
};
