//! Tests against a real VictoriaLogs, which accepts the protocols of Loki, Elasticsearch and OTLP. It stores every copy of a line that is sent
//! twice, so these tests see each repeat.

use crate::{
    Folder, PATIENCE, append,
    chaos::{Backend, Found, number, run_chaos},
    line,
    servers::Server,
};
#[cfg(feature = "redact")]
use log_redaction::Redaction;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    time::{Duration, Instant},
};
#[cfg(feature = "redact")]
use tracing_stamp::ship::{Elasticsearch, Otlp};
use tracing_stamp::ship::{Loki, Shipper, Target};

pub(crate) struct VictoriaLogs(pub(super) Server);

impl VictoriaLogs {
    pub(crate) fn start() -> Self {
        Self(Server::start("victorialogs.sh", &["start"]))
    }

    pub(super) fn url(&self) -> String {
        self.0.address("VICTORIALOGS_URL")
    }

    /// Returns the entries that a LogsQL query finds.
    fn query(&self, query: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        self.each_entry(query, |entry| entries.push(entry));
        entries
    }

    /// Calls a function with each entry that a LogsQL query finds.
    pub(crate) fn each_entry(&self, query: &str, mut take: impl FnMut(Value)) {
        let mut response = ureq::get(format!("{}/select/logsql/query", self.url()))
            .query("query", query)
            .call()
            .expect("the server responds");
        for line in BufReader::new(response.body_mut().as_reader()).lines() {
            let line = line.expect("it is a string");
            take(serde_json::from_str(&line).expect("the text is JSON"));
        }
    }

