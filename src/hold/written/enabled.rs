use crate::hold::decision::Decision;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Acquire},
};
use tracing_core::{Interest, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// Calls a closure with a filter.
type With = dyn Fn(&mut dyn FnMut(&EnvFilter)) + Send + Sync;

/// A filter that can be replaced.
#[derive(Clone)]
pub(crate) struct SharedEnvFilter {
    /// Calls a closure with the filter as it is now, if it still exists.
    pub(crate) with: Arc<With>,
    /// How often it was replaced.
    pub(crate) number: Arc<AtomicUsize>,
}

impl SharedEnvFilter {
    #[inline]
    pub(super) fn writes<S>(
        &self,
        metadata: &'static Metadata<'static>,
        decision: &Decision,
        ctx: &Context<'_, S>,
    ) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // Read before the filter is asked, so that the decision of an earlier filter is never taken for that of a later one.
        let number = self.number.load(Acquire);
        let of_call_site = || {
            let mut interest = Interest::always();
            (self.with)(&mut |filter| {
                interest = Filter::<S>::callsite_enabled(filter, metadata);
            });
            match () {
                () if interest.is_always() => Some(true),
                () if interest.is_never() => Some(false),
                () => None,
            }
        };
        decision.get(number + 1, of_call_site).unwrap_or_else(|| {
            let mut writes = true;
            (self.with)(&mut |filter| writes = filter.enabled(metadata, ctx.clone()));
            writes
        })
    }
}
