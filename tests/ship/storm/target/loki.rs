//! A Loki of your own, at `LOKI_URL`.

use super::{Stored, Target, loki_arguments};
use crate::real::loki::OwnLoki as Server;
use std::time::Duration;

pub(in crate::storm) struct OwnLoki(Server);

impl OwnLoki {
    pub(in crate::storm) fn named() -> Option<Self> {
        Server::named("the storm").map(Self)
    }
}

impl Target for OwnLoki {
    fn url(&self) -> String {
        self.0.url.clone()
    }

    fn arguments(&self, url: &str, run: &str) -> Vec<String> {
        loki_arguments(url, run)
    }

    fn interrupt(&mut self, _: Duration) {}

    /// The test must not kill a Loki that it did not start.
    fn interruptions(&self) -> u64 {
        0
    }

    /// Repeats that differ only in their stream are not seen, such as those in two shards of one stream.
    fn each_line(&self, run: &str, take: &mut dyn FnMut(Stored)) {
        for (identity, text) in self.0.entries(&format!("{{run=\"{run}\"}}")) {
            take(Stored { text, identity });
        }
    }
}
