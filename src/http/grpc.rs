//! gRPC's own words within HTTP.

use http::{HeaderMap, header::CONTENT_TYPE};

/// The codes of gRPC by number: `doc/statuscodes.md` of grpc/grpc.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Those that are a server's errors: the conventions' list.
const SERVER_ERRORS: [&str; 6] = [
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

pub(super) const UNIMPLEMENTED: &str = "UNIMPLEMENTED";

/// Whether a request is a call of gRPC. gRPC-Web is not: its status is within the body.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    content_type
        .and_then(|value| value.strip_prefix(b"application/grpc"))
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// `rpc.method`, of the path that is asked for.
pub(super) fn rpc_method(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// The status in headers, or in the trailers at the end.
pub(super) fn status(headers: &HeaderMap) -> Option<&'static str> {
    let number: usize = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
    // A code that nobody knows is UNKNOWN: the same document.
    Some(CODES.get(number).copied().unwrap_or("UNKNOWN"))
}

pub(super) fn is_server_error(code: &str) -> bool {
    SERVER_ERRORS.contains(&code)
}
