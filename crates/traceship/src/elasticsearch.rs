//! Sends lines to Elasticsearch and OpenSearch by the bulk API.

use super::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    cut::{beginning, cut_object},
    document_keys::DocumentKeys,
    index_template::{Product, index_template},
    json_text::lossy,
    refusals::ELASTICSEARCH,
    server::Server,
    verdict::Verdict,
};
use crate::error::Error;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};
use std::{borrow::Cow, fmt, fmt::Write as _, io::Write as _};

/// Elasticsearch or OpenSearch. Lines are sent by `_bulk` with the action `create`, into a data stream or an index.
///
/// A document's `_id` is the id of the line (`log.record.uid`), or else a random number for its file and the line's offset. A line that is
/// sent again has the same `_id`: the server refuses it with 409, and it counts as delivered. See [Delivery](crate#delivery) for the
/// conditions.
///
/// Write lines in the schema `Schema::ecs` of `tracing-stamp`. A JSON line without `@timestamp` gets it from its own time. Text that is
/// not JSON becomes a document with `@timestamp` and `message`. A document over 1 MiB is cut, stays valid JSON and has `"truncated":true`.
/// Keys that the server does not accept are renamed: an empty part of a key between dots to `_` (`a._.b` for `a..b`), a metadata field such
/// as `_id` to `field._id`, and `a` beside `a.b` to `field.a`.
///
/// ```no_run
/// use traceship::{Elasticsearch, Server, Shipper};
///
/// let server = Server::new("https://logs.example.com:9200")?.with_api_key("c2VjcmV0");
/// let elasticsearch = Elasticsearch::new(server, "logs-orders-default")?;
/// let shipping = Shipper::new(elasticsearch).with_files("/var/log/orders").start()?;
/// # drop(shipping);
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Elasticsearch {
    pub(super) server: Server,
    index: String,
    /// The action of a document, before its id: `{"create":{"_index":"logs","_id":"`.
    action: String,
    product: Product,
    max_line_bytes: usize,
}

impl Elasticsearch {
    /// Creates a target from a [`Server`] or an address, and the name of a data stream or an index.
    ///
    /// # Errors
    ///
    /// If the address is not a valid HTTP URL (see [`Server::new`]), or the name is not valid. A name has at most 255 bytes, no upper-case
    /// letters, no white space and none of ``\/*?"<>|,#:``, and does not begin with `-`, `_`, `+` or `.`.
    ///
    /// ```
    /// use traceship::Elasticsearch;
    ///
    /// Elasticsearch::new("http://localhost:9200", "Logs").expect_err("a name has no upper-case letters");
    /// ```
    pub fn new(
        server: impl TryInto<Server, Error: Into<Error>>,
        index: &str,
    ) -> Result<Self, Error> {
        let is_invalid =
            |c: char| c.is_uppercase() || c.is_whitespace() || "\\/*?\"<>|,#:".contains(c);
        if index.is_empty()
            || index.len() > 255
            || index.starts_with(['-', '_', '+', '.'])
            || index.contains(is_invalid)
        {
            return Err(Error::invalid_input(format!(
                "{index:?} is not a valid name of a data stream or index: it must have 1 to 255 bytes, no upper-case letters, no white \
                 space and none of `\\/*?\"<>|,#:`, and must not begin with `-`, `_`, `+` or `.`"
            )));
        }
        Ok(Self {
            server: Server::for_api(server, "")?,
            index: index.to_owned(),
            action: format!("{{\"create\":{{\"_index\":{},\"_id\":\"", json!(index)),
            product: Product::Elasticsearch,
            max_line_bytes: 1 << 20,
        })
    }

    /// Makes [`index_template`](Self::index_template) return the template for OpenSearch.
    ///
    /// Each of the two products rejects some settings of the other. Nothing else depends on it.
    ///
    /// ```
    /// # use traceship::Elasticsearch;
    /// let opensearch = Elasticsearch::new("http://localhost:9200", "logs-orders-default")?.for_opensearch();
    /// assert!(opensearch.index_template().contains(r#""disable_objects":true"#));
    /// # Ok::<(), traceship::Error>(())
    /// ```
    #[must_use]
    pub fn for_opensearch(mut self) -> Self {
        self.product = Product::OpenSearch;
        self
    }

    /// Returns the index template that gives ids, level, logger, service, message and time their types, and lets the server accept lines
    /// with values of changing types. Send it once with PUT to `/_index_template/<name>`.
    ///
    /// It needs Elasticsearch 8.14 or later, or, with [`for_opensearch`](Self::for_opensearch), OpenSearch 3.8.
    ///
    /// ```
    /// # use traceship::Elasticsearch;
    /// let template = Elasticsearch::new("http://localhost:9200", "logs-orders-default")?.index_template();
    /// assert!(template.contains(r#""trace.id":{"#));
    /// # Ok::<(), traceship::Error>(())
    /// ```
    #[must_use]
    pub fn index_template(&self) -> String {
        index_template(&self.index, self.product).to_string()
    }

