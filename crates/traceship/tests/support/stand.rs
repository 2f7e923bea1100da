//! Stand-ins for servers that store a repeated line once: Loki by its time and text, Elasticsearch by its `_id`.

use super::{
    elasticsearch::{Bulk, Mood},
    lines::number_of,
    loki::Rules,
    server::{Action, Entry, Server, response},
};
use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};
use traceship::{Elasticsearch, Loki, Target};

#[derive(Clone)]
pub(crate) struct Stand {
    kind: Kind,
    loki_mood: Arc<Mutex<Mood>>,
}

#[derive(Clone)]
enum Kind {
    Loki(Server),
    Elasticsearch(Bulk),
}

impl Stand {
    /// A stand-in that has Loki's rules.
    pub(crate) fn loki() -> Self {
        let loki_mood: Arc<Mutex<Mood>> = Arc::default();
        let (of_server, mut rules) = (
            Arc::clone(&loki_mood),
            Rules::new().with_rate(1 << 30, 1 << 30),
        );
        let server = Server::start(move |request| {
            let mood = *of_server.lock().expect("no thread has panicked");
            match (mood, rules.judge(request)) {
                (Mood::IsDown, _) => response(503, "down"),
                (Mood::LosesReplies, Action::Accept) => Action::AcceptAndHangUp,
                (_, action) => action,
            }
        });
        Self {
            kind: Kind::Loki(server),
            loki_mood,
        }
    }

    pub(crate) fn elasticsearch() -> Self {
        Self {
            kind: Kind::Elasticsearch(Bulk::start()),
            loki_mood: Arc::default(),
        }
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::loki(), Self::elasticsearch()]
    }

    pub(crate) fn name(&self) -> &'static str {
        match &self.kind {
            Kind::Loki(_) => "Loki",
            Kind::Elasticsearch(_) => "Elasticsearch",
        }
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        match &self.kind {
            Kind::Loki(_) => *self.loki_mood.lock().expect("no thread has panicked") = mood,
            Kind::Elasticsearch(bulk) => bulk.set_mood(mood),
        }
    }

    pub(crate) fn target(&self) -> Target {
        match &self.kind {
            Kind::Loki(server) => self.target_at(&server.url()),
            Kind::Elasticsearch(bulk) => self.target_at(&bulk.url()),
        }
    }

    /// Returns a target of the same name at an address that does not respond. Nothing that is sent there can be stored later.
    pub(crate) fn deaf_target(&self) -> (Target, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has a port");
        (self.target_at(&format!("http://{address}")), listener)
    }

    fn target_at(&self, url: &str) -> Target {
        match &self.kind {
            Kind::Loki(_) => Loki::new(url).expect("the address is valid").into(),
            Kind::Elasticsearch(_) => Elasticsearch::new(url, "logs")
                .expect("the address is valid")
                .into(),
        }
    }

    /// Returns the target as an argument of the program.
    pub(crate) fn argument(&self) -> String {
        match &self.kind {
            Kind::Loki(server) => format!("loki={}", server.url()),
            Kind::Elasticsearch(bulk) => format!("elasticsearch={}/logs", bulk.url()),
        }
    }

    /// Returns the program, with arguments that let it ship these files here.
    pub(crate) fn program(&self, files: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_traceship"));
        command.arg("--to").arg(self.argument()).arg(files);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Returns the stored lines or documents.
    pub(crate) fn stored(&self) -> Vec<String> {
        match &self.kind {
            Kind::Loki(_) => self.entries().into_iter().map(|entry| entry.line).collect(),
            Kind::Elasticsearch(bulk) => bulk.documents(),
        }
    }

    /// Returns the entries of a Loki.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        match &self.kind {
            Kind::Loki(server) => server.entries(),
            Kind::Elasticsearch(_) => Vec::new(),
        }
    }

    /// Returns the sorted numbers of the stored lines. A line that is stored twice is there twice.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let stored = self.stored();
        let mut numbers: Vec<u64> = stored.iter().filter_map(|line| number_of(line)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Says under which labels and times a Loki has stored a line.
    pub(crate) fn times_of(&self, number: u64) -> String {
        let entries = self.entries().into_iter();
        let entries = entries.filter(|entry| number_of(&entry.line) == Some(number));
        let all = entries.map(|entry| format!("({} at {})", entry.labels, entry.nanos));
        all.collect::<Vec<_>>().join(" and ")
    }

    /// Returns how many requests the server has received.
    pub(crate) fn requests(&self) -> usize {
        match &self.kind {
            Kind::Loki(server) => server.requests().len(),
            Kind::Elasticsearch(bulk) => bulk.requests(),
        }
    }

    /// Returns how many lines the server has received, repeats included. Only a Loki counts them.
    pub(crate) fn received(&self) -> usize {
        match &self.kind {
            Kind::Loki(server) => server
                .requests()
                .iter()
                .map(|request| request.lines.len())
                .sum(),
            Kind::Elasticsearch(_) => 0,
        }
    }

    /// Begins a new backing index, as a data stream does when it rolls over.
    pub(crate) fn roll_over(&self) {
        if let Kind::Elasticsearch(bulk) = &self.kind {
            bulk.roll_over();
        }
    }
}
