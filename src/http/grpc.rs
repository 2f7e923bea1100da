//! gRPC within HTTP: its media type, methods and status codes.

use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

/// The status codes of gRPC by number: `doc/statuscodes.md` of grpc/grpc.
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

/// The codes that are errors of a server: the list of OpenTelemetry's conventions for gRPC.
const SERVER_ERRORS: [&str; 6] = [
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

pub(super) const UNIMPLEMENTED: &str = "UNIMPLEMENTED";
pub(super) const CANCELLED: &str = "CANCELLED";

/// Returns whether a message is one of gRPC. gRPC-Web is not included, as its status is within the body.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    content_type
        .and_then(|value| value.strip_prefix(b"application/grpc"))
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// Returns `rpc.method` for the path of a request.
pub(super) fn rpc_method(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// Returns the status in headers or trailers, if there is one.
pub(super) fn status(headers: &HeaderMap) -> Option<&'static str> {
    let value = headers.get("grpc-status")?.as_bytes();
    // One or two digits without a leading zero. The same document says that any other value is UNKNOWN.
    let number = match value {
        [digit @ b'0'..=b'9'] => usize::from(digit - b'0'),
        [b'1', digit @ b'0'..=b'9'] => 10 + usize::from(digit - b'0'),
        _ => usize::MAX,
    };
    Some(CODES.get(number).copied().unwrap_or("UNKNOWN"))
}

/// Returns the gRPC status for a plain HTTP response to a gRPC call: `doc/http-grpc-status-mapping.md` of grpc/grpc.
pub(super) fn status_of_http(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "INTERNAL",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => UNIMPLEMENTED,
        429 | 502..=504 => "UNAVAILABLE",
        _ => "UNKNOWN",
    }
}

pub(super) fn is_server_error(code: &str) -> bool {
    SERVER_ERRORS.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_status_is_read_as_a_grpc_code_and_any_invalid_value_is_unknown() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-status", HeaderValue::from_static(value));
            status(&headers)
        };
        for (value, code) in [
            ("0", "OK"),
            ("1", CANCELLED),
            ("2", "UNKNOWN"),
            ("9", "FAILED_PRECONDITION"),
            ("10", "ABORTED"),
            ("11", "OUT_OF_RANGE"),
            ("12", UNIMPLEMENTED),
            ("15", "DATA_LOSS"),
            ("16", "UNAUTHENTICATED"),
            ("17", "UNKNOWN"),
            ("00", "UNKNOWN"),
            ("+0", "UNKNOWN"),
            ("-1", "UNKNOWN"),
            ("x", "UNKNOWN"),
            ("", "UNKNOWN"),
        ] {
            assert_eq!(of(value), Some(code), "{value:?}");
        }
        assert_eq!(status(&HeaderMap::new()), None);
        assert!(is_server_error("DATA_LOSS") && !is_server_error("NOT_FOUND"));
    }

    #[test]
    fn grpc_is_recognised_by_its_media_type() {
        for (media_type, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;x=1", true),
            ("application/grpc-web", false),
            ("application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
            assert_eq!(is_grpc(&headers), expected, "{media_type}");
        }
    }
}