    pub(super) fn name(&self) -> String {
        format!("elasticsearch {} index {}", self.server.url(), self.index)
    }

    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        let mut cut = 0;
        let mut keys = DocumentKeys::default();
        body.gzip(|out| {
            for line in lines.iter().filter_map(|index| batch.line(*index)) {
                out.extend_from_slice(self.action.as_bytes());
                // An id has only characters that need no escapes.
                out.extend_from_slice(line.id().as_bytes());
                out.extend_from_slice(b"\"}}\n");
                cut += u64::from(self.push_document(line, &mut keys, out));
                out.push(b'\n');
            }
        });
        body.cut = cut;
    }

    /// Appends the document of a line. Returns whether the line was cut.
    fn push_document(&self, line: Line<'_>, keys: &mut DocumentKeys, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let limit = self.max_line_bytes;
        let text = lossy(line.text());
        let is_json = line.is_json() && serde_json::from_str::<IgnoredAny>(&text).is_ok();
        let (object, has_time) = match is_json {
            true => keys.rename(&text),
            false => (Cow::Borrowed(""), false),
        };
        let mut added = String::new();
        if let Some(stream) = line.stream() {
            // Writing to a `String` cannot fail.
            let _ = write!(added, "\"log.iostream\":\"{stream}\",");
        }
        if !has_time {
            // Milliseconds since 1970, which a field of type `date` accepts too.
            let millis = line.nanos().div_euclid(1_000_000);
            let _ = write!(added, "\"@timestamp\":{millis},");
        }
        if is_json {
            push_with_members(out, &object, &added);
        } else {
            // Escaping never makes text shorter, so the rest would be cut anyway.
            let text = json!(beginning(&text, limit + 1));
            // Writing to a `Vec` cannot fail.
            let _ = write!(out, "{{{added}\"message\":{text}}}");
        }
        let is_long = out.len() - start > limit;
        if is_long {
            let document = String::from_utf8(out.split_off(start)).unwrap_or_default();
            let short = cut_object(line, &document, limit);
            out.extend_from_slice(&short.unwrap_or_else(|| document.into_bytes()));
        }
        is_long
    }

    pub(super) fn send(&self, client: &Client, body: &[u8], lines: usize) -> Verdict {
        let headers = [
            ("content-type", "application/x-ndjson"),
            ("content-encoding", "gzip"),
        ];
        let response = match client.post(
            "/_bulk?filter_path=errors,items.*.status,items.*.error",
            &headers,
            body,
        ) {
            Ok(response) => response,
            Err(verdict) => return verdict,
        };
        match response.verdict(ELASTICSEARCH) {
            Verdict::Accepted => bulk_verdict(&response.text(), lines),
            other => other,
        }
    }
}

/// Appends an object with members added at its beginning, each with a comma after it.
fn push_with_members(out: &mut Vec<u8>, object: &str, members: &str) {
    if members.is_empty() {
        return out.extend_from_slice(object.as_bytes());
    }
    let rest = object.trim_ascii_start().get(1..).unwrap_or_default();
    let members = match rest.trim_ascii_start().starts_with('}') {
        true => members.trim_end_matches(','),
        false => members,
    };
    out.push(b'{');
    out.extend_from_slice(members.as_bytes());
    out.extend_from_slice(rest.as_bytes());
}

/// Returns the verdict for each line of a bulk request from the response's body.
fn bulk_verdict(body: &str, lines: usize) -> Verdict {
    let foreign = || {
        Verdict::no_response(format!(
            "the response is not that of a bulk request: {body:.200}"
        ))
    };
    match serde_json::from_str::<BulkErrors>(body) {
        Ok(BulkErrors(Some(false))) => return Verdict::Accepted,
        Ok(_) => {}
        Err(_) => return foreign(),
    }
    let Ok(response) = serde_json::from_str::<Value>(body) else {
        return foreign();
    };
    let Some(items) = response["items"]
        .as_array()
        .filter(|items| items.len() == lines)
    else {
        return Verdict::no_response(format!(
            "the response does not have one item for each line: {body:.200}"
        ));
    };
    let verdict = |item: &Value| {
        let item = &item["create"];
        let status = item["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(0);
        match status {
            200..=299 => Verdict::Accepted,
            // The document exists, because the line was sent before.
            409 => Verdict::Repeated,
            429 | 500..=599 | 401 | 403 | 404 => {
                // 401, 403, 404: a role lacks a permission, or an index is missing or closed for writing.
                Verdict::from_status(status, None, &item["error"].to_string(), ELASTICSEARCH)
            }
            _ => {
                let why = format!("HTTP {status}: {}", item["error"]);
                Verdict::refused(why, ELASTICSEARCH)
            }
        }
    };
    Verdict::PerLine(items.iter().map(verdict).collect())
}

/// `errors` of the response to a bulk request: whether any line was not accepted. The response has one item for each line. If all lines
/// were accepted, the items are not read.
struct BulkErrors(Option<bool>);

impl<'de> Deserialize<'de> for BulkErrors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BulkErrorsVisitor)
    }
}

