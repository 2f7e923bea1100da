//! The span of a request that is served.

use super::{
    access::{Access, user_agent, version},
    grpc::{self, rpc_method},
    headers::HeaderExtractor,
    host::Host,
    outcome::Side,
    route,
    scope::Scope,
    server::Settings,
    started::{Facts, Started},
    trust::Trust,
};
use crate::{trace_context::with_current, w3c};
use http::{Request, request::Parts};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _, trace::TraceContextExt as _};
use std::borrow::Cow;
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

impl Settings {
    /// Opens the span of a request, as a part of its caller's trace or of one of its own, and hands the request on within it.
    pub(super) fn open<A, T>(
        &self,
        request: Request<A>,
        hand_on: impl FnOnce(Request<A>) -> T,
    ) -> (Started, T) {
        let (parts, body) = request.into_parts();
        let is_grpc = grpc::is_grpc(&parts.headers);
        let route = route::route(&parts.extensions);
        let span = if is_grpc {
            rpc_span(&parts)
        } else {
            self.http_span(&parts, route)
        };
        let caller = caller_of(&parts);
        let fallback = match self.trust.of(&parts) {
            Trust::Always => caller.inspect(|caller| {
                // Where it does not work, `Scope` sees that.
                let _ = span.set_parent(caller.clone());
            }),
            Trust::Restart => {
                let _ = span.set_parent(Context::new());
                if let Some(caller) = caller.filter(has_remote_span) {
                    span.add_link(caller.span().span_context().clone());
                }
                None
            }
        };
        let access = self.access_lines.then(|| {
            let query = self.query(&parts).map(Cow::into_owned);
            let peer = route::peer(&parts.extensions);
            Box::new(Access::new(&parts, query, route, peer))
        });
        let facts = Facts {
            side: Side::Server,
            rpc_method: is_grpc.then(|| rpc_method(parts.uri.path()).to_owned()),
            is_head: parts.method == http::Method::HEAD,
            answer: self.answer,
            has_random_ids: self.has_random_ids,
            access,
        };
        let (scope, result) = Scope::open(span, fallback, |recording| {
            if let Some(span) = recording {
                span.set_attributes(self.attributes(&parts, is_grpc));
            }
            hand_on(Request::from_parts(parts, body))
        });
        (Started { scope, facts }, result)
    }

    fn http_span(&self, parts: &Parts, route: Option<&str>) -> Span {
        self.methods.named(&parts.method, route, |name| {
            info_span!(
                target: "tracing_stamp::http",
                "request",
                otel.name = name,
                otel.kind = "server",
                http.request.method = self.methods.attribute(&parts.method),
                http.route = route,
                url.path = parts.uri.path(),
                http.response.status_code = Empty,
                "error.type" = Empty,
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
        if let Some(peer) = route::peer(&parts.extensions) {
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

fn rpc_span(parts: &Parts) -> Span {
    let method = rpc_method(parts.uri.path());
    info_span!(
        target: "tracing_stamp::http",
        "call",
        otel.name = method,
        otel.kind = "server",
        rpc.method = method,
        rpc.status_code = Empty,
        "error.type" = Empty,
    )
}

/// The current context with what the request brought; `None` where it brought nothing.
fn caller_of(parts: &Parts) -> Option<Context> {
    let here = with_current(Context::clone).unwrap_or_default();
    let caller = w3c::remote_of(&here, &HeaderExtractor::new(&parts.headers));
    let came = has_remote_span(&caller) || !caller.baggage().is_empty();
    came.then_some(caller)
}

fn has_remote_span(context: &Context) -> bool {
    let span = context.span();
    let caller = span.span_context();
    caller.is_valid() && caller.is_remote()
}
