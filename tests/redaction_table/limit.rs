//! Secrets at the limit of a line.

use super::{
    all_rules,
    case::{Case, table},
    support::Lines,
};
use tracing::info;
use tracing_subscriber::prelude::*;

const LIMIT: usize = 1_024;

/// The least length of a secret's part that counts as a leak.
const PART: usize = 6;

/// Returns the beginnings of a case's secrets that are nowhere else in its text.
fn parts(case: &Case) -> Vec<String> {
    let parts = case.secrets.iter().map(|secret| {
        let part: String = secret.chars().take(PART).collect();
        let elsewhere = case.text.replace(secret.as_str(), "");
        match elsewhere.contains(&part) {
            true => secret.clone(),
            false => part,
        }
    });
    parts.collect()
}

/// Checks that no line that `log` writes for a text with a secret has the beginning of a secret.
fn check(texts: impl Fn(&Case) -> Vec<String>) {
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_max_line_bytes(LIMIT)
        .with_redaction(all_rules())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let mut faults = Vec::new();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for case in table().iter().filter(|case| case.is_secret()) {
            let parts = parts(case);
            for text in texts(case) {
                lines.clear();
                info!("{text}");
                info!(text, "field");
                info!(text = ?text, "formatted");
                for line in lines.text().lines() {
                    assert!(line.len() < LIMIT);
                    // The fraction of the time may have any digits.
                    let rest = line.split_once("Z\"").map_or(line, |(_, rest)| rest);
                    let part = parts.iter().find(|part| rest.contains(part.as_str()));
                    if let Some(part) = part {
                        faults.push(format!("{}: {part} is in {line}", case.id));
                    }
                }
            }
        }
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_secret_that_the_limit_would_cut_is_not_written_in_part() {
    check(|case| {
        let text = case.sentence();
        // The limit is at several places within the text.
        let at = |part: usize| LIMIT - 150 - text.len() * part / 6;
        let texts = (0..=6).map(|part| format!("{}\n{text}", "x".repeat(at(part).max(1))));
        texts.collect()
    });
}

#[test]
fn a_secret_in_a_value_longer_than_the_limit_is_found() {
    check(|case| {
        let (text, filled) = (case.sentence(), "x".repeat(2 * LIMIT));
        vec![
            format!("{text}\n{filled}"),
            format!("{filled}\n{text}"),
            format!("{filled}\n{text}\n{filled}{filled}"),
        ]
    });
}