struct BulkErrorsVisitor;

impl<'de> Visitor<'de> for BulkErrorsVisitor {
    type Value = BulkErrors;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the response to a bulk request")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<BulkErrors, M::Error> {
        let mut errors = None;
        while let Some(key) = members.next_key::<Cow<'de, str>>()? {
            if key == "errors" {
                errors = members.next_value::<Value>()?.as_bool();
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(BulkErrors(errors))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::refusals::Fault, *};

    #[test]
    fn every_line_becomes_a_document_even_if_it_is_not_json() {
        let text = concat!(
            "{\"@timestamp\":\"2026-11-28T18:53:17.298748Z\",\"message\":\"a\"}\n",
            "{\"timestamp\":\"2001-09-09T01:46:41.5Z\",\"message\":\"b\"}\n",
            "{}\n",
            "thread 'main' panicked\n",
            "{\"a\":b}\n",
        );
        let batch = Batch::of_text(text);
        let elasticsearch =
            Elasticsearch::new("http://localhost:9200", "logs").expect("the target is valid");
        let documents: Vec<String> = (0..5)
            .map(|at| {
                let line = batch.line(at).expect("the batch has the line");
                let mut document = Vec::new();
                elasticsearch.push_document(line, &mut DocumentKeys::default(), &mut document);
                String::from_utf8(document).expect("the document is UTF-8")
            })
            .collect();
        assert_eq!(
            documents,
            [
                r#"{"@timestamp":"2026-11-28T18:53:17.298748Z","message":"a"}"#,
                r#"{"@timestamp":1000000001500,"timestamp":"2001-09-09T01:46:41.5Z","message":"b"}"#,
                r#"{"@timestamp":1000000001500}"#,
                r#"{"@timestamp":1000000001500,"message":"thread 'main' panicked"}"#,
                r#"{"@timestamp":1000000001500,"message":"{\"a\":b}"}"#,
            ]
        );
    }

    #[test]
    fn the_limit_applies_to_the_document_as_it_is_sent() {
        let escaped = "\u{1}\"é".repeat(500_000);
        let lines = [
            format!(
                "{{\"message\":\"{}\",\"trace_id\":\"4b\"}}",
                "x".repeat(1 << 20)
            ),
            // Without the time that is added, it fits exactly.
            format!("{{\"message\":\"{}\"}}", "x".repeat((1 << 20) - 14)),
            escaped,
        ];
        let batch = Batch::of_text(&lines.join("\n"));
        let elasticsearch =
            Elasticsearch::new("http://localhost:9200", "logs").expect("the target is valid");
        for at in 0..3 {
            let line = batch.line(at).expect("the batch has the line");
            let mut document = Vec::new();
            let was_cut =
                elasticsearch.push_document(line, &mut DocumentKeys::default(), &mut document);
            assert!(was_cut && document.len() <= 1 << 20, "{}", document.len());
            assert!(document.len() > (1 << 20) - 32, "{}", document.len());
            let document: Value = serde_json::from_slice(&document).expect("the document is JSON");
            assert_eq!(document["truncated"], true);
            assert!(document["@timestamp"].is_number());
            assert_eq!(document.get("trace_id").is_some(), at == 0);
        }
    }

    #[test]
    fn each_line_of_a_bulk_request_has_its_own_verdict() {
        let body = r#"{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":{"type":"x"}}},{"create":{"status":429,"error":"busy"}},{"create":{"status":400,"error":{"type":"mapper_parsing_exception"}}}]}"#;
        let Verdict::PerLine(verdicts) = bulk_verdict(body, 4) else {
            panic!("no verdict for each line")
        };
        assert_eq!(verdicts[..2], [Verdict::Accepted, Verdict::Repeated]);
        assert!(matches!(&verdicts[2], Verdict::Retry { .. }));
        assert!(
            matches!(&verdicts[3], Verdict::Refused { fault: Fault::Line, why } if why.contains("mapper"))
        );
        assert_eq!(bulk_verdict(r#"{"errors":false}"#, 4), Verdict::Accepted);
        // Without permission or without the index, the lines are not rejected.
        for status in [401, 403, 404] {
            let body = format!(
                r#"{{"errors":true,"items":[{{"create":{{"status":{status},"error":{{"type":"security_exception"}}}}}}]}}"#
            );
            let Verdict::PerLine(verdicts) = bulk_verdict(&body, 1) else {
                panic!("{body}")
            };
            assert!(matches!(verdicts[0], Verdict::RetrySlowly { .. }), "{body}");
        }
        assert!(matches!(bulk_verdict(body, 3), Verdict::Retry { .. }));
        assert!(matches!(bulk_verdict("<html>", 1), Verdict::Retry { .. }));
    }
}
