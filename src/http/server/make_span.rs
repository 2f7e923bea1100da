use super::{
    public_endpoint::PublicEndpoint,
    routing::{Routed, Routing},
    verbosity::{self, Verbosity},
};
use crate::{
    http::{
        access_line::{AccessLine, user_agent, version},
        attributes::AttributeSettings,
        foreign_trace,
        grpc::{self, rpc_method},
        headers::{self, HeaderExtractor, first_values},
        host::Host,
        in_flight::InFlight,
        methods,
        request_span::RequestSpan,
        request_state::RequestState,
        response_header::ResponseHeader,
        span_kind::SpanKind,
    },
    trace_context::{self, current_trace_id, is_ending, with_current},
    trace_level, w3c,
};
use http::{
    Request,
    header::{HOST, USER_AGENT},
    request::Parts,
};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{SpanContext, SpanRef, TraceContextExt as _, TraceState},
};
use std::{borrow::Cow, net::SocketAddr};
use tracing::{Level, Span, field::Empty, info_span};

/// Settings of a [`ServerLayer`](super::ServerLayer), and the spans that they make.
#[derive(Clone, Debug)]
pub(super) struct MakeServerSpan {
    pub(super) public_endpoint: PublicEndpoint,
    pub(super) routing: Routing,
    pub(super) response_header: ResponseHeader,
    pub(super) has_random_ids: bool,
    pub(super) access_lines: bool,
    pub(super) verbosity: Verbosity,
    pub(super) settings: AttributeSettings,
}

impl MakeServerSpan {
    /// Starts the span of a request, in the caller's trace or in a new one, and calls the service within it.
    pub(super) fn start<A>(
        &self,
        request: Request<A>,
        service: impl FnOnce(Request<A>),
    ) -> Box<InFlight> {
        // The parts stay here until the service takes them. Closures that owned them would copy them each time they are passed on.
        let mut split = None;
        let (parts, _) = split.insert(request.into_parts());
        trace_level::settle();
        let is_grpc = grpc::is_grpc(&parts.headers);
        let is_nested = parts.extensions.insert(OuterLayer).is_some();
        let is_public = self.public_endpoint.receives(parts);
        // An outer public endpoint has already removed the caller's context.
        let has_new_trace = is_nested && parts.extensions.get::<NewTrace>().is_some();
        let begins_trace = is_public && !has_new_trace;
        let caller = (!is_nested || begins_trace)
            .then(|| caller_of(parts))
            .flatten();
        // Once, and before the span and its parent are current: these run code of the application.
        let level = self.level_of(parts, || {
            if is_public || has_new_trace {
                None
            } else if is_nested {
                // The outer layer has made the caller's baggage current.
                with_current(Context::clone)
            } else {
                caller.clone()
            }
        });
        let routed = self.routing.read(parts);
        let root = begins_trace.then(Context::new);
        let parent = if is_public {
            root.as_ref()
        } else {
            caller.as_ref()
        };
        let span = if is_ending() {
            // No span can be entered while the thread's locals are destroyed.
            Span::none()
        } else {
            // The span's parent is the current context while the span is created. `set_parent` would not work, because it has to find
            // OpenTelemetry's layer, which `reload` hides.
            let _parent = parent.map(trace_context::attach);
            if is_grpc {
                rpc_span(parts)
            } else {
                self.http_span(parts, &routed)
            }
        };
        let access_line = self.access_lines.then(|| {
            let query = self.query(parts).map(Cow::into_owned);
            let method = self.settings.methods.attribute(&parts.method);
            Box::new(AccessLine::new(parts, &routed, method, query))
        });
        let peer = routed.peer;
        let remote = caller.as_ref().and_then(remote_span);
        let parent = parent.filter(|_| is_public || remote.is_some());
        let link = remote.filter(|_| is_public);
        let fallback = if is_public {
            // A proxy that forwards the headers must not carry an untrusted context further in.
            headers::remove(&mut parts.headers);
            foreign_trace::remove(&mut parts.headers);
            None
        } else {
            caller.as_ref()
        };
        if begins_trace {
            parts.extensions.insert(NewTrace);
        }
        let mut state = RequestState {
            kind: SpanKind::Server,
            rpc_method: is_grpc.then(|| rpc_method(parts.uri.path()).to_owned()),
            rpc_status: None,
            status: None,
            has_no_body: parts.method == http::Method::HEAD,
            has_error: false,
            is_in_user_code: false,
            is_grpc_response: false,
            // The response names the span of the outermost layer.
            response_header: if is_nested {
                ResponseHeader::Off
            } else {
                self.response_header
            },
            has_random_ids: self.has_random_ids,
            access_line,
            level: None,
        };
        let span = RequestSpan::start(span, parent, fallback, |span, recording| {
            if let (Some(recording), Some((parts, _))) = (recording, &split) {
                let access_line = state.access_line.as_deref();
                self.set_attributes(recording, parts, peer, is_grpc, access_line);
                if let Some(caller) = link {
                    // The link is added to the started span: OpenTelemetry's layer, which could add it before, cannot be found behind
                    // `reload`, and a sampler would see the link and the caller's sampling decision in it.
                    recording.add_link(caller, Vec::new());
                }
            }
            state.level = verbosity::raise(level.and_then(|_| current_trace_id()), level);
            if let Some((parts, body)) = split.take() {
                state.call_service(span, || service(Request::from_parts(parts, body)));
            }
        });
        Box::new(InFlight { span, state })
    }

