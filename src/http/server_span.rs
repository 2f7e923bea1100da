//! The span of a request that is served.

use super::{
    access::{Access, user_agent, version},
    answer::ResponseHeader,
    foreign_trace,
    grpc::{self, rpc_method},
    headers::{self, HeaderExtractor},
    host::Host,
    outcome::Side,
    scope::Scope,
    server::Settings,
    started::{Facts, Started},
};
use crate::{
    trace_context::{self, is_ending, with_current},
    w3c,
};
use http::{Request, request::Parts};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{SpanContext, TraceContextExt as _, TraceState},
};
use std::borrow::Cow;
use tracing::{Span, field::Empty, info_span};

impl Settings {
    /// Opens the span of a request, as a part of its caller's trace or of one of its own, and hands the request on within it.
    pub(super) fn open<A, T>(
        &self,
        request: Request<A>,
        hand_on: impl FnOnce(Request<A>) -> T,
    ) -> (Started, T) {
        let (mut parts, body) = request.into_parts();
        let is_grpc = grpc::is_grpc(&parts.headers);
        let served = parts.extensions.get::<Served>().copied();
        let is_within = served.is_some();
        let is_public = self.public_endpoint.receives(&parts);
        // Once a trace has begun anew, there is no stranger any more.
        let has_restarted = served.is_some_and(|served| served.has_restarted);
        let restarts = is_public && !has_restarted;
        let caller = (!is_within || restarts)
            .then(|| caller_of(&parts))
            .flatten();
        let parent = if is_public {
            restarts.then(Context::new)
        } else {
            caller.clone()
        };
        let span = if is_ending() {
            // Nothing can be entered on a thread whose locals are being destroyed.
            Span::none()
        } else {
            // The span's parent is what is current while it is made. Not `set_parent`: that needs OpenTelemetry's layer to be found, which
            // `reload` hides.
            let _parent = parent.as_ref().map(trace_context::attach);
            if is_grpc {
                rpc_span(&parts)
            } else {
                self.http_span(&parts)
            }
        };
        let remote = caller.as_ref().and_then(remote_span);
        let parent = parent.filter(|_| is_public || remote.is_some());
        let link = remote.filter(|_| is_public);
        let fallback = if is_public {
            // A proxy that forwards the headers must not bring a stranger's context further in.
            headers::remove(&mut parts.headers);
            foreign_trace::remove(&mut parts.headers);
            None
        } else {
            caller
        };
        parts.extensions.insert(Served {
            has_restarted: has_restarted || restarts,
        });
        let access = self.access_lines.then(|| {
            let query = self.query(&parts).map(Cow::into_owned);
            let method = self.methods.attribute(&parts.method);
            Box::new(Access::new(&parts, &self.routing, method, query))
        });
        let mut facts = Facts {
            side: Side::Server,
            rpc_method: is_grpc.then(|| rpc_method(parts.uri.path()).to_owned()),
            rpc_status: None,
            status: None,
            has_no_body: parts.method == http::Method::HEAD,
            has_failed: false,
            is_at_work: false,
            is_rpc_answer: false,
            // The outer layer's span is the one that answers.
            answer: if is_within {
                ResponseHeader::Off
            } else {
                self.answer
            },
            has_random_ids: self.has_random_ids,
            access,
        };
        let (scope, result) = Scope::open(span, parent, fallback, |scope, recording| {
            if let Some(span) = recording {
                span.set_attributes(self.attributes(&parts, is_grpc));
                if let Some(caller) = link {
                    // To the span that has started, and not before, by OpenTelemetry's layer: that cannot be found behind `reload`, and a
                    // sampler would see the link, and the caller's wish in it.
                    span.add_link(caller, Vec::new());
                }
            }
            facts.hand_on(scope, || hand_on(Request::from_parts(parts, body)))
        });
        (Started { scope, facts }, result)
    }

    fn http_span(&self, parts: &Parts) -> Span {
        let route = self.routing.route(parts);
        self.methods.named(&parts.method, route, |name| {
            info_span!(
                target: "tracing_stamp::http",
                "request",
                otel.name = name,
                otel.kind = "server",
                http.request.method = self.methods.attribute(&parts.method),
                http.route = route,
                url.path = self.routing.path(parts),
                http.response.status_code = Empty,
                "error.type" = Empty,
                // Room: these are set on the exported span alone, which OpenTelemetry's layer makes for as many attributes as there
                // are fields. So a request without a known peer has its 18 in one piece of memory, of 1,008 bytes; beyond 1,032
                // glibc's malloc takes its long way.
                server.address = Empty,
                server.port = Empty,
                url.query = Empty,
                network.protocol.version = Empty,
                user_agent.original = Empty,
            )
        })
    }

    /// What is not worth repeating on each line.
    fn attributes(&self, parts: &Parts, is_grpc: bool) -> Vec<KeyValue> {
        let mut attributes = Vec::with_capacity(12);
        if let Some(host) = Host::of(&parts.uri, &parts.headers) {
            if let Some(port) = host.port {
                attributes.push(KeyValue::new("server.port", i64::from(port)));
            }
            attributes.push(KeyValue::new("server.address", host.name));
        }
        if let Some(peer) = self.routing.peer(parts) {
            let address = peer.ip().to_string();
            attributes.push(KeyValue::new("network.peer.port", i64::from(peer.port())));
            if !is_grpc {
                attributes.push(KeyValue::new("client.address", address.clone()));
            }
            attributes.push(KeyValue::new("network.peer.address", address));
        }
        if is_grpc {
            attributes.push(KeyValue::new("rpc.system.name", "grpc"));
            return attributes;
        }
        let scheme = match parts.uri.scheme_str() {
            Some("https") => "https",
            _ => "http",
        };
        attributes.push(KeyValue::new("url.scheme", scheme));
        if let Some(query) = self.query(parts) {
            attributes.push(KeyValue::new("url.query", query.into_owned()));
        }
        if let Some(version) = version(parts.version) {
            attributes.push(KeyValue::new("network.protocol.version", version));
        }
        if let Some(user_agent) = user_agent(parts) {
            attributes.push(KeyValue::new("user_agent.original", user_agent.to_owned()));
        }
        if let Some(original) = self.methods.original(&parts.method) {
            attributes.push(KeyValue::new(
                "http.request.method_original",
                original.to_owned(),
            ));
        }
        attributes
    }

    fn query<'p>(&self, parts: &'p Parts) -> Option<Cow<'p, str>> {
        let query = parts.uri.query()?;
        Some(self.secrets.redact_query(query))
    }
}

/// Named by its method once a service of gRPC has responded, as strangers can ask for any: see `Facts::note_rpc_status`.
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

/// In the extensions of a request that a layer serves already: another within it goes on with that one's span, unless it is the first
/// that begins a trace anew.
#[derive(Clone, Copy)]
struct Served {
    has_restarted: bool,
}

/// The current context with what the request brought; `None` where it brought nothing.
fn caller_of(parts: &Parts) -> Option<Context> {
    let here = with_current(Context::clone).unwrap_or_default();
    let caller = w3c::remote_of(&here, &HeaderExtractor::new(&parts.headers));
    let came = remote_span(&caller).is_some() || !caller.baggage().is_empty();
    came.then_some(caller)
}

/// The caller's span, without its `tracestate`: for a link.
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
