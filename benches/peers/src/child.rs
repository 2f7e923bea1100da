//! Runs this program as a child process.

use std::env;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::process::{Command, Stdio};

/// Returns what a child with these arguments prints.
pub fn output<S: AsRef<OsStr> + Debug>(args: &[S]) -> String {
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new(program)
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .expect("the child runs");
    assert!(output.status.success(), "{args:?} failed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
