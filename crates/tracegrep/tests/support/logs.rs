//! Runs the program in a folder with log files.

#![allow(dead_code, reason = "each test uses a part of this")]

use crate::support::{failing_request, text};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A folder with the files of services.
pub(crate) struct Logs(TempDir);

impl Logs {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let logs = Self(TempDir::new().expect("a folder"));
        for (name, text) in files {
            logs.write(name, text.as_bytes());
        }
        logs
    }

    /// The files of the services of one request that fails.
    pub(crate) fn of_request() -> Self {
        let logs = Self::new(&[]);
        let lines = failing_request();
        for service in ["gateway", "orders", "payments", "mail"] {
            let of_service = lines.iter().filter(|line| line["service.name"] == service);
            let of_service: Vec<Value> = of_service.cloned().collect();
            logs.write(&format!("{service}.jsonl"), text(&of_service).as_bytes());
        }
        logs
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder exists");
        fs::write(path, bytes).expect("the file is written");
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program starts")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracegrep"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env_remove("COLUMNS")
            .env("XDG_CONFIG_HOME", self.0.path())
            .env("APPDATA", self.0.path())
            .env_remove("NO_COLOR");
        command
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(arguments);
        let mut child = child.stdin(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("it ends");
        writer.join().expect("no panic").expect("all was read");
        output
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Standard output, of a program that ended with this code and printed no error.
pub(crate) fn printed(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(stderr(output), "");
    stdout(output)
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}
