//! A Loki that the reader runs: where `LOKI_URL` names one, without TLS and credentials, these tests run against it. Elsewhere each
//! says that it is skipped.

use crate::{
    Folder, PATIENCE, append, line,
    storm::{Backend, Found, number, storm},
};
use serde_json::Value;
use std::{
    env,
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

/// The reader's Loki, and the value of a label that no other run has.
struct Own {
    url: String,
    run: String,
}

impl Own {
    fn named(test: &str) -> Option<Self> {
        let Ok(url) = env::var("LOKI_URL") else {
            eprintln!("{test}: skipped, as LOKI_URL names no Loki");
            return None;
        };
        let nanos = jiff::Timestamp::now().as_nanosecond();
        Some(Self {
            url: url.trim_end_matches('/').to_owned(),
            run: format!("{}-{nanos}", std::process::id()),
        })
    }

    fn target(&self) -> Loki {
        Loki::new(self.url.as_str())
            .and_then(|loki| loki.with_label("run", &self.run))
            .expect("an address")
    }

    /// The entries that a query finds, their time and their text, as soon as there are so many.
    fn found(&self, query: &str, at_least: usize) -> Vec<(String, String)> {
        let begin = Instant::now();
        loop {
            let found = self.entries(query);
            if found.len() >= at_least {
                return found;
            }
            assert!(begin.elapsed() < PATIENCE, "{query} finds {found:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// All entries of the last three hours that a query finds; a response has at most so many of them.
    fn entries(&self, query: &str) -> Vec<(String, String)> {
        const PAGE: usize = 5_000;
        let now = jiff::Timestamp::now().as_nanosecond();
        let hour = 3_600_000_000_000;
        let (mut start, end) = (now - 3 * hour, now + hour);
        let mut all = Vec::new();
        loop {
            let mut response = ureq::get(format!("{}/loki/api/v1/query_range", self.url))
                .query("query", query)
                .query("direction", "forward")
                .query("limit", PAGE.to_string())
                .query("start", start.to_string())
                .query("end", end.to_string())
                .call()
                .expect("a response");
            let body = response.body_mut().with_config().limit(1 << 30);
            let body: Value =
                serde_json::from_str(&body.read_to_string().expect("text")).expect("JSON");
            let mut page = Vec::new();
            for stream in body["data"]["result"].as_array().into_iter().flatten() {
                for value in stream["values"].as_array().into_iter().flatten() {
                    let text = |at: usize| value[at].as_str().expect("text").to_owned();
                    page.push((text(0), text(1)));
                }
            }
            let length = page.len();
            let last = page.iter().filter_map(|(time, _)| time.parse().ok()).max();
            all.append(&mut page);
            match last {
                // The next page begins with the last time of this one.
                Some(last) if length >= PAGE => start = last,
                _ => break,
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

#[test]
#[ignore = "needs a Loki of your own: LOKI_URL"]
fn in_your_loki_a_trace_is_found_by_its_id_and_what_is_sent_twice_once() {
    let Some(loki) = Own::named("a trace by its id") else {
        return;
    };
    let folder = Folder::new();
    let text: String = (0..100).map(line).collect();
    append(&folder.at("orders.jsonl"), &format!("{text}no JSON\n"));
    for _ in 0..2 {
        let report = Shipper::new(loki.target())
            .with_files(&folder.0)
            .run_once()
            .expect("it ships");
        let stats = report.stats();
        assert_eq!((stats.shipped(), stats.rejected()), (101, 0));
        std::fs::remove_file(folder.at(".loki.cursor")).expect("it is there");
    }
    let all = format!("{{run=\"{}\"}}", loki.run);
    assert_eq!(loki.found(&all, 101).len(), 101, "each once");
    let by_id = format!("{all} | trace_id=\"{:032x}\"", 8);
    let [(_, found)] = loki.found(&by_id, 1).try_into().expect("one");
    assert_eq!(Some(found.as_str()), text.lines().nth(7));
}

#[test]
#[ignore = "needs a Loki of your own: LOKI_URL"]
fn your_lokis_refusals_set_aside_what_it_refuses_alone() {
    let Some(loki) = Own::named("refusals") else {
        return;
    };
    let folder = Folder::new();
    append(&folder.at("orders.jsonl"), &super::super::refusals::lines());
    let report = Shipper::new(loki.target())
        .with_files(&folder.0)
        .with_diagnostics(|_| ())
        .run_once()
        .expect("it ships");
    super::super::refusals::check(&report, &folder);
    let all = format!("{{run=\"{}\"}}", loki.run);
    assert_eq!(loki.found(&all, 101).len(), 101);
}

impl Backend for Own {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn target(&self, url: &str) -> String {
        format!("loki={url}")
    }

    fn interrupt(&mut self, _: Duration) {}

    /// It is not ours to kill.
    fn interruptions(&self) -> u64 {
        0
    }

    fn found(&self, service: &str) -> Found {
        let mut found = Found::new();
        for copy in self.entries(&format!("{{service_name=\"{service}\"}}")) {
            found.entry(number(&copy.1)).or_default().push(copy);
        }
        found
    }
}

#[test]
#[ignore = "needs a Loki of your own: LOKI_URL"]
fn while_writer_and_shipper_are_killed_each_line_is_found_in_your_loki_exactly_once() {
    let Some(mut loki) = Own::named("kills") else {
        return;
    };
    storm(&mut loki, 60_000).assert_each_once();
}
