//! Propagation of traces between processes, as the W3C specifies it: `traceparent`, `tracestate` and `baggage`.
//!
//! Use [`inject`] to write the current context into a carrier, and [`extract`] to read it from one: HTTP headers, the attributes of
//! a queued message, and so on. Use [`sql_comment`] for the comment of an SQL statement. The propagators
//! [`TraceContextPropagator`] and [`BaggagePropagator`] are for OpenTelemetry's
//! [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator), which `init` calls.
//!
//! This module works with the OpenTelemetry version that this crate depends on, the re-exported [`opentelemetry`]. An application
//! on another version keeps its own propagator: see [`version`](crate::version).
//!
//! ```
//! use std::collections::HashMap;
//! use tracing_stamp::{opentelemetry::trace::TraceContextExt as _, w3c};
//!
//! // The message of a producer carries the context:
//! let mut attributes = HashMap::new();
//! w3c::inject(&mut attributes);
//! # attributes.insert("traceparent".to_owned(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
//!
//! // The consumer continues the trace, or links to it:
//! let producer = w3c::extract(&attributes);
//! let trace_id = producer.span().span_context().trace_id();
//! assert_eq!(trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
//! ```
//!
//! # Strictness
//!
//! [Trace Context Level 1] is a W3C Recommendation, and [Level 2] is a Candidate Recommendation. Where they differ, this module
//! follows Level 2. A `traceparent` must match the specification exactly, and a second `traceparent` header invalidates both. A
//! `tracestate` with an invalid member, or with more than 32 members, is dropped as a whole, and the trace continues. In [Baggage],
//! only the invalid member is dropped. OpenTelemetry's own propagator fails 13 of the 41 cases of the W3C's conformance tests; this
//! module fails none.
//!
//! Received headers are sent on unchanged, even if `opentelemetry`'s own types cannot represent them: they are kept beside these
//! types in the [`Context`](opentelemetry::Context). A carrier that exposes one value per key, such as a map, hides a second
//! header.
//!
//! [Trace Context Level 1]: https://www.w3.org/TR/trace-context-1/
//! [Level 2]: https://www.w3.org/TR/trace-context-2/
//! [Baggage]: https://www.w3.org/TR/baggage/

mod baggage;
mod baggage_propagator;
mod carrier;
mod cut;
mod header;
mod plain_list;
mod received;
mod sql_comment;
mod trace_context_propagator;
mod traceparent;
mod tracestate;

#[cfg(feature = "http")]
pub(crate) use self::{
    baggage::MAX_BYTES as BAGGAGE_BYTES,
    carrier::{inject_into, remote_of, with_fields},
    header::{BAGGAGE, TRACEPARENT, TRACESTATE},
};
pub use self::{
    baggage_propagator::BaggagePropagator,
    carrier::{extract, inject},
    sql_comment::sql_comment,
    trace_context_propagator::TraceContextPropagator,
    tracestate::Tracestate,
};

/// Optional white space: RFC 9110, section 5.6.3.
const OWS: [char; 2] = [' ', '\t'];
