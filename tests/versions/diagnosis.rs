//! The diagnosis of a program that does not name its version of OpenTelemetry, found in its stripped executable.

use std::{env, process::Command};

#[test]
fn standard_error_names_the_version_and_the_line_that_mends_it() {
    let folder = env::current_exe().expect("a test has a path");
    let folder = folder
        .ancestors()
        .nth(2)
        .expect("it is in a folder of the target's");
    let output = Command::new(folder.join(env!("MISMATCH")))
        .output()
        .expect("it starts");
    let error = String::from_utf8(output.stderr).expect("it is text");
    let line = String::from_utf8(output.stdout).expect("it is text");
    if env!("EXPECTED").is_empty() {
        assert!(
            line.contains("\"trace_id\"") && error.is_empty(),
            "our own version: {line}{error}"
        );
        return;
    }
    assert!(!line.contains("\"trace_id\""), "{line}");
    let version = concat!("tracing-opentelemetry ", env!("TRACING_OPENTELEMETRY"));
    assert!(
        error.contains(version) && error.contains(env!("EXPECTED")),
        "{version}: {error}"
    );
    assert_eq!(error.lines().count(), 1, "{error}");
}
