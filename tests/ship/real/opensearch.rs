//! A real OpenSearch.

use crate::{
    servers::Server,
    storm::{Backend, Found, number, storm},
};
use serde_json::{Value, json};
use std::time::Duration;

struct OpenSearch(Server);

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

    /// It takes a while to come back.
    fn interruptions(&self) -> u64 {
        25
    }

    fn found(&self, _: &str) -> Found {
        documents(&self.url())
    }
}

#[test]
#[ignore = "needs a real OpenSearch: tests/servers/opensearch.sh install"]
fn while_everything_is_killed_each_line_is_found_in_opensearch_exactly_once() {
    let mut server = OpenSearch(Server::start("opensearch.sh", &["start"]));
    let seen = storm(&mut server, 60_000);
    assert!(seen.kills.2 > 0, "the server was killed too");
    seen.assert_each_once();
}

fn documents(url: &str) -> Found {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let post = |path: &str, body: Value| -> Value {
        let request = agent
            .post(format!("{url}/{path}"))
            .header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).expect("a response");
        serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
    };
    post("chaos/_refresh", json!({}));
    let mut found = Found::new();
    // In the order of the index: any other order takes memory for each document, which a small heap does not have for a million.
    let mut answer = post(
        "chaos/_search?scroll=5m",
        json!({ "size": 10_000, "sort": ["_doc"], "_source": ["number", "timestamp"], "query": { "exists": { "field": "number" } } }),
    );
    loop {
        let hits = answer["hits"]["hits"].as_array();
        let hits = hits.unwrap_or_else(|| panic!("{answer}"));
        if hits.is_empty() {
            return found;
        }
        for hit in hits {
            let line = hit["_source"].to_string();
            let copy = (hit["_source"]["timestamp"].to_string(), line);
            found.entry(number(&copy.1)).or_default().push(copy);
        }
        answer = post(
            "_search/scroll",
            json!({ "scroll": "5m", "scroll_id": answer["_scroll_id"] }),
        );
    }
}
