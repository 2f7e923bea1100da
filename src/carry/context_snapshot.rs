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

/// What is current here: the span, OpenTelemetry's context, and the subscriber. Anything can be run within it, any number of
/// times, on any thread.
///
/// It keeps its span open as long as it is kept. Clones are of the same.
///
/// ```
/// use rayon::prelude::*;
/// use tracing_stamp::carry::ContextSnapshot;
///
/// let snapshot = ContextSnapshot::capture();
/// let sum: u64 = [1, 2, 3].par_iter().map(|n| snapshot.in_scope(|| {
///     tracing::info!(n, "a line with the ids of here");
///     n * 2
/// })).sum();
/// assert_eq!(sum, 12);
/// ```
#[derive(Clone, Debug)]
pub struct ContextSnapshot {
    span: Span,
    /// `None` where it was out of reach.
    context: Option<Context>,
    /// The contexts of other versions of OpenTelemetry, for the versions that layers of this process were given.
    others: Vec<OfVersion>,
    subscriber: Dispatch,
}

impl ContextSnapshot {
    /// Takes what is current on this thread.
    ///
    /// ```
    /// let snapshot = tracing_stamp::carry::ContextSnapshot::capture();
    /// assert_eq!(snapshot.in_scope(|| 1 + 1), 2);
    /// ```
    #[must_use = "it does nothing until something runs within it"]
    pub fn capture() -> Self {
        Self {
            span: Span::current(),
            context: with_current(Context::clone),
            others: known::capture_all(),
            subscriber: dispatcher::get_default(Dispatch::clone),
        }
    }

    /// Runs something within it, on this thread. What was current before is current again afterwards, also after a panic.
    ///
    /// The span is entered, then the context attached. What was taken outside of any span hides no context of one. The
    /// subscriber becomes the default where there is none: a scoped one goes along, a global one is there already. A thread
    /// whose locals are being destroyed has nothing current, and runs it as it is.
    ///
    /// ```
    /// use std::thread;
    /// use tracing_stamp::carry::ContextSnapshot;
    ///
    /// // A callback that is called more than once, on a thread of somebody else's.
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
        let is_none_there = dispatcher::get_default(Dispatch::is::<NoSubscriber>);
        (is_none_there && !self.subscriber.is::<NoSubscriber>())
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

/// The guards of some contexts, which are detached in the reverse order.
struct Attached(Vec<Box<dyn Any>>);

impl Drop for Attached {
    fn drop(&mut self) {
        while let Some(guard) = self.0.pop() {
            drop(guard);
        }
    }
}

// Nothing in it changes, so a panic within leaves nothing half done; what a context holds is behind `dyn Any`.
impl UnwindSafe for ContextSnapshot {}
impl RefUnwindSafe for ContextSnapshot {}
