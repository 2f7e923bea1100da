//! The log files of a request, with its id in many forms, and what is found in them and on servers.

use crate::support::{GATEWAY, TRACE, failing_request, line, text, time, with};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tracegrep::{Level, Outcome, Search, Server, ServerKind, Trace};
use traceship::{Shipper, Target};

/// How long to wait until a server finds what it has stored.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Shop(pub(crate) TempDir);

impl Shop {
    /// Writes the files. No two lines have the same time, because their order in a server is then known.
    pub(crate) fn new() -> Self {
        let mut lines = failing_request();
        lines.extend(awkward());
        let shop = Self(TempDir::new().expect("a folder"));
        for service in ["gateway", "orders", "payments", "mail", "none"] {
            let others = (1..=50).map(|number| {
                let id = format!("{number:032x}");
                with(
                    line(service, GATEWAY, number, "INFO", "of another request"),
                    json!({"trace_id": id}),
                )
            });
            let of_service =
                |line: &&Value| line["service.name"].as_str().unwrap_or("none") == service;
            let own = lines.iter().filter(of_service).cloned();
            let mut written: Vec<Value> = others.chain(own).collect();
            // A file is in order, as its logger writes it.
            written.sort_by_key(|line| line["timestamp"].to_string());
            let text = text(&written);
            fs::write(shop.0.path().join(format!("{service}.jsonl")), text).expect("written");
        }
        let text = format!(
            "{}  INFO audit: trace_id={TRACE} charged  twice?\n",
            time(13_100)
        );
        fs::write(shop.0.path().join("audit.log"), text).expect("written");
        shop
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn ship(&self, target: Target) {
        let report = Shipper::new(target)
            .with_files(self.path())
            .run_once()
            .expect("shipping succeeds");
        assert_eq!(report.stats().rejected(), 0);
    }

    pub(crate) fn trace(&self) -> Trace {
        found(Search::new().with_path(self.path()), TRACE).expect("the trace is in the files")
    }
}

/// Lines that have the id in other forms, and one that belongs to another trace.
fn awkward() -> Vec<Value> {
    let line = |micros: u64, message: &str, more: Value| {
        let line = json!({"timestamp": time(micros), "level": "INFO", "message": message});
        with(line, more)
    };
    let other = "11111111111111111111111111111111";
    vec![
        line(
            13_200,
            "as a UUID",
            json!({"traceId": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}),
        ),
        line(
            13_300,
            "in upper case",
            json!({"trace_id": TRACE.to_uppercase()}),
        ),
        line(
            13_400,
            "of Datadog",
            json!({"dd.trace_id": "11803532876627986230"}),
        ),
        line(
            13_500,
            "incoming",
            json!({"traceparent": format!("00-{TRACE}-{GATEWAY}-01")}),
        ),
        line(
            13_600,
            &format!("follows {TRACE}"),
            json!({"trace_id": other}),
        ),
        line(
            13_700,
            "nested",
            json!({"mdc": {"trace_id": TRACE}, "ratio": 0.1, "n": 7}),
        ),
    ]
}

/// The trace that a search finds without problems.
pub(crate) fn found(search: Search, id: &str) -> Option<Trace> {
    let found = search.find(&id.parse().expect("an id"));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    match found.outcome {
        Outcome::Nothing => None,
        Outcome::Trace(trace) => Some(trace),
        Outcome::Several(several) => panic!("{several:?}"),
    }
}

/// Searches a server until it finds as many lines as the files have.
pub(crate) fn found_on(server: &Server, id: &str, lines: usize) -> Trace {
    let begin = Instant::now();
    loop {
        let trace = found(Search::new().with_server(server.clone()), id);
        match trace {
            Some(trace) if trace.lines().len() >= lines => return trace,
            found => assert!(
                begin.elapsed() < PATIENCE,
                "{:#?}",
                found.map(|trace| texts(&trace))
            ),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) fn server(kind: ServerKind, url: &str) -> Server {
    Server::new(kind, url).expect("a valid address")
}

/// What is understood of a line: its time, level, message, trace id and span id.
type Meaning = (
    Option<i64>,
    Option<Level>,
    Option<String>,
    Option<String>,
    Option<String>,
);

pub(crate) fn meanings(trace: &Trace) -> Vec<Meaning> {
    let lines = trace.lines().iter().map(|line| line.record().clone());
    let meaning = |record: tracegrep::Record| {
        (
            record.time,
            record.level,
            record.message,
            record.trace_id,
            record.span_id,
        )
    };
    lines.map(meaning).collect()
}

/// The lines as they are in their files.
pub(crate) fn texts(trace: &Trace) -> Vec<String> {
    let lines = trace.lines().iter();
    lines
        .map(|line| String::from_utf8_lossy(line.raw()).into_owned())
        .collect()
}
