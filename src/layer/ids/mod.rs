//! Which ids a line carries: what is known of each span's ids, and how it becomes known.
//!
//! An [`IdTracker`] follows the spans of a subscriber. Each open span has a [`SpanState`] per tracker, which holds the span's
//! identity and, for a layer that writes lines, also what the renderer keeps of the span: so one look-up serves both.

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
mod recognise;
mod site_history;
mod span_hooks;
mod span_state;
mod tracker;

pub(super) use self::{
    around_otel::{AfterOtel, BeforeOtel},
    span_state::SpanState,
    tracker::IdTracker,
};
