use super::{
    access_line::AccessLine, grpc, headers, request_span::RequestSpan,
    response_header::ResponseHeader, span_kind::SpanKind,
};
use crate::trace_level::TraceLevelGuard;
use http::{HeaderMap, Response, StatusCode};
use opentelemetry::{KeyValue, trace::Status};

/// `error.type` of an HTTP request that was dropped before a server's response was there.
pub(super) const CANCELLED: &str = "cancelled";
/// `error.type` of an HTTP server's response body that was dropped before its end.
pub(super) const BODY_DROPPED: &str = "body_dropped";
/// `error.type` of a service or a body that panicked.
const PANIC: &str = "panic";

/// Collects what is known about a request, and records it on the request's span. Every method that takes a [`RequestSpan`] must be
/// called within that span.
#[derive(Debug)]
pub(super) struct RequestState {
    pub(super) kind: SpanKind,
    /// The method of a gRPC call. `None` for plain HTTP.
    pub(super) rpc_method: Option<String>,
    /// The status of a gRPC call, once it is known.
    pub(super) rpc_status: Option<&'static str>,
    pub(super) status: Option<StatusCode>,
    /// Whether the response has no body, whatever its headers say.
    pub(super) has_no_body: bool,
    /// Only the first error is recorded.
    pub(super) has_error: bool,
    /// Whether code of the service or its body is running. If this is still set when the request is dropped, that code has panicked, even
    /// if the panic was caught since.
    pub(super) is_in_user_code: bool,
    /// Whether the response is one of gRPC.
    pub(super) is_grpc_response: bool,
    pub(super) response_header: ResponseHeader,
    pub(super) has_random_ids: bool,
    pub(super) access_line: Option<Box<AccessLine>>,
    /// The level of the request's trace, which ends after the span has closed.
    pub(super) level: Option<Box<TraceLevelGuard>>,
}

impl RequestState {
    /// Calls the service, and records its panic if it does not return a future.
    #[inline]
    pub(super) fn call_service<T>(&mut self, span: &RequestSpan, service: impl FnOnce() -> T) -> T {
        let on_panic = OnPanic { span, state: self };
        let future = service();
        std::mem::forget(on_panic);
        future
    }

    /// Runs code of the service or its body.
    #[inline]
    pub(super) fn run_user_code<T>(&mut self, work: impl FnOnce() -> T) -> T {
        self.is_in_user_code = true;
        let result = work();
        self.is_in_user_code = false;
        result
    }

    /// Records the head of a response, and writes the span's ids into its headers if this is a server.
    #[inline]
    pub(super) fn on_response<B>(&mut self, span: &RequestSpan, response: &mut Response<B>) {
        let status = response.status();
        self.status = Some(status);
        self.has_no_body |= status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED;
        if self.rpc_method.is_some() {
            self.is_grpc_response = grpc::is_grpc(response.headers());
            // A gRPC failure without a message has its status in the headers instead of the trailers.
            self.record_trailers(span, response.headers());
        } else {
            self.record_status(span, status);
        }
        if self.kind == SpanKind::Server {
            // A proxy may have passed on the headers of the service behind it. They do not concern the caller.
            headers::remove_w3c(response.headers_mut());
            if let Some(ids) = span.own_ids() {
                self.response_header
                    .write(ids, self.has_random_ids, response.headers_mut());
            }
        }
    }

    /// Returns whether the span ends with the head of the response, as an HTTP client need not read the body.
    pub(super) fn ends_with_head(&self) -> bool {
        self.kind == SpanKind::Client && self.rpc_method.is_none()
    }

    /// Returns whether [`on_end`](Self::on_end) still has something to record.
    pub(super) fn awaits_end(&self) -> bool {
        self.access_line.is_some() || (self.rpc_method.is_some() && self.rpc_status.is_none())
    }

    /// Records the status of an HTTP response.
    pub(super) fn record_status(&mut self, span: &RequestSpan, status: StatusCode) {
        // OpenTelemetry's layer turns an unsigned integer into a string.
        span.span()
            .record("http.response.status_code", i64::from(status.as_u16()));
        if self.kind.is_error(status) {
            self.record_error(span, status.as_str());
        }
    }

