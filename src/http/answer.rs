//! What an answer says of its trace.

use crate::{
    trace_context::{TraceContext, with_current},
    w3c::TraceContextPropagator,
};
use http::{HeaderMap, HeaderName, HeaderValue};

static TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// By which header an answer names the server's span. Never by `traceparent`, and never with `tracestate` or baggage.
///
/// ```
/// use tracing_stamp::http::{ResponseHeader, ServerLayer};
///
/// let layer = ServerLayer::new().with_response_header(ResponseHeader::ServerTiming);
/// # let _ = layer;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseHeader {
    /// `traceresponse: 00-<trace id>-<span id>-<flags>`. From a former draft of Trace Context Level 2; in no Recommendation.
    #[default]
    TraceResponse,
    /// `server-timing: trace;desc=00-<trace id>-<span id>-<flags>`, as the present draft has it, which a browser shows to a page's scripts.
    ServerTiming,
    /// None.
    Off,
}

impl ResponseHeader {
    /// Writes the ids of a span, with the flags that its context has where it is sent. To be called where that is current.
    pub(super) fn write(self, server: TraceContext, has_random_ids: bool, headers: &mut HeaderMap) {
        if self == Self::Off {
            return;
        }
        let propagator = TraceContextPropagator::new().with_random_trace_ids(has_random_ids);
        let flags = with_current(|context| propagator.flags(context)).unwrap_or(server.flags());
        let sent = TraceContext::new(server.trace_id(), server.span_id(), flags);
        let value = sent.unwrap_or(server).to_traceparent();
        // Hexadecimal digits and dashes are a value.
        match self {
            Self::TraceResponse => {
                if let Ok(value) = HeaderValue::try_from(value) {
                    // A map that is full has no room for it.
                    let _ = headers.try_insert(&TRACERESPONSE, value);
                }
            }
            Self::ServerTiming => {
                if let Ok(value) = HeaderValue::try_from(format!("trace;desc={value}")) {
                    let _ = headers.try_append(&SERVER_TIMING, value);
                }
            }
            Self::Off => {}
        }
    }
}
