use super::baggage::level_in;
use http::{Extensions, request::Parts};
use opentelemetry::Context;
use tracing_core::Level;

/// The level in the baggage of a trusted caller, as an extension of a request.
#[derive(Clone, Copy)]
struct TrustedLevel(Level);

/// Returns a closure for `ServerLayer::with_verbosity` that reads the level from the baggage member `log.level`.
///
/// The member only counts if the server layer trusts its callers: a [public endpoint] ignores it, as it ignores the rest of the baggage.
///
/// ```
/// use tracing_stamp::{http::ServerLayer, trace_level};
///
/// let layer = ServerLayer::new().with_verbosity(trace_level::from_baggage());
/// # let _ = layer;
/// ```
///
/// [public endpoint]: crate::http::ServerLayer::with_public_endpoint
pub fn from_baggage() -> impl Fn(&Parts) -> Option<Level> + Send + Sync + 'static {
    |request| request.extensions.get().map(|TrustedLevel(level)| *level)
}

/// Notes the level in the baggage of a request's caller. `caller` is `None` if the caller is not trusted.
pub(crate) fn note_trusted_level(extensions: &mut Extensions, caller: Option<&Context>) {
    match caller.and_then(level_in) {
        Some(level) => drop(extensions.insert(TrustedLevel(level))),
        None => drop(extensions.remove::<TrustedLevel>()),
    }
}
