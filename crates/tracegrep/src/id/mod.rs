//! Trace ids: what the user gives, and all forms in which a line can have it.
//!
//! | form | example | written by |
//! |---|---|---|
//! | 32 hexadecimal digits, lower or upper case | `4bf92f3577b34da6a3ce929d0e0e4736` | OpenTelemetry, B3, Google Cloud, within `traceparent` |
//! | the same with dashes | `4bf92f35-77b3-4da6-a3ce-929d0e0e4736` | loggers that take it for a UUID |
//! | X-Ray's two parts | `1-4bf92f35-77b34da6a3ce929d0e0e4736` | AWS X-Ray |
//! | after `0x`, without leading zeros | `0x77b34da6a3ce929d0e0e4736` | programs that print it as a number |
//! | the lower 64 bits as a decimal number | `11803532876627986230` | Datadog |
//! | 16 hexadecimal digits, if the upper 64 bits are zero | `a3ce929d0e0e4736` | B3, Jaeger |

mod anchors;
mod finder;
mod form;
mod hit;
mod neighbours;
mod searcher;
mod standing_alone;
#[cfg(feature = "servers")]
mod term;
mod trace_id;
mod trace_query;

#[cfg(feature = "servers")]
pub(crate) use self::term::{Place, terms};
pub(crate) use self::{finder::Finder, searcher::Searcher, standing_alone::standing_alone};
pub use self::{
    trace_id::TraceId,
    trace_query::{InvalidTraceId, TraceQuery},
};
