//! Finds a trace by its id in any log files, and draws it as a tree of spans with their lines.

mod draw;
mod id;
mod output;
mod record;
mod search;
mod time_text;
mod trace;
mod tree;

pub use self::{
    draw::Drawing,
    id::{InvalidTraceId, TraceId, TraceQuery},
    output::{json, markdown},
    record::{ErrorDetails, Level, Moment, Reader, Record, SpanTimes},
    search::{Candidate, Found, Outcome, Problem, Search},
    trace::{Line, Trace},
    tree::{Evidence, Span, Timing, Tree},
};
