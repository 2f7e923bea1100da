//! The table of secrets and look-alikes of log-redaction, in lines of all forms.

use super::{
    files::{Folder, append},
    lines::number_of,
    shipper, shipper_to,
    stand::Stand,
    wire::Wire,
};
use log_redaction::Redaction;
use serde_json::{Value, json};
use std::{collections::HashMap, fs, ops::ControlFlow, path::Path};
use traceship::{Loki, Otlp};

struct Case {
    id: String,
    key: String,
    text: String,
    secrets: Vec<String>,
    /// Whether the secret is known by its key alone.
    needs_key: bool,
}

impl Case {
    /// Returns what is wrong with a line that was made of this case.
    fn fault(&self, before: &str, after: &str) -> Option<String> {
        let is_left = |secret: &String| {
            let escaped = Value::from(secret.as_str()).to_string();
            after.contains(secret.as_str()) || after.contains(escaped.trim_matches('"'))
        };
        let is_wrong = match self.secrets.is_empty() {
            true => before != after,
            false => self.secrets.iter().any(is_left),
        };
        is_wrong.then(|| format!("{}: {before} became {after}", self.id))
    }

    /// Returns the case as a JSON line. Its number comes first.
    fn json(&self, number: usize) -> String {
        let (key, text) = (
            Value::from(self.key.as_str()),
            Value::from(self.text.as_str()),
        );
        format!("{{\"n\":\"n={number};\",{key}:{text}}}")
    }
}

fn cases() -> Vec<Case> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../log-redaction/tests/cases.jsonl");
    let table = fs::read_to_string(table).expect("the table exists");
    let cases = table.lines().map(|line| {
        let case: Value = serde_json::from_str(line).expect("it is JSON");
        let text = |name: &str| case[name].as_str().expect("it is a string").to_owned();
        let secrets = case["secrets"].as_array().expect("it is a list").iter();
        Case {
            id: text("id"),
            key: text("key"),
            text: text("text"),
            secrets: secrets
                .filter_map(|secret| secret.as_str().map(str::to_owned))
                .collect(),
            needs_key: text("kind") == "key",
        }
    });
    cases.collect()
}

fn all_rules() -> Redaction {
    Redaction::new().secrets().cards().emails().ips()
}

fn docker(line: &str) -> String {
    let time = "2026-11-30T10:00:00Z";
    json!({ "log": format!("{line}\n"), "stream": "stdout", "time": time }).to_string() + "\n"
}

#[test]
fn no_json_line_that_is_stored_has_a_secret_and_no_look_alike_is_changed() {
    let cases = cases();
    for stand in Stand::both() {
        let folder = Folder::new();
        for (number, case) in cases.iter().enumerate() {
            append(&folder.at("plain.log"), &(case.json(number) + "\n"));
            let wrapped = docker(&case.json(cases.len() + number));
            append(&folder.at("docker.log"), &wrapped);
        }
        let shipper = shipper(&stand, &folder.0).with_redaction(all_rules());
        let report = shipper.run_once().expect("shipping succeeds");
        assert_eq!(report.stats().shipped(), 2 * cases.len() as u64);
        let stored = stand.stored();
        assert_eq!(stored.len(), 2 * cases.len());
        let faults = stored.iter().filter_map(|line| {
            let number = usize::try_from(number_of(line)?).ok()?;
            let case = &cases[number % cases.len()];
            // A document has other members too.
            match case.secrets.is_empty() && stand.name() != "Loki" {
                true => None,
                false => case.fault(&case.json(number), line),
            }
        });
        let faults: Vec<String> = faults.collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        // Labels and metadata are values of the line's members.
        for entry in stand.entries() {
            let number = number_of(&entry.line).and_then(|number| usize::try_from(number).ok());
            let case = &cases[number.expect("it has a number") % cases.len()];
            let beside = format!("{} {:?}", entry.labels, entry.metadata);
            assert_eq!(case.fault(&beside, &beside), None);
        }
    }
}

#[test]
fn no_otlp_request_has_a_secret() {
    let (folder, wire) = (Folder::new(), Wire::start());
    let cases = cases();
    let secret = cases.iter().filter(|case| !case.secrets.is_empty());
    for (number, case) in secret.clone().enumerate() {
        append(&folder.at("plain.log"), &(case.json(number) + "\n"));
    }
    let otlp = Otlp::new(wire.url().as_str()).expect("the address is valid");
    let shipper = shipper_to(otlp.into(), &folder.0).with_redaction(all_rules());
    shipper.run_once().expect("shipping succeeds");
    let sent = wire.bytes();
    // Shorter ones can be parts of other words.
    let secrets = secret.flat_map(|case| case.secrets.iter().map(move |text| (&case.id, text)));
    for (id, text) in secrets.filter(|(_, text)| text.len() >= 12) {
        let is_left = sent.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!is_left, "{id}: {text}");
    }
}

#[test]
fn no_line_of_text_has_a_secret_and_no_look_alike_is_changed() {
    let folder = Folder::new();
    let all = cases();
    let mut at = HashMap::new();
    let mut text = String::new();
    let is_line = |case: &&Case| {
        !case.needs_key && !case.text.contains(['\n', '\r']) && !case.text.trim().is_empty()
    };
    for case in all.iter().filter(is_line) {
        at.insert(text.len() as u64, case);
        text += &format!("{}\n", case.text);
    }
    append(&folder.at("text.log"), &text);
    let loki = Loki::new("http://127.0.0.1:9").expect("the address is valid");
    let shipper = shipper_to(loki.into(), &folder.0).with_redaction(all_rules());
    let mut faults = Vec::new();
    let shown = shipper.dry_run(|line| {
        if let Some(case) = at.remove(&line.offset()) {
            let shown = String::from_utf8_lossy(line.text());
            faults.extend(case.fault(case.text.trim_end(), &shown));
        }
        ControlFlow::Continue(())
    });
    shown.expect("the file is read");
    assert!(at.is_empty(), "each line is shown");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
