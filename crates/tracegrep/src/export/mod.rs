//! Writes the rebuilt spans for the viewers of other tools, and sends them to a tracing backend.
//!
//! The spans of a trace that was never sampled are in no backend. Its lines still show them, so a backend can be given what it lacks:
//!
//! ```
//! use tracegrep::{Outcome, Search, Tree, export};
//!
//! # fn main() -> Result<(), tracegrep::InvalidTraceId> {
//! let log = r#"{"timestamp":"2026-11-29T16:00:00.1Z","message":"order placed","service.name":"orders","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}"#;
//! let search = Search::new().with_reader("-", log.as_bytes());
//! let Outcome::Trace(trace) = search.find(&"4bf92f35".parse()?).outcome else {
//!     panic!("there is one trace");
//! };
//! let spans = export::otlp(&Tree::of(&trace));
//! assert!(spans.contains(r#""spanId":"00f067aa0ba902b7""#));
//! # Ok(())
//! # }
//! ```
//!
//! A span is exported if its times are known. A parent without lines is not: its id is the parent id of its children, as it was in the
//! application. The times are those of the clock of each service, except for Perfetto, which shows them as the drawing does.
//!
//! What is not certain is marked by attributes: `tracegrep.timing` has the [timing](crate::Timing) of a span, unless its times are exact,
//! `tracegrep.parent` has the [evidence](crate::Evidence) of a parent that is inferred, and `tracegrep.unclosed` is `true` for a span that
//! may still be open.

#[cfg(feature = "servers")]
mod collector;
mod jaeger;
mod kind;
mod lanes;
mod otlp;
mod perfetto;
mod spans;

#[cfg(feature = "servers")]
pub use self::collector::Collector;
pub use self::{jaeger::jaeger, otlp::otlp, perfetto::perfetto};
