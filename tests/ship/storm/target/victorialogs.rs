//! VictoriaLogs by Loki's protocol. It removes no repeats.

use super::{Stored, Target, loki_arguments};
use crate::{
    chaos::Backend,
    real::victorialogs::{ChaosBackend, VictoriaLogs as Server, text},
};
use std::{thread, time::Duration};

pub(in crate::storm) struct VictoriaLogs(ChaosBackend);

impl VictoriaLogs {
    pub(in crate::storm) fn start() -> Self {
        Self(ChaosBackend(Server::start()))
    }
}

impl Target for VictoriaLogs {
    fn url(&self) -> String {
        self.0.url()
    }

    fn arguments(&self, url: &str, run: &str) -> Vec<String> {
        loki_arguments(&format!("{url}/insert"), run)
    }

    fn interrupt(&mut self, pause: Duration) {
        self.0.interrupt(pause);
    }

    fn interruptions(&self) -> u64 {
        25
    }

    fn each_line(&self, run: &str, take: &mut dyn FnMut(Stored)) {
        // Confirmed entries are found after a second.
        thread::sleep(Duration::from_secs(3));
        self.0.0.each_entry(&format!("{{run=\"{run}\"}}"), |entry| {
            take(Stored {
                identity: format!("{} {}", text(&entry, "_time"), text(&entry, "_stream")),
                text: text(&entry, "_msg").to_owned(),
            });
        });
    }
}
