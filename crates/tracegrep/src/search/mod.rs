//! Finds the lines of a trace in files, in other input and on servers.

mod beginning;
mod blocks;
mod candidates;
mod collector;
mod container_lines;
mod file_text;
mod find;
mod form;
mod found;
mod id_of;
mod id_runs;
mod in_period;
mod index;
mod input;
mod inputs;
mod left_out;
mod line_text;
mod long_line;
mod newest_error;
mod parallel;
mod period;
mod pipe;
mod problem;
mod progress;
mod read;
mod recent_lines;
mod remote;
mod remote_lines;
mod repeats;
mod scan;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod search;
mod taken;
mod tally;
mod top;
mod trace_summary;
mod wanted;
mod with_fields;

pub(crate) use self::{
    collector::{Collector, Pending},
    container_lines::ContainerLines,
    id_runs::IdRuns,
    left_out::LeftOut,
    line_text::LineText,
    taken::Taken,
    wanted::Wanted,
};
pub use self::{
    found::{Candidate, Found, Outcome},
    index::{Indexed, write_indexes},
    problem::Problem,
    progress::Progress,
    search::Search,
    top::Top,
    trace_summary::{Order, TraceSummary},
};
#[cfg(feature = "servers")]
pub(crate) use self::{
    period::Period,
    remote::{Entry, Fetched, LineServer, SpanServer},
};
