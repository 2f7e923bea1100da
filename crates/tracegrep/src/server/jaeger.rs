use super::http::Http;
use crate::{id::TraceId, search::SpanServer, trace::StatedSpan};
use serde_json::Value;

const NANOS_PER_MICRO: i64 = 1_000;

/// Tags with which Jaeger itself describes a span.
const OF_JAEGER: [&str; 5] = [
    "error",
    "internal.span.format",
    "otel.scope.name",
    "otel.scope.version",
    "otel.status_code",
];

/// The query service of Jaeger, and of backends with the same API.
#[derive(Debug)]
pub(super) struct Jaeger(Http);

impl Jaeger {
    pub(super) fn new(http: Http) -> Self {
        Self(http)
    }
}

impl SpanServer for Jaeger {
    fn name(&self) -> &str {
        self.0.url()
    }

    fn spans(&self, id: TraceId) -> Result<Vec<StatedSpan>, String> {
        let reply = self.0.get(&format!("/api/traces/{id}"))?;
        if reply.is_not_found() {
            // Jaeger says in JSON that it does not know the trace. Another server may have no such path.
            return match is_unknown_trace(&reply.bytes()?) {
                true => Ok(Vec::new()),
                false => Err("responds with HTTP 404, and not as Jaeger does".to_owned()),
            };
        }
        let bytes = reply.success()?.bytes()?;
        let response: Option<Value> = serde_json::from_slice(&bytes).ok();
        let spans = response
            .as_ref()
            .and_then(|response| stated_spans(response, id));
        spans.ok_or_else(|| "does not respond as Jaeger does".to_owned())
    }
}

fn is_unknown_trace(body: &[u8]) -> bool {
    let response: Option<Value> = serde_json::from_slice(body).ok();
    response.is_some_and(|response| response["errors"].is_array())
}

/// Reads the spans of a response. A span without an id or a time is left out.
fn stated_spans(response: &Value, id: TraceId) -> Option<Vec<StatedSpan>> {
    let mut spans = Vec::new();
    for trace in response["data"].as_array()? {
        for span in trace["spans"].as_array()? {
            spans.extend(stated_span(span, &trace["processes"], id));
        }
    }
    Some(spans)
}

