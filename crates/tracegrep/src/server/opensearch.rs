use super::{
    filebeat,
    http::{Http, MAX_LINE_BYTES, too_long},
    matching::Match,
    shipped,
};
use crate::{
    id::{Place, TraceQuery, terms},
    search::{Entry, Fetched, LineServer, Period},
};
use serde_json::{Value, json, value::RawValue};
use std::collections::HashMap;

/// How many documents are asked for at once.
const PAGE: usize = 500;
/// The default limit of both products (`index.max_result_window`).
const MAX_LINES: usize = 10_000;

/// In which fields the id is looked for: all that can have it by their name, and those with the text of a line. Names of fields are
/// case-sensitive.
const FIELDS: [&str; 27] = [
    "*trace*",
    "*Trace*",
    "*TRACE*",
    "message",
    "*.message",
    "msg",
    "*.msg",
    "@message",
    "log",
    "event",
    "event.original",
    "body",
    "text",
    "textPayload",
    "short_message",
    "full_message",
    "MESSAGE",
    "Body",
    "log.original",
    "raw",
    "line",
    "content",
    "data",
    "kubernetes.log",
    "record",
    "log_message",
    "original_message",
];

/// Fields with a value that is longer than the id, in which the server does not find a part of a value otherwise.
const LONGER: [&str; 4] = [
    "traceparent",
    "*.traceparent",
    "logging.googleapis.com/trace",
    "*.googleapis.com/trace",
];

/// OpenSearch or Elasticsearch. The address ends with an index, or all indices are searched.
#[derive(Debug)]
pub(super) struct OpenSearch(Http);

impl OpenSearch {
    pub(super) fn new(http: Http) -> Self {
        Self(http)
    }

    fn page(&self, ids: &[&str], query: &Value, from: usize) -> Result<Page, String> {
        let body = json!({
            "from": from,
            "size": PAGE,
            // Lines with equal times stay in the order in which they were stored.
            "sort": ["_seq_no"],
            "query": query,
        });
        let body = body.to_string();
        let reply = self
            .0
            .post("/_search", "application/json", body.as_bytes())?;
        let bytes = reply.success()?.bytes()?;
        let page = Page::of(ids, &bytes).ok_or("does not respond as OpenSearch does")?;
        Ok(Page {
            problem: page.problem.map(|problem| self.0.quoted(&problem)),
            ..page
        })
    }
}

impl LineServer for OpenSearch {
    fn name(&self) -> &str {
        self.0.url()
    }

    fn lines(&self, query: &TraceQuery, period: Period) -> Fetched {
        let terms = terms(query);
        let ids: Vec<&str> = terms.iter().map(|term| &*term.text).collect();
        for how in [Match::Words, Match::Parts] {
            let fetched = self.pages(&ids, &search_query(query, period, how));
            if fetched.problem.is_some() || !fetched.entries.is_empty() {
                return fetched;
            }
        }
        Fetched::default()
    }
}

impl OpenSearch {
    /// Reads all pages of a query.
    fn pages(&self, ids: &[&str], query: &Value) -> Fetched {
        let mut fetched = Fetched::default();
        for from in (0..MAX_LINES).step_by(PAGE) {
            let page = match self.page(ids, query, from) {
                Ok(page) => page,
                Err(problem) => {
                    fetched.problem = Some(problem);
                    return fetched;
                }
            };
            let is_last = page.count < PAGE;
            fetched.entries.extend(page.lines);
            if page.problem.is_some() {
                fetched.problem = page.problem;
            }
            if is_last {
                return fetched;
            }
            let lengths = fetched.entries.iter().map(|entry| entry.text.len());
            if lengths.sum::<usize>() > MAX_LINE_BYTES {
                fetched.problem = Some(too_long());
                return fetched;
            }
        }
        fetched.problem = Some(format!(
            "stopped after {MAX_LINES} lines: narrow the search with --since and --until"
        ));
        fetched
    }
}

/// One page of documents.
struct Page {
    /// The number of documents, also of those without a line.
    count: usize,
    lines: Vec<Entry>,
    problem: Option<String>,
}

