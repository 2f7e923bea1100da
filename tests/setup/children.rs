//! Runs this test program again as a child process, which plays the role of a small service.

use super::support::Line;
use std::{
    env,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tracing::{debug, error, info, info_span, warn};

/// The variable with the role of a child process.
const ROLE: &str = "STAMP_TEST_ROLE";

/// Returns a command for a child process, without the variables that `init` reads.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.args(["--exact", "children::child_process", "--nocapture"]);
    for (name, _) in env::vars_os() {
        let is_read = name.to_str().is_some_and(|name| {
            name.to_ascii_lowercase().ends_with("_proxy")
                || ["OTEL_", "LOG_", "LOKI_", "RUST_LOG"]
                    .iter()
                    .any(|begin| name.starts_with(begin))
        });
        if is_read {
            command.env_remove(name);
        }
    }
    command
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The output of a child process.
pub(crate) struct ChildOutput {
    pub(crate) lines: Vec<Line>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) duration: Duration,
}

impl ChildOutput {
    /// The only line with this message.
    pub(crate) fn with_message(&self, message: &str) -> &Line {
        let found: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.get("message") == message)
            .collect();
        assert_eq!(
            found.len(),
            1,
            "{message:?} in {}{}",
            self.stdout,
            self.stderr
        );
        found[0]
    }
}

/// Runs a child process with these variables until it ends.
pub(crate) fn run(role: &str, variables: &[(&str, &str)]) -> ChildOutput {
    let begin = Instant::now();
    let output = command(role)
        .envs(variables.iter().copied())
        .output()
        .expect("the child process starts");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    ChildOutput {
        lines: lines(&stdout),
        stdout,
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        duration: begin.elapsed(),
    }
}

/// The JSON lines in an output that has lines of the test runner too.
pub(crate) fn lines(output: &str) -> Vec<Line> {
    let json = output
        .lines()
        .filter_map(|line| line.find('{').map(|at| &line[at..]));
    json.map(Line::parse).collect()
}

#[test]
fn child_process() {
    match env::var(ROLE).as_deref() {
        Err(_) => {}
        Ok("service") => service(),
        Ok("storm") => storm(),
        Ok("current-thread") => super::code::current_thread_child(),
        Ok("second-init") => super::code::second_init_child(),
        #[cfg(unix)]
        Ok("ignored-file") => super::files::ignored_file_child(),
        #[cfg(all(unix, feature = "gzip"))]
        Ok("compressing") => super::files::compressing_child(),
        #[cfg(all(unix, feature = "signals"))]
        Ok("signalled") => super::code::signalled_child(),
        Ok("capture") => super::code::capture_child(),
        Ok("within-runtime") => super::code::within_runtime_child(),
        Ok("other-logger") => super::code::other_logger_child(),
        Ok("log-records") => super::code::log_records_child(),
        Ok("propagation") => super::code::propagation_child(),
        Ok("absence") => super::absence::child(),
        Ok("exits") => super::exits::child(),
        #[cfg(target_os = "linux")]
        Ok("signal-handlers") => super::exits::signal_handlers_child(),
        Ok("dropped-guard") => super::exits::dropped_guard_child(),
        Ok("closed-output") => super::exits::closed_output_child(),
        Ok("secrets") => super::redaction::child(),
        Ok("outages") => super::outages::child(),
        Ok(role) => panic!("unknown role {role:?}"),
    }
}

/// Calls `init`, handles a request and ends.
fn service() {
    let _guard = match tracing_stamp::init() {
        Ok(guard) => guard,
        Err(error) => {
            eprintln!("init: {error}");
            return;
        }
    };
    info_span!("checkout", order = 1017).in_scope(|| {
        info!("cart received");
        debug!("detail");
        info_span!("charge", cents = 129_900).in_scope(|| error!("card declined"));
    });
}

/// Calls `init`, logs the same lines again and again, and ends.
fn storm() {
    let _guard = tracing_stamp::init().expect("the variables are valid");
    info_span!("checkout").in_scope(|| {
        for _ in 0..5 {
            error!("card declined");
            warn!("connection slow");
        }
    });
}
