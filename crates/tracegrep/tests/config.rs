//! Tests of the configuration file.

#[path = "support/logs.rs"]
mod logs;
mod support;

use logs::{Logs, printed, stderr};
use support::TRACE;

const CONFIG: &str =
    "[keys]\ntrace_id = [\"flow\"]\ntime = \"at_time\"\nlevel = \"sev\"\nspan_id = \"step\"\n";

/// Two lines of a logger of an own kind. The later one is the first.
fn lines() -> [String; 2] {
    [2, 1].map(|second| {
        format!(
            r#"{{"flow":"{TRACE}","step":"00f067aa0ba902b7","at_time":"2026-11-29T16:00:0{second}Z","sev":"ERROR","msg":"m"}}"#
        )
    })
}

#[test]
fn the_keys_of_a_configuration_file_are_understood() {
    let [later, earlier] = lines();
    let logs = Logs::new(&[
        ("a.jsonl", &format!("{later}\n{earlier}\n")),
        ("own.toml", CONFIG),
    ]);
    let in_order = format!("{earlier}\n{later}\n");
    for arguments in [
        &["--config", "own.toml", TRACE, "a.jsonl"][..],
        &["--config", "own.toml", "--last-error", "a.jsonl"],
        &["--config", "own.toml", "--field", "msg=m", "a.jsonl"],
    ] {
        assert_eq!(printed(&logs.run(arguments), 0), in_order, "{arguments:?}");
    }
    let top = logs.run(&["--config", "own.toml", "--top", "errors", "a.jsonl"]);
    assert!(printed(&top, 0).contains(TRACE));
    assert_eq!(printed(&logs.run(&["--top", "errors", "a.jsonl"]), 1), "");
}

#[cfg(unix)]
#[test]
fn the_file_in_the_folder_for_configurations_is_read() {
    let [later, earlier] = lines();
    let logs = Logs::new(&[
        ("a.jsonl", &format!("{later}\n{earlier}\n")),
        ("home/.config/tracegrep.toml", CONFIG),
    ]);
    let mut command = logs.command(&[TRACE, "a.jsonl"]);
    command
        .env_remove("XDG_CONFIG_HOME")
        .env("HOME", logs.path().join("home"));
    let output = command.output().expect("it starts");
    assert_eq!(printed(&output, 0), format!("{earlier}\n{later}\n"));
}

#[test]
fn a_wrong_or_missing_file_is_an_error_that_names_line_and_key() {
    let logs = Logs::new(&[("own.toml", "[keys]\nspam = \"x\"\n")]);
    let output = logs.run(&["--config", "own.toml", TRACE, "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("tracegrep: own.toml: line 2: unknown key `spam`"));
    let output = logs.run(&["--config", "missing.toml", TRACE, "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("missing.toml: cannot be read"));
}
