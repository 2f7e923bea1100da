//! The received headers of a trace, kept beside its span context.

use super::{
    plain_list::plain_list,
    traceparent::RANDOM,
    tracestate::{self, Tracestate},
};
use crate::trace_context::TraceContext;
use opentelemetry::{
    Context,
    trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use std::{borrow::Cow, sync::OnceLock};

/// What `opentelemetry`'s span context cannot represent, or loses on the way to child spans: the SDK drops the flags of a span that is
/// not sampled, and `TraceState` rejects valid keys.
#[derive(Debug)]
pub(super) struct Received {
    trace_id: TraceId,
    flags: TraceFlags,
    list: List,
}

/// A received list.
#[derive(Debug)]
enum List {
    Own(Tracestate),
    /// The list is the `TraceState` of this context. It is copied only when it is first needed, because most requests do not need it.
    OfContext(Context, OnceLock<Tracestate>),
}

impl Received {
    /// Adds a remote span to a context, with what was received with it. A `tracestate` with an invalid member is dropped.
    pub(super) fn in_context(context: &Context, caller: &TraceContext, lines: &[&str]) -> Context {
        let (trace_state, own) = read(lines);
        // If each list held on to a context with an earlier list, no list would ever be freed.
        let is_first = context.get::<Self>().is_none();
        let (trace_id, flags) = (caller.trace_id(), caller.flags());
        let caller = SpanContext::new(trace_id, caller.span_id(), flags, true, trace_state);
        let context = context.with_remote_span_context(caller);
        let list = match own {
            Some(list) => List::Own(list),
            None if is_first => List::OfContext(context.clone(), OnceLock::new()),
            None => List::Own(trace_state_of(&context)),
        };
        context.with_value(Self {
            trace_id,
            flags,
            list,
        })
    }

    /// For a remote context that another propagator extracted.
    pub(super) fn from_other_propagator(context: &SpanContext) -> Self {
        Self {
            trace_id: context.trace_id(),
            flags: context.trace_flags(),
            list: List::Own(valid_members(context.trace_state())),
        }
    }

    /// Returns what was received with the context's trace. Returns `None` if the trace began in this process.
    pub(super) fn of(context: &Context) -> Option<&Self> {
        let trace_id = context.span().span_context().trace_id();
        context
            .get::<Self>()
            .filter(|received| received.trace_id == trace_id)
    }

    pub(super) fn list(&self) -> &Tracestate {
        match &self.list {
            List::Own(list) => list,
            List::OfContext(context, copy) => copy.get_or_init(|| trace_state_of(context)),
        }
    }

    pub(super) fn is_random(&self) -> bool {
        self.flags & RANDOM == RANDOM
    }

    /// Returns the list to send for a span with the `TraceState` `current`: the received list, with the changes made since.
    ///
    /// A written member moves to the left end, even if its value did not change: Level 2, 3.5. Writing to the `TraceState` counts as
    /// writing to the whole list. One case cannot be detected: a member is written with its old value, and only members that
    /// `TraceState` rejects were to the left of it.
    pub(super) fn list_with(&self, current: &TraceState) -> Cow<'_, Tracestate> {
        let list = self.list();
        if current.into_iter().eq(list.iter()) {
            return Cow::Borrowed(list);
        }
        let before = accepted(&list.iter().collect::<Vec<_>>());
        let mut written = written(current, &before);
        written.retain(|(key, value)| tracestate::check(key, value).is_ok());
        let stays = |(key, _): &(&str, &str)| {
            let was_written = written.iter().any(|(written, _)| written == key);
            let was_removed = before.get(key).is_some() && current.get(key).is_none();
            !was_written && !was_removed
        };
        let others = list.iter().filter(stays);
        Cow::Owned(Tracestate::of_members(
            written.iter().copied().chain(others),
        ))
    }
}

/// Reads a received list. Returns the members that `TraceState` accepts, for samplers and exporters, and the list itself if that differs.
fn read(lines: &[&str]) -> (TraceState, Option<Tracestate>) {
    let all_accepted =
        |members: &[(&str, &str)]| TraceState::from_key_value(members.iter().copied());
    if let [line] = lines
        && let Some(Ok(trace_state)) = plain_list(line, all_accepted)
    {
        return (trace_state, None);
    }
    let list = Tracestate::from_lines(lines.iter().copied()).unwrap_or_default();
    let members: Vec<(&str, &str)> = list.iter().collect();
    (accepted(&members), Some(list))
}

/// Returns the `TraceState` of a context as a list.
fn trace_state_of(context: &Context) -> Tracestate {
    Tracestate::of_members(context.span().span_context().trace_state().into_iter())
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
