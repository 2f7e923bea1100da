//! Sends lines to Elasticsearch and OpenSearch by the bulk API.

use super::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    cut::cut_line,
    refusals::ELASTICSEARCH,
    server::Server,
    verdict::Verdict,
};
use crate::error::Error;
use log_files::member;
use serde_json::{Value, json};
use std::io::Write as _;

/// Elasticsearch or OpenSearch. Lines are sent by `_bulk` with the action `create`, into a data stream or an index.
///
/// A document's `_id` consists of the line's file and its offset in that file. A line that is sent again has the same `_id`: the server
/// refuses it with 409, and it counts as delivered. A file is identified by its device, its inode and its first line. On several machines all
/// three can be alike, for example if text files begin with the same banner. Give each machine an index of its own in that case.
///
/// Write lines in the schema `Schema::ecs` of `tracing-stamp`. A JSON line without `@timestamp` gets it from its own time. Text that is
/// not JSON becomes a document with `@timestamp` and `message`. A line over 1 MiB is cut, stays valid JSON and has `"truncated":true`.
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
            max_line_bytes: 1 << 20,
        })
    }

    /// Returns the index template that gives ids, level, logger, service, message and time their types. Send it once by PUT to
    /// `/_index_template/<name>`.
    ///
    /// ```
    /// # use traceship::Elasticsearch;
    /// let template = Elasticsearch::new("http://localhost:9200", "logs-orders-default")?.index_template();
    /// assert!(template.contains(r#""trace.id":{"type":"keyword"}"#));
    /// # Ok::<(), traceship::Error>(())
    /// ```
    #[must_use]
    pub fn index_template(&self) -> String {
        let keyword = json!({ "type": "keyword" });
        json!({
            "index_patterns": [format!("{}*", self.index)],
            "data_stream": {},
            "priority": 200,
            "template": { "mappings": { "properties": {
                "@timestamp": { "type": "date" },
                "message": { "type": "match_only_text" },
                "trace.id": keyword,
                "span.id": keyword,
                "log.level": keyword,
                "log.logger": keyword,
                "service.name": keyword,
            } } },
        })
        .to_string()
    }

    pub(super) fn name(&self) -> String {
        format!("elasticsearch {} index {}", self.server.url, self.index)
    }

    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        let mut cut = 0;
        body.gzip(|out| {
            for line in lines.iter().filter_map(|index| batch.line(*index)) {
                let action = json!({ "create": { "_index": self.index, "_id": line.id() } });
                let (document, was_cut) = self.document(line);
                cut += u64::from(was_cut);
                // Writing to a `Vec` cannot fail.
                let _ = writeln!(out, "{action}");
                let _ = out.write_all(&document);
                let _ = out.write_all(b"\n");
            }
        });
        body.cut = cut;
    }

    /// Returns the document of a line, and whether the line was cut.
    fn document(&self, line: Line<'_>) -> (Vec<u8>, bool) {
        let text = line.text();
        let is_json =
            line.is_json() && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        let is_long = text.len() > self.max_line_bytes;
        let short = is_long.then(|| cut_line(text, is_json, self.max_line_bytes));
        let text = short.as_deref().unwrap_or(text);
        let time = || {
            // Milliseconds since 1970, which a field of type `date` accepts too.
            line.nanos().div_euclid(1_000_000)
        };
        let document = if !is_json {
            json!({ "@timestamp": time(), "message": String::from_utf8_lossy(text) })
                .to_string()
                .into_bytes()
        } else if member(text, "@timestamp").is_some() {
            text.to_vec()
        } else {
            let rest = text.trim_ascii_start().get(1..).unwrap_or_default();
            let comma = if rest.trim_ascii_start().starts_with(b"}") {
                ""
            } else {
                ","
            };
            [
                format!("{{\"@timestamp\":{}{comma}", time()).as_bytes(),
                rest,
            ]
            .concat()
        };
        (document, is_long)
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

/// Returns the verdict for each line of a bulk request from the response's body.
fn bulk_verdict(body: &str, lines: usize) -> Verdict {
    let Ok(response) = serde_json::from_str::<Value>(body) else {
        return Verdict::no_response(format!(
            "the response is not that of a bulk request: {body:.200}"
        ));
    };
    if response["errors"] == false {
        return Verdict::Accepted;
    }
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
            // 409: the document exists, because the line was sent before.
            200..=299 | 409 => Verdict::Accepted,
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

#[cfg(test)]
mod tests {
    use super::{super::refusals::Fault, *};

    #[test]
    fn every_line_becomes_a_document_even_if_it_is_not_json() {
        let text = concat!(
            "{\"@timestamp\":\"2026-11-28T18:53:17.298748Z\",\"message\":\"a\"}\n",
            "{\"timestamp\":\"1970-01-01T00:00:01.5Z\",\"message\":\"b\"}\n",
            "{}\n",
            "thread 'main' panicked\n",
            "{\"a\":b}\n",
        );
        let batch = Batch::of_text(text);
        let elasticsearch =
            Elasticsearch::new("http://localhost:9200", "logs").expect("the target is valid");
        let documents: Vec<String> = (0..5)
            .map(|at| {
                String::from_utf8(
                    elasticsearch
                        .document(batch.line(at).expect("the batch has the line"))
                        .0,
                )
                .expect("the document is UTF-8")
            })
            .collect();
        assert_eq!(
            documents,
            [
                r#"{"@timestamp":"2026-11-28T18:53:17.298748Z","message":"a"}"#,
                r#"{"@timestamp":1500,"timestamp":"1970-01-01T00:00:01.5Z","message":"b"}"#,
                r#"{"@timestamp":1500}"#,
                r#"{"@timestamp":1500,"message":"thread 'main' panicked"}"#,
                r#"{"@timestamp":1500,"message":"{\"a\":b}"}"#,
            ]
        );
    }

    #[test]
    fn each_line_of_a_bulk_request_has_its_own_verdict() {
        let body = r#"{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":{"type":"x"}}},{"create":{"status":429,"error":"busy"}},{"create":{"status":400,"error":{"type":"mapper_parsing_exception"}}}]}"#;
        let Verdict::PerLine(verdicts) = bulk_verdict(body, 4) else {
            panic!("no verdict for each line")
        };
        assert_eq!(verdicts[..2], [Verdict::Accepted, Verdict::Accepted]);
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
