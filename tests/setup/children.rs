//! Child processes: this test program again, as a small service.

use super::support::Line;
use std::{
    env,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tracing::{debug, error, info, info_span};

/// What makes this test a child.
const ROLE: &str = "STAMP_TEST_ROLE";

/// A command for a child with nothing in its environment that `init` reads.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the path of this program"));
    command.args(["--exact", "children::plays_its_role", "--nocapture"]);
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

/// What a child has said.
pub(crate) struct Said {
    pub(crate) lines: Vec<Line>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Said {
    pub(crate) fn with_message(&self, message: &str) -> &Line {
        let found: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.get("message") == message)
            .collect();
        assert_eq!(found.len(), 1, "{message:?} in {}{}", self.out, self.err);
        found[0]
    }
}

/// Runs a child with these variables, to its end.
pub(crate) fn run(role: &str, variables: &[(&str, &str)]) -> Said {
    let begin = Instant::now();
    let output = command(role)
        .envs(variables.iter().copied())
        .output()
        .expect("a child");
    let out = String::from_utf8(output.stdout).expect("text");
    Said {
        lines: lines(&out),
        out,
        err: String::from_utf8(output.stderr).expect("text"),
        took: begin.elapsed(),
    }
}

/// The JSON lines among the test runner's own.
pub(crate) fn lines(out: &str) -> Vec<Line> {
    let json = out
        .lines()
        .filter_map(|line| line.find('{').map(|at| &line[at..]));
    json.map(Line::parse).collect()
}

#[test]
fn plays_its_role() {
    match env::var(ROLE).as_deref() {
        Err(_) => {}
        Ok("service") => service(),
        Ok("current-thread") => super::code::current_thread_child(),
        Ok("twice") => super::code::second_init_child(),
        #[cfg(all(unix, feature = "signals"))]
        Ok("signalled") => super::code::signalled_child(),
        Ok("captures") => super::code::capturing_child(),
        Ok("within") => super::code::within_runtime_child(),
        Ok("logger") => super::code::logger_child(),
        Ok("log") => super::code::log_child(),
        Ok("propagates") => super::code::propagating_child(),
        Ok("absence") => super::absence::child(),
        Ok("ends") => super::exits::child(),
        #[cfg(target_os = "linux")]
        Ok("signals") => super::exits::signals_child(),
        Ok("dropped") => super::exits::dropped_child(),
        Ok("unread") => super::exits::unread_child(),
        Ok("outage") => super::outages::child(),
        Ok(role) => panic!("no role {role:?}"),
    }
}

/// Nothing but `init`, a request, and its end.
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
