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
    /// Starts the span, and finds out whether OpenTelemetry knows it: then it is described. Where it does not (a filter hides it,
    /// nothing records), the caller's context is current instead.
    pub(super) fn open(
        span: Span,
        caller: Option<Context>,
        describe: impl FnOnce(&SpanRef<'_>),
    ) -> Self {
        let before = with_current(ids_of).flatten();
        let own_of = |context: &Context| ids_of(context).filter(|ids| Some(*ids) != before);

        let entered = span.in_scope(|| with_current(Context::clone));
        if let Some(context) = entered
            && let Some(own) = own_of(&context)
        {
            describe_recording(&context, describe);
            return Self {
                span,
                attached: None,
                own: Some(own),
            };
        }
        // With context activation off, entering a span makes nothing current; and yet it has a context.
        let hidden = span.context();
        if let Some(own) = own_of(&hidden) {
            describe_recording(&hidden, describe);
            return Self {
                span,
                attached: Some(hidden),
                own: Some(own),
            };
        }
        Self {
            span,
            attached: caller,
            own: None,
        }
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
            describe_recording(&context, work);
        }
    }
}

fn describe_recording(context: &Context, describe: impl FnOnce(&SpanRef<'_>)) {
    let span = context.span();
    if span.is_recording() {
        describe(&span);
    }
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
