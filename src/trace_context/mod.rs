//! Which trace and span a line belongs to, and where that is learnt.

mod context;
mod ending;
mod making;
mod native;
mod settled;
mod source;
mod tickets;
mod told;
mod tracer;
pub mod version;

use self::making::ticket_for_builder;
pub use self::{context::TraceContext, source::ContextSource, tracer::StampTracer};
pub(crate) use self::{
    ending::{is_ending, note_entered},
    making::{Made, begin_making, end_making},
    native::{attach, with_current},
    settled::Settled,
    source::Source,
    told::Told,
    version::support::InUse,
};
