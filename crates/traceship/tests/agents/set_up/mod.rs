//! How each agent is set up.

mod collector;
mod rsyslog;
mod syslog_ng;
mod traceship;

use super::{log_server::Product, stage::Files};
use std::{path::Path, process::Command};

/// An agent, under the name that it has in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agent {
    Traceship,
    Collector,
    Rsyslog,
    SyslogNg,
}

/// All agents, ours first.
pub(crate) const AGENTS: [Agent; 4] = [
    Agent::Traceship,
    Agent::Collector,
    Agent::Rsyslog,
    Agent::SyslogNg,
];

/// The protocol by which an agent sends lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Otlp,
    Loki,
    Bulk,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The line is the text of an entry or a document.
    Text,
    /// The line is JSON. The agent sends its time, level and ids as those of the entry, or sends the line as a document.
    Json,
    /// Containers have written it. The agent unwraps it if it can.
    Container,
}

/// The part of a configuration that depends on the situation.
pub(crate) struct SetUp<'s> {
    pub(crate) logs: &'s Path,
    /// The patterns of the names of live and rotated files. traceship finds rotated files itself, so it gets only the first one.
    pub(crate) patterns: &'s [&'s str],
    /// The folder for the configuration, positions and queues.
    pub(crate) state: &'s Path,
    pub(crate) port: u16,
    pub(crate) product: Product,
    pub(crate) protocol: Protocol,
    pub(crate) index: &'s str,
    pub(crate) form: Form,
    /// How many files there are at most.
    pub(crate) files: usize,
    /// Whether the agent should send many lines at once, if it has a setting for it.
    pub(crate) prefers_large_requests: bool,
}

impl SetUp<'_> {
    /// Returns the address of the server's API for a protocol.
    fn address(&self) -> String {
        let path = match (self.product, self.protocol) {
            (Product::OpenSearch, _) => "",
            (Product::VictoriaLogs, Protocol::Otlp) => "/insert/opentelemetry",
            (Product::VictoriaLogs, Protocol::Loki) => "/insert",
            (Product::VictoriaLogs, Protocol::Bulk) => "/insert/elasticsearch",
        };
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Agent {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traceship => "traceship",
            Self::Collector => "collector",
            Self::Rsyslog => "rsyslog",
            Self::SyslogNg => "syslog-ng",
        }
    }

    /// Returns whether the agent can ship to a server. The collector's exporter for Elasticsearch is not on the module proxy.
    pub(crate) fn speaks_to(self, product: Product) -> bool {
        product == Product::VictoriaLogs || self != Self::Collector
    }

    /// The names of files with which the agent is run. Without the names of rotated files, rsyslog and syslog-ng lose a file that is renamed
    /// while they do not run. With these names, they may read a renamed file again. So both ways are run.
    pub(crate) fn ways_to_follow(self) -> &'static [Files] {
        match self {
            Self::Traceship | Self::Collector => &[Files::LiveAndRotated],
            Self::Rsyslog | Self::SyslogNg => &[Files::Live, Files::LiveAndRotated],
        }
    }

    /// The protocol for the comparison of losses and repeats.
    pub(crate) fn protocol(self, product: Product) -> Protocol {
        match (product, self) {
            (Product::VictoriaLogs, Self::Traceship | Self::Collector) => Protocol::Otlp,
            _ => Protocol::Bulk,
        }
    }

    /// Writes the configuration, and returns the command that starts the agent.
    pub(crate) fn command(self, set_up: &SetUp<'_>) -> Command {
        match self {
            Self::Traceship => traceship::command(set_up),
            Self::Collector => collector::command(set_up),
            Self::Rsyslog => rsyslog::command(set_up),
            Self::SyslogNg => syslog_ng::command(set_up),
        }
    }
}
