//! A real Loki, and a real OpenSearch.

use super::{
    Folder, append,
    chaos::{Dice, Ship, Writer},
    line,
    network::Network,
    servers::{Server, get},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

fn encoded(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What Loki answers to a query: streams and their values.
fn asked(loki: &str, query: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let url = format!(
        "{loki}/loki/api/v1/query_range?limit=5000&since=1h&query={}",
        encoded(query)
    );
    let streams = |answer: &Value| {
        answer["data"]["result"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    streams(&get(&url, |answer| is_so(&streams(answer))))
}

fn lines(streams: &[Value]) -> Vec<String> {
    let values = streams
        .iter()
        .flat_map(|stream| stream["values"].as_array().into_iter().flatten());
    values
        .filter_map(|value| value[1].as_str().map(str::to_owned))
        .collect()
}

#[test]
#[ignore = "needs a real Loki: tests/servers/loki.sh install"]
fn in_a_real_loki_a_trace_is_found_by_its_id_which_is_no_label() {
    let folder = Folder::new();
    let server = Server::start("loki.sh", &["start"]);
    let loki = server.address("LOKI_URL");
    let ours: String = (0..3).map(|_| line(7)).collect();
    let others: String = (100..200).map(line).collect();
    append(
        &folder.at("orders.jsonl"),
        &format!("{others}{ours}no JSON\n"),
    );
    // Of another program: no line says when it was written.
    append(&folder.at("other.log"), "first\nsecond\nsecond\n");
    let ship = || {
        let target = Loki::new(loki.as_str())
            .and_then(|loki| loki.with_label("env", "test"))
            .expect("right");
        let report = Shipper::new(target)
            .with_files(&folder.0)
            .run_once()
            .expect("it ships");
        assert_eq!(
            (report.stats().shipped(), report.stats().rejected()),
            (107, 0)
        );
    };
    ship();
    // Once more, from the beginning: Loki has it already.
    std::fs::remove_file(folder.at(".loki.cursor")).expect("it is there");
    ship();

    let query = format!("{{service_name=\"orders\"}} | trace_id=\"{:032x}\"", 8);
    let found = asked(&loki, &query, |streams| lines(streams).len() >= 3);
    let mut found_lines = lines(&found);
    let mut expected: Vec<String> = ours.lines().map(str::to_owned).collect();
    found_lines.sort();
    expected.sort();
    assert_eq!(found_lines, expected);

    let all = asked(&loki, "{env=\"test\"}", |streams| {
        lines(streams).len() >= 107
    });
    assert_eq!(lines(&all).len(), 107, "each once");
    let labels = get(&format!("{loki}/loki/api/v1/labels?since=1h"), |answer| {
        answer["data"].is_array()
    });
    let labels: Vec<&str> = labels["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(labels, ["env", "level", "service_name"]);
}

#[test]
#[ignore = "needs a real Loki: tests/servers/loki.sh install"]
fn a_real_lokis_refusals_set_aside_what_it_refuses_alone() {
    let folder = Folder::new();
    let server = Server::start("loki.sh", &["start"]);
    let loki = server.address("LOKI_URL");
    let old = "{\"timestamp\":\"2020-01-01T00:00:00Z\",\"level\":\"INFO\",\"service.name\":\"orders\",\"message\":\"too old\"}\n";
    let new = old.replace("2020", "2090");
    let long = format!("{}\n", "x".repeat(300 << 10));
    let text: String = (0..50).map(line).collect();
    append(
        &folder.at("orders.jsonl"),
        &format!(
            "{text}{long}{old}{new}{}",
            (50..100).map(line).collect::<String>()
        ),
    );
    let target = Loki::new(loki.as_str()).expect("right");
    let report = Shipper::new(target)
        .with_files(&folder.0)
        .with_diagnostics(|_| ())
        .run_once()
        .expect("it ships");
    assert_eq!(
        (
            report.stats().shipped(),
            report.stats().rejected(),
            report.stats().cut()
        ),
        (101, 2, 1)
    );
    let rejected = std::fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("it is there");
    assert!(
        rejected.contains("too old") && rejected.contains("2090"),
        "{rejected}"
    );
    let found = asked(&loki, "{service_name=\"orders\"} | json", |streams| {
        lines(streams).len() >= 100
    });
    assert_eq!(lines(&found).len(), 100);
}

#[test]
#[ignore = "needs a real Loki and a collector: tests/servers/loki.sh install, tests/servers/jaeger.sh install"]
fn through_a_real_collector_a_trace_is_found_by_its_id() {
    let folder = Folder::new();
    let server = Server::start("loki.sh", &["start"]);
    let loki = server.address("LOKI_URL");
    let collector = Server::start("jaeger.sh", &["start-collector", &format!("{loki}/otlp")]);
    append(
        &folder.at("orders.jsonl"),
        &(0..50).map(line).collect::<String>(),
    );
    let target = tracing_stamp::ship::Otlp::new(collector.address("COLLECTOR_OTLP_HTTP").as_str())
        .expect("right");
    let report = Shipper::new(target)
        .with_files(&folder.0)
        .run_once()
        .expect("it ships");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (50, 0)
    );
    let query = format!(
        "{{service_name=\"orders\"}} | trace_id=\"{:032x}\" | severity_text=\"INFO\"",
        8
    );
    let found = asked(&loki, &query, |streams| !lines(streams).is_empty());
    assert_eq!(lines(&found), ["line"], "the message is the body");
}

/// Numbers that a Loki has, and how often.
fn numbers(loki: &str, service: &str) -> BTreeMap<u64, usize> {
    let mut counts = BTreeMap::new();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let now = jiff::Timestamp::now().as_nanosecond();
    let hour = 3_600_000_000_000;
    let (mut start, end) = (now - 3 * hour, now + hour);
    loop {
        let query = encoded(&format!("{{service_name=\"{service}\"}}"));
        let url = format!(
            "{loki}/loki/api/v1/query_range?limit=10000&direction=forward&start={start}&end={end}&query={query}"
        );
        let mut answer = agent.get(url).call().expect("an answer");
        let answer: Value = serde_json::from_str(
            &answer
                .body_mut()
                .with_config()
                .limit(1 << 30)
                .read_to_string()
                .expect("text"),
        )
        .expect("JSON");
        let mut last = start;
        let mut came = 0;
        for stream in answer["data"]["result"].as_array().into_iter().flatten() {
            for value in stream["values"].as_array().into_iter().flatten() {
                let nanos: i128 = value[0]
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .expect("a time");
                let read: Value =
                    serde_json::from_str(value[1].as_str().expect("text")).expect("JSON");
                *counts
                    .entry((read["number"].as_u64().expect("a number"), nanos))
                    .or_insert(0) += 1;
                last = last.max(nanos);
                came += 1;
            }
        }
        if came < 10_000 {
            break;
        }
        start = last;
    }
    let mut by_number = BTreeMap::new();
    for (number, _) in counts.into_keys() {
        *by_number.entry(number).or_insert(0) += 1;
    }
    by_number
}

/// Numbers as ranges: the first and the last of each.
fn ranges(numbers: &[u64]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

/// What both ends of a chaos need to know of a server.
struct Kind {
    script: &'static str,
    url: &'static str,
    ports: &'static str,
    /// The target, behind an address.
    to: fn(&str) -> String,
    /// The numbers that it has, and how often.
    numbers: fn(&str) -> BTreeMap<u64, usize>,
    /// One in so many faults is the server's own end; it comes back sooner or later.
    server_ends: u64,
}

/// Numbered lines are written, rotated, compressed and shipped while the writer, the shipper and the server are killed, and the network
/// is cut, slow, and breaks answers off. It is longer with `STAMP_CHAOS_LINES=1000000`.
fn each_line_is_found_once(kind: &Kind) {
    let lines = std::env::var("STAMP_CHAOS_LINES")
        .ok()
        .and_then(|text| text.parse().ok());
    let lines: u64 = lines.unwrap_or(60_000);
    let folder = Folder::new();
    let log = folder.at("orders.jsonl");
    let mut server = Server::start(kind.script, &["start"]);
    let url = server.address(kind.url);
    let network = Network::start(&url);
    let to = (kind.to)(&network.url());
    let mut writer = Writer::new(&log, lines);
    let mut ship = Ship::new(&to, &log);
    let mut dice = Dice::default();
    let (begin, mut faults, mut deaths) = (Instant::now(), 0, 0);
    while !writer.is_done() {
        assert!(
            begin.elapsed() < Duration::from_secs(3_000),
            "it takes too long"
        );
        std::thread::sleep(Duration::from_millis(dice.up_to(900)));
        match dice.up_to(8) {
            0..2 => writer.kill(),
            2..5 => ship.kill(),
            5 => network.cut(Duration::from_millis(dice.up_to(1_500))),
            6 => network.delay(Duration::from_millis(dice.up_to(500))),
            _ => network.break_answers(3),
        }
        faults += 1;
        if faults == 4 || dice.up_to(kind.server_ends) == 0 {
            server.kill();
            std::thread::sleep(Duration::from_millis(dice.up_to(1_000)));
            server.start_again(kind.ports);
            deaths += 1;
        }
    }
    network.heal();
    ship.finish();
    let found = (kind.numbers)(&url);
    let missing: Vec<u64> = (0..lines)
        .filter(|number| !found.contains_key(number))
        .collect();
    if !missing.is_empty() {
        // Where they are helps to see who has lost them.
        eprintln!("missing: {:?}", ranges(&missing));
        eprintln!("on the disk: {:?}", super::chaos::ranges_by_file(&log));
        let cursor = folder.at(".loki.cursor");
        eprintln!("{}", std::fs::read_to_string(cursor).unwrap_or_default());
    }
    let twice: Vec<_> = found
        .iter()
        .filter(|(_, count)| **count > 1)
        .take(10)
        .collect();
    let kills = (writer.kills(), ship.kills(), deaths);
    assert!(
        missing.is_empty() && twice.is_empty(),
        "{} of {lines} after {kills:?} kills; twice {twice:?}",
        found.len()
    );
    assert!(kills.0 + kills.1 > 0 && deaths > 0, "{kills:?} kills");
    eprintln!(
        "{lines} lines; kills of writer, shipper and server: {kills:?}; {:?}",
        begin.elapsed()
    );
}

#[test]
#[ignore = "needs a real Loki: tests/servers/loki.sh install"]
fn while_everything_is_killed_each_line_is_found_in_loki_exactly_once() {
    each_line_is_found_once(&Kind {
        script: "loki.sh",
        url: "LOKI_URL",
        ports: "LOKI_PORTS",
        to: |url| format!("loki={url}"),
        numbers: |url| numbers(url, "chaos"),
        server_ends: 8,
    });
}

#[test]
#[ignore = "needs a real OpenSearch: tests/servers/opensearch.sh install"]
fn while_everything_is_killed_each_line_is_found_in_opensearch_exactly_once() {
    each_line_is_found_once(&Kind {
        script: "opensearch.sh",
        url: "OPENSEARCH_URL",
        ports: "OPENSEARCH_PORTS",
        to: |url| format!("opensearch={url}/chaos"),
        numbers: documents,
        // It takes a while to come back.
        server_ends: 25,
    });
}

/// The same of an OpenSearch.
fn documents(url: &str) -> BTreeMap<u64, usize> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let post = |path: &str, body: Value| -> Value {
        let request = agent
            .post(format!("{url}/{path}"))
            .header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).expect("an answer");
        serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
    };
    post("chaos/_refresh", json!({}));
    let mut found = BTreeMap::new();
    // In the order in which they lie there: any other takes memory for each, which a small heap does not have for a million.
    let mut answer = post(
        "chaos/_search?scroll=5m",
        json!({ "size": 10_000, "sort": ["_doc"], "_source": ["number"], "query": { "exists": { "field": "number" } } }),
    );
    loop {
        let hits = answer["hits"]["hits"].as_array();
        let hits = hits.unwrap_or_else(|| panic!("{answer}"));
        if hits.is_empty() {
            return found;
        }
        for hit in hits {
            *found
                .entry(hit["_source"]["number"].as_u64().expect("a number"))
                .or_insert(0) += 1;
        }
        answer = post(
            "_search/scroll",
            json!({ "scroll": "5m", "scroll_id": answer["_scroll_id"] }),
        );
    }
}
