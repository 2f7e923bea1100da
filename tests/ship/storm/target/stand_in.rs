//! A stand-in with Loki's rules, also for the rate of pushes.

use super::{Stored, Target, loki_arguments};
use crate::{loki::Rules, server::Server};
use std::time::Duration;

pub(in crate::storm) struct StandIn(Server);

impl StandIn {
    pub(in crate::storm) fn start() -> Self {
        Self(Rules::new().start())
    }
}

impl Target for StandIn {
    fn url(&self) -> String {
        self.0.url()
    }

    fn arguments(&self, url: &str, run: &str) -> Vec<String> {
        loki_arguments(url, run)
    }

    fn interrupt(&mut self, _: Duration) {}

    /// Its entries are in memory.
    fn interruptions(&self) -> u64 {
        0
    }

    fn each_line(&self, _: &str, take: &mut dyn FnMut(Stored)) {
        for entry in self.0.entries() {
            take(Stored {
                identity: format!("{} {}", entry.nanos, entry.labels),
                text: entry.line,
            });
        }
    }
}
