//! The table of secrets and look-alikes in `cases.jsonl`. Each line has the key and the text of a value, and the parts of the text that must
//! vanish. Letters of well-known prefixes are escaped there, so that scanners of repositories do not report leaked tokens.

#![cfg(feature = "patterns")]

use log_redaction::{Redaction, Redactor};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    id: String,
    /// `secret` if a part of the text is secret, `key` if the key makes it secret, or `look-alike`.
    kind: String,
    key: String,
    text: String,
    secrets: Vec<String>,
}

impl Case {
    fn is_secret(&self) -> bool {
        self.kind != "look-alike"
    }
}

fn cases() -> Vec<Case> {
    let lines = include_str!("cases.jsonl").lines();
    let cases = lines.map(|line| serde_json::from_str(line).expect("a case"));
    cases.collect()
}

fn all_rules() -> Redactor {
    Redaction::new().secrets().cards().emails().ips().build()
}

/// Returns the inside of a text's JSON string.
fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a string");
    json[1..json.len() - 1].to_owned()
}

/// Returns a text with each character as an escape.
fn all_escaped(text: &str) -> String {
    let units = text.encode_utf16();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Checks that a function leaves no secret of a case, and no look-alike changed. It returns the text that it made of the case's text and key,
/// and what has changed of it.
fn check(ways: impl Fn(&Redactor, &Case) -> Option<(String, Option<String>)>) {
    let redactor = all_rules();
    let mut faults = Vec::new();
    for case in &cases() {
        let Some((before, after)) = ways(&redactor, case) else {
            continue;
        };
        match after {
            Some(after) if !case.is_secret() => {
                faults.push(format!("{}: {before} became {after}", case.id));
            }
            None if case.is_secret() => faults.push(format!("{}: {before} stayed", case.id)),
            Some(after) => {
                let is_left = |secret: &String| {
                    after.contains(secret.as_str()) || after.contains(&escaped(secret))
                };
                if case.secrets.iter().any(is_left) {
                    faults.push(format!("{}: {before} became {after}", case.id));
                }
            }
            None => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn text(bytes: Option<Vec<u8>>) -> Option<String> {
    bytes.map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
}

#[test]
fn the_table_is_long_enough() {
    let cases = cases();
    let secrets = cases.iter().filter(|case| case.is_secret()).count();
    assert!(secrets >= 80 && cases.len() - secrets >= 80);
    for case in cases {
        let has_secrets = case.secrets.iter().all(|secret| case.text.contains(secret));
        assert!(has_secrets, "{}", case.id);
        assert_eq!(case.is_secret(), !case.secrets.is_empty(), "{}", case.id);
    }
}

#[test]
fn no_secret_is_left_in_a_text_and_no_look_alike_is_harmed() {
    check(|redactor, case| {
        let is_text = case.kind != "key";
        is_text.then(|| (case.text.clone(), redactor.text(&case.text)))
    });
}

#[test]
fn no_secret_is_left_in_a_line_and_no_look_alike_is_harmed() {
    check(|redactor, case| {
        let line = format!(
            r#"{{"time":"2026-12-01T10:00:00Z","{}":"{}","n":1}}"#,
            case.key,
            escaped(&case.text)
        );
        let redacted = text(redactor.line(line.as_bytes()));
        if let Some(redacted) = &redacted {
            serde_json::from_str::<Value>(redacted).expect("it is still JSON");
        }
        Some((line, redacted))
    });
}

#[test]
fn no_secret_is_left_in_a_line_with_escaped_letters() {
    check(|redactor, case| {
        let (key, value) = (all_escaped(&case.key), all_escaped(&case.text));
        let line = format!(r#"{{"{key}":"{value}"}}"#);
        Some((line.clone(), text(redactor.line(line.as_bytes()))))
    });
}

#[test]
fn no_secret_is_left_in_nested_json() {
    check(|redactor, case| {
        let json = format!(
            r#"[{{"a":[[{{"{}":"{}"}}]]}}]"#,
            case.key,
            escaped(&case.text)
        );
        Some((json.clone(), text(redactor.json("k", json.as_bytes()))))
    });
}

#[test]
fn no_secret_is_left_in_a_line_that_is_cut() {
    check(|redactor, case| {
        let line = format!(r#"{{"n":1,"{}":"{}"#, case.key, escaped(&case.text));
        let line = line.trim_end_matches('\\').to_owned();
        Some((line.clone(), text(redactor.line(line.as_bytes()))))
    });
}

#[test]
fn no_secret_is_left_in_json_within_a_string() {
    check(|redactor, case| {
        let inner = format!(r#"{{"{}":"{}","n":1}}"#, case.key, escaped(&case.text));
        let line = format!(r#"{{"body":"{}"}}"#, escaped(&inner));
        Some((line.clone(), text(redactor.line(line.as_bytes()))))
    });
}

#[test]
fn the_quick_search_misses_no_secret_in_any_form() {
    let redactor = all_rules();
    for case in cases().iter().filter(|case| case.kind == "secret") {
        for form in [
            case.text.clone(),
            escaped(&case.text),
            format!(r#","n":1,"note":"{}""#, escaped(&case.text)),
            format!("€{}", case.text),
            format!("\\n{}", escaped(&case.text)),
            format!("x {}", case.text),
        ] {
            assert!(redactor.may_match(form.as_bytes()), "{}: {form}", case.id);
        }
    }
}

#[test]
fn redacting_twice_changes_nothing() {
    let redactor = all_rules();
    for case in cases() {
        if let Some(once) = redactor.text(&case.text) {
            assert_eq!(redactor.text(&once), None, "{}: {once}", case.id);
        }
    }
}

#[test]
fn no_secret_is_left_by_any_rule_alone_that_finds_it() {
    let secrets = Redaction::new().secrets().build();
    let others = Redaction::new().cards().emails().ips().build();
    for case in cases().iter().filter(|case| case.kind == "secret") {
        let is_personal = ["card-", "email-", "ip-"]
            .iter()
            .any(|kind| case.id.starts_with(kind));
        let redactor = if is_personal { &others } else { &secrets };
        let redacted = redactor.text(&case.text);
        let redacted = redacted.unwrap_or_else(|| panic!("{}", case.id));
        let is_left = case.secrets.iter().any(|secret| redacted.contains(secret));
        assert!(!is_left, "{}: {redacted}", case.id);
    }
}
