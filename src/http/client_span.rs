//! The span of a request that is sent.

use super::{
    allowed_hosts::AllowedHosts,
    answer::ResponseHeader,
    foreign_trace,
    grpc::rpc_method,
    headers,
    host::Host,
    methods::Methods,
    outcome::Side,
    scope::Scope,
    started::{Facts, Started},
    url::Secrets,
};
use crate::trace_context::is_ending;
use http::{HeaderMap, Method};
use opentelemetry::KeyValue;
use tracing::{Span, field::Empty, info_span};

/// What a client's span and headers are made by.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) hosts: AllowedHosts,
    pub(super) methods: Methods,
    pub(super) secrets: Secrets,
}

/// A request, as any client has it.
pub(super) struct Outgoing<'r> {
    pub(super) method: &'r Method,
    /// As the request says it.
    pub(super) host: Option<Host>,
    /// Where it really goes, by its address alone: a header can be copied from anywhere.
    pub(super) goes_to: Option<&'r str>,
    pub(super) scheme: Option<&'r str>,
    pub(super) path: &'r str,
    pub(super) url: String,
    /// How often it has been sent before.
    pub(super) resends: u32,
    pub(super) is_grpc: bool,
}

impl Settings {
    /// Opens the span of a request, as a part of what is current, and writes it into the headers.
    pub(super) fn open(&self, request: &Outgoing<'_>, headers: &mut HeaderMap) -> Started {
        let span = if is_ending() {
            // Nothing can be entered on a thread whose locals are being destroyed.
            Span::none()
        } else if request.is_grpc {
            rpc_span(request)
        } else {
            self.http_span(request)
        };
        let (scope, ()) = Scope::open(span, None, None, |_, recording| {
            if let Some(span) = recording {
                span.set_attributes(self.attributes(request));
            }
            if !self.hosts.contains(request.goes_to) {
                // Nor those of a context that somebody has copied there.
                headers::remove(headers);
                foreign_trace::remove(headers);
            } else {
                // Within the span: it is the parent of what the called service does.
                headers::inject(headers);
            }
        });
        let facts = Facts {
            side: Side::Client,
            rpc_method: request.is_grpc.then(|| rpc_method(request.path).to_owned()),
            rpc_status: None,
            status: None,
            has_no_body: request.method == Method::HEAD,
            has_failed: false,
            is_at_work: false,
            is_rpc_answer: false,
            answer: ResponseHeader::Off,
            has_random_ids: false,
            access: None,
        };
        Started { scope, facts }
    }

    fn http_span(&self, request: &Outgoing<'_>) -> Span {
        self.methods.named(request.method, None, |name| {
            info_span!(
                target: "tracing_stamp::http",
                "request sent",
                otel.name = name,
                otel.kind = "client",
                http.request.method = self.methods.attribute(request.method),
                server.address = request.host.as_ref().map(|host| host.name.as_str()),
                http.response.status_code = Empty,
                "error.type" = Empty,
            )
        })
    }

    fn attributes(&self, request: &Outgoing<'_>) -> Vec<KeyValue> {
        let mut attributes = Vec::with_capacity(5);
        let port = |host: &Host| host.port_or_default(request.scheme);
        if let Some(port) = request.host.as_ref().and_then(port) {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        if request.is_grpc {
            attributes.push(KeyValue::new("rpc.system.name", "grpc"));
            return attributes;
        }
        attributes.push(KeyValue::new("url.full", self.secrets.redact(&request.url)));
        if let Some(original) = self.methods.original(request.method) {
            attributes.push(KeyValue::new(
                "http.request.method_original",
                original.to_owned(),
            ));
        }
        if request.resends > 0 {
            attributes.push(KeyValue::new(
                "http.request.resend_count",
                i64::from(request.resends),
            ));
        }
        attributes
    }
}

fn rpc_span(request: &Outgoing<'_>) -> Span {
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
