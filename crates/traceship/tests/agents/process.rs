//! A running agent, and its cost as Linux reports it.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The longest that an agent may take to end after SIGTERM.
const ENDING: Duration = Duration::from_secs(20);

/// The agent's process. It is killed on drop.
pub(crate) struct Process(Child);

impl Process {
    /// Starts the command, with its output in a file. If there is a limit, the process may have only so many descriptors.
    pub(crate) fn start(command: &Command, max_files: Option<u32>, output: &Path) -> Self {
        let mut shell = Command::new("bash");
        let limit = max_files.map_or(String::new(), |files| format!("ulimit -n {files}; "));
        shell.args(["-c", &format!("{limit}exec \"$@\""), "agent"]);
        shell.arg(command.get_program()).args(command.get_args());
        let output = File::options().create(true).append(true).open(output);
        let output = output.expect("the output can be written");
        let errors = output.try_clone().expect("a descriptor is free");
        shell.stdin(Stdio::null()).stdout(output).stderr(errors);
        Self(shell.spawn().expect("bash starts"))
    }

    /// Ends the agent as an administrator does, and waits until it has ended.
    pub(crate) fn stop(mut self) {
        let id = rustix::process::Pid::from_child(&self.0);
        // This fails if it has ended already.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let begin = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && begin.elapsed() < ENDING {
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Returns whether the agent has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// The user and system time of all threads so far, in steps of ten milliseconds.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = self.read("stat");
        // After the name, which may contain spaces, `utime` and `stime` are the 12th and 13th values.
        let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
        let ticks = behind.split(' ').skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        // Linux reports hundredths of a second to programs.
        Duration::from_millis(ticks * 10)
    }

    /// A value of `/proc/…/status` in MiB: `VmRSS` is the present memory, `VmHWM` its peak.
    pub(crate) fn mebibytes(&self, name: &str) -> u64 {
        let status = self.read("status");
        let value = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes =
            value.and_then(|value| value.trim_start_matches(':').split_whitespace().next());
        kilobytes
            .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
            .unwrap_or(0)
            >> 10
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.0.id())).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
