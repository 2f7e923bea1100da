//! Finds out which ids a line carries: what is known about each span's ids, and how a tracker learns them.
//!
//! An [`IdTracker`] follows the spans of a subscriber. Each open span has a [`SpanState`] per tracker, which holds the span's
//! identity. For a layer that writes lines, it also holds the renderer's data about the span, so that one lookup finds both.

mod ancestors;
mod around_otel;
mod ask;
mod behavior;
mod closing_ids;
mod entered;
mod event_ids;
mod extension;
mod identity;
mod in_extensions;
mod learn;
mod pool;
mod recent;
mod recognise;
mod site_history;
mod span_hooks;
mod span_state;
mod span_table;
mod stack;
mod tracker;

pub(super) use self::{
    around_otel::{AfterOtel, BeforeOtel},
    extension::reported_ids,
    span_state::SpanState,
    tracker::IdTracker,
};
