//! Span kinds, and which responses are errors for each of them.

use super::grpc;
use http::StatusCode;

/// OpenTelemetry's span kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanKind {
    Server,
    Client,
}

impl SpanKind {
    /// Returns whether a status is an error. A 4xx status is an error of the client, and none of the server that responds with it.
    pub(super) fn is_error(self, status: StatusCode) -> bool {
        // There is no upper limit: a client cannot interpret a status of 600 or more, so that is an error too.
        status.as_u16() >= if self == Self::Client { 400 } else { 500 }
    }

    /// Returns whether a gRPC status code is an error.
    pub(super) fn is_rpc_error(self, code: &str) -> bool {
        match self {
            Self::Server => grpc::is_server_error(code),
            Self::Client => code != "OK",
        }
    }
}
