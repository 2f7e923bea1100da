//! What is current while a request is served or sent.

use crate::trace_context::{self, TraceContext, is_ending, note_entered, with_current};
use opentelemetry::{
    Context,
    trace::{SpanRef, TraceContextExt as _},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// A span, and the context to attach within it where the span does not bring its own.
#[derive(Debug)]
pub(super) struct Scope {
    span: Span,
    attached: Option<Context>,
    own: Option<TraceContext>,
}

impl Scope {
    /// Starts the span, and runs the first part of the request within it, as entering a span once more would cost more than the
    /// rest of this. The part gets the scope, and OpenTelemetry's span, if that records.
    ///
    /// The span was made where its parent was current, if it has another than what is current here: that is said again where context
    /// activation is off.
    ///
    /// Where OpenTelemetry does not know the span (a filter hides it, nothing records), the caller's context is current instead.
    pub(super) fn open<T>(
        span: Span,
        parent: Option<Context>,
        caller: Option<Context>,
        first: impl FnOnce(&Self, Option<&SpanRef<'_>>) -> T,
    ) -> (Self, T) {
        let before = with_current(ids_of).flatten();
        let is_own = |context: &Context| ids_of(context).is_some_and(|ids| Some(ids) != before);

        let mut scope = Self {
            span,
            attached: None,
            own: None,
        };
        let result = if is_ending() {
            scope.attached = caller;
            first(&scope, None)
        } else {
            let _entered = scope.span.enter();
            note_entered();
            let current = with_current(Context::clone).filter(is_own);
            // With context activation off, entering a span makes nothing current; and yet it has a context.
            let hidden = current
                .is_none()
                .then(|| hidden_context(&scope.span, parent))
                .filter(is_own);
            scope.attached = hidden.clone().or(caller.filter(|_| current.is_none()));
            let _attached = scope.attached.as_ref().map(trace_context::attach);
            let own = current.as_ref().or(hidden.as_ref());
            scope.own = own.and_then(ids_of);
            let recording = own.map(Context::span).filter(records);
            first(&scope, recording.as_ref())
        };
        (scope, result)
    }

    /// The span's own ids, if it has any.
    pub(super) fn own(&self) -> Option<TraceContext> {
        self.own
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Runs something as a part of the request.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        if is_ending() {
            return work();
        }
        let _entered = self.span.enter();
        let _attached = self.attached.as_ref().map(trace_context::attach);
        note_entered();
        work()
    }

    /// Does something with OpenTelemetry's span, if it records. To be called within [`run`](Self::run).
    pub(super) fn if_recording(&self, work: impl FnOnce(&SpanRef<'_>)) {
        if self.own.is_some()
            && let Some(context) = with_current(Context::clone)
        {
            let span = context.span();
            if span.is_recording() {
                work(&span);
            }
        }
    }
}

/// The context of a span that does not become current.
fn hidden_context(span: &Span, parent: Option<Context>) -> Context {
    if let Some(parent) = parent {
        // Where it fails there is nothing to set.
        let _ = span.set_parent(parent);
    }
    span.context()
}

/// What is sampled is recorded, and need not be locked to be asked.
fn records(span: &SpanRef<'_>) -> bool {
    span.span_context().is_sampled() || span.is_recording()
}

/// The ids of a span of this process.
fn ids_of(context: &Context) -> Option<TraceContext> {
    let span = context.span();
    let found = span.span_context();
    if found.is_remote() {
        return None;
    }
    TraceContext::new(found.trace_id(), found.span_id(), found.trace_flags())
}
