//! Ties a level to the outermost span of this process.

use super::guard::TraceLevelGuard;
use tracing_core::dispatcher;
use tracing_subscriber::{Registry, registry::LookupSpan as _};

/// A level in the extensions of a span. The registry drops it when the span has closed.
struct UntilClosed(#[allow(dead_code, reason = "it is held until it is dropped")] TraceLevelGuard);

/// Keeps a guard until the outermost span around the current one closes, in place of an earlier guard of that span. Returns the guard if
/// there is no such span.
pub(super) fn keep(guard: TraceLevelGuard) -> Option<TraceLevelGuard> {
    let mut guard = Some(guard);
    let replaced = dispatcher::get_default(|dispatch| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        let current = dispatch.current_span();
        let root = registry.span(current.id()?)?.scope().last()?;
        let guard = guard.take()?;
        root.extensions_mut().replace(UntilClosed(guard))
    });
    // Dropped after the lock of the extensions was released.
    drop(replaced);
    guard
}
