//! This program as a child process of its own.

use std::env;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::process::{Command, Stdio};

/// What a child with these arguments prints.
pub fn output<S: AsRef<OsStr> + Debug>(args: &[S]) -> String {
    let program = env::current_exe().expect("the path of this program");
    let output = Command::new(program)
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .expect("a child process");
    assert!(output.status.success(), "{args:?} failed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
