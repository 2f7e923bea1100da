use crate::trace_context::{
    self, is_ending, note_entered,
    version::known::{self, OfVersion},
    with_current,
};
use opentelemetry::{Context, ContextGuard, trace::TraceContextExt as _};
use std::{
    any::Any,
    panic::{RefUnwindSafe, UnwindSafe},
};
use tracing::Span;
use tracing_core::{
    Dispatch,
    dispatcher::{self, DefaultGuard},
    subscriber::NoSubscriber,
};

/// The current span, OpenTelemetry context and subscriber of a thread, captured for use elsewhere. Code can run within it any number
/// of times, on any thread.
///
/// A snapshot keeps its span open until it is dropped. Clones share the same span.
///
/// ```
/// use rayon::prelude::*;
/// use tracing_stamp::carry::ContextSnapshot;
///
/// let snapshot = ContextSnapshot::capture();
/// let sum: u64 = [1, 2, 3].par_iter().map(|n| snapshot.in_scope(|| {
///     tracing::info!(n, "a line with the ids of the captured span");
///     n * 2
/// })).sum();
/// assert_eq!(sum, 12);
/// ```
#[derive(Clone, Debug)]
pub struct ContextSnapshot {
    span: Span,
    /// `None` if the context could not be read.
    context: Option<Context>,
    /// The contexts of the other OpenTelemetry versions that layers of this process were given.
    others: Vec<OfVersion>,
    subscriber: Dispatch,
}

impl ContextSnapshot {
    /// Captures the current span, context and subscriber of this thread.
    ///
    /// ```
    /// let snapshot = tracing_stamp::carry::ContextSnapshot::capture();
    /// assert_eq!(snapshot.in_scope(|| 1 + 1), 2);
    /// ```
    #[must_use = "a snapshot does nothing until code runs within it"]
    pub fn capture() -> Self {
        Self {
            span: Span::current(),
            context: with_current(Context::clone),
            others: known::capture_all(),
            subscriber: dispatcher::get_default(Dispatch::clone),
        }
    }

    /// Runs a closure within the snapshot, on this thread. Afterwards the previous context is current again, even after a panic.
    ///
    /// The span is entered first, then the context is attached. A snapshot captured outside of any span does not hide the context of the
    /// span that is current here. The captured subscriber becomes the default only if this thread has none: a scoped subscriber is
    /// carried along, and a global one applies already. While the thread's locals are destroyed, the closure runs without any context.
    ///
    /// ```
    /// use std::thread;
    /// use tracing_stamp::carry::ContextSnapshot;
    ///
    // A callback that is called more than once, on another thread.
    /// let snapshot = ContextSnapshot::capture();
    /// let on_change = move |value: u32| snapshot.in_scope(|| tracing::info!(value, "changed"));
    /// thread::spawn(move || [1, 2, 3].map(on_change)).join().expect("no panic");
    /// ```
    #[inline]
    pub fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        if is_ending() {
            return run();
        }
        let _subscriber = self.set_default();
        let _span = self.span.enter();
        let _context = self.attach();
        let _others = self.attach_others();
        note_entered();
        run()
    }

    fn set_default(&self) -> Option<DefaultGuard> {
        let has_none = dispatcher::get_default(Dispatch::is::<NoSubscriber>);
        (has_none && !self.subscriber.is::<NoSubscriber>())
            .then(|| dispatcher::set_default(&self.subscriber))
    }

    fn attach(&self) -> Option<ContextGuard> {
        let context = self.context.as_ref()?;
        let is_of_a_span = !self.span.is_disabled() || context.has_active_span();
        if !is_of_a_span && with_current(Context::has_active_span)? {
            return None;
        }
        trace_context::attach(context)
    }

    fn attach_others(&self) -> Option<Attached> {
        if self.others.is_empty() {
            return None;
        }
        let is_within_span = !self.span.is_disabled();
        let guards = self
            .others
            .iter()
            .filter_map(|other| other.attach(is_within_span));
        Some(Attached(guards.collect()))
    }
}

/// Guards of attached contexts. They are detached in reverse order.
struct Attached(Vec<Box<dyn Any>>);

impl Drop for Attached {
    fn drop(&mut self) {
        while let Some(guard) = self.0.pop() {
            drop(guard);
        }
    }
}

// A snapshot never changes, so a panic cannot leave it half-modified. Only the `dyn Any` in a context prevents the automatic impls.
impl UnwindSafe for ContextSnapshot {}
impl RefUnwindSafe for ContextSnapshot {}
