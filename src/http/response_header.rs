use crate::{
    trace_context::{TraceContext, with_current},
    w3c::TraceContextPropagator,
};
use http::{HeaderMap, HeaderName, HeaderValue};

static TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Header in which a response names the server's span, chosen by
/// [`ServerLayer::with_response_header`](super::ServerLayer::with_response_header). A response never has a `traceparent`, a `tracestate`
/// or baggage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseHeader {
    /// `traceresponse: 00-<trace id>-<span id>-<flags>`, from an earlier draft of Trace Context Level 2. No W3C Recommendation has it.
    #[default]
    TraceResponse,
    /// `server-timing: trace;desc=00-<trace id>-<span id>-<flags>`, from the current draft of Trace Context Level 3. Scripts on a web page
    /// can read it.
    ServerTiming,
    /// No header.
    Off,
}

impl ResponseHeader {
    /// Writes the ids of the server's span, with the flags that its context sends on. Must be called while that context is current.
    pub(super) fn write(self, server: TraceContext, has_random_ids: bool, headers: &mut HeaderMap) {
        if self == Self::Off {
            return;
        }
        let propagator = TraceContextPropagator::new().with_random_trace_ids(has_random_ids);
        let flags = with_current(|context| propagator.flags(context)).unwrap_or(server.flags());
        let sent = TraceContext::new(server.trace_id(), server.span_id(), flags);
        let sent = sent.unwrap_or(server);
        // The conversion cannot fail: the value is hexadecimal digits and dashes.
        match self {
            Self::TraceResponse => {
                if let Ok(value) = HeaderValue::try_from(sent.traceparent()) {
                    // This fails if the map has reached its maximum size.
                    let _ = headers.try_insert(&TRACERESPONSE, value);
                }
            }
            Self::ServerTiming => {
                let value = format!("trace;desc={}", sent.to_traceparent());
                if let Ok(value) = HeaderValue::try_from(value) {
                    let _ = headers.try_append(&SERVER_TIMING, value);
                }
            }
            Self::Off => {}
        }
    }
}
