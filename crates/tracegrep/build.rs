//! Tells the program its commit, for `--version`.
//!
//! A package has the commit in a file that cargo writes. In a repository, git knows it. Elsewhere there is none, and the build goes on.

#![allow(
    clippy::print_stdout,
    reason = "a build script speaks to cargo on standard output"
)]

use std::{env, fs, path::Path, process::Command};

/// Written by `cargo package`.
const OF_PACKAGE: &str = ".cargo_vcs_info.json";

/// The digits that are shown.
const DIGITS: usize = 10;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CLI").is_none() {
        return;
    }
    let commit = match Path::new(OF_PACKAGE).exists() {
        true => of_package(),
        false => of_repository(),
    };
    if let Some(commit) = commit.as_deref().and_then(|commit| commit.get(..DIGITS)) {
        let version = env!("CARGO_PKG_VERSION");
        println!("cargo:rustc-env=TRACEGREP_VERSION={version} (rev {commit})");
    }
}

fn of_package() -> Option<String> {
    println!("cargo:rerun-if-changed={OF_PACKAGE}");
    let text = fs::read_to_string(OF_PACKAGE).ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    let digits = rest.split('"').nth(1)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| digits.to_owned())
}

fn of_repository() -> Option<String> {
    // The folder may be inside the repository of another project.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    // This file changes with each commit and with each checkout.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
