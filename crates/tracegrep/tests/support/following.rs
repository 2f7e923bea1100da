//! The program while it follows files, and lines that are added to them.

#![allow(dead_code, reason = "each test uses a part of this")]

use crate::{
    logs::Logs,
    support::{GATEWAY, line, text, with},
};
use serde_json::{Value, json};
use std::{
    fs::OpenOptions,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// No step takes longer, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The program while it follows files.
pub(crate) struct Following {
    pub(crate) child: Child,
    lines: Receiver<String>,
}

impl Following {
    pub(crate) fn start(logs: &Logs, arguments: &[&str]) -> Self {
        let mut child = logs.command(arguments).spawn().expect("it starts");
        let lines = lines_of(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    pub(crate) fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line in time")
    }

    /// Whether a line is printed within half a second.
    pub(crate) fn has_next(&self) -> bool {
        let next = self.lines.recv_timeout(Duration::from_millis(500));
        next.is_ok()
    }

    /// The next lines, up to one with this text.
    pub(crate) fn until(&self, text: &str) -> Vec<String> {
        let mut lines = vec![self.next()];
        while !lines.last().is_some_and(|line| line.contains(text)) {
            lines.push(self.next());
        }
        lines
    }

    /// Writes lines of a trace with an error again and again, until the program has printed one of them: then it follows the file.
    pub(crate) fn wait_until_followed(&self, logs: &Logs, name: &str) {
        let other = |attempt| format!("{:032x}", 0x1_0000_0000_u64 + attempt);
        self.probe(logs, name, other);
    }

    /// Does the same with lines of one trace.
    pub(crate) fn wait_for_lines_of(&self, logs: &Logs, name: &str, id: &str) {
        self.probe(logs, name, |_| id.to_owned());
    }

    fn probe(&self, logs: &Logs, name: &str, id: impl Fn(u64) -> String) {
        let is_followed = (0..600).any(|attempt| {
            append(logs, name, &[error(&id(attempt), "probe")]);
            self.has_next()
        });
        assert!(is_followed, "the file is not followed");
    }

    /// Stops the program until [`resume`](Self::resume) is called.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(kill.expect("`kill` starts").success());
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

pub(crate) fn append(logs: &Logs, name: &str, lines: &[Value]) {
    let path = logs.path().join(name);
    let file = OpenOptions::new().create(true).append(true).open(path);
    let mut file = file.expect("the file is opened");
    file.write_all(text(lines).as_bytes())
        .expect("it is written");
}

pub(crate) fn of(id: &str, line: Value) -> Value {
    with(line, json!({"trace_id": id}))
}

pub(crate) fn error(id: &str, message: &str) -> Value {
    of(id, line("shop", GATEWAY, 50_000, "ERROR", message))
}

pub(crate) fn info(id: &str, message: &str) -> Value {
    of(id, line("shop", GATEWAY, 10_000, "INFO", message))
}

/// The lines that are no probes.
pub(crate) fn without_probes(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .filter(|line| !line.contains("probe"))
        .collect()
}
