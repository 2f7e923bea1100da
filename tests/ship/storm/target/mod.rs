//! The servers of a storm.

mod loki;
mod opensearch;
mod stand_in;
mod victorialogs;

pub(super) use self::{
    loki::OwnLoki, opensearch::OpenSearch, stand_in::StandIn, victorialogs::VictoriaLogs,
};

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

/// A server to which lines are shipped, and from which all of them can be read.
pub(super) trait Target {
    fn url(&self) -> String;

    /// Returns the arguments with which the program ships to this address of the server, as a part of this run.
    fn arguments(&self, url: &str, run: &str) -> Vec<String>;

    /// Ends the server in the hardest way in which it does not lose confirmed lines, and starts it again after a pause.
    fn interrupt(&mut self, pause: Duration);

    /// One fault in this many also interrupts the server. 0 means never.
    fn interruptions(&self) -> u64;

    /// Calls the function with each stored line of this run.
    fn each_line(&self, run: &str, take: &mut dyn FnMut(Stored));
}

/// A line that a server has stored.
pub(super) struct Stored {
    pub(super) text: String,
    /// What a server with Loki's rules, or Elasticsearch, stores once, but for the text.
    pub(super) identity: String,
}

impl Stored {
    /// Returns a checksum of identity and text.
    pub(super) fn checksum(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.identity, &self.text).hash(&mut hasher);
        hasher.finish()
    }
}

/// Returns the arguments for a server with Loki's protocol, where a label names the run.
fn loki_arguments(url: &str, run: &str) -> Vec<String> {
    [
        "--to",
        &format!("loki={url}"),
        "--label",
        &format!("run={run}"),
    ]
    .map(str::to_owned)
    .into()
}
