//! Holds the lines of a trace in memory until it is known whether they are wanted.
//!
//! A layer with [`Hold`] encodes the events beyond what is written, and keeps the lines under their trace. If the trace fails, they are
//! written ([`Hold`] says when), and otherwise dropped.

// `HoldStore` has the traces of one layer. It finds the `HeldTrace` of a line, which has the trace's `HeldLines`, and limits the memory by its
// `Budget`. The layer writes lines, so it calls the store, and not the other way round, except for `release`.

mod budget;
mod decision;
mod failure;
mod held_lines;
mod held_trace;
mod line;
mod recent;
mod release;
mod release_output;
mod settings;
mod span_hold;
mod store;
mod stores;
mod written;

#[cfg(feature = "setup")]
pub(crate) use self::written::SharedEnvFilter;
pub(crate) use self::{
    decision::Decision,
    failure::{FailureFields, has_failure_fields},
    held_trace::Held,
    line::{Line, TraceKey, key_of},
    release_output::ReleaseOutput,
    span_hold::SpanHold,
    store::HoldStore,
    stores::add as add_store,
};
pub use self::{
    release::{release, release_trace},
    settings::Hold,
};
