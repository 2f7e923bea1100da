use super::{
    http::{Http, MAX_LINE_BYTES, too_long},
    stored::{TRACE_IDS, entry},
};
use crate::{
    id::{TraceQuery, terms},
    search::{Entry, Fetched, LineServer, Period},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use std::{
    collections::HashSet,
    time::{SystemTime, UNIX_EPOCH},
};

/// All streams with the label that Loki itself adds. A selector must have a label that is not empty.
const ALL_STREAMS: &str = r#"{service_name=~".+"}"#;

/// How many entries are asked for at once. Loki's own limit is 5,000, unless it is configured.
const PAGE: usize = 1_000;
const MAX_LINES: usize = 100_000;

/// Loki refuses queries over more than 721 hours, unless it is configured.
const DEFAULT_HOURS: i64 = 720;
const NANOS_PER_HOUR: i64 = 3_600_000_000_000;

/// Loki. It searches lines and structured metadata by different queries.
#[derive(Debug)]
pub(super) struct Loki {
    http: Http,
    selector: String,
}

impl Loki {
    pub(super) fn new(http: Http, selector: Option<String>) -> Self {
        Self {
            http,
            selector: selector.unwrap_or_else(|| ALL_STREAMS.to_owned()),
        }
    }

    /// Reads all pages of a query. Each entry is kept once.
    fn read(
        &self,
        query: &str,
        (mut start, end): (i64, i64),
        kept: &mut Kept,
    ) -> Result<(), String> {
        loop {
            let page = self.page(query, start, end)?;
            let is_last = page.len() < PAGE;
            let newest = page.iter().map(|stored| stored.time).max();
            kept.add(page);
            let Some(newest) = newest.filter(|_| !is_last) else {
                return Ok(());
            };
            if kept.entries.len() >= MAX_LINES {
                return Err(format!(
                    "stopped after {MAX_LINES} lines: narrow the search with --since and --until"
                ));
            }
            if kept.bytes > MAX_LINE_BYTES {
                return Err(too_long());
            }
            if newest <= start {
                return Err(format!(
                    "stopped: more than {PAGE} lines with the id have the same time"
                ));
            }
            // The newest time may have more entries than the page.
            start = newest;
        }
    }

    fn page(&self, query: &str, start: i64, end: i64) -> Result<Vec<Stored>, String> {
        let path = format!(
            "/loki/api/v1/query_range?direction=forward&limit={PAGE}&start={start}&end={end}&query={}",
            utf8_percent_encode(query, NON_ALPHANUMERIC)
        );
        let bytes = self.http.get(&path)?.success()?.bytes()?;
        let response: Option<Value> = serde_json::from_slice(&bytes).ok();
        let stored = response.as_ref().and_then(stored);
        stored.ok_or_else(|| "does not respond as Loki does".to_owned())
    }
}

impl LineServer for Loki {
    fn name(&self) -> &str {
        self.http.url()
    }

    fn lines(&self, query: &TraceQuery, period: Period) -> Fetched {
        let terms = terms(query);
        let ids: Vec<&str> = terms.iter().map(|term| &*term.text).collect();
        let mut kept = Kept::default();
        let mut problem = None;
        for query in queries(&self.selector, &ids) {
            if let Err(error) = self.read(&query, bounds(period), &mut kept) {
                problem = Some(error);
                break;
            }
        }
        // Entries with equal times stay in the order of their stream.
        kept.entries.sort_by_key(|stored| stored.time);
        let entries = kept.entries.into_iter();
        let entries = entries.map(|stored| stored.entry(&ids));
        Fetched {
            entries: entries.collect(),
            problem,
        }
    }
}

/// Entries of several pages, each once.
#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Stored>,
    known: HashSet<Stored>,
    /// The length of the texts of all entries.
    bytes: usize,
}

impl Kept {
    fn add(&mut self, page: Vec<Stored>) {
        for stored in page {
            if self.known.insert(stored.clone()) {
                self.bytes += stored.text.len();
                self.entries.push(stored);
            }
        }
    }
}

/// An entry of Loki: two are the same if they have the same stream, time and text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stored {
    time: i64,
    text: String,
    /// Labels and structured metadata.
    labels: Vec<(String, String)>,
}

impl Stored {
    fn entry(self, ids: &[&str]) -> Entry {
        let labels = self.labels.into_iter();
        let labels: Map<String, Value> = labels.map(|(name, value)| (name, value.into())).collect();
        entry(ids, &self.text, Some(self.time), labels)
    }
}

/// Reads the entries of a response.
fn stored(response: &Value) -> Option<Vec<Stored>> {
    let mut entries = Vec::new();
    for stream in response.pointer("/data/result")?.as_array()? {
        for value in stream["values"].as_array()? {
            let mut labels = Vec::new();
            // Some versions return the structured metadata beside the text.
            for object in [&stream["stream"], &value[2]["structuredMetadata"]] {
                let members = object.as_object().into_iter().flatten();
                let texts = members.filter_map(|(name, value)| Some((name, value.as_str()?)));
                labels.extend(texts.map(|(name, value)| (name.clone(), value.to_owned())));
            }
            labels.sort();
            entries.push(Stored {
                time: value[0].as_str()?.parse().ok()?,
                text: value[1].as_str()?.to_owned(),
                labels,
            });
        }
    }
    Some(entries)
}

