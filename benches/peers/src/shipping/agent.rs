//! An agent that ships the file: syslog-ng with the recipe in `examples/agents/`, if it is installed. `SYSLOG_NG` names another executable.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    folder::{LABEL, label},
    victorialogs,
};
use crate::process::{cpu_time_of, peak_memory_of};

const RECIPE: &str = include_str!("../../../../examples/agents/syslog-ng-loki.conf");
/// The maximum pause between two arriving lines.
const PATIENCE: Duration = Duration::from_secs(5);

pub fn is_installed() -> bool {
    program().is_file()
}

fn program() -> PathBuf {
    env::var_os("SYSLOG_NG").map_or_else(|| "/usr/sbin/syslog-ng".into(), PathBuf::from)
}

/// An agent process, killed on drop.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the agent until VictoriaLogs has all lines, or no more arrive. Returns the seconds until the last line arrived, the agent's CPU time in
/// seconds, and its peak memory in bytes.
pub fn ship(lines: usize, folder: &Path) -> Result<[f64; 3], String> {
    let begin = Instant::now();
    let agent = start(folder).map_err(|error| format!("syslog-ng: {error}"))?;
    let label = label(folder);
    let (mut arrived, mut last) = (0, Instant::now());
    while arrived < lines && last.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(250));
        let now = victorialogs::count(&label)?;
        if now > arrived {
            (arrived, last) = (now, Instant::now());
        }
    }
    let process = agent.0.id().to_string();
    let seconds = begin.elapsed().saturating_sub(last.elapsed());
    Ok([
        seconds.as_secs_f64(),
        cpu_time_of(&process).as_secs_f64(),
        peak_memory_of(&process) as f64,
    ])
}

fn start(folder: &Path) -> std::io::Result<Agent> {
    let state = folder.join("state");
    fs::create_dir_all(&state)?;
    let address = victorialogs::push_address().unwrap_or_default();
    let recipe = RECIPE
        .replace("/var/log/orders", &folder.display().to_string())
        .replace("/var/lib/syslog-ng", &state.display().to_string())
        .replace("http://localhost:3100", address.trim_end_matches('/'))
        .replace(" level=", &format!(" {LABEL}={} level=", label(folder)));
    fs::write(state.join("agent.conf"), recipe)?;
    let mut agent = Command::new(program());
    for (option, file) in [
        ("-f", "agent.conf"),
        ("-R", "persist"),
        ("--pidfile", "pid"),
        ("--control", "control"),
    ] {
        agent.arg(option).arg(state.join(file));
    }
    let agent = agent
        .args(["-F", "--no-caps"])
        .stdout(Stdio::null())
        .spawn()?;
    Ok(Agent(agent))
}
