//! The version of OpenTelemetry that this crate depends on.

use super::version::support::guarded;
use opentelemetry::{Context, ContextGuard};

/// Our own dependency as one version among others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Native;

crate::opentelemetry_of!(@started Native, [opentelemetry] [tracing_opentelemetry]);

/// Makes a context current on this thread until the guard is dropped. `None` if the current context is out of reach, or a
/// caller further up borrows it ([`Context::map_current`]).
#[inline]
pub(crate) fn attach(context: &Context) -> Option<ContextGuard> {
    if !is_reachable() {
        return None;
    }
    let context = context.clone();
    guarded(|| context.attach())
}
