//! Child processes. They run this test program again, in one of the roles below.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

/// Variable with the role of a child.
const ROLE: &str = "STAMP_TEST_ROLE";

/// Returns the command for a child in this role. The child prints to standard error, and the test harness's own output is discarded.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the path of this program"));
    command
        .args(["--exact", "children::plays_its_role", "--nocapture"])
        .env(ROLE, role)
        .env_remove("RUST_BACKTRACE")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Waits for a line of the child that contains `part`.
pub(crate) fn wait_for(child: &mut Child, part: &str) {
    let stderr = child.stderr.as_mut().expect("standard error is piped");
    let mut text = String::new();
    // Reads one byte at a time, so as not to read beyond the line.
    for byte in BufReader::with_capacity(1, stderr).bytes() {
        text.push(char::from(byte.expect("it can be read")));
        if text.ends_with('\n') {
            if text.contains(part) {
                return;
            }
            text.clear();
        }
    }
    panic!("the child never printed {part:?}");
}

/// Returns all remaining lines of the child.
pub(crate) fn rest(child: &mut Child) -> Vec<String> {
    let stderr = child.stderr.take().expect("standard error is piped");
    BufReader::new(stderr)
        .lines()
        .map(|line| line.expect("valid UTF-8"))
        .collect()
}

#[test]
fn plays_its_role() {
    match env::var(ROLE).as_deref() {
        Err(_) => {}
        Ok("crash") => super::crash::child(),
        Ok("limited") => super::faults::limited_child(),
        Ok("forked") => super::faults::second_opener_child(),
        Ok("panics") => super::panics::panicking_child(),
        Ok("exits") => super::panics::exiting_child(),
        Ok("stuck") => super::panics::stuck_child(),
        Ok("closed") => super::panics::closed_child(),
        #[cfg(feature = "signals")]
        Ok("terminates") => super::panics::terminated_child(),
        #[cfg(feature = "signals")]
        Ok("handles") => super::panics::handling_child(),
        #[cfg(feature = "signals")]
        Ok("reopens") => super::panics::reopening_child(),
        Ok(role) => panic!("unknown role {role:?}"),
    }
}
