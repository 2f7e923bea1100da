//! Tests against a real OpenSearch.

use crate::{
    Folder, append,
    chaos::{Backend, Found, number, run_chaos},
    servers::Server,
};
use serde_json::{Value, json};
use std::time::Duration;
use tracing_stamp::ship::{Elasticsearch, Shipper};

pub(crate) struct OpenSearch(Server);

impl OpenSearch {
    pub(crate) fn start() -> Self {
        Self(Server::start("opensearch.sh", &["start"]))
    }
}

impl Backend for OpenSearch {
    fn url(&self) -> String {
        self.0.address("OPENSEARCH_URL")
    }

    fn target(&self, url: &str) -> String {
        format!("opensearch={url}/chaos")
    }

    fn interrupt(&mut self, pause: Duration) {
        self.0.kill();
        std::thread::sleep(pause);
        self.0.start_again("OPENSEARCH_PORTS");
    }

    /// OpenSearch needs a while to start, so it is interrupted less often.
    fn interruptions(&self) -> u64 {
        25
    }

    fn found(&self, _: &str) -> Found {
        documents(&self.url())
    }
}

#[test]
#[ignore = "needs a real OpenSearch: tests/servers/opensearch.sh install"]
fn while_all_processes_are_killed_each_line_is_found_in_opensearch_exactly_once() {
    let mut server = OpenSearch::start();
    let result = run_chaos(&mut server, 60_000);
    assert!(result.kills.2 > 0, "the server was killed too");
    result.assert_each_once();
}

/// Lines that the server rejects without the printed template, or without renaming.
const AWKWARD: &[&str] = &[
    r#"{"":1,"b":true}"#,
    r#"{"b":"maybe","c":{"":1,"x..y":2,"z.":3}}"#,
    r#"{"b":{"d":1},"c":"text","_source":{"e":1},"_routing.x":5}"#,
    r#"{"f":1,"f.g":2,"h":{"i":1,"i.j":2},"h.i.j.k":3}"#,
    r#"{"f":{"g":{"l":1}},"trace":"t","trace.id":17,"log.level":{"m":1}}"#,
    r#"{"n":11400714819323198485,"o":1e999}"#,
    r#"{"n":"text","o":[1,"x",{"p":2}],"timestamp":"no time"}"#,
    r#"{"@timestamp":null,"message":"no time"}"#,
    r#"{"@timestamp":{"seconds":1},"message":[1,{"q":2}]}"#,
];

#[test]
#[ignore = "needs a real OpenSearch: tests/servers/opensearch.sh install"]
fn with_the_printed_template_opensearch_accepts_what_services_log() {
    let server = Server::start("opensearch.sh", &["start"]);
    let url = server.address("OPENSEARCH_URL");
    let index = "logs-cases-default";
    let target = Elasticsearch::new(url.as_str(), index).expect("the target is valid");
    let template = target.clone().for_opensearch().index_template();
    let template = serde_json::from_str(&template).expect("the template is JSON");
    let response = request(&url, "PUT", "_index_template/logs-cases", &template);
    assert_eq!(response["acknowledged"], true, "{response}");

    let folder = Folder::new();
    let mut lines: Vec<String> = include_str!("values_of_changing_types.jsonl")
        .lines()
        .chain(AWKWARD.iter().copied())
        .map(str::to_owned)
        .collect();
    // Escaped, the text is six times as long, and over the limit.
    lines.push("\u{1}".repeat(300_000));
    lines.push(format!(
        r#"{{"message":"long","log.level":"{}"}}"#,
        "x".repeat(40_000)
    ));
    let member = |n| format!(r#""m{n}":{{"n{n}":"{}"}}"#, "x".repeat(9_000));
    let members: Vec<String> = (0..150).map(member).collect();
    lines.push(format!("{{{}}}", members.join(",")));
    append(&folder.at("cases.jsonl"), &(lines.join("\n") + "\n"));
    let report = Shipper::new(target)
        .with_files(&folder.0)
        .run_once()
        .expect("shipping succeeds");
    let stats = report.stats();
    let rejected = std::fs::read_to_string(folder.at(".elasticsearch.rejected.jsonl"));
    let shipped = (stats.shipped(), stats.rejected());
    assert_eq!(
        shipped,
        (lines.len() as u64, 0),
        "{:.2000}",
        rejected.unwrap_or_default()
    );

    request(&url, "POST", &format!("{index}/_refresh"), &json!({}));
    let count = |query: &str| {
        let query = json!({ "query": { "query_string": { "query": query } } });
        request(&url, "POST", &format!("{index}/_count"), &query)["count"].clone()
    };
    assert_eq!(count("*"), lines.len());
    for (query, found) in [
        (r"field._id:64b7", 1),
        (r"a._.b:1", 1),
        (r"cache_key:42", 1),
        (r"price:[1e299 TO 1e301]", 1),
        (r"since:2026\-11\-22", 1),
        (r"order:17", 1),
        (r"_:1", 1),
        (r"c.x._.y:2", 1),
        (r"field.f:1", 1),
        (r"f.g.l:1", 1),
        (r"trace.id:17", 1),
        (r"field._source.e:1", 1),
        (r"truncated:true", 2),
    ] {
        assert_eq!(count(query), found, "{query}");
    }
}

/// Sends a request, and returns the server's response.
fn request(url: &str, method: &str, path: &str, body: &Value) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let url = format!("{url}/{path}");
    let request = match method {
        "PUT" => agent.put(url),
        _ => agent.post(url),
    };
    let request = request.header("content-type", "application/json");
    let mut response = request.send(body.to_string()).expect("the server responds");
    let body = response.body_mut().with_config().limit(1 << 30);
    let text = body.read_to_string();
    serde_json::from_str(&text.expect("it is a string")).expect("the text is JSON")
}

fn documents(url: &str) -> Found {
    let mut found = Found::new();
    let (source, query) = (
        json!(["number", "timestamp"]),
        json!({ "exists": { "field": "number" } }),
    );
    each_document(url, &source, &query, |hit| {
        let line = hit["_source"].to_string();
        let copy = (hit["_source"]["timestamp"].to_string(), line);
        found.entry(number(&copy.1)).or_default().push(copy);
    });
    found
}

/// Calls a function with each document that a query finds, with these fields.
pub(crate) fn each_document(
    url: &str,
    source: &Value,
    query: &Value,
    mut take: impl FnMut(&Value),
) {
    let post = |path: &str, body: Value| request(url, "POST", path, &body);
    post("chaos/_refresh", json!({}));
    // Documents come in the order of the index. Any other order needs memory for each document, and a small heap is not enough for a million.
    let mut page = post(
        "chaos/_search?scroll=5m",
        json!({ "size": 10_000, "sort": ["_doc"], "_source": source, "query": query }),
    );
    loop {
        let hits = page["hits"]["hits"].as_array();
        let hits = hits.unwrap_or_else(|| panic!("{page}"));
        if hits.is_empty() {
            return;
        }
        hits.iter().for_each(&mut take);
        page = post(
            "_search/scroll",
            json!({ "scroll": "5m", "scroll_id": page["_scroll_id"] }),
        );
    }
}
