//! Debugs one request: a level for one trace, above the filter.
//!
//! While a trace has a level, its events up to that level become lines, whatever the filter says. The events of all other traces are
//! filtered as before. The page [Debug one request] of the guide shows how one `curl` gets the DEBUG lines of one request from all
//! services.
//!
//! | to set the level of | use |
//! |---|---|
//! | the current trace, until its outermost span in this process ends | [`set`] |
//! | the current trace, until a guard is dropped | [`raise`] |
//! | each request, by a closure | `ServerLayer::with_verbosity` (feature `http`) |
//! | a request from a service that sets the level of its trace | `from_baggage` (feature `http`) |
//! | a request with a signed token, on a public endpoint | `from_header` and `Key` (feature `level-token`) |
//!
//! [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) sets up the filter for it. If you build a `registry()`
//! yourself, wrap the filter of the layer in a [`TraceLevelFilter`](crate::TraceLevelFilter).
//!
//! # The services behind
//!
//! [`w3c::inject`](crate::w3c::inject), and with it the layers for clients, add the baggage member `log.level=debug` while the trace has
//! this level. So the propagator of the process has to write baggage, as the default one does. A service behind honours the member if
//! it uses `from_baggage`, and passes it on in any case.
//!
//! # Limits
//!
//! - A level ends after ten minutes at the latest. A process keeps at most 1,024 levels at a time. A further one has no effect.
//! - The level concerns events. Spans that the span level hides stay hidden.
//! - The trace of an event is that of OpenTelemetry's current context, so OpenTelemetry's layer has to activate the contexts of its spans,
//!   as it does by default from version 0.32 on. A custom [`ContextSource`](crate::ContextSource) is not asked.
//! - An event that names its parent span belongs to the trace of that span. It only passes if no other trace is current on the thread, and
//!   if OpenTelemetry's layer was built by [`otel_layer`](crate::otel_layer).
//! - The events of OpenTelemetry itself, with a target that begins with `opentelemetry`, are filtered as before.
//! - Levels that `tracing`'s features such as `release_max_level_info` remove at compile time stay removed.
//!
//! # Cost
//!
//! While no trace has a level, `tracing` caches which call sites are disabled and which level is the highest, so a disabled event costs as
//! much as without this feature. When the first trace gets a level, these caches are computed again. From then on, filters are asked
//! about each event up to this level. When no trace has had a level for two seconds, the next request of a server layer, or the next event
//! that is filtered by `init`, restores the caches.
//!
//! [Debug one request]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/one-request.md

mod baggage;
mod caches;
#[cfg(feature = "http")]
mod from_baggage;
#[cfg(feature = "level-token")]
mod from_header;
mod guard;
mod root_span;
mod set;
mod table;
#[cfg(feature = "level-token")]
mod token;
mod word;

#[cfg(feature = "http")]
pub use self::from_baggage::from_baggage;
#[cfg(all(feature = "level-token", feature = "setup"))]
pub use self::from_header::from_header;
#[cfg(all(feature = "level-token", feature = "setup"))]
pub(crate) use self::from_header::install_key;
pub(crate) use self::{
    baggage::with_level_member,
    caches::{is_raised_to, raised_max_level, settle},
    set::{has_level, is_in_use, passes},
};
#[cfg(feature = "http")]
pub(crate) use self::{from_baggage::note_trusted_level, set::raise_trace};
#[cfg(feature = "level-token")]
pub use self::{from_header::from_header_with_key, token::Key};
pub use self::{
    guard::TraceLevelGuard,
    set::{current, raise, set},
};
