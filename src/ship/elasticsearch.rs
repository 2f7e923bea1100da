//! The bulk API of Elasticsearch and OpenSearch.

use super::{
    answer::Verdict,
    batch::{Batch, Line},
    body::Body,
    client::Client,
    cut::cut,
    server::Server,
    target::into_server,
};
use crate::{Error, schema::member};
use serde_json::{Value, json};
use std::io::Write as _;

/// Elasticsearch or OpenSearch, by `_bulk` with `create`, into a data stream or an index.
///
/// A document's `_id` is made of its line's file and offset: what is sent again answers 409 and is counted as delivered. The file is known by
/// device, inode and first line; where files of several machines may have all of these alike, as text does that begins with a banner, give each
/// machine an index of its own. Lines should be
/// those of [`Schema::ecs`](crate::Schema::ecs); one without `@timestamp` gets it from its own timestamp, and text that is no JSON
/// becomes a document with `message`.
///
/// ```
/// use tracing_stamp::ship::{Elasticsearch, Server};
///
/// let server = Server::new("https://logs.example.com:9200")?.with_api_key("c2VjcmV0");
/// let elastic = Elasticsearch::new(server, "logs-orders-default")?;
/// # let _ = elastic;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Elasticsearch {
    pub(super) server: Server,
    index: String,
    max_line_bytes: usize,
}

impl Elasticsearch {
    /// A server, or its address, and a data stream or index there.
    ///
    /// # Errors
    ///
    /// When it is no address for HTTP, or no name of an index.
    ///
    /// ```
    /// use tracing_stamp::ship::Elasticsearch;
    ///
    /// Elasticsearch::new("http://localhost:9200", "Logs").expect_err("names have no capitals");
    /// ```
    pub fn new(
        server: impl TryInto<Server, Error: Into<Error>>,
        index: &str,
    ) -> Result<Self, Error> {
        let is_wrong =
            |c: char| c.is_uppercase() || c.is_whitespace() || "\\/*?\"<>|,#:".contains(c);
        if index.is_empty()
            || index.len() > 255
            || index.starts_with(['-', '_', '+', '.'])
            || index.contains(is_wrong)
        {
            return Err(Error::invalid_input(format!(
                "{index:?} is no name of a data stream or index: those are in lower case, without `\\/*?\"<>|,#:` and space, and do not \
                 begin with `-`, `_`, `+` or a dot"
            )));
        }
        Ok(Self {
            server: into_server(server, "")?,
            index: index.to_owned(),
            max_line_bytes: 1 << 20,
        })
    }

    /// The index template that gives ids, level and time their types: to be put at `/_index_template/<name>`, once.
    ///
    /// ```
    /// # use tracing_stamp::ship::Elasticsearch;
    /// let template = Elasticsearch::new("http://localhost:9200", "logs-orders-default")?.index_template();
    /// assert!(template.contains(r#""trace.id":{"type":"keyword"}"#));
    /// # Ok::<(), tracing_stamp::Error>(())
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
                // To a `Vec`: it cannot fail.
                let _ = writeln!(out, "{action}");
                let _ = out.write_all(&document);
                let _ = out.write_all(b"\n");
            }
        });
        body.cut = cut;
    }

    /// What a line becomes, and whether it was cut.
    fn document(&self, line: Line<'_>) -> (Vec<u8>, bool) {
        let text = line.text();
        let is_json =
            line.is_json() && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        let is_long = text.len() > self.max_line_bytes;
        let short = is_long.then(|| cut(text, is_json, self.max_line_bytes));
        let text = short.as_deref().unwrap_or(text);
        let time = || {
            // Milliseconds since 1970: what a field of type `date` takes as well.
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
        let answer = match client.post(
            "/_bulk?filter_path=errors,items.*.status,items.*.error",
            &headers,
            body,
        ) {
            Ok(answer) => answer,
            Err(why) => return Verdict::none(why),
        };
        match Verdict::of(answer.status, answer.retry_after, &answer.text()) {
            Verdict::Taken => items(&answer.text(), lines),
            other => other,
        }
    }
}

/// The verdict on each of so many lines.
fn items(body: &str, lines: usize) -> Verdict {
    let Ok(answer) = serde_json::from_str::<Value>(body) else {
        return Verdict::none(format!("no answer of a bulk request: {body:.200}"));
    };
    if answer["errors"] == false {
        return Verdict::Taken;
    }
    let Some(items) = answer["items"]
        .as_array()
        .filter(|items| items.len() == lines)
    else {
        return Verdict::none(format!(
            "an answer for other lines than were sent: {body:.200}"
        ));
    };
    let verdict = |item: &Value| {
        let item = &item["create"];
        let status = item["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(0);
        match status {
            // It was there before.
            200..=299 | 409 => Verdict::Taken,
            429 | 500..=599 => Verdict::Later {
                after: None,
                why: item["error"].to_string(),
            },
            // Not the line's fault: a role without the right, an index that is missing or closed for writing.
            401 | 403 | 404 => Verdict::Refused {
                why: format!("HTTP {status}: {}", item["error"]),
            },
            _ => Verdict::Wrong {
                why: format!("HTTP {status}: {}", item["error"]),
            },
        }
    };
    Verdict::Each(items.iter().map(verdict).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::LineReader;
    use crate::ship::time::Distinct;

    #[test]
    fn each_line_is_a_document_whatever_it_is() {
        let text = concat!(
            "{\"@timestamp\":\"2026-11-28T18:53:17.298748Z\",\"message\":\"a\"}\n",
            "{\"timestamp\":\"1970-01-01T00:00:01.5Z\",\"message\":\"b\"}\n",
            "{}\n",
            "thread 'main' panicked\n",
            "{\"a\":b}\n",
        );
        let id = "1-0000000000000001".parse().expect("an id");
        let batch = Batch::new(
            id,
            0,
            text.as_bytes().to_vec(),
            &LineReader::default(),
            &mut Distinct::default(),
        );
        let elastic = Elasticsearch::new("http://localhost:9200", "logs").expect("right");
        let documents: Vec<String> = (0..5)
            .map(|at| {
                String::from_utf8(elastic.document(batch.line(at).expect("one")).0).expect("text")
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
    fn each_line_has_its_own_verdict() {
        let body = r#"{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":{"type":"x"}}},{"create":{"status":429,"error":"busy"}},{"create":{"status":400,"error":{"reason":"mapping"}}}]}"#;
        let Verdict::Each(verdicts) = items(body, 4) else {
            panic!("not each")
        };
        assert_eq!(verdicts[..2], [Verdict::Taken, Verdict::Taken]);
        assert!(matches!(&verdicts[2], Verdict::Later { .. }));
        assert!(matches!(&verdicts[3], Verdict::Wrong { why } if why.contains("mapping")));
        assert_eq!(items(r#"{"errors":false}"#, 4), Verdict::Taken);
        // Who may not write, or where there is no index, has no wrong line.
        for status in [401, 403, 404] {
            let body = format!(
                r#"{{"errors":true,"items":[{{"create":{{"status":{status},"error":{{"type":"security_exception"}}}}}}]}}"#
            );
            let Verdict::Each(verdicts) = items(&body, 1) else {
                panic!("{body}")
            };
            assert!(matches!(verdicts[0], Verdict::Refused { .. }), "{body}");
        }
        assert!(matches!(items(body, 3), Verdict::Later { .. }));
        assert!(matches!(items("<html>", 1), Verdict::Later { .. }));
    }
}
