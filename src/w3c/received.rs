//! What a trace came with, kept beside its span context.

use super::{
    traceparent::RANDOM,
    tracestate::{self, Tracestate},
};
use opentelemetry::{
    Context,
    trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};

/// What `opentelemetry`'s span context cannot hold, or loses on the way to its children: the SDK forgets the flags of a span that is
/// not sampled, and `TraceState` refuses keys that are right.
#[derive(Debug)]
pub(super) struct Received {
    trace_id: TraceId,
    flags: TraceFlags,
    list: Tracestate,
}

impl Received {
    pub(super) fn new(trace_id: TraceId, flags: TraceFlags, list: Tracestate) -> Self {
        Self {
            trace_id,
            flags,
            list,
        }
    }

    /// A context of a trace that began elsewhere, and came by other ways.
    pub(super) fn by_other_ways(context: &SpanContext) -> Self {
        Self {
            trace_id: context.trace_id(),
            flags: context.trace_flags(),
            list: list_of(context.trace_state()),
        }
    }

    /// What the context's trace came with; `None` where the trace began here.
    pub(super) fn of(context: &Context) -> Option<&Self> {
        let trace_id = context.span().span_context().trace_id();
        context
            .get::<Self>()
            .filter(|received| received.trace_id == trace_id)
    }

    pub(super) fn list(&self) -> Option<&Tracestate> {
        (!self.list.is_empty()).then_some(&self.list)
    }

    /// As much of the list as `TraceState` takes, for samplers and exporters.
    pub(super) fn taken(&self) -> TraceState {
        if self.list.is_empty() {
            return TraceState::NONE;
        }
        TraceState::from_key_value(self.list.iter()).unwrap_or_else(|_| {
            let takes = |member: &(&str, &str)| TraceState::from_key_value([*member]).is_ok();
            TraceState::from_key_value(self.list.iter().filter(takes)).unwrap_or_default()
        })
    }

    pub(super) fn is_random(&self) -> bool {
        self.flags & RANDOM == RANDOM
    }

    /// The list to send, where a span's is now `current`: what was received, with the changes that were made, and what was written
    /// at the left, be it with the value that it had: Level 2, 3.5. Who changes what `TraceState` took of the list means to change the list.
    /// Only of a member that had its value, and that nothing but what `TraceState` refuses stood left of, nobody can see that it was written.
    pub(super) fn list_with(&self, current: &TraceState) -> Tracestate {
        if current.into_iter().eq(self.list.iter()) {
            return self.list.clone();
        }
        let taken = self.taken();
        let mut written = written(current, &taken);
        written.retain(|(key, value)| tracestate::check(key, value).is_ok());
        let stays = |(key, _): &(&str, &str)| {
            let was_written = written.iter().any(|(written, _)| written == key);
            let was_removed = taken.get(key).is_some() && current.get(key).is_none();
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

/// What was written since a list was taken, from the left: all members that do not stand where they stood, which is before those
/// that do.
fn written<'c>(current: &'c TraceState, taken: &TraceState) -> Vec<(&'c str, &'c str)> {
    let taken: Vec<(&str, &str)> = taken.into_iter().collect();
    let mut before = taken.as_slice();
    let current: Vec<(&str, &str)> = current.into_iter().collect();
    let mut written = Vec::new();
    for member in current.into_iter().rev() {
        match before.iter().rposition(|taken| *taken == member) {
            Some(at) => before = &before[..at],
            None => written.push(member),
        }
    }
    written.reverse();
    written
}

/// What is right of a list that somebody made.
pub(super) fn list_of(made: &TraceState) -> Tracestate {
    let is_right = |(key, value): &(&str, &str)| tracestate::check(key, value).is_ok();
    Tracestate::of_members(made.into_iter().filter(is_right))
}
