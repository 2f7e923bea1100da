//! What carries a trace from one process to the next, by the letter of the W3C: `traceparent`, `tracestate` and `baggage`. It
//! works with the OpenTelemetry version that this crate depends on, the re-exported [`opentelemetry`]. An
//! application on another version keeps its own propagator: see [`version`](crate::version).
//!
//! [`inject`] writes the current context into whatever carries a message, and [`extract`] reads it there: HTTP headers, the
//! attributes of a queued message, the comment of an SQL statement.
//!
//! ```
//! use std::collections::HashMap;
//! use tracing_stamp::{opentelemetry::trace::TraceContextExt as _, w3c};
//!
//! // A producer's message carries the context:
//! let mut attributes = HashMap::new();
//! w3c::inject(&mut attributes);
//! # attributes.insert("traceparent".to_owned(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
//!
//! // Its consumer goes on with the trace, or links to it:
//! let producer = w3c::extract(&attributes);
//! let trace_id = producer.span().span_context().trace_id();
//! assert_eq!(trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
//! ```
//!
//! # What is strict
//!
//! [Trace Context Level 1] is a Recommendation, [Level 2] a candidate; where they differ, this is Level 2. A `traceparent` is
//! read to the character, and one that comes twice is none. A `tracestate` with a wrong member, or more than 32, is dropped
//! whole, and the trace goes on. Of [Baggage], a wrong member is dropped alone. OpenTelemetry's own propagator differs in 13 of
//! the 41 cases of the W3C's conformance tests; this one in none.
//!
//! What was received goes on as it came, also where `opentelemetry`'s own types cannot hold it: it is kept beside them in the
//! [`Context`](opentelemetry::Context). A carrier that shows one value of each key, such as a map, hides that there were two.
//!
//! [Trace Context Level 1]: https://www.w3.org/TR/trace-context-1/
//! [Level 2]: https://www.w3.org/TR/trace-context-2/
//! [Baggage]: https://www.w3.org/TR/baggage/

mod baggage;
mod baggage_propagator;
mod carrier;
mod cut;
mod received;
mod sql_comment;
mod trace_context_propagator;
mod traceparent;
mod tracestate;

#[cfg(feature = "http")]
pub(crate) use self::{
    baggage::MAX_BYTES as BAGGAGE_BYTES,
    carrier::{inject_into, remote_of, with_fields},
    cut::{cut_at, cut_at_each},
};
pub use self::{
    baggage_propagator::BaggagePropagator,
    carrier::{extract, inject},
    sql_comment::sql_comment,
    trace_context_propagator::TraceContextPropagator,
    tracestate::Tracestate,
};

/// Optional white space around a value: RFC 9110, section 5.6.3.
const OWS: [char; 2] = [' ', '\t'];
