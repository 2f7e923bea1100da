use crate::{
    http::{
        allowed_hosts::AllowedHosts, attributes::AttributeSettings, foreign_trace,
        grpc::rpc_method, headers, host::Host, in_flight::InFlight, methods,
        request_span::RequestSpan, request_state::RequestState, response_header::ResponseHeader,
        span_kind::SpanKind,
    },
    trace_context::is_ending,
};
use http::{HeaderMap, Method};
use opentelemetry::KeyValue;
use tracing::{Span, field::Empty, info_span};

/// Settings of a [`ClientLayer`](super::ClientLayer), and the spans that they make.
#[derive(Clone, Debug, Default)]
pub(super) struct MakeClientSpan {
    pub(super) hosts: AllowedHosts,
    pub(super) settings: AttributeSettings,
}

/// A request that is about to be sent, in the terms of any client.
pub(super) struct OutgoingRequest<'r> {
    pub(super) method: &'r Method,
    /// The host that the request names, in its address or in its `Host` header.
    pub(super) host: Option<Host>,
    /// The host that the request goes to, from its address alone: a header may have been copied from another request.
    pub(super) target_host: Option<&'r str>,
    pub(super) scheme: Option<&'r str>,
    pub(super) path: &'r str,
    pub(super) url: String,
    /// How many times the request was sent before.
    pub(super) resend_count: u32,
    pub(super) is_grpc: bool,
}

impl MakeClientSpan {
    /// Starts the span of a request, as a child of the current span, and writes it into the headers.
    pub(super) fn start(
        &self,
        request: &OutgoingRequest<'_>,
        headers: &mut HeaderMap,
    ) -> Box<InFlight> {
        let span = if is_ending() {
            // No span can be entered while the thread's locals are destroyed.
            Span::none()
        } else if request.is_grpc {
            rpc_span(request)
        } else {
            self.http_span(request)
        };
        let span = RequestSpan::start(span, None, None, |_, recording| {
            if let Some(recording) = recording {
                recording.set_attributes(self.attributes(request));
            }
            if !self.hosts.contains(request.target_host) {
                // Also removes the headers of an earlier context, which may have been copied from another request.
                headers::remove(headers);
                foreign_trace::remove(headers);
            } else {
                // Within the span, so that it is the parent of the called service's spans.
                headers::inject(headers);
            }
        });
        let state = RequestState {
            kind: SpanKind::Client,
            rpc_method: request.is_grpc.then(|| rpc_method(request.path).to_owned()),
            rpc_status: None,
            status: None,
            has_no_body: request.method == Method::HEAD,
            has_error: false,
            is_in_user_code: false,
            is_grpc_response: false,
            response_header: ResponseHeader::Off,
            has_random_ids: false,
            access_line: None,
            level: None,
        };
        Box::new(InFlight { span, state })
    }

    fn http_span(&self, request: &OutgoingRequest<'_>) -> Span {
        let method = self.settings.methods.attribute(request.method);
        methods::named(method, None, |name| {
            info_span!(
                target: "tracing_stamp::http",
                "request sent",
                otel.name = name,
                otel.kind = "client",
                http.request.method = method,
                server.address = request.host.as_ref().map(|host| host.name.as_str()),
                http.response.status_code = Empty,
                "error.type" = Empty,
            )
        })
    }

    fn attributes(&self, request: &OutgoingRequest<'_>) -> Vec<KeyValue> {
        let mut attributes = Vec::with_capacity(5);
        let port = |host: &Host| host.port_or_default(request.scheme);
        if let Some(port) = request.host.as_ref().and_then(port) {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        if request.is_grpc {
            attributes.push(KeyValue::new("rpc.system.name", "grpc"));
            return attributes;
        }
        attributes.push(KeyValue::new(
            "url.full",
            self.settings.urls.redact(&request.url),
        ));
        attributes.extend(self.settings.original_method(request.method));
        if request.resend_count > 0 {
            attributes.push(KeyValue::new(
                "http.request.resend_count",
                i64::from(request.resend_count),
            ));
        }
        attributes
    }
}

fn rpc_span(request: &OutgoingRequest<'_>) -> Span {
    let method = rpc_method(request.path);
    info_span!(
        target: "tracing_stamp::http",
        "call sent",
        otel.name = method,
        otel.kind = "client",
        rpc.method = method,
        server.address = request.host.as_ref().map(|host| host.name.as_str()),
        rpc.status_code = Empty,
        "error.type" = Empty,
    )
}
