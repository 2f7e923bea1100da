//! The stage of one situation: folders, files, a server behind a proxy, and one agent.

use super::{
    cutting_proxy::{CuttingProxy, Mode},
    files::{Folder, append, empty, gzip},
    log_server::{LogServer, Product},
    outcome::{Outcome, Written},
    process::Process,
    set_up::{Agent, Form, SetUp},
    situations::Situation,
};
use std::{
    env, fs,
    ops::Range,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// The time of several looks at the files, of all agents.
pub(crate) const LOOKS: Duration = Duration::from_secs(3);
/// If no line has arrived for this time, none will.
const QUIET: Duration = Duration::from_secs(20);
/// When all lines have arrived, repeats may arrive for this time.
const REPEATS: Duration = Duration::from_secs(5);

/// Which names an agent follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    Live,
    LiveAndRotated,
}

enum Server<'s> {
    Own(LogServer),
    Shared(&'s LogServer),
}

pub(crate) struct Stage<'s> {
    pub(crate) agent: Agent,
    pub(crate) proxy: CuttingProxy,
    pub(crate) written: Written,
    /// What becomes of a line.
    pub(crate) form: Form,
    /// The names of live and rotated files, below the folder of log files.
    pub(crate) patterns: Vec<&'static str>,
    /// The most descriptors that the agent may have.
    pub(crate) max_files: Option<u32>,
    server: Server<'s>,
    index: String,
    folder: Folder,
    process: Option<Process>,
}

impl<'s> Stage<'s> {
    pub(crate) fn new(
        agent: Agent,
        shared: Option<&'s LogServer>,
        situation: &Situation,
        files: Files,
    ) -> Self {
        let server = match shared {
            Some(server) => Server::Shared(server),
            None => Server::Own(LogServer::start(Product::VictoriaLogs)),
        };
        let folder = Folder::new();
        for name in ["logs", "state"] {
            fs::create_dir(folder.at(name)).expect("the folder is new");
        }
        let id = situation.id.to_lowercase();
        let socket = match &server {
            Server::Own(server) => server.socket(),
            Server::Shared(server) => server.socket(),
        };
        Self {
            agent,
            proxy: CuttingProxy::new(socket),
            written: Written::default(),
            form: Form::Text,
            patterns: match files {
                Files::Live => vec!["*.log"],
                Files::LiveAndRotated => vec!["*.log", "*.log.?"],
            },
            max_files: None,
            server,
            index: format!("{id}-{}-{files:?}", agent.name()).to_lowercase(),
            folder,
            process: None,
        }
    }

    fn server(&self) -> &LogServer {
        match &self.server {
            Server::Own(server) => server,
            Server::Shared(server) => server,
        }
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.at("logs").join(name)
    }

    /// Appends lines with these numbers to a file.
    pub(crate) fn write(&mut self, name: &str, numbers: Range<usize>) {
        self.write_of(name, "line", numbers);
    }

    /// Appends lines of a kind with these numbers to a file. They are JSON, and have no ids of their own.
    pub(crate) fn write_of(&mut self, name: &str, kind: &str, numbers: Range<usize>) {
        let mut text = String::new();
        for number in numbers {
            let mark = format!("{kind}-{number}");
            let message = format!("#{mark}# order placed");
            text.push_str(&line(number, &message, self.server().product));
            self.written.note(&mark, &message);
        }
        append(&self.log(name), &text);
    }