impl Page {
    /// Reads a response. The text of each document is kept as it was stored.
    fn of(ids: &[&str], response: &[u8]) -> Option<Self> {
        let response = members(str::from_utf8(response).ok()?)?;
        let hits = members(response.get("hits")?.get())?;
        let hits: Vec<&RawValue> = serde_json::from_str(hits.get("hits")?.get()).ok()?;
        let line = |hit: &RawValue| {
            let document = one_line(members(hit.get())?.get("_source")?.get());
            Some(filebeat::line(ids, &document).unwrap_or_else(|| shipped::line(document)))
        };
        let count = hits.len();
        let lines: Vec<Entry> = hits.into_iter().filter_map(line).collect();
        let shards = response.get("_shards").map(|shards| shards.get());
        let is_slow = response
            .get("timed_out")
            .is_some_and(|value| value.get() == "true");
        Some(Self {
            count,
            problem: if lines.len() < count {
                Some(
                    "returns documents without their `_source`, which is needed for the lines"
                        .to_owned(),
                )
            } else if is_slow {
                Some("stopped searching after its time limit".to_owned())
            } else {
                shards.and_then(failed_shards)
            },
            lines,
        })
    }
}

fn members(object: &str) -> Option<HashMap<String, &RawValue>> {
    serde_json::from_str(object).ok()
}

/// A document may have been stored with line breaks. In JSON they are always between values.
fn one_line(document: &str) -> String {
    document.replace(['\r', '\n'], " ")
}

fn failed_shards(shards: &str) -> Option<String> {
    let shards: Value = serde_json::from_str(shards).ok()?;
    let failed = shards["failed"].as_u64().filter(|failed| *failed > 0)?;
    let reason = shards.pointer("/failures/0/reason/reason");
    let reason = reason
        .and_then(Value::as_str)
        .unwrap_or("no reason is given");
    Some(format!(
        "could not search {failed} of {} shards: {reason}",
        shards["total"]
    ))
}

/// The query for documents with an id. `lenient` skips fields of another type than text.
fn search_query(query: &TraceQuery, period: Period, how: Match) -> Value {
    let mut anywhere = Vec::new();
    let mut within = Vec::new();
    for term in terms(query) {
        let escaped = term.text.replace('-', "\\-");
        within.push(format!("*{escaped}*"));
        anywhere.push(match term.place {
            Place::Whole => format!("\"{}\"", term.text),
            Place::Beginning => format!("{escaped}*"),
            Place::End => format!("*{escaped}"),
        });
    }
    let string = |texts: &[String], fields: &[&str]| {
        json!({"query_string": {
            "query": texts.join(" OR "),
            "fields": fields,
            "lenient": true,
        }})
    };
    let should = match how {
        Match::Words => vec![string(&anywhere, &FIELDS), string(&within, &LONGER)],
        Match::Parts => vec![string(&within, &FIELDS)],
    };
    let id = json!({"bool": {
        "should": should,
        "minimum_should_match": 1,
    }});
    json!({"bool": {"filter": [id, period_query(period)]}})
}

