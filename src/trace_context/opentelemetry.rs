//! OpenTelemetry's current context, and that of a span, without ever disturbing either.

use super::TraceContext;
use opentelemetry::{Context, ContextGuard, trace::TraceContextExt as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing_core::{Dispatch, span::Id};

thread_local! {
    static REACHABLE: Reachable = Reachable::learn();
}

/// Whether this thread's OpenTelemetry context can still be asked.
///
/// `Context::map_current` panics once the thread's locals are destroyed, and a panic in a destructor aborts the process.
/// Locals are destroyed in the reverse order of their making. This one is made after OpenTelemetry's, so it goes first:
/// while it is there, the other is.
struct Reachable(bool);

impl Reachable {
    fn learn() -> Self {
        // Where OpenTelemetry's is gone already (it was used on this thread, and nothing has logged before), the panic
        // must not leave.
        Self(catch_unwind(|| Context::map_current(|_| ())).is_ok())
    }
}

impl Drop for Reachable {
    fn drop(&mut self) {
        // A destructor, though an empty one: without one, the order of destruction would not hold for this local.
        self.0 = false;
    }
}

/// Whether this thread has a current context, be it an empty one.
#[inline]
pub(super) fn is_reachable() -> bool {
    REACHABLE.try_with(|reachable| reachable.0).unwrap_or(false)
}

/// Runs `f` on the current context. `None` where it is out of reach.
///
/// OpenTelemetry logs while it holds its context mutably, so an event of its own must not come here. The unwinding is
/// stopped for what another layer makes of such an event, under another target.
#[inline]
pub(crate) fn with_current<T>(f: impl FnOnce(&Context) -> T) -> Option<T> {
    if !is_reachable() {
        return None;
    }
    catch_unwind(AssertUnwindSafe(|| Context::map_current(f))).ok()
}

/// Makes a context current on this thread until the guard is dropped. `None` where what is current is out of reach, or
/// somebody looks at it ([`Context::map_current`]).
#[inline]
pub(crate) fn attach(context: &Context) -> Option<ContextGuard> {
    if !is_reachable() {
        return None;
    }
    let context = context.clone();
    catch_unwind(AssertUnwindSafe(|| context.attach())).ok()
}

#[inline]
pub(super) fn current() -> Option<TraceContext> {
    with_current(|context| TraceContext::from_span_context(context.span().span_context())).flatten()
}

pub(super) fn current_local() -> Option<TraceContext> {
    with_current(|context| {
        let span = context.span();
        let is_local = !span.span_context().is_remote();
        TraceContext::from_span_context(span.span_context()).filter(|_| is_local)
    })
    .flatten()
}

/// Asks for a span's trace context, which **starts** the span, if it was not: only for where it starts anyway.
///
/// `None` where OpenTelemetry's layer is not there, was built for another version or cannot be found (behind `reload`);
/// where a filter hides the span from it, or it has let go of the span; and where its tracer makes no ids.
///
/// Locks the span's OpenTelemetry data. Panics where `dispatch` does not know the span.
pub(crate) fn of_span(id: &Id, dispatch: &Dispatch) -> Option<TraceContext> {
    let context = tracing_opentelemetry::get_otel_context(id, dispatch)?;
    TraceContext::from_span_context(context.span().span_context())
}

/// The current context, held to see whether its span ends: with the span that brought it, if it is that span's.
///
/// Holding it keeps alive a span that would end by being dropped, so it is held for as short as can be.
#[derive(Debug)]
pub(crate) struct Witness(Context);

impl Witness {
    /// `None` where the current span does not record, and so shows no end.
    pub(crate) fn of_current() -> Option<Self> {
        let context = with_current(Context::clone)?;
        context.span().is_recording().then_some(Self(context))
    }

    pub(crate) fn has_ended(&self) -> bool {
        !self.0.span().is_recording()
    }
}
