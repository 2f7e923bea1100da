//! Access lines, which a server writes about each request that it has received.

use super::members::Members;
use serde_json::Value;

/// The method of a request, or its first line, as [`names`](super::names) has names.
const METHODS: [&str; 6] = [
    "requestmethod",
    "method",
    "http.request.method",
    "http.method",
    "request",
    "req.method",
];
/// The status of the response.
const STATUSES: [&str; 5] = [
    "status",
    "statuscode",
    "http.response.statuscode",
    "http.statuscode",
    "res.statuscode",
];
/// The target of the request.
const TARGETS: [&str; 6] = ["url", "url.full", "uri", "http.url", "requesturi", "target"];

/// Whether a line is about a request that the service has received and responded to. It has a method and a status. Lines about requests that a
/// service sends have both too, but they have the whole URL.
pub(super) fn is_access_line(members: &Members) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| members.has(name));
    let is_url = |value: &Value| value.as_str().is_some_and(|text| text.contains("://"));
    let has_url = || {
        let targets = TARGETS.iter().filter_map(|name| members.get(name));
        targets.into_iter().any(is_url)
    };
    has(&METHODS) && has(&STATUSES) && !has_url()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_about_a_request_that_is_sent_is_no_access_line() {
        for (line, is_it) in [
            (r#"{"method":"GET","url":"/a?next=b","status":200}"#, true),
            (r#"{"request":"GET / HTTP/1.1","status":"200"}"#, true),
            (
                r#"{"req":{"method":"GET","url":"/"},"res":{"statusCode":200}}"#,
                true,
            ),
            (
                r#"{"method":"GET","url":"http://orders/","status":200}"#,
                false,
            ),
            (
                r#"{"http.request.method":"GET","url.full":"https://a/","http.response.status_code":200}"#,
                false,
            ),
            (r#"{"method":"GET","url":"/"}"#, false),
            (r#"{"status":"ok"}"#, false),
        ] {
            let object = serde_json::from_str(line).expect("an object");
            assert_eq!(is_access_line(&Members::of_object(object)), is_it, "{line}");
        }
    }
}
