use crate::trace_context::{self, TraceContext, is_ending, note_entered, with_current};
use opentelemetry::{
    Context,
    trace::{SpanRef, TraceContextExt as _},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The `tracing` span of a request, and the OpenTelemetry context to attach within it if the span does not activate its own.
#[derive(Debug)]
pub(super) struct RequestSpan {
    span: Span,
    attached: Option<Context>,
    own_ids: Option<TraceContext>,
}

impl RequestSpan {
    /// Starts the span, and runs the first part of the request within it: entering the span a second time would cost more than the rest
    /// of this function. `first` receives the new value, and OpenTelemetry's span if that is recording.
    ///
    /// `span` was created while the context of its parent was attached. `parent` is that context if it is not the current one. It is set
    /// again if OpenTelemetry's layer has its context activation off.
    ///
    /// If OpenTelemetry does not know the span (a filter hides it, or nothing records spans), `caller` is the current context instead.
    #[inline]
    pub(super) fn start(
        span: Span,
        parent: Option<&Context>,
        caller: Option<&Context>,
        first: impl FnOnce(&Self, Option<&SpanRef<'_>>),
    ) -> Self {
        let before = with_current(local_ids).flatten();
        let with_own_ids = |context: Context| {
            let ids = local_ids(&context).filter(|ids| Some(*ids) != before)?;
            Some((context, ids))
        };

        let mut this = Self {
            span,
            attached: None,
            own_ids: None,
        };
        if is_ending() {
            this.attached = caller.cloned();
            first(&this, None);
        } else {
            let _entered = this.span.enter();
            note_entered();
            let current = with_current(Context::clone).and_then(with_own_ids);
            // With context activation off, entering the span does not change the current context, but the span still has one.
            let inactive = current
                .is_none()
                .then(|| inactive_context(&this.span, parent))
                .and_then(with_own_ids);
            this.attached = match (&current, &inactive) {
                (Some(_), _) => None,
                (None, Some((inactive, _))) => Some(inactive.clone()),
                (None, None) => caller.cloned(),
            };
            let _attached = this.attached.as_ref().map(trace_context::attach);
            let own = current.as_ref().or(inactive.as_ref());
            this.own_ids = own.map(|(_, ids)| *ids);
            let recording = own.map(|(context, _)| context.span());
            first(&this, recording.filter(is_recording).as_ref());
        }
        this
    }

    /// Returns the ids of the span, if OpenTelemetry knows it.
    #[inline]
    pub(super) fn own_ids(&self) -> Option<TraceContext> {
        self.own_ids
    }

    #[inline]
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Runs a closure within the span, with its context attached.
    #[inline]
    pub(super) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        if is_ending() {
            return work();
        }
        let _entered = self.span.enter();
        let _attached = self.attached.as_ref().map(trace_context::attach);
        note_entered();
        work()
    }

    /// Calls a closure with OpenTelemetry's span if that is recording. Must be called within [`in_scope`](Self::in_scope).
    pub(super) fn if_recording(&self, work: impl FnOnce(&SpanRef<'_>)) {
        if self.own_ids.is_some()
            && let Some(context) = with_current(Context::clone)
        {
            let span = context.span();
            if span.is_recording() {
                work(&span);
            }
        }
    }
}

/// Returns the context of a span that OpenTelemetry's layer does not activate.
fn inactive_context(span: &Span, parent: Option<&Context>) -> Context {
    if let Some(parent) = parent {
        // This fails if OpenTelemetry's layer does not know the span. Then there is no parent to set.
        let _ = span.set_parent(parent.clone());
    }
    span.context()
}

/// Returns whether the span is recording. A sampled span is, and reading its flags takes no lock, unlike `is_recording`.
fn is_recording(span: &SpanRef<'_>) -> bool {
    span.span_context().is_sampled() || span.is_recording()
}

/// Returns the ids of the context's span if that is a span of this process.
fn local_ids(context: &Context) -> Option<TraceContext> {
    let span = context.span();
    let found = span.span_context();
    if found.is_remote() {
        return None;
    }
    TraceContext::new(found.trace_id(), found.span_id(), found.trace_flags())
}
