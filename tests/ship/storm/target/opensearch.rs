//! OpenSearch, which refuses a second document with the same `_id`.

use super::{Stored, Target};
use crate::{
    chaos::Backend,
    real::opensearch::{OpenSearch as Server, each_document},
};
use serde_json::json;
use std::time::Duration;

pub(in crate::storm) struct OpenSearch(Server);

impl OpenSearch {
    pub(in crate::storm) fn start() -> Self {
        Self(Server::start())
    }
}

impl Target for OpenSearch {
    fn url(&self) -> String {
        self.0.url()
    }

    fn arguments(&self, url: &str, _: &str) -> Vec<String> {
        ["--to".to_owned(), self.0.target(url)].into()
    }

    fn interrupt(&mut self, pause: Duration) {
        self.0.interrupt(pause);
    }

    fn interruptions(&self) -> u64 {
        80
    }

    fn each_line(&self, _: &str, take: &mut dyn FnMut(Stored)) {
        each_document(
            &self.url(),
            &json!(true),
            &json!({ "match_all": {} }),
            |hit| {
                let id = hit["_id"].as_str().expect("a document has an id");
                take(Stored {
                    identity: id.to_owned(),
                    text: hit["_source"].to_string(),
                });
            },
        );
    }
}
