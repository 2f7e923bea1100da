use super::{case::Case, support::Line};
use serde_json::Value;
use std::fmt::Write as _;

/// What is wrong with the outputs of a test. A test reports all faults at once.
#[derive(Default)]
pub(crate) struct Faults {
    checked: usize,
    found: usize,
    text: String,
}

impl Faults {
    pub(crate) fn add(&mut self, case: &Case, place: &str, fault: Option<&str>, output: &str) {
        self.checked += 1;
        if let Some(fault) = fault {
            self.found += 1;
            let Case { id, .. } = case;
            writeln!(self.text, "{id}, {place}: {fault} in {output}").expect("a string");
        }
    }

    /// Checks the lines that a case has led to.
    pub(crate) fn check_lines(&mut self, case: &Case, place: &str, text: &str) {
        let lines: Vec<Line> = text.lines().map(Line::parse).collect();
        let values = lines.iter().flat_map(|line| &line.0);
        let texts: Vec<String> = values.flat_map(|(_, value)| strings(value)).collect();
        // The fraction of the time may have any digits.
        let raw: Vec<&str> = text.lines().filter_map(after_time).collect();
        assert_eq!(raw.len(), lines.len(), "{text}");
        self.add(case, place, case.fault(&raw.join("\n"), &texts), text);
    }

    /// Fails if there was a fault, or if less than this number of outputs was checked.
    pub(crate) fn assert_none(self, checked: usize) {
        assert!(self.checked >= checked, "{} of {checked}", self.checked);
        let Self { found, text, .. } = self;
        assert!(found == 0, "{found} faults:\n{text}");
    }
}

/// Returns what follows the time on a line.
fn after_time(line: &str) -> Option<&str> {
    line.split_once("Z\"").map(|(_, rest)| rest)
}

/// Returns all strings of a value.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
