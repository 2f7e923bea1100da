//! Reads a collector's response to an export request.

use crate::{
    client::Response,
    protobuf::{Field, Fields, Malformed},
    refusals::OTLP,
    verdict::Verdict,
};
use serde_json::Value;

/// The records that a collector has rejected, as `ExportLogsPartialSuccess` says it. A warning has no rejected records.
#[derive(Debug, Default, PartialEq, Eq)]
struct PartialSuccess {
    rejected: u64,
    message: String,
}

/// Returns the verdict for a response. A collector that accepts a request responds with an `ExportLogsServiceResponse`; any other body is
/// that of a portal or a proxy.
pub(super) fn verdict(response: &Response) -> Verdict {
    match response.verdict(OTLP) {
        Verdict::Accepted => match partial_success(&response.content_type, &response.body) {
            None => response.foreign_verdict(OTLP),
            // By the specification, the request must not be sent again.
            Some(partial) if partial.rejected > 0 => Verdict::PartlyAccepted {
                rejected: partial.rejected,
                why: response.secrets.hidden_in(&partial.message).into_owned(),
            },
            Some(_) => Verdict::Accepted,
        },
        verdict => verdict,
    }
}

/// Returns what the body says about rejected records. Returns `None` if it is not the response of a collector.
fn partial_success(content_type: &str, body: &[u8]) -> Option<PartialSuccess> {
    if body.trim_ascii().is_empty() {
        return Some(PartialSuccess::default());
    }
    let content_type = content_type.to_ascii_lowercase();
    if content_type.contains("json") {
        of_json(body)
    } else if content_type.starts_with("text/") {
        None
    } else {
        of_protobuf(body).ok()
    }
}

/// ```text
/// message ExportLogsServiceResponse { ExportLogsPartialSuccess partial_success = 1; }
/// message ExportLogsPartialSuccess  { int64 rejected_log_records = 1; string error_message = 2; }
/// ```
fn of_protobuf(body: &[u8]) -> Result<PartialSuccess, Malformed> {
    let mut found = PartialSuccess::default();
    for field in Fields::of(body) {
        let (1, Field::Bytes(partial)) = field? else {
            continue;
        };
        for field in Fields::of(partial) {
            match field? {
                (1, Field::Number(rejected)) => {
                    found.rejected = non_negative(rejected.cast_signed())
                }
                (2, Field::Bytes(text)) => {
                    found.message = String::from_utf8_lossy(text).into_owned()
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

/// In JSON, a number of 64 bits is a string.
fn of_json(body: &[u8]) -> Option<PartialSuccess> {
    let response: Value = serde_json::from_slice(body).ok()?;
    let partial = &response.as_object()?.get("partialSuccess");
    let member = |name| partial.and_then(|partial| partial.get(name));
    let rejected = match member("rejectedLogRecords") {
        Some(Value::String(text)) => text.parse().ok()?,
        Some(number) => number.as_i64()?,
        None => 0,
    };
    let message = member("errorMessage").and_then(Value::as_str);
    Some(PartialSuccess {
        rejected: non_negative(rejected),
        message: message.unwrap_or_default().to_owned(),
    })
}

fn non_negative(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use collector_client::Secrets;
    use opentelemetry_proto::tonic::collector::logs::v1::{
        ExportLogsPartialSuccess, ExportLogsServiceResponse,
    };
    use prost::Message as _;

    fn response(content_type: &str, body: &[u8]) -> Response {
        Response {
            secrets: Secrets::default(),
            status: 200,
            retry_after: None,
            content_type: content_type.to_owned(),
            body: body.to_vec(),
        }
    }

    #[test]
    fn records_that_a_collector_rejects_in_a_successful_response_are_counted() {
        let rejected = Verdict::PartlyAccepted {
            rejected: 2,
            why: "old".to_owned(),
        };
        let protobuf = |rejected_log_records| {
            let partial_success = Some(ExportLogsPartialSuccess {
                rejected_log_records,
                error_message: "old".to_owned(),
            });
            let body = ExportLogsServiceResponse { partial_success }.encode_to_vec();
            verdict(&response("application/x-protobuf", &body))
        };
        assert_eq!(protobuf(2), rejected);
        assert_eq!(
            (protobuf(0), protobuf(-1)),
            (Verdict::Accepted, Verdict::Accepted)
        );
        for (body, expected) in [
            (
                r#"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"old"}}"#,
                &rejected,
            ),
            (
                r#"{"partialSuccess":{"rejectedLogRecords":2,"errorMessage":"old"}}"#,
                &rejected,
            ),
            (r#"{"partialSuccess":{}}"#, &Verdict::Accepted),
            (r#"{"partialSuccess":null}"#, &Verdict::Accepted),
            ("{}", &Verdict::Accepted),
        ] {
            let verdict = verdict(&response(
                "application/json; charset=utf-8",
                body.as_bytes(),
            ));
            assert_eq!(verdict, *expected, "{body}");
        }
        for content_type in ["", "text/plain", "application/x-protobuf"] {
            assert_eq!(verdict(&response(content_type, b"")), Verdict::Accepted);
        }
    }

    #[test]
    fn a_page_of_a_portal_is_not_the_response_of_a_collector() {
        for (content_type, body) in [
            ("text/html", "<html>Log in</html>"),
            ("", "<html>Log in</html>"),
            ("application/json", "<html>"),
            ("application/json", "[]"),
            ("application/x-protobuf", "{}"),
            ("text/plain", "ok"),
        ] {
            let verdict = verdict(&response(content_type, body.as_bytes()));
            assert!(
                matches!(verdict, Verdict::Retry { .. }),
                "{content_type} {body}"
            );
        }
    }
}
