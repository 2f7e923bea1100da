//! Secrets within nested values.

use super::{REDACTED, SECRET, TOKEN, assert_redacted, line, logger};
use serde_json::{Value, json};
use slog::{Logger, o};
use tracing_stamp::{Redaction, Replacement, bridge::slog::TracingDrain};

fn login() -> Value {
    json!({
        "user": "ada",
        "password": SECRET,
        "has_token": true,
        "devices": [{"apiKey": SECRET, "name": "phone"}, {"name": TOKEN}],
        "phone": {"home": SECRET},
    })
}

/// Logs the value under the key `login` through both crates.
fn log(value: &Value) {
    log_through_log(value);
    log_through_slog(value);
}

fn log_through_log(value: &Value) {
    let logger = logger();
    log::info!(logger: logger, login:serde = value; "login");
}

fn log_through_slog(value: &Value) {
    let root = Logger::root(TracingDrain::new(), o!());
    slog::info!(root, "login"; "login" => slog::Serde(value.clone()));
}

#[test]
fn keys_paths_and_patterns_apply_to_nested_values_in_all_schemas() {
    let redaction = Redaction::new().secrets().path("login.phone.home");
    assert_redacted(&redaction, "phone", || log(&login()));
}

#[test]
fn everything_else_in_a_nested_value_stays() {
    let redaction = Redaction::new().secret_keys().path("login.phone");
    for through in [log_through_log, log_through_slog] {
        let line = line(redaction.clone(), || through(&login()));
        let expected = json!({
            "user": "ada",
            "password": REDACTED,
            "has_token": true,
            "devices": [{"apiKey": REDACTED, "name": "phone"}, {"name": TOKEN}],
            "phone": REDACTED,
        });
        assert_eq!(line.get("login"), &expected);
    }
}

#[test]
fn replaced_texts_in_a_nested_value_are_escaped_by_the_rules_of_lines() {
    // `line` rejects raw control characters.
    let redaction = Redaction::new().secrets();
    let line = line(redaction, || {
        log_through_log(&json!({"a": format!("\u{9b}\u{202e}\"{TOKEN}\u{7f}"), "b": "\u{9b}"}));
    });
    let expected = json!({"a": "\u{9b}\u{202e}\"[redacted]\u{7f}", "b": "\u{9b}"});
    assert_eq!(line.get("login"), &expected);
}

#[test]
fn the_key_of_the_field_itself_replaces_the_whole_value() {
    let line = line(Redaction::new().key("login"), || log_through_log(&login()));
    assert_eq!(line.get("login"), REDACTED);
}

#[test]
fn a_secret_in_a_nested_value_is_replaced_once_with_and_without_patterns() {
    let rules = || {
        Redaction::new()
            .with_pseudonym_key("a key of pseudonyms")
            .replaced_by(Replacement::Pseudonym)
            .key("user")
    };
    let value = json!({"user": "ada", "list": [{"user": "ada"}, "user=ada"]});
    for redaction in [rules(), rules().cards(), rules().secrets()] {
        let plain = line(redaction.clone(), || tracing::info!(user = "ada", "login"));
        let pseudonym = plain.get("user");
        for through in [log_through_log, log_through_slog] {
            let line = line(redaction.clone(), || through(&value));
            assert_eq!(&line.get("login")["user"], pseudonym);
            assert_eq!(&line.get("login")["list"][0]["user"], pseudonym);
        }
    }
    let in_text = line(rules().secrets(), || log_through_log(&value));
    let plain = line(rules().secrets(), || tracing::info!("user=ada"));
    assert_eq!(in_text.get("login")["list"][1], *plain.get("message"));
}