/// The queries for an id in lines, and in structured metadata.
fn queries(selector: &str, ids: &[&str]) -> [String; 2] {
    let ids = ids.join("|");
    let names = TRACE_IDS.map(|name| format!("{name}=~\".*({ids}).*\""));
    [
        format!("{selector} |~ \"{ids}\""),
        format!("{selector} | {}", names.join(" or ")),
    ]
}

/// The period that Loki is asked for, which must have both ends.
fn bounds(period: Period) -> (i64, i64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.ok().and_then(|now| i64::try_from(now.as_nanos()).ok());
    // Entries may be a little in the future.
    let latest = now.unwrap_or(i64::MAX).saturating_add(NANOS_PER_HOUR);
    let end = period.until.unwrap_or(latest);
    let first = end.saturating_sub(DEFAULT_HOURS * NANOS_PER_HOUR);
    (period.since.unwrap_or(first), end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::test_server::{Request, TestServer, http};
    use serde_json::json;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn fetch(server: &TestServer) -> Fetched {
        let query = ID.parse().expect("an id");
        let loki = Loki::new(http(&server.url()), None);
        let period = Period {
            since: Some(0),
            until: Some(10_000),
        };
        loki.lines(&query, period)
    }

    fn response(values: &[(i64, String)]) -> String {
        let values: Vec<Value> = values
            .iter()
            .map(|(time, text)| json!([time.to_string(), text]))
            .collect();
        let stream = json!({"stream": {"service_name": "orders"}, "values": values});
        json!({"status": "success", "data": {"resultType": "streams", "result": [stream]}})
            .to_string()
    }

    #[test]
    fn lines_and_structured_metadata_are_searched_by_a_query_each() {
        let [lines, metadata] = queries("{a=\"b\"}", &["4bf9", "4BF9"]);
        assert_eq!(lines, "{a=\"b\"} |~ \"4bf9|4BF9\"");
        assert!(
            metadata.starts_with("{a=\"b\"} | trace_id=~\".*(4bf9|4BF9).*\" or traceid=~"),
            "{metadata}"
        );
    }

    #[test]
    fn without_a_period_the_last_thirty_days_are_searched() {
        let (start, end) = bounds(Period::default());
        assert_eq!(end - start, 720 * NANOS_PER_HOUR);
        let period = Period {
            since: Some(5),
            until: Some(7),
        };
        assert_eq!(bounds(period), (5, 7));
    }

    #[test]
    fn pages_continue_at_the_newest_time_and_no_entry_is_kept_twice() {
        let all: Vec<(i64, String)> = (0..2_500).map(|n| (n / 3, format!("{n} {ID}"))).collect();
        let server = TestServer::start(move |request: &Request| {
            let start: i64 = request.parameter("start").parse().expect("a number");
            let page = all.iter().filter(|(time, _)| *time >= start).take(1_000);
            (200, response(&page.cloned().collect::<Vec<_>>()))
        });
        let fetched = fetch(&server);
        assert_eq!(fetched.problem, None);
        assert_eq!(fetched.entries.len(), 2_500);
        let first = &fetched.entries[0];
        assert_eq!(first.time, Some(0));
        assert_eq!(first.service.as_deref(), Some("orders"));
        assert_eq!(fetched.entries[2_499].time, Some(833));
    }

    #[test]
    fn too_many_entries_with_one_time_are_a_problem_and_the_others_are_kept() {
        let server = TestServer::start(|_| {
            let values: Vec<_> = (0..1_000).map(|n| (7, format!("{n} {ID}"))).collect();
            (200, response(&values))
        });
        let fetched = fetch(&server);
        assert_eq!(fetched.entries.len(), 1_000);
        assert!(
            fetched
                .problem
                .expect("a problem")
                .contains("the same time")
        );
    }

    #[test]
    fn structured_metadata_is_read_in_both_places_in_which_loki_returns_it() {
        let beside = json!(["1", "placed", {"structuredMetadata": {"trace_id": ID}}]);
        let among = json!(["1", "placed"]);
        for (labels, value) in [
            (json!({"service_name": "orders"}), beside),
            (json!({"service_name": "orders", "trace_id": ID}), among),
        ] {
            let stream = json!({"stream": labels, "values": [value]});
            let response = json!({"data": {"result": [stream]}});
            let mut stored = stored(&response).expect("a response of Loki");
            let entry = stored.remove(0).entry(&[ID]);
            let line: Value = serde_json::from_slice(&entry.text).expect("an object");
            assert_eq!(line["trace_id"], ID);
            assert_eq!(line["message"], "placed");
            assert_eq!(line["service_name"], "orders");
        }
    }
}
