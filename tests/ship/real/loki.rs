//! Tests against a Loki of your own, without TLS and credentials, that `LOKI_URL` names. If it is not set, each test prints that it is
//! skipped.

use crate::{
    Folder, PATIENCE, append,
    chaos::{Backend, Found, number, run_chaos},
    line,
};
use serde_json::Value;
use std::{
    env,
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

/// The Loki of `LOKI_URL`, and a label value that no other run has.
pub(crate) struct OwnLoki {
    pub(crate) url: String,
    run: String,
}

impl OwnLoki {
    pub(crate) fn named(test: &str) -> Option<Self> {
        let Ok(url) = env::var("LOKI_URL") else {
            eprintln!("{test}: skipped, because LOKI_URL is not set");
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
            .expect("the address is valid")
    }

    /// Waits until a query finds at least this many entries, and returns the time and the text of each.
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

    /// Returns all entries of the last three hours that a query finds, in pages of 5,000.
    pub(crate) fn entries(&self, query: &str) -> Vec<(String, String)> {
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
                .expect("the server responds");
            let body = response.body_mut().with_config().limit(1 << 30);
            let body: Value = serde_json::from_str(&body.read_to_string().expect("it is a string"))
                .expect("the text is JSON");
            let mut page = Vec::new();
            for stream in body["data"]["result"].as_array().into_iter().flatten() {
                for value in stream["values"].as_array().into_iter().flatten() {
                    let text = |at: usize| value[at].as_str().expect("it is a string").to_owned();
                    page.push((text(0), text(1)));
                }
            }
            let length = page.len();
            let last = page.iter().filter_map(|(time, _)| time.parse().ok()).max();
            all.append(&mut page);
            match last {
                // The next page begins at the last time of this one.
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
fn in_your_loki_a_trace_is_found_by_its_id_and_lines_that_are_sent_twice_are_found_once() {
    let Some(loki) = OwnLoki::named("a trace by its id") else {
        return;
    };
    let folder = Folder::new();
    let text: String = (0..100).map(line).collect();
    append(&folder.at("orders.jsonl"), &format!("{text}no JSON\n"));
    for _ in 0..2 {
        let report = Shipper::new(loki.target())
            .with_files(&folder.0)
            .run_once()
            .expect("shipping succeeds");
        let stats = report.stats();
        assert_eq!((stats.shipped(), stats.rejected()), (101, 0));
        std::fs::remove_file(folder.at(".loki.cursor")).expect("the file exists");
    }
    let all = format!("{{run=\"{}\"}}", loki.run);
    assert_eq!(loki.found(&all, 101).len(), 101, "each line is found once");
    let by_id = format!("{all} | trace_id=\"{:032x}\"", 8);
    let [(_, found)] = loki.found(&by_id, 1).try_into().expect("there is one");
    assert_eq!(Some(found.as_str()), text.lines().nth(7));
}

#[test]
#[ignore = "needs a Loki of your own: LOKI_URL"]
fn only_the_lines_that_your_loki_refuses_are_rejected() {
    let Some(loki) = OwnLoki::named("refusals") else {
        return;
    };
    let folder = Folder::new();
    append(&folder.at("orders.jsonl"), &super::super::refusals::lines());
    let report = Shipper::new(loki.target())
        .with_files(&folder.0)
        .with_diagnostics(|_| ())
        .run_once()
        .expect("shipping succeeds");
    super::super::refusals::check(&report, &folder);
    let all = format!("{{run=\"{}\"}}", loki.run);
    assert_eq!(loki.found(&all, 101).len(), 101);
}

impl Backend for OwnLoki {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn target(&self, url: &str) -> String {
        format!("loki={url}")
    }

    fn interrupt(&mut self, _: Duration) {}

    /// The test must not kill a Loki that it did not start.
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
    let Some(mut loki) = OwnLoki::named("kills") else {
        return;
    };
    run_chaos(&mut loki, 60_000).assert_each_once();
}
