//! traceship has no configuration but its arguments.

use super::{Protocol, SetUp};
use std::process::Command;

pub(super) fn command(set_up: &SetUp<'_>) -> Command {
    let address = set_up.address();
    let target = match set_up.protocol {
        Protocol::Otlp => format!("otlp={address}"),
        Protocol::Loki => format!("loki={address}"),
        Protocol::Bulk => format!("elasticsearch={address}/{}", set_up.index),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_traceship"));
    command
        .args(["--to", &target, "--follow-links", "--state"])
        .arg(set_up.state);
    command.arg(
        set_up
            .logs
            .join(set_up.patterns.first().copied().unwrap_or("*")),
    );
    command
}
