//! The real server that the agents ship to.

use super::files::Folder;
use serde_json::Value;
use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Output},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// Keeps every line that it receives, however often.
    VictoriaLogs,
    /// Keeps one document of each `_id`.
    OpenSearch,
}

/// A server with its data in a folder of its own. It is stopped on drop.
pub(crate) struct LogServer {
    pub(crate) product: Product,
    address: String,
    folder: Folder,
}

/// Returns a script of `tests/servers`.
pub(crate) fn script(name: &str) -> PathBuf {
    PathBuf::from(format!(
        "{}/../../tests/servers/{name}.sh",
        env!("CARGO_MANIFEST_DIR")
    ))
}

fn output(command: &mut Command) -> Output {
    let output = command.output().expect("the command starts");
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

impl LogServer {
    pub(crate) fn start(product: Product) -> Self {
        let folder = Folder::new();
        let mut server = Self {
            product,
            address: String::new(),
            folder,
        };
        server.script("start");
        let env = fs::read_to_string(server.folder.at("env")).expect("the server has started");
        let address = env
            .lines()
            .find_map(|line| Some(line.split_once("_URL=")?.1));
        server.address = address.expect("it names its address").to_owned();
        server
    }

    fn script(&self, action: &str) {
        let name = match self.product {
            Product::VictoriaLogs => "victorialogs",
            Product::OpenSearch => "opensearch",
        };
        // The server inherits the output, so a pipe would never be closed.
        let status = Command::new(script(name))
            .arg(action)
            .arg(&self.folder.0)
            .status();
        assert!(
            status.expect("the script starts").success(),
            "{name}.sh {action}"
        );
    }

    pub(crate) fn socket(&self) -> SocketAddr {
        let socket = self.address.trim_start_matches("http://").parse();
        socket.expect("it is an address on the loopback interface")
    }

    /// Returns all documents of an index as text, or all lines of VictoriaLogs.
    pub(crate) fn documents(&self, index: &str) -> Vec<String> {
        match self.product {
            Product::VictoriaLogs => {
                let all = self.query("*");
                all.lines().map(str::to_owned).collect()
            }
            Product::OpenSearch => self.search(index),
        }
    }

    /// Returns how many lines VictoriaLogs has.
    pub(crate) fn count(&self) -> usize {
        let response = self.query("* | stats count() lines");
        let response: Value = serde_json::from_str(&response).unwrap_or_default();
        let lines = response["lines"].as_str();
        lines.and_then(|lines| lines.parse().ok()).unwrap_or(0)
    }

    fn query(&self, query: &str) -> String {
        let url = format!("{}/select/logsql/query", self.address);
        self.curl(&url, &["--data-urlencode", &format!("query={query}")])
    }

    /// Returns up to 10,000 documents, the most that one request can return.
    fn search(&self, index: &str) -> Vec<String> {
        let index = format!("{}/{index}", self.address);
        self.curl(&format!("{index}/_refresh"), &["--request", "POST"]);
        let found = self.curl(&format!("{index}/_search?size=10000"), &[]);
        let found: Value = serde_json::from_str(&found).unwrap_or_default();
        let hits = found["hits"]["hits"].as_array();
        hits.into_iter()
            .flatten()
            .map(|hit| hit["_source"].to_string())
            .collect()
    }

    fn curl(&self, url: &str, arguments: &[&str]) -> String {
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--max-time",
            "60",
        ]);
        let output = output(curl.args(arguments).arg(url));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for LogServer {
    fn drop(&mut self) {
        self.script("stop");
    }
}
