//! Tests against a real OpenSearch.

use crate::{
    chaos::{Backend, Found, number, run_chaos},
    servers::Server,
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
    let mut server = OpenSearch(Server::start("opensearch.sh", &["start"]));
    let result = run_chaos(&mut server, 60_000);
    assert!(result.kills.2 > 0, "the server was killed too");
    result.assert_each_once();
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
        let mut response = request.send(body.to_string()).expect("the server responds");
        serde_json::from_str(
            &response
                .body_mut()
                .read_to_string()
                .expect("it is a string"),
        )
        .expect("the text is JSON")
    };
    post("chaos/_refresh", json!({}));
    let mut found = Found::new();
    // Documents come in the order of the index. Any other order needs memory for each document, and a small heap is not enough for a million.
    let mut page = post(
        "chaos/_search?scroll=5m",
        json!({ "size": 10_000, "sort": ["_doc"], "_source": ["number", "timestamp"], "query": { "exists": { "field": "number" } } }),
    );
    loop {
        let hits = page["hits"]["hits"].as_array();
        let hits = hits.unwrap_or_else(|| panic!("{page}"));
        if hits.is_empty() {
            return found;
        }
        for hit in hits {
            let line = hit["_source"].to_string();
            let copy = (hit["_source"]["timestamp"].to_string(), line);
            found.entry(number(&copy.1)).or_default().push(copy);
        }
        page = post(
            "_search/scroll",
            json!({ "scroll": "5m", "scroll_id": page["_scroll_id"] }),
        );
    }
}