    /// Appends a text that need not be found.
    pub(crate) fn write_text(&self, name: &str, text: &str) {
        append(&self.log(name), text);
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.log(from), self.log(to)).expect("the file is renamed");
    }

    pub(crate) fn copy(&self, from: &str, to: &str) {
        fs::copy(self.log(from), self.log(to)).expect("the file is copied");
    }

    pub(crate) fn empty(&self, name: &str) {
        empty(&self.log(name));
    }

    pub(crate) fn gzip(&self, name: &str) {
        gzip(&self.log(name));
    }

    pub(crate) fn start(&mut self) {
        assert!(self.process.is_none(), "the agent is running");
        let product = self.server().product;
        let (logs, state) = (self.folder.at("logs"), self.folder.at("state"));
        let command = self.agent.command(&SetUp {
            logs: &logs,
            patterns: &self.patterns,
            state: &state,
            port: self.proxy.port(),
            product,
            protocol: self.agent.protocol(product),
            index: &self.index,
            form: self.form,
            files: 1_000,
            prefers_large_requests: false,
        });
        self.process = Some(Process::start(
            &command,
            self.max_files,
            &state.join("output"),
        ));
    }

    /// Ends the agent as an administrator does.
    pub(crate) fn stop(&mut self) {
        self.process.take().expect("the agent is running").stop();
    }

    /// Kills the agent like a crash.
    pub(crate) fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Compares what was written up to now with what the server has.
    pub(crate) fn look(&self) -> Outcome {
        self.written.compare(&self.server().documents(&self.index))
    }

    /// Waits until the server has all lines, or no more arrive.
    pub(crate) fn wait(&mut self) -> Outcome {
        let begin = Instant::now();
        let (mut last, mut at) = (0, begin);
        loop {
            let outcome = self.look();
            if outcome.found > last {
                (last, at) = (outcome.found, Instant::now());
            }
            let has_ended = self.process.as_mut().is_none_or(Process::has_ended);
            if outcome.found == outcome.written || at.elapsed() > QUIET || has_ended {
                let took = Some(begin.elapsed());
                return Outcome { took, ..outcome };
            }
            thread::sleep(Duration::from_millis(250));
        }
    }

    /// Waits until everything has arrived, also repeats, and ends the agent.
    pub(crate) fn finish(&mut self) -> Outcome {
        let outcome = self.finish_in_time();
        Outcome {
            took: None,
            ..outcome
        }
    }

    /// Does the same as [`finish`](Self::finish), and measures the time until all lines have arrived.
    pub(crate) fn finish_in_time(&mut self) -> Outcome {
        let took = self.wait().took;
        thread::sleep(REPEATS);
        if self.process.is_some() {
            self.stop();
        }
        // VictoriaLogs finds a line a second after it was received.
        thread::sleep(Duration::from_millis(1_500));
        Outcome {
            took,
            ..self.look()
        }
    }

    /// Starts the agent while responses are lost, and kills it a second after the server has received the first lines.
    pub(crate) fn lose_a_response_and_kill(&mut self) {
        self.proxy.set(Mode::LoseResponses);
        self.start();
        let begin = Instant::now();
        while !self.proxy.has_cut() {
            assert!(
                begin.elapsed() < QUIET,
                "{} sends nothing",
                self.agent.name()
            );
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(Duration::from_secs(1));
        self.kill();
        self.proxy.set(Mode::Forward);
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        self.kill();
        if let Some(folder) = env::var_os("AGENTS_KEEP") {
            let kept = Path::new(&folder).join(&self.index);
            let _ = fs::remove_dir_all(&kept);
            let _ = fs::create_dir_all(&folder);
            let _ = std::process::Command::new("cp")
                .arg("-r")
                .arg(&self.folder.0)
                .arg(&kept)
                .status();
        }
    }
}

/// Returns a JSON line with a time that follows from its number. For OpenSearch it has an id of its own.
fn line(number: usize, message: &str, product: Product) -> String {
    let (seconds, micros) = (number / 1_000 % 60, number % 1_000 * 1_000);
    let minutes = number / 60_000 % 60;
    let id = match product {
        Product::VictoriaLogs => String::new(),
        Product::OpenSearch => format!(",\"log.record.uid\":\"01KAP2SGXB{number:016}\""),
    };
    format!(
        "{{\"timestamp\":\"2026-11-29T10:{minutes:02}:{seconds:02}.{micros:06}Z\",\"level\":\"INFO\",\"message\":\"{message}\"{id}}}\n"
    )
}