/// The query for documents in a period, and for those without a time. The server stores times with milliseconds. If no index template says
/// otherwise, a time that traceship has added is stored as a number.
fn period_query(period: Period) -> Value {
    const NANOS_PER_MILLI: i64 = 1_000_000;
    let mut range = json!({"format": "epoch_millis"});
    if let Some(since) = period.since {
        range["gte"] = since.div_euclid(NANOS_PER_MILLI).into();
    }
    if let Some(until) = period.until {
        let until = until.saturating_add(NANOS_PER_MILLI - 1);
        range["lt"] = until.div_euclid(NANOS_PER_MILLI).into();
    }
    if period.since.is_none() && period.until.is_none() {
        return json!({"match_all": {}});
    }
    json!({"bool": {
        "should": [
            {"range": {"@timestamp": range}},
            {"bool": {"must_not": [{"exists": {"field": "@timestamp"}}]}},
        ],
        "minimum_should_match": 1,
    }})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::test_server::{Request, TestServer, http};

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn fetch(server: &TestServer) -> Fetched {
        let query = ID.parse().expect("an id");
        OpenSearch::new(http(&server.url())).lines(&query, Period::default())
    }

    fn response(sources: &[String]) -> String {
        let hits: Vec<String> = sources
            .iter()
            .map(|source| format!(r#"{{"_index":"logs","_source":{source},"sort":[1]}}"#))
            .collect();
        format!(
            r#"{{"took":1,"timed_out":false,"_shards":{{"total":1,"failed":0}},"hits":{{"total":{{"value":1}},"hits":[{}]}}}}"#,
            hits.join(",")
        )
    }

    #[test]
    fn a_document_is_the_line_as_it_was_stored() {
        let source = r#"{ "trace_id":"4bf9", "n":12345678901234567890123, "f":1.50 }"#;
        let server = TestServer::start(move |_| (200, response(&[source.to_owned()])));
        let fetched = fetch(&server);
        assert_eq!(fetched.problem, None);
        let texts: Vec<_> = fetched.entries.iter().map(|entry| &*entry.text).collect();
        assert_eq!(texts, [source.as_bytes()]);
    }

    #[test]
    fn a_document_of_filebeat_is_the_line_in_its_message() {
        let source = format!(
            r#"{{"agent":{{"type":"filebeat"}},"log":{{"file":{{"path":"/a"}}}},"message":"a {ID}"}}"#
        );
        let server = TestServer::start(move |_| (200, response(std::slice::from_ref(&source))));
        let fetched = fetch(&server);
        assert_eq!(fetched.entries[0].text, format!("a {ID}").as_bytes());
    }

    #[test]
    fn documents_without_their_source_are_a_problem() {
        let server = TestServer::start(|_| {
            let hit = r#"{"took":1,"timed_out":false,"_shards":{"total":1,"failed":0},"hits":{"hits":[{"_index":"logs"}]}}"#;
            (200, hit.to_owned())
        });
        assert!(
            fetch(&server)
                .problem
                .expect("a problem")
                .contains("_source")
        );
    }

    #[test]
    fn an_id_that_is_a_part_of_a_word_is_looked_for_if_no_word_is_the_id() {
        let server = TestServer::start(|request: &Request| {
            let is_part = !request.body.contains(&format!(r#"\"{ID}\""#));
            let sources = vec![format!(r#"{{"message":"trace_{ID}"}}"#)];
            (200, response(if is_part { &sources } else { &[] }))
        });
        let fetched = fetch(&server);
        assert_eq!(fetched.problem, None);
        assert_eq!(fetched.entries.len(), 1);
        assert_eq!(server.requests(), 2);
    }

    #[test]
    fn all_pages_are_read() {
        let server = TestServer::start(|request: &Request| {
            let body: Value = serde_json::from_str(&request.body).expect("JSON");
            let from = body["from"].as_u64().expect("a number");
            let sources = (from..(from + 500).min(1_234)).map(|n| format!(r#"{{"n":{n}}}"#));
            (200, response(&sources.collect::<Vec<_>>()))
        });
        let fetched = fetch(&server);
        assert_eq!(fetched.problem, None);
        assert_eq!(fetched.entries.len(), 1_234);
        assert_eq!(fetched.entries[1_233].text, br#"{"n":1233}"#);
        assert_eq!(server.requests(), 3);
    }

    #[test]
    fn a_trace_with_more_lines_than_the_server_returns_is_a_problem() {
        let server = TestServer::start(|_| (200, response(&vec!["{}".to_owned(); 500])));
        let fetched = fetch(&server);
        assert_eq!(fetched.entries.len(), 10_000);
        assert!(fetched.problem.expect("a problem").contains("10000 lines"));
    }

    #[test]
    fn shards_that_fail_are_a_problem_and_the_lines_of_the_others_are_kept() {
        let server = TestServer::start(|_| {
            let failed =
                r#"{"total":5,"failed":1,"failures":[{"reason":{"reason":"too many fields"}}]}"#;
            let body = response(&["{}".to_owned()]).replace(r#"{"total":1,"failed":0}"#, failed);
            (200, body)
        });
        let fetched = fetch(&server);
        assert_eq!(fetched.entries.len(), 1);
        let problem = fetched.problem.expect("a problem");
        assert_eq!(problem, "could not search 1 of 5 shards: too many fields");
    }

    #[test]
    fn the_query_has_each_form_of_the_id_and_the_period() {
        let query = ID.parse().expect("an id");
        let period = Period {
            since: Some(1_500_000),
            until: Some(2_500_000),
        };
        let query = search_query(&query, period, Match::Words).to_string();
        for part in [
            r#"\"4bf92f3577b34da6a3ce929d0e0e4736\" OR"#,
            r#"\"4BF92F3577B34DA6A3CE929D0E0E4736\""#,
            r#"\"11803532876627986230\""#,
            r#"*4bf92f3577b34da6a3ce929d0e0e4736*"#,
            r#""gte":1,"#,
            r#""lt":3}"#,
        ] {
            assert!(query.contains(part), "{part} in {query}");
        }
        let prefix = "4bf92f3577".parse().expect("a prefix");
        let query = search_query(&prefix, Period::default(), Match::Words).to_string();
        assert!(query.contains(r#"4bf92f3577* OR"#), "{query}");
        assert!(query.contains(r#"4bf92f35\\-77*"#), "{query}");
        assert!(!query.contains("@timestamp"), "{query}");
    }
}