    /// Returns the level that the request's trace is to have. `trusted` has the baggage of a caller that is trusted.
    fn level_of(
        &self,
        parts: &mut Parts,
        trusted: impl FnOnce() -> Option<Context>,
    ) -> Option<Level> {
        if !self.verbosity.is_set() {
            return None;
        }
        trace_level::note_trusted_level(&mut parts.extensions, trusted().as_ref());
        self.verbosity.level_of(parts)
    }

    fn http_span(&self, parts: &Parts, routed: &Routed<'_>) -> Span {
        let route = routed.route;
        let method = self.settings.methods.attribute(&parts.method);
        methods::named(method, route, |name| {
            info_span!(
                target: "tracing_stamp::http",
                "request",
                otel.name = name,
                otel.kind = "server",
                http.request.method = method,
                http.route = route,
                url.path = routed.path,
                http.response.status_code = Empty,
                "error.type" = Empty,
                // These fields only reserve room: OpenTelemetry's layer allocates as many attributes as there are fields, and
                // `set_attributes` sets these on the exported span alone. The 18 attributes of a request without a known peer then fit
                // into one allocation of 1,008 bytes. Beyond 1,032 bytes glibc's malloc takes its slow path.
                server.address = Empty,
                server.port = Empty,
                url.query = Empty,
                network.protocol.version = Empty,
                user_agent.original = Empty,
            )
        })
    }

    /// Sets the attributes of the exported span that are not worth repeating on each line. It sets them one by one, because that costs less
    /// than a list of them.
    fn set_attributes(
        &self,
        span: &SpanRef<'_>,
        parts: &Parts,
        peer: Option<SocketAddr>,
        is_grpc: bool,
        access_line: Option<&AccessLine>,
    ) {
        let [host, agent] = first_values(&parts.headers, [&HOST, &USER_AGENT]);
        let host = match access_line {
            Some(line) => line.host.clone(),
            None => Host::of(&parts.uri, host),
        };
        if let Some(host) = host {
            if let Some(port) = host.port {
                span.set_attribute(KeyValue::new("server.port", i64::from(port)));
            }
            span.set_attribute(KeyValue::new("server.address", host.name));
        }
        if let Some(peer) = peer {
            let address = peer.ip().to_string();
            span.set_attribute(KeyValue::new("network.peer.port", i64::from(peer.port())));
            if !is_grpc {
                span.set_attribute(KeyValue::new("client.address", address.clone()));
            }
            span.set_attribute(KeyValue::new("network.peer.address", address));
        }
        if is_grpc {
            span.set_attribute(KeyValue::new("rpc.system.name", "grpc"));
            return;
        }
        let scheme = match parts.uri.scheme_str() {
            Some("https") => "https",
            _ => "http",
        };
        span.set_attribute(KeyValue::new("url.scheme", scheme));
        // An access line has redacted the query already. It is redacted again, because a value on a line and on a span counts twice.
        if let Some(query) = self.query(parts) {
            span.set_attribute(KeyValue::new("url.query", query.into_owned()));
        }
        if let Some(version) = version(parts.version) {
            span.set_attribute(KeyValue::new("network.protocol.version", version));
        }
        if let Some(user_agent) = user_agent(agent) {
            span.set_attribute(KeyValue::new("user_agent.original", user_agent.to_owned()));
        }
        if let Some(original) = self.settings.original_method(&parts.method) {
            span.set_attribute(original);
        }
    }

    fn query<'p>(&self, parts: &'p Parts) -> Option<Cow<'p, str>> {
        let query = parts.uri.query()?;
        Some(self.settings.urls.redact_query(query))
    }
}

/// Makes the span of a gRPC call. It takes the name of the method only when gRPC has responded, because a caller can ask for any name:
/// see `RequestState::record_rpc_status`.
fn rpc_span(parts: &Parts) -> Span {
    info_span!(
        target: "tracing_stamp::http",
        "grpc",
        otel.kind = "server",
        otel.name = Empty,
        url.path = parts.uri.path(),
        rpc.method = Empty,
        rpc.status_code = Empty,
        "error.type" = Empty,
    )
}

/// Request extension set by an outer [`ServerLayer`](super::ServerLayer). A nested layer continues the outer layer's span, unless it is
/// the first one that is a public endpoint. Values without a size are not allocated.
#[derive(Clone, Copy)]
struct OuterLayer;

/// Request extension set by the [`ServerLayer`](super::ServerLayer) of a public endpoint that has begun a new trace.
#[derive(Clone, Copy)]
struct NewTrace;

/// Returns the current context with the caller's span and baggage added, or `None` if the request has neither.
fn caller_of(parts: &Parts) -> Option<Context> {
    let current = with_current(Context::clone).unwrap_or_default();
    let caller = w3c::remote_of(&current, &HeaderExtractor::new(&parts.headers));
    let has_any = remote_span(&caller).is_some() || !caller.baggage().is_empty();
    has_any.then_some(caller)
}

/// Returns the caller's span for a link, without its `tracestate`.
fn remote_span(context: &Context) -> Option<SpanContext> {
    let span = context.span();
    let caller = span.span_context();
    (caller.is_valid() && caller.is_remote()).then(|| {
        let (trace_id, span_id) = (caller.trace_id(), caller.span_id());
        SpanContext::new(
            trace_id,
            span_id,
            caller.trace_flags(),
            true,
            TraceState::NONE,
        )
    })
}
