//! The received headers of a trace, kept beside its span context.

use super::{
    traceparent::RANDOM,
    tracestate::{self, Tracestate},
};
use opentelemetry::{
    Context,
    trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};

/// What `opentelemetry`'s span context cannot represent, or loses on the way to child spans: the SDK drops the flags of a span that is
/// not sampled, and `TraceState` rejects valid keys.
#[derive(Debug)]
pub(super) struct Received {
    trace_id: TraceId,
    flags: TraceFlags,
    list: Tracestate,
}

impl Received {
    /// Reads a received list, and returns the members that `TraceState` accepts too. A list with an invalid member is dropped.
    pub(super) fn read(trace_id: TraceId, flags: TraceFlags, lines: &[&str]) -> (Self, TraceState) {
        let (list, trace_state) = match lines {
            [] => Default::default(),
            _ => Tracestate::read(lines, accepted).unwrap_or_default(),
        };
        let received = Self {
            trace_id,
            flags,
            list,
        };
        (received, trace_state)
    }

    /// For a remote context that another propagator extracted.
    pub(super) fn from_other_propagator(context: &SpanContext) -> Self {
        Self {
            trace_id: context.trace_id(),
            flags: context.trace_flags(),
            list: valid_members(context.trace_state()),
        }
    }

    /// Returns what was received with the context's trace. Returns `None` if the trace began in this process.
    pub(super) fn of(context: &Context) -> Option<&Self> {
        let trace_id = context.span().span_context().trace_id();
        context
            .get::<Self>()
            .filter(|received| received.trace_id == trace_id)
    }

    pub(super) fn list(&self) -> Option<&Tracestate> {
        (!self.list.is_empty()).then_some(&self.list)
    }

    /// Returns the members of the list that `TraceState` accepts, for samplers and exporters.
    fn to_trace_state(&self) -> TraceState {
        accepted(&self.list.iter().collect::<Vec<_>>())
    }

    pub(super) fn is_random(&self) -> bool {
        self.flags & RANDOM == RANDOM
    }

    /// Returns the list to send for a span with the `TraceState` `current`: the received list, with the changes made since.
    ///
    /// A written member moves to the left end, even if its value did not change: Level 2, 3.5. Writing to the `TraceState` counts as
    /// writing to the whole list. One case cannot be detected: a member is written with its old value, and only members that
    /// `TraceState` rejects were to the left of it.
    pub(super) fn list_with(&self, current: &TraceState) -> Tracestate {
        if current.into_iter().eq(self.list.iter()) {
            return self.list.clone();
        }
        let before = self.to_trace_state();
        let mut written = written(current, &before);
        written.retain(|(key, value)| tracestate::check(key, value).is_ok());
        let stays = |(key, _): &(&str, &str)| {
            let was_written = written.iter().any(|(written, _)| written == key);
            let was_removed = before.get(key).is_some() && current.get(key).is_none();
            !was_written && !was_removed
        };
        Tracestate::of_members(
            written
                .iter()
                .copied()
                .chain(self.list.iter().filter(stays)),
        )
    }
}

/// Returns the members that `TraceState` accepts.
fn accepted(members: &[(&str, &str)]) -> TraceState {
    if members.is_empty() {
        return TraceState::NONE;
    }
    TraceState::from_key_value(members.iter().copied()).unwrap_or_else(|_| {
        let is_accepted = |member: &(&str, &str)| TraceState::from_key_value([*member]).is_ok();
        TraceState::from_key_value(members.iter().copied().filter(is_accepted)).unwrap_or_default()
    })
}

/// Returns the members written since `before`, from the left. A write moves a member to the left of all members that keep their
/// place.
fn written<'c>(current: &'c TraceState, before: &TraceState) -> Vec<(&'c str, &'c str)> {
    let before: Vec<(&str, &str)> = before.into_iter().collect();
    let mut left = before.as_slice();
    let current: Vec<(&str, &str)> = current.into_iter().collect();
    let mut written = Vec::new();
    for member in current.into_iter().rev() {
        match left.iter().rposition(|known| *known == member) {
            Some(at) => left = &left[..at],
            None => written.push(member),
        }
    }
    written.reverse();
    written
}

/// Returns the valid members of a list that was built with `TraceState`.
pub(super) fn valid_members(list: &TraceState) -> Tracestate {
    let is_valid = |(key, value): &(&str, &str)| tracestate::check(key, value).is_ok();
    Tracestate::of_members(list.into_iter().filter(is_valid))
}