    /// Waits until a query finds at least this many entries. VictoriaLogs needs a second until it finds entries that it has confirmed.
    pub(super) fn found(&self, query: &str, at_least: usize) -> Vec<Value> {
        let begin = Instant::now();
        loop {
            let found = self.query(query);
            if found.len() >= at_least {
                return found;
            }
            assert!(begin.elapsed() < PATIENCE, "{query} finds {found:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Returns the sorted lines of entries.
fn lines(entries: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = entries
        .iter()
        .map(|entry| text(entry, "_msg").to_owned())
        .collect();
    lines.sort();
    lines
}

#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn by_lokis_protocol_a_trace_is_found_by_its_id_which_is_not_a_label_and_repeats_are_equal() {
    let folder = Folder::new();
    let server = VictoriaLogs::start();
    let ours: String = (0..3).map(|_| line(7)).collect();
    let others: String = (100..200).map(line).collect();
    let orders = format!("{others}{ours}no JSON\n");
    append(&folder.at("orders.jsonl"), &orders);
    // The file of another program. Its lines have no time.
    append(&folder.at("other.log"), "first\nsecond\nsecond\n");
    let ship = || {
        let target = Loki::new(format!("{}/insert", server.url()).as_str())
            .and_then(|loki| loki.with_label("env", "test"))
            .expect("the setting is valid");
        let report = Shipper::new(target)
            .with_files(&folder.0)
            .run_once()
            .expect("shipping succeeds");
        let stats = report.stats();
        assert_eq!((stats.shipped(), stats.rejected()), (107, 0));
    };
    ship();
    let by_id = format!("{{service_name=\"orders\"}} trace_id:=\"{:032x}\"", 8);
    let found = server.found(&by_id, 3);
    let mut expected: Vec<&str> = ours.lines().collect();
    expected.sort_unstable();
    assert_eq!(lines(&found), expected);
    assert_eq!(text(&found[0], "span_id"), format!("{:016x}", 8));

    let all = server.found("{env=\"test\"}", 107);
    let mut expected: Vec<&str> = orders.lines().collect();
    expected.extend(["first", "second", "second"]);
    expected.sort_unstable();
    assert_eq!(lines(&all), expected, "the lines are equal to the byte");
    let streams: BTreeSet<&str> = all.iter().map(|entry| text(entry, "_stream")).collect();
    let expected = [
        r#"{env="test",level="info",service_name="orders"}"#,
        r#"{env="test",service_name="unknown_service"}"#,
    ];
    assert_eq!(streams.into_iter().collect::<Vec<_>>(), expected);

    // All lines are shipped again. Each arrives twice, and a server that stores equal entries once would store one of both copies.
    std::fs::remove_file(folder.at(".loki.cursor")).expect("the file exists");
    ship();
    let all = server.found("{env=\"test\"}", 214);
    assert_eq!(all.len(), 214);
    let distinct: BTreeSet<_> = all
        .iter()
        .map(|entry| ["_stream", "_time", "_msg"].map(|name| text(entry, name)))
        .collect();
    assert_eq!(distinct.len(), 107);
}

#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn by_elasticsearchs_bulk_requests_and_by_otlp_a_trace_is_found_by_its_id() {
    let server = VictoriaLogs::start();
    let url = server.url();
    for target in [
        format!("elasticsearch={url}/insert/elasticsearch/orders"),
        format!("otlp={url}/insert/opentelemetry"),
    ] {
        let folder = Folder::new();
        let numbers = if target.starts_with("otlp") {
            2_000..4_000
        } else {
            0..2_000
        };
        let last = numbers.end;
        append(
            &folder.at("orders.jsonl"),
            &numbers.map(line).collect::<String>(),
        );
        let report = Shipper::new(Target::named(&target).expect("the setting is valid"))
            .with_files(&folder.0)
            .run_once()
            .expect("shipping succeeds");
        let stats = report.stats();
        assert_eq!((stats.shipped(), stats.rejected()), (2_000, 0), "{target}");
        let query = format!("trace_id:=\"{last:032x}\"");
        let found = server.found(&query, 1);
        assert_eq!(found.len(), 1, "{target}");
        assert_eq!(text(&found[0], "number"), (last - 1).to_string());
        assert_eq!(text(&found[0], "service.name"), "orders", "{}", found[0]);
        let count = server.found("trace_id:* | stats count() lines", 1);
        assert_eq!(text(&count[0], "lines"), last.to_string(), "{target}");
    }
}

pub(crate) struct ChaosBackend(pub(crate) VictoriaLogs);

impl Backend for ChaosBackend {
    fn url(&self) -> String {
        self.0.url()
    }

    fn target(&self, url: &str) -> String {
        format!("loki={url}/insert")
    }

    /// Stops the server instead of killing it. A killed one loses the entries that it has confirmed in the last five seconds
    /// (`-inmemoryDataFlushInterval`).
    fn interrupt(&mut self, pause: Duration) {
        self.0.0.stop();
        std::thread::sleep(pause);
        self.0.0.start_again("VICTORIALOGS_PORT");
    }

    fn interruptions(&self) -> u64 {
        8
    }

    fn found(&self, service: &str) -> Found {
        // Confirmed entries are found after a second.
        std::thread::sleep(Duration::from_secs(2));
        let mut found = Found::new();
        for entry in self.0.query(&format!("{{service_name=\"{service}\"}}")) {
            let copy = (
                text(&entry, "_time").to_owned(),
                text(&entry, "_msg").to_owned(),
            );
            found.entry(number(&copy.1)).or_default().push(copy);
        }
        found
    }
}

#[cfg(feature = "redact")]
#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn no_field_of_an_entry_has_a_secret_of_a_redacted_line() {
    const PASSWORD: &str = "hunter2-correct-horse";
    const MAIL: &str = "ada@example.org";
    let server = VictoriaLogs::start();
    let url = server.url();
    let targets: [Target; 3] = [
        Loki::new(format!("{url}/insert").as_str())
            .and_then(|loki| loki.with_label_of("password", "password"))
            .expect("the address is valid")
            .into(),
        Elasticsearch::new(format!("{url}/insert/elasticsearch").as_str(), "orders")
            .expect("the address is valid")
            .into(),
        Otlp::new(format!("{url}/insert/opentelemetry").as_str())
            .expect("the address is valid")
            .into(),
    ];
    for target in targets {
        let folder = Folder::new();
        let json = format!(
            "{{\"msg\":\"mail to {MAIL}\",\"\\u0070assword\":\"{PASSWORD}\",\"deep\":{{\"Api-Key\":[\"{PASSWORD}\"]}}}}"
        );
        append(
            &folder.at("other.log"),
            &format!("{json}\npassword={PASSWORD} of {MAIL}\n"),
        );
        let report = Shipper::new(target)
            .with_files(&folder.0)
            .with_redaction(Redaction::new().secrets().emails())
            .run_once()
            .expect("shipping succeeds");
        assert_eq!(
            (report.stats().shipped(), report.stats().rejected()),
            (2, 0)
        );
    }
    let found = server.found("*", 6);
    let found = Value::from(found).to_string();
    assert!(found.contains("[redacted]"), "{found}");
    for secret in [PASSWORD, MAIL] {
        assert!(!found.contains(secret), "{found}");
    }
}

#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn while_all_processes_are_killed_no_line_is_missing_in_victorialogs_and_repeats_are_equal_and_few()
{
    let result = run_chaos(&mut ChaosBackend(VictoriaLogs::start()), 60_000);
    assert!(result.kills.2 > 0, "the server was interrupted too");
    result.assert_copies_are_equal();
    // A fault repeats only the request in flight, which is small after a fault. Several faults in a row can repeat the same lines.
    let max_copies = result.found.values().map(Vec::len).max().unwrap_or(0);
    let copies: usize = result.found.values().map(Vec::len).sum();
    let repeats = copies - result.found.len();
    assert!(max_copies <= 50, "{max_copies} copies of one line");
    assert!(
        repeats < result.found.len(),
        "{repeats} repeats of {} lines",
        result.found.len()
    );
}