    /// Records the status of a gRPC call, if the headers or trailers have one.
    pub(super) fn record_trailers(&mut self, span: &RequestSpan, headers: &HeaderMap) {
        if self.rpc_method.is_some()
            && let Some(code) = grpc::status(headers)
        {
            self.record_rpc_status(span, code, code != grpc::UNIMPLEMENTED);
        }
    }

    /// Records the status of a gRPC call that has ended. `is_known` says whether the service has the method. A caller can ask for any name,
    /// so only a known method may name the span of a server.
    fn record_rpc_status(&mut self, span: &RequestSpan, code: &'static str, is_known: bool) {
        let Some(method) = self
            .rpc_method
            .as_ref()
            .filter(|_| self.rpc_status.is_none())
        else {
            return;
        };
        if self.kind == SpanKind::Server {
            span.span()
                .record("rpc.method", if is_known { method } else { "_OTHER" });
        }
        if self.kind == SpanKind::Server && is_known {
            // `otel.name` names the span on later lines. OpenTelemetry's layer does not rename a started span, so `update_name` does.
            span.span().record("otel.name", method);
            span.if_recording(|span| span.update_name(method.clone()));
        } else if self.kind == SpanKind::Server {
            let original = KeyValue::new("rpc.method_original", method.clone());
            span.if_recording(|span| span.set_attribute(original));
        }
        span.span().record("rpc.status_code", code);
        self.rpc_status = Some(code);
        if self.kind.is_rpc_error(code) {
            self.record_error(span, code);
        }
    }

    /// Records an error by its type, unless an earlier one was recorded.
    pub(super) fn record_error(&mut self, span: &RequestSpan, error_type: &str) {
        if std::mem::replace(&mut self.has_error, true) {
            return;
        }
        span.span().record("error.type", error_type);
        // The conventions ask for no description where the status code says it all.
        span.if_recording(|span| span.set_status(Status::error("")));
        if let Some(access_line) = &mut self.access_line {
            access_line.error_type = Some(error_type.to_owned());
        }
    }

    /// Records that the request was dropped before its response, or the response body before its end. `error_type` is the error of an
    /// HTTP server.
    pub(super) fn on_drop(&mut self, span: &RequestSpan, error_type: &'static str) {
        if self.is_in_user_code || std::thread::panicking() {
            self.record_error(span, PANIC);
        } else if self.rpc_method.is_some() {
            // CANCELLED is not an error of a server. Nor is it one of a client that stops reading, so no error is recorded after this.
            self.has_error |= self.kind == SpanKind::Client;
            // Before gRPC responds, nothing says whether the method exists.
            self.record_rpc_status(span, grpc::CANCELLED, self.is_grpc_response);
        } else if self.kind == SpanKind::Server {
            self.record_error(span, error_type);
        }
    }

    /// Records the end of the response, with the size of its body, and writes the access line.
    pub(super) fn on_end(&mut self, span: &RequestSpan, body_bytes: u64) {
        if self.rpc_method.is_some() && self.rpc_status.is_none() {
            let code = self.status.map_or("UNKNOWN", grpc::status_of_http);
            if let Some(status) = self.status.filter(|_| !self.is_grpc_response)
                && self.kind == SpanKind::Server
            {
                // Any caller can claim that its request is gRPC. If the response is plain HTTP, the HTTP status decides what is an error.
                let number = i64::from(status.as_u16());
                span.if_recording(|span| {
                    span.set_attribute(KeyValue::new("http.response.status_code", number));
                });
                if self.kind.is_error(status) {
                    self.record_error(span, status.as_str());
                }
                self.has_error = true;
            }
            self.record_rpc_status(span, code, false);
        }
        if let Some(access_line) = &mut self.access_line {
            access_line.status = self.status;
            access_line.rpc_status = self.rpc_status;
            access_line.write(body_bytes);
        }
    }
}

/// Records a panic when it is dropped.
struct OnPanic<'r> {
    span: &'r RequestSpan,
    state: &'r mut RequestState,
}

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        self.state.record_error(self.span, PANIC);
        self.state.on_end(self.span, 0);
    }
}
