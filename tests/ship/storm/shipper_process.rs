//! The program `traceship` as a process that is killed, and ended by signals.

use std::{
    env,
    fs::{self, File},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const SIGHUP: i32 = 1;

/// Returns the program of `STAMP_STORM_PROGRAM`, or builds it as this test was built.
pub(super) fn program() -> PathBuf {
    if let Some(program) = env::var_os("STAMP_STORM_PROGRAM") {
        return program.into();
    }
    let test = env::current_exe().expect("the path of this program is known");
    let folder = test.ancestors().nth(2).expect("it is in `deps`");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--package", "traceship", "--target-dir"])
        .arg(folder.parent().expect("it is in the target folder"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    for (name, _) in env::vars_os() {
        // Build scripts would run again if they see those of this package.
        let of_package = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if of_package
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
        {
            cargo.env_remove(name);
        }
    }
    let status = cargo.status().expect("cargo is installed");
    assert!(status.success(), "the program is built");
    folder.join("traceship")
}

pub(super) struct ShipperProcess {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    state: PathBuf,
    process: Option<Child>,
    starts_at: Instant,
    /// Whether SIGTERM was sent to it.
    is_ending: bool,
    pub(super) kills: u64,
    pub(super) ends: u64,
}

impl ShipperProcess {
    pub(super) fn new(
        name: &'static str,
        program: &Path,
        target: &[String],
        files: &[PathBuf],
        root: &Path,
    ) -> Self {
        let state = root.join("state").join(name);
        fs::create_dir_all(&state).expect("the folder is created");
        let mut arguments = target.to_vec();
        arguments.extend(["--state".to_owned(), state.display().to_string()]);
        arguments.extend(files.iter().map(|path| path.display().to_string()));
        Self {
            name,
            program: program.to_owned(),
            arguments,
            state,
            process: None,
            starts_at: Instant::now(),
            is_ending: false,
            kills: 0,
            ends: 0,
        }
    }

    fn command(&self, options: &[&str]) -> Command {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.state.join("stderr"));
        let mut command = Command::new(&self.program);
        command
            .args(options)
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(log.expect("the file opens"));
        command
    }

    /// Starts the process if that is due.
    pub(super) fn tick(&mut self) {
        if let Some(process) = &mut self.process {
            let status = process.try_wait().expect("the process is ours");
            let Some(status) = status else {
                return;
            };
            // A signal also ends a process that has not installed its handlers yet.
            let is_expected = self.is_ending || status.signal() == Some(SIGHUP);
            let messages = last(&self.messages(), 20);
            assert!(is_expected, "{} ends: {status}: {messages}", self.name);
            self.process = None;
            self.is_ending = false;
        }
        if self.starts_at <= Instant::now() {
            let process = self.command(&["--drain-seconds", "3"]).spawn();
            self.process = Some(process.expect("the program starts"));
        }
    }

    /// Kills the process, and starts it again after a pause.
    pub(super) fn kill(&mut self, pause: Duration) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
            self.kills += 1;
            self.is_ending = false;
        }
        self.starts_at = Instant::now() + pause;
    }

    /// Sends SIGTERM to the process. It is started again after it has ended and after a pause.
    pub(super) fn end(&mut self, pause: Duration) {
        if self.process.is_some() {
            self.signal(rustix::process::Signal::TERM);
            self.ends += 1;
            self.is_ending = true;
            self.starts_at = Instant::now() + pause;
        }
    }

    /// Sends SIGHUP to the process.
    pub(super) fn reload(&self) {
        self.signal(rustix::process::Signal::HUP);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let id = self
            .process
            .as_ref()
            .and_then(|process| rustix::process::Pid::from_raw(i32::try_from(process.id()).ok()?));
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, signal);
        }
    }

    /// Ends the process, and ships the rest. Runs after that must soon find nothing to ship: a start may find a copy of a file that has grown
    /// since, and may have to ship the lines of the copy once more.
    pub(super) fn finish(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        for _ in 0..4 {
            let status = self.command(&["--once", "--timeout", "1800"]).status();
            let code = status.expect("the program starts").code();
            let messages = self.messages();
            let result = messages.lines().last().unwrap_or_default();
            assert_eq!(code, Some(0), "{}: {}", self.name, last(&messages, 20));
            eprintln!("{}: {result}", self.name);
            if result == "0 lines shipped, 0 rejected" {
                return;
            }
        }
        panic!("{} ships lines again and again", self.name);
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns everything that the processes have printed.
    pub(super) fn messages(&self) -> String {
        fs::read_to_string(self.state.join("stderr")).expect("the file exists")
    }

    pub(super) fn has_rejected_lines(&self) -> bool {
        let entries = fs::read_dir(&self.state).expect("the folder exists");
        let mut names = entries.flatten().map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().contains("rejected"))
    }
}

impl Drop for ShipperProcess {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn last(messages: &str, lines: usize) -> String {
    let all: Vec<&str> = messages.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