fn stated_span(span: &Value, processes: &Value, id: TraceId) -> Option<StatedSpan> {
    let start = nanos(&span["startTime"])?;
    let end = start.checked_add(nanos(&span["duration"]).unwrap_or(0).max(0))?;
    let process = span["processID"].as_str().unwrap_or_default();
    let service = processes[process]["serviceName"].as_str();
    let tags: Vec<(String, Value)> = span["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(tag)
        .collect();
    let is_true = |value: &Value| *value == true || value == "true";
    let is_error = |(name, value): &(String, Value)| match &**name {
        "error" => is_true(value),
        "otel.status_code" => value == "ERROR",
        _ => false,
    };
    Some(StatedSpan {
        id: span_id(&span["spanID"])?,
        parent_id: parent_id(span, id),
        name: span["operationName"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        service: service
            .filter(|service| !service.is_empty())
            .map(str::to_owned),
        start,
        end,
        has_error: tags.iter().any(is_error),
        fields: tags
            .into_iter()
            .filter(|tag| !is_about_no_span(tag))
            .collect(),
    })
}

/// Whether a tag says nothing about a span. Without a kind, a span is internal.
fn is_about_no_span((name, value): &(String, Value)) -> bool {
    OF_JAEGER.contains(&&**name) || (name == "span.kind" && value == "internal")
}

fn nanos(micros: &Value) -> Option<i64> {
    micros.as_i64()?.checked_mul(NANOS_PER_MICRO)
}

fn tag(tag: &Value) -> Option<(String, Value)> {
    Some((tag["key"].as_str()?.to_owned(), tag.get("value")?.clone()))
}

/// The first reference to a parent in the same trace. Others are links.
fn parent_id(span: &Value, id: TraceId) -> Option<String> {
    let references = span["references"].as_array()?;
    let is_parent = |reference: &&Value| {
        let trace = reference["traceID"].as_str().and_then(TraceId::from_hex);
        reference["refType"] == "CHILD_OF" && trace.is_none_or(|trace| trace.agrees_with(id))
    };
    let parent = references.iter().find(is_parent)?;
    span_id(&parent["spanID"])
}

/// Returns 16 digits in lower case. Old versions leave out zeros at the front.
fn span_id(id: &Value) -> Option<String> {
    let id = id.as_str()?;
    let is_hex =
        !id.is_empty() && id.len() <= 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| format!("{:0>16}", id.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::test_server::{TestServer, http};
    use serde_json::json;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn fetch(status: u16, body: &str) -> Result<Vec<StatedSpan>, String> {
        let body = body.to_owned();
        let server = TestServer::start(move |_| (status, body.clone()));
        Jaeger::new(http(&server.url())).spans(TraceId::from_hex(ID).expect("an id"))
    }

    #[test]
    fn a_span_has_its_name_service_parent_times_error_and_tags() {
        let span = json!({
            "traceID": ID,
            "spanID": "a1b2c3d4e5f60718",
            "operationName": "POST /charge",
            "references": [
                {"refType": "FOLLOWS_FROM", "traceID": ID, "spanID": "1111111111111111"},
                {"refType": "CHILD_OF", "traceID": ID, "spanID": "f067aa0ba902b7"},
            ],
            "startTime": 1_795_967_385_197_000_i64,
            "duration": 1_500,
            "tags": [
                {"key": "error", "type": "bool", "value": true},
                {"key": "order", "type": "int64", "value": 1017},
            ],
            "processID": "p1",
        });
        let processes = json!({"p1": {"serviceName": "payments"}});
        let response = json!({"data": [{"spans": [span], "processes": processes}]});
        let spans = fetch(200, &response.to_string()).expect("spans");
        let expected = StatedSpan {
            id: "a1b2c3d4e5f60718".to_owned(),
            parent_id: Some("00f067aa0ba902b7".to_owned()),
            name: "POST /charge".to_owned(),
            service: Some("payments".to_owned()),
            start: 1_795_967_385_197_000_000,
            end: 1_795_967_385_198_500_000,
            has_error: true,
            fields: vec![("order".to_owned(), json!(1017))],
        };
        assert_eq!(spans, [expected]);
    }

    #[test]
    fn an_unknown_trace_has_no_spans() {
        let body = r#"{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}"#;
        assert_eq!(fetch(404, body), Ok(Vec::new()));
    }

    #[test]
    fn a_failing_or_foreign_server_is_a_problem_with_its_reason() {
        let deep = "[".repeat(1_000_000);
        for (status, body, expected) in [
            (
                404,
                "page not found",
                "responds with HTTP 404, and not as Jaeger does",
            ),
            (
                500,
                r#"{"errors":[{"msg":"no storage"}]}"#,
                "responds with HTTP 500: no storage",
            ),
            (401, "", "responds with HTTP 401"),
            (
                302,
                "",
                "responds with HTTP 302, a redirect to another address, which is not followed",
            ),
            (200, "<html>", "does not respond as Jaeger does"),
            (200, &deep, "does not respond as Jaeger does"),
            (200, "{}", "does not respond as Jaeger does"),
        ] {
            assert_eq!(fetch(status, body), Err(expected.to_owned()));
        }
    }

    #[test]
    fn spans_with_impossible_values_are_left_out() {
        let spans = json!([
            {},
            {"spanID": "x", "startTime": 1},
            {"spanID": "a1b2c3d4e5f60718", "startTime": i64::MAX},
            {"spanID": "a1b2c3d4e5f60718", "startTime": 1, "duration": i64::MAX / 1_000},
        ]);
        let response = json!({"data": [{"spans": spans}]});
        assert_eq!(fetch(200, &response.to_string()), Ok(Vec::new()));
    }
}
